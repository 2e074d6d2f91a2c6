"""What lies in the folders that is no return, or cannot be read, is said, and everything else goes on."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cpxl.config import load
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.history import read_history
from cpxl.master.file import read_master
from cpxl.resources import resource
from cpxl.steps import checking
from tests.command import run_cpxl
from tests.values import values
from tests.work import at_most

Q1, Q2 = "2020-21-Q1", "2020-21-Q2"
HATE, GANGS = f"{Q2} HATE.xlsx", f"{Q2} GANGS.xlsx"
ON_UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def said(*words: object, exits: int) -> Any:
    done = run_cpxl(*words, "--json")
    assert done.returncode == exits, done.stderr
    return json.loads(done.stdout)


def refused(*words: object) -> str:
    done = run_cpxl(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "of its own" not in done.stderr
    return done.stderr


@pytest.fixture
def folder(few: Path) -> Path:
    return few


# In the returns folder


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_a_name_that_is_no_text(folder: Path) -> None:
    returns = folder / "returns" / Q2
    name = os.fsdecode(b"caf\xe9 \x1b[31m.xlsx")
    (returns / HATE).rename(returns / name)
    shutil.copy(returns / name, returns / os.fsdecode(b"caf\xe8 \x1b[31m.xlsx"))
    (returns / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    checked = said("check", "--folder", folder, exits=1)
    shown = [r["file"] for r in checked["returns"] if r["strand"] == "Hate Crime"]
    assert shown == ["caf\ufffd \ufffd[31m.xlsx"] * 2
    assert checked["ignored"] == ["\ufffd.txt"]
    (returns / os.fsdecode(b"caf\xe8 \x1b[31m.xlsx")).unlink()
    assert run_cpxl("consolidate", "--folder", folder).returncode == 0
    once = values(folder / "master.xlsx", "Submissions")
    assert any(shown[0] in row for row in once)
    merged = said("consolidate", "--folder", folder, exits=0)
    assert {r["accepted"] for r in merged["returns"]} == {True}
    assert values(folder / "master.xlsx", "Submissions") == once
    (folder / "cpxl.log").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that even an administrator cannot read")
def test_one_file_that_cannot_be_read(folder: Path) -> None:
    returns = folder / "returns" / Q2
    (returns / HATE).unlink()
    (returns / HATE).symlink_to("/proc/self/mem")  # a plain file, to all appearances
    checked = said("consolidate", "--folder", folder, exits=1)
    rules = {r["file"]: [f["rule"] for f in r["findings"]] for r in checked["returns"] if not r["accepted"]}
    assert rules == {HATE: ["cannot-be-opened"]}
    assert len(checked["returns"]) == 3


def test_a_file_that_goes_while_others_are_read(folder: Path) -> None:
    working = WorkingFolder.open(folder)

    def move_away(name: str) -> None:
        (folder / "returns" / Q2 / HATE).unlink(missing_ok=True)

    checks = checking.check(working, working.current_quarter(), read_master(working), progress=move_away)
    gone = [c for c in checks.checked if c.returned.fault]
    assert [(c.returned.file, c.findings[0].rule) for c in gone] == [(HATE, "cannot-be-opened")]
    assert len(checks.checked) == 3


@ON_UNIX
def test_what_is_not_looked_at_is_named_with_a_reason(folder: Path) -> None:
    returns = folder / "returns" / Q2
    (returns / "folder.xlsx").mkdir()
    (returns / "nowhere.xlsx").symlink_to(folder / "nowhere")
    os.mkfifo(returns / "pipe.xlsx")
    _socket(returns / "socket.xlsx")
    (returns / "letter.docx").write_bytes(b"")
    (returns / "from the lead" / "again").mkdir(parents=True)
    for place in (returns / "from the lead" / "again", returns.parent):
        shutil.copy(returns / HATE, place / "late.xlsx")
    before = returns.parent / Q1
    before.mkdir()
    (returns / GANGS).rename(before / "any name.xlsx")
    (before / "of its own quarter.xlsx").write_bytes(b"")
    checked = said("check", "--folder", folder, exits=0)
    assert [one["strand"] for one in checked["kept"]] == ["Gangs and Knife Crime"]
    because = {
        "folder.xlsx": "folder",
        "letter.docx": "no Excel workbook",
        "nowhere.xlsx": "a link to a file that is not there",
        "pipe.xlsx": "neither a file nor a folder",
        "socket.xlsx": "neither a file nor a folder",
        f"returns/{Q2}/from the lead/again/late.xlsx": (
            f"not in returns/{Q2}: move it there if it is a return of 2020/21 Q2"
        ),
        "returns/late.xlsx": f"not in returns/{Q2}: move it there if it is a return of 2020/21 Q2",
        f"returns/{Q1}/any name.xlsx": (f"the return of Gangs and Knife Crime for 2020/21 Q2: move it to returns/{Q2}"),
    }
    assert sorted(checked["ignored"]) == sorted(because)
    printed = run_cpxl("check", "--folder", folder).stdout
    assert all(f"Not looked at: {file} ({why})." in printed for file, why in because.items())


# Named on the command line


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)  # a socket's whole address has 108 characters at most
        server.bind(path.name)
        os.chdir(here)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


MOST_CALLS = 20_000_000
"""Calls of functions: PyYAML makes 80 for each of 256,000 bytes."""
COMMANDS = [["check"], ["history", "import"], ["insights", "import"]]


@ON_UNIX
@pytest.mark.parametrize("make", [_pipe, _socket, _device, Path.mkdir])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_no_file_is_refused_at_once(make: Callable[[Path], None], command: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(resource("config.yaml").read_bytes())
    for name in ("a.xlsx", "b.csv", "c.zip"):
        make(tmp_path / name)
        assert "cannot be read (it is a" in refused(*command, tmp_path / name, "--folder", tmp_path)


@ON_UNIX
@pytest.mark.parametrize("make", [_pipe, _socket, _device, Path.mkdir])
@pytest.mark.parametrize("name", ["config.yaml", "workbook_templates/theme.yaml", "master.xlsx"])
def test_what_is_no_file_where_one_should_be(make: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    (tmp_path / "workbook_templates").mkdir()
    if name != "config.yaml":
        (tmp_path / "config.yaml").write_bytes(resource("config.yaml").read_bytes())
    make(tmp_path / name)
    assert "cannot be read (it is a" in refused("check", "--folder", tmp_path)


@ON_UNIX
@pytest.mark.parametrize("make", [_pipe, _socket, _device, Path.mkdir])
def test_what_is_no_file_where_one_is_to_be_written(make: Callable[[Path], None], folder: Path) -> None:
    partner = next((folder / "published").glob("*.xlsx"))
    report = folder / "checked" / Q2 / "Check report 2020-21 Q2.xlsx"
    report.parent.mkdir(parents=True)
    for path in (partner, report, folder / "cpxl.xlam"):
        path.unlink(missing_ok=True)
        make(path)
    for command in (["publish", "--again", Q2], ["check"], ["addin", "build"]):
        assert "cannot be written (it is a" in refused(*command, "--folder", folder)
    assert [path.is_file() for path in (partner, report, folder / "cpxl.xlam")] == [False] * 3


@ON_UNIX
def test_a_backup_that_is_no_file_any_more(folder: Path) -> None:
    """It is not listed; one that becomes a pipe only then makes nobody wait."""
    (folder / "backups").mkdir(exist_ok=True)
    _pipe(folder / "backups" / "master 2020-01-02 03.04.05.000.xlsx")
    assert "2020-01-02" not in json.dumps(said("restore", "--folder", folder, exits=0))


@ON_UNIX
def test_a_folder_that_is_none(tmp_path: Path) -> None:
    for make in (_pipe, _socket, _device, Path.touch):
        path = tmp_path / make.__name__
        make(path)
        assert str(path) in refused("check", "--folder", path)


# How much of a file is read


def test_a_history_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(Refused, match="more than 10 MB"):
        read_history(path)
    path.write_bytes(b"quarter,strand,plan,status,value\n" + b"\n" * 200_000)
    with at_most(calls=10_000), pytest.raises(Refused, match="more than 100,000 rows"):
        read_history(path)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "strategy: x\n" * 100_000,
        "strategy: " + "x" * 2**20,
        "a: &a [*a]",
        "[" * 100_000,
        "? " * 10_000,
        "{a: " * 5000,
        "{a: " * 100 + "}" * 100,
        "- a\n" * 60_000,
        "a: &a {b: 1}\n" + "c: {<<: [" + "*a," * 50_000 + "]}",
    ],
    ids=[
        "aliases",
        "large",
        "a long text",
        "itself",
        "deep",
        "deep keys",
        "deep mappings",
        "deep and whole",
        "many",
        "merged",
    ],
)
def test_a_config_that_explodes_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with at_most(calls=MOST_CALLS), pytest.raises(Refused) as refusal:
        load(tmp_path / "config.yaml")
    assert len(str(refusal.value)) < 500

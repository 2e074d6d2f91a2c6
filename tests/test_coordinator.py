"""A coordinator's own edits in an open master, at random, then Consolidate: all of it stays, or nothing is touched."""

import shutil
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from cpxl.addin.actions import press
from cpxl.folder import WorkingFolder
from tests.command import run_cpxl
from tests.coordinator import EDITS, IN_THE_WAY, Desk, File, Key, lasting, things
from tests.form import Form
from tests.test_live import Q2, opened
from tests.values import edit
from tests.work import LONG

EDITS_EACH = 5
DELIVERED = "Delivered in July to September 2020"
MOVE_IT = ("would be lost", "would come to stand")
"""What is asked for where something stands beside a row that goes, or comes to be another."""
SEEDS = range(60) if LONG else (2,)
PROGRAM = ("Excel for Windows", "Excel for Windows", "Excel for Mac", "Excel for Windows", "LibreOffice")


class Start(NamedTuple):
    """A folder to begin with, its master, and what consolidating makes of it; by sheet, rows that are in both."""

    folder: Path
    master: File
    wanted: File
    lasting: dict[str, set[Key]]


@pytest.fixture(scope="module")
def starts(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Start]:
    """The first time in a quarter, and again when returns have come back with other figures, less and more."""
    first, again = (tmp_path_factory.mktemp("start") / "folder" for _ in range(2))
    for folder in (first, again):
        shutil.copytree(beginning, folder)
    assert run_cpxl("consolidate", "--folder", again).returncode == 0
    hate, nte = (again / "returns" / Q2 / f"{Q2} {code}.xlsx" for code in ("HATE", "NTE"))
    edit(hate, "Hate Crime", "Complete", "2020/21 Q2", 14)
    edit(hate, "Hate Crime", "Ongoing / In progress", "2020/21 Q2", 16)
    less, more = Form(nte), Form(hate)
    for heading, text in (("Activity", "A thing that was not there before"), ("Impact", "and what it did")):
        less.type(DELIVERED, 1, heading, None)
        more.type(DELIVERED, 4, heading, text)
    less.book.save(nte)
    more.book.save(hate)
    return [_start(folder, folder.with_name("consolidated")) for folder in (first, again)]


def _start(folder: Path, consolidated: Path) -> Start:
    shutil.copytree(folder, consolidated)
    assert run_cpxl("consolidate", "--folder", consolidated).returncode == 0
    master, wanted = File(folder / "master.xlsx"), File(consolidated / "master.xlsx")
    return Start(folder, master, wanted, lasting(master, wanted))


@pytest.mark.parametrize(("seed", "app"), [(n, PROGRAM[n % 5]) for n in SEEDS], indirect=["app"])
def test_what_a_coordinator_did(app: Any, starts: list[Start], seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    start = rng.choice(starts)
    folder = WorkingFolder.open(Path(shutil.copytree(start.folder, tmp_path / "folder")))
    opened(folder)
    desk = Desk(app, rng, start.master, start.lasting)
    edits = rng.sample(EDITS, EDITS_EACH)
    if is_in_the_way := rng.random() < 0.4:
        edits[rng.randrange(EDITS_EACH)] = rng.choice(IN_THE_WAY)
    print(app, [edit(desk) for edit in edits])
    app.books.active.save()
    was = folder.master.read_bytes()
    before = things(File(folder.master), start.lasting)

    app.edits = 0
    press("consolidate")
    print(app.alerts[-1])
    if "3 merged" not in app.alerts[-1]:
        assert "Nothing was changed." in app.alerts[-1]
        assert app.edits == 0
        assert folder.master.read_bytes() == was
        assert is_in_the_way or any(words in app.alerts[-1] for words in MOVE_IT)
        return
    after = File(folder.master)
    is_sorted = "took the place of what was entered" in app.alerts[-1]  # on a strand's sheet, which is then said there
    blocks = [at for at in start.wanted.blocks if not is_sorted or at[0] not in ("Returns", "Findings", "cpxl")]
    differ = {at: (after.block(*at), start.wanted.block(*at)) for at in blocks}
    assert {at: pair for at, pair in differ.items() if pair[0] != pair[1]} == {}
    found = things(after, start.lasting)
    found |= {k: v & before[k] for k, v in found.items() if k.endswith(": blue")}  # new rows look like the one above
    assert {k: (before.get(k), found.get(k)) for k in before | found if before.get(k) != found.get(k)} == {}

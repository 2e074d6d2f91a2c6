"""What is published stays published: versions, the register, and making one again."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from cpxl import backups, restore
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from tests.command import Demo, run_here
from tests.form import Form
from tests.shown import pages
from tests.test_typed_in_the_master import change, type_paragraph
from tests.values import edit, table

Q2 = "2020-21-Q2"
NAME = "Crime Prevention Strategy 2018-21, 2020-21 Q2"


def cpxl(folder: Path, *words: object) -> Any:
    done = run_here(*words, "--folder", folder, "--json")
    assert done.exits == 0, done.error
    return json.loads(done.out)


@pytest.fixture
def folder(few: Path) -> Path:
    return few


def correct(folder: Path, complete: int = 14) -> None:
    """A return comes again with one more, or less, complete."""
    path = folder / "returns" / Q2 / f"{Q2} HATE.xlsx"
    for status, value in (("Complete", complete), ("Ongoing / In progress", 30 - complete)):
        edit(path, "Hate Crime", status, "2020/21 Q2", value)
    cpxl(folder, "consolidate")


def register(folder: Path) -> list[list[Any]]:
    """Version, kind and SHA-256 of every publication in the master."""
    heading, *rows = table(folder / "master.xlsx", "Publications", "quarter")
    at = [heading.index(name) for name in ("version", "kind", "sha256")]
    return [[row[column] for column in at] for row in rows]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_went_out_stays_and_is_made_again_to_the_byte(folder: Path) -> None:
    first, report = (folder / "published" / f"{NAME}, v1.0{ending}" for ending in (".xlsx", ".docx"))
    was = first.read_bytes()
    assert register(folder) == [["1.0", "partner workbook", digest(first)], ["1.0", "report", digest(report)]]
    said = cpxl(folder, "publish")
    assert (said["version"], said["new"], said["says"]) == ("1.0", False, ["Nothing has changed since v1.0."])
    correct(folder)
    said = cpxl(folder, "publish", "--issued", "2020-11-16", "--because", "One was counted twice.")
    second = Path(said["outputs"]["partner"])
    assert (said["version"], said["new"], second.name) == ("1.1", True, f"{NAME}, v1.1.xlsx")
    facts = dict(row[:2] for row in table(second, "Cover", "About this workbook")[1:])
    assert (facts["Version"], facts["Date of issue"]) == ("1.1", "16 November 2020")
    assert (facts["Why this version"], facts["Revised figures"][:13]) == ("One was counted twice.", "13 figures ar")
    rows = table(second, "Revisions", "Figure")[1:]
    of = "Executive summary: Delivery plan progress: Total, Complete"
    assert [of, "One was counted twice.", "2020/21 Q2", 60, 59, "v1.0"] in rows
    said = cpxl(folder, "report", "--because", "One was counted twice.")  # the same reason is no new one
    assert said["version"] == "1.1"
    printed = Document(said["outputs"]["report"]).tables[1].rows[-1]
    assert [cell.text for cell in printed.cells][:4] == ["Total", "108", "59 [r]", "48 [r]"]
    assert first.read_bytes() == was
    shutil.rmtree(folder / "returns")  # made again from what is kept, and from nothing else
    first.unlink()
    report.write_bytes(b"changed by hand")
    again = cpxl(folder, "publish", "--again", Q2, "--version", "1.0")
    assert again["outputs"] == {"partner workbook": str(first), "report": str(report)}
    assert first.read_bytes() == was
    assert digest(report) in register(folder)[1]
    assert [path.read_bytes() for path in (folder / "backups").glob("*.docx")] == [b"changed by hand"]
    done = run_here("publish", "--again", Q2, "--version", "2.0", "--folder", folder)
    assert "it has 1.0, 1.1" in done.error


def test_the_register_outlives_an_older_master(folder: Path) -> None:
    working = WorkingFolder.open(folder)
    change(folder, "Executive summary", lambda page: type_paragraph(page, "By the coordinator."))
    correct(folder)
    cpxl(folder, "publish")
    oldest = [one.path.name for one in backups.backups(working.backups) if one.name == "master.xlsx"][-1]
    restore.restore(working, oldest)
    assert register(folder) == []
    cpxl(folder, "consolidate")
    assert [row[0] for row in register(folder)] == ["1.0", "1.0", "1.1"]
    assert cpxl(folder, "publish")["version"] == "1.2"  # the coordinator's text went with the newer master
    is_open = folder / "~$master.xlsx"  # then the register waits
    is_open.touch()
    assert "master.xlsx is open" in cpxl(folder, "publish", "--because", "once more")["says"][-1]
    is_open.unlink()
    assert len(register(folder)) == 4
    cpxl(folder, "publish")
    assert [row[0] for row in register(folder)] == ["1.0", "1.0", "1.1", "1.2", "1.3"]
    path = folder / "published" / f"{NAME}, v1.3.xlsx"
    path.write_bytes(b"changed by hand")
    assert "is not as it was published" in cpxl(folder, "publish")["says"][1]
    assert path.read_bytes() == b"changed by hand"


def test_what_had_no_number_counts_as_the_first(folder: Path) -> None:
    """A folder in which 0.1.0 published; a file that has a number of ours and is not on the register."""
    shutil.rmtree(folder / "publications")
    shutil.rmtree(folder / "published")
    restore.restore(WorkingFolder.open(folder), str(len(backups.backups(folder / "backups"))))
    cpxl(folder, "consolidate")
    (folder / "published").mkdir()
    old, stray = (folder / "published" / f"{NAME}{version}.xlsx" for version in ("", ", v1.1"))
    for path in (old, stray):
        path.write_bytes(b"what partners have")
    said = cpxl(folder, "publish")
    assert (said["version"], "counts as 1.0" in said["says"][0]) == ("1.2", True)
    assert {path.read_bytes() for path in (old, stray)} == {b"what partners have"}


def test_what_was_approved_and_then_changed_says_so(folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\npublish_needs: [approval]\n", "utf-8")
    done = run_here("publish", "--folder", folder)
    assert (done.exits, "it is not approved" in done.error, "--by POST" in done.error) == (2, True, True)
    assert "cpxl approve" in cpxl(folder, "status")["next"]
    assert "name a post" in run_here("approve", "--by", " ", "--folder", folder).error
    draft = cpxl(folder, "publish", "--draft")  # to have something to approve
    assert Path(draft["outputs"]["partner"]).name == f"{NAME}, draft.xlsx"
    assert len(register(folder)) == 2
    cpxl(folder, "approve", "--by", "Chief Superintendent", "--date", "2020-11-13")
    made = cpxl(folder, "publish")
    facts = dict(row[:2] for row in table(Path(made["outputs"]["partner"]), "Cover", "About this workbook")[1:])
    assert (made["version"], facts["Approved by"]) == ("1.1", "Chief Superintendent, 13 November 2020")
    correct(folder)
    assert cpxl(folder, "status")["approved"].endswith("13 November 2020. What it says has changed since")
    done = run_here("publish", "--folder", folder)
    assert "what Chief Superintendent approved on 2020-11-13 has changed since" in done.error
    config.write_text(config.read_text("utf-8").replace("publish_needs: [approval]", ""), "utf-8")
    made = cpxl(folder, "publish")
    facts = dict(row[:2] for row in table(Path(made["outputs"]["partner"]), "Cover", "About this workbook")[1:])
    assert facts["Approved by"].endswith("What it says has changed since")
    correct(folder, 15)
    assert cpxl(folder, "status")["approved"] == "Chief Superintendent, 13 November 2020"


def test_a_return_is_signed_off_on_its_form(folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\npublish_needs: [sign_off]\n", "utf-8")
    for path in (folder / "returns" / Q2).glob("*.xlsx"):
        form = Form(path)
        form.type("Sign-off", 0, "Signed off by", f"Superintendent, {path.stem[11:]}")
        form.book.save(path)
    cpxl(folder, "consolidate")
    done = run_here("publish", "--folder", folder)
    assert "nobody has signed off the return of Gangs and Knife Crime" in done.error  # nor has a post without a day
    found = cpxl(folder, "status")
    assert (len(found["to_sign_off"]), found["next"][:30]) == (3, "Next: Have 3 returns signed of")
    assert "Not signed off: Gangs and Knife Crime" in run_here("status", "--folder", folder).out
    [note] = [row[0] for row in pages(folder / "master.xlsx")["Returns"] if "Wanted by" in str(row[0])]
    assert "Not signed off: Gangs and Knife Crime" in note
    for path in (folder / "returns" / Q2).glob("*.xlsx"):
        form = Form(path)
        form.type("Sign-off", 0, "Date", date(2020, 10, 12))
        form.book.save(path)
    cpxl(folder, "consolidate")
    rows = table(folder / "master.xlsx", "Signed off", "quarter")[1:]
    assert rows[0][:3] == ["2020/21 Q2", "Gangs and Knife Crime", "Superintendent, GANGS"]
    assert len(rows) == 3
    made = Path(cpxl(folder, "publish")["outputs"]["partner"])
    last = {p["kind"]: p["version"] for p in cpxl(folder, "status")["published"]}
    assert last == {"partner workbook": "1.1", "report": "1.0"}
    facts = dict(row[:2] for row in table(made, "Cover", "About this workbook")[1:])
    assert facts["Signed off"].startswith("Gangs and Knife Crime, Night-time Economy")
    assert all("Superintendent," not in str(row) for sheet in pages(made).values() for row in sheet)


@pytest.mark.parametrize(
    "typed",
    [
        {"file": "../../over.xlsx"},
        {"file": "..\\\\over.xlsx"},
        {"when": "2020-02-31"},
        {"version": "0"},
        {"kind": "book"},
        {"because": ["a"]},
        {"revised": "1"},
        {"sha256": None},
    ],
    ids=str,
)
def test_what_is_kept_is_looked_at_with_suspicion(settled: Path, typed: dict[str, Any]) -> None:
    (known, _) = read_master(WorkingFolder.open(settled)).master.publications
    assert known.is_sound
    assert not replace(known, **typed).is_sound


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--again", Q2, "--because", "x"], "leave all other options but --version out"),
        (["--again", Q2, "--draft"], "leave all other options but --version out"),
        (["--version", "1.0"], "name its quarter with --again QUARTER"),
    ],
)
def test_options_that_do_not_go_together(demo: Demo, words: list[str], says: str) -> None:
    done = run_here("publish", *words, "--folder", demo.folder)
    assert (done.exits, says in done.error) == (2, True)

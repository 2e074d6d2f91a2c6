"""What somebody typed in the master where cpxl draws is never lost without a word when the command line writes it."""

import json
import re
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from cpxl.layout.names import DATA_SHEETS
from tests.command import run_here
from tests.shown import found, pages
from tests.test_0_1_0 import MADE_THEN
from tests.test_cli import TOTALS
from tests.work import LONG

Q2 = "2020/21 Q2"
NOTE = "Ask the lead about this."
BY_EXCEPTION, TEXT = "Delivery and challenges by exception", "What happened"


def said(*words: object, exits: int = 0) -> Any:
    done = run_here(*words, "--json")
    assert done.exits == exits, done.error or done.out
    return json.loads(done.out)


def change(folder: Path, sheet: str, edit: Callable[[Any], None]) -> None:
    """Edit a sheet of the master by hand."""
    book = load_workbook(folder / "master.xlsx")
    edit(book[sheet])
    book.save(folder / "master.xlsx")


def paragraphs(folder: Path) -> list[Any]:
    """The coordinator's own text on the executive summary."""
    rows = found(pages(folder / "master.xlsx")["Executive summary"], "Subject", TEXT, under=BY_EXCEPTION)
    return [row[TEXT] for row in rows]


def type_paragraph(page: Any, text: str | None, at: int = 0) -> None:
    heading_of(page).offset(row=1 + at).value = text


def heading_of(page: Any) -> Any:
    """The heading of the coordinator's own text."""
    return next(cell for cell in page["B"] if cell.value == TEXT)


def type_row(page: Any, *values: object) -> None:
    """A row under the last of a data table."""
    row = max(cell.row for cell in page["A"] if cell.value is not None) + 1
    for at, value in enumerate(values, 1):
        page.cell(row, at).value = value


# The coordinator's paragraphs


def test_a_paragraph_typed_in_the_data_of_the_quarter_that_is_shown(folder: Path) -> None:
    change(folder, "Executive summary", lambda page: type_paragraph(page, "First."))
    said("consolidate", "--folder", folder)
    change(folder, "By exception", lambda page: type_row(page, Q2, "Typed in the data."))
    said("consolidate", "--folder", folder)
    assert paragraphs(folder) == ["First.", "Typed in the data."]
    change(folder, "Executive summary", lambda page: type_paragraph(page, None, at=1))
    said("consolidate", "--folder", folder)
    assert paragraphs(folder) == ["First."]  # taken out where it is shown, it does not come back


def test_a_paragraph_reworded_in_the_data(folder: Path) -> None:
    change(folder, "Executive summary", lambda page: type_paragraph(page, "First."))
    said("consolidate", "--folder", folder)

    def reword(page: Any) -> None:
        next(cell for cell in page["B"] if cell.value == "First.").value = "First, in other words."

    change(folder, "By exception", reword)
    said("consolidate", "--folder", folder)
    assert "First, in other words." in paragraphs(folder)


def test_paragraphs_whose_table_is_not_to_be_found(folder: Path) -> None:
    change(folder, "Executive summary", lambda page: type_paragraph(page, "First."))
    said("consolidate", "--folder", folder)

    def retitle(page: Any) -> None:
        heading_of(page).value = "My text"

    change(folder, "Executive summary", retitle)
    said("consolidate", "--folder", folder)
    assert paragraphs(folder) == ["First."]


# Notes beside and below what is drawn

BESIDE: dict[str, Callable[[Any], Any]] = {
    "right of a table": lambda page: page.cell(8, 16),
    "below everything": lambda page: page.cell(page.max_row + 3, 1),
    "beside the title": lambda page: page.cell(1, 4),
    "in the line above the first table": lambda page: page.cell(3, 1),
    "far away": lambda page: page.cell(400, 200),
}
DRAWN = ("Executive summary", "Domestic Abuse", "Risk register", "Insights", "Returns")


@pytest.mark.parametrize(("sheet", "name"), product(DRAWN, BESIDE) if LONG else zip(DRAWN, BESIDE, strict=True))
def test_a_note_on_a_sheet_that_is_drawn(folder: Path, sheet: str, name: str) -> None:
    cells, place = [], BESIDE[name]

    def write(page: Any) -> None:
        place(page).value = NOTE
        cells.append(place(page).coordinate if place is not BESIDE["below everything"] else f"A{page.max_row}")

    change(folder, sheet, write)
    before = (folder / "master.xlsx").read_bytes()
    done = run_here("consolidate", "--folder", folder)
    assert (done.exits, done.out) == (2, "")
    assert f"{sheet}!{cells[0]}" in done.error
    assert NOTE in done.error
    assert (folder / "master.xlsx").read_bytes() == before
    assert said("consolidate", "--drop-other-sheets", "--folder", folder)["totals"] == TOTALS
    said("publish", "--folder", folder)


def formula(page: Any) -> None:
    page.cell(8, 16).value = "=1+1"


def comment(page: Any) -> None:
    page["B7"].comment = Comment(NOTE, "coordinator")


def above_the_data(page: Any) -> None:
    page["D1"].value = NOTE


def title(page: Any) -> None:
    page["A1"].value = NOTE


@pytest.mark.parametrize(
    ("sheet", "edit", "cell"),
    [
        ("Insights", formula, "P8"),
        ("Executive summary", comment, "B7"),
        ("Progress", comment, "B7"),
        ("Progress", above_the_data, "D1"),
        ("Executive summary", title, "A1"),
    ],
)
def test_what_else_somebody_leaves_there(folder: Path, sheet: str, edit: Callable[[Any], None], cell: str) -> None:
    change(folder, sheet, edit)
    for words in (["consolidate"], ["history", "import", Path("cpxl/demo/history.csv").absolute()]):
        assert f"{sheet}!{cell}" in run_here(*words, "--folder", folder).error


def test_what_cpxl_drew_is_none_of_it(folder: Path) -> None:
    """With values in place of formulas, sheets of another quarter, and other titles by another config."""
    book = load_workbook(folder / "master.xlsx", data_only=True)
    book.save(folder / "master.xlsx")
    path = folder / "config.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub("(?m)^(strategy|force|partnership): ", r"\1: New ", text), encoding="utf-8")
    said("consolidate", "--folder", folder)


def test_a_master_of_0_1_0_with_a_note(tmp_path: Path) -> None:
    """What it drew itself is not taken for notes, though it may be worded otherwise now."""
    shutil.copy(MADE_THEN / "config.yaml", tmp_path)
    for sheet in [None, *(name for name in DRAWN if name != "Domestic Abuse"), "Hate Crime"]:
        shutil.copy(MADE_THEN / "master.xlsx", tmp_path)
        if sheet:
            change(tmp_path, sheet, lambda page: setattr(page.cell(page.max_row + 2, 2), "value", NOTE))
        done = run_here("consolidate", "-q", "2020-21-Q2", "--folder", tmp_path)
        assert done.exits == (2 if sheet else 0), done.error
        assert not sheet or f"{sheet}!B" in done.error


def test_data_sheets_keep_their_notes(folder: Path) -> None:
    book = load_workbook(folder / "master.xlsx")
    for sheet in DATA_SHEETS.values():
        book[sheet].cell(book[sheet].max_row + 3, 3).value = NOTE
    book.save(folder / "master.xlsx")
    said("consolidate", "--folder", folder)
    there = pages(folder / "master.xlsx")
    assert all(any(NOTE in row for row in there[sheet]) for sheet in DATA_SHEETS.values())

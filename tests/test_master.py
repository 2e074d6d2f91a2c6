"""The master's data tables edited by hand: the right figures, or a refusal that names the place."""

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.command import run_here
from tests.shown import totals_shown
from tests.test_trusted import HATE, TOTALS, refused, said, the_row
from tests.values import values
from tests.work import LONG

ROW = ("2020/21 Q2", HATE, HATE, "Complete")
Edit = Callable[[Any, int, Any], None]
"""What somebody does to a sheet, a row of it, and its workbook."""


@pytest.fixture
def folder(few: Path) -> Path:
    return few


def edited(folder: Path, sheet: str, label: tuple[object, ...], edit: Edit) -> str:
    """Edit the row that starts with these values. Returned: its number, for the addresses in messages."""
    book = load_workbook(folder / "master.xlsx")
    page = book[sheet]
    row = the_row(page, *label)
    edit(page, row, book)
    book.save(folder / "master.xlsx")
    return str(row)


def typed(column: int, value: object) -> Edit:
    def edit(page: Any, row: int, _: Any) -> None:
        page.cell(row, column).value = value

    return edit


def without_row(page: Any, row: int, _: Any) -> None:
    page.delete_rows(row)


def pasted_twice(page: Any, row: int, _: Any) -> None:
    page.insert_rows(row + 1)
    for cell in page[row]:
        page.cell(row + 1, cell.column).value = cell.value


def without_seals(book: Any) -> None:
    """As 0.1.0 left a master: no seals, no line below that which says whose report it is, no charts of today."""
    del book["cpxl"].defined_names["cpxl_seals"]
    for page in book:
        vars(page)["_charts"].clear()
        row = 3
        while page.cell(row, 1).value is not None and page.cell(row, 2).value is None:
            page.cell(row, 1).value = None
            row += 1


EDITS = [
    ("a blank behind it", typed(5, "15 "), "E{} says '15 '"),
    ("words", typed(5, "lots"), "E{} says 'lots'"),
    ("a half", typed(5, 15.5), "E{} says '15.5'"),
    ("blank", typed(5, None), "E{} is blank"),
    ("no row", without_row, "1 row of Hate Crime, 2020/21 Q2"),
    ("a status misspelt", typed(4, "Completed"), "Completed"),
    ("a formula without a value", typed(5, "=8+7"), "E{} holds a formula without a value"),
    ("twice", pasted_twice, "was not written by cpxl"),
    ("below 0", typed(5, -15), "E{} says '-15'"),
    ("TRUE", typed(5, True), "E{} says 'True'"),
    ("another figure", typed(5, 14), "is not as cpxl wrote it"),
    ("another quarter", typed(1, "2020/21 Q1"), "2020/21 Q1"),
    ("no quarter", typed(1, "2020/21 Q9"), "A{} says '2020/21 Q9'"),
    ("another strand", typed(2, "Gangs and Knife Crime"), "C{} says 'Hate Crime'"),
    ("no strand", typed(2, None), "B{} is blank"),
]


MOVED = ("another quarter", "no quarter", "another strand", "no strand")
"""Those after which nobody can tell where the row belongs."""


@pytest.mark.parametrize(("name", "edit", "says"), [case for case in EDITS if case[0] in MOVED], ids=MOVED)
def test_a_row_that_is_moved_by_hand(folder: Path, name: str, edit: Edit, says: str) -> None:
    """Publish names it and stops; consolidate takes the row from the return again. Other edits: in test_trusted."""
    at = edited(folder, "Progress", ROW, edit)
    published = {path.name: path.read_bytes() for path in (folder / "published").iterdir()}
    sentence = refused("publish", "--folder", folder)
    assert "Progress!" in sentence
    assert says.format(at) in sentence
    assert {path.name: path.read_bytes() for path in (folder / "published").iterdir()} == published
    again = said("consolidate", "--folder", folder)
    assert again["totals"] == TOTALS
    assert again["healed"]
    assert again["master_findings"] == []
    assert totals_shown(folder / "master.xlsx") == list(TOTALS.values())
    assert said("publish", "--folder", folder)


def test_what_is_not_cpxls_does_no_harm(folder: Path) -> None:
    """A note under a table, a total row, columns beside and in it, another order of rows."""
    book = load_workbook(folder / "master.xlsx")
    for sheet in ("Progress", "Measures", "Delivery"):
        page = book[sheet]
        last, heading = page.max_row, next(c.row for c in page["A"] if c.value == "quarter")
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=heading + 1)]
        for number, row in enumerate(reversed(rows), heading + 1):
            for column, value in enumerate(row, 1):
                page.cell(number, column).value = value
        page.cell(last + 1, 1).value = "Total"
        page.cell(last + 1, 5).value = 999
        page.cell(last + 3, 1).value = "Looked through on 3 November."
        page.cell(heading, page.max_column + 1).value = "Seen"
        page.cell(heading + 1, page.max_column).value = 1
    book.save(folder / "master.xlsx")
    partner = Path(said("publish", "--folder", folder)["outputs"]["partner"])
    before = values(partner, "Executive summary")
    assert totals_shown(partner) == list(TOTALS.values())
    for _ in range(2):
        again = said("consolidate", "--folder", folder)
        assert (again["totals"], again["healed"], again["master_findings"]) == (TOTALS, [], [])
        for sheet, heading in (("Progress", "L"), ("Measures", "M"), ("Delivery", "Q")):
            page = load_workbook(folder / "master.xlsx")[sheet]
            assert page[f"{heading}4"].value == "Seen"
            assert [c.value for c in page[heading]].count(1) == 1
            assert [c.value for c in page["A"]].count("Looked through on 3 November.") == 1
    assert values(Path(said("publish", "--folder", folder)["outputs"]["partner"]), "Executive summary") == before


def test_what_no_return_gives_again_stays_and_is_not_counted(folder: Path) -> None:
    """A figure of the history: it is kept as it was typed, the strand's figures are not known, nothing is published."""
    row = ("2020/21 Q1", "Hate Crime", "Hate Crime", "Complete")
    edited(folder, "Progress", row, typed(5, "fifteen"))
    for _ in range(2):
        says = said("consolidate", "--folder", folder, exits=1)
        assert says["totals"] == TOTALS
        [finding] = says["master_findings"]
        assert "says 'fifteen'" in finding["message"]
        address = finding["cell"]
        assert load_workbook(folder / "master.xlsx")["Progress"][address].value == "fifteen"
        hate = next(row for row in says["summary"] if row["strand"] == "Hate Crime")
        assert (hate["complete"], hate["change"]) == (15, None)
    refused("publish", "--folder", folder)
    history = folder / shlex.split(finding["fix"].split(": ")[-1])[3]
    assert "--replace" in refused("history", "import", history, "--folder", folder)
    assert said("history", "import", history, "--replace", "--folder", folder)
    assert said("publish", "--folder", folder)


def test_a_master_without_seals_is_held_against_rules(folder: Path, tmp_path: Path) -> None:
    """As 0.1.0 left it."""
    book = load_workbook(folder / "master.xlsx")
    without_seals(book)
    book.save(folder / "master.xlsx")
    assert said("publish", "--folder", folder)
    for number, (name, edit, _) in enumerate(EDITS):
        if not LONG and name not in (MOVED[0], "words", "twice"):
            continue
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        edited(copy, "Progress", ROW, edit)
        assert "Progress!" in refused("publish", "--folder", copy), name
        done = run_here("consolidate", "--folder", copy, "--json")
        assert done.exits == 0 or (name in MOVED and done.exits == 1), name
        assert done.document["totals"] == TOTALS

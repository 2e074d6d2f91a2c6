"""What somebody typed in the master where cpxl draws is never lost without a word when the command line writes it."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import PIL.Image
import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image

from cpxl.folder import WorkingFolder
from cpxl.master.drawn import LENGTH, matched
from cpxl.master.file import MOST_SAID, read_master, would_be_lost
from cpxl.master.outside import Typed
from cpxl.master.own_formulas import goes_with_its_row
from cpxl.seals import digest_of_line
from cpxl.workbook_names import DATA_SHEETS
from tests.command import run_here
from tests.shown import found, pages
from tests.test_0_1_0 import MADE_THEN
from tests.test_trusted import TOTALS, said

Q2 = "2020/21 Q2"
NOTE = "Ask the lead about this."
BY_EXCEPTION, TEXT = "Delivery and challenges by exception", "What happened"


@pytest.fixture
def folder(few: Path) -> Path:
    return few


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


def lost(folder: Path) -> list[Typed]:
    """What would be lost if the master were written anew."""
    working = WorkingFolder.open(folder)
    known = read_master(working)
    assert known.book
    return list(would_be_lost(working, known, known.book))


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
    assert "'My text' in place of what cpxl wrote" in run_here("consolidate", "--folder", folder).error
    said("consolidate", "--drop-other-sheets", "--folder", folder)
    assert paragraphs(folder) == ["First."]


def test_text_that_comes_to_nothing(folder: Path) -> None:
    """openpyxl stores no value with a formula. Nothing goes out, and nothing is written over it."""
    book, cells = load_workbook(folder / "master.xlsx"), []
    for sheet, heading in (("Executive summary", TEXT), ("Report text", "Text")):
        top = next(cell for row in book[sheet].iter_rows() for cell in row if cell.value == heading)
        for below, typed in enumerate(("=40+7", "#N/A"), 1):
            top.offset(row=below).value = typed
            cells.append(f"{sheet}!{top.offset(row=below).coordinate}")
    book.save(folder / "master.xlsx")
    for words in (["publish"], ["report"], ["consolidate"]):
        error = run_here(*words, "--folder", folder).error
        assert [cell for cell in cells if cell not in error] == []


def test_what_is_typed_stays_what_it_is(folder: Path) -> None:
    """Yes is no 1."""
    change(folder, "Progress", lambda page: setattr(page["T9"], "value", True))
    change(folder, "Executive summary", lambda page: type_paragraph(page, True))  # type: ignore[arg-type]
    said("consolidate", "--folder", folder)
    book = load_workbook(folder / "master.xlsx")
    assert book["Progress"]["T9"].value is True
    assert heading_of(book["Executive summary"]).offset(row=1).value is True


# Notes beside and below what is drawn

BESIDE: dict[str, Callable[[Any], Any]] = {
    "right of a table": lambda page: page.cell(8, 16),
    "below everything": lambda page: page.cell(page.max_row + 3, 1),
    "beside the title": lambda page: page.cell(1, 4),
    "in the line above the first table": lambda page: page.cell(3, 1),
    "far away": lambda page: page.cell(400, 200),
}
DRAWN = ("Executive summary", "Hate Crime", "Risk register", "Insights", "Returns")


def test_notes_on_sheets_that_are_drawn(folder: Path) -> None:
    """Every place on every sheet: each is named, and nothing is written."""
    book, cells = load_workbook(folder / "master.xlsx"), []
    for sheet, place in product(DRAWN, BESIDE.values()):
        cell = place(book[sheet])
        cell.value = NOTE
        cells.append(f"{sheet}!{cell.coordinate}")
    book.save(folder / "master.xlsx")
    before = (folder / "master.xlsx").read_bytes()
    assert sorted(f"{one.cell.sheet}!{one.cell.address}" for one in lost(folder)) == sorted(cells)
    done = run_here("consolidate", "--folder", folder)
    assert (done.exits, done.out) == (2, "")
    assert f"{DRAWN[0]}!" in done.error
    assert f"'{NOTE}'" in done.error
    assert f"and {len(cells) - MOST_SAID} more" in done.error
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


LEFT: tuple[tuple[str, Callable[[Any], None], str], ...] = (
    ("Insights", formula, "P8"),
    ("Executive summary", comment, "B7"),
    ("Progress", comment, "B7"),
    ("Progress", above_the_data, "D1"),
    ("Executive summary", title, "A1"),
)


def test_what_else_somebody_leaves_there(folder: Path) -> None:
    book = load_workbook(folder / "master.xlsx")
    for sheet, edit, _ in LEFT:
        edit(book[sheet])
    book.save(folder / "master.xlsx")
    for words in (["consolidate"], ["history", "import", folder / "history.csv"]):
        error = run_here(*words, "--folder", folder).error
        assert [f"{sheet}!{cell}" for sheet, _, cell in LEFT if f"{sheet}!{cell}" not in error] == []


TEXT_BOX = f"""<oneCellAnchor xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
<from><col>3</col><colOff>0</colOff><row>7</row><rowOff>0</rowOff></from><ext cx="9" cy="9"/><sp><nvSpPr>
<cNvPr id="9" name="TextBox 1"/></nvSpPr><txBody><a:p><a:r><a:t>{NOTE}</a:t></a:r></a:p></txBody></sp>
<clientData/></oneCellAnchor>"""


def test_what_somebody_laid_over_the_sheets(folder: Path) -> None:
    """Charts of cpxl's are known by their titles; what else lies there is the coordinator's."""
    master = folder / "master.xlsx"
    assert lost(folder) == []
    book = load_workbook(master)
    chart = BarChart()
    chart.title = "By hand"
    page: Any = book["By quarter"]
    page.add_chart(chart, "D4")
    picture = BytesIO()
    PIL.Image.new("RGB", (9, 9)).save(picture, "png")
    page.add_image(Image(picture), "F9")
    book.save(master)
    with ZipFile(master) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    drawing = next(name for name, part in parts.items() if name.startswith("xl/drawings/drawing") and b"<pic>" in part)
    xml = parts[drawing].decode().replace("</wsDr>", f"{TEXT_BOX}</wsDr>")
    with ZipFile(master, "w") as file:
        for name, part in (parts | {drawing: xml.encode()}).items():
            file.writestr(name, part)
    assert [f"{one.cell.sheet}!{one.cell.address}: {one.what}" for one in lost(folder)] == [
        "By quarter!F9: a picture",
        f"By quarter!D8: a text box or shape: '{NOTE}'",
        "By quarter!A1: a chart: 'By hand'",
    ]
    assert "a chart: 'By hand'" in run_here("consolidate", "--folder", folder).error


OVER: tuple[tuple[str, str, int, object], ...] = (
    ("Executive summary", "Complete", 2, 46),
    ("Executive summary", "Where it stands", 3, 7),
    ("Executive summary", "% complete", 1, "about half"),
    ("Executive summary", "% complete", 4, "=40+7"),
    ("Executive summary", "Total", 4, "=40+7"),
    ("Executive summary", "Strand", 3, NOTE),
    ("Executive summary", "Ongoing / In progress", 0, "Ongoing"),
    ("Hate Crime", "2020/21 Q1", 1, 46),
    ("Hate Crime", "Change", 2, 0.5),
    ("Risk register", "Last updated", 1, date(2020, 9, 30)),
    ("Risk register", "Status", 1, True),
    ("Insights", "Now", 3, "N/A"),
    ("By quarter", Q2, 2, -1),
    ("Returns", "Return", 1, "By telephone"),
)
"""A sheet, a heading, how far below it, and what somebody types there."""


def test_cells_of_drawn_tables_that_are_typed_over(folder: Path) -> None:
    """They are named before anything is written, and drawn again on demand; what was cleared comes again."""
    before = pages(folder / "master.xlsx")
    cells = []

    def over(is_cleared: bool) -> None:
        book = load_workbook(folder / "master.xlsx", data_only=True)
        for sheet, heading, below, value in OVER:
            at = next(c for row in book[sheet].iter_rows() for c in row if c.value == heading)
            cells.append(f"{sheet}!{at.offset(row=below).coordinate}")
            assert at.offset(row=below).value != value
            at.offset(row=below).value = None if is_cleared else value  # type: ignore[assignment]
        book.save(folder / "master.xlsx")

    over(is_cleared=False)
    typed = lost(folder)
    assert sorted(f"{one.cell.sheet}!{one.cell.address}" for one in typed) == sorted(cells)
    error = run_here("consolidate", "--folder", folder).error
    assert "'7' in place of what cpxl wrote" in error
    assert "and 9 more" in error
    said("consolidate", "--drop-other-sheets", "--folder", folder)
    assert pages(folder / "master.xlsx") == before
    over(is_cleared=True)
    said("consolidate", "--folder", folder)
    assert pages(folder / "master.xlsx") == before


def test_a_drawn_table_that_is_sorted_is_as_drawn(folder: Path) -> None:
    def sort(page: Any) -> None:
        top = next(cell.row for cell in page["A"] if cell.value == "Strand") + 1
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=top, max_row=top + 2)]
        for number, row in enumerate(reversed(rows), top):
            for at, value in enumerate(row, 1):
                page.cell(number, at).value = value

    book = load_workbook(folder / "master.xlsx", data_only=True)
    sort(book["Executive summary"])
    book.save(folder / "master.xlsx")
    said("consolidate", "--folder", folder)


def test_rows_of_a_drawn_table_are_known_again() -> None:
    a, b, c, blank, other = (digest_of_line(line)[:LENGTH] for line in ("a", "b", "c", None, "other"))
    assert matched([c, a, b], [a, b, c]) == [2, 0, 1]
    assert matched([a, blank, b, c], [a, b, c]) == [0, None, 1, 2]  # one was put in
    assert matched([a, other, c], [a, b, c]) == [0, 1, 2]  # one was typed over
    assert matched([a, b, other, c], [a, b, c]) == [0, 1, None, 2]
    assert matched([a, a, b], [a, a]) == [0, 1, None]


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
    for sheet in [None, *DRAWN]:
        shutil.copy(MADE_THEN / "master.xlsx", tmp_path)
        if sheet:
            change(tmp_path, sheet, lambda page: setattr(page.cell(page.max_row + 2, 2), "value", NOTE))
        done = run_here("consolidate", "-q", "2020-21-Q2", "--folder", tmp_path)
        assert done.exits == (2 if sheet else 0), done.error
        assert not sheet or f"{sheet}!B" in done.error


# Formulas beside the data tables

GO_ON = (
    "=E{row}*2",
    '=IF(Progress[[#This Row],[value]]>9,"many","few")',
    "=E{row}/SUM($E:$E)",
    "=TODAY()",
    '=IF($E{row}="N/A","A9",TRUE)',
)
STOP = ("=E5-E{row}", "=E$9", "=Insights!C9", "=SUM(E6:E20)", "=[2]A!A1", "=Progress[mine]", "=Mine", "=E{row}#")


def test_which_formulas_go_with_their_rows() -> None:
    of = ("Progress", ["quarter", "value"])
    assert [f for f in GO_ON if not goes_with_its_row(f.format(row=9), 9, *of)] == []
    assert [f for f in STOP if goes_with_its_row(f.format(row=9), 9, *of)] == []


def test_formulas_beside_a_data_table_go_with_their_rows(folder: Path) -> None:
    """Their rows move, as those of earlier quarters come in front."""

    def there() -> dict[Any, Any]:
        rows = [row for row in load_workbook(folder / "master.xlsx")["Progress"].iter_rows(min_row=5) if row[12].value]
        return {tuple(c.value for c in row[:5]): (row[0].row, [c.value for c in row[12:17]]) for row in rows}

    def write(page: Any) -> None:
        for row in range(5, page.max_row + 1):
            for at, formula in enumerate(GO_ON, 13):
                page.cell(row, at).value = formula.format(row=row)
        page.cell(page.max_row + 3, 1).value = "=TODAY()"

    change(folder, "Progress", write)
    before = there()
    said("history", "import", folder / "history.csv", "--replace", "--folder", folder)
    after = there()
    assert after.keys() == before.keys()
    assert after
    for row, formulas in after.values():
        assert formulas == [formula.format(row=row) for formula in GO_ON]


def test_a_total_row_of_excel_stays(folder: Path) -> None:
    def write(page: Any) -> None:
        row = page.max_row + 1
        page.cell(row, 1).value, page.cell(row, 5).value = "Total", "=SUBTOTAL(109,Progress[value])"
        table = next(iter(page.tables.values()))
        table.ref, table.totalsRowCount = re.sub(r"\d+$", str(row), table.ref), 1

    change(folder, "Progress", write)
    for _ in range(2):
        said("consolidate", "--folder", folder)
    page = load_workbook(folder / "master.xlsx")["Progress"]
    assert [row[4].value for row in page.iter_rows() if row[0].value == "Total"] == ["=SUBTOTAL(109,Progress[value])"]


def test_formulas_that_would_be_about_something_else_are_said(folder: Path) -> None:
    def write(page: Any) -> None:
        page["M9"].value = page["N9"].value = page["O9"].value = "=Insights!C9"
        page["M3"].value = page["A900"].value = "=SUM(E6:E20)"

    change(folder, "Progress", write)
    change(folder, "By exception", lambda page: type_row(page, Q2, "=40+7"))
    before = (folder / "master.xlsx").read_bytes()
    assert "By exception!B" in ", ".join(f"{one.cell.sheet}!{one.cell.address}" for one in lost(folder))
    error = run_here("consolidate", "--folder", folder).error
    for cell in ("M3", "M9", "N9", "O9", "A900"):
        assert f"Progress!{cell} a formula" in error
    assert (folder / "master.xlsx").read_bytes() == before


def test_data_sheets_keep_their_notes(folder: Path) -> None:
    book = load_workbook(folder / "master.xlsx")
    for sheet in DATA_SHEETS.values():
        book[sheet].cell(book[sheet].max_row + 3, 3).value = NOTE
    book.save(folder / "master.xlsx")
    said("consolidate", "--folder", folder)
    there = pages(folder / "master.xlsx")
    assert all(any(NOTE in row for row in there[sheet]) for sheet in DATA_SHEETS.values())

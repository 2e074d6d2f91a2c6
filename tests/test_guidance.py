"""The partner workbook against the Analysis Function's list: 'Releasing statistics in spreadsheets' and its checklist.

Each test is a line of it. https://analysisfunction.civilservice.gov.uk/policy-store/releasing-statistics-in-spreadsheets/
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import Demo
from tests.values import with_looks

NOT_STATISTICS = ("Cover", "Contents", "Notes")
TITLE, HEADING, SECTIONS = "Title", "Heading 1", ("Heading 2", "Heading 3")
WORDS_FOR_BLANKS = "A blank cell means"


@pytest.fixture(scope="module")
def path(demo: Demo) -> Path:
    return Path(demo.says["outputs"]["partner"])


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return with_looks(path)


def parts(path: Path, pattern: str) -> Iterator[str]:
    """The parts of the file whose names match."""
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if re.fullmatch(pattern, name):
                yield package.read(name).decode()


def test_there_is_a_cover_a_contents_and_a_notes_sheet(book: Any) -> None:
    assert book.sheetnames[:2] == ["Cover", "Contents"]
    assert book.sheetnames[-1] == "Notes"


def test_the_contents_lead_to_every_sheet_and_every_sheet_back(book: Any) -> None:
    linked = {cell.value for row in book["Contents"] for cell in row if cell.hyperlink}
    assert linked == set(book.sheetnames) - {"Cover", "Contents"}
    for sheet in book.worksheets[2:]:
        back = [cell for row in sheet.iter_rows(max_row=6) for cell in row if cell.value == "Back to contents"]
        assert [cell.hyperlink.location for cell in back] == ["'Contents'!A1"], sheet.title


def test_every_sheet_has_its_title_in_a1_as_a_title(book: Any) -> None:
    for sheet in book.worksheets:
        assert sheet["A1"].value
        assert sheet["A1"].style == TITLE, sheet.title


def test_headings_are_marked_as_headings(book: Any) -> None:
    for sheet in book.worksheets[2:]:
        tables = sheet.tables
        headings = [cell.value for row in sheet.iter_rows(max_col=1) for cell in row if cell.style == HEADING]
        assert len(headings) >= len(tables) - 1, sheet.title  # of a sheet with one table, that may be its title


def test_sections_of_the_report_are_headings_and_lead_to_their_tables(book: Any) -> None:
    rows = list(book["Report"].iter_rows(max_col=2))
    headings = {row[0].value: SECTIONS.index(row[0].style) + 1 for row in rows if row[0].style in SECTIONS}
    assert (headings["5.0 Thematic Strand Updates"], headings["6.3 Risks/Mitigation"]) == (1, 2)
    assert headings["3.3.1 Covid recovery"] == 2
    links = {row[1].hyperlink.location.split("'")[1] for row in rows if row[1].hyperlink}
    assert links == set(book.sheetnames[2:]) - {"Insights", "By quarter", "Report", "Notes"}


def test_sheets_say_how_many_tables_and_charts_they_have(book: Any) -> None:
    for sheet in book.worksheets[2:]:
        said = next(c.value for row in sheet.iter_rows(max_row=6) for c in row if "This sheet has" in str(c.value))
        tables, charts = len(sheet.tables), len(vars(sheet)["_charts"])
        assert f"{tables} table" in said, sheet.title
        assert (f"and {charts} chart" in said) if charts else ("chart" not in said), sheet.title


def test_tables_are_marked_as_tables_with_names_that_say_what_they_are(book: Any) -> None:
    names = [name for sheet in book.worksheets for name in sheet.tables]
    assert len(names) == len(set(names))
    assert not any(re.fullmatch(r"Table\d*", name) for name in names)
    assert all(sheet.tables for sheet in book.worksheets)


def test_tables_have_headings_and_no_blank_rows_or_columns(book: Any) -> None:
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            headings, *rows = [[cell.value for cell in row] for row in sheet[table.ref]]
            assert all(headings), (sheet.title, table.name)
            assert all(any(value is not None for value in row) for row in rows), (sheet.title, table.name)


def test_blank_cells_are_explained(book: Any) -> None:
    for sheet in book.worksheets[2:]:
        assert any(WORDS_FOR_BLANKS in str(row[0].value) for row in sheet.iter_rows(max_row=6)), sheet.title


def test_no_cells_are_merged_and_nothing_is_hidden(book: Any) -> None:
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert not any(row.hidden for row in sheet.row_dimensions.values())
        assert not any(column.hidden for column in sheet.column_dimensions.values())


def test_one_empty_row_and_no_more_stands_between_what_belongs_apart(book: Any) -> None:
    for sheet in book.worksheets:
        if vars(sheet)["_charts"]:
            continue  # which lie over empty rows
        filled = [any(cell.value is not None for cell in row) for row in sheet.iter_rows()]
        assert "00" not in "".join("1" if is_filled else "0" for is_filled in filled), sheet.title


def test_panes_are_frozen_only_where_one_table_is(book: Any) -> None:
    for sheet in book.worksheets:
        if sheet.freeze_panes:
            assert len(sheet.tables) == 1, sheet.title
            assert not vars(sheet)["_charts"], sheet.title


def test_text_is_12_points_or_more_and_sans_serif(book: Any) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.font.sz >= 12, (sheet.title, cell.coordinate)
                    assert cell.font.name == "Arial"


def test_numbers_are_numbers_aligned_right_and_words_left(book: Any) -> None:
    for sheet in book.worksheets[2:]:
        for table in sheet.tables.values():
            for row in sheet[table.ref][1:]:
                for cell in row:
                    if isinstance(cell.value, int | float):
                        assert cell.alignment.horizontal == "right", (sheet.title, cell.coordinate)


def test_charts_have_alternative_text_and_names(path: Path) -> None:
    drawings = list(parts(path, r"xl/drawings/drawing\d+\.xml"))
    assert drawings
    for drawing in drawings:
        for about in re.findall(r"<xdr:cNvPr ([^>]*)>", drawing):
            assert re.search(r'descr="[^"]{20,}', about)
            assert re.search(r'name="Chart: ', about)


def test_the_document_has_a_title_and_is_in_british_english(path: Path) -> None:
    [core] = parts(path, "docProps/core.xml")
    assert "<dc:language>en-GB</dc:language>" in core
    assert re.search(r"<dc:title>[^<]+</dc:title>", core)
    assert not re.search(r"<dc:creator>[^<]+</dc:creator>", core)
    for chart in parts(path, r"xl/charts/chart\d+\.xml"):
        assert 'lang val="en-GB"' in chart
        assert "en-US" not in chart


def test_links_say_where_they_lead(book: Any) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink:
                    assert len(str(cell.value)) > 3
                    assert not re.search(r"click here|http", str(cell.value), re.IGNORECASE)


def test_no_figure_is_told_by_colour_alone(book: Any) -> None:
    """What is at risk is a figure, what is greyed says so in words."""
    page = book["Executive summary"]
    said = {row[0].value: row[1].value for row in page.iter_rows(max_col=2)}
    assert str(said["Gangs and Knife Crime"]).startswith("1 at risk")
    assert said["House Burglary and Street Robbery"] == "No delivery plan yet"


def test_the_first_sheet_and_cell_are_in_front(book: Any) -> None:
    assert book.active.title == "Cover"
    assert all(sheet.sheet_view.selection[-1].activeCell in ("A1", None) for sheet in book.worksheets[:2])

"""What is written reads back, wherever it stands. What is no return at all is in test_hostile.py."""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, get_type_hints
from xml.sax.saxutils import escape, quoteattr

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName
from xlsxwriter.utility import xl_cell_to_rowcol

from cpxl.account.strand import strand_account
from cpxl.config import parse
from cpxl.folder import WorkingFolder
from cpxl.layout.blocks import Block, Column, Formula, Sheet, Workbook
from cpxl.layout.data import data_block
from cpxl.layout.form import return_workbook
from cpxl.layout.identity import issue_id, seals_block, seals_in
from cpxl.master.checks import examine
from cpxl.master.file import laid_out, read_master
from cpxl.master.tables import read_table
from cpxl.model import (
    ACHIEVED,
    QUARTERLY,
    ROLLING,
    SCHEDULED,
    TABLES,
    ByException,
    Cell,
    DeliveryItem,
    Master,
    Measure,
    Monthly,
    Note,
    Progress,
    Return,
    Risk,
    field_names,
)
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.returns.read import read_return
from cpxl.seals import SEALED, group_of
from cpxl.theme import shipped
from cpxl.workbooks.read import OpenWorkbook, tidy
from cpxl.workbooks.write import to_bytes
from tests.values import place
from tests.work import LONG

CONFIG = resource("config.yaml").read_text(encoding="utf-8")
SETTINGS = parse(CONFIG)
Q1, Q2 = Quarter(2020, 1), Quarter(2020, 2)


# The master's data


def _survives(text: str) -> bool:
    """Reading strips blanks round a text, takes nothing for no value, and writes N/A in capitals."""
    return tidy(text) == text


TEXT = st.one_of(
    st.sampled_from(
        [
            *("=1+1", "+44 1245", "-5", "@SUM(A1)", "{=1}", "'quoted'", '"', "http://a.b/c", "internal:A1"),
            *("1", "1e5", "TRUE", "2020-09-01", "#REF!", "N/A", "<b>&amp;]]>", "_x000D_", "a\n\n\tb", "a  b"),
        ]
    ),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
        | st.sampled_from("\n\t=+-@'\""),
        min_size=1,
    ).filter(_survives),
)
NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(-1e300, 1e300).map(lambda x: float(f"{x:.15g}"))
VALUES = st.none() | TEXT | NUMBERS | st.dates(date(1900, 3, 1))
QUARTERS = st.builds(Quarter, st.just(2020), st.integers(1, 4))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "quarter": QUARTERS,
    "strand": st.sampled_from([strand.name for strand in SETTINGS.strands]) | TEXT,
    "id": st.builds("HATE-{}".format, st.integers(1, 99)),
    "findings": st.integers(0, 99),
}


def _records(record: type) -> st.SearchStrategy[tuple[Any, ...]]:
    kinds = get_type_hints(record)
    fields = {name: FIELDS.get(name, TEXT if kinds[name] is str else VALUES) for name in field_names(record)}
    return st.lists(st.builds(record, **fields), max_size=4).map(tuple)


@st.composite
def masters(draw: st.DrawFn) -> Master:
    """Any master, with the coordinator's own text of its quarter last, as it is read."""
    quarter = draw(QUARTERS)
    tables: dict[str, Any] = {table: draw(_records(record)) for table, record in TABLES.items()}
    texts: Sequence[ByException] = tables.pop("by_exception")
    earlier = [text for text in texts if text.quarter != quarter]
    now = [text for text in texts if text.quarter == quarter and text.text is not None]
    return Master(quarter, **tables, by_exception=(*earlier, *now))


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    return WorkingFolder(tmp_path, SETTINGS, shipped())


@given(masters())
@settings(max_examples=200 if LONG else 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_masters_data_reads_back_as_written(master: Master) -> None:
    """Every row is as its seal says, whatever it holds."""
    book = OpenWorkbook(to_bytes(laid_out(SETTINGS, master), shipped()))
    seals = seals_in(row.values for row in book.rows(seals_block()) or ())
    found = examine({table: read_table(book, table, ()) for table in SEALED}, seals, SETTINGS)
    assert found.doubts == []
    for table in SEALED:  # rows that come and go together, in the order in which they were
        assert _grouped(table, found.records[table]) == _grouped(table, getattr(master, table))


def _grouped(table: str, records: Iterable[Any]) -> dict[object, list[Any]]:
    groups: dict[object, list[Any]] = {}
    for record in records:
        groups.setdefault(group_of(table, vars(record)), []).append(record)
    return groups


def test_a_text_as_long_as_a_cell_can_hold(folder: WorkingFolder) -> None:
    master = Master(Q2, notes=(Note(Q2, "Hate Crime", "€" * 32767),))
    folder.master.write_bytes(to_bytes(laid_out(SETTINGS, master), shipped()))
    assert read_master(folder).master == master


def test_rows_that_somebody_added_below_a_data_table_are_read() -> None:
    block = data_block("notes", [Note(Q2, "Hate Crime", "in the table")])
    below = [(7, at, text) for at, text in enumerate((str(Q2), "Hate Crime", "below"))]
    book = OpenWorkbook(_written(Sheet("Data", "Notes", items=[block], loose=below)))
    assert [row.values["text"] for row in book.rows(block) or ()] == ["in the table"]
    assert [row.values["text"] for row in read_table(book, "notes", ()).rows] == ["in the table", "below"]


def _written(*sheets: Sheet) -> bytes:
    return to_bytes(Workbook("Test", "OFFICIAL", "Test", sheets), shipped())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(3.0, 3), (3.5, 3.5), (-0.0, 0), (True, True), (date(2020, 9, 30), date(2020, 9, 30))],
        *[(1e15, 1e15), (float("nan"), "nan"), (float("-inf"), "-inf")],
        *[(" two\n", "two"), ("a  b", "a  b"), ("", None), (" \n\t\u00a0", None), ("n/A ", "N/A"), ("n.a.", "n.a.")],
    ],
)
def test_what_does_not_matter_in_a_cell(value: object, expected: object) -> None:
    assert (type(tidy(value)), tidy(value)) == (type(expected), expected)


# A return, wherever its parts stand

STATUSES = ("Total strands", "Complete", "Ongoing / In progress", "At risk")
FILLED_IN = Master(
    Q2,
    progress=(
        *(Progress(Q1, "Hate Crime", "Hate Crime", status, 15) for status in STATUSES),
        Progress(Q2, "Hate Crime", "Hate Crime", STATUSES[0], "N/A"),
        Progress(Q2, "Hate Crime", "Hate Crime", STATUSES[1], 4.5, "=see below"),
        Progress(Q2, "Hate Crime", "Hate Crime", STATUSES[2], -1),
        Progress(Q2, "Hate Crime", "Hate Crime", STATUSES[3], "two", '3, not "2"'),
    ),
    measures=(
        Measure(Q2, "Hate Crime", "Hate Crime Offences", ROLLING, 2941, 3201, "More is reported,\nnot more is done."),
        Measure(Q2, "Hate Crime", "Solved outcomes", QUARTERLY, None, 0.5),
        Measure(Q2, "Hate Crime", "Community Policing Team reports", QUARTERLY, "N/A", None, "Not counted"),
        Measure(Q2, "Hate Crime", "Hate crimes with Covid or Black Lives Matter as a factor", QUARTERLY, 16, 10),
        Measure(Q2, "Hate Crime", "Of these, with BAME individuals as targets", QUARTERLY, 7, 0),
    ),
    risks=(
        Risk(Q2, "Hate Crime", "HATE-1", "Training: no venues", None, "Online", "Treat", "High", 17, "Open"),
        Risk(Q2, "Hate Crime", None, "+1 more", response="no such response"),
    ),
    delivery=(
        DeliveryItem(Q2, "Hate Crime", ACHIEVED, "Campaign", None),
        DeliveryItem(Q2, "Hate Crime", SCHEDULED, "Survey", "More trust", date(2020, 12, 1)),
        DeliveryItem(Q2, "Hate Crime", SCHEDULED, None, "No activity", "2020/21 Q4"),
    ),
    notes=(Note(Q2, "Hate Crime", "@coordinator: 'thank you'"),),
)


def _moved(book: Workbook, above: int) -> Workbook:
    """The sheets in another order, and so many more rows above the strand's blocks."""
    guidance, strand, identity = book.sheets
    more = [Block("own", "", [Column("text", "Own")], [{"text": "put in by the lead"}] * above)]
    return replace(book, sheets=[identity, replace(strand, items=[*more, *strand.items]), guidance])


def _edited(data: bytes, part: str, edit: Callable[[str], str]) -> bytes:
    """A workbook with one part of its XML edited."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name).decode()) if name == part else old.read(name))
    return stream.getvalue()


def _renamed(data: bytes, old: str, new: str) -> bytes:
    """A workbook in which a sheet was renamed, as Excel does it."""
    doubled = new.replace("'", "''")

    def edit(xml: str) -> str:
        assert xml.count(f'name="{old}"') == 1
        xml = xml.replace(f'name="{old}"', f"name={quoteattr(new)}")
        return xml.replace(f"'{old}'!", escape(f"'{doubled}'!"))

    return _edited(data, "xl/workbook.xml", edit)


@pytest.mark.parametrize(
    ("name", "above"),
    [("Hate Crime", 0), ("The lead's 'own' sheet", 0), ("Sheet1", 3), ("Übersicht & 50% + x!", 40)],
)
def test_what_a_lead_entered_is_read_wherever_it_stands(tmp_path: Path, name: str, above: int) -> None:
    path = tmp_path / "any name.xlsx"
    book = form_of(FILLED_IN)
    path.write_bytes(_renamed(to_bytes(_moved(book, above) if above else book, shipped()), "Hate Crime", name))
    read = read_return(path, SETTINGS)
    assert (read.fault, read.missing_blocks) == ("", ())
    assert [value for _, value in read.outside] == ["Own", *["put in by the lead"] * above][: above and above + 1]
    assert (read.strand, read.quarter, read.issue_id) == ("HATE", "2020/21 Q2", issue_id(SETTINGS, "HATE", Q2))
    for table in ("progress", "measures", "risks", "delivery", "notes"):
        assert getattr(read, table) == getattr(FILLED_IN, table)
    _each_value_is_in_its_cell(read, OpenWorkbook(path.read_bytes()).page(name), name)


def _each_value_is_in_its_cell(read: Return, page: list[list[Any]], name: str) -> None:
    records: list[Any] = [*read.progress, *read.measures, *read.risks, *read.delivery, *read.notes]
    for record in records:
        assert record.cells
        for key, cell in record.cells.items():
            row, column = xl_cell_to_rowcol(cell.address)
            if key in field_names(type(record)) and (key, record.quarter) != ("note", Q1):
                assert (cell.sheet, tidy(page[row][column])) == (name, getattr(record, key))


RENAMED = (
    "rolling_12_months: [Reports, Hate Crime Offences (all)]",
    "renamed: {Hate Crime Offences: Hate Crime Offences (all)}",
)
MONTHS = months_to(Q2.end(4), 24)


def test_a_form_from_before_a_measure_was_renamed_and_another_added_is_read(tmp_path: Path) -> None:
    counts = tuple(Monthly(Q2, "Hate Crime", "Hate Crime Offences", month, n) for n, month in enumerate(MONTHS))
    path = tmp_path / "old form.xlsx"
    form = form_of(replace(FILLED_IN, monthly=counts))
    path.write_bytes(to_bytes(form, shipped()))
    new = CONFIG.replace("rolling_12_months: [Hate Crime Offences]", "\n      ".join(RENAMED))
    read = read_return(path, parse(new))
    assert read.missing_blocks == ()
    assert read.monthly == tuple(replace(row, measure="Hate Crime Offences (all)") for row in counts)


def test_a_heading_that_was_changed_is_not_taken_for_one_that_came_later(tmp_path: Path) -> None:
    """Else the counts below it would be lost without a word."""
    path = tmp_path / "changed.xlsx"
    path.write_bytes(to_bytes(form_of(FILLED_IN), shipped()))
    book = load_workbook(path)
    page = book["Hate Crime"]
    page.cell(*place(page, "Month", "Hate Crime Offences")).value = None
    book.save(path)
    assert read_return(path, SETTINGS).missing_blocks == ("Insights by month (optional)",)


def form_of(master: Master) -> Workbook:
    """The return of Hate Crime."""
    return return_workbook(SETTINGS, strand_account(master, Q2, SETTINGS.strands[5], SETTINGS))


def _filled_in(path: Path) -> Any:
    """The form as a lead opens it."""
    path.write_bytes(to_bytes(form_of(FILLED_IN), shipped()))
    return load_workbook(path)


def _row(page: Any, text: str) -> int:
    return int(next(cells[0].row for cells in page.iter_rows() if cells[0].value == text))


def test_what_is_typed_below_or_beside_a_table_is_said_to_be_outside(tmp_path: Path) -> None:
    path = tmp_path / "beside.xlsx"
    book = _filled_in(path)
    page = book["Hate Crime"]
    assert read_return(path, SETTINGS).outside == ()
    below, beside = place(page, "Planned for October to December 2020", 0, last=True)[0] - 1, _row(page, "Complete")
    page.cell(below, 2).value = "Lost"
    page.cell(beside, 8).value = 31
    page.cell(page.max_row + 40, 1).value = "PS"
    page.cell(beside, 9).value = "=B5*2"
    book.save(path)
    assert {(cell.address, value) for cell, value in read_return(path, SETTINGS).outside} == {
        (f"B{below}", "Lost"),
        (f"H{beside}", 31),
        (f"A{page.max_row}", "PS"),
    }


def test_months_are_known_however_they_are_spelled_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "months.xlsx"
    book = _filled_in(path)
    page = book["Hate Crime"]
    heading, counts = place(page, "Month", "Hate Crime Offences")
    first = heading + 1
    spelled = ["October 2018", date(2018, 11, 1), "Oct 2018", "Late 2018", "Feb 2019"]
    for row, label in enumerate(spelled, first):
        page.cell(row, 1).value, page.cell(row, counts).value = label, row - first
    book.save(path)
    read = read_return(path, SETTINGS)
    assert [(m.month, m.count) for m in read.monthly] == [("2018-10", 0), ("2018-11", 1), ("2019-02", 4)]
    assert [label for _, label in read.unknown_months] == ["Oct 2018", "Late 2018"]


@pytest.mark.parametrize(("typed", "read"), [("13", 13), ("13.0", 13), (" 1,300 ", 1300), ("n/a", "N/A"), ("?", "?")])
def test_figures_of_earlier_quarters_may_have_become_text(tmp_path: Path, typed: str, read: Any) -> None:
    """Nobody typed them this time: that they are text is not worth a note."""
    path = tmp_path / "text.xlsx"
    book = _filled_in(path)
    page = book["Hate Crime"]
    page.cell(*place(page, "Complete", str(Q1))).value = typed
    book.save(path)
    returned = read_return(path, SETTINGS)
    assert [p.value for p in returned.progress if (p.quarter, p.status) == (Q1, "Complete")] == [read]
    assert returned.read_as == ()


def test_figures_without_a_label_and_measures_without_figures_are_read(tmp_path: Path) -> None:
    """Else nobody would say that they are missing."""
    path = tmp_path / "cleared.xlsx"
    book = _filled_in(path)
    page = book["Hate Crime"]
    page.cell(_row(page, "Complete"), 1).value = None
    cells = [
        page.cell(*place(page, "Hate Crime Offences", heading)) for heading in ("To Sep 2019", "To Sep 2020", "Comment")
    ]
    for cell in cells:
        cell.value = None
    book.save(path)
    read = read_return(path, SETTINGS)
    assert [p.status for p in read.progress if p.quarter == Q2] == [STATUSES[0], "", *STATUSES[2:]]
    assert [m.is_reported for m in read.measures if m.measure == "Hate Crime Offences"] == [False]
    assert read.measures[0].cells["previous"].address == cells[0].coordinate


@pytest.mark.parametrize("complete", [4.5, 5])
def test_a_copy_of_the_sheet_is_no_matter_unless_it_differs(tmp_path: Path, complete: int) -> None:
    """Excel copies the names of the tables with it."""
    path = tmp_path / "copied.xlsx"
    book = _filled_in(path)
    page = book["Hate Crime"]
    copy = book.copy_worksheet(page)
    copy.title = "Hate Crime (2)"
    for name, defined in page.defined_names.items():
        copy.defined_names[name] = DefinedName(name, attr_text=defined.attr_text.replace("Hate Crime", copy.title))
    entered = copy.cell(*place(copy, "Complete", str(Q2)))
    same = entered.value == complete
    entered.value = complete
    book.save(path)
    assert read_return(path, SETTINGS).copies == (() if same else ("Hate Crime (2)",))


TABLE = Block("table", "", [Column("first", "First"), Column("second", "Second")])


def _book(name: str, area: str, headings: Sequence[str] = ("Second", "Own", " First ")) -> bytes:
    """A table from D8 on, on a sheet `A 'b' c`, with its columns in another order and one put between them."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet("A 'b' c")
        for number, row in enumerate([headings, (2, "x", 1), (4, "y", 3), (6, "z", 5)]):
            page.write_row(7 + number, 3, row)
        book.define_name(name, area)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["cpxl_table", "A 'b' c!cpxl_table"], ids=["of the workbook", "of the sheet"])
def test_a_block_is_found_by_its_name_and_headings(name: str) -> None:
    rows = OpenWorkbook(_book(name, "='A ''b'' c'!$D$8:$F$10")).rows(TABLE)
    assert [row.values for row in rows or ()] == [{"first": 1, "second": 2}, {"first": 3, "second": 4}]
    assert rows
    assert rows[0].cells == {"first": Cell("A 'b' c", "F9"), "second": Cell("A 'b' c", "D9")}


@pytest.mark.parametrize(
    ("name", "area", "headings"),
    [
        ("cpxl_other", "='A ''b'' c'!$D$8:$F$10", ("Second", "Own", "First")),
        ("cpxl_table", "='A ''b'' c'!$D$8:$F$10", ("Second", "Own", "Erste")),
        ("cpxl_table", "='A ''b'' c'!$D$8:$E$10", ("Second", "Own", "First")),
        ("cpxl_table", "='A ''b'' c'!$D$80:$F$90", ("Second", "Own", "First")),
        ("cpxl_table", "='A ''b'' c'!#REF!", ("Second", "Own", "First")),
        ("cpxl_table", "=#REF!$D$8:$F$10", ("Second", "Own", "First")),
        ("cpxl_table", "=Other!$D$8:$F$10", ("Second", "Own", "First")),
        ("cpxl_table", "='[1]A ''b'' c'!$D$8:$F$10", ("Second", "Own", "First")),
        ("cpxl_table", '=INDIRECT("D8:F10")', ("Second", "Own", "First")),
    ],
    ids=[
        *("no name", "no heading", "heading outside", "below the sheet's end", "deleted cells", "deleted sheet"),
        *("sheet not there", "another file", "formula"),
    ],
)
def test_a_block_that_is_gone_is_none(name: str, area: str, headings: Sequence[str]) -> None:
    book = OpenWorkbook(_book(name, area, headings))
    assert book.rows(TABLE) is None


def test_of_two_blocks_of_one_name_the_sheet_says_which() -> None:
    """The master has the same blocks on several sheets."""
    columns = [Column("text", "Text")]
    sheets = [Sheet(name, name, items=[Block("twice", "", columns, [{"text": f"of {name}"}])]) for name in ("A", "B")]
    book = OpenWorkbook(_written(*sheets))
    for name in ("A", "B"):
        rows = book.rows(Block("twice", "", columns), name)
        assert [row.values for row in rows or ()] == [{"text": f"of {name}"}]
    assert book.rows(Block("twice", "", columns), "C") is None


def _prefixed(xml: str) -> str:
    """A sheet's XML with a prefix for its namespace, as some programs write it."""
    xml = re.sub(r"<(/?)(\w)", r"<\1x:\2", xml)
    return xml.replace("xmlns=", "xmlns:x=")


def _without_addresses(xml: str) -> str:
    """A sheet's XML in which cells do not say where they are."""
    return re.sub(r'<c r="\w+"', "<c", xml)


@pytest.mark.parametrize("edit", [lambda xml: xml, _prefixed], ids=["Excel's", "x:"])
def test_a_formula_that_comes_to_an_error_has_no_value(edit: Callable[[str], str]) -> None:
    """As of a text that begins with a dash, which Excel takes for one."""
    block = Block("table", "", [Column("a", "A", entered=True)], [{"a": Formula(lambda here: "=-Knife", "#NAME?")}])

    def failed(xml: str) -> str:
        return edit(xml.replace('t="str"', 't="e"'))

    book = OpenWorkbook(_edited(_written(Sheet("S", "S", items=[block])), "xl/worksheets/sheet1.xml", failed))
    assert book.rows(block) == []
    assert list(book.formulas([block])) == [(Cell("S", "A4"), False)]


@pytest.mark.parametrize("edit", [lambda xml: xml, _prefixed, _without_addresses], ids=["Excel's", "x:", "no r"])
def test_however_a_sheets_xml_is_written(edit: Callable[[str], str]) -> None:
    columns = [Column("a", "A", entered=True), Column("b", "B", entered=True)]
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": Formula(lambda here: f"={here.cell('a')}+1", 2)},
        {"a": "x", "b": Formula(lambda here: '=IF(1<2,"","&amp;")', "")},
    ]
    block = Block("table", "", columns, rows)
    data = _edited(_written(Sheet("S", "S", items=[block])), "xl/worksheets/sheet1.xml", edit)
    book = OpenWorkbook(data)
    assert [row.values for row in book.rows(block) or ()] == [{"a": 1, "b": 2}, {"a": "x", "b": None}]
    assert list(book.formulas([block])) == [(Cell("S", "B4"), True), (Cell("S", "B5"), False)]
    assert [cell.text for cell in book.formula_cells["S"]] == ["A4+1", 'IF(1<2,"","&amp;")']

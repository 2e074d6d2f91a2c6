"""The rows of the master's data tables, as they stand there: found by their headings, told from what is not cpxl's.

What a coordinator adds (a column, a note under a table, Excel's total row) is left alone. Of what is cpxl's, every
value is taken as it stands, with its cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.errors import Refused
from cpxl.layout.data import KEYS, WHERE_FROM, Beside, Own, OwnFormula, data_block, fact_of, table_of
from cpxl.layout.identity import sheets_block
from cpxl.model import Cell, Doubt, Finding, Value
from cpxl.origin import COLUMNS
from cpxl.quarters import quarter_said
from cpxl.seals import OWN_TEXT
from cpxl.workbook_names import DATA_SHEETS
from cpxl.workbooks.read import OpenWorkbook, tidy

MOST_COLUMNS = 100
"""Columns of a data sheet that are looked at for what somebody typed beside the table."""
TOTAL = "total"
"""What Excel writes in front of a table's total row."""


@dataclass(frozen=True)
class TableRow:
    """A row of a data table: its values by column, and where it stands (row and columns from 0).

    formulas: the columns in which a formula stands; shown: what stands there to the letter.
    """

    table: str
    values: Mapping[str, Value]
    sheet: str
    row: int
    columns: Mapping[str, int]
    formulas: frozenset[str] = frozenset()
    shown: Mapping[str, Any] = field(default_factory=dict)

    def cell(self, key: str) -> Cell:
        """The cell of a column."""
        return Cell(self.sheet, xl_rowcol_to_cell(self.row, self.columns[key]))

    @property
    def place(self) -> Cell:
        """The row's cells, from the first column to the last, without those of its origin."""
        columns = [at for key, at in self.columns.items() if key not in ORIGIN]
        first, last = min(columns), max(columns)
        return Cell(self.sheet, f"{xl_rowcol_to_cell(self.row, first)}:{xl_rowcol_to_cell(self.row, last)}")


@dataclass(frozen=True)
class Table:
    """A data table as it stands: its rows, what is wrong with its headings, where it begins, what stands beside it."""

    name: str
    rows: Sequence[TableRow]
    heading: Cell
    doubts: Sequence[Doubt] = ()
    beside: Beside = field(default_factory=Beside)


ORIGIN = (WHERE_FROM, *COLUMNS)
"""The columns that say where a row comes from, which a master of 0.1.0 does not have."""
LATER: Mapping[str, Sequence[str]] = {
    "by_exception": ("subject",),
    "delivery": ("id", "owner", "first_due", "moved_to"),
    "risks": ("likelihood", "impact", "aimed_likelihood", "aimed_impact", "owner", "review"),
    "submissions": ("in_spite_of", "reason"),
}
"""Columns that a master made before they came does not have."""
LATER_TABLES = (
    "report_texts",
    "chasing",
    "breakdowns",
    "paragraphs",
    "pictures",
    "publications",
    "approvals",
    "sign_offs",
)
"""Tables that a master made before they came does not have, nor name among its sheets."""


def read_table(book: OpenWorkbook, table: str, strands: Iterable[str]) -> Table:
    """A data table of the master. strands: the names that strands have or had, by which a row is known as ours.

    Raises Refused if the table, or one of its columns, is not there.
    """
    block = data_block(table)
    area = book.area(block)
    if area is None:
        written = {str(row.values["sheet"]) for row in book.rows(sheets_block()) or ()}
        if table in LATER_TABLES and DATA_SHEETS[table] not in written:
            return Table(table, [], Cell(DATA_SHEETS[table], "A1"))
        raise Refused(
            f"The master's sheet '{DATA_SHEETS[table]}' is gone, or no longer has the table that cpxl wrote there: put "
            "a backup of the master back ('cpxl restore' lists them)."
        )
    sheet, heading, left, last, _ = area
    page = book.page(sheet)
    columns, doubts = _columns(table, block.headings, page[heading] if heading < len(page) else [], area)
    formulas = book.formulas_on(sheet)
    rows = []
    known = {" ".join(name.split()) for name in strands}
    for number in range(heading + 1, len(page)):
        cells = page[number]
        shown = {key: cells[at] if at < len(cells) else "" for key, at in columns.items()}
        holds = frozenset(key for key, at in columns.items() if (number, at) in formulas and key != WHERE_FROM)
        values: dict[str, Value] = dict.fromkeys(block.keys)
        values |= {key: None if value == "" else tidy(value) for key, value in shown.items()}
        del values[WHERE_FROM]  # which says nothing that the origin does not
        if _is_ours(table, values, holds, number <= last, known):
            rows.append(TableRow(table, values, sheet, number, columns, holds, shown))
    beside = _beside(book, table, sheet, heading, rows, columns)
    return Table(table, rows, Cell(sheet, xl_rowcol_to_cell(heading, left)), doubts, beside)


def _beside(
    book: OpenWorkbook, table: str, sheet: str, heading: int, rows: Sequence[TableRow], columns: Mapping[str, int]
) -> Beside:
    """What somebody typed beside the table's rows and below them."""
    page, ours, formulas = book.page(sheet), set(columns.values()), book.formulas_on(sheet)
    widest = min(max([*map(len, page), *(column + 1 for _, column in formulas)], default=0), MOST_COLUMNS)
    by_row = {row.row: row for row in rows}
    others = [at for at in range(widest) if at not in ours]
    beside = {heading: others, **dict.fromkeys(by_row, others)}
    further = sorted({*range(heading + 1, len(page)), *(row for row, _ in formulas if row > heading)} - by_row.keys())
    beside |= {row: [*range(widest)] for row in further}
    typed_formulas = {(row, at) for row, at in formulas if at in beside.get(row, ())}
    in_own_text = {at for at in formulas if at[0] in by_row and at[1] in ours} if table in OWN_TEXT else set()
    stay: Mapping[tuple[int, int], OwnFormula] = {}
    if typed_formulas and [*columns.values()] == [*range(len(columns))]:
        from cpxl.master.own_formulas import own_formulas

        more = len(data_block(table).columns) - len(columns)
        stay = own_formulas(book.data, sheet, typed_formulas, page, table_of(table), columns, more)

    def typed(row: int) -> list[Own]:
        cells = page[row] if row < len(page) else []
        there = [at < len(cells) and (row, at) not in typed_formulas for at in beside[row]]
        values = [tidy(cells[at]) if is_there else None for at, is_there in zip(beside[row], there, strict=True)]
        return [stay.get((row, at), value) for at, value in zip(beside[row], values, strict=True)]

    values = {fact_of(row.table, row.values): typed(at) for at, row in by_row.items()}
    below = [typed(row) for row in further]
    return Beside(
        typed(heading),
        {fact: cells for fact, cells in values.items() if any(value is not None for value in cells)},
        [cells for cells in below if any(value is not None for value in cells)],
        [Cell(sheet, xl_rowcol_to_cell(*at)) for at in sorted(in_own_text | typed_formulas - stay.keys())],
    )


def _is_ours(
    table: str, values: Mapping[str, Value], formulas: frozenset[str], is_inside: bool, strands: set[str]
) -> bool:
    """Whether a row is one of the table's, and not blank, a total, or a note that stands below."""
    if all(value is None for value in values.values()) and not formulas:
        return False
    of = [values[key] for key in KEYS[table]]
    given = [value for value in of if value is not None]
    if str(of[0]).strip().casefold() == TOTAL and len(given) == 1:
        return False
    if is_inside:
        return True
    return quarter_said(of[0]) is not None or " ".join(str(values.get("strand")).split()) in strands or len(given) > 2


def _columns(
    table: str, wanted: Sequence[str], found: Sequence[Any], area: tuple[str, int, int, int, int]
) -> tuple[dict[str, int], list[Doubt]]:
    """Where each column is: by its heading; one that was typed over, by its place among the others."""
    sheet, heading, left, _, right = area
    texts = {at: " ".join(str(found[at]).split()) for at in range(left, len(found))}
    columns: dict[str, int] = {}
    for key in wanted:
        alike = [at for at, text in texts.items() if text.casefold() == key.casefold() and at <= right]
        if alike:
            columns[key] = next((at for at in alike if texts[at] == key), alike[0])
    doubts = []
    for at, key in enumerate(wanted):
        if key in columns or key in (*LATER.get(table, ()), *ORIGIN):
            continue
        place = left + at
        others = [columns[other] - left == place_of for place_of, other in enumerate(wanted) if other in columns]
        if place > right or place in columns.values() or not all(others):
            name = DATA_SHEETS[table]
            raise Refused(
                f"The master's sheet '{sheet}' has no column '{key}' any more: type {key} above the column that is "
                f"{name}'s, in row {heading + 1}, or put a backup of the master back ('cpxl restore' lists them)."
            )
        cell = xl_rowcol_to_cell(heading, place)
        finding = Finding(
            "master-heading",
            Finding.ERROR,
            sheet,
            cell,
            f"{sheet}!{cell} says '{texts.get(place, '')}' where the heading '{key}' belongs.",
            f"Type {key}, or run consolidate, which puts it back.",
        )
        doubts.append(Doubt(finding, table))
        columns[key] = place
    return columns, doubts

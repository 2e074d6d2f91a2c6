"""The master's data tables: a sheet each, a row per record. They are read back in `master/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.blocks import Block, Column, Content, Formula, Line, Row, Sheet
from cpxl.layout.place import Here, place
from cpxl.model import TABLES, Cell, Master, Value, field_names
from cpxl.origin import COLUMNS, Origin, from_columns, in_columns
from cpxl.quarters import Quarter
from cpxl.workbook_names import DATA_SHEETS

WIDTHS = (
    dict.fromkeys(
        ("description", "cause", "action", "activity", "impact", "comment", "note", "message", "fix", "figure"), 34
    )
    | dict.fromkeys(
        ("strand", "plan", "status", "measure", "breakdown", "row", "column", "file", "rule", "sheet", "figure"), 30
    )
    | {
        "text": 80,
        "subject": 30,
        "section": 40,
        "heading": 30,
        "sha256": 72,
        "says": 72,
        "because": 40,
        "approved": 40,
        "post": 30,
        "received": 22,
        "response": 20,
        "when": 16,
    }
)
"""Columns that want to be wider than the rest, in characters."""


KEYS: Mapping[str, tuple[str, ...]] = {
    "progress": ("quarter", "strand", "plan", "status"),
    "measures": ("quarter", "strand", "measure", "period"),
    "monthly": ("quarter", "strand", "measure", "month", "source"),
    "breakdowns": ("quarter", "strand", "breakdown", "row", "column"),
    "paragraphs": ("quarter", "strand", "text"),
    "pictures": ("quarter", "strand", "file"),
    "risks": ("quarter", "strand", "id"),
    "delivery": ("quarter", "strand", "kind", "activity"),
    "notes": ("quarter", "strand", "text"),
    "sign_offs": ("quarter", "strand", "post"),
    "by_exception": ("quarter", "text"),
    "report_texts": ("quarter", "section", "text"),
    "submissions": ("quarter", "strand", "file", "sha256"),
    "findings": ("quarter", "strand", "file", "rule"),
    "corrections": ("quarter", "strand", "figure"),
    "chasing": ("quarter", "strand", "kind", "round"),
    "publications": ("quarter", "version", "kind"),
    "approvals": ("quarter", "post", "when"),
}
"""The columns that say what a row is of."""

Fact = tuple[str, ...]
"""What a row is of: what stands in those columns."""


@dataclass(frozen=True)
class OwnFormula:
    """A formula that somebody typed: as it stands there, its cell, and what it comes to.

    It is about its own row, or whole columns, so that it goes with its row.
    """

    text: str
    cell: str
    value: Value

    def moved(self, row: int, column: int) -> Formula:
        """The same formula in another row (from 0, as the column)."""
        from openpyxl.formula.translate import Translator

        text = Translator(self.text, self.cell).translate_formula(xl_rowcol_to_cell(row, column))
        return Formula(lambda _: text, self.value)


Own = Value | OwnFormula


@dataclass(frozen=True)
class Beside:
    """What somebody typed on a data sheet that is not the table's, and stays there when the sheet is written anew.

    headings: of columns beside the table. values: in those columns, by the row's fact. below: rows under the table.
    lost: cells with formulas that cannot stay, as what they are about moves.
    """

    headings: Sequence[Own] = ()
    values: Mapping[Fact, Sequence[Own]] = field(default_factory=dict)
    below: Sequence[Sequence[Own]] = ()
    lost: Sequence[Cell] = ()


NOTHING_BESIDE: Mapping[str, Beside] = {}


def data_sheets(master: Master, beside: Mapping[str, Beside] = NOTHING_BESIDE) -> list[Sheet]:
    """A sheet for each data table, in the order of names.DATA_SHEETS. beside: what else stands there, by table."""
    return [_data_sheet(master, table, beside.get(table)) for table in DATA_SHEETS]


def _data_sheet(master: Master, table: str, beside: Beside | None) -> Sheet:
    in_doubt = [doubt.values for doubt in master.doubts if doubt.table == table and doubt.values]
    sheet = Sheet(
        DATA_SHEETS[table],
        f"{DATA_SHEETS[table]}: data",
        [Line("One row per fact. Every other sheet is drawn from this table; cpxl writes it anew each time.")],
        [data_block(table, getattr(master, table), in_doubt)],
        widths=[*(WIDTHS.get(name, 13) for name in field_names(TABLES[table])), 13, 24, 16, 16, 16],
    )
    return replace(sheet, loose=list(_loose(sheet, table, beside))) if beside else sheet


def _loose(sheet: Sheet, table: str, beside: Beside) -> Iterator[tuple[int, int, Content]]:
    """The cells beside and below a table: row and column from 0, and what stands there."""
    [placed] = place(sheet).blocks.values()
    left = len(placed.block.columns)
    lines: list[tuple[int, Sequence[Own]]] = [(placed.heading, beside.headings)]
    kept = dict(beside.values)
    for row, values in enumerate(placed.block.rows, placed.first):
        lines.append((row, kept.pop(fact_of(table, values), ())))
    gone = [(*fact, *(v.value if isinstance(v, OwnFormula) else v for v in values)) for fact, values in kept.items()]
    lines += enumerate([*beside.below, *gone], placed.last + 2)
    for row, cells in lines:
        first = left if row <= placed.last else 0
        for at, value in enumerate(cells, first):
            if value is not None:
                yield row, at, value.moved(row, at) if isinstance(value, OwnFormula) else value


def fact_of(table: str, values: Mapping[str, Any]) -> Fact:
    """What a row is of."""
    return tuple(" ".join(str(values.get(key) or "").split()) for key in KEYS[table])


WHERE_FROM = "where_from"
"""The column whose cells lead to the file, and the cell in it, that a row comes from."""
LONGEST_LINK = 255
"""Characters that Excel's HYPERLINK takes."""


def data_block(table: str, records: Iterable[Any] = (), in_doubt: Iterable[Mapping[str, Value]] = ()) -> Block:
    """The block of a data table, with these records as rows, and below them rows that are kept though in doubt."""
    names = field_names(TABLES[table])
    columns = [*(Column(name, name) for name in names), *(Column(n, n, one_line=True) for n in (WHERE_FROM, *COLUMNS))]
    rows: list[Row] = [
        {
            **{name: _cell(getattr(record, name)) for name in names},
            **in_columns(record.origin),
            **_where_from(record.origin),
        }
        for record in records
    ]
    rows += [{**values, **_where_from(from_columns(values))} for values in in_doubt]
    return Block(f"data_{table}", "", columns, rows, table=table_of(table))


def table_of(table: str) -> str:
    """The name of the Excel Table, by which formulas may call a data table."""
    return DATA_SHEETS[table].replace(" ", "_")


def _cell(value: Any) -> Value:
    return str(value) if isinstance(value, Quarter) else value


def _where_from(origin: Origin | None) -> Row:
    """A link to the cell that a row comes from, or to its file, where that lies in the working folder.

    The formula takes names from the cells beside it, so that nothing in them can become a part of it.
    """
    if origin is None or not origin.is_kept:
        return {}
    to = f"#'{origin.sheet}'!{next(iter(origin.cells.values()))}" if origin.sheet and origin.cells else ""
    if (
        len(origin.file + to) + 2 * (origin.file + to).count("%") + 2 * origin.file.count("#") + to.count("'")
        > LONGEST_LINK
    ):
        return {}

    def text(here: Here) -> str:
        file, sheet, cells = (here.cell(column) for column in COLUMNS[:3])
        path = f'SUBSTITUTE(SUBSTITUTE({file},"%","%25"),"#","%23")'
        if not to:
            return f'=HYPERLINK({path},"Open")'
        cell = f'LEFT({cells},FIND(" ",{cells})-1)'
        return f"""=HYPERLINK({path}&"#'"&SUBSTITUTE({sheet},"'","''")&"'!"&{cell},{cell})"""

    return {WHERE_FROM: Formula(text, to.rpartition("!")[2] or "Open")}

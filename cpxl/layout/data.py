"""The master's data tables: a sheet each, a row per record, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cpxl.layout.blocks import Block, Column, Line, Row, Sheet, place
from cpxl.layout.names import DATA_SHEETS
from cpxl.model import TABLES, Master, Value, field_names
from cpxl.quarters import Quarter

WIDTHS = (
    dict.fromkeys(
        ("description", "cause", "action", "activity", "impact", "comment", "note", "message", "fix", "figure"), 34
    )
    | dict.fromkeys(("strand", "plan", "status", "measure", "file", "rule", "sheet", "figure"), 30)
    | {
        "text": 80,
        "subject": 30,
        "section": 40,
        "heading": 30,
        "sha256": 72,
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
    "risks": ("quarter", "strand", "id"),
    "delivery": ("quarter", "strand", "kind", "activity"),
    "notes": ("quarter", "strand", "text"),
    "by_exception": ("quarter", "text"),
    "report_texts": ("quarter", "section", "text"),
    "submissions": ("quarter", "strand", "file", "sha256"),
    "findings": ("quarter", "strand", "file", "rule"),
    "corrections": ("quarter", "strand", "figure"),
}
"""The columns that say what a row is of."""

Fact = tuple[str, ...]
"""What a row is of: what stands in those columns."""


@dataclass(frozen=True)
class Beside:
    """What somebody typed on a data sheet that is not the table's, and stays there when the sheet is written anew.

    headings: of columns beside the table. values: in those columns, by the row's fact. below: rows under the table.
    """

    headings: Sequence[Value] = ()
    values: Mapping[Fact, Sequence[Value]] = field(default_factory=dict)
    below: Sequence[Sequence[Value]] = ()


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
        widths=[WIDTHS.get(name, 13) for name in field_names(TABLES[table])],
    )
    return replace(sheet, loose=list(_loose(sheet, table, beside))) if beside else sheet


def _loose(sheet: Sheet, table: str, beside: Beside) -> Iterator[tuple[int, int, Value]]:
    """The cells beside and below a table: row and column from 0, and what stands there."""
    [placed] = place(sheet).blocks.values()
    left = len(placed.block.columns)
    lines: list[tuple[int, Sequence[Value]]] = [(placed.heading, beside.headings)]
    below, kept = list(beside.below), dict(beside.values)
    for row, values in enumerate(placed.block.rows, placed.first):
        lines.append((row, kept.pop(fact_of(table, values), ())))
    for row, cells in lines:
        yield from ((row, left + at, value) for at, value in enumerate(cells) if value is not None)
    below += [(*fact, *values) for fact, values in kept.items()]  # of rows that are gone
    for number, cells in enumerate(below, placed.last + 2):
        yield from ((number, at, value) for at, value in enumerate(cells) if value is not None)


def fact_of(table: str, values: Mapping[str, Any]) -> Fact:
    """What a row is of."""
    return tuple(" ".join(str(values.get(key) or "").split()) for key in KEYS[table])


def data_block(table: str, records: Iterable[Any] = (), in_doubt: Iterable[Mapping[str, Value]] = ()) -> Block:
    """The block of a data table, with these records as rows, and below them rows that are kept though in doubt."""
    names = field_names(TABLES[table])
    columns = [Column(name, name) for name in names]
    rows: list[Row] = [{name: _cell(getattr(record, name)) for name in names} for record in records]
    rows += in_doubt
    return Block(f"data_{table}", "", columns, rows, table=DATA_SHEETS[table].replace(" ", "_"))


def _cell(value: Any) -> Value:
    return str(value) if isinstance(value, Quarter) else value

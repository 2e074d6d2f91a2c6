"""The master's data tables: a sheet each, a row per record, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cpxl.layout.blocks import Block, Column, Sheet
from cpxl.layout.names import DATA_SHEETS
from cpxl.model import TABLES, Master, Value, field_names
from cpxl.quarters import Quarter

WIDTHS = (
    dict.fromkeys(
        ("description", "cause", "action", "activity", "impact", "comment", "note", "message", "fix", "figure"), 34
    )
    | dict.fromkeys(("strand", "plan", "status", "measure", "file", "rule", "sheet", "figure"), 30)
    | {"text": 80, "sha256": 72, "received": 22, "response": 20, "when": 16}
)
"""Columns that want to be wider than the rest, in characters."""


def data_sheets(master: Master) -> list[Sheet]:
    """A sheet for each data table, in the order of names.DATA_SHEETS."""
    return [
        Sheet(
            sheet,
            f"{sheet}: data",
            "One row per fact. Every other sheet is drawn from this table; cpxl writes it anew each time.",
            [data_block(table, getattr(master, table))],
        )
        for table, sheet in DATA_SHEETS.items()
    ]


def data_block(table: str, records: Iterable[Any] = ()) -> Block:
    """The block of a data table, with these records as rows."""
    names = field_names(TABLES[table])
    columns = [Column(name, name, width=WIDTHS.get(name, 13)) for name in names]
    rows = [{name: _cell(getattr(record, name)) for name in names} for record in records]
    return Block(f"data_{table}", "", columns, rows, table=DATA_SHEETS[table].replace(" ", "_"))


def _cell(value: Any) -> Value:
    return str(value) if isinstance(value, Quarter) else value


def records(table: str, rows: Sequence[Mapping[str, Value]]) -> tuple[Any, ...]:
    """The records of a data table from its rows. Raises ValueError where a row's quarter is none."""
    return tuple(TABLES[table](**_fields(row)) for row in rows)


def _fields(row: Mapping[str, Value]) -> dict[str, Any]:
    return {key: Quarter.parse(str(value)) if key == "quarter" else value for key, value in row.items()}

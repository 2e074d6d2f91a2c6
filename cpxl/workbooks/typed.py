"""Values as Excel is given them, and as it gives them back; cells as addresses. Rows and columns are counted from 0.

Excel takes the texts it is given as if they were typed: `=1+1` for a formula, `1/2` for a date. What begins with an
apostrophe it takes as text, and the apostrophe is no part of it. So every text gets one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_range

from cpxl.layout.blocks import Content, Formula, plain
from cpxl.layout.place import Here
from cpxl.model import Value

FIRST_DAY = datetime(1899, 12, 30)
"""Day 0 of Excel's dates."""

Area = tuple[int, int, int, int]
"""First row and column, and last row and column, from 0."""


def entry(content: Content, here: Here) -> str | float:
    """A cell's content as Excel is to be given it."""
    if isinstance(content, Formula):
        return content.text(here)
    value = number(plain(content))
    if isinstance(value, str):
        return f"'{value}" if value else ""
    return "" if value is None else value


def number(value: Any) -> Any:
    """A number or date as the number that Excel keeps; anything else as it is."""
    if isinstance(value, date):
        moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
        return (moment - FIRST_DAY) / timedelta(days=1)
    return float(value) if isinstance(value, int | float | Decimal) else value


def same(found: Any, wanted: Value) -> bool:
    """Whether a cell's value is what is wanted."""
    found, wanted = (None if value == "" else number(value) for value in (found, wanted))
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-12)
    return bool(found == wanted)


def as_rows(values: Any) -> Sequence[Sequence[Any]]:
    """What was read of a rectangle as rows; of a single row or cell Excel does not always give rows."""
    rows = values if isinstance(values, list | tuple) else [values]
    return rows if isinstance(rows[0], list | tuple) else [rows]


def areas(cells: Collection[tuple[int, int]]) -> list[str]:
    """Cells (column and row) as addresses of one area each: `B3:B7`."""
    runs: list[tuple[int, int, int]] = []
    for column, row in sorted(cells):
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return [xl_range(first, column, last, column) for column, first, last in runs]


def joined(pieces: Sequence[Area], others: Collection[tuple[int, int]]) -> list[Area]:
    """Pieces of a sheet in few rectangles, none of which has something of somebody else in it."""
    found: list[Area] = []
    for piece in sorted(pieces):
        if found:
            top, left, bottom, right = (
                pick(ends) for pick, ends in zip((min, min, max, max), zip(found[-1], piece, strict=True), strict=True)
            )
            if not any(top <= row <= bottom and left <= column <= right for row, column in others):
                found[-1] = (top, left, bottom, right)
                continue
        found.append(piece)
    return found

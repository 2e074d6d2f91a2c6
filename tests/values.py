"""Reading and changing workbooks in tests, with openpyxl: a program that is not the one under test."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openpyxl import load_workbook
from openpyxl.chart import BarChart
from openpyxl.chart.reader import read_chart

Rows = list[list[Any]]


def values(path: Path, sheet: str) -> Rows:
    """Every value of a sheet."""
    return [list(row) for row in _pages(path, path.stat().st_mtime_ns)[sheet]]


@lru_cache(maxsize=4)
def _pages(path: Path, saved: int) -> dict[str, Rows]:
    book = load_workbook(path, read_only=True, data_only=True)  # without looks and charts, and so in half the time
    pages = {page.title: _filled(page) for page in book}
    book.close()
    return pages


def _filled(page: Any) -> Rows:
    """The rows of a sheet down to the last with something in it, all equally long. Calc may save a million."""
    rows: Rows = []
    for number, row in enumerate(page.iter_rows(values_only=True)):
        if any(value is not None for value in row):
            rows += [[] for _ in range(number - len(rows))]
            rows.append(list(row))
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def table(path: Path, sheet: str, heading: str, *, last: bool = False) -> Rows:
    """The rows from the first (or last) one that starts with `heading` down to the next blank one."""
    rows = values(path, sheet)
    starts = [number for number, row in enumerate(rows) if row[0] == heading]
    start = starts[-1 if last else 0]
    end = next((n for n, row in enumerate(rows) if n > start and row[0] is None), len(rows))
    return rows[start:end]


def with_looks(path: Path) -> Any:
    """A workbook with all that openpyxl knows of it. A chart of LibreOffice's over cells without a number, which it
    stumbles over, is an empty one."""

    def read(space: Any) -> Any:
        return read_chart(space) if space.chart.plotArea._charts else BarChart()  # type: ignore[no-untyped-call]

    with patch("openpyxl.reader.drawings.read_chart", read):
        return load_workbook(path)


def place(page: Any, label: str, column: int | str, *, below: int = 0) -> tuple[int, int]:
    """Row and column (from 1) of a cell: in the row that starts with `label`, or that many rows below it.

    column: from 0, or what the heading above the cell starts with.
    """
    row = next(cells[0].row for cells in page.iter_rows() if cells[0].value == label) + below
    if isinstance(column, int):
        return row, column + 1
    above = (cell for at in range(row, 0, -1) for cell in page[at])
    return row, next(cell.column for cell in above if str(cell.value).startswith(column))


def edit(path: Path, sheet: str, label: str, column: int | str, value: Any, *, below: int = 0) -> None:
    """Type a value into a cell, told as for `place`."""
    edit_all(path, sheet, [(label, column, value, below)])


def edit_all(path: Path, sheet: str, entries: Iterable[tuple[str, int | str, Any, int]]) -> None:
    """Type values into cells, each as for `edit`: label, column, value, rows below. A master takes a second to save."""
    book = with_looks(path)
    for label, column, value, below in entries:
        row, number = place(book[sheet], label, column, below=below)
        book[sheet].cell(row, number).value = value
    book.save(path)

"""Reading and changing workbooks in tests, with openpyxl: a program that is not the one under test."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Rows = list[list[Any]]


def values(path: Path, sheet: str) -> Rows:
    """Every value of a sheet."""
    return [list(row) for row in _pages(path, path.stat().st_mtime_ns)[sheet]]


@lru_cache(maxsize=4)
def _pages(path: Path, saved: int) -> dict[str, Rows]:
    book = load_workbook(path, read_only=True, data_only=True)  # without looks and charts, and so in half the time
    pages = {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}
    book.close()
    return {name: [row + [None] * (max(map(len, rows)) - len(row)) for row in rows] for name, rows in pages.items()}


def table(path: Path, sheet: str, heading: str, *, last: bool = False) -> Rows:
    """The rows from the first (or last) one that starts with `heading` down to the next blank one."""
    rows = values(path, sheet)
    starts = [number for number, row in enumerate(rows) if row[0] == heading]
    start = starts[-1 if last else 0]
    end = next((n for n, row in enumerate(rows) if n > start and row[0] is None), len(rows))
    return rows[start:end]


def edit(path: Path, sheet: str, label: str, column: int, value: Any, *, below: int = 0) -> None:
    """Type a value into the row that starts with `label` (or that many rows below it); column from 0."""
    edit_all(path, sheet, [(label, column, value, below)])


def edit_all(path: Path, sheet: str, entries: Iterable[tuple[str, int, Any, int]]) -> None:
    """Type values into rows, each as for `edit`: label, column, value, rows below. A master takes a second to save."""
    book = load_workbook(path)
    page = book[sheet]
    for label, column, value, below in entries:
        row = next(cells[0].row for cells in page.iter_rows() if cells[0].value == label)
        page.cell(row + below, column + 1).value = value
    book.save(path)

"""Small tables that people keep in CSV or Excel: a row of headings somewhere, and rows below it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl import files
from cpxl.errors import Refused
from cpxl.model import Cell, Value
from cpxl.words import legible
from cpxl.workbooks.read import OpenWorkbook, Unreadable, tidy
from cpxl.workbooks.untrusted import LARGEST_FILE

Row = tuple[Mapping[str, Value], Mapping[str, Cell]]
"""A row's values, and the cells that they were read from, by heading."""

WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
"""What is a number in a CSV file; a name such as 007 is none."""
LARGEST, MOST_ROWS, MOST_COLUMNS = LARGEST_FILE, 100_000, 100
"""Bytes of a file, and rows and columns of a CSV file that are read. Ten years of ours are 4,000 rows of 100 bytes."""


def read_table(path: Path, headings: Sequence[str], needed: Sequence[str], what: str) -> list[Row]:
    """The rows of a table, each with the cells it came from, by heading; other columns are passed over.

    needed: the headings without which a row is not that of the headings. what: the file is, as in `history`.
    Raises Refused if it is no CSV file or workbook, or lacks one of the headings.
    """
    try:
        data = files.read(path, LARGEST + 1).data
    except OSError as error:
        raise Refused(files.cannot_read(path, error, f"the {what} in it, a CSV file or .xlsx")) from error
    if len(data) > LARGEST:
        raise Refused(f"{path} has more than {LARGEST >> 20} MB, which is no {what}: leave out all else.")
    if path.suffix.lower() == ".xlsx":
        sheet, table = _sheet(data, path, needed)
    else:
        sheet, table = legible(path.name), _csv(data, path)
    start = next((n for n, row in enumerate(table) if _has(row, needed)), None)
    if start is None:
        as_excel_does = "" if path.suffix.lower() == ".xlsx" else ", with commas between them, or save it as .xlsx"
        said = f"{path.name} has no row with the headings {', '.join(headings)}: put them above the rest"
        raise Refused(f"{said}{as_excel_does}.")
    at = {_word(value): column for column, value in enumerate(table[start]) if _word(value) in headings}
    rows: list[Row] = []
    for number, row in enumerate(table[start + 1 :], start + 1):
        values = {key: tidy(row[column]) if column < len(row) else None for key, column in at.items()}
        if any(value is not None for value in values.values()):
            rows.append((values, {key: Cell(sheet, xl_rowcol_to_cell(number, column)) for key, column in at.items()}))
    return rows


def _has(row: Sequence[object], headings: Sequence[str]) -> bool:
    return set(headings) <= {_word(value) for value in row}


def _word(value: object) -> str:
    return str(value).strip().lower()


def _csv(data: bytes, path: Path) -> list[list[object]]:
    try:
        rows = list(islice(csv.reader(StringIO(files.text_of(data), newline=""), strict=True), MOST_ROWS + 1))
    except csv.Error as error:
        raise Refused(f"{path.name} is not a CSV file ({error}): save it from Excel as 'CSV UTF-8'.") from error
    if len(rows) > MOST_ROWS:
        raise Refused(f"{path.name} has more than {MOST_ROWS:,} rows: leave out all but what is wanted.")
    return [[_number(value) for value in row[:MOST_COLUMNS]] for row in rows]


def _number(text: str) -> object:
    """A CSV value as Excel would take it."""
    return int(text) if WHOLE.fullmatch(text.strip()) else text


def _sheet(data: bytes, path: Path, needed: Sequence[str]) -> tuple[str, list[list[object]]]:
    """The first sheet that has the headings, else the first."""
    try:
        book = OpenWorkbook(data, every_sheet=True)
        pages = {name: book.page(name) for name in list(book.sheets)}
    except Unreadable as fault:
        raise Refused(f"{path.name} cannot be read ({fault}): save it in Excel as .xlsx without a password.") from fault
    for name, page in pages.items():
        if any(_has(row, needed) for row in page):
            return name, page
    return next(iter(pages.items()))

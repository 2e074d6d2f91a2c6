"""Formulas that somebody typed beside a data table, or below it, and which of them can go with their rows.

A row of a data table has another place each time. So a formula stays if it is about its own row, whole columns of the
sheet, or columns of the table by name. What any other is about, nobody knows where it will stand.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.utils import column_index_from_string
from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.data import OwnFormula
from cpxl.seals import day_of
from cpxl.workbooks.read import tidy

IN_A_ROW = re.compile(r"\$?[A-Z]{1,3}(\d+)(?::\$?[A-Z]{1,3}(\d+))?")
COLUMNS = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}")
OF_A_TABLE = re.compile(r"(\w+)\[(.*)\]")
PARTS = re.compile(r"[^\[\],]+")
AREAS = {"#this row", "#all", "#data", "#headers"}


def own_formulas(
    data: bytes,
    sheet: str,
    cells: Collection[tuple[int, int]],
    values: Any,
    table: str,
    columns: Collection[str],
    more: int = 0,
) -> dict[tuple[int, int], OwnFormula]:
    """Those of some cells' formulas (row and column from 0) that can stay.

    data: the workbook's file. values: what the sheet's cells come to. table, columns: what it is called in formulas.
    more: columns that the table gets, which a master of before does not have: what is beside it moves to the right.
    """
    found = {}
    book = load_workbook(BytesIO(data), read_only=True)
    for row, cells_of in enumerate(book[sheet].iter_rows(max_row=max(row for row, _ in cells) + 1)):
        for column in sorted(at for of, at in cells if of == row and at < len(cells_of)):
            text = cells_of[column].value
            if not isinstance(text, str) or (more and _is_about_what_moves(text, len(columns))):
                continue
            if goes_with_its_row(text, row + 1, table, columns):
                value = values[row][column] if row < len(values) and column < len(values[row]) else None
                said = day_of(value) if isinstance(value, date) else tidy(value)
                found[row, column] = OwnFormula(text, xl_rowcol_to_cell(row, column + more), said)
    book.close()
    return found


def goes_with_its_row(formula: str, row: int, table: str, columns: Collection[str]) -> bool:
    """Whether a formula in a row (from 1) is about that row, whole columns, or columns of the table alone."""
    try:
        tokens = Tokenizer(formula).items
    except TokenizerError:
        return False
    about = [token.value for token in tokens if (token.type, token.subtype) == (Token.OPERAND, Token.RANGE)]
    return all(_is_about(one, row, table, columns) for one in about)


def _is_about(reference: str, row: int, table: str, columns: Collection[str]) -> bool:
    if found := IN_A_ROW.fullmatch(reference):
        return {int(number) for number in found.groups() if number} == {row}
    if found := OF_A_TABLE.fullmatch(reference):
        parts = {part.casefold() for part in PARTS.findall(found[2])}
        return found[1] == table and parts <= AREAS | {column.casefold() for column in columns}
    return COLUMNS.fullmatch(reference) is not None


def _is_about_what_moves(formula: str, width: int) -> bool:
    """Whether a formula is about a column beside a table of that width."""
    try:
        about = [token.value for token in Tokenizer(formula).items if token.subtype == Token.RANGE]
    except TokenizerError:
        return True
    letters = [name for one in about if not OF_A_TABLE.fullmatch(one) for name in re.findall(r"[A-Z]+", one)]
    return any(column_index_from_string(name) > width for name in letters)

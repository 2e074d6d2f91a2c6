"""Cells with the coordinator's own text in which there is no text, but a formula or an error.

What a formula comes to is printed, and would stand in its place once the master is written anew. One that comes to
nothing, or to an error, would print nothing without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from cpxl.layout.blocks import Block
from cpxl.layout.report_text import report_text_block
from cpxl.layout.summary import by_exception_block
from cpxl.master.outside import Typed
from cpxl.model import Cell, Doubt, Finding
from cpxl.quarters import Quarter
from cpxl.workbooks.read import OpenWorkbook

BLOCKS: dict[str, Block] = {"by_exception": by_exception_block(), "report_texts": report_text_block()}
ERROR = re.compile(rb"<c\b(?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]+\d+)\"")


class NoText(NamedTuple):
    """Such a cell, and the table whose it is. comes_to: whether the formula in it has a value."""

    cell: Cell
    table: str
    is_formula: bool
    comes_to: bool

    def as_typed(self) -> Typed:
        """What would be lost if the master is written anew."""
        return Typed(self.cell, "a formula" if self.is_formula else "an error")

    def as_doubt(self, quarter: Quarter) -> Doubt:
        """Why nothing goes out."""
        place = f"{self.cell.sheet}!{self.cell.address}"
        what = "holds a formula that comes to nothing, or to an error" if self.is_formula else "holds an error"
        message = f"{place} {what}, where text belongs."
        finding = Finding("master-value", Finding.ERROR, self.cell.sheet, self.cell.address, message, "Type the text.")
        return Doubt(finding, self.table, quarter)


def without_text(book: OpenWorkbook) -> Iterator[NoText]:
    """The cells of the coordinator's texts that hold formulas or errors."""
    for table, block in BLOCKS.items():
        area = book.area(block)
        if area is None:
            continue
        sheet, heading, left, last, right = area
        formulas = {(cell.row, cell.column): cell.has_value for cell in book.formula_cells[sheet]}
        with ZipFile(BytesIO(book.data)) as package:
            errors = {xl_cell_to_rowcol(cell.decode()) for cell in ERROR.findall(package.read(book.parts[sheet]))}
        for row, column in sorted(formulas.keys() | errors):
            if heading < row <= last and left <= column <= right:
                at = (row, column)
                has_value = formulas.get(at, False) and at not in errors
                yield NoText(Cell(sheet, xl_rowcol_to_cell(*at)), table, at in formulas, has_value)

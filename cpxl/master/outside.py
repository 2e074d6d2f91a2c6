"""What somebody typed on the master's sheets where cpxl has no table: the command line, which writes them anew, has no
place for it. What stands beside the rows of a data table, and below them, is kept (see `data.Beside`). What was typed
over a table that cpxl draws: see `drawn`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.blocks import Sheet, plain
from cpxl.layout.identity import seals_block, seals_in, sheets_block
from cpxl.layout.report_text import report_text_block
from cpxl.layout.summary import by_exception_block
from cpxl.master.tables import MOST_COLUMNS
from cpxl.model import Cell, Seal
from cpxl.seals import digest_of_line
from cpxl.words import short
from cpxl.workbook_names import DATA_SHEETS, defined_name
from cpxl.workbooks.read import OpenWorkbook

LINES = "lines"
"""Stands for a table in the seal of what cpxl wrote on a sheet outside its tables."""
LINES_ABOVE = 3
"""Lines that a table may have above its headings: title, a line about it, and one that says whether it adds up (today
beside the title)."""
TITLES = {(0, 0), (1, 0)}
SAYS_WHETHER_IT_ADDS_UP = ("OK: ", "To do: ")
"""How those lines begin, also where somebody put their value in place of the formula."""
DATA_BLOCKS = {defined_name(f"data_{table}") for table in DATA_SHEETS}
OWN_BLOCKS = {defined_name(block.name) for block in (by_exception_block(), report_text_block())}
"""Of the coordinator's own text, which is read also where it stands below them."""


class Typed(NamedTuple):
    """A cell, and what somebody typed there, in words."""

    cell: Cell
    what: str


def seals_of_lines(sheets: Iterable[Sheet]) -> Iterator[Seal]:
    """The seals of the lines that stand on sheets outside their tables."""
    for sheet in sheets:
        lines = [sheet.title, *(plain(line.content) for line in sheet.lines)]
        lines += [line for block in sheet.blocks for line in (block.title, block.intro)]
        yield Seal(LINES, "", sheet.name, "", tuple(digest_of_line(line) for line in dict.fromkeys(lines) if line))


def typed_outside(book: OpenWorkbook) -> Iterator[Typed]:
    """What stands on cpxl's sheets of a master and is none of cpxl's.

    A master of before says nothing of the lines that it was given. There, what is where lines are counts as one.
    """
    seals = seals_in(row.values for row in book.rows(seals_block()) or ())
    lines = {seal.strand: seal.digests or () for seal in seals if seal.table == LINES}
    ours = {str(row.values["sheet"]) for row in book.rows(sheets_block()) or ()}
    for sheet in book.sheets:
        if sheet in ours and sheet in book.numbers:
            yield from _on(book, sheet, lines.get(sheet))


def _on(book: OpenWorkbook, sheet: str, written: Collection[str] | None) -> Iterator[Typed]:
    """What stands on one sheet. written: digests of the lines that cpxl wrote there; None if that is not known."""
    there = [(name, area) for name, areas in book.areas.items() for area in areas if area[0] == sheet]
    ends = {name: book.end(sheet, area[3]) for name, area in there if name in OWN_BLOCKS}
    areas = [(area, name in DATA_BLOCKS, ends.get(name, 0)) for name, area in there]
    formulas = book.formulas_on(sheet)
    above = [(heading - up, left) for (_, heading, left, *_), *_ in areas for up in range(1, LINES_ABOVE + 1)]
    may_be_lines = TITLES | {(row, at) for row, left in above for at in (left, left + 1)}
    page = book.page(sheet)
    filled = {(row, at): value for row, cells in enumerate(page) for at, value in enumerate(cells) if value != ""}
    for row, column in sorted(filled.keys() | formulas):
        is_in_a_table = any(
            (column < MOST_COLUMNS if is_data else left <= column <= right)
            for (_, heading, left, last, right), is_data, end in areas
            if heading <= row and (row <= last or is_data or (row <= end and (row, column) not in formulas))
        )
        if is_in_a_table:
            continue
        value, is_line = filled.get((row, column)), (row, column) in may_be_lines
        if (row, column) in formulas:
            is_ours, what = is_line, "a formula"
        else:
            is_ours, what = _is_line(value, written, is_line=is_line), f"'{short(value)}'"
        if not is_ours:
            yield Typed(Cell(sheet, xl_rowcol_to_cell(row, column)), what)


def _is_line(value: object, written: Collection[str] | None, *, is_line: bool) -> bool:
    """Whether a value is a line that cpxl wrote. is_line: whether it stands where there may be one."""
    if written is not None and digest_of_line(value) in written:
        return True
    return is_line and (written is None or str(value).startswith(SAYS_WHETHER_IT_ADDS_UP))

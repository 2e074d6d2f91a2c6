"""What somebody typed over a cell of a table that cpxl draws on the master's sheets, where it would be replaced.

The hidden sheet has a digest of every such cell. Rows are known again by what stands in front of them, and columns by
their headings, so that inserting or sorting does no harm. What was cleared comes again, and nothing is lost by that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.blocks import Content, Formula, Sheet, plain
from cpxl.layout.place import Here, place
from cpxl.master.outside import DATA_BLOCKS, Typed
from cpxl.model import Cell, Seal
from cpxl.quarters import is_quarter
from cpxl.seals import digest_of_line
from cpxl.words import short
from cpxl.workbook_names import defined_name
from cpxl.workbooks.read import Area, OpenWorkbook, tidy

DRAWN = "drawn"
"""Stands for a table in the seal of what cpxl drew in a block (its name stands for the quarter)."""
ENTERED = "*"
"""Stands for the digest of a cell in which people write."""
LENGTH = 6
"""Characters of a cell's digest: what is typed over one has the same one once in 16 million times."""
ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?\d+")


def seals_of_drawn(sheets: Iterable[Sheet]) -> Iterator[Seal]:
    """The seals of the tables that cpxl draws: a digest of each cell, with the headings, row by row."""
    for sheet in sheets:
        placement = place(sheet)
        for name, placed in placement.blocks.items():
            if defined_name(name) in DATA_BLOCKS:
                continue
            rows = [_digest(heading, "") for heading in placed.block.headings]
            for at, row in enumerate(placed.block.body):
                here = Here(placement, name, at)
                rows += [ENTERED if c.entered else _sealed(row.get(c.key), here) for c in placed.block.columns]
            yield Seal(DRAWN, defined_name(name), sheet.name, str(placed.right + 1), tuple(rows))


def _sealed(content: Content, here: Here) -> str:
    return _digest(plain(content), content.text(here) if isinstance(content, Formula) else "")


def _digest(value: object, formula: str) -> str:
    """What a cell says, and the formula in it whatever rows and columns that is about."""
    one = digest_of_line(value)[:LENGTH]
    shape = ADDRESS.sub("@", "".join(formula.removeprefix("=").split()).replace("$", ""))
    return f"{one}/{digest_of_line(shape)[:LENGTH]}" if formula else one


def typed_over(book: OpenWorkbook, seals: Iterable[Seal], returns: Collection[str] = ()) -> Iterator[Typed]:
    """The cells of drawn tables that say something else than cpxl wrote there, and are not for people to write in.

    returns: sheets that count as returns: what stands there in columns of quarters is checked as a return's.
    """
    for seal in seals:
        areas = book.areas.get(seal.quarter, ()) if seal.table == DRAWN else ()
        area = next((area for area in areas if area[0] == seal.strand), None)
        if area and area[0] in book.numbers and seal.digests and seal.source.isdecimal():
            yield from _in_table(book, area, seal.digests, int(seal.source), area[0] in returns)


def _in_table(book: OpenWorkbook, area: Area, digests: Sequence[str], width: int, is_return: bool) -> Iterator[Typed]:
    sheet, heading, left, last, right = area
    page = book.page(sheet)
    sealed = [digests[at : at + width] for at in range(0, len(digests), width)]
    there = [list(row[left : right + 1]) for row in page[heading : last + 1]]
    formulas = {(c.row, c.column): c.text for c in book.formula_cells[sheet]}
    if not there:
        return
    columns = matched([digest_of_line(value)[:LENGTH] for value in there[0]], sealed[0])
    labels = [digest_of_line(row[0] if row else None)[:LENGTH] for row in there[1:]]
    rows = [0, *(None if at is None else at + 1 for at in _rows(labels, [row[0] for row in sealed[1:]]))]
    for number, (values, row) in enumerate(zip(there, rows, strict=True), heading):
        for at, (value, column) in enumerate(zip(values, columns, strict=False), left):
            formula = formulas.get((number, at))
            is_blank = formula is None and (value is None or value == "")
            if is_blank or (is_return and is_quarter(str(there[0][at - left]))):
                continue
            if column is None:
                written = {""}
            elif row is None:
                written = {line[column] for line in sealed[1:]}
            else:
                written = {sealed[row][column]}
            if not _is_as_written(value, formula, written):
                what = f"'{short(tidy(value))}'" if formula is None else "a formula"
                yield Typed(Cell(sheet, xl_rowcol_to_cell(number, at)), f"{what} in place of what cpxl wrote")


def _is_as_written(value: Any, formula: str | None, written: Collection[str]) -> bool:
    """Whether a cell says what one of these digests is of. A formula may have come to something else meanwhile."""
    now, _, shape = _digest(value, formula or "").partition("/")
    for one in written:
        then, _, its_shape = one.partition("/")
        if one == ENTERED or (now == then and (its_shape or not shape)) or (shape and shape == its_shape):
            return True
    return False


def _rows(there: Sequence[str], sealed: Sequence[str]) -> list[int | None]:
    """Which sealed row each row is. Where people write in front of a row, any of them: nobody can tell."""
    return [None] * len(there) if ENTERED in sealed else matched(there, sealed)


def matched(there: Sequence[str], sealed: Sequence[str]) -> list[int | None]:
    """Which one of those that were sealed each is: the first that says the same; the others, one after the other."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(sealed):
        places[one.partition("/")[0]].append(at)
    found = [places[one].pop(0) if places.get(one) else None for one in there]
    left = iter([at for at in range(len(sealed)) if at not in found])
    blank = digest_of_line(None)[:LENGTH]
    may_be_blank = len(there) == len(sealed)  # one that was cleared, and not one that was put in
    return [
        next(left, None) if at is None and (one != blank or may_be_blank) else at
        for at, one in zip(found, there, strict=True)
    ]

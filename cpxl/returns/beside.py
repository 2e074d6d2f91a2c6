"""What stands in a return beside what a lead entered in its tables: it is said, and nothing of it is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.config import Settings, Strand
from cpxl.layout.blocks import Block, plain
from cpxl.layout.form import guidance_sheet
from cpxl.layout.strand import form_lines
from cpxl.model import Cell, Value
from cpxl.names import alike
from cpxl.quarters import Quarter
from cpxl.workbook_names import READ_TOO, TEMPLATE_VERSION
from cpxl.workbooks.elsewhere import Elsewhere
from cpxl.workbooks.looks import looks
from cpxl.workbooks.read import OpenWorkbook, tidy
from cpxl.workbooks.untrusted import Unreadable, refusing_damage

MOST_OUTSIDE, MOST_ROWS = 100, 2000
"""Cells outside the tables that are looked at, and rows of a sheet in which they are looked for."""
MOST_FORMS = 100
"""Forms of which it is kept where their tables are."""
BEGINNING = 10
"""Characters by which a line above the tables is told: what follows depends on config."""


class Form(NamedTuple):
    """A return that is open: its blocks as they are laid out, its sheet, and all sheets with the same blocks."""

    book: OpenWorkbook
    settings: Settings
    strand: Strand
    quarter: Quarter
    blocks: Sequence[Block]
    sheet: str
    copies: Sequence[str]


def beside(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside the entries, and is not seen as it is read, and how the file is marked: as fields of Return.

    known: those that are known already.
    """
    version = known["template_version"]
    elsewhere = Elsewhere(form.book)
    guide = _guide(form) if version == TEMPLATE_VERSION else frozenset()
    asides = [*elsewhere.asides(), *elsewhere.sheets(form.copies, guide)]
    try:
        with refusing_damage():
            asides += looks(form.book, form.sheet, form.blocks) if form.sheet else ()
    except Unreadable:
        elsewhere.unread.append(f"how the cells of the sheet '{form.sheet}' look")
    marked = elsewhere.marked(known["file"])
    return {
        "outside": tuple(islice(_outside(form, _head(form, version)), MOST_OUTSIDE)),
        "asides": tuple(asides),
        "unread": tuple(dict.fromkeys(elsewhere.unread)),
        "marked": marked.places,
        "labels": marked.labels,
    }


def _guide(form: Form) -> frozenset[str]:
    """What stands on the guide to the form as it is issued."""
    sheet = guidance_sheet(form.settings, form.strand, form.quarter)
    blocks = [item for item in sheet.items if isinstance(item, Block)]
    texts = [plain(value) for block in blocks for row in block.rows for value in row.values()]
    return frozenset(map(str, (sheet.title, *(line for block in blocks for line in block.headings), *texts)))


class _Head(NamedTuple):
    """What stands above the first table of a form: its title, be it a former name, and lines that begin so.

    of_before: it is a form of 0.1.0, which has a line of its own for a check, not beside the title.
    """

    titles: Collection[str]
    beginnings: tuple[str, ...]
    of_before: bool

    def has(self, text: str) -> bool:
        """Whether a text stands there in a form as it was issued; config may have changed since."""
        return alike(text) in self.titles or text.startswith(self.beginnings)


def _head(form: Form, version: str) -> _Head:
    of_before, strand = version in READ_TOO, form.strand
    lines = [f"{form.settings.strategy}: {form.quarter}"] if of_before else form_lines(form.settings, form.quarter)
    names = (strand.name, strand.short_name, *strand.formerly)
    return _Head({alike(name) for name in names}, tuple(line[:BEGINNING] for line in lines), of_before)


def _outside(form: Form, head: _Head) -> Iterator[tuple[Cell, Value]]:
    """What was typed on a strand's sheet in none of its tables, nor is its title: nobody reads it there."""
    book, blocks, sheet = form.book, form.blocks, form.sheet
    lines = {block.name: block.lines_above + (head.of_before and block.check is not None) for block in blocks}
    tables = tuple([(lines[block.name], *area[1:]) for block in blocks if (area := book.area(block, sheet))])
    if not tables:
        return
    page = book.page(sheet)[:MOST_ROWS]
    left, right = _beside_tables(tables)
    first = min(tables, key=lambda table: table[1], default=(0, 0, 0, 0, 0))
    for row, cells in enumerate(page[: first[1]]):
        if len(cells) > first[2] and (said := cells[first[2]]) != "" and not head.has(str(said)):
            yield Cell(sheet, xl_rowcol_to_cell(row, first[2])), tidy(said)
    formulas = book.formulas_on(sheet)
    rows = chain(
        zip(right, left or repeat(slice(0)), strict=False), repeat((slice(None), slice(0)))
    )  # below the tables, all of it
    typed = [
        (row, column)
        for row, (cells, beside) in enumerate(zip(page, rows, strict=False))
        for columns in reversed(beside)
        if (there := cells[columns]) and there.count("") < len(there)
        for column in range(len(cells))[columns]
        if cells[column] != "" and (row, column) not in formulas
    ]
    moved = {line for block in blocks for line in (block.title, block.intro)} if typed else ()
    for row, column in typed:
        if page[row][column] not in moved:
            yield Cell(sheet, xl_rowcol_to_cell(row, column)), tidy(page[row][column])


@lru_cache(MOST_FORMS)
def _beside_tables(tables: tuple[tuple[int, int, int, int, int], ...]) -> tuple[list[slice], list[slice]]:
    """Which columns of each row lie left of the tables, if there are any, and which right of them.

    tables: how many lines stand above its headings, and its first and last row and column (rows and columns from 0).
    """
    _, top, column, *_ = min(tables, key=lambda table: table[1], default=(0, 0, 0, 0, 0))
    ours = [(column, column + 1)] * top
    for lines, heading, left, last, right in sorted(tables, key=lambda table: table[1]):
        between = heading - len(ours)
        above = min(lines, max(between, 0))
        ours += [(0, 0)] * (between - above) + [(0, left + 1)] * above + [(left, right + 1)] * (last + 1 - heading)
        del ours[MOST_ROWS:]
    is_moved = any(left for left, _ in ours)
    return [slice(left) for left, _ in ours if is_moved], [slice(right, None) for _, right in ours]

"""Where each part of a sheet stands, and how a formula finds the cells that it looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout import grid
from cpxl.layout.blocks import (
    MARK,
    NUMERIC,
    Block,
    Chart,
    Column,
    Picture,
    Row,
    Sentence,
    Sheet,
    is_revised,
    plain,
    unit_of,
)
from cpxl.layout.in_words import shown
from cpxl.model import is_number


@dataclass(frozen=True)
class Placed:
    """A block and the rows it takes (all from 0, as XlsxWriter counts); -1 where it has no such line."""

    block: Block
    title: int
    intro: int
    heading: int
    first: int
    last: int

    @property
    def top(self) -> int:
        """Its first line."""
        return min(row for row in (self.title, self.intro, self.heading) if row >= 0)

    @property
    def right(self) -> int:
        """Its last column, from 0."""
        return len(self.block.columns) - 1


@dataclass(frozen=True)
class PlacedChart:
    """A chart and the first of the rows kept free for it."""

    chart: Chart
    top: int

    @property
    def bottom(self) -> int:
        """The last of them."""
        return self.top + self.chart.height - 1


@dataclass(frozen=True)
class Placement:
    """Where everything on a sheet stands. widths: of its columns, in characters."""

    blocks: Mapping[str, Placed]
    charts: Sequence[PlacedChart]
    sentences: Sequence[tuple[Sentence, int]]
    widths: Sequence[float]
    pictures: Sequence[tuple[Picture, int]] = ()

    @property
    def bottom(self) -> int:
        """The last row with anything in it (from 0), below the title."""
        last = [placed.last for placed in self.blocks.values()] + [chart.bottom for chart in self.charts]
        last += [row + 1 + picture.height for picture, row in self.pictures]
        return max(last + [row + 1 for _, row in self.sentences], default=0)


@dataclass(frozen=True)
class Here:
    """What a formula sees: the sheet's placement, the block it is in and, in a table, its row (from 0 in the block)."""

    placement: Placement
    block: str
    row: int = 0

    def cell(self, column: str, row: str | None = None) -> str:
        """Address of a cell of this block: in this row, or in the row whose first column reads `row`."""
        placed = self.placement.blocks[self.block]
        at = self.row
        if row is not None:
            label = placed.block.columns[0].key
            at = next(i for i, r in enumerate(placed.block.body) if r.get(label) == row)
        return str(xl_rowcol_to_cell(placed.first + at, _column(placed.block, column)))

    @property
    def check(self) -> str:
        """Address of the cell that says whether what was entered in this block adds up."""
        return str(xl_rowcol_to_cell(self.placement.blocks[self.block].title, 1, row_abs=True, col_abs=True))

    def column(self, column: str, block: str | None = None, rows: slice = slice(None)) -> str:
        """Address of a column of this block or another, without the heading: all rows of it, or a run of them."""
        placed = self.placement.blocks[block or self.block]
        at = _column(placed.block, column)
        run = range(placed.first, placed.last + 1)[rows]
        return f"{xl_rowcol_to_cell(run[0], at)}:{xl_rowcol_to_cell(run[-1], at)}"

    def in_row(self, row: int, first: str, last: str) -> str:
        """Address of the cells of a row of this block (from 0), from one column to another."""
        here = replace(self, row=row)
        return f"{here.cell(first)}:{here.cell(last)}"

    def heading(self, column: str) -> str:
        """Address of a column's heading in this block."""
        placed = self.placement.blocks[self.block]
        return str(xl_rowcol_to_cell(placed.heading, _column(placed.block, column)))

    def along(self, first: str, last: str, row: str | None = None) -> str:
        """Address of the cells of a row from one column to another; of the heading where no row is named."""
        if row is None:
            return f"{self.heading(first)}:{self.heading(last)}"
        return f"{self.cell(first, row)}:{self.cell(last, row)}"


def place(sheet: Sheet) -> Placement:
    """Where each block, line and chart of a sheet stands, and how wide its columns are."""
    row = len(sheet.lines) + 2
    blocks: dict[str, Placed] = {}
    charts: list[PlacedChart] = []
    sentences: list[tuple[Sentence, int]] = []
    pictures: list[tuple[Picture, int]] = []
    for item in sheet.items:
        if isinstance(item, Picture):
            pictures.append((item, row))
            row += item.height + 3
            continue
        if isinstance(item, Sentence):
            above = row if item.title else row - 1
            sentences.append((item, above))
            row = above + 3
            continue
        if isinstance(item, Chart):
            charts.append(PlacedChart(item, row))
            row += item.height + 1
            continue
        lines = {}
        for line, there in (("title", item.title), ("intro", item.intro)):
            lines[line] = row if there else -1
            row += bool(there)
        last = row + len(item.body)
        blocks[item.name] = Placed(item, lines["title"], lines["intro"], row, row + 1, last)
        row = last + 2
    columns = max((len(block.columns) for block in sheet.blocks), default=1)
    widths = sheet.widths or grid.widths(columns, _widest_figure(sheet.blocks))
    return Placement(blocks, charts, sentences, widths, pictures)


def _widest_figure(blocks: Sequence[Block]) -> float:
    """How wide the widest figure of some blocks is, in characters."""
    return max(
        (
            grid.characters(_as_shown(column, row))
            for block in blocks
            for column in block.columns[2:]
            if column.kind in NUMERIC
            for row in block.rows
        ),
        default=0,
    )


def _as_shown(column: Column, row: Row) -> str:
    value = plain(row.get(column.key))
    figure = shown(value, column.kind, unit_of(column, row)) if is_number(value) else str(value or "")
    return f"{figure} {MARK}" if is_revised(column, row) else figure


def _column(block: Block, key: str) -> int:
    return next(i for i, column in enumerate(block.columns) if column.key == key)

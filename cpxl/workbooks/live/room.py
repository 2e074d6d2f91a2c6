"""Rows and columns that come into the tables of an open sheet, or go, and where everything then stands.

Rows and columns are counted from 0. What is 'of the file' stands where it stood before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from cpxl.layout.blocks import Block, Content, Row, Sheet, plain, unit_of
from cpxl.layout.place import Placed
from cpxl.model import Value
from cpxl.workbooks import excel
from cpxl.workbooks.formats import number_format
from cpxl.workbooks.live import edits
from cpxl.workbooks.live.edits import Edit
from cpxl.workbooks.live.refusals import disarranged
from cpxl.workbooks.surroundings import Surroundings, Table
from cpxl.workbooks.typed import Area, same

ANYTHING: Any = object()
"""What stands in a cell that is written whatever stands there."""


class Cell(NamedTuple):
    """A cell as it is when its turn comes: its value, and the name of the number format that it was drawn with."""

    value: Value
    look: str


class Columns(NamedTuple):
    """Columns that come into a block: before which of its columns, how many, and which one they look like then."""

    at: int
    more: int
    like: int


class Widened(NamedTuple):
    """What moves to the right: rows of the file, from which column on, and how far."""

    first: int
    last: int
    at: int
    more: int


class Room:
    """What is done to a sheet before anything is written on it.

    areas: of each block, by its name, where it stands in the file.
    """

    def __init__(self, sheet: Sheet, around: Surroundings, areas: Mapping[str, Area]) -> None:
        self.sheet, self.around, self.areas = sheet, around, areas
        self.edits: list[Edit] = []
        self.columns: dict[str, Columns] = {}
        self.widened: list[Widened] = []
        self.shifts: list[tuple[int, int]] = []  # the row of the file from which on rows move, and how far
        self.inserted: list[tuple[int, int]] = []  # rows that come in: the first of them, and how many
        self.changed: set[str] = set()  # blocks that become longer, shorter or wider
        self.gone: dict[int, int] = {}  # rows of the file that go, and how many of their cells are cpxl's
        self.displaced: set[int] = set()  # rows of the file with something that comes to stand in another row
        for block in sheet.blocks:
            if columns := self._new_columns(block):
                self.columns[block.name] = columns
                self.changed.add(block.name)
        self._widen()

    # Columns

    def _new_columns(self, block: Block) -> Columns | None:
        """A new quarter's column goes before the one to fill in, which so keeps its looks; else before the last."""
        heading, _, _, right = self.areas[block.name]
        count = len(block.columns) - (right + 1)
        entered = [at - count for at, column in enumerate(block.columns) if column.entered]
        at = entered[-1] if entered else right
        has_table = self.around.table_at(heading, 0) is not None
        if count < 0 or (count and (at < 2 or has_table == self.sheet.protected)):  # a form has no tables
            raise disarranged(self.sheet, block)
        # Beside the words they would look like these.
        return Columns(at, count, right + count if at == 2 else at - 1) if count else None

    def _widen(self) -> None:
        """Plan all columns, before any row: those of blocks below each other come in at once, where Excel lets them."""
        together: list[tuple[Area, Columns]] = []
        was_wider = False
        for block in self.sheet.blocks:
            area, columns = self.areas[block.name], self.columns.get(block.name)
            if columns and (table := self.around.table_at(*area[:2])):
                self.edits.append(edits.add_columns(table.name, columns.at, columns.more))
                together.append((area, columns))
            elif columns and was_wider and together[-1][1] == columns:
                top = together[-1][0]
                together[-1] = (top[0], top[1], area[2], area[3]), columns
            elif columns:
                together.append((area, columns))
            was_wider = columns is not None
        for (first, _, last, _), (at, more, like) in together:
            cells = (first, at, last, at + more - 1)
            if self.sheet.protected:
                self.edits.append(edits.insert_cells(cells))
            if like > at:
                self.edits.append(edits.copy_column(cells, like))
            self.widened.append(Widened(first, last, at, more))

    def column_now(self, table: Table, column: int) -> int:
        """Where a column of a table is, from its first on, once others have come in."""
        name = next((name for name, area in self.areas.items() if area[:2] == table.area[:2]), "")
        columns = self.columns.get(name)
        return column + (columns.more if columns and column >= columns.at else 0)

    def area_now(self, table: Table) -> Area:
        """Where a table is once rows and columns have come in or gone."""
        heading, left, last, right = table.area
        lines = [self.now(row) for row in range(heading, last + 1) if row not in self.gone]
        moved = sum(w.more for w in self.widened if w.first <= heading and last <= w.last and w.at <= left)
        return lines[0], left + moved, lines[-1], left + moved + self.column_now(table, right - left)

    # Rows

    def now(self, row: int) -> int:
        """Where a row of the file is once the rows above it have come in or gone."""
        return row + sum(shift for start, shift in self.shifts if row >= start)

    def make(self, placed: Placed, found: Sequence[Sequence[Value]]) -> list[list[Cell]]:
        """Plan rows in and out of a block, after those of the blocks above it, and give its cells as they will then be.

        placed: where it will stand. found: its cells in the file.
        """
        block = placed.block
        heading, _, last, _ = self.areas[block.name]
        cells = self._with_columns(block, found)
        # Rows come in or go where rows begin to differ: so a note stays with the row that it is on.
        were, wanted = last - heading, len(block.body)
        if were != wanted:
            self.changed.add(block.name)
        new_rows = [[plain(content) for content in row] for row in contents_of(block)[1:]]
        old_rows = [[cell.value for cell in row] for row in cells[1:]]
        same_rows = sum(1 for _ in takewhile(lambda pair: _alike(*pair), zip(old_rows, new_rows, strict=False)))
        if wanted > were == 1:  # the row above is the heading, and new rows must not look like that
            self._insert(placed.first, wanted - were, heading + 1, edits.AS_BELOW)
            above = [Cell(None, cell.look) for cell in cells[1]]
            if excel.MAC or block.entered:  # Excel for Mac goes by the row above
                above = cells[1]
                self.edits.append(edits.fill_up(placed.first, wanted - were, placed.right))
            cells[1:1] = [above] * (wanted - were)
        elif wanted > were:
            at = min(max(same_rows, 1), were - 1)  # inside the table, which then grows
            self._insert(placed.first + at, wanted - were, heading + 1 + at, edits.AS_ABOVE)
            cells[1 + at : 1 + at] = [[Cell(None, cell.look) for cell in cells[at]]] * (wanted - were)
        elif wanted < were:
            at = min(same_rows, wanted)
            self.edits.append(edits.delete_rows(placed.first + at, were - wanted))
            first = heading + 1 + at
            self.gone |= dict.fromkeys(range(first, first + were - wanted), len(found[0]))
            self.shifts.append((first + were - wanted, wanted - were))
            del cells[1 + at : 1 + at + were - wanted]
        self.displaced |= {
            heading + 1 + at
            for at, row in enumerate(old_rows)
            if (now := self.now(heading + 1 + at) - placed.first) < wanted and not _alike(row, new_rows[now])
            if any(_alike(row, other) for other in new_rows)
        }
        return cells

    def _with_columns(self, block: Block, found: Sequence[Sequence[Value]]) -> list[list[Cell]]:
        """The cells of a block once its columns have come in."""
        columns = list(block.columns)
        new = self.columns.get(block.name)
        if new:
            del columns[new.at : new.at + new.more]
        of = _by_label(block)
        cells: list[list[Cell]] = []
        for row in found:
            said = of.get(row[0], {})
            pairs = zip(columns, row, strict=True)
            cells.append([Cell(v, number_format(column.kind, v, unit_of(column, said))) for column, v in pairs])
        if new is None:
            return cells
        at, count, like = new
        value = ANYTHING if like > at else None
        like -= count if like > at else 0
        return [[*row[:at], *[Cell(value, row[like].look)] * count, *row[at:]] for row in cells]

    def _insert(self, row: int, count: int, was: int, look: str) -> None:
        """Plan rows in. was: the row of the file that they come in above."""
        self.edits.append(edits.insert_rows(row, count, look))
        self.inserted.append((row, count))
        self.shifts.append((was, count))


def contents_of(block: Block) -> list[list[Content]]:
    """A block's headings and rows as they stand on the sheet."""
    headings: list[Content] = [*block.headings]
    return [headings, *[[row.get(column.key) for column in block.columns] for row in block.body]]


def _by_label(block: Block) -> dict[Value, Row]:
    """The rows of a block by their labels, which say what is counted in; without labels that rows have in common."""
    labels = [plain(row.get(block.columns[0].key)) for row in block.body]
    counts = Counter(labels)
    return {label: row for label, row in zip(labels, block.body, strict=True) if counts[label] == 1}


def _alike(row: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether two rows are of one thing, though its figures may be others: the label is the same, and so are texts."""
    texts = (pair for pair in zip(row, other, strict=True) if isinstance(pair[0], str) and isinstance(pair[1], str))
    return same(row[0], other[0]) and all(text == others for text, others in texts)

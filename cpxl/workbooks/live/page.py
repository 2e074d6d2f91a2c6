"""One sheet of an open workbook: what of it differs from the layout, writing that, and reading it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zipfile import ZipFile

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from cpxl.errors import Refused
from cpxl.layout.blocks import Block, Content, Formula, Sheet, plain, unit_of
from cpxl.layout.place import Here, Placed, Placement, place
from cpxl.model import Value
from cpxl.theme import Theme
from cpxl.workbook_names import defined_name
from cpxl.workbooks import excel
from cpxl.workbooks.formats import excel_format, number_format
from cpxl.workbooks.live import edits, refusals
from cpxl.workbooks.live.edits import Edit
from cpxl.workbooks.live.room import Cell, Room, contents_of
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.surroundings import Surroundings
from cpxl.workbooks.typed import Area, areas, as_rows, entry, joined, same

if TYPE_CHECKING:
    import xlwings

NOTHING: tuple[Content, Here] = None, Here(Placement({}, (), (), ()), "")


def name_of(there: OpenWorkbook, sheet: str, block: Block) -> str:
    """The name that a block has in the file, which may be one of before: a plan has got another name."""
    names = [defined_name(name) for name in (block.name, *block.formerly)]
    return next((name for name in names if sheet in [area[0] for area in there.areas.get(name, ())]), names[0])


def _area(there: OpenWorkbook, sheet: str, block: Block) -> Area:
    """Where a block is in the file: its first row and column, and its last."""
    areas = there.areas.get(name_of(there, sheet, block), ())
    return next((area[1:] for area in areas if area[0] == sheet), (0, 0, 0, 0))


class Page:
    """What is to be done on one sheet. Rows and columns are counted from 0."""

    def __init__(self, there: OpenWorkbook, parts: ZipFile, sheet: Sheet, theme: Theme) -> None:
        self.sheet = sheet
        self.found: list[list[Value]] = there.page(sheet.name)
        self.around = Surroundings(parts, there.parts[sheet.name])
        # A sheet of another quarter has other formulas, though they may come to the same.
        self.is_of_another_quarter = self._found(1, 0) != sheet.subtitle
        self.names = {block.name: name_of(there, sheet.name, block) for block in sheet.blocks}
        self.contents: dict[tuple[int, int], tuple[Content, Here]] = {}  # of every cell of the layout
        self.pieces: list[Area] = []  # what differs
        self.clashing: dict[int, int] = {}  # rows with headings that move to another column, and their last column
        self.looks: dict[str, list[tuple[int, int]]] = {}  # cells (column and row) that get another number format

        where = {block.name: _area(there, sheet.name, block) for block in sheet.blocks}
        below = 0
        for block in sheet.blocks:
            heading, left, last, _ = where[block.name]
            if left or heading <= below:
                raise refusals.disarranged(sheet, block)
            below = last
        self.room = room = Room(sheet, self.around, where)
        placement = place(sheet)
        drawn, self.widths = placement.blocks, placement.widths
        lines: list[tuple[int, int, int, Content, str]] = [(0, 0, 0, sheet.title, "")]
        lines += [(row, row, 0, line.content, "") for row, line in enumerate(sheet.lines, 1)]
        blocks: dict[str, Placed] = {}
        cells: dict[str, list[list[Cell]]] = {}
        for block in sheet.blocks:
            heading, _, last, right = where[block.name]
            moved = room.now(heading) - heading
            placed = _further_down(drawn[block.name], heading + moved - drawn[block.name].heading)
            texts = (placed.title, 0, block.title), (placed.title, 1, block.check), (placed.intro, 0, block.intro)
            lines += [(row, row - moved, column, text, block.name) for row, column, text in texts]
            blocks[block.name] = placed
            values = [[self._found(row, column) for column in range(right + 1)] for row in range(heading, last + 1)]
            cells[block.name] = room.make(placed, values)
        self.placement = Placement(blocks, (), (), ())
        for row, was, column, content, name in lines:
            if row >= 0 and content:
                self._line(row, was, column, content, name)
        for placed in blocks.values():
            self._block(placed, cells[placed.block.name])
        self.formulas = {(cell.row, cell.column) for cell in there.formula_cells[sheet.name]}
        self.others = self._others()
        refusals.refuse_to_lose(room, self.others, self.around.notes)
        self.edits: list[Edit] = [*room.edits, *self._wider(max(area[3] for area in where.values()))]
        self.edits += [
            edits.format_cells(together, excel_format(theme, look) if look else "General")
            for look in self.looks
            for together in excel.together(areas(self.looks[look]))
        ]
        self.pieces = joined(self.pieces, {(room.now(row), column) for row, column in self.others})

    @property
    def differs(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.edits or self.pieces)

    def refuse_what_excel_would(self) -> None:
        """Raise Refused, before anything is touched, where Excel would not do as it is told."""
        refusals.refuse_what_excel_would(self.room)

    # On the open sheet

    def write(self, page: xlwings.Sheet) -> None:
        """Do it."""
        around, room = self.around, self.room
        if around.is_protected:
            excel.unprotect(page)
        for table in around.filtered:
            cells = page.range(xl_range(*table.area))
            for found in table.filters or ():
                excel.filter_table(cells, found.column + 1)
        for edit in self.edits:
            edit(page)
        for area in self.pieces:
            cells = page.range(xl_range(*area))
            values = self._values(area)
            if any(area[0] <= row <= area[2] for row in self.clashing):
                cells.raw_value = self._without_headings(area, values)
            cells.raw_value = values
            if not around.filtered and not around.hidden_rows:  # which would not be hidden any more
                cells.rows.autofit()
        for row, count in room.inserted if around.hidden_rows else ():  # which are hidden below a hidden one
            page.range(edits.rows(row, row + count - 1)).rows.autofit()
        for table in around.filtered:
            cells = page.range(xl_range(*room.area_now(table)))
            for found in table.filters or ():
                excel.filter_table(cells, room.column_now(table, found.column) + 1, found.conditions, found.joined)
        if around.is_protected:
            excel.protect(page, around.protection)

    def prove(self, page: xlwings.Sheet) -> None:
        """Read the sheet back. Raises Refused if something on it, or the range of a block, is not as it should be."""
        now, gone = self.room.now, self.room.gone
        was = {(now(row), at): value for row, at, value in self._filled() if row not in gone}
        theirs = {(now(row), at) for row, at in self.formulas if row not in gone}
        arrays = [(now(top), left, now(bottom), right) for top, left, bottom, right in self.around.arrays]
        bottom = max(row for row, _ in [*self.contents, *was])
        right = max(column for _, column in self.contents)
        last_gone = max((row for row in gone), default=0)
        everything = as_rows(page.range(xl_range(0, 0, max(bottom, last_gone, 1), max(right, 1))).raw_value)
        for row, values in enumerate(everything):
            for column, found in enumerate(values):
                if (row, column) in self.contents:
                    wanted = plain(self.contents[row, column][0])
                elif (row, column) in theirs or any(a <= row <= c and b <= column <= d for a, b, c, d in arrays):
                    continue
                else:
                    wanted = was.get((row, column))
                    if not isinstance(wanted, str | None):
                        continue
                if not same(found, wanted):
                    raise self._disproved(xl_rowcol_to_cell(row, column), f"{found!r} instead of {wanted!r}")
        where = {
            self.names[name]: xl_range_abs(placed.heading, 0, placed.last, placed.right)
            for name, placed in self.placement.blocks.items()
            if name in self.room.changed
        }
        found = [part for names in excel.together([*where]) for part in excel.address(page.range(names)).split(",")]
        for (name, wanted), there in zip(where.items(), found, strict=True):
            if there != wanted:
                raise self._disproved(name, f"{there} instead of {wanted}")

    def _disproved(self, place: str, what: str) -> Refused:
        return Refused(
            f"{self.sheet.name}!{place} did not take what was written: it has {what}. Clear the filters of that sheet, "
            "save, then click again."
        )

    # Contents

    def _line(self, row: int, was: int, column: int, content: Content, block: str) -> None:
        """A line that is no part of a table."""
        found = self._found(was, column)
        if found is None:
            raise refusals.disarranged(self.sheet, self.placement.blocks[block].block if block else None)
        self.contents[row, column] = content, Here(self.placement, block)
        if self._differs(found, content):
            self.pieces.append((row, column, row, column))

    def _block(self, placed: Placed, found: list[list[Cell]]) -> None:
        """The smallest rectangle of a block that holds all that differs, and the number formats that do."""
        block, wanted = placed.block, contents_of(placed.block)
        for row, contents in enumerate(wanted):
            for at, content in enumerate(contents):
                self.contents[placed.heading + row, at] = content, Here(self.placement, block.name, row - 1)
        if not self.sheet.protected and _would_clash([cell.value for cell in found[0]], wanted[0]):
            self.clashing[placed.heading] = placed.right
        pairs = [list(zip(cells, contents, strict=True)) for cells, contents in zip(found, wanted, strict=True)]
        differ = [
            (row, at)
            for row, line in enumerate(pairs)
            for at, pair in enumerate(line)
            if self._differs(pair[0].value, pair[1])
        ]
        if not differ:
            return
        rows, columns = [row for row, _ in differ], [at for _, at in differ]
        top = placed.heading
        self.pieces.append((top + min(rows), min(columns), top + max(rows), max(columns)))
        for row, line in enumerate(pairs[1:], placed.first):
            said = block.body[row - placed.first]
            for at, (cell, content) in enumerate(line):
                look = number_format(block.columns[at].kind, plain(content), unit_of(block.columns[at], said))
                if look != cell.look:
                    self.looks.setdefault(look, []).append((at, row))

    def _values(self, area: Area) -> list[list[str | float]]:
        """What Excel is to be given for a rectangle."""
        top, left, bottom, right = area
        return [
            [entry(*self.contents.get((row, column), NOTHING)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]

    def _found(self, row: int, column: int) -> Value:
        """What the file has in a cell."""
        cells = self.found[row] if row < len(self.found) else []
        value = cells[column] if column < len(cells) else None
        return None if value == "" else value

    def _differs(self, found: Value, content: Content) -> bool:
        is_stale = self.is_of_another_quarter and isinstance(content, Formula)
        return is_stale or not same(found, plain(content))

    def _filled(self) -> Iterator[tuple[int, int, Value]]:
        """Row, column and value of each cell of the file with something in it."""
        for row, cells in enumerate(self.found):
            yield from ((row, at, value) for at, value in enumerate(cells) if value != "")

    def _without_headings(self, area: Area, values: list[list[str | float]]) -> list[list[str | float]]:
        """The same with other headings, where some move. Excel wants no two alike, not even for a moment."""
        top, left, _, _ = area
        return [
            [f"Column {at}" if at <= self.clashing.get(row, -1) else value for at, value in enumerate(line, left)]
            for row, line in enumerate(values, top)
        ]

    def _others(self) -> set[tuple[int, int]]:
        """Cells of the file, with something in them, that are none of the layout's."""
        filled = {(row, at) for row, at, _ in self._filled()}
        gone, now = self.room.gone, self.room.now
        return {
            (row, at)
            for row, at in filled | self.formulas
            if (at >= gone[row] if row in gone else (now(row), at) not in self.contents)
        }

    def _wider(self, was_last: int) -> Iterator[Edit]:
        """What else follows from columns that come in: widths, and what is printed. was_last: the last column."""
        last_row, last_column = (max(ends) for ends in zip(*self.contents, strict=True))
        if last_column > was_last and not self.sheet.widths:
            yield from (edits.widen(column, column, self.widths[column]) for column in (0, 1))
            yield edits.widen(was_last + 1, last_column, self.widths[-1])
            yield edits.print_only((0, 0, last_row, last_column))


def _further_down(placed: Placed, rows: int) -> Placed:
    """A block that stands further down."""
    lines = {line: getattr(placed, line) for line in ("title", "intro", "heading", "first", "last")}
    return replace(placed, **{line: row + rows if row >= 0 else row for line, row in lines.items()})


def _would_clash(found: Sequence[Value], wanted: Sequence[Content]) -> bool:
    """Whether a heading moves to another column. Excel, which wants no two alike, would give it another name there."""
    return any(heading in found and heading != found[at] for at, heading in enumerate(wanted))

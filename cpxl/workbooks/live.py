"""A layout into the workbook that is open in Excel, through xlwings.

Where everything is and what stands there is read from the workbook's file, which has to be as the open workbook is. So
finding out costs no call into Excel, each of which takes a millisecond or more. Then tables get and lose rows in their
midst, as a person would do it: Excel makes table and name longer or shorter and takes along whatever stands below,
notes, charts and formats. Last, of each block that differs, the part that differs is written in one piece.

A filter would keep Excel from writing into the rows that it hides, so filters are taken off and put back. In the end
every sheet that was touched is read back, and must be as the layout has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from cpxl.errors import Refused
from cpxl.layout import grid
from cpxl.layout.blocks import Block, Content, Formula, Here, Placed, Placement, Sheet, Workbook, place, plain, unit_of
from cpxl.layout.identity import identity_block, sheets_block
from cpxl.layout.names import TEMPLATE_VERSION, defined_name
from cpxl.model import Value
from cpxl.theme import Theme
from cpxl.workbooks import excel
from cpxl.workbooks.formats import excel_format, number_format
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.surroundings import Surroundings, Table
from cpxl.workbooks.typed import Area, areas, as_rows, entry, joined, same

if TYPE_CHECKING:
    import xlwings

NOTHING: tuple[Content, Here] = None, Here(Placement({}, (), (), ()), "")

Edit = Callable[["xlwings.Sheet"], None]
"""One thing to do on an open sheet."""


class LaidOutOtherwise(Refused):
    """The workbook has other sheets, tables or columns than the layout: it would have to be written anew."""


def plan(data: bytes, workbook: Workbook, theme: Theme) -> list[Page]:
    """What is to be done to an open workbook so that it is as a layout says: the sheets on which something differs.

    data: the bytes of the workbook's file, which has to be as the open workbook is.
    Raises LaidOutOtherwise if the sheets or blocks of the workbook are not those of the layout, and Refused if
    something that is not cpxl's would be lost.
    """
    there = OpenWorkbook(data)
    _refuse_other_layout(there, workbook)
    with ZipFile(BytesIO(data)) as parts:
        pages = [Page(there, parts, sheet, theme) for sheet in workbook.sheets]
    pages = [page for page in pages if page.differs]
    for page in pages:
        page.refuse_what_excel_would()
    return pages


def populate(book: xlwings.Book, pages: Sequence[Page], progress: Callable[[str], None]) -> dict[str, xlwings.Sheet]:
    """Do it; whatever is not the layout's stays as it is. Nothing is saved here. Gives the sheets that were worked on.

    progress: told the name of each sheet.
    Raises Refused if something does not stand there in the end as it should.
    """
    every = book.sheets
    sheets = {page.sheet.name: every[page.sheet.name] for page in pages}
    for page in pages:
        progress(page.sheet.name)
        page.write(sheets[page.sheet.name])
    book.app.calculate()
    for page in pages:
        page.prove(sheets[page.sheet.name])
    return sheets


def _refuse_other_layout(there: OpenWorkbook, workbook: Workbook) -> None:
    """Raise LaidOutOtherwise if there are other sheets or blocks of cpxl's in the workbook than in the layout."""
    facts = {str(row.values["fact"]): row.values["value"] for row in there.rows(identity_block()) or ()}
    if str(facts.get("template_version")) != TEMPLATE_VERSION:
        raise LaidOutOtherwise("The master was laid out by an earlier cpxl.")
    written = {str(row.values["sheet"]) for row in there.rows(sheets_block()) or ()}
    for sheet in workbook.sheets:
        if sheet.name in written and sheet.name not in there.sheets:
            raise Refused(f"The master has no sheet '{sheet.name}': give it that name back, then click again.")
    wanted = {(sheet.name, _name(there, sheet.name, block)) for sheet in workbook.sheets for block in sheet.blocks}
    sheets = written | {sheet.name for sheet in workbook.sheets}
    if wanted != {(area[0], name) for name, areas in there.areas.items() for area in areas if area[0] in sheets}:
        raise LaidOutOtherwise(
            "The master has other sheets and tables than config.yaml's strands, plans and measures ask for."
        )


def _name(there: OpenWorkbook, sheet: str, block: Block) -> str:
    """The name that a block has in the file, which may be one of before: a plan has got another name."""
    names = [defined_name(name) for name in (block.name, *block.formerly)]
    return next((name for name in names if sheet in [area[0] for area in there.areas.get(name, ())]), names[0])


def _area(there: OpenWorkbook, sheet: str, block: Block) -> Area | None:
    """Where a block is in the file: its first row and column, and its last."""
    areas = there.areas.get(_name(there, sheet, block), ())
    return next((area[1:] for area in areas if area[0] == sheet), None)


class _Cell(NamedTuple):
    """A cell as it is when its turn comes: its value, and the name of the number format that it was drawn with."""

    value: Value
    look: str


class Page:
    """What is to be done on one sheet. Rows and columns are counted from 0."""

    def __init__(self, there: OpenWorkbook, parts: ZipFile, sheet: Sheet, theme: Theme) -> None:
        self.sheet = sheet
        self.found: list[list[Value]] = there.page(sheet.name)
        self.around = Surroundings(parts, there.parts[sheet.name])
        # A sheet of another quarter has other formulas, though they may come to the same.
        self.is_of_another_quarter = self._found(1, 0) != sheet.subtitle
        self.edits: list[Edit] = []  # to be done before anything is written
        self.more: dict[str, tuple[int, int]] = {}  # columns that come into a table: at which, and how many
        self.widened: list[
            tuple[int, int, int]
        ] = []  # first and last row and column of what moves to the right as a table gets columns
        self.shifts: list[tuple[int, int]] = []  # the row of the file from which on rows move, and how far
        self.inserted: list[tuple[int, int]] = []  # rows that come in: the first of them, and how many
        self.names = {block.name: _name(there, sheet.name, block) for block in sheet.blocks}
        self.moved: set[str] = set()  # blocks that become longer, shorter or wider
        self.gone: dict[int, int] = {}  # rows of the file that go, and how many of their cells are cpxl's
        self.displaced: set[int] = set()  # rows of the file with something that comes to stand in another row
        self.contents: dict[tuple[int, int], tuple[Content, Here]] = {}  # of every cell of the layout
        self.pieces: list[Area] = []  # what differs
        self.looks: dict[str, list[tuple[int, int]]] = {}  # cells (column and row) that get another number format

        drawn = place(sheet).blocks
        lines: list[tuple[int, int, int, Content, str]] = [(0, 0, 0, sheet.title, "")]
        lines += [(row, row, 0, line.content, "") for row, line in enumerate(sheet.lines, 1)]
        blocks: dict[str, Placed] = {}
        cells: dict[str, list[list[_Cell]]] = {}
        below = 0
        for block in sheet.blocks:
            heading, left, last, right = _area(there, sheet.name, block) or (0, 0, 0, 0)
            if left or heading <= below:
                raise self._disarranged(block)
            moved, below = self._now(heading) - heading, last
            placed = _further_down(drawn[block.name], heading + moved - drawn[block.name].heading)
            texts = (placed.title, 0, block.title), (placed.title, 1, block.check), (placed.intro, 0, block.intro)
            lines += [(row, row - moved, column, text, block.name) for row, column, text in texts]
            blocks[block.name] = placed
            cells[block.name] = self._make_room(placed, heading, last, right)
        self.placement = Placement(blocks, (), (), ())
        for row, was, column, content, name in lines:
            if row >= 0 and content:
                self._line(row, was, column, content, name)
        for placed in blocks.values():
            self._block(placed, cells[placed.block.name])
        was_last = max(area[3] for block in sheet.blocks if (area := _area(there, sheet.name, block)))
        last_row, last_column = (max(ends) for ends in zip(*self.contents, strict=True))
        if last_column > was_last and not sheet.widths:
            widths = grid.widths(last_column + 1)
            self.edits += [partial(_widen, column, column, widths[column]) for column in (0, 1)]
            self.edits.append(partial(_widen, was_last + 1, last_column, grid.FIGURE))
            self.edits.append(partial(_print_only, (0, 0, last_row, last_column)))
        self.formulas = {(cell.row, cell.column) for cell in there.formula_cells[sheet.name]}
        others = self._others(self.formulas)
        self._refuse_to_lose(others, self.around.notes)
        self.edits += [
            partial(_format, cells, excel_format(theme, look) if look else "General")
            for look in self.looks
            for cells in excel.together(areas(self.looks[look]))
        ]
        self.pieces = joined(self.pieces, {(self._now(row), column) for row, column in others})

    @property
    def differs(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.edits or self.pieces)

    def refuse_what_excel_would(self) -> None:
        """Raise Refused, before anything is touched, where Excel would not do as it is told."""
        if self.around.has_password:
            raise Refused(f"The sheet '{self.sheet.name}' has a password: take that off, save, then click again.")
        if self.around.has_other_filters:
            raise Refused(
                f"The sheet '{self.sheet.name}' has a filter that cpxl could not put back, such as one by colour or "
                "date: click Clear on the Data tab, save, then click again."
            )
        for top, left, bottom, right in self.around.arrays:
            cuts = any(top < start <= bottom for start, _ in self.shifts) or any(
                top <= row <= bottom for row in self.gone
            )
            if cuts or any(at <= right and top <= last and first <= bottom for first, last, at in self.widened):
                raise Refused(
                    f"Rows or columns have to come into {self.sheet.name}!{xl_range(top, left, bottom, right)}, which "
                    "Excel forbids, as one formula fills these cells: move it elsewhere, save, then click again."
                )
        for top, left, bottom, right in (table.area for table in self.around.tables if table.name not in self.more):
            if any(
                at <= right and top <= last and first <= bottom and not (first <= top and bottom <= last and at <= left)
                for first, last, at in self.widened
            ):
                raise Refused(
                    f"A column has to come in that would move part of the table {self.sheet.name}!"
                    f"{xl_range(top, left, bottom, right)}, which Excel forbids: move it elsewhere, save, then click "
                    "again."
                )
        if hidden := self.displaced & self.around.hidden_rows:
            raise Refused(
                f"Row {min(hidden) + 1} of the sheet '{self.sheet.name}' is hidden, and other figures would come to "
                "stand in it: show it, save, then click again."
            )

    def write(self, page: xlwings.Sheet) -> None:
        """Do it."""
        if self.around.is_protected:
            excel.unprotect(page)
        for table in self.around.filtered:
            cells = page.range(xl_range(*table.area))
            for found in table.filters or ():
                excel.filter_table(cells, found.column + 1)
        for edit in self.edits:
            edit(page)
        for area in self.pieces:
            cells = page.range(xl_range(*area))
            cells.raw_value = self._values(area)
            if not self.around.filtered and not self.around.hidden_rows:  # which would not be hidden any more
                cells.rows.autofit()
        for row, count in self.inserted if self.around.hidden_rows else ():  # which are hidden below a hidden one
            page.range(_rows(row, row + count - 1)).rows.autofit()
        for table in self.around.filtered:
            cells = page.range(xl_range(*self._area_now(table)))
            for found in table.filters or ():
                excel.filter_table(cells, self._column_now(table, found.column) + 1, found.conditions, found.joined)
        if self.around.is_protected:
            excel.protect(page, self.around.protection)

    def prove(self, page: xlwings.Sheet) -> None:
        """Read the sheet back. Raises Refused if something on it, or the range of a block, is not as it should be."""
        was = {(self._now(row), at): value for row, at, value in self._filled() if row not in self.gone}
        theirs = {(self._now(row), at) for row, at in self.formulas if row not in self.gone}
        arrays = [(self._now(top), left, self._now(bottom), right) for top, left, bottom, right in self.around.arrays]
        bottom = max(row for row, _ in [*self.contents, *was])
        right = max(column for _, column in self.contents)
        gone = max((row for row in self.gone), default=0)
        everything = as_rows(page.range(xl_range(0, 0, max(bottom, gone, 1), max(right, 1))).raw_value)
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
        areas = {
            self.names[name]: xl_range_abs(placed.heading, 0, placed.last, placed.right)
            for name, placed in self.placement.blocks.items()
            if name in self.moved
        }
        found = [part for names in excel.together([*areas]) for part in excel.address(page.range(names)).split(",")]
        for (name, wanted), there in zip(areas.items(), found, strict=True):
            if there != wanted:
                raise self._disproved(name, f"{there} instead of {wanted}")

    def _disproved(self, place: str, what: str) -> Refused:
        return Refused(
            f"{self.sheet.name}!{place} did not take what was written: it has {what}. Clear the filters of that sheet, "
            "save, then click again."
        )

    def _column_now(self, table: Table, column: int) -> int:
        """Where a column of a table is once others have come in."""
        at, more = self.more.get(table.name, (0, 0))
        return column + (more if column >= at else 0)

    def _area_now(self, table: Table) -> Area:
        """Where a table is once rows and columns have come in or gone."""
        heading, left, last, right = table.area
        rows = [self._now(row) for row in range(heading, last + 1) if row not in self.gone]
        return rows[0], left, rows[-1], left + self._column_now(table, right - left)

    # Making room

    def _make_room(self, placed: Placed, heading: int, last: int, right: int) -> list[list[_Cell]]:
        """Plan rows and columns in and out of a block, and give its cells as they will then be.

        placed: where it will stand. heading, last, right: where it stands in the file.
        """
        block = placed.block
        kinds = [column.kind for column in block.columns]
        # A new quarter's column goes before the one to fill in, which so keeps its looks; else before the last.
        more = len(kinds) - (right + 1)
        entered = [at - more for at, column in enumerate(block.columns) if column.entered]
        new = entered[-1] if entered else right
        if more < 0:
            raise self._disarranged(block)
        del kinds[new : new + more]
        values = [[self._found(row, column) for column in range(right + 1)] for row in range(heading, last + 1)]
        cells = [[_Cell(v, number_format(kind, v)) for kind, v in zip(kinds, row, strict=True)] for row in values]
        table = self.around.table_at(heading, 0)
        if more and (new < 2 or (table is None) != self.sheet.protected):  # a form has no tables
            raise self._disarranged(block)
        if more and table:
            self.edits += [partial(_add_column, table.name, new, f"New column {number}") for number in range(more)]
            self.more[table.name] = new, more
        elif more:
            self.edits.append(partial(_insert_cells, (placed.heading, new, self._now(last), new + more - 1)))
        if more:
            like = new - 1
            if new == 2:  # they would look like the words beside them
                like = right
                self.edits.append(
                    partial(_as_last, (placed.heading, new, self._now(last), new + more - 1), right + more)
                )
            self.widened.append((heading, last, new))
            cells = [[*row[:new], *[_Cell(None, row[like].look)] * more, *row[new:]] for row in cells]

        # Rows come in or go where rows begin to differ: so a note stays with the row that it is on.
        were, wanted = last - heading, len(block.body)
        if more or were != wanted:
            self.moved.add(block.name)
        new_rows = [[plain(content) for content in row] for row in _contents(block)[1:]]
        old_rows = [[cell.value for cell in row] for row in cells[1:]]
        alike = sum(1 for _ in takewhile(lambda pair: _alike(*pair), zip(old_rows, new_rows, strict=False)))
        if wanted > were == 1:  # the row above is the heading, and new rows must not look like that
            self._insert(placed.first, wanted - were, heading + 1, "format_from_right_or_below")
            above = [_Cell(None, cell.look) for cell in cells[1]]
            if excel.MAC or block.entered:  # Excel for Mac goes by the row above
                above = cells[1]
                self.edits.append(partial(_copy_up, placed.first, wanted - were, placed.right))
            cells[1:1] = [above] * (wanted - were)
        elif wanted > were:
            at = min(max(alike, 1), were - 1)  # inside the table, which then grows
            self._insert(placed.first + at, wanted - were, heading + 1 + at, "format_from_left_or_above")
            cells[1 + at : 1 + at] = [[_Cell(None, cell.look) for cell in cells[at]]] * (wanted - were)
        elif wanted < were:
            at = min(alike, wanted)
            self.edits.append(partial(_delete, placed.first + at, were - wanted))
            self.gone |= dict.fromkeys(range(heading + 1 + at, heading + 1 + at + were - wanted), right + 1)
            self.shifts.append((heading + 1 + at + were - wanted, wanted - were))
            del cells[1 + at : 1 + at + were - wanted]
        self.displaced |= {
            heading + 1 + at
            for at, row in enumerate(old_rows)
            if (now := self._now(heading + 1 + at) - placed.first) < wanted and not _alike(row, new_rows[now])
            if any(_alike(row, other) for other in new_rows)
        }
        return cells

    def _insert(self, row: int, count: int, was: int, look: str) -> None:
        """Plan rows in. was: the row of the file that they come in above."""
        self.edits.append(partial(_insert, row, count, look))
        self.inserted.append((row, count))
        self.shifts.append((was, count))

    def _now(self, row: int) -> int:
        """Where a row of the file is once the rows above it have come in or gone."""
        return row + sum(shift for start, shift in self.shifts if row >= start)

    # Contents

    def _line(self, row: int, was: int, column: int, content: Content, block: str) -> None:
        """A line that is no part of a table."""
        found = self._found(was, column)
        if found is None:
            raise self._disarranged(self.placement.blocks[block].block if block else None)
        self.contents[row, column] = content, Here(self.placement, block)
        if self._differs(found, content):
            self.pieces.append((row, column, row, column))

    def _block(self, placed: Placed, found: list[list[_Cell]]) -> None:
        """The smallest rectangle of a block that holds all that differs, and the number formats that do."""
        block, wanted = placed.block, _contents(placed.block)
        for row, contents in enumerate(wanted):
            for at, content in enumerate(contents):
                self.contents[placed.heading + row, at] = content, Here(self.placement, block.name, row - 1)
        if _would_clash([cell.value for cell in found[0]], wanted[0]):
            names: list[str | float] = [f"Column {at}" for at in range(len(wanted[0]))]
            self.edits.append(partial(_set, (placed.heading, 0, placed.heading, placed.right), [names]))
            found = [[_Cell(str(name), "") for name in names], *found[1:]]
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

    # What is not cpxl's

    def _others(self, formulas: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Cells of the file, with something in them, that are none of the layout's."""
        ours = set(self.contents)
        filled = {(row, at) for row, at, _ in self._filled()}
        return {
            (row, at)
            for row, at in filled | formulas
            if (at >= self.gone[row] if row in self.gone else (self._now(row), at) not in ours)
        }

    def _refuse_to_lose(self, others: set[tuple[int, int]], notes: set[tuple[int, int]]) -> None:
        """Raise Refused if something that is not cpxl's stands in a row that goes, or that becomes another."""
        for row, column in sorted(others | notes):
            what = "The note at" if (row, column) in notes else "What stands in"
            place = f"{what} {self.sheet.name}!{xl_rowcol_to_cell(row, column)}"
            if row in self.gone:
                raise Refused(
                    f"{place} would be lost, because that row of the table is no longer needed: move it elsewhere, "
                    "save, then click again."
                )
            if row in self.displaced:
                raise Refused(
                    f"{place} would come to stand at another row, because rows come into the table at its end: move "
                    "it elsewhere, save, then click again."
                )

    def _disarranged(self, block: Block | None) -> Refused:
        what = f"The table '{block.title or block.name}'" if block else "The title"
        return Refused(
            f"{what} on the sheet '{self.sheet.name}' is not where cpxl put it, or has columns that are "
            "not cpxl's: put that right, then click again."
        )


def _further_down(placed: Placed, rows: int) -> Placed:
    """A block that stands further down."""
    lines = {line: getattr(placed, line) for line in ("title", "intro", "heading", "first", "last")}
    return replace(placed, **{line: row + rows if row >= 0 else row for line, row in lines.items()})


def _contents(block: Block) -> list[list[Content]]:
    """A block's headings and rows as they stand on the sheet."""
    headings: list[Content] = [*block.headings]
    return [headings, *[[row.get(column.key) for column in block.columns] for row in block.body]]


def _alike(row: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether two rows are of one thing, though its figures may be others: the label is the same, and so are texts."""
    texts = (pair for pair in zip(row, other, strict=True) if isinstance(pair[0], str) and isinstance(pair[1], str))
    return same(row[0], other[0]) and all(text == others for text, others in texts)


def _would_clash(found: Sequence[Value], wanted: Sequence[Content]) -> bool:
    """Whether a heading moves to another column. Excel, which wants no two alike, would give it another name there."""
    return any(heading in found and heading != found[at] for at, heading in enumerate(wanted))


# What is done on the open sheet


def _rows(first: int, last: int) -> str:
    return f"{first + 1}:{last + 1}"


def _insert(row: int, count: int, look: str, page: xlwings.Sheet) -> None:
    page.range(_rows(row, row + count - 1)).insert("down", look)


def _copy_up(row: int, count: int, right: int, page: xlwings.Sheet) -> None:
    """Fill new rows with the one below them, and so with its looks and its lists to choose from."""
    page.range(xl_range(row + count, 0, row + count, right)).copy(page.range(xl_range(row, 0, row + count - 1, right)))


def _delete(row: int, count: int, page: xlwings.Sheet) -> None:
    page.range(_rows(row, row + count - 1)).delete("up")


def _add_column(table: str, at: int, name: str, page: xlwings.Sheet) -> None:
    page.tables[table].columns.add(name, at + 1)


def _insert_cells(area: Area, page: xlwings.Sheet) -> None:
    page.range(xl_range(*area)).insert("right", "format_from_left_or_above")


def _as_last(area: Area, last: int, page: xlwings.Sheet) -> None:
    """Have new columns look like the last one, without what stands in it."""
    top, left, bottom, right = area
    page.range(xl_range(top, last, bottom, last)).copy(page.range(xl_range(*area)))
    _set(area, [[""] * (right - left + 1)] * (bottom - top + 1), page)


def _widen(first: int, last: int, characters: float, page: xlwings.Sheet) -> None:
    page.range(xl_range(0, first, 0, last)).column_width = characters


def _print_only(area: Area, page: xlwings.Sheet) -> None:
    page.page_setup.print_area = xl_range_abs(*area)


def _set(area: Area, values: list[list[str | float]], page: xlwings.Sheet) -> None:
    page.range(xl_range(*area)).raw_value = values


def _format(cells: str, number_format: str, page: xlwings.Sheet) -> None:
    page.range(cells).number_format = number_format

"""A layout into the workbook that is open in Excel, through xlwings.

Where everything is and what stands there is read from the workbook's file, which has to be as the open workbook is. So
finding out costs no call into Excel, each of which takes a millisecond or more. Then tables get and lose rows in their
midst, as a person would do it: Excel makes table and name longer or shorter and takes along whatever stands below,
notes, charts and formats. Last, of each block that differs, the part that differs is written in one piece.

Excel takes the texts it is given as if they were typed: `=1+1` for a formula, `1/2` for a date. What begins with an
apostrophe it takes as text, and the apostrophe is no part of it. So every text gets one.

No Excel was there to try this on. So every sheet that was touched is read back in the end, and must be as the layout
has it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from itertools import takewhile
from posixpath import join, normpath
from typing import Any, NamedTuple
from zipfile import ZipFile

import xlwings
from xlsxwriter.utility import xl_cell_to_rowcol, xl_range, xl_rowcol_to_cell

from cpxl.errors import Refused
from cpxl.layout.blocks import Block, Content, Formula, Here, Placed, Placement, Sheet, Workbook, place, plain
from cpxl.layout.identity import sheets_block
from cpxl.layout.names import defined_name, table_name
from cpxl.model import Value
from cpxl.theme import Theme
from cpxl.workbooks import excel
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.write import number_format

PROTECTED = re.compile(rb"<sheetProtection\b([^>]*)>")
PASSWORD = re.compile(rb"\b(?:password|hashValue)=\"[^\"]")
COMMENTS = re.compile(r"Target=\"([^\"]*omments?\d*\.xml)\"")
COMMENT = re.compile(rb"<(?:comment|threadedComment)\b[^>]*\bref=\"([A-Z]+\d+)\"")
HIDDEN_ROW = re.compile(rb"<row\b[^>]*\bhidden=\"(?:1|true)\"")
FIRST_DAY = datetime(1899, 12, 30)
"""Day 0 of Excel's dates."""
LONGEST_ADDRESS = 255
"""Characters of an address, as Excel takes it."""

Area = tuple[int, int, int, int]
"""First row and column, and last row and column, from 0."""

NOTHING: tuple[Content, Here] = None, Here(Placement({}, (), ()), "")

Edit = Callable[[xlwings.Sheet], None]
"""One thing to do on an open sheet."""


def plan(data: bytes, workbook: Workbook, theme: Theme) -> list[Page]:
    """What is to be done to an open workbook so that it is as a layout says: the sheets on which something differs.

    data: the bytes of the workbook's file, which has to be as the open workbook is.
    Raises Refused if the sheets or blocks of the workbook are not those of the layout, or if something that is not
    cpxl's would be lost.
    """
    there = OpenWorkbook(data)
    _refuse_other_layout(there, workbook)
    with ZipFile(BytesIO(data)) as parts:
        pages = [Page(there, parts, sheet, theme) for sheet in workbook.sheets]
    return [page for page in pages if page.edits or page.pieces]


def populate(book: xlwings.Book, pages: Sequence[Page], progress: Callable[[str], None]) -> None:
    """Do it; whatever is not the layout's stays as it is. Nothing is saved here.

    progress: told the name of each sheet.
    Raises Refused if something does not stand there in the end as it should.
    """
    sheets = book.sheets
    for page in pages:
        progress(page.sheet.name)
        page.write(sheets[page.sheet.name])
    book.app.calculate()
    for page in pages:
        page.prove()


def _refuse_other_layout(there: OpenWorkbook, workbook: Workbook) -> None:
    """Raise Refused if there are other sheets or blocks of cpxl's in the workbook than in the layout."""
    written = {str(row.values["sheet"]) for row in there.rows(sheets_block()) or ()}
    for sheet in workbook.sheets:
        if sheet.name in written and sheet.name not in there.sheets:
            raise Refused(f"The master has no sheet '{sheet.name}': give it that name back, then click again.")
    wanted = {(sheet.name, defined_name(block.name)) for sheet in workbook.sheets for block in sheet.blocks}
    sheets = written | {sheet.name for sheet in workbook.sheets}
    if wanted != {(area[0], name) for name, areas in there.areas.items() for area in areas if area[0] in sheets}:
        raise Refused(
            "The master was made for other strands, plans or measures than config.yaml has now: close it and run "
            "'cpxl consolidate' once, which lays it out anew."
        )


def _area(there: OpenWorkbook, sheet: str, block: Block) -> Area | None:
    """Where a block is in the file: its first row and column, and its last."""
    return next((area[1:] for area in there.areas[defined_name(block.name)] if area[0] == sheet), None)


def _notes(parts: ZipFile, sheet: str) -> set[tuple[int, int]]:
    """The cells of a sheet (named by its part of the file) that have notes or comments."""
    folder, _, name = sheet.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    targets = COMMENTS.findall(parts.read(relations).decode()) if relations in parts.namelist() else []
    texts = [parts.read(normpath(join("/", folder, target)).lstrip("/")) for target in targets]
    return {xl_cell_to_rowcol(cell.decode()) for text in texts for cell in COMMENT.findall(text)}


class _Cell(NamedTuple):
    """A cell as it is when its turn comes: its value, and the name of the number format that it was drawn with."""

    value: Value
    look: str


class Page:
    """What is to be done on one sheet. Rows and columns are counted from 0."""

    def __init__(self, there: OpenWorkbook, parts: ZipFile, sheet: Sheet, theme: Theme) -> None:
        self.sheet = sheet
        self.found: list[list[Value]] = there.page(sheet.name)
        xml = parts.read(there.parts[sheet.name])
        protection = PROTECTED.search(xml)
        if protection and PASSWORD.search(protection[1]):
            raise Refused(f"The sheet '{sheet.name}' has a password: take that off, then click again.")
        self.is_protected = protection is not None
        self.has_hidden_rows = HIDDEN_ROW.search(xml) is not None
        # A sheet of another quarter has other formulas, though they may come to the same.
        self.is_of_another_quarter = self._found(1, 0) != sheet.subtitle
        self.edits: list[Edit] = []  # to be done before anything is written
        self.written: list[tuple[Area, xlwings.Range]] = []
        self.shifts: list[tuple[int, int]] = []  # the row of the file from which on rows move, and how far
        self.gone: dict[int, int] = {}  # rows of the file that go, and how many of their cells are cpxl's
        self.contents: dict[tuple[int, int], tuple[Content, Here]] = {}  # of every cell of the layout
        self.pieces: list[Area] = []  # what differs
        self.looks: dict[str, list[tuple[int, int]]] = {}  # cells (column and row) that get another number format

        drawn = place(sheet).blocks
        lines: list[tuple[int, int, Content, str]] = [(0, 0, sheet.title, ""), (1, 1, sheet.subtitle, "")]
        blocks: dict[str, Placed] = {}
        cells: dict[str, list[list[_Cell]]] = {}
        below = 0
        for block in sheet.blocks:
            heading, left, last, right = _area(there, sheet.name, block) or (0, 0, 0, 0)
            if left or heading <= below:
                raise self._disarranged(block)
            moved, below = self._now(heading) - heading, last
            placed = _further_down(drawn[block.name], heading + moved - drawn[block.name].heading)
            for row, text in ((placed.title, block.title), (placed.intro, block.intro), (placed.check, block.check)):
                lines.append((row, row - moved, text, block.name))
            blocks[block.name] = placed
            cells[block.name] = self._make_room(placed, heading, last, right)
        self.placement = Placement(blocks, (), ())
        for row, was, content, name in lines:
            if row >= 0 and content:
                self._line(row, was, content, name)
        for placed in blocks.values():
            self._block(placed, cells[placed.block.name])
        others = self._others({(cell.row, cell.column) for cell in there.formula_cells[sheet.name]})
        if self.gone:
            self._refuse_to_lose(others, _notes(parts, there.parts[sheet.name]))
        self.edits += [
            partial(_format, cells, theme.numbers.get(look, "General"))
            for look in self.looks
            for cells in _addresses(self.looks[look])
        ]
        self.pieces = _joined(self.pieces, {(self._now(row), column) for row, column in others})

    def write(self, page: xlwings.Sheet) -> None:
        """Do it."""
        if self.is_protected:
            excel.unprotect(page)
        for edit in self.edits:
            edit(page)
        for area in self.pieces:
            cells = page.range(xl_range(*area))
            cells.raw_value = self._values(area)
            if not self.has_hidden_rows:  # which would not be hidden any more
                cells.rows.autofit()
            self.written.append((area, cells))
        if self.is_protected:
            excel.protect(page)

    def prove(self) -> None:
        """Read back what was written. Raises Refused if it is not as the layout has it."""
        for (top, left, _, _), cells in self.written:
            for row, values in enumerate(_table(cells.raw_value), top):
                for column, found in enumerate(values, left):
                    wanted = plain(self.contents.get((row, column), NOTHING)[0])
                    if not _same(found, wanted):
                        raise Refused(
                            f"{self.sheet.name}!{xl_rowcol_to_cell(row, column)} did not take what was written: it has "
                            f"{found!r} instead of {wanted!r}. Clear the filters of that sheet, then click again."
                        )

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
        new = max(entered[0] if entered else right, 1)
        if more < 0:
            raise self._disarranged(block)
        del kinds[new : new + more]
        values = [[self._found(row, column) for column in range(right + 1)] for row in range(heading, last + 1)]
        cells = [[_Cell(v, number_format(kind, v)) for kind, v in zip(kinds, row, strict=True)] for row in values]
        for number in range(more):
            name = f"New column {number}"
            self.edits.append(partial(_add_column, table_name(self.sheet.name, block.name), new, name))
            cells = [[*row[:new], _Cell(None, row[new - 1].look), *row[new:]] for row in cells]
        if more and new == 1:
            self.edits.append(partial(_as_figures, placed.heading, self._now(last), more))

        # Rows come in or go where the first column begins to differ: so a note stays with the row that it is on.
        were, wanted = last - heading, len(block.body)
        labels = zip(cells[1:], _contents(block)[1:], strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: _same(pair[0][0].value, plain(pair[1][0])), labels))
        if wanted > were == 1:  # the row above is the heading, and new rows must not look like that
            self.edits.append(partial(_insert, placed.first, wanted - were, "format_from_right_or_below"))
            if excel.MAC or block.entered:  # Excel for Mac goes by the row above
                self.edits.append(partial(_copy_up, placed.first, wanted - were, placed.right))
            self.shifts.append((heading + 1, wanted - were))
            cells[1:1] = [cells[1]] * (wanted - were)
        elif wanted > were:
            at = min(max(alike, 1), were - 1)  # inside the table, which then grows
            self.edits.append(partial(_insert, placed.first + at, wanted - were, "format_from_left_or_above"))
            self.shifts.append((heading + 1 + at, wanted - were))
            cells[1 + at : 1 + at] = [[_Cell(None, cell.look) for cell in cells[at]]] * (wanted - were)
        elif wanted < were:
            at = min(alike, wanted)
            self.edits.append(partial(_delete, placed.first + at, were - wanted))
            self.gone |= dict.fromkeys(range(heading + 1 + at, heading + 1 + at + were - wanted), right + 1)
            self.shifts.append((heading + 1 + at + were - wanted, wanted - were))
            del cells[1 + at : 1 + at + were - wanted]
        return cells

    def _now(self, row: int) -> int:
        """Where a row of the file is once the rows above it have come in or gone."""
        return row + sum(shift for start, shift in self.shifts if row >= start)

    # Contents

    def _line(self, row: int, was: int, content: Content, block: str) -> None:
        """A line that is no part of a table."""
        found = self._found(was, 0)
        if found is None:
            raise self._disarranged(self.placement.blocks[block].block if block else None)
        self.contents[row, 0] = content, Here(self.placement, block)
        if self._differs(found, content):
            self.pieces.append((row, 0, row, 0))

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
            for at, (cell, content) in enumerate(line):
                look = number_format(block.columns[at].kind, plain(content))
                if look != cell.look:
                    self.looks.setdefault(look, []).append((at, row))

    def _values(self, area: Area) -> list[list[str | float]]:
        """What Excel is to be given for a rectangle."""
        top, left, bottom, right = area
        return [
            [_entry(*self.contents.get((row, column), NOTHING)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]

    def _found(self, row: int, column: int) -> Value:
        """What the file has in a cell."""
        cells = self.found[row] if row < len(self.found) else []
        value = cells[column] if column < len(cells) else None
        return None if value == "" else value

    def _differs(self, found: Value, content: Content) -> bool:
        is_stale = self.is_of_another_quarter and isinstance(content, Formula)
        return is_stale or not _same(found, plain(content))

    # What is not cpxl's

    def _others(self, formulas: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Cells of the file, with something in them, that are none of the layout's."""
        ours = set(self.contents)
        filled = {(row, at) for row, cells in enumerate(self.found) for at, value in enumerate(cells) if value != ""}
        return {
            (row, at)
            for row, at in filled | formulas
            if (at >= self.gone[row] if row in self.gone else (self._now(row), at) not in ours)
        }

    def _refuse_to_lose(self, others: set[tuple[int, int]], notes: set[tuple[int, int]]) -> None:
        """Raise Refused if something that is not cpxl's stands in a row that goes."""
        for row, column in sorted(others | notes):
            if row in self.gone:
                what = "The note at" if (row, column) in notes else "What stands in"
                raise Refused(
                    f"{what} {self.sheet.name}!{xl_rowcol_to_cell(row, column)} would be lost, because that row of the "
                    "table is no longer needed: move it elsewhere, save, then click again."
                )

    def _disarranged(self, block: Block | None) -> Refused:
        what = f"The table '{block.title or block.name}'" if block else "The title"
        return Refused(
            f"{what} on the sheet '{self.sheet.name}' is not where cpxl put it, or has columns that are "
            "not cpxl's: put that right, then click again."
        )


def _further_down(placed: Placed, rows: int) -> Placed:
    """A block that stands further down."""
    lines = {line: getattr(placed, line) for line in ("title", "intro", "check", "heading", "first", "last")}
    return replace(placed, **{line: row + rows if row >= 0 else row for line, row in lines.items()})


def _contents(block: Block) -> list[list[Content]]:
    """A block's headings and rows as they stand on the sheet."""
    headings: list[Content] = [*block.headings]
    return [headings, *[[row.get(column.key) for column in block.columns] for row in block.body]]


def _would_clash(found: Sequence[Value], wanted: Sequence[Content]) -> bool:
    """Whether a heading moves to another column. Excel, which wants no two alike, would give it another name there."""
    return any(heading in found and heading != found[at] for at, heading in enumerate(wanted))


def _joined(pieces: Sequence[Area], others: Collection[tuple[int, int]]) -> list[Area]:
    """Pieces of a sheet in few rectangles, none of which has something of somebody else in it."""
    joined: list[Area] = []
    for piece in sorted(pieces):
        if joined:
            top, left, bottom, right = (
                pick(ends) for pick, ends in zip((min, min, max, max), zip(joined[-1], piece, strict=True), strict=True)
            )
            if not any(top <= row <= bottom and left <= column <= right for row, column in others):
                joined[-1] = (top, left, bottom, right)
                continue
        joined.append(piece)
    return joined


def _addresses(cells: Collection[tuple[int, int]]) -> list[str]:
    """Cells (column and row) as addresses, `B3:B7,C4`, none longer than Excel takes."""
    runs: list[tuple[int, int, int]] = []
    for column, row in sorted(cells):
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    addresses: list[str] = []
    for column, first, last in runs:
        run = xl_range(first, column, last, column)
        if addresses and len(addresses[-1]) + len(run) < LONGEST_ADDRESS:
            addresses[-1] += f",{run}"
        else:
            addresses.append(run)
    return addresses


def _entry(content: Content, here: Here) -> str | float:
    """A cell's content as Excel is to be given it."""
    if isinstance(content, Formula):
        return content.text(here)
    value = _number(plain(content))
    if isinstance(value, str):
        return f"'{value}" if value else ""
    return "" if value is None else value


def _number(value: Any) -> Any:
    """A number or date as the number that Excel keeps; anything else as it is."""
    if isinstance(value, date):
        moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
        return (moment - FIRST_DAY) / timedelta(days=1)
    return float(value) if isinstance(value, int | float | Decimal) else value


def _table(values: Any) -> Sequence[Sequence[Any]]:
    """What was read of a rectangle as rows; of a single row or cell Excel does not always give rows."""
    rows = values if isinstance(values, list | tuple) else [values]
    return rows if isinstance(rows[0], list | tuple) else [rows]


def _same(found: Any, wanted: Value) -> bool:
    """Whether a cell's value is what is wanted."""
    found, wanted = (None if value == "" else _number(value) for value in (found, wanted))
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-12)
    return bool(found == wanted)


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


def _as_figures(heading: int, last: int, count: int, page: xlwings.Sheet) -> None:
    """Make columns that came in beside the labels look like those of figures."""
    page.range(xl_range(heading, 1, last, count)).horizontal_alignment = "right"
    page.range(xl_range(heading + 1, 1, last, count)).color = None


def _set(area: Area, values: list[list[str | float]], page: xlwings.Sheet) -> None:
    page.range(xl_range(*area)).raw_value = values


def _format(cells: str, number_format: str, page: xlwings.Sheet) -> None:
    page.range(cells).number_format = number_format

"""What is refused before anything is touched: what Excel would not do, what would be lost, what would mislead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from zipfile import ZipFile

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from cpxl.errors import Refused
from cpxl.layout.blocks import Block, Sheet
from cpxl.workbooks.live.references import looks
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.typed import Area

if TYPE_CHECKING:
    from cpxl.workbooks.live.page import Page
    from cpxl.workbooks.live.room import Room

AGAIN = "save, then click again."


def disarranged(sheet: Sheet, block: Block | None) -> Refused:
    """A table, or the title, is not as it was laid out."""
    what = f"The table '{block.title or block.name}'" if block else "The title"
    return Refused(
        f"{what} on the sheet '{sheet.name}' is not where cpxl put it, or has columns that are "
        "not cpxl's: put that right, then click again."
    )


def refuse_what_excel_would(room: Room) -> None:
    """Raise Refused where Excel would not do as it is told."""
    name, around = room.sheet.name, room.around
    if around.has_password:
        raise Refused(f"The sheet '{name}' has a password: take that off, {AGAIN}")
    if around.has_other_filters:
        raise Refused(
            f"The sheet '{name}' has a filter that cpxl could not put back, such as one by colour or "
            f"date: click Clear on the Data tab, {AGAIN}"
        )
    for area in around.arrays:
        if _is_cut(room, area) or any(_is_beside(area, row) for row in room.widened):
            raise Refused(
                f"Rows or columns have to come into {name}!{xl_range(*area)}, which "
                f"Excel forbids, as one formula fills these cells: move it elsewhere, {AGAIN}"
            )
    for area in around.pivots:
        if _is_cut(room, area) or any(_is_torn(area, row) for row in room.widened):
            raise Refused(
                f"Rows or columns have to come into the PivotTable {name}!{xl_range(*area)}, which "
                f"Excel forbids: move it to a sheet of its own, {AGAIN}"
            )
    ours = {area[:2] for area in room.areas.values()}
    for area in (table.area for table in around.tables if table.area[:2] not in ours):
        if _is_cut(room, area) or any(_is_torn(area, row) for row in room.widened):
            raise Refused(
                f"Rows or columns have to come in that would move part of the table {name}!"
                f"{xl_range(*area)}, which Excel forbids: move it elsewhere, {AGAIN}"
            )
    if hidden := room.displaced & around.hidden_rows:
        raise Refused(
            f"Row {min(hidden) + 1} of the sheet '{name}' is hidden, and other figures would come to "
            f"stand in it: show it, {AGAIN}"
        )


def _is_cut(room: Room, area: Area) -> bool:
    """Whether rows come in within an area, or some of its rows go."""
    top, _, bottom, _ = area
    return any(top < start <= bottom for start, _ in room.shifts) or any(top <= row <= bottom for row in room.gone)


def _is_beside(area: Area, moved: Area) -> bool:
    """Whether some of an area moves to the right. moved: what does: first and last row, from which column on."""
    top, _, bottom, right = area
    first, last, at, _ = moved
    return at <= right and top <= last and first <= bottom


def _is_torn(area: Area, moved: Area) -> bool:
    """Whether some of an area moves to the right, and some of it does not."""
    top, left, bottom, _ = area
    first, last, at, _ = moved
    return _is_beside(area, moved) and not (first <= top and bottom <= last and at <= left)


def refuse_to_lose(room: Room, others: Collection[tuple[int, int]], notes: Collection[tuple[int, int]]) -> None:
    """Raise Refused if something that is not cpxl's stands in a row that goes, or that becomes another."""
    for row, column in sorted({*others, *notes}):
        what = "The note at" if (row, column) in notes else "What stands in"
        place = f"{what} {room.sheet.name}!{xl_rowcol_to_cell(row, column)}"
        if row in room.gone:
            raise Refused(
                f"{place} would be lost, because that row of the table is no longer needed: move it elsewhere, {AGAIN}"
            )
        if row in room.displaced:
            raise Refused(
                f"{place} would come to stand at another row, because rows come into the table at its end: move "
                f"it elsewhere, {AGAIN}"
            )


def refuse_to_mislead(parts: ZipFile, there: OpenWorkbook, pages: Sequence[Page]) -> None:
    """Raise Refused if a formula or name of the coordinator's looks at a row in which another comes to stand."""
    rooms = {page.sheet.name: page.room for page in pages if page.room.displaced or page.room.gone}
    if not rooms:
        return
    theirs = {page.sheet.name: page.others for page in pages}
    for what, place, sheet, top, bottom in looks(parts, there.parts):
        room = rooms.get(sheet)
        if room is None or (place and place[0] in theirs and place[1:] not in theirs[place[0]]):
            continue
        rows = f"{sheet}!{top + 1}" if top == bottom else f"{sheet}!{top + 1}:{bottom + 1}"
        if all(row in room.gone for row in range(top, bottom + 1)):
            raise Refused(
                f"{what} looks at row {rows}, which would be lost, because it is no longer needed: take the formula "
                f"or name out, or have it look the figure up by its words, {AGAIN}"
            )
        if _misleads(room, top, bottom):
            raise Refused(
                f"{what} looks at row {rows}, where another row would come to stand: have it look the figure up by "
                f"its words (as SUMIFS and XLOOKUP do), or take it out, {AGAIN}"
            )


def _misleads(room: Room, top: int, bottom: int) -> bool:
    """Whether rows that something looks at become others. Of a whole table, and of its end, the new ones are part."""
    if top < bottom:
        for heading, _, last, _ in room.areas.values():
            if top <= heading + 1 and bottom >= last:
                return False
            if heading < top and bottom == last:
                return top in room.displaced
    return top in room.displaced or bottom in room.displaced

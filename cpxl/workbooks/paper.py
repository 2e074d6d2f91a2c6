"""Paper: how many lines a text takes, how high rows are, and where a page ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from cpxl.layout import grid
from cpxl.layout.blocks import NUMERIC, Block, Column, FileLink, Heading, Kind, Link, Row, plain
from cpxl.layout.place import Placed, Placement
from cpxl.model import Value

# Points on paper, of 12 pt Arial and of A4: Excel's height of a line, what several need besides, Excel's highest row.
LINE_HEIGHT, BELOW, HIGHEST_ROW = 15.0, 0.75, 409.0
LONG, SHORT = 841.9, 595.3
HEAD_AND_FOOT = 2 * grid.TOP * 72
ARIAL = "Arial"
_PLAIN = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
    "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
    "556 333 500 278 556 500 722 500 500 500 334 260 334 584 "
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 "
    "333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 "
    "611 389 556 333 611 556 778 556 556 500 389 280 389 584 "
)
PLAIN, BOLD = ({chr(32 + at): int(n) for at, n in enumerate(widths.split())} for widths in (_PLAIN, _BOLD))
"""How wide each character from the blank on is in Arial (and Helvetica), in thousandths of the size of the font."""
EM, BLANK = 16, 4.5
"""Pixels on the screen, in 12 pt: of the font's size and of a blank."""
CHARACTER, INDENTED = 8.9, 14
"""Pixels of room for text that a column has for each character of its width, and by which it is less where text stands
in: in LibreOffice, which gives a little less of both than Excel.
"""
LARGER = 13 / 12
"""How much larger the heading of a section in a table is than its text."""
WIDE = 1000
"""For characters that are not in the table."""
CAUTION, OTHER_FONT = 1.0, 1.15
"""Screens draw letters a little wider than print; fonts other than Arial may be wider still."""
BRIM = 0.97
"""The share of a page above which it is so full that another program may have no room for one more row."""
FULL_ENOUGH = 0.66
"""The share of a page above which it may end before a table that would fit on one page."""


def lines_needed(value: Value, width: float, *, indented: bool = False, bold: bool = False, font: str = ARIAL) -> int:
    """How many lines a text takes when it wraps in a column that is `width` characters wide."""
    if not isinstance(value, str):
        return 1
    room = width * CHARACTER - INDENTED * indented
    lines = 0
    for paragraph in value.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split():
            # A word that is longer than a line is broken where it has a hyphen, as far as it has any.
            for piece in [word] if _pixels(word, bold, font) <= room else HYPHENATED.findall(word):
                length = _pixels(piece, bold, font)
                if used and used + length > room:
                    lines, used = lines + 1, 0.0
                lines += int(max(0, length - 1) // room)
                used += length % room if length > room else length
            used += BLANK
    return max(lines, 1)


HYPHENATED = re.compile(r"[^-]*-+|[^-]+")


@lru_cache(10_000)  # a word is seen again and again
def _pixels(word: str, bold: bool, font: str) -> float:
    """How wide a word is on the screen, in 12 pt."""
    widths = BOLD if bold else PLAIN
    plain_word = unicodedata.normalize("NFD", word)
    ems = sum(widths.get(c, 0 if unicodedata.combining(c) else WIDE) for c in plain_word)
    return ems * EM / 1000 * (CAUTION if font == ARIAL else CAUTION * OTHER_FONT)


def row_heights(placement: Placement, line_height: float, font: str, sheet: str = "") -> dict[int, float]:
    """How high each row of a table with wrapped text is, in points, by its number. sheet: the name of theirs."""
    heights: dict[int, float] = {}
    for placed in placement.blocks.values():
        headings = dict(zip(placed.block.keys, placed.block.headings, strict=True))
        for number, row in enumerate([headings, *placed.block.body]):
            lines = max(
                _lines(placed.block, row, number, at, width, font, sheet)
                for at, width in enumerate(placement.widths[: len(placed.block.columns)])
            )
            if lines > 1:
                heights[placed.heading + number] = min(lines * line_height + BELOW, HIGHEST_ROW)
    return heights


def _lines(block: Block, row: Row, number: int, at: int, width: float, font: str, sheet: str) -> float:
    """How many lines of text a cell of a block is high. number: its row's; 0 are the headings. at: its column's."""
    column, is_total = block.columns[at], block.totalled and number == len(block.body)
    content = row.get(column.key)
    is_shortened = isinstance(content, FileLink) or (isinstance(content, Link) and content.sheet == sheet)
    if number and (column.one_line or is_shortened):
        return 1
    is_heading = isinstance(content, Heading)
    size = LARGER if is_heading else 1.0
    return size * lines_needed(
        plain(content),
        width / size,
        indented=stands_in(column, at),
        bold=number == 0 or is_total or is_heading,
        font=font,
    )


def stands_in(column: Column, at: int) -> bool:
    """Whether a column's text stands in: what is entered does, and words beside the labels, so that the two do not
    touch.
    """
    return (at > 0 or column.entered) and column.kind not in (*NUMERIC, Kind.TIME)


def page_breaks(placement: Placement, heights: Mapping[int, float], line_height: float) -> list[int]:
    """The rows before which to start a new page.

    A table or chart that fits on a page is not split, unless the page before would be left half empty; a table that is
    split keeps its title, its headings and its first rows together.
    """
    columns = len(placement.widths)
    upright = grid.is_upright(columns)
    width = sum(map(grid.pixels, placement.widths))
    scale = grid.PRINTED * min(1, (grid.UPRIGHT if upright else grid.ACROSS) / width)
    page = ((LONG if upright else SHORT) - HEAD_AND_FOOT) / scale

    breaks: list[int] = []
    start = 0
    only = the_only(placement)

    def height(first: int, last: int) -> float:
        again = heights.get(only.heading, line_height) if only and first > only.heading else 0
        return again + sum(heights.get(row, line_height) for row in range(first, last + 1))

    def before(top: int, bottom: int) -> int:
        """Where to break before a part: no blank row is left over from a page that is full, on a page of its own."""
        is_left_over = top - 1 > start and height(start, top - 1) > page * BRIM
        return top - 1 if is_left_over and height(top - 1, bottom) <= page else top

    for top, bottom, first in _parts(placement):
        if height(start, bottom) <= page:
            continue
        is_whole = height(top, bottom) <= page
        is_full = height(start, top - 1) > page * FULL_ENOUGH
        if top > start and (is_full or (is_whole and first == bottom)):  # what has no rows is never split
            start = before(top, bottom)
            breaks.append(start)
        if is_whole and start in (top - 1, top):
            continue
        row = first + 1  # at least two rows of a table stand below its headings
        while row <= bottom:
            if height(start, row) > page and row > start:
                at = row if row > first + 1 else before(top, bottom)
                if at > start:
                    breaks.append(at)
                    start = at
            row += 1
    return breaks


def the_only(placement: Placement) -> Placed | None:
    """The table of a sheet that has one and nothing else, whose headings stand on every page; None of any other."""
    blocks = list(placement.blocks.values())
    others = (*placement.charts, *placement.sentences, *placement.pictures)
    return blocks[0] if len(blocks) == 1 and not others else None


def _parts(placement: Placement) -> list[tuple[int, int, int]]:
    """Each table and chart, top to bottom: its first and last row, and the first row of its data."""
    parts = [_of_block(placed) for placed in placement.blocks.values()]
    parts += [(row, row + 1, row + 1) for _, row in placement.sentences]
    parts += [(row, row + 1 + picture.height, row + 1 + picture.height) for picture, row in placement.pictures]
    parts += [(chart.top, chart.bottom, chart.bottom) for chart in placement.charts]
    return sorted(parts)


def _of_block(placed: Placed) -> tuple[int, int, int]:
    return placed.top, placed.last, placed.first

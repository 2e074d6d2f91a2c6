"""How the cells of a form look, where it bears on what they say: struck through, hidden, shown as another figure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import islice
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from cpxl.layout.blocks import Block, units_by_label
from cpxl.model import Aside, Cell, Value, is_number
from cpxl.theme import shipped
from cpxl.units import COUNT, POINTS, UNITS
from cpxl.workbooks.read import OpenWorkbook, tidy
from cpxl.workbooks.shown import is_shown, is_text_shown
from cpxl.workbooks.survey import is_written_as_usual
from cpxl.workbooks.untrusted import Unreadable, elements, new_parser, row_and_column

MOST, MOST_AREAS = 200, 1_000
"""Cells of a kind that are said; areas with number formats under a condition."""
AREA = re.compile(r"([A-Z]{1,3})?(\d{1,7})?(?::([A-Z]{1,3})?(\d{1,7})?)?")
HIDING = (
    re.compile(rb"hidden\s*=\s*[\"'](?:1|t)"),
    re.compile(rb"ht(?<!\wht)\s*=\s*[\"']0?(?:\.\d*)?[\"']"),
    re.compile(rb"width\s*=\s*[\"']0?(?:\.\d*)?[\"']"),
)
COLUMN = re.compile(rb"<(?:\w+:)?col\b([^<>]*)>")
ATTRIBUTE = re.compile(rb"(\w+)\s*=\s*[\"']([^\"'<>]*)[\"']")
TEXT = re.compile(rb"<(?:\w+:)?(?:si|is)\b[^<>/]*>")
RUN = re.compile(rb"<(?:\w+:)?r\b[^<>]*>")
STRUCK = re.compile(rb"<(?:\w+:)?strike\b(?![^<>]*val\s*=\s*[\"'](?:0|f))")
STRIKE = b"strike"
NO = ("0", "false")
LEAST_CONTRAST = 1.25
"""Of a text and what is behind it; ordinary text should have 4.5."""
WORDS = re.compile(rb"<(?:\w+:)?t\b[^<>]*>([^<]*)")
END = re.compile(rb"</(?:\w+:)?(?:si|is)>")
Colour = tuple[int, ...] | str | None
WHITE: Colour = (255, 255, 255)
STYLE_PARTS = ("numFmt", "fonts", "font", "strike", "color", "fills", "fill", "fgColor", "cellXfs", "cellStyleXfs",
               "xf", "cellStyles", "dxfs")  # fmt: skip
LARGEST = 2 * 2**20
"""Bytes of a sheet, or of shared texts, up to which looks are gone through."""
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    48: "##0.0E+0",
    49: "@",
}
"""Number formats that a file need not spell out. (ECMA-376, 18.8.30; those of dates are left out.)"""


class Look(NamedTuple):
    """What a style of a cell does: strikes through; hides by its colour; its number format."""

    is_struck: bool
    is_unseen: bool
    format: str


Place = tuple[int, int]
"""Row and column of a cell, from 0."""


def looks(book: OpenWorkbook, sheet: str, blocks: Sequence[Block]) -> Iterator[Aside]:
    """What of a form, with these blocks, is struck through, or is not seen, or is seen otherwise than it is read.

    Raises Unreadable if there is too much to look at, and whatever a damaged part does.
    """
    page, xml = book.page(sheet), book.xml[sheet]
    if len(xml) > LARGEST or len(book.strings) > LARGEST or len(book.styles) > LARGEST:
        raise Unreadable("too-large")
    styles, wanted = _unusual(book.styles)
    wanted = {number for number in wanted if b's="%d"' % number in xml or b"s='%d'" % number in xml or not number}
    hides = any(sign.search(xml) for sign in HIDING)
    cells, rows = _cells(xml, wanted, hides=hides) if hides or wanted else ({}, set())
    seen = {place: styles[number] for place, number in cells.items() if _value(page, place) is not None}
    doubtful = [
        place for place, look in seen.items() if not _is_ours(look.format) and not _is_shown(page, place, look.format)
    ]
    entries = _filled_in(book, sheet, blocks) if hides or doubtful else {}

    struck = {place: "" for place, look in seen.items() if look.is_struck}
    if STRIKE in book.strings or STRIKE in xml:
        texts = {**_struck_texts(book.strings), **_struck_texts(xml)}
        struck |= {
            (row, column): texts[value]
            for row, values in enumerate(page)
            for column, value in enumerate(values)
            if value.__class__ is str and value in texts
        }
    for place, part in sorted(struck.items())[:MOST]:
        yield Aside(Aside.STRUCK, _cell(sheet, place), str(_value(page, place)), part)

    columns = _hidden_columns(xml) if hides else []
    unseen = {place: "in the colour of its cell" for place, look in seen.items() if look.is_unseen}
    for place in entries:
        if place[0] in rows:
            unseen[place] = f"row {place[0] + 1} is hidden"
        elif any(first <= place[1] <= last for first, last in columns):
            unseen[place] = f"column {xl_col_to_name(place[1])} is hidden"
    for place, why in sorted(unseen.items())[:MOST]:
        if (value := _value(page, place)) is not None:
            yield Aside(Aside.UNSEEN, _cell(sheet, place), str(value), why)

    otherwise = (place for place in sorted(doubtful) if place in entries)
    for place in islice(otherwise, MOST):
        if not (entries[place] and _is_shown(page, place, seen[place].format, as_percent=True)):
            yield Aside(Aside.SHOWN, _cell(sheet, place), str(_value(page, place)), seen[place].format)
    if conditional := _conditional_formats(xml, book.styles):
        entries = entries or _filled_in(book, sheet, blocks)
        under = ((place, code) for place in sorted(entries) for area, code in conditional if _is_in(place, area))
        wrong = ((at, code) for at, code in under if not _is_shown(page, at, code, as_percent=entries[at]))
        for place, code in islice(dict(wrong).items(), MOST):
            yield Aside(Aside.SHOWN, _cell(sheet, place), str(_value(page, place)), f"{code}, by a conditional format")


def _is_shown(page: Sequence[Sequence[Any]], place: Place, code: str, *, as_percent: bool = False) -> bool:
    """Whether a person sees what stands in a cell with a number format. as_percent: 0.71 may be shown as 71 %."""
    value = _value(page, place)
    if is_number(value):
        return is_shown(value, code, as_percent=as_percent)
    return not isinstance(value, str) or is_text_shown(code)


def _filled_in(book: OpenWorkbook, sheet: str, blocks: Sequence[Block]) -> dict[Place, bool]:
    """The cells that a lead has filled in, and whether each is a percentage."""
    entries = {}
    for block in blocks:
        units = units_by_label(block)
        for row in book.rows(block, sheet) or ():
            of_row = units.get(row.values.get(block.keys[0]), COUNT)
            for column in block.entered:
                if column.key in row.columns and row.values[column.key] is not None:
                    entries[row.row, row.columns[column.key]] = (column.unit or of_row).is_share
    return entries


def _cell(sheet: str, place: Place) -> Cell:
    return Cell(sheet, xl_rowcol_to_cell(*place))


def _value(page: Sequence[Sequence[Any]], place: Place) -> Value:
    row, column = place
    value = page[row][column] if row < len(page) and column < len(page[row]) else ""
    return tidy(value) if value != "" else None


@lru_cache(maxsize=1)
def _our_formats() -> frozenset[str]:
    """The number formats of the form, which may round: what a lead did not choose is no word of theirs."""
    plain = (*shipped().numbers.values(), "General", "@")
    return frozenset(_bare(unit.format(code)) for code in plain for unit in (*UNITS.values(), POINTS))


def _bare(code: str) -> str:
    """A number format without what programs add to it when they save."""
    return code.replace("\\", "").replace('"', "").casefold()


def _is_ours(code: str) -> bool:
    return _bare(code) in _our_formats()


# Under a condition

Area = tuple[Place, Place]
"""The first and last cell of an area."""


def _conditional_formats(xml: bytes, styles: bytes) -> list[tuple[Area, str]]:
    """The areas of a sheet that have number formats of somebody's own under a condition, be it met or not, and these.

    Raises Unreadable if they are very many.
    """
    own = {at: code for at, code in _formats_under_conditions(styles).items() if not _is_ours(code)}
    if not own and b":cfRule" not in xml:  # these have their formats with them
        return []
    found: list[tuple[Area, str]] = []
    areas, codes, is_later = "", list[str](), False
    for tag, about, text in [*elements(xml, "conditionalFormatting", "cfRule", "numFmt", "sqref"), ("", {}, [])]:
        match tag:
            case "cfRule" if not is_later and about.get("dxfId", "").isdecimal():
                codes += [code for code in [own.get(int(about["dxfId"]))] if code]
            case "numFmt" if is_later and not _is_ours(code := about.get("formatCode", "General")):
                codes.append(code)
            case "sqref" if codes:
                found += [(area, code) for area in _areas("".join(text)) for code in codes]
            case "conditionalFormatting" | "":
                found += [(area, code) for area in _areas(areas) for code in codes]
                areas, codes, is_later = about.get("sqref", ""), [], "sqref" not in about
        if len(found) > MOST_AREAS:
            raise Unreadable("too-large")
    return found


@lru_cache(maxsize=64)
def _formats_under_conditions(styles: bytes) -> dict[int, str]:
    """The number formats among what a file has for conditions, by their number."""
    found, number, is_there = dict[int, str](), -1, False
    for tag, about, _ in elements(styles, "dxfs", "dxf", "numFmt", "tableStyles") if b"<dxfs" in styles else ():
        is_there = (is_there or tag == "dxfs") and tag != "tableStyles"
        number += tag == "dxf"
        if is_there and tag == "numFmt" and number >= 0:
            found[number] = about.get("formatCode", "General")
    return found


def _areas(sqref: str) -> list[Area]:
    """`B3:C4 E:E` as areas, a whole column or row as far as a sheet goes."""
    found = []
    for one in sqref.split()[: MOST_AREAS + 1]:
        if ends := AREA.fullmatch(one.replace("$", "").upper()):
            left, top, right, bottom = ends.groups()
            if not (right or bottom):
                right, bottom = left, top
            first = int(top or 1) - 1, row_and_column(f"{left or 'A'}1")[1]
            found.append((first, (int(bottom or 2**20) - 1, row_and_column(f"{right or 'XFD'}1")[1])))
    return found


def _is_in(place: Place, area: Area) -> bool:
    (top, left), (bottom, right) = area
    return top <= place[0] <= bottom and left <= place[1] <= right


# Of the file


@lru_cache(maxsize=64)  # returns come with the styles that they were issued with
def _unusual(xml: bytes) -> tuple[list[Look], set[int]]:
    """The styles of cells, by their number, and the numbers of those that a form is not issued with."""
    styles = _styles(xml)
    return styles, {n for n, look in enumerate(styles) if look.is_struck or look.is_unseen or not _is_ours(look.format)}


def _styles(xml: bytes) -> list[Look]:
    """The styles of cells, by their number."""
    formats, fonts, fills, found, section = dict(BUILT_IN), list[_Font](), list[Colour](), list[Look](), ""
    for tag, about, _ in elements(xml, *STYLE_PARTS) if xml else ():
        match section, tag:
            case _, "fonts" | "fills" | "cellXfs" | "cellStyleXfs" | "cellStyles" | "dxfs":
                section = tag
            case "", "numFmt":
                formats[int(about.get("numFmtId", 0))] = about.get("formatCode", "General")
            case "fonts", "font":
                fonts.append(_Font())
            case "fonts", "strike" if fonts:
                fonts[-1].is_struck = about.get("val", "1") not in NO
            case "fonts", "color" if fonts:
                fonts[-1].colour = _colour(about)
            case "fills", "fill":
                fills.append(WHITE)
            case "fills", "fgColor" if fills:
                fills[-1] = _colour(about)
            case "cellXfs", "xf":
                font = fonts[n] if (n := int(about.get("fontId", 0))) < len(fonts) else _Font()
                fill = fills[n] if (n := int(about.get("fillId", 0))) < len(fills) else WHITE
                code = formats.get(int(about.get("numFmtId", 0)), "General")
                found.append(Look(font.is_struck, _is_alike(font.colour, fill), code))
    return found


@dataclass
class _Font:
    is_struck: bool = False
    colour: Colour = None


def _colour(about: Mapping[str, str]) -> Colour:
    """A colour as red, green and blue, or else as what the file calls it; None if it is none in particular."""
    rgb, tint = about.get("rgb", "")[-6:], about.get("tint", "0")
    if about.get("theme") in ("0", "1") and float(tint) == 0:
        rgb = "FFFFFF" if about["theme"] == "0" else "000000"
    elif about.get("indexed") in ("0", "1", "8", "9"):
        rgb = "FFFFFF" if about["indexed"] in ("1", "9") else "000000"
    if re.fullmatch("[0-9A-Fa-f]{6}", rgb) and float(tint) == 0:
        return tuple(bytes.fromhex(rgb))
    return None if about.get("auto") or not about else repr(sorted(about.items()))


def _is_alike(font: Colour, fill: Colour) -> bool:
    """Whether nobody can read what is written in one colour on the other."""
    if isinstance(font, tuple) and isinstance(fill, tuple):
        light, dark = sorted((_luminance(font), _luminance(fill)), reverse=True)
        return (light + 0.05) / (dark + 0.05) < LEAST_CONTRAST
    return font is not None and font == fill


def _luminance(colour: tuple[int, ...]) -> float:
    """How light a colour is. (Web Content Accessibility Guidelines 2.2, relative luminance.)"""
    parts = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _cells(xml: bytes, wanted: Collection[int], *, hides: bool) -> tuple[dict[Place, int], set[int]]:
    """The cells of a sheet with some of the styles, and the rows that are hidden. hides: whether there may be such."""
    if not hides and 0 not in wanted and is_written_as_usual(xml):
        styled = re.compile(rb'<c r="([A-Z]+\d+)" s="(%s)"' % b"|".join(b"%d" % style for style in wanted))
        return {row_and_column(found[1].decode()): int(found[2]) for found in styled.finditer(xml)}, set()
    cells: dict[Place, int] = {}
    hidden: set[int] = set()
    row = column = -1

    def start(tag: str, about: dict[str, str]) -> None:
        nonlocal row, column
        match tag.rpartition(":")[2]:
            case "row":
                row, column = int(about.get("r", row + 2)) - 1, -1
                if about.get("hidden", "0") not in NO or float(about.get("ht", "15")) < 1:
                    hidden.add(row)
            case "c":
                row, column = row_and_column(about["r"].upper()) if "r" in about else (row, column + 1)
                if (style := int(about.get("s", 0))) in wanted:
                    cells[row, column] = style

    parser = new_parser()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return cells, hidden


def _hidden_columns(xml: bytes) -> list[tuple[int, int]]:
    """The first and last column (from 0) of those that are hidden."""
    found = []
    for attributes in COLUMN.findall(xml[: xml.find(b"sheetData")]):
        about = {name.decode(): value.decode() for name, value in ATTRIBUTE.findall(attributes)}
        if about.get("hidden", "0") not in NO or float(about.get("width", "9")) < 1:
            found.append((int(about.get("min", 1)) - 1, int(about.get("max", 1)) - 1))
    return found


def _struck_texts(xml: bytes) -> dict[str, str]:
    """The texts with a part that is struck through, and that part."""
    found = {}
    for piece in TEXT.split(xml)[1:] if STRIKE in xml else ():
        runs = RUN.split(END.split(piece, maxsplit=1)[0])
        if struck := "".join(_words(run) for run in runs if STRUCK.search(run)):
            found["".join(map(_words, runs))] = struck
    return found


def _words(xml: bytes) -> str:
    return unescape(b"".join(WORDS.findall(xml)).decode(errors="replace"))

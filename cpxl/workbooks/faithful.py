"""What openpyxl changes in a file that it saves, without being asked, put back as it was.

Values of formulas, the last digits of numbers, rows that grow with what is typed, cell styles with names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any, NamedTuple

from defusedxml import ElementTree

ELSEWHERE = re.compile(r"\[\d+\][^\[\],!]*!|\|[^\"|!]*!")
"""In a formula: a link to another file, or to another program."""

FORMULA_CELL = re.compile(rb'<c r="([A-Z]+\d+)"([^>]*)>(<f\b[^>]*(?:/>|>[^<]*</f>))<v ?/></c>')
"""A cell with a formula, as openpyxl writes it: without the value."""

NUMBER_CELL = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*><v>)([^<]*)(</v></c>)')
"""A cell with a number, as openpyxl writes it: with 16 digits, though a stored one may have 17."""

FIXED_ROW = re.compile(rb'(<row r="(\d+)")([^>]*?) customHeight="1"')
"""A row with a height, as openpyxl writes it: always one that does not grow with what is typed."""

FONT = ("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name",
        "family", "charset", "scheme")  # fmt: skip
"""The parts of a font in the order of the Open XML schema, which openpyxl does not keep."""

STYLES = "xl/styles.xml"

Stored = Mapping[str, tuple[str, bytes]]
"""The type and the XML of the value that is stored, by the cell: of a sheet's formulas, and of its longest numbers."""


class Kept(NamedTuple):
    """What a file has that openpyxl does not keep: by the name of each sheet, and the names of cell styles."""

    stored: Mapping[str, Stored]
    fixed: Mapping[str, set[str]]
    styles: Mapping[str, str]


def noted(parts: Mapping[str, bytes], places: Mapping[str, str]) -> Kept:
    """What is to be put back later. places: the part of the file that each sheet is in."""
    pages = {name: ElementTree.fromstring(parts[part]) for name, part in places.items()}
    return Kept(
        {name: _stored_values(page) for name, page in pages.items()},
        {name: _fixed_rows(page) for name, page in pages.items()},
        _style_names(ElementTree.fromstring(parts[STYLES])) if STYLES in parts else {},
    )


def put_back(parts: dict[str, bytes], kept: Kept, places: Mapping[str, str]) -> None:
    """Put back what was noted, into the parts of the file as openpyxl wrote it. Rows of other sheets grow too."""
    for name, part in places.items():
        page = FIXED_ROW.sub(partial(_free_to_grow, kept.fixed.get(name, set())), parts[part])
        if name in kept.stored:
            page = FORMULA_CELL.sub(partial(_with_value, kept.stored[name]), page)
            page = NUMBER_CELL.sub(partial(_with_all_digits, kept.stored[name]), page)
        parts[part] = page
    styles = ElementTree.fromstring(parts[STYLES])
    for font in styles.iterfind(".//{*}font"):
        font[:] = sorted(font, key=lambda part: FONT.index(part.tag.rpartition("}")[2]))
    numbers = {name: number for number, name in _style_names(styles).items()}
    for look in styles.iterfind("{*}cellXfs/{*}xf"):  # the styles are numbered anew, and cells still have the old
        look.set("xfId", numbers.get(kept.styles.get(look.get("xfId", ""), ""), "0"))
    parts[STYLES] = ElementTree.tostring(styles)


def _stored_values(page: Any) -> Stored:
    stored = {}
    for cell in page.iterfind(".//{*}c"):
        kind, value = cell.get("t", "n"), cell.findtext("{*}v", "")
        is_formula = cell.find("{*}f") is not None and kind != "s" and (value or kind == "str")
        if is_formula or (kind == "n" and len(value) > 16):
            stored[cell.get("r", "")] = kind, escape(value, quote=False).encode()
    return stored


def _fixed_rows(page: Any) -> set[str]:
    """The numbers of rows whose height somebody has set, so that they do not grow with what is typed."""
    rows = page.iterfind(".//{*}row")
    return {row.get("r", "") for row in rows if row.get("customHeight") in ("1", "true")}


def _style_names(styles: Any) -> dict[str, str]:
    """The names of cell styles, by the numbers that cells have for them."""
    return {style.get("xfId", ""): style.get("name", "") for style in styles.iterfind("{*}cellStyles/{*}cellStyle")}


def _free_to_grow(fixed: set[str], found: re.Match[bytes]) -> bytes:
    """A row with its height fixed only if it was."""
    before, number, between = found.groups()
    return found[0] if number.decode() in fixed else before + between


def _with_all_digits(stored: Stored, found: re.Match[bytes]) -> bytes:
    """A cell with the number that the original has stored."""
    before, place, value, after = found.groups()
    return before + stored.get(place.decode(), ("n", value))[1] + after


def _with_value(stored: Stored, found: re.Match[bytes]) -> bytes:
    """A cell with the value that the original has stored. A formula that leads out of the file gives way to it."""
    place, attributes, formula = found.groups()
    if ELSEWHERE.search(formula.decode()):
        formula = b""
    if place.decode() not in stored:
        return b'<c r="%s"%s>%s</c>' % (place, attributes, formula)
    kind, value = stored[place.decode()]
    return b'<c r="%s"%s t="%s">%s<v>%s</v></c>' % (place, attributes, kind.encode(), formula, value)

"""The picture that a lead pasted where the form has room for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath
from xml.parsers.expat import ExpatError

from cpxl import pictures
from cpxl.pictures import Unusable
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import Unreadable, elements, refusing_damage

LARGEST_DRAWING = 2 * 2**20
"""Bytes of the XML of a sheet's drawings."""
ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
TAGS = (*ANCHORS, "from", "to", "row", "col", "pic", "blip", "srcRect")
SIDES = ("l", "t", "r", "b")


@dataclass
class Pasted:
    """A picture on a sheet: from which row (and column) to which it reaches, from 0; what leads to its file.

    link: it lies elsewhere, and is no part of the workbook.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    embed: str = ""
    link: str = ""
    crop: pictures.Crop = pictures.WHOLE


def pasted(book: OpenWorkbook, sheet: str, first: int, last: int) -> list[Pasted]:
    """The pictures on a sheet that reach into some rows (from 0). Raises Unreadable if its drawings cannot be read."""
    with refusing_damage():
        drawing = _related(book, book.parts[sheet], "drawing")
        found = list(_pictures(book, drawing)) if drawing else []
    return [one for one in found if one.rows and min(one.rows) <= last and max(one.rows) >= first]


def content(book: OpenWorkbook, sheet: str, one: Pasted) -> bytes:
    """A pasted picture, safe to go out. Raises Unusable, with what is wrong with it."""
    if one.link and not one.embed:
        raise Unusable("is a link to a file, which is not in the workbook")
    try:
        with refusing_damage():
            drawing = _related(book, book.parts[sheet], "drawing")
            part = _related(book, drawing, "image", one.embed)
            if not part or part not in book.file.entries:
                raise Unusable("is not in the workbook")
            if book.file.entries[part].file_size > min(pictures.LARGEST, book.file.left):
                raise Unusable(f"has more than {pictures.LARGEST // 2**20} MB")
            data = book.file[part]
    except Unreadable:
        raise Unusable("is damaged") from None
    return pictures.safe_copy(data, one.crop)


def _related(book: OpenWorkbook, part: str, kind: str, relation: str = "") -> str:
    """The part that a relation of a kind (with that id, if one is named) leads to; blank if there is none."""
    path = f"{dirname(part)}/_rels/{basename(part)}.rels"
    if path not in book.file.entries:
        return ""
    for _, about, _ in elements(_bounded(book, path), "Relationship"):
        is_it = about.get("Type", "").rpartition("/")[2] == kind and relation in ("", about.get("Id"))
        if is_it and about.get("TargetMode", "Internal") == "Internal":
            return normpath(join("/", dirname(part), about.get("Target", "")))[1:]
    return ""


def _bounded(book: OpenWorkbook, part: str) -> bytes:
    if part not in book.file.entries or book.file.entries[part].file_size > LARGEST_DRAWING:
        raise Unreadable("not-a-workbook")
    return book.file[part]


def _pictures(book: OpenWorkbook, drawing: str) -> Iterator[Pasted]:
    rows: list[int] = []
    columns: list[int] = []
    found: list[Pasted] = []
    try:
        every = elements(_bounded(book, drawing), *TAGS)
    except (ExpatError, ValueError):
        raise Unreadable("not-a-workbook") from None
    for tag, about, text in every:
        match tag:
            case "row" | "col":
                number = "".join(text).strip()
                (rows if tag == "row" else columns).append(min(int(number), 2**20) if number.isdecimal() else 0)
            case "pic":
                found.append(Pasted(rows, columns))
            case "blip" if found:
                for key, value in about.items():
                    name = key.rpartition(":")[2]
                    if name in ("embed", "link") and not getattr(found[-1], name):
                        setattr(found[-1], name, value)
            case "srcRect" if found:
                found[-1].crop = _crop(about)
            case tag if tag in ANCHORS:
                rows, columns = [], []
    yield from found


def _crop(about: dict[str, str]) -> pictures.Crop:
    """What is cut away, from thousandths of a per cent; what is added around a picture is nothing of it."""
    left, top, right, bottom = (max(int(about.get(side, 0)), 0) / 100_000 for side in SIDES)
    return left, top, right, bottom

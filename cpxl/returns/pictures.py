"""The picture of a return: what was pasted where the form has room for one, and what it is said to show."""

from __future__ import annotations

import hashlib
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.pictures import THE_PICTURE, WHAT_IT_SHOWS, picture_block
from cpxl.model import Aside, Cell, Picture, Value
from cpxl.origin import PICTURES
from cpxl.pictures import Unusable, kind_of
from cpxl.returns.beside import Form
from cpxl.workbooks.slot import content, pasted
from cpxl.workbooks.untrusted import Unreadable

SLOT = picture_block()
ENDINGS = {"png": ".png", "jpeg": ".jpg"}


def with_picture(form: Form, beside: dict[str, Any]) -> dict[str, Any]:
    """The fields of Return that are of its picture, besides those given: what stands beside the entries.

    A picture in its place is none that stands beside them.
    """
    book, sheet = form.book, form.sheet
    area = book.area(SLOT, sheet) if form.strand.picture and sheet else None
    if area is None:
        return beside
    rows = {str(row.values["item"]): row for row in book.rows(SLOT, sheet) or ()}
    said, place = rows.get(WHAT_IT_SHOWS), rows.get(THE_PICTURE)
    text, where = (said.values["text"], said.cells["text"]) if said else (None, Cell(sheet, ""))
    there = place.cells["text"] if place else where
    unusable: list[tuple[Cell, str]] = []
    if place and place.values["text"] is not None:
        unusable.append((there, "has words in its cell"))
    data, places = b"", set[str]()
    try:
        found = pasted(book, sheet, area[1], area[3])
        places = {xl_rowcol_to_cell(one.rows[0], one.columns[0]) for one in found if one.columns}
        if len(found) == 1:
            data = content(book, sheet, found[0])
        elif found:
            unusable.append((there, f"is one of {len(found)}, and there is room for one"))
    except Unusable as fault:
        unusable.append((there, str(fault)))
    except Unreadable:
        unusable.append((there, "is in a part of the file that is damaged"))
    return {
        **beside,
        "asides": tuple(aside for aside in beside["asides"] if not _is_in_its_place(aside, sheet, places)),
        "picture": data,
        "pictured": (where, text),
        "unusable": tuple(unusable),
        "pictures": (_picture(form, data, text, where),) if data and text is not None else (),
    }


def _is_in_its_place(aside: Aside, sheet: str, places: set[str]) -> bool:
    is_picture = aside.kind == Aside.DRAWING and aside.text.startswith("a picture")
    return is_picture and aside.cell.sheet == sheet and aside.cell.address in places


def _picture(form: Form, data: bytes, text: Value, where: Cell) -> Picture:
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{form.quarter.folder} {form.strand.code} {sha256[:8]}{ENDINGS[kind_of(data)]}"
    return Picture(form.quarter, form.strand.name, text, f"{PICTURES}/{name}", sha256, cells={"text": where})

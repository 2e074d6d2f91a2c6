"""Values of a workbook's blocks, read fast with python-calamine. Nothing in the file is run, followed or fetched."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import python_calamine
from defusedxml import ElementTree
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from cpxl.layout.blocks import Block
from cpxl.layout.names import defined_name
from cpxl.model import NOT_APPLICABLE, Cell, Value

LARGEST_PART = 64 * 2**20
LARGEST_FILE = 192 * 2**20
"""Bytes that a part of a workbook, and all its parts together, may unpack to. A return has under one million."""

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")


class Unreadable(Exception):
    """A file that is not a workbook cpxl can read; its text is the code of the rule that says why."""


@dataclass(frozen=True)
class ReadRow:
    """A row of a block as read: values and the cells they came from, by the column's key."""

    values: Mapping[str, Value]
    cells: Mapping[str, Cell]


class OpenWorkbook:
    """A workbook's bytes, opened for reading blocks."""

    def __init__(self, data: bytes) -> None:
        """Raises Unreadable with `password-protected`, `old-format`, `too-large` or `not-a-workbook`."""
        self.names = _defined_names(data)
        try:
            self.book = python_calamine.load_workbook(BytesIO(data))
        except BaseException as error:
            raise _unreadable(error) from error
        self.pages: dict[str, list[list[Any]]] = {}

    @property
    def sheet_names(self) -> list[str]:
        """Sheets in order, hidden ones too."""
        return list(self.book.sheet_names)

    def sheet_of(self, block: Block) -> str | None:
        """The sheet that the block is on, if it is there."""
        area = self._area(block.name, None)
        return area[0] if area else None

    def rows(self, block: Block, sheet: str | None = None, *, to_the_end: bool = False) -> list[ReadRow] | None:
        """The rows of a block, found by its name and its headings, wherever they have moved.

        to_the_end: also rows below the block, down to the sheet's last (data tables that somebody made longer).
        None if the block, or the heading of one of its columns, is not there.
        """
        area = self._area(block.name, sheet)
        if area is None:
            return None
        on, first, left, last, right = area
        page = self.page(on)
        if first >= len(page):
            return None
        headings = {str(text).strip(): at for at, text in enumerate(page[first]) if left <= at <= right}
        if any(column.heading not in headings for column in block.columns):
            return None
        where = {column.key: headings[column.heading] for column in block.columns}
        bottom = len(page) if to_the_end else min(last + 1, len(page))
        return [
            ReadRow(
                {key: tidy(page[row][at]) for key, at in where.items()},
                {key: Cell(on, xl_rowcol_to_cell(row, at)) for key, at in where.items()},
            )
            for row in range(first + 1, bottom)
        ]

    def _area(self, block: str, sheet: str | None) -> tuple[str, int, int, int, int] | None:
        for reference in self.names.get(defined_name(block), ()):
            found = REFERENCE.fullmatch(reference)
            if not found:
                continue
            on = (found[1] or found[2]).replace("''", "'")
            if on in self.book.sheet_names and sheet in (None, on):
                first = xl_cell_to_rowcol(found[3].replace("$", ""))
                last = xl_cell_to_rowcol((found[4] or found[3]).replace("$", ""))
                return on, *first, *last
        return None

    def page(self, sheet: str) -> list[list[Any]]:
        """Every cell of a sheet from A1 on, a list per row."""
        if sheet not in self.pages:
            try:
                self.pages[sheet] = self.book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            except BaseException as error:
                raise _unreadable(error) from error
        return self.pages[sheet]


def tidy(value: Any) -> Value:
    """A cell's value without what does not matter: blanks around text, `.0`, the case of N/A. Nothing else changes."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        return NOT_APPLICABLE if text.casefold() == "n/a" else text or None
    return value  # type: ignore[no-any-return]


def _defined_names(data: bytes) -> dict[str, list[str]]:
    """The areas that each defined name stands for; a name may be defined once a sheet.

    calamine does not read names that belong to a sheet, so xl/workbook.xml is read here.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("password-protected" if "EncryptedPackage".encode("utf-16-le") in data else "old-format")
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
            if max(sizes, default=0) > LARGEST_PART or sum(sizes) > LARGEST_FILE:
                raise Unreadable("too-large")
            tree = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    except Unreadable:
        raise
    except Exception as error:  # zipfile, zlib and the XML parser have a dozen ways to fail on a damaged file
        raise Unreadable("not-a-workbook") from error
    names: dict[str, list[str]] = {}
    for name in tree.iter(f"{SPREADSHEET}definedName"):
        names.setdefault(name.get("name", ""), []).append(name.text or "")
    return names


def _unreadable(error: BaseException) -> BaseException:
    """calamine's complaints as ours. A panic in its Rust code is no `Exception`, so that is told by its name."""
    if isinstance(error, python_calamine.PasswordError):
        return Unreadable("password-protected")
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return Unreadable("not-a-workbook")
    return error

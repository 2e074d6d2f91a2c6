"""Values of a workbook's blocks, read fast with python-calamine. Nothing in the file is run, followed or fetched.

A workbook from outside is first unpacked here, within limits, and calamine is given only the parts that hold our
blocks. So a file cannot make it unpack, allocate or look for more than that.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from posixpath import normpath
from typing import Any

import python_calamine
from defusedxml import ElementTree
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from cpxl.layout.blocks import Block
from cpxl.layout.names import defined_name
from cpxl.model import NOT_APPLICABLE, Cell, Value

LARGEST_FILE = 20 * 2**20
LARGEST_PART = 16 * 2**20
LARGEST_SHEET = 1_000_000
"""Bytes of a file, bytes that one part of it may unpack to, and cells from A1 to the last one of a sheet with a value.
A return has about 20,000 bytes, no part above 100,000, and 700 cells."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")

# In the XML of a sheet. FAR is the quick look: beyond 999 rows or 702 columns, or not written as Excel writes it.
FAR = re.compile(rb"r=\"(?:[A-Za-z]{0,3}\d{4}|[A-Za-z]{3}\d)|r='|r(?:=\s|\s+=)")
FILLED = re.compile(rb"<(?:\w+:)?c\b[^>]*(?<!/)>")
CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,8})[\"'][^>]*(?<!/)>")
ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d{1,8})[\"']")
FORMULA = re.compile(rb"r=\"([A-Z]+\d+)\"[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(<v>[^<]|)")

Area = tuple[str, int, int, int, int]
"""A sheet, and the first row and column and the last row and column of an area on it, from 0."""


class Unreadable(Exception):
    """A file that is not a workbook cpxl can read; its text is the code of the rule that says why."""


class RowCells(Mapping[str, Cell]):
    """The cells of a row, by the column's key. Addresses are worked out when a finding asks for them."""

    def __init__(self, sheet: str, row: int, columns: Mapping[str, int]) -> None:
        self.sheet, self.row, self.columns = sheet, row, columns

    def __getitem__(self, key: str) -> Cell:
        return Cell(self.sheet, xl_rowcol_to_cell(self.row, self.columns[key]))

    def renamed(self, **keys: str) -> RowCells:
        """The same cells, some of them under other names too."""
        return RowCells(self.sheet, self.row, {**self.columns, **{new: self.columns[old] for new, old in keys.items()}})

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True)
class ReadRow:
    """A row of a block as read: values and the cells they came from, by the column's key."""

    values: dict[str, Value]
    cells: RowCells


class OpenWorkbook:
    """A workbook's bytes, opened for reading blocks.

    sheets: the names of all sheets in order, and whether each is visible.
    extras: what it carries besides sheets: macros, links to other files, embedded objects.
    """

    def __init__(self, data: bytes, *, every_sheet: bool = False) -> None:
        """Open a file, to read the sheets that have blocks of ours, or every sheet.

        Raises Unreadable with `password-protected`, `old-format`, `other-format`, `too-large`, `not-a-workbook`.
        """
        parts = _Parts(data)
        try:
            tree = ElementTree.fromstring(parts["xl/workbook.xml"])
            targets = _targets(parts)
        except Unreadable:
            raise
        except Exception as error:  # the XML parser has a dozen ways to fail on a damaged file
            raise Unreadable("not-a-workbook") from error
        self.sheets: dict[str, bool] = {}
        self.parts: dict[str, str] = {}
        for sheet in tree.iter(f"{MAIN}sheet"):
            name = sheet.get("name", "")
            self.sheets[name] = sheet.get("state", "visible") == "visible"
            self.parts[name] = targets.get(sheet.get(f"{RELATION}id", ""), "")
        self.areas: dict[str, list[Area]] = {}
        for defined in tree.iter(f"{MAIN}definedName"):
            name = defined.get("name", "")
            if name.startswith(defined_name("")) and (area := _area(defined.text or "")) and area[0] in self.sheets:
                self.areas.setdefault(name, []).append(area)
        self.extras = parts.extras
        ours = {area[0] for areas in self.areas.values() for area in areas}
        self.xml = {name: parts[self.parts[name]] for name in self.sheets if every_sheet or name in ours}
        for xml in self.xml.values():
            _refuse_large(xml)
        try:
            self.book = python_calamine.load_workbook(parts.only([self.parts[name] for name in self.xml]))
        except BaseException as error:
            raise _unreadable(error) from error
        self.pages: dict[str, list[list[Any]]] = {}
        self.formula_cells: dict[str, list[tuple[str, bool]]] = {}

    def sheet_of(self, block: Block) -> str | None:
        """The sheet that the block is on, if it is there."""
        area = self._area(block, None)
        return area[0] if area else None

    def rows(self, block: Block, sheet: str | None = None, *, to_the_end: bool = False) -> list[ReadRow] | None:
        """The rows of a block in which there is anything, found by its name and its headings, wherever they have moved.

        to_the_end: also rows below the block, down to the sheet's last (data tables that somebody made longer).
        None if the block, or the heading of one of its columns, is not there.
        """
        found = self._columns(block, sheet)
        if found is None:
            return None
        on, first, last, where = found
        page = self.page(on)
        rows = []
        for number in range(first, len(page) if to_the_end else min(last + 1, len(page))):
            row = page[number]
            values = {key: None if row[at] == "" else tidy(row[at]) for key, at in where.items()}
            if any(value is not None for value in values.values()):
                rows.append(ReadRow(values, RowCells(on, number, where)))
        return rows

    def formulas(self, block: Block) -> list[tuple[Cell, bool]]:
        """The cells of a block that are to be filled in and hold a formula, and whether each has a value stored."""
        found = self._columns(block, None)
        if found is None:
            return []
        on, first, last, where = found
        entered = {where[column.key] for column in block.columns if column.entered}
        if on not in self.formula_cells:
            cells = FORMULA.findall(self.xml[on])
            self.formula_cells[on] = [(place.decode(), bool(value)) for place, value in cells]
        formulas = [(place, xl_cell_to_rowcol(place), has_value) for place, has_value in self.formula_cells[on]]
        return [
            (Cell(on, place), has_value)
            for place, (row, column), has_value in formulas
            if first <= row <= last and column in entered
        ]

    def _columns(self, block: Block, sheet: str | None) -> tuple[str, int, int, dict[str, int]] | None:
        """Where a block is: its sheet, its first and last row below the headings, and the column of each key."""
        area = self._area(block, sheet)
        if area is None:
            return None
        on, heading, left, last, right = area
        page = self.page(on)
        if heading >= len(page):
            return None
        headings = {str(text).strip(): at for at, text in enumerate(page[heading]) if left <= at <= right}
        if any(column.heading not in headings for column in block.columns):
            return None
        return on, heading + 1, last, {column.key: headings[column.heading] for column in block.columns}

    def _area(self, block: Block, sheet: str | None) -> Area | None:
        areas = self.areas.get(defined_name(block.name), ())
        return next((area for area in areas if sheet in (None, area[0])), None)

    def page(self, sheet: str) -> list[list[Any]]:
        """Every cell of a sheet with blocks from A1 on, a list per row."""
        if sheet not in self.pages:
            try:
                self.pages[sheet] = self.book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            except BaseException as error:
                raise _unreadable(error) from error
        return self.pages[sheet]


def _area(reference: str) -> Area | None:
    """What a defined name refers to, if it is cells of a sheet of the same file."""
    found = REFERENCE.fullmatch(reference)
    if not found:
        return None
    first = xl_cell_to_rowcol(found[3].replace("$", ""))
    last = xl_cell_to_rowcol((found[4] or found[3]).replace("$", ""))
    return (found[1] or found[2]).replace("''", "'"), *first, *last


def tidy(value: Any) -> Value:
    """A cell's value without what does not matter: blanks around text, `.0`, the case of N/A. Nothing else changes."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        return NOT_APPLICABLE if text.casefold() == "n/a" else text or None
    return value  # type: ignore[no-any-return]


class _Parts:
    """The parts of a file, each unpacked when it is asked for, and no further than LARGEST_PART."""

    NEEDED = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    WANTED = ("xl/sharedStrings.xml", "xl/styles.xml")

    def __init__(self, data: bytes) -> None:
        if len(data) > LARGEST_FILE:
            raise Unreadable("too-large")
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise Unreadable("password-protected" if "EncryptedPackage".encode("utf-16-le") in data else "old-format")
        try:
            self.zip = zipfile.ZipFile(BytesIO(data))
        except Exception as error:  # zipfile and struct fail in several ways on a damaged file
            raise Unreadable("not-a-workbook") from error
        self.unpacked: dict[str, bytes] = {}
        self.names = {part.filename for part in self.zip.infolist()}
        if "xl/workbook.xml" not in self.names:
            known = "xl/workbook.bin" in self.names or "content.xml" in self.names  # .xlsb, .ods
            raise Unreadable("other-format" if known else "not-a-workbook")

    def __getitem__(self, name: str) -> bytes:
        if name not in self.unpacked:
            try:
                if self.zip.getinfo(name).file_size > LARGEST_PART:
                    raise Unreadable("too-large")
                self.unpacked[name] = self.zip.read(name)  # no more than the size that it declares
            except Unreadable:
                raise
            except Exception as error:  # zlib, zipfile and others, on a damaged file
                raise Unreadable("not-a-workbook") from error
        return self.unpacked[name]

    def only(self, sheets: list[str]) -> BytesIO:
        """A workbook of these sheets alone."""
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as copy:
            for name in (*self.NEEDED, *self.WANTED, *sheets):
                if name in self.names or name in self.NEEDED:
                    copy.writestr(zipfile.ZipInfo(name), self[name])
        packed.seek(0)
        return packed

    @cached_property
    def extras(self) -> tuple[str, ...]:
        """What a return should not carry."""
        kinds = {
            "macros": ("xl/vbaProject", "xl/macrosheets/"),
            "links to other files": ("xl/externalLinks/", "xl/connections", "xl/queryTables/"),
            "embedded objects": ("xl/embeddings/", "xl/activeX/", "xl/ctrlProps/"),
        }
        return tuple(kind for kind, starts in kinds.items() if any(name.startswith(starts) for name in self.names))


def _targets(parts: _Parts) -> dict[str, str]:
    """The part that each relation of the workbook leads to."""
    tree = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    return {
        relation.get("Id", ""): normpath(
            target[1:] if (target := relation.get("Target", "")).startswith("/") else f"xl/{target}"
        )
        for relation in tree
    }


def _refuse_large(xml: bytes) -> None:
    """Raise Unreadable if the cells from A1 to the last with a value are too many to lay out in memory."""
    if not FAR.search(xml):
        return
    cells = CELL.findall(xml)
    rows = {row for _, row in cells}
    if len(FILLED.findall(xml)) > len(cells):  # some do not say where they are, but by their order in a row
        rows |= set(ROW.findall(xml))
    last = max(map(int, rows), default=1)
    right = max(
        (xl_cell_to_rowcol(f"{column.decode().upper()}1")[1] + 1 for column in {c for c, _ in cells}), default=1
    )
    if last * right > LARGEST_SHEET:
        raise Unreadable("too-large")


def _unreadable(error: BaseException) -> BaseException:
    """calamine's complaints as ours. A panic in its Rust code is no `Exception`, so that is told by its name."""
    if isinstance(error, Unreadable):
        return error
    if isinstance(error, python_calamine.PasswordError):
        return Unreadable("password-protected")
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return Unreadable("not-a-workbook")
    return error

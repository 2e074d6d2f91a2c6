"""What a sheet in a workbook's file has besides values, and which decides how Excel can work on it.

Read from the file, so that finding out costs no call into Excel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join, normpath
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml import ElementTree
from xlsxwriter.utility import xl_cell_to_rowcol

from cpxl.workbooks.typed import Area

PROTECTED = re.compile(rb"<sheetProtection\b([^>]*)>")
ATTRIBUTE = re.compile(r"\b(\w+)=\"([^\"]*)\"")
ARRAY = re.compile(rb"<f\b(?=[^>]*\bt=\"(?:array|dataTable)\")[^>]*\bref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
COMMENT = re.compile(rb"<(?:comment|threadedComment)\b[^>]*\bref=\"([A-Z]+\d+)\"")
HIDDEN_ROW = re.compile(rb"<row\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*\br=\"(\d+)\"")
FILTER_MODE = re.compile(rb"<sheetPr\b[^>]*\bfilterMode=\"(?:1|true)\"")
SHEET_FILTER = re.compile(rb"<filterColumn\b")
YES = ("1", "true")
AND, OR, VALUES = 1, 2, 7
"""How Excel joins the two conditions of a filter, and its word for a list of values."""
COMPARISONS = {
    "equal": "=",
    "notEqual": "<>",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
}


class Filter(NamedTuple):
    """What one column of a table is filtered by, as `excel.filter_table` takes it. column: from 0."""

    column: int
    conditions: tuple[str, ...]
    joined: int


class Table(NamedTuple):
    """A table of Excel's: its name, where it is, and what it is filtered by.

    filters: None if one of them is of a kind that could not be put back: by colour, date or rank.
    """

    name: str
    area: Area
    filters: tuple[Filter, ...] | None


class Surroundings:
    """What there is on a sheet, found at `part` of the file. Rows and columns are counted from 0.

    hidden_rows: by hand; those within a filtered table are left out, for filters hide them. filtered: such tables.
    protection: what the file says of it, by its own words: `sort: False` is no protection against sorting.
    arrays: where a formula fills several cells, of which Excel changes all or none. pivots: where PivotTables are.
    """

    def __init__(self, parts: ZipFile, part: str) -> None:
        xml = parts.read(part)
        about = PROTECTED.search(xml)
        protection = dict(ATTRIBUTE.findall(about[1].decode())) if about else {}
        self.is_protected = protection.get("sheet") in YES
        self.has_password = bool(protection.get("password") or protection.get("hashValue"))
        self.protection = {name: value in YES for name, value in protection.items()}
        self.arrays = [_corners(area.decode()) for area in ARRAY.findall(xml)]
        belonging = dict(related(parts, part))
        self.tables = [_table(ElementTree.fromstring(data)) for name, data in belonging.items() if "/tables/" in name]
        self.pivots = [
            _pivot(ElementTree.fromstring(data)) for name, data in belonging.items() if "/pivotTables/" in name
        ]
        self.filtered = [table for table in self.tables if table.filters]
        hidden = {int(row) - 1 for row in HIDDEN_ROW.findall(xml)}
        self.hidden_rows = hidden.difference(*(range(table.area[0], table.area[2] + 1) for table in self.filtered))
        comments = (data for name, data in belonging.items() if "omment" in name)
        self.notes = {xl_cell_to_rowcol(cell.decode()) for data in comments for cell in COMMENT.findall(data)}
        of_tables = [table.filters for table in self.tables if table.filters != ()]
        by_hand = SHEET_FILTER.search(xml) or (FILTER_MODE.search(xml) and not of_tables)
        self.has_other_filters = bool(by_hand) or None in of_tables

    def table_at(self, heading: int, left: int) -> Table | None:
        """The table whose headings begin in a cell."""
        return next((table for table in self.tables if table.area[:2] == (heading, left)), None)


def _corners(area: str) -> Area:
    """First row and column, last row and column of `B3:C5`."""
    first, _, last = area.partition(":")
    return *xl_cell_to_rowcol(first), *xl_cell_to_rowcol(last or first)


def related(parts: ZipFile, part: str) -> Iterator[tuple[str, bytes]]:
    """The parts of the file that belong to one of its sheets: notes, tables and others."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    there = set(parts.namelist())
    if relations in there:
        for relation in ElementTree.fromstring(parts.read(relations)):
            target = normpath(join("/", folder, relation.get("Target", ""))).lstrip("/")
            if target in there:
                yield target, parts.read(target)


def _table(root: Element) -> Table:
    filters = [_filter(column) for column in root.iterfind("{*}autoFilter/{*}filterColumn")]
    known = tuple(found for found in filters if found)
    return Table(
        root.get("displayName", ""), _corners(root.get("ref", "A1")), known if len(known) == len(filters) else None
    )


def _pivot(root: Element) -> Area:
    """Where a PivotTable is, with the choices above it."""
    location = root.find("{*}location")
    about = {} if location is None else location.attrib
    top, left, bottom, right = _corners(about.get("ref", "A1"))
    above = int(about.get("rowPageCount", 0))
    return max(top - above - bool(above), 0), left, bottom, right


def _filter(column: Element) -> Filter | None:
    at = int(column.get("colId", "0"))
    kinds = {child.tag.rpartition("}")[2]: child for child in column}
    if (listed := kinds.get("filters")) is not None and listed.find("{*}dateGroupItem") is None:
        blank = ["="] if listed.get("blank") in ("1", "true") else []
        return Filter(at, tuple([item.get("val", "") for item in listed] + blank), VALUES)
    if (custom := kinds.get("customFilters")) is not None:
        # A single blank stands for an empty cell.
        texts = [COMPARISONS[c.get("operator", "equal")] + c.get("val", "").removeprefix(" ") for c in custom]
        return Filter(at, tuple(texts), AND if len(texts) == 1 or custom.get("and") in ("1", "true") else OR)
    return None

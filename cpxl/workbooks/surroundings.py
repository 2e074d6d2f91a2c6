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

from cpxl.workbooks.excel import AND, OR, VALUES

PROTECTED = re.compile(rb"<sheetProtection\b([^>]*)>")
PASSWORD = re.compile(rb"\b(?:password|hashValue)=\"[^\"]")
COMMENT = re.compile(rb"<(?:comment|threadedComment)\b[^>]*\bref=\"([A-Z]+\d+)\"")
HIDDEN_ROW = re.compile(rb"<row\b[^>]*\bhidden=\"(?:1|true)\"")
FILTER_MODE = re.compile(rb"<sheetPr\b[^>]*\bfilterMode=\"(?:1|true)\"")
SHEET_FILTER = re.compile(rb"<filterColumn\b")
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
    """A table of Excel's: its name, where its headings begin (from 0), and what it is filtered by.

    filters: None if one of them is of a kind that could not be put back: by colour, date or rank.
    """

    name: str
    heading: int
    left: int
    filters: list[Filter] | None


class Surroundings:
    """What there is on a sheet, found at `part` of the file."""

    def __init__(self, parts: ZipFile, part: str) -> None:
        xml = parts.read(part)
        protection = PROTECTED.search(xml)
        self.is_protected = protection is not None
        self.has_password = bool(protection and PASSWORD.search(protection[1]))
        self.has_hidden_rows = HIDDEN_ROW.search(xml) is not None
        related = dict(_related(parts, part))
        self.tables = [_table(ElementTree.fromstring(data)) for name, data in related.items() if "/tables/" in name]
        comments = (data for name, data in related.items() if "omment" in name)
        self.notes = {xl_cell_to_rowcol(cell.decode()) for data in comments for cell in COMMENT.findall(data)}
        of_tables = [table.filters for table in self.tables if table.filters != []]
        by_hand = SHEET_FILTER.search(xml) or (FILTER_MODE.search(xml) and not of_tables)
        self.has_other_filters = bool(by_hand) or None in of_tables

    def table_at(self, heading: int, left: int) -> Table | None:
        """The table whose headings begin in a cell."""
        return next((table for table in self.tables if (table.heading, table.left) == (heading, left)), None)


def _related(parts: ZipFile, part: str) -> Iterator[tuple[str, bytes]]:
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
    heading, left = xl_cell_to_rowcol(root.get("ref", "A1").partition(":")[0])
    filters = [_filter(column) for column in root.iterfind("{*}autoFilter/{*}filterColumn")]
    known = [found for found in filters if found]
    return Table(root.get("displayName", ""), heading, left, known if len(known) == len(filters) else None)


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

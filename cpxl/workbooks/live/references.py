"""What of a coordinator's in a workbook looks at which cells: formulas and names.

Read from the file. Where another row comes to stand in a cell, whatever looks at it would say something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple
from zipfile import ZipFile

from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

FORMULA = re.compile(rb"<c\b[^>]*?\br=\"([A-Z]+\d+)\"[^>]*>\s*<f\b([^>]*?)(?:/>|>([^<]*)</f>)")
SHARED = re.compile(rb"\bt=\"shared\"")
GROUP = re.compile(rb"\bsi=\"(\d+)\"")
NAME = re.compile(rb"<definedName\b[^>]*\bname=\"([^\"]*)\"[^>]*>([^<]*)</definedName>")
LITERAL = re.compile(r"\"[^\"]*\"")
CELLS = re.compile(
    r"(?<![\w.$!])(?:(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!)?"
    r"\$?[A-Z]{1,3}(\$?)(\d{1,7})(?::\$?[A-Z]{1,3}(\$?)(\d{1,7}))?(?![\w(.!])"
)
"""Cells as a formula names them: the sheet, and the rows, which are as they are where a dollar stands before them."""
OURS = ("cpxl_", "_xlnm.", "TitleRegion")
"""How names begin that cpxl or Excel made."""


class Looks(NamedTuple):
    """Something that looks at rows of a sheet, from 0. place: where it stands, None of what is in no cell."""

    what: str
    place: tuple[str, int, int] | None
    sheet: str
    top: int
    bottom: int


def looks(parts: ZipFile, sheets: Mapping[str, str]) -> Iterator[Looks]:
    """All there is. sheets: where each sheet is in the file."""
    there = set(parts.namelist())
    for sheet, part in sheets.items():
        for row, column, text, down in _formulas(parts.read(part)) if part in there else ():
            what = f"The formula in {sheet}!{xl_rowcol_to_cell(row, column)}"
            for at, top, bottom in cells_in(text, sheet, down):
                yield Looks(what, (sheet, row, column), at, top, bottom)
    for name, text in NAME.findall(parts.read("xl/workbook.xml")):
        if not name.decode().startswith(OURS):
            for at, top, bottom in cells_in(unescape(text.decode()), ""):
                yield Looks(f"The name '{name.decode()}'", None, at, top, bottom)


def _formulas(xml: bytes) -> Iterator[tuple[int, int, str, int]]:
    """Row, column, formula of each cell with one, and how far it stands below the cell that it was filled down from."""
    shared: dict[bytes, tuple[int, str]] = {}
    for cell, about, text in FORMULA.findall(xml):
        row, column = xl_cell_to_rowcol(cell.decode())
        formula, down = unescape(text.decode()), 0
        if SHARED.search(about) and (group := GROUP.search(about)):
            first, formula = shared.setdefault(group[1], (row, formula))
            down = row - first
        yield row, column, formula, down


def cells_in(formula: str, sheet: str, down: int = 0) -> Iterator[tuple[str, int, int]]:
    """The cells that a formula on a sheet names: their sheet, first row and last, from 0.

    down: how many rows below the cell that the formula was written for it stands.
    """
    for quoted, bare, fixed, first, last_fixed, last in CELLS.findall(LITERAL.sub('""', formula)):
        top = int(first) - 1 + (0 if fixed else down)
        bottom = int(last) - 1 + (0 if last_fixed else down) if last else top
        yield quoted.replace("''", "'") or bare or sheet, min(top, bottom), max(top, bottom)

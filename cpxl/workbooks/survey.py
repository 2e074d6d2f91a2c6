"""How much memory the sheets of a file will take, and which formulas they have, before calamine is given them.

Most are seen through by a few patterns, in a quarter of a millisecond for a return. Where these leave a doubt, a sheet
is gone through cell by cell, as an XML parser sees it. Done always, that would take a check beyond its 5 milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from xlsxwriter.utility import xl_cell_to_rowcol

from cpxl.workbooks.untrusted import (
    ERROR,
    LARGEST_SHEET,
    LARGEST_TEXT,
    MOST_ELEMENTS,
    Unreadable,
    new_parser,
    refuse,
    row_and_column,
)

# In the XML of a sheet. None goes on past the next tag, so that no file makes one look at the same bytes many times.
UNUSUAL = (
    # A cell not written as Excel and others do, or that says twice where it is, or is beyond row 999 or column ZZ.
    re.compile(rb"<c\b(?! r=\"[A-Z]{1,2}\d{1,3}\"(?: s=\"\d+\")?(?: t=\"\w+\")?/?>)"),
    # What may be a cell with a prefix; a comment, which may cut a value in two.
    re.compile(rb":c\b"),
    re.compile(rb"<!"),
)
FAR_UNUSUAL = (re.compile(UNUSUAL[0].pattern.replace(rb"{1,2}\d{1,3}", rb"{1,3}\d{1,7}")), *UNUSUAL[1:])
"""The same, with cells as far as a sheet has any."""
ROWS, COLUMNS = re.compile(rb"<c r=\"[A-Z]+(\d+)"), re.compile(rb"<c r=\"([A-Z]+)")
FORMULA = re.compile(rb"<f\b[^<>]*(?:/>|>([^<]*)</f>)\s*(<v>[^<]|)")
CELL = re.compile(rb"<c r=\"([A-Z]+\d+)\"([^<>]*)")
PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,8})")


class FormulaCell(NamedTuple):
    """A cell with a formula (row and column from 0), the formula, and whether it has a value stored, not an error."""

    row: int
    column: int
    text: str
    has_value: bool


def examined(sheets: Mapping[str, bytes], strings: bytes) -> dict[str, list[FormulaCell]]:
    """The formulas of sheets that will not take too much memory.

    Raises Unreadable if they would: if there are too many cells from A1 to a sheet's last (calamine lays out each), or
    too much text in all of them (it copies a shared text for each cell). Where a quick look at the XML leaves a doubt,
    it is gone through cell by cell.
    """
    most_texts = sum(map(len, sheets.values())) // len('<c t="s"><v>0</v></c>')
    if most_texts * len(strings) > LARGEST_TEXT:
        most_texts = sum(xml.count(b't="s"') for xml in sheets.values())
    is_little = most_texts * len(strings) <= LARGEST_TEXT
    formulas, lengths, text = {}, None, 0
    for name, xml in sheets.items():
        cells = xml[: xml.rfind(b"sheetData")]  # what follows, a third of it, has no values
        if is_little and _is_plain(cells):
            formulas[name] = list(_formulas(cells))
            continue
        lengths = lengths or _lengths(strings)
        survey = _Survey(xml, lengths)
        formulas[name] = survey.formulas
        text += survey.text
        if text > LARGEST_TEXT:
            raise Unreadable("too-large")
    return formulas


@lru_cache(maxsize=4)  # the sheets of one file, which is asked again
def is_written_as_usual(xml: bytes) -> bool:
    """Whether a quick look at the cells of a sheet shows them written as Excel and others do, and none far out."""
    return not any(unusual.search(xml) for unusual in UNUSUAL)


def _is_plain(xml: bytes) -> bool:
    """Whether a quick look at the cells of a sheet shows them written as usual, and none too far out."""
    if is_written_as_usual(xml):
        return True
    if any(unusual.search(xml) for unusual in FAR_UNUSUAL):
        return False
    last_row = max(map(int, set(ROWS.findall(xml))))
    last_column = max(1 + row_and_column(f"{letters.decode()}1")[1] for letters in set(COLUMNS.findall(xml)))
    return last_row * last_column <= LARGEST_SHEET


def _formulas(xml: bytes) -> Iterator[FormulaCell]:
    for found in FORMULA.finditer(xml):
        if cell := CELL.match(xml, xml.rfind(b"<", 0, found.start())):
            text = unescape((found[1] or b"").decode())
            yield FormulaCell(*row_and_column(cell[1].decode()), text, bool(found[2]) and ERROR not in cell[2])


def _lengths(strings: bytes) -> list[int]:
    """The number of characters of each shared text."""
    lengths: list[int] = []
    inside = 0  # elements, from the text's own on

    def start(tag: str, _: object) -> None:
        nonlocal inside
        if inside or tag.rpartition(":")[2] == "si":
            inside += 1
            if inside == 1:
                lengths.append(0)

    def end(_: str) -> None:
        nonlocal inside
        inside = max(inside - 1, 0)

    def text(piece: str) -> None:
        if inside:
            lengths[-1] += len(piece)

    if strings:
        parser = new_parser()
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        parser.Parse(strings, True)
    return lengths


class _Survey:
    """A sheet gone through cell by cell, as an XML parser sees it: its formulas, and the text that its cells hold.

    Raises Unreadable if its cells reach too far, if it has too many elements, or if there is in it what would cut a
    value in two.
    """

    def __init__(self, xml: bytes, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        self.text = self.elements = 0
        self.formulas: list[FormulaCell] = []
        self.row = self.column = self.last_row = self.last_column = 0
        self.is_shared = self.is_error = self.has_value = False
        self.formula: str | None = None
        self.value: list[str] | None = None
        parser = new_parser()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.data
        parser.CommentHandler = parser.ProcessingInstructionHandler = parser.StartCdataSectionHandler = refuse
        parser.Parse(xml, True)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.value is not None:  # an element inside a value
            refuse()
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unreadable("too-large")
        match tag.rpartition(":")[2]:
            case "row":  # where it does not say which it is, no later one than this
                self.row = max(self.row + 1, int(attributes.get("r", 0)))
                self.column = 0
            case "c":
                self.place(attributes.get("r", ""))
                self.is_shared, self.is_error = attributes.get("t") == "s", attributes.get("t") == "e"
                self.formula, self.has_value = None, False
            case "f":
                self.value = []
            case "v" | "is" as part:
                self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
                if self.last_row * self.last_column > LARGEST_SHEET:
                    raise Unreadable("too-large")
                self.value = [] if part == "v" else None

    def place(self, address: str) -> None:
        if not address:
            self.column += 1
        elif found := PLACE.fullmatch(address):
            self.row, self.column = int(found[2]), xl_cell_to_rowcol(f"{found[1].upper()}1")[1] + 1
        else:
            refuse()

    def data(self, piece: str) -> None:
        if self.value is not None:
            self.value.append(piece)

    def end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "f" if self.value is not None:
                self.formula, self.value = "".join(self.value), None
            case "v" if self.value is not None:
                text, self.value = "".join(self.value), None
                self.has_value = bool(text) and not self.is_error
                if self.is_shared and text:
                    self.text += self.lengths[int(text)]
            case "c" if self.formula is not None:
                self.formulas.append(FormulaCell(self.row - 1, self.column - 1, self.formula, self.has_value))

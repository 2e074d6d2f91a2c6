"""Values of a workbook's blocks, read fast with python-calamine, whatever the file is (see `untrusted.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import python_calamine
from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.blocks import Block
from cpxl.model import NOT_APPLICABLE, Cell, Value
from cpxl.names import alike
from cpxl.workbook_names import CARRIED, GUIDANCE, WORKED_OUT, defined_name, slug
from cpxl.workbooks.extras import extras
from cpxl.workbooks.survey import FormulaCell, examined
from cpxl.workbooks.untrusted import (
    LONGEST_TEXT,
    Parts,
    elements,
    error_cells,
    refusing_damage,
    relations,
    row_and_column,
    workbook_of,
)
from cpxl.workbooks.untrusted import Unreadable as Unreadable

REFERENCE = re.compile(r"(?:'((?:[^']++|'')++)'|([^'!]++))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")

PREFIX = defined_name("")
GUIDE = defined_name(slug(GUIDANCE))
"""The block that is there for leads, and that nobody reads."""
MOST_ROWS = 5_000
"""Rows of a block; that of a return with most has 24."""
NOT_RENAMED: Mapping[str, str] = {}
Area = tuple[str, int, int, int, int]
"""A sheet, and the first row and column and the last row and column of an area on it, from 0."""


class RowCells(Mapping[str, Cell]):
    """The cells of a row, by the column's key. Addresses are worked out when a finding asks for them.

    name, key: another name for the column of that key.
    """

    def __init__(self, sheet: str, row: int, columns: Mapping[str, int], name: str = "", key: str = "") -> None:
        self.sheet, self.row, self.columns, self.name, self.key = sheet, row, columns, name, key

    def __getitem__(self, key: str) -> Cell:
        return Cell(self.sheet, xl_rowcol_to_cell(self.row, self.columns[self.key if key == self.name else key]))

    def __iter__(self) -> Iterator[str]:
        return iter([*self.columns, self.name] if self.name else self.columns)

    def __len__(self) -> int:
        return len(self.columns) + bool(self.name)


class ReadRow(NamedTuple):
    """A row of a block as read: its values by the column's key, and where they stand (row and columns from 0)."""

    values: dict[str, Value]
    sheet: str
    row: int
    columns: Mapping[str, int]

    @property
    def cells(self) -> RowCells:
        """The cells that the values were read from, by the column's key."""
        return RowCells(self.sheet, self.row, self.columns)


class Found(NamedTuple):
    """Where a block is: its sheet, its first and last row below the headings, and the column of each key, from 0."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]


class OpenWorkbook:
    """A workbook's bytes, opened for reading blocks.

    data: its bytes. sheets: the names of all sheets in order, and whether each is visible. parts: where each is in
    the file. extras: what it carries besides sheets: macros, links to other files, embedded objects and such.
    file, xml, strings, styles: what was unpacked: the file itself, its sheets that are read, shared texts, styles.
    from_1904: whether its days are counted from 1904.
    """

    def __init__(self, data: bytes, *, every_sheet: bool = False) -> None:
        """Open a file, to read the sheets that have blocks of ours, or every sheet.

        Raises Unreadable with `password-protected`, `old-format`, `other-format`, `too-large`, `not-a-workbook`.
        """
        self.data = data
        self.sheets: dict[str, bool] = {}
        self.areas: dict[str, list[Area]] = {}
        self.names: set[str] = set()
        self.parts = paths = dict[str, str]()
        from_1904 = False
        with refusing_damage():
            parts = Parts(data)
            self.extras = extras(parts)
            index = elements(parts["xl/workbook.xml"], "workbookPr", "sheet", "definedName")
            by_id, by_kind = relations(parts["xl/_rels/workbook.xml.rels"])
            for tag, attributes, text in index:
                name = attributes.get("name", "")
                if tag == "sheet":
                    self.sheets[name] = attributes.get("state", "visible") == "visible"
                    relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                    paths[name] = by_id.get(relation, "")
                elif tag == "workbookPr":
                    from_1904 = attributes.get("date1904") in ("1", "true")
                elif name.startswith(PREFIX):
                    self.names.add(name)
                    if area := _area("".join(text).strip()):
                        self.areas.setdefault(name, []).append(area)
            self.areas = {name: [area for area in areas if area[0] in paths] for name, areas in self.areas.items()}
            ours = {area[0] for name, areas in self.areas.items() for area in areas if name != GUIDE}
            xml = {name: parts[path] for name, path in paths.items() if every_sheet or name in ours}
            strings, styles = (parts[by_kind[kind]] if kind in by_kind else b"" for kind in ("sharedStrings", "styles"))
            self.file, self.xml, self.strings, self.styles, self.from_1904 = parts, xml, strings, styles, from_1904
            self.formula_cells = examined(xml, strings)
            self.has_long_parts = max(map(len, (strings, *xml.values()))) > LONGEST_TEXT
            self.numbers = {name: number for number, name in enumerate(xml)}
            self.book = python_calamine.load_workbook(workbook_of(list(xml.values()), strings, styles, from_1904))
        self.pages: dict[str, list[list[Any]]] = {}
        self.places: dict[str, set[tuple[int, int]]] = {}
        self.found: dict[tuple[str, str | None], Found | None] = {}

    def sheet_of(self, block: Block) -> str | None:
        """The sheet that the block is on, if it is there."""
        area = self.area(block)
        return area[0] if area else None

    def sheets_of(self, block: Block) -> list[str]:
        """All sheets that the block is on."""
        return list(dict.fromkeys(area[0] for area in self.areas.get(defined_name(block.name), ())))

    def know_as(self, name: str, others: Iterable[str]) -> None:
        """On sheets without a block of that name, take the first that is there of some others for it."""
        areas = list(self.areas.get(defined_name(name), ()))
        for other in map(defined_name, others):
            areas += [area for area in self.areas.get(other, ()) if area[0] not in {there[0] for there in areas}]
        if areas:
            self.areas[defined_name(name)] = areas

    def had(self, block: Block) -> bool:
        """Whether the workbook was made with the block, be it gone by now."""
        return defined_name(block.name) in self.names

    def area(self, block: Block, sheet: str | None = None) -> Area | None:
        """Where the block's headings and rows are, on a sheet or on the first that has it."""
        for area in self.areas.get(defined_name(block.name), ()):
            if sheet is None or sheet == area[0]:
                return area
        return None

    def rows(
        self,
        block: Block,
        sheet: str | None = None,
        *,
        formerly: Mapping[str, str] = NOT_RENAMED,
        below: bool = False,
    ) -> list[ReadRow] | None:
        """The rows of a block in which there is anything, found by its name and its headings, wherever they have moved.

        formerly: headings that it may have instead, and what they are now.
        below: with what was typed right below it: not every program makes a table longer then.
        None if the block, or the heading of one of its columns, is not there. Columns that it may lack have values of
        None then, if nothing but their kind stands there.
        """
        found = self._find(block, sheet, formerly)
        if found is None:
            return None
        on, first, last, columns = found
        page = self.page(on)
        if below:
            last = self.end(on, last)
        if min(last, len(page)) - first > MOST_ROWS:
            raise Unreadable("too-large")
        entered = [columns[column.key] for column in block.entered if column.key in columns] if block.optional else ()
        rows = []
        for number in range(first, min(last + 1, len(page))):
            row = page[number]
            if (not any(row) and row.count("") == len(row)) or (
                entered and [row[at] for at in entered].count("") == len(entered)
            ):
                continue
            values = {key: None if row[at] == "" else tidy(row[at]) for key, at in columns.items()}
            if not columns.keys() >= set(block.keys):
                values |= dict.fromkeys(set(block.keys) - columns.keys())
            if list(values.values()).count(None) < len(values):
                rows.append(ReadRow(values, on, number, columns))
        return rows

    def end(self, sheet: str, last: int) -> int:
        """The last row of what stands right below a block that ends in a row, if that is the last block of a sheet."""
        page = self.page(sheet)
        is_last = not any(area[0] == sheet and area[1] > last for areas in self.areas.values() for area in areas)
        while is_last and last + 1 < len(page) and any(value != "" for value in page[last + 1]):
            last += 1
        return last

    def formulas(self, blocks: Sequence[Block], sheet: str | None = None) -> Iterator[tuple[Cell, bool]]:
        """The cells to fill in that hold an error or a formula of the lead's own, and whether each has a value."""
        places = [(block, found) for block in blocks if (found := self._find(block, sheet, NOT_RENAMED))]
        for on, cells in self.formula_cells.items():
            errors = [FormulaCell(*at, "", False) for at in error_cells(self.xml[on]) if at not in self.formulas_on(on)]
            for row, column, text, has_value in (*cells, *errors):
                if text.startswith((WORKED_OUT, CARRIED)):
                    continue
                for block, found in places:
                    if found.first <= row <= found.last and found.sheet == on:
                        if any(found.columns.get(entered.key) == column for entered in block.entered):
                            yield Cell(on, xl_rowcol_to_cell(row, column)), has_value
                        break

    def is_formula(self, row: ReadRow, key: str) -> bool:
        """Whether a cell of a row holds a formula."""
        return (row.row, row.columns[key]) in self.formulas_on(row.sheet)

    def is_carried(self, row: ReadRow, key: str) -> bool:
        """Whether a cell of a row holds the formula of ours that carries what was delivered."""
        here = (row.row, row.columns[key])
        return self.is_formula(row, key) and any(
            cell.text.startswith(CARRIED) for cell in self.formula_cells[row.sheet] if (cell.row, cell.column) == here
        )

    def formulas_on(self, sheet: str) -> set[tuple[int, int]]:
        """Row and column (from 0) of each cell of a sheet with a formula."""
        if sheet not in self.places:
            self.places[sheet] = {(cell.row, cell.column) for cell in self.formula_cells[sheet]}
        return self.places[sheet]

    def _find(self, block: Block, sheet: str | None, formerly: Mapping[str, str]) -> Found | None:
        """Where a block is on a sheet, or on the first that has it."""
        if (block.name, sheet) not in self.found:
            self.found[block.name, sheet] = self._look_for(block, sheet, formerly)
        return self.found[block.name, sheet]

    def _look_for(self, block: Block, sheet: str | None, formerly: Mapping[str, str]) -> Found | None:
        area = self.area(block, sheet)
        if area is None:
            return None
        on, heading, left, last, right = area
        page = self.page(on)
        if heading >= len(page):
            return None
        texts = page[heading][left : right + 1]
        if texts == block.headings:  # as they were sent out
            return Found(on, heading + 1, last, dict(zip(block.keys, range(left, right + 1), strict=True)))
        every = (*block.columns, *block.former)
        renamed = {alike(was): c.heading for c in every for was in c.formerly}
        renamed |= {alike(was): now for was, now in formerly.items()}
        headings = {alike(renamed.get(alike(str(there)), str(there))): at for at, there in enumerate(texts, left)}
        columns = {c.key: headings[alike(c.heading)] for c in every if alike(c.heading) in headings}
        lacking = [column for column in block.columns if column.key not in columns]
        others = headings.keys() - {alike(column.heading) for column in every}
        is_older = all(column.may_lack for column in lacking) and all(map(block.is_of_other_forms, others))
        return Found(on, heading + 1, last, columns) if not lacking or is_older else None

    def page(self, sheet: str) -> list[list[Any]]:
        """Every cell of a sheet that is read from A1 on, a list per row. Raises Unreadable."""
        if sheet not in self.pages:
            with refusing_damage():
                page = self.book.get_sheet_by_index(self.numbers[sheet]).to_python(skip_empty_area=False)
            texts = (v for row in page for v in row if v and v.__class__ is str and len(v) > LONGEST_TEXT)
            if self.has_long_parts and any(texts):
                raise Unreadable("too-large")
            self.pages[sheet] = page
        return self.pages[sheet]


def _area(reference: str) -> Area | None:
    """What a defined name refers to, if it is cells of a sheet of the same file."""
    found = REFERENCE.fullmatch(reference)
    if not found:
        return None
    first, last = found[3], found[4] or found[3]
    return (found[1] or found[2]).replace("''", "'"), *row_and_column(first), *row_and_column(last)


def tidy(value: Any) -> Value:
    """A cell's value without what does not matter: blanks around text, `.0`, the case of N/A. Nothing else changes.

    What is no number (`NaN`, and infinity) is text; beyond 15 digits, which are all that Excel holds, none is whole.
    """
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return int(value)
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, str):
        text = value.strip()
        return NOT_APPLICABLE if len(text) == 3 and text.casefold() == "n/a" else text or None
    return value  # type: ignore[no-any-return]

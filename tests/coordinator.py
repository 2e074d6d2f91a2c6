"""What a coordinator does to an open master, at random, and what of it is found in the file afterwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from typing import Any

from openpyxl.utils.cell import range_boundaries
from python_calamine import CalamineWorkbook

from tests.engine import App, Range, filter_table
from tests.office import properties
from tests.values import with_looks

MINE = re.compile(r"\bmine \d+")
COLOUR = 0xABCDEF
PASSWORD = "secret"
FIGURES = "cpxl_data_progress"
Key = tuple[object, ...]


class File:
    """A master's file: values by sheet, and where cpxl's blocks are. Rows and columns are counted from 0."""

    def __init__(self, path: Path) -> None:
        self.book: Any = with_looks(path)
        values = CalamineWorkbook.from_path(path)
        self.values = {
            name: values.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in self.book.sheetnames
            if hasattr(self.book[name], "iter_rows")
        }
        self.blocks: dict[tuple[str, str], Any] = {
            (sheet.title, name): range_boundaries(found.attr_text.rpartition("!")[2].replace("$", ""))
            for sheet in self.book.worksheets
            for name, found in sheet.defined_names.items()
            if name.startswith("cpxl_")
        }

    def block(self, sheet: str, name: str) -> list[list[Any]]:
        """The values of a block."""
        left, top, right, bottom = self.blocks[sheet, name]
        width = right - left + 1
        rows = [row[left - 1 : right] + [""] * width for row in self.values[sheet][top - 1 : bottom]]
        return [row[:width] for row in rows] + [[""] * width] * (bottom - top + 1 - len(rows))

    def keys(self, sheet: str) -> dict[int, Key]:
        """What tells the rows of a sheet apart: its label, or its first texts. Rows that are alike have none."""
        rows = {
            n: [v for v in row[:4] if isinstance(v, str)] for n, row in enumerate(self.values[sheet]) if any(row[:1])
        }
        labels, texts = Counter(row[0] for row in rows.values() if row), Counter(map(tuple, rows.values()))
        return {
            n: (row[0],) if labels[row[0]] == 1 else tuple(row)
            for n, row in rows.items()
            if row and not MINE.search(row[0]) and texts[tuple(row)] == 1
        }


def lasting(before: File, after: File) -> dict[str, set[Key]]:
    """By sheet, the rows that a consolidation leaves there, in their order."""
    found = {}
    for sheet in {sheet for sheet, _ in before.blocks}:
        old, new = list(before.keys(sheet).values()), list(after.keys(sheet).values())
        matches = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        found[sheet] = {key for match in matches for key in old[match.a : match.a + match.size]}
    return found


# Edits


@dataclass
class Desk:
    """The master before the coordinator. start: as it was before. Rows and columns are counted from 0."""

    app: App
    rng: Random
    start: File
    lasting: dict[str, set[Key]]
    number: int = 0
    with_password: set[str] = field(default_factory=set)

    @property
    def document(self) -> Any:
        return self.app.books.active.document

    def mine(self) -> str:
        """A text like no other."""
        self.number += 1
        return f"mine {self.number}"

    def sheet(self, *, data: bool = False) -> Any:
        """One of cpxl's sheets that the coordinator sees, any protection off."""
        names = [s for s in dict.fromkeys(sheet for sheet, _ in self.start.blocks) if s != "cpxl"]
        names = [name for name in names if self.document.Sheets.hasByName(name)]
        names = [name for name in names if not data or (name, f"cpxl_data_{name.lower()}") in self.start.blocks]
        sheet = self.document.Sheets.getByName(self.rng.choice(names))
        if sheet.isProtected():
            sheet.unprotect(PASSWORD if sheet.Name in self.with_password else "")
            self.with_password.discard(sheet.Name)
        return sheet

    def block(self, sheet: Any) -> tuple[int, int, int, int]:
        """Where one of the blocks of a sheet is: first row and column, last row and column."""
        named = [area for area in sheet.NamedRanges if area.Name.startswith("cpxl_")]
        area: Any = self.rng.choice(named).getReferredCells().RangeAddress
        return area.StartRow, area.StartColumn, area.EndRow, area.EndColumn

    def row(self, sheet: Any) -> int:
        """A row of a block."""
        top, _, bottom, _ = self.block(sheet)
        return self.rng.randint(top, bottom)

    def right(self, sheet: Any) -> int:
        """The first column to the right of all blocks of a sheet."""
        ends = [a.getReferredCells().RangeAddress.EndColumn for a in sheet.NamedRanges if a.Name.startswith("cpxl_")]
        return int(max(ends)) + 1

    def below(self, sheet: Any) -> int:
        """The first row below everything on a sheet."""
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        return int(cursor.RangeAddress.EndRow) + 1


Edit = Callable[[Desk], str]


def a_filter(desk: Desk) -> str:
    tables: list[Any] = []
    while not tables:  # a strand's sheet has none
        sheet = desk.sheet()
        there = [t for t in desk.document.DatabaseRanges if t.DataArea.Sheet == sheet.RangeAddress.Sheet]
        tables = [t for t in there if t.DataArea.EndRow > t.DataArea.StartRow]
    table = desk.rng.choice(tables)
    table.AutoFilter = True
    area = table.DataArea
    several = desk.rng.random() < 0.3  # of which Calc saves lists of values only
    for _ in range(2 if several else 1):
        column = desk.rng.randint(area.StartColumn, area.EndColumn)
        there = [sheet.getCellByPosition(column, row).String for row in range(area.StartRow + 1, area.EndRow + 1)]
        values = ("values", [("=", text) for text in set(desk.rng.sample(there, min(2, len(there))))])
        number = str(desk.rng.randint(0, 30))
        how = desk.rng.choice([values, values, ("and", [(">", number)]), ("or", [("<", "3"), (">", number)])])
        cells = Range(
            desk.app.books.active.sheets(sheet.Name), [(area.StartRow, area.StartColumn, area.EndRow, column)]
        )
        filter_table(cells, column - area.StartColumn, values if several else how)
    return f"{sheet.Name}: {table.Name} filtered"


def sorted_anew(desk: Desk) -> str:
    import uno
    from com.sun.star.table import TableSortField

    sheet = desk.sheet(data=desk.rng.random() < 0.7)
    top, left, bottom, right = desk.block(sheet)
    by = TableSortField()
    by.Field, by.IsAscending = desk.rng.randint(0, right - left), desk.rng.random() < 0.5
    fields = uno.Any("[]com.sun.star.table.TableSortField", (by,))
    if bottom > top:
        cells = sheet.getCellRangeByPosition(left, top + 1, right, bottom)
        cells.sort(properties(SortFields=fields, ContainsHeader=False))
    return f"{sheet.Name}: rows {top + 2}:{bottom + 1} sorted by {by.Field}"


def hidden_rows(desk: Desk) -> str:
    sheet = desk.sheet()
    rows = [desk.row(sheet) for _ in range(desk.rng.randint(1, 4))]
    for row in rows:
        sheet.Rows.getByIndex(row).IsVisible = False
    return f"{sheet.Name}: rows {[row + 1 for row in rows]} hidden"


def a_hidden_column(desk: Desk) -> str:
    sheet = desk.sheet()
    column = desk.rng.randint(1, desk.right(sheet))
    sheet.Columns.getByIndex(column).IsVisible = False
    return f"{sheet.Name}: column {column} hidden"


def a_hidden_sheet(desk: Desk) -> str:
    sheet = desk.sheet()
    sheet.IsVisible = False
    return f"{sheet.Name} hidden"


def an_own_sheet(desk: Desk) -> str:
    sheets, name = desk.document.Sheets, f"{desk.mine()} {desk.rng.choice(['', '& more', 'of ours', 'é'])}".strip()
    sheets.insertNewByName(name, desk.rng.randint(0, sheets.Count))
    sheet = sheets.getByName(name)
    sheet.getCellRangeByName("A1:B2").setFormulaArray((("Ask again", "=1+1"), ("'00123", "=B1*3")))
    for row in range(3, 8):  # what stands in rows that last, followed by a formula
        page = desk.sheet()
        labels = [r for r, key in desk.start.keys(page.Name).items() if key in desk.lasting.get(page.Name, ())]
        if labels:
            sheet.getCellByPosition(0, row).setFormula(
                f"={page.getCellByPosition(0, desk.rng.choice(labels)).AbsoluteName}"
            )
    return f"a sheet '{name}'"


def a_note(desk: Desk) -> str:
    sheet = desk.sheet()
    at, row = desk.rng.randint(0, desk.right(sheet)), desk.row(sheet)
    cell = sheet.getCellByPosition(at, row)
    sheet.Annotations.insertNew(cell.CellAddress, desk.mine())
    return f"{cell.AbsoluteName}: a note"


def a_text_beside(desk: Desk) -> str:
    sheet = desk.sheet()
    cell = sheet.getCellByPosition(desk.right(sheet) + desk.rng.randint(0, 2), desk.row(sheet))
    cell.String = desk.mine()
    return f"{cell.AbsoluteName}: a text"


def a_text_below(desk: Desk) -> str:
    sheet = desk.sheet()
    cell = sheet.getCellByPosition(desk.rng.randint(0, 3), desk.below(sheet) + 1)
    cell.String = desk.mine()
    return f"{cell.AbsoluteName}: a text below"


def a_formula_beside(desk: Desk) -> str:
    sheet = desk.sheet()
    row = desk.row(sheet)
    label = sheet.getCellByPosition(0, row).AbsoluteName.rpartition(".")[2].replace("$", "")
    cell = sheet.getCellByPosition(desk.right(sheet) + 1, row)
    cell.setFormula(f'={label}&" {desk.mine()}"')
    return f"{cell.AbsoluteName}: a formula"


def a_formula_of_several_cells(desk: Desk) -> str:
    sheet = desk.sheet()
    top, _, bottom, _ = desk.block(sheet)
    at = desk.right(sheet) + 1
    cells = sheet.getCellRangeByPosition(at, top, at, bottom)
    cells.setArrayFormula(f'=ROW({cells.AbsoluteName.rpartition(".")[2]})&" {desk.mine()}"')
    return f"{cells.AbsoluteName}: a formula of several cells"


def a_chart(desk: Desk) -> str:
    from com.sun.star.awt import Rectangle

    sheet = desk.sheet()
    page = next(page for page in desk.document.Sheets if page.NamedRanges.hasByName(FIGURES))
    area = page.NamedRanges.getByName(FIGURES).getReferredCells().RangeAddress
    at = next(n for n in range(area.EndColumn + 1) if page.getCellByPosition(n, area.StartRow).String == "value")
    data = page.getCellRangeByPosition(at, area.StartRow, at, area.EndRow).RangeAddress
    place = Rectangle(3000 * desk.rng.randint(0, 9), 2000 * desk.rng.randint(0, 40), 9000, 6000)
    sheet.Charts.addNewByName(desk.mine(), place, (data,), True, False)
    return f"{sheet.Name}: a chart"


def frozen_panes(desk: Desk) -> str:
    sheet = desk.sheet()
    desk.document.CurrentController.setActiveSheet(sheet)
    desk.document.CurrentController.freezeAtPosition(desk.rng.randint(0, 3), desk.rng.randint(0, 8))
    return f"{sheet.Name}: panes frozen"


def looks(desk: Desk) -> str:
    sheet = desk.sheet()
    cell = sheet.getCellByPosition(desk.rng.randint(0, 2), desk.row(sheet))
    cell.CellBackColor = COLOUR
    sheet.Columns.getByIndex(desk.rng.randint(0, 5)).Width = 5000
    return f"{cell.AbsoluteName} in blue, a column wider"


def protected(desk: Desk) -> str:
    sheet = desk.sheet()
    sheet.protect("")
    return f"{sheet.Name} protected"


def unprotected(desk: Desk) -> str:
    return f"{desk.sheet().Name} unprotected"


def a_password(desk: Desk) -> str:
    sheet = desk.sheet()
    sheet.protect(PASSWORD)
    desk.with_password.add(sheet.Name)
    return f"{sheet.Name} with a password"


def rows_between(desk: Desk) -> str:
    """Above a table or below it, with the title or without."""
    sheet = desk.sheet()
    top, _, bottom, _ = desk.block(sheet)
    at = desk.rng.choice([top, max(top - 1, 0), max(top - 2, 0), bottom + 1, 0])
    sheet.Rows.insertByIndex(at, desk.rng.randint(1, 3))
    return f"{sheet.Name}: rows come in at {at + 1}"


def rows_within(desk: Desk) -> str:
    sheet = desk.sheet()
    top, _, bottom, _ = desk.block(sheet)
    at = desk.rng.randint(top + 1, bottom)
    sheet.Rows.insertByIndex(at, desk.rng.randint(1, 2))
    return f"{sheet.Name}: rows come in within a table at {at + 1}"


def columns(desk: Desk) -> str:
    sheet = desk.sheet()
    at = desk.rng.randint(0, desk.right(sheet))
    sheet.Columns.insertByIndex(at, 1)
    return f"{sheet.Name}: a column comes in at {at}"


def renamed(desk: Desk) -> str:
    sheet = desk.sheet()
    name = sheet.Name
    sheet.Name = desk.mine()
    return f"{name} renamed"


EDITS: list[Edit] = [a_filter, sorted_anew, hidden_rows, a_hidden_column, a_hidden_sheet, an_own_sheet, a_note,
                     a_text_beside, a_text_below, a_formula_beside, a_chart, frozen_panes, looks, protected,
                     unprotected]  # fmt: skip
IN_THE_WAY: list[Edit] = [a_password, rows_between, rows_within, columns, renamed, a_formula_of_several_cells]
"""What cpxl may refuse to work on."""


# What is found again


def things(file: File, lasting: dict[str, set[Key]]) -> dict[str, Any]:
    """All that is the coordinator's in a master, each by the row that it is at, wherever that has moved."""
    return dict(_things(file, lasting))


def _things(file: File, lasting: dict[str, set[Key]]) -> Iterator[tuple[str, Any]]:
    yield "sheets", [(sheet.title, sheet.sheet_state) for sheet in file.book.worksheets]
    for sheet in file.book.worksheets:
        name, keys = sheet.title, file.keys(sheet.title)
        keys = {row: key for row, key in keys.items() if key in lasting.get(name, ())}
        filtered = [table for table in sheet.tables.values() if table.autoFilter and table.autoFilter.filterColumn]

        def place(row: int, keys: dict[int, Key] = keys) -> object:
            """The row, if it lasts; else that above it that does."""
            above = [n for n in keys if n < row]
            return keys.get(row) or ("below", keys[max(above)] if above else None)

        if name not in lasting:
            yield f"{name}: values", file.values[name]
            continue
        texts = [(row, v) for row, cells in enumerate(file.values[name]) for v in cells if MINE.search(str(v))]
        yield f"{name}: texts", {MINE.search(str(v))[0]: place(row) for row, v in texts}  # type: ignore[index]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        yield f"{name}: notes", {c.comment.text: place(c.row - 1) for c in cells if c.comment}
        blue = [c for c in cells if c.fill.fgColor.rgb == f"FF{COLOUR:06X}"]
        ends = {bottom for (on, _), (_, _, _, bottom) in file.blocks.items() if on == name}  # rows come in above
        yield f"{name}: blue", {(place(c.row - 1), c.column) for c in blue if c.row - 1 in keys and c.row not in ends}
        yield f"{name}: charts", len(vars(sheet)["_charts"])
        yield f"{name}: panes", sheet.freeze_panes
        yield f"{name}: protected", bool(sheet.protection.sheet)
        hidden = {n - 1 for n, row in sheet.row_dimensions.items() if row.hidden}
        if not filtered:
            yield f"{name}: hidden rows", ({keys[row] for row in hidden if row in keys}, len(hidden))
        columns = sheet.column_dimensions
        yield (
            f"{name}: hidden columns",
            sorted(n for c in columns.values() if c.hidden for n in range(c.min, c.max + 1)),
        )
        for table in filtered:
            yield (
                f"{name}: {table.name}",
                [  # what it is filtered by
                    (
                        c.colId,
                        c.filters and (c.filters.blank, sorted(c.filters.filter)),
                        c.customFilters and str(c.customFilters),
                    )
                    for c in table.autoFilter.filterColumn
                ],
            )

"""What Excel does and LibreOffice does not, for both of its systems: filters, protection, owner files, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import engine
from tests.engine import App, Book, Range, Sheet, Table

PROTECTED = (
    "The cell or chart you're trying to change is on a protected sheet. To make a change, unprotect the sheet. "
    "You might be requested to enter a password."
)
WRONG_PASSWORD = "The password you supplied is not correct. Verify that the CAPS LOCK key is off."
IN_A_PIVOT = "We can't make this change for the selected cells because it will affect a PivotTable."
BESIDE_A_TABLE = (
    "This operation is not allowed. The operation is attempting to shift cells in a table on your worksheet."
)
IN_A_FILTER = "Can't move cells in a filtered range or table."
SAME_NAME = "Sorry, Excel can't open two workbooks with the same name at the same time."
COMPARISON = re.compile(r"(<>|>=|<=|=|>|<)?(.*)", re.DOTALL)


class Refusal(Exception):
    """What Excel says when it does not do something."""


class Excel(App):
    """A running Excel, and the person before it.

    deletes_under_filter: whether rows that a filter hides stay when rows are deleted; if not, Excel refuses.
    protected_view: where a window in Protected View is: "in front", "behind" others, or nowhere.
    addresses: what FullName says for a workbook of that name, instead of its path.
    calls: every call into Excel, by sheet. edits: how often something was done to a sheet.
    has_word: whether Word is installed beside it. documents: what is open there, by name.
    """

    def __init__(self, desktop: Any) -> None:
        super().__init__(desktop)
        self.deletes_under_filter = True
        self.protected_view = ""
        self.addresses: dict[str, str] = {}
        self.strangers: list[str] = []
        self.edits = 0
        self.has_word = True
        self.documents: dict[str, Any] = {}

    def called(self, sheet: str = "") -> None:
        """Calls of the stand-ins into LibreOffice count for nothing."""

    def count(self, sheet: str = "") -> None:
        """Count a call into Excel."""
        self.calls[sheet] += 1

    def refuses(self, what: str) -> None:
        """Note something that Excel does not have, or the model does not: the test then fails, whatever is caught."""
        self.strangers.append(what)

    # Workbooks

    @property
    def front(self) -> Book | None:
        """The workbook in front; none if that is one in Protected View."""
        books = self.books.open_books
        return books[0] if books and self.protected_view != "in front" else None

    def open(self, path: str, read_only: bool = False) -> Book:
        """Open a file, as a person or a program does."""
        for book in self.books:
            if Path(book.fullname) == Path(path):
                book.activate()
                return book
            if book.name.casefold() == Path(path).name.casefold():
                raise Refusal(SAME_NAME)
        if not Path(path).exists():
            raise Refusal(f"Sorry, we couldn't find {path}. Is it possible it was moved, renamed or deleted?")
        book = self.books.open(path, None, read_only)
        owner(path).write_bytes(b"")
        return book

    def close(self, book: Book) -> None:
        owner(book.fullname).unlink(missing_ok=True)
        book.close()

    def full_name(self, book: Book) -> str:
        return self.addresses.get(book.name, book.fullname)

    # Cells

    def write(self, cells: Range, values: Any) -> None:
        """Write an array, as Value does it: under a filter, visible rows get its first element (xlwings issue 747)."""
        self.edits += 1
        self.refuse_if_locked(cells)
        hidden = filtered(cells)
        if not hidden:
            cells.raw_value = values
            return
        top, left, bottom, right = cells.areas[0]
        for row in range(top, bottom + 1):
            if row not in hidden:
                Range(cells.sheet, [(row, left, row, right)]).raw_value = [[values[0][0]] * (right - left + 1)]

    def insert(self, cells: Range, shift: str, copy_origin: str) -> None:
        """Insert whole rows, or cells to the left of others."""
        self.edits += 1
        self.refuse_if_protected(cells.sheet, "Insert method of Range class failed")
        refuse_if_torn(cells, shift)
        with changing_no_array():
            cells.insert(shift, copy_origin)

    def delete(self, cells: Range) -> None:
        """Delete whole rows, as Excel does it where some of them do not show."""
        self.edits += 1
        self.refuse_if_protected(cells.sheet, "Delete method of Range class failed")
        refuse_if_torn(cells, "up")
        hidden = filtered(cells)
        if hidden and not self.deletes_under_filter:
            raise Refusal(IN_A_FILTER)
        for row in range(cells.areas[0][2], cells.areas[0][0] - 1, -1):
            if row not in hidden:
                with changing_no_array():
                    cells.sheet.sheet.Rows.removeByIndex(row, 1)

    def copy(self, cells: Range, destination: Range) -> None:
        self.edits += 1
        self.refuse_if_protected(cells.sheet, PROTECTED)
        engine.copy(cells, destination)

    def fill_up(self, cells: Range) -> None:
        self.edits += 1
        self.refuse_if_protected(cells.sheet, "FillUp method of Range class failed")
        cells.fill_up()

    def format(self, cells: Range, name: str, value: Any) -> None:
        self.edits += 1
        self.refuse_if_protected(cells.sheet, f"Unable to set the {name} property of the Range class")
        setattr(cells, name, value)

    def fit_rows(self, cells: Range) -> None:
        self.edits += 1
        self.refuse_if_protected(cells.sheet, "AutoFit method of Range class failed")
        cells.autofit()

    def print_only(self, sheet: Sheet, area: str) -> None:
        self.edits += 1
        self.refuse_if_protected(sheet, "Unable to set the PrintArea property of the PageSetup class")
        sheet.page_setup.print_area = area

    def add_column(self, table: Table, at: int) -> str:
        """Add a column to a table. Its heading, which the caller may change, is new."""
        self.edits += 1
        self.refuse_if_protected(table.sheet, "Add method of ListColumns class failed")
        area = table.table.DataArea
        if filtered(Range(table.sheet, [(area.StartRow, 0, area.EndRow, 0)])):
            raise Refusal(IN_A_FILTER)
        name = f"Column{at}"
        with changing_no_array():
            table.columns.add(name, at)
        return name

    def filter(self, cells: Range, field: int, criteria: Sequence[str] | str | None, other: tuple[str, str]) -> None:
        """Show rows of a table with these values, or that compare like this; all of them if nothing is said."""
        self.edits += 1
        self.refuse_if_protected(cells.sheet, "AutoFilter method of Range class failed")
        engine.filter_table(cells, field - 1, conditions(criteria, other))

    # Protection

    def protect(self, sheet: Sheet, about: Mapping[str, bool]) -> None:
        """Protect a sheet, which LibreOffice does against what it likes: so what was asked for is kept."""
        self.edits += 1
        self.protections[sheet.name] = dict(about)
        sheet.sheet.protect("")

    def unprotect(self, sheet: Sheet) -> None:
        self.edits += 1
        sheet.sheet.unprotect("")
        if sheet.sheet.isProtected():
            raise Refusal(WRONG_PASSWORD)

    def activate(self, sheet: Sheet) -> None:
        if not sheet.visible:
            raise Refusal("Activate method of Worksheet class failed")
        sheet.activate()

    def select(self, cells: Range) -> None:
        """Excel selects cells of the sheet in front only."""
        if cells.sheet.name != self.selected.sheet.name or cells.sheet.book is not self.front:
            raise Refusal("Select method of Range class failed")
        cells.select()

    def refuse_if_protected(self, sheet: Sheet, sentence: str) -> None:
        if sheet.sheet.isProtected():
            raise Refusal(sentence)

    def refuse_if_locked(self, cells: Range) -> None:
        """A single locked cell on a protected sheet is enough."""
        if cells.sheet.sheet.isProtected():
            protection = cells.cells.CellProtection
            if protection is None or protection.IsLocked:
                raise Refusal(PROTECTED)


@contextmanager
def changing_no_array() -> Iterator[None]:
    """LibreOffice refuses as Excel does, in other words, to move some cells of an array."""
    try:
        yield
    except RuntimeError:
        raise Refusal("You can't change part of an array.") from None


def refuse_if_torn(cells: Range, shift: str) -> None:
    """Excel moves no part of a PivotTable, and moves rows in no two tables at once."""
    top, left, bottom, _ = cells.areas[0]
    first = top if shift == "up" else top + 1  # what begins where rows come in moves as a whole

    def is_torn(a: int, b: int, c: int, d: int) -> bool:
        if shift == "right":
            return a <= bottom and top <= c and left <= d and not (top <= a and c <= bottom and left <= b)
        return a < first <= c or (shift == "up" and top <= a <= bottom)

    sheet = cells.sheet.sheet
    pivots = [engine.corners_of(table.OutputRange) for table in sheet.DataPilotTables]
    if any(is_torn(*pivot) for pivot in pivots):
        raise Refusal(IN_A_PIVOT)
    areas = [table.DataArea for table in cells.sheet.book.document.DatabaseRanges]
    tables = [engine.corners_of(area) for area in areas if area.Sheet == cells.sheet.index - 1]
    if shift != "right" and sum(is_torn(*table) for table in tables) > 1:
        raise Refusal(BESIDE_A_TABLE)


def owner(path: str) -> Path:
    """The file that Excel keeps beside a workbook while it is open."""
    return Path(path).with_name(f"~${Path(path).name}")


def filtered(cells: Range) -> set[int]:
    """Those rows of an area that a filter hides, from 0. Rows that somebody hid are none of them."""
    top, left, bottom, _ = cells.areas[0]
    sheet = cells.sheet.sheet
    if len(sheet.getCellRangeByPosition(left, top, left, bottom).queryVisibleCells().RangeAddresses) == 1:
        shown = sheet.getCellRangeByPosition(left, top, left, bottom).queryVisibleCells().RangeAddresses[0]
        if (shown.StartRow, shown.EndRow) == (top, bottom):
            return set()
    return {row for row in range(top, bottom + 1) if sheet.Rows.getByIndex(row).IsFiltered}


def conditions(criteria: Sequence[str] | str | None, other: tuple[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """What to join conditions with ("and", "or"), and each as operator and text. `=` alone asks for blank cells."""
    if criteria is None:
        return "and", []
    if not isinstance(criteria, str):
        return "values", [("=", "" if value == "=" else value) for value in criteria]
    joined, second = other
    found = [COMPARISON.fullmatch(text) for text in (criteria, second) if text]
    return joined, [(match[1] or "=", match[2]) for match in found if match]


@contextmanager
def closing(excel: Excel) -> Iterator[Excel]:
    """Close what is open in the end. The test fails if something was asked for that Excel does not have."""
    try:
        yield excel
    finally:
        for book in excel.books:
            excel.close(book)
    assert excel.strangers == []

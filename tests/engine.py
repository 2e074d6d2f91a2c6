"""xlwings on LibreOffice, for tests: what cpxl does in Excel is done here to a live spreadsheet program, and counted.

An engine has the members that xlwings' own engines have (xlwings.base_classes lists them), as far as cpxl needs them.
Each use of one that would be a call into Excel counts as one. What xlwings has no word for (`api`) goes by the names of
Excel's object model on Windows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import xlwings
from xlsxwriter.utility import xl_cell_to_rowcol, xl_range_abs

from cpxl.addin.preview import QUESTION
from cpxl.layout import grid
from tests.office import PDF, XLSX, properties

NO_COLOUR = -1
FIRST_DAY = datetime(1899, 12, 30)
PIXEL = 2540 / 96
"""In hundredths of a millimetre."""
LAST_COLUMN = 50  # of those that may have a format
PRINT_AREA = "_xlnm.Print_Area"
DATES, ERRORS = 2, 4
CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: values, dates, texts, formulas
NUMBERLIKE = re.compile(r"'.{0,20}\d.{0,20}|'TRUE|[^'].*[^\d.].*", re.DOTALL).fullmatch
"""A text that might be taken for a number, or that is to be read as if it were typed."""
ROWS = re.compile(r"(\d+):(\d+)")


@contextmanager
def spreadsheet_program(desktop: Any) -> Iterator[App]:
    """A running LibreOffice as the one spreadsheet program that xlwings knows, and that buttons are clicked in."""
    app = App(desktop)
    engine, before = xlwings.Engine(impl=Engine(app)), xlwings.engines.active
    xlwings.engines.add(engine)
    engine.activate()
    try:
        yield app
    finally:
        for book in app.books:
            book.close()
        xlwings.engines.active = before


@contextmanager
def unmodified(document: Any) -> Iterator[None]:
    """Calc takes a workbook for changed when it works it out; Excel does not."""
    was_modified = document.isModified()
    yield
    document.setModified(was_modified)


def _setting(name: str) -> Any:
    """A property of the program that can be set and read."""

    def read(app: App) -> Any:
        app.called()
        return app.settings[name]

    def write(app: App, value: Any) -> None:
        app.called()
        app.settings[name] = value
        if name == "status_bar" and value:
            app.shown.append(value)
        for book in app.books:
            with unmodified(book.document):
                if name == "calculation":
                    book.document.enableAutomaticCalculation(value == "automatic")
                if name == "screen_updating":
                    _draw_anew(book.document, value)

    return property(read, write)


def _draw_anew(document: Any, is_wanted: bool) -> None:
    """Calc counts how often it was told not to draw; Excel does not. Undrawn, Calc takes nothing for changed."""
    while is_wanted and document.hasControllersLocked():
        document.unlockControllers()
    if not is_wanted and not document.hasControllersLocked():
        document.lockControllers()


class Engine:
    """LibreOffice."""

    name, type = "libreoffice", "desktop"

    def __init__(self, app: App) -> None:
        self.apps = [app]
        app.engine = self


class App:
    """The running program, and the person before it.

    calls: how often the program was called, by sheet; blank for what concerns no sheet.
    alerts, shown: every message, and every text of the status bar. answers: what the person will answer, in turn.
    previews, takes_in: what was said of changes before they were taken in, and what the person answers to that.
    is_typing: whether the person is in the midst of filling in a cell.
    protections: what each sheet was last protected against, as Excel was told.
    """

    pid = 1

    def __init__(self, desktop: Any) -> None:
        self.desktop = desktop
        self.engine: Engine
        self.books = Books(self)
        self.calls: Counter[str] = Counter()
        self.alerts: list[str] = []
        self.shown: list[str] = []
        self.answers: list[str] = []
        self.previews: list[str] = []
        self.takes_in = "yes"
        self.is_typing = False
        self.protections: dict[str, dict[str, bool]] = {}
        self.settings: dict[str, Any] = {
            "screen_updating": True,
            "calculation": "automatic",
            "display_alerts": True,
            "status_bar": False,
        }
        self.options = SimpleNamespace(AutoExpandListRange=True, AutoFillFormulasInLists=True)
        self.api = AppApi(self)

    @property
    def selected(self) -> Range:
        """The cell that is selected; the first, of several."""
        self.called()
        document = self.books.active.document
        found = document.getCurrentSelection()
        area = found.RangeAddress if hasattr(found, "RangeAddress") else found.getRangeAddresses()[0]
        at = area.StartRow, area.StartColumn
        return Range(Sheet(self.books.active, document.CurrentController.ActiveSheet), [(*at, *at)])

    def called(self, sheet: str = "") -> None:
        """Count a call."""
        self.calls[sheet] += 1

    screen_updating, calculation = _setting("screen_updating"), _setting("calculation")
    display_alerts, status_bar = _setting("display_alerts"), _setting("status_bar")

    @property
    def interactive(self) -> bool:
        return True

    @interactive.setter
    def interactive(self, value: bool) -> None:
        if self.is_typing:
            raise RuntimeError("Excel takes no orders while a cell is being typed in")

    def calculate(self) -> None:
        self.called()
        for book in self.books:
            with unmodified(book.document):
                book.document.calculateAll()

    def alert(self, prompt: str, title: str, buttons: str, mode: str | None, callback: str | None) -> str:
        if prompt.endswith(QUESTION):
            self.previews.append(prompt)
            return self.takes_in
        self.alerts.append(prompt)
        return self.answers.pop(0) if buttons != "ok" else "ok"

    def ask(self, prompt: str, default: str | None) -> Any:
        """Have the person enter something."""
        self.alerts.append(prompt)
        answer = self.answers.pop(0)
        return {"default": default, "cancel": False}.get(answer, answer)


class AppApi:
    """The program under Excel's names."""

    ActiveProtectedViewWindow = None

    def __init__(self, app: App) -> None:
        self.app, self.AutoCorrect = app, app.options

    def InputBox(self, **about: Any) -> Any:
        return self.app.ask(about["Prompt"], about["Default"])

    @property
    def ActiveSheet(self) -> Any:
        return SimpleNamespace(Name=self.app.selected.sheet.name)

    @property
    def ActiveCell(self) -> Any:
        return SimpleNamespace(Address=self.app.selected.address)


class Books:
    """The open workbooks, the one in front first."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.open_books: list[Book] = []

    @property
    def active(self) -> Book:
        return self.open_books[0] if self.open_books else Book(self.app, None)

    def open(self, fullname: str, update_links: Any = None, read_only: bool | None = None, *others: Any) -> Book:
        self.app.called()
        return self.open_url(Path(fullname).as_uri(), bool(read_only))

    def add(self) -> Book:
        return self.open_url("private:factory/scalc")

    def open_url(self, url: str, read_only: bool = False) -> Book:
        """Open what is not a file on this computer."""
        wanted = properties(Hidden=True, ReadOnly=read_only)
        document = self.app.desktop.loadComponentFromURL(url, "_blank", 0, wanted)
        self.open_books.insert(0, Book(self.app, document))
        return self.open_books[0]

    def __iter__(self) -> Iterator[Book]:
        return iter(list(self.open_books))

    def __len__(self) -> int:
        return len(self.open_books)

    def __call__(self, key: int | str) -> Book:
        if isinstance(key, int):
            return self.open_books[key - 1]
        return {book.name: book for book in self}[key]


class Book:
    """An open workbook; without a document, what Excel gives as the active one where none is open."""

    def __init__(self, app: App, document: Any) -> None:
        self.app, self.document = app, document

    @property
    def api(self) -> Any:
        if self.document is None:
            return None
        self.app.called()
        return Api(self)

    @property
    def fullname(self) -> str:
        url = self.document.getURL()
        return _path(url) if url.startswith("file:") else url or "Book1"

    @property
    def name(self) -> str:
        return self.fullname.replace("\\", "/").rpartition("/")[2]

    @property
    def sheets(self) -> Sheets:
        self.app.called()
        return Sheets(self)

    def activate(self) -> None:
        books = self.app.books.open_books
        books.remove(self)
        books.insert(0, self)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        self.app.called()
        if path is None:
            self.document.store()
        else:
            self.document.storeAsURL(Path(path).as_uri(), properties(FilterName=XLSX))

    def save_copy(self, path: str) -> None:
        self.app.called()
        self.document.storeToURL(Path(path).as_uri(), properties(FilterName=XLSX))

    def close(self) -> None:
        self.app.called()
        self.app.books.open_books.remove(self)
        self.document.close(True)

    def to_pdf(self, path: str, quality: str) -> None:
        self.app.called()
        from uno import Any as Typed

        # The first page will do: a whole one takes longer than all that the buttons do before.
        first = Typed("[]com.sun.star.beans.PropertyValue", properties(PageRange="1"))
        self.document.storeToURL(Path(path).as_uri(), properties(FilterName=PDF, FilterData=first))


def mark_saved(book: Book) -> None:
    """Take a workbook for saved until `change` is called: one with charts changes for Calc whenever it draws them."""
    book.document.setModified(False)
    book.document.disableSetModified()


def change(book: Book) -> None:
    """What a person does to a workbook by typing."""
    book.document.enableSetModified()
    book.document.setModified(True)


class Api:
    """A workbook under Excel's names."""

    def __init__(self, book: Book) -> None:
        self.book, self.Activate = book, book.activate
        self.FullName, self.ReadOnly = book.fullname, book.document.isReadonly()

    @property
    def Saved(self) -> bool:
        return not self.book.document.isModified()

    @Saved.setter
    def Saved(self, value: bool) -> None:
        mark_saved(self.book)


class Sheets:
    """The sheets of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, key: int | str) -> Sheet:
        sheets = self.book.document.Sheets
        found = Sheet(self.book, sheets.getByIndex(key - 1) if isinstance(key, int) else sheets.getByName(key))
        self.book.app.called(found.name)
        return found

    def __iter__(self) -> Iterator[Sheet]:
        return (self(at + 1) for at in range(len(self)))

    def __len__(self) -> int:
        return int(self.book.document.Sheets.Count)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        sheets = self.book.document.Sheets
        sheets.insertNewByName(name, len(self))
        return self(len(self))


class Sheet:
    """A sheet."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.sheet = book, sheet

    def called(self) -> None:
        self.book.app.called(self.name)

    @property
    def name(self) -> str:
        return str(self.sheet.Name)

    @property
    def index(self) -> int:
        return int(self.sheet.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        return bool(self.sheet.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.sheet.IsVisible = value

    @property
    def api(self) -> Any:
        return SheetApi(self)

    def _protect(self, **about: bool) -> None:
        self.called()
        self.book.app.protections[self.name] = about
        self.sheet.protect("")

    def _unprotect(self) -> None:
        self.called()
        self.sheet.unprotect("")

    def activate(self) -> None:
        self.called()
        if not self.visible:
            raise RuntimeError("Excel does not bring a hidden sheet to the front")
        self.book.document.CurrentController.setActiveSheet(self.sheet)

    @property
    def page_setup(self) -> PageSetup:
        self.called()
        return PageSetup(self)

    @property
    def tables(self) -> Tables:
        self.called()
        return Tables(self)

    def range(self, area: Any, other: Any = None) -> Range:
        self.called()
        return Range(self, [self._corners(part) for part in str(area).replace("$", "").split(",")])

    def _corners(self, area: str) -> tuple[int, int, int, int]:
        """Of cells, rows or what has a name on this sheet."""
        names = self.sheet.NamedRanges
        return (
            corners_of(names.getByName(area).getReferredCells().RangeAddress)
            if names.hasByName(area)
            else _corners(area)
        )


class SheetApi:
    """A sheet under Excel's names."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet: Sheet
        vars(self).update(sheet=sheet, Protect=sheet._protect, Unprotect=sheet._unprotect, Activate=sheet.activate)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name == "EnableSelection"
        self.sheet.called()
        self.sheet.book.app.protections[self.sheet.name][name] = value


class PageSetup:
    """How a sheet is printed."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @property
    def print_area(self) -> str:
        raise NotImplementedError

    @print_area.setter
    def print_area(self, area: str) -> None:
        self.sheet.called()
        names = self.sheet.sheet.NamedRanges
        if names.hasByName(PRINT_AREA):  # which Calc would save instead
            names.removeByName(PRINT_AREA)
        self.sheet.sheet.setPrintAreas((self.sheet.range(area).cells.RangeAddress,))


class Range:
    """Cells of a sheet: one area, or several with commas between them. Corners are counted from 0, both within."""

    options: Any = None

    def __init__(self, sheet: Sheet, areas: Sequence[tuple[int, int, int, int]]) -> None:
        self.sheet, self.areas = sheet, areas
        self.row, self.column = areas[0][0] + 1, areas[0][1] + 1

    @property
    def cells(self) -> Any:
        top, left, bottom, right = self.areas[0]
        return self.sheet.sheet.getCellRangeByPosition(left, top, right, bottom)

    @property
    def each(self) -> Iterable[Any]:
        return (self.sheet.sheet.getCellRangeByPosition(c, r, d, s) for r, c, s, d in self.areas)

    @property
    def shape(self) -> tuple[int, int]:
        top, left, bottom, right = self.areas[0]
        return bottom - top + 1, right - left + 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def select(self) -> None:
        """Select the cells, which has to be on the sheet in front."""
        self.sheet.called()
        document = self.sheet.book.document
        assert document.CurrentController.ActiveSheet.Name == self.sheet.name
        cells = document.createInstance("com.sun.star.sheet.SheetCellRanges")
        for one in self.each:
            cells.addRangeAddress(one.RangeAddress, False)
        document.CurrentController.select(cells)

    @property
    def raw_value(self) -> Any:
        self.sheet.called()
        values = self.cells.getDataArray()
        return values if len(self) > 1 else values[0][0]

    @raw_value.setter
    def raw_value(self, values: list[list[str | float]]) -> None:
        self.sheet.called()
        assert self.shape == (len(values), len(values[0]))
        # As in Excel, a text is read as if it were typed, unless there is an apostrophe before it. Notes and number
        # formats stay, which Calc would drop, or exchange for one for texts.
        area = self.cells
        cells = [
            (area.getCellByPosition(column, row), str(value))
            for row, line in enumerate(values)
            for column, value in enumerate(line)
            if NUMBERLIKE(str(value))
        ]
        formats = [cell.NumberFormat for cell, _ in cells]
        notes = self.sheet.sheet.Annotations
        kept = [(note.Position, note.String) for note in notes if self._has(note.Position)]
        with Complaints():
            area.setDataArray(tuple(tuple(map(_as_text, row)) for row in values))
            for (cell, value), number_format in zip(cells, formats, strict=True):
                if not value.startswith("'"):
                    cell.setFormula(_with_semicolons(value))
                cell.NumberFormat = number_format
        for position, text in kept:
            notes.insertNew(position, text)

    def _has(self, cell: Any) -> bool:
        top, left, bottom, right = self.areas[0]
        return bool(top <= cell.Row <= bottom and left <= cell.Column <= right)

    @property
    def address(self) -> str:
        return ",".join(xl_range_abs(*area) for area in self.areas)

    @property
    def dates(self) -> set[tuple[int, int]]:
        """Rows and columns, within the area, of the cells that hold dates."""
        return set(self._places(self.cells.queryContentCells(DATES)))

    @property
    def errors(self) -> dict[tuple[int, int], int]:
        """LibreOffice's codes of errors, by row and column within the area."""
        cells = self.cells
        return {
            (row, column): cells.getCellByPosition(column, row).getError()
            for row, column in self._places(cells.queryFormulaCells(ERRORS))
        }

    def _places(self, found: Any) -> Iterator[tuple[int, int]]:
        """Rows and columns, within the area, of the cells of other areas. A call for each cell would take its time."""
        for area in found.RangeAddresses:
            for row in range(area.StartRow, area.EndRow + 1):
                for column in range(area.StartColumn, area.EndColumn + 1):
                    yield row - self.row + 1, column - self.column + 1

    @property
    def api(self) -> Any:
        return SimpleNamespace(Address=self.address, AutoFilter=self._filter, FillUp=self.fill_up)

    def _filter(self, Field: int, Criteria1: Any = None, Operator: int = 1, Criteria2: str = "") -> None:
        from tests.excel_model.manners import conditions

        self.sheet.called()
        filter_table(self, Field - 1, conditions(Criteria1, ("or" if Operator == 2 else "and", Criteria2)))

    @property
    def rows(self) -> Range:
        return self

    def autofit(self, axis: str | None = None) -> None:
        self.sheet.called()
        rows = self.cells.Rows
        rows.OptimalHeight = rows.IsVisible = True

    def insert(self, shift: str, copy_origin: str) -> None:
        self.sheet.called()
        if shift == "right":
            assert copy_origin == "format_from_left_or_above"
            insert_cells(self)
            return
        assert shift == "down"
        first, count = self.areas[0][0], self.shape[0]
        sheet = self.sheet.sheet
        with Complaints():
            sheet.Rows.insertByIndex(first, count)
            if copy_origin == "format_from_right_or_below":  # Calc itself goes by the row above
                below = sheet.getCellRangeByPosition(0, first + count, LAST_COLUMN, first + count)
                for row in range(first, first + count):
                    sheet.copyRange(sheet.getCellByPosition(0, row).CellAddress, below.RangeAddress)
                sheet.getCellRangeByPosition(0, first, LAST_COLUMN, first + count - 1).clearContents(CONTENTS)

    def delete(self, shift: str | None = None) -> None:
        self.sheet.called()
        assert shift == "up"
        self.sheet.sheet.Rows.removeByIndex(self.areas[0][0], self.shape[0])

    def copy(self, destination: xlwings.Range) -> None:
        self.sheet.called()
        copy(self, destination.impl)

    def fill_up(self) -> None:
        self.sheet.called()
        top, left, bottom, right = self.areas[0]
        copy(Range(self.sheet, [(bottom, left, bottom, right)]), Range(self.sheet, [(top, left, bottom - 1, right)]))

    @property
    def column_width(self) -> float:
        raise NotImplementedError

    @column_width.setter
    def column_width(self, characters: float) -> None:
        self.sheet.called()
        self.cells.Columns.Width = round(grid.pixels(characters) * PIXEL)

    @property
    def number_format(self) -> str:
        raise NotImplementedError

    @number_format.setter
    def number_format(self, code: str) -> None:
        self.sheet.called()
        document = self.sheet.book.document
        formats, locale = document.NumberFormats, document.CharLocale
        key = 0 if code == "General" else formats.queryKey(code, locale, False)
        if key < 0:
            key = formats.addNew(code, locale)
        for cells in self.each:
            cells.NumberFormat = key

    @property
    def color(self) -> None:
        raise NotImplementedError

    @color.setter
    def color(self, colour: None) -> None:
        self.sheet.called()
        self.cells.CellBackColor = NO_COLOUR

    @property
    def horizontal_alignment(self) -> str:
        raise NotImplementedError

    @horizontal_alignment.setter
    def horizontal_alignment(self, side: str) -> None:
        from com.sun.star.table.CellHoriJustify import RIGHT

        self.sheet.called()
        assert side == "right"
        self.cells.HoriJustify = RIGHT


class Complaints:
    """Makes LibreOffice's complaints ordinary exceptions, as its own do not get through Python's context managers."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, complaint: BaseException | None, trace: object) -> None:
        if complaint:
            raise RuntimeError(f"LibreOffice refuses: {complaint}") from None


class Tables:
    """The tables of a sheet, which Calc calls database ranges and keeps by workbook."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __call__(self, name: str) -> Table:
        self.sheet.called()
        return Table(self.sheet, self.sheet.book.document.DatabaseRanges.getByName(name))


class Table:
    """A table."""

    def __init__(self, sheet: Sheet, table: Any) -> None:
        self.sheet, self.table = sheet, table

    @property
    def columns(self) -> TableColumns:
        self.sheet.called()
        return TableColumns(self)

    @property
    def range(self) -> Range:
        self.sheet.called()
        return Range(self.sheet, [corners_of(self.table.DataArea)])


class TableColumns:
    """The columns of a table."""

    def __init__(self, table: Table) -> None:
        self.table, self.sheet = table, table.sheet

    @property
    def area(self) -> Any:
        return self.table.table.DataArea

    def __len__(self) -> int:
        self.sheet.called()
        return int(self.area.EndColumn - self.area.StartColumn + 1)

    def __iter__(self) -> Iterator[Any]:
        self.sheet.called()
        for at in range(self.area.StartColumn, self.area.EndColumn + 1):
            self.sheet.called()
            yield Column(self.table, self.sheet.sheet.getCellByPosition(at, self.area.StartRow).String)

    def add(self, name: str, index: int) -> Any:
        from com.sun.star.sheet.CellInsertMode import RIGHT

        self.sheet.called()
        area, at = self.area, self.area.StartColumn + index - 1
        column = self.sheet.sheet.getCellRangeByPosition(at, area.StartRow, at, area.EndRow)
        self.sheet.sheet.insertCells(column.RangeAddress, RIGHT)
        self.sheet.called()
        self.sheet.sheet.getCellByPosition(at, area.StartRow).String = name
        return Column(self.table, name)


class Column:
    """A column of a table, by its heading."""

    def __init__(self, table: Table, name: str) -> None:
        self.table, self.heading = table, name

    @property
    def name(self) -> str:
        return self.heading

    @name.setter
    def name(self, value: str) -> None:
        area, sheet = self.table.table.DataArea, self.table.sheet.sheet
        cells = [sheet.getCellByPosition(at, area.StartRow) for at in range(area.StartColumn, area.EndColumn + 1)]
        next(cell for cell in cells if cell.String == self.heading).String = value
        self.heading = value


def rows_of(cells: Range) -> Any:
    """The values of an area, a row at a time."""
    return cells.cells.getDataArray()


def insert_cells(cells: Range) -> None:
    """Insert cells that look like those to their left; whatever is to their right in these rows moves further right.

    Only that: Excel shifts no part of a table, and of several areas with names only that in which the cells come in
    becomes wider.
    """
    from com.sun.star.sheet.CellInsertMode import RIGHT

    top, left, bottom, right = cells.areas[0]
    sheet = cells.sheet
    areas = [table.DataArea for table in sheet.book.document.DatabaseRanges]
    tables = [corners_of(area) for area in areas if area.Sheet == sheet.index - 1]
    if any(
        a <= bottom and top <= c and left <= d and not (top <= a and c <= bottom and left <= b) for a, b, c, d in tables
    ):
        raise RuntimeError("Excel shifts no part of a table")
    with Complaints():
        sheet.sheet.insertCells(cells.cells.RangeAddress, RIGHT)
    for column in range(left, right + 1):
        before = sheet.sheet.getCellRangeByPosition(left - 1, top, left - 1, bottom)
        sheet.sheet.copyRange(sheet.sheet.getCellByPosition(column, top).CellAddress, before.RangeAddress)
    cells.cells.clearContents(CONTENTS)


def copy(cells: Range, destination: Range) -> None:
    """Copy a row into every row of another area, or a column into every column."""
    is_row = cells.shape[0] == 1
    for number in range(destination.shape[0 if is_row else 1]):
        to = destination.cells.getCellByPosition(*((0, number) if is_row else (number, 0))).CellAddress
        cells.sheet.sheet.copyRange(to, cells.cells.RangeAddress)


def filter_table(cells: Range, column: int, conditions: tuple[str, list[tuple[str, str]]]) -> None:
    """Filter the table at these cells by one of its columns (from 0); all its rows if there are no conditions."""
    from com.sun.star.sheet import FilterFieldValue, TableFilterField3
    from com.sun.star.sheet.FilterConnection import AND, OR
    from com.sun.star.sheet.FilterFieldType import NUMERIC, STRING
    from com.sun.star.sheet.FilterOperator2 import EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, NOT_EQUAL

    operators = {"=": EQUAL, "<>": NOT_EQUAL, ">": GREATER, "<": LESS, ">=": GREATER_EQUAL, "<=": LESS_EQUAL}
    joined, wanted = conditions
    table = next(
        found
        for found in cells.sheet.book.document.DatabaseRanges
        if (a := found.DataArea).Sheet == cells.sheet.index - 1 and (a.StartRow, a.StartColumn) == cells.areas[0][:2]
    )
    descriptor = table.getFilterDescriptor()
    fields = [field for field in descriptor.getFilterFields3() if field.Field != column]
    groups = [wanted] if joined == "values" and wanted else [[one] for one in wanted]
    for number, group in enumerate(groups):
        field = TableFilterField3()
        field.Connection = OR if number and joined == "or" else AND
        field.Field, field.Operator = column, operators[group[0][0]]
        values = []
        for _, text in group:
            values.append(FilterFieldValue())
            values[-1].StringValue, values[-1].FilterType = text, STRING
            with suppress(ValueError):
                if joined != "values":
                    values[-1].NumericValue, values[-1].FilterType = float(text), NUMERIC
        field.Values = tuple(values)
        fields.append(field)
    descriptor.setFilterFields3(tuple(fields))
    table.refresh()
    if not fields:  # which leaves rows hidden
        area = table.DataArea
        cells.sheet.sheet.getCellRangeByPosition(0, area.StartRow, 0, area.EndRow).Rows.IsVisible = True


def corners_of(area: Any) -> tuple[int, int, int, int]:
    """An area of LibreOffice's as first row and column and last row and column."""
    return area.StartRow, area.StartColumn, area.EndRow, area.EndColumn


def _path(url: str) -> str:
    import uno

    return str(uno.fileUrlToSystemPath(url))


def _corners(area: str) -> tuple[int, int, int, int]:
    """First row and column and last row and column of `B3`, `B3:C5` or `3:5`, from 0."""
    if rows := ROWS.fullmatch(area):
        return int(rows[1]) - 1, 0, int(rows[2]) - 1, 0
    first, _, last = area.partition(":")
    return *xl_cell_to_rowcol(first), *xl_cell_to_rowcol(last or first)


def _as_text(value: str | float) -> str | float:
    return value.removeprefix("'") if isinstance(value, str) else value


def _with_semicolons(formula: str) -> str:
    """A formula as Calc's own language has it: semicolons between arguments. Quoted text is left alone."""
    return '"'.join(part if at % 2 else part.replace(",", ";") for at, part in enumerate(formula.split('"')))

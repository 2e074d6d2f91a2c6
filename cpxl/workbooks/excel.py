"""What Excel can do and xlwings has no word for, under the names of its own object model: the only such place.

xlwings hands out Excel's objects as they are, on Windows over COM, on a Mac over AppleScript, which has other names for
the same. Neither is on the machines that cpxl is tested on: there LibreOffice plays the objects of both.
"""

from __future__ import annotations

import atexit
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cpxl.errors import Refused
from cpxl.workbooks.surroundings import AND, OR, VALUES

NOT_NEEDED = ("pandas", "numpy", "matplotlib", "PIL", "plotly")
"""What xlwings imports where it finds it, for conversions that cpxl does not use: most of a second."""


@contextmanager
def _hidden(names: Sequence[str]) -> Iterator[None]:
    """Let nothing find these libraries for a moment, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is Python's sign for 'there is none'
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _hidden(NOT_NEEDED):
    import xlwings

WINDOWS, MAC = sys.platform == "win32", sys.platform == "darwin"
TABLE_OPTIONS = ("AutoExpandListRange", "AutoFillFormulasInLists")
LONGEST_ADDRESS = 255
"""Characters of an address, as Excel takes it."""
ALLOWED = {
    "formatCells": "AllowFormattingCells",
    "formatColumns": "AllowFormattingColumns",
    "formatRows": "AllowFormattingRows",
    "insertColumns": "AllowInsertingColumns",
    "insertRows": "AllowInsertingRows",
    "insertHyperlinks": "AllowInsertingHyperlinks",
    "deleteColumns": "AllowDeletingColumns",
    "deleteRows": "AllowDeletingRows",
    "sort": "AllowSorting",
    "autoFilter": "AllowFiltering",
    "pivotTables": "AllowUsingPivotTables",
}
NOT_ALLOWED = {"objects": "DrawingObjects", "scenarios": "Scenarios"}
"""What the protection of a sheet can be against: a file's words, and Excel's."""
UNLOCKED_CELLS, NO_SELECTION = 1, -4142
ATTEMPTS = 100
"""How often Excel is asked whether it takes orders: enough for a moment of work, too few to wait for a person."""


def app() -> xlwings.App:
    """The Excel that the button was clicked in: on Windows its window's number is on the command line."""
    window = next((word.partition("=")[2] for word in sys.argv if word.startswith("--hwnd=")), "")
    if WINDOWS and window:
        from xlwings import _xlwindows as com

        # When Python ends, xlwings ends every Excel that has no ordinary window, one in Protected View too (its issue
        # 2456).
        atexit.unregister(com.cleanup)
        return xlwings.App(impl=com.App(xl=int(window)))  # type: ignore[no-untyped-call]
    running = xlwings.apps.active
    if running is None:
        raise Refused("No Excel is running.")
    return running


@contextmanager
def _not_for_ever() -> Iterator[None]:
    """Give up after a while if Excel takes no orders, which xlwings would otherwise repeat without end."""
    com: Any = None
    if WINDOWS:
        from xlwings import _xlwindows as com

        com.N_COM_ATTEMPTS = ATTEMPTS
    try:
        yield
    finally:
        if com:
            com.N_COM_ATTEMPTS = 0


def refuse_if_busy(app: xlwings.App) -> None:
    """Raise Refused while somebody types in a cell: Excel then takes no orders."""
    try:
        with _not_for_ever():
            if not MAC:
                app.interactive = True
    except Exception as error:
        raise Refused("Excel is waiting for a cell to be finished: press Enter or Esc, then click again.") from error


def words(error: Exception) -> str | None:
    """What Excel itself says of something that it did not do. None if the fault is not one that Excel speaks of."""
    about = getattr(error, "excepinfo", None)  # of pywintypes.com_error
    says = about[2] if about else getattr(error, "errormessage", None)  # of appscript's CommandError
    return str(says).strip() or None if says else None


# Workbooks


def front(app: xlwings.App) -> xlwings.Book | None:
    """The workbook in front, which no window in Protected View has. None if there is none."""
    if MAC and not app.api.active_workbook.exists():
        return None
    book = app.books.active
    return book if book.api is not None else None


def is_protected_view(app: xlwings.App) -> bool:
    """Whether some window shows a file in Protected View, where a workbook cannot be worked on."""
    return not MAC and app.api.ActiveProtectedViewWindow is not None


def full_name(book: xlwings.Book) -> str:
    """Path and name of an open workbook, or its https address; the bare name if it was never saved."""
    return str(book.api.full_name.get() if MAC else book.api.FullName)


def is_saved(book: xlwings.Book) -> bool:
    """Whether the open workbook is as its file is."""
    return bool(book.api.saved.get() if MAC else book.api.Saved)


def mark_saved(book: xlwings.Book) -> None:
    """Have Excel take a workbook that was just opened for one without changes, though it worked out its formulas."""
    if MAC:
        book.api.saved.set(True)
    else:
        book.api.Saved = True


def is_read_only(book: xlwings.Book) -> bool:
    """Whether Excel opened the file for reading only."""
    return bool(book.api.read_only.get() if MAC else book.api.ReadOnly)


def bring_to_front(book: xlwings.Book) -> None:
    """Show a workbook that is open."""
    (book.api.activate_object if MAC else book.api.Activate)()


def copy_of(book: xlwings.Book) -> bytes:
    """The file of a workbook as Excel would save it now. Not on a Mac, where Excel has no such order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.xlsx"
        book.api.SaveCopyAs(str(path))
        return path.read_bytes()


# Sheets


def protect(sheet: xlwings.Sheet, against: Mapping[str, bool]) -> None:
    """Protect a sheet without a password.

    against: what its protection was against, in a file's words (`sort`); what is not said there is as in Excel.
    """
    allowed = {name: not against.get(word, True) for word, name in ALLOWED.items()}
    about = allowed | {name: against.get(word, False) for word, name in NOT_ALLOWED.items()}
    if MAC:
        sheet.api.protect_worksheet(**{_as_on_a_mac(name): value for name, value in about.items()})
    else:
        sheet.api.Protect(**about)
    if against.get("selectLockedCells"):
        nothing = against.get("selectUnlockedCells", False)
        if MAC:
            from appscript import k as kw

            sheet.api.enable_selection.set(kw.no_selection if nothing else kw.unlocked_cells)
        else:
            sheet.api.EnableSelection = NO_SELECTION if nothing else UNLOCKED_CELLS


def _as_on_a_mac(name: str) -> str:
    """`AllowSorting` as `allow_sorting`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return words.replace("pivot_tables", "pivot_table")


def unprotect(sheet: xlwings.Sheet) -> None:
    """Take a sheet's protection off; it has no password."""
    (sheet.api.unprotect if MAC else sheet.api.Unprotect)()


@contextmanager
def tables_left_alone(app: xlwings.App) -> Iterator[None]:
    """Keep Excel from making a table larger, or a formula that of a whole column, on its own account."""
    options = None if MAC else app.api.AutoCorrect
    before = {name: getattr(options, name) for name in (() if MAC else TABLE_OPTIONS)}
    try:
        for name in before:
            setattr(options, name, False)
        yield
    finally:
        for name, value in before.items():
            setattr(options, name, value)


def filter_table(cells: xlwings.Range, column: int, conditions: Sequence[str] = (), joined: int = VALUES) -> None:
    """Show only those rows of a table with these values in a column (from 1), or that meet one or two conditions.

    cells: the whole table.

    conditions: texts as Excel shows them, or with a sign before them (`>5`); if none, every row shows.
    joined: VALUES for a list of values, else how the conditions are joined: AND, OR.
    """
    second = conditions[1] if joined != VALUES and len(conditions) > 1 else None
    first = list(conditions) if joined == VALUES else conditions[0]
    if MAC:
        from appscript import k as kw

        operators = {VALUES: kw.filter_by_value, AND: kw.autofilter_and, OR: kw.autofilter_or}
        about = {"criteria1": first, "operator": operators[joined]} if conditions else {}
        cells.api.autofilter_range(field=column, **about, **({"criteria2": second} if second else {}))
    else:
        about = {"Criteria1": first, "Operator": joined} if conditions else {}
        cells.api.AutoFilter(Field=column, **about, **({"Criteria2": second} if second else {}))


def add_column(sheet: xlwings.Sheet, table: str, at: int, heading: str) -> None:
    """Have a column come into a table before one of its columns, from 0.

    xlwings itself first goes through all the columns there are, with a call for each.
    """
    sheet.tables[table].impl.columns.add(heading, at + 1)


def fill_up(cells: xlwings.Range) -> None:
    """Copy the last row of an area into those above it."""
    (cells.api.fill_up if MAC else cells.api.FillUp)()


def together(areas: Sequence[str]) -> list[str]:
    """Areas in as few addresses as Excel takes. On a Mac one of several areas would be cut to its first."""
    addresses: list[str] = []
    for area in areas:
        if addresses and not MAC and len(addresses[-1]) + len(area) < LONGEST_ADDRESS:
            addresses[-1] += f",{area}"
        else:
            addresses.append(area)
    return addresses


def address(cells: xlwings.Range) -> str:
    """Where cells are: `$A$1:$B$2`."""
    return str(cells.api.get_address() if MAC else cells.api.Address)


def selected(app: xlwings.App) -> tuple[str, str]:
    """The cell that is selected in the workbook in front: its sheet, and its address. Raises Refused if none is."""
    try:
        if MAC:
            return str(app.api.active_sheet.name.get()), _relative(app.api.active_cell.get_address())
        return str(app.api.ActiveSheet.Name), _relative(app.api.ActiveCell.Address)
    except Exception as error:  # of a chart, of several kinds
        raise Refused("No cell is selected: click on a figure, then click again.") from error


def _relative(address: str) -> str:
    return address.replace("$", "").partition(":")[0]


def show(sheet: xlwings.Sheet) -> None:
    """Bring a sheet to the front."""
    with suppress(Exception):  # Excel does not bring there what somebody hid
        (sheet.api.activate_object if MAC else sheet.api.Activate)()


# The person in front of it


def ask(app: xlwings.App, question: str, title: str, default: str) -> str | None:
    """Have a text entered. None if the person cancels."""
    if MAC:
        answer = app.api.input_box(prompt=question, title=title, default=default, type=2)
    else:
        answer = app.api.InputBox(Prompt=question, Title=title, Default=default, Type=2)
    return answer if isinstance(answer, str) else None


def give_back(app: xlwings.App) -> None:
    """Let Excel write on its status bar again, and have the ribbon look at what has changed."""
    with suppress(Exception), _not_for_ever():  # whatever is wrong with Excel, it has been said
        app.status_bar = False
        if MAC:  # elsewhere the add-in waits for Python, and looks itself
            app.api.run_VB_macro("cpxl.xlam!cpxl.Refresh")

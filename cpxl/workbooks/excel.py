"""What Excel can do and xlwings has no word for, under the names of its own object model: the only such place.

xlwings hands out Excel's objects as they are, on Windows over COM, on a Mac over AppleScript, which has other names for
the same. Neither is on the machines that cpxl is tested on; the tests' engine offers the Windows names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import xlwings

from cpxl.errors import Refused

MAC = sys.platform == "darwin"
TABLE_OPTIONS = ("AutoExpandListRange", "AutoFillFormulasInLists")
ATTEMPTS = 100
"""How often Excel is asked whether it takes orders: enough for a moment of work, too few to wait for a person."""


def full_name(book: xlwings.Book) -> str:
    """Path and name of an open workbook, or its https address; the bare name if it was never saved."""
    return str(book.api.full_name.get() if MAC else book.api.FullName)


def is_saved(book: xlwings.Book) -> bool:
    """Whether the open workbook is as its file is."""
    return bool(book.api.saved.get() if MAC else book.api.Saved)


def is_read_only(book: xlwings.Book) -> bool:
    """Whether Excel opened the file for reading only."""
    return bool(book.api.read_only.get() if MAC else book.api.ReadOnly)


def is_protected_view(app: xlwings.App) -> bool:
    """Whether the window in front shows a file in Protected View, where a workbook cannot be worked on."""
    return not MAC and app.api.ActiveProtectedViewWindow is not None


def protect(sheet: xlwings.Sheet) -> None:
    """Protect a sheet without a password; rows and columns may still be sized, and rows inserted."""
    if MAC:
        sheet.api.protect_worksheet(
            allow_formatting_columns=True, allow_formatting_rows=True, allow_inserting_rows=True
        )
    else:
        sheet.api.Protect(AllowFormattingColumns=True, AllowFormattingRows=True, AllowInsertingRows=True)


def unprotect(sheet: xlwings.Sheet) -> None:
    """Take a sheet's protection off; it has no password."""
    if MAC:
        sheet.api.unprotect()
    else:
        sheet.api.Unprotect()


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


def show(sheet: xlwings.Sheet) -> None:
    """Bring a sheet to the front."""
    if MAC:
        sheet.api.activate_object()
    else:
        sheet.api.Activate()


def ask(app: xlwings.App, question: str, title: str, default: str) -> str | None:
    """Have a text entered. None if the person cancels."""
    if MAC:
        answer = app.api.input_box(prompt=question, title=title, default=default, type=2)
    else:
        answer = app.api.InputBox(Prompt=question, Title=title, Default=default, Type=2)
    return answer if isinstance(answer, str) else None


def refuse_if_busy(app: xlwings.App) -> None:
    """Raise Refused while somebody types in a cell: Excel then takes no orders, and xlwings would ask it for ever."""
    com: Any = None
    if sys.platform == "win32":
        from xlwings import _xlwindows as com
    try:
        if com:
            com.N_COM_ATTEMPTS = ATTEMPTS
        if not MAC:
            app.interactive = True
    except Exception as error:
        raise Refused("Excel is waiting for a cell to be finished: press Enter or Esc, then click again.") from error
    finally:
        if com:
            com.N_COM_ATTEMPTS = 0

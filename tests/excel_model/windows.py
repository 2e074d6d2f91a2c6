"""xlwings' Windows engine, the real one, over Excel's COM objects as its type library has them. pywin32 is stubbed.

Members, argument names and kinds are those of the package vba-reference. What a class here has and Excel has not fails
when this module is imported; what cpxl or xlwings ask for and Excel has not, or the model has not, fails the test.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import Parameter, signature
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
import vba_reference
import xlwings

from cpxl.workbooks import excel as cpxl_excel
from tests import engine
from tests.excel_model.manners import Excel, Refusal, closing

HWND = 77
REJECTED, EXCEPTION, UNKNOWN_NAME, NOT_NOW = -2147418111, -2147352567, -2147352570, -2146777998
ERRORS = {532: -2146826281, 32767: -2146826246, 525: -2146826259, 524: -2146826265, 519: -2146826273}
"""Codes of LibreOffice's errors, and how an error comes over COM."""
PLAIN = (str, int, float, datetime)


class ComError(Exception):
    """pywintypes.com_error."""

    def __init__(self, hresult: int, sentence: str = "", code: int = -2146827284) -> None:
        self.hresult, self.strerror = hresult, "Exception occurred."
        self.excepinfo = (0, "Microsoft Excel", sentence, "xlmain11.chm", 0, code) if sentence else None
        super().__init__(hresult, self.strerror, self.excepinfo, None)


class Time(datetime):
    """pywintypes.TimeType."""


FIRST_DAY = Time(1899, 12, 30, tzinfo=UTC)


class CDispatch:
    """win32com.client.CDispatch: any object of Excel's."""


class Com(CDispatch):
    """An object of Excel's. `it` is what plays it. A subclass has the name and the members of a type of Excel's."""

    def __init__(self, excel: Excel, it: Any) -> None:
        vars(self)["excel"], vars(self)["it"] = excel, it
        vars(self)["_oleobj_"] = SimpleNamespace(GetIDsOfNames=self._unknown)

    def __init_subclass__(cls, program: str = "excel") -> None:
        known = {member.name: member for member in vba_reference.get_type(cls.__name__, program).all_members()}
        for name, value in list(vars(cls).items()):
            if name.startswith("_"):
                continue
            assert name in known, f"Excel's {cls.__name__} has no {name}"
            if isinstance(value, property):
                settable = value.fset is not None
                assert known[name].kind == "property", f"{cls.__name__}.{name} is a method"
                assert not (settable and known[name].access == "read-only"), f"{cls.__name__}.{name} is read-only"
                write = value.fset and _set(name, known[name], value.fset)
                setattr(cls, name, property(_called(value.fget), write))
            else:
                setattr(cls, name, _method(known[name], value))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            self._strange(name)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not isinstance(getattr(type(self), name, None), property):
            self._strange(f"{name} =")
            raise AttributeError(name)
        object.__setattr__(self, name, value)

    def _unknown(self, _: int, name: str) -> None:
        raise ComError(UNKNOWN_NAME)

    def _strange(self, name: str) -> None:
        self.excel.refuses(f"{type(self).__name__}.{name}")

    def _count(self) -> None:
        """Count this call; a person who types lets none through."""
        sheet = self.it if isinstance(self.it, engine.Sheet) else getattr(self.it, "sheet", None)
        self.excel.count(sheet.name if isinstance(sheet, engine.Sheet) else "")
        if self.excel.is_typing:
            raise ComError(REJECTED)


def _called(get: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    assert get

    @wraps(get)
    def read(self: Com) -> Any:
        self._count()
        return _or_com_error(get, self)

    return read


def _set(name: str, member: vba_reference.Member, put: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    @wraps(put)
    def write(self: Com, value: Any) -> None:
        if self.excel.is_typing:
            raise ComError(EXCEPTION, "", NOT_NOW) if name != "Interactive" else ComError(REJECTED)
        self._count()
        if not _is_of(member.type, value):
            self._strange(f"{name} = {value!r}, which is no {member.type}")
        _or_com_error(put, self, value)

    return write


def _method(member: vba_reference.Member, do: Callable[..., Any]) -> Callable[..., Any]:
    """A method whose arguments have to be those of Excel's; of a property with arguments nothing is known."""
    taken = list(signature(do).parameters.values())[1:]
    given = {parameter.name for parameter in member.parameters}
    if member.kind == "method":
        strange = {p.name for p in taken if p.kind is not Parameter.VAR_KEYWORD} - given
        assert not strange, f"{member.name} takes no {strange}"

    @wraps(do)
    def call(self: Com, *values: Any, **named: Any) -> Any:
        self._count()
        if member.kind == "method":
            names = [parameter.name for parameter in member.parameters]
            bound = dict(zip(names, values, strict=False)) | named
            needed = {parameter.name for parameter in member.parameters if not parameter.optional}
            kinds = {parameter.name: parameter.type for parameter in member.parameters}
            wrong = {n for n, value in bound.items() if n not in given or not _is_of(kinds[n], value)}
            if wrong or needed - bound.keys() or len(values) > len(names):
                self._strange(f"{member.name}({values!r}, {named!r})")
                raise ComError(UNKNOWN_NAME)
            accepted = {p.name for p in taken}
            left = {n: value for n, value in bound.items() if n not in accepted and value is not None}
            if left and not any(p.kind is Parameter.VAR_KEYWORD for p in taken):
                self._strange(f"{member.name}({left!r}), which the model does not know")
            values, named = (), {n: value for n, value in bound.items() if n not in left and n in accepted | given}
            if not any(p.kind is Parameter.VAR_KEYWORD for p in taken):
                named = {n: value for n, value in named.items() if n in accepted}
        return _or_com_error(do, self, *values, **named)

    return call


def _or_com_error(do: Callable[..., Any], *values: Any, **named: Any) -> Any:
    try:
        return do(*values, **named)
    except Refusal as refusal:
        raise ComError(EXCEPTION, str(refusal)) from None


def _is_of(kind: str, value: Any) -> bool:
    """Whether a value can be handed to Excel as what it asks for."""
    if kind == "Boolean":
        return isinstance(value, bool)
    if kind == "String":
        return isinstance(value, str)
    if kind in ("Long", "Integer", "Double", "Single"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if program := {"Xl": "excel", "Wd": "word"}.get(kind[:2]):
        return value in {constant.value for constant in vba_reference.get_type(kind, program).constants}
    if kind in ("Variant", "Object", ""):
        return _is_variant(value)
    return hasattr(value, "_inner") or isinstance(value, CDispatch)


def _is_variant(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_variant, value))
    return value is None or isinstance(value, PLAIN) or hasattr(value, "_inner")


def _bare(value: Any) -> Any:
    """An object of Excel's without xlwings' wrapping."""
    return object.__getattribute__(value, "_inner") if hasattr(value, "_inner") else value


# Excel's objects, as far as they are asked for


class AutoCorrect(Com):
    @property
    def AutoExpandListRange(self) -> bool:
        return bool(self.it.AutoExpandListRange)

    @AutoExpandListRange.setter
    def AutoExpandListRange(self, value: bool) -> None:
        self.it.AutoExpandListRange = value

    @property
    def AutoFillFormulasInLists(self) -> bool:
        return bool(self.it.AutoFillFormulasInLists)

    @AutoFillFormulasInLists.setter
    def AutoFillFormulasInLists(self, value: bool) -> None:
        self.it.AutoFillFormulasInLists = value


class ProtectedViewWindow(Com):
    pass


CALCULATION = {"automatic": -4105, "manual": -4135, "semiautomatic": 2}


class Application(Com):
    @property
    def Application(self) -> Application:
        return self

    @property
    def Hwnd(self) -> int:
        return HWND

    @property
    def Workbooks(self) -> Workbooks:
        return Workbooks(self.excel, self.excel.books)

    @property
    def ActiveWorkbook(self) -> Workbook | None:
        front = self.excel.front
        return Workbook(self.excel, front) if front else None

    @property
    def ActiveSheet(self) -> Worksheet:
        return Worksheet(self.excel, self.excel.selected.sheet)

    @property
    def ActiveCell(self) -> Range:
        return Range(self.excel, self.excel.selected)

    @property
    def ActiveProtectedViewWindow(self) -> ProtectedViewWindow | None:
        return ProtectedViewWindow(self.excel, None) if self.excel.protected_view else None

    @property
    def AutoCorrect(self) -> AutoCorrect:
        return AutoCorrect(self.excel, self.excel.options)

    @property
    def Interactive(self) -> bool:
        return True

    @Interactive.setter
    def Interactive(self, value: bool) -> None:
        pass

    @property
    def ScreenUpdating(self) -> bool:
        return bool(self.excel.screen_updating)

    @ScreenUpdating.setter
    def ScreenUpdating(self, value: bool) -> None:
        self.excel.screen_updating = value

    @property
    def DisplayAlerts(self) -> bool:
        return bool(self.excel.display_alerts)

    @DisplayAlerts.setter
    def DisplayAlerts(self, value: bool) -> None:
        self.excel.display_alerts = value

    @property
    def StatusBar(self) -> Any:
        return self.excel.status_bar

    @StatusBar.setter
    def StatusBar(self, value: Any) -> None:
        self.excel.status_bar = value

    @property
    def Calculation(self) -> int:
        return int(CALCULATION[self.excel.calculation])

    @Calculation.setter
    def Calculation(self, value: int) -> None:
        self.excel.calculation = next(name for name, number in CALCULATION.items() if number == value)

    def Calculate(self) -> None:
        self.excel.calculate()

    def InputBox(self, Prompt: str, Title: str | None = None, Default: str | None = None, Type: int = 2) -> Any:
        return self.excel.ask(Prompt, Default)


class Workbooks(Com):
    @property
    def Application(self) -> Application:
        return Application(self.excel, None)

    @property
    def Count(self) -> int:
        return len(self.it)

    def Open(self, Filename: str, UpdateLinks: Any = None, ReadOnly: bool | None = None) -> Workbook:
        return Workbook(self.excel, self.excel.open(Filename, bool(ReadOnly)))

    def __call__(self, key: int | str) -> Workbook:
        self._count()
        try:
            return Workbook(self.excel, self.it(key))
        except (KeyError, IndexError):
            raise ComError(EXCEPTION, "Subscript out of range", -2147352565) from None

    def __iter__(self) -> Iterator[Workbook]:
        for book in self.it:
            self._count()
            yield Workbook(self.excel, book)


class Workbook(Com):
    @property
    def Application(self) -> Application:
        return Application(self.excel, None)

    @property
    def Name(self) -> str:
        return str(self.it.name)

    @property
    def FullName(self) -> str:
        return str(self.excel.full_name(self.it))

    @property
    def Path(self) -> str:
        return str(self.excel.full_name(self.it).replace("\\", "/").rpartition("/")[0])

    @property
    def FileFormat(self) -> int:
        return 51

    @property
    def Saved(self) -> bool:
        return not self.it.document.isModified()

    @Saved.setter
    def Saved(self, value: bool) -> None:
        engine.mark_saved(self.it)

    @property
    def ReadOnly(self) -> bool:
        return bool(self.it.document.isReadonly())

    @property
    def Worksheets(self) -> Sheets:
        return Sheets(self.excel, self.it.sheets)

    def Save(self) -> None:
        self.it.save()

    def SaveCopyAs(self, Filename: str) -> None:
        self.it.save_copy(Filename)

    def Close(self, SaveChanges: bool) -> None:
        assert SaveChanges is False
        self.excel.close(self.it)

    def Activate(self) -> None:
        self.it.activate()

    def ExportAsFixedFormat(self, Type: int, Filename: str, **others: Any) -> None:
        assert Type == 0
        self.it.to_pdf(Filename, "")


class Sheets(Com):
    @property
    def Count(self) -> int:
        return len(self.it)

    def __call__(self, key: int | str) -> Worksheet:
        self._count()
        if isinstance(key, str) and not self.it.book.document.Sheets.hasByName(key):
            raise ComError(EXCEPTION, "Subscript out of range", -2147352565)
        return Worksheet(self.excel, self.it(key))

    def __iter__(self) -> Iterator[Worksheet]:
        return (Worksheet(self.excel, sheet) for sheet in self.it)


class Worksheet(Com):
    @property
    def Name(self) -> str:
        return str(self.it.name)

    @property
    def ListObjects(self) -> ListObjects:
        return ListObjects(self.excel, self.it.tables)

    @property
    def PageSetup(self) -> PageSetup:
        return PageSetup(self.excel, self.it)

    def Range(self, Cell1: Any, Cell2: Any = None) -> Range:
        assert Cell2 is None
        if len(Cell1) > 255:
            raise ComError(EXCEPTION, "Method 'Range' of object '_Worksheet' failed")
        return Range(self.excel, self.it.range(Cell1))

    def Activate(self) -> None:
        self.excel.activate(self.it)

    def Unprotect(self, Password: str | None = None) -> None:
        self.excel.unprotect(self.it)

    @property
    def EnableSelection(self) -> int:
        raise NotImplementedError

    @EnableSelection.setter
    def EnableSelection(self, value: int) -> None:
        self.excel.protections[self.it.name]["EnableSelection"] = value

    def Protect(
        self,
        DrawingObjects: bool = True,
        Scenarios: bool = True,
        AllowFormattingCells: bool = False,
        AllowFormattingColumns: bool = False,
        AllowFormattingRows: bool = False,
        AllowInsertingColumns: bool = False,
        AllowInsertingRows: bool = False,
        AllowInsertingHyperlinks: bool = False,
        AllowDeletingColumns: bool = False,
        AllowDeletingRows: bool = False,
        AllowSorting: bool = False,
        AllowFiltering: bool = False,
        AllowUsingPivotTables: bool = False,
    ) -> None:
        self.excel.protect(self.it, {name: value for name, value in locals().items() if name != "self"})


class PageSetup(Com):
    @property
    def PrintArea(self) -> str:
        raise NotImplementedError

    @PrintArea.setter
    def PrintArea(self, value: str) -> None:
        self.excel.print_only(self.it, value)


class ListObjects(Com):
    def Item(self, key: str) -> ListObject:
        return ListObject(self.excel, self.it(key))


class ListObject(Com):
    @property
    def Range(self) -> Range:
        return Range(self.excel, self.it.range)

    @property
    def ListColumns(self) -> ListColumns:
        return ListColumns(self.excel, self.it)


class ListColumns(Com):
    @property
    def Count(self) -> int:
        return len(self.it.columns)

    def __iter__(self) -> Iterator[ListColumn]:
        return (ListColumn(self.excel, column) for column in self.it.columns)

    def Add(self, Position: int | None = None) -> ListColumn:
        assert Position
        return ListColumn(self.excel, engine.Column(self.it, self.excel.add_column(self.it, Position)))


class ListColumn(Com):
    @property
    def Name(self) -> str:
        return str(self.it.name)

    @Name.setter
    def Name(self, value: str) -> None:
        self.it.name = value


class Interior(Com):
    @property
    def ColorIndex(self) -> int:
        raise NotImplementedError

    @ColorIndex.setter
    def ColorIndex(self, value: int) -> None:
        assert value == -4142
        self.excel.format(self.it, "color", None)


class Range(Com):
    @property
    def Count(self) -> int:
        return sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in self.it.areas)

    @property
    def Row(self) -> int:
        return int(self.it.row)

    @property
    def Column(self) -> int:
        return int(self.it.column)

    @property
    def Address(self) -> str:
        return str(self.it.address)

    @property
    def Rows(self) -> Range:
        return self

    @property
    def Interior(self) -> Interior:
        return Interior(self.excel, self.it)

    @property
    def Value(self) -> Any:
        """Numbers as floats, dates as times, errors as numbers, blank cells as None."""
        values, dates, errors = self.it.raw_value, self.it.dates, self.it.errors
        rows = [list(line) for line in (values if len(self.it) > 1 else ((values,),))]
        for line in rows:
            line[:] = [None if value == "" else value for value in line]
        for row, column in dates:
            rows[row][column] = FIRST_DAY + timedelta(days=rows[row][column])
        for (row, column), code in errors.items():
            rows[row][column] = ERRORS.get(code, -2146826273)
        return tuple(map(tuple, rows)) if len(self.it) > 1 else rows[0][0]

    @Value.setter
    def Value(self, values: Any) -> None:
        self.excel.write(self.it, values if isinstance(values, list | tuple) else [[values]])

    @property
    def ColumnWidth(self) -> float:
        raise NotImplementedError

    @ColumnWidth.setter
    def ColumnWidth(self, value: float) -> None:
        self.excel.format(self.it, "column_width", value)

    @property
    def NumberFormat(self) -> str:
        raise NotImplementedError

    @NumberFormat.setter
    def NumberFormat(self, value: str) -> None:
        self.excel.format(self.it, "number_format", value)

    @property
    def HorizontalAlignment(self) -> int:
        raise NotImplementedError

    @HorizontalAlignment.setter
    def HorizontalAlignment(self, value: int) -> None:
        assert value == -4152
        self.excel.format(self.it, "horizontal_alignment", "right")

    def AutoFit(self) -> None:
        self.excel.fit_rows(self.it)

    def Select(self) -> None:
        self.excel.select(self.it)

    def Insert(self, Shift: int, CopyOrigin: int) -> None:
        origin = ("format_from_left_or_above", "format_from_right_or_below")[CopyOrigin]
        self.excel.insert(self.it, {-4121: "down", -4161: "right"}[Shift], origin)

    def Delete(self, Shift: int) -> None:
        assert Shift == -4162
        self.excel.delete(self.it)

    def Copy(self, Destination: Any) -> None:
        self.excel.copy(self.it, _bare(Destination).it)

    def FillUp(self) -> None:
        self.excel.fill_up(self.it)

    def AutoFilter(
        self,
        Field: int,
        Criteria1: str | Sequence[str] | None = None,
        Operator: int = 1,
        Criteria2: str | None = None,
    ) -> None:
        assert (Operator == 7) == isinstance(Criteria1, list | tuple)
        self.excel.filter(self.it, Field, Criteria1, ("or" if Operator == 2 else "and", Criteria2 or ""))


# The world


@contextmanager
def program(desktop: Any) -> Iterator[Excel]:
    """A running Excel for Windows that buttons are clicked in."""
    excel = Excel(desktop)
    with pytest.MonkeyPatch.context() as patch, closing(excel):
        com = _engine(patch, excel)
        patch.setattr(com, "accessible_object_from_window", lambda hwnd: None)
        patch.setattr(com, "_PyCom_PyObjectFromIUnknown", lambda *_: Application(excel, None))
        patch.setattr(com, "get_excel_hwnds", lambda: [HWND])
        patch.setattr(com, "N_COM_ATTEMPTS", 0)
        patch.setattr(xlwings.engines, "active", xlwings.Engine(impl=com.engine))
        patch.setattr(cpxl_excel, "WINDOWS", True)
        patch.setattr(sys, "argv", ["-m", f"--hwnd={HWND}"])
        yield excel


def _engine(patch: pytest.MonkeyPatch, excel: Excel) -> Any:
    """xlwings' engine, imported with pywin32 stubbed."""
    buttons = {0: "ok", 1: "ok_cancel", 4: "yes_no", 3: "yes_no_cancel"}
    answers = {"ok": 1, "cancel": 2, "yes": 6, "no": 7}

    def message_box(hwnd: int, text: str, title: str, style: int) -> int:
        return answers[excel.alert(text, title, buttons[style & 7], None, None)]

    client = _module(
        "win32com.client",
        CDispatch=CDispatch,
        CoClassBaseClass=type("CoClassBaseClass", (), {}),
        Dispatch=lambda it: it,
        DispatchBaseClass=type("DispatchBaseClass", (), {}),
        DispatchEx=lambda name: _other_program(name, excel),
    )
    icons = {"MB_ICONINFORMATION": 64, "MB_ICONWARNING": 48}
    kinds = {"MB_OK": 0, "MB_OKCANCEL": 1, "MB_YESNO": 4, "MB_YESNOCANCEL": 3}
    stubs = [
        _module("pywintypes", com_error=ComError, TimeType=Time, error=OSError, IID=str),
        _module("win32api", MessageBox=message_box),
        _module("win32con", **kinds, **icons),
        _module("pythoncom", CoInitialize=lambda: None, __file__="", ole_error=ComError),
        _module("win32gui", FindWindowEx=lambda *_: 1),
        _module("win32process", GetWindowThreadProcessId=lambda hwnd: (1, 4242)),
        _module("win32timezone", TimeZoneInfo=SimpleNamespace(utc=lambda: UTC)),
        client,
        _module("win32com", client=client, __path__=[]),
        _module("xlwings._win32patch", CoClassBaseClass=client.CoClassBaseClass),
    ]
    for stub in stubs:
        patch.setitem(sys.modules, stub.__name__, stub)
    sys.modules.pop("xlwings._xlwindows", None)
    vars(xlwings).pop("_xlwindows", None)  # that of another test
    patch.setattr(ctypes, "oledll", MagicMock(), raising=False)
    patch.setattr(ctypes, "windll", MagicMock(), raising=False)
    with pytest.MonkeyPatch.context() as while_importing:
        while_importing.setattr(ctypes, "PyDLL", MagicMock())
        while_importing.setattr("atexit.register", lambda do: do)
        from xlwings import _xlwindows
    return _xlwindows


def _other_program(name: str, excel: Excel) -> Com:
    """A program beside Excel: Word, if it is installed."""
    from tests.excel_model import word

    if name != "Word.Application" or not excel.has_word:
        raise ComError(-2147221005, "Invalid class string")
    return word.Application(excel, None)


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module

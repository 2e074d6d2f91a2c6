"""xlwings' Mac engine, the real one, over Excel's AppleScript as xlwings' own dictionary has it. appscript is stubbed.

Every property, element, command and argument has to be in that dictionary, or the test fails; every order is recorded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
import xlwings
from xlwings import mac_dict

from cpxl.workbooks import excel as cpxl_excel
from tests import engine
from tests.engine import FIRST_DAY, Book, Range, Sheet, Table
from tests.excel_model import word
from tests.excel_model.manners import Excel, Refusal, closing

PROPERTIES = {name for name, _ in mac_dict.properties}
ELEMENTS = {name for name, _ in mac_dict.elements}
COMMANDS = {name: {argument for argument, _ in arguments} for name, _, arguments in mac_dict.commands}
STANDARD = {"get": set[str](), "set": {"to"}, "exists": set[str](), "count": {"each"}}
"""Commands of AppleScript itself."""


class Keyword(str):
    """A word of AppleScript's, `k.shift_down`."""


class Keywords:
    """appscript's `k`."""

    def __getattr__(self, name: str) -> Keyword:
        return Keyword(name)


k = Keywords()
CALCULATION = {
    k.calculation_automatic: "automatic",
    k.calculation_manual: "manual",
    k.calculation_semiautomatic: "semiautomatic",
}


class CommandError(Exception):
    """appscript.reference.CommandError."""

    errornumber = -1728

    @property
    def errormessage(self) -> str:
        return str(self.args[0])


class Reference:
    """Something that is spoken of: a property, an element, or a command to it. Nothing happens until it is called."""

    def __init__(self, excel: MacExcel, path: tuple[tuple[str, Any], ...] = ()) -> None:
        self.excel, self.path = excel, path

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in PROPERTIES | ELEMENTS | COMMANDS.keys() | STANDARD.keys():
            self.excel.refuses(name)
            raise AttributeError(f"Unknown property, element or command: '{name}'")
        return Reference(self.excel, (*self.path, (name, None)))

    def __getitem__(self, key: Any) -> Reference:
        name, before = self.path[-1]
        if name not in ELEMENTS or before is not None:
            self.excel.refuses(f"{name}[{key!r}]")
        return Reference(self.excel, (*self.path[:-1], (name, key)))

    def __call__(self, *values: Any, **named: Any) -> Any:
        (command, _), path = self.path[-1], self.path[:-1]
        known = STANDARD.get(command, set()) | COMMANDS.get(command, set()) | {"timeout"}
        if strange := named.keys() - known:
            self.excel.refuses(f"{command}({', '.join(strange)})")
        self.excel.record(path, command, named or values)
        try:
            it = self.excel
            for step, (name, key) in enumerate(path):
                if (
                    command in ("get", "set", "exists", "count")
                    and step == len(path) - 1
                    and not _is_element(name, key)
                ):
                    return _property(self.excel, it, name, command, values)
                it = _element(self.excel, it, name, key)
            if command == "exists":
                return True
            return DO[command](self.excel, it, *values, **{n: v for n, v in named.items() if n != "timeout"})
        except (KeyError, IndexError) as error:
            if command == "exists":
                return False
            raise CommandError(f"Object {error} does not exist.") from None
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)


def _is_element(name: str, key: Any) -> bool:
    return key is not None or name in (
        "active_workbook",
        "active_sheet",
        "active_cell",
        "range_object",
        "interior_object",
        "list_columns",
        "page_setup_object",
    )


def _element(excel: MacExcel, it: Any, name: str, key: Any) -> Any:
    """What a step of a reference leads to."""
    if name == "active_workbook":
        if excel.front is None:
            raise KeyError(name)
        return excel.front
    if name == "workbooks":
        return excel.books(key)
    if name in ("active_sheet", "active_cell"):
        return excel.selected.sheet if name == "active_sheet" else excel.selected
    if name == "worksheets":
        return it.sheets(key) if isinstance(key, int) or it.document.Sheets.hasByName(key) else _missing(key)
    if name in ("cells", "rows") and isinstance(it, Sheet):
        return it.range(key)
    if name == "list_objects":
        return Table(it, it.book.document.DatabaseRanges.getByName(key))
    if name == "list_columns":
        return it if key is None else list(it.columns)[key - 1]
    if name == "range_object":
        return it.range
    if name in ("interior_object", "page_setup_object"):
        return it
    raise excel.unknown(name)


def _missing(key: object) -> Any:
    raise KeyError(key)


def _property(excel: MacExcel, it: Any, name: str, command: str, values: Any) -> Any:
    """Read or write a property."""
    if command == "set":
        return SET[name](excel, it, values[0])
    return GET[name](excel, it)


def _values(excel: Excel, cells: Range) -> Any:
    """Numbers as they are, dates without a zone, blank cells as blank texts; a list a row, unless it is one cell."""
    dates = cells.dates
    rows = engine.rows_of(cells)
    found = [
        [FIRST_DAY + timedelta(days=v) if (r, c) in dates else v for c, v in enumerate(line)]
        for r, line in enumerate(rows)
    ]
    return found if len(cells) > 1 else found[0][0]


def _write(excel: Excel, cells: Range, values: Any) -> None:
    excel.write(cells, values if isinstance(values, list) else [[values]])


GET: dict[str, Any] = {
    "name": lambda excel, it: it.name,
    "full_name": lambda excel, book: excel.full_name(book),
    "saved": lambda excel, book: not book.document.isModified(),
    "read_only": lambda excel, book: book.document.isReadonly(),
    "screen_updating": lambda excel, it: excel.screen_updating,
    "display_alerts": lambda excel, it: excel.display_alerts,
    "calculation": lambda excel, it: {name: word for word, name in CALCULATION.items()}[excel.calculation],
    "status_bar": lambda excel, it: excel.status_bar,
    "value": _values,
    "first_row_index": lambda excel, cells: cells.row,
    "first_column_index": lambda excel, cells: cells.column,
    "index": lambda excel, column: [c.name for c in column.table.columns].index(column.name) + 1,
}
SET: dict[str, Any] = {
    "saved": lambda excel, book, value: engine.mark_saved(book),
    "screen_updating": lambda excel, it, value: setattr(excel, "screen_updating", value),
    "display_alerts": lambda excel, it, value: setattr(excel, "display_alerts", value),
    "calculation": lambda excel, it, value: setattr(excel, "calculation", CALCULATION[value]),
    "status_bar": lambda excel, it, value: setattr(excel, "status_bar", value),
    "value": _write,
    "enable_selection": lambda excel, sheet, value: excel.protections[sheet.name].update(enable_selection=value),
    "print_area": lambda excel, sheet, value: excel.print_only(sheet, value),
    "column_width": lambda excel, cells, value: excel.format(cells, "column_width", value),
    "number_format": lambda excel, cells, value: excel.format(cells, "number_format", value),
    "horizontal_alignment": lambda excel, cells, value: excel.format(cells, "horizontal_alignment", "right"),
    "color_index": lambda excel, cells, value: excel.format(cells, "color", None),
}


def _count(excel: Excel, it: Any, each: Keyword) -> int:
    if isinstance(it, Range):
        return it.shape[0 if each == k.row else 1]
    if each == k.list_column:
        return len(it.columns)
    return len(excel.books) if each == k.workbook else len(it.sheets)


def _open(excel: Excel, it: Any, workbook_file_name: str, read_only: bool | None = None, **others: Any) -> None:
    if any(value is not None for name, value in others.items() if name != "update_links"):
        excel.refuses(f"open_workbook({others!r})")
    excel.open(workbook_file_name, bool(read_only))


def _save(excel: Excel, book: Book, in_: str = "", as_: Keyword | None = None) -> None:
    if as_ == k.PDF_file_format:
        book.to_pdf(in_.replace(":", "/"), "")
    else:
        book.save()


def _close(excel: Excel, book: Book, saving: Keyword) -> None:
    assert saving == k.no
    excel.close(book)


def _make(excel: MacExcel, table: Table, new: Keyword, at: Reference, with_properties: dict[str, Any]) -> Any:
    assert new == k.list_column
    position = at.path[-1][1]
    column = engine.Column(table, excel.add_column(table, position))
    column.name = with_properties[k.name]
    return Reference(excel, (*at.path[:-1], ("list_columns", position)))


def _filter(
    excel: Excel,
    cells: Range,
    field: int,
    criteria1: Any = None,
    operator: Keyword | None = None,
    criteria2: str = "",
) -> None:
    assert (operator == k.filter_by_value) == isinstance(criteria1, list)
    excel.filter(cells, field, criteria1, ("or" if operator == k.autofilter_or else "and", criteria2))


def _insert(excel: Excel, cells: Range, shift: Keyword) -> None:
    """Excel for Mac has no say where the looks of new cells come from: they are those above, or to the left."""
    excel.insert(cells, {k.shift_down: "down", k.shift_to_right: "right"}[shift], "format_from_left_or_above")


def _delete(excel: Excel, cells: Range, shift: Keyword) -> None:
    assert shift == k.shift_up
    excel.delete(cells)


def _protect(excel: Excel, sheet: Sheet, **allowed: bool) -> None:
    excel.protect(sheet, allowed)


def _ask(excel: Excel, it: Any, prompt: str, title: str, default: str, type: int) -> Any:
    return excel.ask(prompt, default)


def _properties(excel: Excel, book: Book) -> dict[Keyword, Any]:
    name = excel.full_name(book)
    return {k.full_name: name, k.path: name.rpartition("/")[0], k.file_format: k.Excel_XML_file_format}


DO: dict[str, Any] = {
    "properties": _properties,
    "count": _count,
    "open_workbook": _open,
    "save": _save,
    "close": _close,
    "make": _make,
    "autofilter_range": _filter,
    "insert_into_range": _insert,
    "delete_range": _delete,
    "protect_worksheet": _protect,
    "unprotect": lambda excel, sheet: excel.unprotect(sheet),
    "input_box": _ask,
    "copy_range": lambda excel, cells, destination: excel.copy(cells, _resolved(excel, destination)),
    "select": lambda excel, cells: excel.select(cells),
    "fill_up": lambda excel, cells: excel.fill_up(cells),
    "get_address": lambda excel, cells: cells.address,
    "autofit": lambda excel, cells: excel.fit_rows(cells),
    "calculate": lambda excel, it: excel.calculate(),
    "activate_object": lambda excel, it: excel.activate(it) if isinstance(it, Sheet) else it.activate(),
    "run_VB_macro": lambda excel, it, macro: excel.macros.append(macro),
}


def _resolved(excel: MacExcel, reference: Reference) -> Any:
    it: Any = excel
    for name, key in reference.path:
        it = _element(excel, it, name, key)
    return it


# The world


class MacExcel(Excel):
    """Excel for Mac.

    orders: every order, as what it was given to, the command and its arguments. macros: those that were run.
    """

    def __init__(self, desktop: Any) -> None:
        super().__init__(desktop)
        self.orders: list[tuple[Any, str, Any]] = []
        self.macros: list[str] = []

    def record(self, path: tuple[tuple[str, Any], ...], command: str, arguments: Any) -> None:
        sheets = [key for name, key in path if name == "worksheets"]
        self.count(str(sheets[0]) if sheets else "")
        self.orders.append((path, command, arguments))

    def unknown(self, name: str) -> Exception:
        self.refuses(f"{name}, which the model does not know")
        return KeyError(name)


@contextmanager
def program(desktop: Any) -> Iterator[Excel]:
    """A running Excel for Mac that buttons are clicked in."""
    excel = MacExcel(desktop)
    with pytest.MonkeyPatch.context() as patch, closing(excel):
        mac = _engine(patch, excel)
        patch.setattr(mac.Apps, "_iter_excel_instances", lambda self: iter([1]))
        patch.setattr(mac.App, "pid", 1)
        patch.setattr(mac.App, "visible", True)
        patch.setattr(mac.App, "activate", lambda self, steal_focus=False: None)
        patch.setattr(mac, "posix_to_hfs_path", lambda path: path)
        patch.setattr(xlwings.engines, "active", xlwings.Engine(impl=mac.engine))
        patch.setattr(cpxl_excel, "MAC", True)
        yield excel


def _engine(patch: pytest.MonkeyPatch, excel: MacExcel) -> Any:
    """xlwings' engine, imported with appscript stubbed."""
    buttons = {"OK": "ok", ("No", "Yes"): "yes_no", ("Cancel", "OK"): "ok_cancel"}

    def display_alert(title: str, message: str, buttons_: Any) -> dict[Keyword, str]:
        kind = buttons[buttons_ if isinstance(buttons_, str) else tuple(buttons_)]
        return {k.button_returned: excel.alert(message, title, kind, None, None).capitalize()}

    speaker = SimpleNamespace(
        activate=lambda: None,
        display_alert=lambda title, message, buttons, as_: display_alert(title, message, buttons),
    )
    reference = _module("appscript.reference", CommandError=CommandError, Reference=Reference)
    stubs = [
        _module(
            "appscript",
            app=lambda name=None, **about: word.on_a_mac(excel) if name == "Microsoft Word" else Reference(excel),
            k=k,
            its=MagicMock(),
            mactypes=SimpleNamespace(Alias=str, File=MagicMock()),
            reference=reference,
        ),
        reference,
        _module("osax", OSAX=lambda pid: speaker),
        _module("aem"),
        _module("psutil"),
    ]
    for stub in stubs:
        patch.setitem(sys.modules, stub.__name__, stub)
    sys.modules.pop("xlwings._xlmac", None)
    vars(xlwings).pop("_xlmac", None)  # that of another test
    with pytest.MonkeyPatch.context() as while_importing:
        while_importing.setattr("atexit.register", lambda do: do)
        from xlwings import _xlmac
    return _xlmac


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module

"""Putting the add-in where Excel opens it by itself, taking it away again, and saying what is there."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cpxl import __version__, store
from cpxl.addin.build import CONFIGURATION, INTERPRETER_MAC, INTERPRETER_WIN, VERSION, build
from cpxl.errors import Refused
from cpxl.resources import resource

FILE, SCRIPT = "cpxl.xlam", "cpxl.applescript"
WINDOWS, MAC = "Windows", "Darwin"


@dataclass(frozen=True)
class Machine:
    """What there is to know of a user's machine; if nothing is said, of this one."""

    system: str = field(default_factory=platform.system)
    home: Path = field(default_factory=Path.home)
    appdata: str | None = field(default_factory=lambda: os.environ.get("APPDATA"))

    @property
    def addin(self) -> Path | None:
        """Where the add-in belongs. None if Excel has never run for this user."""
        if self.system == WINDOWS:
            excel = Path(self.appdata or self.home / "AppData" / "Roaming") / "Microsoft" / "Excel"
            return excel / "XLSTART" / FILE if excel.is_dir() else None
        if self.system == MAC:
            office = self.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
            startup = office / "User Content.localized" / "Startup.localized" / "Excel"
            return startup / FILE if office.is_dir() else None
        return None

    @property
    def applescript(self) -> Path | None:
        """On a Mac, where Excel needs a script to start Python."""
        scripts = self.home / "Library" / "Application Scripts" / "com.microsoft.Excel"
        return scripts / SCRIPT if self.system == MAC else None


@dataclass(frozen=True)
class Status:
    """What is installed. `version` and `interpreter` are as the installed add-in says, None if it does not."""

    excel: bool
    addin: Path | None
    installed: bool = False
    version: str | None = None
    matches: bool = False
    """Whether it is, byte for byte, what this cpxl installs."""
    interpreter: str | None = None
    interpreter_found: bool = False
    applescript_found: bool | None = None
    """None where none is needed."""


def install(machine: Machine, interpreter: str = sys.executable) -> Path:
    """Build the add-in for a Python and put it into Excel's startup folder, in place of one that is there.

    Returns where it is now. Raises Refused if there is no Excel, or the add-in is in use.
    """
    path = _addin(machine)
    with _excel_closed():
        store.save(path, build(**_built_with(machine, interpreter)))
    if machine.applescript:
        store.save(machine.applescript, (resource("macros") / SCRIPT).read_bytes())
    return path


def uninstall(machine: Machine) -> Path | None:
    """Take the add-in away. Returns where it was, None if it was not there.

    So does the script on a Mac. Raises Refused as `install` does.
    """
    path = _addin(machine)
    if not path.exists():
        return None
    with _excel_closed():
        store.refuse_if_in_use(path)
    try:
        path.unlink()
        if machine.applescript:
            machine.applescript.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"{path} could not be removed ({error.strerror}): quit Excel, then run this again.") from error
    return path


def status(machine: Machine) -> Status:
    """What is installed, of which version, and whether it can work."""
    path = machine.addin
    if path is None or not path.exists():
        return Status(excel=path is not None, addin=path)
    says = _configuration(path)
    interpreter = says.get(INTERPRETER_MAC if machine.system == MAC else INTERPRETER_WIN)
    return Status(
        excel=True,
        addin=path,
        installed=True,
        version=says.get(VERSION),
        matches=interpreter is not None and path.read_bytes() == build(**_built_with(machine, interpreter)),
        interpreter=interpreter,
        interpreter_found=bool(interpreter) and Path(interpreter or "").is_file(),
        applescript_found=machine.applescript.is_file() if machine.applescript else None,
    )


def in_words(state: Status, machine: Machine) -> list[str]:
    """A status as sentences, each with what to do."""
    again = "quit Excel and run 'cpxl addin install'."
    if state.addin is None:
        return [no_excel(machine)]
    if not state.installed:
        return [f"The add-in is not installed: {again}"]
    lines = [f"The add-in is installed: {state.addin}."]
    if state.matches:
        lines.append(f"It is that of this cpxl, {__version__}.")
    else:
        version = f"of cpxl {state.version}" if state.version else "of an unknown version"
        lines.append(f"It is {version}, and not as cpxl {__version__} installs it: {again}")
    if state.interpreter_found:
        lines.append(f"It starts {state.interpreter}.")
    else:
        lines.append(f"The Python that it starts is not there ({state.interpreter or 'none is named'}): {again}")
    if state.applescript_found is False:
        lines.append(f"The script that Excel starts Python with is not there ({machine.applescript}): {again}")
    return lines


def no_excel(machine: Machine) -> str:
    """A sentence for a machine that Excel was never started on."""
    if machine.system in (WINDOWS, MAC):
        return "There is no Excel here that was ever started by this user: start and quit Excel once, then try again."
    return "There is no Excel here: it runs on Windows and Mac, so the add-in has to be installed there."


@contextmanager
def _excel_closed() -> Iterator[None]:
    """Say what may be behind a refusal: Excel keeps an add-in open while it runs, with no owner file beside it."""
    try:
        yield
    except Refused as refusal:
        raise Refused(f"{refusal} If Excel is running, quit it first.") from refusal


def _addin(machine: Machine) -> Path:
    path = machine.addin
    if path is None:
        raise Refused(no_excel(machine))
    return path


def _built_with(machine: Machine, interpreter: str) -> dict[str, str]:
    return {"interpreter_mac" if machine.system == MAC else "interpreter_win": interpreter}


def _configuration(addin: Path) -> dict[str, str]:
    """What an installed add-in was built with; nothing if it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_path(addin).get_sheet_by_name(CONFIGURATION).to_python()
    except (CalamineError, OSError):
        return {}
    return {str(row[0]): str(row[1]) for row in rows if len(row) > 1}

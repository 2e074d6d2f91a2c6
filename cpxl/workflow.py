"""The steps of a quarter on a working folder: read the files, call the pure functions, save what they give.

The command line and the add-in both call these.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cpxl import store
from cpxl.consolidate import consolidate, renamed
from cpxl.errors import Refused
from cpxl.folder import CONFIG, WorkingFolder
from cpxl.layout.data import data_block, records
from cpxl.layout.form import return_workbook
from cpxl.layout.identity import MASTER, identity_block, sheets_block
from cpxl.layout.master import by_exception_block, master_workbook
from cpxl.model import TABLES, ByException, Checked, Master, Return
from cpxl.quarters import Quarter
from cpxl.resources import resource

if TYPE_CHECKING:
    from cpxl.insights.extracts import Imported

Progress = Callable[[str], None]
"""Told what is being worked on, a strand or a file at a time."""


def silent(_: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Checks:
    """The checked returns of a quarter; strands of which none came; files in the folder that are no workbooks."""

    quarter: Quarter
    checked: list[Checked]
    missing: list[str]
    ignored: list[str]

    @property
    def has_errors(self) -> bool:
        """Whether something must be corrected before it can be merged."""
        return any(c.has_errors for c in self.checked)


def init(path: Path) -> WorkingFolder:
    """Make a working folder with a commented config.yaml. Raises Refused if there is one already."""
    if (path / CONFIG).exists():
        raise Refused(f"{path} is a working folder already: choose another, or edit its {CONFIG}.")
    if path.exists() and not path.is_dir():
        raise Refused(f"{path} is a file: choose the name of a folder.")
    store.save(path / CONFIG, resource(CONFIG).read_bytes())
    folder = WorkingFolder.open(path)
    store.make_folder(folder.returns(folder.current_quarter()))
    return folder


# The master


@dataclass(frozen=True)
class KnownMaster:
    """A master as read, and what its file was then."""

    master: Master
    other_sheets: list[str]
    sha256: str | None


def read_master(folder: WorkingFolder) -> KnownMaster:
    """The master's data, empty if there is no master yet.

    Raises Refused if the file is no master of cpxl's or cannot be read.
    """
    from cpxl.workbooks.read import OpenWorkbook, Unreadable

    path = folder.master
    if not path.exists():
        return KnownMaster(Master(folder.current_quarter()), [], None)
    not_ours = Refused(
        f"{path} is not a master that cpxl wrote, or it is damaged: put the latest one from {folder.backups} there."
    )
    try:
        data = path.read_bytes()
        book = OpenWorkbook(data)
        facts = {str(r.values["fact"]): r.values["value"] for r in book.rows(identity_block()) or ()}
        if facts.get("kind") != MASTER:
            raise not_ours
        quarter = Quarter.parse(str(facts.get("quarter")))
        tables = {}
        for table in TABLES:
            rows = book.rows(data_block(table), to_the_end=True)
            if rows is None:
                raise not_ours
            tables[table] = records(table, [r.values for r in rows if any(v is not None for v in r.values.values())])
        master = Master(quarter, **tables)
        typed = [r.values["text"] for r in book.rows(by_exception_block(folder.settings, master, quarter)) or ()]
        others = [e for e in master.by_exception if e.quarter != quarter]
        now = [ByException(quarter, text) for text in typed if text is not None]
        ours = {r.values["sheet"] for r in book.rows(sheets_block()) or ()} | {book.sheet_of(identity_block())}
        return KnownMaster(
            renamed(replace(master, by_exception=(*others, *now)), folder.settings),
            [name for name in book.sheets if name not in ours],
            hashlib.sha256(data).hexdigest(),
        )
    except OSError as error:
        raise Refused(
            f"{path} cannot be read ({error.strerror}): close it elsewhere and check that you may open it."
        ) from error
    except (Unreadable, ValueError) as error:
        raise not_ours from error


def write_master(folder: WorkingFolder, known: KnownMaster, master: Master, *, drop_other_sheets: bool = False) -> None:
    """Replace the master's file, after a backup.

    Raises Refused, with nothing written, if it holds sheets that cpxl does not own, is open, or changed meanwhile.
    """
    from cpxl.workbooks.write import to_bytes

    if known.other_sheets and not drop_other_sheets:
        names = ", ".join(f"'{name}'" for name in known.other_sheets)
        raise Refused(
            f"{folder.master} has sheets that are not cpxl's ({names}) and would be lost: move them to another "
            "workbook, or say --drop-other-sheets."
        )
    data = to_bytes(master_workbook(folder.settings, master))
    store.refuse_if_in_use(folder.master)
    now = hashlib.sha256(folder.master.read_bytes()).hexdigest() if folder.master.exists() else None
    if now != known.sha256:
        raise Refused(f"{folder.master} was changed by somebody while cpxl was at work: run this again.")
    store.back_up(folder.master, folder.backups)
    store.save(folder.master, data)


# The steps


def import_history(folder: WorkingFolder, path: Path, *, drop_other_sheets: bool = False) -> list[Checked]:
    """Earlier quarters' figures into the master; nothing is written if one of them has an error."""
    from cpxl import history

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    checked = history.check_history(path, history.read_history(path), folder.settings)
    if all(c.accepted for c in checked):
        master = history.merge_history(known.master, checked, folder.settings)
        write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    return checked


def import_extracts(
    folder: WorkingFolder,
    paths: Sequence[Path],
    quarter: Quarter,
    *,
    drop_other_sheets: bool = False,
    progress: Callable[[str, float], None] = lambda _, share: None,
) -> Imported:
    """Counts by month from incident extracts into the master, as reported in `quarter`; what is known stays as it is.

    progress: told what is being read, and which share of everything has been.
    """
    from cpxl.insights.extracts import merged, read_extracts

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    imported = read_extracts(paths, folder.settings, quarter, progress)
    monthly, imported = merged(known.master.monthly, imported, quarter)
    if monthly != known.master.monthly:
        write_master(folder, known, replace(known.master, monthly=monthly), drop_other_sheets=drop_other_sheets)
    return imported


def issue(folder: WorkingFolder, quarter: Quarter, progress: Progress = silent) -> list[Path]:
    """Write the returns of a quarter, one for each strand. Returned: their paths, in config's order."""
    from cpxl.workbooks.write import to_bytes

    settings = folder.settings.as_of(quarter)
    if quarter < settings.first_quarter:
        raise Refused(
            f"{quarter} lies before the strategy's first quarter, {settings.first_quarter}: choose a later one."
        )
    master = before(read_master(folder).master, quarter)
    paths = [folder.issued(quarter) / f"{quarter.folder} {strand.code}.xlsx" for strand in settings.strands]
    for path in paths:
        store.refuse_if_in_use(path)
    for strand, path in zip(settings.strands, paths, strict=True):
        progress(strand.name)
        store.save(path, to_bytes(return_workbook(settings, strand, quarter, master)))
    store.make_folder(folder.returns(quarter))
    return paths


def before(master: Master, quarter: Quarter) -> Master:
    """What the master knew before a quarter."""
    return replace(
        master,
        quarter=quarter,
        **{
            table: tuple(row for row in getattr(master, table) if row.quarter < quarter)
            for table in ("progress", "measures", "monthly", "risks", "delivery", "notes", "submissions")
        },
    )


def check(
    folder: WorkingFolder,
    quarter: Quarter,
    known: Master,
    files: Sequence[Path] = (),
    *,
    prefer_newest: bool = False,
    progress: Progress = silent,
) -> Checks:
    """Check files, or every file in the quarter's returns folder, against the master as it is known."""
    from cpxl.returns.checks import check_all
    from cpxl.returns.read import read_return

    found, others = (list(files), []) if files else folder.returned_files(quarter)
    returns: list[Return] = []
    for path in found:
        progress(path.name)
        try:
            returns.append(read_return(path, folder.settings))
        except OSError as error:
            raise Refused(
                f"{path} cannot be read ({error.strerror}): check its name, and close it elsewhere."
            ) from error
    checked = check_all(returns, folder.settings, quarter, before(known, quarter), prefer_newest=prefer_newest)
    there = {r.strand for r in returns}
    missing = [] if files else [s.name for s in folder.settings.as_of(quarter).strands if s.code not in there]
    return Checks(quarter, checked, missing, [path.name for path in others])


def consolidate_folder(
    folder: WorkingFolder,
    quarter: Quarter,
    *,
    drop_other_sheets: bool = False,
    prefer_newest: bool = False,
    progress: Progress = silent,
) -> tuple[Checks, Master]:
    """Check the quarter's returns, merge those without errors into the master, write it."""
    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    checks = check(folder, quarter, known.master, prefer_newest=prefer_newest, progress=progress)
    progress(folder.master.name)
    master = consolidate(known.master, quarter, checks.checked, folder.settings)
    write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    return checks, master


def publish_folder(folder: WorkingFolder, quarter: Quarter | None = None) -> Path:
    """Write the partner workbook of a quarter (the one last consolidated, if none is named)."""
    from cpxl import publish
    from cpxl.workbooks.write import to_bytes

    if not folder.master.exists():
        raise Refused(f"There is no {folder.master.name} in {folder.path}: run 'cpxl consolidate' first.")
    master = read_master(folder).master
    workbook = publish.publish(folder.settings, master, quarter or master.quarter)
    path = folder.published / publish.file_name(folder.settings, quarter or master.quarter)
    store.back_up(path, folder.backups)
    store.save(path, to_bytes(workbook))
    return path


def demo(path: Path, progress: Progress = silent) -> tuple[WorkingFolder, Checks, Master, Path]:
    """The reference quarter end to end, from the filled-in returns that travel with the package."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Refused(f"{path} is not empty: name a new folder, as in 'cpxl demo another-folder'.")
    folder = init(path)
    here = Path(__file__).parent / "demo"
    import_history(folder, here / "history.csv")
    quarter = folder.current_quarter()
    for file in sorted((here / "returns").glob("*.xlsx")):
        shutil.copy(file, folder.returns(quarter))
    checks, master = consolidate_folder(folder, quarter, progress=progress)
    progress("partner workbook")
    return folder, checks, master, publish_folder(folder, quarter)

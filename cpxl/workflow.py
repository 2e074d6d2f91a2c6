"""The steps of a quarter on a working folder: read the files, call the pure functions, save what they give.

The command line and the add-in both call these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cpxl import files, store
from cpxl.consolidate import RETURNED, consolidate, entered_then, in_returns, renamed, return_state
from cpxl.errors import Refused
from cpxl.folder import CHECK_REPORT, CONFIG, PassedOver, WorkingFolder, alone
from cpxl.layout.data import data_block, records
from cpxl.layout.form import return_workbook
from cpxl.layout.identity import MASTER, identity_block, sheets_block
from cpxl.layout.master import by_exception_block, master_workbook
from cpxl.layout.names import defined_name
from cpxl.model import TABLES, ByException, Checked, Master, Return
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.theme import THEME
from cpxl.words import legible
from cpxl.workbooks.untrusted import LARGEST_FILE

if TYPE_CHECKING:
    from cpxl.insights.extracts import Imported

Progress = Callable[[str], None]
"""Told what is being worked on, a strand or a file at a time."""


def silent(_: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Checks:
    """The files and checked returns of a quarter; strands of which none came; files that are no workbooks."""

    quarter: Quarter
    paths: list[Path]
    checked: list[Checked]
    missing: list[str]
    ignored: list[PassedOver]

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
    """A master as read, and what its file was then.

    entered: the strands' sheets in it that count as returns, by the strand's code.
    """

    master: Master
    other_sheets: list[str] = field(default_factory=list)
    sha256: str | None = None
    entered: Mapping[str, Return] = field(default_factory=dict)


def read_master(folder: WorkingFolder) -> KnownMaster:
    """The master's data, empty if there is no master yet.

    Raises Refused if the file is no master of cpxl's or cannot be read.
    """
    from cpxl.returns.read import entered_sheets
    from cpxl.workbooks.read import OpenWorkbook, Unreadable

    path = folder.master
    if not path.exists():
        return KnownMaster(Master(folder.current_quarter()))
    not_ours = Refused(
        f"{path} is not a master that cpxl wrote, or it is damaged: put the latest one from {folder.backups} there."
    )
    try:
        data = files.read(path, LARGEST_FILE + 1).data
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
        master = renamed(replace(master, by_exception=(*others, *now)), folder.settings)
        return KnownMaster(
            master,
            [name for name in book.sheets if name not in ours],
            hashlib.sha256(data).hexdigest(),
            entered_sheets(book, path, folder.settings, master),
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
    data = to_bytes(master_workbook(folder.settings, master, known.entered), folder.theme)
    store.refuse_if_in_use(folder.master)
    master_file(folder, known)
    folder.back_up(folder.master)
    store.save(folder.master, data)


def master_file(folder: WorkingFolder, known: KnownMaster) -> bytes:
    """The bytes of the master's file, none if there is none yet. Raises Refused if it changed since it was read."""
    data = folder.master.read_bytes() if folder.master.exists() else b""
    if (hashlib.sha256(data).hexdigest() if data else None) != known.sha256:
        raise Refused(f"{folder.master} was changed by somebody while cpxl was at work: run this again.")
    return data


# The steps


@alone("history import")
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


@alone("insights import")
def import_extracts(
    folder: WorkingFolder,
    paths: Sequence[Path],
    quarter: Quarter,
    *,
    drop_other_sheets: bool = False,
    accept_low: Collection[str] = (),
    progress: Callable[[str, float], None] = lambda _, share: None,
) -> Imported:
    """Counts by month from incident extracts into the master, as reported in `quarter`; what is known stays as it is.

    accept_low: periods (`2019-07`, `2019/20 Q2`) that count though they are far below all others.
    progress: told what is being read, and which share of everything has been.
    """
    from cpxl.insights.extracts import merged, read_extracts

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    imported = read_extracts(paths, folder.settings, quarter, progress, accept_low)
    monthly, imported = merged(known.master, imported, quarter, accept_low)
    if monthly != known.master.monthly:
        write_master(folder, known, replace(known.master, monthly=monthly), drop_other_sheets=drop_other_sheets)
    return imported


@alone("issue")
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
        if path.exists() and not store.is_untouched(path):  # somebody filled it in where it was issued
            folder.back_up(path)
        store.save(path, to_bytes(return_workbook(settings, strand, quarter, master), folder.theme))
    store.make_folder(folder.returns(quarter))
    return paths


def before(master: Master, quarter: Quarter) -> Master:
    """What the master knew before a quarter's returns: all of earlier quarters, and counts from extracts."""
    tables = ("progress", "measures", "risks", "delivery", "notes", "submissions")
    earlier = {table: tuple(row for row in getattr(master, table) if row.quarter < quarter) for table in tables}
    is_returned = in_returns(master, quarter)
    counted = tuple(row for row in master.monthly if row.quarter <= quarter and not is_returned(row))
    return replace(master, quarter=quarter, monthly=counted, **earlier)


def check(
    folder: WorkingFolder,
    quarter: Quarter,
    known: KnownMaster,
    files: Sequence[Path] = (),
    *,
    prefer_newest: bool = False,
    progress: Progress = silent,
) -> Checks:
    """Check files, against the master as it is known; if none are named, every return of the quarter.

    Those are the files in the quarter's returns folder, and for strands that have none there, what was entered on their
    sheets of the master.
    """
    from cpxl.returns.checks import check_all
    from cpxl.returns.read import read_return, unreadable

    found, others = (list(files), []) if files else folder.returned_files(quarter)
    returns: list[Return] = []
    for path in found:
        progress(path.name)
        try:
            returns.append(read_return(path, folder.settings))
        except OSError as error:
            if files:
                raise Refused(
                    f"{path} cannot be read ({error.strerror}): check its name, and close it elsewhere."
                ) from error
            returns.append(unreadable(path))
    there = {r.strand for r in returns}
    entered = known.entered if quarter == known.master.quarter and not files else {}
    returns += [returned for code, returned in entered.items() if code not in there]
    found += [folder.master] * (len(returns) - len(found))
    checked = check_all(
        returns,
        folder.settings,
        quarter,
        before(known.master, quarter),
        entered=entered.keys() & there,
        prefer_newest=prefer_newest,
    )
    there |= entered.keys()
    strands = folder.settings.as_of(quarter).strands
    known_then = entered_then(known.master, quarter)
    missing = [] if files else [s.name for s in strands if s.code not in there and s.name not in known_then]
    if missing:
        others += _in_other_folders(folder, quarter, missing)
    return Checks(quarter, found, checked, missing, others)


def _in_other_folders(folder: WorkingFolder, quarter: Quarter, missing: Collection[str]) -> Iterator[PassedOver]:
    """Returns of strands that are missing, which were put into another quarter's folder."""
    from cpxl.returns.read import read_return

    for path in folder.returned_for_others(quarter):
        with suppress(OSError):  # it is that quarter's check that says what is wrong with it
            returned = read_return(path, folder.settings)
            strand = folder.settings.strand_of(returned.strand)
            if not returned.fault and strand and strand.name in missing and returned.quarter == str(quarter):
                yield folder.misplaced(path, strand.name, quarter)


@dataclass(frozen=True)
class CheckFiles:
    """What a check leaves in checked/<quarter>/.

    annotated: a copy for each lead who has something to correct.
    kept: backups of files there that somebody had changed since the last check.
    """

    report: Path
    annotated: list[Path]
    kept: list[Path]


@alone("check")
def write_checked(folder: WorkingFolder, checks: Checks) -> CheckFiles:
    """Write the annotated copies of returns and the check report; remove copies that are no longer needed.

    Raises Refused, with nothing written, if one of them is open or cannot be written, or a return changed meanwhile.
    """
    from cpxl.layout.report import check_report
    from cpxl.workbooks.write import to_bytes

    report, *copies = _names_of_copies(folder.checked(checks.quarter), checks.paths)
    found = zip(copies, checks.paths, checks.checked, strict=True)
    contents = {copy: _annotated(path, c, folder) for copy, path, c in found if path != folder.master}
    new = {copy: data for copy, data in contents.items() if data is not None}
    names = [copy.name if copy in new else "" for copy in copies]
    found_in_all = check_report(folder.settings, checks.quarter, checks.checked, checks.missing, names)
    new[report] = to_bytes(found_in_all, folder.theme)
    stale = [copy for copy in copies if copy not in new and _is_stale(copy)]
    for path in (*new, *stale):
        store.refuse_if_in_use(path)
    changed = [path for path in new if path.exists() and not store.is_untouched(path)]
    kept = [folder.back_up(path) for path in changed]
    for path, data in new.items():
        store.save(path, data)
    for path in stale:
        store.remove(path)
    return CheckFiles(report, [path for path in new if path != report], [path for path in kept if path])


def _names_of_copies(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """The report, then the copy of each file, all different even where case does not count."""
    names = [CHECK_REPORT]
    for path in paths:
        stem = legible(path.stem)
        taken = {name.casefold() for name in names}
        candidates = (f"{stem}{number}.xlsx" for number in ("", *(f" ({n})" for n in range(2, len(names) + 2))))
        names.append(next(name for name in candidates if name.casefold() not in taken))
    return [folder / name for name in names]


def _annotated(path: Path, checked: Checked, folder: WorkingFolder) -> bytes | None:
    """The copy of a return for its lead; None if there is nothing to tell, or no copy can be made."""
    from cpxl.layout.report import for_lead

    findings, returned = for_lead(checked), checked.returned
    strand = folder.settings.strand_of(returned.strand)
    if returned.fault or strand is None or not findings:
        return None
    from cpxl.workbooks.annotate import CannotAnnotate, annotate

    try:
        data = files.read(path, LARGEST_FILE).data
    except OSError:  # it was there a moment ago
        data = b""
    if hashlib.sha256(data).hexdigest() != returned.sha256:
        raise Refused(f"{path} was changed by somebody while cpxl was at work: run this again.")
    try:
        title = f"{strand.name}: what the check found"
        return annotate(data, findings, title, folder.settings.marking, folder.theme)
    except CannotAnnotate:
        return None


def _is_stale(copy: Path) -> bool:
    """Whether this is a copy that an earlier check made and nobody has changed."""
    from cpxl.layout.report import ANNOTATIONS
    from cpxl.workbooks.read import OpenWorkbook

    return store.is_untouched(copy) and defined_name(ANNOTATIONS) in OpenWorkbook(copy.read_bytes()).areas


@alone("consolidate")
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
    known, checks, master = merge(folder, quarter, prefer_newest=prefer_newest, progress=progress)
    progress(folder.master.name)
    write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    return checks, master


def merge(
    folder: WorkingFolder, quarter: Quarter, *, prefer_newest: bool = False, progress: Progress = silent
) -> tuple[KnownMaster, Checks, Master]:
    """The master as it was, the quarter's checked returns, and the master with those without errors. Writes nothing."""
    known = read_master(folder)
    checks = check(folder, quarter, known, prefer_newest=prefer_newest, progress=progress)
    master = consolidate(known.master, quarter, checks.checked, folder.settings)
    if quarter == known.master.quarter:  # a return took its place, be it this one or a file
        absent = [s.code for s in folder.settings.strands if return_state(master, quarter, s) != RETURNED]
        known = replace(known, entered={code: known.entered[code] for code in absent if code in known.entered})
    elif master.quarter != known.master.quarter:
        _refuse_to_lose(folder, known)
    return known, checks, master


def _refuse_to_lose(folder: WorkingFolder, known: KnownMaster) -> None:
    """Raise Refused if something was entered in the master for the quarter that it shows, and is not merged."""
    merged = {s.sha256 for s in known.master.submissions if s.is_accepted}
    sheets = [returned.sheet for returned in known.entered.values() if returned.sha256 not in merged]
    if sheets:
        quarter = known.master.quarter
        raise Refused(
            f"{folder.master.name} has entries for {quarter} that are not merged yet, on {', '.join(sheets)}: run "
            f"'cpxl consolidate -q \"{quarter}\"' first, or clear them there."
        )


@alone("publish")
def publish_folder(folder: WorkingFolder, quarter: Quarter | None = None) -> Path:
    """Write the partner workbook of a quarter (the one last consolidated, if none is named)."""
    from cpxl import publish
    from cpxl.workbooks.write import to_bytes

    if not folder.master.exists():
        raise Refused(f"There is no {folder.master.name} in {folder.path}: run 'cpxl consolidate' first.")
    master = read_master(folder).master
    workbook = publish.publish(folder.settings, master, quarter or master.quarter)
    path = folder.published / publish.file_name(folder.settings, quarter or master.quarter)
    folder.back_up(path)
    store.save(path, to_bytes(workbook, folder.theme))
    return path


@dataclass(frozen=True)
class Templates:
    """What `cpxl templates` leaves in workbook_templates/."""

    theme: Path
    strand_return: Path
    master: Path


@alone("templates")
def templates(folder: WorkingFolder) -> Templates:
    """Write the folder's templates: a blank return, of the first strand with most to fill in, and an empty master.

    A theme.yaml comes with them if there is none yet.
    """
    from cpxl.workbooks.write import as_template, to_bytes

    quarter = folder.current_quarter()
    settings, nothing = folder.settings.as_of(quarter), Master(quarter)
    strand = max(settings.strands, key=lambda s: bool(s.plans) + bool(s.measures.rolling_12_months))
    made = Templates(*(folder.templates / name for name in ("theme.yaml", "strand_return.xltx", "master.xltx")))
    new = {
        made.strand_return: return_workbook(settings, strand, quarter, nothing),
        made.master: master_workbook(settings, nothing),
    }
    for path, workbook in new.items():
        folder.back_up(path)
        store.save(path, as_template(to_bytes(workbook, folder.theme)))
    if not made.theme.exists():
        store.save(made.theme, resource(THEME).read_bytes())
    return made


def demo(path: Path, progress: Progress = silent) -> tuple[WorkingFolder, Checks, Master, Path]:
    """The reference quarter end to end, from the filled-in returns that travel with the package."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Refused(f"{path} is not empty: name a new folder, as in 'cpxl demo another-folder'.")
    folder = init(path)
    here = Path(__file__).parent / "demo"
    import_history(folder, here / "history.csv")
    quarter = folder.current_quarter()
    for file in sorted((here / "returns").glob("*.xlsx")):
        store.save(folder.returns(quarter) / file.name, file.read_bytes())
    checks, master = consolidate_folder(folder, quarter, progress=progress)
    progress("partner workbook")
    return folder, checks, master, publish_folder(folder, quarter)

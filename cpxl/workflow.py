"""The steps of a quarter on a working folder: read the files, call the pure functions, save what they give.

The command line and the add-in both call these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from cpxl import config, publish, publishing, store, yaml_file
from cpxl import files as file_access
from cpxl.acceptance import NOTHING_ASKED, accept
from cpxl.account import account
from cpxl.account.doubts import doubts_from
from cpxl.account.strand import strand_account
from cpxl.beginning import refuse_placeholders
from cpxl.changes import Change, changes
from cpxl.config import Settings
from cpxl.consolidate import Kept, consolidate, kept_from_before
from cpxl.errors import Refused
from cpxl.folder import CONFIG, PassedOver, WorkingFolder, alone
from cpxl.layout.form import return_workbook
from cpxl.layout.identity import identity_block
from cpxl.master.file import KnownMaster, laid_out, read_master, write_master
from cpxl.model import Checked, Doubt, Master, ReportText, Return
from cpxl.origin import PICTURES
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.own_text import text_doubts
from cpxl.returns.read import entered_sheets
from cpxl.theme import REPORT_TEMPLATE, THEME
from cpxl.words import legible
from cpxl.workbook_names import defined_name
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import LARGEST_FILE

if TYPE_CHECKING:
    from cpxl.insights.extracts import Imported

Progress = Callable[[str], None]
"""Told what is being worked on, a strand or a file at a time."""


def silent(_: object) -> None:
    """For what nobody watches."""


def doubts_of(master: Master, quarter: Quarter, settings: Settings) -> list[Doubt]:
    """Everything in doubt: figures, and what the coordinator wrote for the quarter that the master shows."""
    said = text_doubts(account(master, master.quarter, settings)) if master.report_texts else ()
    return [*doubts_from(master, quarter, settings), *said]


@dataclass(frozen=True)
class Checks:
    """The files and checked returns of a quarter; strands of which none came; files that are no workbooks.

    kept: what was merged before and stays, though its file is gone or what came instead is not accepted.
    healed, doubts: what in the master's data did not hold, and holds again after merging; and what still does not.
    withdrawn: strands whose figures of the quarter were taken out. changes: what merging changes in the master.
    """

    quarter: Quarter
    paths: list[Path]
    checked: list[Checked]
    missing: list[str]
    ignored: list[PassedOver]
    kept: list[Kept] = field(default_factory=list)
    healed: list[Doubt] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def merged_before(self) -> list[str]:
        """Names of the strands whose figures came before, and stay."""
        return [kept.strand for kept in self.kept]

    @property
    def has_errors(self) -> bool:
        """Whether something must be corrected before it can be merged, or published."""
        return any(c.has_errors for c in self.checked) or any(d.is_error for d in self.doubts)


def init(path: Path, text: str | None = None) -> WorkingFolder:
    """Make a working folder with a commented config.yaml. Raises Refused if there is one already, or it will not do.

    text: of the config; that of the example, Essex's, if none is given.
    """
    refuse_old_folder(path)
    if text is not None:
        config.parse(text, f"The {CONFIG} that comes of it")
    store.save(path / CONFIG, text.encode() if text is not None else resource(CONFIG).read_bytes())
    folder = WorkingFolder.open(path)
    store.make_folder(folder.returns(folder.current_quarter()))
    return folder


def refuse_old_folder(path: Path) -> None:
    """Raise Refused if no new working folder can be made there."""
    if (path / CONFIG).exists():
        raise Refused(f"{path} is a working folder already: choose another, or edit its {CONFIG}.")
    if path.exists() and not path.is_dir():
        raise Refused(f"{path} is a file: choose the name of a folder.")


# The steps


@alone("history import")
def import_history(
    folder: WorkingFolder, path: Path, *, replacing: bool = False, drop_other_sheets: bool = False
) -> list[Checked]:
    """Earlier quarters' figures into the master; nothing is written if one of them has an error.

    replacing: take these figures where an earlier history says something else.
    """
    from cpxl import history

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    checked = history.check_history(path, history.read_history(path), folder.settings)
    if all(c.accepted for c in checked):
        master = history.merge_history(known.master, checked, folder.settings, replacing=replacing)
        _keep_a_copy(folder, path, checked)
        write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    return checked


def _keep_a_copy(folder: WorkingFolder, path: Path, checked: Sequence[Checked]) -> None:
    """Keep the history as it is imported: its figures are traced to it, wherever it came from.

    Raises Refused if it changed while it was read.
    """
    from cpxl.history import kept_as

    for returned in [c.returned for c in checked][:1]:
        data = file_access.read(path, LARGEST_FILE + 1).data
        if hashlib.sha256(data).hexdigest() != returned.sha256:
            raise Refused(f"{path} was changed by somebody while cpxl was at work: run this again.")
        store.save(folder.path / kept_as(returned.file, returned.sha256), data)


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
    master = replace(known.master, monthly=monthly)
    if monthly != known.master.monthly:
        write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    if doubts := doubts_of(master, quarter, folder.settings):  # which may stand in other rows now
        doubts = doubts_of(read_master(folder).master, quarter, folder.settings)
    return replace(imported, doubts=doubts)


@alone("issue")
def issue(folder: WorkingFolder, quarter: Quarter, progress: Progress = silent) -> list[Path]:
    """Write the returns of a quarter, one for each strand. Returned: their paths, in config's order."""
    from cpxl.workbooks.write import to_bytes

    settings = folder.settings.as_of(quarter)
    if quarter < settings.first_quarter:
        raise Refused(
            f"{quarter} lies before the strategy's first quarter, {settings.first_quarter}: choose a later one."
        )
    refuse_placeholders(yaml_file.read(folder.path / CONFIG), CONFIG, "issued")
    known = read_master(folder).master
    publish.refuse_doubts(known, quarter.plus(-1), "issued")
    master = before(known, quarter)
    paths = [folder.issued_return(quarter, strand.code) for strand in settings.strands]
    for path in paths:
        store.refuse_if_in_use(path)
    for strand, path in zip(settings.strands, paths, strict=True):
        progress(strand.name)
        if path.exists() and not store.is_untouched(path):  # somebody filled it in where it was issued
            folder.back_up(path)
        store.save(
            path, to_bytes(return_workbook(settings, strand_account(master, quarter, strand, settings)), folder.theme)
        )
    store.make_folder(folder.returns(quarter))
    return paths


def before(master: Master, quarter: Quarter) -> Master:
    """What the master knew before a quarter's returns: all of earlier quarters, and counts from extracts."""
    tables = (
        "progress",
        "measures",
        "breakdowns",
        "paragraphs",
        "pictures",
        "risks",
        "delivery",
        "notes",
        "sign_offs",
        "submissions",
    )
    earlier: dict[str, Any] = {
        table: tuple(row for row in getattr(master, table) if row.quarter < quarter) for table in tables
    }
    is_returned = master.in_returns(quarter)
    counted = tuple(row for row in master.monthly if row.quarter <= quarter and not is_returned(row))
    return replace(master, quarter=quarter, monthly=counted, **earlier)


def check(
    folder: WorkingFolder,
    quarter: Quarter,
    known: KnownMaster,
    files: Sequence[Path] = (),
    *,
    prefer_newest: bool = False,
    reasons: Mapping[str, str] = NOTHING_ASKED,
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
                wanted = "the returns in it, or no file at all to check what is in the returns folder"
                raise Refused(file_access.cannot_read(path, error, wanted)) from error
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
    checked = accept(checked, quarter, known.master, folder.settings, reasons)
    merged = consolidate(known.master, quarter, checked, folder.settings)
    what_changes = changes(known.master, merged, folder.settings)
    if files:
        return Checks(quarter, found, checked, [], others, changes=what_changes)
    kept = kept_from_before(known.master, quarter, checked, folder.settings)
    there = {c.returned.strand for c in checked if not c.is_empty} | entered.keys()
    have = {k.strand for k in kept}
    strands = folder.settings.as_of(quarter).strands
    without = [s.name for s in strands if s.code not in there]
    missing = [name for name in without if name not in have]
    if without:
        others += _in_other_folders(folder, quarter, without)
    doubts = doubts_of(known.master, quarter, folder.settings)
    return Checks(quarter, found, checked, missing, others, kept, doubts=doubts, changes=what_changes)


def _in_other_folders(folder: WorkingFolder, quarter: Quarter, without: Collection[str]) -> Iterator[PassedOver]:
    """Returns of strands that have no file in the quarter's folder, which were put into another quarter's."""
    from cpxl.returns.read import read_return

    for path in folder.returned_for_others(quarter):
        with suppress(OSError):  # it is that quarter's check that says what is wrong with it
            returned = read_return(path, folder.settings)
            strand = folder.settings.strand_of(returned.strand)
            if not returned.fault and strand and strand.name in without and returned.quarter == str(quarter):
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
    from cpxl.layout.check_report import check_report
    from cpxl.workbooks.write import to_bytes

    report, *copies = _names_of_copies(folder.check_report(checks.quarter), checks.paths)
    found = zip(copies, checks.paths, checks.checked, strict=True)
    contents = {copy: _annotated(path, c, folder) for copy, path, c in found if path != folder.master}
    new = {copy: data for copy, data in contents.items() if data is not None}
    names = [copy.name if copy in new else "" for copy in copies]
    found_in_all = check_report(
        folder.settings, checks.quarter, checks.checked, checks.missing, checks.merged_before, names, checks.changes
    )
    new[report] = to_bytes(found_in_all, folder.theme)
    stale = [copy for copy in copies if copy not in new and _is_stale(copy)]
    is_in = {c.returned.strand for c in checks.checked if c.accepted}
    others = sorted(set(report.parent.glob("*.xlsx")) - {*new, *copies}) if is_in else []
    stale += [copy for copy in others if _is_stale(copy) and strand_of(copy) in is_in]
    for path in (*new, *stale):
        store.refuse_if_in_use(path)
    changed = [path for path in new if path.exists() and not store.is_untouched(path)]
    kept = [folder.back_up(path) for path in changed]
    for path, data in new.items():
        store.save(path, data)
    for path in stale:
        store.remove(path)
    return CheckFiles(report, [path for path in new if path != report], [path for path in kept if path])


def _names_of_copies(report: Path, paths: Sequence[Path]) -> list[Path]:
    """The report, then the copy of each file, all different even where case does not count."""
    names = [report.name]
    for path in paths:
        stem = legible(path.stem)
        taken = {name.casefold() for name in names}
        candidates = (f"{stem}{number}.xlsx" for number in ("", *(f" ({n})" for n in range(2, len(names) + 2))))
        names.append(next(name for name in candidates if name.casefold() not in taken))
    return [report.with_name(name) for name in names]


def _annotated(path: Path, checked: Checked, folder: WorkingFolder) -> bytes | None:
    """The copy of a return for its lead; None if there is nothing to tell, or no copy can be made."""
    from cpxl.layout.check_report import for_lead

    findings, returned = for_lead(checked), checked.returned
    strand = folder.settings.strand_of(returned.strand)
    if returned.fault or strand is None or not findings:
        return None
    from cpxl.workbooks.annotate import CannotAnnotate, annotate

    try:
        data = file_access.read(path, LARGEST_FILE).data
    except OSError:  # it was there a moment ago
        data = b""
    if hashlib.sha256(data).hexdigest() != returned.sha256:
        raise Refused(f"{path} was changed by somebody while cpxl was at work: run this again.")
    try:
        title = f"{strand.name}: what the check found"
        return annotate(data, findings, title, folder.settings.marking, folder.theme)
    except CannotAnnotate:
        return None


def strand_of(copy: Path) -> object:
    """The code of the strand whose return a copy was made of."""
    rows = OpenWorkbook(copy.read_bytes()).rows(identity_block()) or ()
    return next((row.values["value"] for row in rows if row.values["fact"] == "strand"), None)


def _is_stale(copy: Path) -> bool:
    """Whether this is a copy that an earlier check made and nobody has changed."""
    from cpxl.layout.check_report import ANNOTATIONS

    return store.is_untouched(copy) and defined_name(ANNOTATIONS) in OpenWorkbook(copy.read_bytes()).areas


@alone("consolidate")
def consolidate_folder(
    folder: WorkingFolder,
    quarter: Quarter,
    *,
    withdraw: Sequence[str] = (),
    reasons: Mapping[str, str] = NOTHING_ASKED,
    drop_other_sheets: bool = False,
    prefer_newest: bool = False,
    progress: Progress = silent,
) -> tuple[Checks, Master]:
    """Check the quarter's returns, merge those without errors into the master, write it.

    withdraw: strands whose figures of the quarter are to be taken out, as they have no return any more.
    reasons: why returns are accepted in spite of their errors, by strand.
    """
    store.refuse_if_in_use(folder.master)
    known, checks, master = merge(
        folder, quarter, withdraw=withdraw, reasons=reasons, prefer_newest=prefer_newest, progress=progress
    )
    progress(folder.master.name)
    keep_pictures(folder, checks, master)
    write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    if checks.doubts:  # which stand in other rows now
        checks = replace(checks, doubts=doubts_of(read_master(folder).master, quarter, folder.settings))
    return checks, master


def keep_pictures(folder: WorkingFolder, checks: Checks, master: Master) -> None:
    """Keep the pictures that are merged, before the master names them. No two have one name."""
    named = {picture.sha256: picture.file for picture in master.pictures}
    for one in checks.checked:
        for picture in one.returned.pictures if one.accepted else ():
            if path := named.get(picture.sha256):
                (folder.path / PICTURES).mkdir(exist_ok=True)
                store.save(folder.path / path, one.returned.picture)


def merge(
    folder: WorkingFolder,
    quarter: Quarter,
    *,
    withdraw: Sequence[str] = (),
    reasons: Mapping[str, str] = NOTHING_ASKED,
    prefer_newest: bool = False,
    progress: Progress = silent,
) -> tuple[KnownMaster, Checks, Master]:
    """The master as it was, the quarter's checked returns, and the master with those without errors. Writes nothing."""
    known = read_master(folder)
    refuse_unless_issued(folder, quarter, known)
    checks = check(folder, quarter, known, prefer_newest=prefer_newest, reasons=reasons, progress=progress)
    withdrawn = _withdrawn(folder, quarter, withdraw, checks, known)
    checks = _without_cleared(checks, [s.code for s in folder.settings.strands if s.name in withdrawn], known)
    master = consolidate(known.master, quarter, checks.checked, folder.settings, withdrawn)
    left = set(map(id, master.doubts))
    strands = folder.settings.as_of(quarter).strands
    came = {c.returned.strand for c in checks.checked if not c.is_empty}
    missing = {*checks.missing, *(s.name for s in strands if s.name in withdrawn and s.code not in came)}
    checks = replace(
        checks,
        kept=[k for k in checks.kept if k.strand not in withdrawn],
        missing=[s.name for s in strands if s.name in missing],
        doubts=doubts_of(master, quarter, folder.settings),
        healed=[d for d in known.master.doubts if id(d) not in left and d.strand not in withdrawn],
        withdrawn=withdrawn,
        changes=changes(known.master, master, folder.settings),
    )
    return replace(known, entered=_stays_on_sheets(folder, known, master, checks)), checks, master


def _without_cleared(checks: Checks, withdrawn: Collection[str], known: KnownMaster) -> Checks:
    """The checks without sheets of withdrawn strands (by their codes) that were cleared in the master: no returns."""
    found = [
        (path, c)
        for path, c in zip(checks.paths, checks.checked, strict=True)
        if not (c.is_empty and c.returned.strand in withdrawn and c.returned is known.entered.get(c.returned.strand))
    ]
    return replace(checks, paths=[path for path, _ in found], checked=[c for _, c in found])


def _stays_on_sheets(folder: WorkingFolder, known: KnownMaster, master: Master, checks: Checks) -> Mapping[str, Return]:
    """What stands on strands' sheets of the master and stays there, as no return took its place, by the strand's code.

    Raises Refused if something that was entered and is not merged would be lost.
    """
    if master.quarter != known.master.quarter:
        _refuse_to_lose(folder, known, known.entered)
        return {}
    taken = {c.returned.strand for c in checks.checked if c.accepted} if checks.quarter == master.quarter else set()
    stays = {code: returned for code, returned in known.entered.items() if code not in taken}
    for code, returned in known.as_they_stand.items():
        strand = folder.settings.strand_of(code)
        doubted = {d.strand for d in master.doubts if d.is_error and d.quarter == master.quarter}
        if strand and strand.name in doubted:
            stays[code] = returned
        elif known.book and entered_sheets(known.book, folder.master, folder.settings, master, [code]):
            if strand and strand.name in checks.withdrawn:
                raise Refused(
                    f"Rows of {strand.name} in {folder.master.name} were changed by hand, so that nobody can tell "
                    f"whether something was entered on its sheet '{returned.sheet}': clear what is filled in there and "
                    "save, then run this again."
                )
            _refuse_to_lose(folder, known, {code: returned})
    return stays


def refuse_unless_issued(folder: WorkingFolder, quarter: Quarter, known: KnownMaster) -> None:
    """Raise Refused for a quarter that nothing is known of: no return was issued for it, and none came back."""
    is_known = (
        quarter in (folder.settings.current_quarter, *folder.issued_quarters())
        or bool(folder.returned_files(quarter)[0])
        or any(s.quarter == quarter for s in known.master.submissions)
    )
    if not is_known:
        raise Refused(
            f"No returns were issued for {quarter}: name another quarter, or run 'cpxl issue -q \"{quarter}\"' first."
        )


def _withdrawn(
    folder: WorkingFolder, quarter: Quarter, names: Sequence[str], checks: Checks, known: KnownMaster
) -> list[str]:
    """The strands to be withdrawn, by name. Raises Refused where there is nothing to withdraw."""
    found = []
    for name in names:
        strand = folder.settings.strand_meant(name)
        if strand is None:
            codes = ", ".join(s.code for s in folder.settings.strands)
            raise Refused(f"'{name}' is not a strand: name one of {codes}.")
        accepted = {c.returned.strand: c.returned for c in checks.checked if c.accepted}
        sheet = accepted.get(strand.code)
        if sheet and sheet is known.entered.get(strand.code):
            raise Refused(
                f"{strand.name} was filled in on its sheet '{sheet.sheet}' of {folder.master.name}, which counts as "
                f"its return for {quarter}. Clear what was filled in there and save, then run this again."
            )
        if strand.name not in [k.strand for k in checks.kept]:
            raise Refused(
                f"{strand.name} has nothing to withdraw for {quarter}: either its return is in "
                f"{folder.returns(quarter)} (move it away first), or nothing of it was merged."
            )
        found.append(strand.name)
    return found


def _refuse_to_lose(folder: WorkingFolder, known: KnownMaster, entered: Mapping[str, Return]) -> None:
    """Raise Refused if something was entered in the master for the quarter that it shows, and is not merged."""
    merged = {s.sha256 for s in known.master.submissions if s.is_accepted}
    sheets = [returned.sheet for returned in entered.values() if returned.sha256 not in merged]
    if sheets:
        quarter = known.master.quarter
        raise Refused(
            f"{folder.master.name} has entries for {quarter} that are not merged yet, on {', '.join(sheets)}: run "
            f"'cpxl consolidate -q \"{quarter}\"' first, or clear them there."
        )


@dataclass(frozen=True)
class Templates:
    """What `cpxl templates` leaves in workbook_templates/."""

    theme: Path
    strand_return: Path
    master: Path
    report: Path


@alone("templates")
def templates(folder: WorkingFolder) -> Templates:
    """Write the folder's templates: a blank return, of the first strand with most to fill in, and an empty master.

    A theme.yaml, and a template of the report, come with them if there are none yet.
    """
    from cpxl.workbooks.finish import as_template
    from cpxl.workbooks.write import to_bytes

    quarter = folder.current_quarter()
    settings, nothing = folder.settings.as_of(quarter), Master(quarter)
    strand = max(settings.strands, key=lambda s: bool(s.plans) + bool(s.measures.every))
    names = ("theme.yaml", "strand_return.xltx", "master.xltx", Path(REPORT_TEMPLATE).name)
    made = Templates(*(folder.templates / name for name in names))
    new = {
        made.strand_return: return_workbook(settings, strand_account(nothing, quarter, strand, settings)),
        made.master: laid_out(settings, nothing),
    }
    for path, workbook in new.items():
        folder.back_up(path)
        store.save(path, as_template(to_bytes(workbook, folder.theme)))
    for path, ours in ((made.theme, THEME), (made.report, REPORT_TEMPLATE)):
        if not path.exists():
            store.save(path, resource(ours).read_bytes())
    return made


class Demo(NamedTuple):
    """What the demo made."""

    folder: WorkingFolder
    checks: Checks
    master: Master
    partner: Path
    report: Path


def demo(path: Path, progress: Progress = silent) -> Demo:
    """The reference quarter end to end, from the filled-in returns that travel with the package."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Refused(f"{path} is not empty: name a new folder, as in 'cpxl demo another-folder'.")
    folder = init(path)
    here = Path(__file__).parent / "demo"
    import_history(folder, here / "history.csv")
    quarter = folder.current_quarter()
    for file in sorted((here / "returns").glob("*.xlsx")):
        store.save(folder.returns(quarter) / file.name, file.read_bytes())
    checks, _ = consolidate_folder(folder, quarter, progress=progress)
    master = _with_texts(folder, here / "report_text.yaml")
    progress("partner workbook")
    partner = publishing.publish_folder(folder, quarter)
    progress("report")
    report = publishing.report_folder(folder, quarter).published
    return Demo(folder, checks, master, partner.path, report.path)


def _with_texts(folder: WorkingFolder, path: Path) -> Master:
    """The master with what the demo's coordinator wrote on the sheet 'Report text', as if it had been typed there."""
    known = read_master(folder)
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = tuple(
        ReportText(known.master.quarter, section, *((p["heading"], p["text"]) if isinstance(p, dict) else (None, p)))
        for section, paragraphs in written.items()
        for p in paragraphs
    )
    master = replace(known.master, report_texts=texts)
    write_master(folder, known, master)
    return master

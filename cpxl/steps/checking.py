"""Checking what came back: the report, and a marked copy for each lead who has something to do."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cpxl import files as file_access
from cpxl import store
from cpxl.acceptance import NOTHING_ASKED, accept
from cpxl.account import account
from cpxl.account.doubts import doubts_from
from cpxl.changes import Change, changes
from cpxl.config import Settings
from cpxl.consolidate import Kept, consolidate, kept_from_before
from cpxl.errors import Refused
from cpxl.folder import PassedOver, WorkingFolder, alone
from cpxl.layout.identity import identity_block
from cpxl.master.file import KnownMaster
from cpxl.model import Checked, Doubt, Master, Return
from cpxl.quarters import Quarter
from cpxl.returns.own_text import text_doubts
from cpxl.steps.issuing import before
from cpxl.steps.watching import Progress, silent
from cpxl.words import legible
from cpxl.workbook_names import defined_name
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import LARGEST_FILE


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

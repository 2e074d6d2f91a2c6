"""Merging the returns of a quarter into the master."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from cpxl import store
from cpxl.acceptance import NOTHING_ASKED
from cpxl.changes import changes
from cpxl.consolidate import consolidate
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder, alone
from cpxl.master.file import KnownMaster, read_master, write_master
from cpxl.model import Master, Return
from cpxl.origin import PICTURES
from cpxl.quarters import Quarter
from cpxl.returns.in_master import entered_sheets
from cpxl.steps.checking import Checks, check, doubts_of
from cpxl.steps.watching import Progress, silent


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
        doubted = {d.strand for d in master.doubts if d.is_error}  # of any quarter: a sheet shows earlier ones too
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
        strand = folder.settings.strand_asked(name)
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

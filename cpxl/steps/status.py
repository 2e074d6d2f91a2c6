"""What the working folder has of a quarter now: issued, returned, chased. `account/status.py` says what comes next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cpxl import publish, versions
from cpxl.account import Account, account
from cpxl.account.status import Next, Standing, counted, days_after, next_step
from cpxl.folder import WorkingFolder
from cpxl.master.file import KnownMaster, read_master
from cpxl.model import Chased, Master, Publication
from cpxl.quarters import Quarter
from cpxl.steps import checking
from cpxl.steps.checking import Checks
from cpxl.steps.watching import Progress, silent

DRAFT = re.compile(
    rf"(?P<quarter>\d{{4}}-\d\d-Q[1-4]) (?P<code>[A-Z0-9]+) (?P<kind>{'|'.join(Chased.KINDS)}) (?P<no>\d{{1,4}})\.eml"
)
"""What the file of a draft is called."""


@dataclass(frozen=True)
class Status:
    """Where a quarter stands. due: by when returns are wanted. checks: what was found in what came in.

    approved: by which post and when, and whether it has changed since; blank if nobody approved it.
    to_sign_off: strands whose returns have to be signed off, and are not. published: the last version of each kind.
    """

    quarter: Quarter
    due: date | None
    standings: tuple[Standing, ...]
    next: Next
    checks: Checks
    approved: str = ""
    to_sign_off: Sequence[str] = ()
    published: Sequence[Publication] = ()


def status(folder: WorkingFolder, quarter: Quarter, today: date, progress: Progress = silent) -> Status:
    """Where a quarter stands on a day."""
    known = read_master(folder)
    checks = checking.check(folder, quarter, known, progress=progress)
    due = folder.settings.due(quarter)
    strands = folder.settings.as_of(quarter).strands
    said = account(known.master, quarter, folder.settings)
    standings = tuple(_standing(folder, strand.code, quarter, today, known, checks) for strand in strands)
    approved, holds = publish.approved_in_words(known.master, said), publish.approval(known.master, said)[1]
    then = next_step(
        quarter,
        standings,
        due=folder.settings.return_by(quarter),
        published=_is_published(said, known.master),
        to_sign_off=said.to_sign_off,
        to_approve="approval" in folder.settings.publish_needs and not holds,
        mails=folder.settings.mailbox is not None and bool(folder.settings.contacts),
        late=due is None or today > due,
    )
    return Status(quarter, due, standings, then, checks, approved, said.to_sign_off, _published(known.master, quarter))


def _standing(
    folder: WorkingFolder, code: str, quarter: Quarter, today: date, known: KnownMaster, checks: Checks
) -> Standing:
    strand = folder.settings.strand_of(code)
    assert strand
    came = [c for c in checks.checked if c.returned.strand == code and not c.is_empty]
    counts = [c for c in came if not c.returned.superseded_by] or came
    merged = {
        s.sha256
        for s in known.master.submissions
        if (s.quarter, s.strand, s.is_accepted) == (quarter, strand.name, True)
    }
    is_kept = strand.name in {kept.strand for kept in checks.kept}
    accepted = any(c.accepted for c in counts) if counts else (True if is_kept else None)
    is_issued = folder.issued_return(quarter, code).exists() or bool(counts)
    in_doubt = any(d.is_error and (d.quarter, d.strand) == (quarter, strand.name) for d in known.master.doubts)
    return Standing(
        strand.name,
        code,
        is_issued,
        tuple(c.returned.file for c in came),
        accepted,
        not in_doubt and (any(c.accepted and c.returned.sha256 in merged for c in counts) if counts else is_kept),
        in_doubt,
        counted([f.severity for c in counts for f in c.findings]),
        days_after(today, folder.settings.due(quarter)) if is_issued and not accepted and len(counts) < 2 else None,
        tuple(c for c in chasing(folder, quarter, known.master) if (c.quarter, c.strand) == (quarter, strand.name)),
        len(counts) > 1,
    )


def chasing(folder: WorkingFolder, quarter: Quarter, master: Master) -> list[Chased]:
    """The drafts on record, and those of a quarter that are there while the record could not be written."""
    recorded = {(c.quarter, c.file) for c in master.chasing}
    new = []
    drafts = filter(Path.is_file, folder.mail(quarter).glob("*.eml"))
    for path in sorted(drafts, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        found = DRAFT.fullmatch(path.name)
        strand = folder.settings.strand_of(found["code"]) if found else None
        if found and strand and (quarter, path.name) not in recorded and found["quarter"] == quarter.folder:
            post, _ = folder.settings.contact_of.get(strand.code, (None, ""))
            when = date.fromtimestamp(path.stat().st_mtime).isoformat()
            row = (strand.name, found["kind"], when, int(found["no"]), post or strand.lead, path.name)
            new.append(Chased(quarter, *row))
    return [*master.chasing, *new]


def _published(master: Master, quarter: Quarter) -> list[Publication]:
    """The last publication of each kind."""
    of = sorted((p for p in master.publications if p.quarter == quarter), key=lambda p: p.number)
    return list({p.kind: p for p in of}.values())


def _is_published(said: Account, master: Master) -> bool:
    """Whether the partner workbook that was published last says what the master says now."""
    last = next((p for p in _published(master, said.quarter) if p.kind == Publication.WORKBOOK), None)
    return last is not None and last.says == versions.digest(said)

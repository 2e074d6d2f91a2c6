"""Drafts for a quarter's leads, each to its own, and the record of them in the master."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cpxl import files, mail, store
from cpxl.account.status import AWAITED, MERGED, Standing
from cpxl.config import Strand
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.layout.check_report import asked_of_lead
from cpxl.master.file import read_master, write_master
from cpxl.model import Chased, Finding
from cpxl.quarters import Quarter
from cpxl.steps import checking
from cpxl.steps.status import Status, chasing, status
from cpxl.theme import TEMPLATES
from cpxl.words import listed
from cpxl.workbooks.untrusted import LARGEST_FILE

LARGEST_TEMPLATE = 2**16
"""Bytes of a template of a mail."""


@dataclass(frozen=True)
class Mailed:
    """The drafts that were written, and the strands that would have had one but have no address in config.

    waits: why the record of them is not in the master yet; blank if it is.
    """

    drafts: Sequence[Path]
    without: Sequence[str]
    waits: str = ""


def write_drafts(
    folder: WorkingFolder,
    quarter: Quarter,
    kind: str,
    now: datetime,
    strands: Sequence[str] = (),
) -> Mailed:
    """A draft for each lead whom a mail of that kind concerns; of these strands only, if any are named.

    The record of them can wait, where the master cannot be written: the drafts are there to be counted.
    Raises Refused, with nothing written, if nobody is concerned, or if config has no address.
    """
    with folder.alone(f"mail {kind}"):
        wanted = [*map(folder.settings.strand_asked, strands)] or folder.settings.as_of(quarter).strands
        found = status(folder, quarter, now.date())
        concerned = {s.code for s in found.standings if _concerns(kind, s, found)}
        to = [strand for strand in wanted if strand.code in concerned]
        if not to:
            raise Refused(f"No lead is to be written to for {quarter}: {mail.NOBODY[kind]}.")
        mailbox = folder.settings.mailbox
        if mailbox is None:
            raise Refused(
                "config.yaml does not say whom mails are from: write 'mailbox:' and your own address there, and each "
                "lead's under 'contacts:'."
            )
        without = [s.name for s in to if s.code not in folder.settings.contact_of]
        if len(without) == len(to):
            raise Refused(
                f"config.yaml has no address of {listed(without)}: write under 'contacts:' a line such as "
                f"'{to[0].code}: lead@example.org' for each."
            )
        known = read_master(folder)
        rows, new = chasing(folder, quarter, known.master), dict[Path, bytes]()
        copies = _copies(folder, found) if kind == "correct" else {}
        for strand in to:
            if strand.name in without:
                continue
            rounds = [c.round for c in rows if (c.quarter, c.strand, c.kind) == (quarter, strand.name, kind)]
            number = 1 + max(rounds, default=0)
            path = folder.mail(quarter) / f"{quarter.folder} {strand.code} {kind} {number}.eml"
            post, address = folder.settings.contact_of[strand.code]
            of_strand = [c for c in found.checks.checked if c.returned.strand == strand.code]
            counting = [c for c in of_strand if not c.returned.superseded_by]
            findings = asked_of_lead([f for c in counting for f in c.findings])
            draft = _draft(folder, quarter, kind, strand, (post or strand.lead, address), findings)
            attached = _attached(folder, quarter, kind, strand, copies)
            data = mail.as_file(replace(draft, file=attached), (folder.settings.contact or "", mailbox), now)
            new[path] = data
            rows.append(
                Chased(quarter, strand.name, kind, now.date().isoformat(), number, post or strand.lead, path.name)
            )
        for path, data in new.items():
            store.save(path, data)
        try:
            write_master(folder, known, replace(known.master, chasing=tuple(rows)))
        except Refused as why:
            return Mailed(list(new), without, str(why))
    return Mailed(list(new), without)


def _concerns(kind: str, standing: Standing, found: Status) -> bool:
    """Whether a mail of that kind is for a strand's lead."""
    if kind == "issue":
        return standing.issued and not standing.files and not standing.merged
    if kind == "remind":
        return standing.state == AWAITED
    asked = asked_of_lead([f for c in found.checks.checked if c.returned.strand == standing.code for f in c.findings])
    if kind == "correct":
        return bool(standing.files) and not standing.several and bool(asked)
    return standing.state == MERGED and not any(c.kind == kind for c in standing.chased)


def _copies(folder: WorkingFolder, found: Status) -> dict[str, Path]:
    """The marked copies, made anew, by their strands' codes."""
    written = checking.write_checked(folder, found.checks)
    return {str(checking.strand_of(copy)): copy for copy in written.annotated}


def _draft(
    folder: WorkingFolder, quarter: Quarter, kind: str, strand: Strand, to: tuple[str, str], findings: Iterable[Finding]
) -> mail.Draft:
    settings = folder.settings
    by = settings.return_by(quarter)
    words = {
        "strand": strand.name,
        "quarter": str(quarter),
        "months": quarter.months(settings.financial_year_starts_in),
        "by": f" by {by}" if by and kind != "correct" else "",
        "post": to[0],
        "contact": settings.contact or settings.mailbox or "",
        "sender": settings.contact or settings.force,
        "findings": mail.in_words(list(findings)),
    }
    name = f"{kind}.txt"
    subject, text = mail.filled(template(folder, kind), name, words)
    return mail.Draft(*to, subject, text)


def template(folder: WorkingFolder, kind: str) -> str:
    """The folder's own template of a mail, or else ours."""
    name = f"{TEMPLATES}/mail/{kind}.txt"
    try:
        return folder.own_or_ours(name, LARGEST_TEMPLATE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{folder.path / name} is not saved as UTF-8: save it with encoding UTF-8.") from None


def _attached(
    folder: WorkingFolder, quarter: Quarter, kind: str, strand: Strand, copies: dict[str, Path]
) -> tuple[str, bytes] | None:
    """What goes with a mail: the form as it was issued, or the marked copy."""
    if kind not in mail.WITH_FILE:
        return None
    path = copies.get(strand.code) or folder.issued_return(quarter, strand.code)
    try:
        return path.name, files.read(path, LARGEST_FILE).data
    except FileNotFoundError:
        raise Refused(
            f"{path} is not there, so there is nothing to attach: run 'cpxl issue -q {quarter.folder}' first."
        ) from None
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}): close it elsewhere, then run this again.") from error

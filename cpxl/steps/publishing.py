"""Publishing: a quarter's partner workbook and report, each under a version that nothing else ever has.

What goes out is put on record before it is written: in a file of its own (`publications.py`), then in the
master's register.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cpxl import files, publications, publish, revisions, store, versions
from cpxl.account import Account, account
from cpxl.account.texts import unwritten
from cpxl.errors import Refused
from cpxl.folder import CONFIG, MASTER, WorkingFolder, alone
from cpxl.layout.partner import partner_workbook
from cpxl.master.file import KnownMaster, master_file, read_master, write_master
from cpxl.model import Finding, FindingRow, Master, Publication
from cpxl.names import typed
from cpxl.origin import PICTURES
from cpxl.pictures import LARGEST as LARGEST_PICTURE
from cpxl.provenance.steps import proved
from cpxl.publications import Kept
from cpxl.quarters import Quarter
from cpxl.returns.own_text import text_doubts
from cpxl.steps.watching import silent
from cpxl.theme import REPORT_TEMPLATE
from cpxl.words import listed
from cpxl.workbooks.untrusted import LARGEST_FILE

Printer = Callable[[bytes, str], bytes]
"""Makes a PDF of the content of a file, `.xlsx` or `.docx`."""
LONGEST_BECAUSE = 500
Recorder = Callable[[WorkingFolder, KnownMaster, Master], None]
"""Writes a master with one more publication in its register. Raises Refused if it cannot."""


@dataclass(frozen=True)
class How:
    """What the coordinator wants of a publication.

    issued: the day that it says; today, if none is given. because: why there is another version, in words.
    pdf: what makes a PDF of it, beside it, if there is to be one. record: how it gets into the master's register.
    draft: whether it is only to be looked at: it has no number, is not on record, and is written over.
    """

    issued: date | None = None
    because: str = ""
    pdf: Printer | None = None
    record: Recorder = write_master
    draft: bool = False


PLAINLY = How()


@dataclass(frozen=True)
class Published:
    """A file that was published, now or before. pdf: the same as a PDF, if that was asked for.

    is_new: whether it went out now. says: what the coordinator has to know of it.
    """

    publication: Publication
    path: Path
    is_new: bool
    pdf: Path | None = None
    says: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """The report, the sections that have no text yet, and what is wrong with those that have."""

    published: Published
    unwritten: Sequence[str]
    findings: Sequence[Finding]


@alone("publish")
def publish_folder(
    folder: WorkingFolder,
    quarter: Quarter | None = None,
    tell: Callable[[FindingRow], None] = silent,
    how: How = PLAINLY,
) -> Published:
    """Publish the partner workbook of a quarter (the one last consolidated, if none is named).

    tell: hears of what checks found that partners perhaps should not see, and that is in it.
    """
    known, said, traced = sound(folder, quarter)
    for found in publish.disclosures(said):
        tell(found)
    return _hand_out(folder, known, said, traced, Publication.WORKBOOK, how)


@alone("report")
def report_folder(
    folder: WorkingFolder,
    quarter: Quarter | None = None,
    before: Callable[[Sequence[str]], None] = silent,
    how: How = PLAINLY,
) -> Report:
    """Publish the report of a quarter as a Word document (of the one last consolidated, if none is named).

    before: told, before anything is made, what is still to be written and what is wrong in what is there, if anything.
    """
    known, said, traced = sound(folder, quarter)
    lacking = [one.label for one in unwritten(said.texts, said.settings)]
    findings = [doubt.finding for doubt in text_doubts(said)]
    says = [f"Still to be written: {listed(lacking, len(lacking))}."] if lacking else []
    says += [f"{finding.message} {finding.fix}" for finding in findings]
    if says:
        before(says)
    made = _hand_out(folder, known, said, traced, Publication.REPORT, how)
    if findings and made.is_new:  # which stand in other rows where the master was written anew
        now = account(read_master(folder).master, said.quarter, folder.settings)
        findings = [doubt.finding for doubt in text_doubts(now)]
    return Report(made, lacking, findings)


@dataclass(frozen=True)
class Again:
    """A publication that was made again. backup: of another file that stood in its place, if one did."""

    publication: Publication
    path: Path
    is_new: bool
    backup: Path | None = None


@alone("publish")
def publish_again(folder: WorkingFolder, quarter: Quarter, version: str) -> list[Again]:
    """Make what was published under a version again, to the byte, and put it where it was.

    Raises Refused, with nothing written, if there is no such version, or if it does not come to the same any more.
    """
    rows = [p for p in read_master(folder).master.publications if p.quarter == quarter]
    wanted = [row for row in rows if row.version == version.removeprefix("v")]
    if not wanted:
        there = ", ".join(dict.fromkeys(row.version for row in rows))
        raise Refused(
            f"The register has no version {version} of {quarter}: "
            + (f"it has {there}." if there else f"run 'cpxl publish -q {quarter.folder}' first.")
        )
    made = [(row, _again(folder, row)) for row in wanted]
    found = []
    for row, data in made:
        path, backup = folder.published / row.file, None
        is_there = is_as_published(folder, row)
        if not is_there:
            store.refuse_if_in_use(path)
            backup = folder.back_up(path)
            store.save(path, data)
        found.append(Again(row, path, not is_there, backup))
    return found


# What all of these do


def sound(folder: WorkingFolder, quarter: Quarter | None) -> tuple[KnownMaster, Account, str]:
    """The master, what it says of a quarter, and how far that was traced, in words.

    Raises Refused if that is nothing, or a figure does not hold.
    """
    known = read_master(folder)
    if not folder.master.exists():
        raise Refused(f"There is no {folder.master.name} in {folder.path}: run 'cpxl consolidate' first.")
    said = publish.sound(folder.settings, known.master, quarter or known.master.quarter)
    traced = proved(folder, known, said).in_words
    return known, replace(said, pictures=dict(_pictures(folder, said))), traced


def _pictures(folder: WorkingFolder, said: Account) -> Iterator[tuple[str, bytes]]:
    """The pictures of a quarter, by their SHA-256. Raises Refused if one is gone, or is another."""
    for picture in filter(None, (strand.picture for strand in said.strands)):
        path = folder.path / PICTURES / Path(picture.file).name
        try:
            data = files.read(path, LARGEST_PICTURE + 1).data
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            what = "another now" if data else "gone"
            raise Refused(
                f"Nothing was published: the picture of {picture.strand}, {PICTURES}/{path.name}, is {what}. Run "
                f"'cpxl consolidate -q {picture.quarter.folder}', which takes it from the return again."
            )
        yield picture.sha256, data


def _hand_out(folder: WorkingFolder, known: KnownMaster, said: Account, traced: str, kind: str, how: How) -> Published:
    """Publish what a quarter says: under the version that says the same, if there is one, or else under a new one."""
    how = replace(how, because=typed(how.because, "--because", LONGEST_BECAUSE))
    if how.draft:
        return _draft(folder, known, said, traced, kind, how)
    publish.refuse_unless_seen(known.master, said)
    of_quarter = [p for p in known.master.publications if p.quarter == said.quarter]
    last = max(of_quarter, key=lambda p: p.number, default=None)
    digest, approved = versions.digest(said), publish.approved_in_words(known.master, said) or None
    says = [f"Approved by {approved}."] if approved else []
    wanted = (digest, approved, how.issued or (last and _day(last)))
    # A new reason makes a new version.
    if last and (last.says, last.approved, _day(last)) == wanted and how.because in ("", last.because):
        same = next((p for p in of_quarter if (p.version, p.kind) == (last.version, kind)), None)
        if same is None:  # the report of a version of which there is a partner workbook, or the other way round
            about = replace(_about(folder, last, traced), publication=replace(last, kind=kind), traced=traced)
            return _write_out(folder, known, said, about, how, says)
        if hashlib.sha256(_made(folder, said, _about(folder, same, traced))).hexdigest() == same.sha256:
            return _as_before(folder, known, same, how)
    day = (how.issued or date.today()).isoformat()
    version = versions.next_version(folder.published, folder.settings, said.quarter, last)
    row = Publication(said.quarter, version, kind, day, "", "", 0, how.because or None, approved, digest)
    about, differs = _compared(folder, known, said, Kept(row, traced))
    says += [*differs, *_first_with_a_number(folder, row, last)]
    return _write_out(folder, known, said, about, how, says)


def _write_out(
    folder: WorkingFolder, known: KnownMaster, said: Account, about: Kept, how: How, says: list[str]
) -> Published:
    """Write a publication: first what is kept of it, then its file and a PDF beside it, then the master's register."""
    like = about.publication
    file = versions.file_name(folder.settings, said.quarter, like.version, ENDINGS[like.kind])
    like = replace(like, file=file, sha256="", revised=len(about.revisions))
    data = _made(folder, said, replace(about, publication=like))
    row = replace(like, sha256=hashlib.sha256(data).hexdigest())
    path = folder.published / row.file
    beside = versions.pdf_beside(path)
    for one in (path, beside):
        store.refuse_if_in_use(one)
    printed = how.pdf(data, path.suffix) if how.pdf else None
    publications.keep(folder, replace(about, publication=row), {MASTER: master_file(folder, known), **_files(said)})
    try:
        store.save(path, data)
    except Refused:  # so it is no publication, which later ones would be held against
        store.remove(publications.path_of(folder, row))
        raise
    if printed:
        store.save(beside, printed)
    master = replace(known.master, publications=(*known.master.publications, row))
    says = [*says, *_record(folder, known, master, how)]
    return Published(row, path, True, beside if printed else None, says)


def _record(folder: WorkingFolder, known: KnownMaster, master: Master, how: How) -> list[str]:
    """Have a master's register written. It can wait: what is kept is read as a part of it."""
    try:
        how.record(folder, known, master)
    except Refused as why:
        later = "The register in the master gets it when the master is next written; now it could not be"
        return [f"{later}: {why}"]
    return []


def _draft(folder: WorkingFolder, known: KnownMaster, said: Account, traced: str, kind: str, how: How) -> Published:
    """Write what would be published, to be looked at."""
    day, version = (how.issued or date.today()).isoformat(), Publication.DRAFT
    file = versions.file_name(folder.settings, said.quarter, version, ENDINGS[kind])
    approved = publish.approved_in_words(known.master, said) or None
    row = Publication(said.quarter, version, kind, day, file, "", 0, how.because or None, approved, "")
    about, says = _compared(folder, known, said, Kept(row, traced))
    data, path = _made(folder, said, about), folder.published / file
    beside = versions.pdf_beside(path)
    store.refuse_if_in_use(path)
    printed = how.pdf(data, path.suffix) if how.pdf else None
    store.save(path, data)
    if printed:
        store.save(beside, printed)
    elif beside.exists():  # of the draft before
        store.remove(beside)
    return Published(row, path, True, beside if printed else None, says)


def _compared(folder: WorkingFolder, known: KnownMaster, said: Account, about: Kept) -> tuple[Kept, list[str]]:
    """A publication with its figures that were published otherwise, and what is to be said of them."""
    published, says, not_compared = {}, [], []
    for quarter in {p.quarter for p in known.master.publications if p.quarter <= said.quarter}:
        last = max((p for p in known.master.publications if p.quarter == quarter), key=lambda p: p.number)
        try:
            with publications.master_as_it_was(folder, last) as then:
                master = read_master(then).master
        except Refused as why:
            says.append(f"What differs from {last.named} is not marked, which partners are told: {why}")
            not_compared.append(last.named)
            continue
        then_and_now = account(master, quarter, folder.settings), _as_it_said(folder, last)
        published[quarter] = revisions.before(last.named, master, *then_and_now)
    found = tuple(revisions.revisions(said, known.master, published, str(about.publication.because or "")))
    if any(one.why == revisions.NOT_SAID for one in found):
        says.append("Nobody says why some figures are revised: publish with --because, or have a note on each figure.")
    return replace(about, revisions=found, not_compared=tuple(sorted(not_compared))), says


def _as_it_said(folder: WorkingFolder, row: Publication) -> Account | None:
    """A publication by the config.yaml of then; None where that is today's, or cannot be read any more."""
    with suppress(Refused), publications.as_it_was(folder, row) as (then, _):
        if files.read(then.path / CONFIG, LARGEST_FILE).data != files.read(folder.path / CONFIG, LARGEST_FILE).data:
            return account(read_master(then).master, row.quarter, then.settings)
    return None


def _day(row: Publication) -> date:
    return date.fromisoformat(row.when)


def _about(folder: WorkingFolder, row: Publication, traced: str) -> Kept:
    """What is kept of a publication; if it is gone, what would be kept now."""
    try:
        return publications.about(folder, row)
    except Refused:
        return Kept(row, traced, not_compared=(row.named,) * bool(row.revised))


def _files(said: Account) -> dict[str, bytes]:
    """The pictures of a quarter, by where the working folder has them."""
    there = filter(None, (strand.picture for strand in said.strands))
    return {f"{PICTURES}/{Path(picture.file).name}": said.pictures[picture.sha256] for picture in there}


ENDINGS = {Publication.WORKBOOK: ".xlsx", Publication.REPORT: ".docx"}


def _first_with_a_number(folder: WorkingFolder, row: Publication, last: Publication | None) -> list[str]:
    if last is None and versions.without_number(folder.published, folder.settings, row.quarter):
        counts = f"What was published for {row.quarter} before versions had numbers counts as 1.0"
        return [f"{counts}, so this is {row.version}."]
    return []


def _as_before(folder: WorkingFolder, known: KnownMaster, row: Publication, how: How) -> Published:
    """What was published says the same as now: the file is made again if it is gone, and left alone if it is there."""
    path = folder.published / row.file
    says = [f"Nothing has changed since v{row.version}."]
    if not path.exists():
        store.save(path, _again(folder, row))
        says.append(f"{path.name} was gone, and was made again.")
    elif not is_as_published(folder, row):
        says.append(f"{path.name} is not as it was published: {put_back(row)}")
    says += _record(folder, known, known.master, how) if known.lacks else []
    beside = versions.pdf_beside(path)
    if how.pdf and not beside.exists():
        store.save(beside, how.pdf(files.read(path).data, path.suffix))
    return Published(row, path, False, beside if how.pdf else None, says)


def put_back(row: Publication) -> str:
    """How what was published is put back."""
    return f"'cpxl publish --again {row.quarter.folder} --version {row.version}' puts it back."


def _again(folder: WorkingFolder, row: Publication) -> bytes:
    """The bytes that were published, made again. Raises Refused if they would be others."""
    with publications.as_it_was(folder, row) as (then, about):
        said = account(read_master(then).master, row.quarter, then.settings)
        data = _made(then, replace(said, pictures=dict(_pictures(then, said))), about)
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise Refused(
            f"{row.file} does not come to the same again: it was made by another version of cpxl, or what was kept of "
            "it was changed. Nothing was written."
        )
    return data


def _made(folder: WorkingFolder, said: Account, about: Kept) -> bytes:
    """A publication's file. It follows from what the master says and what is kept, and from nothing else."""
    from cpxl.report.word import document
    from cpxl.workbooks.write import to_bytes

    row = about.publication
    said = replace(said, publication=row, revisions=about.revisions, not_compared=about.not_compared)
    if row.kind == Publication.REPORT:
        return document(said, _day(row), folder.own_or_ours(REPORT_TEMPLATE, LARGEST_FILE), folder.theme)
    return to_bytes(partner_workbook(said, _day(row), about.traced), folder.theme)


def is_as_published(folder: WorkingFolder, row: Publication) -> bool:
    """Whether what was published is there, to the byte."""
    try:
        return hashlib.sha256(files.read(folder.published / row.file).data).hexdigest() == row.sha256
    except OSError:
        return False

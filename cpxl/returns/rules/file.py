"""Is it a return, of this quarter, of a strand that we know? What is asked of any file, before what is in it."""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.comparisons import COMPARISONS
from cpxl.config.breakdowns import BACK
from cpxl.consolidate import carried_over
from cpxl.insights.months import known_months
from cpxl.insights.rolling import compared, counts_of
from cpxl.model import DUE, TEXTS, Finding, Measure, Return, Risk, same
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short


def _said_by_the_reader(code: str, title: str, looks_at: str, message: str, fix: str) -> None:
    """A rule that finds what the reader said of a file."""

    @rule(code, ERROR, title, looks_at, message, fix)
    def find(returned: Return, context: Context) -> Iterator[Fault]:
        if returned.fault == code:
            yield Fault(words={"code": short(returned.strand)})


_said_by_the_reader(
    "cannot-be-opened",
    "The file can be opened",
    "The file",
    "The file is there, but cannot be opened: it is locked, not yours to read, or was moved away meanwhile.",
    "Close it elsewhere, wait until it is synced, and check that you may open it; then check again.",
)
_said_by_the_reader(
    "not-a-workbook",
    "The file can be read",
    "The file",
    "The file cannot be read: it is empty, damaged or not an Excel workbook.",
    "Open it in Excel, save it as .xlsx and send it again; if Excel cannot open it, ask for a new copy.",
)
_said_by_the_reader(
    "old-format",
    "Saved as .xlsx, not .xls",
    "The file",
    "The file is an Excel workbook of the old .xls kind.",
    "Open it in Excel, choose Save As and the type 'Excel Workbook (.xlsx)', and send that.",
)
_said_by_the_reader(
    "other-format",
    "Saved as .xlsx, not .xlsb or .ods",
    "The file",
    "The file is saved in a form that cpxl does not read (.xlsb or .ods).",
    "Open it, choose Save As and the type 'Excel Workbook (.xlsx)', and send that.",
)
_said_by_the_reader(
    "too-large",
    "No larger than a return can be",
    "The file",
    "The file unpacks to far more than a return ever has, so it was not opened.",
    "Copy the entries into the return as it was issued and send that.",
)
_said_by_the_reader(
    "password-protected",
    "No password or encryption",
    "The file",
    "The file is protected by a password or encrypted.",
    "Save it without a password (File, Info, Protect Workbook) and without a label that encrypts, and send it again.",
)
_said_by_the_reader(
    "other-workbook",
    "A return, not some other workbook",
    "The hidden sheet",
    "The workbook is not a return that cpxl issued.",
    "Fill in the return that was issued for this quarter, and send that file.",
)
_said_by_the_reader(
    "unknown-strand",
    "Of a strand in config.yaml",
    "The hidden sheet",
    "The return is of a strand '{code}' that config.yaml does not have in that quarter.",
    "Add it to config.yaml or correct its first_quarter or last_quarter; or issue the return of the right strand.",
)


@rule(
    "wrong-quarter",
    ERROR,
    "Of this quarter",
    "The hidden sheet",
    "The return is for {found}, not for {wanted}.",
    "Fill in the return that was issued for {wanted}.",
)
def wrong_quarter(returned: Return, context: Context) -> Iterator[Fault]:
    if not returned.fault and returned.quarter != str(context.quarter):
        yield Fault(words={"found": returned.quarter, "wanted": context.quarter})


@rule(
    "second-return",
    ERROR,
    "One return for each strand",
    "All files of the quarter",
    "There is another return of this strand: {others}.",
    "Keep the right one in the returns folder and move the other away; --prefer newest takes the one saved last.",
)
def second_return(returned: Return, context: Context) -> Iterator[Fault]:
    same = [r for r in context.by_strand.get(returned.strand, ()) if not r.superseded_by]
    if returned in same:
        others = [r.file for r in same if r is not returned]
        if others:
            yield Fault(words={"others": listed(others)})


@rule(
    "entered-in-the-master-too",
    WARNING,
    "A file, or the strand's sheet of the master",
    "The strand's sheet of the master",
    "Something was entered on this strand's sheet of the master too: the file counts, and replaces it.",
    "If the sheet is the right one, move the file out of the returns folder; what was entered is in the backups.",
)
def entered_in_the_master_too(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.strand in context.entered:
        yield Fault()


@rule(
    "superseded",
    NOTE,
    "The one saved last is taken, if asked for",
    "All files of the quarter",
    "Not merged: a later return of this strand was taken instead, {newest}.",
    "Nothing to do, if that is the right one.",
)
def superseded(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.superseded_by:
        yield Fault(words={"newest": returned.superseded_by})


@rule(
    Finding.RETURNED_EMPTY,
    ERROR,
    "Something filled in",
    "All cells to fill in",
    "The form was sent back as it was issued: nothing is filled in. It does not count as returned.",
    "Fill it in and send it again; if there is nothing to report, enter 0 or N/A.",
)
def returned_empty(returned: Return, context: Context) -> Iterator[Fault]:
    is_return = not returned.fault and not returned.superseded_by and returned.quarter == str(context.quarter)
    if is_return and is_untouched(returned, context):
        yield Fault()


def is_untouched(returned: Return, context: Context) -> bool:
    """Whether a form has nothing but what it was issued with: earlier figures, counts and risks that were known."""
    if not returned.sheet or returned.missing_blocks or returned.copies or returned.outside or returned.unknown_months:
        return False
    if any(p.quarter == context.quarter and (p.value, p.note) != (None, None) for p in returned.progress):
        return False
    if (
        returned.paragraphs
        or returned.picture
        or any(f.comment is not None or (f.value is not None and not BACK.get(f.column)) for f in returned.breakdowns)
    ):
        return False
    if (
        returned.notes
        or returned.sign_offs
        or returned.none_of
        or any(d.kind != DUE or (d.outcome, d.moved_to) != (None, None) for d in returned.delivery)
    ):
        return False
    name = context.strand(returned).name
    known = {risk.id: risk for risk in carried_over(context.known, name, context.quarter)}
    if any(not _is_as_issued(risk, known.get(risk.id)) for risk in returned.risks):
        return False
    counted = known_months(context.known.monthly, context.quarter)
    there = ((m.count, counted.get((name, m.measure, m.month))) for m in returned.monthly)
    if any(was is None or not same(count, was.count) for count, was in there):
        return False
    return not any(m.comment is not None or not _is_known(m, context) for m in returned.measures)


def _is_as_issued(risk: Risk, known: Risk | None) -> bool:
    fields = (*TEXTS[Risk], "likelihood", "impact", "aimed_likelihood", "aimed_impact")
    return known is not None and all(getattr(risk, key) == getattr(known, key) for key in fields)


def _is_known(measure: Measure, context: Context) -> bool:
    """Whether a measure's figure, if there is one, follows from what was known before the quarter."""
    if measure.current is None:
        return True
    counts = counts_of(context.known.monthly, measure.strand, measure.measure, context.quarter)
    first_month, comparison = context.settings.financial_year_starts_in, COMPARISONS[measure.period]
    known = compared(counts, context.quarter, first_month, comparison).current
    return known is not None and same(measure.current, known)

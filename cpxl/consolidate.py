"""Checked returns and the master as it was, to the master as it is now. No file is touched here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpxl import ids
from cpxl.actions import with_action_ids
from cpxl.cells import period_in_words
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, Strand
from cpxl.insights.months import known_months
from cpxl.model import (
    ENTERED_IN_MASTER,
    HISTORY,
    PREVIOUS,
    QUARTERLY,
    ROLLING,
    BreakdownFigure,
    Checked,
    Correction,
    Doubt,
    Finding,
    FindingRow,
    Master,
    Measure,
    Monthly,
    Progress,
    Record,
    Return,
    Risk,
    Submission,
    Value,
    field_names,
    same,
)
from cpxl.origin import Origin, origin_of
from cpxl.quarters import Quarter
from cpxl.seals import seals_of

HEADING = "master-heading"
"""The rule for a heading that was typed over."""

_Row = Any  # a record with a quarter and a strand


def consolidate(
    master: Master,
    quarter: Quarter,
    checked: Sequence[Checked],
    settings: Settings,
    withdrawn: Collection[str] = (),
) -> Master:
    """Merge what passed the checks.

    A strand's rows of the quarter are replaced, never added to, so doing it again changes nothing. What was accepted
    before stays until something takes its place, or its strand is withdrawn. A late quarter changes its own rows and
    what follows from them; the master goes on showing the latest quarter that has returns.
    """
    back = {_strand_name(c, settings): _with_origins(c.returned, quarter, settings) for c in checked if c.accepted}
    replaced = {*back, *withdrawn}

    def kept(rows: Iterable[_Row]) -> list[_Row]:
        return [row for row in rows if row.quarter != quarter or row.strand not in replaced]

    risks, delivery, starts = kept(master.risks), kept(master.delivery), settings.financial_year_starts_in
    for strand in settings.strands:
        if strand.name in back:
            items = back[strand.name].delivery
            delivery += with_action_ids(items, strand.name, strand.code, quarter, master, starts)
            known_as = _risks_with_ids(strand, quarter, back[strand.name].risks, master)
            risks += [_with_level(risk, settings) for risk in known_as]
    is_returned = master.in_returns(quarter)
    months = [row for row in master.monthly if row.strand not in replaced or not is_returned(row)]
    counts = [replace(m, source=r.file) for r in back.values() for m in r.monthly]
    in_order = [back[strand.name] for strand in settings.strands if strand.name in back]
    stay = [s for s in kept(master.submissions) if s.quarter != quarter or s.is_accepted]
    came = [_submission(c, quarter, settings) for c in checked]
    again = {(s.strand, s.sha256): s for s in came}
    stay = [s if s.quarter != quarter else _with_origin(s, again.get((s.strand, s.sha256))) for s in stay]
    merged_already = {(s.strand, s.sha256) for s in stay if s.quarter == quarter}
    submissions = [s for s in came if (s.strand, s.sha256) not in merged_already]
    files = {c.returned.file for c in checked}
    of_stay = {(s.strand, s.file) for s in stay if s.quarter == quarter and s.file not in files}
    findings = [_finding_row(c, f, quarter, settings) for c in checked for f in c.findings]
    merged = replace(
        master,
        quarter=max([quarter, *(s.quarter for s in master.submissions if s.template_version != HISTORY)]),
        progress=_sorted(kept(master.progress), [p for r in in_order for p in r.progress if p.quarter == quarter]),
        measures=_sorted(kept(master.measures), [m for r in in_order for m in r.measures if m.is_reported]),
        monthly=_sorted(months, counts),
        breakdowns=_sorted(kept(master.breakdowns), [b for r in in_order for b in r.breakdowns if b.is_reported]),
        paragraphs=_sorted(kept(master.paragraphs), [p for r in in_order for p in r.paragraphs]),
        pictures=_sorted(kept(master.pictures), [p for r in in_order for p in r.pictures]),
        risks=_sorted(risks, []),
        delivery=_sorted(delivery, []),
        notes=_sorted(kept(master.notes), [n for r in in_order for n in r.notes]),
        sign_offs=_sorted(kept(master.sign_offs), [s for r in in_order for s in r.sign_offs]),
        submissions=_sorted(stay, submissions),
        findings=_sorted(
            [f for f in master.findings if f.quarter != quarter or (f.strand, f.file) in of_stay], findings
        ),
        doubts=tuple(still_in_doubt(master, quarter, replaced)),
        last_ids=ids.last_ids(master, risks, delivery),
    )
    if merged.doubts:
        merged = replace(merged, doubts=tuple(_not_there_again(merged)))
    if quarter < merged.quarter:
        sources = {name: returned.file for name, returned in back.items()}
        merged = replace(merged, corrections=(*master.corrections, *_corrections(master, merged, quarter, sources)))
    return merged


def still_in_doubt(master: Master, quarter: Quarter, replaced: Collection[Value]) -> list[Doubt]:
    """The master's doubts but those that go with the rows of a quarter that are replaced: of these strands."""
    sources = {s.file for s in master.submissions if s.quarter == quarter and s.strand in replaced}

    def is_replaced(doubt: Doubt) -> bool:
        if doubt.finding.rule == HEADING or (doubt.table == "findings" and doubt.quarter == quarter):
            return True  # written anew each time
        source = doubt.seal.source if doubt.seal else (doubt.values or {}).get("source")
        is_counted = doubt.table == "monthly" and source is not None and source not in sources
        return doubt.quarter == quarter and doubt.strand in replaced and not is_counted

    return [doubt for doubt in master.doubts if not is_replaced(doubt)]


def _not_there_again(master: Master) -> Iterator[Doubt]:
    """The master's doubts but those about rows that stand there as cpxl wrote them: a file that is refused as before
    gives its row in Submissions again.
    """
    now = {s.group: sorted(s.digests or ()) for s in seals_of(replace(master, doubts=()))}
    for doubt in master.doubts:
        seal = doubt.seal
        if seal is None or seal.digests is None or sorted(seal.digests) != now.get(seal.group):
            yield doubt


@dataclass(frozen=True)
class Kept:
    """A strand whose figures of a quarter stay, though no return in the folder gives them. file: that they came in."""

    strand: str
    file: str


def kept_from_before(master: Master, quarter: Quarter, checked: Sequence[Checked], settings: Settings) -> list[Kept]:
    """What was merged for a quarter before, of strands of which no file or sheet is accepted now."""
    back = {_strand_name(c, settings) for c in checked if c.accepted}
    return [
        Kept(str(s.strand), s.file)
        for s in master.submissions
        if s.quarter == quarter and s.is_accepted and s.template_version != HISTORY and s.strand not in back
    ]


def _corrections(
    before: Master, after: Master, quarter: Quarter, files: Mapping[str | None, str]
) -> Iterator[Correction]:
    """The figures of a quarter that were known before and are others now, or none."""
    now = _figures(after, quarter)
    for fact, (was, _) in _figures(before, quarter).items():
        value, origin = now.get(fact, (None, None))
        if was is not None and not same(value, was):
            strand, kind, *names = fact
            called = figure_name(*names) if kind == "progress" else ", ".join(names)
            yield Correction(quarter, strand, called, was, value, files.get(strand, "withdrawn"), origin=origin)


def figure_name(plan: str, status: str) -> str:
    """What a figure of a plan is called, `plan: status`: no two are called the same."""
    if ": " in plan or plan.startswith("'"):
        plan = "'" + plan.replace("'", "''") + "'"
    return f"{plan}: {status}"


def correction_name(row: Progress | Measure | Monthly | BreakdownFigure | Risk, field: str) -> str:
    """What a figure of a row is called in Corrections."""
    if isinstance(row, Progress):
        return figure_name(row.plan, row.status)
    if isinstance(row, Monthly):
        return f"{row.measure}, {period_in_words(row.month)}"
    if isinstance(row, BreakdownFigure):
        return f"{row.breakdown}, {row.row}, {row.column}"
    if isinstance(row, Risk):
        return f"{row.id}, {field}"
    return f"{row.measure}, {_earlier(row.period) if field == PREVIOUS else COMPARISONS[row.period].later}"


def _earlier(period: str) -> str:
    """What the earlier figure of a measure is called; two of them as masters have had them since 0.1.0."""
    return {ROLLING: "the 12 before", QUARTERLY: "the one before"}.get(period, COMPARISONS[period].earlier)


def _figures(master: Master, quarter: Quarter) -> dict[tuple[str, ...], tuple[Value, Origin | None]]:
    """Every figure of a quarter and where it comes from, by strand, table, and what it is of."""
    figures: dict[tuple[str, ...], tuple[Value, Origin | None]] = {
        (p.strand, "progress", p.plan, p.status): (p.value, p.origin) for p in master.progress if p.quarter == quarter
    }
    for m in master.measures:
        if m.quarter == quarter:
            now, before = COMPARISONS[m.period].later, _earlier(m.period)
            of = (m.strand, "measures", m.measure)
            figures |= {(*of, now): (m.current, m.origin), (*of, before): (m.previous, m.origin)}
    for b in master.breakdowns:
        if b.quarter == quarter:
            figures[b.strand, "breakdowns", b.breakdown, b.row, b.column] = b.value, b.origin
    months = known_months((row for row in master.monthly if row.quarter == quarter), quarter).values()
    return figures | {
        (row.strand, "monthly", row.measure, period_in_words(row.month)): (row.count, row.origin) for row in months
    }


def _sorted(kept: Iterable[_Row], new: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted([*kept, *new], key=lambda row: row.quarter))


def _risks_with_ids(strand: Strand, quarter: Quarter, risks: Sequence[Risk], master: Master) -> list[Risk]:
    """The strand's risks of a quarter, each with its id."""
    known = [risk for risk in master.risks if risk.strand == strand.name]
    earlier = {risk.id: risk for risk in sorted(known, key=lambda r: r.quarter) if risk.quarter < quarter}
    still_open = [risk for risk in earlier.values() if risk.is_open]
    begins, lost = ids.of_risks(strand.code), _lost(master, strand)
    return ids.with_ids(begins, risks, known, still_open, quarter, master, lost=lost, given=ids.last_ids(master))


def _with_level(risk: Risk, settings: Settings) -> Risk:
    """A risk with the level that its score comes to, where risks are scored."""
    level = settings.risk_scoring.level(risk.likelihood, risk.impact) if settings.risk_scoring else None
    return replace(risk, level=level) if level else risk


def _lost(master: Master, strand: Strand) -> set[str]:
    """Digests of a strand's risks among which one is not as cpxl wrote it: by them, one that comes again is known."""
    seals = (doubt.seal for doubt in master.doubts if (doubt.table, doubt.strand) == ("risks", strand.name))
    return {one for seal in seals if seal for one in seal.digests or ()}


def _file(returned: Return, quarter: Quarter, settings: Settings) -> Origin:
    """Where a return lies. What is entered in the master has no fixed cell: it moves when its sheet is drawn anew."""
    path = f"{settings.folders.returns}/{quarter.folder}/{returned.file}"
    return Origin(ENTERED_IN_MASTER.file if returned.is_entered else path, returned.sha256)


def _with_origins(returned: Return, quarter: Quarter, settings: Settings) -> Return:
    """The return, each of its records with where it comes from."""
    file = _file(returned, quarter, settings)

    def origin(record: Record) -> Origin:
        if returned.is_entered:
            return file
        return origin_of(record, field_names(type(record)), file.file, file.sha256, returned.worked_out)

    tables: dict[str, Any] = {
        name: tuple(replace(record, origin=origin(record)) for record in records)
        for name, records in vars(returned).items()
        if isinstance(records, tuple) and records and isinstance(records[0], Record)
    }
    return replace(returned, **tables)


def _with_origin(merged: Submission, again: Submission | None) -> Submission:
    """What was merged before, with the origin that is known now that the same file came again."""
    return replace(merged, origin=again.origin) if again and merged.origin is None else merged


def _submission(checked: Checked, quarter: Quarter, settings: Settings) -> Submission:
    returned = checked.returned
    return Submission(
        quarter,
        _strand_name(checked, settings),
        returned.file,
        returned.sha256,
        returned.received,
        returned.template_version,
        len(checked.findings),
        Submission.YES if checked.accepted else Submission.EMPTY if checked.is_empty else Submission.NO,
        checked.in_spite_of or None,
        checked.reason or None,
        origin=_file(returned, quarter, settings),
    )


def _finding_row(checked: Checked, finding: Finding, quarter: Quarter, settings: Settings) -> FindingRow:
    returned = checked.returned
    origin = _file(returned, quarter, settings)
    return FindingRow(quarter, _strand_name(checked, settings), returned.file, **vars(finding), origin=origin)


def _strand_name(checked: Checked, settings: Settings) -> str | None:
    strand = settings.strand_of(checked.returned.strand)
    return strand.name if strand else None


def carried_over(master: Master, strand: str, quarter: Quarter) -> list[Risk]:
    """The risks of a strand that were open when it last returned before `quarter`. A history has no risks."""
    earlier = [risk for risk in master.risks if risk.strand == strand and risk.quarter < quarter]
    returned = (
        s.quarter
        for s in master.submissions
        if s.strand == strand and s.quarter < quarter and s.is_accepted and s.template_version != HISTORY
    )
    latest = max((*(risk.quarter for risk in earlier), *returned), default=None)
    return [risk for risk in earlier if risk.quarter == latest and risk.is_open]

"""Checked returns and the master as it was, to the master as it is now. No file is touched here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpxl.config import Settings, Strand
from cpxl.insights.cells import period_in_words
from cpxl.insights.months import known_months
from cpxl.insights.rolling import QUARTER, YEAR, compared, counts_of
from cpxl.master.seals import as_written, digest
from cpxl.model import (
    CLOSED,
    HISTORY,
    OPEN,
    ROLLING,
    Checked,
    Correction,
    Doubt,
    Finding,
    FindingRow,
    Master,
    Measure,
    Monthly,
    Progress,
    Risk,
    Submission,
    Value,
    same,
)
from cpxl.quarters import Quarter

HEADING = "master-heading"
"""The rule for a heading that was typed over."""

_Row = Any  # a record with a quarter and a strand

RETURNED, NOT_RETURNED, REJECTED, IMPORTED = "Returned", "Not returned", "Rejected", "From history"
IN_DOUBT = "In doubt"
"""The master's data tables do not hold what was merged."""
WITHOUT_FIGURES = (NOT_RETURNED, REJECTED, IN_DOUBT)
"""States of a strand that the quarter has no figures of."""


@dataclass(frozen=True)
class SummaryRow:
    """A strand's line in the executive summary, in work strands; None where it is N/A or not known.

    figures_of: the quarter that the figures are of, None where there are none.
    change: in 'Complete' since the quarter before, None where either is not known.
    state: returned, not returned, rejected, in doubt.
    """

    strand: str
    total: int | None
    complete: int | None
    ongoing: int | None
    at_risk: int | None
    change: int | None
    figures_of: Quarter | None
    state: str


@dataclass(frozen=True)
class NumberedRisk:
    """An open risk of the executive summary, numbered through over all strands."""

    number: int
    risk: Risk


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
    back = {_strand_name(c, settings): c.returned for c in checked if c.accepted}
    replaced = {*back, *withdrawn}

    def kept(rows: Iterable[_Row]) -> list[_Row]:
        return [row for row in rows if row.quarter != quarter or row.strand not in replaced]

    risks = kept(master.risks)
    for strand in settings.strands:
        if strand.name in back:
            risks += _with_ids(strand, quarter, back[strand.name].risks, master)
    is_returned = in_returns(master, quarter)
    months = [row for row in master.monthly if row.strand not in replaced or not is_returned(row)]
    counts = [replace(m, source=c.returned.file) for c in checked if c.accepted for m in c.returned.monthly]
    in_order = [back[strand.name] for strand in settings.strands if strand.name in back]
    stay = [s for s in kept(master.submissions) if s.quarter != quarter or s.is_accepted]
    merged_already = {(s.strand, s.sha256) for s in stay if s.quarter == quarter}
    submissions = [
        new for c in checked if ((new := _submission(c, quarter, settings)).strand, new.sha256) not in merged_already
    ]
    files = {c.returned.file for c in checked}
    of_stay = {(s.strand, s.file) for s in stay if s.quarter == quarter and s.file not in files}
    findings = [_finding_row(c, f, quarter, settings) for c in checked for f in c.findings]
    merged = replace(
        master,
        quarter=max([quarter, *(s.quarter for s in master.submissions if s.template_version != HISTORY)]),
        progress=_sorted(kept(master.progress), [p for r in in_order for p in r.progress if p.quarter == quarter]),
        measures=_sorted(kept(master.measures), [m for r in in_order for m in r.measures if m.is_reported]),
        monthly=_sorted(months, counts),
        risks=_sorted(risks, []),
        delivery=_sorted(kept(master.delivery), [d for r in in_order for d in r.delivery]),
        notes=_sorted(kept(master.notes), [n for r in in_order for n in r.notes]),
        submissions=_sorted(stay, submissions),
        findings=_sorted(
            [f for f in master.findings if f.quarter != quarter or (f.strand, f.file) in of_stay], findings
        ),
        doubts=tuple(still_in_doubt(master, quarter, replaced)),
        last_ids=last_ids(master, [*master.risks, *risks]),
    )
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


def in_returns(master: Master, quarter: Quarter) -> Callable[[Monthly], bool]:
    """Whether a count came in a return of the quarter, and not from an extract."""
    of_quarter = [s for s in master.submissions if s.quarter == quarter and s.template_version != HISTORY]
    files = {(s.strand, s.file) for s in of_quarter}
    return lambda row: row.quarter == quarter and (row.strand, row.source) in files


def _corrections(
    before: Master, after: Master, quarter: Quarter, files: Mapping[str | None, str]
) -> Iterator[Correction]:
    """The figures of a quarter that were known before and are others now, or none."""
    now = _figures(after, quarter)
    for (strand, figure), was in _figures(before, quarter).items():
        value = now.get((strand, figure))
        if was is not None and not same(value, was):
            yield Correction(quarter, strand, figure, was, value, files.get(strand, "withdrawn"))


def _figures(master: Master, quarter: Quarter) -> dict[tuple[str, str], Value]:
    """Every figure of a quarter, by strand and what it is called."""
    figures = {(p.strand, f"{p.plan}: {p.status}"): p.value for p in master.progress if p.quarter == quarter}
    for m in master.measures:
        if m.quarter == quarter:
            now, before = ("12 months", "the 12 before") if m.period == ROLLING else ("quarter", "the one before")
            figures |= {(m.strand, f"{m.measure}, {now}"): m.current, (m.strand, f"{m.measure}, {before}"): m.previous}
    months = known_months((row for row in master.monthly if row.quarter == quarter), quarter).values()
    return figures | {(row.strand, f"{row.measure}, {period_in_words(row.month)}"): row.count for row in months}


def renamed(master: Master, settings: Settings) -> Master:
    """The master with every strand, plan, status and measure under the name that it has today."""

    def today(row: _Row) -> _Row:
        strand = settings.strand_named(row.strand) if row.strand else None
        if strand is None:
            return row
        names = {"strand": strand.name}
        if hasattr(row, "measure"):
            names["measure"] = strand.measures.measure(str(row.measure))
        if hasattr(row, "plan") and (plan := strand.plan(str(row.plan))):
            names |= {"plan": plan.name, "status": plan.status(str(row.status))}
        return row if all(getattr(row, key) == name for key, name in names.items()) else replace(row, **names)

    tables = ("progress", "measures", "monthly", "risks", "delivery", "notes", "submissions", "findings", "corrections")
    rows: dict[str, Any] = {table: tuple(map(today, getattr(master, table))) for table in tables}
    return replace(master, **rows)


def _sorted(kept: Iterable[_Row], new: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted([*kept, *new], key=lambda row: row.quarter))


def _with_ids(strand: Strand, quarter: Quarter, risks: Sequence[Risk], master: Master) -> list[Risk]:
    """The strand's risks, each with the id that it has already, or a new one that no other risk ever had.

    A risk is known by its id where it was reported before, else by its words: in the return that this one corrects, in
    later ones (a late return names risks that they carry on), or among those that were open before. A corrected return
    may add words, or leave some out.
    """
    known = sorted((risk for risk in master.risks if risk.strand == strand.name), key=lambda risk: risk.quarter)
    earlier = {risk.id: risk for risk in known if risk.quarter < quarter}
    corrected = [risk for risk in known if risk.quarter == quarter and risk.id not in earlier]
    later = [risk for risk in known if risk.quarter > quarter]
    still_open = [risk for risk in earlier.values() if risk.is_open]
    now = [risk for risk in known if risk.quarter == quarter]
    by_words = {bare(risk.description): risk.id for risk in (*still_open, *reversed(later), *now)}
    following = last_ids(master, known).get(strand.code, 0)
    found: dict[int, Value] = {}

    def take(at: int, known_as: Value) -> None:
        if known_as is not None and at not in found and known_as not in found.values():
            found[at] = known_as

    lost = _lost(master, strand, quarter)
    for at, risk in enumerate(risks if lost else ()):
        again = (replace(risk, id=f"{strand.code}-{number}") for number in range(1, following + 1))
        take(at, next((r.id for r in again if digest(as_written(r)) in lost), None))
    for at, risk in enumerate(risks):
        take(at, risk.id if risk.id in earlier else None)
    for at, risk in enumerate(risks):
        take(at, by_words.get(bare(risk.description)))
    for at, risk in enumerate(risks):
        free = (r for r in corrected if r.id not in found.values())
        take(at, next((r.id for r in free if _is_reworded(r.description, risk.description)), None))
    for at in range(len(risks)):
        if at not in found:
            following += 1
            found[at] = f"{strand.code}-{following}"
    return [replace(risk, id=found[at]) for at, risk in enumerate(risks)]


def _lost(master: Master, strand: Strand, quarter: Quarter) -> set[str]:
    """Digests of a strand's risks among which one is not as cpxl wrote it: by them, one that comes again is known."""
    seals = (doubt.seal for doubt in master.doubts if (doubt.table, doubt.strand) == ("risks", strand.name))
    return {one for seal in seals if seal and seal.quarter == str(quarter) for one in seal.digests or ()}


def last_ids(master: Master, risks: Iterable[Risk]) -> dict[str, int]:
    """The highest number ever given to a risk, by what its id begins with (`GANGS` of `GANGS-2`)."""
    last = dict(master.last_ids)
    for risk in risks:
        code, _, number = str(risk.id).rpartition("-")
        last[code] = max(last.get(code, 0), int(number))
    return last


def _is_reworded(before: Value, after: Value) -> bool:
    """Whether words were only added, or only left out."""
    a, b = (set(str(text).casefold().split()) for text in (before, after))
    return a <= b or b <= a


def bare(text: Value) -> str:
    """A text without case and what is no letter or digit: by it, two wordings are the same."""
    return "".join(re.findall(r"\w+", str(text).casefold()))


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
    )


def _finding_row(checked: Checked, finding: Finding, quarter: Quarter, settings: Settings) -> FindingRow:
    return FindingRow(quarter, _strand_name(checked, settings), checked.returned.file, **vars(finding))


def _strand_name(checked: Checked, settings: Settings) -> str | None:
    strand = settings.strand_of(checked.returned.strand)
    return strand.name if strand else None


# What the executive summary says


def summarise(master: Master, quarter: Quarter, settings: Settings) -> list[SummaryRow]:
    """A line for each strand, in config's order. One not returned shows its last known figures and says of when."""
    return [_summary_row(master, quarter, strand, settings) for strand in settings.as_of(quarter).strands]


def _summary_row(master: Master, quarter: Quarter, strand: Strand, settings: Settings) -> SummaryRow:
    state = return_state(master, quarter, strand)
    latest = last_known(master, strand, quarter)
    if state == IN_DOUBT or (latest and _is_in_doubt(master, latest, strand)):
        return SummaryRow(strand.name, None, None, None, None, None, None, IN_DOUBT)
    if latest is None:
        return SummaryRow(strand.name, None, None, None, None, None, None, state)
    now = _counts(master.progress, latest, strand.name, settings)
    if not _is_whole(master.progress, latest, strand.name, settings):
        return SummaryRow(strand.name, None, None, None, None, None, None, state)
    before = latest.plus(-1)
    was = None if _is_in_doubt(master, before, strand) else _counts(master.progress, before, strand.name, settings)
    complete, then = now["complete"], was["complete"] if was else None
    change = complete - then if latest == quarter and complete is not None and then is not None else None
    return SummaryRow(strand.name, now["total"], complete, now["ongoing"], now["at_risk"], change, latest, state)


def _is_in_doubt(master: Master, quarter: Quarter, strand: Strand) -> bool:
    """Whether a strand's progress in a quarter is not known to be what was merged."""
    return any(master.is_in_doubt(table, quarter, strand.name) for table in ("progress", "submissions"))


def _counts(progress: Sequence[Progress], quarter: Quarter, name: str, settings: Settings) -> dict[str, int | None]:
    """What the plans that a strand then had in the summary come to; None where there is nothing to count.

    A history may have some of the plans only: then nothing is known of the whole.
    """
    counts: dict[str, int | None] = dict.fromkeys(("total", "complete", "ongoing", "at_risk"))
    strand = settings.as_of(quarter).strand_named(name)
    plans = {plan.name: plan for plan in strand.plans if plan.in_summary} if strand else {}
    if not _is_whole(progress, quarter, name, settings):
        return counts
    for p in progress:
        if p.strand == name and p.quarter == quarter and p.plan in plans and isinstance(p.value, int):
            kind = plans[p.plan].statuses.get(p.status, "nothing")
            if kind != "nothing":
                counts[kind] = (counts[kind] or 0) + p.value
    return counts


def _is_whole(progress: Sequence[Progress], quarter: Quarter, name: str, settings: Settings) -> bool:
    """Whether there are figures of every plan that a strand then had in the summary."""
    strand = settings.as_of(quarter).strand_named(name)
    plans = {plan.name for plan in strand.plans if plan.in_summary} if strand else set()
    return plans <= {p.plan for p in progress if (p.strand, p.quarter) == (name, quarter)}


def totals(rows: Iterable[SummaryRow], quarter: Quarter) -> dict[str, int | None]:
    """The sum over the strands whose figures are of this quarter; None where none of them has one.

    Older figures never count as current.
    """
    current = [row for row in rows if row.figures_of == quarter]
    known = {
        key: [value for row in current if (value := getattr(row, key)) is not None]
        for key in ("total", "complete", "ongoing", "at_risk")
    }
    return {key: sum(values) if values else None for key, values in known.items()}


def return_state(master: Master, quarter: Quarter, strand: Strand) -> str:
    """Whether a strand's return for the quarter is in the master. A form sent back empty is none."""
    if _is_in_doubt(master, quarter, strand):
        return IN_DOUBT
    files = [s for s in master.submissions if s.quarter == quarter and s.strand == strand.name and not s.is_empty]
    accepted = [s for s in files if s.is_accepted]
    if accepted:
        return IMPORTED if all(s.template_version == HISTORY for s in accepted) else RETURNED
    return REJECTED if files else NOT_RETURNED


def risks_of(master: Master, quarter: Quarter, strand: Strand) -> list[Risk]:
    """A strand's risks in a quarter, open and closed. Where it has not returned, those that were open before.

    Every place that shows a quarter's risks takes them from here, so that no two of them disagree.
    """
    now = [risk for risk in master.risks if (risk.strand, risk.quarter) == (strand.name, quarter)]
    if now or return_state(master, quarter, strand) not in WITHOUT_FIGURES:
        return now
    return carried_over(master, strand.name, quarter)


def open_risks(master: Master, quarter: Quarter, settings: Settings) -> list[NumberedRisk]:
    """The open risks, by strand in config's order, numbered through. Of a strand not returned, those last known."""
    strands = settings.as_of(quarter).strands
    now = [risk for strand in strands for risk in risks_of(master, quarter, strand) if risk.is_open]
    return [NumberedRisk(number, risk) for number, risk in enumerate(now, 1)]


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


@dataclass(frozen=True)
class RegisterRow:
    """A risk as last reported, the quarter in which it was first raised, and whether it is open, closed or left out."""

    risk: Risk
    first: Quarter
    state: str


def register(master: Master, quarter: Quarter, settings: Settings) -> list[RegisterRow]:
    """Every risk ever reported up to `quarter`, in config's order of strands.

    Open are those that the executive summary lists. One that a later return no longer names, and that was never closed,
    was left out there.
    """
    first: dict[Value, Quarter] = {}
    last: dict[Value, Risk] = {}
    for risk in sorted(master.risks, key=lambda r: r.quarter):
        if risk.quarter <= quarter:
            first.setdefault(risk.id, risk.quarter)
            last[risk.id] = risk
    now = {numbered.risk.id for numbered in open_risks(master, quarter, settings)}
    order = {strand.name: position for position, strand in enumerate(settings.strands)}
    ids = sorted(last, key=lambda i: (order.get(last[i].strand, len(order)), int(str(i).rpartition("-")[2])))

    def state(risk: Risk) -> str:
        if risk.id in now:
            return OPEN
        return CLOSED if not risk.is_open else f"Not listed since {_next_return(master, risk, quarter)}"

    return [RegisterRow(last[i], first[i], state(last[i])) for i in ids]


def _next_return(master: Master, risk: Risk, quarter: Quarter) -> Quarter:
    """The quarter of the first return of a strand after that in which a risk was last listed."""
    after = (s.quarter for s in master.submissions if s.strand == risk.strand and s.is_accepted)
    return min((q for q in after if risk.quarter < q <= quarter), default=quarter)


def last_known(master: Master, strand: Strand, quarter: Quarter) -> Quarter | None:
    """The latest quarter up to this one of which the master has figures of a strand."""
    return max((p.quarter for p in master.progress if p.strand == strand.name and p.quarter <= quarter), default=None)


def measured(
    master: Master, strand: Strand, period: str, measure: str, quarter: Quarter, settings: Settings
) -> Measure | None:
    """A measure as reported in a quarter; a figure that was not, from the counts as the master's quarter knows them."""
    quarters = YEAR if period == ROLLING else QUARTER
    of = (strand.name, period, measure)
    reported = {m.quarter: m for m in master.measures if (m.strand, m.period, m.measure) == of}
    counts = counts_of(master.monthly, strand.name, measure, master.quarter)
    counted = compared(counts, quarter, settings.financial_year_starts_in, quarters)
    known = reported.get(quarter)
    if known is None and counted.current is None:
        return None
    if known is None:
        earlier = reported.get(quarter.plus(-quarters)) if counted.previous is None else None
        previous = earlier.current if earlier else None
        known = Measure(quarter, strand.name, measure, period, previous, None, "Counted, not reported.")
    return replace(
        known,
        previous=counted.previous if known.previous is None else known.previous,
        current=counted.current if known.current is None else known.current,
    )


def exceptions(master: Master, quarter: Quarter) -> list[Value]:
    """The coordinator's paragraphs for the quarter."""
    return [e.text for e in master.by_exception if e.quarter == quarter]

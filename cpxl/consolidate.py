"""Checked returns and the master as it was, to the master as it is now. No file is touched here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpxl.config import Settings, Strand
from cpxl.folder import MASTER
from cpxl.insights.cells import period_in_words
from cpxl.insights.months import known_months
from cpxl.insights.rolling import QUARTER, YEAR, compared, counts_of
from cpxl.model import (
    ROLLING,
    Checked,
    Correction,
    Finding,
    FindingRow,
    Master,
    Measure,
    Monthly,
    Progress,
    Risk,
    Submission,
    Value,
)
from cpxl.quarters import Quarter

HISTORY = "history"
"""The template version of figures that came through a history import, not in a return."""

_Row = Any  # a record with a quarter and a strand

RETURNED, NOT_RETURNED, REJECTED, IMPORTED = "Returned", "Not returned", "Rejected", "From history"


@dataclass(frozen=True)
class SummaryRow:
    """A strand's line in the executive summary, in work strands; None where it is N/A.

    figures_of: the quarter that the figures are of, None where there are none.
    change: in 'Complete' since the quarter before, None where either is not known.
    state: returned, not returned, rejected.
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


def consolidate(master: Master, quarter: Quarter, checked: Sequence[Checked], settings: Settings) -> Master:
    """Merge what passed the checks.

    The quarter's rows are replaced, never added to, so doing it again changes nothing. What came through a history
    import, or was entered in the master when that showed the quarter, stays where no return replaces it. A late quarter
    changes its own rows and what follows from them; the master goes on showing the latest quarter that has returns.
    """
    back = {_strand_name(c, settings): c.returned for c in checked if c.accepted}
    of_quarter = [s for s in master.submissions if s.quarter == quarter]
    imported = {s.strand for s in of_quarter if s.template_version == HISTORY}
    stays = (imported | entered_then(master, quarter)) - back.keys()

    def kept(rows: Iterable[_Row]) -> list[_Row]:
        return [row for row in rows if row.quarter != quarter or row.strand in stays]

    risks = kept(master.risks)
    for strand in settings.strands:
        if strand.name in back:
            risks += _with_ids(strand, quarter, back[strand.name].risks, master.risks)
    is_returned = in_returns(master, quarter)
    months = [row for row in master.monthly if row.strand in stays or not is_returned(row)]
    counts = [replace(m, source=c.returned.file) for c in checked if c.accepted for m in c.returned.monthly]
    in_order = [back[strand.name] for strand in settings.strands if strand.name in back]
    submissions = [_submission(c, quarter, settings) for c in checked]
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
        submissions=_sorted(kept(master.submissions), submissions),
        findings=_sorted([f for f in master.findings if f.quarter != quarter], findings),
    )
    if quarter < merged.quarter:
        files = {name: returned.file for name, returned in back.items()}
        merged = replace(merged, corrections=(*master.corrections, *_corrections(master, merged, quarter, files)))
    return merged


def in_returns(master: Master, quarter: Quarter) -> Callable[[Monthly], bool]:
    """Whether a count came in a return of the quarter, and not from an extract."""
    of_quarter = [s for s in master.submissions if s.quarter == quarter and s.template_version != HISTORY]
    files = {(s.strand, s.file) for s in of_quarter}
    return lambda row: row.quarter == quarter and (row.strand, row.source) in files


def entered_then(master: Master, quarter: Quarter) -> set[Value]:
    """The strands whose return of an earlier quarter was entered in the master, which no longer shows that quarter."""
    if quarter >= master.quarter:
        return set()
    return {s.strand for s in master.submissions if s.quarter == quarter and s.file == MASTER and s.is_accepted}


def _corrections(
    before: Master, after: Master, quarter: Quarter, files: Mapping[str | None, str]
) -> Iterator[Correction]:
    """The figures of a quarter that were known before and are others now, or none."""
    now = _figures(after, quarter)
    for (strand, figure), was in _figures(before, quarter).items():
        value = now.get((strand, figure))
        if was is not None and value != was:
            yield Correction(quarter, strand, figure, was, value, files.get(strand, "no longer returned"))


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


def _with_ids(strand: Strand, quarter: Quarter, risks: Sequence[Risk], known: Iterable[Risk]) -> list[Risk]:
    """The strand's risks, each new one with an id that no other risk has, and the same one each time."""
    known = [risk for risk in known if risk.strand == strand.name]
    earlier = {risk.id for risk in known if risk.quarter < quarter}
    carried = {risk.id for risk in risks if risk.id in earlier}
    before = [risk for risk in known if risk.quarter == quarter and risk.id not in earlier]
    same = {risk.description: risk.id for risk in before}
    listed = {risk.description for risk in risks}
    free = [risk.id for risk in before if risk.description not in listed]
    used = [int(str(i).rpartition("-")[2]) for i in {risk.id for risk in known}]
    following = max(used, default=0)
    result = []
    taken: set[Value] = set()
    for risk in risks:
        if risk.id in carried and risk.id not in taken:
            new = risk.id
        elif same.get(risk.description) is not None and same[risk.description] not in taken:
            new = same[risk.description]
        elif free:
            new = free.pop(0)
        else:
            following += 1
            new = f"{strand.code}-{following}"
        taken.add(new)
        result.append(replace(risk, id=new))
    return result


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
        "Yes" if checked.accepted else "No",
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
    if latest is None:
        return SummaryRow(strand.name, None, None, None, None, None, None, state)
    now, before = (_counts(master.progress, q, strand.name, settings) for q in (latest, latest.plus(-1)))
    complete, was = now["complete"], before["complete"]
    change = complete - was if latest == quarter and complete is not None and was is not None else None
    return SummaryRow(strand.name, now["total"], complete, now["ongoing"], now["at_risk"], change, latest, state)


def _counts(progress: Iterable[Progress], quarter: Quarter, name: str, settings: Settings) -> dict[str, int | None]:
    """What the plans that a strand then had in the summary come to; None where there is nothing to count."""
    counts: dict[str, int | None] = dict.fromkeys(("total", "complete", "ongoing", "at_risk"))
    strand = settings.as_of(quarter).strand_named(name)
    plans = {plan.name: plan for plan in strand.plans if plan.in_summary} if strand else {}
    for p in progress:
        if p.strand == name and p.quarter == quarter and p.plan in plans and isinstance(p.value, int):
            kind = plans[p.plan].statuses.get(p.status, "nothing")
            if kind != "nothing":
                counts[kind] = (counts[kind] or 0) + p.value
    return counts


def totals(rows: Iterable[SummaryRow], quarter: Quarter) -> dict[str, int]:
    """The sum over the strands whose figures are of this quarter. Older ones never count as current."""
    current = [row for row in rows if row.figures_of == quarter]
    return {key: sum(getattr(row, key) or 0 for row in current) for key in ("total", "complete", "ongoing", "at_risk")}


def return_state(master: Master, quarter: Quarter, strand: Strand) -> str:
    """Whether a strand's return for the quarter is in the master."""
    files = [s for s in master.submissions if s.quarter == quarter and s.strand == strand.name]
    accepted = [s for s in files if s.is_accepted]
    if accepted:
        return IMPORTED if all(s.template_version == HISTORY for s in accepted) else RETURNED
    return REJECTED if files else NOT_RETURNED


def open_risks(master: Master, quarter: Quarter, settings: Settings) -> list[NumberedRisk]:
    """The open risks, by strand in config's order, numbered through. Of a strand not returned, those last known."""
    now: list[Risk] = []
    for strand in settings.as_of(quarter).strands:
        mine = [risk for risk in master.risks if risk.strand == strand.name]
        if return_state(master, quarter, strand) in (NOT_RETURNED, REJECTED):
            now += carried_over(mine, quarter)
        else:
            now += [risk for risk in mine if risk.quarter == quarter and risk.is_open]
    return [NumberedRisk(number, risk) for number, risk in enumerate(now, 1)]


def carried_over(risks: Iterable[Risk], quarter: Quarter) -> list[Risk]:
    """The risks of a strand that were open when last reported before `quarter`."""
    earlier = [risk for risk in risks if risk.quarter < quarter]
    latest = max((risk.quarter for risk in earlier), default=None)
    return [risk for risk in earlier if risk.quarter == latest and risk.is_open]


def register(master: Master, quarter: Quarter, settings: Settings) -> list[tuple[Risk, Quarter]]:
    """Every risk as last reported up to `quarter`, open or closed, with the quarter in which it was first raised."""
    first: dict[Value, Quarter] = {}
    last: dict[Value, Risk] = {}
    for risk in sorted(master.risks, key=lambda r: r.quarter):
        if risk.quarter <= quarter:
            first.setdefault(risk.id, risk.quarter)
            last[risk.id] = risk
    order = {strand.name: position for position, strand in enumerate(settings.strands)}
    ids = sorted(last, key=lambda i: (order.get(last[i].strand, len(order)), int(str(i).rpartition("-")[2])))
    return [(last[i], first[i]) for i in ids]


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

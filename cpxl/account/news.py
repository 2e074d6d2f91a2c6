"""What the figures say, in sentences: where each strand stands, and the news of the quarter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpxl.account.measures import Insight
from cpxl.account.strand import StrandAccount
from cpxl.account.summary import IMPORTED, IN_DOUBT, NOT_RETURNED, REJECTED, RETURNED, UNKNOWN, SummaryRow
from cpxl.actions import overdue_in_words
from cpxl.config import Settings
from cpxl.model import ROLLING, is_number
from cpxl.quarters import Quarter
from cpxl.units import percent
from cpxl.words import how_many, in_a_sentence

STATES = {NOT_RETURNED: "Not returned", REJECTED: "Not accepted", IN_DOUBT: "Not known: in doubt"}
"""What partners read of a strand that the quarter has no figures of."""
NO_PLAN = "No delivery plan yet"
NOT_COUNTED = "No plan that is counted here"
DONE = {
    "Treat": "treated",
    "Tolerate": "tolerated",
    "Transfer": "transferred",
    "Terminate": "terminated",
    "Take the opportunity": "taken as an opportunity",
}
"""What a response makes of a risk."""


def position(row: SummaryRow, strand: StrandAccount) -> str:
    """Where a strand stands, in words."""
    said = _of_plans(row, strand)
    return f"{said}; actions: {strand.overdue}" if strand.overdue else said


def _of_plans(row: SummaryRow, strand: StrandAccount) -> str:
    quarter = strand.quarter
    if row.state in STATES:
        return f"{STATES[row.state]}; {_last_figures(row)}"
    if row.figures_of not in (None, quarter):
        return f"No figures this quarter; {_last_figures(row)}"
    if row.total is None:
        if not strand.strand.plans:
            return NO_PLAN
        if not any(plan.in_summary for plan in strand.strand.plans):
            return NOT_COUNTED
        return UNKNOWN if row.is_unknown else "Not applicable this quarter"
    parts = [_at_risk(row, strand), *_others(strand)]
    if row.was is not None and row.was != row.total:
        parts.append(f"total now {row.total:,}, was {row.was:,}")
    if row.change is not None and row.change < 0:
        parts.append(f"complete fell by {-row.change:,}")
    if row.change == 0:
        parts.append("none completed this quarter")
    return "; ".join(parts)


def _last_figures(row: SummaryRow) -> str:
    return f"figures of {row.figures_of}" if row.figures_of else "no figures yet"


def _at_risk(row: SummaryRow, strand: StrandAccount) -> str:
    """`2 at risk: 1 treated, 1 tolerated`, if there are as many risks as work at risk; else only how much there is."""
    beside = sum(one.risk.is_open and one.risk.may_stand_beside for one in strand.risks)
    if not row.at_risk:
        return "Nothing at risk" + (f"; {beside} on the force's register" if beside else "")
    said = f"{row.at_risk:,} at risk"
    responses = Counter(DONE.get(str(one.risk.response)) for one in strand.risks if one.risk.is_open)
    if None in responses or sum(responses.values()) != row.at_risk:
        return said
    if len(responses) == 1:
        [how] = responses
        return f"{said}: {how}" if row.at_risk == 1 else f"{said}: {'both' if row.at_risk == 2 else 'all'} {how}"
    return f"{said}: " + ", ".join(f"{number} {how}" for how, number in responses.items())


def _others(strand: StrandAccount) -> Iterator[str]:
    """`4 paused due to COVID`: statuses of plans in the summary that are not the first of what they count as."""
    for grid in strand.grids:
        seen: set[str] = set()
        for row in grid.rows if grid.plan.in_summary else ():
            kind = grid.plan.statuses.get(row.status, "nothing")
            figure = row.figures.get(strand.quarter)
            if (kind in seen or kind == "nothing") and is_number(figure) and figure and kind != "total":
                yield f"{figure:,} {in_a_sentence(row.status)}"
            seen.add(kind)


def of_strand(row: SummaryRow, strand: StrandAccount, settings: Settings) -> str:
    """A strand's news in a sentence or two."""
    if row.total is None or row.figures_of != strand.quarter:
        return f"{position(row, strand)}."
    said = f"{_complete(row.complete, row.total, settings, row.share)}{_more(row.change, strand.quarter)}."
    return f"{said} {_is(row.at_risk)} at risk." if row.at_risk else f"{said} Nothing is at risk."


def of_all(
    rows: Sequence[SummaryRow],
    totals: Mapping[str, int | None],
    share: float | str | None,
    quarter: Quarter,
    settings: Settings,
) -> str:
    """The news of all strands together."""
    whole = totals["total"]
    if whole is None:
        return f"No strand has figures of its plans for {quarter}."
    said = f"{_complete(totals['complete'], whole, settings, share)}{_more(totals['change'], quarter)}."
    at_risk = totals["at_risk"]
    if not at_risk:
        return f"{said} None is known to be at risk." if at_risk == 0 else said
    strands = sum(bool(row.at_risk) for row in rows if row.figures_of == quarter)
    return f"{said} {_is(at_risk)} at risk, in {how_many(strands, 'strand')}."


def _complete(complete: int | None, whole: int, settings: Settings, share: float | str | None) -> str:
    if complete is None:
        return settings.counted(whole)
    share_of_it = f" ({_percent(share)})" if is_number(share) else ""
    return f"{complete:,} of {settings.counted(whole)} {'is' if whole == 1 else 'are'} complete{share_of_it}"


def _percent(share: float, *, signed: bool = False) -> str:
    """As in a table, but without a decimal that says nothing: `80%`."""
    return percent(share, signed=signed).replace(".0%", "%")


def _more(change: int | None, quarter: Quarter) -> str:
    if change is None:
        return ""
    before = f"at the end of {quarter.plus(-1)}"
    if change == 0:
        return f", as many as {before}"
    return f", {abs(change):,} {'more' if change > 0 else 'fewer'} than {before}"


def _is(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'}"


def of_measures(insights: Sequence[Insight], quarter: Quarter, settings: Settings) -> str:
    """The largest rise and the largest fall over 12 months, of changes that are more than a few."""
    changed = _changes((i for i in insights if i.period == ROLLING), quarter, settings)
    if not changed:
        return "No measure has changed by more than a few over 12 months, as far as is known."
    (most, up), (least, down) = max(changed, key=lambda c: c[0]), min(changed, key=lambda c: c[0])
    said = []
    if most > 0:
        said.append(f"Largest rise over 12 months: {_changed(up, most)}.")
    if least < 0:
        said.append(f"Largest fall{'' if said else ' over 12 months'}: {_changed(down, least)}.")
    return " ".join(said)


def of_other_measures(insights: Sequence[Insight], quarter: Quarter, settings: Settings) -> Iterator[str]:
    """The largest change of what is compared otherwise. A line always, if there are such measures, as an open master
    has it.
    """
    others = [i for i in insights if i.period != ROLLING and i.comparison.back]
    if not others:
        return
    changed = _changes(others, quarter, settings)
    if not changed:
        yield "No other measure has changed by more than a few, as far as is known."
        return
    share, most = max(changed, key=lambda change: abs(change[0]))
    compared = most.comparison.in_words(quarter, settings.financial_year_starts_in)
    yield f"Largest change of other measures: {_changed(most, share)}, {compared}."


def _changes(insights: Iterable[Insight], quarter: Quarter, settings: Settings) -> list[tuple[float, Insight]]:
    """The measures that have changed by more than a few, and by what share."""
    return [
        (share, insight)
        for insight in insights
        if insight.reported
        and insight.reported.quarter == quarter
        and is_number(insight.difference)
        and abs(insight.difference) >= settings.thresholds.change_count
        and is_number(share := insight.share)
    ]


def _changed(insight: Insight, share: float) -> str:
    signal = f" ({in_a_sentence(insight.signal)})" if insight.has_signal else ""
    return f"{insight.name}, {_percent(share, signed=True)}{signal}"


def of_actions(strands: Sequence[StrandAccount], quarter: Quarter, settings: Settings) -> str:
    """`Actions: 3 overdue, the oldest for 4 quarters.`, over all strands; also where there are none."""
    actions = [action for strand in strands for action in strand.actions]
    said = overdue_in_words(actions, quarter, settings.financial_year_starts_in, at_the_end=True)
    return f"Actions: {said or 'none is overdue'}."


def of_returns(rows: Sequence[SummaryRow]) -> str:
    """How many strands reported, and what became of the others: the table names them."""
    there = sum(row.state in (RETURNED, IMPORTED) for row in rows)
    said = f"{there} of {len(rows)} strands reported"
    without = Counter(STATES[row.state] for row in rows if row.state in STATES)
    said += "".join(f"; {number} {in_a_sentence(state)}" for state, number in without.items())
    older = any(row.figures_of is not None and row.state in STATES for row in rows)
    return f"{said}." + " Figures of an earlier quarter are in no total." * older

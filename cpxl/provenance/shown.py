"""The figures that a quarter's sheets show, as the account has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cpxl.comparisons import COMPARISONS
from cpxl.config.breakdowns import THIS_QUARTER
from cpxl.model import CURRENT, PREVIOUS, ROLLING, SUMMED, Value, is_number
from cpxl.quarters import Quarter

if TYPE_CHECKING:
    from cpxl.account import Account
    from cpxl.account.measures import Insight, MeasureAccount
    from cpxl.account.strand import StrandAccount

EVERY_STRAND = "Total"
"""What the executive summary calls all strands together."""
MONTH, YEAR_TO, SAME_QUARTER, USUAL = "Month", "12 months to", "Same quarter", "Usual"
"""Periods of what follows from counts by month: one of them, the sum of 12, that of a quarter, the usual range."""
BROKEN_DOWN, RISK = "Breakdown", "Risk"
"""The period of a figure of a breakdown, and of a risk's score."""
CHANGE, PERCENT_CHANGE, SHARE = "change", "% change", "% of it"
"""How a figure is made of two others: what it has changed by, in per cent of the first, or as a share of the first."""
MEAN, LOWER, UPPER = "mean", "lower limit", "upper limit"
"""How a figure of the usual range is made of the counts of its months."""
SCORED = ("likelihood", "impact", "aimed_likelihood", "aimed_impact")


class Figure(NamedTuple):
    """What a figure is of.

    strand: `Total` for all strands together. plan: blank where it is of none, or of several. name: a status, one of
    SUMMED, `other`, or a measure. period, of: of a measure, one of COMPARISONS, and which of its two figures; or
    what follows from its counts by month, and the month (`2020-09`). Of a breakdown: plan has its name, name the row
    and of the column. Of a risk: name has its id. how, ends: how it is made, and of which two figures.
    """

    strand: str
    plan: str
    name: str
    quarter: Quarter
    period: str = ""
    of: str = ""
    how: str = ""
    ends: tuple[Figure, ...] = ()


class Shown(NamedTuple):
    """A figure and the value that is shown. called: its name in words."""

    figure: Figure
    value: Value
    called: str

    @property
    def names(self) -> tuple[str, ...]:
        """What somebody may ask for it by."""
        return self.called, self.figure.name, *filter(None, [self.figure.plan])


def shown(account: Account) -> list[Shown]:
    """Every figure of the executive summary, the strands' sheets, and those by quarter, once each."""
    return list(dict.fromkeys(one for one in _every(account) if is_number(one.value)))


def _every(account: Account) -> Iterator[Shown]:
    yield from _summary(account)
    for one in account.strands:
        yield from _plans(one)
        for measure in one.measures:
            yield from _measure(one, measure)
        yield from _breakdowns(one)
        if account.settings.risk_scoring:
            yield from _risks(one)
    for insight in account.insights:
        yield from _insight(insight)


def _made(how: str, first: Figure, second: Figure) -> Figure:
    return second._replace(how=how, ends=(first, second))


def _summary(account: Account) -> Iterator[Shown]:
    headings = account.settings.headings
    names = {"total": "Total"} | {key: getattr(headings, key) for key in SUMMED[1:]}
    names |= {"other": "Other"} if account.has_other else {}
    for row in account.summary:
        if row.figures_of:
            for key in names:
                yield Shown(Figure(row.strand, "", key, row.figures_of), getattr(row, key), names[key])
            yield from _of_complete(row.strand, row.figures_of, row.change, row.share)
    for key in names:
        yield Shown(Figure(EVERY_STRAND, "", key, account.quarter), account.totals[key], names[key])
    yield from _of_complete(EVERY_STRAND, account.quarter, account.totals["change"], account.share)
    for strand, figures in account.complete.items():
        for quarter, value in figures.items():
            yield Shown(Figure(strand, "", "complete", quarter), value, names["complete"])


def _of_complete(strand: str, quarter: Quarter, change: Value, share: Value) -> Iterator[Shown]:
    """What has changed in Complete, and how much of the total it is."""
    before, complete, total = (
        Figure(strand, "", *of) for of in (("complete", quarter.plus(-1)), ("complete", quarter), ("total", quarter))
    )
    yield Shown(_made(CHANGE, before, complete), change, "Change in complete")
    yield Shown(_made(SHARE, total, complete), share, "% complete")


def _plans(one: StrandAccount) -> Iterator[Shown]:
    for grid in one.grids:
        for row in grid.rows:
            about = (one.strand.name, grid.plan.name, row.status)
            for quarter, value in row.figures.items():
                yield Shown(Figure(*about, quarter), value, row.status)
            if (change := grid.change(row)) is not None:
                before, now = (Figure(*about, quarter) for quarter in grid.quarters[-2:])
                yield Shown(_made(CHANGE, before, now), change, f"{row.status}, change")


def _measure(one: StrandAccount, measure: MeasureAccount) -> Iterator[Shown]:
    """Its two figures and what has changed; what follows from its counts by month."""
    about = (one.strand.name, "", measure.name)
    before, now = (Figure(*about, one.quarter, measure.period, of) for of in (PREVIOUS, CURRENT))
    yield Shown(before, measure.previous.value, _called(before))
    yield Shown(now, measure.current.value, _called(now))
    yield Shown(_made(CHANGE, before, now), measure.difference, f"{_called(now)}, change")
    if measure.period != ROLLING:
        return
    yield Shown(_made(PERCENT_CHANGE, before, now), measure.share, f"{_called(now)}, % change")
    then, count = (Figure(*about, quarter, SAME_QUARTER) for quarter in (one.quarter.plus(-4), one.quarter))
    for figure, value in ((then, measure.quarter_before), (count, measure.quarter_now)):
        yield Shown(figure, value, f"{measure.name}, {figure.quarter} by its months")
    change = _made(CHANGE, then, count)
    yield Shown(change, measure.quarter_change, f"{measure.name}, change since {then.quarter} by its months")
    for month in measure.months:
        called = f"{measure.name}, {month.month}"
        yield Shown(Figure(*about, one.quarter, MONTH, month.month), month.count, called)
        yield Shown(
            Figure(*about, one.quarter, YEAR_TO, month.month),
            month.total,
            f"{measure.name}, 12 months to {month.month}",
        )
        for how, value in ((MEAN, month.mean), (LOWER, month.lower), (UPPER, month.upper)):
            yield Shown(Figure(*about, one.quarter, USUAL, month.month, how), value, f"{called}, {how}")


def _breakdowns(one: StrandAccount) -> Iterator[Shown]:
    for table in one.breakdowns:
        for line in table.rows:
            about = (one.strand.name, table.breakdown.name, line.name, one.quarter, BROKEN_DOWN)
            for column, value in line.figures.items():
                yield Shown(Figure(*about, column), value, f"{line.name}, {column}")
            if line.change is not None:
                change = _made(CHANGE, Figure(*about, table.earlier), Figure(*about, THIS_QUARTER))
                yield Shown(change, line.change, f"{line.name}, change")


def _risks(one: StrandAccount) -> Iterator[Shown]:
    for row in one.risks:
        for key in SCORED:
            figure = Figure(one.strand.name, "", str(row.risk.id), row.risk.quarter, RISK, key)
            yield Shown(figure, getattr(row.risk, key), f"{row.risk.id}, {key.replace('aimed_', 'aimed ')}")


def _insight(insight: Insight) -> Iterator[Shown]:
    """A measure as it was last reported, and in each of the last quarters."""
    if insight.reported:
        about = (insight.strand, "", insight.name, insight.reported.quarter, insight.period)
        before, now = (Figure(*about, of) for of in (PREVIOUS, CURRENT))
        yield Shown(before, insight.reported.previous, _called(before))
        yield Shown(now, insight.reported.current, _called(now))
    for quarter, value in insight.trend.items():
        figure = Figure(insight.strand, "", insight.name, quarter, insight.period, CURRENT)
        yield Shown(figure, value, _called(figure))


def _called(figure: Figure) -> str:
    comparison = COMPARISONS[figure.period]
    return f"{figure.name}, {comparison.earlier if figure.of == PREVIOUS else comparison.later}"

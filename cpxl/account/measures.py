"""What a strand counts: each measure as reported, as its counts by month give it, and what is signal in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cpxl import arithmetic
from cpxl.cells import period_in_words
from cpxl.comparisons import COMPARISONS, Comparison, over_the_same
from cpxl.config import Settings, Strand
from cpxl.insights.rolling import Counts, compared, counts_of, rolling_sums, same_quarter
from cpxl.insights.signals import ENOUGH as ENOUGH
from cpxl.insights.signals import Chart, chart_of
from cpxl.model import ROLLING, Master, Measure, Number, Value, is_blank, is_number
from cpxl.quarters import Quarter, months_to
from cpxl.units import Unit

MOST_APART = 0.005
"""By which a total and the sum of its months may differ, as both are rounded."""
MONTHS_SHOWN = 24
YEARS = {"previous": slice(0, 12), "current": slice(12, 24)}
"""Which of these months are those of which figure."""


@dataclass(frozen=True)
class Figure:
    """One figure of a measure.

    typed: what was reported, or is known from an earlier return. counted: the sum of its months or quarters.
    is_by_month: whether every month is known as such. follows: whether the sum may stand for what was typed.
    """

    typed: Value
    counted: Number | None
    is_by_month: bool
    follows: bool

    @property
    def value(self) -> Value:
        """What is shown."""
        return self.counted if self.counted is not None and (self.follows or self.typed is None) else self.typed

    @property
    def disagrees(self) -> bool:
        """Whether it was reported, and its months or quarters come to something else."""
        both = is_number(self.typed) and is_number(self.counted)
        return both and not self.follows and abs(self.counted - self.typed) > MOST_APART  # type: ignore[operator]


@dataclass(frozen=True)
class MonthRow:
    """A month of a measure (`2020-09`): its count, the sum of the 12 months to it, and what it is held against.

    mean, lower, upper: of the usual range, to one decimal; None where nothing is judged. No count is below 0, so no
    limit is. why: the rules that the count is a signal by.
    """

    month: str
    count: Number | None
    total: Number | None
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeasureAccount:
    """All that is known of a measure in a quarter.

    comparison: what is compared with what.
    missing: months or quarters, in words, without which there is no total; blank where no counts are known at all.
    months: two years, or as many as are judged, up to the quarter's end.
    quarter_before, quarter_now: the count of the same quarter last year, and of this one.
    chart: its counts by month, judged. unit: what it is counted in.
    """

    name: str
    comparison: Comparison
    unit: Unit
    previous: Figure
    current: Figure
    comment: Value
    missing: tuple[str, ...]
    months: tuple[MonthRow, ...]
    quarter_before: Number | None
    quarter_now: Number | None
    chart: Chart

    @property
    def period(self) -> str:
        """The comparison, as the data table Measures calls it."""
        return self.comparison.period

    @property
    def is_known(self) -> bool:
        """Whether there is anything to say of it."""
        return not is_blank((self.previous.value, self.current.value, self.comment))

    @property
    def difference(self) -> Number | None:
        """The change between the two figures; of percentages, in points."""
        return self.unit.change(self.previous.value, self.current.value)

    @property
    def share(self) -> float | str | None:
        """The change as a share of the earlier figure; percentages have none."""
        return None if self.unit.is_share else arithmetic.share(self.previous.value, self.current.value)

    @property
    def quarter_change(self) -> Number | None:
        """The change between the same quarter last year and this one."""
        return arithmetic.difference(self.quarter_before, self.quarter_now)

    @property
    def signal(self) -> str:
        """What the last months say, in words. Blank if nothing is known by month."""
        return self.chart.words

    @property
    def has_signal(self) -> bool:
        """Whether there is a signal in the quarter."""
        return self.chart.has_signal

    @property
    def method(self) -> str:
        """How limits were worked out, in words; blank if nothing is judged."""
        return self.chart.method.value if self.chart.method else ""

    @property
    def changed(self) -> str:
        """The month (`2020-06`) in which recording changed last, blank if it did not."""
        return self.chart.changed

    @property
    def shown(self) -> tuple[MonthRow, ...]:
        """The months of the two years of which there are figures over 12 months."""
        return self.months[-MONTHS_SHOWN:]

    @cached_property
    def known(self) -> tuple[MonthRow, ...]:
        """The months from the first on whose count is known; none if none is."""
        first = next((at for at, row in enumerate(self.months) if row.count is not None), len(self.months))
        return self.months[first:]


def measures_of(
    master: Master, quarter: Quarter, strand: Strand, settings: Settings, period: str
) -> Iterator[MeasureAccount]:
    """The measures of a strand that are compared in one way.

    The earlier figure is what was reported then, until this quarter's is known.
    """
    for name in strand.measures.compared(period):
        reported = reports_of(master, strand, period, name)
        now = reported.get(quarter)
        known = now or Measure(quarter, strand.name, name, period, _then(reported, quarter, period), None)
        yield _measure(master, known, strand, settings, is_reported=now is not None)


def reports_of(master: Master, strand: Strand, period: str, name: str) -> dict[Quarter, Measure]:
    """What was reported of a measure by quarter; until it was compared so, as it was compared then.

    A figure over as long a time is the same whatever stands beside it; what stood beside it is not.
    """
    periods = over_the_same(period)
    mine = [m for m in master.measures if (m.strand, m.measure) == (strand.name, name) and m.period in periods]
    of_quarters = {m.quarter: m for m in sorted(mine, key=lambda m: m.period == period)}
    return {
        quarter: m if m.period == period else replace(m, period=period, previous=_then(of_quarters, quarter, period))
        for quarter, m in of_quarters.items()
    }


def _then(reported: Mapping[Quarter, Measure], quarter: Quarter, period: str) -> Value:
    """What was reported of the earlier time that a quarter is compared with."""
    back = COMPARISONS[period].quarters_back
    then = reported.get(quarter.plus(-back)) if back else None
    return then.current if then else None


def _measure(
    master: Master, known: Measure, strand: Strand, settings: Settings, *, is_reported: bool
) -> MeasureAccount:
    name, quarter, first_month = known.measure, known.quarter, settings.financial_year_starts_in
    comparison, is_rolling = COMPARISONS[known.period], known.period == ROLLING
    counts = counts_of(master.monthly, strand.name, name, quarter)
    sums = compared(counts, quarter, first_month, comparison)

    def figure(key: str) -> Figure:
        typed, counted = getattr(known, key), getattr(sums, key)
        is_by_month = all(month in counts for month in months_to(quarter.end(first_month), MONTHS_SHOWN)[YEARS[key]])
        return Figure(typed, counted, is_by_month, not is_reported or counted == typed)

    previous, current = figure("previous"), figure("current")
    lacks = bool(counts) and (current.value is None or (previous.value is None and comparison.back > 0))
    chart = chart_of(master.monthly, strand, name, quarter, first_month) if is_rolling else NOTHING_JUDGED
    months = _months(counts, quarter.end(first_month), chart) if is_rolling else ()
    pair = same_quarter(counts, quarter, first_month) if is_rolling else (None, None)
    return MeasureAccount(
        name,
        comparison,
        strand.measures.unit(name),
        previous,
        current,
        known.comment,
        tuple(map(period_in_words, sums.missing)) if lacks else (),
        months,
        *pair,
        chart,
    )


NOTHING_JUDGED = Chart((), None)


def _months(counts: Counts, end: date, chart: Chart) -> tuple[MonthRow, ...]:
    points = {point.month: point for point in chart.points}
    totals = rolling_sums(counts, end, max(MONTHS_SHOWN, len(points)))
    rows = []
    for month, total in totals.items():
        limits = points[month].limits if month in points else None
        usual = (limits.mean, max(limits.lower, 0), limits.upper) if limits else (None, None, None)
        mean, lower, upper = (None if n is None else arithmetic.round_half_up(n, 1) for n in usual)
        why = tuple(rule.value for rule, _ in points[month].rules) if month in points else ()
        rows.append(MonthRow(month, counts.get(month), total, mean, lower, upper, why))
    return tuple(rows)


# Quarter by quarter


@dataclass(frozen=True)
class Insight:
    """A measure as last reported up to a quarter; reported is None where it never was.

    trend: its figure in each of the last quarters. unit: what it is counted in.
    """

    strand: str
    name: str
    comparison: Comparison
    unit: Unit
    reported: Measure | None
    quarter_before: Number | None
    quarter_now: Number | None
    signal: str
    has_signal: bool
    trend: dict[Quarter, Value]

    @property
    def period(self) -> str:
        """The comparison, as the data table Measures calls it."""
        return self.comparison.period

    @property
    def difference(self) -> Number | None:
        """The change between the two figures; of percentages, in points."""
        return self.unit.change(self.reported.previous, self.reported.current) if self.reported else None

    @property
    def share(self) -> float | str | None:
        """The change as a share of the earlier figure; percentages have none."""
        if self.reported is None or self.unit.is_share:
            return None
        return arithmetic.share(self.reported.previous, self.reported.current)


def insights(master: Master, quarter: Quarter, settings: Settings, shown: Sequence[Quarter]) -> Iterator[Insight]:
    """Every measure of every strand, as last reported up to a quarter. shown: the quarters of its trend."""
    quarters = sorted({quarter, *(m.quarter for m in master.measures if m.quarter <= quarter)}, reverse=True)
    for strand in settings.strands:
        for period, comparison in COMPARISONS.items():
            for name in strand.measures.compared(period):

                def of(q: Quarter, period: str = period, name: str = name, strand: Strand = strand) -> Measure | None:
                    return measured(master, strand, period, name, q, settings)

                last = next((m for q in quarters if (m := of(q))), None)
                trend = {q: m.current for q in shown if (m := of(q))}
                about = (strand.name, name, comparison, strand.measures.unit(name), last)
                if last and period == ROLLING:
                    counts = counts_of(master.monthly, strand.name, name, last.quarter)
                    pair = same_quarter(counts, last.quarter, settings.financial_year_starts_in)
                    chart = chart_of(master.monthly, strand, name, last.quarter, settings.financial_year_starts_in)
                    yield Insight(*about, *pair, chart.words, chart.has_signal, trend)
                else:
                    yield Insight(*about, None, None, "", False, trend)


def measured(
    master: Master, strand: Strand, period: str, measure: str, quarter: Quarter, settings: Settings
) -> Measure | None:
    """A measure as reported in a quarter; a figure that was not, from the counts as the master's quarter knows them."""
    reported = reports_of(master, strand, period, measure)
    counts = counts_of(master.monthly, strand.name, measure, master.quarter)
    counted = compared(counts, quarter, settings.financial_year_starts_in, COMPARISONS[period])
    known = reported.get(quarter)
    if known is None and counted.current is None:
        return None
    if known is None:
        previous = _then(reported, quarter, period) if counted.previous is None else None
        known = Measure(quarter, strand.name, measure, period, previous, None, "Counted, not reported.")
    return replace(
        known,
        previous=counted.previous if known.previous is None else known.previous,
        current=counted.current if known.current is None else known.current,
    )

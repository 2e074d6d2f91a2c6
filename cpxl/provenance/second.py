"""The second account: every figure from the rows of the data tables again, by itself, to hold the first one against.

It takes nothing from `cpxl.account`, `cpxl.insights` or the sheets, and says which rows a figure is made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from cpxl.config import Settings
from cpxl.config.breakdowns import BACK, THIS_QUARTER
from cpxl.model import (
    CURRENT,
    PREVIOUS,
    ROLLING,
    SUMMED,
    BreakdownFigure,
    Master,
    Measure,
    Monthly,
    Number,
    Progress,
    Value,
    is_number,
)
from cpxl.provenance.shown import BROKEN_DOWN, EVERY_STRAND, Figure
from cpxl.quarters import Quarter, months_to

Row = Progress | Measure | Monthly | BreakdownFigure


class Part(NamedTuple):
    """A row of a data table, and the field of it that goes into a figure; sign: whether it is added or taken away."""

    row: Row
    field: str
    sign: int = 1

    @property
    def value(self) -> Value:
        """What the row has."""
        value: Value = getattr(self.row, self.field)
        return value


class SecondAccount:
    """What the data tables say of a quarter."""

    def __init__(self, master: Master, quarter: Quarter, settings: Settings) -> None:
        self.quarter, self.settings = quarter, settings
        self.progress: dict[tuple[str, Quarter], list[Progress]] = defaultdict(list)
        for figure in master.progress:
            self.progress[figure.strand, figure.quarter].append(figure)
        self.measures = {(m.strand, m.measure, m.period, m.quarter): m for m in master.measures}
        self.months: dict[tuple[str, str], list[Monthly]] = defaultdict(list)
        for count in master.monthly:
            self.months[count.strand, count.measure].append(count)
        self.broken_down: dict[tuple[str, str, Quarter], dict[tuple[str, str], BreakdownFigure]] = defaultdict(dict)
        for one in master.breakdowns:
            self.broken_down[one.strand, one.breakdown, one.quarter][one.row, one.column] = one
        self.then: dict[Quarter, Settings] = {}
        self.kinds: dict[tuple[str, Quarter], Mapping[tuple[str, str], str]] = {}

    def parts(self, figure: Figure, given: Sequence[Figure] = ()) -> list[Part]:
        """What a figure is made of; nothing where no row says it.

        given: the strands' figures that a figure of all of them is the sum of.
        """
        if figure.strand == EVERY_STRAND:
            return [part for one in given for part in self.parts(one)]
        if figure.period == BROKEN_DOWN:
            return list(self._broken_down(figure))
        if figure.period:
            return list(self._measure(figure))
        if figure.plan:
            rows = self.progress[figure.strand, figure.quarter]
            return [Part(p, "value") for p in rows if (p.plan, p.status) == (figure.plan, figure.name)][-1:]
        if figure.name == "change":
            before = figure.quarter.plus(-1)
            then = [Part(part.row, part.field, -1) for part in self._summed(figure.strand, "complete", before)]
            return [*self._summed(figure.strand, "complete", figure.quarter), *then]
        if figure.name == "other":
            less = [p for key in SUMMED[1:] for p in self._summed(figure.strand, key, figure.quarter)]
            whole = self._summed(figure.strand, SUMMED[0], figure.quarter)
            return [*whole, *(Part(part.row, part.field, -1) for part in less)]
        return list(self._summed(figure.strand, figure.name, figure.quarter))

    def _summed(self, strand: str, key: str, quarter: Quarter) -> Iterator[Part]:
        """The figures that count as one of SUMMED, of the plans that the summary then counted."""
        if (strand, quarter) not in self.kinds:
            if quarter not in self.then:
                self.then[quarter] = self.settings.as_of(quarter)
            then = self.then[quarter].strand_named(strand)
            plans = [plan for plan in then.plans if plan.in_summary] if then else []
            self.kinds[strand, quarter] = {(p.name, s): kind for p in plans for s, kind in p.statuses.items()}
        kinds = self.kinds[strand, quarter]
        for row in self.progress[strand, quarter]:
            if kinds.get((row.plan, row.status)) == key and is_number(row.value):
                yield Part(row, "value")

    def _measure(self, figure: Figure) -> Iterator[Part]:
        """What was reported; else the counts that it is the sum of; else what was reported a period earlier."""
        of = (figure.strand, figure.name)
        counts = self._counts(*of, figure.quarter if figure.period == "Month" else self._as_of(figure))
        if figure.period == "Month":
            yield from ([Part(counts[figure.of], "count")] if figure.of in counts else [])
            return
        quarters = 4 if figure.period == ROLLING else 1
        reported = self.measures.get((*of, figure.period, figure.quarter))
        summed = [Part(row, "count") for row in self._window(counts, figure, quarters)]
        typed = getattr(reported, figure.of) if reported else None
        if reported and typed is not None and not (summed and _is_worked_out(reported, figure.of)):
            yield Part(reported, figure.of)
        elif summed:
            yield from summed
        elif reported and typed is not None:
            yield Part(reported, figure.of)
        elif not reported and figure.of == PREVIOUS:
            then = self.measures.get((*of, figure.period, figure.quarter.plus(-quarters)))
            yield from [Part(then, CURRENT)] if then else []

    def _broken_down(self, figure: Figure) -> Iterator[Part]:
        """What was reported; where nothing was for the quarter, what was reported of an earlier one then."""
        of, row, column = (figure.strand, figure.plan), figure.name, figure.of
        table = self.broken_down.get((*of, figure.quarter))
        if table is None and BACK.get(column):
            table, column = self.broken_down.get((*of, figure.quarter.plus(-BACK[column]))), THIS_QUARTER
        if table and (row, column) in table:
            yield Part(table[row, column], "value")

    def _as_of(self, figure: Figure) -> Quarter:
        """The quarter up to which counts are known: what came in later restates what was reported earlier."""
        return max(figure.quarter, self.quarter)

    def _counts(self, strand: str, measure: str, quarter: Quarter) -> Mapping[str, Monthly]:
        """The last row of each month (or quarter) that is known by a quarter."""
        known: dict[str, Monthly] = {}
        for row in self.months[strand, measure]:
            if row.quarter <= quarter and (row.month not in known or known[row.month].quarter <= row.quarter):
                known[row.month] = row
        return {month: row for month, row in known.items() if is_number(row.count)}

    def _window(self, counts: Mapping[str, Monthly], figure: Figure, quarters: int) -> list[Monthly]:
        """The counts of the later or earlier of two periods, by month or else by quarter, if all are known."""
        if not counts:
            return []
        end = figure.quarter.end(self.settings.financial_year_starts_in)
        by_month = list(months_to(end, 6 * quarters))
        by_quarter = [str(figure.quarter.plus(-back)) for back in reversed(range(2 * quarters))]

        def known(periods: list[str]) -> tuple[bool, bool, float]:
            half, there = len(periods) // 2, [period in counts for period in periods]
            return all(there[half:]), all(there[:half]), sum(there) / len(there)

        periods = max(by_month, by_quarter, key=known)
        half = len(periods) // 2
        wanted = periods[half:] if figure.of == CURRENT else periods[:half]
        return [counts[period] for period in wanted] if all(period in counts for period in wanted) else []


def _is_worked_out(reported: Measure, field: str) -> bool:
    """Whether nothing was typed there, and the reader put the sum of the return's counts."""
    return bool(reported.origin and reported.origin.cells and field not in reported.origin.cells)


def value_of(parts: Sequence[Part]) -> Number | None:
    """What parts come to; None where there are none, or one of them is no number."""
    values = [part.sign * part.value if is_number(part.value) else None for part in parts]
    numbers = [value for value in values if value is not None]
    if not parts or len(numbers) < len(values):
        return None
    total = fsum(numbers)
    return int(total) if total.is_integer() else total

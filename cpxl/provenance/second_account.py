"""The second account: every figure from the rows of the data tables again, by itself, to hold the first one against.

It takes nothing from `cpxl.account`, `cpxl.insights` or the sheets, and says which rows a figure is made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import fsum
from typing import NamedTuple

from cpxl.comparisons import COMPARISONS, Comparison, over_the_same
from cpxl.config import Settings
from cpxl.config.breakdowns import BACK, THIS_QUARTER
from cpxl.model import (
    CURRENT,
    PREVIOUS,
    SUMMED,
    BreakdownFigure,
    Master,
    Measure,
    Monthly,
    Number,
    Progress,
    Risk,
    Value,
    is_number,
)
from cpxl.provenance.shown import (
    BROKEN_DOWN,
    CHANGE,
    EVERY_STRAND,
    LOWER,
    MEAN,
    MONTH,
    RISK,
    SAME_QUARTER,
    SHARE,
    USUAL,
    YEAR_TO,
    Figure,
)
from cpxl.provenance.usual import MOST, Range, usual
from cpxl.quarters import Quarter, months_to

BY_MONTH = (MONTH, YEAR_TO, SAME_QUARTER)

Row = Progress | Measure | Monthly | BreakdownFigure | Risk


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


class Worked(NamedTuple):
    """What a figure comes to, if that is known; what it is made of; of a change or share, what its two ends come to."""

    value: Number | None
    parts: Sequence[Part]
    of: tuple[Number | None, ...] = ()


class SecondAccount:
    """What the data tables say of a quarter.

    figures: those that are shown. One of all strands is the sum of those of strands that go by the same name.
    """

    def __init__(self, master: Master, quarter: Quarter, settings: Settings, figures: Iterable[Figure]) -> None:
        self.quarter, self.settings = quarter, settings
        self.of_strands: dict[tuple[str, str, Quarter], list[Figure]] = defaultdict(list)
        for one in figures:
            if not one.plan and not one.period and one.strand != EVERY_STRAND:
                self.of_strands[one.name, one.how, one.quarter].append(one)
        self.progress: dict[tuple[str, Quarter], list[Progress]] = defaultdict(list)
        self.statuses: dict[tuple[str, Quarter, str, str], Progress] = {}
        for figure in master.progress:
            self.progress[figure.strand, figure.quarter].append(figure)
            self.statuses[figure.strand, figure.quarter, figure.plan, figure.status] = figure
        self.measures = {(m.strand, m.measure, m.period, m.quarter): m for m in master.measures}
        self.months: dict[tuple[str, str], list[Monthly]] = defaultdict(list)
        for count in master.monthly:
            self.months[count.strand, count.measure].append(count)
        self.broken_down: dict[tuple[str, str, Quarter], dict[tuple[str, str], BreakdownFigure]] = defaultdict(dict)
        for row in master.breakdowns:
            self.broken_down[row.strand, row.breakdown, row.quarter][row.row, row.column] = row
        self.risks = {(risk.strand, str(risk.id), risk.quarter): risk for risk in master.risks}
        self.then: dict[Quarter, Settings] = {}
        self.summed: dict[tuple[str, Quarter], Mapping[str, list[Part]]] = {}
        self.counted: dict[tuple[str, str, Quarter], Mapping[str, Monthly]] = {}
        self.usual: dict[tuple[str, str], Mapping[str, Range]] = {}
        self.worked: dict[Figure, Worked] = {}

    def work_out(self, figure: Figure) -> Worked:
        """What a figure comes to, not rounded, and what it is made of: no parts where no row says it."""
        if figure not in self.worked:
            if figure.period == USUAL:
                self.worked[figure] = self._usual(figure)
            elif figure.ends:
                self.worked[figure] = self._made(figure)
            else:
                parts = self._parts(figure)
                self.worked[figure] = Worked(value_of(parts), parts)
        return self.worked[figure]

    def _made(self, figure: Figure) -> Worked:
        """A change, be it in points or per cent, or a share, from the two figures that it is of."""
        first, second = (self.work_out(end) for end in figure.ends)
        of = first.value, second.value
        if figure.how == SHARE:
            share = second.value / first.value if first.value and second.value is not None else None
            return Worked(share, [*second.parts, *first.parts], of)
        if figure.strand == EVERY_STRAND:
            parts = [part for one in self._of_strands(figure) for part in self.work_out(one).parts]
            then, now = ([part for part in parts if part.sign == sign] for sign in (-1, 1))
            return Worked(value_of(parts), parts, (-(value_of(then) or 0), value_of(now)))
        parts = [*second.parts, *(Part(part.row, part.field, -part.sign) for part in first.parts)]
        change = value_of(parts) if first.parts and second.parts else None
        if change is not None and figure.how != CHANGE:
            change = change / first.value if first.value else None
        elif change is not None and self._is_share(figure):
            change *= 100
        return Worked(change, parts, of)

    def _is_share(self, figure: Figure) -> bool:
        """Whether a figure is a percentage, which is compared in points."""
        strand = self.settings.strand_named(figure.strand) if figure.period else None
        if strand is None:
            return False
        if figure.period == BROKEN_DOWN:
            breakdown = strand.breakdown(figure.plan)
            return breakdown is not None and breakdown.unit_of(figure.name, figure.of).is_share
        return strand.measures.unit(figure.name).is_share

    def _of_strands(self, figure: Figure) -> Sequence[Figure]:
        """The figures that one of all strands is the sum of."""
        return self.of_strands.get((figure.name, figure.how, figure.quarter), ())

    def _parts(self, figure: Figure) -> list[Part]:
        if figure.strand == EVERY_STRAND:
            return [part for one in self._of_strands(figure) for part in self.work_out(one).parts]
        if figure.period:
            return list(self._with_period(figure))
        if figure.plan:
            row = self.statuses.get((figure.strand, figure.quarter, figure.plan, figure.name))
            return [Part(row, "value")] if row else []
        of = self._summed(figure.strand, figure.quarter)
        if figure.name == "other":
            less = [Part(part.row, part.field, -1) for key in SUMMED[1:] for part in of[key]]
            return [*of[SUMMED[0]], *less]
        return of[figure.name]

    def _summed(self, strand: str, quarter: Quarter) -> Mapping[str, list[Part]]:
        """The figures that count as each of SUMMED, of the plans that the summary then counted."""
        if (strand, quarter) not in self.summed:
            if quarter not in self.then:
                self.then[quarter] = self.settings.as_of(quarter)
            then = self.then[quarter].strand_named(strand)
            plans = [plan for plan in then.plans if plan.in_summary] if then else []
            kinds = {(p.name, s): kind for p in plans for s, kind in p.statuses.items()}
            found: dict[str, list[Part]] = {key: [] for key in SUMMED}
            for row in self.progress[strand, quarter]:
                kind = kinds.get((row.plan, row.status))
                if kind in found and is_number(row.value):
                    found[kind].append(Part(row, "value"))
            self.summed[strand, quarter] = found
        return self.summed[strand, quarter]

    def _with_period(self, figure: Figure) -> Iterator[Part]:
        if figure.period == BROKEN_DOWN:
            return self._broken_down(figure)
        if figure.period == RISK:
            risk = self.risks.get((figure.strand, figure.name, figure.quarter))
            return iter([Part(risk, figure.of)] if risk else [])
        return self._by_month(figure) if figure.period in BY_MONTH else self._measure(figure)

    def _broken_down(self, figure: Figure) -> Iterator[Part]:
        """What was reported; where nothing was for the quarter, what was reported of an earlier one then."""
        of, row, column = (figure.strand, figure.plan), figure.name, figure.of
        table = self.broken_down.get((*of, figure.quarter))
        if table is None and BACK.get(column):
            table, column = self.broken_down.get((*of, figure.quarter.plus(-BACK[column]))), THIS_QUARTER
        if table and (row, column) in table:
            yield Part(table[row, column], "value")

    def _by_month(self, figure: Figure) -> Iterator[Part]:
        """The count of a month, those of the 12 to it, or of the months of a quarter, if all are known."""
        counts = self._counts(figure.strand, figure.name, self.quarter)
        if figure.period == SAME_QUARTER:
            end, months = figure.quarter.end(self.settings.financial_year_starts_in), 3
        else:
            end, months = date.fromisoformat(f"{figure.of}-01"), 12 if figure.period == YEAR_TO else 1
        wanted = months_to(end, months)
        if figure.period == SAME_QUARTER and not all(month in counts for month in wanted):
            wanted = (str(figure.quarter),)
        if all(month in counts for month in wanted):
            yield from (Part(counts[month], "count") for month in wanted)

    def _usual(self, figure: Figure) -> Worked:
        """Mean or limit of a month, from the counts of the months that were recorded alike."""
        of = figure.strand, figure.name
        counts = self._counts(*of, figure.quarter)
        if of not in self.usual:
            strand = self.settings.strand_named(figure.strand)
            changes = strand.measures.recording_changed.get(figure.name, ()) if strand else ()
            numbers = {month: row.count for month, row in counts.items() if is_number(row.count)}
            months = months_to(figure.quarter.end(self.settings.financial_year_starts_in), MOST)
            is_seasonal = strand is not None and figure.name in strand.measures.seasonal
            self.usual[of] = usual(numbers, months, changes, is_seasonal=is_seasonal)
        found = self.usual[of].get(figure.of)
        if found is None:
            return Worked(None, [])
        value = found.mean if figure.how == MEAN else found.lower if figure.how == LOWER else found.upper
        return Worked(value, [Part(counts[month], "count") for month in found.months])

    def _measure(self, figure: Figure) -> Iterator[Part]:
        """What was typed; else the counts that it is the sum of; else what was reported a period earlier.

        The sum that stands in place of what was not typed is of the counts as they were known then.
        """
        of = (figure.strand, figure.name)
        comparison = COMPARISONS[figure.period]
        reported = self.measures.get((*of, figure.period, figure.quarter))
        if reported is None and figure.of == CURRENT:
            reported = self._over_as_long(figure, figure.quarter)
        stands = reported is not None and getattr(reported, figure.of) is not None
        if reported and stands and not _is_worked_out(reported, figure.of):
            yield Part(reported, figure.of)
            return
        counts = self._counts(*of, figure.quarter if stands else self._as_of(figure))
        summed = [Part(row, "count") for row in self._window(counts, figure, comparison)]
        if summed:
            yield from summed
        elif reported and stands:
            yield Part(reported, figure.of)
        elif not reported and figure.of == PREVIOUS and comparison.quarters_back:
            then = self._over_as_long(figure, figure.quarter.plus(-comparison.quarters_back))
            yield from [Part(then, CURRENT)] if then else []

    def _over_as_long(self, figure: Figure, quarter: Quarter) -> Measure | None:
        """What was reported of a measure for a time as long, compared with the same as now, or with something else."""
        periods = [figure.period, *over_the_same(figure.period)]
        found = (self.measures.get((figure.strand, figure.name, period, quarter)) for period in periods)
        return next((row for row in found if row), None)

    def _as_of(self, figure: Figure) -> Quarter:
        """The quarter up to which counts are known: what came in later restates what was reported earlier."""
        return max(figure.quarter, self.quarter)

    def _counts(self, strand: str, measure: str, quarter: Quarter) -> Mapping[str, Monthly]:
        """The last row of each month (or quarter) that is known by a quarter."""
        if (strand, measure, quarter) not in self.counted:
            known: dict[str, Monthly] = {}
            for row in self.months.get((strand, measure), ()):
                if row.quarter <= quarter and (row.month not in known or known[row.month].quarter <= row.quarter):
                    known[row.month] = row
            self.counted[strand, measure, quarter] = {m: row for m, row in known.items() if is_number(row.count)}
        return self.counted[strand, measure, quarter]

    def _window(self, counts: Mapping[str, Monthly], figure: Figure, comparison: Comparison) -> list[Monthly]:
        """The counts of the later or earlier of two times, by month or else by quarter, if all are known."""
        if not counts:
            return []
        span, back = comparison.months, comparison.back
        months = list(months_to(figure.quarter.end(self.settings.financial_year_starts_in), span + back))
        quarters = [str(figure.quarter.plus(-n)) for n in reversed(range((span + back) // 3))]
        by_month = months[:span] if back else [], months[-span:]
        by_quarter = ([], []) if span < 3 else (quarters[: span // 3] if back else [], quarters[-(span // 3) :])

        def known(times: tuple[list[str], list[str]]) -> tuple[bool, bool, float]:
            there = [[period in counts for period in periods] for periods in times]
            earlier, later = (all(one) if one else False for one in there)
            return later, earlier, sum(map(sum, there)) / max(sum(map(len, there)), 1)

        earlier, later = max(by_month, by_quarter, key=known)
        wanted = later if figure.of == CURRENT else earlier
        return [counts[period] for period in wanted] if all(period in counts for period in wanted) else []


def _is_worked_out(reported: Measure, field: str) -> bool:
    """Whether nothing was typed there, and the reader put the sum of the return's counts."""
    return bool(reported.origin and reported.origin.is_kept and field not in reported.origin.cells)


def value_of(parts: Sequence[Part]) -> Number | None:
    """What parts come to; None where there are none, or one of them is no number."""
    if len(parts) == 1 and parts[0].sign > 0:
        value = parts[0].value
        return value if is_number(value) else None
    numbers = [part.sign * value for part in parts if is_number(value := part.value)]
    if not parts or len(numbers) < len(parts):
        return None
    total = fsum(numbers)
    return int(total) if total.is_integer() else total

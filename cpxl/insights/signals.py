"""What is signal and what is noise in a measure's counts by month: a control chart, as the NHS teaches it.

Rules are those of NHS England's 'Making data count': one month beyond a limit, seven in a row on one side of the mean,
six in a row rising or falling, two of three near a limit. Limits are those of an XmR chart: the mean ± 2.66 times the
mean moving range, over all months of a phase, none screened out (Wheeler, Understanding Variation; Provost and Murray,
The Health Care Data Guide). Small counts have those of a c chart, from the Poisson distribution (NIST/SEMATECH
e-Handbook, 6.3.3.1): moving ranges of a few whole numbers say little. A phase ends where config says that recording
changed. A seasonal measure is held against the same months of earlier years.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby, pairwise
from math import exp, fsum

from cpxl.config import Strand
from cpxl.insights.rolling import Counts, counts_of
from cpxl.model import Monthly, Number
from cpxl.quarters import Quarter, month_in_full, months_to
from cpxl.words import how_many

ENOUGH = 12
"""Months that must be known before anything is judged."""
MOST = 60
"""Months that are looked at."""
LIMIT = 2.66
"""Three standard deviations, as a multiple of the mean moving range: 3 / 1.128."""
SMALL = 10
"""Counts with a mean below this are judged as rare events."""
BEYOND_LIMIT, BEYOND_TWO_THIRDS = 0.00135, 0.02275
"""The share of a normal distribution beyond three, and beyond two, standard deviations on one side."""
RUN, TREND = 7, 6
QUARTER = 3
"""Months of a quarter: what is said is said of the last ones."""


class Rule(Enum):
    """Why months are a signal."""

    BEYOND = "beyond a limit"
    RUN = "7 in a row on one side"
    NEAR = "2 of 3 near a limit"
    TREND = "6 in a row up or down"


IN_A_ROW = (Rule.RUN, Rule.TREND)


class Method(Enum):
    """How limits were worked out, as it is said below a chart."""

    XMR = "Limits: the mean ± 2.66 times the mean moving range (XmR chart)."
    RARE = "Limits: as counts are small, those of the Poisson distribution (c chart)."
    SEASONAL = "Mean and limits: from the same months of earlier years (XmR chart of the differences)."


@dataclass(frozen=True)
class Limits:
    """A mean, and the range that is usual; near_lower and near_upper are two thirds of the way to its ends."""

    mean: float
    lower: float
    near_lower: float
    near_upper: float
    upper: float

    def plus(self, base: float) -> Limits:
        """The same, moved up."""
        return Limits(*(value + base for value in vars(self).values()))


@dataclass(frozen=True)
class Point:
    """A month: its count and limits, None where not known; rules that it is a signal by, each with 1 (high) or -1."""

    month: str
    count: Number | None
    limits: Limits | None = None
    rules: tuple[tuple[Rule, int], ...] = ()


@dataclass(frozen=True)
class Signal:
    """Months that are a signal by a rule: the places of the first and last, and 1 (high) or -1."""

    rule: Rule
    side: int
    first: int
    last: int


@dataclass(frozen=True)
class Chart:
    """A measure's months up to a quarter's end, judged. method: of the last phase, None if that has too few months.

    changed: when recording changed last before the end, blank if it did not. comparable: months of the last phase that
    can be judged, or held against earlier years.
    """

    points: tuple[Point, ...]
    method: Method | None
    changed: str = ""
    comparable: int = 0
    is_seasonal: bool = False

    @property
    def words(self) -> str:
        """What the last three months say, for a cell. Blank if nothing is known by month."""
        if self._last_known < 0:
            return ""
        if self.method is None:
            return self._too_few()
        unknown = [month_in_full(point.month) for point in self.points[-QUARTER:] if point.count is None]
        if len(unknown) == QUARTER:
            return f"Not known since {month_in_full(self.points[self._last_known + 1].month)}"
        words = "; ".join(map(self._said, self._current)) or "Within usual range: no signal"
        return words + (f"; not known: {', '.join(unknown)}" if unknown else "")

    @property
    def has_signal(self) -> bool:
        """Whether there is a signal in the last three months."""
        return bool(self._current)

    @cached_property
    def _current(self) -> list[Signal]:
        """The latest signal by each rule, if it is of the last three months; months in a row must reach to the end."""
        recent, last = len(self.points) - QUARTER, self._last_known
        found = [signal for rule in Rule if (signal := self._latest(rule))]
        return [s for s in found if s.last >= recent and (s.last == last or s.rule not in IN_A_ROW)]

    @property
    def _last_known(self) -> int:
        return max((at for at, point in enumerate(self.points) if point.count is not None), default=-1)

    def _latest(self, rule: Rule) -> Signal | None:
        found = [(at, side) for at, point in enumerate(self.points) for r, side in point.rules if r is rule]
        if not found:
            return None
        last, side = found[-1]
        first = last
        while (first - 1, side) in found:
            first -= 1
        return Signal(rule, side, first, last)

    def _too_few(self) -> str:
        since = f"Recording changed in {month_in_full(self.changed)}: " if self.changed else ""
        what = "that can be held against earlier years" if self.is_seasonal else "known"
        return f"{since}{how_many(self.comparable, 'month')} {what}, of {ENOUGH} that it takes to judge"

    def _said(self, signal: Signal) -> str:
        since, until = (month_in_full(self.points[at].month) for at in (signal.first, signal.last))
        months = signal.last - signal.first + 1
        reaches_the_end = signal.last == len(self.points) - 1
        when = f"in {since}" if months == 1 else f"since {since}" if reaches_the_end else f"from {since} to {until}"
        high = signal.side > 0
        match signal.rule:
            case Rule.BEYOND:
                return f"{'Higher' if high else 'Lower'} than usual range {when}"
            case Rule.RUN:
                where = "above" if high else "below"
                return f"{'Higher' if high else 'Lower'} than usual {when}: {months} months in a row {where} the mean"
            case Rule.TREND:
                return f"{'Rising' if high else 'Falling'} {when}: {months} months in a row"
        return f"Near the {'upper' if high else 'lower'} limit: two of three months to {until}"


def chart_of(rows: Sequence[Monthly], strand: Strand, measure: str, quarter: Quarter, first_month: int) -> Chart:
    """A measure's months up to the end of a quarter, judged. first_month: of the financial year, 1 to 12."""
    counts = counts_of(rows, strand.name, measure, quarter)
    months = months_to(quarter.end(first_month), MOST)
    known = [at for at, month in enumerate(months) if month in counts]
    measures = strand.measures
    return judged(
        counts,
        months[known[0] :] if known else (),
        measures.recording_changed.get(measure, ()),
        is_seasonal=measure in measures.seasonal,
    )


def judged(counts: Counts, months: Sequence[str], changes: Collection[str] = (), *, is_seasonal: bool = False) -> Chart:
    """Judge counts by month. months: all to look at, in order. changes: months from which on recording was another."""
    points: list[Point] = []
    method: Method | None = None
    comparable = 0
    passed = [change for change in sorted(changes) if months and months[0] < change <= months[-1]]
    for _, phase in groupby(months, key=lambda month: sum(change <= month for change in passed)):
        some = list(phase)
        bases = {month: _base(counts, month, some) for month in some} if is_seasonal else dict.fromkeys(some, 0.0)
        values = [_above(counts.get(month), bases[month]) for month in some]
        comparable = sum(value is not None for value in values)
        limits, method = (None, None) if comparable < ENOUGH else limits_of(values, is_seasonal=is_seasonal)
        rules = signals(values, limits) if limits else [()] * len(some)
        points += [
            Point(month, counts.get(month), limits.plus(base) if limits and base is not None else None, rule)
            for month, base, rule in zip(some, bases.values(), rules, strict=True)
        ]
    return Chart(tuple(points), method, passed[-1] if passed else "", comparable, is_seasonal)


def _base(counts: Counts, month: str, phase: Sequence[str]) -> float | None:
    """The mean of the same month in earlier years of a phase; None if none is known."""
    earlier = [counts[m] for m in phase if m < month and m[4:] == month[4:] and m in counts]
    return fsum(earlier) / len(earlier) if earlier else None


def _above(count: Number | None, base: float | None) -> Number | None:
    return None if count is None or base is None else count - base if base else count


def limits_of(values: Sequence[Number | None], *, is_seasonal: bool = False) -> tuple[Limits, Method]:
    """The limits that follow from the values of a phase, and how. Moving ranges are those of months side by side."""
    known = [value for value in values if value is not None]
    mean = fsum(known) / len(known)
    if not is_seasonal and mean < SMALL and all(value >= 0 and value == int(value) for value in known):
        shares = (BEYOND_LIMIT, BEYOND_TWO_THIRDS, 1 - BEYOND_TWO_THIRDS, 1 - BEYOND_LIMIT)
        return Limits(mean, *(poisson_quantile(share, mean) for share in shares)), Method.RARE
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    reach = LIMIT * fsum(ranges) / len(ranges) if ranges else 0.0
    near = reach * 2 / 3
    limits = Limits(mean, mean - reach, mean - near, mean + near, mean + reach)
    return limits, Method.SEASONAL if is_seasonal else Method.XMR


def poisson_quantile(share: float, mean: float) -> int:
    """The smallest number that counts with this mean do not go beyond in that share of months."""
    number, chance = 0, exp(-mean)
    so_far = chance
    while so_far < share:
        number += 1
        chance *= mean / number
        so_far += chance
    return number


def signals(values: Sequence[Number | None], limits: Limits) -> list[tuple[tuple[Rule, int], ...]]:
    """The rules that each value of a phase is a signal by. What is not known ends what is in a row."""
    found: list[dict[Rule, int]] = [{} for _ in values]
    for at, value in enumerate(values):
        if value is not None and not limits.lower <= value <= limits.upper:
            found[at][Rule.BEYOND] = 1 if value > limits.upper else -1
    sides = [0 if value is None else _sign(value - limits.mean) for value in values]
    for first, last, side in _runs(sides):
        if side and last - first + 1 >= RUN:
            for at in range(first, last + 1):
                found[at][Rule.RUN] = side
    steps = [0 if None in (a, b) else _sign(b - a) for a, b in pairwise(values)]  # type: ignore[operator]
    for first, last, side in _runs(steps):
        if side and last - first + 2 >= TREND:
            for at in range(first, last + 2):
                found[at][Rule.TREND] = side
    near = [v is not None and Rule.BEYOND not in f and _is_near(v, limits) for v, f in zip(values, found, strict=True)]
    for at in range(len(values) - 2):
        three = range(at, at + 3)
        if sum(near[n] for n in three) >= 2 and abs(sum(sides[n] for n in three)) == 3:
            for n in three:
                found[n] |= {Rule.NEAR: sides[n]} if near[n] else {}
    return [tuple((rule, rules[rule]) for rule in Rule if rule in rules) for rules in found]


def _is_near(value: Number, limits: Limits) -> bool:
    return value < limits.near_lower or value > limits.near_upper


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _runs(items: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """First and last place of each run of equal items, and the item."""
    first = 0
    for item, run in groupby(items):
        last = first + len(list(run)) - 1
        yield first, last, item
        first = last + 1

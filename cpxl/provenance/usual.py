"""The second account of a measure's usual range: the mean and limits of a control chart, from its counts by month.

What they are is said in docs/insights.md. It takes nothing from `cpxl.insights`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from math import exp, fsum, lgamma, log
from typing import NamedTuple

from cpxl.model import Number

MOST, ENOUGH, SMALL = 60, 12, 10
"""Months that are looked at; that it takes; and the mean below which counts are rare events."""
BEYOND, REACH = 0.00135, 2.66
"""The share of months beyond a limit, and the limits in mean moving ranges."""


class Range(NamedTuple):
    """Mean and limits of a month, and the months with counts that they follow from."""

    mean: float
    lower: float
    upper: float
    months: Sequence[str]


def usual(
    counts: Mapping[str, Number], months: Sequence[str], changes: Collection[str], *, is_seasonal: bool
) -> dict[str, Range]:
    """The usual range of each month that has one. months: the last ones. changes: from when recording was another."""
    known = [month for month in months if month in counts]
    found: dict[str, Range] = {}
    for phase in _phases(months[months.index(known[0]) :], changes) if known else ():
        bases = {month: _base(counts, month, phase) if is_seasonal else 0.0 for month in phase}
        above = {m: counts[m] - base for m, base in bases.items() if base is not None and m in counts}
        if len(above) >= ENOUGH:
            mean = fsum(above.values()) / len(above)
            lower, upper = _limits(mean, phase, above, may_be_rare=not is_seasonal)
            there = [month for month in phase if month in counts]
            found |= {
                month: Range(mean + base, max(lower + base, 0), upper + base, there)
                for month, base in bases.items()
                if base is not None
            }
    return found


def _phases(months: Sequence[str], changes: Collection[str]) -> Iterator[Sequence[str]]:
    starts = sorted({0, *(months.index(change) for change in changes if change in months)})
    for start, end in pairwise([*starts, len(months)]):
        yield months[start:end]


def _base(counts: Mapping[str, Number], month: str, phase: Sequence[str]) -> float | None:
    """The mean of the same month in earlier years."""
    earlier = [counts[m] for m in phase[: phase.index(month)] if m[-2:] == month[-2:] and m in counts]
    return fsum(earlier) / len(earlier) if earlier else None


def _limits(
    mean: float, phase: Sequence[str], above: Mapping[str, Number], *, may_be_rare: bool
) -> tuple[float, float]:
    if may_be_rare and mean < SMALL and all(v >= 0 and float(v).is_integer() for v in above.values()):
        return _least(BEYOND, mean), _least(1 - BEYOND, mean)
    ranges = [abs(above[b] - above[a]) for a, b in pairwise(phase) if a in above and b in above]
    reach = REACH * fsum(ranges) / len(ranges) if ranges else 0.0
    return mean - reach, mean + reach


def _least(share: float, mean: float) -> int:
    """The smallest count that this share of months does not go beyond, by Poisson's distribution."""
    number, chances = 0, [exp(-mean)]
    while fsum(chances) < share:
        number += 1
        chances.append(exp(number * log(mean) - mean - lgamma(number + 1)))
    return number

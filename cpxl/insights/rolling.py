"""Rolling figures: a year to a quarter's end against the year before it, from counts by month or by quarter.

A year is only ever the sum of 12 months, or of four quarters: where one is missing there is no total. A measure's
months and its quarters are two series, which are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

from cpxl.insights.months import known_months
from cpxl.model import Monthly, Number, is_number
from cpxl.quarters import Quarter, months_to

YEAR, QUARTER = 4, 1
"""How many quarters are set against as many before."""

Counts = Mapping[str, Number]
"""The counts of one measure by month (`2020-09`) or by quarter (`2020/21 Q2`)."""


@dataclass(frozen=True)
class Compared:
    """The sum of some quarters, and of as many before. None if a month of them is not known.

    missing: the months (`2020-09`), or quarters (`2020/21 Q2`) of a series by quarter, that are not known.
    """

    previous: Number | None
    current: Number | None
    missing: tuple[str, ...]


def counts_of(rows: Iterable[Monthly], strand: str, measure: str, quarter: Quarter) -> Counts:
    """A measure's counts, each as it was last reported up to a quarter; what is no number is left out."""
    mine = (row for row in rows if (row.strand, row.measure) == (strand, measure))
    return {row.month: row.count for row in known_months(mine, quarter).values() if is_number(row.count)}


def compared(counts: Counts, quarter: Quarter, first_month: int, quarters: int = YEAR) -> Compared:
    """So many quarters to the end of one, and as many before.

    first_month: of the financial year, 1 to 12.
    """
    by_month = months_to(quarter.end(first_month), 2 * 3 * quarters)
    by_quarter = tuple(str(quarter.plus(-back)) for back in reversed(range(2 * quarters)))
    # of the two, the one that gives a total, the later one before all; else the one of which more is known
    periods = max(by_month, by_quarter, key=lambda periods: _known(counts, periods))
    window = len(periods) // 2
    sums = _sums(counts, periods, window)
    return Compared(sums[window - 1], sums[-1], tuple(period for period in periods if period not in counts))


def same_quarter(counts: Counts, quarter: Quarter, first_month: int) -> tuple[Number | None, Number | None]:
    """The count of the same quarter a year before, and of a quarter, each from its months, or else as a quarter's."""

    def count(of: Quarter) -> Number | None:
        (*_, months), by_quarter = _sums(counts, months_to(of.end(first_month), 3), 3), counts.get(str(of))
        return by_quarter if months is None else months

    return count(quarter.plus(-YEAR)), count(quarter)


def rolling_sums(counts: Counts, end: date, months: int) -> dict[str, Number | None]:
    """The sum over 12 months to each of so many months, up to the one that `end` is in; None if one is missing."""
    periods = months_to(end, months + 11)
    return dict(zip(periods[11:], _sums(counts, periods, 12)[11:], strict=True))


def _known(counts: Counts, periods: Sequence[str]) -> tuple[bool, bool, float]:
    """Whether every period of the later half is known, of the earlier half, and the share of them that is."""
    known = [period in counts for period in periods]
    half = len(known) // 2
    return all(known[half:]), all(known[:half]), sum(known) / len(known)


def _sums(counts: Counts, periods: Sequence[str], window: int) -> list[Number | None]:
    """The sum of each period and those before it that make up a window; None where one of them is missing."""
    if not any(period in counts for period in periods):
        return [None] * len(periods)
    import pandas as pd

    series = pd.Series([counts.get(period) for period in periods], dtype=float)
    # fsum, because adding and taking away period by period would let kilograms drift
    sums = series.rolling(window).apply(fsum, raw=True)
    return [None if pd.isna(value) else int(value) if value.is_integer() else float(value) for value in sums]

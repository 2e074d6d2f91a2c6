"""Figures from counts by month or by quarter: a time to a quarter's end, and the earlier one that it is compared with.

A year is only ever the sum of 12 months, or of four quarters: where one is missing there is no total. A measure's
months and its quarters are two series, which are never mixed. `provenance/second_account.py` works the figures out
again, apart from this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

from cpxl.comparisons import COMPARISONS, Comparison
from cpxl.insights.months import known_months
from cpxl.model import ROLLING, Monthly, Number, is_number
from cpxl.quarters import Quarter, months_to

YEAR = 4
"""Quarters."""

Counts = Mapping[str, Number]
"""The counts of one measure by month (`2020-09`) or by quarter (`2020/21 Q2`)."""


@dataclass(frozen=True)
class Compared:
    """What counts come to in a time, and in the earlier one. None if a month of it is not known.

    missing: the months (`2020-09`), or quarters (`2020/21 Q2`) of a series by quarter, that are not known.
    """

    previous: Number | None
    current: Number | None
    missing: tuple[str, ...]


def counts_of(rows: Iterable[Monthly], strand: str, measure: str, quarter: Quarter) -> Counts:
    """A measure's counts, each as it was last reported up to a quarter; what is no number is left out."""
    mine = (row for row in rows if (row.strand, row.measure) == (strand, measure))
    return {row.month: row.count for row in known_months(mine, quarter).values() if is_number(row.count)}


def compared(
    counts: Counts, quarter: Quarter, first_month: int, comparison: Comparison = COMPARISONS[ROLLING]
) -> Compared:
    """What the counts come to in the quarter's time, and in the one that it is compared with.

    first_month: of the financial year, 1 to 12.
    """
    by_month = comparison.earlier_months(quarter, first_month), comparison.later_months(quarter, first_month)
    by_quarter = comparison.earlier_quarters(quarter), comparison.later_quarters(quarter)
    # of the two, the one that gives a total, the later one before all; else the one of which more is known
    earlier, later = max(by_month, by_quarter, key=lambda times: _known(counts, *times))
    missing = tuple(period for period in (*earlier, *later) if period not in counts)
    return Compared(_sum(counts, earlier), _sum(counts, later), missing)


def same_quarter(counts: Counts, quarter: Quarter, first_month: int) -> tuple[Number | None, Number | None]:
    """The count of the same quarter a year before, and of a quarter, each from its months, or else as a quarter's."""

    def count(of: Quarter) -> Number | None:
        by_month = _sum(counts, months_to(of.end(first_month), 3))
        return counts.get(str(of)) if by_month is None else by_month

    return count(quarter.plus(-YEAR)), count(quarter)


def rolling_sums(counts: Counts, end: date, months: int) -> dict[str, Number | None]:
    """The sum over 12 months to each of so many months, up to the one that `end` is in; None if one is missing."""
    periods = months_to(end, months + 11)
    return dict(zip(periods[11:], _sums(counts, periods, 12)[11:], strict=True))


def _known(counts: Counts, earlier: Sequence[str], later: Sequence[str]) -> tuple[bool, bool, float]:
    """Whether every period of the later time is known, of the earlier one, and the share of all that is."""
    known = [period in counts for period in (*earlier, *later)]
    return _all_known(counts, later), _all_known(counts, earlier), sum(known) / max(len(known), 1)


def _all_known(counts: Counts, periods: Sequence[str]) -> bool:
    return bool(periods) and all(period in counts for period in periods)


def _sum(counts: Counts, periods: Sequence[str]) -> Number | None:
    """What some periods come to; None if there are none, or one is missing."""
    if not _all_known(counts, periods):
        return None
    total = fsum(counts[period] for period in periods)
    return int(total) if total.is_integer() else total


def _sums(counts: Counts, periods: Sequence[str], window: int) -> list[Number | None]:
    """The sum of each period and those before it that make up a window; None where one of them is missing."""
    if not any(period in counts for period in periods):
        return [None] * len(periods)
    import pandas as pd

    series = pd.Series([counts.get(period) for period in periods], dtype=float)
    # fsum, because adding and taking away period by period would let kilograms drift
    sums = series.rolling(window).apply(fsum, raw=True)
    return [None if pd.isna(value) else int(value) if value.is_integer() else float(value) for value in sums]

"""Rolling figures: 12 months to a quarter's end against the 12 before, from counts by month or by quarter.

A year is only ever the sum of 12 months, or of four quarters: where one is missing there is no total. A measure's
months and its quarters are two series, which are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import fsum

from cpxl.insights.months import Key
from cpxl.model import NOT_APPLICABLE, Monthly
from cpxl.quarters import Quarter, months_to

Number = int | float
Percentage = float | str | None
"""N/A is the only text that it can be."""


@dataclass(frozen=True)
class Rolling:
    """Two years of a measure.

    current: the 12 months to the quarter's end; previous: over the 12 before. None if a month is not known.
    difference: current less previous. percentage: that in per cent of previous, to one decimal; N/A if previous is 0.
    missing: the months (`2020-09`), or quarters (`2020/21 Q2`) of a series by quarter, that are not known.
    """

    current: Number | None
    previous: Number | None
    difference: Number | None
    percentage: Percentage
    missing: tuple[str, ...]


def rolling_year(
    known: Mapping[Key, Monthly], strand: str, measure: str, quarter: Quarter, first_month: int
) -> Rolling:
    """A measure's 12 months to the end of a quarter, and the 12 before.

    known: counts as `known_months` gives them. first_month: of the financial year, 1 to 12.
    """
    periods = _two_years(known, strand, measure, quarter, first_month)
    counts = _counts(known, strand, measure, periods)
    sums = _sums(counts, len(periods) // 2)
    previous, current = sums[len(sums) // 2 - 1], sums[-1]
    difference = None if current is None or previous is None else _plain(fsum((current, -previous)))
    missing = tuple(period for period, count in zip(periods, counts, strict=True) if count is None)
    return Rolling(current, previous, difference, percentage(previous, current), missing)


def rolling_sums(
    known: Mapping[Key, Monthly], strand: str, measure: str, quarter: Quarter, first_month: int, count: int
) -> dict[str, Number | None]:
    """The sum over 12 months to each of the last `count` month-ends up to the quarter's; None where one is missing."""
    months = months_to(quarter.end(first_month), count + 11)
    sums = _sums(_counts(known, strand, measure, months), 12)
    return dict(zip(months[11:], sums[11:], strict=True))


def percentage(previous: Number | None, current: Number | None) -> Percentage:
    """The change from previous to current in per cent, to one decimal; N/A where previous is 0, None if one is None."""
    if previous is None or current is None:
        return None
    if previous == 0:
        return NOT_APPLICABLE
    before, now = Decimal(str(previous)), Decimal(str(current))
    return round_half_up((now - before) * 100 / before, 1)


def round_half_up(value: Number | Decimal, digits: int) -> float:
    """A value rounded to that many decimals, a half away from zero, as people do it (2.25 to 2.3, -2.25 to -2.3)."""
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _two_years(
    known: Mapping[Key, Monthly], strand: str, measure: str, quarter: Quarter, first_month: int
) -> Sequence[str]:
    """The 24 months to the quarter's end; its eight quarters where these say more of the measure."""
    months = months_to(quarter.end(first_month), 24)
    quarters: Sequence[str] = [str(quarter.plus(-back)) for back in reversed(range(8))]

    def share(periods: Sequence[str]) -> float:
        return sum(count is not None for count in _counts(known, strand, measure, periods)) / len(periods)

    return max(months, quarters, key=share)


def _counts(known: Mapping[Key, Monthly], strand: str, measure: str, periods: Iterable[str]) -> list[Number | None]:
    """The count of each period, None where it is not known or no number."""
    rows = (known.get((strand, measure, period)) for period in periods)
    return [row.count if row and isinstance(row.count, int | float) else None for row in rows]


def _sums(counts: list[Number | None], window: int) -> list[Number | None]:
    """The sum of each period and those before it that make up a window; None where one of them is missing."""
    import pandas as pd

    # fsum, because adding and taking away period by period would let kilograms drift
    sums = pd.Series(counts, dtype=float).rolling(window).apply(fsum, raw=True)
    return [None if pd.isna(value) else _plain(value) for value in sums]


def _plain(value: float) -> Number:
    return int(value) if value.is_integer() else value

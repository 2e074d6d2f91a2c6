"""Which months an extract covers, and which counts are too low to be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median

from cpxl.model import Number
from cpxl.quarters import Quarter, months_to, quarters_between

SLACK = timedelta(days=2)
"""Days at the end (or start) of a month that may have no row though the month is covered."""
FURTHER = 3
"""How many times further apart the days of two files may be than those of one, though no days between are missing."""
FAR_BELOW = 10
"""A month with fewer rows than the others have by this factor is in doubt: the last rows of another extract, say."""
EXPECTED = 20
"""So many must be missing for a low count of a measure to be in doubt: with fewer, it may be chance."""
ALIKE = 4
"""By this factor fewer rows than usual may have a category's new name: a row may stand for more than one."""


def partly_covered(files: Iterable[Iterable[date]]) -> dict[str, tuple[date, date]]:
    """Months in which a stretch of days stops well before it ends (or starts well after), and that stretch's ends.

    files: the days that each file has rows of.
    """
    cut = {}
    for first, last in _stretches([sorted(days) for days in files]):
        ends = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        for day in [first] * (first - first.replace(day=1) > SLACK) + [last] * (ends - last > SLACK):
            cut[day.isoformat()[:7]] = first, last
    return cut


def _stretches(files: Iterable[Sequence[date]]) -> list[tuple[date, date]]:
    """The first and last day of each stretch in which no days are missing, given each file's days in order.

    It ends before a month without rows, and where the next file's days are further off than chance has it: how far
    apart days are where nothing is missing is seen within the files.
    """
    steps = sorted(
        (day, later if _adjoin(day, later) else day) for days in files for day, later in pairwise([*days, days[-1]])
    )
    furthest = FURTHER * max((later - day for day, later in steps), default=timedelta(0)) or timedelta.max
    stretches: list[tuple[date, date]] = []
    for day, later in steps:
        if stretches and _adjoin(last := stretches[-1][1], day) and day - last <= furthest:
            stretches[-1] = stretches[-1][0], max(last, later)
        else:
            stretches.append((day, later))
    return stretches


def _adjoin(day: date, later: date) -> bool:
    """Whether there is no whole month between two days."""
    return (later.year - day.year) * 12 + later.month - day.month <= 1


def gaps(periods: Iterable[str]) -> list[str]:
    """The months, or quarters, between the first and the last that are not there."""
    there = set(periods)
    if not there:
        return []
    first, last = min(there), max(there)
    if "Q" in first:
        between = [str(quarter) for quarter in quarters_between(Quarter.parse(first), Quarter.parse(last))]
    else:
        (y1, m1), (y2, m2) = (map(int, month.split("-")) for month in (first, last))
        between = list(months_to(date(y2, m2, 1), (y2 - y1) * 12 + m2 - m1 + 1))
    return [period for period in between if period not in there]


def far_below(volumes: Mapping[str, Number]) -> dict[str, Number]:
    """Periods with less than a tenth of what the others have on average, and that average."""
    whole, others = sum(volumes.values()), len(volumes) - 1
    usual = {period: (whole - volume) / others for period, volume in volumes.items()} if others else {}
    return {period: usual[period] for period in usual if volumes[period] * FAR_BELOW < usual[period]}


def too_low(counts: Mapping[str, Number], values: Mapping[str, Mapping[str, int]]) -> dict[str, Number]:
    """Periods of one measure whose counts are not to be believed, and what the others have on average.

    Those far below all others, where that is not little; and 0 for so long that many are missing, or while rows say
    something that is not mapped and that no other period has, as of a category that was renamed.
    values: what is not mapped, and how many rows of each period say so.
    """
    low = {}
    for is_zero, run in groupby(sorted(counts), key=lambda period: counts[period] == 0):
        periods = list(run)
        others = [counts[period] for period in counts if period not in periods]
        usual = sum(others) / len(others) if others else 0
        instead = max((sum(rows.values()) for rows in values.values() if rows.keys() <= {*periods}), default=0)
        if is_zero and usual and (usual * len(periods) >= EXPECTED or instead * ALIKE >= usual * len(periods)):
            low.update(dict.fromkeys(periods, usual))
    for period, count in counts.items():
        others = [other for at, other in counts.items() if at != period]
        usual = median(others) if others else 0
        if usual >= EXPECTED and count * FAR_BELOW < usual:
            low.setdefault(period, usual)
    return low

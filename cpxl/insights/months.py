"""Counts month by month, as they are known in a quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cpxl.model import Monthly
from cpxl.quarters import Quarter

Key = tuple[str, str, str]
"""Strand, measure and month."""


def known_months(rows: Iterable[Monthly], quarter: Quarter) -> Mapping[Key, Monthly]:
    """The count of each measure and month as it was last reported up to a quarter."""
    known: dict[Key, Monthly] = {}
    for row in rows:
        last = known.get(_key(row))
        if row.quarter <= quarter and (last is None or last.quarter <= row.quarter):
            known[_key(row)] = row
    return known


def added_or_restated(rows: Iterable[Monthly], known: Mapping[Key, Monthly]) -> list[Monthly]:
    """Those of the rows that say something which is not known yet."""
    return [row for row in rows if (last := known.get(_key(row))) is None or last.count != row.count]


def _key(row: Monthly) -> Key:
    return row.strand, row.measure, row.month

"""Counts month by month, as they are known in a quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cpxl.model import Monthly, same
from cpxl.quarters import Quarter

Key = tuple[str, str, str]
"""Strand, measure and month."""


def known_months(rows: Iterable[Monthly], quarter: Quarter) -> Mapping[Key, Monthly]:
    """The count of each measure and month as it was last reported up to a quarter; of several rows of it, the last."""
    known: dict[Key, Monthly] = {}
    for row in rows:
        last = known.get(row.of)
        if row.quarter <= quarter and (last is None or last.quarter <= row.quarter):
            known[row.of] = row
    return known


def restated(rows: Iterable[Monthly], known: Mapping[Key, Monthly]) -> list[tuple[Monthly, Monthly]]:
    """What was known, and the row that says something else, for each row that does."""
    return [(was, row) for row in rows if (was := known.get(row.of)) and not same(was.count, row.count)]

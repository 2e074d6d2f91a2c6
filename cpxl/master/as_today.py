"""A master of before as config says it today: new names of strands, plans, statuses and measures; ids of actions.

Names that config no longer knows are refused in `names.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cpxl.actions import with_action_ids
from cpxl.config import Settings
from cpxl.model import ACHIEVED, OF_LEADS, Master

_Row = Any  # a record with a quarter and a strand


def renamed(master: Master, settings: Settings) -> Master:
    """The master with every strand, plan, status and measure under the name that it has today."""

    def today(row: _Row) -> _Row:
        strand = settings.strand_named(row.strand) if row.strand else None
        if strand is None:
            return row
        names = {"strand": strand.name}
        if hasattr(row, "measure"):
            names["measure"] = strand.measures.measure(str(row.measure))
        if hasattr(row, "plan") and (plan := strand.plan(str(row.plan))):
            names |= {"plan": plan.name, "status": plan.status(str(row.status))}
        if hasattr(row, "breakdown") and (breakdown := strand.breakdown(str(row.breakdown))):
            today_of = {key: breakdown.today(str(getattr(row, key))) for key in ("row", "column")}
            names |= {"breakdown": breakdown.name, **today_of}
        return row if all(getattr(row, key) == name for key, name in names.items()) else replace(row, **names)

    tables = (*OF_LEADS, "submissions", "findings", "corrections", "chasing")
    rows: dict[str, Any] = {table: tuple(map(today, getattr(master, table))) for table in tables}
    return replace(master, **rows)


def with_every_id(master: Master, settings: Settings) -> Master:
    """The master with an id for each action: those of 0.1.0 have none. The same master gives the same ids."""
    if all(item.id or item.kind == ACHIEVED or item.activity is None for item in master.delivery):
        return master
    delivery, starts = list(master.delivery), settings.financial_year_starts_in
    for quarter, name in sorted({(item.quarter, item.strand) for item in delivery}):
        strand = settings.strand_named(name)
        mine = [item for item in delivery if (item.quarter, item.strand) == (quarter, name)]
        if strand and not all(item.id or item.kind == ACHIEVED for item in mine):
            now = replace(master, delivery=tuple(item for item in delivery if item not in mine))
            with_ids = with_action_ids(mine, name, strand.code, quarter, now, starts)
            others = iter(with_ids)
            delivery = [next(others) if (i.quarter, i.strand) == (quarter, name) else i for i in delivery]
    return replace(master, delivery=tuple(delivery))

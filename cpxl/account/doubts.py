"""Totals that were reported while the counts by month come to others: nobody can tell which of the two is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.account.measures import Figure, measures_of
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings
from cpxl.model import ROLLING, Cell, Doubt, Finding, Master, Measure
from cpxl.quarters import Quarter, quarters_between

TOTAL_DIFFERS = "master-total-differs-from-months"
TOTALS = {"previous": "the earlier 12 months", "current": "the later 12 months"}


def differing_totals(master: Master, quarter: Quarter, settings: Settings) -> Iterator[Doubt]:
    """What a strand reported for a quarter and its counts, as they are known in that quarter, do not both say."""
    of_quarter = [m for m in master.measures if m.quarter == quarter]
    reported = {(m.strand, COMPARISONS[m.period].over, m.measure): m for m in of_quarter}
    for strand in settings.as_of(quarter).strands:
        for period, comparison in COMPARISONS.items():
            if not any(of[:2] == (strand.name, comparison.over) for of in reported):
                continue
            for measure in measures_of(master, quarter, strand, settings, period):
                for key in ("previous", "current"):
                    figure = getattr(measure, key)
                    if figure.disagrees:
                        record = reported[strand.name, comparison.over, measure.name]
                        called = {"previous": comparison.earlier, "current": f"the {comparison.over}"}
                        when = (TOTALS if period == ROLLING else called)[key]
                        finding = _finding(record, when, figure, record.cells.get(key))
                        yield Doubt(finding, "measures", quarter, strand.name)


def _finding(measure: Measure, when: str, figure: Figure, cell: Cell | None) -> Finding:
    place = f"{cell.sheet}!{cell.address}: " if cell else ""
    return Finding(
        TOTAL_DIFFERS,
        Finding.ERROR,
        cell.sheet if cell else "",
        cell.address if cell else "",
        f"{place}{measure.measure} ({measure.strand}), {measure.quarter}: for {when}, {figure.typed:,} was reported, "
        f"but the counts by month come to {figure.counted:,}.",
        "If the counts are right, have the total in the return corrected or cleared, and run consolidate; else import "
        "the right counts, or put the master back as it was before these ('cpxl restore').",
    )


def doubts_from(master: Master, quarter: Quarter, settings: Settings) -> list[Doubt]:
    """Everything in doubt: in the master's data, and of totals from a quarter on."""
    quarters = quarters_between(quarter, max(quarter, master.quarter))
    return [*master.doubts, *(doubt for q in quarters for doubt in differing_totals(master, q, settings))]

"""The executive summary's figures: a line for each strand, and their totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cpxl.arithmetic import rounded_share
from cpxl.config import Settings, Strand
from cpxl.model import HISTORY, NOT_APPLICABLE, Master, Progress
from cpxl.quarters import Quarter

RETURNED, NOT_RETURNED, REJECTED, IMPORTED = "Returned", "Not returned", "Rejected", "From history"
IN_DOUBT = "In doubt"
"""The master's data tables do not hold what was merged."""
WITHOUT_FIGURES = (NOT_RETURNED, REJECTED, IN_DOUBT)
"""States of a strand that the quarter has no figures of."""
UNKNOWN = "Not known"
"""What stands for a figure that there is, and that nobody returned."""
COUNTED = ("total", "complete", "ongoing", "at_risk")


@dataclass(frozen=True)
class SummaryRow:
    """A strand's line in the executive summary, in work strands; None where it is N/A or not known.

    figures_of: the quarter that the figures are of, None where there are none.
    change: in 'Complete' since the quarter before, None where either is not known.
    state: returned, not returned, rejected, in doubt.
    other: of the total, those with a status that counts as nothing else, so that the row adds up.
    was: the total of the quarter before. is_unknown: whether a strand that has something to count has no figures.
    """

    strand: str
    total: int | None
    complete: int | None
    ongoing: int | None
    at_risk: int | None
    change: int | None
    figures_of: Quarter | None
    state: str
    other: int | None = None
    was: int | None = None
    is_unknown: bool = False

    @property
    def without(self) -> str:
        """What stands in place of a figure that is not there."""
        return UNKNOWN if self.is_unknown else NOT_APPLICABLE

    @property
    def share(self) -> float | str | None:
        """The share that is complete, to three decimals; N/A where there is nothing, None where it is not known."""
        return share_of(self.complete, self.total)


def share_of(complete: int | None, total: int | None) -> float | str | None:
    """Complete as a share of a total, as it is printed in per cent to one decimal; N/A of 0, None where not known."""
    if complete is None or total is None:
        return None
    return rounded_share(complete, total) if total else NOT_APPLICABLE


def summarise(master: Master, quarter: Quarter, settings: Settings) -> list[SummaryRow]:
    """A line for each strand, in config's order. One not returned shows its last known figures and says of when."""
    return [_summary_row(master, quarter, strand, settings) for strand in settings.as_of(quarter).strands]


def _summary_row(master: Master, quarter: Quarter, strand: Strand, settings: Settings) -> SummaryRow:
    state = return_state(master, quarter, strand)
    latest = last_known(master, strand, quarter)
    is_counted = any(plan.in_summary for plan in strand.plans)
    nothing = SummaryRow(strand.name, None, None, None, None, None, None, state, is_unknown=is_counted)
    if state == IN_DOUBT or (latest and _is_in_doubt(master, latest, strand)):
        return replace(nothing, state=IN_DOUBT)
    if latest is None or not _is_whole(master.progress, latest, strand.name, settings):
        return nothing
    now = _counts(master.progress, latest, strand.name, settings)
    before = latest.plus(-1)
    was = None if _is_in_doubt(master, before, strand) else _counts(master.progress, before, strand.name, settings)
    complete, then = now["complete"], was["complete"] if was else None
    change = complete - then if latest == quarter and complete is not None and then is not None else None
    parts = [now[key] or 0 for key in COUNTED[1:]]
    other = now["total"] - sum(parts) if now["total"] is not None else None
    total_then = was["total"] if was and latest == quarter else None
    counts = now["total"], complete, now["ongoing"], now["at_risk"]
    return SummaryRow(strand.name, *counts, change, latest, state, other, total_then)


def _is_in_doubt(master: Master, quarter: Quarter, strand: Strand) -> bool:
    """Whether a strand's progress in a quarter is not known to be what was merged."""
    return any(master.is_in_doubt(table, quarter, strand.name) for table in ("progress", "submissions"))


def _counts(progress: Sequence[Progress], quarter: Quarter, name: str, settings: Settings) -> dict[str, int | None]:
    """What the plans that a strand then had in the summary come to; None where there is nothing to count.

    A history may have some of the plans only: then nothing is known of the whole.
    """
    counts: dict[str, int | None] = dict.fromkeys(COUNTED)
    strand = settings.as_of(quarter).strand_named(name)
    plans = {plan.name: plan for plan in strand.plans if plan.in_summary} if strand else {}
    if not _is_whole(progress, quarter, name, settings):
        return counts
    for p in progress:
        if p.strand == name and p.quarter == quarter and p.plan in plans and isinstance(p.value, int):
            kind = plans[p.plan].statuses.get(p.status, "nothing")
            if kind != "nothing":
                counts[kind] = (counts[kind] or 0) + p.value
    return counts


def _is_whole(progress: Sequence[Progress], quarter: Quarter, name: str, settings: Settings) -> bool:
    """Whether there are figures of every plan that a strand then had in the summary."""
    strand = settings.as_of(quarter).strand_named(name)
    plans = {plan.name for plan in strand.plans if plan.in_summary} if strand else set()
    return plans <= {p.plan for p in progress if (p.strand, p.quarter) == (name, quarter)}


def totals(rows: Iterable[SummaryRow], quarter: Quarter, keys: Iterable[str] = COUNTED) -> dict[str, int | None]:
    """The sum over the strands whose figures are of this quarter; None where none of them has one.

    Older figures never count as current. keys: fields of a row.
    """
    now = [row for row in rows if row.figures_of == quarter]
    known = {key: [value for row in now if (value := getattr(row, key)) is not None] for key in keys}
    return {key: sum(values) if values else None for key, values in known.items()}


def return_state(master: Master, quarter: Quarter, strand: Strand) -> str:
    """Whether a strand's return for the quarter is in the master. A form sent back empty is none."""
    if _is_in_doubt(master, quarter, strand):
        return IN_DOUBT
    files = [s for s in master.submissions if s.quarter == quarter and s.strand == strand.name and not s.is_empty]
    accepted = [s for s in files if s.is_accepted]
    if accepted:
        return IMPORTED if all(s.template_version == HISTORY for s in accepted) else RETURNED
    return REJECTED if files else NOT_RETURNED


def last_known(master: Master, strand: Strand, quarter: Quarter) -> Quarter | None:
    """The latest quarter up to this one of which the master has figures of a strand."""
    return max((p.quarter for p in master.progress if p.strand == strand.name and p.quarter <= quarter), default=None)

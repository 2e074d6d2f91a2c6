"""The risks of a quarter, and the register of all that there were."""

from __future__ import annotations

from dataclasses import dataclass

from cpxl.account.summary import RETURNED, return_state
from cpxl.config import Settings, Strand
from cpxl.consolidate import carried_over
from cpxl.ids import number_of
from cpxl.model import CLOSED, HISTORY, OPEN, Master, Risk, Value
from cpxl.quarters import Quarter


@dataclass(frozen=True)
class NumberedRisk:
    """An open risk of the executive summary, numbered through over all strands."""

    number: int
    risk: Risk


@dataclass(frozen=True)
class RegisterRow:
    """A risk as last reported, the quarter in which it was first raised, and whether it is open, closed or left out.

    direction: where its score went when it was last reported.
    """

    risk: Risk
    first: Quarter
    state: str
    direction: str = ""


def risks_of(master: Master, quarter: Quarter, strand: Strand) -> list[Risk]:
    """A strand's risks in a quarter, open and closed. Where it has not returned, those that were open before: a history
    has figures only.

    Every place that shows a quarter's risks takes them from here, so that no two of them disagree.
    """
    now = [risk for risk in master.risks if (risk.strand, risk.quarter) == (strand.name, quarter)]
    if now or return_state(master, quarter, strand) == RETURNED:
        return now
    return carried_over(master, strand.name, quarter)


def score_before(master: Master, risk: Risk, quarter: Quarter) -> int | None:
    """The score of a risk when it was last reported before a quarter; None if it was not, or without one."""
    earlier = [r for r in master.risks if r.id == risk.id and r.strand == risk.strand and r.quarter < quarter]
    return max(earlier, key=lambda r: r.quarter).score if earlier and risk.id is not None else None


def direction(score: int | None, before: int | None) -> str:
    """`up from 8`, `down from 12`, `as before`; blank where either is not known."""
    if score is None or before is None:
        return ""
    return "as before" if score == before else f"{'up' if score > before else 'down'} from {before}"


def open_risks(master: Master, quarter: Quarter, settings: Settings) -> list[NumberedRisk]:
    """The open risks, by strand in config's order, numbered through. Of a strand not returned, those last known."""
    strands = settings.as_of(quarter).strands
    now = [risk for strand in strands for risk in risks_of(master, quarter, strand) if risk.is_open]
    return [NumberedRisk(number, risk) for number, risk in enumerate(now, 1)]


def register(master: Master, quarter: Quarter, settings: Settings) -> list[RegisterRow]:
    """Every risk ever reported up to `quarter`, in config's order of strands.

    Open are those that the executive summary lists. One that a later return no longer names, and that was never closed,
    was left out there.
    """
    first: dict[Value, Quarter] = {}
    last: dict[Value, Risk] = {}
    for risk in sorted(master.risks, key=lambda r: r.quarter):
        if risk.quarter <= quarter:
            first.setdefault(risk.id, risk.quarter)
            last[risk.id] = risk
    now = {numbered.risk.id for numbered in open_risks(master, quarter, settings)}
    order = {strand.name: position for position, strand in enumerate(settings.strands)}
    ids = sorted(last, key=lambda i: (order.get(last[i].strand, len(order)), number_of(i)))

    def state(risk: Risk) -> str:
        if risk.id in now:
            return OPEN
        return CLOSED if not risk.is_open else f"Not listed since {_next_return(master, risk, quarter)}"

    def went(risk: Risk) -> str:
        return direction(risk.score, score_before(master, risk, risk.quarter))

    return [RegisterRow(last[i], first[i], state(last[i]), went(last[i])) for i in ids]


def _next_return(master: Master, risk: Risk, quarter: Quarter) -> Quarter:
    """The quarter of the first return of a strand after that in which a risk was last listed."""
    returns = (s for s in master.submissions if s.strand == risk.strand and s.is_accepted)
    after = (s.quarter for s in returns if s.template_version != HISTORY)
    return min((q for q in after if risk.quarter < q <= quarter), default=quarter)

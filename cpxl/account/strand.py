"""What a quarter says of one strand: its sheet, whether as a form, in the master or for partners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpxl.account.breakdowns import BreakdownAccount, breakdowns_of
from cpxl.account.measures import MeasureAccount, measures_of
from cpxl.account.risks import risks_of, score_before
from cpxl.account.summary import REJECTED, RETURNED, return_state
from cpxl.actions import Action, actions_of, open_actions, overdue_in_words
from cpxl.arithmetic import difference
from cpxl.comparisons import COMPARISONS
from cpxl.config import Plan, Settings, Strand
from cpxl.forgive import why_unsigned
from cpxl.model import (
    ACHIEVED,
    DUE,
    NOT_APPLICABLE,
    ROLLING,
    SCHEDULED,
    DeliveryItem,
    Master,
    Note,
    Number,
    Paragraph,
    Picture,
    Risk,
    SignOff,
    Value,
    is_number,
)
from cpxl.quarters import Quarter


@dataclass(frozen=True)
class StatusRow:
    """A row of a progress grid: the figures of a status by quarter, and the note on that of the last.

    is_retired: reported in one of the quarters, and no more.
    """

    status: str
    figures: Mapping[Quarter, Value]
    note: Value
    is_retired: bool = False


@dataclass(frozen=True)
class Grid:
    """A plan's progress over some quarters."""

    plan: Plan
    quarters: tuple[Quarter, ...]
    rows: tuple[StatusRow, ...]

    @property
    def uneven(self) -> list[str]:
        """A sentence for each quarter whose parts are not the total, be it accepted all the same."""
        return list(filter(None, map(self._uneven, self.quarters)))

    @property
    def is_known(self) -> bool:
        """Whether there is a figure of any quarter."""
        return any(value is not None for row in self.rows for value in row.figures.values())

    def change(self, row: StatusRow) -> Number | None:
        """The change of a status since the quarter before; None unless both figures are numbers."""
        if len(self.quarters) < 2:
            return None
        before, now = self.quarters[-2:]
        return difference(row.figures.get(before), row.figures.get(now))

    def _uneven(self, quarter: Quarter) -> str:
        """Parts that do not come to the total, as they were reported then. Blank if they do, or not all are known."""
        figures = {row.status: value for row in self.rows if is_number(value := row.figures.get(quarter))}
        total = self.plan.total
        if total not in figures or not figures.keys() >= self.plan.statuses.keys():
            return ""
        whole = figures.pop(total)
        if (come_to := sum(figures.values())) == whole:
            return ""
        working = " + ".join(map(str, figures.values()))
        return f"{quarter}, as reported, does not add up: {working} is {come_to}, and {total} says {whole}."


@dataclass(frozen=True)
class RiskRow:
    """A risk as it stands, whether it was reported before, and the score that it then had, if any."""

    risk: Risk
    is_carried_over: bool
    before: int | None = None


@dataclass(frozen=True)
class StrandAccount:
    """Everything that a strand's sheet says.

    is_returned: whether the quarter has an accepted return of it. state: as in the executive summary.
    signed_off: what is said of that; is_signed_off: whether it says which post did it, and when.
    at_risk: work strands that the plans in the summary have at risk. due: actions that were open before the quarter.
    overdue: how many of them are, and for how long; blank if none is. actions: every one that there was.
    """

    strand: Strand
    quarter: Quarter
    is_returned: bool
    state: str
    grids: tuple[Grid, ...]
    risks: tuple[RiskRow, ...]
    at_risk: int
    measures: tuple[MeasureAccount, ...]
    breakdowns: tuple[BreakdownAccount, ...]
    paragraphs: tuple[Paragraph, ...]
    picture: Picture | None
    due: tuple[DeliveryItem, ...]
    overdue: str
    actions: tuple[Action, ...]
    achieved: tuple[DeliveryItem, ...]
    scheduled: tuple[DeliveryItem, ...]
    notes: tuple[Note, ...]
    signed_off: SignOff | None
    is_signed_off: bool

    @property
    def why_without(self) -> str:
        """Why there is nothing of the quarter, where it has no accepted return."""
        return f"{'Not accepted' if self.state == REJECTED else 'Not returned'} for {self.quarter}."

    @property
    def rolling(self) -> tuple[MeasureAccount, ...]:
        """Its measures over 12 months."""
        return self.compared(ROLLING)

    def compared(self, period: str) -> tuple[MeasureAccount, ...]:
        """Its measures that are compared in one way (a period of `COMPARISONS`)."""
        return tuple(measure for measure in self.measures if measure.period == period)


def strand_account(master: Master, quarter: Quarter, strand: Strand, settings: Settings) -> StrandAccount:
    """What the master says of a strand in a quarter. strand: as it was then."""
    items = [item for item in master.delivery if item.strand == strand.name]

    def of(kind: str) -> tuple[DeliveryItem, ...]:
        return tuple(item for item in items if (item.quarter, item.kind) == (quarter, kind))

    starts = settings.financial_year_starts_in
    said, is_returned = of(DUE), return_state(master, quarter, strand) == RETURNED
    told = {item.id for item in said}
    before = open_actions(master, strand.name, quarter.plus(-1), starts)
    actions = actions_of(master, strand.name, quarter, starts)
    accepted = [s for s in master.submissions if (s.strand, s.quarter, s.is_accepted) == (strand.name, quarter, True)]
    signed = next((s for s in master.sign_offs if (s.strand, s.quarter) == (strand.name, quarter)), None)

    earlier = {risk.id for risk in master.risks if risk.strand == strand.name and risk.quarter < quarter}
    return StrandAccount(
        strand,
        quarter,
        bool(accepted),
        return_state(master, quarter, strand),
        tuple(_grid(master, quarter, strand, plan, settings) for plan in strand.plans),
        tuple(
            RiskRow(risk, risk.id in earlier, score_before(master, risk, quarter))
            for risk in risks_of(master, quarter, strand)
        ),
        sum(_at_risk(master, quarter, strand)),
        tuple(one for period in COMPARISONS for one in measures_of(master, quarter, strand, settings, period)),
        tuple(breakdowns_of(master, quarter, strand)),
        tuple(p for p in master.paragraphs if (p.strand, p.quarter) == (strand.name, quarter)),
        next((p for p in master.pictures if (p.strand, p.quarter) == (strand.name, quarter)), None),
        (*said, *(action.as_due(quarter) for action in before if action.id not in told)),
        overdue_in_words(actions, quarter, starts, at_the_end=is_returned),
        tuple(actions),
        of(ACHIEVED),
        of(SCHEDULED),
        tuple(note for note in master.notes if (note.strand, note.quarter) == (strand.name, quarter)),
        signed,
        signed is not None and not why_unsigned(signed, starts, max((str(s.received) for s in accepted), default="")),
    )


def _grid(master: Master, quarter: Quarter, strand: Strand, plan: Plan, settings: Settings) -> Grid:
    known = {(p.quarter, p.status): p for p in master.progress if (p.strand, p.plan) == (strand.name, plan.name)}
    quarters = settings.quarters(plan, quarter)
    retired = [s for s in plan.retired if s not in plan.statuses and any((q, s) in known for q in quarters)]
    rows = []
    for status in (*plan.statuses, *retired):
        figures: dict[Quarter, Value] = {q: found.value for q in quarters if (found := known.get((q, status)))}
        if status in retired:
            figures.setdefault(quarter, NOT_APPLICABLE)
        last = known.get((quarter, status))
        rows.append(StatusRow(status, figures, last.note if last else None, status in retired))
    return Grid(plan, tuple(quarters), tuple(rows))


def _at_risk(master: Master, quarter: Quarter, strand: Strand) -> Iterator[int]:
    """The figures of every status that counts as at risk, of plans in the summary."""
    kinds = {(plan.name, s): kind for plan in strand.plans if plan.in_summary for s, kind in plan.statuses.items()}
    for p in master.progress:
        is_ours = (p.strand, p.quarter) == (strand.name, quarter)
        if is_ours and kinds.get((p.plan, p.status)) == "at_risk" and is_number(p.value):
            yield int(p.value)

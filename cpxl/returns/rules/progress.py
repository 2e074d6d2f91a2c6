"""Progress grids: whole numbers that add up, and say why they moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from cpxl.config import Plan
from cpxl.consolidate import figure_name
from cpxl.model import NOT_APPLICABLE, Cell, Progress, Return, Value, is_whole
from cpxl.quarters import Quarter
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import beside_nearest, listed


@dataclass(frozen=True)
class Grid:
    """A plan's figures of one quarter."""

    plan: Plan
    quarter: Quarter
    figures: list[Progress]

    @cached_property
    def is_whole(self) -> bool:
        """Whether each status of the plan is there once, and nothing else."""
        return not self.has_doubles and {p.status for p in self.figures} == self.plan.statuses.keys()

    @cached_property
    def has_doubles(self) -> bool:
        """Whether a status is there more than once."""
        return len({p.status for p in self.figures}) < len(self.figures)

    def fault(self, at: Iterable[Progress], **words: object) -> Fault:
        """A fault of some of the figures."""
        return Fault(_cells(at), {"plan": self.plan.name, "quarter": self.quarter, **words})

    def unexplained(self, p: Progress, **words: object) -> Fault:
        """A figure that wants a note, which is what is to be filled in: so its cell comes first."""
        fault = self.fault([p], status=p.status, **words)
        return replace(fault, cells=_cells([p], "note", "value"), explanation=p.note)


def _grids(returned: Return, context: Context) -> list[Grid]:
    """Each plan's figures of the quarter, be there any or not; but a history has those of some plans."""
    if id(returned) not in context.grids:
        is_form = returned.sheet and not returned.missing_blocks
        figures = [
            (plan, returned.grids.get((plan.name, context.quarter), [])) for plan in context.strand(returned).plans
        ]
        context.grids[id(returned)] = [Grid(plan, context.quarter, f) for plan, f in figures if f or is_form]
    return context.grids[id(returned)]


def _earlier_grids(returned: Return, context: Context) -> Iterator[Grid]:
    """Each plan's figures of each earlier quarter, as they stand on the sheet."""
    for plan in context.strand(returned).plans:
        for (name, quarter), figures in returned.grids.items():
            if name == plan.name and quarter != context.quarter:
                yield Grid(context.plan(returned, plan, quarter), quarter, figures)


def _reported(context: Context, strand: str, plan: str) -> dict[tuple[Quarter, str], Value]:
    """What the master holds of a plan from before the quarter, by quarter and status."""
    return {(p.quarter, p.status): p.value for p in context.known.progress if (p.strand, p.plan) == (strand, plan)}


def _last(returned: Return, context: Context, plan: Plan) -> dict[str, Value]:
    """Last quarter's figures of a plan, by status: as reported then; if the master has none, as the sheet has them."""
    last = context.quarter.plus(-1)
    known = _reported(context, context.strand(returned).name, plan.name)
    reported = {status: value for (quarter, status), value in known.items() if quarter == last}
    return reported or {p.status: p.value for p in returned.grids.get((plan.name, last), ())}


def _cells(figures: Iterable[Progress], *fields: str) -> list[Cell]:
    """Where fields of figures stand; the values, if none is named."""
    return [p.cells[field] for p in figures for field in fields or ("value",) if field in p.cells]


def _said(figures: Iterable[Progress]) -> str:
    return listed(f"{p.status} '{p.value}'" for p in figures)


@rule(
    "progress-missing",
    ERROR,
    "A figure in every row",
    "Progress grid: this quarter",
    "{plan}: no figure for {quarter} is given for {statuses}.",
    "Enter a whole number, 0 if there are none, or N/A in every row if there is nothing to count.",
)
def progress_missing(returned: Return, context: Context) -> Iterator[Fault]:
    uncalculated = {cell for cell, has_value in returned.formulas if not has_value}
    for grid in _grids(returned, context):
        given = {p.status: p for p in grid.figures}
        # and so found by another rule
        relabelled = grid.has_doubles or any(status not in grid.plan.statuses for status in given)
        blank = [
            status
            for status in grid.plan.statuses
            if (not relabelled if status not in given else given[status].value is None)
        ]
        blank = [s for s in blank if s not in given or given[s].cells.get("value") not in uncalculated]
        if blank:
            yield grid.fault([given[s] for s in blank if s in given], statuses=", ".join(blank))


@rule(
    "progress-unknown-status",
    ERROR,
    "Rows labelled as issued",
    "Progress grid: status",
    "{plan}: not a status of this plan: {statuses}.",
    "Put the row's label back as it was issued; ask the coordinator if the plan needs a new status.",
)
def progress_unknown_status(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        unknown = [p for p in grid.figures if p.status not in grid.plan.statuses]
        if unknown:
            missing = [status for status in grid.plan.statuses if status not in {p.status for p in grid.figures}]
            words = listed(beside_nearest(p.status or "blank", missing) for p in unknown)
            yield replace(grid.fault([], statuses=words), cells=_cells(unknown, "status"))


@rule(
    "progress-status-twice",
    ERROR,
    "One row for each status",
    "Progress grid: status",
    "{plan}: the row '{status}' is there more than once.",
    "Keep one row of it, with the right figure.",
)
def progress_status_twice(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        for status in grid.plan.statuses:
            same = [p for p in grid.figures if p.status == status]
            if len(same) > 1:
                yield replace(grid.fault([], status=status), cells=_cells(same, "status"))


@rule(
    "progress-not-a-whole-number",
    ERROR,
    "Whole numbers",
    "Progress grid: this quarter",
    "{plan}: not a whole number for {quarter}: {given}.",
    "Enter a whole number such as 12, without words.",
)
def progress_not_whole(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        wrong = [
            p
            for p in grid.figures
            if p.value not in (None, NOT_APPLICABLE) and (not isinstance(p.value, int) or isinstance(p.value, bool))
        ]
        if wrong:
            yield grid.fault(wrong, given=_said(wrong))


@rule(
    "progress-negative",
    ERROR,
    "No counts below 0",
    "Progress grid: this quarter",
    "{plan}: less than 0 for {quarter}: {given}.",
    "Enter how many work strands have this status, 0 if there are none.",
)
def progress_negative(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        below = [p for p in grid.figures if isinstance(p.value, int) and p.value < 0]
        if below:
            yield grid.fault(below, given=_said(below))


@rule(
    "progress-partly-not-applicable",
    ERROR,
    "N/A in every row or in none",
    "Progress grid: this quarter",
    "{plan}: N/A for {quarter} is given for {statuses} only.",
    "Enter numbers in every row, or N/A in every row if there is nothing to count.",
)
def progress_partly_na(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        without = [p for p in grid.figures if p.value == NOT_APPLICABLE]
        # A plan with no total may have a status that does not apply by itself.
        if grid.plan.total and without and any(p.value not in (None, NOT_APPLICABLE) for p in grid.figures):
            yield grid.fault(without, statuses=", ".join(p.status for p in without))


def _sum(grid: Grid) -> Iterator[Fault]:
    """The fault of a grid whose statuses do not add up to the total, where all are numbers."""
    total = grid.plan.total
    whole = next((p for p in grid.figures if p.status == total), None)
    if whole is None or not grid.is_whole or not all(is_whole(p.value) for p in grid.figures):
        return
    parts = [p for p in grid.figures if p.status != total]
    come_to = sum(p.value for p in parts)  # type: ignore[misc]
    if come_to != whole.value:
        working = " + ".join(str(p.value) for p in parts)
        yield grid.fault([*parts, whole], working=working, sum=come_to, total=whole.value)


@rule(
    "progress-does-not-add-up",
    ERROR,
    "Statuses that add up to the total",
    "Progress grid: this quarter",
    "{plan}: the statuses for {quarter} come to {sum} ({working}), but the total is {total}.",
    "Correct the figures so that they add up to the total.",
)
def progress_sum(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _grids(returned, context):
        yield from _sum(grid)


@rule(
    "earlier-progress-does-not-add-up",
    WARNING,
    "Earlier quarters that add up",
    "Progress grid: earlier quarters",
    "{plan}: the statuses for {quarter}, as reported then, come to {sum} ({working}), but the total was {total}.",
    "If you know the right figures, say so in the note on this quarter's total, naming {quarter}.",
)
def earlier_progress_sum(returned: Return, context: Context) -> Iterator[Fault]:
    for grid in _earlier_grids(returned, context):
        names = (str(grid.quarter), f"Q{grid.quarter.number}")
        for fault in _sum(grid):
            now = returned.grids.get((grid.plan.name, context.quarter), ())
            said = (p.note for p in now if any(name in str(p.note) for name in names))
            yield replace(fault, explanation=next(said, None))


@rule(
    "earlier-progress-restated",
    WARNING,
    "Earlier quarters as reported then",
    "Progress grid: earlier quarters",
    "{plan}: figures of {quarter} differ from those reported then: {what}. The reported ones stand.",
    "Put the earlier figures back. To correct them, send a return of {quarter}.",
)
def earlier_progress_restated(returned: Return, context: Context) -> Iterator[Fault]:
    # The form may be older than a correction, or a late return, of an earlier quarter.
    corrected = {(c.quarter, c.strand, c.figure, c.before) for c in context.known.corrections}
    for grid in _earlier_grids(returned, context):
        reported = _reported(context, context.strand(returned).name, grid.plan.name)
        changed = [
            p
            for p in grid.figures
            if p.value is not None
            and not grid.has_doubles
            and str(p.value) != str(reported.get((grid.quarter, p.status), p.value))
            and (grid.quarter, p.strand, figure_name(p.plan, p.status), p.value) not in corrected
        ]
        if changed:
            what = [f"{p.status} {p.value}, reported {reported[grid.quarter, p.status]}" for p in changed]
            yield grid.fault(changed, what=listed(what))


def _moves(returned: Return, context: Context, counts: str) -> Iterator[tuple[Grid, Progress, int, int]]:
    """The figures that count as `counts`, what each was last quarter and what it is now, where both are numbers."""
    for grid in _grids(returned, context):
        last = _last(returned, context, grid.plan)
        for p in grid.figures if grid.is_whole else ():
            was = last.get(p.status)
            if grid.plan.statuses[p.status] == counts and is_whole(was) and is_whole(p.value):
                yield grid, p, was, p.value


@rule(
    "total-changed",
    WARNING,
    "A note where a total moves",
    "Progress grid: total, and the note beside it",
    "{plan}: '{status}' went from {was} to {now}.",
    "Say in the note beside the figure why it changed.",
)
def total_changed(returned: Return, context: Context) -> Iterator[Fault]:
    for grid, p, was, now in _moves(returned, context, "total"):
        if now != was:
            yield grid.unexplained(p, was=was, now=now)


@rule(
    "complete-fell",
    WARNING,
    "A note where fewer are complete",
    "Progress grid: complete, and the note beside it",
    "{plan}: '{status}' fell from {was} to {now}.",
    "Say in the note beside the figure why work that was complete no longer is.",
)
def complete_fell(returned: Return, context: Context) -> Iterator[Fault]:
    for grid, p, was, now in _moves(returned, context, "complete"):
        if now < was:
            yield grid.unexplained(p, was=was, now=now)


@rule(
    "nothing-changed",
    NOTE,
    "Something moved",
    "Progress grids: this quarter and last",
    "No figure of the progress grid differs from last quarter's.",
    "Nothing to do, if that is so.",
)
def nothing_changed(returned: Return, context: Context) -> Iterator[Fault]:
    figures: list[Progress] = []
    for grid in _grids(returned, context):
        last = _last(returned, context, grid.plan)
        if any(p.value is None or p.value != last.get(p.status) for p in grid.figures):
            return
        figures += grid.figures
    if any(is_whole(p.value) for p in figures):
        yield Fault(_cells(figures))


@rule(
    "at-risk-differs-from-risks",
    ERROR,
    "One open risk for each piece of work at risk",
    "Progress grid: at risk; Work at risk",
    "The progress grid has {counted} at risk, but {listed} listed as open under 'Work at risk'.",
    "List one open risk for each piece of work counted as at risk, or correct the figure in the grid. Where "
    "nothing is at risk, a risk of the force's register, with its number, may be listed all the same.",
)
def at_risk_differs(returned: Return, context: Context) -> Iterator[Fault]:
    grids = [grid for grid in _grids(returned, context) if grid.plan.in_summary]
    figures = [p for grid in grids for p in grid.figures if grid.plan.statuses.get(p.status) == "at_risk"]
    is_whole_form = not returned.missing_blocks and all(grid.is_whole for grid in grids)
    if not figures or not is_whole_form or not all(is_whole(p.value) for p in figures):
        return
    counted = sum(p.value for p in figures)  # type: ignore[misc]
    still_open = [risk for risk in returned.risks if risk.is_open and risk.is_described]
    open_risks, beside = len(still_open), sum(risk.may_stand_beside for risk in still_open)
    is_beside = counted == 0 and beside == open_risks  # of the force's register, and no work strand
    if counted != open_risks and not is_beside:
        yield Fault(
            _cells(figures),
            {"counted": counted, "listed": f"{open_risks} {'is' if open_risks == 1 else 'are'}"},
        )

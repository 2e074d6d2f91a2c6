"""The rules that returns are checked by. One rule is one function.

A rule is its code, its severity, the sentence that the lead reads and what to do about it; the function below gives the
places at fault. The words in braces come from the function. To add a check, add a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cpxl.config import Plan, Settings
from cpxl.model import NOT_APPLICABLE, RESPONSES, Cell, Checked, Finding, Progress, Return
from cpxl.quarters import Quarter

ERROR, WARNING = Finding.ERROR, Finding.WARNING


@dataclass(frozen=True)
class Context:
    """What a rule may need besides the return itself: the settings, the quarter, and all returns of the quarter."""

    settings: Settings
    quarter: Quarter
    returns: Sequence[Return] = ()


@dataclass(frozen=True)
class Fault:
    """A place at fault: the cells, and the words for the rule's sentence."""

    cells: Sequence[Cell] = ()
    words: dict[str, Any] = field(default_factory=dict)


Finder = Callable[[Return, Context], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """One check."""

    code: str
    severity: str
    message: str
    fix: str
    find: Finder


RULES: list[Rule] = []


def rule(code: str, severity: str, message: str, fix: str) -> Callable[[Finder], Finder]:
    """Make a function a rule of the catalogue."""

    def add(find: Finder) -> Finder:
        RULES.append(Rule(code, severity, message, fix, find))
        return find

    return add


def check(returned: Return, context: Context) -> Checked:
    """Every finding on a return, in the catalogue's order."""
    return Checked(returned, tuple(_finding(r, fault) for r in RULES for fault in r.find(returned, context)))


def check_all(returns: Sequence[Return], settings: Settings, quarter: Quarter) -> list[Checked]:
    """Check the returns of a quarter, each by itself and beside the others."""
    context = Context(settings, quarter, returns)
    return [check(returned, context) for returned in returns]


def _finding(rule: Rule, fault: Fault) -> Finding:
    return Finding(
        rule.code,
        rule.severity,
        fault.cells[0].sheet if fault.cells else "",
        ", ".join(cell.address for cell in fault.cells),
        rule.message.format(**fault.words),
        rule.fix.format(**fault.words),
    )


# Structure: is it a return, of this quarter, of a strand that we know?


def _read_as(fault: str, returned: Return) -> Iterator[Fault]:
    """What the reader said of the file."""
    if returned.fault == fault:
        yield Fault(words={"code": returned.strand})


@rule(
    "not-a-workbook",
    ERROR,
    "The file cannot be read: it is empty, damaged or not an Excel workbook.",
    "Open it in Excel, save it as .xlsx and send it again; if Excel cannot open it, ask for a new copy.",
)
def not_a_workbook(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("not-a-workbook", returned)


@rule(
    "old-format",
    ERROR,
    "The file is an Excel workbook of the old .xls kind.",
    "Open it in Excel, choose Save As and the type 'Excel Workbook (.xlsx)', and send that.",
)
def old_format(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("old-format", returned)


@rule(
    "too-large",
    ERROR,
    "The file unpacks to far more than a return ever has, so it was not opened.",
    "Copy the entries into the return as it was issued and send that.",
)
def too_large(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("too-large", returned)


@rule(
    "password-protected",
    ERROR,
    "The file is protected by a password or encrypted.",
    "Save it without a password (File, Info, Protect Workbook) and without a label that encrypts, and send it again.",
)
def password_protected(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("password-protected", returned)


@rule(
    "other-workbook",
    ERROR,
    "The workbook is not a return that cpxl issued.",
    "Fill in the return that was issued for this quarter, and send that file.",
)
def other_workbook(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("other-workbook", returned)


@rule(
    "unknown-strand",
    ERROR,
    "The return is of a strand '{code}' that config.yaml does not have.",
    "Add the strand to config.yaml, or issue the return of the right strand.",
)
def unknown_strand(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _read_as("unknown-strand", returned)


@rule(
    "wrong-quarter",
    ERROR,
    "The return is for {found}, not for {wanted}.",
    "Fill in the return that was issued for {wanted}.",
)
def wrong_quarter(returned: Return, context: Context) -> Iterator[Fault]:
    if not returned.fault and returned.quarter != str(context.quarter):
        yield Fault(words={"found": returned.quarter, "wanted": context.quarter})


@rule(
    "second-return",
    ERROR,
    "There is another return of this strand: {others}.",
    "Keep the right one in the returns folder and move the other away.",
)
def second_return(returned: Return, context: Context) -> Iterator[Fault]:
    same = [r.file for r in context.returns if r is not returned and r.strand and r.strand == returned.strand]
    if same:
        yield Fault(words={"others": ", ".join(same)})


@rule(
    "block-missing",
    ERROR,
    "A part of the return is missing, or its headings have changed: {blocks}.",
    "Copy the entries into the return as it was issued; its tables and headings must stay.",
)
def block_missing(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.missing_blocks:
        yield Fault(words={"blocks": ", ".join(returned.missing_blocks)})


# Progress


def _grids(returned: Return, context: Context, *, current: bool) -> Iterator[tuple[Plan, Quarter, list[Progress]]]:
    """Each plan's figures of a quarter: of this one, or of each earlier one."""
    strand = context.settings.strand(returned.strand)
    for plan in strand.plans if strand else ():
        mine = [p for p in returned.progress if p.plan == plan.name]
        for quarter in sorted({p.quarter for p in mine}):
            if (quarter == context.quarter) == current:
                yield plan, quarter, [p for p in mine if p.quarter == quarter]


def _cells(figures: Iterable[Progress]) -> list[Cell]:
    return [p.cells["value"] for p in figures if "value" in p.cells]


def is_whole(value: object) -> bool:
    """Whether a value is a whole number, 0 or more. TRUE and FALSE are not."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value: object) -> bool:
    """Whether a value is a number. TRUE and FALSE are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@rule(
    "progress-missing",
    ERROR,
    "{plan}: no figure for {quarter} is given for {statuses}.",
    "Enter a whole number, 0 if there are none, or N/A in every row if there is nothing to count.",
)
def progress_missing(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, quarter, figures in _grids(returned, context, current=True):
        given = {p.status: p for p in figures}
        blank = [s for s in plan.statuses if s not in given or given[s].value is None]
        if blank:
            cells = _cells(given[s] for s in blank if s in given)
            yield Fault(cells, {"plan": plan.name, "quarter": quarter, "statuses": ", ".join(blank)})


@rule(
    "progress-unknown-status",
    ERROR,
    "{plan}: '{statuses}' is not a status of this plan.",
    "Put the row's label back as it was issued; ask the coordinator if the plan needs a new status.",
)
def progress_unknown_status(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, _, figures in _grids(returned, context, current=True):
        unknown = [p for p in figures if p.status not in plan.statuses]
        if unknown:
            yield Fault(_cells(unknown), {"plan": plan.name, "statuses": ", ".join(p.status for p in unknown)})


@rule(
    "progress-status-twice",
    ERROR,
    "{plan}: the row '{status}' is there more than once.",
    "Keep one row of it, with the right figure.",
)
def progress_status_twice(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, _, figures in _grids(returned, context, current=True):
        for status in plan.statuses:
            same = [p for p in figures if p.status == status]
            if len(same) > 1:
                yield Fault(_cells(same), {"plan": plan.name, "status": status})


@rule(
    "progress-not-a-whole-number",
    ERROR,
    "{plan}: {status} for {quarter} is '{value}', not a whole number.",
    "Enter a whole number such as 12, without words.",
)
def progress_not_whole(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, quarter, figures in _grids(returned, context, current=True):
        for p in figures:
            whole = isinstance(p.value, int) and not isinstance(p.value, bool)
            if not whole and p.value not in (None, NOT_APPLICABLE):
                yield Fault(_cells([p]), {"plan": plan.name, "quarter": quarter, "status": p.status, "value": p.value})


@rule(
    "progress-negative",
    ERROR,
    "{plan}: {status} for {quarter} is {value}; a count cannot be less than 0.",
    "Enter how many work strands have this status, 0 if there are none.",
)
def progress_negative(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, quarter, figures in _grids(returned, context, current=True):
        for p in figures:
            if isinstance(p.value, int) and p.value < 0:
                yield Fault(_cells([p]), {"plan": plan.name, "quarter": quarter, "status": p.status, "value": p.value})


@rule(
    "progress-partly-not-applicable",
    ERROR,
    "{plan}: N/A for {quarter} is given for {statuses} only.",
    "Enter numbers in every row, or N/A in every row if there is nothing to count.",
)
def progress_partly_na(returned: Return, context: Context) -> Iterator[Fault]:
    for plan, quarter, figures in _grids(returned, context, current=True):
        without = [p for p in figures if p.value == NOT_APPLICABLE]
        # A plan with no total may have a status that does not apply by itself.
        if plan.total and without and any(p.value not in (None, NOT_APPLICABLE) for p in figures):
            words = {"plan": plan.name, "quarter": quarter, "statuses": ", ".join(p.status for p in without)}
            yield Fault(_cells(without), words)


def _sums(returned: Return, context: Context, *, current: bool) -> Iterator[Fault]:
    """Plans whose statuses do not add up to the total, where all are numbers."""
    for plan, quarter, figures in _grids(returned, context, current=current):
        whole = next((p for p in figures if p.status == plan.total), None)
        if whole is None or not all(is_whole(p.value) for p in figures):
            continue
        parts = [p for p in figures if p.status != plan.total]
        come_to = sum(p.value for p in parts)  # type: ignore[misc]
        if come_to != whole.value:
            working = " + ".join(str(p.value) for p in parts)
            words = {"plan": plan.name, "quarter": quarter, "working": working, "sum": come_to, "total": whole.value}
            yield Fault(_cells([*parts, whole]), words)


@rule(
    "progress-does-not-add-up",
    ERROR,
    "{plan}: the statuses for {quarter} come to {sum} ({working}), but the total is {total}.",
    "Correct the figures so that they add up to the total.",
)
def progress_sum(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _sums(returned, context, current=True)


@rule(
    "earlier-progress-does-not-add-up",
    WARNING,
    "{plan}: the statuses for {quarter}, as reported then, come to {sum} ({working}), but the total was {total}.",
    "Nothing to do in this return: tell the coordinator the right figures if you know them.",
)
def earlier_progress_sum(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _sums(returned, context, current=False)


# Risks


@rule(
    "risk-response",
    ERROR,
    "The response to the risk '{risk}' is {given}.",
    "Choose one of the five from the list: " + ", ".join(RESPONSES) + ".",
)
def risk_response(returned: Return, context: Context) -> Iterator[Fault]:
    for risk in returned.risks:
        if risk.is_open and risk.response not in RESPONSES:
            given = "missing" if risk.response is None else f"'{risk.response}'"
            yield Fault([risk.cells["response"]], {"risk": _short(risk.description), "given": given})


@rule(
    "risk-description-missing",
    ERROR,
    "A risk has no description.",
    "Say in the first column what work is at risk, or clear the row.",
)
def risk_description(returned: Return, context: Context) -> Iterator[Fault]:
    for risk in returned.risks:
        if risk.description is None:
            yield Fault([risk.cells["description"]])


@rule(
    "at-risk-differs-from-risks",
    ERROR,
    "The progress grid has {counted} at risk, but {listed} listed as open under 'Work at risk'.",
    "List one open risk for each piece of work counted as at risk, or correct the figure in the grid.",
)
def at_risk_differs(returned: Return, context: Context) -> Iterator[Fault]:
    figures = [
        p
        for plan, _, grid in _grids(returned, context, current=True)
        if plan.in_summary
        for p in grid
        if plan.statuses.get(p.status) == "at_risk"
    ]
    if not figures or not all(is_whole(p.value) for p in figures):
        return
    counted = sum(p.value for p in figures)  # type: ignore[misc]
    listed = sum(risk.is_open for risk in returned.risks)
    if counted != listed:
        yield Fault(_cells(figures), {"counted": counted, "listed": f"{listed} {'is' if listed == 1 else 'are'}"})


def _short(text: object) -> str:
    words = str(text or "without description")
    return words if len(words) <= 60 else words[:59].rstrip() + "…"


# Insights


@rule(
    "measure-not-a-number",
    ERROR,
    "{measure}: '{value}' is not a number.",
    "Enter a number, or N/A where there is nothing to count; put words into the comment.",
)
def measure_not_a_number(returned: Return, context: Context) -> Iterator[Fault]:
    for measure in returned.measures:
        for key in ("previous", "current"):
            value = getattr(measure, key)
            if value not in (None, NOT_APPLICABLE) and not is_number(value):
                yield Fault([measure.cells[key]], {"measure": measure.measure, "value": value})

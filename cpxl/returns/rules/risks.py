"""Work at risk: each with a description, one of the five responses, and what follows from it.

The responses are those of HM Treasury's Orange Book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpxl.config import Headings
from cpxl.config.scoring import STEPS, is_step
from cpxl.consolidate import carried_over
from cpxl.forgive import time_meant
from cpxl.ids import bare
from cpxl.model import CLOSED, LEVELS, OPEN, RESPONSES, Return, Risk, Value, is_whole
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short

TREAT, TRANSFER = "Treat", "Transfer"
SOMEONE = re.compile(r"\b(?:to|by|with)\s+(?!be\b)\w|\w,? [A-Z]\w")
"""Says, more or less, who: 'passed to the county council', 'the Violence Reduction Unit takes it on'."""


def _named(risk: Risk) -> str:
    return f"'{short(risk.description)}'" if risk.description is not None else "a risk without description"


def _one_finding(at_fault: list[Risk], field: str) -> Iterator[Fault]:
    """The risks at fault together, pointing at one of their fields."""
    if at_fault:
        yield Fault([risk.cells[field] for risk in at_fault], {"risks": listed(map(_named, at_fault))})


@rule(
    "risk-description-missing",
    ERROR,
    "Every risk described",
    "Work at risk: work at risk",
    "A risk has no description.",
    "Say in the first column what work is at risk, or clear the row.",
)
def risk_description(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _one_finding([risk for risk in returned.risks if risk.description is None], "description")


@rule(
    "risk-response",
    ERROR,
    "One of the five responses",
    "Work at risk: response",
    "The response to a risk is missing or not one of the five: {risks}.",
    "Choose one of the five from the list: " + ", ".join(RESPONSES) + ".",
)
def risk_response(returned: Return, context: Context) -> Iterator[Fault]:
    wrong = [r for r in returned.risks if r.is_open and r.is_described and r.response not in RESPONSES]
    if wrong:
        said = [
            f"{_named(risk)} ({'missing' if risk.response is None else short(repr(risk.response))})" for risk in wrong
        ]
        yield Fault([risk.cells["response"] for risk in wrong], {"risks": listed(said)})


@rule(
    "risk-treated-without-action",
    WARNING,
    "An action for every risk that is treated",
    "Work at risk: mitigating action",
    "The response is 'Treat', but no mitigating action is given: {risks}.",
    "Say what is being done about it, and what comes next.",
)
def risk_without_action(returned: Return, context: Context) -> Iterator[Fault]:
    untreated = [r for r in returned.risks if r.is_open and r.response == TREAT and r.action is None]
    yield from _one_finding(untreated, "action")


@rule(
    "risk-transferred-to-no-one",
    WARNING,
    "Someone named who takes a risk that is transferred",
    "Work at risk: mitigating action",
    "The response is 'Transfer', but it is not said to whom: {risks}.",
    "Name the post, team or organisation that takes it, in 'Mitigating action': 'passed to …'.",
)
def risk_transferred(returned: Return, context: Context) -> Iterator[Fault]:
    moved = [r for r in returned.risks if r.is_open and r.response == TRANSFER]
    yield from _one_finding([r for r in moved if not SOMEONE.search(str(r.action or ""))], "action")


@rule(
    "risk-choice",
    WARNING,
    "Level, and open or closed, from the list",
    "Work at risk: level; open or closed",
    "Not a choice from the list: {given}.",
    f"Choose from the list: {', '.join(LEVELS)}; {OPEN} or {CLOSED}. Until then the risk counts as open.",
)
def risk_choice(returned: Return, context: Context) -> Iterator[Fault]:
    choices = {"level": (*LEVELS, None), "state": (OPEN, CLOSED, None)}
    wrong = [
        (risk.cells[key], getattr(risk, key))
        for risk in returned.risks
        for key, allowed in choices.items()
        if getattr(risk, key) not in allowed
    ]
    if wrong:
        yield Fault([cell for cell, _ in wrong], {"given": listed(f"'{short(value)}'" for _, value in wrong)})


STEPS_OF = {
    "likelihood": "likelihood",
    "impact": "impact",
    "aimed_likelihood": "likelihood aimed at",
    "aimed_impact": "impact aimed at",
}
"""What a risk is scored by, and what that is called."""


@rule(
    "risk-score",
    ERROR,
    "Likelihood and impact from 1 to 5",
    "Work at risk: likelihood; impact",
    "Not a number from 1 to 5: {given}.",
    f"Choose from the list: 1 is the least, {STEPS} the most.",
)
def risk_score(returned: Return, context: Context) -> Iterator[Fault]:
    wrong = [
        (risk, key)
        for risk in returned.risks
        for key in STEPS_OF
        if getattr(risk, key) is not None and not is_step(getattr(risk, key))
    ]
    if wrong and context.settings.risk_scoring:
        given = listed(f"{STEPS_OF[key]} '{short(getattr(risk, key))}'" for risk, key in wrong)
        yield Fault([risk.cells[key] for risk, key in wrong], {"given": given})


@rule(
    "risk-not-scored",
    WARNING,
    "A likelihood and an impact for every open risk",
    "Work at risk: likelihood; impact",
    "Open, but without a likelihood or an impact: {risks}.",
    f"Choose both, from 1 to {STEPS}, as they are now.",
)
def risk_not_scored(returned: Return, context: Context) -> Iterator[Fault]:
    still_open = _scored(returned, context)
    without = [r for r in still_open if r.likelihood is None or r.impact is None]
    if without:
        cells = [r.cells[key] for r in without for key in ("likelihood", "impact") if getattr(r, key) is None]
        yield Fault(cells, {"risks": listed(map(_named, without))})


def _scored(returned: Return, context: Context) -> list[Risk]:
    """The open risks of a form that asks for their scores."""
    is_asked = context.settings.risk_scoring is not None
    return [r for r in returned.risks if is_asked and r.is_open and r.is_described and "likelihood" in r.cells]


@rule(
    "risk-review-overdue",
    WARNING,
    "Every open risk looked at when it was to be",
    "Work at risk: review",
    "To be looked at again by a day that was over by the end of {quarter}: {risks}.",
    "Look at it again, and give the day of the next review.",
)
def risk_review_overdue(returned: Return, context: Context) -> Iterator[Fault]:
    first_month = context.settings.financial_year_starts_in
    end = context.quarter.end(first_month)
    late = [r for r in _scored(returned, context) if (day := time_meant(r.review, first_month)) and day <= end]
    if late:
        said = listed(f"{_named(risk)} ({short(risk.review)})" for risk in late)
        yield Fault([risk.cells["review"] for risk in late], {"quarter": context.quarter, "risks": said})


@rule(
    "risk-vanished",
    WARNING,
    "Every risk of last time still listed",
    "Work at risk",
    "Open when last reported, and no longer listed: {risks}.",
    "List it again; if it is no longer at risk, mark it Closed.",
)
def risk_vanished(returned: Return, context: Context) -> Iterator[Fault]:
    name = context.strand(returned).name
    still = {risk.id for risk in returned.risks} | {bare(risk.description) for risk in returned.risks}
    known = carried_over(context.known, name, context.quarter)
    gone = [risk for risk in known if risk.id not in still and bare(risk.description) not in still]
    if gone and not returned.missing_blocks:
        yield Fault(words={"risks": listed(f"{_named(risk)} ({risk.id})" for risk in gone)})


@rule(
    "risk-replaced",
    NOTE,
    "Under a risk's id the same risk",
    "Work at risk: work at risk",
    "Nothing that was said of the risk last time is left: {risks}.",
    "Nothing to do, if it is the same in other words. If not, put the old one back, marked Closed, and list the new "
    "one in a row of its own.",
)
def risk_replaced(returned: Return, context: Context) -> Iterator[Fault]:
    known = {r.id: r for r in carried_over(context.known, context.strand(returned).name, context.quarter)}
    other = [r for r in returned.risks if r.id in known and r.description and not _in_common(known[r.id], r)]
    if other:
        said = listed(f"{r.id} was {_named(known[r.id])}, is now {_named(r)}" for r in other)
        yield Fault([r.cells["description"] for r in other], {"risks": said})


def _in_common(a: Risk, b: Risk) -> bool:
    """Whether two wordings share a word of more than three letters, or are too short to tell."""
    words = [{w for w in re.findall(r"\w+", str(r.description).casefold()) if len(w) > 3} for r in (a, b)]
    return not all(words) or bool(words[0] & words[1])


@rule(
    "risk-twice",
    WARNING,
    "No risk listed twice",
    "Work at risk: work at risk",
    "The same risk is listed more than once: {risks}.",
    "Keep one row of it.",
)
def risk_twice(returned: Return, context: Context) -> Iterator[Fault]:
    alike: dict[Value, list[Risk]] = {}
    for risk in returned.risks:
        if risk.description is not None and risk.is_open:
            alike.setdefault(bare(risk.description), []).append(risk)
    yield from _one_finding([risk for same in alike.values() if len(same) > 1 for risk in same], "description")


@rule(
    "force-risk-reference",
    WARNING,
    "References to the organisation's risk register look like one",
    "Work at risk: the reference to the risk register",
    "'{heading}' is not {wanted}: {given}.",
    "Enter the reference that the risk has on that register, or leave the cell blank.",
)
def force_risk_reference(returned: Return, context: Context) -> Iterator[Fault]:
    """A number on Essex's register; where config calls the column something else, letters may stand before it."""
    heading = context.settings.headings.force_risk
    has_numbers = heading == Headings().force_risk
    reference = re.compile(r"\d+" if has_numbers else r"([A-Za-z]{1,8}[ /.-]?)?\d+([/.-]\d+)*")
    given = [risk for risk in returned.risks if risk.force_risk is not None and not is_whole(risk.force_risk)]
    wrong = [risk for risk in given if not reference.fullmatch(str(risk.force_risk).strip())]
    if wrong:
        words = {
            "heading": heading,
            "wanted": "a number" if has_numbers else "a reference such as 12 or CR-12",
            "given": listed(f"'{short(risk.force_risk)}'" for risk in wrong),
        }
        yield Fault([risk.cells["force_risk"] for risk in wrong], words)

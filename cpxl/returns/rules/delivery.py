"""Delivery: what was achieved, with what impact; what comes next, and when; what became of last quarter's plans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpxl.layout.names import delivered_in, planned_for
from cpxl.model import ACHIEVED, DUE, OUTCOMES, SCHEDULED, DeliveryItem, Return
from cpxl.returns.catalogue import WARNING, Context, Fault, rule
from cpxl.returns.forgive import time_meant
from cpxl.words import listed, short

NO_TIME = re.compile(r"tb[acd]\.?|to be (?:agreed|confirmed|decided)|n/?a|unknown|\?+", re.IGNORECASE)


def _items(returned: Return, kind: str) -> list[DeliveryItem]:
    return [item for item in returned.delivery if item.kind == kind]


def _one_finding(items: list[DeliveryItem], *fields: str) -> Iterator[Fault]:
    """The items at fault together, pointing at those of the fields that are blank (at the first, if none is)."""
    if items:
        cells = [
            item.cells[field]
            for item in items
            for field in [f for f in fields if getattr(item, f) is None] or fields[:1]
        ]
        yield Fault(cells, {"items": listed(f"'{short(item.activity)}'" for item in items)})


@rule(
    "nothing-achieved",
    WARNING,
    "Something achieved",
    "Delivered in the quarter",
    "Nothing is listed under '{heading}'.",
    "List what was delivered and its impact; if nothing was, say so there.",
)
def nothing_achieved(returned: Return, context: Context) -> Iterator[Fault]:
    if not _items(returned, ACHIEVED) and not returned.missing_blocks:
        yield Fault(words={"heading": delivered_in(context.quarter, context.settings.financial_year_starts_in)})


@rule(
    "nothing-scheduled",
    WARNING,
    "Something scheduled",
    "Planned for the quarter that follows",
    "Nothing is listed under '{heading}'.",
    "List what comes next, its anticipated impact and when; if nothing does, say so there.",
)
def nothing_scheduled(returned: Return, context: Context) -> Iterator[Fault]:
    if not _items(returned, SCHEDULED) and not returned.missing_blocks:
        following = context.quarter.plus(1)
        yield Fault(words={"heading": planned_for(following, context.settings.financial_year_starts_in)})


@rule(
    "activity-missing",
    WARNING,
    "Every item says what it is",
    "Delivery: activity",
    "An impact or date is given, but no activity.",
    "Say in the first column what was or will be delivered, or clear the row.",
)
def activity_missing(returned: Return, context: Context) -> Iterator[Fault]:
    items = [*_items(returned, ACHIEVED), *_items(returned, SCHEDULED)]
    yield from _one_finding([item for item in items if item.activity is None], "activity")


@rule(
    "achieved-without-impact",
    WARNING,
    "An impact for everything achieved",
    "Delivered in the quarter: impact",
    "Achieved, but no impact is given: {items}.",
    "Say what changed because of it: in the data, the outputs or the outcomes.",
)
def achieved_without_impact(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _one_finding([item for item in _items(returned, ACHIEVED) if item.impact is None], "impact")


@rule(
    "scheduled-without-impact-or-date",
    WARNING,
    "An anticipated impact and a date for everything scheduled",
    "Planned for the quarter that follows: anticipated impact; when",
    "Scheduled, but the anticipated impact or the date is missing: {items}.",
    "Say what is expected to change, and when: a date, a month or a quarter such as 2020/21 Q4.",
)
def scheduled_incomplete(returned: Return, context: Context) -> Iterator[Fault]:
    items = _items(returned, SCHEDULED)
    without = [i for i in items if i.impact is None or i.when is None]
    yield from _one_finding(without, "impact", "when")
    vague = [i for i in items if i not in without and NO_TIME.fullmatch(str(i.when))]
    yield from _one_finding(vague, "when")


@rule(
    "date-in-the-past",
    WARNING,
    "Dates that lie ahead",
    "Planned for the quarter that follows: when",
    "Scheduled for a time that was over by the end of {quarter}: {items}.",
    "Correct the date, or move the item to what was achieved.",
)
def date_in_the_past(returned: Return, context: Context) -> Iterator[Fault]:
    first_month = context.settings.financial_year_starts_in
    end = context.quarter.end(first_month)
    past = [
        item
        for item in _items(returned, SCHEDULED)
        if (meant := time_meant(item.when, first_month)) is not None and meant <= end
    ]
    if past:
        words = {"quarter": context.quarter, "items": listed(f"'{short(i.activity)}' ({i.when})" for i in past)}
        yield Fault([item.cells["when"] for item in past], words)


@rule(
    "scheduled-item-unaccounted-for",
    WARNING,
    "An account of everything scheduled last time",
    "Scheduled last time: what became of it",
    "It is not said what became of what was scheduled last time: {items}.",
    f"Choose from the list beside each: {', '.join(OUTCOMES)}.",
)
def scheduled_unaccounted(returned: Return, context: Context) -> Iterator[Fault]:
    name, last = context.strand(returned).name, context.quarter.plus(-1)
    due = _items(returned, DUE)
    open_ended = [item for item in due if item.outcome not in OUTCOMES]
    there = {item.activity for item in due}
    planned = [d for d in context.known.delivery if (d.strand, d.quarter, d.kind) == (name, last, SCHEDULED)]
    removed = [item for item in planned if item.activity not in there and not returned.missing_blocks]
    if open_ended or removed:
        cells = [item.cells["outcome"] for item in open_ended if "outcome" in item.cells]
        yield Fault(cells, {"items": listed(f"'{short(item.activity)}'" for item in [*open_ended, *removed])})

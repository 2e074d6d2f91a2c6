"""Delivery: what was achieved, with what impact; what comes next, when; what became of earlier plans; sign-off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from cpxl.actions import Action, open_actions
from cpxl.forgive import time_meant, why_unsigned
from cpxl.ids import bare
from cpxl.layout.delivery import ACHIEVED_BLOCK, SCHEDULED_BLOCK
from cpxl.model import ACHIEVED, DUE, OUTCOMES, SCHEDULED, UNDER_WAY, DeliveryItem, Measure, Return, Value, same
from cpxl.returns.catalogue import NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short
from cpxl.workbook_names import READ_TOO, delivered_in, planned_for

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
    if not _items(returned, ACHIEVED) and not returned.missing_blocks and ACHIEVED_BLOCK not in returned.none_of:
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
    if not _items(returned, SCHEDULED) and not returned.missing_blocks and SCHEDULED_BLOCK not in returned.none_of:
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
    "An impact for everything delivered",
    "Delivered in the quarter: impact",
    "Delivered, but no impact is given: {items}.",
    "Say what changed because of it: in the data, the outputs or the outcomes.",
)
def achieved_without_impact(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _one_finding([item for item in _items(returned, ACHIEVED) if item.impact is None], "impact")


@rule(
    "scheduled-without-impact-or-date",
    WARNING,
    "An anticipated impact and a date for everything planned",
    "Planned for the quarter that follows: anticipated impact; when",
    "Planned, but the anticipated impact or the date is missing: {items}.",
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
    "An account of everything planned last time",
    "Due: what became of it",
    "It is not said what became of what was planned last time: {items}.",
    f"Choose from the list beside each: {', '.join(OUTCOMES)}.",
)
def scheduled_unaccounted(returned: Return, context: Context) -> Iterator[Fault]:
    due = _items(returned, DUE)
    open_ended = [item for item in due if item.outcome not in OUTCOMES]
    there = {item.id for item in due} | {bare(item.activity) for item in due}
    known = () if returned.missing_blocks or not returned.sheet else _open(returned, context)
    removed = [a for a in known if a.id not in there and bare(a.activity) not in there]
    if open_ended or removed:
        cells = [item.cells["outcome"] for item in open_ended if "outcome" in item.cells]
        said = [f"'{short(item.activity)}'{_none_of_the_list(item.outcome)}" for item in open_ended]
        yield Fault(cells, {"items": listed([*said, *(f"'{short(action.activity)}'" for action in removed)])})


def _none_of_the_list(outcome: Value) -> str:
    return f" ('{short(outcome)}' is not in the list)" if outcome is not None else ""


def _open(returned: Return, context: Context) -> list[Action]:
    """The strand's actions that were open before the quarter."""
    starts = context.settings.financial_year_starts_in
    return open_actions(context.known, context.strand(returned).name, context.quarter.plus(-1), starts)


@rule(
    "still-under-way-without-date",
    NOTE,
    "A new date for what is still under way",
    "Due: new date",
    "Still under way though it was due, and without a new date: {items}.",
    "Say beside it by when it will be done; until then it counts as overdue.",
)
def still_under_way_without_date(returned: Return, context: Context) -> Iterator[Fault]:
    first_month = context.settings.financial_year_starts_in
    end = context.quarter.end(first_month)
    undated = [d for d in _items(returned, DUE) if d.outcome == UNDER_WAY and "moved_to" in d.cells]
    undated = [d for d in undated if time_meant(d.moved_to, first_month) is None]
    late = [d for d in undated if (was := time_meant(d.when, first_month)) is None or was <= end]
    yield from _one_finding(late, "moved_to")


@rule(
    "action-changed",
    WARNING,
    "Actions as they were sent out",
    "Due: activity, anticipated impact, dates",
    "What stands in locked cells of an action is not what was sent out: {what}. What was sent out stands.",
    "Put it back; a new date goes beside it, and what else has changed into the notes.",
)
def action_changed(returned: Return, context: Context) -> Iterator[Fault]:
    known: dict[Value, DeliveryItem] = {
        a.id: a.as_due(context.quarter) for a in _open(returned, context) if a.id is not None
    }
    wrong = [
        (item, key)
        for item in _items(returned, DUE)
        if item.id in known
        for key in ("activity", "impact", "first_due", "when")
        if not _alike(getattr(item, key), getattr(known[item.id], key), context.settings.financial_year_starts_in)
    ]
    if wrong:
        what = [
            f"'{short(getattr(d, key) or 'blank')}' for '{short(getattr(known[d.id], key) or 'blank')}'"
            for d, key in wrong
        ]
        yield Fault([item.cells[key] for item, key in wrong if key in item.cells], {"what": listed(what)})


def _alike(a: Value, b: Value, first_month: int) -> bool:
    """Whether two values say the same, or are the same time."""
    when = time_meant(a, first_month)
    return same(a, b) or bare(a or "") == bare(b or "") or (when is not None and when == time_meant(b, first_month))


@rule(
    "copied-from-last-time",
    NOTE,
    "Words of this quarter",
    "Delivery, and comments on measures",
    "Word for word what was said last quarter: {texts}.",
    "Nothing to do, if it holds again as it stands. What is still under way is marked so where it is listed as due.",
)
def copied_from_last_time(returned: Return, context: Context) -> Iterator[Fault]:
    name, last = context.strand(returned).name, context.quarter.plus(-1)
    of_last: list[DeliveryItem | Measure] = [*context.known.delivery, *context.known.measures]
    before = {
        (_kind(record), field, bare(text))
        for record in of_last
        if (record.strand, record.quarter) == (name, last)
        for field in COPIED
        if is_said(text := getattr(record, field, None))
    }
    of_now: list[DeliveryItem | Measure] = [*returned.delivery, *returned.measures]
    again = {
        record.cells[field]: text
        for record in of_now
        if before and getattr(record, "kind", ACHIEVED) != DUE and not (getattr(record, "id", None))
        for field in COPIED
        if is_said(text := getattr(record, field, None)) and (_kind(record), field, bare(text)) in before
    }
    if again:
        yield Fault(list(again), {"texts": listed(f"'{short(text)}'" for text in again.values())})


COPIED, SHORTEST_COPIED = ("activity", "impact", "comment"), 20
"""The fields in which a text may be copied, and how many letters it has at least: less says the same by chance."""


def is_said(text: Value) -> TypeGuard[str]:
    """Whether a text is long enough that nobody writes the same twice by chance."""
    return isinstance(text, str) and len(bare(text)) >= SHORTEST_COPIED


def _kind(record: DeliveryItem | Measure) -> str:
    return record.kind if isinstance(record, DeliveryItem) else f"{record.period} {record.measure}"


@rule(
    "sign-off-unclear",
    WARNING,
    "A post and a date that sign the return off",
    "Sign-off",
    "The return does not count as signed off: {why}.",
    "Enter the post that signs it off and the day on which it did, at the end of the form; or clear both.",
)
def sign_off_unclear(returned: Return, context: Context) -> Iterator[Fault]:
    """Forms of 0.1.0 have no room for one, so that none is asked for."""
    is_wanted = "sign_off" in context.settings.publish_needs and returned.template_version not in READ_TOO
    if is_wanted and not returned.sign_offs:
        yield Fault(words={"why": "post and date are missing, without which nothing is published"})
    for signed in returned.sign_offs:
        if why := why_unsigned(signed, context.settings.financial_year_starts_in, returned.received):
            field = "when" if "date" in why else "post"
            yield Fault([signed.cells[field]], {"why": why})

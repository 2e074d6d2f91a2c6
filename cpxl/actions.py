"""Actions: what is scheduled, from the return that schedules it until one says that it is delivered or given up.

However many quarters that takes: an action goes on standing on the form. Its first due date stays beside the current
one, so that everybody sees how often it has slipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cpxl import ids
from cpxl.forgive import time_meant
from cpxl.ids import bare, with_ids
from cpxl.model import ACHIEVED, DELIVERED, DUE, GIVEN_UP, SCHEDULED, DeliveryItem, Master, Value
from cpxl.quarters import Quarter, quarter_of_day
from cpxl.words import how_many

CLOSING = (DELIVERED, GIVEN_UP)


@dataclass(frozen=True)
class Action:
    """An action as it stands after the last return that names it.

    first_due, due: when it was first to be delivered, and now is, as typed. owner: a post; None for the strand's lead.
    since: the quarter whose return scheduled it. outcome: delivered or given up; None while it is open.
    closed_in: the quarter whose return said so. slips: in how many returns it was put off, or was not done when due.
    """

    strand: str
    id: Value
    activity: Value
    impact: Value
    owner: Value
    first_due: Value
    due: Value
    since: Quarter
    outcome: Value = None
    closed_in: Quarter | None = None
    slips: int = 0
    slipped_in: Quarter | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither delivered nor given up."""
        return self.outcome is None

    def as_due(self, quarter: Quarter) -> DeliveryItem:
        """Its row on the form of a quarter."""
        return DeliveryItem(
            quarter,
            self.strand,
            DUE,
            self.activity,
            self.impact,
            self.due,
            id=self.id,
            owner=self.owner,
            first_due=self.first_due,
        )


def actions_of(master: Master, strand: str, until: Quarter, first_month: int) -> list[Action]:
    """Every action of a strand that returns up to a quarter tell of, in the order in which they came.

    first_month: of the financial year, 1 to 12.
    """
    found: dict[Value, Action] = {}
    told = [d for d in master.delivery if d.strand == strand and d.quarter <= until and d.kind in (DUE, SCHEDULED)]
    for item in sorted(told, key=lambda d: (d.quarter, d.kind == SCHEDULED)):
        if item.activity is not None:
            known_as = item.id or bare(item.activity)
            found[known_as] = _told(found.get(known_as), item, first_month)
    return list(found.values())


def open_actions(master: Master, strand: str, until: Quarter, first_month: int) -> list[Action]:
    """Those of a strand's actions that no return up to a quarter has closed."""
    return [action for action in actions_of(master, strand, until, first_month) if action.is_open]


def _told(action: Action | None, item: DeliveryItem, first_month: int) -> Action:
    """An action after a row of a return."""
    if action is None:
        since = item.quarter if item.kind == SCHEDULED else item.quarter.plus(-1)
        first = item.first_due if item.first_due is not None else item.when
        action = Action(item.strand, item.id, item.activity, item.impact, item.owner, first, item.when, since, slips=0)
        if item.kind == SCHEDULED:
            return action
    if item.kind == DUE:
        if item.outcome in CLOSING:
            return replace(action, owner=item.owner or action.owner, outcome=item.outcome, closed_in=item.quarter)
        new, end = item.moved_to, item.quarter.end(first_month)
    else:
        new, end = item.when, None
    was, now = time_meant(action.due, first_month), time_meant(new, first_month)
    is_late = was is not None and (now > was if now is not None else end is not None and was <= end)
    is_slip = is_late and action.slipped_in != item.quarter
    return replace(
        action,
        activity=item.activity,
        impact=item.impact if item.impact is not None else action.impact,
        owner=item.owner if item.owner is not None else action.owner,
        due=new if new is not None else action.due,
        outcome=None,
        closed_in=None,
        slips=action.slips + is_slip,
        slipped_in=item.quarter if is_slip else action.slipped_in,
    )


def quarters_overdue(action: Action, quarter: Quarter, first_month: int) -> int | None:
    """How many quarters before this one an action was first due (0: in this one); None if nobody can tell."""
    day = time_meant(action.first_due, first_month)
    if day is None:
        return None
    due = quarter_of_day(day, first_month)
    return (quarter.year - due.year) * 4 + quarter.number - due.number


def overdue_in_words(actions: Iterable[Action], quarter: Quarter, first_month: int, *, at_the_end: bool) -> str:
    """`3 overdue, the oldest for 4 quarters`; blank if none is.

    An open action is overdue from its first due date on, however often it was put off.
    at_the_end: also what was due in the quarter itself, which is over.
    """
    still_open = [action for action in actions if action.is_open]
    for_quarters = [quarters_overdue(action, quarter, first_month) for action in still_open]
    late = [number for number in for_quarters if number is not None and number >= (0 if at_the_end else 1)]
    undated = for_quarters.count(None)
    said = []
    if late:
        oldest = max(late)
        since = f"for {how_many(oldest, 'quarter')}" if oldest else "since this quarter"
        said.append(f"{len(late)} overdue, {'the oldest ' if len(late) > 1 and oldest else ''}{since}")
    if undated:
        said.append(f"{undated} without a date")
    return "; ".join(said)


def with_action_ids(
    items: Sequence[DeliveryItem], strand: str, code: str, quarter: Quarter, master: Master, first_month: int
) -> list[DeliveryItem]:
    """What a strand's return of a quarter says of delivery, each action with its id, as far as it is one.

    What the form had in locked cells of an action that is known is taken from the master.
    """
    begins, until = ids.of_actions(code), quarter.plus(-1)
    actions = {action.id: action for action in actions_of(master, strand, until, first_month)}
    known = [d for d in master.delivery if d.strand == strand and d.id is not None and d.kind != ACHIEVED]
    unnamed = [d for d in items if d.kind != ACHIEVED and d.activity is None]  # which nobody could know again
    due, scheduled = ([d for d in items if d.kind == kind and d not in unnamed] for kind in (DUE, SCHEDULED))
    achieved = [d for d in items if d.kind == ACHIEVED]
    given = ids.last_ids(master)
    before = [action.as_due(until) for action in actions.values() if action.is_open]
    due = with_ids(
        begins, due, [d for d in known if d.kind == DUE or d.quarter != quarter], before, quarter, master, given=given
    )
    due = [_as_known(d, actions.get(d.id)) for d in due]
    closed = {d.id for d in due if d.outcome in CLOSING}
    given = ids.last_ids(master, due)
    others = [d for d in known if (d.kind == SCHEDULED or d.quarter != quarter) and d.id not in closed]
    going_on = [*(d for d in before if d.id not in closed), *(d for d in due if d.id not in closed)]
    scheduled = with_ids(begins, scheduled, others, going_on, quarter, master, given=given)
    delivered = {d.id: d for d in due if d.outcome == DELIVERED}
    by_words = {bare(d.activity): id for id, d in delivered.items()}
    achieved = [replace(d, id=d.id if d.id in delivered else by_words.get(bare(d.activity))) for d in achieved]
    return [*due, *achieved, *scheduled, *unnamed]


def _as_known(item: DeliveryItem, action: Action | None) -> DeliveryItem:
    if action is None:
        return item
    return replace(item, activity=action.activity, impact=action.impact, when=action.due, first_due=action.first_due)

"""Actions: on the form until they are delivered or given up, with their slips counted, under ids that never change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cpxl.account import account
from cpxl.actions import Action, actions_of, open_actions, overdue_in_words
from cpxl.config import parse
from cpxl.consolidate import consolidate
from cpxl.ids import last_ids, number_of
from cpxl.master.as_today import with_every_id
from cpxl.master.file import read_master
from cpxl.model import (
    ACHIEVED,
    DELIVERED,
    DUE,
    GIVEN_UP,
    SCHEDULED,
    UNDER_WAY,
    Checked,
    DeliveryItem,
    Master,
    Return,
    Value,
)
from cpxl.quarters import Quarter
from tests.shown import pages
from tests.small import CONFIG, STRAND, fill_in, folder_of, issued, merged, quarter_of, schedule, send
from tests.work import LONG


@dataclass
class Told:
    """A line of the plain account: what a lead says of an action in a quarter, and what everybody should read then."""

    quarter: str
    first_due: str
    due: str
    outcome: str | None = None
    new_date: str | None = None
    slips: int = 0
    on_form: str = ""
    in_summary: str = ""


VISITS, MARKING = "Visit every repeat victim on the estate", "Mark property in the villages"
VISITED = [
    Told("2020/21 Q2", "2020/21 Q2", "2020/21 Q2", UNDER_WAY, "2020/21 Q4", 1, "", "1 overdue, since this quarter"),
    Told(
        "2020/21 Q3",
        "2020/21 Q2",
        "2020/21 Q4",
        UNDER_WAY,
        None,
        1,
        "1 overdue, for 1 quarter",
        "2 overdue, the oldest for 1 quarter",
    ),
    Told(
        "2020/21 Q4",
        "2020/21 Q2",
        "2020/21 Q4",
        UNDER_WAY,
        "2021/22 Q2",
        2,
        "2 overdue, the oldest for 2 quarters",
        "2 overdue, the oldest for 2 quarters",
    ),
    Told(
        "2021/22 Q1",
        "2020/21 Q2",
        "2021/22 Q2",
        None,
        None,
        2,
        "2 overdue, the oldest for 3 quarters",
        "2 overdue, the oldest for 3 quarters",
    ),
    Told(
        "2021/22 Q2",
        "2020/21 Q2",
        "2021/22 Q2",
        DELIVERED,
        None,
        2,
        "2 overdue, the oldest for 4 quarters",
        "1 overdue, for 3 quarters",
    ),
]
"""Of the visits. In 2021/22 Q1 no return comes."""
MARKED = {"2020/21 Q3": UNDER_WAY, "2020/21 Q4": UNDER_WAY, "2021/22 Q2": UNDER_WAY}
"""Of the property, which is scheduled in Q2 for Q3, and never gets a new date."""


def test_an_action_through_six_quarters(tmp_path: Path) -> None:
    """It slips twice and is delivered; another slips for good. What form, sheet and summary say is the account."""
    folder = folder_of(tmp_path / "folder")
    form = issued(folder, "2020/21 Q1")
    fill_in(form, "2020/21 Q1")
    schedule(form, 0, VISITS, "2020/21 Q2", "Inspector, Crime Prevention")
    send(folder, form, "2020/21 Q1")
    merged(folder, "2020/21 Q1")
    for told in VISITED:
        form = issued(folder, told.quarter)
        rows = [VISITS, *([MARKING] if told.quarter > "2020/21 Q2" else [])]
        assert form.labels("Due in") == rows
        shown = {h: form.value("Due in", VISITS, h) for h in ("First due", "Due", "Owner", "Action")}
        assert shown == {
            "First due": told.first_due,
            "Due": told.due,
            "Owner": "Inspector, Crime Prevention",
            "Action": "BURG-A1",
        }
        said = form.page.cell(form.row("Due in") + 1, 1).value
        assert said == (f"{told.on_form}, by when each was first due." if told.on_form else "Nothing is overdue.")
        if told.outcome is None:  # no return: nothing is merged, and nothing is lost
            now = account(read_master(folder).master, quarter_of(told.quarter), folder.settings)
        else:
            fill_in(form, told.quarter)
            form.type("Due in", VISITS, "What became of it", told.outcome)
            form.type("Due in", VISITS, "New date", told.new_date)
            if told.quarter in MARKED:
                form.type("Due in", MARKING, "What became of it", MARKED[told.quarter])
            if told.quarter == "2020/21 Q2":
                schedule(form, 0, MARKING, "2020/21 Q3")
            if told.outcome == DELIVERED:
                form.type("Delivered in", 0, "Impact", "A fifth fewer were burgled again")
            send(folder, form, told.quarter)
            now = merged(folder, told.quarter)
        action = now.strands[0].actions[0]
        end = told.new_date or told.due
        is_done = told.outcome == DELIVERED
        assert action == Action(
            STRAND, "BURG-A1", VISITS, "Fewer burglaries", "Inspector, Crime Prevention", told.first_due, end,
            quarter_of("2020/21 Q1"), DELIVERED if is_done else None, quarter_of(told.quarter) if is_done else None,
            told.slips, action.slipped_in,
        )  # fmt: skip
        assert now.news[-1].endswith(f". Actions: {told.in_summary}.")
        assert (now.strands[0].overdue, now.positions[0].rpartition("actions: ")[2]) == (told.in_summary,) * 2
    assert [(d.activity, d.impact, d.id) for d in now.strands[0].achieved] == [
        (VISITS, "A fifth fewer were burgled again", "BURG-A1")
    ]
    last = issued(folder, "2021/22 Q3")
    assert last.labels("Due in") == [MARKING]
    lines = [row[0] for row in pages(folder.master)["Executive summary"][:8]]
    assert any(str(line).endswith(" Actions: 1 overdue, for 3 quarters.") for line in lines)


# Without a file


SETTINGS = parse(CONFIG)
FIRST = Quarter(2020, 1)


def item(kind: str, quarter: Quarter, activity: str, when: Value = None, **more: Any) -> DeliveryItem:
    return DeliveryItem(quarter, STRAND, kind, activity, "Fewer", when, **more)


def merge(master: Master, quarter: Quarter, *items: DeliveryItem) -> Master:
    """The master with a return of a quarter that says this of delivery."""
    returned = Return("BURG.xlsx", f"{len(items)}", "", strand="BURG", quarter=str(quarter), delivery=items)
    return consolidate(master, quarter, [Checked(returned, ())], SETTINGS)


def by_id(master: Master, quarter: Quarter) -> dict[Value, Value]:
    return {action.id: action.activity for action in open_actions(master, STRAND, quarter, 4)}


def test_late_corrected_and_withdrawn_returns_keep_ids_apart() -> None:
    q1, q2, q3 = FIRST, FIRST.plus(1), FIRST.plus(2)
    master = merge(Master(q1), q1, item(SCHEDULED, q1, "Visits", "2020/21 Q2"), item(SCHEDULED, q1, "Marking"))
    assert by_id(master, q1) == {"BURG-A1": "Visits", "BURG-A2": "Marking"}
    # On a form of 0.1.0, without ids; the lead also lists again what is still under way.
    master = merge(
        master,
        q2,
        item(DUE, q2, "Visits", outcome=UNDER_WAY),
        item(DUE, q2, "Marking", outcome=DELIVERED),
        item(SCHEDULED, q2, "visits.", "2020/21 Q3"),
        item(SCHEDULED, q2, "Marking"),
        item(ACHIEVED, q2, "Marking"),
    )
    assert by_id(master, q2) == {"BURG-A1": "visits.", "BURG-A3": "Marking"}
    assert [d.id for d in master.delivery if d.kind == ACHIEVED] == ["BURG-A2"]
    assert [a.slips for a in actions_of(master, STRAND, q2, 4)] == [1, 0, 0]
    # The same again changes nothing; a corrected return adds words, and drops the marking.
    again = merge(master, q2, *(replace(d, id=None) for d in master.delivery if d.quarter == q2))
    assert again.delivery == master.delivery
    master = merge(master, q1, item(SCHEDULED, q1, "Visits with the council", "2020/21 Q2"))
    assert by_id(master, q1) == {"BURG-A1": "Visits with the council"}
    # What later returns say of an action stands, be it gone from the return that scheduled it.
    assert by_id(master, q2) == {"BURG-A1": "visits.", "BURG-A3": "Marking"}
    master = consolidate(master, q2, [], SETTINGS, [STRAND])
    assert by_id(master, q2) == {"BURG-A1": "Visits with the council"}
    master = merge(master, q3, item(DUE, q3, "Visits with the council", id="BURG-A1"), item(SCHEDULED, q3, "New"))
    assert by_id(master, q3) == {"BURG-A1": "Visits with the council", "BURG-A4": "New"}


def test_a_master_of_before_gets_ids_that_stay() -> None:
    """Those of 0.1.0 have no ids, and dropped what was still under way after a quarter."""
    q1, q2, q3 = FIRST, FIRST.plus(1), FIRST.plus(2)
    rows = (
        item(SCHEDULED, q1, "Patrols", "2020/21 Q3"),
        item(SCHEDULED, q1, "Visits", "2020/21 Q2"),
        item(DUE, q2, "Visits", "2020/21 Q2", outcome=UNDER_WAY),
        item(ACHIEVED, q2, "Other"),
        item(SCHEDULED, q2, "Marking"),
    )
    master = with_every_id(Master(q3, delivery=rows), SETTINGS)
    assert [(d.kind, d.activity, d.id) for d in master.delivery] == [
        (SCHEDULED, "Patrols", "BURG-A1"),
        (SCHEDULED, "Visits", "BURG-A2"),
        (DUE, "Visits", "BURG-A2"),
        (ACHIEVED, "Other", None),
        (SCHEDULED, "Marking", "BURG-A3"),
    ]
    assert with_every_id(master, SETTINGS) == master
    assert with_every_id(Master(q3, delivery=rows[:1]), SETTINGS).delivery[0].id == "BURG-A1"
    other = replace(rows[0], strand="Of before config knew it")
    mixed = with_every_id(Master(q3, delivery=(other, *master.delivery, item(SCHEDULED, q3, "Talks"))), SETTINGS)
    assert mixed.delivery == (other, *master.delivery, item(SCHEDULED, q3, "Talks", id="BURG-A4"))
    assert by_id(master, q3) == {"BURG-A1": "Patrols", "BURG-A2": "Visits", "BURG-A3": "Marking"}


def test_overdue_in_words() -> None:
    def said(*due: Value, at_the_end: bool = True) -> str:
        actions = [Action(STRAND, None, "A", None, None, when, "2030/31 Q1", FIRST) for when in due]
        return overdue_in_words(actions, Quarter(2021, 2), 4, at_the_end=at_the_end)

    assert said() == said("2021/22 Q3") == said(date(2021, 10, 1)) == ""
    assert said("30/09/2021") == "1 overdue, since this quarter"
    assert said("30/09/2021", at_the_end=False) == ""
    assert said("Q2 2020/21", "March 2021", "2021/22 Q2") == "3 overdue, the oldest for 4 quarters"
    assert said("June 2021", "soon", None) == "1 overdue, for 1 quarter; 2 without a date"


TEXTS = st.sampled_from(["Visits", "Marking", "Patrols", "Talks"])
OUTCOME = st.sampled_from([None, DELIVERED, UNDER_WAY, GIVEN_UP])


@settings(max_examples=400 if LONG else 40)
@given(st.data())
def test_no_id_is_handed_on(data: st.DataObject) -> None:
    """Whatever comes, in whatever order, again or not at all: an id stands for the same words for ever."""
    master, meant = Master(FIRST), dict[Value, Value]()
    for _ in range(data.draw(st.integers(2, 6))):
        quarter = FIRST.plus(data.draw(st.integers(0, 3)))
        if data.draw(st.integers(0, 4)) == 0:
            master = consolidate(master, quarter, [], SETTINGS, [STRAND])
            continue
        before = open_actions(master, STRAND, quarter.plus(-1), 4)
        has_ids = data.draw(st.booleans())
        due = [replace(a.as_due(quarter), outcome=data.draw(OUTCOME), id=a.id if has_ids else None) for a in before]
        new = [item(SCHEDULED, quarter, text) for text in data.draw(st.lists(TEXTS, max_size=3))]
        master = merge(master, quarter, *due, *new)
        told = [d for d in master.delivery if d.quarter == quarter]
        for kind in (DUE, SCHEDULED):
            ids = [d.id for d in told if d.kind == kind]
            assert None not in ids
            assert len(set(ids)) == len(ids)
        for one in told:
            assert meant.setdefault(one.id, one.activity) == one.activity
        again = [replace(d, id=None if d.kind == SCHEDULED else d.id) for d in told]
        assert merge(master, quarter, *again).delivery == master.delivery
    assert last_ids(master).get("BURG-A", 0) == max((number_of(id) for id in meant), default=0)

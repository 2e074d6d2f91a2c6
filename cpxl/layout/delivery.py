"""What was planned, what was delivered, notes to the coordinator and who signed it off, on a strand's sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cpxl import workbook_names as names
from cpxl.account.strand import StrandAccount
from cpxl.config import Settings
from cpxl.layout.blocks import Block, Column, Formula, Kind, Row
from cpxl.layout.place import Here
from cpxl.model import DELIVERED, OUTCOMES, DeliveryItem

DUE_BLOCK, ACHIEVED_BLOCK, SCHEDULED_BLOCK, NOTES_BLOCK = "due", "achieved", "scheduled", "notes"
SIGN_OFF_BLOCK = "sign_off"
NOTHING_DUE = "Nothing was scheduled last time."
CARRIED_OVER = "What is marked 'Delivered' above comes here by itself: say what changed because of it."
ROOM_FOR_NOTES = 4
OWNER = Column(
    "owner", "Owner", entered=True, prompt="The post that sees to it, if it is not the lead's. No names.", may_lack=True
)
ACTION_ID = Column("id", "Action", may_lack=True)


def due_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool = True) -> Block:
    """What was scheduled last quarter, and what became of it."""
    new_date = "If it is still under way: a date, or a quarter such as 2020/21 Q4."
    columns = [
        Column("activity", "Activity"),
        Column("impact", "Anticipated impact"),
        Column("first_due", "First due", Kind.TIME, may_lack=True),
        Column("when", "Due", Kind.TIME, formerly=("When it was to be realised",)),
        Column("outcome", "What became of it", entered=True, choices=OUTCOMES, prompt="Choose from the list."),
        Column("moved_to", "New date", Kind.TIME, entered=True, prompt=new_date, may_lack=True),
        OWNER,
        ACTION_ID,
    ]
    title = f"Due in {account.quarter.months(settings.financial_year_starts_in)}"
    nothing = "Nothing is overdue." * to_fill_in  # an open master's lines neither come nor go
    intro = f"{account.overdue}, by when each was first due." if account.overdue else nothing
    rows = _rows(columns, account.due)
    return Block(DUE_BLOCK, title, columns, rows if to_fill_in else _owned(rows, account), intro, empty=NOTHING_DUE)


def achieved_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool, empty: str = "") -> Block:
    """What was delivered in the quarter."""
    impact = "Impact on data, outputs or outcomes"
    columns = [
        Column("activity", "Activity", entered=True, prompt="What was delivered."),
        Column("impact", impact, entered=True, prompt="What changed because of it."),
        replace(ACTION_ID, private=True),
    ]
    rows = _rows(columns, account.achieved)
    carried = _carried(account) if to_fill_in else []
    return Block(
        ACHIEVED_BLOCK,
        names.delivered_in(account.quarter, settings.financial_year_starts_in),
        columns,
        [*carried, *rows],
        CARRIED_OVER if to_fill_in else "",  # always, as an open master's lines neither come nor go
        room=settings.spare_rows if to_fill_in else 0,
        empty=empty or "Nothing reported.",
    )


def scheduled_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool, empty: str = "") -> Block:
    """What is planned for the quarter that follows."""
    change, when = "What is expected to change because of it.", "A date, or a quarter such as 2020/21 Q4."
    columns = [
        Column("activity", "Activity", entered=True, prompt="What will be delivered."),
        Column("impact", "Anticipated impact", entered=True, prompt=change),
        Column("when", "When", Kind.TIME, True, prompt=when, formerly=("When it will be realised",)),
        OWNER,
        ACTION_ID,
    ]
    rows = _rows(columns, account.scheduled)
    return Block(
        SCHEDULED_BLOCK,
        names.planned_for(account.quarter.plus(1), settings.financial_year_starts_in),
        columns,
        rows if to_fill_in else _owned(rows, account),
        room=settings.spare_rows if to_fill_in else 0,
        empty=empty or "Nothing reported.",
    )


def _carried(account: StrandAccount) -> list[Row]:
    """A row for each action that is due and not told of yet: it fills itself in once the action is delivered."""
    told = {item.id for item in account.achieved}
    return [
        {"activity": Formula(_carries(at), item.activity if item.outcome == DELIVERED else ""), "id": item.id}
        for at, item in enumerate(account.due)
        if item.id is not None and item.id not in told
    ]


def _carries(row: int) -> Callable[[Here], str]:
    def text(here: Here) -> str:
        due = Here(here.placement, DUE_BLOCK, row)
        return f'={names.CARRIED}{due.cell("outcome")})="{DELIVERED}",{due.cell("activity")},"")'

    return text


def _owned(rows: Sequence[Row], account: StrandAccount) -> list[Row]:
    """The rows with an owner each, the lead where nobody else is named; without any, if all are the lead's."""
    if not any(row["owner"] for row in rows):
        return list(rows)
    return [{**row, "owner": row["owner"] or account.strand.lead} for row in rows]


def notes_block(account: StrandAccount) -> Block:
    """A lead's notes, which do not go to partners."""
    prompt = "Anything the coordinator should know. It does not go to partners."
    columns = [Column("number", "Number", may_lack=True), Column("text", "Note", entered=True, prompt=prompt)]
    texts = [note.text for note in account.notes]
    texts += [None] * max(ROOM_FOR_NOTES - len(texts), 2)
    rows: list[Row] = [{"number": f"Note {number}", "text": text} for number, text in enumerate(texts, 1)]
    intro = "These do not go to partners."
    return Block(NOTES_BLOCK, "Notes to the coordinator", columns, rows, intro, optional=True, private=True)


def sign_off_block(account: StrandAccount) -> Block:
    """Which post signs the return off, and when."""
    columns = [
        Column("item", "Return"),
        Column("post", "Signed off by (post)", entered=True, prompt="The post that signs this return off. No names."),
        Column("when", "Date", Kind.TIME, entered=True, prompt="The day on which it is signed off."),
    ]
    signed = account.signed_off
    rows: list[Row] = [
        {"item": "This return", "post": signed.post if signed else None, "when": signed.when if signed else None}
    ]
    return Block(SIGN_OFF_BLOCK, "Sign-off", columns, rows, optional=True, private=True, may_lack=True)


def _rows(columns: Sequence[Column], items: Sequence[DeliveryItem]) -> list[Row]:
    return [{column.key: getattr(item, column.key) for column in columns} for item in items]

"""What was planned, what was delivered, and notes to the coordinator, on a strand's sheet."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.account.strand import StrandAccount
from cpxl.config import Settings
from cpxl.layout import names
from cpxl.layout.blocks import Block, Column, Kind, Row
from cpxl.model import OUTCOMES, DeliveryItem

DUE_BLOCK, ACHIEVED_BLOCK, SCHEDULED_BLOCK, NOTES_BLOCK = "due", "achieved", "scheduled", "notes"
NOTHING_DUE = "Nothing was scheduled last time."
ROOM_FOR_NOTES = 4


def due_block(account: StrandAccount, settings: Settings) -> Block:
    """What was scheduled last quarter, and what became of it."""
    columns = [
        Column("activity", "Activity"),
        Column("impact", "Anticipated impact"),
        Column("when", "Due", Kind.TIME, formerly=("When it was to be realised",)),
        Column("outcome", "What became of it", entered=True, choices=OUTCOMES, prompt="Choose from the list."),
    ]
    title = f"Due in {account.quarter.months(settings.financial_year_starts_in)}"
    return Block(DUE_BLOCK, title, columns, _rows(columns, account.due), empty=NOTHING_DUE)


def achieved_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool, empty: str = "") -> Block:
    """What was delivered in the quarter."""
    impact = "Impact on data, outputs or outcomes"
    columns = [
        Column("activity", "Activity", entered=True, prompt="What was delivered."),
        Column("impact", impact, entered=True, prompt="What changed because of it."),
    ]
    return Block(
        ACHIEVED_BLOCK,
        names.delivered_in(account.quarter, settings.financial_year_starts_in),
        columns,
        _rows(columns, account.achieved),
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
    ]
    return Block(
        SCHEDULED_BLOCK,
        names.planned_for(account.quarter.plus(1), settings.financial_year_starts_in),
        columns,
        _rows(columns, account.scheduled),
        room=settings.spare_rows if to_fill_in else 0,
        empty=empty or "Nothing reported.",
    )


def notes_block(account: StrandAccount) -> Block:
    """A lead's notes, which do not go to partners."""
    prompt = "Anything the coordinator should know. It does not go to partners."
    columns = [Column("number", "Number", may_lack=True), Column("text", "Note", entered=True, prompt=prompt)]
    texts = [note.text for note in account.notes]
    texts += [None] * max(ROOM_FOR_NOTES - len(texts), 2)
    rows: list[Row] = [{"number": f"Note {number}", "text": text} for number, text in enumerate(texts, 1)]
    intro = "These do not go to partners."
    return Block(NOTES_BLOCK, "Notes to the coordinator", columns, rows, intro, optional=True, private=True)


def _rows(columns: Sequence[Column], items: Sequence[DeliveryItem]) -> list[Row]:
    return [{column.key: getattr(item, column.key) for column in columns} for item in items]

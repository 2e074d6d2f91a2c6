"""The sheet of the master on which the coordinator writes the report's text, a row for each paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from cpxl.account import Account
from cpxl.account.texts import unwritten
from cpxl.config import Settings
from cpxl.layout.blocks import Block, Column, Line, Row, Sheet
from cpxl.layout.summary import lines_of
from cpxl.model import Cells, ReportText, Value
from cpxl.quarters import Quarter
from cpxl.words import listed
from cpxl.workbook_names import REPORT_TEXT

MOST_NAMED = 2
"""Sections that are named as lacking text; how many more there are is said."""
SPARE = 12
"""Empty rows for more paragraphs, below those of the sections."""
HOW = (
    "A paragraph a row for 'cpxl report'. A dash begins an item of a list; {total}, {complete} and others are figures."
)


def report_text_sheet(account: Account) -> Sheet:
    """Every section that is written, with what there is of it, and room for more."""
    lines = [*lines_of(account.settings, account.quarter), Line(to_be_written(account)), Line(HOW)]
    return Sheet(REPORT_TEXT, REPORT_TEXT, lines, [report_text_block(_rows(account))])


def to_be_written(account: Account) -> str:
    """Which sections have no text yet."""
    lacking = listed((one.label for one in unwritten(account.texts, account.settings)), MOST_NAMED)
    return f"Still to be written for {account.quarter}: {lacking}." if lacking else "Every section has its text."


def report_text_block(rows: Iterable[Row] = ()) -> Block:
    """The coordinator's paragraphs: typed on the sheet, kept in the data, there again after consolidating."""
    which = "The section's number or title; blank for that of the row above."
    columns = [
        Column("section", "Section", entered=True, prompt=which),
        Column("text", "Text", entered=True, prompt="A paragraph. It is kept when you consolidate again."),
        Column("heading", "Heading above", entered=True, prompt="A heading above the paragraph. Optional."),
    ]
    rows = list(rows)
    return Block("report_text", "", columns, rows, room=len(rows) + SPARE, may_lack=True)


def _rows(account: Account) -> Iterator[Row]:
    settings = account.settings
    left = list(account.texts)
    for one in settings.report:
        if not one.is_typed:
            continue
        mine = [t for t in left if (of := settings.section_meant(t.section)) and of.section.title == one.section.title]
        left = [text for text in left if text not in mine]
        yield from ({"section": one.label, "text": text.text, "heading": text.heading} for text in mine)
        if not mine:
            yield {"section": one.label}
    yield from ({"section": text.section, "text": text.text, "heading": text.heading} for text in left)


class AsRead(Protocol):
    """A row of the block as read."""

    @property
    def values(self) -> dict[str, Value]: ...
    @property
    def cells(self) -> Cells: ...


def texts_in(rows: Iterable[AsRead], settings: Settings, quarter: Quarter) -> Iterator[ReportText]:
    """What stands in the block: each paragraph with its section, which may be said in a row above."""
    section: Value = None
    for row in rows:
        values = row.values
        if values["section"] is not None:
            of = settings.section_meant(values["section"])
            section = of.section.title if of else values["section"]
        if values["text"] is not None or values["heading"] is not None:
            yield ReportText(quarter, section, values["heading"], values["text"], cells=row.cells)

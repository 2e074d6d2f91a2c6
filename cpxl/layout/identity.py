"""The hidden sheet that says what a workbook is: a return or a master, of which strand and quarter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cpxl.config import Settings
from cpxl.layout.blocks import Block, Column, Sheet
from cpxl.layout.names import IDENTITY, TEMPLATE_VERSION

RETURN, MASTER = "return", "master"

WHAT = "identity"
SHEETS = "sheets"


def issue_id(settings: Settings, code: str, quarter: object) -> str:
    """The id that the return of a strand for a quarter is issued with. It follows from them, so nobody keeps a list."""
    return hashlib.sha256(f"{settings.force}\n{code}\n{quarter}".encode()).hexdigest()[:16]


def identity_sheet(facts: Mapping[str, str], sheets: Sequence[Sheet] = ()) -> Sheet:
    """The hidden sheet with these facts, and with the names of the sheets that cpxl wrote and may write again."""
    blocks = [identity_block({**facts, "template_version": TEMPLATE_VERSION})]
    if sheets:
        blocks.append(sheets_block([sheet.name for sheet in sheets]))
    return Sheet(IDENTITY, "Used by cpxl: please leave this sheet as it is", items=blocks, hidden=True, protected=True)


def identity_block(facts: Mapping[str, str] | None = None) -> Block:
    """Facts about the workbook, a row each."""
    rows = [{"fact": fact, "value": value} for fact, value in (facts or {}).items()]
    return Block(WHAT, "", [Column("fact", "Fact", width=26), Column("value", "Value", width=40)], rows)


def sheets_block(names: Sequence[str] = ()) -> Block:
    """The sheets that cpxl wrote into a master."""
    return Block(SHEETS, "", [Column("sheet", "Sheet", width=26)], [{"sheet": name} for name in names])

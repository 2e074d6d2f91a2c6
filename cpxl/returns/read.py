"""A returned workbook to a Return record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cpxl import files
from cpxl.account.strand import strand_account
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, Strand
from cpxl.layout.blocks import Block
from cpxl.layout.breakdowns import PARAGRAPHS_BLOCK
from cpxl.layout.delivery import DUE_BLOCK, NOTES_BLOCK, SCHEDULED_BLOCK, SIGN_OFF_BLOCK
from cpxl.layout.identity import RETURN, identity_block
from cpxl.layout.measures import MONTHLY_BLOCK, monthly_block
from cpxl.layout.risks import RISKS
from cpxl.layout.strand import HEADING, strand_sheet
from cpxl.model import (
    DUE,
    SCHEDULED,
    DeliveryItem,
    Master,
    Measure,
    Note,
    Paragraph,
    Return,
    Risk,
    SignOff,
)
from cpxl.quarters import Quarter
from cpxl.returns.beside import Form, beside
from cpxl.returns.entries import Entries
from cpxl.returns.pictures import with_picture
from cpxl.words import legible
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import LARGEST_FILE, Unreadable

IDENTITY = identity_block()
OF_MEASURES = (*(one.block for one in COMPARISONS.values()), MONTHLY_BLOCK)
"""Blocks that a form has only if the strand had such measures when it was issued."""
ENTERED = ("progress", "measures", "breakdowns", "paragraphs", "risks", "delivery", "notes", "sign_offs", "monthly")
"""The fields of Return that a lead fills in."""
MOST_COPIES = 5
"""Sheets that are copies of each other, that are looked at."""
MOST_FORMS = 100
"""Forms kept in memory: a file may say that it is of any quarter."""


def read_return(path: Path, settings: Settings) -> Return:
    """Read one file as a return, whatever it is: what is wrong with it stands in the record for the checks to say.

    Raises OSError if the file cannot be opened at all.
    """
    data, saved = files.read(path, LARGEST_FILE + 1)
    known: dict[str, Any] = received(path, data, saved)
    try:
        book = OpenWorkbook(data)
        identity = {str(row.values["fact"]): row.values["value"] for row in book.rows(IDENTITY) or ()}
        if identity.get("kind") != RETURN:
            raise Unreadable("other-workbook")
        known |= {key: str(identity.get(key) or "") for key in ("strand", "quarter", "template_version", "issue_id")}
        strand = settings.strand_of(known["strand"])
        if strand is None:
            raise Unreadable("unknown-strand")
        try:
            quarter = Quarter.parse(known["quarter"])
        except ValueError:
            raise Unreadable("other-workbook") from None
        if not strand.reports_in(quarter):
            raise Unreadable("unknown-strand")
        return Return(**known, **_read_sheets(book, settings, strand.as_of(quarter), quarter, known))
    except Unreadable as fault:
        return Return(**known, fault=str(fault))


def _read_sheets(
    book: OpenWorkbook, settings: Settings, strand: Strand, quarter: Quarter, known: Mapping[str, Any]
) -> dict[str, Any]:
    """What stands in a return, as fields of Return. Its sheet may be there again, copied with all names."""
    blocks = _form(settings, strand, quarter)
    sheets = book.sheets_of(blocks[0])
    found = read_strand_sheet(book, settings, strand, quarter, sheets[0] if len(sheets) > 1 else None)
    form = Form(book, settings, strand, quarter, blocks, found["sheet"], sheets[:MOST_COPIES])
    again = ((name, read_strand_sheet(book, settings, strand, quarter, name)) for name in sheets[1:MOST_COPIES])
    return {
        **found,
        "copies": tuple(name for name, other in again if any(other[part] != found[part] for part in ENTERED)),
        "extras": book.extras + tuple(f"the hidden sheet '{name}'" for name in _hidden(book)),
        **with_picture(form, beside(form, known)),
    }


def unreadable(path: Path) -> Return:
    """A file that is there, and cannot be opened."""
    return Return(file=legible(path.name), sha256="", received="", saved=0, fault="cannot-be-opened")


def received(path: Path, data: bytes, saved: int) -> dict[str, Any]:
    """What is known of a file before it is opened, as fields of Return: its name, SHA-256, and when it was last saved.

    data: its bytes; of a file that is too large, the first LARGEST_FILE and one more, which have no SHA-256.
    saved: nanoseconds since 1970.
    """
    shown = datetime.fromtimestamp(saved // 10**9).isoformat(" ", "seconds")
    sha256 = hashlib.sha256(data).hexdigest() if len(data) <= LARGEST_FILE else ""
    return {"file": legible(path.name), "sha256": sha256, "received": shown, "saved": saved}


def read_strand_sheet(
    book: OpenWorkbook, settings: Settings, strand: Strand, quarter: Quarter, sheet: str | None
) -> dict[str, Any]:
    """What a lead entered on a strand's sheet, as fields of Return.

    sheet: its name in a workbook with several strands; None for the one that has it.
    """
    blocks = _form(settings, strand, quarter)
    entries = Entries(book, blocks, strand, {"quarter": quarter, "strand": strand.name}, sheet)
    monthly = entries.months(quarter, settings.financial_year_starts_in)
    measures = {
        one.block: entries.records(one.block, Measure, period=period, **({} if one.back else {"previous": None}))
        for period, one in COMPARISONS.items()
    }
    due = entries.records(DUE_BLOCK, DeliveryItem, kind=DUE)
    achieved = entries.achieved()
    scheduled = entries.records(SCHEDULED_BLOCK, DeliveryItem, kind=SCHEDULED)
    progress = [p for plan in strand.plans for p in entries.progress(plan)]
    return {
        "sheet": sheet or book.sheet_of(blocks[0]) or "",
        "heading": tuple(
            (row.values["item"], row.values["details"], row.cells["details"]) for row in entries.rows[HEADING] or ()
        ),
        "missing_blocks": tuple(
            block.title or block.name
            for block in blocks
            if entries.rows[block.name] is None
            and not block.may_lack
            and not (block.name in OF_MEASURES and not book.had(block))
        ),
        "progress": tuple(progress),
        "measures": tuple(measure for of_block in measures.values() for measure in of_block),
        "risks": entries.records(RISKS, Risk),
        "delivery": (*due, *achieved, *scheduled),
        "notes": entries.records(NOTES_BLOCK, Note),
        "sign_offs": entries.records(SIGN_OFF_BLOCK, SignOff),
        "breakdowns": tuple(f for breakdown in strand.breakdowns for f in entries.breakdown(breakdown)),
        "paragraphs": entries.records(PARAGRAPHS_BLOCK, Paragraph),
        "monthly": monthly,
        "shown": tuple(one for name, of_block in measures.items() for one in entries.shown(name, of_block)),
        "unknown_months": tuple(entries.unknown_months),
        "read_as": tuple(entries.read_as),
        "none_of": frozenset(entries.none_of),
        "formulas": tuple(book.formulas(blocks, sheet)),
        "worked_out": tuple(entries.worked_out),
    }


_forms: dict[tuple[str, Quarter], tuple[Settings, list[Block]]] = {}


def _form(settings: Settings, strand: Strand, quarter: Quarter) -> list[Block]:
    """The blocks of a strand's form, which are laid out once for all returns of a strand and quarter."""
    laid_out_for, blocks = _forms.get((strand.code, quarter), (None, []))
    if laid_out_for is not settings:
        if len(_forms) > MOST_FORMS:
            _forms.clear()
        account = strand_account(Master(quarter), quarter, strand, settings)
        blocks = strand_sheet(account, settings).blocks
        by_month = monthly_block(account, of_before=True)
        if by_month and by_month.name not in [block.name for block in blocks]:
            blocks.append(by_month)
        _forms[strand.code, quarter] = settings, blocks
    return blocks


def _hidden(book: OpenWorkbook) -> list[str]:
    ours = book.sheet_of(IDENTITY)
    return [name for name, visible in book.sheets.items() if not visible and name != ours]

"""A returned workbook to a Return record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cpxl.config import Settings, Strand
from cpxl.layout.blocks import Block
from cpxl.layout.identity import RETURN, identity_block
from cpxl.layout.strand import (
    ACHIEVED_BLOCK,
    NOTES_BLOCK,
    QUARTERLY_BLOCK,
    RISKS,
    ROLLING_BLOCK,
    SCHEDULED_BLOCK,
    progress_name,
    strand_sheet,
)
from cpxl.model import (
    ACHIEVED,
    QUARTERLY,
    ROLLING,
    SCHEDULED,
    DeliveryItem,
    Master,
    Measure,
    Note,
    Progress,
    Return,
    Risk,
    field_names,
    is_blank,
)
from cpxl.quarters import Quarter
from cpxl.workbooks.read import OpenWorkbook, ReadRow, Unreadable


def read_return(path: Path, settings: Settings) -> Return:
    """Read one file as a return, whatever it is: what is wrong with it stands in the record for the checks to say.

    Raises OSError if the file cannot be opened at all.
    """
    data = path.read_bytes()
    returned = received(path, data)
    try:
        book = OpenWorkbook(data)
        identity = {str(row.values["fact"]): row.values["value"] for row in book.rows(identity_block()) or ()}
        if identity.get("kind") != RETURN:
            return replace(returned, fault="other-workbook")
        known: dict[str, Any] = {
            key: str(identity.get(key) or "") for key in ("strand", "quarter", "template_version", "issue_id")
        }
        returned = replace(returned, **known)
        strand = settings.strand(known["strand"])
        if strand is None:
            return replace(returned, fault="unknown-strand")
        try:
            quarter = Quarter.parse(known["quarter"])
        except ValueError:
            return replace(returned, fault="other-workbook")
        return replace(returned, **read_strand_sheet(book, settings, strand, quarter))
    except Unreadable as fault:
        return replace(returned, fault=str(fault))


def received(path: Path, data: bytes) -> Return:
    """What is known of a file before it is opened: its name, SHA-256, and when it was last saved."""
    saved = datetime.fromtimestamp(path.stat().st_mtime).isoformat(" ", "seconds")
    return Return(path.name, hashlib.sha256(data).hexdigest(), saved)


def read_strand_sheet(book: OpenWorkbook, settings: Settings, strand: Strand, quarter: Quarter) -> dict[str, Any]:
    """What a lead entered on a strand's sheet, as fields of Return."""
    blocks = {block.name: block for block in strand_sheet(settings, strand, quarter, Master(quarter)).blocks}
    rows = {name: book.rows(block) for name, block in blocks.items()}
    missing = tuple(blocks[name].title or name for name, found in rows.items() if found is None)
    about: dict[str, Any] = {"quarter": quarter, "strand": strand.name}

    def records(name: str, record: type, **fields: Any) -> tuple[Any, ...]:
        """A record for each row of a block in which something was entered."""
        if name not in blocks:
            return ()
        entered = [column.key for column in blocks[name].columns if column.entered]
        return tuple(
            record(**about, **fields, **_fields(row, field_names(record)), cells=row.cells)
            for row in rows[name] or ()
            if not is_blank(row.values[key] for key in entered)
        )

    grids = [
        _progress(strand.name, plan.name, blocks[n], rows[n] or ())
        for plan in strand.plans
        if (n := progress_name(plan))
    ]
    return {
        "missing_blocks": missing,
        "progress": tuple(p for grid in grids for p in grid),
        "measures": records(ROLLING_BLOCK, Measure, period=ROLLING)
        + records(QUARTERLY_BLOCK, Measure, period=QUARTERLY),
        "risks": records(RISKS, Risk),
        "delivery": records(ACHIEVED_BLOCK, DeliveryItem, kind=ACHIEVED)
        + records(SCHEDULED_BLOCK, DeliveryItem, kind=SCHEDULED),
        "notes": records(NOTES_BLOCK, Note),
    }


def _fields(row: ReadRow, names: Sequence[str]) -> dict[str, Any]:
    """A row's values that the record has fields for (differences and the like are not kept)."""
    return {key: value for key, value in row.values.items() if key in names}


def _progress(strand: str, plan: str, grid: Block, rows: Sequence[ReadRow]) -> Iterator[Progress]:
    """The figures of a progress grid, a column a quarter. The note belongs to the quarter that is filled in."""
    for column in grid.columns[1:-1]:
        for row in rows:
            if row.values["status"] is not None:
                yield Progress(
                    Quarter.parse(column.heading),
                    strand,
                    plan,
                    str(row.values["status"]),
                    row.values[column.key],
                    row.values["note"] if column.entered else None,
                    {"value": row.cells[column.key], "note": row.cells["note"]},
                )

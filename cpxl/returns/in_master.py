"""Strands' sheets that were filled in inside the master, as returns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from cpxl.account.strand import strand_account
from cpxl.config import Settings
from cpxl.layout.blocks import Block, Row, plain
from cpxl.layout.delivery import ACHIEVED_BLOCK
from cpxl.layout.identity import issue_id
from cpxl.layout.risks import RISKS, together
from cpxl.layout.strand import Use, strand_sheet
from cpxl.model import (
    Master,
    Return,
    Value,
    is_blank,
    is_number,
    to_15_digits,
)
from cpxl.returns.entries import Entries
from cpxl.returns.read import read_strand_sheet, received
from cpxl.workbook_names import TEMPLATE_VERSION
from cpxl.workbooks.read import OpenWorkbook, ReadRow, tidy


def entered_sheets(
    book: OpenWorkbook, path: Path, settings: Settings, known: Master, codes: Sequence[str] = ()
) -> dict[str, Return]:
    """The strands' sheets of a master that count as returns, by the strand's code. codes: of the strands to look at.

    Those on which something was entered since cpxl drew them from what is known, and those that were merged so before.
    Their SHA-256 is that of what is entered, and stays as it was when that was merged.
    """
    quarter = known.quarter
    found: dict[str, Return] = {}
    of_quarter = [s for s in known.submissions if s.quarter == quarter and s.is_accepted]
    merged_before = {s.strand: s for s in of_quarter if s.file == path.name}
    sheets: dict[str, str] = {}
    strands = settings.as_of(quarter).strands
    for strand in [s for s in strands if s.code in codes] if codes else strands:
        drawn = strand_sheet(strand_account(known, quarter, strand, settings), settings, Use.MASTER)
        sheets = sheets or _sheets_by_strand(book, settings, drawn.blocks[0])
        sheet = sheets.get(strand.code, drawn.name)
        if sheet in sheets.values() and strand.code not in sheets:
            continue  # a strand that is new has taken the name of another's sheet
        read = Entries(book, drawn.blocks, strand, {}, sheet).rows
        there = [(block, rows) for block in drawn.blocks if (rows := read[block.name]) is not None]
        uncalculated = _calculated(book, there)
        entries = [
            _entered(block, _as_drawn(block, [_as_today(block, row.values) for row in rows])) for block, rows in there
        ]
        merged = merged_before.get(strand.name)
        is_as_drawn = entries == [_entered(block, block.body) for block, _ in there]
        if not is_as_drawn or (merged and not uncalculated):
            about = received(path, b"", path.stat().st_mtime_ns)
            if merged and is_as_drawn:
                about |= {"sha256": merged.sha256, "received": merged.received}
            else:
                about["sha256"] = hashlib.sha256(repr((strand.code, entries)).encode()).hexdigest()
            found[strand.code] = Return(
                **about,
                is_entered=True,
                strand=strand.code,
                quarter=str(quarter),
                template_version=TEMPLATE_VERSION,
                issue_id=issue_id(settings, strand.code, quarter),
                **read_strand_sheet(book, settings, strand, quarter, sheet),
            )
    return found


def _calculated(book: OpenWorkbook, there: Sequence[tuple[Block, list[ReadRow]]]) -> bool:
    """Put the values that were drawn in place of those that a program did not store with a formula. Whether one was."""
    found = False
    for block, rows in there:
        drawn = {plain(row.get(block.keys[0])): row for row in block.body}
        for row in rows:
            for column in block.entered:
                if row.values[column.key] is None and column.key in row.columns and book.is_formula(row, column.key):
                    if block.name == ACHIEVED_BLOCK and book.is_carried(row, column.key):
                        continue
                    label = row.values[block.keys[0]]
                    row.values[column.key] = was = tidy(plain(drawn.get(label, {}).get(column.key)))
                    found = found or was is not None  # a formula may come to nothing
    return found


def _sheets_by_strand(book: OpenWorkbook, settings: Settings, heading: Block) -> dict[str, str]:
    """Where each strand (by its code) is in a master, whatever its sheet is called now."""
    rows = [row for sheet in book.sheets_of(heading) for row in book.rows(heading, sheet) or ()]
    named = [
        (settings.strand_named(row.values["details"]), row.sheet) for row in rows if row.values["item"] == "Strand"
    ]
    return {strand.code: sheet for strand, sheet in reversed(named) if strand}


def _as_drawn(block: Block, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a table in the order in which it is drawn, where they are the same ones: config may have another."""
    label = block.keys[0]
    order = [plain(row.get(label)) for row in block.body]
    by_label = {plain(row.get(label)): row for row in rows}
    is_the_same = not block.columns[0].entered and len(by_label) == len(rows) and by_label.keys() == set(order)
    return [by_label[name] for name in order] if is_the_same else rows


def _as_today(block: Block, row: Row) -> Row:
    """A row as it is drawn today: what is at risk and why had a column each in masters of before."""
    if block.name != RISKS or not row.get("cause"):
        return row
    return {**row, "description": together(plain(row.get("description")), plain(row.get("cause")))}


def _entered(block: Block, rows: Iterable[Row]) -> list[list[Value]]:
    """What stands in a block's cells that are to be filled in, by row, without empty rows; numbers to 15 digits."""
    lines = [[tidy(plain(row.get(column.key))) for column in block.entered] for row in rows]
    return [[to_15_digits(v) if is_number(v) else v for v in line] for line in lines if not is_blank(line)]

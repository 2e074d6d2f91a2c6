"""Whether the figures that stand on the master's sheets are those that are about to go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpxl.account import Account
from cpxl.consolidate import correction_name
from cpxl.layout.blocks import plain
from cpxl.layout.summary import summary_block
from cpxl.model import SUMMED, Master, Return, is_number, same
from cpxl.provenance.proof import Wrong
from cpxl.provenance.sources import fact_of
from cpxl.workbooks.read import OpenWorkbook


def drawn_otherwise(book: OpenWorkbook, account: Account) -> Iterator[Wrong]:
    """Figures of the executive summary, sums among them, that were typed over on its sheet. account: of its quarter."""
    block = summary_block(account)
    drawn = {plain(row.get("strand")): row for row in block.rows}
    for row in book.rows(block) or ():
        ours = drawn.get(row.values["strand"], {})
        for key in SUMMED:
            wanted, found = plain(ours.get(key)), row.values.get(key)
            if is_number(wanted) and is_number(found) and not same(wanted, found):
                cell = row.cells[key]
                what = (
                    f"{row.values['strand']}: {cell.sheet}!{cell.address} says {found:,}, but the data tables come to"
                )
                fix = (
                    "It was typed over, or config.yaml has changed since. "
                    f"Run 'cpxl consolidate -q {account.quarter.folder}', which draws the sheet anew."
                )
                yield Wrong(f"{what} {wanted:,}.", fix)


def entered_otherwise(entered: Mapping[str, Return], master: Master) -> Iterator[Wrong]:
    """Figures that stand on strands' sheets of the master otherwise than they were merged. entered: by strand."""
    merged_files = {s.sha256 for s in master.submissions if s.is_accepted}
    merged = {fact_of(row): row for table in FIELDS for row in getattr(master, table) if row.quarter == master.quarter}
    for returned in entered.values():
        for table, fields in FIELDS.items() if returned.sha256 not in merged_files else ():
            for row in getattr(returned, table):
                was = merged.get(fact_of(row))
                for field in fields if was else ():
                    value, now = getattr(was, field), getattr(row, field)
                    if is_number(value) and is_number(now) and not same(now, value):
                        cell, called = row.cells[field], correction_name(row, field)
                        yield Wrong(
                            f"{row.strand}, {called}, {row.quarter} is {value:,}, but {cell.sheet}!{cell.address} says "
                            f"{now:,}.",
                            f"Run 'cpxl consolidate -q {row.quarter.folder}', or put back what stood there.",
                        )


FIELDS = {"progress": ("value",), "measures": ("previous", "current"), "breakdowns": ("value",)}
"""The tables with figures that a lead types, and the fields that hold them."""

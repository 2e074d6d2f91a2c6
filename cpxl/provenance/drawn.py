"""Whether the figures that stand on the master's sheets are those that are about to go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpxl.account import Account
from cpxl.layout.blocks import plain
from cpxl.layout.summary import summary_block
from cpxl.model import SUMMED, Return, is_number, same
from cpxl.provenance.proof import Wrong
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
                fix = f"Run 'cpxl consolidate -q {account.quarter.folder}', which draws the sheet anew."
                yield Wrong(f"{what} {wanted:,}.", fix)


def entered_otherwise(entered: Mapping[str, Return], account: Account) -> Iterator[Wrong]:
    """Figures that stand on strands' sheets of the master otherwise than they were merged."""
    merged = {s.sha256 for row in account.returns for s in row.files if s.is_accepted}
    known = {
        (one.strand.name, grid.plan.name, row.status): row.figures.get(account.quarter)
        for one in account.strands
        for grid in one.grids
        for row in grid.rows
    }
    for returned in entered.values():
        for p in returned.progress if returned.sha256 not in merged else ():
            value = known.get((p.strand, p.plan, p.status))
            if p.quarter == account.quarter and is_number(value) and is_number(p.value) and not same(p.value, value):
                cell = p.cells["value"]
                what = (
                    f"{p.strand}, {p.plan}: {p.status}, {p.quarter} is {value:,}, but {cell.sheet}!{cell.address} says"
                )
                fix = f"Run 'cpxl consolidate -q {account.quarter.folder}', or put back what stood there."
                yield Wrong(f"{what} {p.value:,}.", fix)

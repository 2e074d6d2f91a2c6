"""Where on the executive summary and the strands' sheets each figure stands, and which one stands in a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cpxl.account import Account
from cpxl.account.strand import StrandAccount
from cpxl.comparisons import COMPARISONS
from cpxl.layout.blocks import Sheet
from cpxl.layout.breakdowns import breakdown_name, figure_key
from cpxl.layout.measures import MONTHLY_BLOCK, SIGNALS_BLOCK, count_key, months_block
from cpxl.layout.progress import progress_name
from cpxl.layout.risks import RISKS, in_full
from cpxl.layout.strand import Use, strand_sheet
from cpxl.layout.summary import SUMMARY_BLOCK, summary_sheet
from cpxl.model import Value
from cpxl.provenance.shown import (
    BROKEN_DOWN,
    CHANGE,
    EVERY_STRAND,
    LOWER,
    MEAN,
    MONTH,
    RISK,
    SAME_QUARTER,
    SHARE,
    UPPER,
    USUAL,
    YEAR_TO,
    Figure,
    Shown,
)
from cpxl.quarters import month_in_words
from cpxl.workbook_names import SUMMARY
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import row_and_column


class Place(NamedTuple):
    """A cell of a table: the sheet and block as they are laid out, what its row begins with, and its column's key."""

    sheet: str
    block: str
    row: Value
    column: str


def sheets(account: Account, use: Use = Use.MASTER) -> Iterator[Sheet]:
    """The executive summary, and the sheet of each strand."""
    yield summary_sheet(account, to_fill_in=use is Use.MASTER)
    for one in account.strands:
        yield strand_sheet(one, account.settings, use)


def places(account: Account, figures: Iterable[Shown]) -> dict[Place, Shown]:
    """The figure that stands in each cell."""
    strands = {one.strand.name: one for one in account.strands}
    figures_of = {row.strand: row.figures_of for row in account.summary} | {EVERY_STRAND: account.quarter}
    found: dict[Place, Shown] = {}
    for shown in figures:
        figure = shown.figure
        if figure.plan or figure.period:
            if one := strands.get(figure.strand):
                found |= {Place(one.strand.short_name, *place): shown for place in _on_strands_sheet(figure, one)}
        elif figures_of.get(figure.strand) == figure.quarter:
            column = {CHANGE: "change", SHARE: "share"}.get(figure.how, figure.name)
            found[Place(SUMMARY, SUMMARY_BLOCK, figure.strand, column)] = shown
    return found


def place_of(book: OpenWorkbook, account: Account, sheet: str, address: str) -> Place | None:
    """The place that a cell of a master is, wherever its table has moved. None if it is in none of the tables."""
    row, column = row_and_column(address)
    laid_out = _laid_out(book, account, sheet)
    for block in laid_out.blocks if laid_out else ():
        for read in book.rows(block, sheet) or ():
            for key, at in read.columns.items():
                if laid_out and (read.row, at) == (row, column):
                    return Place(laid_out.name, block.name, read.values[block.keys[0]], key)
    return None


def _laid_out(book: OpenWorkbook, account: Account, sheet: str) -> Sheet | None:
    """The sheet as it is laid out that one of a master is, whatever it is called there."""
    summary, *strands = sheets(account)
    if book.sheet_of(summary.blocks[0]) == sheet:
        return summary
    for one, laid_out in zip(account.strands, strands, strict=True):
        facts = {row.values["item"]: row.values["details"] for row in book.rows(laid_out.blocks[0], sheet) or ()}
        meant = account.settings.strand_named(facts.get("Strand"))
        if meant and meant.name == one.strand.name:
            return laid_out
    return None


def _on_strands_sheet(figure: Figure, one: StrandAccount) -> Iterator[tuple[str, Value, str]]:
    """Block, row and column of each cell of the strand's sheet in which a figure stands."""
    if figure.period == BROKEN_DOWN:
        for table in one.breakdowns:
            if table.breakdown.name == figure.plan:
                yield breakdown_name(table.breakdown), figure.name, "change" if figure.how else figure_key(figure.of)
    elif figure.plan:
        for grid in one.grids:
            if grid.plan.name == figure.plan:
                yield progress_name(grid.plan), figure.name, "change" if figure.how else str(figure.quarter)
    elif figure.period == RISK:
        for risk in (row.risk for row in one.risks):
            if str(risk.id) == figure.name:
                yield RISKS, in_full(risk), figure.of
    elif figure.period == SAME_QUARTER:
        column = "quarter_now" if figure.quarter == one.quarter else "quarter_before"
        yield SIGNALS_BLOCK, figure.name, "change" if figure.how else column
    elif figure.period in (MONTH, YEAR_TO, USUAL):
        month, block = month_in_words(figure.of), months_block(figure.name)
        columns = {MEAN: "mean", LOWER: "lower", UPPER: "upper"}
        yield block, month, columns.get(figure.how, "total" if figure.period == YEAR_TO else "count")
        if figure.period == MONTH:
            yield block, month, "signal"
            yield MONTHLY_BLOCK, month, count_key(figure.name)
    elif figure.quarter == one.quarter:
        block = COMPARISONS[figure.period].block
        made = "difference" if figure.how == CHANGE else "percentage"
        yield block, figure.name, made if figure.how else figure.of

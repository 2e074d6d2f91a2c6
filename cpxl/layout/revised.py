"""Figures that are not what was last published for their quarter: marked [r] where they are printed, and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from cpxl.account import Account
from cpxl.layout.blocks import FACT, MARK, NUMERIC, OF, REVISED, UNIT, Block, Column, Kind, Row, Sheet, plain, unit_of
from cpxl.layout.summary import lines_of
from cpxl.model import Place, Value, is_number
from cpxl.quarters import Quarter, is_quarter, quarter_of_day
from cpxl.workbook_names import REVISIONS

BY_MONTH, COUNTED = "signals_", ("count", "total")
"""Tables by month, and what in them is a figure of its month: limits are worked out anew each quarter."""
UNITS_OF = {Kind.PERCENT: "percent", Kind.PERCENT_CHANGE: "percent change", Kind.COUNT: "count", Kind.CHANGE: "change"}


class Printed(NamedTuple):
    """A figure as a sheet prints it. row: its row's, from 0. called: what it is. unit: what it is counted in."""

    place: Place
    row: int
    value: Value
    called: str
    unit: str


def figures(block: Block, sheet: str, quarter: Quarter, first_month: int) -> Iterator[Printed]:
    """Every cell of a table that figures belong in. quarter: that the sheet is of."""
    keys = COUNTED if block.name.startswith(BY_MONTH) else block.keys
    columns = [column for column in block.columns if column.kind in NUMERIC and column.key in keys]
    seen = Counter[str]()
    for at, row in enumerate(block.rows):
        label = str(plain(row.get(block.keys[0])) or "")
        fact = str(row.get(FACT) or label)
        seen[fact] += 1
        numbered = fact if seen[fact] == 1 else f"{fact} ({seen[fact]})"
        for column in columns:
            of = _quarter_of(row, column.key, quarter, first_month)
            is_of_one = is_quarter(column.heading) and column.key == column.heading
            called = ": ".join(dict.fromkeys(filter(None, (sheet, block.title.removeprefix("Progress: "), label))))
            place = Place(sheet, block.name, numbered, column.key, Quarter.parse(column.key) if is_of_one else of)
            unit = unit_of(column, row)
            name = UNITS_OF.get(column.kind) or (unit.name if unit else "number")
            yield Printed(
                place, at, plain(row.get(column.key)), called if is_of_one else f"{called}, {column.heading}", name
            )


def _quarter_of(row: Row, key: str, quarter: Quarter, first_month: int) -> Quarter:
    """The quarter that a figure of a row is of: the sheet's, unless the row says another, or a month.

    What a strand has more than a quarter ago is of the sheet's quarter, also where its last figures are older.
    """
    is_of_sheet = key == "change" and "figures_of" in row
    of = "" if is_of_sheet else str(row.get(OF) or row.get("figures_of") or "")
    if is_quarter(of):
        return Quarter.parse(of)
    return quarter_of_day(date.fromisoformat(f"{of}-01"), first_month) if of[:1].isdigit() else quarter


def every_figure(sheets: Sequence[Sheet], account: Account) -> Iterator[Printed]:
    """Every figure that partners are told of a quarter."""
    for sheet in sheets:
        for block in sheet.blocks:
            yield from figures(block, sheet.name, account.quarter, account.settings.financial_year_starts_in)


def marked(block: Block, sheet: str, account: Account) -> Block:
    """A table with a mark on each figure that is revised."""
    revised = account.revised
    if not revised:
        return block
    rows = [dict(row) for row in block.rows]
    for one in figures(block, sheet, account.quarter, account.settings.financial_year_starts_in):
        if one.place in revised:
            row, key = rows[one.row], one.place.column
            if is_number(one.value):
                row[REVISED] = f"{row.get(REVISED) or ''}\n{key}"
            else:
                row[key] = f"{one.value or ''} {MARK}".strip()
    return replace(block, rows=rows)


def marked_sheet(sheet: Sheet, account: Account) -> Sheet:
    """A sheet with its revised figures marked."""
    return replace(
        sheet, items=[marked(item, sheet.name, account) if isinstance(item, Block) else item for item in sheet.items]
    )


def revisions_sheet(account: Account) -> Sheet:
    """Each revised figure as it was published and as it is now, and why."""
    columns = [
        Column("figure", "Figure"),
        Column("why", "Why"),
        Column("quarter", "Quarter"),
        Column("before", "Published", Kind.NUMBER),
        Column("after", "Now", Kind.NUMBER),
        Column("since", "Published in"),
    ]
    rows: list[Row] = [
        {
            "figure": one.called,
            "why": one.why,
            "quarter": str(one.place.quarter),
            "before": one.before,
            "after": one.after,
            "since": one.since.removeprefix(f"{one.place.quarter} "),
            UNIT: one.unit,
        }
        for one in account.revisions
    ]
    intro = f"Every figure that is not what was last published for its quarter. It is marked {MARK} where it stands."
    return Sheet(
        REVISIONS,
        REVISIONS,
        lines_of(account.settings, account.quarter),
        [Block("revisions", "", columns, rows, intro)],
    )


def revised_in_words(account: Account) -> str:
    """How many figures were published otherwise, and where they are listed, or that nobody can tell; else blank."""
    number = len(account.revisions)
    are = "figure is" if number == 1 else "figures are"
    listed = f"marked {MARK} and listed on the sheet {REVISIONS} of the partner workbook, with the reason"
    said = f"{number} {are} not what was last published for the quarter: {listed}." if number else ""
    unknown = [f"What differs from {name} is not marked, as it is not known any more." for name in account.not_compared]
    return " ".join(filter(None, [said, *unknown]))

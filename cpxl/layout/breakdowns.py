"""A strand's tables of its own, and what is said of its insights in words."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl import workbook_names as names
from cpxl.account.breakdowns import BreakdownAccount
from cpxl.account.strand import StrandAccount
from cpxl.config import Breakdown
from cpxl.config.breakdowns import THIS_QUARTER
from cpxl.layout.blocks import UNIT, Block, Column, Content, Formula, Kind, Row
from cpxl.layout.measures import difference, in_formula
from cpxl.layout.place import Here
from cpxl.model import is_number
from cpxl.quarters import Quarter
from cpxl.units import UNITS
from cpxl.words import listed

PARAGRAPHS_BLOCK = "insight_text"
ROOM_FOR_PARAGRAPHS = 4
BY, BY_BEFORE = "Category", "Broken down by"
SUMS_TO = 0.005
"""By which a total and the sum of its parts may differ, as each is rounded."""


def breakdown_name(breakdown: Breakdown, name: str = "") -> str:
    """The block of a breakdown. name: one that it had."""
    return f"breakdown_{names.key(name or breakdown.name)}"


def figure_key(column: str) -> str:
    """The column of the block with the figures of a column of the breakdown."""
    return f"figure: {column}"


def heading_of(breakdown: Breakdown, column: str, quarter: Quarter) -> str:
    """What stands above a column: its quarter, if it is of one, else its name."""
    of = breakdown.quarter_of(column, quarter)
    return column if of is None else str(of)


def breakdown_block(account: BreakdownAccount, *, to_fill_in: bool) -> Block:
    """A row for each district, characteristic or kind of result, and the total."""
    breakdown, quarter = account.breakdown, account.quarter
    prompt = "Leave blank what is not known; enter N/A where there is nothing to count."
    columns = [
        Column("row", BY, formerly=(BY_BEFORE,)),
        Column("comment", "Comment", entered=True, prompt="What lies behind the figures. Optional."),
        *[
            Column(
                figure_key(column),
                heading_of(breakdown, column, quarter),
                Kind.NUMBER,
                True,
                prompt=prompt,
                may_lack=True,
                unit=UNITS[breakdown.units[column]] if column in breakdown.units else None,
            )
            for column in breakdown.columns
        ],
        *([Column("change", "Change", Kind.CHANGE, may_lack=True)] if account.earlier else []),
    ]
    rows: list[Row] = []
    for row in account.rows:
        figures: dict[str, Content] = {figure_key(column): value for column, value in row.figures.items()}
        unit = account.unit(row.name)
        change: Row = {}
        if account.earlier:
            change = {"change": difference(figure_key(account.earlier), figure_key(THIS_QUARTER), row.change, unit)}
        rows.append({"row": row.name, **figures, **change, "comment": row.comment, UNIT: unit.name})
    return Block(
        breakdown_name(breakdown),
        breakdown.name,
        columns,
        rows if to_fill_in or account.is_known else [],
        "" if to_fill_in else _not_reported(account),
        check=_check(account) if to_fill_in else None,
        empty="No figures were reported for this quarter.",
        totalled=breakdown.total is not None and not to_fill_in,
        formerly=tuple(breakdown_name(breakdown, old) for old in breakdown.formerly),
        may_lack=True,
    )


def _not_reported(account: BreakdownAccount) -> str:
    """The columns that nobody reported a figure in, which partners see no more of than this."""
    blank = [
        heading_of(account.breakdown, column, account.quarter)
        for column in account.breakdown.columns
        if all(row.figures.get(column) is None for row in account.rows)
    ]
    return f"Not reported: {listed(blank)}." if blank and account.is_known else ""


def sums(breakdown: Breakdown) -> list[str]:
    """The columns in which all rows are counted in one unit and add up to the total."""
    if breakdown.total is None:
        return []
    units = {column: {breakdown.unit_of(row, column) for row in breakdown.every_row} for column in breakdown.columns}
    return [column for column, of in units.items() if len(of) == 1 and all(unit.is_sum for unit in of)]


def _check(account: BreakdownAccount) -> Formula | None:
    """Whether the parts are the total, in every column in which both are known."""
    breakdown, checked = account.breakdown, sums(account.breakdown)
    if not checked:
        return None
    total, parts = str(breakdown.total), slice(len(breakdown.rows))
    fine, wrong = "OK: what is known adds up.", f"To do: the rows do not come to {total}."

    def text(here: Here) -> str:
        tests = []
        for column in checked:
            figures, whole = here.column(figure_key(column), rows=parts), here.cell(figure_key(column), total)
            is_apart = f"ABS(SUM({figures})-SUM({whole}))>{SUMS_TO}"  # either may be N/A
            tests.append(f"AND(COUNT({figures})={len(breakdown.rows)},COUNT({whole})=1,{is_apart})")
        return f'=IF(OR({",".join(tests)}),{in_formula(wrong)},"{fine}")'

    figures_of = {row.name: row.figures for row in account.rows}
    is_wrong = any(_is_apart([figures_of[r].get(c) for r in breakdown.rows], figures_of[total].get(c)) for c in checked)
    return Formula(text, wrong if is_wrong else fine)


def _is_apart(parts: Sequence[object], whole: object) -> bool:
    numbers = [part for part in parts if is_number(part)]
    return len(numbers) == len(parts) and is_number(whole) and abs(sum(numbers) - whole) > SUMS_TO


def paragraphs_block(account: StrandAccount, *, to_fill_in: bool) -> Block:
    """What the lead says of the quarter that belongs to no single measure."""
    prompt = "A short paragraph that belongs to no single measure. It goes to partners."
    columns = [
        Column("number", "Number"),
        Column("text", "Paragraph", entered=True, prompt=prompt),
    ]
    texts = [paragraph.text for paragraph in account.paragraphs]
    if to_fill_in:
        texts += [None] * max(ROOM_FOR_PARAGRAPHS - len(texts), 2)
    rows: list[Row] = [{"number": f"Paragraph {number}", "text": text} for number, text in enumerate(texts, 1)]
    return Block(PARAGRAPHS_BLOCK, "Insight in words", columns, rows, optional=True, may_lack=True)

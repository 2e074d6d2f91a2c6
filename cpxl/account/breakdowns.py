"""A strand's tables of its own in a quarter: each figure, what it was before, and whether the parts are the total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpxl.config import Breakdown, Strand
from cpxl.config.breakdowns import BACK, THIS_QUARTER
from cpxl.model import BreakdownFigure, Master, Number, Value, is_blank, is_number
from cpxl.quarters import Quarter
from cpxl.units import Unit


@dataclass(frozen=True)
class BreakdownRow:
    """A row: its figures by column, the comment on it, and what has changed since the earlier quarter that is shown."""

    name: str
    figures: Mapping[str, Value]
    comment: Value
    change: Number | None
    is_total: bool


@dataclass(frozen=True)
class BreakdownAccount:
    """A breakdown in a quarter. earlier: the column that this quarter is compared with; blank if there is none."""

    breakdown: Breakdown
    quarter: Quarter
    rows: tuple[BreakdownRow, ...]
    earlier: str

    @property
    def is_known(self) -> bool:
        """Whether there is anything to say of it."""
        return any(not is_blank((*row.figures.values(), row.comment)) for row in self.rows)

    def unit(self, row: str) -> Unit:
        """What a row's figure of this quarter, and so its change, is counted in."""
        return self.breakdown.unit_of(row, THIS_QUARTER)


def breakdowns_of(master: Master, quarter: Quarter, strand: Strand) -> Iterator[BreakdownAccount]:
    """The strand's breakdowns. Earlier figures are what was reported then, until this quarter's are known."""
    for breakdown in strand.breakdowns:
        mine = [f for f in master.breakdowns if (f.strand, f.breakdown) == (strand.name, breakdown.name)]
        now = [f for f in mine if f.quarter == quarter]
        known = {(f.row, f.column): f.value for f in now}
        if not now:
            known = _before(mine, breakdown, quarter)
        comments = {f.row: f.comment for f in now if f.comment is not None}
        earlier = next((c for c in breakdown.columns if BACK.get(c)), "") if THIS_QUARTER in breakdown.columns else ""
        rows = []
        for row in breakdown.every_row:
            figures = {column: known.get((row, column)) for column in breakdown.columns}
            unit = breakdown.unit_of(row, THIS_QUARTER)
            change = unit.change(figures.get(earlier), figures.get(THIS_QUARTER)) if earlier else None
            rows.append(BreakdownRow(row, figures, comments.get(row), change, row == breakdown.total))
        yield BreakdownAccount(breakdown, quarter, tuple(rows), earlier)


def _before(figures: list[BreakdownFigure], breakdown: Breakdown, quarter: Quarter) -> dict[tuple[str, str], Value]:
    """What was reported of earlier quarters, for the columns that are of one."""
    back = {quarter.plus(-BACK[column]): column for column in breakdown.columns if BACK.get(column)}
    return {
        (f.row, back[f.quarter]): f.value
        for f in figures
        if f.quarter in back and f.column == THIS_QUARTER and is_number(f.value)
    }

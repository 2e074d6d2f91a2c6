"""Breakdowns: tables of a strand's own, with figures that can be, that add up, and that nobody is known by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cpxl.comparisons import COMPARISONS, over_the_same
from cpxl.config import Breakdown
from cpxl.config.breakdowns import BACK, THIS_QUARTER
from cpxl.layout.breakdowns import sums
from cpxl.model import (
    NOT_APPLICABLE,
    QUARTERLY,
    BreakdownFigure,
    Cell,
    Measure,
    Number,
    Return,
    Value,
    is_number,
    same,
)
from cpxl.returns.catalogue import ERROR, WARNING, Context, Fault, rule
from cpxl.units import COUNT
from cpxl.words import listed, short

ROUNDED = 0.005
"""By which a total and the sum of its parts may differ, as each is rounded."""


class _Table(NamedTuple):
    """A breakdown and what a return has of it: the figures in rows that it knows, by row and column, and all others."""

    breakdown: Breakdown
    figures: dict[tuple[str, str], BreakdownFigure]
    every: list[BreakdownFigure]

    def value(self, row: str, column: str) -> Value:
        found = self.figures.get((row, column))
        return found.value if found else None

    def numbers(self, rows: Iterable[str], column: str) -> list[Number] | None:
        """The figures of some rows that are known; None if one of them cannot be."""
        known = [(row, value) for row in rows if is_number(value := self.value(row, column))]
        fit = all(self.breakdown.unit_of(row, column).holds(value) for row, value in known)
        return [value for _, value in known] if fit else None

    def cells(self, rows: Iterable[str], column: str) -> list[Cell]:
        return [self.figures[row, column].cells["value"] for row in rows if (row, column) in self.figures]


def _tables(returned: Return, context: Context) -> Iterator[_Table]:
    for breakdown in context.strand(returned).breakdowns:
        mine = [f for f in returned.breakdowns if f.breakdown == breakdown.name]
        yield _Table(breakdown, {(f.row, f.column): f for f in mine if f.row in breakdown.every_row}, mine)


@rule(
    "breakdown-row-unknown",
    ERROR,
    "Rows of breakdowns labelled as issued",
    "Breakdowns: row",
    "Not a row of '{breakdown}': {rows}.",
    "Put the row's label back as it was issued; ask the coordinator if a new row is needed.",
)
def row_unknown(returned: Return, context: Context) -> Iterator[Fault]:
    for table in _tables(returned, context):
        unknown = [f for f in table.every if f.row not in table.breakdown.every_row]
        if unknown:
            rows = listed(f"'{short(row or 'blank')}'" for row in dict.fromkeys(f.row for f in unknown))
            yield Fault([f.cells["row"] for f in unknown], {"breakdown": table.breakdown.name, "rows": rows})


@rule(
    "breakdown-row-twice",
    ERROR,
    "One line for each row of a breakdown",
    "Breakdowns: row",
    "'{breakdown}' has {rows} more than once.",
    "Keep one line of it, with the right figures.",
)
def row_twice(returned: Return, context: Context) -> Iterator[Fault]:
    for table in _tables(returned, context):
        times = Counter((f.row, f.column) for f in table.every)
        rows = list(dict.fromkeys(row for (row, _), count in times.items() if count > 1))
        if rows:
            cells = [f.cells["row"] for f in table.every if f.row in rows]
            yield Fault(cells, {"breakdown": table.breakdown.name, "rows": listed(rows)})


@rule(
    "breakdown-cannot-be",
    ERROR,
    "Figures of breakdowns that can be",
    "Breakdowns: figures",
    "'{breakdown}' has {given}.",
    "Correct the figure: {wanted}, or N/A where there is nothing to count; put words into the comment.",
)
def cannot_be(returned: Return, context: Context) -> Iterator[Fault]:
    for table in _tables(returned, context):
        wrong = [
            (f, unit)
            for f in table.figures.values()
            if f.value not in (None, NOT_APPLICABLE)
            and not (unit := table.breakdown.unit_of(f.row, f.column)).holds(f.value)
        ]
        if wrong:
            given = listed(f"'{short(f.value)}' for {f.row}" for f, _ in wrong)
            wanted = listed(dict.fromkeys(unit.wanted for _, unit in wrong))
            words = {"breakdown": table.breakdown.name, "given": given, "wanted": wanted}
            yield Fault([f.cells["value"] for f, _ in wrong], words)


@rule(
    "breakdown-missing",
    WARNING,
    "Every figure of a breakdown",
    "Breakdowns: figures, and the comment beside them",
    "'{breakdown}' lacks a figure for {rows}, which partners read as not reported.",
    "Enter the figure, or N/A where there is nothing to count; if it is not known, say so in the comment.",
)
def missing(returned: Return, context: Context) -> Iterator[Fault]:
    """Every figure but those of earlier quarters. A comment on the row says enough."""
    for table in _tables(returned, context):
        of = table.breakdown
        wanted = [column for column in of.columns if not BACK.get(column)] or of.columns
        commented = {f.row for f in table.figures.values() if f.comment is not None}
        blank = {
            row: lacking
            for row in of.every_row
            if row not in commented and (lacking := [c for c in wanted if table.value(row, c) is None])
        }
        if blank:
            rows = "any row" if len(blank) == len(of.every_row) and _is_blank(table, wanted) else listed(blank)
            cells = [cell for row, lacking in blank.items() for c in lacking for cell in table.cells([row], c)]
            yield Fault(cells, {"breakdown": of.name, "rows": rows})


def _is_blank(table: _Table, columns: Iterable[str]) -> bool:
    return all(table.value(row, column) is None for row in table.breakdown.every_row for column in columns)


@rule(
    "breakdown-does-not-add-up",
    ERROR,
    "Rows of a breakdown that add up to its total",
    "Breakdowns: figures",
    "'{breakdown}', {column}: the rows come to {sum}, but {total} says {whole}.",
    "Correct the rows or the total.",
)
def does_not_add_up(returned: Return, context: Context) -> Iterator[Fault]:
    """Rows that are not known may make up what is lacking, but never what is too much."""
    for table in _tables(returned, context):
        of = table.breakdown
        for column in sums(of):
            parts, wholes = table.numbers(of.rows, column), table.numbers([str(of.total)], column)
            is_complete = parts is not None and len(parts) == len(of.rows)
            if not parts or not wholes or (not is_complete and any(part < 0 for part in parts)):
                continue
            [whole] = wholes
            apart = sum(parts) - whole
            if apart > ROUNDED or (is_complete and apart < -ROUNDED):
                unit = of.unit_of(of.rows[0], column)
                figures = {"sum": unit.said(sum(parts)), "whole": unit.said(whole)}
                words = {"breakdown": of.name, "column": _column(column, context), "total": of.total, **figures}
                yield Fault(table.cells([*of.rows, str(of.total)], column), words)


@rule(
    "breakdown-differs-from-measure",
    ERROR,
    "Breakdowns that come to the measure that they break down",
    "Breakdowns: figures; Insights: both figures",
    "'{breakdown}', {column}: it comes to {sum}, but {measure} is {figure}.",
    "Correct the rows, or the measure.",
)
def differs_from_measure(returned: Return, context: Context) -> Iterator[Fault]:
    for table in _tables(returned, context):
        of = table.breakdown
        for column, measure, key in _equal(of, returned.measures):
            rows = [of.total] if of.total else of.rows
            values, figure = table.numbers(rows, column) or [], getattr(measure, key)
            is_complete = len(values) == len(rows)
            apart = sum(values) - figure if is_number(figure) and values else 0
            if apart > ROUNDED or (is_complete and apart < -ROUNDED):
                unit = of.unit_of(rows[0], column)
                words = {
                    "breakdown": of.name,
                    "column": _column(column, context),
                    "sum": unit.said(sum(values)),
                    "measure": measure.measure,
                    "figure": unit.said(figure),
                }
                cells = [measure.cells[key]] if key in measure.cells else []
                yield Fault([*table.cells(rows, column), *cells], words)


@rule(
    "breakdown-small-count",
    WARNING,
    "No count so small that it tells who is meant",
    "Breakdowns: figures, and the comment beside them",
    "'{breakdown}' has counts under {least}, by which somebody may be known: {rows}.",
    "Put the rows together, or enter N/A; if it is safe to publish, say why in the comment.",
)
def small_count(returned: Return, context: Context) -> Iterator[Fault]:
    least = context.settings.thresholds.smallest_count
    for table in _tables(returned, context) if least > 1 else ():
        of = table.breakdown
        small = [
            f
            for f in table.figures.values()
            if is_number(f.value) and 0 < f.value < least and of.unit_of(f.row, f.column) is COUNT
        ]
        comments = {f.row: f.comment for f in table.figures.values() if f.comment is not None}
        for row in dict.fromkeys(f.row for f in small):
            mine = [f for f in small if f.row == row]
            said = listed(f"{row} {f.value}" for f in mine)
            words = {"breakdown": of.name, "least": least, "rows": said}
            yield Fault([f.cells["value"] for f in mine], words, comments.get(row))


@rule(
    "breakdown-earlier-differs",
    WARNING,
    "Earlier figures of breakdowns as reported then",
    "Breakdowns: earlier figures, and the comment beside them",
    "'{breakdown}', {row}: the figure for {when} is {given}, but {reported} was reported for it then.",
    "Put the reported figure back, or say in the comment why it was restated.",
)
def earlier_differs(returned: Return, context: Context) -> Iterator[Fault]:
    name = context.strand(returned).name
    known = {(f.quarter, f.breakdown, f.row): f.value for f in context.known.breakdowns if _is_of(f, name)}
    for table in _tables(returned, context):
        comments = {f.row: f.comment for f in table.figures.values() if f.comment is not None}
        for f in table.figures.values():
            back = BACK.get(f.column)
            then = context.quarter.plus(-back) if back else None
            was = known.get((then, f.breakdown, f.row)) if then else None
            if is_number(f.value) and is_number(was) and not same(f.value, was):
                unit = table.breakdown.unit_of(f.row, f.column)
                figures = {"given": unit.said(f.value), "reported": unit.said(was)}
                words = {"breakdown": f.breakdown, "row": f.row, "when": str(then), **figures}
                yield Fault([f.cells["value"]], words, comments.get(f.row))


def _equal(breakdown: Breakdown, measures: Iterable[Measure]) -> Iterator[tuple[str, Measure, str]]:
    """The columns of a breakdown that come to a measure's figures, and these: the measure, `previous` or `current`."""
    mine = [m for m in measures if m.measure == breakdown.equals and m.period in over_the_same(QUARTERLY)]
    for column, back in BACK.items():
        if column in breakdown.columns:
            compared_so = (m for m in mine if COMPARISONS[m.period].quarters_back == back)
            measure = next(compared_so, None) if back else next(iter(mine), None)
            if measure:
                yield column, measure, "previous" if back else "current"


def _is_of(figure: BreakdownFigure, strand: str) -> bool:
    return figure.strand == strand and figure.column == THIS_QUARTER


def _column(column: str, context: Context) -> str:
    back = BACK.get(column)
    return column if back is None else str(context.quarter.plus(-back))

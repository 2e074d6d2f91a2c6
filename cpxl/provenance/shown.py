"""The figures that a quarter's sheets show, as the account has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cpxl.model import CURRENT, PREVIOUS, QUARTERLY, ROLLING, SUMMED, Value, is_number
from cpxl.quarters import Quarter

if TYPE_CHECKING:
    from cpxl.account import Account

EVERY_STRAND = "Total"
"""What the executive summary calls all strands together."""
BROKEN_DOWN = "Breakdown"
"""The period of a figure of a breakdown."""


class Figure(NamedTuple):
    """What a figure is of.

    strand: `Total` for all strands together. plan: blank where it is of none, or of several. name: a status, one of
    SUMMED, a measure, or `change`. period, of: of a measure, `12 months` or `Quarter`, and which of its two figures; a
    month (`2020-09`) where it is a count by month. Of a breakdown: plan has its name, name the row and of the column.
    """

    strand: str
    plan: str
    name: str
    quarter: Quarter
    period: str = ""
    of: str = ""


class Shown(NamedTuple):
    """A figure and the value that is shown. called: its name in words."""

    figure: Figure
    value: Value
    called: str

    @property
    def names(self) -> tuple[str, ...]:
        """What somebody may ask for it by."""
        return self.called, self.figure.name, *filter(None, [self.figure.plan])


def shown(account: Account) -> list[Shown]:
    """Every figure of the executive summary, the strands' sheets, and those by quarter, once each."""
    return list(dict.fromkeys(one for one in _every(account) if is_number(one.value)))


def _every(account: Account) -> Iterator[Shown]:
    headings = account.settings.headings
    names = {"total": "Total", "change": "Change in complete", "other": "Other"}
    names |= {key: getattr(headings, key) for key in SUMMED if key not in names}
    for row in account.summary:
        for key in (*SUMMED, "change", *(["other"] if row.other else [])):
            if row.figures_of:
                yield Shown(Figure(row.strand, "", key, row.figures_of), getattr(row, key), names[key])
    for key in (*SUMMED, "change", *(["other"] if account.totals["other"] else [])):
        total = account.totals[key]
        yield Shown(Figure(EVERY_STRAND, "", key, account.quarter), total, names[key])
    for strand, figures in account.complete.items():
        for quarter, value in figures.items():
            yield Shown(Figure(strand, "", "complete", quarter), value, names["complete"])
    for one in account.strands:
        for grid in one.grids:
            for status in grid.rows:
                for quarter, value in status.figures.items():
                    yield Shown(Figure(one.strand.name, grid.plan.name, status.status, quarter), value, status.status)
        for measure in (*one.rolling, *one.quarterly):
            for of in (PREVIOUS, CURRENT):
                figure = Figure(one.strand.name, "", measure.name, one.quarter, measure.period, of)
                yield Shown(figure, getattr(measure, of).value, _called(figure))
            for month in measure.shown:
                figure = Figure(one.strand.name, "", measure.name, one.quarter, "Month", month.month)
                yield Shown(figure, month.count, f"{measure.name}, {month.month}")
        for table in one.breakdowns:
            for line in table.rows:
                for column, value in line.figures.items():
                    about = (one.strand.name, table.breakdown.name, line.name, one.quarter, BROKEN_DOWN, column)
                    yield Shown(Figure(*about), value, f"{line.name}, {column}")
    for insight in account.insights:
        if insight.reported:
            for of in (PREVIOUS, CURRENT):
                figure = Figure(insight.strand, "", insight.name, insight.reported.quarter, insight.period, of)
                yield Shown(figure, getattr(insight.reported, of), _called(figure))
        for quarter, value in insight.trend.items():
            figure = Figure(insight.strand, "", insight.name, quarter, insight.period, CURRENT)
            yield Shown(figure, value, _called(figure))


def _called(figure: Figure) -> str:
    words = {
        (ROLLING, CURRENT): "12 months",
        (ROLLING, PREVIOUS): "the 12 months before",
        (QUARTERLY, CURRENT): "quarter",
        (QUARTERLY, PREVIOUS): "the quarter before",
    }
    return f"{figure.name}, {words[figure.period, figure.of]}"

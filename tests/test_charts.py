"""What charts of a strand's sheet look like, and what is said of them."""

from itertools import pairwise, product

import pytest
from cpxl.layout.charts import monthly_charts, progress_chart, rolling_chart

from cpxl.account.strand import Grid
from cpxl.config import parse
from cpxl.layout.blocks import Block, Column, Formula, Row
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.theme import shipped

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
Q2 = Quarter(2020, 2)


def grey(colour: str) -> float:
    """A colour of the theme as a printer without colours has it, 0 to 255."""
    parts = [int(shipped().rgb(colour)[at : at + 2], 16) for at in (1, 3, 5)]
    return sum(share * part for share, part in zip((0.299, 0.587, 0.114), parts, strict=True))


@pytest.mark.parametrize("number", [2, 6])
def test_statuses_that_touch_can_be_told_apart_however_many_there_are(number: int) -> None:
    plan = SETTINGS.strands[0].plans[0]
    for kinds in product(("complete", "ongoing", "at_risk", "nothing"), repeat=number):
        statuses = {f"Status {at}": kind for at, kind in enumerate(kinds)}
        grid = Block("progress", "", [], [{"status": status, str(Q2): 1} for status in statuses])
        plan = plan.model_copy(update={"statuses": {"Total": "total", **statuses}})
        (chart,) = progress_chart(Grid(plan, (Q2,), ()), grid, is_live=False)
        colours = [series.colour for series in chart.series]
        assert min(abs(grey(one) - grey(other)) for one, other in pairwise(colours)) > 40, kinds
        assert all(colours.count(kind) == 1 for kind in {*kinds} - {"nothing"}), kinds


def test_a_plan_without_parts_has_no_chart() -> None:
    plan = SETTINGS.strands[0].plans[0].model_copy(update={"statuses": {"Total": "total"}})
    grid = Block("progress", "", [], [{"status": "Total", str(Q2): 1}])
    assert list(progress_chart(Grid(plan, (Q2,), ()), grid, is_live=False)) == []


def test_figures_are_said_as_the_sheet_shows_them() -> None:
    columns = [Column("previous", "The year before"), Column("current", "The year")]
    rows: list[Row] = [
        {"measure": "Burglary", "previous": None, "current": 1234},
        {"measure": "Kilograms", "previous": 1.2000000000000002, "current": Formula(lambda here: "", "")},
        {"measure": "Arrests", "previous": "N/A", "current": 2.0},
    ]
    (chart,) = rolling_chart(Block("rolling", "", columns, rows), is_live=False)
    assert chart.alt_text == (
        "Columns side by side. The year before and The year: Burglary: not known and 1,234; "
        "Kilograms: 1.2 and not known; Arrests: N/A and 2."
    )
    months: list[Row] = [{"month": str(month), "count": 0.1 + 0.2 + month} for month in range(24)]
    by_month, by_year = monthly_charts(Block("monthly", "", [], months), "Burglary", "count", "total", is_live=False)
    assert by_month.alt_text == "Columns: 0.3 in 0, 23.3 in 23."
    assert "0 to 11: 0.3, 1.3, 2.3" in by_year.alt_text

"""What charts of a strand's sheet look like, and what is said of them."""

from itertools import pairwise, product

import pytest

from cpxl.account.strand import Grid, strand_account
from cpxl.config import parse
from cpxl.layout.blocks import Block, Chart, Shape
from cpxl.layout.in_words import ends
from cpxl.layout.measures import signal_blocks
from cpxl.layout.progress import progress_chart
from cpxl.layout.strand import Use, strand_sheet
from cpxl.model import Master, Monthly, Progress
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.theme import shipped
from cpxl.units import said

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
Q2 = Quarter(2020, 2)
QUARTERS = (Q2.plus(-2), Q2.plus(-1), Q2)
HATE = SETTINGS.strands[5]


def grey(colour: str) -> float:
    """A colour of the theme as a printer without colours has it, 0 to 255."""
    parts = [int(shipped().rgb(colour)[at : at + 2], 16) for at in (1, 3, 5)]
    return sum(share * part for share, part in zip((0.299, 0.587, 0.114), parts, strict=True))


@pytest.mark.parametrize("number", [2, 6])
def test_statuses_that_touch_can_be_told_apart_however_many_there_are(number: int) -> None:
    plan = SETTINGS.strands[0].plans[0]
    for kinds in product(("complete", "ongoing", "at_risk", "nothing"), repeat=number):
        statuses = {f"Status {at}": kind for at, kind in enumerate(kinds)}
        grid = Block(
            "progress", "", [], [{"status": status, **dict.fromkeys(map(str, QUARTERS), 1)} for status in statuses]
        )
        plan = plan.model_copy(update={"statuses": {"Total": "total", **statuses}})
        (chart,) = progress_chart(Grid(plan, QUARTERS, ()), grid, is_live=False)
        colours = [series.colour for series in chart.series]
        assert min(abs(grey(one) - grey(other)) for one, other in pairwise(colours)) > 40, kinds
        assert all(colours.count(kind) == 1 for kind in {*kinds} - {"nothing"}), kinds


def test_a_plan_without_parts_has_no_chart() -> None:
    plan = SETTINGS.strands[0].plans[0].model_copy(update={"statuses": {"Total": "total"}})
    grid = Block("progress", "", [], [{"status": "Total", str(Q2): 1}])
    assert list(progress_chart(Grid(plan, QUARTERS, ()), grid, is_live=False)) == []


def test_two_quarters_have_no_chart() -> None:
    """The two figures say more."""
    plan = SETTINGS.strands[0].plans[0]
    for shown in (2, 3):
        quarters = QUARTERS[:shown]
        grid = Block("progress", "", [], [{"status": s, **dict.fromkeys(map(str, quarters), 1)} for s in plan.statuses])
        assert len(list(progress_chart(Grid(plan, quarters, ()), grid, is_live=False))) == shown - 2


def test_figures_are_said_as_the_sheet_shows_them() -> None:
    assert [said(value) for value in (1234, 1.2000000000000002, "", "N/A", 2.0)] == [
        "1,234",
        "1.2",
        "not known",
        "N/A",
        "2",
    ]
    assert ends(["Jan 2020", "Feb 2020", "Mar 2020"], [None, 0.1 + 0.2, 23]) == "0.3 in Feb 2020, 23 in Mar 2020"


def test_a_measure_has_its_months_and_below_them_its_rolling_year() -> None:
    """Two charts of one width, none of which has two axes; none at all before there are 12 months."""
    for known, shapes in ((11, []), (12, [Shape.MONTHS]), (24, [Shape.MONTHS, Shape.LINES])):
        months = months_to(Q2.end(4), known)
        counts = tuple(Monthly(Q2, HATE.name, "Hate Crime Offences", month, 7) for month in months)
        hate = strand_account(Master(Q2, monthly=counts), Q2, HATE, SETTINGS)
        drawn = [item for item in signal_blocks(hate, is_live=False) if isinstance(item, Chart)]
        assert [chart.shape for chart in drawn] == shapes


def test_a_total_that_its_parts_do_not_come_to_is_said_below_the_chart_of_them() -> None:
    """As the reference report's Q4: the figures were published so, and stay; partners are told."""
    strand = SETTINGS.strands[4]
    plan = strand.plans[0]
    was = Quarter(2019, 4)
    figures = {was: (15, 7, 8, 15), was.plus(1): (15, 11, 4, 0), was.plus(2): (15, 14, 1, 0)}
    progress = tuple(
        Progress(quarter, strand.name, plan.name, status, value)
        for quarter, values in figures.items()
        for status, value in zip(plan.statuses, values, strict=True)
    )
    said = "2019/20 Q4, as reported, does not add up: 7 + 8 + 15 is 30, and Total strands says 15."
    account = strand_account(Master(Q2, progress=progress), Q2, strand, SETTINGS)
    assert account.grids[0].uneven == [said]
    lines = strand_sheet(account, SETTINGS, Use.PARTNERS).lines
    assert f"{plan.name}: {said}" in [line.content for line in lines]
    unknown = tuple(p for p in progress if (p.quarter, p.status) != (was, "Complete"))
    assert strand_account(Master(Q2, progress=unknown), Q2, strand, SETTINGS).grids[0].uneven == []

"""What charts of a strand's sheet look like, and what is said of them."""

from itertools import pairwise, product

import pytest

from cpxl.config import parse
from cpxl.layout.blocks import Block
from cpxl.layout.charts import progress_chart
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
        (chart,) = progress_chart(SETTINGS, plan, Q2, grid, is_live=False)
        colours = [series.colour for series in chart.series]
        assert min(abs(grey(one) - grey(other)) for one, other in pairwise(colours)) > 40, kinds
        assert all(colours.count(kind) == 1 for kind in {*kinds} - {"nothing"}), kinds

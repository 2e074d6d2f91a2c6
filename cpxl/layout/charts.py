"""The charts of a strand's sheet: native ones over blocks of the same sheet, none where there is nothing to show.

is_live: for a sheet whose figures will still change, and on which charts are not drawn again: they reach over every
quarter, and are described without figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpxl.account.strand import Grid
from cpxl.arithmetic import round_half_up
from cpxl.layout.blocks import Block, Chart, Here, Series, Shape, plain
from cpxl.model import Value, is_number

FIRST_YEAR, SECOND_YEAR = slice(0, 12), slice(12, 24)
SPARE = ("other", "another", "white")
"""Colours for statuses without one of their own: as far apart in grey as can be, and three, as two may be taken."""


def progress_chart(progress: Grid, grid: Block, *, is_live: bool) -> Iterator[Chart]:
    """Progress by quarter, stacked by status. grid: the block with its figures."""
    plan, quarters = progress.plan, [str(q) for q in progress.quarters]
    shown = [q for q in quarters if is_live or any(is_number(row.get(q)) for row in grid.rows)]
    parts = [status for status, counts in plan.statuses.items() if counts != "total"]
    if not shown or not parts:
        return
    figures = {row["status"]: row for row in grid.rows}
    said = "; ".join(f"{q}: " + ", ".join(f"{p} {_said(plain(figures[p].get(q)))}" for p in parts) for q in shown)
    said = _see(grid) if is_live else said

    def along(status: str, colour: str) -> Series:
        def name(here: Here) -> str:
            return here.cell("status", status)

        return Series(name, lambda here: here.along(shown[0], shown[-1], status), colour)

    yield Chart(
        grid.name,
        Shape.STACKED,
        f"{plan.name}: progress by quarter",
        f"Stacked columns of work strands by status. {said}.",
        lambda here: here.along(shown[0], shown[-1]),
        list(map(along, parts, _colours([plan.statuses[status] for status in parts]))),
        "Work strands",
    )


def _colours(kinds: Sequence[str]) -> list[str]:
    """The colour of each status of a stack, by what they count as.

    The first of a kind has the kind's; further ones (paused, deferred) have others, which come again if there are many.
    """
    colours = ["" if kind == "nothing" or kind in kinds[:at] else kind for at, kind in enumerate(kinds)]
    for at, colour in enumerate(colours):
        if not colour:
            beside = colours[max(at - 1, 0) : at + 2]
            taken = {*beside, "another"} if "at_risk" in beside else beside  # these two are alike in grey
            colours[at] = min((spare for spare in SPARE if spare not in taken), key=colours.count)
    return colours


def rolling_chart(rolling: Block, *, is_live: bool) -> Iterator[Chart]:
    """Each measure over 12 months beside the year before."""
    figures = [{key: plain(content) for key, content in row.items()} for row in rolling.rows]
    if not is_live and not any(is_number(row.get(key)) for row in figures for key in ("previous", "current")):
        return
    headings = dict(zip(rolling.keys, rolling.headings, strict=True))
    before, now = headings["previous"], headings["current"]
    said = "; ".join(
        f"{row['measure']}: {_said(row.get('previous'))} and {_said(row.get('current'))}" for row in figures
    )
    said = _see(rolling) if is_live else f"{before} and {now}: {said}"
    yield Chart(
        rolling.name,
        Shape.SIDE_BY_SIDE,
        "12 months against the year before",
        f"Columns side by side. {said}.",
        lambda here: here.column("measure"),
        [
            Series(lambda here: here.heading("previous"), lambda here: here.column("previous"), "before"),
            Series(lambda here: here.heading("current"), lambda here: here.column("current"), "now"),
        ],
        "Number recorded",
        labelled=True,
    )


def monthly_charts(monthly: Block, measure: str, count: str, total: str, *, is_live: bool) -> Iterator[Chart]:
    """A measure by month with its rolling 12 months, and this year by month against last.

    count, total: the columns of the counts and of their rolling totals.
    """
    months = [str(row["month"]) for row in monthly.rows]
    counts = [plain(row.get(count)) for row in monthly.rows]
    totals = [plain(row.get(total)) for row in monthly.rows]
    if any(map(is_number, counts)):
        said = f"Columns: {_ends(months, counts)}."
        series = [Series("In the month", lambda here: here.column(count), "ongoing")]
        if any(map(is_number, totals)):
            said += f" Line, rolling 12 months: {_ends(months, totals)}."
            series.append(Series("Rolling 12 months", lambda here: here.column(total), "at_risk", is_line=True))
        yield Chart(
            monthly.name,
            Shape.SIDE_BY_SIDE,
            f"{measure}: by month",
            f"Columns by month, and a line of rolling 12 months. {_see(monthly)}." if is_live else said,
            lambda here: here.column("month"),
            series,
            "Number in the month",
            "12 months to the month",
        )
    if all(any(map(is_number, counts[year])) for year in (FIRST_YEAR, SECOND_YEAR)):

        def year(months_of: slice, colour: str, name: str) -> tuple[str, Series]:
            name = name if is_live else f"{months[months_of][0]} to {months[months_of][-1]}"
            series = Series(name, lambda here: here.column(count, rows=months_of), colour)
            return f"{name}: {_list(counts[months_of])}.", series

        said_before, before = year(FIRST_YEAR, "before", "The year before")
        said_now, now = year(SECOND_YEAR, "now", "The latest year")
        said = _see(monthly) + "." if is_live else f"{said_before} {said_now}"
        yield Chart(
            monthly.name,
            Shape.SIDE_BY_SIDE,
            f"{measure}: this year against last",
            f"Columns side by side by month. {said}",
            lambda here: here.column("month", rows=SECOND_YEAR),
            [before, now],
            "Number in the month",
        )


def _see(block: Block) -> str:
    return f"The figures are in the table '{block.title}' of this sheet"


def _ends(months: list[str], values: list[Value]) -> str:
    """`24 in October 2018, 31 in September 2020`: the first and last that are known."""
    known = [(month, value) for month, value in zip(months, values, strict=True) if is_number(value)]
    return (
        ", ".join(f"{_said(value)} in {month}" for month, value in dict.fromkeys((known[0], known[-1])))
        if known
        else ""
    )


def _list(values: list[Value]) -> str:
    return ", ".join(map(_said, values))


def _said(value: Value) -> str:
    """A figure as its cell shows it, with three decimals at most."""
    if is_number(value):
        return f"{round_half_up(value, 3):,.3f}".rstrip("0").rstrip(".")
    return str(value or "not known")

"""Progress grids: a row for each status, a column for each quarter; and their chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpxl import workbook_names as names
from cpxl.account.strand import Grid
from cpxl.config import Plan, Settings, Strand
from cpxl.layout.blocks import Block, Chart, Column, Formula, Kind, Row, Series, Shape, plain
from cpxl.layout.in_words import see
from cpxl.layout.measures import difference
from cpxl.layout.place import Here
from cpxl.model import NOT_APPLICABLE, is_number
from cpxl.quarters import Quarter
from cpxl.units import said

ENOUGH_FOR_A_CHART = 3
"""Quarters with figures: a chart of two numbers says less than the two numbers."""
SPARE = ("other", "another", "white")
"""Colours for statuses without one of their own: as far apart in grey as can be, and three, as two may be taken."""


def progress_name(plan: Plan, name: str = "") -> str:
    """The block of a plan's progress grid. name: one that the plan had."""
    return f"progress_{names.key(name or plan.name)}"


def former_blocks(plan: Plan, strand: Strand) -> Iterator[str]:
    """What that block may be called in a workbook made before the plan was renamed, or by cpxl 0.1.0."""
    yield from (progress_name(plan, old) for old in plan.formerly)
    slug = names.slug
    others = {slug(name) for other in strand.plans if other is not plan for name in (other.name, *other.formerly)}
    yield from (f"progress_{old}" for old in map(slug, (plan.name, *plan.formerly)) if old not in others)


def progress_grid(grid: Grid, strand: Strand, settings: Settings) -> Block:
    """The grid of a plan, with figures by quarter, the change since the last, and notes."""
    plan, quarters = grid.plan, grid.quarters
    quarter = quarters[-1]
    prompt = f"How many {settings.units} have this status at the end of the quarter. A whole number, 0 if none, or N/A."
    note = "A footnote, or why the figure changed. Optional."
    columns = [
        Column("status", "Status"),
        Column("note", f"Note on the {quarter} figure", entered=True, prompt=note),
        *[
            Column(str(q), str(q), Kind.COUNT, q == quarter, prompt=prompt * (q == quarter), may_lack=q != quarter)
            for q in quarters
        ],
        Column("change", "Change", Kind.CHANGE, may_lack=True),
    ]
    last = [str(q) for q in quarters[-2:]]
    rows: list[Row] = [
        {
            "status": row.status,
            **{str(q): value for q, value in row.figures.items()},
            "note": row.note,
            "change": difference(last[0], last[1], grid.change(row)) if len(last) == 2 else None,
        }
        for row in grid.rows
    ]
    return Block(
        progress_name(plan),
        f"Progress: {plan.name}",
        columns,
        rows,
        intro="" if plan.in_summary else "This plan is not counted in the executive summary.",
        check=_grid_check(plan, quarter, rows[: len(plan.statuses)]),
        by_quarter=True,
        formerly=tuple(former_blocks(plan, strand)),
    )


def _grid_check(plan: Plan, quarter: Quarter, rows: Sequence[Row]) -> Formula | None:
    if plan.total is None:
        return None
    total, key = plan.total, str(quarter)

    def text(here: Here) -> str:
        figures, whole = here.column(key, rows=slice(len(rows))), here.cell(key, total)
        label = here.cell("status", total)
        parts = f"(SUM({figures})-{whole})"
        return (
            f'=IF(COUNTIF({figures},"{NOT_APPLICABLE}")={len(rows)},"OK: not applicable this quarter.",'
            f'IF(COUNT({figures})<{len(rows)},"To do: enter a whole number in every row of {quarter}.",'
            f'IF({parts}={whole},"OK: the parts add up to the total.",'
            f'"To do: the parts come to "&{parts}&", but "&{label}&" says "&{whole}&".")))'
        )

    figures = [row.get(key) for row in rows]
    numbers = [f for f in figures if is_number(f)]
    whole = next(row.get(key) for row in rows if row["status"] == total)
    if figures.count(NOT_APPLICABLE) == len(rows):
        value = "OK: not applicable this quarter."
    elif len(numbers) < len(rows):
        value = f"To do: enter a whole number in every row of {quarter}."
    elif sum(numbers) == 2 * whole:  # type: ignore[operator]
        value = "OK: the parts add up to the total."
    else:
        value = f"To do: the parts come to {sum(numbers) - whole}, but {total} says {whole}."  # type: ignore[operator]
    return Formula(text, value)


def progress_chart(progress: Grid, block: Block, *, is_live: bool) -> Iterator[Chart]:
    """Progress by quarter, stacked by status, where there are enough quarters. block: with its figures.

    is_live: for a sheet whose figures will still change, and on which charts are not drawn again: it is described
    without figures.
    """
    plan, quarters = progress.plan, [str(q) for q in progress.quarters]
    shown = [q for q in quarters if is_live or any(is_number(row.get(q)) for row in block.rows)]
    parts = [status for status, counts in plan.statuses.items() if counts != "total"]
    if len(shown) < ENOUGH_FOR_A_CHART or not parts:
        return
    figures = {row["status"]: row for row in block.rows}
    in_words = "; ".join(f"{q}: " + ", ".join(f"{p} {said(plain(figures[p].get(q)))}" for p in parts) for q in shown)

    def along(status: str, colour: str) -> Series:
        def name(here: Here) -> str:
            return here.cell("status", status)

        return Series(name, lambda here: here.along(shown[0], shown[-1], status), colour)

    yield Chart(
        block.name,
        Shape.STACKED,
        f"{plan.name}: progress by quarter",
        f"Stacked columns by status. {see(block) if is_live else in_words}.",
        lambda here: here.along(shown[0], shown[-1]),
        list(map(along, parts, colours([plan.statuses[status] for status in parts]))),
        "",
        height=9,
    )


def colours(kinds: Sequence[str]) -> list[str]:
    """The colour of each status of a stack, by what they count as.

    The first of a kind has the kind's; further ones (paused, deferred) have others, which come again if there are many.
    """
    found = ["" if kind == "nothing" or kind in kinds[:at] else kind for at, kind in enumerate(kinds)]
    for at, colour in enumerate(found):
        if not colour:
            beside = found[max(at - 1, 0) : at + 2]
            taken = {*beside, "another"} if "at_risk" in beside else beside  # these two are alike in grey
            found[at] = min((spare for spare in SPARE if spare not in taken), key=found.count)
    return found

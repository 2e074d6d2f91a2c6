"""A strand's sheet: the form that a lead fills in, the strand's sheet of the master, and what partners see of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cpxl.account.measures import YEARS, Figure
from cpxl.account.strand import Grid, StrandAccount
from cpxl.config import Plan, Settings, Strand
from cpxl.layout import names
from cpxl.layout.blocks import Block, Chart, Column, Content, Formula, Here, Kind, Row, Sheet
from cpxl.layout.charts import monthly_charts, progress_chart, rolling_chart
from cpxl.layout.names import MONTH, WORKED_OUT, total_heading
from cpxl.layout.signals import strand_signals
from cpxl.model import (
    CLOSED,
    LEVELS,
    NOT_APPLICABLE,
    OPEN,
    OUTCOMES,
    RESPONSES,
    DeliveryItem,
    Value,
    is_number,
)
from cpxl.quarters import Quarter, month_in_words, month_name
from cpxl.words import listed

ROOM_FOR_RISKS, ROOM_FOR_ITEMS, ROOM_FOR_NOTES = 6, 8, 4

HEADING, RISKS, ROLLING_BLOCK, QUARTERLY_BLOCK = "heading", "risks", "rolling", "quarterly"
MONTHLY_BLOCK = "monthly"
YEAR = 12
DUE_BLOCK, ACHIEVED_BLOCK, SCHEDULED_BLOCK, NOTES_BLOCK = "due", "achieved", "scheduled", "notes"
LONGEST_PIECE = 120
"""Characters of a text in a formula; Excel takes 255, and counts some of them twice."""
NOTHING_DUE = "Nothing was scheduled last time."


def progress_block(name: str) -> str:
    """The block of the progress grid of a plan with that name."""
    return f"progress_{names.key(name)}"


def progress_name(plan: Plan) -> str:
    """The block of a plan's progress grid."""
    return progress_block(plan.name)


def former_blocks(plan: Plan, strand: Strand) -> Iterator[str]:
    """What that block may be called in a workbook made before the plan was renamed, or by cpxl 0.1.0."""
    yield from map(progress_block, plan.formerly)
    slug = names.slug
    others = {slug(name) for other in strand.plans if other is not plan for name in (other.name, *other.formerly)}
    yield from (f"progress_{old}" for old in map(slug, (plan.name, *plan.formerly)) if old not in others)


def strand_sheet(account: StrandAccount, settings: Settings, *, form: bool = True, charts: bool = False) -> Sheet:
    """The sheet of one strand for a quarter.

    form: with empty rows to fill in (a return, the master); without, only what is there (partners).
    charts: a form with charts at its end (the master); partners have them below each block.
    """
    strand, quarter = account.strand, account.quarter
    empty = "" if account.is_returned else f"Not returned for {quarter}."
    blocks: list[Block | Chart] = [_heading(settings, strand, quarter, empty if not form else "")]
    at_the_end: list[Block | Chart] = []
    drawn = at_the_end if form else blocks
    for grid in account.grids:
        block = _grid(grid, strand, quarter)
        blocks.append(block)
        drawn += progress_chart(grid, block, is_live=form)
    blocks.append(_risks(account, form, empty))
    over_12_months = _rolling(account, settings, form)
    if over_12_months.rows:
        blocks.append(over_12_months)
        drawn += rolling_chart(over_12_months, is_live=form)
    quarterly = _quarterly(account, settings, form)
    if quarterly.rows:
        blocks.append(quarterly)
    due = _due(account)
    if form or due.rows:
        blocks.append(due)
    blocks.append(_delivery(account.achieved, form, empty, _ACHIEVED))
    blocks.append(_delivery(account.scheduled, form, empty, _SCHEDULED))
    monthly = _monthly(account, form)
    if over_12_months.rows and (form or monthly.rows):
        blocks.append(monthly)
        for measure in account.rolling:
            drawn += monthly_charts(
                monthly, measure.name, count_key(measure.name), total_key(measure.name), is_live=form
            )
    blocks.append(_notes(account, form))
    if charts or not form:
        for item in strand_signals(account, is_live=form):
            (drawn if isinstance(item, Chart) else blocks).append(item)
    if charts:
        blocks += at_the_end
    subtitle = f"{settings.strategy}: {quarter}, the quarter to the end of {_quarter_end(settings, quarter)}"
    return Sheet(strand.short_name, strand.name, subtitle, blocks, protected=form)


def _quarter_end(settings: Settings, quarter: Quarter) -> str:
    return month_name(quarter.end(settings.financial_year_starts_in))


def _heading(settings: Settings, strand: Strand, quarter: Quarter, state: str) -> Block:
    rows: list[Row] = [
        {"item": "Strand", "details": strand.name},
        {"item": "Quarter", "details": str(quarter)},
        {"item": "Thematic lead", "details": strand.lead},
        {"item": "Protective marking", "details": settings.marking},
    ]
    if state:
        rows.append({"item": "Return", "details": state})
    if not strand.plans:
        rows.append({"item": "Delivery plan", "details": f"{NOT_APPLICABLE}: this strand has no delivery plan yet"})
    return Block(
        HEADING, "", [Column("item", "About this sheet", width=30), Column("details", "Details", width=25)], rows
    )


# Progress


def _grid(grid: Grid, strand: Strand, quarter: Quarter) -> Block:
    plan, quarters = grid.plan, grid.quarters
    prompt = "How many work strands have this status at the end of the quarter. A whole number, 0 if none, or N/A."
    columns = [
        Column("status", "Status", width=30),
        *[
            Column(str(q), str(q), Kind.COUNT, 13, q == quarter, prompt=prompt * (q == quarter), may_lack=q != quarter)
            for q in quarters
        ],
        Column(
            "note",
            f"Note on the {quarter} figure",
            width=21,
            entered=True,
            prompt="A footnote, or why the figure changed. Optional.",
        ),
    ]
    rows: list[Row] = [
        {"status": row.status, **{str(q): value for q, value in row.figures.items()}, "note": row.note}
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


# Work at risk


def _risks(account: StrandAccount, form: bool, empty: str) -> Block:
    columns = [
        Column("description", "Work at risk", width=30, entered=True, prompt="What work is at risk."),
        Column("cause", "Why it is at risk", width=25, entered=True, prompt="What stands in its way."),
        Column(
            "action", "Mitigating action", width=25, entered=True, prompt="What is being done, and what comes next."
        ),
        Column(
            "response",
            "Response",
            width=14,
            entered=True,
            choices=RESPONSES,
            prompt="Choose one of the five responses from the list.",
        ),
        Column("level", "Level", width=11, entered=True, choices=LEVELS, prompt="Choose Low, Medium or High."),
        Column(
            "force_risk",
            "Force risk reference",
            width=13,
            entered=True,
            prompt="The number on the force risk register, if it is there.",
        ),
        Column(
            "state",
            "Open or closed",
            width=11,
            entered=True,
            choices=(OPEN, CLOSED),
            prompt="Open, or Closed if it is no longer at risk.",
        ),
        Column("origin", "Carried over or new", width=13, private=True),
        Column("id", "Risk id", width=13),
    ]
    before = {str(row.risk.quarter) for row in account.risks if row.risk.quarter != account.quarter}
    as_last_reported = f"As last reported, in {listed(before)}." if before else ""
    rows: list[Row] = [
        {
            **{c.key: getattr(row.risk, c.key) for c in columns if c.key != "origin"},
            "origin": "Carried over" if row.is_carried_over else "New",
        }
        for row in account.risks
    ]
    return Block(
        RISKS,
        "Work at risk",
        columns,
        rows,
        intro="One row for each piece of work counted as at risk above." if form else as_last_reported,
        check=_risk_check(account, rows),
        room=ROOM_FOR_RISKS if form else 0,
        empty=empty or "No work is at risk.",
    )


def _risk_check(account: StrandAccount, rows: Sequence[Row]) -> Formula | None:
    at_risk = {
        (plan.name, status): progress_name(plan)
        for plan in account.strand.plans
        if plan.in_summary
        for status, counts in plan.statuses.items()
        if counts == "at_risk"
    }
    if not at_risk:
        return None
    key = str(account.quarter)

    def text(here: Here) -> str:
        grid = "+".join(f"N({Here(here.placement, block).cell(key, status)})" for (_, status), block in at_risk.items())
        listed = f'(COUNTIF({here.column("description")},"?*")-COUNTIF({here.column("state")},"{CLOSED}"))'
        return (
            f'=IF({grid}={listed},"OK: "&{listed}&" listed as open, as in the progress grid.",'
            f'"To do: the progress grid has "&({grid})&" at risk, "&{listed}&" listed here as open.")'
        )

    counted = account.at_risk
    listed = sum(1 for row in rows if row.get("description")) - sum(1 for row in rows if row.get("state") == CLOSED)
    if counted == listed:
        return Formula(text, f"OK: {listed} listed as open, as in the progress grid.")
    return Formula(text, f"To do: the progress grid has {counted} at risk, {listed} listed here as open.")


# Insights


def difference(previous: str, current: str, value: Value) -> Formula:
    """current - previous, blank unless both are numbers."""

    def text(here: Here) -> str:
        a, b = here.cell(previous), here.cell(current)
        return f'=IF(COUNT({a},{b})=2,{b}-{a},"")'

    return Formula(text, "" if value is None else value)


def percentage(previous: str, current: str, value: Value) -> Formula:
    """The difference as a share of `previous`; N/A where that is 0, blank unless both are numbers."""

    def text(here: Here) -> str:
        a, b = here.cell(previous), here.cell(current)
        return f'=IF(COUNT({a},{b})=2,IF({a}=0,"{NOT_APPLICABLE}",ROUND(({b}-{a})/{a},3)),"")'

    return Formula(text, "" if value is None else value)


def rolling_headings(settings: Settings, quarter: Quarter) -> tuple[str, str]:
    """Headings of the two figures over rolling 12 months: the year before, and the year to the quarter's end."""
    ends = [_quarter_end(settings, q) for q in (quarter.plus(-4), quarter)]
    return f"12 months to {ends[0]}", f"12 months to {ends[1]}"


def _rolling(account: StrandAccount, settings: Settings, form: bool) -> Block:
    before, now = rolling_headings(settings, account.quarter)
    columns = [
        Column("measure", "Measure", width=30),
        Column("previous", before, Kind.NUMBER, 16, True, prompt="The count over the earlier 12 months."),
        Column("current", now, Kind.NUMBER, 16, True, prompt="The count over the later 12 months."),
        Column("difference", "Difference", Kind.CHANGE, 13),
        Column("percentage", "% difference", Kind.PERCENT_CHANGE, 13),
        Column("comment", "Comment", width=27, entered=True, prompt="What lies behind the change."),
    ]
    rows: list[Row] = []
    missing, differing = [], list[str]()
    for measure in account.rolling:
        figures: dict[str, Content] = {
            key: _worked_out(measure.name, YEARS[key], figure) if form and figure.follows else figure.value
            for key, figure in (("previous", measure.previous), ("current", measure.current))
        }
        if measure.missing:
            missing.append(f"{measure.name} ({listed(measure.missing, 3)})")
        differing += [f"{measure.name} ({f.counted:,})" for f in (measure.previous, measure.current) if f.disagrees]
        rows.append(
            {
                "measure": measure.name,
                **figures,
                "difference": difference("previous", "current", measure.difference),
                "percentage": percentage("previous", "current", measure.share),
                "comment": measure.comment,
            }
        )
    said = [_please_comment(settings)] * form
    said += [f"No total where counts are not known: {listed(missing)}."] * bool(missing)
    said += [f"The months come to another total than was reported: {listed(differing)}."] * bool(differing)
    return Block(ROLLING_BLOCK, "Insights: rolling 12 months", columns, rows, " ".join(said))


def in_formula(text: str) -> str:
    """A text as a formula has it: in quotes, which are doubled inside, and in pieces where it is long."""
    pieces = [text[start : start + LONGEST_PIECE] for start in range(0, len(text), LONGEST_PIECE)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _worked_out(measure: str, months: slice, figure: Figure) -> Formula:
    """The total of 12 months as a formula over them, until a lead types something else over it."""
    otherwise = figure.typed if figure.is_by_month or figure.counted is None else figure.counted

    def text(here: Here) -> str:
        cells = here.column(count_key(measure), MONTHLY_BLOCK, months)
        typed = otherwise if is_number(otherwise) else in_formula(str(otherwise or ""))
        return f"={WORKED_OUT}{cells})={YEAR},SUM({cells}),{typed})"

    return Formula(text, figure.value)


def _monthly(account: StrandAccount, form: bool) -> Block:
    """Month by month, for a lead who has the counts: the totals above follow from them."""
    columns = [Column("month", MONTH, width=30)]
    months = [row.month for row in account.rolling[0].months] if account.rolling else []
    rows: list[dict[str, Content]] = [{"month": month_in_words(month)} for month in months]
    for measure in account.rolling:
        name = measure.name
        prompt = "The count in this month. Optional: see above."
        columns.append(Column(count_key(name), name, Kind.NUMBER, 16, True, prompt=prompt, may_lack=True))
        columns.append(Column(total_key(name), total_heading(name), Kind.NUMBER, 16, may_lack=True))
        for at, (known, row) in enumerate(zip(measure.months, rows, strict=True)):
            row[count_key(name)] = known.count
            row[total_key(name)] = _rolling_total(name, at, known.total)
    if not form and all(row.count is None for measure in account.rolling for row in measure.months):
        rows = []
    return Block(
        MONTHLY_BLOCK,
        "Insights by month" + (" (optional)" if form else ""),
        columns,
        rows,
        intro="Where all 12 months of a year are given, its total under 'Insights: rolling 12 months' is their sum."
        if form
        else "",
        optional=True,
    )


def count_key(measure: str) -> str:
    """The column with a measure's counts by month."""
    return f"count: {measure}"


def total_key(measure: str) -> str:
    """The column with the rolling 12 months of a measure, beside that with its counts."""
    return f"total: {measure}"


def _rolling_total(measure: str, row: int, total: Value) -> Content:
    """12 months to a month: a formula where the block has all of them."""
    if row < YEAR - 1:
        return total

    def text(here: Here) -> str:
        cells = here.column(count_key(measure), rows=slice(row + 1 - YEAR, row + 1))
        return f'={WORKED_OUT}{cells})={YEAR},SUM({cells}),"")'

    return Formula(text, "" if total is None else total)


def _please_comment(settings: Settings) -> str:
    limits = settings.thresholds
    return f"Please comment on a change of more than {limits.change_percent:g} % and at least {limits.change_count:g}."


def _quarterly(account: StrandAccount, settings: Settings, form: bool) -> Block:
    quarter = account.quarter
    columns = [
        Column("measure", "Measure", width=30),
        Column(
            "previous",
            f"{quarter.plus(-1)}",
            Kind.NUMBER,
            16,
            True,
            prompt="The count last quarter; leave blank if not known.",
        ),
        Column("current", f"{quarter}", Kind.NUMBER, 16, True, prompt="The count this quarter."),
        Column("difference", "Difference", Kind.CHANGE, 13),
        Column("comment", "Comment", width=27, entered=True, prompt="What lies behind the change."),
    ]
    rows: list[Row] = [
        {
            "measure": measure.name,
            "previous": measure.previous.value,
            "current": measure.current.value,
            "difference": difference("previous", "current", measure.difference),
            "comment": measure.comment,
        }
        for measure in account.quarterly
    ]
    intro = _please_comment(settings) if form else ""
    return Block(QUARTERLY_BLOCK, "Insights: this quarter against last", columns, rows, intro)


# Delivery and notes


def _due(account: StrandAccount) -> Block:
    """What was scheduled last quarter, and what became of it."""
    columns = [
        Column("activity", "Activity", width=30),
        Column("impact", "Anticipated impact", width=25),
        Column("when", "When it was to be realised", Kind.TIME, 16),
        Column(
            "outcome", "What became of it", width=20, entered=True, choices=OUTCOMES, prompt="Choose from the list."
        ),
    ]
    rows: list[Row] = [{column.key: getattr(item, column.key) for column in columns} for item in account.due]
    return Block(DUE_BLOCK, "Scheduled last time", columns, rows, empty=NOTHING_DUE)


def _delivery(items: Sequence[DeliveryItem], form: bool, empty: str, block: Block) -> Block:
    """A block of delivery items with the strand's entries of one kind."""
    rows = [{column.key: getattr(item, column.key) for column in block.columns} for item in items]
    return replace(block, rows=rows, room=ROOM_FOR_ITEMS if form else 0, empty=empty or "Nothing reported.")


_ACHIEVED = Block(
    ACHIEVED_BLOCK,
    "Delivery achieved last quarter",
    [
        Column("activity", "Activity", width=30, entered=True, prompt="What was delivered."),
        Column(
            "impact",
            "Impact on data, outputs or outcomes",
            width=25,
            entered=True,
            prompt="What changed because of it.",
        ),
    ],
)

_SCHEDULED = Block(
    SCHEDULED_BLOCK,
    "Delivery scheduled for this quarter",
    [
        Column("activity", "Activity", width=30, entered=True, prompt="What will be delivered."),
        Column(
            "impact", "Anticipated impact", width=25, entered=True, prompt="What is expected to change because of it."
        ),
        Column(
            "when",
            "When it will be realised",
            Kind.TIME,
            16,
            entered=True,
            prompt="A date, or a quarter such as 2020/21 Q4.",
        ),
    ],
)


def _notes(account: StrandAccount, form: bool) -> Block:
    columns = [
        Column(
            "text",
            "Note",
            width=30,
            entered=True,
            prompt="Anything the coordinator should know. It does not go to partners.",
        )
    ]
    rows: list[Row] = [{"text": note.text} for note in account.notes]
    return Block(
        NOTES_BLOCK,
        "Notes to the coordinator",
        columns,
        rows,
        intro="These do not go to partners." if form else "",
        room=ROOM_FOR_NOTES if form else 0,
        private=True,
    )

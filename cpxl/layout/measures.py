"""A strand's measures: two figures and their change, counts by month, and what is signal in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpxl import workbook_names as names
from cpxl.account.measures import ENOUGH, YEARS, Figure, MeasureAccount
from cpxl.account.strand import StrandAccount
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings
from cpxl.layout.blocks import OF, UNIT, Block, Chart, Column, Content, Formula, Kind, Row, Series, Shape
from cpxl.layout.in_words import ends, see
from cpxl.layout.place import Here
from cpxl.model import NOT_APPLICABLE, QUARTERLY, ROLLING, Value, is_number
from cpxl.quarters import Quarter, month_in_full, month_in_words, month_name
from cpxl.units import NUMBER, Unit
from cpxl.words import listed
from cpxl.workbook_names import MONTH, TOWARDS, WORKED_OUT, total_heading

ROLLING_BLOCK, MONTHLY_BLOCK = COMPARISONS[ROLLING].block, "monthly"
SIGNALS_BLOCK = "signals"
YEAR = 12
NO_FIGURES = "No figures were reported for this quarter."
LONGEST_PIECE = 120
"""Characters of a text in a formula; Excel takes 255, and counts some of them twice."""


def difference(previous: str, current: str, value: Value, unit: Unit = NUMBER) -> Formula:
    """current - previous, of percentages in points; blank unless both are numbers."""

    def text(here: Here) -> str:
        a, b = here.cell(previous), here.cell(current)
        change = f"ROUND(({b}-{a})*100,10)" if unit.is_share else f"{b}-{a}"
        return f'=IF(COUNT({a},{b})=2,{change},"")'

    return Formula(text, "" if value is None else value)


def percentage(previous: str, current: str, value: Value, unit: Unit = NUMBER) -> Formula | None:
    """The difference as a share of `previous`; N/A where that is 0, blank unless both are numbers. None where that
    would be a percentage of a percentage.
    """
    if unit.is_share:
        return None

    def text(here: Here) -> str:
        a, b = here.cell(previous), here.cell(current)
        return f'=IF(COUNT({a},{b})=2,IF({a}=0,"{NOT_APPLICABLE}",ROUND(({b}-{a})/{a},3)),"")'

    return Formula(text, "" if value is None else value)


def former_headings(settings: Settings, quarter: Quarter) -> tuple[str, str]:
    """Headings of the two figures over 12 months in forms of before."""
    before, now = (month_name(q.end(settings.financial_year_starts_in)) for q in (quarter.plus(-4), quarter))
    return f"12 months to {before}", f"12 months to {now}"


def rolling_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool) -> Block:
    """Each measure over 12 months, and over the 12 before."""
    before, now = COMPARISONS[ROLLING].headings(account.quarter, settings.financial_year_starts_in)
    before_then, now_then = former_headings(settings, account.quarter)
    columns = [
        Column("measure", "Measure"),
        Column("comment", "Comment", entered=True, prompt="What lies behind the change."),
        Column(
            "previous",
            before,
            Kind.NUMBER,
            True,
            prompt="The count over the earlier 12 months.",
            formerly=(before_then,),
        ),
        Column("current", now, Kind.NUMBER, True, prompt="The count over the later 12 months.", formerly=(now_then,)),
        Column("difference", "Change", Kind.CHANGE, formerly=("Difference",)),
        Column("percentage", "% change", Kind.PERCENT_CHANGE, formerly=("% difference",)),
    ]
    by_month = account.strand.measures.given_by_month if to_fill_in else ()
    rows: list[Row] = []
    for measure in account.rolling:
        if not (to_fill_in or measure.is_known):
            continue
        figures: dict[str, Content] = {
            key: _worked_out(measure.name, YEARS[key], figure)
            if figure.follows and measure.name in by_month
            else figure.value
            for key, figure in (("previous", measure.previous), ("current", measure.current))
        }
        rows.append(
            {
                "measure": measure.name,
                **figures,
                "difference": difference("previous", "current", measure.difference, measure.unit),
                "percentage": percentage("previous", "current", measure.share, measure.unit),
                "comment": measure.comment,
                UNIT: measure.unit.name,
            }
        )
    missing = [f"{m.name} ({listed(m.missing, 3)})" for m in account.rolling if m.missing]
    said = [_please_comment(settings, account)] if to_fill_in else _not_reported(account.rolling)
    said += [f"No total where counts are not known: {listed(missing)}."] * bool(missing)
    pairs = [(m.name, figure) for m in account.rolling for figure in (m.previous, m.current)]
    differing = [f"{name} ({figure.counted:,})" for name, figure in pairs if figure.disagrees]
    said += [f"The months come to another total than was reported: {listed(differing)}."] * bool(differing)
    return Block(ROLLING_BLOCK, _title(ROLLING, account, settings), columns, rows, " ".join(said), empty=NO_FIGURES)


def _not_reported(measures: Sequence[MeasureAccount]) -> list[str]:
    """The measures that have no row for partners, if others have one."""
    without = [measure.name for measure in measures if not measure.is_known]
    return [f"Not reported: {listed(without, len(without))}."] if 0 < len(without) < len(measures) else []


def _title(period: str, account: StrandAccount, settings: Settings) -> str:
    return f"Insights: {COMPARISONS[period].title(account.quarter, settings.financial_year_starts_in)}"


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


def monthly_block(account: StrandAccount, *, of_before: bool = False) -> Block | None:
    """Counts by month, for a lead who has them: the totals over 12 months follow from them.

    of_before: as a form may have it that was issued when measures were given by month, though none is now.
    """
    measures = [m for m in account.rolling if m.name in account.strand.measures.given_by_month]
    if not (account.rolling if of_before else measures):
        return None
    columns = [Column("month", MONTH), Column("towards", TOWARDS, may_lack=True)]
    a_count = "The count in this month. Optional."
    columns += [
        Column(count_key(m.name), m.name, Kind.NUMBER, True, prompt=a_count, may_lack=True, unit=m.unit)
        for m in measures
    ]
    others = [m for m in account.rolling if m not in measures]
    former = [Column(count_key(m.name), m.name, Kind.NUMBER, True, may_lack=True) for m in others]
    former += [Column(total_key(m.name), total_heading(m.name), Kind.NUMBER, may_lack=True) for m in account.rolling]
    months = [row.month for row in account.rolling[0].shown]
    last = [month_in_full(month) for month in (months[YEAR - 1], months[-1])]
    rows: list[Row] = [
        {
            "month": month_in_words(month),
            "towards": f"12 months to {last[at >= YEAR]}",
            **{count_key(m.name): m.shown[at].count for m in measures},
        }
        for at, month in enumerate(months)
    ]
    intro = "If you have the counts: where all 12 months of a year are given, its total above is their sum."
    title = "Insights by month (optional)"
    return Block(MONTHLY_BLOCK, title, columns, rows, intro, optional=True, former=former)


def count_key(measure: str) -> str:
    """The column with a measure's counts by month."""
    return f"count: {measure}"


def total_key(measure: str) -> str:
    """The column that forms of before have beside it, with the rolling 12 months."""
    return f"total: {measure}"


def _please_comment(settings: Settings, account: StrandAccount) -> str:
    limits = settings.large_change(account.strand)
    return f"Please comment on a change of more than {limits.change_percent:g} % and at least {limits.change_count:g}."


def compared_block(account: StrandAccount, settings: Settings, period: str, *, to_fill_in: bool) -> Block:
    """Each measure that is compared in one way, but over 12 months: its figure, and the earlier one if there is one."""
    comparison = COMPARISONS[period]
    before, now = comparison.headings(account.quarter, settings.financial_year_starts_in)
    # A prompt names no time: an open master keeps those that it has.
    earlier = f"The figure for {comparison.earlier}, as the heading says; leave blank if not known."
    of_before = [Column("previous", before, Kind.NUMBER, True, prompt=earlier)]
    change = [Column("difference", "Change", Kind.CHANGE, formerly=("Difference",))]
    columns = [
        Column("measure", "Measure"),
        Column("comment", "Comment", entered=True, prompt="What lies behind the change." if before else "Optional."),
        *(of_before if before else []),
        Column("current", now, Kind.NUMBER, True, prompt=f"The figure for this {comparison.over}."),
        *(change if before else []),
    ]
    rows: list[Row] = []
    for measure in account.compared(period):
        if to_fill_in or measure.is_known:
            row: dict[str, Content] = {
                "measure": measure.name,
                "current": measure.current.value,
                "comment": measure.comment,
                UNIT: measure.unit.name,
            }
            if before:
                row["previous"] = measure.previous.value
                row["difference"] = difference("previous", "current", measure.difference, measure.unit)
            rows.append(row)
    intro = "".join(_not_reported(account.compared(period)))
    if to_fill_in:
        intro = _please_comment(settings, account) if before else ""
    title = _title(period, account, settings)
    return Block(comparison.block, title, columns, rows, intro, empty=NO_FIGURES, may_lack=period != QUARTERLY)


def measure_blocks(account: StrandAccount, settings: Settings, *, to_fill_in: bool) -> Iterator[Block]:
    """The tables of a strand's measures: one for each way in which some are compared."""
    for period in COMPARISONS:
        if not account.compared(period):
            continue
        if period != ROLLING:
            yield compared_block(account, settings, period, to_fill_in=to_fill_in)
            continue
        yield rolling_block(account, settings, to_fill_in=to_fill_in)
        if to_fill_in and (monthly := monthly_block(account)):
            yield monthly


# What is signal


def signal_blocks(account: StrandAccount, *, is_live: bool) -> Iterator[Block | Chart]:
    """What the counts by month say of each measure in words, then a table and charts for each.

    is_live: for a sheet whose tables stay, be there anything to show yet or not.
    """
    if not account.rolling or not (is_live or any(measure.known for measure in account.rolling)):
        return
    rows: list[Row] = [
        {
            "measure": measure.name,
            "signal": measure.signal or "No counts by month",
            "quarter_before": measure.quarter_before,
            "quarter_now": measure.quarter_now,
            "change": measure.quarter_change,
            UNIT: measure.unit.name,
        }
        for measure in account.rolling
    ]
    columns = [
        Column("measure", "Measure"),
        Column("signal", "Signal in the counts by month"),
        Column("quarter_before", str(account.quarter.plus(-4)), Kind.NUMBER),
        Column("quarter_now", str(account.quarter), Kind.NUMBER),
        Column("change", "Change", Kind.CHANGE),
    ]
    intro = "The quarter against the same quarter last year, and what is more than the usual ups and downs of months."
    yield Block(SIGNALS_BLOCK, "What is signal", columns, rows, intro, may_lack=True)
    for measure in account.rolling:
        if is_live or measure.known:
            block = _months(measure)
            yield from _charts(block, measure, is_live=is_live)
            yield block


def months_block(measure: str) -> str:
    """The block with what a measure's months say."""
    return f"signals_{names.key(measure)}"


def _months(measure: MeasureAccount) -> Block:
    """Each month: its count, the year to it, and the range that is usual."""
    columns = [
        Column("month", MONTH),
        Column("why", "Signal by"),
        Column("count", "Count", Kind.NUMBER),
        Column("total", "12 months to it", Kind.NUMBER),
        Column("mean", "Mean", Kind.NUMBER),
        Column("lower", "Lower limit", Kind.NUMBER),
        Column("upper", "Upper limit", Kind.NUMBER),
        Column("signal", "Signal", Kind.NUMBER),
    ]
    keys = ("count", "total", "mean", "lower", "upper")
    rows: list[Row] = [
        {
            "month": month_in_words(month.month),
            OF: month.month,
            **{key: getattr(month, key) for key in keys},
            **({"why": "; ".join(month.why), "signal": month.count} if month.why else {}),
        }
        for month in measure.known
    ]
    intro = " ".join([measure.method or f"Limits need {ENOUGH} months that are known.", *_break(measure)])
    name, title = months_block(measure.name), f"By month: {measure.name}"
    return Block(name, title, columns, rows, intro, empty="No counts by month.", may_lack=True)


def _break(measure: MeasureAccount) -> list[str]:
    return [f"Recording changed in {month_in_full(measure.changed)}."] if measure.changed else []


def _charts(block: Block, measure: MeasureAccount, *, is_live: bool) -> Iterator[Chart]:
    """The months with their usual range, from 12 months on; and below it the rolling year, if it has moved."""
    if sum(row.count is not None for row in measure.known) < ENOUGH:
        return
    months = [month_in_words(row.month) for row in measure.known]
    said = f"{see(block)}." if is_live else f"{ends(months, [row.count for row in measure.known])}. {measure.signal}."
    looks = [("count", "ongoing"), ("mean", "mean"), ("lower", "limit"), ("upper", "limit"), ("signal", "signal")]
    every = max(1, len(months) // 12)
    is_judged = any(row.mean is not None for row in measure.known)  # in some phase, if not in the last one
    yield Chart(
        block.name,
        Shape.MONTHS,
        f"{measure.name}: by month",
        " ".join(["Columns by month, with lines for the mean and the usual range.", *_break(measure), said]),
        lambda here: here.column("month"),
        [_series(key, look) for key, look in (looks if is_judged else looks[:1])],
        "",
        every,
        height=14,
    )
    totals = [row.total for row in measure.known]
    if sum(map(is_number, totals)) > 1:
        said = f"{see(block)}." if is_live else f"{ends(months, totals)}."
        yield Chart(
            block.name,
            Shape.LINES,
            f"{measure.name}: rolling 12 months",
            f"A line with the 12 months to each month. {said}",
            lambda here: here.column("month"),
            [_series("total", "total")],
            "",
            every,
            height=10,
        )


def _series(key: str, look: str) -> Series:
    return Series(lambda here: here.heading(key), lambda here: here.column(key), look)

"""What counts by month say, in words and as control charts: on strands' sheets, on the insights, in the summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpxl.config import Settings, Strand
from cpxl.insights.rolling import counts_of, difference, round_half_up, same_quarter
from cpxl.insights.signals import ENOUGH, Chart, chart_of
from cpxl.layout import blocks, names
from cpxl.layout.blocks import Block, Column, Kind, Row, Series, Shape
from cpxl.model import Master
from cpxl.quarters import Quarter, month_in_full, month_in_words

SIGNALS_BLOCK = "signals"


def signal_chart(settings: Settings, strand: Strand, measure: str, quarter: Quarter, master: Master) -> Chart:
    """A measure's months up to a quarter's end, judged."""
    return chart_of(master.monthly, strand, measure, quarter, settings.financial_year_starts_in)


def quarter_on_quarter(settings: Settings, strand: Strand, measure: str, quarter: Quarter, master: Master) -> Row:
    """A measure's count in the same quarter last year, and in this one; None where that is not known."""
    counts = counts_of(master.monthly, strand.name, measure, quarter)
    before, now = same_quarter(counts, quarter, settings.financial_year_starts_in)
    return {"quarter_before": before, "quarter_now": now}


def strand_signals(
    settings: Settings, strand: Strand, quarter: Quarter, master: Master, *, is_live: bool
) -> Iterator[Block | blocks.Chart]:
    """The words of each measure, then a table and chart for each.

    is_live: for a sheet whose tables stay, be there anything to show yet or not.
    """
    charts = {
        measure: signal_chart(settings, strand, measure, quarter, master)
        for measure in strand.measures.rolling_12_months
    }
    if not charts or not (is_live or any(chart.points for chart in charts.values())):
        return
    rows: list[Row] = []
    for measure, chart in charts.items():
        row = quarter_on_quarter(settings, strand, measure, quarter, master)
        change = difference(row["quarter_before"], row["quarter_now"])  # type: ignore[arg-type]
        rows.append({"measure": measure, **row, "change": change, "signal": chart.words or "No counts by month"})
    columns = [
        Column("measure", "Measure", width=30),
        Column("quarter_before", str(quarter.plus(-4)), Kind.NUMBER, 16),
        Column("quarter_now", str(quarter), Kind.NUMBER, 16),
        Column("change", "Difference", Kind.CHANGE, 13),
        Column("signal", "Signal in the counts by month", width=27),
    ]
    intro = "The quarter against the same quarter last year, and what is more than the usual ups and downs of months."
    yield Block(SIGNALS_BLOCK, "What is signal", columns, rows, intro, may_lack=True)
    for measure, chart in charts.items():
        block = _months(measure, chart)
        if is_live or chart.method:
            yield block
        if chart.method:
            yield _drawn(block, measure, chart, is_live=is_live)


def _months(measure: str, chart: Chart) -> Block:
    """The cells that a chart is drawn over. No count is below 0, so no limit is shown below it."""
    columns = [
        Column("month", "Month", width=30),
        Column("count", "Count", Kind.NUMBER, 16),
        Column("mean", "Mean", Kind.NUMBER, 16),
        Column("lower", "Lower limit", Kind.NUMBER, 13),
        Column("upper", "Upper limit", Kind.NUMBER, 13),
        Column("signal", "Count that is a signal", Kind.NUMBER, 27),
        Column("why", "Signal by", width=27),
    ]
    rows: list[Row] = []
    for point in chart.points if chart.method else ():
        row: dict[str, blocks.Content] = {"month": month_in_words(point.month), "count": point.count}
        if point.limits:
            limits = {"mean": point.limits.mean, "lower": max(point.limits.lower, 0), "upper": point.limits.upper}
            row |= {key: round_half_up(value, 1) for key, value in limits.items()}
        if point.rules:
            row |= {"signal": point.count, "why": "; ".join(rule.value for rule, _ in point.rules)}
        rows.append(row)
    intro = " ".join([chart.method.value if chart.method else f"Needs {ENOUGH} months that are known.", *_break(chart)])
    name, title = f"signals_{names.key(measure)}", f"{measure}: usual range by month"
    return Block(name, title, columns, rows, intro, empty="Not judged yet.", may_lack=True)


def _break(chart: Chart) -> list[str]:
    return [f"Recording changed in {month_in_full(chart.changed)}."] if chart.changed else []


def _drawn(block: Block, measure: str, chart: Chart, *, is_live: bool) -> blocks.Chart:
    said = " ".join(["Lines by month: counts, their mean, and the limits of the usual range.", *_break(chart)])
    said += f" The figures are in the table '{block.title}' of this sheet." if is_live else f" {chart.words}."
    looks = [("count", "count"), ("mean", "mean"), ("lower", "limit"), ("upper", "limit"), ("signal", "signal")]
    return blocks.Chart(
        block.name,
        Shape.LINES,
        f"{measure}: usual range by month",
        said,
        lambda here: here.column("month"),
        [_series(key, look) for key, look in looks],
        "Number in the month",
        height=20,
    )


def _series(key: str, look: str) -> Series:
    return Series(lambda here: here.heading(key), lambda here: here.column(key), look)


def summary_signals(settings: Settings, master: Master) -> Block:
    """Measures with a signal in the quarter."""
    found: Sequence[tuple[Strand, str, Chart]] = [
        (strand, measure, signal_chart(settings, strand, measure, master.quarter, master))
        for strand in settings.strands
        for measure in strand.measures.rolling_12_months
    ]
    rows: list[Row] = [
        {"measure": measure, "strand": strand.name, "signal": chart.words}
        for strand, measure, chart in found
        if chart.has_signal
    ]
    judged = sum(chart.method is not None for _, _, chart in found)
    columns = [Column("measure", "Measure", width=62), Column("strand", "Strand"), Column("signal", "Signal", width=21)]
    intro = (
        f"{judged} of {len(found)} measures have {ENOUGH} months or more that are known; the others cannot be judged."
    )
    title = "Signals in the counts by month"
    empty = "No signal." if judged else "None can be judged yet."
    return Block("summary_signals", title, columns, rows, intro, empty=empty, may_lack=True)

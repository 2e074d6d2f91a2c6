"""What counts by month say, in words and as control charts: on strands' sheets, on the insights, in the summary."""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.account import Account
from cpxl.account.measures import ENOUGH, MeasureAccount
from cpxl.account.strand import StrandAccount
from cpxl.layout import blocks, names
from cpxl.layout.blocks import Block, Column, Kind, Row, Series, Shape
from cpxl.quarters import month_in_full, month_in_words

SIGNALS_BLOCK = "signals"


def strand_signals(account: StrandAccount, *, is_live: bool) -> Iterator[Block | blocks.Chart]:
    """The words of each measure, then a table and chart for each.

    is_live: for a sheet whose tables stay, be there anything to show yet or not.
    """
    if not account.rolling or not (is_live or any(measure.chart.points for measure in account.rolling)):
        return
    rows: list[Row] = [
        {
            "measure": measure.name,
            "quarter_before": measure.quarter_before,
            "quarter_now": measure.quarter_now,
            "change": measure.quarter_change,
            "signal": measure.signal or "No counts by month",
        }
        for measure in account.rolling
    ]
    columns = [
        Column("measure", "Measure", width=30),
        Column("quarter_before", str(account.quarter.plus(-4)), Kind.NUMBER, 16),
        Column("quarter_now", str(account.quarter), Kind.NUMBER, 16),
        Column("change", "Difference", Kind.CHANGE, 13),
        Column("signal", "Signal in the counts by month", width=27),
    ]
    intro = "The quarter against the same quarter last year, and what is more than the usual ups and downs of months."
    yield Block(SIGNALS_BLOCK, "What is signal", columns, rows, intro, may_lack=True)
    for measure in account.rolling:
        block = _months(measure)
        if is_live or measure.judged:
            yield block
        if measure.judged:
            yield _drawn(block, measure, is_live=is_live)


def _months(measure: MeasureAccount) -> Block:
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
    for month in measure.judged:
        row: dict[str, blocks.Content] = {key: getattr(month, key) for key in ("count", "mean", "lower", "upper")}
        row["month"] = month_in_words(month.month)
        if month.why:
            row |= {"signal": month.count, "why": "; ".join(month.why)}
        rows.append(row)
    intro = " ".join([measure.method or f"Needs {ENOUGH} months that are known.", *_break(measure)])
    name, title = f"signals_{names.key(measure.name)}", f"{measure.name}: usual range by month"
    return Block(name, title, columns, rows, intro, empty="Not judged yet.", may_lack=True)


def _break(measure: MeasureAccount) -> list[str]:
    return [f"Recording changed in {month_in_full(measure.changed)}."] if measure.changed else []


def _drawn(block: Block, measure: MeasureAccount, *, is_live: bool) -> blocks.Chart:
    said = " ".join(["Lines by month: counts, their mean, and the limits of the usual range.", *_break(measure)])
    said += f" The figures are in the table '{block.title}' of this sheet." if is_live else f" {measure.signal}."
    looks = [("count", "count"), ("mean", "mean"), ("lower", "limit"), ("upper", "limit"), ("signal", "signal")]
    return blocks.Chart(
        block.name,
        Shape.LINES,
        f"{measure.name}: usual range by month",
        said,
        lambda here: here.column("month"),
        [_series(key, look) for key, look in looks],
        "Number in the month",
        height=20,
    )


def _series(key: str, look: str) -> Series:
    return Series(lambda here: here.heading(key), lambda here: here.column(key), look)


def summary_signals(account: Account) -> Block:
    """Measures with a signal in the quarter."""
    found = [(strand, measure) for strand in account.strands for measure in strand.rolling]
    rows: list[Row] = [
        {"measure": measure.name, "strand": strand.strand.name, "signal": measure.signal}
        for strand, measure in found
        if measure.has_signal
    ]
    judged = sum(bool(measure.method) for _, measure in found)
    columns = [Column("measure", "Measure", width=62), Column("strand", "Strand"), Column("signal", "Signal", width=21)]
    intro = (
        f"{judged} of {len(found)} measures have {ENOUGH} months or more that are known; the others cannot be judged."
    )
    title = "Signals in the counts by month"
    empty = "No signal." if judged else "None can be judged yet."
    return Block("summary_signals", title, columns, rows, intro, empty=empty, may_lack=True)

"""Insights: both figures of each measure, in step with what was reported before, and a comment on what moved much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cpxl import arithmetic
from cpxl.comparisons import COMPARISONS
from cpxl.config import Measures, Strand, Thresholds
from cpxl.forgive import figure, number, percentage
from cpxl.insights.signals import chart_of
from cpxl.model import (
    NOT_APPLICABLE,
    ROLLING,
    Cell,
    Measure,
    Number,
    Return,
    Value,
    is_number,
    same,
)
from cpxl.returns.catalogue import ERROR, WARNING, Context, Fault, rule
from cpxl.units import COUNT, Unit, percent
from cpxl.words import beside_nearest, listed, short


def _unknown(returned: Return, context: Context) -> list[Measure]:
    now = context.strand(returned).measures
    return [m for m in returned.measures if m.measure not in now.compared(m.period)]


def cells_of(measure: Measure, *keys: str) -> list[Cell]:
    """The cells of a measure's row that have these, where they are known."""
    return [measure.cells[key] for key in keys if key in measure.cells]


@rule(
    "measure-unknown",
    ERROR,
    "Measures labelled as issued",
    "Insights: measure",
    "Not a measure of this strand: {measures}.",
    "Put the row's label back as it was issued; ask the coordinator if a new measure is needed.",
)
def measure_unknown(returned: Return, context: Context) -> Iterator[Fault]:
    unknown = _unknown(returned, context)
    if unknown:
        cells = [cell for m in unknown for cell in cells_of(m, "measure")]
        strand, there = context.strand(returned), {m.measure for m in returned.measures}
        missing = {m.period: [n for n in strand.measures.compared(m.period) if n not in there] for m in unknown}
        words = listed(beside_nearest(m.measure or "blank", missing[m.period]) for m in unknown)
        yield Fault(cells, {"measures": words})


@rule(
    "measure-twice",
    ERROR,
    "One row for each measure",
    "Insights: measure",
    "{measure} is there more than once.",
    "Keep one row of it, with the right figures.",
)
def measure_twice(returned: Return, context: Context) -> Iterator[Fault]:
    strand = context.strand(returned)
    for period in COMPARISONS:
        for name in strand.measures.compared(period):
            same = [m for m in returned.measures if (m.period, m.measure) == (period, name)]
            if len(same) > 1:
                yield Fault([cell for m in same for cell in cells_of(m, "measure")], {"measure": name})


@rule(
    "measure-differs-from-itself",
    ERROR,
    "One figure of a measure for one time",
    "Insights: this quarter's or month's figure",
    "{measure} is {figures} for {when}: it stands in two tables, beside what it is compared with there.",
    "Enter the same figure in both.",
)
def measure_differs(returned: Return, context: Context) -> Iterator[Fault]:
    """A measure that is compared with two times stands in two tables, with one figure of its own."""
    first_month = context.settings.financial_year_starts_in
    by_time: dict[tuple[Value, str], list[Measure]] = {}
    for m in returned.measures:
        if is_number(m.current):
            by_time.setdefault((m.measure, COMPARISONS[m.period].over), []).append(m)
    for (name, _), found in by_time.items():
        if len({m.period for m in found}) > 1 and not all(same(m.current, found[0].current) for m in found):
            unit = context.strand(returned).measures.unit(str(name))
            figures = " and ".join(dict.fromkeys(_figure(m.current, unit) for m in found))
            when = COMPARISONS[found[0].period].headings(context.quarter, first_month)[1]
            yield Fault(
                [c for m in found for c in cells_of(m, "current")], {"measure": name, "figures": figures, "when": when}
            )


@rule(
    "measure-missing",
    WARNING,
    "Both figures of every measure",
    "Insights: both figures over 12 months; else the quarter's or month's own",
    "A figure is missing for {measures}.",
    "Enter the figure, or N/A where there is nothing to count.",
)
def measure_missing(returned: Return, context: Context) -> Iterator[Fault]:
    strand, relabelled = context.strand(returned), bool(_unknown(returned, context) or returned.missing_blocks)
    uncalculated = {cell for cell, has_value in returned.formulas if not has_value}
    names, cells = [], []
    for period in COMPARISONS:
        keys = ("previous", "current") if period == ROLLING else ("current",)
        there = {m.measure: m for m in returned.measures if m.period == period}
        for name in strand.measures.compared(period):
            if name not in there:
                names += [name] if not relabelled else []
                continue
            blank = [key for key in keys if getattr(there[name], key) is None]
            blank = [key for key in blank if there[name].cells.get(key) not in uncalculated]
            names += [name] if blank else []
            cells += cells_of(there[name], *blank)
    if names:
        yield Fault(cells, {"measures": listed(names)})


@rule(
    "measure-not-a-number",
    ERROR,
    "Figures are numbers",
    "Insights: both figures",
    "Not a number: {given}.",
    "Enter a number, or N/A where there is nothing to count; put words into the comment.",
)
def measure_not_a_number(returned: Return, context: Context) -> Iterator[Fault]:
    wrong = [
        (measure, key)
        for measure in returned.measures
        for key in ("previous", "current")
        if (value := getattr(measure, key)) not in (None, NOT_APPLICABLE) and not is_number(value)
    ]
    if wrong:
        given = [f"{m.measure} '{short(getattr(m, key))}'" for m, key in wrong]
        yield Fault([cell for m, key in wrong for cell in cells_of(m, key)], {"given": listed(given)})


def no_count(value: Value, name: str, strand: Strand) -> bool:
    """Whether a figure is a number, but none that the measure can have."""
    return is_number(value) and not strand.measures.fits(name, value)


def _misfits(returned: Return, strand: Strand) -> list[tuple[Measure, str]]:
    """Figures that are numbers, but none that their measure can have."""
    return [
        (measure, key)
        for measure in returned.measures
        for key in ("previous", "current")
        if no_count(getattr(measure, key), str(measure.measure), strand)
    ]


@rule(
    "measure-not-a-count",
    ERROR,
    "Counts are whole numbers from 0",
    "Insights: both figures",
    "Not a number of things: {given}.",
    "Enter a whole number, 0 or more; if it is no count, ask the coordinator to name its unit in config.yaml.",
)
def measure_not_a_count(returned: Return, context: Context) -> Iterator[Fault]:
    now = context.strand(returned).measures
    wrong = [(m, key) for m, key in _misfits(returned, context.strand(returned)) if _is_plain_count(now, m)]
    if wrong:
        given = [f"{m.measure} '{short(getattr(m, key))}'" for m, key in wrong]
        yield Fault([cell for m, key in wrong for cell in cells_of(m, key)], {"given": listed(given)})


@rule(
    "measure-outside-limits",
    ERROR,
    "Figures that the measure, in its unit, can have",
    "Insights: both figures",
    "{measure} cannot be {given}: it is {wanted}.",
    "Correct the figure; a percentage is typed with its sign (71%), or as a share (0.71).",
)
def measure_outside_limits(returned: Return, context: Context) -> Iterator[Fault]:
    now = context.strand(returned).measures
    for m, key in _misfits(returned, context.strand(returned)):
        if not _is_plain_count(now, m):
            name = str(m.measure)
            given = now.unit(name).said(getattr(m, key))
            yield Fault(cells_of(m, key), {"measure": name, "given": given, "wanted": now.wanted(name)})


def _is_plain_count(now: Measures, measure: Measure) -> bool:
    """Whether a measure is a count, without limits of its own."""
    return now.unit(str(measure.measure)) is COUNT and measure.measure not in now.limits


@rule(
    "difference-overwritten",
    WARNING,
    "Differences as cpxl works them out",
    "Insights: difference, % difference",
    "A difference or percentage was typed over and is wrong: {what}. cpxl works it out from the two figures.",
    "Clear the cell, or put the formula back, or correct the two figures.",
)
def difference_overwritten(returned: Return, context: Context) -> Iterator[Fault]:
    wrong = []
    for measure, key, typed in returned.shown:
        unit = context.strand(returned).measures.unit(str(measure.measure))
        if key == "percentage" and unit.is_share:
            continue
        work_out = arithmetic.share if key == "percentage" else unit.change
        right = work_out(measure.previous, measure.current)
        if right is not None and not _same(_typed(typed, unit, key), right, key):
            wrong.append((measure, key, typed, right))
    if wrong:
        what = [f"{m.measure} {_written(typed, key)}, not {_written(right, key)}" for m, key, typed, right in wrong]
        yield Fault([cell for m, key, *_ in wrong for cell in cells_of(m, key)], {"what": listed(what)})


def _typed(value: Value, unit: Unit, key: str) -> Value:
    """What was typed over a change, as a number where it is one."""
    if key == "percentage":
        return number(percentage(value))
    if unit.is_share and isinstance(value, str):
        return number(value.removesuffix("points").removesuffix("%").strip())
    return figure(value, unit)


def _same(typed: Value, right: Value, key: str) -> bool:
    """Equal as printed: a percentage to one decimal, and as typed either way, 0.039 or 3.9."""
    if not (is_number(typed) and is_number(right)):
        return typed == right
    if key == "percentage":
        return any(abs(typed * scale - right) <= 0.0006 for scale in (1, 0.01))
    return abs(typed - right) <= 0.005


def _written(value: Value, key: str) -> str:
    return percent(value) if key == "percentage" and is_number(value) else str(value)


@rule(
    "large-change",
    WARNING,
    "A comment on a large change, or a signal",
    "Insights: both figures, and the comment beside them; Insights by month",
    "{measure} went from {previous} to {current} ({change}): {why}.",
    "Say in the comment beside the figures what lies behind the change.",
)
def large_change(returned: Return, context: Context) -> Iterator[Fault]:
    """A signal by month asks for a comment, however small the change; so does a change beyond both thresholds, or
    beyond the one that the measure, or every percentage, has.
    """
    limits, now = context.settings.thresholds, context.strand(returned).measures
    impossible = [m for m, _ in _misfits(returned, context.strand(returned))]
    for m in (m for m in returned.measures if m not in impossible):
        signal = _signal(m, returned, context) if m.period == ROLLING else ""
        unit = now.unit(str(m.measure))
        change = unit.change(m.previous, m.current)
        why = [beyond] if change is not None and (beyond := _beyond(m, change, unit, now, limits)) else []
        why += [f"by month, {signal[0].lower()}{signal[1:]}"] if signal else []
        if why:
            percent = None if unit.is_share else arithmetic.percentage(m.previous, m.current)
            in_words = "change not known" if change is None else unit.said_of_change(change)
            words = {
                "measure": m.measure,
                "previous": _figure(m.previous, unit),
                "current": _figure(m.current, unit),
                "change": f"{percent:+}%" if is_number(percent) else in_words,
                "why": "; ".join(why),
            }
            yield Fault(cells_of(m, "previous", "current"), words, m.comment)


def _beyond(m: Measure, change: Number, unit: Unit, now: Measures, limits: Thresholds) -> str:
    """What a change lies beyond, in words; blank if it is small."""
    most = now.change_to_explain.get(str(m.measure))
    if most is None and unit.is_share:
        most = limits.change_points
    if most is not None:
        return f"at least {unit.said_of_change(most).removeprefix('+')}" if abs(change) >= most else ""
    is_large = is_number(m.previous) and abs(change) > abs(m.previous) * limits.change_percent / 100
    both = f"more than {limits.change_percent:g} % and at least {limits.change_count:g}"
    return both if is_large and abs(change) >= limits.change_count else ""


def _signal(measure: Measure, returned: Return, context: Context) -> str:
    """What a measure's counts by month, with those of the return, say of the quarter; blank if it is no signal."""
    strand = context.strand(returned)
    months = (
        *context.known.monthly,
        *(replace(m, quarter=context.quarter, strand=strand.name) for m in returned.monthly),
    )
    first_month = context.settings.financial_year_starts_in
    chart = chart_of(months, strand, str(measure.measure), context.quarter, first_month)
    return chart.words if chart.has_signal else ""


def _figure(value: Value, unit: Unit) -> str:
    return unit.said(value) if is_number(value) else "not known"


@rule(
    "earlier-figure-differs",
    WARNING,
    "The earlier figure as reported then",
    "Insights: the earlier figure, and the comment beside it",
    "{measure}: the figure for {when} is {given}, but {reported} was reported for it then.",
    "Put the reported figure back, or say in the comment why it was restated.",
)
def earlier_figure_differs(returned: Return, context: Context) -> Iterator[Fault]:
    name, first_month = context.strand(returned).name, context.settings.financial_year_starts_in
    reported = {
        (m.quarter, COMPARISONS[m.period].over, m.measure): m.current
        for m in sorted(context.known.measures, key=lambda m: m.period)
        if m.strand == name
    }
    for m in returned.measures:
        comparison = COMPARISONS[m.period]
        then = context.quarter.plus(-(comparison.quarters_back or 0))
        was = reported.get((then, comparison.over, m.measure)) if comparison.quarters_back else None
        if is_number(m.previous) and is_number(was) and not same(m.previous, was):
            when = comparison.headings(context.quarter, first_month)[0]
            when = f"the 12 months to the end of {then}" if m.period == ROLLING else when
            unit = context.strand(returned).measures.unit(str(m.measure))
            given, reported_then = (unit.said(value) for value in (m.previous, was))
            if given == reported_then:  # they differ beyond what is printed
                given, reported_then = str(m.previous), str(was)
            words = {"measure": m.measure, "when": when, "given": given, "reported": reported_then}
            yield Fault(cells_of(m, "previous"), words, m.comment)


@rule(
    "rolling-year-jumped",
    WARNING,
    "A rolling year near the one reported last quarter",
    "Insights: the 12 months to the quarter's end, and the comment beside it",
    "{measure}: the 12 months to the quarter's end are {current}, but those to the end of {last} were {reported}, and "
    "nine months are in both.",
    "Check the figure for a slip of the keyboard; if it is right, say in the comment what lies behind it.",
)
def rolling_year_jumped(returned: Return, context: Context) -> Iterator[Fault]:
    strand, last = context.strand(returned), context.quarter.plus(-1)
    of_last = [m for m in context.known.measures if (m.strand, m.quarter, m.period) == (strand.name, last, ROLLING)]
    reported = {m.measure: m.current for m in of_last}
    limits, now = context.settings.thresholds, strand.measures
    for m in returned.measures:
        was, unit = reported.get(m.measure), now.unit(str(m.measure))
        change = unit.change(was, m.current) if m.period == ROLLING else None
        if change is not None and is_number(was) and _beyond(replace(m, previous=was), change, unit, now, limits):
            words = {"measure": m.measure, "current": _figure(m.current, unit), "reported": _figure(was, unit)}
            yield Fault(cells_of(m, "current"), {**words, "last": last}, m.comment)

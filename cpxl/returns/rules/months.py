"""Insights by month: counts, for all months of a year, that come to its total and are those reported before."""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.insights.months import known_months, restated
from cpxl.model import ROLLING, Measure, Monthly, Return, is_number
from cpxl.quarters import month_in_words, months_to
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.returns.rules.insights import cells_of, no_count
from cpxl.words import listed, short


def _years(returned: Return, context: Context) -> Iterator[tuple[Measure | None, str, str, list[Monthly]]]:
    """The counts by month of each measure's two years: the measure, its name, `previous` or `current`, the counts."""
    months = months_to(context.quarter.end(context.settings.financial_year_starts_in), 24)
    totals = {m.measure: m for m in returned.measures if m.period == ROLLING}
    for name in context.strand(returned).measures.rolling_12_months:
        given = {m.month: m for m in returned.monthly if m.measure == name}
        for key, year in (("previous", months[:12]), ("current", months[12:])):
            if counts := [given[month] for month in year if month in given]:
                yield totals.get(name), name, key, counts


@rule(
    "month-not-a-number",
    ERROR,
    "Counts by month are numbers",
    "Insights by month",
    "Not a number of things, 0 or more: {given}.",
    "Enter the month's count, or clear the cell: the months are optional.",
)
def month_not_a_number(returned: Return, context: Context) -> Iterator[Fault]:
    strand = context.strand(returned)
    wrong = [
        m for m in returned.monthly if not is_number(m.count) or m.count < 0 or no_count(m.count, m.measure, strand)
    ]
    if wrong:
        given = [f"{m.measure}, {month_in_words(m.month)} '{short(m.count)}'" for m in wrong]
        yield Fault([m.cells["count"] for m in wrong], {"given": listed(given)})


@rule(
    "month-unknown",
    ERROR,
    "Months labelled as issued",
    "Insights by month: month",
    "Counts stand beside what is none of the 24 months, or is there more than once: {labels}.",
    "Put the months' labels back as they were issued, each once.",
)
def month_unknown(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.unknown_months:
        labels = listed(f"{cell.address} '{short(label or 'blank')}'" for cell, label in returned.unknown_months)
        yield Fault([cell for cell, _ in returned.unknown_months], {"labels": labels})


@rule(
    "months-missing",
    NOTE,
    "All 12 months of a year, or none",
    "Insights by month",
    "Not all 12 months are given, so that no total is worked out from them: {years}.",
    "Nothing to do, if the total is typed above.",
)
def months_missing(returned: Return, context: Context) -> Iterator[Fault]:
    part = [(name, counts) for _, name, _, counts in _years(returned, context) if len(counts) < 12]
    if part:
        years = [f"{name}, {len(counts)} to {month_in_words(counts[-1].month)}" for name, counts in part]
        yield Fault([m.cells["count"] for _, counts in part for m in counts], {"years": listed(years)})


@rule(
    "total-differs-from-months",
    ERROR,
    "Totals that are the sum of their months",
    "Insights: both figures; Insights by month",
    "{measure}: the 12 months come to {sum:,}, but the total is {total:,}.",
    "Correct the months, or clear the total: it is then worked out from them.",
)
def total_differs(returned: Return, context: Context) -> Iterator[Fault]:
    for measure, name, key, counts in _years(returned, context):
        total = getattr(measure, key, None)
        of = context.strand(returned)
        numbers = [m.count for m in counts if is_number(m.count) and m.count >= 0 and not no_count(m.count, name, of)]
        if measure and len(numbers) == 12 and is_number(total) and abs(sum(numbers) - total) > 0.005:
            yield Fault(cells_of(measure, key), {"measure": name, "sum": sum(numbers), "total": total})


@rule(
    "month-restated",
    WARNING,
    "Months as reported before",
    "Insights by month, and the measure's comment",
    "{measure}: {what}.",
    "Nothing to do, if the new figures are right; say in the measure's comment why they changed.",
)
def month_restated(returned: Return, context: Context) -> Iterator[Fault]:
    known = known_months(context.known.monthly, context.quarter)
    comments = {m.measure: m.comment for m in returned.measures}
    for name in context.strand(returned).measures.rolling_12_months:
        changes = restated((m for m in returned.monthly if m.measure == name), known)
        if changes:
            what = [f"{month_in_words(now.month)} was {was.count}, is now {now.count}" for was, now in changes]
            words = {"measure": name, "what": listed(what)}
            yield Fault([now.cells["count"] for _, now in changes], words, comments.get(name))

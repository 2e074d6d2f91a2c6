"""Signals, held against a plain account of the rules and against published examples."""

import random
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest

from cpxl.account import account
from cpxl.account.strand import strand_account
from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.insights.signals import Chart, Limits, Method, Rule, chart_of, judged, limits_of, poisson_quantile, signals
from cpxl.layout.blocks import Chart as Drawn
from cpxl.layout.blocks import Shape
from cpxl.layout.master import insights_sheet
from cpxl.layout.strand import Use, strand_sheet
from cpxl.layout.summary import summary_sheet
from cpxl.model import ROLLING, Master, Measure, Monthly, Number, Return
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.returns.catalogue import Context
from cpxl.returns.rules.insights import large_change

Q2, END = Quarter(2020, 2), date(2020, 9, 30)


def chart(values: Sequence[Number | None], changes: Sequence[str] = (), *, is_seasonal: bool = False) -> Chart:
    months = months_to(END, len(values))
    counts = {month: value for month, value in zip(months, values, strict=True) if value is not None}
    return judged(counts, months, changes, is_seasonal=is_seasonal)


# Published examples


def test_nist_individuals_chart() -> None:
    """NIST/SEMATECH e-Handbook, 6.3.2.2: flow rates of ten batches, with 3 / 1.128 for 2.66."""
    rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    limits, method = limits_of(rates)
    assert method is Method.XMR
    assert limits.mean == pytest.approx(50.81)
    assert (limits.upper, limits.lower) == pytest.approx((55.8041, 45.8159), abs=0.001)
    assert signals(rates, limits) == [()] * 10


def test_making_data_count_with_an_outlier() -> None:
    """NHSRplotthedots, 'Deviations from Excel defaults': what the Excel tools of 'Making data count' make of it."""
    values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    limits, _ = limits_of([value + 0.0 if at else 1.0 for at, value in enumerate(values)], is_seasonal=True)
    assert [round(v, 2) for v in (limits.upper, limits.mean, limits.lower)] == [6.95, 1.94, -3.06]
    found = signals(values, limits)
    assert [at for at, rules in enumerate(found) if rules] == [4]
    assert found[4] == ((Rule.BEYOND, 1),)


@pytest.mark.parametrize(
    ("mean", "share", "quantile"),
    [(1.0, 0.99865, 5), (4.0, 0.99865, 11), (9.0, 0.00135, 2), (0.0, 0.99865, 0)],
)
def test_poisson_limits(mean: float, share: float, quantile: int) -> None:
    """As tables of the cumulative Poisson distribution have it: P(X <= 5) = 0.9994 and P(X <= 4) = 0.9963 for 1."""
    assert poisson_quantile(share, mean) == quantile


# A plain account


def plain_rules(values: Sequence[Number | None], limits: Limits) -> list[set[tuple[Rule, int]]]:
    """The four rules, each tried on every stretch of months of the length that it speaks of."""
    found: list[set[tuple[Rule, int]]] = [set() for _ in values]

    def mark(first: int, length: int, rule: Rule, side: int) -> None:
        for at in range(first, first + length):
            found[at].add((rule, side))

    for first in range(len(values)):
        seven, six, three = values[first : first + 7], values[first : first + 6], values[first : first + 3]
        one = values[first]
        if one is None:
            continue
        if one > limits.upper:
            mark(first, 1, Rule.BEYOND, 1)
        if one < limits.lower:
            mark(first, 1, Rule.BEYOND, -1)
        if len(seven) == 7 and None not in seven:
            if min(seven) > limits.mean:  # type: ignore[type-var, operator]
                mark(first, 7, Rule.RUN, 1)
            if max(seven) < limits.mean:  # type: ignore[type-var, operator]
                mark(first, 7, Rule.RUN, -1)
        if len(six) == 6 and None not in six:
            if all(six[n] < six[n + 1] for n in range(5)):  # type: ignore[operator]
                mark(first, 6, Rule.TREND, 1)
            if all(six[n] > six[n + 1] for n in range(5)):  # type: ignore[operator]
                mark(first, 6, Rule.TREND, -1)
        if len(three) == 3 and None not in three:
            high = [first + n for n, v in enumerate(three) if limits.near_upper < v <= limits.upper]  # type: ignore[operator]
            low = [first + n for n, v in enumerate(three) if limits.lower <= v < limits.near_lower]  # type: ignore[operator]
            if min(three) > limits.mean and len(high) >= 2:  # type: ignore[type-var, operator]
                for at in high:
                    mark(at, 1, Rule.NEAR, 1)
            if max(three) < limits.mean and len(low) >= 2:  # type: ignore[type-var, operator]
                for at in low:
                    mark(at, 1, Rule.NEAR, -1)
    return found


def a_series(rng: random.Random) -> list[Number | None]:
    """Months of any kind: steady, rising, with a step, with outliers, with gaps, small and large."""
    length, level = rng.randint(12, 60), rng.choice([0.5, 4, 9, 30, 400])
    slope, step = rng.choice([0, 0, 0.01, -0.01]) * level, rng.choice([0, 0, 1]) * level
    values: list[Number | None] = []
    for at in range(length):
        value = rng.gauss(level + slope * at + step * (at > length / 2), max(level**0.5, 0.7))
        value *= rng.choice([1] * 30 + [3])
        values.append(None if rng.random() < 0.03 else max(0, round(value)))
    return values if sum(v is not None for v in values) >= 12 else a_series(rng)


def test_a_thousand_series_as_a_plain_account_has_them() -> None:
    rng, fired = random.Random(1), set()
    for _ in range(1000):
        values = a_series(rng)
        found = chart(values)
        known = [value for value in values if value is not None]
        mean = sum(known) / len(known)
        limits = found.points[0].limits
        assert limits is not None
        assert limits.mean == pytest.approx(mean)
        if mean >= 10:
            ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
            reach = 2.66 * sum(ranges) / len(ranges)
            expected = [mean - reach, mean - reach * 2 / 3, mean + reach * 2 / 3, mean + reach]
            assert list(vars(limits).values())[1:] == pytest.approx(expected)
        else:
            assert found.method is Method.RARE
        rules = plain_rules(values, limits)
        assert [set(point.rules) for point in found.points] == rules
        assert found.has_signal == has_signal_now(rules, values)
        if any(value is not None for value in values[-3:]):
            assert found.words.startswith("Within usual range: no signal") != found.has_signal
        fired |= {rule for point in rules for rule in point}
    assert fired == {(rule, side) for rule in Rule for side in (1, -1)}, "each rule had its day, both ways"


def has_signal_now(rules: Sequence[set[tuple[Rule, int]]], values: Sequence[Number | None]) -> bool:
    """A month of the last three beyond or near a limit, or months in a row that go on to the last that is known."""
    at_once = {rule for month in rules[-3:] for rule, _ in month} & {Rule.BEYOND, Rule.NEAR}
    last = [month for month, value in zip(rules[-3:], values[-3:], strict=True) if value is not None][-1:]
    return bool(at_once or {rule for month in last for rule, _ in month} & {Rule.RUN, Rule.TREND})


@pytest.mark.parametrize(
    ("values", "method"), [([0, 1], Method.RARE), ([-1, 1], Method.XMR), ([0.5, 1], Method.XMR), ([9, 11], Method.XMR)]
)
def test_small_counts_are_rare_events(values: list[Number | None], method: Method) -> None:
    assert limits_of(values * 6)[1] is method


# Words

STEADY = [100, 104, 98, 102, 97, 103, 99, 101, 96, 105, 100, 102] * 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (STEADY, "Within usual range: no signal"),
        ([*STEADY, 150], "Higher than usual range in September 2020"),
        ([*STEADY, 150, 100], "Higher than usual range in August 2020"),
        ([*STEADY, 150, 100, 103], "Higher than usual range in July 2020"),
        ([*STEADY, 150, 100, 103, 99], "Within usual range: no signal"),
        ([*STEADY, None, 100, 104, 98], "Within usual range: no signal"),
        ([*STEADY, 30, 31], "Lower than usual range since August 2020"),
        ([*STEADY, *[104, 105] * 4], "Higher than usual since January 2020: 9 months in a row above the mean"),
        ([*STEADY, *[97, 96] * 4], "Lower than usual since February 2020: 8 months in a row below the mean"),
        ([*STEADY, 96, 98, 100, 102, 103, 105], "Rising since April 2020: 6 months in a row"),
        ([*STEADY, 104, 102, 100, 99, 98, 96], "Falling since April 2020: 6 months in a row"),
        ([*STEADY, 112, 102, 112], "Near the upper limit: two of three months to September 2020"),
        ([*STEADY, 90, 98, 90], "Near the lower limit: two of three months to September 2020"),
        ([*STEADY, None], "Within usual range: no signal; not known: September 2020"),
        ([*STEADY, *[104, 105] * 4, None, None, None], "Not known since July 2020"),
        (STEADY[:11], "11 months known, of 12 that it takes to judge"),
        (STEADY[:1], "1 month known, of 12 that it takes to judge"),
        ([2, 0, 1, 3, 1, 0, 2, 1, 1, 2, 0, 1, 1, 9], "Higher than usual range in September 2020"),
        ([2, 0, 1, 3, 1, 0, 2, 1, 1, 2, 0, 1, 1, 4], "Within usual range: no signal"),
        ([0] * 24, "Within usual range: no signal"),
        ([], ""),
    ],
)
def test_what_the_last_three_months_say(values: list[Number | None], words: str) -> None:
    assert chart(values).words == words


def test_a_phase_begins_where_recording_changed() -> None:
    values = [*STEADY, *[value + 200 for value in STEADY]]
    assert chart(values).has_signal
    broken = chart(values, ["2018-10"])
    assert broken.words == "Within usual range: no signal"
    means = [point.limits.mean for point in broken.points if point.limits]
    assert [means[0], means[-1]] == [sum(STEADY) / 24, sum(STEADY) / 24 + 200]
    assert chart(values[:28], ["2020-06"]).words == (
        "Recording changed in June 2020: 4 months known, of 12 that it takes to judge"
    )
    assert chart(values, ["2030-01"]).points == chart(values).points
    assert chart(values[:28], ["2020-06", "2018-10"]).changed == "2020-06"
    assert chart(STEADY, ["2020-09"]).words.startswith("Recording changed in September 2020: 1 month known")
    assert chart(STEADY, ["2018-10"]).changed == "", "nothing is known of before"


def test_a_seasonal_measure_is_held_against_the_same_months_of_earlier_years() -> None:
    season = [100, 90, 80, 70, 60, 50, 50, 60, 70, 200, 300, 250]
    rng = random.Random(2)
    values: list[Number | None] = [count + rng.randint(-5, 5) for _ in range(4) for count in season]
    assert chart(values).has_signal, "each autumn would be one"
    quiet = chart(values, is_seasonal=True)
    assert (quiet.words, quiet.method) == ("Within usual range: no signal", Method.SEASONAL)
    assert [point.limits for point in quiet.points[:12]] == [None] * 12
    last = quiet.points[-1].limits
    assert last is not None
    assert 240 < last.mean < 260
    assert chart([*values[:-1], 330], is_seasonal=True).words == "Higher than usual range in September 2020"
    assert chart(values[:20], is_seasonal=True).words == (
        "8 months that can be held against earlier years, of 12 that it takes to judge"
    )


# A comment is asked for


@pytest.mark.parametrize(
    ("september", "comment", "asked", "before"),
    [
        (150, None, True, 1207),
        (150, "An event.", False, 1207),
        (102, None, False, 1207),
        (150, None, True, None),
    ],
)
def test_a_signal_asks_for_a_comment_however_small_the_change(
    september: int, comment: str | None, asked: bool, before: int | None
) -> None:
    settings = parse(resource("config.yaml").read_text(encoding="utf-8"))
    months = months_to(END, 24)
    counts = dict(zip(months, [*STEADY[:-1], september], strict=True))
    known = [Monthly(Q2, "Hate Crime", "Hate Crime Offences", m, c) for m, c in counts.items() if m < "2020-07"]
    given = [Monthly(Q2, "", "Hate Crime Offences", m, c) for m, c in counts.items() if m >= "2020-07"]
    total = Measure(Q2, "Hate Crime", "Hate Crime Offences", ROLLING, before, 1207 - 102 + september, comment)
    returned = Return("a.xlsx", "1", "", strand="HATE", quarter=str(Q2), measures=(total,), monthly=tuple(given))
    context = Context(settings.as_of(Q2), Q2, [returned], Master(Q2, monthly=tuple(known)))
    faults = list(large_change(returned, context))
    assert bool(faults) == (september == 150), "a comment settles it later"
    if faults:
        assert faults[0].words["why"] == "by month, higher than usual range in September 2020"
        assert (faults[0].explanation is None) == asked
        known_before = ("1,207", "+4.0%") if before else ("not known", "change not known")
        assert (faults[0].words["previous"], faults[0].words["change"]) == known_before


# On sheets


def test_what_the_shipped_config_says_of_knife_crime_and_burglary() -> None:
    settings = parse(resource("config.yaml").read_text(encoding="utf-8"))
    knives, burglary = (settings.strand_meant(code) for code in ("GANGS", "BURGLARY"))
    assert knives and burglary
    of = {knives.name: "Knife Crime Offences", burglary.name: "Burglary (Dwelling) Offences"}
    winters = [600 if month[5:] in ("11", "12", "01") else 400 for month in months_to(END, 48)]
    counts = [
        Monthly(Q2, s, m, month, n) for s, m in of.items() for month, n in zip(months_to(END, 48), winters, strict=True)
    ]
    master = Master(Q2, monthly=tuple(counts))
    said = {row["measure"]: str(row["about"]) for row in insights_sheet(account(master, Q2, settings)).blocks[0].rows}
    assert said["Knife Crime Offences"].endswith(
        "Recording changed in June 2020: 4 months known, of 12 that it takes to judge"
    )
    assert said["Burglary (Dwelling) Offences"].endswith("Within usual range: no signal")


def test_five_years_are_looked_at_at_most_and_none_before_the_first_count() -> None:
    [strand] = [s for s in parse(resource("config.yaml").read_text(encoding="utf-8")).strands if s.code == "HATE"]
    for months, points in ((70, 60), (20, 20)):
        counts = [Monthly(Q2, strand.name, "Hate Crime Offences", month, 1) for month in months_to(END, months)]
        assert len(chart_of(counts, strand, "Hate Crime Offences", Q2, 4).points) == points


def test_words_and_a_chart_wherever_figures_are_shown() -> None:
    settings = parse(resource("config.yaml").read_text(encoding="utf-8"))
    hate = settings.strands[5]
    counts = dict(zip(months_to(END, 24), [*STEADY[:-1], 150], strict=True))
    master = Master(Q2, monthly=tuple(Monthly(Q2, hate.name, "Hate Crime Offences", m, c) for m, c in counts.items()))
    words = "Higher than usual range in September 2020"
    (row,) = [
        r for r in insights_sheet(account(master, Q2, settings)).blocks[0].rows if r["measure"] == "Hate Crime Offences"
    ]
    assert (str(row["about"]).rpartition(". ")[2], row["quarter_before"], row["quarter_now"]) == (
        words,
        105 + 100 + 102,
        105 + 100 + 150,
    )
    summary = next(b for b in summary_sheet(account(master, Q2, settings)).blocks if b.name == "summary_signals")
    assert [(r["measure"], r["signal"]) for r in summary.rows] == [("Hate Crime Offences", f"Hate Crime. {words}")]
    for use in (Use.MASTER, Use.PARTNERS):
        sheet = strand_sheet(strand_account(master, Q2, hate, settings), settings, use)
        said = next(b for b in sheet.blocks if b.name == "signals")
        assert said.rows[0]["signal"] == words
        (drawn,) = [item for item in sheet.items if isinstance(item, Drawn) and item.shape is Shape.MONTHS]
        table = next(b for b in sheet.blocks if b.name == drawn.block)
        assert (len(table.rows), table.rows[-1]["signal"], table.rows[-2].get("signal")) == (24, 150, None)
    assert not any(
        b.name == "signals" for b in strand_sheet(strand_account(master, Q2, hate, settings), settings).blocks
    ), "not in a return"


def test_config_names_measures_whose_recording_changed() -> None:
    text = resource("config.yaml").read_text(encoding="utf-8")
    shipped = "recording_changed: {Knife Crime Offences: 2020-06}"
    assert shipped in text
    for line, said in [
        ("recording_changed: {Knife Crime Offences: 2020-13}", "write a month like 2020-06"),
        ("recording_changed: {Knives: 2020-06}", "'Knives' is not a measure that is listed here"),
        ("seasonal: [Knives]", "'Knives' is not a measure that is listed here"),
    ]:
        with pytest.raises(Refused, match=said):
            parse(text.replace(shipped, line))

"""Rolling figures, held against plain sums and against the reference report."""

import random
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.insights.months import Key, known_months
from cpxl.insights.rolling import Rolling, percentage, rolling_sums, rolling_year, round_half_up
from cpxl.model import Monthly, Value
from cpxl.quarters import Quarter, months_to

Q2 = Quarter(2020, 2)
MONTHS = months_to(Q2.end(4), 24)
COUNTS = st.lists(st.none() | st.integers(0, 10**6), min_size=24, max_size=24)


def known(counts: Mapping[str, Value]) -> dict[Key, Monthly]:
    return dict(known_months([Monthly(Q2, "Hate Crime", "Offences", m, c) for m, c in counts.items()], Q2))


def year(counts: Mapping[str, Value], quarter: Quarter = Q2) -> Rolling:
    return rolling_year(known(counts), "Hate Crime", "Offences", quarter, 4)


@pytest.mark.parametrize(
    ("previous", "current", "printed"),
    [
        (28926, 30059, 3.9),
        (1174, 2405, 104.9),
        (3625, 3030, -16.4),
        (2931, 3286, 12.1),
        (4373, 4787, 9.5),
        (8256, 6379, -22.7),
        (1684, 1275, -24.3),
        (2070, 1854, -10.4),
    ],
)
def test_percentages_as_the_report_prints_them(previous: int, current: int, printed: float) -> None:
    counts = dict(zip(MONTHS, [previous, *[0] * 11, current, *[0] * 11], strict=True))
    assert year(counts) == Rolling(current, previous, current - previous, printed, ())


def test_no_base_no_percentage() -> None:
    assert year(dict.fromkeys(MONTHS[:12], 0) | dict.fromkeys(MONTHS[12:], 1)) == Rolling(12, 0, 12, "N/A", ())
    assert percentage(None, 3) is None


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [(0.05, 1, 0.1), (-0.05, 1, -0.1), (2.25, 1, 2.3), (-2.25, 1, -2.3), (1.005, 2, 1.01), (2.5, 0, 3), (0.0, 1, 0)],
)
def test_a_half_goes_away_from_zero(value: float, digits: int, rounded: float) -> None:
    assert round_half_up(value, digits) == rounded


@given(st.integers(1, 10**7), st.integers(0, 10**7))
def test_a_percentage_is_the_nearest_tenth(previous: int, current: int) -> None:
    tenths = Fraction(str(percentage(previous, current))) * 10
    exact = Fraction(current - previous, previous) * 1000
    assert tenths.denominator == 1
    assert abs(tenths - exact) <= Fraction(1, 2)
    assert abs(tenths - exact) < Fraction(1, 2) or abs(tenths) > abs(exact)


@given(COUNTS)
def test_totals_are_sums_of_12_months_or_none(counts: list[int | None]) -> None:
    there = {month: count for month, count in zip(MONTHS, counts, strict=True) if count is not None}
    result = year(there)
    for total, months in ((result.previous, MONTHS[:12]), (result.current, MONTHS[12:])):
        assert total == (sum(there[m] for m in months) if all(m in there for m in months) else None)
    assert list(result.missing) == [m for m in MONTHS if m not in there]
    ends = rolling_sums(known(there), "Hate Crime", "Offences", Q2, 4, 13)
    assert ends == {
        end: sum(there[m] for m in MONTHS[at : at + 12]) if all(m in there for m in MONTHS[at : at + 12]) else None
        for at, end in enumerate(MONTHS[11:])
    }


def test_nine_months_are_never_called_twelve() -> None:
    assert year(dict.fromkeys(MONTHS[15:], 10)) == Rolling(None, None, None, None, tuple(MONTHS[:15]))
    assert year(dict.fromkeys(MONTHS[12:], 10)) == Rolling(120, None, None, None, tuple(MONTHS[:12]))


def test_kilograms_do_not_drift() -> None:
    rng = random.Random(1)
    weights = [rng.randrange(10**6) / 10 for _ in range(24)]
    result = year(dict(zip(MONTHS, weights, strict=True)))
    assert result.current is not None
    assert round(result.current, 6) == float(sum(Fraction(str(w)) for w in weights[12:]))


def test_four_quarters_are_a_year() -> None:
    quarters = [str(Q2.plus(-back)) for back in reversed(range(8))]
    counts: dict[str, Value] = dict(zip(quarters, [1, 2, 3, 4, 10, 20, 30, 40], strict=True))
    assert year(counts) == Rolling(100, 10, 90, 900.0, ())
    assert year(counts, Q2.plus(1)).missing == ("2020/21 Q3",)
    assert year(counts, Q2.plus(1)).current is None


def test_months_and_quarters_are_not_mixed() -> None:
    quarters: dict[str, Value] = {str(Q2.plus(-back)): 7 for back in range(8)}
    three_months: dict[str, Value] = dict.fromkeys(MONTHS[-3:], 1000)
    assert year(quarters | three_months) == Rolling(28, 28, 0, 0.0, ())
    assert year(quarters | dict.fromkeys(MONTHS, 1)).current == 12


def test_what_is_no_number_is_missing() -> None:
    assert year(dict.fromkeys(MONTHS, 1) | {MONTHS[-1]: "N/A"}).missing == (MONTHS[-1],)

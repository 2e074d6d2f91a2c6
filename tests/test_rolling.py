"""Rolling figures, held against plain sums and against the reference report."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.account import account
from cpxl.account.measures import measured
from cpxl.account.strand import strand_account
from cpxl.arithmetic import difference, percentage, round_half_up, share
from cpxl.comparisons import COMPARISONS
from cpxl.config import parse
from cpxl.insights.months import known_months, restated
from cpxl.insights.rolling import (
    Compared,
    Counts,
    compared,
    counts_of,
    rolling_sums,
    same_quarter,
)
from cpxl.layout.blocks import Sheet, plain
from cpxl.layout.master import insights_sheet
from cpxl.layout.strand import Use, strand_sheet
from cpxl.layout.summary import by_quarter_sheet
from cpxl.model import QUARTERLY, ROLLING, Master, Measure, Monthly, Submission, Value
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.steps.issuing import before

Q2 = Quarter(2020, 2)
MONTHS = months_to(Q2.end(4), 24)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.lists(st.none() | st.integers(0, 10**6), min_size=24, max_size=24)


def known(counts: Mapping[str, Value]) -> Counts:
    return counts_of(
        [Monthly(Q2, "Hate Crime", "Offences", m, c) for m, c in counts.items()], "Hate Crime", "Offences", Q2
    )


def year(counts: Mapping[str, Value], quarter: Quarter = Q2) -> Compared:
    return compared(known(counts), quarter, 4)


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
    assert year(counts) == Compared(previous, current, ())
    assert percentage(previous, current) == printed
    assert difference(previous, current) == current - previous


def test_no_base_no_percentage() -> None:
    assert year(dict.fromkeys(MONTHS[:12], 0) | dict.fromkeys(MONTHS[12:], 1)) == Compared(0, 12, ())
    assert percentage(0, 12) == share(0, 12) == "N/A"


@pytest.mark.parametrize("blank", [None, "N/A", "some", True])
def test_what_is_no_number_is_not_compared(blank: Value) -> None:
    for work_out in (difference, share, percentage):
        assert work_out(blank, 3) is work_out(3, blank) is None


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


@given(FINITE, FINITE)
def test_any_two_numbers_can_be_compared(previous: float, current: float) -> None:
    assert isinstance(percentage(previous, current), float) == (previous != 0)


@given(COUNTS)
def test_totals_are_sums_of_12_months_or_none(counts: list[int | None]) -> None:
    there = {month: count for month, count in zip(MONTHS, counts, strict=True) if count is not None}
    result = year(there)
    for total, months in ((result.previous, MONTHS[:12]), (result.current, MONTHS[12:])):
        assert total == (sum(there[m] for m in months) if all(m in there for m in months) else None)
    assert list(result.missing) == [m for m in MONTHS if m not in there]
    ends = rolling_sums(known(there), Q2.end(4), 13)
    assert ends == {
        end: sum(there[m] for m in MONTHS[at : at + 12]) if all(m in there for m in MONTHS[at : at + 12]) else None
        for at, end in enumerate(MONTHS[11:])
    }


def test_nine_months_are_never_called_twelve() -> None:
    assert year(dict.fromkeys(MONTHS[15:], 10)) == Compared(None, None, tuple(MONTHS[:15]))
    assert year(dict.fromkeys(MONTHS[12:], 10)) == Compared(None, 120, tuple(MONTHS[:12]))


def test_kilograms_do_not_drift() -> None:
    rng = random.Random(1)
    weights = [rng.randrange(10**6) / 10 for _ in range(24)]
    result = year(dict(zip(MONTHS, weights, strict=True)))
    assert result.current is not None
    assert round(result.current, 6) == float(sum(Fraction(str(w)) for w in weights[12:]))


def test_four_quarters_are_a_year() -> None:
    quarters = [str(Q2.plus(-back)) for back in reversed(range(8))]
    counts: dict[str, Value] = dict(zip(quarters, [1, 2, 3, 4, 10, 20, 30, 40], strict=True))
    assert year(counts) == Compared(10, 100, ())
    assert year(counts, Q2.plus(1)).missing == ("2020/21 Q3",)
    assert year(counts, Q2.plus(1)).current is None


def test_months_and_quarters_are_not_mixed() -> None:
    quarters: dict[str, Value] = {str(Q2.plus(-back)): 7 for back in range(8)}
    three_months: dict[str, Value] = dict.fromkeys(MONTHS[-3:], 1000)
    assert year(quarters | three_months) == Compared(28, 28, ())
    assert year(quarters | dict.fromkeys(MONTHS, 1)).current == 12


def test_a_total_that_is_known_stays_when_quarters_of_long_ago_come_in() -> None:
    """As of tables that are published months later."""
    latest: dict[str, Value] = dict.fromkeys(MONTHS[-16:], 10)
    earlier: dict[str, Value] = {str(Q2.plus(-back)): 30 for back in range(2, 8)}
    assert year(latest | earlier).current == year(latest).current == 120
    assert year(earlier | dict.fromkeys(MONTHS[-3:], 10)).missing == ("2020/21 Q1", "2020/21 Q2")


def test_what_is_no_number_is_missing() -> None:
    assert year(dict.fromkeys(MONTHS, 1) | {MONTHS[-1]: "N/A"}).missing == (MONTHS[-1],)


def test_a_quarter_against_the_one_before() -> None:
    assert compared(known(dict(zip(MONTHS, range(24), strict=True))), Q2, 4, COMPARISONS[QUARTERLY]) == Compared(
        57, 66, ()
    )


def test_the_same_quarter_of_two_years() -> None:
    """From its months, or else as a quarter's."""
    quarters = {"2019/20 Q2": 4, "2020/21 Q2": 5}
    assert same_quarter(quarters, Q2, 4) == (4, 5)
    assert same_quarter(quarters | dict.fromkeys(MONTHS[-3:], 2), Q2, 4) == (4, 6)
    assert same_quarter(dict.fromkeys(MONTHS[9:12], 3), Q2, 4) == (9, None)


# What sheets show of counts that no return has

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
HATE = next(strand for strand in SETTINGS.strands if strand.code == "HATE")
OFFENCES = "Hate Crime Offences"
QUARTERS = [str(Q2.plus(-back)) for back in reversed(range(8))]


def counted(counts: Mapping[str, Value], *, source: str = "extract.csv") -> Master:
    return Master(Q2, monthly=tuple(Monthly(Q2, HATE.name, OFFENCES, m, c, source) for m, c in counts.items()))


def shown(sheet: Sheet, block: str) -> tuple[list[Value], str]:
    """Both figures of a strand's only measure, and what is said above them."""
    found = next(item for item in sheet.blocks if item.name == block)
    return [plain(found.rows[0].get(key)) for key in ("previous", "current")], found.intro


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("periods", [MONTHS, QUARTERS])
def test_a_strands_sheet_shows_what_was_counted(use: Use, periods: Sequence[str]) -> None:
    half = len(periods) // 2
    master = counted({period: 1 if at < half else 2 for at, period in enumerate(periods)})
    figures, said = shown(strand_sheet(strand_account(master, Q2, HATE, SETTINGS), SETTINGS, use), "rolling")
    assert figures == [half, 2 * half]
    assert "counts are not known" not in said


def test_months_that_are_not_known_are_named() -> None:
    sheet = strand_sheet(
        strand_account(counted(dict.fromkeys(MONTHS[:22], 1)), Q2, HATE, SETTINGS), SETTINGS, Use.PARTNERS
    )
    assert shown(sheet, "rolling") == (
        [12, None],
        "No total where counts are not known: Hate Crime Offences (Aug 2020, Sep 2020).",
    )


def test_what_a_lead_reported_stands() -> None:
    reported = Measure(Q2, HATE.name, OFFENCES, ROLLING, None, 30, "Fewer.")
    master = replace(counted(dict.fromkeys(MONTHS, 2)), measures=(reported,))
    assert measured(master, HATE, ROLLING, OFFENCES, Q2, SETTINGS) == replace(reported, previous=24)
    assert measured(master, HATE, ROLLING, OFFENCES, Q2.plus(1), SETTINGS) is None


def test_partners_see_one_figure_wherever_they_look() -> None:
    """Of a strand that has not returned: what was counted, not what was reported of it a year ago."""
    a_year_ago = Measure(Q2.plus(-4), HATE.name, OFFENCES, ROLLING, 100, 110)
    for counts in (dict.fromkeys(MONTHS, 8), dict.fromkeys(MONTHS[12:], 8)):
        master = replace(counted(counts), measures=(a_year_ago,))
        figures, _ = shown(strand_sheet(strand_account(master, Q2, HATE, SETTINGS), SETTINGS, Use.PARTNERS), "rolling")
        table = insights_sheet(account(master, Q2, SETTINGS)).blocks[0]
        row = next(row for row in table.rows if row["measure"] == OFFENCES)
        assert [row["previous"], row["current"]] == figures == [96 if len(counts) == 24 else 110, 96]


def test_two_strands_may_count_by_the_same_name() -> None:
    text = resource("config.yaml").read_text(encoding="utf-8")
    settings = parse(text.replace("[NTE Offences]", f"[{OFFENCES}]"))
    others = tuple(
        replace(m, strand="Night-time Economy (NTE)", count=5) for m in counted(dict.fromkeys(MONTHS, 2)).monthly
    )
    master = replace(counted(dict.fromkeys(MONTHS, 2)), monthly=(*counted(dict.fromkeys(MONTHS, 2)).monthly, *others))
    by_quarter = by_quarter_sheet(account(master, master.quarter, settings)).blocks[1]
    lines = [row[str(Q2)] for row in by_quarter.rows if str(row["measure"]).startswith(f"{OFFENCES} (")]
    assert sorted(map(str, lines)) == ["24", "60"]


def test_insights_show_what_was_counted() -> None:
    known = account(counted(dict.fromkeys(MONTHS, 2)), Q2, SETTINGS)
    (table,), (_, by_quarter) = insights_sheet(known).blocks, by_quarter_sheet(known).blocks
    row = next(row for row in table.rows if row["measure"] == OFFENCES)
    assert [row[key] for key in ("previous", "current")] == [24, 24]
    line = next(row for row in by_quarter.rows if row["measure"] == f"{OFFENCES} ({HATE.name}, 12 months)")
    assert {key: line[key] for key in line if key not in ("measure", "trend", "unit")} == {
        str(Q2.plus(-back)): 24 for back in range(3)
    }


def test_of_a_month_the_latest_report_up_to_a_quarter_counts() -> None:
    """In whatever order they stand; of one quarter's, the last."""
    of = Monthly(Q2, HATE.name, OFFENCES, MONTHS[0], 1)
    first, again, later = (
        replace(of, quarter=Q2.plus(-1), count=2),
        replace(of, count=3),
        replace(of, quarter=Q2.plus(1)),
    )
    for rows in ([of, first, again, later], [later, of, again, first], [first, of, again, later]):
        [known] = known_months(rows, Q2).values()
        assert known is again
    assert restated([replace(of, count=3.0), replace(of, month=MONTHS[1])], known_months([again], Q2)) == []
    assert restated([of], known_months([again], Q2)) == [(again, of)]


def test_a_new_return_has_what_was_imported_for_its_quarter_but_no_other_return() -> None:
    imported, returned = counted({MONTHS[0]: 1}), counted({MONTHS[1]: 2}, source="hate.xlsx")
    file = Submission(Q2, HATE.name, "hate.xlsx", "", "", "2", 0, "Yes")
    master = replace(imported, monthly=(*imported.monthly, *returned.monthly), submissions=(file,))
    assert before(master, Q2).monthly == imported.monthly
    assert before(master, Q2.plus(-1)).monthly == ()

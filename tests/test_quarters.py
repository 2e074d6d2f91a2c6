"""Quarters of the financial year: written, read, counted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.quarters import Quarter, month_name, quarters_between

QUARTERS = st.builds(Quarter, st.integers(1000, 9998), st.integers(1, 4))


@pytest.mark.parametrize(
    "text", ["2020/21 Q2", "2020-21 Q2", "2020-21-Q2", "2020/21-Q2", " 2020/21 Q2\n", "2020/21 q2", "2020-21-q2"]
)
def test_the_ways_to_write_a_quarter(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2020, 2)


@pytest.mark.parametrize(
    "text",
    [
        *("2020/22 Q1", "2020/20 Q1", "2020/21 Q0", "2020/21 Q5", "2020/21 Q11"),
        *("2020/2021 Q1", "20/21 Q1", "2020/21", "2020 Q1", "2020/21Q1", "Q1 2020/21", "2020/21 Q1 Q2"),
        *("first quarter", "None", ""),
    ],
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quarter; write it like 2020/21 Q2") as refusal:
        Quarter.parse(text)
    assert f"'{text}'" in str(refusal.value)


def test_the_turn_of_the_century() -> None:
    assert str(Quarter.parse("1999/00 Q4")) == "1999/00 Q4"
    assert Quarter.parse("1999/00 Q4").plus(1) == Quarter.parse("2000/01 Q1")


@given(QUARTERS)
def test_what_is_written_reads_back(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.parse(quarter.folder) == quarter


def test_folder_name() -> None:
    assert Quarter(2020, 2).folder == "2020-21-Q2"
    assert Quarter(2099, 1).folder == "2099-00-Q1"


@pytest.mark.parametrize(
    ("back", "expected"),
    [(0, "2020/21 Q2"), (1, "2020/21 Q3"), (3, "2021/22 Q1"), (-2, "2019/20 Q4"), (-6, "2018/19 Q4")],
)
def test_later_and_earlier(back: int, expected: str) -> None:
    assert str(Quarter(2020, 2).plus(back)) == expected


@given(QUARTERS, st.integers(-400, 400))
def test_order_is_order_in_time(quarter: Quarter, count: int) -> None:
    other = quarter.plus(count)
    assert (other > quarter, other == quarter) == (count > 0, count == 0)
    assert other.plus(-count) == quarter


def test_all_quarters_between_two() -> None:
    found = [str(q) for q in quarters_between(Quarter(2019, 4), Quarter(2020, 2))]
    assert found == ["2019/20 Q4", "2020/21 Q1", "2020/21 Q2"]
    assert list(quarters_between(Quarter(2020, 2), Quarter(2020, 1))) == []


@pytest.mark.parametrize(
    ("starts_in", "ends"),
    [
        (4, [date(2020, 6, 30), date(2020, 9, 30), date(2020, 12, 31), date(2021, 3, 31)]),
        (1, [date(2020, 3, 31), date(2020, 6, 30), date(2020, 9, 30), date(2020, 12, 31)]),
        (12, [date(2021, 2, 28), date(2021, 5, 31), date(2021, 8, 31), date(2021, 11, 30)]),
    ],
)
def test_the_last_day_of_a_quarter(starts_in: int, ends: list[date]) -> None:
    assert [Quarter(2020, number).end(starts_in) for number in (1, 2, 3, 4)] == ends


def test_the_last_day_in_a_leap_year() -> None:
    assert Quarter(2019, 1).end(12) == date(2020, 2, 29)


def test_a_month_in_words() -> None:
    assert month_name(Quarter(2020, 2).end(4)) == "September 2020"

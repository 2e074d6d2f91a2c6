"""What people type is read as it was meant, where that is plain; where it is not, it stays as typed."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.forgive import percentage, time_meant
from cpxl.layout.blocks import Column, Kind
from cpxl.model import NOT_APPLICABLE, RESPONSES, Value
from cpxl.returns.typed_cell import read_as

COUNT, NUMBER, TEXT = (Column("x", "X", kind) for kind in (Kind.COUNT, Kind.NUMBER, Kind.TEXT))
RESPONSE = Column("x", "X", choices=RESPONSES)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *[("1,174", 1174), (" 60 ", 60), ("60.0", 60), ("60", 60), ("\u00a060\u00a0", 60), ("+5", 5), ("-5", -5)],
        *[("2,693,500.50", 2693500.5), ("12.5", 12.5), ("1,1,7", "1,1,7"), ("11,74", "11,74"), ("1 174", "1 174")],
        *[
            ("n/a", NOT_APPLICABLE),
            ("N/A ", NOT_APPLICABLE),
            ("Not applicable", NOT_APPLICABLE),
            ("na", NOT_APPLICABLE),
        ],
        *[("12 or so", "12 or so"), ("twelve", "twelve"), ("1e5", "1e5"), ("=1+1", "=1+1"), ("\u0661\u0662", 12)],
        *[("9" * 16, "9" * 16), (12, 12), (12.5, 12.5), (None, None)],
    ],
)
def test_numbers(typed: Value, read: Value) -> None:
    assert (read_as(COUNT, typed), read_as(NUMBER, typed)) == (read, read)


@pytest.mark.parametrize("dash", ["-", " - ", "\u2013", "\u2014"])
def test_a_dash_is_nil_among_figures_and_nothing_elsewhere(dash: str) -> None:
    assert [read_as(column, dash) for column in (COUNT, NUMBER, TEXT, RESPONSE)] == [0, 0, None, None]


@pytest.mark.parametrize("typed", ["Treat ", "TREAT", "treat.", "\u201cTreat\u201d", "\u00a0treat"])
def test_a_response_in_any_case_and_quotes(typed: str) -> None:
    assert read_as(RESPONSE, typed) == "Treat"


def test_a_response_in_other_words() -> None:
    assert read_as(RESPONSE, "take opportunity") == "Take the opportunity"
    assert read_as(RESPONSE, "treat and tolerate") == "treat and tolerate"


@given(st.text())
def test_text_is_text(text: str) -> None:
    read = read_as(TEXT, text)
    assert read == text or (read is None and len(text.strip()) == 1)


@given(st.integers(-(10**13), 10**13))
def test_any_whole_number_however_it_is_written(number: int) -> None:
    for typed in (str(number), f"{number:,}", f" {number}.0 "):
        assert read_as(COUNT, typed) == number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *[(date(2021, 3, 31), date(2021, 3, 31)), (datetime(2021, 3, 31, 12), date(2021, 3, 31))],
        *[("31/03/2021", date(2021, 3, 31)), ("31.3.21", date(2021, 3, 31)), ("1-4-2021", date(2021, 4, 1))],
        *[("March 2021", date(2021, 3, 31)), ("feb 2020", date(2020, 2, 29)), ("31 March 2021", date(2021, 3, 31))],
        *[
            ("31st March, 2021", date(2021, 3, 31)),
            ("Q4 2020/21", date(2021, 3, 31)),
            ("2020/21 Q4", date(2021, 3, 31)),
        ],
        *[("q1 2021-22", date(2021, 6, 30)), ("2020/21 Q5", None), ("31/02/2021", None), ("Ma 2021", None)],
        *[("Foo 2021", None), ("31 Foo 2021", None)],
        *[("soon", None), ("2021", None), ("", None), (44286, None), (None, None)],
    ],
)
def test_times(typed: Value, meant: date | None) -> None:
    assert time_meant(typed, first_month=4) == meant


@pytest.mark.parametrize(("typed", "share"), [("3.9%", 0.039), ("-16.4 %", -0.164), (0.039, 0.039), ("N/A", "N/A")])
def test_percentages(typed: Value, share: Value) -> None:
    assert percentage(typed) == pytest.approx(share)

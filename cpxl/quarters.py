"""Quarters of the financial year, and the months in them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WRITTEN = re.compile(r"\s*(\d{4})[/-](\d{2})[ -]Q([1-4])\s*", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a financial year, written `2020/21 Q2`.

    year: the calendar year in which the financial year starts.
    number: 1 to 4.
    """

    year: int
    number: int

    @classmethod
    @lru_cache(maxsize=1024)  # the same few are read again and again
    def parse(cls, text: str) -> Quarter:
        """Read `2020/21 Q2`, `2020-21 Q2` or `2020-21-Q2`.

        Raises ValueError, with a sentence for people, for anything else.
        """
        found = WRITTEN.fullmatch(text)
        if not found or (int(found[1]) + 1) % 100 != int(found[2]):
            raise ValueError(f"'{text}' is not a quarter; write it like 2020/21 Q2")
        return cls(int(found[1]), int(found[3]))

    def __hash__(self) -> int:
        return self.year * 4 + self.number  # quarters are looked up all the time

    def __str__(self) -> str:
        return f"{self.financial_year} Q{self.number}"

    @property
    def financial_year(self) -> str:
        """`2020/21`."""
        return f"{self.year}/{(self.year + 1) % 100:02d}"

    @property
    def folder(self) -> str:
        """`2020-21-Q2`: the quarter in the name of a file or folder."""
        return f"{self.year}-{(self.year + 1) % 100:02d}-Q{self.number}"

    def plus(self, quarters: int) -> Quarter:
        """The quarter that many quarters later (earlier if negative)."""
        year, number = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return Quarter(year, number + 1)

    def end(self, first_month: int) -> date:
        """The last day of the quarter, in a financial year that starts in `first_month` (1 to 12)."""
        months = self.year * 12 + (first_month - 1) + self.number * 3 - 1
        year, month = divmod(months, 12)
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    def months(self, first_month: int) -> str:
        """Its months in words, `July to September 2020`, in a financial year that starts in `first_month` (1 to 12)."""
        first, *_, last = months_to(self.end(first_month), 3)
        start, end = month_in_full(first), month_in_full(last)
        return f"{start.split()[0] if first[:4] == last[:4] else start} to {end}"


def quarter_of_day(day: date, first_month: int) -> Quarter:
    """The quarter that a day lies in, in a financial year that starts in `first_month` (1 to 12)."""
    year, month = divmod(day.year * 12 + day.month - first_month, 12)
    return Quarter(year, month // 3 + 1)


def quarter_said(value: object) -> Quarter | None:
    """The quarter that a value says, None if it says none."""
    try:
        return Quarter.parse(str(value))
    except ValueError:
        return None


def is_quarter(text: str) -> bool:
    """Whether a text is a quarter, however it is written."""
    return WRITTEN.fullmatch(text) is not None


def quarters_between(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    """Every quarter from `first` to `last`, both included, in order."""
    while first <= last:
        yield first
        first = first.plus(1)


@cache
def months_to(end: date, count: int) -> tuple[str, ...]:
    """The last `count` months up to the one that `end` lies in, first to last, written `2020-09`."""
    last = end.year * 12 + end.month - 1
    return tuple(f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - count + 1, last + 1))


@cache
def month_in_words(month: str) -> str:
    """`2020-09` as `Sep 2020`."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1][:3]} {year}"


def month_in_full(month: str) -> str:
    """`2020-09` as `September 2020`."""
    return month_name(date.fromisoformat(f"{month}-01"))


def day_name(day: date) -> str:
    """`14 September 2020`."""
    return f"{day.day} {month_name(day)}"


def month_name(day: date) -> str:
    """`September 2020`, in English whatever the machine's language."""
    return f"{MONTHS[day.month - 1]} {day.year}"

"""Dates and numbers as extracts write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from math import isfinite
from zoneinfo import ZoneInfo

from cpxl.quarters import month_in_words, quarter_said

DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
TIME = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([AP])M)?"
    r"(?: ?(?:(Z|UTC|GMT)|([+-])([0-9]{2})(?::?([0-9]{2}))?))?",
    re.IGNORECASE,
)
BEFORE_TIME = re.compile("(?<=[0-9])(?:T|, ?)(?=[0-9])")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
YEAR_AND_QUARTER = re.compile(r"([0-9]{4}[/-])(?:[0-9]{2})?([0-9]{2})[ -]Q?([1-4])", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?|[+-]?\.[0-9]+")
"""Thousands are groups of three: `1,2` may be 1.2 or a slip, and is no number."""
YEARS = range(1990, 2100)
"""Years that a date may be of; others are slips of the keyboard."""
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
"""Characters of no width, which programs leave in texts."""


def tidy(text: str) -> str:
    """A text with single, plain blanks between its words, and none around them."""
    return " ".join((text if text.isascii() else text.translate(UNSEEN)).split())


@dataclass(frozen=True)
class Dates:
    """How one extract writes dates. zone: in which times with an offset are read; others are local already."""

    zone: ZoneInfo
    month_first: bool = False

    def moment(self, text: str) -> datetime | None:
        """`2020-09-14`, `14/09/2020` or `2020-09-14T23:30:00Z` in local time. None for anything else."""
        day, _, rest = BEFORE_TIME.sub(" ", tidy(text), count=1).partition(" ")
        found, at = DAY.fullmatch(day), TIME.fullmatch(rest) if rest else None
        if not found or (rest and not at):
            return None
        year, month, number = map(
            int, found.group(1, 2, 3) if found[1] else found.group(*((6, 4, 5) if self.month_first else (6, 5, 4)))
        )
        try:
            local = datetime.combine(date(year, month, number), time(*_hour_and_minutes(at)) if at else time())
            if at and (at[5] or at[6]):
                minutes = int(f"{at[6]}1") * (int(at[7]) * 60 + int(at[8] or 0)) if at[6] else 0
                local = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
                local = local.astimezone(self.zone).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return None
        return local if local.year in YEARS else None

    def day(self, text: str) -> date | None:
        """The local day of a date, with or without a time. None for anything else."""
        local = self.moment(text)
        return local.date() if local else None

    def month(self, text: str) -> str | None:
        """The month (`2020-09`) of a month or day. None for anything else."""
        day = self.day(f"{tidy(text)}-01" if MONTH.fullmatch(tidy(text)) else text)
        return day.isoformat()[:7] if day else None


def _hour_and_minutes(at: re.Match[str]) -> tuple[int, int, int]:
    """Hour, minute and second of a time that was found. Raises ValueError for `13:00 PM`."""
    hour = int(at[1])
    if at[4]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if at[4].upper() == "P" else 0)
    return hour, int(at[2]), int(at[3] or 0)


def order_told(text: str) -> str:
    """Whether a date with slashes has the `day` first or the `month`, or may be `either`. Blank for all others."""
    found = DAY.fullmatch(tidy(text).partition(" ")[0])
    if not found or not found[4] or found[4].zfill(2) == found[5].zfill(2):
        return ""
    first, second = int(found[4]), int(found[5])
    if first > 12 or second > 12:
        return "day" if second <= 12 else "month" if first <= 12 else ""
    return "either"


def quarter_of(text: str) -> str | None:
    """`2017/18 Q4` of that, or of `2017/18 4`, `2017-18 Q4` or `2017/2018 Q4`. None for anything else."""
    found = YEAR_AND_QUARTER.fullmatch(tidy(text))
    quarter = quarter_said(f"{found[1]}{found[2]} Q{found[3]}") if found else None
    return str(quarter) if quarter else None


def number_of(text: str) -> int | float | None:
    """`1,234`, `12` or `3.5`. None for anything else."""
    written = tidy(text)
    if not NUMBER.fullmatch(written):
        return None
    number = float(written.replace(",", ""))
    if not isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def period_in_words(period: str) -> str:
    """`2020-09` as `Sep 2020`; a quarter as it is."""
    return period if "Q" in period else month_in_words(period)

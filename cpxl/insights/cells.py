"""Dates and numbers as extracts write them."""

from __future__ import annotations

import re
from datetime import date
from math import isfinite

from cpxl.quarters import Quarter, month_in_words

DAY = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[ T].*)?|(\d\d?)/(\d\d?)/(\d{4})(?: .*)?")
MONTH = re.compile(r"(\d{4})-(\d\d)")
YEAR_AND_QUARTER = re.compile(r"(\d{4}[/-])(?:\d\d)?(\d\d)[ -]Q?([1-4])", re.IGNORECASE)
YEARS = range(1990, 2100)
"""Years that a date may be of; others are slips of the keyboard."""


def day_of(text: str) -> date | None:
    """`2020-09-14` or `14/09/2020`, with or without a time after it. None for anything else."""
    if not (found := DAY.fullmatch(text.strip())):
        return None
    year, month, day = map(int, found.group(1, 2, 3) if found[1] else found.group(6, 5, 4))
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def month_of(text: str) -> str | None:
    """The month (`2020-09`) of a month or day. None for anything else."""
    day = day_of(f"{text.strip()}-01" if MONTH.fullmatch(text.strip()) else text)
    return day.isoformat()[:7] if day else None


def quarter_of(text: str) -> str | None:
    """`2017/18 Q4` of that, or of `2017/18 4`, `2017-18 Q4` or `2017/2018 Q4`. None for anything else."""
    if not (found := YEAR_AND_QUARTER.fullmatch(text.strip())):
        return None
    try:
        return str(Quarter.parse(f"{found[1]}{found[2]} Q{found[3]}"))
    except ValueError:
        return None


def number_of(text: str) -> int | float | None:
    """`1,234`, `12` or `3.5`. None for anything else."""
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def period_in_words(period: str) -> str:
    """`2020-09` as `Sep 2020`; a quarter as it is."""
    return period if "Q" in period else month_in_words(period)

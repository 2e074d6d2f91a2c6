"""What a figure is counted in: how it is typed, what it may be, how it is printed and how two of them are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cpxl.arithmetic import round_half_up
from cpxl.model import Number, Value, is_number, is_whole, to_15_digits

UnitName = Literal[
    "count",
    "number",
    "percent",
    "GBP",
    "kg",
    "hours",
    "days",
    "per 1,000",
    "per 100,000",
    "change",
    "percent change",
]
LARGEST_COUNT, LARGEST_NUMBER = 999_999_999_999, 10**15
"""Beyond these a figure is a slip of the keyboard: more than anybody counts, and than Excel keeps exactly."""
THOUSANDS = {"k": 3, "m": 6, "mn": 6, "bn": 9}
"""What stands behind an amount of money, and how many zeros it is."""


@dataclass(frozen=True)
class Unit:
    """A unit.

    before, after: signs around a printed figure. typed: what may stand before and behind a typed one (a pattern).
    least, most: the figures that can be. is_whole: whether there are no parts of one. wanted: the same, in words.
    is_share: a percentage, kept as a share (71% is 0.71) and compared in points. is_signed: printed with its sign.
    is_sum: whether figures of parts add up to that of the whole.
    """

    name: str
    wanted: str
    before: str = ""
    after: str = ""
    typed: tuple[str, str] = ("", "")
    least: Number | None = None
    most: Number = LARGEST_NUMBER
    is_whole: bool = False
    is_share: bool = False
    is_signed: bool = False
    is_sum: bool = True

    def holds(self, value: Value) -> bool:
        """Whether a number can be a figure in this unit."""
        if not is_number(value):
            return False
        is_large_enough = self.least is None or value >= self.least
        return is_large_enough and abs(value) <= self.most and (not self.is_whole or is_whole(abs(value)))

    def without_signs(self, text: str) -> str:
        """A typed figure without what says its unit: `£172k` as `172000`. As it is where nothing says it."""
        before, after = self.typed
        found = re.fullmatch(rf"([+-]?)\s*(?:{before})?\s*([+-]?[\d,.]+)\s*(?:{after})?", text.strip(), re.IGNORECASE)
        if not found or (found[1] and found[2][0] in "+-"):
            return text
        number = found[1] + found[2]
        zeros = THOUSANDS.get((found.groupdict().get("thousands") or "").casefold(), 0)
        if not zeros or not re.fullmatch(r"[+-]?\d{1,3}(?:,?\d{3})*(?:\.\d+)?", number):
            return number if not zeros else text
        return f"{Decimal(number.replace(',', '')).scaleb(zeros):f}"

    def change(self, previous: Value, current: Value) -> Number | None:
        """What has changed: in points between two percentages, else in this unit. None unless both are numbers."""
        if not (is_number(previous) and is_number(current)):
            return None
        if not self.is_share:
            return to_15_digits(current - previous)
        return float((Decimal(str(current)) - Decimal(str(previous))) * 100)

    def format(self, plain: str) -> str:
        """A number format of Excel's, with the signs around each of its parts for numbers; words stay words."""
        before, after = (f'"{sign}"' if sign else "" for sign in (self.before, self.after))
        return ";".join(part if part == "@" else _around(part, before, after) for part in plain.split(";"))

    def dress(self, figure: str) -> str:
        """A printed figure with its signs: `£2,693,500`."""
        return _around(figure, self.before, self.after)

    def said(self, value: Number) -> str:
        """A figure as it is printed: `71.0%`, `£2,693,500`, `182.9 kg`."""
        if self.is_share:
            return percent(value, signed=self.is_signed)
        return self.dress(signed(value) if self.is_signed else said(value))

    def said_of_change(self, change: Number) -> str:
        """A change as it is printed: `+9 points`, `-£5`."""
        return (POINTS if self.is_share else self).dress(signed(change))


def said(value: Value) -> str:
    """A figure as it is printed, with three decimals at most; words as they are."""
    if is_number(value):
        return f"{round_half_up(value, 3):,.3f}".rstrip("0").rstrip(".")
    return str(value or "not known")


def signed(value: Number) -> str:
    """A figure with its sign, be it a plus."""
    return f"{'+' if value > 0 else ''}{said(value)}"


def percent(share: Number, *, signed: bool = False) -> str:
    """A share in per cent: `71.0%`; signed, as a change: `+3.9%`."""
    return f"{round_half_up(share * 100, 1):{'+' if signed and share else ''},.1f}%"


def _around(figure: str, before: str, after: str) -> str:
    """The sign of a number stays in front of all."""
    sign = figure[:1] if figure[:1] in "+-" else ""
    return f"{sign}{before}{figure[len(sign) :]}{after}"


_HOURS, _DAYS = r"h(?:ou)?rs?|h", r"days?|d"
_POUNDS = r"£|GBP"
COUNT = Unit("count", "a whole number from 0", least=0, most=LARGEST_COUNT, is_whole=True)
NUMBER = Unit("number", "a number")
POINTS = Unit("points", "a number", after=" points")
UNITS = {
    unit.name: unit
    for unit in (
        COUNT,
        NUMBER,
        Unit("percent", "a percentage from 0% to 100%", "", "%", ("", r"%|per ?cent"), 0, 1, False, True, is_sum=False),
        Unit("GBP", "an amount in pounds", "£", "", (_POUNDS, rf"(?P<thousands>k|mn?|bn)?\s*(?:{_POUNDS})?")),
        Unit("kg", "kilograms from 0", "", " kg", ("", "kgs?|kilos?|kilograms?"), 0),
        Unit("hours", "hours from 0", "", " hours", ("", _HOURS), 0),
        Unit("days", "days from 0", "", " days", ("", _DAYS), 0),
        Unit("per 1,000", "a rate per 1,000 from 0", "", "", ("", "per 1,?000"), 0, is_sum=False),
        Unit("per 100,000", "a rate per 100,000 from 0", "", "", ("", "per 100,?000"), 0, is_sum=False),
        Unit("change", "a whole number, with a minus for a fall", most=LARGEST_COUNT, is_whole=True, is_signed=True),
        Unit(
            "percent change",
            "a percentage such as -22%",
            "",
            "%",
            ("", r"%|per ?cent"),
            -1,
            1000,
            is_share=True,
            is_signed=True,
            is_sum=False,
        ),
    )
}
"""Every unit, by the name that config has for it."""

_IN_NAME = re.compile(
    r"\((?:(?P<kg>kg|kilograms?)|(?P<GBP>£|GBP|pounds)|(?P<hours>hours|hrs)|(?P<days>days)|"
    r"grams?|g|t|tonnes?|l|litres?|km|miles|%|per ?cent|percent(?:age)?|€|\$|£?[km]|EUR|USD|"
    r"minutes|mins|weeks|months|years|rate|ratio|average|mean|median|score|index|per [^()]+)\)$",
    re.IGNORECASE,
)
"""A unit in brackets at the end of a measure's name: 'Class A drugs seized (kg)' is no number of things."""


def unit_in(name: str) -> Unit:
    """The unit that a name ends in; a count if it ends in none. A percentage there is as it always was: 71, not 71%."""
    found = _IN_NAME.search(name)
    return UNITS[found.lastgroup or "number"] if found else COUNT

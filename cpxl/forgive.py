"""Reading what people type: `1,174` is a number, `Treat ` is a response, `Q4 2020/21` is a time. Where it is safe."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from cpxl.model import NOT_APPLICABLE, SignOff, Value, is_number
from cpxl.names import alike, why_not
from cpxl.quarters import MONTHS, Quarter, day_name
from cpxl.units import Unit
from cpxl.words import short

DASHES = {"-", "\u2013", "\u2014"}
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
WHAT = (
    r"risks?|issues?|achievements?|deliver(?:y|ies)|activit(?:y|ies)|actions?|items?|plans?|work(?: strands?)?|strands?"
)
NOTHING = re.compile(
    rf"(?:(?:there (?:is|are|was|were)|we have) )?"
    rf"(?:none|nil(?: return)?|n/?a|n\.a\.?|not applicable|nothing|0|"
    rf"no (?:(?:known|new|open|current|other|further|significant|identified) )*(?:{WHAT}))"
    rf"(?: (?:to (?:report|add|note|declare|record)|(?:has been |have been )?(?:identified|known|reported|recorded|"
    rf"planned|scheduled|achieved|delivered|due)|at risk|at (?:present|this (?:time|stage)|the moment)|currently|"
    rf"(?:for |in |during )?(?:this|the|last|next) (?:quarter|period|time)|so far|yet))*"
)
"""Words that say that there is nothing to list."""
FIRST_DAY, LAST_DAY = 36_526, 73_050
"""The serial numbers of 2000-01-01 and 2099-12-31: what Excel has in place of a date, and may show."""
LONGEST_TO_FORGIVE = 60  # characters
EXCELS_DAY_0, DAYS_TO_1904 = date(1899, 12, 30).toordinal(), 1462
LONGEST_NUMBER = 15  # digits: what Excel holds exactly


def number(typed: Value) -> Value:
    """What was typed where a figure belongs, as the number that it was meant to be; as it is if that is not plain."""
    if not isinstance(typed, str):
        return typed
    text = " ".join(typed.split())  # also of non-breaking spaces
    if text.casefold() in ("n/a", "n.a.", "na", "not applicable"):
        return NOT_APPLICABLE
    if not NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) > LONGEST_NUMBER:
        return typed
    value = float(text.replace(",", ""))
    return int(value) if value.is_integer() else value


def figure(typed: Value, unit: Unit) -> Value:
    """What was typed where a figure in some unit belongs: `71%` as 0.71, `£172k` as 172000, `182.9 kg` as 182.9."""
    if not isinstance(typed, str) or len(typed) > LONGEST_TO_FORGIVE:
        return number(typed)
    text = " ".join(typed.split())
    bare = unit.without_signs(text)
    value = number(bare)
    if not is_number(value):
        return typed if bare != text else value
    return float(Decimal(str(value)) / 100) if unit.is_share and bare != text else value


def says_nothing(value: Value) -> bool:
    """Whether what stands in a table says that there is nothing to list: 'None', 'Nil', 'n/a', 'Nothing to report.'"""
    if value == 0 and is_number(value):
        return True
    text = alike(value).strip(" .!-*()[]'\"") if isinstance(value, str) and len(value) <= LONGEST_TO_FORGIVE else ""
    return NOTHING.fullmatch(text) is not None


def serial_date(value: Value, *, from_1904: bool) -> date | None:
    """The date that a serial number of Excel's stands for, where dates belong; None if it is none of this century."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{5}", value) else value
    if not is_number(number):
        return None
    day = int(number) + (DAYS_TO_1904 if from_1904 else 0)
    return date.fromordinal(EXCELS_DAY_0 + day) if FIRST_DAY <= day <= LAST_DAY else None


def label_meant(label: str, names: Iterable[str]) -> str:
    """The one of some names that a label means, whatever was left out; the label itself if that is not plain."""
    meant = {name for name in names if _letters(name) == _letters(label)}
    return meant.pop() if len(meant) == 1 else label


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    """A label without what people leave out or add: blanks, stops, quotes, 'the'."""
    words = "".join(c if c.isalnum() or c in "+%£" else " " for c in alike(text)).split()
    return "".join(word for word in words if word != "the")


def choice_meant(text: str, choices: Sequence[str]) -> str:
    """The one of some choices that is meant, whatever was left out; the text itself if that is not plain."""
    if text in choices or len(text) > LONGEST_TO_FORGIVE:
        return text
    return next((choice for choice in choices if _bare(choice) == _bare(text)), text)


def _bare(text: str) -> str:
    """A choice without what people leave out or add: case, quotes, stops, 'the'."""
    words = re.sub(r"[^a-z ]", "", " ".join(text.casefold().split())).split()
    return " ".join(word for word in words if word != "the")


def percentage(value: Value) -> Value:
    """`3.9%` as 0.039; anything else as it is."""
    if isinstance(value, str) and value.endswith("%") and NUMBER.fullmatch(value[:-1].strip()):
        return float(value[:-1].replace(",", "")) / 100
    return value


@lru_cache(maxsize=1024)  # the same few are written again and again
def time_meant(value: Value, first_month: int) -> date | None:
    """The last day of the time that was typed: a date, `31/03/2021`, `March 2021`, `Q4 2020/21`. None if it is none.

    first_month: of the financial year, 1 to 12.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})", text):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        return _day(year, int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(?:(\d{1,2})(?:st|nd|rd|th)? )?([A-Za-z]{3,9}),? (\d{4})", text):
        months = [n for n, name in enumerate(MONTHS, 1) if name.casefold().startswith(found[2].casefold())]
        if len(months) != 1:
            return None
        if found[1]:
            return _day(int(found[3]), months[0], int(found[1]))
        return _day(int(found[3]), months[0], monthrange(int(found[3]), months[0])[1])
    for form in (r"Q(\d)[ ,]*(\d{4}[/-]\d{2})", r"(\d{4}[/-]\d{2})[ ,-]*Q(\d)"):
        if found := re.fullmatch(form, text, re.IGNORECASE):
            number, year_text = (found[1], found[2]) if len(found[1]) == 1 else (found[2], found[1])
            try:
                return Quarter.parse(f"{year_text} Q{number}").end(first_month)
            except ValueError:
                return None
    return None


def why_unsigned(signed: SignOff, first_month: int, received: str = "") -> str:
    """Why what was entered does not sign a return off, as the end of 'It is not signed off: '; blank if it does.

    first_month: of the financial year, 1 to 12. received: when the return was last saved, `2020-10-12 09:30:00`, after
    which nobody can have signed it; blank if nobody knows.
    """
    if signed.post is None:
        return "the post is missing"
    if why := why_not(str(signed.post)):
        return f"the post {why}"
    if signed.when is None:
        return "the date is missing"
    day = time_meant(signed.when, first_month)
    if day is None:
        return f"'{short(signed.when)}' is no date"
    is_a_day = not isinstance(signed.when, str) or re.match(r"\s*\d{1,2}\D", signed.when)
    if received and (day if is_a_day else day.replace(day=1)).isoformat() > received[:10]:
        return f"the date, {day_name(day)}, was still to come when the return was saved"
    return ""


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

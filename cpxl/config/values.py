"""What a setting may be: names, quarters, months, folders, and the words for one that is not."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator

from cpxl.names import is_windows_name, why_not
from cpxl.quarters import MONTHS, Quarter
from cpxl.words import short
from cpxl.yaml_file import STRICT, Text

DateOrder = Literal["day first", "month first"]
"""What comes first in dates with slashes. Where nothing is said, it has to be seen from the dates."""


def _quarter(text: object) -> Quarter:
    return Quarter.parse(str(text))


def month(text: object) -> int:
    """The number of a month, 1 to 12, from its name."""
    if text not in MONTHS:
        raise ValueError("write a month by its name, such as April")
    return MONTHS.index(str(text)) + 1


def _month_of_a_year(text: object) -> str:
    month = str(text)
    if not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise ValueError("write a month like 2020-06")
    return month


def as_list(value: object) -> object:
    """One value as a list of one."""
    return value if isinstance(value, list) else [value]


def zone(text: object) -> ZoneInfo:
    """A time zone from its name."""
    try:
        return text if isinstance(text, ZoneInfo) else ZoneInfo(str(text))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a time zone by its name, such as Europe/London") from None


def _folder(text: object) -> str:
    parts = PurePosixPath(str(text)).parts
    if (
        not parts
        or ".." in parts
        or re.search(r'[<>:"|?*\\\x00-\x1f]|^/', str(text))
        or not all(map(is_windows_name, parts))
    ):
        raise ValueError("write the name of a folder inside the working folder, such as returns")
    return "/".join(parts)


def _name(text: str) -> str:
    if why := why_not(text):
        raise ValueError(f"'{short(text)}' {why}")
    return text


Month = Annotated[str, BeforeValidator(_month_of_a_year)]
QuarterText = Annotated[Quarter, BeforeValidator(_quarter)]
FolderName = Annotated[str, BeforeValidator(_folder)]
Name = Annotated[Text, AfterValidator(_name)]
"""A text that works wherever it is printed or read back. What something was called before may be any text."""


class Part(BaseModel):
    """Some settings that belong together. What is not a setting is refused."""

    model_config = STRICT


def not_there(name: str, what: str) -> str:
    """What is said of a name that is listed nowhere. what: a status, measure or strand."""
    return f"'{short(name)}' is not a {what} that is listed here; list it, or correct the name"

"""What a setting may be: names, quarters, months, folders, and the words for one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from cpxl.names import LONGEST, alike, is_windows_name, why_not
from cpxl.quarters import MONTHS, Quarter
from cpxl.words import short
from cpxl.yaml_file import STRICT, Misplaced, Text

DateOrder = Literal["day first", "month first"]
"""What comes first in dates with slashes. Where nothing is said, it has to be seen from the dates."""
MONTH_OF_A_YEAR = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])"

# What a JSON Schema can say of names, in words that the regular expressions of Python and of JavaScript share


def in_any_case(text: str) -> str:
    """A pattern for a text in capitals or not, whose letters are not in brackets; a blank stands for several."""
    pattern, bracket = "", False
    for c in text:
        bracket = c == "[" or (bracket and c != "]")
        pattern += f"[{c.upper()}{c.lower()}]" if c.isalpha() and not bracket else " +" if c == " " else c
    return pattern


HIDDEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
)
"""Characters that nobody sees (`names.why_not` knows some more, beyond the first 65,536)."""
AROUND = r" \u0009-\u000d\u001c-\u001f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Blanks among these, which are taken off a name's ends."""
NAME: dict[str, Any] = {
    "minLength": 1,
    "maxLength": LONGEST,
    "allOf": [
        {"pattern": r"\S"},
        {"pattern": rf"^[{AROUND}]*[^{HIDDEN}]*[{AROUND}]*$"},
        {"not": {"pattern": r"^\s*[Nn]\s*/\s*[Aa]\s*$"}},
        {"not": {"pattern": "_[xX][0-9A-Fa-f]{4}_"}},
    ],
}
WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = rf"^{WORD}(\.{WORD})*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$"
"""The plain form of an address that RFC 5322 knows: no quotes, no comments, nothing beyond ASCII."""
YEARS = "|".join(f"{year:02d}[/-]{(year + 1) % 100:02d}" for year in range(100))
QUARTER = rf"^\s*[0-9]{{2}}({YEARS})[ -][Qq][1-4]\s*$"
DEVICES = "|".join(map(in_any_case, ("con", "prn", "aux", "nul", "com[0-9]", "lpt[0-9]")))
IN_A_PATH = r"[^<>:\"|?*\\/\u0000-\u001f]"
PART_OF_PATH = rf"(?!({DEVICES})( *\.[^/]*)?(/|$)){IN_A_PATH}*[^<>:\"|?*\\/\u0000-\u001f. ]"
FOLDER = f"^{PART_OF_PATH}(/{PART_OF_PATH})*/?$"


def _quarter(text: object) -> Quarter:
    return Quarter.parse(str(text))


def month(text: object) -> int:
    """The number of a month, 1 to 12, from its name."""
    if text not in MONTHS:
        raise ValueError("write a month by its name, such as April")
    return MONTHS.index(str(text)) + 1


def _month_of_a_year(text: object) -> str:
    month = str(text)
    if not re.fullmatch(MONTH_OF_A_YEAR, month):
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


def _address(text: object) -> str:
    address = str(text).strip()
    if not re.fullmatch(ADDRESS, address) or len(address) > 254:
        raise ValueError("write an address such as lead@example.org")
    return address


def _name(text: str) -> str:
    if why := why_not(text):
        raise ValueError(f"'{short(text)}' {why}")
    return text


def _text(**more: Any) -> WithJsonSchema:
    """What an editor is told of a setting that is written as text."""
    return WithJsonSchema({"type": "string", **more})


Month = Annotated[str, BeforeValidator(_month_of_a_year), _text(pattern=f"^{MONTH_OF_A_YEAR}$", examples=["2020-06"])]
MonthName = Annotated[int, BeforeValidator(month), _text(enum=list(MONTHS))]
QuarterText = Annotated[
    Quarter,
    BeforeValidator(_quarter),
    _text(pattern=QUARTER, patternErrorMessage="write a quarter like 2020/21 Q2", examples=["2020/21 Q2"]),
]
FolderName = Annotated[str, BeforeValidator(_folder), _text(pattern=FOLDER)]
MailAddress = Annotated[str, BeforeValidator(_address), _text(pattern=ADDRESS, maxLength=254, format="email")]
ZoneName = Annotated[ZoneInfo, BeforeValidator(zone), _text(examples=["Europe/London"])]
Name = Annotated[Text, AfterValidator(_name), _text(**NAME)]
"""A text that works wherever it is printed or read back. What something was called before may be any text."""


@dataclass(frozen=True)
class OrElse:
    """For an editor: what may be written instead. others: the schemas of that, from the schema of the setting."""

    others: Callable[[JsonSchemaValue], list[JsonSchemaValue]]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        return {"anyOf": [*self.others(schema), schema]}


T = TypeVar("T")
OneOrMore = Annotated[list[T], BeforeValidator(as_list), OrElse(lambda a_list: [a_list["items"]])]
"""A list, of which one item may be written alone."""


def _in_order(bounds: list[float]) -> list[float]:
    if bounds[0] > bounds[1]:
        raise ValueError("write the least first, then the most, such as [0, 100]")
    return bounds


Range = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_in_order)]
"""The least and the most that something can be."""


class Reported(Protocol):
    """A strand, plan or breakdown."""

    @property
    def first_quarter(self) -> Quarter | None: ...
    @property
    def last_quarter(self) -> Quarter | None: ...


class Part(BaseModel):
    """Some settings that belong together. What is not a setting is refused."""

    model_config = STRICT


def in_order(part: Reported) -> None:
    """Raise Misplaced if something was last reported before it was first."""
    if part.first_quarter and part.last_quarter and part.last_quarter < part.first_quarter:
        raise Misplaced(f"last_quarter lies before first_quarter, {part.first_quarter}; correct one", "last_quarter")


def not_there(name: str, what: str) -> str:
    """What is said of a name that is listed nowhere. what: a status, measure or strand."""
    return f"'{short(name)}' is not a {what} that is listed here; list it, or correct the name"


def all_there(what: str, there: list[str], renamed: dict[str, str], **changed: Mapping[str, object]) -> None:
    """Raise Misplaced if something is said of a status, or measure, that is not there, or is under its old name."""
    said_of = [(name, ("renamed", old)) for old, name in renamed.items()]
    said_of += [(name, (setting, name)) for setting, names in changed.items() for name in names]
    for name, place in said_of:
        if name not in there:
            raise Misplaced(not_there(name, what), *place)
    for old, new in renamed.items():
        if alike(old) in map(alike, there) and alike(old) != alike(new):
            said = f"'{short(old)}' is renamed here and yet listed as a {what}; remove it from one of the two places"
            raise Misplaced(said, "renamed", old)

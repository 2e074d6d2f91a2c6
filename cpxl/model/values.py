"""What a cell may hold, and where it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeGuard

NOT_APPLICABLE = "N/A"

Value = str | int | float | date | None
"""What a cell may hold."""

Number = int | float


@dataclass(frozen=True)
class Cell:
    """Where a value was read: sheet name and address such as `C7`."""

    sheet: str
    address: str


Cells = Mapping[str, Cell]
"""Where each field of a record was read, by the field's name."""


def to_15_digits(value: Number) -> Number:
    """A number to the 15 significant digits that Excel keeps: what went through a file compares equal."""
    return float(f"{value:.15g}") if isinstance(value, float) else value


def same(a: Value, b: Value) -> bool:
    """Whether two values are the same, numbers to 15 significant digits."""
    return to_15_digits(a) == to_15_digits(b) if is_number(a) and is_number(b) else a == b


def is_day(value: object) -> bool:
    """Whether a value is a day that there is, written `2020-10-20`."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a number. TRUE and FALSE are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, 0 or more. TRUE and FALSE are not."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_blank(values: Iterable[Value]) -> bool:
    """Whether nothing at all was entered."""
    return all(value is None or value == "" for value in values)

"""Differences, shares and rounding, as people do them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from cpxl.model import NOT_APPLICABLE, Number, Value, is_number, to_15_digits

MOST_EXACT = 10**15
"""Beyond it a number has no decimals: Excel holds 15 digits."""


def difference(previous: Value, current: Value) -> Number | None:
    """The change from previous to current, to 15 digits; None unless both are numbers."""
    return to_15_digits(current - previous) if is_number(previous) and is_number(current) else None


def share(previous: Value, current: Value) -> float | str | None:
    """The change as a share of previous, as it is printed in per cent to one decimal (0.039).

    N/A where previous is 0, None unless both are numbers.
    """
    if not (is_number(previous) and is_number(current)):
        return None
    before = Decimal(str(previous))
    return rounded_share(Decimal(str(current)) - before, before) if previous else NOT_APPLICABLE


def percentage(previous: Value, current: Value) -> float | str | None:
    """The change in per cent of previous, to one decimal (3.9), as it is printed; else as `share`."""
    changed = share(previous, current)
    return round_half_up(Decimal(str(changed)) * 100, 1) if is_number(changed) else changed


def rounded_share(part: Number | Decimal, whole: Number | Decimal) -> float:
    """A part of a whole, to three decimals (0.563), which is one decimal of its percentage. whole: not 0."""
    return round_half_up(Decimal(str(part)) / Decimal(str(whole)), 3)


def round_half_up(value: Number | Decimal, digits: int) -> float:
    """A value rounded to that many decimals, a half away from zero, as people do it (2.25 to 2.3, -2.25 to -2.3)."""
    if not -MOST_EXACT < value < MOST_EXACT:
        return float(value)
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))

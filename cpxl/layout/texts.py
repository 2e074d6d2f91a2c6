"""How figures, and where to find them, are said in a description."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.arithmetic import round_half_up
from cpxl.layout.blocks import Block, Kind
from cpxl.model import Number, Value, is_number
from cpxl.units import NUMBER, POINTS, Unit


def said(value: Value) -> str:
    """A figure as its cell shows it, with three decimals at most."""
    if is_number(value):
        return f"{round_half_up(value, 3):,.3f}".rstrip("0").rstrip(".")
    return str(value or "not known")


def shown(value: Number, kind: Kind = Kind.NUMBER, unit: Unit | None = None) -> str:
    """A number as its cell shows it: `71.0%`, `+9 points`, `£2,693,500`. unit: what it is counted in."""
    unit = unit or NUMBER
    is_share = unit.is_share and kind is Kind.NUMBER
    if kind is Kind.PERCENT_CHANGE or (is_share and unit.is_signed):
        return "0.0%" if not value else f"{round_half_up(value * 100, 1):+,.1f}%"
    if kind is Kind.PERCENT or is_share:
        return f"{round_half_up(value * 100, 1):,.1f}%"
    is_signed = kind is Kind.CHANGE or (kind is Kind.NUMBER and unit.is_signed)
    figure = f"{'+' if is_signed and value > 0 else ''}{said(value)}"
    return figure if kind not in (Kind.NUMBER, Kind.CHANGE) else (POINTS if unit.is_share else unit).dress(figure)


def see(block: Block) -> str:
    """Where the figures of a chart are to be found."""
    return f"The figures are in the table '{block.title}' of this sheet"


def ends(months: Sequence[str], values: Sequence[Value]) -> str:
    """`24 in October 2018, 31 in September 2020`: the first and last that are known."""
    known = [(month, value) for month, value in zip(months, values, strict=True) if is_number(value)]
    if not known:
        return "none known"
    return ", ".join(f"{said(value)} in {month}" for month, value in dict.fromkeys((known[0], known[-1])))

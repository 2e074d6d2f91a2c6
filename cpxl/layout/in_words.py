"""How figures are said as their cells show them, and where to find them."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.layout.blocks import Block, Kind
from cpxl.model import Number, Value, is_number
from cpxl.units import NUMBER, Unit, percent, said


def shown(value: Number, kind: Kind = Kind.NUMBER, unit: Unit | None = None) -> str:
    """A number as its cell shows it: `71.0%`, `+9 points`, `£2,693,500`. unit: what it is counted in."""
    unit = unit or NUMBER
    match kind:
        case Kind.PERCENT | Kind.PERCENT_CHANGE:
            return percent(value, signed=kind is Kind.PERCENT_CHANGE)
        case Kind.CHANGE:
            return unit.said_of_change(value)
        case Kind.NUMBER:
            return unit.said(value)
    return said(value)


def see(block: Block) -> str:
    """Where the figures of a chart are to be found."""
    return f"The figures are in the table '{block.title}' of this sheet"


def ends(months: Sequence[str], values: Sequence[Value]) -> str:
    """`24 in October 2018, 31 in September 2020`: the first and last that are known."""
    known = [(month, value) for month, value in zip(months, values, strict=True) if is_number(value)]
    if not known:
        return "none known"
    return ", ".join(f"{said(value)} in {month}" for month, value in dict.fromkeys((known[0], known[-1])))

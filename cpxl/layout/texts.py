"""How figures, and where to find them, are said in a description."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.arithmetic import round_half_up
from cpxl.layout.blocks import Block
from cpxl.model import Value, is_number


def said(value: Value) -> str:
    """A figure as its cell shows it, with three decimals at most."""
    if is_number(value):
        return f"{round_half_up(value, 3):,.3f}".rstrip("0").rstrip(".")
    return str(value or "not known")


def see(block: Block) -> str:
    """Where the figures of a chart are to be found."""
    return f"The figures are in the table '{block.title}' of this sheet"


def ends(months: Sequence[str], values: Sequence[Value]) -> str:
    """`24 in October 2018, 31 in September 2020`: the first and last that are known."""
    known = [(month, value) for month, value in zip(months, values, strict=True) if is_number(value)]
    if not known:
        return "none known"
    return ", ".join(f"{said(value)} in {month}" for month, value in dict.fromkeys((known[0], known[-1])))

"""What was typed into a cell of a form, as what it was meant to be."""

from __future__ import annotations

from cpxl.forgive import DASHES, choice_meant, figure
from cpxl.layout.blocks import Column, Kind
from cpxl.model import Value
from cpxl.units import COUNT, Unit

FIGURES = (Kind.COUNT, Kind.NUMBER)


def read_as(column: Column, value: Value, unit: Unit = COUNT) -> Value:
    """What was typed into a cell, as what it was meant to be; as it is where that is not plain.

    unit: what a figure there is counted in. A dash is 0 where a figure belongs, as in official statistics ('nil'), and
    nothing anywhere else.
    """
    if not isinstance(value, str):
        return value
    is_figure = column.kind in FIGURES
    if value.strip() in DASHES:
        return 0 if is_figure else None
    if is_figure:
        return figure(value, unit)
    return choice_meant(value, column.choices)

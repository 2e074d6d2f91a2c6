"""A figure and what it is made of, in words."""

from __future__ import annotations

from cpxl.model import Value, is_number
from cpxl.provenance.proof import Chain
from cpxl.provenance.shown import CHANGE, PERCENT_CHANGE, SHARE, USUAL
from cpxl.provenance.sources import NAMES, Traced
from cpxl.units import percent, signed


def of_figure(chain: Chain) -> str:
    """`Gangs and Knife Crime: Complete, 2020/21 Q2: 32 = 10 + 22`."""
    figure = chain.shown.figure
    plan = f", {figure.plan}" if figure.plan else ""
    return f"{figure.strand}{plan}: {chain.shown.called}, {figure.quarter}: {_made(chain)}"


def _made(chain: Chain) -> str:
    """What a figure is, and what it is made of: `32 = 10 + 22`, `56.2% = 158 / 281`."""
    figure, value = chain.shown.figure, chain.shown.value
    said = of_value(value)
    if figure.how == CHANGE and is_number(value):
        said = signed(value)
    elif figure.how in (PERCENT_CHANGE, SHARE) and is_number(value):
        said = percent(value, signed=figure.how == PERCENT_CHANGE)
    if chain.of and None not in chain.of:
        first, second = map(of_value, chain.of)
        if figure.how == CHANGE:
            return f"{said} = {second} - {first}"
        return f"{said} = {second} / {first}" if figure.how == SHARE else f"{said} = ({second} - {first}) / {first}"
    if len(chain.parts) < 2 or figure.period == USUAL:
        return said
    terms = "".join(f" {'-' if part.part.sign < 0 else '+'} {of_value(part.part.value)}" for part in chain.parts)
    return f"{said} = {terms.removeprefix(' + ')}"


def of_part(one: Traced) -> str:
    """`10  Knife Crime, Complete, 2020/21 Q2: returns/2020-21-Q2/GANGS.xlsx Gangs!D23 (stands there)`."""
    row = one.part.row
    names = (getattr(row, key, None) for key in NAMES)
    of = ", ".join(str(name) for name in names if name)
    place = "not known"
    if one.origin:
        where = "!".join(filter(None, (one.origin.sheet, one.address)))
        place = " ".join(filter(None, (one.origin.file, where)))
    return f"{of_value(one.part.value)}  {of}, {row.quarter}: {place} ({one.state.value})"


def of_value(value: Value) -> str:
    """A value as it is typed, with thousands told apart."""
    return f"{value:,}" if is_number(value) else str(value)

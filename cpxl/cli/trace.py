"""From a figure back to the cells that it was typed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpxl.cli.given import Folder, Json, QuarterText, open_folder, quarter_of
from cpxl.cli.said import print_json, say
from cpxl.model import is_number

if TYPE_CHECKING:
    from cpxl.model import Correction, Value
    from cpxl.provenance.proof import Chain
    from cpxl.provenance.sources import Traced


def trace(
    strand: Annotated[str, typer.Argument(help="A strand, by name, short name or code; Total for all together.")],
    figure: Annotated[
        str | None, typer.Argument(help="A status, a plan, a measure, or Complete and such; all if none is named.")
    ] = None,
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Show where a figure comes from: what it is the sum of, and the file, sheet and cell of each part."""
    from cpxl.provenance import steps

    working = open_folder(folder)
    wanted = quarter_of(quarter, working) if quarter else None
    found, corrections = steps.trace(working, strand, figure, wanted)
    if as_json:
        print_json({"figures": [_figure(chain) for chain in found]})
    else:
        for chain in found:
            say(*_in_words(chain, corrections))


def _figure(chain: Chain) -> dict[str, Any]:
    figure = chain.shown.figure
    return {
        "strand": figure.strand,
        "plan": figure.plan or None,
        "figure": chain.shown.called,
        "quarter": str(figure.quarter),
        "value": chain.shown.value,
        **({"how": figure.how, "of": list(chain.of)} if figure.how else {}),
        "parts": [_part(one) for one in chain.parts],
    }


def _part(one: Traced) -> dict[str, Any]:
    origin = one.origin
    return {
        "value": one.part.value,
        "file": origin.file if origin else None,
        "sha256": origin.sha256 or None if origin else None,
        "sheet": origin.sheet or None if origin else None,
        "cell": one.address or None,
        **({"sign": -1} if one.part.sign < 0 else {}),
    }


def _in_words(chain: Chain, corrections: Sequence[Correction]) -> list[str]:
    """A figure, and a line for each part: what it is, where it stands, its note, and what was there before."""
    figure = chain.shown.figure
    plan = f", {figure.plan}" if figure.plan else ""
    head = f"{figure.strand}{plan}: {chain.shown.called}, {figure.quarter}: {_value(chain)}"
    return [head, *(line for one in chain.parts for line in _lines(one, corrections))]


def _value(chain: Chain) -> str:
    """What a figure is, and what it is made of: `32 = 10 + 22`, `56.3% = 158 / 281`."""
    from cpxl.provenance.shown import CHANGE, PERCENT_CHANGE, SHARE, USUAL
    from cpxl.units import percent, signed

    figure, value = chain.shown.figure, chain.shown.value
    said = _said(value)
    if figure.how == CHANGE and is_number(value):
        said = signed(value)
    elif figure.how in (PERCENT_CHANGE, SHARE) and is_number(value):
        said = percent(value, signed=figure.how == PERCENT_CHANGE)
    if chain.of and None not in chain.of:
        first, second = map(_said, chain.of)
        if figure.how == CHANGE:
            return f"{said} = {second} - {first}"
        return f"{said} = {second} / {first}" if figure.how == SHARE else f"{said} = ({second} - {first}) / {first}"
    if len(chain.parts) < 2 or figure.period == USUAL:
        return said
    terms = "".join(f" {'-' if part.part.sign < 0 else '+'} {_said(part.part.value)}" for part in chain.parts)
    return f"{said} = {terms.removeprefix(' + ')}"


def _lines(one: Traced, corrections: Sequence[Correction]) -> list[str]:
    from cpxl.consolidate import correction_name
    from cpxl.provenance.sources import NAMES

    row = one.part.row
    names = (getattr(row, key, None) for key in NAMES)
    of = ", ".join(str(name) for name in names if name)
    place = "not known"
    if one.origin:
        where = "!".join(filter(None, (one.origin.sheet, one.address)))
        place = " ".join(filter(None, (one.origin.file, where)))
    lines = [f"  {_said(one.part.value)}  {of}, {row.quarter}: {place} ({one.state.value})"]
    note = getattr(row, "note", None) or getattr(row, "comment", None)
    if note:
        lines.append(f"      Note: {note}")
    called = correction_name(row, one.part.field)
    lines += [
        f"      It was {_said(c.before)} before {c.file} put {_said(c.after)}."
        for c in corrections
        if (c.strand, c.quarter, c.figure) == (row.strand, row.quarter, called)
    ]
    return lines


def _said(value: Value) -> str:
    return f"{value:,}" if is_number(value) else str(value)

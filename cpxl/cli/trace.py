"""From a figure back to the cells that it was typed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpxl.cli.given import Folder, Json, QuarterText, open_folder, quarter_of
from cpxl.cli.said import print_json, say

if TYPE_CHECKING:
    from cpxl.model import Correction
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
    from cpxl.provenance.said import of_figure

    return [of_figure(chain), *(line for one in chain.parts for line in _lines(one, corrections))]


def _lines(one: Traced, corrections: Sequence[Correction]) -> list[str]:
    from cpxl.consolidate import correction_name
    from cpxl.provenance.said import of_part, of_value

    row = one.part.row
    lines = [f"  {of_part(one)}"]
    note = getattr(row, "note", None) or getattr(row, "comment", None)
    if note:
        lines.append(f"      Note: {note}")
    called = correction_name(row, one.part.field)
    lines += [
        f"      It was {of_value(c.before)} before {c.file} put {of_value(c.after)}."
        for c in corrections
        if (c.strand, c.quarter, c.figure) == (row.strand, row.quarter, called)
    ]
    return lines

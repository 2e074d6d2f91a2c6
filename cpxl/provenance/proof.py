"""Whether every figure that is about to go out is what the cells that it comes from come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isclose
from typing import NamedTuple

from cpxl.errors import Refused
from cpxl.model import Number, Value, is_number
from cpxl.provenance.second_account import SecondAccount
from cpxl.provenance.shown import PERCENT_CHANGE, SHARE, USUAL, Shown
from cpxl.provenance.sources import Sources, State, Traced
from cpxl.quarters import Quarter

MOST_SAID = 5
"""Figures that a refusal names; the others it counts."""


class Wrong(NamedTuple):
    """A figure that does not hold, and what to do."""

    what: str
    fix: str


class Chain(NamedTuple):
    """A figure that is shown, what it comes to by the second account, and what it is made of.

    of: what the two figures come to that a change or share is of.
    """

    shown: Shown
    value: Number | None
    parts: Sequence[Traced]
    of: tuple[Number | None, ...] = ()

    @property
    def is_to_the_cell(self) -> bool:
        """Whether each part stands in a cell that is there to be looked at."""
        return bool(self.parts) and all(part.state in (State.THERE, State.MASTER) for part in self.parts)


@dataclass(frozen=True)
class Proof:
    """How many figures were worked out a second time, and how many of them from the cells that they were typed in."""

    figures: int
    to_the_cell: int

    @property
    def in_words(self) -> str:
        """What partners are told."""
        rest = self.figures - self.to_the_cell
        whole = f"{self.to_the_cell:,} of {self.figures:,}" if rest else f"All {self.figures:,}"
        others = (
            f" The other {rest:,} rest on files that are no longer at hand, or on counts of many rows." if rest else ""
        )
        return (
            f"{whole} figures were traced to the cells that they were typed in, and worked out from these a second "
            f"time, with the same result.{others}"
        )


def chains(figures: Sequence[Shown], second: SecondAccount, sources: Sources) -> Iterator[Chain]:
    """Each figure with what it is made of."""
    known: dict[tuple[int, str, int], Traced] = {}  # by the row itself, which costs less than what it says
    for one in figures:
        worked = second.work_out(one.figure)
        keys = [(id(part.row), part.field, part.sign) for part in worked.parts]
        for key, part in zip(keys, worked.parts, strict=True):
            if key not in known:
                known[key] = sources.trace(part)
        yield Chain(one, worked.value, [known[key] for key in keys], worked.of)


def prove(found: Sequence[Chain], sources: Sources, drawn: Iterable[Wrong] = ()) -> Proof:
    """Raise Refused, naming figures, if one is not what its parts come to, or one of these is not what stands there.

    drawn: what is to be said of the figures that stand on the master's sheets.
    """
    wrong = dict.fromkeys([*drawn, *(said for chain in found for said in _wrong(chain, sources))])
    if wrong:
        fixes = " ".join(dict.fromkeys(one.fix for one in wrong))
        more = f" And {len(wrong) - MOST_SAID} more." if len(wrong) > MOST_SAID else ""
        raise Refused(
            "Nothing was published: every figure was worked out a second time, from where it was typed, and this does "
            f"not hold: {' '.join(one.what for one in [*wrong][:MOST_SAID])}{more} {fixes}"
        )
    counted = Counter(chain.is_to_the_cell for chain in found)
    return Proof(counted.total(), counted[True])


def _wrong(chain: Chain, sources: Sources) -> Iterator[Wrong]:
    if chain.is_to_the_cell and chain.value is not None and _equal(chain.value, chain.shown):
        return
    figure = chain.shown.figure
    name = f"{figure.strand}{f', {figure.plan}' * bool(figure.plan)}: {chain.shown.called}, {figure.quarter}"
    if not chain.parts:
        what = f"{name} is {_said(chain.shown.value)}, and no row of the data tables says so."
        yield Wrong(what, f"Run 'cpxl consolidate -q {figure.quarter.folder}'.")
    elif chain.value is None or not _equal(chain.value, chain.shown):
        made = ", ".join(map(_said, chain.of)) or " + ".join(_said(part.part.value) for part in chain.parts)
        what = f"{name} is {_said(chain.shown.value)}, but it comes to {_said(chain.value)} ({made})."
        yield Wrong(what, f"Please send {sources.folder.log} to whoever looks after cpxl.")
    for one in chain.parts:
        again = f"Run 'cpxl consolidate -q {one.part.row.quarter.folder}'"
        place = one.origin.file if one.origin else ""
        cell = "!".join(filter(None, (one.origin.sheet, one.address))) if one.origin else ""
        if one.state is State.OTHER:
            what = (
                f"{name}: the master has {_said(one.part.value)}, but {cell} of {place}, which has changed since, says"
            )
            yield Wrong(f"{what} {_said(one.stands)}.", f"{again}, or put back what stood there.")
        elif one.state is State.CHANGED:
            what = f"{name}: {place} has changed since it was merged, and its cell {cell} cannot be compared."
            yield Wrong(what, f"{again}.")
        elif _lacks_an_origin(one, figure.quarter, sources):
            what = f"{name} has no origin: this master does not say where it was typed."
            yield Wrong(what, f"{again}, which finds it in the return again.")


def _lacks_an_origin(one: Traced, quarter: Quarter, sources: Sources) -> bool:
    """Whether nothing says where a part comes from, though consolidate could find it.

    A master of 0.1.0 has no origins. What was merged with it for earlier quarters, or from a file that is gone, stays.
    """
    row = one.part.row
    if one.state is State.NO_ORIGIN:
        return True
    could_be_found = row.origin is None and one.origin is not None and sources.is_same(one.origin)
    return could_be_found and row.quarter == quarter


ROUNDED = {PERCENT_CHANGE: 0.0005, SHARE: 0.0005, USUAL: 0.05}
"""By which figures may differ from what they come to, as they are shown rounded."""


def _equal(value: Number, shown: Shown) -> bool:
    apart = ROUNDED.get(shown.figure.how, ROUNDED.get(shown.figure.period, 0))
    return is_number(shown.value) and isclose(value, shown.value, rel_tol=1e-12, abs_tol=apart + 1e-9)


def _said(value: Value) -> str:
    return f"{value:,}" if is_number(value) else f"'{value}'" if value is not None else "nothing"

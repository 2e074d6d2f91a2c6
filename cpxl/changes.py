"""What a merge changes: every figure and text of the master before that is another one in the master after.

The preview, the sheet 'Changes' of the check report and the question of the add-in are drawn from this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from cpxl import arithmetic
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings
from cpxl.consolidate import correction_name, figure_name
from cpxl.model import (
    ACHIEVED,
    DUE,
    SCHEDULED,
    TABLES,
    TEXTS,
    BreakdownFigure,
    DeliveryItem,
    Master,
    Measure,
    Note,
    Picture,
    Progress,
    Risk,
    Value,
    is_number,
    same,
    to_15_digits,
)
from cpxl.quarters import Quarter, day_name
from cpxl.units import Unit, percent

NEW, CHANGED, GONE = KINDS = ("new", "changed", "gone")
FIGURES: Mapping[str, tuple[str, ...]] = {
    "progress": ("value",),
    "measures": ("previous", "current"),
    "monthly": ("count",),
    "breakdowns": ("value",),
    "risks": ("likelihood", "impact", "aimed_likelihood", "aimed_impact"),
}
"""The tables of the master that have figures, and the fields that hold them."""
WORDS: Mapping[str, tuple[str, ...]] = {
    table: (*TEXTS[record], *(("file",) if record is Picture else ()))
    for table, record in TABLES.items()
    if record in TEXTS
}
"""The tables that have leads' words, or name a picture, and the fields that hold them."""
CALLED = {ACHIEVED: "Delivered", SCHEDULED: "Planned", DUE: "Due"}
"""The kinds of actions as the forms' headings call them."""
MOST_COMPARED = 40_000
"""Pairs of words that are held against each other; of longer texts, all words between the same ends are marked."""

_Fact = tuple[str, Quarter, str, str, str]
"""Strand, quarter, table, period, and what it is called."""


@dataclass(frozen=True)
class Change:
    """A figure or text that a merge changes. called: what it is. unit: what a figure is counted in; of a text, None."""

    strand: str
    quarter: Quarter
    called: str
    before: Value
    after: Value
    unit: Unit | None

    @property
    def kind(self) -> str:
        """Whether it is new, changed or gone."""
        return NEW if self.before is None else GONE if self.after is None else CHANGED

    @property
    def share(self) -> float | None:
        """The change of a figure as a share of what it was; None where there is none, as of percentages."""
        share = None if self.unit is None or self.unit.is_share else arithmetic.share(self.before, self.after)
        return share if isinstance(share, float) else None

    @property
    def marked(self) -> tuple[str, str]:
        """Before and after as they are printed; of a text that changed, with its own words in brackets."""
        before, after = (self._said(value) for value in (self.before, self.after))
        return marked(before, after) if self.unit is None and self.kind == CHANGED else (before, after)

    @property
    def in_words(self) -> str:
        """`2020/21 Q2, Hate Crime: Complete: 15, now 16 (+6.7%)`."""
        before, after = self.marked
        values = {NEW: after, GONE: f"{before}, now none"}.get(self.kind, f"{before}, now {after}")
        share = f" ({percent(self.share, signed=True)})" if self.share is not None else ""
        return f"{self.quarter}, {self.called}: {values}{share}"

    def _said(self, value: Value) -> str:
        if self.unit and is_number(value):
            return self.unit.said(value)
        if isinstance(value, date):
            return day_name(value)
        return "" if value is None else str(value)


def changes(before: Master, after: Master, settings: Settings) -> list[Change]:
    """What is another one in one master than in the other: strand by strand, in config's order."""
    was, now = _facts(before), _facts(after)
    found = []
    for fact, (row, _) in (was | now).items():
        strand, quarter, table, _period, called = fact
        old, new = (one[fact][1] if fact in one else None for one in (was, now))
        if not same(old, new):
            unit = settings.unit_of(row) if table in FIGURES else None
            found.append(Change(strand, quarter, called, old, new, unit))
    order = [strand.name for strand in settings.strands]
    return sorted(found, key=lambda change: order.index(change.strand) if change.strand in order else len(order))


def by_strand(found: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Each strand of which something changes, and what."""
    yield from ((strand, list(mine)) for strand, mine in groupby(found, key=lambda change: change.strand))


def counted(found: Sequence[Change]) -> str:
    """`figures: 12 new, 3 changed; texts: 1 gone`."""
    said = []
    for what, is_text in (("figures", False), ("texts", True)):
        kinds = Counter(change.kind for change in found if (change.unit is None) is is_text)
        said += [f"{what}: {', '.join(f'{kinds[kind]:,} {kind}' for kind in KINDS if kinds[kind])}"] * bool(kinds)
    return "; ".join(said)


def _facts(master: Master) -> dict[_Fact, tuple[Any, Value]]:
    """Every figure and text of a master: the row that it stands in, and what it is."""
    found: dict[_Fact, tuple[Any, Value]] = {}
    for table, fields in FIGURES.items():
        for row in getattr(master, table):
            about = (row.strand, row.quarter, table, getattr(row, "period", ""))
            found |= {
                (*about, correction_name(row, field)): (row, value)
                for field in fields
                if (value := _as_kept(getattr(row, field))) is not None
            }
    for table, fields in WORDS.items():
        numbers = Counter[tuple[Any, ...]]()
        for row in getattr(master, table):
            about = (row.strand, row.quarter, f"{table}, texts", getattr(row, "period", ""))
            numbers[group := (row.strand, row.quarter, getattr(row, "kind", ""))] += 1
            of = _named(row, numbers[group])
            found |= {
                (*about, of if field == "text" else f"{of}, {field.replace('_', ' ')}"): (row, value)
                for field in fields
                if (value := getattr(row, field)) is not None
            }
    return found


def _as_kept(value: Value) -> Value:
    """A figure with the digits that the master's file keeps."""
    return to_15_digits(value) if is_number(value) else value


def _named(row: Any, number: int) -> str:
    """What the texts of a row are of. number: its place among those of its strand and quarter."""
    match row:
        case Progress():
            return figure_name(row.plan, row.status)
        case Measure():
            return f"{row.measure}, {COMPARISONS[row.period].later}"
        case BreakdownFigure():
            return f"{row.breakdown}, {row.row}"
        case Risk():
            return str(row.id)
        case DeliveryItem():
            return f"{CALLED[row.kind]} {row.id or number}"
        case Picture():
            return "Picture"
        case Note():
            return f"Note to the coordinator {number}"
    return f"Insight in words {number}"


# Words


def marked(before: str, after: str) -> tuple[str, str]:
    """Two texts, each with the words in brackets that the other does not have there."""
    old, new = before.split(), after.split()
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    last = next(
        (at for at, (a, b) in enumerate(zip(old[first:][::-1], new[first:][::-1], strict=False)) if a != b),
        min(len(old), len(new)) - first,
    )
    middles = [words[first : len(words) - last] for words in (old, new)]
    if len(middles[0]) * len(middles[1]) > MOST_COMPARED:
        runs = [("replace", 0, len(middles[0]), 0, len(middles[1]))]
    else:
        runs = list(SequenceMatcher(None, middles[0], middles[1], autojunk=False).get_opcodes())
    said = []
    for words, (start, end) in zip((old, new), ((1, 2), (3, 4)), strict=True):
        pieces = words[:first]
        middle = words[first : len(words) - last]
        for run in runs:
            piece = " ".join(middle[int(run[start]) : int(run[end])])
            pieces += [piece if run[0] == "equal" else f"[{piece}]"] * bool(piece)
        said.append(" ".join([*pieces, *words[len(words) - last :]]))
    return said[0], said[1]

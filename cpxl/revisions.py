"""What is published otherwise than before: each figure held against what was last published for its quarter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cpxl.account import Account
from cpxl.config import Settings
from cpxl.layout.data import fact_of
from cpxl.layout.partner import partner_sheets
from cpxl.layout.revised import Printed, every_figure
from cpxl.model import NOT_APPLICABLE, Master, Place, Revision, Value, is_number, same
from cpxl.quarters import Quarter, quarters_between
from cpxl.units import UNITS

WORDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "progress": (("value",), "note"),
    "measures": (("previous", "current"), "comment"),
    "breakdowns": (("value",), "comment"),
    "monthly": (("count",), ""),
}
"""The tables of what leads type: where their figures stand, and what they say of them."""
NOT_SAID = "It was corrected; why was not said."


@dataclass(frozen=True)
class Before:
    """What was last published for a quarter: under which name, of which master, and every figure in it."""

    named: str
    master: Master
    figures: Mapping[Place, Printed]


def before(named: str, master: Master, account: Account, said: Account | None = None) -> Before:
    """What a publication said, worked out from the master as it was then, under the names that things have today.

    said: the same by the config.yaml of then, if that was another: what counted as what, and in which unit.
    """
    then = _figures(said) if said else {}
    figures = {
        place: one._replace(value=then[place].value, unit=then[place].unit) if place in then else one
        for place, one in _figures(account).items()
    }
    return Before(named, master, figures)


def _figures(account: Account) -> dict[Place, Printed]:
    return {one.place: one for one in every_figure(partner_sheets(account), account)}


def revisions(now: Account, master: Master, published: Mapping[Quarter, Before], because: str) -> Iterator[Revision]:
    """Every figure that was published, and is another one now. because: why, where no lead says it."""
    there = _figures(now)
    gone = published[now.quarter].figures.keys() - there.keys() if now.quarter in published else ()
    said: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {}
    for place in [*there, *sorted(gone)]:
        found = _last(place, now.quarter, published)
        one, was = there.get(place), found.figures[place] if found else None
        value = one.value if one else None
        is_in_another_unit = bool(one and was and is_number(value) and value and one.unit != was.unit)
        if found and was and (is_in_another_unit or not _alike(was.value, value)):
            if found.named not in said:
                of = found.master, master, place.quarter
                said[found.named] = reasons(*of), reasons(*of, tables=("progress",))
            why = _why(was, *said[found.named], now.settings, because)
            if one and is_in_another_unit and is_number(was.value):
                was = was._replace(value=UNITS[was.unit].said(was.value), unit=one.unit)
            yield Revision(place, was.called, was.unit, was.value, value, found.named, why)


def _last(place: Place, quarter: Quarter, published: Mapping[Quarter, Before]) -> Before | None:
    """Where a figure was published last: for its own quarter or, if it was not known there, for a later one."""
    later = sorted(quarters_between(place.quarter.plus(1), quarter), reverse=True)
    known = (published[q] for q in (place.quarter, *later) if q in published)
    return next((one for one in known if place in one.figures and _is_figure(one.figures[place].value)), None)


def _is_figure(value: Value) -> bool:
    return is_number(value) or value == NOT_APPLICABLE


def _alike(before: Value, now: Value) -> bool:
    return same(before, now) or (is_number(before) and is_number(now) and abs(before - now) < 1e-12)


def reasons(then: Master, now: Master, quarter: Quarter, tables: Collection[str] = WORDS) -> dict[str, str]:
    """What leads say of the figures of a quarter that they changed, by strand; blank where they say nothing."""
    said: dict[str, dict[str, None]] = defaultdict(dict)
    for table, (fields, words) in ((table, WORDS[table]) for table in tables):
        old = {_fact(table, row): row for row in getattr(then, table) if row.quarter == quarter}
        for row in getattr(now, table):
            was = old.get(_fact(table, row))
            if row.quarter == quarter and (
                was is None or any(not same(getattr(row, f), getattr(was, f)) for f in fields)
            ):
                said[row.strand][str(getattr(row, words, None) or "")] = None
    return {strand: "; ".join(filter(None, texts)) for strand, texts in said.items()}


def _fact(table: str, row: object) -> tuple[str, ...]:
    return fact_of(table, vars(row))


def _why(
    one: Printed, said: Mapping[str, str], of_progress: Mapping[str, str], settings: Settings, because: str
) -> str:
    """Why a figure is another one: what its strand's lead says of it.

    Of a total, what all leads say of their progress, and why it is published anew, if one of them says nothing.
    """
    of = strands_of(one, settings)
    texts = [said.get(name, "") for name in of] if of else [*of_progress.values()]
    texts += [because] * (not of and not all(texts))
    *others, last = dict.fromkeys(filter(None, texts)) or [because or NOT_SAID]
    return "; ".join([*(text.rstrip(". ") for text in others), last])


def strands_of(one: Printed, settings: Settings) -> list[str]:
    """The strands that a figure may be of, as far as sheet and row tell; none if it is of all together."""
    sheet, row = one.place.sheet, one.place.row
    return [
        s.name
        for s in settings.strands
        if s.short_name in (sheet, row) or s.name == row or f"({s.name}, " in row or row in s.measures.every
    ]

"""Ids of risks (`GANGS-2`) and of actions (`GANGS-A2`): one stays the same from quarter to quarter, and is never handed
on to another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from cpxl.model import ID, DeliveryItem, Master, Risk, Value
from cpxl.quarters import Quarter
from cpxl.seals import as_written, digest

Named = TypeVar("Named", Risk, DeliveryItem)


def of_risks(code: str) -> str:
    """What ids of a strand's risks begin with. code: the strand's."""
    return f"{code}-"


def of_actions(code: str) -> str:
    """What ids of a strand's actions begin with."""
    return f"{code}-A"


def words(record: Risk | DeliveryItem) -> Value:
    """The words by which a risk or an action is known."""
    return record.description if isinstance(record, Risk) else record.activity


def with_ids(
    begins: str,
    new: Sequence[Named],
    known: Collection[Named],
    still_open: Sequence[Named],
    quarter: Quarter,
    master: Master,
    *,
    lost: Collection[str] = (),
    given: Mapping[str, int],
) -> list[Named]:
    """A strand's risks, or actions, of a quarter, each with the id that it has already, or one that no other ever had.

    One is known by its id where it was reported before, else by its words: in the return that this one corrects, in
    later ones (a late return names what they carry on), or among those that were open before. A corrected return may
    add words, or leave some out. Last, one that had an id in a master which was put away since has it again.

    known: those of the strand that have an id. still_open: those that were open before.
    lost: digests of rows that are not in the master as they were written. given: the last numbers, from last_ids.
    """
    in_order = sorted(known, key=lambda one: one.quarter)
    earlier = {one.id for one in in_order if one.quarter < quarter}
    corrected = [one for one in in_order if one.quarter == quarter and one.id not in earlier]
    since: list[Named] = [one for one in in_order if one.quarter >= quarter]
    by_words: dict[str, list[Value]] = defaultdict(list)
    for record in (*since, *reversed(still_open)):
        by_words[bare(words(record))].append(record.id)
    following = given.get(begins, 0)
    found: dict[int, Value] = {}

    def take(at: int, known_as: Value) -> None:
        if known_as is not None and at not in found and known_as not in found.values():
            found[at] = known_as

    for at, one in enumerate(new if lost else ()):
        again = (replace(one, id=f"{begins}{number}") for number in range(1, following + 1))
        take(at, next((r.id for r in again if digest(as_written(r)) in lost), None))
    for at, one in enumerate(new):
        take(at, one.id if one.id in earlier else None)
    for at, one in enumerate(new):  # two may be told in the same words
        take(at, next((id for id in by_words[bare(words(one))] if id not in found.values()), None))
    for at, one in enumerate(new):
        free = (other for other in corrected if other.id not in found.values())
        take(at, next((other.id for other in free if _is_reworded(words(other), words(one))), None))
    ours = {one.id for one in known}
    once: dict[str, list[str]] = defaultdict(list)
    for id, said in master.given:
        if beginning(id) == begins and id not in ours:
            once[said].append(id)
    for at, one in enumerate(new if once else ()):
        take(at, next((id for id in reversed(once[words_of(words(one))]) if id not in found.values()), None))
    for at in range(len(new)):
        if at not in found:
            following += 1
            found[at] = f"{begins}{following}"
    return [replace(one, id=found[at]) for at, one in enumerate(new)]


def beginning(id: object) -> str:
    """`GANGS-A` of `GANGS-A2`; blank if it is no id."""
    found = ID.fullmatch(str(id))
    return found[1] if found else ""


def number_of(id: object) -> int:
    """2 of `GANGS-A2`; 0 if it is no id."""
    found = ID.fullmatch(str(id))
    return int(found[2]) if found else 0


def last_ids(master: Master, *more: Iterable[Risk | DeliveryItem]) -> dict[str, int]:
    """The highest number ever given, by what the id begins with (`GANGS-` of `GANGS-2`).

    more: what will be in the master besides.
    """
    last = dict(master.last_ids)
    records: list[Risk | DeliveryItem] = [*master.risks, *master.delivery, *(one for some in more for one in some)]
    for id in (*(id for id, _ in master.given), *(one.id for one in records)):
        if found := ID.fullmatch(str(id)):
            last[found[1]] = max(last.get(found[1], 0), int(found[2]))
    return last


def _is_reworded(before: Value, after: Value) -> bool:
    """Whether words were only added, or only left out."""
    a, b = (set(str(text).casefold().split()) for text in (before, after))
    return a <= b or b <= a


def bare(text: Value) -> str:
    """A text without case and what is no letter or digit: by it, two wordings are the same."""
    return "".join(re.findall(r"\w+", str(text).casefold()))


def words_of(text: Value) -> str:
    """The digest of a risk's or an action's words, by which it is known again."""
    return digest({"words": bare(text)})

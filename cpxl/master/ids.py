"""Every id that was ever given to a risk or an action, kept beside the master.

A master that is put back knows nothing of ids that were given since. They stand in workbooks that partners have, so
nothing else may have them; and what had them gets them again, by its words.
"""

from __future__ import annotations

import re
from contextlib import suppress

from cpxl import files, store
from cpxl.folder import WorkingFolder
from cpxl.ids import last_ids, words, words_of
from cpxl.model import ACHIEVED, ID, DeliveryItem, Master, Risk

LINE = re.compile(rf"(?P<id>{ID.pattern}) (?P<words>[0-9a-f]{{12}}|-)")
LARGEST = 10**7
"""Bytes of the file that are looked at: an id takes 25."""
UNKNOWN = "-"
"""Stands for the words of an id of which the master has no risk."""


def given(folder: WorkingFolder) -> tuple[tuple[str, str], ...]:
    """The ids that were given, each with the digest of the words that it stands for."""
    with suppress(OSError):
        lines = files.read(folder.risk_ids, LARGEST).data.decode("ascii", "replace").splitlines()
        return tuple((found["id"], found["words"]) for line in lines if (found := LINE.fullmatch(line)))
    return ()


def remember(folder: WorkingFolder, master: Master) -> None:
    """Note which ids a master has given, before it is written. Raises Refused if that cannot be saved."""
    before = given(folder)
    named: list[Risk | DeliveryItem] = [
        *master.risks,
        *(item for item in master.delivery if item.id and item.kind != ACHIEVED),
    ]
    now = dict.fromkeys([*before, *((str(one.id), words_of(words(one))) for one in named)])
    ids = {id for id, _ in now}
    highest = (f"{begins}{number}" for begins, number in last_ids(master).items())
    now |= {(id, UNKNOWN): None for id in highest if id not in ids}
    if len(now) > len(before):
        store.save(folder.risk_ids, "".join(f"{id} {words}\n" for id, words in now).encode())

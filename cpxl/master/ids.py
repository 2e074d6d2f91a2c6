"""Every id that was ever given to a risk, kept beside the master.

A master that is put back knows nothing of ids that were given since. They stand in workbooks that partners have, so no
other risk may have them; and the risks that had them get them again, by their words.
"""

from __future__ import annotations

import re
from contextlib import suppress

from cpxl import files, store
from cpxl.consolidate import last_ids, words_of
from cpxl.folder import WorkingFolder
from cpxl.model import Master

LINE = re.compile(r"([A-Z][A-Z0-9]*-[0-9]{1,9}) ([0-9a-f]{12}|-)")
LARGEST = 10**7
"""Bytes of the file that are looked at: a risk takes 25."""
UNKNOWN = "-"
"""Stands for the words of an id of which the master has no risk."""


def given(folder: WorkingFolder) -> tuple[tuple[str, str], ...]:
    """The ids that were given, each with the digest of the risk's words."""
    with suppress(OSError):
        lines = files.read(folder.risk_ids, LARGEST).data.decode("ascii", "replace").splitlines()
        return tuple((found[1], found[2]) for line in lines if (found := LINE.fullmatch(line)))
    return ()


def remember(folder: WorkingFolder, master: Master) -> None:
    """Note which ids a master has given, before it is written. Raises Refused if that cannot be saved."""
    before = given(folder)
    now = dict.fromkeys([*before, *((str(risk.id), words_of(risk.description)) for risk in master.risks)])
    ids = {id for id, _ in now}
    highest = (f"{code}-{number}" for code, number in last_ids(master, master.risks).items())
    now |= {(id, UNKNOWN): None for id in highest if id not in ids}
    if len(now) > len(before):
        store.save(folder.risk_ids, "".join(f"{id} {words}\n" for id, words in now).encode())

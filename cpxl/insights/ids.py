"""Ids that come again, told in some 16 bytes for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


SHARE = 1 << 20
"""Ids that are compared at a time."""


@dataclass
class Again:
    """Of ids that came more than once, the rows that do not count.

    rows: how many of each group. changed: how many ids had other content. undecided: how many of these have several
    rows that are the latest, and do not count alike. ties: how such rows count, two by two.
    """

    rows: Counter[int] = field(default_factory=Counter)
    changed: int = 0
    undecided: int = 0
    ties: set[tuple[int, int]] = field(default_factory=set)


class Ids:
    """Ids as they come, each a number of 64 bits that stands for its text, beside the number of its row's group.

    With 20 million ids, the chance that any two of them have one number is about 1 in 90,000 (n² / 2⁶⁵).
    """

    def __init__(self) -> None:
        self._met: list[tuple[np.ndarray, ...]] = []

    def add(self, ids: np.ndarray, groups: np.ndarray, latest: np.ndarray | None) -> None:
        """More of them, in the file's order. latest: which of those with one id is the latest, if rows say so."""
        self._met.append((ids, groups) if latest is None else (ids, groups, latest))

    def again(
        self, blank: Sequence[int], content: Sequence[int], counted: Sequence[int], dates: Sequence[int]
    ) -> Again:
        """Which rows do not count, as a later one with the same id does, whichever came first.

        blank: ids that are none. content, counted, dates: of each group, a number that is the same for the same
        content, one that is the same for what counts alike (as it does if the content is the same), and one that grows
        with its date. Of rows with one date the one with the highest content counts.
        """
        import numpy as np

        again = Again()
        if not self._met:
            return again
        # half of each number shows which may be there twice, in half the time and memory
        every = np.concatenate([met[0].astype(np.uint32) for met in self._met])
        every.sort()
        maybe = np.zeros(1 << 20, bool)
        maybe[every[1:][every[1:] == every[:-1]] >> 12] = True
        del every
        for n, met in enumerate(self._met):
            which = maybe[met[0].astype(np.uint32) >> 12]
            self._met[n] = tuple(part[which] for part in met)
        # of a file that comes twice that is each id, so that they are gone through in shares
        shares = sum(len(met[0]) for met in self._met) // SHARE + 1
        of_content, of_date = np.array(content, np.int64), np.array(dates, np.int64)
        of_count = np.array(counted, np.int64)
        for share in range(shares):
            some = [tuple(part[which] for part in met) for met in self._met for which in [met[0] % shares == share]]
            ids, groups, *latest = (np.concatenate(parts) for parts in zip(*some, strict=True))
            kept = ~np.isin(ids, np.array(blank, np.uint64))
            if kept.any():
                keys = [of_date[groups[kept]], *(part[kept] for part in latest), ids[kept]]
                _tell(groups[kept], of_content, of_count, keys, again)
        return again


def _tell(
    groups: np.ndarray, of_content: np.ndarray, of_count: np.ndarray, keys: Sequence[np.ndarray], again: Again
) -> None:
    """Add what rows tell of ids that come again. keys: of the rows, the last being the id: the latest row counts."""
    import numpy as np

    # of rows that are alike, the first that came counts
    order = np.lexsort((np.arange(len(groups))[::-1], of_content[groups], *keys))
    groups, keys = groups[order], [key[order] for key in keys]
    content, counted = of_content[groups], of_count[groups]
    same_id = keys[-1][1:] == keys[-1][:-1]
    is_last = np.append(~same_id, True)
    again.rows.update(groups[~is_last].tolist())
    ids = np.append(0, np.cumsum(~same_id))
    again.changed += len(np.unique(ids[1:][same_id & (content[1:] != content[:-1])]))
    # rows that are as late as the last of their id, beside one another and not counting alike
    as_late = np.logical_and.reduce([key == key[is_last][ids] for key in keys])
    ties = np.flatnonzero(same_id & as_late[:-1] & (counted[1:] != counted[:-1]))
    again.undecided += len(np.unique(ids[ties]))
    pairs = np.unique(np.stack((counted[ties], counted[ties + 1])), axis=1)
    again.ties.update(zip(*pairs.tolist(), strict=True))

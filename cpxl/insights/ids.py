"""Ids that come again, told in some 16 bytes for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


SHARE = 1 << 20
"""Ids that are compared at a time."""


class Ids:
    """Ids as they come, each a number of 64 bits that stands for its text, beside a number that says what its row is.

    With 20 million ids, the chance that any two of them have one number is about 1 in 90,000 (n² / 2⁶⁵).
    """

    def __init__(self) -> None:
        self._met: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, ids: np.ndarray, rows: np.ndarray) -> None:
        """More of them, in the file's order."""
        self._met.append((ids, rows))

    def again(self, blank: Sequence[int]) -> Counter[int]:
        """Of what rows there are how many whose id was met before. blank: ids that are none."""
        import numpy as np

        if not self._met:
            return Counter()
        # half of each number shows which may be there twice, in half the time and memory
        every = np.concatenate([ids.astype(np.uint32) for ids, _ in self._met])
        every.sort()
        maybe = np.zeros(1 << 20, bool)
        maybe[every[1:][every[1:] == every[:-1]] >> 12] = True
        del every
        for n, (ids, rows) in enumerate(self._met):
            which = maybe[ids.astype(np.uint32) >> 12]
            self._met[n] = ids[which], rows[which]
        # of a file that comes twice that is each id, so that they are gone through in shares
        shares = sum(len(ids) for ids, _ in self._met) // SHARE + 1
        again: Counter[int] = Counter()
        for share in range(shares):
            met = [(ids[which], rows[which]) for ids, rows in self._met for which in [ids % shares == share]]
            ids, rows = (np.concatenate(parts) for parts in zip(*met, strict=True))
            some = ~np.isin(ids, np.array(blank, np.uint64))
            _, first = np.unique(ids[some], return_index=True)
            again.update(np.delete(rows[some], first).tolist())
        return again

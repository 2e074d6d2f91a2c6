"""Ids that come again, told in bounded memory: some 20 bytes a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


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
        every = np.concatenate([ids for ids, _ in self._met])
        every.sort()
        twice = np.setdiff1d(every[1:][every[1:] == every[:-1]], np.array(blank, np.uint64))
        del every
        met = [(ids[which], rows[which]) for ids, rows in self._met if (which := np.isin(ids, twice)).any()]
        if not met:
            return Counter()
        ids, rows = (np.concatenate(parts) for parts in zip(*met, strict=True))
        _, first = np.unique(ids, return_index=True)
        return Counter(np.delete(rows, first).tolist())

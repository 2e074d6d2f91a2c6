"""Ids that come again, told in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class Ids:
    """Ids that have been met, each a number of 64 bits that stands for its text, in a table with room for a third more.

    With 20 million ids, the chance that any two of them have one number is about 1 in 90,000 (n² / 2⁶⁵).
    """

    def __init__(self) -> None:
        import numpy as np

        self.places, self.number = np.zeros(1 << 16, np.uint64), 0

    def again(self, ids: np.ndarray) -> np.ndarray:
        """Which of the ids were met before, here or earlier; from now on, all of them were. None may be 0."""
        import numpy as np
        import pandas as pd

        new: np.ndarray = ~pd.Series(ids).duplicated().to_numpy()
        while (self.number + len(ids)) * 4 > len(self.places) * 3:
            met, self.places = self.places[self.places != 0], np.zeros(len(self.places) * 2, np.uint64)
            for start in range(0, len(met), 1 << 18):
                self._place(met[start : start + (1 << 18)])
        new[new] = self._place(ids[new])
        self.number += int(new.sum())
        return ~new

    def _place(self, ids: np.ndarray) -> np.ndarray:
        """Find each hash its place, or the next that is free. Returned: which were not there. No two are the same."""
        import numpy as np

        new, left, step = np.ones(len(ids), bool), np.arange(len(ids)), np.uint64(0)
        while left.size:
            wanted = ids[left]
            place = (wanted + step) % np.uint64(len(self.places))
            there = self.places[place]
            new[left[there == wanted]] = False
            free = there == 0
            self.places[place[free]] = wanted[free]
            # of several that wanted one free place, the last stands there now; the others try the next
            left, step = left[self.places[place] != wanted], step + np.uint64(1)
        return new

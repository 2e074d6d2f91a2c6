"""Cells of regular rows, told apart as bytes and compared as numbers.

Bare readers make a text of every cell. An extract has millions of cells, but few different ones: here each becomes a
number of 64 bits, rows are sorted into kinds by these, and only one row of a kind is ever turned into text. That takes
about as long as pandas' or pyarrow's reading alone (bench/extracts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MARKS = b"\x1f\x1e"
"""Between cells and after rows that were joined, so that commas and line ends can be in cells."""
MIX = 0x9E3779B97F4A7C15
"""2⁶⁴ divided by the golden ratio, odd: to multiply by it spreads bits, and loses none."""
STEP = 1 << 17
"""Bytes that are looked at together."""
PIECE = 64
"""Bytes of a cell that are taken at a time. Ids are often that long, and most cells are shorter."""
AFTER = bytes(PIECE)
"""What data goes on with after its last line, so that a piece can be taken of its last cell too."""
POWERS = [pow(MIX, n, 1 << 64) for n in range(1, 1 + PIECE // 8)]
MASK = b"\xff" * PIECE + bytes(PIECE)
"""From the n-th byte before its middle on, it lets n bytes of a piece through."""


@dataclass(frozen=True)
class Cells:
    """Some columns of some rows. starts and ends: where each cell stands in the data, a line for each column."""

    data: bytes
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.starts[0])

    @classmethod
    def split(cls, data: bytes, marks: bytes, width: int, columns: Sequence[int]) -> Cells | None:
        """Find the cells of these columns. None if a row has more or fewer than `width`.

        marks: the character between cells, and that after a row, which cannot stand in a cell.
        """
        import numpy as np

        if not data.endswith(AFTER):
            data += AFTER
        characters = np.frombuffer(data, np.uint8)
        at, rows = _marked(characters, marks)
        if len(at) != width * rows:
            return None
        grid = at.reshape(-1, width)
        if not (characters[grid[:, -1]] == marks[1]).all():
            return None
        ends = grid.T[columns]
        starts = grid.T[np.array(columns) - 1] + 1  # after the mark before; that of a first cell ends the line before
        for first in np.flatnonzero(np.array(columns) == 0):
            starts[first, 1:], starts[first, :1] = starts[first, :-1].copy(), 0
        if b"\r" in data:  # a line may end with two characters
            ends -= (ends > starts) & (characters[ends - 1] == ord("\r")) & (characters[ends] == marks[1])
        return cls(data, starts, ends)

    @classmethod
    def join(cls, rows: Iterable[Iterable[str]]) -> Cells:
        """Cells of rows that are text already."""
        blank = str.maketrans(MARKS.decode(), "  ")
        between, after = map(chr, MARKS)
        lists = [[cell.translate(blank) for cell in row] for row in rows]
        data = "".join(between.join(row) + after for row in lists).encode("utf-8", errors="replace")
        width = len(lists[0]) if lists else 1
        cells = cls.split(data, MARKS, width, range(width))
        assert cells is not None, "as many cells in each row"
        return cells

    def kinds(self, with_id: bool, with_latest: bool = False) -> Kinds:
        """Sort the rows into kinds.

        with_id, with_latest: whether the last column is the id, and the one before it says which row is the latest:
        these are no part of the kind.
        """
        import numpy as np
        import pandas as pd

        columns = self.numbers()
        ids = columns.pop() if with_id else None
        columns = columns[: len(columns) - with_latest]
        whole = np.zeros(len(self), np.uint64)
        for column in columns:
            whole = _mixed(whole, column)
        codes, numbers = pd.factorize(whole)
        return Kinds(
            codes, numbers.tolist(), ids, self.texts(len(columns)) if with_latest else None, self, len(columns)
        )

    def texts(self, column: int) -> list[str]:
        """What one column says, row by row."""
        spans = zip(self.starts[column].tolist(), self.ends[column].tolist(), strict=True)
        return [text_of(self.data[start:end]) for start, end in spans]

    def numbers(self) -> list[np.ndarray]:
        """The numbers that stand for the cells of each column."""
        return [_numbers(self.data, starts, ends) for starts, ends in zip(self.starts, self.ends, strict=True)]


@dataclass(frozen=True)
class Kinds:
    """Rows of a few kinds. codes: the kind of each row, as its place in `numbers`.

    numbers: what stands for each kind, here and in other rows. ids: what stands for each row's id, 0 if that is blank.
    latest: what each row says of which is the latest.
    """

    codes: np.ndarray
    numbers: list[int]
    ids: np.ndarray | None
    latest: list[str] | None
    cells: Cells
    columns: int

    def text(self, kind: int) -> tuple[str, ...]:
        """What the columns say in rows of a kind, given as its place in `numbers`."""
        row, cells = int((self.codes == kind).argmax()), self.cells
        spans = zip(cells.starts[: self.columns, row], cells.ends[: self.columns, row], strict=True)
        return tuple(text_of(cells.data[start:end]) for start, end in spans)


def _marked(characters: np.ndarray, marks: bytes) -> tuple[np.ndarray, int]:
    """Where the marks are, and how many of them end a row.

    By steps that stay in the processor's own memory: that takes half the time.
    """
    import numpy as np

    is_mark, is_end = np.empty(STEP, bool), np.empty(STEP, bool)
    found, rows = [], 0
    for start in range(0, len(characters), STEP):
        some = characters[start : start + STEP]
        marked = np.equal(some, marks[0], out=is_mark[: len(some)])
        ended = np.equal(some, marks[1], out=is_end[: len(some)])
        rows += int(np.count_nonzero(ended))
        marked |= ended
        at = np.flatnonzero(marked)
        at += start
        found.append(at)
    return np.concatenate(found), rows


def _numbers(data: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """A number for each cell of a column, the same for the same text: 0 for none."""
    import numpy as np

    powers = np.array(POWERS, np.uint64)
    lengths = ends - starts
    numbers: np.ndarray = lengths.astype(np.uint64)  # so that a text is told from one with zeros after it
    for done in range(0, int(lengths.max(initial=0)), PIECE):
        rows: np.ndarray | slice = np.flatnonzero(lengths > done) if done else slice(None)
        left = np.minimum(lengths[rows] - done, PIECE)
        width = (int(left.max()) + 7) // 8
        eights = _pieces(data, starts[rows] + done, width)
        eights &= _pieces(MASK, PIECE - left, width)
        more = eights >> np.uint64(32)
        eights ^= more
        eights *= np.uint64(MIX)
        eights ^= np.right_shift(eights, np.uint64(32), out=more)
        numbers[rows] = _mixed(numbers[rows], eights @ powers[:width])
    return numbers


def _pieces(data: bytes, starts: np.ndarray, width: int) -> np.ndarray:
    """As many times eight bytes from each start on, as numbers in a line for each."""
    import numpy as np

    every = np.ndarray((len(data) - PIECE + 1,), f"V{8 * width}", data, strides=(1,))
    pieces: np.ndarray = every[starts].view("<u8").reshape(-1, width)
    return pieces


def _mixed(numbers: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Numbers that depend on both. For one of the two, different numbers of the other give different ones."""
    import numpy as np

    mixed: np.ndarray = numbers ^ more
    mixed *= np.uint64(MIX)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def text_of(data: bytes) -> str:
    """Text in UTF-8, or else in what Excel writes as plain 'CSV' on Windows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")

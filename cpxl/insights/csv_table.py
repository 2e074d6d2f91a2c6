"""CSV, as programs write it: separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows' own letters."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO, Any

from cpxl.errors import Refused
from cpxl.insights.split import AFTER, Cells, Kinds, text_of

BLOCK = 1 << 20
"""Bytes of CSV that are read at a time: of half a million to 4 million the quickest."""
LONGEST = 100
"""Lines that one row may go over, in quotes. One that goes on longer lacks its closing quote."""
LONGEST_HEADING = 1 << 16
"""Bytes that the line of the headings may have."""
LONGEST_LINE = 2 << 20
"""Bytes that any other line may have after the block that it begins in."""
LARGEST = 100 << 30
"""Bytes that a file may unpack to."""
BETWEEN = ",;\t|"
"""What may stand between cells."""

# Python's own reader stops at 131,072 characters, and takes one limit for the whole process: here, that a cell may be
# as long in a file with quotes as in one without, which is what a line can have at most.
csv.field_size_limit(2 * LONGEST_LINE)


class CsvTable:
    """A file of lines, the first of which has the headings. name: of the file, for people."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.file = _in_utf8(file)
        self.line, self.between = 0, ""
        self.names = self._headings()

    def _headings(self) -> list[str]:
        heading = self._first_line()
        if heading.lower().startswith(b"sep=") and len(heading.strip()) == 5:  # Excel's own way to say it
            self.between = heading.strip()[4:].decode("latin-1")
            heading = self._first_line()
        if b"\0" in heading:
            raise Refused(f"{self.name} is not a CSV file in UTF-8: save it from Excel as 'CSV UTF-8'.")
        text = text_of(heading)
        rows = {between: _row(text, between) for between in (self.between or BETWEEN)}
        self.between = max(rows, key=lambda between: len(rows[between]))
        return rows[self.between]

    def _first_line(self) -> bytes:
        """The first line with something in it, and those that belong to it by its quotes."""
        line = b""
        while self.line < LONGEST and (not line.strip(b" ,;\t|\r\n") or line.count(b'"') % 2):
            line += self.file.readline(LONGEST_HEADING)
            self.line += 1
        return line

    def rows(
        self, at: Sequence[int], besides: tuple[bool, bool]
    ) -> Iterator[tuple[Kinds, Sequence[int], Sequence[int]]]:
        """Those columns of every row, by kind; the lines that rows start on; lines that are no rows."""
        line = self.line + 1
        for data, quotes in _blocks(self.file, self.name):
            cells = None if quotes else Cells.split(data, f"{self.between}\n".encode(), len(self.names), at)
            if cells:
                lines = range(line, line + len(cells))
                yield cells.kinds(*besides), lines, ()
                line = lines.stop
            else:
                rows, starts, bad = _one_by_one(data, len(self.names), line, self.between)
                cells = Cells.join([row[n] for n in at] for row in rows)
                yield cells.kinds(*besides), starts, bad
                line += data.count(b"\n")


def _row(text: str, between: str) -> list[str]:
    try:
        return next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=between) if any(row)), [])
    except csv.Error:
        return []


def _in_utf8(file: IO[bytes]) -> IO[bytes]:
    """The file from after the mark that tells how it is encoded; as UTF-8 if it is in UTF-16."""
    start = file.read(3)
    encoding = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(start[:2])
    file.seek(2 if encoding else 3 if start == codecs.BOM_UTF8 else 0)
    return io.BufferedReader(_Utf16(file, encoding), BLOCK) if encoding else file


class _Utf16(io.RawIOBase):
    """A file in UTF-16, as UTF-8. What is no UTF-16 becomes a mark that no value of config has."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.file, self.left = file, b""
        self.decoder = codecs.getincrementaldecoder(encoding)("replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.left and (data := self.file.read(len(buffer))):
            self.left = self.decoder.decode(data).encode("utf-8", "replace")
        some, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(some)] = some
        return len(some)


def _one_by_one(data: bytes, width: int, first: int, between: str) -> tuple[list[list[str]], list[int], list[int]]:
    """Lines of any kind, with Python's own reader, which tells where a row goes wrong.

    first: the number of the first line. Returned: rows, the line that each starts on, and the lines that are no rows.
    """
    lines = [line + "\n" for line in text_of(data.removesuffix(AFTER)).split("\n")[:-1]]
    rows: list[list[str]] = []
    starts: list[int] = []
    bad: list[int] = []
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at : at + LONGEST], delimiter=between, strict=True)
        try:
            row = next(reader)
        except csv.Error:
            row = []
        # Excel leaves out the commas of blank cells at the end; a row over several lines must be whole
        fits = 0 < len(row) <= width if reader.line_num == 1 else len(row) == width
        if fits:
            rows.append(row + [""] * (width - len(row)))
            starts.append(first + at)
        elif lines[at].strip():
            bad.append(first + at)
        at += reader.line_num if fits else 1
    return rows, starts, bad


def _blocks(file: IO[bytes], name: str) -> Iterator[tuple[bytes, int]]:
    """The rest of a CSV file in pieces of whole rows, each line ended, and the number of quotes in each.

    After its last line each goes on with AFTER, so that `Cells` need not copy it.
    """
    import numpy as np

    # Once so much was given back, the C library of Linux keeps memory at hand; asking for it anew with each piece
    # takes a third of the time.
    np.empty(16 * BLOCK, np.uint8)
    whole = 0
    while data := file.read(BLOCK):
        quotes = data.count(b'"') if b'"' in data else 0  # to count is slow
        parts = [data]
        for _ in range(LONGEST):
            line = file.readline(LONGEST_LINE)
            quotes += line.count(b'"')
            parts.append(line)
            if len(line) == LONGEST_LINE:
                raise Refused(
                    f"{name} has a line of more than {LONGEST_LINE >> 20} million characters: it is no CSV file."
                )
            if quotes % 2 == 0:
                break
        whole += sum(map(len, parts))
        if whole > LARGEST:
            raise Refused(f"{name} would unpack to more than {LARGEST >> 30} GB, so it was not read: split it.")
        is_ended = (parts[-1] or data).endswith(b"\n")
        yield b"".join([*parts, b"" if is_ended else b"\n", AFTER]), quotes

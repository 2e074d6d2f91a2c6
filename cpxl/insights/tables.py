"""Files of rows, however long, as tables of bounded size: CSV, CSV in zip files, Parquet."""

from __future__ import annotations

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cpxl import files
from cpxl.errors import Refused
from cpxl.insights.split import Cells, Kinds, text_of
from cpxl.words import legible

BLOCK = 2 << 20
"""Bytes of CSV that are read at a time: of half a million to 4 million the quickest."""
BATCH = 50_000
"""Rows of Parquet that are read at a time."""
LONGEST = 100
"""Lines that one row may go over, in quotes. One that goes on longer lacks its closing quote."""
LONGEST_LINE = 1 << 16
"""Bytes that the line of the headings may have."""
LARGEST = 100 << 30
"""Bytes that a zip file may unpack to."""

# Python's own reader stops at 131,072 characters, and takes one limit for the whole process: here, that a cell may be
# as long in a file with quotes as in one without, which is what a line can have at most.
csv.field_size_limit(2 * BLOCK)


@dataclass(frozen=True)
class Source:
    """A table to read: a file, or one in a zip file. size: bytes once it is unpacked."""

    path: Path
    member: str
    size: int

    @property
    def name(self) -> str:
        """The file's name for people."""
        return legible(f"{self.path.name}: {self.member}" if self.member else self.path.name)


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, by kind.

    lines: the line that each row starts on. bad: lines that are no rows. read: bytes of the file that are read by now.
    """

    kinds: Kinds
    lines: Sequence[int]
    bad: Sequence[int]
    read: int


def sources(path: Path) -> list[Source]:
    """The tables in a file. Raises Refused if it cannot be read, or is a zip file without a CSV file."""
    with _readable(path):
        if path.suffix.lower() != ".zip":
            with files.opened(path):
                return [Source(path, "", path.stat().st_size)]
        with files.opened(path) as file, zipfile.ZipFile(file) as archive:
            names = dict.fromkeys(archive.namelist())  # of two with one name, the last counts
            inside = [archive.getinfo(n) for n in names if n.lower().endswith(".csv") and not _hidden(n)]
    if any(i.flag_bits & 1 for i in inside):
        raise Refused(f"{path} has a password: unpack it yourself and name what is in it.")
    if not inside:
        raise Refused(f"{path} has no CSV file in it: put the extract there, or name another file.")
    if sum(i.file_size for i in inside) > LARGEST:
        raise Refused(f"{path} would unpack to more than {LARGEST >> 30} GB, so it was not read: split it.")
    return [Source(path, i.filename, i.file_size) for i in inside]


def _hidden(name: str) -> bool:
    """Whether a file in a zip file is one that a Mac leaves there, or hides."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What can go wrong while a file is read, as one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise Refused(_damaged(path, error)) from error
    except NotImplementedError as error:
        raise Refused(f"{path} cannot be unpacked ({error}): unpack it yourself and name what is in it.") from error
    except OSError as error:
        if not error.strerror:  # not the system's: a reader's, of what is in the file
            raise Refused(_damaged(path, error)) from error
        raise Refused(f"{path} cannot be read ({error.strerror}): check its name and that you may open it.") from error


def _damaged(path: Path, error: Exception) -> str:
    return f"{path} is damaged ({_why(error)}): fetch or copy it again."


def _why(error: Exception) -> str:
    """What a library says of a file, which may be long and quote what is in it."""
    return " ".join(str(error).split())[:80] or "it ends too early"


class Table:
    """An open table: its columns' names, then its rows. A column is found whatever its capitals; _ is a blank."""

    def __init__(self, source: Source, file: IO[bytes]) -> None:
        self.source, self.file = source, file
        self.is_parquet = source.path.suffix.lower() == ".parquet"
        self.names = self._parquet_names() if self.is_parquet else self._csv_names()
        self._at = {plain(name): at for at, name in reversed(list(enumerate(self.names)))}

    def has(self, columns: Sequence[str]) -> bool:
        """Whether all these columns are there."""
        return all(plain(column) in self._at for column in columns)

    def rows(self, columns: Sequence[str], id_column: str | None, latest_by: str | None) -> Iterator[Rows]:
        """Those columns of every row, its id, and what says which of the rows with one id is the latest."""
        at = [self._at[plain(column)] for column in (*columns, latest_by, id_column) if column]
        besides = bool(id_column), bool(latest_by)
        return self._parquet(at, besides) if self.is_parquet else self._csv(at, besides)

    # CSV

    def _csv_names(self) -> list[str]:
        self._line, heading = 0, b""
        while self._line < LONGEST and (not heading.strip(b" ,\r\n\xef\xbb\xbf") or heading.count(b'"') % 2):
            heading += self.file.readline(LONGEST_LINE)
            self._line += 1
        if b"\0" in heading:
            raise Refused(f"{self.source.name} is not a CSV file in UTF-8: save it from Excel as 'CSV UTF-8'.")
        text = text_of(heading.removeprefix(b"\xef\xbb\xbf"))
        try:
            return next((row for row in csv.reader(io.StringIO(text, newline="")) if any(row)), [])
        except csv.Error:
            return []

    def _csv(self, at: list[int], besides: tuple[bool, bool]) -> Iterator[Rows]:
        line = self._line + 1
        for data, quotes in _blocks(self.file, self.source.name):
            cells = None if quotes else Cells.split(data, b",\n", len(self.names), at)
            if cells:
                lines = range(line, line + len(cells))
                yield Rows(cells.kinds(*besides), lines, (), self.file.tell())
                line = lines.stop
            else:
                rows, starts, bad = _one_by_one(data, len(self.names), line)
                cells = Cells.join([row[n] for n in at] for row in rows)
                yield Rows(cells.kinds(*besides), starts, bad, self.file.tell())
                line += data.count(b"\n")

    # Parquet

    def _parquet_names(self) -> list[str]:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise Refused(
                f"{self.source.name} is a Parquet file, which needs pyarrow: install that, or save the file as CSV."
            ) from None
        with self._sound():
            self._file = pyarrow.parquet.ParquetFile(self.file, page_checksum_verification=True)
        return list(self._file.schema_arrow.names)

    def _parquet(self, at: list[int], besides: tuple[bool, bool]) -> Iterator[Rows]:
        import pyarrow

        names = [self.names[n] for n in at]
        row, total = 1, self._file.metadata.num_rows
        with self._sound():
            for batch in self._file.iter_batches(BATCH, columns=list(dict.fromkeys(names))):
                texts = [batch[name].cast(pyarrow.string()).fill_null("").to_pylist() for name in names]
                cells = Cells.join(zip(*texts, strict=True))
                lines = range(row, row + batch.num_rows)
                yield Rows(cells.kinds(*besides), lines, (), self.source.size * lines.stop // (total + 1))
                row = lines.stop

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What goes wrong in a Parquet file, as one sentence: pyarrow raises this and that, wherever the damage is."""
        import pyarrow

        try:
            yield
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise Refused(
                f"{self.source.path} is damaged, or no Parquet file that can be read ({_why(error)}): "
                "fetch or save it anew, or save it as CSV."
            ) from error


def _one_by_one(data: bytes, width: int, first: int) -> tuple[list[list[str]], list[int], list[int]]:
    """Lines of any kind, with Python's own reader, which tells where a row goes wrong.

    first: the number of the first line. Returned: rows, the line that each starts on, and the lines that are no rows.
    """
    lines = [line + "\n" for line in text_of(data).split("\n")[:-1]]
    rows: list[list[str]] = []
    starts: list[int] = []
    bad: list[int] = []
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at : at + LONGEST], strict=True)
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


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """An open table. Raises Refused, then or while it is read, if it cannot be read."""
    with _readable(source.path):
        if not source.member:
            with files.opened(source.path) as file:
                yield Table(source, file)
        else:
            with (
                files.opened(source.path) as file,
                zipfile.ZipFile(file) as archive,
                archive.open(source.member) as member,
            ):
                yield Table(source, member)


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return " ".join(name.replace("_", " ").split()).casefold()


def _blocks(file: IO[bytes], name: str) -> Iterator[tuple[bytes, int]]:
    """The rest of a CSV file in pieces of whole rows, each line ended, and the number of quotes in each."""
    import numpy as np

    # Once so much was given back, the C library of Linux keeps memory at hand; asking for it anew with each piece
    # takes a third of the time.
    np.empty(8 * BLOCK, np.uint8)
    while data := file.read(BLOCK):
        quotes = data.count(b'"') if b'"' in data else 0  # to count is slow
        for _ in range(LONGEST):
            line = file.readline(BLOCK)
            quotes += line.count(b'"')
            data += line
            if len(line) == BLOCK:
                raise Refused(f"{name} has a line of more than {BLOCK >> 20} million characters: it is no CSV file.")
            if quotes % 2 == 0:
                break
        yield data if data.endswith(b"\n") else data + b"\n", quotes

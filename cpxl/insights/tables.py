"""Tables of rows, however long, in pieces of bounded size: CSV, also zipped, Parquet, Excel's workbooks, queries."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from cpxl import files
from cpxl.config import Extract
from cpxl.errors import Refused
from cpxl.insights.csv_table import LARGEST, CsvTable
from cpxl.insights.split import Cells, Kinds
from cpxl.insights.typed_tables import ParquetTable, QueryTable, SheetTable, sheets_of, why
from cpxl.words import legible

WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Source:
    """A table to read: a file, or one in a zip file, or a sheet; or a query, of the extract with that name.

    size: bytes of the file, or of the member once it is unpacked.
    """

    path: Path
    member: str
    size: int
    query: Extract | None = field(default=None, compare=False)

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
        files.opened(path).close()  # or it is none
        if path.suffix.lower() != ".zip":
            size = path.stat().st_size
            is_workbook = path.suffix.lower() in WORKBOOKS
            names = sheets_of(path) if is_workbook else [""]
            return [Source(path, name if len(names) > 1 or is_workbook else "", size) for name in names]
        with files.opened(path) as file, zipfile.ZipFile(file) as archive:
            names = list(dict.fromkeys(archive.namelist()))  # of two with one name, the last counts
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
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise Refused(_damaged(path, error)) from error
    except NotImplementedError as error:
        raise Refused(f"{path} cannot be unpacked ({error}): unpack it yourself and name what is in it.") from error
    except OSError as error:
        if not error.strerror:  # not the system's: a reader's, of what is in the file
            raise Refused(_damaged(path, error)) from error
        raise Refused(files.cannot_read(path, error, "the extracts in it")) from error


def _damaged(path: Path, error: Exception) -> str:
    return f"{path} is damaged ({why(error)}): fetch or copy it again."


class Table:
    """An open table: its columns' names, then its rows. A column is found whatever its capitals; _ is a blank.

    read: how many bytes of the file are read by now.
    """

    def __init__(
        self, source: Source, table: CsvTable | ParquetTable | SheetTable | QueryTable, read: Callable[[], int]
    ) -> None:
        self.source, self.table, self.read = source, table, read
        self.names = table.names
        self._at = {plain(name): at for at, name in reversed(list(enumerate(self.names)))}

    def has(self, columns: Sequence[str]) -> bool:
        """Whether all these columns are there."""
        return all(plain(column) in self._at for column in columns)

    def rows(self, columns: Sequence[str], id_column: str | None, latest_by: str | None) -> Iterator[Rows]:
        """Those columns of every row, its id, and what says which of the rows with one id is the latest."""
        at = [self._at[plain(column)] for column in (*columns, latest_by, id_column) if column]
        besides = bool(id_column), bool(latest_by)
        if isinstance(self.table, CsvTable):
            for kinds, lines, bad in self.table.rows(at, besides):
                yield Rows(kinds, lines, bad, min(self.read(), self.source.size))
            return
        for texts, lines in self.table.batches(at):
            yield Rows(Cells.join(texts).kinds(*besides), lines, (), min(self.read(), self.source.size))


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """An open table. Raises Refused, then or while it is read, if it cannot be read."""
    if source.query:
        query = QueryTable(source.name, source.query.database or "", source.query.query or "")
        try:
            yield Table(source, query, lambda: 0)
        finally:
            query.close()
        return
    suffix = source.path.suffix.lower()
    with _readable(source.path):
        if suffix == ".zip":
            with (
                files.opened(source.path) as file,
                zipfile.ZipFile(file) as archive,
                archive.open(source.member) as member,
            ):
                yield Table(source, CsvTable(source.name, member), member.tell)
        elif suffix in WORKBOOKS:
            yield Table(source, SheetTable(source.path, source.member), lambda: 0)
        else:
            with files.opened(source.path) as file:
                if suffix == ".parquet":
                    yield Table(source, ParquetTable(str(source.path), file), file.tell)
                elif suffix == ".gz":
                    with BufferedReader(gzip.GzipFile(fileobj=file)) as unpacked:
                        yield Table(source, CsvTable(source.name, unpacked), file.tell)
                else:
                    yield Table(source, CsvTable(source.name, file), file.tell)


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return " ".join(name.replace("_", " ").split()).casefold()

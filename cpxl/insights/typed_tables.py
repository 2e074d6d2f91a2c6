"""Tables whose cells have types: Parquet, Excel's workbooks, queries. Each cell becomes text, as in CSV."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from cpxl.errors import Refused
from cpxl.words import short

BATCH = 50_000
"""Rows that are read at a time."""
MOST_COLUMNS = 1000
"""Columns of a sheet that are looked at."""
LARGEST_SHEETS, LARGEST_STRINGS = 4 << 30, 256 << 20
"""Bytes that a workbook may unpack to, and its table of texts, which is all in memory."""

Batch = tuple[Sequence[Sequence[str]], Sequence[int]]
"""Rows of cells, and the number of each row."""


class ParquetTable:
    """A Parquet file. name: of the file, for people."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise Refused(
                f"{name} is a Parquet file, which needs pyarrow: install that, or save the file as CSV."
            ) from None
        with self._sound():
            self._file = pyarrow.parquet.ParquetFile(file, page_checksum_verification=True)
        self.names = list(self._file.schema_arrow.names)

    def batches(self, at: Sequence[int]) -> Iterator[Batch]:
        """Those columns of every row."""
        import pyarrow

        names, row = [self.names[n] for n in at], 1
        with self._sound():
            for batch in self._file.iter_batches(BATCH, columns=list(dict.fromkeys(names))):
                texts = [batch[name].cast(pyarrow.string()).fill_null("").to_pylist() for name in names]
                yield list(zip(*texts, strict=True)), range(row, row + batch.num_rows)
                row += batch.num_rows

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What goes wrong in a Parquet file, as one sentence: pyarrow raises this and that, wherever the damage is."""
        import pyarrow

        try:
            yield
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise Refused(
                f"{self.name} is damaged, or no Parquet file that can be read ({why(error)}): "
                "fetch or save it anew, or save it as CSV."
            ) from error


class SheetTable:
    """A sheet of an Excel workbook, as values: what a formula gave when it was saved."""

    def __init__(self, path: Path, sheet: str) -> None:
        with _sound_workbook(path):
            self._book = _opened_book(path)
            page = self._book[sheet]
            page.reset_dimensions()  # what the file says of its size may be wrong
            rows = enumerate(page.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1)
            self._rows = ((number, row) for number, row in rows if any(cell is not None for cell in row))
            self.path = path
            self.names = [text_of_value(cell) for _, row in islice(self._rows, 1) for cell in row]

    def batches(self, at: Sequence[int]) -> Iterator[Batch]:
        """Those columns of every row that is not blank."""
        with _sound_workbook(self.path):
            while rows := list(islice(self._rows, BATCH)):
                texts = [[text_of_value(row[n]) if n < len(row) else "" for n in at] for _, row in rows]
                yield texts, [number for number, _ in rows]
        self._book.close()


def sheets_of(path: Path) -> list[str]:
    """The sheets of an Excel workbook. Raises Refused if it is none that can be read."""
    with _sound_workbook(path):
        book = _opened_book(path)
        names = [sheet.title for sheet in book.worksheets]
        book.close()
    return names


def _opened_book(path: Path) -> Any:
    import openpyxl

    with zipfile.ZipFile(path) as parts:
        sizes = {part.filename: part.file_size for part in parts.infolist()}
    texts = sum(size for name, size in sizes.items() if "sharedstrings" in name.lower())
    if sum(sizes.values()) > LARGEST_SHEETS or texts > LARGEST_STRINGS:
        raise Refused(f"{path} would unpack to more than an extract has, so it was not read: save it as CSV.")
    return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)


@contextmanager
def _sound_workbook(path: Path) -> Iterator[None]:
    """What goes wrong in a workbook, as one sentence: openpyxl raises whatever comes, wherever the damage is."""
    try:
        yield
    except (Refused, GeneratorExit):
        raise
    except Exception as error:
        raise Refused(
            f"{path} is no Excel workbook that can be read ({why(error)}): take off its password if it has one, or "
            "save it as CSV."
        ) from error


class QueryTable:
    """What a query on a database gives. Nothing is written: the transaction is read-only, and never committed."""

    def __init__(self, name: str, database: str, query: str) -> None:
        self.name = name
        try:
            import sqlalchemy
        except ImportError:
            raise Refused(
                f"'{name}' is a query on a database, which needs SQLAlchemy: install it, with "
                "'pip install \"cpxl[database]\"', and the driver of the database."
            ) from None
        with self._sound():
            engine = sqlalchemy.create_engine(database, poolclass=sqlalchemy.pool.NullPool)
            connection = engine.connect()
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            self._connection = connection.execution_options(stream_results=True, yield_per=BATCH)
            self._result = self._connection.execute(sqlalchemy.text(query))
            self.names = list(map(str, self._result.keys()))

    def batches(self, at: Sequence[int]) -> Iterator[Batch]:
        """Those columns of every row."""
        row = 1
        with self._sound():
            for rows in self._result.partitions(BATCH):
                yield [[text_of_value(cells[n]) for n in at] for cells in rows], range(row, row + len(rows))
                row += len(rows)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What goes wrong, as one sentence, in which no address or password of the database is."""
        import sqlalchemy

        try:
            yield
        except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
            said = why(getattr(error, "orig", None) or error)
            raise Refused(
                f"The query of '{self.name}' did not work ({said}): correct its database and query in config.yaml."
            ) from error


def text_of_value(value: object) -> str:
    """A cell as CSV would have it."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def why(error: BaseException) -> str:
    """What a library says of a file, which may be long and quote what is in it."""
    return short(str(error))[:80] or "it ends too early"

"""Extracts however they are saved: the same rows give the same counts, or a refusal that says what to do."""

import csv
import gzip
import io
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import hypothesis
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.errors import Refused
from cpxl.insights import csv_table
from cpxl.insights.extracts import Imported, read_extracts
from cpxl.insights.tables import opened, sources
from cpxl.quarters import Quarter
from tests.conftest import need
from tests.test_columns import settings
from tests.work import LONG

Q2 = Quarter(2020, 2)
ROWS = [
    ("1", "2020-08-01", "Hate", "café"),
    ("2", "2020-08-31", "Hate", 'a, "b"; c\tд'),
    ("3", "2020-08-02", "Fear", ""),
]
HEADINGS = ("Id", "Date", "Type", "Note")
CHOSEN = settings("day: Date", "    id: Id\n")


def counts(imported: Imported) -> dict[str, object]:
    return {f"{row.measure} {row.month}": row.count for row in imported.monthly}


def read(path: Path) -> Imported:
    return read_extracts([path], CHOSEN, Q2, lambda _, share: None)


def as_csv(between: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=between, lineterminator=end).writerows([HEADINGS, *ROWS])
    return text.getvalue()


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("packed", [False, True])
def test_whatever_stands_between_cells_and_however_it_is_encoded(
    tmp_path: Path, between: str, encoding: str, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "BLOCK", 32)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    data = (mark + as_csv(between)).encode(encoding)
    path = tmp_path / ("extract.csv.gz" if packed else "extract.csv")
    path.write_bytes(gzip.compress(data) if packed else data)
    assert counts(read(path)) == {"Hate 2020-08": 2, "Fear 2020-08": 1}


def test_excels_own_line_that_says_what_is_between_cells(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_text("sep=;\n" + as_csv(";", "\n"), encoding="utf-8")
    assert counts(read(path)) == {"Hate 2020-08": 2, "Fear 2020-08": 1}


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    whole = gzip.compress(as_csv().encode() * 200)
    for data in (whole[:-20], whole[:40] + b"\xff" * 40 + whole[80:], b"\x1f\x8b", b"no gzip file"):
        path = tmp_path / "extract.csv.gz"
        path.write_bytes(data)
        with pytest.raises(Refused, match=r"is damaged \(.*\): fetch or copy it again\.$"):
            read(path)


# Excel


def workbook(path: Path, rows: list[tuple[object, ...]]) -> Path:
    book = openpyxl.Workbook()
    about, sheet = book.create_sheet("About"), book.create_sheet("Rows")
    book.remove(book.worksheets[0])
    about.append(["This workbook has one table."])
    sheet.append([])
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    sheet["A20"] = None
    book.save(path)
    return path


def test_an_excel_workbook(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (1, datetime(2020, 8, 1, 23, 30), "Hate", None),
        (2.0, date(2020, 8, 31), "Hate", "=1+1"),
        (),
        (3, "02/08/2020", "Fear"),
        (4, "13/08/2020", "Fear"),
        (5, 44000, "Fear"),
    ]
    imported = read(workbook(tmp_path / "extract.xlsx", rows))
    assert counts(imported) == {"Hate 2020-08": 2, "Fear 2020-08": 2}
    assert imported.skipped == ["extract.xlsx: About"]
    assert [(f.rows, f.lines, dict(f.unread)) for f in imported.files] == [(5, [8], {"44000": 1})]


def test_what_is_no_excel_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "extract.xlsx", [(1, "2020-08-01", "Hate")]).read_bytes()
    parts = io.BytesIO()
    with zipfile.ZipFile(parts, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/sharedStrings.xml", b" " * (300 << 20))
    for data in (b"PK", whole[: len(whole) // 2], b"\xd0\xcf\x11\xe0" * 100, parts.getvalue()):
        (tmp_path / "extract.xlsx").write_bytes(data)
        with pytest.raises(Refused, match="save it as CSV"):
            read(tmp_path / "extract.xlsx")


# Databases


def query(address: str, statement: str = 'SELECT id AS "Id", day AS "Date", kind AS "Type" FROM crimes') -> str:
    return f"    id: Id\n    database: {address}\n    query: '{statement}'\n"


def ask(more: str) -> Imported:
    return read_extracts([Path("Crimes")], settings("day: Date", more), Q2, lambda _, share: None)


def test_a_query_on_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "crimes.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE crimes (id INTEGER, day TEXT, kind TEXT)")
        database.executemany("INSERT INTO crimes VALUES (?, ?, ?)", [row[:3] for row in ROWS])
    database.close()
    address = f"sqlite:///{path.as_posix()}"
    imported = ask(query(address))
    assert counts(imported) == {"Hate 2020-08": 2, "Fear 2020-08": 1}
    assert {row.source for row in imported.monthly} == {"Crimes"}
    for statement, said in [
        ("SELECT * FROM absent", "no such table"),
        ("WITH a AS (SELECT 1) DELETE FROM crimes", ""),
    ]:
        with pytest.raises(Refused, match=f"The query of 'Crimes' did not work .*{said}"):
            ask(query(address, statement))
    with pytest.raises(Refused, match="a query can only read"):
        ask(query(address, "DELETE FROM crimes"))
    assert counts(ask(query(address))) == counts(imported)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The address of a server of its own, which runs as somebody who is not root."""
    import psycopg

    found = [shutil.which("initdb"), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")))]
    initdb = next((Path(path).resolve() for path in reversed(found) if path), None)
    need(initdb, "PostgreSQL (initdb)")
    assert initdb is not None
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    who = {"user": "nobody"} if is_root else {}
    with tempfile.TemporaryDirectory(prefix="pg") as home:  # where its socket is: a port might be taken
        if is_root:
            shutil.chown(home, "nobody")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": home}
        arguments = ["-D", f"{home}/data", "-U", "test", "-A", "trust", "--no-sync"]
        subprocess.run([initdb, *arguments], check=True, **who, **quiet)  # type: ignore[call-overload]
        command = [initdb.with_name("postgres"), "-D", f"{home}/data", "-k", home, "-h", ""]
        server = subprocess.Popen(command, **who, **quiet)  # type: ignore[call-overload]
        try:
            while server.poll() is None:  # it ends if it cannot be had
                with suppress(psycopg.OperationalError), psycopg.connect(user="test", host=home, dbname="postgres"):
                    break
                time.sleep(0.1)
            yield f"postgresql+psycopg://test@/postgres?host={home}"
        finally:
            server.terminate()
            server.wait(30)


def test_a_query_on_postgresql(postgresql: str) -> None:
    import psycopg

    with psycopg.connect(postgresql.replace("+psycopg", "")) as database:
        database.execute("CREATE TABLE crimes (id integer, day timestamptz, kind text)")
        for number, day, kind, _ in ROWS:
            database.execute("INSERT INTO crimes VALUES (%s, %s, %s)", (number, f"{day} 12:00+00", kind))
        database.execute(
            "INSERT INTO crimes VALUES (4, '2020-08-31 23:30+00', 'Fear'), (5, '2020-09-30 12:00+00', 'x')"
        )
    assert counts(ask(query(postgresql))) == {
        "Hate 2020-08": 2,
        "Fear 2020-08": 1,
        "Hate 2020-09": 0,
        "Fear 2020-09": 1,
    }
    with pytest.raises(Refused, match="The query of 'Crimes' did not work"):
        ask(query(postgresql, "WITH a AS (DELETE FROM crimes RETURNING *) SELECT * FROM a"))
    with pytest.raises(Refused, match="The query of 'Crimes' did not work") as refused:
        ask(query(postgresql.replace("test@", "nobody:secret@")))
    assert "secret" not in str(refused.value)
    assert counts(ask(query(postgresql)))["Hate 2020-08"] == 2


# Against pandas

CELL = st.lists(st.sampled_from([*"ab é;\t,|\"'\n0.-#\\/", "\r\n", "NA"]), max_size=6).map("".join)
BETWEEN = st.sampled_from(",;\t|")


@hypothesis.settings(max_examples=2000 if LONG else 60)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=40),
    BETWEEN,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(128, 256),
    st.booleans(),
)
def test_rows_are_those_that_pandas_reads(
    rows: list[tuple[str, str, str]], between: str, end: str, quoting: int, block: int, last: bool
) -> None:
    """Any table that a program writes as CSV, in pieces of any size: the same kinds of rows, as often."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=between, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([("A", "B", "C"), *rows])
    written = text.getvalue() if last else text.getvalue().removesuffix(end)
    frame = pd.read_csv(
        io.StringIO(written, newline=""), sep=between, dtype=str, keep_default_na=False, skip_blank_lines=True
    )
    expected = Counter(frame[["A", "C"]].itertuples(index=False, name=None))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "BLOCK", block)
        path = Path(folder) / "extract.csv"
        path.write_bytes(written.encode())
        found: Counter[tuple[str, ...]] = Counter()
        (source,) = sources(path)
        with opened(source) as table:
            for piece in table.rows(["A", "C"], None, None):
                assert not piece.bad
                for code in piece.kinds.codes.tolist():
                    found[piece.kinds.text(code)] += 1
    assert found == expected

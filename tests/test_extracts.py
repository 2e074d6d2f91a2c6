"""Incident extracts, held against a plain csv reader."""

import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl import config
from cpxl.cells import Dates, number_of, quarter_of
from cpxl.config import Settings
from cpxl.consolidate import consolidate
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.insights import csv_table
from cpxl.insights.extracts import Imported, merged, read_extracts
from cpxl.insights.months import known_months
from cpxl.insights.rolling import compared, counts_of
from cpxl.insights.said import in_words
from cpxl.insights.split import Cells
from cpxl.insights.typed_tables import text_of_value
from cpxl.master.file import read_master
from cpxl.model import Checked, Return
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.steps import importing, starting
from tests.command import run_cpxl

DATA = Path(__file__).parent / "data"
STREET = sorted(DATA.glob("*-street.csv"))
SHIPPED = resource("config.yaml").read_text(encoding="utf-8").partition("\nextracts:")[0]
MEASURES = "      rolling_12_months: [Hate Crime Offences]"
Q2 = Quarter(2020, 2)


def settings(extracts: str, *measures: str) -> Settings:
    """The shipped config with these extracts, and these measures for hate crime."""
    assert MEASURES in SHIPPED
    with_measures = SHIPPED.replace(MEASURES, f"      rolling_12_months: [{', '.join(('Hate', *measures))}]")
    return config.parse(f"{with_measures}\nextracts:\n{extracts}")


def mapping(date: str, where: str = "{Type: Hate}", more: str = "") -> Settings:
    return settings(
        f"  - name: Crimes\n    {date}\n{more}    measures: [{{strand: HATE, measure: Hate, where: {where}}}]\n"
    )


MONTHS = mapping("month: Month", more="    id: Id\n")
DAYS = mapping("day: Date")


def read(settings: Settings, *paths: Path) -> Imported:
    return read_extracts(paths, settings, Q2, lambda _, share: None)


def file(folder: Path, text: str, name: str = "extract.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def counts(imported: Imported) -> dict[str, object]:
    return {row.month: row.count for row in imported.monthly}


# Real files


def street_types() -> list[str]:
    return sorted({row["Crime type"] for path in STREET for row in csv.DictReader(path.open(encoding="utf-8"))})


def street() -> Settings:
    types = street_types()
    measures = "".join(f"      - {{strand: HATE, measure: {t}, where: {{Crime type: {t}}}}}\n" for t in types)
    return settings(
        f"  - name: street\n    month: Month\n    only: {{Falls within: West Yorkshire Police}}\n    id: Crime ID\n"
        f"    measures:\n{measures}",
        *types,
    )


def test_street_level_files_count_as_a_plain_reader_counts_them() -> None:
    imported = read(street(), *STREET)
    rows = [row for path in STREET for row in csv.DictReader(path.open(encoding="utf-8"))]
    plain = Counter((row["Crime type"], row["Month"]) for row in rows)
    expected = {(t, month): plain[t, month] for t in street_types() for month in ("2016-07", "2017-07", "2018-07")}
    assert {(row.measure, row.month): row.count for row in imported.monthly} == expected
    assert [(f.rows, f.counted, f.duplicate, f.unmapped, f.bad) for f in imported.files] == [(150, 150, 0, 0, 0)] * 3
    assert imported.missing[0] == "2016-08"
    assert len(imported.missing) == 22


def test_a_year_of_the_home_offices_table_by_offence_group() -> None:
    path = DATA / "prc-pfa-201718-essex.csv"
    rows = [row for row in csv.DictReader(path.open(encoding="utf-8")) if row["Force_Name"] == "Essex"]
    groups = sorted({row["Offence_Group"] for row in rows})
    measures = "".join(f"      - {{strand: HATE, measure: {g}, where: {{Offence Group: {g}}}}}\n" for g in groups)
    chosen = settings(
        "  - name: tables\n    financial_year: Financial Year\n    quarter: Financial Quarter\n"
        f"    only: {{Force Name: Essex}}\n    number: Number of Offences\n    measures:\n{measures}",
        *groups,
    )
    imported = read(chosen, path)
    end = Quarter(2017, 4)
    rows_known = [replace(row, quarter=end) for row in imported.monthly]
    for group in groups:
        plain = sum(int(row["Number_of_Offences"]) for row in rows if row["Offence_Group"] == group)
        assert compared(counts_of(rows_known, "Hate Crime", group, end), end, 4).current == plain > 0
    assert imported.files[0].elsewhere == 4 * len({"business", "personal"})


# Rows


def test_what_becomes_of_each_row(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "Id,Month,Type\na,2020-08,Hate\na,2020-08,Hate\nb,2020-08, hate \n,2020-08,Hate\n,2020-08,Hate\n"
        "NULL,2020-09,Drugs\nNULL,2020-08,Drugs\nc,2020-13,Hate\nd,2020-08,Hate,too,long\n\ne,2020-08\nc,2020-08,Hate\n",
    )
    imported = read(MONTHS, path)
    report = imported.files[0]
    assert (report.rows, report.counted, report.duplicate, report.unmapped, report.bad) == (11, 5, 1, 3, 2)
    assert (report.lines, report.undated) == ([9, 10], 2)
    assert report.values == {"Type: Drugs": 2, "Type: (blank)": 1}
    assert counts(imported) == {"2020-08": 5, "2020-09": 0}, "a month with rows, but none of a measure, has a true 0"


def test_an_id_is_known_again_in_another_file_and_however_it_is_quoted(tmp_path: Path) -> None:
    long = "x" * 70
    one = file(tmp_path, f"Id,Month,Type\n{long}1,2020-08,Hate\n{long}2,2020-08,Hate\n", "one.csv")
    two = file(tmp_path, f'Id,Month,Type\n"{long}1",2020-08,Hate\n{long}3,2020-09,Hate\n', "two.csv")
    imported = read(MONTHS, one, two, one)
    assert [report.duplicate for report in imported.files] == [0, 1]
    assert counts(imported) == {"2020-08": 2, "2020-09": 1}
    assert imported.shared == {"2020-08": {"one.csv": 2, "two.csv": 0}}
    of_both, of_two = imported.monthly
    assert (of_both.source, of_two.source) == ("one.csv and 1 more", "two.csv")
    assert of_both.origin and of_both.origin.sha256 == hashlib.sha256(one.read_bytes()).hexdigest()


def test_how_much_of_all_files_is_read(tmp_path: Path) -> None:
    files = [file(tmp_path, "Id,Month,Type\n" + f"{n},2020-08,Hate\n" * n, f"{n}.csv") for n in (1, 20, 3)]
    told: list[tuple[str, float]] = []
    read_extracts(files, MONTHS, Q2, lambda name, share: told.append((name, share)))
    shares = [share for _, share in told]
    assert [name for name, _ in told] == ["1.csv", "20.csv", "3.csv"]
    assert shares == sorted(set(shares))
    assert (shares[0] < 0.2, shares[1] > 0.5, shares[2]) == (True, True, 1)


def test_of_two_mappings_that_fit_the_one_that_names_more_counts(tmp_path: Path) -> None:
    rows = "where: {Type: Hate}}]\n"
    both = "".join(
        f"  - name: {name}\n    month: Month\n{more}    measures: [{{strand: HATE, measure: Hate, {rows}"
        for name, more in (("Few", ""), ("More", "    id: Id\n"), ("Others", "    id: Number\n"))
    )
    chosen = settings(both)
    path = file(tmp_path, "Id,Month,Type\n1,2020-08,Hate\n1,2020-08,Hate\n")
    imported = read(chosen, path)
    assert ([f.extract for f in imported.files], counts(imported)) == (["More"], {"2020-08": 1})


def test_a_cell_too_many_does_not_make_up_for_one_too_few(tmp_path: Path) -> None:
    path = file(tmp_path, "Id,Month,Type\n1,2020-08,Hate\n2,2020-08,Hate,Hate\n3,2020-08\n4,2020-08,Hate\n")
    report = read(MONTHS, path).files[0]
    assert (report.counted, report.bad, report.unmapped, report.lines) == (2, 1, 1, [3])


def test_what_programs_write_for_an_id_that_is_not_there(tmp_path: Path) -> None:
    texts = ["", " ", "NULL", "null", "None", "N/A", "n/a"] * 2
    path = file(tmp_path, "Id,Month,Type\n" + "".join(f"{text},2020-08,Hate\n" for text in [*texts, "none", "none"]))
    assert (counts(read(MONTHS, path)), read(MONTHS, path).files[0].duplicate) == ({"2020-08": 15}, 1)


def test_many_ids_that_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpxl.insights.ids.SHARE", 7)
    ids = [str(n * n % 997) if n % 5 else "" for n in range(2000)]
    path = file(tmp_path, "Id,Month,Type\n" + "".join(f"{i},2020-08,Hate\n" for i in ids))
    some = [i for i in ids if i]
    assert read(MONTHS, path).files[0].duplicate == len(some) - len(set(some))


def test_of_free_text_not_each_value_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpxl.insights.tally.KINDS", 3)
    path = file(
        tmp_path, "Id,Month,Type\n1,2020-08,Hate\n" + "".join(f"a{n},2020-08,text {n % 10}\n" for n in range(40))
    )
    report = read(MONTHS, path).files[0]
    assert (report.counted, report.unmapped) == (1, 40)
    assert report.values == {"Type: text 0": 4, "Type: text 1": 4}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_files_as_programs_write_them(tmp_path: Path, encoding: str, end: str, last: bool) -> None:
    lines = ["Type,Note,Month,Id", "Hate,café £5,2020-08,1", '"Hate","two', 'lines, one row",2020-08,2', "x,,2020-08,3"]
    imported = read(MONTHS, file(tmp_path, end.join(lines) + end * last, encoding=encoding))
    assert (imported.files[0].counted, imported.files[0].unmapped, imported.files[0].bad) == (2, 1, 0)


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    rows = [f"{n},2020-08,Hate" for n in range(300)]
    rows[3] = '3,2020-08,"Hate'
    report = read(MONTHS, file(tmp_path, "\n".join(["Id,Month,Type", *rows]))).files[0]
    assert (report.rows, report.counted, report.lines) == (300, 299, [5])


def test_a_long_cell_in_a_file_with_quotes(tmp_path: Path) -> None:
    path = file(tmp_path, f'Note,Id,Month,Type\n"a",1,2020-08,Hate\n{"x" * 3_000_000},2,2020-08,Hate\n')
    assert read(MONTHS, path).files[0].counted == 2


CELL = st.text(st.sampled_from('abé ",\n\r\x1f'), max_size=12)


@hypothesis.settings(deadline=None)
# So few that no month is far below the other, and so not known.
@given(st.lists(st.tuples(CELL, st.sampled_from(["2020-08", "2020-09"]), st.sampled_from(["Hate", "x"])), max_size=8))
def test_any_text_in_cells(rows: list[tuple[str, str, str]]) -> None:
    """Whatever stands in other columns, rows count as a plain reader counts them, in pieces of any size."""
    import tempfile

    text = io.StringIO(newline="")
    csv.writer(text).writerows([("Note", "Month", "Type"), ("", "2020-08", "Hate"), *rows])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "BLOCK", 64)
        imported = read(mapping("month: Month"), file(Path(folder), text.getvalue()))
    plain = Counter(month for _, month, kind in [("", "2020-08", "Hate"), *rows] if kind == "Hate")
    assert {month: count for month, count in counts(imported).items() if count} == plain
    assert imported.files[0].rows == len(rows) + 1


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b",", b".").replace(b"\n", b".")), min_size=1))
def test_cells_with_the_same_text_and_no_others_have_the_same_number(texts: list[bytes]) -> None:
    cells = Cells.split(b"".join(t + b",\n" for t in texts), b",\n", 2, [0])
    assert cells is not None
    numbers = cells.numbers()[0].tolist()
    assert len(set(zip(numbers, texts, strict=True))) == len(set(numbers)) == len(set(texts))


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("08", "09"):
        (tmp_path / folder).mkdir()
    paths = [file(tmp_path / month, f"Id,Month,Type\n{month},2020-{month},Hate\n") for month in ("08", "09")]
    imported = read(MONTHS, *paths)
    assert [(report.counted, sorted(report.months)) for report in imported.files] == [
        (1, ["2020-08"]),
        (1, ["2020-09"]),
    ]
    assert imported.shared == {}


def test_a_piece_of_a_file_with_no_row_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "BLOCK", 20)
    path = file(tmp_path, "Id,Month,Type\n" + "2,too,many,cells\n" * 2 + "3,2020-08,Hate\n")
    report = read(MONTHS, path).files[0]
    assert (report.rows, report.counted, report.bad, report.undated, report.lines) == (3, 1, 2, 2, [2, 3])


# Dates and conditions


def test_dates_and_numbers_as_people_write_them() -> None:
    dates = Dates(ZoneInfo("Europe/London"))
    assert str(dates.day("14/09/2020 13:45")) == str(dates.day("2020-09-14T13:45:00")) == "2020-09-14"
    assert [dates.day(t) for t in ("2020-09", "31/02/2020", "0202-09-14", "14.9.", "2020-09-14 or so")] == [None] * 5
    assert [dates.month(t) for t in ("2020-09", "14/09/2020", "2020-9")] == ["2020-09", "2020-09", None]
    assert [quarter_of(t) for t in ("2017/18 4", "2017-18 Q4", "2017/2018 q4")] == ["2017/18 Q4"] * 3
    assert [quarter_of(t) for t in ("2017/19 Q4", "2017/18 5", "Q4")] == [None] * 3
    assert [number_of(t) for t in ("1,234", "3.5", "-2", "x", "", "nan")] == [1234, 3.5, -2, None, None, None]
    assert [number_of(t) for t in ("1,2", "12,34", "1,234,56", "1,2345", "1_000", "²", "1e999")] == [None] * 7
    assert [number_of(t) for t in ("12,345,678.5", "1e+06", " 7\xa0")] == [12345678.5, 10**6, 7]


def test_a_month_that_days_do_not_cover_is_left_out(tmp_path: Path) -> None:
    lines = [f"2020-08-{day:02d},Hate" for day in range(1, 32)] + [f"2020-09-{day:02d},Hate" for day in range(1, 21)]
    imported = read(DAYS, file(tmp_path, "\n".join(["Date,Type", *lines])))
    assert counts(imported) == {"2020-08": 31}
    assert [(month, str(last)) for month, (_, last) in imported.partly.items()] == [("2020-09", "2020-09-20")]


def test_negative_numbers_count_but_no_month_is_less_than_0(tmp_path: Path) -> None:
    chosen = mapping("month: Month", more="    number: Number\n")
    path = file(tmp_path, "Month,Type,Number\n2020-08,Hate,5\n2020-08,Hate,-2\n2020-09,Hate,1\n2020-09,Hate,-2\n")
    imported = read(chosen, path)
    assert counts(imported) == {"2020-08": 3}
    assert [(row.month, row.count) for row in imported.negative] == [("2020-09", -1)]


def days(first: str, last: str, every: int = 1) -> list[date]:
    start, end = map(date.fromisoformat, (first, last))
    return [start + timedelta(n) for n in range(0, (end - start).days + 1, every)]


@pytest.mark.parametrize(
    ("files", "counted", "partly"),
    [
        pytest.param(
            [days("2020-05-01", "2020-06-10"), days("2020-07-21", "2020-08-31")],
            {"2020-05": 31, "2020-08": 31},
            {"2020-06": "2020-05-01 to 2020-06-10", "2020-07": "2020-07-21 to 2020-08-31"},
            id="days between two files",
        ),
        pytest.param(
            [days("2020-05-01", "2020-06-10"), days("2020-06-15", "2020-07-31")],
            {"2020-05": 31, "2020-07": 31},
            {"2020-06": "2020-06-15 to 2020-07-31"},
            id="days between two files of one month",
        ),
        pytest.param(
            [[*days("2020-08-01", "2020-09-10"), date(2021, 9, 30)]],
            {"2020-08": 31},
            {"2020-09": "2020-08-01 to 2020-09-10", "2021-09": "2021-09-30 to 2021-09-30"},
            id="a date of the wrong year",
        ),
        pytest.param(
            [[*days("2020-06-01", "2020-06-12"), *days("2020-08-01", "2020-08-31")]],
            {"2020-08": 31},
            {"2020-06": "2020-06-01 to 2020-06-12"},
            id="a month without rows in a file",
        ),
        pytest.param(
            [days("2020-06-01", "2020-07-15"), days("2020-07-10", "2020-07-31")],
            {"2020-06": 30, "2020-07": 37},
            {},
            id="files that overlap",
        ),
        pytest.param(
            [
                days("2020-06-01", "2020-06-25", 8),
                days("2020-07-12", "2020-07-28", 8),
                days("2020-08-15", "2020-08-31", 8),
            ],
            {"2020-06": 4, "2020-07": 3, "2020-08": 3},
            {},
            id="few rows",
        ),
        pytest.param(
            [[date(2020, 6, 2)], [date(2020, 7, 15)], [date(2020, 8, 30)]],
            {"2020-06": 1, "2020-07": 1, "2020-08": 1},
            {},
            id="one row each",
        ),
    ],
)
def test_months_at_a_gap_are_left_out(
    tmp_path: Path, files: list[list[date]], counted: dict[str, int], partly: dict[str, str]
) -> None:
    paths = [
        file(tmp_path, "Date,Type\n" + "".join(f"{day},Hate\n" for day in its_days), f"{number}.csv")
        for number, its_days in enumerate(files)
    ]
    imported = read(DAYS, *paths)
    assert counts(imported) == counted
    assert {month: f"{first} to {last}" for month, (first, last) in imported.partly.items()} == partly


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("{Type: [hate, Drugs]}", 3),
        ("{Type: {contains: RUG}}", 1),
        ("{Age: {from: 10, to: 17}}", 2),
        ("{Type: Hate, Age: {from: 18}}", 1),
        ("{}", 4),
    ],
)
def test_conditions(tmp_path: Path, where: str, count: int) -> None:
    path = file(tmp_path, "Month,Type,Age\n2020-08,Hate,17\n2020-08,Hate,40\n2020-08,Drugs,10\n2020-08,Theft,?\n")
    assert counts(read(mapping("month: Month", where), path)) == {"2020-08": count}


# Files


def test_a_zip_file_with_what_a_mac_leaves_in_it(tmp_path: Path) -> None:
    path = tmp_path / "extracts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2020-08/street.csv", "Id,Month,Type\n1,2020-08,Hate\n")
        archive.writestr("2020-09/street.CSV", "Id,Month,Type\n2,2020-09,Hate\n")
        archive.writestr("2020-09/outcomes.csv", "Id,Outcome\n2,Charged\n")
        archive.writestr("__MACOSX/2020-09/._street.csv", "\0\1")
    imported = read(MONTHS, path)
    assert counts(imported) == {"2020-08": 1, "2020-09": 1}
    assert imported.skipped == ["extracts.zip: 2020-09/outcomes.csv"]
    assert {row.source for row in imported.monthly} == {"extracts.zip"}


def zipped(folder: Path, *, names: Sequence[str] = ("a.csv",), flags: int = 0, method: int = 0) -> Path:
    """A zip file whose list of files says that the first has these flags, and is packed in this way."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "Id,Month,Type\n1,2020-08,Hate\n")
    content = bytearray(data.getvalue())
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at : at + 4] = flags.to_bytes(2, "little") + method.to_bytes(2, "little")
    (folder / "a.zip").write_bytes(content)
    return folder / "a.zip"


def test_a_zip_file_that_cannot_be_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a password, without a CSV file, packed in a way that is not known, or with far too much in it."""
    for chosen, said in [
        ({"flags": 1}, "has a password: unpack it yourself"),
        ({"names": ["a.txt"]}, "has no CSV file in it"),
        ({"method": 97}, "cannot be unpacked (That compression method is not supported): unpack it yourself"),
    ]:
        with pytest.raises(Refused, match=re.escape(said)):
            read(MONTHS, zipped(tmp_path, **chosen))  # type: ignore[arg-type]
    assert counts(read(MONTHS, zipped(tmp_path))) == {"2020-08": 1}
    monkeypatch.setattr("cpxl.insights.tables.LARGEST", 10)
    with pytest.raises(Refused, match="so it was not read: split it"):
        read(MONTHS, zipped(tmp_path))


def test_what_needs_another_package_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = mapping("month: Month", more="    query: SELECT 1\n    database: 'sqlite://'\n")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(Refused, match="needs pyarrow: install that, or save the file as CSV"):
        read(MONTHS, tmp_path / "a.parquet")
    with pytest.raises(Refused, match="needs SQLAlchemy: install it"):
        read(query, Path("Crimes"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (3.5, "3.5"),
        (date(2020, 8, 1), "2020-08-01"),
        (datetime(2020, 8, 1, 9, 30), "2020-08-01 09:30:00"),
        ("a", "a"),
    ],
)
def test_a_typed_cell_as_csv_would_have_it(value: object, text: str) -> None:
    assert text_of_value(value) == text


def test_two_mappings_do_not_count_the_same(tmp_path: Path) -> None:
    measures = "    measures: [{strand: HATE, measure: Hate, where: {Type: Hate}}]\n"
    chosen = settings(
        f"  - name: One\n    month: Month\n{measures}  - name: Other\n    month: Period\n{measures}", "Fear"
    )
    files = [file(tmp_path, f"{of},Type\n2020-08,Hate\n", f"{of}.csv") for of in ("Month", "Period")]
    assert [counts(read(chosen, one)) for one in files] == [{"2020-08": 1}] * 2
    with pytest.raises(Refused, match=r"Two mappings give a count of Hate \(Hate Crime\) for 2020-08"):
        read(chosen, *files)


def test_what_an_import_left_out_is_said(tmp_path: Path) -> None:
    chosen = mapping("month: Month", more="    number: Number\n")
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "Month,Type,Number\n2020-06,Hate,5\n2020-08,Hate,-2\n")
        archive.writestr("b.csv", "Id,Outcome\n2,Charged\n")
        archive.writestr("c.csv", "Month,Type,Number\n")
    assert list(in_words(read(chosen, path)))[1:] == [
        "Files without a row of ours: 1.",
        "No rows at all for Jul 2020: not known, rather than 0.",
        "Hate (Hate Crime), Aug 2020, comes to -2: left out.",
        "Passed over, because no mapping fits: all.zip: b.csv.",
    ]


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"Date": [date(2020, 8, 1), date(2020, 8, 31), None], "Type": ["Hate", "Hate", "a,\n\x1eb"]})
    parquet.write_table(table, tmp_path / "extract.parquet")
    imported = read(DAYS, tmp_path / "extract.parquet")
    assert counts(imported) == {"2020-08": 2}
    assert imported.files[0].lines == [3]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "fits no mapping"),
        ("a.csv", b"Id,Outcome\n1,x\n", "columns wanted: Crimes: Month, Type, Id; found: 'Id', 'Outcome'"),
        ("a.csv", b"Id,Month,Type\n1,soon,Hate\n", "has no row that can be used (1 bad (line 2), such as 'soon')"),
        ("a.csv", "Id,Month,Type\n".encode("utf-16-le"), "save it from Excel as 'CSV UTF-8'"),
        ("a.csv", b"Id,Month,Type\n" + b"x" * (5 << 20), "it is no CSV file"),
        ("a.zip", b"PK", "is damaged"),
        ("a.parquet", b"PAR1", "is damaged, or no Parquet file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        read(MONTHS, tmp_path / name)
    assert said in str(refused.value)


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str, str]]:
    return [(hashlib.sha256(b"%d" % n).hexdigest(), "2020-08", "Hate") for n in range(5000)]


def refused_when_damaged(path: Path, whole: bytes, damages: list[slice]) -> None:
    """Written over, or with the end cut off, the file gives one sentence."""
    files = [whole[: d.start] + b"\xff" * (d.stop - d.start) + whole[d.stop :] for d in damages]
    for content in [*files, whole[: len(whole) // 2], whole[:-1]]:
        path.write_bytes(content)
        with pytest.raises(Refused) as refused:
            read(MONTHS, path)
        said = str(refused.value)
        assert said.startswith(f"{path} is damaged")
        assert "fetch or" in said
        assert "\n" not in said
        assert len(said) < len(str(path)) + 250


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_file(tmp_path: Path, rows: list[tuple[str, str, str]], method: int) -> None:
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("extract.csv", "Id,Month,Type\n" + "".join(",".join(row) + "\n" for row in rows))
    whole = path.read_bytes()
    middle = len(whole) // 2
    refused_when_damaged(path, whole, [slice(0, 4), slice(26, 30), slice(middle, middle + 100)])


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_a_damaged_parquet_file(
    tmp_path: Path, rows: list[tuple[str, str, str]], compression: str, dictionary: bool
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "extract.parquet"
    table = pyarrow.table(dict(zip(("Id", "Month", "Type"), map(list, zip(*rows, strict=True)), strict=True)))
    for checksum in (True, False):
        parquet.write_table(
            table, path, compression=compression, use_dictionary=dictionary, write_page_checksum=checksum
        )
        whole = path.read_bytes()
        refused_when_damaged(path, whole, [slice(at, at + 100) for at in range(4, len(whole) // 2, len(whole) // 8)])


def test_a_column_of_lists_in_a_parquet_file(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "extract.parquet"
    parquet.write_table(pyarrow.table({"Date": ["2020-08-01"], "Type": [[{"a": 1}]]}), path)
    with pytest.raises(Refused, match="or save it as CSV"):
        read(DAYS, path)


def test_a_file_that_is_twice_in_a_zip_file_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("extract.csv", "Id,Month,Type\n,2020-08,Hate\n")
        archive.writestr("extract.csv", "Id,Month,Type\n,2020-08,Hate\n,2020-08,Hate\n")
    assert counts(read(MONTHS, path)) == {"2020-08": 2}


def test_config_says_what_is_wrong_with_a_mapping() -> None:
    for column, where, said in [
        ("month: Month\n    day: Date", "{}", "name the column of the date after one of month, day and quarter"),
        ("month: Month", "{Type: Yes}", "put quotes around the value"),
        ("month: Month", "{Type: {contains: a, to: 3}}", "write a value, a list of values"),
    ]:
        with pytest.raises(Refused) as refused:
            mapping(column, where)
        assert said in str(refused.value)


# Into the master


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    made = starting.init(tmp_path / "folder")
    text = (
        "  - {name: Crimes, month: Month, measures: [{strand: HATE, measure: Hate Crime Offences, where: {T: Hate}}]}\n"
    )
    (made.path / "config.yaml").write_text(f"{SHIPPED}\nextracts:\n{text}", encoding="utf-8")
    return WorkingFolder.open(made.path)


def monthly(folder: WorkingFolder) -> list[tuple[object, ...]]:
    rows = read_master(folder).master.monthly
    return [(str(row.quarter), row.strand, row.month, row.count, row.source) for row in rows]


def test_an_import_changes_what_it_must_and_nothing_twice(folder: WorkingFolder) -> None:
    first = file(folder.path, "Month,T\n2020-08,Hate\n2020-09,Hate\n", "first.csv")
    for _ in range(2):
        assert importing.import_extracts(folder, [first], Q2).restated == []
        written = folder.master.read_bytes()
    assert folder.master.read_bytes() == written
    assert not folder.backups.exists()
    second = file(folder.path, "Month,T\n2020-09,Hate\n2020-09,Hate\n", "second.csv")
    restated = importing.import_extracts(folder, [second], Q2.plus(1)).restated
    assert [(r.before.month, r.before.count, r.after.count, r.after.source) for r in restated] == [
        ("2020-09", 1, 2, "second.csv")
    ]
    assert monthly(folder) == [
        ("2020/21 Q2", "Hate Crime", "2020-08", 1, "first.csv"),
        ("2020/21 Q2", "Hate Crime", "2020-09", 1, "first.csv"),
        ("2020/21 Q3", "Hate Crime", "2020-09", 2, "second.csv"),
    ]
    importing.import_extracts(folder, [first], Q2.plus(1))
    assert monthly(folder)[2:] == [
        ("2020/21 Q3", "Hate Crime", "2020-08", 1, "first.csv"),
        ("2020/21 Q3", "Hate Crime", "2020-09", 1, "first.csv"),
    ]


def test_what_a_lead_reports_stands_whatever_is_imported_again(folder: WorkingFolder) -> None:
    path = file(folder.path, "Month,T\n2020-09,Hate\n", "first.csv")
    imported = importing.import_extracts(folder, [path], Q2)
    counted = imported.monthly[0]
    returned = Return("hate.xlsx", "1", "", strand="HATE", quarter=str(Q2), monthly=(replace(counted, count=12),))
    settings, known = folder.settings, read_master(folder).master
    master = consolidate(known, Q2, [Checked(returned, ())], settings)
    again, said = merged(master, imported, Q2)
    assert again == master.monthly
    assert said.restated == []
    assert known_months(again, Q2)["Hate Crime", "Hate Crime Offences", "2020-09"].count == 12
    assert consolidate(replace(master, monthly=again), Q2, [], settings).monthly == again
    withdrawn = consolidate(replace(master, monthly=again), Q2, [], settings, ["Hate Crime"])
    assert withdrawn.monthly == known.monthly


def test_the_command(folder: WorkingFolder) -> None:
    path = file(folder.path, "Month,T,Place\n2020-08,Hate,Elm Road\n2020-08,Drugs,Elm Road\nx,y,z\n")
    said = json.loads(run_cpxl("insights", "import", path, "--folder", folder.path, "--json").stdout)
    report = said["files"][0]
    assert {key: report[key] for key in ("file", "rows", "counted", "duplicate", "unmapped", "bad", "months")} == {
        "file": "extract.csv",
        "rows": 3,
        "counted": 1,
        "duplicate": 0,
        "unmapped": 1,
        "bad": 1,
        "months": ["2020-08"],
    }
    assert said["monthly"] == [
        {"strand": "Hate Crime", "measure": "Hate Crime Offences", "month": "2020-08", "count": 1}
    ]
    with zipfile.ZipFile(folder.master) as workbook:
        assert not any(b"Elm Road" in workbook.read(name) for name in workbook.namelist())
    done = run_cpxl("insights", "import", path, "--folder", folder.path)
    assert done.returncode == 0
    assert "extract.csv: 3 rows, 1 counted, 1 unmapped, 1 bad; Aug 2020" in done.stdout
    assert "bad rows are on lines 4" in done.stdout
    refused = run_cpxl("insights", "import", folder.path / "nothing.csv", "--folder", folder.path)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1

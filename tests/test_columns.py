"""A column of an extract is judged as a whole: a count is right, or not known and named, or the file is refused."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl import config
from cpxl.cells import Dates, order_told
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.insights.coverage import gaps, too_low
from cpxl.insights.extracts import Imported, merged, read_extracts
from cpxl.insights.said import as_values, in_words
from cpxl.master.file import read_master
from cpxl.model import Master, Monthly, Number
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.steps import starting
from tests.command import run_cpxl
from tests.work import LONG

FIELD = Path(__file__).parent / "data" / "field"
SHIPPED = resource("config.yaml").read_text(encoding="utf-8").partition("\nextracts:")[0]
Q2 = Quarter(2020, 2)
LONDON = ZoneInfo("Europe/London")

# Through the command, with what people meet in the field

EXTRACTS = """
extracts:
  - name: tables
    financial_year: Financial Year
    quarter: Financial Quarter
    only: {Force Name: Essex}
    number: Number of Offences
    measures:
      - strand: BURGLARY
        measure: Robbery (Personal) Offences
        where: {Offence Subgroup: Robbery of personal property}
  - name: stop and search
    day: Date
    measures: [{strand: HATE, measure: Hate Crime Offences, where: {Type: {contains: search}}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    made = starting.init(tmp_path / "folder")
    (made.path / "config.yaml").write_text(SHIPPED + EXTRACTS, encoding="utf-8")
    return WorkingFolder.open(made.path)


def said(folder: WorkingFolder, *words: object) -> dict[str, Any]:
    done = run_cpxl("insights", "import", *words, "-q", "2020-21-Q2", "--folder", folder.path, "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def counts(imported: Imported | dict[str, Any]) -> dict[str, object]:
    if isinstance(imported, Imported):
        return {row.month: row.count for row in imported.monthly if row.measure == "Hate"}
    return {row["month"]: row["count"] for row in imported["monthly"]}


def test_a_count_that_is_not_available_is_not_known_and_named(folder: WorkingFolder) -> None:
    imported = said(folder, FIELD / "unavailable.csv")
    assert "2019/20 Q4" not in counts(imported)
    assert imported["unknown"] == [
        {
            "strand": "House Burglary and Street Robbery",
            "measure": "Robbery (Personal) Offences",
            "month": "2019/20 Q4",
            "said": {"..": 1},
        }
    ]
    assert len(counts(imported)) == 7
    assert imported["in_doubt"] == [], "what is not known does not make a quarter a low one"
    true = folder.path / "true.csv"
    true.write_text((FIELD / "unavailable.csv").read_text(encoding="utf-8").replace("..", "380"), encoding="utf-8")
    assert sum(list(counts(said(folder, true)).values())[-4:]) == 1160  # type: ignore[arg-type]
    # what another file said stays, and the sentence for people names the symbol
    done = run_cpxl("insights", "import", FIELD / "unavailable.csv", "-q", "2020-21-Q2", "--folder", folder.path)
    assert "2019/20 Q4, is not known, because of rows that say '..' (1): left out." in done.stdout
    known = read_master(folder).master.monthly
    assert [row.count for row in known if row.month == "2019/20 Q4"] == [380]


def test_times_with_an_offset_are_local(folder: WorkingFolder) -> None:
    assert counts(said(folder, FIELD / "utc.csv")) == {"2020-07": 1, "2020-08": 3}


def test_dates_with_the_month_first_are_refused_until_config_says_so(folder: WorkingFolder) -> None:
    path = folder.path / "config.yaml"
    done = run_cpxl("insights", "import", FIELD / "month_first.csv", "--folder", folder.path)
    assert done.returncode == 2
    assert "month_first.csv has dates with the month first, such as '6/13/2018' (18 of 30 rows can be" in done.stderr
    assert "write 'date_order: month first' under 'extracts', 'stop and search', in config.yaml." in done.stderr
    assert not folder.master.exists()
    whole = path.read_text(encoding="utf-8")
    for where, line in [("    day: Date", "    day: Date\n    date_order: month first"), ("strategy:", "strategy:")]:
        every = "" if line != "strategy:" else "date_order: month first\n"
        path.write_text(every + whole.replace(where, line), encoding="utf-8")
        assert counts(said(folder, FIELD / "month_first.csv")) == {"2018-06": 30}


def test_a_month_with_the_last_rows_of_another_extract_is_in_doubt(folder: WorkingFolder) -> None:
    path = folder.path / "late.csv"
    rows = [f"search,2020-{month:02d}-{day:02d}" for month in range(4, 9) for day in range(1, 29)] * 5
    rows += [f"search,2020-03-{day:02d}" for day in (1, 29)]
    path.write_text("Type,Date\n" + "\n".join([*rows, *["search,2020-08-31", "search,2020-04-30"]]), encoding="utf-8")
    imported = said(folder, path)
    assert list(counts(imported)) == ["2020-04", "2020-05", "2020-06", "2020-07", "2020-08"]
    assert [(doubt["month"], doubt["count"], doubt["usual"]) for doubt in imported["in_doubt"]] == [
        ("2020-03", 2, 140.4)
    ]
    assert counts(said(folder, path, "--accept-low", "2020-03"))["2020-03"] == 2
    refused = run_cpxl("insights", "import", path, "--accept-low", "March", "--folder", folder.path)
    assert refused.returncode == 2
    assert "'March' is neither a month nor a quarter: write --accept-low 2019-07" in refused.stderr


# Cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-07-31T23:30:00Z", "2020-08-01"),
        ("2020-07-31 23:30:00+00:00", "2020-08-01"),
        ("2020-07-31 23:30 UTC", "2020-08-01"),
        ("2020-12-31T23:30:00Z", "2020-12-31"),
        ("2020-08-01T00:30:00+01:00", "2020-08-01"),
        ("2020-08-01T00:30:00.123+0200", "2020-07-31"),
        ("2020-08-01T00:30:00+02", "2020-07-31"),
        ("31/07/2020 23:30:00 Z", "2020-08-01"),
        ("31/07/2020, 11:30 PM", "2020-07-31"),
        ("2020-07-31T23:30:00", "2020-07-31"),
        ("\ufeff2020-07-31\xa023:30", "2020-07-31"),
        ("2020-07-31T23:30:00 EST", None),
        ("2020-07-31T25:30:00Z", None),
        ("2020-07-31 12:30 AM", "2020-07-31"),
        ("2020-07-31 13:30 PM", None),
        ("31/07/20", None),
        ("44043", None),
    ],
)
def test_a_time_is_read_where_the_strategy_is(text: str, day: str | None) -> None:
    assert str(Dates(LONDON).day(text)) == str(day)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("13/06/2018", "day"),
        ("6/13/2018 10:00", "month"),
        ("6/7/2018", "either"),
        ("6/06/2018", ""),
        ("2018-06-07", ""),
        ("13/13/2018", ""),
        ("x", ""),
    ],
)
def test_what_a_date_tells_of_the_order(text: str, told: str) -> None:
    assert order_told(text) == told


# Files


def settings(date_column: str, more: str = "", every: str = "") -> Settings:
    measures = SHIPPED.replace("[Hate Crime Offences]", "[Hate, Fear]")
    return config.parse(
        f"{every}{measures}\nextracts:\n  - name: Crimes\n    {date_column}\n{more}    measures:\n"
        "      - {strand: HATE, measure: Hate, where: {Type: [Hate, Hate  crime]}}\n"
        "      - {strand: HATE, measure: Fear, where: {Type: Fear}}\n"
    )


def read(chosen: Settings, *paths: Path, accept_low: Sequence[str] = ()) -> Imported:
    return read_extracts(paths, chosen, Q2, lambda _, share: None, accept_low)


def file(folder: Path, lines: Iterable[str], name: str = "extract.csv") -> Path:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder / name


def refused(chosen: Settings, *paths: Path) -> str:
    with pytest.raises(Refused) as refusal:
        read(chosen, *paths)
    return str(refusal.value)


def test_an_order_that_cannot_be_told_is_refused_unless_another_file_tells(tmp_path: Path) -> None:
    one = file(tmp_path, ["Date,Type", *(f"{day}/6/2018,Hate" for day in range(1, 13))], "one.csv")
    two = file(tmp_path, ["Date,Type", *(f"{day}/6/2018,Hate" for day in range(13, 31))], "two.csv")
    assert "one.csv has dates of which day and month cannot be told apart, such as '1/6/2018'" in refused(
        settings("day: Date"), one
    )
    assert counts(read(settings("day: Date"), one, two)) == {"2018-06": 30}
    mixed = file(tmp_path, ["Date,Type", *["13/6/2018,Hate"] * 4, *["6/13/2018,Hate"] * 2], "mixed.csv")
    assert "such as '13/6/2018', and dates with the month first, such as '6/13/2018'" in refused(
        settings("day: Date"), mixed
    )


def test_months_by_their_first_days(tmp_path: Path) -> None:
    british = file(tmp_path, ["Month,Type", "01/09/2024,Hate", "1/10/2024,Hate"])
    assert counts(read(settings("month: Month"), british)) == {"2024-09": 1, "2024-10": 1}
    american = file(tmp_path, ["Month,Type", "9/1/2024,Hate", "10/1/2024,Hate"], "american.csv")
    days = file(tmp_path, ["Month,Type", *(f"{day}/10/2024,Hate" for day in range(1, 32))], "days.csv")
    for some in ([american], [american, british], [days, american]):
        assert (
            "american.csv has months that seem to be written by their first days with the month first, such as "
            "'9/1/2024': nothing was imported; write 'date_order: month first' under"
        ) in refused(settings("month: Month"), *some)
    assert counts(read(settings("month: Month", every="date_order: day first\n"), american)) == {"2024-01": 2}
    told = settings("month: Month", "    date_order: month first\n")
    assert counts(read(told, american)) == {"2024-09": 1, "2024-10": 1}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([f"{n}/1/2024" for n in range(1, 13)], "with the month first, such as"),
        ([f"0{n}/01/2024 00:00" for n in range(1, 10)], "with the month first, such as"),
        ([f"1/{n}/2024" for n in range(1, 13)], [f"2024-{n:02d}" for n in range(1, 13)]),
        (["1/1/2024", "1/1/2025"], ["2024-01", "2025-01"]),
        (["1/2/2024", "2/1/2024"], "cannot be told apart, such as"),
        (["1/2/2024", "3/4/2024"], "cannot be told apart, such as"),
        ([f"1/{n}/2024" for n in range(1, 32)], "with the month first, such as"),
        ([f"{n}/1/2024" for n in range(1, 32)], ["2024-01"]),
    ],
)
def test_the_order_of_a_column_of_months(tmp_path: Path, texts: list[str], found: list[str] | str) -> None:
    for rows in (texts, texts[::-1], texts * 3):
        path = file(tmp_path, ["Month,Type", *(f"{text},Hate" for text in rows)])
        if isinstance(found, str):
            assert found in refused(settings("month: Month"), path)
        else:
            assert sorted(counts(read(settings("month: Month"), path))) == found


def test_too_many_rows_that_cannot_be_read(tmp_path: Path) -> None:
    rows = [f"2020-08-{day:02d},Hate" for day in range(1, 32)]
    path = file(tmp_path, ["Date,Type", *rows, *["Sep 2020,Hate"] * 3])
    assert "3 rows of 34 that cannot be read (line 33, 34, 35), such as 'Sep 2020'" in refused(
        settings("day: Date"), path
    )
    assert "write 'most_unreadable: 9' there" in refused(settings("day: Date"), path)
    imported = read(settings("day: Date", every="most_unreadable: 9\n"), path)
    assert counts(imported) == {"2020-08": 31}
    assert "  could not be read: 'Sep 2020' (3)." in list(in_words(imported))


def test_rows_that_cannot_be_read_are_held_against_our_own(tmp_path: Path) -> None:
    rows = [f"2020-08-{day:02d},Hate,Essex" for day in range(1, 32)] + [
        "Sep 2020,Hate,Essex",
        "soon,Fear,Essex",
        "x,,Essex",
    ]
    path = file(tmp_path, ["Date,Type,Force", *rows, *["2020-08-01,Hate,Kent"] * 200])
    assert "3 rows of 34 that cannot be read" in refused(settings("day: Date", "    only: {Force: Essex}\n"), path)


@pytest.mark.parametrize("text", ["..", "[x]", "-", "c", "", "1,2", "<5", "12 approx"])
def test_a_number_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    rows = ["2020-08,Hate,5", f'2020-08,Hate,"{text}"', "2020-08,Fear,7", "2020-09,Hate,9", f'2020-09,Drugs,"{text}"']
    imported = read(settings("month: Month", "    number: Number\n"), file(tmp_path, ["Month,Type,Number", *rows]))
    assert {(row.measure, row.month): row.count for row in imported.monthly} == {
        ("Hate", "2020-09"): 9,
        ("Fear", "2020-08"): 7,
        ("Fear", "2020-09"): 0,
    }
    assert imported.unknown == {("Hate Crime", "Hate", "2020-08"): Counter([text or "(blank)"])}
    assert (imported.files[0].bad, imported.files[0].unmapped) == (1, 1), "of what counts for nothing, none is missed"


def test_blanks_of_any_kind_in_values(tmp_path: Path) -> None:
    path = file(tmp_path, ["Month,Type,Force", *(f"2020-08,{t},Essex\xa0 Police" for t in ("Hate\xa0crime", " hate "))])
    chosen = settings("month: Month", "    only: {Force: Essex Police}\n")
    assert counts(read(chosen, path))["2020-08"] is not None
    assert [row.count for row in read(chosen, path).monthly if row.measure == "Hate"] == [2]


def test_an_id_that_comes_again_with_other_content(tmp_path: Path) -> None:
    chosen = settings("day: Date", "    id: Id\n")
    whole = [f"x{n},2020-{8 + n % 2:02d}-{1 + n % 30:02d},Fear" for n in range(60)]
    files = [
        file(tmp_path, ["Id,Date,Type", *whole, "a,2020-08-10,Hate", "b,2020-08-10,Hate"], "1.csv"),
        file(tmp_path, ["Id,Date,Type", "a,2020-09-10,Fear", "b,2020-08-10,Hate"], "2.csv"),
        file(tmp_path, ["Id,Date,Type", "a,2020-08-11,Drugs", "b,2020-08-11,Hate"], "3.csv"),
    ]
    for some in permutations(files):
        imported = read(chosen, *some)
        assert {(row.measure, row.month): row.count for row in imported.monthly} == {
            ("Hate", "2020-08"): 1,
            ("Hate", "2020-09"): 0,
            ("Fear", "2020-08"): 30,
            ("Fear", "2020-09"): 31,
        }
        assert (imported.changed, imported.undecided) == (1, 0)
        assert "Ids that came again with other content: 1; of each, the latest row counts." in list(in_words(imported))


def test_a_column_says_which_row_is_the_latest(tmp_path: Path) -> None:
    chosen = settings("month: Month", "    id: Id\n    latest_by: Changed\n    only: {Status: Crime}\n")
    rows = [
        "a,2020-09,Hate,Crime,2020-09-02 10:00",
        "a,2020-08,Fear,Crime,2020-10-02 10:00",
        "b,2020-08,Fear,Crime,",
        "b,2020-08,Hate,Crime,2020-09-01",
        "c,2020-08,Hate,Crime,2020-09-01",
        "c,2020-08,Hate,Cancelled,2020-09-02",
        "d,2020-09,Hate,Crime,2020-09-02",
        "d,2020-09,Drugs,Crime,2020-09-02",
        "e,2020-09,Fear,Crime,2020-09-02",
    ]
    for order in (rows, rows[::-1]):
        imported = read(chosen, file(tmp_path, ["Id,Month,Type,Status,Changed", *order]))
        found = {(row.measure, row.month): row.count for row in imported.monthly}
        assert found == {("Hate", "2020-08"): 1, ("Fear", "2020-08"): 1, ("Fear", "2020-09"): 1}
        assert imported.tied == [("Hate Crime", "Hate", "2020-09")]
        assert (imported.changed, imported.undecided) == (4, 1)
    mixed = file(tmp_path, ["Id,Month,Type,Status,Changed", *rows, "f,2020-08,Hate,Crime,7"])
    assert "'Changed', by which the latest of rows with one id is known, has '2020-09-02 10:00' and '7'" in refused(
        chosen, mixed
    )


def test_a_number_says_which_row_is_the_latest(tmp_path: Path) -> None:
    chosen = settings("month: Month", "    id: Id\n    latest_by: Version\n")
    rows = ["a,2020-08,Hate,9", "a,2020-08,Fear,10", "b,2020-08,Hate,0", "b,2020-08,Fear,-1", "b,2020-08,Fear,n/a"]
    for order in (rows, rows[::-1]):
        imported = read(chosen, file(tmp_path, ["Id,Month,Type,Version", *order]))
        assert {row.measure: row.count for row in imported.monthly} == {"Hate": 1, "Fear": 1}
        assert not imported.tied
    neither = file(tmp_path, ["Id,Month,Type,Version", *rows, "c,2020-08,Hate,soon"])
    assert "by which the latest of rows with one id is known, has '9' and 'soon'" in refused(chosen, neither)
    neither = file(tmp_path, ["Id,Month,Type,Version", "c,2020-08,Hate,soon"])
    assert "has 'soon': nothing was imported" in refused(chosen, neither)


def test_the_order_of_days_by_which_a_row_is_the_latest(tmp_path: Path) -> None:
    columns = "    id: Id\n    latest_by: Changed\n"
    rows = ["a,2020-08,Hate,5/6/2020", "a,2020-08,Fear,6/4/2020"]
    assert "cannot be told apart, such as '5/6/2020'" in refused(
        settings("month: Month", columns), file(tmp_path, ["Id,Month,Type,Changed", *rows])
    )
    path = file(tmp_path, ["Id,Month,Type,Changed", *rows, "b,2020-09,Hate,6/13/2020", "c,2020-09,Hate,6/14/2020"])
    assert "dates with the month first, such as '6/13/2020' (2 of 4 rows can be nothing else)" in refused(
        settings("month: Month", columns), path
    )
    for order, latest in (("day first", "Hate"), ("month first", "Fear")):
        told = settings("month: Month", f"    date_order: {order}\n{columns}")
        found = read(told, file(tmp_path, ["Id,Month,Type,Changed", *rows])).monthly
        assert [row.measure for row in found if row.count] == [latest]


MONTHS = ("2020-01", "2020-02", "2020-03", "2020-04")


@pytest.mark.parametrize(
    ("counts", "unmapped", "low"),
    [
        ((20, 20, 0), {}, {"2020-03": 20}),
        ((19, 19, 0), {}, {}),
        ((10, 10, 0, 0), {}, {"2020-03": 10, "2020-04": 10}),
        ((0, 0, 0), {}, {}),
        ((60, 0, 60), {}, {"2020-02": 60}),
        ((19, 19, 0), {"x": {"2020-03": 5}}, {"2020-03": 19}),
        ((16, 16, 0), {"x": {"2020-03": 4}}, {"2020-03": 16}),
        ((19, 19, 0), {"x": {"2020-03": 4}}, {}),
        ((19, 19, 0), {"x": {"2020-03": 5}, "y": {"2020-03": 1}}, {"2020-03": 19}),
        ((19, 19, 0), {"x": {"2020-02": 1, "2020-03": 50}}, {}),
        ((100, 100, 9), {}, {"2020-03": 100}),
        ((100, 100, 10), {}, {}),
        ((20, 20, 1), {}, {"2020-03": 20}),
        ((19, 19, 1), {}, {}),
        ((20,), {}, {}),
    ],
)
def test_counts_that_are_not_to_be_believed(
    counts: tuple[int, ...], unmapped: dict[str, dict[str, int]], low: dict[str, int]
) -> None:
    in_any_order = sorted(zip(MONTHS, counts, strict=False), key=lambda month: -month[1])
    assert too_low(dict(in_any_order), unmapped) == low


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ([], []),
        (["2020-09"], []),
        (["2021-02", "2020-11"], ["2020-12", "2021-01"]),
        (["2020-01", "2020-03", "2020-04"], ["2020-02"]),
        (["2020/21 Q3", "2021/22 Q2"], ["2020/21 Q4", "2021/22 Q1"]),
    ],
)
def test_months_that_no_row_is_of(there: list[str], missing: list[str]) -> None:
    assert gaps(there) == missing


def test_a_month_whose_numbers_are_far_below_is_in_doubt(tmp_path: Path) -> None:
    """Although it has as many rows; but not where it is only that they cannot be read."""
    chosen = settings("month: Month", "    number: Number\n")
    rows = [f"2020-{month:02d},Hate,{number}" for month in (4, 5, 6, 7) for number in (20, 30, -10)]

    def in_doubt(*numbers: object) -> list[tuple[str, Number, Number]]:
        more = [f"2020-08,Hate,{number}" for number in numbers]
        imported = read(chosen, file(tmp_path, ["Month,Type,Number", *rows, *more]))
        assert ("2020-08" in counts(imported)) == (not imported.in_doubt and not imported.unknown)
        return [(d.period, d.count, d.usual) for d in imported.in_doubt]

    assert in_doubt(2, 2, 1) == [("2020-08", 5, 60)]
    assert in_doubt(2, 2, 2) == []
    assert in_doubt(2, "..", 1) == []


def test_of_rows_as_late_as_each_other_what_they_count_alike_is_known(tmp_path: Path) -> None:
    chosen = settings("month: Month", "    id: Id\n    number: Number\n")
    rows = [
        *["a,2020-08,Hate,1", "a,2020-08,Hate,2"],  # how many?
        *["b,2020-09,Fear,1", "b,2020-09,Hate,1"],  # which of both?
        *["c,2020-10,Drugs,1", "c,2020-10,Alcohol,1"],  # neither counts
        *["d,2020-10,Hate,1", "d,2020-11,Hate,1", "d,2020-11,Hate,1"],  # the later, alike
        *["e,2020-12,Hate,3", "e,2020-12,Hate,x"],  # which may be more
        "f,2020-12,Fear,1",
    ]
    for order in (rows, rows[::-1]):
        imported = read(chosen, file(tmp_path, ["Id,Month,Type,Number", *order]))
        unknown = {("Hate", "2020-08"), ("Hate", "2020-09"), ("Fear", "2020-09"), ("Hate", "2020-12")}
        assert {key[1:] for key in imported.tied} == unknown
        assert {(row.measure, row.month): row.count for row in imported.monthly} == {
            ("Fear", "2020-08"): 0,
            ("Hate", "2020-10"): 0,
            ("Fear", "2020-10"): 0,
            ("Hate", "2020-11"): 1,
            ("Fear", "2020-11"): 0,
            ("Fear", "2020-12"): 1,
        }
        assert (
            "Hate (Hate Crime), Aug 2020, is not known, because an id came again with other content, and nothing says "
            "which row is the latest: left out."
        ) in list(in_words(imported))
        assert {(u["measure"], u["month"]) for u in as_values(imported)["unknown"]} == unknown


def test_a_small_category_that_is_renamed_is_in_doubt_too(tmp_path: Path) -> None:
    """By the name that takes its place, as a few of them missing may be chance."""
    days = [f"2020-{month:02d}-{day:02d}" for month in range(4, 10) for day in range(1, 29)]
    rest = [f"{day},Fear" for day in days]
    some = [f"2020-{month:02d}-11,{'Hate' if month < 9 else 'Offence of hate'}" for month in (4, 5, 6, 7, 8, 9)] * 2
    _, imported = merged(Master(Q2), read(settings("day: Date"), file(tmp_path, ["Date,Type", *rest, *some])), Q2)
    assert [(d.measure, d.period, d.instead) for d in imported.in_doubt] == [
        ("Hate", "2020-09", ("Type: Offence of hate",))
    ]
    without = [line for line in some if "Offence" not in line]
    _, imported = merged(Master(Q2), read(settings("day: Date"), file(tmp_path, ["Date,Type", *rest, *without])), Q2)
    assert not imported.in_doubt, "two fewer are chance where nothing took their place"


def test_a_category_that_ends_is_in_doubt_and_what_may_have_become_of_it_is_named(tmp_path: Path) -> None:
    rows = [f"2020-0{month},{'Hate' if month < 7 else 'Hate offence'}" for month in range(1, 10) for _ in range(8)]
    imported = read(settings("month: Month"), file(tmp_path, ["Month,Type", *rows]))
    _, imported = merged(Master(Q2), imported, Q2)
    assert [row.month for row in imported.monthly if row.measure == "Hate"] == [f"2020-0{n}" for n in range(1, 7)]
    assert [(d.measure, d.period, d.instead) for d in imported.in_doubt] == [
        ("Hate", f"2020-0{month}", ("Type: Hate offence",)) for month in (7, 8, 9)
    ]
    assert any(
        line.startswith("Hate (Hate Crime): 0 in Jul 2020, 0 in Aug 2020, 0 in Sep 2020, where others have 8: in doubt")
        for line in in_words(imported)
    )
    assert "No row counts for Fear (Hate Crime)" in " ".join(in_words(imported))


def test_a_new_month_is_held_against_what_is_known(tmp_path: Path) -> None:
    known = Master(
        Q2, monthly=tuple(Monthly(Q2, "Hate Crime", "Hate", f"2020-0{n}", 900, "old.csv") for n in range(1, 9))
    )
    first = read(settings("month: Month"), file(tmp_path, ["Month,Type", *["2020-09,Hate"] * 12]))
    rows, imported = merged(known, first, Q2)
    assert [(d.period, d.count, d.usual) for d in imported.in_doubt] == [("2020-09", 12, 900)]
    assert {row.month for row in rows if row.measure == "Hate"} == {f"2020-0{n}" for n in range(1, 9)}
    assert imported.never == [("Hate Crime", "Fear")]
    before = Monthly(Q2, "Hate Crime", "Hate", "2020-09", 800, "extract.csv")
    fear = Monthly(Q2, "Hate Crime", "Fear", "2020-08", 1, "old.csv")
    again, imported = merged(replace(known, monthly=(*known.monthly, before, fear)), first, Q2)
    assert {*known.monthly, fear} < {*again}
    assert before not in again, "what that file said before is not known any more"
    assert imported.never == []
    rows, _ = merged(known, read(settings("month: Month"), tmp_path / "extract.csv"), Q2, ["2020-09"])
    assert [row.count for row in rows if row.measure == "Hate"][-1] == 12


def test_what_an_import_of_the_same_file_said_before_goes_when_it_is_not_known(tmp_path: Path) -> None:
    chosen = settings("month: Month", "    number: Number\n")
    path = file(tmp_path, ["Month,Type,Number", "2020-08,Hate,..", "2020-09,Hate,3"])
    before = (
        Monthly(Q2, "Hate Crime", "Hate", "2020-08", 0, path.name),
        Monthly(Q2.plus(-1), "Hate Crime", "Hate", "2020-08", 4, path.name),
    )
    rows, imported = merged(Master(Q2, monthly=before), read(chosen, path), Q2)
    assert before[0] not in rows
    assert before[1] in rows
    assert len(imported.restated) == 1
    assert "Restated: Hate (Hate Crime), Aug 2020 was 0 by extract.csv, and is not known now." in list(
        in_words(imported)
    )


def test_two_imports_that_share_a_month_say_what_each_has(tmp_path: Path) -> None:
    one = file(tmp_path, ["Month,Type", *["2020-08,Hate"] * 3], "one.csv")
    two = file(tmp_path, ["Month,Type", *["2020-08,Hate"] * 2], "two.csv")
    chosen = settings("month: Month")
    assert "Aug 2020 is in more than one file, and added up (one.csv has 3, two.csv has 2 rows)" in " ".join(
        in_words(read(chosen, one, two))
    )
    rows, _ = merged(Master(Q2), read(chosen, one), Q2)
    same_rows, same = merged(Master(Q2, monthly=rows), read(chosen, one), Q2)
    assert (same_rows, same.restated) == (rows, [])
    other_rows, again = merged(Master(Q2, monthly=rows), read(chosen, two), Q2)
    assert {row.source for row in other_rows} == {"two.csv"}
    assert "Restated: Hate (Hate Crime), Aug 2020 was 3 by one.csv, is now 2 by two.csv." in list(in_words(again))


# Columns damaged as wholes


@dataclass(frozen=True)
class Crime:
    """A row of a sound extract: when it was (local time), what, how many it counts."""

    id: int
    when: datetime
    kind: str
    number: int


KINDS = {"Hate": "Hate", "Fear": "Fear", "Drugs": None}
"""What rows say, and the measure that they count for."""
QUOTED = '{},"{}",{},"{}"'
Written = list[list[str]]
"""Rows of one file: id, date, type, number."""


@st.composite
def crimes(draw: st.DrawFn) -> list[Crime]:
    """Some months of crimes, every day of them with some."""
    rng = draw(st.randoms(use_true_random=False))
    first, months = draw(st.integers(1, 12)), draw(st.integers(2, 5))
    start = datetime(2019, first, 1)
    end = datetime(2019 + (first + months - 1) // 12, (first + months - 1) % 12 + 1, 1)
    days = [start + timedelta(n) for n in range((end - start).days)]
    found = [day + timedelta(minutes=rng.randrange(1440)) for day in days for _ in range(rng.randint(1, 3))]
    return [Crime(n, when, rng.choice(list(KINDS)), rng.randint(1, 3)) for n, when in enumerate(found)]


def written(rows: Iterable[Crime], date_format: str = "%Y-%m-%d %H:%M") -> Written:
    return [[str(r.id), r.when.strftime(date_format), r.kind, str(r.number)] for r in rows]


def true(rows: Iterable[Crime]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if measure := KINDS[row.kind]:
            sums[measure, row.when.strftime("%Y-%m")] += row.number
    return sums


def order_of_days(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """The month first, in the whole file or in that of some months."""
    first = draw(st.sampled_from(["%m/%d/%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y"]))
    return [written(rows, first)]


def offsets(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """Times elsewhere: in UTC, or with some offset."""
    hours = draw(st.integers(-12, 12))
    zone = timezone(timedelta(hours=hours, minutes=draw(st.sampled_from([0, 30]))))
    style = "%Y-%m-%dT%H:%M:%S%z" if hours else "%Y-%m-%dT%H:%M:%SZ"
    elsewhere = [r.when.replace(tzinfo=LONDON).astimezone(zone if hours else UTC) for r in rows]
    lines = written(rows)
    return [[[i, when.strftime(style), *rest] for (i, _, *rest), when in zip(lines, elsewhere, strict=True)]]


def symbols(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """Numbers that are withheld, here and there or in a whole month."""
    symbol, every = draw(st.sampled_from(["..", "[x]", "-", "c", "z", "1,2", "n/a"])), draw(st.integers(1, 40))
    return [[[*cells[:3], cells[3] if n % every else symbol] for n, cells in enumerate(written(rows))]]


def late_rows(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """The last rows of the month before, as a system exports what came in late."""
    start = min(r.when for r in rows).replace(day=1) - timedelta(1)
    days = [start.replace(day=1), start]
    return [written([*rows, *(Crime(10**6 + n, day, "Hate", 1) for n, day in enumerate(days))])]


def again(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """Some crimes again in a later file, or an earlier one: as they were before they were put right."""
    rng = draw(st.randoms(use_true_random=False))
    some = [r for r in rows if r.when > rows[0].when + timedelta(2) and rng.random() < 0.2]
    before = [replace(r, when=r.when - timedelta(1), kind=rng.choice(list(KINDS))) for r in some]
    halves = [written(rows[::2]), written(rows[1::2]), written(before)]
    return draw(st.permutations(halves))


def ties(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """Some crimes again, as of the same time, but of another kind or number: nothing says which is right."""
    rng = draw(st.randoms(use_true_random=False))
    some = [replace(r, kind=rng.choice(list(KINDS)), number=rng.randint(1, 3)) for r in rows if rng.random() < 0.02]
    return draw(st.permutations([written(rows), written(some)]))


def renamed(rows: list[Crime], draw: st.DrawFn) -> list[Written]:
    """A category that is called something else from some day on, or until then."""
    months = sorted({r.when.strftime("%Y-%m") for r in rows})
    at, later = draw(st.sampled_from(months[1:])), draw(st.booleans())
    name = {"Hate": "Offence of hate"}
    return [
        [[i, day, name.get(kind, kind) if (day[:7] >= at) == later else kind, n] for i, day, kind, n in written(rows)]
    ]


Damage = Callable[[list[Crime], Any], list[Written]]
DAMAGES: list[Damage] = [order_of_days, offsets, symbols, late_rows, again, ties, renamed]


@pytest.mark.parametrize("damage", DAMAGES, ids=[damage.__name__ for damage in DAMAGES])
@hypothesis.settings(max_examples=200 if LONG else 12)
@given(data=st.data())
def test_a_count_is_right_or_not_known_and_named_or_the_file_is_refused(damage: Damage, data: st.DataObject) -> None:
    rows = data.draw(crimes())
    files = damage(rows, data.draw)
    chosen = settings("day: Date", "    id: Id\n    number: Number\n")
    right = true(rows)
    months = sorted({r.when.strftime("%Y-%m") for r in rows})
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            file(
                Path(folder),
                ["Id,Date,Type,Number", *(",".join(f'"{c}"' for c in cells) for cells in lines)],
                f"{n}.csv",
            )
            for n, lines in enumerate(files)
            if lines
        ]
        try:
            imported = read(chosen, *paths)
        except Refused:
            assert damage in (order_of_days, symbols)
            return
    _, imported = merged(Master(Q2), imported, Q2)
    found = {(row.measure, row.month): row.count for row in imported.monthly}
    for (measure, month), count in found.items():
        assert count == right[measure, month], (measure, month)
    named = {(measure, month) for _, measure, month in [*imported.unknown, *imported.tied]}
    named |= {(d.measure, d.period) for d in imported.in_doubt if d.measure}
    of_all = {d.period for d in imported.in_doubt if not d.measure} | imported.partly.keys()
    for measure in ("Hate", "Fear"):
        for month in months:
            assert (measure, month) in found or (measure, month) in named or month in of_all
    if damage in (offsets, again):
        assert not (imported.unknown or imported.tied or imported.partly or imported.missing), "nothing is lost"

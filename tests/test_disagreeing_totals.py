"""A total that was reported, and counts imported after it that come to another: never both without a word."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cpxl.quarters import Quarter, months_to
from tests.command import run_here
from tests.form import Form
from tests.test_trusted import said

Q2 = "2020-21-Q2"
QUARTER = Quarter(2020, 2)
HATE, OFFENCES = "Hate Crime", "Hate Crime Offences"
TOTAL = "master-total-differs-from-months"
EXTRACT = f"""
extracts:
  - name: counts
    month: Month
    number: Number
    measures: [{{strand: HATE, measure: {OFFENCES}, where: {{Type: Hate}}}}]
"""


def the_return(folder: Path) -> Path:
    return next((folder / "returns" / Q2).glob("*HATE*"))


def figures(form: Form) -> list[Any]:
    """The cells with both figures."""
    return [form.cell("Insights: 12 months", OFFENCES, heading) for heading in ("To Sep 2019", "To Sep 2020")]


def reported(folder: Path) -> tuple[int, int]:
    """Both figures that the lead typed."""
    before, now = (cell.value for cell in figures(Form(the_return(folder))))
    return before, now


def retype(folder: Path, *totals: int | None) -> None:
    form = Form(the_return(folder))
    for cell, value in zip(figures(form), totals, strict=True):
        cell.value = value
    form.book.save(the_return(folder))


def extract(folder: Path, *years: int) -> Path:
    """Counts of two years by month that come to these totals."""
    lines = ["Month,Type,Number"]
    months = months_to(QUARTER.end(4), 24)
    for year, total in enumerate(years):
        counts = [total // 12 + (at < total % 12) for at in range(12)]
        lines += [f"{month},Hate,{n}" for month, n in zip(months[12 * year :], counts, strict=False)]
    path = folder / "counts.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def counted(few: Path) -> Path:
    """The folder of three strands, with an extract of other counts imported after all returns were accepted."""
    path = few / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("\nextracts:")[0] + EXTRACT, encoding="utf-8")
    return few


@pytest.mark.parametrize("year", [0, 1])
def test_counts_that_come_to_another_total(counted: Path, year: int) -> None:
    totals = list(reported(counted))
    totals[year] += 7
    file = extract(counted, *totals)
    says = said("insights", "import", file, "--folder", counted, exits=1)
    assert [finding["rule"] for finding in says["master_findings"]] == [TOTAL]
    done = run_here("insights", "import", file, "--folder", counted)
    assert done.exits == 1
    sentence = " ".join(done.out.split())
    assert f"{totals[year]:,}" in sentence
    assert f"{totals[year] - 7:,}" in sentence
    says = said("consolidate", "--folder", counted, exits=1)
    (finding,) = (f for f in says["master_findings"])
    assert finding["rule"] == TOTAL
    assert says["healed"] == []
    done = run_here("publish", "--folder", counted)
    assert (done.exits, done.error.count("\n")) == (2, 1)
    assert OFFENCES in done.error
    cell = re.search(r"Measures!([A-Z]+\d+)", done.error)
    assert cell
    book: Any = load_workbook(counted / "master.xlsx", data_only=True)
    assert book["Measures"][cell[1]].value == totals[year] - 7
    # the sheet that shows both says so
    assert any("come to another" in str(row[0]) for row in book[HATE].iter_rows(values_only=True))


@pytest.mark.parametrize("is_cleared", [True, False])
def test_a_total_that_is_corrected(counted: Path, is_cleared: bool) -> None:
    before, now = reported(counted)
    said("insights", "import", extract(counted, before, now + 7), "--folder", counted, exits=1)
    retype(counted, before, None if is_cleared else now + 7)
    assert said("consolidate", "--folder", counted)["master_findings"] == []
    said("publish", "--folder", counted)


def test_counts_that_come_to_what_was_reported(counted: Path) -> None:
    says = said("insights", "import", extract(counted, *reported(counted)), "--folder", counted)
    assert says["master_findings"] == []
    assert said("consolidate", "--folder", counted)["master_findings"] == []
    said("publish", "--folder", counted)


def test_a_return_that_comes_after_the_counts(counted: Path) -> None:
    """On a form that was issued before them, and so has no months."""
    path = the_return(counted)
    away = path.rename(counted / path.name)
    said("consolidate", "--withdraw", "HATE", "--folder", counted)
    before, now = 100, 120
    said("insights", "import", extract(counted, before, now), "--folder", counted)
    away.rename(path)
    says = said("consolidate", "--folder", counted, exits=1)
    assert {finding["rule"] for finding in says["master_findings"]} == {TOTAL}
    assert run_here("publish", "--folder", counted).exits == 2

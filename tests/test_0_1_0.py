"""A folder that 0.1.0 left goes on: its master and its forms are read, though blocks had other names then."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart

from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.quarters import Quarter
from cpxl.returns.read import ENTERED, read_return
from tests.command import run_here
from tests.test_any_name import cpxl
from tests.values import SUMMED, columns, edit, place, table

MADE_THEN = Path(__file__).parent / "data" / "0.1.0"
Q2 = "2020-21-Q2"
GANGS = "Gangs and Knife Crime"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder as it was left, with both returns of the quarter."""
    for name in ("config.yaml", "master.xlsx"):
        shutil.copy(MADE_THEN / name, tmp_path)
    (tmp_path / "returns" / Q2).mkdir(parents=True)
    for code in ("GANGS", "HATE"):
        shutil.copy(MADE_THEN / f"{Q2} {code}.xlsx", tmp_path / "returns" / Q2)
    return tmp_path


def figures(folder: Path, quarter: str) -> dict[tuple[str, str], dict[str, int]]:
    """The figures of a quarter in the master, by strand and plan."""
    rows = [row for row in table(folder / "master.xlsx", "Progress", "quarter")[1:] if row[0] == quarter]
    plans = dict.fromkeys((row[1], row[2]) for row in rows)
    return {of: {row[3]: row[4] for row in rows if (row[1], row[2]) == of} for of in plans}


def test_returns_on_forms_of_then_are_merged_and_published(folder: Path) -> None:
    earlier = figures(folder, "2020/21 Q1")
    said = cpxl(folder, "consolidate", "-q", Q2)
    assert [(r["strand"], r["accepted"]) for r in said["returns"]] == [(GANGS, True), ("Hate Crime", True)]
    rules = {finding["rule"] for r in said["returns"] for finding in r["findings"]}
    assert rules.isdisjoint({"block-missing", "outside-the-tables", "template-version", "issue-id-unknown"})
    lines = {
        row["strand"]: [row[key] for key in ("total", "complete", "ongoing", "at_risk")] for row in said["summary"]
    }
    assert lines == {GANGS: [53, 32, 20, 1], "Hate Crime": [30, 15, 15, 0]}
    now = figures(folder, "2020/21 Q2")
    assert now["Hate Crime", "Hate Crime"] == {
        "Total strands": 30,
        "Complete": 15,
        "Ongoing / In progress": 15,
        "At risk": 0,
    }
    assert [*now[GANGS, "Gangs / County Lines"].values()] == [40, 22, 17, 1]
    assert figures(folder, "2020/21 Q1") == earlier
    partner = Path(cpxl(folder, "publish", "-q", Q2)["outputs"]["partner"])
    assert columns(table(partner, "Executive summary", "Strand"), *SUMMED)[1:] == [
        [GANGS, 53, 32, 20, 1],
        ["Hate Crime", 30, 15, 15, 0],
        ["Total", 83, 47, 35, 1],
    ]


@pytest.mark.parametrize("by_month", ["", "\n      by_month: []"], ids=["as then", "no month is asked for today"])
def test_every_value_of_a_form_of_then_is_read(folder: Path, by_month: str) -> None:
    """From one with something in every cell that could be filled in."""
    config = folder / "config.yaml"
    asked = "rolling_12_months: [Hate Crime Offences]"
    config.write_text(config.read_text(encoding="utf-8").replace(asked, asked + by_month), encoding="utf-8")
    path = MADE_THEN / "2020-21-Q3 HATE.xlsx"
    returned = read_return(path, WorkingFolder.open(folder).settings)
    assert (returned.fault, returned.missing_blocks, returned.outside) == ("", (), ())
    records: list[Any] = [row for part in ENTERED for row in getattr(returned, part)]
    read = {
        cell.address: value
        for record in records
        for key, cell in record.cells.items()
        if (value := getattr(record, key, None)) is not None
    }
    cells = [cell for row in load_workbook(path)["Hate Crime"].iter_rows() for cell in row]
    typed = {cell.coordinate: cell.value for cell in cells if not cell.protection.locked and cell.value is not None}
    typed = {place: value.date() if isinstance(value, datetime) else value for place, value in typed.items()}
    assert len(typed) > 100
    assert {place: read.get(place) for place in typed} == typed


def test_a_risk_that_was_drawn_then_is_not_taken_for_entered(folder: Path) -> None:
    """It stood in two columns, with its cause in one of its own."""
    book = load_workbook(folder / "master.xlsx")
    risk = {"description": "Training", "cause": "Venues closed", "action": "Online", "response": "Treat"}
    risk |= {"level": "Low", "state": "Closed"}
    data, page = book["Risks"], book["Hate Crime"]
    for key, value in {"quarter": "2020/21 Q2", "strand": "Hate Crime", "id": "HATE-1", **risk}.items():
        data.cell(*place(data, "quarter", key, below=1)).value = value
    heading = next(cell for row in page.iter_rows() for cell in row if cell.value == "Why it is at risk")
    for at, key in enumerate(risk, 1):
        assert (at == heading.column) == (key == "cause")
        page.cell(heading.row + 1, at + (key == "state")).value = risk[key]
    book.save(folder / "master.xlsx")
    state = read_master(WorkingFolder.open(folder))
    assert [(r.description, r.cause) for r in state.master.risks] == [("Training", "Venues closed")]
    assert (list(state.master.doubts), state.entered) == ([], {})


def test_a_row_that_was_deleted_is_told_whatever_its_figure_was(folder: Path) -> None:
    """Also one of 0, without which the parts still add up."""
    rows = table(folder / "master.xlsx", "Progress", "quarter")[1:]
    deleted = [row for row in rows if row[4] == 0] + [row for row in rows if row[4]][:2]
    assert len(deleted) > 2
    whole = (folder / "master.xlsx").read_bytes()
    for row in deleted:
        (folder / "master.xlsx").write_bytes(whole)
        book = load_workbook(folder / "master.xlsx")
        page = book["Progress"]
        at = next(cells[0].row for cells in page.iter_rows() if [c.value for c in cells[:4]] == row[:4])
        page.delete_rows(at or 0)
        book.save(folder / "master.xlsx")
        done = run_here("publish", "-q", Q2, "--folder", folder)
        assert done.exits == 2, row
        assert f"no row for {row[3]}" in done.error, row


def test_a_chart_of_the_coordinators_own_is_told_from_those_of_then(folder: Path) -> None:
    """0.1.0 kept no digests of its charts' titles."""
    assert run_here("consolidate", "-q", Q2, "--preview", "--folder", folder).exits == 0
    book = load_workbook(folder / "master.xlsx")
    chart = BarChart()
    chart.title = "By hand"
    page: Any = book[GANGS]
    page.add_chart(chart, "D4")
    book.save(folder / "master.xlsx")
    done = run_here("consolidate", "-q", Q2, "--folder", folder)
    assert (done.exits, f"{GANGS}!A1 a chart: 'By hand'" in done.error) == (2, True)
    assert "progress by quarter" not in done.error


def test_what_was_entered_in_the_master_of_then_counts(folder: Path) -> None:
    (folder / "returns" / Q2 / f"{Q2} GANGS.xlsx").unlink()
    for status, value in {"Total strands": 13, "Complete": 9, "Ongoing / In progress": 4, "At risk": 0}.items():
        edit(folder / "master.xlsx", GANGS, status, "2020/21 Q2", value)
    (returned,) = read_master(WorkingFolder.open(folder)).entered.values()
    knife_crime = [
        (p.status, p.value) for p in returned.progress if p.plan == "Knife Crime" and p.quarter == Quarter(2020, 2)
    ]
    assert knife_crime == [("Total strands", 13), ("Complete", 9), ("Ongoing / In progress", 4), ("At risk", 0)]
    assert not returned.missing_blocks


def test_two_plans_that_had_one_name_then_are_told_apart(folder: Path) -> None:
    """The form of a plan that was renamed is its own, and not that of a new plan whose name is nearly its old one."""
    path = folder / "config.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "      - name: Hate Crime\n        first_quarter: 2020/21 Q1\n        statuses: *usual\n",
        "      - name: Hatred\n        formerly: [Hate Crime]\n        first_quarter: 2020/21 Q1\n"
        "        statuses: *usual\n"
        "      - name: Hate-Crime\n        first_quarter: 2020/21 Q3\n        statuses: *usual\n",
    )
    path.write_text(text, encoding="utf-8")
    said = cpxl(folder, "consolidate", "-q", Q2)
    assert "outside-the-tables" not in [finding["rule"] for r in said["returns"] for finding in r["findings"]]
    assert [*figures(folder, "2020/21 Q2")["Hate Crime", "Hatred"].values()] == [30, 15, 15, 0]

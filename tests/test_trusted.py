"""What stands in the master and in config is read as strictly as a return: each case gave a wrong total, and exit 0.

The figures are those of three strands of the demo, which are the published report's.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests import test_cli
from tests.command import Demo, run_here
from tests.conftest import THREE
from tests.form import Form
from tests.shown import found, pages
from tests.test_cli import Q2, totals
from tests.work import LONG

GANGS, NTE, HATE = THREE


TOTALS = totals(*THREE)
WITHOUT_HATE = totals(*THREE[:2])


@pytest.fixture
def folder(few: Path) -> Path:
    return few


def said(*words: object, exits: int = 0) -> Any:
    done = run_here(*words, "--json")
    assert done.exits == exits, done.error or done.out
    return json.loads(done.out)


def refused(*words: object) -> str:
    done = run_here(*words)
    assert (done.exits, done.out) == (2, ""), done.out
    assert done.error.count("\n") == 1
    assert "fault of its own" not in done.error
    return done.error


def partner_totals(folder: Path) -> dict[str, Any]:
    """The last line of the partner workbook's summary, once it is published."""
    path = Path(said("publish", "--folder", folder)["outputs"]["partner"])
    whole = found(pages(path)["Executive summary"], "Strand", "Total", "Complete", "At risk")[-1]
    return dict(zip(TOTALS, [whole[h] for h in ("Total", "Complete", "Ongoing / In progress", "At risk")], strict=True))


# One cell of the master's data


def the_row(page: Worksheet, *facts: object) -> int:
    """The row of a data table that begins with these facts."""
    rows = (row for row in page.iter_rows() if tuple(c.value for c in row[: len(facts)]) == facts)
    return int(next(rows)[0].row or 0)


def column(page: Worksheet, heading: str) -> int:
    return int(next(c.column for row in page.iter_rows() for c in row if c.value == heading) or 0)


def edit_progress(folder: Path, change: Callable[[Worksheet, int], None]) -> int:
    """Change the row of Hate Crime's complete figure by hand. Returned: its number."""
    book = load_workbook(folder / "master.xlsx", data_only=True)
    page = book["Progress"]
    row = the_row(page, "2020/21 Q2", HATE, HATE, "Complete")
    change(page, row)
    book.save(folder / "master.xlsx")
    return row


def typed(value: object) -> Callable[[Worksheet, int], None]:
    def change(page: Worksheet, row: int) -> None:
        page.cell(row, column(page, "value")).value = value  # type: ignore[assignment]

    return change


def misspelt(page: Worksheet, row: int) -> None:
    page.cell(row, column(page, "status")).value = "Complte"


def deleted(page: Worksheet, row: int) -> None:
    page.delete_rows(row)


def twice(page: Worksheet, row: int) -> None:
    last = page.max_row + 1
    for cell in page[row]:
        page.cell(last, int(cell.column or 0)).value = cell.value
    table = next(iter(page.tables.values()))
    table.ref = re.sub(r"\d+$", str(last), table.ref)


BY_HAND = {
    "with a blank after it": (typed("15 "), "E{} says '15 '"),
    "words": (typed("lots"), "E{} says 'lots'"),
    "a decimal": (typed(15.5), "E{} says '15.5'"),
    "blank": (typed(None), "E{} is blank"),
    "a formula without a value": (typed("=8+7"), "E{} holds a formula without a value"),
    "less than 0": (typed(-15), "E{} says '-15'"),
    "TRUE": (typed(True), "E{} says 'True'"),
    "another number": (typed(14), "A{0}:F{0}: this row is not as cpxl wrote it"),
    "a status misspelt": (misspelt, "D{} says 'Complte'"),
    "the row deleted": (deleted, "1 row of Hate Crime, 2020/21 Q2"),
    "the row twice": (twice, "was not written by cpxl"),
}


@pytest.mark.parametrize(("change", "says_so"), BY_HAND.values(), ids=BY_HAND)
def test_a_cell_edited_by_hand(folder: Path, change: Callable[[Worksheet, int], None], says_so: str) -> None:
    row = edit_progress(folder, change)
    published = {path: path.read_bytes() for path in (folder / "published").iterdir()}
    sentence = refused("publish", "--folder", folder)
    assert "Progress!" in sentence
    assert says_so.format(row) in sentence
    if not LONG and change not in (deleted, twice, BY_HAND["words"][0]):
        return
    assert {path: path.read_bytes() for path in (folder / "published").iterdir()} == published
    for file in (folder / "returns" / Q2).glob("*HATE*"):
        shutil.move(file, folder / "away.xlsx")
    says = said("consolidate", "--folder", folder, exits=1)
    assert says["master_findings"]
    assert says["totals"] == WITHOUT_HATE
    assert [says["summary"][2][key] for key in TOTALS] == [None] * 4
    assert "Progress!" in refused("publish", "--folder", folder)
    shutil.move(folder / "away.xlsx", folder / "returns" / Q2 / f"{Q2} HATE.xlsx")
    says = said("consolidate", "--folder", folder)
    assert says["healed"]
    assert says["master_findings"] == []
    assert says["totals"] == TOTALS
    assert partner_totals(folder) == TOTALS


def test_what_is_right_again_is_no_fault(folder: Path) -> None:
    edit_progress(folder, typed(14))
    edit_progress(folder, typed(15))
    assert partner_totals(folder) == TOTALS


@pytest.mark.parametrize("id_typed", [None, "R1", "GANGS-99", "NTE-1", 7])
def test_an_id_of_a_risk(folder: Path, id_typed: object) -> None:
    book = load_workbook(folder / "master.xlsx", data_only=True)
    page = book["Risks"]
    cell = page.cell(the_row(page, "2020/21 Q2", GANGS), column(page, "id"))
    cell.value = id_typed  # type: ignore[assignment]
    book.save(folder / "master.xlsx")
    at = f"A{cell.row}" if str(id_typed)[-2:] in ("99", "-1") else cell.coordinate
    assert f"Risks!{at}" in refused("publish", "--folder", folder)
    if not LONG and id_typed != "R1":
        return
    says = said("consolidate", "--folder", folder)
    assert says["totals"] == TOTALS
    assert [risk["id"] for risk in says["risks"]] == ["GANGS-1"]
    assert partner_totals(folder) == TOTALS


def test_a_risk_in_doubt_that_no_return_gives_again(folder: Path) -> None:
    """It stays with its finding, and the other strands are merged."""
    (folder / "returns" / Q2 / f"{Q2} GANGS.xlsx").unlink()
    book = load_workbook(folder / "master.xlsx", data_only=True)
    page = book["Risks"]
    page.cell(the_row(page, "2020/21 Q2", GANGS), column(page, "id")).value = None
    book.save(folder / "master.xlsx")
    assert said("consolidate", "--folder", folder, exits=1)["master_findings"]


@pytest.mark.parametrize("heading", ["Figure", "Value "])
def test_a_heading_typed_over(folder: Path, heading: str) -> None:
    book = load_workbook(folder / "master.xlsx", data_only=True)
    page = book["Progress"]
    cell = page.cell(the_row(page, "quarter", "strand", "plan"), column(page, "value"))
    cell.value = heading
    book.save(folder / "master.xlsx")
    done = run_here("publish", "--folder", folder)
    assert done.exits == (0 if heading == "Value " else 2)  # which is the same word
    told = f"Progress!{cell.coordinate} says '{heading}' where the heading 'value' belongs. Type value"
    assert done.exits == 0 or told in done.error
    assert said("consolidate", "--folder", folder)["totals"] == TOTALS
    assert partner_totals(folder) == TOTALS


# A name that goes from config


def config(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return settings


def write(folder: Path, settings: dict[str, Any]) -> None:
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def strand_of(settings: dict[str, Any], code: str) -> dict[str, Any]:
    return next(strand for strand in settings["strands"] if strand["code"] == code)


def nte(settings: dict[str, Any]) -> dict[str, Any]:
    return dict(strand_of(settings, "NTE")["plans"][0])


def rename_plan(settings: dict[str, Any]) -> None:
    strand_of(settings, "GANGS")["plans"][0]["name"] = "Knives"


def and_say_so_of_the_plan(settings: dict[str, Any]) -> None:
    strand_of(settings, "GANGS")["plans"][0]["formerly"] = ["Knife Crime"]


def remove_plan(settings: dict[str, Any]) -> None:
    del strand_of(settings, "GANGS")["plans"][1]


def and_say_that_the_plan_ended(settings: dict[str, Any]) -> None:
    usual = strand_of(settings, "HATE")["plans"][0]["statuses"]
    plan = {"name": "Gangs / County Lines", "first_quarter": "2020/21 Q1", "last_quarter": "2020/21 Q2"}
    strand_of(settings, "GANGS")["plans"].append({**plan, "statuses": usual})


def rename_strand(settings: dict[str, Any]) -> None:
    strand_of(settings, "HATE")["name"] = "Hatred"


def and_say_so_of_the_strand(settings: dict[str, Any]) -> None:
    strand_of(settings, "HATE")["formerly"] = ["Hate Crime"]


def _statuses(settings: dict[str, Any], **changes: str | None) -> None:
    plan = strand_of(settings, "NTE")["plans"][0]
    names = {name: changes.get("paused", name) if name.startswith("Paused") else name for name in plan["statuses"]}
    plan["statuses"] = {new: plan["statuses"][old] for old, new in names.items() if new}


def rename_status(settings: dict[str, Any]) -> None:
    _statuses(settings, paused="Paused")


def and_say_so_of_the_status(settings: dict[str, Any]) -> None:
    strand_of(settings, "NTE")["plans"][0]["renamed"] = {"Paused due to COVID": "Paused"}


def remove_status(settings: dict[str, Any]) -> None:
    _statuses(settings, paused=None)


def and_say_that_the_status_ended(settings: dict[str, Any]) -> None:
    plan = strand_of(settings, "NTE")["plans"][0]
    plan["statuses"]["Paused due to COVID"] = "ongoing"
    plan["retired"] = {"Paused due to COVID": "2020/21 Q2"}


def rename_measure(settings: dict[str, Any]) -> None:
    strand_of(settings, "NTE")["measures"]["rolling_12_months"] = ["Nights"]


def and_say_so_of_the_measure(settings: dict[str, Any]) -> None:
    strand_of(settings, "NTE")["measures"]["renamed"] = {"NTE Offences": "Nights"}


CONFIGS: dict[str, tuple[Callable[..., None], Callable[..., None], str]] = {
    "plan renamed": (rename_plan, and_say_so_of_the_plan, r'formerly: \["?Knife Crime"?\]'),
    "plan removed": (remove_plan, and_say_that_the_plan_ended, "last_quarter: 2020/21 Q2"),
    "strand renamed": (rename_strand, and_say_so_of_the_strand, r'formerly: \["?Hate Crime"?\]'),
    "status renamed": (rename_status, and_say_so_of_the_status, r'renamed: \{"?Paused due to COVID"?: "?Paused"?\}'),
    "status removed": (remove_status, and_say_that_the_status_ended, r'retired: \{"?Paused due to COVID"?: 2020/21 Q2'),
    "measure renamed": (rename_measure, and_say_so_of_the_measure, r'renamed: \{"?NTE Offences"?: "?Nights"?\}'),
}


@pytest.mark.parametrize(("change", "put_right", "line"), CONFIGS.values(), ids=CONFIGS)
def test_a_name_that_goes_from_config(
    folder: Path, change: Callable[..., None], put_right: Callable[..., None], line: str
) -> None:
    settings = config(folder)
    change(settings)
    write(folder, settings)
    before = (folder / "master.xlsx").read_bytes()
    history = Path(__file__).parents[1] / "cpxl" / "demo" / "history.csv"
    for words in (["publish"], ["consolidate"], ["issue", "-q", "2020-21-Q3"], ["history", "import", history]):
        sentence = refused(*words, "--folder", folder)
        assert re.search(line, sentence), sentence
        assert "2020/21 Q" in sentence
    assert (folder / "master.xlsx").read_bytes() == before
    put_right(settings)
    write(folder, settings)
    assert partner_totals(folder) == TOTALS
    assert said("consolidate", "--folder", folder)["totals"] == TOTALS


def one_strand_of_two(settings: dict[str, Any]) -> None:
    settings["strands"].remove(strand_of(settings, "HATE"))
    strand_of(settings, "NTE")["formerly"] = ["Hate Crime"]


def one_plan_of_two(settings: dict[str, Any]) -> None:
    one, other = strand_of(settings, "GANGS")["plans"]
    strand_of(settings, "GANGS")["plans"] = [{**one, "formerly": [other["name"]]}]


def one_status_of_two(settings: dict[str, Any]) -> None:
    _statuses(settings, paused=None)
    strand_of(settings, "NTE")["plans"][0]["renamed"] = {"Paused due to COVID": "Ongoing / In progress"}


def one_measure_of_two(settings: dict[str, Any]) -> None:
    measures = strand_of(settings, "HATE")["measures"]
    measures["quarterly"].remove("Solved outcomes")
    measures["renamed"] = {"Solved outcomes": "Community Policing Team reports"}


MERGED = {
    one_strand_of_two: "'last_quarter: 2020/21 Q2'",
    one_plan_of_two: "'last_quarter: 2020/21 Q2'",
    one_status_of_two: 'retired: {"Paused due to COVID": 2020/21 Q2}',
    one_measure_of_two: 'retired: {"Solved outcomes": 2020/21 Q2}',
}


@pytest.mark.parametrize(("merge", "line"), MERGED.items())
def test_two_things_with_figures_of_one_quarter_do_not_become_one(
    folder: Path, merge: Callable[..., None], line: str
) -> None:
    """Only one of each two figures was shown, or both were counted under one name."""
    settings = config(folder)
    merge(settings)
    write(folder, settings)
    for words in (["publish"], ["consolidate"], ["issue", "-q", "2020-21-Q3"]):
        sentence = refused(*words, "--folder", folder)
        assert re.search("calls .* and .* both .* the master has figures of each", sentence), sentence
        assert line in sentence


def test_a_first_quarter_that_moves_after_issuing_rejects_no_return(folder: Path) -> None:
    """A column that is not there is not asked for."""
    settings = config(folder)
    for plan in [plan for strand in settings["strands"] for plan in strand["plans"]]:
        plan["first_quarter"] = "2019/20 Q4"
    write(folder, settings)
    assert said("consolidate", "--folder", folder)["totals"] == TOTALS


# Nothing goes without a word


def test_an_empty_returns_folder_takes_nothing_out(folder: Path) -> None:
    shutil.rmtree(folder / "returns" / Q2)
    says = said("consolidate", "--folder", folder)
    assert says["totals"] == TOTALS
    assert {kept["strand"] for kept in says["kept"]} == {*THREE}
    assert partner_totals(folder) == TOTALS
    done = run_here("consolidate", "--folder", folder)
    assert "which is no longer there" in " ".join(done.out.split())


def test_only_withdraw_takes_it_out(folder: Path) -> None:
    sentence = refused("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert HATE in sentence
    (folder / "returns" / Q2 / f"{Q2} HATE.xlsx").unlink()
    says = said("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert says["totals"] == WITHOUT_HATE
    assert says["missing"] == [HATE]
    assert partner_totals(folder) == WITHOUT_HATE
    assert "nothing to withdraw" in refused("consolidate", "--withdraw", HATE, "--folder", folder)


def wrong_total(path: Path) -> None:
    """A total that its parts do not come to is typed into the return of the gangs."""
    form = Form(path)
    form.type("Progress: Knife Crime", "Total strands", "2020/21 Q2", 99)
    form.book.save(path)


def test_the_row_of_a_refused_file_comes_again(folder: Path) -> None:
    """What was deleted of Submissions puts nothing in doubt once the same file is refused again."""
    wrong_total(folder / "returns" / Q2 / f"{Q2} GANGS.xlsx")
    said("consolidate", "--folder", folder, exits=1)
    book = load_workbook(folder / "master.xlsx", data_only=True)
    page = book["Submissions"]
    accepted, file = column(page, "accepted"), column(page, "file")
    rows = [row[0].row or 0 for row in page.iter_rows() if row[accepted - 1].value == "No"]
    assert [page.cell(row, file).value for row in rows] == [f"{Q2} GANGS.xlsx"]
    deleted(page, rows[0])
    book.save(folder / "master.xlsx")
    says = said("consolidate", "--folder", folder, exits=1)
    assert (says["totals"], says["master_findings"]) == (TOTALS, [])
    assert [finding["sheet"] for finding in says["healed"]] == ["Submissions"]
    assert partner_totals(folder) == TOTALS


def test_a_status_renamed_beside_a_plan_with_the_same_statuses(folder: Path) -> None:
    """It is told how to say so, and not that one plan took the other's name."""
    settings = config(folder)
    plan = strand_of(settings, "GANGS")["plans"][0]
    plan["statuses"] = {("Done" if name == "Complete" else name): kind for name, kind in plan["statuses"].items()}
    write(folder, settings)
    assert 'renamed: {"Complete": "Done"}' in refused("publish", "--folder", folder)


def test_who_is_missing_after_strands_were_withdrawn(folder: Path) -> None:
    """As without the word: in config's order, and none of whom a file came, though it is wrong."""
    returns = folder / "returns" / Q2
    for code in ("HATE", "NTE"):
        (returns / f"{Q2} {code}.xlsx").unlink()
    wrong_total(returns / f"{Q2} GANGS.xlsx")
    said("consolidate", "--withdraw", "HATE", "--folder", folder, exits=1)
    words = ("--withdraw", "GANGS", "--withdraw", "NTE")
    assert said("consolidate", *words, "--folder", folder, exits=1)["missing"] == [NTE, HATE]
    assert said("consolidate", "--folder", folder, exits=1)["missing"] == [NTE, HATE]


def test_a_quarter_that_was_never_issued(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for command in ("check", "consolidate"):
        assert "2028/29 Q1" in refused(command, "-q", "2028-29-Q1", "--folder", folder)
    assert [path for path in sorted(folder.rglob("*")) if path.name not in ("cpxl.log",)] == [
        path for path in before if path.name not in ("cpxl.log",)
    ]


def test_totals_of_which_nothing_is_known_are_no_0(tmp_path: Path) -> None:
    said("init", tmp_path / "new")
    says = said("consolidate", "--folder", tmp_path / "new")
    assert set(says["totals"].values()) == {None}
    whole = found(pages(tmp_path / "new" / "master.xlsx")["Executive summary"], "Strand", "Total", "Complete")[-1]
    assert [whole[heading] for heading in ("Total", "Complete", "% complete")] == ["N/A"] * 3


def test_a_rounded_percentage_is_the_same_in_cells(folder: Path) -> None:
    """16000 to 16088 is +0.55 %, which is +0.6 %."""
    file = folder / "returns" / Q2 / f"{Q2} HATE.xlsx"
    form = Form(file)
    for heading, value in (("To Sep 2019", 16000), ("To Sep 2020", 16088)):
        form.type("Insights: 12 months", "Hate Crime Offences", heading, value)
    form.book.save(file)
    said("consolidate", "--folder", folder)
    for path in (folder / "master.xlsx", Path(said("publish", "--folder", folder)["outputs"]["partner"])):
        rows = found(pages(path)["Insights"], "Measure", "Before", "Now")
        shown = next(row for row in rows if row["Measure"] == "Hate Crime Offences")
        assert (shown["Before"], shown["Now"], shown["% change"]) == (16000, 16088, 0.006)


def test_what_is_withdrawn_is_not_put_right(folder: Path) -> None:
    """Where rows were changed by hand nobody can tell what was entered on the sheet: it has to be cleared."""
    edit_progress(folder, typed(14))
    (folder / "returns" / Q2 / f"{Q2} HATE.xlsx").unlink()
    sentence = refused("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert f"'{HATE}'" in sentence
    assert "run 'cpxl consolidate" not in sentence
    book = load_workbook(folder / "master.xlsx")
    for cell in [cell for row in book[HATE].iter_rows() for cell in row if not cell.protection.locked]:
        cell.value = None
    book.save(folder / "master.xlsx")
    done = run_here("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert (done.exits, "Put right" in done.out) == (0, False), done.error
    assert f"Withdrawn: {HATE}." in done.out
    says = said("consolidate", "--folder", folder)
    assert (says["withdrawn"], says["healed"], says["totals"]) == ([], [], WITHOUT_HATE)


# Names that are swapped


def swap_plans(settings: dict[str, Any]) -> None:
    plans = strand_of(settings, "PREVENT")["plans"]
    plans[0]["name"], plans[1]["name"] = plans[1]["name"], plans[0]["name"]


def swap_measures(settings: dict[str, Any]) -> None:
    measures = strand_of(settings, "HATE")["measures"]
    measures["rolling_12_months"], measures["quarterly"] = measures["quarterly"], measures["rolling_12_months"]


@pytest.mark.parametrize("swap", [swap_plans, swap_measures])
def test_names_that_are_swapped_are_to_be_put_back(demo: Demo, tmp_path: Path, swap: Callable[..., None]) -> None:
    """No advice that would put figures of one under the other: `renamed`, `retired`."""
    folder = Path(shutil.copytree(demo.folder, tmp_path / "folder"))  # with a strand of two plans that are unlike
    settings = config(folder)
    swap(settings)
    write(folder, settings)
    for command in ("publish", "consolidate"):
        sentence = refused(command, "--folder", folder)
        assert "renamed" not in sentence
        assert "retired" not in sentence
        assert "put each back" in sentence or "put it back" in sentence
    swap(settings)
    write(folder, settings)
    assert partner_totals(folder) == test_cli.TOTALS

"""A strand's sheet that is filled in inside the master counts as a return; a file of that strand wins."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from tests.test_cli import Q2, REFERENCE
from tests.test_trusted import TOTALS, refused, said
from tests.values import edit, edit_all, table, values

HATE, HATE_FILE = "Hate Crime", f"{Q2} HATE.xlsx"
GRID = {"Total strands": 30, "Complete": 15, "Ongoing / In progress": 15, "At risk": 0}
QUARTERS = ("2020/21 Q1", "2020/21 Q2")
DELIVERED = "Delivered in July to September 2020"


def hate_crime(says: Any) -> Any:
    return next(r for r in says["returns"] if r["strand"] == HATE)


@pytest.fixture(scope="module")
def without(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three strands, consolidated without the return of one strand."""
    folder = Path(shutil.copytree(settled, tmp_path_factory.mktemp("without") / "folder"))
    (folder / "returns" / Q2 / HATE_FILE).unlink()
    assert said("consolidate", "--folder", folder, "--withdraw", "HATE")["missing"] == [HATE]
    return folder


@pytest.fixture
def folder(without: Path, tmp_path: Path) -> Path:
    """A copy of it, to do anything with."""
    return Path(shutil.copytree(without, tmp_path / "folder"))


def fill_in(folder: Path, offences: int | None = 3100, **other: int) -> None:
    """Type a strand's figures into its sheet of the master."""
    entries: list[tuple[str, str, Any, int]]
    entries = [(status, "2020/21 Q2", figure, 0) for status, figure in (GRID | other).items()]
    entries += [("Hate Crime Offences", year, offences, 0) for year in ("To Sep 2019", "To Sep 2020")]
    quarterly = [(m, q) for m in ("Solved outcomes", "Community Policing Team reports") for q in QUARTERS]
    entries += [(measure, quarter, 40, 0) for measure, quarter in quarterly]
    edit_all(folder / "master.xlsx", HATE, [*entries, (DELIVERED, "Activity", "A wider audit of cases.", 3)])


def complete(folder: Path) -> Any:
    """The figure on the strand's sheet of the master."""
    headings, *rows = table(folder / "master.xlsx", HATE, "Status")
    return next(row[headings.index("2020/21 Q2")] for row in rows if row[0] == "Complete")


def test_it_counts_as_a_return(folder: Path) -> None:
    fill_in(folder)
    checked = hate_crime(said("check", "--folder", folder))
    assert (checked["file"], checked["accepted"]) == ("master.xlsx", True)
    says = said("consolidate", "--folder", folder)
    assert says["missing"] == []
    assert says["totals"] == TOTALS
    assert tuple(says["summary"][2].values())[:5] == REFERENCE[5]
    assert "A wider audit of cases." in str(values(folder / "master.xlsx", "Delivery"))

    before = {sheet: values(folder / "master.xlsx", sheet) for sheet in ("Submissions", "Progress", "Delivery", HATE)}
    assert hate_crime(said("consolidate", "--folder", folder))["file"] == "master.xlsx"
    assert {sheet: values(folder / "master.xlsx", sheet) for sheet in before} == before


def test_it_counts_again_where_a_figure_was_left_blank(folder: Path) -> None:
    """The formula that stands in its place comes to nothing, as it was drawn."""
    fill_in(folder, offences=None)
    for _ in range(2):
        assert hate_crime(said("consolidate", "--folder", folder))["accepted"]


def test_what_is_wrong_is_named_and_stays_until_it_is_right(folder: Path) -> None:
    fill_in(folder, Complete=16)
    for _ in range(2):
        says = said("consolidate", "--folder", folder, exits=1)
        wrong = hate_crime(says)
        assert (wrong["file"], wrong["accepted"]) == ("master.xlsx", False)
        assert ("progress-does-not-add-up", HATE) in [(f["rule"], f["sheet"]) for f in wrong["findings"]]
        assert complete(folder) == 16
        assert "A wider audit of cases." in str(values(folder / "master.xlsx", HATE))
        assert "A wider audit of cases." not in str(values(folder / "master.xlsx", "Delivery"))
    edit(folder / "master.xlsx", HATE, "Complete", "2020/21 Q2", 15)
    assert hate_crime(said("consolidate", "--folder", folder))["accepted"]


def test_a_file_wins_and_it_is_said(folder: Path, settled: Path) -> None:
    fill_in(folder, **{"Total strands": 31, "Complete": 16})
    file = folder / "returns" / Q2 / HATE_FILE
    file.write_bytes((settled / "returns" / Q2 / HATE_FILE).read_bytes())
    says = said("consolidate", "--folder", folder)
    hate = hate_crime(says)
    assert hate["file"] == HATE_FILE
    assert "entered-in-the-master-too" in [f["rule"] for f in hate["findings"]]
    assert tuple(says["summary"][2].values())[:5] == REFERENCE[5]
    again = hate_crime(said("consolidate", "--folder", folder))
    assert "entered-in-the-master-too" not in [f["rule"] for f in again["findings"]]


def test_entries_are_not_lost_to_another_quarter(folder: Path) -> None:
    fill_in(folder)
    assert said("issue", "-q", "2020-21-Q3", "--folder", folder)
    sentence = refused("consolidate", "--folder", folder)
    assert f"has entries for 2020/21 Q2 that are not merged yet, on {HATE}" in sentence
    said("history", "import", folder / "history.csv", "--folder", folder)
    assert complete(folder) == 15
    said("consolidate", "-q", Q2, "--folder", folder)
    assert said("consolidate", "--folder", folder)["quarter"] == "2020/21 Q3"


def test_what_cpxl_drew_is_no_return(folder: Path) -> None:
    """Neither figures that came in a file, nor risks carried over to a new quarter."""
    assert said("issue", "-q", "2020-21-Q3", "--folder", folder)
    said("consolidate", "--folder", folder)
    assert read_master(WorkingFolder.open(folder)).entered == {}
    assert len(said("check", "--folder", folder)["missing"]) == 3


def test_it_stays_when_counts_come_in_and_the_config_changes(folder: Path) -> None:
    fill_in(folder)
    said("consolidate", "--folder", folder)
    merged = values(folder / "master.xlsx", "Progress")
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    strand = config["strands"][-1]
    strand["measures"]["quarterly"].insert(0, "Reports by phone")
    strand["short_name"] = "Hatred"
    measure = {"strand": "HATE", "measure": "Hate Crime Offences"}
    config["extracts"] = [{"name": "Crimes", "month": "Month", "measures": [measure]}]
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    (folder / "crimes.csv").write_text("Month\n2020-08\n2020-09\n", encoding="utf-8")
    said("insights", "import", folder / "crimes.csv", "--folder", folder)
    for _ in range(2):
        says = said("consolidate", "--folder", folder)
        assert (hate_crime(says)["file"], says["missing"], says["totals"]) == ("master.xlsx", [], TOTALS)
        assert values(folder / "master.xlsx", "Progress") == merged
    said("issue", "-q", "2020-21-Q3", "--folder", folder)
    said("consolidate", "-q", "2020-21-Q3", "--folder", folder)


def test_it_stays_when_a_late_return_of_its_quarter_comes_in(folder: Path) -> None:
    fill_in(folder)
    said("consolidate", "--folder", folder)
    said("issue", "-q", "2020-21-Q3", "--folder", folder)
    said("consolidate", "-q", "2020-21-Q3", "--folder", folder)
    says = said("consolidate", "-q", Q2, "--folder", folder)
    assert (says["missing"], says["totals"]) == ([], TOTALS)
    assert "no longer returned" not in str(values(folder / "master.xlsx", "Returns"))


def test_another_order_in_config_is_nothing_that_was_entered(folder: Path) -> None:
    fill_in(folder)
    said("consolidate", "--folder", folder)
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    for strand in config["strands"]:
        for plan in strand["plans"]:
            plan["statuses"] = dict(reversed(plan["statuses"].items()))
        for names in map(strand.get("measures", {}).get, ("rolling_12_months", "quarterly")):
            (names or []).reverse()
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    assert list(read_master(WorkingFolder.open(folder)).entered) == ["HATE"]
    said("issue", "-q", "2020-21-Q3", "--folder", folder)
    said("consolidate", "-q", "2020-21-Q3", "--folder", folder)


def test_withdrawing_what_was_entered_asks_for_the_sheet_to_be_cleared(folder: Path) -> None:
    fill_in(folder)
    said("consolidate", "--folder", folder)
    sentence = refused("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert "Clear" in sentence
    assert f"'{HATE}'" in sentence
    assert "nothing of it was merged" not in sentence
    book = load_workbook(folder / "master.xlsx")
    for row in book[HATE].iter_rows():
        for cell in row:
            if not cell.protection.locked:
                cell.value = None
    book.save(folder / "master.xlsx")
    says = said("consolidate", "--withdraw", "HATE", "--folder", folder)
    assert (says["withdrawn"], says["missing"]) == ([HATE], [HATE])
    assert says["summary"][2]["figures_of"] == "2020/21 Q1"
    assert said("consolidate", "--folder", folder)["missing"] == [HATE]

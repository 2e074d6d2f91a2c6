"""The commands end to end: what they print, write and exit with."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cpxl.config import load
from cpxl.workbook_names import DATA_SHEETS
from tests.command import Demo, run_cpxl
from tests.conftest import THREE
from tests.values import SUMMED, columns, edit, edit_all, table, values
from tests.work import LONG

# The executive summary of the published report for 2020/21 Q2 (section 3.1), and what its columns add up to.
REFERENCE = [
    ("Domestic Abuse", 60, 47, 13, 0),
    ("Gangs and Knife Crime", 53, 32, 20, 1),
    ("Night-time Economy (NTE)", 25, 13, 12, 0),
    ("Child Abuse and Exploitation", 26, 7, 19, 0),
    ("Extremism and Radicalisation", 15, 14, 1, 0),
    ("Hate Crime", 30, 15, 15, 0),
    ("Digital Crime and Fraud", 48, 17, 31, 0),
    ("House Burglary and Street Robbery", None, None, None, None),
    ("Serious and Organised Crime", 24, 13, 9, 2),
]
TOTALS = {"total": 281, "complete": 158, "ongoing": 120, "at_risk": 3}


def totals(*strands: str) -> dict[str, int | None]:
    """What the published report says of these strands together."""
    figures = zip(*(row[1:] for row in REFERENCE if row[0] in strands), strict=True)
    return dict(zip(TOTALS, map(sum, figures), strict=True))


Q2 = "2020-21-Q2"
GANGS = f"{Q2} GANGS.xlsx"


def said(*words: object, exits: int = 0) -> Any:
    """What a command prints with --json."""
    done = run_cpxl(*words, "--json")
    assert done.returncode == exits, done.stderr
    return json.loads(done.stdout)


def refused(*words: object) -> str:
    """The one sentence of a command that cannot be carried out."""
    done = run_cpxl(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "cpxl.log"}


# The reference quarter


def test_the_demo_gives_the_summary_of_the_report(demo: Demo) -> None:
    columns = ("strand", "total", "complete", "ongoing", "at_risk")
    assert [tuple(row[c] for c in columns) for row in demo.says["summary"]] == REFERENCE
    assert demo.says["totals"] == TOTALS
    assert demo.says["missing"] == []
    assert [(r["strand"], r["response"]) for r in demo.says["risks"]] == [
        ("Gangs and Knife Crime", "Tolerate"),
        ("Serious and Organised Crime", "Treat"),
        ("Serious and Organised Crime", "Treat"),
    ]


@pytest.mark.parametrize("which", ["master", "partner"])
def test_the_workbooks_show_the_same_summary(demo: Demo, which: str) -> None:
    rows = table(Path(demo.says["outputs"][which]), "Executive summary", "Strand")
    expected = [["N/A" if value is None else value for value in row] for row in REFERENCE]
    assert columns(rows, *SUMMED)[1:] == [*expected, ["Total", *TOTALS.values()]]


def test_the_slips_of_the_report_are_found_and_named(demo: Demo) -> None:
    """Those that no note can settle are warnings; where the totals move, the demo's leads say why."""
    assert _slips(demo.says, "warning") == {
        ("Child Abuse and Exploitation", "earlier-progress-does-not-add-up", "2020/21 Q1"),
        ("Extremism and Radicalisation", "earlier-progress-does-not-add-up", "2019/20 Q4"),
    }
    explained = _slips(demo.says, "explained")
    assert explained == {
        ("Child Abuse and Exploitation", "total-changed", "from 29 to 26"),
        ("Child Abuse and Exploitation", "complete-fell", "from 12 to 7"),
        ("Domestic Abuse", "large-change", "from 1,883 to 1,361"),
        ("Gangs and Knife Crime", "total-changed", "from 23 to 40"),
        ("Gangs and Knife Crime", "large-change", "from 1,174 to 2,405"),
        ("Night-time Economy (NTE)", "total-changed", "from 24 to 25"),
        ("Serious and Organised Crime", "total-changed", "from 17 to 24"),
    }
    shown = values(demo.folder / "master.xlsx", "Returns")
    assert sum("explained" in row for row in shown) == len(explained)


def test_the_slips_without_the_notes_and_responses_that_settle_them(folder: Path) -> None:
    for path in (folder / "returns" / Q2).glob("*.xlsx"):
        book = load_workbook(path)
        for page in book.worksheets[1:2]:
            for row in page.iter_rows():
                for cell in row:
                    if str(cell.value).startswith("Note on the 2020/21 Q2") or cell.value in ("Comment", "Response"):
                        _clear_below(page, cell)
        book.save(path)
    says = said("check", "--folder", folder, exits=1)
    moved = {
        ("Child Abuse and Exploitation", "total-changed", "from 29 to 26"),
        ("Child Abuse and Exploitation", "complete-fell", "from 12 to 7"),
        ("Gangs and Knife Crime", "total-changed", "from 23 to 40"),
        ("Gangs and Knife Crime", "large-change", "from 1,174 to 2,405"),
        ("Serious and Organised Crime", "total-changed", "from 17 to 24"),
    }
    assert moved <= _slips(says, "warning")
    assert _slips(says, "explained") == set()
    found = [(r["strand"], f) for r in says["returns"] for f in r["findings"] if f["severity"] == "error"]
    assert [(strand, f["rule"], f["cell"].count(",") + 1) for strand, f in found] == [
        ("Gangs and Knife Crime", "risk-response", 1),
        ("Serious and Organised Crime", "risk-response", 2),
    ]


def _slips(says: Any, severity: str) -> set[tuple[str, str, str]]:
    """The findings of a severity: strand, rule, and the quarter or the move that the message names."""
    return {
        (r["strand"], f["rule"], re.search(r"20\d\d/\d\d Q\d|from [\d,]+ to [\d,]*\d|$", f["message"])[0])  # type: ignore[index]
        for r in says["returns"]
        for f in r["findings"]
        if f["severity"] == severity
    }


def _clear_below(page: Any, heading: Any) -> None:
    """Empty the cells of a table's column."""
    for row in range(heading.row + 1, page.max_row + 1):
        if page.cell(row, 1).value is None:
            return
        page.cell(row, heading.column).value = None


def test_the_master_has_the_sheets_of_the_design(demo: Demo) -> None:
    sheets = load_workbook(demo.folder / "master.xlsx", read_only=True).sheetnames
    strands = [strand.short_name for strand in load(demo.folder / "config.yaml").strands]
    data = list(DATA_SHEETS.values())
    of_all = ["Risk register", "Insights", "By quarter", "Report text", "Returns"]
    assert sheets[:-1] == ["Executive summary", *strands, *of_all, *data]
    assert data[:6] == ["Progress", "Measures", "Monthly", "Risks", "Delivery", "Submissions"]


def test_json_is_all_that_json_prints(demo: Demo) -> None:
    assert set(demo.says) == {
        *("quarter", "returns", "missing", "ignored", "summary", "totals", "risks", "outputs"),
        *("kept", "healed", "master_findings", "withdrawn", "actions"),
    }
    assert set(demo.says["returns"][0]) == {"file", "strand", "accepted", "findings"}
    finding = next(f for r in demo.says["returns"] for f in r["findings"])
    assert set(finding) == {"rule", "severity", "sheet", "cell", "message", "fix"}


def test_tables_for_people(few: Path) -> None:
    done = run_cpxl("consolidate", "--folder", few)
    assert done.returncode == 0
    assert "Executive summary, 2020/21 Q2" in done.stdout
    assert str(totals(*THREE)["total"]) in done.stdout
    assert "3 of 3 returns accepted" in done.stdout


# Consolidating


def test_consolidating_again_changes_no_data(few: Path) -> None:
    before = {sheet: values(few / "master.xlsx", sheet) for sheet in DATA_SHEETS.values()}
    said("consolidate", "--folder", few)
    assert {sheet: values(few / "master.xlsx", sheet) for sheet in DATA_SHEETS.values()} == before


WITHOUT_GANGS = totals(*THREE[1:])["total"]


def test_a_strand_not_returned_never_counts_as_current(few: Path) -> None:
    (few / "returns" / Q2 / GANGS).unlink()
    says = said("consolidate", "--folder", few, "--withdraw", "GANGS")
    assert says["missing"] == ["Gangs and Knife Crime"]
    gangs = says["summary"][0]
    assert (gangs["total"], gangs["figures_of"], gangs["state"]) == (36, "2020/21 Q1", "Not returned")
    assert says["totals"]["total"] == WITHOUT_GANGS
    rows = table(few / "master.xlsx", "Executive summary", "Strand")
    shown = {row[0]: row[1:] for row in columns(rows, "Strand", "Where it stands", "Figures as of", "Total")}
    assert shown["Gangs and Knife Crime"] == ["Not returned; figures of 2020/21 Q1", "2020/21 Q1", 36]
    assert shown["Total"][-1] == WITHOUT_GANGS
    assert run_cpxl("consolidate", "--folder", few, "--require-all").returncode == 1


def test_a_return_with_an_error_is_rejected_and_the_others_are_merged(few: Path) -> None:
    (few / "returns" / Q2 / GANGS).rename(few / GANGS)
    said("consolidate", "--folder", few, "--withdraw", "GANGS")
    (few / GANGS).rename(few / "returns" / Q2 / GANGS)
    edit(few / "returns" / Q2 / GANGS, "Gangs and Knife Crime", "Total strands", "2020/21 Q2", 99)
    says = said("consolidate", "--folder", few, exits=1)
    rejected = [r for r in says["returns"] if not r["accepted"]]
    assert [r["file"] for r in rejected] == [GANGS]
    assert rejected[0]["findings"][0]["rule"] == "progress-does-not-add-up"
    assert says["summary"][0]["state"] == "Rejected"
    assert says["totals"]["total"] == WITHOUT_GANGS
    summary = table(few / "master.xlsx", "Executive summary", "Strand")
    shown = {row[0]: row[1] for row in columns(summary, "Strand", "Where it stands")}
    assert shown["Gangs and Knife Crime"] == "Not accepted; figures of 2020/21 Q1"
    returns = table(few / "master.xlsx", "Returns", "Strand")
    assert GANGS in dict(columns(returns, "Strand", "File, and when it was last saved"))["Gangs and Knife Crime"]


def test_the_coordinators_text_survives(few: Path) -> None:
    typed = {"Subject": "Covid-19", "What happened": "Fewer venues opened."}
    entries = [("Subject", heading, text, 1) for heading, text in typed.items()]
    edit_all(few / "master.xlsx", "Executive summary", entries)
    says = said("consolidate", "--folder", few)
    assert columns(table(few / "master.xlsx", "Executive summary", "Subject"), *typed)[1] == [*typed.values()]
    assert says["totals"] == totals(*THREE)
    said("publish", "--folder", few)
    partner = next((few / "published").glob("*.xlsx"))
    assert columns(table(partner, "Executive summary", "Subject"), *typed)[1] == [*typed.values()]


def test_what_else_lies_in_the_returns_folder(folder: Path) -> None:
    returns = folder / "returns" / Q2
    (returns / "~$2020-21-Q2 DA.xlsx").write_bytes(b"owner")
    (returns / "covering letter.docx").write_bytes(b"PK")
    (returns / "empty.xlsx").write_bytes(b"")
    (returns / GANGS).rename(returns / "final FINAL (2).xlsx")
    says = said("check", "--folder", folder, exits=1)
    assert says["ignored"] == ["covering letter.docx"]
    bad = [(r["file"], [f["rule"] for f in r["findings"]]) for r in says["returns"] if not r["accepted"]]
    assert bad == [("empty.xlsx", ["not-a-workbook"])]
    assert {r["file"]: r["strand"] for r in says["returns"]}["final FINAL (2).xlsx"] == "Gangs and Knife Crime"
    assert says["missing"] == []


def test_of_two_returns_of_one_strand_the_newest_is_taken_only_if_asked_for(few: Path) -> None:
    returns = few / "returns" / Q2
    shutil.copy(returns / GANGS, returns / "copy.xlsx")
    os.utime(returns / GANGS, (0, 0))
    says = said("consolidate", "--folder", few, exits=1)
    assert {r["file"] for r in says["returns"] if not r["accepted"]} == {GANGS, "copy.xlsx"}
    says = said("consolidate", "--folder", few, "--prefer", "newest")
    assert [r["file"] for r in says["returns"] if not r["accepted"]] == [GANGS]
    assert says["totals"] == totals(*THREE)
    states = columns(table(few / "master.xlsx", "Returns", "Strand"), "Strand", "Return")
    assert ["Gangs and Knife Crime", "Returned"] in states


def test_the_next_quarter_is_issued_with_what_is_known(folder: Path) -> None:
    issued = said("issue", "-q", "2020-21 Q3", "--folder", folder)
    assert issued["quarter"] == "2020/21 Q3"
    gangs = next(Path(path) for path in issued["outputs"]["returns"] if "GANGS" in path)
    grid = table(gangs, "Gangs and Knife Crime", "Status")
    quarters = ("2020/21 Q1", "2020/21 Q2", "2020/21 Q3")
    assert columns(grid, "Status", *quarters)[1] == ["Total strands", 13, 13, None]
    risks = table(gangs, "Gangs and Knife Crime", "Work at risk, and why")
    assert columns(risks, "Carried over or new", "Risk id")[1] == ["Carried over", "GANGS-1"]
    says = said("check", "--folder", folder)  # the current quarter is now the one last issued
    assert (says["quarter"], len(says["missing"])) == ("2020/21 Q3", 9)


# What cannot be done


@pytest.mark.parametrize("owner", ["~$master.xlsx", ".~lock.master.xlsx#"])
def test_a_master_that_is_open_elsewhere_is_left_alone(folder: Path, owner: str) -> None:
    (folder / owner).write_bytes(b"owner")
    before = files(folder)
    assert "master.xlsx is open" in refused("consolidate", "--folder", folder)
    assert files(folder) == before


def test_a_master_without_write_access_is_left_alone(folder: Path) -> None:
    master = folder / "master.xlsx"
    master.chmod(stat.S_IREAD)
    before = files(folder)
    assert "cannot be written" in refused("consolidate", "--folder", folder)
    assert files(folder) == before
    master.chmod(stat.S_IREAD | stat.S_IWRITE)


def test_sheets_of_the_coordinator_are_not_dropped_unless_told(few: Path) -> None:
    master = few / "master.xlsx"
    book = load_workbook(master)
    book.create_sheet("My notes")
    book.save(master)
    before = files(few)
    assert "'My notes'" in refused("consolidate", "--folder", few)
    assert files(few) == before
    said("consolidate", "--folder", few, "--drop-other-sheets")
    backups = list((few / "backups").glob("master *.xlsx"))
    assert any("My notes" in load_workbook(b, read_only=True).sheetnames for b in backups)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["frobnicate"], "No such command"),
        (["check", "--colour"], "No such option"),
        (["check", "-q", "Q2 of 2020"], "is not a quarter"),
        (["check", "no-such-file.xlsx"], "no-such-file.xlsx"),
        (["publish", "-q", "2021/22 Q1"], "has nothing for 2021/22 Q1"),
        (["issue", "-q", "2015/16 Q1"], "lies before"),
        (["history", "import", "no-such-file.csv"], "no-such-file.csv"),
    ],
)
def test_bad_requests_get_one_sentence(demo: Demo, words: list[str], sentence: str) -> None:
    assert sentence in refused(*words, "--folder", demo.folder)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert "config.yaml" in refused("check", "--folder", tmp_path)
    assert "not empty" in refused("demo", _with_a_file(tmp_path))
    said("init", tmp_path / "new")
    assert "already" in refused("init", tmp_path / "new")


def _with_a_file(folder: Path) -> Path:
    (folder / "file.txt").write_text("mine", encoding="utf-8")
    return folder


def test_a_damaged_master_is_refused(folder: Path) -> None:
    (folder / "master.xlsx").write_bytes(b"not a workbook")
    assert "damaged" in refused("consolidate", "--folder", folder)
    assert (folder / "master.xlsx").read_bytes() == b"not a workbook"


# Starting


@pytest.mark.parametrize(
    ("command", "without"),
    [
        (["--help"], ["pandas", "numpy", "openpyxl", "xlwings", "xlsxwriter", "pydantic", "rich"]),
        (["consolidate"], ["pandas", "numpy", "openpyxl", "xlwings", "docx", "urllib.request", "rich.progress"]),
    ],
)
def test_a_command_imports_what_it_needs(command: list[str], without: list[str], few: Path) -> None:
    """Most of the time of a command goes by before it begins."""
    words = ["cpxl", *command, *([] if "--help" in command else ["--folder", str(few)])]
    program = (
        f"import sys, runpy; sys.argv = {words}\n"
        "try: runpy.run_module('cpxl', run_name='__main__')\n"
        f"except SystemExit: print([m for m in {without} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["init", "history import", "issue", "check", "consolidate", "publish", "demo"])
def test_every_command_has_help_folder_and_json(command: str) -> None:
    done = run_cpxl(*command.split(), "--help")
    assert done.returncode == 0
    assert "--folder" in done.stdout
    assert "--json" in done.stdout


PRINTED = ["check"], ["publish", "--json"], ["--help"], ["publish"], ["restore"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", PRINTED if LONG else PRINTED[:3])
def test_what_cannot_be_printed(few: Path, words: list[str]) -> None:
    for full in ([], ["2>/dev/full"]):
        where = [] if words == ["--help"] else ["--folder", str(few)]
        command = shlex.join([sys.executable, "-m", "cpxl", *words, *where])
        done = subprocess.run(
            ["sh", "-c", " ".join([command, ">/dev/full", *full])],
            env=os.environ | {"PYTHONUNBUFFERED": ""},  # as it is where nobody has set that
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert full or done.stderr.count("\n") == 1
        assert full or "cannot be printed" in done.stderr
        assert "fault of its own" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_where_nothing_can_be_printed(few: Path, closed: str) -> None:
    command = shlex.join([sys.executable, "-m", "cpxl", "publish", "--folder", str(few)])
    done = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_status_and_what_stands_alone(few: Path, tmp_path: Path) -> None:
    (few / "returns" / Q2 / GANGS).unlink()
    shutil.copy(few / "returns" / Q2 / "2020-21-Q2 NTE.xlsx", few / "returns" / Q2 / "again.xlsx")
    says = said("status", "--folder", few)
    assert says["due"] == "2020-10-16"
    states = {s["strand"]: (s["state"], len(s["returned"]), s["merged"]) for s in says["strands"]}
    assert states["Gangs and Knife Crime"] == ("Merged", 0, True)  # which stays until something takes its place
    assert states["Night-time Economy (NTE)"] == ("Several files", 2, False)
    what = "Keep one file of each strand and move the others away"
    assert says["next"] == f"Next: {what}: Night-time Economy (NTE)."
    shown = run_cpxl("--folder", few)
    assert shown.returncode == 0
    assert "Keep one file of each strand" in shown.stdout
    for words in ([], ["-h"], ["addin"], ["history", "-h"]):
        helped = run_cpxl(*words)
        assert helped.returncode == 0
        assert helped.stdout.startswith("Usage: cpxl")


@pytest.mark.parametrize(
    ("words", "way_on"),
    [
        (["consolidat"], "Did you mean 'consolidate'?"),
        (["issue", "2020-21-Q3"], "write a quarter as -q 2020-21-Q3"),
        (["--folder", "FOLDER", "check"], "'cpxl check --folder"),
        (["check", "--folder", "FOLDER/config.yaml"], "is a file: name the folder"),
        (["check", "--bla"], "'cpxl check --help'"),
        (["history", "import", "FOLDER", "--folder", "FOLDER"], "name the history in it, a CSV file or .xlsx"),
        (["check", "FOLDER", "--folder", "FOLDER"], "name the returns in it, or no file at all"),
        (["insights", "import", "FOLDER", "--folder", "FOLDER"], "name the extracts in it"),
    ],
)
def test_a_mistake_at_the_terminal_gets_a_way_on(demo: Demo, words: list[str], way_on: str) -> None:
    assert way_on in refused(*(word.replace("FOLDER", str(demo.folder)) for word in words))

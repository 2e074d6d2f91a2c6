"""Names: config accepts those that work everywhere, and refuses the others with a line and a reason."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.as_today import renamed
from cpxl.master.file import read_master
from cpxl.model import (
    ROLLING,
    BreakdownFigure,
    Chased,
    Correction,
    FindingRow,
    Master,
    Measure,
    Monthly,
    Note,
    Progress,
    Submission,
)
from cpxl.names import alike
from cpxl.quarters import Quarter
from cpxl.workbook_names import key, table_name
from tests.test_any_name import Form, cpxl


def config(*strands: dict[str, Any], **more: Any) -> str:
    """A config.yaml with these strands."""
    named = [
        {"name": f"Strand {n}", "short_name": f"Sheet {n}", "code": f"S{n}", "lead": "DCI", "plans": []} | strand
        for n, strand in enumerate(strands, 1)
    ]
    whole = {
        "strategy": "Strategy",
        "force": "Force",
        "partnership": "Partners",
        "marking": "OFFICIAL",
        "first_quarter": "2020/21 Q1",
        "current_quarter": "2020/21 Q1",
    }
    return yaml.safe_dump(whole | {"strands": named} | more, allow_unicode=True, sort_keys=False)


def plan(name: str = "Plan", *statuses: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "first_quarter": "2020/21 Q1",
        "statuses": {"Total": "total"} | dict.fromkeys(statuses or ("Complete",), "complete"),
    } | more


def refusal(text: str) -> tuple[str, str]:
    """The line that a refusal names, and what it says."""
    with pytest.raises(Refused) as refused:
        parse(text)
    found = re.fullmatch(r"config\.yaml, line (\d+): (.*\.)", str(refused.value))
    assert found, refused.value
    assert str(refused.value).isprintable()
    return text.splitlines()[int(found[1]) - 1].strip(), found[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hate Crime", "Hate-Crime"), ("Café A", "Caf A"), ("Сбыт", "Кражи"), ("x" * 60, "x" * 61), ("A/B", "A_B")],
)
def test_names_that_differ_have_keys_that_differ(one: str, other: str) -> None:
    assert key(one) != key(other)
    assert key(one) == key(one.upper())
    assert all(re.fullmatch(r"[a-z0-9_]{8,49}", key(name)) for name in (one, other))
    assert re.fullmatch(r"[a-z][a-z0-9_]*", table_name(one, "risks"))


def test_what_looks_the_same_is_alike() -> None:
    assert alike("Cafe\u0301  A") == alike("CAF\u00c9\u00a0A") == alike("Café A")
    assert alike("\u26a0\ufe0f At risk") == alike("\u26a0 At risk")
    assert alike("Hate Crime") != alike("Hate-Crime")


HIDDEN = {
    "control": "\x07",
    "line break": "\n",
    "line separator": "\u2028",
    "right to left": "\u202e",
    "zero width": "\u200b",
    "joiner": "\u200d",
    "byte order mark": "\ufeff",
    "blank letter": "\u3164",
    "no character": "\ufffe",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_what_cannot_be_seen_is_refused(hidden: str) -> None:
    line, says = refusal(config({"plans": [plan("Plan", f"Com{hidden}plete")]}))
    assert "plete" in line or hidden in "\n\u2028"
    assert says.startswith("statuses: 'Com") and "cannot be seen (U+" in says and says.endswith("write it without.")


def test_halves_of_characters_are_refused() -> None:
    for value in ('strategy: "S\\ud800"', '"\\ud800": x'):
        text = f"{value}\n" + config({}).partition("\n")[2]
        assert refusal(text)[0] == value


STRANDS: dict[str, tuple[str, str]] = {  # a setting of a strand, and what is said
    "name: N/A": ("name: N/A", "name: 'N/A' means that there is nothing to count; write another name"),
    "name: Total": ("name: total", "the last line of the executive summary is called that"),
    "name of one and code of another": ("name: S1", "'S1' is the code of 'Strand 1' and a name here"),
    "sheet of another": ("short_name: sheet  1", "two strand short_names are called 'Sheet 1'; give each its own"),
    "escape": ("name: Strand _x0041_", "has '_x0041_' in it, which Excel takes for another character"),
    "too long": (f"name: {'x' * 201}", "is too long; write at most 200 characters"),
    "emoji count twice": (f"short_name: {'🔥' * 16}", "write at most 31 characters"),
    "apostrophe at the end": ("short_name: Leads'", "cannot begin or end with an apostrophe"),
    "code too long": (f"code: {'C' * 32}", "will not do: write at most 31 characters"),
}


@pytest.mark.parametrize(("setting", "says"), STRANDS.values(), ids=STRANDS)
def test_a_strand_that_would_not_work_is_refused(setting: str, says: str) -> None:
    line, said = refusal(config({}, yaml.safe_load(setting)))
    assert line.removeprefix("- ").startswith(setting.partition(" ")[0])
    assert says in said


def test_a_name_stands_for_one_strand() -> None:
    line, says = refusal(config({"name": "Robbery", "formerly": ["Theft"]}, {"name": "theft"}))
    assert line == "- name: theft"
    assert says.startswith("name: 'theft' is the former name of 'Robbery' and a name here; leave it where")
    line, says = refusal(config({"name": "Robbery", "formerly": ["Theft"]}, {"formerly": ["Theft"]}))
    assert line == "- Theft"
    assert says.startswith("formerly: 'Theft' is the former name of 'Robbery' and a former name here")
    parse(config({"name": "Robbery", "short_name": "Robbery", "formerly": ["robbery", "Theft"]}))


def test_a_name_stands_for_one_plan() -> None:
    for plans in (
        [plan("Robbery", formerly=["Theft"]), plan("Theft")],
        [plan("Theft"), plan("Robbery", formerly=["Theft"])],
        [plan("Robbery", formerly=["Theft"]), plan("Burglary", formerly=["theft"])],
    ):
        assert "leave it where its figures belong, and write another name" in refusal(config({"plans": plans}))[1]
    assert "two plans are called 'Theft'" in refusal(config({"plans": [plan("Theft"), plan("Theft ")]}))[1]


def test_a_name_stands_for_one_status() -> None:
    line, says = refusal(config({"plans": [plan("P", "Done", "Late", renamed={"late": "Done"})]}))
    assert line == "late: Done"
    assert says == "late: 'late' is renamed here and yet listed as a status; remove it from one of the two places."
    assert "two statuses are called 'Done'" in refusal(config({"plans": [plan("P", "Done", "DONE ")]}))[1]
    assert "two statuses" in refusal(config({"plans": [plan("P", "Done", renamed={"A": "Done", "a": "Done"})]}))[1]


MEASURES: dict[str, tuple[dict[str, Any], str, str]] = {
    "heading": ({"rolling_12_months": ["month"]}, "- month", "'month' would be the heading of two columns"),
    "total": (
        {"rolling_12_months": ["X", "x: 12 Months"]},
        "- 'x: 12 Months'",
        "'x: 12 Months' would be the heading of two columns",
    ),
    "twice": ({"quarterly": ["X", "x"]}, "- x", "two measures are called 'X'"),
    "written otherwise": ({"rolling_12_months": ["X"], "quarterly": ["x"]}, "- x", "'x' is written 'X' above"),
    "old name": ({"quarterly": ["X", "Y"], "renamed": {"y": "X"}}, "y: X", "is renamed here and yet listed"),
}


@pytest.mark.parametrize(("measures", "where", "says"), MEASURES.values(), ids=MEASURES)
def test_measures_that_would_be_taken_for_each_other_are_refused(
    measures: dict[str, Any], where: str, says: str
) -> None:
    line, said = refusal(config({"measures": measures}))
    assert line == where
    assert says in said


def test_quarters_in_the_wrong_order_are_refused() -> None:
    line, says = refusal(config({"plans": [plan(last_quarter="2019/20 Q4")]}))
    assert (line, says) == (
        "last_quarter: 2019/20 Q4",
        "last_quarter: last_quarter lies before first_quarter, 2020/21 Q1; correct one.",
    )
    late = plan("P", "Done", added={"Done": "2021/22 Q1"}, retired={"Done": "2020/21 Q1"})
    assert refusal(config({"plans": [late]}))[1].startswith("Done: 'Done' is retired before it is added")


@pytest.mark.parametrize("value", ["2020-13-45", "9" * 5000])
def test_what_is_neither_a_date_nor_a_number_is_refused_with_its_line(value: str) -> None:
    line, says = refusal(config({}).replace("OFFICIAL", value))
    assert line == f"marking: {value}"
    assert "looks like a date or number and is none: put quotes around it" in says


def test_a_suggestion_is_a_setting_that_may_stand_there() -> None:
    assert refusal(config({"renamd": {}}))[1] == "'renamd' is not a setting: remove it, or check how it is spelled."
    assert refusal(config({"formely": []}))[1] == "'formely' is not a setting: write 'formerly'."
    assert refusal(config({"nam": "X"}))[1] == "'nam' is not a setting: remove it, or check how it is spelled."


@pytest.mark.parametrize("name", ["con", "Nul.txt", "returns.", "lpt1"])
def test_a_folder_that_windows_does_not_allow_is_refused(name: str) -> None:
    assert "write the name of a folder" in refusal(config({}, folders={"returns": name}))[1]


def test_every_row_has_the_names_of_today() -> None:
    """Whatever table it is in; what config does not know stays as it is."""
    strand = {
        "formerly": ["Then"],
        "plans": [plan("Plan", "Done", formerly=["Project"], renamed={"Finished": "Done"})],
        "measures": {"rolling_12_months": ["Crimes"], "renamed": {"Offences": "Crimes"}},
        "breakdowns": [
            {
                "name": "Outcomes",
                "formerly": ["Results"],
                "rows": ["Charged"],
                "columns": ["Now"],
                "renamed": {"Charges": "Charged", "This quarter": "Now"},
            }
        ],
    }
    q, sha = Quarter(2020, 1), "0" * 64
    then = Master(
        q,
        progress=(Progress(q, "Then", "Project", "Finished", 1), Progress(q, "Then", "Other", "Finished", 2)),
        measures=(Measure(q, "Then", "Offences", ROLLING, 1, 2), Measure(q, "Strand 1", "Offences", ROLLING, 1, 2)),
        monthly=(Monthly(q, "Then", "Offences", "2020-04", 3),),
        breakdowns=(
            BreakdownFigure(q, "Then", "Results", "Charges", "This quarter", 4),
            BreakdownFigure(q, "Then", "Other", "Charges", "This quarter", 5),
        ),
        notes=(Note(q, "Then", "Note"), Note(q, "Nobody", "Note")),
        submissions=(
            Submission(q, "Then", "a.xlsx", sha, "2020-07-01", "1", 0, "Yes"),
            Submission(q, None, "b.xlsx", sha, "2020-07-01", "1", 0, "No"),
        ),
        findings=(FindingRow(q, "Then", "a.xlsx", "rule", "note", None, None, "Message.", "Fix."),),
        corrections=(Correction(q, "Then", "Project: Finished", 1, 2, "a.xlsx"),),
        chasing=(Chased(q, "Then", "issue", "2020-04-01", 1, "DCI", "a.eml"),),
    )
    now = renamed(then, parse(config(strand)))
    assert [(p.strand, p.plan, p.status) for p in now.progress] == [
        ("Strand 1", "Plan", "Done"),
        ("Strand 1", "Other", "Finished"),
    ]
    assert [(m.strand, m.measure) for m in now.measures] == [("Strand 1", "Crimes")] * 2
    assert [(m.strand, m.measure) for m in now.monthly] == [("Strand 1", "Crimes")]
    assert [(b.strand, b.breakdown, b.row, b.column) for b in now.breakdowns] == [
        ("Strand 1", "Outcomes", "Charged", "Now"),
        ("Strand 1", "Other", "Charges", "This quarter"),
    ]
    assert [n.strand for n in now.notes] == ["Strand 1", "Nobody"]
    assert [s.strand for s in now.submissions] == ["Strand 1", None]
    for table in (now.findings, now.corrections, now.chasing):
        assert [row.strand for row in table] == ["Strand 1"]
    assert renamed(now, parse(config(strand))) == now


# What config says of quarters may change while forms are out


CHANGES: dict[str, tuple[str, str]] = {
    "plan begins earlier": ("first_quarter: 2020/21 Q1\n    statuses", "first_quarter: 2019/20 Q3\n    statuses"),
    "plan begins later": ("first_quarter: 2020/21 Q1\n    statuses", "first_quarter: 2020/21 Q2\n    statuses"),
    "strategy begins earlier": ("first_quarter: 2020/21 Q1\ncurrent", "first_quarter: 2019/20 Q1\ncurrent"),
    "strategy begins later": ("first_quarter: 2020/21 Q1\ncurrent", "first_quarter: 2020/21 Q2\ncurrent"),
    "strand begins earlier": ("lead: DCI", "lead: DCI\n  first_quarter: 2019/20 Q1"),
    "fewer quarters are shown": ("strands:", "quarters_shown: 2\nstrands:"),
    "more quarters are shown": ("strands:", "quarters_shown: 20\nstrands:"),
    "a name is written otherwise": ("name: Plan", "name: PLAN"),
    "a strand's name is written otherwise": ("name: Strand 1", "name: STRAND 1"),
    "a plan is renamed": ("name: Plan", "name: Project\n    formerly: [Plan]"),
    "a measure comes in": ("- Crimes", "- Crimes\n    - Arrests"),
}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_form_that_was_issued_before_config_changed_is_merged(tmp_path: Path, old: str, new: str) -> None:
    strand = {"plans": [plan()], "measures": {"rolling_12_months": ["Crimes"]}}
    text = config(strand)
    path, quarter = tmp_path / "config.yaml", "2020/21 Q3"
    path.write_text(text, encoding="utf-8")
    (issued,) = cpxl(tmp_path, "issue", "-q", quarter)["outputs"]["returns"]
    form = Form(Path(issued), yaml.safe_load(text)["strands"][0])
    form.fill_in(quarter, 4)
    form.book.save(tmp_path / "returns" / "2020-21-Q3" / "back.xlsx")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    said = cpxl(tmp_path, "consolidate", "-q", quarter)
    (returned,) = said["returns"]
    assert returned["accepted"], returned["findings"]
    assert [[row[key] for key in ("total", "complete")] for row in said["summary"]] == [[5, 5]]
    assert not {f["rule"] for f in returned["findings"]} & {"block-missing", "outside-the-tables", "heading-changed"}


def test_figures_of_a_plan_that_config_says_begins_later_are_not_passed_over(tmp_path: Path) -> None:
    text = config({"plans": [plan("Plan"), plan("Later")]})
    path, quarter = tmp_path / "config.yaml", "2020/21 Q3"
    path.write_text(text, encoding="utf-8")
    (issued,) = cpxl(tmp_path, "issue", "-q", quarter)["outputs"]["returns"]
    form = Form(Path(issued), yaml.safe_load(text)["strands"][0])
    form.fill_in(quarter, 4)
    form.book.save(tmp_path / "returns" / "2020-21-Q3" / "back.xlsx")
    path.write_text(
        text.replace("Later\n    first_quarter: 2020/21 Q1", "Later\n    first_quarter: 2020/21 Q4"), "utf-8"
    )
    (returned,) = cpxl(tmp_path, "check", "-q", quarter)["returns"]
    assert [f["rule"] for f in returned["findings"] if "'Progress: Later'" in f["message"]] == ["outside-the-tables"]


def test_a_new_strand_does_not_read_the_sheet_whose_name_it_takes(tmp_path: Path) -> None:
    first = {"name": "One", "short_name": "Sheet", "code": "ONE", "plans": [plan()]}
    path, quarter = tmp_path / "config.yaml", "2020/21 Q1"
    path.write_text(config(first), encoding="utf-8")
    (issued,) = cpxl(tmp_path, "issue", "-q", quarter)["outputs"]["returns"]
    form = Form(Path(issued), yaml.safe_load(config(first))["strands"][0])
    form.fill_in(quarter, 4)
    form.book.save(tmp_path / "returns" / "2020-21-Q1" / "back.xlsx")
    cpxl(tmp_path, "consolidate", "-q", quarter)
    second = first | {"name": "Two", "code": "TWO"}
    path.write_text(config(first | {"short_name": "Other"}, second), encoding="utf-8")
    assert read_master(WorkingFolder.open(tmp_path)).entered == {}
    assert cpxl(tmp_path, "consolidate", "-q", quarter)["missing"] == ["Two"]

"""A working folder of another organisation: asked on a terminal, or from a table."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from cpxl.beginning import USUAL, Beginning, NewStrand, config_text, still_to_write, strands_of
from cpxl.cli.ask import beginning
from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.names import alike, why_not
from cpxl.quarters import Quarter
from tests.command import run_cpxl
from tests.work import LONG

OWN = "All actions: total; Done: complete; Under way: ongoing; Stuck: at risk; Not begun: nothing"
TABLE = [
    ["Strand", "Lead", "Plan", "Statuses", "Measure", "Period", "Address"],
    ["Night-time economy", "Head of Licensing", "Safer nights", OWN, "Incidents in town", "", "licensing@example.org"],
    ["", "", "Taxis, and buses", "", "Patrols", "quarter"],
    ["Young people", "", "", "", "Referrals", "12 months"],
    ["Hate crime", "Head of Communities", "Hate crime", "", "", ""],
]


def saved(path: Path, table: list[list[str]]) -> Path:
    """The table as a CSV file or workbook."""
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in table), encoding="utf-8")
        return path
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Strands")
        for number, row in enumerate(table):
            sheet.write_row(number + 2, 1, row)
    return path


def test_everything_is_asked_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    typed = [
        "Safer Anytown Plan 2025-28", "Anytown Borough Council", "", "Restricted", "OFFICIAL",
        "last spring", "2025-26 Q1", "2025/26 Q2",
        "Night-time economy", "Head of Licensing", "night-time ECONOMY", "Young people: \u200b", "Young people", "", "",
    ]  # fmt: skip
    os.write(ours, "".join(f"{line}\n" for line in typed).encode())
    command = [sys.executable, "-m", "cpxl", "init", str(tmp_path / "new")]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, encoding="utf-8", timeout=100)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "'last spring' is not a quarter" in done.stdout
    assert "'Restricted' is no marking" in done.stdout
    assert "You have that one already" in done.stdout
    assert "U+200B" in done.stdout
    text = (tmp_path / "new" / "config.yaml").read_text(encoding="utf-8")
    settings = parse(text)
    assert (settings.strategy, settings.force) == ("Safer Anytown Plan 2025-28", "Anytown Borough Council")
    assert (settings.first_quarter, settings.current_quarter) == (Quarter(2025, 1), Quarter(2025, 2))
    assert [(s.name, s.code, s.plans[0].name) for s in settings.strands] == [
        ("Night-time economy", "NIGHT", "Night-time economy"),
        ("Young people", "YOUNG", "Young people"),
    ]
    lacking = list(still_to_write(text))
    assert [what for _, what in lacking] == ["the name of the partnership", "the rank or post of the lead"]
    refused = run_cpxl("issue", "--folder", tmp_path / "new")
    assert refused.returncode == 2
    for line, what in lacking:
        assert f"line {line}, {what}" in refused.stderr
        assert f"line {line}, {what}" in done.stdout
    assert not (tmp_path / "new" / "issued").exists()
    for _, what in lacking:
        text = text.replace(f"[to write: {what}]", "written by now")
    (tmp_path / "new" / "config.yaml").write_text(text, encoding="utf-8")
    assert run_cpxl("issue", "--folder", tmp_path / "new").returncode == 0


def test_what_was_said_on_the_command_line_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(question: str, **_: object) -> str:
        asked.append(question)
        return ""

    monkeypatch.setattr("typer.prompt", ask)
    first, current = Quarter(2025, 1), Quarter(2025, 2)
    made = beginning([NewStrand("One")], True, date(2026, 1, 1), first, current)
    assert (made.first_quarter, made.current_quarter) == (first, current)
    assert [question.partition(" ")[0] for question in asked] == ["Name", "Organisation", "Partnership", "Marking"]


def test_another_organisations_config_has_its_own_words() -> None:
    quarter = Quarter(2025, 1)
    own = {"Everything": "total", "Delivered": "complete", "On track": "ongoing", "Paused": "ongoing"}
    strands = [
        NewStrand("Hate crime", plans={"A": own}, measures={"quarterly": ["Cases solved (%)", "Visits"]}),
        NewStrand("Taxis", plans={"B": USUAL | {"Done": "complete"}}),
    ]
    text = config_text(Beginning(quarter, quarter, "Safer", "A Council", "A Partnership", strands=strands[:1]))
    for word in ("Essex", "Police", "Thematic", "work strand", "Force", "BURGLARY", "GANGS", "Total strands"):
        assert word not in text
    settings = parse(text)
    assert settings.headings.model_dump() == {
        "complete": "Delivered",
        "ongoing": "Ongoing / In progress",  # two statuses are ongoing, of which neither names both
        "at_risk": "At risk",
        "force_risk": "Risk register reference",
    }
    assert settings.strands[0].measures.unit("Cases solved (%)").is_share
    assert not settings.strands[0].measures.unit("Visits").is_share
    assert "#   HATE: lead@example.org" in text
    parse(text.replace("#   HATE: lead", "  HATE: lead").replace("# contacts:", "contacts:"))
    both = parse(config_text(Beginning(quarter, quarter, "Safer", "A Council", "A Partnership", strands=strands)))
    assert both.headings.complete == "Complete"  # as the plans call it otherwise each


@pytest.mark.parametrize("name", ["strands.csv", "strands.xlsx"])
def test_a_table_of_strands(name: str, tmp_path: Path) -> None:
    done = run_cpxl(
        "init", tmp_path / "new", "--from", saved(tmp_path / name, TABLE), "--first", "2025-26-Q1", "-q", "2025-26-Q2"
    )
    assert done.returncode == 0, done.stderr
    assert "3 strands" in done.stdout
    text = (tmp_path / "new" / "config.yaml").read_text(encoding="utf-8")
    settings = parse(text)
    assert (settings.first_quarter, settings.current_quarter) == (Quarter(2025, 1), Quarter(2025, 2))
    assert settings.contact_of == {"NIGHT": (None, "licensing@example.org")}
    one, two, three = settings.strands
    assert [(plan.name, plan.statuses) for plan in one.plans] == [
        ("Safer nights", own := {"All actions": "total", "Done": "complete", "Under way": "ongoing",
                                 "Stuck": "at_risk", "Not begun": "nothing"}),
        ("Taxis, and buses", own),
    ]  # fmt: skip
    assert (one.lead, one.measures.rolling_12_months, one.measures.quarterly) == (
        "Head of Licensing", ["Incidents in town"], ["Patrols"],
    )  # fmt: skip
    assert (two.plans, two.measures.rolling_12_months) == ([], ["Referrals"])
    assert three.plans[0].statuses == own
    assert text.count("#") > 60  # the comments are there
    for word in ("Essex", "Police", "Crime Prevention Strategy"):
        assert word not in text


def test_one_cell_of_a_table_that_will_not_do(tmp_path: Path) -> None:
    for row, column, cell, says in (
        (1, 0, "", "cell A2: the strand is blank"),
        (2, 1, "Head of Parks", "cell B3: the lead names a second lead of Night-time economy"),
        (1, 3, "Done, Under way", "cell D2: the statuses has 'Done, Under way'"),
        (1, 3, "Done: finished", "write each status with what it counts as"),
        (2, 2, "Safer nights", "cell C3: the plan is there a second time"),
        (3, 5, "a year", "cell F4: the period will not do: write one of 12 months, Quarter"),
    ):
        table = [list(line) for line in TABLE]
        table[row][column] = cell
        with pytest.raises(Refused) as refused:
            strands_of(saved(tmp_path / "strands.csv", table))
        assert says in str(refused.value).replace("\u2026", "")
    with pytest.raises(Refused, match="no row with the headings strand"):
        strands_of(saved(tmp_path / "strands.csv", TABLE[1:]))
    with pytest.raises(Refused, match="no strands below its headings"):
        strands_of(saved(tmp_path / "strands.csv", TABLE[:1]))


def test_names_that_a_config_refuses_make_no_folder(tmp_path: Path) -> None:
    table = [*TABLE, ["Hate crime", "", "", "", "Reports", ""], ["", "", "", "", "reports", ""]]
    done = run_cpxl("init", tmp_path / "new", "--from", saved(tmp_path / "strands.csv", table))
    assert done.returncode == 2
    assert "two measures are called 'Reports'" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("words", [[], ["--example"]])
def test_the_example_where_nobody_can_be_asked(words: list[str], tmp_path: Path) -> None:
    done = run_cpxl("init", tmp_path / "new", *words)
    assert done.returncode == 0
    assert "Essex Police as an example" in done.stdout
    assert parse((tmp_path / "new" / "config.yaml").read_text(encoding="utf-8")).strands[0].code == "DA"


NAMES = st.text(max_size=60).map(str.strip).filter(lambda name: why_not(name) is None)


@limits(max_examples=2000 if LONG else 40)
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique_by=alike), other=NAMES)
@example(names=["Delivery", "Notes"], other="Notes")  # sheets of the master
def test_whatever_the_names_are(names: list[str], other: str) -> None:
    quarter = Quarter(2025, 1)
    names = [name for name in names if alike(name) != "total"] or ["One"]
    strands = [NewStrand(name, other, plans={other: USUAL}, measures={"quarterly": [other]}) for name in names]
    made = parse(config_text(Beginning(quarter, quarter, other, other, other, "OFFICIAL", strands)))
    assert [s.name for s in made.strands] == names
    assert {made.strategy, *(s.lead for s in made.strands), made.strands[0].plans[0].name} == {other}

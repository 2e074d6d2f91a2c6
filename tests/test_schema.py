"""What an editor is told of config.yaml: the schema accepts what cpxl accepts, and refuses what it can."""

import json
from random import Random
from typing import Any

import pytest
import yaml

from cpxl.beginning import USUAL, Beginning, NewStrand, config_text
from cpxl.config import parse
from cpxl.config.schema import schema_text
from cpxl.errors import Refused
from cpxl.quarters import Quarter
from cpxl.resources import resource
from tests.command import run_cpxl
from tests.editor import schema, wrong
from tests.story import a_strategy
from tests.test_config import edited
from tools.config_page import COPY, PAGE, page

WHOLE = json.loads(schema_text())


def test_the_pages_made_from_it_are_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tools.config_page"
    assert COPY.read_text(encoding="utf-8") == schema_text(), "write it anew: python -m tools.config_page"


def test_a_schema_that_is_one_and_explains_every_setting() -> None:
    schema().check_schema(WHOLE)
    for part in [WHOLE, *WHOLE["$defs"].values()]:
        assert part["description"]
        for name, setting in part["properties"].items():
            assert setting.get("description"), name


CONDITIONS = "only: {A: x, B: [x, 1], C: {contains: x}, D: {from: 1}, E: {from: 1, to: 2}, F: {values: [x]}}"
EXTRACT = "extracts:\n  - {{name: X, {}, measures: [{{strand: DA, measure: Domestic Abuse}}]}}\n"
PLAIN = resource("config.yaml").read_text(encoding="utf-8").partition("\nextracts:")[0]


@pytest.mark.parametrize(
    ("extract", "is_good"),
    [
        (f"month: M, {CONDITIONS}", True),
        ("quarter: Q, financial_year: Y, id: I, latest_by: L, number: N, date_order: day first", True),
        ("day: D, database: 'sqlite://', query: ' select 1'", True),
        ("month: M, day: D", False),
        ("number: N", False),
        ("month: M, financial_year: Y", False),
        ("day: D, latest_by: L", False),
        ("day: D, database: 'sqlite://'", False),
        ("day: D, database: 'sqlite://', query: DROP TABLE x", False),
        ("day: D, only: {A: {contains: x, from: 1}}", False),
        ("day: D, only: {A: {}}", False),
        ("day: D, only: {A: []}", False),
        ("day: D, only: {A: Yes}", False),
    ],
)
def test_extracts(extract: str, is_good: bool) -> None:
    text = f"{PLAIN}\n{EXTRACT.format(extract)}"
    assert bool(wrong(text)) is not is_good
    if is_good:
        parse(text)
    else:
        with pytest.raises(Refused):
            parse(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("returns: returns", "returns: a/COM1.txt"),
        ("returns: returns", "returns: con"),
        ("returns: returns", "returns: 'dots..'"),
        ("strategy: Crime", "strategy: \"a\\u200bb\" # Crime"),
        ("force: Essex Police", "force: n/a"),
        ("force: Essex Police", "force: a_x0041_"),
        ("marking: OFFICIAL", f"marking: {'O' * 101}"),
        ("- name: Domestic Abuse", "- name: TOTAL"),
    ],
)  # fmt: skip
def test_names_and_folders_that_will_not_do(old: str, new: str) -> None:
    text = edited(old, new)
    with pytest.raises(Refused):
        parse(text)
    assert wrong(text)


def test_what_is_good() -> None:
    quarter = Quarter(2025, 1)
    strands = [
        NewStrand("Taxis / [buses]", plans={"One": USUAL, "Two": {"All": "total"}}, measures={"quarterly": ["Yes"]})
    ]
    texts = [config_text(Beginning(quarter, quarter, strands=strands)), resource("config.yaml").read_text("utf-8")]
    texts += [edited("returns: returns", "returns: what came/back"), edited("unit: work strand", "unit: [item, items]")]
    texts += [yaml.safe_dump(a_strategy(Random(seed)).config(), allow_unicode=True) for seed in range(5)]
    for text in texts:
        parse(text)
        assert not wrong(text)


def test_the_commands(demo: Any, tmp_path: Any) -> None:
    done = run_cpxl("config", "schema", "--folder", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "config.schema.json").read_text(encoding="utf-8") == schema_text()
    assert "$schema=config.schema.json" in done.stdout
    done = run_cpxl("config", "check", "--folder", demo.folder)
    assert done.returncode == 0
    assert "nothing in it is unusual" in done.stdout
    assert "9 returns, wanted by 16 October 2020" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("current_quarter: 2020/21 Q2", "current_quarter: 2019/20 Q3", "current_", "before the strategy's first quart"),
        ("return_by_days: 16", "", "strategy:", "nothing says by when"),
        ("contact: ", "# contact: ", "strategy:", "do not say who they go to"),
        ("Q1\n        statuses: &usual", "Q3\n        statuses: &usual", "first_quarter: 2020/21 Q3", "does not ask"),
        ("Q1\n        statuses: &usual", "Q4\n        statuses: &usual", "first_quarter: 2020/21 Q4", "does not ask"),
        ("first_quarter: 2020/21 Q1", "first_quarter: 2018/19 Q1", "first_quarter: 2018", "before the strategy does"),
        ("          At risk: at_risk\n", "", "statuses: &usual", "counts as at risk, so the summary never"),
        (
            "[Hate Crime Offences]",
            "['Cases (%)']",
            "measures:\n      rolling_12_months: ['Cases",
            "is read as a number",
        ),
        ("plans: []", "plans: []\n    last_quarter: 2020/21 Q1", "- name: House", "gets no return then"),
    ],
)
def test_what_is_unusual(old: str, new: str, where: str, says: str, tmp_path: Any) -> None:
    text = edited(old, new)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    found = json.loads(run_cpxl("config", "check", "--json", "--folder", tmp_path).stdout)["unusual"]
    line = text[: text.index(where)].count("\n") + 1
    assert [one for one in found if one["line"] == line and says in one["said"]], found

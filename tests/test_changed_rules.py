"""`rules` in config.yaml; returns that are accepted in spite of an error; what publishing says again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cpxl.config import Settings, parse
from cpxl.errors import Refused
from cpxl.master.file import read_master
from cpxl.model import Finding, Return
from cpxl.resources import resource
from cpxl.returns.catalogue import RULES
from cpxl.returns.changes import FIRM, is_firm
from cpxl.returns.checks import check_all
from cpxl.steps import merging
from tests.command import run_cpxl
from tests.shown import pages
from tests.small import fill_in, folder_of, issued, quarter_of, schedule, send
from tests.test_checks import KNOWN, NOW, SETTINGS, sound
from tests.work import LONG

Q = "2020/21 Q1"
CHANGED = "All strands: switched off. It is a slow plan"
OFF: Any = False
"""What YAML makes of a bare off."""


def changed(*changes: dict[str, Any]) -> Settings:
    config = yaml.safe_load(resource("config.yaml").read_text(encoding="utf-8"))
    return parse(yaml.safe_dump({**config, "rules": [{"reason": "So it is", **change} for change in changes]}))


def faulty() -> Return:
    """Two measures that moved much without a comment, a third with a figure missing; a risk without an action."""
    whole = sound("HATE")
    measures = list(whole.measures)
    measures[0] = replace(measures[0], previous=100, current=900)
    measures[1] = replace(measures[1], previous=90, current=117)
    measures[2] = replace(measures[2], current=None)
    risks = (replace(whole.risks[0], action=None, response="Treat"), *whole.risks[1:])
    return replace(whole, measures=tuple(measures), shown=(), risks=risks)


def found(settings: Settings, returned: Return | None = None) -> list[tuple[str, str]]:
    findings = check_all([returned or faulty(), sound()], settings, NOW, replace(KNOWN, progress=()))[0].findings
    return [(f.rule, f.severity) for f in findings]


AS_IT_IS = [("risk-treated-without-action", "warning"), ("measure-missing", "warning"), ("large-change", "warning")]
LARGE, OTHER, MISSING = (m.measure for m in faulty().measures[:3])


def test_a_rule_is_switched_off_lowered_raised_or_has_another_threshold() -> None:
    assert found(SETTINGS) == AS_IT_IS
    for severity in ("note", "error"):
        rule = {"rule": "risk-treated-without-action", "severity": severity}
        assert found(changed(rule)) == [(rule["rule"], severity), *AS_IT_IS[1:]]
    assert found(changed({"rule": "risk-treated-without-action", "severity": OFF})) == AS_IT_IS[1:]
    assert found(changed({"rule": "large-change", "threshold": {"change_percent": 900}})) == AS_IT_IS[:2]
    both = changed({"rule": "large-change", "threshold": {"change_percent": 20, "change_count": 10}})
    assert found(both) == [*AS_IT_IS, AS_IT_IS[2]]


def test_small_counts_and_jumps_have_thresholds_too() -> None:
    """And the form of the strand says what is asked of it."""
    whole = sound("HATE")
    few = tuple(replace(f, value=7) if at == 0 else f for at, f in enumerate(whole.breakdowns))
    small = {"rule": "breakdown-small-count", "threshold": {"smallest_count": 8}, "strand": "Hate Crime"}
    assert ("breakdown-small-count", "warning") in found(changed(small), replace(whole, breakdowns=few))
    assert "breakdown-small-count" not in dict(found(SETTINGS, replace(whole, breakdowns=few)))
    jumped = {"rule": "rolling-year-jumped", "threshold": {"change_percent": 40, "change_points": 5}}
    assert changed(jumped).rules[0].what == "beyond 40 % and 5 points"
    wide = {"rule": "large-change", "threshold": {"change_percent": 40}, "strand": "Hate Crime"}
    settings = changed(wide, small)
    asked = {s.code: settings.large_change(s).change_percent for s in settings.strands}
    assert {code for code, percent in asked.items() if percent == 40} == {"HATE"}


def test_it_holds_for_a_strand_or_a_measure_only() -> None:
    elsewhere = {"rule": "large-change", "severity": "off", "strand": "GANGS"}
    assert found(changed(elsewhere)) == AS_IT_IS
    here = {**elsewhere, "strand": "Hate Crime"}
    assert found(changed(here)) == AS_IT_IS[:2]
    assert found(changed({**here, "measure": OTHER})) == AS_IT_IS
    assert found(changed({**here, "measure": LARGE})) == AS_IT_IS[:2]
    closer = {"rule": "large-change", "severity": "error", "measure": LARGE}
    assert found(changed(closer, here)) == [*AS_IT_IS[:2], ("large-change", "error")]
    lower = {"rule": "large-change", "threshold": {"change_percent": 20, "change_count": 10}, "measure": OTHER}
    assert found(changed(lower)) == [*AS_IT_IS, AS_IT_IS[2]]
    assert found(changed({"rule": "measure-missing", "severity": "note", "measure": MISSING})) == [
        AS_IT_IS[0], ("measure-missing", "note"), AS_IT_IS[2],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": "large-chang", "severity": "off"}, "is large-change meant?"),
        ({"rule": "progress-missing", "severity": "warning"}, "'progress-missing' cannot be lowered"),
        ({"rule": "block-missing", "severity": "off"}, "'block-missing' cannot be lowered"),
        ({"rule": "nothing-changed"}, "say what is to change"),
        ({"rule": "nothing-changed", "threshold": {"change_percent": 3}}, "'nothing-changed' has no threshold"),
        ({"rule": "large-change", "threshold": {"smallest_count": 3}}, "'large-change' has no smallest_count"),
        ({"rule": "nothing-changed", "severity": "off", "measure": "Solved outcomes"}, "is not about measures"),
        ({"rule": "large-change", "severity": "off", "strand": "Hat Crime"}, "'Hat Crime' is not a strand"),
        ({"rule": "large-change", "severity": "off", "measure": "Outcomes"}, "'Outcomes' is not a measure"),
        ({"rule": "large-change", "severity": "mild"}, "write one of 'off', 'note'"),
        ({"rule": "large-change", "severity": "off", "reason": ""}, "reason"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_its_line(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=r"line \d+") as refused:
        changed(change)
    assert said in str(refused.value)


SOFT = [rule for rule in RULES if not is_firm(rule.code)]
CHANGES = st.fixed_dictionaries(
    {
        "rule": st.sampled_from([rule.code for rule in SOFT] + [rule for rule, _ in AS_IT_IS] * 10),
        "severity": st.sampled_from(["off", "note", "warning", "error"]),
    },
    optional={"strand": st.sampled_from([s.name for s in SETTINGS.strands])},
)


@settings(max_examples=200 if LONG else 15)
@given(st.lists(CHANGES, max_size=5))
def test_a_plain_account_of_changes(changes: list[dict[str, Any]]) -> None:
    """The finding of each rule has the severity that the closest and latest change gives it, and no other is moved."""
    expected = []
    for rule, severity in AS_IT_IS:
        mine = [c for c in changes if c["rule"] == rule and c.get("strand") in (None, "Hate Crime")]
        mine.sort(key=lambda c: "strand" in c)
        now = mine[-1]["severity"] if mine else severity
        expected += [(rule, now)] if now != "off" else []
    assert found(changed(*changes)) == expected


def test_what_is_firm_is_there() -> None:
    assert {rule.code for rule in RULES} >= FIRM
    assert all(rule.severity == Finding.ERROR for rule in RULES if rule.code in FIRM)


# Accepted in spite of an error


def faulty_folder(tmp_path: Path, figures: Any = (5, 1, 3, 0), rules: str = "") -> Any:
    folder = folder_of(tmp_path / "folder")
    config = folder.path / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + rules, encoding="utf-8")
    folder = type(folder).open(folder.path)
    form = issued(folder, Q)
    fill_in(form, Q, figures)
    form.type("Delivered in", 0, "Activity", "Ring 01245 491491 for it")
    form.type("Delivered in", 0, "Impact", "Fewer calls")
    schedule(form, 0, "Visits", "2020/21 Q2")
    send(folder, form, Q)
    return folder


def test_a_return_is_accepted_in_spite_of_an_error_and_that_stays_on_record(tmp_path: Path) -> None:
    rules = "rules:\n  - {rule: nothing-changed, severity: off, reason: It is a slow plan}\n"
    folder = faulty_folder(tmp_path, rules=rules)
    where = ("--folder", folder.path, "-q", "2020-21-Q1")
    assert run_cpxl("consolidate", *where).returncode == 1
    done = run_cpxl("consolidate", *where, "--accept", "BURG", "--reason", "The plan is being recounted.", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert said["returns"][0]["accepted"]
    assert said["returns"][0]["in_spite_because"] == "The plan is being recounted."
    assert [row["total"] for row in said["summary"]] == [5]
    # On record: in the master, the check report, and whenever it is done again.
    why = "progress-does-not-add-up: The plan is being recounted."
    again = run_cpxl("consolidate", *where)
    assert (again.returncode, why in again.stdout.replace("\n", " ")) == (0, True)
    master = read_master(folder).master
    assert [(s.in_spite_of, s.reason) for s in master.submissions] == [tuple(why.split(": "))]
    shown = pages(folder.master)
    assert any(f"Accepted in spite of {why}" in str(cell) for row in shown["Returns"] for cell in row)
    assert run_cpxl("check", *where).returncode == 0
    report = [cell for row in pages(folder.check_report(quarter_of(Q)))["Check report"] for cell in row]
    assert {
        why,
        "Accepted in spite of errors",
        "nothing-changed",
        CHANGED,
    } <= set(report)
    # Partners read that it does not add up; the coordinator, what partners perhaps should not see.
    published = json.loads(run_cpxl("publish", *where, "--json").stdout)
    assert [(f["rule"], f["severity"]) for f in published["findings"]] == [("phone-number", "warning")]
    cells = [str(c) for row in pages(Path(published["outputs"]["partner"]))["Burglary"] for c in row]
    assert any("1 + 3 + 0 is 4, and Total says 5" in cell for cell in cells)
    assert "Still open, and in the workbook: Burglary, Burglary A" in run_cpxl("publish", *where).stdout
    # Another file asks anew.
    form = issued(folder, Q)
    fill_in(form, Q, (6, 1, 3, 0))
    send(folder, form, Q)
    assert run_cpxl("consolidate", *where).returncode == 1
    assert [s.accepted for s in read_master(folder).master.submissions] == ["Yes", "No"]


@pytest.mark.parametrize(
    ("figures", "name", "reason", "said"),
    [
        ((5, 1, "three", 0), "BURG", "It is so", "cannot be accepted as it is"),
        ((5, 1, None, 0), "BURG", "It is so", "cannot be accepted as it is"),
        ((5, 1, 3, 0), "BURG", " - ", "Say in words why"),
        ((4, 1, 3, 0), "BURG", "It is so", "there is nothing to accept"),
        ((5, 1, 3, 0), "HATE", "It is so", "is not a strand"),
    ],
)
def test_what_cannot_be_accepted_is_refused(tmp_path: Path, figures: Any, name: str, reason: str, said: str) -> None:
    folder = faulty_folder(tmp_path, figures)
    with pytest.raises(Refused, match=said):
        merging.consolidate_folder(folder, quarter_of(Q), reasons={name: reason})
    assert not folder.master.exists()

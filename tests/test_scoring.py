"""Risks that are scored by likelihood and impact, and risks of the force's register beside a grid with 0 at risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cpxl.account import account
from cpxl.account.risks import direction
from cpxl.config import RiskScoring, parse
from cpxl.errors import Refused
from cpxl.layout.strand import strand_sheet
from cpxl.model import Finding
from cpxl.returns.checks import check_all
from cpxl.steps import merging, publishing
from tests.form import Form
from tests.shown import found, pages
from tests.small import CONFIG, STRAND, fill_in, folder_of, issued, quarter_of, send
from tests.test_checks import KNOWN, NOW, SETTINGS, sound


class Told(NamedTuple):
    """A line of the plain account: what a lead says of the risk in a quarter, and what everybody reads then."""

    quarter: str
    likelihood: int
    impact: int
    review: str
    rated: str
    since: str | None
    findings: tuple[str, ...] = ()


PLAIN = [
    Told("2020/21 Q1", 4, 4, "2020/21 Q3", "16 High", None),
    Told("2020/21 Q2", 3, 4, "2020/21 Q3", "12 Medium", "down from 16"),
    Told("2020/21 Q3", 3, 4, "2020/21 Q3", "12 Medium", "as before", ("risk-review-overdue",)),
    Told("2020/21 Q4", 5, 5, "2021/22 Q4", "25 High", "up from 12"),
]
WHAT, OWNER = "The only analyst leaves", "Head of Analysis"


def type_risk(form: Form, row: int, **values: Any) -> None:
    for heading, value in values.items():
        form.type("Work at risk", row, heading.replace("_", " "), value)


def test_a_scored_risk_through_four_quarters(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "folder", CONFIG + "risk_scoring: {}\n")
    before: Told | None = None
    for told in PLAIN:
        form = issued(folder, told.quarter)
        fill_in(form, told.quarter, (4, 1, 2, 1))
        if before:
            headings = ("Work at risk", "Likelihood", "Impact", "Owner", "Review", "Risk id")
            shown = [form.value("Work at risk", 0, heading) for heading in headings]
            assert shown == [WHAT, before.likelihood, before.impact, OWNER, before.review, "BURG-1"]
        else:
            type_risk(form, 0, Work_at_risk=WHAT, What_is="A post is advertised", Response="Treat", Owner=OWNER)
            type_risk(form, 0, Likelihood_aimed=2, Impact_aimed=3)
        type_risk(form, 0, Likelihood=told.likelihood, Impact=told.impact, Review=told.review)
        send(folder, form, told.quarter)
        quarter = quarter_of(told.quarter)
        checks, master = merging.consolidate_folder(folder, quarter)
        rules = {f.rule for f in checks.checked[0].findings}
        assert {rule for rule in rules if rule.startswith("risk-")} == set(told.findings)
        [row] = found(pages(folder.master)["Risk register"], "Risk id", "Level")
        assert {heading: row[heading] for heading in ("Level", "Since last time", "Aimed at", "Owner", "Review")} == {
            "Level": told.rated, "Since last time": told.since, "Aimed at": "6 Medium", "Owner": OWNER,
            "Review": told.review,
        }  # fmt: skip
        [at_risk] = found(pages(folder.master)["Executive summary"], "Response", "Level")
        assert (at_risk["Level"], at_risk["Risk id"]) == (told.rated, "BURG-1")
        [risk] = account(master, quarter, folder.settings).risks
        assert (risk.risk.score, risk.risk.level) == (told.likelihood * told.impact, told.rated.split()[1])
        before = told
    published = publishing.publish_folder(folder).path
    [partners] = found(pages(published)[STRAND], "Score", "Aimed at")
    assert (partners["Score"], partners["Aimed at"], partners["Owner"]) == ("25 High, up from 12", "6 Medium", OWNER)


def test_where_nothing_is_said_of_scoring_nothing_changes(tmp_path: Path) -> None:
    """Not on the form, nor in the register."""
    folder = folder_of(tmp_path / "folder")
    form = issued(folder, "2020/21 Q1")
    top = form.heading("Work at risk")
    headings = [form.page.cell(top, n).value for n in range(1, 9)]
    assert headings[2:] == [
        "Response",
        "Level",
        "Force risk reference",
        "Open or closed",
        "Risk id",
        "Carried over or new",
    ]


def test_a_form_of_before_scoring_reads_with_its_level(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "folder")
    form = issued(folder, "2020/21 Q1")
    fill_in(form, "2020/21 Q1", (4, 1, 2, 1))
    type_risk(form, 0, Work_at_risk=WHAT, What_is="Soon", Response="Tolerate", Level="Medium")
    send(folder, form, "2020/21 Q1")
    folder = folder_of(folder.path, CONFIG + "risk_scoring: {}\n")
    checks, master = merging.consolidate_folder(folder, quarter_of("2020/21 Q1"))
    assert not checks.has_errors
    assert [(r.level, r.score) for r in master.risks] == [("Medium", None)]
    again = issued(folder, "2020/21 Q2")
    assert again.value("Work at risk", 0, "Likelihood") is None


def test_scores_are_checked() -> None:
    scored = SETTINGS.model_construct(**{**dict(SETTINGS), "risk_scoring": RiskScoring()})

    def said(**fields: Any) -> list[tuple[str, str]]:
        first, *others = sound().risks
        whole = {"likelihood": 2, "impact": 2}
        cells = {**first.cells, **dict.fromkeys((*whole, "review", "aimed_impact"), first.cells["level"])}
        risks = (replace(first, **{**whole, **fields}, cells=cells), *others)
        known = replace(KNOWN, risks=())
        checked = check_all([replace(sound(), risks=risks), sound("HATE")], scored, NOW, known)[0]
        return [(f.rule, f.message) for f in checked.findings]

    assert said() == []
    assert [rule for rule, _ in said(likelihood=6, aimed_impact="High")] == ["risk-score"]
    assert "likelihood '6', impact aimed at 'High'" in said(likelihood=6, aimed_impact="High")[0][1]
    assert [rule for rule, _ in said(impact=None)] == [rule for rule, _ in said(likelihood=None)] == ["risk-not-scored"]
    assert said(impact=None, state="Closed")[0][0] == "at-risk-differs-from-risks"
    assert [rule for rule, _ in said(review="30 September 2020")] == ["risk-review-overdue"]
    assert said(review="1 October 2020") == said(review="soon") == []


def test_the_matrix_is_the_organisations_own() -> None:
    line = "[Green, Green, Green, Amber, Red]"
    own = parse(CONFIG + f"risk_scoring:\n  matrix: [{', '.join([line] * 5)}]\n").risk_scoring
    assert own and [own.level(1, impact) for impact in range(1, 6)] == ["Green", "Green", "Green", "Amber", "Red"]
    usual = RiskScoring()
    assert [usual.level(*pair) for pair in ((1, 4), (1, 5), (3, 4), (3, 5), (5, 5))] == [
        *("Low", "Medium", "Medium", "High", "High"),
    ]
    assert usual.level(None, 3) is usual.level(0, 3) is usual.level(3, 6) is usual.level(True, 3) is None
    assert [direction(8, 8), direction(9, 8), direction(None, 8), direction(8, None)] == [
        "as before",
        "up from 8",
        "",
        "",
    ]
    for wrong in (f"[{', '.join([line] * 4)}]", "[[Green], [Green], [Green], [Green], [Green]]"):
        with pytest.raises(Refused, match=r"line \d+"):
            parse(CONFIG + f"risk_scoring:\n  matrix: {wrong}\n")


def test_a_risk_of_the_forces_register_beside_a_grid_with_nothing_at_risk(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "folder")
    quarter = "2020/21 Q1"
    form = issued(folder, quarter)
    fill_in(form, quarter)
    type_risk(form, 0, Work_at_risk="Demand grows", What_is="A bid", Response="Treat")
    send(folder, form, quarter)
    checks, _ = merging.consolidate_folder(folder, quarter_of(quarter))
    assert [f.rule for f in checks.checked[0].findings if f.severity == Finding.ERROR] == ["at-risk-differs-from-risks"]
    type_risk(form, 0, Force_risk=1634)
    send(folder, form, quarter)
    checks, master = merging.consolidate_folder(folder, quarter_of(quarter))
    assert not checks.has_errors
    said = account(master, quarter_of(quarter), folder.settings)
    assert said.positions == ("Nothing at risk; 1 on the force's register",)
    assert [n.risk.force_risk for n in said.risks] == [1634]
    [block] = [b for b in strand_sheet(said.strands[0], folder.settings).blocks if b.name == "risks"]
    assert block.check and block.check.value == "OK: 1 on the force's register, and none at risk in the progress grid."

"""Every rule fires on what it is there for, at the right cells, and is quiet on what is sound."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpxl.config import load, parse
from cpxl.model import (
    NOT_APPLICABLE,
    QUARTERLY,
    RESPONSES,
    ROLLING,
    Cell,
    Checked,
    Finding,
    Measure,
    Progress,
    Return,
    Risk,
    Value,
)
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.checks import RULES, check_all

SETTINGS = load(resource("config.yaml"))
LAST, NOW = Quarter(2020, 1), Quarter(2020, 2)
FIGURES = {"complete": 5, "ongoing": 7, "at_risk": 1, "nothing": 2}
ERROR, WARNING = Finding.ERROR, Finding.WARNING

Damage = Callable[[Return], Return]


def sound(code: str = "GANGS") -> Return:
    """A strand's return with nothing wrong.

    Statuses stand in column A from row 3 on, last quarter's figures in B, this quarter's in C; risks from row 21 on
    (description in A, response in D); measures from row 31 on (previous in B, current in C).
    """
    strand = SETTINGS.strand(code)
    assert strand
    about: dict[str, Any] = {"quarter": NOW, "strand": strand.name}

    def at(**addresses: str) -> dict[str, Cell]:
        return {key: Cell(strand.short_name, address) for key, address in addresses.items()}

    progress, risks = [], []
    rows, risk_rows = count(3), count(21)
    for plan in strand.plans:
        total = sum(FIGURES[counts] for counts in plan.statuses.values() if counts != "total")
        for status, counts in plan.statuses.items():
            value, row = FIGURES.get(counts, total), next(rows)
            progress += [
                Progress(quarter, strand.name, plan.name, status, value, None, at(value=f"{column}{row}"))
                for column, quarter in (("B", LAST), ("C", NOW))
            ]
            if counts == "at_risk":
                row = next(risk_rows)
                cells = at(description=f"A{row}", response=f"D{row}")
                risks.append(Risk(**about, id=None, description="No venue", response="Treat", cells=cells))
    names = [(ROLLING, name) for name in strand.measures.rolling_12_months]
    names += [(QUARTERLY, name) for name in strand.measures.quarterly]
    measures = [
        Measure(
            **about, measure=name, period=period, previous=90, current=80, cells=at(previous=f"B{n}", current=f"C{n}")
        )
        for n, (period, name) in enumerate(names, 31)
    ]
    return Return(
        f"{code}.xlsx",
        "0" * 64,
        "2020-10-05 09:00:00",
        strand=code,
        quarter=str(NOW),
        progress=tuple(progress),
        measures=tuple(measures),
        risks=tuple(risks),
    )


def checked(returned: Return) -> Checked:
    """The return as checked beside a sound one of Hate Crime."""
    return check_all([returned, sound("HATE")], SETTINGS, NOW)[0]


def rules(returned: Return) -> list[str]:
    return [finding.rule for finding in checked(returned).findings]


# What may happen to a return


def unreadable(fault: str) -> Damage:
    return lambda r: Return(r.file, r.sha256, r.received, fault=fault)


def changed(**fields: Any) -> Damage:
    return lambda r: replace(r, **fields)


def figure(value: Value, status: str = "Complete", plan: str = "Knife Crime", quarter: Quarter = NOW) -> Damage:
    """Another figure in one cell of a progress grid."""

    def damage(returned: Return) -> Return:
        here = [(p.quarter, p.plan, p.status) == (quarter, plan, status) for p in returned.progress]
        assert any(here)
        figures = zip(returned.progress, here, strict=True)
        return replace(returned, progress=tuple(replace(p, value=value) if it else p for p, it in figures))

    return damage


def column(values: Sequence[Value], plan: str = "Knife Crime") -> Damage:
    """Other figures in the whole column of this quarter."""

    def damage(returned: Return) -> Return:
        statuses = [p.status for p in returned.progress if (p.quarter, p.plan) == (NOW, plan)]
        return both(*(figure(value, s, plan) for value, s in zip(values, statuses, strict=True)))(returned)

    return damage


def extra_row(status: str, value: Value) -> Damage:
    """One more row at the end of the Knife Crime grid."""
    cells = {"value": Cell("Gangs and Knife Crime", "C99")}
    return lambda r: replace(
        r, progress=(*r.progress, Progress(NOW, r.progress[0].strand, "Knife Crime", status, value, None, cells))
    )


def without_row(status: str) -> Damage:
    """No row of that status in the Knife Crime grid."""
    return lambda r: replace(r, progress=tuple(p for p in r.progress if (p.plan, p.status) != ("Knife Crime", status)))


def first_risk(**fields: Any) -> Damage:
    return lambda r: replace(r, risks=(replace(r.risks[0], **fields), *r.risks[1:]))


def one_risk_more(**fields: Any) -> Damage:
    return lambda r: replace(r, risks=(*r.risks, replace(r.risks[0], **fields)))


def first_measure(**fields: Any) -> Damage:
    return lambda r: replace(r, measures=(replace(r.measures[0], **fields), *r.measures[1:]))


def both(*damages: Damage) -> Damage:
    def damage(returned: Return) -> Return:
        for step in damages:
            returned = step(returned)
        return returned

    return damage


# A rule, what sets it off in a sound return of Gangs and Knife Crime, the cells, and what the message names
FIRES: list[tuple[str, str, Damage, str, list[str]]] = [
    ("not-a-workbook", ERROR, unreadable("not-a-workbook"), "", ["damaged"]),
    ("old-format", ERROR, unreadable("old-format"), "", [".xls "]),
    ("too-large", ERROR, unreadable("too-large"), "", ["far more"]),
    ("password-protected", ERROR, unreadable("password-protected"), "", ["password"]),
    ("other-workbook", ERROR, unreadable("other-workbook"), "", ["not a return"]),
    ("unknown-strand", ERROR, both(unreadable("unknown-strand"), changed(strand="ARSON")), "", ["'ARSON'"]),
    ("wrong-quarter", ERROR, changed(quarter="2020/21 Q1"), "", ["for 2020/21 Q1,", "not for 2020/21 Q2"]),
    ("second-return", ERROR, lambda _: replace(sound("HATE"), file="again.xlsx"), "", [": HATE.xlsx."]),
    ("block-missing", ERROR, changed(missing_blocks=("Work at risk", "Notes")), "", ["Work at risk, Notes"]),
    ("progress-missing", ERROR, figure(None), "C4", ["Knife Crime", "2020/21 Q2", "for Complete."]),
    (
        "progress-missing",
        ERROR,
        both(without_row("Complete"), figure(8, "Total strands"), figure(8, "Total strands", quarter=LAST)),
        "",
        ["for Complete."],
    ),
    ("progress-unknown-status", ERROR, extra_row("Late", 0), "C99", ["Knife Crime", "'Late'"]),
    ("progress-status-twice", ERROR, extra_row("Complete", 0), "C4, C99", ["Knife Crime", "'Complete'"]),
    ("progress-not-a-whole-number", ERROR, figure(12.5), "C4", ["Knife Crime", "Complete", "2020/21 Q2", "'12.5'"]),
    ("progress-not-a-whole-number", ERROR, figure("12 or so"), "C4", ["'12 or so'"]),
    ("progress-not-a-whole-number", ERROR, figure(True), "C4", ["'True'"]),
    ("progress-not-a-whole-number", ERROR, figure(-0.5), "C4", ["'-0.5'"]),
    ("progress-negative", ERROR, figure(-1), "C4", ["Knife Crime", "Complete", "2020/21 Q2", "is -1"]),
    (
        "progress-partly-not-applicable",
        ERROR,
        both(figure(NOT_APPLICABLE), figure(NOT_APPLICABLE, "Total strands")),
        "C3, C4",
        ["Knife Crime", "2020/21 Q2", "Total strands, Complete only"],
    ),
    (
        "progress-does-not-add-up",
        ERROR,
        figure(6),
        "C4, C5, C6, C3",
        ["Knife Crime", "2020/21 Q2", "come to 14 (6 + 7 + 1)", "total is 13"],
    ),
    (
        "earlier-progress-does-not-add-up",
        WARNING,
        figure(12, "Total strands", quarter=LAST),
        "B4, B5, B6, B3",
        ["Knife Crime", "2020/21 Q1", "come to 13 (5 + 7 + 1)", "total was 12"],
    ),
    ("risk-response", ERROR, first_risk(response=None), "D21", ["'No venue'", "missing"]),
    ("risk-response", ERROR, first_risk(response="Wait"), "D21", ["'No venue'", "'Wait'"]),
    ("risk-description-missing", ERROR, first_risk(description=None), "A21", ["no description"]),
    ("at-risk-differs-from-risks", ERROR, one_risk_more(), "C6, C10", ["has 2 at risk", "3 are listed as open"]),
    ("at-risk-differs-from-risks", ERROR, first_risk(state="Closed"), "C6, C10", ["has 2", "1 is listed"]),
    ("at-risk-differs-from-risks", ERROR, changed(risks=()), "C6, C10", ["has 2", "0 are listed"]),
    ("measure-not-a-number", ERROR, first_measure(previous="n.k."), "B31", ["Knife Crime Offences", "'n.k.'"]),
    ("measure-not-a-number", ERROR, first_measure(current=True), "C31", ["Knife Crime Offences", "'True'"]),
]


@pytest.mark.parametrize(("rule", "severity", "damage", "cells", "names"), FIRES, ids=[case[0] for case in FIRES])
def test_a_rule_fires(rule: str, severity: str, damage: Damage, cells: str, names: list[str]) -> None:
    """Alone, with its severity and cells; and only an error keeps a return out."""
    result = checked(damage(sound()))
    sheet = "Gangs and Knife Crime" if cells else ""
    assert [(f.rule, f.severity, f.sheet, f.cell) for f in result.findings] == [(rule, severity, sheet, cells)]
    finding = result.findings[0]
    assert [name for name in names if name not in finding.message] == []
    assert not {"{", "}"} & {*finding.message, *finding.fix}
    assert result.accepted == (severity == WARNING)


def test_every_rule_is_fired_above() -> None:
    assert sorted({case[0] for case in FIRES}) == sorted(rule.code for rule in RULES)


@pytest.mark.parametrize("code", [strand.code for strand in SETTINGS.strands])
def test_a_sound_return_has_no_findings(code: str) -> None:
    assert check_all([sound(code)], SETTINGS, NOW)[0].findings == ()


# The rule that might have fired, a strand, and what happened to its sound return
QUIET: list[tuple[str, str, Damage]] = [
    ("progress-missing: 0 is a figure", "DA", both(column([0, 0, 0, 0], "Domestic Abuse"), changed(risks=()))),
    ("progress-missing: a blank of last quarter", "GANGS", figure(None, quarter=LAST)),
    ("progress-not-a-whole-number: of last quarter", "GANGS", figure("12 or so", quarter=LAST)),
    ("progress-partly-not-applicable: in every row", "GANGS", column([NOT_APPLICABLE] * 4)),
    ("progress-partly-not-applicable: no total", "PREVENT", figure(NOT_APPLICABLE, "Deferred", "CTLP progress")),
    ("progress-does-not-add-up: a total that moves", "GANGS", column([33, 25, 7, 1])),
    ("progress-does-not-add-up: no total", "PREVENT", figure(99, "Deferred", "CTLP progress")),
    ("earlier-progress-does-not-add-up: N/A", "GANGS", figure(NOT_APPLICABLE, quarter=LAST)),
    *[(f"risk-response: {response}", "GANGS", first_risk(response=response)) for response in RESPONSES],
    ("risk-response: closed", "GANGS", one_risk_more(state="Closed", response=None)),
    ("at-risk-differs-from-risks: closed", "GANGS", one_risk_more(state="Closed")),
    ("at-risk-differs-from-risks: no plan", "BURGLARY", changed(risks=sound("GANGS").risks)),
    ("measure-not-a-number: a fraction", "GANGS", first_measure(previous=0, current=12.5)),
    ("measure-not-a-number: blank", "GANGS", first_measure(previous=None, current=None)),
    ("measure-not-a-number: N/A", "GANGS", first_measure(previous=NOT_APPLICABLE, current=NOT_APPLICABLE)),
]


@pytest.mark.parametrize(("code", "damage"), [case[1:] for case in QUIET], ids=[case[0] for case in QUIET])
def test_a_rule_is_quiet(code: str, damage: Damage) -> None:
    assert checked(damage(sound(code))).findings == ()


def test_files_that_say_no_strand_are_not_returns_of_the_same_one() -> None:
    files = [replace(unreadable("not-a-workbook")(sound()), file=name) for name in ("a.xlsx", "b.xlsx")]
    found = [f.rule for result in check_all(files, SETTINGS, NOW) for f in result.findings]
    assert found == ["not-a-workbook", "not-a-workbook"]


def test_a_plan_outside_the_summary_needs_no_risks() -> None:
    text = resource("config.yaml").read_text(encoding="utf-8")
    settings = parse(text.replace("Deferred: nothing", "Deferred: at_risk"))
    prevent = settings.strand("PREVENT")
    assert prevent and prevent.plans[1].statuses["Deferred"] == "at_risk"
    assert check_all([sound("PREVENT")], settings, NOW)[0].findings == ()


NA = NOT_APPLICABLE


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([13, None, 7, 1], "C4"),
        ([None, 5, 7, 1], "C3"),
        ([13, 5, 7, None], "C6"),
        ([NA, NA, None, NA], "C5"),
        ([None] * 4, "C3, C4, C5, C6"),
    ],
    ids=["part", "total", "at risk", "beside N/A", "all"],
)
def test_a_blank_is_reported_once(values: list[Value], cells: str) -> None:
    findings = checked(column(values)(sound())).findings
    assert [(f.rule, f.cell) for f in findings] == [("progress-missing", cells)]


def test_findings_stand_in_the_order_of_the_catalogue() -> None:
    damage = both(first_measure(current="?"), first_risk(response=None), figure(12.5))
    assert rules(damage(sound())) == ["progress-not-a-whole-number", "risk-response", "measure-not-a-number"]


def test_each_figure_at_fault_has_its_own_finding() -> None:
    damage = both(figure("five"), figure("one", "At risk"), first_measure(previous="?", current="?"))
    assert [f.cell for f in checked(damage(sound())).findings] == ["C4", "C6", "B31", "C31"]


def test_a_long_description_is_cut_in_the_message() -> None:
    returned = first_risk(description="word " * 100, response=None)(sound())
    message = checked(returned).findings[0].message
    assert "word word…'" in message
    assert len(message) < 120


PARTS = st.lists(st.integers(0, 10**6), min_size=4, max_size=4)


def night_time_economy(total: int, parts: list[int]) -> Return:
    return column([total, *parts], "Night-time Economy")(sound("NTE"))


@given(PARTS)
def test_any_whole_numbers_and_their_sum_are_fine(parts: list[int]) -> None:
    assert [rule for rule in rules(night_time_economy(sum(parts), parts)) if "progress" in rule] == []


@given(PARTS, st.integers(0, 5 * 10**6))
def test_any_other_total_does_not_add_up(parts: list[int], total: int) -> None:
    assume(total != sum(parts))
    found = [rule for rule in rules(night_time_economy(total, parts)) if "progress" in rule]
    assert found == ["progress-does-not-add-up"]

"""Every rule fires on what it is there for, at the right cells, and is quiet on what is sound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, Strand, load, parse
from cpxl.layout.check_report import how_many_accepted
from cpxl.layout.identity import issue_id
from cpxl.model import (
    ACHIEVED,
    DUE,
    NOT_APPLICABLE,
    OUTCOMES,
    QUARTERLY,
    RESPONSES,
    ROLLING,
    SCHEDULED,
    Aside,
    BreakdownFigure,
    Cell,
    Checked,
    Correction,
    DeliveryItem,
    Finding,
    Master,
    Measure,
    Monthly,
    Note,
    Paragraph,
    Progress,
    Return,
    Risk,
    SignOff,
    Typed,
    Value,
)
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.returns.catalogue import RULES
from cpxl.returns.checks import check_all
from cpxl.workbook_names import TEMPLATE_VERSION
from tools.rules_page import page

SETTINGS = load(resource("config.yaml"))
LAST, NOW = Quarter(2020, 1), Quarter(2020, 2)
FIGURES = {"complete": 5, "ongoing": 7, "at_risk": 1, "nothing": 2}
NA = NOT_APPLICABLE
SHEET = "Gangs and Knife Crime"
COUNTY_LINES = "Gangs / County Lines"

RISK = ("description", "cause", "action", "response", "level", "force_risk", "state")

Damage = Callable[[Return], Return]


def sound(code: str = "GANGS") -> Return:
    """A strand's return with nothing wrong.

    Statuses stand in column A from row 3 on, last quarter's figures in B, this quarter's in C, notes in D; risks from
    row 21 on; measures from row 31 on; what was due in row 51, achieved in 52, scheduled in 53; a note in 61.
    """
    strand = SETTINGS.strand_of(code)
    assert strand
    about: dict[str, Any] = {"quarter": NOW, "strand": strand.name}
    risk: dict[str, Any]

    def at(row: int, *fields: str) -> dict[str, Cell]:
        """The fields of a record in columns A, B, C… of a row."""
        return {key: Cell(strand.short_name, f"{'ABCDEFGHI'[n]}{row}") for n, key in enumerate(fields)}

    progress, risks = [], []
    rows, risk_rows = count(3), count(21)
    for plan in strand.plans:
        total = sum(FIGURES[counts] for counts in plan.statuses.values() if counts != "total")
        for status, counts in plan.statuses.items():
            value, row = FIGURES.get(counts, total), next(rows)
            cells = at(row, "status", "last", "value", "note")
            last = value + (status == "Ongoing / In progress") - (counts == "complete")  # so that something has moved
            progress += [
                Progress(LAST, strand.name, plan.name, status, last, None, cells=cells | {"value": cells["last"]}),
                Progress(NOW, strand.name, plan.name, status, value, None, cells=cells),
            ]
            if counts == "at_risk":
                cells = at(
                    next(risk_rows), "description", "cause", "action", "response", "level", "force_risk", "state"
                )
                values = (f"No venue for {plan.name}", "Closures", "Pass it to the council", "Treat", "Low", 12, "Open")
                risk = dict(zip(RISK, values, strict=True))
                risks.append(Risk(**about, id=None, **risk, cells=cells))
    names = [(period, name) for period in COMPARISONS for name in strand.measures.compared(period)]
    columns = ("measure", "previous", "current", "difference", "percentage", "comment")
    measures = [
        Measure(**about, measure=name, period=period, previous=before, current=80 * of, cells=at(row, *columns))
        for row, (period, name) in enumerate(names, 31)
        for of in [0.005 if strand.measures.unit(name).is_share else 1]
        for before in [90 * of if COMPARISONS[period].back else None]
    ]
    delivery = [
        DeliveryItem(**about, kind=kind, activity=f"Visits {row}", impact="Fewer calls", when=when, cells=cells)
        for kind, row, when in ((DUE, 51, "March 2020"), (ACHIEVED, 52, None), (SCHEDULED, 53, "March 2021"))
        for cells in [at(row, "activity", "impact", "when", "outcome", "moved_to")]
    ]
    delivery[0] = replace(delivery[0], outcome=OUTCOMES[0])
    return Return(
        f"{code}.xlsx",
        "0" * 64,
        "2020-10-05 09:00:00",
        saved=1_601_888_400_000_000_000,
        strand=code,
        quarter=str(NOW),
        template_version=TEMPLATE_VERSION,
        issue_id=issue_id(SETTINGS, code, NOW),
        sheet=strand.short_name,
        heading=(
            ("Strand", strand.name, Cell(strand.short_name, "B5")),
            ("Quarter", str(NOW), Cell(strand.short_name, "B6")),
        ),
        progress=tuple(progress),
        measures=tuple(measures),
        shown=tuple(
            (m, *shown)
            for m in measures
            if m.previous is not None
            for shown in (("difference", -10 if m.current == 80 else -5), ("percentage", -1 / 9))
        ),
        risks=tuple(risks),
        delivery=tuple(delivery),
        breakdowns=tuple(_figures(strand, at)),
        notes=(Note(**about, text="Call 01245 000000", cells=at(61, "text")),),
    )


def _figures(strand: Strand, at: Callable[..., dict[str, Cell]]) -> Iterator[BreakdownFigure]:
    """Breakdowns that add up: 80 in all, as the measures have; from row 101 on, their figures from column C on."""
    rows = count(101)
    for breakdown in strand.breakdowns:
        for number, row in enumerate(breakdown.every_row):
            cells = at(next(rows), "row", "comment", *breakdown.columns)
            for column in breakdown.columns:
                share = breakdown.unit_of(row, column).is_share
                whole = {"This quarter": 80, "Last quarter": 90}.get(column, 80)
                part = whole if row == breakdown.total else (whole - len(breakdown.rows) + 1 if number == 0 else 1)
                value = 0.25 if share else part
                cell = cells | {"value": cells[column]}
                yield BreakdownFigure(NOW, strand.name, breakdown.name, row, column, value, cells=cell)


GANGS = "Gangs and Knife Crime"
KNOWN = Master(
    LAST,
    progress=tuple(p for p in sound().progress if p.quarter == LAST),
    measures=(
        Measure(NOW.plus(-4), GANGS, "Knife Crime Offences", ROLLING, 70, 90),
        Measure(LAST, "Hate Crime", "Solved outcomes", QUARTERLY, 100, 90),
    ),
    risks=(
        Risk(LAST, GANGS, "GANGS-1", "No venue for Knife Crime", state="Open"),
        Risk(LAST, GANGS, "GANGS-2", "No venue for Gangs / County Lines", state="Open"),
        Risk(LAST.plus(-1), GANGS, "GANGS-3", "Long over", state="Open"),
    ),
    monthly=(
        Monthly(LAST.plus(-1), GANGS, "Knife Crime Offences", "2018-10", 4),
        Monthly(LAST, GANGS, "Knife Crime Offences", "2018-10", 5),
    ),
    delivery=(
        DeliveryItem(LAST, GANGS, SCHEDULED, "Visits 51", "Fewer calls", "March 2020", id="GANGS-A1"),
        DeliveryItem(LAST, GANGS, ACHIEVED, "Patrols of the streets around the station", "Fewer calls"),
    ),
)
"""What the master holds from before the quarter, in step with the sound return of Gangs and Knife Crime."""


def checked(returned: Return, known: Master = KNOWN) -> Checked:
    """The return as checked beside a sound one of Hate Crime."""
    return check_all([returned, sound("HATE")], SETTINGS, NOW, known)[0]


def rules(returned: Return) -> list[str]:
    return [finding.rule for finding in checked(returned).findings]


# What may happen to a return


def unreadable(fault: str) -> Damage:
    return lambda r: Return(r.file, r.sha256, r.received, fault=fault)


def changed(**fields: Any) -> Damage:
    return lambda r: replace(r, **fields)


def figure(value: Value, status: str = "Complete", plan: str = "Knife Crime", quarter: Quarter = NOW) -> Damage:
    """Another figure in one cell of a progress grid."""
    return _progress(quarter, plan, status, value=value)


def noted(note: str, status: str = "Complete", plan: str = "Knife Crime") -> Damage:
    """A note beside a figure of this quarter."""
    return _progress(NOW, plan, status, note=note)


def _progress(*where: object, **fields: Any) -> Damage:
    def damage(returned: Return) -> Return:
        here = [(p.quarter, p.plan, p.status) == where for p in returned.progress]
        assert any(here)
        figures = zip(returned.progress, here, strict=True)
        return replace(returned, progress=tuple(replace(p, **fields) if it else p for p, it in figures))

    return damage


def column(values: Sequence[Value], plan: str = "Knife Crime", quarter: Quarter = NOW) -> Damage:
    """Other figures in the whole column of a quarter."""

    def damage(returned: Return) -> Return:
        statuses = [p.status for p in returned.progress if (p.quarter, p.plan) == (quarter, plan)]
        return both(*(figure(v, s, plan, quarter) for v, s in zip(values, statuses, strict=True)))(returned)

    return damage


def extra_row(status: str, value: Value) -> Damage:
    """One more row at the end of the Knife Crime grid."""
    cells = {"status": Cell(SHEET, "A99"), "value": Cell(SHEET, "C99")}
    return lambda r: replace(
        r, progress=(*r.progress, Progress(NOW, r.progress[0].strand, "Knife Crime", status, value, None, cells=cells))
    )


def without_row(status: str) -> Damage:
    """No row of that status in the Knife Crime grid."""
    return lambda r: replace(r, progress=tuple(p for p in r.progress if (p.plan, p.status) != ("Knife Crime", status)))


def without_grid(returned: Return) -> Return:
    """Not one row of the Knife Crime grid; nobody said to be at risk in it."""
    return replace(
        returned,
        progress=tuple(p for p in returned.progress if (p.plan, p.quarter) != ("Knife Crime", NOW)),
    )


def shown_difference(text: str) -> Damage:
    """The first measure's difference typed over."""
    return lambda r: replace(r, shown=((r.measures[0], "difference", text),))


def first_risk(**fields: Any) -> Damage:
    return lambda r: replace(r, risks=(replace(r.risks[0], **fields), *r.risks[1:]))


def one_risk_more(**fields: Any) -> Damage:
    return lambda r: replace(r, risks=(*r.risks, replace(r.risks[0], **{"description": "Another"} | fields)))


def first_measure(**fields: Any) -> Damage:
    return lambda r: replace(r, measures=(replace(r.measures[0], **fields), *r.measures[1:]))


def figures_of_measure(previous: Value, current: Value, comment: str | None = None) -> Damage:
    """Both figures of the first measure, with a difference that fits."""
    return both(first_measure(previous=previous, current=current, comment=comment), changed(shown=()))


def shown(difference: Value, percentage: Value, previous: Value = 90) -> Damage:
    """What stands as the difference and percentage of the first measure."""

    def damage(returned: Return) -> Return:
        returned = first_measure(previous=previous)(returned)
        first = returned.measures[0]
        return replace(returned, shown=((first, "difference", difference), (first, "percentage", percentage)))

    return damage


def measured_in(name: str, previous: Value, current: Value) -> Damage:
    """The figures of a measure by its name."""

    def damage(r: Return) -> Return:
        figures: dict[str, Any] = {"previous": previous, "current": current}
        return replace(
            r, shown=(), measures=tuple(replace(m, **figures) if m.measure == name else m for m in r.measures)
        )

    return damage


def another_risk(r: Return) -> Return:
    """A risk that is not the one that was carried over in its row."""
    first = replace(r.risks[0], id="GANGS-1", description="Burnt-out cars on the estate")
    return replace(r, risks=(first, *r.risks[1:]))


def emptied(r: Return) -> Return:
    """The form as it was issued: with last quarter's figures and what was due, and nothing of this quarter."""
    progress = tuple(replace(p, value=None) if p.quarter == NOW else p for p in r.progress)
    due = tuple(replace(item, outcome=None) for item in r.delivery if item.kind == DUE)
    blank: dict[str, Any] = {"measures": (), "breakdowns": (), "risks": (), "notes": (), "shown": ()}
    return replace(r, progress=progress, delivery=due, **blank)


def monthly(*counts: Value) -> Damage:
    """Counts of the measure in the first of the 24 months, from row 71 on."""
    months = months_to(NOW.end(4), 24)
    rows = [
        Monthly(NOW, GANGS, "Knife Crime Offences", month, count, cells={"count": Cell(SHEET, f"B{row}")})
        for row, (month, count) in enumerate(zip(months, counts, strict=False), 71)
    ]
    return changed(monthly=tuple(rows))


def item(kind: str, **fields: Any) -> Damage:
    """Something else in the first item of a kind."""

    def damage(returned: Return) -> Return:
        where = next(n for n, d in enumerate(returned.delivery) if d.kind == kind)
        items = list(returned.delivery)
        items[where] = replace(items[where], **fields)
        return replace(returned, delivery=tuple(items))

    return damage


def without(kind: str) -> Damage:
    return lambda r: replace(r, delivery=tuple(d for d in r.delivery if d.kind != kind))


def note(text: str) -> Damage:
    """Another note to the coordinator, which does not go to partners."""
    return lambda r: replace(r, notes=(replace(r.notes[0], text=text),))


def signed(post: Value, when: Value) -> Damage:
    """What is entered under 'Sign-off'."""
    cells = {"post": Cell(SHEET, "B60"), "when": Cell(SHEET, "C60")}
    return lambda r: replace(r, sign_offs=(SignOff(NOW, SHEET, post, when, cells=cells),))


def both(*damages: Damage) -> Damage:
    def damage(returned: Return) -> Return:
        for step in damages:
            returned = step(returned)
        return returned

    return damage


def formula(address: str, has_value: bool) -> Damage:
    return changed(formulas=((Cell(SHEET, address), has_value),))


C4 = Cell(SHEET, "C4")


def aside(kind: str, text: str, how: str = "") -> Damage:
    """Something beside the cells, or in one that is not seen as it is read."""
    return changed(asides=(Aside(kind, C4, text, how),))


def marked(marking: str) -> Damage:
    """Another marking in the form's own cell."""
    return changed(heading=(("Protective marking", marking, C4),))


# A rule, what sets it off in a sound return of Gangs and Knife Crime, the cells, and what the message names
FIRES: list[tuple[str, Damage, str, list[str]]] = [
    ("cannot-be-opened", unreadable("cannot-be-opened"), "", ["cannot be opened"]),
    ("not-a-workbook", unreadable("not-a-workbook"), "", ["damaged"]),
    ("old-format", unreadable("old-format"), "", [".xls "]),
    ("other-format", unreadable("other-format"), "", [".ods"]),
    ("too-large", unreadable("too-large"), "", ["far more"]),
    ("password-protected", unreadable("password-protected"), "", ["password"]),
    ("other-workbook", unreadable("other-workbook"), "", ["not a return"]),
    ("unknown-strand", both(unreadable("unknown-strand"), changed(strand="ARSON")), "", ["'ARSON'"]),
    ("wrong-quarter", changed(quarter="2020/21 Q1"), "", ["for 2020/21 Q1,", "not for 2020/21 Q2"]),
    ("second-return", lambda _: replace(sound("HATE"), file="again.xlsx"), "", [": HATE.xlsx."]),
    ("superseded", changed(superseded_by="newer.xlsx"), "", ["newer.xlsx"]),
    ("template-version", changed(template_version="1"), "", ["version 1 ", "version 3."]),
    ("template-version", changed(template_version=""), "", ["unknown"]),
    ("issue-id-unknown", changed(issue_id="0123456789abcdef"), "", ["issue id"]),
    ("block-missing", changed(missing_blocks=("Work at risk", "Notes")), "", ["Work at risk, Notes"]),
    ("heading-changed", changed(heading=(("Quarter", "2020/21 Q3", C4),)), "C4", ["'2020/21 Q3'", "'2020/21 Q2'"]),
    (
        "of-another-strand",
        changed(heading=(("Strand", "Hate Crime", C4),)),
        "C4",
        ["'Hate Crime'", "'Gangs and Knife Crime'"],
    ),
    ("sheet-twice", changed(sheet="Gangs", copies=("Gangs (2)",)), "", ["'Gangs', 'Gangs (2)'"]),
    ("outside-the-tables", changed(outside=((C4, "Call the \n council"),)), "C4", ["C4 'Call the council'"]),
    ("comment-on-a-cell", aside(Aside.COMMENT, "Do not publish"), "C4", [f"'{SHEET}' C4 'Do not publish'"]),
    ("text-box", aside(Aside.BOX, "One more risk"), "C4", ["'One more risk'"]),
    ("picture-or-drawing", aside(Aside.DRAWING, "a line"), "C4", [f"a line on '{SHEET}' C4"]),
    ("written-on-another-sheet", aside(Aside.SHEET, "C4 'Lost'"), "C4", [f"'{SHEET}', C4 'Lost'"]),
    ("struck-through", aside(Aside.STRUCK, "Closed or not", "Closed"), "C4", ["C4 'Closed or not' (of it 'Closed')"]),
    ("entry-not-seen", aside(Aside.UNSEEN, "5", "row 4 is hidden"), "C4", ["C4 '5' (row 4 is hidden)"]),
    ("shown-as-another-figure", aside(Aside.SHOWN, "5", "0,"), "C4", ["C4 has 5 in it (format '0,')"]),
    ("not-all-looked-at", changed(unread=("the sheet 'Data'",)), "", ["the sheet 'Data'"]),
    ("file-marked-too-high", changed(marked=(("OFF-SENS", True, "the header"),)), "", ["the header 'OFF-SENS'"]),
    ("file-marked-too-high", changed(marked=(("SECRET", False, "the title"),)), "", ["the title 'SECRET'"]),
    ("file-marked-too-high", marked("Official - Sensitive"), "C4", ["'Official - Sensitive'"]),
    ("file-marked-too-high", changed(marked=(("O-S", True, "the label"),)), "", ["the label 'O-S'"]),
    ("marking-changed", marked("NONE"), "C4", ["'NONE'", "issued as OFFICIAL"]),
    ("label-unknown", changed(labels=("General", "")), "", ["'General'", "only its own organisation"]),
    ("carries-extras", changed(extras=("macros", "the hidden sheet 'x'")), "", ["macros, the hidden sheet 'x'"]),
    ("formula-in-input", formula("C4", True), "C4", []),
    ("formula-without-value", formula("C4", False), "C4", []),
    ("formula-without-value", both(formula("C4", False), figure(None)), "C4", []),
    ("read-as", changed(read_as=(Typed(C4, " 5 ", 5),)), "C4", ["C4 '5' as 5"]),
    ("read-as", changed(read_as=(Typed(C4, "-", None),)), "C4", ["C4 '-' as nothing"]),
    ("progress-missing", figure(None), "C4", ["Knife Crime", "2020/21 Q2", "for Complete."]),
    (
        "progress-missing",
        without_row("Complete"),
        "",
        ["for Complete."],
    ),
    ("progress-unknown-status", extra_row("Late", 0), "A99", ["Knife Crime", "'Late'"]),
    ("progress-status-twice", extra_row("Complete", 5), "A4, A99", ["Knife Crime", "'Complete'"]),
    ("progress-not-a-whole-number", figure(12.5), "C4", ["Knife Crime", "2020/21 Q2", "Complete '12.5'"]),
    ("progress-not-a-whole-number", figure("12 or so"), "C4", ["'12 or so'"]),
    ("progress-not-a-whole-number", figure(True), "C4", ["'True'"]),
    ("progress-not-a-whole-number", both(figure("five"), figure(-0.5, "At risk")), "C4, C6", ["'five'", "'-0.5'"]),
    ("progress-negative", figure(-1), "C4", ["Knife Crime", "2020/21 Q2", "Complete '-1'"]),
    (
        "progress-partly-not-applicable",
        both(figure(NA), figure(NA, "Total strands")),
        "C3, C4",
        ["Knife Crime", "2020/21 Q2", "Total strands, Complete only"],
    ),
    (
        "progress-does-not-add-up",
        figure(6),
        "C4, C5, C6, C3",
        ["Knife Crime", "2020/21 Q2", "come to 14 (6 + 7 + 1)", "total is 13"],
    ),
    ("total-changed", column([14, 6, 7, 1]), "D3, C3", ["Knife Crime", "'Total strands'", "from 13 to 14"]),
    ("complete-fell", column([13, 3, 9, 1]), "D4, C4", ["Knife Crime", "'Complete'", "from 4 to 3"]),
    (
        "nothing-changed",
        both(column([13, 4, 8, 1]), column([13, 4, 8, 1], COUNTY_LINES)),
        "C3, C4, C5, C6, C7, C8, C9, C10",
        [],
    ),
    ("at-risk-differs-from-risks", one_risk_more(), "C6, C10", ["has 2 at risk", "3 are listed as open"]),
    ("at-risk-differs-from-risks", first_risk(state="Closed"), "C6, C10", ["has 2", "1 is listed"]),
    ("risk-description-missing", first_risk(description=None, id="GANGS-1"), "A21", ["no description"]),
    ("risk-response", first_risk(response=None), "D21", ["'No venue for Knife Crime'", "missing"]),
    ("risk-response", first_risk(response="Wait"), "D21", ["'No venue for Knife Crime'", "'Wait'"]),
    ("risk-treated-without-action", first_risk(action=None), "C21", ["'No venue for Knife Crime'"]),
    ("risk-transferred-to-no-one", first_risk(response="Transfer", action=None), "C21", ["'No venue"]),
    ("risk-transferred-to-no-one", first_risk(response="Transfer", action="It is being moved"), "C21", []),
    ("risk-transferred-to-no-one", first_risk(response="Transfer", action="Owner to be found"), "C21", []),
    ("risk-choice", first_risk(level="Dire"), "E21", ["'Dire'"]),
    ("risk-choice", first_risk(state="Shut"), "G21", ["'Shut'"]),
    ("risk-vanished", first_risk(description="Something else"), "", ["'No venue for Knife Crime'", "GANGS-1"]),
    (
        "risk-twice",
        first_risk(description="no venue, for gangs / county lines!", id="GANGS-1"),
        "A21, A22",
        ["'no venue", "'No venue"],
    ),
    ("force-risk-reference", first_risk(force_risk="FR 12"), "F21", ["'Force risk reference' is not a num", "'FR 12'"]),
    ("measure-unknown", first_measure(measure="Knives"), "A31", ["'Knives'"]),
    (
        "measure-twice",
        lambda r: replace(r, measures=(*r.measures, r.measures[0])),
        "A31, A31",
        ["Knife Crime Offences"],
    ),
    ("measure-missing", figures_of_measure(None, 80), "B31", ["Knife Crime Offences"]),
    ("measure-missing", figures_of_measure(None, None), "B31, C31", ["Knife Crime Offences"]),
    (
        "measure-missing",
        changed(measures=()),
        "",
        ["Knife Crime Offences, Knife-enabled crime per 100,000, Active county lines"],
    ),
    ("measure-not-a-number", figures_of_measure("n.k.", True), "B31, C31", ["Offences 'n.k.'", "'True'"]),
    ("month-not-a-number", monthly(5, *[7] * 10, "n.k."), "B82", ["Sep 2019 'n.k.'"]),
    ("month-not-a-number", monthly(5, *[7] * 10, -1), "B82", ["Sep 2019 '-1'"]),
    ("month-not-a-number", monthly(5, *[7] * 10, 7.5), "B82", ["Sep 2019 '7.5'"]),
    ("measure-not-a-count", figures_of_measure(90, 90.05, "As agreed"), "C31", ["Offences '90.05'"]),
    ("returned-empty", emptied, "", ["sent back as it was issued"]),
    ("risk-replaced", another_risk, "A21", ["GANGS-1 was 'No venue for Knife Crime', is now 'Burnt-out cars"]),
    ("month-unknown", changed(unknown_months=((C4, "Augustus"),)), "C4", ["C4 'Augustus'"]),
    ("progress-missing", without_grid, "", ["Knife Crime: no figure", "for Total strands, Complete, Ongoing"]),
    ("risk-description-missing", one_risk_more(description=None, cause=None, action=None, response=None), "A21", []),
    ("phone-number", first_risk(action="Call 07700 900123, or write"), "C21", ["'07700 900123'"]),
    ("marking-too-high", first_risk(action="OFFICIAL\u2011SENSITIVE: not for all"), "C21", ["SENSITIVE"]),
    ("marking-too-high", first_risk(action="OFFICIAL_SENSITIVE_1"), "C21", ["SENSITIVE"]),
    ("marking-too-high", first_risk(action="See plan_OFFICIAL-SENSITIVE.docx"), "C21", ["SENSITIVE"]),
    ("marking-too-high", first_risk(action="See plan_SECRET_7.docx"), "C21", ["SECRET"]),
    ("marking-too-high", first_risk(action="See TOP_SECRET.docx"), "C21", ["TOP_SECRET"]),
    ("months-missing", monthly(5), "B71", ["Knife Crime Offences, 1 to Oct 2018"]),
    ("total-differs-from-months", monthly(5, *[7] * 11), "B31", ["come to 82", "is 90"]),
    (
        "total-differs-from-months",
        both(monthly(5, 8, *[7, 8] * 4, 8, 8, *[7] * 11, 3), changed(shown=())),
        "B31",
        ["come to 89", "is 90"],
    ),
    (
        "total-differs-from-months",
        both(monthly(5, 8, *[7, 8] * 4, 8, 9, *[7] * 12), changed(shown=())),
        "C31",
        ["come to 84", "is 80"],
    ),
    ("month-restated", monthly(6, 8, *[7, 8] * 4, 8, 8), "B71", ["Oct 2018 was 5, is now 6"]),
    ("difference-overwritten", shown(-11, -1 / 9), "D31", ["Knife Crime Offences -11, not -10"]),
    ("difference-overwritten", shown(-10, 0.5), "E31", ["Knife Crime Offences 50.0%, not -11.1%"]),
    ("large-change", figures_of_measure(90, 140), "B31, C31", ["from 90 to 140 (+55.6%)", "25 %", "50"]),
    ("earlier-figure-differs", figures_of_measure(91, 80), "B31", ["2019/20 Q2", "is 91,", "90 was reported"]),
    ("sign-off-unclear", signed("DCI", None), "C60", ["the date is missing"]),
    ("sign-off-unclear", signed(None, date(2020, 10, 12)), "B60", ["the post is missing"]),
    ("sign-off-unclear", signed("DCI", "soon"), "C60", ["'soon' is no date"]),
    ("sign-off-unclear", signed("DCI", True), "C60", ["'True' is no date"]),
    ("sign-off-unclear", signed("DCI", date(9999, 5, 12)), "C60", ["the date, 12 May 9999, was still to come"]),
    ("sign-off-unclear", signed("DCI", "May 9999"), "C60", ["was still to come when the return was saved"]),
    ("sign-off-unclear", signed("\u200b", date(2020, 10, 12)), "B60", ["cannot be seen (U+200B)"]),
    ("nothing-achieved", without(ACHIEVED), "", ["'Delivered in July to September 2020'"]),
    ("nothing-scheduled", without(SCHEDULED), "", ["'Planned for October to December 2020'"]),
    ("activity-missing", item(ACHIEVED, activity=None), "A52", []),
    ("activity-missing", item(SCHEDULED, activity=None), "A53", []),
    ("achieved-without-impact", item(ACHIEVED, impact=None), "B52", ["'Visits 52'"]),
    ("scheduled-without-impact-or-date", item(SCHEDULED, impact=None, when=None), "B53, C53", ["'Visits 53'"]),
    ("scheduled-without-impact-or-date", item(SCHEDULED, when="TBC"), "C53", ["'Visits 53'"]),
    ("date-in-the-past", item(SCHEDULED, when=date(2020, 9, 30)), "C53", ["2020/21 Q2", "'Visits 53' (2020-09-30)"]),
    ("date-in-the-past", item(SCHEDULED, when="Q1 2020/21"), "C53", ["(Q1 2020/21)"]),
    ("scheduled-item-unaccounted-for", item(DUE, outcome=None), "D51", ["'Visits 51'"]),
    ("scheduled-item-unaccounted-for", item(DUE, outcome="Well"), "D51", ["'Visits 51' ('Well' is not in the list)"]),
    ("scheduled-item-unaccounted-for", without(DUE), "", ["'Visits 51'"]),
    ("still-under-way-without-date", item(DUE, outcome=OUTCOMES[1], moved_to="TBC"), "E51", ["'Visits 51'"]),
    (
        "still-under-way-without-date",
        item(DUE, outcome=OUTCOMES[1], when=date(2020, 9, 30), moved_to="TBC"),
        "E51",
        ["'Visits 51'"],
    ),
    (
        "action-changed",
        item(DUE, id="GANGS-A1", activity="Fewer visits 51", first_due="31/03/2020", when=date(2020, 6, 30)),
        "A51, C51",
        ["'Fewer visits 51' for 'Visits 51'", "'2020-06-30' for 'March 2020'"],
    ),
    (
        "copied-from-last-time",
        item(ACHIEVED, activity="patrols of  the streets around the station."),
        "A52",
        ["'patrols of"],
    ),
    ("text-too-long", item(ACHIEVED, impact="a " * 16_384), "B52", ["32,767"]),
    ("text-too-long-to-print", item(ACHIEVED, impact="a " * 351), "B52", ["700"]),
    ("control-characters", item(ACHIEVED, impact="a\x07b"), "B52", []),
    *[
        ("text-like-a-formula", item(ACHIEVED, impact=text), "B52", [text])
        for text in ("=1+1", "+44 cases", "@SUM(A1)", "-5 degrees")
    ],
    ("email-address", item(ACHIEVED, impact="Ask post@essex.example.org."), "B52", ["'post@essex.example.org'"]),
    ("phone-number", item(ACHIEVED, impact="Ring (01245) 491491 first"), "B52", ["01245) 491491"]),
    ("phone-number", noted("Ring +44 7700 900123"), "D4", ["+44 7700 900123"]),
    ("date-of-birth", item(ACHIEVED, impact="A boy, born on 3rd May 2006, was found"), "B52", ["3rd May 2006"]),
    ("date-of-birth", item(ACHIEVED, impact="DOB: 03/05/2006"), "B52", ["03/05/2006"]),
    ("national-insurance-number", item(ACHIEVED, impact="His is AB 12 34 56 C"), "B52", ["AB 12 34 56 C"]),
    ("vehicle-registration", item(ACHIEVED, impact="A van, EX51 ABC, was seen"), "B52", ["EX51 ABC"]),
    ("postcode", item(ACHIEVED, impact="Doors in CM2 6DA"), "B52", ["'CM2 6DA'"]),
    ("postcode", item(ACHIEVED, impact="doors in co1 2ab"), "B52", ["'co1 2ab'"]),
    ("postcode", item(ACHIEVED, impact="Doors in SS26LT"), "B52", ["'SS26LT'"]),
    ("crime-reference", item(ACHIEVED, impact="Solved: 42/123456/20"), "B52", ["'42/123456/20'"]),
    ("crime-reference", item(ACHIEVED, impact="crime ref no. 4200123456"), "B52", ["'crime ref no. 4200123456'"]),
    ("crime-reference", item(ACHIEVED, impact="See EP-20200714-0123"), "B52", ["'EP-20200714-0123'"]),
    ("pnc-number", item(ACHIEVED, impact="He is 12/345678X"), "B52", ["'12/345678X'"]),
    ("pnc-number", item(ACHIEVED, impact="CRO SF123456/05L"), "B52", ["'SF123456/05L'"]),
    ("user-path", item(ACHIEVED, impact=r"In C:\Users\someone\plan.docx"), "B52", [r"Users\someone"]),
    ("user-path", item(ACHIEVED, impact="In /Users/someone/plan.docx"), "B52", ["'/Users/someone/plan.docx'"]),
    ("user-path", item(ACHIEVED, impact="In /home/someone/plan.docx"), "B52", ["'/home/someone/plan.docx'"]),
    ("user-path", item(ACHIEVED, impact="In D:/someone/plan.docx"), "B52", ["'D:/someone/plan.docx'"]),
    ("user-path", item(ACHIEVED, impact=r"In \\server\share$\plan"), "B52", [r"server\share"]),
    ("marking-too-high", item(ACHIEVED, impact="OFFICIAL-SENSITIVE: see"), "B52", ["above OFFICIAL:"]),
    ("marking-too-high", note("This is SECRET"), "A61", ["'This is SECRET'"]),
]
FIRES_WITH_NOTHING_KNOWN: list[tuple[str, Damage, str, list[str]]] = [
    (
        "earlier-progress-does-not-add-up",
        figure(9, "Ongoing / In progress", quarter=LAST),
        "B4, B5, B6, B3",
        ["Knife Crime", "2020/21 Q1", "come to 14 (4 + 9 + 1)", "total was 13"],
    ),
    ("total-changed", column([14, 6, 7, 1]), "D3, C3", ["from 13 to 14"]),
    ("measure-missing", figures_of_measure(90, None), "C31", ["Knife Crime Offences"]),
    ("large-change", figures_of_measure(0, 50), "B31, C31", ["from 0 to 50 (+50)"]),
    (
        "difference-overwritten",
        both(first_measure(current=40), shown(40, 0.5, previous=0)),
        "E31",
        ["Knife Crime Offences 50.0%, not N/A"],
    ),
]
CASES = [(*case, KNOWN) for case in FIRES] + [(*case, Master(NOW)) for case in FIRES_WITH_NOTHING_KNOWN]
JUMPED = replace(KNOWN, measures=(Measure(LAST, GANGS, "Knife Crime Offences", ROLLING, 30000, 30059),))
CASES.append(
    (
        "rolling-year-jumped",
        figures_of_measure(3100, 3020),
        "C31",
        ["Knife Crime Offences", "are 3,020", "to the end of 2020/21 Q1 were 30,059"],
        JUMPED,
    )
)
CASES.append(
    (
        "earlier-progress-restated",
        column([14, 4, 9, 1], quarter=LAST),
        "B3, B5",
        ["2020/21 Q1", "Total strands 14, reported 13", "Ongoing / In progress 9, reported 8"],
        KNOWN,
    )
)


@pytest.mark.parametrize(("rule", "damage", "cells", "names", "known"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_fires(rule: str, damage: Damage, cells: str, names: list[str], known: Master) -> None:
    """Alone, with its severity and cells; and only an error keeps a return out."""
    if rule == "complete-fell":
        known = replace(known, progress=())
    result = checked(damage(sound()), known)
    described = next(r for r in RULES if r.code == rule)
    addresses = ", ".join(dict.fromkeys(cells.split(", ")))
    assert [(f.rule, f.severity, f.cell) for f in result.findings] == [(rule, described.severity, addresses)]
    finding = result.findings[0]
    assert finding.sheet == (SHEET if cells else damage(sound()).sheet)
    assert [name for name in names if name not in finding.message] == []
    assert not {"{", "}"} & {*finding.message, *finding.fix}
    assert result.accepted == (described.severity != Finding.ERROR and rule != "superseded")


def test_a_form_of_0_1_0_is_as_good_as_one_of_today() -> None:
    assert checked(replace(sound(), template_version="2")).findings == ()


def test_a_file_counts_where_the_masters_sheet_was_filled_in_too() -> None:
    result = check_all([sound(), sound("HATE")], SETTINGS, NOW, KNOWN, entered={"GANGS"})
    assert [[f.rule for f in c.findings] for c in result] == [["entered-in-the-master-too"], []]


def test_one_form_used_for_two_strands() -> None:
    copied = replace(sound(), issue_id=sound("HATE").issue_id)
    assert rules(copied) == ["issue-id-unknown", "issue-id-twice"]
    assert "HATE.xlsx" in checked(copied).findings[1].message


def test_a_measure_in_two_tables_has_one_figure() -> None:
    """Outcome 16 is compared with the month before, and with the same month last year."""
    returned = sound("DA")
    last = [m for m in returned.measures if m.measure == "Outcome 16"][1]
    measures = tuple(replace(m, current=81) if m is last else m for m in returned.measures)
    finding = checked(replace(returned, measures=measures)).findings[0]
    assert (finding.rule, finding.cell) == ("measure-differs-from-itself", "C34, C35")
    assert finding.message.startswith("Outcome 16 is 80 and 81 for Sep 2020:")


# The rule that might have fired, a strand, and what happened to its sound return
QUIET: list[tuple[str, str, Damage]] = [
    ("superseded", "GANGS", changed(saved=0)),
    ("measure-differs-from-itself: both alike", "DA", changed(shown=())),
    ("formula-in-input", "GANGS", changed(formulas=())),
    ("read-as", "GANGS", changed(read_as=())),
    ("heading-changed", "GANGS", changed(heading=(("Thematic lead", "Inspector", C4),))),
    ("progress-missing: 0 is a figure", "NTE", column([20, 5, 14, 0, 1], "Night-time Economy")),
    ("progress-missing: a blank of last quarter", "PREVENT", figure(None, "Deferred", "CTLP progress", LAST)),
    ("progress-not-a-whole-number: of last quarter", "PREVENT", figure("?", "Deferred", "CTLP progress", LAST)),
    ("progress-negative: 0", "PREVENT", figure(0, "Deferred", "CTLP progress")),
    ("progress-partly-not-applicable: no total", "PREVENT", figure(NA, "Deferred", "CTLP progress")),
    ("progress-does-not-add-up: no total", "PREVENT", figure(99, "Deferred", "CTLP progress")),
    ("progress-does-not-add-up: another split", "GANGS", column([13, 6, 6, 1])),
    ("earlier-progress-does-not-add-up: N/A", "HATE", figure(NA, plan="Hate Crime", quarter=LAST)),
    ("earlier-progress-restated", "HATE", column([13, 3, 9, 1], "Hate Crime", LAST)),
    ("earlier-progress-restated: the form is older than a late return", "GANGS", column([None] * 4, quarter=LAST)),
    ("total-changed: was N/A", "HATE", column([NA] * 4, "Hate Crime", LAST)),
    ("complete-fell: it rose", "GANGS", column([13, 11, 1, 1])),
    ("nothing-changed: one figure moved", "HATE", column([13, 4, 8, 1], "Hate Crime", LAST)),
    ("nothing-changed: N/A both times", "HATE", both(*(column([NA] * 4, "Hate Crime", q) for q in (LAST, NOW)))),
    *[(f"risk-response: {response}", "GANGS", first_risk(response=response)) for response in RESPONSES],
    ("risk-response: closed", "GANGS", one_risk_more(state="Closed", response=None, action=None)),
    ("risk-description-missing: another row", "GANGS", first_risk(cause=None)),
    ("risk-treated-without-action: closed", "GANGS", one_risk_more(state="Closed", action=None)),
    ("risk-treated-without-action: tolerated", "GANGS", first_risk(response="Tolerate", action=None)),
    *[
        (f"risk-transferred-to-no-one: {action}", "GANGS", first_risk(response="Transfer", action=action))
        for action in ("Passed to the county council", "The Violence Reduction Unit takes it on")
    ],
    ("risk-choice: none", "GANGS", first_risk(level=None, state=None)),
    ("risk-vanished: closed", "GANGS", both(one_risk_more(state="Closed"), first_risk(id="GANGS-1"))),
    (
        "risk-vanished: described anew",
        "GANGS",
        first_risk(id="GANGS-1", description="Nowhere to meet about knife crime"),
    ),
    ("risk-twice: one closed", "GANGS", one_risk_more(description="No venue for Knife Crime", state="Closed")),
    ("force-risk-reference: as text", "GANGS", first_risk(force_risk="1634")),
    ("force-risk-reference: none", "GANGS", first_risk(force_risk=None)),
    ("at-risk-differs-from-risks: closed", "GANGS", one_risk_more(state="Closed")),
    ("at-risk-differs-from-risks: no plan", "BURGLARY", changed(risks=sound("GANGS").risks)),
    ("measure-not-a-count: a unit", "GANGS", measured_in("Knife-enabled crime per 100,000", 32.4, 38.9)),
    ("measure-not-a-count: the largest", "DIGITAL", figures_of_measure(999_999_999_999, 999_999_999_999)),
    ("measure-not-a-number: N/A", "GANGS", figures_of_measure(NA, NA)),
    ("measure-missing: last quarter's", "CSE", figures_of_measure(None, 80)),
    ("difference-overwritten: rounded", "GANGS", shown(-10, -0.111)),
    ("difference-overwritten: in per cent", "GANGS", shown(-10, "-11.1%")),
    ("difference-overwritten: per cent without the sign", "GANGS", shown(-10, -11.1)),
    ("difference-overwritten: from 0", "DIGITAL", both(first_measure(current=40), shown(40, NA, previous=0))),
    ("large-change: 25 %", "DIGITAL", figures_of_measure(400, 500)),
    ("large-change: 49", "DIGITAL", figures_of_measure(10, 59)),
    ("month-not-a-number: 0", "GANGS", monthly(5, 0, 15, 8, *[7, 8] * 3, 8, 9)),
    ("total-differs-from-months: N/A", "GANGS", both(figures_of_measure(NA, NA), monthly(5, *[7] * 11))),
    ("returned-empty", "DA", changed()),
    ("risk-replaced: too short to tell", "GANGS", first_risk(id="GANGS-1", description="It is off")),
    ("month-unknown", "GANGS", changed(unknown_months=())),
    ("difference-overwritten: typed as text", "GANGS", shown_difference("-10")),
    ("months-missing: a whole year", "GANGS", monthly(5, 8, *[7, 8] * 4, 8, 9)),
    ("total-differs-from-months: the same", "GANGS", monthly(5, 8, *[7, 8] * 4, 8, 9)),
    ("month-restated: as last reported", "GANGS", monthly(5, 8, *[7, 8] * 4, 8, 9)),
    ("earlier-figure-differs: nothing reported", "DIGITAL", figures_of_measure(91, 80)),
    ("earlier-figure-differs: as reported", "GANGS", figures_of_measure(90, 85)),
    ("sign-off-unclear", "GANGS", signed("DCI", "01/10/2020")),
    ("nothing-achieved", "GANGS", item(ACHIEVED, activity="Nothing this quarter")),
    ("nothing-scheduled", "GANGS", item(SCHEDULED, activity="Nothing next quarter")),
    ("activity-missing", "GANGS", item(SCHEDULED, activity="?")),
    ("achieved-without-impact", "GANGS", item(ACHIEVED, impact="None yet")),
    ("scheduled-without-impact-or-date: in words", "GANGS", item(SCHEDULED, when="When the venue opens")),
    ("date-in-the-past: the next day", "GANGS", item(SCHEDULED, when=date(2020, 10, 1))),
    ("date-in-the-past: a date as text", "GANGS", item(SCHEDULED, when="31/03/2021")),
    *[
        ("scheduled-item-unaccounted-for", "GANGS", item(DUE, outcome=outcome, moved_to="March 2021"))
        for outcome in OUTCOMES
    ],
    ("still-under-way-without-date: not due", "GANGS", item(DUE, outcome=OUTCOMES[1], when="March 2021")),
    ("action-changed: a date as Excel has it", "GANGS", item(DUE, id="GANGS-A1", first_due=date(2020, 3, 31))),
    (
        "action-changed: in other letters",
        "GANGS",
        item(DUE, id="GANGS-A1", activity="VISITS 51.", first_due="Mar 2020"),
    ),
    ("copied-from-last-time: few words", "GANGS", item(ACHIEVED, activity="Fewer calls")),
    ("text-too-long", "GANGS", note("a " * 16_383)),
    ("text-too-long-to-print", "GANGS", item(ACHIEVED, impact="a " * 350)),
    ("control-characters: lines and tabs", "GANGS", item(ACHIEVED, impact="a\n\tb\r\nc")),
    ("text-like-a-formula: a list", "GANGS", item(ACHIEVED, impact="- one\n- two")),
    ("email-address: to the coordinator", "GANGS", note("post@essex.example.org")),
    ("phone-number: to the coordinator", "GANGS", note("01245 491491")),
    ("phone-number: figures", "GANGS", item(ACHIEVED, impact="2,635 hours, 2,250 stops, 01/04/2020 to 30/09/2020")),
    ("date-of-birth: another date", "GANGS", item(ACHIEVED, impact="Held on 03/05/2020, in 2006 and on 3rd May")),
    ("national-insurance-number: a code", "GANGS", item(ACHIEVED, impact="See PX 12 34 and CD12")),
    (
        "postcode: a district, a quarter, a road",
        "GANGS",
        item(ACHIEVED, impact="In CM2, Q4 2nd, M25 1st and B12 3d"),
    ),
    ("crime-reference: dates", "GANGS", item(ACHIEVED, impact="On 01/10/20, in 2020/21, crime no longer 1,174, 24/7")),
    ("pnc-number: a quarter", "GANGS", item(ACHIEVED, impact="In 2020/21 Q2, 50/50 A, 2019/20")),
    ("user-path: a site", "GANGS", item(ACHIEVED, impact="See https://www.essex.police.uk/users/, and/or: this")),
    ("rolling-year-jumped: the same but for a little", "GANGS", figures_of_measure(90, 85)),
    ("vehicle-registration: a quarter", "GANGS", item(ACHIEVED, impact="In Q2 NTE calls fell, in M25 CCTV too")),
    ("marking-too-high: OFFICIAL", "GANGS", item(ACHIEVED, impact="This is OFFICIAL")),
    ("marking-too-high: a word", "GANGS", item(ACHIEVED, impact="A secret shopper and sensitive, official visits")),
    ("marking-too-high: part of a word", "GANGS", item(ACHIEVED, impact="SECRETARY; UNOFFICIAL SENSITIVE visits")),
]


def test_a_sign_off_is_asked_for_where_nothing_is_published_without() -> None:
    wanted = SETTINGS.model_copy(update={"publish_needs": ["sign_off"]})

    def said(returned: Return, settings: Settings) -> list[str]:
        return [f.message for f in check_all([returned], settings, NOW)[0].findings if f.rule == "sign-off-unclear"]

    [message] = said(sound(), wanted)
    assert "post and date are missing" in message
    assert said(sound(), SETTINGS) == []
    assert said(replace(sound(), template_version="2"), wanted) == []
    assert said(signed("DCI", "01/10/2020")(sound()), wanted) == []


def test_a_register_that_config_calls_something_else_has_references_of_its_own() -> None:
    headings = SETTINGS.headings.model_copy(update={"force_risk": "Corporate risk reference"})
    settings = SETTINGS.model_copy(update={"headings": headings})

    def said(reference: str) -> list[str]:
        found = check_all([first_risk(force_risk=reference)(sound())], settings, NOW)[0].findings
        return [f.message for f in found if f.rule == "force-risk-reference"]

    assert all(said(reference) == [] for reference in ("12", "CR-12", "CRR 4.1"))
    assert said("see the register") == [
        "'Corporate risk reference' is not a reference such as 12 or CR-12: 'see the register'."
    ]


@pytest.mark.parametrize(("code", "damage"), [case[1:] for case in QUIET], ids=[case[0] for case in QUIET])
def test_a_rule_is_quiet(code: str, damage: Damage) -> None:
    known = replace(KNOWN, progress=()) if code == "HATE" else KNOWN
    others = [sound("HATE")] if code != "HATE" else []
    assert check_all([damage(sound(code)), *others], SETTINGS, NOW, known)[0].findings == ()


def test_a_form_may_be_older_than_a_correction_and_than_a_new_name() -> None:
    def rules(returned: Return, known: Master = KNOWN, settings: Settings = SETTINGS) -> set[str]:
        return {finding.rule for finding in check_all([returned], settings, NOW, known)[0].findings}

    was = figure(6, quarter=LAST)(sound())
    corrected = Correction(LAST, SHEET, "Knife Crime: Complete", 6, 4, "late.xlsx")
    assert "earlier-progress-restated" in rules(was)
    assert "earlier-progress-restated" not in rules(was, replace(KNOWN, corrections=(corrected,)))

    text = resource("config.yaml").read_text(encoding="utf-8")
    renamed = parse(text.replace(f"  - name: {SHEET}\n", f"  - name: Gangs\n    formerly: [{SHEET}]\n"))
    assert "heading-changed" in rules(changed(heading=(("Strand", "Fraud", C4),))(sound()), settings=renamed)
    assert "heading-changed" not in rules(changed(heading=(("Strand", SHEET, C4),))(sound()), settings=renamed)


OF_THE_FILE = {rule.code for rule in RULES if rule.group in ("File", "Structure", "Elsewhere")}
"""What fires on how the file came: every sound return shows it quiet."""


ELSEWHERE = {
    *("picture-unusable", "picture-without-words", "picture-missing", "picture-goes-out"),
    "measure-outside-limits",
    "risk-score",
    "risk-not-scored",
    "risk-review-overdue",
    "breakdown-row-unknown",
    "breakdown-row-twice",
    "breakdown-cannot-be",
    "breakdown-missing",
    "breakdown-does-not-add-up",
    "breakdown-differs-from-measure",
    "breakdown-small-count",
    "breakdown-earlier-differs",
}
"""Rules that need a config of their own: test_units.py, test_breakdowns.py, test_scoring.py."""


def test_every_rule_is_fired_and_kept_quiet_above() -> None:
    codes = {rule.code for rule in RULES}
    of_their_own = {"issue-id-twice", "entered-in-the-master-too", "measure-differs-from-itself"}
    assert {case[0] for case in CASES} | of_their_own | ELSEWHERE == codes
    assert {case[0].partition(":")[0] for case in QUIET} | OF_THE_FILE | ELSEWHERE >= codes - {
        *("progress-unknown-status", "progress-status-twice", "measure-unknown", "measure-twice")
    }  # on which every sound return is quiet too


@pytest.mark.parametrize("code", [strand.code for strand in SETTINGS.strands])
def test_a_sound_return_has_no_findings(code: str) -> None:
    assert check_all([sound(code)], SETTINGS, NOW)[0].findings == ()


# Explanations


@pytest.mark.parametrize(
    ("rule", "damage", "known"),
    [
        ("total-changed", both(column([14, 6, 7, 1]), noted("One more", "Total strands")), KNOWN),
        ("complete-fell", both(column([13, 3, 9, 1]), noted("Reopened")), KNOWN),
        (
            "earlier-progress-does-not-add-up",
            both(figure(9, "Ongoing / In progress", quarter=LAST), noted("In Q1 it was 4", "Total strands")),
            Master(NOW),
        ),
        ("large-change", figures_of_measure(90, 140, "Better recording"), KNOWN),
        ("earlier-figure-differs", figures_of_measure(91, 80, "One was added later"), KNOWN),
        ("rolling-year-jumped", figures_of_measure(3100, 3020, "The district is gone"), JUMPED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_note_beside_the_figure_settles_a_warning(rule: str, damage: Damage, known: Master) -> None:
    returned = damage(sound())
    result = checked(returned, known)
    assert [(f.rule, f.severity) for f in result.findings] == [(rule, Finding.EXPLAINED)]
    notes = [p.note for p in returned.progress if p.note] + [m.comment for m in returned.measures if m.comment]
    assert f"'{notes[0]}'" in result.findings[0].message
    assert result.accepted


@pytest.mark.parametrize("note", [".", "?", "n/a", "N/A.", "NA", "n.a.", "Not applicable.", "-", "12"])
def test_a_note_that_says_nothing_settles_nothing(note: str) -> None:
    damage = both(column([14, 6, 7, 1]), noted(note, "Total strands"))
    assert [(f.rule, f.severity) for f in checked(damage(sound())).findings] == [("total-changed", Finding.WARNING)]


def test_what_should_be_chosen_from_a_list_may_be_too_secret_as_well() -> None:
    wrong = rules(both(first_risk(level="SECRET", force_risk="OFFICIAL-SENSITIVE 7"))(sound()))
    assert wrong == ["risk-choice", "force-risk-reference", "marking-too-high"]


@pytest.mark.parametrize("text", ["TOP SECRET", "TOP\u00a0SECRET", "TOP-SECRET", "TOP_SECRET_1"])
def test_top_secret_is_above_secret_however_it_is_written(text: str) -> None:
    for marking in ("SECRET", "Secret"):
        secret = SETTINGS.model_copy(update={"marking": marking})
        for written, found in ((text, ["marking-too-high"]), ("SECRET", [])):
            result = check_all([first_risk(action=written)(sound())], secret, NOW, KNOWN)[0]
            assert [f.rule for f in result.findings] == found
        headed = changed(marked=(("SECRET", False, "the title"),))(sound())
        assert check_all([headed], secret, NOW, KNOWN)[0].findings == ()


def test_a_return_of_another_quarter_does_not_stand_in_the_way() -> None:
    right, other = sound(), replace(sound(), file="old.xlsx", quarter=str(LAST), saved=sound().saved + 1)
    for newest in (False, True):
        first, second = check_all([right, other], SETTINGS, NOW, prefer_newest=newest)
        assert (first.accepted, [f.rule for f in second.findings]) == (True, ["wrong-quarter"])


@pytest.mark.parametrize("figure", [-3, 0.05, 2405.4, 1e20, 1e12])
def test_no_comment_explains_what_is_no_count(figure: float) -> None:
    damage = figures_of_measure(90, figure, "As agreed with the county council.")
    errors = [f for f in checked(damage(sound())).findings if f.severity == Finding.ERROR]
    assert [(f.rule, f.cell) for f in errors] == [("measure-not-a-count", "C31")]


def test_what_was_typed_makes_a_form_a_return() -> None:
    """Be it only a note, an outcome, a comment or a risk, or something that no table has room for."""
    [due] = emptied(sound()).delivery
    first, figure = sound().measures[0], sound().breakdowns[0]
    for typed in (
        changed(notes=sound().notes),
        changed(delivery=(replace(due, outcome=OUTCOMES[0]),)),
        changed(delivery=(replace(due, moved_to="March 2021"),)),
        changed(delivery=(replace(due, kind=SCHEDULED),)),
        changed(risks=sound().risks),
        changed(measures=(replace(first, previous=None, current=None, comment="None yet"),)),
        changed(measures=(first,)),
        changed(breakdowns=(figure,)),
        changed(breakdowns=(replace(figure, value=None, comment="Not yet"),)),
        changed(paragraphs=(Paragraph(NOW, SHEET, "News"),)),
        changed(picture=b"PNG"),
        changed(none_of=frozenset({"delivered"})),
        changed(outside=((C4, "Call"),)),
        changed(unknown_months=((C4, "Augustus"),)),
        changed(copies=("Sheet 2",)),
        changed(missing_blocks=("Notes",)),
        signed("DCI", None),
        noted("None yet"),
        monthly(6),
        monthly(5, 8),
    ):
        assert "returned-empty" not in rules(typed(emptied(sound())))


def test_what_a_form_is_issued_with_makes_it_no_return() -> None:
    """Risks, counts and figures that were known: of a year whose months are, and of an earlier quarter."""
    first, months = sound().measures[0], months_to(NOW.end(4), 24)
    year = tuple(Monthly(LAST, GANGS, first.measure, month, 10) for month in months[12:])
    risk, cells = KNOWN.risks[0], sound().risks[0].cells
    for issued, known in [
        (changed(measures=(replace(first, current=None),)), KNOWN),
        (changed(measures=(replace(first, current=120),)), replace(KNOWN, monthly=year)),
        (changed(risks=(replace(risk, quarter=NOW, cells=cells),)), KNOWN),
        (monthly(5), KNOWN),
    ]:
        assert "returned-empty" in {f.rule for f in checked(issued(emptied(sound())), known).findings}
    typed_over = changed(measures=(replace(first, current=121),))(emptied(sound()))
    assert "returned-empty" not in {f.rule for f in checked(typed_over, replace(KNOWN, monthly=year)).findings}
    other_words = changed(risks=(replace(risk, quarter=NOW, action="Ask the council", cells=cells),))
    assert "returned-empty" not in rules(other_words(emptied(sound())))


def test_words_are_copied_from_what_the_strand_said_last_time_in_that_place() -> None:
    """An impact as well as an activity. What is due stands as it was sent out, and an action goes by one name."""
    words = "Fewer calls from the estate than in any summer"
    said = DeliveryItem(LAST, GANGS, ACHIEVED, "Patrols", words)
    others = (
        replace(said, strand="Hate Crime"),
        replace(said, quarter=LAST.plus(-1)),
        replace(said, kind=SCHEDULED),
        DeliveryItem(LAST, GANGS, DUE, words, None),
    )
    for known, damage, found in [
        ((said,), item(ACHIEVED, impact=words), ["copied-from-last-time"]),
        ((said,), item(ACHIEVED, impact=words, id="GANGS-A1"), []),
        (others, item(ACHIEVED, impact=words), []),
        (others, item(DUE, activity=words), []),
    ]:
        master = replace(KNOWN, delivery=known)
        assert [f.rule for f in checked(damage(sound()), master).findings] == found


def test_what_the_same_quarter_plans_is_not_due_in_it() -> None:
    """As the master has it when a return is merged again."""
    planned = DeliveryItem(NOW, GANGS, SCHEDULED, "Talks in every school", None, "March 2021", id="GANGS-A2")
    assert checked(sound(), replace(KNOWN, delivery=(*KNOWN.delivery, planned))).findings == ()


def test_a_year_that_is_not_applicable_any_more_has_not_jumped() -> None:
    assert checked(figures_of_measure(NA, NA)(sound()), JUMPED).findings == ()


def test_a_note_that_names_no_quarter_settles_nothing_of_an_earlier_one() -> None:
    damage = both(figure(9, "Ongoing / In progress", quarter=LAST), noted("It is 4", "Total strands"))
    found = checked(damage(sound()), Master(NOW)).findings
    assert [(f.rule, f.severity) for f in found] == [("earlier-progress-does-not-add-up", Finding.WARNING)]


def test_a_note_beside_another_figure_settles_nothing() -> None:
    damage = both(column([14, 6, 7, 1]), noted("Something else", "Total strands", COUNTY_LINES), noted("Or other"))
    assert [(f.rule, f.severity) for f in checked(damage(sound())).findings] == [("total-changed", Finding.WARNING)]


# Findings together


def test_the_newest_of_two_returns_is_taken_if_asked_for() -> None:
    older, newer = sound(), replace(sound(), file="final FINAL.xlsx", saved=sound().saved + 1)
    refused = check_all([older, newer], SETTINGS, NOW)
    assert [[f.rule for f in c.findings] for c in refused] == [["second-return"], ["second-return"]]
    taken = check_all([newer, older], SETTINGS, NOW, prefer_newest=True)
    assert [c.accepted for c in taken] == [True, False]
    assert [c.state for c in taken] == [Checked.ACCEPTED, Checked.NOT_USED]
    assert [f.rule for f in taken[1].findings] == ["superseded"]
    assert not taken[1].has_errors


def test_what_is_accepted_is_counted_in_strands_not_in_files() -> None:
    twice = [
        sound(),
        replace(sound(), file="again.xlsx", saved=sound().saved - 1),
        replace(sound(), strand="", fault="cannot-be-opened"),
    ]
    one = check_all(twice, SETTINGS, NOW, prefer_newest=True)
    assert how_many_accepted(SETTINGS, one, ()) == "1 of 1 returns accepted."
    assert how_many_accepted(SETTINGS, one, ["Hate Crime", SHEET]) == "1 of 2 returns accepted."
    assert how_many_accepted(SETTINGS, check_all(twice[:2], SETTINGS, NOW), ()) == "0 of 1 returns accepted."


def test_files_that_say_no_strand_are_not_returns_of_the_same_one() -> None:
    files = [replace(unreadable("not-a-workbook")(sound()), file=name) for name in ("a.xlsx", "b.xlsx")]
    for newest in (False, True):
        found = [f.rule for c in check_all(files, SETTINGS, NOW, prefer_newest=newest) for f in c.findings]
        assert found == ["not-a-workbook", "not-a-workbook"]


def test_a_plan_outside_the_summary_needs_no_risks() -> None:
    text = resource("config.yaml").read_text(encoding="utf-8")
    settings = parse(text.replace("Deferred: nothing", "Deferred: at_risk"))
    prevent = settings.strand_of("PREVENT")
    assert prevent and prevent.plans[1].statuses["Deferred"] == "at_risk"
    assert check_all([sound("PREVENT")], settings, NOW)[0].findings == ()


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


@pytest.mark.parametrize(
    ("block", "damage"),
    [
        ("Progress: Knife Crime", without_grid),
        ("Work at risk", changed(risks=())),
        ("Insights: rolling 12 months", changed(measures=(), shown=())),
        ("Scheduled last time", without(DUE)),
        ("Delivered in July to September 2020", without(ACHIEVED)),
        ("Planned for October to December 2020", without(SCHEDULED)),
    ],
)
def test_a_missing_table_is_reported_once(block: str, damage: Damage) -> None:
    """Not what would have stood in it too."""
    assert rules(both(damage, changed(missing_blocks=(block,)))(sound())) == ["block-missing"]


def test_a_blank_that_a_formula_gives_is_a_blank() -> None:
    assert rules(both(formula("C4", True), figure(None))(sound())) == ["formula-in-input", "progress-missing"]


def test_a_row_that_is_there_twice_is_not_restated_too() -> None:
    again = _progress(LAST, "Knife Crime", "Complete", status="Ongoing / In progress")
    assert rules(both(again, extra_row("Complete", 5))(sound())) == ["progress-status-twice"]


def test_a_measure_in_two_tables_lacks_a_figure_in_one() -> None:
    """Whichever; and that is not another figure."""
    returned = sound("DA")
    for lacks, cell in zip([m for m in returned.measures if m.measure == "Outcome 16"], ("C34", "C35"), strict=True):
        measures = tuple(replace(m, current=None) if m is lacks else m for m in returned.measures)
        found = checked(replace(returned, measures=measures)).findings
        assert [(f.rule, f.cell) for f in found] == [("measure-missing", cell)]


def test_a_changed_label_is_reported_once() -> None:
    relabelled = both(without_row("Complete"), extra_row("Finished", 5), first_measure(measure="Knives"))
    assert rules(relabelled(sound())) == ["progress-unknown-status", "measure-unknown"]


def test_findings_stand_in_the_order_of_the_catalogue() -> None:
    damage = both(figures_of_measure(90, "?"), first_risk(response=None), figure(12.5))
    assert rules(damage(sound())) == ["progress-not-a-whole-number", "risk-response", "measure-not-a-number"]


def test_a_long_description_is_cut_in_the_message() -> None:
    returned = one_risk_more(description="word " * 100, response=None, state="Open")(sound())
    message = checked(returned).findings[-1].message
    assert "word word…'" in message
    assert len(message) < 150


PARTS = st.lists(st.integers(0, 10**6), min_size=4, max_size=4)


def night_time_economy(total: int, parts: list[int]) -> Return:
    return column([total, *parts], "Night-time Economy")(sound("NTE"))


@given(PARTS)
def test_any_whole_numbers_and_their_sum_are_fine(parts: list[int]) -> None:
    assert [rule for rule in rules(night_time_economy(sum(parts), parts)) if "add-up" in rule] == []


@given(PARTS, st.integers(0, 5 * 10**6))
def test_any_other_total_does_not_add_up(parts: list[int], total: int) -> None:
    assume(total != sum(parts))
    found = [rule for rule in rules(night_time_economy(total, parts)) if "add-up" in rule]
    assert found == ["progress-does-not-add-up"]


def test_the_page_of_rules_is_current() -> None:
    written = Path(__file__).parents[1] / "docs" / "rules.md"
    assert written.read_text(encoding="utf-8") == page(), "write it anew: python -m tools.rules_page"

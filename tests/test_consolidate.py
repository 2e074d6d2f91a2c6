"""Returns and a master to the next master, and what the executive summary and the register say of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpxl.account import account
from cpxl.account.risks import open_risks, register
from cpxl.account.summary import IMPORTED, NOT_RETURNED, REJECTED, RETURNED, SummaryRow, summarise, totals
from cpxl.config import RiskScoring, load, parse
from cpxl.consolidate import HEADING, Kept, carried_over, consolidate, correction_name, figure_name, kept_from_before
from cpxl.model import (
    ACHIEVED,
    CLOSED,
    HISTORY,
    MONTH_ON_YEAR,
    NOT_APPLICABLE,
    OF_LEADS,
    OPEN,
    QUARTERLY,
    ROLLING,
    TABLES,
    BreakdownFigure,
    ByException,
    Cell,
    Checked,
    DeliveryItem,
    Doubt,
    Finding,
    Master,
    Measure,
    Monthly,
    Note,
    Paragraph,
    Picture,
    Progress,
    Return,
    Risk,
    Seal,
    SignOff,
    Submission,
    Value,
)
from cpxl.origin import Origin
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.seals import seals_of

SETTINGS = load(resource("config.yaml"))
Q1, Q2, Q3 = Quarter(2020, 1), Quarter(2020, 2), Quarter(2020, 3)
EMPTY = Master(Q1)
NAMES = {strand.code: strand.name for strand in SETTINGS.strands}
GANGS, HATE = NAMES["GANGS"], NAMES["HATE"]
NA = NOT_APPLICABLE

ERROR = Finding("measure-not-a-number", Finding.ERROR, "Hate Crime", "C31", "Wrong.", "Correct it.")
WARNING = Finding("earlier-progress-does-not-add-up", Finding.WARNING, "Hate Crime", "B3", "Odd.", "Leave it.")


def figures(code: str, quarter: Quarter, plans: Sequence[Sequence[Value]]) -> tuple[Progress, ...]:
    """A strand's figures, plan by plan, in the order of its statuses."""
    strand = SETTINGS.strand_of(code)
    assert strand
    return tuple(
        Progress(quarter, strand.name, plan.name, status, value)
        for plan, values in zip(strand.plans, plans, strict=True)
        for status, value in zip(plan.statuses, values, strict=True)
    )


def risks(code: str, quarter: Quarter, entered: Iterable[Risk | str]) -> tuple[Risk, ...]:
    """New risks by their descriptions, or known ones as they came back."""
    known = [Risk(quarter, NAMES[code], None, risk) if isinstance(risk, str) else risk for risk in entered]
    return tuple(replace(risk, quarter=quarter) for risk in known)


def back(
    code: str,
    quarter: Quarter,
    plans: Sequence[Sequence[Value]] = (),
    entered: Iterable[Risk | str] = (),
    findings: tuple[Finding, ...] = (),
) -> Checked:
    """A strand's return, checked."""
    progress = figures(code, quarter, plans) if plans else ()
    risk_rows = risks(code, quarter, entered)
    file = f"{quarter.folder} {code}.xlsx"
    returned = Return(
        file, "0" * 64, "2020-10-05", strand=code, quarter=str(quarter), progress=progress, risks=risk_rows
    )
    return Checked(returned, findings)


def merged(master: Master, quarter: Quarter, *checked: Checked) -> Master:
    return consolidate(master, quarter, checked, SETTINGS)


def with_history(master: Master, code: str, quarter: Quarter, plans: Sequence[Sequence[Value]]) -> Master:
    """The master as an import of a strand's earlier figures leaves it."""
    submission = Submission(quarter, NAMES[code], "history.csv", "0" * 64, "2020-07-01", HISTORY, 0, "Yes")
    progress = master.progress + figures(code, quarter, plans)
    return replace(master, progress=progress, submissions=(*master.submissions, submission))


def line(master: Master, quarter: Quarter, code: str) -> SummaryRow:
    """A strand's line in the executive summary."""
    return next(row for row in summarise(master, quarter, SETTINGS) if row.strand == NAMES[code])


def ids(master: Master, quarter: Quarter) -> dict[Value, Value]:
    """Description to id of the quarter's risks."""
    return {risk.description: risk.id for risk in master.risks if risk.quarter == quarter}


# Merging


def full_return(quarter: Quarter, value: int) -> Checked:
    """A return of Hate Crime with a row for every table, all with this figure in them."""
    about = (quarter, HATE)
    checked = back("HATE", quarter, [[value, value, 0, 0]], [f"Risk {value}"], (WARNING,))
    returned = replace(
        checked.returned,
        measures=(Measure(*about, "Solved outcomes", QUARTERLY, value, value),),
        breakdowns=(BreakdownFigure(*about, "Outcomes", "Cautions", "This quarter", value),),
        paragraphs=(Paragraph(*about, f"Paragraph {value}"),),
        pictures=(Picture(*about, f"Picture {value}", f"{value}.png", str(value)),),
        delivery=(DeliveryItem(*about, ACHIEVED, f"Activity {value}", None),),
        notes=(Note(*about, f"Note {value}"),),
        sign_offs=(SignOff(*about, f"Post {value}"),),
        sha256=str(value),
    )
    return replace(checked, returned=returned)


def test_a_corrected_return_replaces_the_quarters_rows() -> None:
    """In every table, and leaves other quarters' rows and what is not from returns as they were."""
    typed = (ByException(Q2, "All quiet."),)
    counted = (Monthly(Q1, HATE, "Hate Crime Offences", "2020-09", 3),)
    before = merged(replace(EMPTY, by_exception=typed, monthly=counted), Q1, full_return(Q1, 1))
    first = merged(before, Q2, full_return(Q2, 2))
    corrected = merged(first, Q2, full_return(Q2, 3))
    assert corrected.quarter == Q2
    assert (corrected.by_exception, corrected.monthly) == (typed, counted)
    assert all(getattr(before, table) for table in OF_LEADS)
    for table in TABLES.keys() - {"by_exception", "monthly"}:
        rows, was = getattr(corrected, table), getattr(first, table)
        assert [row.quarter for row in rows] == [row.quarter for row in was], table
        assert [row for row in rows if row.quarter == Q1] == list(getattr(before, table)), table
    assert [p.value for p in corrected.progress if p.quarter == Q2] == [3, 3, 0, 0]
    assert [m.current for m in corrected.measures] == [1, 3]
    assert [b.value for b in corrected.breakdowns] == [1, 3]
    assert [p.text for p in corrected.paragraphs] == ["Paragraph 1", "Paragraph 3"]
    assert [p.text for p in corrected.pictures] == ["Picture 1", "Picture 3"]
    assert [s.post for s in corrected.sign_offs] == ["Post 1", "Post 3"]
    assert [r.description for r in corrected.risks] == ["Risk 1", "Risk 3"]
    assert [d.activity for d in corrected.delivery] == ["Activity 1", "Activity 3"]
    assert [n.text for n in corrected.notes] == ["Note 1", "Note 3"]
    assert [(s.sha256, s.findings, s.accepted) for s in corrected.submissions] == [("1", 1, "Yes"), ("3", 1, "Yes")]
    assert [(f.quarter, f.strand, f.file, f.rule) for f in corrected.findings] == [
        (Q1, HATE, "2020-21-Q1 HATE.xlsx", WARNING.rule),
        (Q2, HATE, "2020-21-Q2 HATE.xlsx", WARNING.rule),
    ]


def test_earlier_quarters_in_a_return_are_not_merged() -> None:
    """They were filled in when the return was issued, and are locked."""
    checked = back("HATE", Q2, [[9, 5, 4, 0]])
    old = figures("HATE", Q1, [[1, 1, 0, 0]])
    returned = replace(checked.returned, progress=(*old, *checked.returned.progress))
    assert {p.quarter for p in merged(EMPTY, Q2, Checked(returned, ())).progress} == {Q2}


def test_what_is_on_record_of_a_file() -> None:
    """Whether it was accepted, in spite of what and why, or sent back as it was issued; and where it lies."""
    file = replace(back("HATE", Q2).returned, received="2020-10-07", template_version="9")
    empty = replace(ERROR, rule=Finding.RETURNED_EMPTY)
    lies = Origin("returns/2020-21-Q2/2020-21-Q2 HATE.xlsx", "0" * 64)
    for findings, reason, expected in [
        ((WARNING,), "", (1, "Yes", None, None)),
        ((ERROR,), "", (1, "No", None, None)),
        ((empty,), "", (1, "Empty", None, None)),
        ((ERROR, WARNING), "Counted anew", (2, "Yes", ERROR.rule, "Counted anew")),
    ]:
        master = merged(EMPTY, Q2, Checked(file, findings, reason))
        assert master.submissions == (Submission(Q2, HATE, file.file, file.sha256, "2020-10-07", "9", *expected),)
        assert [row.origin for row in (*master.submissions, *master.findings)] == [lies] * (1 + len(findings))
    entered = merged(EMPTY, Q2, Checked(replace(full_return(Q2, 1).returned, is_entered=True), ()))
    assert [row.origin for row in (*entered.progress, *entered.submissions)] == [Origin("master.xlsx", "1")] * 5


def test_a_record_keeps_the_cells_that_it_was_typed_in() -> None:
    """But on a sheet of the master: there they move."""
    note = Note(Q2, HATE, "Call me", cells={"text": Cell("Hate", "A61")})
    file = replace(back("HATE", Q2).returned, notes=(note,))
    for is_entered, where in [
        (False, Origin("returns/2020-21-Q2/2020-21-Q2 HATE.xlsx", "0" * 64, "Hate", {"text": "A61"})),
        (True, Origin("master.xlsx", "0" * 64)),
    ]:
        [merged_note] = merged(EMPTY, Q2, Checked(replace(file, is_entered=is_entered), ())).notes
        assert merged_note.origin == where


def test_what_is_left_blank_is_not_merged() -> None:
    blank = replace(
        full_return(Q2, 1).returned,
        measures=(Measure(Q2, HATE, "Solved outcomes", QUARTERLY, None, None),),
        breakdowns=(BreakdownFigure(Q2, HATE, "Outcomes", "Cautions", "This quarter", None),),
    )
    master = merged(EMPTY, Q2, Checked(blank, ()))
    assert (master.measures, master.breakdowns) == ((), ())


def test_what_is_merged_again_takes_nothing_from_other_strands() -> None:
    """Neither their counts by month, nor what was found in their files."""
    counts = Monthly(Q2, HATE, "Hate Crime Offences", "2020-09", 3)
    hate = back("HATE", Q2, [[9, 5, 4, 0]], findings=(WARNING,))
    first = merged(EMPTY, Q2, replace(hate, returned=replace(hate.returned, monthly=(counts,))))
    later = merged(first, Q2, back("GANGS", Q2, [[8, 8, 0, 0], [1, 1, 0, 0]], findings=(WARNING,)))
    assert [m.count for m in later.monthly] == [3]
    assert [f.strand for f in later.findings] == [HATE, GANGS]


def test_what_was_found_goes_with_its_file() -> None:
    """Though another quarter has a file of that name."""

    def hate(quarter: Quarter, *findings: Finding) -> Checked:
        return Checked(replace(back("HATE", quarter).returned, file="HATE.xlsx"), findings)

    refused = merged(merged(EMPTY, Q1, hate(Q1, WARNING)), Q2, hate(Q2, ERROR))
    assert [(f.quarter, f.rule) for f in refused.findings] == [(Q1, WARNING.rule), (Q2, ERROR.rule)]
    assert [(f.quarter, f.rule) for f in merged(refused, Q2).findings] == [(Q1, WARNING.rule)]


def test_a_file_that_was_accepted_and_is_refused_now_is_there_once() -> None:
    """As it was accepted; with where it lies, if that was not known. Another strand's may be the same to the byte."""
    first = merged(EMPTY, Q2, back("HATE", Q2, [[9, 5, 4, 0]]))
    known = [s.origin for s in first.submissions]
    of_before = replace(first, submissions=tuple(replace(s, origin=None) for s in first.submissions))
    for master in (first, of_before):
        refused = merged(
            master, Q2, back("HATE", Q2, [[9, 5, 4, 0]], findings=(ERROR,)), back("GANGS", Q2, findings=(ERROR,))
        )
        assert [(s.strand, s.accepted) for s in refused.submissions] == [(HATE, "Yes"), (GANGS, "No")]
        assert [s.origin for s in refused.submissions][:1] == known != [None]
    in_the_wrong_folder = merged(of_before, Q3, back("HATE", Q2, findings=(ERROR,)))
    assert [(s.quarter, s.origin is None) for s in in_the_wrong_folder.submissions] == [(Q2, True), (Q3, False)]


def test_a_history_is_not_the_quarter_that_the_master_shows() -> None:
    assert merged(with_history(EMPTY, "HATE", Q3, [[9, 5, 4, 0]]), Q2, back("HATE", Q2)).quarter == Q2


def test_a_rejected_return_is_not_merged_but_the_others_are() -> None:
    damaged = Checked(Return("damaged.xlsx", "1", "2020-10-05", fault="not-a-workbook"), (ERROR,))
    master = merged(
        EMPTY,
        Q2,
        back("HATE", Q2, [[9, 6, 3, 0]], ["No venue"], (WARNING, ERROR)),
        back("DA", Q2, [[7, 2, 5, 0]], [], (WARNING,)),
        damaged,
    )
    assert {p.strand for p in master.progress} == {NAMES["DA"]}
    assert master.risks == ()
    assert [(s.strand, s.findings, s.is_accepted) for s in master.submissions] == [
        (HATE, 2, False),
        (NAMES["DA"], 1, True),
        (None, 1, False),
    ]
    assert [(f.strand, f.file, f.severity, f.cell) for f in master.findings] == [
        (HATE, "2020-21-Q2 HATE.xlsx", "warning", "B3"),
        (HATE, "2020-21-Q2 HATE.xlsx", "error", "C31"),
        (NAMES["DA"], "2020-21-Q2 DA.xlsx", "warning", "B3"),
        (None, "damaged.xlsx", "error", "C31"),
    ]
    assert line(master, Q2, "HATE").state == REJECTED
    absent = [row.strand for row in summarise(master, Q2, SETTINGS) if row.state == NOT_RETURNED]
    assert absent == [name for name in NAMES.values() if name not in (HATE, NAMES["DA"])]


def test_a_correction_with_an_error_leaves_what_was_accepted() -> None:
    """Both are shown; what was accepted counts until it is replaced."""
    first = merged(EMPTY, Q2, back("HATE", Q2, [[9, 5, 4, 0]], ["No venue"]))
    wrong = back("HATE", Q2, [[9, 6, 3, 0]], ["No venue"], (ERROR,))
    wrong = replace(wrong, returned=replace(wrong.returned, sha256="1" * 64))
    master = merged(first, Q2, wrong)
    assert (master.progress, master.risks) == (first.progress, first.risks)
    assert [(s.sha256[0], s.accepted) for s in master.submissions] == [("0", "Yes"), ("1", "No")]
    assert line(master, Q2, "HATE").state == RETURNED
    assert merged(master, Q2, wrong) == master
    assert kept_from_before(master, Q2, [wrong], SETTINGS) == [Kept(HATE, "2020-21-Q2 HATE.xlsx")]
    assert kept_from_before(master, Q3, [wrong], SETTINGS) == []
    assert kept_from_before(master, Q2, [back("HATE", Q2)], SETTINGS) == []
    assert kept_from_before(with_history(EMPTY, "HATE", Q2, [[9, 5, 4, 0]]), Q2, [], SETTINGS) == []
    right = merged(master, Q2, back("HATE", Q2, [[9, 7, 2, 0]], ["No venue"]))
    assert [p.value for p in right.progress] == [9, 7, 2, 0]
    assert [s.accepted for s in right.submissions] == ["Yes"]


def test_history_stays_where_no_return_replaces_it() -> None:
    imported = with_history(EMPTY, "GANGS", Q2, [[3, 1, 2, 0], [4, 4, 0, 0]])
    imported = with_history(imported, "HATE", Q2, [[9, 5, 4, 0]])
    imported = with_history(imported, "DA", Q2, [[6, 1, 5, 0]])
    master = merged(imported, Q2, back("GANGS", Q2, [[8, 8, 0, 0], [1, 1, 0, 0]]), back("DA", Q2, [], [], (ERROR,)))
    lines = {code: line(master, Q2, code) for code in ("GANGS", "HATE", "DA")}
    assert {code: (row.total, row.state) for code, row in lines.items()} == {
        "GANGS": (9, RETURNED),
        "HATE": (9, IMPORTED),
        "DA": (6, IMPORTED),
    }


TEXTS = st.sampled_from(["No venue", "Funding", "Staff", "Training"])
IDS = st.sampled_from([None, "GANGS-1", "GANGS-2", "HATE-1", "HATE-3", "GANGS-99", "ours"])
STATES = st.sampled_from([None, OPEN, CLOSED])
SOME_RISKS = st.lists(st.tuples(TEXTS, IDS, STATES), max_size=4, unique_by=lambda risk: risk[0])
PLANS = {"GANGS": 2, "HATE": 1, "BURGLARY": 0}


@st.composite
def returns(draw: st.DrawFn, quarter: Quarter, codes: Iterable[str]) -> list[Checked]:
    """Returns of some of the strands, in any order, some with errors; and perhaps a file that is no return."""
    checked = []
    for code in draw(st.lists(st.sampled_from(sorted(codes)), unique=True)):
        entered = [Risk(quarter, NAMES[code], i, text, state=state) for text, i, state in draw(SOME_RISKS)]
        value = draw(st.integers(0, 9))
        findings = draw(st.sampled_from([(), (WARNING,), (ERROR,), (WARNING, ERROR)]))
        checked.append(back(code, quarter, [[value, value, 0, 0]] * PLANS[code], entered, findings))
    if draw(st.booleans()):
        checked.append(Checked(Return("damaged.xlsx", "1", "2020-10-05", fault="not-a-workbook"), (ERROR,)))
    return checked


@given(st.data())
def test_consolidating_again_changes_nothing(data: st.DataObject) -> None:
    """Whatever the master has: history of the quarter, quarters before and after it, an earlier version of it."""
    imported = data.draw(st.booleans())
    master = with_history(EMPTY, "HATE", Q2, [[9, 5, 4, 0]]) if imported else EMPTY
    codes = PLANS.keys() - {"HATE"} if imported else PLANS.keys()
    for quarter in data.draw(st.lists(st.sampled_from([Q1, Q2, Q3]), max_size=4)):
        master = merged(master, quarter, *data.draw(returns(quarter, codes)))
    checked = data.draw(returns(Q2, codes))
    once = merged(master, Q2, *checked)
    assert merged(once, Q2, *checked) == once


@given(st.lists(st.sampled_from([Q1, Q2, Q3]).flatmap(lambda q: st.tuples(st.just(q), returns(q, PLANS))), max_size=6))
def test_no_two_risks_of_a_quarter_have_the_same_id(steps: list[tuple[Quarter, list[Checked]]]) -> None:
    master = EMPTY
    for quarter, checked in steps:
        master = merged(master, quarter, *checked)
    known = [(risk.quarter, risk.id) for risk in master.risks]
    assert len(set(known)) == len(known)


# The executive summary

Counts = tuple[int | None, int | None, int | None, int | None]


@pytest.mark.parametrize(
    ("code", "plans", "expected"),
    [
        ("GANGS", [[10, 4, 5, 1], [8, 2, 6, 0]], (18, 6, 11, 1)),
        ("PREVENT", [[10, 4, 5, 1], [3, NA, 7, 20]], (10, 4, 5, 1)),
        ("NTE", [[12, 4, 5, 2, 1]], (12, 4, 7, 1)),
        ("HATE", [[0, 0, 0, 0]], (0, 0, 0, 0)),
        ("HATE", [[NA, NA, NA, NA]], (None, None, None, None)),
        ("GANGS", [[NA, NA, NA, NA], [8, 2, 6, 0]], (8, 2, 6, 0)),
    ],
    ids=["two plans", "a plan outside the summary", "paused", "nothing yet", "N/A", "N/A in one of two plans"],
)
def test_a_line_of_the_summary(code: str, plans: list[list[Value]], expected: Counts) -> None:
    row = line(merged(EMPTY, Q2, back(code, Q2, plans)), Q2, code)
    assert (row.total, row.complete, row.ongoing, row.at_risk) == expected
    assert (row.figures_of, row.state) == (Q2, RETURNED)


def test_a_strand_without_a_plan_has_no_figures() -> None:
    row = line(merged(EMPTY, Q2, back("BURGLARY", Q2)), Q2, "BURGLARY")
    assert row == SummaryRow(NAMES["BURGLARY"], None, None, None, None, None, None, RETURNED)


def test_the_summary_has_every_strand_in_the_order_of_config() -> None:
    assert [row.strand for row in summarise(EMPTY, Q1, SETTINGS)] == list(NAMES.values())


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ([9, 4, 5, 0], [9, 6, 3, 0], 2),
        ([9, 4, 5, 0], [9, 3, 6, 0], -1),
        ([9, 4, 5, 0], [NA, NA, NA, NA], None),
        ([NA, NA, NA, NA], [9, 6, 3, 0], None),
        (None, [9, 6, 3, 0], None),
    ],
    ids=["more", "fewer", "N/A now", "N/A before", "not known before"],
)
def test_change_in_complete(was: list[Value] | None, now: list[Value], change: int | None) -> None:
    before = merged(EMPTY, Q1, *([back("HATE", Q1, [was])] if was else []))
    assert line(merged(before, Q2, back("HATE", Q2, [now])), Q2, "HATE").change == change


def test_a_strand_withdrawn_has_last_quarters_figures() -> None:
    """A file that is gone takes nothing out. Of one withdrawn the line says so, and the totals leave it out."""
    earlier = merged(EMPTY, Q1, back("GANGS", Q1, [[1, 1, 0, 0], [1, 1, 0, 0]]))
    earlier = with_history(earlier, "HATE", Q1, [[9, 4, 5, 0]])
    gangs = back("GANGS", Q2, [[10, 4, 5, 1], [8, 2, 6, 0]])
    there = merged(earlier, Q2, back("HATE", Q2, [[9, 6, 3, 0]]), gangs)
    assert line(merged(there, Q2, gangs), Q2, "HATE") == line(there, Q2, "HATE")
    gone = consolidate(there, Q2, [gangs], SETTINGS, withdrawn=[HATE])
    assert line(gone, Q2, "HATE") == SummaryRow(HATE, 9, 4, 5, 0, None, Q1, NOT_RETURNED, other=0)
    assert totals(summarise(there, Q2, SETTINGS), Q2) == {"total": 27, "complete": 12, "ongoing": 14, "at_risk": 1}
    assert totals(summarise(gone, Q2, SETTINGS), Q2) == {"total": 18, "complete": 6, "ongoing": 11, "at_risk": 1}


def test_a_history_of_some_plans_says_nothing_of_the_whole() -> None:
    """Neither of the strand in that quarter, nor of its change since."""
    whole = with_history(EMPTY, "GANGS", Q2, [[10, 4, 5, 1], [8, 2, 6, 0]])
    part = replace(whole, progress=tuple(p for p in whole.progress if p.plan == "Knife Crime"))
    assert line(whole, Q2, "GANGS").total == 18
    assert line(part, Q2, "GANGS") == SummaryRow(GANGS, None, None, None, None, None, None, IMPORTED, is_unknown=True)
    assert totals(summarise(part, Q2, SETTINGS), Q2)["total"] is None
    (absent,) = [row for row in account(part, Q3, SETTINGS).absent if row.strand == GANGS]
    assert (absent.state, absent.figures_of) == (NOT_RETURNED, None)
    later = merged(part, Q3, back("GANGS", Q3, [[10, 5, 4, 1], [8, 2, 6, 0]]))
    assert (line(later, Q3, "GANGS").complete, line(later, Q3, "GANGS").change) == (7, None)


def test_older_figures_show_no_change() -> None:
    """Theirs is not the change of this quarter."""
    earlier = merged(merged(EMPTY, Q1, back("HATE", Q1, [[9, 4, 5, 0]])), Q2, back("HATE", Q2, [[9, 6, 3, 0]]))
    assert line(merged(earlier, Q3), Q3, "HATE") == SummaryRow(HATE, 9, 6, 3, 0, None, Q2, NOT_RETURNED, other=0)


def test_a_late_returns_rows_stand_before_the_next_quarters() -> None:
    master = merged(merged(EMPTY, Q2, full_return(Q2, 2)), Q1, full_return(Q1, 1))
    for table in TABLES.keys() - {"by_exception", "monthly"}:
        quarters = [row.quarter for row in getattr(master, table)]
        assert quarters == sorted([Q1, Q2] * (len(quarters) // 2)), table


def test_what_was_given_up_since_still_counts_in_an_earlier_quarter() -> None:
    """Also on sheets, which are drawn by the settings as of their own quarter."""
    master = merged(EMPTY, Q1, back("GANGS", Q1, [[10, 4, 5, 1], [8, 2, 6, 0]]))
    text = resource("config.yaml").read_text(encoding="utf-8")
    name = next(strand for strand in SETTINGS.strands if strand.code == "GANGS").plans[0].name
    ended = parse(text.replace(f"      - name: {name}\n", f"      - name: {name}\n        last_quarter: 2020/21 Q1\n"))
    for settings in (ended, ended.as_of(Q2)):
        row = next(row for row in summarise(master, Q2, settings) if row.strand == GANGS)
        assert (row.total, row.complete, row.figures_of) == (18, 6, Q1)


def test_months_that_a_later_return_gave_stay_when_an_earlier_one_is_corrected() -> None:
    def counts(quarter: Quarter, **by_month: int) -> Checked:
        rows = tuple(
            Monthly(quarter, HATE, "Hate Crime Offences", month.replace("_", "-").strip("m"), count)
            for month, count in by_month.items()
        )
        return Checked(replace(back("HATE", quarter).returned, monthly=rows), ())

    first = merged(EMPTY, Q1, counts(Q1, m2020_03=10, m2020_04=10))
    second = merged(first, Q2, counts(Q2, m2020_03=10, m2020_04=10))
    corrected = merged(second, Q1, counts(Q1, m2020_03=15))
    assert [m.count for m in corrected.monthly if m.quarter == Q2] == [10, 10]
    assert [(c.figure, c.before, c.after, c.file) for c in corrected.corrections] == [
        ("Hate Crime Offences, Mar 2020", 10, 15, "2020-21-Q1 HATE.xlsx"),
        ("Hate Crime Offences, Apr 2020", 10, None, "2020-21-Q1 HATE.xlsx"),
    ]
    third = merged(second, Q3, counts(Q3, m2020_10=10))
    assert [(c.figure, c.after) for c in merged(third, Q2, counts(Q2, m2020_03=10)).corrections] == [
        ("Hate Crime Offences, Apr 2020", None)
    ], "though a quarter before has it too"


def test_every_figure_that_a_late_correction_changes_is_told() -> None:
    """By its own name, as it was and is; and what is withdrawn is told as that. What was not known is no correction."""

    def hate(value: int) -> Checked:
        checked = full_return(Q1, value)
        of_year = Measure(Q1, HATE, "Hate Crime Offences", ROLLING, value, value)
        new = Measure(Q1, HATE, "Reports", QUARTERLY, None if value == 1 else value, 5)
        measures = (*checked.returned.measures, of_year, new)
        return Checked(replace(checked.returned, measures=measures), ())

    def told(master: Master) -> dict[str, tuple[Value, Value]]:
        assert {(c.quarter, c.strand) for c in master.corrections} == {(Q1, HATE)}
        assert len({c.figure for c in master.corrections}) == len(master.corrections)
        return {c.figure: (c.before, c.after) for c in master.corrections}

    later = merged(merged(EMPTY, Q1, hate(1)), Q2, full_return(Q2, 7))
    names = [
        "Hate Crime: Total strands",
        "Hate Crime: Complete",
        "Solved outcomes, quarter",
        "Solved outcomes, the one before",
        "Hate Crime Offences, 12 months",
        "Hate Crime Offences, the 12 before",
        "Outcomes, Cautions, This quarter",
    ]
    corrected = merged(later, Q1, hate(2))
    assert told(corrected) == dict.fromkeys(names, (1, 2))
    assert {c.origin.file for c in corrected.corrections if c.origin} == {"returns/2020-21-Q1/2020-21-Q1 HATE.xlsx"}
    gone = consolidate(later, Q1, [], SETTINGS, withdrawn=[HATE])
    stood_still = dict.fromkeys(["Hate Crime: Ongoing / In progress", "Hate Crime: At risk"], (0, None))
    assert told(gone) == dict.fromkeys(names, (1, None)) | stood_still | {"Reports, quarter": (5, None)}
    assert {c.file for c in gone.corrections} == {"withdrawn"}
    assert not merged(later, Q1, hate(1)).corrections


@pytest.mark.parametrize(
    ("row", "field", "called"),
    [
        (Progress(Q1, HATE, "Plan", "Complete", 1), "value", "Plan: Complete"),
        (Monthly(Q1, HATE, "Crimes", "2020-04", 1), "count", "Crimes, Apr 2020"),
        (BreakdownFigure(Q1, HATE, "Outcomes", "Fined", "Now", 1), "value", "Outcomes, Fined, Now"),
        (Risk(Q1, HATE, "HATE-1", "Data"), "impact", "HATE-1, impact"),
        (Measure(Q1, HATE, "Crimes", ROLLING, 1, 2), "current", "Crimes, 12 months"),
        (Measure(Q1, HATE, "Crimes", ROLLING, 1, 2), "previous", "Crimes, the 12 before"),
        (Measure(Q1, HATE, "Crimes", QUARTERLY, 1, 2), "previous", "Crimes, the one before"),
        (Measure(Q1, HATE, "Crimes", MONTH_ON_YEAR, 1, 2), "previous", "Crimes, the same month last year"),
    ],
)
def test_what_a_figure_is_called_in_corrections(row: Progress | Measure, field: str, called: str) -> None:
    assert correction_name(row, field) == called


@pytest.mark.parametrize(
    ("plan", "named"), [("A", "A: B"), ("A: 1", "'A: 1': B"), ("'A' and b", "'''A'' and b': B"), ("b's", "b's: B")]
)
def test_no_two_figures_of_plans_have_one_name(plan: str, named: str) -> None:
    assert figure_name(plan, "B") == named


def test_figures_of_plans_whose_names_run_into_their_statuses_are_told_apart() -> None:
    """`A: B` with the status `C`, and `A` with `B: C`."""
    text = resource("config.yaml").read_text(encoding="utf-8")
    usual = "{All: total, %s: complete, At risk: at_risk}"
    plans = "".join(
        f"      - {{name: '{name}', first_quarter: 2020/21 Q1, statuses: {usual % repr(status)}}}\n"
        for name, status in (("A: B", "C"), ("A", "B: C"))
    )
    start = text.index("      - name: Hate Crime\n")
    settings = parse(text[:start] + plans + text[text.index("    measures:", start) :])
    strand = settings.strand_of("HATE")
    assert strand

    def back(first: Sequence[int], second: Sequence[int]) -> Checked:
        grids = zip(strand.plans, (first, second), strict=True)
        figures = tuple(
            Progress(Q1, HATE, plan.name, status, value)
            for plan, values in grids
            for status, value in zip(plan.statuses, values, strict=True)
        )
        return Checked(Return("hate.xlsx", "", "", strand="HATE", quarter=str(Q1), progress=figures), ())

    first = consolidate(EMPTY, Q1, [back([5, 5, 0], [9, 9, 0])], settings)
    now = replace(first, quarter=Q2, submissions=(*first.submissions, replace(first.submissions[0], quarter=Q2)))
    corrected = consolidate(now, Q1, [back([5, 4, 1], [9, 9, 0])], settings)
    assert {(c.figure, c.before, c.after) for c in corrected.corrections} == {
        ("'A: B': C", 5, 4),
        ("'A: B': At risk", 0, 1),
    }


def test_counts_of_an_extract_called_like_the_history_stay() -> None:
    master = with_history(EMPTY, "HATE", Q2, [[9, 6, 3, 0]])
    extract = (Monthly(Q2, HATE, "Hate Crime Offences", "2020-09", 3, "history.csv"),)
    assert merged(replace(master, monthly=extract), Q2).monthly == extract


def test_an_earlier_quarter_does_not_show_later_figures() -> None:
    master = merged(EMPTY, Q2, back("HATE", Q2, [[9, 6, 3, 0]]))
    assert line(master, Q1, "HATE").figures_of is None


# Doubts


def doubt(table: str, quarter: Quarter, strand: str, *, source: str | None = None, rule: str = "row-edited") -> Doubt:
    """About a row that somebody edited. source: of a count, the file that it came in, as it stands there."""
    return Doubt(replace(ERROR, rule=rule), table, quarter, strand, {"source": source})


def sealed(table: str, quarter: Quarter, strand: str, digests: tuple[str, ...] | None, source: str = "") -> Doubt:
    """About rows of which it is known what stood there."""
    return Doubt(ERROR, table, quarter, strand, None, Seal(table, str(quarter), strand, source, digests))


OF_HATE, OF_GANGS = "2020-21-Q2 HATE.xlsx", "2020-21-Q2 GANGS.xlsx"


@pytest.mark.parametrize(
    ("about", "stays"),
    [
        (doubt("progress", Q2, HATE), False),
        (doubt("progress", Q1, HATE), True),
        (doubt("progress", Q2, GANGS), True),
        (doubt("monthly", Q2, HATE), False),
        (doubt("monthly", Q2, HATE, source=OF_HATE), False),
        (doubt("monthly", Q2, HATE, source="extract.csv"), True),
        (doubt("monthly", Q2, HATE, source=OF_GANGS), True),
        (doubt("monthly", Q2, HATE, source="2020-21-Q1 HATE.xlsx"), True),
        (sealed("monthly", Q2, HATE, (), OF_HATE), False),
        (sealed("monthly", Q2, HATE, (), "extract.csv"), True),
        (Doubt(ERROR, "monthly", Q2, HATE), False),
        (doubt("progress", Q2, HATE, source="extract.csv"), False),
        (doubt("findings", Q2, GANGS), False),
        (doubt("findings", Q1, GANGS), True),
        (doubt("progress", Q1, GANGS, rule=HEADING), False),
    ],
)
def test_a_doubt_goes_with_the_rows_that_are_replaced(about: Doubt, stays: bool) -> None:
    """Counts from an extract stay, and what is in doubt of them; findings and headings are written anew each time."""
    master = merged(merged(EMPTY, Q1, back("HATE", Q1)), Q2, back("HATE", Q2), back("GANGS", Q2))
    assert merged(replace(master, doubts=(about,)), Q2, back("HATE", Q2)).doubts == (about,) * stays


def test_a_row_that_stands_there_again_is_no_longer_in_doubt() -> None:
    """That of a file which is refused as before, wherever among them it stands now."""
    refused = [
        replace(c, returned=replace(c.returned, sha256=str(n) * 64))
        for n, c in enumerate([back("HATE", Q2, findings=(ERROR,))] * 4)
    ]
    master = merged(EMPTY, Q2, *refused)
    [was] = [seal for seal in seals_of(master) if seal.table == "submissions"]
    assert was.digests and was.digests[::-1] != tuple(sorted(was.digests)) != was.digests
    of_rows = sealed("submissions", Q2, HATE, was.digests[::-1])
    others = (
        sealed("submissions", Q2, HATE, was.digests[:1]),
        sealed("submissions", Q1, HATE, was.digests),
        sealed("submissions", Q2, HATE, None),
        doubt("submissions", Q2, HATE),
    )
    assert merged(replace(master, doubts=(of_rows, *others)), Q2, *refused).doubts == others


def test_a_risk_whose_row_is_in_doubt_has_its_id_again() -> None:
    """By what is known of the row, though the return that it comes again in has others before it."""
    first = merged(EMPTY, Q2, back("GANGS", Q2, [], ["No venue", "Funding"]))
    [was] = [seal for seal in seals_of(first) if seal.table == "risks"]
    lost = replace(first, risks=(), doubts=(sealed("risks", Q2, GANGS, was.digests),))
    again = merged(lost, Q2, back("GANGS", Q2, [], ["Staff", "Funding", "No venue"]))
    assert ids(again, Q2) == {"Staff": "GANGS-3", "Funding": "GANGS-2", "No venue": "GANGS-1"}
    unknown = merged(replace(lost, doubts=(sealed("risks", Q2, GANGS, None),)), Q2, back("GANGS", Q2, [], ["Funding"]))
    assert ids(unknown, Q2) == {"Funding": "GANGS-3"}


# Risks


def test_new_risks_are_numbered_strand_by_strand() -> None:
    master = merged(EMPTY, Q2, back("HATE", Q2, [], ["Data"]), back("GANGS", Q2, [], ["No venue", "Funding"]))
    assert ids(master, Q2) == {"No venue": "GANGS-1", "Funding": "GANGS-2", "Data": "HATE-1"}


@pytest.mark.parametrize(
    ("corrected", "expected"),
    [
        (["No venue in Essex", "Funding"], ["GANGS-1", "GANGS-2"]),
        (["No venue", "Less funding"], ["GANGS-1", "GANGS-2"]),
        (["Staff", "No venue", "Funding"], ["GANGS-3", "GANGS-1", "GANGS-2"]),
        (["Funding", "No venue"], ["GANGS-2", "GANGS-1"]),
        (["Funding"], ["GANGS-2"]),
    ],
    ids=["first reworded", "second reworded", "one added before", "in another order", "one taken out"],
)
def test_ids_stay_in_a_corrected_return(corrected: list[str], expected: list[str]) -> None:
    first = merged(EMPTY, Q2, back("GANGS", Q2, [], ["No venue", "Funding"]))
    assert [risk.id for risk in merged(first, Q2, back("GANGS", Q2, [], corrected)).risks] == expected


def test_two_risks_in_the_same_words_keep_their_ids() -> None:
    """In their order: of a return that is read again, of a correction, and of one that one of them goes from."""
    twice = back("GANGS", Q2, [], ["No venue", "No venue"])
    first = merged(EMPTY, Q2, twice)
    assert [risk.id for risk in first.risks] == ["GANGS-1", "GANGS-2"]
    again = merged(first, Q2, twice)
    assert again.risks == first.risks
    assert [risk.id for risk in merged(again, Q2, back("GANGS", Q2, [], ["No venue"] * 3)).risks] == [
        f"GANGS-{number}" for number in (1, 2, 3)
    ]


def test_a_risk_carried_over_keeps_its_id() -> None:
    """Reworded, and after a new one, too."""
    first = merged(EMPTY, Q1, back("GANGS", Q1, [], ["No venue", "Funding"]))
    carried = [replace(risk, description=f"{risk.description}, still") for risk in first.risks]
    master = merged(first, Q2, back("GANGS", Q2, [], ["Staff", *carried]))
    assert ids(master, Q2) == {"Staff": "GANGS-3", "No venue, still": "GANGS-1", "Funding, still": "GANGS-2"}
    assert ids(master, Q1) == {"No venue": "GANGS-1", "Funding": "GANGS-2"}


def test_a_closed_risks_id_is_never_used_again() -> None:
    first = merged(EMPTY, Q1, back("GANGS", Q1, [], ["No venue"]))
    closed = merged(first, Q2, back("GANGS", Q2, [], [replace(first.risks[0], state=CLOSED)]))
    upside_down = replace(closed, risks=closed.risks[::-1])
    assert ids(merged(upside_down, Q3, back("GANGS", Q3, [], ["No venue"])), Q3) == {"No venue": "GANGS-2"}
    assert ids(merged(closed, Q3, back("GANGS", Q3, [], ["No venue"])), Q3) == {"No venue": "GANGS-2"}


def test_a_new_risk_in_a_late_return_gets_an_id_of_its_own() -> None:
    """Although the quarter after it has numbered a new risk already."""
    later = merged(EMPTY, Q3, back("GANGS", Q3, [], ["Funding"]))
    master = merged(later, Q2, back("GANGS", Q2, [], ["No venue"]))
    assert (ids(master, Q2), ids(master, Q3)) == ({"No venue": "GANGS-2"}, {"Funding": "GANGS-1"})


def test_a_late_return_knows_a_risk_by_what_it_was_called_before() -> None:
    """Although the quarter after it, and the return that it corrects, have other words for it."""
    first = merged(EMPTY, Q1, back("GANGS", Q1, [], ["No venue"]))
    reworded = replace(first.risks[0], description="Nowhere to meet")
    later = merged(first, Q3, back("GANGS", Q3, [], [reworded]))
    for master in (later, merged(later, Q2, back("GANGS", Q2, [], [reworded]))):
        assert ids(merged(master, Q2, back("GANGS", Q2, [], ["No venue"])), Q2) == {"No venue": "GANGS-1"}


def test_a_risk_that_is_scored_has_the_level_of_its_score() -> None:
    """Whatever its lead chose; one without a score has what its lead chose."""
    settings = SETTINGS.model_construct(**{**dict(SETTINGS), "risk_scoring": RiskScoring()})
    entered = [
        Risk(Q1, GANGS, None, "Staff", level="Low", likelihood=3, impact=5),
        Risk(Q1, GANGS, None, "A", level="Low"),
    ]
    checked = [back("GANGS", Q1, [], entered)]
    assert [risk.level for risk in consolidate(EMPTY, Q1, checked, settings).risks] == ["High", "Low"]
    assert [risk.level for risk in consolidate(EMPTY, Q1, checked, SETTINGS).risks] == ["Low", "Low"]


def test_what_is_carried_over_was_open_when_its_strand_last_returned() -> None:
    """Before the quarter. What was refused, a history, and what other strands return change nothing."""
    first = merged(EMPTY, Q1, back("GANGS", Q1, [], ["No venue", Risk(Q1, GANGS, None, "Settled", state=CLOSED)]))
    for master, until, expected in [
        (EMPTY, Q2, []),
        (first, Q1, []),
        (first, Q2, ["No venue"]),
        (merged(first, Q2, back("GANGS", Q2, [], ["Staff"])), Q2, ["No venue"]),
        (merged(first, Q2, back("GANGS", Q2, [], ["Staff"])), Q3, ["Staff"]),
        (merged(first, Q2, back("GANGS", Q2)), Q2, ["No venue"]),
        (merged(first, Q2, back("GANGS", Q2)), Q3, []),
        (merged(first, Q2, back("GANGS", Q2, findings=(ERROR,))), Q3, ["No venue"]),
        (merged(first, Q2, back("HATE", Q2)), Q3, ["No venue"]),
        (with_history(first, "GANGS", Q2, [[1, 1, 0, 0]] * 2), Q3, ["No venue"]),
    ]:
        assert [risk.description for risk in carried_over(master, GANGS, until)] == expected


@pytest.mark.parametrize("typed", ["GANGS-99", "HATE-1", "ours", 7])
def test_an_id_that_somebody_typed_is_not_taken_over(typed: Value) -> None:
    before = merged(EMPTY, Q1, back("HATE", Q1, [], ["Data"]), back("GANGS", Q1, [], ["Funding"]))
    master = merged(before, Q2, back("GANGS", Q2, [], [Risk(Q2, GANGS, typed, "No venue")]))
    assert ids(master, Q2) == {"No venue": "GANGS-2"}


def test_an_id_typed_twice_stays_with_the_first() -> None:
    before = merged(EMPTY, Q1, back("GANGS", Q1, [], ["Funding"]))
    copied = [before.risks[0], replace(before.risks[0], description="No venue")]
    assert ids(merged(before, Q2, back("GANGS", Q2, [], copied)), Q2) == {"Funding": "GANGS-1", "No venue": "GANGS-2"}


def test_open_risks_are_numbered_through_in_the_order_of_config() -> None:
    """With those last known of a strand that was not returned, here 'Old'."""
    closed = Risk(Q2, GANGS, None, "Settled", state=CLOSED)
    reopened = Risk(Q2, GANGS, None, "Funding", state=OPEN)
    master = merged(EMPTY, Q1, back("DA", Q1, [], ["Old"]))
    master = merged(master, Q2, back("HATE", Q2, [], ["Data"]), back("GANGS", Q2, [], ["No venue", closed, reopened]))
    now = [(numbered.number, numbered.risk.description) for numbered in open_risks(master, Q2, SETTINGS)]
    assert now == [(1, "Old"), (2, "No venue"), (3, "Funding"), (4, "Data")]


def test_the_register_has_each_risk_once_as_last_reported() -> None:
    """With the quarters of its first and last report, though a return came in late and the rows are in no order."""
    first = merged(EMPTY, Q1, back("GANGS", Q1, [], ["No venue"]))
    closed = replace(first.risks[0], description="No venue found", state=CLOSED)
    last = merged(first, Q3, back("GANGS", Q3, [], [closed, "Funding"]))
    late = merged(last, Q2, back("GANGS", Q2, [], [replace(first.risks[0], state=OPEN)]))
    master = replace(late, risks=late.risks[::-1])
    rows = register(master, Q3, SETTINGS)
    entries = [(row.risk.id, row.risk.description, row.state, row.first, row.risk.quarter) for row in rows]
    assert entries == [
        ("GANGS-1", "No venue found", CLOSED, Q1, Q3),
        ("GANGS-2", "Funding", OPEN, Q3, Q3),
    ]


def test_a_history_says_nothing_of_risks() -> None:
    """What is listed stays open over a quarter of which there are figures only, and is left out by the next return."""
    master = with_history(merged(EMPTY, Q1, back("HATE", Q1, [], ["Data"])), "HATE", Q2, [[9, 5, 4, 0]])
    assert [n.risk.description for n in open_risks(master, Q2, SETTINGS)] == ["Data"]
    assert [row.state for row in register(master, Q2, SETTINGS)] == [OPEN]
    later = merged(master, Q3, back("HATE", Q3, [[9, 6, 3, 0]]))
    assert [row.state for row in register(later, Q3, SETTINGS)] == ["Not listed since 2020/21 Q3"]


def test_the_register_goes_by_strand_and_number() -> None:
    rows = [(HATE, "HATE-1"), (GANGS, "GANGS-10"), (GANGS, "GANGS-9")]
    master = replace(EMPTY, risks=tuple(Risk(Q1, strand, i, "No venue") for strand, i in rows))
    assert [row.risk.id for row in register(master, Q3, SETTINGS)] == ["GANGS-9", "GANGS-10", "HATE-1"]

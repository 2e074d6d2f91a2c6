"""Tables of a strand's own: every figure, from config and form to master, partners and report, held against rules."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

from cpxl.account import account
from cpxl.account.strand import strand_account
from cpxl.config import Settings, parse
from cpxl.errors import Refused
from cpxl.layout.blocks import Sentence, for_partners, plain
from cpxl.layout.breakdowns import breakdown_block, paragraphs_block
from cpxl.layout.parts import Text
from cpxl.layout.report import sections
from cpxl.layout.strand import Use, strand_sheet
from cpxl.master.names import unknown_names
from cpxl.model import (
    QUARTERLY,
    BreakdownFigure,
    Cell,
    Finding,
    Master,
    Measure,
    Paragraph,
    Return,
    Submission,
    Value,
)
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.checks import check_all
from cpxl.returns.rules.file import is_untouched
from cpxl.workbook_names import TEMPLATE_VERSION
from tests.command import Demo, run_cpxl
from tests.form import Form
from tests.test_checks import sound
from tests.values import values

CONFIG = resource("config.yaml").read_text(encoding="utf-8")
SETTINGS = parse(CONFIG)
NOW, LAST = Quarter(2020, 2), Quarter(2020, 1)
FORCE, OUTCOME, CHAMPIONS = "Prevent referrals by force", "Prevent referrals by outcome", "Prevent Champions"
PREVENT = "Extremism and Radicalisation"
PUBLISHED = yaml.safe_load((Path(__file__).parent / "data" / "published_q2_2020_21.yaml").read_text(encoding="utf-8"))


def said(*words: object) -> Any:
    done = run_cpxl(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def columns_of(strand: str, breakdown: str) -> list[str]:
    [found] = [b for s in SETTINGS.strands if s.name == strand for b in s.breakdowns if b.name == breakdown]
    return found.columns


EVERY = [
    (strand, breakdown, row, column, value)
    for strand, figures in PUBLISHED["strands"].items()
    for breakdown, rows in figures.get("breakdowns", {}).items()
    for row, line in rows.items()
    for column, value in zip(columns_of(strand, breakdown), line, strict=True)
]


def facts(path: Path) -> dict[tuple[Value, ...], Value]:
    """The data table of a master: figures by strand, breakdown, row and column."""
    rows = [row for row in values(path, "Breakdowns") if row and str(row[0]).startswith("2020/21 Q2")]
    return {tuple(row[1:5]): row[5] for row in rows}


def test_every_figure_of_the_published_report_has_its_place(demo: Demo) -> None:
    """In the master's data, each once, and none that the report does not give."""
    found = facts(demo.folder / "master.xlsx")
    assert len(EVERY) > 90
    assert {of: value for of, value in found.items() if value not in (None, "")} == {
        tuple(of): value for *of, value in EVERY if value is not None
    }


def test_partners_see_them_and_what_is_not_known(demo: Demo) -> None:
    lines = values(demo.partner, "Hate Crime")
    row = next(row for row in lines if row[0] == "Transgender")
    assert row[2:7] == [5, 14, 2.8, -1, -0.142]
    assert next(row for row in lines if row[0] == "Disability")[2] is None
    lines = values(demo.partner, "Extremism")
    row = next(row for row in lines if row[0] == "Internal")
    assert row[2:5] == [54, 88, 34]


# Rules


def filled(breakdown: str, **figures: Value) -> Return:
    """A sound return of Prevent, with other figures in a breakdown: a column, or a row and column after __."""
    returned = sound("PREVENT")
    changed = []
    for f in returned.breakdowns:
        key = f"{f.row}__{f.column}".replace(" ", "_")
        is_ours = f.breakdown == breakdown and (key in figures or f.row.replace(" ", "_") in figures)
        value = figures.get(key, figures.get(f.row.replace(" ", "_"))) if is_ours else f.value
        changed.append(replace(f, value=value))
    return replace(returned, breakdowns=tuple(changed))


def commented(returned: Return, row: str, comment: str) -> Return:
    return replace(
        returned, breakdowns=tuple(replace(f, comment=comment) if f.row == row else f for f in returned.breakdowns)
    )


def with_row(returned: Return, breakdown: str, **changes: Any) -> Return:
    """With one more line, like the first of a breakdown."""
    first = next(f for f in returned.breakdowns if f.breakdown == breakdown)
    cells = {"row": Cell("S", "A200"), "comment": Cell("S", "B200"), "value": Cell("S", "C200")}
    return replace(returned, breakdowns=(*returned.breakdowns, replace(first, cells=cells, **changes)))


def findings(returned: Return, known: Master | None = None, settings: Settings = SETTINGS) -> list[Finding]:
    return [
        f
        for f in check_all([returned], settings, NOW, known or Master(NOW))[0].findings
        if f.rule.startswith("breakdown")
    ]


SMALL = parse(CONFIG.replace("# smallest_count: 5   ", "  smallest_count: 5   "))


@pytest.mark.parametrize(
    ("returned", "rule", "severity", "said_of"),
    [
        (with_row(sound("PREVENT"), FORCE, row="Kent"), "breakdown-row-unknown", "error", "'Kent'"),
        (with_row(sound("PREVENT"), FORCE, row=""), "breakdown-row-unknown", "error", "'blank'"),
        (with_row(sound("PREVENT"), FORCE), "breakdown-row-twice", "error", "Essex more than once"),
        (filled(CHAMPIONS, Internal__Last_quarter="some"), "breakdown-cannot-be", "error", "'some' for Internal"),
        (filled(CHAMPIONS, Internal__Last_quarter=-3), "breakdown-cannot-be", "error", "'-3' for Internal"),
        (filled(CHAMPIONS, Internal__Last_quarter=1.5), "breakdown-cannot-be", "error", "'1.5' for Internal"),
        (filled("Prevent referrals by district", Basildon=25), "breakdown-cannot-be", "error", "'25' for Basildon"),
        (filled(CHAMPIONS, Internal__This_quarter=None), "breakdown-missing", "warning", "lacks a figure for Internal"),
        (filled(CHAMPIONS, Internal__This_quarter=80), "breakdown-does-not-add-up", "error", "come to 81, but All ch"),
        (
            filled(CHAMPIONS, Internal__Last_quarter=None, External__Last_quarter=91),
            "breakdown-does-not-add-up",
            "error",
            "2020/21 Q1: the rows come to 91, but All champions says 90",
        ),
        (
            filled(OUTCOME, Escalated=2, All_referrals=81),
            "breakdown-differs-from-measure",
            "error",
            "it comes to 81, but Prevent referrals (Essex) is 80",
        ),
        (
            filled(OUTCOME, Escalated="N/A", All_referrals=81),
            "breakdown-differs-from-measure",
            "error",
            "it comes to 81, but Prevent referrals (Essex) is 80",
        ),
    ],
)
def test_a_rule_fires(returned: Return, rule: str, severity: str, said_of: str) -> None:
    [finding] = findings(returned)
    assert (finding.rule, finding.severity) == (rule, severity)
    assert said_of in finding.message
    assert finding.cell


@pytest.mark.parametrize(
    "returned",
    [
        sound("PREVENT"),
        commented(filled(CHAMPIONS, Internal__This_quarter=None), "Internal", "Not counted yet."),
        filled(CHAMPIONS, Internal__Last_quarter=None, External__Last_quarter=None, All_champions__Last_quarter=None),
        filled(CHAMPIONS, Internal__Last_quarter=None, External__Last_quarter=7),
        filled(CHAMPIONS, All_champions__Last_quarter=None),
        replace(sound("PREVENT"), measures=tuple(replace(m, current="N/A") for m in sound("PREVENT").measures)),
        filled("Prevent referrals by district", Basildon=0.3),
        filled(OUTCOME, Escalated="N/A", Pending_assessment=78),
    ],
)
def test_what_is_sound_is_left_alone(returned: Return) -> None:
    assert findings(returned) == []


def test_a_count_so_small_that_it_tells_who_is_meant() -> None:
    """A warning that a comment settles; 0, percentages and larger counts are none; without a number in config, none."""
    returned = filled(CHAMPIONS, Internal__This_quarter=76, External__This_quarter=4)
    of = [f for f in findings(returned, settings=SMALL) if CHAMPIONS in f.message and "External" in f.message]
    assert [(f.rule, f.severity) for f in of] == [("breakdown-small-count", "warning")]
    assert "counts under 5" in of[0].message
    explained = findings(commented(returned, "External", "These are bodies, not people."), settings=SMALL)
    assert [f.severity for f in explained if "External" in f.message] == ["explained"]
    assert not [f for f in findings(returned) if f.rule == "breakdown-small-count"]
    both = findings(filled(CHAMPIONS, Internal__This_quarter=3, External__This_quarter=4), settings=SMALL)
    said_of = [f.message.rpartition(": ")[2] for f in both if CHAMPIONS in f.message and "counts under" in f.message]
    assert said_of == ["Internal 3.", "External 1, External 4."]


def test_an_earlier_figure_is_held_against_what_was_reported_then() -> None:
    reported = BreakdownFigure(LAST, PREVENT, CHAMPIONS, "Internal", "This quarter", 54)
    others = (replace(reported, strand="Hate Crime", value=1), replace(reported, column="Last quarter", value=2))
    known = Master(NOW, breakdowns=(reported, *others))
    [finding] = findings(sound("PREVENT"), known)
    assert (finding.rule, finding.severity) == ("breakdown-earlier-differs", "warning")
    assert "Internal: the figure for 2020/21 Q1 is 89, but 54 was reported" in finding.message
    [finding] = findings(commented(sound("PREVENT"), "Internal", "Some were counted twice."), known)
    assert finding.severity == "explained"
    assert not findings(sound("PREVENT"), Master(NOW, breakdowns=(replace(reported, value=89),)))


# From quarter to quarter


def test_what_was_reported_stands_as_last_quarters_in_the_next_form() -> None:
    strand = SETTINGS.strand_of("PREVENT")
    assert strand
    figure = BreakdownFigure(LAST, PREVENT, CHAMPIONS, "Internal", "This quarter", 54)
    known = Master(NOW, breakdowns=(figure,))
    one = next(a for a in strand_account(known, NOW, strand, SETTINGS).breakdowns if a.breakdown.name == CHAMPIONS)
    block = breakdown_block(one, to_fill_in=True)
    rows = [{key: plain(value) for key, value in row.items()} for row in block.rows]
    assert [row["figure: Last quarter"] for row in rows] == [54, None, None]
    assert block.headings[2:] == ["2020/21 Q1", "2020/21 Q2", "Change"]
    assert block.check
    assert block.check.value == "OK: what is known adds up."
    issued = (
        BreakdownFigure(NOW, PREVENT, CHAMPIONS, "Internal", "Last quarter", 54),
        BreakdownFigure(NOW, PREVENT, CHAMPIONS, "Internal", "This quarter", None),
    )
    blank = replace(sound("PREVENT"), breakdowns=issued, progress=(), measures=(), risks=(), delivery=(), notes=())
    context: Any = type("Context", (), {})()
    context.quarter, context.known, context.settings = NOW, known, SETTINGS
    context.strand = lambda returned: strand
    assert is_untouched(blank, context)
    assert not is_untouched(replace(blank, breakdowns=(replace(issued[1], value=3),)), context)
    assert not is_untouched(replace(blank, paragraphs=(Paragraph(NOW, PREVENT, "News"),)), context)


def test_what_was_left_blank_is_named_to_partners_and_never_0() -> None:
    """One table wholly blank, one with last quarter's figures only, and a measure of several, in a return that came."""
    [rows] = [b.every_row for s in SETTINGS.strands for b in s.breakdowns if b.name == FORCE]
    submission = Submission(NOW, PREVENT, "a.xlsx", "", "2020-10-05", TEMPLATE_VERSION, 0, Submission.YES)
    master = Master(
        NOW,
        breakdowns=(BreakdownFigure(LAST, PREVENT, CHAMPIONS, "Internal", "This quarter", 54),),
        measures=(Measure(NOW, PREVENT, "Prevent referrals (Essex)", QUARTERLY, 17, 28),),
        submissions=(submission,),
    )
    said_of = account(master, NOW, SETTINGS)
    [prevent] = [s for s in said_of.strands if s.strand.code == "PREVENT"]
    sheet = for_partners(strand_sheet(prevent, SETTINGS, Use.PARTNERS))
    blank = {item.title: item.text for item in sheet.items if isinstance(item, Sentence)}
    assert blank[FORCE] == "No figures were reported for this quarter."
    lines = {block.title: block.intro for block in sheet.blocks}
    assert lines[CHAMPIONS] == "Not reported: 2020/21 Q2."
    assert lines["Insights: this quarter against last"] == "Not reported: Prevent referrals (Eastern Region)."
    in_word = [part.text for section in sections(said_of) for part in section.parts if isinstance(part, Text)]
    assert f"{FORCE}: not reported for 2020/21 Q2." in in_word
    assert "Not reported: 2020/21 Q2. A blank cell means that no figure was reported." in in_word
    [finding] = [
        f
        for f in findings(filled(FORCE, **dict.fromkeys([row.replace(" ", "_") for row in rows])))
        if "breakdown" in f.rule
    ]
    assert finding.message == f"'{FORCE}' lacks a figure for any row, which partners read as not reported."


@pytest.mark.parametrize(
    ("change", "said_of"),
    [
        (lambda t: t.replace("name: Prevent Champions", "name: Champions"), "no breakdown 'Prevent Champions'"),
        (lambda t: t.replace("rows: [Internal, External]", "rows: [Internal]"), "no row 'External' in the breakdown"),
        (
            lambda t: t.replace("[Internal, External]", "[Internal, External]\n        last_quarter: 2020/21 Q1"),
            "write 'last_quarter: 2020/21 Q2'",
        ),
    ],
)
def test_a_name_that_goes_from_config_stops_with_the_lines_to_write(change: Callable[[str], str], said_of: str) -> None:
    figures = tuple(
        BreakdownFigure(NOW, PREVENT, CHAMPIONS, row, "This quarter", 5) for row in ("Internal", "External")
    )
    assert unknown_names(Master(NOW, breakdowns=figures), SETTINGS) == ""
    assert said_of in unknown_names(Master(NOW, breakdowns=figures), parse(change(CONFIG)))


@pytest.mark.parametrize(
    ("before", "after", "said_of"),
    [
        ("rows: [Internal, External]", "rows: [Internal, internal]", "two rows are called 'Internal'"),
        ("equals: Prevent referrals (Essex)", "equals: Referrals", "'Referrals' is not listed under quarterly"),
        ("name: Prevent Champions", "name: Prevent referrals by force", "two breakdowns are called"),
        ("columns: [Year to date]", "columns: [2020/21 Q2]", "is a heading or a row besides"),
        (
            "columns: [Year to date]",
            "columns: [Now]\n        renamed: {Arrests: Now}",
            "is renamed here and yet listed",
        ),
        (
            "columns: [Year to date]",
            "columns: [Now]\n        first_quarter: 2020/21 Q2\n        last_quarter: 2020/21 Q1",
            "last_quarter lies before first_quarter, 2020/21 Q2",
        ),
        ("units: {Foot patrol hours: hours}", "units: {Patrols: hours}", "'Patrols' is not a row or column"),
    ],
)
def test_what_config_cannot_say(before: str, after: str, said_of: str) -> None:
    with pytest.raises(Refused, match=said_of.replace("(", r"\(")):
        parse(CONFIG.replace(before, after))


# On files


def test_a_row_that_was_edited_by_hand_stops_publishing(few: Path) -> None:
    path = few / "master.xlsx"
    book = load_workbook(path)
    page = book["Breakdowns"]
    cell = next(
        row[5] for row in page.iter_rows() if row[3].value == "Disability" and row[4].value == "Change in crimes"
    )
    cell.value = 31
    book.save(path)
    done = run_cpxl("publish", "--folder", few)
    assert done.returncode == 2
    assert "Breakdowns!" in done.stderr + done.stdout


def test_a_lead_types_figures_in_their_units_and_words(few: Path) -> None:
    """Read as what they are, and merged; the paragraph goes to partners and report."""
    path = next((few / "returns" / "2020-21-Q2").glob("*HATE*"))
    form = Form(path)
    form.type("Hate crime by offence", "Public order", "2020/21 Q2", "41.5%")
    form.type("Insight in words", 0, "Paragraph", "Reports rose in every district.")
    form.book.save(path)
    assert said("consolidate", "--folder", few)["returns"]
    found = facts(few / "master.xlsx")
    assert found["Hate Crime", "Hate crime by offence", "Public order", "This quarter"] == 0.415
    published = Path(said("publish", "--folder", few)["outputs"]["partner"])
    assert any("Reports rose in every district." in row for row in values(published, "Hate Crime"))


def test_paragraphs_are_no_table_where_there_are_none() -> None:
    strand = SETTINGS.strand_of("HATE")
    assert strand
    account = strand_account(Master(NOW), NOW, strand, SETTINGS)
    assert paragraphs_block(account, to_fill_in=False).rows == []

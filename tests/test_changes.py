"""What a merge changes, told before it is done: figures, texts with their words, and the sheet of it."""

from dataclasses import replace

import pytest

from cpxl.changes import Change, by_strand, changes, counted, marked
from cpxl.config import parse
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.model import BreakdownFigure, DeliveryItem, Master, Measure, Paragraph, Picture, Progress, Risk
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.steps.checking import check, write_checked
from tests.values import values

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
NOW = Quarter(2020, 2)
HATE, SOC = "Hate Crime", "Serious and Organised Crime"
BEFORE = Master(
    NOW,
    progress=(
        Progress(NOW, SOC, SOC, "Complete", 13),
        Progress(NOW, HATE, HATE, "Complete", 15, "As of June"),
        Progress(NOW, HATE, HATE, "At risk", 0),
    ),
    measures=(Measure(NOW, HATE, "Solved outcomes", "Quarter", 98, 64),),
    breakdowns=(BreakdownFigure(NOW, HATE, "Hate crime by offence", "Public order", "This quarter", 0.71),),
    risks=(Risk(NOW, HATE, "HATE-1", "Posts are vacant", None, "We will meet partners weekly"),),
    paragraphs=(Paragraph(NOW, HATE, "As last year."),),
    pictures=(Picture(NOW, HATE, "A van", "pictures/a.png", "a"),),
)
AFTER = replace(
    BEFORE,
    progress=(
        Progress(NOW, SOC, SOC, "Complete", 13),
        Progress(NOW, HATE, HATE, "Complete", 16, "As of June"),
    ),
    measures=(Measure(NOW, HATE, "Solved outcomes", "Quarter", 98, "N/A"),),
    breakdowns=(BreakdownFigure(NOW, HATE, "Hate crime by offence", "Public order", "This quarter", 0.8),),
    risks=(Risk(NOW, HATE, "HATE-1", "Posts are vacant", None, "We have met partners weekly"),),
    paragraphs=(),
    pictures=(Picture(NOW, HATE, "A van", "pictures/b.png", "b"),),
    delivery=(DeliveryItem(NOW, SOC, "Achieved", "A video", "Seen by many"),),
)


def test_what_is_new_what_changes_and_what_goes() -> None:
    found = changes(BEFORE, AFTER, SETTINGS)
    assert [(strand, counted(mine)) for strand, mine in by_strand(found)] == [
        (HATE, "figures: 3 changed, 1 gone; texts: 2 changed, 1 gone"),
        (SOC, "texts: 2 new"),
    ]
    assert {change.in_words.removeprefix("2020/21 Q2, ") for change in found} == {
        "Hate Crime: Complete: 15, now 16 (+6.7%)",
        "Hate Crime: At risk: 0, now none",
        "Solved outcomes, quarter: 64, now N/A",
        "Hate crime by offence, Public order, This quarter: 71.0%, now 80.0%",
        "HATE-1, action: We [will meet] partners weekly, now We [have met] partners weekly",
        "Picture, file: [pictures/a.png], now [pictures/b.png]",
        "Insight in words 1: As last year., now none",
        "Delivered 1, activity: A video",
        "Delivered 1, impact: Seen by many",
    }
    assert changes(AFTER, AFTER, SETTINGS) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a b c", "a b c d", ("a b c", "a b c [d]")),
        ("a b", "b", ("[a] b", "b")),
        ("a a a", "a a", ("a a [a]", "a a")),
        ("one", "two", ("[one]", "[two]")),
        ("a  b\nc", "a b d", ("a b [c]", "a b [d]")),
        ("same", "same", ("same", "same")),
        ("a x b y c", "a z b w c", ("a [x] b [y] c", "a [z] b [w] c")),
        (f"p {'x ' * 900}q", f"p {'y ' * 900}q", (f"p [{'x ' * 899}x] q", f"p [{'y ' * 899}y] q")),
    ],
)
def test_words_that_changed_are_marked(before: str, after: str, words: tuple[str, str]) -> None:
    assert marked(before, after) == words


def test_the_check_report_has_them(begun: WorkingFolder) -> None:
    known = read_master(begun)
    checks = check(begun, NOW, known)
    written = write_checked(begun, checks)
    headings, *rows = values(written.report, "Changes")[3:]
    assert headings[:6] == ["Strand", "What changes", "How", "Before", "After", "% change"]
    told = [(row[0], str(row[1]).partition("\n")[0], row[4]) for row in rows]
    right = [(c.strand, f"{c.quarter}, {c.called}", c.after if c.unit else None) for c in checks.changes]
    assert len(told) > 100
    assert told == right


def test_a_zero_where_words_stood_is_said() -> None:
    assert Change(HATE, NOW, "comment", "none", 0, None).in_words == "2020/21 Q2, comment: [none], now [0]"

"""Which figures are marked as revised: on the smallest strategy with two strands, with a history for their returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cpxl.account import account
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.layout.partner import partner_sheets
from cpxl.layout.revised import every_figure
from cpxl.master.file import read_master
from cpxl.revisions import before, revisions, strands_of
from cpxl.steps import importing, publishing
from cpxl.steps.approving import approve
from cpxl.steps.publishing import How
from tests.command import Demo
from tests.small import CONFIG, folder_of, quarter_of
from tests.values import table

TWO = CONFIG + CONFIG[CONFIG.index("  - name") :].replace("Burglary", "Robbery").replace("BURG", "ROB")
Q1, Q2, Q3 = "2020/21 Q1", "2020/21 Q2", "2020/21 Q3"


@pytest.fixture
def two(tmp_path: Path) -> WorkingFolder:
    return folder_of(tmp_path / "two", TWO)


def learn(folder: WorkingFolder, quarter: str, complete: Mapping[str, int], notes: Mapping[str, str] = {}) -> None:
    """A history says how much of ten is complete in a quarter, by strand, and what its lead notes."""
    lines = ["quarter,strand,plan,status,value,note"]
    for strand, done in complete.items():
        for status, value in (("Total", 10), ("Complete", done), ("Ongoing", 10 - done), ("At risk", 0)):
            lines.append(f"{quarter},{strand},{strand},{status},{value},{notes.get(strand, '')}")
    path = folder.path / "history.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    checked = importing.import_history(folder, path, replacing=True)
    assert all(one.accepted for one in checked), checked


def published(folder: WorkingFolder, quarter: str, how: How = publishing.PLAINLY) -> list[list[Any]]:
    """Publish a quarter. Returned: its revised figures: what each is, its quarter, what it was and is, since when."""
    made = publishing.publish_folder(folder, quarter_of(quarter), how=how)
    if not made.publication.revised:
        return []
    rows = table(made.path, "Revisions", "Figure")[1:]
    assert len(rows) == made.publication.revised
    return [[row[0], *row[2:6]] for row in rows]


def test_a_total_says_why_all_changed_that_are_in_it(two: WorkingFolder) -> None:
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    published(two, Q1)
    learn(two, Q1, {"Burglary": 4, "Robbery": 5}, {"Burglary": "One was missed."})
    made = publishing.publish_folder(two, quarter_of(Q1), how=How(because="Robbery was late"))
    why = {row[0]: row[1] for row in table(made.path, "Revisions", "Figure")[1:]}
    summary = "Executive summary: Delivery plan progress: "
    assert why[f"{summary}Burglary, Complete"] == "One was missed."
    assert why[f"{summary}Robbery, Complete"] == "Robbery was late"
    assert why[f"{summary}Total, Complete"] == "One was missed; Robbery was late"


def test_a_strand_that_sent_nothing_has_no_revised_change(two: WorkingFolder) -> None:
    """What it last sent is of the quarter before; what it has more since then is of this one, and not known."""
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    learn(two, Q2, {"Burglary": 4, "Robbery": 5})
    assert published(two, Q2) == []
    learn(two, Q3, {"Burglary": 6})
    assert published(two, Q3) == []


def test_what_came_late_and_was_then_corrected_is_marked(two: WorkingFolder) -> None:
    """Its own quarter's publication had no figure of it: the one in which it first stood has."""
    learn(two, Q1, {"Burglary": 3})
    published(two, Q1)
    learn(two, Q1, {"Robbery": 3})
    learn(two, Q2, {"Burglary": 4, "Robbery": 5})
    published(two, Q2)
    learn(two, Q1, {"Robbery": 2})
    assert ["By quarter: Complete by quarter: Robbery", Q1, 3, 2, f"{Q2} v1.0"] in published(two, Q2)


def test_where_nobody_can_tell_what_was_published_partners_are_told(two: WorkingFolder) -> None:
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    published(two, Q1)
    for path in two.kept.iterdir():
        path.unlink()
    learn(two, Q1, {"Burglary": 2})
    made = publishing.publish_folder(two, quarter_of(Q1))
    facts = dict(row[:2] for row in table(made.path, "Cover", "About this workbook")[1:])
    assert facts["Revised figures"] == f"What differs from {Q1} v1.0 is not marked, as it is not known any more."
    assert "which partners are told" in made.says[0]
    assert made.path.read_bytes() == _again(two, made)


def _again(folder: WorkingFolder, made: publishing.Published) -> bytes:
    made.path.unlink()
    publishing.publish_again(folder, made.publication.quarter, made.publication.version)
    return made.path.read_bytes()


def test_what_could_not_be_written_was_not_published(two: WorkingFolder) -> None:
    """Partners never saw it, so nothing is held against it."""
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    published(two, Q1)
    two.published.rename(two.path / "elsewhere")
    two.published.write_bytes(b"no folder")
    learn(two, Q1, {"Burglary": 2})
    with pytest.raises(Refused, match="could not be saved"):
        published(two, Q1)
    two.published.unlink()
    (two.path / "elsewhere").rename(two.published)
    learn(two, Q1, {"Burglary": 3})
    assert publishing.publish_folder(two, quarter_of(Q1)).says == ["Nothing has changed since v1.0."]


@pytest.mark.parametrize("text", ["\u200b", "DCI\x07", "a\u202eb", "x" * 501], ids=ascii)
def test_what_is_typed_for_partners_can_be_seen(two: WorkingFolder, text: str) -> None:
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    with pytest.raises(Refused, match="typed after --because"):
        published(two, Q1, How(because=text))
    with pytest.raises(Refused, match="typed after --by"):
        approve(two, None, text, date(2020, 7, 1))


def test_nobody_approves_tomorrow(two: WorkingFolder) -> None:
    learn(two, Q1, {"Burglary": 3, "Robbery": 3})
    with pytest.raises(Refused, match="9999-12-31 yet"):
        approve(two, None, "DCI", date.max)


def test_a_measure_that_is_compared_twice_is_of_its_strand_alone(demo: Demo) -> None:
    """Else why it is revised would be what all leads say."""
    folder = WorkingFolder.open(demo.folder)
    said = account(read_master(folder).master, quarter_of(Q2), folder.settings)
    found = [one for one in every_figure(partner_sheets(said), said) if one.place.sheet == "Insights"]
    assert len({one.place for one in found}) == len(found)
    assert [one.place for one in found if len(strands_of(one, folder.settings)) != 1] == []


def test_what_counts_as_what_is_of_the_config_of_then(tmp_path: Path) -> None:
    as_it_was = TWO.replace("At risk: at_risk}", "At risk: at_risk, Deferred: ongoing}")
    two = folder_of(tmp_path / "two", as_it_was)
    _with_deferred(two)
    published(two, Q1)
    two = folder_of(two.path, as_it_was.replace("Deferred: ongoing", "Deferred: nothing"))
    with pytest.raises(Refused, match=r"Executive summary!.+ says 7, but the data tables come to 5"):
        published(two, Q1)
    _with_deferred(two)
    ongoing = ["Executive summary: Delivery plan progress: Burglary, Ongoing / In progress", Q1, 7, 5, "v1.0"]
    assert ongoing in published(two, Q1)


def _with_deferred(folder: WorkingFolder) -> None:
    figures = {"Total": 10, "Complete": 3, "Ongoing": 5, "At risk": 0, "Deferred": 2}
    lines = [f"{Q1},Burglary,Burglary,{status},{value}" for status, value in figures.items()]
    path = folder.path / "history.csv"
    path.write_text("\n".join(["quarter,strand,plan,status,value", *lines]), encoding="utf-8")
    importing.import_history(folder, path, replacing=True)


def test_a_figure_in_another_unit_is_another_figure(two: WorkingFolder) -> None:
    learn(two, Q1, {"Burglary": 3})
    master, quarter = read_master(two).master, quarter_of(Q1)
    now = account(master, quarter, two.settings)
    was = before("v1.0", master, now)
    [place, *_] = (place for place, one in was.figures.items() if one.value == 3)
    in_pounds = replace(was, figures={place: was.figures[place]._replace(unit="GBP")})
    [found] = revisions(now, master, {quarter: in_pounds}, "")
    assert (found.before, found.after, found.unit) == ("£3", 3, "count")

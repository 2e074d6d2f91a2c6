"""From every figure that is shown back to the lead's cell; and nothing goes out that does not hold."""

import csv
import hashlib
import re
import shutil
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cpxl.account import account
from cpxl.account.measures import MeasureAccount
from cpxl.account.summary import SummaryRow
from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.layout.blocks import Kind, plain
from cpxl.layout.strand import Use
from cpxl.master.file import read_master
from cpxl.model import Master, Measure, Monthly, Risk, is_number
from cpxl.origin import Origin
from cpxl.provenance import second_account, steps, usual
from cpxl.provenance import shown as shown_module
from cpxl.provenance.places import Place, places, sheets
from cpxl.provenance.shown import RISK, Figure, shown
from cpxl.provenance.sources import State
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource
from cpxl.steps import merging
from cpxl.workbooks.quick import numbers_on
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.untrusted import row_and_column
from tests.command import Demo, run_here
from tests.form import Form
from tests.test_any_name import cpxl
from tests.values import SUMMED, columns, edit, edit_all, place, table, values

Q2 = "2020-21-Q2"
GANGS, HATE = "Gangs and Knife Crime", "Hate Crime"


@pytest.fixture
def folder(few: Path) -> Path:
    return few


def traced(folder: Path, strand: str, *words: str) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = cpxl(folder, "trace", strand, *words)["figures"]
    return figures


def stands(folder: Path, part: dict[str, Any]) -> Any:
    """What stands in the cell of a part, as another reader finds it."""
    path = folder / part["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == part["sha256"]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return int(list(csv.reader(file))[int(part["cell"][1:]) - 1][ord(part["cell"][0]) - ord("A")])
    return _book(path, part["sha256"])[part["sheet"]][part["cell"]].value


@cache
def _book(path: Path, sha256: str) -> Any:
    return load_workbook(path, data_only=True)


def refused(folder: Path, *words: str) -> str:
    """What publish says when it refuses, and the report as well; nothing is written."""
    before = sorted(path.read_bytes() for path in (folder / "published").glob("*"))
    done = run_here("publish", "--folder", folder, *words)
    assert done.exits == 2, done.error
    assert run_here("report", "--folder", folder, *words).exits == 2
    assert sorted(path.read_bytes() for path in (folder / "published").glob("*")) == before
    return done.error


def numbers_traced(path: Path) -> dict[str, int]:
    """How many numbers stand on each of the sheets as they are drawn. Each is traced, to cells that are opened here."""
    folder = WorkingFolder.open(path)
    known = read_master(folder)
    said = account(known.master, known.master.quarter, folder.settings)
    chains, _ = steps.traced(folder, known, said)
    by_figure = {chain.shown: chain for chain in chains}
    there, numbers = places(said, by_figure), Counter[str]()
    for sheet in (*sheets(said), *sheets(said, Use.PARTNERS)):
        for block in sheet.blocks:
            for row, column in product(block.rows, block.columns):
                value = plain(row.get(column.key))
                if is_number(value) and column.kind is not Kind.TIME:
                    place = Place(sheet.name, block.name, plain(row[block.keys[0]]), column.key)
                    assert place in there, place
                    assert there[place].value == value, place
                    assert by_figure[there[place]].parts, place
                    numbers[sheet.name] += 1
    for part in {id(part): part for chain in chains for part in chain.parts}.values():
        assert part.origin and part.state is State.THERE
        cell = {"file": part.origin.file, "sha256": part.origin.sha256, "sheet": part.origin.sheet}
        assert stands(path, {**cell, "cell": part.address}) == part.part.value, part
    return numbers


def test_every_number_of_the_reference_quarter_is_traced(demo: Demo) -> None:
    """As it stands in the master, and as partners see it: there are no other numbers on these sheets."""
    traced = numbers_traced(demo.folder)
    for name, count in traced.items():
        stand = [v for path in (demo.folder / "master.xlsx", demo.partner) for row in values(path, name) for v in row]
        assert count == sum(map(is_number, stand)), name
    assert len(traced) == 10
    folder = WorkingFolder.open(demo.folder)
    known = read_master(folder)
    said = account(known.master, known.master.quarter, folder.settings)
    chains, _ = steps.traced(folder, known, said)
    assert len(chains) == len(shown(said))
    found = {(c.shown.figure.strand, c.shown.called): c for c in reversed(chains) if not c.shown.figure.plan}
    full = {str(s.strand.short_name): s.strand.name for s in said.strands}
    summary = columns(table(demo.folder / "master.xlsx", "Executive summary", "Strand"), *SUMMED)[1:]
    for strand, *figures in summary:
        for name, value in zip(SUMMED[1:], figures, strict=True):
            if value != "N/A":
                chain = found[str(full.get(strand, strand)), name]
                assert chain.shown.value == value == sum(int(str(part.part.value)) for part in chain.parts)


def test_what_the_command_says(demo: Demo) -> None:
    figure = traced(demo.folder, "GANGS", "Complete")[0]
    parts = figure.pop("parts")
    assert figure == {"strand": GANGS, "plan": None, "figure": "Complete", "quarter": "2020/21 Q2", "value": 32}
    assert [(part["value"], stands(demo.folder, part)) for part in parts] == [(10, 10), (22, 22)]
    text = run_here("trace", "SOC", "Total strands", "-q", Q2, "--folder", demo.folder).out
    assert text.startswith("Serious and Organised Crime, Serious and Organised Crime: Total strands, 2020/21 Q2: 24\n")
    assert re.search(r"SOC\.xlsx Serious Organised Crime!D\d+ \(stands there\)\n      Note: Plan reviewed", text)


def test_a_quick_look_sees_what_a_reader_sees(demo: Demo) -> None:
    for path in (*demo.folder.glob(f"returns/{Q2}/*"), demo.folder / "master.xlsx"):
        book = OpenWorkbook(path.read_bytes())
        for sheet in book.numbers:
            page = book.page(sheet)
            for address, written in numbers_on(book.data, sheet).items():
                row, column = row_and_column(address)
                if is_number(page[row][column]):  # and no date, which is written as a number
                    assert page[row][column] == float(written), (path.name, sheet, address)
    assert len(numbers_on(book.data, "Hate Crime")) > 60
    assert numbers_on(book.data[:-9], "Hate Crime") == numbers_on(book.data, "Nowhere") == {}


def test_what_follows_from_months_is_traced(begun: WorkingFolder) -> None:
    """Rolling sums, the same quarter last year, the usual range: of many, of few, and against the same months."""
    config = begun.path / "config.yaml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["strands"][1]["measures"]["seasonal"] = ["NTE Offences"]
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    for path in begun.path.glob(f"returns/{Q2}/*"):
        form, most = Form(path), {"HATE": 300, "GANGS": 12}.get(path.stem.split()[-1], 90)
        for row in range(24):
            form.page.cell(form.heading("Insights by month") + 1 + row, 3).value = row * 7 % most
        total = form.cell("Insights: 12 months", 0, "Change")
        total.offset(column=-1).value = total.offset(column=-2).value = None
        form.book.save(path)
    _, master = merging.consolidate_folder(WorkingFolder.open(begun.path), Quarter(2020, 2))
    assert len(master.monthly) == 72
    assert numbers_traced(begun.path)["Gangs and Knife Crime"] > 2 * 24 * 5
    figures = {figure["figure"]: figure for figure in traced(begun.path, "HATE", "Hate Crime Offences")}
    for name, months in (("12 months to 2020-09", 12), ("2020-09, mean", 24), ("12 months", 12)):
        assert len(figures[f"Hate Crime Offences, {name}"]["parts"]) == months


def test_a_sum_of_then_stays_one_of_the_counts_of_then() -> None:
    """Nothing was typed, and the return's months were added up; a later return restates one of them."""
    settings = parse(resource("config.yaml").read_text(encoding="utf-8"))
    then, now, name = Quarter(2020, 1), Quarter(2020, 2), "Hate Crime Offences"
    origin = Origin("returns/2020-21-Q1/HATE.xlsx", "a")
    months = [Monthly(then, HATE, name, month, 10, "HATE.xlsx") for month in months_to(then.end(4), 24)]
    restated = Monthly(now, HATE, name, "2020-05", 70, "HATE back.xlsx")
    master = Master(
        now,
        measures=(Measure(then, HATE, name, "12 months", 120, 120, origin=origin),),
        monthly=(*months, restated),
    )
    figures = shown(account(master, now, settings))
    by_hand = second_account.SecondAccount(master, now, settings, [one.figure for one in figures])
    found = {one.figure: (one.value, by_hand.work_out(one.figure)) for one in figures if one.figure.name == name}
    of_then = Figure(HATE, "", name, then, "12 months", "current")
    assert (found[of_then][0], found[of_then][1].value, len(found[of_then][1].parts)) == (120, 120, 12)
    assert all(worked.value == pytest.approx(value, abs=0.051) for value, worked in found.values())  # a mean is rounded


def test_scores_of_risks_are_worked_out_from_their_rows() -> None:
    about = (Quarter(2020, 2), GANGS, "GANGS-1", "Work", None, "Act")
    risk = Risk(*about, likelihood=3, impact=4, aimed_likelihood=2)
    settings = parse(
        resource("config.yaml").read_text(encoding="utf-8").replace("# risk_scoring: {}", "risk_scoring: {}")
    )
    master = Master(Quarter(2020, 2), risks=(risk,))
    scores = [one for one in shown(account(master, master.quarter, settings)) if one.figure.period == RISK]
    by_hand = second_account.SecondAccount(master, master.quarter, settings, [one.figure for one in scores])
    assert [by_hand.work_out(one.figure).value for one in scores] == [one.value for one in scores] == [3, 4, 2]


def test_after_rows_came_in_and_a_correction(folder: Path) -> None:
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    book = load_workbook(path)
    page: Any = book["Hate Crime"]
    row, column = place(page, "Complete", "2020/21 Q2")
    was = page.cell(row, column).value
    page.cell(row, column).value = was - 1
    page.cell(row + 1, column).value += 1
    page.insert_rows(3, 2)
    for name in page.defined_names.values():  # which openpyxl leaves where they were
        name.attr_text = re.sub(r"(?<=\$)[0-9]+", lambda found: str(int(found[0]) + 2), name.attr_text)
    book.save(path)
    assert cpxl(folder, "consolidate", "-q", Q2)["totals"]["complete"] == 59
    (figure, *_) = traced(folder, "HATE", "Complete")
    (part,) = figure["parts"]
    assert figure["value"] == part["value"] == stands(folder, part) == was - 1
    assert part["cell"].endswith(str(row + 2))
    assert numbers_traced(folder).keys() == {"Executive summary", GANGS, "Night-time Economy", HATE}
    cpxl(folder, "publish")


def test_a_digit_in_a_return_after_merging(folder: Path) -> None:
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    edit(path, "Hate Crime", "Complete", "2020/21 Q2", 16)
    error = refused(folder)
    assert "Hate Crime: Complete, 2020/21 Q2: the master has 15" in error
    assert "HATE.xlsx, which has changed since, says 16." in error
    assert error.endswith("Run 'cpxl consolidate -q 2020-21-Q2', or put back what stood there.\n")


def test_a_digit_of_a_breakdown_after_merging(folder: Path) -> None:
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    edit(path, "Hate Crime", "Transgender", "Change in crimes", 15)
    error = refused(folder)
    at = "Hate Crime, Hate crime by characteristic: Transgender, Change in crimes, 2020/21 Q2"
    assert f"{at}: the master has 14" in error
    assert "HATE.xlsx, which has changed since, says 15." in error


def test_a_digit_in_a_sum_on_the_summary(folder: Path) -> None:
    edit(folder / "master.xlsx", "Executive summary", "Total", "Complete", 61)
    error = refused(folder)
    assert "Total: Executive summary!" in error
    assert "says 61, but the data tables come to 60" in error


def test_a_digit_on_a_strands_sheet(folder: Path) -> None:
    typed: dict[str, tuple[int | str, int]] = {
        "Complete": ("2020/21 Q2", 16),
        "Transgender": ("Change in crimes", 15),
        "Solved outcomes": (3, 65),
    }
    edit_all(folder / "master.xlsx", "Hate Crime", [(label, *entry, 0) for label, entry in typed.items()])
    error = refused(folder)
    assert "Hate Crime, Hate Crime: Complete, 2020/21 Q2 is 15, but Hate Crime!" in error
    assert "characteristic, Transgender, Change in crimes, 2020/21 Q2 is 14, but Hate Crime!" in error
    assert "Hate Crime, Solved outcomes, quarter, 2020/21 Q2 is 64, but Hate Crime!" in error


@pytest.mark.parametrize(
    ("of", "name", "said"),
    [
        (MeasureAccount, "share", "% change, 2020/21 Q2 is 0.5, but it comes to"),
        (MeasureAccount, "difference", "change, 2020/21 Q2 is 0.5, but it comes to"),
        (SummaryRow, "share", "% complete, 2020/21 Q2 is 0.5, but it comes to"),
    ],
)
def test_a_change_that_the_first_account_gets_wrong(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, of: type, name: str, said: str
) -> None:
    folder = WorkingFolder.open(demo.folder)
    known = read_master(folder)
    account_of = account(known.master, known.master.quarter, folder.settings)
    monkeypatch.setattr(of, name, 0.5)
    with pytest.raises(Refused, match=said):
        steps.proved(folder, known, account_of)


def test_a_digit_in_the_data(folder: Path) -> None:
    def change(page: Worksheet) -> None:
        for row in page.iter_rows(min_row=5):
            if [c.value for c in row[:4]] == ["2020/21 Q2", "Hate Crime", "Hate Crime", "Complete"]:
                row[4].value = 16

    book = load_workbook(folder / "master.xlsx")
    change(book["Progress"])
    book.save(folder / "master.xlsx")
    assert "Progress!" in refused(folder)


@pytest.mark.parametrize("key", ["total", "complete", "ongoing", "at_risk"])
def test_a_sum_that_the_first_account_gets_wrong(demo: Demo, key: str) -> None:
    """Of a strand, of all, of a plan, of a measure: the second account knows better, and names it."""
    folder = WorkingFolder.open(demo.folder)
    known = read_master(folder)
    said = account(known.master, known.master.quarter, folder.settings)
    rows = [replace(r, **{key: getattr(r, key) + 1}) if r.strand == GANGS else r for r in said.summary]
    with pytest.raises(Refused, match=rf"{GANGS}: .*, 2020/21 Q2 is .*, but it comes to"):
        steps.proved(folder, replace(known, book=None), replace(said, summary=tuple(rows)))
    with pytest.raises(Refused, match=r"Total: .*, 2020/21 Q2 is .*, but it comes to"):
        steps.proved(folder, known, replace(said, totals={**said.totals, key: 1}))
    assert steps.proved(folder, known, said).figures > 150


def test_a_file_that_is_gone_is_said_to_partners(folder: Path) -> None:
    shutil.rmtree(folder / "imported")
    partner = Path(cpxl(folder, "publish", "--because", "The history is gone")["outputs"]["partner"])
    (said,) = [row[1] for row in table(partner, "Cover", "About this workbook") if row[0] == "Where figures come from"]
    assert " of " in said and "no longer at hand" in said


def test_partners_are_told_how_many(demo: Demo) -> None:
    partner = demo.partner
    (said,) = [row[1] for row in table(partner, "Cover", "About this workbook") if row[0] == "Where figures come from"]
    assert said.startswith("All ") and "figures were traced to the cells" in said


def test_a_name_that_is_none(demo: Demo) -> None:
    assert "is not a strand: name one of" in run_here("trace", "NOPE", "--folder", demo.folder).error
    assert "has no figure 'nope'" in run_here("trace", "SOC", "nope", "--folder", demo.folder).error


def test_the_second_account_takes_nothing_from_the_first() -> None:
    modules = second_account, shown_module, usual
    text = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    text = re.sub(r"if TYPE_CHECKING:\n(    from cpxl.account.*\n)+", "", text)
    imported = set(re.findall(r"^\s*(?:from|import) (cpxl[.\w]*)", text, re.MULTILINE))
    own = {"cpxl.provenance.shown", "cpxl.provenance.usual"}
    defined = {"cpxl.comparisons", "cpxl.config", "cpxl.config.breakdowns", "cpxl.model", "cpxl.quarters"}
    assert imported <= defined | own


def test_a_correction_that_was_not_accepted_does_not_stop_publishing(folder: Path) -> None:
    """What was accepted stays; only a change that nobody looked at is in question."""
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    path.write_bytes(b"")
    assert "HATE.xlsx has changed since it was merged" in refused(folder)
    assert run_here("consolidate", "--folder", folder).exits == 1
    assert run_here("publish", "--folder", folder).exits == 0

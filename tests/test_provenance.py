"""From every figure that is shown back to the lead's cell; and nothing goes out that does not hold."""

import csv
import hashlib
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cpxl.account import account
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.provenance import second, steps
from cpxl.provenance import shown as shown_module
from cpxl.provenance.shown import shown
from cpxl.provenance.sources import State
from tests.command import Demo, run_here
from tests.test_any_name import cpxl
from tests.values import SUMMED, columns, edit, place, table

Q2 = "2020-21-Q2"
GANGS = "Gangs and Knife Crime"


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


def test_every_figure_of_the_reference_quarter_is_traced(demo: Demo) -> None:
    """Each of the summary, as it stands in the master, and each that the strands' sheets show."""
    folder = WorkingFolder.open(demo.folder)
    known = read_master(folder)
    said = account(known.master, known.master.quarter, folder.settings)
    chains, _ = steps.traced(folder, known, said)
    assert len(chains) == len(shown(said)) > 150
    for chain in chains:
        assert chain.parts, chain.shown
        for part in chain.parts:
            assert part.origin and part.state is State.THERE
            place = {"file": part.origin.file, "sha256": part.origin.sha256, "sheet": part.origin.sheet}
            assert stands(demo.folder, {**place, "cell": part.address}) == part.part.value, chain.shown
    values = {(c.shown.figure.strand, c.shown.called): c for c in reversed(chains) if not c.shown.figure.plan}
    full = {str(s.strand.short_name): s.strand.name for s in said.strands}
    summary = columns(table(demo.folder / "master.xlsx", "Executive summary", "Strand"), *SUMMED)[1:]
    for strand, *figures in summary:
        for name, value in zip(SUMMED[1:], figures, strict=True):
            if value != "N/A":
                chain = values[str(full.get(strand, strand)), name]
                assert chain.shown.value == value == sum(int(str(part.part.value)) for part in chain.parts)


def test_what_the_command_says(demo: Demo) -> None:
    figure = traced(demo.folder, "GANGS", "Complete")[0]
    parts = figure.pop("parts")
    assert figure == {"strand": GANGS, "plan": None, "figure": "Complete", "quarter": "2020/21 Q2", "value": 32}
    assert [(part["value"], stands(demo.folder, part)) for part in parts] == [(10, 10), (22, 22)]
    text = run_here("trace", "SOC", "Total strands", "-q", Q2, "--folder", demo.folder).out
    assert text.startswith("Serious and Organised Crime, Serious and Organised Crime: Total strands, 2020/21 Q2: 24\n")
    assert re.search(r"SOC\.xlsx Serious Organised Crime!D\d+ \(stands there\)\n      Note: Plan reviewed", text)


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
    assert cpxl(folder, "consolidate", "-q", Q2)["totals"]["complete"] == 157
    (figure, *_) = traced(folder, "HATE", "Complete")
    (part,) = figure["parts"]
    assert figure["value"] == part["value"] == stands(folder, part) == was - 1
    assert part["cell"].endswith(str(row + 2))
    cpxl(folder, "publish")


def test_a_digit_in_a_return_after_merging(folder: Path) -> None:
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    edit(path, "Hate Crime", "Complete", "2020/21 Q2", 16)
    error = refused(folder)
    assert "Hate Crime: Complete, 2020/21 Q2: the master has 15" in error
    assert "HATE.xlsx, which has changed since, says 16." in error
    assert error.endswith("Run 'cpxl consolidate -q 2020-21-Q2', or put back what stood there.\n")


def test_a_digit_of_a_breakdown_after_merging(folder: Path) -> None:
    (path,) = folder.glob(f"returns/{Q2}/* PREVENT.xlsx")
    edit(path, "Extremism", "Internal", "2020/21 Q2", 89)
    error = refused(folder)
    assert (
        "Extremism and Radicalisation, Prevent Champions: Internal, This quarter, 2020/21 Q2: the master has 88"
        in error
    )
    assert "PREVENT.xlsx, which has changed since, says 89." in error


def test_a_digit_in_a_sum_on_the_summary(folder: Path) -> None:
    edit(folder / "master.xlsx", "Executive summary", "Total", "Complete", 159)
    error = refused(folder)
    assert "Total: Executive summary!" in error
    assert "says 159, but the data tables come to 158" in error


def test_a_digit_on_a_strands_sheet(folder: Path) -> None:
    edit(folder / "master.xlsx", "Hate Crime", "Complete", "2020/21 Q2", 16)
    error = refused(folder)
    assert "Hate Crime, Hate Crime: Complete, 2020/21 Q2 is 15, but Hate Crime!" in error


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
    partner = Path(cpxl(folder, "publish")["outputs"]["partner"])
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
    text = Path(second.__file__).read_text(encoding="utf-8") + Path(shown_module.__file__).read_text(encoding="utf-8")
    text = text.replace("if TYPE_CHECKING:\n    from cpxl.account import Account", "")
    imported = set(re.findall(r"^\s*(?:from|import) (cpxl[.\w]*)", text, re.MULTILINE))
    own = {"cpxl.config", "cpxl.config.breakdowns", "cpxl.model", "cpxl.quarters", "cpxl.provenance.shown"}
    assert imported <= own


def test_a_correction_that_was_not_accepted_does_not_stop_publishing(folder: Path) -> None:
    """What was accepted stays; only a change that nobody looked at is in question."""
    (path,) = folder.glob(f"returns/{Q2}/* HATE.xlsx")
    path.write_bytes(b"")
    assert "HATE.xlsx has changed since it was merged" in refused(folder)
    assert run_here("consolidate", "--folder", folder).exits == 1
    assert run_here("publish", "--folder", folder).exits == 0

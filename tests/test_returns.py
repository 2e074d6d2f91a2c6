"""What a return says besides its values: how they were typed, what was overwritten, what else the file carries."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import cpxl
from cpxl.config import load
from cpxl.model import NOT_APPLICABLE, Return
from cpxl.resources import resource
from cpxl.returns.read import read_return

SETTINGS = load(resource("config.yaml"))
RETURNS = Path(cpxl.__file__).parent / "demo" / "returns"
SHEET = "Hate Crime"


def read_after(tmp_path: Path, change: Callable[[Any], object], code: str = "HATE") -> Return:
    """The demo's return, opened with openpyxl, changed, saved and read."""
    book = load_workbook(RETURNS / f"2020-21-Q2 {code}.xlsx")
    change(book)
    path = tmp_path / "returned.xlsx"
    book.save(path)
    return read_return(path, SETTINGS)


def typed(**cells: object) -> Callable[[Any], None]:
    """Values typed into cells of the strand's sheet."""

    def change(book: Any) -> None:
        for address, value in cells.items():
            cell = book.worksheets[1][address]
            cell.value = value
            if isinstance(value, str) and not value.startswith("="):
                cell.data_type = "s"

    return change


@pytest.fixture(scope="module")
def grid() -> dict[str, str]:
    """The cells of this quarter's figures in the demo's return of Hate Crime, by status."""
    returned = read_return(RETURNS / "2020-21-Q2 HATE.xlsx", SETTINGS)
    return {p.status: p.cells["value"].address for p in returned.progress if str(p.quarter) == returned.quarter}


def now(returned: Return) -> dict[str, object]:
    return {p.status: p.value for p in returned.progress if str(p.quarter) == returned.quarter}


def test_what_is_read_otherwise_than_typed_is_told(tmp_path: Path, grid: dict[str, str]) -> None:
    entries = {grid["Total strands"]: "1,174", grid["Complete"]: " 15 ", grid["At risk"]: "-"}
    returned = read_after(tmp_path, typed(**entries))
    assert now(returned) == {"Total strands": 1174, "Complete": 15, "Ongoing / In progress": 15, "At risk": 0}
    assert [(t.cell.address, t.read) for t in returned.read_as] == [
        (grid["Total strands"], 1174),
        (grid["Complete"], 15),
        (grid["At risk"], 0),
    ]


def test_not_applicable_in_any_spelling_needs_no_telling(tmp_path: Path, grid: dict[str, str]) -> None:
    returned = read_after(tmp_path, typed(**dict.fromkeys(grid.values(), "n/a ")))
    assert set(now(returned).values()) == {NOT_APPLICABLE}
    assert returned.read_as == ()


def test_formulas_in_cells_to_fill_in(tmp_path: Path, grid: dict[str, str]) -> None:
    returned = read_after(tmp_path, typed(**{grid["Total strands"]: "=7+8"}))
    assert [(cell.sheet, cell.address, has) for cell, has in returned.formulas] == [
        (SHEET, grid["Total strands"], False)
    ]
    data = (tmp_path / "returned.xlsx").read_bytes()
    (tmp_path / "returned.xlsx").write_bytes(_with_value(data, b"7+8", b"15"))
    calculated = read_return(tmp_path / "returned.xlsx", SETTINGS)
    assert [has for _, has in calculated.formulas] == [True]
    assert now(calculated)["Total strands"] == 15


def _with_value(data: bytes, formula: bytes, value: bytes) -> bytes:
    """The file as a program that calculates would have saved it: openpyxl stores no value with a formula."""
    without = b"<f>%s</f><v />" % formula
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(without, b"<f>%s</f><v>%s</v>" % (formula, value)))
    return stream.getvalue()


def test_a_difference_typed_over(tmp_path: Path) -> None:
    """A formula is nothing that was typed over, though its value may be old where nothing is worked out by itself."""
    issued = read_return(RETURNS / "2020-21-Q2 HATE.xlsx", SETTINGS)
    measure = issued.measures[0]
    assert issued.shown == ()
    returned = read_after(tmp_path, typed(**{measure.cells["difference"].address: 400}))
    assert ("Hate Crime Offences", "difference", 400) in [(m.measure, key, v) for m, key, v in returned.shown]


def test_the_heading_as_it_stands(tmp_path: Path) -> None:
    heading = read_return(RETURNS / "2020-21-Q2 HATE.xlsx", SETTINGS).heading
    place = next(cell.address for item, _, cell in heading if item == "Quarter")
    returned = read_after(tmp_path, typed(**{place: "2020/21 Q3"}))
    assert ("Quarter", "2020/21 Q3") in [(item, value) for item, value, _ in returned.heading]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other files"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
    ],
)
def test_what_else_the_file_carries(tmp_path: Path, part: str, kind: str) -> None:
    path = tmp_path / "returned.xlsx"
    path.write_bytes((RETURNS / "2020-21-Q2 HATE.xlsx").read_bytes())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(part, b"anything")
    assert read_return(path, SETTINGS).extras == (kind,)


def test_sheets_added(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.create_sheet("Working", 0)
        book.create_sheet("Secret").sheet_state = "veryHidden"

    returned = read_after(tmp_path, change)
    assert returned.extras == ("the hidden sheet 'Secret'",)
    assert now(returned)["Total strands"] == 30


def test_what_became_of_last_quarters_plans(tmp_path: Path) -> None:
    """The demo has nothing scheduled the quarter before, and the line that says so is no item."""
    returned = read_return(RETURNS / "2020-21-Q2 HATE.xlsx", SETTINGS)
    assert {item.kind for item in returned.delivery} == {"Achieved", "Scheduled"}

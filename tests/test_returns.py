"""What a return says besides its values: how they were typed, what was overwritten, what else the file carries."""

import zipfile
from collections.abc import Callable, Mapping
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


MAIN, OFFICE = "application/vnd.openxmlformats-officedocument", "application/vnd.ms-office"
RELATED, STRICT = "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"
MICROSOFT = "http://schemas.microsoft.com/office"
HATE = RETURNS / "2020-21-Q2 HATE.xlsx"


def extras_of(path: Path, changes: Mapping[str, Callable[[str], str]]) -> tuple[str, ...]:
    """What a return is found to carry when some of its parts are changed."""
    with zipfile.ZipFile(HATE) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in {**dict.fromkeys(before.namelist()), **dict.fromkeys(changes)}:
            text = before.read(name).decode() if name in before.namelist() else ""
            after.writestr(name, changes.get(name, str)(text))
    returned = read_return(path, SETTINGS)
    assert returned.progress == read_return(HATE, SETTINGS).progress
    return returned.extras


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other files"),
        ("xl/connections.xml", "links to other files"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("customUI/customUI14.xml", "buttons or panes of its own"),
    ],
)
def test_what_else_the_file_carries(tmp_path: Path, part: str, kind: str) -> None:
    assert extras_of(tmp_path / "returned.xlsx", {part: lambda _: "anything"}) == (kind,)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (f"{OFFICE}.vbaProject", "macros"),
        (f"{OFFICE}.vbaProject".upper(), "macros"),
        (f"{OFFICE}.&#118;baProject", "macros"),
        (f"{OFFICE}.vbaProjectSignature", "macros"),
        ("application/vnd.ms-excel.macrosheet+xml", "macros"),
        ("application/vnd.ms-excel.intlmacrosheet+xml", "macros"),
        (f"{MAIN}.spreadsheetml.externalLink+xml", "links to other files"),
        (f"{MAIN}.spreadsheetml.connections+xml", "links to other files"),
        (f"{MAIN}.spreadsheetml.queryTable+xml", "links to other files"),
        (f"{MAIN}.model+data", "links to other files"),
        (f"{MAIN}.oleObject", "embedded objects"),
        (f"{OFFICE}.activeX+xml", "embedded objects"),
        ("application/vnd.ms-excel.controlproperties+xml", "embedded objects"),
        (f"{OFFICE}.webextension+xml", "buttons or panes of its own"),
    ],
)
@pytest.mark.parametrize("listed", ["Override PartName='/xl/notes.dat'", "Default Extension='dat'"])
def test_what_a_part_is_by_its_content_type(tmp_path: Path, content_type: str, kind: str, listed: str) -> None:
    kinds = {"[Content_Types].xml": lambda xml: _more(xml, "Types", f"<{listed} ContentType = '{content_type}'/>")}
    assert extras_of(tmp_path / "returned.xlsx", {**kinds, "xl/notes.dat": str}) == (kind,)


@pytest.mark.parametrize(
    ("of", "relation", "mode", "kinds"),
    [
        (
            "_rels/.rels",
            f"{MICROSOFT}/2006/relationships/ui/extensibility",
            "Internal",
            ["buttons or panes of its own"],
        ),
        ("_rels/.rels", f"{MICROSOFT}/2011/relationships/webextensiontaskpanes", "", ["buttons or panes of its own"]),
        ("xl/_rels/workbook.xml.rels", f"{MICROSOFT}/2006/relationships/vbaProject", "", ["macros"]),
        ("xl/_rels/workbook.xml.rels", f"{MICROSOFT}/2006/relationships/xlMacrosheet", "", ["macros"]),
        ("xl/_rels/workbook.xml.rels", f"{STRICT}/relationships/externalLink", "", ["links to other files"]),
        ("xl/_rels/workbook.xml.rels", f"{STRICT}/relationships/connections", "", ["links to other files"]),
        ("xl/worksheets/_rels/sheet2.xml.rels", f"{STRICT}/relationships/oleObject", "", ["embedded objects"]),
        ("xl/worksheets/_rels/sheet2.xml.rels", f"{RELATED}/relationships/package", "", ["embedded objects"]),
        ("xl/worksheets/_rels/sheet2.xml.rels", f"{RELATED}/relationships/control", "", ["embedded objects"]),
        ("xl/drawings/_rels/one.xml.rels", f"{RELATED}/relationships/image", "External", ["links to other files"]),
        ("xl/worksheets/_rels/sheet2.xml.rels", f"{RELATED}/relationships/hyperlink", "External", []),
        ("xl/worksheets/_rels/sheet2.xml.rels", f"{RELATED}/relationships/printerSettings", "", []),
    ],
)
def test_what_a_part_is_by_its_relation(tmp_path: Path, of: str, relation: str, mode: str, kinds: list[str]) -> None:
    more = f'<Relationship Id="x" Type="{relation}" Target="notes.dat"{f""" TargetMode="{mode}" """ if mode else ""}/>'
    changes = {of: lambda xml: _more(xml or "<Relationships></Relationships>", "Relationships", more)}
    assert extras_of(tmp_path / "returned.xlsx", {**changes, "xl/notes.dat": str}) == tuple(kinds)


def test_what_only_has_the_name_of_something_else(tmp_path: Path) -> None:
    """A part is what its own content type says."""
    picture = '<Override PartName="/xl/embeddings/logo.dat" ContentType="image/png"/>'
    kinds = {"[Content_Types].xml": lambda xml: _more(xml, "Types", picture)}
    assert extras_of(tmp_path / "returned.xlsx", {**kinds, "xl/embeddings/logo.dat": str}) == ()


def _more(xml: str, element: str, inside: str) -> str:
    return xml.replace(f"</{element}>", f"{inside}</{element}>")


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

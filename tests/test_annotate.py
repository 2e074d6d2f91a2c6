"""The copy that goes back to a lead: what it says, what it leaves alone, what it never carries, and the way back."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

import cpxl
from cpxl.config import Settings, load
from cpxl.folder import WorkingFolder
from cpxl.model import Checked, Finding, Return
from cpxl.quarters import Quarter
from cpxl.returns.read import read_return
from cpxl.steps.checking import Checks, write_checked
from cpxl.theme import shipped
from cpxl.workbooks.annotate import CannotAnnotate, annotate
from tests import office
from tests.command import run_cpxl
from tests.values import columns, edit, place, values
from tests.work import at_most

ROOT = Path(__file__).parents[1]
RETURNS = Path(cpxl.__file__).parent / "demo" / "returns"
Q2 = "2020-21-Q2"
HATE, GANGS = f"{Q2} HATE.xlsx", f"{Q2} GANGS.xlsx"  # as Excel leaves them, as LibreOffice does
SHEETS = {HATE: "Hate Crime", GANGS: "Gangs and Knife Crime"}
WHAT, LINKED = "What is wrong, and what to do", "File; a link leads to its marked copy"
MARK = 'N("cpxl finding")=0'
FORM_WITH_TABLES = ROOT / "tests" / "data" / "0.1.0" / HATE
LONG = b"a|" * 1_500_000
MOST_CALLS = 10_000_000
"""Calls of functions: openpyxl makes 9 for each style, of which there may be 600,000."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(ROOT / "config.yaml")


def findings(sheet: str) -> list[Finding]:
    """An error in three cells, a warning in one of them, one on the sheet and one on the file."""
    return [
        Finding("sum", Finding.ERROR, sheet, "C13, C14, C15", "It does not add up.", "Correct it."),
        Finding("change", Finding.WARNING, sheet, "C13", "It has changed.", "Say why."),
        Finding("two", Finding.WARNING, sheet, "", "There are two.", "Choose."),
        Finding("old", Finding.NOTE, "", "", "The file is old.", "Nothing to do."),
    ]


def annotated(data: bytes, found: Sequence[Finding]) -> bytes:
    return annotate(data, found, "Hate Crime: what the check found", "OFFICIAL", shipped())


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def marked(data: bytes, sheet: str) -> list[str]:
    """The cells with our format."""
    formats = opened(data)[sheet].conditional_formatting
    return [str(area.sqref) for area in formats for rule in area.rules if rule.formula == [MARK]]


def comments(data: bytes, sheet: str) -> dict[str, str]:
    cells = (cell for row in opened(data)[sheet].iter_rows() for cell in row)
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment}


@pytest.fixture(params=[HATE, GANGS], ids=["saved as by Excel", "saved by LibreOffice"])
def returned(request: pytest.FixtureRequest) -> tuple[bytes, str]:
    """A filled-in return, and its strand's sheet."""
    return (RETURNS / request.param).read_bytes(), SHEETS[request.param]


# What it says


def test_the_findings_stand_in_front(returned: tuple[bytes, str]) -> None:
    data, sheet = returned
    book = opened(annotated(data, findings(sheet)))
    page = book.active
    assert book.sheetnames == ["Findings", *opened(data).sheetnames]
    assert page is book["Findings"]
    assert [s.title for s in book if s.sheet_view.tabSelected] == ["Findings"]
    assert page["A1"].value == "Hate Crime: what the check found"
    assert "send this same file back" in page["A2"].value
    assert values_of(annotated(data, findings(sheet)), "Findings")[3:] == [
        ["Where", WHAT, "Severity", "Other cells"],
        [f"1. {sheet} C13", "It does not add up. Correct it.", "Error: must be corrected", "C14, C15"],
        [f"2. {sheet} C13", "It has changed. Say why.", "Warning: please check", None],
        [f"3. {sheet}", "There are two. Choose.", "Warning: please check", None],
        ["4. The whole file", "The file is old. Nothing to do.", "Note: for information", None],
    ]
    assert [page[f"A{row}"].hyperlink.location for row in (5, 7)] == [f"'{sheet}'!C13", f"'{sheet}'!A1"]


def test_the_cells_at_fault_are_marked_and_say_why(returned: tuple[bytes, str]) -> None:
    data, sheet = returned
    note = Finding("note", Finding.NOTE, sheet, "C16", "It was read as 0.", "Nothing to do.")
    copy = annotated(data, [*findings(sheet), note])
    assert marked(copy, sheet) == ["C13 C14 C15"]
    said = comments(copy, sheet)
    assert "It was read as 0." in said.pop("C16")
    assert set(said) == {"C13", "C14", "C15"}
    assert all("It does not add up.\nCorrect it." in text for text in said.values())
    assert "Warning: please check. It has changed." in said["C13"]
    comment = opened(copy)[sheet]["C13"].comment
    assert comment.author == "cpxl"
    with zipfile.ZipFile(io.BytesIO(copy)) as package:
        drawn = next(package.read(name).decode() for name in package.namelist() if name.endswith(".vml"))
    heights = [int(height) for height in re.findall(r"height:(\d+)px", drawn)]
    assert heights[0] > heights[1] >= 100  # two messages need more room than one
    assert set(re.findall(r"width:(\d+)px", drawn)) == {"342"}


# What it leaves alone


def test_nothing_that_was_entered_changes(returned: tuple[bytes, str], settings: Settings, tmp_path: Path) -> None:
    data, sheet = returned
    paths = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    for path, content in zip(paths, (data, annotated(data, findings(sheet))), strict=True):
        path.write_bytes(content)
    before, after = (read_return(path, settings) for path in paths)
    assert before.fault == ""
    file = {key: getattr(before, key) for key in ("file", "sha256", "received", "saved")}
    assert vars(after) | file == vars(before)


def test_it_can_be_filled_in_as_before(returned: tuple[bytes, str]) -> None:
    data, sheet = returned
    before, after = opened(data), opened(annotated(data, findings(sheet)))
    for name in before.sheetnames:
        old, new = before[name], after[name]
        assert new.sheet_state == old.sheet_state
        assert vars(new.protection) == vars(old.protection)
        assert {n: d.attr_text for n, d in new.defined_names.items()} == {
            n: d.attr_text for n, d in old.defined_names.items()
        }
        assert [(t.name, t.ref) for t in new.tables.values()] == [(t.name, t.ref) for t in old.tables.values()]
        assert [vars(v) for v in new.data_validations.dataValidation] == [
            vars(v) for v in old.data_validations.dataValidation
        ]
        for row in old.iter_rows():
            for cell in row:
                same = new[cell.coordinate]
                assert same.value == cell.value
                for look in ("font", "fill", "border", "number_format", "protection"):
                    assert str(getattr(same, look)) == str(getattr(cell, look))


def test_its_rows_grow_with_what_is_typed(returned: tuple[bytes, str]) -> None:
    """openpyxl fixes every height that it knows; only a height that somebody has set stays."""
    data, sheet = returned
    taller = changed_row(data, 4, b' ht="60" customHeight="1"')
    once = annotated(taller, findings(sheet))
    for copy in (once, annotated(once, findings(sheet))):
        assert fixed_rows(copy, "Findings") == []
        assert fixed_rows(copy, sheet) == ["4"]
        assert len(re.findall(rb" ht=", part_of(copy, sheet))) >= 10


def changed_row(data: bytes, number: int, look: bytes) -> bytes:
    """A workbook with a row of its strand's sheet (a blank one) looking otherwise."""
    row = re.search(rb'<row r="%d"' % (number + 1), part(data, SHEET))
    assert row
    return rewritten(data, SHEET, row[0], b'<row r="%d"%s/>%s' % (number, look, row[0]))


def fixed_rows(data: bytes, sheet: str) -> list[str]:
    """The rows of a sheet whose height is fixed."""
    return [m.decode() for m in re.findall(rb'<row r="(\d+)"[^>]* customHeight="(?:1|true)"', part_of(data, sheet))]


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def part_of(data: bytes, sheet: str) -> bytes:
    """A sheet's XML."""
    return part(data, f"xl/worksheets/sheet{opened(data).sheetnames.index(sheet) + 1}.xml")


def test_headings_keep_their_cell_styles(returned: tuple[bytes, str]) -> None:
    """openpyxl numbers cell styles anew, and leaves the old numbers in cells."""
    data, sheet = returned
    before, after = (styles_of(content, sheet) for content in (data, annotated(data, findings(sheet))))
    assert len(set(before.values())) > 2
    assert before.items() <= after.items()


def styles_of(data: bytes, sheet: str) -> dict[str, str | None]:
    """The name of each cell's style, as the file has it."""
    styles = ElementTree.fromstring(part(data, "xl/styles.xml"))
    names = {style.get("xfId"): style.get("name") for style in styles.iterfind("{*}cellStyles/{*}cellStyle")}
    looks = [names.get(look.get("xfId"), "Normal") for look in styles.iterfind("{*}cellXfs/{*}xf")]
    cells = ElementTree.fromstring(part_of(data, sheet)).iterfind(".//{*}c")
    return {cell.get("r", ""): looks[int(cell.get("s", "0"))] for cell in cells}


def test_excel_and_libreoffice_take_it(returned: tuple[bytes, str], tmp_path: Path, calc: Any, validator: None) -> None:
    data, sheet = returned
    path = tmp_path / "annotated.xlsx"
    path.write_bytes(annotated(data, findings(sheet)))
    assert office.validation_errors([path]) == []
    again = office.recalculated(calc, [path], tmp_path / "recalculated")[path]
    assert office.formula_differences(path, again) == []


# Round after round


def test_former_marks_make_way(returned: tuple[bytes, str]) -> None:
    data, sheet = returned
    once = annotated(data, findings(sheet))
    other = Finding("other", Finding.ERROR, sheet, "C16", "Now this.", "Do that.")
    twice = annotated(once, [other])
    assert opened(twice).sheetnames == opened(once).sheetnames
    assert values_of(twice, "Findings")[4:] == [
        [f"1. {sheet} C16", "Now this. Do that.", "Error: must be corrected", None]
    ]
    assert marked(twice, sheet) == ["C16"]
    assert set(comments(twice, sheet)) == {"C16"}
    assert comments(annotated(once, findings(sheet)), sheet) == comments(once, sheet)


def values_of(data: bytes, sheet: str) -> list[list[Any]]:
    return [list(row) for row in opened(data)[sheet].iter_rows(values_only=True)]


def changed(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """The workbook as somebody else has changed it."""
    book, stream = opened(data), io.BytesIO()
    change(book)
    book.save(stream)
    return stream.getvalue()


def test_a_leads_own_comment_stays() -> None:
    def comment(book: Workbook) -> None:
        book["Hate Crime"]["C13"].comment = Comment("Ask the team.", "A lead")

    def answer(book: Workbook) -> None:
        book["Hate Crime"]["C13"].comment = Comment(
            book["Hate Crime"]["C13"].comment.text + "\nIt is right so.", "A lead"
        )

    once = annotated(changed((RETURNS / HATE).read_bytes(), comment), findings("Hate Crime"))
    said = comments(once, "Hate Crime")["C13"]
    assert said.startswith("Ask the team.\n\n")
    assert "It does not add up." in said
    elsewhere = [Finding("other", Finding.ERROR, "Hate Crime", "C16", "Now this.", "Do that.")]
    twice = annotated(changed(once, answer), elsewhere)
    assert comments(twice, "Hate Crime")["C13"] == "Ask the team.\nIt is right so."


def test_a_leads_own_sheet_called_findings_stays() -> None:
    def add(book: Workbook) -> None:
        book.create_sheet("findings")["A1"] = "Mine"

    data = changed((RETURNS / HATE).read_bytes(), add)
    for _ in range(2):
        data = annotated(data, findings("Hate Crime"))
        assert opened(data).sheetnames == ["Findings (2)", "Guidance", "Hate Crime", "cpxl", "findings"]
        assert values_of(data, "findings") == [["Mine"]]


# What it never carries


def test_no_text_of_a_finding_becomes_anything_else(tmp_path: Path, validator: None) -> None:
    texts = ("=1+1", "=HYPERLINK(1)", "x" * 40_000, "\x01\x0b\ufffe", "<b>&amp;\r\n", "'+@", "")
    cells = [f"C{row}" for row in range(13, 13 + len(texts))]
    odd = [Finding("odd", Finding.ERROR, "Hate Crime", c, text, text) for c, text in zip(cells, texts, strict=True)]
    copy = annotated((RETURNS / HATE).read_bytes(), odd)
    found = [cell for row in opened(copy)["Findings"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s"}
    said = comments(copy, "Hate Crime")
    assert set(said) == set(cells)
    assert all(len(text) < 5_000 for text in said.values())
    (tmp_path / "odd.xlsx").write_bytes(copy)
    assert office.validation_errors([tmp_path / "odd.xlsx"]) == []


def test_macros_links_objects_and_pictures_stay_behind() -> None:
    def link(book: Workbook) -> None:
        extra = book.create_sheet("Extra")
        extra["A1"] = "='[1]Other file'!A1"
        extra["A2"] = "=cmd|'/c calc'!A0"
        extra["A3"] = '=IF(A4="a|b","yes!","no")'

    parts = ("vbaProject.bin", "externalLinks/externalLink1.xml", "connections.xml", "embeddings/1.bin", "media/1.png")
    stream = io.BytesIO(changed((RETURNS / HATE).read_bytes(), link))
    with zipfile.ZipFile(stream, "a") as package:
        for part in parts:
            package.writestr(f"xl/{part}", b"<x/>")
    copy = annotated(stream.getvalue(), findings("Hate Crime"))
    with zipfile.ZipFile(io.BytesIO(copy)) as package:
        assert not [name for name in package.namelist() if name.removeprefix("xl/") in parts]
        assert b"macroEnabled" not in package.read("[Content_Types].xml")
    assert values_of(copy, "Extra") == [[None], [None], ['=IF(A4="a|b","yes!","no")']]
    (line,) = [row[0] for row in values_of(copy, "Findings") if str(row[0]).startswith("Left out")]
    assert line == (
        "Left out of this copy: macros, links to other files, embedded objects, pictures, text boxes and charts."
    )


def rewritten(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one part changed."""
    stream, seen = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            content = source.read(name)
            assert name != part or old in content
            seen += name == part
            package.writestr(name, content.replace(old, new) if name == part else content)
    assert seen
    return stream.getvalue()


SHEET, GUIDE, RELATIONS = (
    "xl/worksheets/sheet2.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
)
MERGED = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
HOSTILE: dict[str, tuple[str, bytes, bytes]] = {
    "a merged sheet": (
        SHEET,
        b"</sheetData>",
        MERGED,
    ),
    "a link over a sheet": (SHEET, b"<pageMargins", b'<hyperlinks><hyperlink ref="A:XFD"/></hyperlinks><pageMargins'),
    "a table over a sheet": ("xl/tables/table1.xml", b'ref="A3', b'ref="A1:XFD1048576" was="A3'),
    "too many cells": (GUIDE, b"</sheetData>", b"<row>" + b"<c><v>1</v></c>" * 60_000 + b"</row></sheetData>"),
    "a large part": ("docProps/core.xml", b"</cp:coreProperties>", b" " * 5_000_000 + b"</cp:coreProperties>"),
    "long shared formulas": (
        GUIDE,
        b"</sheetData>",
        b'<row r="50"><c r="A50"><f t="shared" ref="A50:A99" si="0">%s1</f></c></row>' % (b"1+" * 9_000)
        + b"".join(b'<row r="%d"><c r="A%d"><f t="shared" si="0"/></c></row>' % (n, n) for n in range(51, 1_000))
        + b"</sheetData>",
    ),
    "entities": ("xl/styles.xml", b"<styleSheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><styleSheet'),
    "a sheet twice": (
        "xl/workbook.xml",
        b"<sheets>",
        b'<sheets><sheet name="Guidance" sheetId="9" r:id="rId1"/>',
    ),
    "a table twice": (
        RELATIONS,
        b"<Relationship ",
        b'<Relationship Id="again" Target="/xl/tables/table1.xml" Type="x/table"/><Relationship ',
    ),
    "a long formula": (
        GUIDE,
        b"</sheetData>",
        b'<row r="50"><c r="A50"><f>%s</f></c></row></sheetData>' % LONG,
    ),
    "a long name": (
        "xl/workbook.xml",
        b"<definedNames>",
        b'<definedNames><definedName name="a">%s</definedName>' % LONG,
    ),
    "many styles": ("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 600_000 + b"</cellXfs>"),
    "a format for many areas": (
        GUIDE,
        b"<pageMargins",
        b'<conditionalFormatting sqref="%s"/><pageMargins' % b" ".join(b"A%d" % n for n in range(200_000)),
    ),
    "a margin in words": (GUIDE, b'<pageMargins left="', b'<pageMargins left="wide'),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_return_ever_has_is_refused_with_little_work(what: str) -> None:
    part, old, new = HOSTILE[what]
    data = rewritten(FORM_WITH_TABLES.read_bytes(), part, old, new)
    annotated(FORM_WITH_TABLES.read_bytes(), findings("Hate Crime"))
    with at_most(calls=MOST_CALLS), pytest.raises(CannotAnnotate):
        annotated(data, findings("Hate Crime"))


@pytest.mark.parametrize(
    "text", ["[What the check found]\n" * 35_000, "x" + " " * 800_000 + "y"], ids=["ours", "blanks"]
)
def test_a_long_comment_is_refused_with_little_work(text: str) -> None:
    book = load_workbook(RETURNS / HATE)
    book["Hate Crime"]["A1"].comment = Comment(text, "Lead")
    saved = io.BytesIO()
    book.save(saved)
    with at_most(calls=MOST_CALLS), pytest.raises(CannotAnnotate):
        annotated(saved.getvalue(), findings("Hate Crime"))


def test_numbers_keep_all_their_digits(returned: tuple[bytes, str]) -> None:
    """Excel stores 17, openpyxl writes 16."""
    data, sheet = returned
    cell = re.search(rb'<c r="([A-Z]+\d+)"(?: s="\d+")?(?: t="n")?><v>[^<]*</v></c>', part(data, SHEET))
    assert cell
    longer = re.sub(rb"<v>.*</v>", b"<v>0.30000000000000004</v>", cell[0])
    copy = annotated(rewritten(data, SHEET, cell[0], longer), findings(sheet))
    assert opened(copy)[sheet][cell[1].decode()].value == 0.30000000000000004


def test_a_long_text_in_many_cells_is_refused() -> None:
    data = (RETURNS / HATE).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        texts = package.read("xl/sharedStrings.xml").count(b"<si>")
    data = rewritten(data, "xl/sharedStrings.xml", b"</sst>", b"<si><t>%s</t></si></sst>" % (b"x" * 30_000))
    cells = b'<row r="50">%s</row></sheetData>' % (b'<c t="s"><v>%d</v></c>' % texts * 200)
    with pytest.raises(CannotAnnotate, match="long text"):
        annotated(rewritten(data, GUIDE, b"</sheetData>", cells), findings("Hate Crime"))


def test_a_damaged_file_is_refused() -> None:
    data = (RETURNS / HATE).read_bytes()
    for damaged in (b"", b"PK", data[: len(data) // 2], data[:5_000] + b"\0" * 200 + data[5_200:]):
        with pytest.raises(CannotAnnotate):
            annotated(damaged, findings("Hate Crime"))


# What a check leaves in the folder


def checked(folder: Path, *words: object, exits: int) -> Any:
    done = run_cpxl("check", *words, "--folder", folder, "--json")
    assert done.returncode == exits, done.stderr
    return json.loads(done.stdout)


def type_into(desktop: Any, path: Path, sheet: str, cells: dict[str, Any]) -> None:
    """Do as a lead would: open the file, type, save. None clears a cell."""
    with office.opened(desktop, path) as document:
        page = document.Sheets.getByName(sheet)
        for address, value in cells.items():
            cell = page.getCellRangeByName(address)
            assert not cell.CellProtection.IsLocked
            if isinstance(value, int | float):
                cell.setValue(value)
            else:
                cell.setString(value or "")


@pytest.mark.parametrize("name", [HATE, GANGS], ids=["saved as by Excel", "saved by LibreOffice"])
def test_a_copy_is_corrected_in_a_spreadsheet_program_and_sent_back(
    name: str, few: Path, settings: Settings, calc: Any
) -> None:
    sheet, path = SHEETS[name], few / "returns" / Q2 / name
    demo = read_return(path, settings)
    right = {cell.coordinate: cell.value for row in load_workbook(path)[sheet].iter_rows() for cell in row}
    total = next(p.cells["value"].address for p in demo.progress if p.quarter == Quarter(2020, 2))
    wrong: dict[str, Any] = {total: 99, demo.measures[0].cells["current"].address: "a lot"}
    if demo.risks:
        wrong[demo.risks[0].cells["response"].address] = None
    type_into(calc, path, sheet, wrong)

    says = checked(few, exits=1)
    copy = few / "checked" / Q2 / name
    assert str(copy) in says["outputs"]["annotated"]
    assert says["outputs"]["report"] == str(few / "checked" / Q2 / "Check report 2020-21 Q2.xlsx")
    assert set(wrong) <= cells_at_fault(says, name)

    # One is corrected, and the copy sent back; the others are still found, and marked in a copy of that copy.
    type_into(calc, copy, sheet, {total: right[total]})
    shutil.move(copy, path)
    at_fault = cells_at_fault(checked(few, exits=1), name)
    assert total not in at_fault
    assert set(wrong) - {total} <= at_fault
    again = copy.read_bytes()
    assert at_fault <= set(" ".join(marked(again, sheet)).split()) <= set(comments(again, sheet))
    assert opened(again).sheetnames.count("Findings") == 1

    type_into(calc, copy, sheet, {cell: right[cell] for cell in at_fault})
    shutil.move(copy, path)
    says = checked(few, exits=0)
    (mine,) = [r for r in says["returns"] if r["file"] == name]
    assert mine["accepted"]
    assert [f for f in mine["findings"] if f["severity"] in ("error", "warning")] == []
    back = read_return(path, settings)
    for part in ("progress", "measures", "risks", "delivery", "notes", "missing_blocks", "extras"):
        assert getattr(back, part) == getattr(demo, part)


def cells_at_fault(says: Any, file: str) -> set[str]:
    """The cells that errors of a file name."""
    (mine,) = [r for r in says["returns"] if r["file"] == file]
    return {cell for f in mine["findings"] if f["severity"] == "error" for cell in f["cell"].split(", ")}


def test_two_files_of_one_name_get_a_copy_each(folder: Path, tmp_path: Path) -> None:
    path = folder / "returns" / Q2 / f"{Q2} CSE.xlsx"  # an earlier quarter of it does not add up
    for other in ("report", "CSE"):
        (tmp_path / other).mkdir()
    paths = [
        path,
        shutil.copy(path, tmp_path / "CSE"),
        shutil.copy(path, tmp_path / "report" / "check report 2020-21 q2.xlsx"),
    ]
    says = checked(folder, *paths, exits=1)  # three returns of one strand
    assert [Path(p).name for p in says["outputs"]["annotated"]] == [
        f"{Q2} CSE.xlsx",
        f"{Q2} CSE (2).xlsx",
        "check report 2020-21 q2 (2).xlsx",
    ]
    report = values(Path(says["outputs"]["report"]), "Check report")
    states = dict(columns(report[3:], "Strand", "Return"))
    assert (states["Child Abuse and Exploitation"], states["Hate Crime"]) == ("Rejected", "Not checked")


def test_copies_no_longer_needed_go_and_what_people_put_there_stays(folder: Path, calc: Any) -> None:
    there, returns = folder / "checked" / Q2, folder / "returns" / Q2
    right = (returns / GANGS).read_bytes()
    edit(returns / GANGS, SHEETS[GANGS], "Total strands", "2020/21 Q2", 99)
    checked(folder, exits=1)
    assert (there / GANGS).exists()
    (returns / GANGS).write_bytes(right)

    letter, mine, prevent = there / "letter.docx", there / f"{Q2} DA.xlsx", there / f"{Q2} PREVENT.xlsx"
    letter.write_bytes(b"mine")
    shutil.copy(returns / mine.name, mine)  # a return with no findings
    page = load_workbook(prevent)["Extremism"]
    note = page.cell(*place(page, "Complete", "Note on the 2020/21 Q2")).coordinate
    type_into(calc, prevent, "Extremism", {note: "Typed into the copy itself"})
    edited = prevent.read_bytes()
    done = run_cpxl("check", "--folder", folder)
    assert done.returncode == 0
    assert not (there / GANGS).exists()
    assert letter.read_bytes() == b"mine"
    assert mine.read_bytes() == (returns / mine.name).read_bytes()
    (kept,) = (folder / "backups").glob("*PREVENT*.xlsx")
    assert kept.read_bytes() == edited
    assert str(kept) in done.stdout


@pytest.mark.parametrize("name", ["Check report 2020-21 Q2.xlsx", f"{Q2} CSE.xlsx"])
def test_a_copy_or_report_that_is_open_is_left_alone(folder: Path, name: str) -> None:
    checked(folder, exits=0)
    (folder / "checked" / Q2 / f"~${name}").write_bytes(b"owner")
    (folder / "returns" / Q2 / HATE).write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in (folder / "checked").rglob("*.xlsx")}
    done = run_cpxl("check", "--folder", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"{name} is open" in done.stderr
    assert {path: path.read_bytes() for path in (folder / "checked").rglob("*.xlsx")} == before


def test_a_checked_folder_that_cannot_be_written_is_refused(folder: Path) -> None:
    (folder / "checked").write_bytes(b"a file in its place")
    done = run_cpxl("check", "--folder", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "could not be saved" in done.stderr


# The report


def test_the_report_says_how_each_return_stands(folder: Path, tmp_path: Path, validator: None) -> None:
    working = WorkingFolder.open(folder)
    returns = folder / "returns" / Q2
    explained = Finding("change", Finding.EXPLAINED, "Hate Crime", "C13", "It has changed.", "Nothing.")
    damaged = Finding("not-a-workbook", Finding.ERROR, "", "", "It cannot be read.", "Send it again.")
    (returns / "x.xlsx").write_bytes(b"damaged")
    paths = [returns / "x.xlsx", returns / HATE, returns / GANGS]
    found = [[damaged], [explained], findings("Gangs and Knife Crime")]
    checks = [Checked(read_return(path, working.settings), tuple(f)) for path, f in zip(paths, found, strict=True)]
    written = write_checked(working, Checks(Quarter(2020, 2), paths, checks, ["Domestic Abuse"], []))
    assert [path.name for path in written.annotated] == [GANGS]
    rows = values(written.report, "Check report")
    assert rows[3] == ["Strand", LINKED, "Return", "Errors", "Warnings", "Explained", "Notes"]
    assert rows[4] == ["Domestic Abuse", None, "Not returned", *[None] * 4]
    assert rows[5] == ["Gangs and Knife Crime", GANGS, "Rejected", 1, 2, 0, 1]
    link = load_workbook(written.report)["Check report"]["B6"].hyperlink
    assert (link.target, written.report.with_name(GANGS).exists()) == (GANGS.replace(" ", "%20"), True)
    assert rows[9] == ["Hate Crime", f"{HATE}: no copy needed", "Accepted", 0, 0, 1, 0]
    assert rows[-1] == ["Unknown", "x.xlsx: no copy could be made", "Rejected", 1, 0, 0, 0]
    headings, *listed = values(written.report, "Findings")[3:]
    assert headings == ["Strand and file", WHAT, "Severity", "Where", "Rule"]
    assert [row[2] for row in listed] == [
        "Error: must be corrected",
        "Warning: please check",
        "Warning: please check",
        "Note: for information",
        "Explained by a note",
        "Error: must be corrected",
    ]
    assert listed[0] == [
        f"Gangs and Knife Crime\n{GANGS}",
        "It does not add up. Correct it.",
        "Error: must be corrected",
        "C13, C14, C15",
        "sum",
    ]
    assert values(written.report, "Changes")[1:] == [["Consolidating these returns changes nothing in the master."]]
    assert office.validation_errors([written.report]) == []


def test_a_message_as_long_as_a_cell_fits_into_the_report(few: Path) -> None:
    working = WorkingFolder.open(few)
    long = Finding("long", Finding.ERROR, "", "", "x" * 40_000, "")
    checks = [Checked(Return("a.xlsx", "", "", fault="not-a-workbook"), (long,))]
    written = write_checked(working, Checks(Quarter(2020, 2), [few / "a.xlsx"], checks, [], []))
    (found,) = columns(values(written.report, "Findings")[3:], WHAT)[1:]
    assert found == ["x" * 32_766 + "…"]

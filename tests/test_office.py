"""The instruments of office.py find what they are there to find."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tests import conftest, office

Writes = Callable[[Workbook, Worksheet], object]


def workbook(path: Path, write: Writes) -> Path:
    """A workbook with the sheet "Sums", where A1 is 2."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sums")
        sheet.write("A1", 2)
        write(book, sheet)
    return path


def differences(calc: Any, tmp_path: Path, write: Writes) -> list[str]:
    path = workbook(tmp_path / "book.xlsx", write)
    return office.formula_differences(path, office.recalculated(calc, [path], tmp_path / "recalculated")[path])


def edited(path: Path, old: str, new: str) -> Path:
    """A workbook whose first sheet's XML has been changed by hand."""
    sheet = "xl/worksheets/sheet1.xml"
    target = path.with_name("edited.xlsx")
    with ZipFile(path) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == sheet:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            copy.writestr(name, content)
    return target


def test_right_values_pass(calc: Any, tmp_path: Path) -> None:
    def write(book: Workbook, sheet: Worksheet) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        clock = book.add_format({"num_format": "hh:mm:ss"})
        number = book.add_format({"num_format": "0"})
        sheet.write("A2", 45000, day)
        sheet.write_formula("B1", "=A1+1", None, 3)
        sheet.write_formula("B2", "=1/3", None, 0.333333333333)
        sheet.write_formula("B3", '=A1&" cars"', None, "2 cars")
        sheet.write_formula("B4", '=IF(A1=2,"","other")', None, "")
        sheet.write_formula("B5", "=A1>1", None, True)
        sheet.write_formula("B6", "=A1>1", number, True)
        sheet.write_formula("B7", "=A2+1", day, 45001)
        sheet.write_formula("B8", "=A2+1", None, 45001)
        sheet.write_formula("B9", "=1/7", clock, 1 / 7)
        sheet.write_array_formula("C1:C2", "{=A1:A2*2}", None, 4)
        sheet.write("C2", 90000)

    assert differences(calc, tmp_path, write) == []


def test_wrong_values_are_found(calc: Any, tmp_path: Path) -> None:
    def write(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_formula("B1", "=A1+1", None, 5)
        sheet.write_formula("B2", "=1/4", None, 0.25000001)
        sheet.write_formula("B3", "=A1-2", None, "")
        sheet.write_formula("B4", '=IF(A1=2,"","other")', None, 0)
        sheet.write_formula("B5", '=A1&" cars"', None, "2 Cars")
        sheet.write_formula("B6", "=A1>1", None, False)
        sheet.write_formula("B7", "=NA()", None, "#N/A")
        sheet.write_formula("B8", "=NOSUCH(A1)", None, 1)
        sheet.write_array_formula("C1:C2", "{=A1:A2+1}", None, 3)

    assert differences(calc, tmp_path, write) == [
        "Sums!B1: stored 5, LibreOffice says 3 (=A1+1)",
        "Sums!C2: stored 0, LibreOffice says 1 (=A1:A2+1)",
        "Sums!B2: stored 0.25000001, LibreOffice says 0.25 (=1/4)",
        "Sums!B3: stored nothing, LibreOffice says 0 (=A1-2)",
        'Sums!B4: stored 0, LibreOffice says nothing (=IF(A1=2,"","other"))',
        "Sums!B5: stored '2 Cars', LibreOffice says '2 cars' (=A1&\" cars\")",
        "Sums!B6: stored False, LibreOffice says True (=A1>1)",
        "Sums!B7: stored '#N/A', LibreOffice says '#N/A' (=NA())",
        "Sums!B8: stored 1, LibreOffice says '#NAME?' (=NOSUCH(A1))",
    ]


def test_missing_value_is_found(calc: Any, tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", lambda _, sheet: sheet.write_formula("B4", "=A1+1", None, 3))
    path = edited(path, "<f>A1+1</f><v>3</v>", "<f>A1+1</f>")
    found = office.formula_differences(path, office.recalculated(calc, [path], tmp_path)[path])
    assert found == ["Sums!B4: stored nothing, LibreOffice says 3 (=A1+1)"]


def test_files_of_one_name_stay_apart(calc: Any, tmp_path: Path) -> None:
    right = workbook(tmp_path / "right" / "book.xlsx", lambda _, sheet: sheet.write_formula("B1", "=A1+1", None, 3))
    other = workbook(tmp_path / "other" / "book.xlsx", lambda _, sheet: sheet.write_formula("B1", "=A1+2", None, 4))
    copies = office.recalculated(calc, [right, other], tmp_path / "recalculated")
    assert office.formula_differences(right, copies[right]) == []
    assert office.formula_differences(other, copies[other]) == []


def test_file_that_libreoffice_cannot_open_is_reported(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_text("not a workbook")
    with pytest.raises(RuntimeError, match=r"made no \.xlsx of .*broken"):
        office.recalculated(calc, [path], tmp_path / "recalculated")


@pytest.mark.usefixtures("pdftoppm")
def test_pictures_of_every_page(calc: Any, tmp_path: Path) -> None:
    def write(book: Workbook, sheet: Worksheet) -> None:
        book.add_worksheet("More").write("A1", "second page")

    path = workbook(tmp_path / "book.xlsx", write)
    pages = office.pictures(calc, path, tmp_path / "pictures")
    assert [page.parent.name for page in pages] == ["pictures", "pictures"]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


@pytest.mark.usefixtures("validator")
def test_sound_workbook_is_valid(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", lambda _, sheet: sheet.write_formula("B1", "=A1+1", None, 3))
    assert office.validation_errors([path]) == []


@pytest.mark.usefixtures("validator")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<c r="A1">', '<c r="A1" colour="red">'),
        ("<sheetData>", '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells><sheetData>'),
    ],
    ids=["unknown attribute", "wrong order"],
)
def test_broken_workbook_is_not_valid(tmp_path: Path, old: str, new: str) -> None:
    path = edited(workbook(tmp_path / "book.xlsx", lambda *_: None), old, new)
    errors = office.validation_errors([path])
    for version in office.OFFICE_VERSIONS:
        assert any(error.startswith(f"edited.xlsx, {version}, /xl/worksheets/sheet1.xml") for error in errors)


@pytest.mark.parametrize(("require_all", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_missing_program_is_skipped_unless_all_are_required(
    monkeypatch: pytest.MonkeyPatch, require_all: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CPXL_REQUIRE_ALL", require_all)
    with pytest.raises(outcome, match="LibreOffice is not installed here"):
        conftest.need(None, "LibreOffice")

"""Every workbook that cpxl writes: valid, calculated right, accessible, and with nothing in it that should not be."""

import re
import shutil
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cpxl.config import load
from cpxl.layout import grid
from cpxl.returns.read import read_return
from cpxl.workbook_names import DATA_SHEETS, GUIDANCE
from cpxl.workbooks.paper import CHARACTER, lines_needed
from tests import office
from tests.command import Demo, run_cpxl
from tests.form import Form
from tests.work import LONG

GRID, AT_RISK = "Progress: Hate Crime", "Work at risk"


@pytest.fixture(scope="module")
def issued(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The forms of a quarter that begins (nothing known), and of one with a past (risks carried over)."""
    new = tmp_path_factory.mktemp("new") / "folder"
    assert run_cpxl("init", new).returncode == 0
    assert run_cpxl("issue", "--folder", new).returncode == 0
    running = tmp_path_factory.mktemp("running") / "folder"
    shutil.copytree(demo.folder, running)
    assert run_cpxl("issue", "--folder", running, "-q", "2020-21-Q3").returncode == 0
    paths = sorted(new.glob("issued/*/*.xlsx")) + sorted(running.glob("issued/*/*.xlsx"))
    assert len(paths) == 18
    return paths


@pytest.fixture(scope="module")
def sparse(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Master and partner workbook of a quarter of which one return is missing and one was rejected."""
    folder = Path(shutil.copytree(settled, tmp_path_factory.mktemp("sparse") / "folder"))
    for path in (folder / "published").iterdir():
        path.unlink()
    returns = sorted((folder / "returns" / "2020-21-Q2").iterdir())
    returns[0].unlink()
    returns[1].write_bytes(b"")
    assert run_cpxl("consolidate", "--folder", folder).returncode == 1
    assert run_cpxl("publish", "--folder", folder).returncode == 0
    return [folder / "master.xlsx", *(folder / "published").glob("*.xlsx")]


@pytest.fixture(scope="module")
def written(demo: Demo, issued: list[Path], sparse: list[Path]) -> list[Path]:
    """All of them; in the short form, of the forms those that differ most."""
    kinds = ("Q2 GANGS", "Q2 BURGLARY", "Q3 PREVENT", "Q3 SOC")  # two plans, none, another grid, risks carried over
    forms = [path for path in issued if LONG or path.stem.endswith(kinds)]
    assert len(forms) == (18 if LONG else 4)
    return [*forms, demo.folder / "master.xlsx", demo.partner, *sparse]


@pytest.mark.usefixtures("validator")
def test_all_are_valid_open_xml(written: list[Path]) -> None:
    assert office.validation_errors(written) == []


def test_every_stored_value_is_what_recalculation_gives(calc: Any, written: list[Path], tmp_path: Path) -> None:
    fresh = office.recalculated(calc, written, tmp_path)
    assert {path: found for path in written if (found := office.formula_differences(path, fresh[path]))} == {}


def test_the_live_checks_say_what_does_not_add_up(calc: Any, demo: Demo, tmp_path: Path) -> None:
    """A lead types wrong figures: beside the grid's title, and at the top of the form, it says so in words."""
    path = tmp_path / "return.xlsx"
    form = Form(demo.folder / "returns" / "2020-21-Q2" / "2020-21-Q2 HATE.xlsx")
    form.type(GRID, "Complete", "2020/21 Q2", 14)
    form.type(GRID, "At risk", "2020/21 Q2", 2)
    form.book.save(path)
    fresh = load_workbook(office.recalculated(calc, [path], tmp_path / "fresh")[path], data_only=True)["Hate Crime"]
    rows = list(fresh.iter_rows(max_col=2, values_only=True))
    said = [(label, words) for label, words in rows if str(words).startswith(("OK:", "To do:", "Done"))]
    sections = len([label for label, _ in said if label not in ("Ready to send?", None)]) - 2
    assert said[0] == ("Ready to send?", f"To do: {sections - 2} of {sections} sections are filled in.")
    assert said[1:3] == [(title, "To do: see the line beside its title.") for title in (GRID, AT_RISK)]
    assert {words for _, words in said[3:-2]} == {"Done"}
    assert said[-2:] == [
        (GRID, "To do: the parts come to 31, but Total strands says 30."),
        (AT_RISK, "To do: the progress grid has 2 at risk, 0 listed here as open."),
    ]


# Accessibility (Analysis Function, 'Making spreadsheets accessible')


def _sheets(paths: list[Path]) -> list[tuple[Path, Any]]:
    return [(path, sheet) for path in paths for sheet in _book(path, path.stat().st_mtime_ns).worksheets]


@lru_cache(maxsize=30)
def _book(path: Path, saved: int) -> Workbook:
    return load_workbook(path)


def test_every_sheet_has_a_title_and_no_merged_cells(written: list[Path]) -> None:
    for path, sheet in _sheets(written):
        where = f"{path.name}: {sheet.title}"
        assert isinstance(sheet["A1"].value, str), where
        assert not sheet.merged_cells.ranges, where


def test_tables_are_marked_as_such(written: list[Path]) -> None:
    """As Excel Tables; on a form, where these could not grow, their headings by names for programs that read aloud.

    Not in the master, where rows come in: such a name has its cells in it, and would be wrong.
    """
    for path, sheet in _sheets(written):
        where, book = f"{path.name}: {sheet.title}", sheet.parent
        if sheet.sheet_state == "hidden":
            continue
        blocks = [name for name in sheet.defined_names if name.startswith("cpxl_")]
        number = book.sheetnames.index(sheet.title) + 1
        regions = [name for name in book.defined_names if re.fullmatch(rf"TitleRegion\d+\..*\.{number}", name)]
        assert (len(sheet.tables), len(regions)) == (
            (0, len(blocks) * (GUIDANCE in book.sheetnames)) if sheet.protection.sheet else (len(blocks), 0)
        ), where


def test_text_is_at_least_12_points_in_a_sans_serif(written: list[Path]) -> None:
    for path, sheet in _sheets(written):
        fonts = {(cell.font.name, cell.font.sz) for row in sheet.iter_rows() for cell in row if cell.value is not None}
        assert {name for name, _ in fonts} == {"Arial"}, path
        assert min(size for _, size in fonts) >= 12, path
    for path in written:
        with zipfile.ZipFile(path) as parts:
            charts = b"".join(parts.read(name) for name in parts.namelist() if name.startswith("xl/charts/chart"))
        assert all(int(size) >= 1200 for size in re.findall(rb'\bsz="(\d+)"', charts)), path


def test_pages_are_a4_and_upright_where_two_columns_of_figures_do(written: list[Path]) -> None:
    """All printed at one size, of 9 points or more; only a data table that is too wide becomes smaller."""
    for path, sheet in _sheets(written):
        where, setup = f"{path.name}: {sheet.title}", sheet.page_setup
        last = sheet[sheet.print_area.rpartition("!")[2]][0][-1].column
        assert (setup.paperSize, setup.orientation) == (9, "portrait" if last <= 4 else "landscape"), where
        if sheet.sheet_properties.pageSetUpPr.fitToPage:
            assert sheet.title in DATA_SHEETS.values(), where
            assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0), where
        else:
            assert setup.scale == 76, where


def test_lines_that_do_not_go_on_in_another_fit_on_the_page(written: list[Path]) -> None:
    """Paper cuts off what Excel shows over the cells beside."""
    for path, sheet in _sheets(written):
        if sheet.title in DATA_SHEETS.values() or sheet.sheet_state != "visible":
            continue
        page = grid.ACROSS if sheet.page_setup.orientation == "landscape" else grid.UPRIGHT
        for cell, *beside in sheet.iter_rows():
            is_line = isinstance(cell.value, str) and not cell.alignment.wrap_text
            if is_line and all(other.value is None for other in beside):
                room = page / CHARACTER * 12 / cell.font.sz
                assert lines_needed(cell.value, room, bold=bool(cell.font.b)) == 1, (path, cell)


def test_the_marking_has_a_line_of_its_own_in_the_footer(written: list[Path]) -> None:
    for path, sheet in _sheets(written):
        where, header, footer = f"{path.name}: {sheet.title}", sheet.oddHeader, sheet.oddFooter
        lines = [
            [line.strip() for line in part.text.split("\n")] for part in (footer.left, footer.center, footer.right)
        ]
        assert header.center.text == "OFFICIAL", where
        assert [of[0] for of in lines] == ["", "OFFICIAL", ""], where
        assert lines[0][1], where
        assert [of[1] for of in lines[1:]] == ["", "Page &P of &N"], where


def test_charts_have_alternative_text(written: list[Path]) -> None:
    charts = 0
    for path in written:
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if name.startswith("xl/drawings/drawing"):
                    text = parts.read(name).decode()
                    assert text.count("<xdr:cNvPr ") == text.count(' descr="'), path
                    charts += text.count("<xdr:cNvPr ")
    assert charts


# What a return has


def test_only_the_leads_cells_are_open(issued: list[Path]) -> None:
    gangs = Form(next(path for path in issued if "Q3 GANGS" in path.name))
    protection = gangs.page.protection
    assert protection.sheet
    assert protection.password is None
    assert not protection.insertRows  # allowed: a lead who needs more rows than there are may insert some
    title = "Progress: Knife Crime"
    top, headings = gangs.heading(title), ("Status", "Note on", "2020/21 Q1", "2020/21 Q2", "2020/21 Q3", "Change")
    for row in list(gangs.below(top)):
        cells = [gangs.page.cell(row, gangs.column(top, heading)) for heading in headings]
        assert [cell.protection.locked for cell in cells] == [True, False, True, True, False, True]
    # Where nothing is due there is nothing to fill in.
    due = [next(path for path in issued if name in path.name) for name in ("Q3 GANGS", "Q2 GANGS")]
    assert [Form(path).cell("Due in", 0, "What became").protection.locked for path in due] == [False, True]
    assert gangs.book["cpxl"].sheet_state == "hidden"
    assert gangs.book.sheetnames == ["Guidance", "Gangs and Knife Crime", "cpxl"]


def test_an_issued_return_reads_back_as_blank_with_its_past(demo: Demo, issued: list[Path]) -> None:
    path = next(path for path in issued if "Q3 SOC" in path.name)
    returned = read_return(path, load(demo.folder / "config.yaml"))
    assert (returned.strand, returned.quarter, returned.fault) == ("SOC", "2020/21 Q3", "")
    now = [p.value for p in returned.progress if str(p.quarter) == "2020/21 Q3"]
    assert now == [None] * 4
    assert [risk.id for risk in returned.risks] == ["SOC-1", "SOC-2"]
    assert {f.row: f.value for f in returned.breakdowns if f.column == "Last quarter"}["Arrests"] == 70


# What partners get


def test_partners_get_values_only(demo: Demo, sparse: list[Path]) -> None:
    for path in (demo.partner, sparse[1]):
        book = load_workbook(path)
        assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.comment] == []
        assert not [sheet.title for sheet in book.worksheets if sheet.data_validations.dataValidation]
        with zipfile.ZipFile(path) as parts:
            assert not [name for name in parts.namelist() if "externalLink" in name or "comment" in name.lower()]
            assert b"/tmp" not in b"".join(parts.read(name) for name in parts.namelist())
        assert not book.properties.creator
        assert not book.properties.lastModifiedBy


def test_notes_to_the_coordinator_do_not_reach_partners(demo: Demo) -> None:
    note = "force risk"
    returns = str([_text(sheet) for _, sheet in _sheets([demo.folder / "master.xlsx"]) if sheet.title == "Returns"])
    assert note in returns.lower()
    partner = [_text(sheet) for _, sheet in _sheets([demo.partner])]
    assert not [text for text in partner if "1634" in text]


def _text(sheet: Worksheet) -> str:
    return " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_links_say_where_they_go_and_lead_there(demo: Demo) -> None:
    book = load_workbook(demo.partner)
    links = {
        cell.value: str(cell.hyperlink.location).split("!")[0].strip("'")
        for row in book["Contents"].iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert links == {name: name for name in book.sheetnames[2:]}


def test_text_that_looks_like_a_formula_stays_text(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    assert run_cpxl("init", folder).returncode == 0
    path = folder / "returns" / "2020-21-Q2" / "burglary.xlsx"
    book = load_workbook(demo.folder / "returns" / "2020-21-Q2" / "2020-21-Q2 BURGLARY.xlsx")
    page = book["Burglary and Robbery"]
    row = next(cells[0].row for cells in page.iter_rows() if str(cells[1].value).startswith("Impact on data"))
    assert row is not None
    for offset, text in enumerate(('=HYPERLINK("x")', "+44 cases", "@all", "-", "=1+1"), 1):
        page.cell(row + offset, 1).value = text
        page.cell(row + offset, 1).data_type = "s"
    book.save(path)
    assert run_cpxl("consolidate", "--folder", folder).returncode == 0
    assert run_cpxl("publish", "--folder", folder).returncode == 0
    for written in (folder / "master.xlsx", *(folder / "published").glob("*.xlsx")):
        cells = [c for _, s in _sheets([written]) for row in s.iter_rows() for c in row]
        found = {c.value: c.data_type for c in cells if c.value in ('=HYPERLINK("x")', "=1+1", "+44 cases", "@all")}
        assert found == {'=HYPERLINK("x")': "s", "=1+1": "s", "+44 cases": "s", "@all": "s"}, written

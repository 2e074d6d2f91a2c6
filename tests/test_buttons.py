"""The ribbon's buttons in three spreadsheet programs: LibreOffice, and stand-ins for Excel for Windows and for Mac."""

import re
import shutil
import threading
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from zipfile import ZipFile

import pytest
import xlsxwriter
import xlwings

from cpxl import lock
from cpxl.addin.actions import BUTTONS, press
from cpxl.folder import WorkingFolder
from cpxl.quarters import Quarter
from cpxl.steps import merging
from tests import test_eight_quarters
from tests.command import Demo, run_cpxl
from tests.conftest import long_only, only_excel, only_windows
from tests.engine import App, change, filter_table
from tests.excel_model.manners import IN_A_FILTER, Excel, Refusal
from tests.test_live import Q2, REFERENCE, opened, summary
from tests.test_one_writer import held
from tests.values import edit, place, table, values, with_looks
from tests.work import LONG

SUMMED = ("total", "complete", "ongoing", "at_risk")
FILTERED = ("values", [("=", "Hate Crime")])


def opens(record: Path, path: Path) -> bool:
    """Whether the system was asked to open something, which happens in its own time: minutes mean that it was not."""
    for _ in range(6000):
        if record.exists() and str(path) in record.read_text(encoding="utf-8").splitlines():
            return True
        threading.Event().wait(0.05)
    return False


def program() -> xlwings.App:
    """The spreadsheet program as xlwings has it."""
    running = xlwings.apps.active
    assert running
    return running


def front(app: App, name: str) -> Any:
    """Go to an open workbook."""
    app.books(name).activate()
    return app.books(name)


def test_every_button_in_turn(app: App, begun: WorkingFolder, shown: Path) -> None:
    """Check, Consolidate, Partner workbook, PDF, and back; twice, with everything left open that was opened."""
    returns, published = begun.path / "returns" / Q2, begun.path / "published"
    edit(returns / f"{Q2} HATE.xlsx", "Hate Crime", "Total strands", "2020/21 Q2", 99)
    before, made_of = begun.master.read_bytes(), {}
    opened(begun)
    press("partner")
    assert "has nothing for 2020/21 Q2" in app.alerts[-1]
    for merged in (2, 3):
        front(app, "master.xlsx")
        press("check")
        report = app.books.active
        assert (report.name, Path(report.fullname).parent) == (
            "Check report 2020-21 Q2.xlsx",
            begun.path / "checked" / Q2,
        )
        headings, *lines = table(Path(report.fullname), "Check report", "Strand")
        states = {row[0]: row[headings.index("Return")] for row in lines}
        assert states["Hate Crime"] == ("Rejected" if merged == 2 else "Accepted")

        front(app, "master.xlsx")
        press("consolidate")
        assert f"{merged} merged, 0 missing" in app.alerts[-1]
        press("partner")
        partner = Path(app.books.active.fullname)
        assert partner.parent == published
        made_of[merged] = table(partner, "Executive summary", "Strand")
        if merged == 2:
            edit(returns / f"{Q2} HATE.xlsx", "Hate Crime", "Total strands", "2020/21 Q2", 30)
    assert summary(begun.master) == REFERENCE
    assert made_of[2] != made_of[3]

    front(app, partner.name)
    press("pdf")
    made = partner.with_suffix(".pdf")
    assert made.read_bytes().startswith(b"%PDF")
    assert opens(shown, made)

    front(app, "master.xlsx")
    after = begun.master.read_bytes()
    app.answers = ["no", "yes"]
    press("undo_consolidate")
    assert app.alerts[-1] == "Nothing was done."
    assert begun.master.read_bytes() == after
    press("undo_consolidate")
    assert "takes back 1 merged returns: Hate Crime, 2020/21 Q2" in app.alerts[-2]
    assert app.books.active.fullname == str(begun.master)
    assert "Rejected" in str(values(begun.master, "Returns"))
    assert max(begun.backups.glob("master *")).read_bytes() == after
    assert before in [backup.read_bytes() for backup in begun.backups.glob("master *")]


def test_the_report_and_a_pdf_of_it(app: App, begun: WorkingFolder, shown: Path) -> None:
    """What is not written is said before it is made; Word prints it; without Word it is as it was."""
    merging.consolidate_folder(begun, Quarter(2020, 2))
    opened(begun)
    app.answers = ["no", "yes", "yes", "yes"]
    press("report")
    assert "Still to be written: 1.0 Purpose of Report, 2.0 Recommendations" in app.alerts[-2]
    assert app.alerts[-1].startswith("Nothing was done.")
    assert not begun.published.exists()
    press("report")
    (made,) = begun.published.glob("*.docx")
    assert opens(shown, made)
    press("report_pdf")
    (pdf,) = begun.published.glob("*, report.pdf")
    assert opens(shown, pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    if isinstance(app, Excel):
        assert not app.documents
        app.has_word = False
        pdf.unlink()
        press("report_pdf")
        assert app.alerts[-1].startswith("Word made no PDF of the report (it says: ")
        assert not pdf.exists()
    assert program().books.active.name == "master.xlsx"


@only_windows
def test_a_pdf_is_made_alone(app: App, begun: WorkingFolder, shown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_cpxl("consolidate", "--folder", begun.path).returncode == 0
    assert run_cpxl("publish", "--folder", begun.path).returncode == 0
    (partner,) = (begun.path / "published").glob("*.xlsx")
    program().books.open(str(partner))
    monkeypatch.setattr(lock, "WAIT", 0.1)
    with held(begun.path):
        press("pdf")
    assert "cpxl is at work" in app.alerts[-1]
    assert not partner.with_suffix(".pdf").exists()


def test_a_pdf_is_of_what_was_published(app: App, begun: WorkingFolder, shown: Path) -> None:
    """Corrected since: PDF of the master is of v1.1. What went out as v1.0 stays; if it was changed, it is refused."""
    assert run_cpxl("consolidate", "--folder", begun.path).returncode == 0
    assert run_cpxl("publish", "--folder", begun.path).returncode == 0
    (first,) = begun.published.glob("*.xlsx")
    edit(begun.path / "returns" / Q2 / f"{Q2} HATE.xlsx", "Hate Crime", "Ongoing / In progress", "2020/21 Q2", 16)
    edit(begun.path / "returns" / Q2 / f"{Q2} HATE.xlsx", "Hate Crime", "Complete", "2020/21 Q2", 14)
    assert run_cpxl("consolidate", "--folder", begun.path).returncode == 0
    opened(begun)
    press("pdf")
    assert [said[:47] for said in app.alerts] == ["Nobody says why some figures are revised: publi"]
    (second,) = begun.published.glob("*, v1.1.xlsx")
    assert opens(shown, second.with_suffix(".pdf"))
    assert [next(row for row in summary(path) if row[0] == "Hate Crime")[2] for path in (first, second)] == [15, 14]
    assert [row[1:3] for row in table(begun.master, "Publications", "quarter")[1:]] == [
        ["1.0", "partner workbook"],
        ["1.1", "partner workbook"],
    ]
    first.write_bytes(second.read_bytes())
    program().books.open(str(first))
    press("pdf")
    assert "is not as it was published" in app.alerts[-1]
    assert not first.with_suffix(".pdf").exists()


def test_a_quarter_is_approved(app: App, begun: WorkingFolder) -> None:
    """By a post, in the open master; the partner workbook says by which, and the master's other sheets stay."""
    assert run_cpxl("consolidate", "--folder", begun.path).returncode == 0
    opened(begun)
    was = summary(begun.master)
    app.answers = ["cancel", " ", "Chief Superintendent"]
    press("approve")
    assert len(table(begun.master, "Approvals", "quarter")) == 1
    press("approve")
    assert "name a post" in app.alerts[-1]
    press("approve")
    assert app.alerts[-1].startswith("2020/21 Q2 is approved by Chief Superintendent as it is now.")
    assert [row[:2] for row in table(begun.master, "Approvals", "quarter")[1:]] == [
        ["2020/21 Q2", "Chief Superintendent"]
    ]
    assert summary(begun.master) == was
    press("partner")
    made = Path(app.books.active.fullname)
    assert any(row[0] == "Approved by" and row[1].startswith("Chief Super") for row in values(made, "Cover"))


def test_what_somebody_changed_in_an_open_report_is_not_lost(app: App, begun: WorkingFolder) -> None:
    opened(begun)
    press("check")
    change(app.books.active)
    front(app, "master.xlsx")
    press("check")
    assert "is open with changes that are not saved" in app.alerts[-1]


def test_two_reports_of_one_name_are_no_fault(app: App, begun: WorkingFolder, tmp_path: Path) -> None:
    other = Path(shutil.copytree(begun.path, tmp_path / "other"))
    for folder in (other, begun.path):
        opened(WorkingFolder.open(folder))
        press("check")
        assert app.alerts == []
        assert Path(app.books.active.fullname).is_relative_to(folder)
        program().books["master.xlsx"].close()


def test_where_a_figure_comes_from(app: App, begun: WorkingFolder) -> None:
    """The return is opened at the cell; of a sum, it is said what it is made of, and asked which file is meant."""
    merging.consolidate_folder(begun, Quarter(2020, 2))
    opened(begun)
    was = begun.master.read_bytes()
    select(app, begun, "Executive summary", "Hate Crime", "Complete")
    press("where_from")
    assert (app.alerts, app.books.active.name, app.selected.raw_value) == ([], f"{Q2} HATE.xlsx", 15)
    assert app.books.active.document.isReadonly()
    select(app, begun, "Gangs and Knife Crime", "Knife Crime Offences", "% change")
    press("where_from")
    assert "Knife Crime Offences, 12 months, % change, 2020/21 Q2: " in app.alerts[-1]
    assert app.books.active.name == f"{Q2} GANGS.xlsx"
    assert app.selected.raw_value in (1174, 2405)  # which are both selected, but on a Mac
    for answer, file, value in (("2", f"{Q2} NTE.xlsx", 13), ("4", "", 0), ("cancel", "", 0)):
        select(app, begun, "Executive summary", "Total", "Complete")
        app.answers = [answer]
        press("where_from")
        if file:
            assert "Total: Complete, 2020/21 Q2: 60 = 10 + 22 + 13 + 15" in app.alerts[-2]
            assert f"2: {Q2} NTE, 3: {Q2} HATE" in app.alerts[-1]
            assert (app.books.active.name, app.selected.raw_value) == (file, value)
    assert any("'4' is none of them" in said for said in app.alerts)
    assert app.alerts[-1] == "Nothing was opened."
    select(app, begun, "Executive summary", "Strand", "Complete")
    press("where_from")
    assert "holds no figure that was merged" in app.alerts[-1]
    assert begun.master.read_bytes() == was


def select(app: App, folder: WorkingFolder, sheet: str, label: str, column: str) -> None:
    """Click on a cell of the master, which comes to the front."""
    row, at = place(with_looks(folder.master)[sheet], label, column)
    document = front(app, "master.xlsx").document
    page = document.Sheets.getByName(sheet)
    document.CurrentController.setActiveSheet(page)
    document.CurrentController.select(page.getCellByPosition(at - 1, row - 1))


def test_what_changes_is_said_before_it_is_taken_in(app: App, begun: WorkingFolder) -> None:
    """Nothing is written until the person agrees; then what is said is what has changed since the last time."""
    was = begun.master.read_bytes()
    opened(begun)
    app.takes_in = "no"
    press("consolidate")
    assert app.alerts == ["The returns were not taken in.\n\nNothing was changed."]
    assert "Hate Crime: figures: 44 new; texts: 32 new." in app.previews[-1]
    assert "60 of 108 work strands are complete" in app.previews[-1]
    assert begun.master.read_bytes() == was
    assert not list(begun.backups.glob("master *"))
    app.takes_in = "yes"
    press("consolidate")
    path = begun.path / "returns" / Q2 / f"{Q2} HATE.xlsx"
    edit(path, "Hate Crime", "Complete", "2020/21 Q2", 14)
    edit(path, "Hate Crime", "Ongoing / In progress", "2020/21 Q2", 16)
    press("consolidate")
    assert "Hate Crime: figures: 2 changed." in app.previews[-1]
    assert "2020/21 Q2, Hate Crime: Complete: 15, now 14 (-6.7%)" in app.previews[-1]
    assert next(row for row in summary(begun.master) if row[0] == "Hate Crime")[2] == 14
    said = len(app.previews)
    press("consolidate")
    assert len(app.previews) == said  # nothing changes any more


@long_only
def test_two_more_quarters_by_buttons_alone(app: App, demo: Demo, folder: Path, shown: Path) -> None:
    """In one open master: returns are issued, come back filled in, are checked, merged and handed out; then again.

    The third quarter of a plan has a chart, which nothing draws in an open master: it is made anew, or that is said.
    """
    working = WorkingFolder.open(folder)
    account = test_eight_quarters._the_first_two(working)
    opened(working)
    for quarter in (Quarter(2020, 3), Quarter(2020, 4)) if LONG else (Quarter(2020, 3),):
        app.answers = ["default"]
        front(app, "master.xlsx")
        press("new_quarter")
        assert f"9 returns for {quarter}" in app.alerts[-1]
        for strand in working.settings.strands:
            issued = next(working.issued(quarter).glob(f"* {strand.code}.xlsx"))
            test_eight_quarters._return(working, quarter, strand, issued, account)
        press("check")
        front(app, "master.xlsx")
        app.answers = ["yes" if type(app) is App else "no"]
        press("consolidate")
        assert f"{quarter}: 9 merged, 0 missing, 0 rejected." in app.alerts[-1]
        was_asked = any("New charts are due: 'Domestic Abuse: progress by quarter'" in said for said in app.alerts)
        assert was_asked == (quarter == Quarter(2020, 3))
        is_drawn = "Not drawn: 'Domestic Abuse:" not in app.alerts[-1]
        assert is_drawn == (not was_asked or type(app) is App)
        assert len(vars(with_looks(working.master)["Hate Crime"])["_charts"]) == (type(app) is App)
        app.alerts.clear()
        reported = {row[0]: dict(zip(SUMMED, row[1:], strict=True)) for row in summary(working.master)}
        assert reported == {
            s.name: account.summary(quarter, s.name) or dict.fromkeys(SUMMED) for s in working.settings.strands
        }
        press("partner")
        partner = Path(app.books.active.fullname)
        assert partner.parent == working.published
        assert summary(partner) == summary(working.master)


def test_links_of_the_check_report_open_the_copies(app: App, begun: WorkingFolder) -> None:
    """Even of a file that is named as no link may be."""
    returns = begun.path / "returns" / Q2
    (returns / f"{Q2} HATE.xlsx").rename(returns / "100% back, #2 é.xlsx")
    edit(returns / "100% back, #2 é.xlsx", "Hate Crime", "Total strands", "2020/21 Q2", 99)
    opened(begun)
    press("check")
    sheet = app.books.active.document.Sheets.getByName("Check report")
    cells = [sheet.getCellByPosition(at, row) for row in range(4, 16) for at in range(8)]
    linked = {cell.String: cell.TextFields.getByIndex(0).URL for cell in cells if cell.TextFields.Count}
    assert "100% back, #2 é.xlsx" in linked
    for name, url in linked.items():
        assert Path(unquote(urlparse(url).path)) == begun.path / "checked" / Q2 / name
        assert Path(unquote(urlparse(url).path)).exists()


# Buttons that need no master


def test_settings_log_and_about_need_no_master(app: App, begun: WorkingFolder, shown: Path) -> None:
    press("about")
    assert app.alerts[-1].startswith("cpxl 0.")
    press("settings")
    assert "knows of no working folder yet" in app.alerts[-1]
    opened(begun)
    press("log")
    assert "nothing has been done" in app.alerts[-1]
    assert run_cpxl("issue", "--folder", begun.path).returncode == 0
    press("open_returns")
    assert opens(shown, begun.path / "returns" / Q2)
    program().books["master.xlsx"].close()
    for button, path in (
        ("settings", begun.path / "config.yaml"),
        ("log", begun.path / "cpxl.log"),
        ("backups", begun.path / "backups"),
    ):
        press(button)
        assert opens(shown, path)


def test_the_next_quarter_or_another(app: App, begun: WorkingFolder, shown: Path) -> None:
    opened(begun)
    done: list[str] = []
    for answer, issued in (("cancel", ""), ("soon", ""), ("default", "2020-21-Q3"), ("2021/22 Q1", "2021-22-Q1")):
        app.answers = [answer]
        press("new_quarter")
        done += [issued] if issued else []
        folders = {path.name: path for path in begun.path.glob("issued/*") if len(list(path.iterdir())) == 3}
        assert sorted(folders) == done
        if issued:
            assert "3 returns for" in app.alerts[-1]
            assert opens(shown, folders[issued])
        if answer == "soon":
            assert "'soon' is not a quarter" in app.alerts[-1]


# Workbooks that are no master


def _none(app: App, folder: WorkingFolder) -> None:
    pass


def _another(app: App, folder: WorkingFolder) -> None:
    shutil.copy(folder.master, folder.path / "copy.xlsx")
    app.books.open(str(folder.path / "copy.xlsx"))


def _never_saved(app: App, folder: WorkingFolder) -> None:
    app.books.add()


def _for_reading(app: App, folder: WorkingFolder) -> None:
    app.books.open(str(folder.master), None, True)


def _damaged(app: App, folder: WorkingFolder) -> None:
    book = app.books.add()
    book.save(str(folder.master))


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (_none, "No workbook is open"),
        (_another, "copy.xlsx is not the master"),
        (_never_saved, "has never been saved"),
        (_for_reading, "open for reading only"),
        (_damaged, "is not a master that cpxl wrote"),
    ],
)
def test_a_button_on_what_is_no_master(app: App, begun: WorkingFolder, what: Any, sentence: str) -> None:
    what(app, begun)
    was = begun.master.read_bytes()
    for button in ("consolidate", "partner", "report", "pdf", "undo_consolidate"):
        press(button)
        (said,) = app.alerts
        assert sentence in said or (button == "undo_consolidate" and "There is no backup" in said), button
        assert begun.master.read_bytes() == was
        app.alerts.clear()


def test_a_fault_of_cpxls_own_goes_to_the_log(app: App, begun: WorkingFolder, monkeypatch: Any) -> None:
    monkeypatch.delattr("cpxl.steps.issuing.issue")
    opened(begun)
    app.answers = ["default"]
    press("new_quarter")
    assert f"please send {begun.path / 'cpxl.log'}" in app.alerts[-1]
    assert "Traceback" not in app.alerts[-1]
    assert "AttributeError" in (begun.path / "cpxl.log").read_text(encoding="utf-8")


# What only Excel does


@only_windows
def test_a_cell_that_is_being_typed_in(app: Excel, begun: WorkingFolder) -> None:
    opened(begun)
    app.is_typing = True
    for button in BUTTONS:
        press(button)
        said = app.alerts.pop()
        assert said == "Excel is waiting for a cell to be finished: press Enter or Esc, then click again.", button
        assert app.alerts == []
    app.is_typing = False


@only_windows
def test_protected_view(app: Excel, begun: WorkingFolder) -> None:
    """A return that came by mail is open: behind the master it does not matter, in front it is said."""
    opened(begun)
    app.protected_view = "in front"
    press("check")
    assert "Protected View: click Enable Editing" in app.alerts[-1]
    app.protected_view = "behind"
    press("check")
    assert app.books.active.name.startswith("Check report")


@only_windows
def test_excels_windows_are_left_alone_when_python_ends(app: Excel, begun: WorkingFolder, monkeypatch: Any) -> None:
    """xlwings would end every Excel without an ordinary window: its issue 2456."""
    left_out: list[Any] = []
    monkeypatch.setattr("atexit.unregister", left_out.append)
    press("about")
    assert left_out == [xlwings._xlwindows.cleanup]


@only_excel
def test_excels_own_refusal_is_told_in_its_words(app: Excel, begun: WorkingFolder, monkeypatch: Any) -> None:
    was = begun.master.read_bytes()
    opened(begun)

    def refuse(*_: Any) -> None:
        raise Refusal(IN_A_FILTER)

    monkeypatch.setattr(app, "insert", refuse)
    press("consolidate")
    assert app.alerts[-1].startswith(f"Excel did not do it. It says: {IN_A_FILTER}\n\nNothing was saved")
    assert begun.master.read_bytes() == was


@long_only
@only_excel
@pytest.mark.parametrize("deletes", [True, False])
def test_filters_are_lifted_and_put_back(app: Excel, begun: WorkingFolder, deletes: bool) -> None:
    """Rows come into a filtered table, and then go out of one: what was withdrawn is not there any more."""
    app.deletes_under_filter = deletes
    opened(begun)
    document = app.books.active.document
    narrow(app, "Progress", 1)
    narrow(app, "Delivery", 1)
    app.books.active.save()
    press("consolidate")
    assert "3 merged" in app.alerts[-1]
    assert summary(begun.master) == REFERENCE
    assert showing(begun, "Progress") == showing(begun, "Delivery") == {"Hate Crime"}

    nte = begun.path / "returns" / Q2 / f"{Q2} NTE.xlsx"
    withdrawn = table(begun.master, "Delivery", "quarter")
    gone = next(row[3] for row in withdrawn if row[1] == "Night-time Economy (NTE)" and row[2] == "Achieved")
    book = with_looks(nte)
    for cells in book["Night-time Economy"].iter_rows():
        if cells[0].value == gone:
            for cell in cells[:3]:
                cell.value = None
    book.save(nte)
    press("consolidate")
    assert "3 merged" in app.alerts[-1]
    assert gone not in str(table(begun.master, "Delivery", "quarter"))
    assert showing(begun, "Delivery") == {"Hate Crime"}
    assert not document.isModified()


def narrow(app: App, sheet: str, column: int, conditions: Any = FILTERED) -> None:
    """Filter the table of a data sheet of the workbook in front, as its person does it."""
    found = app.books.active.sheets(sheet)
    filter_table(found.tables(sheet).range, column, conditions)


def showing(folder: WorkingFolder, sheet: str) -> set[Any]:
    """Strands in the rows of a data sheet that no filter hides."""
    page = with_looks(folder.master)[sheet]
    hidden = {n for n, row in page.row_dimensions.items() if row.hidden}
    rows = list(page.iter_rows(5))
    assert hidden
    return {row[1].value for row in rows if row[0].row not in hidden and row[1].value}


@only_excel
def test_a_filter_that_could_not_be_put_back(app: Excel, begun: WorkingFolder) -> None:
    opened(begun)
    narrow(app, "Progress", 1)
    app.books.active.save()
    program().books["master.xlsx"].close()
    swap(begun.master, b"<filters", b'<colorFilter dxfId="0"/><!--', b"</filters>", b"-->")
    was = begun.master.read_bytes()
    opened(begun)
    press("consolidate")
    assert "'Progress' has a filter that cpxl could not put back" in app.alerts[-1]
    assert "Nothing was changed" in app.alerts[-1]
    assert begun.master.read_bytes() == was


def swap(path: Path, *pairs: bytes) -> None:
    """Exchange bytes in the parts of a workbook's sheets and tables."""
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, part in parts.items():
        if "/tables/" in name or "/worksheets/" in name:
            for old, new in zip(pairs[::2], pairs[1::2], strict=True):
                part = part.replace(old, new)
        parts[name] = part
    _zip(path, parts)


def _zip(path: Path, parts: dict[str, bytes]) -> None:
    with ZipFile(path, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)


# What a sheet is protected against, and what is in front


@long_only
def test_a_protection_is_put_back_as_it_was(app: App, begun: WorkingFolder) -> None:
    """Whatever the coordinator allows on a strand's sheet is allowed again."""
    against = b'sheet="1" objects="1" formatCells="0" sort="0" autoFilter="0" selectLockedCells="1"'
    swap(begun.master, b'sheet="1" objects="1" scenarios="1" formatColumns="0" formatRows="0" insertRows="0"', against)
    opened(begun)
    press("consolidate")
    assert "3 merged" in app.alerts[-1]
    told = {re.sub("([A-Z])", r"_\1", word).lower().lstrip("_"): v for word, v in app.protections["Hate Crime"].items()}
    allowed = {word for word, value in told.items() if word.startswith("allow_") and value}
    assert allowed == {"allow_formatting_cells", "allow_sorting", "allow_filtering"}
    assert (told["drawing_objects"], told["scenarios"]) == (True, False)
    assert told["enable_selection"] in (1, "unlocked_cells")
    assert app.books.active.document.Sheets.getByName("Hate Crime").isProtected()


@long_only
def test_a_hidden_summary_stays_hidden(app: App, begun: WorkingFolder) -> None:
    opened(begun)
    document = app.books.active.document
    document.CurrentController.setActiveSheet(document.Sheets.getByName("Insights"))
    document.Sheets.getByName("Executive summary").IsVisible = False
    app.books.active.save()
    press("consolidate")
    assert "3 merged" in app.alerts[-1]
    assert not document.Sheets.getByName("Executive summary").IsVisible


@long_only
def test_a_chart_sheet_in_front(app: App, begun: WorkingFolder, shown: Path) -> None:
    """No button needs a worksheet in front, and the chart sheet is still there when all is done."""
    with_a_chart_sheet(begun.master)
    opened(begun)
    for button in ("check", "consolidate", "partner", "pdf"):
        front(app, "master.xlsx")
        document = app.books.active.document
        document.CurrentController.setActiveSheet(document.Sheets.getByName("My chart"))
        press(button)
    merged, again = app.alerts
    assert "3 merged" in merged
    assert again == "Nothing has changed since v1.0."
    assert summary(begun.master) == REFERENCE
    assert "My chart" in with_looks(begun.master).sheetnames


def with_a_chart_sheet(path: Path) -> None:
    """Put a chart sheet, as XlsxWriter makes one, behind the sheets of a workbook, of which nothing else changes."""
    made = BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet("Progress")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Progress!$E$5:$E$14"})
        book.add_chartsheet("My chart").set_chart(chart)
    with ZipFile(made) as package:
        new = {name: package.read(name) for name in package.namelist() if re.search("chart|drawing", name)}
    names = {name: name.replace("1.", "901.") for name in new}
    kinds = {"chartsheets/": "chartsheet+xml", "drawings/d": "drawing+xml", "charts/": "drawingml.chart+xml"}
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, data in new.items():
        for target in ("drawing1.xml", "chart1.xml"):
            data = data.replace(target.encode(), target.replace("1.", "901.").encode())
        parts[names[name]] = data
    office = "application/vnd.openxmlformats-officedocument."
    for name in names.values():
        if kind := next((kind for folder, kind in kinds.items() if folder in name and "_rels" not in name), ""):
            kind = kind if "drawingml" in kind else {"drawing+xml": kind}.get(kind, f"spreadsheetml.{kind}")
            told = f'<Override PartName="/{name}" ContentType="{office}{kind}"/></Types>'
            parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", told.encode())
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chartsheet"
    for part, end, told in (
        ("xl/workbook.xml", "</sheets>", '<sheet name="My chart" sheetId="901" r:id="rId901"/>'),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="rId901" Type="{relation}" Target="chartsheets/sheet901.xml"/>',
        ),
    ):
        parts[part] = parts[part].replace(end.encode(), f"{told}{end}".encode())
    _zip(path, parts)


# OneDrive


@pytest.fixture
def in_onedrive(app: Excel, begun: WorkingFolder, monkeypatch: pytest.MonkeyPatch) -> str:
    """The master at an address, and its copy in the working folder, as with AutoSave."""
    monkeypatch.setenv("OneDriveCommercial", str(begun.path.parent))
    address = f"https://essex-my.sharepoint.com/personal/post/Documents/{begun.path.name}/master.xlsx"
    app.addresses["master.xlsx"] = address
    return address


@long_only
@only_windows
def test_a_master_in_onedrive(app: Excel, begun: WorkingFolder, in_onedrive: str) -> None:
    opened(begun)
    press("consolidate")
    assert "3 merged" in app.alerts[-1]
    assert f"The file that was worked on is {begun.master}." in app.alerts[-1]
    assert summary(begun.master) == REFERENCE


@only_windows
def test_a_master_that_onedrive_has_not_brought_here_yet(app: Excel, begun: WorkingFolder, in_onedrive: str) -> None:
    opened(begun)
    sheet = app.books.active.document.Sheets.getByName("Executive summary")
    sheet.getCellByPosition(12, 30).String = "typed, and saved at the address only"
    app.books.active.document.setModified(False)
    was = begun.master.read_bytes()
    press("consolidate")
    assert "OneDrive has not brought the last changes of master.xlsx" in app.alerts[-1]
    assert begun.master.read_bytes() == was


@only_excel
def test_a_master_at_an_address_that_is_not_here(app: Excel, begun: WorkingFolder, monkeypatch: Any) -> None:
    monkeypatch.delenv("OneDriveCommercial", raising=False)
    app.addresses["master.xlsx"] = "https://essex.sharepoint.com/sites/strategy/Documents/master.xlsx"
    opened(begun)
    for button in ("consolidate", "partner", "pdf"):
        press(button)
        assert "was opened from the web" in app.alerts[-1]
    assert not begun.published.exists()

"""The report in Word: all of the published one that is no narrative; what a person typed in it stays text."""

import json
import re
import shutil
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cpxl.account import Account, account
from cpxl.folder import WorkingFolder
from cpxl.layout.blocks import Block, Chart, Column, Kind, Row, Series, Shape
from cpxl.layout.parts import Figure
from cpxl.layout.report import paragraphs
from cpxl.master.file import read_master
from cpxl.model import ReportText
from cpxl.report.drawings import drawing
from cpxl.report.plain import NOT_XML
from cpxl.report.word import document as made
from cpxl.resources import resource
from cpxl.theme import REPORT_TEMPLATE, shipped
from cpxl.workbooks.untrusted import LARGEST_FILE
from tests.command import Demo, run_here
from tests.office import validation_errors
from tests.work import LONG

SECTIONS = (
    "1.0 Purpose of Report",
    "2.0 Recommendations",
    "3.0 Executive Summary",
    "3.1 Dashboard summary",
    "3.2 Strands at risk",
    "3.3 Delivery/challenges by exception",
    "3.3.1 Covid recovery",
    "3.3.2 Unlicensed Music Events (UME)",
    "4.0 Crime Prevention Strategy 2021-25 progress",
    "5.0 Thematic Strand Updates",
    "5.1 Domestic Abuse - Thematic lead: Chief Superintendent",
    "5.2 Gangs and Knife Crime - Thematic lead: Detective Superintendent",
    "5.3 Night-Time Economy - Thematic lead: T/ Chief Superintendent",
    "5.4 Child Sexual Abuse and Exploitation - Thematic lead: T/Detective Chief Superintendent",
    "5.5 Extremism and Radicalisation - Thematic lead: Superintendent",
    "5.6 Hate Crime - Thematic lead: Detective Superintendent",
    "5.7 Digital Crime and Fraud - Thematic lead: DCI",
    "5.8 House Burglary and Street Robbery - Thematic lead: Chief Superintendent",
    "5.9 Serious and Organised Crime - Thematic lead: D/Ch/Inspector",
    "6.0 Implications (Issues)",
    "6.1 Links to Police and Crime Plan Priorities",
    "6.2 Demand",
    "6.3 Risks/Mitigation",
    "6.4 Equality and/or Human Rights Implications",
    "6.5 Health and Safety Implications",
    "7.0 Consultation/Engagement",
    "8.0 Actions for Improvement",
    "9.0 Future Work/Development and Expected Outcome",
    "Appendix",
)


def report_of(folder: Path) -> Path:
    """The one that was published last."""
    return max((folder / "published").glob("*.docx"))


def headings(document: Any) -> list[str]:
    return [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]


def under(document: Any) -> Iterator[tuple[str, Any]]:
    """Everything in a document, each with the numbered heading that it stands below."""
    heading = ""
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph) and item.text in SECTIONS:
            heading = item.text.split(" - ")[0]
        yield heading, item


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def tables(document: Any, heading: str) -> list[list[list[str]]]:
    return [cells(item) for of, item in under(document) if of == heading and isinstance(item, Table)]


def number(text: str) -> float | str | None:
    if text in ("", "N/A"):
        return text or None
    return float(re.sub(r"[,+£%]| kg$| hours$", "", text))


@pytest.fixture(scope="module")
def document(demo: Demo) -> Any:
    assert demo.says["outputs"]["report"] == str(report_of(demo.folder))
    return Document(str(report_of(demo.folder)))


def test_it_has_every_section_of_the_published_report(document: Any) -> None:
    found = headings(document)
    numbered = [text for text in found if re.match(r"\d", text) or text == "Appendix"]
    assert tuple(numbered) == SECTIONS
    assert "[" not in "".join(found)


PUBLISHED = yaml.safe_load((Path(__file__).parent / "data" / "published_q2_2020_21.yaml").read_text(encoding="utf-8"))
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
CAPTIONS = {
    "quarterly": "This quarter against last",
    "against_same_quarter_last_year": "This quarter against the same quarter last year",
    "against_last_month": "September 2020 against August 2020",
    "against_same_month_last_year": "September 2020 against September 2019",
    "one_off": "This quarter alone",
}
RENAMED = {"Gangs/ County Lines": "Gangs / County Lines"}


def strand_titles() -> list[tuple[str, str]]:
    below = [heading.split(" - ")[0] for heading in SECTIONS if re.match(r"5\.[1-9]", heading)]
    return list(zip(PUBLISHED["strands"], below, strict=True))


def test_the_summary_is_that_of_the_published_report(document: Any) -> None:
    (heading, *rows) = tables(document, "3.1 Dashboard summary")[0]
    assert heading[:5] == ["Strand", "Total", "Complete", "Ongoing / In progress", "At risk"]
    found = {row[0]: [number(text) for text in row[1:5]] for row in rows}
    found["Total (computed)"] = found.pop("Total")
    assert found == PUBLISHED["executive_summary"]


@pytest.mark.parametrize(("strand", "title"), strand_titles(), ids=lambda text: text.split()[0])
def test_figures_of_a_strand_are_those_of_the_published_report(document: Any, strand: str, title: str) -> None:
    figures = PUBLISHED["strands"][strand]
    rows = {row[0]: row[1:] for table in tables(document, title) for row in table[1:]}
    for plan, grid in figures.get("plans", {}).items():
        captions = [item for of, item in under(document) if of == title]
        at = next(n for n, item in enumerate(captions) if getattr(item, "text", "") == RENAMED.get(plan, plan))
        found = {row[0]: [number(text) for text in row[1:-1]] for row in cells(captions[at + 1])[1:]}
        assert found == grid
    for measure, (before, now, difference, percent) in figures.get("rolling_12", {}).items():
        found_before, found_now, found_difference, found_percent = map(number, rows[measure])
        assert (found_before, found_now) == (before, now)
        assert difference in (None, found_difference)
        assert percent is None or number(percent) == found_percent
    compared = {CAPTIONS[key]: figures.get(key, {}) for key in CAPTIONS}
    for name, breakdown in {**compared, **figures.get("breakdowns", {})}.items():
        if not breakdown:
            continue
        captions = [item for of, item in under(document) if of == title]
        at = next(n for n, item in enumerate(captions) if getattr(item, "text", "") == name)
        lines = {row[0]: row[1:] for row in cells(captions[at + 1])[1:]}
        for row, values in breakdown.items():
            assert [as_kept(text) for text in lines[row][: len(values)]] == values, (name, row)


def as_kept(text: str) -> float | str | None:
    """A printed figure as the master has it: a percentage as a share."""
    if not text:
        return None
    value = number(text)
    return round(value / 100, 6) if text.endswith("%") and isinstance(value, float) else value


def test_risks_are_numbered_in_the_published_order(document: Any) -> None:
    (_, *rows) = tables(document, "3.2 Strands at risk")[0]
    gangs, soc = "Gangs and Knife Crime", "Serious and Organised Crime"
    assert [(row[0], row[1]) for row in rows] == [("1", gangs), ("2", soc), ("3", soc)]
    for (_, strand, said, *_), word in zip(rows, ("community", "organised crime groups", "industry"), strict=True):
        assert word in said
        (title,) = [title for name, title in strand_titles() if name == strand]
        assert said.split(".")[0] in " ".join(getattr(item, "text", "") for of, item in under(document) if of == title)


# What Word and those who do not see the page need


def test_word_can_tell_what_is_what(demo: Demo, document: Any) -> None:
    assert document.core_properties.title == "Crime Prevention Strategy 2018-21: progress to 2020/21 Q2"
    assert (document.core_properties.language, document.core_properties.author) == ("en-GB", "")
    section = document.sections[0]
    assert section.header.paragraphs[0].text == "OFFICIAL"
    assert "OFFICIAL" in section.footer.paragraphs[0].text
    parts = zipfile.ZipFile(report_of(demo.folder))
    codes = b"".join(parts.read(name) for name in parts.namelist() if name.startswith("word/footer"))
    assert b" PAGE " in codes
    assert b" NUMPAGES " in codes
    body = parts.read("word/document.xml").decode("utf-8")
    assert 'TOC \\o "1-2"' in body
    assert body.count("<w:tbl>") == body.count("<w:tblHeader/>") == body.count("<w:tblDescription ")
    drawings = re.findall(r"<wp:docPr [^>]*>", body)
    assert drawings
    assert all(re.search(r'descr="[^"]{40,}"', drawing) for drawing in drawings)
    assert str(demo.folder).encode() not in b"".join(map(parts.read, parts.namelist()))


def test_a_short_table_stays_on_one_page(document: Any) -> None:
    dashboard, risks, *_ = document.tables[1:]
    for table, kept in ((dashboard, len(dashboard.rows) - 1), (risks, 1)):
        stays = [all(p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs) for row in table.rows]
        assert stays == [at < kept for at in range(len(table.rows))]


def test_the_contents_lead_to_every_section(document: Any) -> None:
    entries = [p for p in document.paragraphs if p.style.name.casefold().startswith("toc ")]
    wanted = [text for text in SECTIONS if not re.match(r"3\.3\.", text)]
    assert [entry.text.split("\t")[0] for entry in entries] == wanted
    marks = set(document.element.xpath("//w:bookmarkStart/@w:name"))
    assert {link for entry in entries for link in entry._p.xpath(".//w:hyperlink/@w:anchor")} <= marks


@pytest.mark.usefixtures("validator")
def test_microsofts_validator_finds_nothing_wrong(demo: Demo) -> None:
    assert validation_errors([report_of(demo.folder)]) == []


# Texts


@pytest.fixture
def folder(few: Path) -> Path:
    return few


def text_sheet(folder: Path) -> Any:
    return load_workbook(folder / "master.xlsx")["Report text"]


def write(folder: Path, *rows: tuple[str | None, str | None, str | None]) -> None:
    """Type rows below what stands on the sheet 'Report text'."""
    book = load_workbook(folder / "master.xlsx")
    page = book["Report text"]
    top = next(cell.row for cell in page["A"] if cell.value == "Section")
    free = next(
        row for row in range(top + 1, page.max_row + 2) if not any(page.cell(row, at).value for at in (1, 2, 3))
    )
    for at, row in enumerate(rows, free):
        for column, value in enumerate(row, 1):
            page.cell(at, column).value = value
            page.cell(at, column).data_type = "s" if value is not None else "n"
    book.save(folder / "master.xlsx")


def command(*words: object, exits: int = 0) -> Any:
    done = run_here(*words, "--json")
    assert done.exits == exits, done.error or done.out
    return json.loads(done.out)


def paragraphs_below(folder: Path, heading: str) -> list[str]:
    document = Document(str(report_of(folder)))
    found = [item.text for of, item in under(document) if of == heading and isinstance(item, Paragraph)]
    return found[1:]


def test_what_is_typed_is_kept_and_printed(folder: Path) -> None:
    write(folder, ("6.2", "A first paragraph.", None), (None, "- one\n- two", "Heads up"))
    command("consolidate", "--folder", folder)
    command("consolidate", "--folder", folder)
    command("report", "--folder", folder)
    assert paragraphs_below(folder, "6.2 Demand") == ["A first paragraph.", "Heads up", "one", "two"]
    rows = list(load_workbook(folder / "master.xlsx")["Report text by quarter"].values)
    assert ("2020/21 Q2", "Demand", None, "A first paragraph.") in [row[:4] for row in rows]


def test_figures_in_texts_are_those_of_the_tables(folder: Path) -> None:
    said = "{complete} of {total}, {at_risk} at risk, {Change: knife crime  offences}, {share:Hate Crime}"
    said += ", {percent:NTE Offences}"
    write(folder, ("Demand", said, None))
    command("report", "--folder", folder)
    assert "60 of 108, 1 at risk, +1,231, 50.0%, -16.4%" in paragraphs_below(folder, "6.2 Demand")


def test_standing_text_comes_back_and_that_of_a_quarter_is_asked_for(demo: Demo, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(demo.folder, tmp_path / "folder"))  # in which everything is written
    assert command("report", "--folder", folder)["unwritten"] == []
    command("issue", "-q", "2020/21 Q3", "--folder", folder)
    command("consolidate", "-q", "2020/21 Q3", "--folder", folder)
    shown = [[cell.value for cell in row[:3]] for row in text_sheet(folder).iter_rows()]
    texts = {row[0]: row[1] for row in shown if row[0]}
    assert texts["1.0 Purpose of Report"]
    assert texts["2.0 Recommendations"] is None
    assert any("Still to be written for 2020/21 Q3: 2.0 Recommendations, 4.0" in str(row[0]) for row in shown)


ODD = (
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{_{ a }_}",
    "<w:p/>",
    "&amp;",
    "=1+1",
    "{ DATE }",
    "a\x0bb",
    "{#c#}",
    "]]>",
    "\u202e",
)
odd = st.lists(st.sampled_from(ODD) | st.text(max_size=8), min_size=1, max_size=4).map(lambda p: f"x{''.join(p)}")


@dataclass(repr=False)
class Known:
    """A folder, and what its master says."""

    folder: WorkingFolder
    account: Account

    def made_with(self, text: str) -> bytes:
        said = replace(self.account, texts=(ReportText(self.account.quarter, "Demand", text, f"{text}\nlast"),))
        return made(said, date(2020, 11, 16), self.folder.own_or_ours(REPORT_TEMPLATE, LARGEST_FILE), self.folder.theme)

    @cached_property
    def fields(self) -> int:
        """How many fields of Word's stand in it with a text that is plain."""
        return body_of(self.made_with("plain")).count("<w:instrText")


@pytest.fixture(scope="module")
def known(settled: Path) -> Known:
    folder = WorkingFolder.open(settled)
    master = read_master(folder).master
    return Known(folder, account(master, master.quarter, folder.settings))


def body_of(data: bytes) -> str:
    return zipfile.ZipFile(BytesIO(data)).read("word/document.xml").decode("utf-8")


def spaced(text: str) -> str:
    return " ".join(NOT_XML.sub("\ufffd", text.replace("\r", "\n")).split())


@settings(max_examples=200 if LONG else 10)
@given(text=odd)
def test_what_a_person_typed_stays_text(known: Known, text: str) -> None:
    data = known.made_with(text)
    found = [item for of, item in under(Document(BytesIO(data))) if of == "6.2 Demand"][1:]
    assert [spaced(p.text) for p in found] == [spaced(text), *(spaced(p.text) for p in paragraphs(f"{text}\nlast"))]
    assert body_of(data).count("<w:instrText") == known.fields


def test_a_blank_cell_is_no_point_of_a_chart() -> None:
    """What is not known is not 0: in Word, which shows what a chart was made with, either."""
    columns = [Column("month", "Month"), Column("about", ""), Column("count", "Count", Kind.COUNT)]
    rows: list[Row] = [{"month": f"Month {n}", "count": None if n == 2 else n} for n in range(4)]
    line = Series("Count", lambda here: here.column("count"), "now")
    chart = Chart(
        "figures", Shape.MONTHS, "Counts", "What they are", lambda here: here.column("month"), [line], "Count"
    )
    document: Any = Document()
    drawing(Figure(Block("figures", "Figures", columns, rows), chart), 1, document.part, shipped(), date(2020, 11, 16))
    (part,) = [part for part in document.part.package.iter_parts() if "/charts/" in part.partname]
    values = re.search(rb"<c:numCache>.*?</c:numCache>", part.blob, re.DOTALL)
    assert values
    assert b'<c:dispBlanksAs val="gap"/>' in part.blob
    assert re.findall(rb'idx="(\d)"><c:v>(\d)<', values[0]) == [(b"0", b"0"), (b"1", b"1"), (b"3", b"3")]


# A template of somebody's own


def edited(change: Callable[[Any], None]) -> bytes:
    document = Document(str(resource(REPORT_TEMPLATE)))
    change(document)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def retype(old: str, new: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        (paragraph,) = [p for p in document.paragraphs if p.text == old]
        paragraph.text = new

    return change


def test_a_template_decides_on_fonts_and_order(folder: Path) -> None:
    def change(document: Any) -> None:
        document.styles["Heading 1"].font.name = "Georgia"
        picture = document.paragraphs[0].insert_paragraph_before().add_run()
        picture.add_picture(BytesIO(PNG))
        retype("{%p for section in sections %}", "{%p for section in sections|reverse %}")(document)

    (folder / REPORT_TEMPLATE).parent.mkdir(exist_ok=True)
    (folder / REPORT_TEMPLATE).write_bytes(edited(change))
    command("report", "--folder", folder)
    printed: Any = Document(str(report_of(folder)))
    first, *_ = [p for p in printed.paragraphs if p.style.name.startswith("Heading")]
    assert (first.text, first.style.font.name) == ("Appendix", "Georgia")
    assert len(printed.inline_shapes) >= 1


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{{ sectoin.label }}", "sectoin"),
        ("{{ section.label", "section.label"),
        ("{%p endif %}", "{%"),
        ("{{ section.label.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_broken_template_is_one_sentence(folder: Path, new: str, said: str) -> None:
    def change(document: Any) -> None:
        paragraph = next(p for p in document.paragraphs if p.text == "{{ section.label }}")
        paragraph.text = new

    (folder / REPORT_TEMPLATE).parent.mkdir(exist_ok=True)
    (folder / REPORT_TEMPLATE).write_bytes(edited(change))
    before = report_of(folder).read_bytes()
    done = run_here("report", "--folder", folder)
    assert (done.exits, done.error.count("\n")) == (2, 1)
    assert "board_report.docx" in done.error
    assert said in done.error
    assert report_of(folder).read_bytes() == before


def test_a_template_that_is_no_document_is_refused(folder: Path) -> None:
    (folder / REPORT_TEMPLATE).parent.mkdir(exist_ok=True)
    (folder / REPORT_TEMPLATE).write_bytes(b"PK")
    done = run_here("report", "--folder", folder)
    assert done.exits == 2
    assert "board_report.docx" in done.error


# What the coordinator wrote, and what the figures say


SLIPS = {
    "report-placeholder-unknown": ["{complet} strands", "{change:Knife crime}", "{nothing:}{x:y}"],
    "report-says-no-risks": [
        "No risks identified.",
        "There are no strands at risk.",
        "No known risks",
        "Nothing is at risk.",
    ],
    "report-change-wrong": [
        "August was 3,367 versus 2,895 in September, a 474 reduction in incidents.",
        "August 2020 was 3,367 versus 2,895 in September, this represents a 474 reduction.",
        "It went from 98 in the first quarter to 64 in the second, 35 fewer.",
        "It fell from 98 to 64, down by 35.",
    ],
    "email-address": ["Ask somebody@example.org."],
    "report-section-unknown": ["Lost."],
}
SOUND = [
    "{complete} of {total}; {AT_RISK} at risk. {{ x }} and {a b} and {} are no placeholders.",
    "No Health and Safety Risks identified. No risk to health. Risks are in section 3.2; no others were reported.",
    "August was 3,367 versus 2,895 in September, a 472 reduction. From 98 to 64 (34 fewer), and 2 more came.",
    "From 3,367 to 2,895 (472 fewer) and from 2,517 to 2,225 (292 fewer). Up by 12% against 5.5% of 64.",
]


def test_slips_in_texts_are_told_with_their_cells_and_what_holds_is_not(folder: Path) -> None:
    slips = [(rule, text) for rule, texts in SLIPS.items() for text in texts]
    lost = "report-section-unknown"
    rows = [("12.0 Lost" if rule == lost else "6.3", text, None) for rule, text in [*slips, *(("", t) for t in SOUND)]]
    write(folder, *rows)
    for words, key in ((["report"], "findings"), (["consolidate"], "master_findings")):
        found = command(*words, "--folder", folder)[key]
        assert {(one["sheet"], one["severity"]) for one in found} == {("Report text", "warning")}
        sheet = text_sheet(folder)  # where they stand now
        said = [(one["rule"], str(sheet[one["cell"]].value).replace("12.0 Lost", "Lost.")) for one in found]
        assert sorted(said) == sorted(slips), words


def test_a_text_above_the_marking_goes_nowhere(folder: Path) -> None:
    write(folder, ("Demand", "OFFICIAL-SENSITIVE: the plan.", None))
    for words in (["report"], ["publish"]):
        done = run_here(*words, "--folder", folder)
        assert done.exits == 2
        assert "Report text" in done.error or "marking" in done.error

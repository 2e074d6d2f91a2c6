"""What leads write beside the form's cells, or so that nobody sees it: each habit gives its finding on today's form."""

import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from cpxl.account.strand import strand_account
from cpxl.config import load
from cpxl.forgive import says_nothing, serial_date
from cpxl.layout.form import return_workbook
from cpxl.model import (
    ACHIEVED,
    QUARTERLY,
    ROLLING,
    SCHEDULED,
    BreakdownFigure,
    Checked,
    DeliveryItem,
    Finding,
    Master,
    Measure,
    Progress,
    Risk,
)
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.checks import check_all
from cpxl.returns.read import read_return
from cpxl.theme import shipped
from cpxl.workbooks.annotate import annotate
from cpxl.workbooks.shown import is_shown, is_text_shown
from cpxl.workbooks.write import to_bytes
from tests.values import place

SETTINGS = load(resource("config.yaml"))
NOW = Quarter(2020, 2)
HATE = "Hate Crime"
STRAND = next(strand for strand in SETTINGS.strands if strand.name == HATE)
FIGURES = {"Total strands": 30, "Complete": 15, "Ongoing / In progress": 14, "At risk": 1}
TEXT = "Do not publish this figure yet"


@pytest.fixture(scope="module")
def sound() -> bytes:
    """A return of today's form, filled in, of which nothing is to be said."""
    about: dict[str, Any] = {"quarter": NOW, "strand": HATE}
    measures = STRAND.measures
    filled_in = Master(
        NOW,
        progress=tuple(Progress(**about, plan=HATE, status=s, value=v) for s, v in FIGURES.items()),
        measures=tuple(
            Measure(**about, measure=name, period=period, previous=3000, current=3010)
            for period, names in ((ROLLING, measures.rolling_12_months), (QUARTERLY, measures.quarterly))
            for name in names
        ),
        breakdowns=tuple(
            BreakdownFigure(**about, breakdown=b.name, row=row, column=column, value=0)
            for b in STRAND.breakdowns
            for row in b.every_row
            for column in b.columns
        ),
        risks=(Risk(**about, id=None, description="Training", action="Online", response="Treat", level="Low"),),
        delivery=(
            DeliveryItem(**about, kind=ACHIEVED, activity="Campaign", impact="More is reported"),
            DeliveryItem(**about, kind=SCHEDULED, activity="Survey", impact="More trust", when="March 2021"),
        ),
    )
    return to_bytes(return_workbook(SETTINGS, strand_account(filled_in, NOW, STRAND, SETTINGS)), shipped())


def check(data: bytes, tmp_path: Path, name: str = "return.xlsx") -> Checked:
    path = tmp_path / name
    path.write_bytes(data)
    return check_all([read_return(path, SETTINGS)], SETTINGS, NOW)[0]


def said(data: bytes, tmp_path: Path, name: str = "return.xlsx") -> list[tuple[str, str, str]]:
    """The rule, the sheet and the cells of each finding."""
    return [(f.rule, f.sheet, f.cell) for f in check(data, tmp_path, name).findings]


def edited(data: bytes, edit: Callable[[Any, Any], object]) -> bytes:
    """The return after something was done to it: to the workbook and to the strand's sheet, with openpyxl."""
    book = load_workbook(BytesIO(data), rich_text=True)
    edit(book, book[HATE])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_parts(data: bytes, more: Mapping[str, str]) -> bytes:
    """The return with more parts."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, text in more.items():
            new.writestr(name, text)
    return stream.getvalue()


def with_edited(data: bytes, part: str, edit: Callable[[str], str]) -> bytes:
    """The return with one part edited."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, edit(text.decode()).encode() if name == part else text)
    return stream.getvalue()


RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(kind: str, target: str, of: str = "worksheets/_rels/sheet2.xml.rels") -> dict[str, str]:
    """The part that leads from the strand's sheet, or another part, to a part of that kind."""
    kind = kind if "/" in kind else f"{RELATED}/{kind}"
    relation = f'<Relationship Id="rId9" Type="{kind}" Target="{target}"/>'
    name = f"{RELATED.replace('officeDocument', 'package')}"
    return {f"xl/{of}": f'<Relationships xmlns="{name}">{relation}</Relationships>'}


def drawing(inside: str) -> dict[str, str]:
    """A drawing on the strand's sheet, from C4 on."""
    anchor = "<xdr:from><xdr:col>2</xdr:col><xdr:row>3</xdr:row></xdr:from><xdr:to><xdr:col>8</xdr:col></xdr:to>"
    xml = f'<xdr:wsDr xmlns:xdr="x" xmlns:a="a"><xdr:twoCellAnchor>{anchor}{inside}</xdr:twoCellAnchor></xdr:wsDr>'
    return {"xl/drawings/drawing1.xml": xml, **related("drawing", "../drawings/drawing1.xml")}


BOX = (
    f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{TEXT[:6]}'
    f"</a:t></a:r><a:r><a:t>{TEXT[6:]}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
)
THREADED = (
    '<ThreadedComments xmlns="t"><threadedComment ref="C25" id="1" personId="2"><text>Do not publish</text>'
    '</threadedComment><threadedComment ref="C25" id="3" parentId="1"><text>this figure yet</text></threadedComment>'
    "</ThreadedComments>"
)
NOTE_BESIDE = (
    '<comments xmlns="m"><authors><author>tc=1</author></authors><commentList><comment ref="C25" authorId="0"><text>'
    "<t>[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; however, any edits to it "
    "will get removed.\n\nComment:\n    Do not publish</t></text></comment></commentList></comments>"
)
VML = (
    '<xml xmlns:v="v"><v:shape type="#t"><v:textbox><div>Do not <b>publish</b></div></v:textbox></v:shape>'
    '<v:shape type="#n"><v:textbox><div>a note</div></v:textbox><x:ClientData ObjectType="Note"/></v:shape></xml>'
)


def test_a_sound_return_has_none_of_these_findings(sound: bytes, tmp_path: Path) -> None:
    assert said(sound, tmp_path) == []


# Beside the cells


def test_a_note_on_a_cell(sound: bytes, tmp_path: Path) -> None:
    def edit(book: Any, page: Any) -> None:
        page.cell(*place(page, "Complete", str(NOW))).comment = Comment(TEXT, "lead")
        book["Guidance"]["B4"].comment = Comment("Too long", "lead")

    found = check(edited(sound, edit), tmp_path).findings
    assert [(f.rule, f.severity, f.sheet) for f in found] == [
        ("comment-on-a-cell", Finding.WARNING, "Guidance"),
        ("comment-on-a-cell", Finding.WARNING, HATE),
    ]
    assert f"'{TEXT}'" in found[1].message


def test_a_threaded_comment_is_said_once_with_its_replies(sound: bytes, tmp_path: Path) -> None:
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    relations = related("comments", "../comments1.xml")
    (name,) = relations
    both = relations[name].replace("</Rel", f'<Relationship Id="r" Type="{kind}" Target="/xl/threaded1.xml"/></Rel', 1)
    parts = {"xl/comments1.xml": NOTE_BESIDE, "xl/threaded1.xml": THREADED, name: both}
    (found,) = check(with_parts(sound, parts), tmp_path).findings
    assert (found.rule, found.cell) == ("comment-on-a-cell", "C25")
    assert found.message.count("Do not publish") == 1
    assert "'this figure yet'" in found.message
    (alone,) = check(with_parts(sound, {**parts, **relations}), tmp_path).findings
    assert alone.message.endswith("C25 'Do not publish'.")


@pytest.mark.parametrize(
    ("inside", "rule", "words"),
    [
        (BOX, "text-box", f"'{HATE}' C4 '{TEXT}'"),
        (f"<xdr:grpSp><xdr:grpSp>{BOX}</xdr:grpSp></xdr:grpSp>", "text-box", f"C4 '{TEXT}'"),
        ("<xdr:cxnSp/>", "picture-or-drawing", "a line on"),
        ("<xdr:sp/>", "picture-or-drawing", "a shape on"),
        ('<xdr:pic><xdr:cNvPr descr="The map"/></xdr:pic>', "picture-or-drawing", "a picture 'The map'"),
    ],
    ids=["text box", "in a group", "line", "shape", "picture"],
)
def test_what_is_drawn_on_a_sheet(sound: bytes, tmp_path: Path, inside: str, rule: str, words: str) -> None:
    (found,) = check(with_parts(sound, drawing(inside)), tmp_path).findings
    assert (found.rule, found.sheet, found.cell) == (rule, HATE, "C4")
    assert words in found.message


def test_a_diagram_a_chart_and_a_text_box_of_the_old_kind(sound: bytes, tmp_path: Path) -> None:
    texts = '<d xmlns:a="a"><a:p><a:t>Do not</a:t></a:p><a:p><a:t>publish</a:t></a:p></d>'
    diagram = related("diagramData", "../diagrams/data1.xml", "drawings/_rels/drawing1.xml.rels")
    (found,) = check(with_parts(sound, {**drawing(""), **diagram, "xl/diagrams/data1.xml": texts}), tmp_path).findings
    assert (found.rule, found.sheet) == ("text-box", HATE)
    assert "a diagram 'Do not publish'" in found.message
    old = {"xl/drawings/vml1.vml": VML, **related("vmlDrawing", "../drawings/vml1.vml")}
    (found,) = check(with_parts(sound, old), tmp_path).findings
    assert found.rule == "text-box"
    assert "'Do not publish'" in found.message
    assert "a note" not in found.message

    def chart(book: Any, page: Any) -> None:
        drawn = BarChart()
        drawn.add_data(Reference(page, min_col=3, min_row=22, max_row=25))
        page.add_chart(drawn, "K3")

    assert [rule for rule, *_ in said(edited(sound, chart), tmp_path)] == ["picture-or-drawing"]


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [(HATE, "B1"), (HATE, "H2"), (HATE, "A4"), (HATE, "D6"), (HATE, "J25"), (HATE, "A400")],
    ids=["beside the title", "beside a line", "below the lines", "beside a table", "right of all", "below all"],
)
def test_text_around_the_form(sound: bytes, tmp_path: Path, sheet: str, cell: str) -> None:
    data = edited(sound, lambda book, page: page.__setitem__(cell, TEXT))
    assert said(data, tmp_path) == [("outside-the-tables", sheet, cell)]


def test_text_above_the_title(sound: bytes, tmp_path: Path) -> None:
    """In rows that were put in there, by which everything moves."""

    def edit(book: Any, page: Any) -> None:
        page["A1"] = TEXT

    assert said(edited(sound, edit), tmp_path) == [("outside-the-tables", HATE, "A1")]


@pytest.mark.parametrize("cell", ["A2", "A20", "D5", "B5"], ids=["below the title", "below", "beside", "in its table"])
def test_text_on_the_guidance(sound: bytes, tmp_path: Path, cell: str) -> None:
    def edit(book: Any, page: Any) -> None:
        book["Guidance"][cell] = TEXT

    (found,) = check(edited(sound, edit), tmp_path).findings
    assert (found.rule, found.sheet, found.cell) == ("written-on-another-sheet", "Guidance", cell)
    assert f"{cell} '{TEXT}'" in found.message


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_a_sheet_that_was_added(sound: bytes, tmp_path: Path, state: str) -> None:
    def edit(book: Any, page: Any) -> None:
        added = book.create_sheet("More risks")
        added.sheet_state = state
        added["B3"], added["C4"] = "No venue", 12

    found = check(edited(sound, edit), tmp_path).findings
    hidden = ["carries-extras"] if state != "visible" else []
    assert [(f.rule, f.sheet) for f in found if f.rule not in hidden] == [("written-on-another-sheet", "More risks")]
    assert [f.rule for f in found if f.rule in hidden] == hidden
    assert any("'More risks', B3 'No venue', C4 '12'" in f.message for f in found)
    assert said(edited(sound, lambda book, page: book.create_sheet("Empty")), tmp_path) == []


def test_what_is_too_much_to_look_at_is_said(sound: bytes, tmp_path: Path) -> None:
    """And does no harm to the rest."""
    box = BOX.replace(TEXT[6:], "x" * 3_000_000)
    assert said(with_parts(sound, drawing(box)), tmp_path) == [("not-all-looked-at", HATE, "")]
    assert said(with_parts(sound, drawing("<no end")), tmp_path) == [("not-all-looked-at", HATE, "")]


# How cells look


def _strike(book: Any, page: Any) -> None:
    cell = page.cell(*place(page, "Complete", str(NOW)))
    cell.font = Font(strike=True)


def _strike_in_part(book: Any, page: Any) -> None:
    runs = ("Cam", TextBlock(InlineFont(strike=True), "paign"))
    page.cell(*place(page, "Campaign", 0)).value = CellRichText(*runs)


@pytest.mark.parametrize(
    ("edit", "words"),
    [(_strike, "'15'"), (_strike_in_part, "'Campaign' (of it 'paign')")],
    ids=["a cell", "a part of a text"],
)
def test_what_is_struck_through(sound: bytes, tmp_path: Path, edit: Callable[[Any, Any], object], words: str) -> None:
    (found,) = check(edited(sound, edit), tmp_path).findings
    assert found.rule == "struck-through"
    assert words in found.message


def _hide(key: str, **how: Any) -> Callable[[Any, Any], None]:
    def edit(book: Any, page: Any) -> None:
        row = page.row_dimensions[place(page, "Training", 0)[0]]
        column = page.column_dimensions["B"]
        for name, value in how.items():
            setattr(row if key == "row" else column, name, value)

    return edit


def _white(book: Any, page: Any) -> None:
    page.cell(*place(page, "Training", 0)).font = Font(color="FFFFFFFF")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_hide("row", hidden=True), "'Training' (row "),
        (_hide("row", height=0.1), "'Training' (row "),
        (_hide("row", hidden=True, outlineLevel=1), "'Training' (row "),
        (_hide("column", hidden=True), "(column B is hidden)"),
        (_hide("column", width=0.1), "(column B is hidden)"),
        (_white, "'Training' (in the colour of its cell)"),
    ],
    ids=["hidden row", "no height", "collapsed group", "hidden column", "no width", "white on pale yellow"],
)
def test_entries_that_nobody_sees(sound: bytes, tmp_path: Path, edit: Callable[[Any, Any], object], words: str) -> None:
    (found,) = check(edited(sound, edit), tmp_path).findings
    assert (found.rule, found.sheet) == ("entry-not-seen", HATE)
    assert words in found.message


def test_a_form_without_any_of_its_tables(sound: bytes, tmp_path: Path) -> None:
    """Their names are gone from the file, so that nothing of the sheet is known."""
    names = r'<definedName name="cpxl_(?!identity)[^>]*>[^<]*</definedName>'
    without = with_edited(sound, "xl/workbook.xml", lambda xml: re.sub(names, "", xml))
    assert "block-missing" in [rule for rule, *_ in said(without, tmp_path)]


def test_a_hidden_row_without_entries_is_no_matter(sound: bytes, tmp_path: Path) -> None:
    def edit(book: Any, page: Any) -> None:
        page.row_dimensions[place(page, "Training", 0)[0] + 3].hidden = True

    assert said(edited(sound, edit), tmp_path) == []


@pytest.mark.parametrize("code", ["0,", '"n/a"', "0%", ";;;", '0"k"', "0.0E+00", '"1"0', "\\-0"])
def test_a_number_format_that_shows_another_figure(sound: bytes, tmp_path: Path, code: str) -> None:
    def edit(book: Any, page: Any) -> None:
        page.cell(*place(page, HATE + " Offences", "To Sep 2020")).number_format = code

    (found,) = check(edited(sound, edit), tmp_path).findings
    assert (found.rule, found.sheet) == ("shown-as-another-figure", HATE)
    assert f"has 3010 in it (format '{code}')" in found.message


def _under_a_condition(code: str, cells: str) -> Callable[[Any, Any], None]:
    """Excel's usual kind: the format stands among the styles."""

    def edit(book: Any, page: Any) -> None:
        look = DifferentialStyle(numFmt=NumberFormat(numFmtId=200, formatCode=code))
        page.conditional_formatting.add(cells, Rule("expression", dxf=look, formula=["TRUE"]))

    return edit


def _under_a_later_condition(code: str, cells: str) -> Callable[[str], str]:
    """The kind of Excel since 2010, which stands at the end of a sheet with its format."""
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    xm = "http://schemas.microsoft.com/office/excel/2006/main"
    look = f'<x14:dxf><numFmt numFmtId="200" formatCode="{code}"/></x14:dxf>'
    rule = f'<x14:cfRule type="expression"><xm:f>TRUE</xm:f>{look}</x14:cfRule>'
    whole = f"<x14:conditionalFormatting>{rule}<xm:sqref>{cells}</xm:sqref></x14:conditionalFormatting>"
    return lambda xml: xml.replace(
        "</worksheet>",
        f'<extLst><ext xmlns:x14="{x14}" xmlns:xm="{xm}"><x14:conditionalFormattings>{whole}'
        "</x14:conditionalFormattings></ext></extLst></worksheet>",
    )


@pytest.mark.parametrize(
    ("kind", "cells"),
    [("usual", "A1:H200"), ("usual", "C3 D1:D1048576"), ("later", "A1:H200"), ("later", "C3 D:D")],
)
def test_a_number_format_under_a_condition(sound: bytes, tmp_path: Path, kind: str, cells: str) -> None:
    """Whether the condition is met is Excel's to say: a figure may be seen as another."""

    def formatted(code: str) -> bytes:
        if kind == "usual":
            return edited(sound, _under_a_condition(code, cells))
        return with_edited(sound, "xl/worksheets/sheet2.xml", _under_a_later_condition(code, cells))

    found = check(formatted("0,"), tmp_path).findings
    assert {(f.rule, f.sheet) for f in found} == {("shown-as-another-figure", HATE)}
    assert "has 3010 in it (format '0,, by a conditional format')" in "".join(f.message for f in found)
    assert said(formatted("#,##0"), tmp_path) == []
    elsewhere = edited(sound, _under_a_condition("0,", "Z1:Z9"))
    assert said(elsewhere, tmp_path) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *[(3010, "General"), (3010, "0"), (3010, "#,##0"), (3010.0, "#,##0;[Red]-#,##0"), (-5, "0;(0)")],
        *[(0, "0%"), (5, '0" kg"'), (5, '[$£-809]#,##0'), (0.5, "0.0"), (182.9, "#,##0.0##"), (1500, "0.0E+00")],
        *[(7, "[<100]0;0,"), (0.5, "# ?/?"), (5, "_-* #,##0_-;-* #,##0_-"), (-5, "_-* #,##0_-;-* #,##0_-")],
    ],
)  # fmt: skip
def test_number_formats_that_show_what_is_there(value: float, code: str) -> None:
    assert is_shown(value, code)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *[(4.6, "0"), (182.95, "0.0"), (-5, "0;0"), (5, "-0"), (5, "(0)"), (3010, "[<100]0;0,"), (0.3, "# ?/?")],
        *[(1510, "0.0E+00"), (3, '"n/a"'), (3, ""), (0, '0;-0;"none"'), (3, "0.0,"), (2, '0" million"')],
    ],
)
def test_number_formats_that_do_not(value: float, code: str) -> None:
    assert not is_shown(value, code)


@pytest.mark.parametrize(("code", "shows"), [("General", True), ("0", True), ("0;0;0;@", True), (";;;", False),
                                             ('0;0;0;"n/a"', False), ('0;-0;0', True)])  # fmt: skip
def test_number_formats_and_text(code: str, shows: bool) -> None:
    assert is_text_shown(code) == shows


@given(
    st.integers(-(10**12), 10**12), st.sampled_from(["General", "0", "#,##0", "#,##0;-#,##0;0;@", "0.00", "+0;-0;0"])
)
def test_usual_formats_show_every_whole_number(value: int, code: str) -> None:
    assert is_shown(value, code)


@given(st.text(max_size=30), st.floats(-1e9, 1e9))
def test_any_number_format_has_an_answer(code: str, value: float) -> None:
    assert is_shown(value, code) in (True, False)
    assert is_text_shown(code) in (True, False)


# How the file is marked


def _custom(book: Any, name: str) -> None:
    for key, value in {"Name": name, "Enabled": "true"}.items():
        book.custom_doc_props.append(
            StringProperty(name=f"MSIP_Label_12345678-1234-1234-1234-123456789012_{key}", value=value)
        )


def _comment(page: Any, text: str) -> None:
    page["C25"].comment = Comment(text, "lead")


MARKED: dict[str, Callable[[Any, Any], object]] = {
    "header": lambda book, page: setattr(page.oddHeader.center, "text", "OFFICIAL-SENSITIVE"),
    "in lower case": lambda book, page: setattr(page.oddHeader.right, "text", "Official - Sensitive"),
    "first footer of the guidance": lambda book, page: setattr(book["Guidance"].firstFooter.left, "text", "O-S"),
    "own cell": lambda book, page: page.cell(*place(page, "Protective marking", 1)).__setattr__("value", "SECRET"),
    "label": lambda book, page: _custom(book, "Official Sensitive"),
    "title": lambda book, page: setattr(book.properties, "title", "Hate crime, OFFICIAL-SENSITIVE"),
    "category": lambda book, page: setattr(book.properties, "category", "Secret"),
    "keywords": lambda book, page: setattr(book.properties, "keywords", "OFFICIAL\u2013SENSITIVE; strategy"),
    "comment": lambda book, page: _comment(page, "This is OFFICIAL-SENSITIVE"),
    "outside": lambda book, page: page.__setitem__("J3", "OFFICIAL-SENSITIVE"),
    "name of a sheet": lambda book, page: book.create_sheet("OFFICIAL-SENSITIVE"),
    "another sheet": lambda book, page: book.create_sheet("More").append(["TOP SECRET"]),
}


@pytest.mark.parametrize("where", MARKED)
def test_the_highest_marking_anywhere_counts(sound: bytes, tmp_path: Path, where: str) -> None:
    result = check(edited(sound, MARKED[where]), tmp_path)
    assert "file-marked-too-high" in [f.rule for f in result.findings if f.severity == Finding.ERROR]
    assert not result.accepted


def test_the_name_of_the_file_may_be_a_marking(sound: bytes, tmp_path: Path) -> None:
    assert [rule for rule, *_ in said(sound, tmp_path, "HATE_OFFICIAL-SENSITIVE.xlsx")] == ["file-marked-too-high"]
    assert said(sound, tmp_path, "Official return, secretariat.xlsx") == []


@pytest.mark.parametrize("name", ["OFFICIAL", "Official - for partners", "General"])
def test_labels_that_are_not_above_it(sound: bytes, tmp_path: Path, name: str) -> None:
    found = check(edited(sound, lambda book, page: _custom(book, name)), tmp_path).findings
    unknown = [("label-unknown", Finding.NOTE)] if name == "General" else []
    assert [(f.rule, f.severity) for f in found] == unknown


def test_a_label_that_only_its_organisation_can_name(sound: bytes, tmp_path: Path) -> None:
    """As Excel writes it today. One that was removed is none."""
    label = '<clbl:label id="{1234}" enabled="1" method="Privileged" removed="0"/>'
    for xml, rules in ((label, ["label-unknown"]), (label.replace('removed="0"', 'removed="1"'), [])):
        part = {"docMetadata/LabelInfo.xml": f'<clbl:labelList xmlns:clbl="c">{xml}</clbl:labelList>'}
        assert [rule for rule, *_ in said(with_parts(sound, part), tmp_path)] == rules


def test_another_marking_in_the_forms_cell_is_said(sound: bytes, tmp_path: Path) -> None:
    def edit(book: Any, page: Any) -> None:
        page.cell(*place(page, "Protective marking", 1)).value = None

    assert [rule for rule, *_ in said(edited(sound, edit), tmp_path)] == ["marking-changed"]


# The way back


def test_a_marked_copy_ends_clean_and_a_reply_on_it_is_said(sound: bytes, tmp_path: Path) -> None:
    spoilt = check(edited(sound, _strike), tmp_path)
    copy = annotate(edited(sound, _strike), spoilt.findings, "Hate Crime", "OFFICIAL", shipped())

    def mend(book: Any, page: Any) -> None:
        page.cell(*place(page, "Complete", str(NOW))).font = Font()

    assert said(edited(copy, mend), tmp_path) == []

    def reply(book: Any, page: Any) -> None:
        mend(book, page)
        comment = page.cell(*place(page, "Complete", str(NOW))).comment
        comment.text = f"{comment.text}\n{TEXT}"
        book["Findings"]["F5"] = "Done"

    found = check(edited(copy, reply), tmp_path).findings
    assert [(f.rule, f.sheet) for f in found] == [
        ("comment-on-a-cell", HATE),
        ("written-on-another-sheet", "Findings"),
    ]
    assert f"'{TEXT}'" in found[0].message
    assert re.search(r"F5 'Done'\.?", found[1].message)


# What is typed otherwise


def _type(label: str, column: int | str, value: object, below: int = 0, last: bool = False) -> Any:
    return lambda book, page: page.cell(*place(page, label, column, below=below, last=last)).__setattr__("value", value)


@pytest.mark.parametrize("word", ["None", "nil.", "N/A", "Nothing to report this quarter", "No risks identified"])
def test_words_that_say_there_is_nothing(sound: bytes, tmp_path: Path, word: str) -> None:
    """No item, and no second finding, in each of the three tables."""

    def edit(book: Any, page: Any) -> None:
        for label in ("Campaign", "Survey"):
            row = place(page, label, 0)[0]
            for cell in page[row][:3]:
                cell.value = None if cell.protection.locked is False else cell.value
            page.cell(row, 1).value = word
        page.cell(place(page, "Training", 0)[0] + 1, 1).value = word

    result = check(edited(sound, edit), tmp_path)
    assert [(f.rule, f.severity) for f in result.findings] == [("read-as", Finding.NOTE)]
    assert [d for d in result.returned.delivery if d.kind in (ACHIEVED, SCHEDULED)] == []
    assert [risk.description for risk in result.returned.risks] == ["Training"]


@pytest.mark.parametrize("said", ["None of the venues is open", "No risks of that kind were taken", "Nothing Compares"])
def test_words_that_say_something(said: str) -> None:
    assert not says_nothing(said)


def test_a_0_says_that_there_is_nothing_to_list() -> None:
    assert [says_nothing(value) for value in (0, 0.0, "0", 5, False, None, "0" * 61)] == [True] * 3 + [False] * 4


LABELS = "Ongoing\u00a0/ In  progress", "ongoing/in progress", "Ongoing / In progress.", "The Ongoing / In progress"


@pytest.mark.parametrize("label", LABELS)
def test_labels_are_matched_as_choices_are(sound: bytes, tmp_path: Path, label: str) -> None:
    assert said(edited(sound, _type("Ongoing / In progress", 0, label)), tmp_path) == []


def test_a_label_that_is_not_known_is_shown_beside_the_nearest(sound: bytes, tmp_path: Path) -> None:
    data = edited(sound, _type("Ongoing / In progress", 0, "Ongoing\u200b/ In progres"))
    messages = [f.message for f in check(data, tmp_path).findings if f.rule == "progress-unknown-status"]
    assert len(messages) == 1
    assert "'Ongoing\\u200b/ In progres' (as issued: 'Ongoing / In progress')" in messages[0]


@pytest.mark.parametrize("error", ["#SPILL!", "#GETTING_DATA", "#CALC!", "#BLOCKED!", "#N/A", "#NEW?"])
@pytest.mark.parametrize("formula", ["", "<f>A1:A9</f>"], ids=["pasted", "formula"])
def test_an_error_is_its_cells_finding(sound: bytes, tmp_path: Path, error: str, formula: str) -> None:
    page = load_workbook(BytesIO(sound))[HATE]
    row, column = place(page, "Complete", str(NOW))
    address = page.cell(row, column).coordinate

    def edit(xml: str) -> str:
        made, count = re.subn(rf'(<c r="{address}"[^>]*)><v>15</v>', rf'\1 t="e">{formula}<v>{error}</v>', xml)
        assert count == 1
        return made

    assert said(with_edited(sound, "xl/worksheets/sheet2.xml", edit), tmp_path) == [
        ("formula-without-value", HATE, address)
    ]


@pytest.mark.parametrize("typed", [44286, 44286.0, "44286"])
def test_a_serial_number_is_read_as_its_date(sound: bytes, tmp_path: Path, typed: object) -> None:
    """In a cell that shows it as a number."""

    def edit(book: Any, page: Any) -> None:
        cell = page.cell(*place(page, "Survey", 2))
        cell.number_format, cell.value = "General", typed

    result = check(edited(sound, edit), tmp_path)
    assert [d.when for d in result.returned.delivery if d.kind == SCHEDULED] == [date(2021, 3, 31)]
    (found,) = result.findings
    assert (found.rule, found.severity) == ("read-as", Finding.NOTE)
    assert "'44286' as 2021-03-31" in found.message


def test_a_year_stays_a_year() -> None:
    assert [serial_date(value, from_1904=False) for value in (2021, "2021", 12, None, "x")] == [None] * 5
    assert serial_date(42824, from_1904=True) == date(2021, 3, 31)

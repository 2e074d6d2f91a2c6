"""Make workbook_templates/board_report.docx, which the report is printed in: python -m tools.board_report

It has the theme's font and colours. From then on it is a document like any other: its look is changed in Word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from cpxl.report.word import LANGUAGE, TEMPLATE
from cpxl.theme import TEMPLATES, shipped
from cpxl.workbooks import office_theme

HERE = Path(__file__).parents[1] / TEMPLATES / TEMPLATE
SIDE = Cm(2.1)
AFTER = ("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr")
"""What follows in a document's settings."""


def main() -> None:
    """Write the template."""
    made = Document()
    _page(made)
    _theme(made)
    _styles(made)
    _header_and_footer(made)
    _front(made)
    _sections(made)
    body = made.element.body
    body.remove(body[0]) if not len(body[0]) else None
    asks = OxmlElement("w:updateFields")  # Word puts page numbers into the contents
    asks.set(qn("w:val"), "true")
    made.settings.element.insert_element_before(asks, *AFTER)
    made.core_properties.author = made.core_properties.comments = made.core_properties.last_modified_by = ""
    made.core_properties.title, made.core_properties.language = "Board report", LANGUAGE
    made.save(str(HERE))
    print(HERE.name)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(shipped().rgb(colour)[1:].upper())


def _page(made: Any) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = SIDE
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.1)
    section.header_distance = section.footer_distance = Cm(0.9)


def _theme(made: Any) -> None:
    """The theme's colours and font as those of Office, which Word's Design > Themes changes, and charts follow."""
    for part in made.part.package.iter_parts():
        if str(part.partname).startswith("/word/theme/"):
            part._blob = office_theme.xml(shipped()).encode("utf-8")


def _styles(made: Any) -> None:
    styles, theme = made.styles, shipped()
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LANGUAGE)
    language.set(qn("w:eastAsia"), LANGUAGE)
    default = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in default.findall(qn("w:lang")):
        default.remove(old)
    default.append(language)

    def style(name: str, base: str | None = None, **looks: Any) -> Any:
        try:
            of = styles[name]
        except KeyError:
            of = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            of.quick_style = True
        if base:
            of.base_style = styles[base]
        fonts = of.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        kind = "majorHAnsi" if name.startswith(("Heading", "Title")) else "minorHAnsi"
        for attribute in ("asciiTheme", "hAnsiTheme", "cstheme"):
            fonts.set(qn(f"w:{attribute}"), kind if attribute != "cstheme" else kind.replace("HAnsi", "Bidi"))
        of.font.size = Pt(looks["size"]) if "size" in looks else None
        of.font.bold, of.font.italic = looks.get("bold"), looks.get("italic")
        if "colour" in looks:
            of.font.color.rgb = _rgb(looks["colour"])
        space = of.paragraph_format
        space.space_before, space.space_after = Pt(looks.get("before", 0)), Pt(looks.get("after", 0))
        if "line" in looks:
            space.line_spacing = looks["line"]
        space.keep_with_next = looks.get("keep")
        if "align" in looks:
            space.alignment = looks["align"]
        return of

    size = 11
    style("Normal", size=size, colour="ink", after=6, line=1.12)
    style("Title", size=26, bold=True, colour="navy", after=2, line=1.0)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)
    style("Subtitle", "Normal", size=14, colour="grey", after=10)
    style("Heading 1", size=17, bold=True, colour="navy", before=22, after=6, keep=True)
    style("Heading 2", size=13, bold=True, colour="navy", before=16, after=4, keep=True)
    style("Heading 3", size=size, bold=True, colour="navy", before=10, after=3, keep=True)
    style("Body Text", "Normal", size=size, after=6)
    style("Lead", "Normal", size=size + 1, bold=True, colour="ink", after=6, keep=True)
    style("Note", "Normal", size=9.5, italic=True, colour="grey", before=3, after=4)
    bullet = style("List Bullet", "Normal", size=size, before=3, after=2)
    bullet.paragraph_format.left_indent, bullet.paragraph_format.first_line_indent = Cm(0.6), Cm(-0.6)
    style("Caption", "Normal", size=10, bold=True, colour="navy", before=8, after=3, keep=True)
    style("Figure", "Normal", before=6, after=6, line=1.0)
    right = WD_ALIGN_PARAGRAPH.RIGHT
    for name, looks in (
        ("Table text", {"size": 10}),
        ("Table figure", {"size": 10, "align": right}),
        ("Table heading", {"size": 10, "bold": True, "colour": "navy"}),
        ("Table heading figure", {"size": 10, "bold": True, "colour": "navy", "align": right}),
    ):
        style(name, "Normal", before=2.5, after=2.5, line=1.0, **looks)
    style("Contents heading", "Normal", size=17, bold=True, colour="navy", before=14, after=6, keep=True)
    for level in (1, 2):
        toc = style(f"toc {level}", "Normal", size=size, bold=level == 1, before=4 if level == 1 else 0, after=1)
        toc.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        toc.paragraph_format.tab_stops.add_tab_stop(Cm(21) - 2 * SIDE, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    style("Header", "Normal", size=9.5, colour="grey", align=WD_ALIGN_PARAGRAPH.CENTER)
    style("Footer", "Normal", size=9.5, colour="grey")
    _table_style(styles, theme)


def _table_style(styles: Any, theme: Any) -> None:
    """Thin rules below rows, a strong one below the headings: no fills that a copier turns black."""
    rule, navy = theme.rgb("rule")[1:], theme.rgb("navy")[1:]
    styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="BoardTable">'
            '<w:name w:val="Board table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
            "<w:tblPr><w:tblBorders>"
            f'<w:top w:val="single" w:sz="8" w:space="0" w:color="{navy}"/>'
            f'<w:bottom w:val="single" w:sz="8" w:space="0" w:color="{navy}"/>'
            f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{rule}"/>'
            '</w:tblBorders><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>'
            "</w:tblCellMar>"
            "</w:tblPr>"
            '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
            f'<w:bottom w:val="single" w:sz="12" w:space="0" w:color="{navy}"/>'
            '</w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
            "</w:style>"
        )
    )


def _header_and_footer(made: Any) -> None:
    section = made.sections[0]
    section.header.paragraphs[0].text = "{{ marking }}"
    section.header.paragraphs[0].style = "Header"
    first, *_ = section.footer.paragraphs
    first.style = "Footer"
    tabs = first.paragraph_format.tab_stops
    tabs.add_tab_stop((Cm(21) - 2 * SIDE) // 2, WD_TAB_ALIGNMENT.CENTER)
    tabs.add_tab_stop(Cm(21) - 2 * SIDE, WD_TAB_ALIGNMENT.RIGHT)
    first.add_run("{{ quarter }}\t{{ marking }}\tPage ")
    _field(first, " PAGE ", "1")
    first.add_run(" of ")
    _field(first, " NUMPAGES ", "1")


def _field(paragraph: Any, code: str, shown: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            char = OxmlElement("w:fldChar")
            char.set(qn("w:fldCharType"), kind)
            run._r.append(char)
        elif kind == "shown":
            run.text = text
        else:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = text
            run._r.append(words)


def _front(made: Any) -> None:
    made.add_paragraph("{{ title }}", style="Title")
    made.add_paragraph("{{ subtitle }}", style="Subtitle")
    table = _table(made, 4, 2, "About this report", "Who it is for, who prepared it, and the period that it covers.")
    _row(table, 0, ("About this report", "Details"), "Table heading")
    _row(table, 1, ("{%tr for fact in facts %}",))
    _row(table, 2, ("{{ fact.item }}", "{{ fact.text }}"))
    _row(table, 3, ("{%tr endfor %}",))


def _sections(made: Any) -> None:
    def tag(text: str) -> None:
        made.add_paragraph("{%p " + text + " %}", style="Body Text")

    def text(style: str) -> None:
        paragraph = made.add_paragraph(style=style)
        paragraph.add_run("{{ part.strong }}").bold = True
        paragraph.add_run("{{ part.text }}")

    tag("for section in sections")
    for test, style in (
        ('if section.kind == "contents"', "Contents heading"),
        ("elif section.level == 1", "Heading 1"),
        ("else", "Heading 2"),
    ):
        tag(test)
        made.add_paragraph("{{ section.label }}", style=style)
    tag("endif")
    tag("for part in section.parts")
    tag('if part.kind == "heading"')
    made.add_paragraph("{{ part.text }}", style="Heading 3")
    for kind, style in (("lead", "Lead"), ("text", "Body Text"), ("bullet", "List Bullet"), ("note", "Note")):
        tag(f'elif part.kind == "{kind}"')
        text(style)
    tag('elif part.kind == "table"')
    made.add_paragraph("{{ part.title }}", style="Caption")
    _part_table(made)
    tag('elif part.kind == "chart"')
    made.add_paragraph("{{ part.picture }}", style="Figure")
    tag('elif part.kind == "contents"')
    _field(made.add_paragraph(style="toc 1"), ' TOC \\o "1-2" \\h \\z \\u ', "Contents")
    made.add_paragraph(style="Body Text").add_run().add_break(WD_BREAK.PAGE)
    tag("endif")
    tag("endfor")
    tag("endfor")


def _part_table(made: Any) -> None:
    table = _table(made, 4, 3, "{{ part.title }}", "{{ part.alt_text }}")
    _row(table, 0, ("{%tc for column in part.columns %}", "", "{%tc endfor %}"), "Table heading")
    _row(table, 1, ("{%tr for row in part.rows %}", "", ""))
    _row(table, 2, ("{%tc for cell in row %}", "", "{%tc endfor %}"))
    _row(table, 3, ("{%tr endfor %}", "", ""))
    _either(table.cell(0, 1), "column", "Table heading", "{{ column.heading }}")
    _either(table.cell(2, 1), "cell", "Table", "{{ cell.text }}")


def _either(cell: Any, name: str, style: str, words: str) -> None:
    """A cell's two looks: of words, and of a figure, which stands at the right; in bold where it is a total."""
    figure, text = f"{style} figure", style if style != "Table" else "Table text"
    cell.paragraphs[0].text = "{%p if " + name + ".is_figure %}"
    for test, look in (("", figure), ("{%p else %}", text)):
        if test:
            cell.add_paragraph(test)
        paragraph = cell.add_paragraph(style=look)
        if name == "cell":
            paragraph.add_run("{%r if cell.is_total %}")
            paragraph.add_run(words).bold = True
            paragraph.add_run("{%r else %}")
            paragraph.add_run(words)
            paragraph.add_run("{%r endif %}")
        else:
            paragraph.add_run(words)
    cell.add_paragraph("{%p endif %}")


def _table(made: Any, rows: int, columns: int, title: str, alt_text: str) -> Any:
    table = made.add_table(rows, columns)
    table.style, table.alignment, table.autofit = "Board table", WD_TABLE_ALIGNMENT.LEFT, False
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    for attribute in list(look.attrib):
        del look.attrib[attribute]
    for attribute, value in (
        ("val", "0020"),
        ("firstRow", "1"),
        ("lastRow", "0"),
        ("firstColumn", "0"),
        ("lastColumn", "0"),
        ("noHBand", "1"),
        ("noVBand", "1"),
    ):
        look.set(qn(f"w:{attribute}"), value)
    for name, text in (("tblCaption", title), ("tblDescription", alt_text)):
        element = OxmlElement(f"w:{name}")
        element.set(qn("w:val"), text)
        properties.append(element)
    heading = table.rows[0]._tr.get_or_add_trPr()
    for row in table.rows:
        stays = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(stays)
    heading.append(OxmlElement("w:tblHeader"))
    return table


def _row(table: Any, row: int, texts: tuple[str, ...], style: str = "Table text") -> None:
    for at, text in enumerate(texts):
        paragraph = table.cell(row, at).paragraphs[0]
        paragraph.text, paragraph.style = text, style


if __name__ == "__main__":
    main()

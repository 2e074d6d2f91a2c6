"""What a template of docxtpl's cannot say: how wide a table's columns are, and where its contents lead."""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document

EMU = 914_400
"""Office's units in an inch."""
LETTER, PADDING = 0.085, 0.16
"""Inches that a letter of a table takes, in bold 10 pt Arial, and what a cell has besides."""
NARROWEST = 1.1
"""Inches that a column of words is wide, at least."""
WHOLE = 11
"""Letters of a text that stays on one line: `2020/21 Q2`, `To Sep 2020`."""
MOST_LETTERS = 60
"""Letters beyond which a column asks for no more room than others: its text takes more lines."""
MOST_ROWS = 16
"""Rows of a table that is not split between pages, if it has no long texts."""
STYLE = "Board table"
"""The style of the tables whose columns are fitted: others are as the template has them."""


def fit_tables(made: Document) -> None:
    """Make columns of figures narrow, and give words the rest, each column by the length of what stands in it.

    A short table stays on one page; of any other, the headings stay with the first row.
    """
    section = made.sections[-1]
    width, left, right = section.page_width or 0, section.left_margin or 0, section.right_margin or 0
    page = (width - left - right) / EMU
    for table in made.tables:
        rows = table._tbl.tr_lst
        if table.style is not None and table.style.name == STYLE:
            cells = [[_Cell(cell) for cell in row.tc_lst] for row in rows]
            _fit(table._tbl, _widths(cells, page))
            is_short = len(rows) <= MOST_ROWS and all(cell.letters <= MOST_LETTERS for row in cells for cell in row)
            for row in rows[: -1 if is_short else 1]:
                for paragraph in row.xpath(".//w:p"):
                    paragraph.get_or_add_pPr().get_or_add_keepNext()


class _Cell:
    """How long a cell's text is, and what of it stays on one line; and whether it is a figure."""

    def __init__(self, cell: Any) -> None:
        lines = [line for paragraph in cell.p_lst for line in _text(paragraph).split("\n")]
        self.is_figure = any("igure" in str(paragraph.style) for paragraph in cell.p_lst)
        self.letters = max(map(len, lines), default=0)
        longest = max((len(word) for line in lines for word in line.split()), default=0)
        self.word = max(longest, min(self.letters, WHOLE))


def _text(paragraph: Any) -> str:
    nodes = paragraph.xpath(".//w:t|.//w:br")
    return "".join(str(node.text or "") if node.tag.endswith("}t") else "\n" for node in nodes)


def _widths(rows: list[list[_Cell]], page: float) -> list[float]:
    """Inches that each column is wide, together a page's width: figures as they need, words what is left."""
    columns = list(zip(*rows, strict=False))
    figures = [
        max(cell.word for cell in column) * LETTER + PADDING if all(cell.is_figure for cell in column[1:]) else 0.0
        for column in columns
    ]
    words = [
        0 if figure else max(8, *(min(cell.letters, MOST_LETTERS) for cell in column))
        for figure, column in zip(figures, columns, strict=True)
    ]
    least = NARROWEST * sum(map(bool, words))
    shrink = min(1.0, (page - least) / sum(figures)) if any(figures) else 1.0
    left = page - sum(figures) * shrink
    if not any(words):
        return [page / len(columns)] * len(columns)
    return [figure * shrink + left * word / sum(words) for figure, word in zip(figures, words, strict=True)]


def _fit(table: Any, widths: list[float]) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def twips(width: float) -> str:
        return str(round(width * 1440))

    for column in list(table.tblGrid):
        table.tblGrid.remove(column)
    for width in widths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), twips(width))
        table.tblGrid.append(column)
    for row in table.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=False):
            of = cell.get_or_add_tcPr().get_or_add_tcW()
            of.set(qn("w:w"), twips(width))
            of.set(qn("w:type"), "dxa")


def fill_contents(made: Document, labels: Collection[str]) -> None:
    """Fill the table of contents with the headings that are there, so that it is whole before Word updates it.

    labels: of the sections that belong in it.
    """
    from docx.enum.style import WD_STYLE_TYPE

    field = next(
        (p for p in made.paragraphs if any(" TOC " in (node.text or "") for node in p._p.xpath(".//w:instrText"))), None
    )
    if field is None:
        return
    headings = [
        (p, int(str(p.style.name)[-1]))
        for p in made.paragraphs
        if p.style is not None and p.style.name in ("Heading 1", "Heading 2") and p.text in labels
    ]
    styles = {s.name for s in made.styles if s.type == WD_STYLE_TYPE.PARAGRAPH}
    last = field._p
    first = True
    for number, (heading, level) in enumerate(headings, 1):
        name = f"_Toc{number:08}"
        _mark(heading._p, number, name)
        style = f"TOC {level}" if f"TOC {level}" in styles else f"toc {level}"
        entry = _entry(made, heading.text, name, style)
        if first:
            _begin(entry, field._p)
            first = False
        last.addnext(entry)
        last = entry
    if headings:
        _end(last)
        field._p.getparent().remove(field._p)


def without_asking(document: bytes) -> bytes:
    """A document of which Word does not ask whether to update its fields, where nobody is there to answer."""
    from docx import Document
    from docx.oxml.ns import qn

    made = Document(BytesIO(document))
    for asks in made.settings.element.findall(qn("w:updateFields")):
        made.settings.element.remove(asks)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def with_numbers_of_pages(document: bytes) -> bytes:
    """A document for LibreOffice, which works out the contents' page numbers only where they are no table of Word's."""
    from docx import Document
    from docx.oxml.ns import qn

    made = Document(BytesIO(document))
    open_fields: list[list[Any]] = []
    for run in list(made.element.body.iter(qn("w:r"))):
        of = open_fields[-1] if open_fields else []
        for part in run:
            kind = part.get(qn("w:fldCharType")) if part.tag == qn("w:fldChar") else ""
            if kind == "begin":
                open_fields.append([run])
            elif kind == "separate" or part.tag == qn("w:instrText"):
                of.append(run)
            elif kind == "end" and open_fields:
                field = [*open_fields.pop(), run]
                if any(" TOC " in (node.text or "") for one in field for node in one.iter(qn("w:instrText"))):
                    for one in field:
                        one.getparent().remove(one)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def _mark(paragraph: Any, number: int, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph.insert(1 if paragraph.pPr is not None else 0, start)
    paragraph.append(end)


def _entry(made: Document, text: str, name: str, style: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    entry = made.add_paragraph(style=style)._p
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), name)
    link.set(qn("w:history"), "1")
    link.append(_run(text))
    tab = OxmlElement("w:r")
    tab.append(OxmlElement("w:tab"))
    link.append(tab)
    for part in (
        _char("begin"),
        _instruction(f" PAGEREF {name} \\h "),
        _char("separate"),
        _run("\u2026"),
        _char("end"),
    ):
        link.append(part)
    entry.append(link)
    return entry


def _begin(entry: Any, field: Any) -> None:
    at = 1 if entry.pPr is not None else 0
    for part in reversed((_char("begin"), _instruction(_instructions(field)), _char("separate"))):
        entry.insert(at, part)


def _instructions(paragraph: Any) -> str:
    return "".join(node.text or "" for node in paragraph.xpath(".//w:instrText"))


def _end(entry: Any) -> None:
    entry.append(_char("end"))


def _run(text: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run, words = OxmlElement("w:r"), OxmlElement("w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    return run


def _char(kind: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run, char = OxmlElement("w:r"), OxmlElement("w:fldChar")
    char.set(qn("w:fldCharType"), kind)
    run.append(char)
    return run


def _instruction(text: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run, words = OxmlElement("w:r"), OxmlElement("w:instrText")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    return run

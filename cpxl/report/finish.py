"""What a template of docxtpl's cannot say: how wide a table's columns are, and where its contents lead."""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from docx.document import Document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""What stands in front of the names of Word's elements."""
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
    twips = [str(round(width * 1440)) for width in widths]
    table.tblGrid[:] = _xml("".join(f'<w:gridCol w:w="{width}"/>' for width in twips))
    for row in table.tr_lst:
        for cell, width in zip(row.tc_lst, twips, strict=False):
            of = cell.get_or_add_tcPr().get_or_add_tcW()
            of.set(f"{W}w", width)
            of.set(f"{W}type", "dxa")


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
    instructions = "".join(node.text or "" for node in field._p.xpath(".//w:instrText"))
    begins = f"{_field('begin')}{_run('instrText', instructions)}{_field('separate')}"
    last = field._p
    for number, (heading, level) in enumerate(headings, 1):
        name = f"_Toc{number:08}"
        _mark(heading._p, number, name)
        entry = made.add_paragraph(style=f"TOC {level}" if f"TOC {level}" in styles else f"toc {level}")._p
        entry.extend(_xml((begins if number == 1 else "") + _link(heading.text, name)))
        last.addnext(entry)
        last = entry
    if headings:
        last.extend(_xml(_field("end")))
        field._p.getparent().remove(field._p)


def without_asking(document: bytes) -> bytes:
    """A document of which Word does not ask whether to update its fields, where nobody is there to answer."""
    from docx import Document

    made = Document(BytesIO(document))
    for asks in made.settings.element.findall(f"{W}updateFields"):
        made.settings.element.remove(asks)
    return bytes_of(made)


def with_numbers_of_pages(document: bytes) -> bytes:
    """A document for LibreOffice, which works out the contents' page numbers only where they are no table of Word's."""
    from docx import Document

    made = Document(BytesIO(document))
    open_fields: list[list[Any]] = []
    for run in list(made.element.body.iter(f"{W}r")):
        of = open_fields[-1] if open_fields else []
        for part in run:
            kind = part.get(f"{W}fldCharType") if part.tag == f"{W}fldChar" else ""
            if kind == "begin":
                open_fields.append([run])
            elif kind == "separate" or part.tag == f"{W}instrText":
                of.append(run)
            elif kind == "end" and open_fields:
                field = [*open_fields.pop(), run]
                if any(" TOC " in (node.text or "") for one in field for node in one.iter(f"{W}instrText")):
                    for one in field:
                        one.getparent().remove(one)
    return bytes_of(made)


def bytes_of(made: Document) -> bytes:
    """A document as its file."""
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


# Pieces of WordprocessingML


def _mark(paragraph: Any, number: int, name: str) -> None:
    start, end = _xml(f'<w:bookmarkStart w:id="{number}" w:name="{name}"/><w:bookmarkEnd w:id="{number}"/>')
    paragraph.insert(1 if paragraph.pPr is not None else 0, start)
    paragraph.append(end)


def _link(text: str, name: str) -> str:
    """An entry of the contents: a heading's text, and a field with the number of its page, which Word works out."""
    asks, unknown = _run("instrText", f" PAGEREF {name} \\h "), _run("t", "\u2026")
    page = f"{_field('begin')}{asks}{_field('separate')}{unknown}{_field('end')}"
    link = f"{_run('t', text)}<w:r><w:tab/></w:r>{page}"
    return f'<w:hyperlink w:anchor="{name}" w:history="1">{link}</w:hyperlink>'


def _run(tag: str, text: str) -> str:
    return f'<w:r><w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'


def _field(kind: str) -> str:
    """Where a field begins, where what it gives begins, or where it ends."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _xml(elements: str) -> list[Any]:
    """Elements from their XML."""
    from docx.oxml import parse_xml

    return list(parse_xml(f'<w:p xmlns:w="{W[1:-1]}">{elements}</w:p>'))

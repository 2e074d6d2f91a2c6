"""Pictures and charts in Word. A chart is native to it: the one that the workbook would have, with its figures."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from xlsxwriter.utility import xl_cell_to_rowcol

from cpxl.layout.blocks import Sheet, Workbook, for_partners
from cpxl.layout.parts import Figure, Photo
from cpxl.pictures import size_of
from cpxl.report.finish import EMU
from cpxl.report.plain import plain
from cpxl.theme import Theme
from cpxl.words import shown
from cpxl.workbooks.charts import ROW

if TYPE_CHECKING:
    from docx.opc.part import Part

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
CHART = f"{{{DRAWING}/chart}}"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 6.6
"""Inches that a chart is wide: a page's text."""
HIGHEST = 4.5
"""Inches that a picture is high at most."""
FIRST = 9_000
"""Numbers of drawings begin above those that a template has."""
SMALLER = 0.75
"""Text in charts, as a share of that in the workbook, which is printed smaller too."""


def drawing(figure: Figure, number: int, document: Part, theme: Theme, made: date) -> str:
    """The XML of a chart in a paragraph of a document's part, after the chart was added to it. made: when it says."""
    book = _workbook(figure, theme, made)
    with ZipFile(BytesIO(book)) as parts:
        xml = parts.read("xl/charts/chart1.xml").decode("utf-8")
    package = document.package
    chart = _part(package, f"/word/charts/cpxl{number}.xml", CHART_TYPE, b"")
    source = chart.relate_to(
        _part(package, f"/word/embeddings/cpxl{number}.xlsx", XLSX_TYPE, book), f"{OFFICE}/package"
    )
    data = f'<c:externalData xmlns:r="{OFFICE}" r:id="{source}"><c:autoUpdate val="0"/></c:externalData>'
    xml = re.sub(r"<c:printSettings>.*</c:printSettings>", "", xml, flags=re.DOTALL)
    if "<c:dispBlanksAs" not in xml:  # Word takes that for 0, Excel for a gap
        xml = xml.replace('<c:plotVisOnly val="1"/>', '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/>')
    xml = re.sub(r'\bsz="(\d+)"', lambda size: f'sz="{round(int(size[1]) * SMALLER)}"', xml)
    chart._blob = _without_blanks(xml.replace("</c:chartSpace>", f"{data}</c:chartSpace>"), book)
    link, said = document.relate_to(chart, f"{OFFICE}/chart"), f"{figure.chart.title}. {figure.chart.alt_text}"
    height = min(figure.chart.height * ROW / 96, 4.2) * 0.85
    return (
        f'<wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{round(WIDTH * EMU)}" cy="{round(height * EMU)}"/>'
        f'<wp:docPr id="{FIRST + number}" name="{_attribute(figure.chart.name)}" descr="{_attribute(said)}"/>'
        f'<wp:cNvGraphicFramePr/><a:graphic xmlns:a="{DRAWING}/main"><a:graphicData uri="{DRAWING}/chart">'
        f'<c:chart xmlns:c="{DRAWING}/chart" xmlns:r="{OFFICE}" r:id="{link}"/>'
        "</a:graphicData></a:graphic></wp:inline>"
    )


def _without_blanks(xml: str, book: bytes) -> bytes:
    """The chart without a point where its cell is blank: XlsxWriter says 0 there, and Word believes it."""
    from docx.opc.oxml import serialize_part_xml
    from docx.oxml import parse_xml
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    root = parse_xml(xml.encode("utf-8"))
    for reference in root.iter(f"{CHART}numRef"):
        (top, left), (bottom, right) = map(xl_cell_to_rowcol, _ends(reference.findtext(f"{CHART}f") or ""))
        cells = [rows[row][column] for row in range(top, bottom + 1) for column in range(left, right + 1)]
        for cache in reference.iter(f"{CHART}numCache"):
            for point in cache.findall(f"{CHART}pt"):
                if cells[int(point.get("idx"))] == "":
                    cache.remove(point)
    return bytes(serialize_part_xml(root))


def _ends(cells: str) -> list[str]:
    """`A5` and `A9` of `Figures!$A$5:$A$9`."""
    first, _, last = cells.rpartition("!")[2].replace("$", "").partition(":")
    return [first, last or first]


def _attribute(text: str) -> str:
    return plain(" ".join(text.split()))


def _workbook(figure: Figure, theme: Theme, made: date) -> bytes:
    """A workbook with the chart and its figures: those that Word shows when somebody asks for the chart's data."""
    from cpxl.workbooks.write import to_bytes

    sheet = for_partners(Sheet("Figures", figure.chart.title, items=[figure.block, figure.chart]))
    return to_bytes(Workbook(figure.chart.title, "", "", [sheet], made=made), theme)


def picture(photo: Photo, number: int, document: Any) -> str:
    """The XML of a picture in a paragraph of a document's part, after it was added to it."""
    from docx.shared import Inches

    width, height = size_of(photo.content)
    scale = min(WIDTH / width, HIGHEST / height, 1 / 96)
    inline = document.new_pic_inline(BytesIO(photo.content), Inches(width * scale), Inches(height * scale))
    for about in (inline.docPr, inline.graphic.graphicData.pic.nvPicPr.cNvPr):
        about.set("id", str(FIRST + number))
        about.set("name", f"Picture {number}")
        about.set("descr", shown(photo.alt_text))
    return str(inline.xml)


def _part(package: Any, name: str, kind: str, data: bytes) -> Any:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    return Part(PackURI(name), kind, data, package)

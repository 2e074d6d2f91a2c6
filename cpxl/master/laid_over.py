"""What somebody laid over the cells of a master: notes, text boxes, shapes, pictures and charts of their own. The
command line writes the master anew and has no place for them.

The hidden sheet has a digest of the title of every chart that cpxl drew. In a master of 0.1.0, which has none, they are
told by the titles that it gave them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml import ElementTree
from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl.layout.blocks import Chart, Sheet
from cpxl.master.outside import Typed
from cpxl.model import Cell, Seal
from cpxl.seals import digest_of_line
from cpxl.words import short
from cpxl.workbooks.surroundings import Surroundings, related

CHARTS = "charts"
"""Stands for a table in the seal of the charts that cpxl drew on a sheet."""
OF_0_1_0 = re.compile(
    "(?s:.+): (?:progress by quarter|by month|this year against last)|12 months against the year before"
)
"""The titles of the charts that 0.1.0 drew."""
KINDS = {"sp": "a text box or shape", "pic": "a picture", "cxnSp": "a line", "grpSp": "a group of shapes"}
"""What lies over cells and is none of cpxl's, by its element."""


def seals_of_charts(sheets: Iterable[Sheet]) -> Iterator[Seal]:
    """The seals of the charts that cpxl draws: a digest of each title, sheet by sheet."""
    for sheet in sheets:
        titles = [item.title for item in sheet.items if isinstance(item, Chart)]
        yield Seal(CHARTS, "", sheet.name, "", tuple(map(digest_of_line, titles)))


def laid_over(data: bytes, parts: Mapping[str, str], seals: Iterable[Seal]) -> Iterator[Typed]:
    """All there is that is not cpxl's. data: the file. parts: where each sheet is in it."""
    is_ours = _charts_of_ours(list(seals))
    with ZipFile(BytesIO(data)) as package:
        there = package.namelist()
        if not any("omment" in name or "drawing" in name for name in there):
            return
        for sheet, part in parts.items():
            if part not in there:
                continue
            for row, column in sorted(Surroundings(package, part).notes):
                yield Typed(Cell(sheet, xl_rowcol_to_cell(row, column)), "a note or comment")
            for name, xml in related(package, part):
                if "/drawing" in name and name.endswith(".xml"):
                    yield from _drawn_by_hand(ElementTree.fromstring(xml), sheet)
                    yield from _other_charts(package, name, sheet, is_ours)


def _drawn_by_hand(drawing: Element, sheet: str) -> Iterator[Typed]:
    for anchor in drawing:
        what = next((words for kind, words in KINDS.items() if anchor.find(f".//{{*}}{kind}") is not None), "")
        if what:
            row, column = (int(anchor.findtext(f"{{*}}from/{{*}}{of}") or 0) for of in ("row", "col"))
            yield Typed(Cell(sheet, xl_rowcol_to_cell(row, column)), _with(what, _text(anchor)))


def _charts_of_ours(seals: Sequence[Seal]) -> Callable[[str, str], bool]:
    """Whether a chart on a sheet, by its title, is one that cpxl drew, as far as a master tells."""
    if not seals:
        return lambda sheet, title: OF_0_1_0.fullmatch(title) is not None
    digests = {seal.strand: seal.digests or () for seal in seals if seal.table == CHARTS}
    return lambda sheet, title: sheet not in digests or digest_of_line(title) in digests[sheet]


def _other_charts(package: ZipFile, drawing: str, sheet: str, is_ours: Callable[[str, str], bool]) -> Iterator[Typed]:
    for name, xml in related(package, drawing):
        if "/chart" in name:
            title = _text(ElementTree.fromstring(xml).find("{*}chart/{*}title"))
            if not is_ours(sheet, title):
                yield Typed(Cell(sheet, "A1"), _with("a chart", title))


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(t.text or "" for t in element.iterfind(".//{*}t")).split())


def _with(what: str, text: str) -> str:
    return f"{what}: '{short(text)}'" if text else what

"""A layout into the workbook that is open in Excel, through xlwings.

Where everything is and what stands there is read from the workbook's file, which has to be as the open workbook is. So
finding out costs no call into Excel, each of which takes a millisecond or more. Then tables get and lose rows in their
midst, as a person would do it: Excel makes table and name longer or shorter and takes along whatever stands below,
notes, charts and formats (`room`, `edits`). Last, of each block that differs, the part that differs is written in one
piece (`page`). What Excel would not do, or what would be lost, is refused before anything is touched (`refusals`).

A filter would keep Excel from writing into the rows that it hides, so filters are taken off and put back. In the end
every sheet that was touched is read back, and must be as the layout has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from cpxl.errors import Refused
from cpxl.layout.blocks import Chart, Workbook
from cpxl.layout.identity import identity_block, sheets_block
from cpxl.theme import Theme
from cpxl.workbook_names import TEMPLATE_VERSION
from cpxl.workbooks.live.page import Page, name_of
from cpxl.workbooks.live.refusals import refuse_to_mislead
from cpxl.workbooks.read import OpenWorkbook

if TYPE_CHECKING:
    import xlwings


class LaidOutOtherwise(Refused):
    """The workbook has other sheets, tables or columns than the layout: it would have to be written anew."""


def plan(data: bytes, workbook: Workbook, theme: Theme) -> list[Page]:
    """What is to be done to an open workbook so that it is as a layout says: the sheets on which something differs.

    data: the bytes of the workbook's file, which has to be as the open workbook is.
    Raises LaidOutOtherwise if the sheets or blocks of the workbook are not those of the layout, and Refused if
    something that is not cpxl's would be lost, or come to say something else.
    """
    there = OpenWorkbook(data)
    _refuse_other_layout(there, workbook)
    with ZipFile(BytesIO(data)) as parts:
        pages = [Page(there, parts, sheet, theme) for sheet in workbook.sheets]
        refuse_to_mislead(parts, there, pages)
    pages = [page for page in pages if page.differs]
    for page in pages:
        page.refuse_what_excel_would()
    return pages


def populate(book: xlwings.Book, pages: Sequence[Page], progress: Callable[[str], None]) -> dict[str, xlwings.Sheet]:
    """Do it; whatever is not the layout's stays as it is. Nothing is saved here. Gives the sheets that were worked on.

    progress: told the name of each sheet.
    Raises Refused if something does not stand there in the end as it should.
    """
    every = book.sheets
    sheets = {page.sheet.name: every[page.sheet.name] for page in pages}
    for page in pages:
        progress(page.sheet.name)
        page.write(sheets[page.sheet.name])
    book.app.calculate()
    for page in pages:
        page.prove(sheets[page.sheet.name])
    return sheets


def charts_due(before: Workbook, now: Workbook) -> list[str]:
    """Charts of a layout that an earlier one had not, with their sheets: in an open workbook nothing draws them."""
    had = {(sheet.name, item.name) for sheet in before.sheets for item in sheet.items if isinstance(item, Chart)}
    return [
        f"'{item.title}' on the sheet {sheet.name}"
        for sheet in now.sheets
        for item in sheet.items
        if isinstance(item, Chart) and (sheet.name, item.name) not in had
    ]


def _refuse_other_layout(there: OpenWorkbook, workbook: Workbook) -> None:
    """Raise LaidOutOtherwise if there are other sheets or blocks of cpxl's in the workbook than in the layout."""
    facts = {str(row.values["fact"]): row.values["value"] for row in there.rows(identity_block()) or ()}
    if str(facts.get("template_version")) != TEMPLATE_VERSION:
        raise LaidOutOtherwise("The master was laid out by an earlier cpxl.")
    written = {str(row.values["sheet"]) for row in there.rows(sheets_block()) or ()}
    for sheet in workbook.sheets:
        if sheet.name in written and sheet.name not in there.sheets:
            raise Refused(f"The master has no sheet '{sheet.name}': give it that name back, then click again.")
    wanted = {(sheet.name, name_of(there, sheet.name, block)) for sheet in workbook.sheets for block in sheet.blocks}
    sheets = written | {sheet.name for sheet in workbook.sheets}
    if wanted != {(area[0], name) for name, areas in there.areas.items() for area in areas if area[0] in sheets}:
        raise LaidOutOtherwise(
            "The master has other sheets and tables than config.yaml's strands, plans and measures ask for."
        )

"""A lead's own return with the findings in front and its cells marked, to be corrected and sent back. With openpyxl.

The file is a stranger's. What openpyxl gets to see of it is bounded first, and is cells, tables and comments only:
macros, connections, links to other files, embedded objects and drawings do not travel on. The copy is given out
only if every value on the sheets that cpxl reads is as it was.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from html import escape
from io import BytesIO
from posixpath import basename, dirname, join, normpath
from typing import Any

from defusedxml import ElementTree
from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import range_boundaries
from openpyxl.workbook.properties import CalcProperties

from cpxl.layout.blocks import Sheet
from cpxl.layout.blocks import Workbook as Layout
from cpxl.layout.check_report import ANNOTATIONS, SEVERITIES, findings_sheet
from cpxl.layout.grid import DIGIT
from cpxl.model import Finding
from cpxl.theme import Theme
from cpxl.workbook_names import AUTHOR, FINDINGS, defined_name
from cpxl.workbooks.elsewhere import CLOSING, OPENING
from cpxl.workbooks.faithful import ELSEWHERE, Kept, noted, put_back
from cpxl.workbooks.paper import lines_needed
from cpxl.workbooks.read import OpenWorkbook
from cpxl.workbooks.write import to_bytes

MARK = 'N("cpxl finding")=0'
"""The condition of the format that marks a cell: always true, and told from a lead's own formats by its words."""

LARGEST, MOST_PARTS, MOST_TAGS, MOST_CELLS = 4 * 2**20, 200, 400_000, 50_000
"""Bytes that a file may unpack to, its parts, their tags, and cells of all its sheets. A return has 70,000, 30, 3,000
and 700."""
MOST_LOOKS, LONGEST_FORMULA, LONGEST_SAID = 5_000, 8_192, 32_767
"""Styles of cells and areas with a format of their own, of which a return has 150; characters of a formula and of a
comment, which are Excel's own limits."""
LOOKS = {"xf", "font", "fill", "border", "dxf", "numFmt", "cellStyle"}
FORMULAS = {"f", "definedName", "formula", "formula1", "formula2"}

LONGEST_COMMENT = 2_000  # characters
COMMENT_WIDTH, MOST_LINES, LINE = 38, 24, 20  # characters; lines, more are scrolled to; pixels
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")

TRAVELS = {"officeDocument", "worksheet", "sharedStrings", "styles", "theme", "table", "comments", "hyperlink"}
"""The relations between parts of a file that openpyxl follows here, by the last word of their type."""

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class CannotAnnotate(Exception):
    """No copy of this file can be made; its text says why."""


def annotate(data: bytes, findings: Sequence[Finding], title: str, marking: str, theme: Theme) -> bytes:
    """The file with a sheet of findings in front and the cells at fault marked; earlier marks of ours are replaced.

    title: of the sheet, in A1. marking: what every printed page is marked with.
    Raises CannotAnnotate if the file is too large or too unlike a return.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, of what it leaves out
            return _annotate(data, findings, title, marking, theme)
    except CannotAnnotate:
        raise
    except Exception as error:  # openpyxl has any number of ways to fail on a file that others let pass
        raise CannotAnnotate("it is damaged, or holds what a return never has") from error


def _annotate(data: bytes, findings: Sequence[Finding], title: str, marking: str, theme: Theme) -> bytes:
    parts = _unpacked(data)
    bounded = _bounded(parts)
    original = OpenWorkbook(data)
    places = _sheet_parts(parts)
    book = _loaded(bounded, original)
    _tidy(book)
    kept = noted(parts, {name: places[name] for name in book.sheetnames})
    sheet = findings_sheet(_free_name(book.sheetnames), title, findings, _left_out(parts, original, theme))
    _put_in_front(book, sheet, marking, theme)
    _mark(book, findings, theme)
    _without_logo(book)
    _open_in_front(book)
    annotated = _finished(book, kept, theme)
    again = OpenWorkbook(annotated)
    if any(again.page(sheet) != original.page(sheet) for sheet in original.numbers if sheet in book.sheetnames[1:]):
        raise CannotAnnotate("its values would not stay as they are")
    return annotated


# Taking the file in


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of the file."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
            raise CannotAnnotate("it is larger than a return ever is")
        read = {part.filename: package.read(part) for part in parts}
    if sum(part.count(b"<") for part in read.values()) > MOST_TAGS:
        raise CannotAnnotate("it is larger than a return ever is")
    return read


def _packed(parts: Mapping[str, bytes]) -> BytesIO:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    packed.seek(0)
    return packed


def _loaded(parts: Mapping[str, bytes], original: OpenWorkbook) -> Workbook:
    """The workbook in openpyxl, of bounded parts. Raises CannotAnnotate if it is too large still, or lacks a sheet."""
    book = load_workbook(_packed(parts), keep_links=False)
    if book.sheetnames != list(original.sheets):
        raise CannotAnnotate("it has sheets of other kinds than worksheets")
    if sum(len(str(cell.value)) for page in book.worksheets for cell in _cells(page)) > LARGEST:
        raise CannotAnnotate("a long text stands in many of its cells")
    return book


def _bounded(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts with those relations alone that openpyxl is to follow.

    Raises CannotAnnotate where openpyxl would lay out too many cells or styles, or read a part again and again.
    """
    bounded, cells, looks, formulas, longest = dict(parts), 0, 0, 0, 0
    reached: set[str] = set()
    for name, content in parts.items():
        try:
            tree = ElementTree.fromstring(content)
        except ElementTree.ParseError:
            continue  # a picture; of a part that openpyxl needs, it will say so
        for element in tree.iter():
            kind = element.tag.rpartition("}")[2]
            cells += kind == "c"
            looks += (kind in LOOKS) + element.get("sqref", "").count(" ")
            if kind in ("mergeCell", "hyperlink", "table", "comment"):
                cells += _size(element.get("ref", ""))
            if kind in FORMULAS:
                formulas, longest = formulas + 1, max(longest, len(element.text or ""))
            elif kind == "comment" and sum(map(len, element.itertext())) > LONGEST_SAID:
                raise CannotAnnotate("a comment in it is longer than Excel lets one be")
        if name.endswith(".rels"):
            bounded[name] = _followed(tree, dirname(dirname(name)), reached)
    if cells > MOST_CELLS or looks > MOST_LOOKS or longest > LONGEST_FORMULA or formulas * longest > LARGEST:
        raise CannotAnnotate("it has more cells, styles or longer formulas than a return ever has")
    return bounded


def _sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part that each sheet is in. Raises CannotAnnotate if two are in one."""
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {relation.get("Id", ""): normpath(join("/xl", relation.get("Target", "")))[1:] for relation in relations}
    sheets = ElementTree.fromstring(parts["xl/workbook.xml"]).findall("{*}sheets/{*}sheet")
    places = {sheet.get("name", ""): targets[sheet.get(RELATION, "")] for sheet in sheets}
    if len(set(places.values())) < len(sheets):
        raise CannotAnnotate("two of its sheets are one and the same")
    return places


def _size(area: str) -> int:
    """How many cells `B3:C4` has."""
    left, top, right, bottom = range_boundaries(area)
    if None in (left, top, right, bottom):
        raise CannotAnnotate("a table, link or comment in it covers whole rows or columns")
    return int((right - left + 1) * (bottom - top + 1))  # type: ignore[operator]


def _followed(tree: Any, folder: str, reached: set[str]) -> bytes:
    """The relations of a part in `folder`, without those that are not to be followed. `reached` gains their targets."""
    for relation in list(tree):
        kind, target = basename(relation.get("Type", "")), normpath(join("/", folder, relation.get("Target", "")))
        if kind not in TRAVELS:
            tree.remove(relation)
        elif kind != "hyperlink" and target in reached:
            raise CannotAnnotate("it refers to a part of itself more than once")
        else:
            reached.add(target)
    return bytes(ElementTree.tostring(tree))


def _left_out(parts: Mapping[str, bytes], original: OpenWorkbook, theme: Theme) -> list[str]:
    drawn = any(name.startswith(("xl/drawings/drawing", "xl/media/")) and parts[name] != theme.logo for name in parts)
    return [*original.extras, *(["pictures, text boxes and charts"] if drawn else [])]


def _tidy(book: Workbook) -> None:
    """Take away what we put into the file last time, and names of what is elsewhere."""
    for page in book.worksheets:
        if defined_name(ANNOTATIONS) in page.defined_names:
            book.remove(page)
            continue
        kept = ConditionalFormattingList()
        for area in page.conditional_formatting:
            for rule in area.rules:
                if MARK not in rule.formula:
                    kept.add(str(area.sqref), rule)
        page.conditional_formatting = kept
        for cell in _cells(page):
            if cell.comment:
                _comment_on(cell, _theirs(cell.comment.text), cell.comment.author)
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for name in [name for name, named in names.items() if ELSEWHERE.search(named.attr_text or "")]:
            del names[name]


def _theirs(text: str) -> str:
    """A comment without our part."""
    while (start := text.find(OPENING)) >= 0 and (end := text.find(CLOSING, start)) >= 0:
        text = text[:start].rstrip() + text[end + len(CLOSING) :]
    return text


def _cells(page: Any) -> list[Any]:
    """The cells that are there; openpyxl's iter_rows would make every one as far as the last."""
    return list(page._cells.values())


def _free_name(taken: Sequence[str]) -> str:
    folded = {name.casefold() for name in taken}
    names = [FINDINGS, *(f"{FINDINGS} ({number})" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name.casefold() not in folded)


# The findings


def _put_in_front(book: Workbook, sheet: Sheet, marking: str, theme: Theme) -> None:
    """The sheet as write.py writes it, moved in with its looks, theme, links, table and name."""
    written: Any = load_workbook(BytesIO(to_bytes(Layout(sheet.title, marking, sheet.title, [sheet]), theme))).active
    book.loaded_theme = written.parent.loaded_theme
    page: Any = book.create_sheet(sheet.name, 0)
    for cell in (cell for row in written.iter_rows() for cell in row):
        moved = page.cell(cell.row, cell.column)
        moved.value, moved.data_type = cell.value, cell.data_type  # text stays text, whatever it begins with
        for look in ("font", "fill", "border", "alignment", "hyperlink"):
            setattr(moved, look, copy(getattr(cell, look)))
    for row, height in written.row_dimensions.items():
        page.row_dimensions[row].height = height.height
    for letter, column in written.column_dimensions.items():
        moved = page.column_dimensions[letter]
        moved.width, moved.min, moved.max = column.width, column.min, column.max
    for table in written.tables.values():
        page.add_table(table)
    for part in ("defined_names", "views", "protection", "sheet_properties", "page_setup", "page_margins"):
        setattr(page, part, getattr(written, part))
    page.HeaderFooter, page.print_title_rows = written.HeaderFooter, written.print_title_rows


def _mark(book: Workbook, findings: Sequence[Finding], theme: Theme) -> None:
    """A comment on each cell that a finding names, and a format where something is to be done."""
    marked: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        for address in finding.cell.split(", ") if finding.cell else ():
            marked.setdefault((finding.sheet, address), []).append(finding)
    for (sheet, address), found in marked.items():
        cell: Any = book[sheet][address]
        if isinstance(cell, MergedCell):  # it cannot have a comment
            continue
        said = CONTROL.sub("", "\n\n".join(f"{SEVERITIES[f.severity]}. {f.message}\n{f.fix}" for f in found))
        said = said if len(said) <= LONGEST_COMMENT else f"{said[:LONGEST_COMMENT]}… (see the sheet in front)"
        ours, theirs = f"{OPENING}{said}{CLOSING}", cell.comment
        _comment_on(cell, f"{theirs.text}\n\n{ours}" if theirs else ours, theirs.author if theirs else AUTHOR)
    to_do = [place for place, found in marked.items() if any(f.severity != Finding.NOTE for f in found)]
    for sheet in {sheet for sheet, _ in to_do}:
        cells = " ".join(address for on, address in to_do if on == sheet)
        book[sheet].conditional_formatting.add(cells, Rule("expression", dxf=_look_of_a_mark(theme), formula=[MARK]))


def _look_of_a_mark(theme: Theme) -> DifferentialStyle:
    """Underlined, not bold, so that the text takes no more room than before."""
    warning, pale = (theme.rgb(name)[1:] for name in ("warning", "pale_red"))
    side = Side("thin", warning)
    return DifferentialStyle(
        font=Font(underline="single", color=warning),
        fill=PatternFill(bgColor=pale),
        border=Border(side, side, side, side),
    )


def _comment_on(cell: Any, text: str, author: str) -> None:
    """Give the cell this comment, in a box that it can be read in; none if there is no text."""
    lines = min(lines_needed(text, COMMENT_WIDTH), MOST_LINES) + 1
    cell.comment = Comment(text, author, lines * LINE, COMMENT_WIDTH * DIGIT) if text.strip() else None


# Giving the copy out


def _without_logo(book: Workbook) -> None:
    """Take its place out of the headers, as pictures do not travel."""
    for page in book.worksheets:
        header: Any = page.oddHeader
        for part in (header.left, header.center, header.right):
            part.text = part.text and part.text.replace("&G", "")


def _open_in_front(book: Workbook) -> None:
    """Let Excel open the copy at its first sheet, work out every formula, and know who saved it."""
    book.active = 0
    for number, page in enumerate(book.worksheets):
        for view in page.views.sheetView:
            view.tabSelected = number == 0
    for window in book.views:
        window.firstSheet = 0
    book.template = False
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    book.properties.lastModifiedBy = AUTHOR


def _finished(book: Workbook, kept: Kept, theme: Theme) -> bytes:
    """The bytes of the workbook, as faithful as can be, and with a readable font in comments."""
    stream = BytesIO()
    book.save(stream)
    parts = _unpacked(stream.getvalue())
    put_back(parts, kept, {page.title: page.path.lstrip("/") for page in book.worksheets})
    run = f'<rPr><sz val="{theme.size}"/><rFont val="{escape(theme.font)}"/></rPr>'.encode()
    for name in [name for name in parts if name.startswith("xl/comments/")]:
        text = parts[name].replace(b"<text><t>", b'<text><r>%s<t xml:space="preserve">' % run)
        parts[name] = text.replace(b"</t></text>", b"</t></r></text>")
    return _packed(parts).getvalue()

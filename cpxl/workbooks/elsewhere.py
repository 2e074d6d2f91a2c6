"""What stands in a file beside the cells that are read: notes, drawings, other sheets, and how it is marked.

A lead writes where there is room. Nothing of it is taken into the report, and all of it is said. What is looked at is
bounded apart from what is read, so that no drawing makes a return too large: what is too much is said as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import islice
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple
from xml.parsers.expat import ExpatError

import python_calamine
from xlsxwriter.utility import xl_rowcol_to_cell

from cpxl import markings
from cpxl.model import Aside, Cell
from cpxl.workbooks.read import GUIDE, Area, OpenWorkbook, tidy
from cpxl.workbooks.survey import examined
from cpxl.workbooks.untrusted import Unreadable, elements, refusing_damage, workbook_of

LARGEST = 2 * 2**20
"""Bytes of all that is looked at besides what is read."""
MOST, MOST_SHEETS, MOST_ROWS, MOST_CELLS = 100, 20, 2_000, 12
"""Things that are said of a file; sheets, besides the form, and rows of each that are looked at; cells of one that are
quoted."""

OPENING, CLOSING = "[What the check found]\n", "\n[End]"
"""Where our part of a comment begins and ends, in a copy with the findings marked."""
OURS = re.compile(r"\[What the check found\]\s.*?\s\[End\]", re.DOTALL)
THREADED = re.compile(r"\[[^\]]{1,60}\]\s.{0,600}?\n\s*\w{1,20}:\s*\n", re.DOTALL)
"""How the note begins that Excel puts beside a threaded comment, for programs that do not know these."""
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
HEADER = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(Header|Footer)\b[^<>]*>([^<]*)")
CODES = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-Fa-f+-]{2,8}|\d{1,3}|([LCR])|(&)|[A-Z])")
"""In a header: its font, size and colour; the beginning of its left, middle and right; a plain &."""
MARKING_WORDS = (b"secret", b"sens", b"restricted", b"confidential", b"protect", b"&#", b"\0", b"msip_label")
O_S = re.compile(rb"o[-_/]s\b")
LABEL = re.compile(r"MSIP_Label_([^_]+)_(\w+)", re.IGNORECASE)
SHAPE = re.compile(rb"<v:(?:shape|rect|roundrect|oval|line|group)\b")
NOT_DRAWN = re.compile(rb"<x:ClientData\b[^<>]*ObjectType\s*=\s*[\"']Note", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
PROPERTIES = {
    "core-properties": "docProps/core.xml",
    "extended-properties": "docProps/app.xml",
    "custom-properties": "docProps/custom.xml",
    "classificationlabels": "docMetadata/LabelInfo.xml",
}
"""The parts with what a file says of itself, by the kind of their relation, and what they are usually called."""
SAID_IN = ("title", "subject", "creator", "keywords", "description", "category", "contentStatus", "identifier",
           "lpwstr", "lpstr", "bstr", "Company", "Manager", "HyperlinkBase")  # fmt: skip
FOR_MARKINGS = ("category", "contentStatus")


class Marked(NamedTuple):
    """How a file is marked, apart from its texts.

    places: what has a marking above OFFICIAL in it, whether it stands where nothing but markings belongs, and where
    that is. labels: sensitivity labels of which no marking is known.
    """

    places: tuple[tuple[str, bool, str], ...]
    labels: tuple[str, ...]


class Elsewhere:
    """What stands elsewhere in a workbook, looked at within bounds. unread: what could not be looked at."""

    def __init__(self, book: OpenWorkbook) -> None:
        self.book, self.left = book, LARGEST
        self.unread: list[str] = []
        self.xml: dict[str, bytes] = dict(book.xml)
        for name in list(book.sheets)[: MOST_SHEETS + len(book.xml)]:
            if name not in self.xml and (part := self._part(book.parts[name], f"the sheet '{name}'")):
                self.xml[name] = part
        if len(book.sheets) > MOST_SHEETS + len(book.xml):
            self.unread.append(f"{len(book.sheets)} sheets")

    def _part(self, name: str, what: str) -> bytes:
        """A part of the file; nothing, and what it is noted, if it cannot be read or is too much."""
        entry = self.book.file.entries.get(name)
        if entry is None:
            return b""
        size = entry.file_size
        if size > self.left or size > self.book.file.left:
            self.unread.append(what)
            return b""
        self.left -= size
        try:
            with refusing_damage():
                return self.book.file[name]
        except Unreadable:
            self.unread.append(what)
            return b""

    def _elements(self, name: str, what: str, *tags: str) -> list[tuple[str, dict[str, str], list[str]]]:
        """The elements of a part, or none, and that noted."""
        part = self._part(name, what)
        try:
            return elements(part, *tags) if part else []
        except (ExpatError, ValueError, Unreadable):
            self.unread.append(what)
            return []

    def _related(self, name: str, what: str) -> list[tuple[str, str]]:
        """The kind and the part that each relation of a part leads to."""
        folder = dirname(name)
        relations = f"{folder}/_rels/{basename(name)}.rels".lstrip("/")
        if relations not in self.book.file.entries:
            return []
        return [
            (about.get("Type", "").rpartition("/")[2], normpath(join("/", folder, about.get("Target", "")))[1:])
            for _, about, _ in self._elements(relations, what, "Relationship")
        ]

    # Beside the cells

    def asides(self) -> Iterator[Aside]:
        """Notes, threaded comments and drawings on any sheet, a hundred at most."""
        found = (aside for sheet, part in self.book.parts.items() for aside in self._on(sheet, part))
        yield from islice(dict.fromkeys(found), MOST)

    def _on(self, sheet: str, part: str) -> Iterator[Aside]:
        what, at = f"the sheet '{sheet}'", ""
        threaded: set[str] = set()
        related = self._related(part, what)
        for kind, target in sorted(related, key=lambda relation: relation[0] != "threadedComment"):
            match kind:
                case "threadedComment":
                    for _, about, text in self._elements(target, f"the comments of {what}", "threadedComment", "text"):
                        if about.get("ref"):
                            threaded.add(at := about["ref"])
                        elif said := _plain(text):
                            yield Aside(Aside.COMMENT, Cell(sheet, _address(at)), said)
                case "comments":
                    for at, said in _notes(self._elements(target, f"the comments of {what}", "comment", "t")):
                        if said and not (at in threaded and THREADED.match(said)):
                            yield Aside(Aside.COMMENT, Cell(sheet, _address(at)), THREADED.sub("", said, 1))
                case "drawing":
                    yield from self._drawn(sheet, target)
                case "vmlDrawing" | "legacyDrawing":
                    yield from (Aside(Aside.BOX, Cell(sheet, ""), said) for said in self._drawn_of_old(target, what))

    def _drawn(self, sheet: str, part: str) -> Iterator[Aside]:
        """Text boxes, shapes, pictures, lines, charts and diagrams."""
        what = f"the drawings on the sheet '{sheet}'"
        tags = ("from", "to", "col", "row", "sp", "cxnSp", "pic", "contentPart", "cNvPr", "p", "t")
        at, is_from = {"col": 0, "row": 0}, False
        there: list[tuple[str, Cell, list[str], str]] = []
        for tag, about, text in self._elements(part, what, *tags):
            match tag:
                case "from" | "to":
                    is_from = tag == "from"
                case "col" | "row" if is_from:
                    at[tag] = min(int(number), 2**20) if (number := "".join(text).strip()).isdecimal() else 0
                case "sp" | "cxnSp" | "pic" | "contentPart":
                    there.append((tag, Cell(sheet, xl_rowcol_to_cell(at["row"], at["col"])), [], ""))
                case "cNvPr" if there and not there[-1][3]:
                    there[-1] = (*there[-1][:3], about.get("descr") or about.get("title") or " ")
                case "p" if there:
                    there[-1][2].append("\n")
                case "t" if there:
                    there[-1][2].extend(text)
        for tag, cell, pieces, described in there:
            said = _plain(pieces)
            if said:
                yield Aside(Aside.BOX, cell, said)
            else:
                name = {"pic": "a picture", "cxnSp": "a line"}.get(tag, "a shape")
                yield Aside(Aside.DRAWING, cell, f"{name} '{described.strip()}'" if described.strip() else name)
        for kind, target in self._related(part, what):
            if kind in ("chart", "diagramData", "chartEx"):
                texts = self._elements(target, what, "p", "t")
                said = _plain(["\n" if tag == "p" else "".join(text) for tag, _, text in texts])
                name = "a diagram" if kind == "diagramData" else "a chart"
                words = f"{name} '{said}'" if said else name
                yield Aside(Aside.BOX if said else Aside.DRAWING, Cell(sheet, ""), words)

    def _drawn_of_old(self, part: str, what: str) -> Iterator[str]:
        """The texts in drawings of Excel's old kind, which are not always XML; notes are read where they stand."""
        for shape in SHAPE.split(self._part(part, f"the drawings on {what}"))[1:]:
            if not NOT_DRAWN.search(shape):
                _, begun, box = shape.partition(b"<v:textbox")
                box = box.partition(b"</v:textbox>")[0].partition(b">")[2] if begun else b""
                path = re.search(rb"<v:textpath\b[^<>]*?\bstring=\"([^\"<>]*)", shape)
                text = TAG.sub("", box.decode(errors="replace")) + (path[1].decode(errors="replace") if path else "")
                if said := _plain([unescape(text)]):
                    yield said

    # Other sheets

    def sheets(self, forms: Sequence[str], guide: frozenset[str]) -> Iterator[Aside]:
        """What stands on other sheets than the forms: beside our tables, where there are any, or else anywhere.

        guide: what stands on the guide to the form as it was issued; empty if that is not known any more.
        """
        guides = {area[0] for area in self.book.areas.get(GUIDE, ())} if guide else ()
        others = {name: xml for name, xml in self.xml.items() if name not in forms}
        for name, page in self._pages(others).items():
            areas = [area for areas in self.book.areas.values() for area in areas if area[0] == name]
            cells = [
                (xl_rowcol_to_cell(row, column), said)
                for row, values in enumerate(page[:MOST_ROWS])
                for column, value in enumerate(values)
                if value != "" and (said := tidy(value)) is not None
                if not _is_ours(row, column, areas) or (name in guides and not _is_as_issued(str(said), guide))
            ]
            if cells:
                listed = ", ".join(f"{place} '{said}'" for place, said in cells[:MOST_CELLS])
                more = f" and {len(cells) - MOST_CELLS} more cells" if len(cells) > MOST_CELLS else ""
                yield Aside(Aside.SHEET, Cell(name, cells[0][0]), listed + more)

    def _pages(self, xml: Mapping[str, bytes]) -> dict[str, list[list[object]]]:
        """The cells of sheets that are not read elsewhere."""
        pages = {name: self.book.page(name) for name in xml if name in self.book.numbers}
        wanted: dict[str, bytes] = {}
        opened: python_calamine.CalamineWorkbook | None = None
        for name in xml.keys() - pages.keys():
            try:
                with refusing_damage():
                    examined({name: xml[name]}, self.book.strings)
                    wanted[name] = xml[name]
            except Unreadable:
                self.unread.append(f"the sheet '{name}'")
        made = workbook_of(list(wanted.values()), self.book.strings, self.book.styles, self.book.from_1904)
        for number, name in enumerate(wanted):
            try:
                with refusing_damage():
                    opened = opened or python_calamine.load_workbook(made)
                    pages[name] = opened.get_sheet_by_index(number).to_python(skip_empty_area=False)
            except Unreadable:
                self.unread.append(f"the sheet '{name}'")
        return {name: pages[name] for name in xml if name in pages}

    # How the file is marked

    def marked(self, file: str) -> Marked:
        """Where markings stand apart from cells and what is drawn. file: its name."""
        said = [(file, False, "the file's name"), *((name, False, "a sheet's name") for name in self.book.sheets)]
        for name, xml in self.xml.items():
            said += [(text, True, f"the {part} of the sheet '{name}'") for part, text in _headers(xml)]
        labels: dict[str, dict[str, str]] = {}
        for part, fields in self._properties():
            for field, text in fields:
                if found := LABEL.fullmatch(field):
                    labels.setdefault(found[1].lower(), {})[found[2].lower()] = text
                else:
                    is_place = field in FOR_MARKINGS or part == "custom"
                    said.append((text, is_place, f"the file's properties ({field})"))
        unknown = []
        for label in labels.values():
            if label.get("enabled", "true").lower() in ("true", "1") and label.get("removed", "0") in ("0", "false"):
                name = label.get("name", "")
                said.append((name, True, "the sensitivity label"))
                unknown += [name] if markings.level(name, is_place_for_it=True) is None else []
        if not _may_be_marked("\n".join(text for text, *_ in said).encode(errors="replace")):
            said = []
        places = [one for one in said if markings.level(one[0], is_place_for_it=one[1])][:MOST]
        return Marked(tuple(dict.fromkeys(places)), tuple(dict.fromkeys(unknown)))

    def _properties(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """What the file says of itself: the part, and its fields with their texts."""
        what = "the file's properties"
        there = self.book.file.entries
        relations = self._part("_rels/.rels", what)
        others = [kind for kind, usual in PROPERTIES.items() if usual not in there and kind.encode() in relations]
        found = dict(self._related("", what)) if others else {}
        for kind, usual in PROPERTIES.items():
            name = found.get(kind, usual)
            if kind == "classificationlabels":
                for _, about, _ in self._elements(name, what, "label"):
                    guid = about.get("id", "").strip("{}").lower()
                    known = (("Enabled", about.get("enabled", "1")), ("Removed", about.get("removed", "0")))
                    yield "label", [(f"MSIP_Label_{guid}_{key}", value) for key, value in known]
                continue
            part = self._part(name, what)
            if not _may_be_marked(part):
                continue
            try:
                fields = elements(part, "property", *SAID_IN)
            except (ExpatError, ValueError, Unreadable):
                self.unread.append(what)
                continue
            named, texts = "", []
            for tag, about, text in fields:
                named = about.get("name", "") if tag == "property" else named
                if tag != "property":
                    texts.append((named or tag, "".join(text)))
            yield kind.partition("-")[0], texts


def _may_be_marked(text: bytes) -> bool:
    """Whether a quick look leaves it open that there is a marking above OFFICIAL in a text or in XML."""
    plain = text.lower()
    return any(word in plain for word in MARKING_WORDS) or O_S.search(plain) is not None


def _is_ours(row: int, column: int, areas: Sequence[Area]) -> bool:
    """Whether a cell is in one of our tables, or above the first of them in its first column."""
    inside = any(top <= row <= last and left <= column <= right for _, top, left, last, right in areas)
    return inside or any(row < top and column == left for _, top, left, _, _ in areas)


def _is_as_issued(said: str, guide: frozenset[str]) -> bool:
    """Whether a text is the guide's own, or nearly: config may have changed since."""
    return said in guide or any(len(said) > 24 and (said[:12], said[-12:]) == (k[:12], k[-12:]) for k in guide)


def _notes(found: Sequence[tuple[str, dict[str, str], list[str]]]) -> Iterator[tuple[str, str]]:
    """The cell and the text of each note, without what we wrote ourselves."""
    at, pieces = "", list[str]()
    for tag, about, text in [*found, ("comment", {}, [])]:
        if tag == "t":
            pieces += text
            continue
        if at:
            yield at, OURS.sub("", _plain(pieces)).strip()
        at, pieces = about.get("ref", ""), []


def _plain(pieces: Sequence[str]) -> str:
    """Pieces of text as one, escaped characters as themselves, without what Excel would not take for text."""
    text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), "".join(pieces)).replace("\r\n", "\n")
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" or c in "\0\ufffe\uffff" else c for c in text).strip()


def _address(text: str) -> str:
    """An address as a finding has it, or none if it is none."""
    return text.upper() if re.fullmatch(r"[A-Za-z]{1,3}[1-9]\d{0,6}", text) else ""


def _headers(xml: bytes) -> Iterator[tuple[str, str]]:
    """The headers and footers of a sheet, without their codes."""
    tail = xml[at:] if (at := xml.find(b"headerFooter")) >= 0 else b""
    for part, text in HEADER.findall(tail) if _may_be_marked(tail) else ():
        said = CODES.sub(lambda code: "\n" if code[1] else code[2] or "", unescape(text.decode(errors="replace")))
        yield part.decode().lower(), said.strip()

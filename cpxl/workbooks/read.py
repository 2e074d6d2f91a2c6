"""Values of a workbook's blocks, read fast with python-calamine. Nothing in the file is run, followed or fetched.

A workbook comes from outside, and calamine takes as much memory as a file makes it take, to the point where the whole
program is gone. So the file is unpacked here, within limits; how much its sheets will take is counted; and calamine is
given a workbook of our own making, with the sheets that have our blocks and nothing else.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from posixpath import normpath
from typing import Any, NamedTuple
from xml.parsers import expat

import python_calamine
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from cpxl.layout.blocks import Block
from cpxl.layout.names import WORKED_OUT, defined_name
from cpxl.model import NOT_APPLICABLE, Cell, Value

LARGEST_FILE = 20 * 2**20
LARGEST_UNPACKED = 64 * 2**20
LARGEST_READ = 16 * 2**20
LARGEST_TEXT = 16 * 2**20
LARGEST_SHEET = 1_000_000
LONGEST_TEXT = 32_767
"""Bytes of a file; bytes that all its parts say they unpack to; bytes of those parts that are read; characters in the
cells of the sheets that are read; cells of a sheet, from A1 to the last one with a value; characters of a cell.
A return has about 20,000 bytes, unpacks to 60,000, and holds 7,000 characters in 600 cells."""

REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?")

# In the XML of a sheet. None goes on past the next tag, so that no file makes one look at the same bytes many times.
UNUSUAL = (
    # A cell not written as Excel and others do, or that says twice where it is, or is beyond row 999 or column ZZ.
    re.compile(rb"<c\b(?! r=\"[A-Z]{1,2}\d{1,3}\"(?: [a-qs-z]++=\"\w*+\")*+/?>)"),
    re.compile(rb":c\b"),  # the same with a prefix
    re.compile(rb"<!"),  # a comment, which may cut a value in two
)
FORMULA = re.compile(rb"<f\b[^<>]*(?:/>|>([^<]*)</f>)\s*(<v>[^<]|)")
CELL = re.compile(rb"<c r=\"([A-Z]+\d+)\"")
PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,8})")

Area = tuple[str, int, int, int, int]
"""A sheet, and the first row and column and the last row and column of an area on it, from 0."""


class Unreadable(Exception):
    """A file that is not a workbook cpxl can read; its text is the code of the rule that says why."""


class RowCells(Mapping[str, Cell]):
    """The cells of a row, by the column's key. Addresses are worked out when a finding asks for them."""

    def __init__(self, sheet: str, row: int, columns: Mapping[str, int]) -> None:
        self.sheet, self.row, self.columns = sheet, row, columns

    def __getitem__(self, key: str) -> Cell:
        return Cell(self.sheet, xl_rowcol_to_cell(self.row, self.columns[key]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


class ReadRow(NamedTuple):
    """A row of a block as read: its values by the column's key, and where they stand (row and columns from 0)."""

    values: dict[str, Value]
    sheet: str
    row: int
    columns: Mapping[str, int]

    @property
    def cells(self) -> RowCells:
        """The cells that the values were read from, by the column's key."""
        return RowCells(self.sheet, self.row, self.columns)


class Found(NamedTuple):
    """Where a block is: its sheet, its first and last row below the headings, and the column of each key, from 0."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]


class FormulaCell(NamedTuple):
    """A cell with a formula (row and column from 0), the formula, and whether it has a value stored."""

    row: int
    column: int
    text: str
    has_value: bool


class OpenWorkbook:
    """A workbook's bytes, opened for reading blocks.

    sheets: the names of all sheets in order, and whether each is visible. parts: where each is in the file.
    extras: what it carries besides sheets: macros, links to other files, embedded objects.
    """

    def __init__(self, data: bytes, *, every_sheet: bool = False) -> None:
        """Open a file, to read the sheets that have blocks of ours, or every sheet.

        Raises Unreadable with `password-protected`, `old-format`, `other-format`, `too-large`, `not-a-workbook`.
        """
        with _refusing_damage():
            parts = _Parts(data)
            self.extras = parts.extras
            index = _elements(parts["xl/workbook.xml"], "workbookPr", "sheet", "definedName")
            relations, kinds = _relations(parts["xl/_rels/workbook.xml.rels"])
            self.sheets: dict[str, bool] = {}
            self.areas: dict[str, list[Area]] = {}
            self.parts = paths = dict[str, str]()
            from_1904 = False
            for tag, attributes, text in index:
                name = attributes.get("name", "")
                if tag == "sheet":
                    self.sheets[name] = attributes.get("state", "visible") == "visible"
                    relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                    paths[name] = relations.get(relation, "")
                elif tag == "workbookPr":
                    from_1904 = attributes.get("date1904") in ("1", "true")
                elif name.startswith(defined_name("")) and (area := _area("".join(text).strip())):
                    self.areas.setdefault(name, []).append(area)
            self.areas = {name: [area for area in areas if area[0] in paths] for name, areas in self.areas.items()}
            ours = {area[0] for areas in self.areas.values() for area in areas}
            xml = {name: parts[path] for name, path in paths.items() if every_sheet or name in ours}
            strings = parts[kinds["sharedStrings"]] if "sharedStrings" in kinds else b""
            styles = parts[kinds["styles"]] if "styles" in kinds else b""
            self.formula_cells = _examined(xml, strings)
            self.has_long_parts = max(map(len, (strings, *xml.values()))) > LONGEST_TEXT
            self.numbers = {name: number for number, name in enumerate(xml)}
            self.book = python_calamine.load_workbook(_workbook(list(xml.values()), strings, styles, from_1904))
        self.pages: dict[str, list[list[Any]]] = {}
        self.found: dict[tuple[str, str | None], Found | None] = {}

    def sheet_of(self, block: Block) -> str | None:
        """The sheet that the block is on, if it is there."""
        area = self._area(block, None)
        return area[0] if area else None

    def rows(self, block: Block, sheet: str | None = None, *, to_the_end: bool = False) -> list[ReadRow] | None:
        """The rows of a block in which there is anything, found by its name and its headings, wherever they have moved.

        to_the_end: also rows below the block, down to the sheet's last (data tables that somebody made longer).
        None if the block, or the heading of one of its columns, is not there.
        """
        found = self._find(block, sheet)
        if found is None:
            return None
        page = self.page(found.sheet)
        rows = []
        for number in range(found.first, len(page) if to_the_end else min(found.last + 1, len(page))):
            row = page[number]
            if row.count("") == len(row):
                continue
            values = {key: None if row[at] == "" else tidy(row[at]) for key, at in found.columns.items()}
            if list(values.values()).count(None) < len(values):
                rows.append(ReadRow(values, found.sheet, number, found.columns))
        return rows

    def formulas(self, block: Block, sheet: str | None = None) -> list[tuple[Cell, bool]]:
        """The cells to fill in that hold a formula of the lead's own, and whether each has a value stored."""
        found = self._find(block, sheet)
        if found is None:
            return []
        entered = {found.columns[column.key] for column in block.columns if column.entered}
        return [
            (Cell(found.sheet, xl_rowcol_to_cell(row, column)), has_value)
            for row, column, text, has_value in self.formula_cells[found.sheet]
            if found.first <= row <= found.last and column in entered and not text.startswith(WORKED_OUT)
        ]

    def _find(self, block: Block, sheet: str | None) -> Found | None:
        """Where a block is on a sheet, or on the first that has it."""
        if (block.name, sheet) not in self.found:
            self.found[block.name, sheet] = self._look_for(block, sheet)
        return self.found[block.name, sheet]

    def _look_for(self, block: Block, sheet: str | None) -> Found | None:
        area = self._area(block, sheet)
        if area is None:
            return None
        on, heading, left, last, right = area
        page = self.page(on)
        if heading >= len(page):
            return None
        headings = {str(text).strip(): at for at, text in enumerate(page[heading][left : right + 1], left)}
        try:
            return Found(on, heading + 1, last, {column.key: headings[column.heading] for column in block.columns})
        except KeyError:
            return None

    def _area(self, block: Block, sheet: str | None) -> Area | None:
        areas = self.areas.get(defined_name(block.name), ())
        return next((area for area in areas if sheet in (None, area[0])), None)

    def page(self, sheet: str) -> list[list[Any]]:
        """Every cell of a sheet that is read from A1 on, a list per row. Raises Unreadable."""
        if sheet not in self.pages:
            with _refusing_damage():
                page = self.book.get_sheet_by_index(self.numbers[sheet]).to_python(skip_empty_area=False)
            if self.has_long_parts and any(isinstance(v, str) and len(v) > LONGEST_TEXT for row in page for v in row):
                raise Unreadable("too-large")
            self.pages[sheet] = page
        return self.pages[sheet]


def _area(reference: str) -> Area | None:
    """What a defined name refers to, if it is cells of a sheet of the same file."""
    found = REFERENCE.fullmatch(reference)
    if not found:
        return None
    first, last = found[3], found[4] or found[3]
    return (found[1] or found[2]).replace("''", "'"), *row_and_column(first), *row_and_column(last)


@lru_cache(maxsize=4096)  # the same ones come again and again
def row_and_column(address: str) -> tuple[int, int]:
    """Row and column of an address such as `$B$7`, from 0."""
    row, column = xl_cell_to_rowcol(address)
    return row, column


def tidy(value: Any) -> Value:
    """A cell's value without what does not matter: blanks around text, `.0`, the case of N/A. Nothing else changes.

    What is no number (`NaN`, and infinity) is text; beyond 15 digits, which are all that Excel holds, none is whole.
    """
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return int(value)
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, str):
        text = value.strip()
        return NOT_APPLICABLE if len(text) == 3 and text.casefold() == "n/a" else text or None
    return value  # type: ignore[no-any-return]


# The file


class _Parts:
    """The parts of a file, each unpacked when it is asked for; together no more than LARGEST_READ."""

    def __init__(self, data: bytes) -> None:
        if len(data) > LARGEST_FILE:
            raise Unreadable("too-large")
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise Unreadable("password-protected" if "EncryptedPackage".encode("utf-16-le") in data else "old-format")
        archive = zipfile.ZipFile(BytesIO(data))
        self.data, self.names = data, archive.NameToInfo
        self.left = LARGEST_READ
        if "xl/workbook.xml" not in self.names:
            known = "xl/workbook.bin" in self.names or "content.xml" in self.names  # .xlsb, .ods
            raise Unreadable("other-format" if known else "not-a-workbook")
        if sum(part.file_size for part in archive.filelist) > LARGEST_UNPACKED:
            raise Unreadable("too-large")

    def __getitem__(self, name: str) -> bytes:
        part = self.names[name]
        self.left -= part.file_size
        if self.left < 0:
            raise Unreadable("too-large")
        if part.flag_bits & 1:
            raise Unreadable("password-protected")
        begin = part.header_offset + 30 + sum(struct.unpack_from("<2H", self.data, part.header_offset + 26))
        unpacked = self.data[begin : begin + part.compress_size]
        if part.compress_type == zipfile.ZIP_DEFLATED:
            unpacked = zlib.decompressobj(-15).decompress(unpacked, part.file_size + 1)  # no more, whatever there is
        if len(unpacked) != part.file_size or zlib.crc32(unpacked) != part.CRC:
            raise Unreadable("not-a-workbook")
        return unpacked

    @property
    def extras(self) -> tuple[str, ...]:
        """What a return should not carry."""
        kinds = {
            "macros": ("xl/vbaProject", "xl/macrosheets/"),
            "links to other files": ("xl/externalLinks/", "xl/connections", "xl/queryTables/"),
            "embedded objects": ("xl/embeddings/", "xl/activeX/", "xl/ctrlProps/"),
        }
        return tuple(kind for kind, starts in kinds.items() if any(name.startswith(starts) for name in self.names))


def _workbook(sheets: Sequence[bytes], strings: bytes, styles: bytes, from_1904: bool) -> BytesIO:
    """A workbook of these sheets alone, for calamine."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    listed = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="s{n}"/>' for n in range(1, len(sheets) + 1))
    relations = "".join(
        f'<Relationship Id="s{n}" Type="{kinds}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "_rels/.rels": f'<Relationships {related}><Relationship Id="w" Type="{kinds}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{kinds}"><workbookPr date1904="{int(from_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {related}>{relations}</Relationships>",
    }
    return _zip(
        {name: part.encode() for name, part in parts.items()}
        | {"xl/sharedStrings.xml": strings, "xl/styles.xml": styles}
        | {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(sheets, 1)}
    )


def _zip(parts: Mapping[str, bytes]) -> BytesIO:
    """A zip file of the parts that are not empty, not compressed (zipfile takes three times as long)."""
    parts = {name: part for name, part in parts.items() if part}
    entries: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name, part in parts.items():
        about = struct.pack("<5H3L2H", 20, 0, 0, 0, 33, zlib.crc32(part), len(part), len(part), len(name), 0)
        entries += (b"PK\3\4", about, name.encode(), part)
        directory += (b"PK\1\2\x14\0", about, struct.pack("<3H2L", 0, 0, 0, 0, at), name.encode())
        at += 30 + len(name) + len(part)
    listing = b"".join(directory)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(parts), len(parts), len(listing), at, 0)
    return BytesIO(b"".join((*entries, listing, end)))


@contextmanager
def _refusing_damage() -> Iterator[None]:
    """Whatever zipfile, zlib, expat and calamine raise on a damaged file (a dozen kinds) as Unreadable."""
    try:
        yield
    except Unreadable:
        raise
    except python_calamine.PasswordError as error:
        raise Unreadable("password-protected") from error
    except MemoryError as error:
        raise Unreadable("too-large") from error
    except BaseException as error:
        # A panic in calamine's Rust code is no Exception, so it is told by its name.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Unreadable("not-a-workbook") from error
        raise


# The XML of its parts


def _parser() -> expat.XMLParserType:
    """A parser that refuses a document type: no part of a workbook has one, and only there can entities be declared."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise Unreadable("not-a-workbook")


def _elements(xml: bytes, *tags: str) -> list[tuple[str, dict[str, str], list[str]]]:
    """The elements with one of these tags, wherever they are: tag without prefix, attributes, pieces of text."""
    found: list[tuple[str, dict[str, str], list[str]]] = []
    text: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal text
        text = []
        tag = tag.rpartition(":")[2]
        if tag in tags:
            found.append((tag, attributes, text))

    parser = _parser()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.CharacterDataHandler = lambda piece: text.append(piece)
    parser.Parse(xml, True)
    return found


def _relations(xml: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """The parts that the workbook's relations lead to, by the relation's id and by its kind."""
    ids, kinds = {}, {}
    for _, attributes, _ in _elements(xml, "Relationship"):
        target = attributes.get("Target", "")
        part = normpath(target[1:] if target.startswith("/") else f"xl/{target}")
        ids[attributes.get("Id", "")] = kinds[attributes.get("Type", "").rpartition("/")[2]] = part
    return ids, kinds


def _examined(sheets: Mapping[str, bytes], strings: bytes) -> dict[str, list[FormulaCell]]:
    """The formulas of sheets that will not take too much memory.

    Raises Unreadable if they would: if there are too many cells from A1 to a sheet's last (calamine lays out each), or
    too much text in all of them (it copies a shared text for each cell). Where a quick look at the XML leaves a doubt,
    it is gone through cell by cell.
    """
    is_little = sum(xml.count(b't="s"') for xml in sheets.values()) * len(strings) <= LARGEST_TEXT
    formulas, lengths, text = {}, None, 0
    for name, xml in sheets.items():
        if is_little and not any(unusual.search(xml) for unusual in UNUSUAL):
            formulas[name] = list(_formulas(xml))
            continue
        lengths = lengths or _lengths(strings)
        survey = _Survey(xml, lengths)
        formulas[name] = survey.formulas
        text += survey.text
        if text > LARGEST_TEXT:
            raise Unreadable("too-large")
    return formulas


def _formulas(xml: bytes) -> Iterator[FormulaCell]:
    for found in FORMULA.finditer(xml):
        if cell := CELL.match(xml, xml.rfind(b"<", 0, found.start())):
            text = (found[1] or b"").decode(errors="replace")
            yield FormulaCell(*row_and_column(cell[1].decode()), text, bool(found[2]))


def _lengths(strings: bytes) -> list[int]:
    """The number of characters of each shared text."""
    lengths: list[int] = []
    inside = 0  # elements, from the text's own on

    def start(tag: str, _: object) -> None:
        nonlocal inside
        if inside or tag.rpartition(":")[2] == "si":
            inside += 1
            if inside == 1:
                lengths.append(0)

    def end(_: str) -> None:
        nonlocal inside
        inside = max(inside - 1, 0)

    def text(piece: str) -> None:
        if inside:
            lengths[-1] += len(piece)

    if strings:
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        parser.Parse(strings, True)
    return lengths


class _Survey:
    """A sheet gone through cell by cell, as an XML parser sees it: its formulas, and the text that its cells hold.

    Raises Unreadable if its cells reach too far, or if there is in it what would cut a value in two.
    """

    def __init__(self, xml: bytes, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        self.text = 0
        self.formulas: list[FormulaCell] = []
        self.row = self.column = self.last_row = self.last_column = 0
        self.is_shared = self.has_value = False
        self.formula: str | None = None
        self.value: list[str] | None = None
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.data
        parser.CommentHandler = parser.ProcessingInstructionHandler = parser.StartCdataSectionHandler = _refuse
        parser.Parse(xml, True)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.value is not None:  # an element inside a value
            _refuse()
        match tag.rpartition(":")[2]:
            case "row":  # where it does not say which it is, no later one than this
                self.row = max(self.row + 1, int(attributes.get("r", 0)))
                self.column = 0
            case "c":
                self.place(attributes.get("r", ""))
                self.is_shared, self.formula, self.has_value = attributes.get("t") == "s", None, False
            case "f":
                self.value = []
            case "v" | "is" as part:
                self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
                if self.last_row * self.last_column > LARGEST_SHEET:
                    raise Unreadable("too-large")
                self.value = [] if part == "v" else None

    def place(self, address: str) -> None:
        if not address:
            self.column += 1
        elif found := PLACE.fullmatch(address):
            self.row, self.column = int(found[2]), xl_cell_to_rowcol(f"{found[1].upper()}1")[1] + 1
        else:
            _refuse()

    def data(self, piece: str) -> None:
        if self.value is not None:
            self.value.append(piece)

    def end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "f" if self.value is not None:
                self.formula, self.value = "".join(self.value), None
            case "v" if self.value is not None:
                text, self.value = "".join(self.value), None
                self.has_value = bool(text)
                if self.is_shared:
                    self.text += self.lengths[int(text)]
            case "c" if self.formula is not None:
                self.formulas.append(FormulaCell(self.row - 1, self.column - 1, self.formula, self.has_value))

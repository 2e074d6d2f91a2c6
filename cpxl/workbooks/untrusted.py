"""A file from outside, unpacked within limits, and what it holds as a workbook that calamine can be given.

calamine takes as much memory as a file makes it take, to the point where the whole program is gone. So the file is
unpacked here; how much its sheets will take is counted (`survey.py`); and calamine is given a workbook of our own
making, with the sheets that are read and nothing else. Nothing in the file is run, followed or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from posixpath import normpath
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import python_calamine
from xlsxwriter.utility import xl_cell_to_rowcol

LARGEST_FILE = 10 * 2**20
LARGEST_UNPACKED = 64 * 2**20
LARGEST_READ = 16 * 2**20
LARGEST_TEXT = 16 * 2**20
LARGEST_SHEET = 1_000_000
LARGEST_INDEX = 200_000
MOST_ELEMENTS = 2_000_000
LONGEST_TEXT = 32_767
MOST_PARTS = 10_000
ENCRYPTED = 1
"""Bytes of a file; bytes that all its parts say they unpack to; bytes of those parts that are read; characters in the
cells of the sheets that are read; cells of a sheet, from A1 to the last one with a value; sheets and defined names;
XML elements of a sheet that is gone through cell by cell; characters of a cell, which is Excel's own limit; parts; a
zip's sign for a part with a password.
A return has about 20,000 bytes, unpacks to 60,000, and holds 7,000 characters in 600 cells; it has 3 sheets and 13
names."""

ERROR = b't="e"'
"""The type of a cell that shows an error, such as #NAME?, which is no value."""
ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\b[^<>]*\st\s*=\s*[\"']e[\"'][^<>]*>"
    rb"(?:\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<>]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v\b[^<>]*>)([^<>]*)"
)
PLACE_OF_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3}\d{1,7})[\"']")
ERRORS = {b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}
"""Those that calamine knows. Excel has more of them by now, such as #SPILL! and #GETTING_DATA."""
STRINGS = re.compile(rb"\s*+(?:<\?xml[^<>]*>\s*+)?<(?:\w+:)?sst\b[^<>]*+>")
"""The shared texts up to the end of their first tag."""
HOW_MANY = re.compile(rb"\w*[cC]ount\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*')")


class Unreadable(Exception):
    """A file that is not a workbook cpxl can read; its text is the code of the rule that says why."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Whatever struct, zlib, expat and calamine raise on a damaged file (a dozen kinds) as Unreadable."""
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


# The file


class Parts:
    """The parts of a file, each unpacked when it is asked for; together no more than LARGEST_READ.

    entries: what the file says of each part.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > LARGEST_FILE:
            raise Unreadable("too-large")
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise Unreadable("password-protected" if "EncryptedPackage".encode("utf-16-le") in data else "old-format")
        if data.count(b"PK\1\2") > MOST_PARTS:
            raise Unreadable("too-large")
        self.file = ZipFile(BytesIO(data))
        parts = self.file.infolist()
        self.entries = {part.filename: part for part in parts}
        self.left = LARGEST_READ
        self.read: dict[str, bytes] = {}
        if len(self.entries) < len(parts):  # two of one name: another program may show the other one
            raise Unreadable("not-a-workbook")
        if "xl/workbook.xml" not in self.entries:
            known = "xl/workbook.bin" in self.entries or "content.xml" in self.entries  # .xlsb, .ods
            raise Unreadable("other-format" if known else "not-a-workbook")
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise Unreadable("too-large")

    def __getitem__(self, name: str) -> bytes:
        if name not in self.read:  # relations are asked for again and again
            self.read[name] = self._unpacked(name)
        return self.read[name]

    def _unpacked(self, name: str) -> bytes:
        entry = self.entries[name]
        self.left -= entry.file_size
        if self.left < 0:
            raise Unreadable("too-large")
        if entry.flag_bits & ENCRYPTED:
            raise Unreadable("password-protected")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # no workbook has others, and they know no bounds
            raise Unreadable("not-a-workbook")
        with self.file.open(entry) as part:
            return part.read(entry.file_size)  # no more, whatever there is


# The XML of its parts


def new_parser() -> expat.XMLParserType:
    """A parser that refuses a document type: no part of a workbook has one, and only there can entities be declared."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    return parser


def refuse(*_: object) -> None:
    """Say that a part is not as it must be."""
    raise Unreadable("not-a-workbook")


def elements(xml: bytes, *tags: str) -> list[tuple[str, dict[str, str], list[str]]]:
    """The elements with one of these tags, wherever they are: tag without prefix, attributes, pieces of text.

    Raises Unreadable if they are more than LARGEST_INDEX.
    """
    found: list[tuple[str, dict[str, str], list[str]]] = []
    text: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal text
        text = []
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in tags:
            found.append((tag, attributes, text))
            if len(found) > LARGEST_INDEX:
                raise Unreadable("too-large")

    parser = new_parser()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.CharacterDataHandler = lambda piece: text.append(piece)
    parser.Parse(xml, True)
    return found


def relations(xml: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """The parts that the workbook's relations lead to, by the relation's id and by its kind."""
    ids, kinds = {}, {}
    for _, attributes, _ in elements(xml, "Relationship"):
        target = attributes.get("Target", "")
        part = normpath(target[1:] if target.startswith("/") else f"xl/{target}")
        ids[attributes.get("Id", "")] = kinds[attributes.get("Type", "").rpartition("/")[2]] = part
    return ids, kinds


@lru_cache(maxsize=4096)  # the same ones come again and again
def row_and_column(address: str) -> tuple[int, int]:
    """Row and column of an address such as `$B$7`, from 0."""
    row, column = xl_cell_to_rowcol(address)
    return row, column


# What calamine is given


def workbook_of(sheets: Sequence[bytes], strings: bytes, styles: bytes, from_1904: bool) -> BytesIO:
    """A workbook of these sheets alone, for calamine. Raises Unreadable if the shared texts begin unlike any known."""
    pages = {f"xl/worksheets/sheet{number}.xml": _with_known_errors(sheet) for number, sheet in enumerate(sheets)}
    texts = {"xl/sharedStrings.xml": _not_counted(strings), "xl/styles.xml": _without_looks(styles)}
    return _zip({**_index(len(sheets), from_1904), **texts, **pages})


def error_cells(xml: bytes) -> list[tuple[int, int]]:
    """Row and column (from 0) of each cell of a sheet that shows an error."""
    found = (PLACE_OF_CELL.search(cell) for cell, _ in ERROR_CELL.findall(xml)) if _has_errors(xml) else ()
    return [row_and_column(place[1].decode().upper()) for place in found if place]


def _with_known_errors(xml: bytes) -> bytes:
    """A sheet with errors that calamine knows, in place of those that it would refuse the whole sheet for."""
    if not _has_errors(xml):
        return xml
    return ERROR_CELL.sub(lambda cell: cell[1] + (cell[2] if cell[2].strip() in ERRORS else b"#N/A"), xml)


@lru_cache(maxsize=4)
def _has_errors(xml: bytes) -> bool:
    return ERROR in xml or b"'e'" in xml or b'= "e"' in xml


@lru_cache(maxsize=16)
def _index(sheets: int, from_1904: bool) -> dict[str, bytes]:
    """The parts that lead to so many sheets."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    listed = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(sheets))
    workbook = f'<workbookPr date1904="{int(from_1904)}"/><sheets>{listed}</sheets>'

    def related(*parts: tuple[str, str]) -> bytes:
        """Relations to parts, each of a kind, with the ids r0, r1 and so on."""
        each = (f'Id="r{n}" Type="{kinds}/{kind}" Target="{part}"' for n, (kind, part) in enumerate(parts))
        listed = "".join(f"<Relationship {one}/>" for one in each)
        return f'<Relationships xmlns="{package}">{listed}</Relationships>'.encode()

    return {
        "_rels/.rels": related(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{kinds}">{workbook}</workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": related(*(("worksheet", f"worksheets/sheet{n}.xml") for n in range(sheets))),
    }


def _not_counted(strings: bytes) -> bytes:
    """The shared texts without how many they say they are: calamine would set aside room for as many."""
    begin = STRINGS.match(strings)
    if strings and not begin:
        refuse()
    return HOW_MANY.sub(b"", begin[0]) + strings[begin.end() :] if begin else b""


def _without_looks(styles: bytes) -> bytes:
    """The styles without fonts, fills and borders, which stand between what says which cells are dates."""
    begin, end = styles.find(b"<fonts"), styles.find(b"<cellXfs")
    return styles[:begin] + styles[end:] if 0 < begin < end else styles


def _zip(parts: Mapping[str, bytes]) -> BytesIO:
    """A zip file of the parts that are not empty, not compressed."""
    packed = BytesIO()
    with ZipFile(packed, "w") as file:
        for name, part in parts.items():
            if part:
                file.writestr(ZipInfo(name), part)
    packed.seek(0)
    return packed

"""What may come by e-mail in place of a return: `cpxl check` says so in plain words and goes on to the next."""

import json
import random
import re
import shutil
import socket
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import cpxl
from cpxl import theme
from cpxl.config import parse
from cpxl.resources import resource
from cpxl.returns.read import read_return
from cpxl.workbooks.annotate import CannotAnnotate, annotate
from cpxl.workbooks.untrusted import LARGEST_FILE, LARGEST_READ, LONGEST_TEXT
from tests.command import run_and_measure
from tests.work import at_most
from tools.fuzz_returns import fuzz

CONFIG = resource("config.yaml").read_text(encoding="utf-8")
DEMO = Path(cpxl.__file__).parent / "demo" / "returns"
SOUND, OURS = DEMO / "2020-21-Q2 GANGS.xlsx", DEMO / "2020-21-Q2 HATE.xlsx"
WORKBOOK, RELATIONS, STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet2.xml"  # the strand's
MEGABYTE = 2**20
MEMORY = 512 * MEGABYTE


# Making hostile files


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(OURS) as file:
        return {name: file.read(name) for name in file.namelist()}


PARTS = _parts()


def _zip(parts: dict[str, bytes], change: Callable[[zipfile.ZipFile], object] = lambda file: None) -> bytes:
    """A zip file of parts; `change` may add to it, or change what its directory will say."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
        change(file)
    return stream.getvalue()


def _with(part: str, old: str, new: str) -> bytes:
    """The return with the first `old` in one of its parts replaced."""
    assert old.encode() in PARTS[part]
    return _zip({**PARTS, part: PARTS[part].replace(old.encode(), new.encode(), 1)})


def _with_rows(rows: str) -> bytes:
    """The return with more rows of XML at the end of its strand's sheet."""
    return _with(SHEET, "</sheetData>", f"{rows}</sheetData>")


def _with_names(names: str) -> bytes:
    return _with(WORKBOOK, "</definedNames>", f"{names}</definedNames>")


def _with_figure(value: str, kind: str = "n") -> bytes:
    """The return with another value in the cell of its first figure."""
    cell = next(p for p in read_return(OURS, parse(CONFIG)).progress if str(p.quarter) == "2020/21 Q2").cells["value"]
    xml, changed = re.subn(
        rf'(<c r="{cell.address}" s="\d+")><v>\d+</v>', rf'\1 t="{kind}"><v>{value}</v>', PARTS[SHEET].decode()
    )
    assert changed == 1
    return _zip({**PARTS, SHEET: xml.encode()})


def _with_text(text: str, cells: int = 0) -> bytes:
    """The return with the text of its first note changed, and that text in so many more cells."""
    count = PARTS[STRINGS].count(b"<si>")
    more = f'<row r="200">{f"""<c t="s"><v>{count}</v></c>""" * cells}</row>'
    strings = PARTS[STRINGS].replace(b"</sst>", f"<si><t>{text}</t></si></sst>".encode())
    sheet = PARTS[SHEET].replace(b"</sheetData>", more.encode() + b"</sheetData>")
    return _zip({**PARTS, STRINGS: strings, SHEET: sheet})


def _bomb(part: str, megabytes: int, says: int | None = None) -> bytes:
    """The return with a part of so many megabytes of blanks, in a thousandth of that; `says`: bytes, if it lies."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * megabytes + packer.flush()

    def add(file: zipfile.ZipFile) -> None:
        file.writestr(zipfile.ZipInfo(part), packed)
        file.filelist[-1].compress_type = zipfile.ZIP_DEFLATED
        file.filelist[-1].file_size = megabytes * MEGABYTE if says is None else says

    return _zip({name: data for name, data in PARTS.items() if name != part}, add)


def _entity(part: str, declared: str) -> bytes:
    """The return with texts of that part replaced by an entity `x`, which is declared like that."""
    xml = PARTS[part].decode()
    begin = xml.index("?>") + 2
    used = re.sub(r"(<(?:t|v|definedName)\b[^<>]*>)[^<]+", r"\1&x;", xml[begin:], count=2)
    return _zip({**PARTS, part: f"{xml[:begin]}<!DOCTYPE x [{declared}]>{used}".encode()})


def _cut(length: int) -> bytes:
    return OURS.read_bytes()[:length]


def _flipped(number: int) -> bytes:
    """The return with bits flipped in the packed strand's sheet."""
    data = bytearray(OURS.read_bytes())
    with zipfile.ZipFile(OURS) as file:
        part = file.getinfo(SHEET)
    chance = random.Random(number)
    for _ in range(3):
        data[chance.randrange(part.header_offset + 100, part.header_offset + part.compress_size)] ^= 1 << number
    return bytes(data)


def _empty_files(file: zipfile.ZipFile) -> None:
    for number in range(100_000):
        file.writestr(f"{number}.xml", b"")


def _twice(file: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr(SHEET, PARTS[SHEET].replace(b"<v>", b"<v>1"))


def _climbing(file: zipfile.ZipFile) -> None:
    for name in ("../../climbed.xml", "/tmp/climbed.xml", "C:\\climbed.xml", "..\\climbed.xml"):
        file.writestr(name, b"climbed")


def _overlapping(file: zipfile.ZipFile) -> None:
    """Many names for one megabyte, each of which says that it is another."""
    file.writestr("0", bytes(MEGABYTE))
    file.filelist += [zipfile.ZipInfo(str(number)) for number in range(1, 5000)]
    for info in file.filelist[-4999:]:
        info.file_size, info.compress_size, info.CRC = MEGABYTE, 1000, 0
        info.header_offset = file.getinfo("0").header_offset


def _encrypted(file: zipfile.ZipFile) -> None:
    for info in file.filelist:
        info.flag_bits |= 1


def _zip64(file: zipfile.ZipFile) -> None:
    with file.open("xl/comments1.xml", "w", force_zip64=True) as part:
        part.write(b"<comments/>")


def _not_a_return() -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet("Budget").write(0, 0, 1)
    return stream.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10)) + '<!ENTITY x "&l9;">'
READ = (WORKBOOK, RELATIONS, STRINGS, SHEET)

Make = Callable[[], bytes]

REFUSED: dict[str, tuple[Make, str]] = {
    # Not a workbook, whatever its name
    "0 bytes": (lambda: b"", "not-a-workbook"),
    "CSV": (lambda: b"Status,Figure\r\nComplete,15\r\n", "not-a-workbook"),
    "HTML": (lambda: b"<html><table><tr><td>15</td></tr></table></html>", "not-a-workbook"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000), "not-a-workbook"),
    "a document": (lambda: _zip({"word/document.xml": b"<document/>"}), "not-a-workbook"),
    "an empty zip": (lambda: _zip({}), "not-a-workbook"),
    "one part of a workbook": (lambda: _zip({WORKBOOK: PARTS[WORKBOOK]}), "not-a-workbook"),
    "another workbook": (_not_a_return, "other-workbook"),
    ".xls": (lambda: OLE + "Workbook".encode("utf-16-le") + bytes(112), "old-format"),
    ".xlsb": (lambda: _zip({"xl/workbook.bin": b"\x83\1\0"}), "other-format"),
    ".ods": (lambda: _zip({"mimetype": b"application/vnd.oasis", "content.xml": b"<a/>"}), "other-format"),
    "a password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(96), "password-protected"),
    "an encrypted zip": (lambda: _zip(PARTS, _encrypted), "password-protected"),
    # Damaged on its way
    **{f"cut at {n}": (partial(_cut, n), "not-a-workbook") for n in (1, 100, 9000, -100, -1)},
    **{f"bits flipped, {n}": (partial(_flipped, n), "not-a-workbook") for n in range(3)},
    "zeros": (lambda: bytes(20_000), "not-a-workbook"),
    "no end to its XML": (lambda: _with(SHEET, "</sheetData>", ""), "not-a-workbook"),
    "two parts of one name": (lambda: _zip(PARTS, _twice), "not-a-workbook"),
    # Too large, or more than it says
    "30 MB": (lambda: OURS.read_bytes() + bytes(30 * MEGABYTE), "too-large"),
    "just too large": (lambda: bytes(LARGEST_FILE + 1), "too-large"),
    "a bomb that says so": (lambda: _bomb(SHEET, 8192), "too-large"),
    "a bomb in a part that is not read": (lambda: _bomb("xl/media/image1.png", 8192), "too-large"),
    "a bomb that lies": (lambda: _bomb(SHEET, 8192, says=len(PARTS[SHEET])), "not-a-workbook"),
    "a bomb of texts that lies": (lambda: _bomb(STRINGS, 8192, says=LARGEST_READ // 2), "not-a-workbook"),
    "a bomb of one piece under many names": (lambda: _zip(PARTS, _overlapping), "too-large"),
    "100,000 empty files": (lambda: _zip(PARTS, _empty_files), "too-large"),
    "sizes beyond all sense": (lambda: _bomb(SHEET, 1, says=2**62), "too-large"),
    "a part a little too large": (lambda: _bomb(SHEET, 17), "too-large"),
    # Sheets that would be laid out in more memory than there is
    "a cell in the last row and column": (lambda: _with_rows(FAR), "too-large"),
    "a cell in row 1,000,000": (lambda: _with_rows('<row r="1000000"><c r="A1000000"><v>1</v></c></row>'), "too-large"),
    "a cell that says twice where it is": (
        lambda: _with_rows('<row r="200"><c r="A200" r="XFD1048576"><v>1</v></c></row>'),
        "not-a-workbook",
    ),
    "a far cell behind a >": (
        lambda: _with_rows('<row r="200"><c x=">" r="XFD1048576"><v>1</v></c></row>'),
        "too-large",
    ),
    "a far cell with a prefix": (lambda: _with_rows(FAR.replace("<c", "<x:c").replace("</c", "</x:c")), "too-large"),
    "a row beyond 32 bits": (lambda: _with_rows('<row><c r="A9999999999"><v>1</v></c></row>'), "not-a-workbook"),
    "cells that do not say where they are": (
        lambda: _with_rows(f"<row>{'<c><v>1</v></c>' * 300_000}</row>{'<row><c><v>1</v></c></row>' * 200_000}"),
        "too-large",
    ),
    "a million rows with something in them": (lambda: _with_rows("<row><c><v>1</v></c></row>" * 600_000), "too-large"),
    "millions of elements": (lambda: _with_rows(f"<row>{'<c/>' * 3_000_000}</row>"), "too-large"),
    "a long text in many cells": (lambda: _with_text("x" * 8 * MEGABYTE, cells=100_000), "too-large"),
    "a text longer than a cell can hold": (lambda: _with_text("x" * (LONGEST_TEXT + 1), cells=1), "too-large"),
    # XML that declares entities
    **{f"a billion laughs in {part}": (partial(_entity, part, LAUGHS), "not-a-workbook") for part in READ},
    # XML that keeps a careless pattern busy for ever
    **{
        f"megabytes of {piece}": (partial(_with_rows, piece * (15 * MEGABYTE // len(piece))), "not-a-workbook")
        for piece in ('<c r="A1" ', "<c ", "<f ", '<c r="A1"><f>', '<c r="A1" s="1" t="s', "<")
    },
    "a blank of 15 MB in a tag": (lambda: _with_rows(f"<f{' ' * 15 * MEGABYTE}"), "not-a-workbook"),
    # Names that lead nowhere
    "a block on a sheet that is not there": (
        lambda: _with(WORKBOOK, "'Hate Crime'!$A$", "Elsewhere!$A$"),
        "block-missing",
    ),
    "a block outside the sheet": (
        lambda: _with(WORKBOOK, "'Hate Crime'!$A$", "'Hate Crime'!$A$104"),
        "block-missing",
    ),
    "more names than anybody has": (
        lambda: _with_names('<definedName name="cpxl_risks">a!A1</definedName>' * 250_000),
        "too-large",
    ),
    # Figures that are none
    "NaN": (lambda: _with_figure("NaN"), "progress-not-a-whole-number"),
    "infinity": (lambda: _with_figure("INF"), "progress-not-a-whole-number"),
    "more than a number can hold": (lambda: _with_figure("1e999"), "progress-not-a-whole-number"),
    "1e308": (lambda: _with_figure("1e308"), "progress-not-a-whole-number"),
    "a formula as text": (lambda: _with_figure("=cmd|'/c calc'!A1", "str"), "progress-not-a-whole-number"),
}
"""What is refused: how to make it, and a rule that says why."""

HARMLESS: dict[str, Make] = {
    "untouched": OURS.read_bytes,
    "a sheet that claims a million rows": lambda: _with(
        SHEET, '<dimension ref="', '<dimension ref="A1:XFD1048576" x="'
    ),
    "rows with nothing in them": lambda: _with_rows('<row r="1048576" ht="15"/>' * 100_000),
    "the last cell coloured": lambda: _with_rows('<row r="1048576"><c r="XFD1048576" s="1"/></row>'),
    "names that climb out of the zip": lambda: _zip(PARTS, _climbing),
    "zip64": lambda: _zip(PARTS, _zip64),
    "5,000 sheets": lambda: _with(
        WORKBOOK, "</sheets>", "".join(f'<sheet name="{n}" r:id="none"/>' for n in range(5000)) + "</sheets>"
    ),
    "100,000 names": lambda: _with_names('<definedName name="_xlnm.a">Guidance!$A$1</definedName>' * 100_000),
    "a name of 10 MB": lambda: _with_names(
        f'<definedName name="cpxl_x">{"&apos;&apos;" * (10 * MEGABYTE // 12)}</definedName>'
    ),
    "elements in elements": lambda: _with(WORKBOOK, "<sheets>", "<a>" * 500_000 + "</a>" * 500_000 + "<sheets>"),
    "links, macros and objects": lambda: _zip(
        {**PARTS, "xl/externalLinks/externalLink1.xml": b"<a/>", "xl/vbaProject.bin": OLE, "xl/embeddings/a.bin": OLE}
    ),
    "a trillion shared texts": lambda: _with(STRINGS, ' uniqueCount="', ' uniqueCount="9999999999'),
    "half a million cells": lambda: _with_rows(f"<row>{'<c><v>1</v></c>' * 600}</row>" * 800),
}
"""What is strange, but says nothing else than the return it was made of."""


# Running cpxl on them


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return _begun(tmp_path)


def _begun(folder: Path) -> Path:
    """A working folder with a sound return in it."""
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    returns = folder / "returns" / "2020-21-Q2"
    returns.mkdir(parents=True)
    shutil.copy(SOUND, returns / "sound.xlsx")
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one check says of all that is refused, in one folder."""
    return _check_all(tmp_path_factory.mktemp("hostile"), {name: make for name, (make, _) in REFUSED.items()})


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one check says of all that is harmless, in one folder."""
    return _check_all(tmp_path_factory.mktemp("strange"), HARMLESS)


def _check_all(path: Path, files: Mapping[str, Make]) -> dict[str, Any]:
    folder = _begun(path)
    for number, make in enumerate(files.values()):
        (folder / "returns" / "2020-21-Q2" / f"{number}.xlsx").write_bytes(make())
    found = _check(folder)
    return {name: found[f"{number}.xlsx"] for number, name in enumerate(files)}


def _files(folder: Path) -> list[Path]:
    """What is in the folder, but for the log and what a check writes on purpose."""
    there = (path.relative_to(folder) for path in folder.rglob("*"))
    return sorted(path for path in there if path.parts[0] not in ("checked", "cpxl.log"))


def _check(folder: Path) -> dict[str, Any]:
    """What `cpxl check --json` says of each file of the folder, within its limits."""
    before = _files(folder)
    ran, memory = run_and_measure("check", "--json", "--folder", str(folder))
    assert (ran.returncode in (0, 1), ran.stderr) == (True, "")
    assert memory < MEMORY
    assert _files(folder) == before
    found = {returned["file"]: returned for returned in json.loads(ran.stdout)["returns"]}
    assert found["sound.xlsx"]["accepted"]
    for returned in found.values():
        for finding in returned["findings"]:
            assert 10 < len(finding["message"]) < 2000
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_plain_words(name: str, hostile: dict[str, Any]) -> None:
    assert not hostile[name]["accepted"]
    assert REFUSED[name][1] in {finding["rule"] for finding in hostile[name]["findings"]}


@pytest.mark.parametrize("part", READ)
@pytest.mark.parametrize(
    "declared",
    ['<!ENTITY x SYSTEM "{file}">', '<!ENTITY x SYSTEM "{address}">', '<!ENTITY % p SYSTEM "{address}">%p;'],
    ids=["a file", "an address", "an address at once"],
)
def test_what_an_entity_leads_to_is_not_looked_at(part: str, declared: str, folder: Path) -> None:
    secret = folder / "secret.txt"
    secret.write_text("for nobody's eyes", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        path = folder / "returns" / "2020-21-Q2" / "hostile.xlsx"
        path.write_bytes(_entity(part, declared.format(file=secret.as_uri(), address=address)))
        hostile = _check(folder)[path.name]
        with pytest.raises(BlockingIOError):  # nobody has called
            server.accept()
    assert [finding["rule"] for finding in hostile["findings"]] == ["not-a-workbook"]
    assert "eyes" not in json.dumps(hostile)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_strange_is_read(name: str, strange: dict[str, Any], tmp_path: Path) -> None:
    assert strange[name]["strand"] == "Hate Crime"
    path, settings = tmp_path / "strange.xlsx", parse(CONFIG)
    path.write_bytes(HARMLESS[name]())
    assert read_return(path, settings).progress == read_return(OURS, settings).progress


def _long_sheet() -> bytes:
    """The return with 100,000 more cells, written as Excel writes them."""
    cell = '<c r="{}{}" s="1"><v>1</v></c>'.format
    rows = (f'<row r="{row}">{"".join(cell(c, row) for c in "ABCDE")}</row>' for row in range(200, 20_200))
    return _with_rows("".join(rows))


def test_a_long_sheet_is_gone_through_with_little_work(tmp_path: Path) -> None:
    path, settings = tmp_path / "strange.xlsx", parse(CONFIG)
    read_return(OURS, settings)
    path.write_bytes(_long_sheet())
    with at_most(calls=50_000):
        assert read_return(path, settings).progress == read_return(OURS, settings).progress


@pytest.mark.parametrize("make", [_long_sheet, HARMLESS["half a million cells"], HARMLESS["elements in elements"]])
def test_what_is_too_large_to_be_marked_is_seen_with_little_work(make: Make) -> None:
    data, looks = make(), theme.shipped()
    with at_most(calls=50_000), pytest.raises(CannotAnnotate):
        annotate(data, [], "What the check found", "OFFICIAL", looks)


def test_a_folder_and_a_link_with_the_name_of_a_workbook(folder: Path) -> None:
    returns = folder / "returns" / "2020-21-Q2"
    (returns / "folder.xlsx").mkdir()
    (folder / "secret.txt").write_text("for nobody's eyes", encoding="utf-8")
    try:
        (returns / "link.xlsx").symlink_to(folder / "secret.txt")
        (returns / "nowhere.xlsx").symlink_to(folder / "nowhere")
    except OSError:
        pytest.skip("links are not allowed here")
    found = _check(folder)
    assert set(found) == {"sound.xlsx", "link.xlsx"}
    assert [finding["rule"] for finding in found["link.xlsx"]["findings"]] == ["not-a-workbook"]
    assert "eyes" not in json.dumps(found)


def test_damaged_copies_of_returns(tmp_path: Path) -> None:
    """A short run of `python tools/fuzz_returns.py`."""
    assert fuzz(80, seed=2020, keep=tmp_path) == []

"""The add-in that is built without Excel: its VBA project, its ribbon, and what other programs make of it."""

import random
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from struct import unpack_from
from subprocess import list2cmdline
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

import olefile
import pytest
import xlwings
from defusedxml.ElementTree import fromstring
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser, decompress_stream

from cpxl.addin import build as addin
from cpxl.addin import buttons
from cpxl.addin.actions import BUTTONS
from cpxl.addin.cfb import compound_file
from cpxl.addin.vba import PROJECT_ID, Kind, Module, compress, dir_stream, vba_project
from cpxl.resources import resource
from tests import office
from tests.command import run_cpxl
from tests.excel_model import basic
from tests.work import LONG

XLWINGS = Path(xlwings.__file__).parent
BY_EXCEL = XLWINGS / "quickstart_addin_ribbon.xlam"


@pytest.fixture(scope="module")
def xlam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-in as it is installed, with an interpreter's path."""
    path = tmp_path_factory.mktemp("addin") / "cpxl.xlam"
    path.write_bytes(addin.build(interpreter_win=r"C:\Users\post\cpxl\Scripts\python.exe"))
    return path


# The add-in


def test_every_module_reads_back_as_its_source(xlam: Path) -> None:
    read = {name: code.encode("cp1252") for _, _, name, code in VBA_Parser(str(xlam)).extract_macros()}
    endings = {Kind.STANDARD: "bas", Kind.DOCUMENT: "cls"}
    assert read == {f"{module.name}.{endings[module.kind]}": module.source for module in addin.modules()}
    assert read["cpxl.bas"] == (resource("macros") / "cpxl.bas").read_bytes()
    assert read["ThisWorkbook.cls"].endswith((resource("macros") / "ThisWorkbook.cls").read_bytes())


def test_our_module_is_plain_text_with_the_line_ends_of_vba() -> None:
    for name in ("cpxl.bas", "ThisWorkbook.cls"):
        source = (resource("macros") / name).read_bytes()
        assert source.isascii()
        assert source.count(b"\r\n") == source.count(b"\n") == source.count(b"\r")


def test_the_same_input_gives_the_same_bytes() -> None:
    assert addin.build("a", "b") == addin.build("a", "b") != addin.build("a", "c")


def test_a_formula_in_a_return_cannot_name_what_runs_programs() -> None:
    """Cells may call any public function of a loaded add-in, except of a module that is private to its project."""
    sources = [module.source for module in addin.modules() if module.kind is Kind.STANDARD]
    assert all(b"\r\nOption Private Module\r\n" in source for source in sources)


def test_no_order_of_windows_itself_is_declared() -> None:
    """Which a rule of Microsoft Defender stops, as it does what starts a command prompt."""
    code = b"".join(module.source for module in addin.modules())
    assert b"Declare " not in code
    assert b"cmd" not in code


def test_microsofts_validator_finds_nothing_wrong(validator: None, xlam: Path) -> None:
    assert office.validation_errors([xlam]) == []


@pytest.mark.parametrize(("right", "wrong"), [("large", "huge"), ("<button", "<knob")])
def test_the_validator_would_find_a_bad_ribbon(
    right: str, wrong: str, validator: None, xlam: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.xlam"
    with ZipFile(xlam) as source, ZipFile(bad, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part.replace(right.encode(), wrong.encode(), 1) if name == addin.RIBBON else part)
    assert office.validation_errors([bad])


# What a click starts, and what the ribbon shows: the VBA is run by LibreOffice, with what it lacks put in

RECORDER = """
Public Ran As String
Private Front As Object
Function Named(sheet As Object, name As String) As Object
Dim place As String
place = sheet.Names(name).RefersTo
Set Named = sheet.Range(Mid(place, InStr(place, "!") + 1))
End Function
Private Control As New IRibbonControl
Function Shows(path As String) As String
Dim quarter As Variant, returned As Variant, follows As Variant, master As Variant, anything As Variant
Set Front = Nothing
If path <> "" Then Set Front = Workbooks.Open(path)
QuarterLabel Control, quarter
ReturnedLabel Control, returned
NextLabel Control, follows
Control.Tag = "master"
IsEnabled Control, master
Control.Tag = "any"
IsEnabled Control, anything
Shows = quarter & "|" & returned & "|" & follows & "|" & CBool(master) & "|" & CBool(anything)
If path <> "" Then Front.Close False
End Function
Function Looked(id As String) As Long
Dim shown As New IRibbonUI
Refresh
Loaded shown
Control.ID = id
If id <> "" Then Pressed Control
Refresh
Looked = shown.Looked
End Function
Function Recorded(words As String) As Long
Ran = words
End Function
Function Clicked(id As String) As String
On Error GoTo Failed
Call Start(id)
Clicked = Ran
Exit Function
Failed:
Clicked = "Refused: " & Err.Description
End Function
"""


def _source(*, mac: bool) -> str:
    """The add-in's module as one of Excel's systems compiles it, with what LibreOffice has no word for put in."""
    source = basic.compiled((resource("macros") / "cpxl.bas").read_text("cp1252"), mac=mac)
    for excels, ours in (
        ('Set shell = CreateObject("WScript.Shell")', ""),
        ("shell.Run(", "Recorded("),
        (", 0, True)", ")"),
        ('AppleScriptTask "cpxl.applescript", "Press", ', "Recorded "),
        ("Application.Hwnd", '"77"'),
        ("vbObjectError", "1000"),
        ("ActiveWorkbook", "Front"),  # a workbook that nobody sees is never the active one
    ):
        source = source.replace(excels, ours)
    # Whose Range knows no names of a sheet's own.
    return re.sub(r'(book\.Worksheets\("\w+"\))\.Range\(("cpxl_\w+")\)', r"Named(\1, \2)", source) + RECORDER


@pytest.mark.parametrize("home", ["post", "Jo O'Neil & Co", "100% sûr (é)"])
@pytest.mark.parametrize("mac", [False, True], ids=["Windows", "Mac"])
def test_the_command_line_of_a_click(calc: Any, tmp_path: Path, home: str, mac: bool) -> None:
    python = tmp_path / home / "cpxl" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    python.touch()
    xlam = tmp_path / "cpxl.xlam"
    xlam.write_bytes(addin.build(interpreter_win=str(python), interpreter_mac=str(python)))
    with basic.running(calc, xlam, _source(mac=mac)) as call:
        started = call("Clicked", "check")
        if mac:
            assert started == f"{python}|check"
        else:
            words = [str(python), "-B", "-P", "-m", "cpxl.addin", "check", "--hwnd=77"]
            assert started == f'"{python}" {list2cmdline(words[1:])}'
            python.unlink()
            assert call("Clicked", "check") == f"Refused: Python is not at {python} any more."
        assert "Python is gone." in call("FailureMessage", "Python is gone.")


@pytest.mark.parametrize("mac", [False, True], ids=["Windows", "Mac"])
def test_what_the_ribbon_shows_of_the_workbook_in_front(calc: Any, tmp_path: Path, beginning: Path, mac: bool) -> None:
    """Labels, and what can be clicked, by the functions that the ribbon calls: of a master, of others, of none."""
    python, xlam = tmp_path / "python.exe", tmp_path / "cpxl.xlam"
    python.touch()
    xlam.write_bytes(addin.build(interpreter_win=str(python), interpreter_mac=str(python)))
    folder = Path(shutil.copytree(beginning, tmp_path / "folder"))
    assert run_cpxl("consolidate", "--folder", folder).returncode == 0
    other = next((folder / "returns").rglob("*.xlsx"))
    with basic.running(calc, xlam, _source(mac=mac)) as call:
        assert call("Shows", "") == "No master in front| | |False|True"
        follows = "Next: look through the summary, write your text, and publish"
        assert call("Shows", str(folder / "master.xlsx")) == f"2020/21 Q2|3 of 3 returned|{follows}|True|True"
        assert call("Shows", str(other)) == "No master in front| | |False|True"
        assert call("Looked", "") == 1  # before the ribbon has been handed over there is nothing to look at
        assert call("Looked", "about") == 2
        assert call("Clicked", "check").endswith("|check" if mac else "check --hwnd=77")


def test_the_script_of_a_mac_starts_the_same(tmp_path: Path) -> None:
    """Its one order to the shell, with what AppleScript's `quoted form of` makes of a path, starts Python."""
    script = (resource("macros") / "cpxl.applescript").read_text("utf-8")
    pieces = re.findall(r'do shell script quoted form of interpreter & "(.*)" & quoted form of button & "(.*)"', script)
    python = tmp_path / "Jo O'Neil & Co" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > "{tmp_path}/ran"\n', encoding="utf-8")
    python.chmod(0o755)
    ((before, after),) = pieces
    subprocess.run(shlex.quote(str(python)) + before + shlex.quote("check") + after + " wait", shell=True, check=True)
    assert (tmp_path / "ran").read_text(encoding="utf-8") == "-B|-P|-m|cpxl.addin|check|"


# The ribbon, against Microsoft's schema: [MS-CUSTOMUI2] 2.2

UI = "{http://schemas.microsoft.com/office/2009/07/customui}"
CHILDREN = {
    "customUI": {"commands", "ribbon", "backstage", "contextMenus"},
    "ribbon": {"qat", "tabs", "contextualTabs"},
    "tabs": {"tab"},
    "tab": {"group"},
    "group": {"control", "labelControl", "button", "toggleButton", "checkBox", "editBox", "comboBox", "dropDown"}
    | {"gallery", "menu", "dynamicMenu", "splitButton", "box", "buttonGroup", "separator", "dialogBoxLauncher"},
    "button": set[str](),
    "box": {"button", "labelControl"},
    "labelControl": set[str](),
}
IDENTITY = {"id", "idQ", "idMso", "tag"}
POSITION = {"insertAfterMso", "insertBeforeMso", "insertAfterQ", "insertBeforeQ"}
SHOWN = {"visible", "getVisible", "label", "getLabel", "keytip", "getKeytip"}
PICTURE = {"image", "imageMso", "getImage"}
TIPS = {"screentip", "getScreentip", "supertip", "getSupertip"}
ATTRIBUTES = {
    "customUI": {"onLoad", "loadImage"},
    "ribbon": {"startFromScratch"},
    "tabs": set[str](),
    "box": IDENTITY | POSITION | {"visible", "getVisible", "boxStyle"},
    "labelControl": IDENTITY | POSITION | SHOWN | TIPS | {"enabled", "getEnabled", "showLabel", "getShowLabel"},
    "tab": IDENTITY | POSITION | SHOWN,
    "group": IDENTITY | POSITION | SHOWN | PICTURE | TIPS | {"autoScale", "centerVertically"},
    "button": IDENTITY | POSITION | SHOWN | PICTURE | TIPS
    | {"size", "getSize", "onAction", "enabled", "getEnabled", "description", "getDescription", "showImage"}
    | {"getShowImage", "showLabel", "getShowLabel"},
}  # fmt: skip
ONE_OF = [{"id", "idQ", "idMso"}, PICTURE, POSITION, {"label", "getLabel"}, {"size", "getSize"}]
NAME = re.compile(r"[A-Za-z_][\w.-]{0,1023}")
GROUPS = {
    "Quarter": ["new_quarter", "open_returns"],
    "Returns": ["check", "consolidate", "undo_consolidate", "where_from", "backups"],
    "Share": ["approve", "partner", "report", "pdf", "report_pdf"],
    "Help": ["settings", "log", "about"],
}


@pytest.fixture
def ribbon() -> Element:
    """The root of the ribbon's XML."""
    root: Element = fromstring((resource("macros") / "ribbon.xml").read_bytes())
    return root


def test_the_ribbon_keeps_to_the_schema(ribbon: Element) -> None:
    assert ribbon.tag == f"{UI}customUI"
    ids = [element.get("id") for element in ribbon.iter() if "id" in element.attrib]
    assert len(set(ids)) == len(ids)
    for element in ribbon.iter():
        kind = element.tag.removeprefix(UI)
        assert {child.tag for child in element} <= {UI + child for child in CHILDREN[kind]}
        assert set(element.attrib) <= ATTRIBUTES[kind]
        assert all(len(group & set(element.attrib)) <= 1 for group in ONE_OF)
        assert all(1 <= len(value) <= 1024 for value in element.attrib.values())
        assert all(NAME.fullmatch(element.get(key, "x")) for key in ("id", "imageMso"))
        assert element.get("size", "normal") in ("normal", "large")


def test_the_ribbon_has_the_groups_and_buttons_that_python_answers_to(ribbon: Element) -> None:
    shown = {
        group.get("label"): [button.get("id") for button in group.iter(f"{UI}button")]
        for group in ribbon.iter(f"{UI}group")
    }
    assert shown == GROUPS
    assert {button for group in GROUPS.values() for button in group} == BUTTONS.keys()
    assert all(callable(getattr(buttons, button)) for button in BUTTONS)


def test_every_button_has_a_picture_says_what_happens_and_calls_our_procedure(ribbon: Element) -> None:
    for button in ribbon.iter(f"{UI}button"):
        assert {"label", "imageMso", "screentip", "supertip", "keytip"} <= set(button.attrib)
        assert button.get("tag") in ("master", "any")
    keys = [element.get("keytip") for element in ribbon.iter(f"{UI}button")]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[A-Z0-9]{1,3}", str(key)) for key in keys)
    # What Excel calls, with the arguments that it gives: [MS-CUSTOMUI2] 3.1.
    signatures = {
        "onAction": "(control As IRibbonControl)",
        "getEnabled": "(control As IRibbonControl, ByRef enabled As Variant)",
        "getLabel": "(control As IRibbonControl, ByRef label As Variant)",
        "onLoad": "(theRibbon As IRibbonUI)",
    }
    code = (resource("macros") / "cpxl.bas").read_text("cp1252")
    called = {(key, value) for element in ribbon.iter() for key, value in element.items() if key in signatures}
    assert {key for key, _ in called} == signatures.keys()
    assert all(f"Public Sub {value.removeprefix('cpxl.')}{signatures[key]}\n" in code for key, value in called)


# The VBA project


def test_the_directory_has_the_kinds_of_records_that_excels_own_has() -> None:
    with ZipFile(BY_EXCEL) as package:
        by_excel = olefile.OleFileIO(package.read("xl/vbaProject.bin"))
    theirs = [number for number, _ in _records(_unpacked(by_excel.openstream("VBA/dir").read()))]
    ours = [number for number, _ in _records(dir_stream("Project", addin.modules()))]
    module_at = theirs.index(0x19)
    forms = {0x2F, 0x30, 0x33}  # the reference to Microsoft Forms, which xlwings' sample has and we do not use
    head = [number for number in theirs[:module_at] if number not in forms]
    head[head.index(0x16) : head.index(0x16) + 4] = []  # and that reference's two names
    assert ours[: ours.index(0x19)] == head
    assert set(ours[ours.index(0x19) :]) == set(theirs[module_at:])
    assert ours[-1] == theirs[-1] == 0x10


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        number, size = unpack_from("<HI", data, at)
        size += 2 if number == 0x09 else 0  # the version's length leaves its last two bytes out
        yield number, data[at + 6 : at + 6 + size]
        at += 6 + size


def test_the_project_is_neither_locked_nor_hidden() -> None:
    project = olefile.OleFileIO(vba_project("Project", addin.modules())).openstream("PROJECT").read().decode("cp1252")
    with ZipFile(BY_EXCEL) as package:
        by_excel = olefile.OleFileIO(package.read("xl/vbaProject.bin")).openstream("PROJECT").read().decode("cp1252")
    for key, plain in {"CMG": bytes(4), "DPB": bytes(1), "GC": b"\xff"}.items():
        assert _revealed(project, key) == _revealed(by_excel, key) == plain
    assert f'ID="{PROJECT_ID}"' in project


def _revealed(project: str, key: str) -> bytes:
    """What stands behind an obscured value, after [MS-OVBA] 2.4.3.3."""
    identity, value = (re.search(f'{name}="(.*?)"', project) for name in ("ID", key))
    assert identity and value
    data = bytes.fromhex(value[1])
    plain = data[2] ^ data[0]
    assert data[1] ^ data[0] == 2
    assert plain == sum(identity[1].encode()) & 0xFF
    out = bytearray()
    for at in range(3, len(data)):
        plain = data[at] ^ (data[at - 2] + plain & 0xFF)
        out.append(plain)
    body = out[(data[0] & 6) // 2 :]
    assert int.from_bytes(body[:4], "little") == len(body) - 4
    return bytes(body[4:])


def test_two_things_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        vba_project("cpxl", addin.modules())


def test_a_module_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="Attribute VB_Name"):
        vba_project("Project", [Module(Kind.STANDARD, b"Option Explicit\r\n")])


@pytest.mark.parametrize("lines", [0, 100, 1_000, 4_000])
def test_modules_of_any_length_read_back(lines: int) -> None:
    text = "".join(f"' Line {n}: {random.Random(n).random()}\r\n" for n in range(lines))
    module = Module(Kind.STANDARD, f'Attribute VB_Name = "Long"\r\n{text}'.encode())
    project = BytesIO(vba_project("Project", [module]))
    read = [code.encode() for *_, code in VBA_Parser("vbaProject.bin", data=project.getvalue()).extract_macros()]
    assert read == [module.source]


# Compression


def _unpacked(data: bytes) -> bytes:
    """What oletools reads, after a stricter look at the chunks: it forgives one that is shorter than it says."""
    at = 1
    while at < len(data):
        (header,) = unpack_from("<H", data, at)
        assert header >> 12 in (0b1011, 0b0011)
        at += (header & 0xFFF) + 3
    assert at == len(data)
    return bytes(decompress_stream(bytearray(data)))


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


SOURCES = st.one_of(
    st.binary(max_size=9_000),
    st.text("abc \r\n", max_size=9_000).map(str.encode),
    st.builds(_noise, st.integers(0, 200_000)),
    st.builds(lambda part, size: (part * size)[:size], st.binary(min_size=1, max_size=5_000), st.integers(0, 200_000)),
)


@settings(max_examples=60 if LONG else 15)
@given(SOURCES)
@example(b"")
@example(bytes(200_000))
@example((XLWINGS / "xlwings.bas").read_bytes() * 4)
def test_what_is_compressed_reads_back(data: bytes) -> None:
    assert _unpacked(compress(data)) == data


@pytest.mark.parametrize("size", [3_639, 3_640, 3_641, 3_642, 4_095, 4_096, 4_097, 7_737, 8_191, 8_192, 8_193])
def test_what_cannot_be_compressed_reads_back_around_the_edges_of_a_chunk(size: int) -> None:
    for data in (_noise(size), b"x" * size):
        assert _unpacked(compress(data)) == data


def test_text_gets_smaller() -> None:
    source = (XLWINGS / "xlwings.bas").read_bytes()
    assert len(compress(source)) < len(source) / 2


# The compound file


@settings(max_examples=40 if LONG else 15)
@given(
    st.dictionaries(
        st.text("abcdefg_0123456789", min_size=1, max_size=31),
        st.one_of(st.integers(0, 300), st.integers(4_000, 4_200), st.integers(0, 20_000)),
        max_size=40,
    )
)
@example({f"stream{n}": size for n, size in enumerate((0, 1, 63, 64, 65, 511, 512, 513, 4_095, 4_096, 4_097))})
@example({f"stream{n}": n for n in range(500)})
@example({"long": 1_000_000})
def test_every_stream_reads_back(sizes: dict[str, int]) -> None:
    streams = {name: _noise(size) for name, size in sizes.items()}
    data = compound_file({"Folder": streams, "Beside": b"x"})
    assert len(data) % 512 == 0
    file = olefile.OleFileIO(data, raise_defects=olefile.DEFECT_UNSURE)
    assert not file.parsing_issues
    found = {path[-1].lower(): file.openstream(path).read() for path in file.listdir() if len(path) == 2}
    assert found == {name.lower(): content for name, content in streams.items()}
    assert all(file.exists(f"Folder/{name}") for name in streams)
    assert file.openstream("Beside").read() == b"x"


@pytest.mark.parametrize("sectors", range(120, 128))
def test_the_table_has_a_place_for_its_own_sectors(sectors: int) -> None:
    data = compound_file({"long": _noise(sectors * 512)})
    taken = [place for place in olefile.OleFileIO(data).fat if place != olefile.FREESECT]
    assert len(data) == 512 + 512 * len(taken)


def test_a_reader_that_follows_the_tree_finds_every_name() -> None:
    """Excel looks names up from the root of the tree: shorter ones are left, and those of one length by alphabet."""
    names = [f"{'n' * (number % 7)}{number}" for number in range(60)]
    file = olefile.OleFileIO(compound_file(dict.fromkeys(names, b"x")))
    for name in names:
        number = file.root.sid_child
        while (entry := file.direntries[number]).name != name:
            smaller = (len(name), name.upper()) < (len(entry.name), entry.name.upper())
            number = entry.sid_left if smaller else entry.sid_right


def test_what_a_compound_file_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="too long a name"):
        compound_file({"n" * 32: b""})
    with pytest.raises(ValueError, match="room"):
        compound_file({"long": bytes(8_000_000)})

"""The add-in that is built without Excel: its VBA project, its ribbon, and what other programs make of it."""

import random
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from struct import unpack_from
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
from cpxl.addin.cfb import compound_file
from cpxl.addin.vba import PROJECT_ID, Kind, Module, class_module, compress, dir_stream, vba_project
from cpxl.resources import resource
from tests import office

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
    endings = {Kind.STANDARD: "bas", Kind.CLASS: "cls", Kind.DOCUMENT: "cls"}
    assert read == {f"{module.name}.{endings[module.kind]}": module.source for module in addin.modules()}
    assert read["cpxl.bas"] == (resource("macros") / "cpxl.bas").read_bytes()
    assert read["xlwings.bas"].replace(b"Option Private Module\r\n", b"") == (XLWINGS / "xlwings.bas").read_bytes()


def test_a_class_is_kept_as_excel_keeps_it() -> None:
    by_excel = next(code for *_, name, code in VBA_Parser(str(BY_EXCEL)).extract_macros() if name == "Dictionary.cls")
    exported = (XLWINGS / "addin" / "Dictionary.cls").read_bytes()
    ours = class_module(exported).source.decode("cp1252")
    attributes = [line for line in by_excel.splitlines() if line.startswith("Attribute VB_")]
    assert ours.splitlines()[: len(attributes)] == attributes
    assert exported.decode("cp1252").endswith("\r\n".join(ours.splitlines()[len(attributes) :]) + "\r\n")


def test_our_module_is_plain_text_with_the_line_ends_of_vba() -> None:
    source = (resource("macros") / "cpxl.bas").read_bytes()
    assert source.isascii()
    assert source.count(b"\r\n") == source.count(b"\n") == source.count(b"\r")


def test_the_same_input_gives_the_same_bytes() -> None:
    assert addin.build("a", "b") == addin.build("a", "b") != addin.build("a", "c")


def test_nothing_of_the_workbook_in_front_decides_what_is_run() -> None:
    """A return may be in front, and nobody knows what it holds."""
    code = re.sub(r"^\s*'.*$", "", (XLWINGS / "xlwings.bas").read_text("cp1252"), flags=re.MULTILINE)
    run = code[code.index("Function RunPython") : code.index("Function RunFrozenPython")]
    config = code[code.index("Function GetConfigFilePath") : code.index("Function SaveConfigToFile")]
    assert "ThisWorkbook" in run
    assert "ThisWorkbook" in config
    assert "ActiveWorkbook" not in run + config


def test_a_formula_in_a_return_cannot_name_what_runs_programs() -> None:
    """Cells may call any public function of a loaded add-in, except of a module that is private to its project."""
    sources = [module.source for module in addin.modules() if module.kind is Kind.STANDARD]
    reachable = b"".join(source for source in sources if b"\r\nOption Private Module\r\n" not in source)
    functions = set(re.findall(rb"^(?:Public )?Function (\w+)", reachable, re.MULTILINE))
    functions |= set(re.findall(rb"^Declare (?:PtrSafe )?Function (\w+)", reachable, re.MULTILINE))
    assert functions == {b"PythonCommand", b"FailureMessage"}


def test_the_configuration_keeps_the_users_own_out_of_what_starts_python() -> None:
    code = (XLWINGS / "xlwings.bas").read_text("cp1252")
    run = code[code.index("Function RunPython") : code.index("Function RunFrozenPython")]
    asked = set(re.findall(r'GetConfig\("([^"]+)"', run))
    harmless = {"INTERPRETER", "LICENSE_KEY", "TEMP DIR"} | {
        key for key in asked if re.match("ONEDRIVE|SHAREPOINT", key)
    }
    assert asked - harmless == set(addin.configuration()) - {addin.VERSION, "SHOW_ERROR_POPUPS"}


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


def test_libreoffice_opens_it_and_runs_our_function(calc: Any, xlam: Path) -> None:
    # Its filter has to be named: LibreOffice knows add-ins of Excel, also Excel's own, by no other sign.
    wanted = _properties(Hidden=True, MacroExecutionMode=4, FilterName="Calc MS Excel 2007 VBA XML")
    document = calc.loadComponentFromURL(xlam.as_uri(), "_blank", 0, wanted)
    try:
        library = document.BasicLibraries.getByName(addin.PROJECT)
        assert set(library.ElementNames) == {module.name for module in addin.modules()}
        # LibreOffice's Basic compiles both sides of an #If, and then refuses what these two declare twice.
        library.removeByName("xlwings")
        library.removeByName("Dictionary")
        assert _run(document, "PythonCommand", "check") == "from cpxl.addin.actions import press; press('check')"
        assert "Python is gone." in _run(document, "FailureMessage", "Python is gone.")
    finally:
        document.close(True)


def _run(document: Any, function: str, *arguments: str) -> Any:
    place = f"vnd.sun.star.script:{addin.PROJECT}.cpxl.{function}?language=Basic&location=document"
    return document.getScriptProvider().getScript(place).invoke(arguments, (), ())[0]


def _properties(**values: object) -> tuple[Any, ...]:
    from com.sun.star.beans import PropertyValue

    made = []
    for name, value in values.items():
        made.append(PropertyValue())
        made[-1].Name, made[-1].Value = name, value
    return tuple(made)


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
    "Returns": ["check", "consolidate"],
    "Share": ["partner", "pdf"],
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
    shown = {group.get("label"): [button.get("id") for button in group] for group in ribbon.iter(f"{UI}group")}
    assert shown == GROUPS


def test_every_button_has_a_picture_says_what_happens_and_calls_our_procedure(ribbon: Element) -> None:
    for button in ribbon.iter(f"{UI}button"):
        assert {"label", "imageMso", "screentip", "supertip"} <= set(button.attrib)
        assert button.get("onAction") == "cpxl.Pressed"
    assert b"\r\nPublic Sub Pressed(control As IRibbonControl)\r\n" in (resource("macros") / "cpxl.bas").read_bytes()


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


@settings(deadline=None, max_examples=60)
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


@settings(deadline=None, max_examples=40)
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

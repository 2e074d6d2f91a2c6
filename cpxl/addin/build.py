"""The add-in cpxl.xlam, made of the ribbon and the modules in macros/. Needs no Excel."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cpxl import __version__
from cpxl.addin.vba import WORKBOOK, WORKSHEET, Kind, Module, document_module, vba_project
from cpxl.resources import resource

PROJECT = "VBAProject"  # what Excel calls one that nobody named
CONFIGURATION = "cpxl.conf"
"""The add-in's sheet that says what it was built with."""
VERSION, INTERPRETER_WIN, INTERPRETER_MAC = "CPXL_VERSION", "INTERPRETER_WIN", "INTERPRETER_MAC"

WORKBOOK_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ADDIN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
RIBBON = "customUI/customUI14.xml"
RIBBON_RELATIONSHIP = (
    '<Relationship Id="rIdRibbon" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{RIBBON}"/></Relationships>'
)
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def modules() -> list[Module]:
    """The add-in's VBA: ours from macros/, and what every workbook has."""
    return [
        document_module("ThisWorkbook", WORKBOOK, (resource("macros") / "ThisWorkbook.cls").read_bytes()),
        document_module("Sheet1", WORKSHEET),
        *(Module(Kind.STANDARD, path.read_bytes()) for path in sorted(resource("macros").glob("*.bas"))),
    ]


def configuration(interpreter_win: str = "", interpreter_mac: str = "") -> dict[str, str]:
    """What the add-in knows: its version, and where Python is."""
    return {VERSION: __version__, INTERPRETER_WIN: interpreter_win, INTERPRETER_MAC: interpreter_mac}


def build(interpreter_win: str = "", interpreter_mac: str = "") -> bytes:
    """The add-in's bytes; the same macros, versions and interpreters give the same bytes on every machine.

    interpreter_win, interpreter_mac: where Python is; if empty, the add-in is there to look at and starts nothing.
    """
    import xlsxwriter

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": "cpxl", "comments": f"cpxl {__version__}", "created": datetime(*LONG_AGO)})
        workbook.add_vba_project(BytesIO(vba_project(PROJECT, modules())), is_stream=True)
        sheet = workbook.add_worksheet(CONFIGURATION)
        for row, line in enumerate(configuration(interpreter_win, interpreter_mac).items()):
            for column, text in enumerate(line):
                sheet.write_string(row, column, text)
    return _as_addin(out.getvalue())


def _as_addin(workbook: bytes) -> bytes:
    """A workbook with macros as an add-in with a ribbon, stored: how well bytes are packed differs between machines."""
    out = BytesIO()
    with ZipFile(BytesIO(workbook)) as source, ZipFile(out, "w", ZIP_STORED) as target:
        parts = {name: source.read(name) for name in source.namelist()}
        parts["[Content_Types].xml"] = _replaced(parts["[Content_Types].xml"], WORKBOOK_TYPE, ADDIN_TYPE)
        parts["_rels/.rels"] = _replaced(parts["_rels/.rels"], "</Relationships>", RIBBON_RELATIONSHIP)
        parts[RIBBON] = (resource("macros") / "ribbon.xml").read_bytes()
        for name, data in parts.items():
            about = ZipInfo(name, LONG_AGO)
            about.create_system = 0
            target.writestr(about, data)
    return out.getvalue()


def _replaced(part: bytes, old: str, new: str) -> bytes:
    if part.count(old.encode()) != 1:
        raise ValueError(f"{old!r} is expected once")
    return part.replace(old.encode(), new.encode())

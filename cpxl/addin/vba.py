"""A VBA project from the text of its modules, with nothing compiled: Excel does that. Written after [MS-OVBA]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from struct import pack

from cpxl.addin.cfb import compound_file

CODEPAGE = "cp1252"
CHUNK = 4096
PROJECT_ID = "{1C9E7C0B-5B0A-4F0E-9C1D-6370786C0001}"
NOT_COMPILED = bytes.fromhex("CC 61 FF FF 00 00 00")
"""The _VBA_PROJECT stream of a project without compiled code (2.3.4.1)."""
OFFICE = (
    "*\\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
    "C:\\Program Files\\Common Files\\Microsoft Shared\\OFFICE16\\MSO.DLL#Microsoft Office 16.0 Object Library"
)
"""The library that IRibbonControl is from. Excel finds it by its identifier, on a Mac too."""

WORKBOOK, WORKSHEET = "{00020819-0000-0000-C000-000000000046}", "{00020820-0000-0000-C000-000000000046}"
"""What a module is derived from (its VB_Base)."""


class Kind(Enum):
    """What a module is called in the PROJECT stream."""

    STANDARD = "Module"
    DOCUMENT = "Document"


@dataclass(frozen=True)
class Module:
    """A module and its source, with attributes and CR LF, as Excel keeps it."""

    kind: Kind
    source: bytes

    @property
    def name(self) -> str:
        """Raises ValueError if the source does not begin with its name."""
        found = re.match(rb'Attribute VB_Name = "(\w{1,31})"\r\n', self.source)
        if found is None:
            raise ValueError('a module has to begin with the line Attribute VB_Name = "its name"')
        return found[1].decode(CODEPAGE)


def document_module(name: str, base: str, code: bytes = b"") -> Module:
    """The module of the workbook or of a sheet, as every project has. code: what it does, with CR LF."""
    values = {
        "Name": f'"{name}"',
        "Base": f'"0{base}"',
        "GlobalNameSpace": False,
        "Creatable": False,
        "PredeclaredId": True,
        "Exposed": True,
        "TemplateDerived": False,
        "Customizable": True,
    }
    attributes = "".join(f"Attribute VB_{key} = {value}\r\n" for key, value in values.items())
    return Module(Kind.DOCUMENT, attributes.encode(CODEPAGE) + code)


def vba_project(name: str, modules: Sequence[Module]) -> bytes:
    """A vbaProject.bin; the same modules give the same bytes.

    name: the project's; no module may have it too.
    Raises ValueError for two things of one name.
    """
    names = [name.lower(), *(module.name.lower() for module in modules)]
    if len(set(names)) < len(names):
        raise ValueError(f"two of these have the same name: {', '.join(names)}")
    return compound_file(
        {
            "PROJECT": _project_stream(name, modules),
            "PROJECTwm": b"".join(_ansi(m.name) + b"\0" + _unicode(m.name) + b"\0\0" for m in modules) + b"\0\0",
            "VBA": {
                "_VBA_PROJECT": NOT_COMPILED,
                "dir": compress(dir_stream(name, modules)),
                **{module.name: compress(module.source) for module in modules},
            },
        }
    )


# The dir stream (2.3.4.2)


def dir_stream(name: str, modules: Sequence[Module]) -> bytes:
    """What is in the project, before compression: a record for each thing."""
    english = pack("<I", 0x0409)
    return b"".join(
        (
            _record(0x01, pack("<I", 1)),  # written on Windows; a Mac reads it too
            _record(0x02, english),
            _record(0x14, english),
            _record(0x03, pack("<H", 1252)),
            _record(0x04, _ansi(name)),
            _twice(0x05, 0x40, ""),  # what it is for
            _record(0x06) + _record(0x3D),  # help file
            _record(0x07, pack("<I", 0)),  # help context
            _record(0x08, pack("<I", 0)),
            pack("<HIIH", 0x09, 4, 1, 1),  # version; its length counts the first number only
            _twice(0x0C, 0x3C, ""),  # constants
            _twice(0x16, 0x3E, "Office"),
            _record(0x0D, pack("<I", len(OFFICE)) + _ansi(OFFICE) + bytes(6)),
            _record(0x0F, pack("<H", len(modules))),
            _record(0x13, pack("<H", 0xFFFF)),
            *map(_module_records, modules),
            _record(0x10),
        )
    )


def _module_records(module: Module) -> bytes:
    return b"".join(
        (
            _twice(0x19, 0x47, module.name),
            _twice(0x1A, 0x32, module.name),  # its stream
            _twice(0x1C, 0x48, ""),
            _record(0x31, pack("<I", 0)),  # the source begins at once, for no compiled code stands before it
            _record(0x1E, pack("<I", 0)),
            _record(0x2C, pack("<H", 0xFFFF)),
            _record(0x21 if module.kind is Kind.STANDARD else 0x22),
            _record(0x2B),
        )
    )


def _record(number: int, data: bytes = b"") -> bytes:
    return pack("<HI", number, len(data)) + data


def _twice(number: int, unicode_number: int, text: str) -> bytes:
    """A text in the code page, then in Unicode."""
    return _record(number, _ansi(text)) + _record(unicode_number, _unicode(text))


def _ansi(text: str) -> bytes:
    return text.encode(CODEPAGE)


def _unicode(text: str) -> bytes:
    return text.encode("utf-16-le")


# The PROJECT stream (2.3.1)


def _project_stream(name: str, modules: Sequence[Module]) -> bytes:
    document = "/&H00000000"
    lines = [
        f'ID="{PROJECT_ID}"',
        *(f"{m.kind.value}={m.name}{document if m.kind is Kind.DOCUMENT else ''}" for m in modules),
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{obscured(bytes(4), seed=0x5D)}"',  # not protected
        f'DPB="{obscured(bytes(1), seed=0x5D)}"',  # no password
        f'GC="{obscured(bytes([0xFF]), seed=0x5D)}"',  # visible in the editor
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{m.name}=0, 0, 0, 0, C" for m in modules),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode(CODEPAGE)


def obscured(data: bytes, seed: int) -> str:
    """How the project's protection is written down (2.4.3.2)."""
    key = sum(PROJECT_ID.encode()) & 0xFF
    written = [seed, seed ^ 2, seed ^ key]
    plain = key
    for byte in bytes((seed & 6) // 2) + pack("<I", len(data)) + data:
        written.append(byte ^ (written[-2] + plain & 0xFF))
        plain = byte
    return bytes(written).hex().upper()


# Compression (2.4.1)


def compress(data: bytes) -> bytes:
    """The compressed container for a stream."""
    return b"\x01" + b"".join(_chunk(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))


def _chunk(data: bytes) -> bytes:
    packed = _packed(data)
    if len(packed) <= CHUNK:
        return pack("<H", 0xB000 | len(packed) - 1) + packed
    if len(data) == CHUNK:
        return pack("<H", 0x3FFF) + data
    # A short last chunk that will not shrink: as it stands it would be filled up with zeros, which would be read back.
    return _chunk(data[: len(data) // 2]) + _chunk(data[len(data) // 2 :])


def _packed(data: bytes) -> bytes:
    """Tokens in groups of eight, each group after a byte that tells which of them are copies."""
    tokens, packed = _tokens(data), b""
    while group := list(islice(tokens, 8)):
        packed += bytes([sum((len(token) == 2) << bit for bit, token in enumerate(group))]) + b"".join(group)
    return packed


def _tokens(data: bytes) -> Iterator[bytes]:
    """A byte as it is, or two for a copy of at least three bytes that came before."""
    at = 0
    while at < len(data):
        offset_bits = max((at - 1).bit_length(), 4)
        length_bits = 16 - offset_bits
        start, length = _match(data, at, limit=(1 << length_bits) + 2)
        if length:
            yield pack("<H", at - start - 1 << length_bits | length - 3)
        else:
            yield data[at : at + 1]
        at += length or 1


def _match(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Where the longest stretch that stands at `at` stood before, the nearest if there are several, and its length."""
    start, length = 0, 0
    for longer in range(3, min(limit, len(data) - at) + 1):
        found = data.rfind(data[at : at + longer], 0, at + longer - 1)
        if found < 0:
            break
        start, length = found, longer
    return start, length

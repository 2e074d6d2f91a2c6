"""A compound file, version 3: the small file system that holds a VBA project. Written after [MS-CFB]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import pack
from typing import TypeAlias

Storage: TypeAlias = "Mapping[str, bytes | Storage]"

SECTOR, MINI_SECTOR, ENTRY = 512, 64, 128
CUTOFF = 4096
"""Streams shorter than this stand in mini sectors."""
FREE, END_OF_CHAIN, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5
BLACK = 1
HEADER_FAT_SECTORS = 109


def compound_file(root: Storage) -> bytes:
    """The bytes of a compound file; the same content gives the same bytes.

    root: what stands in it by name; bytes are a stream, a mapping is a storage with more in it.
    Raises ValueError for a name of more than 31 characters, and for more than some 7 MB.
    """
    directory = _Directory()
    top = directory.add("Root Entry", root)
    sectors, mini_sectors = directory.sectors, directory.mini_sectors
    top.kind, top.start, top.size = ROOT, sectors.add(mini_sectors.data), len(mini_sectors.data)
    mini_fat = _table(mini_sectors.chains)
    mini_fat_start = sectors.add(mini_fat)
    directory_start = sectors.add(directory.to_bytes())

    fat_sectors = 0
    while fat_sectors * SECTOR // 4 < len(sectors.chains) + fat_sectors:  # the table has a place for its own sectors
        fat_sectors += 1
    if fat_sectors > HEADER_FAT_SECTORS:
        raise ValueError("more than the table of a compound file's header has room for")
    fat_start = len(sectors.chains)
    fat = _table(sectors.chains + [FAT_SECTOR] * fat_sectors)
    fat_places = [*range(fat_start, fat_start + fat_sectors), *[FREE] * (HEADER_FAT_SECTORS - fat_sectors)]

    header = pack("<8s16x5H6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
    header += pack("<5I", 0, fat_sectors, directory_start, 0, CUTOFF)
    header += pack("<4I", mini_fat_start, len(mini_fat) // SECTOR, END_OF_CHAIN, 0)
    header += pack(f"<{HEADER_FAT_SECTORS}I", *fat_places)
    return header + sectors.data + fat


@dataclass
class _Sectors:
    """Sectors of one size, and for each the number of that which follows it in its stream."""

    size: int
    data: bytes = b""
    chains: list[int] = field(default_factory=list)

    def add(self, data: bytes) -> int:
        """Append a stream and return the number of its first sector."""
        if not data:
            return END_OF_CHAIN
        first, count = len(self.chains), -(-len(data) // self.size)
        self.data += data.ljust(count * self.size, b"\0")
        self.chains += [*range(first + 1, first + count), END_OF_CHAIN]
        return first


@dataclass
class _Entry:
    """A line of the directory. Left, right and child are numbers of other lines."""

    name: str = ""
    kind: int = 0
    left: int = FREE
    right: int = FREE
    child: int = FREE
    start: int = 0
    size: int = 0

    def to_bytes(self) -> bytes:
        name = f"{self.name}\0".encode("utf-16-le") if self.name else b""
        if len(name) > 64:
            raise ValueError(f"{self.name!r} is too long a name for a compound file")
        links = (self.left, self.right, self.child)
        return pack("<64sHBB3I36xIQ", name, len(name), self.kind, BLACK, *links, self.start, self.size)


@dataclass
class _Directory:
    """Everything by its name, and the sectors that it stands in."""

    entries: list[_Entry] = field(default_factory=list)
    sectors: _Sectors = field(default_factory=lambda: _Sectors(SECTOR))
    mini_sectors: _Sectors = field(default_factory=lambda: _Sectors(MINI_SECTOR))

    def add(self, name: str, content: bytes | Storage) -> _Entry:
        """Append a stream, or a storage with all that is in it, and return its line."""
        entry = _Entry(name)
        self.entries.append(entry)
        if isinstance(content, bytes):
            entry.kind, entry.size = STREAM, len(content)
            entry.start = (self.mini_sectors if len(content) < CUTOFF else self.sectors).add(content)
            return entry
        entry.kind = STORAGE
        numbers = []
        for inner in sorted(content, key=lambda name: (len(name), name.upper())):  # the order of 2.6.4
            numbers.append(len(self.entries))
            self.add(inner, content[inner])
        entry.child = self._tree(numbers)
        return entry

    def _tree(self, numbers: list[int]) -> int:
        """Join lines, given in order, to a balanced tree; return its root. All are black, which keeps the rules."""
        if not numbers:
            return FREE
        middle = len(numbers) // 2
        entry = self.entries[numbers[middle]]
        entry.left, entry.right = self._tree(numbers[:middle]), self._tree(numbers[middle + 1 :])
        return numbers[middle]

    def to_bytes(self) -> bytes:
        unused = [_Entry()] * (-len(self.entries) % (SECTOR // ENTRY))
        return b"".join(entry.to_bytes() for entry in self.entries + unused)


def _table(chains: list[int]) -> bytes:
    padded = chains + [FREE] * (-len(chains) % (SECTOR // 4))
    return pack(f"<{len(padded)}I", *padded)

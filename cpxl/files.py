"""Files that come in: only plain ones are opened, and no more of one is read than was asked for.

A pipe would wait for somebody to write into it, and a device might never end.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import IO, NamedTuple

KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}
UNHURRIED = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""How a file is opened: what became a pipe since it was looked at makes nobody wait."""


class NotAFile(OSError):
    """What has the name of a file, and is none; strerror says what it is."""


class Arrived(NamedTuple):
    """A file's bytes, as many as were asked for, and when it was last saved (nanoseconds since 1970)."""

    data: bytes
    saved: int


def cannot_read(path: Path, error: OSError, wanted: str) -> str:
    """What is said of a file that was named and cannot be read. wanted: what to name instead, if it is a folder."""
    if isinstance(error, NotAFile) and error.strerror == KINDS[stat.S_IFDIR]:
        return f"{path} cannot be read ({error.strerror}): name {wanted}."
    return f"{path} cannot be read ({error.strerror}): check its name, and that you may open it."


def opened(path: Path) -> IO[bytes]:
    """A plain file, open for reading. Raises OSError: NotAFile, or what the system says."""
    refuse_others(path, path.stat().st_mode)
    file = os.fdopen(os.open(path, os.O_RDONLY | UNHURRIED), "rb")
    try:
        refuse_others(path, os.fstat(file.fileno()).st_mode)
    except NotAFile:
        file.close()
        raise
    return file


def read(path: Path, most: int = sys.maxsize) -> Arrived:
    """A plain file's first bytes, at most so many; all of them, of files of our own. Raises OSError like `opened`."""
    with opened(path) as file:
        about = os.fstat(file.fileno())
        # No more than there is: room for all that is asked for is set aside.
        return Arrived(file.read(min(about.st_size + 1, most)), about.st_mtime_ns)


def text_of(data: bytes) -> str:
    """What a file of text says: in UTF-8, or else in what Excel writes as plain 'CSV' on Windows."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def refuse_others(path: Path, mode: int) -> None:
    """Raise NotAFile if what has this mode is no plain file."""
    if not stat.S_ISREG(mode):
        raise NotAFile(0, KINDS.get(stat.S_IFMT(mode), "it is no file"), str(path))

"""Safe saving: a file is either the old one or the whole new one, never half of it; a backup before it is replaced."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

from defusedxml import ElementTree

from cpxl import files
from cpxl.errors import Refused
from cpxl.workbook_names import AUTHOR

PAUSES = (0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to rename a file over one that may be being read."""
LEFTOVER = re.compile(r"\.cpxl-[a-z0-9_]{8}\.\w+")
"""A temporary file's name."""


def save(path: Path, data: bytes) -> None:
    """Write a file in one step: a temporary file beside it, flushed to the disk, then renamed over it.

    Raises Refused if the folder or file cannot be written; the file is then as it was.
    """
    refuse_if_in_use(path)
    try:
        write_new(path, data)
    except OSError as error:
        raise Refused(
            f"{path} could not be saved ({error.strerror or error}): close it everywhere, check that you may write "
            "there and that the disk has room, then run this again."
        ) from error


def write_new(path: Path, data: bytes) -> None:
    """Write a file under another name, and give it its own once it is whole. Raises OSError; nothing is left then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".cpxl-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        _rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # not every system flushes a folder; the file itself is safe by now
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _rename(temporary: Path, path: Path) -> None:
    """Rename a file over another. Windows refuses that while anybody, such as a virus scanner, reads the other one."""
    for pause in PAUSES:
        try:
            temporary.replace(path)
            return
        except PermissionError:
            time.sleep(pause)
    temporary.replace(path)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed runs left in a folder. Only for who is alone there: see `lock.py`."""
    with suppress(OSError):
        for path in folder.iterdir():
            if LEFTOVER.fullmatch(path.name) and is_file(path):
                with suppress(OSError):  # the next run tries again
                    path.unlink()


def remove(path: Path) -> None:
    """Remove a file. Raises Refused if it is open or may not be removed."""
    refuse_if_in_use(path)
    try:
        path.unlink()
    except OSError as error:
        raise Refused(f"{path} could not be removed ({error.strerror or error}): close it everywhere.") from error


def is_untouched(path: Path) -> bool:
    """Whether a workbook is as cpxl saved it. Excel and LibreOffice put another name, or none, in place of ours."""
    try:
        with zipfile.ZipFile(path) as package, package.open("docProps/core.xml") as part:
            return ElementTree.fromstring(part.read(2**16)).findtext("{*}lastModifiedBy") == AUTHOR
    except Exception:  # whatever is wrong with it, it is not as cpxl left it
        return False


def make_folder(path: Path) -> None:
    """Make a folder, and those above it. Raises Refused if that is not allowed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"The folder {path} could not be made ({error.strerror or error}): check that you may."
        ) from error


def refuse_if_in_use(path: Path) -> None:
    """Raise Refused if the file is open in Excel or LibreOffice, may not be written, or is no file itself."""
    owners = [path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")]
    if any(owner.exists() for owner in owners):
        raise Refused(f"{path} is open in Excel or LibreOffice: save and close it there, then run this again.")
    mode = mode_of_a_file(path) if path.exists() else None
    if path.is_symlink():
        raise Refused(f"{path} is a link, and what it leads to would stay as it is: put that file itself there.")
    if mode is None:
        return
    refusal = Refused(f"{path} cannot be written: take away its read-only mark, or ask for the right to change it.")
    # The mark counts even for an administrator, whom the system would let write all the same.
    if not mode & stat.S_IWRITE or not os.access(path, os.W_OK):
        raise refusal
    try:
        with path.open("r+b"):
            pass
    except OSError as error:
        raise refusal from error


def mode_of_a_file(path: Path) -> int:
    """The mode of what is about to be replaced. Raises Refused if that is a pipe, a device or a folder."""
    try:
        files.refuse_others(path, mode := path.stat().st_mode)
    except files.NotAFile as error:
        raise Refused(f"{path} cannot be written ({error.strerror}): move it away, then run this again.") from error
    return mode


def is_file(path: Path) -> bool:
    """Whether this is a file itself, and no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _umask() -> int:
    """What the system takes away from a new file's rights; a temporary file starts with none for others."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

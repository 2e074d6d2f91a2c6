"""Safe saving: a file is either the old one or the whole new one, never half of it; a backup before it is replaced."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

from defusedxml import ElementTree

from cpxl.errors import Refused
from cpxl.layout.names import AUTHOR


def save(path: Path, data: bytes) -> None:
    """Write a file in one step: a temporary file beside it, flushed to the disk, then renamed over it.

    Raises Refused if the folder or file cannot be written; the file is then as it was.
    """
    refuse_if_in_use(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".cpxl-", suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise Refused(
            f"{path} could not be saved ({error.strerror or error}): close it everywhere, check that you may write "
            "there and that the disk has room, then run this again."
        ) from error


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
    """Raise Refused if the file is open in Excel or LibreOffice, or may not be written."""
    owners = [path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")]
    if any(owner.exists() for owner in owners):
        raise Refused(f"{path} is open in Excel or LibreOffice: save and close it there, then run this again.")
    if not path.exists():
        return
    refusal = Refused(f"{path} cannot be written: take away its read-only mark, or ask for the right to change it.")
    # The mark counts even for an administrator, whom the system would let write all the same.
    if not path.stat().st_mode & stat.S_IWRITE or not os.access(path, os.W_OK):
        raise refusal
    try:
        with path.open("r+b"):
            pass
    except OSError as error:
        raise refusal from error


def back_up(path: Path, folder: Path) -> Path | None:
    """Copy a file that is about to be replaced into `folder`, under its name and the time. None if it is not there."""
    if not path.exists():
        return None
    now = datetime.now().strftime("%Y-%m-%d %H.%M.%S.%f")[:-3]
    copy = folder / f"{path.stem} {now}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    except OSError as error:
        raise Refused(
            f"No backup of {path.name} could be made in {folder} ({error.strerror or error}), so nothing was changed: "
            "check that you may write there."
        ) from error
    return copy


def _umask() -> int:
    """What the system takes away from a new file's rights; a temporary file starts with none for others."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

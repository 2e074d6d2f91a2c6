"""Backups: what each is, and putting one back."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cpxl import backups, files, store
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder, alone
from cpxl.layout.identity import identity_block

WORKBOOKS = {".xlsx", ".xltx"}


@dataclass(frozen=True)
class Kept:
    """A backup as it is listed.

    number: by which it is asked for, 1 for the latest. name: of the file that it is a copy of. size: in bytes.
    quarter: of a master or return, None if there is none to tell. damaged: whether it is no whole workbook.
    """

    number: int
    file: str
    name: str
    made: datetime
    size: int
    quarter: str | None
    damaged: bool


@dataclass(frozen=True)
class Restored:
    """What was put back, from which backup, and the backup of what was there before, if anything was."""

    path: Path
    backup: Path
    kept: Path | None


def listed(folder: WorkingFolder) -> list[Kept]:
    """The folder's backups, the latest first."""
    found = []
    for number, backup in enumerate(backups.backups(folder.backups), 1):
        try:
            data: bytes | None = files.read(backup.path).data
        except OSError:
            data = None
        quarter, damaged = _looked_at(data or b"", backup.path.suffix)
        found.append(Kept(number, backup.path.name, backup.name, backup.made, len(data or b""), quarter, damaged))
    return found


@alone("restore")
def restore(folder: WorkingFolder, which: str) -> Restored:
    """Put a backup back where it was, after a backup of what is there now.

    which: its number in the list, or its file. Raises Refused, with nothing changed, if it is not one of the folder's
    backups, is damaged, or if it is not known where it was, or what is there now is open.
    """
    backup = _found(folder, which)
    place = _place(folder, backup)
    store.refuse_if_in_use(place)
    try:
        data = files.read(backup.path).data
    except OSError as error:
        raise Refused(f"{backup.path} cannot be read ({error.strerror or error}): choose another backup.") from error
    if _looked_at(data, backup.path.suffix)[1]:
        raise Refused(f"{backup.path} is damaged, so nothing was changed: choose another backup.")
    if place == folder.master:
        from cpxl.master.file import read_master
        from cpxl.master.ids import remember

        with suppress(Refused):  # if it cannot be read, what was noted when it was written has to do
            remember(folder, read_master(folder).master)
    kept = folder.back_up(place)
    store.save(place, data)
    return Restored(place, backup.path, kept)


def _found(folder: WorkingFolder, which: str) -> backups.Backup:
    there = backups.backups(folder.backups)
    if which.isascii() and which.isdigit():
        if 1 <= (number := int(which[:9])) <= len(there):
            return there[number - 1]
    else:
        asked = Path(which)
        is_inside = asked.name == which or asked.absolute().parent.resolve() == folder.backups.resolve()
        for backup in there:
            if is_inside and backup.path.name == asked.name:
                return backup
    raise Refused(f"{which} is not one of the backups in {folder.backups}: 'cpxl restore' lists them.")


def _place(folder: WorkingFolder, backup: backups.Backup) -> Path:
    """Where the file was that this is a copy of."""
    if backup.name == folder.master.name:
        return folder.master
    folders = folder.settings.folders
    places = [folder.published, folder.templates]
    for name in (folders.checked, folders.issued):
        places += sorted((folder.path / name).glob("*"))
    there = [place / backup.name for place in places if (place / backup.name).is_file()]
    if len(there) == 1:
        return there[0]
    raise Refused(
        f"Where {backup.name} belongs cannot be told, as {len(there) or 'no'} files are called so: copy {backup.path} "
        "there yourself."
    )


def _looked_at(data: bytes, suffix: str) -> tuple[str | None, bool]:
    """The quarter that a workbook says it is of, and whether it is damaged."""
    from cpxl.workbooks.read import OpenWorkbook

    if suffix.lower() not in WORKBOOKS:
        return None, not data
    try:
        book = OpenWorkbook(data)
        with zipfile.ZipFile(BytesIO(data)) as package:  # of which the above reads only some parts, within limits
            damaged = package.testzip() is not None
        facts = {row.values["fact"]: row.values["value"] for row in book.rows(identity_block()) or ()}
    except Exception:  # there are a dozen ways of being damaged
        return None, True
    quarter = facts.get("quarter")
    return (str(quarter) if quarter else None), damaged

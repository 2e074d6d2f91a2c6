"""Backups: a copy of every file before it is replaced, so many of each, and which there are."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cpxl import files, store
from cpxl.errors import Refused

TIME = "%Y-%m-%d %H.%M.%S.%f"
BACKUP = re.compile(r"(?P<stem>.+) (?P<made>\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.\d{3})(?P<suffix>(?:\.[^.]*)?)")
"""A backup's name."""


@dataclass(frozen=True)
class Backup:
    """A copy of a file that was replaced. name: the file's. made: when."""

    path: Path
    name: str
    made: datetime


def back_up(path: Path, folder: Path, keep: int = 30, days: int = 0) -> Path | None:
    """Copy a file that is about to be replaced into `folder`, under its name and the time. None if it is not there.

    keep: the number of copies of one file that stay, the latest; those of the last `days` stay besides. Older ones are
    removed when the new one is safe. Raises Refused, with nothing changed, if no copy can be made.
    """
    if not path.exists():
        return None
    store.mode_of_a_file(path)
    now = datetime.now()
    while (copy := folder / f"{path.stem} {now.strftime(TIME)[:-3]}{path.suffix}").exists():
        now += timedelta(milliseconds=1)
    try:
        store.write_new(copy, files.read(path).data)
    except OSError as error:
        raise Refused(
            f"No backup of {path.name} could be made in {folder} ({error.strerror or error}), so nothing was changed: "
            "check that you may write there and that the disk has room."
        ) from error
    ours = [backup for backup in backups(folder) if backup.name == path.name and backup.path != copy]
    for backup in ours[keep - 1 :]:
        if backup.made < now - timedelta(days=days):
            with suppress(OSError):  # the next run tries again
                backup.path.unlink()
    return copy


def backups(folder: Path) -> list[Backup]:
    """The copies that `back_up` made and that are still in a folder, the latest first. Other files are none of them."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            named = BACKUP.fullmatch(path.name)
            if named and store.is_file(path):
                with suppress(ValueError):  # a time that there is not
                    made = datetime.strptime(named["made"], TIME)
                    found.append(Backup(path, named["stem"] + named["suffix"], made))
    return sorted(found, key=lambda backup: (backup.made, backup.name), reverse=True)

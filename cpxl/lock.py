"""One writer at a time: a lock on a working folder, which tells the others who holds it.

The system gives the lock up when its holder ends, however it ends, so a run that was killed leaves none. It binds cpxl
only: whether somebody has a workbook open in Excel is looked at elsewhere. Where a folder is copied between computers
(OneDrive, Dropbox), each computer has a lock of its own.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import platform
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cpxl.errors import Refused

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".cpxl.lock"
HOLDER = ".cpxl.holder"
"""Who holds the lock. Not in the lock's own file: where locks are kept by Windows, nobody else can read that."""
MARK = ".cpxl.lock-mark"
"""Stands for the lock on a drive that knows no locks."""
NO_LOCKS = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS}
WAIT = 10.0
"""Seconds for which a run waits for another to be done, before it gives up. Most are done in three."""


@contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Work on a folder while no other run of cpxl does. What works inside may ask for it again.

    command: what is being done, in the words of the command line, such as `history import`.
    Raises Refused, with who is at work and since when, if another run is not done within WAIT; or if the lock's file
    cannot be made.
    """
    try:
        lock = _taken(folder)
    except OSError as error:
        raise Refused(
            f"{folder / LOCK} cannot be used ({error.strerror or error}): check that you may write in that folder, and "
            "remove what stands there under that name."
        ) from error
    try:
        if lock.lock_counter == 1:
            _sign(folder, command)
        yield
    finally:
        if lock.lock_counter == 1:  # nothing stays behind
            for name in (HOLDER, LOCK):  # removed while it is held; who waits for it sees that, and makes a new one
                with suppress(OSError):  # Windows removes it when it is given up
                    (folder / name).unlink(missing_ok=True)
        lock.release()


def _taken(folder: Path) -> BaseFileLock:
    """The folder's lock, held."""
    from filelock import FileLock, SoftFileLock  # takes 0.03 s, which `cpxl --help` need not wait for

    # One object for each folder, so that it can be taken again by who has it.
    lock: BaseFileLock = FileLock(folder / LOCK, is_singleton=True)
    try:
        _wait(lock, folder)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        lock = SoftFileLock(folder / MARK, is_singleton=True)  # takes over the mark of a run that is dead
        _wait(lock, folder)
    return lock


def _wait(lock: BaseFileLock, folder: Path) -> None:
    from filelock import Timeout

    with suppress(Timeout):
        lock.acquire(timeout=0)
        return
    if sys.stderr and sys.stderr.isatty():
        print(f"Waiting: cpxl is at work in {folder} already, {_holder(folder)}.", file=sys.stderr)
    try:
        lock.acquire(timeout=WAIT, poll_interval=0.1)
    except Timeout as error:
        raise Refused(
            f"cpxl is at work in {folder} already, {_holder(folder)}: wait until that is done, then run this again."
        ) from error


def _sign(folder: Path, command: str) -> None:
    """Leave word of who holds the lock. Where that cannot be written, the lock holds all the same."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = "somebody"
    holder = {
        "command": command,
        "user": user,
        "computer": platform.node(),
        "process": os.getpid(),
        "since": datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
    }
    path = folder / HOLDER
    with suppress(OSError):
        path.unlink(missing_ok=True)  # and written anew, so that a link there is not followed
        with path.open("x", encoding="utf-8") as file:
            json.dump(holder, file)


def _holder(folder: Path) -> str:
    """Who holds the lock, in words, as far as that can be told."""
    path = folder / HOLDER
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError
        with path.open(encoding="utf-8") as file:
            holder = json.loads(file.read(10_000))
        words = "with '{command}' since {since}, by {user} on {computer} (process {process})".format_map(holder)
    except (OSError, ValueError, KeyError, TypeError):
        return "in another window or on another computer"
    return "".join(letter for letter in words if letter.isprintable())

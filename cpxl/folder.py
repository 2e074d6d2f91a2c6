"""The working folder: where its files are, and which quarter is current."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from cpxl import config, lock, store, theme
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.quarters import Quarter
from cpxl.theme import TEMPLATES, Theme

CONFIG = "config.yaml"
MASTER = "master.xlsx"
LOG = "cpxl.log"
CHECK_REPORT = "Check report.xlsx"
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
"""Endings of files that may be meant as a return; which of them can be read, the reader says."""


@dataclass(frozen=True)
class WorkingFolder:
    """A folder with config.yaml in it, and everything of one strategy beside that. theme: of every workbook for it."""

    path: Path
    settings: Settings
    theme: Theme

    @classmethod
    def open(cls, path: Path) -> WorkingFolder:
        """Raises Refused if there is no config.yaml, or a bad one, or a bad theme.yaml."""
        return cls(path, config.load(path / CONFIG), theme.load(path))

    @property
    def master(self) -> Path:
        """The coordinator's workbook."""
        return self.path / MASTER

    @property
    def log(self) -> Path:
        """What was done, and details of faults."""
        return self.path / LOG

    @property
    def backups(self) -> Path:
        """Copies of what was replaced."""
        return self.path / self.settings.folders.backups

    @property
    def published(self) -> Path:
        """Partner workbooks."""
        return self.path / self.settings.folders.published

    @property
    def templates(self) -> Path:
        """theme.yaml, and the templates that are made by it."""
        return self.path / TEMPLATES

    def returns(self, quarter: Quarter) -> Path:
        """What leads sent back for a quarter."""
        return self.path / self.settings.folders.returns / quarter.folder

    def checked(self, quarter: Quarter) -> Path:
        """What the checks found in a quarter's returns: annotated copies and the report."""
        return self.path / self.settings.folders.checked / quarter.folder

    def issued(self, quarter: Quarter) -> Path:
        """What was issued for a quarter."""
        return self.path / self.settings.folders.issued / quarter.folder

    @contextmanager
    def alone(self, command: str) -> Iterator[None]:
        """Work on the folder while no other run of cpxl does, from reading what is there to writing what comes of it.

        command: what is being done, in the words of the command line. Raises Refused if another run is at work.
        """
        with lock.alone(self.path, command):
            self._clear()
            yield

    def _clear(self) -> None:
        """Remove what killed runs left half written, wherever cpxl writes. Only while alone."""
        folders = self.settings.folders
        by_quarter = [self.path / name for name in (folders.issued, folders.returns, folders.checked)]
        for folder in (self.path, self.published, self.backups, self.templates, *by_quarter):
            store.remove_leftovers(folder)
        for folder in by_quarter:
            with suppress(OSError):  # not there, or not to be read, which is for the steps to say
                for quarter in folder.iterdir():
                    store.remove_leftovers(quarter)

    def back_up(self, path: Path) -> Path | None:
        """Copy a file that is about to be replaced into the backups; `store.back_up`, with what config says of them."""
        return store.back_up(path, self.backups, self.settings.backups.keep, self.settings.backups.days)

    def current_quarter(self) -> Quarter:
        """The latest quarter that returns were issued for; before the first issue, the one in config."""
        issued = self.path / self.settings.folders.issued
        quarters = []
        for folder in issued.iterdir() if issued.is_dir() else ():
            try:
                quarter = Quarter.parse(folder.name)
            except ValueError:
                continue
            if any(file.is_file() and not _is_hidden(file) for file in folder.glob("*.xlsx")):
                quarters.append(quarter)
        return max(quarters, default=self.settings.current_quarter)

    def returned_files(self, quarter: Quarter) -> tuple[list[Path], list[Path]]:
        """Files in the quarter's returns folder: those that may be returns, and others. Owner files are neither."""
        folder = self.returns(quarter)
        try:
            files = sorted(f for f in folder.iterdir() if f.is_file()) if folder.is_dir() else []
        except OSError as error:
            raise Refused(f"{folder} cannot be read ({error.strerror}): check that you may open it.") from error
        files = [f for f in files if not _is_hidden(f)]
        return [f for f in files if f.suffix.lower() in WORKBOOKS], [
            f for f in files if f.suffix.lower() not in WORKBOOKS
        ]


def _is_hidden(path: Path) -> bool:
    """Whether a file is not a person's: an owner file of Excel or LibreOffice, a temporary file of cpxl."""
    return path.name.startswith(("~$", "."))


P = ParamSpec("P")
R = TypeVar("R")


def alone(
    command: str,
) -> Callable[[Callable[Concatenate[WorkingFolder, P], R]], Callable[Concatenate[WorkingFolder, P], R]]:
    """Make a step one that works on its folder while no other run of cpxl does: see `WorkingFolder.alone`."""

    def wrap(step: Callable[Concatenate[WorkingFolder, P], R]) -> Callable[Concatenate[WorkingFolder, P], R]:
        @wraps(step)
        def alone_at_it(folder: WorkingFolder, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with folder.alone(command):
                return step(folder, *args, **kwargs)

        return alone_at_it

    return wrap

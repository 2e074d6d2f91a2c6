"""The working folder: where its files are, and which quarter is current."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from cpxl import backups, config, files, lock, store, theme
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.origin import IMPORTED, PICTURES
from cpxl.quarters import Quarter, quarter_said
from cpxl.resources import resource
from cpxl.theme import TEMPLATES, Theme
from cpxl.words import legible

CONFIG = "config.yaml"
MASTER = "master.xlsx"
LOG = "cpxl.log"
RISK_IDS = "risk-ids.txt"
KEPT = "publications"
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
"""Endings of files that may be meant as a return; which of them can be read, the reader says."""
MOST_LOOKED_AT = 500
"""Files in the wrong place that are named, or opened to see whose they are. A quarter has nine."""


class PassedOver(NamedTuple):
    """What is not looked at as a return: its name (with its folder, if that is not the quarter's), and why."""

    file: str
    why: str


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
    def risk_ids(self) -> Path:
        """Every id that was ever given to a risk."""
        return self.path / RISK_IDS

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
    def kept(self) -> Path:
        """What publications were made of."""
        return self.path / KEPT

    @property
    def templates(self) -> Path:
        """theme.yaml, and the templates that are made by it."""
        return self.path / TEMPLATES

    def returns(self, quarter: Quarter) -> Path:
        """What leads sent back for a quarter."""
        return self.path / self.settings.folders.returns / quarter.folder

    def mail(self, quarter: Quarter) -> Path:
        """Drafts of mails to a quarter's leads."""
        return self.path / self.settings.folders.mail / quarter.folder

    def checked(self, quarter: Quarter) -> Path:
        """What the checks found in a quarter's returns: annotated copies and the report."""
        return self.path / self.settings.folders.checked / quarter.folder

    def check_report(self, quarter: Quarter) -> Path:
        """The report over a quarter's returns. Its name has the quarter: Excel opens no two workbooks of one name."""
        return self.checked(quarter) / f"Check report {str(quarter).replace('/', '-')}.xlsx"

    def issued(self, quarter: Quarter) -> Path:
        """What was issued for a quarter."""
        return self.path / self.settings.folders.issued / quarter.folder

    def issued_return(self, quarter: Quarter, code: str) -> Path:
        """The return of a strand, by its code, as it is issued for a quarter."""
        return self.issued(quarter) / f"{quarter.folder} {code}.xlsx"

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
        kept = [self.path / name for name in (IMPORTED, PICTURES, KEPT)]
        for folder in (self.path, self.published, self.backups, self.templates, *kept, *by_quarter):
            store.remove_leftovers(folder)
        for folder in by_quarter:
            with suppress(OSError):  # not there, or not to be read, which is for the steps to say
                for quarter in folder.iterdir():
                    store.remove_leftovers(quarter)

    def back_up(self, path: Path) -> Path | None:
        """Copy a file that is about to be replaced into the backups, with what config says of them."""
        return backups.back_up(path, self.backups, self.settings.backups.keep, self.settings.backups.days)

    def own_or_ours(self, name: str, most: int) -> bytes:
        """A template of the folder's own, or else ours: its bytes, at most so many. Raises Refused if it is shut."""
        own = self.path / name
        try:
            return files.read(own, most).data
        except FileNotFoundError:
            return resource(name).read_bytes()
        except OSError as error:
            raise Refused(
                f"{own} cannot be read ({error.strerror}): close it elsewhere, then run this again."
            ) from error

    def issued_quarters(self) -> list[Quarter]:
        """The quarters that returns were issued for."""
        issued = self.path / self.settings.folders.issued
        quarters = []
        for folder in issued.iterdir() if issued.is_dir() else ():
            quarter = quarter_said(folder.name)
            if quarter and any(file.is_file() and not _is_hidden(file) for file in folder.glob("*.xlsx")):
                quarters.append(quarter)
        return quarters

    def current_quarter(self) -> Quarter:
        """The latest quarter that returns were issued for; before the first issue, the one in config."""
        return max(self.issued_quarters(), default=self.settings.current_quarter)

    def returned_files(self, quarter: Quarter) -> tuple[list[Path], list[PassedOver]]:
        """Files in the quarter's returns folder that may be returns, and what is passed over, there and around it.

        Owner files, hidden files, and files beside the quarters' folders that are no workbooks are neither.
        """
        folder = self.returns(quarter)
        files, passed = [], []
        for path in _listed(folder):
            kind = _kind(path)
            if kind == "file" and _is_workbook(path):
                files.append(path)
            elif kind == "file":
                passed.append(PassedOver(legible(path.name), "no Excel workbook"))
            elif kind != "folder" or _is_workbook(path):
                passed.append(PassedOver(legible(path.name), kind))
        move = f"not in {self._shown(folder)}: move it there if it is a return of {quarter}"
        elsewhere = [*_below(folder), *(p for p in _listed(folder.parent) if _kind(p) == "file" and _is_workbook(p))]
        return files, passed + [PassedOver(self._shown(path), move) for path in elsewhere]

    def returned_for_others(self, quarter: Quarter) -> list[Path]:
        """Files in the returns folders of other quarters that may be returns, the latest quarters first."""
        found = []
        for folder in sorted(_listed(self.returns(quarter).parent), reverse=True):
            if folder != self.returns(quarter) and _kind(folder) == "folder":
                found += [path for path in _listed(folder) if _kind(path) == "file" and _is_workbook(path)]
        return found[:MOST_LOOKED_AT]

    def misplaced(self, path: Path, strand: str, quarter: Quarter) -> PassedOver:
        """A quarter's return in the folder of another."""
        move = f"the return of {strand} for {quarter}: move it to {self._shown(self.returns(quarter))}"
        return PassedOver(self._shown(path), move)

    def _shown(self, path: Path) -> str:
        return legible(path.relative_to(self.path).as_posix())


def _listed(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing if it is not there. Owner files and hidden ones are left out."""
    try:
        paths = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Refused(f"{folder} cannot be read ({error.strerror}): check that you may open it.") from error
    return [path for path in paths if not _is_hidden(path)]


def _kind(path: Path) -> str:
    """`file`, `folder`, or what else it is. One that is gone by now counts as a file: to open it will say so."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "a link to a file that is not there" if path.is_symlink() else "file"
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "neither a file nor a folder"


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in WORKBOOKS


def _below(folder: Path) -> list[Path]:
    """Workbooks in the folders that are in a folder."""
    found: list[Path] = []
    for number, (inside, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = [Path(inside, name) for name in sorted(names)]
        found += [path for path in paths if number and _is_workbook(path) and not _is_hidden(path)]
        if max(number, len(found)) >= MOST_LOOKED_AT:
            break
    return found[:MOST_LOOKED_AT]


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

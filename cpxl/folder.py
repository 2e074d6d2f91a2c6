"""The working folder: where its files are, and which quarter is current."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cpxl import config, theme
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

    def current_quarter(self) -> Quarter:
        """The latest quarter that returns were issued for; before the first issue, the one in config."""
        issued = self.path / self.settings.folders.issued
        quarters = []
        for folder in issued.iterdir() if issued.is_dir() else ():
            try:
                quarter = Quarter.parse(folder.name)
            except ValueError:
                continue
            if any(folder.glob("*.xlsx")):
                quarters.append(quarter)
        return max(quarters, default=self.settings.current_quarter)

    def returned_files(self, quarter: Quarter) -> tuple[list[Path], list[Path]]:
        """Files in the quarter's returns folder: those that may be returns, and others. Owner files are neither."""
        folder = self.returns(quarter)
        try:
            files = sorted(f for f in folder.iterdir() if f.is_file()) if folder.is_dir() else []
        except OSError as error:
            raise Refused(f"{folder} cannot be read ({error.strerror}): check that you may open it.") from error
        files = [f for f in files if not f.name.startswith(("~$", "."))]
        return [f for f in files if f.suffix.lower() in WORKBOOKS], [
            f for f in files if f.suffix.lower() not in WORKBOOKS
        ]

"""The files that figures come from, and what stands in their cells now."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from io import StringIO
from itertools import islice
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_cell_to_rowcol

from cpxl import files
from cpxl.folder import WorkingFolder
from cpxl.forgive import DASHES, figure
from cpxl.model import (
    ENTERED_IN_MASTER,
    HISTORY,
    BreakdownFigure,
    Cell,
    Master,
    Measure,
    Monthly,
    Progress,
    Return,
    Risk,
    Value,
    is_number,
    same,
)
from cpxl.origin import Origin
from cpxl.provenance.second_account import Part
from cpxl.returns.read import read_return
from cpxl.small_table import MOST_COLUMNS, MOST_ROWS
from cpxl.workbooks.quick import numbers_on
from cpxl.workbooks.read import OpenWorkbook, Unreadable, tidy
from cpxl.workbooks.untrusted import LARGEST_FILE

NAMES = ("plan", "status", "measure", "month", "breakdown", "row", "column", "id")
"""The fields by which a row says what its figure is, besides quarter and strand."""
LONGEST = 15
"""Digits of a number that Excel holds exactly."""


class State(Enum):
    """How a part of a figure stands to the file that it comes from."""

    THERE = "stands there"
    OTHER = "something else stands there"
    CHANGED = "the file has changed since, and cannot be compared"
    NO_CELL = "the cell is not known"
    GONE = "the file is not there any more"
    MASTER = "entered in the master"
    NO_ORIGIN = "where it comes from is not known"


class Traced(NamedTuple):
    """A part of a figure, where it comes from, and what is found there.

    origin: of a row of 0.1.0, the file by which its strand's figures came. address: blank where no cell is known.
    """

    part: Part
    origin: Origin | None
    address: str
    state: State
    stands: Value = None

    @property
    def cell(self) -> Cell | None:
        """The cell that it was typed in."""
        return Cell(self.origin.sheet, self.address) if self.origin and self.address else None


@dataclass
class _File:
    """A file as it is now: whether it is as it came in, and its sheets."""

    is_same: bool
    data: bytes
    is_return: bool = False
    rows: list[list[Any]] | None = None
    numbers: dict[str, Mapping[str, bytes]] = field(default_factory=dict)

    @cached_property
    def book(self) -> OpenWorkbook | None:
        """Opened as everything that comes in is; None if it cannot be."""
        try:
            return OpenWorkbook(self.data, every_sheet=not self.is_return)
        except Unreadable:
            return None

    def has(self, sheet: str, address: str, value: Value) -> bool:
        """Whether a quick look shows that a cell holds a number."""
        if sheet not in self.numbers:
            self.numbers[sheet] = numbers_on(self.data, sheet)
        written = self.numbers[sheet].get(address)
        return written is not None and is_number(value) and same(float(written), value)

    def page(self, sheet: str) -> list[list[Any]] | None:
        """The rows of a sheet; None if it cannot be read."""
        if self.rows is not None or self.book is None:
            return self.rows
        try:
            return self.book.page(sheet) if sheet in self.book.numbers else None
        except Unreadable:
            return None


class Sources:
    """Looks parts up. Each file is read once.

    entered: what stands on the strands' sheets of the master, by strand.
    """

    def __init__(self, folder: WorkingFolder, master: Master, entered: Mapping[str, Return]) -> None:
        self.folder, self.master, self.entered = folder, master, entered
        self.found: dict[tuple[str, str], _File | None] = {}
        self.read: dict[str, Return] = {}
        self.looked_at = {s.sha256 or "" for s in master.submissions}
        self.came_in = {(s.quarter, s.strand): s for s in master.submissions if s.is_accepted}

    def trace(self, part: Part) -> Traced:
        """Where a part comes from, and what stands there."""
        row = part.row
        origin = row.origin or self._by_submission(part)
        if origin is None:
            return Traced(part, None, "", State.NO_ORIGIN)
        if origin.file == ENTERED_IN_MASTER.file:
            cell = self._cell_in_master(part)
            there = Origin(origin.file, origin.sha256, cell.sheet) if cell else origin
            return Traced(part, there, cell.address if cell else "", State.MASTER)
        address = origin.cells.get(part.field, "")
        file = self._file(origin)
        if file is None:
            return Traced(part, origin, address, State.GONE)
        if not address:
            return Traced(part, origin, "", State.NO_CELL)
        if file.is_same and file.rows is None and file.has(origin.sheet, address, part.value):
            return Traced(part, origin, address, State.THERE, part.value)
        page = file.page(origin.sheet)
        if page is None:
            return Traced(part, origin, address, State.CHANGED)
        at, column = xl_cell_to_rowcol(address)
        stands = page[at][column] if at < len(page) and column < len(page[at]) else None
        stands = None if stands == "" else tidy(stands)
        holds = same(self._meant(part, stands), part.value) or (file.is_same and self._is_read_so(part, origin))
        return Traced(part, origin, address, State.THERE if holds else State.OTHER, stands)

    def _by_submission(self, part: Part) -> Origin | None:
        """The file that a strand's figures of a quarter came in, by Submissions; its cell is not known."""
        row = part.row
        if isinstance(row, Monthly) and row.source:
            return Origin(row.source)
        came = self.came_in.get((row.quarter, row.strand))
        if came is None:
            return None
        if came.template_version == HISTORY or came.file == ENTERED_IN_MASTER.file:
            return Origin(came.file, came.sha256)
        return Origin(f"{self.folder.settings.folders.returns}/{row.quarter.folder}/{came.file}", came.sha256)

    def _cell_in_master(self, part: Part) -> Cell | None:
        """Where what was entered in the master stands on its sheet now, if that shows the row's quarter."""
        returned = self.entered.get(part.row.strand)
        if returned is None or part.row.quarter != self.master.quarter:
            return None
        tables: Mapping[type, tuple[Any, ...]] = {
            Progress: returned.progress,
            Measure: returned.measures,
            Monthly: returned.monthly,
            BreakdownFigure: returned.breakdowns,
            Risk: returned.risks,
        }
        for record in tables[type(part.row)]:
            if fact_of(record) == fact_of(part.row):
                cell: Cell | None = record.cells.get(part.field)
                return cell
        return None

    def _meant(self, part: Part, stands: Value) -> Value:
        """What was typed, as the number that the reader takes it for."""
        if not isinstance(stands, str):
            return stands
        if stands in DASHES:
            return 0
        return figure(stands, self.folder.settings.unit_of(part.row))

    def _is_read_so(self, part: Part, origin: Origin) -> bool:
        """Whether the reader takes what stands in a file, which is as it came in, for what the master has."""
        if not self._is_return(origin):
            return True  # a history's words for a number
        if origin.file not in self.read:
            self.read[origin.file] = read_return(self.folder.path / origin.file, self.folder.settings)
        again = self.read[origin.file]
        rows = (*again.progress, *again.measures, *again.monthly, *again.breakdowns, *again.risks)
        return any(fact_of(row) == fact_of(part.row) and same(getattr(row, part.field), part.value) for row in rows)

    def _file(self, origin: Origin) -> _File | None:
        """A file of the working folder; None if it is not there, or cannot be opened."""
        key = origin.file, origin.sha256
        if key not in self.found:
            self.found[key] = self._read(origin) if origin.is_kept else None
        return self.found[key]

    def _read(self, origin: Origin) -> _File | None:
        try:
            data = files.read(self.folder.path / origin.file, LARGEST_FILE + 1).data
        except (OSError, ValueError):  # such as a name that no system has
            return None
        now = hashlib.sha256(data).hexdigest() if len(data) <= LARGEST_FILE else ""
        is_same = now == origin.sha256
        if not is_same and now in self.looked_at:
            return None  # what took its place came to be checked, and was not accepted
        is_text = not origin.file.lower().endswith(".xlsx") and not origin.sheet
        return _File(is_same, data, self._is_return(origin), _csv(data) if is_text else None)

    def _is_return(self, origin: Origin) -> bool:
        return origin.file.startswith(f"{self.folder.settings.folders.returns}/")

    def is_same(self, origin: Origin) -> bool:
        """Whether the file is there, as it came in."""
        file = self._file(origin)
        return file is not None and file.is_same


def fact_of(row: Any) -> tuple[Any, ...]:
    """What a row of a data table is of."""
    return tuple(getattr(row, key, None) for key in ("quarter", "strand", "period", *NAMES))


def _csv(data: bytes) -> list[list[Any]]:
    """The cells of a CSV file, numbers as numbers."""
    rows = islice(csv.reader(StringIO(files.text_of(data), newline="")), MOST_ROWS)
    return [[int(v) if len(v) < LONGEST and v.isdecimal() else v for v in row[:MOST_COLUMNS]] for row in rows]

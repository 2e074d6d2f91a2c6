"""Where a record comes from: the file that it came in, and the cells of it that its fields were read from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("origin_file", "origin_sheet", "origin_cells", "origin_sha256")
"""The columns that an origin takes in every data table."""
PICTURES = "pictures"
"""The subfolder of the working folder that has the pictures of returns that were merged."""
IMPORTED = "imported"
"""The subfolder of the working folder that has a copy of each history that was imported."""
LABELS = frozenset(
    ("quarter", "strand", "plan", "status", "measure", "period", "month", "breakdown", "row", "column", "kind", "id")
) | {"source"}
"""Fields that say what a record is of, and are not what somebody typed."""
CELL = re.compile(r"([A-Z]{1,3}[0-9]{1,7}) (\w+)")


@dataclass(frozen=True)
class Origin:
    """A file as it came in, and where in it a record stood.

    file: its path from the working folder on, with `/`; of a file that is not kept there, its name.
    sheet: blank in a CSV file, and where no cell is known. cells: the address of each field, by its name.
    """

    file: str
    sha256: str = ""
    sheet: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Whether the file lies in the working folder as it came in, and is not the master."""
        return "/" in self.file


def origin_of(record: Any, names: Collection[str], file: str, sha256: str, without: Collection[Any] = ()) -> Origin:
    """The origin of a record that was just read from a file. names: its fields.

    without: cells in which nothing stood, so that a value was worked out.
    """
    cells = {
        name: cell
        for name in names
        if name not in LABELS and getattr(record, name) is not None and (cell := record.cells.get(name))
        if cell not in without
    }
    sheet = next((cell.sheet for cell in cells.values()), "")
    return Origin(file, sha256, sheet, {name: cell.address for name, cell in cells.items()})


def in_columns(origin: Origin | None) -> dict[str, str | None]:
    """An origin as it stands in a row of a data table; blank where it is not known."""
    if origin is None:
        return dict.fromkeys(COLUMNS)
    cells = ", ".join(f"{address} {name}" for name, address in origin.cells.items())
    return dict(zip(COLUMNS, (origin.file, origin.sheet or None, cells or None, origin.sha256 or None), strict=True))


def from_columns(values: Mapping[str, Any]) -> Origin | None:
    """The origin that a row of a data table has, if it has one."""
    file, sheet, cells, sha256 = (str(values.get(column) or "") for column in COLUMNS)
    return Origin(file, sha256, sheet, {name: at for at, name in CELL.findall(cells)}) if file else None

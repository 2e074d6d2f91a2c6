"""An issued return, filled in by hand with openpyxl, as a lead would in Excel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


class Form:
    """An issued return, filled in by hand, or a sheet of the master."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self.book = load_workbook(path)
        self.page: Any = self.book[sheet] if sheet else self.book.worksheets[1]

    def row(self, text: str, start: int = 1) -> int:
        """The last row whose label is this; or that starts with it, where none is. Links to it stand above it."""
        labels = [str(self.page.cell(n, 1).value) for n in range(start, self.page.max_row + 1)]
        found = [n for n, v in enumerate(labels) if v == text] or [
            n for n, v in enumerate(labels) if v.startswith(text)
        ]
        return start + found[-1]

    def column(self, row: int, heading: str) -> int:
        return next(n for n in range(1, 30) if str(self.page.cell(row, n).value).startswith(heading))

    def below(self, row: int) -> Iterator[int]:
        """The rows of a table whose heading stands in `row`: those that have a label, or where one may be entered."""
        number = row + 1
        while self.page.cell(number, 1).value is not None or self.page.cell(number, 1).border.left.style:
            yield number
            number += 1

    def type(self, title: str, row: int | str, heading: str, value: Any) -> None:
        """A value into a row (from 0, or by its label) of the table under a title."""
        self.cell(title, row, heading).value = value

    def cell(self, title: str, row: int | str, heading: str) -> Any:
        """A cell of the table under a title: of a row (from 0, or by its label), below a heading."""
        top = self.heading(title)
        at = self.labels(title).index(row) if isinstance(row, str) else row
        return self.page.cell(top + 1 + at, self.column(top, heading))

    def heading(self, title: str) -> int:
        """The row with the headings of the table under a title: the first one after it that has two."""
        row = self.row(title) + 1
        while self.page.cell(row, 2).value is None:
            row += 1
        return row

    def labels(self, title: str) -> list[Any]:
        return [self.page.cell(row, 1).value for row in self.below(self.heading(title))]

    def value(self, title: str, row: int | str, heading: str) -> Any:
        return self.cell(title, row, heading).value

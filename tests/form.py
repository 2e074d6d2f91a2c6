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
        return next(n for n in range(start, self.page.max_row + 1) if self.page.cell(n, 1).value == text)

    def column(self, row: int, heading: str) -> int:
        return next(n for n in range(1, 30) if str(self.page.cell(row, n).value).startswith(heading))

    def below(self, row: int) -> Iterator[int]:
        """The rows of a table whose heading stands in `row`."""
        number = row + 1
        while self.page.cell(number, 1).border.left.style:
            yield number
            number += 1

    def type(self, title: str, row: int, heading: str, value: Any) -> None:
        """A value into a row (from 0) of the table under a title."""
        top = self.heading(title)
        self.page.cell(top + 1 + row, self.column(top, heading)).value = value

    def heading(self, title: str) -> int:
        """The row with the headings of the table under a title: the first one after it that is bordered."""
        row = self.row(title) + 1
        while not self.page.cell(row, 1).border.left.style:
            row += 1
        return row

    def labels(self, title: str) -> list[Any]:
        return [self.page.cell(row, 1).value for row in self.below(self.heading(title))]

    def value(self, title: str, row: int, heading: str) -> Any:
        top = self.heading(title)
        return self.page.cell(top + 1 + row, self.column(top, heading)).value

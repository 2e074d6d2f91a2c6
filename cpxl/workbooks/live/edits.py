"""What is done on an open sheet besides writing, as a person would do it: rows and columns in and out, looks, widths.

Rows and columns are counted from 0, and each edit finds the sheet as those before it have left it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_range, xl_range_abs

from cpxl.workbooks import excel
from cpxl.workbooks.typed import Area

if TYPE_CHECKING:
    import xlwings

Edit = Callable[["xlwings.Sheet"], None]
"""One thing to do on an open sheet."""

AS_ABOVE, AS_BELOW = "format_from_left_or_above", "format_from_right_or_below"
"""What new rows look like, where Excel has a say in it."""


def rows(first: int, last: int) -> str:
    """The address of whole rows."""
    return f"{first + 1}:{last + 1}"


def insert_rows(row: int, count: int, look: str) -> Edit:
    """Rows come in above a row."""
    return lambda page: page.range(rows(row, row + count - 1)).insert("down", look)


def fill_up(row: int, count: int, right: int) -> Edit:
    """Fill new rows with the one below them, and so with its looks and its lists to choose from."""
    return lambda page: excel.fill_up(page.range(xl_range(row, 0, row + count, right)))


def delete_rows(row: int, count: int) -> Edit:
    """Rows go."""
    return lambda page: page.range(rows(row, row + count - 1)).delete("up")


def add_columns(table: str, at: int, count: int) -> Edit:
    """Columns come into a table of Excel's, before one of its columns."""

    def edit(page: xlwings.Sheet) -> None:
        for number in range(count):
            excel.add_column(page, table, at, f"New column {number}")

    return edit


def insert_cells(area: Area) -> Edit:
    """Cells come in, and what is to their right moves further right."""
    return lambda page: page.range(xl_range(*area)).insert("right", AS_ABOVE)


def copy_column(area: Area, column: int) -> Edit:
    """Have new columns look like another one; what stands in it comes along."""
    return lambda page: page.range(xl_range(area[0], column, area[2], column)).copy(page.range(xl_range(*area)))


def widen(first: int, last: int, characters: float) -> Edit:
    """Columns get another width."""

    def edit(page: xlwings.Sheet) -> None:
        page.range(xl_range(0, first, 0, last)).column_width = characters

    return edit


def print_only(area: Area) -> Edit:
    """What is printed of the sheet."""

    def edit(page: xlwings.Sheet) -> None:
        page.page_setup.print_area = xl_range_abs(*area)

    return edit


def format_cells(cells: str, number_format: str) -> Edit:
    """Cells, by their address, get a number format."""

    def edit(page: xlwings.Sheet) -> None:
        page.range(cells).number_format = number_format

    return edit

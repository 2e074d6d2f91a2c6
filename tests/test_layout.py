"""Where things stand on a sheet: columns as wide and rows as high as what is in them needs."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from cpxl import theme
from cpxl.layout import grid
from cpxl.layout.blocks import REVISED, UNIT, Block, Column, Formula, Heading, Kind, Link, Row, Sheet, Workbook
from cpxl.layout.place import place
from cpxl.workbooks.paper import ARIAL, LINE_HEIGHT, page_breaks, row_heights
from cpxl.workbooks.write import to_bytes

LABELS, WORDS = Column("label", "Label"), Column("words", "Words")
FIGURES = [Column(key, key, Kind.NUMBER) for key in "abc"]


@pytest.mark.parametrize(
    ("value", "unit", "is_revised", "is_wider"),
    [
        (2_693_500, "GBP", False, False),
        (2_693_500, "GBP", True, False),
        (12_693_500, "GBP", True, True),
        (123_456_789, "GBP", False, False),
        (123_456_789, "count", True, True),
        (12_345_678.125, "kg", False, True),
    ],
)
def test_columns_are_as_wide_as_their_widest_figure(value: float, unit: str, is_revised: bool, is_wider: bool) -> None:
    """Excel shows a figure that has no room as ####."""
    row: Row = {"label": "One", "a": value, UNIT: unit, REVISED: "a" * is_revised}
    widths = place(Sheet("S", "S", items=[Block("b", "B", [LABELS, WORDS, *FIGURES], [row])])).widths
    assert (widths[2] > grid.FIGURE) is is_wider
    assert len(set(widths[2:])) == 1
    assert grid.ACROSS - 20 < sum(map(grid.pixels, widths)) <= grid.ACROSS


GO_ON = "Go on tracking monthly hate crime figures for any lasting effect of the pandemic."
RULE = "earlier-progress-does-not-add-up"
LEFT = {"label": 34, "words": 46, "a": 11}
"""How wide columns are, in characters."""


@pytest.mark.parametrize(
    ("column", "content", "lines"),
    [
        (LABELS, GO_ON, 2),
        (Column("label", "Label", entered=True), GO_ON, 3),  # stands in
        (Column("a", "A"), RULE, 4),  # broken where it has a hyphen
        (LABELS, Link("S", GO_ON), 1),  # within the sheet: shortened
        (LABELS, "3.3 Delivery and challenges by except", 1),
        (LABELS, Heading("3.3 Delivery and challenges by except", 1), 2),  # bold, and larger
    ],
)
def test_rows_are_as_high_as_their_text(column: Column, content: str | Heading | Link, lines: int) -> None:
    columns = [{c.key: c for c in (LABELS, WORDS, FIGURES[0], column)}[key] for key in LEFT]
    block = Block("b", "", columns, [{column.key: content}])
    placement = place(Sheet("S", "S", items=[block], widths=list(LEFT.values())))
    height = row_heights(placement, LINE_HEIGHT, ARIAL, "S").get(placement.blocks["b"].first, LINE_HEIGHT)
    assert height // LINE_HEIGHT == lines


def test_a_title_with_a_check_beside_it_has_the_lines_that_it_needs() -> None:
    """The check would cut it off."""
    title = "Progress: Child Sexual Abuse and Exploitation"
    check = Formula(lambda here: '="OK"', "OK")
    blocks = [Block(name, title, [LABELS, WORDS], [{}], check=of) for name, of in (("a", check), ("b", None))]
    book = load_workbook(
        BytesIO(to_bytes(Workbook("W", "OFFICIAL", "W", [Sheet("S", "S", items=blocks)]), theme.shipped()))
    )
    beside, alone = [cell for (cell,) in book["S"].iter_rows(max_col=1) if cell.value == title]
    assert (beside.alignment.wrap_text, alone.alignment.wrap_text) == (True, None)
    heights = book["S"].row_dimensions
    assert heights[beside.row].height > 1.5 * heights[alone.row].height


@pytest.mark.parametrize(("rows", "begins_with"), [(38, "blank"), (30, "title")])
def test_no_blank_row_has_a_page_of_its_own(rows: int, begins_with: str) -> None:
    """A page that is full to the brim in one program may be a row too high in another."""
    blocks = [Block(name, name, [LABELS, WORDS, *FIGURES], [{}] * rows) for name in "ab"]
    placement = place(Sheet("S", "S", items=blocks))
    [at] = page_breaks(placement, {}, LINE_HEIGHT)
    second = placement.blocks["b"].top
    assert at == (second - 1 if begins_with == "blank" else second)

"""The grid of every sheet: three kinds of columns, so wide that a page is always full and always printed at one size.

Column A holds labels, B words, C and what follows figures. Figures have one width everywhere; labels and words share
what the page leaves. A sheet with few figures is printed upright, any other across.
"""

from __future__ import annotations

FIGURE = 11.0
"""How wide a column of figures is at least, in characters: wider only on a sheet with a figure that needs more."""
LABELS = 0.42
"""The share of what figures leave that labels have; words have the rest."""
NARROWEST, WIDEST = 24, 48
"""How wide labels are at least and at most. With more figures than go beside them, the print becomes smaller."""
MOST_UPRIGHT = 2
"""Columns of figures that a page takes upright."""

DIGIT, PADDING = 9, 5
"""Pixels that a digit takes on the screen, in 12 pt Arial, and what a column has besides."""
UPRIGHT, ACROSS = 950, 1380
"""Pixels that go beside each other on a page, upright and across, at the size that is printed."""
NARROW = ",.[]r "
"""Signs in a figure that are no wider than half a digit, or not much."""
PRINTED = 0.76
"""The size that is printed, as a share of that on the screen: 12 pt are 9.1 pt on paper."""
SIDE, TOP = 0.3, 0.65
"""Margins at a page's sides, and at its top and foot, in inches."""


def is_upright(columns: int) -> bool:
    """Whether a sheet with so many columns is printed upright."""
    return columns - 2 <= MOST_UPRIGHT


def widths(columns: int, widest_figure: float = 0) -> list[float]:
    """How wide so many columns are, in characters: two or more, as every sheet has labels and words."""
    figures, figure = max(columns - 2, 0), max(FIGURE, widest_figure)
    page = UPRIGHT if is_upright(columns) else ACROSS
    left = (page - figures * pixels(figure) - 2 * PADDING) / DIGIT
    label = min(max(left * LABELS, NARROWEST), WIDEST)
    return [int(label), int(max(left - label, NARROWEST)), *[figure] * figures]


def characters(figure: str) -> float:
    """How wide a printed figure is, in characters, one of which is as wide as a digit."""
    return sum(0.5 if sign in NARROW else 1 for sign in figure)


def pixels(width: float) -> int:
    """How wide a column of so many characters is on the screen."""
    return int(width * DIGIT) + PADDING

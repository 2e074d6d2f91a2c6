"""What is printed: as few pages as can be, each full, in one size that can be read, and the marking by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command import Demo
from tests.pages import SIZE_OF_HEADINGS, Page, pages_of

SMALLEST = 9.0
"""Points of the text on paper."""
HALF = 0.5


@pytest.fixture(scope="module")
def reference(calc: Any, demo: Demo) -> list[Page]:
    """The pages of the reference quarter's partner workbook."""
    return pages_of(calc, Path(demo.says["outputs"]["partner"]))


def test_the_reference_quarter_takes_24_pages_its_breakdowns_3_and_the_report_2(reference: list[Page]) -> None:
    """Without breakdowns, comparisons with other months and quarters, and the report's text it takes 24 pages. The 17
    breakdowns take one more of each of three strands, and the comparisons of Domestic Abuse another.
    """
    sheet, of_report = "", 0
    for page in reference:
        sheet = " ".join(word.text for word in page.lines[0]) if page.is_first_of_a_sheet else sheet
        of_report += sheet == "Report"
    assert 1 <= of_report <= 2
    assert 15 < len(reference) - of_report <= 24 + 3 + 1


def test_pages_are_full_and_can_be_read(reference: list[Page]) -> None:
    assert faults(reference) == []


def faults(pages: list[Page]) -> list[str]:
    """What is wrong with the pages of a workbook."""
    found = []
    for number, page in enumerate(pages, 1):
        is_last = number == len(pages) or pages[number].is_first_of_a_sheet
        lowest = max(word.bottom for word in page.body)
        if not is_last and lowest < HALF * page.height:
            found.append(f"page {number} is less than half full")
        sizes = [(size, word.text) for word in page.body if (size := word.size) is not None]
        if sizes and min(sizes)[0] < SMALLEST:
            found.append(f"page {number} has text of {min(sizes)[0]:.1f} points: {min(sizes)[1]}")
        marked = [word for word in (*page.header, *page.footer) if word.text == "OFFICIAL"]
        if len(marked) != 2:
            found.append(f"page {number} does not have the marking at its top and foot")
        beside = [w for w in page.footer if w.text != "OFFICIAL" and any(abs(w.top - m.top) < 3 for m in marked)]
        if beside:
            found.append(f"page {number}: beside the marking stands {beside[0].text}")
        found += [f"page {number}: {one} and {other} are printed over each other" for one, other in page.overprinted]
        last_line = [word.size or 0 for word in page.lines[-1]]
        if max(last_line) > SIZE_OF_HEADINGS + 0.4:
            found.append(f"page {number} ends with a heading")
    return found

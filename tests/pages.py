"""Pages as they are printed: what LibreOffice makes of a workbook, measured word by word."""

from __future__ import annotations

import re
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from html import unescape
from itertools import takewhile
from pathlib import Path
from typing import Any

from tests import office

WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.S)
# How wide letters are in Helvetica, in thousandths of the size of the font.
WIDTHS = "556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500"
LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", map(int, WIDTHS.split()), strict=True))
LONG_ENOUGH = 6
"""Letters of a word by whose width the size of its font is told."""
SIZE_OF_TITLES, SIZE_OF_HEADINGS = 13.0, 10.2
"""Points on paper, at least, of what is printed as a title or as a heading."""


@dataclass(frozen=True)
class Word:
    """A word, and where it stands on a page, in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Halfway down."""
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float | None:
        """The size of its font, in points; None where that cannot be told. Of bold words it is a little too much."""
        if len(self.text) < LONG_ENOUGH or not all(letter in LETTERS for letter in self.text):
            return None
        return (self.right - self.left) * 1000 / sum(LETTERS[letter] for letter in self.text)


@dataclass(frozen=True)
class Page:
    """A printed page. marking: the words at its top and foot. body: what is between them."""

    height: float
    header: list[Word]
    body: list[Word]
    footer: list[Word]

    @property
    def is_first_of_a_sheet(self) -> bool:
        """Whether it begins with a title."""
        top = min(word.top for word in self.body)
        first = [word for word in self.body if word.top < top + 6]
        return any(word.bottom - word.top > SIZE_OF_TITLES * 1.2 for word in first)

    @property
    def overprinted(self) -> list[tuple[str, str]]:
        """Words that are printed over each other: a row was too low for its text, and the next one begins in it."""
        words = sorted(self.body, key=lambda word: word.top)
        return [
            (one.text, other.text)
            for at, one in enumerate(words)
            for other in takewhile(lambda word, one=one: word.top < one.middle, words[at + 1 :])  # type: ignore[misc]
            if min(one.right, other.right) > max(one.left, other.left) + 1
        ]

    @property
    def lines(self) -> list[list[Word]]:
        """The words of the body, line by line."""
        found: list[list[Word]] = []
        for word in sorted(self.body, key=lambda w: (w.top, w.left)):
            if found and word.top - found[-1][0].top < 3:
                found[-1].append(word)
            else:
                found.append([word])
        return found


def pages_of(desktop: Any, path: Path) -> list[Page]:
    """The pages of a workbook."""
    with tempfile.TemporaryDirectory() as scratch:
        pdf, html = Path(scratch) / "pages.pdf", Path(scratch) / "pages.html"
        office.printed(desktop, path, pdf)
        subprocess.run(["pdftotext", "-bbox", pdf, html], check=True, timeout=120)
        found = PAGE.findall(html.read_text(encoding="utf-8"))
    return [_page(float(height), inside) for _, height, inside in found]


def _page(height: float, inside: str) -> Page:
    words = [
        Word(unicodedata.normalize("NFKC", unescape(text)), *map(float, place))
        for *place, text in WORD.findall(inside)
        if text.strip()
    ]
    header = [word for word in words if word.bottom < MARGIN]
    footer = [word for word in words if word.top > height - MARGIN]
    rest = [word for word in words if word not in header and word not in footer]
    return Page(height, header, rest, footer)


MARGIN = 0.65 * 72
"""The margins at top and foot, in points, in which the marking is."""

"""What a person sees of a number in a cell, told by its number format: the figure that is stored, or another."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

PIECE = re.compile(r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]?|General|[0#?.,%/;@]|E[+-]|.', re.IGNORECASE | re.DOTALL)
CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
TIMES = re.compile(r"k|m|mn|bn|tn|thousands?|millions?|billions?|hundreds?|000s?|'000s?|%", re.IGNORECASE)
"""A literal beside a figure that says it is to be multiplied."""
LONGEST = 1_000
"""Characters of a number format; Excel takes 255."""
COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


class Section(NamedTuple):
    """A part of a number format: when it holds, its placeholders one after the other, and what it adds to them."""

    condition: tuple[str, float] | None
    places: str
    literal: str


@lru_cache(maxsize=512)
def sections(code: str) -> tuple[Section, ...]:
    """The sections of a number format; of text, the fourth."""
    found: list[Section] = []
    condition, places, literal = None, "", ""
    for piece in [*PIECE.findall(code[:LONGEST]), ";"]:
        if piece == ";":
            found.append(Section(condition, places, literal))
            condition, places, literal = None, "", ""
        elif piece[0] == "[":
            if said := CONDITION.fullmatch(piece):
                condition = said[1], float(said[2])
            elif piece.startswith("[$"):
                literal += piece[2:].partition("-")[0].rstrip("]")
        elif piece[0] == '"':
            literal += piece.strip('"')
        elif piece[0] == "\\":
            literal += piece[1:]
        elif piece[0] in "_*":
            continue
        elif piece.casefold() == "general":
            places += "G"
        elif piece[0] in "0#?.,%/@" or piece[:1] in "Ee":
            places += piece[0].upper()
        else:
            literal += piece
    return tuple(found)


def is_shown(value: float, code: str, *, as_percent: bool = False) -> bool:
    """Whether a person sees the number that is stored. as_percent: 0.71 may be shown as 71 %."""
    section, is_signed = _section_for(value, sections(code))
    places, literal = section.places, section.literal.strip()
    if not any(place in places for place in "0#?G"):
        return False
    if TIMES.fullmatch(literal.strip(" ()-£$€")) or any(sign.isdigit() for sign in literal):
        return False
    is_below = literal.startswith(("-", "\u2212", "(")) or literal.endswith("-")
    if value and is_below != (value < 0 and not is_signed):
        return False
    if "G" in places:
        return True
    if "%" in places:
        return (as_percent and value != 0) or value == 0
    before, _, after = places.partition(".")
    if before.endswith(",") or after.endswith(","):
        return False
    if "E" in places:
        digits = sum(place in "0#?" for place in after.partition("E")[0])
        return float(f"{value:.{digits}e}") == value
    if "/" in places:
        digits = max(sum(place in "0#?" for place in places.partition("/")[2]), 1)
        return float(Fraction(value).limit_denominator(10**digits - 1)) == value
    decimals = sum(place in "0#?" for place in after)
    return abs(round(value, decimals) - value) <= 1e-9 * max(abs(value), 1)


def is_text_shown(code: str) -> bool:
    """Whether a person sees the text in a cell with this number format."""
    found = sections(code)
    if len(found) < 4:
        return len(found) < 3 or any(section.places for section in found)
    return "@" in found[3].places or "G" in found[3].places


def _section_for(value: float, found: tuple[Section, ...]) -> tuple[Section, bool]:
    """The section that a number is shown by, and whether Excel puts a minus before it by itself."""
    numbers = found[:3]
    if any(section.condition for section in numbers):
        for section in numbers:
            if section.condition is None or COMPARE[section.condition[0]](value, section.condition[1]):
                return section, True
        return numbers[-1], True
    if value < 0 and len(numbers) > 1:
        return numbers[1], False
    if value == 0 and len(numbers) > 2:
        return numbers[2], True
    return numbers[0], True

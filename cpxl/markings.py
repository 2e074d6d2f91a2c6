"""Protective markings: those of the Government Security Classifications, and which of them a text carries."""

from __future__ import annotations

import re
import unicodedata
from re import IGNORECASE

SCHEME = ("OFFICIAL", "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET")
"""The markings of the scheme, lowest first."""
MARKINGS = (
    re.compile(r"\bOFFICIAL\b"),
    re.compile(r"O(?<![^\W_].)FFICIAL\s{0,2}[-_\u00ad\u2010-\u2015\u2212:/]?\s{0,2}SENSITIVE(?![^\W_])", IGNORECASE),
    re.compile(r"S(?<![^\W_].)ECRET(?![^\W_])"),
    re.compile(r"T(?<![^\W_].)OP[\s_-]{1,2}SECRET(?![^\W_])"),
)
"""How each is found in running text. Plain words are not taken for markings.

They may stand between underscores, as in the name of a file.
"""
WHERE_MARKED = (
    re.compile(r"(?<![^\W_])OFFICIAL(?![^\W_])", IGNORECASE),
    re.compile(
        r"(?<![^\W_])(?:OFF(?:ICIAL)?[\W_]{0,4}SENS?(?:ITIVE)?|O[-_/]S|RESTRICTED|CONFIDENTIAL|PROTECT)(?![^\W_])",
        IGNORECASE,
    ),
    re.compile(r"(?<![^\W_])SECRET(?![^\W_])", IGNORECASE),
    re.compile(r"(?<![^\W_])TOP[\W_]{0,3}SECRET(?![^\W_])", IGNORECASE),
)
"""How each is found where nothing but markings belongs, such as a header or a label: short forms too, and those of the
scheme of before 2014 that lay above OFFICIAL."""


def level(text: str, *, is_place_for_it: bool = False) -> int | None:
    """How high the highest marking in a text is, from 0 for OFFICIAL to 3; None if there is none.

    is_place_for_it: it is where markings stand, such as a header, and no running text.
    """
    plain = "".join(c for c in text if unicodedata.category(c) != "Cf" or c == "\u00ad") if not text.isascii() else text
    patterns = WHERE_MARKED if is_place_for_it else MARKINGS
    return max((at for at, marking in enumerate(patterns) if marking.search(plain)), default=None)


def is_of_the_scheme(text: str) -> bool:
    """Whether a text begins with one of the scheme's markings; a descriptor or a caveat may follow."""
    return re.match(r"(?:OFFICIAL|(?:TOP[ -])?SECRET)(?![^\W_])", text, IGNORECASE) is not None

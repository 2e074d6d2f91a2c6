"""How sentences quote and list things, and how any text is made safe to show."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

NOT_SHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Kinds of characters that a terminal acts on instead of showing them, such as the start of an escape sequence, or that
change how others read: controls, formats (bidi overrides, zero-width ones), surrogates, ends of lines."""
BLANK_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters that nobody sees."""


def shown(text: object) -> str:
    """Text from anywhere as one line that can be shown: what would not be seen, or do harm, is spelt out (`\\x1b`)."""
    words = str(text)
    if words.isascii() and words.isprintable():
        return words
    return "".join(map(_spelt_out, words))


def _spelt_out(character: str) -> str:
    if unicodedata.category(character) in NOT_SHOWN or character in BLANK_LETTERS:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def legible(name: str) -> str:
    """A file's name as it can be written down anywhere: bytes that are no text, and controls, are shown as \ufffd."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cs", "Cc") or c in "\ufffe\uffff" else c for c in name)


def short(text: object, most: int = 60) -> str:
    """A lead's text as a message quotes it: so many characters at most."""
    words = " ".join(str(text).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def listed(items: Iterable[object], most: int = 8) -> str:
    """`a, b, c`, and how many more there are."""
    words = list(dict.fromkeys(map(str, items)))
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def how_many(number: int, word: str) -> str:
    """`1 strand`, `9 strands`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def in_a_sentence(words: str) -> str:
    """Words that begin with a capital, as they go on within a sentence; an abbreviation stays as it is."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def beside_nearest(label: object, names: Iterable[str]) -> str:
    """A label that is not known, with what cannot be seen in it spelt out, and the name that it is nearest to."""
    said = f"'{shown(short(label))}'"
    near = get_close_matches(str(label), list(names), 1)
    return f"{said} (as issued: '{near[0]}')" if near else said

"""How sentences quote and list things."""

from __future__ import annotations

from collections.abc import Iterable


def short(text: object) -> str:
    """A lead's text as a message quotes it: 60 characters at most."""
    words = " ".join(str(text).split())
    return words if len(words) <= 60 else words[:59].rstrip() + "…"


def listed(items: Iterable[object], most: int = 8) -> str:
    """`a, b, c`, and how many more there are."""
    words = list(dict.fromkeys(map(str, items)))
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")

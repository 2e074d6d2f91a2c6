"""Who is told how far a step has got."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Told what is being worked on, a strand or a file at a time."""


def silent(_: object) -> None:
    """For what nobody watches, and findings that nobody asks for."""

"""The log of a working folder: what was done, and details of faults."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from cpxl.words import shown


class _Lines(logging.Formatter):
    """A line for each message, and for each line of a fault's details: nothing in them can pass for a line of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return shown(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join(map(shown, super().formatException(ei).split("\n")))


class _Handler(logging.FileHandler):
    """A log that cannot be written, as on a full disk, stops no work, and puts nothing on the screen."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Let it go."""


def logger(path: Path) -> logging.Logger:
    """What writes into this file, or nowhere if the file cannot be written."""
    found = logging.getLogger(f"cpxl {path}")
    found.propagate = False
    if not found.handlers:
        try:
            handler: logging.Handler = _Handler(path, encoding="utf-8")
        except OSError:
            handler = logging.NullHandler()  # a folder that cannot be written has been, or will be, refused by its name
        handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(message)s"))
        found.addHandler(handler)
        found.setLevel(logging.INFO)
    return found

"""How commands say what they did: lines, tables and a progress bar for people, JSON for programs, the log."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cpxl.words import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

DONE, WITH_ERRORS, NOT_DONE = 0, 1, 2
"""How a command exits."""


def logger(path: Path) -> Any:
    from cpxl.log import logger

    return logger(path)


def log_folder() -> Path:
    """The working folder that was asked for, as far as can be told when all else has failed."""
    words = sys.argv
    named = [Path(b) for a, b in pairwise(words) if a == "--folder"]
    named += [Path(a.partition("=")[2]) for a in words if a.startswith("--folder=")]
    return next((folder for folder in named if folder.is_dir()), Path())


def print_json(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=True, indent=2, default=str))


# For people. Whatever comes from a file is shown through these three, so that it can do nothing to a terminal.


def say(*lines: object) -> None:
    """Print lines, each of which stays one."""
    for line in lines:
        typer.echo(shown(line))


def cell(*lines: object, style: str = "") -> Text:
    """What a table shows in a cell, in so many lines; brackets in it are text, not Rich's markup."""
    from rich.text import Text

    return Text("\n".join(map(shown, lines)), style, overflow="fold")


def console(*, stderr: bool = False) -> Console:
    """Where tables are printed."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


@contextmanager
def progress(as_json: bool, what: str, steps: int) -> Iterator[Callable[..., None]]:
    """A progress bar on the terminal, a step for each thing told, or as far as the share that is told with it."""
    if as_json or not sys.stderr.isatty():
        yield lambda at, share=None: None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    out = console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}", markup=False)
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(what, total=steps, at="")

        def tell(at: str, share: float | None = None) -> None:
            if share is None:
                bar.update(task, advance=1, at=shown(at))
            else:
                bar.update(task, completed=share * steps, at=shown(at))

        yield tell

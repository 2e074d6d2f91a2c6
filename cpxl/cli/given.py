"""What every command may be given: the working folder, a quarter, options that several share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpxl.errors import Refused

if TYPE_CHECKING:
    from cpxl.folder import WorkingFolder
    from cpxl.quarters import Quarter


def _show_help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def group(what: str) -> typer.Typer:
    """Commands that belong together; said alone, their help."""
    return typer.Typer(help=what, callback=_show_help, invoke_without_command=True)


Folder = Annotated[Path, typer.Option("--folder", help="The working folder.", show_default="here")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
QuarterText = Annotated[
    str | None, typer.Option("--quarter", "-q", help="Such as 2020-21-Q2; the current one if not given.")
]
RequireAll = Annotated[bool, typer.Option("--require-all", help="Exit with 1 if a strand's return is missing.")]


class Prefer(Enum):
    """Which of several returns of one strand to take."""

    NEWEST = "newest"


PreferText = Annotated[
    Prefer | None, typer.Option("--prefer", help="Of several returns of one strand, take the one saved last.")
]
DropOther = Annotated[
    bool,
    typer.Option(
        "--drop-other-sheets", help="Rewrite the master even if sheets or notes in it that are not cpxl's are lost."
    ),
]

Pdf = Annotated[
    bool, typer.Option("--pdf", help="Also as a tagged PDF, which LibreOffice makes, if it is installed here.")
]

Withdraw = Annotated[
    list[str] | None,
    typer.Option(
        "--withdraw",
        metavar="STRAND",
        help="Take out what was merged of a strand whose return is no longer there. May be said more than once.",
    ),
]


Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="STRAND",
        help="Take a strand's return in spite of its errors; --reason says why. May be said more than once.",
    ),
]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is accepted: this stays on record.")]


def open_folder(folder: Path) -> WorkingFolder:
    from cpxl.folder import WorkingFolder

    if folder.is_file():
        raise Refused(f"{folder} is a file: name the folder that it is in with --folder.")
    return WorkingFolder.open(folder)


def quarter_of(text: str | None, working: WorkingFolder) -> Quarter:
    return parsed(text) or working.current_quarter()


def parsed(text: str | None) -> Quarter | None:
    """The quarter that a text says; None if there is none."""
    from cpxl.quarters import Quarter

    try:
        return Quarter.parse(text) if text is not None else None
    except ValueError as error:
        raise Refused(f"{error}.") from error


def period_of(text: str) -> str:
    """A month, or a quarter, as counts have it."""
    from cpxl.cells import MONTH, quarter_of

    period = text if MONTH.fullmatch(text) else quarter_of(text.replace("-Q", " Q").replace("-q", " Q"))
    if period is None:
        raise Refused(f"'{text}' is neither a month nor a quarter: write --accept-low 2019-07, or 2019-20-Q2.")
    return period

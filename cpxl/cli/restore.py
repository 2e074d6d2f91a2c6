"""Backups: what there is, and putting one back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpxl.cli.given import Folder, Json, open_folder
from cpxl.cli.said import cell, console, logger, print_json, say

if TYPE_CHECKING:
    from cpxl.folder import WorkingFolder
    from cpxl.restore import Kept


def restore(
    backup: Annotated[
        str | None, typer.Argument(help="Its number in the list, or its file; if none is named, all are listed.")
    ] = None,
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """List the backups, or put one back, after a backup of what is there now."""
    from cpxl import restore as steps

    working = open_folder(folder)
    if backup is None:
        kept = steps.listed(working)
        if as_json:
            print_json({"backups": [vars(one) for one in kept]})
        else:
            _print_backups(kept, working)
        return
    done = steps.restore(working, backup)
    logger(working.log).info("restored %s from %s", done.path, done.backup)
    if as_json:
        print_json({"outputs": {"restored": str(done.path)}, "from": str(done.backup), "kept": done.kept})
    else:
        say(f"{done.path} is what it was in {done.backup.name}.")
        if done.kept:
            say(f"What was there until now is kept as {done.kept}.")


def _print_backups(kept: Sequence[Kept], working: WorkingFolder) -> None:
    if not kept:
        say(f"There are no backups in {working.backups}.")
        return
    from rich.table import Table

    table = Table("Number", "File", "Replaced", "Quarter", "Bytes", "State")
    for one in kept:
        state = "damaged" if one.damaged else ""
        made = one.made.strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(str(one.number), cell(one.name), made, cell(one.quarter or ""), f"{one.size:,}", state)
    console().print(table)
    say("'cpxl restore NUMBER' puts one back.")

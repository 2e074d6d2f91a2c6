"""Beginning: a working folder, its looks, the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpxl.cli.checks import consolidated_json, print_checks, print_summary, status_of
from cpxl.cli.given import Folder, Json, open_folder
from cpxl.cli.said import logger, print_json, progress, say


def init(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new working folder.")],
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Make a working folder with a commented config.yaml."""
    from cpxl import workflow

    made = workflow.init(folder / path)
    config = made.path / "config.yaml"
    if as_json:
        print_json({"outputs": {"folder": str(made.path), "config": str(config)}})
    else:
        say(f"Made {made.path}. Next: look through {config}, then 'cpxl issue --folder \"{made.path}\"'.")


def templates(folder: Folder = Path(), as_json: Json = False) -> None:
    """Write theme.yaml, which says how workbooks look, and two templates that look so."""
    from cpxl import workflow

    working = open_folder(folder)
    made = workflow.templates(working)
    logger(working.path / "cpxl.log").info("templates in %s", working.templates)
    if as_json:
        print_json({"outputs": {name: str(path) for name, path in vars(made).items()}})
    else:
        say(f"The templates are {made.strand_return} and {made.master}.")
        say(f"To change how workbooks look, edit {made.theme}, then run this again.")


def demo(
    path: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A new folder for it.")] = Path("cpxl-demo"),
    folder: Folder = Path(),
    as_json: Json = False,
) -> int:
    """The reference quarter, 2020/21 Q2, end to end, from filled-in returns that are in the package."""
    from cpxl import workflow

    with progress(as_json, "Demo", 12) as tell:
        made = workflow.demo(folder / path, tell)
    working, checks, master = made.folder, made.checks, made.master
    logger(working.path / "cpxl.log").info("demo of %s", master.quarter)
    if as_json:
        document = consolidated_json(checks, master, working)
        document["outputs"] |= {"partner": str(made.partner), "report": str(made.report)}
        print_json(document)
    else:
        print_checks(checks, working)
        print_summary(master, checks.quarter, working)
        say(f"Returns           {working.returns(master.quarter)}")
        say(f"Master            {working.master}")
        say(f"Partner workbook  {made.partner}")
        say(f"Report            {made.report}")
    return status_of(checks, require_all=False)

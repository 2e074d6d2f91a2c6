"""Beginning: a working folder, its looks, the demo."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cpxl.cli.checks import consolidated_json, print_checks, print_summary, status_of
from cpxl.cli.given import Folder, Json, open_folder
from cpxl.cli.said import logger, print_json, progress, say
from cpxl.errors import Refused

Where = Annotated[Path, typer.Option("--folder", help="Where to make it.", show_default="here")]


def init(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new working folder.")],
    folder: Where = Path(),
    table: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="A CSV file or .xlsx: strand, lead, address, plan, statuses, measure, period.",
        ),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--first", metavar="QUARTER", help="The strategy's first quarter, such as 2025-26-Q1.")
    ] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", "-q", help="The quarter that you collect first, such as 2025-26-Q2.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="With the config of Essex Police, as an example.")] = False,
    as_json: Json = False,
) -> None:
    """Make a working folder with a commented config.yaml: asks for names on a terminal, or takes them from a table."""
    from cpxl.beginning import config_text, still_to_write, strands_of
    from cpxl.folder import CONFIG
    from cpxl.steps import starting

    if example and table:
        raise Refused("--example and --from are two ways to begin: say one of them.")
    starting.refuse_old_folder(folder / path)
    asks = sys.stdin is not None and sys.stdin.isatty() and not as_json
    strands = strands_of(table) if table else []
    text = None
    if table or (asks and not example):
        from cpxl.cli.ask import beginning
        from cpxl.cli.given import parsed

        text = config_text(beginning(strands, asks, date.today(), parsed(first), parsed(quarter)))
    made = starting.init(folder / path, text)
    config = made.path / CONFIG
    lacking = [{"line": line, "what": what} for line, what in still_to_write(text or "")]
    if as_json:
        outputs = {"folder": str(made.path), "config": str(config)}
        print_json({"outputs": outputs, "to_write": lacking})
        return
    if text is None:
        say(f"Made {made.path}, with the config of Essex Police as an example.")
    else:
        say(f"Made {made.path}, with {len(made.settings.strands)} strands.")
    for one in lacking:
        say(f"Still to be written in {CONFIG}: line {one['line']}, {one['what']}.")
    say(
        f"Next: look through {config}; 'cpxl config check' says what it means. If the strategy is already running, "
        "'cpxl history import' comes before 'cpxl issue', so that the returns show earlier quarters."
    )


def templates(folder: Folder = Path(), as_json: Json = False) -> None:
    """Write what may be changed: theme.yaml for all workbooks, the report's looks, texts of mails; and two examples."""
    from cpxl.steps import starting

    working = open_folder(folder)
    made = starting.templates(working)
    logger(working.log).info("templates in %s", working.templates)
    if as_json:
        print_json({"outputs": {name: str(path) for name, path in vars(made).items()}})
    else:
        say(f"The templates are {made.strand_return} and {made.master}.")
        say(f"To change how workbooks look, edit {made.theme}, then run this again.")
        say(f"To change the report, edit {made.report}; to change what mails say, the texts in {made.mail}.")


def demo(
    path: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A new folder for it.")] = Path("cpxl-demo"),
    folder: Where = Path(),
    as_json: Json = False,
) -> int:
    """The reference quarter, 2020/21 Q2, end to end, from filled-in returns that are in the package."""
    from cpxl.steps import starting

    with progress(as_json, "Demo", 12) as tell:
        made = starting.demo(folder / path, tell)
    working, checks, master = made.folder, made.checks, made.master
    logger(working.log).info("demo of %s", master.quarter)
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

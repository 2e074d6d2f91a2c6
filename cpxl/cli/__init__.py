"""The command `cpxl`. What a command needs is imported when it runs, so that `cpxl --help` is quick."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

from cpxl import __version__
from cpxl.cli.addin import addin_app
from cpxl.cli.config import config_app
from cpxl.cli.given import Folder
from cpxl.cli.imports import history_app, insights_app
from cpxl.cli.mail import mail_app
from cpxl.cli.quarter import approve, check, consolidate, issue, publish, report
from cpxl.cli.restore import restore
from cpxl.cli.said import DONE, NOT_DONE, log_folder, logger, say
from cpxl.cli.start import demo, init, templates
from cpxl.cli.status import status
from cpxl.cli.trace import trace
from cpxl.errors import Refused
from cpxl.words import shown

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for command in (init, issue, check, consolidate, status, approve, publish, report, trace, restore, templates, demo):
    app.command()(command)
app.add_typer(mail_app, name="mail")
app.add_typer(config_app, name="config")
app.add_typer(history_app, name="history")
app.add_typer(addin_app, name="addin")
app.add_typer(insights_app, name="insights")


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    folder: Folder = Path(),
    version: Annotated[bool, typer.Option("--version", help="Print cpxl's version.")] = False,
) -> None:
    """Quarterly returns in, one trusted workbook out. Alone, in a working folder: where the quarter stands."""
    if version:
        say(f"cpxl {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        if folder != Path():
            raise Refused(f"Write --folder behind the command, as in 'cpxl {context.invoked_subcommand} --folder …'.")
    elif folder != Path() or Path("config.yaml").is_file():
        status(folder=folder)
    else:
        typer.echo(context.get_help())


def main() -> NoReturn:
    """Run the command line. Whatever goes wrong, a user sees one plain sentence; the log has the rest."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # Python has none where it was closed
        stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter
    try:
        status = app(standalone_mode=False)
        if sys.stdout:
            sys.stdout.flush()
        sys.exit(status if isinstance(status, int) else DONE)
    except Refused as refusal:
        _stop(str(refusal))
    except typer.exceptions.TyperException as error:
        _stop(_way_on(error))
    except (KeyboardInterrupt, typer.Abort):
        _stop("Stopped before it was done; files are as they were, or wholly written.")
    except Exception as error:
        log = log_folder() / "cpxl.log"
        if isinstance(error, OSError) and _is_output_broken():
            _stop(
                f"What there is to say cannot be printed ({error.strerror or error}): {log} has what was done. Send "
                "the output elsewhere, or make room for it, and run this again."
            )
        logger(log).exception("cpxl stopped on a fault of its own")
        _stop(f"cpxl stopped on a fault of its own, not yours: please send {log} to whoever looks after cpxl.")


def _way_on(error: typer.exceptions.TyperException) -> str:
    """What is wrong with a command line, and what to write."""
    said = " ".join(error.format_message().split()).rstrip(".")
    words = sys.argv[1:]
    if extra := re.fullmatch(r"Got unexpected extra arguments? ?(?:\(s\))? ?\((.*)\)", said):
        from cpxl.quarters import is_quarter

        what = extra[1]
        said = f"'{what}' has no place here" + (f"; write a quarter as -q {what}" if is_quarter(what) else "")
    context = getattr(error, "ctx", None)
    path = "cpxl" if context is None else str(context.command_path)
    command = " ".join(["cpxl", *(word for word in path.split()[1:] if word in words)])
    return f"{said}{'' if said.endswith('?') else '.'} '{command} --help' shows what can be asked for."


def _stop(sentence: str) -> NoReturn:
    if sys.stderr:
        _is_broken(sys.stderr, f"{shown(sentence)}\n")  # where nobody can be told anything, nothing is said
    sys.exit(NOT_DONE)


def _is_output_broken() -> bool:
    """Whether nothing can be printed."""
    return _is_broken(sys.stdout, "\n")  # what could not be written before is forgotten


def _is_broken(stream: TextIO, text: str) -> bool:
    """Print a text. Whether that cannot be done: then Python does not try again when it ends, and fails."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        with suppress(OSError), Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        return True
    return False

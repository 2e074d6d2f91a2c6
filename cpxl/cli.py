"""The command `cpxl`. What a command needs is imported when it runs, so that `cpxl --help` is quick."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cpxl import __version__
from cpxl.errors import Refused
from cpxl.words import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from cpxl.account.summary import SummaryRow
    from cpxl.folder import WorkingFolder
    from cpxl.model import Checked, Master
    from cpxl.quarters import Quarter
    from cpxl.restore import Kept
    from cpxl.workflow import Checks

app = typer.Typer(
    help="Nine quarterly returns in, one trusted workbook out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
history_app = typer.Typer(
    help="Earlier quarters' figures, for a strategy that is already running.", no_args_is_help=True
)
app.add_typer(history_app, name="history")
addin_app = typer.Typer(help="The ribbon in Excel: build, install, remove, look.", no_args_is_help=True)
app.add_typer(addin_app, name="addin")
insights_app = typer.Typer(help="Counts by month, from incident extracts.", no_args_is_help=True)
app.add_typer(insights_app, name="insights")

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

Withdraw = Annotated[
    list[str] | None,
    typer.Option(
        "--withdraw",
        metavar="STRAND",
        help="Take out what was merged of a strand whose return is no longer there. May be said more than once.",
    ),
]

DONE, WITH_ERRORS, NOT_DONE = 0, 1, 2


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
        said = " ".join(error.format_message().split())
        _stop(f"{said.rstrip('.')}: 'cpxl --help' shows what can be asked for.")
    except (KeyboardInterrupt, typer.Abort):
        _stop("Stopped before it was done; files are as they were, or wholly written.")
    except Exception as error:
        log = _log_folder() / "cpxl.log"
        if isinstance(error, OSError) and _is_output_broken():
            _stop(
                f"What there is to say cannot be printed ({error.strerror or error}): {log} has what was done. Send "
                "the output elsewhere, or make room for it, and run this again."
            )
        _logger(log).exception("cpxl stopped on a fault of its own")
        _stop(f"cpxl stopped on a fault of its own, not yours: please send {log} to whoever looks after cpxl.")


def _stop(sentence: str) -> NoReturn:
    with suppress(OSError, AttributeError):  # where nobody can be told anything
        sys.stderr.write(f"{shown(sentence)}\n")
        sys.stderr.flush()
    sys.exit(NOT_DONE)


def _is_output_broken() -> bool:
    """Whether nothing can be printed. If so, Python does not try again when it ends."""
    try:
        sys.stdout.write("\n")  # what could not be written before is forgotten
        sys.stdout.flush()
    except OSError:
        with suppress(OSError), Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return True
    return False


@app.command()
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
        _print_json({"outputs": {"folder": str(made.path), "config": str(config)}})
    else:
        _say(f"Made {made.path}. Next: look through {config}, then 'cpxl issue --folder \"{made.path}\"'.")


@history_app.command("import")
def history_import(
    file: Annotated[Path, typer.Argument(help="A CSV file or .xlsx: quarter, strand, plan, status, value, note.")],
    folder: Folder = Path(),
    replace: Annotated[
        bool, typer.Option("--replace", help="Take these figures where an earlier history says something else.")
    ] = False,
    as_json: Json = False,
    drop_other_sheets: DropOther = False,
) -> int:
    """Take earlier quarters' figures into the master, besides those that it has."""
    from cpxl import workflow

    working = _open(folder)
    checked = workflow.import_history(working, file, replacing=replace, drop_other_sheets=drop_other_sheets)
    accepted = all(c.accepted for c in checked)
    figures = sum(len(c.returned.progress) for c in checked) if accepted else 0
    _logger(working.path / "cpxl.log").info("history import %s: %d figures", file, figures)
    if as_json:
        parts = [_checked_json(c, working) | {"quarter": c.returned.quarter or None} for c in checked]
        _print_json(
            {"accepted": accepted, "figures": figures, "history": parts, "outputs": {"master": str(working.master)}}
        )
    else:
        _print_findings(checked, working)
        _say(
            f"{figures} figures are in {working.master}."
            if accepted
            else "Nothing was imported: correct the errors in the file, then import it again."
        )
    return DONE if accepted else WITH_ERRORS


@insights_app.command("import")
def insights_import(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV (also .zip or .gz), Excel, Parquet; or an extract's name."),
    ],
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    drop_other_sheets: DropOther = False,
    accept_low: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MONTH", help="A month (2019-07) or quarter that counts though it is far below the others."
        ),
    ] = None,
) -> int:
    """Count the incidents in extracts by month, and take the counts into the master."""
    from cpxl import workflow
    from cpxl.insights.said import as_values, in_words

    working = _open(folder)
    wanted = _quarter(quarter, working)
    accepted = [_period(text) for text in accept_low or ()]
    with _progress(as_json, "Reading", 1) as tell:
        imported = workflow.import_extracts(
            working, files, wanted, drop_other_sheets=drop_other_sheets, accept_low=accepted, progress=tell
        )
    _logger(working.path / "cpxl.log").info(
        "insights import of %d files for %s: %d counts", len(imported.files), wanted, len(imported.monthly)
    )
    if as_json:
        _print_json({"quarter": str(wanted)} | as_values(imported) | {"outputs": {"master": str(working.master)}})
    else:
        _say(*in_words(imported))
        _say(f"Counts by month, or quarter, that are now in {working.master}: {len(imported.monthly):,}.")
    return WITH_ERRORS if any(doubt.is_error for doubt in imported.doubts) else DONE


@app.command()
def issue(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Write the returns of a quarter, one workbook for each strand."""
    from cpxl import workflow

    working = _open(folder)
    wanted = _quarter(quarter, working)
    with _progress(as_json, "Issuing", len(working.settings.strands)) as tell:
        paths = workflow.issue(working, wanted, tell)
    _logger(working.path / "cpxl.log").info("issued %d returns for %s", len(paths), wanted)
    if as_json:
        _print_json({"quarter": str(wanted), "outputs": {"returns": [str(path) for path in paths]}})
    else:
        _say(f"{len(paths)} returns for {wanted} are in {paths[0].parent}. Send each to its lead;")
        _say(f"put what comes back into {working.returns(wanted)}.")


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Returns; if none is named, all in returns/<quarter>.")
    ] = None,
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    require_all: RequireAll = False,
    prefer: PreferText = None,
) -> int:
    """List what is wrong with the returns; write a report, and a marked copy for each lead who has to correct."""
    from cpxl import workflow
    from cpxl.master.file import read_master

    working = _open(folder)
    wanted = _quarter(quarter, working)
    with _progress(as_json, "Checking", len(working.settings.strands)) as tell:
        known = read_master(working)
        if not files:
            workflow.refuse_unless_issued(working, wanted, known)
        checks = workflow.check(
            working, wanted, known, files or [], prefer_newest=prefer is Prefer.NEWEST, progress=tell
        )
    written = workflow.write_checked(working, checks)
    _logger(working.path / "cpxl.log").info("checked %s: %d files", wanted, len(checks.checked))
    if as_json:
        outputs = {"report": str(written.report), "annotated": [str(path) for path in written.annotated]}
        _print_json(_checks_json(checks, working) | {"outputs": outputs})
    else:
        _print_checks(checks, working)
        if written.annotated:
            copies = ", ".join(path.name for path in written.annotated)
            _say(f"Annotated copies are in {written.report.parent}: {copies}. Send each to its lead.")
        _say(f"The check report is {written.report}.")
        for path in written.kept:
            _say(f"Somebody had changed a file there since the last check; what it was is kept as {path}.")
    return _status(checks, require_all)


@app.command()
def consolidate(
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    require_all: RequireAll = False,
    prefer: PreferText = None,
    withdraw: Withdraw = None,
    drop_other_sheets: DropOther = False,
) -> int:
    """Check the returns, merge those without errors, and write the master."""
    from cpxl import workflow

    working = _open(folder)
    wanted = _quarter(quarter, working)
    with _progress(as_json, "Consolidating", len(working.settings.strands) + 1) as tell:
        checks, master = workflow.consolidate_folder(
            working,
            wanted,
            withdraw=withdraw or [],
            drop_other_sheets=drop_other_sheets,
            prefer_newest=prefer is Prefer.NEWEST,
            progress=tell,
        )
    accepted = sum(c.accepted for c in checks.checked)
    _logger(working.path / "cpxl.log").info(
        "consolidated %s: %d of %d files accepted", wanted, accepted, len(checks.checked)
    )
    if as_json:
        _print_json(_consolidated_json(checks, master, working))
    else:
        _print_checks(checks, working)
        _print_summary(master, checks.quarter, working)
        _say(f"The master is {working.master}.")
    return _status(checks, require_all)


@app.command()
def publish(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Write the partner workbook: values only."""
    from cpxl import workflow

    working = _open(folder)
    wanted = _quarter(quarter, working) if quarter else None
    path = workflow.publish_folder(working, wanted)
    _logger(working.path / "cpxl.log").info("published %s", path)
    if as_json:
        _print_json({"outputs": {"partner": str(path)}})
    else:
        _say(f"The partner workbook is {path}. Look through it before you send it.")


@app.command()
def report(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Write the whole report as a Word document, from the master and what is written on its sheet 'Report text'."""
    from cpxl import workflow

    working = _open(folder)
    wanted = _quarter(quarter, working) if quarter else None

    def tell(what: str) -> None:
        if not as_json:
            _say(what)

    made = workflow.report_folder(working, wanted, tell)
    _logger(working.path / "cpxl.log").info("report %s", made.path)
    if as_json:
        _print_json(
            {
                "outputs": {"report": str(made.path)},
                "unwritten": made.unwritten,
                "findings": list(map(vars, made.findings)),
            }
        )
    else:
        _say(f"The report is {made.path}.")
        _say("Word asks whether to update fields: say yes, which puts page numbers into the contents.")


@app.command()
def restore(
    backup: Annotated[
        str | None, typer.Argument(help="Its number in the list, or its file; if none is named, all are listed.")
    ] = None,
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """List the backups, or put one back, after a backup of what is there now."""
    from cpxl import restore as steps

    working = _open(folder)
    if backup is None:
        kept = steps.listed(working)
        if as_json:
            _print_json({"backups": [vars(one) for one in kept]})
        else:
            _print_backups(kept, working)
        return
    done = steps.restore(working, backup)
    _logger(working.path / "cpxl.log").info("restored %s from %s", done.path, done.backup)
    if as_json:
        _print_json({"outputs": {"restored": str(done.path)}, "from": str(done.backup), "kept": done.kept})
    else:
        _say(f"{done.path} is what it was in {done.backup.name}.")
        if done.kept:
            _say(f"What was there until now is kept as {done.kept}.")


@app.command()
def templates(folder: Folder = Path(), as_json: Json = False) -> None:
    """Write theme.yaml, which says how workbooks look, and two templates that look so."""
    from cpxl import workflow

    working = _open(folder)
    made = workflow.templates(working)
    _logger(working.path / "cpxl.log").info("templates in %s", working.templates)
    if as_json:
        _print_json({"outputs": {name: str(path) for name, path in vars(made).items()}})
    else:
        _say(f"The templates are {made.strand_return} and {made.master}.")
        _say(f"To change how workbooks look, edit {made.theme}, then run this again.")


@app.command()
def demo(
    path: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="A new folder for it.")] = Path("cpxl-demo"),
    folder: Folder = Path(),
    as_json: Json = False,
) -> int:
    """The reference quarter, 2020/21 Q2, end to end, from filled-in returns that are in the package."""
    from cpxl import workflow

    with _progress(as_json, "Demo", 12) as tell:
        made = workflow.demo(folder / path, tell)
    working, checks, master = made.folder, made.checks, made.master
    _logger(working.path / "cpxl.log").info("demo of %s", master.quarter)
    if as_json:
        document = _consolidated_json(checks, master, working)
        document["outputs"] |= {"partner": str(made.partner), "report": str(made.report)}
        _print_json(document)
    else:
        _print_checks(checks, working)
        _print_summary(master, checks.quarter, working)
        _say(f"Returns           {working.returns(master.quarter)}")
        _say(f"Master            {working.master}")
        _say(f"Partner workbook  {made.partner}")
        _say(f"Report            {made.report}")
    return _status(checks, require_all=False)


@addin_app.command("build")
def addin_build(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The add-in to write.")] = Path(
        "cpxl.xlam"
    ),
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Build the add-in. It starts the 'python' that the system finds; 'install' names one."""
    from cpxl import store
    from cpxl.addin.build import build

    path = folder / output
    store.save(path, build())
    if as_json:
        _print_json({"outputs": {"addin": str(path)}})
    else:
        _say(f"The add-in is {path}.")


@addin_app.command("install")
def addin_install(folder: Folder = Path(), as_json: Json = False) -> None:
    """Put the add-in where Excel opens it by itself, for this user and this Python."""
    from cpxl.addin import install

    path = install.install(install.Machine())
    if as_json:
        _print_json({"outputs": {"addin": str(path)}})
    else:
        _say(f"The add-in is {path}. It is in Excel's ribbon, under 'cpxl', from Excel's next start.")


@addin_app.command("uninstall")
def addin_uninstall(folder: Folder = Path(), as_json: Json = False) -> None:
    """Take the add-in away."""
    from cpxl.addin import install

    path = install.uninstall(install.Machine())
    if as_json:
        _print_json({"removed": str(path) if path else None})
    else:
        _say(f"Removed {path}." if path else "The add-in is not installed: nothing was done.")


@addin_app.command("status")
def addin_status(folder: Folder = Path(), as_json: Json = False) -> None:
    """Say what is installed, which version, and whether it can work."""
    from cpxl.addin import install

    machine = install.Machine()
    state = install.status(machine)
    if as_json:
        _print_json(vars(state) | {"says": install.in_words(state, machine)})
    else:
        _say(*install.in_words(state, machine))


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print cpxl's version.")] = False,
) -> None:
    """Nine quarterly returns in, one trusted workbook out."""
    if version:
        _say(f"cpxl {__version__}")
        raise typer.Exit


# Arguments


def _open(folder: Path) -> WorkingFolder:
    from cpxl.folder import WorkingFolder

    return WorkingFolder.open(folder)


def _quarter(text: str | None, working: WorkingFolder) -> Quarter:
    from cpxl.quarters import Quarter

    if text is None:
        return working.current_quarter()
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise Refused(f"{error}.") from error


def _period(text: str) -> str:
    """A month, or a quarter, as counts have it."""
    from cpxl.insights.cells import MONTH, quarter_of

    period = text if MONTH.fullmatch(text) else quarter_of(text.replace("-Q", " Q").replace("-q", " Q"))
    if period is None:
        raise Refused(f"'{text}' is neither a month nor a quarter: write --accept-low 2019-07, or 2019-20-Q2.")
    return period


def _status(checks: Checks, require_all: bool) -> int:
    return WITH_ERRORS if checks.has_errors or (require_all and checks.missing) else DONE


# The log


def _logger(path: Path) -> Any:
    from cpxl.log import logger

    return logger(path)


def _log_folder() -> Path:
    """The working folder that was asked for, as far as can be told when all else has failed."""
    words = sys.argv
    named = [Path(b) for a, b in pairwise(words) if a == "--folder"]
    named += [Path(a.partition("=")[2]) for a in words if a.startswith("--folder=")]
    return next((folder for folder in named if folder.is_dir()), Path())


# For programs


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=True, indent=2, default=str))


def _checked_json(checked: Checked, working: WorkingFolder) -> dict[str, Any]:
    strand = working.settings.strand_of(checked.returned.strand)
    return {
        "file": checked.returned.file,
        "strand": strand.name if strand else None,
        "accepted": checked.accepted,
        "findings": [vars(finding) for finding in checked.findings],
    }


def _checks_json(checks: Checks, working: WorkingFolder) -> dict[str, Any]:
    return {
        "quarter": str(checks.quarter),
        "returns": [_checked_json(c, working) for c in checks.checked],
        "missing": checks.missing,
        "ignored": [passed.file for passed in checks.ignored],
        "kept": [vars(kept) for kept in checks.kept],
        "healed": [vars(doubt.finding) for doubt in checks.healed],
        "master_findings": [vars(doubt.finding) for doubt in checks.doubts],
    }


def _consolidated_json(checks: Checks, master: Master, working: WorkingFolder) -> dict[str, Any]:
    from cpxl.account import account
    from cpxl.account.summary import COUNTED

    said = account(master, checks.quarter, working.settings)
    return _checks_json(checks, working) | {
        "withdrawn": checks.withdrawn,
        "summary": [vars(row) for row in said.summary],
        "totals": {key: said.totals[key] for key in COUNTED},
        "risks": [
            {key: getattr(n.risk, key) for key in ("strand", "description", "response", "id", "level", "quarter")}
            for n in said.risks
        ],
        "outputs": {"master": str(working.master)},
    }


# For people. Whatever comes from a file is shown through these three, so that it can do nothing to a terminal.


def _say(*lines: object) -> None:
    """Print lines, each of which stays one."""
    for line in lines:
        typer.echo(shown(line))


def _cell(*lines: object, style: str = "") -> Text:
    """What a table shows in a cell, in so many lines; brackets in it are text, not Rich's markup."""
    from rich.text import Text

    return Text("\n".join(map(shown, lines)), style, overflow="fold")


def _console(*, stderr: bool = False) -> Console:
    """Where tables are printed."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


@contextmanager
def _progress(as_json: bool, what: str, steps: int) -> Iterator[Callable[..., None]]:
    """A progress bar on the terminal, a step for each thing told, or as far as the share that is told with it."""
    from rich.progress import BarColumn, Progress, TextColumn

    console = _console(stderr=True)
    is_shown = console.is_terminal and not as_json
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}", markup=False)
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        task = bar.add_task(what, total=steps, at="")

        def tell(at: str, share: float | None = None) -> None:
            if share is None:
                bar.update(task, advance=1, at=shown(at))
            else:
                bar.update(task, completed=share * steps, at=shown(at))

        yield tell


def _print_checks(checks: Checks, working: WorkingFolder) -> None:
    _print_findings(checks.checked, working)
    accepted = sum(c.accepted for c in checks.checked)
    _say(f"{checks.quarter}: {accepted} of {len(checks.checked)} returns accepted.")
    if checks.missing:
        _say(f"Not returned: {', '.join(checks.missing)}.")
    if checks.withdrawn:
        _say(f"Withdrawn: {', '.join(checks.withdrawn)}.")
    there = {c.returned.file for c in checks.checked}
    for kept in checks.kept:
        if kept.file == working.master.name:
            continue  # what was entered on the strand's sheet of the master
        if kept.file in there:
            _say(f"{kept.strand}: what was merged before stays, as what came now is not accepted.")
        else:
            code = working.settings.strand_named(kept.strand)
            _say(
                f"{kept.strand}: was merged from {kept.file}, which is no longer there, and stays. To take it out: "
                f"cpxl consolidate -q {checks.quarter.folder} --withdraw {code.code if code else kept.strand}"
            )
    for doubt in checks.healed:
        _say(f"Put right in the master: {doubt.finding.message}")
    for doubt in checks.doubts:
        _say(f"The master, {doubt.finding.severity}: {doubt.finding.message} {doubt.finding.fix}")
    for passed in checks.ignored:
        _say(f"Not looked at: {passed.file} ({passed.why}).")


def _print_findings(checked: Sequence[Checked], working: WorkingFolder) -> None:
    """A table of findings for each return that has any."""
    from rich.table import Table

    console = _console()
    for c in checked:
        if not c.findings:
            continue
        strand = working.settings.strand_of(c.returned.strand)
        verdict = "accepted" if c.accepted else "REJECTED"
        title = f"{strand.name if strand else 'Unknown strand'}: {c.returned.file}, {verdict}"
        table = Table("Severity", "Where", "What is wrong, and what to do", show_lines=True, expand=True)
        table.title, table.title_justify = _cell(title, style="bold"), "left"
        for finding in c.findings:
            where = _cell(*filter(None, (finding.sheet, finding.cell)))
            said = _cell(finding.message, finding.fix, f"({finding.rule})")
            table.add_row(finding.severity, where, said)
        console.print(table)


def _print_backups(kept: Sequence[Kept], working: WorkingFolder) -> None:
    if not kept:
        _say(f"There are no backups in {working.backups}.")
        return
    from rich.table import Table

    table = Table("Number", "File", "Replaced", "Quarter", "Bytes", "State")
    for one in kept:
        state = "damaged" if one.damaged else ""
        made = one.made.strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(str(one.number), _cell(one.name), made, _cell(one.quarter or ""), f"{one.size:,}", state)
    _console().print(table)
    _say("'cpxl restore NUMBER' puts one back.")


def _print_summary(master: Master, quarter: Quarter, working: WorkingFolder) -> None:
    from rich.table import Table

    from cpxl.account.summary import summarise, totals

    rows = summarise(master, quarter, working.settings)
    table = Table(title=f"Executive summary, {quarter}")
    table.add_column("Strand")
    for heading in ("Total", "Complete", "Ongoing / In progress", "At risk", "Figures as of"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(_cell(row.strand), *_figures(row), str(row.figures_of or "N/A"))
    table.add_section()
    table.add_row("Total", *map(_figure, totals(rows, quarter).values()), str(quarter))
    _console().print(table)


def _figures(row: SummaryRow) -> list[str]:
    return [_figure(value) for value in (row.total, row.complete, row.ongoing, row.at_risk)]


def _figure(value: int | None) -> str:
    return "N/A" if value is None else str(value)

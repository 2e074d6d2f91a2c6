"""The steps of a quarter: issue, check, consolidate, publish, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpxl.cli.checks import (
    changes_json,
    checks_json,
    consolidated_json,
    print_changes,
    print_checks,
    print_summary,
    status_of,
)
from cpxl.cli.given import (
    Accept,
    DropOther,
    Folder,
    Json,
    Pdf,
    Prefer,
    PreferText,
    QuarterText,
    Reason,
    RequireAll,
    Withdraw,
    open_folder,
    quarter_of,
)
from cpxl.cli.said import logger, print_json, progress, say

if TYPE_CHECKING:
    from cpxl.model import FindingRow


def issue(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Write the returns of a quarter, one workbook for each strand."""
    from cpxl import workflow

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    with progress(as_json, "Issuing", len(working.settings.strands)) as tell:
        paths = workflow.issue(working, wanted, tell)
    logger(working.path / "cpxl.log").info("issued %d returns for %s", len(paths), wanted)
    if as_json:
        print_json({"quarter": str(wanted), "outputs": {"returns": [str(path) for path in paths]}})
    else:
        say(f"{len(paths)} returns for {wanted} are in {paths[0].parent}. Send each to its lead;")
        say(f"put what comes back into {working.returns(wanted)}.")


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

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    with progress(as_json, "Checking", len(working.settings.strands)) as tell:
        known = read_master(working)
        if not files:
            workflow.refuse_unless_issued(working, wanted, known)
        checks = workflow.check(
            working, wanted, known, files or [], prefer_newest=prefer is Prefer.NEWEST, progress=tell
        )
    written = workflow.write_checked(working, checks)
    logger(working.path / "cpxl.log").info("checked %s: %d files", wanted, len(checks.checked))
    if as_json:
        outputs = {"report": str(written.report), "annotated": [str(path) for path in written.annotated]}
        print_json(checks_json(checks, working) | {"outputs": outputs})
    else:
        print_checks(checks, working)
        if written.annotated:
            copies = ", ".join(path.name for path in written.annotated)
            say(f"Annotated copies are in {written.report.parent}: {copies}. Send each to its lead.")
        say(f"The check report is {written.report}.")
        for path in written.kept:
            say(f"Somebody had changed a file there since the last check; what it was is kept as {path}.")
    return status_of(checks, require_all)


def consolidate(
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    require_all: RequireAll = False,
    prefer: PreferText = None,
    withdraw: Withdraw = None,
    accept: Accept = None,
    reason: Reason = None,
    drop_other_sheets: DropOther = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would change in the master; nothing is written.")
    ] = False,
) -> int:
    """Check the returns, merge those without errors, and write the master."""
    from cpxl import workflow

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    how: dict[str, Any] = {
        "withdraw": withdraw or [],
        "reasons": dict.fromkeys(accept or (), reason or ""),
        "prefer_newest": prefer is Prefer.NEWEST,
    }
    with progress(as_json, "Consolidating", len(working.settings.strands) + 1) as tell:
        if preview:
            _, checks, master = workflow.merge(working, wanted, **how, progress=tell)
        else:
            checks, master = workflow.consolidate_folder(
                working, wanted, **how, drop_other_sheets=drop_other_sheets, progress=tell
            )
    if not preview:
        accepted = sum(c.accepted for c in checks.checked)
        logger(working.path / "cpxl.log").info(
            "consolidated %s: %d of %d files accepted", wanted, accepted, len(checks.checked)
        )
    if as_json:
        document = consolidated_json(checks, master, working)
        print_json(document | changes_json(checks.changes) if preview else document)
    else:
        print_checks(checks, working)
        if preview:
            print_changes(checks.changes)
        print_summary(master, checks.quarter, working)
        would = "Nothing was written. This is what it would be: 'cpxl consolidate' writes it."
        say(would if preview else f"The master is {working.master}.")
    return status_of(checks, require_all)


def publish(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False, pdf: Pdf = False) -> None:
    """Write the partner workbook: values only."""
    from cpxl import workflow
    from cpxl.model import field_names
    from cpxl.pdf import pdf_of

    working = open_folder(folder)
    wanted = quarter_of(quarter, working) if quarter else None
    found: list[FindingRow] = []
    path = workflow.publish_folder(working, wanted, found.append, pdf=pdf_of if pdf else None)
    beside = path.with_suffix(".pdf") if pdf else None
    logger(working.path / "cpxl.log").info("published %s", path)
    if as_json:
        findings = [{key: getattr(one, key) for key in field_names(type(one))} for one in found]
        outputs = {"partner": str(path)} | ({"pdf": str(beside)} if beside else {})
        print_json({"outputs": outputs, "findings": findings})
    else:
        for one in found:
            say(f"Still open, and in the workbook: {one.strand}, {one.sheet} {one.cell}: {one.message} ({one.rule})")
        say(f"The partner workbook is {path}. Look through it before you send it.")
        if beside:
            say(f"As a PDF it is {beside}.")


def report(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False, pdf: Pdf = False) -> None:
    """Write the whole report as a Word document, from the master and what is written on its sheet 'Report text'."""
    from cpxl import workflow
    from cpxl.pdf import pdf_of

    working = open_folder(folder)
    wanted = quarter_of(quarter, working) if quarter else None

    def tell(says: Sequence[str]) -> None:
        for one in () if as_json else says:
            say(one)

    made = workflow.report_folder(working, wanted, tell, pdf=pdf_of if pdf else None)
    logger(working.path / "cpxl.log").info("report %s", made.path)
    if as_json:
        print_json(
            {
                "outputs": {"report": str(made.path)} | ({"pdf": str(made.pdf)} if made.pdf else {}),
                "unwritten": made.unwritten,
                "findings": list(map(vars, made.findings)),
            }
        )
    else:
        say(f"The report is {made.path}.")
        say("Word asks whether to update fields: say yes, which puts page numbers into the contents.")
        if made.pdf:
            say(f"As a PDF it is {made.pdf}.")

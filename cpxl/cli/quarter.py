"""The steps of a quarter: issue, check, consolidate, approve, publish, report."""

from __future__ import annotations

from datetime import date
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
    parsed,
    quarter_of,
)
from cpxl.cli.said import logger, print_json, progress, say

if TYPE_CHECKING:
    from cpxl.folder import WorkingFolder
    from cpxl.model import FindingRow
    from cpxl.steps.publishing import How, Published


def issue(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Write the returns of a quarter, one workbook for each strand."""
    from cpxl.steps import issuing

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    with progress(as_json, "Issuing", len(working.settings.strands)) as tell:
        paths = issuing.issue(working, wanted, tell)
    logger(working.log).info("issued %d returns for %s", len(paths), wanted)
    if as_json:
        print_json({"quarter": str(wanted), "outputs": {"returns": [str(path) for path in paths]}})
    else:
        say(f"{len(paths)} returns for {wanted} are in {paths[0].parent}. Send each to its lead;")
        say(f"put what comes back into {working.returns(wanted)}.")
        due = working.settings.due(wanted)
        if due and due < date.today():
            by = working.settings.return_by(wanted)
            say(f"They are wanted by {by}, which is past. For another day, change return_by_days and issue them again.")


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
    from cpxl.master.file import read_master
    from cpxl.steps import checking, merging

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    with progress(as_json, "Checking", len(working.settings.strands)) as tell:
        known = read_master(working)
        if not files:
            merging.refuse_unless_issued(working, wanted, known)
        checks = checking.check(
            working, wanted, known, files or [], prefer_newest=prefer is Prefer.NEWEST, progress=tell
        )
    written = checking.write_checked(working, checks)
    logger(working.log).info("checked %s: %d files", wanted, len(checks.checked))
    if as_json:
        outputs = {"report": str(written.report), "annotated": [str(path) for path in written.annotated]}
        print_json(checks_json(checks, working) | {"outputs": outputs})
    else:
        print_checks(checks, working)
        if written.annotated:
            copies = ", ".join(path.name for path in written.annotated)
            say(f"Marked copies are in {written.report.parent}: {copies}. Send each to its lead.")
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
    from cpxl.steps import merging

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    how: dict[str, Any] = {
        "withdraw": withdraw or [],
        "reasons": dict.fromkeys(accept or (), reason or ""),
        "prefer_newest": prefer is Prefer.NEWEST,
    }
    with progress(as_json, "Consolidating", len(working.settings.strands) + 1) as tell:
        if preview:
            _, checks, master = merging.merge(working, wanted, **how, progress=tell)
        else:
            checks, master = merging.consolidate_folder(
                working, wanted, **how, drop_other_sheets=drop_other_sheets, progress=tell
            )
    if not preview:
        accepted = sum(c.accepted for c in checks.checked)
        logger(working.log).info("consolidated %s: %d of %d files accepted", wanted, accepted, len(checks.checked))
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


def approve(
    by: Annotated[str, typer.Option("--by", metavar="POST", help="The post that approves it; no person's name.")],
    quarter: QuarterText = None,
    when: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day (2020-10-20); else today.")
    ] = None,
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Put on record that a quarter is approved as the master has it now."""
    from cpxl.steps.approving import approve as put_on_record

    working = open_folder(folder)
    made = put_on_record(working, parsed(quarter), by, _day(when) or date.today())
    logger(working.log).info("approved %s by %s", made.quarter, made.post)
    if as_json:
        print_json({"quarter": str(made.quarter), "post": made.post, "date": made.when})
    else:
        say(f"{made.quarter} is approved by {made.post}, {made.when}, as it is now. If it changes, cpxl says so.")


def _day(text: str | None) -> date | None:
    from cpxl.errors import Refused

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"'{text}' is not a date: write it like 2020-10-20.") from None


Issued = Annotated[
    str | None,
    typer.Option("--issued", metavar="DATE", help="The date that it says (2020-10-20); else today's."),
]
Because = Annotated[
    str,
    typer.Option("--because", metavar="TEXT", help="Why there is another version: printed, and kept."),
]


Draft = Annotated[
    bool, typer.Option("--draft", help="Only to be looked at: without a number, not on record, written over.")
]


def publish(
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    pdf: Pdf = False,
    issued: Issued = None,
    because: Because = "",
    draft: Draft = False,
    again: Annotated[
        str | None,
        typer.Option("--again", metavar="QUARTER", help="Make what was published for a quarter again, to the byte."),
    ] = None,
    version: Annotated[str | None, typer.Option("--version", help="With --again: which version; else 1.0.")] = None,
) -> None:
    """Write the partner workbook: values only. What was published stays; what differs has another version."""
    from cpxl.errors import Refused
    from cpxl.model import field_names
    from cpxl.steps import publishing

    working = open_folder(folder)
    if again is not None:
        if quarter or issued or because or pdf or draft:
            raise Refused("--again makes what was published as it was: leave all other options but --version out.")
        _again(working, again, version or "1.0", as_json)
        return
    if version is not None:
        raise Refused("--version says which one is made again: name its quarter with --again QUARTER, too.")
    wanted = quarter_of(quarter, working) if quarter else None
    found: list[FindingRow] = []
    made = publishing.publish_folder(working, wanted, found.append, _how(issued, because, pdf, draft))
    logger(working.log).info("published %s", made.path)
    if as_json:
        findings = [{key: getattr(one, key) for key in field_names(type(one))} for one in found]
        print_json(_json("partner", made) | {"findings": findings})
    else:
        for one in found:
            say(f"Still open, and in the workbook: {one.strand}, {one.sheet} {one.cell}: {one.message} ({one.rule})")
        _say(f"The partner workbook is {made.path}. Look through it before you send it.", made)


def _again(working: WorkingFolder, quarter: str, version: str, as_json: bool) -> None:
    from cpxl.steps import publishing

    of = parsed(quarter)
    assert of
    made = publishing.publish_again(working, of, version)
    for one in made:
        logger(working.log).info("published again %s", one.path)
    if as_json:
        print_json({"outputs": {one.publication.kind: str(one.path) for one in made}})
        return
    for one in made:
        what = "made again, to the byte" if one.is_new else "as it was published"
        say(f"{one.path} is {what} (SHA-256 {one.publication.sha256}).")
        if one.backup:
            say(f"Another file stood there; it is kept as {one.backup}.")


def _how(issued: str | None, because: str, pdf: bool, draft: bool) -> How:
    from cpxl.report.pdf import pdf_of
    from cpxl.steps.publishing import How

    return How(_day(issued), because, pdf_of if pdf else None, draft=draft)


def _json(kind: str, made: Published) -> dict[str, Any]:
    row = made.publication
    return {
        "outputs": {kind: str(made.path)} | ({"pdf": str(made.pdf)} if made.pdf else {}),
        "version": row.version,
        "new": made.is_new,
        "sha256": row.sha256,
        "says": list(made.says),
    }


def _say(where: str, made: Published) -> None:
    for one in made.says:
        say(one)
    say(where)
    if made.pdf:
        say(f"As a PDF it is {made.pdf}.")


def report(
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    pdf: Pdf = False,
    issued: Issued = None,
    because: Because = "",
    draft: Draft = False,
) -> None:
    """Write the whole report as a Word document, from the master and what is written on its sheet 'Report text'."""
    from cpxl.steps import publishing

    working = open_folder(folder)
    wanted = quarter_of(quarter, working) if quarter else None
    made = publishing.report_folder(working, wanted, how=_how(issued, because, pdf, draft))
    logger(working.log).info("report %s", made.published.path)
    if as_json:
        found = {"unwritten": list(made.unwritten), "findings": list(map(vars, made.findings))}
        print_json(_json("report", made.published) | found)
    else:
        if made.unwritten:
            say(f"Still to be written: {', '.join(made.unwritten)}.")
        for one in made.findings:
            say(f"{one.message} {one.fix}")
        _say(f"The report is {made.published.path}.", made.published)
        say("Word asks whether to update fields: say yes, which puts page numbers into the contents.")

"""`cpxl status`: it prints what `steps/status.py` finds in the folder and `account/status.py` makes of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpxl.cli.given import Folder, Json, QuarterText, open_folder, quarter_of
from cpxl.cli.said import cell, console, print_json, progress, say

if TYPE_CHECKING:
    from cpxl.account.status import Standing
    from cpxl.config import Settings
    from cpxl.steps.status import Status


def status(quarter: QuarterText = None, folder: Folder = Path(), as_json: Json = False) -> None:
    """Say who is in, what is late, and what comes next. Nothing is written."""
    from cpxl.steps import status as steps

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    with progress(as_json, "Looking", len(working.settings.strands)) as tell:
        found = steps.status(working, wanted, date.today(), tell)
    if as_json:
        print_json(_json(found))
    else:
        _print(found, working.settings)


def _json(found: Status) -> dict[str, Any]:
    return {
        "quarter": str(found.quarter),
        "due": found.due.isoformat() if found.due else None,
        "strands": [
            {
                "strand": s.strand,
                "state": s.state,
                "issued": s.issued,
                "returned": list(s.files),
                "accepted": s.accepted,
                "merged": s.merged,
                "findings": s.findings,
                "days_late": s.days_late,
                "chased": [{"kind": c.kind, "when": c.when, "round": c.round} for c in s.chased],
            }
            for s in found.standings
        ],
        "ignored": [passed.file for passed in found.checks.ignored],
        "to_sign_off": list(found.to_sign_off),
        "approved": found.approved or None,
        "published": [{"kind": p.kind, "version": p.version, "when": p.when, "file": p.file} for p in found.published],
        "next": found.next.sentence,
    }


def _print(found: Status, settings: Settings) -> None:
    from rich.table import Table

    from cpxl.quarters import day_name

    due = f", wanted by {day_name(found.due)}" if found.due else ""
    table = Table(title=f"Returns for {found.quarter}{due}", title_justify="left")
    for heading in ("Strand", "Return", "Findings", "Days late", "Last chased"):
        table.add_column(heading, justify="right" if heading == "Days late" else "left")
    for s in found.standings:
        late = "" if not s.days_late else str(s.days_late)
        table.add_row(cell(s.strand), s.state, _findings(s), late, cell(s.last_chased))
    console().print(table)
    for passed in found.checks.ignored:
        say(f"Not looked at: {passed.file} ({passed.why}).")
    if found.to_sign_off:
        say(f"Not signed off: {', '.join(found.to_sign_off)}.")
    if found.approved:
        say(f"Approved by {found.approved}.")
    elif "approval" in settings.publish_needs:
        say("Not approved yet.")
    if found.published:
        say(f"Published: {', '.join(f'{p.kind} v{p.version}, {p.when}' for p in found.published)}.")
    say(found.next.sentence)


def _findings(standing: Standing) -> str:
    """`1 error, 2 warnings`."""
    from cpxl.words import how_many

    counts = [
        (number, severity) for severity, number in standing.findings.items() if number and severity != "explained"
    ]
    return ", ".join(how_many(number, severity) for number, severity in counts)

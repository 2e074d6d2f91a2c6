"""What a check found and a consolidation made of it, as tables for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cpxl.cli.said import DONE, WITH_ERRORS, cell, console, say
from cpxl.model import in_spite_of

MOST_NEW = 12
"""New figures of a strand that are named; the others are counted."""

if TYPE_CHECKING:
    from cpxl.account import Account
    from cpxl.account.summary import SummaryRow
    from cpxl.actions import Action
    from cpxl.changes import Change
    from cpxl.folder import WorkingFolder
    from cpxl.model import Checked, Master
    from cpxl.quarters import Quarter
    from cpxl.steps.checking import Checks


def status_of(checks: Checks, require_all: bool) -> int:
    return WITH_ERRORS if checks.has_errors or (require_all and checks.missing) else DONE


def checked_json(checked: Checked, working: WorkingFolder) -> dict[str, Any]:
    strand = working.settings.strand_of(checked.returned.strand)
    because = {"in_spite_because": checked.reason} if checked.reason else {}
    return because | {
        "file": checked.returned.file,
        "strand": strand.name if strand else None,
        "accepted": checked.accepted,
        "findings": [vars(finding) for finding in checked.findings],
    }


def checks_json(checks: Checks, working: WorkingFolder) -> dict[str, Any]:
    return {
        "quarter": str(checks.quarter),
        "returns": [checked_json(c, working) for c in checks.checked],
        "missing": checks.missing,
        "ignored": [passed.file for passed in checks.ignored],
        "kept": [vars(kept) for kept in checks.kept],
        "healed": [vars(doubt.finding) for doubt in checks.healed],
        "master_findings": [vars(doubt.finding) for doubt in checks.doubts],
    }


def consolidated_json(checks: Checks, master: Master, working: WorkingFolder) -> dict[str, Any]:
    from cpxl.account import account
    from cpxl.account.summary import COUNTED

    said = account(master, checks.quarter, working.settings)
    return checks_json(checks, working) | {
        "withdrawn": checks.withdrawn,
        "summary": [vars(row) for row in said.summary],
        "totals": {key: said.totals[key] for key in COUNTED},
        "risks": [
            {key: getattr(n.risk, key) for key in ("strand", "description", "response", "id", "level", "quarter")}
            for n in said.risks
        ],
        "actions": [_action_json(action, said) for strand in said.strands for action in strand.actions],
        "outputs": {"master": str(working.master)},
    }


def changes_json(changes: Sequence[Change]) -> dict[str, Any]:
    """What a preview says besides: what would change, and that no file comes of it."""
    keys = ("strand", "quarter", "called", "kind", "before", "after", "share")
    found = [{key: getattr(one, key) for key in keys} | {"marked": one.marked} for one in changes]
    return {"changes": found, "outputs": {}}


def print_changes(changes: Sequence[Change]) -> None:
    """What a merge changes, strand by strand. What is new is named without a line of its own."""
    from cpxl.changes import NEW, by_strand, counted

    for strand, mine in by_strand(changes):
        say(f"{strand}: {counted(mine)}.")
        say(*(f"  {change.in_words}" for change in mine if change.kind != NEW))
        new = [f"{c.called} {c.marked[1]}" for c in mine if c.kind == NEW and c.unit]
        if new:
            more = f"; and {len(new) - MOST_NEW} more" if len(new) > MOST_NEW else ""
            say(f"  New: {'; '.join(new[:MOST_NEW])}{more}.")
    if not changes:
        say("Nothing changes in the master.")


def _action_json(action: Action, said: Account) -> dict[str, Any]:
    from cpxl.actions import quarters_overdue

    late = quarters_overdue(action, said.quarter, said.settings.financial_year_starts_in)
    keys = ("strand", "id", "activity", "owner", "first_due", "due", "since", "outcome", "closed_in", "slips")
    overdue = late if action.is_open and late is not None and late >= 0 else None
    return {key: getattr(action, key) for key in keys} | {"quarters_overdue": overdue}


def print_checks(checks: Checks, working: WorkingFolder) -> None:
    from cpxl.layout.check_report import how_many_accepted

    print_findings(checks.checked, working)
    for change in working.settings.rules:
        say(f"Changed in config.yaml: {change.rule} is {change.what}, {change.whom}. Reason: {change.reason}")
    for c in checks.checked:
        if c.accepted and c.reason:
            say(f"{c.returned.file}: {in_spite_of(c.in_spite_of, c.reason)}")
    settings = working.settings.as_of(checks.quarter)
    say(f"{checks.quarter}: {how_many_accepted(settings, checks.checked, [*checks.missing, *checks.merged_before])}")
    if checks.missing:
        say(f"Not returned: {', '.join(checks.missing)}.")
    if checks.withdrawn:
        say(f"Withdrawn: {', '.join(checks.withdrawn)}.")
    there = {c.returned.file for c in checks.checked}
    for kept in checks.kept:
        if kept.file == working.master.name:
            continue  # what was entered on the strand's sheet of the master
        if kept.file in there:
            say(f"{kept.strand}: what was merged before stays, as what came now is not accepted.")
        else:
            code = working.settings.strand_named(kept.strand)
            say(
                f"{kept.strand}: was merged from {kept.file}, which is no longer there, and stays. To take it out: "
                f"cpxl consolidate -q {checks.quarter.folder} --withdraw {code.code if code else kept.strand}"
            )
    for doubt in checks.healed:
        say(f"Put right in the master: {doubt.finding.message}")
    for doubt in checks.doubts:
        say(f"The master, {doubt.finding.severity}: {doubt.finding.message} {doubt.finding.fix}")
    for passed in checks.ignored:
        say(f"Not looked at: {passed.file} ({passed.why}).")


def print_findings(checked: Sequence[Checked], working: WorkingFolder) -> None:
    """A table of findings for each return that has any."""
    from rich.table import Table

    out = console()
    for c in checked:
        if not c.findings:
            continue
        strand = working.settings.strand_of(c.returned.strand)
        title = f"{strand.name if strand else 'Unknown strand'}: {c.returned.file}. {c.state}"
        table = Table("Severity", "Where", "What is wrong, and what to do", show_lines=True, expand=True)
        table.title, table.title_justify = cell(title, style="bold"), "left"
        for finding in c.findings:
            where = cell(*filter(None, (finding.sheet, finding.cell)))
            said = cell(finding.message, finding.fix, f"({finding.rule})")
            table.add_row(finding.severity, where, said)
        out.print(table)


def print_summary(master: Master, quarter: Quarter, working: WorkingFolder) -> None:
    from rich.table import Table

    from cpxl.account.summary import summarise, totals

    rows = summarise(master, quarter, working.settings)
    table = Table(title=f"Executive summary, {quarter}")
    table.add_column("Strand")
    called = working.settings.headings
    for heading in ("Total", called.complete, called.ongoing, called.at_risk, "Figures as of"):
        table.add_column(cell(heading), justify="right")
    for row in rows:
        table.add_row(cell(row.strand), *_figures(row), str(row.figures_of or row.without))
    table.add_section()
    table.add_row(
        "Total", *["N/A" if value is None else str(value) for value in totals(rows, quarter).values()], str(quarter)
    )
    console().print(table)


def _figures(row: SummaryRow) -> list[str]:
    figures = (row.total, row.complete, row.ongoing, row.at_risk)
    return [row.without if figure is None else str(figure) for figure in figures]

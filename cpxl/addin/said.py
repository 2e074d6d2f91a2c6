"""What the messages of a click say: what was merged and what comes next, what going back takes back."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.folder import MASTER, WorkingFolder
from cpxl.model import Master
from cpxl.steps.checking import Checks
from cpxl.words import listed

MOST_LINES = 5
"""How many things of a kind a message names, for it has to fit on the screen."""


def result(folder: WorkingFolder, checks: Checks, over: Sequence[str] = ()) -> list[str]:
    """How many returns are merged, missing and rejected, and what to do next.

    over: what is said of what was typed over.
    """
    accepted = [c for c in checks.checked if c.accepted]
    rejected = [c.returned.file for c in checks.checked if c.state == c.REJECTED]
    says = [f"{checks.quarter}: {len(accepted)} merged, {len(checks.missing)} missing, {len(rejected)} rejected."]
    says += [f"Rejected: {', '.join(rejected)}."] if rejected else []
    says += [f"Missing: {', '.join(checks.missing)}."] if checks.missing else []
    overruled = [c.returned.file for c in checks.checked for f in c.findings if f.rule == "entered-in-the-master-too"]
    if overruled:
        says.append(f"These files took the place of what was entered on the strand's sheet: {', '.join(overruled)}.")
    says += _what_stays(folder, checks)
    says += some_of("Put right in the master:", [doubt.finding.message for doubt in checks.healed])
    says += some_of(
        "To look at in the master:", [f"{doubt.finding.message} {doubt.finding.fix}" for doubt in checks.doubts]
    )
    says += over
    if any(doubt.is_error for doubt in checks.doubts):
        says.append(
            "Next: put right what is named above, save, and consolidate again. Until then those figures count nowhere, "
            "and no partner workbook is made."
        )
    elif rejected:
        says.append(
            "Next: see under Check returns what is wrong, send these back to their leads, and consolidate again."
        )
    elif checks.missing:
        returns = folder.returns(checks.quarter)
        says.append(f"Next: ask for what is missing, put it into {returns}, and consolidate again.")
    else:
        says.append(
            "Next: look through the executive summary, write your own text under 'Delivery and challenges by "
            "exception', and click Partner workbook."
        )
    return says


def _what_stays(folder: WorkingFolder, checks: Checks) -> list[str]:
    """Strands whose figures of before stay, and why."""
    there = {c.returned.file for c in checks.checked}
    kept = [one for one in checks.kept if one.file != MASTER]  # not what was entered on a strand's sheet
    gone = {one.strand: one.file for one in kept if one.file not in there}
    outdone = [one.strand for one in kept if one.file in there]
    says = []
    if outdone:
        says.append(f"What was merged before stays, for what came now was not accepted: {listed(outdone)}.")
    if gone:
        files = [f"{strand} ({file})" for strand, file in gone.items()]
        codes = [strand.code if (strand := folder.settings.strand_named(name)) else name for name in gone]
        withdraw = " ".join(f"--withdraw {code}" for code in codes)
        says.append(
            f"What was merged before stays, though its file is not there any more: {listed(files)}. To take it out, "
            f"close {MASTER} and run 'cpxl consolidate -q {checks.quarter.folder} {withdraw}'."
        )
    return says


def taken_back(before: Master, after: Master) -> list[str]:
    """What going back from one master to another takes back."""
    old = {(s.quarter, s.strand, s.sha256) for s in before.submissions if s.is_accepted}
    gone = [s for s in after.submissions if s.is_accepted and (s.quarter, s.strand, s.sha256) not in old]
    says = []
    if gone:
        says.append(f"That takes back {len(gone)} merged returns: {listed(f'{s.strand}, {s.quarter}' for s in gone)}.")
    if before.quarter != after.quarter:
        says.append(f"The master then shows {before.quarter} again, not {after.quarter}.")
    says.append("Whatever was typed into the master since then goes as well. A backup of how it is now is kept.")
    return says


def some_of(heading: str, lines: Sequence[str], most: int = MOST_LINES) -> list[str]:
    """A heading and a line for each thing; of many the first only, for a message has to fit on the screen."""
    return ["\n".join([heading, *first_lines(lines, most)])] if lines else []


def first_lines(lines: Sequence[str], most: int) -> list[str]:
    """The first of many lines, and how many more there are."""
    return [*lines[:most], *([f"… and {len(lines) - most} more."] if len(lines) > most else [])]

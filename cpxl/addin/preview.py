"""What the coordinator sees, and agrees to, before anything is merged into the open master."""

from __future__ import annotations

from cpxl.account import account
from cpxl.addin.actions import TITLE
from cpxl.addin.desk import Desk
from cpxl.changes import NEW, by_strand, counted
from cpxl.errors import Refused
from cpxl.model import Master
from cpxl.steps.checking import Checks
from cpxl.words import short

MOST_STRANDS, MOST_CHANGES, LONGEST = 12, 5, 160
"""Lines of each kind that fit on the screen, and the characters of one."""
QUESTION = "Take this in?"


def agree_to_changes(there: Desk, checks: Checks, master: Master) -> None:
    """Say what merging would change, if it is anything. Raises Refused if the coordinator does not want that."""
    if not checks.changes:
        return
    strands = [f"{strand}: {counted(mine)}." for strand, mine in by_strand(checks.changes)]
    changed = [short(change.in_words, LONGEST) for change in checks.changes if change.kind != NEW]
    rejected = [c.returned.file for c in checks.checked if not c.accepted]
    says = [
        _lines(f"{checks.quarter}: this would change in the master.", strands, MOST_STRANDS),
        *([_lines("What was there before:", changed, MOST_CHANGES)] if changed else []),
        *([_lines("Not taken in, as something in them is wrong:", rejected, MOST_CHANGES)] if rejected else []),
        account(master, checks.quarter, there.folder.settings).news[0],
        f"The sheet 'Changes' of the check report lists everything. {QUESTION}",
    ]
    if there.app.alert("\n\n".join(says), TITLE, "yes_no") != "yes":
        raise Refused("The returns were not taken in.")


def _lines(heading: str, lines: list[str], most: int) -> str:
    more = [f"… and {len(lines) - most} more."] if len(lines) > most else []
    return "\n".join([heading, *lines[:most], *more])

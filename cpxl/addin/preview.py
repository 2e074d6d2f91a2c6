"""What the coordinator sees, and agrees to, before anything is merged into the open master."""

from __future__ import annotations

from cpxl.account import account
from cpxl.addin.actions import TITLE
from cpxl.addin.desk import Desk
from cpxl.addin.said import some_of
from cpxl.changes import NEW, by_strand, counted
from cpxl.errors import Refused
from cpxl.model import Master
from cpxl.steps.checking import Checks
from cpxl.words import short

MOST_STRANDS, LONGEST = 12, 160
"""Strands that fit on the screen, and the characters of a line."""
QUESTION = "Take this in?"


def agree_to_changes(there: Desk, checks: Checks, master: Master) -> None:
    """Say what merging would change, if it is anything. Raises Refused if the coordinator does not want that."""
    if not checks.changes:
        return
    strands = [f"{strand}: {counted(mine)}." for strand, mine in by_strand(checks.changes)]
    changed = [short(change.in_words, LONGEST) for change in checks.changes if change.kind != NEW]
    rejected = [c.returned.file for c in checks.checked if not c.accepted]
    says = [
        *some_of(f"{checks.quarter}: this would change in the master.", strands, MOST_STRANDS),
        *some_of("What was there before:", changed),
        *some_of("Not taken in, as something in them is wrong:", rejected),
        account(master, checks.quarter, there.folder.settings).news[0],
        f"The sheet 'Changes' of the check report lists everything. {QUESTION}",
    ]
    if there.app.alert("\n\n".join(says), TITLE, "yes_no") != "yes":
        raise Refused("The returns were not taken in.")

"""Approving a quarter: by which post, on which day, and what it said then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cpxl import versions
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder, alone
from cpxl.master.file import write_master
from cpxl.model import Approval
from cpxl.names import typed
from cpxl.quarters import Quarter
from cpxl.steps.publishing import Recorder, sound

LONGEST_POST = 100


@alone("approve")
def approve(
    folder: WorkingFolder, quarter: Quarter | None, post: str, when: date, record: Recorder = write_master
) -> Approval:
    """Put on record in the master that a quarter is approved as it is (the one last consolidated, if none is named).

    post: of whoever approves it. record: writes the master. Raises Refused if it could not be published, or if there is
    no post, or a day that is still to come.
    """
    post = typed(post, "--by", LONGEST_POST)
    if not post:
        raise Refused(
            'Nobody has approved it: name a post, as in --by "Chief Superintendent, Crime". No person\'s name.'
        )
    if when > date.today():
        raise Refused(f"Nobody has approved it on {when.isoformat()} yet: name the day on which they did.")
    known, said, _ = sound(folder, quarter)
    approval = Approval(said.quarter, post, when.isoformat(), versions.digest(said))
    approvals = sorted((*known.master.approvals, approval), key=lambda one: one.quarter)
    record(folder, known, replace(known.master, approvals=tuple(approvals)))
    return approval

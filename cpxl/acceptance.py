"""A return that the coordinator accepts in spite of an error, with a reason that stays on record.

It holds for the file as it is, and for the errors that it then had: another file, or another error, asks anew. What
says that a figure is none cannot be passed over (`returns/changes.py`), as nothing could be added up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.model import Checked, Finding, Master
from cpxl.quarters import Quarter
from cpxl.returns.changes import is_firm

NOTHING_ASKED: Mapping[str, str] = {}


def accept(
    checked: Sequence[Checked],
    quarter: Quarter,
    master: Master,
    settings: Settings,
    reasons: Mapping[str, str] = NOTHING_ASKED,
) -> list[Checked]:
    """The checked returns, with a reason where one is accepted in spite of its errors: now, or on record.

    reasons: why, by the strand's name, code or short name. Raises Refused where one cannot be accepted.
    """
    asked: dict[str, str] = {}
    for name, reason in reasons.items():
        strand = settings.strand_asked(name)
        if not re.search(r"[^\W\d_]{2}", reason):
            raise Refused(f'Say in words why the return of {strand.name} is accepted: --reason "…".')
        asked[strand.code] = " ".join(reason.split())
        mine = [c for c in checked if c.returned.strand == strand.code and not c.returned.superseded_by]
        if not any(c.errors for c in mine):
            raise Refused(f"No return of {strand.name} for {quarter} has an error: there is nothing to accept.")
        if firm := [f for c in mine for f in c.findings if f.severity == Finding.ERROR and is_firm(f.rule)]:
            raise Refused(
                f"The return of {strand.name} cannot be accepted as it is: {firm[0].message} "
                f"{firm[0].fix} Without that its figures cannot be told."
            )
    recorded = {
        (str(s.strand), s.sha256): (str(s.reason), set(str(s.in_spite_of).split(", ")))
        for s in master.submissions
        if s.quarter == quarter and s.is_accepted and s.reason
    }

    def one(c: Checked) -> Checked:
        errors = c.errors
        if not errors or any(map(is_firm, errors)):
            return c
        strand = settings.strand_of(c.returned.strand)
        reason, of = recorded.get((strand.name if strand else "", c.returned.sha256), ("", set()))
        reason = asked.get(c.returned.strand) or (reason if of >= errors else "")
        return replace(c, reason=reason) if reason else c

    return [one(c) for c in checked]

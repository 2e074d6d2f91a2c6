"""Where the returns of a quarter stand, and the one thing to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cpxl.account.summary import IN_DOUBT, return_state
from cpxl.config import Settings
from cpxl.model import Chased, Finding, Master
from cpxl.quarters import Quarter
from cpxl.words import how_many, in_a_sentence, listed

NOT_ISSUED, AWAITED, SEVERAL, TO_CORRECT, TO_MERGE, MERGED = (
    "Not issued",
    "Not returned",
    "Several files",
    "To be corrected",
    "To merge",
    "Merged",
)
SEVERITIES = (Finding.ERROR, Finding.WARNING, Finding.EXPLAINED, Finding.NOTE)
LONGEST = 60
"""Characters of what the ribbon shows."""


@dataclass(frozen=True)
class Standing:
    """Where one strand's return stands.

    files: that came in. accepted: whether one of them has no errors; None if none came.
    merged: whether what came is in the master, and nothing newer waits. findings: of the file, by severity.
    days_late: since the day by which it was wanted, while it is out and not in; None if it is in, or if nobody knows.
    chased: the drafts that were written to its lead. several: whether files came of which only the coordinator can say
    which counts.
    """

    strand: str
    code: str
    issued: bool
    files: tuple[str, ...]
    accepted: bool | None
    merged: bool
    in_doubt: bool
    findings: Mapping[str, int]
    days_late: int | None
    chased: tuple[Chased, ...] = ()
    several: bool = False

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.in_doubt:
            return IN_DOUBT
        if self.several:
            return SEVERAL
        if self.accepted is False:
            return TO_CORRECT
        if self.merged:
            return MERGED
        if self.accepted:
            return TO_MERGE
        return AWAITED if self.issued else NOT_ISSUED

    @property
    def last_chased(self) -> str:
        """`remind, 2020-10-20`; blank if nobody was. Of one day, what was written last."""
        last = max(reversed(self.chased), key=lambda c: str(c.when), default=None)
        return f"{last.kind}, {last.when}" if last else ""


class Next(NamedTuple):
    """The next thing to do, and the command that does it, if one does."""

    what: str
    command: str = ""

    @property
    def sentence(self) -> str:
        """For the terminal."""
        return f"Next: {self.what}{f': {self.command}' if self.command else ''}."

    @property
    def short(self) -> str:
        """For the ribbon."""
        return f"Next: {in_a_sentence(self.what.partition(':')[0])}"[:LONGEST]


def next_step(
    quarter: Quarter,
    standings: Sequence[Standing],
    *,
    due: str,
    published: bool,
    mails: bool = False,
    late: bool = True,
    to_sign_off: Sequence[str],
    to_approve: bool = False,
) -> Next:
    """What to do next. due: by when returns are wanted, as it is printed.

    published: whether the partner workbook is newer than the master. mails: whether config has leads' addresses.
    late: whether returns are overdue. to_sign_off: strands whose returns have to be signed off before it is
    published. to_approve: whether it is published only once it is approved, and is not.
    """

    def of(*states: str) -> list[str]:
        return [s.strand for s in standings if s.state in states]

    q = quarter.folder
    if strands := of(IN_DOUBT):
        return Next(f"Put right what the master says: {listed(strands)}", f"cpxl check -q {q} names the cells")
    if strands := of(SEVERAL):
        return Next(f"Keep one file of each strand and move the others away: {listed(strands)}")
    if strands := of(TO_MERGE):
        return Next(f"Merge {_returns(strands)}: {listed(strands)}", f"cpxl consolidate -q {q}")
    if len(of(NOT_ISSUED)) == len(standings):
        return Next(f"Issue the returns of {quarter}", f"cpxl issue -q {q}")
    if strands := of(TO_CORRECT):
        command = f"cpxl mail correct -q {q}" if mails else f"cpxl check -q {q} makes the marked copies"
        return Next(f"Have {_returns(strands)} corrected: {listed(strands)}", command)
    if strands := of(AWAITED, NOT_ISSUED):
        if not any(s.chased for s in standings) and len(strands) == len(standings) and (mails or not late):
            by = f"; they {'were' if late else 'are'} wanted by {due}" if due else ""
            return Next(f"Send each return to its lead{by}", _mail(mails, "issue", q))
        if not late:
            return Next(f"Wait for {_returns(strands)}{f' until {due}' if due else ''}: {listed(strands)}")
        return Next(f"Ask for {_returns(strands)}: {listed(strands)}", _mail(mails, "remind", q))
    if to_sign_off:
        return Next(f"Have {_returns(to_sign_off)} signed off, at the end of the form: {listed(to_sign_off)}")
    if to_approve:
        return Next(f"Have {quarter} approved", f"cpxl approve -q {q} --by POST")
    if not published:
        return Next("Look through the summary, write your text, and publish", f"cpxl publish -q {q}")
    return Next(f"Issue the returns of {quarter.plus(1)}", f"cpxl issue -q {quarter.plus(1).folder}")


def _mail(mails: bool, kind: str, quarter: str) -> str:
    return f"cpxl mail {kind} -q {quarter}" if mails else ""


def _returns(strands: Sequence[str]) -> str:
    return how_many(len(strands), "return")


def counted(severities: Sequence[str]) -> dict[str, int]:
    """How many findings there are of each severity."""
    return {severity: Counter(severities)[severity] for severity in SEVERITIES}


def days_after(when: date | None, due: date | None) -> int | None:
    """How many days one day is after another; 0 if it is not, None if either is not known."""
    return max(0, (when - due).days) if when and due else None


def standings_in(master: Master, quarter: Quarter, settings: Settings) -> tuple[Standing, ...]:
    """Where the returns stand as far as the master knows, which was told when it was last consolidated."""
    found = []
    for strand in settings.as_of(quarter).strands:
        state = return_state(master, quarter, strand)
        came = [s for s in master.submissions if (s.quarter, s.strand) == (quarter, strand.name) and not s.is_empty]
        severities = [f.severity for f in master.findings if (f.quarter, f.strand) == (quarter, strand.name)]
        is_in = any(s.is_accepted for s in came)
        found.append(
            Standing(
                strand.name,
                strand.code,
                True,
                tuple(s.file for s in came),
                is_in if came else None,
                is_in and state != IN_DOUBT,
                state == IN_DOUBT,
                counted(severities),
                None,
                tuple(c for c in master.chasing if (c.quarter, c.strand) == (quarter, strand.name)),
            )
        )
    return tuple(found)

"""What a rule is, and the catalogue of all rules. The rules themselves stand in `rules/`, a module for each group."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cpxl.config import Plan, Settings, Strand
from cpxl.model import Cell, Finding, Master, Return, Value
from cpxl.quarters import Quarter
from cpxl.words import short

ERROR, WARNING, NOTE = Finding.ERROR, Finding.WARNING, Finding.NOTE


@dataclass(frozen=True)
class Context:
    """What a rule may need besides the return itself.

    returns: all returns of the quarter.
    known: what the master held before the quarter.
    entered: codes of the strands on whose sheet of the master something was entered.
    grids: of the quarter, by the identity of the return that they are in: many rules look at them.
    """

    settings: Settings
    quarter: Quarter
    returns: Sequence[Return]
    known: Master
    entered: Collection[str] = ()
    grids: dict[int, list[Any]] = field(default_factory=dict)

    @cached_property
    def by_strand(self) -> Mapping[str, list[Return]]:
        """The returns of the quarter of each strand, by its code."""
        return _grouped([r for r in self.returns if not r.fault and r.quarter == str(self.quarter)], "strand")

    @cached_property
    def by_issue_id(self) -> Mapping[str, list[Return]]:
        """The returns that carry each issue id."""
        return _grouped(self.returns, "issue_id")

    @cached_property
    def now(self) -> Settings:
        """The settings as of the quarter."""
        return self.settings.as_of(self.quarter)

    def strand(self, returned: Return) -> Strand:
        """The return's strand, as of the quarter. Raises KeyError if config has none of that code."""
        return self._strands[returned.strand]

    @cached_property
    def _strands(self) -> Mapping[str, Strand]:
        return {strand.code: self.now.strand_of(strand.code) or strand for strand in self.settings.strands}

    def plan(self, returned: Return, plan: Plan, quarter: Quarter) -> Plan:
        """One of the return's plans as it was in a quarter."""
        if not plan.changes:
            return plan
        strand = self.settings.strand_of(returned.strand)
        return next(p for p in strand.plans if p.name == plan.name).as_of(quarter) if strand else plan


def _grouped(returns: Iterable[Return], field: str) -> Mapping[str, list[Return]]:
    groups: dict[str, list[Return]] = defaultdict(list)
    for returned in returns:
        groups[getattr(returned, field)].append(returned)
    return groups


@dataclass(frozen=True)
class Fault:
    """A place at fault: the cells, the words for the rule's sentence, and the lead's note that settles it, if any."""

    cells: Sequence[Cell] = ()
    words: dict[str, Any] = field(default_factory=dict)
    explanation: Value = None


Finder = Callable[[Return, Context], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """One check.

    code: by which it is known everywhere, and which never changes.
    title: what is right, in a few words.
    looks_at: the block of the return and the field.
    message, fix: what the lead reads; words in braces come from the fault.
    find: gives the faults in a return.
    """

    code: str
    severity: str
    title: str
    looks_at: str
    message: str
    fix: str
    find: Finder

    @property
    def group(self) -> str:
        """`Progress` for a rule in rules/progress.py."""
        return self.find.__module__.rpartition(".")[2].capitalize()


PERSONAL = (
    "email-address",
    "phone-number",
    "date-of-birth",
    "national-insurance-number",
    "vehicle-registration",
    "postcode",
    "crime-reference",
    "pnc-number",
    "user-path",
    "marking-too-high",
)
"""Rules that find in a text, whoever wrote it, what should not go out."""
DISCLOSURE = {
    *PERSONAL,
    "comment-on-a-cell",
    "struck-through",
    "entry-not-seen",
    "breakdown-small-count",
    "picture-goes-out",
}
"""Rules that find what partners perhaps should not see: what is still open of it is said again on publishing."""
MOST_CELLS = 1000
"""Cells that a finding names; a return has 700 in all."""
WORD, NO_WORDS = re.compile(r"[^\W\d_]{2}"), re.compile(r"\b(?:n/?a|not applicable)\b", re.IGNORECASE)
RULES: list[Rule] = []
"""Every rule, in the order in which findings are listed."""


def rule(code: str, severity: str, title: str, looks_at: str, message: str, fix: str) -> Callable[[Finder], Finder]:
    """Make a function a rule of the catalogue."""

    def add(find: Finder) -> Finder:
        RULES.append(Rule(code, severity, title, looks_at, message, fix, find))
        return find

    return add


def finding(rule: Rule, fault: Fault, sheet: str) -> Finding:
    """What the lead reads of a fault on a sheet."""
    message, fix = rule.message.format(**fault.words), rule.fix.format(**fault.words)
    severity = rule.severity
    if _says_something(fault.explanation):
        message, fix = f"{message} The lead's note: '{short(fault.explanation)}'.", "Nothing to do: it is explained."
        severity = Finding.EXPLAINED
    addresses = ", ".join(list(dict.fromkeys(cell.address for cell in fault.cells))[:MOST_CELLS])
    return Finding(rule.code, severity, fault.cells[0].sheet if fault.cells else sheet, addresses, message, fix)


def _says_something(note: Value) -> bool:
    """Whether a note has a word in it."""
    return WORD.search(NO_WORDS.sub("", str(note or ""))) is not None

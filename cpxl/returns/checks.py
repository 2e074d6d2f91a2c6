"""Checks returns by the rules of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cpxl.config import Settings
from cpxl.model import Checked, Finding, Master, Return
from cpxl.quarters import Quarter
from cpxl.returns import rules  # noqa: F401  (fills the catalogue)
from cpxl.returns.catalogue import RULES, Context
from cpxl.returns.changes import findings_by

ANY_FILE = "File"
"""The group of rules that make sense for any file, be it a return of the quarter or not."""
OF_THE_FILE = {rule.code for rule in RULES if rule.group == "Elsewhere"}
"""The rules for what stands beside the form's cells."""


def check(returned: Return, context: Context, groups: Sequence[str] = ()) -> Checked:
    """Every finding on a return, in the catalogue's order.

    groups: only the rules of these; all if none is named.
    """
    is_of_the_quarter = not returned.fault and returned.quarter == str(context.quarter) and not returned.superseded_by
    groups = groups if is_of_the_quarter else (ANY_FILE,)
    wanted = [rule for rule in RULES if rule.group in groups] if groups else RULES
    found = [one for rule in wanted for one in findings_by(rule, returned, context)]
    if any(f.rule == Finding.RETURNED_EMPTY for f in found):  # and then nothing else of the form is worth saying
        found = [f for f in found if f.rule == Finding.RETURNED_EMPTY or f.rule in OF_THE_FILE]
    return Checked(returned, tuple(found))


def check_all(
    returns: Sequence[Return],
    settings: Settings,
    quarter: Quarter,
    known: Master | None = None,
    *,
    entered: Collection[str] = (),
    prefer_newest: bool = False,
    groups: Sequence[str] = (),
) -> list[Checked]:
    """Check the returns of a quarter, each by itself and beside the others.

    known: what the master held before the quarter.
    entered: codes of the strands that have a file, and something entered on their sheet of the master too.
    prefer_newest: where a strand has several returns, take the one saved last; else all of them are refused.
    """
    if prefer_newest:
        returns = _superseded(returns, quarter)
    context = Context(settings, quarter, returns, known or Master(quarter), entered)
    return [check(returned, context, groups) for returned in returns]


def _superseded(returns: Sequence[Return], quarter: Quarter) -> list[Return]:
    """The returns, those of the quarter that were saved before the last one marked with its name."""
    of_quarter = [r for r in returns if not r.fault and r.quarter == str(quarter)]
    newest = {r.strand: r for r in sorted(of_quarter, key=lambda r: (r.saved, r.file))}
    older = {id(r) for r in of_quarter if newest[r.strand] is not r}
    return [replace(r, superseded_by=newest[r.strand].file) if id(r) in older else r for r in returns]

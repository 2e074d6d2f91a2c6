"""What a force has changed of the checks, in config.yaml; and what nobody can do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from cpxl.config import Settings, Strand
from cpxl.config.rules import OF_A_CHANGE, OFF, RuleChange
from cpxl.config.values import Part
from cpxl.model import Finding, Return
from cpxl.returns import rules  # noqa: F401  (fills the catalogue)
from cpxl.returns.catalogue import RULES, Context, Rule, finding

AnyPart = TypeVar("AnyPart", bound=Part)
LIMITED = {
    "large-change": tuple(OF_A_CHANGE),
    "rolling-year-jumped": tuple(OF_A_CHANGE),
    "breakdown-small-count": ("smallest_count",),
}
"""The rules that have a threshold in config, and what it may be."""
OF_MEASURES = "Insights"
FIRM_GROUPS = ("File", "Structure")
FIRM = frozenset(
    (
        "progress-missing",
        "progress-unknown-status",
        "progress-status-twice",
        "progress-not-a-whole-number",
        "progress-negative",
        "progress-partly-not-applicable",
        "measure-unknown",
        "measure-twice",
        "measure-not-a-number",
        "measure-not-a-count",
        "measure-differs-from-itself",
        "month-not-a-number",
        "month-unknown",
        "total-differs-from-months",
        "text-too-long",
    )
)
"""Rules that say what is a figure at all, besides those of the file itself: without them, nothing could be added up."""


def is_firm(code: str) -> bool:
    """Whether an error by that rule cannot be lowered, nor a return be accepted in spite of it."""
    return code in FIRM or any(r.code == code and r.group in FIRM_GROUPS and r.severity == Finding.ERROR for r in RULES)


def codes_of_rules() -> list[str]:
    """The codes of all rules."""
    return [rule.code for rule in RULES]


def is_of_measures(code: str) -> bool:
    """Whether a rule is about measures, and can be another for one of them."""
    return any(r.code == code and r.group == OF_MEASURES for r in RULES)


def may_change(change: RuleChange) -> str:
    """Why a change of a rule cannot be made; blank if it can."""
    known = codes_of_rules()
    if change.rule not in known:
        near = get_close_matches(change.rule, known, 1)
        return f"'{change.rule}' is no rule; {f'is {near[0]} meant?' if near else 'docs/rules.md lists them'}"
    if change.measure is not None and not is_of_measures(change.rule):
        return f"'{change.rule}' is not about measures; leave the measure out"
    if change.threshold is not None and change.rule not in LIMITED:
        return f"'{change.rule}' has no threshold; those that have one are {', '.join(LIMITED)}"
    if change.threshold is not None and (others := change.threshold.given.keys() - set(LIMITED[change.rule])):
        return f"'{change.rule}' has no {min(others)}; its threshold has {', '.join(LIMITED[change.rule])}"
    if change.severity not in (None, Finding.ERROR) and is_firm(change.rule):
        return f"'{change.rule}' cannot be lowered, as there is no figure without it; take this away"
    return ""


def findings_by(rule: Rule, returned: Return, context: Context) -> Iterator[Finding]:
    """What a rule finds in a return, as the force wants it: for the whole, and for some measures by themselves."""
    if not context.settings.rules:
        yield from (finding(rule, fault, returned.sheet) for fault in rule.find(returned, context))
        return
    changes = [c for c in context.settings.rules if c.rule == rule.code and _is_about(c, returned, context.settings)]
    changes.sort(key=lambda c: (c.measure is not None, c.strand is not None))  # the closest comes last
    of_all = [c for c in changes if c.measure is None]
    measures = list(dict.fromkeys(c.measure for c in changes if c.measure is not None))
    if not measures:
        yield from _found(rule, returned, context, of_all)
        return
    others, without = _only(returned, context, measures, others=True)
    yield from _found(rule, others, without, of_all)
    for measure in measures:
        mine, alone = _only(returned, context, [measure])
        yield from _found(rule, mine, alone, [c for c in changes if c.measure in (None, measure)])


def _is_about(change: RuleChange, returned: Return, settings: Settings) -> bool:
    if change.strand is None:
        return True
    strand = settings.strand_meant(change.strand)
    return strand is not None and strand.code == returned.strand


def _found(rule: Rule, returned: Return, context: Context, changes: Iterable[RuleChange]) -> Iterator[Finding]:
    """What a rule finds, with the changes made one after the other."""
    severity, settings = rule.severity, context.settings
    for change in changes:
        severity = change.severity or severity
        if change.threshold is not None:
            settings = _but(settings, thresholds=_but(settings.thresholds, **change.threshold.given))
    if severity == OFF:
        return
    if settings is not context.settings:
        context = replace(context, settings=settings)
    wanted = replace(rule, severity=severity) if severity != rule.severity else rule
    yield from (finding(wanted, fault, returned.sheet) for fault in rule.find(returned, context))


def _only(
    returned: Return, context: Context, measures: Sequence[str], *, others: bool = False
) -> tuple[Return, Context]:
    """A return, and what is asked of it, with some measures only, or with all others."""

    def is_wanted(name: object) -> bool:
        return (name in measures) is not others

    mine = replace(
        returned,
        measures=tuple(m for m in returned.measures if is_wanted(m.measure)),
        monthly=tuple(m for m in returned.monthly if is_wanted(m.measure)),
        shown=tuple(line for line in returned.shown if is_wanted(line[0].measure)),
    )
    settings = context.settings
    strands = [_with(strand, is_wanted) if strand.code == returned.strand else strand for strand in settings.strands]
    return mine, replace(context, settings=_but(settings, strands=strands), grids={})


def _with(strand: Strand, is_wanted: Callable[[object], bool]) -> Strand:
    return _but(strand, measures=strand.measures.only(is_wanted))


def _but(part: AnyPart, **fields: object) -> AnyPart:
    """Some settings with other ones in place of some. (model_copy would keep what was worked out from those.)"""
    return part.model_construct(**{**dict(part), **fields})

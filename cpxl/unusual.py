"""What is unusual in a config that reads well: nothing that is refused, and yet perhaps not what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cpxl.beginning import PERCENT, still_to_write
from cpxl.config import Settings, Strand
from cpxl.words import listed
from cpxl.yaml_file import Place, line_of


class Unusual(NamedTuple):
    """What is said of a line of the config (from 1). stops: whether returns cannot be issued before it is put right."""

    line: int
    said: str
    stops: bool = False


def unusual(settings: Settings, text: str) -> list[Unusual]:
    """Everything unusual in a config, by its lines. text: what the settings were read from."""
    lacking = [Unusual(line, f"{what} is still to be written", stops=True) for line, what in still_to_write(text)]
    return sorted([*lacking, *(Unusual(line_of(text, place), said) for place, said in _found(settings))])


def _found(settings: Settings) -> Iterator[tuple[Place, str]]:
    first, current = settings.first_quarter, settings.current_quarter
    if current < first:
        yield ("current_quarter",), f"{current} lies before the strategy's first quarter, {first}"
    if settings.return_by_days is None:
        yield ("strategy",), "return_by_days is not there, so nothing says by when returns are wanted"
    if settings.contact is None:
        yield ("strategy",), "contact is not there, so returns do not say who they go to"
    for at, strand in enumerate(settings.strands):
        for place, said in _of_strand(strand, settings):
            yield ("strands", at, *place), f"{strand.name}: {said}"
    in_summary = [plan for strand in settings.strands for plan in strand.plans if plan.in_summary]
    if not in_summary:
        yield ("strands",), "no plan is counted in the executive summary, which will show N/A throughout"


def _of_strand(strand: Strand, settings: Settings) -> Iterator[tuple[Place, str]]:
    first, current = settings.first_quarter, settings.current_quarter
    measures = strand.measures.every
    if not strand.reports_in(current):
        yield (), f"does not report for {current}, so it gets no return then"
    if not strand.plans and not measures:
        yield (), "has neither a plan nor a measure: its return asks for risks and delivery only"
    for name in measures:
        if PERCENT.search(name) and not strand.measures.unit(name).is_share:
            yield ("measures",), f"'{name}' is read as a number; write 'units: {{{name}: percent}}' to have 71% read"
    for at, plan in enumerate(strand.plans):
        place = ("plans", at)
        if plan.first_quarter < first:
            yield (
                (*place, "first_quarter"),
                f"'{plan.name}' begins in {plan.first_quarter}, before the strategy does, in {first}",
            )
        elif plan.first_quarter > current:
            yield (
                (*place, "first_quarter"),
                f"'{plan.name}' begins in {plan.first_quarter}, so the return for {current} does not ask for it",
            )
        counts = set(plan.statuses.values())
        lacking = [word for kind, word in (("complete", "complete"), ("at_risk", "at risk")) if kind not in counts]
        if plan.in_summary and lacking:
            yield (
                (*place, "statuses"),
                f"no status of '{plan.name}' counts as {listed(lacking).replace(', ', ' or ')}, "
                "so the summary never shows any for it",
            )
        if counts == {"total"}:
            yield (*place, "statuses"), f"'{plan.name}' has a total and no parts of it"

"""What `cpxl init` asks on a terminal. Whoever presses Enter has a default, or a place that is still to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any

import typer

from cpxl import markings
from cpxl.beginning import PLACEHOLDER, USUAL, Beginning, NewStrand
from cpxl.cli.said import say
from cpxl.names import alike, why_not
from cpxl.quarters import Quarter

QUESTIONS = {
    "strategy": "Name of the strategy",
    "force": "Organisation (a force, a council, ...)",
    "partnership": "Partnership that the report goes to",
    "marking": "Marking on every page",
    "first_quarter": "First quarter of the strategy",
    "current_quarter": "Quarter that you collect returns for first",
}


def beginning(
    strands: list[NewStrand], asks: bool, today: date, first: Quarter | None = None, current: Quarter | None = None
) -> Beginning:
    """What the config begins with. strands: those of a table, or else they are asked for, too.

    asks: whether there is somebody to ask. first, current: the strategy's first quarter and the one to collect first,
    if they were named; today: whose quarter they are if nobody says another.
    """
    said = {"first_quarter": first, "current_quarter": current}
    now = Quarter(today.year - (today.month < 4), (today.month - 4) % 12 // 3 + 1)
    current = current or first or now
    made = Beginning(first or current, current, strands=strands)
    if not asks:
        return made
    say("Press Enter for what stands in brackets; all of it can be changed in config.yaml.")
    kinds = {field.name: field.type for field in fields(Beginning)}
    for key, question in QUESTIONS.items():
        if said.get(key):
            continue
        if key == "current_quarter":
            made.current_quarter = max(made.first_quarter, made.current_quarter)
        default = getattr(made, key)
        read = Quarter.parse if kinds[key] == "Quarter" else _marking if key == "marking" else _name
        setattr(made, key, _asked(question, str(default), read))
    if not strands:
        made.strands = _strands()
    return made


def _strands() -> list[NewStrand]:
    strands: list[NewStrand] = []
    say("Now the strands, in the order of the report; Enter when there are no more.")
    while True:
        name = _asked(f"Strand {len(strands) + 1}", "", _name)
        if not name and strands:
            return strands
        if not name:
            say("A strategy needs at least one strand.")
        elif alike(name) in {alike(strand.name) for strand in strands}:
            say("You have that one already.")
        else:
            strand = NewStrand(name, plans={name: USUAL})
            strand.lead = _asked("  Its lead: a rank or post, never a person's name", strand.lead, _name)
            strands.append(strand)


def _name(text: str) -> str:
    """A name as it was typed. Raises ValueError if it will not do."""
    if why := why_not(text.strip()):
        raise ValueError(f"'{text.strip()}' {why}")
    return text.strip()


def _marking(text: str) -> str:
    """A marking as it was typed. Raises ValueError if it is none."""
    if not markings.is_of_the_scheme(_name(text)):
        raise ValueError(f"'{text.strip()}' is no marking: begin with one of {', '.join(markings.SCHEME)}")
    return text.strip()


def _asked(question: str, default: str, read: Callable[[str], Any]) -> Any:
    """What somebody answers; asked again as long as it will not do."""
    shown = "to be written later" if PLACEHOLDER.fullmatch(default) else default
    while True:
        answer = typer.prompt(f"{question}{f' [{shown}]' if shown else ''}", default="", show_default=False)
        try:
            return read(answer if answer.strip() else default) if answer.strip() or default else ""
        except ValueError as error:
            say(f"{error}.")

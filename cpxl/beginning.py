"""A config.yaml for another organisation: the one that is shipped, with its comments, and that organisation's names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from cpxl.comparisons import COMPARISONS
from cpxl.errors import Refused
from cpxl.model import ROLLING, Cell
from cpxl.names import LONGEST_SHEET, alike, utf16_length, why_not
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.small_table import Row, read_table
from cpxl.words import short
from cpxl.workbook_names import RESERVED_SHEETS

USUAL = {"Total strands": "total", "Complete": "complete", "Ongoing / In progress": "ongoing", "At risk": "at_risk"}
"""The statuses of a plan of which nothing is said."""
COUNTS = ("total", "complete", "ongoing", "at_risk", "nothing")
HEADINGS = ("strand", "lead", "address", "plan", "statuses", "measure", "period")
"""Of a table of strands."""
LONGEST_CODE = 12
OF_ESSEX = {
    "Crime Prevention Strategy 2021-25 progress": "Progress of the strategy",
    "Links to Police and Crime Plan Priorities": "Links to other plans",
}
"""Titles in the shipped report that are one organisation's own, and what another begins with."""


def to_write(what: str) -> str:
    """What stands in config.yaml where something is still to be written."""
    return f"[to write: {what}]"


PLACEHOLDER = re.compile(r"\[to write: (.+)\]", re.IGNORECASE)


@dataclass
class NewStrand:
    """A strand as it is first written down.

    plans: each with its statuses and what they count as. measures: by the setting that they stand under.
    """

    name: str
    lead: str = to_write("the rank or post of the lead")
    address: str = ""
    plans: dict[str, Mapping[str, str]] = field(default_factory=dict)
    measures: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Beginning:
    """What a config needs that has no default of its own. current_quarter: the first that returns are issued for."""

    first_quarter: Quarter
    current_quarter: Quarter
    strategy: str = to_write("the name of the strategy")
    force: str = to_write("the name of the organisation")
    partnership: str = to_write("the name of the partnership")
    marking: str = "OFFICIAL"
    strands: list[NewStrand] = field(default_factory=list)


def config_text(beginning: Beginning) -> str:
    """The text of the config."""
    shipped = resource("config.yaml").read_text(encoding="utf-8")
    settings, strands = shipped.split("\nstrands:\n")
    extracts = strands[strands.index("# Extracts that") : strands.index("\nextracts:\n")]
    keys = ("strategy", "force", "partnership", "marking", "first_quarter", "current_quarter")
    for key in keys:
        settings = _set(settings, key, str(getattr(beginning, key)))
    for theirs, ours in OF_ESSEX.items():
        settings = settings.replace(theirs, ours)
    if any(strand.address for strand in beginning.strands):
        settings = settings.replace("# contacts:   ", f"{_contacts(beginning.strands)}\n# contacts:   ", 1)
    return f"{settings}\nstrands:\n{_strands(beginning)}\n{extracts}\nextracts: []\n"


def _contacts(strands: Iterable[NewStrand]) -> str:
    lines = [f"  {_scalar(strand.name)}: {_scalar(strand.address)}" for strand in strands if strand.address]
    return "\n".join(["contacts:", *lines])


def _set(text: str, key: str, value: str) -> str:
    """The text with another value at that key; a comment behind it stays."""

    def line(found: re.Match[str]) -> str:
        setting = f"{key}: {_scalar(value)}"
        return setting.ljust(found.start("comment") - found.start() - 1) + f" {found['comment']}".rstrip()

    return re.sub(rf"^{key}: [^#\n]*(?P<comment>(?:#.*)?)$", line, text, count=1, flags=re.MULTILINE)


def _strands(beginning: Beginning) -> str:
    lines: list[str] = []
    written: dict[tuple[tuple[str, str], ...], str] = {}
    taken = {alike(strand.name): number for number, strand in enumerate(beginning.strands, 1)}
    taken |= {alike(name): 0 for name in RESERVED_SHEETS}  # by no strand
    for number, strand in enumerate(beginning.strands, 1):
        lines += [
            f"  - name: {_scalar(strand.name)}",
            f"    short_name: {_scalar(_sheet(strand.name, number, taken))}",
            f"    code: {_scalar(_code(strand.name, number, taken))}",
            f"    lead: {_scalar(strand.lead)}",
            "    plans:" if strand.plans else "    plans: []",
        ]
        for plan, statuses in strand.plans.items():
            lines += [f"      - name: {_scalar(plan)}", f"        first_quarter: {beginning.first_quarter}"]
            alias = written.get(tuple(statuses.items()))
            if alias:
                lines += [f"        statuses: *{alias}"]
                continue
            alias = f"statuses{len(written) + 1}" if written else "usual"
            written[tuple(statuses.items())] = alias
            lines += [f"        statuses: &{alias}             # and of every plan with *{alias} below"]
            lines += [f"          {_scalar(status)}: {counts}" for status, counts in statuses.items()]
        lines += ["    measures:"] * bool(strand.measures)
        for one in COMPARISONS.values():
            names = strand.measures.get(one.setting, [])
            lines += [f"      {one.setting}:"] * bool(names) + [f"        - {_scalar(name)}" for name in names]
        lines.append("")
    return "\n".join(lines)


def _scalar(text: str) -> str:
    """A text as YAML has it on one line, in quotes where it needs them."""
    return yaml.safe_dump([text], default_flow_style=True, allow_unicode=True, width=10**6).strip()[1:-1]


def _sheet(name: str, of: int, taken: dict[str, int]) -> str:
    """A name for the strand's sheet: at most 31 characters, none that Excel refuses, and no other sheet's."""
    plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", name).split()).strip("' ")
    if why_not(plain) or why_not(_cut(plain, LONGEST_SHEET)):
        plain = "Strand"
    number, candidate = 1, _cut(plain, LONGEST_SHEET)
    while taken.get(alike(candidate), of) != of:
        number += 1
        candidate = f"{_cut(plain, LONGEST_SHEET - len(f' {number}'))} {number}"
    taken[alike(candidate)] = of
    return candidate


def _cut(text: str, most: int) -> str:
    """At most so many characters, as Excel counts them, and whole words if there are any."""
    if utf16_length(text) <= most:
        return text
    while utf16_length(text) > most:
        text = text[:-1]
    return (text.rpartition(" ")[0] or text).strip(" '")


def _code(name: str, number: int, taken: dict[str, int]) -> str:
    """A strand's code: the first word of its name that can be one, `HATE`; with a number if it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    words = [word for word in re.findall(r"[A-Z0-9]+", plain) if word[0].isalpha() and len(word) > 2]
    stem = words[0][:LONGEST_CODE] if words else f"S{number}"
    tried = (stem, *(f"{stem}{n}" for n in range(2, 1000)))
    code = next(c for c in tried if taken.get(alike(c), number) == number)
    taken[alike(code)] = number
    return code


# From a table


def strands_of(path: Path) -> list[NewStrand]:
    """The strands in a table of them: a row for each plan or measure; a strand, or statuses, not said are those above.

    Raises Refused, with the cell, if it cannot be understood.
    """
    found: dict[str, NewStrand] = {}
    statuses: Mapping[str, str] = USUAL
    for row in read_table(path, HEADINGS, ("strand",), "table of strands"):
        texts = {key: str(value).strip() for key, value in row[0].items() if value is not None}
        if "strand" in texts:
            strand = found.setdefault(alike(texts["strand"]), NewStrand(texts["strand"]))
        elif not found:
            raise _wrong(path, row, "strand", "is blank: write the strand that the row belongs to")
        if "lead" in texts:
            if PLACEHOLDER.fullmatch(strand.lead):
                strand.lead = texts["lead"]
            elif strand.lead != texts["lead"]:
                raise _wrong(path, row, "lead", f"names a second lead of {strand.name}: write each strand's lead once")
        strand.address = texts.get("address", strand.address)
        if "statuses" in texts:
            try:
                statuses = statuses_of(texts["statuses"])
            except ValueError as error:
                raise _wrong(path, row, "statuses", str(error)) from None
        if "plan" in texts:
            if texts["plan"] in strand.plans:
                raise _wrong(path, row, "plan", "is there a second time: write each plan once")
            strand.plans[texts["plan"]] = statuses
        if "measure" in texts:
            period = alike(texts.get("period", ROLLING))
            setting = next((one.setting for p, one in COMPARISONS.items() if alike(p) == period), None)
            if setting is None:
                raise _wrong(path, row, "period", f"will not do: write one of {', '.join(COMPARISONS)}")
            strand.measures.setdefault(setting, []).append(texts["measure"])
    if not found:
        raise Refused(f"{path.name} has no strands below its headings: write a row for each.")
    return list(found.values())


def statuses_of(text: str) -> dict[str, str]:
    """`Total: total; Done: complete; Stuck: at risk` as statuses and what each counts as. Raises ValueError."""
    statuses: dict[str, str] = {}
    for part in filter(str.strip, re.split(r"[;\n]", text)):
        status, _, counts = (word.strip() for word in part.rpartition(":"))
        counts = alike(counts).replace(" ", "_")
        if not status or counts not in COUNTS:
            raise ValueError(
                f"has '{short(part.strip())}': write each status with what it counts as, as in "
                "'Total: total; Done: complete; Under way: ongoing; Stuck: at risk; Not begun: nothing'"
            )
        statuses[status] = counts
    return statuses


def _wrong(path: Path, row: Row, key: str, said: str) -> Refused:
    cell: Cell | None = row[1].get(key)
    return Refused(f"{path.name}, cell {cell.address if cell else '?'}: the {key} {said}.")


# What is still to be written


def still_to_write(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a config's text (from 1) that have a placeholder, and what is to be written there."""
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken) and (found := PLACEHOLDER.fullmatch(token.value.strip())):
            yield token.start_mark.line + 1, found[1]


def refuse_placeholders(text: str, name: str, done: str) -> None:
    """Raise Refused if something is still to be written in a config. done: what was therefore not, `issued`."""
    lacking: Iterable[tuple[int, str]] = list(still_to_write(text))
    if lacking:
        said = "; ".join(f"line {line}, {what}" for line, what in lacking)
        raise Refused(
            f"Nothing was {done}, as {name} has places that are still to be written ({said}): write them in place of "
            "what stands there in square brackets, then run this again."
        )

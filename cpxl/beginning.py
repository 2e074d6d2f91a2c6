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

USUAL = {"Total actions": "total", "Complete": "complete", "In progress": "ongoing", "At risk": "at_risk"}
"""The statuses of a plan of which nothing is said."""
COUNTS = ("total", "complete", "ongoing", "at_risk", "nothing")
HEADINGS = ("strand", "lead", "address", "plan", "statuses", "measure", "period")
"""Of a table of strands."""
LONGEST_CODE = 12
UNIT, LEAD_TITLE = "action", "Strand lead"
SUMMARY_HEADINGS = {"complete": "Complete", "ongoing": "Ongoing / In progress", "at_risk": "At risk"}
"""Columns of the executive summary that are called what the plans call it, if they agree."""
FORCE_RISK = "Risk register reference"
SECTIONS = """\
sections:
  - {title: Contents, kind: contents}
  - title: Purpose of this report
  - {title: Recommendations, kind: quarter}
  - title: Summary
    kind: group
    sections:
      - {title: Where each strand stands, kind: summary}
      - {title: Work at risk, kind: at_risk}
      - {title: Delivery and challenges by exception, kind: exception}
  - {title: Strand by strand, kind: strands}
  - {title: What comes next, kind: quarter}
"""
"""A report to begin with. The shipped one is a force's."""
PERCENT = re.compile(r"\(\s*(?:%|per ?cent|percent(?:age)?)\s*\)$", re.IGNORECASE)
"""A name of a measure that says it is a percentage."""


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
    """The text of the config: what is Essex's in the shipped one is that organisation's, or a plain word."""
    shipped = resource("config.yaml").read_text(encoding="utf-8")
    settings, strands = shipped.split("\nstrands:\n")
    extracts = strands[strands.index("# Extracts that") : strands.index("\nextracts:\n")]
    keys = ("strategy", "force", "partnership", "marking", "first_quarter", "current_quarter")
    values = {key: str(getattr(beginning, key)) for key in keys} | {"unit": UNIT, "lead_title": LEAD_TITLE}
    for key, value in values.items():
        settings = _set(settings, key, value)
    strands = _strands(beginning)
    first = yaml.safe_load(strands)[0]
    settings = _lines(settings, "# contacts:", _contacts(beginning.strands, first["code"]))
    settings = _lines(settings, "# headings:", _headings(beginning.strands))
    settings = re.sub(r"^(# .*\bstrand: )[^,}]+", rf"\g<1>{first['code']}", settings, flags=re.MULTILINE)
    settings = re.sub(r"^(# .*\()[A-Z]+(?=-1\)$)", rf"\g<1>{first['code']}", settings, flags=re.MULTILINE)
    explained, _, rest = settings.partition("\nsections:\n")
    after = rest[rest.index("\n\n") :]
    return f"{explained}\n{SECTIONS.rstrip()}{after}\nstrands:\n{strands}\n{extracts}\nextracts: []\n"


def _lines(text: str, begins: str, new: str) -> str:
    """The text with other lines in place of a line in comments and those that belong to it."""
    return re.sub(rf"^{begins}.*\n(?:#   .*\n)*", lambda _: new, text, count=1, flags=re.MULTILINE)


def _contacts(strands: Iterable[NewStrand], code: str) -> str:
    about = "# leads' addresses, by strand; with the post, if it is not the lead's"
    lines = [f"  {_scalar(strand.name)}: {_scalar(strand.address)}\n" for strand in strands if strand.address]
    if lines:
        return f"{'contacts:':<37}{about}\n{''.join(lines)}"
    example = f"{f'#   {code}: lead@example.org':<37}# or {{address: lead@example.org, post: Head of Service}}\n"
    return f"{'# contacts:':<37}{about}\n{example}"


def _headings(strands: Iterable[NewStrand]) -> str:
    """What the plans call what is complete, ongoing or at risk, where it is one name in all of them."""
    statuses = [status for strand in strands for plan in strand.plans.values() for status in plan.items()]
    headings = SUMMARY_HEADINGS | {"force_risk": FORCE_RISK}
    for kind in SUMMARY_HEADINGS:
        names = {status for status, counts in statuses if counts == kind}
        others = {alike(heading) for key, heading in headings.items() if key != kind}
        if len(names) == 1 and alike(*names) not in others:
            [headings[kind]] = names
    lines = [f"  {kind}: {_scalar(heading)}\n" for kind, heading in headings.items()]
    return "".join([f"{'headings:':<37}# what some columns are called\n", *lines])


def _set(text: str, key: str, value: str) -> str:
    """The text with another value at that key; a comment behind it stays."""

    def line(found: re.Match[str]) -> str:
        setting = f"{key}: {_scalar(value)}"
        return f"{setting.ljust(found.start('comment') - found.start() - 1)} {found['comment']}".rstrip()

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
        shares = dict.fromkeys(n for names in strand.measures.values() for n in names if PERCENT.search(n))
        lines += ["      units:"] * bool(shares) + [f"        {_scalar(name)}: percent" for name in shares]
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

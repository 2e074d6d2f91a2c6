"""What the coordinator writes for the report: what is there, what is still to be written, and the figures in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cpxl.arithmetic import round_half_up
from cpxl.config import Numbered, Settings
from cpxl.layout.blocks import Kind
from cpxl.layout.texts import shown
from cpxl.model import Master, ReportText, Value, is_number
from cpxl.names import alike
from cpxl.quarters import Quarter
from cpxl.units import Unit

if TYPE_CHECKING:
    from cpxl.account import Account

PLACEHOLDER = re.compile(r"(?<!\{)\{\s*([A-Za-z_]+)\s*(?::\s*([^{}:\n][^{}\n]*?)\s*)?\}(?!\})")
"""A word in braces, and the strand or measure that it is of."""
NOT_KNOWN = "not known"


def texts_of(master: Master, quarter: Quarter, settings: Settings) -> tuple[ReportText, ...]:
    """The paragraphs for a quarter's report; until there is one, the standing texts of the last quarter with any."""
    now = tuple(text for text in master.report_texts if text.quarter == quarter)
    before = max((text.quarter for text in master.report_texts if text.quarter < quarter), default=None)
    if now or before is None:
        return now
    standing = {one.section.title for one in settings.report if one.section.kind == "standing"}
    return tuple(
        replace(text, quarter=quarter, cells={})
        for text in master.report_texts
        if text.quarter == before and (of := settings.section_meant(text.section)) and of.section.title in standing
    )


def unwritten(texts: Iterable[ReportText], settings: Settings) -> list[Numbered]:
    """The sections whose text is the coordinator's, and is not there."""
    there = {of.section.title for text in texts if text.text and (of := settings.section_meant(text.section))}
    return [one for one in settings.report if one.is_written and one.section.title not in there]


# Figures in texts


def placeholders(account: Account) -> dict[str, str]:
    """What may stand in braces, `complete` or `change:knife crime offences`, and what it is, as it is printed."""
    settings, totals = account.settings, account.totals
    found = {key: _figure(totals[key]) for key in ("total", "complete", "ongoing", "at_risk")}
    found |= {
        "change": _signed(totals["change"]),
        "share": _percent(_share(totals["complete"], totals["total"])),
        "risks": str(len(account.risks)),
        "strands": str(len(account.strands)),
        "strands_at_risk": str(len({numbered.risk.strand for numbered in account.risks})),
        "quarter": str(account.quarter),
        "months": account.quarter.months(settings.financial_year_starts_in),
    }
    for row in account.summary:
        of = alike(row.strand)
        found |= {f"{key}:{of}": _figure(getattr(row, key)) for key in ("total", "complete", "ongoing", "at_risk")}
        found |= {f"share:{of}": _percent(row.share), f"change:{of}": _signed(row.change)}
    measures = [(one, measure) for one in account.strands for measure in (*one.rolling, *one.quarterly)]
    times = Counter(alike(measure.name) for _, measure in measures)
    for one, measure in measures:
        names = [f"{one.strand.code}, {measure.name}", *([measure.name] if times[alike(measure.name)] == 1 else [])]
        for of in map(alike, names):
            found |= {
                f"before:{of}": _measured(measure.previous.value, measure.unit),
                f"now:{of}": _measured(measure.current.value, measure.unit),
                f"percent:{of}": _percent(measure.share, sign="+"),
            }
            found.setdefault(f"change:{of}", _measured(measure.difference, measure.unit, Kind.CHANGE))
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """A text with figures in place of what stands for them; what does not is left as it is."""
    return PLACEHOLDER.sub(lambda found: known.get(_key(found), found[0]), text)


def unknown_placeholders(text: str, known: Mapping[str, str]) -> Iterator[str]:
    """What stands in braces in a text and is no placeholder."""
    yield from (found[0] for found in PLACEHOLDER.finditer(text) if _key(found) not in known)


def _key(found: re.Match[str]) -> str:
    return f"{found[1].casefold()}:{alike(found[2])}" if found[2] else found[1].casefold()


def _share(part: Value, whole: Value) -> Value:
    return part / whole if is_number(part) and is_number(whole) and whole else None


def _figure(value: Value) -> str:
    if is_number(value):
        return f"{round_half_up(value, 3):,.3f}".rstrip("0").rstrip(".")
    return str(value or NOT_KNOWN)


def _measured(value: Value, unit: Unit, kind: Kind = Kind.NUMBER) -> str:
    return shown(value, kind, unit) if is_number(value) else str(value or NOT_KNOWN)


def _signed(value: Value) -> str:
    return f"{'+' if is_number(value) and value > 0 else ''}{_figure(value)}"


def _percent(value: Value, sign: str = "") -> str:
    return f"{round_half_up(value * 100, 1):{sign}.1f}%" if is_number(value) else _figure(value)

"""What the coordinator writes for the report: what is there, what is still to be written, and the figures in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cpxl.config import Numbered, Settings
from cpxl.model import Master, Number, ReportText, Value, is_number
from cpxl.names import alike
from cpxl.quarters import Quarter
from cpxl.units import percent, said, signed

if TYPE_CHECKING:
    from cpxl.account import Account

PLACEHOLDER = re.compile(r"(?<!\{)\{\s*([A-Za-z_]+)\s*(?::\s*([^{}:\n][^{}\n]*?)\s*)?\}(?!\})")
"""A word in braces, and the strand or measure that it is of."""


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
    found = {key: said(totals[key]) for key in ("total", "complete", "ongoing", "at_risk")}
    found |= {
        "change": _in_words(totals["change"], signed),
        "share": _in_words(account.share, percent),
        "risks": str(len(account.risks)),
        "strands": str(len(account.strands)),
        "strands_at_risk": str(len({numbered.risk.strand for numbered in account.risks})),
        "quarter": str(account.quarter),
        "months": account.quarter.months(settings.financial_year_starts_in),
    }
    for row in account.summary:
        of = alike(row.strand)
        found |= {f"{key}:{of}": said(getattr(row, key)) for key in ("total", "complete", "ongoing", "at_risk")}
        found |= {f"share:{of}": _in_words(row.share, percent), f"change:{of}": _in_words(row.change, signed)}
    measures = [(one, measure) for one in account.strands for measure in one.measures]
    times = Counter(alike(measure.name) for _, measure in measures)
    for one, measure in measures:
        names = [f"{one.strand.code}, {measure.name}", *([measure.name] if times[alike(measure.name)] == 1 else [])]
        for of in map(alike, names):
            found |= {
                f"before:{of}": _in_words(measure.previous.value, measure.unit.said),
                f"now:{of}": _in_words(measure.current.value, measure.unit.said),
                f"percent:{of}": _in_words(measure.share, partial(percent, signed=True)),
            }
            found.setdefault(f"change:{of}", _in_words(measure.difference, measure.unit.said_of_change))
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """A text with figures in place of what stands for them; what does not is left as it is."""
    return PLACEHOLDER.sub(lambda found: known.get(_key(found), found[0]), text)


def unknown_placeholders(text: str, known: Mapping[str, str]) -> Iterator[str]:
    """What stands in braces in a text and is no placeholder."""
    yield from (found[0] for found in PLACEHOLDER.finditer(text) if _key(found) not in known)


def _key(found: re.Match[str]) -> str:
    return f"{found[1].casefold()}:{alike(found[2])}" if found[2] else found[1].casefold()


def _in_words(value: Value, of_number: Callable[[Number], str]) -> str:
    """A figure as it is printed; words, and what is not known, as such."""
    return of_number(value) if is_number(value) else said(value)

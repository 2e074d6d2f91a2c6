"""Whether the master's data tables are as cpxl wrote them: a digest of every row, kept on the hidden sheet.

Whatever is edited by hand is found by it, also where it looks right. It is no protection against somebody who means to
deceive: it is there so that nobody changes a figure by mistake, and no change goes unseen.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from cpxl.model import TABLES, Master, Seal, Value, field_names, is_number, to_15_digits
from cpxl.origin import in_columns
from cpxl.quarters import Quarter

OWN_TEXT: Mapping[str, tuple[str, ...]] = {
    "by_exception": ("text", "subject"),
    "report_texts": ("section", "heading", "text"),
}
"""The tables of the coordinator's own text, which may be typed there too, and the columns that it is in."""
SEALED = tuple(table for table in TABLES if table not in OWN_TEXT)
"""The tables whose rows are sealed: all others."""
LENGTH = 12
"""Characters of a digest: two rows of a master have the same one once in 10 billion masters."""
DAY_0 = datetime(1899, 12, 30)
"""Day 0 of Excel's dates: to a sheet, a date is a number."""


def digest(values: Mapping[str, Any]) -> str:
    """The digest of a row, by what its cells say; blank cells do not count, nor does how a value is written."""
    said = [f"{key}={text}" for key, value in sorted(values.items()) if (text := _said(value))]
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Quarter):
        value = str(value)
    if isinstance(value, date):
        value = day_of(value)
    if is_number(value):
        return f"n {to_15_digits(float(value)) + 0.0:.15g}"  # no -0
    if isinstance(value, bool):
        return f"b {value}"
    text = " ".join(unicodedata.normalize("NFC", str(value or "")).split())
    return f"t {text}" if text else ""


def day_of(value: date) -> float:
    """A date, or a moment, as the number that it is to a sheet."""
    moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment - DAY_0).total_seconds() / 86_400


def as_written(record: Any) -> dict[str, Any]:
    """A record as its row in the data table: values by column."""
    return {name: getattr(record, name) for name in field_names(type(record))} | in_columns(record.origin)


Group = tuple[str, str, str, str]
"""Table, quarter, strand and, of counts by month, file: rows that come and go together."""


def group_of(table: str, values: Mapping[str, Any]) -> Group:
    """Which rows a row comes and goes with: table, quarter, strand and, of counts by month, the file."""
    source = values.get("source") if table == "monthly" else ""
    return table, _tidy(values.get("quarter")), _tidy(values.get("strand")), _tidy(source)


def _tidy(value: object) -> str:
    return " ".join(str(value or "").split())


def seals_of(master: Master) -> Iterator[Seal]:
    """The seals of a master that is about to be written.

    Where something is in doubt the seal is that of what stood there before, so that the doubt stays until that is back.
    """
    groups: dict[Group, list[str]] = {}
    for table in SEALED:
        for record in getattr(master, table):
            values = as_written(record)
            groups.setdefault(group_of(table, values), []).append(digest(values))
    seals = {group: Seal(*group, tuple(digests)) for group, digests in groups.items()}
    for table in OWN_TEXT:
        own = tuple(_of_text(table, one) for one in _own_texts(table, master))
        yield Seal(table, str(master.quarter), "", "", own)
    before = (doubt.seal for doubt in master.doubts if doubt.seal)
    yield from (seals | {s.group: s for s in before}).values()


def digest_of_line(text: object) -> str:
    """The digest of a line, by what it says."""
    return digest({"line": text})


Own = tuple[Value, ...]
"""A paragraph of the coordinator's own: what stands in the columns of its table that have text."""


def own_text(table: str, master: Master, shown: Iterable[Own] | None, seals: Iterable[Seal]) -> list[Own]:
    """The coordinator's paragraphs for the quarter that a master shows: those that stand there, and those typed in the
    data. What cpxl wrote into the data, and what is not shown any more, was taken out.

    shown: what stands there; None if it is not to be found. seals: what cpxl wrote; without them, what is shown counts.
    """
    in_data = _own_texts(table, master)
    if shown is None:
        return in_data
    there = [own for own in shown if any(value is not None for value in own)]
    of = (table, str(master.quarter))
    written = next((seal.digests for seal in seals if (seal.table, seal.quarter) == of), None)
    added = [] if written is None else [own for own in in_data if _of_text(table, own) not in written]
    return [*there, *(own for own in added if own not in there)]


def _own_texts(table: str, master: Master) -> list[Own]:
    columns = OWN_TEXT[table]
    own = [tuple(getattr(e, c) for c in columns) for e in getattr(master, table) if e.quarter == master.quarter]
    return [one for one in own if any(value is not None for value in one)]


def _of_text(table: str, own: Own) -> str:
    return digest(dict(zip(OWN_TEXT[table], own, strict=True)))

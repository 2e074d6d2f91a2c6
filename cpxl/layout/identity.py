"""The hidden sheet that says what a workbook is: a return or a master, of which strand and quarter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpxl.config import Settings
from cpxl.layout.blocks import Block, Column, Row, Sheet
from cpxl.model import ID, Seal, Value
from cpxl.workbook_names import IDENTITY, TEMPLATE_VERSION

RETURN, MASTER = "return", "master"

WHAT = "identity"
SHEETS = "sheets"
RISK_IDS = "last_risk_ids"
YEAR_STARTS = "financial_year_starts_in"
SEALS = "seals"
BY_RULES = "?"
"""Stands where the digests of rows would, if nobody knows what the rows should be."""
MOST_DIGESTS = 2_000
"""Digests in a cell, which holds 32,767 characters."""


def issue_id(settings: Settings, code: str, quarter: object) -> str:
    """The id that the return of a strand for a quarter is issued with. It follows from them, so nobody keeps a list."""
    return hashlib.sha256(f"{settings.force}\n{code}\n{quarter}".encode()).hexdigest()[:16]


def identity_sheet(
    facts: Mapping[str, str], sheets: Sequence[Sheet] = (), seals: Iterable[Seal] | None = None
) -> Sheet:
    """The hidden sheet with these facts, the names of the sheets that cpxl wrote and may write again, and the seals."""
    blocks = [identity_block({**facts, "template_version": TEMPLATE_VERSION})]
    if sheets:
        blocks.append(sheets_block([sheet.name for sheet in sheets]))
    if seals is not None:
        blocks.append(seals_block(seals))
    return Sheet(
        IDENTITY,
        "Used by cpxl: please leave this sheet as it is",
        items=blocks,
        hidden=True,
        protected=True,
        widths=[26, 40, 26, 26, 26],
    )


def identity_block(facts: Mapping[str, str] | None = None) -> Block:
    """Facts about the workbook, a row each."""
    rows = [{"fact": fact, "value": value} for fact, value in (facts or {}).items()]
    return Block(WHAT, "", [Column("fact", "Fact"), Column("value", "Value")], rows)


def sheets_block(names: Sequence[str] = ()) -> Block:
    """The sheets that cpxl wrote into a master."""
    return Block(SHEETS, "", [Column("sheet", "Sheet")], [{"sheet": name} for name in names])


def ids_in_words(last: Mapping[str, int]) -> str:
    """`GANGS-2 GANGS-A5`: the highest ids of risks and actions."""
    return " ".join(f"{begins}{number}" for begins, number in last.items())


def ids_in(text: object) -> dict[str, int]:
    """The highest ids of risks and actions, from that."""
    found = filter(None, map(ID.fullmatch, str(text or "").split()))
    return {one[1]: int(one[2]) for one in found}


def seals_block(seals: Iterable[Seal] = ()) -> Block:
    """What cpxl wrote of the data tables' rows: their digests one after the other, in one row or several."""
    keys = ("table", "quarter", "strand", "source", "digests")
    rows: list[Row] = []
    for seal in seals:
        of: dict[str, Value] = {key: getattr(seal, key) for key in keys[:-1]}
        digests = seal.digests
        if digests is None:
            rows.append({**of, "digests": BY_RULES})
        else:
            starts = range(0, max(len(digests), 1), MOST_DIGESTS)
            rows += [{**of, "digests": " ".join(digests[at : at + MOST_DIGESTS])} for at in starts]
    return Block(SEALS, "", [Column(key, key.capitalize()) for key in keys], rows)


def seals_in(rows: Iterable[Mapping[str, Value]]) -> Iterator[Seal]:
    """The seals that stand in rows of that block."""
    digests: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        of = tuple(str(row[key] or "") for key in ("table", "quarter", "strand", "source"))
        digests.setdefault(of, []).extend(str(row["digests"] or "").split())
    for (table, quarter, strand, source), found in digests.items():
        yield Seal(table, quarter, strand, source, None if found == [BY_RULES] else tuple(found))

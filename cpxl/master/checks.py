"""What is wrong with the rows of the master's data tables. What is in doubt is named with its cell, and not counted.

A row that is as cpxl wrote it (see `seals`) was checked when it came in. Any other is in doubt. A master of 0.1.0 has
no seals: there, rows are held against what a return would have to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from cpxl.account.doubts import TOTAL_DIFFERS
from cpxl.config import Settings
from cpxl.master.tables import Table, TableRow
from cpxl.master.unsealed import by_rules
from cpxl.master.values import (
    Examined,
    doubt_about,
    finding_at,
    no_counts,
    or_again,
    record_of,
    severity,
    strand_of,
    wanted_in,
    wrong_values,
)
from cpxl.model import Doubt, Finding, Seal
from cpxl.origin import COLUMNS
from cpxl.quarters import quarter_said
from cpxl.seals import SEALED, Group, digest, group_of
from cpxl.words import how_many, listed, short
from cpxl.workbook_names import DATA_SHEETS

MASTER_RULES: Mapping[str, str] = {
    "master-heading": "Every column of a data table under its own heading",
    "master-value": "In every column of a data table what belongs there",
    "master-name": "Strands, plans, statuses and measures that config.yaml knows",
    "master-row-twice": "One row for each fact",
    "master-row-missing": "Every row there that cpxl wrote",
    "master-changed": "Rows as cpxl wrote them",
    "master-does-not-add-up": "Parts that add up to the total, where those of the return did",
    "master-risks": "As many open risks as work at risk",
    TOTAL_DIFFERS: "Totals reported that are the sum of the counts by month, where all of these are known",
    "master-without-return": "Figures of a strand with the return that they came in, and the other way round",
}
"""What is asked of the master's data tables, by the rule's code."""


def examine(tables: Mapping[str, Table], seals: Iterable[Seal] | None, settings: Settings) -> Examined:
    """The records of the data tables, in the order in which they were written, and every doubt.

    seals: what cpxl wrote; None for a master without seals.
    """
    found = Examined()
    sealed = None if seals is None else {s.group: s for s in seals}
    unsealed: dict[str, list[TableRow]] = {}
    for name, table in tables.items():
        found.doubts += table.doubts
        matched, rest, gone = _matched(table, sealed if sealed and name in SEALED else {})
        _surplus(found, table, rest, gone, sealed, settings, unsealed.setdefault(name, []))
        counts = [row for row in matched if not _is_no_count(found, row, sealed or {}, settings)]
        found.records[name] = [record_of(row) for row in counts]
    by_rules(found, unsealed, sealed, settings)
    return found


def _is_no_count(found: Examined, row: TableRow, sealed: Mapping[Group, Seal], settings: Settings) -> bool:
    """Whether a figure came in before config said what its measure is counted in, and cannot be one."""
    strand = settings.strand_named(row.values.get("strand"))
    keys = no_counts(row, strand) if strand else []
    if keys:
        cell = row.cell(keys[0])
        of = row.values.get("measure") or row.values.get("row")
        wanted = wanted_in(row, strand) if strand else ""
        what = f"'{row.values[keys[0]]}' is not {wanted}, as config.yaml says that {of} is"
        finding = finding_at(row, "master-value", cell, what, "write its unit into config.yaml")
        found.doubts.append(doubt_about(row, finding, settings, sealed.get(group_of(row.table, row.values))))
    return bool(keys)


# Rows and their seals


@dataclass
class _Lacking:
    """The rows of a group that are not there as cpxl wrote them: their digests, and the group's seal."""

    seal: Seal
    digests: list[str]


def _matched(
    table: Table, sealed: Mapping[Group, Seal]
) -> tuple[list[TableRow], list[TableRow], dict[Group, _Lacking]]:
    """The rows that are as they were written, in that order; the others; the groups that lack rows."""
    places: dict[str, list[tuple[int, Group]]] = defaultdict(list)
    lacking: dict[Group, _Lacking] = {}
    order = count()
    for group, seal in sealed.items():
        if group[0] == table.name and seal.digests is not None:
            lacking[group] = _Lacking(seal, list(seal.digests))
            for one in seal.digests:
                places[one].append((next(order), group))
    matched, rest = [], []
    for row in table.rows:
        one = digest(row.values)
        if places.get(one):
            place, group = places[one].pop(0)
            lacking[group].digests.remove(one)
            matched.append((place, row))
        else:
            rest.append(row)
    gone = {group: lacks for group, lacks in lacking.items() if lacks.digests}
    return [row for _, row in sorted(matched, key=lambda pair: pair[0])], rest, gone


def _group_meant(row: TableRow, gone: Mapping[Group, _Lacking]) -> Group:
    """The group that a row belongs to: where only what says so was typed over, the one whose digest it then has."""
    own = group_of(row.table, row.values)
    if own in gone:
        return own
    for group, lacks in gone.items():
        for keys in (("quarter",), ("strand",), ("source",), ("quarter", "strand")):
            of = dict(zip(("quarter", "strand", "source"), group[1:], strict=True))
            put_back = {key: of[key] for key in keys if key in row.values}
            if put_back and digest({**row.values, **put_back}) in lacks.digests:
                return group
    return own


def _surplus(
    found: Examined,
    table: Table,
    rest: Sequence[TableRow],
    gone: Mapping[Group, _Lacking],
    sealed: Mapping[Group, Seal] | None,
    settings: Settings,
    unsealed: list[TableRow],
) -> None:
    """What is to be said of rows that are not as they were written, and of those that are gone.

    unsealed: takes the rows that are held against rules, for want of a seal.
    """
    others: dict[Group, list[TableRow]] = defaultdict(list)
    for row in rest:
        own = group_of(table.name, row.values)
        if sealed is None or table.name not in SEALED or (own in sealed and sealed[own].digests is None):
            unsealed.append(row)
        else:
            others[_group_meant(row, gone)].append(row)
    for group, rows in others.items():
        seal = gone[group].seal if group in gone else None
        quarter, strand = quarter_said(group[1]), strand_of(group[2], settings)
        for row in rows:
            wrong = wrong_values(row, settings) or [_changed(row, group in gone)]
            found.doubts.append(Doubt(wrong[0], row.table, quarter, strand, dict(row.values), seal))
    for group, lacks in gone.items():
        lost = len(lacks.digests) - len(others.get(group, ()))
        if lost <= 0:
            continue
        beside = next((row for row in table.rows if group_of(table.name, row.values) == group), None)
        near = beside.place if beside else table.heading
        rows_of = f"{how_many(lost, 'row')} of {_of(group)}"
        fix = f"Put back what stood there, {or_again(beside)}"
        message = f"{near.sheet}!{near.address}: {rows_of} that cpxl wrote {'is' if lost == 1 else 'are'} not there"
        finding = Finding(
            "master-row-missing", severity(table.name), near.sheet, near.address, f"{message} any more.", fix
        )
        quarter, strand = quarter_said(group[1]), strand_of(group[2], settings)
        found.doubts.append(Doubt(finding, table.name, quarter, strand, None, lacks.seal))


def _changed(row: TableRow, is_lacking: bool) -> Finding:
    what = "is not as cpxl wrote it" if is_lacking else "was not written by cpxl"
    own = {key: value for key, value in row.values.items() if value is not None}
    shown = listed((f"{key} '{short(value)}'" for key, value in own.items() if key not in COLUMNS), 8)
    fix = "put back what stood there" if is_lacking else "delete the row"
    return finding_at(row, "master-changed", row.place, f"this row {what} ({shown})", fix)


def _of(group: Group) -> str:
    """`Hate Crime, 2020/21 Q2`, in words."""
    return ", ".join(part for part in (group[2], group[1], group[3]) if part) or DATA_SHEETS[group[0]]

"""What is wrong with the rows of the master's data tables. What is in doubt is named with its cell, and not counted.

A row that is as cpxl wrote it (see `seals`) was checked when it came in. Any other is in doubt. A master of 0.1.0 has
no seals: there, rows are held against what a return would have to say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from cpxl.account.doubts import TOTAL_DIFFERS
from cpxl.config import Plan, Settings, Strand
from cpxl.layout.data import KEYS
from cpxl.layout.names import DATA_SHEETS
from cpxl.master.seals import SEALED, digest, group_of
from cpxl.master.tables import Table, TableRow
from cpxl.model import (
    ACHIEVED,
    DUE,
    HISTORY,
    NOT_APPLICABLE,
    QUARTERLY,
    ROLLING,
    SCHEDULED,
    TABLES,
    Cell,
    Doubt,
    Finding,
    Seal,
    Submission,
    Value,
    is_number,
    is_whole,
)
from cpxl.quarters import Quarter
from cpxl.returns.forgive import number
from cpxl.words import listed, short
from cpxl.workbooks.read import RowCells

Group = tuple[str, str, str, str]
"""Table, quarter, strand and, of counts by month, file: rows that come and go together."""

FIGURES = ("progress", "measures", "monthly", "risks", "delivery", "submissions")
"""The tables that figures are drawn from, or that say whose they are."""
RISK_ID = re.compile(r"[A-Z][A-Z0-9]*-\d{1,9}")
PERIOD = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
SHA256 = re.compile(r"[0-9a-f]{64}|")

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


@dataclass
class Examined:
    """What the data tables hold: records that are sound, by table, and what is in doubt."""

    records: dict[str, list[Any]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def examine(tables: Mapping[str, Table], seals: Iterable[Seal] | None, settings: Settings) -> Examined:
    """The records of the data tables, in the order in which they were written, and every doubt.

    seals: what cpxl wrote; None for a master without seals.
    """
    found = Examined()
    sealed = None if seals is None else {(s.table, s.quarter, s.strand, s.source): s for s in seals}
    by_rules: dict[str, list[TableRow]] = {}
    for name, table in tables.items():
        found.doubts += table.doubts
        matched, rest, gone = _matched(table, sealed if sealed and name in SEALED else {})
        _surplus(found, table, rest, gone, sealed, settings, by_rules.setdefault(name, []))
        counts = [row for row in matched if not _is_no_count(found, row, sealed or {}, settings)]
        found.records[name] = [_record(row) for row in counts]
    _by_rules(found, by_rules, sealed, settings)
    return found


def _is_no_count(found: Examined, row: TableRow, sealed: Mapping[Group, Seal], settings: Settings) -> bool:
    """Whether a figure came in before config said that its measure is a count, and is none."""
    strand = settings.strand_named(row.values.get("strand"))
    keys = _no_counts(row, strand) if strand else []
    if keys:
        cell = row.cell(keys[0])
        what = f"'{row.values[keys[0]]}' is no count, and config.yaml says that {row.values['measure']} is one"
        finding = _finding(row, "master-value", cell, what, "write its unit into config.yaml")
        found.doubts.append(_doubt(row, finding, settings, sealed.get(group_of(row.table, row.values))))
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
    by_rules: list[TableRow],
) -> None:
    """What is to be said of rows that are not as they were written, and of those that are gone.

    by_rules: takes the rows that are held against rules, for want of a seal.
    """
    others: dict[Group, list[TableRow]] = defaultdict(list)
    for row in rest:
        own = group_of(table.name, row.values)
        if sealed is None or table.name not in SEALED or (own in sealed and sealed[own].digests is None):
            by_rules.append(row)
        else:
            others[_group_meant(row, gone)].append(row)
    for group, rows in others.items():
        seal = gone[group].seal if group in gone else None
        quarter, strand = _quarter_of(group[1]), _strand_of(group[2], settings)
        for row in rows:
            wrong = _wrong_values(row, settings) or [_changed(row, group in gone)]
            found.doubts.append(Doubt(wrong[0], row.table, quarter, strand, dict(row.values), seal))
    for group, lacks in gone.items():
        lost = len(lacks.digests) - len(others.get(group, ()))
        if lost <= 0:
            continue
        near = next((row.place for row in table.rows if group_of(table.name, row.values) == group), table.heading)
        rows_of = f"{lost} row{'s' * (lost != 1)} of {_of(group)}"
        fix = "Put back what stood there, or run consolidate, which takes it from the return again."
        message = f"{near.sheet}!{near.address}: {rows_of} that cpxl wrote {'is' if lost == 1 else 'are'} not there"
        finding = Finding(
            "master-row-missing", _severity(table.name), near.sheet, near.address, f"{message} any more.", fix
        )
        quarter, strand = _quarter_of(group[1]), _strand_of(group[2], settings)
        found.doubts.append(Doubt(finding, table.name, quarter, strand, None, lacks.seal))


def _changed(row: TableRow, is_lacking: bool) -> Finding:
    what = "is not as cpxl wrote it" if is_lacking else "was not written by cpxl"
    shown = listed((f"{key} '{short(value)}'" for key, value in row.values.items() if value is not None), 8)
    fix = "put back what stood there" if is_lacking else "delete the row"
    return _finding(row, "master-changed", row.place, f"this row {what} ({shown})", fix)


def _of(group: Group) -> str:
    """`Hate Crime, 2020/21 Q2`, in words."""
    return ", ".join(part for part in (group[2], group[1], group[3]) if part) or DATA_SHEETS[group[0]]


# What a value has to be


def _finding(row: TableRow, rule: str, cell: Cell, what: str, fix: str) -> Finding:
    message = f"{cell.sheet}!{cell.address}: {what}."
    fix = fix[:1].upper() + fix[1:]
    return Finding(
        rule,
        _severity(row.table),
        cell.sheet,
        cell.address,
        message,
        f"{fix}, or run consolidate, which takes it from the return again.",
    )


def _severity(table: str) -> str:
    return Finding.ERROR if table in FIGURES else Finding.WARNING


def _wrong_values(
    row: TableRow, settings: Settings, *, is_name: Callable[[TableRow, str], bool] = lambda row, key: False
) -> list[Finding]:
    """What stands in a row that cannot stand there.

    is_name: whether a name that config does not know is one all the same, as far as the table tells.
    """
    found: list[Finding] = []

    def wrong(key: str, wanted: str, fix: str = "", rule: str = "master-value") -> None:
        shown = row.shown[key] if isinstance(row.shown.get(key), str) else row.values[key]
        said = "is blank" if row.values[key] is None else f"says '{str(shown)[:60]}'"
        if key in row.formulas:
            said = "holds a formula" if row.values[key] is not None else "holds a formula without a value"
        cell = row.cell(key)
        what = f"{said}, where {wanted} belongs"
        finding = _finding(row, rule, cell, what, fix or f"type {wanted}")
        found.append(replace(finding, message=finding.message.replace(": ", " ", 1)))

    quarter, strand = _quarter_of(row.values["quarter"]), None
    if quarter is None:
        wrong("quarter", "a quarter such as 2020/21 Q2")
    if "strand" in row.values:
        strand = settings.strand_named(row.values["strand"])
        is_blank = row.table in ("submissions", "findings") and row.values["strand"] is None
        if strand is None and not is_blank and not is_name(row, "strand"):
            wrong("strand", "the name of a strand in config.yaml", rule="master-name")
    for key, (holds, wanted) in _WANTED.get(row.table, {}).items():
        value = row.values[key]
        if key in row.formulas or not holds(value):
            meant = number(value) if isinstance(value, str) else None
            wrong(key, wanted, f"type {meant}" if meant != value and meant is not None and holds(meant) else "")
    if strand is not None and quarter is not None:
        for key, names in _unknown_names(row, strand).items():
            if not is_name(row, key):
                wrong(key, f"one of {listed(names, 6) or 'nothing'}", rule="master-name")
        for key in _no_counts(row, strand):
            wrong(key, "a whole number from 0")
    return found


def _no_counts(row: TableRow, strand: Strand) -> list[str]:
    """The columns of a row that have a number which is none of a measure that is a count."""
    keys = {"measures": ("previous", "current"), "monthly": ("count",)}.get(row.table, ())
    now = strand.measures
    measure = now.measure(str(row.values["measure"])) if keys else ""
    if measure not in (*now.rolling_12_months, *now.quarterly) or not now.is_count(measure):
        return []
    return [key for key in keys if is_number(row.values[key]) and not is_whole(row.values[key])]


def _unknown_names(row: TableRow, strand: Strand) -> Mapping[str, Sequence[str]]:
    """The columns of a row that have a name which its strand does not know, and the names that it knows."""
    if row.table == "progress":
        plan = strand.plan(str(row.values["plan"]))
        if plan is None:
            return {"plan": [p.name for p in strand.plans]}
        there = [*plan.statuses, *plan.retired]
        return {"status": there} if plan.status(str(row.values["status"])) not in there else {}
    if row.table in ("measures", "monthly"):
        now = strand.measures
        kinds = {ROLLING: now.rolling_12_months, QUARTERLY: now.quarterly}
        there = kinds.get(str(row.values.get("period")), [*now.rolling_12_months, *now.quarterly])
        return {"measure": there} if now.measure(str(row.values["measure"])) not in there else {}
    return {}


def _is_count(value: Value) -> bool:
    return is_whole(value) or value == NOT_APPLICABLE


def _is_figure(value: Value) -> bool:
    return value is None or value == NOT_APPLICABLE or (is_number(value) and abs(value) < 1e15)


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _one_of(*words: str) -> tuple[Callable[[Value], bool], str]:
    return lambda value: value in words, " or ".join(words)


_WHOLE = (_is_count, "a whole number from 0 or N/A")
_FIGURE = (_is_figure, "a number or N/A")
_WANTED: Mapping[str, Mapping[str, tuple[Callable[[Value], bool], str]]] = {
    "progress": {
        "plan": (_is_text, "the name of a delivery plan"),
        "status": (_is_text, "a status of the plan"),
        "value": _WHOLE,
    },
    "measures": {
        "measure": (_is_text, "the name of a measure"),
        "period": _one_of(ROLLING, QUARTERLY),
        "previous": _FIGURE,
        "current": _FIGURE,
    },
    "monthly": {
        "measure": (_is_text, "the name of a measure"),
        "month": (
            lambda v: isinstance(v, str) and (bool(PERIOD.fullmatch(v)) or _quarter_of(v) is not None),
            "a month such as 2020-09 or a quarter",
        ),
        "count": (lambda v: is_number(v) and 0 <= v < 1e15, "a number from 0"),
    },
    "risks": {"id": (lambda v: isinstance(v, str) and bool(RISK_ID.fullmatch(v)), "an id such as GANGS-1")},
    "delivery": {"kind": _one_of(ACHIEVED, SCHEDULED, DUE)},
    "submissions": {
        "file": (_is_text, "the name of a file"),
        "sha256": (lambda v: v is None or (isinstance(v, str) and bool(SHA256.fullmatch(v))), "a SHA-256"),
        "accepted": _one_of(Submission.YES, Submission.NO, Submission.EMPTY),
    },
}
"""What stands in a column: a test, and the words for it."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    table: tuple(key for key in keys if key in ("strand", "plan", "status", "measure")) for table, keys in KEYS.items()
}
"""The columns that hold names of config. One that config does not know, and that stands there once, is a slip."""


def _quarter_of(value: object) -> Quarter | None:
    try:
        return Quarter.parse(str(value))
    except ValueError:
        return None


def _strand_of(name: object, settings: Settings) -> str | None:
    """Today's name of a strand, None if config has none of that name."""
    strand = settings.strand_named(name)
    return strand.name if strand else None


def _doubt(row: TableRow, finding: Finding, settings: Settings, seal: Seal | None = None) -> Doubt:
    """A doubt about a row, which is kept as it stands."""
    quarter, strand = _quarter_of(row.values["quarter"]), _strand_of(row.values.get("strand"), settings)
    return Doubt(finding, row.table, quarter, strand, dict(row.values), seal)


def _record(row: TableRow) -> Any:
    values: dict[str, Any] = {**row.values, "quarter": Quarter.parse(str(row.values["quarter"]))}
    if row.table == "measures":
        values["cells"] = RowCells(row.sheet, row.row, row.columns)
    return TABLES[row.table](**values)


# A master without seals


def _by_rules(
    found: Examined,
    tables: Mapping[str, list[TableRow]],
    sealed: Mapping[Group, Seal] | None,
    settings: Settings,
) -> None:
    """Hold rows against what a return would have to say, and keep those that are sound as records."""
    history = {
        (str(row.values["quarter"]), _strand_of(row.values["strand"], settings))
        for row in tables.get("submissions", ())
        if row.values["template_version"] == HISTORY
    }
    names = Counter(_named(row, key) for rows in tables.values() for row in rows for key in _NAMES[row.table])
    sound: dict[str, list[TableRow]] = {}
    for name, rows in tables.items():
        kept = []
        for row in rows:
            wrong = _wrong_values(row, settings, is_name=lambda row, key: names[_named(row, key)] > 1)
            if wrong:
                found.doubts.append(_doubt(row, wrong[0], settings, _by_rules_again(row, settings)))
            else:
                kept.append(row)
        sound[name] = kept
        found.doubts += _twice(kept, settings)
        found.records[name] += [_record(row) for row in kept]
    for rows in _grouped(sound.get("progress", ()), settings).values():
        if _strand_of(rows[0].values["strand"], settings) is None:
            continue
        quarter, strand = rows[0].values["quarter"], _strand_of(rows[0].values["strand"], settings)
        found.doubts += _grids(rows, settings, was_checked=(str(quarter), strand) not in history)
    if sealed is None:
        found.doubts += _without_return(sound, settings)
        found.doubts += _risks(sound, settings, history)


def _named(row: TableRow, key: str) -> tuple[Value, ...]:
    """A name that a row has, and of which strand."""
    return row.table, key, row.values["strand"], row.values[key]


def _by_rules_again(row: TableRow, settings: Settings) -> Seal | None:
    """What says that rules decide about a row's group, until it is sound; None where its group cannot be told."""
    if row.table not in SEALED or _quarter_of(row.values["quarter"]) is None:
        return None
    table, quarter, strand, source = group_of(row.table, row.values)
    return Seal(table, quarter, _strand_of(strand, settings) or strand, source, None)


def _grouped(rows: Iterable[TableRow], settings: Settings) -> Mapping[tuple[Value, str | None], list[TableRow]]:
    groups: dict[tuple[Value, str | None], list[TableRow]] = defaultdict(list)
    for row in rows:
        groups[row.values["quarter"], _strand_of(row.values["strand"], settings)].append(row)
    return groups


def _twice(rows: Sequence[TableRow], settings: Settings) -> list[Doubt]:
    """Facts that have more than one row. Of texts, which may well be the same, only those that hold figures."""
    if not rows or rows[0].table not in ("progress", "measures", "monthly", "risks"):
        return []
    alike: dict[tuple[Value, ...], list[TableRow]] = defaultdict(list)
    for row in rows:
        alike[tuple(row.values[key] for key in KEYS[row.table])].append(row)
    doubts = []
    for fact, same in alike.items():
        for row in same[1:]:
            what = f"{', '.join(str(part) for part in fact if part)} is there more than once"
            finding = _finding(row, "master-row-twice", row.place, what, "keep one row of it")
            doubts.append(replace(_doubt(row, finding, settings, _by_rules_again(row, settings)), values=None))
    return doubts


def _group_doubt(rows: Sequence[TableRow], settings: Settings, rule: str, cell: Cell, what: str, fix: str) -> Doubt:
    finding = _finding(rows[0], rule, cell, what, fix)
    return replace(_doubt(rows[0], finding, settings, _by_rules_again(rows[0], settings)), values=None)


def _grids(rows: Sequence[TableRow], settings: Settings, *, was_checked: bool) -> list[Doubt]:
    """What is wrong with a strand's grids of one quarter, all of whose rows are sound.

    was_checked: whether they came in a return, and so added up.
    """
    quarter = _quarter_of(rows[0].values["quarter"])
    strand = settings.strand_named(rows[0].values["strand"])
    assert quarter and strand  # the rows are sound
    doubts = []
    for plan in strand.plans:
        mine = [row for row in rows if strand.plan(str(row.values["plan"])) is plan]
        if not mine:
            continue
        now = {plan.status(str(row.values["status"])): row for row in mine}
        figures = {status: row.values["value"] for status, row in now.items()}
        where = f"{plan.name}, {quarter}"
        missing = [status for status in plan.as_of(quarter).statuses if status not in now]
        if missing:
            what = f"{where}: no row for {listed(missing)}"
            fix = "type the row (or, if that status came later, write under 'added' in config.yaml from when)"
            doubts.append(_group_doubt(mine, settings, "master-row-missing", mine[0].place, what, fix))
        elif was_checked and not _adds_up(plan, figures):
            cells = ", ".join(row.cell("value").address for row in mine)
            what = f"{where}: the parts do not add up to the total"
            cell = Cell(mine[0].sheet, cells)
            doubts.append(_group_doubt(mine, settings, "master-does-not-add-up", cell, what, "correct the figures"))
    return doubts


def _adds_up(plan: Plan, figures: Mapping[str, Value]) -> bool:
    """Whether the parts that are there come to the total; without a total, whether all are there."""
    if plan.total is None:
        return plan.statuses.keys() <= figures.keys()
    if plan.total not in figures:
        return False
    if all(value == NOT_APPLICABLE for value in figures.values()):
        return True
    whole = figures[plan.total]
    parts = [value for status, value in figures.items() if status != plan.total]
    return is_whole(whole) and all(map(is_whole, parts)) and sum(parts) == whole  # type: ignore[arg-type]


def _without_return(tables: Mapping[str, Sequence[TableRow]], settings: Settings) -> list[Doubt]:
    """Figures whose return the master does not have, and accepted returns of which there is no figure."""
    there = _grouped(tables.get("progress", ()), settings)
    files = _grouped(tables.get("submissions", ()), settings)
    accepted = {key for key, rows in files.items() if any(r.values["accepted"] == Submission.YES for r in rows)}
    doubts = []
    for key, rows in there.items():
        if key not in accepted:
            said = " for ".join(str(rows[0].values[key]) for key in ("strand", "quarter"))
            what = f"figures of {said}, of which no return was accepted"
            fix = "put back the row of its return on the sheet Submissions"
            doubts.append(_group_doubt(rows, settings, "master-without-return", rows[0].place, what, fix))
    for key in accepted - there.keys():
        quarter, strand = _quarter_of(key[0]), settings.strand_named(key[1]) if key[1] else None
        if quarter and strand and strand.as_of(quarter).plans:
            row = files[key][0]
            what = f"the return of {strand.name} for {quarter} was accepted, but the sheet Progress has no figure of it"
            finding = _finding(row, "master-row-missing", row.place, what, "put the rows back")
            doubts.append(Doubt(finding, "progress", quarter, strand.name))
    return doubts


def _risks(
    tables: Mapping[str, Sequence[TableRow]], settings: Settings, history: set[tuple[str, str | None]]
) -> list[Doubt]:
    """Strands whose open risks are not as many as their work at risk. A history has no risks."""
    risks = _grouped(tables.get("risks", ()), settings)
    doubts = []
    for key, rows in _grouped(tables.get("progress", ()), settings).items():
        quarter, strand = _quarter_of(key[0]), settings.strand_named(key[1]) if key[1] else None
        if quarter is None or strand is None or (str(key[0]), key[1]) in history:
            continue
        then = strand.as_of(quarter)
        at_risk = [
            row
            for row in rows
            if (plan := then.plan(str(row.values["plan"])))
            and plan.in_summary
            and plan.statuses.get(plan.status(str(row.values["status"]))) == "at_risk"
        ]
        counted = [row.values["value"] for row in at_risk]
        listed_open = [
            row
            for row in risks.get(key, ())
            if row.values["state"] != "Closed" and any(row.values[k] for k in ("description", "cause", "action"))
        ]
        if at_risk and all(map(is_whole, counted)) and sum(counted) != len(listed_open):  # type: ignore[arg-type]
            what = f"{strand.name}, {quarter}: {sum(counted)} at risk, but {len(listed_open)} open on the sheet Risks"  # type: ignore[arg-type]
            doubt = _group_doubt(at_risk, settings, "master-risks", at_risk[0].cell("value"), what, "correct either")
            doubts += [doubt, replace(doubt, table="risks", seal=None)]
    return doubts

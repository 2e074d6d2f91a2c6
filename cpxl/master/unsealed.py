"""A master without seals, as 0.1.0 left it: its rows are held against what a return would have to say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cpxl.config import Plan, Settings
from cpxl.layout.data import KEYS
from cpxl.master.tables import TableRow
from cpxl.master.values import NAMES, Examined, doubt_about, finding_at, record_of, strand_of, wrong_values
from cpxl.model import HISTORY, NOT_APPLICABLE, Cell, Doubt, Seal, Submission, Value, is_whole
from cpxl.quarters import quarter_said
from cpxl.seals import SEALED, Group, group_of
from cpxl.words import listed


def by_rules(
    found: Examined,
    tables: Mapping[str, list[TableRow]],
    sealed: Mapping[Group, Seal] | None,
    settings: Settings,
) -> None:
    """Hold rows against what a return would have to say, and keep those that are sound as records."""
    history = {
        (str(row.values["quarter"]), strand_of(row.values["strand"], settings))
        for row in tables.get("submissions", ())
        if row.values["template_version"] == HISTORY
    }
    names = Counter(_named(row, key) for rows in tables.values() for row in rows for key in NAMES[row.table])
    sound: dict[str, list[TableRow]] = {}
    for name, rows in tables.items():
        kept = []
        for row in rows:
            wrong = wrong_values(row, settings, is_name=lambda row, key: names[_named(row, key)] > 1)
            if wrong:
                found.doubts.append(doubt_about(row, wrong[0], settings, _by_rules_again(row, settings)))
            else:
                kept.append(row)
        sound[name] = kept
        found.doubts += _twice(kept, settings)
        found.records[name] += [record_of(row) for row in kept]
    for rows in _grouped(sound.get("progress", ()), settings).values():
        if strand_of(rows[0].values["strand"], settings) is None:
            continue
        quarter, strand = rows[0].values["quarter"], strand_of(rows[0].values["strand"], settings)
        found.doubts += _grids(rows, settings, was_checked=(str(quarter), strand) not in history)
    if sealed is None:
        found.doubts += _without_return(sound, settings)
        found.doubts += _risks(sound, settings, history)


def _named(row: TableRow, key: str) -> tuple[Value, ...]:
    """A name that a row has, and of which strand."""
    return row.table, key, row.values["strand"], row.values[key]


def _by_rules_again(row: TableRow, settings: Settings) -> Seal | None:
    """What says that rules decide about a row's group, until it is sound; None where its group cannot be told."""
    if row.table not in SEALED or quarter_said(row.values["quarter"]) is None:
        return None
    table, quarter, strand, source = group_of(row.table, row.values)
    return Seal(table, quarter, strand_of(strand, settings) or strand, source, None)


def _grouped(rows: Iterable[TableRow], settings: Settings) -> Mapping[tuple[Value, str | None], list[TableRow]]:
    groups: dict[tuple[Value, str | None], list[TableRow]] = defaultdict(list)
    for row in rows:
        groups[row.values["quarter"], strand_of(row.values["strand"], settings)].append(row)
    return groups


def _twice(rows: Sequence[TableRow], settings: Settings) -> list[Doubt]:
    """Facts that have more than one row. Of texts, which may well be the same, only those that hold figures."""
    if not rows or rows[0].table not in ("progress", "measures", "monthly", "breakdowns", "risks", "delivery"):
        return []
    alike: dict[tuple[Value, ...], list[TableRow]] = defaultdict(list)
    for row in rows:
        if row.table != "delivery":
            alike[tuple(row.values[key] for key in KEYS[row.table])].append(row)
        elif row.values["id"]:
            alike[tuple(row.values[key] for key in ("quarter", "strand", "kind", "id"))].append(row)
    doubts = []
    for fact, same in alike.items():
        for row in same[1:]:
            what = f"{', '.join(str(part) for part in fact if part)} is there more than once"
            finding = finding_at(row, "master-row-twice", row.place, what, "keep one row of it")
            doubts.append(replace(doubt_about(row, finding, settings, _by_rules_again(row, settings)), values=None))
    return doubts


def _group_doubt(rows: Sequence[TableRow], settings: Settings, rule: str, cell: Cell, what: str, fix: str) -> Doubt:
    finding = finding_at(rows[0], rule, cell, what, fix)
    return replace(doubt_about(rows[0], finding, settings, _by_rules_again(rows[0], settings)), values=None)


def _grids(rows: Sequence[TableRow], settings: Settings, *, was_checked: bool) -> list[Doubt]:
    """What is wrong with a strand's grids of one quarter, all of whose rows are sound.

    was_checked: whether they came in a return, and so added up.
    """
    quarter = quarter_said(rows[0].values["quarter"])
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
        quarter, strand = quarter_said(key[0]), settings.strand_named(key[1]) if key[1] else None
        if quarter and strand and strand.as_of(quarter).plans:
            row = files[key][0]
            what = f"the return of {strand.name} for {quarter} was accepted, but the sheet Progress has no figure of it"
            finding = finding_at(row, "master-row-missing", row.place, what, "put the rows back")
            doubts.append(Doubt(finding, "progress", quarter, strand.name))
    return doubts


def _risks(
    tables: Mapping[str, Sequence[TableRow]], settings: Settings, history: set[tuple[str, str | None]]
) -> list[Doubt]:
    """Strands whose open risks are not as many as their work at risk. A history has no risks."""
    risks = _grouped(tables.get("risks", ()), settings)
    doubts = []
    for key, rows in _grouped(tables.get("progress", ()), settings).items():
        quarter, strand = quarter_said(key[0]), settings.strand_named(key[1]) if key[1] else None
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
        beside = sum(row.values["force_risk"] is not None for row in listed_open)  # of the force's register
        is_beside = not any(counted) and beside == len(listed_open)
        if at_risk and all(map(is_whole, counted)) and not is_beside and sum(counted) != len(listed_open):  # type: ignore[arg-type]
            what = f"{strand.name}, {quarter}: {sum(counted)} at risk, but {len(listed_open)} open on the sheet Risks"  # type: ignore[arg-type]
            doubt = _group_doubt(at_risk, settings, "master-risks", at_risk[0].cell("value"), what, "correct either")
            doubts += [doubt, replace(doubt, table="risks", seal=None)]
    return doubts

"""Names that config.yaml no longer has, while the master has figures under them: never a silent loss.

What goes from config would go from every sum as well. So nothing is done until config says what became of it; what it
calls by another name is then followed in `as_today.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpxl.comparisons import COMPARISONS
from cpxl.config import Plan, Settings, Strand
from cpxl.model import OF_LEADS, Master
from cpxl.names import alike
from cpxl.quarters import Quarter
from cpxl.words import how_many, listed
from cpxl.workbook_names import DATA_SHEETS

Rows = Sequence[tuple[str, Any]]
"""Tables (fields of Master) and records in them."""

WITHIN: Mapping[str, tuple[str, ...]] = {
    "strand": (),
    "plan": ("strand",),
    "status": ("strand", "plan"),
    "measure": ("strand",),
    "breakdown": ("strand",),
    "row": ("strand", "breakdown"),
    "column": ("strand", "breakdown"),
}
"""What has a name, and what that name belongs to: fields of the records."""
RENAMED_IN: Mapping[str, str] = {
    "status": "in that plan",
    "measure": "under that strand's 'measures'",
    "row": "in that breakdown",
    "column": "in that breakdown",
}
"""What has its former names under `renamed`, and where that stands. All else has `formerly`, under its new name."""
MOST_SAID = 4
"""Names that one refusal explains; the others it counts."""


def unknown_names(master: Master, settings: Settings) -> str:
    """What the master has figures of and config does not know, with the lines to write. Blank if there is nothing."""
    said = list(_unknown(master, settings))
    if not said:
        return ""
    more = f" And {len(said) - MOST_SAID} more of this kind." if len(said) > MOST_SAID else ""
    return " ".join(said[:MOST_SAID]) + more


def merged_names(was: Master, now: Master) -> str:
    """What config calls by one name, though the master has figures of each for a quarter. Blank if there is nothing.

    was, now: the master under the names that it has, and under those of today.
    """
    found: dict[tuple[str, ...], dict[Quarter, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for table in OF_LEADS:
        for before, today in zip(getattr(was, table), getattr(now, table), strict=True):
            for what in (what for what in WITHIN if hasattr(today, what)):
                of = (what, *(str(getattr(today, key)) for key in (*WITHIN[what], what)))
                name = str(getattr(before, what))
                found[of][today.quarter].setdefault(alike(name), name)
    said = (_merged(what, names, quarters) for (what, *names), quarters in found.items())
    return next(filter(None, said), "")


def _merged(what: str, names: Sequence[str], quarters: Mapping[Quarter, Mapping[str, str]]) -> str:
    """What is to be said if several of a kind have become one. names: that one's, after those that it belongs to."""
    quarter, several = max(quarters.items(), key=lambda item: len(item[1]))
    if len(several) == 1:
        return ""
    other = next(name for key, name in several.items() if key != alike(names[-1]))
    last = max(q for q, there in quarters.items() if alike(other) in there)
    of = f" of {names[0]}" if len(names) > 1 else ""
    return (
        f"config.yaml calls {' and '.join(map(_quoted, several.values()))} both {_quoted(names[-1])}, but the master "
        f"has figures of each{of} for {quarter}: take {_quoted(other)} out of its former names, and put it back under "
        f"its own. If it is no longer reported, {_put_back(what, other, last)}"
    )


def _unknown(master: Master, settings: Settings) -> Iterator[str]:
    by_strand: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for table in OF_LEADS:
        for row in getattr(master, table):
            by_strand[row.strand].append((table, row))
    free = [strand.name for strand in settings.strands if strand.name not in by_strand]
    for name, rows in by_strand.items():
        strand = settings.strand_named(name)
        if strand is None:
            yield _gone("strand", name, "", rows, free)
            continue
        early, late = _outside(rows, strand.first_quarter, strand.last_quarter)
        yield from _window(f"the strand '{name}'", early, late)
        yield from _plans([row for row in rows if row[0] == "progress"], strand)
        yield from _measures([row for row in rows if row[0] in ("measures", "monthly")], strand)
        yield from _breakdowns([row for row in rows if row[0] == "breakdowns"], strand)


def _gone(what: str, name: str, where: str, rows: Rows, free: Sequence[str]) -> str:
    """What is to be said of something that config no longer has. free: names that the master has nothing of."""
    renamed_in = RENAMED_IN.get(what)
    ends = "is no longer reported" if renamed_in else "has ended"
    line = f"renamed: {{{_quoted(name)}: %s}}" if renamed_in else f"formerly: [{_quoted(name)}]"
    return (
        f"config.yaml has no {what} '{name}'{where}, but the master has {_said(rows)}."
        + _renamed(what, free, line, renamed_in or "under its new name")
        + f" If it {ends}, {_put_back(what, name, _last(rows))}"
    )


def _retired(what: str, name: str, of: str, last: Quarter, rows: Rows) -> str:
    """What is to be said of something that is reported for later quarters than config says."""
    return (
        f"config.yaml says that the {what} '{name}' of {of} was retired after {last}, but the master has "
        f"{_said(rows)}: write {_quoted(name)}: {_last(rows)} under 'retired'."
    )


def _plans(rows: Rows, strand: Strand) -> Iterator[str]:
    by_plan = _by(rows, "plan")
    free = [plan.name for plan in strand.plans if plan.name not in by_plan]
    for name, mine in by_plan.items():
        plan = strand.plan(name)
        if plan is None:
            yield _gone("plan", name, f" under {strand.name}", mine, free)
            continue
        yield from _window(
            f"the plan '{name}' of {strand.name}", *_outside(mine, plan.first_quarter, plan.last_quarter)
        )
        there = {row.status for _, row in mine}
        gone = there - plan.statuses.keys()
        others = [
            p.name
            for p in strand.plans
            if p is not plan and there <= p.statuses.keys() and _took_over(p, by_plan.get(p.name, ()), len(gone))
        ]
        if gone and others:
            yield (
                f"config.yaml gives the plan '{name}' of {strand.name} other statuses than the master has of it "
                f"({_said(mine)}): those are the statuses of {listed(map(_quoted, others))}. If lines were put under "
                "another plan's name, put each back under its own. If a plan took over another's name, give it one "
                "that no plan had before, with 'formerly' for its own old name."
            )
            continue
        yield from _statuses(mine, plan, strand)


def _took_over(plan: Plan, rows: Rows, gone: int) -> bool:
    """Whether a plan that has the statuses of another's rows may have come by them: its own rows do not go with it, or
    it has none and more than one status (so many) is gone from the other. Many plans have the same statuses.
    """
    return any(row.status not in plan.statuses for _, row in rows) if rows else gone > 1


def _statuses(rows: Rows, plan: Plan, strand: Strand) -> Iterator[str]:
    by_status = _by(rows, "status")
    free = [status for status in plan.statuses if status not in by_status]
    for name, mine in by_status.items():
        of = f"'{plan.name}' of {strand.name}"
        if name not in plan.statuses:
            yield _gone("status", name, f" in the plan {of}", mine, free)
            continue
        early, late = _outside(mine, plan.added.get(name), plan.retired.get(name))
        if early:
            yield (
                f"config.yaml says that the status '{name}' of the plan {of} was added in {plan.added[name]}, but the "
                f"master has {_said(early)}: write {_quoted(name)}: {_first(early)} under 'added'."
            )
        if late:
            yield _retired("status", name, f"the plan {of}", plan.retired[name], late)


def _measures(rows: Rows, strand: Strand) -> Iterator[str]:
    now = strand.measures
    found: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
    for table, row in rows:
        found[getattr(row, "period", ""), row.measure].append((table, row))
    used = {name for _, name in found}
    for (period, name), mine in found.items():
        there = now.over_the_same(period)
        if name in there:
            _, late = _outside(mine, None, now.retired.get(name))
            if late:
                yield _retired("measure", name, strand.name, now.retired[name], late)
        elif period and name in now.every:
            was = COMPARISONS[period].setting
            is_now = next(one.setting for one in COMPARISONS.values() if name in now.compared(one.period))
            yield (
                f"config.yaml has the measure '{name}' of {strand.name} under {is_now}, but the master has "
                f"{_said(mine)} from when it was under {was}: put it back there, and give what is counted under "
                f"{is_now} a name of its own."
            )
        elif period or name not in used - {name}:
            of = f" under {COMPARISONS[period].setting}" if period else ""
            free = [measure for measure in there if measure not in used]
            yield _gone("measure", name, f"{of} of {strand.name}", mine, free)


def _breakdowns(rows: Rows, strand: Strand) -> Iterator[str]:
    by_table = _by(rows, "breakdown")
    free = [one.name for one in strand.breakdowns if one.name not in by_table]
    for name, mine in by_table.items():
        breakdown = strand.breakdown(name)
        if breakdown is None:
            yield _gone("breakdown", name, f" under {strand.name}", mine, free)
            continue
        of = f"'{name}' of {strand.name}"
        yield from _window(f"the breakdown {of}", *_outside(mine, breakdown.first_quarter, breakdown.last_quarter))
        for key, there in (("row", breakdown.every_row), ("column", breakdown.columns)):
            by_name = _by(mine, key)
            unused = [one for one in there if one not in by_name]
            for label, those in by_name.items():
                if label not in there:
                    yield _gone(key, label, f" in the breakdown {of}", those, unused)
                elif key == "row" and (late := _outside(those, None, breakdown.retired.get(label))[1]):
                    yield _retired("row", label, f"the breakdown {of}", breakdown.retired[label], late)


def _put_back(what: str, name: str, last: Quarter) -> str:
    """What to write for something that was last reported in a quarter."""
    retired = f"retired: {{{_quoted(name)}: {last}}}"
    lines = {
        "status": f"put its line under 'statuses' back and write in that plan: {retired}.",
        "measure": f"put it back there and write under 'measures': {retired}.",
        "row": f"put it back under 'rows' and write in that breakdown: {retired}.",
        "column": "put it back under 'columns'.",
    }
    return lines.get(what, f"put its lines back and add 'last_quarter: {last}' to them.")


def _window(what: str, early: Rows, late: Rows) -> Iterator[str]:
    if early:
        yield (
            f"config.yaml has {what} begin after {_first(early)}, but the master has {_said(early)}: write "
            f"'first_quarter: {_first(early)}' in its lines."
        )
    if late:
        yield (
            f"config.yaml has {what} end before {_last(late)}, but the master has {_said(late)}: write "
            f"'last_quarter: {_last(late)}' in its lines."
        )


def _outside(rows: Rows, first: Quarter | None, last: Quarter | None) -> tuple[Rows, Rows]:
    """The rows from before a first quarter, and from after a last one."""
    early = [row for row in rows if first and row[1].quarter < first]
    return early, [row for row in rows if last and row[1].quarter > last]


def _renamed(what: str, free: Sequence[str], line: str, where: str) -> str:
    """What to write if the thing has another name now. free: names of which the master has nothing."""
    new = _quoted(free[0]) if len(free) == 1 else "NEW NAME"
    line = line.replace("%s", new)
    named = f" If it is called {_quoted(free[0])} now" if len(free) == 1 else f" If this {what} has another name now"
    return f"{named}, write {where}: {line}."


def _by(rows: Rows, key: str) -> Mapping[str, Rows]:
    groups: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for table, row in rows:
        groups[getattr(row, key)].append((table, row))
    return groups


def _said(rows: Rows) -> str:
    """`12 rows under it (Progress, Risks; 2020/21 Q1 to 2020/21 Q2)`."""
    first, last = _first(rows), _last(rows)
    when = str(first) if first == last else f"{first} to {last}"
    sheets = listed(DATA_SHEETS[table] for table, _ in rows)
    return f"{how_many(len(rows), 'row')} under it ({sheets}; {when})"


def _first(rows: Rows) -> Quarter:
    first: Quarter = min(row.quarter for _, row in rows)
    return first


def _last(rows: Rows) -> Quarter:
    last: Quarter = max(row.quarter for _, row in rows)
    return last


def _quoted(name: str) -> str:
    """A name as YAML takes it in a flow: always in quotes, which do no harm."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

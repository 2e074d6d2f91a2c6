"""What may stand in a row of the master's data tables, and what is said of what cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cpxl.comparisons import COMPARISONS
from cpxl.config import Breakdown, Settings, Strand
from cpxl.config.scoring import STEPS, is_step
from cpxl.forgive import number
from cpxl.layout.data import KEYS
from cpxl.master.tables import TableRow
from cpxl.model import (
    ACHIEVED,
    DUE,
    ID,
    NOT_APPLICABLE,
    SCHEDULED,
    TABLES,
    VERSION,
    Cell,
    Chased,
    Doubt,
    Finding,
    Publication,
    Seal,
    Submission,
    Value,
    is_day,
    is_number,
    is_whole,
)
from cpxl.origin import COLUMNS, IMPORTED, from_columns
from cpxl.quarters import Quarter, quarter_said
from cpxl.units import Unit
from cpxl.words import listed
from cpxl.workbooks.read import RowCells

FIGURES = ("progress", "measures", "monthly", "breakdowns", "risks", "delivery", "submissions")
"""The tables that figures are drawn from, or that say whose they are."""
PERIOD = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
KEPT_HISTORY = re.compile(rf"{IMPORTED}/[\w .()-]+")
"""Where a history is kept that was imported: a name that does nothing else where it is copied into a command."""
SHA256 = re.compile(r"[0-9a-f]{64}|")


@dataclass
class Examined:
    """What the data tables hold: records that are sound, by table, and what is in doubt."""

    records: dict[str, list[Any]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def finding_at(row: TableRow, rule: str, cell: Cell, what: str, fix: str) -> Finding:
    """What is said of a cell of a row. what: what is wrong there. fix: what else can be done than to consolidate."""
    message = f"{cell.sheet}!{cell.address}: {what}."
    fix = f"{fix[:1].upper()}{fix[1:]}, {or_again(row)}"
    return Finding(rule, severity(row.table), cell.sheet, cell.address, message, fix)


def or_again(row: TableRow | None) -> str:
    """How what stood in a row comes back from where it came from, as the end of a sentence. None: it is gone."""
    file = str(row.values.get("origin_file") or "") if row else ""
    if KEPT_HISTORY.fullmatch(file):
        return f'or take it from the history again: cpxl history import "{file}" --replace.'
    return "or run consolidate, which takes it from the return again."


def severity(table: str) -> str:
    """How much it matters if a row of a table does not hold."""
    return Finding.ERROR if table in FIGURES else Finding.WARNING


def wrong_values(
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
        finding = finding_at(row, rule, cell, what, fix or f"type {wanted}")
        found.append(replace(finding, message=finding.message.replace(": ", " ", 1)))

    quarter, strand = quarter_said(row.values["quarter"]), None
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
        for key in no_counts(row, strand):
            wrong(key, wanted_in(row, strand))
    return found


def no_counts(row: TableRow, strand: Strand) -> list[str]:
    """The columns of a row that have a number which its measure, in its unit, cannot have."""
    if row.table == "breakdowns":
        breakdown, value = strand.breakdown(str(row.values["breakdown"])), row.values["value"]
        is_wrong = breakdown and is_number(value) and not _unit(breakdown, row).holds(value)
        return ["value"] if is_wrong else []
    keys = {"measures": ("previous", "current"), "monthly": ("count",)}.get(row.table, ())
    now = strand.measures
    measure = now.measure(str(row.values["measure"])) if keys else ""
    if measure not in now.every:
        return []
    return [key for key in keys if is_number(row.values[key]) and not now.fits(measure, row.values[key], is_new=False)]


def wanted_in(row: TableRow, strand: Strand) -> str:
    """What a figure of a row can be, in words."""
    if row.table == "breakdowns" and (breakdown := strand.breakdown(str(row.values["breakdown"]))):
        return _unit(breakdown, row).wanted
    return strand.measures.wanted(strand.measures.measure(str(row.values["measure"])))


def _unit(breakdown: Breakdown, row: TableRow) -> Unit:
    return breakdown.unit_of(*(breakdown.today(str(row.values[key])) for key in ("row", "column")))


def _unknown_names(row: TableRow, strand: Strand) -> Mapping[str, Sequence[str]]:
    """The columns of a row that have a name which its strand does not know, and the names that it knows."""
    if row.table == "progress":
        plan = strand.plan(str(row.values["plan"]))
        if plan is None:
            return {"plan": [p.name for p in strand.plans]}
        there = [*plan.statuses, *plan.retired]
        return {"status": there} if plan.status(str(row.values["status"])) not in there else {}
    if row.table == "breakdowns":
        breakdown = strand.breakdown(str(row.values["breakdown"]))
        if breakdown is None:
            return {"breakdown": [one.name for one in strand.breakdowns]}
        known = {"row": breakdown.every_row, "column": breakdown.columns}
        return {key: names for key, names in known.items() if breakdown.today(str(row.values[key])) not in names}
    if row.table in ("measures", "monthly"):
        now = strand.measures
        there = now.over_the_same(str(row.values.get("period")))
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


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and bool(ID.fullmatch(value))


def _is_of_action(value: Value) -> bool:
    return str(value).rpartition("-")[2].startswith("A")


_WHOLE = (_is_count, "a whole number from 0 or N/A")
_FIGURE = (_is_figure, "a number or N/A")
_A_DAY = (is_day, "a day such as 2020-10-20")
_STEP = (lambda v: v is None or is_step(v), f"a number from 1 to {STEPS}")
_WANTED: Mapping[str, Mapping[str, tuple[Callable[[Value], bool], str]]] = {
    "progress": {
        "plan": (_is_text, "the name of a delivery plan"),
        "status": (_is_text, "a status of the plan"),
        "value": _WHOLE,
    },
    "measures": {
        "measure": (_is_text, "the name of a measure"),
        "period": _one_of(*COMPARISONS),
        "previous": _FIGURE,
        "current": _FIGURE,
    },
    "monthly": {
        "measure": (_is_text, "the name of a measure"),
        "month": (
            lambda v: isinstance(v, str) and (bool(PERIOD.fullmatch(v)) or quarter_said(v) is not None),
            "a month such as 2020-09 or a quarter",
        ),
        "count": (lambda v: is_number(v) and 0 <= v < 1e15, "a number from 0"),
    },
    "breakdowns": {
        "breakdown": (_is_text, "the name of a breakdown"),
        "row": (_is_text, "the name of a row"),
        "column": (_is_text, "the name of a column"),
        "value": _FIGURE,
    },
    "risks": {
        "id": (lambda v: _is_id(v) and not _is_of_action(v), "an id such as GANGS-1"),
        **dict.fromkeys(("likelihood", "impact", "aimed_likelihood", "aimed_impact"), _STEP),
    },
    "delivery": {
        "kind": _one_of(ACHIEVED, SCHEDULED, DUE),
        "id": (lambda v: v is None or (_is_id(v) and _is_of_action(v)), "an id such as GANGS-A1"),
    },
    "submissions": {
        "file": (_is_text, "the name of a file"),
        "sha256": (lambda v: v is None or (isinstance(v, str) and bool(SHA256.fullmatch(v))), "a SHA-256"),
        "accepted": _one_of(Submission.YES, Submission.NO, Submission.EMPTY),
    },
    "chasing": {
        "kind": _one_of(*Chased.KINDS),
        "when": _A_DAY,
        "round": (lambda v: is_whole(v) and v > 0, "a whole number from 1"),
        "to": (_is_text, "a post"),
        "file": (_is_text, "the name of a file"),
    },
    "publications": {
        "version": (lambda v: isinstance(v, str) and bool(VERSION.fullmatch(v)), "a version such as 1.0"),
        "kind": _one_of(*Publication.KINDS),
        "when": _A_DAY,
        "file": (_is_text, "the name of a file"),
        "sha256": (lambda v: isinstance(v, str) and bool(SHA256.fullmatch(v)), "a SHA-256"),
        "revised": (is_whole, "a whole number from 0"),
    },
    "approvals": {"post": (_is_text, "a post"), "when": _A_DAY, "says": (_is_text, "a digest")},
}
"""What stands in a column: a test, and the words for it."""
OF_CONFIG = ("strand", "plan", "status", "measure", "breakdown", "row", "column")
NAMES: Mapping[str, tuple[str, ...]] = {
    table: tuple(key for key in keys if key in OF_CONFIG) for table, keys in KEYS.items()
}
"""The columns that hold names of config. One that config does not know, and that stands there once, is a slip."""


def strand_of(name: object, settings: Settings) -> str | None:
    """Today's name of a strand, None if config has none of that name."""
    strand = settings.strand_named(name)
    return strand.name if strand else None


def doubt_about(row: TableRow, finding: Finding, settings: Settings, seal: Seal | None = None) -> Doubt:
    """A doubt about a row, which is kept as it stands."""
    quarter, strand = quarter_said(row.values["quarter"]), strand_of(row.values.get("strand"), settings)
    return Doubt(finding, row.table, quarter, strand, dict(row.values), seal)


def record_of(row: TableRow) -> Any:
    """The record that a sound row is."""
    values: dict[str, Any] = {**row.values, "quarter": Quarter.parse(str(row.values["quarter"]))}
    if row.table == "measures":
        values["cells"] = RowCells(row.sheet, row.row, row.columns)
    if origin := from_columns(values):
        values["origin"] = origin
    return TABLES[row.table](**{key: value for key, value in values.items() if key not in COLUMNS})

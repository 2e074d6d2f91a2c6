"""Earlier quarters' figures for a strategy that is already running: a CSV file or an Excel table into the master."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cpxl import files
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.forgive import label_meant
from cpxl.layout.blocks import Column, Kind
from cpxl.model import (
    HISTORY,
    Cell,
    Checked,
    Finding,
    Master,
    Progress,
    Return,
    Submission,
    Value,
    field_names,
    same,
)
from cpxl.origin import IMPORTED, Origin, origin_of
from cpxl.quarters import Quarter
from cpxl.returns.checks import check_all
from cpxl.returns.read import received
from cpxl.returns.typed_cell import read_as
from cpxl.small_table import LARGEST, Row, read_table

REPLACED = ("progress", "submissions")
"""The tables that a history gives."""
LONGEST_STEM = 100
"""Characters of a history's name that the name of its copy has."""
MOST_SAID = 5
"""Figures that a refusal names; the others it counts."""
FIGURE = Column("value", "Value", Kind.COUNT, entered=True)
"""How a figure is read: as one of a return."""
HEADINGS = ("quarter", "strand", "plan", "status", "value", "note")


def read_history(path: Path) -> list[Row]:
    """The rows of a history file, each with the cells it came from. Raises Refused like `read_table`."""
    return read_table(path, HEADINGS, HEADINGS[:5], "history")


def check_history(path: Path, rows: Sequence[Row], settings: Settings, current: Quarter) -> list[Checked]:
    """Check the rows like returns: one for each strand and quarter, then those that belong to none.

    current: the quarter beyond which nothing shows any figure yet.
    """
    unplaced: list[Finding] = []
    placed: dict[tuple[Quarter, str], list[Progress]] = {}
    for values, cells in rows:
        fault = _misplaced(values, cells, settings)
        if fault:
            unplaced.append(fault)
            continue
        quarter, strand = Quarter.parse(str(values["quarter"])), settings.strand_meant(values["strand"])
        plan = strand.plan(str(values["plan"])) if strand else None
        assert strand and plan  # _misplaced has made sure of it
        typed = str(values["status"])
        known = [*plan.statuses, *plan.retired, *plan.renamed]
        status = plan.status(label_meant(typed, known) if plan.status(typed) == typed else typed)
        value = read_as(FIGURE, values["value"])
        figure = Progress(quarter, strand.name, plan.name, status, value, values.get("note"), cells=cells)
        placed.setdefault((quarter, strand.code), []).append(figure)
    file = Return(**received(path, *files.read(path, LARGEST + 1)), template_version=HISTORY)
    checked = []
    for (quarter, code), figures in placed.items():
        returned = replace(file, strand=code, quarter=str(quarter), progress=tuple(figures))
        later = [_later(figures[0].cells["quarter"], quarter, current)] if quarter > current else []
        of_quarter = check_all([returned], settings, quarter, groups=["Progress"])
        checked += [Checked(c.returned, (*later, *_earlier(c).findings)) for c in of_quarter]
    if unplaced:
        checked.append(Checked(file, tuple(unplaced)))
    return checked


def _misplaced(values: Mapping[str, Value], cells: Mapping[str, Cell], settings: Settings) -> Finding | None:
    """What is wrong with a row that belongs to no quarter, strand or plan of the config."""

    def finding(key: str, message: str, fix: str) -> Finding:
        return Finding(f"history-{key}", Finding.ERROR, cells[key].sheet, cells[key].address, message, fix)

    for key in ("quarter", "strand", "plan", "status"):
        if values[key] is None:
            return finding(
                key, f"The {key} is blank.", f"Write the {key} into every row, also where the row above has it."
            )
    try:
        quarter = Quarter.parse(str(values["quarter"]))
    except ValueError as error:
        return finding("quarter", f"{error}.", "Correct the quarter.")
    if quarter < settings.first_quarter:
        return finding(
            "quarter",
            f"{quarter} lies before the strategy's first quarter, {settings.first_quarter}.",
            "Correct the quarter, or first_quarter in config.yaml.",
        )
    strand = settings.strand_meant(values["strand"])
    if strand is None:
        names = ", ".join(f"{s.name} ({s.code})" for s in settings.strands)
        return finding("strand", f"'{values['strand']}' is not a strand.", f"Write the name or code of one: {names}.")
    if strand.plan(str(values["plan"])) is None:
        names = ", ".join(plan.name for plan in strand.plans) or "none: it has no plan"
        return finding(
            "plan", f"'{values['plan']}' is not a plan of {strand.name}.", f"Write one of its plans: {names}."
        )
    return None


def _later(cell: Cell, quarter: Quarter, current: Quarter) -> Finding:
    what = f"{quarter} lies after {current}, the latest quarter there is: no sheet shows its figures yet."
    fix = "Correct the quarter, if it is another."
    return Finding("history-quarter", Finding.WARNING, cell.sheet, cell.address, what, fix)


def _earlier(checked: Checked) -> Checked:
    """What does not add up was reported so at the time: worth knowing, and no reason to refuse it.

    A history has no risks, so that nothing is said of their number.
    """
    findings = [
        replace(f, rule=f"earlier-{f.rule}", severity=Finding.WARNING) if f.rule == "progress-does-not-add-up" else f
        for f in checked.findings
        if f.rule != "at-risk-differs-from-risks"
    ]
    return Checked(checked.returned, tuple(findings))


def merge_history(master: Master, checked: Sequence[Checked], *, replacing: bool = False) -> Master:
    """The master with these figures besides those that it has.

    replacing: where an earlier history says something else, take these figures instead.
    Raises Refused where a return has the figures of a strand and quarter, or, unless told to replace, where an earlier
    history says something else.
    """
    returns = [c.returned for c in checked]
    new = {(r.progress[0].quarter, r.progress[0].strand): c for r, c in zip(returns, checked, strict=True)}
    in_returns = {(s.quarter, s.strand) for s in master.submissions if s.template_version != HISTORY and s.is_accepted}
    taken = sorted(new.keys() & in_returns)
    if taken:
        quarter, strand = taken[0]
        raise Refused(f"{strand} has a return for {quarter} already: leave that quarter out of the history.")
    figures = {_fact(p): _with_origin(p, r) for r in returns for p in r.progress}
    if not replacing:
        _refuse_other_figures(master, figures)
    progress = [p for p in master.progress if _fact(p) not in figures]
    submissions = [s for s in master.submissions if (s.quarter, s.strand) not in new]
    for (quarter, strand), c in new.items():
        r = c.returned
        submissions.append(
            Submission(
                quarter,
                strand,
                r.file,
                r.sha256,
                r.received,
                HISTORY,
                len(c.findings),
                Submission.YES,
                origin=Origin(kept_as(r.file, r.sha256), r.sha256),
            )
        )
    doubts = [d for d in master.doubts if not (replacing and (d.quarter, d.strand) in new and d.table in REPLACED)]
    return replace(
        master,
        progress=tuple(sorted([*progress, *figures.values()], key=lambda p: p.quarter)),
        submissions=tuple(sorted(submissions, key=lambda s: s.quarter)),
        doubts=tuple(doubts),
    )


def kept_as(file: str, sha256: str) -> str:
    """Where the working folder has its own copy of a history, from that folder on. No two histories have one name."""
    stem, dot, ending = file.rpartition(".")
    return f"{IMPORTED}/{stem[:LONGEST_STEM]} {sha256[:8]}{dot}{ending}"


def _with_origin(figure: Progress, returned: Return) -> Progress:
    file = kept_as(returned.file, returned.sha256)
    origin = origin_of(figure, field_names(Progress), file, returned.sha256)
    is_csv = not file.lower().endswith(".xlsx")  # which has no sheets
    return replace(figure, origin=replace(origin, sheet="") if is_csv else origin)


def _fact(figure: Progress) -> tuple[Quarter, str, str, str]:
    return figure.quarter, figure.strand, figure.plan, figure.status


def _refuse_other_figures(master: Master, figures: Mapping[tuple[Quarter, str, str, str], Progress]) -> None:
    """Raise Refused if the master has a figure that is another now, or one of the same grid that is in doubt."""
    known = {_fact(p): p.value for p in master.progress}
    other = [
        f"{quarter}, {strand}, {plan}, {status}: {known[fact]}, now {figures[fact].value}"
        for fact in figures
        if fact in known and not same(known[fact], figures[fact].value)
        for quarter, strand, plan, status in [fact]
    ]
    of = {(quarter, strand) for quarter, strand, *_ in figures}
    doubts = {(d.quarter, d.strand) for d in master.doubts if d.table in REPLACED and d.is_error} & of
    other += [f"{quarter}, {strand}: what the master has does not hold" for quarter, strand in sorted(doubts, key=str)]
    if other:
        raise Refused(
            f"The master has other figures already ({'; '.join(other[:MOST_SAID])}"
            + (f"; and {len(other) - MOST_SAID} more" if len(other) > MOST_SAID else "")
            + "), so nothing was imported: leave them out of the file, or say --replace to take the file's instead."
        )

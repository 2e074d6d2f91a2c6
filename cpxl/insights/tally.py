"""What one mapping has counted, over all files of an import.

Rows are alike if the few columns that a mapping looks at say the same, so each kind of row is judged once, however many
there are. Only counts leave this file: no row, id or place does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from cpxl.cells import number_of, order_told
from cpxl.config import Extract, Settings
from cpxl.insights.coverage import far_below, partly_covered
from cpxl.insights.ids import Again, Ids
from cpxl.insights.judge import BAD, ELSEWHERE, Judge, Names, Verdict
from cpxl.insights.split import Cells, Kinds
from cpxl.insights.tables import Rows, Source
from cpxl.model import Number

if TYPE_CHECKING:
    import numpy as np

SHOWN = 1000
"""Lines of bad rows, values that were not mapped, and texts that could not be read, that are kept for one file."""
KINDS = 100_000
"""Kinds of rows whose verdict is remembered."""
BLANKS = ("", " ", "NULL", "null", "None", "N/A", "n/a")
"""What programs write for an id that is not there."""
EPOCH = datetime(1970, 1, 1)

Key = tuple[str, str, str]
"""Strand, measure and period."""


@dataclass
class FileReport:
    """What became of the rows of one file: each is one of counted, duplicate, unmapped, bad and elsewhere.

    elsewhere: rows that the mapping's `only` passes over. undated: bad rows of which no month is known. values: those
    that were not mapped, and in how many rows. unread: what could not be read, likewise. lines: of bad rows, the first
    ones. months: those that our rows are of (quarters, if that is the date). order: what dates tell of day and month.
    examples: dates that do so.
    """

    file: str
    extract: str
    rows: int = 0
    counted: int = 0
    duplicate: int = 0
    unmapped: int = 0
    bad: int = 0
    elsewhere: int = 0
    undated: int = 0
    values: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    lines: list[int] = field(default_factory=list)
    months: set[str] = field(default_factory=set)
    order: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> int:
        """Rows that the mapping's `only` does not pass over."""
        return self.rows - self.elsewhere


@dataclass
class Group:
    """Rows of one file with one verdict. number: its place among all groups."""

    number: int
    verdict: Verdict
    report: FileReport
    source: Source
    times: int = 0

    def __post_init__(self) -> None:
        self.bad, self.undated = self.verdict.state == BAD, not self.verdict.period


class Tally:
    """What one mapping has counted so far.

    counts: by strand, measure and period. unknown: counts that a row which cannot be read belongs to, and what it says.
    tied: counts that depend on which row of an id is the latest, where nothing says so.
    files: those that a period comes from, and how many rows. volumes: what all rows of a period come to. values: those
    that were not mapped, and how many rows of each period.
    """

    def __init__(self, mapping: Extract, settings: Settings) -> None:
        self.mapping = mapping
        self.judge = Judge(mapping, settings)
        self.counts: dict[Key, Number] = defaultdict(int)
        self.unknown: dict[Key, Counter[str]] = defaultdict(Counter)
        self.tied: set[Key] = set()
        self.files: dict[str, Counter[Source]] = {}
        self.volumes: dict[str, Number] = defaultdict(int)
        self.values: dict[str, Counter[str]] = {}
        self.days: dict[Source, set[date]] = defaultdict(set)
        self.ids = Ids()
        self.again = Again()
        self.latest_as: dict[str, str] = {}
        self.groups: list[Group] = []

    @property
    def measures(self) -> list[Names]:
        """Strand and measure of each."""
        return list(dict.fromkeys(names for names, _ in self.judge.measures))

    def begin(self, report: FileReport, source: Source) -> None:
        """From here on, rows are of this file."""
        self.report, self.source = report, source
        self.of_kind: dict[int, Group] = {}
        self.of_verdict: dict[Verdict, Group] = {}

    def count(self, rows: Rows) -> None:
        """Add some rows of the file, by group."""
        import numpy as np

        report = self.report
        report.rows += len(rows.lines) + len(rows.bad)
        report.bad += len(rows.bad)
        report.undated += len(rows.bad)
        codes = rows.kinds.codes
        groups = [
            self.of_kind.get(number) or self._group(rows.kinds, kind) for kind, number in enumerate(rows.kinds.numbers)
        ]
        for group, times in zip(groups, np.bincount(codes).tolist(), strict=True):
            group.times += times
        bad = [kind for kind, group in enumerate(groups) if group.bad]
        lines = [rows.lines[at] for at in np.flatnonzero(np.isin(codes, bad))[:SHOWN]] if bad else []
        report.lines = sorted([*report.lines, *rows.bad, *lines])[:SHOWN]
        if rows.kinds.ids is not None:
            numbers = np.array([group.number for group in groups], np.uint32)[codes]
            usable = rows.kinds.ids != 0
            if undated := [kind for kind, group in enumerate(groups) if group.undated]:
                usable &= ~np.isin(codes, undated)
            latest = self._latest(rows.kinds.latest)[usable] if rows.kinds.latest is not None else None
            self.ids.add(rows.kinds.ids[usable], numbers[usable], latest)

    def _group(self, kinds: Kinds, kind: int) -> Group:
        """Where rows belong that are of a kind which was not met before."""
        if len(self.of_kind) == KINDS:
            self.of_kind.clear()
        said = kinds.text(kind)
        verdict = self.judge.verdict(said)
        if verdict.order and verdict.order not in self.report.examples:
            column = self.mapping.day or self.mapping.month or ""
            self.report.examples[verdict.order] = said[self.judge.columns.index(column)].strip()[:40]
        if len(self.of_verdict) >= KINDS:  # of free text, not each can be remembered
            verdict = verdict._replace(unmapped="", unread="")
        if verdict not in self.of_verdict:
            self.of_verdict[verdict] = Group(len(self.groups), verdict, self.report, self.source)
            self.groups.append(self.of_verdict[verdict])
        self.of_kind[kinds.numbers[kind]] = self.of_verdict[verdict]
        return self.of_verdict[verdict]

    def _latest(self, texts: Sequence[str]) -> np.ndarray:
        """Numbers that grow with what rows say of which is the latest: a date, or a number. The least for none."""
        import numpy as np

        return np.array([self._latest_of(text) for text in texts], float)

    def _latest_of(self, text: str) -> float:
        number, moment = number_of(text), self.judge.dates.moment(text)
        if told := order_told(text) if not self.judge.order else "":
            self.report.order[told] += 1
            self.report.examples.setdefault(told, text.strip()[:40])
        if moment is not None or number is not None:
            self.latest_as.setdefault("a date" if moment else "a number", text)
            return (moment - EPOCH).total_seconds() if moment else float(number or 0)
        if text.strip() not in BLANKS:
            self.latest_as.setdefault("neither", text)
        return float("-inf")

    def finish(self) -> None:
        """Add the groups up. Of rows with one id the latest counts; the others are duplicates."""
        blank = Cells.join([[text] for text in BLANKS]).numbers()[0].tolist()
        verdicts = [group.verdict for group in self.groups]
        counted = _ranks(map(_counts_as, verdicts))
        self.again = self.ids.again(blank, _ranks(map(_content, verdicts)), counted, _ranks(map(_when, verdicts)))
        of_rank = dict(zip(counted, verdicts, strict=True))
        for one, other in self.again.ties:
            # what both count alike is known, whichever is the latest
            self.tied |= {key for key, _ in _counted_by(of_rank[one]) ^ _counted_by(of_rank[other])}
        for group in self.groups:
            self._add(group, group.times - self.again.rows[group.number])

    def _add(self, group: Group, times: int) -> None:
        verdict, report = group.verdict, group.report
        report.order[verdict.order] += group.times if verdict.order else 0
        if verdict.state == ELSEWHERE:
            report.elsewhere += group.times
            return
        report.duplicate += group.times - times
        report.__dict__[verdict.state] += times
        if verdict.unread and (verdict.unread in report.unread or len(report.unread) < SHOWN):
            report.unread[verdict.unread] += group.times
        if not verdict.period:
            report.undated += times
            return
        report.months.add(verdict.period)
        self.files.setdefault(verdict.period, Counter())[group.source] += times
        self.volumes[verdict.period] += times * abs(verdict.number or 0)
        if verdict.day:
            self.days[group.source].add(verdict.day)
        if verdict.unmapped and (verdict.unmapped in report.values or len(report.values) < SHOWN):
            report.values[verdict.unmapped] += times
            self.values.setdefault(verdict.unmapped, Counter())[verdict.period] += times
        for measure in verdict.measures if times else ():
            if verdict.number is None:
                self.unknown[*measure, verdict.period][verdict.unread] += times
            else:
                self.counts[*measure, verdict.period] += times * verdict.number

    def partly(self) -> dict[str, tuple[date, date]]:
        """Months that the rows do not cover to their end, or from their start, and the days that they do."""
        return partly_covered(self.days.values())

    def in_doubt(self) -> dict[str, Number]:
        """Periods with far fewer rows than the others have, and how many these have; of numbers, with far less.

        Where a number is not known, only how many rows there are tells.
        """
        by_rows = far_below({period: files.total() for period, files in self.files.items()})
        unsure = {period for *_, period in self.unknown}
        low = far_below(self.volumes)
        return {period: usual for period, usual in low.items() if period in by_rows or period not in unsure}


def _content(verdict: Verdict) -> tuple[object, ...]:
    """What makes rows with one id differ. Of two that are equally late, one that counts for something goes before."""
    names = tuple(sorted(verdict.measures))
    return len(names), names, verdict.number is None, verdict.number or 0, verdict.state, verdict.period


def _counts_as(verdict: Verdict) -> tuple[object, ...]:
    """What makes a difference to counts."""
    return (*_content(verdict)[:-2], verdict.period) if verdict.measures else ()


def _counted_by(verdict: Verdict) -> set[tuple[Key, Number | None]]:
    """The counts that a row adds to, and how much."""
    return {((*names, verdict.period), verdict.number) for names in verdict.measures}


def _when(verdict: Verdict) -> str:
    return verdict.day.isoformat() if verdict.day else verdict.period


def _ranks(values: Iterable[object]) -> list[int]:
    """The place of each value among all that differ."""
    every = list(values)
    at = {value: place for place, value in enumerate(sorted(set(every)))}  # type: ignore[type-var]
    return [at[value] for value in every]

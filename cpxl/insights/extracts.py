"""Incident extracts: files of incidents, or of numbers of offences, to counts by month or quarter.

Rows are alike if the few columns that a mapping looks at say the same, so each kind of row is judged once, however many
there are. Only counts leave this file: no row, id or place does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from cpxl.config import Extract, Settings
from cpxl.consolidate import in_returns
from cpxl.errors import Refused
from cpxl.insights.cells import day_of, month_of, number_of, quarter_of
from cpxl.insights.ids import Ids
from cpxl.insights.months import known_months, restated
from cpxl.insights.split import Cells, Kinds
from cpxl.insights.tables import Rows, Source, Table, opened, sources
from cpxl.model import Master, Monthly, is_number
from cpxl.quarters import Quarter, months_to, quarters_between

Progress = Callable[[str, float], None]
"""Told what is being read, and which share of everything (0 to 1) has been."""

SHOWN = 1000
"""Lines of bad rows, and values that were not mapped, that are kept for the report of one file."""
KINDS = 100_000
"""Kinds of rows whose verdict is remembered."""
SLACK = timedelta(days=2)
"""Days at the end (or start) of a month that may have no row though the month is covered."""
FURTHER = 3
"""How many times further apart the days of two files may be than those of one, though no days between are missing."""
BLANKS = ("", " ", "NULL", "null", "None", "N/A", "n/a")
"""What programs write for an id that is not there."""


@dataclass
class FileReport:
    """What became of the rows of one file: each is one of counted, duplicate, unmapped, bad and elsewhere.

    elsewhere: rows that the mapping's `only` passes over. values: those that were not mapped, and in how many rows.
    lines: of bad rows, the first ones. months: those that our rows are of (quarters, if that is the date).
    """

    file: str
    extract: str
    rows: int = 0
    counted: int = 0
    duplicate: int = 0
    unmapped: int = 0
    bad: int = 0
    elsewhere: int = 0
    values: Counter[str] = field(default_factory=Counter)
    lines: list[int] = field(default_factory=list)
    months: set[str] = field(default_factory=set)

    @property
    def missing(self) -> list[str]:
        """Months between the first and the last that no row is of."""
        return gaps(self.months)


@dataclass(frozen=True)
class Restated:
    """A count that was known already, and now is another."""

    before: Monthly
    after: Monthly


@dataclass(frozen=True)
class Imported:
    """What an import gave.

    skipped: files in zip files that no mapping fits. partly: months that the rows do not cover to their end (or from
    their start), which are left out, and the first and last day of the rows that stop (or start) there. missing: months
    between others that no row is of. shared: months that come from more than one file, and their number. negative:
    counts of months that come to less than 0, which are left out.
    """

    files: list[FileReport]
    skipped: list[str]
    monthly: list[Monthly]
    partly: dict[str, tuple[date, date]]
    missing: list[str]
    shared: dict[str, int]
    negative: list[Monthly]
    restated: list[Restated] = field(default_factory=list)


class Verdict(NamedTuple):
    """What rows of one kind are. period: blank if they are not to be counted. measures: pairs of strand and measure."""

    state: str
    period: str = ""
    day: date | None = None
    number: int | float = 0
    measures: frozenset[tuple[str, str]] = frozenset()
    unmapped: str = ""


def read_extracts(paths: Iterable[Path], settings: Settings, quarter: Quarter, progress: Progress) -> Imported:
    """Count the rows of extracts by the mappings in config, as what is reported in `quarter`.

    Raises Refused if a file cannot be read, is of no kind that config knows, or has no row that can be used.
    """
    found = [source for path in dict.fromkeys(path.resolve() for path in paths) for source in sources(path)]
    whole, before = sum(source.size for source in found) or 1, 0
    tallies: dict[str, Tally] = {}
    files, skipped = [], []
    for source in found:
        with opened(source) as table:
            mapping = fitting(table, settings.extracts)
            if mapping is None and source.member:
                skipped.append(source.name)
            elif mapping is None:
                raise Refused(_no_mapping(table, settings.extracts))
            else:
                tally = tallies.setdefault(mapping.name, Tally(mapping, settings))
                report = FileReport(source.name, mapping.name)
                tally.begin(report, source)
                for rows in table.rows(mapping.looked_at, mapping.id):
                    tally.count(rows)
                    progress(source.name, (before + rows.read) / whole)
                files.append((source, report))
        before += source.size
    for tally in tallies.values():
        tally.finish()
    _refuse_the_unusable(found, files)
    return _result([report for _, report in files], skipped, list(tallies.values()), quarter)


def fitting(table: Table, extracts: Iterable[Extract]) -> Extract | None:
    """The mapping whose columns are all in the table; of several, the one that names most."""
    return max((e for e in extracts if table.has(e.columns)), key=lambda e: len(e.columns), default=None)


def _no_mapping(table: Table, extracts: Sequence[Extract]) -> str:
    wanted = "; or ".join(f"{e.name}: {', '.join(e.columns)}" for e in extracts) or "none"
    found = ", ".join(f"'{name[:40]}'" for name in table.names[:30])
    return (
        f"{table.source.name} fits no mapping under 'extracts' in config.yaml (columns wanted: {wanted}; found: "
        f"{found or 'nothing'}): add a mapping for it there, or correct the file's headings."
    )


def _refuse_the_unusable(found: Iterable[Source], files: Iterable[tuple[Source, FileReport]]) -> None:
    """A file that was asked for must give something; of those in a zip file one is enough."""
    used = {source.path for source, report in files if report.months}
    for path in dict.fromkeys(source.path for source in found if source.path not in used):
        reports = [report for source, report in files if source.path == path]
        bad, elsewhere = (sum(getattr(r, name) for r in reports) for name in ("bad", "elsewhere"))
        lines = ", ".join(map(str, [line for r in reports for line in r.lines][:5]))
        why = [f"{bad:,} bad (line {lines})"] * bool(bad) + [f"{elsewhere:,} not ours"] * bool(elsewhere)
        raise Refused(
            f"{path} has no row that can be used ({' and '.join(why) or 'it has no rows that config.yaml maps'}): "
            "nothing was imported; check the file, and its mapping under 'extracts' in config.yaml."
        )


@dataclass
class Group:
    """Rows of one file with one verdict. number: its place among all groups."""

    number: int
    verdict: Verdict
    report: FileReport
    source: Source
    times: int = 0


class Tally:
    """What one mapping has counted so far, over all files of an import."""

    def __init__(self, mapping: Extract, settings: Settings) -> None:
        self.mapping = mapping
        self.measures = [(_names(c.strand, c.measure, settings), c.where) for c in mapping.measures]
        self.counts: dict[tuple[str, str, str], int | float] = defaultdict(int)
        self.files: dict[str, dict[Source, None]] = {}
        self.days: dict[Source, set[date]] = defaultdict(set)
        self.columns = mapping.looked_at
        self.ids = Ids()
        self.groups: list[Group] = []

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
        codes = rows.kinds.codes
        groups = [
            self.of_kind.get(number) or self._group(rows.kinds, kind) for kind, number in enumerate(rows.kinds.numbers)
        ]
        for group, times in zip(groups, np.bincount(codes).tolist(), strict=True):
            group.times += times
        bad = np.array([group.verdict.state == "bad" for group in groups], bool)
        lines = [rows.lines[at] for at in np.flatnonzero(bad[codes])[:SHOWN]] if bad.any() else []
        report.lines = sorted([*report.lines, *rows.bad, *lines])[:SHOWN]
        if rows.kinds.ids is not None:
            usable = np.array([group.verdict.period != "" for group in groups], bool)[codes] & (rows.kinds.ids != 0)
            numbers = np.array([group.number for group in groups], np.uint32)[codes]
            self.ids.add(rows.kinds.ids[usable], numbers[usable])

    def _group(self, kinds: Kinds, kind: int) -> Group:
        """Where rows belong that are of a kind which was not met before."""
        if len(self.of_kind) == KINDS:
            self.of_kind.clear()
        verdict = self._judge(kinds.text(kind))
        if len(self.of_verdict) >= KINDS:  # of free text, not each can be remembered
            verdict = verdict._replace(unmapped="")
        if verdict not in self.of_verdict:
            self.of_verdict[verdict] = Group(len(self.groups), verdict, self.report, self.source)
            self.groups.append(self.of_verdict[verdict])
        self.of_kind[kinds.numbers[kind]] = self.of_verdict[verdict]
        return self.of_verdict[verdict]

    def finish(self) -> None:
        """Add the groups up. A row whose id was there before counts as that, and for nothing else."""
        blank = Cells.join([[text] for text in BLANKS]).numbers()[0].tolist()
        again = self.ids.again(blank)
        for group in self.groups:
            verdict, report = group.verdict, group.report
            times = group.times - again[group.number]
            report.duplicate += again[group.number]
            report.__dict__[verdict.state] += times
            if verdict.unmapped and (verdict.unmapped in report.values or len(report.values) < SHOWN):
                report.values[verdict.unmapped] += times
            for measure in verdict.measures:
                self.counts[*measure, verdict.period] += times * verdict.number
            if verdict.period:
                report.months.add(verdict.period)
                self.files.setdefault(verdict.period, {})[group.source] = None
            if verdict.day:
                self.days[group.source].add(verdict.day)

    def _judge(self, kind: tuple[str, ...]) -> Verdict:
        mapping = self.mapping
        cells = dict(zip(self.columns, kind, strict=True))
        if not all(condition.holds(cells[column]) for column, condition in mapping.only.items()):
            return Verdict("elsewhere")
        day = day_of(cells[mapping.day]) if mapping.day else None
        if mapping.day:
            period = day.isoformat()[:7] if day else None
        elif mapping.month:
            period = month_of(cells[mapping.month])
        else:
            period = quarter_of(" ".join(cells[c] for c in (mapping.financial_year, mapping.quarter) if c))
        number = number_of(cells[mapping.number]) if mapping.number else 1
        if period is None or number is None:
            return Verdict("bad")
        measures = frozenset(
            names for names, where in self.measures if all(w.holds(cells[column]) for column, w in where.items())
        )
        if measures:
            return Verdict("counted", period, day, number, measures)
        columns = dict.fromkeys(column for _, where in self.measures for column in where)
        said = ", ".join(f"{column}: {cells[column].strip()[:60] or '(blank)'}" for column in columns)
        return Verdict("unmapped", period, day, unmapped=said)

    def partly(self) -> dict[str, tuple[date, date]]:
        """The first and last month of each stretch of days that stops well before it ends (or starts well after)."""
        cut = {}
        for first, last in _stretches([sorted(days) for days in self.days.values()]):
            ends = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            for day in [first] * (first - first.replace(day=1) > SLACK) + [last] * (ends - last > SLACK):
                cut[day.isoformat()[:7]] = first, last
        return cut

    def monthly(self, quarter: Quarter) -> list[Monthly]:
        """The count of each measure in each month that is covered: 0 where the month has rows, but none of it."""
        measures = dict.fromkeys(names for names, _ in self.measures)
        periods = sorted(self.files.keys() - self.partly().keys())
        return [
            Monthly(quarter, *names, period, self.counts[*names, period], _listed(self.files[period]))
            for names in measures
            for period in periods
        ]


def _stretches(files: Iterable[Sequence[date]]) -> list[tuple[date, date]]:
    """The first and last day of each stretch in which no days are missing, given each file's days in order.

    It ends before a month without rows, and where the next file's days are further off than chance has it: how far
    apart days are where nothing is missing is seen within the files.
    """
    steps = sorted(
        (day, later if _adjoin(day, later) else day) for days in files for day, later in pairwise([*days, days[-1]])
    )
    furthest = FURTHER * max((later - day for day, later in steps), default=timedelta(0)) or timedelta.max
    stretches: list[tuple[date, date]] = []
    for day, later in steps:
        if stretches and _adjoin(last := stretches[-1][1], day) and day - last <= furthest:
            stretches[-1] = stretches[-1][0], max(last, later)
        else:
            stretches.append((day, later))
    return stretches


def _adjoin(day: date, later: date) -> bool:
    """Whether there is no whole month between two days."""
    return (later.year - day.year) * 12 + later.month - day.month <= 1


def _names(strand: str, measure: str, settings: Settings) -> tuple[str, str]:
    found = settings.strand_meant(strand)
    return (found.name if found else strand), measure


def _listed(files: Iterable[Source]) -> str:
    """The files' names for a cell."""
    first, *others = dict.fromkeys(source.path.name for source in files)
    return f"{first} and {len(others)} more" if others else first


# Results


def _result(files: list[FileReport], skipped: list[str], tallies: Sequence[Tally], quarter: Quarter) -> Imported:
    monthly = [row for tally in tallies for row in tally.monthly(quarter)]
    times = Counter((row.strand, row.measure, row.month) for row in monthly)
    if twice := [key for key, number in times.items() if number > 1]:
        strand, measure, month = twice[0]
        raise Refused(
            f"Two mappings give a count of {measure} ({strand}) for {month}, so that none can be trusted: import their "
            "files one after the other, or change the mappings under 'extracts' in config.yaml."
        )
    shared = {month: len(names) for tally in tallies for month, names in sorted(tally.files.items()) if len(names) > 1}
    partly = {month: days for tally in tallies for month, days in tally.partly().items()}
    missing = [month for tally in tallies for month in gaps(tally.files)]
    # Corrections may outnumber what they correct. A quarter's only go into sums; a month's is what a return would say.
    negative = [row for row in monthly if is_number(row.count) and row.count < 0 and "Q" not in row.month]
    kept = [row for row in monthly if row not in negative]
    return Imported(files, skipped, kept, partly, missing, shared, negative)


def merged(master: Master, imported: Imported, quarter: Quarter) -> tuple[tuple[Monthly, ...], Imported]:
    """The master's counts with those of an import, which says in turn what it restated.

    What extracts of the quarter said of a month before is replaced. What returns say, and earlier quarters said, stays.
    """
    is_returned = in_returns(master, quarter)
    extracted = [row for row in master.monthly if not is_returned(row)]
    new = {(row.strand, row.measure, row.month) for row in imported.monthly}
    kept = [row for row in extracted if row.quarter != quarter or (row.strand, row.measure, row.month) not in new]
    changes = [Restated(*change) for change in restated(imported.monthly, known_months(extracted, quarter))]
    # of one quarter the last row counts: that of a return
    rows = sorted([*kept, *imported.monthly, *filter(is_returned, master.monthly)], key=lambda row: row.quarter)
    return tuple(rows), replace(imported, restated=changes)


def gaps(periods: Iterable[str]) -> list[str]:
    """The months, or quarters, between the first and the last that are not there."""
    there = set(periods)
    if not there:
        return []
    first, last = min(there), max(there)
    if "Q" in first:
        between = [str(quarter) for quarter in quarters_between(Quarter.parse(first), Quarter.parse(last))]
    else:
        (y1, m1), (y2, m2) = (map(int, month.split("-")) for month in (first, last))
        between = list(months_to(date(y2, m2, 1), (y2 - y1) * 12 + m2 - m1 + 1))
    return [period for period in between if period not in there]

"""Incident extracts: files of incidents, or of numbers of offences, to counts by month or quarter."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cpxl import files
from cpxl.config import Extract, Settings
from cpxl.errors import Refused
from cpxl.insights.coverage import gaps, too_low
from cpxl.insights.months import known_months, restated
from cpxl.insights.refusals import refuse_what_cannot_be_read
from cpxl.insights.tables import Source, Table, opened, sources
from cpxl.insights.tally import FileReport, Tally
from cpxl.model import Doubt, Master, Monthly, Number, is_number
from cpxl.names import alike
from cpxl.origin import Origin
from cpxl.quarters import Quarter

PART = 1 << 20
"""Bytes of a file that are held in memory at a time."""
Progress = Callable[[str, float], None]
"""Told what is being read, and which share of everything (0 to 1) has been."""


@dataclass(frozen=True)
class Restated:
    """A count that was known already, and now is another, or not known (None)."""

    before: Monthly
    after: Monthly


@dataclass(frozen=True)
class InDoubt:
    """A period far below all others. usual: what these have on average. strand, measure: blank if it is all rows.

    instead: values that were not mapped, and have rows in this period and in others that are too low only.
    """

    period: str
    count: Number
    usual: Number
    strand: str = ""
    measure: str = ""
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """What an import gave.

    skipped: files in zip files that no mapping fits. partly: months that the rows do not cover to their end (or from
    their start), which are left out, and the first and last day of the rows that stop (or start) there. missing: months
    between others that no row is of. shared: months that come from more than one file, and the rows of each. negative:
    counts of months that come to less than 0, which are left out. unknown: counts that rows which cannot be read belong
    to, and what these say. in_doubt: what is far below all others. changed, undecided: ids that came again with other
    content, and those of them of which nothing says which row is the latest. tied: counts that depend on that. never:
    measures without a row. withheld: what is not known by this import, with the files' names. values: what was not
    mapped, in which periods. doubts: what in the master does not hold, with these counts in it.
    """

    files: list[FileReport]
    skipped: list[str]
    monthly: list[Monthly]
    partly: dict[str, tuple[date, date]]
    missing: list[str]
    shared: dict[str, dict[str, int]]
    negative: list[Monthly]
    unknown: dict[tuple[str, str, str], Counter[str]]
    in_doubt: list[InDoubt]
    changed: int
    undecided: int
    tied: list[tuple[str, str, str]]
    withheld: list[Monthly]
    values: dict[str, Counter[str]]
    never: list[tuple[str, str]] = field(default_factory=list)
    restated: list[Restated] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_extracts(
    paths: Iterable[Path],
    settings: Settings,
    quarter: Quarter,
    progress: Progress,
    accept_low: Collection[str] = (),
) -> Imported:
    """Count the rows of extracts by the mappings in config, as what is reported in `quarter`.

    accept_low: periods that count though they are far below all others.
    Raises Refused if a file cannot be read, is of no kind that config knows, has no row that can be used, or too many
    that cannot be read, or if its dates may be read in two ways.
    """
    found = list(_found(paths, settings))
    whole, before = sum(source.size for source in found) or 1, 0
    tallies: dict[str, Tally] = {}
    read, skipped = [], []
    for source in found:
        with opened(source) as table:
            mapping = fitting(table, [source.query] if source.query else settings.extracts)
            if mapping is None and source.member:
                skipped.append(source.name)
            elif mapping is None:
                raise Refused(_no_mapping(table, settings.extracts))
            else:
                tally = tallies.setdefault(mapping.name, Tally(mapping, settings))
                report = FileReport(source.name, mapping.name)
                tally.begin(report, source)
                for rows in table.rows(mapping.looked_at, mapping.id, mapping.latest_by):
                    tally.count(rows)
                    progress(source.name, (before + rows.read) / whole)
                read.append((source, report))
        before += source.size
    for tally in tallies.values():
        tally.finish()
    refuse_what_cannot_be_read(found, read, list(tallies.values()), settings)
    return _result([report for _, report in read], skipped, list(tallies.values()), quarter, accept_low)


def _found(paths: Iterable[Path], settings: Settings) -> Iterator[Source]:
    """The tables that are meant: those in files, and the queries of extracts that are named."""
    queries = {alike(extract.name): extract for extract in settings.extracts if extract.query}
    for path in dict.fromkeys(path if alike(str(path)) in queries else path.resolve() for path in paths):
        query = queries.get(alike(str(path)))
        yield from [Source(path, "", 1, query)] if query else sources(path)


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


def _listed(files: Iterable[Source]) -> str:
    """The files' names for a cell, in whatever order they were read."""
    first, *others = sorted({source.path.name for source in files})
    return f"{first} and {len(others)} more" if others else first


class _Digests(dict[Path, str]):
    """The SHA-256 of each file that counts come from, worked out when it is asked for."""

    def __missing__(self, path: Path) -> str:
        digest = hashlib.sha256()
        with files.opened(path) as file:
            while part := file.read(PART):
                digest.update(part)
        self[path] = digest.hexdigest()
        return self[path]

    def origin(self, sources: Iterable[Source]) -> Origin:
        """Where a count comes from: its files as they are listed, and the SHA-256 of the first; a query has none."""
        first = min(sources, key=lambda source: source.path.name)
        return Origin(_listed(sources), "" if first.query else self[first.path])


def _result(
    reports: list[FileReport],
    skipped: list[str],
    tallies: Sequence[Tally],
    quarter: Quarter,
    accept_low: Collection[str],
) -> Imported:
    digests = _Digests()
    rows = [row for tally in tallies for row in _counted(tally, quarter, digests)]
    times = Counter(row.of for row in rows)
    if twice := [key for key, number in times.items() if number > 1]:
        strand, measure, month = twice[0]
        raise Refused(
            f"Two mappings give a count of {measure} ({strand}) for {month}, so that none can be trusted: import their "
            "files one after the other, or change the mappings under 'extracts' in config.yaml."
        )
    partly = {month: days for tally in tallies for month, days in tally.partly().items()}
    low = [
        (tally, period, usual)
        for tally in tallies
        for period, usual in tally.in_doubt().items()
        if period not in {*accept_low, *partly}
    ]
    unsound = {(tally.mapping.name, period) for tally, period, _ in low}
    unsound |= {(tally.mapping.name, period) for tally in tallies for period in tally.partly()}
    mapping = {names: tally.mapping.name for tally in tallies for names in tally.measures}
    # Corrections may outnumber what they correct. A quarter's only go into sums; a month's is what a return would say.
    negative = [row for row in rows if is_number(row.count) and row.count < 0 and "Q" not in row.month]
    negative = [row for row in negative if (mapping[row.strand, row.measure], row.month) not in unsound]
    monthly = [
        row
        for row in rows
        if row.count is not None
        and row not in negative
        and (mapping[row.strand, row.measure], row.month) not in unsound
    ]
    there = {(row.strand, row.measure) for row in monthly if row.count}
    kept = {row.of for row in monthly}
    return Imported(
        reports,
        skipped,
        monthly,
        partly,
        missing=[month for tally in tallies for month in gaps(tally.files)],
        shared={
            month: {source.name: number for source, number in names.items()}
            for tally in tallies
            for month, names in sorted(tally.files.items())
            if len(names) > 1
        },
        negative=negative,
        unknown={key: said for tally in tallies for key, said in tally.unknown.items()},
        in_doubt=[InDoubt(period, tally.volumes[period], usual) for tally, period, usual in low],
        changed=sum(tally.again.changed for tally in tallies),
        undecided=sum(tally.again.undecided for tally in tallies),
        tied=sorted(key for tally in tallies for key in tally.tied),
        withheld=[replace(row, count=None) for row in rows if row.of not in kept],
        values={value: periods for tally in tallies for value, periods in tally.values.items()},
        never=[names for names in dict.fromkeys((row.strand, row.measure) for row in monthly) if names not in there],
    )


def _counted(tally: Tally, quarter: Quarter, digests: _Digests) -> list[Monthly]:
    """The count of each measure in each period: 0 where that has rows, but none of it, None where it is not known."""
    return [
        Monthly(
            quarter,
            *names,
            period,
            None if (key := (*names, period)) in tally.unknown or key in tally.tied else tally.counts[key],
            _listed(tally.files[period]),
            origin=digests.origin(tally.files[period]),
        )
        for names in tally.measures
        for period in sorted(tally.files)
    ]


def merged(
    master: Master, imported: Imported, quarter: Quarter, accept_low: Collection[str] = ()
) -> tuple[tuple[Monthly, ...], Imported]:
    """The master's counts with those of an import, which says in turn what it restated, and what is in doubt.

    What extracts of the quarter said of a month before is replaced. What returns say, and earlier quarters said, stays;
    so does what other files say of a month that is not known by this import.
    """
    is_returned = master.in_returns(quarter)
    extracted = [row for row in master.monthly if not is_returned(row)]
    known = known_months(extracted, quarter)
    imported = _without_what_is_too_low(imported, known_months(master.monthly, quarter), accept_low)
    new = {row.of for row in imported.monthly}
    withdrawn = {(*row.of, row.source): row for row in imported.withheld}
    kept = [
        row
        for row in extracted
        if row.quarter != quarter or not {row.of, (*row.of, row.source)} & (new | withdrawn.keys())
    ]
    changes = [Restated(*change) for change in restated(imported.monthly, known)]
    changes += [
        Restated(row, withdrawn[*row.of, row.source])
        for row in extracted
        if row.quarter == quarter and (*row.of, row.source) in withdrawn
    ]
    # of one quarter the last row counts: that of a return
    rows = sorted([*kept, *imported.monthly, *filter(is_returned, master.monthly)], key=lambda row: row.quarter)
    return tuple(rows), replace(imported, restated=changes)


def _without_what_is_too_low(
    imported: Imported, known: Mapping[tuple[str, str, str], Monthly], accept_low: Collection[str]
) -> Imported:
    """The import without counts that are not to be believed beside the others of their measure."""
    new = {row.of: row for row in imported.monthly}
    doubts: list[InDoubt] = []
    for strand, measure in dict.fromkeys((row.strand, row.measure) for row in imported.monthly):
        for by_quarter in (False, True):
            series = {
                period: row.count
                for (*names, period), row in {**known, **new}.items()
                if names == [strand, measure] and ("Q" in period) == by_quarter and is_number(row.count)
            }
            low = {p: usual for p, usual in too_low(series, imported.values).items() if (strand, measure, p) in new}
            doubts += [
                InDoubt(p, series[p], usual, strand, measure, _instead(imported, low))
                for p, usual in low.items()
                if p not in accept_low
            ]
    low_keys = {(doubt.strand, doubt.measure, doubt.period) for doubt in doubts}
    monthly = [row for key, row in new.items() if key not in low_keys]
    withheld = [*imported.withheld, *(replace(new[key], count=None) for key in new if key in low_keys)]
    never = [names for names in imported.never if not any(key[:2] == names and known[key].count for key in known)]
    return replace(imported, monthly=monthly, withheld=withheld, in_doubt=[*imported.in_doubt, *doubts], never=never)


def _instead(imported: Imported, low: Collection[str]) -> tuple[str, ...]:
    """Values that were not mapped, and have rows in these periods only: what a category may be called there."""
    only_there = {value: periods.total() for value, periods in imported.values.items() if periods.keys() <= set(low)}
    return tuple(sorted(only_there, key=lambda value: -only_there[value])[:3])

"""What an import of extracts says: in sentences for people, and as values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cpxl.arithmetic import round_half_up
from cpxl.cells import period_in_words
from cpxl.insights.coverage import gaps
from cpxl.insights.extracts import Imported, InDoubt, Restated
from cpxl.insights.tally import FileReport
from cpxl.model import Monthly, Number
from cpxl.words import listed


def as_values(imported: Imported) -> dict[str, Any]:
    """Everything about an import, as values that JSON has."""
    return {
        "files": [_file(report) for report in imported.files],
        "monthly": [_count(row) for row in imported.monthly],
        "unknown": [
            {"strand": strand, "measure": measure, "month": month, "said": dict(imported.unknown.get(key, {}))}
            for key in dict.fromkeys([*imported.unknown, *imported.tied])
            for strand, measure, month in [key]
        ],
        "in_doubt": [
            {"month": d.period, "strand": d.strand or None, "measure": d.measure or None, "count": d.count}
            | {"usual": round_half_up(d.usual, 1), "instead": list(d.instead)}
            for d in imported.in_doubt
        ],
        "restated": [
            _count(r.after) | {"before": r.before.count, "file_before": r.before.source, "file": r.after.source}
            for r in imported.restated
        ],
        "partly": [{"month": m, "first": first, "last": last} for m, (first, last) in imported.partly.items()],
        "missing": imported.missing,
        "shared": {month: len(files) for month, files in imported.shared.items()},
        "shared_rows": imported.shared,
        "changed": imported.changed,
        "undecided": imported.undecided,
        "never": [{"strand": strand, "measure": measure} for strand, measure in imported.never],
        "negative": [_count(row) for row in imported.negative],
        "skipped": imported.skipped,
        "master_findings": [vars(doubt.finding) for doubt in imported.doubts],
    }


def _file(report: FileReport) -> dict[str, Any]:
    names = ("file", "extract", "rows", "counted", "duplicate", "unmapped", "bad", "elsewhere")
    return {name: getattr(report, name) for name in names} | {
        "months": sorted(report.months),
        "missing": gaps(report.months),
        "unmapped_values": dict(report.values.most_common()),
        "bad_lines": report.lines,
        "unread": dict(report.unread.most_common()),
    }


def _count(row: Monthly) -> dict[str, Any]:
    return {key: getattr(row, key) for key in ("strand", "measure", "month", "count")}


def in_words(imported: Imported) -> Iterator[str]:
    """What became of each file, then what is left out and why, then what changed: a sentence a line."""
    ours = [f for f in imported.files if f.months or f.bad]
    for f in ours:
        yield from _file_in_words(f)
    if others := len(imported.files) - len(ours):
        yield f"Files without a row of ours: {others:,}."
    yield from _left_out(imported)
    for month, files in imported.shared.items():
        each = listed(f"{name} has {rows:,}" for name, rows in files.items())
        yield f"{period_in_words(month)} is in more than one file, and added up ({each} rows): see that none overlap."
    if imported.changed:
        yield f"Ids that came again with other content: {imported.changed:,}; of each, the latest row counts."
    if imported.undecided:
        yield (
            f"  of {imported.undecided:,} of them nothing says which row is the latest: name the column that tells "
            "under latest_by in config.yaml."
        )
    for strand, measure in imported.never:
        yield f"No row counts for {measure} ({strand}): see that its 'where' in config.yaml is what the files say."
    if imported.skipped:
        yield f"Passed over, because no mapping fits: {listed(imported.skipped)}."
    yield from map(_restated, imported.restated)
    for doubt in imported.doubts:
        yield f"The master, {doubt.finding.severity}: {doubt.finding.message} {doubt.finding.fix}"


def _file_in_words(f: FileReport) -> Iterator[str]:
    figures = [f"{f.rows:,} rows", f"{f.counted:,} counted"]
    for name, number in [("unmapped", f.unmapped), ("duplicate", f.duplicate), ("bad", f.bad)]:
        figures += [f"{number:,} {name}"] * bool(number)
    figures += [f"{f.elsewhere:,} not ours"] * bool(f.elsewhere)
    ends = [period_in_words(end) for end in (min(f.months), max(f.months))] if f.months else ["no month"]
    yield f"{f.file}: {', '.join(figures)}; {' to '.join(dict.fromkeys(ends))}."
    if f.lines:
        yield f"  bad rows are on lines {listed(f.lines)}."
    if f.unread:
        yield f"  could not be read: {_with_numbers(f.unread)}."
    if f.values:
        yield f"  not mapped: {listed(f'{value} ({n:,})' for value, n in f.values.most_common())}."


def _with_numbers(said: Counter[str]) -> str:
    return listed(f"'{text}' ({number:,})" for text, number in said.most_common())


def _left_out(imported: Imported) -> Iterator[str]:
    for month, (first, last) in imported.partly.items():
        yield f"{period_in_words(month)} is only partly covered (days are from {first} to {last}): left out."
    if imported.missing:
        yield f"No rows at all for {listed(map(period_in_words, imported.missing))}: not known, rather than 0."
    for (strand, measure, month), said in imported.unknown.items():
        yield (
            f"{measure} ({strand}), {period_in_words(month)}, is not known, because of rows that say "
            f"{_with_numbers(said)}: left out."
        )
    for strand, measure, month in imported.tied:
        yield (
            f"{measure} ({strand}), {period_in_words(month)}, is not known, because an id came again with other "
            "content, and nothing says which row is the latest: left out."
        )
    for row in imported.negative:
        yield f"{row.measure} ({row.strand}), {period_in_words(row.month)}, comes to {row.count}: left out."
    yield from _doubts(imported.in_doubt)


def _doubts(doubts: Iterable[InDoubt]) -> Iterator[str]:
    """A sentence for each measure and what its counts are usually; a category that ended has many months."""
    together: dict[tuple[str, str, Number, tuple[str, ...]], list[InDoubt]] = {}
    for d in doubts:
        together.setdefault((d.strand, d.measure, d.usual, d.instead), []).append(d)
    for (strand, measure, usual, instead), some in together.items():
        what = f"{measure} ({strand})" if measure else "All rows"
        counts = listed(f"{d.count:,} in {period_in_words(d.period)}" for d in some)
        also = f" Only there, and not mapped: {listed(instead)}." if instead else ""
        yield (
            f"{what}: {counts}, where others have {round_half_up(usual, 0):,.0f}: in doubt, and left out.{also} If it "
            f"is right, say --accept-low {some[0].period}{' (and so on)' if len(some) > 1 else ''}."
        )


def _restated(r: Restated) -> str:
    was = f"{r.after.measure} ({r.after.strand}), {period_in_words(r.after.month)} was {r.before.count}"
    was += f" by {r.before.source}" if r.before.source else ""
    if r.after.count is None:
        return f"Restated: {was}, and is not known now."
    return f"Restated: {was}, is now {r.after.count} by {r.after.source}."

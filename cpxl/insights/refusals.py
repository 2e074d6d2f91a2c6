"""Files that are refused, as no count of them could be trusted: a column is judged as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.insights.tables import Source
from cpxl.insights.tally import FileReport, Tally
from cpxl.words import listed

SLIPS = 2
"""So many rows of a file may be unreadable, however short it is."""


def refuse_what_cannot_be_read(
    found: Iterable[Source], files: Sequence[tuple[Source, FileReport]], tallies: Iterable[Tally], settings: Settings
) -> None:
    """Raise Refused for dates that may be read two ways, a file without a row of use, or too many unreadable ones."""
    for tally in tallies:
        _refuse_an_unclear_order(tally, [report for _, report in files if report.extract == tally.mapping.name])
        _refuse_latest_by(tally)
    _refuse_the_unusable(found, files)
    for _, report in files:
        _refuse_too_many_unreadable(report, settings.most_unreadable)


def _refuse_an_unclear_order(tally: Tally, reports: Iterable[FileReport]) -> None:
    """Dates with slashes are read with the day first, if that is what they tell, or what config says."""
    if tally.judge.order:
        return
    whole = sum((report.order for report in reports), Counter[str]())
    for report in reports:
        order, said = report.order, {key: f"'{text}'" for key, text in report.examples.items()}
        where = f"under 'extracts', '{tally.mapping.name}', in config.yaml"
        if order["month"] > order["day"]:
            raise Refused(
                f"{report.file} has dates with the month first, such as {said['month']} ({order['month']:,} of "
                f"{report.ours:,} rows can be nothing else): nothing was imported; write 'date_order: month first' "
                f"{where}."
            )
        if order["month"] * 20 > order["day"]:
            raise Refused(
                f"{report.file} has dates with the day first, such as {said['day']}, and dates with the month first, "
                f"such as {said['month']}: nothing was imported; write them all one way, or, to pass over one kind, "
                f"'date_order: day first' or 'date_order: month first' {where}."
            )
        if order["last"] and not (order["day"] or order["either"] or order["first"]):
            raise Refused(
                f"{report.file} has months that seem to be written by their first days with the month first, such as "
                f"{said['last']}: nothing was imported; write 'date_order: month first' {where}, or 'date_order: day "
                "first' if they are days."
            )
        if unclear := [key for key in ("either", "last") if order[key] and not whole["day"]]:
            raise Refused(
                f"{report.file} has dates of which day and month cannot be told apart, such as {said[unclear[0]]}: "
                f"nothing was imported; write 'date_order: day first' or 'date_order: month first' {where}."
            )


def _refuse_latest_by(tally: Tally) -> None:
    said = tally.latest_as
    if "neither" in said or len(said) > 1:
        column = tally.mapping.latest_by
        texts = " and ".join(f"'{text.strip()[:40]}'" for text in said.values())
        raise Refused(
            f"The column '{column}', by which the latest of rows with one id is known, has {texts}: nothing was "
            "imported; name one under latest_by in config.yaml that has dates only, or numbers only."
        )


def _refuse_the_unusable(found: Iterable[Source], files: Sequence[tuple[Source, FileReport]]) -> None:
    """A file that was asked for must give something; of those in a zip file one is enough."""
    used = {source.path for source, report in files if report.months}
    for path in dict.fromkeys(source.path for source in found if source.path not in used):
        reports = [report for source, report in files if source.path == path]
        bad, elsewhere = (sum(getattr(r, name) for r in reports) for name in ("bad", "elsewhere"))
        lines = ", ".join(map(str, [line for r in reports for line in r.lines][:5]))
        unread = _quoted(sum((r.unread for r in reports), Counter[str]()))
        why = [f"{bad:,} bad (line {lines}){unread}"] * bool(bad) + [f"{elsewhere:,} not ours"] * bool(elsewhere)
        raise Refused(
            f"{path} has no row that can be used ({' and '.join(why) or 'it has no rows that config.yaml maps'}): "
            "nothing was imported; check the file, and its mapping under 'extracts' in config.yaml."
        )


def _refuse_too_many_unreadable(report: FileReport, most: float) -> None:
    if report.undated > SLIPS and report.undated * 100 > report.ours * most:
        percent = -(-report.undated * 100 // report.ours)
        raise Refused(
            f"{report.file} has {report.undated:,} rows of {report.ours:,} that cannot be read (line "
            f"{listed(report.lines, 5)}){_quoted(report.unread)}: nothing was imported; correct the file, or the "
            f"mapping '{report.extract}' in config.yaml, or write 'most_unreadable: {percent}' there to go on without "
            "these rows."
        )


def _quoted(unread: Counter[str]) -> str:
    texts = listed(f"'{text}'" for text, _ in unread.most_common(3))
    return f", such as {texts}" if texts else ""

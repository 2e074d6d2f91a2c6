"""What the master, the partner workbook and `--json` show, against an account: every difference in words.

Sheets are read with openpyxl, and tables in them found by their headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import isclose
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.account import (
    COLUMNS,
    NA,
    Account,
    Compared,
    Entry,
    Line,
    Measure,
    Number,
    Sent,
    Strand,
    half_away,
    month_in_words,
    months_to,
    months_up_to,
    total,
    written,
)

Rows = list[list[Any]]
Pages = dict[str, Rows]
HEADINGS = ("Total", "Complete", "Ongoing / In progress", "At risk")


def pages(path: Path) -> Pages:
    """Every value of every sheet; a text without characters is none."""
    return _pages(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _pages(path: Path, saved: int) -> Pages:
    book = load_workbook(path, read_only=True, data_only=True)  # without charts, and so in half the time
    rows = {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}
    book.close()
    return {name: [list(map(_plain, row)) for row in page] for name, page in rows.items()}


def _plain(value: Any) -> Any:
    """What a cell says, without the mark of a figure that was published otherwise."""
    return (re.sub(r" ?\[r\]$", "", value) or None) if isinstance(value, str) else value


def found(rows: Rows, *headings: str, under: str = "") -> list[dict[str, Any]]:
    """The rows of the first table with these headings (below a title), up to the next blank one, by heading."""
    start = next((n for n, row in enumerate(rows) if next(filter(None, row), "") == under), len(rows)) if under else 0
    tops = (n for n, row in enumerate(rows) if n >= start and all(heading in row for heading in headings))
    top = next(tops, None)
    if top is None:
        return []
    end = next((n for n, row in enumerate(rows) if n > top and all(v is None for v in row)), len(rows))
    at: dict[str, int] = {}
    for n, heading in enumerate(rows[top]):
        if heading is not None:
            at.setdefault(str(heading), n)
    return [{heading: row[n] for heading, n in at.items()} for row in rows[top + 1 : end]]


def totals_shown(path: Path) -> list[Any]:
    """The last row of the executive summary: total, complete, ongoing and at risk."""
    whole = found(pages(path)["Executive summary"], "Strand", *HEADINGS)[-1]
    assert whole["Strand"] == "Total"
    return [whole[heading] for heading in HEADINGS]


def alike(shown: Any, right: Any) -> bool:
    """Equal at 15 significant digits, and a number only like a number."""
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (shown, right)]
    if all(numbers):
        return isclose(shown, right, rel_tol=1e-14, abs_tol=1e-12)
    return not any(numbers) and shown == right


def _differ(where: str, shown: Any, right: Any) -> Iterator[str]:
    """A sentence if what is shown is not what is right."""
    pair = (shown, right) if isinstance(right, list | tuple) else ([shown], [right])
    if len(pair[0]) != len(pair[1]) or not all(map(alike, *pair)):
        yield f"{where}: shows {shown}, and not {right}"


def _rows_differ(where: str, shown: Sequence[Any], right: Sequence[Any]) -> Iterator[str]:
    """A sentence for each row at fault, or one that says that there are others."""
    if len(shown) != len(right):
        yield f"{where}: shows {shown}, and not {right}"
        return
    for n, (a, b) in enumerate(zip(shown, right, strict=True), 1):
        yield from _differ(f"{where}, row {n}", a, b)


def _or(words: str, value: Any) -> Any:
    return words if value is None else value


# --json


def json_differs(
    document: dict[str, Any], account: Account, view: int, sent: Mapping[Strand, list[Sent]] | None = None
) -> Iterator[str]:
    """What `consolidate --json` says of a quarter, against the account. sent: what is in the folder, if known."""
    if sent is not None:
        yield from checks_differ(document, account, view, sent)
    lines = account.summary(view)
    for shown, line in zip(document["summary"], lines, strict=True):
        yield from _differ(
            f"--json, {line.strand.name}",
            [shown["strand"], *(shown[column] for column in COLUMNS), shown["change"], shown["figures_of"]],
            [line.strand.name, *line.figures.values(), line.change, line.figures_of and written(line.figures_of)],
        )
        yield from _differ(f"--json, state of {line.strand.name}", shown["state"], line.state)
    yield from _differ("--json, totals", list(document["totals"].values()), list(account.totals(view).values()))
    yield from _rows_differ(
        "--json, risks",
        [[risk[key] for key in ("strand", "description", "response", "id", "quarter")] for risk in document["risks"]],
        [
            [line.risk.strand.name, line.text, line.response, line.risk.id, written(q)]
            for q, line in account.open_risks(view)
        ],
    )


def checks_differ(
    document: dict[str, Any], account: Account, view: int, sent: Mapping[Strand, list[Sent]]
) -> Iterator[str]:
    """What `--json` says of the files of a quarter."""
    files = [(item.file, strand.name, isinstance(item, Entry)) for strand, items in sent.items() for item in items]
    shown = [(returned["file"], returned["strand"], returned["accepted"]) for returned in document["returns"]]
    yield from _rows_differ("--json, returns", sorted(shown), sorted(files))
    yield from _differ("--json, missing", document["missing"], account.missing(view))
    kept = [(kept["strand"], kept["file"]) for kept in document["kept"]]
    yield from _rows_differ("--json, kept", sorted(kept), sorted(account.kept(view, sent)))
    yield from _differ("--json, healed", document["healed"], [])
    said = [finding["message"] for finding in document["master_findings"]]
    doubts = [measure.name for then in range(view, account.quarter + 1) for measure in account.disagreeing(then)]
    if len(said) != len(doubts) or not all(name in message for name, message in zip(doubts, said, strict=True)):
        yield f"--json, faults of the master: {said}, and not of {doubts}"


# Workbooks


def master_differs(path: Path, account: Account) -> Iterator[str]:
    """The master, sheet by sheet, against the account."""
    book, view = pages(path), account.quarter
    yield from _report_differs(book, account, view, for_partners=False)
    yield from _returns_differ(book["Returns"], account, view)
    yield from _data_differs(book, account)


def partner_differs(path: Path, account: Account, view: int) -> Iterator[str]:
    """The partner workbook of a quarter against the account. A word may have the mark of what is revised behind it."""
    book = {name: [list(map(_unmarked, row)) for row in page] for name, page in pages(path).items()}
    yield from _report_differs(book, account, view, for_partners=True)


def _unmarked(value: Any) -> Any:
    return (value.removesuffix("[r]").strip() or None) if isinstance(value, str) and value.endswith("[r]") else value


def _report_differs(book: Pages, account: Account, view: int, *, for_partners: bool) -> Iterator[str]:
    yield from _summary_differs(book["Executive summary"], account, view)
    for line in account.summary(view):
        rows = book[line.strand.short_name]
        if account.news_of(line, view) not in [row[0] for row in rows]:
            yield f"{line.strand.name}: does not say '{account.news_of(line, view)}'"
        yield from _strand_differs(rows, account, line.strand, view, for_partners=for_partners)
    yield from _register_differs(book["Risk register"], account, view)
    yield from _insights_differ(book["Insights"], account, view)
    yield from _by_quarter_differs(book["By quarter"], account, view, for_partners=for_partners)


def _summary_differs(rows: Rows, account: Account, view: int) -> Iterator[str]:
    lines, totals = account.summary(view), account.totals(view)
    shown = found(rows, "Strand", *HEADINGS)
    other = ["Other"] * account.has_other(view)
    columns = ("Strand", "Where it stands", *HEADINGS, *other, "% complete", f"Change since {written(view - 1)}")
    right = [
        [
            *(line.strand.name, account.position(line, view)),
            *(_or(without, value) for value in (*line.figures.values(), *([line.other] * len(other)))),
            *(_share(line.complete, line.total, without), _or(without, line.change)),
            written(line.figures_of) if line.figures_of else without,
        ]
        for line in lines
        for without in (_without(line, view),)
    ]
    yield from _rows_differ("Summary", [[row[c] for c in (*columns, "Figures as of")] for row in shown[:-1]], right)
    others = [line.other for line in lines if line.figures_of == view and line.other is not None]
    whole = [
        *(_or(NA, v) for v in totals.values()),
        *([sum(others) if others else NA] * len(other)),
        _share(totals["complete"], totals["total"]),
        _or(NA, account.total_change(view)),
    ]
    yield from _differ("Summary, Total", [shown[-1][column] for column in columns[2:]], whole)
    columns = ("Strand", "Work at risk, and what is being done", "Response", "Risk id", "Reported in")
    yield from _rows_differ(
        "Strands at risk",
        [[row[h] for h in columns] for row in found(rows, *columns) if row["Response"] is not None],
        [
            [f"{n}. {line.risk.strand.name}", f"{line.text}\nBy the council", line.response, line.risk.id, written(q)]
            for n, (q, line) in enumerate(account.open_risks(view), 1)
        ],
    )
    yield from _sentences_differ(rows, account, view)


def _sentences_differ(rows: Rows, account: Account, view: int) -> Iterator[str]:
    """The news, and other sentences with figures."""
    risks, said = account.open_risks(view), [row[0] for row in rows]
    strands = len({line.risk.strand for _, line in risks})
    right = [account.news(view)]
    right += [f"{_number(len(risks), 'risk')} in {_number(strands, 'strand')}."] * bool(risks)
    yield from (f"Summary: does not say '{sentence}'" for sentence in right if sentence not in said)
    reported = account.news_of_returns(view)
    if not any(str(line).startswith(f"{reported} Actions: ") for line in said):
        yield f"Summary: does not say '{reported}'"
    measures = account.news_of_measures(view) or ["No measure has changed by more than a few over 12 months"]
    if not any(all(part in str(line) for part in measures) for line in said):
        yield f"Summary: does not say {measures}"


def _by_quarter_differs(rows: Rows, account: Account, view: int, *, for_partners: bool) -> Iterator[str]:
    shown = range(max(view + 1 - account.strategy.quarters_shown, min(account.strategy.first, view)), view + 1)
    of_strands = found(rows, "Strand", written(view), under="Complete by quarter")
    yield from _rows_differ(
        "Complete by quarter",
        [[row["Strand"], *(row.get(written(q)) for q in shown)] for row in of_strands],
        [
            [strand.name, *(account.complete(strand, view).get(q) for q in shown)]
            for strand in account.strategy.of(view)
        ],
    )
    right = []
    for strand, measure in _measures(account, view):
        known = [account.measured(strand, measure, q, view) for q in shown]
        figures = [compared.current if compared and compared.current != NA else None for compared in known]
        of = "12 months" if measure.is_rolling else "quarter"
        if not for_partners or sum(figure is not None for figure in figures) > 1:
            right.append([f"{measure.name} ({strand.name}, {of})", *figures])
    of_measures = found(rows, "Measure", written(view), under="Measures by quarter")
    trends = [[row["Measure"], *(row.get(written(q)) for q in shown)] for row in of_measures]
    yield from _rows_differ("Measures by quarter", trends, right)


def _measures(account: Account, view: int) -> list[tuple[Strand, Measure]]:
    return [(strand, measure) for strand in account.strategy.of(view) for measure in strand.measures_of(view)]


def _number(count: int, word: str) -> str:
    return f"{count} {word}" + "s" * (count != 1)


def _without(line: Line, view: int) -> str:
    """What a cell says where there is no figure: N/A where there is nothing to count."""
    has_plan = any(plan.in_summary for plan in line.strand.plans_of(view))
    return "Not known" if line.figures_of is None and has_plan else NA


def _share(complete: int | None, total: int | None, without: str = NA) -> Any:
    """To a tenth of a per cent, as it is printed."""
    if complete is None or not total:
        return without
    return half_away(Decimal(complete) / Decimal(total), 3)


def _strand_differs(rows: Rows, account: Account, strand: Strand, view: int, *, for_partners: bool) -> Iterator[str]:
    entry = account.accepted.get((view, strand))
    for plan in strand.plans_of(view):
        shown = [q for q in range(view + 1 - account.strategy.quarters_shown, view + 1) if q >= plan.first]
        figures = [
            [then.figures.get((plan, status)) if (then := account.accepted.get((q, strand))) else None for q in shown]
            for status in plan.of(view)
        ]
        if for_partners and not any(figure is not None for row in figures for figure in row):
            below = [rows[at + 1][0] for at, row in enumerate(rows) if row[0] == f"Progress: {plan.name}"]
            if len(below) != 1 or below[0] in ("Status", None):
                yield f"{strand.name}, {plan.name}: {below}, and not a sentence in place of an empty grid"
            continue
        grid = found(rows, "Status", written(view), under=f"Progress: {plan.name}")
        for status, right in zip(plan.of(view), figures, strict=True):
            there = [[row.get(written(q)) for q in shown] for row in grid if row["Status"] == status.name]
            yield from _rows_differ(f"{strand.name}, {plan.name}, {status.name}", there, [right])
    lines = entry.risks if entry and not entry.is_history else [line for _, line in account.open_risks_of(strand, view)]
    columns = ("Work at risk, and why", "What is being done", "Response", "Risk id")
    yield from _rows_differ(
        f"{strand.name}, work at risk",
        [[row[column] for column in columns] for row in found(rows, *columns) if row["Response"] is not None],
        [[line.text, "By the council", line.response, line.risk.id] for line in lines],
    )
    yield from _signals_differ(rows, account, strand, view, for_partners=for_partners)
    for measure in strand.measures_of(view):
        title, ends = "Insights: this quarter against last", (written(view - 1), written(view))
        if measure.is_rolling:
            title = "Insights: 12 months against the 12 before"
            ends = _to_the_end(view - 4), _to_the_end(view)
        of = [row for row in found(rows, "Measure", "Comment", under=title) if row["Measure"] == measure.name]
        where = f"{strand.name}, {measure.name}"
        compared = account.measured(strand, measure, view, view)
        comment = entry.comments.get(measure) if entry else None
        is_known = comment or (compared and (compared.previous, compared.current) != (None, None))
        if len(of) != 1:
            if of or is_known or not for_partners:
                yield f"{where}: there {len(of)} times"
            continue
        yield from _differ(f"{where}, comment", of[0]["Comment"], comment)
        previous, current = (of[0].get(end) for end in ends)
        if compared is None:
            yield from _differ(where, current, None)
        else:
            yield from _differ(where, [previous, current], [compared.previous, compared.current])
            yield from _change_differs(where, of[0], compared, with_share=measure.is_rolling)


def _to_the_end(q: int) -> str:
    return f"To {month_in_words(months_to(q, 1)[0])}"


def _signals_differ(rows: Rows, account: Account, strand: Strand, view: int, *, for_partners: bool) -> Iterator[str]:
    """The counts by month, as they were given, and what follows from them."""
    counted = found(rows, "Measure", "Signal in the counts by month", under="What is signal")
    given = found(rows, "Month", "Counts towards", under="Insights by month (optional)")
    for measure in [measure for measure in strand.measures_of(view) if measure.is_rolling]:
        where, known = f"{strand.name}, {measure.name}", account.months(measure, view)
        if not for_partners:  # they see the table below it
            counts = {row["Month"]: row[measure.name] for row in given}
            for month in months_to(view, 24):
                yield from _differ(f"{where}, {month}", counts.get(month_in_words(month), ...), known.get(month))
        yield from _months_differ(rows, where, measure, known, view)
        ends = written(view - 4), written(view)
        last_year = [[row.get(end) for end in ends] for row in counted if row["Measure"] == measure.name]
        if last_year or not for_partners or known:
            right = list(account.last_year(measure, view, view))
            yield from _rows_differ(f"{where}, last year", last_year, [right])


def _months_differ(rows: Rows, where: str, measure: Measure, known: dict[str, Number], view: int) -> Iterator[str]:
    """A measure's counts by month from the first that is known, and what 12 of them come to."""
    shown = [row for row in found(rows, "Month", "Signal by", under=f"By month: {measure.name}") if row["Month"]]
    at = {row["Month"]: [row.get("Count"), row.get("12 months to it")] for row in shown}
    months = months_to(view, max(24, len(shown)))
    first = next((n for n, month in enumerate(months) if month in known), len(months))
    for month in months[first:]:
        year = months_up_to(month, 12)
        right = [known.get(month), total(known[m] for m in year) if known.keys() >= set(year) else None]
        yield from _differ(f"{where}, {month}", at.get(month_in_words(month), []), right)


def _change_differs(where: str, row: dict[str, Any], right: Compared, *, with_share: bool = True) -> Iterator[str]:
    yield from _differ(f"{where}, change", row.get("Change"), right.difference)
    shown = row.get("% change")
    if isinstance(shown, int | float):
        shown = half_away(Decimal(str(shown)) * 100, 1)
    if with_share:
        yield from _differ(f"{where}, % change", shown, right.percentage)


def _register_differs(rows: Rows, account: Account, view: int) -> Iterator[str]:
    columns = ("Work at risk, and what is being done", "Status", "First raised", "Last updated")
    shown = found(rows, "Risk id", *columns)
    by_id = {row["Risk id"]: [row[column] for column in columns] for row in shown if row["Status"] is not None}
    right = {risk.id: [f"{text}\nBy the council", *about] for risk, (text, *about) in account.register(view).items()}
    for risk in {**by_id, **right}:
        yield from _differ(f"Risk register, {risk}", by_id.get(risk, []), right.get(risk, []))


def _insights_differ(rows: Rows, account: Account, view: int) -> Iterator[str]:
    measures, about = _measures(account, view), "Strand, period and signal"
    shown = [row for row in found(rows, "Measure", about) if row[about] is not None]
    yield from _differ("Insights", [row["Measure"] for row in shown], [measure.name for _, measure in measures])
    for row, (strand, measure) in zip(shown, measures, strict=False):
        right, where = account.insight(strand, measure, view), f"Insights, {strand.name}, {measure.name}"
        figures = [row.get("Before"), row.get("Now")]
        if right is None:
            yield from _differ(where, [row[about], *figures], [f"{strand.name}. Not reported.", None, None])
            continue
        of = f"{written(right.quarter)} against {written(right.quarter - 1)}"
        if measure.is_rolling:
            of = f"12 months to {_month(right.quarter)} against the 12 before"
        if not f"{row[about]}. ".startswith(f"{strand.name}. {of}. "):
            yield f"{where}: is said to be of '{row[about]}', and not of {of}"
        yield from _differ(where, figures, [right.previous, right.current])
        yield from _change_differs(where, row, right)
        if measure.is_rolling:
            of_quarters = [row.get("Same quarter last year"), row.get("This quarter")]
            yield from _differ(f"{where}, quarter", of_quarters, account.last_year(measure, right.quarter, view))


def _month(q: int) -> str:
    names = ("March", "June", "September", "December")
    return f"{names[(q % 4 + 1) % 4]} {months_to(q, 1)[0][:4]}"


def _returns_differ(rows: Rows, account: Account, view: int) -> Iterator[str]:
    """The states of the quarter's returns, and what was corrected in earlier ones."""
    file = "File, and when it was last saved"
    shown = [
        [row["Strand"], row["Return"], *sorted(line.split(" (2")[0] for line in str(row[file] or "").splitlines())]
        for row in found(rows, "Strand", "Return", file)
    ]
    states = [
        [strand.name, account.state(strand, view), *sorted(name for name, _ in account.files.get((view, strand), []))]
        for strand in account.strategy.of(view)
    ]
    yield from _rows_differ("Returns", shown, states)
    corrected = [
        [row["Quarter"], row["Strand"], row["Before"], row["After"]]
        for row in found(rows, "Strand", "Quarter", "Figure", "Before", "After")
        if row["Quarter"] is not None
    ]
    right = [[written(q), strand.name, was, now] for q, strand, was, now in account.corrected]
    yield from _rows_differ("Corrections", sorted(corrected, key=str), sorted(right, key=str))


def _rows_of(book: Pages, sheet: str, *headings: str) -> list[list[Any]]:
    """These columns of a data table, in any order."""
    rows = [row for row in found(book[sheet], *headings) if row["quarter"] is not None]
    return sorted(([row[heading] for heading in headings] for row in rows), key=str)


def _data_differs(book: Pages, account: Account) -> Iterator[str]:
    facts: dict[tuple[str, ...], Iterable[Sequence[Any]]] = {
        ("Progress", "quarter", "strand", "plan", "status", "value"): account.figures(),
        ("Measures", "quarter", "strand", "measure", "period", "previous", "current", "comment"): account.measures(),
        ("Risks", "quarter", "id", "description"): (
            (written(q), line.risk.id, line.text) for (q, _), entry in account.accepted.items() for line in entry.risks
        ),
        ("Submissions", "quarter", "strand", "file", "accepted"): (
            (written(q), strand.name, *file) for (q, strand), files in account.files.items() for file in files
        ),
    }
    for (sheet, *headings), right in facts.items():
        yield from _rows_differ(f"Data, {sheet}", _rows_of(book, sheet, *headings), sorted(map(list, right), key=str))
    notes = [row for row in _rows_of(book, "Progress", "quarter", "strand", "plan", "status", "note") if row[-1]]
    yield from _rows_differ("Data, notes", notes, sorted(map(list, account.notes()), key=str))
    items = [
        row for row in _rows_of(book, "Delivery", "quarter", "strand", "kind", "activity") if row[2] != "Was scheduled"
    ]
    yield from _rows_differ("Data, Delivery", items, sorted(map(list, account.delivery()), key=str))
    months = {
        (row["quarter"], row["strand"], row["measure"], row["month"]): row["count"]
        for row in found(book["Monthly"], "quarter", "strand", "measure", "month", "count")
        if row["quarter"] is not None
    }
    given = {
        (written(q), strand.name, measure.name, month): count
        for (q, strand), entry in account.accepted.items()
        for measure, counts in entry.months.items()
        for month, count in counts.items()
    }
    for key in {**months, **given}:
        yield from _differ(f"Data, Monthly, {key}", months.get(key), given.get(key))

"""What a preview says, held against what the data tables of the master's file then have in place of what they had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.command import run_here
from tests.shown import pages

SCORES = "likelihood", "impact", "aimed_likelihood", "aimed_impact"
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # what a row is of, and what it says of it
    "Progress": (("plan", "status"), ("value", "note")),
    "Measures": (("measure", "period"), ("previous", "current", "comment")),
    "Monthly": (("measure", "month"), ("count",)),
    "Breakdowns": (("breakdown", "row", "column"), ("value", "comment")),
    "Insight text": ((), ("text",)),
    "Risks": (
        ("id",),
        ("description", "cause", "action", "response", "level", "force_risk", "state", "owner", "review", *SCORES),
    ),
    "Delivery": (("kind", "id"), ("activity", "impact", "when", "outcome", "owner", "moved_to")),
    "Lead notes": ((), ("text",)),
}
Fact = tuple[Any, ...]


@contextmanager
def previewing(folder: Path, quarter: str, *words: object) -> Iterator[None]:
    """Preview the merge of a quarter, which changes no file, and then do it: what was said is what has changed.

    Of earlier quarters nothing changes but names, if config has others now.
    """
    before, files = facts(folder / "master.xlsx"), _files(folder)
    said = run_here("consolidate", "--preview", "--json", "--folder", folder, "-q", quarter, *words).document
    assert said["outputs"] == {}
    assert _files(folder) == files
    yield
    after = facts(folder / "master.xlsx")
    changed = {fact: (before.get(fact), after.get(fact)) for fact in before | after}
    of = said["quarter"]
    right = [(*fact[:2], *values) for fact, values in changed.items() if fact[1] == of and values[0] != values[1]]
    told = [(one["strand"], one["quarter"], one["before"], one["after"]) for one in said["changes"]]
    assert Counter(told) == Counter(right)
    for one in said["changes"]:
        old, new = one["before"], one["after"]
        assert one["kind"] == ("new" if old is None else "gone" if new is None else "changed")


def facts(master: Path) -> dict[Fact, Any]:
    """Everything that the data tables say: by strand, quarter, table, what a row is of, and its column."""
    found: dict[Fact, Any] = {}
    book = pages(master) if master.exists() else {}
    for table, (of, fields) in TABLES.items():
        numbers = Counter[Fact]()
        for row in _rows(book.get(table, [])):
            numbers[row["strand"], row["quarter"], row.get("kind")] += 1
            number = numbers[row["strand"], row["quarter"], row.get("kind")]
            names = tuple(row[key] for key in of)
            if not all(names):  # a text that is known by where it stands
                names = (*names, number)
            for field in fields:
                about = names[:2] if field == "comment" and table == "Breakdowns" else names
                if row[field] is not None:
                    found[row["strand"], row["quarter"], table, *about, field] = _plain(row[field])
    return found


def _rows(page: list[list[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of a data sheet, by heading."""
    top = next((n for n, row in enumerate(page) if row[:2] == ["quarter", "strand"]), len(page))
    for row in page[top + 1 :]:
        if row[0] is None:
            return
        yield dict(zip(map(str, page[top]), row, strict=True))


def _plain(value: Any) -> Any:
    """A value as a preview has it: a number to the 15 digits that Excel keeps."""
    if isinstance(value, float):
        return float(f"{value:.15g}")
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

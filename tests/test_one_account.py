"""--json, master and partner workbook are drawn from one account: the same figures, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpxl.config import load
from tests.command import Demo
from tests.values import table, values

KEYS = {"Total": "total", "Complete": "complete", "Ongoing / In progress": "ongoing", "At risk": "at_risk"}
TYPED = {"Risk register", "Insights", "By quarter", "Executive summary"}


@pytest.fixture(scope="module")
def books(demo: Demo) -> tuple[Path, Path]:
    """The master and the partner workbook."""
    return Path(demo.says["outputs"]["master"]), Path(demo.says["outputs"]["partner"])


def test_the_summary_says_the_same_in_all_three(demo: Demo, books: tuple[Path, Path]) -> None:
    master, partner = (table(book, "Executive summary", "Strand") for book in books)
    assert master == partner
    headings, *lines, total = master
    for line, said in zip(lines, demo.says["summary"], strict=True):
        shown = dict(zip(headings, line, strict=True))
        assert shown["Strand"] == said["strand"]
        for heading, key in KEYS.items():
            assert shown[heading] == ("N/A" if said[key] is None else said[key]), (said["strand"], heading)
    assert {key: dict(zip(headings, total, strict=True))[h] for h, key in KEYS.items()} == demo.says["totals"]


def test_every_cell_that_partners_see_is_in_the_master(demo: Demo, books: tuple[Path, Path]) -> None:
    """Of each table that both have, by its headings: the same rows with the same values."""
    master, partner = books
    names = [strand.short_name for strand in load(demo.folder / "config.yaml").strands]
    compared = 0
    for sheet in [*TYPED, *names]:
        theirs, ours = values(partner, sheet), values(master, sheet)
        for rows in _tables(theirs):
            headings, lines = rows[0], rows[1:]
            at = [heading for heading in headings if heading]
            found = [t for t in _tables(ours) if set(at) <= set(t[0])]
            assert found, (sheet, headings)
            in_master = [[row[t[0].index(h)] for h in at] for t in found for row in t[1:]]
            for line in lines:
                assert [line[headings.index(h)] for h in at] in in_master, (sheet, headings, line)
                compared += len(at)
    assert compared > 600


def _tables(rows: list[list[Any]]) -> list[list[list[Any]]]:
    """Runs of rows with two cells or more: each a table, headings first."""
    found: list[list[list[Any]]] = [[]]
    for row in rows:
        is_row = sum(value is not None for value in row[:2]) == 2 and not str(row[1]).startswith(("OK: ", "To do: "))
        if row[0] is not None and (is_row or (found[-1] and any(value is not None for value in row[1:]))):
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [table for table in found if table]

"""What hostile and strange files cost, beside openpyxl reading as much: `python bench/hostile.py`.

Each file of the tests' hostile suite is read as a return. Its peer is openpyxl (read-only) reading every cell of a
plain workbook of half a million cells. Processor time is counted, the best of a few rounds, as nothing but other
programs makes a round slower. So the ratios are the same on any machine; the seconds are this one's.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time

import openpyxl
import python_calamine
import xlsxwriter
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from cpxl.config import parse
from cpxl.resources import resource
from cpxl.returns.read import read_return
from tests.test_hostile import HARMLESS, REFUSED

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
ROWS, COLUMNS = 800, 600
ROUNDS = 3
WORST = 10


def seconds(run: Callable[[], object]) -> float:
    """Processor seconds of the best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()
        run()
        best = min(best, process_time() - began)
    return best


def plain_workbook(path: Path) -> None:
    """Half a million cells, as any program writes them."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(ROWS):
            sheet.write_row(row, 0, [1] * COLUMNS)


def with_openpyxl(path: Path) -> None:
    """Every cell, by openpyxl."""
    book = openpyxl.load_workbook(path, read_only=True)
    for sheet in book.worksheets:
        for _ in sheet.iter_rows(values_only=True):
            pass
    book.close()


def with_calamine(path: Path) -> None:
    """Every cell, by python-calamine."""
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.xlsx"
        plain_workbook(path)
        peers = {
            "openpyxl": seconds(lambda: with_openpyxl(path)),
            "python-calamine": seconds(lambda: with_calamine(path)),
        }
        makes = {**{name: make for name, (make, _) in REFUSED.items()}, **HARMLESS}
        taken = {}
        for name, make in makes.items():
            path.write_bytes(make())
            taken[name] = seconds(partial(read_return, path, SETTINGS))

    table = Table("What", "Seconds", "Ratio", "Goal", title="Hostile and strange files")
    peer = peers["openpyxl"]
    for name, each in peers.items():
        table.add_row(f"{ROWS * COLUMNS:,} plain cells, read by {name}", f"{each:.2f}", f"{each / peer:.2f}", "")
    table.add_section()
    worst = sorted(taken, key=taken.__getitem__, reverse=True)[:WORST]
    for name in worst:
        table.add_row(name, f"{taken[name]:.2f}", f"{taken[name] / peer:.2f}", "at most 1")
    table.add_row(f"all {len(taken)} together", f"{sum(taken.values()):.2f}", f"{sum(taken.values()) / peer:.2f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()

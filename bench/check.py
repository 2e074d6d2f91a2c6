"""What checking costs, beside python-calamine's bare read of the same files: `python bench/check.py`.

Both run in turn in one process. Processor time is counted, and the best of many rounds, as nothing but other programs
makes a round slower. Start-up is left aside: the first round, which also lays out each strand's form, is not the best.
The 500 returns are copies of the nine under other names, read and checked as one quarter's, so that a rule which
compares each return with every other would show.
"""

from __future__ import annotations

import shutil
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import python_calamine
from rich.console import Console
from rich.table import Table

from cpxl.config import parse
from cpxl.resources import resource
from cpxl.returns.checks import check_all
from cpxl.returns.read import read_return

SETTINGS = parse(resource("config.yaml").read_text(encoding="utf-8"))
NINE = sorted((Path(__file__).parents[1] / "cpxl" / "demo" / "returns").glob("*.xlsx"))
MANY = 500
ROUNDS, ROUNDS_OF_MANY = 200, 10


def bare_read(paths: Sequence[Path]) -> None:
    """Every cell of every sheet, by python-calamine alone."""
    for path in paths:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python()


def check(paths: Sequence[Path]) -> None:
    """What `cpxl check` does with files: read each as a return, then check them beside each other."""
    check_all([read_return(path, SETTINGS) for path in paths], SETTINGS, SETTINGS.current_quarter)


def best(rounds: int, **runs: Callable[[], None]) -> dict[str, float]:
    """Processor seconds of the best of so many rounds, each of which runs everything once in turn."""
    seconds = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            began = process_time()
            run()
            seconds[name] = min(seconds[name], process_time() - began)
    return seconds


def peak_memory(run: Callable[[], None]) -> int:
    """Bytes that Python holds at the most while something runs (what calamine takes for a moment aside)."""
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        many = [Path(folder) / f"{number} {NINE[number % len(NINE)].name}" for number in range(MANY)]
        for number, path in enumerate(many):
            shutil.copy(NINE[number % len(NINE)], path)
        nine = best(ROUNDS, bare=lambda: bare_read(NINE), ours=lambda: check(NINE))
        of_many = best(ROUNDS_OF_MANY, nine=lambda: check(NINE), many=lambda: check(many))
        peak = peak_memory(lambda: check(many))

    table = Table("What", "Milliseconds a return", "Ratio", "Goal", title="cpxl check")
    bare, ours = nine["bare"] / len(NINE), nine["ours"] / len(NINE)
    table.add_row(f"{len(NINE)} returns, bare read by python-calamine", f"{bare * 1000:.2f}", "1.00", "")
    table.add_row(f"{len(NINE)} returns, read and checked", f"{ours * 1000:.2f}", f"{ours / bare:.2f}", "under 5 ms")
    few, each = of_many["nine"] / len(NINE), of_many["many"] / MANY
    table.add_section()
    table.add_row(f"{len(NINE)} returns", f"{few * 1000:.2f}", "1.00", "")
    table.add_row(f"{MANY} returns", f"{each * 1000:.2f}", f"{each / few:.2f}", "at most 1.1")
    console = Console()
    console.print(table)
    console.print(f"Python's memory at its peak, {MANY} returns: {peak / 2**20:.0f} MB")


if __name__ == "__main__":
    main()

"""How long `cpxl consolidate` takes from nothing, beside a bare script: python -m bench.start_up

The script reads the same nine returns with openpyxl and writes all that it read into one unformatted workbook. Each is
a process of its own, in turn with the other.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cpxl
from cpxl.steps import importing, starting

RUNS = 9
BARE = """
import sys
from pathlib import Path
from openpyxl import Workbook, load_workbook
book = Workbook()
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    sheet = book.create_sheet(path.stem[:31])
    for row in load_workbook(path, data_only=True).worksheets[1].iter_rows(values_only=True):
        sheet.append(row)
book.save(sys.argv[2])
"""


def seconds(*command: str) -> float:
    """How long a process takes."""
    compiled = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}  # as installed
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], capture_output=True, check=True, env=compiled)
    return time.perf_counter() - began


def main() -> None:
    """Print the median of each, and the ratio of the medians."""
    demo = Path(cpxl.__file__).parent / "demo"
    with tempfile.TemporaryDirectory() as scratch:
        folder = starting.init(Path(scratch) / "folder")
        importing.import_history(folder, demo / "history.csv")
        returns = folder.returns(folder.current_quarter())
        shutil.copytree(demo / "returns", returns, dirs_exist_ok=True)
        where = next(path.parent for path in returns.rglob("*.xlsx"))
        bare, ours = [], []
        for _ in range(RUNS):
            bare.append(seconds("-c", BARE, str(where), str(Path(scratch) / "bare.xlsx")))
            ours.append(seconds("-m", "cpxl", "consolidate", "--folder", str(folder.path)))
    one, other = statistics.median(bare), statistics.median(ours)
    print(f"{one:.3f} s  a bare script\n{other:.3f} s  cpxl consolidate: {other / one:.2f} times that")


if __name__ == "__main__":
    main()

"""How long a click is without a sign of life: python -m bench.first_sign

From the start of Python to the first text on Excel's status bar, beside a bare `import xlwings`, with and without the
pandas that it imports where it finds it. A stand-in takes the place of Excel, which costs nothing. Then the processor
time of a whole Consolidate, as a button does it up to the point where Excel has to work, beside the command line's.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import cpxl
from cpxl.steps import importing, starting

RUNS = 7
CLOCK = "import time; began = time.perf_counter(); "
BARE = CLOCK + "import xlwings; print(time.perf_counter() - began)"
WITHOUT_PANDAS = CLOCK + "import sys; sys.modules['pandas'] = None; import xlwings; print(time.perf_counter() - began)"
CLICK = (
    CLOCK
    + """
from cpxl.addin import actions
class Excel:
    interactive = True
    def __setattr__(self, name, value):
        if name == "status_bar":
            print(time.perf_counter() - began)
            raise SystemExit
actions.excel.app = Excel
actions.press("consolidate")
"""
)
WORK = """
import time
from pathlib import Path
import cpxl
from cpxl.steps import importing, merging, starting
from cpxl.folder import WorkingFolder
{}
print(time.process_time())
"""
BUTTON = """
from cpxl.addin import buttons
from cpxl.master.file import laid_out, master_file
from cpxl.workbooks import live
folder = WorkingFolder.open(Path({!r}))
known, checks, master = merging.merge(folder, folder.current_quarter())
layout = laid_out(folder.settings, master, known.entered)
live.plan(master_file(folder, known), layout, folder.theme)
"""
COMMAND = """
folder = WorkingFolder.open(Path({!r}))
merging.consolidate_folder(folder, folder.current_quarter())
"""


def seconds(code: str) -> float:
    """What a program of its own says at its end, the median of several."""
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()[-1]
        for _ in range(RUNS)
    ]
    return statistics.median(map(float, said))


def main() -> None:
    """Print the figures."""
    bare, without, click = seconds(BARE), seconds(WITHOUT_PANDAS), seconds(CLICK)
    print(f"{bare:6.3f} s  import xlwings")
    print(f"{without:6.3f} s  import xlwings, without pandas")
    print(f"{click:6.3f} s  a click, to the first text on the status bar: {click / without:.2f} times the line above")
    demo = Path(cpxl.__file__).parent / "demo"
    with tempfile.TemporaryDirectory() as scratch:
        folder = starting.init(Path(scratch) / "folder")
        importing.import_history(folder, demo / "history.csv")
        shutil.copytree(demo / "returns", folder.returns(folder.current_quarter()), dirs_exist_ok=True)
        for name, code in (("the button Consolidate", BUTTON), ("cpxl consolidate", COMMAND)):
            print(f"{seconds(WORK.format(code.format(str(folder.path)))):6.3f} s  of processor time: {name}")


if __name__ == "__main__":
    main()

"""How often Excel is called for a whole consolidation into the open master: python -m bench.live

Each call is a round trip of a millisecond or more in Excel. The master knows of earlier quarters only, so everything of
the reference quarter comes in: the most that a consolidation can have to write. Needs LibreOffice Calc and its Python
bridge, which stands in for Excel.
"""

import shutil
import tempfile
from pathlib import Path

import xlwings

from cpxl import workflow
from cpxl.addin.actions import press
from tests.engine import spreadsheet_program
from tests.office import calc


def main() -> None:
    """Consolidate the nine reference returns and print the calls by sheet."""
    demo = Path(workflow.__file__).parent / "demo"
    with tempfile.TemporaryDirectory() as scratch, calc() as desktop, spreadsheet_program(desktop) as app:
        folder = workflow.init(Path(scratch) / "folder")
        workflow.import_history(folder, demo / "history.csv")
        shutil.copytree(demo / "returns", folder.returns(folder.current_quarter()), dirs_exist_ok=True)
        xlwings.apps[0].books.open(str(folder.master))
        app.calls.clear()
        press("consolidate")
        sheets = len(app.books.active.sheets)
        for sheet, calls in sorted(app.calls.items()):
            print(f"{calls:5}  {sheet or '(the whole program)'}")
        total = sum(app.calls.values())
        print(f"{total:5}  in all, {total / sheets:.1f} a sheet, of {sheets} sheets")


if __name__ == "__main__":
    main()

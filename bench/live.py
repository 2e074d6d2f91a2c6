"""How often Excel is called for a whole consolidation into the open master: python -m bench.live

Each call is a round trip of a millisecond or more in Excel. First the master knows of earlier quarters only, so
everything of the reference quarter comes in. Then, in the same open master, the quarter after it is issued, filled in
and consolidated: tables get a column. Needs LibreOffice Calc and its Python bridge, which stands in for Excel.
"""

import shutil
import tempfile
from pathlib import Path

import xlwings

import cpxl
from cpxl.addin.actions import press
from cpxl.folder import WorkingFolder
from cpxl.steps import importing, issuing, starting
from tests.engine import App, spreadsheet_program
from tests.office import calc
from tests.test_eight_quarters import Account, _return, _the_first_two


def main() -> None:
    """Consolidate the nine reference returns, then nine of the next quarter, and print the calls by sheet."""
    demo = Path(cpxl.__file__).parent / "demo"
    with tempfile.TemporaryDirectory() as scratch, calc() as desktop, spreadsheet_program(desktop) as app:
        folder = starting.init(Path(scratch) / "folder")
        importing.import_history(folder, demo / "history.csv")
        shutil.copytree(demo / "returns", folder.returns(folder.current_quarter()), dirs_exist_ok=True)
        xlwings.apps[0].books.open(str(folder.master))
        consolidate(app)
        next_quarter(folder, _the_first_two(folder))
        consolidate(app)


def next_quarter(folder: WorkingFolder, account: Account) -> None:
    """Issue the returns of the next quarter, and fill them in."""
    quarter = folder.current_quarter().plus(1)
    issuing.issue(folder, quarter)
    for strand in folder.settings.strands:
        issued = next(folder.issued(quarter).glob(f"* {strand.code}.xlsx"))
        _return(folder, quarter, strand, issued, account)


def consolidate(app: App) -> None:
    """Click, and print the calls."""
    app.calls.clear()
    app.answers = ["no"]  # to charts that are due
    press("consolidate")
    print(app.alerts[-1].partition("\n")[0])
    sheets = len(app.books.active.sheets)
    for sheet, calls in sorted(app.calls.items()):
        print(f"{calls:5}  {sheet or '(the whole program)'}")
    total = sum(app.calls.values())
    print(f"{total:5}  in all, {total / sheets:.1f} a sheet, of {sheets} sheets")


if __name__ == "__main__":
    main()

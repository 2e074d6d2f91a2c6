"""Make the nine filled-in returns of the demo: python -m tools.make_demo_returns

Each return is issued by cpxl, with the earlier quarters of cpxl/demo/history.csv, and filled in from demo_returns.yaml.
Five of them are opened, filled in and saved by LibreOffice Calc, so that they carry a foreign program's habits as real
returns do; the others are written as Excel would leave them. Needs LibreOffice Calc and its Python bridge (on Debian
libreoffice-calc and python3-uno).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

import cpxl
from cpxl.account.strand import strand_account
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, Strand
from cpxl.folder import WorkingFolder
from cpxl.layout.blocks import Formula, Sheet
from cpxl.layout.form import return_workbook
from cpxl.layout.place import place
from cpxl.layout.strand import strand_sheet
from cpxl.master.file import read_master
from cpxl.model import (
    ACHIEVED,
    SCHEDULED,
    BreakdownFigure,
    DeliveryItem,
    Master,
    Measure,
    Note,
    Progress,
    Risk,
)
from cpxl.quarters import Quarter
from cpxl.steps import importing, issuing, starting
from cpxl.workbooks.write import to_bytes
from tests.office import calc, opened

FILLED_IN_BY_CALC = {"GANGS", "NTE", "CSE", "PREVENT", "SOC"}
DATE_FORMAT = 2  # com.sun.star.util.NumberFormat.DATE
ENTRIES = Path(__file__).with_name("demo_returns.yaml")
RETURNS = Path(cpxl.__file__).parent / "demo" / "returns"


def main() -> None:
    """Write the nine workbooks into cpxl/demo/returns."""
    entries = yaml.safe_load(ENTRIES.read_text(encoding="utf-8"))
    RETURNS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, calc() as desktop:
        folder = starting.init(Path(scratch) / "demo")
        importing.import_history(folder, RETURNS.parent / "history.csv")
        quarter = folder.current_quarter()
        known = issuing.before(read_master(folder).master, quarter)
        for strand in folder.settings.strands:
            path = RETURNS / f"{quarter.folder} {strand.code}.xlsx"
            filled = with_entries(known, strand, quarter, entries[strand.code])
            if strand.code in FILLED_IN_BY_CALC:
                path.write_bytes(form_of(folder, known, strand, quarter))
                fill_in(desktop, path, folder.settings, strand, quarter, known, filled)
            else:
                path.write_bytes(form_of(folder, filled, strand, quarter))
            print(path.name)


def form_of(folder: WorkingFolder, master: Master, strand: Strand, quarter: Quarter) -> bytes:
    """The return with what a master holds."""
    account = strand_account(master, quarter, strand, folder.settings)
    return to_bytes(return_workbook(folder.settings, account), folder.theme)


def with_entries(known: Master, strand: Strand, quarter: Quarter, entries: dict[str, Any]) -> Master:
    """What the master would hold with the strand's entries of the quarter."""
    about: dict[str, Any] = {"quarter": quarter, "strand": strand.name}
    notes = entries.get("footnotes", {})
    return replace(
        known,
        progress=known.progress
        + tuple(
            Progress(**about, plan=plan, status=status, value=value, note=notes.get(plan, {}).get(status))
            for plan, figures in entries.get("progress", {}).items()
            for status, value in figures.items()
        ),
        measures=tuple(
            Measure(**about, period=period, **({"previous": None} | entry))
            for period, comparison in COMPARISONS.items()
            for entry in entries.get(comparison.block, [])
        ),
        breakdowns=tuple(_figures(strand, quarter, entries.get("breakdowns", {}))),
        risks=tuple(Risk(**about, id=None, **entry) for entry in entries.get("risks", [])),
        delivery=tuple(
            DeliveryItem(**about, kind=kind, **entry)
            for key, kind in (("achieved", ACHIEVED), ("scheduled", SCHEDULED))
            for entry in entries.get(key, [])
        ),
        notes=tuple(Note(**about, text=text) for text in entries.get("notes", [])),
    )


def _figures(strand: Strand, quarter: Quarter, entries: dict[str, Any]) -> Iterator[BreakdownFigure]:
    """The figures of a strand's breakdowns; the comment on a row stands beside the first of them."""
    for name, rows in entries.items():
        breakdown = strand.breakdown(name)
        assert breakdown, name
        for row, said in rows.items():
            assert {row} <= {*breakdown.every_row} and said.keys() <= {*breakdown.columns, "comment"}, (name, row)
            for at, column in enumerate(breakdown.columns):
                comment = None if at else said.get("comment")
                yield BreakdownFigure(quarter, strand.name, name, row, column, said.get(column), comment)


def fill_in(
    desktop: Any, path: Path, settings: Settings, strand: Strand, quarter: Quarter, known: Master, filled: Master
) -> None:
    """Open an issued return in Calc, type the entries into its cells, save it as Calc saves .xlsx."""
    accounts = (strand_account(master, quarter, strand, settings) for master in (known, filled))
    issued, wanted = (strand_sheet(account, settings) for account in accounts)
    with opened(desktop, path) as document:
        page = document.Sheets.getByName(issued.name)
        for row, column, value in entered(issued, wanted):
            cell = page.getCellByPosition(column, row)
            if isinstance(value, date):
                cell.setFormula(f"{value:%Y-%m-%d}")
                cell.NumberFormat = document.NumberFormats.getStandardFormat(DATE_FORMAT, document.CharLocale)
            elif isinstance(value, str):
                cell.setString(value)
            else:
                cell.setValue(value)


def entered(issued: Sheet, wanted: Sheet) -> Iterator[tuple[int, int, Any]]:
    """The cells of the issued sheet (row and column from 0) that a lead fills in to get the wanted one."""
    places = place(issued).blocks
    for block in wanted.blocks:
        for at, column in enumerate(block.columns):
            for number, row in enumerate(block.rows):
                value = row.get(column.key)
                if column.entered and value is not None and not isinstance(value, Formula):
                    yield places[block.name].first + number, at, value


if __name__ == "__main__":
    main()

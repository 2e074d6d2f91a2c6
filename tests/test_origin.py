"""Every row of the master's data tables says where it comes from, and leads there."""

import csv
import hashlib
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from cpxl.folder import WorkingFolder
from cpxl.layout.blocks import Formula, Sheet
from cpxl.layout.data import OwnFormula, data_block
from cpxl.layout.place import Here, place
from cpxl.master.file import read_master
from cpxl.master.own_formulas import _is_about_what_moves
from cpxl.model import TABLES, Cell, Progress, field_names
from cpxl.origin import Origin, from_columns, in_columns, origin_of
from cpxl.quarters import Quarter
from cpxl.workbook_names import DATA_SHEETS
from tests.command import Demo
from tests.values import table

Q2 = Quarter(2020, 2)


def test_an_origin_stands_in_columns_and_is_read_back() -> None:
    cells = {"value": "D14", "note": "F14"}
    origin = Origin("returns/2020-21-Q2/It's 50% # 1.xlsx", "ab" * 32, "Women's Safety", cells)
    assert from_columns(in_columns(origin)) == origin
    assert from_columns(in_columns(None)) is None
    assert from_columns({}) is None  # a master of 0.1.0


def test_a_total_that_was_worked_out_has_no_cell() -> None:
    cells = {"value": Cell("S", "D14"), "note": Cell("S", "F14")}
    figure = Progress(Q2, "S", "P", "Complete", 1, "why", cells=cells)
    assert origin_of(figure, field_names(Progress), "f", "", [Cell("S", "D14")]).cells == {"note": "F14"}


def test_names_are_no_part_of_a_formula() -> None:
    """They are taken from the cells beside it; and what Excel's links cannot have has none."""
    evil = 'returns/2020-21-Q2/"&cmd|calc&".xlsx'
    for file, is_link in ((evil, True), (f"returns/{'x' * 230}.xlsx", False), ("far away.csv", False)):
        figure = Progress(Q2, "S", "P", "Complete", 1, origin=Origin(file, "", '"&A1&"', {"value": "D14"}))
        (row,) = data_block("progress", [figure]).rows
        link = row.get("where_from")
        assert isinstance(link, Formula) == is_link
        if isinstance(link, Formula):
            block = data_block("progress", [figure])
            text = link.text(Here(place(Sheet("Progress", "", items=[block])), block.name))
            assert "cmd" not in text and "A1&" not in text


def test_every_row_of_the_reference_quarter_has_an_origin(demo: Demo) -> None:
    """And what it names stands there, as another reader finds it."""
    master = read_master(WorkingFolder.open(demo.folder)).master
    books: dict[str, Any] = {}
    found = 0
    for name in TABLES:
        for record in getattr(master, name):
            origin = record.origin
            assert origin, record
            path = demo.folder / origin.file
            if origin.file == "master.xlsx":
                continue
            assert hashlib.sha256(path.read_bytes()).hexdigest() == origin.sha256
            for field, address in origin.cells.items():
                stands = str(_value(books, path, origin.sheet, address)).removesuffix(" 00:00:00").strip()
                assert stands == str(getattr(record, field)), record
                found += 1
    assert found > 300


def _value(books: dict[str, Any], path: Path, sheet: str, address: str) -> Any:
    """What stands in a cell of a file."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            text = list(csv.reader(file))[int(address[1:]) - 1][ord(address[0]) - ord("A")]
        return int(text) if text.isdigit() else text
    if path.name not in books:
        books[path.name] = load_workbook(path, data_only=True)
    return books[path.name][sheet][address].value


def test_links_stand_in_the_data_sheets(demo: Demo) -> None:
    for name in ("progress", "risks"):
        heading, *rows = table(demo.folder / "master.xlsx", DATA_SHEETS[name], "quarter")
        shown, cells, file = (heading.index(key) for key in ("where_from", "origin_cells", "origin_file"))
        returned = [row for row in rows if row[file].startswith("returns/")]
        assert returned and all(row[shown] == row[cells].split(" ")[0] for row in returned)


def test_formulas_beside_a_table_of_before_stay_about_what_they_were() -> None:
    """The table gets columns, and what is beside it moves; what it is about stays where it was."""
    assert not _is_about_what_moves("=E5*2+SUM(E:E)", 6)
    assert _is_about_what_moves("=G5*2", 6)
    assert _is_about_what_moves("=SUM(H:H)", 6)
    stands = OwnFormula("=E5*2", "L5", 64).moved(8, 11)  # in L9, where it was in G5
    assert stands.text(Here(place(Sheet("Progress", "")), "")) == "=E9*2"

"""What a coordinator's formulas and names look at, in an open master of which rows become others."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.file import laid_out
from cpxl.steps import merging
from cpxl.workbooks import live
from cpxl.workbooks.live.references import cells_in, looks
from cpxl.workbooks.read import OpenWorkbook

SHARED = b"""<worksheet><sheetData><row r="2"><c r="B2"><f t="shared" ref="B2:B3" si="0">Data!A5&amp;Data!A$9</f></c>
<c r="C2" s="1"><f>SUM(B2:B3)</f><v>1</v></c></row><row r="3"><c r="B3"><f t="shared" si="0"/></c></row></sheetData>
</worksheet>"""


@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ("Progress!E14", [("Progress", 13, 13)]),
        ("'Women''s Safety'!$E$14:E3+1", [("Women's Safety", 2, 13)]),
        ('A3&"B4 and Progress!A5"', [("Here", 2, 2)]),
        ("SUM(Progress[value])+LOG10(2)+Rate2!C1", [("Rate2", 0, 0)]),
        ("SUMIFS(Progress!E:E,Progress!A:A,A2)", [("Here", 1, 1)]),
    ],
)
def test_cells_that_a_formula_names(formula: str, cells: list[tuple[str, int, int]]) -> None:
    assert list(cells_in(formula, "Here")) == cells


def test_a_formula_that_was_filled_down_looks_further_down() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as parts:
        parts.writestr("one.xml", SHARED)
        parts.writestr("xl/workbook.xml", b'<definedName name="mine">Data!$A$7</definedName>')
    with ZipFile(file) as parts:
        found = {(look.place and look.place[1], look.sheet, look.top) for look in looks(parts, {"Mine": "one.xml"})}
    assert found == {(1, "Data", 4), (1, "Data", 8), (2, "Data", 5), (2, "Data", 8), (1, "Mine", 1), (None, "Data", 6)}


def test_what_looks_at_a_row_that_becomes_another_is_refused(begun: WorkingFolder) -> None:
    """At the last row of a table into which rows come; not at a whole table, nor at any other row."""
    _, _, master = merging.merge(begun, begun.current_quarter())
    layout, before = laid_out(begun.settings, master), begun.master.read_bytes()
    there = OpenWorkbook(before)
    last = there.areas["cpxl_data_progress"][0][3] + 1

    def plan(part: str, end: str, more: str) -> None:
        """Plan with more before the end of a part of the file."""
        file = BytesIO()
        with ZipFile(BytesIO(before)) as old, ZipFile(file, "w") as new:
            for name in old.namelist():
                text = old.read(name).decode()
                new.writestr(name, text.replace(end, f"{more}{end}", 1) if name == part else text)
        live.plan(file.getvalue(), layout, begun.theme)

    def formula(text: str) -> None:
        plan(there.parts["Insights"], "</row>", f'<c r="Z1"><f>{text}</f><v>1</v></c>')

    for harmless in (f"Progress!A{last - 1}", f"SUM(Progress!E5:E{last})", f"Progress!E{last + 3}", "Progress!A5"):
        formula(harmless)
    with pytest.raises(Refused, match=rf"in Insights!Z1 looks at row Progress!{last}, where another row"):
        formula(f"Progress!E{last}*2")
    with pytest.raises(Refused, match=r"The name 'mine' looks at row Progress!"):
        plan("xl/workbook.xml", "</definedNames>", f'<definedName name="mine">Progress!$E${last}</definedName>')

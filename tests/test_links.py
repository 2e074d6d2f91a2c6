"""Links in every workbook: text that every program shows in full."""

from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from cpxl import theme
from cpxl.layout.blocks import Block, Column, FileLink, Link, Row, Sheet, Workbook
from cpxl.workbooks.write import to_bytes


def test_no_link_is_cut_off(tmp_path: Path) -> None:
    """LibreOffice wraps no link: a long name is there in full without one, and a file's is shortened in its midst."""
    strand, file = "A strand with a name that takes " * 3, "Copy of a copy of the return that came back " * 3 + ".xlsx"
    rows: list[Row] = [
        {"a": Link("Two", strand), "b": FileLink(file)},
        {"a": Link("Two", "Short"), "b": FileLink("short.xlsx")},
    ]
    block = Block("links", "", [Column("a", "A"), Column("b", "B")], rows)
    columns = [Column("a", "A")]
    sheets = [Sheet("One", "One", items=[block]), Sheet("Two", "Two", items=[Block("two", "", columns, [{"a": 1}])])]
    page = load_workbook(BytesIO(to_bytes(Workbook("", "", "", sheets), theme.load(tmp_path))))["One"]
    long, short = page.iter_rows(min_row=page.max_row - 1)
    assert [cell.value for cell in short] == ["Short", "short.xlsx"]
    assert all(cell.hyperlink for cell in short)
    assert (long[0].value, long[0].hyperlink) == (strand, None)
    assert str(long[1].value).startswith("Copy of a copy")
    assert "…" in str(long[1].value)
    assert str(long[1].value).endswith(".xlsx")
    target = str(long[1].hyperlink and long[1].hyperlink.target)
    assert target.startswith("Copy")
    assert len(target) >= len(file)

"""The report as a sheet of the partner workbook: its sections in order, with links to where the tables are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from cpxl.account import Account
from cpxl.layout.blocks import Block, Column, Content, Heading, Link, Row, Sheet
from cpxl.layout.parts import ReportSection, Table, Text
from cpxl.layout.report import sections
from cpxl.layout.summary import lines_of
from cpxl.workbook_names import NOTES, REGISTER, REPORT, SUMMARY

SHEETS: Mapping[str, str] = {"summary": SUMMARY, "at_risk": REGISTER, "corrections": NOTES}
"""Where the tables of a section stand, by its kind."""
LONGEST = 1400
"""Characters of a text in a cell: as many as the highest row of Excel's shows."""
INTRO = "What was written for the quarter, section by section. Where the first column is blank, the section goes on."


def report_sheet(account: Account) -> Sheet:
    """Every section of the report but the contents, which a workbook has for itself."""
    columns = [Column("section", "Section"), Column("text", "Text")]
    strands = iter(account.strands)
    rows: list[Row] = []
    for section in sections(account):
        if section.kind != "contents":
            sheet = next(strands).strand.short_name if section.kind == "strand" else SHEETS.get(section.kind)
            rows += _rows(section, sheet)
    lines = lines_of(account.settings, account.quarter)
    return Sheet(REPORT, "Report", lines, [Block("report", "", columns, rows, INTRO)])


def _rows(section: ReportSection, sheet: str | None) -> Iterator[Row]:
    """A section: its heading beside its first text, a row for each other, and a link to where its tables are."""
    label: Content = Heading(section.label, section.level)
    for heading, text in _texts(section):
        if heading and not isinstance(label, Heading):
            label = Heading(heading, 2)
        elif heading:
            yield {"section": label}
            label = Heading(heading, 2)
        yield {"section": label, "text": text}
        label = None
    if sheet or label:
        link = Link(sheet, f"The figures are on the sheet '{sheet}'.") if sheet else None
        yield {"section": label, "text": link}


def _texts(section: ReportSection) -> Iterator[tuple[str, str]]:
    """The texts that stand on no other sheet, each with the heading above it, if it has one."""
    heading = ""
    for part in section.parts[:1] if section.kind == "strand" else section.parts:
        if isinstance(part, Text) and part.style == "heading":
            if heading:
                yield heading, ""
            heading = part.text
            continue
        for text in _said(part, section.kind):
            for piece in _pieces(text):
                yield heading, piece
                heading = ""
    if heading:
        yield heading, ""


def _said(part: object, kind: str) -> Iterator[str]:
    if isinstance(part, Text):
        yield f"\u2022 {part.strong}{part.text}" if part.style == "bullet" else f"{part.strong}{part.text}"
    elif isinstance(part, Table) and kind == "at_risk":
        for number, *rest in part.rows:
            yield "\n".join([f"{number.text}) {rest[0].text}", *(cell.text for cell in rest[1:])])


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that a cell shows in full."""
    if len(text) <= LONGEST:
        yield text
    else:
        yield from textwrap.wrap(text, LONGEST, expand_tabs=False, replace_whitespace=False, break_on_hyphens=False)

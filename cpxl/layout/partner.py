"""The workbook that goes to partners: values only, nothing hidden, nothing private."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from cpxl.account import Account
from cpxl.account.summary import UNKNOWN
from cpxl.layout.blocks import (
    MARK,
    Block,
    Chart,
    Column,
    Item,
    Line,
    Link,
    Picture,
    Row,
    Sentence,
    Sheet,
    Workbook,
    for_partners,
)
from cpxl.layout.master import corrections_block, insights_sheet, register_sheet
from cpxl.layout.report_sheet import report_sheet
from cpxl.layout.revised import marked_sheet, revised_in_words, revisions_sheet
from cpxl.layout.strand import Use, strand_sheet
from cpxl.layout.summary import by_quarter_sheet, lines_of, summary_sheet
from cpxl.quarters import Quarter, day_name, is_quarter, month_name
from cpxl.words import how_many
from cpxl.workbook_names import CONTENTS, COVER, NOTES, REVISIONS

BLANK = "A blank cell means that nothing was reported, or that there is no figure."


def partner_workbook(account: Account, issued: date, traced: str = "") -> Workbook:
    """What partners receive for a quarter. issued: the day that it says. traced: how far its figures were."""
    settings, quarter = account.settings, account.quarter
    sheets = [marked_sheet(sheet, account) for sheet in partner_sheets(account)]
    if account.revisions:
        sheets.insert(-1, for_partners(revisions_sheet(account)))
    title = f"{settings.strategy}: progress to {quarter}"
    front = [_cover(account, title, issued, traced), _contents(sheets)]
    sheets = [*front, *map(_with_way_back, sheets)]
    return Workbook(title, settings.marking, f"{settings.strategy}, {_edition(account)}", sheets, made=issued)


def _edition(account: Account) -> str:
    """`2020/21 Q2, v1.0`."""
    return ", ".join([str(account.quarter), *([account.publication.label] if account.publication else [])])


def partner_sheets(account: Account) -> list[Sheet]:
    """What partners are told of a quarter: all sheets but the cover and the contents."""
    strands = zip(account.strands, account.of_strands, strict=True)
    body = [
        summary_sheet(account, to_fill_in=False),
        *[strand_sheet(strand, account.settings, Use.PARTNERS, news, account.pictures) for strand, news in strands],
        register_sheet(account),
        insights_sheet(account),
        by_quarter_sheet(account, is_live=False),
        *([report_sheet(account)] if account.texts else []),
        _notes(account),
    ]
    return [_without_empty_columns(for_partners(sheet)) for sheet in body]


def _without_empty_columns(sheet: Sheet) -> Sheet:
    """The sheet without columns of figures, or choices, that no row has anything in, nor a chart is drawn over."""
    drawn = {item.block for item in sheet.items if isinstance(item, Chart)}

    def is_used(block: Block, column: Column) -> bool:
        is_of_a_quarter = block.by_quarter and is_quarter(column.heading)
        return is_of_a_quarter or any(row.get(column.key) not in (None, "") for row in block.rows)

    def shown(item: Item) -> Item:
        if not isinstance(item, Block) or item.name in drawn:
            return item
        first = item.columns[:2]
        return replace(item, columns=[*first, *(c for c in item.columns[2:] if is_used(item, c))])

    return replace(sheet, items=[shown(item) for item in sheet.items])


def _with_way_back(sheet: Sheet) -> Sheet:
    """The sheet with lines that say what is on it, and lead back to the contents."""
    subtitle, *news = sheet.lines
    about = [
        Line(f"{_what(sheet)} {BLANK}" if sheet.blocks else _what(sheet)),
        Line(Link(CONTENTS, "Back to contents"), "back"),
    ]
    return replace(sheet, lines=[subtitle, *about, *news])


def _what(sheet: Sheet) -> str:
    """`This sheet has 3 tables and 1 chart.`"""
    charts = sum(isinstance(item, Chart) for item in sheet.items)
    tables = how_many(len(sheet.blocks), "table") if sheet.blocks else "no table"
    pictures = sum(isinstance(item, Picture) for item in sheet.items)
    counted = [tables, *([how_many(charts, "chart")] if charts else []), *(["1 picture"] if pictures else [])]
    return f"This sheet has {' and '.join(filter(None, (', '.join(counted[:-1]), counted[-1])))}."


def _cover(account: Account, title: str, issued: date, traced: str) -> Sheet:
    settings, quarter = account.settings, account.quarter
    months = quarter.months(settings.financial_year_starts_in)
    absent = {one.strand for one in account.absent}
    there = [strand.strand.name for strand in account.strands if strand.strand.name not in absent]
    corrected = sum(c.quarter <= quarter for c in account.corrections)
    facts = {
        "Period": f"{quarter}: {months}",
        "Version": account.publication.version if account.publication else "",
        "Date of issue": day_name(issued),
        "Signed off": ", ".join(one.strand.name for one in account.strands if one.is_signed_off),
        "Approved by": str(account.publication.approved or "") if account.publication else "",
        "Prepared by": settings.force,
        "Prepared for": settings.partnership,
        "Contact": re.sub("^the ", "The ", settings.contact or ""),
        "Protective marking": settings.marking,
        "Strands reported": f"{len(there)} of {len(account.strands)}: {', '.join(there) or 'none'}",
        "Strands not reported": ", ".join(absent_one.strand for absent_one in account.absent),
        "What the figures say": "\n".join(account.news[:2]),
        "Changed since last quarter": f"{how_many(corrected, 'figure')} of earlier quarters: see Notes"
        if corrected
        else "",
        "Revised figures": revised_in_words(account),
        "Why this version": str(account.publication.because or "") if account.publication else "",
        "Where figures come from": traced,
        "How to read it": (
            "Start with the executive summary. Each strand has a sheet; the risk register and the insights bring "
            "together what the strands' sheets say. Every sheet says at its top what is on it."
        ),
        "N/A": "There is nothing to count, such as where a strand has no delivery plan.",
        UNKNOWN: "There is something to count, and no figure was returned. It is in no total.",
    }
    rows: list[Row] = [{"item": item, "details": details} for item, details in facts.items() if details]
    columns = [Column("item", "About this workbook"), Column("details", "Details")]
    return Sheet(
        COVER, title, [Line(f"{settings.force} for {settings.partnership}")], [Block("cover", "", columns, rows)]
    )


def _contents(body: Sequence[Sheet]) -> Sheet:
    rows: list[Row] = [{"sheet": Link(s.name, s.name), "about": "; ".join(_items(s))} for s in body]
    columns = [Column("sheet", "Go to sheet"), Column("about", "What is on it")]
    return Sheet(CONTENTS, CONTENTS, [Line("Each name leads to its sheet.")], [Block("contents", "", columns, rows)])


def _items(sheet: Sheet) -> Iterator[str]:
    """What stands on a sheet, by its titles; what it says, where no table is on it."""
    there = filter(None, (block.title or block.intro.rstrip(".") for block in sheet.blocks))
    titles = list(dict.fromkeys("Insights" if title.startswith("Insights: ") else title for title in there))
    said = dict.fromkeys(item.text.rstrip(".") for item in sheet.items if isinstance(item, Sentence))
    yield from titles or said or [_what(sheet).removeprefix("This sheet has ").rstrip(".")]


def _notes(account: Account) -> Sheet:
    settings = account.settings
    start = month_name(Quarter(2020, 1).end(settings.financial_year_starts_in)).split()[0]
    unit = settings.unit[0]
    meanings = {
        unit[:1].upper()
        + unit[1:]: f"One piece of work in a delivery plan. The progress grids count {settings.units} by status.",
        "Figures as of": "The quarter that a strand's figures are of. Figures of an earlier quarter are in no total.",
        "To Sep 2020": "In insights: a count over the 12 months to the end of that month.",
        "Sep 2020": "In insights: the figure of that month alone.",
        "% change": "The change as a share of the earlier figure.",
        "Usual range": "What months usually lie within: beyond it, or in a row on one side, is a signal, not chance.",
        **(
            {MARK: f"Revised: not what was last published for its quarter. The sheet {REVISIONS} says what that was."}
            if account.revisions
            else {}
        ),
        "Response": "One of the five responses to a risk: treat, tolerate, transfer, terminate, take the opportunity "
        "(HM Treasury, The Orange Book).",
        "Quarter": f"Quarter 1 ends in {start}.",
    }
    glossary: list[Row] = [{"term": term, "meaning": meaning} for term, meaning in meanings.items()]
    footnotes: list[Row] = [
        {"term": f"{p.strand}, {p.quarter}", "meaning": f"{p.plan}, {p.status}: {p.note}"} for p in account.footnotes
    ]
    items: list[Item] = [Block("glossary", "Words", [Column("term", "Word"), Column("meaning", "Meaning")], glossary)]
    if footnotes:
        columns = [Column("term", "Figure of"), Column("meaning", "Note")]
        items.append(Block("footnotes", "Notes on figures", columns, footnotes))
    if account.corrections:
        items.append(corrections_block(account))
    return Sheet(NOTES, NOTES, lines_of(settings, account.quarter), items)

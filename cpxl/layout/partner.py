"""The workbook that goes to partners: values only, nothing hidden, nothing private."""

from __future__ import annotations

from cpxl.account import Account
from cpxl.layout.blocks import Block, Column, Link, Row, Sheet, Workbook, for_partners
from cpxl.layout.master import insights_sheet, register_sheet, subtitle, summary_sheet
from cpxl.layout.names import CONTENTS, COVER, NOTES
from cpxl.layout.strand import strand_sheet
from cpxl.quarters import Quarter, month_name


def partner_workbook(account: Account) -> Workbook:
    """What partners receive for a quarter."""
    settings, quarter = account.settings, account.quarter
    body = [
        summary_sheet(account),
        *[strand_sheet(strand, settings, form=False) for strand in account.strands],
        register_sheet(account),
        insights_sheet(account),
        _notes(account),
    ]
    title = f"{settings.strategy}: progress to {quarter}"
    sheets = [_cover(account, title), _contents(body), *map(for_partners, body)]
    return Workbook(title, settings.marking, f"{settings.force}, {settings.strategy}, {quarter}", sheets)


def _cover(account: Account, title: str) -> Sheet:
    settings, quarter = account.settings, account.quarter
    there, all_of_them = len(account.strands) - len(account.absent), len(account.strands)
    rows: list[Row] = [
        {"item": "Protective marking", "details": settings.marking},
        {"item": "Prepared by", "details": settings.force},
        {"item": "For", "details": settings.partnership},
        {"item": "Quarter", "details": str(quarter)},
        {"item": "Period ends", "details": month_name(quarter.end(settings.financial_year_starts_in))},
        {"item": "Strands reported", "details": f"{there} of {all_of_them}"},
    ]
    columns = [Column("item", "About this workbook", width=30), Column("details", "Details", width=50)]
    return Sheet(COVER, title, f"{settings.marking}", [Block("cover", "", columns, rows)])


def _contents(body: list[Sheet]) -> Sheet:
    rows: list[Row] = [{"sheet": Link(sheet.name, sheet.name), "about": sheet.title} for sheet in body]
    columns = [Column("sheet", "Go to sheet", width=34), Column("about", "What it shows", width=60)]
    return Sheet(CONTENTS, "Contents", items=[Block("contents", "", columns, rows)])


def _notes(account: Account) -> Sheet:
    settings = account.settings
    meanings = [
        ("Work strand", "One piece of work in a delivery plan. The progress grids count work strands by status."),
        ("N/A", "Not applicable: the strand has no delivery plan yet, or there is nothing to count or compare."),
        ("Figures as of", "The quarter that a strand's figures are of. The total counts figures of this quarter only."),
        (
            "12 months to",
            "A count over the 12 months to the end of a month, set against the same 12 months a year before.",
        ),
        ("% difference", "The difference as a share of the earlier figure."),
        (
            "Response",
            "One of the five responses to a risk: treat, tolerate, transfer, terminate, take the opportunity "
            "(HM Treasury, The Orange Book).",
        ),
        (
            "Quarter",
            f"Quarter 1 ends in {month_name(Quarter(2020, 1).end(settings.financial_year_starts_in)).split()[0]}.",
        ),
    ]
    footnotes: list[Row] = [
        {"term": f"{p.strand}: {p.plan}, {p.status}, {p.quarter}", "meaning": p.note} for p in account.footnotes
    ]
    glossary: list[Row] = [{"term": term, "meaning": meaning} for term, meaning in meanings]
    return Sheet(
        NOTES,
        "Notes",
        subtitle(settings, account.quarter),
        [
            Block(
                "glossary",
                "Words",
                [Column("term", "Word", width=44), Column("meaning", "Meaning", width=80)],
                glossary,
            ),
            Block(
                "footnotes",
                "Notes on figures",
                [Column("term", "Figure", width=44), Column("meaning", "Note", width=80)],
                footnotes,
                empty="None.",
            ),
        ],
    )

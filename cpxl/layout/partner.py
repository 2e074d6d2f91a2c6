"""The workbook that goes to partners: values only, nothing hidden, nothing private."""

from __future__ import annotations

from dataclasses import replace

from cpxl.config import Settings
from cpxl.consolidate import WITHOUT_FIGURES, return_state
from cpxl.layout.blocks import Block, Column, Link, Row, Sheet, Workbook, for_partners
from cpxl.layout.master import insights_sheet, register_sheet, subtitle, summary_sheet
from cpxl.layout.names import CONTENTS, COVER, NOTES
from cpxl.layout.strand import strand_sheet
from cpxl.model import Master
from cpxl.quarters import Quarter, month_name


def partner_workbook(settings: Settings, master: Master, quarter: Quarter) -> Workbook:
    """What partners receive for a quarter, drawn from the master's data."""
    master = replace(master, quarter=quarter)
    settings = settings.as_of(quarter)
    body = [
        summary_sheet(settings, master),
        *[strand_sheet(settings, strand, quarter, master, form=False) for strand in settings.strands],
        register_sheet(settings, master),
        insights_sheet(settings, master),
        _notes(settings, master),
    ]
    title = f"{settings.strategy}: progress to {quarter}"
    sheets = [_cover(settings, master, title), _contents(body), *map(for_partners, body)]
    return Workbook(title, settings.marking, f"{settings.force}, {settings.strategy}, {quarter}", sheets)


def _cover(settings: Settings, master: Master, title: str) -> Sheet:
    states = [return_state(master, master.quarter, strand) for strand in settings.strands]
    there = sum(state not in WITHOUT_FIGURES for state in states)
    rows: list[Row] = [
        {"item": "Protective marking", "details": settings.marking},
        {"item": "Prepared by", "details": settings.force},
        {"item": "For", "details": settings.partnership},
        {"item": "Quarter", "details": str(master.quarter)},
        {"item": "Period ends", "details": month_name(master.quarter.end(settings.financial_year_starts_in))},
        {"item": "Strands reported", "details": f"{there} of {len(states)}"},
    ]
    columns = [Column("item", "About this workbook", width=30), Column("details", "Details", width=50)]
    return Sheet(COVER, title, f"{settings.marking}", [Block("cover", "", columns, rows)])


def _contents(body: list[Sheet]) -> Sheet:
    rows: list[Row] = [{"sheet": Link(sheet.name, sheet.name), "about": sheet.title} for sheet in body]
    columns = [Column("sheet", "Go to sheet", width=34), Column("about", "What it shows", width=60)]
    return Sheet(CONTENTS, "Contents", items=[Block("contents", "", columns, rows)])


def _notes(settings: Settings, master: Master) -> Sheet:
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
        {"term": f"{p.strand}: {p.plan}, {p.status}, {p.quarter}", "meaning": p.note}
        for p in master.progress
        if p.note and p.quarter <= master.quarter
    ]
    glossary: list[Row] = [{"term": term, "meaning": meaning} for term, meaning in meanings]
    return Sheet(
        NOTES,
        "Notes",
        subtitle(settings, master.quarter),
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

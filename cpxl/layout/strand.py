"""A strand's sheet: the form that a lead fills in, the strand's sheet of the master, and what partners see of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum

from cpxl.account.strand import StrandAccount
from cpxl.config import Settings
from cpxl.layout.blocks import Block, Chart, Column, Line, Picture, Row, Sheet
from cpxl.layout.breakdowns import breakdown_block, paragraphs_block
from cpxl.layout.delivery import achieved_block, due_block, notes_block, scheduled_block, sign_off_block
from cpxl.layout.measures import NO_FIGURES, measure_blocks, signal_blocks
from cpxl.layout.pictures import picture_block, picture_of
from cpxl.layout.progress import progress_chart, progress_grid
from cpxl.layout.ready import ready_block
from cpxl.layout.risks import risk_block
from cpxl.quarters import Quarter

HEADING = "heading"
NO_PICTURES: Mapping[str, bytes] = {}


class Use(Enum):
    """What a strand's sheet is for."""

    RETURN = "return"
    MASTER = "master"
    PARTNERS = "partners"


def strand_sheet(
    account: StrandAccount,
    settings: Settings,
    use: Use = Use.RETURN,
    news: str = "",
    pictures: Mapping[str, bytes] = NO_PICTURES,
) -> Sheet:
    """The sheet of one strand for a quarter: with rows to fill in, or for partners what is there.

    news: what its figures say, in a sentence. pictures: their content, by its SHA-256.
    """
    strand = account.strand
    items = list(_items(account, settings, use, pictures))
    if use is Use.RETURN:
        form = [item for item in items if isinstance(item, Block)]
        items = [_heading(account, settings), ready_block(strand.short_name, form), *items]
    if use is Use.MASTER:
        items = [_heading(account, settings), *items]
    about = f"{_period(settings, account.quarter)}. {settings.lead_title}: {strand.lead}."
    lines = [Line(line) for line in (form_lines(settings, account.quarter) if use is Use.RETURN else [about])]
    lines += [Line(news, "lead")] if news else []
    if use is Use.PARTNERS:
        lines += [Line(f"{grid.plan.name}: {sentence}") for grid in account.grids for sentence in grid.uneven]
    return Sheet(strand.short_name, strand.name, lines, items, protected=use is not Use.PARTNERS)


def form_lines(settings: Settings, quarter: Quarter) -> list[str]:
    """What stands below the title of a form that a lead fills in."""
    day, to = settings.return_by(quarter), settings.contact
    send = " ".join(["Please send it", *([f"to {to}"] if to else ["back"]), *([f"by {day}"] if day else [])])
    return [
        f"Return for {_period(settings, quarter)}. {settings.strategy}.",
        f"{send}. Fill in the pale yellow cells; nothing else can be changed.",
    ]


def _period(settings: Settings, quarter: Quarter) -> str:
    return f"{quarter}: {quarter.months(settings.financial_year_starts_in)}"


def _items(
    account: StrandAccount, settings: Settings, use: Use, pictures: Mapping[str, bytes]
) -> Iterator[Block | Chart | Picture]:
    to_fill_in = use is not Use.PARTNERS
    with_charts = use is not Use.RETURN
    empty = "" if account.is_returned or to_fill_in else account.why_without
    for grid in account.grids:
        block = progress_grid(grid, account.strand, settings)
        if not (to_fill_in or grid.is_known):
            block = replace(block, rows=(), empty=empty or NO_FIGURES)
        yield block
        if with_charts:
            yield from progress_chart(grid, block, is_live=to_fill_in)
    if to_fill_in or account.risks:
        yield risk_block(account, settings, to_fill_in=to_fill_in)
    yield from measure_blocks(account, settings, to_fill_in=to_fill_in)
    for breakdown in account.breakdowns:
        yield breakdown_block(breakdown, to_fill_in=to_fill_in)
    if to_fill_in or account.paragraphs:
        yield paragraphs_block(account, to_fill_in=to_fill_in)
    if use is Use.RETURN and account.strand.picture:
        yield picture_block()
    if use is Use.PARTNERS and account.picture and account.picture.sha256 in pictures:
        yield picture_of(account.picture, pictures[account.picture.sha256])
    if to_fill_in or account.due:
        yield due_block(account, settings, to_fill_in=to_fill_in)
    yield achieved_block(account, settings, to_fill_in=to_fill_in, empty=empty)
    yield scheduled_block(account, settings, to_fill_in=to_fill_in, empty=empty)
    if to_fill_in:
        yield notes_block(account)
        yield sign_off_block(account)
    if with_charts:
        yield from signal_blocks(account, is_live=to_fill_in)


def _heading(account: StrandAccount, settings: Settings) -> Block:
    """What the sheet is of, by which a reader knows it."""
    rows: list[Row] = [
        {"item": "Strand", "details": account.strand.name},
        {"item": "Quarter", "details": str(account.quarter)},
        {"item": settings.lead_title, "details": account.strand.lead},
        {"item": "Protective marking", "details": settings.marking},
    ]
    return Block(HEADING, "", [Column("item", "About this sheet"), Column("details", "Details")], rows)

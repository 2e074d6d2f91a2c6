"""The workbook that a lead receives: guidance, the strand's sheet (its tables: `progress.py`, `risks.py`,
`measures.py`, `breakdowns.py`, `delivery.py`, in the order of `strand.py`), the hidden identity."""

from __future__ import annotations

from cpxl.account.strand import StrandAccount
from cpxl.config import Settings, Strand
from cpxl.layout.blocks import Block, Column, Sheet, Workbook
from cpxl.layout.identity import RETURN, identity_sheet, issue_id
from cpxl.layout.strand import strand_sheet
from cpxl.quarters import Quarter
from cpxl.words import listed
from cpxl.workbook_names import GUIDANCE, slug


def return_workbook(settings: Settings, account: StrandAccount) -> Workbook:
    """The return of a strand for a quarter, with what is known of earlier quarters filled in."""
    strand, quarter = account.strand, account.quarter
    facts = {
        "kind": RETURN,
        "strand": strand.code,
        "quarter": str(quarter),
        "issue_id": issue_id(settings, strand.code, quarter),
    }
    return Workbook(
        f"{settings.strategy}: {strand.name}, return for {quarter}",
        settings.marking,
        f"{strand.name}, {quarter}",
        [guidance_sheet(settings, strand, quarter), strand_sheet(account, settings), identity_sheet(facts)],
        is_return=True,
    )


def _of_its_own(strand: Strand) -> dict[str, str]:
    """What only some forms have."""
    steps = {}
    if strand.breakdowns:
        steps["Tables of your own"] = (
            f"{listed((one.name for one in strand.breakdowns), len(strand.breakdowns))}: a figure in each row. Leave "
            "blank what is not known, and say why in the comment; partners read that it was not reported. Enter N/A "
            "where there is nothing to count. Where there is a total, the line beside the title says whether the rows "
            "add up to it."
        )
    if strand.picture:
        steps["Picture"] = (
            "There is room for one, a PNG or JPEG: click the tall cell and paste it there (from another program, with "
            "Paste Special, Picture (PNG)). Say below it in a sentence what it shows, for those who cannot see it. It "
            "goes to partners; a picture anywhere else does not."
        )
    return steps


def guidance_sheet(settings: Settings, strand: Strand, quarter: Quarter) -> Sheet:
    """How to fill in the form: what a lead sees first."""
    wanted = settings.return_by(quarter)
    steps = {
        "Start": f"Fill in the sheet '{strand.short_name}' and send the file back to "
        f"{settings.contact or 'the coordinator'}{f' by {wanted}' if wanted else ''}. Any file name will do. "
        "'Ready to send?' at the top of the sheet says what is still to do.",
        "Cells": "Pale yellow cells with a border are yours to fill in. Everything else is locked, so that nothing can "
        "be overwritten by mistake; there is no password. The Tab key takes you from one cell to fill in to the next.",
        "Progress": f"Count the plan's {settings.units} by status at the end of {quarter}. Enter whole numbers, and 0 "
        "where there are none. The statuses must add up to the total: the line beside the grid's title says at once "
        "whether they do. If the plan has nothing to count yet, enter N/A in every row. A note beside a figure is "
        "printed as a footnote: use it where a figure needs explaining, for instance a total that has changed.",
        "Work at risk": "One row for each piece of work counted as at risk. Choose a response: treat (act on it), "
        "tolerate (accept it), transfer (pass it to someone who can carry it), terminate (stop the work) or take the "
        "opportunity. Work that is no longer at risk stays in the list, marked Closed.",
        "Insights": "Give both figures of each measure, each of the time that stands above it (only one, where it is "
        "compared with nothing), and say in the comment what lies behind a large change. If you "
        "have the counts month by month, enter them under 'Insights by month': the totals then follow from them, and "
        "next quarter only three months are new.",
        **_of_its_own(strand),
        "Delivery": "Choose from the list what became of each action that was planned. What is still under way stays "
        "here until it is delivered or will not go ahead: give its new date. What is delivered is listed by itself: "
        "say what difference it made. Then say what comes next, the difference expected, and when.",
        "More rows": "Need more? Select a row inside the table, away from its last one, and insert rows there.",
        "Sign-off": "Whoever signs the return off enters their post, not a name, and the date.",
        "Notes": "Notes to the coordinator do not go to partners; everything else may. Leave out people's names and "
        "personal details.",
        "Marking": f"Nothing you write may be marked higher than {settings.marking}.",
    }
    rows = [{"part": part, "step": step} for part, step in steps.items()]
    block = Block(slug(GUIDANCE), "", [Column("part", "Part"), Column("step", "How to fill it in")], rows)
    return Sheet(GUIDANCE, f"{strand.name}: return for {quarter}", items=[block], protected=True)

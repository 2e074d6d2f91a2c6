"""Names that stand in workbooks: of sheets, of blocks, of the template."""

import hashlib
import re
import unicodedata
from functools import lru_cache

from cpxl.names import alike
from cpxl.quarters import Quarter

TEMPLATE_VERSION = "3"
"""Raised whenever a return's layout changes, so that an old form is recognised."""
READ_TOO = ("2",)
"""Those of before (2 is that of 0.1.0), which are read as well."""

AUTHOR = "cpxl"
"""Who a workbook says has saved it last, as long as nobody else has."""

SUMMARY = "Executive summary"
REGISTER = "Risk register"
INSIGHTS = "Insights"
BY_QUARTER = "By quarter"
RETURNS = "Returns"
REPORT_TEXT, REPORT = "Report text", "Report"
GUIDANCE = "Guidance"
IDENTITY = "cpxl"
COVER, CONTENTS, REVISIONS, NOTES = "Cover", "Contents", "Revisions", "Notes"
FINDINGS, CHANGES = "Findings", "Changes"

MONTH, TOWARDS, TO_THE_MONTH = "Month", "Counts towards", "12 months"
"""Headings of the table with the counts by month."""

WORKED_OUT = "IF(COUNT("
"""How the formula of a 12-month total begins, by which a reader tells it from one that a lead typed."""
CARRIED = "IF(T("
"""How the formula begins that carries what was delivered to where it is told."""

DATA_SHEETS = {
    "progress": "Progress",
    "measures": "Measures",
    "monthly": "Monthly",
    "risks": "Risks",
    "delivery": "Delivery",
    "submissions": "Submissions",
    "breakdowns": "Breakdowns",
    "paragraphs": "Insight text",
    "pictures": "Pictures",
    "notes": "Lead notes",
    "sign_offs": "Signed off",
    "by_exception": "By exception",
    "report_texts": "Report text by quarter",
    "findings": FINDINGS,
    "corrections": "Corrections",
    "chasing": "Chasing",
    "publications": "Publications",
    "approvals": "Approvals",
}
"""The master's data tables and the sheets that hold them."""

RESERVED_SHEETS = {
    SUMMARY,
    REGISTER,
    INSIGHTS,
    BY_QUARTER,
    RETURNS,
    REPORT_TEXT,
    REPORT,
    GUIDANCE,
    IDENTITY,
    COVER,
    CONTENTS,
    REVISIONS,
    NOTES,
    "History",
} | set(DATA_SHEETS.values())
"""Names that no strand's sheet may have. `History` is Excel's own."""


LONGEST_SLUG = 40


def slug(text: str) -> str:
    """`Lead notes` as `lead_notes`. Only for names of ours, of which no two come to the same."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


@lru_cache(maxsize=4096)  # the same few, for every return
def key(name: str) -> str:
    """`Gangs / County Lines` as `gangs_county_lines_5f0c7d1a`: a name of config's as a part of a name in a workbook.

    Names that differ have keys that differ, whatever they are written in.
    """
    plain = unicodedata.normalize("NFKD", alike(name)).encode("ascii", "ignore").decode()
    digest = hashlib.sha256(alike(name).encode()).hexdigest()[:8]
    return f"{slug(plain)[:LONGEST_SLUG]}_{digest}".lstrip("_")


def table_name(sheet: str, block: str) -> str:
    """The name of a block's Excel Table: no two in a workbook are alike."""
    return f"{slug(sheet)}_{block}" if sheet in RESERVED_SHEETS else f"{block}_{key(sheet)}"


def total_heading(measure: str) -> str:
    """What the column with a measure's rolling 12 months is called, beside that with its counts by month."""
    return f"{measure}: {TO_THE_MONTH}"


def delivered_in(quarter: Quarter, first_month: int) -> str:
    """The title over what was delivered in a quarter: `Delivered in July to September 2020`."""
    return f"Delivered in {quarter.months(first_month)}"


def planned_for(quarter: Quarter, first_month: int) -> str:
    """The title over what is planned for a quarter."""
    return f"Planned for {quarter.months(first_month)}"


def defined_name(block: str) -> str:
    """The name by which a block is found in a workbook, wherever Excel has moved it."""
    return f"cpxl_{block}"

"""Names that stand in workbooks: of sheets, of blocks, of the template."""

import re

TEMPLATE_VERSION = "2"
"""Raised whenever a return's layout changes, so that an old form is recognised."""

AUTHOR = "cpxl"
"""Who a workbook says has saved it last, as long as nobody else has."""

SUMMARY = "Executive summary"
REGISTER = "Risk register"
INSIGHTS = "Insights"
RETURNS = "Returns"
GUIDANCE = "Guidance"
IDENTITY = "cpxl"
COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
FINDINGS = "Findings"

WORKED_OUT = "IF(COUNT("
"""How the formula of a 12-month total begins, by which a reader tells it from one that a lead typed."""

DATA_SHEETS = {
    "progress": "Progress",
    "measures": "Measures",
    "monthly": "Monthly",
    "risks": "Risks",
    "delivery": "Delivery",
    "submissions": "Submissions",
    "notes": "Lead notes",
    "by_exception": "By exception",
    "findings": FINDINGS,
    "corrections": "Corrections",
}
"""The master's data tables and the sheets that hold them."""

RESERVED_SHEETS = {SUMMARY, REGISTER, INSIGHTS, RETURNS, GUIDANCE, IDENTITY, COVER, CONTENTS, NOTES, "History"} | set(
    DATA_SHEETS.values()
)
"""Names that no strand's sheet may have. `History` is Excel's own."""


def slug(text: str) -> str:
    """`Gangs / County Lines` as `gangs_county_lines`: a part of a defined name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def table_name(sheet: str, block: str) -> str:
    """The name of a block's Excel Table: no two in a workbook are alike."""
    return f"{slug(sheet)}_{block}"


def defined_name(block: str) -> str:
    """The name by which a block is found in a workbook, wherever Excel has moved it."""
    return f"cpxl_{block}"

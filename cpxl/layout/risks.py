"""Work at risk on a strand's sheet."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.account.strand import StrandAccount
from cpxl.config import Settings
from cpxl.layout.blocks import Block, Column, Formula, Here, Row
from cpxl.layout.progress import progress_name
from cpxl.model import CLOSED, LEVELS, OPEN, RESPONSES, Risk, Value
from cpxl.words import listed

RISKS = "risks"


def in_full(risk: Risk) -> str:
    """What is at risk and why, which returns of before asked for one by one."""
    return together(risk.description, risk.cause)


def together(description: Value, cause: Value) -> str:
    """What is at risk, and why, as one text."""
    return " ".join(str(text) for text in (description, cause) if text)


def risk_columns(settings: Settings) -> list[Column]:
    """The columns of work at risk that a lead fills in, and the id."""
    return [
        Column(
            "description",
            "Work at risk, and why",
            entered=True,
            prompt="What work is at risk, and what stands in its way.",
            formerly=("Work at risk",),
        ),
        Column(
            "action",
            "What is being done",
            entered=True,
            prompt="What is being done, and what comes next.",
            formerly=("Mitigating action",),
        ),
        Column("response", "Response", entered=True, choices=RESPONSES, prompt="Choose one of the five responses."),
        Column("level", "Level", entered=True, choices=LEVELS, prompt="Choose Low, Medium or High."),
        Column(
            "force_risk",
            settings.headings.force_risk,
            entered=True,
            prompt="Its number on that register, if it is there.",
            formerly=("Force risk reference",),
        ),
        Column(
            "state",
            "Open or closed",
            entered=True,
            choices=(OPEN, CLOSED),
            prompt="Open, or Closed if it is no longer at risk.",
        ),
        Column("id", "Risk id"),
        Column("origin", "Carried over or new", private=True),
    ]


WHY = Column("cause", "Why it is at risk", entered=True)
"""Had a column of its own in forms of before."""


def risk_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool) -> Block:
    """The strand's risks, open and closed."""
    columns = risk_columns(settings)
    before = {str(row.risk.quarter) for row in account.risks if row.risk.quarter != account.quarter}
    as_last_reported = f"As last reported, in {listed(before)}." if before else ""
    rows: list[Row] = [
        {
            **{c.key: getattr(row.risk, c.key) for c in columns if c.key != "origin"},
            "description": in_full(row.risk) or None,
            "origin": "Carried over" if row.is_carried_over else "New",
        }
        for row in account.risks
    ]
    return Block(
        RISKS,
        "Work at risk",
        columns,
        rows,
        intro="One row for each piece of work counted as at risk above." if to_fill_in else as_last_reported,
        check=_risk_check(account, rows),
        room=settings.spare_rows if to_fill_in else 0,
        former=(WHY,),
    )


def _risk_check(account: StrandAccount, rows: Sequence[Row]) -> Formula | None:
    at_risk = {
        (plan.name, status): progress_name(plan)
        for plan in account.strand.plans
        if plan.in_summary
        for status, counts in plan.statuses.items()
        if counts == "at_risk"
    }
    if not at_risk:
        return None
    key = str(account.quarter)

    def text(here: Here) -> str:
        grid = "+".join(f"N({Here(here.placement, block).cell(key, status)})" for (_, status), block in at_risk.items())
        listed = f'(COUNTIF({here.column("description")},"?*")-COUNTIF({here.column("state")},"{CLOSED}"))'
        return (
            f'=IF({grid}={listed},"OK: "&{listed}&" listed as open, as in the progress grid.",'
            f'"To do: the progress grid has "&({grid})&" at risk, "&{listed}&" listed here as open.")'
        )

    counted = account.at_risk
    listed = sum(1 for row in rows if row.get("description")) - sum(1 for row in rows if row.get("state") == CLOSED)
    if counted == listed:
        return Formula(text, f"OK: {listed} listed as open, as in the progress grid.")
    return Formula(text, f"To do: the progress grid has {counted} at risk, {listed} listed here as open.")

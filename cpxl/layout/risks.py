"""Work at risk on a strand's sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cpxl.account.risks import direction
from cpxl.account.strand import RiskRow, StrandAccount
from cpxl.config import RiskScoring, Settings
from cpxl.config.scoring import STEPS
from cpxl.layout.blocks import ALWAYS_EMPTY, Block, Column, Formula, Kind, Row
from cpxl.layout.measures import in_formula
from cpxl.layout.place import Here
from cpxl.layout.progress import progress_name
from cpxl.model import CLOSED, LEVELS, OPEN, RESPONSES, Risk, Value
from cpxl.words import listed

RISKS = "risks"
BESIDE = " on the force's register, and none at risk in the progress grid."


def in_full(risk: Risk) -> str:
    """What is at risk and why, which returns of before asked for one by one."""
    return together(risk.description, risk.cause)


def together(description: Value, cause: Value) -> str:
    """What is at risk, and why, as one text."""
    return " ".join(str(text) for text in (description, cause) if text)


def risk_columns(settings: Settings, *, to_fill_in: bool = True) -> list[Column]:
    """The columns of work at risk that a lead fills in, and the id."""
    level: Sequence[Column] = [
        Column("level", "Level", entered=True, choices=LEVELS, prompt="Choose Low, Medium or High.")
    ]
    origin = [Column("origin", "Carried over or new", private=True)]
    if settings.risk_scoring:
        level, origin = TO_SCORE if to_fill_in else SCORED, []
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
        *level,
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
        *origin,
    ]


STEPS_SHOWN = tuple(str(step) for step in range(1, STEPS + 1))


def _step(key: str, heading: str, prompt: str) -> Column:
    return Column(key, heading, Kind.COUNT, entered=True, choices=STEPS_SHOWN, prompt=prompt, may_lack=True)


OWNER = Column("owner", "Owner", entered=True, prompt="The post that owns the risk. No names.", may_lack=True)
REVIEW = Column("review", "Review", Kind.TIME, entered=True, prompt="When it is looked at again.", may_lack=True)
TO_SCORE = (
    _step("likelihood", "Likelihood", "How likely it is now, 1 (hardly) to 5 (almost certain)."),
    _step("impact", "Impact", "How bad it would be now, 1 (slight) to 5 (very bad)."),
    Column("rated", "Score", may_lack=True),
    _step("aimed_likelihood", "Likelihood aimed at", "How likely it is to be in the end, 1 to 5."),
    _step("aimed_impact", "Impact aimed at", "How bad it is to be in the end, 1 to 5."),
    OWNER,
    REVIEW,
)
"""The columns of a form where risks are scored, in place of the level."""
SCORED = (Column("rated", "Score"), Column("aim", "Aimed at"), OWNER, REVIEW)
"""The same as partners see them."""


def aim_in_words(risk: Risk, scoring: RiskScoring) -> str | None:
    """`6 Medium`: the score and level that are aimed at."""
    level = scoring.level(risk.aimed_likelihood, risk.aimed_impact)
    return f"{risk.aimed_score} {level}" if level else None


def _rating(row: RiskRow, scoring: RiskScoring) -> str:
    """`12 High, up from 8`; blank where it is not known."""
    risk = row.risk
    level = scoring.level(risk.likelihood, risk.impact)
    if level is None:
        return ""
    return ", ".join(filter(None, (f"{risk.score} {level}", direction(risk.score, row.before))))


def _live_rating(before: int | None, scoring: RiskScoring) -> Callable[[Here], str]:
    """The same, worked out on the sheet. before: the score of last time."""
    levels = ",".join(in_formula(name) for line in scoring.matrix for name in line)

    def text(here: Here) -> str:
        likelihood, impact = here.cell("likelihood"), here.cell("impact")
        score = f"{likelihood}*{impact}"
        level = f"CHOOSE(({likelihood}-1)*{STEPS}+{impact},{levels})"
        went = f'IF({score}>{before},", up from {before}",IF({score}<{before},", down from {before}",", as before"))'
        said = f'{score}&" "&{level}' + (f"&{went}" if before is not None else "")
        return f'=IF(COUNT({likelihood},{impact})=2,IFERROR({said},""),"")'

    return text


def _scores(row: RiskRow | None, scoring: RiskScoring, *, to_fill_in: bool) -> Row:
    """What stands in the columns of a row where risks are scored."""
    if row is None:
        return {"rated": Formula(_live_rating(None, scoring), "")}
    said = _rating(row, scoring)
    return {
        "rated": Formula(_live_rating(row.before, scoring), said) if to_fill_in else said or None,
        "aim": aim_in_words(row.risk, scoring),
    }


FORMER = ((), (Column("level", "Level", entered=True), Column("origin", "Carried over or new")))
"""Columns of forms that were issued before risks were scored."""
WHY = Column("cause", "Why it is at risk", entered=True)
"""Had a column of its own in forms of before."""


def risk_block(account: StrandAccount, settings: Settings, *, to_fill_in: bool) -> Block:
    """The strand's risks, open and closed."""
    columns, scoring = risk_columns(settings, to_fill_in=to_fill_in), settings.risk_scoring
    worked_out = ("origin", "rated", "aim")
    before = {str(row.risk.quarter) for row in account.risks if row.risk.quarter != account.quarter}
    as_last_reported = f"As last reported, in {listed(before)}." if before else ""
    rows: list[Row] = [
        {
            **{c.key: getattr(row.risk, c.key) for c in columns if c.key not in worked_out},
            "description": in_full(row.risk) or None,
            **({} if scoring else {"origin": "Carried over" if row.is_carried_over else "New"}),
            **(_scores(row, scoring, to_fill_in=to_fill_in) if scoring else {}),
        }
        for row in account.risks
    ]
    spare = max(settings.spare_rows - len(rows), ALWAYS_EMPTY) if to_fill_in and scoring else 0
    rows += [_scores(None, scoring, to_fill_in=True) for _ in range(spare) if scoring]
    return Block(
        RISKS,
        "Work at risk",
        columns,
        rows,
        intro="One row for each piece of work counted as at risk above." if to_fill_in else as_last_reported,
        check=_risk_check(account, rows),
        room=settings.spare_rows if to_fill_in and not scoring else 0,
        former=(WHY, *FORMER[bool(scoring)]),
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
        described, state, number = (here.column(key) for key in ("description", "state", "force_risk"))
        listed = f'(COUNTIF({described},"?*")-COUNTIF({state},"{CLOSED}"))'
        beside = f'SUMPRODUCT(({described}<>"")*({state}<>"{CLOSED}")*({number}<>""))'
        return (
            f'=IF({grid}={listed},"OK: "&{listed}&" listed as open, as in the progress grid.",'
            f'IF(AND({grid}=0,{listed}={beside}),"OK: "&{listed}&"{BESIDE}",'
            f'"To do: the progress grid has "&({grid})&" at risk, "&{listed}&" listed here as open."))'
        )

    counted = account.at_risk
    listed = sum(1 for row in rows if row.get("description")) - sum(1 for row in rows if row.get("state") == CLOSED)
    still_open = [row for row in rows if row.get("description") and row.get("state") != CLOSED]
    beside = sum(row.get("force_risk") not in (None, "") for row in still_open)
    if counted == listed:
        return Formula(text, f"OK: {listed} listed as open, as in the progress grid.")
    if counted == 0 and listed == beside:
        return Formula(text, f"OK: {listed}{BESIDE}")
    return Formula(text, f"To do: the progress grid has {counted} at risk, {listed} listed here as open.")

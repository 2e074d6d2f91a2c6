"""The coordinator's workbook: executive summary, a sheet per strand, registers, texts for the report, data tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cpxl.account import Account
from cpxl.account.measures import Insight
from cpxl.account.risks import RegisterRow
from cpxl.config import RiskScoring, Settings
from cpxl.layout.blocks import FACT, OF, UNIT, Block, Column, Content, Kind, Row, Sheet, Workbook
from cpxl.layout.identity import identity_sheet
from cpxl.layout.measures import difference, percentage
from cpxl.layout.report_text import report_text_sheet
from cpxl.layout.risks import aim_in_words, in_full
from cpxl.layout.strand import Use, strand_sheet
from cpxl.layout.summary import by_quarter_sheet, lines_of, summary_sheet
from cpxl.model import ROLLING, Finding, Seal, Submission
from cpxl.words import listed
from cpxl.workbook_names import INSIGHTS, REGISTER, RETURNS


def master_workbook(
    account: Account,
    data: Sequence[Sheet],
    facts: Mapping[str, str],
    sealed: Callable[[Sequence[Sheet]], Iterable[Seal]],
) -> Workbook:
    """The whole master. data: its data sheets. facts, sealed: what its hidden sheet says, which of sheets follows."""
    settings = account.settings
    strands = zip(account.strands, account.of_strands, strict=True)
    sheets = [
        summary_sheet(account),
        *[strand_sheet(strand, settings, Use.MASTER, news) for strand, news in strands],
        register_sheet(account),
        insights_sheet(account),
        by_quarter_sheet(account),
        report_text_sheet(account),
        _returns_sheet(account),
        *data,
    ]
    # Only cells say which quarter it is: what else a workbook has is not written again in one that is open.
    title = f"{settings.strategy}: master"
    hidden = identity_sheet(facts, sheets, sealed(sheets))
    return Workbook(title, settings.marking, settings.strategy, [*sheets, hidden])


SCORED = (
    Column("direction", "Since last time"),
    Column("aim", "Aimed at"),
    Column("owner", "Owner"),
    Column("review", "Review", Kind.TIME),
)
"""Columns of the register where risks are scored."""


def _scored(row: RegisterRow, scoring: RiskScoring) -> Row:
    risk = row.risk
    return {
        "direction": row.direction or None,
        "aim": aim_in_words(risk, scoring),
        "owner": risk.owner,
        "review": risk.review,
    }


def register_sheet(account: Account) -> Sheet:
    """Every risk ever reported, as it stood last. A column that no risk has anything in is left out for partners."""
    columns = [
        Column("strand", "Strand"),
        Column("description", "Work at risk, and what is being done"),
        Column("id", "Risk id"),
        Column("response", "Response"),
        Column("level", "Level"),
        *(SCORED if account.settings.risk_scoring else ()),
        Column("force_risk", account.settings.headings.force_risk),
        Column("first", "First raised"),
        Column("updated", "Last updated"),
        Column("state", "Status"),
    ]
    rows: list[Row] = [
        {
            **{key: getattr(row.risk, key) for key in ("strand", "id", "response", "force_risk")},
            "level": row.risk.rated,
            **(_scored(row, account.settings.risk_scoring) if account.settings.risk_scoring else {}),
            "description": "\n".join(str(text) for text in (in_full(row.risk), row.risk.action) if text),
            "first": str(row.first),
            "updated": str(row.risk.quarter),
            "state": row.state,
        }
        for row in account.register
    ]
    intro = "Every risk that was reported, and what became of it."
    block = Block("register", "", columns, rows, intro, empty="No risk has been reported.")
    return Sheet(REGISTER, "Risk register", lines_of(account.settings, account.quarter), [block])


def insights_sheet(account: Account) -> Sheet:
    """Every measure of every strand, as last reported up to this quarter."""
    columns = [
        Column("measure", "Measure"),
        Column("about", "Strand, period and signal", formerly=("Strand, period, and what is signal",)),
        Column("previous", "Before", Kind.NUMBER),
        Column("current", "Now", Kind.NUMBER),
        Column("difference", "Change", Kind.CHANGE),
        Column("percentage", "% change", Kind.PERCENT_CHANGE),
        Column("quarter_before", "Same quarter last year", Kind.NUMBER),
        Column("quarter_now", "This quarter", Kind.NUMBER),
    ]
    rows = [_insight_row(account.settings, insight) for insight in account.insights]
    intro = "Every measure, and what it is compared with."
    block = Block("insights", "", columns, rows, intro, empty="No strand has a measure.")
    return Sheet(INSIGHTS, INSIGHTS, lines_of(account.settings, account.quarter), [block])


def _insight_row(settings: Settings, insight: Insight) -> Row:
    last = insight.reported
    if last is None:
        return {"measure": insight.name, "about": f"{insight.strand}. Not reported."}
    period = insight.comparison.in_words(last.quarter, settings.financial_year_starts_in)
    row: dict[str, Content] = {
        "measure": insight.name,
        "about": ". ".join(part for part in (insight.strand, period, insight.signal) if part),
        "previous": last.previous,
        "current": last.current,
        "difference": difference("previous", "current", insight.difference, insight.unit),
        UNIT: insight.unit.name,
        OF: str(last.quarter),
        FACT: f"{insight.name} ({insight.strand}, {insight.period})",
        "percentage": percentage("previous", "current", insight.share, insight.unit),
    }
    if insight.period == ROLLING:
        row |= {key: getattr(insight, key) for key in ("quarter_before", "quarter_now")}
    return row


def _returns_sheet(account: Account) -> Sheet:
    """What came back, what was found in it, and what leads said to the coordinator."""
    quarter = account.quarter
    by = account.settings.return_by(quarter)
    wanted = f"Wanted by {by}." if by else ""
    unsigned = f"Not signed off: {listed(account.to_sign_off)}." if account.to_sign_off else ""
    returns = Block(
        "returns",
        f"Returns for {quarter}",
        [
            Column("strand", "Strand"),
            Column("file", "File, and when it was last saved"),
            Column("state", "Return"),
            Column("findings", "Findings", Kind.COUNT),
            Column("errors", "Errors", Kind.COUNT),
            Column("warnings", "Warnings", Kind.COUNT),
            Column("chased", "Last chased"),
        ],
        [
            {
                "strand": row.strand,
                "file": "\n".join(map(_came, row.files)),
                "state": row.state,
                "findings": sum(s.findings for s in row.files),
                "errors": standing.findings[Finding.ERROR],
                "warnings": standing.findings[Finding.WARNING],
                "chased": standing.last_chased,
            }
            for row, standing in zip(account.returns, account.standings, strict=True)
        ],
        " ".join(filter(None, (wanted, unsigned, f"Next: {account.next.what}."))),
    )
    found = Block(
        "found",
        "Findings",
        [
            Column("file", "File"),
            Column("message", "What was found, and what to do"),
            Column("severity", "Severity"),
            Column("sheet", "Sheet"),
            Column("cell", "Cell"),
            Column("rule", "Rule"),
        ],
        [
            {
                "file": f.file,
                "message": f"{f.message} {f.fix}",
                **{key: getattr(f, key) for key in ("severity", "sheet", "cell", "rule")},
            }
            for f in account.findings
        ],
        empty="None.",
    )
    notes = Block(
        "lead_notes",
        "Notes from leads",
        [Column("strand", "Strand"), Column("text", "Note")],
        [{"strand": note.strand, "text": note.text} for note in account.notes],
        empty="None.",
    )
    sheets = [returns, found, corrections_block(account), notes]
    return Sheet(RETURNS, RETURNS, lines_of(account.settings, quarter), sheets)


def _came(file: Submission) -> str:
    """A file that came, and why it counts if it has errors."""
    said = f"{file.file} ({file.received})" if file.received else file.file
    return f"{said}\n{file.in_words}" if file.reason else said


def corrections_block(account: Account) -> Block:
    """Figures of earlier quarters that were put right."""
    return Block(
        "corrected",
        "Corrections of earlier quarters",
        [
            Column("strand", "Strand"),
            Column("figure", "Figure"),
            Column("quarter", "Quarter"),
            Column("before", "Before", Kind.NUMBER),
            Column("after", "After", Kind.NUMBER),
            Column("file", "File", private=True),
        ],
        [{**vars(correction), "quarter": str(correction.quarter)} for correction in account.corrections],
        empty="None.",
    )

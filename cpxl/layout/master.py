"""The coordinator's workbook: executive summary, a sheet per strand, risk register, insights, returns, data tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cpxl.account import Account
from cpxl.account.measures import Insight
from cpxl.account.summary import IN_DOUBT, WITHOUT_FIGURES, SummaryRow, share_of
from cpxl.config import Settings, Strand
from cpxl.layout.blocks import Block, Column, Content, Formula, Here, Kind, Link, Row, Sheet, Sparkline, Workbook
from cpxl.layout.identity import identity_sheet
from cpxl.layout.names import INSIGHTS, REGISTER, RETURNS, SUMMARY
from cpxl.layout.signals import summary_signals
from cpxl.layout.strand import difference, percentage, strand_sheet
from cpxl.model import NOT_APPLICABLE, ROLLING, Seal, Value, is_number
from cpxl.quarters import Quarter, month_name

BY_EXCEPTION = "by_exception"
UNKNOWN = "Not known"
ROOM_FOR_PARAGRAPHS = 8


def master_workbook(
    account: Account,
    data: Sequence[Sheet],
    facts: Mapping[str, str],
    sealed: Callable[[Sequence[Sheet]], Iterable[Seal]] | None,
) -> Workbook:
    """The whole master. data: its data sheets. facts, sealed: what its hidden sheet says, which of sheets follows."""
    settings = account.settings
    sheets = [
        summary_sheet(account),
        *[strand_sheet(strand, settings, charts=True) for strand in account.strands],
        register_sheet(account),
        insights_sheet(account),
        _returns_sheet(account),
        *data,
    ]
    # Only cells say which quarter it is: what else a workbook has is not written again in one that is open.
    title = f"{settings.strategy}: master"
    hidden = identity_sheet(facts, sheets, sealed(sheets) if sealed else None)
    return Workbook(title, settings.marking, settings.strategy, [*sheets, hidden])


def subtitle(settings: Settings, quarter: Quarter) -> str:
    """Whose report it is, for whom, and of when."""
    end = month_name(quarter.end(settings.financial_year_starts_in))
    return f"{settings.force} for {settings.partnership}: {quarter}, the quarter to the end of {end}"


# Executive summary


def summary_sheet(account: Account) -> Sheet:
    """The strands in one table, what is at risk, what is missing, and the coordinator's own text."""
    return Sheet(
        SUMMARY,
        f"{account.settings.strategy}: executive summary",
        subtitle(account.settings, account.quarter),
        [
            _summary_block(account),
            _at_risk_block(account),
            summary_signals(account),
            _absent_block(account),
            _rejected_block(account),
            by_exception_block(account.exceptions),
            _complete_by_quarter(account),
        ],
    )


def _summary_block(account: Account) -> Block:
    rows, whole, quarter = account.summary, account.totals, account.quarter
    columns = [
        Column("strand", "Strand"),
        Column("total", "Total", Kind.COUNT),
        Column("complete", "Complete", Kind.COUNT),
        Column("ongoing", "Ongoing / In progress", Kind.COUNT),
        Column("at_risk", "At risk", Kind.COUNT),
        Column("share", "% complete", Kind.PERCENT),
        Column("change", f"Change in complete since {quarter.plus(-1)}", Kind.CHANGE, 16),
        Column("figures_of", "Figures as of", width=16),
        Column("trend", "Complete by quarter", width=16),
        Column("state", "Return", width=16, private=True),
    ]
    trends = _trends(_complete_by_quarter(account))
    total: dict[str, Content] = {
        "strand": "Total",
        **{key: _total(key, quarter, value) for key, value in whole.items()},
        "share": _share(share_of(whole["complete"], whole["total"])),
        "figures_of": str(quarter),
        "state": f"{sum(row.state not in WITHOUT_FIGURES for row in rows)} of {len(rows)} strands",
    }
    older = [row.strand for row in rows if row.figures_of not in (quarter, None)]
    unknown = [row.strand for row in rows if row.is_unknown]
    intro = "Delivery plan progress in work strands, at the end of the quarter."
    if older:
        intro += f" The total leaves out figures of an earlier quarter ({', '.join(older)})."
    if unknown:
        intro += f" Not known, and so not in the total: {', '.join(unknown)}."
    pages = [strand.strand for strand in account.strands]
    lines = list(map(_summary_line, rows, pages, trends))
    return Block(
        "summary",
        "Delivery plan progress",
        columns,
        [*lines, total],
        intro,
        totalled=True,
    )


def _summary_line(row: SummaryRow, strand: Strand, trend: Sparkline) -> Row:
    figures = {key: getattr(row, key) for key in ("total", "complete", "ongoing", "at_risk", "change")}
    without = UNKNOWN if row.is_unknown else NOT_APPLICABLE
    return {
        "strand": Link(strand.short_name, row.strand),
        **{key: without if value is None else value for key, value in figures.items()},
        "share": _share(row.share, without),
        "figures_of": str(row.figures_of or without),
        "trend": trend,
        "state": row.state,
    }


def _complete_by_quarter(account: Account) -> Block:
    """How many work strands of each strand were complete, quarter by quarter."""
    lines = [({"strand": name}, figures) for name, figures in account.complete.items()]
    label = Column("strand", "Strand", width=34)
    return _by_quarter("complete_by_quarter", "Complete by quarter", [label], lines, account.shown, Kind.COUNT)


def _by_quarter(
    name: str,
    title: str,
    labels: Sequence[Column],
    lines: Sequence[tuple[Mapping[str, str], Mapping[Quarter, Value]]],
    quarters: Sequence[Quarter],
    kind: Kind,
) -> Block:
    """What each line is of, and its figures by quarter. Where there is none it is blank: a line takes words for 0."""
    columns = [*labels, *[Column(str(q), str(q), kind, 14) for q in quarters]]
    rows: list[Row] = [{**of, **{str(q): v for q, v in figures.items() if is_number(v)}} for of, figures in lines]
    return Block(name, title, columns, rows, "Blank where there is no figure.")


def _trends(block: Block) -> list[Sparkline]:
    """A line for each row of figures by quarter, be there two figures to join or not yet."""
    figures = [column.key for column in block.columns if column.kind is not Kind.TEXT]
    return [Sparkline(block.name, at, figures[0], figures[-1]) for at in range(len(block.rows))]


def _share(value: Value, without: str = NOT_APPLICABLE) -> Formula:
    """The share that is complete, to the decimal that is shown; words where there is none."""

    def text(here: Here) -> str:
        part, whole = here.cell("complete"), here.cell("total")
        return f'=IF(COUNT({part},{whole})=2,IF({whole}=0,"{NOT_APPLICABLE}",ROUND({part}/{whole},3)),"{without}")'

    return Formula(text, without if value is None else value)


def _total(key: str, quarter: Quarter, value: int | None) -> Formula:
    """The sum of a column over the strands whose figures are of this quarter; N/A where none of them has any."""

    def text(here: Here) -> str:
        strands = slice(-1)
        figures, of = here.column(key, rows=strands), here.column("figures_of", rows=strands)
        count = f'SUMPRODUCT(({of}="{quarter}")*ISNUMBER({figures}))'
        return f'=IF({count}=0,"{NOT_APPLICABLE}",SUMIFS({figures},{of},"{quarter}"))'

    return Formula(text, NOT_APPLICABLE if value is None else value)


def _at_risk_block(account: Account) -> Block:
    risks = account.risks
    strands = len({numbered.risk.strand for numbered in risks})
    columns = [
        Column("description", "Work at risk", width=62),
        Column("strand", "Strand", width=14),
        Column("response", "Response"),
        Column("level", "Level"),
        Column("id", "Risk id"),
        Column("reported", "Reported in"),
    ]
    rows: list[Row] = [
        {
            "description": f"{n.number}. {n.risk.description}",
            "strand": n.risk.strand,
            "response": n.risk.response,
            "level": n.risk.level,
            "id": n.risk.id,
            "reported": str(n.risk.quarter),
        }
        for n in risks
    ]
    counted = f"{_number(len(risks), 'risk')} in {_number(strands, 'strand')}."
    return Block("at_risk", "Strands at risk", columns, rows, counted, empty="No work is at risk.")


def _number(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _absent_block(account: Account) -> Block:
    columns = [
        Column("strand", "Strand"),
        Column("last", "Last figures"),
        Column("state", "Return", private=True),
    ]
    rows: list[Row] = []
    for row in account.absent:
        without = UNKNOWN if row.state == IN_DOUBT else "None"
        rows.append({"strand": row.strand, "last": str(row.figures_of or without), "state": row.state})
    title = f"Strands without figures for {account.quarter}"
    return Block("absent", title, columns, rows, empty="None: every strand is in.")


def _rejected_block(account: Account) -> Block:
    columns = [Column("why", "What was rejected, and why"), Column("strand", "Strand"), Column("file", "File")]
    rows: list[Row] = [{"why": f"{f.message} {f.fix}", "strand": f.strand, "file": f.file} for f in account.rejected]
    return Block("rejected", "Returns rejected", columns, rows, empty="None.", private=True)


def by_exception_block(paragraphs: Iterable[Value] = ()) -> Block:
    """The coordinator's paragraphs: typed on the sheet, kept in the data, there again after consolidating."""
    prompt = "Your own text, a paragraph a row. It is kept when you consolidate again."
    columns = [Column("text", "Text", width=62, entered=True, prompt=prompt)]
    rows: list[Row] = [{"text": text} for text in paragraphs]
    return Block(
        BY_EXCEPTION,
        "Delivery and challenges by exception",
        columns,
        rows,
        room=ROOM_FOR_PARAGRAPHS,
        empty="Nothing to report.",
    )


# Register, insights, returns


def register_sheet(account: Account) -> Sheet:
    """Every risk ever reported, as it stood last."""
    columns = [
        Column("id", "Risk id", width=13),
        Column("strand", "Strand", width=20),
        Column("description", "Work at risk", width=34),
        Column("action", "Mitigating action", width=34),
        Column("response", "Response", width=14),
        Column("level", "Level", width=11),
        Column("force_risk", "Force risk reference", width=13),
        Column("first", "First raised", width=15),
        Column("updated", "Last updated", width=15),
        Column("state", "Status", width=16),
    ]
    own = ("id", "strand", "description", "action", "response", "level", "force_risk")
    rows: list[Row] = [
        {
            **{key: getattr(row.risk, key) for key in own},
            "first": str(row.first),
            "updated": str(row.risk.quarter),
            "state": row.state,
        }
        for row in account.register
    ]
    block = Block("register", "", columns, rows, empty="None")
    return Sheet(REGISTER, "Risk register", subtitle(account.settings, account.quarter), [block])


def insights_sheet(account: Account) -> Sheet:
    """Every measure of every strand, as last reported up to this quarter."""
    columns = [
        Column("strand", "Strand", width=28),
        Column("measure", "Measure", width=32),
        Column("period", "Period", width=24),
        Column("previous", "Before", Kind.NUMBER, 13),
        Column("current", "Now", Kind.NUMBER, 13),
        Column("difference", "Difference", Kind.CHANGE, 13),
        Column("percentage", "% difference", Kind.PERCENT_CHANGE, 13),
        Column("quarter_before", "Same quarter last year", Kind.NUMBER, 13),
        Column("quarter_now", "This quarter", Kind.NUMBER, 13),
        Column("signal", "Signal in the counts by month", width=28),
        Column("trend", "By quarter", width=16),
        Column("comment", "Comment", width=40),
    ]
    series = _measures_by_quarter(account)
    rows = [_insight_row(account.settings, insight) for insight in account.insights]
    for row, trend in zip(rows, _trends(series), strict=False):
        row["trend"] = trend
    intro = "Twelve months against the twelve before, or a quarter against the one before it."
    block = Block("insights", "", columns, rows, intro, empty="None")
    return Sheet(INSIGHTS, "Insights", subtitle(account.settings, account.quarter), [block, series])


def _measures_by_quarter(account: Account) -> Block:
    """Each measure as reported, quarter by quarter: the 12 months to its end, or its own count."""
    lines = []
    for insight in account.insights:
        name = f"{insight.name}, {'12 months' if insight.period == ROLLING else 'quarter'}"
        lines.append(({"strand": insight.strand, "measure": name}, insight.trend))
    labels = [Column("strand", "Strand", width=28), Column("measure", "Measure", width=32)]
    return _by_quarter("measures_by_quarter", "By quarter", labels, lines, account.shown, Kind.NUMBER)


def _insight_row(settings: Settings, insight: Insight) -> dict[str, Content]:
    last = insight.reported
    row: dict[str, Content] = {"strand": insight.strand, "measure": insight.name, "period": "Not reported"}
    if last is None:
        return row
    end = month_name(last.quarter.end(settings.financial_year_starts_in))
    row |= {
        "period": f"12 months to {end}" if insight.period == ROLLING else str(last.quarter),
        "previous": last.previous,
        "current": last.current,
        "comment": last.comment,
        "difference": difference("previous", "current", insight.difference),
        "percentage": percentage("previous", "current", insight.share),
    }
    if insight.period == ROLLING:
        row |= {key: getattr(insight, key) for key in ("quarter_before", "quarter_now", "signal")}
    return row


def _returns_sheet(account: Account) -> Sheet:
    quarter = account.quarter
    rows: list[Row] = [
        {
            "strand": row.strand,
            "state": row.state,
            "file": "; ".join(s.file for s in row.files),
            "received": "; ".join(s.received for s in row.files),
            "findings": sum(s.findings for s in row.files),
        }
        for row in account.returns
    ]
    returns = Block(
        "returns",
        f"Returns for {quarter}",
        [
            Column("strand", "Strand", width=34),
            Column("state", "Return", width=16),
            Column("file", "File", width=34),
            Column("received", "Last saved", width=20),
            Column("findings", "Findings", Kind.COUNT, 12),
        ],
        rows,
    )
    found = Block(
        "found",
        "Findings",
        [
            Column("message", "What was found", width=34),
            Column("severity", "Severity", width=16),
            Column("fix", "What to do", width=34),
            Column("place", "Where", width=20),
            Column("rule", "Rule", width=24),
            Column("file", "File", width=30),
        ],
        [
            {
                "message": f.message,
                "severity": f.severity,
                "fix": f.fix,
                "place": " ".join(str(part) for part in (f.sheet, f.cell) if part),
                "rule": f.rule,
                "file": f.file,
            }
            for f in account.findings
        ],
        empty="None.",
    )
    notes = Block(
        "lead_notes",
        "Notes from leads",
        [
            Column("strand", "Strand", width=34),
            Column("quarter", "Quarter", width=16),
            Column("text", "Note", width=34),
        ],
        [{"strand": n.strand, "quarter": str(n.quarter), "text": n.text} for n in account.notes],
        empty="None.",
    )
    corrections = Block(
        "corrected",
        "Corrections of earlier quarters",
        [
            Column("strand", "Strand", width=34),
            Column("quarter", "Quarter", width=16),
            Column("figure", "Figure", width=34),
            Column("before", "Before", Kind.NUMBER, 20),
            Column("after", "After", Kind.NUMBER, 24),
            Column("file", "File", width=30),
        ],
        [{**vars(correction), "quarter": str(correction.quarter)} for correction in account.corrections],
        empty="None.",
    )
    return Sheet(RETURNS, "Returns", subtitle(account.settings, quarter), [returns, found, corrections, notes])

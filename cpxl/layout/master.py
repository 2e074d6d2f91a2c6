"""The coordinator's workbook: executive summary, a sheet per strand, risk register, insights, returns, data tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpxl.config import Settings, Strand
from cpxl.consolidate import (
    WITHOUT_FIGURES,
    SummaryRow,
    consolidate,
    exceptions,
    last_ids,
    last_known,
    measured,
    open_risks,
    register,
    return_state,
    summarise,
    totals,
)
from cpxl.insights import rolling
from cpxl.layout.blocks import Block, Column, Content, Formula, Here, Kind, Link, Row, Sheet, Sparkline, Workbook
from cpxl.layout.data import NOTHING_BESIDE, Beside, data_sheets
from cpxl.layout.identity import MASTER, RISK_IDS, YEAR_STARTS, identity_sheet, ids_in_words
from cpxl.layout.names import INSIGHTS, REGISTER, RETURNS, SUMMARY
from cpxl.layout.signals import quarter_on_quarter, signal_chart, summary_signals
from cpxl.layout.strand import difference, percentage, strand_sheet
from cpxl.master.seals import seals_of
from cpxl.model import (
    NOT_APPLICABLE,
    QUARTERLY,
    ROLLING,
    Checked,
    Finding,
    Master,
    Return,
    Value,
    is_number,
)
from cpxl.quarters import MONTHS, Quarter, month_name, quarters_between

BY_EXCEPTION = "by_exception"
UNKNOWN = "Not known"
ROOM_FOR_PARAGRAPHS = 8


def master_workbook(
    settings: Settings,
    master: Master,
    entered: Mapping[str, Return] | None = None,
    *,
    is_sealed: bool = True,
    beside: Mapping[str, Beside] = NOTHING_BESIDE,
) -> Workbook:
    """The whole master, for the quarter that it was last consolidated for.

    entered: what stands on strands' sheets and is not in the master's data, by the strand's code. It stays there.
    is_sealed: with the seals of its data, which an open master of 0.1.0 has no place for.
    beside: what else stands on the data sheets, by table.
    """
    quarter = master.quarter
    settings = settings.as_of(quarter)
    sheets = [
        summary_sheet(settings, master),
        *[_strand_sheet(settings, strand, master, (entered or {}).get(strand.code)) for strand in settings.strands],
        register_sheet(settings, master),
        insights_sheet(settings, master),
        _returns_sheet(settings, master),
        *data_sheets(master, beside),
    ]
    seals = seals_of(master) if is_sealed else None
    facts = {"kind": MASTER, "quarter": str(quarter), RISK_IDS: ids_in_words(last_ids(master, master.risks))}
    facts[YEAR_STARTS] = MONTHS[settings.financial_year_starts_in - 1]
    hidden = identity_sheet(facts, sheets, seals)
    # Only cells say which quarter it is: what else a workbook has is not written again in one that is open.
    title = f"{settings.strategy}: master"
    return Workbook(title, settings.marking, settings.strategy, [*sheets, hidden])


def _strand_sheet(settings: Settings, strand: Strand, master: Master, entered: Return | None) -> Sheet:
    if entered:
        master = replace(master, doubts=tuple(d for d in master.doubts if d.strand != strand.name))
        master = consolidate(master, master.quarter, [Checked(entered, ())], settings)
    return strand_sheet(settings, strand, master.quarter, master, charts=True)


def subtitle(settings: Settings, quarter: Quarter) -> str:
    """Whose report it is, for whom, and of when."""
    end = month_name(quarter.end(settings.financial_year_starts_in))
    return f"{settings.force} for {settings.partnership}: {quarter}, the quarter to the end of {end}"


# Executive summary


def summary_sheet(settings: Settings, master: Master) -> Sheet:
    """The strands in one table, what is at risk, what is missing, and the coordinator's own text."""
    quarter = master.quarter
    return Sheet(
        SUMMARY,
        f"{settings.strategy}: executive summary",
        subtitle(settings, quarter),
        [
            _summary_block(settings, master, quarter),
            _at_risk_block(settings, master, quarter),
            summary_signals(settings, master),
            _absent_block(settings, master, quarter),
            _rejected_block(settings, master, quarter),
            by_exception_block(settings, master, quarter),
            _complete_by_quarter(settings, master, quarter),
        ],
    )


def _summary_block(settings: Settings, master: Master, quarter: Quarter) -> Block:
    rows = summarise(master, quarter, settings)
    whole = totals(rows, quarter)
    changes = [row.change for row in rows if row.figures_of == quarter and row.change is not None]
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
    trends = _trends(_complete_by_quarter(settings, master, quarter))
    total: dict[str, Content] = {
        "strand": "Total",
        **{key: _total(key, quarter, value) for key, value in whole.items()},
        "share": _share(whole["complete"], whole["total"]),
        "change": _total("change", quarter, sum(changes) if changes else None),
        "figures_of": str(quarter),
        "state": f"{sum(row.state not in WITHOUT_FIGURES for row in rows)} of {len(rows)} strands",
    }
    older = [row.strand for row in rows if row.figures_of not in (quarter, None)]
    unknown = [row.strand for row, strand in zip(rows, settings.strands, strict=True) if _is_unknown(row, strand)]
    intro = "Delivery plan progress in work strands, at the end of the quarter."
    if older:
        intro += f" The total leaves out figures of an earlier quarter ({', '.join(older)})."
    if unknown:
        intro += f" Not known, and so not in the total: {', '.join(unknown)}."
    return Block(
        "summary",
        "Delivery plan progress",
        columns,
        [*map(_summary_line, rows, settings.strands, trends), total],
        intro,
        totalled=True,
    )


def _summary_line(row: SummaryRow, strand: Strand, trend: Sparkline) -> Row:
    figures = {key: getattr(row, key) for key in ("total", "complete", "ongoing", "at_risk", "change")}
    without = UNKNOWN if _is_unknown(row, strand) else NOT_APPLICABLE
    return {
        "strand": Link(strand.short_name, row.strand),
        **{key: without if value is None else value for key, value in figures.items()},
        "share": _share(row.complete, row.total, without),
        "figures_of": str(row.figures_of or without),
        "trend": trend,
        "state": row.state,
    }


def _is_unknown(row: SummaryRow, strand: Strand) -> bool:
    """Whether a strand that has something to count has no figures."""
    return row.figures_of is None and any(plan.in_summary for plan in strand.plans)


def _complete_by_quarter(settings: Settings, master: Master, quarter: Quarter) -> Block:
    """How many work strands of each strand were complete, quarter by quarter."""
    shown = _quarters(settings, master, quarter)
    complete: dict[str, dict[Quarter, Value]] = {strand.name: {} for strand in settings.as_of(quarter).strands}
    for q in shown:
        for row in summarise(master, q, settings):
            if row.strand in complete and row.figures_of == q:
                complete[row.strand][q] = row.complete
    lines = [({"strand": name}, figures) for name, figures in complete.items()]
    label = Column("strand", "Strand", width=34)
    return _by_quarter("complete_by_quarter", "Complete by quarter", [label], lines, shown, Kind.COUNT)


def _quarters(settings: Settings, master: Master, quarter: Quarter) -> list[Quarter]:
    """The last quarters of the strategy, and of what is known: as many as are shown, be there figures or not."""
    first = quarter.plus(1 - settings.quarters_shown)
    earliest = min((settings.first_quarter, quarter, *(p.quarter for p in master.progress)))
    return list(quarters_between(max(first, earliest), quarter))


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


def _share(complete: int | None, total: int | None, without: str = NOT_APPLICABLE) -> Formula:
    """The share that is complete, to the decimal that is shown; words where there is none."""

    def text(here: Here) -> str:
        part, whole = here.cell("complete"), here.cell("total")
        return f'=IF(COUNT({part},{whole})=2,IF({whole}=0,"{NOT_APPLICABLE}",ROUND({part}/{whole},3)),"{without}")'

    known = complete is not None and total is not None
    share = rolling.rounded_share(complete, total) if complete is not None and total else NOT_APPLICABLE
    return Formula(text, share if known else without)


def _total(key: str, quarter: Quarter, value: int | None) -> Formula:
    """The sum of a column over the strands whose figures are of this quarter; N/A where none of them has any."""

    def text(here: Here) -> str:
        strands = slice(-1)
        figures, of = here.column(key, rows=strands), here.column("figures_of", rows=strands)
        count = f'SUMPRODUCT(({of}="{quarter}")*ISNUMBER({figures}))'
        return f'=IF({count}=0,"{NOT_APPLICABLE}",SUMIFS({figures},{of},"{quarter}"))'

    return Formula(text, NOT_APPLICABLE if value is None else value)


def _at_risk_block(settings: Settings, master: Master, quarter: Quarter) -> Block:
    risks = open_risks(master, quarter, settings)
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


def _absent_block(settings: Settings, master: Master, quarter: Quarter) -> Block:
    columns = [
        Column("strand", "Strand"),
        Column("last", "Last figures"),
        Column("state", "Return", private=True),
    ]
    rows: list[Row] = [
        {"strand": strand.name, "last": str(last_known(master, strand, quarter) or "None"), "state": state}
        for strand in settings.strands
        if (state := return_state(master, quarter, strand)) in WITHOUT_FIGURES
    ]
    return Block("absent", f"Strands without figures for {quarter}", columns, rows, empty="None: every strand is in.")


def _rejected_block(settings: Settings, master: Master, quarter: Quarter) -> Block:
    columns = [Column("why", "What was rejected, and why"), Column("strand", "Strand"), Column("file", "File")]
    rows: list[Row] = [
        {"why": f"{f.message} {f.fix}", "strand": f.strand, "file": f.file}
        for f in master.findings
        if f.quarter == quarter and f.severity == Finding.ERROR and f.rule != Finding.RETURNED_EMPTY
    ]
    return Block("rejected", "Returns rejected", columns, rows, empty="None.", private=True)


def by_exception_block(settings: Settings, master: Master, quarter: Quarter) -> Block:
    """The coordinator's paragraphs: typed on the sheet, kept in the data, there again after consolidating."""
    prompt = "Your own text, a paragraph a row. It is kept when you consolidate again."
    columns = [Column("text", "Text", width=62, entered=True, prompt=prompt)]
    rows: list[Row] = [{"text": text} for text in exceptions(master, quarter)]
    return Block(
        BY_EXCEPTION,
        "Delivery and challenges by exception",
        columns,
        rows,
        room=ROOM_FOR_PARAGRAPHS,
        empty="Nothing to report.",
    )


# Register, insights, returns


def register_sheet(settings: Settings, master: Master) -> Sheet:
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
        for row in register(master, master.quarter, settings)
    ]
    block = Block("register", "", columns, rows, empty="None")
    return Sheet(REGISTER, "Risk register", subtitle(settings, master.quarter), [block])


def insights_sheet(settings: Settings, master: Master) -> Sheet:
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
    series = _measures_by_quarter(settings, master)
    rows = [row for strand in settings.strands for row in _insight_rows(settings, master, strand)]
    for row, trend in zip(rows, _trends(series), strict=False):
        row["trend"] = trend
    intro = "Twelve months against the twelve before, or a quarter against the one before it."
    block = Block("insights", "", columns, rows, intro, empty="None")
    return Sheet(INSIGHTS, "Insights", subtitle(settings, master.quarter), [block, series])


def _measures_by_quarter(settings: Settings, master: Master) -> Block:
    """Each measure as reported, quarter by quarter: the 12 months to its end, or its own count."""
    lines = []
    shown = _quarters(settings, master, master.quarter)
    for strand in settings.strands:
        for period, measures in _periods(strand):
            for measure in measures:
                found = {q: measured(master, strand, period, measure, q, settings) for q in shown}
                name = f"{measure}, {'12 months' if period == ROLLING else 'quarter'}"
                of = {"strand": strand.name, "measure": name}
                lines.append((of, {q: m.current for q, m in found.items() if m}))
    labels = [Column("strand", "Strand", width=28), Column("measure", "Measure", width=32)]
    return _by_quarter("measures_by_quarter", "By quarter", labels, lines, shown, Kind.NUMBER)


def _periods(strand: Strand) -> Sequence[tuple[str, list[str]]]:
    return (ROLLING, strand.measures.rolling_12_months), (QUARTERLY, strand.measures.quarterly)


def _insight_rows(settings: Settings, master: Master, strand: Strand) -> list[dict[str, Content]]:
    rows: list[dict[str, Content]] = []
    for period, names in _periods(strand):
        for name in names:
            quarters = [m.quarter for m in master.measures if m.quarter <= master.quarter]
            known = (
                measured(master, strand, period, name, quarter, settings)
                for quarter in sorted({master.quarter, *quarters}, reverse=True)
            )
            last = next((m for m in known if m), None)
            if last is None:
                rows.append({"strand": strand.name, "measure": name, "period": "Not reported"})
                continue
            end = month_name(last.quarter.end(settings.financial_year_starts_in))
            row: dict[str, Content] = {
                "strand": strand.name,
                "measure": name,
                "period": f"12 months to {end}" if period == ROLLING else str(last.quarter),
                "previous": last.previous,
                "current": last.current,
                "comment": last.comment,
            }
            row["difference"] = difference("previous", "current", row)
            row["percentage"] = percentage("previous", "current", row)
            if period == ROLLING:
                row |= quarter_on_quarter(settings, strand, name, last.quarter, master)
                row["signal"] = signal_chart(settings, strand, name, last.quarter, master).words
            rows.append(row)
    return rows


def _returns_sheet(settings: Settings, master: Master) -> Sheet:
    quarter = master.quarter
    findings = [f for f in master.findings if f.quarter == quarter]
    files = [s for s in master.submissions if s.quarter == quarter]
    rows: list[Row] = []
    for strand in settings.strands:
        mine = [s for s in files if s.strand == strand.name]
        rows.append(
            {
                "strand": strand.name,
                "state": return_state(master, quarter, strand),
                "file": "; ".join(s.file for s in mine),
                "received": "; ".join(s.received for s in mine),
                "findings": sum(s.findings for s in mine),
            }
        )
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
            for f in findings
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
        [{"strand": n.strand, "quarter": str(n.quarter), "text": n.text} for n in master.notes if n.quarter == quarter],
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
        [{**vars(correction), "quarter": str(correction.quarter)} for correction in master.corrections],
        empty="None.",
    )
    return Sheet(RETURNS, "Returns", subtitle(settings, quarter), [returns, found, corrections, notes])

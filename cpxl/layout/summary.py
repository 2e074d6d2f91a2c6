"""The executive summary, and the figures of all strands by quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cpxl.account import Account
from cpxl.account.news import STATES
from cpxl.account.summary import SummaryRow
from cpxl.config import Settings, Strand
from cpxl.layout import grid
from cpxl.layout.blocks import (
    UNIT,
    Block,
    Chart,
    Column,
    Content,
    Formula,
    Kind,
    Line,
    Link,
    Row,
    Series,
    Shape,
    Sheet,
    Sparkline,
)
from cpxl.layout.data import table_of
from cpxl.layout.in_words import see
from cpxl.layout.place import Here
from cpxl.layout.risks import in_full
from cpxl.model import NOT_APPLICABLE, ByException, Value, is_number
from cpxl.quarters import Quarter
from cpxl.units import said
from cpxl.words import how_many
from cpxl.workbook_names import BY_QUARTER, DATA_SHEETS, SUMMARY

SUMMARY_BLOCK, BY_EXCEPTION = "summary", "by_exception"
ROOM_FOR_PARAGRAPHS = 8


def lines_of(settings: Settings, quarter: Quarter) -> list[Line]:
    """Whose report it is, for whom, and of when."""
    months = quarter.months(settings.financial_year_starts_in)
    return [Line(f"{settings.force} for {settings.partnership}. {quarter}: {months}.")]


def summary_sheet(account: Account, *, to_fill_in: bool = True) -> Sheet:
    """The news first; then the strands in one table, what is at risk, and the coordinator's own text.

    to_fill_in: with room for that text (the master); partners see what there is of it.
    """
    summary = summary_block(account)
    items: list[Block | Chart] = [summary, *shares(account, summary, is_live=to_fill_in), _at_risk_block(account)]
    signals = _signals(account)
    if to_fill_in or signals.rows:
        items.append(signals)
    if to_fill_in or account.exceptions:
        items.append(by_exception_block(account.exceptions, to_fill_in=to_fill_in))
    lines = [*lines_of(account.settings, account.quarter), *(Line(sentence, "lead") for sentence in account.news)]
    return Sheet(SUMMARY, f"{account.settings.strategy}: executive summary", lines, items)


def summary_block(account: Account) -> Block:
    settings, quarter, whole = account.settings, account.quarter, account.totals
    headings = settings.headings
    columns = [
        Column("strand", "Strand"),
        Column("position", "Where it stands"),
        Column("total", "Total", Kind.COUNT),
        Column("complete", headings.complete, Kind.COUNT),
        Column("ongoing", headings.ongoing, Kind.COUNT),
        Column("at_risk", headings.at_risk, Kind.COUNT, warns=True),
        *([Column("other", "Other", Kind.COUNT, may_lack=True)] if account.has_other else []),
        Column("share", "% complete", Kind.PERCENT),
        Column("change", f"Change since {quarter.plus(-1)}", Kind.CHANGE),
        Column("figures_of", "Figures as of"),
    ]
    total: dict[str, Content] = {
        "strand": "Total",
        "position": "Strands with figures of the quarter",
        **{key: _total(key, quarter, value) for key, value in whole.items()},
        "share": _share(account.share),
        "figures_of": str(quarter),
    }
    pages = [strand.strand for strand in account.strands]
    rows = [_line(*line) for line in zip(account.summary, pages, account.positions, strict=True)]
    intro = f"Delivery plans, counted in {settings.units} at the end of the quarter."
    greyed = ("position", [*STATES.values(), "No ", "Not "])
    return Block(SUMMARY_BLOCK, "Delivery plan progress", columns, [*rows, total], intro, totalled=True, greyed=greyed)


def _line(row: SummaryRow, strand: Strand, position: str) -> Row:
    figures = {key: getattr(row, key) for key in ("total", "complete", "ongoing", "at_risk", "other", "change")}
    return {
        "strand": Link(strand.short_name, row.strand),
        "position": position,
        **{key: row.without if value is None else _rows_of(row, value) for key, value in figures.items()},
        "share": _share(row.share, row.without),
        "figures_of": str(row.figures_of or row.without),
    }


def _rows_of(row: SummaryRow, value: int) -> Formula:
    """A figure that leads to its rows in the data, wherever they stand: those of its strand and quarter."""
    strand, quarter = (str(text).replace('"', '""') for text in (row.strand, row.figures_of))
    sheet, table = DATA_SHEETS["progress"], table_of("progress")
    mine = f'({table}[quarter]="{quarter}")*({table}[strand]="{strand}")'
    first = f"ROW({table}[[#Headers],[quarter]])+MATCH(1,INDEX({mine},0),0)"
    last = f"{first}+SUMPRODUCT({mine})-1"
    return Formula(lambda _: f"""=HYPERLINK("#'{sheet}'!A"&{first}&":F"&{last},{value})""", value)


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


def shares(account: Account, summary: Block, *, is_live: bool) -> list[Chart]:
    """How far each strand is: what its work strands are, as shares."""
    headings = account.settings.headings
    kinds = [
        (key, heading) for key, heading in headings.model_dump().items() if key in ("complete", "ongoing", "at_risk")
    ]
    kinds += [("other", "Other")] * ("other" in summary.keys)
    known = [row for row in account.summary if row.total is not None]
    if not known and not is_live:
        return []
    in_words = "; ".join(
        f"{r.strand}: " + ", ".join(f"{name} {said(getattr(r, key))}" for key, name in kinds) for r in known
    )
    strands = slice(-1)
    return [
        Chart(
            summary.name,
            Shape.SHARES,
            f"Share of {account.settings.units} by status, as last reported",
            f"Bars by strand, split by status. {see(summary) if is_live else in_words}.",
            lambda here: here.column("strand", rows=strands),
            [_series(key, strands) for key, _ in kinds],
            "",
            height=5 + round(1.1 * len(account.summary)),
        )
    ]


def _series(key: str, rows: slice) -> Series:
    return Series(lambda here: here.heading(key), lambda here: here.column(key, rows=rows), key)


def _at_risk_block(account: Account) -> Block:
    risks = account.risks
    strands = len({numbered.risk.strand for numbered in risks})
    columns = [
        Column("strand", "Strand"),
        Column("description", "Work at risk, and what is being done"),
        Column("response", "Response"),
        Column("level", "Level"),
        Column("id", "Risk id"),
        Column("reported", "Reported in"),
    ]
    rows: list[Row] = [
        {
            "strand": f"{n.number}. {n.risk.strand}",
            "description": "\n".join(str(text) for text in (in_full(n.risk), n.risk.action) if text),
            "response": n.risk.response,
            "level": n.risk.rated,
            "id": n.risk.id,
            "reported": str(n.risk.quarter),
        }
        for n in risks
    ]
    counted = f"{how_many(len(risks), 'risk')} in {how_many(strands, 'strand')}." if risks else "In no strand."
    return Block("at_risk", "Strands at risk", columns, rows, counted, empty="No work is at risk.")


def _signals(account: Account) -> Block:
    """Measures with a signal in the quarter."""
    found = [(strand, measure) for strand in account.strands for measure in strand.rolling]
    rows: list[Row] = [
        {"measure": measure.name, "signal": f"{strand.strand.name}. {measure.signal}"}
        for strand, measure in found
        if measure.has_signal
    ]
    judged = sum(bool(measure.method) for _, measure in found)
    columns = [Column("measure", "Measure"), Column("signal", "Strand, and what is more than the usual ups and downs")]
    intro = f"{judged} of {len(found)} measures have enough counts by month to be judged."
    title = "Signals in the counts by month"
    empty = "No signal." if judged else "None can be judged yet."
    return Block("summary_signals", title, columns, rows, intro, empty=empty, may_lack=True)


def by_exception_block(paragraphs: Iterable[ByException] = (), *, to_fill_in: bool = True) -> Block:
    """The coordinator's own text: typed on the sheet, kept in the data, there again after consolidating."""
    prompt = "Your own text, a paragraph a row. It is kept when you consolidate again."
    columns = [
        Column("subject", "Subject", entered=True, prompt="What it is about. Optional.", may_lack=True),
        Column("text", "What happened", entered=True, prompt=prompt, formerly=("Text",)),
    ]
    rows: list[Row] = [{"subject": one.subject, "text": one.text} for one in paragraphs]
    room = ROOM_FOR_PARAGRAPHS if to_fill_in else 0
    return Block(BY_EXCEPTION, "Delivery and challenges by exception", columns, rows, room=room)


# By quarter


def by_quarter_sheet(account: Account, *, is_live: bool = True) -> Sheet:
    """Complete, and each measure, in the last quarters.

    is_live: with a line for each, whatever is known of it (the master); partners see what there are two figures of.
    """
    complete = [({"strand": name}, figures) for name, figures in account.complete.items()]
    labels = [Column("strand", "Strand"), Column("trend", "Quarter by quarter")]
    blocks = [_by_quarter("complete_by_quarter", "Complete by quarter", labels, complete, account.shown, Kind.COUNT)]
    once = {(one.strand, one.name, one.comparison.over): one for one in account.insights}
    measures = [
        ({"measure": f"{name} ({strand}, {over})", UNIT: one.unit.name}, one.trend)
        for (strand, name, over), one in once.items()
        if is_live or sum(map(is_number, one.trend.values())) > 1
    ]
    if measures:
        labels = [Column("measure", "Measure"), Column("trend", "Quarter by quarter")]
        title = "Measures by quarter"
        blocks.append(_by_quarter("measures_by_quarter", title, labels, measures, account.shown, Kind.NUMBER))
    lines = lines_of(account.settings, account.quarter)
    widths = grid.widths(len(labels) + account.settings.quarters_shown) if is_live else ()  # there will be as many
    return Sheet(BY_QUARTER, BY_QUARTER, lines, blocks, widths=widths)


def _by_quarter(
    name: str,
    title: str,
    labels: Sequence[Column],
    lines: Sequence[tuple[Mapping[str, str], Mapping[Quarter, Value]]],
    quarters: Sequence[Quarter],
    kind: Kind,
) -> Block:
    """What each line is of, and its figures by quarter. Where there is none it is blank: a line takes words for 0."""
    columns = [*labels, *[Column(str(q), str(q), kind) for q in quarters]]
    first, last = str(quarters[0]), str(quarters[-1])
    rows: list[Row] = [
        {**of, **{str(q): v for q, v in figures.items() if is_number(v)}, "trend": Sparkline(name, at, first, last)}
        for at, (of, figures) in enumerate(lines)
    ]
    return Block(name, title, columns, rows, "Blank where there is no figure.", by_quarter=True, may_lack=True)

"""What stands in the report, section by section, whatever it is printed in. All of it comes from the account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from cpxl.account import Account
from cpxl.account.breakdowns import BreakdownAccount
from cpxl.account.strand import StrandAccount
from cpxl.config import Numbered
from cpxl.layout.blocks import MARK, NUMERIC, Block, Chart, Column, Kind, is_revised, plain, unit_of
from cpxl.layout.breakdowns import breakdown_block
from cpxl.layout.delivery import achieved_block, scheduled_block
from cpxl.layout.in_words import shown
from cpxl.layout.measures import measure_blocks, signal_blocks
from cpxl.layout.parts import ContentsList, Figure, Part, Photo, ReportSection, Table, TableCell, TableColumn, Text
from cpxl.layout.progress import progress_chart, progress_grid
from cpxl.layout.revised import marked, revised_in_words
from cpxl.layout.risks import in_full
from cpxl.layout.summary import shares, summary_block
from cpxl.model import DeliveryItem, ReportText, Value, is_number
from cpxl.quarters import day_name
from cpxl.units import Unit
from cpxl.words import how_many
from cpxl.workbook_names import SUMMARY

BULLET = re.compile(r"(?:[-*\u2013\u2022\u25aa\u25cf]|\d{1,2}[.)])\s+")
"""How a line of a text begins that is one of a list."""


def title_of(account: Account) -> str:
    """What the report is called."""
    return f"{account.settings.strategy}: progress to {account.quarter}"


def facts(account: Account, issued: date) -> list[tuple[str, str]]:
    """What stands at its top. issued: the day that it says."""
    settings, quarter = account.settings, account.quarter
    absent = [row.strand for row in account.absent]
    rows = {
        "Report to": settings.partnership,
        "Prepared by": settings.force,
        "Period": f"{quarter}: {quarter.months(settings.financial_year_starts_in)}",
        "Version": account.publication.version if account.publication else "",
        "Date": day_name(issued),
        "Revised figures": revised_in_words(account),
        "Contact": settings.contact or "",
        "Strands not reported": ", ".join(absent),
    }
    return [(item, text) for item, text in rows.items() if text]


def sections(account: Account) -> list[ReportSection]:
    """The whole report, in config's order, numbered."""
    found = []
    for one in account.settings.report:
        parts = list(_parts(account, one))
        found.append(ReportSection(one.number, one.section.title, one.level, one.section.kind, parts))
        if one.section.kind == "strands":
            found += _strands(account, one)
    return found


def _parts(account: Account, one: Numbered) -> Iterator[Part]:
    match one.section.kind:
        case "contents":
            yield ContentsList()
        case "summary":
            yield from _summary(account)
        case "at_risk":
            yield from _at_risk(account)
        case "exception":
            yield from _exceptions(account, one)
        case "corrections":
            yield from _corrections(account)
        case "standing" | "quarter":
            yield from _written(account, one)


# What the coordinator writes


def _written(account: Account, one: Numbered) -> Iterator[Part]:
    texts = list(_texts(account, one))
    if not any(text.text for text in texts):
        yield Text(f"Nothing was written for {account.quarter}.", "note")
    for text in texts:
        if text.heading:
            yield Text(account.filled(str(text.heading)), "heading")
        yield from paragraphs(account.filled(str(text.text or "")))


def _texts(account: Account, one: Numbered) -> Iterator[ReportText]:
    for text in account.texts:
        of = account.settings.section_meant(text.section)
        if of and of.section.title == one.section.title:
            yield text


def _exceptions(account: Account, one: Numbered) -> Iterator[Part]:
    """The paragraphs of the executive summary, and those of the report's own text; subjects are numbered."""
    found = [(paragraph.subject, paragraph.text) for paragraph in account.exceptions]
    found += [(text.heading, text.text) for text in _texts(account, one)]
    number = 0
    for subject, text in found:
        if subject:
            number += 1
            at = f"{one.number}.{number} " if one.number else ""
            yield Text(account.filled(f"{at}{subject}"), "heading")
        yield from paragraphs(account.filled(str(text or "")))
    if not found:
        yield Text("Nothing was reported by exception.", "note")


def paragraphs(text: str) -> Iterator[Text]:
    """A text as paragraphs, a line each; what begins like an item of a list is one."""
    for line in text.splitlines():
        if line.strip():
            item = BULLET.match(line.strip())
            is_item = item is not None and not item[0][0].isdigit()
            yield Text(line.strip()[item.end() :], "bullet") if item and is_item else Text(line.strip())


# What the figures say


def _summary(account: Account) -> Iterator[Part]:
    yield from (Text(sentence, "lead" if at == 0 else "text") for at, sentence in enumerate(account.news))
    block = marked(summary_block(account), SUMMARY, account)
    keys = [key for key in block.keys if key not in ("position", "figures_of")]
    older = [row for row in account.summary if row.figures_of not in (None, account.quarter)]
    yield table(block, keys, block.title, block.intro)
    if older:
        said_of = "; ".join(f"{row.strand}: figures of {row.figures_of}" for row in older)
        yield Text(f"Not in the total: {said_of}.", "note")
    yield from (Figure(block, chart) for chart in shares(account, block, is_live=False))


def _at_risk(account: Account) -> Iterator[Part]:
    if not account.risks:
        yield Text("No work is at risk.")
        return
    strands = list(dict.fromkeys(numbered.risk.strand for numbered in account.risks))
    risks = how_many(len(account.risks), "risk")
    yield Text(f"{how_many(len(strands), 'strand')} reported work at risk ({risks} in all).")
    columns = [TableColumn("No.", True), *(TableColumn(heading, False) for heading in RISK_HEADINGS)]
    rows = [
        [
            TableCell(str(n.number), True),
            TableCell(n.risk.strand, False),
            TableCell("\n".join(str(text) for text in (in_full(n.risk), n.risk.action) if text), False),
            TableCell(_response(n.risk.response, n.risk.rated), False),
        ]
        for n in account.risks
    ]
    yield Table("Risks", "Each risk with its number, strand, what is being done, and the response.", columns, rows)


RISK_HEADINGS = ("Strand", "Work at risk, and what is being done", "Response and level")


def _response(response: Value, level: Value) -> str:
    said = f"Response: {str(response).lower()}" if response else "Response not named"
    return f"{said}\nLevel: {level}" if level else said


def _corrections(account: Account) -> Iterator[Part]:
    if not account.corrections:
        yield Text("No figure of an earlier quarter was corrected.")
        return
    headings = ("Quarter", "Strand", "Figure", "Before", "Now")
    rows = [
        [
            TableCell(text, at > 2)
            for at, text in enumerate((str(c.quarter), c.strand, c.figure, printed(c.before), printed(c.after)))
        ]
        for c in account.corrections
    ]
    columns = [TableColumn(heading, at > 2) for at, heading in enumerate(headings)]
    yield Table("Corrections", "Each figure that was corrected, as it was and as it is.", columns, rows)


# The strands


def _strands(account: Account, one: Numbered) -> Iterator[ReportSection]:
    lead_title = account.settings.lead_title
    for number, (strand, news) in enumerate(zip(account.strands, account.of_strands, strict=True), 1):
        of = strand.strand
        title = f"{of.report_title or of.name} - {lead_title}: {of.lead}"
        at = f"{one.number.partition('.')[0]}.{number}" if one.number else ""
        yield ReportSection(at, title, one.level + 1, "strand", list(_strand(account, strand, news)))


def _strand(account: Account, strand: StrandAccount, news: str) -> Iterator[Part]:
    settings = account.settings
    yield Text(news, "lead")
    if strand.grids:
        yield Text("Delivery plan progress", "heading")
    for grid in strand.grids:
        block = marked(progress_grid(grid, strand.strand, settings), strand.strand.short_name, account)
        keys = [key for key in block.keys if key != "note"]
        yield table(
            block, keys, grid.plan.name, f"Progress of {grid.plan.name} by status and quarter, in {settings.units}."
        )
        if not grid.plan.in_summary:
            yield Text(block.intro, "note")
        yield from (Text(sentence, "note") for sentence in grid.uneven)
        yield from (Text(f"{row.status}, {strand.quarter}: {row.note}", "note") for row in grid.rows if row.note)
        yield from (Figure(block, chart) for chart in progress_chart(grid, block, is_live=False))
    yield Text("Work at risk", "heading")
    yield from _risks(account, strand)
    yield from _insights(account, strand)
    empty = "" if strand.is_returned else strand.why_without
    delivered, planned = (
        block(strand, settings, to_fill_in=False, empty=empty) for block in (achieved_block, scheduled_block)
    )
    for block, items in ((delivered, strand.achieved), (planned, strand.scheduled)):
        yield Text(block.title, "heading")
        yield from map(_item, items)
        if not items:
            yield Text(block.empty, "note")


def _risks(account: Account, strand: StrandAccount) -> Iterator[Part]:
    found = [numbered for numbered in account.risks if numbered.risk.strand == strand.strand.name]
    for numbered in found:
        risk = numbered.risk
        words = " ".join(str(text) for text in (in_full(risk), risk.action) if text)
        how = _response(risk.response, risk.rated).replace("\n", ". ")
        yield Text(f"{words} {how}.", strong=f"{numbered.number}) ")
    if not found:
        yield Text("No work is at risk.")


def _insights(account: Account, strand: StrandAccount) -> Iterator[Part]:
    blocks = [block for block in measure_blocks(strand, account.settings, to_fill_in=False) if block.rows]
    is_said = strand.paragraphs or strand.picture or any(one.is_known for one in strand.breakdowns)
    if blocks or is_said or (strand.is_returned and strand.breakdowns):
        yield Text("Insights", "heading")
    for block in (marked(block, strand.strand.short_name, account) for block in blocks):
        keys = [key for key in block.keys if key not in ("comment", "signal")]
        keys = [key for key in keys if any(plain(row.get(key)) not in (None, "") for row in block.rows)]
        title = block.title.removeprefix("Insights: ")
        of_each = "both figures, and the change" if "previous" in keys else "one figure each"
        yield table(block, keys, title[:1].upper() + title[1:], f"{title}: {of_each}.")
        if block.intro:
            yield Text(block.intro, "note")
    for breakdown in strand.breakdowns:
        yield from _breakdown(account, strand, breakdown)
    yield from (part for paragraph in strand.paragraphs for part in paragraphs(str(paragraph.text or "")))
    for measure in strand.measures:
        if measure.comment:
            yield Text(str(measure.comment), "bullet", f"{measure.name}: ")
        if measure.has_signal:
            yield Text(measure.signal, "bullet", f"{measure.name}, by month: ")
    if strand.picture and (content := account.pictures.get(strand.picture.sha256)):
        yield Photo(str(strand.picture.text), content)
        yield Text(str(strand.picture.text), "note")
    items = list(signal_blocks(strand, is_live=False))
    by_name = {item.name: item for item in items if isinstance(item, Block)}
    yield from (
        Figure(by_name[item.block], item) for item in items if isinstance(item, Chart) and item.block in by_name
    )


def _breakdown(account: Account, strand: StrandAccount, breakdown: BreakdownAccount) -> Iterator[Part]:
    """A table of the strand's own, and the comments on its rows; a sentence where a return left it blank."""
    block = marked(breakdown_block(breakdown, to_fill_in=False), strand.strand.short_name, account)
    if not block.rows and strand.is_returned:
        yield Text(f"{block.title}: not reported for {strand.quarter}.", "note")
    if block.rows:
        yield table(block, [key for key in block.keys if key != "comment"], block.title, f"{block.title}, by row.")
        if any(value is None for row in breakdown.rows for value in row.figures.values()):
            yield Text(f"{block.intro} A blank cell means that no figure was reported.".lstrip(), "note")
        yield from (Text(str(row.comment), "bullet", f"{row.name}: ") for row in breakdown.rows if row.comment)


def _item(item: DeliveryItem) -> Text:
    when = f" ({printed(item.when)})" if item.when else ""
    activity, impact = str(item.activity or ""), str(item.impact or "")
    return Text(f"{impact}{when}", "bullet", f"{activity} " if activity else "")


# Tables


def table(block: Block, keys: Sequence[str], title: str, alt_text: str) -> Table:
    """Some columns of a workbook's table, as they are printed."""
    by_key = {column.key: column for column in block.columns}
    columns = [by_key[key] for key in keys]
    last = len(block.rows) - 1
    rows = [
        [
            TableCell(
                printed(plain(row.get(c.key)), c.kind, unit_of(c, row)) + f" {MARK}" * is_revised(c, row),
                c.kind in NUMERIC,
                block.totalled and at == last,
            )
            for c in columns
        ]
        for at, row in enumerate(block.rows)
    ]
    return Table(title, alt_text, list(map(_column, columns)), rows)


def _column(column: Column) -> TableColumn:
    return TableColumn(column.heading, column.kind in NUMERIC)


def printed(value: Value, kind: Kind = Kind.NUMBER, unit: Unit | None = None) -> str:
    """A value as its cell shows it. unit: what it is counted in."""
    if value is None:
        return ""
    if isinstance(value, date):
        return day_name(value)
    return shown(value, kind, unit) if is_number(value) else str(value)

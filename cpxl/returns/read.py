"""A returned workbook to a Return record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cpxl import files
from cpxl.account.measures import MONTHS_SHOWN
from cpxl.account.strand import strand_account
from cpxl.comparisons import COMPARISONS
from cpxl.config import Breakdown, Plan, Settings, Strand
from cpxl.forgive import EXCELS_DAY_0, label_meant, number, says_nothing, serial_date, time_meant
from cpxl.insights.rolling import compared
from cpxl.layout.blocks import Block, Kind, Row, plain, units_by_label
from cpxl.layout.breakdowns import PARAGRAPHS_BLOCK, breakdown_name, figure_key
from cpxl.layout.delivery import ACHIEVED_BLOCK, DUE_BLOCK, NOTES_BLOCK, NOTHING_DUE, SCHEDULED_BLOCK, SIGN_OFF_BLOCK
from cpxl.layout.identity import RETURN, identity_block, issue_id
from cpxl.layout.measures import MONTHLY_BLOCK, ROLLING_BLOCK, count_key, monthly_block
from cpxl.layout.progress import progress_name
from cpxl.layout.risks import RISKS, together
from cpxl.layout.strand import HEADING, Use, strand_sheet
from cpxl.model import (
    ACHIEVED,
    DELIVERED,
    DUE,
    NOT_APPLICABLE,
    SCHEDULED,
    BreakdownFigure,
    Cell,
    DeliveryItem,
    Master,
    Measure,
    Monthly,
    Note,
    Paragraph,
    Progress,
    Return,
    Risk,
    SignOff,
    Typed,
    Value,
    field_names,
    is_blank,
    is_number,
    to_15_digits,
)
from cpxl.quarters import Quarter, is_quarter, month_in_words, months_to
from cpxl.returns.beside import Form, beside
from cpxl.returns.pictures import with_picture
from cpxl.returns.typed_cell import read_as
from cpxl.units import COUNT
from cpxl.words import legible
from cpxl.workbook_names import TEMPLATE_VERSION, total_heading
from cpxl.workbooks.read import OpenWorkbook, ReadRow, RowCells, tidy
from cpxl.workbooks.untrusted import LARGEST_FILE, Unreadable

IDENTITY = identity_block()
FIELDS: Mapping[type, frozenset[str]] = {
    record: frozenset(field_names(record)) for record in (Measure, Paragraph, Risk, DeliveryItem, Note, SignOff)
}
OF_MEASURES = (*(one.block for one in COMPARISONS.values()), MONTHLY_BLOCK)
"""Blocks that a form has only if the strand had such measures when it was issued."""
MAY_SAY_NONE = (RISKS, ACHIEVED_BLOCK, SCHEDULED_BLOCK)
"""Blocks in which a row may say that there is nothing to list."""
ENTERED = ("progress", "measures", "breakdowns", "paragraphs", "risks", "delivery", "notes", "sign_offs", "monthly")
"""The fields of Return that a lead fills in."""
MOST_COPIES = 5
"""Sheets that are copies of each other, that are looked at."""
MOST_FORMS = 100
"""Forms kept in memory: a file may say that it is of any quarter."""
FIRST_SHOWN_AS_DATE = 2000
"""The first year of which a date is shown as one where times are entered."""


def read_return(path: Path, settings: Settings) -> Return:
    """Read one file as a return, whatever it is: what is wrong with it stands in the record for the checks to say.

    Raises OSError if the file cannot be opened at all.
    """
    data, saved = files.read(path, LARGEST_FILE + 1)
    known: dict[str, Any] = received(path, data, saved)
    try:
        book = OpenWorkbook(data)
        identity = {str(row.values["fact"]): row.values["value"] for row in book.rows(IDENTITY) or ()}
        if identity.get("kind") != RETURN:
            raise Unreadable("other-workbook")
        known |= {key: str(identity.get(key) or "") for key in ("strand", "quarter", "template_version", "issue_id")}
        strand = settings.strand_of(known["strand"])
        if strand is None:
            raise Unreadable("unknown-strand")
        try:
            quarter = Quarter.parse(known["quarter"])
        except ValueError:
            raise Unreadable("other-workbook") from None
        if not strand.reports_in(quarter):
            raise Unreadable("unknown-strand")
        return Return(**known, **_read_sheets(book, settings, strand.as_of(quarter), quarter, known))
    except Unreadable as fault:
        return Return(**known, fault=str(fault))


def _read_sheets(
    book: OpenWorkbook, settings: Settings, strand: Strand, quarter: Quarter, known: Mapping[str, Any]
) -> dict[str, Any]:
    """What stands in a return, as fields of Return. Its sheet may be there again, copied with all names."""
    blocks = _form(settings, strand, quarter)
    sheets = book.sheets_of(blocks[0])
    found = read_strand_sheet(book, settings, strand, quarter, sheets[0] if len(sheets) > 1 else None)
    form = Form(book, settings, strand, quarter, blocks, found["sheet"], sheets[:MOST_COPIES])
    again = ((name, read_strand_sheet(book, settings, strand, quarter, name)) for name in sheets[1:MOST_COPIES])
    return {
        **found,
        "copies": tuple(name for name, other in again if any(other[part] != found[part] for part in ENTERED)),
        "extras": book.extras + tuple(f"the hidden sheet '{name}'" for name in _hidden(book)),
        **with_picture(form, beside(form, known)),
    }


def unreadable(path: Path) -> Return:
    """A file that is there, and cannot be opened."""
    return Return(file=legible(path.name), sha256="", received="", saved=0, fault="cannot-be-opened")


def received(path: Path, data: bytes, saved: int) -> dict[str, Any]:
    """What is known of a file before it is opened, as fields of Return: its name, SHA-256, and when it was last saved.

    data: its bytes; of a file that is too large, the first LARGEST_FILE and one more, which have no SHA-256.
    saved: nanoseconds since 1970.
    """
    shown = datetime.fromtimestamp(saved // 10**9).isoformat(" ", "seconds")
    sha256 = hashlib.sha256(data).hexdigest() if len(data) <= LARGEST_FILE else ""
    return {"file": legible(path.name), "sha256": sha256, "received": shown, "saved": saved}


def read_strand_sheet(
    book: OpenWorkbook, settings: Settings, strand: Strand, quarter: Quarter, sheet: str | None = None
) -> dict[str, Any]:
    """What a lead entered on a strand's sheet, as fields of Return.

    sheet: its name in a workbook with several strands.
    """
    blocks = _form(settings, strand, quarter)
    entries = _Entries(book, blocks, strand, {"quarter": quarter, "strand": strand.name}, sheet)
    monthly = entries.months(quarter, settings.financial_year_starts_in)
    measures = {
        one.block: entries.records(one.block, Measure, period=period, **({} if one.back else {"previous": None}))
        for period, one in COMPARISONS.items()
    }
    due = entries.records(DUE_BLOCK, DeliveryItem, kind=DUE)
    achieved = entries.achieved()
    scheduled = entries.records(SCHEDULED_BLOCK, DeliveryItem, kind=SCHEDULED)
    progress = [p for plan in strand.plans for p in entries.progress(plan)]
    return {
        "sheet": sheet or book.sheet_of(blocks[0]) or "",
        "heading": tuple(
            (row.values["item"], row.values["details"], row.cells["details"]) for row in entries.rows[HEADING] or ()
        ),
        "missing_blocks": tuple(
            block.title or block.name
            for block in blocks
            if entries.rows[block.name] is None
            and not block.may_lack
            and not (block.name in OF_MEASURES and not book.had(block))
        ),
        "progress": tuple(progress),
        "measures": tuple(measure for of_block in measures.values() for measure in of_block),
        "risks": entries.records(RISKS, Risk),
        "delivery": (*due, *achieved, *scheduled),
        "notes": entries.records(NOTES_BLOCK, Note),
        "sign_offs": entries.records(SIGN_OFF_BLOCK, SignOff),
        "breakdowns": tuple(f for breakdown in strand.breakdowns for f in entries.breakdown(breakdown)),
        "paragraphs": entries.records(PARAGRAPHS_BLOCK, Paragraph),
        "monthly": monthly,
        "shown": tuple(one for name, of_block in measures.items() for one in entries.shown(name, of_block)),
        "unknown_months": tuple(entries.unknown_months),
        "read_as": tuple(entries.read_as),
        "none_of": frozenset(entries.none_of),
        "formulas": tuple(book.formulas(blocks, sheet)),
        "worked_out": tuple(entries.worked_out),
    }


def entered_sheets(
    book: OpenWorkbook, path: Path, settings: Settings, known: Master, codes: Sequence[str] = ()
) -> dict[str, Return]:
    """The strands' sheets of a master that count as returns, by the strand's code. codes: of the strands to look at.

    Those on which something was entered since cpxl drew them from what is known, and those that were merged so before.
    Their SHA-256 is that of what is entered, and stays as it was when that was merged.
    """
    quarter = known.quarter
    found: dict[str, Return] = {}
    of_quarter = [s for s in known.submissions if s.quarter == quarter and s.is_accepted]
    merged_before = {s.strand: s for s in of_quarter if s.file == path.name}
    sheets: dict[str, str] = {}
    strands = settings.as_of(quarter).strands
    for strand in [s for s in strands if s.code in codes] if codes else strands:
        drawn = strand_sheet(strand_account(known, quarter, strand, settings), settings, Use.MASTER)
        sheets = sheets or _sheets_by_strand(book, settings, drawn.blocks[0])
        sheet = sheets.get(strand.code, drawn.name)
        if sheet in sheets.values() and strand.code not in sheets:
            continue  # a strand that is new has taken the name of another's sheet
        read = _Entries(book, drawn.blocks, strand, {}, sheet).rows
        there = [(block, rows) for block in drawn.blocks if (rows := read[block.name]) is not None]
        uncalculated = _calculated(book, there)
        entries = [
            _entered(block, _as_drawn(block, [_as_today(block, row.values) for row in rows])) for block, rows in there
        ]
        merged = merged_before.get(strand.name)
        is_as_drawn = entries == [_entered(block, block.body) for block, _ in there]
        if not is_as_drawn or (merged and not uncalculated):
            about = received(path, b"", path.stat().st_mtime_ns)
            if merged and is_as_drawn:
                about |= {"sha256": merged.sha256, "received": merged.received}
            else:
                about["sha256"] = hashlib.sha256(repr((strand.code, entries)).encode()).hexdigest()
            found[strand.code] = Return(
                **about,
                is_entered=True,
                strand=strand.code,
                quarter=str(quarter),
                template_version=TEMPLATE_VERSION,
                issue_id=issue_id(settings, strand.code, quarter),
                **read_strand_sheet(book, settings, strand, quarter, sheet),
            )
    return found


def _calculated(book: OpenWorkbook, there: Sequence[tuple[Block, list[ReadRow]]]) -> bool:
    """Put the values that were drawn in place of those that a program did not store with a formula. Whether one was."""
    found = False
    for block, rows in there:
        drawn = {plain(row.get(block.keys[0])): row for row in block.body}
        for row in rows:
            for column in block.entered:
                if row.values[column.key] is None and column.key in row.columns and book.is_formula(row, column.key):
                    if block.name == ACHIEVED_BLOCK and book.is_carried(row, column.key):
                        continue
                    label = row.values[block.keys[0]]
                    row.values[column.key] = was = tidy(plain(drawn.get(label, {}).get(column.key)))
                    found = found or was is not None  # a formula may come to nothing
    return found


def _sheets_by_strand(book: OpenWorkbook, settings: Settings, heading: Block) -> dict[str, str]:
    """Where each strand (by its code) is in a master, whatever its sheet is called now."""
    rows = [row for sheet in book.sheets_of(heading) for row in book.rows(heading, sheet) or ()]
    named = [
        (settings.strand_named(row.values["details"]), row.sheet) for row in rows if row.values["item"] == "Strand"
    ]
    return {strand.code: sheet for strand, sheet in reversed(named) if strand}


def _as_drawn(block: Block, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a table in the order in which it is drawn, where they are the same ones: config may have another."""
    label = block.keys[0]
    order = [plain(row.get(label)) for row in block.body]
    by_label = {plain(row.get(label)): row for row in rows}
    is_the_same = not block.columns[0].entered and len(by_label) == len(rows) and by_label.keys() == set(order)
    return [by_label[name] for name in order] if is_the_same else rows


def _as_today(block: Block, row: Row) -> Row:
    """A row as it is drawn today: what is at risk and why had a column each in masters of before."""
    if block.name != RISKS or not row.get("cause"):
        return row
    return {**row, "description": together(plain(row.get("description")), plain(row.get("cause")))}


def _entered(block: Block, rows: Iterable[Row]) -> list[list[Value]]:
    """What stands in a block's cells that are to be filled in, by row, without empty rows; numbers to 15 digits."""
    lines = [[tidy(plain(row.get(column.key))) for column in block.entered] for row in rows]
    return [[to_15_digits(v) if is_number(v) else v for v in line] for line in lines if not is_blank(line)]


_forms: dict[tuple[str, Quarter], tuple[Settings, list[Block]]] = {}


def _form(settings: Settings, strand: Strand, quarter: Quarter) -> list[Block]:
    """The blocks of a strand's form, which are laid out once for all returns of a strand and quarter."""
    laid_out_for, blocks = _forms.get((strand.code, quarter), (None, []))
    if laid_out_for is not settings:
        if len(_forms) > MOST_FORMS:
            _forms.clear()
        account = strand_account(Master(quarter), quarter, strand, settings)
        blocks = strand_sheet(account, settings).blocks
        by_month = monthly_block(account, of_before=True)
        if by_month and by_month.name not in [block.name for block in blocks]:
            blocks.append(by_month)
        _forms[strand.code, quarter] = settings, blocks
    return blocks


def _month_meant(label: Value, first_month: int) -> str | None:
    """`October 2018`, or a date in it, as `2018-10`."""
    day = time_meant(label, first_month)
    return day.isoformat()[:7] if day else None


def _hidden(book: OpenWorkbook) -> list[str]:
    ours = book.sheet_of(IDENTITY)
    return [name for name, visible in book.sheets.items() if not visible and name != ours]


def _as(row: ReadRow, key: str, name: str) -> RowCells:
    """The cells of a row, one of them under another name too."""
    return RowCells(row.sheet, row.row, row.columns, name, key)


class _Entries:
    """The rows of a strand's sheet, each value as it was meant, and what was typed otherwise."""

    def __init__(
        self,
        book: OpenWorkbook,
        blocks: Sequence[Block],
        strand: Strand,
        about: Mapping[str, Any],
        sheet: str | None = None,
    ) -> None:
        self.book, self.strand, self.about, self.sheet = book, strand, about, sheet
        self.blocks = {block.name: block for block in blocks}
        for block in blocks:
            book.know_as(block.name, block.formerly)
        self.read_as: list[Typed] = []
        self.unknown_months: list[tuple[Cell, Value]] = []
        self.worked_out: list[Cell] = []
        self.none_of: set[str] = set()
        self.rows = {block.name: self._read(block) for block in blocks}

    def _read(self, block: Block) -> list[ReadRow] | None:
        rows = self.book.rows(block, self.sheet, formerly=self._headings(block))
        key, name_today = self._names(block)
        units = units_by_label(block)
        for row in rows or ():
            if row.values.get(key) is not None:
                row.values[key] = name_today(str(row.values[key]))
            of_row = units.get(row.values.get(key), COUNT)
            for column in block.entered:
                typed = row.values[column.key]
                if isinstance(typed, str) and (read := read_as(column, typed, column.unit or of_row)) != typed:
                    row.values[column.key] = read
                    self.read_as.append(Typed(row.cells[column.key], typed, read))
                elif isinstance(typed, date) and column.kind is Kind.TIME and typed.year < FIRST_SHOWN_AS_DATE:
                    row.values[column.key] = typed.toordinal() - EXCELS_DAY_0  # a number, such as a year
                elif column.kind is Kind.TIME and (day := serial_date(typed, from_1904=self.book.from_1904)):
                    row.values[column.key] = day
                    self.read_as.append(Typed(row.cells[column.key], typed, day))
        return rows

    def _names(self, block: Block) -> tuple[str, Callable[[str], str]]:
        """The column with names that config may have changed, and what gives the name of today."""
        breakdown = next((one for one in self.strand.breakdowns if breakdown_name(one) == block.name), None)
        if breakdown:
            return "row", breakdown.today
        plan = next((plan for plan in self.strand.plans if progress_name(plan) == block.name), None)
        measures = self.strand.measures
        of_plan = [*plan.statuses, *plan.retired, *plan.renamed] if plan else []
        known = of_plan or [*measures.every, *measures.renamed]
        name_today = plan.status if plan else measures.measure
        key = "status" if plan else "measure"
        return key, lambda label: name_today(label_meant(label, known) if name_today(label) == label else label)

    def _headings(self, block: Block) -> Mapping[str, str]:
        """What the headings of counts by month were in returns issued before a measure was renamed: old, and new."""
        breakdown = next((one for one in self.strand.breakdowns if breakdown_name(one) == block.name), None)
        if breakdown:
            return {was: new for was, new in breakdown.renamed.items() if new in block.headings}
        renamed = self.strand.measures.renamed.items() if block.name == MONTHLY_BLOCK else ()
        headings = {heading(was): heading(new) for was, new in renamed for heading in (str, total_heading)}
        return {was: new for was, new in headings.items() if was not in block.headings}

    def months(self, quarter: Quarter, first_month: int) -> tuple[Monthly, ...]:
        """The counts by month; a 12-month total that is not there, though all its months are, is their sum."""
        rows = self.rows.get(MONTHLY_BLOCK)
        if not rows:
            return ()
        in_words = {month_in_words(month): month for month in months_to(quarter.end(first_month), MONTHS_SHOWN)}
        read: dict[str, ReadRow] = {}
        for row in rows:
            month = in_words.get(str(row.values["month"])) or _month_meant(row.values["month"], first_month)
            if month and month in in_words.values() and month not in read:
                read[month] = row
            else:
                self.unknown_months.append((row.cells["month"], row.values["month"]))
        for total in self.rows.get(ROLLING_BLOCK) or ():
            counts = {month: row.values.get(count_key(str(total.values["measure"]))) for month, row in read.items()}
            numbers = {month: count for month, count in counts.items() if is_number(count)}
            for key in ("previous", "current") if numbers else ():
                if total.values[key] is None:
                    total.values[key] = getattr(compared(numbers, quarter, first_month), key)
                    self.worked_out.append(total.cells[key])
        return tuple(
            Monthly(**self.about, measure=name, month=month, count=count, cells=_as(row, count_key(name), "count"))
            for month, row in read.items()
            for name in self.strand.measures.rolling_12_months
            if (count := row.values.get(count_key(name))) is not None
        )

    def records(self, name: str, record: type, **fields: Any) -> tuple[Any, ...]:
        """A record for each row of a block in which something was entered (or, of what was due, something stands)."""
        block = self.blocks.get(name)
        if block is None:
            return ()
        to_look_at = block.keys if name == DUE_BLOCK else [column.key for column in block.entered]
        if record is Measure:  # which is missing if there is nothing but its name
            to_look_at = ["measure", *to_look_at]
        about, fields_of = {**self.about, **fields}, FIELDS[record]
        if name in MAY_SAY_NONE:
            self._leave_out_nothing(block)
        return tuple(
            record(**about, **{key: v for key, v in row.values.items() if key in fields_of}, cells=row.cells)
            for row in self.rows[name] or ()
            if [row.values[key] for key in to_look_at].count(None) < len(to_look_at)
            and NOTHING_DUE not in row.values.values()
        )

    def _leave_out_nothing(self, block: Block) -> None:
        """Take out what says that there is nothing to list, and keep in mind that it is said."""
        for row in self.rows[block.name] or ():
            cells = {column.key: v for column in block.entered if (v := row.values[column.key]) is not None}
            if cells and all(map(says_nothing, cells.values())):
                self.none_of.add(block.name)
                for key, value in cells.items():
                    row.values[key] = None
                    self.read_as.append(Typed(row.cells[key], value, None))

    def achieved(self) -> tuple[DeliveryItem, ...]:
        """What was achieved. What is said to be delivered above stands there by a formula, which a program may not have
        calculated: it is taken from above.
        """
        delivered = {
            row.values["id"]: row.values["activity"]
            for row in self.rows.get(DUE_BLOCK) or ()
            if row.values["id"] is not None and row.values["outcome"] == DELIVERED
        }
        for row in self.rows.get(ACHIEVED_BLOCK) or ():
            known_as = row.values["id"]
            if known_as is not None:
                if self.book.is_carried(row, "activity"):
                    row.values["activity"] = delivered.get(known_as)
                if known_as not in delivered:
                    row.values["id"] = None
        found: tuple[DeliveryItem, ...] = self.records(ACHIEVED_BLOCK, DeliveryItem, kind=ACHIEVED)
        return found

    def progress(self, plan: Plan) -> Iterator[Progress]:
        """The figures of a progress grid, a column a quarter. The note belongs to the quarter that is filled in."""
        name = progress_name(plan)
        for column in self.blocks[name].columns:
            if not is_quarter(column.heading):
                continue
            quarter = Quarter.parse(column.heading)
            for values, sheet, place, columns in self.rows[name] or ():
                if column.key not in columns:
                    continue
                value, status = number(values[column.key]), str(values["status"] or "")
                if not status and (value is None or not column.entered):
                    continue
                is_retired = status in plan.retired and status not in plan.statuses
                if column.entered and is_retired and value in (None, NOT_APPLICABLE):
                    continue
                note = values["note"] if column.entered else None
                cells = RowCells(sheet, place, columns, "value", column.key)
                yield Progress(quarter, self.about["strand"], plan.name, status, value, note, cells=cells)

    def breakdown(self, breakdown: Breakdown) -> Iterator[BreakdownFigure]:
        """The figures of a breakdown, entered or blank; the comment on a row stands beside the first of them."""
        first = breakdown.columns[0]
        for values, sheet, place, columns in self.rows.get(breakdown_name(breakdown)) or ():
            row, comment = str(values["row"] or ""), values["comment"]
            for column in breakdown.columns:
                value, said = values[figure_key(column)], comment if column == first else None
                if row in breakdown.every_row or value is not None or said is not None:
                    cells = RowCells(sheet, place, columns, "value", figure_key(column))
                    about = (self.about["quarter"], self.about["strand"], breakdown.name, row, column)
                    yield BreakdownFigure(*about, value, said, cells=cells)

    def shown(self, name: str, measures: Sequence[Measure]) -> Iterator[tuple[Measure, str, Value]]:
        """The differences and percentages of measures as they stand on the sheet."""
        by_name = {measure.measure: measure for measure in measures}
        for row in self.rows.get(name) or ():
            measure = by_name.get(str(row.values["measure"]))
            for key in ("difference", "percentage"):
                if measure and row.values.get(key) is not None and not self.book.is_formula(row, key):
                    yield measure, key, row.values[key]

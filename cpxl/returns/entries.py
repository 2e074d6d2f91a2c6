"""The rows of a strand's sheet to records: each value as it was meant, and what was typed otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from cpxl.account.measures import MONTHS_SHOWN
from cpxl.config import Breakdown, Plan, Strand
from cpxl.forgive import EXCELS_DAY_0, label_meant, number, says_nothing, serial_date, time_meant
from cpxl.insights.rolling import compared
from cpxl.layout.blocks import Block, Kind, units_by_label
from cpxl.layout.breakdowns import breakdown_name, figure_key
from cpxl.layout.delivery import ACHIEVED_BLOCK, DUE_BLOCK, NOTHING_DUE, SCHEDULED_BLOCK
from cpxl.layout.measures import MONTHLY_BLOCK, ROLLING_BLOCK, count_key
from cpxl.layout.progress import progress_name
from cpxl.layout.risks import RISKS
from cpxl.model import (
    ACHIEVED,
    DELIVERED,
    NOT_APPLICABLE,
    BreakdownFigure,
    Cell,
    DeliveryItem,
    Measure,
    Monthly,
    Note,
    Paragraph,
    Progress,
    Risk,
    SignOff,
    Typed,
    Value,
    field_names,
    is_number,
)
from cpxl.quarters import Quarter, is_quarter, month_in_words, months_to
from cpxl.returns.typed_cell import read_as
from cpxl.units import COUNT
from cpxl.workbook_names import total_heading
from cpxl.workbooks.read import OpenWorkbook, ReadRow, RowCells

FIELDS: Mapping[type, frozenset[str]] = {
    record: frozenset(field_names(record)) for record in (Measure, Paragraph, Risk, DeliveryItem, Note, SignOff)
}
MAY_SAY_NONE = (RISKS, ACHIEVED_BLOCK, SCHEDULED_BLOCK)
"""Blocks in which a row may say that there is nothing to list."""
FIRST_SHOWN_AS_DATE = 2000
"""The first year of which a date is shown as one where times are entered."""


def _month_meant(label: Value, first_month: int) -> str | None:
    """`October 2018`, or a date in it, as `2018-10`."""
    day = time_meant(label, first_month)
    return day.isoformat()[:7] if day else None


def _as(row: ReadRow, key: str, name: str) -> RowCells:
    """The cells of a row, one of them under another name too."""
    return RowCells(row.sheet, row.row, row.columns, name, key)


class Entries:
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
                typed, unit = row.values[column.key], column.unit or of_row
                if isinstance(typed, str) and (read := read_as(column, typed, unit)) != typed:
                    row.values[column.key] = read
                    said = unit.said(read) if is_number(read) and (unit.before or unit.after or unit.is_share) else ""
                    self.read_as.append(Typed(row.cells[column.key], typed, read, said))
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

"""The master: all its data tables, and what of them does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cpxl.model.on_record import (
    Approval,
    ByException,
    Chased,
    Correction,
    Finding,
    FindingRow,
    Publication,
    ReportText,
    Submission,
)
from cpxl.model.reported import (
    HISTORY,
    BreakdownFigure,
    DeliveryItem,
    Measure,
    Monthly,
    Note,
    Paragraph,
    Picture,
    Progress,
    Risk,
    SignOff,
)
from cpxl.model.values import Value
from cpxl.quarters import Quarter


@dataclass(frozen=True)
class Seal:
    """What cpxl wrote of some rows of a data table: a digest of each, in order.

    quarter, strand, source: as the rows have them (source: of counts by month). Rows with one seal come and go
    together. digests: None where nobody knows what the rows should be (something was wrong in a master of 0.1.0, which
    has no seals).
    """

    table: str
    quarter: str
    strand: str
    source: str
    digests: tuple[str, ...] | None

    @property
    def group(self) -> tuple[str, str, str, str]:
        """Of which rows it is."""
        return self.table, self.quarter, self.strand, self.source


@dataclass(frozen=True)
class Doubt:
    """Something in the master's data that does not hold, and so is not counted.

    table: the field of Master. quarter, strand: of what, as far as can be told.
    values: a row as it stands, which is kept until something takes its place. seal: of what stood there before.
    """

    finding: Finding
    table: str
    quarter: Quarter | None = None
    strand: str | None = None
    values: Mapping[str, Value] | None = None
    seal: Seal | None = None

    @property
    def is_error(self) -> bool:
        """Whether a figure, or what a figure rests on, is in doubt."""
        return self.finding.severity == Finding.ERROR


@dataclass(frozen=True)
class Master:
    """The data tables of the master: the system of record. Every other sheet is drawn from them.

    doubts: what in the tables does not hold. last_ids: the highest number of a risk or action ever given, by what its
    id begins with: no id is handed on. given: every id ever given, with the digest of the words that it stands for.
    """

    quarter: Quarter
    progress: tuple[Progress, ...] = ()
    measures: tuple[Measure, ...] = ()
    monthly: tuple[Monthly, ...] = ()
    breakdowns: tuple[BreakdownFigure, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    pictures: tuple[Picture, ...] = ()
    risks: tuple[Risk, ...] = ()
    delivery: tuple[DeliveryItem, ...] = ()
    notes: tuple[Note, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    by_exception: tuple[ByException, ...] = ()
    report_texts: tuple[ReportText, ...] = ()
    submissions: tuple[Submission, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    corrections: tuple[Correction, ...] = ()
    chasing: tuple[Chased, ...] = ()
    publications: tuple[Publication, ...] = ()
    approvals: tuple[Approval, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    last_ids: Mapping[str, int] = field(default_factory=dict)
    given: tuple[tuple[str, str], ...] = ()

    def is_in_doubt(self, table: str, quarter: Quarter, strand: str) -> bool:
        """Whether what a table has of a strand and quarter is not known to be right."""
        return any(d.is_error and (d.table, d.quarter, d.strand) == (table, quarter, strand) for d in self.doubts)

    def in_returns(self, quarter: Quarter) -> Callable[[Monthly], bool]:
        """Tells of a count whether it came in a return of the quarter, and not from an extract."""
        of_quarter = [s for s in self.submissions if s.quarter == quarter and s.template_version != HISTORY]
        files = {(s.strand, s.file) for s in of_quarter}
        return lambda row: row.quarter == quarter and (row.strand, row.source) in files


TABLES: Mapping[str, type] = {
    "progress": Progress,
    "measures": Measure,
    "monthly": Monthly,
    "breakdowns": BreakdownFigure,
    "paragraphs": Paragraph,
    "pictures": Picture,
    "risks": Risk,
    "delivery": DeliveryItem,
    "notes": Note,
    "sign_offs": SignOff,
    "by_exception": ByException,
    "report_texts": ReportText,
    "submissions": Submission,
    "findings": FindingRow,
    "corrections": Correction,
    "chasing": Chased,
    "publications": Publication,
    "approvals": Approval,
}
"""The master's data tables: field of Master and the record that a row of it is."""

OF_LEADS = (
    "progress",
    "measures",
    "monthly",
    "breakdowns",
    "paragraphs",
    "pictures",
    "risks",
    "delivery",
    "notes",
    "sign_offs",
)
"""The tables of what leads report."""

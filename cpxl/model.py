"""The records that everything else passes on: what leads report, what cpxl found, what the master holds.

Each record is one row of a data table in the master. What a lead typed carries, beside its value, the cell that it was
read from, so that a finding can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date
from functools import cached_property
from typing import ClassVar, NamedTuple, TypeGuard

from cpxl.origin import Origin
from cpxl.quarters import Quarter

ID = re.compile(r"([A-Z][A-Z0-9]*-A?)([0-9]{1,9})")
"""The id of a risk (`GANGS-2`) or of an action (`GANGS-A2`): what it begins with, and its number."""
VERSION = re.compile(r"[1-9]\d{0,3}\.\d{1,4}")
SHA256 = re.compile(r"[0-9a-f]{64}")
NOT_APPLICABLE = "N/A"
HISTORY = "history"
"""The template version of figures that came through a history import, not in a return."""
OPEN, CLOSED = "Open", "Closed"
ACHIEVED, SCHEDULED, DUE = "Achieved", "Scheduled", "Was scheduled"
DELIVERED, UNDER_WAY, GIVEN_UP = OUTCOMES = ("Delivered", "Still under way", "Not going ahead")
ROLLING, QUARTERLY, QUARTER_ON_YEAR = "12 months", "Quarter", "Quarter on last year"
MONTH_ON_MONTH, MONTH_ON_YEAR, ONE_OFF = "Month on last month", "Month on last year", "One-off"
"""What a measure is over, and compared with (see `comparisons.py`)."""
PREVIOUS, CURRENT = "previous", "current"
"""The two figures of a measure."""
SUMMED = ("total", "complete", "ongoing", "at_risk")
"""What the executive summary counts work strands as."""
LEVELS = ("Low", "Medium", "High")
RESPONSES = ("Treat", "Tolerate", "Transfer", "Terminate", "Take the opportunity")
"""The five responses to a risk of HM Treasury's Orange Book."""

Value = str | int | float | date | None
"""What a cell may hold."""
Number = int | float


@dataclass(frozen=True)
class Cell:
    """Where a value was read: sheet name and address such as `C7`."""

    sheet: str
    address: str


Cells = Mapping[str, Cell]
"""Where each field of a record was read, by the field's name."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A row of a data table.

    cells: where its fields were just read. origin: where they were typed at first; None where that is not known.
    """

    cells: Cells = field(default_factory=dict, compare=False, repr=False)
    origin: Origin | None = field(default=None, compare=False, repr=False)


ENTERED_IN_MASTER = Origin("master.xlsx")
"""The origin of what the coordinator writes in the master."""


@dataclass(frozen=True)
class Progress(Record):
    """One figure of a progress grid: how many work strands have this status. N/A where there is nothing to count."""

    quarter: Quarter
    strand: str
    plan: str
    status: str
    value: Value
    note: Value = None


@dataclass(frozen=True)
class Measure(Record):
    """Two figures of the insights: that of the quarter, and the earlier one that it is compared with.

    period: what they are over, and what is compared with what, as `comparisons.py` has it: `12 months` is the 12 months
    to the quarter's end and the 12 before, `Quarter` this quarter and last.
    """

    quarter: Quarter
    strand: str
    measure: str
    period: str
    previous: Value
    current: Value
    comment: Value = None

    @property
    def is_reported(self) -> bool:
        """Whether anything was entered."""
        return not is_blank((self.previous, self.current, self.comment))


@dataclass(frozen=True)
class Monthly(Record):
    """The count of one measure in one month (`2020-09`), as it was reported in a quarter.

    Each quarter has rows of its own. Of a month that several have, that of the latest counts, and of one quarter's rows
    the last: what a return says stands behind what an extract does. source: the file that it came in.
    """

    quarter: Quarter
    strand: str
    measure: str
    month: str
    count: Value
    source: str = ""


@dataclass(frozen=True)
class BreakdownFigure(Record):
    """A figure of a table of a strand's own. The comment on a row stands beside the first of its figures."""

    quarter: Quarter
    strand: str
    breakdown: str
    row: str
    column: str
    value: Value
    comment: Value = None

    @property
    def is_reported(self) -> bool:
        """Whether anything was entered."""
        return not is_blank((self.value, self.comment))


@dataclass(frozen=True)
class Paragraph(Record):
    """What a lead says of a quarter's insights that belongs to no single measure."""

    quarter: Quarter
    strand: str
    text: Value


@dataclass(frozen=True)
class Picture(Record):
    """A picture that goes with a strand's quarter. text: what it shows. file: where the working folder has it."""

    quarter: Quarter
    strand: str
    text: Value
    file: str
    sha256: str


@dataclass(frozen=True)
class Risk(Record):
    """Work at risk as it stood in one quarter. `id` stays the same from quarter to quarter.

    likelihood, impact: 1 to 5, now, and aimed_likelihood, aimed_impact as they are to be; where risks are scored.
    owner: a post. review: when it is looked at again.
    """

    quarter: Quarter
    strand: str
    id: Value
    description: Value
    cause: Value = None
    action: Value = None
    response: Value = None
    level: Value = None
    force_risk: Value = None
    state: Value = None
    likelihood: Value = None
    impact: Value = None
    aimed_likelihood: Value = None
    aimed_impact: Value = None
    owner: Value = None
    review: Value = None

    @property
    def score(self) -> int | None:
        """Likelihood times impact; None where they are not known."""
        return _product(self.likelihood, self.impact)

    @property
    def aimed_score(self) -> int | None:
        """The same as it is to be."""
        return _product(self.aimed_likelihood, self.aimed_impact)

    @property
    def rated(self) -> Value:
        """`12 High`: the score, if there is one, and the level."""
        return " ".join(str(part) for part in (self.score, self.level) if part is not None) or None

    @property
    def is_open(self) -> bool:
        """A risk is open until its lead says that it is closed."""
        return self.state != CLOSED

    @property
    def may_stand_beside(self) -> bool:
        """Whether it is on the force's register, and so may be reported though no work strand is at risk."""
        return self.force_risk is not None

    @property
    def is_described(self) -> bool:
        """Whether anything is said of it, and not just chosen."""
        return not is_blank((self.description, self.cause, self.action))


@dataclass(frozen=True)
class DeliveryItem(Record):
    """Something achieved last quarter or scheduled for this one, or what became of what was scheduled last time.

    id: of the action that it is, the same in all quarters; of what was achieved, only if it was one. owner: a post.
    when: of something due, the date that it had; moved_to: the one that it has now. first_due: its first one.
    """

    quarter: Quarter
    strand: str
    kind: str
    activity: Value
    impact: Value
    when: Value = None
    outcome: Value = None
    id: Value = None
    owner: Value = None
    first_due: Value = None
    moved_to: Value = None


@dataclass(frozen=True)
class Note(Record):
    """A lead's note to the coordinator; it does not go to partners."""

    quarter: Quarter
    strand: str
    text: Value


@dataclass(frozen=True)
class SignOff(Record):
    """Which post signed a strand's return off, and when. Not every return says it; forms of before cannot."""

    quarter: Quarter
    strand: str
    post: Value
    when: Value = None


@dataclass(frozen=True)
class ReportText(Record):
    """A paragraph that the coordinator wrote for a section of the report, and the heading above it, if any."""

    quarter: Quarter
    section: Value
    heading: Value
    text: Value
    origin: Origin | None = field(default=ENTERED_IN_MASTER, compare=False, repr=False, kw_only=True)


Text = tuple[
    Progress | Measure | BreakdownFigure | Paragraph | Picture | Risk | DeliveryItem | Note | SignOff | ReportText,
    str,
    str,
]
"""A record, one of its fields, and the text there."""


@dataclass(frozen=True)
class ByException(Record):
    """The coordinator's own text for 'Delivery and challenges by exception': a subject and what happened."""

    quarter: Quarter
    text: Value
    subject: Value = None
    origin: Origin | None = field(default=ENTERED_IN_MASTER, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Submission(Record):
    """A file that came in for a quarter, and what became of it. `strand` is blank where the file does not say.

    in_spite_of, reason: rules whose errors it has, and why the coordinator accepted it all the same.
    """

    quarter: Quarter
    strand: Value
    file: str
    sha256: str
    received: str
    template_version: Value
    findings: int
    accepted: str
    in_spite_of: Value = None
    reason: Value = None

    YES: ClassVar[str] = "Yes"
    NO: ClassVar[str] = "No"
    EMPTY: ClassVar[str] = "Empty"  # sent back as it was issued

    @property
    def in_words(self) -> str:
        """`Accepted in spite of progress-does-not-add-up: the plan is recounted.`; blank if it has no error."""
        return in_spite_of(self.in_spite_of, self.reason) if self.reason else ""

    @property
    def is_accepted(self) -> bool:
        """Whether its figures are in the master."""
        return self.accepted == self.YES

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in, so that it is no return."""
        return self.accepted == self.EMPTY


@dataclass(frozen=True)
class Finding:
    """What a check says of a return."""

    rule: str
    severity: str
    sheet: str
    cell: str
    message: str
    fix: str

    ERROR: ClassVar[str] = "error"
    WARNING: ClassVar[str] = "warning"
    EXPLAINED: ClassVar[str] = "explained"  # a warning that the lead's own note settles
    NOTE: ClassVar[str] = "note"
    RETURNED_EMPTY: ClassVar[str] = "returned-empty"


@dataclass(frozen=True)
class FindingRow(Record):
    """A finding as the master keeps it: with the quarter, strand and file that it is about."""

    quarter: Quarter
    strand: Value
    file: str
    rule: str
    severity: str
    sheet: Value
    cell: Value
    message: str
    fix: str


@dataclass(frozen=True)
class Correction(Record):
    """A figure of an earlier quarter that a return of that quarter put in place of another."""

    quarter: Quarter
    strand: str
    figure: str
    before: Value
    after: Value
    file: str


@dataclass(frozen=True)
class Chased(Record):
    """A draft of a mail that was written to a lead.

    kind: issue, remind, correct or thank. when: the day, `2020-10-20`. round: the how manieth of its kind, from 1.
    to: the post that it is to.
    """

    quarter: Quarter
    strand: str
    kind: str
    when: str
    round: int
    to: str
    file: str

    KINDS: ClassVar[tuple[str, ...]] = ("issue", "remind", "correct", "thank")


@dataclass(frozen=True)
class Publication(Record):
    """A file that was published for a quarter. What has one number goes out once, and stays as it is.

    kind: a partner workbook or a report. when: the day that it says, `2020-10-20`. revised: figures that are not what
    was published before; because: why, in the coordinator's words. approved: by which post, and when.
    says: the digest of everything that it says.
    """

    quarter: Quarter
    version: str
    kind: str
    when: str
    file: str
    sha256: str
    revised: int
    because: Value
    approved: Value
    says: str

    WORKBOOK: ClassVar[str] = "partner workbook"
    REPORT: ClassVar[str] = "report"
    KINDS: ClassVar[tuple[str, ...]] = (WORKBOOK, REPORT)
    DRAFT: ClassVar[str] = "draft"
    """Stands for the version of what is only to be looked at."""

    @property
    def is_sound(self) -> bool:
        """Whether it is what a publication can be: what comes from a file may say anything, and lead anywhere."""
        texts = (self.version, self.kind, self.when, self.file, self.sha256, self.says)
        return (
            all(isinstance(text, str) for text in texts)
            and all(text is None or isinstance(text, str) for text in (self.because, self.approved))
            and bool(VERSION.fullmatch(self.version) and SHA256.fullmatch(self.sha256))
            and self.kind in self.KINDS
            and is_day(self.when)
            and is_whole(self.revised)
            and not self.file.startswith(".")
            and not set(self.file) & set("/\\:\0")
        )

    @property
    def number(self) -> tuple[int, int]:
        """Its version, to be compared: 1.10 comes after 1.9."""
        whole, _, part = self.version.partition(".")
        return int(whole), int(part)

    @property
    def label(self) -> str:
        """`v1.0`, or `draft`."""
        return self.version if self.version == self.DRAFT else f"v{self.version}"

    @property
    def named(self) -> str:
        """`2020/21 Q2 v1.0`."""
        return f"{self.quarter} {self.label}"


@dataclass(frozen=True)
class Approval(Record):
    """A post that approved a quarter, when (`2020-10-20`), and the digest of everything that it said then."""

    quarter: Quarter
    post: str
    when: str
    says: str


class Place(NamedTuple):
    """Where a figure is printed for partners, and the quarter that it is of."""

    sheet: str
    block: str
    row: str
    column: str
    quarter: Quarter


@dataclass(frozen=True)
class Revision:
    """A figure that is not what was last published for its quarter.

    called: what it is. unit: what it is counted in. since: the publication that said otherwise, `2020/21 Q2 v1.0`.
    """

    place: Place
    called: str
    unit: str
    before: Value
    after: Value
    since: str
    why: str


@dataclass(frozen=True)
class Typed:
    """A value as it was typed, where it was read as another."""

    cell: Cell
    typed: Value
    read: Value


@dataclass(frozen=True)
class Aside:
    """Something that stands in a return beside the cells that are read, or that nobody sees as it is read.

    kind: what it is. text: what it says. cell: where it stands; blank where that is nowhere in particular.
    how: the number format by which a figure is shown as another, or why nobody sees it.
    """

    kind: str
    cell: Cell
    text: str
    how: str = ""

    COMMENT: ClassVar[str] = "comment"
    BOX: ClassVar[str] = "text box"
    DRAWING: ClassVar[str] = "drawing"
    SHEET: ClassVar[str] = "sheet"
    STRUCK: ClassVar[str] = "struck through"
    UNSEEN: ClassVar[str] = "not seen"
    SHOWN: ClassVar[str] = "shown otherwise"


@dataclass(frozen=True)
class Return:
    """One lead's workbook for one quarter, as read.

    is_entered: whether it is no file, and was entered on the strand's sheet of the master.
    fault: why it could not be read as a return (a rule's code), blank if it could.
    saved: when the file was last saved, in nanoseconds since 1970.
    superseded_by: the file that is taken instead, where a strand has several returns.
    strand: the strand's code as the file has it, even if config does not know it.
    sheet: the name that the strand's sheet has now.
    heading: what stands at its top (item, details and the cell of these).
    copies: other sheets of the file that have the same tables with other entries.
    outside: what was typed on the strand's sheet where no table is.
    unknown_months: labels of months with counts beside them, that are not to be told or are there twice.
    extras: what the file carries that a return should not: macros, links, embedded objects, hidden sheets.
    read_as: what was typed otherwise than it was read.
    shown: differences and percentages as the sheet shows them, by the measure and `difference` or `percentage`.
    formulas: cells to fill in that hold a formula, and whether it has a value stored.
    worked_out: cells of totals that are blank, and for which the sum of the counts by month stands.
    none_of: the blocks that say that there is nothing to list in them.
    asides: what stands beside the cells, or is not seen as it is read. unread: what of that could not be looked at.
    marked: what stands where a file is marked (apart from the form's texts) and has a marking above OFFICIAL in it,
    whether it is a place for markings and for nothing else, and where that is.
    labels: sensitivity labels of the file of which no marking is known.
    picture: the content of its picture, safe to go out. pictured: where it is said what it shows, if the form
    has room for one, and what. unusable: where one is that cannot be taken, and why.
    """

    file: str
    sha256: str
    received: str
    is_entered: bool = False
    fault: str = ""
    saved: int = 0
    superseded_by: str = ""
    strand: str = ""
    quarter: str = ""
    template_version: str = ""
    issue_id: str = ""
    sheet: str = ""
    heading: tuple[tuple[Value, Value, Cell], ...] = ()
    missing_blocks: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    outside: tuple[tuple[Cell, Value], ...] = ()
    unknown_months: tuple[tuple[Cell, Value], ...] = ()
    extras: tuple[str, ...] = ()
    read_as: tuple[Typed, ...] = ()
    shown: tuple[tuple[Measure, str, Value], ...] = ()
    formulas: tuple[tuple[Cell, bool], ...] = ()
    worked_out: tuple[Cell, ...] = ()
    none_of: frozenset[str] = frozenset()
    asides: tuple[Aside, ...] = ()
    unread: tuple[str, ...] = ()
    marked: tuple[tuple[str, bool, str], ...] = ()
    labels: tuple[str, ...] = ()
    progress: tuple[Progress, ...] = ()
    measures: tuple[Measure, ...] = ()
    risks: tuple[Risk, ...] = ()
    delivery: tuple[DeliveryItem, ...] = ()
    notes: tuple[Note, ...] = ()
    monthly: tuple[Monthly, ...] = ()
    breakdowns: tuple[BreakdownFigure, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    pictures: tuple[Picture, ...] = ()
    picture: bytes = field(default=b"", repr=False)
    unusable: tuple[tuple[Cell, str], ...] = ()
    pictured: tuple[Cell, Value] | None = None

    @cached_property
    def grids(self) -> Mapping[tuple[str, Quarter], list[Progress]]:
        """The figures of each plan and quarter."""
        grids: dict[tuple[str, Quarter], list[Progress]] = {}
        for figure in self.progress:
            grids.setdefault((figure.plan, figure.quarter), []).append(figure)
        return grids

    @cached_property
    def texts(self) -> list[Text]:
        """Every text of a lead's own words."""
        return [
            (record, name, text)
            for records in (
                self.progress,
                self.measures,
                self.breakdowns,
                self.paragraphs,
                self.pictures,
                self.risks,
                self.delivery,
                self.notes,
                self.sign_offs,
            )
            for record in records
            for name in TEXTS[type(record)]
            if isinstance(text := getattr(record, name), str) and text not in CHOICES
        ]

    @cached_property
    def in_one(self) -> str:
        """All texts one after the other, for a quick look."""
        return "".join(text for _, _, text in self.texts)

    @cached_property
    def texts_with_figures(self) -> list[Text]:
        """Those of the texts that have two figures in a row; most have not."""
        return [text for text in self.texts if TWO_FIGURES.search(text[2])]


TEXTS: Mapping[type, tuple[str, ...]] = {
    Progress: ("note",),
    Measure: ("comment",),
    BreakdownFigure: ("comment",),
    Paragraph: ("text",),
    Picture: ("text",),
    Risk: ("description", "cause", "action", "response", "level", "force_risk", "state", "owner", "review"),
    DeliveryItem: ("activity", "impact", "when", "outcome", "owner", "moved_to"),
    Note: ("text",),
    SignOff: ("post",),
}
"""The fields of each record that hold text of a lead's own words."""
CHOICES = frozenset((*RESPONSES, *LEVELS, *OUTCOMES, OPEN, CLOSED))
TWO_FIGURES = re.compile(r"\d ?\d")


@dataclass(frozen=True)
class Checked:
    """A return and what the checks say of it. reason: why the coordinator accepts it in spite of its errors, if so."""

    ACCEPTED: ClassVar[str] = "Accepted"
    IN_SPITE: ClassVar[str] = "Accepted in spite of errors"
    NOT_USED: ClassVar[str] = "Not used"
    REJECTED: ClassVar[str] = "Rejected"

    returned: Return
    findings: tuple[Finding, ...]
    reason: str = ""

    @property
    def state(self) -> str:
        """What became of it, in words. One that another file of the strand takes the place of is not used."""
        if self.returned.superseded_by:
            return self.NOT_USED
        return (self.IN_SPITE if self.reason else self.ACCEPTED) if self.accepted else self.REJECTED

    @property
    def accepted(self) -> bool:
        """Whether it may be merged: a return with an error is not, one with warnings is."""
        return not self.has_errors and not self.returned.superseded_by

    @property
    def errors(self) -> set[str]:
        """The rules by which something must be corrected."""
        return {f.rule for f in self.findings if f.severity == Finding.ERROR}

    @property
    def in_spite_of(self) -> str:
        """The rules in spite of which it is accepted; blank if of none."""
        return ", ".join(sorted(self.errors)) if self.reason else ""

    @property
    def is_empty(self) -> bool:
        """Whether it is a form that was sent back as it was issued."""
        return any(f.rule == Finding.RETURNED_EMPTY for f in self.findings)

    @property
    def has_errors(self) -> bool:
        """Whether something in it must be corrected before it can be merged."""
        return not self.reason and bool(self.errors)


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


def in_spite_of(rules: Value, reason: Value) -> str:
    """What is said of a return with errors that the coordinator accepts."""
    return f"Accepted in spite of {rules}: {str(reason).rstrip('.')}."


def to_15_digits(value: Number) -> Number:
    """A number to the 15 significant digits that Excel keeps: what went through a file compares equal."""
    return float(f"{value:.15g}") if isinstance(value, float) else value


def same(a: Value, b: Value) -> bool:
    """Whether two values are the same, numbers to 15 significant digits."""
    return to_15_digits(a) == to_15_digits(b) if is_number(a) and is_number(b) else a == b


def is_day(value: object) -> bool:
    """Whether a value is a day that there is, written `2020-10-20`."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a number. TRUE and FALSE are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, 0 or more. TRUE and FALSE are not."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _product(a: Value, b: Value) -> int | None:
    return a * b if is_whole(a) and is_whole(b) else None


ABOUT = frozenset(f.name for f in dataclass_fields(Record))
"""The fields of a record that are not what it says."""


def field_names(record: type) -> list[str]:
    """The columns of a record's data table, without those of its origin."""
    return [f.name for f in dataclass_fields(record) if f.name not in ABOUT]


def is_blank(values: Iterable[Value]) -> bool:
    """Whether nothing at all was entered."""
    return all(value is None or value == "" for value in values)

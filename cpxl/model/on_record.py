"""What cpxl and the coordinator put on record: files that came, findings, corrections, mails, publications, texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from cpxl.model.reported import (
    ENTERED_IN_MASTER,
    BreakdownFigure,
    DeliveryItem,
    Measure,
    Note,
    Paragraph,
    Picture,
    Progress,
    Record,
    Risk,
    SignOff,
)
from cpxl.model.values import Value, is_day, is_whole
from cpxl.origin import Origin
from cpxl.quarters import Quarter

VERSION = re.compile(r"[1-9]\d{0,3}\.\d{1,4}")

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Entered(Record):
    """A row that the coordinator, or cpxl, puts into the master itself."""

    origin: Origin | None = field(default=ENTERED_IN_MASTER, compare=False, repr=False)


@dataclass(frozen=True)
class ReportText(Entered):
    """A paragraph that the coordinator wrote for a section of the report, and the heading above it, if any."""

    quarter: Quarter
    section: Value
    heading: Value
    text: Value


Text = tuple[
    Progress | Measure | BreakdownFigure | Paragraph | Picture | Risk | DeliveryItem | Note | SignOff | ReportText,
    str,
    str,
]
"""A record, one of its fields, and the text there."""


@dataclass(frozen=True)
class ByException(Entered):
    """The coordinator's own text for 'Delivery and challenges by exception': a subject and what happened."""

    quarter: Quarter
    text: Value
    subject: Value = None


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
class Chased(Entered):
    """A draft of a mail that was written to a lead.

    kind: issue, remind, correct or thank. when: the day, `2020-10-20`. round: 1 for the first of its kind.
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
class Publication(Entered):
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
class Approval(Entered):
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


def in_spite_of(rules: Value, reason: Value) -> str:
    """What is said of a return with errors that the coordinator accepts."""
    return f"Accepted in spite of {rules}: {str(reason).rstrip('.')}."

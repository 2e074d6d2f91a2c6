"""What leads report: each record is a row of a data table in the master.

What a lead typed carries, beside its value, the cell that it was read from, so that a finding can point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields

from cpxl.model.values import Cells, Value, is_blank, is_whole
from cpxl.origin import Origin
from cpxl.quarters import Quarter

ID = re.compile(r"([A-Z][A-Z0-9]*-A?)([0-9]{1,9})")
"""The id of a risk (`GANGS-2`) or of an action (`GANGS-A2`): what it begins with, and its number."""

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

    @property
    def of(self) -> tuple[str, str, str]:
        """What is counted: strand, measure and month."""
        return self.strand, self.measure, self.month


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


def _product(a: Value, b: Value) -> int | None:
    return a * b if is_whole(a) and is_whole(b) else None


ABOUT = frozenset(f.name for f in dataclass_fields(Record))
"""The fields of a record that are not what it says."""


def field_names(record: type) -> list[str]:
    """The columns of a record's data table, without those of its origin."""
    return [f.name for f in dataclass_fields(record) if f.name not in ABOUT]

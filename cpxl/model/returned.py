"""A return as it was read, and what the checks say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from cpxl.model.on_record import Finding, Text
from cpxl.model.reported import (
    CLOSED,
    LEVELS,
    OPEN,
    OUTCOMES,
    RESPONSES,
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
from cpxl.model.values import Cell, Value
from cpxl.quarters import Quarter


@dataclass(frozen=True)
class Typed:
    """A value as it was typed, where it was read as another. said: that one as it is printed, if it has a unit."""

    cell: Cell
    typed: Value
    read: Value
    said: str = ""


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

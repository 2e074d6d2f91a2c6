"""The settings of config.yaml as a whole, and reading them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator
from pydantic.config import JsonDict

from cpxl import markings, yaml_file
from cpxl.config.extracts import Extract
from cpxl.config.rules import RuleChange, check_changes
from cpxl.config.scoring import RiskScoring
from cpxl.config.sections import Numbered, Section, differing, numbered, section_meant, shipped
from cpxl.config.strands import Plan, Strand
from cpxl.config.values import (
    ADDRESS,
    DateOrder,
    FolderName,
    MailAddress,
    MonthName,
    Name,
    OneOrMore,
    OrElse,
    Part,
    QuarterText,
    ZoneName,
    in_any_case,
    not_there,
)
from cpxl.errors import Refused
from cpxl.model import BreakdownFigure, Measure, Monthly
from cpxl.names import alike, apart, different, uses, utf16_length
from cpxl.quarters import Quarter, day_name
from cpxl.units import COUNT, Unit
from cpxl.words import short
from cpxl.yaml_file import Misplaced, Text

LONGEST_MARKING = 100
"""Characters of a marking: header and footer take 255, of which an & takes two."""
SCHEME = rf"^\s*({in_any_case('official')}|({in_any_case('top')}[ -])?{in_any_case('secret')})(?![A-Za-z0-9])"
Marking = Annotated[Name, Field(json_schema_extra={"maxLength": LONGEST_MARKING, "pattern": SCHEME})]


Need = Literal["approval", "sign_off"]


class Folders(Part):
    """Folders inside the working folder."""

    issued: FolderName = "issued"
    """Where returns are written, a folder a quarter."""
    returns: FolderName = "returns"
    """Where you put what comes back, a folder a quarter."""
    checked: FolderName = "checked"
    """Where marked copies and the check report are written, a folder a quarter."""
    published: FolderName = "published"
    """Where partner workbooks and reports are written."""
    backups: FolderName = "backups"
    """Where copies of what was replaced are kept."""
    mail: FolderName = "mail"
    """Where drafts of mails to leads are written, a folder a quarter."""

    @model_validator(mode="after")
    def _folders_differ(self) -> Folders:
        different("folder", self.model_dump().values(), lambda at: (list(self.model_dump())[at],))
        return self


class Backups(Part):
    """How long copies of what was replaced stay."""

    keep: int = Field(default=30, ge=1)
    """How many copies of each file stay: the latest."""
    days: int = Field(default=0, ge=0, le=36_500)
    """And besides, every copy that is younger than so many days."""


class Contact(Part):
    """Whom mails about a strand go to."""

    address: MailAddress
    """The address: better a post's mailbox than a person's."""
    post: Name | None = None
    """The post that mails are to, if not the lead's."""


def _contact(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


AN_ADDRESS: JsonDict = {"type": "string", "pattern": ADDRESS, "maxLength": 254}
ContactOrAddress = Annotated[Contact, BeforeValidator(_contact), OrElse(lambda _: [AN_ADDRESS])]


class Headings(Part):
    """What an organisation calls what stands in some columns."""

    complete: Name = "Complete"
    """In the executive summary, what is complete."""
    ongoing: Name = "Ongoing / In progress"
    """In the executive summary, what is ongoing."""
    at_risk: Name = "At risk"
    """In the executive summary, what is at risk."""
    force_risk: Name = "Force risk reference"
    """In the table of risks, the reference to the organisation's own risk register."""

    @model_validator(mode="after")
    def _headings_differ(self) -> Headings:
        different("heading", self.model_dump().values(), lambda at: (list(self.model_dump())[at],))
        return self


class Thresholds(Part):
    """A change in a measure beyond both of the first two should come with a comment."""

    change_percent: float = Field(default=25, ge=0)
    """In per cent."""
    change_count: float = Field(default=50, ge=0)
    """In numbers."""
    change_points: float = Field(default=10, ge=0)
    """In points: of a percentage, which is compared in points."""
    smallest_count: int = Field(default=0, ge=0, le=1000)
    """A count in a breakdown that is below it, and not 0, might tell who is meant; 0 if none does."""


class Settings(Part):
    """Everything in config.yaml."""

    strategy: Name
    """What the strategy is called."""
    force: Name
    """The organisation: a force, a council."""
    partnership: Name
    """The partnership that the report goes to."""
    marking: Marking
    """Printed at the top and bottom of every page."""
    first_quarter: QuarterText
    """The strategy's first quarter: its earliest figures."""
    current_quarter: QuarterText
    """The quarter that commands work on until returns are issued; after that, it is the latest that was issued."""
    financial_year_starts_in: MonthName = Field(default=4, json_schema_extra={"default": "April"})
    """The month that the financial year starts in: with April, Q1 is April, May and June."""
    quarters_shown: int = Field(default=8, ge=2, le=20)
    """Columns of a progress grid; older quarters stay in the master's data."""
    contact: Name | None = None
    """Who returns go to: a post or a mailbox, never a person's name."""
    mailbox: MailAddress | None = None
    """Your own address, which drafts of mails to leads are from ('cpxl mail')."""
    contacts: dict[Text, ContactOrAddress] = {}
    """Leads' addresses, by the strand's code or name, for drafts of mails; with the post, if it is not the lead's."""
    return_by_days: int | None = Field(default=None, ge=0, le=366)
    """Days after the quarter's end by which returns are wanted."""
    unit: Annotated[OneOrMore[Name], Field(min_length=1, max_length=2)] = ["work strand"]
    """What plans are counted in; with an odd plural, both: [activity, activities]."""
    lead_title: Name = "Thematic lead"
    """What the lead of a strand is called."""
    headings: Headings = Field(default_factory=lambda: Headings())
    """What some columns are called."""
    spare_rows: int = Field(default=12, ge=2, le=100)
    """Empty rows for risks, and for what was delivered and is planned, in a return."""
    date_order: DateOrder | None = None
    """What comes first in dates with slashes in extracts; if nothing is said, the dates must tell."""
    time_zone: ZoneName = ZoneInfo("Europe/London")
    """Where times in extracts that name an offset (2020-07-31T23:30:00Z) are read."""
    most_unreadable: float = Field(default=5, ge=0, le=100)
    """Rows in a hundred of an extract that may be unreadable; a file with more is refused."""
    folders: Folders = Field(default_factory=Folders)
    """What the folders inside the working folder are called."""
    backups: Backups = Backups()
    """How long backups stay."""
    publish_needs: list[Need] = []
    """Without which nothing is published: `approval` ('cpxl approve'), `sign_off` (of each return, on its form)."""
    thresholds: Thresholds = Thresholds()
    """From when on a change in a measure should come with a comment."""
    risk_scoring: RiskScoring | None = None
    """Risks are scored by likelihood and impact; without it, leads choose a level."""
    rules: list[RuleChange] = []
    """What this organisation wants otherwise of the checks, each with its reason."""
    sections: list[Section] = Field(default_factory=lambda: list(shipped()), min_length=1)
    """The sections of the report, in order; their numbers follow from it."""
    strands: list[Strand] = Field(min_length=1)
    """The strands, in the order of the report."""
    extracts: list[Extract] = []
    """Extracts of incidents that 'cpxl insights import' counts by month."""
    _whole: Settings | None = PrivateAttr(default=None)
    _then: dict[Quarter, Settings] = PrivateAttr(default_factory=dict)

    @field_validator("marking")
    @classmethod
    def _fits_a_header(cls, marking: str) -> str:
        if utf16_length(marking) > LONGEST_MARKING:
            raise ValueError(f"'{short(marking)}' will not do: write at most {LONGEST_MARKING} characters")
        if not markings.is_of_the_scheme(marking):
            one_of = ", ".join(markings.SCHEME)
            raise ValueError(f"'{short(marking)}' is no marking: begin with one of {one_of}; what follows is yours")
        return marking

    @model_validator(mode="after")
    def _strands_differ(self) -> Settings:
        kinds = ("name", "short_name", "code")
        apart("strand", [use for at, strand in enumerate(self.strands) for use in uses(strand, ("strands", at), kinds)])
        return self

    @model_validator(mode="after")
    def _contacts_are_of_strands(self) -> Settings:
        seen = set[str]()
        for name in self.contacts:
            strand = self.strand_meant(name)
            if strand is None:
                raise Misplaced(not_there(name, "strand"), "contacts", name)
            if strand.code in seen:
                raise Misplaced(f"{strand.name} has a contact above already; remove one of the two", "contacts", name)
            seen.add(strand.code)
        return self

    @cached_property
    def contact_of(self) -> dict[str, tuple[str | None, str]]:
        """Post and address of each strand's contact, by the strand's code."""
        found = ((self.strand_meant(name), contact) for name, contact in self.contacts.items())
        return {strand.code: (contact.post, contact.address) for strand, contact in found if strand}

    @model_validator(mode="after")
    def _sections_differ(self) -> Settings:
        differing(self.sections)
        return self

    @model_validator(mode="after")
    def _rules_are_there(self) -> Settings:
        if self.rules:
            every = {s.name: frozenset(s.measures.every) for s in self.strands}
            check_changes(self.rules, self.strand_meant, every)
        return self

    @model_validator(mode="after")
    def _extracts_count_measures(self) -> Settings:
        different("extract", [extract.name for extract in self.extracts], lambda at: ("extracts", at, "name"))
        for at, extract in enumerate(self.extracts):
            for number, counted in enumerate(extract.measures):
                place = ("extracts", at, "measures", number)
                strand = self.strand_meant(counted.strand)
                if strand is None:
                    raise Misplaced(not_there(counted.strand, "strand"), *place, "strand")
                if counted.measure not in strand.measures.every:
                    raise Misplaced(not_there(counted.measure, "measure"), *place, "measure")
        return self

    def large_change(self, strand: Strand) -> Thresholds:
        """From when on a change in a strand's measures wants a comment: the thresholds, or what `rules` has for it."""
        limits = dict(self.thresholds)
        for change in sorted(self.rules, key=lambda change: change.strand is not None):
            about = self.strand_meant(change.strand) if change.strand else strand
            is_of_all = (change.rule, change.measure) == ("large-change", None) and about and about.code == strand.code
            limits |= change.threshold.given if is_of_all and change.threshold else {}
        return Thresholds.model_construct(**limits)

    def counted(self, number: int) -> str:
        """`1 work strand`, `281 work strands`."""
        return f"{number:,} {self.unit[0] if number == 1 else self.units}"

    @property
    def units(self) -> str:
        """What plans are counted in, of several: `work strands`."""
        one, *several = self.unit
        return several[0] if several else f"{one}s"

    def return_by(self, quarter: Quarter) -> str:
        """The day by which returns of a quarter are wanted, `16 October 2020`; blank if config does not say."""
        day = self.due(quarter)
        return day_name(day) if day else ""

    def due(self, quarter: Quarter) -> date | None:
        """The day by which returns of a quarter are wanted; None if config does not say."""
        if self.return_by_days is None:
            return None
        return quarter.end(self.financial_year_starts_in) + timedelta(days=self.return_by_days)

    def as_of(self, quarter: Quarter) -> Settings:
        """The settings with the strands, plans, statuses and measures that the strategy had in a quarter."""
        whole = self._whole or self  # what was given up since is still part of an earlier quarter
        then = whole._then.get(quarter)
        if then is None or then._whole is not whole:  # a changed copy comes with what was worked out for the other
            strands = [strand.as_of(quarter) for strand in whole.strands if strand.reports_in(quarter)]
            then = self.model_construct(**{**dict(whole), "strands": strands})
            then._whole = whole
            whole._then[quarter] = then
        return then

    @property
    def report(self) -> list[Numbered]:
        """Every section of the report with its number, and those in it, in order."""
        return list(numbered(self.sections))

    def section_meant(self, text: object) -> Numbered | None:
        """The section of the report that is meant by its number, title, or both; None if there is none."""
        return section_meant(self.sections, text)

    def strand_of(self, code: str) -> Strand | None:
        """The strand with that code; None if there is none."""
        return next((strand for strand in self.strands if strand.code == code), None)

    def strand_named(self, name: object) -> Strand | None:
        """The strand with that name, be it a former one; None if there is none."""
        return self._by_name.get(alike(str(name)))

    def strand_meant(self, text: object) -> Strand | None:
        """The strand that is meant by a code, name, short name or former name; None if there is none."""
        others = (s for s in self.strands if s.code == text or alike(s.short_name) == alike(str(text)))
        return self.strand_named(text) or next(others, None)

    def strand_asked(self, text: str) -> Strand:
        """The strand that somebody asks for, as `strand_meant` knows it. Raises Refused if there is none."""
        strand = self.strand_meant(text)
        if strand is None:
            raise Refused(f"'{text}' is not a strand: name one of {', '.join(s.code for s in self.strands)}.")
        return strand

    @cached_property
    def _by_name(self) -> dict[str, Strand]:
        return {alike(name): strand for strand in self.strands for name in (*strand.formerly, strand.name)}

    def unit_of(self, row: object) -> Unit:
        """What a row of the master's figures is counted in."""
        strand = self.strand_named(getattr(row, "strand", ""))
        if strand and isinstance(row, Measure | Monthly):
            return strand.measures.unit(row.measure)
        if strand and isinstance(row, BreakdownFigure) and (breakdown := strand.breakdown(row.breakdown)):
            return breakdown.unit_of(row.row, row.column)
        return COUNT

    def quarters(self, plan: Plan, quarter: Quarter) -> list[Quarter]:
        """The quarters that a plan's progress grid shows in `quarter`: the last ones, at most `quarters_shown`."""
        last = [quarter.plus(-back) for back in range(self.quarters_shown)]
        return sorted(q for q in last if q >= plan.first_quarter)


def load(path: Path) -> Settings:
    """Read config.yaml.

    Raises Refused with the file, the line and what to write instead.
    """
    try:
        return parse(yaml_file.read(path), path.name)
    except FileNotFoundError:
        raise Refused(
            f"There is no {path.name} in {path.parent}: go to your working folder, name it with --folder, "
            f"or make one with 'cpxl init FOLDER'."
        ) from None


def parse(text: str, name: str = "config.yaml") -> Settings:
    """Settings from the text of a config file called `name`. Raises Refused like `load`."""
    return yaml_file.parse(text, name, Settings, "cpxl init")

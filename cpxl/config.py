"""config.yaml to typed settings, with errors that name the file, the line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from cpxl import yaml_file
from cpxl.errors import Refused
from cpxl.insights.cells import number_of, tidy
from cpxl.layout.names import MONTH, RESERVED_SHEETS, total_heading
from cpxl.names import LONGEST_SHEET, alike, apart, by_name, different, is_windows_name, uses, utf16_length, why_not
from cpxl.quarters import MONTHS, Quarter
from cpxl.words import short
from cpxl.yaml_file import STRICT, Misplaced, Text

DateOrder = Literal["day first", "month first"]
"""What comes first in dates with slashes. Where nothing is said, it has to be seen from the dates."""
Counts = Literal["total", "complete", "ongoing", "at_risk", "nothing"]
LONGEST_MARKING = 100
"""Characters of a marking: header and footer take 255, of which an & takes two."""
Unit = Literal["count", "number"]
UNIT_IN_NAME = re.compile(
    r"\((?:kg|kilograms?|g|grams?|t|tonnes?|l|litres?|km|miles|%|per ?cent|percent(?:age)?|£|€|\$|£?[km]|GBP|EUR|USD|"
    r"pounds|hours|hrs|minutes|mins|days|weeks|months|years|rate|ratio|average|mean|median|score|index|per [^()]+)\)$",
    re.IGNORECASE,
)
"""A unit in brackets at the end of a measure's name: 'Class A drugs seized (kg)' is no number of things."""


def _quarter(text: object) -> Quarter:
    return Quarter.parse(str(text))


def _month(text: object) -> int:
    if text not in MONTHS:
        raise ValueError("write a month by its name, such as April")
    return MONTHS.index(str(text)) + 1


def _month_of_a_year(text: object) -> str:
    month = str(text)
    if not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise ValueError("write a month like 2020-06")
    return month


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _zone(text: object) -> ZoneInfo:
    try:
        return text if isinstance(text, ZoneInfo) else ZoneInfo(str(text))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a time zone by its name, such as Europe/London") from None


def _folder(text: object) -> str:
    parts = PurePosixPath(str(text)).parts
    if (
        not parts
        or ".." in parts
        or re.search(r'[<>:"|?*\\\x00-\x1f]|^/', str(text))
        or not all(map(is_windows_name, parts))
    ):
        raise ValueError("write the name of a folder inside the working folder, such as returns")
    return "/".join(parts)


def _name(text: str) -> str:
    if why := why_not(text):
        raise ValueError(f"'{short(text)}' {why}")
    return text


Month = Annotated[str, BeforeValidator(_month_of_a_year)]
QuarterText = Annotated[Quarter, BeforeValidator(_quarter)]
FolderName = Annotated[str, BeforeValidator(_folder)]
Name = Annotated[Text, AfterValidator(_name)]
"""A text that works wherever it is printed or read back. What something was called before may be any text."""


class _Part(BaseModel):
    model_config = STRICT


class Plan(_Part):
    """A delivery plan: the rows of its progress grid and what each counts as in the executive summary.

    formerly: names that the plan had. renamed: statuses' old names and what they are called today.
    added: from when on statuses are reported that the plan did not have from the beginning.
    last_quarter, retired: until when the plan, and which statuses, were reported.
    """

    name: Name
    first_quarter: QuarterText
    in_summary: bool = True
    statuses: dict[Name, Counts] = Field(min_length=1)
    formerly: list[Text] = []
    last_quarter: QuarterText | None = None
    renamed: dict[Text, Text] = {}
    added: dict[Text, QuarterText] = {}
    retired: dict[Text, QuarterText] = {}

    @cached_property
    def total(self) -> str | None:
        """The status that holds the total, if the plan has one."""
        return next((status for status, counts in self.statuses.items() if counts == "total"), None)

    def status(self, label: str) -> str:
        """What the status with that name, be it a former one, is called today; the label itself if it is none."""
        return self._today.get(alike(label), label)

    @cached_property
    def _today(self) -> dict[str, str]:
        return by_name([*self.statuses, *self.added, *self.retired], self.renamed)

    def as_of(self, quarter: Quarter) -> Plan:
        """The plan with the statuses that it had in a quarter."""
        if not self.changes:
            return self
        kept = {
            s: counts
            for s, counts in self.statuses.items()
            if self.added.get(s, quarter) <= quarter <= self.retired.get(s, quarter)
        }
        return self.model_construct(**{**dict(self), "statuses": kept})

    @property
    def changes(self) -> bool:
        """Whether it has other statuses in some quarters than in others."""
        return bool(self.added or self.retired)

    @field_validator("statuses", "renamed", "added", "retired", mode="before")
    @classmethod
    def _no_two_alike(cls, names: object) -> object:
        different("status", names if isinstance(names, dict) else ())
        return names

    @field_validator("statuses")
    @classmethod
    def _one_total(cls, statuses: dict[str, str]) -> dict[str, str]:
        totals = [status for status, counts in statuses.items() if counts == "total"]
        if len(totals) > 1:
            raise Misplaced("write 'total' after one status only", totals[1])
        return statuses

    @model_validator(mode="after")
    def _statuses_are_there(self) -> Plan:
        _all_there("status", [*self.statuses], self.renamed, added=self.added, retired=self.retired)
        _in_order(self)
        for status, quarter in self.added.items():
            if quarter > self.retired.get(status, quarter):
                raise Misplaced(
                    f"'{status}' is retired before it is added; correct one of the quarters", "added", status
                )
        return self

    @model_validator(mode="after")
    def _summary_has_a_total(self) -> Plan:
        if self.in_summary and self.total is None:
            raise ValueError(
                "a plan in the summary needs a status that is the total; add one, or write in_summary: false"
            )
        return self


class Measures(_Part):
    """What a strand counts: names of measures.

    renamed: old names and what they are called today. retired: until when some were reported. recording_changed:
    months from which on some were recorded in another way, so that what was usual before says nothing. seasonal: those
    that are held against the same months of earlier years. units: what some are counted in, where
    that is not a whole number of things.
    """

    rolling_12_months: list[Name] = []
    quarterly: list[Name] = []
    recording_changed: dict[Name, Annotated[list[Month], BeforeValidator(_listed)]] = {}
    seasonal: list[Name] = []
    renamed: dict[Text, Text] = {}
    retired: dict[Text, QuarterText] = {}
    units: dict[Text, Unit] = {}

    def is_count(self, measure: str) -> bool:
        """Whether a measure counts things: in whole numbers, from 0. One whose name ends in a unit does not."""
        unit = self.units.get(measure)
        return unit == "count" if unit else not UNIT_IN_NAME.search(measure)

    def as_of(self, quarter: Quarter) -> Measures:
        """The measures that were reported in a quarter."""
        if not self.retired:
            return self
        kept = {
            period: [name for name in names if quarter <= self.retired.get(name, quarter)]
            for period, names in (("rolling_12_months", self.rolling_12_months), ("quarterly", self.quarterly))
        }
        return self.model_construct(**{**dict(self), **kept})

    def measure(self, label: str) -> str:
        """What the measure with that name, be it a former one, is called today; the label itself if it is none."""
        return self._today.get(alike(label), label)

    @cached_property
    def _today(self) -> dict[str, str]:
        return by_name([*self.rolling_12_months, *self.quarterly, *self.retired], self.renamed)

    @field_validator("renamed", "retired", mode="before")
    @classmethod
    def _no_two_alike(cls, names: object) -> object:
        different("measure", names if isinstance(names, dict) else ())
        return names

    @field_validator("rolling_12_months", "quarterly", mode="before")
    @classmethod
    def _names_alone(cls, measures: object) -> object:
        for at, measure in enumerate(measures if isinstance(measures, list) else ()):
            if isinstance(measure, dict):
                name = short(measure.get("name") or next(iter(measure), "NAME"))
                said = f'write the measure\'s name alone, and its unit beside these lists: units: {{"{name}": number}}'
                raise Misplaced(said, at)
        return measures

    @model_validator(mode="after")
    def _measures_differ(self) -> Measures:
        different("measure", self.rolling_12_months, lambda at: ("rolling_12_months", at))
        different("measure", self.quarterly, lambda at: ("quarterly", at))
        for at, name in enumerate(self.quarterly):
            if self.measure(name) != name:
                raise Misplaced(f"'{name}' is written '{self.measure(name)}' above; write both alike", "quarterly", at)
        headings = {alike(MONTH): MONTH}  # of the table with the counts by month
        for at, name in enumerate(self.rolling_12_months):
            for heading in (name, total_heading(name)):
                if alike(heading) in headings:
                    said = f"'{heading}' would be the heading of two columns of 'Insights by month'; write another name"
                    raise Misplaced(said, "rolling_12_months", at)
                headings[alike(heading)] = heading
        every = [*self.rolling_12_months, *self.quarterly]
        _all_there("measure", every, self.renamed, retired=self.retired, units=self.units)
        for setting, names in (("recording_changed", self.recording_changed), ("seasonal", self.seasonal)):
            for name in names:
                if name not in every:
                    raise Misplaced(_not_there(name, "measure"), setting)
        return self


class Strand(_Part):
    """A thematic strand of the strategy.

    formerly: names that it had. first_quarter, last_quarter: from when and until when it reports, if not always.
    """

    name: Name
    short_name: Name
    code: str = Field(pattern=r"^[A-Z][A-Z0-9]*$", max_length=LONGEST_SHEET)
    lead: Name
    plans: list[Plan]
    measures: Measures = Field(default_factory=lambda: Measures())
    formerly: list[Text] = []
    first_quarter: QuarterText | None = None
    last_quarter: QuarterText | None = None

    def reports_in(self, quarter: Quarter) -> bool:
        """Whether the strand is part of the strategy in a quarter."""
        return _is_part(self, quarter)

    def as_of(self, quarter: Quarter) -> Strand:
        """The strand with the plans and measures that it had in a quarter."""
        if not self.measures.retired and all(_is_part(p, quarter) and not p.changes for p in self.plans):
            return self
        plans = [plan.as_of(quarter) for plan in self.plans if _is_part(plan, quarter)]
        return self.model_construct(**{**dict(self), "plans": plans, "measures": self.measures.as_of(quarter)})

    def plan(self, name: str) -> Plan | None:
        """The plan of that name, be it a former one; None if there is none."""
        return self._plans.get(alike(name))

    @cached_property
    def _plans(self) -> dict[str, Plan]:
        return {alike(name): plan for plan in self.plans for name in (*plan.formerly, plan.name)}

    @field_validator("name")
    @classmethod
    def _no_total(cls, name: str) -> str:
        if alike(name) == "total":
            raise ValueError("the last line of the executive summary is called that; write a different name")
        return name

    @field_validator("short_name")
    @classmethod
    def _sheet_name(cls, name: str) -> str:
        if re.search(r"[\[\]:*?/\\]", name):
            raise ValueError("a sheet's name cannot have any of [ ] : * ? / \\ in it")
        if name[0] == "'" or name[-1] == "'":
            raise ValueError("a sheet's name cannot begin or end with an apostrophe; write it without")
        if utf16_length(name) > LONGEST_SHEET:
            raise ValueError(f"'{short(name)}' will not do: write at most {LONGEST_SHEET} characters")
        if alike(name) in {alike(sheet) for sheet in RESERVED_SHEETS}:
            raise ValueError(f"'{name}' is the name of another sheet of the master; write a different one")
        return name

    @model_validator(mode="after")
    def _plans_differ(self) -> Strand:
        _in_order(self)
        apart("plan", [use for at, plan in enumerate(self.plans) for use in uses(plan, ("plans", at), ("name",))])
        return self


class Folders(_Part):
    """Folders inside the working folder."""

    issued: FolderName = "issued"
    returns: FolderName = "returns"
    checked: FolderName = "checked"
    published: FolderName = "published"
    backups: FolderName = "backups"

    @model_validator(mode="after")
    def _folders_differ(self) -> Folders:
        different("folder", self.model_dump().values(), lambda at: (list(self.model_dump())[at],))
        return self


class Backups(_Part):
    """How long copies of what was replaced stay.

    keep: the number of copies of each file, the latest. days: how long a copy stays though there are more.
    """

    keep: int = Field(default=30, ge=1)
    days: int = Field(default=0, ge=0, le=36_500)


class Thresholds(_Part):
    """A change in a measure beyond both (per cent and number) should come with a comment."""

    change_percent: float = Field(default=25, ge=0)
    change_count: float = Field(default=50, ge=0)


def _condition(value: object) -> object:
    """A value, or a list of them, as the setting that it stands for."""
    values = value if isinstance(value, list) else [value]
    if any(v is None or isinstance(v, bool) for v in values):
        raise ValueError("put quotes around the value: unquoted Yes, No and blanks mean something else in YAML")
    return value if isinstance(value, dict) else {"values": [str(v) for v in values]}


class Condition(_Part):
    """What a column of an extract must say: one of some values, or text with something in it, or a number in a range.

    Capitals make no difference, nor do blanks around a value, or what kind of blank and how many are between its words.
    Both ends belong to the range.
    """

    values: list[Text] | None = Field(default=None, min_length=1)
    contains: Text | None = None
    from_: float | None = Field(default=None, alias="from")
    to: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        in_range = self.from_ is not None or self.to is not None
        if [self.values is not None, self.contains is not None, in_range].count(True) != 1:
            raise ValueError("write a value, a list of values, {contains: text}, or {from: 10, to: 17}")
        return self

    def holds(self, value: str) -> bool:
        """Whether a cell's text is what is wanted."""
        text = alike(tidy(value))
        if self.values is not None:
            return text in {alike(v) for v in self.values}
        if self.contains is not None:
            return alike(self.contains) in text
        number = number_of(value)
        if number is None:
            return False
        return (self.from_ is None or self.from_ <= number) and (self.to is None or number <= self.to)


Conditions = dict[Text, Annotated[Condition, BeforeValidator(_condition)]]
"""Columns and what each must say; all of them must hold."""


class Counted(_Part):
    """Which rows of an extract count for a measure. strand: its code or name."""

    strand: Text
    measure: Text
    where: Conditions = {}


class Extract(_Part):
    """What the columns of an extract are. Which extract a file is, its columns tell.

    month, day, quarter: the column with the date; financial_year: its other half, where quarter has only 1 to 4.
    only: which rows are ours. id: by which a row that comes again is known; latest_by: the column with the date, or
    number, by which the latest of them is known, if that is not the row's own date. number: how many a row counts, if
    not one. date_order: of dates with slashes, if not the strategy's. database, query: an address, as SQLAlchemy has
    it, and a SELECT, if rows come from there.
    """

    name: Text
    month: Text | None = None
    day: Text | None = None
    quarter: Text | None = None
    financial_year: Text | None = None
    date_order: DateOrder | None = None
    only: Conditions = {}
    id: Text | None = None
    latest_by: Text | None = None
    number: Text | None = None
    database: Text | None = None
    query: Text | None = None
    measures: list[Counted] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_date(self) -> Extract:
        if [self.month, self.day, self.quarter].count(None) != 2 or (self.financial_year and not self.quarter):
            raise ValueError("name the column of the date after one of month, day and quarter (with financial_year)")
        return self

    @model_validator(mode="after")
    def _one_query(self) -> Extract:
        if (self.database is None) != (self.query is None):
            raise ValueError("database and query belong together: write both, or neither")
        if self.query and not re.match(r"\s*(select|with)\b", self.query, re.IGNORECASE):
            raise ValueError("a query can only read: write one that begins with SELECT or WITH")
        return self

    @model_validator(mode="after")
    def _latest_of_an_id(self) -> Extract:
        if self.latest_by and not self.id:
            raise ValueError("latest_by says which of the rows with one id counts: name the column of the id after id")
        return self

    @property
    def columns(self) -> list[str]:
        """Every column that the file must have."""
        return list(dict.fromkeys(name for name in [*self.looked_at, self.id, self.latest_by] if name))

    @property
    def looked_at(self) -> list[str]:
        """The columns that say what a row is, and for which month."""
        dates = (self.month, self.day, self.financial_year, self.quarter)
        conditions = (self.only, *(counted.where for counted in self.measures))
        names = [*dates, self.number, *(name for where in conditions for name in where)]
        return list(dict.fromkeys(name for name in names if name))


class Settings(_Part):
    """Everything in config.yaml."""

    strategy: Name
    force: Name
    partnership: Name
    marking: Name
    first_quarter: QuarterText
    current_quarter: QuarterText
    financial_year_starts_in: Annotated[int, BeforeValidator(_month)] = 4
    quarters_shown: int = Field(default=8, ge=2, le=20)
    date_order: DateOrder | None = None
    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/London")
    most_unreadable: float = Field(default=5, ge=0, le=100)
    folders: Folders = Field(default_factory=Folders)
    backups: Backups = Backups()
    thresholds: Thresholds = Thresholds()
    strands: list[Strand] = Field(min_length=1)
    extracts: list[Extract] = []
    _whole: Settings | None = PrivateAttr(default=None)

    @field_validator("marking")
    @classmethod
    def _fits_a_header(cls, marking: str) -> str:
        if utf16_length(marking) > LONGEST_MARKING:
            raise ValueError(f"'{short(marking)}' will not do: write at most {LONGEST_MARKING} characters")
        return marking

    @model_validator(mode="after")
    def _strands_differ(self) -> Settings:
        kinds = ("name", "short_name", "code")
        apart("strand", [use for at, strand in enumerate(self.strands) for use in uses(strand, ("strands", at), kinds)])
        return self

    @model_validator(mode="after")
    def _extracts_count_measures(self) -> Settings:
        different("extract", [extract.name for extract in self.extracts], lambda at: ("extracts", at, "name"))
        for at, extract in enumerate(self.extracts):
            for number, counted in enumerate(extract.measures):
                place = ("extracts", at, "measures", number)
                strand = self.strand_meant(counted.strand)
                if strand is None:
                    raise Misplaced(_not_there(counted.strand, "strand"), *place, "strand")
                if counted.measure not in (*strand.measures.rolling_12_months, *strand.measures.quarterly):
                    raise Misplaced(_not_there(counted.measure, "measure"), *place, "measure")
        return self

    def as_of(self, quarter: Quarter) -> Settings:
        """The settings with the strands, plans, statuses and measures that the strategy had in a quarter."""
        whole = self._whole or self  # what was given up since is still part of an earlier quarter
        strands = [strand.as_of(quarter) for strand in whole.strands if strand.reports_in(quarter)]
        then = self.model_construct(**{**dict(whole), "strands": strands})
        then._whole = whole
        return then

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

    @cached_property
    def _by_name(self) -> dict[str, Strand]:
        return {alike(name): strand for strand in self.strands for name in (*strand.formerly, strand.name)}

    def quarters(self, plan: Plan, quarter: Quarter) -> list[Quarter]:
        """The quarters that a plan's progress grid shows in `quarter`: the last ones, at most `quarters_shown`."""
        last = [quarter.plus(-back) for back in range(self.quarters_shown)]
        return sorted(q for q in last if q >= plan.first_quarter)


def _is_part(part: Plan | Strand, quarter: Quarter) -> bool:
    """Whether a plan or strand is part of the strategy in a quarter."""
    return (part.first_quarter or quarter) <= quarter <= (part.last_quarter or quarter)


def _in_order(part: Plan | Strand) -> None:
    if part.first_quarter and part.last_quarter and part.last_quarter < part.first_quarter:
        raise Misplaced(f"last_quarter lies before first_quarter, {part.first_quarter}; correct one", "last_quarter")


def _all_there(what: str, there: list[str], renamed: dict[str, str], **changed: Mapping[str, object]) -> None:
    """Raise Misplaced if something is said of a status, or measure, that is not there, or is under its old name."""
    said_of = [(name, ("renamed", old)) for old, name in renamed.items()]
    said_of += [(name, (setting, name)) for setting, names in changed.items() for name in names]
    for name, place in said_of:
        if name not in there:
            raise Misplaced(_not_there(name, what), *place)
    for old, new in renamed.items():
        if alike(old) in map(alike, there) and alike(old) != alike(new):
            said = f"'{short(old)}' is renamed here and yet listed as a {what}; remove it from one of the two places"
            raise Misplaced(said, "renamed", old)


def _not_there(name: str, what: str) -> str:
    return f"'{short(name)}' is not a {what} that is listed here; list it, or correct the name"


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

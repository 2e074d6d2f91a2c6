"""Strands, their delivery plans and measures, as they are today and as they were in a quarter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic.config import JsonDict

from cpxl.comparisons import COMPARISONS, over_the_same
from cpxl.config.breakdowns import Breakdown
from cpxl.config.values import NAME, Month, Name, OneOrMore, Part, QuarterText, Range, in_any_case, not_there
from cpxl.model import QUARTERLY, Value, is_number, is_whole
from cpxl.names import LONGEST_SHEET, alike, apart, by_name, different, uses, utf16_length
from cpxl.quarters import Quarter
from cpxl.units import UNITS, Unit, UnitName, unit_in
from cpxl.words import short
from cpxl.workbook_names import MONTH, RESERVED_SHEETS, TOWARDS, total_heading
from cpxl.yaml_file import Misplaced, Place, Text

Counts = Literal["total", "complete", "ongoing", "at_risk", "nothing"]

# What a JSON Schema can say besides

A_TOTAL_IN_THE_SUMMARY: JsonDict = {
    "if": {"properties": {"in_summary": {"const": False}}, "required": ["in_summary"]},
    "else": {"properties": {"statuses": {"not": {"additionalProperties": {"not": {"const": "total"}}}}}},
}
SHEETS = "|".join(map(in_any_case, sorted(RESERVED_SHEETS)))
NOT_IN_A_SHEETS_NAME: JsonDict = {
    "maxLength": LONGEST_SHEET,
    "pattern": r"^\s*(?!')[^\[\]:*?/\\]*(?<!')\s*$",
    "not": {"pattern": rf"^\s*({SHEETS})\s*$"},
}
Different = Annotated[list[Name], Field(json_schema_extra={"uniqueItems": True})]
"""Names of which no two are alike."""
NO_HEADINGS: JsonDict = {
    "uniqueItems": True,
    "items": {
        **NAME,
        "type": "string",
        "not": {"pattern": rf"^\s*({'|'.join(map(in_any_case, (MONTH, TOWARDS)))})\s*$"},
    },
}
"""Names over which counts by month stand, beside columns of its own."""
StrandName = Annotated[Name, Field(json_schema_extra={"not": {"pattern": rf"^\s*{in_any_case('total')}\s*$"}})]
SheetName = Annotated[Name, Field(json_schema_extra=NOT_IN_A_SHEETS_NAME)]


class Plan(Part):
    """A delivery plan: the rows of its progress grid and what each counts as in the executive summary."""

    model_config = {"json_schema_extra": A_TOTAL_IN_THE_SUMMARY}

    name: Name
    """As it is printed."""
    first_quarter: QuarterText
    """The first quarter that it is reported for."""
    in_summary: bool = True
    """false for a plan that is reported, but not counted in the executive summary."""
    statuses: dict[Name, Counts] = Field(min_length=1)
    """The rows of its progress grid, and what each counts as in the executive summary: total, complete, ongoing,
    at_risk or nothing. Every status but the total is a part of the total."""
    formerly: list[Text] = []
    """Names that it had."""
    last_quarter: QuarterText | None = None
    """The last quarter that it is reported for, once it is given up."""
    renamed: dict[Text, Text] = {}
    """A status's old name: what it is called today."""
    added: dict[Text, QuarterText] = {}
    """A status that the plan did not have from the beginning: the first quarter that it is reported for."""
    retired: dict[Text, QuarterText] = {}
    """A status that is given up: the last quarter that it is reported for. It stays in the list of statuses."""

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


class Measures(Part):
    """What a strand counts: names of measures, in lists by what each is compared with. One may stand in several."""

    rolling_12_months: Annotated[list[Name], Field(json_schema_extra=NO_HEADINGS)] = []
    """Measures over 12 months to the quarter's end, beside the 12 months before."""
    quarterly: Different = []
    """Measures of the quarter, beside the quarter before."""
    against_same_quarter_last_year: Different = []
    """Measures of the quarter, beside the same quarter last year."""
    against_last_month: Different = []
    """Measures of the quarter's last month, beside the month before."""
    against_same_month_last_year: Different = []
    """Measures of the quarter's last month, beside the same month last year."""
    one_off: Different = []
    """Measures of the quarter that are compared with nothing."""
    by_month: list[Name] | None = None
    """Those over 12 months that leads may give month by month; if nothing is said, all."""
    recording_changed: dict[Name, OneOrMore[Month]] = {}
    """A measure: the month, or months, from which on it was recorded in another way, so that what was usual before says
    nothing."""
    seasonal: list[Name] = []
    """Measures that are held against the same months of earlier years."""
    renamed: dict[Text, Text] = {}
    """A measure's old name: what it is called today."""
    retired: dict[Text, QuarterText] = {}
    """A measure that is given up: the last quarter that it is reported for. It stays in its list."""
    units: dict[Text, UnitName] = {}
    """A measure: what it is counted in. count is a whole number of things, number any number; 71%, £172k and 182.9 kg
    are then read as what they are, and percentages are compared in points. If nothing is said, a measure is a count
    unless its name ends in a unit in brackets, such as (kg)."""
    limits: dict[Text, Range] = {}
    """A measure: the least and the most that it can be, such as [0, 40]; of percentages, from 0 to 100."""
    change_to_explain: dict[Text, Annotated[float, Field(ge=0)]] = {}
    """A measure: how much it has to change before that wants a comment, in its unit, or in points; instead of
    thresholds."""

    def unit(self, measure: str) -> Unit:
        """What a measure is counted in: what is said, or what its name ends in, or else whole numbers of things."""
        return UNITS[self.units[measure]] if measure in self.units else unit_in(measure)

    def fits(self, measure: str, value: Value, *, is_new: bool = True) -> bool:
        """Whether a number can be a figure of a measure. is_new: held against limits in config that narrow its unit."""
        unit = self.unit(measure)
        if measure not in self.limits or not is_number(value):
            return unit.holds(value)
        least, most = (bound / 100 if unit.is_share else bound for bound in self.limits[measure])
        is_within = least <= value <= most
        return (is_within or (not is_new and unit.holds(value))) and (not unit.is_whole or is_whole(abs(value)))

    def wanted(self, measure: str) -> str:
        """What a figure of a measure can be, in words."""
        unit = self.unit(measure)
        if measure not in self.limits:
            return unit.wanted
        least, most = (f"{bound:,g}" + "%" * unit.is_share for bound in self.limits[measure])
        return f"{'a whole number' if unit.is_whole else 'a figure'} from {least} to {most}"

    def compared(self, period: str) -> list[str]:
        """The measures that are compared in one way (a period of `COMPARISONS`)."""
        names: list[str] = getattr(self, COMPARISONS[period].setting)
        return names

    @cached_property
    def every(self) -> list[str]:
        """Every measure once."""
        return self.over_the_same("")

    def only(self, is_wanted: Callable[[str], bool]) -> Measures:
        """The same with some of the measures only."""
        kept = {one.setting: [*filter(is_wanted, self.compared(period))] for period, one in COMPARISONS.items()}
        return self.model_construct(**{**dict(self), **kept})

    def as_of(self, quarter: Quarter) -> Measures:
        """The measures that were reported in a quarter."""
        return self.only(lambda name: quarter <= self.retired.get(name, quarter)) if self.retired else self

    def over_the_same(self, period: str) -> list[str]:
        """The measures over as long a time, whatever they are compared with; every one where it is no period."""
        periods = over_the_same(period) if period in COMPARISONS else COMPARISONS
        return list(dict.fromkeys(name for one in periods for name in self.compared(one)))

    @property
    def given_by_month(self) -> list[str]:
        """The measures over 12 months that leads may give month by month."""
        return [
            name
            for name in self.rolling_12_months
            if self.unit(name).is_sum and (self.by_month is None or name in self.by_month)
        ]

    def measure(self, label: str) -> str:
        """What the measure with that name, be it a former one, is called today; the label itself if it is none."""
        return self._today.get(alike(label), label)

    @cached_property
    def _today(self) -> dict[str, str]:
        return by_name([*self.every, *self.retired], self.renamed)

    @field_validator("renamed", "retired", mode="before")
    @classmethod
    def _no_two_alike(cls, names: object) -> object:
        different("measure", names if isinstance(names, dict) else ())
        return names

    @field_validator(*(one.setting for one in COMPARISONS.values()), mode="before")
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
        above: dict[str, str] = {}
        for period, one in COMPARISONS.items():
            setting, names = one.setting, self.compared(period)
            different("measure", names, partial(_listed_at, setting))
            for at, name in enumerate(names):
                if (written := above.setdefault(alike(name), name)) != name:
                    raise Misplaced(f"'{name}' is written '{written}' above; write both alike", setting, at)
        headings = {alike(heading): heading for heading in (MONTH, TOWARDS)}  # of the table with the counts by month
        for at, name in enumerate(self.rolling_12_months):
            for heading in (name, total_heading(name)):
                if alike(heading) in headings:
                    said = f"'{heading}' would be the heading of two columns of 'Insights by month'; write another name"
                    raise Misplaced(said, "rolling_12_months", at)
                headings[alike(heading)] = heading
        every = self.every
        of_each: dict[str, Mapping[str, object]] = {
            key: getattr(self, key) for key in ("retired", "units", "limits", "change_to_explain")
        }
        _all_there("measure", every, self.renamed, **of_each)
        of_measures: dict[str, Iterable[str] | None] = {
            "recording_changed": self.recording_changed,
            "seasonal": self.seasonal,
            "by_month": self.by_month,
        }
        for setting, named in of_measures.items():
            for name in named or ():
                if name not in every:
                    raise Misplaced(not_there(name, "measure"), setting)
        return self


class Strand(Part):
    """A thematic strand of the strategy."""

    name: StrandName
    """As it is printed."""
    short_name: SheetName
    """Its sheet in the workbooks: at most 31 characters."""
    code: str = Field(pattern=r"^[A-Z][A-Z0-9]*$", max_length=LONGEST_SHEET)
    """Starts the names of its returns and risks (GANGS-1): capital letters and digits."""
    lead: Name
    """The lead's rank or post, never a person's name."""
    plans: list[Plan]
    """Its delivery plans; [] if it has none, and the summary then shows N/A."""
    measures: Measures = Field(default_factory=lambda: Measures())
    """What it counts."""
    breakdowns: list[Breakdown] = []
    """Its tables of its own: by district, by characteristic, by kind of result."""
    picture: bool = False
    """true for a form with room for one picture, a PNG or JPEG, which goes to partners."""
    report_title: Name | None = None
    """What its section of the report is called, if not its name."""
    formerly: list[Text] = []
    """Names that it had."""
    first_quarter: QuarterText | None = None
    """The first quarter that it reports for, if it was not there from the beginning."""
    last_quarter: QuarterText | None = None
    """The last quarter that it reports for, once it is given up."""

    def reports_in(self, quarter: Quarter) -> bool:
        """Whether the strand is part of the strategy in a quarter."""
        return is_part(self, quarter)

    def as_of(self, quarter: Quarter) -> Strand:
        """The strand with the plans and measures that it had in a quarter."""
        unchanged = not self.measures.retired and all(is_part(p, quarter) and not p.changes for p in self.plans)
        if unchanged and all(is_part(b, quarter) and not b.retired for b in self.breakdowns):
            return self
        then = {
            "plans": [plan.as_of(quarter) for plan in self.plans if is_part(plan, quarter)],
            "measures": self.measures.as_of(quarter),
            "breakdowns": [one.as_of(quarter) for one in self.breakdowns if is_part(one, quarter)],
        }
        return self.model_construct(**{**dict(self), **then})

    def plan(self, name: str) -> Plan | None:
        """The plan of that name, be it a former one; None if there is none."""
        return self._plans.get(alike(name))

    def breakdown(self, name: str) -> Breakdown | None:
        """The breakdown of that name, be it a former one; None if there is none."""
        return next((one for one in self.breakdowns if alike(name) in map(alike, (one.name, *one.formerly))), None)

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
        tables = [use for at, b in enumerate(self.breakdowns) for use in uses(b, ("breakdowns", at), ("name",))]
        apart("breakdown", tables)
        for at, one in enumerate(self.breakdowns):
            if one.equals is not None and one.equals not in self.measures.over_the_same(QUARTERLY):
                said = (
                    f"'{short(one.equals)}' is not listed under quarterly, or as another measure of a quarter; "
                    "list it, or correct the name"
                )
                raise Misplaced(said, "breakdowns", at, "equals")
        return self


def _listed_at(setting: str, at: int) -> Place:
    return setting, at


def is_part(part: Plan | Strand | Breakdown, quarter: Quarter) -> bool:
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
            raise Misplaced(not_there(name, what), *place)
    for old, new in renamed.items():
        if alike(old) in map(alike, there) and alike(old) != alike(new):
            said = f"'{short(old)}' is renamed here and yet listed as a {what}; remove it from one of the two places"
            raise Misplaced(said, "renamed", old)

"""Strands and their delivery plans, as they are today and as they were in a quarter."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic.config import JsonDict

from cpxl.config.breakdowns import Breakdown
from cpxl.config.measures import Measures
from cpxl.config.values import Name, Part, QuarterText, Reported, all_there, in_any_case, in_order
from cpxl.model import QUARTERLY
from cpxl.names import LONGEST_SHEET, alike, apart, by_name, different, uses, utf16_length
from cpxl.quarters import Quarter
from cpxl.words import short
from cpxl.workbook_names import RESERVED_SHEETS
from cpxl.yaml_file import Misplaced, Text

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
        all_there("status", [*self.statuses], self.renamed, added=self.added, retired=self.retired)
        in_order(self)
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
        in_order(self)
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


def is_part(part: Reported, quarter: Quarter) -> bool:
    """Whether a plan or strand is part of the strategy in a quarter."""
    return (part.first_quarter or quarter) <= quarter <= (part.last_quarter or quarter)

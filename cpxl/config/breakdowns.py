"""A strand's tables of its own: what is counted by district, by characteristic, by kind of result."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, field_validator, model_validator
from pydantic.config import JsonDict

from cpxl.config.values import NAME, QUARTER, Name, Part, QuarterText, all_there, in_any_case, in_order
from cpxl.names import alike, by_name, different
from cpxl.quarters import Quarter, is_quarter
from cpxl.units import UNITS, Unit, UnitName
from cpxl.words import short
from cpxl.yaml_file import Misplaced, Text

THIS_QUARTER, LAST_QUARTER, A_YEAR_AGO = "This quarter", "Last quarter", "Same quarter last year"
BACK = {THIS_QUARTER: 0, LAST_QUARTER: 1, A_YEAR_AGO: 4}
"""Columns that are of a quarter, and how many quarters back it lies."""
OTHER_HEADINGS = ("Category", "Broken down by", "Comment", "Change")
MOST_ROWS, MOST_COLUMNS = 60, 6


_OTHERS = "|".join([*map(in_any_case, OTHER_HEADINGS), QUARTER.removeprefix(r"^\s*").removesuffix(r"\s*$")])
NO_OTHER_HEADINGS: JsonDict = {
    "uniqueItems": True,
    "items": {**NAME, "type": "string", "not": {"pattern": rf"^\s*({_OTHERS})\s*$"}},
}
"""For an editor: no column is called as another of the table is, or as a quarter."""


class Breakdown(Part):
    """A table of a strand's own, with a figure in each row and column."""

    name: Name
    """As it is printed."""
    rows: list[Name] = Field(min_length=1, max_length=MOST_ROWS, json_schema_extra={"uniqueItems": True})
    """What it is broken down by: districts, characteristics, kinds of result."""
    columns: list[Name] = Field(
        default=[THIS_QUARTER], min_length=1, max_length=MOST_COLUMNS, json_schema_extra=NO_OTHER_HEADINGS
    )
    """This quarter, Last quarter, Same quarter last year, or the names of other figures."""
    unit: UnitName = "count"
    """What its figures are counted in."""
    units: dict[Text, UnitName] = {}
    """A row or column that is counted in something else; a column's unit goes before that of a row."""
    total: Name | None = None
    """The name of a row below the others with their total."""
    equals: Text | None = None
    """The measure, over a quarter, that the total (or, without that row, the sum of all rows) must be."""
    formerly: list[Text] = []
    """Names that it had."""
    renamed: dict[Text, Text] = {}
    """An old name of a row or column: what it is called today."""
    retired: dict[Text, QuarterText] = {}
    """A row that is given up: the last quarter that it is reported for. It stays in the list of rows."""
    first_quarter: QuarterText | None = None
    """The first quarter that it is reported for, if it was not there from the beginning."""
    last_quarter: QuarterText | None = None
    """The last quarter that it is reported for, once it is given up."""

    @property
    def every_row(self) -> list[str]:
        """Its rows, and below them the total."""
        return [*self.rows, *([self.total] if self.total else [])]

    def unit_of(self, row: str, column: str) -> Unit:
        """What a figure is counted in."""
        return UNITS[self.units.get(column) or self.units.get(row) or self.unit]

    def quarter_of(self, column: str, quarter: Quarter) -> Quarter | None:
        """The quarter that a column is of, None if it is of none."""
        return quarter.plus(-BACK[column]) if column in BACK else None

    def today(self, label: str) -> str:
        """What the row or column with that name, be it a former one, is called today; the label if it is none."""
        return self._today.get(alike(label), label)

    @cached_property
    def _today(self) -> dict[str, str]:
        return by_name([*self.every_row, *self.columns], self.renamed)

    def as_of(self, quarter: Quarter) -> Breakdown:
        """The breakdown with the rows that it had in a quarter."""
        if not self.retired:
            return self
        kept = [row for row in self.rows if quarter <= self.retired.get(row, quarter)]
        return self.model_construct(**{**dict(self), "rows": kept})

    @field_validator("columns")
    @classmethod
    def _as_cpxl_writes_them(cls, columns: list[str]) -> list[str]:
        own = {alike(name): name for name in BACK}
        return [own.get(alike(name), name) for name in columns]

    @model_validator(mode="after")
    def _names_are_there(self) -> Breakdown:
        different("row", self.every_row, lambda at: ("rows", at) if at < len(self.rows) else ("total",))
        different("column", self.columns, lambda at: ("columns", at))
        for at, name in enumerate(self.columns):
            if alike(name) in map(alike, (*self.every_row, *OTHER_HEADINGS)) or is_quarter(name):
                raise Misplaced(f"'{short(name)}' is a heading or a row besides; write another name", "columns", at)
        in_order(self)
        all_there("row or column", [*self.every_row, *self.columns], self.renamed, units=self.units)
        all_there("row", self.rows, {}, retired=self.retired)
        return self

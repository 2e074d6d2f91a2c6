"""Extracts of incidents: what their columns are, and which rows count for which measure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from cpxl.cells import number_of, tidy
from cpxl.config.values import DateOrder, OrElse, Part
from cpxl.names import alike
from cpxl.yaml_file import Text

# What a JSON Schema can say besides

A_RANGE: JsonDict = {"anyOf": [{"required": ["from"]}, {"required": ["to"]}]}
ONE_KIND: JsonDict = {"oneOf": [{"required": ["values"]}, {"required": ["contains"]}, A_RANGE]}
BELONG_TOGETHER: JsonDict = {
    "oneOf": [{"required": [key]} for key in ("month", "day", "quarter")],
    "dependentRequired": {
        "financial_year": ["quarter"],
        "database": ["query"],
        "query": ["database"],
        "latest_by": ["id"],
    },
}


def _condition(value: object) -> object:
    """A value, or a list of them, as the setting that it stands for."""
    values = value if isinstance(value, list) else [value]
    if any(v is None or isinstance(v, bool) for v in values):
        raise ValueError("put quotes around the value: unquoted Yes, No and blanks mean something else in YAML")
    return value if isinstance(value, dict) else {"values": [str(v) for v in values]}


class Condition(Part):
    """What a column of an extract must say: one of some values, or text with something in it, or a number in a range.

    Capitals make no difference, nor do blanks around a value, or what kind of blank and how many are between its words.
    Both ends belong to the range.
    """

    model_config = {"json_schema_extra": ONE_KIND}

    values: list[Text] | None = Field(default=None, min_length=1)
    """One of these."""
    contains: Text | None = None
    """A text with this in it."""
    from_: float | None = Field(default=None, alias="from")
    """A number from this on."""
    to: float | None = None
    """A number up to this."""

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


A_VALUE: JsonDict = {"type": ["string", "number"]}
SHORTHAND: list[JsonDict] = [A_VALUE, {"type": "array", "items": A_VALUE, "minItems": 1}]
Conditions = dict[Text, Annotated[Condition, BeforeValidator(_condition), OrElse(lambda _: SHORTHAND)]]
"""Columns and what each must say; all of them must hold."""


class Counted(Part):
    """Which rows of an extract count for a measure."""

    strand: Text
    """The strand's code or name."""
    measure: Text
    """One of its measures."""
    where: Conditions = {}
    """Columns, and what each must say: a value, a list of values, {contains: text} or {from: 10, to: 17}."""


class Extract(Part):
    """What the columns of an extract are. Which extract a file is, its columns tell."""

    model_config = {"json_schema_extra": BELONG_TOGETHER}

    name: Text
    """What messages call it."""
    month: Text | None = None
    """The column with the month, such as 2020-09. Name one of month, day and quarter."""
    day: Text | None = None
    """The column with the day: 2020-09-14 or 14/09/2020."""
    quarter: Text | None = None
    """The column with the quarter: 2020/21 Q2, or 1 to 4 where financial_year names the column of the year."""
    financial_year: Text | None = None
    """The column with the financial year, where that of the quarter has only 1 to 4."""
    date_order: DateOrder | None = None
    """What comes first in its dates with slashes, if not what the strategy says."""
    only: Conditions = {}
    """Which rows are ours, by columns and what each must say; the others are passed over."""
    id: Text | None = None
    """The column by which a row that comes again is known: of several, the one with the latest date counts."""
    latest_by: Text | None = None
    """The column with the date, or number, by which the latest is known, if that is not the row's own date."""
    number: Text | None = None
    """The column with how many a row counts; without it, each counts one."""
    database: Text | None = None
    """The address of a database, as SQLAlchemy has it, if rows come from there."""
    query: Text | None = Field(
        default=None, json_schema_extra={"pattern": r"^\s*([Ss][Ee][Ll][Ee][Cc][Tt]|[Ww][Ii][Tt][Hh])\b"}
    )
    """The SELECT that gives its rows."""
    measures: list[Counted] = Field(min_length=1)
    """Which rows count for which measure of which strand."""

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

"""Extracts of incidents: what their columns are, and which rows count for which measure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from cpxl.config.values import DateOrder, Part
from cpxl.insights.cells import number_of, tidy
from cpxl.names import alike
from cpxl.yaml_file import Text


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


class Counted(Part):
    """Which rows of an extract count for a measure. strand: its code or name."""

    strand: Text
    measure: Text
    where: Conditions = {}


class Extract(Part):
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

"""What a row of an extract is, by the mapping in config: for which measures it counts, in which month, how many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cpxl.cells import Dates, number_of, order_told, quarter_of, tidy
from cpxl.config import Conditions, Extract, Settings

COUNTED, UNMAPPED, BAD, ELSEWHERE = "counted", "unmapped", "bad", "elsewhere"

Names = tuple[str, str]
"""Strand and measure."""


class Verdict(NamedTuple):
    """What rows of one kind are.

    period: blank if the date cannot be read. number: how many each counts, None if that cannot be read. measures: that
    they count for. unmapped: what they say, if that is none. unread: what cannot be read. order: what their date tells
    of the order of day and month (`day`, `month` or `either`; in a column of months `first` or `last` if it may be a
    month's first day, written with the 1 first or after the month).
    """

    state: str
    period: str = ""
    day: date | None = None
    number: int | float | None = 0
    measures: frozenset[Names] = frozenset()
    unmapped: str = ""
    unread: str = ""
    order: str = ""


class Judge:
    """A mapping, ready to be applied to kinds of rows."""

    def __init__(self, mapping: Extract, settings: Settings) -> None:
        self.mapping = mapping
        self.columns = mapping.looked_at
        self.only = _remembered(mapping.only)
        self.measures = [(_names(c.strand, c.measure, settings), _remembered(c.where)) for c in mapping.measures]
        self.order = mapping.date_order or settings.date_order
        self.dates = Dates(settings.time_zone, self.order == "month first")

    def verdict(self, kind: tuple[str, ...]) -> Verdict:
        """What rows are whose columns say this."""
        mapping = self.mapping
        cells = dict(zip(self.columns, kind, strict=True))
        period, day, unread = self._date(cells)
        if not all(holds(cells[column]) for column, holds in self.only.items()):
            return Verdict(ELSEWHERE, period or "", day)
        order = self._order(cells)
        if period is None:
            return Verdict(BAD, unread=unread, order=order)
        measures = frozenset(
            names for names, where in self.measures if all(holds(cells[column]) for column, holds in where.items())
        )
        number = number_of(cells[mapping.number]) if mapping.number else 1
        if measures and number is None and mapping.number:
            return Verdict(BAD, period, day, None, measures, unread=_quoted(cells[mapping.number]), order=order)
        if measures:
            return Verdict(COUNTED, period, day, number, measures, order=order)
        columns = dict.fromkeys(column for _, where in self.measures for column in where)
        said = ", ".join(f"{column}: {_quoted(cells[column])}" for column in columns)
        return Verdict(UNMAPPED, period, day, number or 0, unmapped=said, order=order)

    def _date(self, cells: dict[str, str]) -> tuple[str | None, date | None, str]:
        """The period that a row is of, its day, and what the date says."""
        mapping = self.mapping
        columns = [c for c in (mapping.day, mapping.month, mapping.financial_year, mapping.quarter) if c]
        said = " ".join(cells[column] for column in columns)
        if mapping.day:
            day = self.dates.day(said)
            return (day.isoformat()[:7] if day else None), day, _quoted(said)
        return (self.dates.month(said) if mapping.month else quarter_of(said)), None, _quoted(said)

    def _order(self, cells: dict[str, str]) -> str:
        """What the date tells of the order of day and month. Months are written by their first days, if by any."""
        column = self.mapping.day or self.mapping.month
        told = order_told(cells[column]) if column and not self.order else ""
        if told == "either" and column and column == self.mapping.month:
            first, last, *_ = tidy(cells[column]).split("/")
            return "first" if first in ("1", "01") else "last" if last in ("1", "01") else told
        return told


def _names(strand: str, measure: str, settings: Settings) -> Names:
    found = settings.strand_meant(strand)
    return (found.name if found else strand), measure


def _remembered(conditions: Conditions) -> dict[str, Callable[[str], bool]]:
    """What each column must say, and what was found of texts that come again: in many kinds of rows, few differ."""
    return {column: lru_cache(4096)(condition.holds) for column, condition in conditions.items()}


def _quoted(text: str) -> str:
    return tidy(text)[:60] or "(blank)"

"""What a strand counts: its measures, what each is compared with and counted in, today and in a quarter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Annotated

from pydantic import Field, field_validator, model_validator
from pydantic.config import JsonDict

from cpxl.comparisons import COMPARISONS, over_the_same
from cpxl.config.values import NAME, Month, Name, OneOrMore, Part, QuarterText, Range, all_there, in_any_case, not_there
from cpxl.model import Value, is_number, is_whole
from cpxl.names import alike, by_name, different
from cpxl.quarters import Quarter
from cpxl.units import UNITS, Unit, UnitName, unit_in
from cpxl.words import short
from cpxl.workbook_names import MONTH, TOWARDS, total_heading
from cpxl.yaml_file import Misplaced, Place, Text

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
        all_there("measure", every, self.renamed, **of_each)
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


def _listed_at(setting: str, at: int) -> Place:
    return setting, at

"""What a force wants otherwise of a check: `rules` in config.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from cpxl.config.strands import Strand
from cpxl.config.values import Name, Part, not_there
from cpxl.yaml_file import Misplaced, Text

OFF = "off"
Severity = Literal["off", "note", "warning", "error"]
OF_A_CHANGE = {"change_percent": " %", "change_count": "", "change_points": " points"}
"""Limits of a change, and what stands behind them."""


def _off(value: object) -> object:
    """YAML takes a bare `off` for no."""
    return OFF if value is False else value


class Limits(Part):
    """Beyond what a change is a large one, below what a count is a small one; what is not said stays as it is."""

    change_percent: float | None = Field(default=None, ge=0)
    """Per cent of the earlier figure."""
    change_count: float | None = Field(default=None, ge=0)
    """What the figures differ by."""
    change_points: float | None = Field(default=None, ge=0)
    """What two percentages differ by, in points."""
    smallest_count: int | None = Field(default=None, ge=0, le=1000)
    """Of breakdown-small-count: a count below it, and not 0, might tell who is meant; 0 if none does."""

    @property
    def given(self) -> dict[str, float]:
        """Those that are said."""
        return {key: value for key, value in dict(self).items() if value is not None}


def _in_the_schema(schema: JsonDict) -> None:
    """What can be changed of each rule, for an editor: `may_change` says the same."""
    from cpxl.returns.changes import LIMITED, codes_of_rules, is_firm, is_of_measures

    codes = codes_of_rules()
    nothing: JsonDict = {"type": "null"}

    def of(some: Iterable[str], key: str, wanted: JsonDict) -> JsonDict:
        rule: JsonDict = {"properties": {"rule": {"enum": list(some)}}}
        return {"if": rule, "then": {"properties": {key: wanted}}}

    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties["rule"] = {"type": "string", "enum": list(codes)}
    properties["severity"] = {"enum": [*get_args(Severity), False, None]}  # as which some editors read a bare `off`
    schema["anyOf"] = [{"required": ["severity"]}, {"required": ["threshold"]}]
    schema["allOf"] = [
        of(filter(is_firm, codes), "severity", {"enum": ["error", None]}),
        of((code for code in codes if code not in LIMITED), "threshold", nothing),
        *(of([code], "threshold", {"propertyNames": {"enum": list(keys)}}) for code, keys in LIMITED.items()),
        of((code for code in codes if not is_of_measures(code)), "measure", nothing),
    ]


class RuleChange(Part):
    """A check that is switched off, or has another severity or threshold; for all, a strand, or one of its measures."""

    model_config = {"json_schema_extra": _in_the_schema}

    rule: Text
    """The rule's code, as docs/rules.md and every finding have it."""
    severity: Annotated[Severity | None, BeforeValidator(_off)] = None
    """off, or what its findings are from now on."""
    threshold: Limits | None = None
    """Of large-change, rolling-year-jumped and breakdown-small-count: what it takes from now on."""
    strand: Name | None = None
    """For this strand only."""
    measure: Name | None = None
    """For this measure only."""
    reason: Text
    """Why: the check report prints it."""

    @model_validator(mode="after")
    def _changes_something(self) -> RuleChange:
        if self.severity is None and self.threshold is None:
            raise ValueError("say what is to change: severity (off, note, warning or error) or threshold")
        return self

    @property
    def whom(self) -> str:
        """`All strands`, `Hate Crime`, `Hate Crime: Solved outcomes`."""
        return ": ".join(filter(None, (self.strand or ("All strands" if not self.measure else ""), self.measure)))

    @property
    def what(self) -> str:
        """What changes, in words: `switched off`, `a note`, `beyond 40 % and 20`, `below 5`."""
        said = []
        if self.severity is not None:
            said.append("switched off" if self.severity == OFF else f"{_a(self.severity)}")
        if self.threshold is not None:
            given = self.threshold.given
            parts = [f"{given[key]:g}{unit}" for key, unit in OF_A_CHANGE.items() if key in given]
            said += [f"beyond {' and '.join(parts)}"] if parts else []
            said += [f"below {given['smallest_count']}"] if "smallest_count" in given else []
            said += [] if given else ["as it is"]
        return "; ".join(said)


def _a(severity: str) -> str:
    return f"an {severity}" if severity == "error" else f"a {severity}"


def check_changes(
    changes: list[RuleChange], strand_meant: Callable[[str], Strand | None], measures: Mapping[str, frozenset[str]]
) -> None:
    """Raise Misplaced where a change is none that can be made.

    strand_meant: the strand of a name, if config has one. measures: the names of measures, by the strand's name.
    """
    from cpxl.returns.changes import may_change

    for at, change in enumerate(changes):
        place = ("rules", at)
        if why_not := may_change(change):
            raise Misplaced(why_not, *place, "rule")
        strand = strand_meant(change.strand) if change.strand is not None else None
        if change.strand is not None and strand is None:
            raise Misplaced(not_there(change.strand, "strand"), *place, "strand")
        of = [measures[strand.name]] if strand else list(measures.values())
        if change.measure is not None and not any(change.measure in names for names in of):
            raise Misplaced(not_there(change.measure, "measure"), *place, "measure")

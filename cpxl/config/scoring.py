"""How risks are scored: by likelihood and impact, 1 to 5 each, and a matrix that says what level they come to.

The ideas are those of HM Treasury's Orange Book: what a risk is now, what is aimed at, who owns it, when it is looked
at again. A strategy that says nothing of it goes on with a level that leads choose.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from cpxl.config.values import Name, Part
from cpxl.model import Value, is_whole
from cpxl.yaml_file import Misplaced

STEPS = 5
"""Likelihood and impact go from 1 to this."""


def _usual() -> list[list[str]]:
    """Low up to 4, High from 15."""
    scores = ((likelihood * impact for impact in range(1, STEPS + 1)) for likelihood in range(1, STEPS + 1))
    return [["Low" if n <= 4 else "High" if n >= 15 else "Medium" for n in line] for line in scores]


Line = Annotated[list[Name], Field(min_length=STEPS, max_length=STEPS)]


class RiskScoring(Part):
    """Risks are scored by likelihood and impact, 1 to 5 each, now and as aimed at."""

    matrix: list[Line] = Field(default_factory=_usual, json_schema_extra={"minItems": STEPS, "maxItems": STEPS})
    """The level of each score: a line for each likelihood from 1 up, in it a level for each impact from 1 up."""

    @field_validator("matrix")
    @classmethod
    def _a_line_for_each(cls, matrix: list[list[str]]) -> list[list[str]]:
        if len(matrix) != STEPS:
            raise Misplaced(f"write {STEPS} lines, one for each likelihood from 1 to {STEPS}")
        return matrix

    def level(self, likelihood: Value, impact: Value) -> str | None:
        """The level that a likelihood and an impact come to; None if they are none."""
        if is_step(likelihood) and is_step(impact):
            return self.matrix[int(str(likelihood)) - 1][int(str(impact)) - 1]
        return None


def is_step(value: Value) -> bool:
    """Whether a value is a likelihood, or an impact."""
    return is_whole(value) and 1 <= value <= STEPS

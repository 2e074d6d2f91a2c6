"""What a measure is compared with: the time that its figure is over, and the earlier one beside it, if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpxl.model import MONTH_ON_MONTH, MONTH_ON_YEAR, ONE_OFF, QUARTER_ON_YEAR, QUARTERLY, ROLLING
from cpxl.quarters import Quarter, month_in_full, month_in_words, months_to


@dataclass(frozen=True)
class Comparison:
    """A way to compare.

    period: what the data table Measures calls it. setting: the list in config of the measures that are compared so.
    block: their table on a strand's sheet. months: what a figure is over, up to the quarter's end. back: by how many
    months the earlier figure lies before; 0 where there is none. earlier: what that is called.
    """

    period: str
    setting: str
    block: str
    months: int
    back: int
    earlier: str

    @property
    def later(self) -> str:
        """What the figure of the quarter is called; no two are called the same."""
        return self.period.lower()

    @property
    def over(self) -> str:
        """What a figure is over: `12 months`, `quarter`, `month`."""
        return {12: "12 months", 3: "quarter"}.get(self.months, "month")

    @property
    def quarters_back(self) -> int | None:
        """How many quarters ago the earlier figure was this quarter's; None if it was no quarter's."""
        return self.back // 3 if self.back and self.back % 3 == 0 else None

    def later_months(self, quarter: Quarter, first_month: int) -> tuple[str, ...]:
        """The months (`2020-09`) of a quarter's figure. first_month: of the financial year, 1 to 12."""
        return months_to(quarter.end(first_month), self.months)

    def earlier_months(self, quarter: Quarter, first_month: int) -> tuple[str, ...]:
        """The months of the figure that it is compared with; none if it is with nothing."""
        return months_to(quarter.end(first_month), self.back + self.months)[: self.months] if self.back else ()

    def later_quarters(self, quarter: Quarter) -> tuple[str, ...]:
        """The quarters of a quarter's figure; none if it is of a month."""
        return tuple(str(quarter.plus(-back)) for back in reversed(range(self.months // 3)))

    def earlier_quarters(self, quarter: Quarter) -> tuple[str, ...]:
        """The quarters of the figure that it is compared with."""
        return self.later_quarters(quarter.plus(-self.quarters_back)) if self.quarters_back else ()

    def headings(self, quarter: Quarter, first_month: int) -> tuple[str, str]:
        """What stands above the earlier and the later figure; blank where there is none."""
        earlier, later = self.earlier_months(quarter, first_month), self.later_months(quarter, first_month)
        if self.months == 3:
            return "".join(self.earlier_quarters(quarter)), str(quarter)
        to = "To " if self.months == 12 else ""
        return f"{to}{month_in_words(earlier[-1])}", f"{to}{month_in_words(later[-1])}"

    def title(self, quarter: Quarter, first_month: int) -> str:
        """The comparison as the title of a table."""
        fixed = {
            ROLLING: "12 months against the 12 before",
            QUARTERLY: "this quarter against last",
            QUARTER_ON_YEAR: "this quarter against the same quarter last year",
            ONE_OFF: "this quarter alone",
        }
        return fixed.get(self.period) or self.in_words(quarter, first_month)

    def in_words(self, quarter: Quarter, first_month: int) -> str:
        """`September 2020 against September 2019`, `2020/21 Q2 against 2020/21 Q1`: what stands beside what."""
        earlier, later = self.earlier_months(quarter, first_month), self.later_months(quarter, first_month)
        if self.months == 12:
            return f"12 months to {month_in_full(later[-1])} against the 12 before"
        if self.months == 3:
            return " against ".join((*self.later_quarters(quarter), *self.earlier_quarters(quarter)))
        return f"{month_in_full(later[-1])} against {month_in_full(earlier[-1])}"


COMPARISONS: Mapping[str, Comparison] = {
    one.period: one
    for one in (
        Comparison(ROLLING, "rolling_12_months", "rolling", 12, 12, "the 12 months before"),
        Comparison(QUARTERLY, "quarterly", "quarterly", 3, 3, "the quarter before"),
        Comparison(
            QUARTER_ON_YEAR,
            "against_same_quarter_last_year",
            "quarter_on_year",
            3,
            12,
            "the same quarter last year",
        ),
        Comparison(MONTH_ON_MONTH, "against_last_month", "month_on_month", 1, 1, "the month before"),
        Comparison(MONTH_ON_YEAR, "against_same_month_last_year", "month_on_year", 1, 12, "the same month last year"),
        Comparison(ONE_OFF, "one_off", "one_off", 3, 0, ""),
    )
}
"""Every comparison, by the period, in the order in which they are shown."""


def over_the_same(period: str) -> list[str]:
    """The periods whose figures are over as long a time: a figure reported under one is known under all."""
    return [p for p, one in COMPARISONS.items() if one.months == COMPARISONS[period].months]

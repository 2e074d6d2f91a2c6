"""What a measure is compared with: the figures of each comparison, and a measure that is moved from one to another."""

from collections.abc import Mapping

import pytest

from cpxl.account import account
from cpxl.account.measures import measures_of
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, parse
from cpxl.insights.rolling import Compared, compared
from cpxl.layout.measures import compared_block
from cpxl.layout.strand import strand_sheet
from cpxl.master.names import unknown_names
from cpxl.model import (
    MONTH_ON_MONTH,
    MONTH_ON_YEAR,
    ONE_OFF,
    QUARTER_ON_YEAR,
    QUARTERLY,
    Master,
    Measure,
    Monthly,
    Number,
)
from cpxl.provenance.second_account import SecondAccount
from cpxl.provenance.shown import shown
from cpxl.quarters import Quarter, months_to
from cpxl.resources import resource

CONFIG = resource("config.yaml").read_text(encoding="utf-8").partition("\nextracts:")[0]
NOW, A_YEAR_AGO = Quarter(2020, 2), Quarter(2019, 2)
DA, REFERRALS = "Domestic Abuse", "Prevent referrals (Essex)"
MONTHS = months_to(NOW.end(4), 24)
COUNTS = {month: 100 + at for at, month in enumerate(MONTHS)}
"""July to September 2019 have 109, 110, 111; July to September 2020 have 121, 122, 123."""


def with_measures(code: str, **lists: list[str]) -> Settings:
    settings = parse(CONFIG)
    strand = settings.strand_of(code)
    assert strand
    measures = strand.measures.model_copy(update=lists)
    return settings.model_copy(
        update={
            "strands": [
                s.model_copy(update={"measures": measures, "breakdowns": []}) if s is strand else s
                for s in settings.strands
            ]
        }
    )


@pytest.mark.parametrize(
    ("period", "figures"),
    [
        ("12 months", (sum(range(100, 112)), sum(range(112, 124)))),
        (QUARTERLY, (118 + 119 + 120, 121 + 122 + 123)),
        (QUARTER_ON_YEAR, (109 + 110 + 111, 121 + 122 + 123)),
        (MONTH_ON_MONTH, (122, 123)),
        (MONTH_ON_YEAR, (111, 123)),
        (ONE_OFF, (None, 121 + 122 + 123)),
    ],
)
def test_counts_by_month_give_the_figures_of_each_comparison(
    period: str, figures: tuple[Number | None, Number]
) -> None:
    assert compared(COUNTS, NOW, 4, COMPARISONS[period]) == Compared(*figures, ())
    settings = with_measures("DA", **{COMPARISONS[period].setting: ["Calls"]})
    monthly = tuple(Monthly(NOW, DA, "Calls", month, count, "a.csv") for month, count in COUNTS.items())
    master = Master(NOW, monthly=monthly)
    every = shown(account(master, NOW, settings))
    second = SecondAccount(master, NOW, settings, [one.figure for one in every])
    found = {
        one.figure.of: (one.value, second.work_out(one.figure).value)
        for one in every
        if (*one.figure[2:5], one.figure.how) == ("Calls", NOW, period, "")
    }
    wanted = {of: (n, n) for of, n in zip(("previous", "current"), figures, strict=True) if n is not None}
    assert found == wanted


@pytest.mark.parametrize(
    ("counts", "figures"),
    [
        ({"2020/21 Q2": 7, "2019/20 Q2": 5}, Compared(5, 7, ())),
        ({"2020/21 Q2": 7}, Compared(None, 7, ("2019/20 Q2",))),
        (dict.fromkeys(MONTHS[-3:], 2), Compared(None, 6, MONTHS[9:12])),
    ],
)
def test_a_quarter_beside_last_years_needs_nothing_between(counts: Mapping[str, int], figures: Compared) -> None:
    assert compared(counts, NOW, 4, COMPARISONS[QUARTER_ON_YEAR]) == figures


def test_a_measure_that_is_compared_otherwise_keeps_what_was_reported() -> None:
    """It was held against last quarter; from now on it is against the same quarter last year."""
    settings = with_measures("PREVENT", quarterly=[], against_same_quarter_last_year=[REFERRALS], one_off=[])
    strand = settings.strand_of("PREVENT")
    assert strand
    reported = tuple(
        Measure(quarter, strand.name, REFERRALS, QUARTERLY, before, now)
        for quarter, before, now in ((A_YEAR_AGO, 30, 33), (NOW, 17, 28))
    )
    for measures, figures in ((reported[:1], (33, None)), (reported, (33, 28))):
        master = Master(NOW, measures=measures)
        [measure] = measures_of(master, NOW, strand, settings, QUARTER_ON_YEAR)
        assert (measure.previous.value, measure.current.value) == figures
        of_it = [one for one in shown(account(master, NOW, settings)) if one.figure.name == REFERRALS]
        second = SecondAccount(master, NOW, settings, [one.figure for one in of_it])
        assert of_it and all(second.work_out(one.figure).value == one.value for one in of_it)
        assert unknown_names(master, settings) == ""
    over_months = with_measures("PREVENT", quarterly=[], against_last_month=[REFERRALS], one_off=[])
    said = unknown_names(Master(NOW, measures=reported), over_months)
    assert "under against_last_month, but the master has" in said and "from when it was under quarterly" in said


def test_what_is_compared_with_nothing_has_one_figure() -> None:
    settings = parse(CONFIG)
    gangs = next(s for s in account(Master(NOW), NOW, settings).strands if s.strand.code == "GANGS")
    block = compared_block(gangs, settings, ONE_OFF, to_fill_in=True)
    assert block.headings == ["Measure", "Comment", "2020/21 Q2"]
    assert [block.title for block in strand_sheet(gangs, settings).blocks].count("Insights: this quarter alone") == 1


def test_the_largest_other_change_is_in_the_news() -> None:
    settings = parse(CONFIG)
    measures = (
        Measure(NOW, DA, "Outcome 16", MONTH_ON_YEAR, 1883, 1361),
        Measure(NOW, DA, "DA incidents", MONTH_ON_MONTH, 3367, 2895),
        Measure(NOW, "Gangs and Knife Crime", "Active county lines", ONE_OFF, None, 5000),
    )
    said = account(Master(NOW, measures=measures), NOW, settings).news
    assert said[2] == ("Largest change of other measures: Outcome 16, -27.7%, September 2020 against September 2019.")
    assert account(Master(NOW), NOW, settings).news[2].startswith("No other measure has changed by more than a few")

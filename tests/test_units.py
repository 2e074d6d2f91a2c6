"""A measure has a unit: figures are read as what they are, held against what they can be, and compared in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cpxl.account.strand import strand_account
from cpxl.config import Settings, parse
from cpxl.errors import Refused
from cpxl.layout.blocks import Column, Kind, plain
from cpxl.layout.form import return_workbook
from cpxl.layout.in_words import shown
from cpxl.layout.measures import compared_block
from cpxl.model import NOT_APPLICABLE, QUARTERLY, ROLLING, Cell, Finding, Master, Measure, Value
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.checks import check_all
from cpxl.returns.read import read_return
from cpxl.returns.typed_cell import read_as
from cpxl.theme import shipped
from cpxl.units import COUNT, UNITS, unit_in
from cpxl.workbooks.formats import excel_format, number_format
from cpxl.workbooks.write import to_bytes
from tests.test_checks import sound

NOW = Quarter(2020, 2)
THEME = shipped()
FIGURE = Column("x", "X", Kind.NUMBER)
CONFIG = resource("config.yaml").read_text(encoding="utf-8")
MEASURES = """    measures:
      quarterly: [Confidence, Trust, Cash seized, Drugs seized, Offences per head, Officers, Balance]
      units: {Confidence: percent, Trust: percent, Cash seized: GBP, Drugs seized: kg,
              Offences per head: "per 1,000", Balance: number}
      limits: {Confidence: [20, 100], Officers: [1, 40]}
      change_to_explain: {Drugs seized: 2, Trust: 20}
"""


def settings(measures: str = MEASURES) -> Settings:
    """The reference's, where the strand without a plan has measures of all kinds."""
    before, burglary = CONFIG.split("  - name: House Burglary and Street Robbery\n")
    head, _, rest = burglary.partition("    measures:\n")
    after = rest[rest.index("  - name: Serious and Organised Crime") :]
    extracts = after[after.index("extracts:") :]
    return parse(
        f"{before}  - name: House Burglary and Street Robbery\n{head}{measures}\n{after.replace(extracts, '')}"
    )


@pytest.mark.parametrize(
    ("unit", "typed", "read"),
    [
        *[("percent", "71%", 0.71), ("percent", "71 %", 0.71), ("percent", "71.5 per cent", 0.715)],
        *[("percent", "0.71", 0.71), ("percent", 0.71, 0.71), ("percent", "100%", 1.0), ("percent", "-4%", -0.04)],
        *[("percent", "\u00a071%\u00a0", 0.71), ("percent", "71", 71), ("percent", "71 points", "71 points")],
        *[("GBP", "£172k", 172_000), ("GBP", "£2,693,500", 2_693_500), ("GBP", "£2.5m", 2_500_000)],
        *[("GBP", "£1.2bn", 1_200_000_000), ("GBP", "172 K", 172_000), ("GBP", "£90", 90), ("GBP", "90 GBP", 90)],
        *[("GBP", "-£5", -5), ("GBP", "£-5", -5), ("GBP", "£1,72k", "£1,72k"), ("GBP", "$90", "$90")],
        *[("kg", "182.9 kg", 182.9), ("kg", "182.9KG", 182.9), ("kg", "7 Kilograms", 7), ("kg", "182.9 g", "182.9 g")],
        *[("hours", "2,635 hours", 2635), ("hours", "2.5h", 2.5), ("hours", "12 hrs", 12), ("days", "3 days", 3)],
        *[("per 100,000", "60 per 100,000", 60), ("per 1,000", "1.5", 1.5), ("per 1,000", "1 per 100", "1 per 100")],
        *[("count", "71%", "71%"), ("count", "£5", "£5"), ("count", "12k", "12k"), ("count", "1,174", 1174)],
        *[("kg", "n/a", NOT_APPLICABLE), ("GBP", "-", 0), ("GBP", "some £5", "some £5"), ("GBP", "£", "£")],
        *[("GBP", f"£{'9' * 16}", f"£{'9' * 16}"), ("percent", "1" * 70 + "%", "1" * 70 + "%")],
        *[
            ("percent change", "-22%", -0.22),
            ("percent change", "280 %", 2.8),
            ("change", "+13", 13),
            ("change", -6, -6),
        ],
    ],
)
def test_a_figure_is_read_as_what_it_is(unit: str, typed: Value, read: Value) -> None:
    found = read_as(FIGURE, typed, UNITS[unit])
    assert (found, type(found)) == (read, type(read))


def test_a_figure_that_was_typed_as_text_is_told_in_its_unit(tmp_path: Path) -> None:
    """1 may have been meant as 1%: a lead sees what it was taken for."""
    now, path = settings(), tmp_path / "return.xlsx"
    strand = now.strand_of("BURGLARY")
    assert strand
    path.write_bytes(to_bytes(return_workbook(now, strand_account(Master(NOW), NOW, strand, now)), THEME))
    cell = next(m.cells["current"] for m in read_return(path, now).measures if m.measure == "Confidence")
    book = load_workbook(path)
    book[cell.sheet][cell.address].value = "1"
    book.save(path)
    [found] = [f for f in check_all([read_return(path, now)], now, NOW)[0].findings if f.rule == "read-as"]
    assert f"{cell.address} '1' as 100.0%" in found.message


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        *[("Class A drugs seized (kg)", "kg"), ("Cash seized (GBP)", "GBP"), ("Cash (£)", "GBP")],
        *[("Patrols (hours)", "hours"), ("Satisfied (%)", "number"), ("Cash (£k)", "number"), ("Arrests", "count")],
        *[("Rate (per 1,000)", "number"), ("Fraud (cyber)", "count")],
    ],
)
def test_a_unit_in_brackets_is_one_as_before(name: str, unit: str) -> None:
    assert unit_in(name) is UNITS[unit]


@pytest.mark.parametrize(
    ("unit", "value", "kind", "printed", "in_excel"),
    [
        ("percent", 0.71, Kind.NUMBER, "71.0%", "0.0%;-0.0%;0.0%;@"),
        ("percent", 9.0, Kind.CHANGE, "+9 points", '+#,##0" points";-#,##0" points";0" points";@'),
        ("percent", -1.5, Kind.CHANGE, "-1.5 points", '+#,##0.0##" points";-#,##0.0##" points";0" points";@'),
        ("GBP", 2_693_500, Kind.NUMBER, "£2,693,500", '"£"#,##0;-"£"#,##0;"£"0;@'),
        ("GBP", -500, Kind.CHANGE, "-£500", '+"£"#,##0;-"£"#,##0;"£"0;@'),
        ("kg", 182.9, Kind.NUMBER, "182.9 kg", '#,##0.0##" kg";-#,##0.0##" kg";0" kg";@'),
        ("kg", None, Kind.NUMBER, "", 'General" kg"'),
        ("percent change", 2.8, Kind.NUMBER, "+280.0%", "+0.0%;-0.0%;0.0%;@"),
        ("change", 13, Kind.NUMBER, "+13", "+#,##0;-#,##0;0;@"),
        ("count", 1174, Kind.NUMBER, "1,174", "#,##0;-#,##0;0;@"),
        ("kg", 0.25, Kind.PERCENT_CHANGE, "+25.0%", "+0.0%;-0.0%;0.0%;@"),
    ],
)
def test_a_figure_is_printed_in_its_unit(unit: str, value: Any, kind: Kind, printed: str, in_excel: str) -> None:
    """In Excel and in words alike."""
    of = UNITS[unit]
    assert value is None or shown(value, kind, of) == printed
    assert excel_format(THEME, number_format(kind, value, of)) == in_excel


def test_percentages_are_compared_in_points() -> None:
    unit = UNITS["percent"]
    assert (unit.change(0.71, 0.8), unit.change(0.29, 0.286), unit.change(None, 0.8)) == (9.0, -0.4, None)
    assert UNITS["kg"].change(182.9, 32) == -150.9


def checked(**figures: tuple[Value, Value]) -> list[Finding]:
    """What is found in a return with these figures, by the measure with blanks for _."""
    now = settings()
    names = [name.replace("_", " ") for name in figures]
    measures = tuple(
        Measure(NOW, sound("BURGLARY").measures[0].strand, name, QUARTERLY, *pair, cells=_cells(row))
        for row, (name, pair) in enumerate(zip(names, figures.values(), strict=True), 31)
    )
    returned = replace(sound("BURGLARY"), measures=measures, shown=())
    found = check_all([returned], now, NOW)[0].findings
    return [f for f in found if f.rule != "measure-missing"]


def _cells(row: int) -> dict[str, Cell]:
    return {key: Cell("S", f"{at}{row}") for key, at in zip(("measure", "previous", "current"), "ABC", strict=True)}


@pytest.mark.parametrize(
    ("figures", "rule", "cell", "said"),
    [
        ({"Confidence": (0.7, 71)}, "measure-outside-limits", "C31", "cannot be 7,100.0%: it is a figure from 20% to"),
        ({"Confidence": (0.7, 0.15)}, "measure-outside-limits", "C31", "cannot be 15.0%"),
        ({"Drugs_seized": (-1, 5)}, "measure-outside-limits", "B31", "cannot be -1 kg: it is kilograms from 0"),
        ({"Officers": (41, 40)}, "measure-outside-limits", "B31", "cannot be 41: it is a whole number from 1 to 40"),
        ({"Officers": (39.5, 40)}, "measure-outside-limits", "B31", "cannot be 39.5"),
        ({"Balance": (10**16, 5)}, "measure-outside-limits", "B31", "it is a number"),
        ({"Confidence": (0.71, "71 points")}, "measure-not-a-number", "C31", "Confidence '71 points'"),
        ({"Confidence": (0.71, 0.81)}, "large-change", "B31, C31", "from 71.0% to 81.0% (+10 points): at least 10 po"),
        ({"Drugs_seized": (1.5, 3.5)}, "large-change", "B31, C31", "from 1.5 kg to 3.5 kg (+133.3%): at least 2 kg"),
        ({"Cash_seized": (100, 151)}, "large-change", "B31, C31", "from £100 to £151 (+51.0%): more than 25 %"),
    ],
)
def test_a_figure_that_cannot_be_or_moved_much(figures: Any, rule: str, cell: str, said: str) -> None:
    [finding] = checked(**figures)
    assert (finding.rule, finding.cell) == (rule, cell)
    assert said in finding.message


@pytest.mark.parametrize(
    "figures",
    [
        {"Confidence": (0.71, 0.8)},
        {"Confidence": (1, 0.95)},
        {"Trust": (0.5, 0.65)},
        {"Drugs_seized": (1, 2.9), "Offences_per_head": (60.5, 61), "Officers": (1, 40), "Balance": (-5, -10.5)},
        {"Cash_seized": (100, 149)},
    ],
)
def test_a_figure_that_can_be_is_left_alone(figures: Any) -> None:
    assert checked(**figures) == []


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("difference", "-5 points", None),
        ("difference", "-5 %", None),
        ("difference", -4, "Confidence -4, not -5.0"),
        ("percentage", 0.5, None),
    ],
)
def test_a_change_of_a_percentage_that_was_typed_over(key: str, typed: Value, said: str | None) -> None:
    """It is in points, however they are written; a percentage of a percentage says nothing."""
    of = Measure(NOW, "", "Confidence", QUARTERLY, 0.75, 0.7)
    typed_over = replace(sound("BURGLARY"), shown=((of, key, typed),))
    found = [f.message for f in check_all([typed_over], settings(), NOW)[0].findings if f.rule.startswith("diff")]
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_a_quarters_figure_is_not_held_against_a_years() -> None:
    """Where a measure of one name has both."""
    of = Measure(NOW, sound("BURGLARY").measures[0].strand, "Cash seized", QUARTERLY, 100, 110, cells=_cells(31))
    known = Master(NOW, measures=(replace(of, quarter=NOW.plus(-1), period=ROLLING, current=9_000),))
    returned = replace(sound("BURGLARY"), measures=(of,), shown=())
    found = {f.rule for f in check_all([returned], settings(), NOW, known)[0].findings}
    assert not found & {"rolling-year-jumped", "earlier-figure-differs"}


def test_figures_that_differ_beyond_what_is_printed_are_told_apart() -> None:
    of = Measure(NOW, sound("BURGLARY").measures[0].strand, "Confidence", QUARTERLY, 0.7101, 0.7101, cells=_cells(31))
    returned, known = replace(sound("BURGLARY"), measures=(of,), shown=()), replace(of, quarter=NOW.plus(-1))
    for reported, said in ((0.7104, "is 0.7101, but 0.7104 was"), (0.72, "is 71.0%, but 72.0% was")):
        master = Master(NOW, measures=(replace(known, current=reported),))
        [message] = [
            f.message for f in check_all([returned], settings(), NOW, master)[0].findings if "but" in f.message
        ]
        assert said in message


def test_a_percentage_has_no_percentage_of_its_own_on_a_sheet() -> None:
    now = settings()
    strand = now.strand_of("BURGLARY")
    assert strand
    measures = (Measure(NOW, strand.name, "Confidence", QUARTERLY, 0.71, 0.8),)
    account = strand_account(Master(NOW, measures=measures), NOW, strand, now)
    [row] = compared_block(account, now, QUARTERLY, to_fill_in=False).rows
    assert (plain(row["difference"]), row["unit"], account.compared(QUARTERLY)[0].share) == (9.0, "percent", None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("Confidence: percent", "Confidence: percents"), "write one of 'count', 'number'"),
        (lambda text: text.replace("[20, 100]", "[100, 20]"), "write the least first, then the most"),
        (lambda text: text.replace("{Drugs seized: 2,", "{Drugs taken: 2,"), "'Drugs taken' is not a measure"),
    ],
)
def test_what_config_cannot_say(change: Callable[[str], str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        settings(change(MEASURES))


def test_a_count_is_what_is_not_said_to_be_anything_else() -> None:
    strand = settings().strand_of("BURGLARY")
    assert strand
    assert strand.measures.unit("Officers") is COUNT

"""config.yaml: what is in the one that is shipped, and what a coordinator is told who got one wrong."""

from pathlib import Path

import pytest

from cpxl.config import load, parse
from cpxl.errors import Refused
from cpxl.quarters import Quarter
from cpxl.resources import resource

SHIPPED = resource("config.yaml").read_text(encoding="utf-8")
STRANDS = SHIPPED[SHIPPED.index("strands:\n") :]


def edited(old: str, new: str) -> str:
    """The shipped text with one change."""
    assert old in SHIPPED
    return SHIPPED.replace(old, new, 1)


def refusal(text: str) -> str:
    with pytest.raises(Refused) as refused:
        parse(text)
    return str(refused.value)


@pytest.mark.parametrize("unit", ["name: Hate Crime Offences, unit: number", "Hate Crime Offences: number"])
def test_a_measure_with_its_unit_beside_it(unit: str) -> None:
    said = refusal(edited("rolling_12_months: [Hate Crime Offences]", f"rolling_12_months: [{{{unit}}}]"))
    assert 'units: {"Hate Crime Offences": number}' in said
    assert parse(
        edited(
            "rolling_12_months: [Hate Crime Offences]",
            'rolling_12_months: [Hate Crime Offences]\n      units: {"Hate Crime Offences": number}',
        )
    )


def test_the_shipped_config_has_the_nine_strands_of_the_report() -> None:
    settings = parse(SHIPPED)
    assert [(strand.code, strand.name) for strand in settings.strands] == [
        ("DA", "Domestic Abuse"),
        ("GANGS", "Gangs and Knife Crime"),
        ("NTE", "Night-time Economy (NTE)"),
        ("CSE", "Child Abuse and Exploitation"),
        ("PREVENT", "Extremism and Radicalisation"),
        ("HATE", "Hate Crime"),
        ("DIGITAL", "Digital Crime and Fraud"),
        ("BURGLARY", "House Burglary and Street Robbery"),
        ("SOC", "Serious and Organised Crime"),
    ]
    assert [(plan.name, plan.in_summary, plan.total) for plan in settings.strands[4].plans] == [
        ("Prevent Delivery Plan", True, "Total strands"),
        ("CTLP progress", False, None),
    ]
    assert settings.current_quarter == Quarter(2020, 2)
    assert settings.financial_year_starts_in == 4


def test_what_may_be_left_out_has_defaults() -> None:
    settings = parse(
        "strategy: S\nforce: F\npartnership: P\nmarking: OFFICIAL\nfirst_quarter: 2020-21-Q1\n"
        "current_quarter: 2020/21 Q1\nstrands:\n  - {name: One, short_name: One, code: ONE, lead: DCI, plans: []}\n"
    )
    shipped = parse(SHIPPED)
    for key in ("folders", "thresholds", "quarters_shown", "financial_year_starts_in"):
        assert getattr(settings, key) == getattr(shipped, key)
    assert settings.strands[0].measures.quarterly == []


def test_a_strand_is_found_by_code_or_name() -> None:
    settings = parse(SHIPPED)
    assert settings.strand_of("NTE") is settings.strand_named("night-time  Economy (NTE)") is settings.strands[2]
    assert all(settings.strand_meant(text) is settings.strands[2] for text in ("NTE", "Night-time Economy"))
    assert settings.strand_of("Night-time Economy (NTE)") is settings.strand_named("NTE") is None


def test_a_grid_shows_the_last_quarters_but_none_before_its_plan() -> None:
    settings = parse(edited("quarters_shown: 8", "quarters_shown: 3"))
    plan = settings.strands[4].plans[0]  # from 2019/20 Q4 on
    assert settings.quarters(plan, Quarter(2020, 1)) == [Quarter(2019, 4), Quarter(2020, 1)]
    assert settings.quarters(plan, Quarter(2020, 3)) == [Quarter(2020, 1), Quarter(2020, 2), Quarter(2020, 3)]


def test_a_file_saved_by_notepad_is_read_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED.replace("\n", "\r\n").encode())
    assert load(path) == parse(SHIPPED)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SHIPPED, encoding="utf-16")
    with pytest.raises(Refused, match=r"^config\.yaml is not saved as UTF-8: .* save it"):
        load(path)


def test_the_refusal_names_the_file_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(edited("quarters_shown: 8", "quarters_shown: eight"), encoding="utf-8")
    with pytest.raises(Refused, match=r"^other\.yaml, line 12: "):
        load(path)


# What was changed, where that is (the first line with this text), what is said of it.
BAD = {
    "missing key": ("force: Essex Police\n", "", "strategy:", "'force' is missing here: add a line 'force: …'"),
    "missing key of a strand": ("    code: HATE\n", "", "  - name: Hate Crime", "'code' is missing here: add a line"),
    "misspelt key": ("quarters_shown:", "quarter_shown:", "quarter_shown", "is not a setting: write 'quarters_shown'"),
    "misspelt key of a plan": ("in_summary:", "in_sumary:", "in_sumary", "is not a setting: write 'in_summary'"),
    "unknown key": ("marking:", "colour: red\nmarking:", "colour", "'colour' is not a setting: remove it"),
    "key that is a number": ("marking:", "7: red\nmarking:", "7: red", "'7' is not a setting: remove it"),
    "word for a number": (
        "shown: 8",
        "shown: eight",
        "eight",
        "quarters_shown: 'eight' will not do: write a whole number",
    ),
    "marking of no scheme": ("marking: OFFICIAL", "marking: Restricted", "Restricted", "begin with one of OFFICIAL, "),
    "half a quarter": ("shown: 8", "shown: 8.5", "8.5", "quarters_shown: '8.5' will not do: write a whole number"),
    "number too small": ("shown: 8", "shown: 1", "shown: 1", "quarters_shown: '1' will not do: write 2 or more"),
    "number too large": ("shown: 8", "shown: 21", "shown: 21", "quarters_shown: '21' will not do: write 20 or less"),
    "negative threshold": ("count: 50", "count: -1", "count: -1", "change_count: '-1' will not do: write 0 or more"),
    "threshold in words": ("percent: 25", "percent: 25%", "25%", "change_percent: '25%' will not do: write a number"),
    "word for yes or no": (
        *("in_summary: false", "in_summary: seldom", "seldom"),
        "in_summary: 'seldom' will not do: write true or false",
    ),
    "number for text": ("force: Essex Police", "force: 7", "force: 7", "force: '7' will not do: write text, in quotes"),
    "text left out": ("force: Essex Police", "force:", "force:", "force: a blank will not do: write text"),
    "text for a list": ("plans: []", "plans: none", "plans: none", "plans: 'none' will not do: write a list"),
    "text for a section": (
        "measures:\n      rolling_12_months: [NTE Offences]",
        "measures: few",
        "few",
        "will not do",
    ),
    "no statuses": ("statuses: *usual", "statuses: {}", "statuses: {}", "a blank will not do: write at least one"),
    "bad quarter": (
        *("current_quarter: 2020/21 Q2", "current_quarter: 2020/22 Q2", "2020/22"),
        "current_quarter: '2020/22 Q2' is not a quarter; write it like 2020/21 Q2",
    ),
    "bad quarter of a plan": ("2020/21 Q1", "summer", "summer", "'summer' is not a quarter; write it like 2020/21 Q2"),
    "bad month": ("in: April", "in: Apr", "in: Apr", "starts_in: write a month by its name, such as April"),
    "bad role": (
        *("At risk: at_risk", "At risk: risky", "risky"),
        "At risk: 'risky' will not do: write one of 'total', 'complete', 'ongoing', 'at_risk' or 'nothing'",
    ),
    "two totals": ("Complete: complete", "Complete: total", "Complete: total", "write 'total' after one status only"),
    "summary plan without total": (
        *("        in_summary: false", "        #", "  - name: CTLP progress"),
        "needs a status that is the total; add one, or write in_summary: false",
    ),
    "key twice": (
        *("marking:", "force: Kent Police\nmarking:", "force: Kent"),
        "'force' stands here a second time: remove one of the two",
    ),
    "status twice": (
        *("          At risk: at_risk", "          Complete: at_risk", "          Complete: at_risk"),
        "'Complete' stands here a second time: remove one of the two",
    ),
    "plan twice": (
        *("- name: Gangs / County Lines", "- name: knife  crime", "- name: knife  crime"),
        "two plans are called 'Knife Crime'; give each its own",
    ),
    "code in small letters": (
        *("code: GANGS", "code: gangs", "code: gangs"),
        "code: 'gangs' will not do: write capital letters and digits only, such as GANGS",
    ),
    "sheet name too long": (
        *("short_name: Hate Crime", f"short_name: {'H' * 32}", "HHHH"),
        f"short_name: '{'H' * 32}' will not do: write at most 31 characters",
    ),
    "sheet name with a slash": (
        *("short_name: Hate Crime", "short_name: Hate/Crime", "Hate/"),
        r"a sheet's name cannot have any of [ ] : * ? / \ in it",
    ),
    "sheet name in quotes": (
        *("short_name: Hate Crime", "short_name: \"'Hate'\"", "'Hate'"),
        "a sheet's name cannot begin or end with an apostrophe; write it without",
    ),
    "sheet name of another sheet": (
        *("short_name: Hate Crime", "short_name: risk REGISTER", "REGISTER"),
        "'risk REGISTER' is the name of another sheet of the master; write a different one",
    ),
    "folder that climbs out": ("returns: returns", "returns: a/../../b", "a/..", "write the name of a folder inside"),
    "folder elsewhere": ("returns: returns", "returns: /srv", "/srv", "write the name of a folder inside the working"),
    "folder on a drive": ("returns: returns", "returns: C:\\x", "C:", "write the name of a folder inside the working"),
    "tab": ("  issued: issued", "\tissued: issued", "\tissued", "this is not valid YAML"),
    "indentation": (
        "  returns: returns",
        "   returns: returns",
        "   returns",
        "look at indentation, colons and quotes",
    ),
    "no strands": (STRANDS, "strands: []\n", "strands: []", "strands: a blank will not do: write at least one"),
    "strands left out": (STRANDS, "", "strategy:", "'strands' is missing here: add a line 'strands: …'"),
    "strand without settings": (STRANDS, "strands:\n  - Fraud\n", "Fraud", "'Fraud' will not do: write its settings"),
    "empty file": (SHIPPED, "", "", "'strategy' is missing here: add a line 'strategy: …'"),
    "some other text": (SHIPPED, "Dear all,\n", "Dear", "'Dear all,' will not do: write its settings as lines"),
    "a section in another that is none": (
        "{title: Strands at risk, kind: at_risk}",
        "{title: Strands at risk, kind: strands}",
        "      - {title: Strands",
        "'strands' is a section of its own: move it out of this one",
    ),
    "a section twice": (
        "kind: exception}",
        "kind: at_risk}",
        "      - {title: Delivery/",
        "'at_risk' stands in the report once already; remove one of the two",
    ),
    "two sections of one title": (
        "- title: Consultation/Engagement",
        "- title: purpose of report",
        "  - title: purpose of report",
        "two sections are called 'Purpose of Report'; give each its own title",
    ),
    "an extract for another strand": (
        "- strand: BURGLARY\n        measure",
        "- strand: BURGLARIES\n        measure",
        "      - strand: BURGLARIES",
        "'BURGLARIES' is not a strand",
    ),
    "an extract for another measure": (
        "        measure: Robbery (Personal) Offences",
        "        measure: Robberies",
        "        measure: Robberies",
        "'Robberies' is not a measure",
    ),
    "a time zone": (
        "# time_zone: Europe/London ",
        "time_zone: Essex ",
        "time_zone: Essex",
        "write a time zone by its name, such as Europe/London",
    ),
    "very long text": ("shown: 8", f"shown: [{'a, ' * 99}a]", "[a, a", "…' will not do: write a whole number"),
}


@pytest.mark.parametrize(("old", "new", "where", "says"), BAD.values(), ids=BAD)
def test_a_bad_config_is_refused_with_its_line_and_what_to_write(old: str, new: str, where: str, says: str) -> None:
    text = edited(old, new)
    message = refusal(text)
    assert message.startswith(f"config.yaml, line {text[: text.index(where)].count(chr(10)) + 1}: ")
    assert says in message
    assert "\n" not in message
    assert len(message) < 250
    assert message.endswith(".")
    for jargon in ("pydantic", "Traceback", "http", "nput should", "validation", "dictionary", "instance", "None"):
        assert jargon not in message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("checked: checked", "checked: Returns", "two folders are called 'returns'; give each its own"),
        ("code: GANGS", "code: DA", "two strand codes are called 'DA'; give each its own"),
        ("name: Hate Crime", "name: domestic abuse", "two strand names are called 'Domestic Abuse'"),
        (
            "short_name: Hate Crime",
            "short_name: domestic abuse",
            "'domestic abuse' is the name of 'Domestic Abuse' and a short_name here",
        ),
    ],
)
def test_no_two_may_share_a_name(old: str, new: str, says: str) -> None:
    assert says in refusal(edited(old, new))


def test_characters_that_no_text_has_are_refused() -> None:
    assert refusal(edited("Essex", "\0")).startswith("config.yaml is not valid YAML: it has characters")

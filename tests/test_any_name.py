"""Any name that config accepts, through two quarters: issue, fill in, consolidate, publish. Any other is refused."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from defusedxml import ElementTree
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from cpxl.cli import app
from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.names import alike, utf16_length, why_not
from tests.values import SUMMED, columns
from tests.work import LONG

QUARTERS = ("2020/21 Q1", "2020/21 Q2")
BITING = (
    *("O'Brien", "'quoted", 'Say "done"', '"', "R&G", "&P of &N", "<b>", "a > b", "Fish, chips", "=1+1", "+44", "-"),
    *("@all", "007", "1/2", "2020-01-01", "5%", "1e5", "TRUE", "no", "null", "~", "2020/21 Q1", "Month", "Note"),
    *("Status", "Strand", "Go!A1", "Go!", "#REF!", "[Table]", "{0}", "%s", "\\", "Hate Crime", "Hate-Crime"),
    *("Cafe\u0301", "Caf\u00e9 A", "Caf A", "Сбыт", "Кражи", "防犯", "قضية", "🔥 Arson", "Total strands", "Complete"),
    *("A: B", "B: C", "X", "X: total", "count: X", "CON", "Nul. plan", ".hidden", "~$x", "a  b", "a\u00a0b", "_x41_"),
    *("None", "Open", "x" * 200, "🔥" * 100, "&" * 200, '"' * 200),
)
TEXTS = st.one_of(
    st.sampled_from(BITING),
    st.text(st.sampled_from("'\"&<>=+-@!#%$,;:.()[]{}/\\*?|~^` aAéß0"), min_size=1, max_size=8),
    st.text(min_size=1, max_size=12),
)
NAMES = TEXTS.map(str.strip).filter(lambda text: text and why_not(text) is None)
SHEETS = NAMES.filter(lambda text: len(text.encode("utf-16-le")) <= 62 and not re.search(r"[\[\]:*?/\\]|^'|'$", text))


def distinct(names: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(names, min_size=least, max_size=most, unique_by=alike)


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A config.yaml that names things in any way."""
    strands = draw(st.integers(1, 2))
    names, sheets = draw(distinct(NAMES, strands, strands)), draw(distinct(SHEETS, strands, strands))
    return {
        **{key: draw(NAMES) for key in ("strategy", "force", "partnership")},
        "marking": f"OFFICIAL {draw(NAMES.filter(lambda name: len(name.encode('utf-16-le')) <= 180))}",
        "first_quarter": QUARTERS[0],
        "current_quarter": QUARTERS[0],
        "strands": [
            {
                "name": name,
                "short_name": sheet,
                "code": f"S{number}",
                "lead": draw(NAMES),
                "plans": [
                    {
                        "name": plan,
                        "first_quarter": QUARTERS[0],
                        "statuses": dict(zip(statuses, ("total", "complete", "ongoing", "nothing"), strict=False)),
                    }
                    for plan in draw(distinct(NAMES, 0, 2))
                    for statuses in [draw(distinct(NAMES, 2, 4))]
                ],
                "measures": {
                    "rolling_12_months": draw(distinct(NAMES, 0, 2)),
                    "quarterly": draw(distinct(NAMES, 0, 2)),
                },
            }
            for number, (name, sheet) in enumerate(zip(names, sheets, strict=True))
        ],
    }


def one_with(name: str) -> dict[str, Any]:
    """The smallest config in which everything is called so."""
    return {
        **dict.fromkeys(("strategy", "force", "partnership"), name),
        "marking": f"OFFICIAL {name[:40]}",
        "first_quarter": QUARTERS[0],
        "current_quarter": QUARTERS[0],
        "strands": [
            {
                "name": name,
                "short_name": re.sub(r"[\[\]:*?/\\]", "-", name)[:15],
                "code": "S1",
                "lead": name,
                "plans": [
                    {
                        "name": name,
                        "first_quarter": QUARTERS[0],
                        "statuses": {name: "total", f"{name[:90]}.": "complete"},
                    }
                ],
                "measures": {"rolling_12_months": [name], "quarterly": [name]},
            }
        ],
    }


@pytest.mark.filterwarnings("error:::xlsxwriter")  # by which it says that it left something out
@given(config=configs())
@settings(max_examples=200 if LONG else 1, suppress_health_check=list(HealthCheck))
@example(one_with("O'Brien"))
@example(one_with('Say "done"'))
@example(one_with("=Go!A1&G"))
@example(one_with("Кражи"))
@example(one_with("🔥" * 100))
def test_any_name_that_is_accepted_works(config: dict[str, Any]) -> None:
    try:
        parse(yaml.safe_dump(config, allow_unicode=True))
    except Refused as refused:
        assert re.match(r"config\.yaml, line \d+: .*[^.]\.$", str(refused)), refused
        event("refused")
        assume(False)
    with TemporaryDirectory() as path:
        _through_two_quarters(Path(path), config)


def _through_two_quarters(folder: Path, config: dict[str, Any]) -> None:
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    reported: dict[tuple[str, str, str, str], int] = {}
    for number, quarter in enumerate(QUARTERS):
        issued = cpxl(folder, "issue", "-q", quarter)["outputs"]["returns"]
        for strand, path in zip(config["strands"], map(Path, issued), strict=True):
            form = Form(path, strand)
            for plan, earlier in form.earlier(quarter).items():
                of = (QUARTERS[0], strand["name"], plan)
                assert earlier == {key[3]: value for key, value in reported.items() if key[:3] == of}
            reported |= {(quarter, strand["name"], *of): value for of, value in form.fill_in(quarter, number).items()}
            form.book.save(folder / "returns" / quarter.replace("/", "-").replace(" ", "-") / path.name)
        said = cpxl(folder, "consolidate", "-q", quarter)
        assert [r["accepted"] for r in said["returns"]] == [True] * len(issued), said["returns"]
        assert said["missing"] == []
        lines = [_line(strand, quarter, reported) for strand in config["strands"]]
        assert [{key: row[key] for key in lines[0]} for row in said["summary"]] == lines
        data = _data(folder / "master.xlsx", "Progress")
        assert {(row[0], row[1], row[2], row[3]): row[4] for row in data} == reported
        measured = {(q, s, m, p): (was, now) for q, s, m, p, was, now, *_ in _data(folder / "master.xlsx", "Measures")}
        for strand in config["strands"]:
            for period, names in (("12 months", "rolling_12_months"), ("Quarter", "quarterly")):
                for at, name in enumerate(strand["measures"][names]):
                    assert measured[quarter, strand["name"], name, period][1] == _count(number, names, at)
        path = Path(cpxl(folder, "publish", "-q", quarter)["outputs"]["partner"])
        _compare_partner(load_workbook(path), config, quarter, reported, lines)
        for footer in _footers(path):
            assert '&C&10&"-,Bold"' + config["marking"].replace("&", "&&") + "\n" in footer
            assert "\nPage &P of &N" in footer  # a line below the marking
            assert utf16_length(footer) <= 255


def _compare_partner(partner: Any, config: dict[str, Any], quarter: str, reported: dict[Any, int], lines: Any) -> None:
    summary = _rows(partner["Executive summary"], "summary")
    lines_printed = columns(summary, *SUMMED)[1:-1]
    printed = [[None if value == "N/A" else value for value in row] for row in lines_printed]
    assert printed == [list(line.values()) for line in lines]
    for strand in config["strands"]:
        page = partner[strand["short_name"]]
        assert page["A1"].value == strand["name"]
        grids = [_rows(page, name.removeprefix("cpxl_")) for name in _grids(page)]
        for plan, grid in zip(strand["plans"], grids, strict=True):
            column = grid[0].index(quarter)
            found = {row[0]: row[column] for row in grid[1:]}
            assert found == {s: reported[quarter, strand["name"], plan["name"], s] for s in plan["statuses"]}


class Form:
    """An issued return, filled in as a lead would."""

    def __init__(self, path: Path, strand: dict[str, Any]) -> None:
        self.book, self.strand = load_workbook(path), strand
        self.page = self.book.worksheets[1]
        assert self.page.title == strand["short_name"]

    def earlier(self, quarter: str) -> dict[str, dict[str, int]]:
        """The figures of the first quarter, by plan and status, if they are not to be filled in."""
        found = {}
        for plan, name in zip(self.strand["plans"], _grids(self.page), strict=True):
            grid = _rows(self.page, name.removeprefix("cpxl_"))
            at = grid[0].index(QUARTERS[0])
            found[plan["name"]] = {row[0]: row[at] for row in grid[1:] if quarter != QUARTERS[0]}
        return found

    def fill_in(self, quarter: str, number: int) -> dict[tuple[str, str], int]:
        figures: dict[tuple[str, str], int] = {}
        for plan, name in zip(self.strand["plans"], _grids(self.page), strict=True):
            grid = _cells(self.page, name.removeprefix("cpxl_"))
            column = [cell.value for cell in grid[0]].index(quarter)
            parts = {status: 3 * at + number + 1 for at, status in enumerate([*plan["statuses"]][1:])}
            values = {next(iter(plan["statuses"])): sum(parts.values())} | parts
            for row in grid[1:]:
                row[column].value = values[row[0].value]
            figures |= {(plan["name"], status): value for status, value in values.items()}
        for names, block in (("rolling_12_months", "rolling"), ("quarterly", "quarterly")):
            measures = self.strand.get("measures", {}).get(names, [])
            for row in _cells(self.page, block)[1:] if measures else ():
                count = _count(number, names, measures.index(row[0].value))
                for cell in row:
                    if not cell.protection.locked and not cell.alignment.wrap_text:  # a figure, and no comment
                        cell.value = count
        _cells(self.page, "achieved")[1][0].value = "Visits"  # so that no form is empty
        return figures


def _count(number: int, names: str, at: int) -> int:
    return 100 + 10 * at + number + len(names)


def _line(strand: dict[str, Any], quarter: str, reported: dict[Any, int]) -> dict[str, Any]:
    line: dict[str, Any] = {"strand": strand["name"], "total": None, "complete": None, "ongoing": None, "at_risk": None}
    for plan in strand["plans"]:
        for status, counts in plan["statuses"].items():
            if counts != "nothing":
                line[counts] = (line[counts] or 0) + reported[quarter, strand["name"], plan["name"], status]
    return line


def cpxl(folder: Path, *words: str) -> dict[str, Any]:
    """What a command says with --json."""
    with redirect_stdout(io.StringIO()) as out:
        app([*words, "--folder", str(folder), "--json"], standalone_mode=False)
    return dict(json.loads(out.getvalue()))


def _grids(page: Any) -> list[str]:
    """The blocks of the sheet's progress grids, top to bottom."""
    grids = [name for name in page.defined_names if name.startswith("cpxl_progress_")]
    return sorted(grids, key=lambda name: _area(page, name)[1])


def _footers(path: Path) -> list[str]:
    """The footer of each sheet, as the file has it: openpyxl takes those with quotes in them apart wrongly."""
    with ZipFile(path) as parts:
        pages = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        return [ElementTree.fromstring(parts.read(page)).findtext(".//{*}oddFooter") or "" for page in pages]


def _area(page: Any, name: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(page.defined_names[name].attr_text.rpartition("!")[2])
    return int(left or 0), int(top or 0), int(right or 0), int(bottom or 0)


def _cells(page: Any, block: str) -> list[Any]:
    left, top, right, bottom = _area(page, f"cpxl_{block}")
    return list(page.iter_rows(top, bottom, left, right))


def _rows(page: Any, block: str) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in _cells(page, block)]


def _data(path: Path, sheet: str) -> list[list[Any]]:
    """The rows of a data table of the master."""
    page = load_workbook(path)[sheet]
    rows = _rows(page, f"data_{sheet.lower()}")[1:]
    return [row for row in rows if any(value is not None for value in row)]


@given(text=st.text(min_size=1))
@settings(max_examples=2000 if LONG else 100)
def test_any_other_text_is_refused_in_one_sentence(text: str) -> None:
    config = one_with("Name")
    config["strands"][0]["plans"][0]["statuses"]["@@"] = "nothing"
    escaped = "".join(f"\\U{ord(c):08x}" for c in text)  # a file of text cannot have every character
    written = json.dumps(config, indent=1).replace("@@", escaped)
    try:
        plan = parse(written).strands[0].plans[0]
    except Refused as refused:
        assert str(refused).isprintable()
        found = re.fullmatch(r"config\.yaml, line (\d+): .*[^.]\.", str(refused))
        assert found, refused
        assert escaped in written.splitlines()[int(found[1]) - 1]
        event("refused")
    else:
        assert [*plan.statuses][-1] == text.strip()

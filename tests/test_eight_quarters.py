"""Two years of the strategy: after each quarter, every figure in every sheet is that of a plain account.

The account of what was returned is kept here, in dictionaries; the returns are filled in with openpyxl, in the issued
files, as a lead would.
"""

import csv
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpxl import workflow
from cpxl.folder import WorkingFolder
from cpxl.quarters import Quarter
from tests.form import Form
from tests.values import table, values

FIRST, LAST = Quarter(2020, 1), Quarter(2021, 4)
ENTRIES = Path(__file__).parents[1] / "tools" / "demo_returns.yaml"
HISTORY = Path(workflow.__file__).parent / "demo" / "history.csv"
KINDS = {  # what each status counts as in the executive summary
    "Total strands": "total",
    "Complete": "complete",
    "Ongoing / In progress": "ongoing",
    "Paused due to COVID": "ongoing",
    "Paused": "ongoing",
    "At risk": "at_risk",
}
NOT_COUNTED = {"CTLP progress"}
OPENED = {("2020/21 Q4", "DA"), ("2021/22 Q1", "DIGITAL"), ("2021/22 Q3", "DA")}
CLOSED = {("2020/21 Q3", "SOC"), ("2021/22 Q2", "DA"), ("2021/22 Q2", "GANGS"), ("2021/22 Q4", "DIGITAL")}
MEASURE = "NTE Offences"


@dataclass
class Account:
    """What was returned, by quarter and strand's name."""

    progress: dict[tuple[Quarter, str], dict[tuple[str, str], Any]] = field(default_factory=dict)
    measures: dict[tuple[Quarter, str], dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    risks: dict[tuple[Quarter, str], dict[str, tuple[str, str]]] = field(default_factory=dict)  # id: text, state
    achieved: dict[tuple[Quarter, str], list[str]] = field(default_factory=dict)
    scheduled: dict[tuple[Quarter, str], list[str]] = field(default_factory=dict)

    def rename(self, old: str, new: str) -> None:
        """A status is called something else from now on, in the past as well."""
        for key, figures in self.progress.items():
            self.progress[key] = {(p, new if s == old else s): value for (p, s), value in figures.items()}

    def summary(self, quarter: Quarter, strand: str) -> dict[str, int] | None:
        """A strand's line of the executive summary; None if it has no figures of the quarter."""
        figures = self.progress.get((quarter, strand))
        if not figures:
            return None
        line = dict.fromkeys(("total", "complete", "ongoing", "at_risk"), 0)
        for (plan, status), value in figures.items():
            if plan not in NOT_COUNTED:
                line[KINDS[status]] += value
        return line

    def last(self, quarter: Quarter, strand: str) -> Quarter | None:
        """The last quarter up to this one of which there are figures."""
        return max((q for q, name in self.progress if name == strand and q <= quarter), default=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> WorkingFolder:
    return workflow.demo(tmp_path_factory.mktemp("years") / "folder")[0]


def test_eight_quarters(folder: WorkingFolder) -> None:
    account = _the_first_two(folder)
    _compare(folder, account, Quarter(2020, 2))
    quarter = Quarter(2020, 3)
    while quarter <= LAST:
        folder = _config_of(folder, quarter)
        if str(quarter) == "2021/22 Q1":
            account.rename("Paused due to COVID", "Paused")
        forms = {path.stem.split()[-1]: path for path in workflow.issue(folder, quarter)}
        for strand in folder.settings.as_of(quarter).strands:
            if (str(quarter), strand.code) != ("2021/22 Q1", "HATE"):  # which comes late
                _return(folder, quarter, strand, forms[strand.code], account)
        _consolidate(folder, quarter)
        _compare(folder, account, quarter)
        if str(quarter) == "2021/22 Q2":
            hate = folder.settings.strand_of("HATE")
            late = quarter.plus(-1)
            _return(folder, late, hate, folder.issued(late) / f"{late.folder} HATE.xlsx", account)
            _consolidate(folder, late)
            _compare(folder, account, quarter)
        if str(quarter) == "2021/22 Q3":
            _correct(folder, account)
            _compare(folder, account, quarter)
            corrected = table(folder.master, "Returns", "Strand", last=True)
            assert _corrections(folder) == [
                ["Night-time Economy (NTE)", "2020/21 Q4", "Night-time Economy: Complete", 15, 16],
                ["Night-time Economy (NTE)", "2020/21 Q4", "Night-time Economy: Ongoing / In progress", 6, 5],
            ], corrected
        quarter = quarter.plus(1)


def _the_first_two(folder: WorkingFolder) -> Account:
    """The reference's two quarters, from the files that they come from."""
    account = Account()
    with HISTORY.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (Quarter.parse(row["quarter"]), row["strand"])
            value = int(row["value"]) if row["value"].isdigit() else row["value"]
            account.progress.setdefault(key, {})[row["plan"], row["status"]] = value
    for code, entries in yaml.safe_load(ENTRIES.read_text(encoding="utf-8")).items():
        strand = folder.settings.strand_of(code)
        assert strand
        key = (Quarter(2020, 2), strand.name)
        account.progress[key] = {
            (plan, status): value
            for plan, figures in entries.get("progress", {}).items()
            for status, value in figures.items()
        }
        account.measures[key] = {
            entry["measure"]: (entry.get("previous"), entry["current"])
            for kind in ("rolling", "quarterly")
            for entry in entries.get(kind, [])
        }
        account.risks[key] = {
            f"{code}-{n}": (risk["description"].strip(), "Open") for n, risk in enumerate(entries.get("risks", []), 1)
        }
        account.achieved[key] = [item["activity"].strip() for item in entries["achieved"]]
        account.scheduled[key] = [item["activity"].strip() for item in entries["scheduled"]]
    return account


def _config_of(folder: WorkingFolder, quarter: Quarter) -> WorkingFolder:
    """What the coordinator changes in config.yaml before a quarter."""
    path = folder.path / "config.yaml"
    text = path.read_text(encoding="utf-8")
    if str(quarter) == "2021/22 Q1":
        text = text.replace("Paused due to COVID: ongoing", "Paused: ongoing")
        text = text.replace(
            "          At risk: at_risk\n    measures:\n      rolling_12_months: [NTE Offences]",
            "          At risk: at_risk\n        renamed: {Paused due to COVID: Paused}\n"
            "    measures:\n      rolling_12_months: [NTE Offences]",
        )
        text = text.replace(
            "      - name: Hate Crime\n        first_quarter: 2020/21 Q1\n        statuses: *usual\n",
            "      - name: Hate Crime\n        first_quarter: 2020/21 Q1\n        statuses: *usual\n"
            "      - name: Online Hate\n        first_quarter: 2021/22 Q1\n        statuses: *usual\n",
        )
    if str(quarter) == "2021/22 Q2":
        text = text.replace("    code: BURGLARY\n", "    code: BURGLARY\n    last_quarter: 2021/22 Q2\n")
    path.write_text(text, encoding="utf-8")
    return WorkingFolder.open(folder.path)


def _return(folder: WorkingFolder, quarter: Quarter, strand: Any, issued: Path, account: Account) -> None:
    """Fill in an issued return, note in the account what was entered, and put it into the returns folder."""
    form, key = Form(issued), (quarter, strand.name)
    last = account.last(quarter.plus(-1), strand.name)
    change = ((str(quarter), strand.code) in OPENED) - ((str(quarter), strand.code) in CLOSED)
    account.progress[key] = {}
    for n, plan in enumerate(strand.as_of(quarter).plans):
        before = account.progress[last, strand.name] if last else {}
        was = {s: v for (p, s), v in before.items() if p == plan.name}
        was = {plan.renamed.get(status, status): value for status, value in was.items()} if was else {}
        figures = _next(was, list(plan.statuses), change if n == len(strand.plans) - 1 else 0)
        title = f"Progress: {plan.name}"
        assert form.labels(title) == list(plan.statuses)
        for row, status in enumerate(plan.statuses):
            earlier = account.progress.get((quarter.plus(-1), strand.name), {}).get((plan.name, status))
            if quarter.plus(-1) >= plan.first_quarter and earlier is not None:
                assert form.value(title, row, str(quarter.plus(-1))) == earlier
            form.type(title, row, str(quarter), figures[status])
            account.progress[key][plan.name, status] = figures[status]
    _risks(form, key, strand, change, account)
    _measures(form, key, strand, account)
    due = account.scheduled.get((quarter.plus(-1), strand.name), [])
    assert form.labels("Scheduled last time") == (due or ["Nothing was scheduled last time."])
    for row in range(len(due)):
        form.type("Scheduled last time", row, "What became of it", "Delivered")
    for kind, title in (("achieved", "Delivery achieved last quarter"), ("scheduled", "Delivery scheduled for")):
        full = next(str(c.value) for c in form.page["A"] if str(c.value).startswith(title))
        text = f"{kind.capitalize()} by {strand.code} in {quarter}"
        form.type(full, 0, "Activity", text)
        form.type(full, 0, "Impact" if kind == "achieved" else "Anticipated", "Fewer calls")
        getattr(account, kind)[key] = [text]
    form.type("Delivery scheduled for this quarter", 0, "When", f"{quarter.plus(1)}")
    path = folder.returns(quarter) / f"{strand.code} back.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    form.book.save(path)


def _next(was: dict[str, int], statuses: list[str], change: int) -> dict[str, int]:
    """Next quarter's figures of a plan: one more complete where one is ongoing; `change` of those at risk."""
    figures = {status: was.get(status, 0) for status in statuses} if was else dict.fromkeys(statuses, 2)
    figures["At risk"] = figures.get("At risk", 0) + change if was else 0
    figures["Ongoing / In progress"] -= change
    if figures["Ongoing / In progress"] > 0:
        figures["Ongoing / In progress"] -= 1
        figures["Complete"] += 1
    if "Total strands" in statuses:
        figures["Total strands"] = 0
        figures["Total strands"] = sum(figures.values())
    return {status: figures[status] for status in statuses}


def _risks(form: Form, key: tuple[Quarter, str], strand: Any, change: int, account: Account) -> None:
    """Check those carried over, close the first or open another."""
    last = account.last(key[0].plus(-1), strand.name) or key[0].plus(-1)
    carried = {i: text for i, (text, state) in account.risks.get((last, strand.name), {}).items() if state == "Open"}
    rows = [label for label in form.labels("Work at risk") if label]
    assert [form.value("Work at risk", n, "Risk id") for n in range(len(rows))] == list(carried)
    now = {i: (text, "Open") for i, text in carried.items()}
    if change < 0:
        first = next(iter(now))
        now[first] = (now[first][0], "Closed")
        form.type("Work at risk", 0, "Open or closed", "Closed")
    if change > 0:
        ever = {i for (_, name), risks in account.risks.items() if name == strand.name for i in risks}
        text = f"Something at risk in {key[0]}"
        for heading, value in (("Work at risk", text), ("Mitigating", "Act on it"), ("Response", "Treat")):
            form.type("Work at risk", len(rows), heading, value)
        now[f"{strand.code}-{len(ever) + 1}"] = (text, "Open")
    account.risks[key] = now


def _measures(form: Form, key: tuple[Quarter, str], strand: Any, account: Account) -> None:
    """The earlier figure is there if it was reported then; the later one goes up by 7 a quarter."""
    quarter = key[0]
    account.measures[key] = {}
    blocks = (
        ("Insights: rolling 12 months", strand.measures.rolling_12_months, 4, "12 months to"),
        ("Insights: this quarter against last", strand.measures.quarterly, 1, ""),
    )
    for title, names, back, heading in blocks:
        for row, name in enumerate(names):
            known = account.measures.get((quarter.plus(-back), strand.name), {}).get(name)
            previous = known[1] if known else 1000 + row
            current = previous + 7
            top = form.heading(title)
            if known and heading:
                assert str(form.page.cell(top + 1 + row, 2).value).endswith(f",{previous})")  # until months are given
            elif known:
                assert form.page.cell(top + 1 + row, 2).value == previous
            form.page.cell(top + 1 + row, 2).value = previous
            form.page.cell(top + 1 + row, 3).value = current
            account.measures[key][name] = (previous, current)


def _correct(folder: WorkingFolder, account: Account) -> None:
    """A return of an earlier quarter comes again with other figures, on the form of then."""
    quarter = Quarter(2020, 4)
    path = folder.returns(quarter) / "NTE back.xlsx"
    form = Form(path)
    title = "Progress: Night-time Economy"
    for row, status, more in ((1, "Complete", 1), (2, "Ongoing / In progress", -1)):
        value = form.value(title, row, str(quarter)) + more
        form.type(title, row, str(quarter), value)
        account.progress[quarter, "Night-time Economy (NTE)"]["Night-time Economy", status] = value
    form.book.save(path)
    _consolidate(folder, quarter)


def _consolidate(folder: WorkingFolder, quarter: Quarter) -> None:
    checks, _ = workflow.consolidate_folder(folder, quarter)
    assert [(c.returned.file, f) for c in checks.checked for f in c.findings if f.severity == "error"] == []


# The sheets against the account


def _compare(folder: WorkingFolder, account: Account, quarter: Quarter) -> None:
    strands = folder.settings.as_of(quarter).strands
    path = folder.master
    expected, whole, complete = [], dict.fromkeys(("total", "complete", "ongoing", "at_risk"), 0), {}
    for strand in strands:
        at = account.last(quarter, strand.name)
        line = account.summary(at, strand.name) if at else None
        figures = list(line.values()) if line else ["N/A"] * 4
        expected.append([strand.name, *figures, str(at) if line else "N/A"])
        if line and at == quarter:
            whole = {key: whole[key] + line[key] for key in whole}
        complete[strand.name] = [
            then["complete"] if (then := account.summary(q, strand.name)) else None
            for q in sorted({q for q, _ in account.progress})
            if quarter.plus(-7) <= q <= quarter
        ]
    rows = table(path, "Executive summary", "Strand")
    assert [[*row[:5], row[7]] for row in rows[1:-1]] == expected
    assert rows[-1][1:5] == list(whole.values())
    by_quarter = table(path, "Executive summary", "Strand", last=True)
    assert {row[0]: row[1 : 1 + len(complete[row[0]])] for row in by_quarter[1:]} == complete
    risks = [
        (i, text)
        for strand in strands
        if (at := max((q for q, n in account.risks if n == strand.name and q <= quarter), default=None))
        for i, (text, state) in account.risks[at, strand.name].items()
        if state == "Open"
    ]
    at_risk = table(path, "Executive summary", "Work at risk")[1:]
    listed = [(row[4], str(row[0]).partition(". ")[2]) for row in at_risk if row[4]]
    assert listed == risks
    for strand in strands:
        _compare_strand(path, account, quarter, strand)
    _compare_register(path, account, quarter)
    _compare_insights(path, account, quarter, strands)
    _compare_data(folder, account)


def _compare_strand(path: Path, account: Account, quarter: Quarter, strand: Any) -> None:
    rows = values(path, strand.short_name)
    for plan in strand.plans:
        start = next(n for n, row in enumerate(rows) if row[0] == f"Progress: {plan.name}")
        top = next(n for n in range(start, start + 5) if rows[n][0] == "Status")
        for row in rows[top + 1 : top + 1 + len(plan.statuses)]:
            for heading, value in zip(rows[top][1:], row[1:], strict=True):
                if heading and str(heading).startswith("20"):
                    figures = account.progress.get((Quarter.parse(heading), strand.name), {})
                    assert value == figures.get((plan.name, row[0])), (strand.name, heading, row)
    key = (quarter, strand.name)
    start = next(n for n, row in enumerate(rows) if row[0] == "Delivery achieved last quarter")
    assert [rows[start + 2 + n][0] for n in range(len(account.achieved.get(key, [])))] == account.achieved.get(key, [])


def _compare_register(path: Path, account: Account, quarter: Quarter) -> None:
    expected: dict[str, tuple[str, str, str, str]] = {}
    for (q, _), risks in sorted(account.risks.items(), key=lambda item: item[0]):
        for i, (text, state) in risks.items():
            if q <= quarter:
                first = expected[i][2] if i in expected else str(q)
                expected[i] = (text, state, first, str(q))
    rows = table(path, "Risk register", "Risk id")
    at = {str(heading): n for n, heading in enumerate(rows[0])}
    found = {
        row[0]: (row[at["Work at risk"]], row[at["Status"]], row[at["First raised"]], row[at["Last updated"]])
        for row in rows[1:]
        if row[0] != "None"
    }
    assert found == expected


def _compare_insights(path: Path, account: Account, quarter: Quarter, strands: Any) -> None:
    rows = table(path, "Insights", "Strand")[1:]
    expected = []
    for strand in strands:
        names = [*strand.measures.rolling_12_months, *strand.measures.quarterly]
        for name in names:
            at = max((q for (q, n), m in account.measures.items() if n == strand.name and name in m and q <= quarter))
            previous, current = account.measures[at, strand.name][name]
            known = previous is not None
            expected.append(
                [
                    *(strand.name, name, previous, current),
                    current - previous if known else None,
                    (_share(current - previous, previous) if previous else "N/A") if known else None,
                ]
            )
    found = [[row[0], row[1], row[3], row[4], _or_none(row[5]), _rounded(row[6])] for row in rows]
    assert found == [[_or_none(value) for value in row] for row in expected]


def _share(change: int, of: int) -> float:
    """As it is printed: to a tenth of a per cent, a half away from zero."""
    return float((Decimal(change) / Decimal(of)).quantize(Decimal("0.001"), ROUND_HALF_UP))


def _or_none(value: Any) -> Any:
    return None if value == "" else value


def _rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else _or_none(value)


def _compare_data(folder: WorkingFolder, account: Account) -> None:
    rows = table(folder.master, "Progress", "quarter")[1:]
    assert {tuple(row[:5]) for row in rows} == {
        (str(q), strand, plan, status, value)
        for (q, strand), figures in account.progress.items()
        for (plan, status), value in figures.items()
    }
    assert len(rows) == sum(map(len, account.progress.values()))


def _corrections(folder: WorkingFolder) -> list[list[Any]]:
    rows = values(folder.master, "Returns")
    start = next(n for n, row in enumerate(rows) if row[0] == "Corrections of earlier quarters")
    return [row[:5] for row in rows[start + 2 :] if row[3] is not None]

"""Two years of the strategy (in the short form, three quarters): after each, every figure is that of a plain account.

The account of what was returned is kept here, in dictionaries; the returns are filled in with openpyxl, in the issued
files, as a lead would.
"""

import csv
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

import cpxl
from cpxl.folder import WorkingFolder
from cpxl.layout.breakdowns import heading_of
from cpxl.quarters import Quarter
from cpxl.steps import issuing, merging, publishing
from cpxl.steps.status import status as where_it_stands
from tests import handed_out
from tests.command import Demo
from tests.form import Form
from tests.previewed import previewing
from tests.shown import HEADINGS, found, pages
from tests.values import table
from tests.work import LONG

AT_RISK = "Work at risk, and what is being done"

FIRST, LAST = Quarter(2020, 1), Quarter(2021, 4) if LONG else Quarter(2020, 3)
ENTRIES = Path(__file__).parents[1] / "tools" / "demo_returns.yaml"
HISTORY = Path(cpxl.__file__).parent / "demo" / "history.csv"
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
COMPARED = {  # the list of config, what a figure is over, and how many quarters ago it is compared with
    "rolling": ("rolling_12_months", "12 months", 4),
    "quarterly": ("quarterly", "quarter", 1),
    "quarter_on_year": ("against_same_quarter_last_year", "quarter", 4),
    "month_on_month": ("against_last_month", "month", None),
    "month_on_year": ("against_same_month_last_year", "month", 4),
    "one_off": ("one_off", "quarter", None),
}
ENDS = {1: ("May", "June"), 2: ("August", "September"), 3: ("November", "December"), 4: ("February", "March")}


@dataclass
class Account:
    """What was returned, by quarter and strand's name."""

    progress: dict[tuple[Quarter, str], dict[tuple[str, str], Any]] = field(default_factory=dict)
    measures: dict[tuple[Quarter, str], dict[tuple[str, str], tuple[Any, Any]]] = field(default_factory=dict)
    risks: dict[tuple[Quarter, str], dict[str, tuple[str, str]]] = field(default_factory=dict)  # id: text, state
    achieved: dict[tuple[Quarter, str], list[str]] = field(default_factory=dict)
    scheduled: dict[tuple[Quarter, str], list[str]] = field(default_factory=dict)
    delivered: dict[tuple[Quarter, str], list[str]] = field(default_factory=dict)

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

    def due(self, quarter: Quarter, strand: str) -> list[str]:
        """What was scheduled before and, as far as returns before the quarter say, not delivered."""
        before = {
            kind: [
                text for (q, name), texts in sorted(told.items()) if name == strand and q < quarter for text in texts
            ]
            for kind, told in (("scheduled", self.scheduled), ("delivered", self.delivered))
        }
        return [text for text in before["scheduled"] if text not in before["delivered"]]

    def last(self, quarter: Quarter, strand: str) -> Quarter | None:
        """The last quarter up to this one of which there are figures."""
        return max((q for q, name in self.progress if name == strand and q <= quarter), default=None)


@pytest.fixture(scope="module")
def folder(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> WorkingFolder:
    return WorkingFolder.open(Path(shutil.copytree(demo.folder, tmp_path_factory.mktemp("years") / "folder")))


def test_eight_quarters(folder: WorkingFolder) -> None:
    account = _the_first_two(folder)
    _compare(folder, account, Quarter(2020, 2))
    quarter = Quarter(2020, 3)
    while quarter <= LAST:
        folder = _config_of(folder, quarter)
        if str(quarter) == "2021/22 Q1":
            account.rename("Paused due to COVID", "Paused")
        _compare_status(folder, quarter, "Not issued", "Issue the returns of " + str(quarter))
        forms = {path.stem.split()[-1]: path for path in issuing.issue(folder, quarter)}
        _compare_status(folder, quarter, "Not returned", "Send each return to its lead")
        for strand in folder.settings.as_of(quarter).strands:
            if (str(quarter), strand.code) != ("2021/22 Q1", "HATE"):  # which comes late
                _return(folder, quarter, strand, forms[strand.code], account)
        _compare_status(folder, quarter, "To merge", "Merge ")
        _consolidate(folder, quarter)
        then = "Ask for 1 return: Hate Crime" if str(quarter) == "2021/22 Q1" else "Look through"
        _compare_status(folder, quarter, "Merged", then, late=True)
        _compare(folder, account, quarter)
        if str(quarter) == "2021/22 Q4":
            _corrected_and_published(folder, quarter)
        if str(quarter) == "2021/22 Q2":
            hate = folder.settings.strand_of("HATE")
            late = quarter.plus(-1)
            _return(folder, late, hate, folder.issued(late) / f"{late.folder} HATE.xlsx", account)
            _consolidate(folder, late)
            _compare(folder, account, quarter)
        if str(quarter) == "2021/22 Q3":
            first = publishing.publish_folder(folder, Quarter(2020, 4))
            was = first.path.read_bytes()
            _correct(folder, account)
            _compare(folder, account, quarter)
            _compare_revisions(folder, quarter)
            assert first.path.read_bytes() == was
            assert _corrections(folder) == [
                ["Night-time Economy (NTE)", "2020/21 Q4", "Night-time Economy: Complete", 15, 16],
                ["Night-time Economy (NTE)", "2020/21 Q4", "Night-time Economy: Ongoing / In progress", 6, 5],
            ]
        quarter = quarter.plus(1)


def _compare_status(folder: WorkingFolder, quarter: Quarter, state: str, then: str, *, late: bool = False) -> None:
    """Where every return stands, on a day before they are wanted, or three days after."""
    settings = folder.settings
    month = {1: 7, 2: 10, 3: 1, 4: 4}[quarter.number]
    due = date(quarter.year + (quarter.number > 2), month, 16)
    found = where_it_stands(folder, quarter, due + timedelta(days=3 if late else -3))
    assert found.due == due
    assert found.next.what.startswith(then)
    for strand, standing in zip(settings.as_of(quarter).strands, found.standings, strict=True):
        comes_late = (str(quarter), strand.code) == ("2021/22 Q1", "HATE")
        came = state in ("To merge", "Merged") and not comes_late
        assert standing.state == ("Not returned" if comes_late and state != "Not issued" else state), strand.code
        assert len(standing.files) == came
        assert standing.issued is (state != "Not issued")
        assert standing.days_late == (None if came or not standing.issued else 3 * late)
        assert sum(standing.findings.values()) == 0 or came


def _corrected_and_published(folder: WorkingFolder, quarter: Quarter) -> None:
    """A return with an error after the others are in, then none again, then the partner workbook."""
    path, day = folder.returns(quarter) / "SOC back.xlsx", date(2022, 4, 30)
    was = path.read_bytes()
    form = Form(path)
    form.type("Progress: Serious and Organised Crime", "Total strands", str(quarter), 999)
    form.book.save(path)
    found = where_it_stands(folder, quarter, day)
    assert [(s.state, s.days_late, s.findings["error"]) for s in found.standings if s.code == "SOC"] == [
        ("To be corrected", 14, 1)
    ]
    assert found.next.what == "Have 1 return corrected: Serious and Organised Crime"
    path.write_bytes(was)
    publishing.publish_folder(folder, quarter)
    assert where_it_stands(folder, quarter, day).next.sentence == (
        "Next: Issue the returns of 2022/23 Q1: cpxl issue -q 2022-23-Q1."
    )


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
            (kind, entry["measure"]): (entry.get("previous"), entry["current"])
            for kind in COMPARED
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
    for breakdown in strand.as_of(quarter).breakdowns:
        for row in range(len(breakdown.every_row)):
            for column in breakdown.columns:
                form.type(breakdown.name, row, heading_of(breakdown, column, quarter), "N/A")
    due = account.due(*key)
    account.delivered[key] = due
    assert form.labels("Due in") == (due or ["Nothing was scheduled last time."])
    for row in range(len(due)):
        form.type("Due in", row, "What became of it", "Delivered")
    for kind, title in (("achieved", "Delivered in"), ("scheduled", "Planned for")):
        text = f"{kind.capitalize()} by {strand.code} in {quarter}"
        form.type(title, 0, "Activity", text)
        form.type(title, 0, "Impact" if kind == "achieved" else "Anticipated", "Fewer calls")
        told = due[1:] if kind == "achieved" else []  # the first is told in other words
        getattr(account, kind)[key] = [text, *told]
    form.type("Planned for", 0, "When", f"{quarter.plus(1)}")
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
        for heading, value in (("Work at risk", text), ("What is being done", "Act on it"), ("Response", "Treat")):
            form.type("Work at risk", len(rows), heading, value)
        now[f"{strand.code}-{len(ever) + 1}"] = (text, "Open")
    account.risks[key] = now


def _measures(form: Form, key: tuple[Quarter, str], strand: Any, account: Account) -> None:
    """The earlier figure is there if reported then; the later one goes up by 7 a quarter, a percentage by nothing."""
    quarter = key[0]
    account.measures[key] = {}
    for kind, (setting, over, back) in COMPARED.items():
        title, earlier = _title_and_earlier(kind, quarter)
        for row, name in enumerate(getattr(strand.measures, setting)):
            known = _reported(account, (quarter.plus(-back), strand.name), name, over) if back else None
            previous = known if known is not None else 1000 + row
            current = _reported(account, key, name, over)  # as in the table above, if it stands in two
            if current is None:
                current = previous + (7 if name not in strand.measures.units else 0)
            if strand.measures.units.get(name) == "percent":
                current = 1
            if kind == "one_off":
                previous = None
                form.type(title, row, str(quarter), current)
            else:
                now = form.cell(title, row, "Change").offset(column=-1)
                before = now.offset(column=-1)
                if known is not None and kind == "rolling":
                    assert str(before.value).endswith(f",{previous})")  # until months are given
                elif known is not None:
                    assert before.value == previous
                assert str(form.page.cell(form.heading(title), before.column).value) == earlier
                before.value, now.value = previous, current
            account.measures[key][kind, name] = (previous, current)


def _title_and_earlier(kind: str, quarter: Quarter) -> tuple[str, str]:
    """The title of a table, and what stands above its earlier figures."""
    year = quarter.year + (quarter.number == 4)
    before, end = ENDS[quarter.number]
    return {
        "rolling": ("Insights: 12 months against the 12 before", f"To {end[:3]} {year - 1}"),
        "quarterly": ("Insights: this quarter against last", str(quarter.plus(-1))),
        "quarter_on_year": ("Insights: this quarter against the same quarter last year", str(quarter.plus(-4))),
        "month_on_month": (f"Insights: {end} {year} against {before} {year}", f"{before[:3]} {year}"),
        "month_on_year": (f"Insights: {end} {year} against {end} {year - 1}", f"{end[:3]} {year - 1}"),
        "one_off": ("Insights: this quarter alone", ""),
    }[kind]


def _reported(account: Account, key: tuple[Quarter, str], name: str, over: str) -> Any:
    """The figure of a measure that was reported for a time so long, whatever it was compared with."""
    found = account.measures.get(key, {})
    return next((found[k, name][1] for k, (_, o, _) in COMPARED.items() if o == over and (k, name) in found), None)


def _correct(folder: WorkingFolder, account: Account) -> None:
    """A return of an earlier quarter comes again with other figures, on the form of then."""
    quarter = Quarter(2020, 4)
    path = folder.returns(quarter) / "NTE back.xlsx"
    form = Form(path)
    title = "Progress: Night-time Economy"
    for status, more in (("Complete", 1), ("Ongoing / In progress", -1)):
        value = form.value(title, status, str(quarter)) + more
        form.type(title, status, str(quarter), value)
        form.type(title, status, "Note on", "Recounted.")
        account.progress[quarter, "Night-time Economy (NTE)"]["Night-time Economy", status] = value
    form.book.save(path)
    _consolidate(folder, quarter)


def _compare_revisions(folder: WorkingFolder, quarter: Quarter) -> None:
    """The corrected quarter as it was published, in a later quarter's partner workbook and in its own."""
    headings = ("Figure", "Why", "Quarter", "Published", "Now", "Published in")
    q4, plan = "2020/21 Q4", "Night-time Economy"
    by_quarter = ["By quarter: Complete by quarter: Night-time Economy (NTE)", "Recounted.", q4, 15, 16, "v1.0"]
    complete = [f"{plan}: Complete", *by_quarter[1:]]
    ongoing = [f"{plan}: Ongoing / In progress", "Recounted.", q4, 6, 5, "v1.0"]
    for of, version in ((quarter, "1.0"), (Quarter(2020, 4), "1.1"), (quarter, "1.0")):
        made = publishing.publish_folder(folder, of)
        assert made.publication.version == version
        rows = [[row[h] for h in headings] for row in found(pages(made.path)["Revisions"], *headings)]
        assert made.publication.revised == len(rows) > 2
        assert all(row in rows for row in (complete, ongoing, by_quarter)), rows
        if of == quarter:
            assert all(row[2] == q4 for row in rows)
        marked = {
            (page.title, cell.value)
            for page in load_workbook(made.path)
            for row in page.iter_rows()
            for cell in row
            if "[r]" in cell.number_format
        }
        assert {("By quarter", 16), ("Night-time Economy", 16), ("Night-time Economy", 5)} <= marked


def _consolidate(folder: WorkingFolder, quarter: Quarter) -> None:
    with previewing(folder.path, quarter.folder):
        checks, _ = merging.consolidate_folder(folder, quarter)
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
    *lines, total = found(pages(path)["Executive summary"], "Strand", *HEADINGS)
    assert [[row[heading] for heading in ("Strand", *HEADINGS, "Figures as of")] for row in lines] == expected
    assert [total[heading] for heading in HEADINGS] == list(whole.values())
    by_quarter = found(pages(path)["By quarter"], "Strand", str(quarter), under="Complete by quarter")
    assert {row["Strand"]: [v for h, v in row.items() if h.startswith("20")] for row in by_quarter} == complete
    risks = [
        (i, text)
        for strand in strands
        if (at := max((q for q, n in account.risks if n == strand.name and q <= quarter), default=None))
        for i, (text, state) in account.risks[at, strand.name].items()
        if state == "Open"
    ]
    at_risk = found(pages(path)["Executive summary"], AT_RISK, "Risk id", under="Strands at risk")
    assert [(row["Risk id"], row[AT_RISK].partition("\n")[0]) for row in at_risk if row["Risk id"]] == risks
    (_, hate_crime) = account.measures.get((quarter, "Hate Crime"), {}).get(
        ("rolling", "Hate Crime Offences"), (None, None)
    )
    handed_out.compare(folder, quarter, expected, whole, [text for _, text in risks], hate_crime)
    for strand in strands:
        _compare_strand(path, account, quarter, strand)
    _compare_register(path, account, quarter)
    _compare_insights(path, account, quarter, strands)
    _compare_data(folder, account)


def _compare_strand(path: Path, account: Account, quarter: Quarter, strand: Any) -> None:
    rows = pages(path)[strand.short_name]
    for plan in strand.plans:
        grid = found(rows, "Status", str(quarter), under=f"Progress: {plan.name}")[: len(plan.statuses)]
        assert [row["Status"] for row in grid] == list(plan.statuses)
        for row in grid:
            for heading in [heading for heading in row if heading.startswith("20")]:
                figures = account.progress.get((Quarter.parse(heading), strand.name), {})
                assert row[heading] == figures.get((plan.name, row["Status"])), (strand.name, heading, row)
    achieved = found(rows, "Activity", "Impact on data, outputs or outcomes")
    assert [row["Activity"] for row in achieved if row["Activity"]] == account.achieved.get((quarter, strand.name), [])


def _compare_register(path: Path, account: Account, quarter: Quarter) -> None:
    expected: dict[str, tuple[str, str, str, str]] = {}
    for (q, _), risks in sorted(account.risks.items(), key=lambda item: item[0]):
        for i, (text, state) in risks.items():
            if q <= quarter:
                first = expected[i][2] if i in expected else str(q)
                expected[i] = (text, state, first, str(q))
    shown = {
        row["Risk id"]: (
            row[AT_RISK].partition("\n")[0],
            *(row[h] for h in ("Status", "First raised", "Last updated")),
        )
        for row in found(pages(path)["Risk register"], "Risk id", AT_RISK)
    }
    assert shown == expected


def _compare_insights(path: Path, account: Account, quarter: Quarter, strands: Any) -> None:
    about, figures = "Strand, period and signal", ("Before", "Now", "Change", "% change")
    expected = []
    for strand in strands:
        every = [(kind, name) for kind, (setting, *_) in COMPARED.items() for name in getattr(strand.measures, setting)]
        for of in every:
            at = max(q for (q, n), m in account.measures.items() if n == strand.name and of in m and q <= quarter)
            previous, current = account.measures[at, strand.name][of]
            name = of[1]
            known = previous is not None
            expected.append(
                [
                    *(strand.name, name, previous, current),
                    current - previous if known else None,
                    (_share(current - previous, previous) if previous else "N/A")
                    if known and strand.measures.units.get(name) != "percent"  # those are compared in points
                    else None,
                ]
            )
    shown = [
        [row[about].partition(". ")[0], row["Measure"], *(_rounded(row[heading]) for heading in figures)]
        for row in found(pages(path)["Insights"], "Measure", about)
    ]
    assert shown == expected


def _share(change: int, of: int) -> float:
    """As it is printed: to a tenth of a per cent, a half away from zero."""
    return float((Decimal(change) / Decimal(of)).quantize(Decimal("0.001"), ROUND_HALF_UP))


def _rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def _compare_data(folder: WorkingFolder, account: Account) -> None:
    rows = table(folder.master, "Progress", "quarter")[1:]
    assert {tuple(row[:5]) for row in rows} == {
        (str(q), strand, plan, status, value)
        for (q, strand), figures in account.progress.items()
        for (plan, status), value in figures.items()
    }
    assert len(rows) == sum(map(len, account.progress.values()))


def _corrections(folder: WorkingFolder) -> list[list[Any]]:
    headings = ("Strand", "Quarter", "Figure", "Before", "After")
    rows = found(pages(folder.master)["Returns"], *headings, under="Corrections of earlier quarters")
    return [[row[heading] for heading in headings] for row in rows if row["Before"] is not None]

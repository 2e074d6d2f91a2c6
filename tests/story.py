"""A strategy made up at random, and what becomes of it: quarter by quarter, through the command line.

What is typed into each return is told to an account, and nothing else is: what cpxl makes of it is its own affair.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.account import (
    NA,
    NOT_RETURNED,
    Account,
    Entry,
    Measure,
    Plan,
    Refused,
    Risk,
    RiskLine,
    Sent,
    Status,
    Strand,
    Strategy,
    in_a_path,
    month_in_words,
    months_to,
    quarter,
    total,
    written,
)
from tests.command import Said, run_here
from tests.form import Form
from tests.previewed import previewing
from tests.shown import checks_differ, json_differs, master_differs, pages, partner_differs

Returns = dict[Strand, list[Sent]]
"""What is in a quarter's returns folder, or on sheets of the master."""

GRIDS: list[dict[str, str]] = [  # what the statuses of a plan may count as
    {"Total strands": "total", "Complete": "complete", "Ongoing / In progress": "ongoing", "At risk": "at_risk"},
    {"Total": "total", "Done": "complete", "Under way": "ongoing", "Paused": "ongoing", "At risk": "at_risk"},
    {"All work": "total", "Done": "complete", "Under way": "ongoing"},
    {"All work": "total", "Under way": "ongoing", "Stuck": "at_risk"},
    {"Deferred": "nothing", "Done": "complete", "In hand": "ongoing", "Stuck": "at_risk", "Everything": "total"},
]
ASIDE: list[dict[str, str]] = [  # of a plan that is not in the summary
    {"Deferred": "nothing", "Ongoing": "ongoing", "Complete": "complete"},
    {"Total strands": "total", "Complete": "complete", "At risk": "at_risk"},
]
NAMES = ("Domestic Abuse", "Gangs / County Lines", "Night-time Economy (NTE)", "Café & Bar Safety", "Women's Safety",
         "Hate Crime", "Rural Crime", "Fraud: Online", "Serious Violence")  # fmt: skip
COUNTED = ("Offences", "Referrals", "Arrests", "Warrants", "Stop, search", "Calls")
WEIGHED = ("Drugs seized (kg)", "Overtime (hours)", "Cash seized (GBP)")
RENAMES = ("plan", "status", "measure", "strand")
CHANGES = (*RENAMES, "added", "retired", "new plan", "end", "count", "given up", "new strand", "last", "order")
RESPONSES = ("Treat", "Tolerate", "Transfer", "Terminate", "Take the opportunity")


def a_strategy(rng: Random) -> Strategy:
    """Two or three strands, each with up to three plans and up to three measures."""
    first = quarter(2020, rng.randint(1, 4))
    strands = []
    for n, name in enumerate(rng.sample(NAMES, rng.choice((2, 2, 3)))):
        plans = [a_plan(rng, f"{name} {m}" if m else name, first) for m in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
        strand = Strand(name, name.replace("/", "-").replace(":", "")[:31].strip("'"), f"S{n + 1}", plans, [])
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            add_measure(rng, strand)
        strands.append(strand)
    if all(not strand.plans for strand in strands):
        strands[0].plans.append(a_plan(rng, strands[0].name, first))
    return Strategy(first, strands, rng.choice((2, 3, 8)))


def a_plan(rng: Random, name: str, first: int) -> Plan:
    in_summary = rng.random() < 0.8
    grid = rng.choice(GRIDS if in_summary else ASIDE)
    return Plan(name, first, [Status(status, counts) for status, counts in grid.items()], in_summary)


def add_measure(rng: Random, strand: Strand) -> None:
    decimals, used = rng.random() < 0.3, {name for m in strand.measures for name in (m.name, *m.formerly)}
    names = [name for name in (WEIGHED if decimals else COUNTED) if name not in used]
    if names:
        strand.measures.append(Measure(rng.choice(names), rng.random() < 0.5, decimals))


# Changes of the config


def change(rng: Random, strategy: Strategy, q: int, kinds: Sequence[str] = CHANGES) -> str:
    """Something that the coordinator changes before a quarter is issued. Returned: what, in words."""
    strand = rng.choice(strategy.of(q) or strategy.strands)
    plans = strand.plans_of(q)
    plan = rng.choice(plans) if plans else None
    match kind := rng.choice(kinds):
        case "strand":
            strand.formerly.append(strand.name)
            strand.name = f"{strand.name}, {len(strand.formerly) + 1}"
        case "plan" if plan:
            plan.formerly.append(plan.name)
            plan.name = f"{plan.name} plan"
        case "status" if plan:
            status = rng.choice(plan.of(q))
            status.formerly.append(status.name)
            status.name = f"{status.name} now"
        case "measure" if strand.measures:
            measure = rng.choice(strand.measures)
            measure.formerly.append(measure.name)
            measure.name = f"Counted {measure.name}"
        case "added" if plan:
            counts = rng.choice(("complete", "ongoing", "at_risk", "nothing"))
            plan.statuses.insert(rng.randint(0, len(plan.statuses)), Status(f"New in {written(q)}", counts, added=q))
        case "retired" if plan:
            parts = [s for s in plan.of(q) if s.counts != "total" and s.is_of(q - 1)]
            if len(parts) > 1:
                rng.choice(parts).retired = q - 1
        case "new plan":
            strand.plans.append(a_plan(rng, f"{strand.name}, {len(strand.plans) + 1} since {written(q)}", q))
        case "end" if plan and plan.first < q and len(plans) > 1:
            plan.last = q - 1
        case "count":
            add_measure(rng, strand)
        case "order":
            lists: list[list[Any]] = [strategy.strands, strand.plans, strand.measures, *(p.statuses for p in plans)]
            for things in lists:
                rng.shuffle(things)
        case "given up" if strand.measures:
            measure = rng.choice(strand.measures)
            measure.retired = measure.retired or q - 1
        case "new strand" if len(strategy.of(q)) < 4:
            name = rng.choice(
                [name for name in NAMES if name not in str([(s.name, s.formerly) for s in strategy.strands])]
            )
            code = f"S{len(strategy.strands) + 1}"
            new = Strand(name, name.replace("/", "-").replace(":", ""), code, [a_plan(rng, name, q)], [], first=q)
            strategy.strands.insert(rng.randint(0, len(strategy.strands)), new)
        case "last" if len(strategy.of(q)) > 2 and (strand.first or 0) < q:
            strand.last = q - 1
        case _:
            return ""
    return f"{kind}: {strand.code}"


# A lead


@dataclass
class Lead:
    """Who fills in the returns of the strategy. risks: how many were ever thought of."""

    rng: Random
    account: Account
    risks: int = 0

    def fill_in(self, form: Form, strand: Strand, q: int, file: str) -> Entry:
        """A form as issued, or a sheet of the master, filled in. Returned: what it says."""
        entry, before = Entry(file), self.account.accepted.get((q, strand))
        self._risks(form, strand, q, entry, before)
        self._progress(form, strand, q, entry)
        self._measures(form, strand, q, entry)
        for kind, title in (("Achieved", "Delivered in"), ("Scheduled", "Planned for")):
            text = f"{kind} in {written(q)}: {self.rng.randint(0, 99)}"
            form.type(title, 0, "Activity", text)
            entry.delivery.append((kind, text))
        entry.due += [text for text in form.labels("Due in") if str(text).startswith("Scheduled in")]
        return entry

    def _risks(self, form: Form, strand: Strand, q: int, entry: Entry, before: Entry | None) -> None:
        rng, title = self.rng, "Work at risk"
        top = form.heading(title)
        rows = list(form.below(top))
        headings = ("Work at risk", "Response", "What is being done", "Open or closed", "Risk id")
        at = {heading: form.column(top, heading) for heading in headings}
        risks = {line.risk.id: line.risk for e in self.account.accepted.values() for line in e.risks if line.risk.id}
        free = 0
        for row in rows:
            text, response, known = (form.page.cell(row, at[h]).value for h in ("Work at risk", "Response", "Risk id"))
            if text is None:
                break
            free += 1
            fate = rng.choice(("keep", "keep", "keep", "close", "close", "leave out", "say otherwise"))
            if fate == "leave out":
                for column in range(at["Work at risk"], at["Open or closed"] + 1):
                    form.page.cell(row, column).value = None
                continue
            if fate == "say otherwise":
                text = f"{text}, still"
                form.page.cell(row, at["Work at risk"]).value = text
            line = RiskLine(risks[known], text, response, fate != "close")
            form.page.cell(row, at["Open or closed"]).value = "Open" if line.is_open else "Closed"
            entry.risks.append(line)
        new: list[tuple[Risk, str]] = []
        carried = {line.risk for line in entry.risks}
        later = [line for (then, s), e in self.account.accepted.items() if s is strand and then > q for line in e.risks]
        for line in [*(before.risks if before else []), *later]:
            if line.risk not in carried | {risk for risk, _ in new} and rng.random() < 0.7:
                new.append((line.risk, line.text))  # said again, in the same words
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            self.risks += 1
            new.append((Risk(strand), f"Piece of work no. {self.risks}"))
        for (risk, text), row in zip(new, rows[free:], strict=False):
            line = RiskLine(risk, text, rng.choice(RESPONSES))
            for heading, value in (
                ("Work at risk", text),
                ("Response", line.response),
                ("What is being done", "By the council"),
            ):
                form.page.cell(row, at[heading]).value = value
            entry.risks.append(line)

    def _progress(self, form: Form, strand: Strand, q: int, entry: Entry) -> None:
        rng, plans = self.rng, strand.plans_of(q)
        at_risk = sum(line.is_open for line in entry.risks)
        holds_risks = [p for p in plans if p.in_summary and any(s.counts == "at_risk" for s in p.of(q))]
        empty = {plan for plan in plans if rng.random() < 0.08}
        for plan in plans:
            statuses = plan.of(q)
            figures: dict[Status, Any] = {s: rng.randint(0, 20) for s in statuses}
            stuck = [s for s in statuses if s.counts == "at_risk"]
            if plan in holds_risks and not empty.intersection(holds_risks):
                for status in stuck:
                    figures[status] = 0
                if plan is holds_risks[-1]:  # the others have none
                    figures[rng.choice(stuck)] = at_risk
            if whole := next((s for s in statuses if s.counts == "total"), None):
                figures[whole] = 0
                figures[whole] = sum(figures.values())
            if plan in empty:
                figures = dict.fromkeys(statuses, NA)
            title = f"Progress: {self._title(form, plan)}"
            labels = form.labels(title)
            top = form.heading(title)
            column, note = form.column(top, written(q)), form.column(top, "Note on")
            for status, value in figures.items():
                row = top + 1 + next(n for n, label in enumerate(labels) if label in (status.name, *status.formerly))
                form.page.cell(row, column).value = value
                entry.figures[plan, status] = value
                if rng.random() < 0.1:
                    entry.notes[plan, status] = form.page.cell(row, note).value = f"As of {written(q)}"

    @staticmethod
    def _title(form: Form, plan: Plan) -> str:
        """What the plan was called when the form was issued."""
        there = {str(cell.value) for cell in form.page["A"]}
        return next(name for name in (plan.name, *plan.formerly) if f"Progress: {name}" in there)

    def _measures(self, form: Form, strand: Strand, q: int, entry: Entry) -> None:
        there = {str(cell.value) for cell in form.page["A"]}
        for measure in strand.measures_of(q):
            title = "Insights: 12 months against the 12 before"
            if not measure.is_rolling:
                title = "Insights: this quarter against last"
            if title not in there:
                continue
            top = form.heading(title)
            labels = [label in (measure.name, *measure.formerly) for label in form.labels(title)]
            if not any(labels):
                continue  # counted since the form was issued
            row = top + 1 + labels.index(True)
            name = str(form.page.cell(row, 1).value)
            change = form.column(top, "Change")
            before, now = change - 2, change - 1
            shown = [form.page.cell(row, column).value for column in (before, now)]
            if measure.is_rolling:
                shown = [None, None]  # formulas
                self._by_month(form, measure, name, q, entry)
            years = [month in entry.months.get(measure, {}) for month in months_to(q, 24)]
            typed: list[Any] = []
            for column, value, is_worked_out in ((before, shown[0], all(years[:12])), (now, shown[1], all(years[12:]))):
                if is_worked_out and measure.is_rolling:
                    typed.append(None)
                    continue
                new: Any = NA if self.rng.random() < 0.05 else self._count(measure, 40_000)
                if column == before and self.rng.random() < 0.6 and value is not None:
                    new = value  # as it was issued
                if self.rng.random() < 0.05:
                    new = None
                form.page.cell(row, column).value = new
                typed.append(new)
            totals = (_sum(entry, measure, then) if measure.is_rolling else None for then in (q - 4, q))
            previous, current = (b if a is None else a for a, b in zip(typed, totals, strict=True))
            entry.measures[measure] = previous, current
            if self.rng.random() < 0.3:
                entry.comments[measure] = f"Counted in {written(q)}"
                form.page.cell(row, form.column(top, "Comment")).value = entry.comments[measure]

    def _by_month(self, form: Form, measure: Measure, name: str, q: int, entry: Entry) -> None:
        """All 24 months, some of them, or none; those that were known stand there already."""
        title, fate = "Insights by month (optional)", self.rng.choice(("all", "all", "some", "none", "none"))
        top = form.heading(title)
        column = next(n for n in range(1, 60) if form.page.cell(top, n).value == name)
        given: dict[str, Any] = {}
        for row, month in zip(form.below(top), months_to(q, 24), strict=True):
            assert form.page.cell(row, 1).value == month_in_words(month)
            cell = form.page.cell(row, column)
            restated = cell.value is not None and self.rng.random() < 0.05
            blank = cell.value is None and (fate == "all" or (fate == "some" and self.rng.random() < 0.5))
            if restated or blank:
                cell.value = self._count(measure, 900)
            if cell.value is not None:
                given[month] = cell.value
        if given:
            entry.months[measure] = given

    def _count(self, measure: Measure, most: int) -> int | float:
        number = self.rng.randint(0, most)
        return number / 10 if measure.decimals and number % 10 else number // 10

    def spoil(self, form: Form, strand: Strand, q: int, entry: Entry) -> bool:
        """Put an error in. Returned: whether there was a place for one."""
        if not entry.figures:
            return False
        (plan, status), value = self.rng.choice(list(entry.figures.items()))
        top = form.heading(f"Progress: {self._title(form, plan)}")
        names = (status.name, *status.formerly)
        row = next(row for row in form.below(top) if form.page.cell(row, 1).value in names)
        wrong = ["lots", -3, 2.5, "12 or so"]
        if value != NA and any(s.counts == "total" for s in plan.of(q)):
            wrong += [None, NA, value + 1]
        form.page.cell(row, form.column(top, written(q))).value = self.rng.choice(wrong)
        return True


def _sum(entry: Entry, measure: Measure, q: int) -> int | float | None:
    """What the months that a return gives of a year come to, as it is worked out on the form; None if one is blank."""
    counts = entry.months.get(measure, {})
    return total(counts[month] for month in months_to(q, 12)) if counts.keys() >= set(months_to(q, 12)) else None


# What happens


@dataclass
class Story:
    """A strategy in a folder, and what has happened to it so far.

    told: in words, for whoever has to find a fault. sent: what is in the returns folder of each quarter. ids: of risks.
    is_renamed: whether something has another name in config than in the master's file.
    """

    folder: Path
    rng: Random
    account: Account
    lead: Lead
    told: list[str] = field(default_factory=list)
    sent: dict[int, Returns] = field(default_factory=dict)
    ids: dict[str, Risk] = field(default_factory=dict)
    is_renamed: bool = False

    @classmethod
    def begin(cls, folder: Path, seed: int) -> Story:
        """A new strategy, in a folder of its own."""
        rng = Random(seed)
        account = Account(a_strategy(rng))
        story = cls(folder, rng, account, Lead(rng, account))
        folder.mkdir(parents=True)
        story.write_config()
        return story

    @property
    def strategy(self) -> Strategy:
        return self.account.strategy

    @property
    def master(self) -> Path:
        return self.folder / "master.xlsx"

    def change(self, q: int, kinds: Sequence[str] = CHANGES) -> None:
        """Something in config is another from a quarter on."""
        what = change(self.rng, self.strategy, q, kinds)
        self.is_renamed = self.is_renamed or what.partition(":")[0] in RENAMES
        self.told.append(f"{written(q)}: config, {what}")

    def write_config(self) -> None:
        text = yaml.safe_dump(self.strategy.config(), sort_keys=False, allow_unicode=True)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def run(self, *words: object, exits: int = 0) -> Said:
        said = run_here(*words, "--folder", self.folder, "--json")
        errors = (
            [f for r in said.document.get("returns", ()) for f in r["findings"] if f["severity"] == "error"]
            if (said.out)
            else []
        )
        assert said.exits == exits, f"{words}: exits with {said.exits}: {said.error} {errors}\n" + "\n".join(self.told)
        return said

    def returns(self, q: int) -> Path:
        return self.folder / "returns" / in_a_path(q)

    def history(self, q: int) -> None:
        """Figures of a quarter before the first that is issued: of most plans, in two files, some of them replaced."""
        plans = [(strand, plan) for strand in self.strategy.of(q) for plan in strand.plans_of(q)]
        first = [pair for pair in plans if self.rng.random() < 0.7]
        self.imported(q, first, "")
        self.imported(q, [pair for pair in plans if pair not in first and self.rng.random() < 0.7], " more")
        self.imported(q, [pair for pair in first if self.rng.random() < 0.3], " new", least=10)

    def imported(self, q: int, plans: list[tuple[Strand, Plan]], name: str, *, least: int = 0) -> None:
        """A history file of these plans. least: of a figure, so that it is another than one that is there."""
        file = f"history {in_a_path(q)}{name}.csv"
        entries = {strand: Entry(file) for strand, _ in plans}
        for strand, plan in plans:
            figures = {s: self.rng.randint(least, least + 9) for s in plan.of(q)}
            if whole := next((s for s in figures if s.counts == "total"), None):
                figures[whole] = sum(figures.values()) - figures[whole]
            entries[strand].figures |= {(plan, s): value for s, value in figures.items()}
        rows = [
            (written(q), strand.name, plan.name, status.name, value, "")
            for strand, entry in entries.items()
            for (plan, status), value in entry.figures.items()
        ]
        with (self.folder / file).open("w", encoding="utf-8", newline="") as to:
            csv.writer(to).writerows([("quarter", "strand", "plan", "status", "value", "note"), *rows])
        if rows:
            import_file = "history", "import", self.folder / file
            if least:
                assert "--replace" in self.run(*import_file, exits=2).error
            self.run(*import_file, *["--replace"] * bool(least))
            self.told.append(f"{written(q)}: history of {len(rows)} figures{name}")
        for strand, entry in entries.items():
            self.account.history(q, strand, entry)

    def issue(self, q: int) -> None:
        self.run("issue", "-q", in_a_path(q))
        self.returns(q).mkdir(parents=True, exist_ok=True)

    def send(self, q: int, strand: Strand, kind: str = "right") -> list[Sent]:
        """A return comes in, instead of what was there. Returned: what becomes of it."""
        self.take_away(q, strand)
        file = f"{strand.code}{self.rng.choice(('', ' back', ' v2'))}.xlsx"
        issued = self.folder / "issued" / in_a_path(q) / f"{in_a_path(q)} {strand.code}.xlsx"
        self.told.append(f"{written(q)}: {file} comes in, {kind}")
        if kind == "empty":
            shutil.copyfile(issued, self.returns(q) / file)
            return [Refused(file, is_empty=True)]
        form = Form(issued)
        entry = self.lead.fill_in(form, strand, q, file)
        is_wrong = kind == "wrong" and self.lead.spoil(form, strand, q, entry)
        form.book.save(self.returns(q) / file)
        if kind == "twice":
            shutil.copyfile(self.returns(q) / file, self.returns(q) / f"{strand.code} copy.xlsx")
            return [Refused(file, says=entry), Refused(f"{strand.code} copy.xlsx", says=entry)]
        return [Refused(file, says=entry) if is_wrong else entry]

    def send_another(self, q: int, strand: Strand, there: Entry) -> list[Sent]:
        """A second file of a strand comes in, beside one that was accepted."""
        file = f"{strand.code} as well.xlsx"
        form = Form(self.folder / "issued" / in_a_path(q) / f"{in_a_path(q)} {strand.code}.xlsx")
        entry = self.lead.fill_in(form, strand, q, file)
        form.book.save(self.returns(q) / file)
        self.told.append(f"{written(q)}: {file} comes in beside {there.file}")
        return [Refused(there.file, says=there), Refused(file, says=entry)]

    def enter(self, q: int, strand: Strand) -> list[Sent]:
        """The strand's sheet of the master is filled in."""
        form = Form(self.master, strand.short_name)
        entry = self.lead.fill_in(form, strand, q, self.master.name)
        form.book.save(self.master)
        self.told.append(f"{written(q)}: the sheet of {strand.code} is filled in")
        return [entry]

    def take_away(self, q: int, strand: Strand) -> None:
        for file in self.returns(q).glob(f"{strand.code}[. ]*"):
            file.unlink()

    def consolidate(self, q: int, sent: Returns, withdraw: Strand | None = None) -> dict[str, Any]:
        """Consolidate a quarter, of which these files are in the folder, and hold everything against the account."""
        words = ["--withdraw", withdraw.code] if withdraw else []
        self.told.append(f"{written(q)}: consolidated {' '.join(words)}")
        self.account.consolidated(q, sent, [withdraw] if withdraw else [])
        preview = nullcontext() if self.is_renamed else previewing(self.folder, in_a_path(q), *words)
        self.is_renamed = False  # from now on the master has today's names
        with preview:
            said = self.run("consolidate", "-q", in_a_path(q), *words, exits=self.has_errors(q, sent))
        self.learn_ids()
        document: dict[str, Any] = said.document
        self.agree([*json_differs(document, self.account, q, sent), *master_differs(self.master, self.account)])
        return document

    def has_errors(self, q: int, sent: Returns) -> int:
        """1 if a file of a quarter is refused, or what is known since does not hold together with what was reported."""
        is_wrong = any(isinstance(item, Refused) for items in sent.values() for item in items)
        return int(is_wrong or any(self.account.disagreeing(then) for then in range(q, self.account.quarter + 1)))

    def publish(self, q: int) -> None:
        """The partner workbook of a quarter, held against the account; there is none where nothing came in."""
        if all(line.state == NOT_RETURNED for line in self.account.summary(q)):
            assert "nothing" in self.run("publish", "-q", in_a_path(q), exits=2).error
            return
        if self.account.disagreeing(q):
            assert "Measures!" in self.run("publish", "-q", in_a_path(q), exits=2).error
            return
        path = Path(self.run("publish", "-q", in_a_path(q)).document["outputs"]["partner"])
        self.agree(partner_differs(path, self.account, q))

    def agree(self, differences: Any) -> None:
        """Everything shown is what the account says."""
        found = list(differences)
        assert not found, "\n".join([*found, "", *self.told])

    def learn_ids(self) -> None:
        """What cpxl calls each new risk; an id that another has, or had, is never given again."""
        rows = pages(self.master)["Risks"]
        heading = next(row for row in rows if "id" in row and "description" in row)
        at = [heading.index(name) for name in ("quarter", "strand", "description", "id")]
        names = {tuple(row[n] for n in at[:3]): row[at[3]] for row in rows}
        for (q, strand), entry in self.account.accepted.items():
            for line in entry.risks:
                name = names.get((written(q), strand.name, line.text))
                if line.risk.id is None and name is not None:
                    assert name not in self.ids, "\n".join([f"{name} is handed on", *self.told])
                    line.risk.id = name
                    self.ids[name] = line.risk

    # A quarter of chances

    def quarter(self, q: int) -> None:
        """What may happen in a quarter: returns that come, come late or wrong, are corrected, lost or withdrawn."""
        rng = self.rng
        sent: Returns = {}
        for _ in range(rng.choice((0, 1, 1, 2))):
            self.change(q)
        self.write_config()
        self.issue(q)
        if rng.random() < 0.3:
            self.change(q, RENAMES)
            self.write_config()
        for strand in self.strategy.of(q):
            if rng.random() < 0.8:
                sent[strand] = self.send(q, strand, a_kind(rng))
        self.consolidate(q, sent)
        for strand in self.strategy.of(q):
            self.once_more(q, strand, sent)
        there = [strand for strand, items in sent.items() if self.is_file(items[0])]
        if rng.random() < 0.3 and there:
            strand = rng.choice(there)
            del sent[strand]
            self.take_away(q, strand)
            self.told.append(f"{written(q)}: the file of {strand.code} is taken away")
            document = self.consolidate(q, sent)
            accepted = self.account.accepted.get((q, strand))
            if rng.random() < 0.5 and accepted and not accepted.is_history:
                self.consolidate(q, sent, withdraw=strand)
        document = self.consolidate(q, sent)
        if rng.random() < 0.5:
            again = self.consolidate(q, sent)
            if any(not self.is_file(item) for items in sent.values() for item in items):
                del document["returns"]  # findings on a sheet of the master name other cells: it was drawn anew
            changed = [f"{key}: {document[key]}, then {again[key]}" for key in document if document[key] != again[key]]
            assert not changed, "\n".join([*changed, *self.told])
        else:
            checked = self.run("check", "-q", in_a_path(q), exits=self.has_errors(q, sent)).document
            self.agree(checks_differ(checked, self.account, q, sent))
        self.publish(q)
        self.sent[q] = sent
        earlier = [then for then in self.sent if then < q]
        if earlier and rng.random() < 0.5:
            self.late(rng.choice(earlier))

    def once_more(self, q: int, strand: Strand, sent: Returns) -> None:
        """What may come of a strand after a first consolidation."""
        rng, accepted = self.rng, self.account.accepted.get((q, strand))
        there = sent.get(strand, [])
        if rng.random() > 0.4:
            return
        if not there and accepted is None and self.account.quarter == q and rng.random() < 0.5:
            sent[strand] = self.enter(q, strand)
        elif len(there) == 1 and there[0] is accepted and self.is_file(accepted) and rng.random() < 0.2:
            sent[strand] = self.send_another(q, strand, accepted)
        else:
            sent[strand] = self.send(q, strand, a_kind(rng))

    def is_file(self, entry: Sent) -> bool:
        """Whether it came as a file, and not on a sheet of the master."""
        return entry.file != self.master.name

    def late(self, q: int) -> None:
        """A return of an earlier quarter comes in late, or again."""
        strand = self.rng.choice(self.strategy.of(q))
        if (self.folder / "issued" / in_a_path(q) / f"{in_a_path(q)} {strand.code}.xlsx").exists():
            there = self.sent[q].items()  # what was entered in the master stood there while it showed that quarter
            sent = {s: items for s, items in there if not isinstance(items[0], Entry) or self.is_file(items[0])}
            self.sent[q] = sent | {strand: self.send(q, strand, a_kind(self.rng))}
            self.consolidate(q, self.sent[q])
            self.publish(q)


def a_kind(rng: Random) -> str:
    """What is to become of a return."""
    return rng.choices(("right", "wrong", "empty", "twice"), (15, 3, 1, 1))[0]


def a_whole_story(folder: Path, seed: int, most: int = 6) -> Story:
    """Three quarters or more, sometimes after one or two of which there is a history, which may be imported later.

    most: quarters in all. Of 2, it has two besides the history.
    """
    fewest = min(3, most)
    story = Story.begin(folder, seed)
    rng, first = story.rng, story.strategy.first
    before = rng.choice((0, 0, 1, 2))
    later = [q for q in range(first, first + before) if rng.random() < 0.3]
    for q in range(first, first + before):
        if q not in later:
            story.history(q)
    for q in range(first + before, first + before + rng.randint(fewest, max(fewest, most - before))):
        story.quarter(q)
        while later:
            story.history(later.pop())
            story.agree(master_differs(story.master, story.account))
    if before and rng.random() < 0.5:  # a return after all, of a quarter that there is a history of
        story.issue(first)
        story.sent[first] = {}
        story.late(first)
    return story

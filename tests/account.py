"""What the figures of a quarter must be: an account in plain Python, apart from everything in cpxl.

It is told what the strategy is and what became of each return, and works out what every sheet, and `--json`, must say.
Facts are kept by the thing itself, never by its name, so that a name may change without any figure changing.
A quarter is a number here, so that the next is one more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

NA = "N/A"
COLUMNS = ("total", "complete", "ongoing", "at_risk")
RETURNED, NOT_RETURNED, REJECTED, IMPORTED = "Returned", "Not returned", "Rejected", "From history"
WITHOUT_FIGURES = (NOT_RETURNED, REJECTED)
IN_WORDS = {NOT_RETURNED: "Not returned", REJECTED: "Not accepted"}
DONE = {
    "Treat": "treated",
    "Tolerate": "tolerated",
    "Transfer": "transferred",
    "Terminate": "terminated",
    "Take the opportunity": "taken as an opportunity",
}
LARGE = 50
"""From what change on a measure may be in the news."""
YES, NO, EMPTY = "Yes", "No", "Empty"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Number = int | float


# Quarters


def quarter(year: int, number: int) -> int:
    """The quarter of a financial year that starts in April of `year`."""
    return year * 4 + number - 1


def written(q: int, form: str = "{}/{:02} Q{}") -> str:
    """`2020/21 Q2`."""
    return form.format(q // 4, (q // 4 + 1) % 100, q % 4 + 1)


def in_a_path(q: int) -> str:
    """`2020-21-Q2`."""
    return written(q, "{}-{:02}-Q{}")


def months_to(q: int, count: int) -> list[str]:
    """The last so many months to the end of a quarter, as `2020-09`."""
    return _months((q // 4) * 12 + 3 + (q % 4) * 3 + 2, count)


def months_up_to(month: str, count: int) -> list[str]:
    """The last so many months up to one."""
    year, number = map(int, month.split("-"))
    return _months(year * 12 + number - 1, count)


def _months(last: int, count: int) -> list[str]:
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(last - count + 1, last + 1)]


def month_in_words(month: str) -> str:
    """`2020-09` as `Sep 2020`."""
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


# What the strategy is


@dataclass(eq=False)
class Status:
    """A row of a progress grid and what it counts as; added, retired: the first and last quarter it is reported in."""

    name: str
    counts: str
    added: int | None = None
    retired: int | None = None
    formerly: list[str] = field(default_factory=list)

    def is_of(self, q: int) -> bool:
        return (self.added or q) <= q <= (self.retired or q)


@dataclass(eq=False)
class Plan:
    """A delivery plan, reported from `first` to `last`."""

    name: str
    first: int
    statuses: list[Status]
    in_summary: bool = True
    last: int | None = None
    formerly: list[str] = field(default_factory=list)

    def is_of(self, q: int) -> bool:
        return self.first <= q <= (self.last or q)

    def of(self, q: int) -> list[Status]:
        return [status for status in self.statuses if status.is_of(q)]


@dataclass(eq=False)
class Measure:
    """Something counted: over rolling 12 months, or quarter against quarter. decimals: it is no count."""

    name: str
    is_rolling: bool
    decimals: bool = False
    retired: int | None = None
    formerly: list[str] = field(default_factory=list)

    def is_of(self, q: int) -> bool:
        return q <= (self.retired or q)


@dataclass(eq=False)
class Strand:
    """A strand of the strategy, which reports from `first` to `last`."""

    name: str
    short_name: str
    code: str
    plans: list[Plan]
    measures: list[Measure]
    first: int | None = None
    last: int | None = None
    formerly: list[str] = field(default_factory=list)

    def is_of(self, q: int) -> bool:
        return (self.first or q) <= q <= (self.last or q)

    def plans_of(self, q: int) -> list[Plan]:
        return [plan for plan in self.plans if plan.is_of(q)]

    def measures_of(self, q: int) -> list[Measure]:
        """Rolling ones first, as on the sheets."""
        return sorted((m for m in self.measures if m.is_of(q)), key=lambda m: not m.is_rolling)


@dataclass(eq=False)
class Strategy:
    """The strands, in the order of the report, and the first quarter."""

    first: int
    strands: list[Strand]
    quarters_shown: int = 8

    def of(self, q: int) -> list[Strand]:
        return [strand for strand in self.strands if strand.is_of(q)]

    def config(self) -> dict[str, Any]:
        """config.yaml, as what its YAML stands for."""
        return {
            "strategy": "A Strategy",
            "force": "A Force",
            "partnership": "The Partners",
            "marking": "OFFICIAL",
            "first_quarter": written(self.first),
            "current_quarter": written(self.first),
            "quarters_shown": self.quarters_shown,
            "strands": [_strand(strand) for strand in self.strands],
        }


def _strand(strand: Strand) -> dict[str, Any]:
    measures: dict[str, Any] = {
        "rolling_12_months": [m.name for m in strand.measures if m.is_rolling],
        "quarterly": [m.name for m in strand.measures if not m.is_rolling],
        "renamed": {old: m.name for m in strand.measures for old in m.formerly},
        "retired": {m.name: written(m.retired) for m in strand.measures if m.retired},
    }
    return {
        "name": strand.name,
        "short_name": strand.short_name,
        "code": strand.code,
        "lead": "Superintendent",
        "plans": [_plan(plan) for plan in strand.plans],
        "measures": {key: value for key, value in measures.items() if value},
        **({"formerly": list(strand.formerly)} if strand.formerly else {}),
        **_lasts(strand.first, strand.last),
    }


def _plan(plan: Plan) -> dict[str, Any]:
    changes = {
        "renamed": {old: s.name for s in plan.statuses for old in s.formerly},
        "added": {s.name: written(s.added) for s in plan.statuses if s.added},
        "retired": {s.name: written(s.retired) for s in plan.statuses if s.retired},
        "formerly": list(plan.formerly),
    }
    return {
        "name": plan.name,
        "statuses": {s.name: s.counts for s in plan.statuses},
        **({} if plan.in_summary else {"in_summary": False}),
        **{key: value for key, value in changes.items() if value},
        **_lasts(plan.first, plan.last),
    }


def _lasts(first: int | None, last: int | None) -> dict[str, str]:
    both = {"first_quarter": first, "last_quarter": last}
    return {key: written(q) for key, q in both.items() if q is not None}


# What was reported


@dataclass(eq=False)
class Risk:
    """A piece of work at risk. id: what cpxl calls it, from the first time that it is seen in a master."""

    strand: Strand
    id: str | None = None


@dataclass(eq=False)
class RiskLine:
    """A risk as it stands in one return."""

    risk: Risk
    text: str
    response: str
    is_open: bool = True


@dataclass(eq=False)
class Entry:
    """What a return says, or a history does, of one strand and quarter.

    measures: the figures as typed, None where a cell was left blank or to be worked out. months: every count given.
    due: what earlier returns scheduled, of which this one says nothing.
    """

    file: str
    figures: dict[tuple[Plan, Status], Any] = field(default_factory=dict)
    notes: dict[tuple[Plan, Status], str] = field(default_factory=dict)
    measures: dict[Measure, tuple[Any, Any]] = field(default_factory=dict)
    comments: dict[Measure, str] = field(default_factory=dict)
    months: dict[Measure, dict[str, Number]] = field(default_factory=dict)
    risks: list[RiskLine] = field(default_factory=list)
    delivery: list[tuple[str, str]] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    is_history: bool = False


@dataclass(frozen=True)
class Refused:
    """A file that does not count: there is an error in it, there is another of its strand, or nothing is filled in.

    says: what it would say if it counted.
    """

    file: str
    is_empty: bool = False
    says: Entry | None = None


Sent = Entry | Refused
"""What becomes of a file that came in."""


@dataclass
class Line:
    """A strand's line of the executive summary, None where it is N/A. figures_of: None where there are none."""

    strand: Strand
    total: int | None = None
    complete: int | None = None
    ongoing: int | None = None
    at_risk: int | None = None
    change: int | None = None
    figures_of: int | None = None
    state: str = NOT_RETURNED
    was: int | None = None

    @property
    def other(self) -> int | None:
        """What the total has besides the others, so that a row adds up."""
        return None if self.total is None else self.total - sum(v or 0 for v in list(self.figures.values())[1:])

    @property
    def figures(self) -> dict[str, int | None]:
        return {column: getattr(self, column) for column in COLUMNS}


@dataclass
class Compared:
    """A measure's two figures, None where one is not known."""

    quarter: int
    previous: Any
    current: Any

    @property
    def difference(self) -> Number | None:
        if not (_is_number(self.previous) and _is_number(self.current)):
            return None
        return _plain(Decimal(str(self.current)) - Decimal(str(self.previous)))

    @property
    def percentage(self) -> float | str | None:
        """In per cent, to one decimal, a half away from zero."""
        if self.difference is None:
            return None
        if not self.previous:
            return NA
        before, now = Decimal(str(self.previous)), Decimal(str(self.current))
        return half_away((now - before) * 100 / before, 1)


def half_away(value: Decimal, digits: int) -> float:
    """A value rounded to so many decimals, a half away from zero."""
    return float(value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def total(numbers: Iterable[Number]) -> Number:
    """The sum, as people do it: 0.1 and 0.2 are 0.3."""
    return _plain(sum((Decimal(str(number)) for number in numbers), Decimal(0)))


def _plain(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass
class Account:
    """What came in, and what follows from it.

    accepted: what counts of a strand in a quarter. files: what is said of the files that came for it, and whether each
    was accepted. quarter: the one that the master shows. corrected: figures of earlier quarters, as they were and are.
    """

    strategy: Strategy
    accepted: dict[tuple[int, Strand], Entry] = field(default_factory=dict)
    files: dict[tuple[int, Strand], list[tuple[str, str]]] = field(default_factory=dict)
    quarter: int = 0
    corrected: list[tuple[int, Strand, Any, Any]] = field(default_factory=list)

    # What happens

    def history(self, q: int, strand: Strand, entry: Entry) -> None:
        """Figures of an earlier quarter are imported, besides those that earlier files had."""
        before = self.accepted.get((q, strand))
        entry.is_history = True
        entry.figures = {**(before.figures if before else {}), **entry.figures}
        self.accepted[q, strand] = entry
        self.files[q, strand] = [(entry.file, YES)]

    def consolidated(self, q: int, sent: Mapping[Strand, list[Sent]], withdrawn: Collection[Strand] = ()) -> None:
        """A quarter is consolidated: of each strand, what there is in the folder; and strands are withdrawn.

        What was accepted stays until something replaces it.
        """
        before = dict(self.accepted)
        for strand in self.strategy.of(q):
            there = sent.get(strand, [])
            if strand in withdrawn:
                del self.accepted[q, strand]
            if new := next((item for item in there if isinstance(item, Entry)), None):
                self.accepted[q, strand] = new
            now = self.accepted.get((q, strand))
            others = [item for item in there if isinstance(item, Refused) and (now is None or item.says is not now)]
            files = [(item.file, EMPTY if item.is_empty else NO) for item in others]
            self.files[q, strand] = [(now.file, YES), *files] if now else files
        returned = [then for (then, _), files in self.files.items() if files]
        returned = [then for then in returned if not self._is_history(then)]
        self.quarter = max([q, *returned])
        if q < self.quarter:
            for strand in self.strategy.of(q):
                was, now = before.get((q, strand)), self.accepted.get((q, strand))
                self.corrected += [(q, strand, *pair) for pair in _corrections(was, now)]

    def missing(self, q: int) -> list[str]:
        """The strands of which nothing came for a quarter but empty forms, and nothing stays."""
        return [
            strand.name
            for strand in self.strategy.of(q)
            if all(
                outcome == EMPTY or (outcome == YES and self.accepted[q, strand].is_history)
                for _, outcome in self.files.get((q, strand), [])
            )
        ]

    def kept(self, q: int, sent: Mapping[Strand, list[Sent]]) -> list[tuple[str, str]]:
        """The strands of which something stays that no file in the folder gives, and the file that it came in."""
        return [
            (strand.name, entry.file)
            for strand in self.strategy.of(q)
            if (entry := self.accepted.get((q, strand))) and not entry.is_history
            if not any(isinstance(item, Entry) for item in sent.get(strand, []))
        ]

    def _is_history(self, q: int) -> bool:
        entries = [entry for (then, _), entry in self.accepted.items() if then == q]
        return bool(entries) and all(entry.is_history for entry in entries)

    # The executive summary

    def summary(self, view: int) -> list[Line]:
        return [self._line(strand, view) for strand in self.strategy.of(view)]

    def _line(self, strand: Strand, view: int) -> Line:
        line = Line(strand, state=self.state(strand, view))
        latest = max(
            (q for q, s in self.accepted if s is strand and q <= view and self._has_figures(q, s)), default=None
        )
        if latest is None:
            return line
        if not self._is_whole(strand, latest):
            return line
        counts, before = self.counts(strand, latest), self.counts(strand, latest - 1)
        line.total, line.complete, line.ongoing, line.at_risk = (counts[column] for column in COLUMNS)
        line.figures_of = latest
        if latest == view and counts["complete"] is not None and before["complete"] is not None:
            line.change = counts["complete"] - before["complete"]
        line.was = before["total"] if latest == view else None
        return line

    def _has_figures(self, q: int, strand: Strand) -> bool:
        return bool(self.accepted[q, strand].figures)

    def counts(self, strand: Strand, q: int) -> dict[str, int | None]:
        """What the strand's plans in the summary came to in a quarter, if all of them are known."""
        entry = self.accepted.get((q, strand)) if self._is_whole(strand, q) else None
        sums: dict[str, int | None] = dict.fromkeys(COLUMNS)
        for (plan, status), value in (entry.figures if entry else {}).items():
            if plan.in_summary and status.counts != "nothing" and value != NA:
                sums[status.counts] = (sums[status.counts] or 0) + value
        return sums

    def _is_whole(self, strand: Strand, q: int) -> bool:
        """Whether every plan in the summary has figures: a history may have some of them only."""
        entry = self.accepted.get((q, strand))
        known = {plan for plan, _ in entry.figures} if entry else set()
        return known >= {plan for plan in strand.plans_of(q) if plan.in_summary}

    def totals(self, view: int) -> dict[str, int | None]:
        """Over the strands whose figures are of the quarter; None where nothing is known."""
        lines = [line.figures for line in self.summary(view) if line.figures_of == view]
        known = {column: [line[column] for line in lines if line[column] is not None] for column in COLUMNS}
        return {column: sum(v for v in values if v is not None) if values else None for column, values in known.items()}

    def total_change(self, view: int) -> int | None:
        """Of those complete, over the strands of which it is known."""
        known = [line.change for line in self.summary(view) if line.figures_of == view and line.change is not None]
        return sum(known) if known else None

    def has_other(self, view: int) -> bool:
        """Whether some status counts as nothing that the summary has a column for."""
        plans = [plan for strand in self.strategy.of(view) for plan in strand.plans_of(view) if plan.in_summary]
        return any(status.counts == "nothing" for plan in plans for status in plan.of(view))

    def state(self, strand: Strand, q: int) -> str:
        entry = self.accepted.get((q, strand))
        if entry:
            return IMPORTED if entry.is_history else RETURNED
        came = [outcome for _, outcome in self.files.get((q, strand), []) if outcome != EMPTY]
        return REJECTED if came else NOT_RETURNED

    def complete(self, strand: Strand, view: int) -> dict[int, int]:
        """How much was complete in each quarter that is shown, where that is known."""
        shown = range(max(view + 1 - self.strategy.quarters_shown, min(self.strategy.first, view)), view + 1)
        values = {q: self.counts(strand, q)["complete"] for q in shown if strand.is_of(q)}
        return {q: value for q, value in values.items() if value is not None}

    # In words

    def position(self, line: Line, view: int) -> str:
        """Where a strand stands."""
        told = [entry for (q, strand), entry in self.accepted.items() if q <= view and strand is line.strand]
        scheduled = {text for entry in told for kind, text in entry.delivery if kind == "Scheduled"}
        scheduled |= {text for entry in told for text in entry.due}
        actions = f"; actions: {len(scheduled)} without a date" if scheduled else ""  # which nobody closes
        return self._of_plans(line, view) + actions

    def _of_plans(self, line: Line, view: int) -> str:
        last = f"figures of {written(line.figures_of)}" if line.figures_of else "no figures yet"
        if line.state in WITHOUT_FIGURES:
            return f"{IN_WORDS[line.state]}; {last}"
        if line.figures_of not in (None, view):
            return f"No figures this quarter; {last}"
        plans = line.strand.plans_of(view)
        if line.total is None:
            if any(plan.in_summary for plan in plans):
                return "Not applicable this quarter" if line.figures_of else "Not known"
            return "No plan that is counted here" if plans else "No delivery plan yet"
        said = [self._at_risk(line, view), *self._further(line, view)]
        if line.was not in (None, line.total):
            said.append(f"total now {line.total}, was {line.was}")
        if line.change is not None and line.change <= 0:
            fell = f"complete fell by {-line.change}"
            said.append(fell if line.change else "none completed this quarter")
        return "; ".join(said)

    def _at_risk(self, line: Line, view: int) -> str:
        if not line.at_risk:
            return "Nothing at risk"
        done = [DONE[risk.response] for _, risk in self.open_risks_of(line.strand, view)]
        if len(done) != line.at_risk:
            return f"{line.at_risk} at risk"
        how = ", ".join(f"{done.count(one)} {one}" for one in dict.fromkeys(done))
        if len(set(done)) == 1:
            how = f"{('', 'both ')[len(done) == 2] if len(done) < 3 else 'all '}{done[0]}"
        return f"{line.at_risk} at risk: {how}"

    def _further(self, line: Line, view: int) -> Iterator[str]:
        """Figures that the columns do not tell apart: of statuses that count as another does, or as nothing."""
        figures = self.accepted[view, line.strand].figures
        for plan in line.strand.plans_of(view):
            kinds = [status.counts for status in plan.of(view)]
            for at, status in enumerate(plan.of(view)):
                is_told = status.counts == "total" or status.counts not in (*kinds[:at], "nothing")
                value = figures.get((plan, status))
                if plan.in_summary and not is_told and value not in (None, NA, 0):
                    first = status.name[0] if status.name[1:2].isupper() else status.name[0].lower()
                    yield f"{value} {first}{status.name[1:]}"

    def news_of(self, line: Line, view: int) -> str:
        """A strand's news."""
        if line.total is None or line.figures_of != view:
            return f"{self.position(line, view)}."
        risk = f"{line.at_risk} {_are(line.at_risk)} at risk." if line.at_risk else "Nothing is at risk."
        return f"{_complete(line.complete, line.total, line.change, view)}. {risk}"

    def news(self, view: int) -> str:
        """The news of all strands together."""
        whole = self.totals(view)
        if whole["total"] is None:
            return f"No strand has figures of its plans for {written(view)}."
        said, risks = _complete(whole["complete"], whole["total"], self.total_change(view), view), whole["at_risk"]
        if not risks:
            return f"{said}." + " None is known to be at risk." * (risks == 0)
        strands = sum(1 for line in self.summary(view) if line.figures_of == view and line.at_risk)
        return f"{said}. {risks} {_are(risks)} at risk, in {strands} strand{'s' * (strands != 1)}."

    def news_of_returns(self, view: int) -> str:
        """How many reported, and what became of the others."""
        lines = self.summary(view)
        without = [line.state for line in lines if line.state in WITHOUT_FIGURES]
        said = f"{len(lines) - len(without)} of {len(lines)} strands reported"
        for state in dict.fromkeys(without):
            said += f"; {without.count(state)} {IN_WORDS[state].lower()}"
        older = any(line.figures_of and line.state in WITHOUT_FIGURES for line in lines)
        return f"{said}." + " Figures of an earlier quarter are in no total." * older

    def news_of_measures(self, view: int) -> list[str]:
        """What is said of the largest rise and fall over 12 months, without signals; nothing where none is large."""
        changes: list[tuple[Any, str]] = [
            (compared.percentage, measure.name)
            for strand in self.strategy.of(view)
            for measure in strand.measures_of(view)
            if measure.is_rolling
            and (compared := self.insight(strand, measure, view))
            and compared.quarter == view
            and abs(compared.difference or 0) >= LARGE
            and compared.percentage != NA
        ]
        most = max(changes, key=lambda change: change[0], default=(0, ""))
        least = min(changes, key=lambda change: change[0], default=(0, ""))
        news = [most] * (most[0] > 0) + [least] * (least[0] < 0)
        return [f"{name}, {share:+,.1f}".removesuffix(".0") + "%" for share, name in news]

    # Work at risk

    def open_risks(self, view: int) -> list[tuple[int, RiskLine]]:
        """Each with the quarter in which it was last reported."""
        return [found for strand in self.strategy.of(view) for found in self.open_risks_of(strand, view)]

    def open_risks_of(self, strand: Strand, view: int) -> list[tuple[int, RiskLine]]:
        last = max(self._returns(strand, view), default=None)
        if last is None:
            return []
        return [(last, line) for line in self.accepted[last, strand].risks if line.is_open]

    def _returns(self, strand: Strand, view: int) -> list[int]:
        return [q for (q, s), entry in self.accepted.items() if s is strand and q <= view and not entry.is_history]

    def register(self, view: int) -> dict[Risk, tuple[str, str, str, str]]:
        """Every risk: its text, status, and the quarters in which it was first and last reported."""
        found: dict[Risk, tuple[str, str, str, str]] = {}
        for strand in self.strategy.strands:
            lines = [(q, line) for q in sorted(self._returns(strand, view)) for line in self.accepted[q, strand].risks]
            for risk in dict.fromkeys(line.risk for _, line in lines):
                mine = [(q, line) for q, line in lines if line.risk is risk]
                last, line = mine[-1]
                later = [q for q in self._returns(strand, view) if q > last]
                state = "Open" if line.is_open else "Closed"
                if line.is_open and (later or not strand.is_of(view)):
                    state = f"Not listed since {written(min([*later, view]))}"
                found[risk] = (line.text, state, written(mine[0][0]), written(last))
        return found

    # Insights

    def months(self, measure: Measure, view: int) -> dict[str, Number]:
        """The counts by month, each as last reported up to a quarter."""
        known: dict[str, Number] = {}
        for (q, _), entry in sorted(self.accepted.items(), key=lambda item: item[0][0]):
            if q <= view:
                known |= entry.months.get(measure, {})
        return known

    def year(self, measure: Measure, q: int, view: int) -> Number | None:
        """The sum of the 12 months to a quarter's end, None if one is not known."""
        counts = self.months(measure, view)
        months = months_to(q, 12)
        if any(month not in counts for month in months):
            return None
        return total(counts[month] for month in months)

    def measured(self, strand: Strand, measure: Measure, q: int, view: int) -> Compared | None:
        """A measure's figures of a quarter as known in another; None if nothing is."""
        entry = self.accepted.get((q, strand))
        typed = entry.measures.get(measure) if entry else None
        back = 4 if measure.is_rolling else 1
        years = [self.year(measure, then, view) if measure.is_rolling else None for then in (q - 4, q)]
        if typed is None or (typed == (None, None) and measure not in (entry.comments if entry else {})):
            if years[1] is None:
                return None
            earlier = self.accepted.get((q - back, strand))
            before = earlier.measures.get(measure, (None, None))[1] if earlier else None
            typed = (before if years[0] is None else None, None)
        previous, current = (year if figure is None else figure for figure, year in zip(typed, years, strict=True))
        return Compared(q, previous, current)

    def disagreeing(self, q: int) -> list[Measure]:
        """Of each total that was reported for a quarter while its months, as known then, come to another: of what."""
        return [
            measure
            for strand in self.strategy.of(q)
            for measure in strand.measures_of(q)
            if measure.is_rolling and (entry := self.accepted.get((q, strand)))
            for typed, then in zip(entry.measures.get(measure, ()), (q - 4, q), strict=False)
            if _is_number(typed) and (year := self.year(measure, then, q)) is not None and abs(year - typed) > 0.005
        ]

    def last_year(self, measure: Measure, q: int, view: int) -> tuple[Number | None, Number | None]:
        """What the months of a quarter come to, a year before and now, as known in another."""
        counts = self.months(measure, view)
        months = [months_to(then, 3) for then in (q - 4, q)]
        before, now = (total(counts[m] for m in of) if counts.keys() >= set(of) else None for of in months)
        return before, now

    def insight(self, strand: Strand, measure: Measure, view: int) -> Compared | None:
        """A measure as last reported up to a quarter."""
        quarters = {view, *(q for q, s in self.accepted if s is strand and q <= view)}
        found = (self.measured(strand, measure, q, view) for q in sorted(quarters, reverse=True))
        return next((compared for compared in found if compared), None)

    # Facts, a row each

    def figures(self) -> Iterator[tuple[str, str, str, str, Any]]:
        for (q, strand), entry in self.accepted.items():
            for (plan, status), value in entry.figures.items():
                yield written(q), strand.name, plan.name, status.name, value

    def notes(self) -> Iterator[tuple[str, str, str, str, str]]:
        for (q, strand), entry in self.accepted.items():
            for (plan, status), note in entry.notes.items():
                yield written(q), strand.name, plan.name, status.name, note

    def measures(self) -> Iterator[tuple[Any, ...]]:
        for (q, strand), entry in self.accepted.items():
            for measure, figures in entry.measures.items():
                said = (*figures, entry.comments.get(measure))
                if said != (None, None, None):
                    period = "12 months" if measure.is_rolling else "Quarter"
                    yield written(q), strand.name, measure.name, period, *said

    def delivery(self) -> Iterator[tuple[str, str, str, str]]:
        for (q, strand), entry in self.accepted.items():
            for kind, text in entry.delivery:
                yield written(q), strand.name, kind, text


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _complete(complete: int | None, whole: int, change: int | None, view: int) -> str:
    """How many are complete of how many, and how many more than in the quarter before."""
    counted = f"{whole:,} work strand{'s' * (whole != 1)}"
    if complete is None:
        return counted
    percent = f" ({half_away(Decimal(complete) * 100 / Decimal(whole), 1):g}%)" if whole else ""
    said = f"{complete:,} of {counted} {_are(whole)} complete{percent}"
    if change is None:
        return said
    more = f"{abs(change)} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
    return f"{said}, {more} at the end of {written(view - 1)}"


def _corrections(was: Entry | None, now: Entry | None) -> Iterator[tuple[Any, Any]]:
    """Each figure that was known and is another now, or none."""
    if was is not None and was is not now:
        for key, value in _all_figures(was).items():
            other = _all_figures(now).get(key) if now else None
            if value is not None and value != other:
                yield value, other


def _all_figures(entry: Entry) -> dict[Any, Any]:
    figures: dict[Any, Any] = dict(entry.figures)
    for measure, pair in entry.measures.items():
        figures |= {(measure, at): value for at, value in enumerate(pair)}
    return figures | {(m, month): count for m, counts in entry.months.items() for month, count in counts.items()}

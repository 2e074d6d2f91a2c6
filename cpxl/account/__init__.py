"""What a quarter says, all of it, worked out once. Sheets and everything else that is printed are drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from cpxl.account import news
from cpxl.account.measures import Insight, insights
from cpxl.account.risks import NumberedRisk, RegisterRow, open_risks, register
from cpxl.account.status import Next, Standing, next_step, standings_in
from cpxl.account.strand import StrandAccount, strand_account
from cpxl.account.summary import (
    COUNTED,
    RETURNED,
    WITHOUT_FIGURES,
    SummaryRow,
    return_state,
    share_of,
    summarise,
    totals,
)
from cpxl.account.texts import filled, placeholders, texts_of
from cpxl.config import Settings, Strand
from cpxl.consolidate import consolidate
from cpxl.model import (
    ByException,
    Checked,
    Correction,
    FindingRow,
    Master,
    Note,
    Place,
    Progress,
    Publication,
    ReportText,
    Return,
    Revision,
    Submission,
    Value,
)
from cpxl.quarters import Quarter, quarters_between


@dataclass(frozen=True)
class ReturnRow:
    """What came back from a strand, and what became of it."""

    strand: str
    state: str
    files: tuple[Submission, ...]


@dataclass(frozen=True)
class Account:
    """Everything that a quarter's sheets say.

    absent: the strands without figures of the quarter.
    news: sentences with what matters most. positions: where each strand stands, in words.
    totals: over the strands with figures of the quarter; `change`, of those complete; `other`, so that they add up.
    shown: the last quarters. complete: of each strand in each of them, where that is known.
    notes: of leads, to the coordinator. footnotes: figures up to the quarter that have a note.
    texts: what the coordinator wrote for the report, as typed. pictures: their content, by its SHA-256, where they are
    to be drawn.
    publication: the one that it is printed in, if it is published. revisions: figures that were published otherwise.
    not_compared: earlier publications of which nobody can tell any more what they said.
    """

    quarter: Quarter
    settings: Settings
    news: tuple[str, ...]
    summary: tuple[SummaryRow, ...]
    positions: tuple[str, ...]
    totals: Mapping[str, int | None]
    shown: tuple[Quarter, ...]
    complete: Mapping[str, Mapping[Quarter, Value]]
    strands: tuple[StrandAccount, ...]
    of_strands: tuple[str, ...]
    risks: tuple[NumberedRisk, ...]
    register: tuple[RegisterRow, ...]
    insights: tuple[Insight, ...]
    returns: tuple[ReturnRow, ...]
    absent: tuple[SummaryRow, ...]
    findings: tuple[FindingRow, ...]
    corrections: tuple[Correction, ...]
    standings: tuple[Standing, ...]
    notes: tuple[Note, ...]
    exceptions: tuple[ByException, ...]
    texts: tuple[ReportText, ...]
    footnotes: tuple[Progress, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    publication: Publication | None = None
    revisions: tuple[Revision, ...] = ()
    not_compared: tuple[str, ...] = ()

    def filled(self, text: str) -> str:
        """A text of the coordinator's with figures in place of what stands for them in braces."""
        return filled(text, self.placeholders)

    @cached_property
    def placeholders(self) -> Mapping[str, str]:
        """What may stand in braces in the coordinator's texts, and what it is."""
        return placeholders(self)

    @property
    def share(self) -> float | str | None:
        """The share of all that is complete; N/A of nothing, None where it is not known."""
        return share_of(self.totals["complete"], self.totals["total"])

    @property
    def has_other(self) -> bool:
        """Whether some status of a plan in the summary counts as nothing that has a column."""
        plans = [plan for strand in self.settings.strands for plan in strand.plans if plan.in_summary]
        return any(kind == "nothing" for plan in plans for kind in plan.statuses.values())

    @cached_property
    def revised(self) -> frozenset[Place]:
        """Where figures are printed that were published otherwise."""
        return frozenset(revision.place for revision in self.revisions)

    @property
    def next(self) -> Next:
        """What to do next, as far as the master knows."""
        due = self.settings.return_by(self.quarter)
        return next_step(self.quarter, self.standings, due=due, published=False, to_sign_off=self.to_sign_off)

    @property
    def to_sign_off(self) -> list[str]:
        """Names of the strands whose returns nobody has signed off, where config wants that of each that came."""
        wanted = "sign_off" in self.settings.publish_needs
        return [s.strand.name for s in self.strands if wanted and s.state == RETURNED and not s.is_signed_off]

    def is_accepted(self, finding: FindingRow) -> bool:
        """Whether a finding is about a return that was accepted."""
        return (finding.strand, finding.file) in self._accepted

    @cached_property
    def _accepted(self) -> set[tuple[Value, str]]:
        return {(s.strand, s.file) for row in self.returns for s in row.files if s.is_accepted}


NOTHING_ENTERED: Mapping[str, Return] = {}


def account(
    master: Master, quarter: Quarter, settings: Settings, entered: Mapping[str, Return] = NOTHING_ENTERED
) -> Account:
    """What the master says of a quarter.

    entered: what stands on strands' sheets of the master and is not merged, by the strand's code: it stays there.
    """
    master = replace(master, quarter=quarter)
    settings = settings.as_of(quarter)
    summary = summarise(master, quarter, settings)
    shown = _quarters_shown(master, quarter, settings)
    of_quarter = [s for s in master.submissions if s.quarter == quarter]
    states = {strand.name: return_state(master, quarter, strand) for strand in settings.strands}
    strands = [_strand(master, quarter, strand, settings, entered.get(strand.code)) for strand in settings.strands]
    sums = totals(summary, quarter, (*COUNTED, "change", "other"))
    measured = tuple(insights(master, quarter, settings, shown))
    share = share_of(sums["complete"], sums["total"])
    return Account(
        quarter,
        settings,
        (
            news.of_all(summary, sums, share, quarter, settings),
            news.of_measures(measured, quarter, settings),
            *news.of_other_measures(measured, quarter, settings),
            f"{news.of_returns(summary)} {news.of_actions(strands, quarter, settings)}",
        ),
        tuple(summary),
        tuple(news.position(row, strand) for row, strand in zip(summary, strands, strict=True)),
        sums,
        shown,
        _complete(master, settings, shown),
        tuple(strands),
        tuple(news.of_strand(row, strand, settings) for row, strand in zip(summary, strands, strict=True)),
        tuple(open_risks(master, quarter, settings)),
        tuple(register(master, quarter, settings)),
        measured,
        tuple(
            ReturnRow(name, state, tuple(s for s in of_quarter if s.strand == name)) for name, state in states.items()
        ),
        tuple(row for row in summary if row.state in WITHOUT_FIGURES),
        tuple(f for f in master.findings if f.quarter == quarter),
        tuple(c for c in master.corrections if c.quarter <= quarter),
        standings_in(master, quarter, settings),
        tuple(n for n in master.notes if n.quarter == quarter),
        exceptions(master, quarter),
        texts_of(master, quarter, settings),
        tuple(p for p in master.progress if p.note and p.quarter <= quarter),
    )


def exceptions(master: Master, quarter: Quarter) -> tuple[ByException, ...]:
    """The coordinator's paragraphs for the quarter."""
    return tuple(e for e in master.by_exception if e.quarter == quarter)


def _strand(
    master: Master, quarter: Quarter, strand: Strand, settings: Settings, entered: Return | None
) -> StrandAccount:
    if entered:
        master = replace(master, doubts=tuple(d for d in master.doubts if d.strand != strand.name))
        master = consolidate(master, quarter, [Checked(entered, ())], settings)
    return strand_account(master, quarter, strand, settings)


def _quarters_shown(master: Master, quarter: Quarter, settings: Settings) -> tuple[Quarter, ...]:
    """The last quarters of the strategy, and of what is known: as many as are shown, be there figures or not."""
    first = quarter.plus(1 - settings.quarters_shown)
    earliest = min((settings.first_quarter, quarter, *(p.quarter for p in master.progress)))
    return tuple(quarters_between(max(first, earliest), quarter))


def _complete(master: Master, settings: Settings, shown: tuple[Quarter, ...]) -> dict[str, dict[Quarter, Value]]:
    """How many work strands of each strand were complete, quarter by quarter."""
    complete: dict[str, dict[Quarter, Value]] = {strand.name: {} for strand in settings.strands}
    for q in shown:
        for row in summarise(master, q, settings):
            if row.strand in complete and row.figures_of == q:
                complete[row.strand][q] = row.complete
    return complete

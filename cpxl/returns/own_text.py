"""What the coordinator writes for the report: held against the figures, and checked as leads' texts are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from cpxl.account import Account
from cpxl.account.texts import unknown_placeholders
from cpxl.model import ByException, Cell, Doubt, Finding, Master, ReportText, Return, Text
from cpxl.returns.catalogue import PERSONAL, RULES, Context, finding
from cpxl.returns.rules import text as texts_of_leads  # noqa: F401  (fills the catalogue)
from cpxl.words import short
from cpxl.workbook_names import REPORT_TEXT, SUMMARY

TABLE = "report_texts"
FROM_LEADS = ("text-too-long", "control-characters", *PERSONAL)
"""The rules for leads' texts that hold for the coordinator's too."""

NO_RISKS = re.compile(
    r"\b(?:no (?:known |open |current |identified |significant )?risks?\b(?! (?:to|of|from)\b)"
    r"|no (?:work|strands?|work strands?)(?: (?:is|are))?(?: \w+)? at risk\b|(?:nothing|none) is at risk\b)",
    re.IGNORECASE,
)
NUMBER = r"(?<![\w.,/£-])£?(\d{1,3}(?:,\d{3})+|\d+)(?![\w/]|[.,]\d|\s?%| per ?cent)"
PAIR = re.compile(
    rf"{NUMBER}[^\d.;%]{{0,40}}?\b(?:versus|vs\.?|compared (?:to|with)|against)\s(?:\w+\s){{0,3}}?{NUMBER}"
    rf"|\bfrom {NUMBER}(?: \w+){{0,4}}? to {NUMBER}",
    re.IGNORECASE,
)
"""Two figures that a sentence holds against each other."""
NAMES = "reduction|decrease|fall|drop|decline|increase|rise|growth"
COMPARED = r"fewer|(?:less|more)(?=\s*(?:[,;:)\]]|$| than\b))"
CHANGE = re.compile(
    rf"{NUMBER} (?:\w+ )?(?:{NAMES}|{COMPARED})\b|\b(?:{NAMES}) of {NUMBER}"
    rf"|\b(?:fell|rose|down|up|increased|decreased|reduced|dropped|grew) by {NUMBER}",
    re.IGNORECASE,
)
"""A change that a sentence names."""
SENTENCE = re.compile(r"(?<!\bvs)[.!?;](?=\s|$)|\n")


@dataclass(frozen=True)
class Written(Return):
    """The coordinator's texts, as the rules for a return look at them."""

    own: tuple[ReportText, ...] = ()

    @cached_property
    def texts(self) -> list[Text]:
        """Each text and heading."""
        fields = [(one, key) for one in self.own for key in ("heading", "text")]
        return [(one, key, text) for one, key in fields if isinstance(text := getattr(one, key), str)]


def text_doubts(account: Account) -> Iterator[Doubt]:
    """What is wrong with the coordinator's texts for a quarter, each with its cell where that is known."""
    own = (*account.texts, *map(_as_text, account.exceptions))
    for one in own:
        for found in _findings(one, account):
            yield Doubt(found, TABLE, account.quarter)
    written = Written("", "", "", own=tuple(map(_with_cells, own)))
    context = Context(account.settings, account.quarter, (), Master(account.quarter))
    for rule in RULES:
        if rule.code in FROM_LEADS:
            for fault in rule.find(written, context):
                yield Doubt(finding(rule, fault, REPORT_TEXT), TABLE, account.quarter)


def _as_text(paragraph: ByException) -> ReportText:
    """A paragraph of the executive summary as one of the report."""
    cells = {key: Cell(SUMMARY, "") for key in ("heading", "text")}
    return ReportText(paragraph.quarter, None, paragraph.subject, paragraph.text, cells=cells)


def _with_cells(one: ReportText) -> ReportText:
    return replace(one, cells={key: _cell(one, key) for key in ("heading", "text")})


def _cell(one: ReportText, key: str) -> Cell:
    return one.cells.get(key) or Cell(REPORT_TEXT, "")


def _findings(one: ReportText, account: Account) -> Iterator[Finding]:
    """What a text says that the figures do not, or that nobody can fill in."""
    where = _cell(one, "section" if "section" in one.cells else "text")
    if one.section is not None and account.settings.section_meant(one.section) is None:
        yield _finding(
            "report-section-unknown",
            where,
            f"'{short(one.section)}' is no section of the report, so its text is not printed",
            "Name a section by its number or title, or add it to 'sections' in config.yaml.",
        )
    for key in ("heading", "text"):
        typed, cell = str(getattr(one, key) or ""), _cell(one, key)
        for word in unknown_placeholders(typed, account.placeholders):
            yield _finding(
                "report-placeholder-unknown",
                cell,
                f"'{short(word)}' stands for no figure",
                "Write one that does, such as {complete}, {total}, {at_risk} or {change:Hate Crime Offences}; or take "
                "the braces away.",
            )
        said = account.filled(typed)
        if account.risks and (found := NO_RISKS.search(said)):
            count = len(account.risks)
            yield _finding(
                "report-says-no-risks",
                cell,
                f"it says '{short(found[0])}', but {count} open risk{' is' if count == 1 else 's are'} in the figures",
                "Say what is at risk, or point to the section that does.",
            )
        for sentence in SENTENCE.split(said):
            yield from _arithmetic(sentence, cell)


def _arithmetic(sentence: str, cell: Cell) -> Iterator[Finding]:
    """A change that a sentence names beside two figures, and that these do not come to."""
    pairs = list(PAIR.finditer(sentence))
    changes = list(CHANGE.finditer(sentence))
    ends = [0, *(pair.end() for pair in pairs)]
    starts = [*(pair.start() for pair in pairs[1:]), len(sentence)]
    for pair, after, before in zip(pairs, ends, starts, strict=False):
        was, now = _numbers(pair)
        said = [n for found in changes if after <= found.start() < before for n in _numbers(found)]
        if said and abs(was - now) not in said:
            yield _finding(
                "report-change-wrong",
                cell,
                f"it says a change of {said[-1]:,}, but {was:,} and {now:,} differ by {abs(was - now):,}",
                "Correct the figures or the change.",
            )


def _numbers(found: re.Match[str]) -> list[int]:
    return [int(number.replace(",", "")) for number in found.groups() if number]


def _finding(rule: str, cell: Cell, what: str, fix: str) -> Finding:
    place = f"{cell.sheet}!{cell.address}" if cell.address else cell.sheet
    return Finding(rule, Finding.WARNING, cell.sheet, cell.address, f"{place}: {what}.", fix)

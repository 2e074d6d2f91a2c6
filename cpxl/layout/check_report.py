"""What the checks found, as sheets: in front of a lead's return, and over all returns for the coordinator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cpxl.account.summary import NOT_RETURNED
from cpxl.changes import Change
from cpxl.config import Settings
from cpxl.layout.blocks import UNIT, Block, Column, Content, FileLink, Kind, Line, Link, Row, Sheet, Workbook
from cpxl.model import Checked, Finding
from cpxl.quarters import Quarter
from cpxl.workbook_names import AUTHOR, CHANGES, FINDINGS

ANNOTATIONS = "annotations"
NOT_CHECKED, STAYS = "Not checked", "File gone: what was merged stays"
WHOLE_FILE = "The whole file"
SEVERITIES: Mapping[str, str] = {
    Finding.ERROR: "Error: must be corrected",
    Finding.WARNING: "Warning: please check",
    Finding.EXPLAINED: "Explained by a note",
    Finding.NOTE: "Note: for information",
}
"""What each severity asks of the reader."""

LONGEST = 32_767
"""Characters that a cell can hold."""


FOR_COORDINATOR = ("second-return", "superseded", "entered-in-the-master-too", "unknown-strand", "cannot-be-opened")
"""Rules about what only the coordinator can put right."""


def asked_of_lead(findings: Iterable[Finding]) -> list[Finding]:
    """Those of some findings that ask the lead for something."""
    asks = (Finding.ERROR, Finding.WARNING)
    return [f for f in findings if f.severity in asks and f.rule not in FOR_COORDINATOR]


def for_lead(checked: Checked) -> list[Finding]:
    """What the lead is told: nothing where nothing is asked for; else all but what the lead's own notes explain."""
    if not asked_of_lead(checked.findings):
        return []
    return [f for f in checked.findings if f.severity != Finding.EXPLAINED and f.rule not in FOR_COORDINATOR]


def findings_sheet(name: str, title: str, findings: Sequence[Finding], left_out: Sequence[str] = ()) -> Sheet:
    """The sheet in front of a lead's return.

    left_out: what the file carried that this copy of it does not.
    """
    rows: list[Row] = [
        {**_what(finding), "where": _link(finding, number), "others": _fit(", ".join(_cells(finding)[1:]))}
        for number, finding in enumerate(findings, 1)
    ]
    columns = [Column("where", "Where"), WHAT, SEVERITY, Column("others", "Other cells")]
    return Sheet(
        name,
        title,
        [
            Line(
                "Correct the marked cells, save, and send this same file back. If a warning is right as it is, say why "
                "in a note."
            )
        ],
        [Block(ANNOTATIONS, "", columns, rows, f"Left out of this copy: {', '.join(left_out)}." if left_out else "")],
        protected=True,
    )


def how_many_accepted(settings: Settings, checked: Sequence[Checked], without: Collection[str]) -> str:
    """Of how many strands a return is accepted. Files do not count: there may be two of a strand, or one of none.

    without: names of the strands that were looked for and have no return.
    """
    of = {s.name: [c.accepted for c in checked if c.returned.strand == s.code] for s in settings.strands}
    strands = sum(bool(of[name]) or name in without for name in of)
    return f"{sum(map(any, of.values()))} of {strands} returns accepted."


WHAT = Column("what", "What is wrong, and what to do")
SEVERITY = Column("severity", "Severity")


def check_report(
    settings: Settings,
    quarter: Quarter,
    checked: Sequence[Checked],
    missing: Collection[str],
    merged_before: Collection[str],
    copies: Sequence[str],
    changes: Sequence[Change] = (),
) -> Workbook:
    """The coordinator's workbook over all returns of a quarter.

    missing, merged_before: names of the strands of which no return came, and of those whose figures came before and
    stay; strands that are in none of the three were not checked.
    copies: the file name of each return's annotated copy, in the order of `checked`; blank where there is none.
    changes: what merging them changes in the master.
    """
    lines = list(_by_strand(settings.as_of(quarter), list(zip(checked, copies, strict=True))))
    without = dict.fromkeys(missing, NOT_RETURNED) | dict.fromkeys(merged_before, STAYS)
    rows: list[Row] = []
    for strand, c, copy in lines:
        if c is None:
            rows.append({"strand": strand, "state": without.get(strand, NOT_CHECKED)})
        else:
            rows.append({"strand": strand, **_result(c), "file": FileLink(copy) if copy else _no_copy(c)})
    counts = ((Finding.ERROR, "Errors"), (Finding.WARNING, "Warnings"), (Finding.EXPLAINED, "Explained"))
    returns = Block(
        "checked",
        "",
        [
            Column("strand", "Strand"),
            Column("file", "File; a link leads to its marked copy"),
            Column("state", "Return"),
            *[Column(severity, heading, Kind.COUNT) for severity, heading in (*counts, (Finding.NOTE, "Notes"))],
        ],
        rows,
    )
    sheets = {strand.name: strand.short_name for strand in settings.strands}
    found: list[Row] = [
        {
            **_what(finding),
            "strand": f"{strand}\n{c.returned.file}",
            "where": _where(finding, sheets.get(strand)),
            "rule": finding.rule,
        }
        for strand, c, _ in lines
        if c
        for finding in c.findings
    ]
    columns = [Column("strand", "Strand and file"), WHAT, SEVERITY, Column("where", "Where"), Column("rule", "Rule")]
    title = f"{settings.strategy}: check report, {quarter}"
    said = f"{how_many_accepted(settings.as_of(quarter), checked, without)} Send each marked copy to its lead."
    blocks = [returns, _in_spite(lines), _changed(settings)]
    return Workbook(
        title,
        settings.marking,
        f"Check report, {quarter}",
        [
            Sheet("Check report", f"Check report, {quarter}", [Line(said)], [block for block in blocks if block.rows]),
            Sheet(
                FINDINGS,
                f"Findings, {quarter}",
                [Line("Everything that the checks found, strand by strand.")],
                [Block("found", "", columns, found, empty="None.", table="Findings")],
            ),
            _changes_sheet(changes, quarter),
        ],
        author=AUTHOR,
    )


def _changes_sheet(changes: Sequence[Change], quarter: Quarter) -> Sheet:
    """What merging the returns changes in the master."""
    columns = [
        Column("strand", "Strand"),
        Column("what", "What changes"),
        Column("kind", "How"),
        Column("before", "Before", Kind.NUMBER),
        Column("after", "After", Kind.NUMBER),
        Column("share", "% change", Kind.PERCENT_CHANGE),
    ]
    rows: list[Row] = []
    for one in changes:
        row: Row = {"strand": one.strand, "what": f"{one.quarter}, {one.called}", "kind": one.kind.capitalize()}
        if one.unit is None:
            said = zip(("Before", "After"), one.marked, strict=True)
            texts = [f"{when}: {text}" for when, text in said if text]
            rows.append({**row, "what": _fit("\n".join([str(row["what"]), *texts]))})
        else:
            rows.append({**row, "before": one.before, "after": one.after, "share": one.share, UNIT: one.unit.name})
    title = f"Changes, {quarter}"
    if not rows:
        return Sheet(CHANGES, title, [Line("Consolidating these returns changes nothing in the master.")])
    line = "What consolidating these returns changes in the master. Words in brackets are not in the other text."
    return Sheet(CHANGES, title, [Line(line)], [Block("changes", "", columns, rows, table=CHANGES)])


def _in_spite(lines: Iterable[tuple[str, Checked | None, str]]) -> Block:
    """The returns that the coordinator accepted in spite of errors, and why."""
    columns = [Column("strand", "Strand"), Column("why", "Accepted in spite of what, and why")]
    taken = [(strand, c) for strand, c, _ in lines if c and c.accepted and c.reason]
    rows: list[Row] = [{"strand": strand, "why": f"{c.in_spite_of}: {c.reason}"} for strand, c in taken]
    return Block("in_spite", Checked.IN_SPITE, columns, rows)


def _changed(settings: Settings) -> Block:
    """What config.yaml changes of the checks, and why."""
    columns = [Column("rule", "Rule"), Column("why", "For whom, what, and why")]
    rows: list[Row] = [
        {"rule": change.rule, "why": f"{change.whom}: {change.what}. {change.reason}"} for change in settings.rules
    ]
    return Block("changed_rules", "Checks changed in config.yaml", columns, rows)


def _by_strand(settings: Settings, checked: Sequence[tuple[Checked, str]]) -> Iterator[tuple[str, Checked | None, str]]:
    """Strand, return and copy in config's order, None for a strand without a return; files of unknown strands last."""
    known = {strand.code for strand in settings.strands}
    for strand in settings.strands:
        mine = [(c, copy) for c, copy in checked if c.returned.strand == strand.code]
        yield from ((strand.name, c, copy) for c, copy in mine)
        if not mine:
            yield strand.name, None, ""
    yield from (("Unknown", c, copy) for c, copy in checked if c.returned.strand not in known)


def _result(checked: Checked) -> Row:
    severities = [finding.severity for finding in checked.findings]
    return {
        "state": checked.state,
        **{severity: severities.count(severity) for severity in SEVERITIES},
    }


def _no_copy(checked: Checked) -> str:
    return f"{checked.returned.file}: {'no copy could be made' if for_lead(checked) else 'no copy needed'}"


def _what(finding: Finding) -> dict[str, Content]:
    return {"severity": SEVERITIES[finding.severity], "what": _fit(f"{finding.message} {finding.fix}")}


def _fit(text: str) -> str:
    """No more than a cell can hold: a message may quote a whole cell."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _where(finding: Finding, sheet: str | None) -> str:
    """Its cells, and their sheet where that is not the strand's."""
    is_there = finding.sheet == sheet and finding.cell
    return _fit(finding.cell if is_there else f"{finding.sheet} {finding.cell}".strip()) or WHOLE_FILE


def _cells(finding: Finding) -> list[str]:
    return finding.cell.split(", ")


def _link(finding: Finding, number: int) -> Content:
    """To the first cell; to the sheet if it is about no cell."""
    first = _cells(finding)[0]
    if not finding.sheet:
        return f"{number}. {WHOLE_FILE}"
    return Link(finding.sheet, f"{number}. {finding.sheet} {first}".strip(), first or "A1")

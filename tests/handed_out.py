"""What is handed out of a quarter, in Word, to partners and as `--json`, against what a plain account says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.table import Table

from cpxl.account import account
from cpxl.cli.checks import consolidated_json
from cpxl.folder import WorkingFolder
from cpxl.layout.partner import partner_workbook
from cpxl.master.file import read_master
from cpxl.model import ReportText
from cpxl.quarters import Quarter
from cpxl.report.word import document
from cpxl.steps.checking import Checks
from cpxl.theme import REPORT_TEMPLATE
from cpxl.workbook_names import REPORT, SUMMARY
from cpxl.workbooks.untrusted import LARGEST_FILE
from cpxl.workbooks.write import to_bytes
from tests.shown import HEADINGS, found, pages

KEYS = ("total", "complete", "ongoing", "at_risk")
TYPED = "{complete} of {total}, {ongoing}, {at_risk}; {risks} risks; " + "; ".join(
    f"{name}: {{total:{name}}}, {{complete:{name}}}, {{ongoing:{name}}}, {{at_risk:{name}}}, {{now:HATE, {measure}}}"
    for name, measure in (("Hate Crime", "Hate Crime Offences"),)
)
"""What a coordinator types about the figures, without one."""


def compare(
    folder: WorkingFolder,
    quarter: Quarter,
    summary: Sequence[Sequence[Any]],
    whole: Mapping[str, int],
    risks: Sequence[str],
    hate_crime: Any,
) -> None:
    """Hold all three against the account's figures.

    summary: of each strand its name, four figures and the quarter that they are of. whole: the four totals. risks: what
    is open, in order. hate_crime: the offences of 12 months, as last returned for the quarter; None if they were not.
    """
    master = read_master(folder).master
    texts = (ReportText(quarter, "Demand", None, TYPED),)
    said = replace(account(master, quarter, folder.settings), texts=texts)
    lines = [[row[0], *row[1:5]] for row in summary]
    total = ["Total", *whole.values()]
    hate = next((row for row in summary if row[0] == "Hate Crime"), ["Hate Crime", *["not known"] * 4])
    ours = [f"{whole['complete']} of {whole['total']}, {whole['ongoing']}, {whole['at_risk']}; {len(risks)} risks"]
    measure = "not known" if hate_crime is None else f"{hate_crime:,}"
    ours.append(f"Hate Crime: {', '.join(str(figure) for figure in (*hate[1:5], measure))}")
    sentence = "; ".join(ours)

    json = consolidated_json(Checks(quarter, [], [], [], []), master, folder)
    shown = [[row["strand"], *("N/A" if row[key] is None else row[key] for key in KEYS)] for row in json["summary"]]
    assert shown == lines
    assert [json["totals"][key] for key in KEYS] == list(whole.values())
    assert [risk["description"] for risk in json["risks"]] == list(risks)

    word = Document(
        BytesIO(document(said, date(2022, 5, 1), folder.own_or_ours(REPORT_TEMPLATE, LARGEST_FILE), folder.theme))
    )
    items = list(word.iter_inner_content())
    at = next(n for n, item in enumerate(items) if _reads(item) == "3.1 Dashboard summary" and _is_heading(item))
    dashboard = next(item for item in items[at:] if isinstance(item, Table))
    printed = [[cell.text for cell in row.cells][:5] for row in dashboard.rows[1:]]
    assert printed == [[str(value) for value in row] for row in (*lines, total)]
    assert sentence in [_reads(item) for item in items]
    if risks:
        at = next(n for n, item in enumerate(items) if _reads(item) == "3.2 Strands at risk" and _is_heading(item))
        table = next(item for item in items[at:] if isinstance(item, Table))
        numbered = [(row.cells[0].text, row.cells[2].text.partition("\n")[0]) for row in table.rows[1:]]
        assert numbered == [(str(n), text) for n, text in enumerate(risks, 1)]

    path, partner = folder.path / "handed out.xlsx", partner_workbook(said, date(2022, 5, 1))
    partner = replace(partner, sheets=[page for page in partner.sheets if page.name in (SUMMARY, REPORT)])
    path.write_bytes(to_bytes(partner, folder.theme))
    book = pages(path)
    path.unlink()
    rows = found(book[SUMMARY], "Strand", *HEADINGS)
    assert [[row["Strand"], *(row[heading] for heading in HEADINGS)] for row in rows] == [*lines, total]
    report = [str(row[1]) for row in book[REPORT] if len(row) > 1 and row[1] is not None]
    assert sentence in report
    told = [text.split("\n")[1] for text in report if text.partition(") ")[0].isdigit()]
    assert told == list(risks)


def _reads(item: Any) -> str:
    return "" if isinstance(item, Table) else str(item.text)


def _is_heading(item: Any) -> bool:
    return str(item.style.name).startswith("Heading")

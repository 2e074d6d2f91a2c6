"""What of a quarter may go to partners: its versions, who approved it, and what its files are called."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

from cpxl.account import Account, account
from cpxl.account.doubts import differing_totals
from cpxl.account.summary import NOT_RETURNED
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.layout.blocks import plain
from cpxl.layout.partner import partner_sheets
from cpxl.model import Approval, Finding, FindingRow, Master, Publication
from cpxl.names import as_file_name, shortened
from cpxl.quarters import Quarter, month_name
from cpxl.returns.catalogue import DISCLOSURE
from cpxl.returns.own_text import text_doubts
from cpxl.words import listed

MOST_SAID = 5
"""Figures that do not hold, that a refusal names; the others it counts."""


def sound(settings: Settings, master: Master, quarter: Quarter) -> Account:
    """What the master says of a quarter, to be published.

    Raises Refused if nothing was consolidated for the quarter, or if a figure of it or of an earlier quarter, which
    stands beside it, does not hold; or if the coordinator's text may not go out.
    """
    known = account(master, quarter, settings)
    if all(row.state == NOT_RETURNED for row in known.returns):
        raise Refused(f"The master has nothing for {quarter}: run 'cpxl consolidate -q \"{quarter}\"' first.")
    doubts = (*master.doubts, *differing_totals(master, quarter, settings), *text_doubts(known))
    refuse_doubts(replace(master, doubts=doubts), quarter, "published")
    return known


def disclosures(account: Account) -> list[FindingRow]:
    """What checks found in the quarter's accepted returns that partners perhaps should not see, and is not settled."""
    still_open = [f for f in account.findings if f.rule in DISCLOSURE and f.severity != Finding.EXPLAINED]
    return [found for found in still_open if account.is_accepted(found)]


def refuse_doubts(master: Master, quarter: Quarter, done: str) -> None:
    """Raise Refused if a figure up to a quarter does not hold. done: what was therefore not, such as `published`."""
    doubts = [d.finding for d in master.doubts if d.is_error and (d.quarter is None or d.quarter <= quarter)]
    if doubts:
        said = [f"{finding.message} {finding.fix}" for finding in doubts[:MOST_SAID]]
        more = [f"And {len(doubts) - MOST_SAID} more: 'cpxl check' lists them."] * (len(doubts) > MOST_SAID)
        raise Refused(f"Nothing was {done}, as something in the master does not hold. {' '.join([*said, *more])}")


# Who has to have seen it


def approval(master: Master, account: Account) -> tuple[Approval | None, bool]:
    """The last approval of a quarter, if there is one, and whether it says the same now as it did then."""
    last = next((one for one in reversed(master.approvals) if one.quarter == account.quarter), None)
    return last, last is not None and last.says == digest(account)


def approved_in_words(master: Master, account: Account) -> str:
    """`Chief Superintendent, 16 November 2020`, and whether it has changed since; blank if nobody approved it."""
    last, holds = approval(master, account)
    if last is None:
        return ""
    day = date.fromisoformat(last.when)
    return f"{last.post}, {day.day} {month_name(day)}{'' if holds else '. What it says has changed since'}"


def refuse_unless_seen(master: Master, account: Account) -> None:
    """Raise Refused if config wants somebody to have seen a quarter before it is published, and nobody has."""
    if account.to_sign_off:
        raise Refused(
            f"{account.quarter} was not published: nobody has signed off the return of {listed(account.to_sign_off)}. "
            "Have a post and a date entered at the end of the form, and consolidate (publish_needs in config.yaml)."
        )
    if "approval" in account.settings.publish_needs:
        last, holds = approval(master, account)
        if not holds:
            what = f"what {last.post} approved on {last.when} has changed since" if last else "it is not approved"
            raise Refused(
                f"{account.quarter} was not published: {what}. Have it approved, then run 'cpxl approve -q "
                f"{account.quarter.folder} --by POST' (publish_needs in config.yaml)."
            )


# Versions


def digest(account: Account) -> str:
    """The digest of everything that partners are told of a quarter, wherever and whenever it is printed."""
    said = hashlib.sha256()
    for sheet in partner_sheets(account):
        for block in sheet.blocks:
            for row in block.rows:
                values = [f"{key}={value}" for key in block.keys if (value := plain(row.get(key))) not in (None, "")]
                said.update("\n".join([sheet.name, block.name, *values, ""]).encode("utf-8", "surrogatepass"))
    for picture in filter(None, (strand.picture for strand in account.strands)):
        said.update(f"{picture.strand}\n{picture.text}\n{picture.sha256}\n".encode("utf-8", "surrogatepass"))
    return said.hexdigest()


def next_version(published: Path, settings: Settings, quarter: Quarter, last: Publication | None) -> str:
    """The number after that of the last publication of a quarter: 1.0, then 1.1.

    A number in the name of a file that is there already is not given to another. What was published before versions
    had numbers counts as 1.0.
    """
    whole, part = last.number if last else (1, -1)
    part += 1 + (last is None and without_number(published, settings, quarter))

    def names(part: int) -> list[Path]:
        paths = [published / file_name(settings, quarter, f"{whole}.{part}", ending) for ending in (".xlsx", ".docx")]
        return [*paths, *map(pdf_beside, paths)]

    while any(path.exists() for path in names(part)):
        part += 1
    return f"{whole}.{part}"


def without_number(published: Path, settings: Settings, quarter: Quarter) -> bool:
    """Whether something was published for a quarter before versions had numbers."""
    return any((published / file_name(settings, quarter, "", ending)).exists() for ending in (".xlsx", ".docx"))


def file_name(settings: Settings, quarter: Quarter, version: str, ending: str) -> str:
    """A name that Windows allows: `Crime Prevention Strategy 2018-21, 2020-21 Q2, v1.0.xlsx`."""
    number = f", {version if version == Publication.DRAFT else f'v{version}'}" if version else ""
    return as_file_name(f"{shortened(settings.strategy)}, {quarter}{number}{ending}")


REPORT_PDF = ", report.pdf"
"""How the name of the report's PDF ends, which would else be that of the partner workbook's."""


def pdf_beside(path: Path) -> Path:
    """The PDF of what was published."""
    return path.with_name(path.stem + REPORT_PDF) if path.suffix == ".docx" else path.with_suffix(".pdf")

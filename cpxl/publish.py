"""What of a quarter may go to partners, and what its files are called."""

from __future__ import annotations

from dataclasses import replace

from cpxl.account import Account, account
from cpxl.account.doubts import differing_totals
from cpxl.account.summary import NOT_RETURNED
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.model import Finding, FindingRow, Master
from cpxl.names import as_file_name, shortened
from cpxl.quarters import Quarter
from cpxl.returns.catalogue import DISCLOSURE
from cpxl.returns.own_text import text_doubts

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


def file_name(settings: Settings, quarter: Quarter, ending: str = ".xlsx") -> str:
    """A name that Windows allows: `Crime Prevention Strategy 2018-21, 2020-21 Q2.xlsx`."""
    return as_file_name(f"{shortened(settings.strategy)}, {quarter}{ending}")

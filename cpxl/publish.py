"""What of a quarter may go to partners: its versions, who approved it, and what its files are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cpxl import versions
from cpxl.account import Account, account
from cpxl.account.doubts import differing_totals
from cpxl.account.summary import NOT_RETURNED
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.model import Approval, Finding, FindingRow, Master
from cpxl.quarters import Quarter, day_name
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
    return last, last is not None and last.says == versions.digest(account)


def approved_in_words(master: Master, account: Account) -> str:
    """`Chief Superintendent, 16 November 2020`, and whether it has changed since; blank if nobody approved it."""
    last, holds = approval(master, account)
    if last is None:
        return ""
    day = date.fromisoformat(last.when)
    return f"{last.post}, {day_name(day)}{'' if holds else '. What it says has changed since'}"


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

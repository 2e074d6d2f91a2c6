"""What the partner workbook says of itself, and of a strand that has nothing."""

from __future__ import annotations

from datetime import date

import pytest

from cpxl.account import account
from cpxl.config import parse
from cpxl.layout.blocks import Sentence, Sheet
from cpxl.layout.partner import partner_workbook
from cpxl.model import Master, Submission
from tests import small

QUARTER = small.quarter_of("2020/21 Q1")
WITHOUT = parse(small.CONFIG.replace("marking:", "contact: the strategy coordinator\nmarking:"))


def sheets(*accepted: str) -> dict[str, Sheet]:
    """The sheets of a workbook of nothing but some returns. accepted: what became of each."""
    came = [Submission(QUARTER, small.STRAND, "a.xlsx", "", "2020-07-10", 3, 1, state) for state in accepted]
    said = account(Master(QUARTER, submissions=tuple(came)), QUARTER, WITHOUT)
    return {sheet.name: sheet for sheet in partner_workbook(said, date(2020, 7, 20)).sheets}


@pytest.mark.parametrize(
    ("accepted", "why"), [([], "Not returned for 2020/21 Q1."), ([Submission.NO], "Not accepted for 2020/21 Q1.")]
)
def test_a_strand_without_a_return_says_why(accepted: list[str], why: str) -> None:
    found = sheets(*accepted)
    said = [item.text for item in found[small.STRAND].items if isinstance(item, Sentence)]
    assert said == [why, why, why]  # of progress, of what was delivered and of what is planned: no empty table


def test_contents_and_notes_are_of_what_is_there() -> None:
    found = sheets()
    about = {str(row["sheet"].text): row["about"] for row in found["Contents"].blocks[0].rows}  # type: ignore[union-attr]
    assert about["Risk register"] == "No risk has been reported"
    assert not [said for said in about.values() if ".;" in str(said) or str(said).endswith(".")]
    words = [row["term"] for row in found["Notes"].blocks[0].rows]
    assert "Figures as of" in words
    assert "[r]" not in words  # nothing is revised, and no sheet lists what is
    assert {row["item"]: row["details"] for row in found["Cover"].blocks[0].rows}["Contact"] == (
        "The strategy coordinator"
    )


def test_what_a_blank_cell_means_is_said_where_there_are_cells() -> None:
    found = sheets()
    says = {name: str(sheet.lines[1].content) for name, sheet in found.items() if name not in ("Cover", "Contents")}
    assert says["Risk register"] == "This sheet has no table."
    assert says["Notes"].startswith("This sheet has 1 table. A blank cell means")

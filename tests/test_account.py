"""Random strategies over three to six quarters: master, partner workbook and `--json` show what an account says."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import office
from tests.shown import master_differs
from tests.story import a_whole_story
from tests.work import LONG

STORIES, QUARTERS = (120, 6) if LONG else (1, 2)


@pytest.mark.parametrize("seed", range(STORIES))
def test_every_figure_is_that_of_the_account(tmp_path: Path, seed: int) -> None:
    a_whole_story(tmp_path / "strategy", seed, QUARTERS)
    shutil.rmtree(tmp_path / "strategy")


@pytest.mark.parametrize("seed", range(1000, 1020) if LONG else ())
def test_formulas_come_to_what_the_account_says(calc: Any, tmp_path: Path, seed: int) -> None:
    story = a_whole_story(tmp_path / "strategy", seed)
    copy = office.recalculated(calc, [story.master], tmp_path / "recalculated")[story.master]
    assert office.formula_differences(story.master, copy) == []
    story.agree(master_differs(copy, story.account))

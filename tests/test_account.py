"""Random strategies over three to six quarters: master, partner workbook and `--json` show what an account says."""

import os
from pathlib import Path

import pytest

from tests.story import a_whole_story

STORIES = 120 if os.environ.get("CPXL_LONG") == "1" else 8


@pytest.mark.parametrize("seed", range(STORIES))
def test_every_figure_is_that_of_the_account(tmp_path: Path, seed: int) -> None:
    a_whole_story(tmp_path / "strategy", seed)

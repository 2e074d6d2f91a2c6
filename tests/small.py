"""A strategy of one strand and one plan, and its returns filled in: as little as a quarter can have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cpxl.account import Account, account
from cpxl.folder import WorkingFolder
from cpxl.quarters import Quarter
from cpxl.steps import issuing, merging
from tests.form import Form

CONFIG = """\
strategy: Safer Streets
force: A Force
partnership: A Partnership
marking: OFFICIAL
first_quarter: 2020/21 Q1
current_quarter: 2020/21 Q1
strands:
  - name: Burglary
    short_name: Burglary
    code: BURG
    lead: Superintendent, Crime
    plans:
      - name: Burglary
        first_quarter: 2020/21 Q1
        statuses: {Total: total, Complete: complete, Ongoing: ongoing, At risk: at_risk}
"""
STRAND = "Burglary"


def folder_of(path: Path, config: str = CONFIG) -> WorkingFolder:
    path.mkdir(exist_ok=True)
    (path / "config.yaml").write_text(config, encoding="utf-8")
    return WorkingFolder.open(path)


def quarter_of(text: str) -> Quarter:
    return Quarter.parse(text)


def fill_in(form: Form, quarter: str, figures: Sequence[Any] = (4, 1, 3, 0)) -> None:
    """figures: total, complete, ongoing, at risk."""
    for row, value in enumerate(figures):
        form.type("Progress: Burglary", row, quarter, value)


def schedule(form: Form, row: int, activity: str, when: Any, owner: str | None = None) -> None:
    for heading, value in (
        ("Activity", activity),
        ("Anticipated", "Fewer burglaries"),
        ("When", when),
        ("Owner", owner),
    ):
        form.type("Planned for", row, heading, value)


def send(folder: WorkingFolder, form: Form, quarter: str) -> None:
    path = folder.returns(quarter_of(quarter)) / "BURG.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    form.book.save(path)


def issued(folder: WorkingFolder, quarter: str) -> Form:
    [path] = issuing.issue(folder, quarter_of(quarter))
    return Form(path)


def merged(folder: WorkingFolder, quarter: str) -> Account:
    checks, master = merging.consolidate_folder(folder, quarter_of(quarter))
    assert not checks.has_errors, checks.checked
    return account(master, quarter_of(quarter), folder.settings)

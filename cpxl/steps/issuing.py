"""The returns of a quarter, for the leads to fill in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cpxl import publish, store, yaml_file
from cpxl.account.strand import strand_account
from cpxl.beginning import refuse_placeholders
from cpxl.errors import Refused
from cpxl.folder import CONFIG, WorkingFolder, alone
from cpxl.layout.form import return_workbook
from cpxl.master.file import read_master
from cpxl.model import OF_LEADS, Master
from cpxl.quarters import Quarter
from cpxl.steps.watching import Progress, silent


@alone("issue")
def issue(folder: WorkingFolder, quarter: Quarter, progress: Progress = silent) -> list[Path]:
    """Write the returns of a quarter, one for each strand. Returned: their paths, in config's order."""
    from cpxl.workbooks.write import to_bytes

    settings = folder.settings.as_of(quarter)
    if quarter < settings.first_quarter:
        raise Refused(
            f"{quarter} lies before the strategy's first quarter, {settings.first_quarter}: choose a later one."
        )
    refuse_placeholders(yaml_file.read(folder.path / CONFIG), CONFIG, "issued")
    known = read_master(folder).master
    publish.refuse_doubts(known, quarter.plus(-1), "issued")
    master = before(known, quarter)
    paths = [folder.issued_return(quarter, strand.code) for strand in settings.strands]
    for path in paths:
        store.refuse_if_in_use(path)
    for strand, path in zip(settings.strands, paths, strict=True):
        progress(strand.name)
        if path.exists() and not store.is_untouched(path):  # somebody filled it in where it was issued
            folder.back_up(path)
        store.save(
            path, to_bytes(return_workbook(settings, strand_account(master, quarter, strand, settings)), folder.theme)
        )
    store.make_folder(folder.returns(quarter))
    return paths


def before(master: Master, quarter: Quarter) -> Master:
    """What the master knew before a quarter's returns: all of earlier quarters, and counts from extracts."""
    tables = {*OF_LEADS, "submissions"} - {"monthly"}
    earlier: dict[str, Any] = {
        table: tuple(row for row in getattr(master, table) if row.quarter < quarter) for table in tables
    }
    is_returned = master.in_returns(quarter)
    counted = tuple(row for row in master.monthly if row.quarter <= quarter and not is_returned(row))
    return replace(master, quarter=quarter, monthly=counted, **earlier)

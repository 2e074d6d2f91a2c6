"""Earlier quarters' figures, and counts of incidents, into the master."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cpxl import files as file_access
from cpxl import store
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder, alone
from cpxl.master.file import read_master, write_master
from cpxl.model import Checked
from cpxl.quarters import Quarter
from cpxl.steps.checking import doubts_of
from cpxl.workbooks.untrusted import LARGEST_FILE

if TYPE_CHECKING:
    from cpxl.insights.extracts import Imported


@alone("history import")
def import_history(
    folder: WorkingFolder, path: Path, *, replacing: bool = False, drop_other_sheets: bool = False
) -> list[Checked]:
    """Earlier quarters' figures into the master; nothing is written if one of them has an error.

    replacing: take these figures where an earlier history says something else.
    """
    from cpxl import history

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    checked = history.check_history(path, history.read_history(path), folder.settings, folder.current_quarter())
    if all(c.accepted for c in checked):
        master = history.merge_history(known.master, checked, replacing=replacing)
        _keep_a_copy(folder, path, checked)
        write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    return checked


def _keep_a_copy(folder: WorkingFolder, path: Path, checked: Sequence[Checked]) -> None:
    """Keep the history as it is imported: its figures are traced to it, wherever it came from.

    Raises Refused if it changed while it was read.
    """
    from cpxl.history import kept_as

    for returned in [c.returned for c in checked][:1]:
        data = file_access.read(path, LARGEST_FILE + 1).data
        if hashlib.sha256(data).hexdigest() != returned.sha256:
            raise Refused(f"{path} was changed by somebody while cpxl was at work: run this again.")
        store.save(folder.path / kept_as(returned.file, returned.sha256), data)


@alone("insights import")
def import_extracts(
    folder: WorkingFolder,
    paths: Sequence[Path],
    quarter: Quarter,
    *,
    drop_other_sheets: bool = False,
    accept_low: Collection[str] = (),
    progress: Callable[[str, float], None] = lambda _, share: None,
) -> Imported:
    """Counts by month from incident extracts into the master, as reported in `quarter`; what is known stays as it is.

    accept_low: periods (`2019-07`, `2019/20 Q2`) that count though they are far below all others.
    progress: told what is being read, and which share of everything has been.
    """
    from cpxl.insights.extracts import merged, read_extracts

    store.refuse_if_in_use(folder.master)
    known = read_master(folder)
    imported = read_extracts(paths, folder.settings, quarter, progress, accept_low)
    monthly, imported = merged(known.master, imported, quarter, accept_low)
    master = replace(known.master, monthly=monthly)
    if monthly != known.master.monthly:
        write_master(folder, known, master, drop_other_sheets=drop_other_sheets)
    if doubts := doubts_of(master, quarter, folder.settings):  # which may stand in other rows now
        doubts = doubts_of(read_master(folder).master, quarter, folder.settings)
    return replace(imported, doubts=doubts)

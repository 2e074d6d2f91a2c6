"""The partner workbook of a quarter, from the master's data."""

from __future__ import annotations

from cpxl.config import Settings
from cpxl.consolidate import NOT_RETURNED, return_state
from cpxl.errors import Refused
from cpxl.layout.blocks import Workbook
from cpxl.layout.partner import partner_workbook
from cpxl.model import Master
from cpxl.names import as_file_name, shortened
from cpxl.quarters import Quarter


def publish(settings: Settings, master: Master, quarter: Quarter) -> Workbook:
    """The partner workbook. Raises Refused if nothing was consolidated for the quarter."""
    if all(return_state(master, quarter, strand) == NOT_RETURNED for strand in settings.as_of(quarter).strands):
        raise Refused(f"The master has nothing for {quarter}: run 'cpxl consolidate -q \"{quarter}\"' first.")
    return partner_workbook(settings, master, quarter)


def file_name(settings: Settings, quarter: Quarter) -> str:
    """A name that Windows allows: `Crime Prevention Strategy 2018-21, 2020-21 Q2.xlsx`."""
    return as_file_name(f"{shortened(settings.strategy)}, {quarter}.xlsx")

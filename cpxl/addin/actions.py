"""A click in the ribbon: say at once what goes on, do it, and tell how it went. What each button does is in `buttons`.

A person waits for the first sign of life, so nothing is imported before that but what it takes to reach Excel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpxl.errors import Refused
from cpxl.workbooks import excel

if TYPE_CHECKING:
    import xlwings

TITLE = "cpxl"

BUTTONS = {
    "new_quarter": "issuing returns",
    "open_returns": "looking for the returns",
    "check": "checking",
    "consolidate": "checking",
    "undo_consolidate": "looking for the backup",
    "backups": "looking for the backups",
    "where_from": "looking for the cell",
    "approve": "looking through the quarter",
    "partner": "making the partner workbook",
    "report": "making the report",
    "pdf": "making the PDF",
    "report_pdf": "making the report and its PDF",
    "settings": "looking for the settings",
    "log": "looking for the log",
    "about": "starting",
}
"""The ribbon's controls by their ids, each a function in `buttons`, and what the status bar says first."""


def press(control_id: str) -> None:
    """Do what a button is for, in the Excel that it was clicked in.

    control_id: a key of BUTTONS.
    Whatever goes wrong, the coordinator sees it in plain words; the log has the rest. Nothing is raised.
    """
    app = excel.app()
    try:
        excel.refuse_if_busy(app)
        app.status_bar = status(BUTTONS[control_id])
        from cpxl.addin import buttons

        getattr(buttons, control_id)(app)
    except Refused as refusal:
        say(app, str(refusal), *getattr(refusal, "__notes__", ()))
    except Exception as error:
        says = _what_went_wrong(app, control_id, error)
        say(app, says, *getattr(error, "__notes__", ()), mode="critical")
    finally:
        excel.give_back(app)


def status(text: str) -> str:
    """What the status bar shows while something goes on."""
    return f"cpxl: {text} …"


def say(app: xlwings.App, *paragraphs: str, mode: str = "info") -> None:
    """Tell the coordinator, and wait until it is read."""
    app.alert("\n\n".join(paragraphs), TITLE, mode=mode)


def _what_went_wrong(app: xlwings.App, control_id: str, error: Exception) -> str:
    from cpxl.addin.desk import log_of
    from cpxl.log import logger

    path = log_of(app)
    logger(path).error("the button '%s' was not carried out", control_id, exc_info=error)
    if refusal := excel.words(error):
        return f"Excel did not do it. It says: {refusal}"
    return f"cpxl stopped on a fault of its own, not yours: please send {path} to whoever looks after cpxl."

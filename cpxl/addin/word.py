"""What Word is asked for, under the names of its own object model: a PDF of a document, tagged and with bookmarks."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cpxl.errors import Refused
from cpxl.report.pdf import pdf_of
from cpxl.workbooks import excel

NO_ALERTS, AS_PDF, BY_HEADINGS, UNSAVED = 0, 17, 1, 0
"""wdAlertsNone, wdExportFormatPDF, wdExportCreateHeadingBookmarks, wdDoNotSaveChanges."""
CONTAINER = "Library/Containers/com.microsoft.Word/Data"
"""The one folder on a Mac, in the user's own, in which Word reads and writes without asking."""


def printed(document: bytes, kind: str) -> bytes:
    """A document as a PDF, by Word where Excel has it beside itself. kind: `.docx`.

    Its contents are brought up to date first. Raises Refused if Word is not there or makes no PDF.
    """
    if not excel.WINDOWS and not excel.MAC:
        return pdf_of(document, kind)
    from cpxl.report.finish import without_asking

    container = Path.home() / CONTAINER
    place = container if excel.MAC and container.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="cpxl-", dir=place, ignore_cleanup_errors=True) as scratch:
        path = Path(scratch) / f"{Path(scratch).name}{kind}"  # as no other that is open is called
        path.write_bytes(without_asking(document))
        try:
            (_on_windows if excel.WINDOWS else _on_a_mac)(path, path.with_suffix(".pdf"))
            return path.with_suffix(".pdf").read_bytes()
        except Exception as error:  # of COM's and AppleScript's own kinds
            says = excel.words(error) or getattr(error, "strerror", "") or error
            raise Refused(
                f"Word made no PDF of the report (it says: {says}). See that Word starts and shows no message, then "
                "click again; or click Report, and save as PDF in Word."
            ) from error


def _on_windows(path: Path, pdf: Path) -> None:
    from win32com.client import DispatchEx

    word = DispatchEx("Word.Application")  # one of its own, beside whatever is open
    try:
        word.DisplayAlerts = NO_ALERTS
        document = word.Documents.Open(
            FileName=str(path), ConfirmConversions=False, ReadOnly=True, AddToRecentFiles=False
        )
        for contents in document.TablesOfContents:
            contents.Update()
        document.ExportAsFixedFormat(
            OutputFileName=str(pdf),
            ExportFormat=AS_PDF,
            IncludeDocProps=True,
            CreateBookmarks=BY_HEADINGS,
            DocStructureTags=True,
        )
    finally:
        word.Quit(SaveChanges=UNSAVED)


def _on_a_mac(path: Path, pdf: Path) -> None:
    from appscript import app, k, mactypes

    word = app("Microsoft Word", terms="sdef")
    word.open(mactypes.Alias(str(path)))
    document = word.documents[path.name]
    try:
        if document.tables_of_contents[1].exists():
            document.tables_of_contents[1].update()
        document.save_as(file_name=str(pdf), file_format=k.format_PDF)  # and is then called so
    finally:
        for name in (path.name, pdf.name):
            if word.documents[name].exists():
                word.documents[name].close(saving=k.no)

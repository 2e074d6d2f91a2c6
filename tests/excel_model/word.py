"""Word beside Excel, for the one thing that it is asked for: a PDF of a document. LibreOffice's Writer plays it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

from tests.excel_model.manners import Excel, Refusal
from tests.excel_model.windows import Com
from tests.office import properties


class Paper:
    """A document that is open in Writer."""

    def __init__(self, excel: Excel, path: str) -> None:
        assert b"updateFields" not in ZipFile(path).read("word/settings.xml")  # Word would ask, and wait
        url = Path(path).as_uri()
        self.excel, self.name = excel, Path(path).name
        self.document = excel.desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True))
        self.is_up_to_date = False
        excel.documents[self.name] = self

    def export(self, pdf: str) -> None:
        """Make the PDF, of which the contents have to be up to date."""
        if not self.is_up_to_date:
            raise Refusal("The numbers of pages are missing.")
        self.document.storeToURL(Path(pdf).as_uri(), properties(FilterName="writer_pdf_Export"))

    def close(self) -> None:
        self.excel.documents.pop(self.name, None)
        self.document.close(True)


# On Windows


class Application(Com, program="word"):
    @property
    def DisplayAlerts(self) -> int:
        return 0

    @DisplayAlerts.setter
    def DisplayAlerts(self, value: int) -> None:
        assert value == 0

    @property
    def Documents(self) -> Documents:
        return Documents(self.excel, None)

    def Quit(self, SaveChanges: int) -> None:
        assert SaveChanges == 0
        for paper in list(self.excel.documents.values()):
            paper.close()


class Documents(Com, program="word"):
    def Open(self, FileName: str, ConfirmConversions: bool, ReadOnly: bool, AddToRecentFiles: bool) -> Document:
        assert (ConfirmConversions, ReadOnly, AddToRecentFiles) == (False, True, False)
        return Document(self.excel, Paper(self.excel, FileName))


class Document(Com, program="word"):
    @property
    def TablesOfContents(self) -> TablesOfContents:
        return TablesOfContents(self.excel, self.it)

    def ExportAsFixedFormat(
        self,
        OutputFileName: str,
        ExportFormat: int,
        IncludeDocProps: bool,
        CreateBookmarks: int,
        DocStructureTags: bool,
    ) -> None:
        assert (ExportFormat, IncludeDocProps, CreateBookmarks, DocStructureTags) == (17, True, 1, True)
        self.it.export(OutputFileName)


class TablesOfContents(Com, program="word"):
    def __iter__(self) -> Iterator[TableOfContents]:
        yield TableOfContents(self.excel, self.it)


class TableOfContents(Com, program="word"):
    def Update(self) -> None:
        self.it.is_up_to_date = True


# On a Mac


def on_a_mac(excel: Excel) -> Any:
    """Word as AppleScript speaks to it. Saved under another name, a document is called so."""
    if not excel.has_word:
        raise Refusal("Application isn't installed.")

    class ByName:
        def __getitem__(self, name: str) -> SimpleNamespace:
            paper: Any = excel.documents.get(name)

            def update() -> None:
                paper.is_up_to_date = True

            def save_as(file_name: str, file_format: Any) -> None:
                assert str(file_format).endswith("format_PDF")
                paper.export(file_name)
                excel.documents[Path(file_name).name] = excel.documents.pop(name)
                paper.name = Path(file_name).name

            contents = SimpleNamespace(exists=lambda: paper is not None, update=update)
            return SimpleNamespace(
                exists=lambda: paper is not None,
                tables_of_contents={1: contents},
                save_as=save_as,
                close=lambda saving: paper.close(),
            )

    return SimpleNamespace(open=lambda path: Paper(excel, path), documents=ByName())

"""What a section of the report is made of: texts, tables, charts, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from cpxl.layout.blocks import Block, Chart


@dataclass(frozen=True)
class Text:
    """A paragraph. style: `text`, `lead`, `bullet`, `note` or `heading`. strong: its beginning, in bold."""

    text: str
    style: str = "text"
    strong: str = ""

    @property
    def kind(self) -> str:
        """What a template tells it by."""
        return self.style


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: what stands above it, and whether it holds figures."""

    heading: str
    is_figure: bool


@dataclass(frozen=True)
class TableCell:
    """A cell, as it is printed. is_total: of the row of totals."""

    text: str
    is_figure: bool
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    """A table. alt_text: what it shows, in a sentence, for those who do not see it."""

    title: str
    alt_text: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[TableCell]]
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class Figure:
    """A chart over a table of the workbook."""

    block: Block
    chart: Chart
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Photo:
    """A strand's picture. alt_text: what it shows. content: its file, PNG or JPEG."""

    alt_text: str
    content: bytes
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class ContentsList:
    """The table of contents."""

    kind: ClassVar[str] = "contents"


Part = Text | Table | Figure | Photo | ContentsList


@dataclass(frozen=True)
class ReportSection:
    """A section as it is printed. level: 1, or 2 for one in another."""

    number: str
    title: str
    level: int
    kind: str
    parts: Sequence[Part] = field(default_factory=list)

    @property
    def label(self) -> str:
        """`6.3 Risks/Mitigation`."""
        return f"{self.number} {self.title}".strip()

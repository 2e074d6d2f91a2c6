"""Versions of what is published: which number comes next, what its files are called, and whether it says the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cpxl.account import Account
from cpxl.config import Settings
from cpxl.layout.blocks import plain
from cpxl.layout.partner import partner_sheets
from cpxl.model import Publication
from cpxl.names import as_file_name, shortened
from cpxl.quarters import Quarter


def digest(account: Account) -> str:
    """The digest of everything that partners are told of a quarter, wherever and whenever it is printed."""
    said = hashlib.sha256()
    for sheet in partner_sheets(account):
        for block in sheet.blocks:
            for row in block.rows:
                values = [f"{key}={value}" for key in block.keys if (value := plain(row.get(key))) not in (None, "")]
                said.update("\n".join([sheet.name, block.name, *values, ""]).encode("utf-8", "surrogatepass"))
    for picture in filter(None, (strand.picture for strand in account.strands)):
        said.update(f"{picture.strand}\n{picture.text}\n{picture.sha256}\n".encode("utf-8", "surrogatepass"))
    return said.hexdigest()


def next_version(published: Path, settings: Settings, quarter: Quarter, last: Publication | None) -> str:
    """The number after that of the last publication of a quarter: 1.0, then 1.1.

    A number in the name of a file that is there already is not given to another. What was published before versions
    had numbers counts as 1.0.
    """
    whole, part = last.number if last else (1, -1)
    part += 1 + (last is None and without_number(published, settings, quarter))

    def names(part: int) -> list[Path]:
        paths = [published / file_name(settings, quarter, f"{whole}.{part}", ending) for ending in (".xlsx", ".docx")]
        return [*paths, *map(pdf_beside, paths)]

    while any(path.exists() for path in names(part)):
        part += 1
    return f"{whole}.{part}"


def without_number(published: Path, settings: Settings, quarter: Quarter) -> bool:
    """Whether something was published for a quarter before versions had numbers."""
    return any((published / file_name(settings, quarter, "", ending)).exists() for ending in (".xlsx", ".docx"))


def file_name(settings: Settings, quarter: Quarter, version: str, ending: str) -> str:
    """A name that Windows allows: `Crime Prevention Strategy 2018-21, 2020-21 Q2, v1.0.xlsx`."""
    number = f", {version if version == Publication.DRAFT else f'v{version}'}" if version else ""
    return as_file_name(f"{shortened(settings.strategy)}, {quarter}{number}{ending}")


REPORT_PDF = ", report.pdf"
"""How the name of the report's PDF ends, which would else be that of the partner workbook's."""


def pdf_beside(path: Path) -> Path:
    """The PDF of what was published."""
    return path.with_name(path.stem + REPORT_PDF) if path.suffix == ".docx" else path.with_suffix(".pdf")

"""workbook_templates/theme.yaml to typed settings: how workbooks look."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from cpxl import files, yaml_file
from cpxl.resources import resource
from cpxl.yaml_file import STRICT, Text

TEMPLATES = "workbook_templates"
THEME = f"{TEMPLATES}/theme.yaml"
REPORT_TEMPLATE = f"{TEMPLATES}/board_report.docx"
LARGEST_LOGO = 2**20  # bytes; every workbook has it


@cache
def _ours() -> Any:
    """The theme.yaml that travels with the package, which names all that there has to be."""
    return yaml_file.shipped(THEME)


def _known(name: object, names: Collection[str]) -> str:
    if str(name) in names:
        return str(name)
    near = difflib.get_close_matches(str(name), names, 1)
    raise ValueError(f"'{name}' is not known here: write {near[0] if near else 'one of ' + ', '.join(names)}")


def _rgb(value: object) -> str:
    if re.fullmatch("#[0-9A-Fa-f]{6}", str(value)):
        return str(value)
    raise ValueError('a colour is written as # and six digits or letters from A to F, in quotes, such as "#12325C"')


def _colour(value: object) -> str:
    return str(value) if str(value) in _ours()["palette"] else _rgb(value)


def _logo(name: object, info: ValidationInfo) -> bytes:
    """The picture of that name, in the folder that is the context."""
    from xlsxwriter.image import Image

    folder: Any = info.context
    if not name:
        return b""
    try:
        picture = files.read(folder / str(name), LARGEST_LOGO + 1).data
    except OSError:
        raise ValueError(f"there is no file {name} beside theme.yaml: put it there, or leave this blank") from None
    try:
        kind = Image(BytesIO(picture)).image_type
    except Exception:  # XlsxWriter has any number of ways to fail on what is no picture
        kind = ""
    if kind not in ("PNG", "JPEG") or len(picture) > LARGEST_LOGO:
        raise ValueError(f"{name} is not a .png or .jpg picture of 1 MB at most: save it as one")
    return picture


Rgb = Annotated[str, BeforeValidator(_rgb)]
Colour = Annotated[str, BeforeValidator(_colour)]
ColourName = Annotated[str, BeforeValidator(lambda name: _known(name, _ours()["colours"]))]
Logo = Annotated[bytes, BeforeValidator(_logo)]
Points = Annotated[int, Field(ge=12, le=72)]
Border = Annotated[int, Field(ge=0, le=13)]


class _Part(BaseModel):
    model_config = STRICT


CAME_LATER = {"column_of_choices": "column", "choice": "value", "total_of_choices": "total"}
"""Styles that 0.1.0 had not, and those that they were part of."""


class Style(_Part):
    """How one kind of cell looks, in XlsxWriter's words for it."""

    font_scheme: Literal["major", "minor"] = "minor"
    font_size: Points | None = None
    font_color: ColourName = ""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    bg_color: ColourName = ""
    border: Border = 0
    top: Border = 0
    bottom: Border = 0
    border_color: ColourName = ""
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["top", "vcenter", "bottom"] = "bottom"
    indent: Annotated[int, Field(ge=0, le=15)] = 0
    text_wrap: bool = False


class Theme(_Part):
    """Everything in theme.yaml. logo: the picture itself, none if it is left blank."""

    font: Annotated[Text, Field(max_length=31)]
    size: Points
    logo: Logo = b""
    palette: dict[str, Rgb]
    colours: dict[str, Colour]
    styles: dict[str, Style]
    numbers: dict[str, Text]

    @field_validator("palette", "colours", "styles", "numbers")
    @classmethod
    def _all_are_there(cls, given: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        ours = _ours()[info.field_name]
        for name in given:
            _known(name, ours)
        if given.keys() == ours.keys():
            return given
        later = {name: given[like] for name, like in CAME_LATER.items() if like in given}
        # A theme.yaml of before has no word for what came later.
        return {**getattr(shipped(), str(info.field_name)), **later, **given}

    def rgb(self, colour: str) -> str:
        """One of the colours as #12325C, wherever it comes from."""
        return self.palette.get(self.colours[colour], self.colours[colour])


def load(folder: Path) -> Theme:
    """How the workbooks of a working folder look: as its own theme.yaml says, or else ours.

    Raises Refused with the file, the line and what to write instead.
    """
    try:
        return _read(folder / THEME)
    except FileNotFoundError:
        return shipped()


@cache
def shipped() -> Theme:
    """The theme that travels with the package."""
    return _read(resource(THEME))


def _read(path: Path) -> Theme:
    return yaml_file.parse(yaml_file.read(path), path.name, Theme, "cpxl templates", path.parent)

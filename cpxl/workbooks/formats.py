"""How a cell looks: each style of the theme, with a number format, made once for a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import xlsxwriter
from xlsxwriter.color import Color
from xlsxwriter.format import Format

from cpxl.layout.blocks import MARK, Kind
from cpxl.layout.blocks import NUMERIC as NUMERIC
from cpxl.model import Value
from cpxl.theme import Theme
from cpxl.units import NUMBER, POINTS, UNITS, Unit
from cpxl.workbooks import office_theme


class Formats:
    """Each style of the theme, with a number format and lock, made once for a workbook."""

    def __init__(self, book: xlsxwriter.Workbook, theme: Theme) -> None:
        self.book, self.theme = book, theme
        self.made: dict[tuple[str, str, bool, bool], Format] = {}

    def get(self, style: str, number: str = "", locked: bool = True, wrapped: bool = False) -> Format:
        """The format for a style of the theme, and for a cell with a number the number format's name there.

        wrapped: its text goes on in another line, also where the theme's style does not say so.
        """
        key = (style, number, locked, wrapped)
        if key not in self.made:
            wanted = self.theme.styles[style]
            properties = {
                name: self.colour(value) if name.endswith("_color") else value
                for name, value in wanted.model_dump(exclude_unset=True).items()
            }
            if self.theme.colours.get(wanted.font_color) == "hyperlink":
                properties["theme"] = office_theme.HYPERLINK
            if number:
                properties["num_format"] = excel_format(self.theme, number)
                if number == "date":  # where words stood in an open master, and may stand again
                    properties |= {"indent": 0}
                elif number == "time":
                    properties |= {"align": "right", "indent": 0}  # the longest date fills a column of figures
                else:
                    properties |= {"align": "right", "indent": 0, "text_wrap": False}
            if wrapped:
                properties["text_wrap"] = True
            self.made[key] = self.book.add_format(properties | {"locked": locked})
        return self.made[key]

    def numbered(self, styles: Iterable[str]) -> dict[str, int]:
        """The number that the workbook's file has for the plain format of each of these styles that is used."""
        return {
            style: made.xf_index
            for style in styles
            if (made := self.made.get((style, "", True, False))) and made.xf_index
        }

    def colour(self, name: str) -> Color:
        """One of the theme's colours; if it is of the palette, as a reference to that, so that Excel can change it."""
        number = office_theme.NUMBERS.get(self.theme.colours[name])
        return Color(self.theme.rgb(name)) if number is None else Color.theme(number, 0)


def number_format(kind: Kind, value: Value, unit: Unit | None = None) -> str:
    """The theme's number format for a cell, and what its figure is counted in: `number`, `change@kg`. Blank for text.

    A figure has decimals only where it needs them.
    """
    if kind is Kind.TIME:
        return "time"
    if isinstance(value, date):
        return "date"
    if kind not in NUMERIC:
        return ""
    unit = unit or NUMBER
    if kind is Kind.NUMBER and unit.is_share:
        return "percent_change" if unit.is_signed else "percent"
    if kind is Kind.NUMBER and value is None:
        look = "number_to_come"
    else:
        kind = Kind.CHANGE if kind is Kind.NUMBER and unit.is_signed else kind
        has_decimals = isinstance(value, float) and not value.is_integer()
        look = f"{kind.value}_with_decimals" if has_decimals and kind in (Kind.NUMBER, Kind.CHANGE) else kind.value
    shown = POINTS if unit.is_share else unit
    return f"{look}@{shown.name}" if kind in (Kind.NUMBER, Kind.CHANGE) and (shown.before or shown.after) else look


REVISED_LOOK = "|r"
"""How the name of a number format ends that has the mark of a revised figure."""


def excel_format(theme: Theme, look: str) -> str:
    """A number format as Excel writes it."""
    if look.endswith(REVISED_LOOK):
        parts = excel_format(theme, look.removesuffix(REVISED_LOOK)).split(";")
        return ";".join(part if part == "@" else f'{part}" {MARK}"' for part in parts)
    name, _, unit = look.partition("@")
    return (UNITS.get(unit) or POINTS).format(theme.numbers[name]) if unit else theme.numbers[name]

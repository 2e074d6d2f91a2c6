"""A layout to a new workbook, with XlsxWriter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import xlsxwriter
from xlsxwriter.color import Color
from xlsxwriter.format import Format
from xlsxwriter.image import Image
from xlsxwriter.utility import xl_cell_to_rowcol, xl_pixel_width, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpxl.layout.blocks import (
    Block,
    Chart,
    Column,
    Content,
    FileLink,
    Formula,
    Here,
    Kind,
    Link,
    Placed,
    Placement,
    Shape,
    Sheet,
    Sparkline,
    Workbook,
    place,
    plain,
)
from cpxl.layout.names import defined_name, table_name
from cpxl.model import NOT_APPLICABLE, Value
from cpxl.names import utf16_length
from cpxl.theme import Theme
from cpxl.workbooks import office_theme

NUMERIC = {Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.PERCENT, Kind.PERCENT_CHANGE}
A4 = 9
DATED = re.compile(rb"<dcterms:.*</dcterms:\w+>")
"""When a workbook was made and changed, in its properties."""
MAY_STILL = {"format_columns": True, "format_rows": True, "insert_rows": True}
"""What a lead may do on a protected sheet besides filling it in."""

LONGEST_FOOTER = 255
LONGEST_TIP = 255
"""Characters of a header or footer, with all codes, in Excel."""
LOGO_HEIGHT = 0.38  # inches, between the header's margin and the page's

# Points on paper and pixels on screen, of 12 pt Arial and of A4 landscape within our margins.
LINE_HEIGHT, TITLE_HEIGHT, HIGHEST_ROW = 15.0, 26.0, 409.0
DIGIT, POINTS_PER_PIXEL = 9, 0.75
PRINTED_WIDTH, PRINTED_HEIGHT = 841.9 - 2 * 0.4 * 72, 595.3 - 2 * 0.7 * 72
ARIAL_TO_CALIBRI = 1.16
"""How much wider text is in 12 pt Arial than in the 11 pt Calibri that XlsxWriter knows the widths of."""


def lines_needed(value: Value, width: int, *, bold: bool = False) -> int:
    """How many lines a text takes when it wraps in a column that is `width` characters wide."""
    if not isinstance(value, str):
        return 1
    room = width * DIGIT - 14  # less the indent and the margins
    scale = ARIAL_TO_CALIBRI * (1.08 if bold else 1)
    lines = 0
    for paragraph in value.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split():
            length = xl_pixel_width(word + " ") * scale
            if used and used + length > room:
                lines, used = lines + 1, 0.0
            lines += int(max(0, length - 1) // room)
            used += length % room if length > room else length
    return max(lines, 1)


def to_bytes(workbook: Workbook, theme: Theme) -> bytes:
    """The workbook as the bytes of an .xlsx file."""
    stream = BytesIO()
    font = {"font_name": theme.font, "theme_font_name": theme.font, "font_size": theme.size}
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "default_format_properties": font,
            # Excel's own sizes for 12 pt Arial, in pixels
            "default_column_width": 80,
            "default_row_height": round(20 * theme.size / 12),
        },
    )
    book.use_custom_theme(StringIO(office_theme.xml(theme)))
    book.set_properties(
        {
            "title": workbook.title,
            "subject": workbook.footer,
            "category": workbook.marking,
            "author": workbook.author,
        }
    )
    formats = Formats(book, theme)
    for sheet in workbook.sheets:
        _Writer(book, book.add_worksheet(sheet.name), formats, sheet, workbook).write()
    book.close()
    return stream.getvalue()


def as_template(data: bytes) -> bytes:
    """A workbook as an Excel template (.xltx). Its bytes are always the same, as it does not say when it was made."""
    stream = BytesIO()
    with ZipFile(BytesIO(data)) as workbook, ZipFile(stream, "w") as template:
        for part in workbook.infolist():
            content = workbook.read(part)
            if part.filename == "[Content_Types].xml":
                content = content.replace(b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml")
            elif part.filename == "docProps/core.xml":
                content = DATED.sub(b"", content)
            template.writestr(part, content)
    return stream.getvalue()


class Formats:
    """Each style of the theme, with a number format and lock, made once for a workbook."""

    def __init__(self, book: xlsxwriter.Workbook, theme: Theme) -> None:
        self.book, self.theme = book, theme
        self.made: dict[tuple[str, str, bool], Format] = {}

    def get(self, style: str, number: str = "", locked: bool = True) -> Format:
        """The format for a style of the theme, and for a cell with a number the number format's name there."""
        key = (style, number, locked)
        if key not in self.made:
            wanted = self.theme.styles[style]
            properties = {
                name: self.colour(value) if name.endswith("_color") else value
                for name, value in wanted.model_dump(exclude_unset=True).items()
            }
            if self.theme.colours.get(wanted.font_color) == "hyperlink":
                properties["theme"] = office_theme.HYPERLINK
            if number:
                properties["num_format"] = self.theme.numbers[number]
                if number not in ("date", "time"):
                    properties |= {"align": "right", "indent": 0, "text_wrap": False}
            self.made[key] = self.book.add_format(properties | {"locked": locked})
        return self.made[key]

    def colour(self, name: str) -> Color:
        """One of the theme's colours; if it is of the palette, as a reference to that, so that Excel can change it."""
        number = office_theme.NUMBERS.get(self.theme.colours[name])
        return Color(self.theme.rgb(name)) if number is None else Color.theme(number, 0)


def number_format(kind: Kind, value: Value) -> str:
    """The theme's number format for a cell; blank for text. A figure has decimals only where it needs them."""
    if kind is Kind.TIME:
        return "time"
    if isinstance(value, date):
        return "date"
    if kind not in NUMERIC:
        return ""
    if kind is Kind.NUMBER and value is None:
        return "number_to_come"
    has_decimals = isinstance(value, float) and not value.is_integer()
    return f"{kind.value}_with_decimals" if has_decimals and kind in (Kind.NUMBER, Kind.CHANGE) else kind.value


class _Writer:
    """Writes one sheet."""

    def __init__(
        self, book: xlsxwriter.Workbook, page: Worksheet, formats: Formats, sheet: Sheet, workbook: Workbook
    ) -> None:
        self.book, self.page, self.formats, self.sheet, self.workbook = book, page, formats, sheet, workbook
        self.theme = formats.theme
        self.line_height = LINE_HEIGHT * self.theme.size / 12
        self.placement: Placement = place(sheet)
        self.heights: dict[int, float] = {}

    def write(self) -> None:
        sheet, page = self.sheet, self.page
        for column, width in enumerate(self.placement.widths):
            page.set_column(column, column, width)
        self._text(0, 0, sheet.title, "title")
        self.heights[0] = TITLE_HEIGHT * (self.theme.styles["title"].font_size or self.theme.size) / 18
        if sheet.subtitle:
            self._text(1, 0, sheet.subtitle, "subtitle")
        for placed in self.placement.blocks.values():
            self._block(placed)
        for placed_chart in self.placement.charts:
            self._chart(placed_chart.chart, placed_chart.top)
        for row, column, value in sheet.loose:
            self._cell(row, column, value, "intro", Column("", "", Kind.NUMBER), Here(self.placement, ""))
        self._row_heights()
        self._print_set_up()
        if sheet.protected:
            page.protect("", MAY_STILL)
        if sheet.hidden:
            page.hide()

    def _print_set_up(self) -> None:
        page = self.page
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_h_pagebreaks(self._page_breaks())
        page.hide_gridlines(2)
        page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        marking = _as_printed(self.workbook.marking)
        page.set_header("&L&G" if self.theme.logo else "", self._logo())
        page.header += f'&C&"-,Bold"{marking}'
        # The footer's left is always small, so that it does not run into the marking.
        left, rest = '&L&12&"-,Regular"', f'&C&"-,Bold"{marking}&RPage &P of &N'
        page.set_footer("")
        page.footer = left + _as_printed(self.workbook.footer, LONGEST_FOOTER - len(left) - utf16_length(rest)) + rest
        headings = self.placement.blocks.values()
        only = next(iter(headings)) if len(headings) == 1 else None
        # A sheet with one table keeps its headings in sight, any other its title.
        page.freeze_panes(only.first if only else 2, 0)
        if only:
            page.repeat_rows(only.heading)

    def _logo(self) -> dict[str, Image]:
        if not self.theme.logo:
            return {}
        image = Image(BytesIO(self.theme.logo))
        image._x_dpi = image._y_dpi = image.height / LOGO_HEIGHT  # there is no other way to set the size in a header
        return {"image_left": image}

    def _row_heights(self) -> None:
        """Room for wrapped text. Rows that are still empty have no height set, so that they grow when filled in."""
        for placed in self.placement.blocks.values():
            headings = dict(zip(placed.block.keys, placed.block.headings, strict=True))
            for number, row in enumerate([headings, *placed.block.body]):
                lines = max(
                    lines_needed(plain(row.get(column.key)), width, bold=number == 0)
                    for column, width in zip(placed.block.columns, self.placement.widths, strict=False)
                )
                if lines > 1:
                    self.heights[placed.heading + number] = min(lines * self.line_height + 2, HIGHEST_ROW)
        for row_number, height in self.heights.items():
            self.page.set_row(row_number, height)

    def _page_breaks(self) -> list[int]:
        """The rows before which to start a new page, so that no table or chart is split that would fit on one."""
        digit = DIGIT * self.theme.size / 12
        columns = sum(width * digit + 5 for width in self.placement.widths) * POINTS_PER_PIXEL
        page = PRINTED_HEIGHT / min(1, PRINTED_WIDTH / columns)
        items = [(block.top, block.last) for block in self.placement.blocks.values()]
        items += [(chart.top, chart.bottom) for chart in self.placement.charts]
        breaks, start = [], 0
        for top, bottom in sorted(items):
            if self._height(start, bottom) > page >= self._height(top, bottom):
                breaks.append(top)
                start = top
        return breaks

    def _height(self, first: int, last: int) -> float:
        """The height of rows, in points."""
        return sum(self.heights.get(row, self.line_height) for row in range(first, last + 1))

    def _block(self, placed: Placed) -> None:
        block, page = placed.block, self.page
        if placed.title >= 0:
            self._text(placed.title, 0, block.title, "heading")
        if placed.intro >= 0:
            self._text(placed.intro, 0, block.intro, "intro")
        if placed.check >= 0 and block.check:
            self._check(placed, block.check)
        area = (placed.heading, 0, placed.last, placed.right)
        page.add_table(
            *area,
            {
                "name": block.table or table_name(self.sheet.name, block.name),
                "style": None,
                "autofilter": bool(block.table),
                "columns": [{"header": column.heading} for column in block.columns],
            },
        )
        for at, column in enumerate(block.columns):
            heading = "column_of_numbers" if column.kind in NUMERIC else "column"
            self._text(placed.heading, at, column.heading, heading)
            for number, row in enumerate(block.body):
                style = self._style(block, column, at, number)
                here = Here(self.placement, block.name, number)
                self._cell(placed.first + number, at, row.get(column.key), style, column, here)
            if column.entered:
                self._validate(placed, at, column)
        cells = _on(
            self.sheet.name, f"{xl_rowcol_to_cell(placed.heading, 0)}:{xl_rowcol_to_cell(placed.last, placed.right)}"
        )
        # XlsxWriter's own way to say so finds no sheet with an apostrophe or an exclamation mark in its name.
        self.book.defined_names.append([defined_name(block.name), page.index, cells[1:], False])

    def _style(self, block: Block, column: Column, at: int, number: int) -> str:
        if block.totalled and number == len(block.body) - 1:
            return "total"
        if column.entered:
            return "entered"
        return "label" if at == 0 and len(block.columns) > 1 else "value"

    def _cell(self, row: int, column: int, content: Content, style: str, described: Column, here: Here) -> None:
        page = self.page
        number = number_format(described.kind, plain(content))
        cell = self.formats.get(style, number, locked=not described.entered)
        match content:
            case Formula(text, value):
                page.write_formula(row, column, text(here), cell, "" if value is None else value)
            case Link(sheet, text):
                tip = f"Go to the sheet {sheet}"
                page.write_url(row, column, f"internal:{content.location}", self.formats.get("link"), text, tip)
            case FileLink(file):
                link = f"external:{content.target}"
                page.write_url(row, column, link, self.formats.get("link"), file, f"Open {file}"[:LONGEST_TIP])
            case Sparkline(block, of, first, last):
                page.write_blank(row, column, None, cell)
                cells = Here(self.placement, block).in_row(of, first, last)
                line = {"series_color": self.formats.colour("now"), "weight": 1.75, "markers": True, "min": 0}
                page.add_sparkline(row, column, {"range": _on(self.sheet.name, cells)[1:], **line})
            case None | "":
                page.write_blank(row, column, None, cell)
            case bool() | int() | float():
                page.write_number(row, column, content, cell)
            case datetime() | date():
                page.write_datetime(row, column, content, cell)
            case _:
                self._text(row, column, str(content), cell)

    def _text(self, row: int, column: int, text: str, style: str | Format) -> None:
        """Text as text: never a formula, a link or a number, whatever it begins with."""
        if self.page.write_string(row, column, text, self.formats.get(style) if isinstance(style, str) else style):
            raise ValueError(
                f"{self.sheet.name}!{xl_rowcol_to_cell(row, column)}: the text is longer than a cell can hold"
            )

    def _check(self, placed: Placed, check: Formula) -> None:
        cell = self.formats.get("check")
        self.page.write_formula(placed.check, 0, check.text(Here(self.placement, placed.block.name)), cell, check.value)
        where = xl_rowcol_to_cell(placed.check, 0)
        failed = {"type": "formula", "criteria": f'=LEFT({where},3)<>"OK:"', "format": self.formats.get("check_failed")}
        self.page.conditional_format(where, failed)

    def _validate(self, placed: Placed, at: int, column: Column) -> None:
        """Lists, whole numbers and a helpful message, as Excel's data validation."""
        cell = xl_rowcol_to_cell(placed.first, at)
        rule: dict[str, Any] = {"validate": "any"}
        if column.choices:
            rule = {
                "validate": "list",
                "source": list(column.choices),
                "error_title": "Choose from the list",
                "error_message": f"Choose one of: {', '.join(column.choices)}.",
            }
        elif column.kind is Kind.COUNT:
            rule = {
                "validate": "custom",
                "value": f'=IF(ISNUMBER({cell}),AND({cell}>=0,{cell}=INT({cell})),{cell}="{NOT_APPLICABLE}")',
                "error_title": "A whole number, please",
                "error_message": f"Enter a whole number, 0 or more, or {NOT_APPLICABLE} if there is nothing to count.",
            }
        elif column.kind is Kind.NUMBER:
            rule = {
                "validate": "custom",
                "value": f'=OR(ISNUMBER({cell}),{cell}="{NOT_APPLICABLE}")',
                "error_title": "A number, please",
                "error_message": f"Enter a number, or {NOT_APPLICABLE} where there is nothing to count.",
            }
        rule |= {"input_message": column.prompt[:255]}
        self.page.data_validation(placed.first, at, placed.last, at, rule)

    def _cell_at(self, address: str) -> list[str | int]:
        """A cell of this sheet as the name of a series."""
        return [self.sheet.name, *xl_cell_to_rowcol(address)]

    def _chart(self, chart: Chart, top: int) -> None:
        here = Here(self.placement, chart.block)
        colour_of = self.formats.colour
        font = {"size": self.theme.size, "color": colour_of("ink")}  # and the theme's font
        kind = {"type": "column"} | ({"subtype": "stacked"} if chart.shape is Shape.STACKED else {})
        kind = {"type": "line"} if chart.shape is Shape.LINES else kind
        drawn, lines = self.book.add_chart(kind), self.book.add_chart({"type": "line"})
        for series in chart.series:
            about: dict[str, Any] = {
                "name": series.name if isinstance(series.name, str) else self._cell_at(series.name(here)),
                "categories": _on(self.sheet.name, chart.categories(here)),
                "values": _on(self.sheet.name, series.values(here)),
            }
            if chart.shape is Shape.LINES:
                drawn.add_series(about | self._line(series.colour))
                continue
            colour = colour_of(series.colour)
            if series.is_line:
                marker = {"type": "diamond", "size": 7, "fill": {"color": colour}, "border": {"color": colour}}
                lines.add_series(about | {"line": {"color": colour, "width": 2.5}, "marker": marker, "y2_axis": True})
            else:
                border = {"color": colour_of("ink"), "width": 0.75}
                labels = {"value": True, "num_format": "#,##0;;", "font": font} if chart.labelled else {}
                look = {"fill": {"color": colour}, "border": border, "gap": 80, "data_labels": labels}
                drawn.add_series(about | look)
        if lines.series:
            lines.set_y2_axis(_axis(chart.line_axis, font))
            drawn.combine(lines)
        drawn.set_title({"name": " ", "name_font": font | {"bold": True}, "overlay": False})
        drawn.title.name = chart.title  # XlsxWriter would take some for formulas
        drawn.set_x_axis({"num_font": font})
        # Limits are to be seen: from zero they would lie close together, and other lines would hide them.
        of_lines = {"min": None, "major_gridlines": {"visible": False}} if chart.shape is Shape.LINES else {}
        drawn.set_y_axis(_axis(chart.axis, font) | of_lines)
        drawn.set_legend({"position": "bottom", "font": font})
        drawn.set_size({"width": 860, "height": chart.height * 20})
        # Two pixels down, or its upper edge would be printed at the foot of the page before.
        place = {"description": chart.alt_text, "object_position": 2, "y_offset": 2}
        self.page.insert_chart(top, 0, drawn, place)

    def _line(self, look: str) -> dict[str, Any]:
        """How a line of a control chart looks: told apart by dashes and markers too, for those who see no colours."""
        colour = self.formats.colour
        counts, limits, signal = colour("now"), colour("another"), colour("at_risk")
        dot = {"type": "circle", "size": 4, "fill": {"color": counts}, "border": {"color": counts}}
        diamond = {"type": "diamond", "size": 10, "fill": {"color": signal}, "border": {"color": colour("ink")}}
        looks: dict[str, dict[str, Any]] = {
            "count": {"line": {"color": counts, "width": 2}, "marker": dot},
            "mean": {"line": {"color": limits, "width": 1.5}, "marker": {"type": "none"}},
            "limit": {"line": {"color": limits, "width": 1.5, "dash_type": "dash"}, "marker": {"type": "none"}},
            "signal": {"line": {"none": True}, "marker": diamond},
        }
        return looks[look]


def _as_printed(text: str, most: int = LONGEST_FOOTER) -> str:
    """A text in a header or footer, where & begins a code; cut to that many characters."""
    printed = text.replace("&", "&&")
    while utf16_length(printed) > most:
        text = text[:-1].rstrip()
        printed = text.replace("&", "&&") + "…"
    return printed


def _axis(name: str, font: Mapping[str, Any]) -> dict[str, Any]:
    """An axis of counts, from zero."""
    plain_font = {**font, "bold": False}
    return {"num_font": font, "min": 0, "num_format": "#,##0", "name": name, "name_font": plain_font}


def _on(sheet: str, area: str) -> str:
    """`B3:C4` of a sheet as other parts of the file refer to it: `='Sheet'!$B$3:$C$4`."""
    corners = [xl_cell_to_rowcol(corner) for corner in area.split(":")]
    quoted = sheet.replace("'", "''")
    return f"='{quoted}'!" + ":".join(xl_rowcol_to_cell(*corner, row_abs=True, col_abs=True) for corner in corners)

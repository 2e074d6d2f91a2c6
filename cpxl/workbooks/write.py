"""A layout to a new workbook, with XlsxWriter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from io import BytesIO, StringIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.image import Image
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpxl.layout import grid
from cpxl.layout.blocks import (
    Block,
    Column,
    Content,
    FileLink,
    Formula,
    Heading,
    Kind,
    Link,
    Picture,
    Sheet,
    Sparkline,
    Workbook,
    is_revised,
    plain,
    unit_of,
)
from cpxl.layout.place import Here, Placed, PlacedChart, Placement, place
from cpxl.names import utf16_length
from cpxl.theme import Theme
from cpxl.units import Unit
from cpxl.workbook_names import defined_name, table_name
from cpxl.workbooks import office_theme
from cpxl.workbooks.charts import chart_of, on
from cpxl.workbooks.finish import STYLES, finished
from cpxl.workbooks.formats import NUMERIC, REVISED_LOOK, Formats, number_format
from cpxl.workbooks.paper import ARIAL, LINE_HEIGHT, lines_needed, page_breaks, row_heights, the_only
from cpxl.workbooks.validation import what_it_takes

A4 = 9
MAY_STILL = {"format_columns": True, "format_rows": True, "insert_rows": True}
"""What a lead may do on a protected sheet besides filling it in."""

LONGEST_FOOTER = 255
LONGEST_TIP = 255
"""Characters of a header or footer, with all codes, in Excel."""
LOGO_HEIGHT = 0.38  # inches, between the header's margin and the page's
TITLE_HEIGHT, HEADING_HEIGHT, PICTURE_HEIGHT = 30.0, 20.0, 240.0  # points
LINK_STYLES = {"value": "link_among_words", "label": "link", "choice": "link_among_words"}
SHORTEST_LINK = 9
"""Characters that are left at least of a link's text that is too long for its column."""
BLANK = "\u00a0"

TEXT = Column("", "")


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
            **({"created": datetime.combine(workbook.made, time())} if workbook.made else {}),
        }
    )
    formats = Formats(book, theme)
    for sheet in workbook.sheets:
        _Writer(book, book.add_worksheet(sheet.name), formats, sheet, workbook).write()
    book.close()
    return finished(stream.getvalue(), formats.numbered(STYLES))


class _Writer:
    """Writes one sheet."""

    def __init__(
        self, book: xlsxwriter.Workbook, page: Worksheet, formats: Formats, sheet: Sheet, workbook: Workbook
    ) -> None:
        self.book, self.page, self.formats, self.sheet, self.workbook = book, page, formats, sheet, workbook
        self.theme = formats.theme
        self.line_height = LINE_HEIGHT * self.theme.size / 12
        self.placement: Placement = place(sheet)
        self.fixed: dict[int, float] = {}  # heights of rows with titles, in points

    def write(self) -> None:
        sheet, page = self.sheet, self.page
        for column, width in enumerate(self.placement.widths):
            page.set_column(column, column, width)
        self._text(0, 0, sheet.title, "title")
        self.fixed[0] = TITLE_HEIGHT * (self.theme.styles["title"].font_size or self.theme.size) / 20
        for row, line in enumerate(sheet.lines, 1):
            self._cell(row, 0, line.content, line.style, TEXT, Here(self.placement, ""))
        for placed in self.placement.blocks.values():
            self._block(placed)
        for sentence, row in self.placement.sentences:
            if sentence.title:
                self._text(row, 0, sentence.title, "heading")
                self.fixed[row] = HEADING_HEIGHT * self.theme.size / 12
            self._text(row + 1, 0, sentence.text, "intro")
        for placed_chart in self.placement.charts:
            self._chart(placed_chart)
        for picture, row in self.placement.pictures:
            self._picture(picture, row)
        for row, column, value in sheet.loose:
            self._cell(row, column, value, "intro", Column("", "", Kind.NUMBER), Here(self.placement, ""))
        self._print_set_up(self._row_heights())
        if sheet.protected:
            takes_picture = any(block.takes_picture for block in sheet.blocks)
            page.protect("", MAY_STILL | {"objects": takes_picture})  # an object can only be pasted where all may be
        if sheet.hidden:
            page.hide()

    def _print_set_up(self, heights: Mapping[int, float]) -> None:
        page = self.page
        if not grid.is_upright(len(self.placement.widths)):
            page.set_landscape()
        page.set_paper(A4)
        if self.theme.font == ARIAL and sum(map(grid.pixels, self.placement.widths)) <= grid.ACROSS:
            page.set_print_scale(round(grid.PRINTED * 100 * 12 / self.theme.size))
        else:
            page.fit_to_pages(1, 0)
        page.set_h_pagebreaks(page_breaks(self.placement, heights, self.line_height))
        page.hide_gridlines(2)
        page.print_area(0, 0, self.placement.bottom, len(self.placement.widths) - 1)
        page.set_margins(left=grid.SIDE, right=grid.SIDE, top=grid.TOP, bottom=grid.TOP)
        marking = _as_printed(self.workbook.marking)
        page.set_header("&L&G" if self.theme.logo else "", self._logo())
        page.header += f'&C&"-,Bold"{marking}'
        # The marking has a line of its own in the footer, so that nothing runs into it.
        left, rest = f'&L&10&"-,Regular"{BLANK}\n', f'&C&10&"-,Bold"{marking}\n{BLANK}&R&10{BLANK}\nPage &P of &N'
        page.set_footer("")
        page.footer = left + _as_printed(self.workbook.footer, LONGEST_FOOTER - len(left) - utf16_length(rest)) + rest
        only = the_only(self.placement)
        if only:  # a sheet with one table keeps its headings in sight, and on every page
            page.freeze_panes(only.first, 0)
            page.repeat_rows(only.heading)

    def _logo(self) -> dict[str, Image]:
        if not self.theme.logo:
            return {}
        image = Image(BytesIO(self.theme.logo))
        image._x_dpi = image._y_dpi = image.height / LOGO_HEIGHT  # there is no other way to set the size in a header
        return {"image_left": image}

    def _row_heights(self) -> dict[int, float]:
        """Room for wrapped text (a row still grows with what is typed: `finish.py`).

        Returned: how high each row is, in points, where it is not one line.
        """
        heights = self.fixed | row_heights(self.placement, self.line_height, self.theme.font, self.sheet.name)
        for row, height in heights.items():
            self.page.set_row(row, height)
        return heights

    def _block(self, placed: Placed) -> None:
        block, page = placed.block, self.page
        if self.workbook.is_return and not (block.rows or block.room):  # a sentence, and nothing to fill in
            block = replace(block, columns=[replace(c, entered=False, choices=()) for c in block.columns])
        if placed.title >= 0:
            self._title(placed)
        if placed.intro >= 0:
            self._text(placed.intro, 0, block.intro, "intro")
        if block.takes_picture:
            self.fixed[placed.first] = PICTURE_HEIGHT
        if block.check:
            self._check(placed, block.check)
        area = (placed.heading, 0, placed.last, placed.right)
        if not self.sheet.protected:
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
            is_right = column.kind in (*NUMERIC, Kind.TIME)
            heading = "column_of_numbers" if is_right else "column" if at == 0 else "column_of_choices"
            self._text(placed.heading, at, column.heading, heading)
            for number, row in enumerate(block.body):
                style = self._style(block, column, at, number)
                here = Here(self.placement, block.name, number)
                of = unit_of(column, row)
                mark = REVISED_LOOK if is_revised(column, row) else ""
                self._cell(placed.first + number, at, row.get(column.key), style, column, here, of, mark)
            if column.entered:
                takes = what_it_takes(column, xl_rowcol_to_cell(placed.first, at))
                page.data_validation(placed.first, at, placed.last, at, takes)
            if column.warns:
                cell = xl_rowcol_to_cell(placed.first, at)
                self._look_if(placed, at, at, f"=AND(ISNUMBER({cell}),{cell}>0)", "at_risk")
        if block.greyed:
            self._grey(placed, *block.greyed)
        corners = xl_rowcol_to_cell(placed.heading, 0), xl_rowcol_to_cell(placed.last, placed.right)
        # XlsxWriter's own way to say so finds no sheet with an apostrophe or an exclamation mark in its name.
        cells = on(self.sheet.name, ":".join(corners))
        self.book.defined_names.append([defined_name(block.name), page.index, cells[1:], False])
        if self.workbook.is_return and not self.sheet.hidden:
            # So that a program which reads aloud says the headings, as it does those of an Excel Table. The name has
            # cells in it, so that it would be wrong where rows come in: as they do in an open master.
            number = len(self.book.defined_names)
            name = f"TitleRegion{number}.{corners[0]}.{corners[1]}.{page.index + 1}"
            corner = on(self.sheet.name, f"{corners[0]}:{corners[0]}")
            self.book.defined_names.append([name, -1, corner[1:].split(":")[0], False])

    def _title(self, placed: Placed) -> None:
        """A table's title. With a check beside it, it takes as many lines as it needs."""
        size = self.theme.styles["heading"].font_size or self.theme.size
        width = self.placement.widths[0] * self.theme.size / size
        lines = lines_needed(placed.block.title, width, bold=True, font=self.theme.font) if placed.block.check else 1
        look = self.formats.get("heading", wrapped=lines > 1)
        self._text(placed.title, 0, placed.block.title, look)
        self.fixed[placed.title] = HEADING_HEIGHT * self.theme.size / 12 + (lines - 1) * self.line_height * size / 12

    def _grey(self, placed: Placed, key: str, beginnings: Sequence[str]) -> None:
        """Grey, by its words, a row whose figures are not of the quarter."""
        words = xl_rowcol_to_cell(placed.first, placed.block.keys.index(key), col_abs=True)
        tests = ",".join(f'LEFT({words},{len(text)})="{text}"' for text in beginnings)
        self._look_if(placed, 0, placed.right, f"=OR({tests})", "greyed")

    def _look_if(self, placed: Placed, left: int, right: int, condition: str, style: str) -> None:
        last = placed.last - placed.block.totalled
        look = {"type": "formula", "criteria": condition, "format": self.formats.get(style)}
        self.page.conditional_format(placed.first, left, last, right, look)

    def _style(self, block: Block, column: Column, at: int, number: int) -> str:
        if block.totalled and number == len(block.body) - 1:
            return "total" if at == 0 else "total_of_choices"
        if column.entered:
            return "entered"
        if column.one_line:
            return "one_line"
        return "label" if at == 0 else "value" if at == 1 else "choice"

    def _cell(
        self,
        row: int,
        column: int,
        content: Content,
        style: str,
        described: Column,
        here: Here,
        unit: Unit | None = None,
        mark: str = "",
    ) -> None:
        page = self.page
        number = number_format(described.kind, plain(content), unit) + mark
        cell = self.formats.get(style, number, locked=not described.entered)
        match content:
            case Formula(text, value):
                page.write_formula(row, column, text(here), cell, "" if value is None else value)
            case Link(sheet, text) if (
                style in LINK_STYLES and sheet != self.sheet.name and not self._fits(text, column)
            ):
                self._text(row, column, text, cell)
            case Link(sheet, text):
                tip = f"Go to the sheet {sheet}"
                page.write_url(
                    row,
                    column,
                    f"internal:{content.location}",
                    self.formats.get(LINK_STYLES.get(style, style)),
                    self._shortened(text, column) if style in LINK_STYLES else text,
                    tip,
                )
            case Heading(text, level):
                self._text(row, column, text, "section" if level == 1 else "subsection")
            case FileLink(file):
                link = f"external:{content.target}"
                page.write_url(
                    row,
                    column,
                    link,
                    self.formats.get(LINK_STYLES.get(style, style)),
                    self._shortened(file, column),
                    f"Open {file}"[:LONGEST_TIP],
                )
            case Sparkline(block, of, first, last):
                page.write_blank(row, column, None, cell)
                cells = Here(self.placement, block).in_row(of, first, last)
                line = {"series_color": self.formats.colour("now"), "weight": 1.75, "markers": True, "min": 0}
                page.add_sparkline(row, column, {"range": on(self.sheet.name, cells)[1:], **line})
            case None | "":
                page.write_blank(row, column, None, cell)
            case bool():
                page.write_boolean(row, column, content, cell)
            case int() | float():
                page.write_number(row, column, content, cell)
            case datetime() | date():
                page.write_datetime(row, column, content, cell)
            case _:
                self._text(row, column, str(content), cell)

    def _fits(self, text: str, column: int) -> bool:
        """Whether a link takes one line: LibreOffice cuts any other off, where it wraps what is no link."""
        return lines_needed(text, self.placement.widths[column], indented=column > 0, font=self.theme.font) == 1

    def _shortened(self, text: str, column: int) -> str:
        """A link's text with as much of its midst left out as keeps it from fitting."""
        while not self._fits(text, column) and len(text) > SHORTEST_LINK:
            half = len(text) // 2
            text = f"{text[: half - 1]}…{text[half + 1 :]}".replace("……", "…")
        return text

    def _text(self, row: int, column: int, text: str, style: str | Format) -> None:
        """Text as text: never a formula, a link or a number, whatever it begins with."""
        if self.page.write_string(row, column, text, self.formats.get(style) if isinstance(style, str) else style):
            raise ValueError(
                f"{self.sheet.name}!{xl_rowcol_to_cell(row, column)}: the text is longer than a cell can hold"
            )

    def _check(self, placed: Placed, check: Formula) -> None:
        here = Here(self.placement, placed.block.name)
        self.page.write_formula(placed.title, 1, check.text(here), self.formats.get("check"), check.value)
        where = xl_rowcol_to_cell(placed.title, 1)
        failed = {
            "type": "formula",
            "criteria": f'=LEFT({where},5)="To do"',
            "format": self.formats.get("check_failed"),
        }
        self.page.conditional_format(where, failed)

    def _chart(self, placed: PlacedChart) -> None:
        width = sum(map(grid.pixels, self.placement.widths))
        drawn = chart_of(placed.chart, self.sheet.name, self.placement, self.book, self.formats, width)
        # Two pixels down, or its upper edge would be printed at the foot of the page before.
        options = {"description": placed.chart.alt_text, "object_position": 2, "y_offset": 2}
        self.page.insert_chart(placed.top, 0, drawn, options)

    def _picture(self, picture: Picture, row: int) -> None:
        self._text(row, 0, picture.title, "heading")
        self.fixed[row] = HEADING_HEIGHT * self.theme.size / 12
        self._text(row + 1, 0, picture.text, "intro")
        image = Image(BytesIO(picture.content))
        width, height = picture.size
        scales = {
            "x_scale": width * image.x_dpi / 96 / image.width,
            "y_scale": height * image.y_dpi / 96 / image.height,
        }
        options = {"image_data": BytesIO(picture.content), "description": picture.text, "object_position": 2}
        self.page.insert_image(row + 2, 0, "picture", {**options, **scales, "y_offset": 2})


def _as_printed(text: str, most: int = LONGEST_FOOTER) -> str:
    """A text in a header or footer, where & begins a code; cut to that many characters."""
    printed = text.replace("&", "&&")
    while utf16_length(printed) > most:
        text = text[:-1].rstrip()
        printed = text.replace("&", "&&") + "…"
    return printed

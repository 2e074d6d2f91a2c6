"""Native charts: few lines, no outlines, one axis, the theme's font and colours, and a language.

What a chart shows is in `layout/progress.py`, `measures.py` and `summary.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xlsxwriter
from xlsxwriter.chart import Chart as Drawn
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from cpxl.layout.blocks import Chart, Shape
from cpxl.layout.place import Here, Placement
from cpxl.workbooks.formats import Formats

KINDS: Mapping[Shape, Mapping[str, str]] = {
    Shape.STACKED: {"type": "column", "subtype": "stacked"},
    Shape.SHARES: {"type": "bar", "subtype": "percent_stacked"},
    Shape.MONTHS: {"type": "column"},
    Shape.LINES: {"type": "line"},
}
ROW = 20  # pixels
UPRIGHT = 0
"""Degrees: said, and not left to the program, LibreOffice leaves no label out."""
ABOVE, BELOW, BESIDE = 78, 34, 0.27
"""Around the bars of shares: pixels for title and legend, and for the axis; of the width, what the labels have."""
NARROW = 900
"""Pixels that a chart with a few columns is wide."""
LINES = ("mean", "limit", "signal", "total")
"""Looks of series that are drawn as lines."""


def chart_of(
    chart: Chart, sheet: str, placement: Placement, book: xlsxwriter.Workbook, formats: Formats, width: int
) -> Drawn:
    """A chart over cells of a sheet. width: of the sheet, in pixels."""
    here = Here(placement, chart.block)
    font = {"size": formats.theme.size, "color": formats.colour("ink")}  # and the theme's font
    grid_line = {"visible": True, "line": {"color": formats.colour("rule"), "width": 0.5}}
    drawn, lines = book.add_chart({**KINDS[chart.shape], "name": chart.name}), book.add_chart({"type": "line"})
    for series in chart.series:
        is_line = chart.shape is Shape.LINES or series.colour in LINES
        (lines if is_line and chart.shape is Shape.MONTHS else drawn).add_series(
            {
                "name": series.name if isinstance(series.name, str) else _cell(sheet, series.name(here)),
                "categories": on(sheet, chart.categories(here)),
                "values": on(sheet, series.values(here)),
                "gap": 45,
                **(_line(series.colour, formats) if is_line else _filled(series.colour, formats)),
            }
        )
    if lines.series:
        drawn.combine(lines)
    drawn.set_title({"name": " ", "name_font": {**font, "bold": True}, "overlay": False})
    drawn.title.name = chart.title  # XlsxWriter would take some for formulas
    labels = {"num_font": font, "line": {"color": formats.colour("line")}, "major_tick_mark": "none"}
    plain = {"num_font": font, "line": {"none": True}, "major_gridlines": grid_line, "major_tick_mark": "none"}
    name = {"name": chart.axis, "name_font": {**font, "bold": False}}
    if chart.shape is Shape.SHARES:
        # Every strand has its label, the first at the top.
        upright = {**font, "rotation": UPRIGHT}
        drawn.set_y_axis(
            labels | {"num_font": upright, "reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}}
        )
        drawn.set_x_axis(plain | {"num_format": "0%", "label_position": "high"})
    else:
        drawn.set_x_axis(labels | ({"interval_unit": chart.every} if chart.every > 1 else {}))
        # Limits are to be seen: from zero they would lie close together.
        drawn.set_y_axis(plain | name | {"num_format": "#,##0"} | ({} if chart.shape is Shape.LINES else {"min": 0}))
    is_narrow = chart.shape is Shape.STACKED
    beside = "right" if is_narrow else "top"  # a narrow chart is low, too
    drawn.set_legend({"position": beside, "font": font} if len(chart.series) > 1 else {"none": True})
    height = chart.height * ROW
    if chart.shape is Shape.SHARES:  # said, and not left to the program, there is room for labels of one line
        bars = {"y": ABOVE / height, "height": 1 - (ABOVE + BELOW) / height}
        drawn.set_plotarea({"layout": {"x": BESIDE, "width": 0.97 - BESIDE, **bars}})
    drawn.set_chartarea({"border": {"none": True}})
    drawn.set_size({"width": min(NARROW, width) if is_narrow else width - 10, "height": height})
    return drawn


def on(sheet: str, area: str) -> str:
    """`B3:C4` of a sheet as other parts of the file refer to it: `='Sheet'!$B$3:$C$4`."""
    corners = [xl_cell_to_rowcol(corner) for corner in area.split(":")]
    quoted = sheet.replace("'", "''")
    return f"='{quoted}'!" + ":".join(xl_rowcol_to_cell(*corner, row_abs=True, col_abs=True) for corner in corners)


def _cell(sheet: str, address: str) -> list[str | int]:
    """A cell of a sheet as the name of a series."""
    return [sheet, *xl_cell_to_rowcol(address)]


def _filled(colour: str, formats: Formats) -> dict[str, Any]:
    return {"fill": {"color": formats.colour(colour)}, "border": {"none": True}}


def _line(look: str, formats: Formats) -> dict[str, Any]:
    """How a line looks: told apart by dashes and markers too, for those who see no colours."""
    colour, none = formats.colour, {"type": "none"}
    limits, signal = colour("ink"), colour("at_risk")
    diamond = {"type": "diamond", "size": 10, "fill": {"color": signal}, "border": {"color": colour("ink")}}
    looks: dict[str, dict[str, Any]] = {
        "mean": {"line": {"color": limits, "width": 1.5}, "marker": none},
        "limit": {"line": {"color": limits, "width": 1.5, "dash_type": "dash"}, "marker": none},
        "signal": {"line": {"none": True}, "marker": diamond},
        "total": {"line": {"color": colour("now"), "width": 2.5}, "marker": none},
    }
    return looks[look]

"""The Office theme of a workbook: what Excel's Page Layout > Themes changes, fonts and colours, cells and charts."""

from __future__ import annotations

from html import escape

from cpxl.theme import Theme

SLOTS = {"text_1": "dk1", "background_1": "lt1", "text_2": "dk2", "background_2": "lt2"} | {
    **{f"accent_{number}": f"accent{number}" for number in range(1, 7)},
    "hyperlink": "hlink",
}
"""The palette's names, and Open XML's for them, in the order that it wants them in."""

NUMBERS = {"background_1": 0, "text_1": 1, "background_2": 2, "text_2": 3} | {f"accent_{n}": n + 3 for n in range(1, 7)}
"""By which XlsxWriter refers to them."""

HYPERLINK = 10
"""The number of the remaining one, which XlsxWriter takes for text in cells only, as a format's `theme`."""

FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
LINE = f'<a:ln w="9525" cap="flat" cmpd="sng" algn="ctr">{FILL}<a:prstDash val="solid"/></a:ln>'
EFFECT = "<a:effectStyle><a:effectLst/></a:effectStyle>"


def xml(theme: Theme) -> str:
    """The part of a workbook's file that holds its theme: plain fills, no effects."""
    colours = {element: theme.palette[slot][1:] for slot, element in SLOTS.items()}
    colours["folHlink"] = colours["hlink"]
    scheme = "".join(f'<a:{element}><a:srgbClr val="{rgb}"/></a:{element}>' for element, rgb in colours.items())
    font = f'<a:latin typeface="{escape(theme.font)}"/><a:ea typeface=""/><a:cs typeface=""/>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="cpxl"><a:themeElements>'
        f'<a:clrScheme name="cpxl">{scheme}</a:clrScheme>'
        f'<a:fontScheme name="cpxl"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme>'
        f'<a:fmtScheme name="cpxl"><a:fillStyleLst>{FILL * 3}</a:fillStyleLst><a:lnStyleLst>{LINE * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{EFFECT * 3}</a:effectStyleLst><a:bgFillStyleLst>{FILL * 3}</a:bgFillStyleLst>"
        "</a:fmtScheme></a:themeElements></a:theme>"
    )

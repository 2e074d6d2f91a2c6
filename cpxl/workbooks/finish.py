"""What XlsxWriter has no word for, put into the finished file: language, Excel's cell styles, rows that grow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LANGUAGE = "en-GB"
STYLES: Mapping[str, tuple[str, int]] = {
    "title": ("Title", 15),
    "heading": ("Heading 1", 16),
    "section": ("Heading 2", 17),
    "subsection": ("Heading 3", 18),
}
"""Styles of the theme that Excel, and what reads a workbook aloud, knows by a name and number of its own."""
DATED = re.compile(rb"<dcterms:.*</dcterms:\w+>")
"""When a workbook was made and changed, in its properties."""


def finished(data: bytes, formats: Mapping[str, int]) -> bytes:
    """The workbook in British English, with named cell styles, and with rows that grow with what is typed.

    formats: of each such style, the number of its format.
    """
    language = LANGUAGE.encode()

    def change(name: str, content: bytes) -> bytes:
        if name == "docProps/core.xml":
            end = b"</cp:coreProperties>"
            return content.replace(end, b"<dc:language>%s</dc:language>%s" % (language, end))
        if name.startswith("xl/charts/chart"):
            return content.replace(b'"en-US"', b'"%s"' % language)
        if name.startswith("xl/worksheets/sheet"):
            return content.replace(b' customHeight="1"', b"")
        return _named(content, formats) if name == "xl/styles.xml" else content

    return _changed(data, change)


def as_template(data: bytes) -> bytes:
    """A workbook as an Excel template (.xltx). Its bytes are always the same, as it does not say when it was made."""

    def change(name: str, content: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return content.replace(b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml")
        return DATED.sub(b"", content) if name == "docProps/core.xml" else content

    return _changed(data, change)


DAY_0 = (1980, 1, 1, 0, 0, 0)
"""What a zip file says of when its parts were changed, where that does not matter."""


def without_times(data: bytes) -> bytes:
    """A file of Office's that does not say when its parts were written: the same parts give the same bytes."""
    stream = BytesIO()
    with ZipFile(BytesIO(data)) as package, ZipFile(stream, "w") as changed:
        for part in package.infolist():
            changed.writestr(ZipInfo(part.filename, DAY_0), package.read(part), ZIP_DEFLATED)
    return stream.getvalue()


def _changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The file with its parts changed."""
    stream = BytesIO()
    with ZipFile(BytesIO(data)) as workbook, ZipFile(stream, "w", ZIP_DEFLATED) as changed:
        for part in workbook.infolist():
            changed.writestr(part, change(part.filename, workbook.read(part)))
    return stream.getvalue()


def _named(styles: bytes, formats: Mapping[str, int]) -> bytes:
    """The part with all styles, in which those formats are named ones."""
    before, rest = styles.split(b"<cellXfs ", 1)
    count, rest = rest.split(b">", 1)
    cells, after = rest.split(b"</cellXfs>", 1)
    looks = re.findall(rb"<xf [^>]*/>|<xf [^>]*[^/]>.*?</xf>", cells)
    masters = int(re.search(rb'<cellStyleXfs count="(\d+)"', before)[1])  # type: ignore[index]
    names = int(re.search(rb'<cellStyles count="(\d+)"', after)[1])  # type: ignore[index]
    new, styled = b"", b""
    for at, (style, number) in enumerate(formats.items()):
        name, builtin = STYLES[style]
        new += looks[number].replace(b' xfId="0"', b"")
        styled += b'<cellStyle name="%s" xfId="%d" builtinId="%d"/>' % (name.encode(), masters + at, builtin)
        looks[number] = looks[number].replace(b'xfId="0"', b'xfId="%d"' % (masters + at))
    before = before.replace(b"</cellStyleXfs>", new + b"</cellStyleXfs>")
    before = before.replace(
        b'<cellStyleXfs count="%d"' % masters, b'<cellStyleXfs count="%d"' % (masters + len(formats))
    )
    after = after.replace(b'<cellStyles count="%d"' % names, b'<cellStyles count="%d"' % (names + len(formats)))
    after = after.replace(b"</cellStyles>", styled + b"</cellStyles>")
    return before + b"<cellXfs " + count + b">" + b"".join(looks) + b"</cellXfs>" + after

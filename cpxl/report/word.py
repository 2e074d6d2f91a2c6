"""The report as a Word document: the template has the look, this hands over names and values.

Texts that people typed are values: nothing in them is a tag, a field or a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cpxl.account import Account
from cpxl.errors import Refused
from cpxl.layout.parts import Figure, Photo, ReportSection, Table, Text
from cpxl.layout.report import facts, sections, title_of
from cpxl.report.finish import W, bytes_of, fill_contents, fit_tables
from cpxl.report.plain import plain
from cpxl.theme import Theme
from cpxl.words import shown
from cpxl.workbooks.finish import without_times

if TYPE_CHECKING:
    from docx.document import Document
    from docxtpl import DocxTemplate

TEMPLATE = "board_report.docx"
LANGUAGE = "en-GB"
PUT_BACK = "Correct it in Word, or put a copy of the template back that 'cpxl templates' writes."
NEAR = 4
"""Lines that docxtpl gives before that with the fault."""
PARAGRAPH, WORDS = f"{W}p", f"{W}t"


@dataclass(frozen=True)
class Drawn:
    """A chart or a picture, as a template's `{{ part.picture }}` prints it. inline: its XML, made when it is."""

    inline: Callable[[], str]

    def __html__(self) -> str:
        return f'</w:t></w:r><w:r><w:drawing>{self.inline()}</w:drawing></w:r><w:r><w:t xml:space="preserve">'


def document(account: Account, issued: date, template: bytes, theme: Theme) -> bytes:
    """The report as the bytes of a .docx file. issued: the day that it says. template: one like board_report.docx.

    Raises Refused, with where, if the template cannot be filled in.
    """
    from docxtpl import DocxTemplate

    report = sections(account)
    try:
        tpl = DocxTemplate(BytesIO(template))
        tpl.init_docx()
    except Exception as error:  # whatever is wrong with the file
        raise Refused(
            f"{TEMPLATE} is no Word document that can be opened: put a copy of the template back that 'cpxl templates' "
            "writes."
        ) from error
    _fill(tpl, _names(account, issued, report, tpl, theme))
    made = tpl.docx
    _finish(made, report, account, issued)
    return without_times(bytes_of(made))


def _fill(tpl: DocxTemplate, names: dict[str, Any]) -> None:
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.exceptions import TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    _refuse_open_tags(tpl)
    try:
        tpl.render(names, ImmutableSandboxedEnvironment(undefined=StrictUndefined), autoescape=True)
    except TemplateSyntaxError as error:
        lines = [" ".join(re.findall(r"\{[{%].*?[%}]\}", _words(line))) for line in getattr(error, "docx_context", ())]
        near = (lines[: NEAR + 1] or [""])[-1]
        where = f", near '{shown(near)[:80]}'" if near else ""
        raise Refused(f"{TEMPLATE}{where}: {_said(error)}") from error
    except TemplateError as error:
        raise Refused(f"{TEMPLATE}: {_said(error)}") from error
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, SyntaxError) as error:
        raise Refused(f"{TEMPLATE} cannot be filled in: {_said(error)}") from error


def _said(error: Exception) -> str:
    """What is wrong with a template, and what to do."""
    return f"{shown(getattr(error, 'message', None) or error)[:200].rstrip('.')}. {PUT_BACK}"


def _refuse_open_tags(tpl: DocxTemplate) -> None:
    """Raise Refused, with its words, for a paragraph in which a tag begins and does not end."""
    made = tpl.get_docx()
    margins = [part for section in made.sections for part in (section.header, section.footer)]
    for root in (made.element.body, *(part._element for part in margins)):
        for paragraph in root.iter(PARAGRAPH):
            words = "".join(node.text or "" for node in paragraph.iter(WORDS))
            if any(words.count(begin) != words.count(end) for begin, end in (("{{", "}}"), ("{%", "%}"))):
                raise Refused(f"{TEMPLATE}, in '{shown(words)[:80]}': a tag begins there and does not end. {PUT_BACK}")


def _words(xml: object) -> str:
    return re.sub(r"<[^>]*>", "", str(xml))


def _names(
    account: Account, issued: date, report: Sequence[ReportSection], tpl: DocxTemplate, theme: Theme
) -> dict[str, Any]:
    """What a template may name. docs/report.md lists it."""
    settings = account.settings
    numbers = iter(range(1, 10_000))
    return {
        "title": plain(settings.strategy),
        "subtitle": plain(f"Progress to {account.quarter}"),
        "force": plain(settings.force),
        "partnership": plain(settings.partnership),
        "quarter": plain(str(account.quarter)),
        "marking": plain(settings.marking),
        "facts": [{"item": plain(item), "text": plain(text)} for item, text in facts(account, issued)],
        "sections": [
            {
                "label": plain(section.label),
                "number": section.number,
                "title": plain(section.title),
                "level": section.level,
                "kind": section.kind,
                "parts": [_part(part, tpl, theme, numbers, issued) for part in section.parts],
            }
            for section in report
        ],
    }


def _part(part: Any, tpl: DocxTemplate, theme: Theme, numbers: Iterator[int], made: date) -> dict[str, Any]:
    from cpxl.report.drawings import drawing, picture

    match part:
        case Text(text, style, strong):
            return {"kind": style, "text": plain(text), "strong": plain(strong)}
        case Table(title, alt_text, columns, rows):
            return {
                "kind": "table",
                "title": plain(title),
                "alt_text": plain(alt_text),
                "columns": [{"heading": plain(c.heading), "is_figure": c.is_figure} for c in columns],
                "rows": [
                    [{"text": plain(c.text), "is_figure": c.is_figure, "is_total": c.is_total} for c in row]
                    for row in rows
                ],
            }
        case Figure():
            drawn = Drawn(partial(drawing, part, next(numbers), tpl.docx.part, theme, made))
            return {"kind": "chart", "title": plain(part.chart.title), "picture": drawn}
        case Photo():
            placed = Drawn(partial(picture, part, next(numbers), tpl.docx.part))
            return {"kind": "chart", "title": plain(part.alt_text), "picture": placed}
    return {"kind": part.kind}


# What a template cannot say


def _finish(made: Document, report: Sequence[ReportSection], account: Account, issued: date) -> None:
    """Columns as wide as they need, headings that the contents lead to, and what stands in the properties."""
    fit_tables(made)
    fill_contents(made, {section.label for section in report if section.kind != "contents"})
    properties = made.core_properties
    properties.title, properties.language = title_of(account), LANGUAGE
    properties.subject, properties.category = account.settings.partnership, account.settings.marking
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = datetime.combine(issued, time())
    properties.revision = 1

"""Text from anywhere as the XML of a document: nothing in it is a tag of XML's, of Jinja's or of docxtpl's."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no document can hold, or nobody sees."""
BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
TAGS = {'"': "&quot;", "{": "&#123;", "}": "&#125;", "%": "&#37;"}
"""What stands in tags. Braces too: docxtpl looks for some of its own after a template is filled in."""


class Plain(str):
    """XML that a template takes as it is."""

    def __html__(self) -> str:
        return self


def plain(text: str) -> Plain:
    """A text in a paragraph. A line break is one in the document; what no document can hold is shown as \\ufffd."""
    legible = NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return Plain(escape(legible, TAGS).replace("\n", BREAK))

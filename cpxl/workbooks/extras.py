"""What a file from outside carries besides sheets, told by what it is, whatever its parts are called.

The content types and the relations of its parts say so, in Excel's own form and in Strict Open XML alike. A part that
has no content type of its own is known by its usual name too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cpxl.workbooks.untrusted import Parts, elements

TYPES = "[Content_Types].xml"
EXTRAS = {
    "macros": re.compile("vbaproject|macrosheet|attachedtoolbars"),
    "links to other files": re.compile("external|connections|querytable|volatiledependencies|powerpivot|model.data"),
    "embedded objects": re.compile("oleobject|activex|control|ctrlprop|embeddings|/package$"),
    "buttons or panes of its own": re.compile("customui|extensibility|customization|webextension"),
}
"""What a return should not carry, and what says so in a content type, in a relation's type or in the name of a part."""
TYPE = re.compile(rb"Type\s*=\s*[\"']([^\"']*)")
DOUBTS = (b"TargetMode", b"&", b"\0")
"""What leads out of the file, or is written otherwise than in plain letters: then the XML is gone through properly."""
OPEN_TO_SEE = "hyperlink"
"""The one kind of relation that may lead out of a file: it does nothing until somebody clicks on it."""


def extras(parts: Parts) -> tuple[str, ...]:
    """What the file carries that a return should not. Raises whatever a damaged part does."""
    types = parts[TYPES] if TYPES in parts.entries else b""
    relations = [parts[name] for name in parts.entries if name.lower().endswith(".rels")]
    text = b"".join((types, *relations))
    kinds = [kind.decode("latin-1") for kind in set(TYPE.findall(text))]
    if not any(map(_extra, (*kinds, *parts.entries))) and not any(doubt in text for doubt in DOUBTS):
        return ()
    said = {_extra(word) for word in _types(types, parts.entries)}
    said |= {_extra(word) for xml in relations for word in _relations(xml)}
    return tuple(extra for extra in EXTRAS if extra in said)


@lru_cache(maxsize=4096)  # the same ones come again and again
def _extra(word: str) -> str | None:
    """What a type or the name of a part says that it is, if it is something that a return should not carry."""
    return next((extra for extra, pattern in EXTRAS.items() if pattern.search(word.lower())), None)


def _types(xml: bytes, names: Iterable[str]) -> Iterator[str]:
    """The content types of parts; of a part that has none of its own, what its name says, and its ending."""
    of_endings, have_one = dict[str, str](), set[str]()
    for tag, attributes, _ in elements(xml, "Default", "Override") if xml else ():
        kind = attributes.get("ContentType", "")
        if tag == "Default":
            of_endings[attributes.get("Extension", "").lower()] = kind
        else:
            have_one.add(attributes.get("PartName", "").lower().lstrip("/"))
            yield kind
    for name in names:
        if name.lower() not in have_one:
            yield from (name, of_endings.get(name.lower().rpartition(".")[2], ""))


def _relations(xml: bytes) -> Iterator[str]:
    """The types of relations, and of one that leads out of the file, that it does."""
    for _, attributes, _ in elements(xml, "Relationship"):
        kind = attributes.get("Type", "")
        yield kind
        if kind.rpartition("/")[2].lower() != OPEN_TO_SEE:
            yield attributes.get("TargetMode", "")

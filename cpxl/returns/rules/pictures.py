"""The picture of a return: that it can be taken, and that it is said what it shows."""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.model import Return
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import short


@rule(
    "picture-unusable",
    ERROR,
    "A picture that can be shown",
    "Picture: the picture",
    "The picture {why}.",
    "Paste one picture into the tall cell, as a PNG or JPEG of at most 5 MB (Paste Special, Picture (PNG)), and "
    "nothing else; or delete it.",
)
def picture_unusable(returned: Return, context: Context) -> Iterator[Fault]:
    for cell, why in returned.unusable:
        yield Fault([cell], {"why": why})


@rule(
    "picture-without-words",
    ERROR,
    "What a picture shows, in words",
    "Picture: what it shows",
    "There is a picture, and nothing says what it shows.",
    "Say below it in a sentence what it shows, for those who cannot see it, or delete the picture.",
)
def picture_without_words(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.picture and returned.pictured and returned.pictured[1] is None:
        yield Fault([returned.pictured[0]])


@rule(
    "picture-missing",
    WARNING,
    "A picture where one is described",
    "Picture: what it shows",
    "It is said what a picture shows ('{text}'), but there is none in its place.",
    "Paste it into the tall cell, or clear these words.",
)
def picture_missing(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.pictured and returned.pictured[1] is not None and not (returned.picture or returned.unusable):
        yield Fault([returned.pictured[0]], {"text": short(returned.pictured[1])})


@rule(
    "picture-goes-out",
    NOTE,
    "A picture that partners may see",
    "Picture: the picture",
    "A picture goes to partners ('{text}'). Nobody but you can tell what is in it.",
    "Nothing to do, if no person can be known by it and nothing in it is marked higher.",
)
def picture_goes_out(returned: Return, context: Context) -> Iterator[Fault]:
    for picture in returned.pictures:
        yield Fault([picture.cells["text"]], {"text": short(picture.text)})

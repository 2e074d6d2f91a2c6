"""Room for a picture on a form, and the picture on a strand's sheet for partners."""

from __future__ import annotations

from cpxl.layout.blocks import Block, Column, Picture
from cpxl.model import Picture as Kept
from cpxl.pictures import size_of

PICTURE_BLOCK = "picture"
THE_PICTURE, WHAT_IT_SHOWS = "The picture", "What it shows"
WIDEST, HIGHEST = 800, 380
"""Pixels that a picture takes on a sheet."""


def picture_block() -> Block:
    """A row to paste a picture into, and one to say what it shows."""
    prompt = (
        "One picture, a PNG or JPEG: click the cell beside 'The picture' and paste it there. Say below it in a "
        "sentence what it shows, for those who cannot see it."
    )
    columns = [Column("item", "Picture"), Column("text", "To paste, and to say", entered=True, prompt=prompt)]
    intro = "Paste a PNG or JPEG into the tall cell, and say below it in a sentence what it shows. It goes to partners."
    return Block(
        PICTURE_BLOCK,
        "Picture (optional)",
        columns,
        [{"item": THE_PICTURE}, {"item": WHAT_IT_SHOWS}],
        intro,
        may_lack=True,
        takes_picture=True,
    )


def picture_of(kept: Kept, content: bytes) -> Picture:
    """A strand's picture as partners see it. content: its file."""
    width, height = size_of(content)
    scale = min(WIDEST / width, HIGHEST / height, 1)
    return Picture("Picture", str(kept.text), content, (max(round(width * scale), 1), max(round(height * scale), 1)))

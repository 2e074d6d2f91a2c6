"""A picture from outside, made safe to go out: decoded within limits, and written anew with nothing but the picture.

What else its file has (where and when it was taken, who made it, a preview of what was cut away) stays behind.
"""

from __future__ import annotations

from io import BytesIO

LARGEST, MOST_PIXELS, LONGEST_SIDE = 5 * 2**20, 25_000_000, 30_000
"""Bytes of a picture's file, pixels that it may have, and of a side: what a telephone's camera makes is within all."""
WIDEST = 1600
"""Pixels that are kept of a side: more is not seen on a page."""
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
OTHERS = {
    b"GIF8": "a GIF",
    b"BM": "a bitmap (BMP)",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"RIFF": "a WebP",
    b"\xd7\xcd\xc6\x9a": "a Windows metafile (WMF)",
    b"\x01\0\0\0": "a Windows metafile (EMF)",
    b"<svg": "an SVG drawing",
    b"<?xml": "an SVG drawing",
}
"""How files of other kinds begin."""
Crop = tuple[float, float, float, float]
"""What is cut away at the left, top, right and bottom, as shares of the whole."""
WHOLE: Crop = (0, 0, 0, 0)


class Unusable(Exception):
    """A picture that cannot be taken; its text says why, to go on from 'it'."""


def kind_of(data: bytes) -> str:
    """`png` or `jpeg`. Raises Unusable if it is neither."""
    if data.startswith(PNG):
        return "png"
    if data.startswith(JPEG):
        return "jpeg"
    found = next((kind for begin, kind in OTHERS.items() if data.lstrip()[:8].startswith(begin)), "of another kind")
    raise Unusable(f"is {found}, and not a PNG or JPEG")


def safe_copy(data: bytes, crop: Crop = WHOLE) -> bytes:
    """The picture that a PNG or JPEG file shows, and nothing else of it, as a file of the same kind.

    crop: what is cut away in the workbook, and so is not to go out. Raises Unusable if it is no such file, is damaged,
    or has too many bytes or pixels. These are told before anything is decoded.
    """
    if len(data) > LARGEST:
        raise Unusable(f"has more than {LARGEST // 2**20} MB")
    kind = kind_of(data)
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(data), formats=[kind]) as opened:
            if opened.width * opened.height > MOST_PIXELS or max(opened.size) > LONGEST_SIDE:
                raise Unusable(f"has {opened.width:,} by {opened.height:,} pixels, which is too many")
            opened.draft("RGB", (WIDEST, WIDEST))
            upright = ImageOps.exif_transpose(opened)
            if upright.mode.startswith("I"):  # 16 bits of grey, which would all be white in 8
                upright = upright.convert("I").point(lambda grey: grey / 256).convert("L")
            shown = upright.convert("RGBA" if kind == "png" and upright.has_transparency_data else "RGB")
    except Unusable:
        raise
    except Exception as error:  # of a dozen kinds, as the damage has it
        raise Unusable("is damaged") from error
    left, top, right, bottom = crop
    if crop != WHOLE:
        width, height = shown.size
        box = (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
        if not (0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height):
            raise Unusable("is cut to nothing")
        shown = shown.crop(box)
    shown.thumbnail((WIDEST, WIDEST))
    bare = Image.new(shown.mode, shown.size)
    is_seen = shown.getchannel("A").point(lambda alpha: 255 * (alpha > 0)) if shown.mode == "RGBA" else None
    bare.paste(shown, mask=is_seen)  # what was rubbed out has its colours still, which nobody sees
    made = BytesIO()
    bare.save(made, kind, **({"quality": 90} if kind == "jpeg" else {"optimize": True}))
    return made.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    """How many pixels a picture that `safe_copy` made is wide and high."""
    from PIL import Image

    with Image.open(BytesIO(data), formats=["png", "jpeg"]) as opened:
        return opened.size

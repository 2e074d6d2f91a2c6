"""The picture of a return: taken when it can be and is described, safe when it goes out, else refused with words."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document
from openpyxl import load_workbook
from openpyxl.drawing.image import Image as Pasted
from PIL import Image

from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.model import Finding, Return
from cpxl.pictures import LARGEST, Unusable, safe_copy
from cpxl.returns.checks import check_all
from cpxl.returns.read import read_return
from cpxl.steps import issuing, merging, publishing, starting
from tests.form import Form
from tools.make_demo_returns import ENTRIES, form_of, with_entries

TITLE, SHOWS = "Picture (optional)", "Harm by hour of the night, in the three town centres"
MARK = (200, 30, 40)


def picture(kind: str = "PNG", size: tuple[int, int] = (120, 80), **about: Any) -> bytes:
    made = BytesIO()
    image = Image.new("RGB", size, "white")
    image.paste(MARK, (0, 0, size[0] // 2, size[1]))
    image.save(made, kind, **about)
    return made.getvalue()


def with_a_place() -> bytes:
    """A photograph that says where it was taken, and when."""
    exif = Image.Exif()
    exif[0x010E], exif[0x9003] = "Taken by the victim's brother", "2020:09-01 10:00:00"
    exif.get_ifd(0x8825)[2] = (51.0, 44.0, 8.0)
    return picture("JPEG", exif=exif, comment=b"secret")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> WorkingFolder:
    """A folder whose Night-time Economy has room for a picture, with that return filled in but for the picture."""
    folder = starting.init(tmp_path_factory.mktemp("pictures") / "work")
    config = folder.path / "config.yaml"
    lead = "    lead: T/ Chief Superintendent\n"
    text = config.read_text(encoding="utf-8").replace(lead, f"{lead}    picture: true\n")
    config.write_text(text, encoding="utf-8")
    folder = WorkingFolder.open(folder.path)
    quarter, strand = folder.current_quarter(), folder.settings.strand_of("NTE")
    assert strand
    entries = yaml.safe_load(ENTRIES.read_text(encoding="utf-8"))["NTE"]
    issuing.issue(folder, quarter)
    known = with_entries(read_master(folder).master, strand, quarter, entries)
    path = folder.returns(quarter) / "NTE.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(form_of(folder, known, strand, quarter))
    return folder


def paste(folder: WorkingFolder, *pictures: bytes, words: str | None = SHOWS, rows_down: int = 0) -> Path:
    """The return with pictures pasted into its tall cell, or so many rows further down."""
    path = folder.returns(folder.current_quarter()) / "NTE.xlsx"
    form = Form(path)
    form.type(TITLE, "What it shows", "To paste, and to say", words)
    cell = form.cell(TITLE, "The picture", "To paste, and to say")
    form.page._images = []
    for data in pictures:
        form.page.add_image(Pasted(BytesIO(data)), cell.offset(row=rows_down).coordinate)
    form.book.save(path)
    return path


def checked(path: Path, folder: WorkingFolder) -> tuple[Return, list[Finding]]:
    returned = read_return(path, folder.settings)
    [found] = check_all([returned], folder.settings, folder.current_quarter())
    return returned, [f for f in found.findings if "picture" in f.rule]


def test_it_goes_to_partners_with_nothing_but_the_picture(begun: WorkingFolder) -> None:
    """Into the sheet and the Word report, with its words; and nothing is published once it is another."""
    path = paste(begun, with_a_place())
    returned, findings = checked(path, begun)
    assert [(f.rule, f.severity) for f in findings] == [("picture-goes-out", Finding.NOTE)]
    quarter = begun.current_quarter()
    _, master = merging.consolidate_folder(begun, quarter)
    [kept] = master.pictures
    there = begun.path / kept.file
    assert (kept.text, there.read_bytes()) == (SHOWS, returned.picture)
    assert kept.file == f"pictures/2020-21-Q2 NTE {hashlib.sha256(returned.picture).hexdigest()[:8]}.jpg"
    [again] = read_master(begun).master.pictures
    assert (again.file, again.sha256, again.text) == (kept.file, kept.sha256, SHOWS)

    published = publishing.publish_folder(begun).path
    report = publishing.report_folder(begun).published.path
    for out, folder in ((published, "xl/media/"), (report, "word/media/")):
        with zipfile.ZipFile(out) as parts:
            [shown] = [parts.read(name) for name in parts.namelist() if name.startswith(folder)]
            whole = b"".join(map(parts.read, parts.namelist()))
        assert shown == returned.picture
        assert SHOWS.encode() in whole and b"brother" not in whole and b"secret" not in whole
    [inline] = [shape for shape in Document(str(report)).inline_shapes if shape.type.name == "PICTURE"]
    assert inline._inline.docPr.get("descr") == SHOWS

    there.write_bytes(picture())
    with pytest.raises(Refused, match=r"the picture of Night-time Economy \(NTE\), .* is another now"):
        publishing.publish_folder(begun)
    merging.consolidate_folder(begun, quarter)
    publishing.publish_folder(begun)

    paste(begun, words=None)
    _, master = merging.consolidate_folder(begun, quarter)
    assert master.pictures == ()


@pytest.mark.parametrize(
    ("pictures", "words", "rule", "said"),
    [
        ([picture()], None, "picture-without-words", "nothing says what it shows"),
        ([picture(), picture()], SHOWS, "picture-unusable", "The picture is one of 2, and there is room for one."),
        ([picture("GIF")], SHOWS, "picture-unusable", "The picture is a GIF, and not a PNG or JPEG."),
        ([], SHOWS, "picture-missing", "but there is none in its place"),
        ([], None, "", ""),
    ],
    ids=["no words", "two", "GIF", "words alone", "neither"],
)
def test_what_is_said_of_it(
    begun: WorkingFolder, pictures: list[bytes], words: str | None, rule: str, said: str
) -> None:
    returned, findings = checked(paste(begun, *pictures, words=words), begun)
    assert [f.rule for f in findings] == [rule] * bool(rule)
    assert said in "".join(f.message for f in findings)
    assert returned.pictures == ()


def test_a_picture_elsewhere_is_still_said(begun: WorkingFolder) -> None:
    returned, findings = checked(paste(begun, picture(), words=None, rows_down=9), begun)
    assert ([f.rule for f in findings], returned.picture) == (["picture-or-drawing"], b"")


def test_what_is_cut_away_in_the_workbook_does_not_go_out(begun: WorkingFolder) -> None:
    """The red half is cropped off: a program that shows the workbook keeps it, and only hides it."""
    path = paste(begun, picture())
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    [drawing] = [name for name in content if name.startswith("xl/drawings/drawing")]
    before = content[drawing]
    content[drawing] = before.replace(b"<a:stretch>", b'<a:srcRect l="50000"/><a:stretch>')
    assert content[drawing] != before
    with zipfile.ZipFile(path, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    shown = Image.open(BytesIO(read_return(path, begun.settings).picture))
    assert (shown.size, shown.getcolors()) == ((60, 80), [(60 * 80, (255, 255, 255))])


def test_a_linked_picture_is_not_followed(begun: WorkingFolder) -> None:
    path = paste(begun, picture())
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    [drawing] = [name for name in content if name.startswith("xl/drawings/drawing")]
    content[drawing] = content[drawing].replace(b"r:embed", b"r:link")
    with zipfile.ZipFile(path, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    _, findings = checked(path, begun)
    assert [f.message for f in findings] == ["The picture is a link to a file, which is not in the workbook."]


BOMB = picture(size=(6_000, 5_000))
WHOLE = picture("JPEG", size=(300, 200))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "has 6,000 by 5,000 pixels, which is too many"),
        (picture(size=(1, 30_001)), "has 1 by 30,001 pixels, which is too many"),
        (picture() + bytes(LARGEST), "has more than 5 MB"),
        (picture()[:60], "is damaged"),
        (picture().replace(b"IDAT", b"IDAX"), "is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing, and not a PNG or JPEG"),
        (b"\x01\0\0\0l\0\0\0", "is a Windows metafile (EMF), and not a PNG or JPEG"),
        (b"", "is of another kind, and not a PNG or JPEG"),
    ],
    ids=["bomb", "long", "large", "cut short", "no data", "no header", "SVG", "EMF", "nothing"],
)
def test_what_cannot_be_taken(data: bytes, why: str) -> None:
    assert len(BOMB) < 200_000  # and yet 90 MB once it is decoded
    with pytest.raises(Unusable) as refused:
        safe_copy(data)
    assert str(refused.value) == why


def test_it_is_turned_as_it_was_seen_and_made_no_larger_than_a_page_shows() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    turned = Image.open(BytesIO(safe_copy(picture("JPEG", size=(3200, 800), exif=exif))))
    assert (turned.size, dict(turned.getexif())) == ((400, 1600), {})
    see_through = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(see_through, "PNG")
    assert Image.open(BytesIO(safe_copy(see_through.getvalue()))).mode == "RGBA"


def test_grey_in_16_bits_is_the_same_grey_in_8() -> None:
    deep, made = Image.new("I;16", (2, 1)), BytesIO()
    deep.putpixel((0, 0), 0x4000)
    deep.putpixel((1, 0), 0xC000)
    deep.save(made, "PNG")
    shown = Image.open(BytesIO(safe_copy(made.getvalue())))
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [(0x40,) * 3, (0xC0,) * 3]


def test_what_was_rubbed_out_does_not_go_out() -> None:
    """A program that rubs out makes pixels transparent; their colours may still be in the file."""
    image, made = Image.new("RGBA", (2, 1), (*MARK, 0)), BytesIO()
    image.putpixel((1, 0), (*MARK, 100))
    image.save(made, "PNG")
    shown = Image.open(BytesIO(safe_copy(made.getvalue())))
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0, 0), (*MARK, 100)]


def test_a_form_has_room_for_it_only_where_config_says_so(begun: WorkingFolder) -> None:
    issued = begun.issued(begun.current_quarter())
    with_room = [path.stem for path in sorted(issued.glob("*.xlsx")) if TITLE in _titles(path)]
    assert with_room == ["2020-21-Q2 NTE"]
    assert not load_workbook(issued / "2020-21-Q2 NTE.xlsx").worksheets[1].protection.objects
    assert load_workbook(issued / "2020-21-Q2 DA.xlsx").worksheets[1].protection.objects


def _titles(path: Path) -> list[object]:
    return [cell.value for cell in load_workbook(path).worksheets[1]["A"]]

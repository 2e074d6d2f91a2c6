"""How workbooks look: theme.yaml, the templates that are built by it, and what is said of mistakes in it."""

import re
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.steps import starting
from cpxl.theme import THEME, load, shipped
from tests import office
from tests.command import run_cpxl
from tests.conftest import long_only
from tests.test_cli import refused, said

ROOT = Path(__file__).parents[1]
TEMPLATES = [ROOT / "workbook_templates" / name for name in ("strand_return.xltx", "master.xltx")]
SHIPPED = (ROOT / THEME).read_text(encoding="utf-8")
LOOKS = ("font", "fill", "border", "alignment", "number_format", "protection")


def png(width: int, height: int) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff\0\0" * width) * height)
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def themed(folder: Path, *changes: tuple[str, str]) -> Path:
    """A working folder with a theme.yaml of its own: the shipped one with some changes."""
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / THEME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


# The templates


def meaning(path: Path) -> dict[str, Any]:
    """What is in a workbook and how it looks, whatever its bytes are."""
    book = load_workbook(path)
    found: dict[str, Any] = {"theme": book.loaded_theme, "type": book.template}
    for page in book.worksheets:
        cells = [cell for row in page.iter_rows() for cell in row]
        found[page.title] = {
            **{cell.coordinate: (cell.value, *(repr(getattr(cell, look)) for look in LOOKS)) for cell in cells},
            "tables": {table.name: table.ref for table in page.tables.values()},
            "names": {name: defined.attr_text for name, defined in page.defined_names.items()},
            "widths": {letter: column.width for letter, column in page.column_dimensions.items()},
            "heights": {number: row.height for number, row in page.row_dimensions.items()},
            "entries": sorted((str(rule.sqref), rule.formula1) for rule in page.data_validations.dataValidation),
            "header": (page.oddHeader and page.oddHeader.center.text, page.oddFooter and page.oddFooter.left.text),
            "hidden": page.sheet_state,
        }
    return found


def test_the_committed_templates_are_current(tmp_path: Path) -> None:
    """If this fails: python -m cpxl templates --folder ."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    says = said("templates", "--folder", tmp_path)
    built = [Path(says["outputs"][name]) for name in ("strand_return", "master")]
    assert [path.name for path in built] == [path.name for path in TEMPLATES]
    for committed, new in zip(TEMPLATES, built, strict=True):
        assert meaning(committed) == meaning(new)
    assert (tmp_path / THEME).read_text(encoding="utf-8") == SHIPPED


def test_building_again_gives_the_same_bytes_and_keeps_what_was_there(tmp_path: Path) -> None:
    folder = starting.init(tmp_path)
    first = starting.templates(folder)
    own_text = first.mail / "thank.txt"
    paths = [own_text if path == first.mail else path for path in vars(first).values()]
    own_text.write_text("Subject: Thanks\n\nThanks.\n", encoding="utf-8")
    were = {path: path.read_bytes() for path in paths}
    assert {path.stem for path in first.mail.iterdir()} == {"issue", "remind", "correct", "thank"}
    first.theme.write_text(first.theme.read_text(encoding="utf-8") + "# ours\n", encoding="utf-8")
    first.master.write_bytes(b"restyled")
    starting.templates(WorkingFolder.open(tmp_path))
    assert {path: path.read_bytes() for path in were if path != first.theme} == {
        path: data for path, data in were.items() if path != first.theme
    }
    assert first.theme.read_text(encoding="utf-8").endswith("# ours\n")
    assert b"restyled" in [path.read_bytes() for path in folder.backups.iterdir()]


@pytest.mark.usefixtures("validator")
def test_the_templates_are_valid_open_xml() -> None:
    assert office.validation_errors(TEMPLATES) == []
    for path in TEMPLATES:
        with ZipFile(path) as parts:
            assert b"spreadsheetml.template.main+xml" in parts.read("[Content_Types].xml")


def test_libreoffice_opens_the_templates(calc: Any, tmp_path: Path) -> None:
    fresh = office.recalculated(calc, TEMPLATES, tmp_path)
    assert {path: found for path in TEMPLATES if (found := office.formula_differences(path, fresh[path]))} == {}


def test_the_return_is_blank_and_the_master_empty() -> None:
    page = load_workbook(TEMPLATES[0])["Domestic Abuse"]
    entered = [cell for row in page.iter_rows() for cell in row if not cell.protection.locked]
    assert len(entered) > 50
    assert {cell.value for cell in entered if cell.data_type != "f"} == {None}
    assert load_workbook(TEMPLATES[1])["Progress"].tables["Progress"].ref == "A4:K5"
    assert {cell.value for cell in load_workbook(TEMPLATES[1])["Progress"][5]} == {None}


# The theme


def test_fonts_and_colours_are_the_office_themes(tmp_path: Path) -> None:
    """So that Excel's Page Layout > Themes changes them, in charts too."""
    master = load_workbook(TEMPLATES[1])
    cells = [cell for page in master.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.font.scheme for cell in cells} == {"major", "minor"}
    always = {f"FF{shipped().rgb(name)[1:]}" for name in ("grey", "done", "warning")}  # as theme.yaml says
    assert {cell.font.color.rgb for cell in cells if cell.font.color.type != "theme"} <= always
    heading = next(cell for cell in cells if cell.value == "Strand")
    assert (heading.font.color.theme, heading.border.bottom.color.theme) == (3, 3)
    with ZipFile(TEMPLATES[1]) as parts:
        theme = parts.read("xl/theme/theme1.xml").decode()
        charts = "".join(parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/"))
    for name, element in {"text_1": "dk1", "background_2": "lt2", "accent_3": "accent3", "hyperlink": "hlink"}.items():
        assert f'<a:{element}><a:srgbClr val="{shipped().palette[name][1:]}"/>' in theme
    assert theme.count('<a:latin typeface="Arial"/>') == 2
    drawn = {"tx1", *(f"accent{number}" for number in range(1, 6))}
    neutral = {shipped().rgb(name)[1:] for name in ("line", "rule")}  # of axes and grids, which always stay
    assert set(re.findall(r'Clr val="(\w+)"', charts)) == drawn | neutral
    assert "a:latin" not in charts


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_from_its_fill() -> None:
    theme = shipped()
    for name, style in theme.styles.items():
        assert contrast(theme.rgb(style.font_color or "ink"), theme.rgb(style.bg_color or "white")) >= 4.5, name


def test_a_theme_of_before_goes_on(tmp_path: Path) -> None:
    """What it has no word for looks like what it stands for, or else as in ours."""
    later = ("  choice:", "  # choice:"), ("  greyed:", "  # greyed:"), ("  rule:", "  # rule:")
    theme = load(themed(tmp_path, *later, ("value: {text_wrap", "value: {bold: true, text_wrap")))
    assert theme.styles["choice"] == theme.styles["value"] != shipped().styles["value"]
    assert (theme.styles["greyed"], theme.rgb("rule")) == (shipped().styles["greyed"], shipped().rgb("rule"))


@pytest.mark.usefixtures("validator")
@long_only
def test_a_folders_own_theme_and_logo_are_in_every_workbook(folder: Path) -> None:
    changes = ("font: Arial", "font: Georgia"), ('text_2: "#12325C"', 'text_2: "#5C1240"'), ("logo: ", "logo: ours.png")
    themed(folder, *changes, ("size: 12 ", "size: 14 "), ('pale_yellow: "#FFF8D6"', "pale_yellow: accent_4"))
    (folder / THEME).with_name("ours.png").write_bytes(png(300, 100))
    for command in ("consolidate", "publish", "check", "issue", "templates"):
        assert run_cpxl(command, "--folder", folder).returncode == 0
    names = (
        "issued/*/*GANGS.xlsx",
        "master.xlsx",
        "published/*v1.1.xlsx",
        "checked/*/*.xlsx",
        "workbook_templates/*.xltx",
    )
    written = [path for name in names for path in folder.glob(name)]
    assert len(written) == 8
    assert office.validation_errors(written) == []
    for path in written:
        with ZipFile(path) as parts:
            theme = parts.read("xl/theme/theme1.xml").decode()
            logos = [parts.read(name) for name in parts.namelist() if name.startswith("xl/media/")]
            drawn = [parts.read(name).decode() for name in parts.namelist() if name.endswith("vmlDrawing1.vml")]
        assert '<a:latin typeface="Georgia"/>' in theme
        assert '<a:dk2><a:srgbClr val="5C1240"/></a:dk2>' in theme
        header = load_workbook(path).worksheets[-1].oddHeader
        assert header
        if path.parent.parent.name == "checked" and not path.name.startswith("Check report"):
            assert (logos, header.left.text or "") == ([], "")  # pictures do not travel, nor does their place
        else:
            assert (logos, header.left.text) == ([png(300, 100)], "&G")
            assert "width:81.75pt;height:27pt" in drawn[0]
    page = load_workbook(written[0])["Gangs and Knife Crime"]
    assert (page["A1"].font.name, page["A1"].font.color.theme) == ("Georgia", 3)
    entered = next(cell for row in page.iter_rows() for cell in row if not cell.protection.locked)
    assert (entered.font.sz, entered.fill.fgColor.theme) == (14, 7)


def test_a_return_with_our_logo_is_not_said_to_have_lost_a_picture(folder: Path) -> None:
    themed(folder, ("logo: ", "logo: ours.png"))
    (folder / THEME).with_name("ours.png").write_bytes(png(30, 10))
    assert run_cpxl("issue", "--folder", folder, "-q", "2020-21-Q3").returncode == 0
    returned = folder / "returns" / "2020-21-Q3" / "hate.xlsx"
    shutil.copy(folder / "issued" / "2020-21-Q3" / "2020-21-Q3 HATE.xlsx", returned)
    says = said("check", "--folder", folder, exits=1)
    findings = load_workbook(says["outputs"]["annotated"][0]).worksheets[0]
    assert "picture" not in str(list(findings.values))


# Mistakes: what was changed, where that is (the first line with this text), what is said of it.
BAD = {
    "misspelt key": ("font: Arial", "fonts: Arial", "fonts:", "'fonts' is not a setting: write 'font'"),
    "missing key": ("font: Arial\n", "", "size:", "'font' is missing here: add a line 'font: …' (the theme.yaml that"),
    "small text": ("size: 12", "size: 11", "size: 11", "size: '11' will not do: write 12 or more"),
    "small heading": ("font_size: 14", "font_size: 9", "font_size: 9", "font_size: '9' will not do: write 12 or more"),
    "no colour": ('"#12325C"', "blue", "blue", "text_2: a colour is written as # and six digits or letters"),
    "colour without quotes": ('"#9C1C1C"', "#9C1C1C", "#9C1C1C", "warning: a colour is written as # and six"),
    "list for a colour": ("ink: text_1", "ink: [1]", "[1]", "ink: a colour is written as # and six"),
    "colour of no palette": ("ink: text_1", "ink: text_3", "text_3", "ink: a colour is written as # and six"),
    "misspelt colour": (
        *("font_color: warning", "font_color: warnin", "warnin,"),
        "font_color: 'warnin' is not known here: write warning",
    ),
    "misspelt style": ("  total:", "  totl:", "styles:", "styles: 'totl' is not known here: write total"),
    "unknown property": ("bold: true", "bolt: true", "bolt", "'bolt' is not a setting: write 'bold'"),
    "word for a place": ("align: left", "align: middle", "middle", "align: 'middle' will not do: write one of 'left'"),
    "no such logo": ("logo: ", "logo: ours.png ", "logo:", "logo: there is no file ours.png beside theme.yaml: put it"),
    "logo of another kind": ("logo: ", "logo: theme.yaml ", "logo:", "logo: theme.yaml is not a .png or .jpg picture"),
    "not YAML": ("font: Arial", "\tfont: Arial", "\tfont", "this is not valid YAML"),
    "empty file": (SHIPPED, "", "", "'font' is missing here: add a line 'font: …'"),
}


@pytest.mark.parametrize(("old", "new", "where", "says"), BAD.values(), ids=BAD)
def test_a_bad_theme_is_refused_with_its_line_and_what_to_write(
    tmp_path: Path, old: str, new: str, where: str, says: str
) -> None:
    themed(tmp_path, (old, new))
    with pytest.raises(Refused) as refusal:
        load(tmp_path)
    message = str(refusal.value)
    text = (tmp_path / THEME).read_text(encoding="utf-8")
    assert message.startswith(f"theme.yaml, line {text[: text.index(where)].count(chr(10)) + 1}: ")
    assert says in message
    assert len(message) < 250
    assert message.endswith(".")


def test_the_command_line_says_it_in_one_sentence(tmp_path: Path) -> None:
    assert run_cpxl("init", tmp_path).returncode == 0
    themed(tmp_path, ("font: Arial", "font:"))
    assert (
        refused("issue", "--folder", tmp_path)
        == "theme.yaml, line 4: font: a blank will not do: write text, in quotes.\n"
    )
    assert not (tmp_path / "issued").exists()

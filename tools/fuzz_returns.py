"""Damaged copies of returns, read and checked: `python tools/fuzz_returns.py --copies 3000 --seed 1`.

The returns are the demo's, which have breakdowns, and each of them again with a picture and with actions that are due.
Each copy is damaged in its bytes or in its XML, as its number and the seed say, so that it can be made again. A process
of its own reads and checks it within 512 MB, and without hanging. What went wrong is listed, and its file kept: a
crash, a hang, a file that is refused without a finding or accepted though it was refused, a finding without plain
words, a figure that is not in the file, a picture that is not as it should go out. The exit status is 1 if anything
went wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from openpyxl import load_workbook
from openpyxl.drawing.image import Image as Pasted
from PIL import Image

import cpxl
from cpxl.account.strand import strand_account
from cpxl.config import parse
from cpxl.layout.form import return_workbook
from cpxl.layout.pictures import THE_PICTURE
from cpxl.model import DUE, SCHEDULED, UNDER_WAY, DeliveryItem, Master, Paragraph, Return
from cpxl.pictures import WIDEST
from cpxl.resources import resource
from cpxl.returns.checks import check_all
from cpxl.returns.read import read_return
from cpxl.theme import shipped
from cpxl.workbooks.untrusted import Parts, Unreadable, refusing_damage
from cpxl.workbooks.write import to_bytes

HANGS = 120
"""Seconds after which a file is taken to hang: a thousand times what one takes."""
MEMORY = 512 * 2**20
SETTINGS = parse(
    resource("config.yaml").read_text(encoding="utf-8").replace("\n    plans:", "\n    picture: true\n    plans:")
)
RETURNS = sorted((Path(cpxl.__file__).parent / "demo" / "returns").glob("*.xlsx"))
MAIN_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml")
SHEETS = tuple(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
DRAWN = ("xl/drawings/drawing1.xml", "xl/drawings/_rels/drawing1.xml.rels", "xl/worksheets/_rels/sheet2.xml.rels")
PICTURE = "xl/media/image1.png"


@cache
def originals() -> list[bytes]:
    """The demo's returns; and the forms that they were, filled in likewise, with a picture and with actions due."""
    return [path.read_bytes() for path in RETURNS] + [_with_more(read_return(path, SETTINGS)) for path in RETURNS]


def _with_more(returned: Return) -> bytes:
    quarter, strand = SETTINGS.current_quarter, SETTINGS.strand_of(returned.strand)
    assert strand
    about = (quarter.plus(-1), strand.name, SCHEDULED)
    actions = tuple(
        DeliveryItem(*about, f"Visit {n} homes", "Fewer calls", "Q2 2020/21", id=f"{strand.code}-A{n}") for n in (1, 2)
    )
    told = tuple(replace(item, quarter=quarter, kind=DUE, outcome=UNDER_WAY, moved_to="Q4 2020/21") for item in actions)
    entries = {name: getattr(returned, name) for name in ("progress", "measures", "breakdowns", "risks", "notes")}
    delivery = (*actions, *told, *returned.delivery)
    master = Master(quarter, **entries, delivery=delivery, paragraphs=(Paragraph(quarter, strand.name, "Calls fell."),))
    form = return_workbook(SETTINGS, strand_account(master, quarter, strand, SETTINGS))
    book = load_workbook(BytesIO(to_bytes(form, shipped())))
    [place] = [cell for cell in book.worksheets[1]["A"] if cell.value == THE_PICTURE]
    place.offset(row=1, column=1).value = "Calls by hour of the day"
    pixels = BytesIO()
    Image.linear_gradient("L").save(pixels, "PNG")
    book.worksheets[1].add_image(Pasted(pixels), place.offset(column=1).coordinate)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# Damage to the bytes of a file


def flip_bits(data: bytes, random: Random) -> bytes:
    """A few bits the other way round."""
    damaged = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        damaged[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def cut_short(data: bytes, random: Random) -> bytes:
    """Not all of it came through."""
    return data[: random.randrange(len(data))]


def lose_a_range(data: bytes, random: Random) -> bytes:
    """A piece missing from the middle."""
    begin = random.randrange(len(data))
    return data[:begin] + data[begin + random.choice((1, 4, 100, 4096)) :]


def put_in_a_range(data: bytes, random: Random) -> bytes:
    """Other bytes, or the file's own, between."""
    at, begin = random.randrange(len(data)), random.randrange(len(data))
    piece = random.choice((random.randbytes(random.choice((1, 100))), data[begin : begin + 1000], bytes(1000)))
    return data[:at] + piece + data[at:]


def damage_directory(data: bytes, random: Random) -> bytes:
    """Numbers of the zip's directory or headers (sizes, offsets, counts, methods) that are not right."""
    damaged = bytearray(data)
    for _ in range(random.choice((1, 3))):
        record = random.choice([found.start() for found in re.finditer(b"PK(?:\1\2|\3\4|\5\6)", data)])
        at = min(record + random.randrange(4, 46), len(data) - 4)
        damaged[at : at + random.choice((2, 4))] = random.choice((bytes(4), b"\xff" * 4, random.randbytes(4)))
    return bytes(damaged)


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    flip_bits,
    cut_short,
    lose_a_range,
    put_in_a_range,
    damage_directory,
)


# Damage to the XML inside


def change_an_attribute(xml: str, random: Random) -> str:
    """An attribute's value replaced by another of the part, or by something odd."""
    values = [found.span(1) for found in re.finditer(r'="([^"]*)"', xml)]
    if not values:
        return xml
    begin, end = random.choice(values)
    other = xml[slice(*random.choice(values))]
    odd = ("", "-1", "0", "999999999999", "1e308", "A1048577", "XFD1048576", "&lt;", "../../etc/passwd", "\u00e9" * 300)
    return xml[:begin] + random.choice((other, random.choice(odd))) + xml[end:]


def drop_an_element(xml: str, random: Random) -> str:
    """A tag, or an element with what is in it, left out."""
    found = _some(r"<[^<>]*>" if random.random() < 0.3 else r"<(\w+)[^<>]*(?:/>|>[^<]*</\1>)", xml, random)
    return xml[: found.start()] + xml[found.end() :] if found else xml


def repeat_an_element(xml: str, random: Random) -> str:
    """An element several times over."""
    found = _some(r"<(\w+)[^<>]*(?:/>|>[^<]*</\1>)|<(?:c|row)\b.*?</(?:c|row)>", xml, random)
    return xml[: found.start()] + found[0] * random.choice((2, 3, 5000)) + xml[found.end() :] if found else xml


def change_a_text(xml: str, random: Random) -> str:
    """A number or text in a cell, a name's reference, replaced by something odd."""
    found = _some(r">([^<>]+)<", xml, random)
    odd = (
        *("NaN", "INF", "-1e308", "1e999", "9" * 400, "99999999", "", " 12 ", "0x1F", "1,5", "#REF!", "x" * 40_000),
        *("'No sheet'!$A$1:$B$2", "Guidance!$XFD$1048576", "=1+1", "&undeclared;", "&#0;", "<!-- cut -->", "\x07"),
    )
    return xml[: found.start(1)] + random.choice(odd) + xml[found.end(1) :] if found else xml


def declare_entities(xml: str, random: Random) -> str:
    """A document type with entities: many laughs, a file, an address."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    kinds = (laughs, '<!ENTITY l8 SYSTEM "file:///etc/passwd">', '<!ENTITY % l8 SYSTEM "http://127.0.0.1:9/l">%l8;')
    at = xml.find("?>") + 2
    xml = xml[:at] + f"<!DOCTYPE x [{random.choice(kinds)}]>" + xml[at:]
    return re.sub(r"<(v|t)( [^<>]*)?>[^<]*", r"<\1\2>&l8;", xml, count=3)


def nest_deeply(xml: str, random: Random) -> str:
    """Elements in elements, some tens of thousands."""
    depth = random.choice((100, 50_000))
    tag = random.choice(("a", "si", "c", "row", "sheets"))
    return xml.replace("><", f">{f'<{tag}>' * depth}{f'</{tag}>' * depth}<", 1 + random.randrange(2))


def lose_a_piece(xml: str, random: Random) -> str:
    """Some characters missing, whatever they are."""
    begin = random.randrange(len(xml))
    return xml[:begin] + xml[begin + random.choice((1, 10, 1000)) :]


def grow(xml: str, random: Random) -> str:
    """Several megabytes more, of one kind."""
    piece = random.choice(
        ("<c><v>1</v></c>", "<row><c><v>1</v></c></row>", '<c t="s"><v>0</v></c>', '<c r="A1" ', "<si/>")
    )
    at = random.choice([found.end() for found in re.finditer(">", xml)])
    return xml[:at] + piece * (2**22 // len(piece)) + xml[at:]


XML: tuple[Callable[[str, Random], str], ...] = (
    *(change_an_attribute, drop_an_element, repeat_an_element, change_a_text, declare_entities, lose_a_piece),
)
GROWTH: tuple[Callable[[str, Random], str], ...] = (nest_deeply, grow)


def _some(pattern: str, xml: str, random: Random) -> re.Match[str] | None:
    found = list(re.finditer(pattern, xml))
    return random.choice(found) if found else None


def swap_parts(parts: dict[str, bytes], random: Random) -> dict[str, bytes]:
    """Two parts in each other's place, one left out, or one under a name that climbs out of the folder."""
    first, second = random.sample(sorted(parts), 2)
    swapped = {**parts, first: parts[second], second: parts[first]}
    climbing = {**parts, f"../../{first}": parts[first], f"/etc/{second}": parts[second]}
    return random.choice((swapped, climbing, {name: part for name, part in parts.items() if name != first}))


def damaged(number: int, seed: int) -> tuple[str, bytes]:
    """The copy of that number, and what was done to it."""
    random = Random(f"{seed}/{number}")
    original = random.choice(originals())
    if random.random() < 0.4:
        harm = random.choice(BYTES)
        return harm.__name__, harm(original, random)
    parts = _parts(original)
    if random.random() < 0.05:
        return swap_parts.__name__, _zipped(swap_parts(parts, random))
    done = []
    changes = random.choices(XML, k=random.choice((1, 1, 2, 5)))
    if random.random() < 0.2:
        changes = [*changes[1:], random.choice(GROWTH)]  # last, for what comes after would take long
    if PICTURE in parts and random.random() < 0.5:
        harm = random.choice(BYTES[:-1])
        parts[PICTURE] = harm(parts[PICTURE], random)
        done.append(f"{harm.__name__} {PICTURE}")
    drawn = DRAWN if PICTURE in parts else ()
    for change in changes:
        name = random.choice([part for part in (*MAIN_PARTS, SHEETS[1], *SHEETS, *drawn) if part in parts])
        done.append(f"{change.__name__} {name}")
        parts[name] = change(parts[name].decode(), random).encode()
    return ", ".join(done), _zipped(parts)


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return stream.getvalue()


# Reading and checking them


def judged(path: Path) -> str:
    """Read and check a file, and say what is wrong with what came of it; blank if nothing is."""
    checked = check_all([read_return(path, SETTINGS)], SETTINGS, SETTINGS.current_quarter)[0]
    returned = checked.returned
    if returned.fault and checked.accepted:
        return f"accepted, though it was refused as {returned.fault}"
    for finding in checked.findings:
        if not re.fullmatch(r"[^{}]{10,2000}[.!?]", finding.message, re.DOTALL) or not finding.fix.endswith("."):
            return f"{finding.rule} has no plain words: {finding.message[:200]!r} {finding.fix[:200]!r}"
    if returned.fault:
        return ""
    if returned.picture and (why := _not_bare(returned.picture)):
        return why
    made_up = set(_figures(returned)) - _numbers(path.read_bytes())
    return f"figures that are not in the file: {sorted(made_up)}" if made_up else ""


def _figures(returned: Return) -> Iterator[float]:
    values = [p.value for p in returned.progress] + [v for m in returned.measures for v in (m.previous, m.current)]
    values += [f.value for f in returned.breakdowns]
    yield from (float(value) for value in values if isinstance(value, int | float))


def _not_bare(picture: bytes) -> str:
    """What a picture has that is not to go out, or what it is too much of; blank if nothing."""
    with Image.open(BytesIO(picture)) as opened:
        if max(opened.size) > WIDEST or opened.format not in ("PNG", "JPEG"):
            return f"a picture of {opened.size} pixels, {opened.format}"
        more = opened.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        return f"a picture with {more}" if more else ""


def _numbers(data: bytes) -> set[float]:
    """Every number that stands in the XML of a file's sheets, and 0, which is what a dash is read as."""
    numbers = {0.0}
    parts = Parts(data)
    for name in parts.entries:
        if name.startswith(("xl/worksheets/sheet", "xl/sharedStrings")):
            with suppress(Unreadable), refusing_damage():  # a part that the reader does not need
                for text in re.findall(r">([^<>]+)<", parts[name].decode(errors="replace")):
                    with suppress(ValueError):
                        plain = unescape(text).strip().replace(",", "")
                        share = float(plain.removesuffix("%")) / 100 if plain.endswith("%") else float(plain)
                        numbers.add(share)
    return numbers


@dataclass(frozen=True)
class Failure:
    """A copy that something went wrong with."""

    number: int
    damage: str
    what: str
    file: Path


def fuzz(copies: int, seed: int, keep: Path, tell: Callable[[], None] = lambda: None) -> list[Failure]:
    """Make so many damaged copies and read each. Files with which something went wrong stay in the folder `keep`."""
    keep.mkdir(parents=True, exist_ok=True)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        worker = _Worker()
        for number in range(copies):
            damage, data = damaged(number, seed)
            path = Path(folder) / "copy.xlsx"
            path.write_bytes(data)
            if what := worker.judge(path):
                kept = keep / f"{seed}-{number}.xlsx"
                kept.write_bytes(data)
                failures.append(Failure(number, damage, what, kept))
            tell()
        worker.stop()
    return failures


class _Worker:
    """A process that judges one file after another, and is started anew when a file has brought it down."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start it."""
        context = get_context("spawn")
        self.line, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.line.recv()  # it is ready: what it needed to start is no part of a file's memory

    def stop(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.join()

    def judge(self, path: Path) -> str:
        """What is wrong, blank if nothing is."""
        self.line.send(path)
        what = ""
        if not self.line.poll(HANGS):
            what = f"not done after {HANGS} seconds"
        else:
            try:
                return str(self.line.recv())
            except EOFError:
                self.process.join()
                what = f"the process ended with {self.process.exitcode}"
        self.stop()
        self.start()
        return what


def _work(line: Connection) -> None:
    with suppress(ImportError, ValueError, OSError):  # there is no such limit on Windows and Mac
        import resource as limits

        limits.setrlimit(limits.RLIMIT_AS, (MEMORY, MEMORY))
    line.send("ready")
    while True:
        path = line.recv()
        try:
            line.send(judged(path))
        except Exception as error:
            line.send(f"{type(error).__name__}: {error}")


def main() -> int:
    """Fuzz, with a progress bar, and list what went wrong."""
    from rich.console import Console
    from rich.progress import Progress

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--copies", type=int, default=2000, metavar="N", help="how many damaged copies to make")
    arguments.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same copies")
    arguments.add_argument("--keep", type=Path, default=Path("fuzz-found"), metavar="FOLDER", help="for files at fault")
    asked = arguments.parse_args()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Damaged copies", total=asked.copies)
        failures = fuzz(asked.copies, asked.seed, asked.keep, lambda: progress.advance(task))
    for failure in failures:
        print(f"{failure.file}: {failure.what} (copy {failure.number}: {failure.damage})")
    print(f"{asked.copies} copies with seed {asked.seed}: {len(failures)} went wrong.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

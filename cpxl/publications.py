"""What was published, kept beside it: the master, the config.yaml and the look that it was made of.

By it a publication is made again, and held against what comes later. It is also what the register is brought back from
where an older master was put in place. A file for each publication, written before anything else is.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import yaml

from cpxl import files, store
from cpxl.errors import Refused
from cpxl.folder import CONFIG, MASTER, WorkingFolder
from cpxl.model import Place, Publication, Revision, field_names
from cpxl.origin import PICTURES
from cpxl.quarters import Quarter
from cpxl.theme import REPORT_TEMPLATE, TEMPLATES, THEME
from cpxl.workbooks.finish import DAY_0
from cpxl.workbooks.untrusted import LARGEST_FILE

ABOUT = "publication.json"
LARGEST_PART = 2**26
"""Bytes of a part of such a file, unpacked."""
MOST_PARTS = 1000
NAME = re.compile(
    rf"(?P<quarter>\d{{4}}-\d\d-Q[1-4]) v(?P<version>\d{{1,4}}\.\d{{1,4}}) (?P<kind>{'|'.join(Publication.KINDS)})\.zip"
)


@dataclass(frozen=True)
class Kept:
    """A publication, and what it says that the master does not.

    traced: how far its figures were. revisions: those that were published otherwise before. not_compared: earlier
    publications of which nobody can tell any more what they said.
    """

    publication: Publication
    traced: str
    revisions: tuple[Revision, ...] = ()
    not_compared: tuple[str, ...] = ()


def path_of(folder: WorkingFolder, publication: Publication) -> Path:
    """Where it is kept."""
    name = f"{publication.quarter.folder} v{publication.version} {publication.kind}.zip"
    return folder.kept / name


def keep(folder: WorkingFolder, kept: Kept, made_of: Mapping[str, bytes]) -> None:
    """Keep what a publication is made of: the master and pictures, by their names. Raises Refused if it cannot."""
    about = asdict(kept)
    about["publication"] = {key: getattr(kept.publication, key) for key in field_names(Publication)}
    about["publication"]["quarter"] = str(kept.publication.quarter)
    about["revisions"] = [{**vars(one), "place": [*one.place[:-1], str(one.place.quarter)]} for one in kept.revisions]
    parts = {ABOUT: json.dumps(about, ensure_ascii=False, indent=1).encode(), **made_of}
    parts |= {name: data for name in (CONFIG, *_looks(folder)) if (data := _own(folder, name)) is not None}
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(ZipInfo(name, DAY_0), data, ZIP_DEFLATED)
    store.save(path_of(folder, kept.publication), stream.getvalue())


def _looks(folder: WorkingFolder) -> Iterator[str]:
    """The folder's own files that say how what is published looks."""
    yield from (THEME, REPORT_TEMPLATE)
    with suppress(OSError, yaml.YAMLError, AttributeError):
        own = yaml.safe_load((folder.path / THEME).read_text(encoding="utf-8"))
        if own.get("logo"):
            yield f"{TEMPLATES}/{own['logo']}"


def _own(folder: WorkingFolder, name: str) -> bytes | None:
    try:
        return files.read(folder.path / name, LARGEST_FILE).data
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"{folder.path / name} cannot be read ({error.strerror}): close it elsewhere.") from error


def register(folder: WorkingFolder, known: Collection[Publication]) -> tuple[Publication, ...]:
    """Every publication of the folder: those that the master's register has, and others that are kept."""
    found = {(str(one.quarter), one.version, one.kind): one for one in known if one.is_sound}
    for path in _there(folder):
        named = NAME.fullmatch(path.name)
        of = (str(Quarter.parse(named["quarter"])), named["version"], named["kind"]) if named else None
        if of and of not in found:
            with suppress(Refused):
                one = _read(path)[0].publication
                if (str(one.quarter), one.version, one.kind) == of:
                    found[of] = one
    return tuple(sorted(found.values(), key=lambda p: (p.quarter, p.number, Publication.KINDS.index(p.kind))))


def about(folder: WorkingFolder, publication: Publication) -> Kept:
    """What is kept of a publication that the master does not say. Raises Refused if it is not kept any more."""
    return _read(path_of(folder, publication))[0]


def _there(folder: WorkingFolder) -> list[Path]:
    try:
        return sorted(path for path in folder.kept.iterdir() if NAME.fullmatch(path.name))
    except OSError:
        return []


@contextmanager
def as_it_was(folder: WorkingFolder, publication: Publication) -> Iterator[tuple[WorkingFolder, Kept]]:
    """The working folder as it was when something was published, and what that said.

    Raises Refused if it is not kept any more.
    """
    kept, parts = _read(path_of(folder, publication))
    with tempfile.TemporaryDirectory(prefix="cpxl-") as scratch:
        for name, data in parts.items():
            place = Path(scratch, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        yield WorkingFolder.open(Path(scratch)), kept


@contextmanager
def master_as_it_was(folder: WorkingFolder, publication: Publication) -> Iterator[WorkingFolder]:
    """The same with today's config.yaml, so that everything goes by the name that it has today."""
    _, parts = _read(path_of(folder, publication))
    with tempfile.TemporaryDirectory(prefix="cpxl-") as scratch:
        Path(scratch, MASTER).write_bytes(parts.get(MASTER, b""))
        yield replace(folder, path=Path(scratch))


def _read(path: Path) -> tuple[Kept, dict[str, bytes]]:
    """What is kept in a file, and its other parts by name. Raises Refused if it is not there, or damaged."""
    try:
        data = files.read(path, LARGEST_FILE + 1).data
        with ZipFile(BytesIO(data)) as package:
            infos = package.infolist()
            if len(infos) > MOST_PARTS or any(info.file_size > LARGEST_PART for info in infos):
                raise ValueError("too large")
            parts = {info.filename: package.read(info) for info in infos if _is_ours(info.filename)}
        about: Any = json.loads(parts.pop(ABOUT))
        row = about["publication"]
        publication = Publication(**{**row, "quarter": Quarter.parse(row["quarter"])})
        if not publication.is_sound:
            raise ValueError("not a publication")
        found = tuple(map(_revision, about.get("revisions", ())))
        return Kept(publication, str(about["traced"]), found, tuple(map(str, about.get("not_compared", ())))), parts
    except FileNotFoundError:
        raise Refused(f"{path} is not there any more, so what was published cannot be made again from it.") from None
    except (OSError, BadZipFile, ValueError, TypeError, KeyError, RuntimeError, NotImplementedError) as error:
        raise Refused(f"{path} cannot be read, so what was published cannot be made again from it.") from error


def _revision(row: dict[str, Any]) -> Revision:
    sheet, block, of, column, quarter = row.pop("place")
    return Revision(Place(sheet, block, of, column, Quarter.parse(quarter)), **row)


def _is_ours(name: str) -> bool:
    """Whether a part belongs there: none leads out of the folder."""
    place = PurePosixPath(name)
    inside = not place.is_absolute() and ".." not in place.parts and "\\" not in name and ":" not in name
    return inside and (name in (ABOUT, MASTER, CONFIG) or place.parts[0] in (TEMPLATES, PICTURES))

"""Names of strands, plans, statuses and measures: which work everywhere, and which are the same name.

A name stands in cells, headings of tables, formulas, charts, page footers and messages, and is read back from there. So
what could come back as something else, or cannot be seen, is no name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from cpxl.errors import Refused
from cpxl.words import short
from cpxl.yaml_file import Misplaced, Place

LONGEST = 200
"""Characters of a name as Excel counts them. It takes 255 in headings and charts, where more may stand."""
LONGEST_SHEET = 31
"""The same of a sheet's name, in Excel."""

BLANK_LETTERS = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and signs that show nothing."""
VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""How the sign before them is drawn: \u26a0 in colour or in black."""
ESCAPE = re.compile(r"_x[0-9A-F]{4}_", re.IGNORECASE)
"""What Excel's files have in place of a character."""


@lru_cache(maxsize=4096)  # the same few are read in every return
def alike(text: str) -> str:
    """The same for all names that look the same: without regard to capitals, kinds and numbers of blanks, and to how
    accents are put together. By it names are compared everywhere."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", VARIANTS.sub("", text)).casefold())
    return " ".join(folded.split())


def why_not(text: str) -> str | None:
    """Why a text cannot be a name, as the end of a sentence that begins with it; None if it can."""
    for character in text:
        if _is_hidden(character):
            return f"has a character in it that cannot be seen (U+{ord(character):04X}); write it without"
    if not any(unicodedata.category(character)[0] in "LNPS" for character in text):
        return "has nothing in it that can be seen; write it in letters"
    if utf16_length(text) > LONGEST:
        return f"is too long; write at most {LONGEST} characters"
    if found := ESCAPE.search(text):
        return f"has '{found[0]}' in it, which Excel takes for another character; write it without"
    if alike(text) == "n/a":
        return "means that there is nothing to count; write another name"
    return None


def typed(text: str, option: str, most: int) -> str:
    """What somebody typed after an option, on one line. Raises Refused if it is long, or has what cannot be seen."""
    text = " ".join(text.split())
    if len(text) > most:
        raise Refused(f"What is typed after {option} has {len(text):,} characters: write at most {most}.")
    if hidden := next(filter(_is_hidden, text), None):
        raise Refused(
            f"What is typed after {option} has a character in it that cannot be seen (U+{ord(hidden):04X}): write it "
            "without."
        )
    return text


def utf16_length(text: str) -> int:
    """How many characters Excel counts: two for an emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_hidden(character: str) -> bool:
    """Control characters, line breaks, marks that turn the direction of text, joiners, halves of characters."""
    is_none = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    return is_none or character in BLANK_LETTERS or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


# Whose a name is


class Named(Protocol):
    """A strand or plan."""

    @property
    def name(self) -> str: ...
    @property
    def formerly(self) -> Sequence[str]: ...


class Use(NamedTuple):
    """A name, whose it is and as what, and where in config it stands."""

    name: str
    owner: Named
    kind: str
    place: Place


def uses(owner: Named, place: Place, kinds: Sequence[str]) -> Iterator[Use]:
    """The names of a strand or plan. kinds: the settings that they are now; those that it had before follow."""
    for kind in kinds:
        yield Use(getattr(owner, kind), owner, kind, (*place, kind))
    for at, name in enumerate(owner.formerly):
        yield Use(name, owner, FORMER, (*place, "formerly", at))


FORMER = "former name"


def apart(what: str, names: Iterable[Use]) -> None:
    """Raise Misplaced if a name might mean two of the strands, or plans."""
    seen: dict[str, Use] = {}
    for use in names:
        other = seen.setdefault(alike(use.name), use)
        if other.owner is use.owner:
            continue
        if use.kind == other.kind != FORMER:
            kinds = f"{what} {use.kind}s" if what == "strand" else f"{what}s"
            raise Misplaced(f"two {kinds} are called '{short(other.name)}'; give each its own", *use.place)
        whose = f"is the {other.kind} of '{short(other.owner.name)}' and a {use.kind} here"
        raise Misplaced(
            f"'{short(use.name)}' {whose}; leave it where its figures belong, and write another name in the other place"
            if FORMER in (use.kind, other.kind)
            else f"'{short(use.name)}' {whose}; write another in one of the two places",
            *use.place,
        )


def different(what: str, names: Iterable[object], place: Callable[[int], Place] | None = None) -> None:
    """Raise Misplaced if two names are alike.

    place: where the name at a position stands; without, they are keys.
    """
    seen: dict[str, str] = {}
    for at, name in enumerate(names):
        if isinstance(name, str) and alike(name) in seen:
            plural = f"{what}es" if what == "status" else f"{what}s"
            said = f"two {plural} are called '{short(seen[alike(name)])}'; give each its own"
            raise Misplaced(said, *(place(at) if place else (name,)))
        seen[alike(str(name))] = str(name)


def by_name(today: Sequence[str], renamed: Mapping[str, str]) -> dict[str, str]:
    """What each name, be it a former one, has become; of names that are alike, the first counts."""
    return {alike(old): new for old, new in renamed.items()} | {alike(name): name for name in reversed(today)}


# Names of files and folders

LONGEST_FILE = 150
"""Bytes of a name that becomes part of a file's, which has 255, with a date and an ending."""

DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?: *\..*)?", re.IGNORECASE
)
"""What Windows takes for a device, whatever comes after the first dot."""


def is_windows_name(name: str) -> bool:
    """Whether Windows allows a file or folder to be called so, as far as its end and devices are concerned."""
    return not DEVICE.fullmatch(name) and name[-1:] not in (".", " ")


def shortened(name: str) -> str:
    """A name as part of a file's name: not too long for that."""
    return name.encode()[:LONGEST_FILE].decode(errors="ignore").rstrip()


def as_file_name(text: str) -> str:
    """A text, with its ending, as a file name that Windows allows and no program hides."""
    name = re.sub(r'[<>:"/\\|?*]', "-", text).lstrip("~. ")
    return name if is_windows_name(name) else f"_{name}"

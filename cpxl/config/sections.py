"""The sections of the report: what stands in it, in which order, and who writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from pydantic import field_validator

from cpxl import yaml_file
from cpxl.config.values import Name, Part
from cpxl.names import alike
from cpxl.words import short
from cpxl.yaml_file import Misplaced

SectionKind = Literal[
    "standing", "quarter", "summary", "at_risk", "exception", "strands", "corrections", "contents", "group"
]
WRITTEN = ("standing", "quarter")
"""Kinds of which the coordinator writes the text: one that stays until it is changed, and one of each quarter."""
TYPED = (*WRITTEN, "exception")
"""Those that the coordinator may write something for."""
ONCE = ("summary", "at_risk", "exception", "strands", "corrections", "contents")
ANYBODYS = {"Crime Prevention Strategy 2021-25 progress": "Progress of the next strategy"}
"""Titles of ours that name our own strategy, and what is said where somebody has no sections of his own."""
NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}\.?\s+")
"""How a section's number stands in front of its title."""


class SubSection(Part):
    """A section, or one in it."""

    title: Name
    """As it is printed; by it its text is known on the sheet 'Report text' of the master."""
    kind: SectionKind = "standing"
    """What stands in it. standing: your text, which comes back every quarter until you change it. quarter: your text of
    the quarter, written anew each time. summary, at_risk, strands, corrections, contents: comes from the figures by
    itself. exception: 'Delivery and challenges by exception' of the executive summary. group: nothing but the sections
    in it."""
    numbered: bool = True
    """false for one without a number, such as an appendix."""


class Section(SubSection):
    """A section of the report, with those in it."""

    sections: list[SubSection] = []
    """The sections in it."""

    @field_validator("sections", mode="after")
    @classmethod
    def _no_strands_below(cls, sections: list[SubSection]) -> list[SubSection]:
        for at, section in enumerate(sections):
            if section.kind in ("strands", "contents"):
                raise Misplaced(f"'{section.kind}' is a section of its own: move it out of this one", at, "kind")
        return sections


class Numbered(Part):
    """A section with the number that its place gives it: `6.0`, `6.3`, blank for none. level: 1, or 2 inside one."""

    number: str
    level: int
    section: SubSection

    @property
    def label(self) -> str:
        """`6.3 Risks/Mitigation`."""
        return f"{self.number} {self.section.title}".strip()

    @property
    def is_written(self) -> bool:
        """Whether the coordinator has to write its text."""
        return self.section.kind in WRITTEN

    @property
    def is_typed(self) -> bool:
        """Whether the coordinator may write something for it."""
        return self.section.kind in TYPED


def numbered(sections: Sequence[Section]) -> Iterator[Numbered]:
    """Every section and those in it, in order."""
    count = 0
    for section in sections:
        has_number = section.numbered and section.kind != "contents"
        count += has_number
        yield Numbered(number=f"{count}.0" if has_number else "", level=1, section=section)
        inside = 0
        for below in section.sections:
            inside += has_number and below.numbered
            number = f"{count}.{inside}" if has_number and below.numbered else ""
            yield Numbered(number=number, level=2, section=below)


def section_meant(sections: Sequence[Section], text: object) -> Numbered | None:
    """The section that is meant by its number, title, or both; None if there is none."""
    wanted = alike(str(text))
    without = alike(NUMBER.sub("", str(text).strip(), count=1))
    every = list(numbered(sections))
    titled = {alike(one.section.title): one for one in every}
    return titled.get(wanted) or titled.get(without) or next((one for one in every if one.number == wanted), None)


def differing(sections: Sequence[Section]) -> None:
    """Raise Misplaced if two sections could be mixed up, or something is to be printed twice."""
    titles, kinds = dict[str, str](), set[str]()
    for at, section in enumerate(sections):
        places: list[tuple[SubSection, tuple[int | str, ...]]] = [(section, (at,))]
        places += [(below, (at, "sections", number)) for number, below in enumerate(section.sections)]
        for one, place in places:
            if alike(one.title) in titles:
                raise Misplaced(
                    f"two sections are called '{short(titles[alike(one.title)])}'; give each its own title",
                    "sections",
                    *place,
                    "title",
                )
            titles[alike(one.title)] = one.title
            if one.kind in kinds:
                raise Misplaced(
                    f"'{one.kind}' stands in the report once already; remove one of the two", "sections", *place, "kind"
                )
            if one.kind in ONCE:
                kinds.add(one.kind)


@cache
def shipped() -> tuple[Section, ...]:
    """The sections of the config.yaml that travels with the package, for one of before that names none."""
    known = yaml_file.shipped("config.yaml")["sections"]
    titled = ({**section, "title": ANYBODYS.get(section["title"], section["title"])} for section in known)
    return tuple(map(Section.model_validate, titled))

"""What an editor that has the schema says of the configs in the tests: bad where cpxl refuses one, and good elsewhere.

Every config that a test hands to cpxl in its own process is held against the schema as well (`conftest.py`). Where cpxl
refuses what the schema lets pass, it is for something that no JSON Schema can say.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from unittest.mock import patch

import yaml
from jsonschema import Draft202012Validator

from cpxl import yaml_file
from cpxl.config import Settings
from cpxl.config.schema import schema_text
from cpxl.errors import Refused
from tests.work import LONG

NO_SCHEMA_SAYS = {
    "that two names in two places are one, in capitals or not": (
        r"are called '|write both alike|and a (former |short_)?name here|would be the heading of two columns|"
        r"has a contact above already|is renamed here and yet listed"
    ),
    "that a name is one of those that are listed elsewhere": r"that is listed here|is not listed under",
    "that one quarter, or number, comes before another": r"lies before|is retired before|write the least first",
    "how many settings of an object have one value": r"write 'total' after one status only",
    "which letters can be seen, of all that Unicode has": r"cannot be seen|nothing in it that can be seen",
    "that a section stands in the report once, and where": r"stands in the report once|is a section of its own",
    "which time zones there are on this computer": r"a time zone by its name",
    "how long a text is as Excel counts it, with two for an emoji": r"write at most \d+ characters",
}
"""What that is, and the words by which cpxl refuses it."""
NO_YAML = r"not valid YAML|stands here a second time|says more than|lists in lists"
"""What an editor marks without a schema, or does not open."""
MOST = 10**6 if LONG else 3
"""Configs of one test that are held; the short form has enough of those that chance made."""


@cache
def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text()))


def wrong(text: str) -> list[Any]:
    """What is marked in a config."""
    try:
        return list(schema().iter_errors(yaml.load(text, Loader=yaml_file.LOADER)))
    except ValueError as error:  # a date, or a number, that is none
        return [error]


class Editor:
    """Looks over the shoulder of whoever has cpxl read a config."""

    def __init__(self) -> None:
        self.seen = set[str]()
        self.left = MOST
        self.reads = yaml_file.parse

    def __enter__(self) -> Editor:
        self.patch = patch.object(yaml_file, "parse", self.parse)
        self.patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.patch.stop()

    def parse(self, text: str, name: str, whole: Any, *others: Any) -> Any:
        """What `yaml_file.parse` says, held against the schema."""
        try:
            found = self.reads(text, name, whole, *others)
        except Refused as refusal:
            self.hold(text, whole, str(refusal))
            raise
        self.hold(text, whole, "")
        return found

    def hold(self, text: str, whole: Any, said: str) -> None:
        """Hold a config against the schema. said: why cpxl refuses it; blank if it does not."""
        if whole is not Settings or text in self.seen or not self.left or re.search(NO_YAML, said):
            return
        marks = wrong(text)
        if not said:
            assert not marks, str(marks[0])
        elif not marks:
            assert any(re.search(words, said) for words in NO_SCHEMA_SAYS.values()), f"The schema lets pass: {said}"
        self.seen.add(text)
        self.left -= 1

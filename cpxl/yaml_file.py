"""YAML files to typed settings, with errors that name the file, the line and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from cpxl.errors import Refused

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
STRICT = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

Whole = TypeVar("Whole", bound=BaseModel)


def read(path: Path) -> str:
    """The text of a file. Raises FileNotFoundError if it is not there, Refused if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise Refused(
            f"{path.name} is not saved as UTF-8: open it in a text editor and save it with encoding UTF-8."
        ) from None
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}): check that you may open it.") from None


def parse(text: str, name: str, whole: type[Whole], made_by: str, context: object = None) -> Whole:
    """What a file called `name` says, from its text.

    whole: its model, with a base class in common with the models of its parts.
    made_by: the command that writes such a file. context: for the models' own validators.
    Raises Refused with the file, the line and what to write instead.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        twice = next(_repeated_keys(tree), None)
        if twice is not None:
            line = twice.start_mark.line + 1
            raise Refused(f"{name}, line {line}: '{twice.value}' stands here a second time: remove one of the two.")
        return whole.model_validate(yaml.safe_load(text) or {}, context=context)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise Refused(
            f"{name}{where}: this is not valid YAML ({error.problem}): look at indentation, colons and quotes there."
        ) from None
    except yaml.YAMLError:
        raise Refused(
            f"{name} is not valid YAML: it has characters that a text file cannot have; save it anew."
        ) from None
    except ValidationError as error:
        errors = error.errors()  # a name that is misspelt before the one that is therefore missing
        first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
        said = _sentence(first, name, whole, made_by)
        raise Refused(f"{name}, line {_line(tree, first['loc'])}: {said}.") from None


def _repeated_keys(node: yaml.Node | None, seen: frozenset[int] = frozenset()) -> Iterator[yaml.ScalarNode]:
    """Keys that stand twice in one mapping; YAML would silently keep the last."""
    if node is None or id(node) in seen:
        return
    seen |= {id(node)}
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    yield key
                keys.add(key.value)
            yield from _repeated_keys(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item, seen)


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line (from 1) of the setting at `place`, or of the nearest thing around it that is there."""
    line = node.start_mark.line if node else 0
    for step in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
    return line + 1


WANTED = {
    "int": "a whole number, such as 8",
    "float": "a number, such as 25",
    "bool": "true or false",
    "string": "text, in quotes",
    "string_too_long": "at most {max_length} characters",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "list": "a list, one item a line with - before it, or [] for none",
    "dict": "a line 'name: value' for each, indented below it",
    "model": "its settings as lines 'name: value'",
    "too_short": "at least one, on lines indented below it",
}
"""What to write instead, by the type of pydantic's complaint or the first word of that."""


def _sentence(error: Mapping[str, Any], name: str, whole: type[BaseModel], made_by: str) -> str:
    """pydantic's first complaint in plain words: what is wrong and what to write instead."""
    names = [str(step) for step in error["loc"] if isinstance(step, str) and step != "[key]"]
    key = names[-1] if names else name.partition(".")[0]
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"'{key}' is missing here: add a line '{key}: …' (the {name} that '{made_by}' writes shows how)"
    if kind in ("extra_forbidden", "invalid_key"):
        key = str(error["loc"][-1])
        parts: Any = whole.__bases__[0].__subclasses__()
        known = {field.alias or called for part in parts for called, field in part.model_fields.items()}
        near = difflib.get_close_matches(key, sorted(known), 1)
        return f"'{key}' is not a setting: " + (
            f"write '{near[0]}'" if near else "remove it, or check how it is spelled"
        )
    found = "a blank" if given in (None, "", [], {}) else f"'{shorten(str(given), 60, placeholder='…')}'"
    if kind == "value_error":
        return f"{key}: {shorten(str(context['error']), 300, placeholder='…')}"
    if kind == "string_pattern_mismatch":
        return f"{key}: {found} will not do: write capital letters and digits only, such as GANGS"
    if kind == "literal_error":
        return f"{key}: {found} will not do: write one of {context['expected']}"
    wanted = WANTED.get(kind) or WANTED.get(kind.partition("_")[0], "something else")
    return f"{key}: {found} will not do: write {wanted.format(**context)}"

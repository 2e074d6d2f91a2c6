"""YAML files to typed settings, with errors that name the file, the line and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from cpxl import files
from cpxl.errors import Refused
from cpxl.resources import resource

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
STRICT = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

Whole = TypeVar("Whole", bound=BaseModel)
LARGEST = 256 * 2**10
"""Bytes of a file. Ours has 9,000; one for a hundred strands has 100,000."""
MOST_NODES = 50_000
"""Keys and values of a file, each alias counted as what it stands for. Ours has 700."""
DEEPEST = 50
"""How far lists and settings may stand in others. Ours do 6 deep; what reads far more of it would run out of memory."""
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's reader, which takes a tenth of the time, where PyYAML comes with it."""
Place = tuple[int | str, ...]
"""Where something stands: keys of mappings and positions in lists, from the top."""


class Misplaced(ValueError):
    """What a validator says is wrong, and where that stands, from the part that it looks at."""

    def __init__(self, said: str, *place: int | str) -> None:
        super().__init__(said)
        self.place = place


def read(path: Path) -> str:
    """The text of a file. Raises FileNotFoundError if it is not there, Refused if it cannot be read."""
    try:
        data = files.read(path, LARGEST + 1).data
        if len(data) > LARGEST:
            raise Refused(f"{path.name} has more than {LARGEST:,} bytes, which no such file needs: make it shorter.")
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
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
    tree = None
    try:
        if _is_too_deep(text):
            raise RecursionError
        loader = LOADER(text)
        tree = loader.get_single_node()
        if _size(tree, {}) > MOST_NODES:
            raise Refused(f"{name} says more than {MOST_NODES:,} things, or repeats some by aliases: make it shorter.")
        twice = next(_repeated_keys(tree), None)
        if twice is not None:
            line = twice.start_mark.line + 1
            raise Refused(
                f"{name}, line {line}: '{_visible(twice.value)}' stands here a second time: remove one of the two."
            )
        document = loader.construct_document(tree) if tree else None
        return whole.model_validate(document or {}, context=context)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise Refused(
            f"{name}{where}: this is not valid YAML ({_visible(error.problem)}): "
            "look at indentation, colons and quotes there."
        ) from None
    except yaml.YAMLError:
        raise Refused(
            f"{name} is not valid YAML: it has characters that a text file cannot have; save it anew."
        ) from None
    except ValidationError as error:
        errors = error.errors()  # a name that is misspelt before the one that is therefore missing
        first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
        place = (*first["loc"], *getattr(first.get("ctx", {}).get("error"), "place", ()))
        said = _sentence(first, place, tree, name, whole, made_by)
        raise Refused(f"{name}, line {_found(tree, place)[0]}: {_visible(said)}.") from None
    except RecursionError:
        raise Refused(
            f"{name} has lists in lists without end: write it like the one that '{made_by}' writes."
        ) from None
    except ValueError:  # a date such as 2020-02-31, or a number of thousands of digits
        wrong = next(_misread(tree))
        raise Refused(
            f"{name}, line {wrong.start_mark.line + 1}: '{_visible(_cut(wrong.value))}' looks like a date or number "
            "and is none: put quotes around it, or correct it."
        ) from None


def shipped(name: str) -> Any:
    """What a file says that travels with the package, which needs no checks."""
    return yaml.load(resource(name).read_text(encoding="utf-8"), Loader=LOADER)


def line_of(text: str, place: Place) -> int:
    """The line (from 1) of a setting in a file's text that reads well, or of the nearest thing around it."""
    return _found(yaml.compose(text, Loader=LOADER), place)[0]


def _visible(text: object) -> str:
    """A text of the file's in a message, with what cannot be seen written out; what Python does not know is, too."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text))


def _cut(text: object) -> str:
    return shorten(str(text), 60, placeholder="…")


def _nodes(node: yaml.Node | None, seen: set[int]) -> Iterator[yaml.Node]:
    """A node and all below it, each once."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    yield node
    if isinstance(node, yaml.CollectionNode):
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                yield from _nodes(part, seen)


def _is_too_deep(text: str) -> bool:
    """Whether lists and settings stand in others without end, found while nothing is built of them yet."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return True
    return False


def _size(node: yaml.Node | None, known: dict[int, int]) -> int:
    """How many nodes there are if each alias is written out; without end, RecursionError."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        parts = (part for item in node.value for part in (item if isinstance(item, tuple) else (item,)))
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def _misread(tree: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """The values that YAML takes for a date or number, and that are none."""
    for node in _nodes(tree, set()):
        if isinstance(node, yaml.ScalarNode):
            try:
                yaml.SafeLoader("").construct_object(node)
            except (ValueError, OverflowError):
                yield node


def _repeated_keys(tree: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Keys that stand twice in one mapping; YAML would silently keep the last."""
    for node in _nodes(tree, set()):
        keys: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    yield key
                keys.add(key.value)


def _found(node: yaml.Node | None, place: Place) -> tuple[int, yaml.Node | None]:
    """The line (from 1) of the setting at `place`, or of the nearest thing around it that is there, and its value."""
    line = node.start_mark.line if node else 0
    for step in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if str(key.value).strip() == str(step).strip()]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
    return line + 1, node


def _model_at(whole: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model of the settings at `place`; None if there are none of ours."""
    annotation: Any = whole
    for step in place:
        parts = [annotation, *get_args(annotation)]  # of `Model | None` too
        model = next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        if get_origin(annotation) in (list, dict):
            annotation = get_args(annotation)[-1]
        elif model:
            fields = model.model_fields.items()
            annotation = next((field.annotation for name, field in fields if step in (name, field.alias)), None)
        else:
            return None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


WANTED = {
    "int": "a whole number, such as 8",
    "float": "a number, such as 25",
    "bool": "true or false",
    "string": "text, in quotes",
    "string_unicode": "it without halves of characters (\\ud800 to \\udfff)",
    "string_too_long": "at most {max_length} characters",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "list": "a list, one item a line with - before it, or [] for none",
    "dict": "a line 'name: value' for each, indented below it",
    "model": "its settings as lines 'name: value'",
    "too_short": "at least one, on lines indented below it",
}
"""What to write instead, by the type of pydantic's complaint or the first word of that."""


def _sentence(
    error: Mapping[str, Any], place: Place, tree: yaml.Node | None, name: str, whole: type[BaseModel], made_by: str
) -> str:
    """pydantic's first complaint in plain words: what is wrong and what to write instead."""
    of = place[:-2] if place[-1:] == ("[key]",) else place
    key = next((step for step in reversed(of) if isinstance(step, str)), name.partition(".")[0])
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"'{key}' is missing here: add a line '{key}: …' (the {name} that '{made_by}' writes shows how)"
    if kind in ("extra_forbidden", "invalid_key"):
        key = str(place[-1])
        model, (_, around) = _model_at(whole, place[:-1]), _found(tree, place[:-1])
        there = [k.value for k, _ in around.value] if isinstance(around, yaml.MappingNode) else []
        known = [f.alias or called for called, f in model.model_fields.items()] if model else []
        near = difflib.get_close_matches(key, sorted(set(known).difference(there)), 1)
        return f"'{key}' is not a setting: " + (
            f"write '{near[0]}'" if near else "remove it, or check how it is spelled"
        )
    _, node = _found(tree, place)
    as_written = node.value if isinstance(node, yaml.ScalarNode) and place == of else given
    found = "a blank" if given in (None, "", [], {}) else f"'{_cut(as_written)}'"
    if kind == "value_error":
        return f"{key}: {shorten(str(context['error']), 300, placeholder='…')}"
    if kind == "string_pattern_mismatch":
        return f"{key}: {found} will not do: write capital letters and digits only, such as GANGS"
    if kind == "literal_error":
        return f"{key}: {found} will not do: write one of {context['expected']}"
    wanted = WANTED.get(kind) or WANTED.get(kind.partition("_")[0], "something else")
    return f"{key}: {found} will not do: write {wanted.format(**context)}"

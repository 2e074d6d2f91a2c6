"""The JSON Schema of config.yaml, made from the models that read it: editors complete and check by it."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from itertools import pairwise

from cpxl.config import Settings
from cpxl.config.values import Part

SCHEMA = "config.schema.json"
EDITOR_LINE = f"# yaml-language-server: $schema={SCHEMA}"
"""The first line of a config.yaml by which editors find it."""


def schema_text() -> str:
    """The schema, as JSON."""
    schema = Settings.model_json_schema()
    parts = schema["$defs"] | {Settings.__name__: schema}
    for model in _parts(Part):
        says = {name: text for of in reversed(model.__mro__) if issubclass(of, Part) for name, text in _texts(of)}
        for name, field in model.model_fields.items():
            if model.__name__ in parts and name in says:
                parts[model.__name__]["properties"][field.alias or name]["description"] = says[name]
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of cpxl",
        "description": "The settings of one working folder.",
    }
    return json.dumps(about | {key: schema[key] for key in schema if key not in about}, indent=2) + "\n"


def _parts(model: type[Part]) -> Iterator[type[Part]]:
    """A model and all that are made from it."""
    yield model
    for narrower in model.__subclasses__():
        yield from _parts(narrower)


def _texts(of: type[Part]) -> Iterator[tuple[str, str]]:
    """The fields of a class, each with the text below it. pydantic would look for these at every start."""
    [whole] = ast.parse(inspect.getsource(of)).body
    assert isinstance(whole, ast.ClassDef)
    for field, text in pairwise(whole.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield ast.unparse(field.target), inspect.cleandoc(str(text.value.value))

"""The JSON Schema of config.yaml, made from the models that read it: editors complete and check by it."""

from __future__ import annotations

import json

from cpxl.config import Settings

SCHEMA = "config.schema.json"
EDITOR_LINE = f"# yaml-language-server: $schema={SCHEMA}"
"""The first line of a config.yaml by which editors find it."""


def schema_text() -> str:
    """The schema, as JSON."""
    schema = Settings.model_json_schema()
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of cpxl",
        "description": "The settings of one working folder.",
    }
    return json.dumps(about | {key: schema[key] for key in schema if key not in about}, indent=2) + "\n"

"""Write docs/config.md and docs/config.schema.json from the models of config.yaml: python -m tools.config_page"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpxl.config.schema import EDITOR_LINE, SCHEMA, schema_text

DOCS = Path(__file__).parents[1] / "docs"
PAGE, COPY = DOCS / "config.md", DOCS / SCHEMA
INTRO = f"""# Every setting of config.yaml

Made from the models that read the file by `python -m tools.config_page`: do not edit this page.

Text after a `#` is a comment. Indentation matters: two blanks a level, no tabs. A mistake gets one sentence with the
line and what to write instead. `cpxl config check` says what is unusual, and what the first quarter will look like.

`cpxl config schema` writes a JSON Schema beside `config.yaml`. An editor that knows YAML then completes names and marks
mistakes while you type, if this is the first line of `config.yaml`:

```yaml
{EDITOR_LINE}
```

A schema sees one setting at a time. What only cpxl finds are settings that do not go together: two strands, plans,
statuses, measures or folders of one name; a name listed in one place and not in another; a plan that ends before it
begins; two totals in one plan; a name that is too long as Excel counts it, or of letters that nobody sees.
"""
HEADINGS = {
    "Strand": "A strand, in `strands`",
    "Plan": "A delivery plan, in a strand's `plans`",
    "Breakdown": "A table of a strand's own, in its `breakdowns`",
    "Measures": "What a strand counts, in its `measures`",
    "Extract": "An extract of incidents, in `extracts`",
    "Counted": "What an extract counts, in its `measures`",
    "Condition": "What a column must say, in `only` and `where`",
    "Section": "A section of the report, in `sections`",
    "SubSection": "A section in a section",
    "RuleChange": "A check that is to be otherwise, in `rules`",
    "Limits": "`threshold` of a check that is to be otherwise",
    "RiskScoring": "`risk_scoring`",
    "Contact": "Whom mails about a strand go to, in `contacts`",
    "Folders": "`folders`",
    "Backups": "`backups`",
    "Headings": "`headings`",
    "Thresholds": "`thresholds`",
}


def page() -> str:
    """The page, in Markdown: a table for each part of the config."""
    schema = json.loads(schema_text())
    parts = [INTRO, "\n## The whole\n\n", *_table(schema)]
    for name in HEADINGS:
        part = schema["$defs"][name]
        parts += [f"\n## {HEADINGS[name]}\n\n", part["description"].replace("\n\n", " ").replace("\n", " "), "\n\n"]
        parts += _table(part)
    return "".join(parts)


def _table(part: dict[str, Any]) -> Iterator[str]:
    yield from (_line("Setting", "What it is", "If it is left out"), _line("---", "---", "---"))
    for key, setting in part["properties"].items():
        yield _line(f"`{key}`", _about(setting), _otherwise(setting, key in part.get("required", ())))


def _about(setting: dict[str, Any]) -> str:
    said = " ".join(setting.get("description", "").split())
    limits = [f"from {setting['minimum']:g}"] if setting.get("minimum") is not None else []
    limits += [f"to {setting['maximum']:g}"] if setting.get("maximum") is not None else []
    examples = [f"Such as `{setting['examples'][0]}`."] if setting.get("examples") else []
    return " ".join(filter(None, (said, f"({' '.join(limits)})" if limits else "", *examples)))


def _otherwise(setting: dict[str, Any], needed: bool) -> str:
    if needed:
        return "must be there"
    default = setting.get("default")
    return f"`{json.dumps(default)}`" if default not in (None, [], {}) else ""


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    COPY.write_text(schema_text(), encoding="utf-8")

"""Looking at config.yaml before anything is made from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpxl.cli.given import Folder, Json, group, open_folder
from cpxl.cli.said import DONE, WITH_ERRORS, cell, console, print_json, say

if TYPE_CHECKING:
    from cpxl.config import Strand
    from cpxl.folder import WorkingFolder
    from cpxl.quarters import Quarter
    from cpxl.unusual import Unusual

config_app = group("config.yaml: what it means, and a schema for editors.")


@config_app.command("check")
def config_check(folder: Folder = Path(), as_json: Json = False) -> int:
    """Say what is unusual in config.yaml, and what the quarter that comes first will look like."""
    from cpxl import yaml_file
    from cpxl.folder import CONFIG
    from cpxl.unusual import unusual

    working = open_folder(folder)
    path = working.path / CONFIG
    found = unusual(working.settings, yaml_file.read(path))
    quarter = working.current_quarter()
    strands = working.settings.as_of(quarter).strands
    if as_json:
        document = {
            "config": str(path),
            "unusual": [one._asdict() for one in found],
            "quarter": str(quarter),
            "return_by": working.settings.return_by(quarter) or None,
            "strands": [_strand_json(strand, working, quarter) for strand in strands],
        }
        print_json(document)
    else:
        _print_check(found, strands, working, quarter)
    return WITH_ERRORS if any(one.stops for one in found) else DONE


def _strand_json(strand: Strand, working: WorkingFolder, quarter: Quarter) -> dict[str, Any]:
    from cpxl.comparisons import COMPARISONS

    shown = {plan.name: working.settings.quarters(plan, quarter) for plan in strand.plans}
    return {
        "strand": strand.name,
        "sheet": strand.short_name,
        "code": strand.code,
        "lead": strand.lead,
        "plans": [
            {"plan": plan.name, "statuses": plan.statuses, "quarters": [str(q) for q in shown[plan.name]]}
            for plan in strand.plans
        ],
        **{one.setting: strand.measures.compared(period) for period, one in COMPARISONS.items()},
    }


def _print_check(found: Sequence[Unusual], strands: Sequence[Strand], working: WorkingFolder, quarter: Quarter) -> None:
    from rich.table import Table

    from cpxl.comparisons import COMPARISONS

    settings = working.settings
    for one in found:
        say(f"config.yaml, line {one.line}: {one.said}.")
    if not found:
        say("config.yaml reads well, and nothing in it is unusual.")
    by = settings.return_by(quarter)
    say(f"{settings.strategy}, {quarter}: {len(strands)} returns" + (f", wanted by {by}." if by else "."))
    table = Table("Code", "Strand and its lead", "Plans and their statuses", "Measures", show_lines=True)
    for strand in strands:
        plans = [f"{plan.name}: {', '.join(plan.statuses)}" for plan in strand.plans] or ["none: N/A in the summary"]
        measures = [f"{name} ({p.lower()})" for p in COMPARISONS for name in strand.measures.compared(p)]
        table.add_row(cell(strand.code), cell(strand.name, strand.lead), cell(*plans), cell(*(measures or ["none"])))
    console().print(table)
    earliest = min((plan.first_quarter for strand in strands for plan in strand.plans), default=quarter)
    if earliest < quarter:
        say(
            f"The returns show progress from {earliest} on: what is known of earlier quarters comes from 'cpxl history "
            "import', before 'cpxl issue'."
        )


@config_app.command("schema")
def config_schema(folder: Folder = Path(), as_json: Json = False) -> None:
    """Write a JSON Schema of config.yaml, by which an editor completes and checks it."""
    from cpxl import store
    from cpxl.config.schema import EDITOR_LINE, SCHEMA, schema_text

    path = folder / SCHEMA
    store.save(path, schema_text().encode())
    if as_json:
        print_json({"outputs": {"schema": str(path)}})
    else:
        say(f"The schema is {path}. An editor that knows YAML finds it by this line at the top of config.yaml:")
        say(EDITOR_LINE)

"""What comes into the master besides returns: earlier quarters' figures, counts from extracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpxl.cli.checks import checked_json, print_findings
from cpxl.cli.given import DropOther, Folder, Json, QuarterText, group, open_folder, period_of, quarter_of
from cpxl.cli.said import DONE, WITH_ERRORS, logger, print_json, progress, say

history_app = group("Earlier quarters' figures, for a strategy that is already running.")
insights_app = group("Counts by month, from incident extracts.")


@history_app.command("import")
def history_import(
    file: Annotated[Path, typer.Argument(help="A CSV file or .xlsx: quarter, strand, plan, status, value, note.")],
    folder: Folder = Path(),
    replace: Annotated[
        bool, typer.Option("--replace", help="Take these figures where an earlier history says something else.")
    ] = False,
    as_json: Json = False,
    drop_other_sheets: DropOther = False,
) -> int:
    """Take earlier quarters' figures into the master, besides those that it has."""
    from cpxl.steps import importing

    working = open_folder(folder)
    checked = importing.import_history(working, file, replacing=replace, drop_other_sheets=drop_other_sheets)
    accepted = all(c.accepted for c in checked)
    figures = sum(len(c.returned.progress) for c in checked) if accepted else 0
    logger(working.log).info("history import %s: %d figures", file, figures)
    if as_json:
        parts = [checked_json(c, working) | {"quarter": c.returned.quarter or None} for c in checked]
        print_json(
            {"accepted": accepted, "figures": figures, "history": parts, "outputs": {"master": str(working.master)}}
        )
    else:
        print_findings(checked, working)
        say(
            f"{figures} figures are in {working.master}."
            if accepted
            else "Nothing was imported: correct the errors in the file, then import it again."
        )
    return DONE if accepted else WITH_ERRORS


@insights_app.command("import")
def insights_import(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV (also .zip or .gz), Excel, Parquet; or an extract's name."),
    ],
    quarter: QuarterText = None,
    folder: Folder = Path(),
    as_json: Json = False,
    drop_other_sheets: DropOther = False,
    accept_low: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MONTH", help="A month (2019-07) or quarter that counts though it is far below the others."
        ),
    ] = None,
) -> int:
    """Count the incidents in extracts by month, and take the counts into the master."""
    from cpxl.insights.said import as_values, in_words
    from cpxl.steps import importing

    working = open_folder(folder)
    wanted = quarter_of(quarter, working)
    accepted = [period_of(text) for text in accept_low or ()]
    with progress(as_json, "Reading", 1) as tell:
        imported = importing.import_extracts(
            working, files, wanted, drop_other_sheets=drop_other_sheets, accept_low=accepted, progress=tell
        )
    logger(working.log).info(
        "insights import of %d files for %s: %d counts", len(imported.files), wanted, len(imported.monthly)
    )
    if as_json:
        print_json({"quarter": str(wanted)} | as_values(imported) | {"outputs": {"master": str(working.master)}})
    else:
        say(*in_words(imported))
        say(f"Counts by month, or quarter, that are now in {working.master}: {len(imported.monthly):,}.")
    return WITH_ERRORS if any(doubt.is_error for doubt in imported.doubts) else DONE

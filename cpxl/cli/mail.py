"""Drafts of mails to leads. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cpxl.cli.given import Folder, Json, QuarterText, group, open_folder, quarter_of
from cpxl.cli.said import logger, print_json, say

mail_app = group("Drafts of mails to leads, for your mail program: nothing is sent.")
Strands = Annotated[
    list[str] | None,
    typer.Option("--strand", metavar="STRAND", help="Only to this strand's lead. May be said more than once."),
]


def _command(kind: str, about: str) -> Callable[..., None]:
    def write(
        quarter: QuarterText = None,
        strand: Strands = None,
        folder: Folder = Path(),
        as_json: Json = False,
    ) -> None:
        from cpxl.steps.mailing import write_drafts

        working = open_folder(folder)
        wanted = quarter_of(quarter, working)
        made = write_drafts(working, wanted, kind, datetime.now(), strand or [])
        logger(working.log).info("mail %s for %s: %d drafts", kind, wanted, len(made.drafts))
        if as_json:
            drafts = [str(path) for path in made.drafts]
            without = list(made.without)
            document = {"quarter": str(wanted), "outputs": {"drafts": drafts}, "without_address": without}
            print_json(document | {"record_waits": made.waits or None})
            return
        number = len(made.drafts)
        drafts_are = "1 draft is" if number == 1 else f"{number} drafts are"
        say(f"{drafts_are} in {working.mail(wanted)}: open each in your mail program, look through it, and send it.")
        if made.without:
            say(f"No address in config.yaml under 'contacts': {', '.join(made.without)}.")
        if made.waits:
            say(f"The record in the master gets them when it is next written; now it could not be: {made.waits}")

    write.__doc__ = about
    return write


for kind, about in (
    ("issue", "A draft to each lead whose return was issued and is not in: with the form."),
    ("remind", "A draft to each lead whose return is missing: with the form once more."),
    ("correct", "A draft to each lead with something to put right: with the marked copy and what was found."),
    ("thank", "A draft to each lead whose return is merged, once."),
):
    mail_app.command(kind)(_command(kind, about))

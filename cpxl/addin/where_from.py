"""From the figure that is selected to the cells that it was typed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlwings

from cpxl.addin.actions import TITLE, say
from cpxl.addin.desk import Desk, close, desk, save_first
from cpxl.addin.said import first_lines
from cpxl.errors import Refused
from cpxl.folder import MASTER
from cpxl.model import ENTERED_IN_MASTER
from cpxl.provenance.said import of_figure, of_part
from cpxl.provenance.sources import State, Traced
from cpxl.provenance.steps import trace_cell
from cpxl.words import short
from cpxl.workbooks import excel

MOST_LINES, LONGEST = 12, 160
"""Lines that fit on the screen, and the characters of one."""


def where_from(app: xlwings.App) -> None:
    """Open the return that the selected figure came in, at its cell."""
    there = desk(app)
    save_first(there)
    chain = trace_cell(there.folder, *excel.selected(app))
    parts = [part for part in chain.parts if part.cell and part.state in (State.THERE, State.OTHER, State.MASTER)]
    files: dict[tuple[str, str], list[Traced]] = {}
    for part in parts:
        files.setdefault(_sheet_of(part), []).append(part)
    lines = first_lines([short(of_part(part), LONGEST) for part in chain.parts], MOST_LINES)
    if len(chain.parts) > 1 or len(parts) < len(chain.parts) or any(part.state is State.OTHER for part in parts):
        say(app, of_figure(chain), "\n".join(lines))
    if files:
        _go_to(there, _chosen(app, list(files.values())))


def _sheet_of(part: Traced) -> tuple[str, str]:
    assert part.origin
    return part.origin.file, part.origin.sheet


def _chosen(app: xlwings.App, found: Sequence[list[Traced]]) -> list[Traced]:
    """The parts on one sheet that the coordinator wants to see; of several sheets, after asking which."""
    if len(found) == 1:
        return found[0]
    names = [Path(_sheet_of(parts[0])[0]).stem for parts in found]
    question = ", ".join(f"{number}: {name}" for number, name in enumerate(names, 1))
    answer = excel.ask(app, f"Which of these is to be opened? {short(question, 180)}", TITLE, "1")
    if answer is None:
        raise Refused("Nothing was opened.")
    if not (answer.strip().isdecimal() and 1 <= int(answer) <= len(found)):
        raise Refused(f"'{short(answer)}' is none of them: click again, and enter a number from 1 to {len(found)}.")
    return found[int(answer) - 1]


def _go_to(there: Desk, parts: Sequence[Traced]) -> None:
    """Show the cells of parts that stand on one sheet; a file is opened for reading only."""
    file, sheet = _sheet_of(parts[0])
    path = there.folder.path / file
    book = there.book if file == ENTERED_IN_MASTER.file else _opened(there.app, path)
    page = book.sheets[sheet] if sheet else book.sheets[0]
    excel.show(page)
    [first, *_] = excel.together(list(dict.fromkeys(part.address for part in parts)))
    page.range(first).select()


def _opened(app: xlwings.App, path: Path) -> xlwings.Book:
    """A file, in front. If it is open already it stays as it is; one of the same name from elsewhere is closed."""
    name = path.name.casefold()
    if name == MASTER.casefold():
        raise Refused(f"{path} has the same name as the master: rename it, consolidate, then click again.")
    was_open = any(Path(excel.full_name(book)) == path for book in app.books)
    close(app, lambda other: other.name.casefold() == name and other != path)
    book = app.books.open(str(path), read_only=True)
    if not was_open:
        excel.mark_saved(book)
    excel.bring_to_front(book)
    return book

"""What stands in the file beside the form's cells, what nobody sees of these, and how the file is marked.

Nothing of it is taken into the report. So each thing is quoted: what it says may bear on what is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cpxl import markings
from cpxl.model import Aside, Cell, Return
from cpxl.names import alike
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short

IN_ONE = 8
"""How many are quoted in one finding."""
LONG = 300
"""Characters of what is quoted."""
MARKING = "Protective marking"


def _place(cell: Cell) -> str:
    return f"'{cell.sheet}' {cell.address}".rstrip()


def _quoted(aside: Aside) -> str:
    return f"{_place(aside.cell)} '{short(aside.text, LONG)}'"


def _asides(
    code: str, title: str, looks_at: str, message: str, fix: str, kind: str, said: Callable[[Aside], str] = _quoted
) -> None:
    """A rule that finds all of a kind, those of each sheet together, so few in a finding that each is quoted."""

    @rule(code, WARNING, title, looks_at, message, fix)
    def find(returned: Return, context: Context) -> Iterator[Fault]:
        asides = [aside for aside in returned.asides if aside.kind == kind]
        for sheet in dict.fromkeys(aside.cell.sheet for aside in asides):
            on = [aside for aside in asides if aside.cell.sheet == sheet]
            for at in range(0, len(on), IN_ONE):
                some = on[at : at + IN_ONE]
                cells = [aside.cell for aside in some if aside.cell.address] or [some[0].cell]
                yield Fault(cells, {"what": listed(map(said, some))})


def _struck(aside: Aside) -> str:
    part = f" (of it '{short(aside.how)}')" if aside.how not in ("", aside.text) else ""
    return f"{aside.cell.address} '{short(aside.text, LONG)}'{part}"


_asides(
    "comment-on-a-cell",
    "No comments on cells",
    "Notes and comments on any sheet",
    "A comment stands on a cell. It is not taken into the report, and nothing is held back because of it: {what}.",
    "Do what it asks, write what is to be known into a note of the form, and delete the comment.",
    Aside.COMMENT,
)
_asides(
    "text-box",
    "No text boxes",
    "Text boxes, shapes, diagrams and charts on any sheet",
    "A text box or shape has words in it, which are not taken into the report: {what}.",
    "Write what it says into a cell of the form, and delete it.",
    Aside.BOX,
)
_asides(
    "picture-or-drawing",
    "No pictures or drawings",
    "Pictures, lines, shapes and charts on any sheet",
    "The file has what is not taken into the report: {what}.",
    "Say in a cell of the form what it shows (a line through a figure takes nothing back), and delete it.",
    Aside.DRAWING,
    lambda aside: f"{aside.text} on {_place(aside.cell)}",
)


@rule(
    "written-on-another-sheet",
    WARNING,
    "Nothing on other sheets",
    "The guidance, and sheets that were added",
    "Written on a sheet that is not read, and so not taken into the report: '{sheet}', {what}.",
    "Move it into the form (to have more rows there, insert some above a table's last), or delete it.",
)
def written_on_another_sheet(returned: Return, context: Context) -> Iterator[Fault]:
    for aside in returned.asides:
        if aside.kind == Aside.SHEET:
            yield Fault([aside.cell], {"sheet": aside.cell.sheet, "what": short(aside.text, LONG)})


_asides(
    "struck-through",
    "Nothing struck through",
    "The strand's sheet",
    "Struck through, and yet taken as it stands: {what}.",
    "Clear what no longer holds; take the line off what does.",
    Aside.STRUCK,
    _struck,
)
_asides(
    "entry-not-seen",
    "Every entry can be seen",
    "Cells to fill in",
    "Nobody sees this on the sheet, and it is taken as it stands: {what}.",
    "Unhide the row or column (a filter or a group may hide it too), or choose another colour; clear what does not "
    "count.",
    Aside.UNSEEN,
    lambda aside: f"{aside.cell.address} '{short(aside.text, LONG)}' ({aside.how})",
)
_asides(
    "shown-as-another-figure",
    "Figures shown as they are",
    "Cells to fill in, and conditional formats on them",
    "The cell's number format shows something else than what stands in it and is taken: {what}.",
    "Type the figure that is meant, and set the cell's number format to General (Conditional Formatting, Clear Rules).",
    Aside.SHOWN,
    lambda aside: f"{aside.cell.address} has {short(aside.text)} in it (format '{short(aside.how)}')",
)


@rule(
    "not-all-looked-at",
    WARNING,
    "No more in the file than can be looked at",
    "Everything beside the cells to fill in",
    "Not everything in the file could be looked at: {what}.",
    "Look there yourself, or copy the entries into the return as it was issued and send that.",
)
def not_all_looked_at(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.unread:
        yield Fault(words={"what": listed(returned.unread)})


@rule(
    "file-marked-too-high",
    ERROR,
    "No file marked above the workbook's marking",
    "The form's own cell, headers and footers, labels, properties, comments, drawings, names of file and sheets",
    "The file carries a protective marking above {marking}: {what}.",
    "Take out what is marked so, and the marking, and tell the coordinator by other means.",
)
def file_marked_too_high(returned: Return, context: Context) -> Iterator[Fault]:
    said: list[tuple[str, Cell | None]] = []
    for cell, text in _own_markings(returned):
        if _is_above(text, context):
            said.append((f"the form's own, {cell.address} '{short(text)}'", cell))
    for text, is_place, where in returned.marked:
        if _is_above(text, context, is_place_for_it=is_place):
            said.append((f"{where} '{short(text, LONG)}'", None))
    texts = [(aside.cell, aside.text, aside.kind) for aside in returned.asides]
    texts += [(cell, str(value), "") for cell, value in returned.outside]
    for cell, text, kind in texts:
        if _is_above(text, context, is_place_for_it=False):
            said.append((f"{kind} {_place(cell)} '{short(text, LONG)}'".strip(), cell if cell.address else None))
    for at in range(0, len(said), IN_ONE):
        some = said[at : at + IN_ONE]
        words = {"marking": context.settings.marking, "what": listed(text for text, _ in some)}
        yield Fault(_of_one_sheet(cell for _, cell in some if cell), words)


def _is_above(text: str, context: Context, *, is_place_for_it: bool = True) -> bool:
    allowed = markings.level(context.settings.marking, is_place_for_it=True) or 0
    return (markings.level(text, is_place_for_it=is_place_for_it) or 0) > allowed


def _own_markings(returned: Return) -> list[tuple[Cell, str]]:
    return [(cell, str(value or "")) for item, value, cell in returned.heading if item == MARKING]


def _of_one_sheet(cells: Iterable[Cell]) -> Sequence[Cell]:
    found = list(cells)
    return [cell for cell in found if cell.sheet == found[0].sheet]


@rule(
    "marking-changed",
    WARNING,
    "Marked as issued",
    "About this sheet: protective marking",
    "The sheet is now marked '{found}', but it was issued as {wanted}.",
    "Put it back; if the return needs another marking, ask the coordinator how to send it.",
)
def marking_changed(returned: Return, context: Context) -> Iterator[Fault]:
    wanted = context.settings.marking
    for cell, text in _own_markings(returned):
        if alike(text) != alike(wanted) and not _is_above(text, context):
            yield Fault([cell], {"found": short(text), "wanted": wanted})


@rule(
    "label-unknown",
    NOTE,
    "Sensitivity labels that say their marking",
    "The file's sensitivity label",
    "The file has a sensitivity label that names no marking: {labels}.",
    "Nothing to do, if it is not above {marking}.",
)
def label_unknown(returned: Return, context: Context) -> Iterator[Fault]:
    unknown = [label for label in returned.labels if alike(label) != alike(context.settings.marking)]
    if unknown:
        named = [f"'{short(label)}'" if label else "one that only its own organisation can name" for label in unknown]
        yield Fault(words={"labels": listed(named), "marking": context.settings.marking})

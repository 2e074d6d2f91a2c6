"""Is the return as it was issued, and does it hold what was typed and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator

from cpxl.config import Strand
from cpxl.layout.identity import issue_id
from cpxl.model import Cell, Return, Value
from cpxl.names import alike
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short
from cpxl.workbook_names import READ_TOO, TEMPLATE_VERSION


@rule(
    "template-version",
    WARNING,
    "Filled in on today's form",
    "The hidden sheet",
    "The return was filled in on version {found} of the form; this quarter's is version {wanted}.",
    "Check that nothing is missing; next time fill in the form that was issued for the quarter.",
)
def template_version(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.template_version not in (TEMPLATE_VERSION, *READ_TOO):
        yield Fault(words={"found": returned.template_version or "unknown", "wanted": TEMPLATE_VERSION})


@rule(
    "issue-id-unknown",
    WARNING,
    "Issued for this strand and quarter",
    "The hidden sheet",
    "The return does not carry the issue id of this strand and quarter.",
    "Make sure that it was filled in on the form issued for {quarter}, not on a copy of another.",
)
def issue_id_unknown(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.issue_id != issue_id(context.settings, returned.strand, returned.quarter):
        yield Fault(words={"quarter": context.quarter})


@rule(
    "issue-id-twice",
    WARNING,
    "No form used for two strands",
    "The hidden sheet, and all files of the quarter",
    "Another strand's return carries the same issue id: {others}.",
    "Make sure that each was filled in on its own form.",
)
def issue_id_twice(returned: Return, context: Context) -> Iterator[Fault]:
    others = [r.file for r in context.by_issue_id[returned.issue_id] if r.strand != returned.strand]
    if returned.issue_id and others:
        yield Fault(words={"others": listed(others)})


@rule(
    "block-missing",
    ERROR,
    "Every table there, with its headings",
    "All blocks",
    "A part of the return is missing, or its headings have changed: {blocks}.",
    "Copy the entries into the return as it was issued; its tables and headings must stay.",
)
def block_missing(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.missing_blocks:
        yield Fault(words={"blocks": ", ".join(returned.missing_blocks)})


@rule(
    "heading-changed",
    WARNING,
    "Strand and quarter as issued",
    "About this sheet: strand, quarter",
    "The sheet now says {found}, but it was issued for {wanted}.",
    "Put it back, or fill in the form that was issued for that strand and quarter.",
)
def heading_changed(returned: Return, context: Context) -> Iterator[Fault]:
    strand = context.strand(returned)
    issued = {"Strand": strand.name, "Quarter": returned.quarter}
    may_say = {alike(name) for name in (*issued.values(), *strand.formerly)}
    may_say |= {alike(str(value)) for value, _, _ in _another_strand(returned, context)}  # which is an error
    shown = {str(item): (value, cell) for item, value, cell in returned.heading}
    changed = [item for item in issued if item in shown and alike(str(shown[item][0])) not in may_say]
    if changed:
        words = {
            "found": listed(f"'{short(shown[item][0] or 'blank')}'" for item in changed),
            "wanted": listed(f"'{issued[item]}'" for item in changed),
        }
        yield Fault([shown[item][1] for item in changed], words)


@rule(
    "of-another-strand",
    ERROR,
    "The sheet of the strand that the return was issued for",
    "About this sheet: strand",
    "The sheet is of '{found}', but the return was issued for '{wanted}': nobody can tell whose figures these are.",
    "Fill in the form that was issued for that strand. If codes were swapped in config.yaml, put them back.",
)
def of_another_strand(returned: Return, context: Context) -> Iterator[Fault]:
    for _, cell, theirs in _another_strand(returned, context):
        yield Fault([cell], {"found": theirs.name, "wanted": context.strand(returned).name})


def _another_strand(returned: Return, context: Context) -> Iterator[tuple[Value, Cell, Strand]]:
    """The strand that stands on the sheet, and where, if config has it as another than that of the return."""
    for item, value, cell in returned.heading:
        theirs = context.settings.strand_named(value) if item == "Strand" else None
        if theirs and theirs.code != returned.strand:
            yield value, cell, theirs


@rule(
    "sheet-twice",
    ERROR,
    "The strand's sheet once",
    "All sheets",
    "The sheet is there more than once, filled in differently: {sheets}.",
    "Delete those that do not count.",
)
def sheet_twice(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.copies:
        yield Fault(words={"sheets": listed(f"'{name}'" for name in (returned.sheet, *returned.copies))})


@rule(
    "outside-the-tables",
    WARNING,
    "Entries in the tables",
    "The strand's sheet, outside its tables",
    "Written where no table is, and so not taken into the report: {what}.",
    "Move it into its table (to have more rows there, insert some above the last), or delete it.",
)
def outside_the_tables(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.outside:
        what = [f"{cell.address} '{short(value)}'" for cell, value in returned.outside]
        yield Fault([cell for cell, _ in returned.outside], {"what": listed(what)})


@rule(
    "carries-extras",
    WARNING,
    "No macros, links, embedded objects or hidden sheets",
    "The file",
    "The file carries what a return has no need of: {extras}.",
    "cpxl took no notice of it. Please send the return without.",
)
def carries_extras(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.extras:
        yield Fault(words={"extras": listed(returned.extras)})


@rule(
    "formula-in-input",
    NOTE,
    "Values typed, not worked out",
    "Cells to fill in",
    "Formulas stand in cells to fill in; the values that they had when the file was saved were taken.",
    "Nothing to do, if those values are right; else type the values.",
)
def formula_in_input(returned: Return, context: Context) -> Iterator[Fault]:
    cells = [cell for cell, has_value in returned.formulas if has_value]
    if cells:
        yield Fault(cells)


@rule(
    "formula-without-value",
    ERROR,
    "Formulas with the value they came to",
    "Cells to fill in",
    "Cells to fill in hold an error, such as #N/A, or a formula of which the file does not say to what it comes.",
    "Type the values (a text that begins with a dash: with an apostrophe before it), or save the file in Excel.",
)
def formula_without_value(returned: Return, context: Context) -> Iterator[Fault]:
    cells = [cell for cell, has_value in returned.formulas if not has_value]
    if cells:
        yield Fault(cells)


@rule(
    "read-as",
    NOTE,
    "Typed as it is meant",
    "Cells to fill in",
    "Read as it was probably meant: {what}.",
    "Nothing to do, if that is right.",
)
def read_as(returned: Return, context: Context) -> Iterator[Fault]:
    if returned.read_as:
        what = [
            f"{t.cell.address} '{short(t.typed)}' as {t.said or ('nothing' if t.read is None else t.read)}"
            for t in returned.read_as
        ]
        yield Fault([t.cell for t in returned.read_as], {"what": listed(what)})

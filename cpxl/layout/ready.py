"""'Ready to send?' at the top of a form: which sections are done, live. It says some of what the rules say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cpxl.comparisons import COMPARISONS
from cpxl.layout.blocks import Block, Column, Formula, Link, Row, plain
from cpxl.layout.delivery import ACHIEVED_BLOCK, DUE_BLOCK, NOTHING_DUE, SCHEDULED_BLOCK
from cpxl.layout.measures import ROLLING_BLOCK
from cpxl.layout.place import Here
from cpxl.layout.risks import RISKS
from cpxl.model import CLOSED, Value, is_blank
from cpxl.workbook_names import defined_name

READY, BREAKDOWN = "ready", "breakdown_"
COMPARED = frozenset(one.block for one in COMPARISONS.values())
DONE, TO_DO = "Done", "To do"

Test = tuple[Callable[[Here], str], bool, str]
"""What must hold, as a formula that is TRUE or FALSE and as it is now; and what is to be done if it does not."""


def ready_block(sheet: str, blocks: Sequence[Block]) -> Block:
    """A row for each section of a form, with a link to it and what is still to do there. sheet: the form's name."""
    sections = [(block, tests) for block in blocks if (tests := _tests(block))]
    rows: list[Row] = [
        {"section": Link(sheet, block.title, defined_name(block.name)), "state": _state(block, tests)}
        for block, tests in sections
    ]
    columns = [Column("section", "Section"), Column("state", "What is still to do")]
    done = sum(plain(row["state"]) == DONE for row in rows)

    all_done = "OK: every section is filled in."

    def text(here: Here) -> str:
        count = f'COUNTIF({here.column("state")},"{DONE}")'
        return f'=IF({count}={len(rows)},"{all_done}","To do: "&{count}&" of {len(rows)} sections are filled in.")'

    said = all_done if done == len(rows) else f"To do: {done} of {len(rows)} sections are filled in."
    return Block(READY, "Ready to send?", columns, rows, check=Formula(text, said), may_lack=True)


def _state(block: Block, tests: Sequence[Test]) -> Formula:
    """`Done`, or the first thing that is to be done."""

    def text(here: Here) -> str:
        there = Here(here.placement, block.name)
        formula = f'"{DONE}"'
        for test, _, what in reversed(tests):
            formula = f'IF({test(there)},{formula},"{TO_DO}: {what}.")'
        return f"={formula}"

    first = next((what for _, holds, what in tests if not holds), None)
    return Formula(text, DONE if first is None else f"{TO_DO}: {first}.")


def _tests(block: Block) -> list[Test]:
    """What must hold of a block before a form is sent back."""
    rows = [{key: plain(content) for key, content in row.items()} for row in block.body]

    def column(key: str) -> list[Value]:
        return [None if row.get(key) == "" else row.get(key) for row in rows]

    def filled(*keys: str) -> Test:
        def test(here: Here) -> str:
            return f"SUM({','.join(f'COUNTBLANK({here.column(key)})' for key in keys)})=0"

        return test, all(v is not None for key in keys for v in column(key)), "give every figure, or N/A"

    def some(key: str, what: str) -> Test:
        return lambda here: f'SUMPRODUCT(--({here.column(key)}<>""))>0', not is_blank(column(key)), what

    def with_each(key: str, other: str, what: str, unless: str = "") -> Test:
        """Where a column has something, another has too; but not in rows with a state."""

        def test(here: Here) -> str:
            a, b = here.column(key), here.column(other)
            closed = f'*({here.column("state")}<>"{unless}")' if unless else ""
            return f'SUMPRODUCT(({a}<>"")*({b}=""){closed})=0'

        lacks = [
            row for row in rows if row.get(key) and not row.get(other) and not (unless and row.get("state") == unless)
        ]
        return test, not lacks, what

    is_right = block.check is not None and str(block.check.value).startswith("OK")
    adds_up: Test = (lambda here: f'LEFT({here.check},2)="OK"', is_right, "see the line beside its title")
    if block.check and (block.by_quarter or block.name.startswith(BREAKDOWN)):
        return [adds_up]
    if block.name in COMPARED:
        return [filled("previous", "current") if block.name == ROLLING_BLOCK else filled("current")]
    if block.name == DUE_BLOCK and not any(row.get("activity") == NOTHING_DUE for row in rows):
        return [with_each("activity", "outcome", "choose what became of each item")]
    if block.name == ACHIEVED_BLOCK:
        return [some("activity", "list what was delivered"), with_each("activity", "impact", "say what each changed")]
    if block.name == SCHEDULED_BLOCK:
        when = with_each("activity", "when", "say when each will be realised")
        return [some("activity", "list what is planned"), when]
    if block.name == RISKS:
        response = with_each("description", "response", "choose a response for each", CLOSED)
        return [adds_up, response] if block.check else [response]
    return []

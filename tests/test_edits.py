"""A master, or a config, that somebody edits at random: the right figures, or a refusal that names the place.

Never another figure with exit 0, and never a fault of cpxl's own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import combinations, count, islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.account import Account, Measure, Plan, Status, Strand, written
from tests.command import Said, run_here
from tests.shown import json_differs, master_differs, partner_differs
from tests.story import Lead, Story, add_measure
from tests.test_master import without_seals
from tests.work import LONG

EDITS, CONFIGS = (600, 240) if LONG else (4, 4)
BASES = 12 if LONG else 1
DATA = ("Progress", "Progress", "Progress", "Measures", "Monthly", "Risks", "Delivery", "Submissions")
SHEETS = "Progress|Measures|Monthly|Risks|Delivery|Submissions|Lead notes|Findings|Corrections"
PLACE = re.compile(rf"\b(?:{SHEETS})\b")


def a_base(folder: Path, seed: int) -> Story:
    """Two or three quarters of a strategy, with all that may happen in them, and the last of them consolidated."""
    story = Story.begin(folder, seed)
    while not any(strand.measures for strand in story.strategy.strands):
        add_measure(story.rng, story.strategy.strands[0])
    first = story.strategy.first
    if seed % 2:
        story.history(first)
    for q in range(first + seed % 2, first + 2 + seed % 2):
        story.quarter(q)
    return story


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    made = (a_base(tmp_path_factory.mktemp("base") / "folder", seed) for seed in count(1000))
    sound = (
        base
        for base in made
        if not any(map(base.account.disagreeing, range(base.strategy.first, base.account.quarter + 1)))
    )
    return list(islice(sound, BASES))


def say(folder: Path, *words: object) -> Said:
    done = run_here(*words, "--folder", folder, *(["--json"] if words[0] == "consolidate" else []))
    assert "fault of its own" not in done.error, (folder / "cpxl.log").read_text(encoding="utf-8")[-3000:]
    assert done.exits in (0, 1, 2)
    assert done.exits != 2 or done.error.count("\n") == 1, done.error
    return done


# The master


def _table(page: Worksheet) -> tuple[int, list[str], int]:
    """The row with the headings of a data table, these, and the table's last row."""
    top = next(row[0].row for row in page.iter_rows() if row[0].value == "quarter")
    headings = [str(cell.value) for cell in page[top]]
    last = max((row[0].row for row in page.iter_rows(min_row=top + 1) if row[0].value is not None), default=top)
    return top, headings, last


Edit = Callable[[Worksheet, Random], str]


def a_cell(page: Worksheet, rng: Random) -> str:
    """Something else typed into a cell, or nothing."""
    top, headings, last = _table(page)
    keys = [n for n, h in enumerate(headings, 1) if h in WEIGHTY] or [1]
    cell = page.cell(rng.randint(top + 1, last), rng.choice(keys))
    was = cell.value
    new: list[Any] = [None, "", "lots", -3, 2.5, True, 0, 7, "7 ", "N/A", "n/a", "#REF!", "=1+1", 10**20, "R1", "S1-1",
                      "Complte", "2020/21 Q9", "2019-20 Q1", "Yes", "No", f"{was} ", f" {was}", str(was)]  # fmt: skip
    if isinstance(was, int | float) and not isinstance(was, bool):
        new += [was + 1, was - 1, -was, was * 10, f"{was:,}"] * 2
    others = [page.cell(row, int(cell.column or 0)).value for row in range(top + 1, last + 1)]
    cell.value = rng.choice([*new, *rng.sample(others, min(3, len(others)))])
    return f"{page.title}!{cell.coordinate}: {was!r} to {cell.value!r}"


WEIGHTY = ("quarter", "strand", "plan", "status", "value", "measure", "period", "previous", "current", "month", "count",
           "source", "id", "description", "response", "state", "kind", "activity", "file", "accepted", "sha256",
           "template_version", "note", "comment")  # fmt: skip


def a_row_deleted(page: Worksheet, rng: Random) -> str:
    top, _, last = _table(page)
    row = rng.randint(top + 1, last)
    page.delete_rows(row)
    return f"{page.title}: row {row} deleted"


def a_row_blank(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    row = rng.randint(top + 1, last)
    for column in range(1, len(headings) + 1):
        page.cell(row, column).value = None
    return f"{page.title}: row {row} cleared"


def a_row_twice(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    row = rng.randint(top + 1, last)
    for column in range(1, len(headings) + 1):
        page.cell(last + 1, column).value = page.cell(row, column).value
    if rng.random() < 0.5:
        _stretch(page, last + 1)
    return f"{page.title}: row {row} twice"


def a_row_made_up(page: Worksheet, rng: Random) -> str:
    """A row as cpxl might have written it, of something else."""
    top, headings, last = _table(page)
    row = rng.randint(top + 1, last)
    for column in range(1, len(headings) + 1):
        page.cell(last + 1, column).value = page.cell(row, column).value
    other = page.cell(rng.randint(top + 1, last), 1).value
    page.cell(last + 1, 1).value = other
    _stretch(page, last + 1)
    return f"{page.title}: row {row} again, of {other}"


def two_cells_swapped(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    column = rng.choice([n for n, h in enumerate(headings, 1) if h in WEIGHTY])
    a, b = (page.cell(rng.randint(top + 1, last), column) for _ in range(2))
    a.value, b.value = b.value, a.value
    return f"{page.title}: {a.coordinate} and {b.coordinate} swapped"


def two_values_of_a_row_swapped(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    row = rng.randint(top + 1, last)
    a, b = (page.cell(row, rng.randint(1, len(headings))) for _ in range(2))
    a.value, b.value = b.value, a.value
    return f"{page.title}: {a.coordinate} and {b.coordinate} swapped"


def sorted_anew(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    rows = [[page.cell(row, n).value for n in range(1, len(headings) + 1)] for row in range(top + 1, last + 1)]
    by = rng.randrange(len(headings))
    rows.sort(key=lambda row: str(row[by]), reverse=rng.random() < 0.5)
    for number, row in enumerate(rows, top + 1):
        for n, value in enumerate(row, 1):
            page.cell(number, n).value = value
    return f"{page.title}: sorted by {headings[by]}"


def a_note_below(page: Worksheet, rng: Random) -> str:
    _, _, last = _table(page)
    page.cell(last + rng.choice((1, 2, 3)), rng.choice((1, 2))).value = "Checked by telephone."
    return f"{page.title}: a note below"


def a_total_row(page: Worksheet, rng: Random) -> str:
    _, headings, last = _table(page)
    page.cell(last + 1, 1).value = "Total"
    page.cell(last + 1, len(headings)).value = "=SUBTOTAL(103,A:A)"
    _stretch(page, last + 1)
    next(iter(page.tables.values())).totalsRowCount = 1
    return f"{page.title}: a total row"


def a_column_beside(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    at = len(headings) + rng.choice((1, 2))
    page.cell(top, at).value = rng.choice(("Mine", "value", "Checked?"))
    for row in range(top + 1, last + 1):
        page.cell(row, at).value = rng.randint(0, 9)
    return f"{page.title}: a column at the right, '{page.cell(top, at).value}'"


def a_column_between(page: Worksheet, rng: Random) -> str:
    top, headings, last = _table(page)
    at = rng.randint(1, len(headings))
    for row in range(top, last + 1):
        values = [page.cell(row, n).value for n in range(1, len(headings) + 1)]
        for n, value in enumerate([*values[:at], "Mine" if row == top else row, *values[at:]], 1):
            page.cell(row, n).value = value
    table = next(iter(page.tables.values()))
    table.ref = f"A{top}:{page.cell(last, len(headings) + 1).coordinate}"
    table.tableColumns = []
    table._initialise_columns()
    for column, cell in zip(table.tableColumns, page[top], strict=False):
        column.name = str(cell.value)
    return f"{page.title}: a column after {headings[at - 1]}"


def a_heading(page: Worksheet, rng: Random) -> str:
    top, headings, _ = _table(page)
    cell = page.cell(top, rng.randint(1, len(headings)))
    was, cell.value = cell.value, rng.choice(("Figure", f"{cell.value} ", str(cell.value).upper(), None, "quarter"))
    return f"{page.title}!{cell.coordinate}: heading '{was}' to '{cell.value}'"


def _stretch(page: Worksheet, last: int) -> None:
    table = next(iter(page.tables.values()))
    table.ref = re.sub(r"\d+$", str(last), table.ref)


EDITINGS: tuple[Edit, ...] = (*[a_cell] * 8, a_row_deleted, a_row_blank, a_row_twice, a_row_made_up, two_cells_swapped,
                              two_cells_swapped, two_values_of_a_row_swapped, sorted_anew, a_note_below, a_total_row,
                              a_column_beside, a_column_between, a_heading)  # fmt: skip


def a_cell_plainly_wrong(page: Worksheet, rng: Random) -> str:
    """What no return could say, or a name that nobody has."""
    top, headings, last = _table(page)
    heading = rng.choice(("value", "value", "value", "quarter", "strand", "plan", "status"))
    cell = page.cell(rng.randint(top + 1, last), headings.index(heading) + 1)
    was, wrong = cell.value, [None, "lots", -47, 2.5, True, "47 or so", "=40+7", f"{cell.value}x"]
    cell.value = rng.choice(wrong if heading == "value" else [None, f"{was}x", str(was)[1:], 7])
    return f"{page.title}!{cell.coordinate}: {was!r} to {cell.value!r}"


def a_figure_deleted(page: Worksheet, rng: Random) -> str:
    """A row with a figure other than 0, without which its grid does not add up."""
    top, headings, last = _table(page)
    values = {row: page.cell(row, headings.index("value") + 1).value for row in range(top + 1, last + 1)}
    row = rng.choice([row for row, value in values.items() if value not in (0, "N/A")] or [last])
    page.delete_rows(row)
    return f"{page.title}: row {row} deleted, which had {values[row]}"


PLAINLY_WRONG: tuple[Edit, ...] = (*[a_cell_plainly_wrong] * 6, a_figure_deleted, a_figure_deleted, a_row_twice,
                                   sorted_anew, a_note_below, a_total_row, a_column_beside)  # fmt: skip


@pytest.mark.parametrize("seed", range(EDITS))
def test_an_edit_of_the_masters_data(bases: list[Story], tmp_path: Path, seed: int) -> None:
    """A master with seals: whatever is edited in it is found."""
    rng, story = Random(seed), bases[seed % BASES]
    folder = Path(shutil.copytree(story.folder, tmp_path / "folder"))
    hold_after(edit_master(folder, rng, EDITINGS), folder, story)


@pytest.mark.parametrize("seed", range(EDITS // 4))
def test_an_edit_of_a_master_of_0_1_0(bases: list[Story], tmp_path: Path, seed: int) -> None:
    """One without seals: another figure that could have stood there cannot be told, and is not tried here."""
    rng, story = Random(seed), bases[seed % BASES]
    folder = Path(shutil.copytree(story.folder, tmp_path / "folder"))
    book = load_workbook(folder / "master.xlsx", data_only=True)
    without_seals(book)
    book.save(folder / "master.xlsx")
    hold_after(edit_master(folder, rng, PLAINLY_WRONG), folder, story)


def hold_after(what: str, folder: Path, story: Story) -> None:
    """Publish, consolidate, publish: what is shown is right, or refused with the place."""
    q = story.account.quarter
    published = say(folder, "publish", "-q", written(q))
    if published.exits == 0:
        hold(what, partner_differs(partner(folder, q), story.account, q))
    else:
        assert PLACE.search(published.error), f"{what}: {published.error}"
    merged = say(folder, "consolidate", "-q", written(q))
    again = say(folder, "publish", "-q", written(q))
    if merged.exits == 2:
        assert PLACE.search(merged.error), f"{what}: {merged.error}"
        return
    if again.exits == 0:
        hold(what, json_differs(merged.document, story.account, q))
        hold(what, master_differs(folder / "master.xlsx", story.account))
        hold(what, partner_differs(partner(folder, q), story.account, q))
    else:
        assert PLACE.search(again.error), f"{what}: {again.error}"
        errors = [f for f in merged.document["master_findings"] if f["severity"] == "error"]
        assert errors and merged.exits == 1, f"{what}: {again.error}"
        hold(what, (said for said in known_only(merged.document, story.account, q)))


def edit_master(folder: Path, rng: Random, editings: Sequence[Edit]) -> str:
    """Change one of the master's data tables by hand. Returned: how, in words.

    openpyxl saves a formula without what it comes to, as Excel never does: so formulas are made values.
    """
    book = load_workbook(folder / "master.xlsx", data_only=True)
    sheets = DATA if editings is EDITINGS else ("Progress",)
    with_rows = [name for name in sheets if _table(book[name])[2] > _table(book[name])[0]]
    what = rng.choice(editings)(book[rng.choice(with_rows)], rng)
    book.save(folder / "master.xlsx")
    return what


def known_only(document: dict[str, Any], account: Account, q: int) -> Any:
    """Where a figure of a strand is in doubt, it is not known; every other is right."""
    for shown, line in zip(document["summary"], account.summary(q), strict=True):
        given = [shown[key] for key in line.figures]
        if set(given) != {None} and given != list(line.figures.values()):
            yield f"{line.strand.name}: shows {given}, and not {line.figures} or nothing"


def partner(folder: Path, q: int) -> Path:
    """The last version that was published for a quarter."""
    return max((folder / "published").glob(f"*{written(q).replace('/', '-')}, v1.*.xlsx"))


def hold(what: str, differences: Any) -> None:
    found = list(differences)
    assert not found, "\n".join([what, *found])


# The config


Mend = Callable[[], None]
Change = Callable[[Account, Random], tuple[str, Mend, str]]
"""Changes the strategy. Returned: how, in words; what puts it right; what a refusal must say to write."""


def nothing_to_mend() -> None:
    """The change is one that may be made."""


def some_plan(account: Account, rng: Random) -> tuple[Strand, Plan]:
    return rng.choice([(strand, plan) for strand in account.strategy.strands for plan in strand.plans])


def some_status(account: Account, rng: Random) -> tuple[Plan, Status]:
    _, plan = some_plan(account, rng)
    return plan, rng.choice(plan.statuses)


def some_measure(account: Account, rng: Random) -> tuple[Strand, Measure]:
    return rng.choice([(strand, measure) for strand in account.strategy.strands for measure in strand.measures])


def renamed(thing: Strand | Plan | Status | Measure, line: str) -> tuple[str, Mend, str]:
    unit = " (kg)" if isinstance(thing, Measure) and thing.decimals else ""  # without which it would be a count
    was, thing.name = thing.name, f"Another name{unit}"
    words = f"{type(thing).__name__} '{was}' renamed"
    return words, lambda: thing.formerly.append(was), f'{line}: [[{{]"?{re.escape(was)}'


def removed(things: list[Any], thing: Any, ends: str, line: str, q: int) -> tuple[str, Mend, str]:
    at = things.index(thing)
    del things[at]

    def mend() -> None:
        things.insert(at, thing)
        setattr(thing, ends, getattr(thing, ends) or q)

    return f"{type(thing).__name__} '{thing.name}' removed", mend, line


def moved(thing: Any, ends: str, q: int | None, line: str) -> tuple[str, Mend, str]:
    was = getattr(thing, ends)
    setattr(thing, ends, q)
    words = f"{type(thing).__name__} '{thing.name}': {ends} is {q and written(q)}"
    return words, lambda: setattr(thing, ends, was), line


def rename(account: Account, rng: Random) -> tuple[str, Mend, str]:
    return rng.choice(
        (
            lambda: renamed(rng.choice(account.strategy.strands), "formerly"),
            lambda: renamed(some_plan(account, rng)[1], "formerly"),
            lambda: renamed(some_status(account, rng)[1], "renamed"),
            lambda: renamed(some_measure(account, rng)[1], "renamed"),
        )
    )()


def remove(account: Account, rng: Random) -> tuple[str, Mend, str]:
    q, strategy = account.quarter, account.strategy
    strand, plan = some_plan(account, rng)
    of, status = some_status(account, rng)
    counted, measure = some_measure(account, rng)
    return rng.choice(
        (
            lambda: removed(strategy.strands, rng.choice(strategy.strands), "last", "last_quarter", q),
            lambda: removed(strand.plans, plan, "last", "last_quarter", q),
            lambda: removed(of.statuses, status, "retired", "retired", q),
            lambda: removed(counted.measures, measure, "retired", "retired", q),
        )
    )()


def begin_or_end(account: Account, rng: Random) -> tuple[str, Mend, str]:
    q = account.quarter
    strand, plan = some_plan(account, rng)
    _, status = some_status(account, rng)
    _, measure = some_measure(account, rng)
    return rng.choice(
        (
            lambda: moved(strand, "first", q, "first_quarter"),
            lambda: moved(strand, "last", q - 1, "last_quarter"),
            lambda: moved(plan, "first", q + rng.choice((-1, 0, 1)), "first_quarter"),
            lambda: moved(plan, "last", max(q - 1, plan.first), "last_quarter"),
            lambda: moved(status, "added", q, "added"),
            lambda: moved(status, "retired", q - 1, "retired"),
            lambda: moved(measure, "retired", q - 1, "retired"),
        )
    )()


def reorder(account: Account, rng: Random) -> tuple[str, Mend, str]:
    strand, plan = some_plan(account, rng)
    for things in (account.strategy.strands, strand.plans, plan.statuses, strand.measures):
        rng.shuffle(things)
    return "another order", nothing_to_mend, ""


def count_as_another(account: Account, rng: Random) -> tuple[str, Mend, str]:
    plan, a = some_status(account, rng)
    b = rng.choice(plan.statuses)
    a.counts, b.counts = b.counts, a.counts
    return f"'{a.name}' and '{b.name}' count as each other did", nothing_to_mend, ""


def look_otherwise(account: Account, rng: Random) -> tuple[str, Mend, str]:
    strand = rng.choice(account.strategy.strands)
    strand.short_name, strand.code = rng.choice((("Short", strand.code), (strand.short_name, "ZZ"), ("Short", "ZZ")))
    account.strategy.quarters_shown = rng.choice((2, 4, 8))
    return f"'{strand.name}' has another short name or code", nothing_to_mend, ""


def rename_and_say_so(account: Account, rng: Random) -> tuple[str, Mend, str]:
    words, mend, _ = rename(account, rng)
    mend()
    return f"{words}, and said so", nothing_to_mend, ""


def swap_names(account: Account, rng: Random) -> tuple[str, Mend, str]:
    """Two plans, or statuses, take each other's names: to cpxl, each is the other, and has its figures."""
    plan, a = some_status(account, rng)
    b = rng.choice(plan.statuses)
    a.counts, b.counts = b.counts, a.counts
    at, other = plan.statuses.index(a), plan.statuses.index(b)
    plan.statuses[at], plan.statuses[other] = b, a
    return f"'{a.name}' and '{b.name}' swapped", nothing_to_mend, ""


def merge_two(account: Account, rng: Random) -> tuple[str, Mend, str]:
    """Two things take one name: where a quarter has figures of each, nobody could tell them apart any more."""
    strategy, entries = account.strategy, account.accepted.values()
    pairs: list[tuple[list[Any], Any, Any]] = []
    for strand in strategy.strands:
        told = [{plan for plan, _ in entry.figures} | {m for m, said in entry.measures.items() if None not in said}
                for entry in entries]  # fmt: skip
        for things in (strand.plans, strand.measures):
            pairs += [(things, a, b) for a, b in combinations(things, 2) if any({a, b} <= of for of in told)]
        for plan in strand.plans:
            of_quarters = [{status for of, status in entry.figures if of is plan} for entry in entries]
            pairs += [
                (plan.statuses, a, b)
                for a, b in combinations(plan.statuses, 2)
                if any({a, b} <= q for q in of_quarters)
            ]
    things, one, other = rng.choice(pairs)
    at, before = things.index(other), list(one.formerly)
    del things[at]
    one.formerly += [other.name, *other.formerly]

    def mend() -> None:
        things.insert(at, other)
        one.formerly[:] = before

    return f"{type(one).__name__} '{other.name}' is '{one.name}' now", mend, "calls .* both"


def count_otherwise(account: Account, rng: Random) -> tuple[str, Mend, str]:
    """A measure goes from 12 months to quarters, or the other way round."""
    reported = {measure for entry in account.accepted.values() for measure in entry.measures}
    measure = rng.choice([measure for strand in account.strategy.strands for measure in strand.measures
                          if measure in reported])  # fmt: skip

    def turn() -> None:
        measure.is_rolling = not measure.is_rolling

    turn()
    return f"'{measure.name}' is counted over another time", turn, "put it back"


CHANGES: tuple[Change, ...] = (*[rename] * 4, *[remove] * 4, *[begin_or_end] * 4, reorder, count_as_another,
                               look_otherwise, *[rename_and_say_so] * 3, swap_names, *[merge_two] * 3,
                               count_otherwise)  # fmt: skip


@pytest.mark.parametrize("seed", range(CONFIGS))
def test_an_edit_of_the_config(bases: list[Story], tmp_path: Path, seed: int) -> None:
    rng, base = Random(seed), bases[seed % BASES]
    account: Account = deepcopy(base.account)
    story = Story(Path(shutil.copytree(base.folder, tmp_path / "folder")), rng, account, Lead(rng, account))
    codes = {strand.code for strand in account.strategy.strands}
    what, mend, line = rng.choice(CHANGES)(account, rng)
    story.write_config()
    q = account.quarter
    published = say(story.folder, "publish", "-q", written(q))
    if "draws the sheet anew" in published.error:  # the summary shows what config said before
        assert mend is nothing_to_mend, f"{what}: {published.error}"
        assert say(story.folder, "consolidate", "-q", written(q)).exits != 2, what
        published = say(story.folder, "publish", "-q", written(q))
        assert published.exits == 0, f"{what}: {published.error}"
    if published.exits == 2:
        assert "config.yaml" in published.error, f"{what}: {published.error}"
        assert re.search(line, published.error) or "line " in published.error, f"{what}: {published.error}"
        assert say(story.folder, "consolidate", "-q", written(q)).exits == 2, what
        assert say(story.folder, "issue", "-q", written(q + 1)).exits == 2, what
        if mend is nothing_to_mend:
            assert "line " in published.error, f"{what} is refused: {published.error}"
            return
        mend()
        story.write_config()
        what += ", and put right"
        published = say(story.folder, "publish", "-q", written(q))
        assert published.exits == 0, f"{what}: {published.error}"
    hold(what, partner_differs(partner(story.folder, q), account, q))
    merged = say(story.folder, "consolidate", "-q", written(q))
    assert merged.exits in (0, 1), f"{what}: {merged.error}"
    if {strand.code for strand in account.strategy.strands} == codes:  # else no file is of a strand that config knows
        hold(what, json_differs(merged.document, account, q))
        hold(what, master_differs(story.master, account))

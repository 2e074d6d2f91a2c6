"""The master's file: read with suspicion, and written in one step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cpxl import files, publications, store
from cpxl.account import NOTHING_ENTERED, account
from cpxl.backups import backups
from cpxl.config import Settings
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.ids import last_ids
from cpxl.layout.blocks import Sheet, Workbook
from cpxl.layout.data import NOTHING_BESIDE, Beside, data_sheets
from cpxl.layout.identity import (
    MASTER,
    RISK_IDS,
    YEAR_STARTS,
    identity_block,
    ids_in,
    ids_in_words,
    seals_block,
    seals_in,
    sheets_block,
)
from cpxl.layout.master import master_workbook
from cpxl.layout.report_text import report_text_block, texts_in
from cpxl.layout.summary import by_exception_block
from cpxl.master.as_today import renamed, with_every_id
from cpxl.master.checks import examine
from cpxl.master.drawn import seals_of_drawn, typed_over
from cpxl.master.ids import given, remember
from cpxl.master.laid_over import laid_over, seals_of_charts
from cpxl.master.names import merged_names, unknown_names
from cpxl.master.outside import Typed, seals_of_lines, typed_outside
from cpxl.master.own_cells import without_text
from cpxl.master.tables import read_table
from cpxl.model import TABLES, ByException, Master, ReportText, Return, Seal
from cpxl.quarters import MONTHS, Quarter
from cpxl.returns.in_master import entered_sheets
from cpxl.seals import Own, own_text, seals_of
from cpxl.workbooks.read import OpenWorkbook, Unreadable
from cpxl.workbooks.untrusted import LARGEST_FILE

MOST_SAID = 5
"""Cells that a refusal names; the others it counts."""


@dataclass(frozen=True)
class KnownMaster:
    """A master as read, and what its file was then.

    entered: the strands' sheets in it that count as returns, by the strand's code.
    as_they_stand: those of strands whose data is in doubt, so that nobody can tell whether something was entered.
    beside: what somebody typed beside the data tables, by table.
    book: the open file; None if there is none yet.
    lacks: whether its register lacks publications that are kept.
    """

    master: Master
    other_sheets: Sequence[str] = ()
    sha256: str | None = None
    entered: Mapping[str, Return] = field(default_factory=dict)
    as_they_stand: Mapping[str, Return] = field(default_factory=dict)
    beside: Mapping[str, Beside] = field(default_factory=dict)
    book: OpenWorkbook | None = None
    lacks: bool = False


def read_master(folder: WorkingFolder) -> KnownMaster:
    """The master's data, empty if there is no master yet. What in it does not hold stands in its doubts.

    Raises Refused if the file is no master of cpxl's or cannot be read, is gone while there are copies of it, or has
    figures under names that config does not know.
    """
    path, settings = folder.master, folder.settings
    if not path.exists():
        if any(copy.name == path.name for copy in backups(folder.backups)):
            raise Refused(
                f"{path} is not there, though {folder.backups} has copies of it: what it had of earlier quarters would "
                "be lost. If it was moved, or is not synced yet, put it back; 'cpxl restore' lists the copies, and "
                "puts one back. To begin anew, move the copies away."
            )
        return KnownMaster(
            Master(folder.current_quarter(), given=given(folder), publications=publications.register(folder, ()))
        )
    not_ours = Refused(
        f"{path} is not a master that cpxl wrote, or it is damaged: put a backup back ('cpxl restore' lists them)."
    )
    try:
        data = files.read(path, LARGEST_FILE + 1).data
        book = OpenWorkbook(data)
        facts = {str(r.values["fact"]): r.values["value"] for r in book.rows(identity_block()) or ()}
        if facts.get("kind") != MASTER:
            raise not_ours
        quarter = Quarter.parse(str(facts.get("quarter")))
        starts, now_starts = facts.get(YEAR_STARTS), MONTHS[settings.financial_year_starts_in - 1]
        if starts and starts != now_starts:
            raise Refused(
                f"config.yaml says that the financial year starts in {now_starts}, but the master's figures are of "
                f"years that start in {starts}: write 'financial_year_starts_in: {starts}'."
            )
        found_seals = book.rows(seals_block())
        seals = None if found_seals is None else list(seals_in(row.values for row in found_seals))
        strands = [name for strand in settings.strands for name in (strand.name, *strand.formerly)]
        data_tables = {table: read_table(book, table, strands) for table in TABLES}
        found = examine(data_tables, seals, settings)
        tables = {table: tuple(records) for table, records in found.records.items()}
        in_file = len(tables["publications"])
        tables["publications"] = publications.register(folder, tables["publications"])
        last, ever = ids_in(facts.get(RISK_IDS)), given(folder)
        as_named = Master(quarter, **tables, doubts=tuple(found.doubts), last_ids=last, given=ever)
        master = renamed(as_named, settings)
        if wrong := merged_names(as_named, master) or unknown_names(master, settings):
            raise Refused(wrong)
        master = _with_own_text(with_every_id(master, settings), book, seals or (), settings)
        ours = {r.values["sheet"] for r in book.rows(sheets_block()) or ()} | {book.sheet_of(identity_block())}
        doubted = {d.strand for d in master.doubts if d.is_error and d.quarter == quarter}
        in_doubt = {strand.code for strand in settings.strands if strand.name in doubted}
        sheets = entered_sheets(book, path, settings, master)
        merged = {code for code, sheet in sheets.items() if sheet.sha256 in {s.sha256 for s in master.submissions}}
        return KnownMaster(
            master,
            [name for name in book.sheets if name not in ours],
            hashlib.sha256(data).hexdigest(),
            {code: sheet for code, sheet in sheets.items() if code not in in_doubt or code in merged},
            {code: sheet for code, sheet in sheets.items() if code in in_doubt and code not in merged},
            {name: table.beside for name, table in data_tables.items()},
            book,
            len(tables["publications"]) > in_file,
        )
    except OSError as error:
        raise Refused(
            f"{path} cannot be read ({error.strerror}): close it elsewhere and check that you may open it."
        ) from error
    except (Unreadable, ValueError) as error:
        raise not_ours from error


def _with_own_text(master: Master, book: OpenWorkbook, seals: Iterable[Seal], settings: Settings) -> Master:
    """The master with what the coordinator wrote for the quarter that it shows, as it stands on the sheets."""
    quarter = master.quarter
    typed, written = (book.rows(block, below=True) for block in (by_exception_block(), report_text_block()))
    shown: list[Own] | None = None if typed is None else [(row.values["text"], row.values["subject"]) for row in typed]
    exceptions = [ByException(quarter, *own) for own in own_text("by_exception", master, shown, seals)]
    there = None if written is None else list(texts_in(written, settings, quarter))
    said: list[Own] | None = None if there is None else [(text.section, text.heading, text.text) for text in there]
    cells = {own: text.cells for own, text in zip(said or (), there or (), strict=True)}
    texts = [
        ReportText(quarter, section, heading, text, cells=cells.get((section, heading, text), {}))
        for section, heading, text in own_text("report_texts", master, said, seals)
    ]
    nothing = tuple(one.as_doubt(quarter) for one in without_text(book) if not one.comes_to)
    return replace(
        master,
        doubts=(*master.doubts, *nothing),
        by_exception=(*(e for e in master.by_exception if e.quarter != quarter), *exceptions),
        report_texts=(*(t for t in master.report_texts if t.quarter != quarter), *texts),
    )


def laid_out(
    settings: Settings,
    master: Master,
    entered: Mapping[str, Return] = NOTHING_ENTERED,
    *,
    beside: Mapping[str, Beside] = NOTHING_BESIDE,
) -> Workbook:
    """The whole master, for the quarter that it was last consolidated for.

    entered: what stands on strands' sheets and is not in the master's data, by the strand's code. It stays there.
    beside: what else stands on the data sheets, by table.
    """
    said = account(master, master.quarter, settings, entered)
    facts = {
        "kind": MASTER,
        "quarter": str(master.quarter),
        "next": said.next.short,
        RISK_IDS: ids_in_words(last_ids(master)),
        YEAR_STARTS: MONTHS[settings.financial_year_starts_in - 1],
    }

    def sealed(sheets: Sequence[Sheet]) -> list[Seal]:
        return [*seals_of(master), *seals_of_lines(sheets), *seals_of_drawn(sheets), *seals_of_charts(sheets)]

    return master_workbook(said, data_sheets(master, beside), facts, sealed)


def write_master(folder: WorkingFolder, known: KnownMaster, master: Master, *, drop_other_sheets: bool = False) -> None:
    """Replace the master's file, after a backup.

    Raises Refused, with nothing written, if it holds sheets that cpxl does not own, or something typed that has no
    place in what is written; if it is open, or changed meanwhile.
    """
    from cpxl.workbooks.write import to_bytes

    if known.other_sheets and not drop_other_sheets:
        names = ", ".join(f"'{name}'" for name in known.other_sheets)
        raise Refused(
            f"{folder.master} has sheets that are not cpxl's ({names}) and would be lost: move them to another "
            "workbook, or say --drop-other-sheets."
        )
    if known.book and not drop_other_sheets:
        _refuse_to_lose(folder, list(would_be_lost(folder, known, known.book)))
    data = to_bytes(laid_out(folder.settings, master, known.entered, beside=known.beside), folder.theme)
    store.refuse_if_in_use(folder.master)
    master_file(folder, known)
    folder.back_up(folder.master)
    remember(folder, master)
    store.save(folder.master, data)


def would_be_lost(folder: WorkingFolder, known: KnownMaster, book: OpenWorkbook) -> Iterator[Typed]:
    """What somebody typed in a master that has no place in one that is written anew."""
    yield from typed_outside(book)
    yield from over_drawn(known, book)
    yield from (Typed(cell, "a formula") for beside in known.beside.values() for cell in beside.lost)
    yield from (one.as_typed() for one in without_text(book))
    yield from laid_over(master_file(folder, known), book.parts, _seals(book))


def over_drawn(known: KnownMaster, book: OpenWorkbook) -> Iterator[Typed]:
    """What somebody typed over the tables that cpxl draws."""
    returns = {one.sheet for one in (*known.entered.values(), *known.as_they_stand.values())}
    return typed_over(book, _seals(book), returns)


def _seals(book: OpenWorkbook) -> Iterator[Seal]:
    return seals_in(row.values for row in book.rows(seals_block()) or ())


def _refuse_to_lose(folder: WorkingFolder, typed: Sequence[Typed]) -> None:
    """Raise Refused if somebody typed something that would be lost."""
    if typed:
        said = [f"{one.cell.sheet}!{one.cell.address} {one.what}" for one in typed[:MOST_SAID]]
        more = f", and {len(typed) - MOST_SAID} more" if len(typed) > MOST_SAID else ""
        raise Refused(
            f"{folder.master} has something typed that would be lost, as the whole master is written anew: "
            f"{', '.join(said)}{more}. Move it to another workbook, or say --drop-other-sheets. "
            "Consolidate in Excel keeps it, unless it asks to lay out the master anew."
        )


def master_file(folder: WorkingFolder, known: KnownMaster) -> bytes:
    """The bytes of the master's file, none if there is none yet. Raises Refused if it changed since it was read."""
    data = folder.master.read_bytes() if folder.master.exists() else b""
    if (hashlib.sha256(data).hexdigest() if data else None) != known.sha256:
        raise Refused(f"{folder.master} was changed by somebody while cpxl was at work: run this again.")
    return data

"""Tracing and proving the figures of a working folder."""

from __future__ import annotations

from collections.abc import Sequence

from cpxl.account import Account, account
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.file import KnownMaster, read_master
from cpxl.model import Correction
from cpxl.names import alike
from cpxl.provenance.drawn import drawn_otherwise, entered_otherwise
from cpxl.provenance.places import place_of, places
from cpxl.provenance.proof import Chain, Proof, Wrong, chains, prove
from cpxl.provenance.second_account import SecondAccount
from cpxl.provenance.shown import EVERY_STRAND, Shown, shown
from cpxl.provenance.sources import Sources
from cpxl.quarters import Quarter


def trace(
    folder: WorkingFolder, strand: str, name: str | None = None, quarter: Quarter | None = None
) -> tuple[list[Chain], tuple[Correction, ...]]:
    """The figures of a strand (or of all together) that go by a name, with what they are made of; and corrections.

    name: of a figure or a plan; None for every figure. quarter: the one last consolidated, if none is named.
    Raises Refused if there is no such strand or figure.
    """
    known = read_master(folder)
    if not folder.master.exists():
        raise Refused(f"There is no {folder.master.name} in {folder.path}: run 'cpxl consolidate' first.")
    meant = folder.settings.strand_meant(strand)
    if meant is None and alike(strand) != alike(EVERY_STRAND):
        codes = ", ".join(s.code for s in folder.settings.strands)
        raise Refused(f"'{strand}' is not a strand: name one of {codes}, or {EVERY_STRAND}.")
    said = account(known.master, quarter or known.master.quarter, folder.settings)
    found, _ = traced(folder, known, said)
    found = [chain for chain in found if chain.shown.figure.strand == (meant.name if meant else EVERY_STRAND)]
    wanted = [c for c in found if name is None or alike(name) in map(alike, c.shown.names)]
    if quarter:  # and not what stands beside it, unless that is all that there is
        wanted = [c for c in wanted if c.shown.figure.quarter == quarter] or wanted
    if not wanted:
        names = ", ".join(dict.fromkeys(chain.shown.called for chain in found))
        raise Refused(
            f"{strand} has no figure '{name}' in {said.quarter}: name one of {names}."
            if found and name is not None
            else f"{strand} has no figure in {said.quarter}: name another quarter."
        )
    return wanted, known.master.corrections


def trace_cell(folder: WorkingFolder, sheet: str, address: str) -> Chain:
    """What the figure in a cell of the master's file is made of. Raises Refused if there is none that is known."""
    known = read_master(folder)
    said = account(known.master, known.master.quarter, folder.settings)
    figures = shown(said)
    place = place_of(known.book, said, sheet, address) if known.book else None
    found = places(said, figures).get(place) if place else None
    if found is None:
        raise Refused(
            f"{sheet}!{address} holds no figure that was merged: click on one of the executive summary or of a strand, "
            "then click again."
        )
    [chain] = chains([found], *_looked_up(folder, known, said, figures))
    return chain


def proved(folder: WorkingFolder, known: KnownMaster, said: Account) -> Proof:
    """The proof of everything that a quarter says. Raises Refused, naming figures, where it fails."""
    found, sources = traced(folder, known, said)
    drawn: list[Wrong] = []
    if known.book and said.quarter == known.master.quarter:
        drawn = [*drawn_otherwise(known.book, said), *entered_otherwise(known.entered, known.master)]
    return prove(found, sources, drawn)


def traced(folder: WorkingFolder, known: KnownMaster, said: Account) -> tuple[list[Chain], Sources]:
    """Every figure of a quarter with what it is made of, and the files that this comes from."""
    figures = shown(said)
    second, sources = _looked_up(folder, known, said, figures)
    return list(chains(figures, second, sources)), sources


def _looked_up(
    folder: WorkingFolder, known: KnownMaster, said: Account, figures: Sequence[Shown]
) -> tuple[SecondAccount, Sources]:
    """What figures are worked out by a second time, and looked up in."""
    strands = {strand.code: strand.name for strand in folder.settings.strands}
    sources = Sources(folder, known.master, {strands[code]: sheet for code, sheet in known.entered.items()})
    return SecondAccount(known.master, said.quarter, folder.settings, [one.figure for one in figures]), sources

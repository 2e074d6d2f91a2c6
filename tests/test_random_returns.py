"""Returns filled in and damaged at random: nothing breaks, and no figure appears that no return has."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpxl.account.strand import strand_account
from cpxl.account.summary import summarise, totals
from cpxl.config import Strand, load
from cpxl.consolidate import consolidate
from cpxl.layout.form import return_workbook
from cpxl.master.file import laid_out
from cpxl.model import (
    ACHIEVED,
    NOT_APPLICABLE,
    QUARTERLY,
    RESPONSES,
    ROLLING,
    SCHEDULED,
    DeliveryItem,
    Master,
    Measure,
    Progress,
    Risk,
)
from cpxl.quarters import Quarter
from cpxl.resources import resource
from cpxl.returns.checks import OF_THE_FILE, check_all
from cpxl.returns.read import read_return
from cpxl.theme import shipped
from cpxl.workbooks.write import to_bytes
from tests.work import LONG

SETTINGS = load(resource("config.yaml"))
NOW = Quarter(2020, 2)
COUNTS = st.integers(0, 60)
PLACES = st.integers(0, 10**6)  # taken modulo a file's length, which is not always the same: it has times in it
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
ODD = st.one_of(
    st.sampled_from(["", "-", " 7 ", "1,174", "n/a", "twelve", "=1+1", "#N/A", "7.0", "N/A", "<b>", "TRUE"]),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.integers(-(10**6), 10**6),
    TEXT,
    st.none(),
)


@st.composite
def entries(draw: st.DrawFn, strand: Strand) -> Master:
    """What a lead may fill in: mostly figures that add up, here and there anything else."""
    about: dict[str, Any] = {"quarter": NOW, "strand": strand.name}
    progress, at_risk = [], 0
    for plan in strand.plans:
        figures: dict[str, Any] = {s: draw(COUNTS) for s, counts in plan.statuses.items() if counts != "total"}
        for status in figures:
            if plan.statuses[status] == "at_risk":
                figures[status] %= 3
                at_risk += figures[status] if plan.in_summary else 0
        if plan.total:
            figures[plan.total] = sum(figures.values())
        if draw(st.integers(0, 4)) == 0:
            figures[draw(st.sampled_from(sorted(figures)))] = draw(ODD)
        progress += [Progress(**about, plan=plan.name, status=s, value=v) for s, v in figures.items()]
    risks = [
        Risk(**about, id=None, description=draw(TEXT), response=draw(st.sampled_from(RESPONSES) | ODD))
        for _ in range(at_risk)
    ]
    periods = {ROLLING: strand.measures.rolling_12_months, QUARTERLY: strand.measures.quarterly}
    return Master(
        NOW,
        progress=tuple(progress),
        risks=tuple(risks),
        measures=tuple(
            Measure(**about, measure=name, period=period, previous=draw(COUNTS | ODD), current=draw(COUNTS | ODD))
            for period, names in periods.items()
            for name in names
        ),
        delivery=tuple(
            DeliveryItem(**about, kind=draw(st.sampled_from([ACHIEVED, SCHEDULED])), activity=draw(TEXT), impact=None)
            for _ in range(draw(st.integers(0, 3)))
        ),
    )


def _damaged(data: bytes, draw: st.DrawFn) -> bytes:
    """The file with a few bytes changed, in the file or in one of its parts, or cut short."""
    where = draw(st.sampled_from(["nowhere", "nowhere", "file", "part", "end"]))
    if where == "nowhere":
        return data
    if where == "end":
        return data[: draw(PLACES) % len(data)]
    if where == "file":
        return _spoilt(data, draw)
    with zipfile.ZipFile(BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = draw(st.sampled_from(sorted(parts)))
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for part, content in parts.items():
            file.writestr(part, _spoilt(content, draw) if part == name else content)
    return stream.getvalue()


def _spoilt(data: bytes, draw: st.DrawFn) -> bytes:
    spoilt = bytearray(data)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(PLACES) % max(len(spoilt), 1)
        spoilt[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(spoilt)


@dataclass(frozen=True)
class CameBack:
    """What a lead filled in, the file that came back, and whether it came back whole."""

    filled_in: Master
    data: bytes = field(repr=False)
    whole: bool


@st.composite
def files(draw: st.DrawFn) -> Mapping[str, CameBack]:
    """What came back from some of the strands."""
    made = {}
    for strand in draw(st.lists(st.sampled_from(SETTINGS.strands), min_size=1, max_size=3, unique_by=lambda s: s.code)):
        filled_in = draw(entries(strand))
        issued = to_bytes(return_workbook(SETTINGS, strand_account(filled_in, NOW, strand, SETTINGS)), shipped())
        came_back = _damaged(issued, draw)
        made[strand.code] = CameBack(filled_in, came_back, came_back == issued)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@given(made=files())
@settings(max_examples=300 if LONG else 6, suppress_health_check=list(HealthCheck))
def test_whatever_comes_back(folder: Path, made: Mapping[str, CameBack]) -> None:
    returns = []
    for code, came_back in made.items():
        path = folder / f"{code}.xlsx"
        path.write_bytes(came_back.data)
        returns.append(read_return(path, SETTINGS))
    checked = check_all(returns, SETTINGS, NOW)
    for came_back, c in zip(made.values(), checked, strict=True):
        assert not came_back.whole or not {f.rule for f in c.findings} & OF_THE_FILE
    master = consolidate(Master(NOW), NOW, checked, SETTINGS)
    to_bytes(laid_out(SETTINGS, master), shipped())  # whatever was accepted can be written

    # Every figure in the master is one that was typed, in its place: numbers as numbers, N/A as N/A.
    for code, came_back in made.items():
        filled_in = came_back.filled_in
        strand = SETTINGS.strand_of(code)
        assert strand
        typed = {(p.plan, p.status): p.value for p in filled_in.progress}
        arrived = {(p.plan, p.status): p.value for p in master.progress if p.strand == strand.name}
        accepted = any(c.accepted for c in checked if c.returned.strand == code)
        assert bool(arrived) == (accepted and bool(strand.plans))
        if accepted and came_back.whole:
            assert {key: _number(value) for key, value in typed.items()} == arrived
            figures = {m.measure: (_number(m.previous), _number(m.current)) for m in filled_in.measures}
            of_strand = [m for m in master.measures if m.strand == strand.name]
            assert {m.measure: (m.previous, m.current) for m in of_strand} == {
                name: pair for name, pair in figures.items() if pair != (None, None)
            }

    # The summary's totals are the sums of what the accepted returns have.
    rows = summarise(master, NOW, SETTINGS)
    expected: dict[str, int | None] = dict.fromkeys(("total", "complete", "ongoing", "at_risk"))
    for p in master.progress:
        plan = next(plan for s in SETTINGS.strands if s.name == p.strand for plan in s.plans if plan.name == p.plan)
        kind = plan.statuses[p.status]
        if plan.in_summary and kind != "nothing" and p.value != NOT_APPLICABLE:
            assert isinstance(p.value, int)
            expected[kind] = (expected[kind] or 0) + p.value
    assert totals(rows, NOW) == expected
    assert replace(master, quarter=NOW) == consolidate(master, NOW, checked, SETTINGS)  # again changes nothing


def _number(typed: Any) -> Any:
    """What a lead's entry means, worked out apart from the code under test. Only what is accepted gets here."""
    if isinstance(typed, str):
        text = typed.strip()
        if text.lower() == "n/a":
            return NOT_APPLICABLE
        if text in ("-", "\u2013", "\u2014"):
            return 0
        return float(text.replace(",", "")) if text else None
    return typed

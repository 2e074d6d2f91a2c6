"""The returns that travel with the package: what tools/demo_returns.yaml says, saved by more than one program."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import cpxl
from cpxl.comparisons import COMPARISONS
from cpxl.config import Settings, load
from cpxl.returns.read import read_return
from cpxl.workbook_names import TEMPLATE_VERSION

ROOT = Path(__file__).parents[1]
RETURNS = sorted((Path(cpxl.__file__).parent / "demo" / "returns").glob("*.xlsx"))
ENTRIES = yaml.safe_load((ROOT / "tools" / "demo_returns.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(ROOT / "config.yaml")


def test_there_is_one_of_each_strand(settings: Settings) -> None:
    assert {read_return(path, settings).strand for path in RETURNS} == {strand.code for strand in settings.strands}
    assert len(RETURNS) == 9


@pytest.mark.parametrize("path", RETURNS, ids=lambda path: path.stem.split()[-1])
def test_each_reads_back_as_it_was_filled_in(path: Path, settings: Settings) -> None:
    returned = read_return(path, settings)
    entries: dict[str, Any] = ENTRIES[returned.strand]
    now = [p for p in returned.progress if str(p.quarter) == returned.quarter]
    progress: dict[str, dict[str, Any]] = {}
    for p in now:
        progress.setdefault(p.plan, {})[p.status] = p.value
    assert returned.template_version == TEMPLATE_VERSION
    assert progress == entries.get("progress", {})
    assert {p.note for p in now} - {None} == {
        note for notes in entries.get("footnotes", {}).values() for note in notes.values()
    }
    assert [(m.measure, m.previous, m.current, m.comment) for m in returned.measures] == [
        (m["measure"], m.get("previous"), m["current"], m.get("comment"))
        for comparison in COMPARISONS.values()
        for m in entries.get(comparison.block, [])
    ]
    breakdowns: dict[str, dict[str, dict[str, Any]]] = {}
    for f in returned.breakdowns:
        said = {f.column: f.value, "comment": f.comment}
        row = breakdowns.setdefault(f.breakdown, {}).setdefault(f.row, {})
        row.update((key, value) for key, value in said.items() if value is not None)
    filled = {name: {row: said for row, said in rows.items() if said} for name, rows in breakdowns.items()}
    assert filled == entries.get("breakdowns", {})
    assert [(r.description, r.action, r.response, r.level) for r in returned.risks] == [
        (r["description"], r["action"], r["response"], r["level"]) for r in entries.get("risks", [])
    ]
    assert [(d.activity, d.impact, d.when) for d in returned.delivery] == [
        (d["activity"], d["impact"], d.get("when")) for key in ("achieved", "scheduled") for d in entries.get(key, [])
    ]
    assert [n.text for n in returned.notes] == entries.get("notes", [])


def test_at_least_four_were_saved_by_libreoffice() -> None:
    saved_by = [zipfile.ZipFile(path).read("docProps/app.xml") for path in RETURNS]
    assert sum(b"LibreOffice" in app for app in saved_by) >= 4

"""What may know of what: a sheet is laid out from the account, and works nothing out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import lint_imports

import cpxl

LAYOUT, REPORT = (Path(cpxl.__file__).parent / name for name in ("layout", "report"))


def imported(path: Path) -> Iterator[str]:
    """Everything that a module imports, as `cpxl.model.Master`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_module_knows_of_one_that_stands_above_it() -> None:
    """The floors, as pyproject.toml has them: to see what is wrong, run `lint-imports`."""
    assert lint_imports(config_filename=str(Path(__file__).parents[1] / "pyproject.toml"), no_cache=True) == 0


def test_only_the_data_sheets_know_the_master() -> None:
    modules = sorted((*LAYOUT.glob("*.py"), *REPORT.glob("*.py")))
    assert len(modules) > 12
    assert {m.name for m in modules if "cpxl.model.Master" in imported(m)} == {"data.py"}


def test_what_writes_word_is_imported_when_it_is_needed() -> None:
    """Starting Word's libraries takes longer than most commands."""
    for module in Path(cpxl.__file__).parent.rglob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        tops = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = [getattr(node, "module", None) or node.names[0].name for node in tops]
        assert not [name for name in names if name.split(".")[0] in ("docx", "docxtpl", "jinja2")], module.name


def test_openpyxl_writes_the_same_wherever_it_runs() -> None:
    """Also where lxml is installed: what it changes is put back by how it writes."""
    import openpyxl

    assert not openpyxl.LXML


def test_the_map_of_the_code_has_every_module_and_no_other() -> None:
    package = Path(cpxl.__file__).parent
    contributing = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line for line in contributing.split("\n") if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w/]+(?:\.py|/))`", row.split("|")[1])}
    at_the_top = {path.name for path in package.glob("*.py")} | {
        f"{path.parent.name}/" for path in package.glob("*/__init__.py")
    }
    assert named == at_the_top - {"__init__.py", "__main__.py"}
    every = {path.name for path in package.rglob("*.py")}
    assert not [name for row in rows for name in re.findall(r"`(?:\w+/)*(\w+\.py)`", row) if name not in every]

"""What may know of what: a sheet is laid out from the account, and works nothing out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import cpxl

LAYOUT = Path(cpxl.__file__).parent / "layout"
DATA = ("data.py",)
"""The data sheets, which hold the master's own records."""


def imported(path: Path) -> Iterator[str]:
    """Everything that a module imports, as `cpxl.model.Master`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_a_sheet_is_laid_out_from_the_account_alone() -> None:
    modules = sorted(LAYOUT.glob("*.py"))
    assert len(modules) > 8
    for module in modules:
        for name in imported(module):
            assert not name.startswith(("cpxl.consolidate", "cpxl.insights")), (module.name, name)
            assert name != "cpxl.model.Master" or module.name in DATA, (module.name, name)

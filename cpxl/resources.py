"""Files that travel with the package."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def resource(name: str) -> Path:
    """A file that stands at the top of the repository, or inside the package once it is installed."""
    installed = HERE / "data" / name
    return installed if installed.exists() else HERE.parent / name

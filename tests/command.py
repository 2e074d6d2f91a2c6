"""cpxl as its users run it: the real command, in a process of its own."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def run_cpxl(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command line and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "cpxl", *map(str, words)],
        cwd=tempfile.gettempdir(),  # so that it is the installed package that runs, not the one in this folder
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@dataclass(frozen=True)
class Demo:
    """What `cpxl demo --json` made and said."""

    folder: Path
    says: dict[str, Any]

    @property
    def partner(self) -> Path:
        """The partner workbook."""
        return Path(self.says["outputs"]["partner"])

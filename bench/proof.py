"""What tracing and proving every figure costs, as a share of a publish: `python -m bench.proof [FOLDER]`.

Processor time, the best of ten of each, in a process where everything is imported already.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from unittest.mock import patch

from cpxl.account import account
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.provenance import steps
from cpxl.provenance.proof import Proof
from cpxl.steps import publishing, starting

TIMES = 10


def seconds(what: Callable[[], object]) -> float:
    """The best of some."""
    taken = []
    for _ in range(TIMES):
        start = process_time()
        what()
        taken.append(process_time() - start)
    return min(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary) / "demo"
        folder = WorkingFolder.open(path) if len(sys.argv) > 1 else starting.demo(path).folder
        known = read_master(folder)
        said = account(known.master, known.master.quarter, folder.settings)
        proof = seconds(lambda: steps.proved(folder, known, said))
        nothing = Proof(0, 0)
        with patch.object(publishing, "proved", lambda *_: nothing):
            publish = seconds(lambda: publishing.publish_folder(folder))
        figures = steps.proved(folder, known, said).figures
        print(f"{figures} figures: {proof * 1000:.0f} ms; a publish without it: {publish * 1000:.0f} ms")
        print(f"proof / publish: {proof / publish:.3f}")


if __name__ == "__main__":
    main()

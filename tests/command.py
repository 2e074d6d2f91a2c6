"""cpxl as its users run it: the real command line, in a process of its own.

To start Python and import what a command needs takes longer than most commands do. So one process imports it all, once,
and divides (`fork`) for each command. With CPXL_LONG=1, and on Windows, each is started afresh.
"""

import atexit
import json
import logging
import os
import select
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.work import LONG

HANGS = 600
"""Seconds after which a command is taken to hang: a hundred times what the slowest takes here."""

SERVER = """
import json, os, signal, sys
import cpxl.cli, cpxl.steps.merging, cpxl.history, cpxl.publish, cpxl.addin.install, cpxl.insights.extracts
import cpxl.layout.check_report, cpxl.returns.checks, cpxl.workbooks.annotate, cpxl.workbooks.write
import gc, rich.progress, rich.table, pandas

gc.collect()
gc.freeze()  # so that a child does not copy what it never changes

CHANGES = {("posix", call) for call in "open mkdir chmod fsync rename replace unlink rmdir".split()}
CHANGES |= {("io", "open"), ("_io", "open"), (None, "BufferedWriter.write")}

def command(words, out, err, dies):
    for path, stream in ((os.devnull, 0), (out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_RDONLY if stream == 0 else os.O_WRONLY), stream)
    sys.argv = ["cpxl", *words]
    if dies:  # by a signal that nothing can be done about, before that call to the system that changes the disk
        def count(frame, event, called):
            nonlocal dies
            if event == "c_call" and (called.__module__, called.__qualname__) in CHANGES:
                dies -= 1
                if not dies:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.setprofile(count)
    try:
        cpxl.cli.main()
    except SystemExit as stopped:
        status = stopped.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        command(**asked)
    _, status, used = os.wait4(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss]), flush=True)
"""


@cache
def _server() -> subprocess.Popen[str]:
    """The process that divides. It runs where nothing but the installed package can be found."""
    folder = tempfile.gettempdir()
    pipe = subprocess.PIPE
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=folder, stdin=pipe, stdout=pipe, text=True)
    atexit.register(server.kill)
    return server


def run_cpxl(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command line and wait for it."""
    command = [str(word) for word in words]
    if LONG or not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, "-m", "cpxl", *command],
            cwd=tempfile.gettempdir(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=HANGS,
        )
    return run_and_measure(*command)[0]


def run_and_measure(*words: str, dies: int = 0) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run a command line; what it says, and the bytes of memory that it had at the most.

    dies: the number of the call that changes the disk before which it is killed, from 1; 0 if it is to live.
    """
    server = _server()
    assert server.stdin
    assert server.stdout
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        err.touch()
        server.stdin.write(json.dumps({"words": words, "out": str(out), "err": str(err), "dies": dies}) + "\n")
        server.stdin.flush()
        if not select.select([server.stdout], [], [], HANGS)[0]:
            server.kill()
            _server.cache_clear()
            raise TimeoutError(f"cpxl {' '.join(words)} hangs")
        status, memory = json.loads(server.stdout.readline())
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
    done = subprocess.CompletedProcess(["cpxl", *words], status, *said)
    return done, memory * (1 if sys.platform == "darwin" else 1024)


@dataclass(frozen=True)
class Said:
    """What a command said and exited with."""

    exits: int
    out: str
    error: str

    @property
    def document(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)


def run_here(*words: object) -> Said:
    """Run a command line, from its beginning to its exit, in this process: for those who run thousands."""
    from cpxl.cli import main

    printed, refusal = BytesIO(), BytesIO()
    out, error = (TextIOWrapper(to, encoding="utf-8", newline="\n", write_through=True) for to in (printed, refusal))
    exits = 0
    with redirect_stdout(out), redirect_stderr(error), patch.object(sys, "argv", ["cpxl", *map(str, words)]):
        try:
            main()
        except SystemExit as stop:
            exits = int(stop.code or 0)
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("cpxl ")]:
        for handler in list(logging.getLogger(name).handlers):  # a process would have closed its log
            logging.getLogger(name).removeHandler(handler)
            handler.close()
    return Said(exits, printed.getvalue().decode(), refusal.getvalue().decode())


@dataclass(frozen=True)
class Demo:
    """What `cpxl demo --json` made and said."""

    folder: Path
    says: dict[str, Any]

    @property
    def partner(self) -> Path:
        """The partner workbook."""
        return Path(self.says["outputs"]["partner"])

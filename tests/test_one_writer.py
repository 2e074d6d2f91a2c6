"""One run of cpxl at a time in a working folder: whoever comes second waits, and whoever is killed leaves no harm."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations, count, cycle, islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpxl import cli, lock
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.quarters import Quarter
from cpxl.steps import merging, publishing
from tests.command import run_and_measure
from tests.values import values
from tests.work import LONG

Q2 = "2020-21-Q2"

# The lock

HOLD = """
import errno, sys
from pathlib import Path
from cpxl import lock
if sys.argv[2] == "no locks":
    import fcntl
    def flock(*_): raise OSError(errno.ENOTSUP, "Operation not supported")
    fcntl.flock = flock
with lock.alone(Path(sys.argv[1]), "history import"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(folder: Path, drive: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends, or it is killed."""
    words = [sys.executable, "-c", HOLD, str(folder), drive]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(lock, "WAIT", 0.1)


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive that knows no locks."""
    fcntl = pytest.importorskip("fcntl")

    def flock(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)


def test_who_comes_second_is_told_who_is_at_work(
    folder: Path, impatient: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(folder)
    with held(folder) as other:
        for words in (
            ["consolidate"],
            ["publish"],
            ["check"],
            ["issue"],
            ["templates"],
            ["history", "import", "figures.csv"],
            ["insights", "import", "extract.csv"],
        ):
            status, said = run(monkeypatch, capsys, *words, "--folder", folder)
            assert status == 2
            assert said.count("\n") == 1
            assert f"cpxl is at work in {folder} already, with 'history import' since 20" in said
            assert f"(process {other.pid}): wait until that is done, then run this again." in said
        assert snapshot(folder) == before
    status, _ = run(monkeypatch, capsys, "publish", "--folder", folder)
    assert status == 0, said
    assert list(folder.glob(".*")) == []


def test_who_comes_second_waits(tmp_path: Path) -> None:
    with held(tmp_path) as other:
        assert other.stdin
        other.stdin.close()
        with lock.alone(tmp_path, "consolidate"):
            pass


@pytest.mark.parametrize("drive", ["", "no locks"])
def test_the_lock_of_a_killed_run_is_taken_over(
    tmp_path: Path, drive: str, impatient: None, request: pytest.FixtureRequest
) -> None:
    if drive:
        request.getfixturevalue("no_locks")
    with held(tmp_path, drive) as other:
        with pytest.raises(Refused, match=f"'history import' since .*process {other.pid}"), lock.alone(tmp_path, "x"):
            pass
        other.kill()
        other.wait()
        for _ in range(2):
            with lock.alone(tmp_path, "consolidate"):
                assert (tmp_path / lock.HOLDER).exists()
    assert list(tmp_path.iterdir()) == []


def test_what_works_inside_may_take_the_lock_again(tmp_path: Path, impatient: None) -> None:
    with lock.alone(tmp_path, "consolidate"):
        with lock.alone(tmp_path, "publish"):
            pass
        assert '"consolidate"' in (tmp_path / lock.HOLDER).read_text("utf-8")
    assert list(tmp_path.iterdir()) == []
    with held(tmp_path):
        pass


def test_the_lock_is_given_up_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock.alone(tmp_path, "consolidate"):
        raise ZeroDivisionError
    with held(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
@pytest.mark.parametrize("name", [lock.LOCK, lock.HOLDER])
def test_a_link_in_the_locks_place_is_not_followed(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / name).symlink_to(victim)
    try:
        with lock.alone(tmp_path, "consolidate"):
            pass
    except Refused as refusal:
        assert str(tmp_path / name) in str(refusal)
    assert victim.read_bytes() == b"mine"


def test_a_folder_in_the_locks_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / lock.LOCK).mkdir()
    with pytest.raises(Refused, match=r"\.cpxl\.lock cannot be used"), lock.alone(tmp_path, "consolidate"):
        pass


@pytest.mark.parametrize("nonsense", ["", "[]", '{"command": 1}', "\x00\xff", "{" * 20_000, None])
def test_nonsense_about_the_holder_does_no_harm(tmp_path: Path, nonsense: str | None, impatient: None) -> None:
    with held(tmp_path):
        (tmp_path / lock.HOLDER).unlink()
        if nonsense is None:
            (tmp_path / lock.HOLDER).mkdir()
        else:
            (tmp_path / lock.HOLDER).write_bytes(nonsense.encode("latin-1"))
        with pytest.raises(Refused, match="already, in another window"), lock.alone(tmp_path, "x"):
            pass


def test_the_holder_is_told_without_escape_sequences(tmp_path: Path, impatient: None) -> None:
    with held(tmp_path):
        told = '{"command": "\\u001b[31m\\u202e", "since": "", "user": "", "computer": "", "process": ""}'
        (tmp_path / lock.HOLDER).write_text(told, "utf-8")
        with pytest.raises(Refused) as refusal, lock.alone(tmp_path, "x"):
            pass
    assert str(refusal.value).isprintable()


# What killed runs leave


def test_what_killed_runs_left_is_removed_by_the_next(folder: Path) -> None:
    working = WorkingFolder.open(folder)
    issued = working.issued(Quarter.parse("2030/31 Q1"))
    places = [folder, working.backups, working.published, working.templates, issued]
    places += [working.returns(Quarter.parse(Q2)), working.checked(Quarter.parse(Q2))]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / ".cpxl-abcd1234.xlsx").write_bytes(b"half")
    (issued / "~$2030-31-Q1 DA.xlsx").write_bytes(b"owner")
    (issued / "folder.xlsx").mkdir()
    assert str(working.current_quarter()) == "2020/21 Q2"
    publishing.publish_folder(working)
    assert list(folder.rglob(".cpxl-*")) == []


# Runs beside each other


COMMANDS = ("consolidate", "history import", "insights import", "publish")


@pytest.fixture(scope="module")
def begun(beginning: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder of which the master lacks one return, all history and all counts from extracts."""
    path = Path(shutil.copytree(beginning, tmp_path_factory.mktemp("begun") / "folder"))
    (path / "master.xlsx").unlink()
    config = yaml.safe_load((path / "config.yaml").read_text("utf-8"))
    measure = {"strand": "HATE", "measure": "Hate Crime Offences"}
    config["extracts"] = [{"name": "Counts", "month": "Month", "number": "Number", "measures": [measure]}]
    (path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    (path / "extract.csv").write_text("Month,Number\n2020-08,123\n", "utf-8")
    working = WorkingFolder.open(path)
    late = working.returns(Quarter.parse(Q2)) / f"{Q2} HATE.xlsx"
    late.rename(path / late.name)
    merging.consolidate_folder(working, Quarter.parse(Q2))
    (path / late.name).rename(late)
    assert not any(is_done(command, path) for command in COMMANDS)
    return path


def words_for(command: str, folder: Path) -> list[str]:
    files = {"history import": ["history.csv"], "insights import": ["extract.csv"]}
    quarter = [] if command in ("history import", "templates") else ["-q", Q2]
    return [
        *command.split(),
        *(str(folder / name) for name in files.get(command, ())),
        *quarter,
        "--folder",
        str(folder),
    ]


def start(command: str, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "cpxl", *words_for(command, folder)]
    return subprocess.Popen(
        words, cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def is_done(command: str, folder: Path) -> bool:
    """Whether what a command is for is there."""
    if command == "publish":
        return any(folder.joinpath("published").glob("*.xlsx"))
    sheet, wanted = {
        "consolidate": ("Submissions", "Hate Crime"),
        "history import": ("Progress", "2020/21 Q1"),
        "insights import": ("Monthly", 123),
    }[command]
    return any(wanted in row for row in values(folder / "master.xlsx", sheet))


def assert_whole(folder: Path) -> None:
    """Every workbook that cpxl wrote is one."""
    for path in [
        folder / "master.xlsx",
        *folder.glob("backups/*"),
        *folder.glob("published/*"),
        *folder.glob("issued/*/*"),
    ]:
        if not path.name.startswith("."):
            with zipfile.ZipFile(path) as package:
                assert package.testzip() is None, path
                assert "[Content_Types].xml" in package.namelist(), path


@pytest.mark.parametrize(
    ("number", "pair"), list(enumerate(islice(cycle(combinations(COMMANDS, 2)), 40 if LONG else 4))), ids=str
)
def test_two_runs_at_once_lose_nothing(begun: Path, tmp_path: Path, number: int, pair: tuple[str, str]) -> None:
    folder = Path(shutil.copytree(begun, tmp_path / "folder"))
    chance = random.Random(number)
    order = chance.sample(pair, 2)
    runs = []
    for command in order:
        runs.append((command, start(command, folder)))
        time.sleep(chance.uniform(0, 0.3))
    for command, process in runs:
        _, said = process.communicate(timeout=120)
        if process.returncode == 2:  # it waited, in vain on a busy machine, and said so
            assert "cpxl is at work in" in said
            process = start(command, folder)
            _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert [command for command in pair if not is_done(command, folder)] == []
    assert_whole(folder)
    assert list(folder.rglob(".cpxl-*")) == []


# Runs that are killed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as Unix does")
@pytest.mark.parametrize("command", [*COMMANDS, "issue"] if LONG else ["publish"])
def test_killed_at_any_moment_nothing_is_half_written(begun: Path, tmp_path: Path, command: str) -> None:
    """Before each call that changes the disk (in the short form, every 11th): in between nothing can be lost."""
    folder = Path(shutil.copytree(begun, tmp_path / "folder"))
    words = words_for(command, folder)
    killed = 0
    for dies in count(1, 1 if LONG else 11):
        done, _ = run_and_measure(*words, dies=dies)
        assert_whole(folder)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr  # nobody is kept out by what was killed before
        if done.returncode == 0:
            break
        killed += 1
    assert killed > 3
    assert command == "issue" or is_done(command, folder)
    assert list(folder.rglob(".cpxl-*")) == []


# A disk that is full


class Disk:
    """The disk that cpxl writes to. It is full from the call of this number on; `calls`: how many there were."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full_from, self.calls = 1, 0
        for where, name in ((Path, "mkdir"), (tempfile, "mkstemp"), (os, "fsync"), (Path, "replace")):
            monkeypatch.setattr(where, name, self.failing(getattr(where, name)))
        fdopen = os.fdopen
        monkeypatch.setattr(os, "fdopen", lambda *args: Written(fdopen(*args), self))

    def take(self) -> None:
        self.calls += 1
        if self.calls >= self.full_from:
            raise OSError(errno.ENOSPC, "No space left on device")

    def failing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def may_fail(*args: Any, **kwargs: Any) -> Any:
            self.take()
            return call(*args, **kwargs)

        return may_fail


class Written:
    """A file on such a disk. What it has room for is written."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def __enter__(self) -> "Written":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, data: bytes) -> None:
        self.file.write(data[: len(data) // 2])
        self.disk.take()
        self.file.write(data[len(data) // 2 :])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.mark.parametrize("command", [*COMMANDS, "issue", "templates", "check"] if LONG else ["consolidate"])
def test_a_full_disk_at_every_write(
    begun: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(begun, tmp_path / "folder"))
    words = words_for(command, folder)
    master = (folder / "master.xlsx").read_bytes()
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        while True:
            disk.calls = 0
            status, said = run(monkeypatch, capsys, *words)
            assert_whole(folder)
            assert list(folder.rglob(".cpxl-*")) == []
            if disk.calls < disk.full_from:
                break
            if status != 0:  # the last call of all flushes the folder, by when the file is safe
                assert status == 2
                assert said.count("\n") == 1
                assert "No space left on device" in said
                assert (folder / "master.xlsx").read_bytes() == master
            disk.full_from += 1
    assert status == 0, said
    assert disk.full_from > 5
    if command in COMMANDS:
        assert is_done(command, folder)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that is always full")
def test_a_log_that_cannot_be_written_stops_nothing(folder: Path) -> None:
    (folder / "cpxl.log").unlink()
    (folder / "cpxl.log").symlink_to("/dev/full")
    process = start("publish", folder)
    assert process.communicate()[1] == ""
    assert process.returncode == 0


@pytest.mark.skipif(not LONG or sys.platform != "linux", reason="the long form, and needs the right to mount")
def test_a_disk_that_is_really_full(begun: Path, tmp_path: Path) -> None:
    """A disk of any size, from too small for the backup to large enough."""
    small = tmp_path / "disk"
    small.mkdir()
    size = sum(4096 * (1 + f.stat().st_size // 4096) for f in begun.rglob("*") if f.is_file())
    statuses = []
    for spare in range(60, 400, 8):
        options = f"size={size // 1024 + spare}k"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(small)], capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        try:
            folder = Path(shutil.copytree(begun, small / "folder"))
            master = (folder / "master.xlsx").read_bytes()
            process = start("consolidate", folder)
            _, said = process.communicate()
            statuses.append(process.returncode)
            assert process.returncode in (0, 2), said
            assert said.count("\n") == (process.returncode == 2)
            assert ((folder / "master.xlsx").read_bytes() == master) is (process.returncode == 2)
            assert_whole(folder)
            assert list(folder.rglob(".cpxl-*")) == []
        finally:
            subprocess.run(["umount", str(small)], check=True)
    assert set(statuses) == {0, 2}


# Helpers


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """A command line, run in this process: its status, and what it says on stderr."""
    monkeypatch.setattr(sys, "argv", ["cpxl", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(str(ended.value.code)), capsys.readouterr().err


def snapshot(folder: Path) -> dict[Path, bytes]:
    ours = (lock.LOCK, lock.HOLDER, "cpxl.log")
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in ours}

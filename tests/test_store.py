"""Saving: a file is the old one or the whole new one, and what is replaced is kept."""

import errno
import os
import stat
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from cpxl import store
from cpxl.backups import back_up
from cpxl.backups import backups as of_backups
from cpxl.errors import Refused


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "master.xlsx"
    store.save(path, b"a long first version")
    store.save(path, b"short")
    assert contents(tmp_path) == {"new folder/master.xlsx": b"short"}


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "master.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)  # the one failure that no test can bring about on every system
    with pytest.raises(
        Refused, match=r"master\.xlsx could not be saved \(No space left on device\): .* run this again"
    ):
        store.save(path, b"new")
    assert contents(tmp_path) == {"master.xlsx": b"old"}


def test_a_folder_in_the_files_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    path.mkdir()
    (path / "note.txt").write_bytes(b"mine")
    with pytest.raises(Refused, match=r"master\.xlsx"):
        store.save(path, b"new")
    assert contents(tmp_path) == {"master.xlsx/note.txt": b"mine"}


def test_a_file_in_the_folders_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "published").write_bytes(b"mine")
    with pytest.raises(Refused, match="could not be saved"):
        store.save(tmp_path / "published" / "report.xlsx", b"new")
    with pytest.raises(Refused, match="could not be made"):
        store.make_folder(tmp_path / "published")
    assert contents(tmp_path) == {"published": b"mine"}


@pytest.mark.parametrize("owner", ["~$master.xlsx", ".~lock.master.xlsx#"], ids=["Excel", "LibreOffice"])
def test_a_file_that_is_open_elsewhere_is_left_alone(tmp_path: Path, owner: str) -> None:
    path = tmp_path / "master.xlsx"
    path.write_bytes(b"old")
    (tmp_path / owner).write_bytes(b"owner")
    with pytest.raises(Refused, match=r"master\.xlsx is open in Excel or LibreOffice: save and close it"):
        store.save(path, b"new")
    assert contents(tmp_path) == {"master.xlsx": b"old", owner: b"owner"}
    store.save(tmp_path / "other.xlsx", b"new")


def test_a_file_marked_read_only_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    path.write_bytes(b"old")
    path.chmod(stat.S_IREAD)
    with pytest.raises(Refused, match=r"master\.xlsx cannot be written: take away its read-only mark"):
        store.save(path, b"new")
    assert contents(tmp_path) == {"master.xlsx": b"old"}
    path.chmod(stat.S_IREAD | stat.S_IWRITE)
    store.save(path, b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """Whoever opens the file that it leads to would go on seeing what was there before."""
    (tmp_path / "shared.xlsx").write_bytes(b"old")
    (tmp_path / "master.xlsx").symlink_to(tmp_path / "shared.xlsx")
    with pytest.raises(Refused, match=r"master\.xlsx is a link"):
        store.save(tmp_path / "master.xlsx", b"new")
    assert (tmp_path / "shared.xlsx").read_bytes() == b"old"


def test_every_backup_is_kept(tmp_path: Path) -> None:
    path, backups = tmp_path / "master.xlsx", tmp_path / "backups"
    copies = []
    for version in (b"first", b"second"):
        store.save(path, version)
        copies.append(back_up(path, backups))
        time.sleep(0.05)  # a backup is named by the time; clocks tick every 16 ms on some systems
    assert sorted(contents(backups).values()) == [b"first", b"second"]
    assert [copy.read_bytes() for copy in copies if copy] == [b"first", b"second"]
    assert all(copy and copy.name.startswith("master ") and copy.suffix == ".xlsx" for copy in copies)


def test_what_is_not_there_needs_no_backup(tmp_path: Path) -> None:
    assert back_up(tmp_path / "master.xlsx", tmp_path / "backups") is None
    assert contents(tmp_path) == {}


def test_a_backup_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    path.write_bytes(b"old")
    (tmp_path / "backups").write_bytes(b"no folder")
    with pytest.raises(Refused, match=r"No backup of master\.xlsx could be made .* nothing was changed"):
        back_up(path, tmp_path / "backups")


def test_a_backup_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path, backups = tmp_path / "master.xlsx", tmp_path / "backups"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match=r"No backup of master\.xlsx .* \(No space left on device\), so nothing was"):
        back_up(path, backups)
    assert contents(tmp_path) == {"master.xlsx": b"old"}


def test_the_latest_backups_of_each_file_stay(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    others = [
        "master 2020-01-01.xlsx",
        "master 2020-99-01 10.00.00.000.xlsx",
        "old master 2020-01-01 10.00.00.000.xlsx",
        "master 2020-01-01 10.00.00.000.xlsx.bak",
        "master 2020-01-01 10.00.00.000.xltx",
        "copy of master 2020-01-01 10.00.00.000.xlsx",
    ]
    backups.mkdir()
    for name in others:
        (backups / name).write_bytes(b"not a backup of master.xlsx")
    (backups / "master 2020-01-02 10.00.00.000.xlsx").mkdir()
    earlier = [f"master 2020-01-01 10.00.{n:02}.000.xlsx" for n in range(35)]
    for name in earlier:
        (backups / name).write_bytes(b"old")
    path = tmp_path / "master.xlsx"
    path.write_bytes(b"now")
    copy = back_up(path, backups)
    assert copy
    kept = contents(backups)
    assert kept.keys() == {*others, *earlier[-29:], copy.name}
    assert [backup.path.name for backup in of_backups(backups)][:2] == [copy.name, earlier[-1]]

    back_up(path, backups, keep=2, days=36_500)
    assert kept.keys() < contents(backups).keys(), "all are younger than that"
    back_up(path, backups, keep=2, days=1)
    assert sum(data == b"old" for data in contents(backups).values()) == 0
    assert sum(data == b"now" for data in contents(backups).values()) == 3, "younger than a day"
    back_up(path, backups, keep=1)
    assert sum(data == b"now" for data in contents(backups).values()) == 1
    assert contents(backups).keys() >= set(others)


def test_no_backup_goes_before_the_new_one_is_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "master.xlsx", tmp_path / "backups"
    path.write_bytes(b"now")
    back_up(path, backups, keep=1)
    before = contents(backups)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Refused):
        back_up(path, backups, keep=1)
    assert contents(backups) == before


def test_two_backups_of_one_moment_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Stopped":
            return cls(2026, 1, 1)

    monkeypatch.setattr("cpxl.backups.datetime", Stopped)
    path, backups = tmp_path / "master.xlsx", tmp_path / "backups"
    for version in (b"first", b"second"):
        path.write_bytes(version)
        back_up(path, backups)
    assert sorted(contents(backups).values()) == [b"first", b"second"]


def test_a_file_that_is_being_read_is_replaced_a_moment_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file while anybody reads it."""
    replace, attempts = Path.replace, []

    def refuse_twice(temporary: Path, path: Path) -> Path:
        attempts.append(path)
        if len(attempts) < 3:
            raise PermissionError(errno.EACCES, "Access is denied")
        return replace(temporary, path)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    store.save(tmp_path / "master.xlsx", b"new")
    assert contents(tmp_path) == {"master.xlsx": b"new"}


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    mine = [".cpxl-notes.txt", ".cpxl.lock", "cpxl-abcdefgh.xlsx", ".cpxl-abcdefgh", "x.cpxl-abcdefgh.tmp"]
    theirs = [".cpxl-abcdefgh.tmp", ".cpxl-a_c8efgh.xlsx"]
    for name in (*mine, *theirs):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".cpxl-folder__.tmp").mkdir()
    store.remove_leftovers(tmp_path)
    store.remove_leftovers(tmp_path / "not there")
    assert contents(tmp_path).keys() == set(mine)
    assert (tmp_path / ".cpxl-folder__.tmp").is_dir()

"""Saving: a file is the old one or the whole new one, and what is replaced is kept."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from cpxl import store
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


def test_every_backup_is_kept(tmp_path: Path) -> None:
    path, backups = tmp_path / "master.xlsx", tmp_path / "backups"
    copies = []
    for version in (b"first", b"second"):
        store.save(path, version)
        copies.append(store.back_up(path, backups))
        time.sleep(0.05)  # a backup is named by the time; clocks tick every 16 ms on some systems
    assert sorted(contents(backups).values()) == [b"first", b"second"]
    assert [copy.read_bytes() for copy in copies if copy] == [b"first", b"second"]
    assert all(copy and copy.name.startswith("master ") and copy.suffix == ".xlsx" for copy in copies)


def test_what_is_not_there_needs_no_backup(tmp_path: Path) -> None:
    assert store.back_up(tmp_path / "master.xlsx", tmp_path / "backups") is None
    assert contents(tmp_path) == {}


def test_a_backup_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsx"
    path.write_bytes(b"old")
    (tmp_path / "backups").write_bytes(b"no folder")
    with pytest.raises(Refused, match=r"No backup of master\.xlsx could be made .* nothing was changed"):
        store.back_up(path, tmp_path / "backups")

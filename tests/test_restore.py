"""`cpxl restore`: what was replaced is listed, and comes back."""

import shutil
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cpxl import restore
from cpxl.errors import Refused
from cpxl.folder import RISK_IDS, WorkingFolder
from cpxl.quarters import Quarter
from tests.command import Demo
from tests.test_cli import refused, said
from tests.values import edit, table


@pytest.fixture
def folder(few: Path) -> Path:
    return few


@pytest.fixture
def working(folder: Path) -> WorkingFolder:
    """A folder with three backups: an older master, the partner workbook, a damaged master."""
    working = WorkingFolder.open(folder)
    for path in working.backups.iterdir():
        path.unlink()
    (published,) = working.published.glob("*.xlsx")
    working.back_up(published)
    master = working.master.read_bytes()
    (working.backups / "master 2020-01-02 03.04.05.000.xlsx").write_bytes(master)
    (working.backups / "master 2020-01-02 03.04.04.000.xlsx").write_bytes(master[:5_000])
    (working.backups / "notes.txt").write_bytes(b"no backup")
    return working


def test_backups_are_listed_the_latest_first(working: WorkingFolder) -> None:
    published, sound, damaged = said("restore", "--folder", working.path)["backups"]
    assert [b["number"] for b in (published, sound, damaged)] == [1, 2, 3]
    assert published["name"] == "Crime Prevention Strategy 2018-21, 2020-21 Q2, v1.0.xlsx"
    assert (sound["file"], sound["name"]) == ("master 2020-01-02 03.04.05.000.xlsx", "master.xlsx")
    assert (sound["made"], sound["size"]) == ("2020-01-02 03:04:05", working.master.stat().st_size)
    assert (sound["quarter"], sound["damaged"]) == ("2020/21 Q2", False)
    assert (damaged["quarter"], damaged["damaged"], published["damaged"]) == (None, True, False)


@pytest.mark.parametrize("which", ["2", "master 2020-01-02 03.04.05.000.xlsx", "path"])
def test_a_backup_comes_back(working: WorkingFolder, which: str) -> None:
    backup = working.backups / "master 2020-01-02 03.04.05.000.xlsx"
    was = backup.read_bytes()
    working.master.write_bytes(b"damaged, or what somebody typed")
    says = said("restore", str(backup) if which == "path" else which, "--folder", working.path)
    assert says["outputs"] == {"restored": str(working.master)}
    assert working.master.read_bytes() == was
    assert Path(says["kept"]).read_bytes() == b"damaged, or what somebody typed"
    said("consolidate", "--folder", working.path)


def test_the_oldest_backup_comes_back_though_it_is_one_too_many(working: WorkingFolder) -> None:
    config = working.path / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("keep: 30", "keep: 1"), "utf-8")
    (working.backups / "master 2020-01-02 03.04.04.000.xlsx").unlink()
    was = (working.backups / "master 2020-01-02 03.04.05.000.xlsx").read_bytes()
    working.master.write_bytes(b"now")
    restore.restore(WorkingFolder.open(working.path), "2")
    assert working.master.read_bytes() == was
    assert [p.read_bytes() for p in working.backups.glob("master *")] == [b"now"]


def test_other_files_come_back_where_they_were(working: WorkingFolder) -> None:
    (published,) = working.published.glob("*.xlsx")
    (backup,) = working.backups.glob("Crime*")
    was = backup.read_bytes()
    published.write_bytes(b"spoilt")
    assert restore.restore(working, "1").path == published
    assert published.read_bytes() == was


def test_a_file_of_which_the_place_cannot_be_told_is_refused(working: WorkingFolder) -> None:
    for quarter in ("2020/21 Q1", "2020/21 Q2"):
        place = working.checked(Quarter.parse(quarter))
        place.mkdir(parents=True, exist_ok=True)
        (place / "Check report.xlsx").write_bytes(b"x")
    (working.backups / "Check report 2020-01-01 00.00.00.000.xlsx").write_bytes(working.master.read_bytes())
    with pytest.raises(Refused, match=r"as 2 files are called so: copy .* there yourself"):
        restore.restore(working, "Check report 2020-01-01 00.00.00.000.xlsx")


@pytest.mark.parametrize(
    "which",
    ["0", "4", "99999999999999999999", "-1", "²", "", "notes.txt", "../master.xlsx", "/etc/passwd", "..", "backups"],
)
def test_what_is_no_backup_is_refused(working: WorkingFolder, which: str) -> None:
    before = working.master.read_bytes()
    with pytest.raises(Refused, match=r"is not one of the backups in .*: 'cpxl restore' lists them"):
        restore.restore(working, which)
    elsewhere = working.path / "master 2020-01-02 03.04.05.000.xlsx"
    elsewhere.write_bytes(b"not in the backups")
    with pytest.raises(Refused, match="is not one of the backups"):
        restore.restore(working, str(elsewhere))
    assert working.master.read_bytes() == before


def test_a_damaged_backup_is_refused(working: WorkingFolder) -> None:
    before = working.master.read_bytes()
    assert "is damaged, so nothing was changed: choose another" in refused("restore", "3", "--folder", working.path)
    assert working.master.read_bytes() == before


def test_a_master_that_is_open_is_left_alone(working: WorkingFolder) -> None:
    working.master.with_name("~$master.xlsx").write_bytes(b"owner")
    backups = sorted(working.backups.iterdir())
    assert "is open in Excel" in refused("restore", "2", "--folder", working.path)
    assert sorted(working.backups.iterdir()) == backups


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_among_the_backups_is_none(working: WorkingFolder, tmp_path: Path) -> None:
    link = working.backups / "master 2021-01-01 00.00.00.000.xlsx"
    link.symlink_to(working.master)
    with pytest.raises(Refused, match="is not one of the backups"):
        restore.restore(working, link.name)


# Ids of risks


def risks(folder: Path) -> dict[str, str]:
    """The words of each risk of the quarter, by its id."""
    headings, *rows = table(folder / "master.xlsx", "Risks", "quarter")
    at = [headings.index(name) for name in ("id", "description")]
    return {row[at[0]]: row[at[1]] for row in rows if row[0] == "2020/21 Q2"}


@pytest.mark.parametrize("how", ["restored", "restored again", "deleted"])
def test_an_id_is_not_handed_on_after_an_older_master_came_back(demo: Demo, tmp_path: Path, how: str) -> None:
    folder = Path(shutil.copytree(demo.folder, tmp_path / "folder"))  # with risks of other strands
    before = risks(folder)
    id_of_soc = next(id for id in before if id.startswith("SOC-"))
    if how == "deleted":
        (folder / "master.xlsx").unlink()
        shutil.move(folder / "backups", tmp_path)
    else:
        if how == "restored again":  # over one that is older still
            said("restore", "1", "--folder", folder)
        of_master = [b for b in said("restore", "--folder", folder)["backups"] if b["name"] == "master.xlsx"]
        said("restore", of_master[-1]["file"], "--folder", folder)
    path = next((folder / "returns" / "2020-21-Q2").glob("*SOC*"))
    edit(path, load_workbook(path).sheetnames[1], before[id_of_soc], 0, "An other")
    said("consolidate", "--folder", folder)
    after = risks(folder)
    (new,) = (id for id, words in after.items() if words == "An other")
    assert new.startswith("SOC-")
    assert new not in before
    assert {id: words for id, words in after.items() if words != "An other"} == {
        id: words for id, words in before.items() if id != id_of_soc
    }


@pytest.mark.parametrize("command", ["consolidate", "issue", "status", "publish"])
def test_a_master_that_is_gone_is_not_begun_anew(folder: Path, command: str) -> None:
    """It may be not synced: what it had of earlier quarters, and what was written in it, would go without a word."""
    (folder / "master.xlsx").unlink()
    assert "To begin anew, move the copies away." in refused(command, "--folder", folder)
    assert not (folder / "master.xlsx").exists()


def test_what_is_taken_back_and_merged_again_keeps_its_ids(folder: Path) -> None:
    before = risks(folder)
    said("restore", "1", "--folder", folder)
    said("consolidate", "--folder", folder)
    assert risks(folder) == before


def test_ids_that_an_earlier_version_gave(folder: Path) -> None:
    """Nothing says so beside its master, which is looked at before it is put away."""
    before = risks(folder)
    (folder / RISK_IDS).unlink()
    said("restore", "1", "--folder", folder)
    noted = (folder / RISK_IDS).read_text("utf-8")
    (folder / RISK_IDS).write_text(f"nonsense\n{noted}GANGS-{'9' * 5000} -\n", "utf-8")
    said("consolidate", "--folder", folder)
    assert risks(folder) == before

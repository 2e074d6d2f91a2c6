"""Installing the add-in, in homes as Windows and macOS lay them out."""

import json
import sys
from pathlib import Path

import pytest
import xlwings

from cpxl import __version__
from cpxl.addin.build import build
from cpxl.addin.install import MAC, WINDOWS, Machine, in_words, install, status, uninstall
from cpxl.errors import Refused
from cpxl.resources import resource
from tests.command import run_cpxl

OFFICE_FOLDERS = {
    WINDOWS: "AppData/Roaming/Microsoft/Excel",
    MAC: "Library/Group Containers/UBF8T346G9.Office",
}
STARTUP_FOLDERS = {
    WINDOWS: "AppData/Roaming/Microsoft/Excel/XLSTART",
    MAC: "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel",
}


@pytest.fixture(params=[WINDOWS, MAC])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """A home in which Excel has run."""
    (tmp_path / OFFICE_FOLDERS[request.param]).mkdir(parents=True)
    return Machine(request.param, tmp_path, appdata=None)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter that is there."""
    path = tmp_path / "python"
    path.touch()
    return path


def test_it_goes_where_excel_looks_and_comes_away_again(machine: Machine, python: Path) -> None:
    path = install(machine, str(python))
    assert path == machine.home / STARTUP_FOLDERS[machine.system] / "cpxl.xlam"
    assert path.read_bytes() == build(**{f"interpreter_{'mac' if machine.system == MAC else 'win'}": str(python)})
    assert uninstall(machine) == path
    assert not path.exists()
    assert uninstall(machine) is None


def test_what_is_installed_is_told(machine: Machine, python: Path) -> None:
    install(machine, str(python))
    found = status(machine)
    assert (found.version, found.interpreter) == (__version__, str(python))
    assert found.installed
    assert found.matches
    assert found.interpreter_found
    assert found.applescript_found is (True if machine.system == MAC else None)
    assert not any("cpxl addin install" in line for line in in_words(found, machine))


def test_before_it_is_installed_status_says_how(machine: Machine) -> None:
    assert not status(machine).installed
    assert "cpxl addin install" in in_words(status(machine), machine)[0]


def test_a_python_that_went_away_is_told(machine: Machine, python: Path) -> None:
    install(machine, str(python))
    python.unlink()
    found = status(machine)
    assert found.matches
    assert not found.interpreter_found
    assert any(str(python) in line and "cpxl addin install" in line for line in in_words(found, machine))


def test_an_addin_of_another_making_does_not_match(machine: Machine, python: Path) -> None:
    path = install(machine, str(python))
    path.write_bytes(Path(xlwings.__file__).with_name("quickstart_addin_ribbon.xlam").read_bytes())
    found = status(machine)
    assert not found.matches
    assert found.version is None
    path.write_bytes(b"half a file")
    assert not status(machine).matches


def test_an_addin_that_is_open_is_left_alone(machine: Machine, python: Path) -> None:
    path = install(machine, str(python))
    path.with_name("~$cpxl.xlam").touch()
    before = path.read_bytes()
    with pytest.raises(Refused, match="is open in Excel"):
        install(machine, str(python))
    with pytest.raises(Refused, match="is open in Excel"):
        uninstall(machine)
    assert path.read_bytes() == before


def test_an_addin_that_excel_keeps_from_being_written_is_left_alone(machine: Machine, python: Path) -> None:
    """Excel for Windows leaves no owner file beside an add-in: all that shows is that it cannot be written."""
    path = install(machine, str(python))
    path.chmod(0o444)
    with pytest.raises(Refused, match="quit it first"):
        install(machine, str(python))
    with pytest.raises(Refused, match="quit it first"):
        uninstall(machine)
    assert status(machine).matches


def test_on_a_mac_excel_gets_the_script_that_it_starts_python_with(tmp_path: Path) -> None:
    (tmp_path / OFFICE_FOLDERS[MAC]).mkdir(parents=True)
    machine = Machine(MAC, tmp_path, None)
    install(machine, "/Users/post/my tools/python")
    script = tmp_path / "Library/Application Scripts/com.microsoft.Excel/cpxl.applescript"
    assert script.read_bytes() == (resource("macros") / "cpxl.applescript").read_bytes()
    script.unlink()
    assert any(str(script) in line for line in in_words(status(machine), machine))


def test_windows_says_itself_where_application_data_are(tmp_path: Path) -> None:
    roaming = tmp_path / "server" / "profile"
    (roaming / "Microsoft" / "Excel").mkdir(parents=True)
    assert Machine(WINDOWS, tmp_path, str(roaming)).addin == roaming / "Microsoft" / "Excel" / "XLSTART" / "cpxl.xlam"


@pytest.mark.parametrize("system", [WINDOWS, MAC, "Linux"])
def test_without_excel_nothing_is_written(system: str, tmp_path: Path) -> None:
    machine = Machine(system, tmp_path, None)
    with pytest.raises(Refused, match="no Excel here"):
        install(machine)
    with pytest.raises(Refused, match="no Excel here"):
        uninstall(machine)
    assert "no Excel here" in in_words(status(machine), machine)[0]
    assert not list(tmp_path.iterdir())


def test_the_command_builds_the_addin(tmp_path: Path) -> None:
    done = run_cpxl("addin", "build", "-o", "made.xlam", "--folder", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    made = Path(json.loads(done.stdout)["outputs"]["addin"])
    assert made == tmp_path / "made.xlam"
    assert made.read_bytes() == build()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="a home for Linux")
@pytest.mark.parametrize(("word", "exit_code"), [("install", 2), ("uninstall", 2), ("status", 0)])
def test_the_commands_say_that_there_is_no_excel(word: str, exit_code: int) -> None:
    done = run_cpxl("addin", word)
    assert done.returncode == exit_code
    assert "There is no Excel here" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr

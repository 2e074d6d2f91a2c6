"""Whatever stands in a cell, a name or a config does nothing to a terminal, and nothing to a log."""

import json
import logging
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpxl import cli
from cpxl.folder import WorkingFolder
from cpxl.log import logger
from cpxl.resources import resource
from cpxl.words import shown

Q2 = "2020-21-Q2"
HOSTILE = "\x1b]0;mine\x07\x1b[31m\x9b2J\u202e\u200b\u2066\u2028[red]x[/][link=file:///etc/x]y[/link][/nothing]"
"""A title and a colour for the terminal, a cleared screen, letters turned round, blanks of no width; Rich's markup."""
PLAIN = "[red]x["
"""What of it is shown as it is."""
NAME = HOSTILE.replace("/", "_")
IN_YAML = json.dumps(f"Hostile {HOSTILE}")


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> str:
    """What a command prints, on both streams, where lines are long."""
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setattr(sys, "argv", ["cpxl", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    printed = capsys.readouterr()
    assert stopped.value.code in (0, 1, 2)
    assert "of its own" not in printed.err
    return printed.out + printed.err


def is_harmless(text: str) -> bool:
    """Whether there is nothing in it that a terminal acts on, but ends of lines."""
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in text.replace("\n", ""))


@pytest.fixture
def hostile(few: Path) -> Path:
    """A folder with names, a sheet and cells that mean no good."""
    folder = few.rename(few.with_name(f"folder {NAME}"))
    source = folder / "returns" / Q2 / f"{Q2} GANGS.xlsx"
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name).decode("utf-8", "surrogateescape") for name in package.namelist()}
    # XML holds no ESC; a sheet's name and texts hold the rest
    text = "".join(f"&#{ord(c)};" if c not in "\x1b\x07" else "" for c in HOSTILE)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("Gangs and Knife Crime", text)
    strings = parts["xl/sharedStrings.xml"].replace(">Complete<", f">{text}<")
    assert strings != parts["xl/sharedStrings.xml"]
    with zipfile.ZipFile(source.with_name(f"{NAME}.xlsx"), "w") as package:
        for name, part in (parts | {"xl/sharedStrings.xml": strings}).items():
            package.writestr(name, part.encode("utf-8", "surrogateescape"))
    source.unlink()
    (source.parent / f"{NAME}.txt").write_text("", encoding="utf-8")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize(
    "words", [["check"], ["consolidate"], ["publish"], ["issue", "-q", NAME], ["templates"], ["check", NAME]]
)
def test_a_hostile_folder(
    words: list[str], hostile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run(capsys, monkeypatch, *words, "--folder", hostile)
    assert is_harmless(printed)
    assert PLAIN in printed.replace("\n", "")
    assert run(capsys, monkeypatch, *words, "--json", "--folder", hostile).isascii() or words[-1] == NAME
    log = hostile / "cpxl.log"
    assert not log.exists() or is_harmless(log.read_text(encoding="utf-8"))


HISTORY = "quarter,strand,plan,status,value,note\n2019-20-Q4,{0},{0},{0},{0},{0}\n"
CSV = "Month,Offence,Number\n2020-07,{0},1\n{0},{0},{0}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_hostile_files_that_are_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    run(capsys, monkeypatch, "init", folder)
    mapping = f"""
extracts:
  - name: {IN_YAML}
    month: Month
    number: Number
    measures:
      - {{strand: HATE, measure: Hate Crime Offences, where: {{Offence: hate}}}}
"""
    history, extract, packed = (tmp_path / f"{NAME}.{kind}" for kind in ("csv", "CSV", "zip"))
    history.write_text(HISTORY.format(HOSTILE), encoding="utf-8")
    extract.write_text(CSV.format(HOSTILE), encoding="utf-8")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{NAME}.csv", CSV.format(HOSTILE))
        archive.writestr(f"{NAME} no mapping.csv", f"{HOSTILE}\n1\n")
    printed = [run(capsys, monkeypatch, "history", "import", history, "--folder", folder)]
    config = folder / "config.yaml"
    config.write_text(re.sub(r"\nextracts:.*", "", config.read_text(encoding="utf-8"), flags=re.S) + mapping, "utf-8")
    printed += [run(capsys, monkeypatch, "insights", "import", file, "--folder", folder) for file in (extract, packed)]
    for text in printed:
        assert is_harmless(text)
        assert PLAIN in text.replace("\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["--" + HOSTILE],
        [HOSTILE],
        ["check", "-q", HOSTILE],
        ["consolidate", "--prefer", HOSTILE],
        ["history", "import", HOSTILE],
        ["insights", "import", HOSTILE],
        ["publish", "--folder", HOSTILE],
        ["init", f"config.yaml/{HOSTILE}"],
        ["demo", f"config.yaml/{HOSTILE}"],
        ["addin", "build", "-o", f"config.yaml/{HOSTILE}"],
    ],
)
def test_hostile_words(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_bytes(resource("config.yaml").read_bytes())
    printed = run(capsys, monkeypatch, *words)
    assert is_harmless(printed)
    assert printed.count("\n") == 1
    assert "red]" in printed


@pytest.mark.parametrize("text", [f"strategy: {IN_YAML}\nstrategy: x\n", f"{IN_YAML}: x\n", f"marking: [{IN_YAML}]"])
def test_a_hostile_config(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    printed = run(capsys, monkeypatch, "check", "--folder", tmp_path)
    assert is_harmless(printed)
    assert printed.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_on_a_terminal(hostile: Path) -> None:
    """With Rich's own colours and the progress bar, which are escape sequences too."""
    import pty

    terminal, theirs = pty.openpty()
    ran = subprocess.Popen(
        [sys.executable, "-m", "cpxl", "check", "--folder", str(hostile)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "120"},
    )
    os.close(theirs)
    printed = b""
    try:
        while piece := os.read(terminal, 2**16):
            printed += piece
    except OSError:  # how a terminal on Linux ends
        pass
    os.close(terminal)
    assert ran.wait() == 1
    text = printed.decode()
    assert "\x1b" in text
    assert "red]x[_][link=" in text
    assert not any(part in text for part in ("\x1b]", "\x1b[31m", "\x07", "\x9b", "\u202e", "\u200b", "\u2066"))


def test_a_fault_of_ours_is_logged_line_by_line(tmp_path: Path) -> None:
    log = logger(tmp_path / "cpxl.log")
    try:
        raise ValueError(f"{HOSTILE}\n2020-07-01 INFO nothing is wrong \udcff")
    except ValueError:
        log.exception("a fault in %s\n2020-07-01 INFO all is well", HOSTILE)
    for handler in list(log.handlers):
        handler.close()
    logging.getLogger(log.name).handlers.clear()
    lines = (tmp_path / "cpxl.log").read_text(encoding="utf-8").split("\n")
    assert is_harmless("".join(lines))
    assert r"\n2020-07-01 INFO all is well" in lines[0]
    assert not any(line.startswith("2020-07-01 INFO all") for line in lines)


@settings(max_examples=100)
@given(st.text(st.characters()))
def test_shown_text_is_harmless_and_says_what_was_there(text: str) -> None:
    assert is_harmless(shown(text))
    assert "\n" not in shown(text)
    if is_harmless(text) and not set(text) & set("\n\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"):
        assert shown(text) == text


def test_a_figure_that_is_not_known_is_called_so(
    begun: WorkingFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the sheets: N/A is for what there is nothing to count of."""
    begun.master.unlink()
    (begun.path / "returns" / Q2 / f"{Q2} HATE.xlsx").unlink()
    printed = run(capsys, monkeypatch, "consolidate", "--folder", begun.path)
    assert re.search(r"Hate Crime.*Not known.*Not known", printed)

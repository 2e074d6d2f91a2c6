"""The pages: every command in them is run, or is one that there is, with options that it has."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from cpxl.cli import app
from tests.command import run_cpxl
from tests.conftest import need
from tests.form import Form

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"(?<!`)`(cpxl [^`]+)`")


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page in a language, with their titles."""
    found = FENCED.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    return [(title, text) for written, title, text in found if written == language]


def fill_in(folder: Path, quarter: str, *, leave_out: str = "") -> None:
    """What leads send back: each grid has 10, of which 3 are done and 7 under way; the rest is 0."""
    for path in sorted((folder / "issued" / quarter).glob("*.xlsx")):
        form = Form(path)
        written = quarter.replace("-", "/", 1).replace("-Q", " Q")
        titles = [str(row[0].value) for row in form.page.iter_rows(max_col=1) if row[0].value]
        for title in (t for t in dict.fromkeys(titles) if t.startswith("Progress: ")):
            for status, value in {"All actions": 10, "Done": 3, "Under way": 7, "Stuck": 0, "Not begun": 0}.items():
                form.type(title, status, written, value)
        if leave_out not in path.name or not leave_out:
            form.book.save(folder / "returns" / quarter / path.name)


def test_the_story_of_the_pages(tmp_path: Path) -> None:
    """A council's first quarter and the next, by the commands of the two pages in their order."""
    for title, text in blocks("index.md", "csv"):
        (tmp_path / title).write_text(text, encoding="utf-8")
    folder = tmp_path / "anytown"
    done = []
    commands = [
        line for page in ("index.md", "quarter.md") for _, text in blocks(page, "sh") for line in text.splitlines()
    ]
    for line in commands:
        words = shlex.split(line)[1:]
        if words[0] == "demo":
            continue  # tests/test_demo.py
        if words[0] == "init":
            words = ["init", str(folder), *(str(tmp_path / w) if w.endswith(".csv") else w for w in words[2:])]
        else:
            words = [*(str(tmp_path / w) if w.endswith(".csv") else w for w in words), "--folder", str(folder)]
        if words[:2] == ["mail", "correct"]:
            path = folder / "returns" / "2025-26-Q2" / "2025-26-Q2 HATE.xlsx"
            assert path.exists()
        said = run_cpxl(*words)
        done.append(words[0])
        assert said.returncode in ((0, 1) if words[0] in ("check", "consolidate") else (0,)), (line, said.stderr)
        if words[0] == "init":
            config = folder / "config.yaml"
            text = re.sub(
                r"'\[to write: the (name of the )?(\w+)\]'", r"Anytown \2", config.read_text(encoding="utf-8")
            )
            config.write_text(text.replace("# mailbox:", "mailbox:"), encoding="utf-8")
        if words[:2] == ["mail", "remind"]:
            fill_in(folder, "2025-26-Q2")
    assert [path.suffix for path in sorted((folder / "published").iterdir())] == [".docx", ".xlsx"]
    assert len(list((folder / "issued" / "2025-26-Q3").glob("*.xlsx"))) == 6
    assert done.count("mail") == 4


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    written = INLINE.findall(FENCED.sub("", text).replace("\n", " "))
    written += [line.strip() for _, _, block in FENCED.findall(text) for line in block.splitlines()]
    for words in (shlex.split(line.partition("#")[0]) for line in written if line.strip().startswith("cpxl ")):
        command = typer.main.get_command(app)
        rest = words[1:]
        while rest and rest[0] in (getattr(command, "commands", None) or {}):
            command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]
        assert (command.name != "cpxl" and command is not None) or not rest or rest[0].startswith("-"), words
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h", "--version"}
        assert {word for word in rest if word.startswith("-")} <= known, words


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    need(shutil.which("mkdocs", path=str(Path(sys.executable).parent)), "mkdocs (pip install '.[docs]')")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(r'(?:src|href)="(https?://[^"]+\.(?:css|js|woff2?))"')
    for page in (tmp_path / "site").glob("*.html"):
        assert not fetched.findall(page.read_text(encoding="utf-8")), page.name
    listed = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert {name for entry in listed for name in entry.values()} == {path.name for path in PAGES[1:]}

"""The pages: every command in them is run, or held against the command line; so is every one that a message names."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest
import typer
import typer.main
import yaml

import cpxl
from cpxl.cli import app
from cpxl.config import parse
from tests.command import Demo, run_cpxl, run_here
from tests.conftest import need
from tests.form import Form
from tests.small import CONFIG

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
FENCED = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^```", re.DOTALL | re.MULTILINE)
PROGRAM = re.compile(r"(?:^|&& |bin/|Scripts\\|python -m )cpxl(?:\.exe)?\"?(?= |$) ?([^|&\n]*)", re.MULTILINE)
"""cpxl as a line of a terminal calls it, also by its path, and what stands behind it."""
QUOTED = re.compile(r"'cpxl ([^'\n]+)'")
COMMAND = typer.main.get_command(app)


def fences(page: Path, language: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page in a language, with their titles."""
    return [(title, text) for written, title, text in FENCED.findall(page.read_text("utf-8")) if written == language]


def commands(*pages: str) -> Iterator[list[str]]:
    """The words of every fenced command of some pages, in their order."""
    for page in pages:
        for _, text in fences(ROOT / "docs" / page, "sh"):
            for line in text.splitlines():
                first, *words = shlex.split(line)
                assert first == "cpxl", line
                yield words


def fill_in(folder: Path, quarter: str, *, wrong: str) -> None:
    """What leads send back: each grid has 10, of which 3 are done and 7 under way; of one strand, 8."""
    for path in sorted((folder / "issued" / quarter).glob("*.xlsx")):
        form = Form(path)
        written = quarter.replace("-", "/", 1).replace("-Q", " Q")
        titles = [str(row[0].value) for row in form.page.iter_rows(max_col=1) if row[0].value]
        under_way = 8 if wrong in path.name else 7
        for title in (t for t in dict.fromkeys(titles) if t.startswith("Progress: ")):
            for status, value in {
                "All actions": 10,
                "Done": 3,
                "Under way": under_way,
                "Stuck": 0,
                "Not begun": 0,
            }.items():
                form.type(title, status, written, value)
        form.book.save(folder / "returns" / quarter / path.name)


def test_a_councils_first_quarter_and_the_next(tmp_path: Path) -> None:
    """By the commands of three pages, in their order."""
    for title, text in fences(ROOT / "docs" / "index.md", "csv"):
        (tmp_path / title).write_text(text, encoding="utf-8")
    folder = tmp_path / "anytown"
    for words in commands("index.md", "quarter.md", "looks.md"):
        if words == ["demo"]:
            continue  # `test_the_demo`
        line = [str(tmp_path / word) if word.endswith(".csv") else word for word in words]
        if words[0] == "init":
            line[1] = str(folder)
        else:
            line += ["--folder", str(folder)]
        said = run_here(*line)
        assert said.exits in ((0, 1) if words[0] in ("check", "consolidate") else (0,)), (words, said.error)
        if words[0] == "init":
            config = folder / "config.yaml"
            text = re.sub(r"'\[to write: the (name of the )?(\w+)\]'", r"Anytown \2", config.read_text("utf-8"))
            config.write_text(text.replace("# mailbox:", "mailbox:"), encoding="utf-8")
        if words[:2] == ["mail", "remind"]:
            fill_in(folder, "2025-26-Q2", wrong="HATE")
    assert sorted(path.suffix for path in (folder / "published").iterdir()) == [".docx", ".xlsx"]
    drafts = [path.stem.split()[2] for path in (folder / "mail" / "2025-26-Q2").glob("*.eml")]
    came = 5  # of six strands one has no plan, and so nothing was filled in
    assert {kind: drafts.count(kind) for kind in drafts} == {
        "issue": 6,
        "remind": 6,
        "correct": came,
        "thank": came - 1,
    }
    assert len(list((folder / "issued" / "2025-26-Q3").glob("*.xlsx"))) == 6


def test_a_strand_as_the_page_writes_it() -> None:
    [(_, written)] = fences(ROOT / "docs" / "index.md", "yaml")
    [strand] = parse(CONFIG.partition("strands:")[0] + written).strands
    assert (strand.code, strand.plans[0].total, len(strand.measures.every)) == ("YOUNG", "All actions", 3)


def test_the_demo(demo: Demo) -> None:
    """Which README and the first page begin with, and which ran before these tests."""
    assert ["demo"] in list(commands("index.md"))
    assert "python -m pip install . && cpxl demo\n" in [text for _, text in fences(ROOT / "README.md", "")]
    assert demo.partner.exists()


def test_imports(folder: Path) -> None:
    """The commands of the page on insights, with the mapping that it prints."""
    page = ROOT / "docs" / "insights.md"
    [mapping] = [text for _, text in fences(page, "yaml") if text.startswith("extracts:")]
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8").partition("\nextracts:")[0] + f"\n{mapping}", encoding="utf-8")
    days = pandas.date_range("2020-08-01", "2020-09-30").strftime("%Y-%m-%d")
    rows = pandas.DataFrame({"Date recorded": days, "Weapon": "Knife", "Victim age": 12, "Offences": 1})
    rows = rows.assign(**{"District": "Essex", "Crime number": [f"C{n}" for n in range(len(rows))]})
    august, september = (rows[rows["Date recorded"].str.startswith(month)] for month in ("2020-08", "2020-09"))
    september.to_csv(folder / "crimes in September.csv", index=False)
    rows.to_csv(folder / "crimes to September.csv", index=False)
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.writestr("august.csv", august.to_csv(index=False))
    september.astype({"Victim age": float}).to_parquet(folder / "tables.parquet")
    ran = 0
    for words in commands(page.name):
        said = run_cpxl(*(str(folder / word) if "." in word else word for word in words), "--folder", folder)
        assert said.returncode == 0, (words, said.stdout, said.stderr)
        ran += 1
    assert ran == 3
    assert re.search(r'"counted": 31\b', said.stdout)
    assert re.search(r'"counted": 30\b', said.stdout)


def spans(text: str) -> list[str]:
    """What stands in inline code, paragraph by paragraph."""
    return [
        " ".join(s.split())
        for part in re.split(r"\n\s*\n", FENCED.sub("", text))
        for s in re.findall(r"`([^`]+)`", part)
    ]


def hold(line: str) -> None:
    """Hold what stands behind `cpxl` against the command line. That a file is not named yet is no matter."""
    words = shlex.split(re.sub(r"\s#.*", "", line))
    command: Any = COMMAND
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not (words and hasattr(command, "commands") and not words[0].startswith("-")), (
        f"cpxl {line}: no such command"
    )
    try:
        command.make_context(command.name, words)
    except typer.exceptions.TyperException as error:
        assert type(error).__name__ == "MissingParameter" or not words, f"cpxl {line}: {error}"
    except typer.Exit:
        pass  # --help


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = spans(text)
    for line in [found[1] for span in code if (found := PROGRAM.match(span))] + QUOTED.findall(FENCED.sub("", text)):
        hold(line)
    for _, _, block in FENCED.findall(text):
        for line in PROGRAM.findall(block):
            hold(line)
    for span in code:
        if span.startswith("--"):
            assert span.split()[0] in OPTIONS, span


def test_every_command_that_a_message_names_is_one() -> None:
    found = 0
    for path in Path(cpxl.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for line in QUOTED.findall(_text(node)):
                if not line.startswith("X"):  # a command that is filled in
                    hold(line.replace("…", "X"))
                    found += 1
    assert found > 50


def _text(node: ast.AST) -> str:
    """A text in the code; what is filled in is an X."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def every(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from every(one)


OPTIONS = {option for command in every(COMMAND) for parameter in command.params for option in parameter.opts}
OPTIONS |= {"--help"}


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    need(shutil.which("mkdocs", path=str(Path(sys.executable).parent)), "mkdocs (pip install '.[docs]')")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(r'(?:src|href)="(https?://[^"]+\.(?:css|js|woff2?))"')
    for page in (tmp_path / "site").glob("*.html"):
        assert not fetched.findall(page.read_text(encoding="utf-8")), page.name
    listed = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert {name for entry in listed for name in entry.values()} == {path.name for path in (ROOT / "docs").glob("*.md")}

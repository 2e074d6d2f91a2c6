"""PDFs at the command line: by LibreOffice if it is there, tagged; else a sentence, nothing written."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cpxl.report import pdf
from tests import office
from tests.command import run_here
from tests.conftest import need

MOST_PAGES = 23
"""Of the published report."""


@pytest.fixture
def libreoffice() -> None:
    need(office.find_writer(), "LibreOffice with Writer (soffice)")
    need(office.find_pdftoppm(), "pdftoppm")


def told(path: Path) -> dict[str, str]:
    said = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True, timeout=60).stdout
    return {key: value.strip() for key, _, value in (line.partition(":") for line in said.splitlines())}


def text_of(path: Path, *options: str) -> str:
    return subprocess.run(
        ["pdftotext", *options, path, "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout


@pytest.mark.usefixtures("libreoffice")
@pytest.mark.parametrize("command", ["report", "publish"])
def test_a_pdf_is_tagged_and_stays(folder: Path, command: str) -> None:
    (stem,) = [path.stem for path in (folder / "published").glob("*.docx")]
    made = folder / "published" / f"{stem}{', report' if command == 'report' else ''}.pdf"
    for path in (folder / "published").glob("*, v1.0*"):
        path.unlink()  # which is made again, to the byte
    done = run_here(command, "--pdf", "--folder", folder)
    assert (done.exits, str(made) in done.out) == (0, True), done.error
    facts = told(made)
    assert (facts["Title"], facts["Tagged"]) == ("Crime Prevention Strategy 2018-21: progress to 2020/21 Q2", "yes")
    assert not facts.get("Author")
    data = made.read_bytes()
    assert b"/Lang(en-GB)" in data
    assert b"/Outlines" in data
    assert not list((folder / "published").glob(".cpxl-*"))
    if command == "report":
        assert int(facts["Pages"]) <= MOST_PAGES
        contents = text_of(made, "-l", "1", "-layout")
        pages = dict(re.findall(r"(\d\.\d|Appendix)[^.\n]*(?:\. ?)+ *(\d+)$", contents, re.M))
        for number, title in (("2.0", "Recommendations"), ("5.6", "Hate Crime"), ("6.3", "Risks/Mitigation")):
            assert f"{number} {title}" in text_of(made, "-f", pages[number], "-l", pages[number])
    made.write_bytes(b"what went out")
    assert run_here(command, "--pdf", "--folder", folder).exits == 0
    assert made.read_bytes() == b"what went out"


@pytest.mark.skipif(os.name == "nt", reason="a program that is a script")
@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "not installed"),
        ("echo it has no more memory >&2", "it has no more memory"),
        ("sleep 300 & sleep 300", "nothing in 1 seconds"),
        ('for last; do :; done; printf "%%PDF-1.7 half" > "${last%%.xlsx}.pdf"', "made no PDF"),
    ],
)
def test_without_a_pdf_nothing_is_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, says: str
) -> None:
    if script:
        program = tmp_path / "bin" / "soffice"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script.replace('%%', '%')}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}" + (f":{os.environ['PATH']}" if script else ""))
    monkeypatch.setattr(pdf, "SECONDS", 1)
    before = {path: path.read_bytes() for path in (folder / "published").iterdir()}
    done = run_here("publish", "--pdf", "--folder", folder)
    assert (done.exits, done.error.count("\n"), done.out) == (2, 1, "")
    assert says in done.error
    assert {path: path.read_bytes() for path in (folder / "published").iterdir()} == before

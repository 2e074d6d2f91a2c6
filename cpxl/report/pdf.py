"""A workbook or document as a tagged PDF (PDF/UA) with bookmarks, by LibreOffice where that is installed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from cpxl.errors import Refused
from cpxl.report.finish import with_numbers_of_pages

SECONDS = 300
"""How long LibreOffice may take. It takes some ten; when it is started for the first time, or on a network, more."""
FILTERS = {".xlsx": "calc_pdf_Export", ".docx": "writer_pdf_Export"}
OPTIONS = {
    name: {"type": "boolean", "value": "true"} for name in ("PDFUACompliance", "UseTaggedPDF", "ExportBookmarks")
}
PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)
"""Where LibreOffice is on a Mac and on Windows, whose command prompt does not find it."""
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>en-GB</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="DefaultLocale" oor:op="fuse">
<value>en-GB</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""
"""Settings of its own, so that those of whoever sits here are neither used nor changed."""


def libreoffice() -> Path:
    """The program. Raises Refused, with what to do instead, if it is not installed."""
    found = next(filter(None, map(shutil.which, ("soffice", "libreoffice", *PLACES))), None)
    if found is None:
        raise Refused(
            "A PDF is made by LibreOffice here, which is not installed: install it, or leave --pdf out and save as PDF "
            "in Excel or Word (in Excel the cpxl ribbon has buttons for it)."
        )
    return Path(found)


def pdf_of(data: bytes, kind: str) -> bytes:
    """A file's content as a PDF. kind: `.xlsx` or `.docx`.

    Raises Refused if LibreOffice is not here, or makes no PDF of it in time.
    """
    program = libreoffice()
    with tempfile.TemporaryDirectory(prefix="cpxl-", ignore_cleanup_errors=True) as scratch:
        work = Path(scratch)
        source, profile = work / f"made{kind}", work / "profile"
        source.write_bytes(with_numbers_of_pages(data) if kind == ".docx" else data)
        settings = profile / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(PROFILE, encoding="utf-8")
        said = _run(
            [
                str(program),
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                f"pdf:{FILTERS[kind]}:{json.dumps(OPTIONS, separators=(',', ':'))}",
                "--outdir",
                str(work),
                str(source),
            ]
        )
        try:
            made = source.with_suffix(".pdf").read_bytes()
        except OSError:
            made = b""
    if not made.startswith(b"%PDF") or b"%%EOF" not in made[-1024:]:
        raise Refused(
            f"LibreOffice ({program}) made no PDF{f' and says: {said}' if said else ''}. Nothing was written: try "
            "again, or leave --pdf out and save as PDF in Excel or Word."
        )
    return made


def _run(command: list[str]) -> str:
    """Run LibreOffice to its end, or for as long as it may take. Returned: what it complained about, cut short."""
    try:
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return str(error.strerror or error)
    try:
        _, said = running.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"nothing in {SECONDS} seconds"
    finally:
        if running.poll() is None:
            _end(running)
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if "javaldx" not in line]
    return " ".join(" ".join(lines).split())[:200]


def _end(running: subprocess.Popen[bytes]) -> None:
    """End LibreOffice, which is two processes."""
    with suppress(OSError):
        if os.name == "nt":
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(running.pid)], capture_output=True, check=False)
        else:
            os.killpg(running.pid, signal.SIGKILL)
    running.kill()
    running.wait()

"""Making a working folder, its templates, and the demo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import yaml

from cpxl import config, store
from cpxl.account.strand import strand_account
from cpxl.errors import Refused
from cpxl.folder import CONFIG, WorkingFolder, alone
from cpxl.layout.form import return_workbook
from cpxl.mail import NOBODY
from cpxl.master.file import laid_out, read_master, write_master
from cpxl.model import Master, ReportText
from cpxl.resources import HERE, resource
from cpxl.steps import publishing
from cpxl.steps.checking import Checks
from cpxl.steps.importing import import_history
from cpxl.steps.merging import consolidate_folder
from cpxl.steps.watching import Progress, silent
from cpxl.theme import REPORT_TEMPLATE, TEMPLATES, THEME


def init(path: Path, text: str | None = None) -> WorkingFolder:
    """Make a working folder with a commented config.yaml. Raises Refused if there is one already, or it will not do.

    text: of the config; that of the example, Essex's, if none is given.
    """
    refuse_old_folder(path)
    if text is not None:
        config.parse(text, f"The {CONFIG} that comes of it")
    store.save(path / CONFIG, text.encode() if text is not None else resource(CONFIG).read_bytes())
    folder = WorkingFolder.open(path)
    store.make_folder(folder.returns(folder.current_quarter()))
    return folder


def refuse_old_folder(path: Path) -> None:
    """Raise Refused if no new working folder can be made there."""
    if (path / CONFIG).exists():
        raise Refused(f"{path} is a working folder already: choose another, or edit its {CONFIG}.")
    if path.exists() and not path.is_dir():
        raise Refused(f"{path} is a file: choose the name of a folder.")


@dataclass(frozen=True)
class Templates:
    """What `cpxl templates` leaves in workbook_templates/."""

    theme: Path
    strand_return: Path
    master: Path
    report: Path
    mail: Path


@alone("templates")
def templates(folder: WorkingFolder) -> Templates:
    """Write the folder's templates: a blank return, of the first strand with most to fill in, and an empty master.

    A theme.yaml, a template of the report, and the texts of mails come with them where there are none yet.
    """
    from cpxl.workbooks.finish import as_template
    from cpxl.workbooks.write import to_bytes

    quarter = folder.current_quarter()
    settings, nothing = folder.settings.as_of(quarter), Master(quarter)
    strand = max(settings.strands, key=lambda s: bool(s.plans) + bool(s.measures.every))
    names = ("theme.yaml", "strand_return.xltx", "master.xltx", Path(REPORT_TEMPLATE).name, "mail")
    made = Templates(*(folder.templates / name for name in names))
    new = {
        made.strand_return: return_workbook(settings, strand_account(nothing, quarter, strand, settings)),
        made.master: laid_out(settings, nothing),
    }
    for path, workbook in new.items():
        folder.back_up(path)
        store.save(path, as_template(to_bytes(workbook, folder.theme)))
    mails = {made.mail / f"{kind}.txt": f"{TEMPLATES}/mail/{kind}.txt" for kind in NOBODY}
    for path, ours in {made.theme: THEME, made.report: REPORT_TEMPLATE, **mails}.items():
        if not path.exists():
            store.save(path, resource(ours).read_bytes())
    return made


class Demo(NamedTuple):
    """What the demo made."""

    folder: WorkingFolder
    checks: Checks
    master: Master
    partner: Path
    report: Path


def demo(path: Path, progress: Progress = silent) -> Demo:
    """The reference quarter end to end, from the filled-in returns that travel with the package."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Refused(f"{path} is not empty: name a new folder, as in 'cpxl demo another-folder'.")
    folder = init(path)
    here = HERE / "demo"
    import_history(folder, here / "history.csv")
    quarter = folder.current_quarter()
    for file in sorted((here / "returns").glob("*.xlsx")):
        store.save(folder.returns(quarter) / file.name, file.read_bytes())
    checks, _ = consolidate_folder(folder, quarter, progress=progress)
    master = _with_texts(folder, here / "report_text.yaml")
    progress("partner workbook")
    partner = publishing.publish_folder(folder, quarter)
    progress("report")
    report = publishing.report_folder(folder, quarter).published
    return Demo(folder, checks, master, partner.path, report.path)


def _with_texts(folder: WorkingFolder, path: Path) -> Master:
    """The master with what the demo's coordinator wrote on the sheet 'Report text', as if it had been typed there."""
    known = read_master(folder)
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = tuple(
        ReportText(known.master.quarter, section, *((p["heading"], p["text"]) if isinstance(p, dict) else (None, p)))
        for section, paragraphs in written.items()
        for p in paragraphs
    )
    master = replace(known.master, report_texts=texts)
    write_master(folder, known, master)
    return master

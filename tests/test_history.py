"""Earlier quarters' figures into the master, from a CSV file or an Excel table."""

import shutil
from pathlib import Path

import pytest
import xlsxwriter

import cpxl
from cpxl.errors import Refused
from cpxl.folder import WorkingFolder
from cpxl.master.file import read_master
from cpxl.model import Finding, Master
from cpxl.quarters import Quarter
from cpxl.steps import importing, merging, starting

DEMO = Path(cpxl.__file__).parent / "demo"
HISTORY = (DEMO / "history.csv").read_text(encoding="utf-8")
LINES = HISTORY.splitlines()
HATE = [LINES[0], *(line for line in LINES if ",Hate Crime,Hate Crime," in line)]  # four figures, in rows 2 to 5


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    return starting.init(tmp_path / "folder")


def written(folder: WorkingFolder, lines: list[str], name: str = "history.csv", encoding: str = "utf-8") -> Path:
    path = folder.path / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding, newline="\r\n")
    return path


def figures(master: Master) -> list[tuple[object, ...]]:
    return [(str(p.quarter), p.strand, p.plan, p.status, p.value, p.note) for p in master.progress]


def replaced(folder: WorkingFolder, path: Path) -> Master:
    """The master after an import that takes the place of what an earlier one said."""
    assert all(checked.accepted for checked in importing.import_history(folder, path, replacing=True))
    return read_master(folder).master


def imported(folder: WorkingFolder, path: Path) -> Master:
    assert all(checked.accepted for checked in importing.import_history(folder, path))
    return read_master(folder).master


def test_the_history_of_the_demo(folder: WorkingFolder) -> None:
    checked = importing.import_history(folder, DEMO / "history.csv")
    found = [(f.severity, f.sheet, f.cell, f.message) for c in checked for f in c.findings]
    assert found == [
        (
            *(Finding.WARNING, "history.csv", "E3, E4, E5, E2"),
            "Prevent Delivery Plan: the statuses for 2019/20 Q4 come to 30 (7 + 8 + 15), but the total is 15.",
        ),
        (
            *(Finding.WARNING, "history.csv", "E28, E29, E30, E27"),
            "Child Sexual Abuse and Exploitation: the statuses for 2020/21 Q1 come to 41 (12 + 29 + 0), "
            "but the total is 29.",
        ),
    ]
    master = read_master(folder).master
    assert len(figures(master)) == 49
    assert figures(master)[5] == (
        *("2019/20 Q4", "Extremism and Radicalisation", "CTLP progress", "Deferred", "N/A", None),
    )
    assert len(master.submissions) == 9  # Extremism in two quarters, seven other strands in one
    assert {(s.file, s.is_accepted) for s in master.submissions} == {("history.csv", True)}


def test_importing_again_changes_nothing(folder: WorkingFolder) -> None:
    once = imported(folder, DEMO / "history.csv")
    assert imported(folder, DEMO / "history.csv") == once


def test_corrected_figures_replace_those_of_the_same_strand_and_quarter(folder: WorkingFolder) -> None:
    before = imported(folder, DEMO / "history.csv")
    correction = [line.replace("Complete,15", "Complete,16").replace("progress,15", "progress,14") for line in HATE]
    path = written(folder, correction, "correction.csv")
    with pytest.raises(Refused, match=r"Hate Crime, Complete: 15, now 16.*--replace"):
        importing.import_history(folder, path)
    assert read_master(folder).master == before
    after = replaced(folder, path)
    changed = set(figures(after)) - set(figures(before))
    assert {figure[3:5] for figure in changed} == {("Complete", 16), ("Ongoing / In progress", 14)}
    assert len(after.progress) == 49
    assert len(after.submissions) == 9


def test_an_excel_table_anywhere_gives_the_same_as_the_csv_file(folder: WorkingFolder) -> None:
    path = folder.path / "history.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Empty")
        book.add_worksheet("Read me").write_string("B2", "The figures are on the next sheet.")
        page = book.add_worksheet("Figures")
        page.write_string("C2", "Figures of earlier quarters")
        cells = [line.split(",") for line in LINES]
        page.add_table(
            *(6, 2, 6 + len(cells) - 1, 8),
            {"columns": [{"header": heading.capitalize()} for heading in [*reversed(cells[0]), "Checked by"]]},
        )
        for number, row in enumerate(cells[1:], 7):
            for column, value in enumerate(reversed(row), 2):
                page.write(number, column, float(value) if value.isdigit() else value)
    from_csv = imported(folder, DEMO / "history.csv")
    folder.master.unlink()
    checked = importing.import_history(folder, path)
    assert read_master(folder).master.progress == from_csv.progress
    assert [(f.sheet, f.cell) for c in checked for f in c.findings] == [
        ("Figures", "D9, D10, D11, D8"),
        ("Figures", "D34, D35, D36, D33"),
    ]


def test_figures_under_former_names_are_those_of_today(folder: WorkingFolder) -> None:
    as_then = imported(folder, written(folder, HATE))
    config = folder.path / "config.yaml"
    text = config.read_text(encoding="utf-8")
    before, start, rest = text.partition("  - name: Hate Crime\n")
    rest = rest.replace("      - name: Hate Crime\n", "      - name: Hate\n        formerly: [Hate Crime]\n", 1)
    config.write_text(f"{before}  - name: Hatred\n    formerly: [Hate Crime]\n{rest}", encoding="utf-8")
    now = imported(WorkingFolder.open(folder.path), written(folder, HATE))
    assert start
    assert {(p.strand, p.plan) for p in now.progress} == {("Hatred", "Hate")}
    assert [p.value for p in now.progress] == [p.value for p in as_then.progress]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_encodings_that_excel_saves_csv_in(folder: WorkingFolder, encoding: str) -> None:
    lines = [*HATE[:1], f'{HATE[1]}"£5 = €6, naïve"', *HATE[2:]]
    master = imported(folder, written(folder, lines, encoding=encoding))
    assert [p.note for p in master.progress] == ["£5 = €6, naïve", None, None, None]


def test_blank_lines_and_lines_above_the_headings_do_not_matter(folder: WorkingFolder) -> None:
    lines = [
        "Earlier figures,,,,,",
        "",
        *(line.replace("quarter", " Quarter ") for line in HATE[:3]),
        ",,,,,",
        *HATE[3:],
    ]
    assert figures(imported(folder, written(folder, lines))) == [
        ("2020/21 Q1", "Hate Crime", "Hate Crime", status, value, None)
        for status, value in [("Total strands", 30), ("Complete", 15), ("Ongoing / In progress", 15), ("At risk", 0)]
    ]


def test_it_may_be_spelt_as_in_a_return(folder: WorkingFolder) -> None:
    lines = [
        HATE[0],
        '2020/21 Q1,hate  crime,HATE CRIME,total strands," 1,030 ",',
        "2020-21-Q1,HATE,Hate Crime,complete.,1030.0,",
        "2020/21 Q1,Hate Crime,Hate Crime,Ongoing/In progress,-,",
        "2020/21 Q1,Hate Crime,Hate Crime,At\u00a0risk,0,",
    ]
    values = [(p.status, p.value) for p in imported(folder, written(folder, lines)).progress]
    assert values == [("Total strands", 1030), ("Complete", 1030), ("Ongoing / In progress", 0), ("At risk", 0)]


def test_the_note_may_be_left_out_and_a_strand_be_named_by_its_code(folder: WorkingFolder) -> None:
    lines = [line.rpartition(",")[0].replace(",Hate Crime,Hate", ",HATE,Hate") for line in HATE]
    assert figures(imported(folder, written(folder, lines)))[0] == (
        *("2020/21 Q1", "Hate Crime", "Hate Crime", "Total strands", 30, None),
    )


@pytest.mark.parametrize("heading", ["quarter", "strand", "plan", "status", "value"])
def test_a_missing_heading_is_refused(folder: WorkingFolder, heading: str) -> None:
    path = written(folder, [HATE[0].replace(heading, "remark"), *HATE[1:]])
    with pytest.raises(
        Refused, match=r"history\.csv has no row with the headings quarter, strand, plan, status, value"
    ):
        importing.import_history(folder, path)
    assert not folder.master.exists()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("history.xlsx", b"no workbook", r"history\.xlsx cannot be read .*: save it in Excel as \.xlsx"),
        ("history.csv", b'quarter,"strand', r"history\.csv is not a CSV file"),
        ("history.csv", b"", r"history\.csv has no row with the headings"),
        ("history.csv", b"quarter;strand;plan;status;value", r"above the rest, with commas between them, or save"),
    ],
)
def test_a_file_that_is_no_table_is_refused(folder: WorkingFolder, name: str, data: bytes, says: str) -> None:
    (folder.path / name).write_bytes(data)
    with pytest.raises(Refused, match=says):
        importing.import_history(folder, folder.path / name)


def test_a_file_that_is_not_there_is_refused(folder: WorkingFolder) -> None:
    with pytest.raises(Refused, match=r"none\.csv cannot be read .*: check its name"):
        importing.import_history(folder, folder.path / "none.csv")


# What is changed in row 3 (Complete, 15), the rule that finds it, where, and what it says.
WRONG = {
    "quarter": ("2020/21 Q1", "2020/22 Q1", "history-quarter", "A3", "'2020/22 Q1' is not a quarter"),
    "too early": (
        "2020/21 Q1",
        "2019/20 Q3",
        "history-quarter",
        "A3",
        "before the strategy's first quarter, 2019/20 Q4",
    ),
    "strand": (",Hate Crime,", ",Hate,", "history-strand", "B3", "'Hate' is not a strand."),
    "no strand": (",Hate Crime,", ",,", "history-strand", "B3", "The strand is blank."),
    "plan": (",Hate Crime,C", ",Hate,C", "history-plan", "C3", "'Hate' is not a plan of Hate Crime."),
    "word": (
        "15,",
        "fifteen,",
        "progress-not-a-whole-number",
        "E3",
        "not a whole number for 2020/21 Q1",
    ),
    "fraction": ("15,", "15.5,", "progress-not-a-whole-number", "E3", "Complete '15.5'"),
    "negative": ("15,", "-15,", "progress-negative", "E3", "less than 0 for 2020/21 Q1: Complete '-15'"),
    "blank": ("15,", ",", "progress-missing", "E3", "no figure for 2020/21 Q1 is given for Complete"),
    "N/A": ("15,", "n/a,", "progress-partly-not-applicable", "E3", "N/A for 2020/21 Q1 is given for Complete only"),
    "status": ("Complete", "Done", "progress-unknown-status", "D3", "not a status of this plan: 'Done'"),
    "twice": ("Complete", "At risk", "progress-status-twice", "D3, D5", "the row 'At risk' is there more than once"),
}


@pytest.mark.parametrize(("old", "new", "rule", "cell", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_is_found_and_nothing_is_written(
    folder: WorkingFolder, old: str, new: str, rule: str, cell: str, says: str
) -> None:
    assert old in HATE[2]
    path = written(folder, [*HATE[:2], HATE[2].replace(old, new, 1), *HATE[3:]])
    found = {f.rule: f for c in importing.import_history(folder, path) for f in c.findings}
    assert (found[rule].severity, found[rule].sheet, found[rule].cell) == (Finding.ERROR, "history.csv", cell)
    assert says in found[rule].message
    assert not folder.master.exists()


def test_a_quarter_that_is_still_to_come_is_told(folder: WorkingFolder) -> None:
    """2023/24 typed for 2020/21: the figures are kept, and no sheet shows them."""
    path = written(folder, [line.replace("2020/21 Q1", "2023/24 Q1") for line in HATE])
    found = [f for c in importing.import_history(folder, path) for f in c.findings if f.rule == "history-quarter"]
    assert [(f.severity, f.cell) for f in found] == [(Finding.WARNING, "A2")]
    assert "2023/24 Q1 lies after 2020/21 Q2" in found[0].message


def test_a_plan_of_a_strand_that_has_none(folder: WorkingFolder) -> None:
    path = written(folder, [LINES[0], "2020/21 Q1,BURGLARY,Burglary,Complete,1,"])
    [finding] = [f for c in importing.import_history(folder, path) for f in c.findings]
    assert finding.fix == "Write one of its plans: none: it has no plan."


def test_figures_do_not_replace_a_return(folder: WorkingFolder) -> None:
    now = Quarter(2020, 2)
    shutil.copy(DEMO / "returns" / "2020-21-Q2 HATE.xlsx", folder.returns(now))
    merging.consolidate_folder(folder, now)
    before = folder.master.read_bytes()
    path = written(folder, [line.replace("2020/21 Q1", str(now)) for line in HATE])
    with pytest.raises(Refused, match="Hate Crime has a return for 2020/21 Q2 already: leave that quarter out"):
        importing.import_history(folder, path)
    assert folder.master.read_bytes() == before
    assert len(imported(folder, written(folder, HATE)).progress) == 8  # an earlier quarter is welcome

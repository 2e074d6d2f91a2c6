"""Drafts of mails to leads: each with what is its lead's and nothing else, as every mail program reads it."""

import email
import email.policy
import re
import shutil
import socket
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import cpxl
from cpxl import mail
from cpxl.account.status import Standing
from cpxl.config import parse
from cpxl.errors import Refused
from cpxl.model import Chased, Finding
from cpxl.quarters import Quarter
from cpxl.steps import checking
from tests.command import run_here
from tests.conftest import need
from tests.form import Form
from tests.test_cli import GANGS, Q2
from tests.test_config import edited
from tests.test_trusted import refused, said
from tests.values import table
from tests.work import LONG

HATE = f"{Q2} HATE.xlsx"
CONTACTS = """mailbox: strategy@example.org
contacts:
  GANGS: gangs.lead@example.org
  Hate Crime: {address: hate@example.org, post: "Head of Équalities, Communities"}
"""
ONCE = ("from", "to", "subject", "date", "x-unsent", "mime-version", "content-type")


def read(data: bytes) -> EmailMessage:
    """A mail, held against RFC 5322 as far as it says what a line and a header is."""
    assert data.isascii()
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    head, blank, _ = data.partition(b"\r\n\r\n")
    assert blank
    assert all(re.match(rb"[!-9;-~]+:|[ \t]+\S", line) for line in head.split(b"\r\n"))
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert sorted({name.lower() for name in message} - {"content-transfer-encoding"}) == sorted(ONCE)
    assert len({name.lower() for name in message}) == len(list(message))
    assert not message.defects
    assert not [defect for name in message for defect in message[name].defects]
    assert message["Date"].datetime
    assert message["X-Unsent"] == "1"
    return message


def drafts(folder: Path, kind: str) -> dict[str, EmailMessage]:
    """The drafts of a kind, by whom they are to."""
    paths = sorted((folder / "mail" / Q2).glob(f"* {kind} *.eml"))
    return {str(message["To"].addresses[0].addr_spec): message for message in (read(p.read_bytes()) for p in paths)}


def attachment(message: EmailMessage) -> tuple[str, bytes]:
    [part] = message.iter_attachments()
    return str(part.get_filename()), part.get_content()


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def quarter(few: Path) -> Path:
    """The folder of three strands, with addresses of two leads, whose returns have an error each."""
    config = few / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("unit:", f"{CONTACTS}unit:", 1), encoding="utf-8")
    put_wrong(few, GANGS, "Knife Crime")
    put_wrong(few, HATE, "Hate Crime")
    return few


def put_wrong(folder: Path, name: str, plan: str) -> None:
    """A total that its parts do not come to is typed into a return."""
    form = Form(folder / "returns" / Q2 / name)
    form.type(f"Progress: {plan}", "Total strands", "2020/21 Q2", 999)
    form.book.save(folder / "returns" / Q2 / name)


def test_what_is_to_be_put_right_goes_to_its_own_lead(quarter: Path) -> None:
    put_wrong(quarter, f"{Q2} NTE.xlsx", "Night-time Economy")
    found = {r["strand"]: r["findings"] for r in said("check", "--folder", quarter, exits=1)["returns"]}
    says = said("mail", "correct", "--folder", quarter)
    assert says["without_address"] == ["Night-time Economy (NTE)"]
    made = drafts(quarter, "correct")
    assert set(made) == {"gangs.lead@example.org", "hate@example.org"}
    assert made["hate@example.org"]["To"].addresses[0].display_name == "Head of Équalities, Communities"
    for address, strand, others in (
        ("gangs.lead@example.org", "Gangs and Knife Crime", "Hate Crime"),
        ("hate@example.org", "Hate Crime", "Gangs and Knife Crime"),
    ):
        body = text(made[address])
        asked = [f for f in found[strand] if f["severity"] in ("error", "warning")]
        assert asked
        assert body.count("\n- ") == len(asked)
        assert all(f"{f['message']} {f['fix']}" in body for f in asked)
        assert others not in body + str(made[address]["Subject"])
        name, data = attachment(made[address])
        assert data == (quarter / "checked" / Q2 / name).read_bytes()


def test_the_record_of_who_was_chased(quarter: Path) -> None:
    (quarter / "returns" / Q2 / HATE).unlink()
    said("consolidate", "--withdraw", "HATE", "--folder", quarter, exits=1)
    issued = quarter / "issued" / Q2
    issued.mkdir(parents=True)
    shutil.copy(quarter / "returns" / Q2 / GANGS, issued / HATE)
    for _ in range(2):
        said("mail", "remind", "--folder", quarter)
    message = drafts(quarter, "remind")["hate@example.org"]
    assert attachment(message) == (HATE, (issued / HATE).read_bytes())
    assert "16 October 2020" in text(message)
    rows = table(quarter / "master.xlsx", "Chasing", "quarter")
    assert [[*row[:3], row[4], row[5]] for row in rows[1:]] == [
        ["2020/21 Q2", "Hate Crime", "remind", number, "Head of Équalities, Communities"] for number in (1, 2)
    ]
    standing = next(s for s in said("status", "--folder", quarter)["strands"] if s["strand"] == "Hate Crime")
    assert [(c["kind"], c["round"]) for c in standing["chased"]] == [("remind", 1), ("remind", 2)]
    edit_chasing(quarter / "master.xlsx", "shout")
    doubts = said("check", "--folder", quarter, exits=1)["master_findings"]
    assert [d["severity"] for d in doubts if d["sheet"] == "Chasing"]
    assert "Chasing!" in next(d["message"] for d in doubts if d["sheet"] == "Chasing")


def edit_chasing(master: Path, kind: str) -> None:
    form = Form(master, "Chasing")
    [row, *_] = [row for row in form.page.iter_rows() if row[2].value == "remind"]
    row[2].value = kind
    form.book.save(master)


def test_nobody_is_written_to_without_need_or_address(quarter: Path) -> None:
    assert "No lead is to be written to" in refused("mail", "remind", "--folder", quarter)
    assert "no address of Hate Crime" not in refused("mail", "remind", "--strand", "HATE", "--folder", quarter)
    assert "is not a strand" in refused("mail", "thank", "--strand", "Parks", "--folder", quarter)
    config = quarter / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("\nmailbox:", "\n# mailbox:", 1), encoding="utf-8")
    assert "write 'mailbox:'" in refused("mail", "thank", "--folder", quarter)
    assert not (quarter / "mail").exists()


def test_a_folders_own_template(quarter: Path) -> None:
    own = quarter / "workbook_templates" / "mail" / "thank.txt"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("Subject: {strand} {quarter}\n\nThanks, {lead}\n", encoding="utf-8")
    said("consolidate", "--folder", quarter, exits=1)
    config = quarter / "config.yaml"
    text_of = config.read_text(encoding="utf-8")
    config.write_text(text_of.replace("  GANGS: g", "  NTE: nte@example.org\n  GANGS: g", 1), encoding="utf-8")
    assert "thank.txt, line 3: {lead} is not known" in refused("mail", "thank", "--folder", quarter)
    own.write_text("Subject: {strand} {quarter}\n\nThanks, {post}\n", encoding="utf-8")
    said("mail", "thank", "--folder", quarter)
    message = drafts(quarter, "thank")["nte@example.org"]
    assert (message["Subject"], text(message)) == (
        "Night-time Economy (NTE) 2020/21 Q2",
        "Thanks, T/ Chief Superintendent\n",
    )
    assert not list(message.iter_attachments())


def test_every_kind_of_draft_opens_in_two_programs_and_nothing_is_sent(
    quarter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Python's and Debian's, with the file of its own strand and no other's; no connection is made for it."""
    munpack = shutil.which("munpack")
    need(munpack, "munpack (mpack)")
    config = quarter / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("\ncontacts:", "\ncontacts:\n  NTE: nte@example.org"), "utf-8")
    assert run_here("consolidate", "--folder", quarter).exits == 1
    issued = quarter / "issued" / Q2
    issued.mkdir(parents=True)
    shutil.move(quarter / "returns" / Q2 / HATE, issued / HATE)
    assert run_here("consolidate", "--withdraw", "HATE", "--folder", quarter).exits == 1

    def connect(*_: object) -> None:
        raise AssertionError("a connection is made")

    monkeypatch.setattr(socket, "socket", connect)
    codes = {"issue": "HATE", "remind": "HATE", "correct": "GANGS", "thank": "NTE"}
    for kind, code in codes.items():
        assert run_here("mail", kind, "--folder", quarter).exits == 0
        [path] = (quarter / "mail" / Q2).glob(f"* {kind} *.eml")
        assert path.name == f"{Q2} {code} {kind} 1.eml"
        files = [part.get_content() for part in read(path.read_bytes()).iter_attachments()]
        assert len(files) == (kind != "thank")
        out = tmp_path / kind
        out.mkdir()
        subprocess.run([str(munpack), "-q", "-C", str(out), str(path)], capture_output=True, check=True)
        assert [found.read_bytes() for found in out.glob("*.xlsx")] == files
        for file in out.glob("*.xlsx"):
            assert checking.strand_of(file) == code


ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=80)
WORDS = st.lists(ANYTHING, min_size=6, max_size=6)


@settings(max_examples=2000 if LONG else 60)
@given(words=WORDS, injected=st.sampled_from(["\r\nBcc: x@example.org", "\nX: y", "\r", "\u2028", ""]))
def test_whatever_is_in_it_no_header_comes_of_it(words: list[str], injected: str) -> None:
    sender, post, subject, body, name, found = (word + injected for word in words)
    finding = Finding("rule", "error", found, "C7", found, found)
    subject, body = mail.filled(
        "Subject: {strand}\n\n{findings}\n",
        "x.txt",
        dict.fromkeys(mail.NAMES, "") | {"strand": subject, "findings": mail.in_words([finding])},
    )
    draft = mail.Draft(post, "lead@example.org", subject, body, (f"{name}.xlsx", b"PK\0\1\r\n.\r\n"))
    message = read(mail.as_file(draft, (sender, "from@example.org"), datetime(2020, 10, 20, 12, 0, tzinfo=UTC)))
    assert [a.addr_spec for a in message["To"].addresses] == ["lead@example.org"]
    assert [a.addr_spec for a in message["From"].addresses] == ["from@example.org"]
    assert attachment(message)[1] == b"PK\0\1\r\n.\r\n"
    assert text(message).splitlines() == body.splitlines()


@pytest.mark.parametrize(
    ("contacts", "says"),
    [
        ("mailbox: me", "write an address such as lead@example.org"),
        ("mailbox: \"me@example.org\\nBcc: x@example.org\"", "write an address"),
        ("mailbox: 'me <me@example.org>'", "write an address"),
        ("contacts: {PARKS: a@example.org}", "'PARKS' is not a strand that is listed here"),
        ("contacts: {DA: a@example.org, Domestic Abuse: b@example.org}", "Domestic Abuse has a contact above already"),
        ("contacts: {DA: {post: Head}}", "'address' is missing here"),
    ],
)  # fmt: skip
def test_addresses_that_are_none(contacts: str, says: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(edited("unit: work strand", f"{contacts}\nunit: work strand"))
    assert says in str(refusal.value)


def test_marked_copies_are_for_those_who_have_to_do_something(quarter: Path) -> None:
    """None for a note that says 'nothing to do', nor for two files of one strand; and it goes when the strand is in."""
    shutil.copy(quarter / "returns" / Q2 / "2020-21-Q2 NTE.xlsx", quarter / "returns" / Q2 / "again.xlsx")
    says: Any = said("check", "--folder", quarter, exits=1)
    made = {Path(path).name for path in says["outputs"]["annotated"]}
    asked = {
        r["file"]
        for r in says["returns"]
        if any(f["severity"] in ("error", "warning") and f["rule"] != "second-return" for f in r["findings"])
    }
    assert made == asked
    assert GANGS in made
    back = quarter / "returns" / Q2 / GANGS
    back.unlink()
    said("check", "--folder", quarter, exits=1)
    assert (quarter / "checked" / Q2 / GANGS).exists()  # it is still out with its lead
    shutil.copy(Path(cpxl.__file__).parent / "demo" / "returns" / GANGS, back.with_name("corrected.xlsx"))
    said("check", "--folder", quarter, exits=1)
    assert not (quarter / "checked" / Q2 / GANGS).exists()


def test_of_two_files_only_the_coordinator_can_say_which_counts(quarter: Path) -> None:
    returns = quarter / "returns" / Q2
    corrected = returns / "hate crime, corrected.xlsx"
    shutil.copy(Path(cpxl.__file__).parent / "demo" / "returns" / HATE, corrected)
    found: Any = said("status", "--folder", quarter)
    assert {s["strand"]: s["state"] for s in found["strands"]}["Hate Crime"] == "Several files"
    assert found["next"].startswith("Next: Keep one file of each strand and move the others away")
    said("mail", "correct", "--folder", quarter)
    assert list(drafts(quarter, "correct")) == ["gangs.lead@example.org"]
    (returns / HATE).unlink()
    assert "Have 1 return corrected: Gangs" in said("status", "--folder", quarter)["next"]


def test_each_lead_is_thanked_once(quarter: Path) -> None:
    shutil.copy(Path(cpxl.__file__).parent / "demo" / "returns" / HATE, quarter / "returns" / Q2 / HATE)
    said("consolidate", "--folder", quarter, exits=1)
    said("mail", "thank", "--folder", quarter)
    assert list(drafts(quarter, "thank")) == ["hate@example.org"]
    assert "whose lead was not thanked already" in refused("mail", "thank", "--strand", "HATE", "--folder", quarter)


def test_of_one_day_what_was_written_last() -> None:
    rows = [Chased(Quarter(2020, 2), "A", kind, "2020-10-20", 1, "Head", "a.eml") for kind in ("issue", "correct")]
    standing = Standing("A", "A", True, (), None, False, False, {}, None, tuple(rows))
    assert standing.last_chased == "correct, 2020-10-20"


def test_the_record_waits_where_the_master_cannot_be_written(quarter: Path) -> None:
    master = quarter / "master.xlsx"
    own = Form(master, "Chasing")
    own.book.create_sheet("My notes")
    own.book.save(master)
    for number in (1, 2):
        says = said("mail", "correct", "--strand", "HATE", "--folder", quarter)
        assert "would be lost" in says["record_waits"]
        assert Path(says["outputs"]["drafts"][0]).name == f"{Q2} HATE correct {number}.eml"
    assert "My notes" in load_workbook(master).sheetnames
    [standing] = [s for s in said("status", "--folder", quarter)["strands"] if s["strand"] == "Hate Crime"]
    assert [(c["kind"], c["round"]) for c in standing["chased"]] == [("correct", 1), ("correct", 2)]
    del own.book["My notes"]
    own.book.save(master)
    assert said("mail", "correct", "--strand", "HATE", "--folder", quarter)["record_waits"] is None
    assert [row[4] for row in table(master, "Chasing", "quarter")[1:]] == [1, 2, 3]

"""Drafts of mails to leads: a file each that a mail program opens as not yet sent. Nothing is ever sent from here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from cpxl.errors import Refused
from cpxl.model import Finding
from cpxl.words import shown

NOBODY = {
    "issue": "no return is out and not back ('cpxl issue' makes them)",
    "remind": "no return that was issued is missing",
    "correct": "nothing in the returns is for a lead to put right",
    "thank": "no return is merged whose lead was not thanked already",
}
"""What a mail is about, which is its template's name; and why there may be nobody whom it is for."""
WITH_FILE = ("issue", "remind", "correct")
NAMES = ("strand", "quarter", "months", "by", "post", "contact", "sender", "findings")
"""What may stand in braces in a template."""
IN_BRACES = re.compile(r"\{([^{}\n]*)\}")
SUBJECT = re.compile(r"Subject:[ \t]*(\S.*)")
LONGEST_SUBJECT = 200
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Draft:
    """One mail. post, address: whom it is to. file: what is attached, its name and its bytes."""

    post: str
    address: str
    subject: str
    text: str
    file: tuple[str, bytes] | None = None


def filled(template: str, name: str, words: Mapping[str, str]) -> tuple[str, str]:
    """The subject and the text of a mail, from a template. name: the template's file.

    Raises Refused, with the line, if something in braces is not known, or the first line is no subject.
    """
    for number, line in enumerate(template.splitlines(), 1):
        for found in IN_BRACES.findall(line):
            if found not in NAMES:
                known = ", ".join(f"{{{one}}}" for one in NAMES)
                raise Refused(f"{name}, line {number}: {{{shown(found)}}} is not known: write one of {known}.")
    first, _, text = template.strip("\ufeff\r\n").partition("\n")
    subject = SUBJECT.fullmatch(first.strip())
    if not subject:
        raise Refused(f"{name}, line 1: the first line has to be the subject, as in 'Subject: {{strand}}'.")

    def put(text: str) -> str:
        return IN_BRACES.sub(lambda found: words[found[1]], text)

    return " ".join(shown(put(subject[1])).split())[:LONGEST_SUBJECT], put(text).strip("\r\n") + "\n"


def in_words(findings: Sequence[Finding]) -> str:
    """What was found in one return, as a list in plain words."""
    return "\n".join(
        f"- {f'{finding.sheet}, {finding.cell}: ' if finding.cell else ''}{finding.message} {finding.fix}"
        for finding in (_one_line(finding) for finding in findings)
    )


def _one_line(finding: Finding) -> Finding:
    return Finding(**{key: shown(" ".join(str(value).split())) for key, value in vars(finding).items()})


def as_file(draft: Draft, sender: tuple[str, str], when: datetime) -> bytes:
    """The draft as a file. sender: name and address of whom it is from. when: it was written."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_name(sender[0]), addr_spec=sender[1])
    message["To"] = Address(_name(draft.post), addr_spec=draft.address)
    message["Subject"] = draft.subject
    message["Date"] = when.astimezone()
    message["X-Unsent"] = "1"  # Outlook opens it as one to be sent
    message.set_content(draft.text, cte="quoted-printable")
    if draft.file:
        name, data = draft.file
        message.add_attachment(data, maintype="application", subtype=XLSX, filename=shown(name))
    return message.as_bytes()


def _name(text: str) -> str:
    """A name as it stands before an address, on one line."""
    return " ".join(shown(text).split())

"""The one next thing to do, at every step of a quarter, on the smallest strategy that asks for all of them."""

from datetime import date, datetime
from pathlib import Path

from cpxl.steps import issuing, mailing, merging, publishing
from cpxl.steps.approving import approve
from cpxl.steps.status import status
from tests.form import Form
from tests.small import CONFIG, fill_in, folder_of, quarter_of, send

Q1 = "2020/21 Q1"
BEFORE, AFTER = date(2020, 7, 10), date(2020, 7, 20)
ALL = """return_by_days: 16
mailbox: coordinator@example.org
contacts: {BURG: burglary@example.org}
publish_needs: [approval, sign_off]
"""


def test_the_next_thing_at_every_step(tmp_path: Path) -> None:
    quarter = quarter_of(Q1)
    folder = folder_of(tmp_path / "small", CONFIG.replace("strands:", f"{ALL}strands:"))

    def stands(state: str, then: str, today: date = AFTER) -> None:
        found = status(folder, quarter, today)
        assert [s.state for s in found.standings] == [state]
        assert found.next.sentence.startswith(f"Next: {then}"), found.next.sentence

    def mail(kind: str, day: date) -> None:
        mailing.write_drafts(folder, quarter, kind, datetime(day.year, day.month, day.day))

    stands("Not issued", "Issue the returns of 2020/21 Q1: cpxl issue -q 2020-21-Q1.", BEFORE)
    [path] = issuing.issue(folder, quarter)
    stands("Not returned", "Send each return to its lead; they are wanted by 16 July 2020: cpxl mail issue", BEFORE)
    stands("Not returned", "Send each return to its lead; they were wanted by 16 July 2020: cpxl mail issue")
    mail("issue", BEFORE)
    stands("Not returned", "Wait for 1 return until 16 July 2020: Burglary.", BEFORE)
    stands("Not returned", "Ask for 1 return: Burglary: cpxl mail remind -q 2020-21-Q1.")
    mail("remind", AFTER)
    assert status(folder, quarter, AFTER).standings[0].last_chased == "remind, 2020-07-20"

    form = Form(path)
    fill_in(form, Q1, (5, 1, 3, 0))
    send(folder, form, Q1)
    stands("To be corrected", "Have 1 return corrected: Burglary: cpxl mail correct -q 2020-21-Q1.")
    fill_in(form, Q1)
    second = folder.returns(quarter) / "again.xlsx"
    form.book.save(second)
    stands("Several files", "Keep one file of each strand and move the others away: Burglary.")
    second.unlink()
    send(folder, form, Q1)
    stands("To merge", "Merge 1 return: Burglary: cpxl consolidate -q 2020-21-Q1.")
    merging.consolidate_folder(folder, quarter)
    stands("Merged", "Have 1 return signed off, at the end of the form: Burglary.")
    form.type("Sign-off", 0, "Signed off by", "Superintendent, Crime")
    form.type("Sign-off", 0, "Date", date(2020, 7, 19))
    send(folder, form, Q1)
    merging.consolidate_folder(folder, quarter)
    stands("Merged", "Have 2020/21 Q1 approved: cpxl approve -q 2020-21-Q1 --by POST.")
    approve(folder, quarter, "Chief Superintendent", AFTER)
    stands("Merged", "Look through the summary, write your text, and publish: cpxl publish -q 2020-21-Q1.")
    publishing.publish_folder(folder, quarter)
    stands("Merged", "Issue the returns of 2020/21 Q2: cpxl issue -q 2020-21-Q2.")

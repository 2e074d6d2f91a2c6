"""What leads write: it fits, it is text and nothing else, and it may go to partners."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from re import IGNORECASE, Pattern

from cpxl.markings import level
from cpxl.model import Note, Return, Text
from cpxl.returns.catalogue import ERROR, NOTE, WARNING, Context, Fault, rule
from cpxl.words import listed, short

LONGEST_TEXT = 32_767
"""What a cell can hold, in characters (Excel specifications and limits)."""

LONGEST_SHOWN = 700
"""About what a printed row can show of a text in a column of the strand's sheet, in characters."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|_x00(?:0[0-8BCEF]|1[0-9A-F])_")
FORMULA = re.compile(r"[=+@]|-(?!\s|$)")  # a dash and a blank make a list

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")
PHONE = re.compile(r"[+0](?<![\w.,/].)(?:(?<=\+)44|(?<=0)(?:044)?)(?:[\s()-]{0,2}\d){9,11}(?!\d|,\d)")
DATE_OF_BIRTH = re.compile(
    r"[bdBD](?<!\w.)(?i:(?:(?<=b)orn|(?<=d)\.?o\.?b\.?|(?<=d)ate of birth)\b.{0,20}?"
    r"\d{1,4}(?:[ ./-]|st|nd|rd|th){1,4}(?:\d{1,2}|[a-z]{3,9})[ ./-]{1,2}\d{2,4})"
)
NATIONAL_INSURANCE = re.compile(
    r"[A-CEGHJ-PR-TW-Z](?<!\w.)[A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", IGNORECASE
)
REGISTRATION = re.compile(r"[A-Z](?<!\w.)(?:[A-Z]\d{2} ?[A-Z]{3}|\d{3} ?[A-Z]{3}|[A-Z]{2} ?\d{3}[A-Z])\b")
FIGURE_AND_LETTER = re.compile(r"\d[A-Z]", IGNORECASE)
AREAS = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|"
    "M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
POSTCODE = re.compile(
    rf"(?<!\w)(?:(?:{AREAS})\d[\dA-HJKMNPR-Y]? ?\d[ABD-HJLNP-UW-Z]{{2}}"
    rf"|(?i:(?:{AREAS})\d[\da-hjkmnpr-y]? \d(?!st|nd|rd|th)[abd-hjlnp-uw-z]{{2}}))(?!\w)"
)
CRIME_REFERENCE = re.compile(
    r"(?<![\w/])(?:\d{2}/\d{3,7}/\d{2}|[A-Z]{2,3}[-/ ]?(?:19|20)\d{6}[-/]\d{3,5})(?![\w/])"
    r"|\b(?:crime|incident|investigation|occurrence|custody|case|CAD|STORM|Athena)"
    r"(?: (?:ref(?:erence)?|no|num(?:ber)?|id)\b\.?){1,2}\s?[:#]?\s?(?=[\w/-]{0,20}\d{4}|[\w-]{0,9}\d/\d)[\w/-]{5,30}",
    IGNORECASE,
)
PNC = re.compile(
    r"(?<![\w/])(?:(?:19|20)?\d{2}/\d{4,7}[A-Z]|(?:SF)?\d{2,6}/\d{2}[A-Z]|PNC"
    r"(?: ?(?:id|no|number|ref(?:erence)?)\b\.?)?\s?[:#]?\s?\d{2,4}/\d{1,7}[A-Z])(?![\w/])"
)
USER_PATH = re.compile(
    r"(?<!\w)[A-Za-z]:[\\/](?=[\w ])[^\s<>|\"*?]*|\\\\[\w.$-]+\\[^\s<>|\"*?]+|(?<!\w)/(?:Users|home)/\w[^\s]*"
    r"|file:/{2,3}[^\s]+|[\w-]+-my\.sharepoint\.com/personal/[^\s]+"
)
SIGNS_OF_A_PATH = ("\\", ":/", "/Users", "/home", ".sharepoint.")
"""One of them is in every such path."""
# (A pattern that begins with what is rare in text is found several times as fast as one that begins with `\b`.)


def _where(returned: Return, wrong: Callable[[str], object], *, for_partners: bool = False) -> Iterator[Fault]:
    """All texts at fault, together (of those for partners: notes to the coordinator are not)."""
    found = {
        record.cells[field]: text
        for record, field, text in returned.texts
        if wrong(text) and not (for_partners and isinstance(record, Note))
    }
    if found:
        yield Fault(list(found), {"texts": listed(f"'{short(text)}'" for text in found.values())})


def _personal(
    code: str,
    title: str,
    what: str,
    fix: str,
    pattern: Pattern[str],
    among: Callable[[Return], Iterable[Text]] = attrgetter("texts_with_figures"),
) -> None:
    """A rule that finds all texts for partners with the pattern in them, together, and what it is.

    among: the texts that may have it; these searches would else be most of what checking a return costs.
    """
    message = f"This goes to partners and has {what} in it: {{what}}."

    @rule(code, WARNING, title, "Every text for partners", message, fix)
    def find(returned: Return, context: Context) -> Iterator[Fault]:
        found = {
            record.cells[field]: match[0]
            for record, field, text in among(returned)
            if (match := pattern.search(text)) and not isinstance(record, Note)
        }
        if found:
            yield Fault(list(found), {"what": listed(f"'{short(text)}'" for text in found.values())})


@rule(
    "text-too-long",
    ERROR,
    "No more than a cell can hold",
    "Every text",
    f"A text is longer than a cell can hold ({LONGEST_TEXT:,} characters): {{texts}}.",
    "Shorten it; send what is longer as a document of its own.",
)
def text_too_long(returned: Return, context: Context) -> Iterator[Fault]:
    if len(returned.in_one) > LONGEST_TEXT:
        yield from _where(returned, lambda text: len(text) > LONGEST_TEXT)


@rule(
    "text-too-long-to-print",
    WARNING,
    "No more than a page can show",
    "Every text for partners",
    f"A text is longer than the page can show (about {LONGEST_SHOWN} characters): {{texts}}.",
    "Shorten it, or spread it over more rows.",
)
def text_too_long_to_print(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _where(returned, lambda text: LONGEST_SHOWN < len(text) <= LONGEST_TEXT, for_partners=True)


@rule(
    "control-characters",
    WARNING,
    "No invisible characters",
    "Every text",
    "A text has characters in it that cannot be seen or printed: {texts}.",
    "Type it anew, or paste it as plain text (Paste Special, Text).",
)
def control_characters(returned: Return, context: Context) -> Iterator[Fault]:
    if not returned.in_one.isprintable() and CONTROL.search(returned.in_one):
        yield from _where(returned, CONTROL.search)


@rule(
    "text-like-a-formula",
    NOTE,
    "Text stays text",
    "Every text",
    "A text begins like a formula: {texts}. It is kept as text, exactly as typed.",
    "Nothing to do, if it is meant as text.",
)
def text_like_a_formula(returned: Return, context: Context) -> Iterator[Fault]:
    yield from _where(returned, FORMULA.match)


_personal(
    "email-address",
    "No e-mail addresses",
    "an e-mail address",
    "Take it out, or name the post or team instead.",
    EMAIL,
    lambda returned: returned.texts if "@" in returned.in_one else (),
)
_personal(
    "phone-number",
    "No telephone numbers",
    "a telephone number",
    "Take it out, or name the post or team instead.",
    PHONE,
)
_personal("date-of-birth", "No dates of birth", "a date of birth", "Take it out; an age band will do.", DATE_OF_BIRTH)
_personal(
    "national-insurance-number",
    "No National Insurance numbers",
    "a National Insurance number",
    "Take it out.",
    NATIONAL_INSURANCE,
)
_personal(
    "vehicle-registration",
    "No vehicle registration numbers",
    "a vehicle registration number",
    "Take it out.",
    REGISTRATION,
)
_personal(
    "postcode",
    "No postcodes",
    "a postcode",
    "Take it out, or name the ward or district instead.",
    POSTCODE,
    lambda returned: [text for text in returned.texts if FIGURE_AND_LETTER.search(text[2])],
)
_personal(
    "crime-reference",
    "No references of crimes and incidents",
    "the reference of a crime or incident",
    "Take it out; the month and the district will do.",
    CRIME_REFERENCE,
)
_personal("pnc-number", "No PNC and CRO numbers", "a number of the Police National Computer", "Take it out.", PNC)
_personal(
    "user-path",
    "No paths of somebody's computer or drive",
    "a path of somebody's computer, drive or own site",
    "Take it out; name the document instead.",
    USER_PATH,
    lambda returned: returned.texts if any(sign in returned.in_one for sign in SIGNS_OF_A_PATH) else (),
)


@rule(
    "marking-too-high",
    ERROR,
    "No protective marking above the workbook's",
    "Every text",
    "A text carries a protective marking above {marking}: {texts}.",
    "Take out what is marked so, and tell the coordinator by other means.",
)
def marking_too_high(returned: Return, context: Context) -> Iterator[Fault]:
    if "SECRET" not in returned.in_one and "SENSITIVE" not in returned.in_one.upper():  # as in most
        return
    allowed = level(context.settings.marking, is_place_for_it=True) or 0
    for fault in _where(returned, lambda text: (level(text) or 0) > allowed):
        yield Fault(fault.cells, {**fault.words, "marking": context.settings.marking})

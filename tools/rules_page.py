"""Write docs/rules.md from the catalogue of rules: python -m tools.rules_page"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from cpxl.master.checks import MASTER_RULES
from cpxl.returns import rules  # noqa: F401  (fills the catalogue)
from cpxl.returns.catalogue import RULES
from cpxl.returns.changes import FIRM

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"
INTRO = """# What cpxl checks

Made from the rules in `cpxl/returns/rules/` by `python -m tools.rules_page`: do not edit this page.

An **error** keeps a return out until it is corrected. A **warning** does not; where it asks for a note, the note
settles it, and it is then shown as **explained**. A **note** only says what cpxl did or saw. Words in braces are
filled in.

`rules` in [config.yaml](config.md) switches a rule off, or changes its severity or threshold, for all, a strand or a
measure, with a reason that the check report prints. `cpxl consolidate --accept STRAND --reason TEXT` takes a return in
spite of its errors; rules, reason and file stay on record, and another file asks anew. Neither goes past what says
that a figure is none: {firm}; nor past errors under File and Structure.
"""
MASTER = """
## The master

Every row of the master's data tables is checked whenever the master is read. What is wrong is named with its cell and
what to do. A wrong figure is not counted, and nothing is published until it holds.

"""
HEADINGS = ("Rule", "Severity", "What should be", "Looks at", "What the lead reads", "What to do")


def page() -> str:
    """The page, in Markdown: a table for each group."""
    parts = [INTRO.format(firm=", ".join(f"`{rule.code}`" for rule in RULES if rule.code in FIRM))]
    for group, members in groupby(RULES, key=lambda rule: rule.group):
        parts += [f"\n## {group}\n\n", _line(HEADINGS), _line(["---"] * len(HEADINGS))]
        parts += [_line((f"`{r.code}`", r.severity, r.title, r.looks_at, r.message, r.fix)) for r in members]
    parts += [MASTER, _line(("Rule", "What should be")), _line(("---", "---"))]
    parts += [_line((f"`{code}`", title)) for code, title in MASTER_RULES.items()]
    return "".join(parts)


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

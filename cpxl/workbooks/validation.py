"""What Excel lets be typed into a cell, and says beside it."""

from __future__ import annotations

from typing import Any

from cpxl.layout.blocks import Column, Kind
from cpxl.model import NOT_APPLICABLE

LONGEST_PROMPT = 255
"""Characters of a message that Excel shows beside a cell."""


def what_it_takes(column: Column, cell: str) -> dict[str, Any]:
    """The data validation of a column's cells, as XlsxWriter takes it. cell: the address of the first of them."""
    rule: dict[str, Any] = {"validate": "any"}
    if column.choices:
        rule = {
            "validate": "list",
            "source": list(column.choices),
            "error_title": "Choose from the list",
            "error_message": f"Choose one of: {', '.join(column.choices)}.",
        }
    elif column.kind is Kind.COUNT:
        rule = {
            "validate": "custom",
            "value": f'=IF(ISNUMBER({cell}),AND({cell}>=0,{cell}=INT({cell})),{cell}="{NOT_APPLICABLE}")',
            "error_title": "A whole number, please",
            "error_message": f"Enter a whole number, 0 or more, or {NOT_APPLICABLE} if there is nothing to count.",
        }
    elif column.kind is Kind.NUMBER:
        rule = {
            "validate": "custom",
            "value": f'=OR(ISNUMBER({cell}),{cell}="{NOT_APPLICABLE}")',
            "error_title": "A number, please",
            "error_message": f"Enter a number, or {NOT_APPLICABLE} where there is nothing to count.",
        }
    return rule | {"input_message": column.prompt[:LONGEST_PROMPT]}

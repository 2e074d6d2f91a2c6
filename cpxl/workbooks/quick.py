"""A quick look at the numbers of a sheet as they are written in its file, by which a reader can be held to account.

It finds what is written as usual, and only that: who misses a number has to open the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cpxl.workbooks.untrusted import Parts, Unreadable, elements, refusing_damage, relations

NUMBER = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="[0-9]+")?(?: t="n")?>(?:<f>[^<]*</f>)?'
    rb"<v>(-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?)</v>"
)
"""A cell with a number, be it by a formula: its address, and what is written."""


def numbers_on(workbook: bytes, sheet: str) -> Mapping[str, bytes]:
    """What is written of each number on a sheet of a workbook, by its address; nothing if it cannot be read."""
    try:
        with refusing_damage():
            parts = Parts(workbook)
            by_id, _ = relations(parts["xl/_rels/workbook.xml.rels"])
            for _, attributes, _ in elements(parts["xl/workbook.xml"], "sheet"):
                if attributes.get("name") == sheet:
                    relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                    return {found[1].decode(): found[2] for found in NUMBER.finditer(parts[by_id[relation]])}
    except Unreadable:
        pass
    return {}

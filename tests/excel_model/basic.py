"""The add-in's VBA in LibreOffice Basic, as it is compiled on one of Excel's systems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cpxl.addin.build import PROJECT
from tests.office import properties

MODULE = "Rem Attribute VBA_ModuleType=VBAModule\nOption VBASupport 1\n"
CLASS = "Rem Attribute VBA_ModuleType=VBAClassModule\nOption VBASupport 1\nOption ClassModule\n"
OFFICE = {
    "IRibbonControl": "Public ID As String\nPublic Tag As String\n",
    "IRibbonUI": "Public Looked As Long\nPublic Sub Invalidate()\nLooked = Looked + 1\nEnd Sub\n",
}
"""What the ribbon hands over: classes of Office's, which LibreOffice has not."""
DIRECTIVE = re.compile(r"\s*#(If|ElseIf|Else|End If)\b(.*?)(?: Then)?(?:'.*)?\s*", re.IGNORECASE)


def compiled(source: str, *, mac: bool) -> str:
    """A module without those lines that are not for this system."""
    lines: list[str] = []
    branches: list[bool] = []
    for line in source.splitlines():
        directive = DIRECTIVE.fullmatch(line)
        if directive is None:
            lines += [line] if all(branches) else []
        elif directive[1].lower() == "if":
            branches.append({"mac": mac, "not mac": not mac}[directive[2].strip().lower()])
        elif directive[1].lower() == "else":
            branches[-1] = not branches[-1]
        elif directive[1].lower() == "end if":
            branches.pop()
    return "\n".join(lines)


@contextmanager
def running(desktop: Any, addin: Path, source: str) -> Iterator[Any]:
    """What calls the functions of a module that takes the place of the add-in's own: `call(name, *arguments)`."""
    # Its filter has to be named: LibreOffice knows add-ins of Excel, also Excel's own, by no other sign.
    wanted = properties(Hidden=True, MacroExecutionMode=4, FilterName="Calc MS Excel 2007 VBA XML")
    document = desktop.loadComponentFromURL(addin.as_uri(), "_blank", 0, wanted)
    try:
        library = document.BasicLibraries.getByName(PROJECT)
        for name, members in OFFICE.items():
            library.insertByName(name, CLASS + members)
        library.removeByName("cpxl")
        library.insertByName("cpxl", MODULE + re.sub(r"(?m)^(Attribute .*|Option Private Module)$", "", source))

        def call(function: str, *arguments: Any) -> Any:
            place = f"vnd.sun.star.script:{PROJECT}.cpxl.{function}?language=Basic&location=document"
            return document.getScriptProvider().getScript(place).invoke(arguments, (), ())[0]

        yield call
    finally:
        document.close(True)

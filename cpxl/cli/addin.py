"""The ribbon in Excel: build, install, remove, look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpxl.cli.given import Folder, Json, group
from cpxl.cli.said import print_json, say

addin_app = group("The ribbon in Excel: build, install, remove, look.")


@addin_app.command("build")
def addin_build(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The add-in to write.")] = Path(
        "cpxl.xlam"
    ),
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Build the add-in. It starts the 'python' that the system finds; 'install' names one."""
    from cpxl import store
    from cpxl.addin.build import build

    path = folder / output
    store.save(path, build())
    if as_json:
        print_json({"outputs": {"addin": str(path)}})
    else:
        say(f"The add-in is {path}.")


@addin_app.command("install")
def addin_install(folder: Folder = Path(), as_json: Json = False) -> None:
    """Put the add-in where Excel opens it by itself, for this user and this Python."""
    from cpxl.addin import install

    path = install.install(install.Machine())
    if as_json:
        print_json({"outputs": {"addin": str(path)}})
    else:
        say(f"The add-in is {path}. It is in Excel's ribbon, under 'cpxl', from Excel's next start.")


@addin_app.command("uninstall")
def addin_uninstall(folder: Folder = Path(), as_json: Json = False) -> None:
    """Take the add-in away."""
    from cpxl.addin import install

    path = install.uninstall(install.Machine())
    if as_json:
        print_json({"removed": str(path) if path else None})
    else:
        say(f"Removed {path}." if path else "The add-in is not installed: nothing was done.")


@addin_app.command("status")
def addin_status(folder: Folder = Path(), as_json: Json = False) -> None:
    """Say what is installed, which version, and whether it can work."""
    from cpxl.addin import install

    machine = install.Machine()
    state = install.status(machine)
    if as_json:
        print_json(vars(state) | {"says": install.in_words(state, machine)})
    else:
        say(*install.in_words(state, machine))

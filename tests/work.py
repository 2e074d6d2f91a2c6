"""How much is done: in the long form of the suite or the short one, and counted in what any machine does the same."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from cProfile import Profile

LONG = os.environ.get("CPXL_LONG") == "1"
"""Whether tests are to take their time, as they do before a release."""


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fails if more functions are called inside than this, be they Python's or C's."""
    with Profile() as profile:
        yield
    done = sum(entry.callcount for entry in profile.getstats())
    assert done <= calls, f"{done:,} calls"

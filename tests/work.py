"""How much is done, counted in what any machine does the same: function calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from cProfile import Profile


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fails if more functions are called inside than this, be they Python's or C's."""
    with Profile() as profile:
        yield
    done = sum(entry.callcount for entry in profile.getstats())
    assert done <= calls, f"{done:,} calls"

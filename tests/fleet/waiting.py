"""Waits for what another process does."""

import time
from collections.abc import Callable

LOOK_S = 0.1


def wait_until(condition: Callable[[], bool], timeout_s: float) -> None:
    """Returns once the condition holds.

    Raises:
        AssertionError: it does not in time.
    """
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, f"not within {timeout_s:g} s"
        time.sleep(LOOK_S)

"""How slow this machine's processor is now: bounds on processor time are those of a usual one."""

import statistics
import time

USUAL_S = 0.04
"""What the loop below takes of a processor of some 3 GHz with Python 3.11."""
TURNS = 1_000_000
TRIES = 5


def slowness() -> float:
    """By what a bound on processor time is to be multiplied here and now: 1 at least.

    A shared machine gives its processors to others, too; what is spent there then counts for more.
    """
    return max(1.0, statistics.median(_loop_s() for _ in range(TRIES)) / USUAL_S)


def _loop_s() -> float:
    began_s, total = time.process_time(), 0
    for number in range(TURNS):
        total += number
    return time.process_time() - began_s

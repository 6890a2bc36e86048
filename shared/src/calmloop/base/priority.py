"""Lets what keeps the chair safe run before everything else when the machine is short of CPU.

A lease must be back at the chair within 500 ms. Measured on a machine with every core busy, a
process of ordinary priority sometimes waited for more than 400 ms: a false stop.
"""

import os

from calmloop.contract.accounts import REAL_TIME

FIRST = REAL_TIME
"""Those without which no lease is given."""


def go_first() -> bool:
    """Asks for the lowest real-time priority, for this process and the threads it makes later.

    A loop that runs wild cannot take the machine: the kernel leaves 5 % of each second to the
    others (sched_rt_runtime_us), and the runtime ends a loop that has not turned for 10 s.

    Returns:
        False when it may not: it needs root, CAP_SYS_NICE or an RLIMIT_RTPRIO of 1.
    """
    lowest = os.sched_get_priority_min(os.SCHED_RR)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(lowest))
    except OSError:
        return False
    return True

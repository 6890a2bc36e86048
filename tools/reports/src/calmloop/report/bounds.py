"""What a renderer that somebody else starts may take: it must never cost the chair anything."""

import ctypes
import os
import resource
import signal
import tempfile
from pathlib import Path

CPU_S = 120
"""Of its own time; who waits for it ends it by the clock."""
MEMORY_BYTES = 600 * 1024 * 1024
FILE_BYTES = 64 * 1024 * 1024
LOWEST = 19
PR_SET_PDEATHSIG = 1
FIRST_TO_GO = "1000"
"""Of `oom_score_adj`: where memory is short, this process ends, and not who started it."""


def restrain() -> None:
    """Puts this process last for the CPU and first to end, and bounds what it takes."""
    os.nice(LOWEST)
    for what, limit in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hardest = resource.getrlimit(what)
        allowed = limit if hardest == resource.RLIM_INFINITY else min(limit, hardest)
        resource.setrlimit(what, (allowed, hardest))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)


def hold_caches(folder: Path) -> None:
    """Has fontconfig and matplotlib write nowhere else: the root may be read-only."""
    os.environ["MPLCONFIGDIR"] = os.environ["XDG_CACHE_HOME"] = os.environ["HOME"] = str(folder)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    tempfile.tempdir = str(folder)

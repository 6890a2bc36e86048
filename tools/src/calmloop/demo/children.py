"""Child processes that never outlive their parent, not even a parent killed with -9."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
"""util-linux; it becomes the command, so that the process id stays the same."""
STOP_PATIENCE_S = 3.0


def start_child(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own, its output appended to `log`.

    The kernel kills it when the thread that started it ends: start children from a thread that
    lives as long as they should.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [*DIE_WITH_PARENT, *map(str, command)],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            start_new_session=True,
        )


def stop_child(child: subprocess.Popen[bytes]) -> int:
    """Ends a process, by SIGTERM and then SIGKILL; returns its exit code."""
    if child.poll() is None:
        os.kill(child.pid, signal.SIGCONT)
        child.terminate()
        try:
            child.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()

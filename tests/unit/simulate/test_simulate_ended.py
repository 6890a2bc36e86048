"""A study that is ended, by Ctrl-C or by force, leaves no process and no traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

CALMLOOP = Path(sys.executable).parent / "calmloop"
LONG = ("--engine", "paper", "--children", "4000", "--stream", "one", "--jobs", "2")
HEEDING_CTRL_C = ("env", "--default-signal=INT")
"""A shell has the jobs that it starts beside itself ignore it, and so all that they start."""
AT_WORK = 5
"""The command, two workers, the server that forks them, and multiprocessing's tracker."""


def members(session: int) -> list[int]:
    """The living processes of a session, whoever their parent is by now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, its_session = (
                (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            )
        except OSError:
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], bool], timeout_s: float) -> None:
    ends_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends_s
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_study_that_is_ended_leaves_no_process_and_no_traceback(number: signal.Signals) -> None:
    study = subprocess.Popen(
        [*HEEDING_CTRL_C, CALMLOOP, "simulate", *LONG],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until(lambda: len(members(study.pid)) >= AT_WORK, 60.0)
        if number is signal.SIGINT:
            os.killpg(study.pid, number)
        else:
            study.send_signal(number)
        told, _ = study.communicate(timeout=30.0)
        assert study.returncode == (130 if number is signal.SIGINT else -number)
        wait_until(lambda: not members(study.pid), 10.0)
        assert "Traceback" not in told
    finally:
        for pid in members(study.pid):
            os.kill(pid, signal.SIGKILL)

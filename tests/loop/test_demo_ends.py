"""Nothing of `calmloop demo` outlives it, however it ends."""

import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.loop.demo_command import CALMLOOP
from tests.processes import clean_environment

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("after_s", [0.5, 1.5, 3.0, 8.0])
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path, after_s: float) -> None:
    marker = f"calmloop-test-{tmp_path.name}"
    environment = clean_environment(MARKER=marker)
    # As in a terminal: a shell's background jobs ignore SIGINT, and hand that on.
    command = ["env", "--default-signal=INT", CALMLOOP, "demo", "--headless", "--no-sound"]
    with subprocess.Popen(
        [*command, "--baseline-seconds", "2"],
        env=environment,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    ) as running:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(after_s)
        os.killpg(running.pid, signal.SIGINT)
        running.wait(20)
    assert not _marked(marker)


def test_kill_9_leaves_no_process_behind(tmp_path: Path) -> None:
    marker = f"calmloop-test-{tmp_path.name}"
    command = [CALMLOOP, "demo", "--headless", "--no-sound"]
    with subprocess.Popen(
        command,
        env=clean_environment(MARKER=marker),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert any("ready;" in line for line in running.stdout)
        assert len(_marked(marker)) > 6
        children = [os.pidfd_open(pid) for pid in _marked(marker) if pid != running.pid]
        running.kill()
        running.wait()
    for child in children:
        assert select.select([child], [], [], 5)[0], "a child outlived its parent"
        os.close(child)


def _marked(marker: str) -> list[int]:
    """Processes that inherited this test's marker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARKER={marker}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found

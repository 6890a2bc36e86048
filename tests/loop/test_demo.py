"""The main job, as a user starts it: `calmloop demo`."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import clean_environment

CALMLOOP = str(Path(sys.executable).parent / "calmloop")


def demo(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    report = tmp_path / "report.json"
    command = [CALMLOOP, "demo", "--headless", "--report", str(report), *arguments]
    finished = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=110, check=False
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert "watch it on 127.0.0.1:" in finished.stderr
    seen: dict[str, Any] = json.loads(report.read_text())
    return seen


def states(report: dict[str, Any]) -> list[str]:
    return [point["state"] for point in report["chair_states"]]


def test_the_simulated_child_changes_the_intensity_for_a_reason(tmp_path: Path) -> None:
    seen = demo(tmp_path, "--seconds", "60", "--baseline-seconds", "4")
    assert "active" in states(seen)
    assert {round(change["intensity_pct"]) for change in seen["changes"]} - {0}
    reasons = {c["change"] for c in seen["changes"]}
    assert reasons & {"positive_shift", "positive_sustained", "negative"}, reasons
    assert seen["cycles"] and seen["setpoints"] > 100
    for path in ("camera_to_face", "camera_to_emotion", "camera_to_setpoint"):
        assert seen["latency"][path]["count"] > 50
    assert seen["latency"]["setpoint_to_applied"]["count"] > 50


def test_a_steady_face_is_seen_in_nine_of_ten_frames(tmp_path: Path, shared_dir: Path) -> None:
    clip = shared_dir / "data/video/single_face.mp4"
    seen = demo(tmp_path, "--source", str(clip), "--seconds", "15", "--baseline-seconds", "2")
    assert seen["faces"] >= 0.9 * seen["frames"] > 0
    assert sum(seen["emotions"].values()) >= 0.98 * seen["frames"]


def test_an_empty_room_raises_nothing_and_is_eased_down(tmp_path: Path, shared_dir: Path) -> None:
    clip = shared_dir / "data/video/no_face.mp4"
    seen = demo(tmp_path, "--source", str(clip), "--seconds", "34", "--baseline-seconds", "2")
    assert seen["faces"] == 0
    assert set(seen["emotions"]) == {"unknown"}
    levels = [change["intensity_pct"] for change in seen["changes"]]
    assert max(levels) <= levels[0] or max(levels) == next(level for level in levels if level)
    assert levels[-1] == 0
    assert "unknown_eased" in {change["change"] for change in seen["changes"]}


def test_cuts_and_close_ups_are_no_fault(tmp_path: Path, shared_dir: Path) -> None:
    clip = shared_dir / "data/video/theatre_close_up.mp4"
    seen = demo(tmp_path, "--source", str(clip), "--seconds", "15", "--baseline-seconds", "2")
    assert "fault" not in states(seen)
    assert not seen["restarts"]
    assert seen["faces"] > 0


@pytest.mark.parametrize("after_s", [0.5, 1.5, 3.0, 8.0])
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path, after_s: float) -> None:
    marker = f"calmloop-test-{tmp_path.name}"
    environment = clean_environment(MARKER=marker)
    # As in a terminal: a shell's background jobs ignore SIGINT, and hand that on.
    command = ["env", "--default-signal=INT", CALMLOOP, "demo", "--headless"]
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
    command = [CALMLOOP, "demo", "--headless"]
    with subprocess.Popen(
        command, env=clean_environment(MARKER=marker), stderr=subprocess.DEVNULL
    ) as running:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(8)
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

"""The main job, as a user starts it: `calmloop demo`."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
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


def run_demo(*arguments: str | Path, cwd: Path) -> tuple[int, str]:
    finished = subprocess.run(
        [CALMLOOP, "demo", "--headless", *arguments],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in finished.stderr
    return finished.returncode, finished.stderr


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


def test_an_empty_room_starts_nothing_and_says_what_it_waits_for(
    tmp_path: Path, shared_dir: Path
) -> None:
    clip = shared_dir / "data/video/no_face.mp4"
    code, told = run_demo("--source", clip, "--seconds", "5", cwd=tmp_path)
    assert code == 1
    assert "it waits for a usable face (no_face)" in told.replace("\n", " ")


@pytest.mark.parametrize(
    "source",
    ["gone.mp4", "folder", "text.mp4", "empty.mp4", "/dev/video63", "63", "ftp://camera/1"],
)
def test_a_source_that_gives_no_picture_ends_it_at_once(tmp_path: Path, source: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()
    began_s = time.monotonic()
    code, told = run_demo("--source", source, "--baseline-seconds", "2", cwd=tmp_path)
    assert code == 2
    assert source.partition(":")[0] in told.replace("\n", "")
    assert time.monotonic() - began_s < 15


def test_an_address_where_nobody_answers_is_named_within_its_time(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://child:secret@127.0.0.1:{free.getsockname()[1]}/video"
    began_s = time.monotonic()
    code, told = run_demo("--source", address, cwd=tmp_path)
    assert code == 2
    assert "127.0.0.1" in told and "secret" not in told
    assert time.monotonic() - began_s < 40


@pytest.mark.parametrize(
    ("option", "place"),
    [("--report", "gone/r.json"), ("--report", "."), ("--logs", "file"), ("--logs", 120 * "long")],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_session(
    tmp_path: Path, option: str, place: str
) -> None:
    (tmp_path / "file").touch()
    code, told = run_demo(option, place, cwd=tmp_path)
    assert code == 2
    assert "starting broker" not in told or "too long" in told


def test_logs_in_a_relative_folder_that_is_not_there_are_kept(tmp_path: Path) -> None:
    arguments = ("--seconds", "3", "--baseline-seconds", "2", "--logs", "new/logs")
    assert run_demo(*arguments, "--report", "r.json", cwd=tmp_path)[0] == 0
    assert (tmp_path / "new" / "logs" / "camera.log").is_file()
    assert json.loads((tmp_path / "r.json").read_text())["setpoints"] > 0


def test_cuts_and_close_ups_are_no_fault(tmp_path: Path, shared_dir: Path) -> None:
    clip = shared_dir / "data/video/theatre_close_up.mp4"
    seen = demo(tmp_path, "--source", str(clip), "--seconds", "15", "--baseline-seconds", "2")
    assert "fault" not in states(seen)
    assert not seen["restarts"]
    assert seen["faces"] > 0


def test_a_detector_at_a_quarter_of_its_speed_only_gives_fewer_readings(tmp_path: Path) -> None:
    """The same session as at full speed, whole: from the start to the chair's rest."""
    arguments = ("--seconds", "20", "--baseline-seconds", "4", "--minutes", "1")
    seen = demo(tmp_path, *arguments, "--slow-detector", "4")
    assert seen["faces"] >= 5.0 * 20
    assert seen["faces"] >= 0.9 * seen["frames"]
    assert "active" in states(seen)
    assert not {"fault", "estop"} & set(states(seen))
    assert states(seen)[-1] == "safe"
    assert not seen["restarts"]


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

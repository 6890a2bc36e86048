"""The bench's own parts: a clip to play, and the cores in one process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.base.errors import DeviceError
from calmloop.bench import one_process, slowest
from calmloop.bench.clip import render
from calmloop.face_detector.settings import FaceDetectorSection


def test_the_cores_run_in_one_process_at_the_loops_pace(tmp_path: Path) -> None:
    clip = tmp_path / "child.mp4"
    render(clip, 1.0)
    alone = one_process.measure(str(clip), 2.0)
    assert 15 <= alone.frames <= 32
    assert 0 < alone.cpu_ms_per_frame < 200
    assert alone.latency.count == alone.frames


def test_a_face_is_read_five_times_a_second_on_a_quarter_of_the_processor(
    tmp_path: Path, measured: Callable[[str], None]
) -> None:
    clip = tmp_path / "child.mp4"
    render(clip, 2.0)
    readings = slowest.rate(slowest.frames_of(clip), FaceDetectorSection(), 4.0)
    measured(f"viola-jones, 4 times slower: {readings:.1f} readings a second")
    assert readings >= slowest.ENOUGH_A_SECOND


def test_a_clip_that_gives_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"nothing\.mp4"):
        one_process.measure(str(tmp_path / "nothing.mp4"), 0.2)

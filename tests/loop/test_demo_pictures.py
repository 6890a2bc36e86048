"""A session with real pictures, and with a slower face detector."""

from pathlib import Path

import pytest

from calmloop.demo.report import DemoReport
from tests.loop.conftest import StartDemo
from tests.loop.demo_command import demo, states

pytestmark = pytest.mark.slow


def session_before(start_demo: StartDemo, clip: Path, seconds: float) -> DemoReport:
    with start_demo(source=str(clip)) as running:
        running.start_session(minutes=10)
        running.watch(seconds)
        return running.report()


def test_a_steady_face_is_seen_in_nine_of_ten_frames(
    start_demo: StartDemo, shared_dir: Path
) -> None:
    seen = session_before(start_demo, shared_dir / "data/video/single_face.mp4", 13.0)
    assert seen.faces >= 0.9 * seen.frames > 0
    assert sum(seen.emotions.values()) >= 0.98 * seen.frames


def test_cuts_and_close_ups_are_no_fault(start_demo: StartDemo, shared_dir: Path) -> None:
    """The clip, which lasts 9.2 s, once and its beginning again."""
    seen = session_before(start_demo, shared_dir / "data/video/theatre_close_up.mp4", 11.0)
    assert "fault" not in [point.state for point in seen.chair_states]
    assert not seen.restarts
    assert seen.faces > 0


def test_a_detector_at_a_quarter_of_its_speed_only_gives_fewer_readings(tmp_path: Path) -> None:
    """The same session as at full speed, whole: from the start to the chair's rest."""
    arguments = ("--seconds", "12", "--baseline-seconds", "2", "--minutes", "1")
    seen = demo(tmp_path, *arguments, "--slow-detector", "4")
    assert seen["faces"] >= 5.0 * 12
    assert seen["faces"] >= 0.9 * seen["frames"]
    assert "active" in states(seen)
    assert not {"fault", "estop"} & set(states(seen))
    assert states(seen)[-1] == "safe"
    assert not seen["restarts"]

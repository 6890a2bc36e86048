"""The main job: a child is seen, felt for and answered; also as a user starts it."""

import json
from pathlib import Path

import pytest

from calmloop.contract.messages.session import Change
from calmloop.demo.report import DemoReport
from tests.loop.conftest import StartDemo
from tests.loop.demo_command import demo, run_demo

REASONS = {Change.POSITIVE_SHIFT, Change.POSITIVE_SUSTAINED, Change.NEGATIVE}


def assert_it_answered(seen: DemoReport) -> None:
    assert "active" in [point.state for point in seen.chair_states]
    assert {round(change.intensity_pct) for change in seen.changes} - {0}
    assert {change.change for change in seen.changes} & REASONS
    assert seen.cycles
    assert seen.setpoints > 100
    assert seen.movement.known > 50
    assert seen.movement.camera_kind == "simulated"
    latency = seen.latency
    for path in (latency.camera_to_face, latency.camera_to_emotion, latency.camera_to_setpoint):
        assert path is not None
        assert path.count > 50
    assert latency.setpoint_to_applied is not None
    assert latency.setpoint_to_applied.count > 50


@pytest.mark.slow
@pytest.mark.alone
def test_the_simulated_child_changes_the_intensity_for_a_reason(start_demo: StartDemo) -> None:
    with start_demo(baseline_s=4.0) as running:
        running.start_session(minutes=10)
        seen = running.tally.report
        assert running.observer.wait_until(
            lambda: {c.change for c in seen.changes} & REASONS and seen.cycles, 120
        )
        assert_it_answered(running.report())


@pytest.mark.long
def test_the_command_reports_what_the_simulated_child_changed(tmp_path: Path) -> None:
    seen = demo(tmp_path, "--seconds", "60", "--baseline-seconds", "4")
    assert_it_answered(DemoReport.model_validate(seen))


@pytest.mark.slow
def test_logs_in_a_relative_folder_that_is_not_there_are_kept(tmp_path: Path) -> None:
    arguments = ("--seconds", "3", "--baseline-seconds", "2", "--logs", "new/logs")
    assert run_demo(*arguments, "--report", "r.json", cwd=tmp_path)[0] == 0
    assert (tmp_path / "new" / "logs" / "camera.log").is_file()
    assert json.loads((tmp_path / "r.json").read_text())["setpoints"] > 0

"""A running session: pausing and finishing, its setpoints, and sessions by hand."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Change, Mode, OverrideAction, Phase, SessionAction
from calmloop.contract.messages.stimulus import Light, Vibration
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, SAD, START_PCT, UNKNOWN, Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


# --- pausing and finishing ------------------------------------------------------------------


def test_a_pause_fades_in_3_to_5_s_and_keeps_the_chair_active_on_zero(harness: Harness) -> None:
    harness.start_running()
    paused_s = harness.now_s
    assert harness.command(SessionAction.PAUSE) is None
    harness.expect(Phase.PAUSED)
    harness.show(NEUTRAL, 2)
    assert 0.0 < harness.intensity_pct < START_PCT
    while harness.intensity_pct > 0.0:
        harness.show(NEUTRAL, 0.1)
    assert 3.0 <= harness.now_s - paused_s <= 5.0
    harness.show(HAPPY, 60)
    assert harness.chair.mode is ChairMode.ACTIVE
    assert harness.setpoints[-1].vibration.level_pct == 0.0
    assert harness.setpoints[-1].sound.level_pct == 0.0
    assert harness.setpoints[-1].light == Light()


def test_resuming_needs_a_token_and_begins_at_the_lowest_level(harness: Harness) -> None:
    harness.start_running()
    harness.show(HAPPY, 100)
    assert harness.intensity_pct > START_PCT
    harness.command(SessionAction.PAUSE)
    harness.wait(10)
    assert "no token" in str(harness.resume(token=None))
    harness.expect(Phase.PAUSED)
    assert harness.resume() is None
    harness.show(NEUTRAL, 6)  # the fade, and a second until the face counts as seen
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT
    assert harness.state.change is Change.RESUMED


def test_resuming_without_a_pause_is_refused(harness: Harness) -> None:
    assert "nothing to resume" in str(harness.resume())


def test_resuming_an_unmeasured_child_measures_first(harness: Harness) -> None:
    harness.must_start()
    harness.show(UNKNOWN, 30)
    harness.expect(Phase.PAUSED)
    assert harness.resume() is None
    harness.show(NEUTRAL, 1)
    harness.expect(Phase.BASELINE)
    harness.show(NEUTRAL, 31)
    harness.expect(Phase.RUNNING)


def test_a_pause_ends_the_session_after_5_min(harness: Harness) -> None:
    harness.start_running()
    harness.command(SessionAction.PAUSE)
    harness.wait(299)
    harness.expect(Phase.PAUSED)
    harness.wait(1.5)
    harness.expect(Phase.IDLE)
    assert harness.state.change is Change.CLOSING
    assert Phase.CLOSING in {state.phase for state in harness.states}


def test_a_finish_fades_in_3_to_5_s_and_then_asks_nothing_of_the_chair(harness: Harness) -> None:
    harness.start_running()
    finished_s = harness.now_s
    assert harness.command(SessionAction.FINISH) is None
    harness.expect(Phase.CLOSING)
    levels = []
    while harness.phase is Phase.CLOSING:
        harness.show(HAPPY, 0.1)
        levels.append(harness.intensity_pct)
    assert 3.0 <= harness.now_s - finished_s <= 5.0
    assert levels == sorted(levels, reverse=True)
    sent = len(harness.setpoints)
    harness.wait(5)
    assert len(harness.setpoints) == sent
    assert harness.chair.mode is ChairMode.SAFE


def test_pause_and_finish_are_never_refused(harness: Harness) -> None:
    for action in (SessionAction.PAUSE, SessionAction.FINISH):
        assert harness.command(action) is None
    harness.start_running()
    for action in (SessionAction.FINISH, SessionAction.PAUSE, SessionAction.FINISH):
        assert harness.command(action) is None


def test_a_session_finishes_when_its_minutes_are_over(harness: Harness) -> None:
    harness.start_running(minutes=2)
    harness.show(NEUTRAL, 84)
    harness.expect(Phase.CLOSING)
    assert "2 planned minutes" in harness.state.reason


def test_a_session_fades_out_before_the_chairs_own_limit_cuts_it(harness: Harness) -> None:
    harness.start_running()
    harness.chair.session_left_s = 9.5
    harness.show(NEUTRAL, 0.2)
    harness.expect(Phase.CLOSING)
    assert "limit" in harness.state.reason


# --- setpoints ------------------------------------------------------------------------------


def test_a_reading_is_answered_at_once_with_its_frame_and_only_once(harness: Harness) -> None:
    harness.start_running()
    assert harness.read(NEUTRAL, frame=4711)
    first, second = harness.engine.pop_setpoint(), harness.engine.pop_setpoint()
    assert first is not None
    assert second is not None
    assert (first.frame_seq, first.captured_ns) == (4711, 4_711_000_000)
    assert second.frame_seq is None
    assert first.session_id == harness.state.session_id


def test_readings_without_a_session_are_not_answered(harness: Harness) -> None:
    assert not harness.read(HAPPY)
    assert harness.engine.pop_setpoint() is None


def test_above_the_start_intensity_scales_vibration_and_sound_but_not_light(
    harness: Harness,
) -> None:
    harness.must_start(scenario="ocean-waves", mode=Mode.MANUAL)
    at_start = harness.setpoints[-1]
    assert at_start.vibration == Vibration(frequency_hz=40, level_pct=50 * 0.20)
    assert at_start.light.blue_pct >= 70 * 0.40
    harness.override(OverrideAction.MORE, token=harness.token)
    setpoint = harness.engine.pop_setpoint()
    assert setpoint is not None
    assert setpoint.vibration.level_pct == 50 * 0.25
    assert setpoint.sound.track == "surf"
    assert setpoint.sound.level_pct == pytest.approx(50 * 0.25)
    assert setpoint.light == at_start.light


@pytest.mark.parametrize(("steps", "share"), [(1, 0.5), (2, 0.0)])
def test_each_step_below_the_start_dims_the_light_too(
    harness: Harness, steps: int, share: float
) -> None:
    harness.start_running(scenario="ocean-waves")
    bright = harness.setpoints[-1].light
    for _ in range(steps):
        harness.override(OverrideAction.LESS)
    setpoint = harness.engine.pop_setpoint()
    assert setpoint is not None
    assert setpoint.vibration.level_pct == pytest.approx(50 * 0.20 * share)
    assert setpoint.light.blue_pct == pytest.approx(bright.blue_pct * share)
    assert setpoint.light.red_pct == pytest.approx(bright.red_pct * share)


def test_a_sad_face_dims_the_light_and_a_lost_one_leaves_the_child_in_none(
    harness: Harness,
) -> None:
    harness.start_running(scenario="ocean-waves")
    bright = harness.setpoints[-1].light.blue_pct
    harness.show_until(SAD, Change.NEGATIVE)
    assert harness.setpoints[-1].light.blue_pct == pytest.approx(bright / 2, rel=0.1)
    harness.show(UNKNOWN, 24.0)
    assert harness.setpoints[-1].light.blue_pct < bright / 10


def test_light_follows_the_intensity_where_the_scenario_says_so(harness: Harness) -> None:
    harness.start_running(scenario="quiet-glow")
    bright = harness.setpoints[-1].light
    harness.override(OverrideAction.LESS)
    harness.show(NEUTRAL, 0.1)
    dim = harness.setpoints[-1].light
    assert dim.blue_pct == pytest.approx(bright.blue_pct / 2, rel=0.05)
    assert harness.setpoints[-1].vibration.level_pct == 0.0


# --- manual ---------------------------------------------------------------------------------


def test_manual_needs_no_camera_and_the_caregiver_sets_the_intensity(harness: Harness) -> None:
    harness.must_start(mode=Mode.MANUAL)
    harness.expect(Phase.MANUAL)
    harness.wait(120)
    assert harness.intensity_pct == START_PCT
    assert "no token" in str(harness.override(OverrideAction.MORE))
    assert harness.override(OverrideAction.MORE, token=harness.token) is None
    assert harness.intensity_pct == START_PCT + 5
    assert harness.override(OverrideAction.LESS) is None
    assert harness.intensity_pct == START_PCT - 5
    assert harness.state.change is Change.CAREGIVER


def test_manual_heeds_the_same_ceiling(harness: Harness) -> None:
    harness.must_start(mode=Mode.MANUAL)
    for _ in range(8):
        assert harness.override(OverrideAction.MORE, token=harness.token) is None
        harness.wait(0.1)
    assert harness.intensity_pct == 60.0
    assert "ceiling of 60 %" in str(harness.override(OverrideAction.MORE, token=harness.token))


def test_faces_are_ignored_in_manual(harness: Harness) -> None:
    harness.must_start(mode=Mode.MANUAL)
    harness.show(HAPPY, 60)
    assert harness.intensity_pct == START_PCT
    assert harness.setpoints[-1].frame_seq is None

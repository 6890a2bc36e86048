"""A running session: pausing and finishing, its setpoints, and sessions by hand."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Change, Mode, OverrideAction, Phase, SessionAction
from calmloop.contract.messages.stimulus import Light, Vibration
from tests.unit.scenario_selector.room import HAPPY, NEUTRAL, START_PCT, UNKNOWN, Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


# --- pausing and finishing ------------------------------------------------------------------


def test_a_pause_fades_in_3_to_5_s_and_keeps_the_chair_active_on_zero(room: Room) -> None:
    room.start_running()
    paused_s = room.now_s
    assert room.command(SessionAction.PAUSE) is None
    room.expect(Phase.PAUSED)
    room.show(NEUTRAL, 2)
    assert 0.0 < room.intensity_pct < START_PCT
    while room.intensity_pct > 0.0:
        room.show(NEUTRAL, 0.1)
    assert 3.0 <= room.now_s - paused_s <= 5.0
    room.show(HAPPY, 60)
    assert room.chair.mode is ChairMode.ACTIVE
    assert room.setpoints[-1].vibration.level_pct == 0.0
    assert room.setpoints[-1].sound.level_pct == 0.0
    assert room.setpoints[-1].light == Light()


def test_resuming_needs_a_token_and_begins_at_the_lowest_level(room: Room) -> None:
    room.start_running()
    room.show(HAPPY, 100)
    assert room.intensity_pct > START_PCT
    room.command(SessionAction.PAUSE)
    room.wait(10)
    assert "no token" in str(room.resume(token=None))
    room.expect(Phase.PAUSED)
    assert room.resume() is None
    room.show(NEUTRAL, 5)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT
    assert room.state.change is Change.RESUMED


def test_resuming_without_a_pause_is_refused(room: Room) -> None:
    assert "nothing to resume" in str(room.resume())


def test_resuming_an_unmeasured_child_measures_first(room: Room) -> None:
    room.must_start()
    room.show(UNKNOWN, 30)
    room.expect(Phase.PAUSED)
    assert room.resume() is None
    room.show(NEUTRAL, 1)
    room.expect(Phase.BASELINE)
    room.show(NEUTRAL, 31)
    room.expect(Phase.RUNNING)


def test_a_pause_ends_the_session_after_5_min(room: Room) -> None:
    room.start_running()
    room.command(SessionAction.PAUSE)
    room.wait(299)
    room.expect(Phase.PAUSED)
    room.wait(1.5)
    room.expect(Phase.IDLE)
    assert room.state.change is Change.CLOSING
    assert Phase.CLOSING in {state.phase for state in room.states}


def test_a_finish_fades_in_3_to_5_s_and_then_asks_nothing_of_the_chair(room: Room) -> None:
    room.start_running()
    finished_s = room.now_s
    assert room.command(SessionAction.FINISH) is None
    room.expect(Phase.CLOSING)
    levels = []
    while room.phase is Phase.CLOSING:
        room.show(HAPPY, 0.1)
        levels.append(room.intensity_pct)
    assert 3.0 <= room.now_s - finished_s <= 5.0
    assert levels == sorted(levels, reverse=True)
    sent = len(room.setpoints)
    room.wait(5)
    assert len(room.setpoints) == sent
    assert room.chair.mode is ChairMode.SAFE


def test_pause_and_finish_are_never_refused(room: Room) -> None:
    for action in (SessionAction.PAUSE, SessionAction.FINISH):
        assert room.command(action) is None
    room.start_running()
    for action in (SessionAction.FINISH, SessionAction.PAUSE, SessionAction.FINISH):
        assert room.command(action) is None


def test_a_session_finishes_when_its_minutes_are_over(room: Room) -> None:
    room.start_running(minutes=2)
    room.show(NEUTRAL, 84)
    room.expect(Phase.CLOSING)
    assert "2 planned minutes" in room.state.reason


def test_a_session_fades_out_before_the_chairs_own_limit_cuts_it(room: Room) -> None:
    room.start_running()
    room.chair.session_left_s = 9.5
    room.show(NEUTRAL, 0.2)
    room.expect(Phase.CLOSING)
    assert "limit" in room.state.reason


# --- setpoints ------------------------------------------------------------------------------


def test_a_reading_is_answered_at_once_with_its_frame_and_only_once(room: Room) -> None:
    room.start_running()
    assert room.read(NEUTRAL, frame=4711)
    first, second = room.engine.pop_setpoint(), room.engine.pop_setpoint()
    assert first is not None
    assert second is not None
    assert (first.frame_seq, first.captured_ns) == (4711, 4_711_000_000)
    assert second.frame_seq is None
    assert first.session_id == room.state.session_id


def test_readings_without_a_session_are_not_answered(room: Room) -> None:
    assert not room.read(HAPPY)
    assert room.engine.pop_setpoint() is None


def test_intensity_scales_vibration_and_sound_but_not_light(room: Room) -> None:
    room.start_running(scenario="ocean-waves")
    room.override(OverrideAction.LESS)
    room.show(NEUTRAL, 0.1)
    setpoint = room.setpoints[-1]
    assert setpoint.vibration == Vibration(frequency_hz=40, level_pct=50 * 0.10)
    assert setpoint.sound.track == "ocean-waves"
    assert setpoint.sound.level_pct == pytest.approx(50 * 0.10)
    assert setpoint.light.blue_pct >= 70 * 0.40


def test_light_follows_the_intensity_where_the_scenario_says_so(room: Room) -> None:
    room.start_running(scenario="quiet-glow")
    bright = room.setpoints[-1].light
    room.override(OverrideAction.LESS)
    room.show(NEUTRAL, 0.1)
    dim = room.setpoints[-1].light
    assert dim.blue_pct == pytest.approx(bright.blue_pct / 2, rel=0.05)
    assert room.setpoints[-1].vibration.level_pct == 0.0


# --- manual ---------------------------------------------------------------------------------


def test_manual_needs_no_camera_and_the_caregiver_sets_the_intensity(room: Room) -> None:
    room.must_start(mode=Mode.MANUAL)
    room.expect(Phase.MANUAL)
    room.wait(120)
    assert room.intensity_pct == START_PCT
    assert "no token" in str(room.override(OverrideAction.MORE))
    assert room.override(OverrideAction.MORE, token=room.token) is None
    assert room.intensity_pct == START_PCT + 5
    assert room.override(OverrideAction.LESS) is None
    assert room.intensity_pct == START_PCT - 5
    assert room.state.change is Change.CAREGIVER


def test_manual_heeds_the_same_ceiling(room: Room) -> None:
    room.must_start(mode=Mode.MANUAL)
    for _ in range(8):
        assert room.override(OverrideAction.MORE, token=room.token) is None
        room.wait(0.1)
    assert room.intensity_pct == 60.0
    assert "ceiling of 60 %" in str(room.override(OverrideAction.MORE, token=room.token))


def test_faces_are_ignored_in_manual(room: Room) -> None:
    room.must_start(mode=Mode.MANUAL)
    room.show(HAPPY, 60)
    assert room.intensity_pct == START_PCT
    assert room.setpoints[-1].frame_seq is None

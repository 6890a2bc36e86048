"""What starts a session, what it goes through, and what ends it."""

from pathlib import Path

import pytest

from calmloop.messages.chair import ChairMode
from calmloop.messages.session import Change, Mode, OverrideAction, Phase, SessionAction
from calmloop.messages.stimulus import Light, Vibration
from tests.unit.scenario_selector.room import HAPPY, NEUTRAL, UNKNOWN, Room

START_PCT = 20.0


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def start_of(room: Room) -> str:
    refusal = room.start()
    assert refusal is not None
    room.expect(Phase.IDLE)
    assert not room.arm_requests
    return refusal


# --- starting -----------------------------------------------------------------------------


def test_an_accepted_start_arms_the_chair_once_and_measures_the_baseline(room: Room) -> None:
    assert room.start() is None
    room.expect(Phase.STARTING)
    assert not room.setpoints
    room.wait(0.5)
    room.expect(Phase.BASELINE)
    assert room.arm_requests == [room.state.session_id]
    assert room.chair.mode is ChairMode.ACTIVE
    assert room.intensity_pct == START_PCT
    room.show(NEUTRAL, 10)
    assert len(room.arm_requests) == 1


def test_the_baseline_takes_30_s_at_the_lowest_level(room: Room) -> None:
    room.must_start()
    room.show(HAPPY, 29)
    room.expect(Phase.BASELINE)
    assert room.intensity_pct == START_PCT
    room.show(HAPPY, 1.5)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT


def test_a_baseline_in_which_the_face_is_hardly_seen_is_prolonged_once_then_paused(
    room: Room,
) -> None:
    room.must_start()
    began_s = room.now_s
    while room.phase is Phase.BASELINE:
        room.show(NEUTRAL, 1.2)
        room.show(UNKNOWN, 6.5)
    assert 59 <= room.now_s - began_s <= 68
    assert "too little" in room.state.reason
    room.expect(Phase.PAUSED)


def test_a_baseline_that_was_seen_late_is_measured_all_the_same(room: Room) -> None:
    room.must_start()
    room.show(UNKNOWN, 22)
    room.show(NEUTRAL, 9)
    room.expect(Phase.BASELINE)
    room.show(NEUTRAL, 3)
    room.expect(Phase.RUNNING)


def test_no_face_in_the_baseline_eases_to_zero_and_pauses(room: Room) -> None:
    room.must_start()
    began_s = room.now_s
    while room.phase is Phase.BASELINE:
        room.show(UNKNOWN, 0.1)
    room.expect(Phase.PAUSED)
    assert room.intensity_pct == 0.0
    assert room.now_s - began_s <= 30.0
    assert max(state.intensity_pct for state in room.states) == START_PCT


def test_a_start_is_refused_while_a_stop_is_latched(room: Room) -> None:
    room.latched = True
    room.wait(1)
    assert "latched (the caregiver)" in start_of(room)


def test_a_start_is_refused_while_the_watchdog_is_silent(room: Room) -> None:
    room.watchdog_silent = True
    room.wait(3)
    assert "safety-watchdog" in start_of(room)


def test_a_start_is_refused_while_the_chair_is_silent(room: Room) -> None:
    room.chair.silent = True
    room.wait(1)
    assert "actuator-bridge" in start_of(room)


def test_a_start_is_refused_with_the_reason_why_the_chair_cannot_be_armed(room: Room) -> None:
    room.chair.blocker = "the red button is pressed"
    room.wait(1)
    assert "the red button is pressed" in start_of(room)


def test_a_start_is_refused_during_the_chairs_lockout_with_the_time_left(room: Room) -> None:
    room.chair.lockout_s = 2.5
    room.wait(1)
    assert "2.5 s" in start_of(room)


def test_a_start_is_refused_right_after_a_stop_even_if_old_news_looks_well(room: Room) -> None:
    room.engine.stop("stop was pressed")
    room.hear_watchdog()
    assert "stop was pressed" in start_of(room)


def test_a_second_start_is_refused(room: Room) -> None:
    room.must_start()
    refusal = room.start()
    assert refusal is not None
    assert "finish it first" in refusal
    assert len(room.arm_requests) == 1


def test_unknown_profiles_and_scenarios_are_refused_by_name(room: Room) -> None:
    assert "profile 'nobody' is unknown" in str(room.start(profile="nobody"))
    refusal = str(room.start(scenario="disco"))
    assert "scenario 'disco' is unknown" in refusal
    assert "ocean-waves" in refusal


def test_a_start_without_a_token_is_refused(room: Room) -> None:
    assert "no token" in str(room.command(SessionAction.START))


def test_a_start_with_an_old_token_is_refused(room: Room) -> None:
    token = room.token
    room.wait(5.5)
    assert "older than 5 s" in str(room.start(token=token))
    assert room.start() is None


def test_a_token_opens_one_start_only(room: Room) -> None:
    token = room.token
    room.must_start(token=token)
    room.command(SessionAction.FINISH)
    room.wait(5)
    room.expect(Phase.IDLE)
    assert "used" in str(room.start(token=token))


def test_a_use_voids_every_other_token(room: Room) -> None:
    older = room.token
    room.wait(2.1)
    newer = room.token
    assert older != newer
    room.must_start(token=newer)
    room.command(SessionAction.FINISH)
    room.wait(4.5)
    assert "used" in str(room.start(token=older))


def test_a_refused_start_does_not_use_up_its_token(room: Room) -> None:
    token = room.token
    assert room.start(scenario="disco", token=token)
    assert room.start(token=token) is None


def test_the_token_is_renewed_every_2_s(room: Room) -> None:
    room.wait(10)
    tokens = {state.start_token for state in room.states}
    assert 5 <= len(tokens) <= 7


def test_a_start_that_is_taken_back_at_once_arms_nothing(room: Room) -> None:
    assert room.start() is None
    assert room.command(SessionAction.FINISH) is None
    room.wait(1)
    room.expect(Phase.IDLE)
    assert not room.arm_requests


def test_a_chair_that_does_not_arm_in_3_s_ends_the_start(room: Room) -> None:
    room.chair.answers_arming = False
    assert room.start() is None
    room.wait(2.9)
    room.expect(Phase.STARTING)
    room.wait(0.3)
    room.expect(Phase.IDLE)
    assert "did not arm in 3 s" in room.state.reason
    assert not room.setpoints


def test_a_chair_that_refuses_to_arm_ends_the_start_with_its_reason(room: Room) -> None:
    room.chair.refuses_arming = "nonce too old"
    assert room.start() is None
    room.wait(0.3)
    room.expect(Phase.IDLE)
    assert "nonce too old" in room.state.reason


def test_an_answer_to_another_start_arms_nothing(room: Room) -> None:
    room.chair.ask_to_arm("somebody-elses")
    room.chair.mode = ChairMode.SAFE
    room.wait(0.2)
    room.chair.answers_arming = False
    assert room.start() is None
    room.chair.mode = ChairMode.ARMED
    room.wait(1)
    room.expect(Phase.STARTING)


def test_a_chair_that_stays_armed_without_becoming_active_ends_the_session(room: Room) -> None:
    room.chair.take = lambda *_: None  # type: ignore[method-assign]
    room.must_start()
    room.show(NEUTRAL, 2.5)
    room.expect(Phase.BASELINE)
    room.show(NEUTRAL, 1)
    room.expect(Phase.IDLE)
    assert "did not become active" in room.state.reason


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
    assert "no token" in str(room.command(SessionAction.RESUME))
    room.expect(Phase.PAUSED)
    assert room.command(SessionAction.RESUME, token=room.token) is None
    room.show(NEUTRAL, 5)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT
    assert room.state.change is Change.RESUMED


def test_resuming_without_a_pause_is_refused(room: Room) -> None:
    assert "nothing to resume" in str(room.command(SessionAction.RESUME, token=room.token))


def test_resuming_an_unmeasured_child_measures_first(room: Room) -> None:
    room.must_start()
    room.show(UNKNOWN, 30)
    room.expect(Phase.PAUSED)
    assert room.command(SessionAction.RESUME, token=room.token) is None
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


# --- safety stops -----------------------------------------------------------------------------


def ended_abruptly(room: Room) -> None:
    room.expect(Phase.IDLE)
    assert room.intensity_pct == 0.0
    assert room.state.change is Change.STOPPED
    sent = len(room.setpoints)
    room.show(HAPPY, 3)
    assert len(room.setpoints) == sent


def test_a_stop_ends_the_session_at_once(room: Room) -> None:
    room.start_running()
    room.engine.stop("stop was pressed")
    assert room.engine.take_setpoint() is None
    ended_abruptly(room)


def test_a_latched_stop_ends_the_session_at_once(room: Room) -> None:
    room.start_running()
    room.latched = True
    room.hear_watchdog()
    room.turn()
    ended_abruptly(room)
    assert "the caregiver" in room.state.reason


def test_a_silent_watchdog_ends_the_session_within_3_s(room: Room) -> None:
    room.start_running()
    room.watchdog_silent = True
    room.show(NEUTRAL, 3)
    ended_abruptly(room)
    assert "safety-watchdog" in room.state.reason


def test_a_silent_chair_ends_the_session_within_2_s(room: Room) -> None:
    room.start_running()
    room.chair.silent = True
    room.show(NEUTRAL, 2)
    ended_abruptly(room)


@pytest.mark.parametrize(
    "mode", [m for m in ChairMode if m not in (ChairMode.ACTIVE,)], ids=lambda m: m.value
)
def test_a_chair_that_leaves_active_ends_the_session(room: Room, mode: ChairMode) -> None:
    room.start_running()
    room.chair.mode = mode
    room.chair.take = lambda *_: None  # type: ignore[method-assign]
    room.show(NEUTRAL, 0.2)
    ended_abruptly(room)
    assert mode.value in room.state.reason


def test_nothing_starts_again_by_itself_after_a_stop(room: Room) -> None:
    room.start_running()
    room.engine.stop("stop was pressed")
    room.wait(60)
    room.expect(Phase.IDLE)
    assert len(room.arm_requests) == 1
    assert "nothing to resume" in str(room.command(SessionAction.RESUME, token=room.token))


def test_a_process_that_was_stopped_for_a_while_ends_its_session(room: Room) -> None:
    room.start_running()
    room.clock.advance(8)
    room.engine.forget()
    room.turn()
    ended_abruptly(room)


def test_a_short_hiccup_forgets_the_evidence_but_not_the_session(room: Room) -> None:
    room.start_running()
    room.show(HAPPY, 1.2)
    room.clock.advance(0.35)
    room.engine.forget()
    room.show(NEUTRAL, 5)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT


# --- setpoints ------------------------------------------------------------------------------


def test_a_reading_is_answered_at_once_with_its_frame_and_only_once(room: Room) -> None:
    room.start_running()
    assert room.read(NEUTRAL, frame=4711)
    first, second = room.engine.take_setpoint(), room.engine.take_setpoint()
    assert first is not None
    assert second is not None
    assert (first.frame_seq, first.captured_ns) == (4711, 4_711_000_000)
    assert second.frame_seq is None
    assert first.session_id == room.state.session_id


def test_readings_without_a_session_are_not_answered(room: Room) -> None:
    assert not room.read(HAPPY)
    assert room.engine.take_setpoint() is None


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

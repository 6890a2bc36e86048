"""How a session starts: the token, what must be well before, the chair that is armed for it."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase, SessionAction
from tests.unit.scenario_selector.room import HAPPY, NEUTRAL, START_PCT, UNKNOWN, Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def start_of(room: Room) -> str:
    refusal = room.start()
    assert refusal is not None
    room.expect(Phase.IDLE)
    assert not room.arm_requests
    return refusal


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


def test_a_start_is_refused_with_the_reason_why_the_watchdog_gives_no_lease(room: Room) -> None:
    room.withheld = ("camera runs 2 times, as 'a' and 'b': stop all but one",)
    room.wait(1)
    assert "no lease: camera runs 2 times, as 'a' and 'b': stop all but one" in start_of(room)


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
    room.receive_stop_state()
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
    assert "no token" in str(room.start(token=None))


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

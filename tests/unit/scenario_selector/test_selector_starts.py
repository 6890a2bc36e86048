"""How a session starts: the token, what must be well before, the chair that is armed for it."""

from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Phase, SessionAction
from tests.unit.scenario_selector.harness import HAPPY, NEUTRAL, START_PCT, UNKNOWN, Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def start_of(harness: Harness) -> str:
    refusal = harness.start()
    assert refusal is not None
    harness.expect(Phase.IDLE)
    assert not harness.arm_requests
    return refusal


def test_an_accepted_start_arms_the_chair_once_and_measures_the_baseline(harness: Harness) -> None:
    assert harness.start() is None
    harness.expect(Phase.STARTING)
    assert not harness.setpoints
    harness.wait(0.5)
    harness.expect(Phase.BASELINE)
    assert harness.arm_requests == [harness.state.session_id]
    assert harness.chair.mode is ChairMode.ACTIVE
    assert harness.intensity_pct == START_PCT
    harness.show(NEUTRAL, 10)
    assert len(harness.arm_requests) == 1


def test_the_baseline_takes_30_s_at_the_lowest_level(harness: Harness) -> None:
    harness.must_start()
    harness.show(HAPPY, 29)
    harness.expect(Phase.BASELINE)
    assert harness.intensity_pct == START_PCT
    harness.show(HAPPY, 1.5)
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT


def test_a_baseline_in_which_the_face_is_hardly_seen_is_prolonged_once_then_paused(
    harness: Harness,
) -> None:
    harness.must_start()
    began_s = harness.now_s
    while harness.phase is Phase.BASELINE:
        harness.show(NEUTRAL, 1.2)
        harness.show(UNKNOWN, 6.5)
    assert 59 <= harness.now_s - began_s <= 68
    assert "too little" in harness.state.reason
    harness.expect(Phase.PAUSED)


def test_a_baseline_that_was_seen_late_is_measured_all_the_same(harness: Harness) -> None:
    harness.must_start()
    harness.show(UNKNOWN, 22)
    harness.show(NEUTRAL, 9)
    harness.expect(Phase.BASELINE)
    harness.show(NEUTRAL, 3)
    harness.expect(Phase.RUNNING)


def test_no_face_in_the_baseline_eases_to_zero_and_pauses(harness: Harness) -> None:
    harness.must_start()
    began_s = harness.now_s
    while harness.phase is Phase.BASELINE:
        harness.show(UNKNOWN, 0.1)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0
    assert harness.now_s - began_s <= 30.0
    assert max(state.intensity_pct for state in harness.states) == START_PCT


def test_a_start_is_refused_while_a_stop_is_latched(harness: Harness) -> None:
    harness.latched = True
    harness.wait(1)
    assert "latched (the caregiver)" in start_of(harness)


def test_a_start_is_refused_with_the_reason_why_the_watchdog_gives_no_lease(
    harness: Harness,
) -> None:
    harness.withheld = ("camera runs 2 times, as 'a' and 'b': stop all but one",)
    harness.wait(1)
    assert "no lease: camera runs 2 times, as 'a' and 'b': stop all but one" in start_of(harness)


def test_a_start_is_refused_while_the_watchdog_is_silent(harness: Harness) -> None:
    harness.watchdog_silent = True
    harness.wait(3)
    assert "safety-watchdog" in start_of(harness)


def test_a_start_is_refused_while_the_chair_is_silent(harness: Harness) -> None:
    harness.chair.silent = True
    harness.wait(1)
    assert "actuator-bridge" in start_of(harness)


def test_a_start_is_refused_with_the_reason_why_the_chair_cannot_be_armed(harness: Harness) -> None:
    harness.chair.blocker = "the red button is pressed"
    harness.wait(1)
    assert "the red button is pressed" in start_of(harness)


def test_a_start_is_refused_during_the_chairs_lockout_with_the_time_left(harness: Harness) -> None:
    harness.chair.lockout_s = 2.5
    harness.wait(1)
    assert "2.5 s" in start_of(harness)


def test_a_start_is_refused_right_after_a_stop_even_if_old_news_looks_well(
    harness: Harness,
) -> None:
    harness.engine.stop("stop was pressed")
    harness.receive_stop_state()
    assert "stop was pressed" in start_of(harness)


def test_a_second_start_is_refused(harness: Harness) -> None:
    harness.must_start()
    refusal = harness.start()
    assert refusal is not None
    assert "finish it first" in refusal
    assert len(harness.arm_requests) == 1


def test_unknown_profiles_and_scenarios_are_refused_by_name(harness: Harness) -> None:
    assert "profile 'nobody' is unknown" in str(harness.start(profile="nobody"))
    refusal = str(harness.start(scenario="disco"))
    assert "scenario 'disco' is unknown" in refusal
    assert "ocean-waves" in refusal


def test_a_start_without_a_token_is_refused(harness: Harness) -> None:
    assert "no token" in str(harness.start(token=None))


def test_a_start_with_an_old_token_is_refused(harness: Harness) -> None:
    token = harness.token
    harness.wait(5.5)
    assert "older than 5 s" in str(harness.start(token=token))
    assert harness.start() is None


def test_a_token_opens_one_start_only(harness: Harness) -> None:
    token = harness.token
    harness.must_start(token=token)
    harness.command(SessionAction.FINISH)
    harness.wait(5)
    harness.expect(Phase.IDLE)
    assert "used" in str(harness.start(token=token))


def test_a_use_voids_every_other_token(harness: Harness) -> None:
    older = harness.token
    harness.wait(2.1)
    newer = harness.token
    assert older != newer
    harness.must_start(token=newer)
    harness.command(SessionAction.FINISH)
    harness.wait(4.5)
    assert "used" in str(harness.start(token=older))


def test_a_refused_start_does_not_use_up_its_token(harness: Harness) -> None:
    token = harness.token
    assert harness.start(scenario="disco", token=token)
    assert harness.start(token=token) is None


def test_the_token_is_renewed_every_2_s(harness: Harness) -> None:
    harness.wait(10)
    tokens = {state.start_token for state in harness.states}
    assert 5 <= len(tokens) <= 7


def test_a_start_that_is_taken_back_at_once_arms_nothing(harness: Harness) -> None:
    assert harness.start() is None
    assert harness.command(SessionAction.FINISH) is None
    harness.wait(1)
    harness.expect(Phase.IDLE)
    assert not harness.arm_requests


def test_a_chair_that_does_not_arm_in_3_s_ends_the_start(harness: Harness) -> None:
    harness.chair.answers_arming = False
    assert harness.start() is None
    harness.wait(2.9)
    harness.expect(Phase.STARTING)
    harness.wait(0.3)
    harness.expect(Phase.IDLE)
    assert "did not arm in 3 s" in harness.state.reason
    assert not harness.setpoints


def test_a_chair_that_refuses_to_arm_ends_the_start_with_its_reason(harness: Harness) -> None:
    harness.chair.refuses_arming = "nonce too old"
    assert harness.start() is None
    harness.wait(0.3)
    harness.expect(Phase.IDLE)
    assert "nonce too old" in harness.state.reason


def test_an_answer_to_another_start_arms_nothing(harness: Harness) -> None:
    harness.chair.ask_to_arm("somebody-elses")
    harness.chair.mode = ChairMode.SAFE
    harness.wait(0.2)
    harness.chair.answers_arming = False
    assert harness.start() is None
    harness.chair.mode = ChairMode.ARMED
    harness.wait(1)
    harness.expect(Phase.STARTING)


def test_a_chair_that_stays_armed_without_becoming_active_ends_the_session(
    harness: Harness,
) -> None:
    harness.chair.take = lambda *_: None  # type: ignore[method-assign]
    harness.must_start()
    harness.show(NEUTRAL, 2.5)
    harness.expect(Phase.BASELINE)
    harness.show(NEUTRAL, 1)
    harness.expect(Phase.IDLE)
    assert "did not become active" in harness.state.reason

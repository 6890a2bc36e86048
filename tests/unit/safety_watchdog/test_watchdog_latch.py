"""A stop latches on everything that stops the chair, and its first cause stays."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, StopCause
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.watchdog import DISTRESS_FADE_S
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness


def end_active(harness: Harness, mode: ChairMode = ChairMode.RAMPDOWN) -> None:
    harness.report_chair(mode=mode)
    harness.turn()


def test_the_watchdog_starts_latched_and_says_why() -> None:
    state = Harness().watchdog.stop_state()

    assert state.latched
    assert state.kind is StopCause.START_UP
    assert "start-up" in state.cause
    assert state.reset_token


def test_a_stop_latches_and_ends_the_lease() -> None:
    harness = ready_harness()
    harness.watchdog.stop("a caregiver pressed stop")

    assert harness.latched
    assert harness.report_chair() is None


def test_the_first_cause_stays() -> None:
    harness = ready_harness()
    harness.watchdog.stop("first")
    harness.watchdog.stop("second")

    assert harness.watchdog.stop_state().cause == "first"


def test_a_stop_replaces_the_start_up_as_the_cause() -> None:
    harness = Harness()
    harness.watchdog.stop("a caregiver pressed stop")

    state = harness.watchdog.stop_state()
    assert (state.kind, state.cause) == (StopCause.STOP, "a caregiver pressed stop")


@pytest.mark.parametrize("mode", sorted(set(ChairMode) - {ChairMode.ACTIVE}))
def test_leaving_active_while_the_session_runs_latches(mode: ChairMode) -> None:
    harness = active_harness()
    end_active(harness, mode)

    assert harness.latched
    assert "while the session was running" in harness.watchdog.stop_state().cause


@pytest.mark.parametrize("phase", [Phase.CLOSING, Phase.IDLE])
def test_leaving_active_by_plan_does_not_latch(phase: Phase) -> None:
    harness = active_harness()
    harness.report_session(phase=phase)
    end_active(harness)

    assert not harness.latched


@pytest.mark.parametrize("session_id", ["", "s2"])
def test_an_idle_engine_of_another_life_did_not_plan_the_end(session_id: str) -> None:
    harness = active_harness()
    harness.report_session(phase=Phase.IDLE, session_id=session_id)
    end_active(harness)

    assert harness.latched


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.MANUAL, Phase.BASELINE])
def test_leaving_active_in_any_other_phase_latches(phase: Phase) -> None:
    harness = active_harness()
    harness.report_session(phase=phase)
    end_active(harness)

    assert harness.latched


def test_leaving_armed_does_not_latch() -> None:
    harness = ready_harness()
    harness.report_chair(mode=ChairMode.ARMED)
    harness.report_chair(mode=ChairMode.SAFE)
    harness.turn()

    assert not harness.latched


def test_an_active_chair_that_falls_silent_latches() -> None:
    harness = active_harness()
    harness.silent.add("chair")
    harness.play(1.4)
    assert not harness.latched
    harness.play(0.3)

    assert harness.latched


@pytest.mark.parametrize("service", [Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE])
def test_a_required_service_lost_while_active_latches(service: Account) -> None:
    harness = active_harness()
    harness.silent.add(service)
    harness.play(2.2)

    assert harness.latched
    assert service in harness.watchdog.stop_state().cause


def test_a_required_service_lost_while_safe_does_not_latch() -> None:
    harness = ready_harness()
    harness.silent.add(Account.SCENARIO_SELECTOR)
    harness.play(5.0)

    assert not harness.latched
    assert harness.report_chair() is None


def test_an_end_of_active_during_a_stall_is_still_judged() -> None:
    harness = active_harness()
    harness.watchdog.discard()
    end_active(harness, ChairMode.SAFE)

    assert harness.latched


def test_a_late_turn_alone_does_not_latch_when_everyone_shows_up_again() -> None:
    harness = active_harness()
    harness.watchdog.discard()
    harness.turn()
    harness.play(3.0)

    assert not harness.latched


def test_a_late_turn_latches_when_a_required_service_stays_away() -> None:
    harness = active_harness()
    harness.watchdog.discard()
    harness.silent.add(Account.SCENARIO_SELECTOR)
    harness.play(1.7)

    assert harness.latched


def test_a_chair_stopped_at_its_red_button_latches_in_any_state() -> None:
    harness = ready_harness()
    harness.inputs["estop"] = True
    harness.play(0.1)

    assert harness.latched


def test_the_childs_own_button_latches() -> None:
    harness = active_harness()
    harness.inputs["child_button"] = True
    harness.play(0.1)

    assert harness.latched


@pytest.mark.parametrize("seen_s", [5.0, 0.0], ids=["stood up first", "left at once"])
def test_an_empty_seat_latches_two_seconds_after_the_child_is_out_of_view(seen_s: float) -> None:
    harness = active_harness()
    harness.inputs["seat"] = False
    harness.play(seen_s)
    assert not harness.latched
    harness.faces = 0
    harness.play(1.8)
    assert not harness.latched
    harness.play(0.4)

    assert harness.latched
    assert AlarmKind.SEAT_EMPTY in harness.active_alarms()


def test_an_empty_seat_of_an_idle_chair_is_nobodys_business() -> None:
    harness = ready_harness()
    harness.inputs["seat"] = False
    harness.faces = 0
    harness.play(10.0)

    assert not harness.latched
    assert harness.active_alarms() == set()


def test_distress_lets_the_engines_fade_end_before_it_latches() -> None:
    harness = active_harness()
    harness.report_session(distress=True, reason="three negative cycles")
    harness.turn()
    harness.play(DISTRESS_FADE_S - 0.2)
    assert not harness.latched
    assert harness.report_chair() is not None
    harness.play(0.4)

    assert harness.latched


def test_distress_latches_even_if_the_engine_has_ended_its_session_by_then() -> None:
    harness = active_harness()
    harness.report_session(distress=True)
    harness.turn()
    harness.report_session(phase=Phase.IDLE, distress=False)
    end_active(harness)
    harness.play(DISTRESS_FADE_S + 0.1)

    assert harness.latched


def test_a_second_distress_counts_though_nobody_acknowledged_the_first() -> None:
    harness = active_harness()
    harness.report_session(distress=True)
    harness.play(DISTRESS_FADE_S + 0.1)
    assert harness.latched
    harness.report_chair(mode=ChairMode.SAFE)
    harness.report_session(distress=True, phase=Phase.CLOSING)
    harness.play(1.1)
    assert harness.reset() is None
    harness.report_session(phase=Phase.RUNNING, session_id="s2", distress=False)
    harness.report_chair(mode=ChairMode.ACTIVE)
    harness.play(1.0)
    harness.report_session(distress=True)
    harness.play(DISTRESS_FADE_S + 0.2)

    assert harness.latched

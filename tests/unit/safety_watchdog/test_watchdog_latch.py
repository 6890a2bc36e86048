"""A stop latches on everything that stops the chair, and its first cause stays."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.watchdog import DISTRESS_FADE_S
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene


def end_active(scene: Scene, mode: ChairMode = ChairMode.RAMPDOWN) -> None:
    scene.report_chair(mode=mode)
    scene.turn()


def test_the_watchdog_starts_latched_and_says_why() -> None:
    state = Scene().watchdog.stop_state()

    assert state.latched
    assert "start-up" in state.cause
    assert state.reset_token


def test_a_stop_latches_and_ends_the_lease() -> None:
    scene = ready_scene()
    scene.watchdog.stop("a caregiver pressed stop")

    assert scene.latched
    assert scene.report_chair() is None


def test_the_first_cause_stays() -> None:
    scene = ready_scene()
    scene.watchdog.stop("first")
    scene.watchdog.stop("second")

    assert scene.watchdog.stop_state().cause == "first"


def test_a_stop_replaces_the_start_up_as_the_cause() -> None:
    scene = Scene()
    scene.watchdog.stop("a caregiver pressed stop")

    assert scene.watchdog.stop_state().cause == "a caregiver pressed stop"


@pytest.mark.parametrize("mode", sorted(set(ChairMode) - {ChairMode.ACTIVE}))
def test_leaving_active_while_the_session_runs_latches(mode: ChairMode) -> None:
    scene = active_scene()
    end_active(scene, mode)

    assert scene.latched
    assert "while the session was running" in scene.watchdog.stop_state().cause


@pytest.mark.parametrize("phase", [Phase.CLOSING, Phase.IDLE])
def test_leaving_active_by_plan_does_not_latch(phase: Phase) -> None:
    scene = active_scene()
    scene.report_session(phase=phase)
    end_active(scene)

    assert not scene.latched


@pytest.mark.parametrize("session_id", ["", "s2"])
def test_an_idle_engine_of_another_life_did_not_plan_the_end(session_id: str) -> None:
    scene = active_scene()
    scene.report_session(phase=Phase.IDLE, session_id=session_id)
    end_active(scene)

    assert scene.latched


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.MANUAL, Phase.BASELINE])
def test_leaving_active_in_any_other_phase_latches(phase: Phase) -> None:
    scene = active_scene()
    scene.report_session(phase=phase)
    end_active(scene)

    assert scene.latched


def test_leaving_armed_does_not_latch() -> None:
    scene = ready_scene()
    scene.report_chair(mode=ChairMode.ARMED)
    scene.report_chair(mode=ChairMode.SAFE)
    scene.turn()

    assert not scene.latched


def test_an_active_chair_that_falls_silent_latches() -> None:
    scene = active_scene()
    scene.silent.add("chair")
    scene.play(1.4)
    assert not scene.latched
    scene.play(0.3)

    assert scene.latched


@pytest.mark.parametrize("service", [Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE])
def test_a_required_service_lost_while_active_latches(service: Account) -> None:
    scene = active_scene()
    scene.silent.add(service)
    scene.play(2.2)

    assert scene.latched
    assert service in scene.watchdog.stop_state().cause


def test_a_required_service_lost_while_safe_does_not_latch() -> None:
    scene = ready_scene()
    scene.silent.add(Account.SCENARIO_SELECTOR)
    scene.play(5.0)

    assert not scene.latched
    assert scene.report_chair() is None


def test_an_end_of_active_during_a_stall_is_still_judged() -> None:
    scene = active_scene()
    scene.watchdog.discard()
    end_active(scene, ChairMode.SAFE)

    assert scene.latched


def test_a_late_turn_alone_does_not_latch_when_everyone_shows_up_again() -> None:
    scene = active_scene()
    scene.watchdog.discard()
    scene.turn()
    scene.play(3.0)

    assert not scene.latched


def test_a_late_turn_latches_when_a_required_service_stays_away() -> None:
    scene = active_scene()
    scene.watchdog.discard()
    scene.silent.add(Account.SCENARIO_SELECTOR)
    scene.play(1.7)

    assert scene.latched


def test_a_chair_stopped_at_its_red_button_latches_in_any_state() -> None:
    scene = ready_scene()
    scene.inputs["estop"] = True
    scene.play(0.1)

    assert scene.latched


def test_the_childs_own_button_latches() -> None:
    scene = active_scene()
    scene.inputs["child_button"] = True
    scene.play(0.1)

    assert scene.latched


@pytest.mark.parametrize("seen_s", [5.0, 0.0], ids=["stood up first", "left at once"])
def test_an_empty_seat_latches_two_seconds_after_the_child_is_out_of_view(seen_s: float) -> None:
    scene = active_scene()
    scene.inputs["seat"] = False
    scene.play(seen_s)
    assert not scene.latched
    scene.faces = 0
    scene.play(1.8)
    assert not scene.latched
    scene.play(0.4)

    assert scene.latched
    assert AlarmKind.SEAT_EMPTY in scene.active_alarms()


def test_an_empty_seat_of_an_idle_chair_is_nobodys_business() -> None:
    scene = ready_scene()
    scene.inputs["seat"] = False
    scene.faces = 0
    scene.play(10.0)

    assert not scene.latched
    assert scene.active_alarms() == set()


def test_distress_lets_the_engines_fade_end_before_it_latches() -> None:
    scene = active_scene()
    scene.report_session(distress=True, reason="three negative cycles")
    scene.turn()
    scene.play(DISTRESS_FADE_S - 0.2)
    assert not scene.latched
    assert scene.report_chair() is not None
    scene.play(0.4)

    assert scene.latched


def test_distress_latches_even_if_the_engine_has_ended_its_session_by_then() -> None:
    scene = active_scene()
    scene.report_session(distress=True)
    scene.turn()
    scene.report_session(phase=Phase.IDLE, distress=False)
    end_active(scene)
    scene.play(DISTRESS_FADE_S + 0.1)

    assert scene.latched


def test_a_second_distress_counts_though_nobody_acknowledged_the_first() -> None:
    scene = active_scene()
    scene.report_session(distress=True)
    scene.play(DISTRESS_FADE_S + 0.1)
    assert scene.latched
    scene.report_chair(mode=ChairMode.SAFE)
    scene.report_session(distress=True, phase=Phase.CLOSING)
    scene.play(1.1)
    assert scene.reset() is None
    scene.report_session(phase=Phase.RUNNING, session_id="s2", distress=False)
    scene.report_chair(mode=ChairMode.ACTIVE)
    scene.play(1.0)
    scene.report_session(distress=True)
    scene.play(DISTRESS_FADE_S + 0.2)

    assert scene.latched

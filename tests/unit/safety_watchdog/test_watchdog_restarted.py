"""A watchdog that dies in a session calls a caregiver in its next life, until that was seen."""

import pytest

from calmloop.base.freshness import Received
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, Severity, StopState
from calmloop.contract.messages.session import Phase
from calmloop.safety_watchdog.watchdog import Watchdog
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness

RESTARTED = AlarmKind.WATCHDOG_RESTARTED


def born_again(harness: Harness) -> Harness:
    """The next life, told what the broker has kept of the one before."""
    left = harness.watchdog.stop_state()
    harness.watchdog = Watchdog(harness.clock, harness.ages)
    harness.watchdog.receive_stop_state(Received(left, harness.clock.monotonic_ns(), retained=True))
    for alarm in harness.alarms.values():
        harness.watchdog.alarms.restore(alarm)
    return harness


def test_a_death_in_a_session_is_told_although_the_chair_is_at_rest_by_now() -> None:
    harness = born_again(active_harness())
    harness.report_session(phase=Phase.IDLE)
    harness.report_chair(mode=ChairMode.SAFE)
    harness.play(1.0)

    assert harness.latched
    assert harness.alarms[RESTARTED].active
    assert harness.alarms[RESTARTED].severity is Severity.WARNING
    assert "restarted while the chair was active" in harness.alarms[RESTARTED].text


def test_only_an_acknowledgement_ends_it_neither_a_reset_nor_another_restart() -> None:
    harness = born_again(active_harness())
    harness.report_session(phase=Phase.IDLE)
    harness.report_chair(mode=ChairMode.SAFE)
    harness.play(2.0)
    assert harness.reset() is None
    harness.play(40.0)
    assert RESTARTED in harness.active_alarms()
    assert harness.report_chair() is not None
    born_again(harness).play(2.0)
    assert harness.reset() is None
    assert RESTARTED in harness.active_alarms()

    assert harness.watchdog.alarms.acknowledge(RESTARTED) is None
    harness.play(5.0)
    assert RESTARTED not in harness.active_alarms()


@pytest.mark.parametrize(
    ("mode", "phase"),
    [(ChairMode.ACTIVE, Phase.IDLE), (ChairMode.SAFE, Phase.RUNNING)],
)
def test_what_chair_and_engine_still_say_tells_it_where_the_broker_kept_nothing(
    mode: ChairMode, phase: Phase
) -> None:
    harness = Harness()
    harness.report_session(phase=phase, session_id="s1")
    harness.report_chair(mode=mode)
    harness.turn()

    assert RESTARTED in harness.active_alarms()


def test_a_restart_of_an_idle_chair_calls_nobody() -> None:
    harness = born_again(ready_harness())
    harness.play(3.0)
    assert harness.reset() is None
    harness.report_session(phase=Phase.RUNNING, session_id="s1")
    harness.report_chair(mode=ChairMode.ACTIVE)
    harness.play(2.0)

    assert RESTARTED not in harness.alarms


def test_after_a_planned_end_nothing_is_left_to_tell() -> None:
    harness = active_harness()
    harness.report_session(phase=Phase.CLOSING)
    harness.report_chair(mode=ChairMode.RAMPDOWN)
    harness.report_session(phase=Phase.IDLE)
    harness.report_chair(mode=ChairMode.SAFE)
    born_again(harness).play(5.0)

    assert RESTARTED not in harness.alarms


def test_its_own_later_states_do_not_count_as_those_of_a_former_life() -> None:
    harness = Harness()
    harness.watchdog.receive_stop_state(harness.received(StopState(latched=True)))
    own = Received(
        StopState(latched=False, chair_active=True), harness.clock.monotonic_ns(), retained=True
    )
    harness.watchdog.receive_stop_state(own)
    harness.turn()

    assert RESTARTED not in harness.alarms

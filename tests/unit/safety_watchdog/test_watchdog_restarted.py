"""A watchdog that dies in a session calls a caregiver in its next life, until that was seen."""

import pytest

from calmloop.base.freshness import Received
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, Severity, StopState
from calmloop.contract.messages.session import Phase
from calmloop.safety_watchdog.watchdog import Watchdog
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene

RESTARTED = AlarmKind.WATCHDOG_RESTARTED


def born_again(scene: Scene) -> Scene:
    """The next life, told what the broker has kept of the one before."""
    left = scene.watchdog.stop_state()
    scene.watchdog = Watchdog(scene.clock, scene.ages)
    scene.watchdog.receive_stop_state(Received(left, scene.clock.monotonic_ns(), retained=True))
    for alarm in scene.alarms.values():
        scene.watchdog.alarms.restore(alarm)
    return scene


def test_a_death_in_a_session_is_told_although_the_chair_is_at_rest_by_now() -> None:
    scene = born_again(active_scene())
    scene.report_session(phase=Phase.IDLE)
    scene.report_chair(mode=ChairMode.SAFE)
    scene.play(1.0)

    assert scene.latched
    assert scene.alarms[RESTARTED].active
    assert scene.alarms[RESTARTED].severity is Severity.WARNING
    assert "restarted while the chair was active" in scene.alarms[RESTARTED].text


def test_only_an_acknowledgement_ends_it_neither_a_reset_nor_another_restart() -> None:
    scene = born_again(active_scene())
    scene.report_session(phase=Phase.IDLE)
    scene.report_chair(mode=ChairMode.SAFE)
    scene.play(2.0)
    assert scene.reset() is None
    scene.play(40.0)
    assert RESTARTED in scene.active_alarms()
    assert scene.report_chair() is not None
    born_again(scene).play(2.0)
    assert scene.reset() is None
    assert RESTARTED in scene.active_alarms()

    assert scene.watchdog.alarms.acknowledge(RESTARTED) is None
    scene.play(5.0)
    assert RESTARTED not in scene.active_alarms()


@pytest.mark.parametrize(
    ("mode", "phase"),
    [(ChairMode.ACTIVE, Phase.IDLE), (ChairMode.SAFE, Phase.RUNNING)],
)
def test_what_chair_and_engine_still_say_tells_it_where_the_broker_kept_nothing(
    mode: ChairMode, phase: Phase
) -> None:
    scene = Scene()
    scene.report_session(phase=phase, session_id="s1")
    scene.report_chair(mode=mode)
    scene.turn()

    assert RESTARTED in scene.active_alarms()


def test_a_restart_of_an_idle_chair_calls_nobody() -> None:
    scene = born_again(ready_scene())
    scene.play(3.0)
    assert scene.reset() is None
    scene.report_session(phase=Phase.RUNNING, session_id="s1")
    scene.report_chair(mode=ChairMode.ACTIVE)
    scene.play(2.0)

    assert RESTARTED not in scene.alarms


def test_after_a_planned_end_nothing_is_left_to_tell() -> None:
    scene = active_scene()
    scene.report_session(phase=Phase.CLOSING)
    scene.report_chair(mode=ChairMode.RAMPDOWN)
    scene.report_session(phase=Phase.IDLE)
    scene.report_chair(mode=ChairMode.SAFE)
    born_again(scene).play(5.0)

    assert RESTARTED not in scene.alarms


def test_its_own_later_states_do_not_count_as_those_of_a_former_life() -> None:
    scene = Scene()
    scene.watchdog.receive_stop_state(scene.received(StopState(latched=True)))
    own = Received(
        StopState(latched=False, chair_active=True), scene.clock.monotonic_ns(), retained=True
    )
    scene.watchdog.receive_stop_state(own)
    scene.turn()

    assert RESTARTED not in scene.alarms

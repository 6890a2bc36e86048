"""Alarms call a caregiver, and stay until the cause is gone and someone has seen them."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity
from calmloop.contract.messages.session import Mode, Phase
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.alarms import MAX_UNACKNOWLEDGED_S
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene


def distress(scene: Scene) -> None:
    scene.report_session(phase=Phase.RUNNING, session_id="s1", distress=True, reason="crying")
    scene.turn()


def test_all_is_quiet_when_all_is_well() -> None:
    scene = ready_scene()
    scene.play(60.0)

    assert scene.active_alarms() == set()


def test_distress_raises_a_critical_alarm_that_says_why() -> None:
    scene = active_scene()
    distress(scene)

    alarm = scene.alarms[AlarmKind.DISTRESS]
    assert alarm.active
    assert not alarm.acknowledged
    assert alarm.severity is Severity.CRITICAL
    assert "crying" in alarm.text
    assert alarm.since


def test_an_alarm_outlives_its_cause_until_it_is_acknowledged() -> None:
    scene = active_scene()
    distress(scene)
    scene.report_session(distress=False)
    scene.turn()
    assert scene.alarms[AlarmKind.DISTRESS].active
    assert scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    scene.turn()

    assert not scene.alarms[AlarmKind.DISTRESS].active


def test_an_acknowledged_alarm_stands_while_its_cause_lasts() -> None:
    scene = active_scene()
    distress(scene)
    scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    scene.turn()
    assert scene.alarms[AlarmKind.DISTRESS].active
    assert scene.alarms[AlarmKind.DISTRESS].acknowledged
    scene.report_session(distress=False)
    scene.turn()

    assert not scene.alarms[AlarmKind.DISTRESS].active


def test_an_alarm_that_nobody_raised_cannot_be_acknowledged() -> None:
    refused = ready_scene().watchdog.alarms.acknowledge(AlarmKind.DISTRESS)

    assert "nothing to acknowledge" in (refused or "")


def test_to_acknowledge_twice_is_no_error() -> None:
    scene = active_scene()
    distress(scene)

    assert scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    assert scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None


def test_a_cause_that_comes_back_raises_the_alarm_anew() -> None:
    scene = active_scene()
    distress(scene)
    scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    scene.report_session(distress=False)
    scene.turn()
    distress(scene)

    assert scene.alarms[AlarmKind.DISTRESS].active
    assert not scene.alarms[AlarmKind.DISTRESS].acknowledged


def test_a_critical_alarm_that_nobody_sees_ends_the_lease_after_thirty_seconds() -> None:
    scene = ready_scene()
    scene.session |= {"phase": Phase.PAUSED, "session_id": "s1"}
    scene.watchdog.alarms.restore(
        Alarm(kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL)
    )
    assert scene.give_leases_for(MAX_UNACKNOWLEDGED_S) == 300
    scene.play(0.1)

    assert scene.give_leases_for(5.0) == 0
    assert scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    assert scene.report_chair() is not None


def test_a_warning_that_nobody_sees_does_not_end_the_lease() -> None:
    scene = ready_scene()
    scene.silent.add(Account.CAMERA)
    scene.play(40.0)

    assert scene.alarms[AlarmKind.PERCEPTION_LOST].active
    assert scene.alarms[AlarmKind.PERCEPTION_LOST].severity is Severity.WARNING
    assert scene.report_chair() is not None


def test_without_a_camera_in_a_manual_session_nobody_is_called() -> None:
    scene = ready_scene()
    scene.silent |= {Account.CAMERA, "face"}
    scene.session |= {"phase": Phase.MANUAL, "session_id": "s1", "mode": Mode.MANUAL}
    scene.report_session()
    scene.play(5.0)

    assert AlarmKind.PERCEPTION_LOST not in scene.active_alarms()


def test_services_may_take_fifteen_seconds_to_start_before_anyone_is_called() -> None:
    scene = Scene()
    scene.silent |= set(Account)
    scene.play(14.9)
    assert scene.active_alarms() == set()
    scene.play(0.3)

    assert scene.active_alarms() == {AlarmKind.SERVICE_LOST, AlarmKind.PERCEPTION_LOST}


def test_a_service_lost_in_a_session_is_critical_and_otherwise_a_warning() -> None:
    idle, running = ready_scene(), active_scene()
    for scene in (idle, running):
        scene.silent.add(Account.SCENARIO_SELECTOR)
        scene.silent.add("engine")
        scene.play(2.2)

    assert idle.alarms[AlarmKind.SERVICE_LOST].severity is Severity.WARNING
    assert running.alarms[AlarmKind.SERVICE_LOST].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("chair", "inputs", "kind"),
    [
        ({}, {"estop": True}, AlarmKind.CHAIR_STOP),
        ({"mode": ChairMode.ESTOP}, {}, AlarmKind.CHAIR_STOP),
        ({}, {"child_button": True}, AlarmKind.CHAIR_STOP),
        ({"mode": ChairMode.FAULT, "fault": "self_test"}, {}, AlarmKind.CHAIR_FAULT),
    ],
)
def test_what_stops_the_chair_calls_a_caregiver(
    chair: dict[str, object], inputs: dict[str, object], kind: AlarmKind
) -> None:
    scene = ready_scene()
    scene.chair |= chair
    scene.inputs |= inputs
    scene.play(0.1)

    assert scene.alarms[kind].active
    assert scene.alarms[kind].severity is Severity.CRITICAL


def test_an_alarm_of_the_chair_is_not_over_because_the_chair_falls_silent() -> None:
    scene = ready_scene()
    scene.inputs["estop"] = True
    scene.play(0.1)
    scene.watchdog.alarms.acknowledge(AlarmKind.CHAIR_STOP)
    scene.silent.add("chair")
    scene.play(10.0)

    assert scene.alarms[AlarmKind.CHAIR_STOP].active


def test_a_foreign_firmware_calls_a_caregiver_once_it_is_not_only_a_slow_connect() -> None:
    scene = ready_scene()
    scene.chair |= {"identified": False, "mismatch": "cap hash differs"}
    scene.play(2.0)
    assert scene.active_alarms() == set()
    scene.play(2.0)

    assert "cap hash" in scene.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_chair_that_does_not_say_what_it_is_calls_a_caregiver() -> None:
    scene = ready_scene()
    scene.chair["identified"] = False
    scene.play(4.0)

    assert "does not say" in scene.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_chair_of_another_protocol_calls_a_caregiver_and_an_unplugged_one_does_not() -> None:
    scene = ready_scene()
    scene.chair |= {"mode": ChairMode.DISCONNECTED, "identified": False}
    scene.play(4.0)
    assert AlarmKind.FIRMWARE_MISMATCH not in scene.active_alarms()
    scene.chair["mismatch"] = "protocol 2, expected 1"
    scene.play(4.0)

    assert "protocol 2" in scene.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_stop_raises_an_alarm_that_the_reset_ends() -> None:
    scene = ready_scene()
    scene.watchdog.stop("a caregiver pressed stop")
    scene.turn()
    assert scene.active_alarms() == {AlarmKind.STOP}
    scene.play(1.1)
    assert scene.reset() is None

    assert scene.active_alarms() == set()


def test_a_reset_acknowledges_what_is_over() -> None:
    scene = ready_scene()
    scene.inputs["estop"] = True
    scene.play(0.5)
    scene.inputs["estop"] = False
    scene.play(1.1)
    assert scene.active_alarms() == {AlarmKind.STOP, AlarmKind.CHAIR_STOP}
    assert scene.reset() is None

    assert scene.active_alarms() == set()


def test_a_restarted_watchdog_takes_up_the_alarms_of_its_former_life() -> None:
    scene = Scene()
    left = Alarm(kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL, text="crying")
    scene.watchdog.alarms.restore(left)
    scene.play(2.0)

    assert scene.watchdog.alarms.is_active(AlarmKind.DISTRESS)
    assert scene.reset() is None
    assert not scene.watchdog.alarms.is_active(AlarmKind.DISTRESS)


def test_an_echo_of_its_own_alarm_changes_nothing() -> None:
    scene = active_scene()
    distress(scene)
    echo = scene.alarms[AlarmKind.DISTRESS]
    scene.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    scene.report_session(distress=False)
    scene.turn()
    scene.watchdog.alarms.restore(echo)

    assert not scene.watchdog.alarms.is_active(AlarmKind.DISTRESS)


def test_an_alarm_that_becomes_critical_has_to_be_seen_again() -> None:
    scene = ready_scene()
    scene.silent |= {Account.SCENARIO_SELECTOR}
    scene.play(2.2)
    scene.watchdog.alarms.acknowledge(AlarmKind.SERVICE_LOST)
    scene.report_session(phase=Phase.RUNNING, session_id="s1")
    scene.turn()

    assert scene.alarms[AlarmKind.SERVICE_LOST].severity is Severity.CRITICAL
    assert not scene.alarms[AlarmKind.SERVICE_LOST].acknowledged


def test_records_that_are_not_kept_call_a_caregiver() -> None:
    scene = active_scene()
    scene.report_session(trouble="not kept over a restart: overrides.json: no space left")
    scene.turn()
    alarm = scene.alarms[AlarmKind.RECORDS]
    assert alarm.active
    assert alarm.severity is Severity.WARNING
    assert "no space left" in alarm.text
    assert not scene.latched
    scene.report_session(trouble="")
    scene.turn()
    assert scene.alarms[AlarmKind.RECORDS].active
    scene.watchdog.alarms.acknowledge(AlarmKind.RECORDS)
    scene.turn()
    assert not scene.alarms[AlarmKind.RECORDS].active

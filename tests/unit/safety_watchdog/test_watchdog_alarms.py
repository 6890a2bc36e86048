"""Alarms call a caregiver, and stay until the cause is gone and someone has seen them."""

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity
from calmloop.contract.messages.session import Mode, Phase
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.alarms import MAX_UNACKNOWLEDGED_S
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness


def distress(harness: Harness) -> None:
    harness.report_session(phase=Phase.RUNNING, session_id="s1", distress=True, reason="crying")
    harness.turn()


def test_all_is_quiet_when_all_is_well() -> None:
    harness = ready_harness()
    harness.play(60.0)

    assert harness.active_alarms() == set()


def test_distress_raises_a_critical_alarm_that_says_why() -> None:
    harness = active_harness()
    distress(harness)

    alarm = harness.alarms[AlarmKind.DISTRESS]
    assert alarm.active
    assert not alarm.acknowledged
    assert alarm.severity is Severity.CRITICAL
    assert "crying" in alarm.text
    assert alarm.since


def test_an_alarm_outlives_its_cause_until_it_is_acknowledged() -> None:
    harness = active_harness()
    distress(harness)
    harness.report_session(distress=False)
    harness.turn()
    assert harness.alarms[AlarmKind.DISTRESS].active
    assert harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    harness.turn()

    assert not harness.alarms[AlarmKind.DISTRESS].active


def test_an_acknowledged_alarm_stands_while_its_cause_lasts() -> None:
    harness = active_harness()
    distress(harness)
    harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    harness.turn()
    assert harness.alarms[AlarmKind.DISTRESS].active
    assert harness.alarms[AlarmKind.DISTRESS].acknowledged
    harness.report_session(distress=False)
    harness.turn()

    assert not harness.alarms[AlarmKind.DISTRESS].active


def test_an_alarm_that_nobody_raised_cannot_be_acknowledged() -> None:
    refused = ready_harness().watchdog.alarms.acknowledge(AlarmKind.DISTRESS)

    assert "nothing to acknowledge" in (refused or "")


def test_to_acknowledge_twice_is_no_error() -> None:
    harness = active_harness()
    distress(harness)

    assert harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    assert harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None


def test_a_cause_that_comes_back_raises_the_alarm_anew() -> None:
    harness = active_harness()
    distress(harness)
    harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    harness.report_session(distress=False)
    harness.turn()
    distress(harness)

    assert harness.alarms[AlarmKind.DISTRESS].active
    assert not harness.alarms[AlarmKind.DISTRESS].acknowledged


def test_a_critical_alarm_that_nobody_sees_ends_the_lease_after_thirty_seconds() -> None:
    harness = ready_harness()
    harness.session |= {"phase": Phase.PAUSED, "session_id": "s1"}
    harness.watchdog.alarms.restore(
        Alarm(kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL)
    )
    assert harness.give_leases_for(MAX_UNACKNOWLEDGED_S) == 300
    harness.play(0.1)

    assert harness.give_leases_for(5.0) == 0
    assert harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS) is None
    assert harness.report_chair() is not None


def test_a_warning_that_nobody_sees_does_not_end_the_lease() -> None:
    harness = ready_harness()
    harness.silent.add(Account.CAMERA)
    harness.play(40.0)

    assert harness.alarms[AlarmKind.PERCEPTION_LOST].active
    assert harness.alarms[AlarmKind.PERCEPTION_LOST].severity is Severity.WARNING
    assert harness.report_chair() is not None


def test_without_a_camera_in_a_manual_session_nobody_is_called() -> None:
    harness = ready_harness()
    harness.silent |= {Account.CAMERA, "face"}
    harness.session |= {"phase": Phase.MANUAL, "session_id": "s1", "mode": Mode.MANUAL}
    harness.report_session()
    harness.play(5.0)

    assert AlarmKind.PERCEPTION_LOST not in harness.active_alarms()


def test_services_may_take_fifteen_seconds_to_start_before_anyone_is_called() -> None:
    harness = Harness()
    harness.silent |= set(Account)
    harness.play(14.9)
    assert harness.active_alarms() == set()
    harness.play(0.3)

    assert harness.active_alarms() == {AlarmKind.SERVICE_LOST, AlarmKind.PERCEPTION_LOST}


def test_a_service_lost_in_a_session_is_critical_and_otherwise_a_warning() -> None:
    idle, running = ready_harness(), active_harness()
    for harness in (idle, running):
        harness.silent.add(Account.SCENARIO_SELECTOR)
        harness.silent.add("engine")
        harness.play(2.2)

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
    harness = ready_harness()
    harness.chair |= chair
    harness.inputs |= inputs
    harness.play(0.1)

    assert harness.alarms[kind].active
    assert harness.alarms[kind].severity is Severity.CRITICAL


def test_an_alarm_of_the_chair_is_not_over_because_the_chair_falls_silent() -> None:
    harness = ready_harness()
    harness.inputs["estop"] = True
    harness.play(0.1)
    harness.watchdog.alarms.acknowledge(AlarmKind.CHAIR_STOP)
    harness.silent.add("chair")
    harness.play(10.0)

    assert harness.alarms[AlarmKind.CHAIR_STOP].active


def test_a_foreign_firmware_calls_a_caregiver_once_it_is_not_only_a_slow_connect() -> None:
    harness = ready_harness()
    harness.chair |= {"identified": False, "mismatch": "cap hash differs"}
    harness.play(2.0)
    assert harness.active_alarms() == set()
    harness.play(2.0)

    assert "cap hash" in harness.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_chair_that_does_not_say_what_it_is_calls_a_caregiver() -> None:
    harness = ready_harness()
    harness.chair["identified"] = False
    harness.play(4.0)

    assert "does not say" in harness.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_chair_of_another_protocol_calls_a_caregiver_and_an_unplugged_one_does_not() -> None:
    harness = ready_harness()
    harness.chair |= {"mode": ChairMode.DISCONNECTED, "identified": False}
    harness.play(4.0)
    assert AlarmKind.FIRMWARE_MISMATCH not in harness.active_alarms()
    harness.chair["mismatch"] = "protocol 2, expected 1"
    harness.play(4.0)

    assert "protocol 2" in harness.alarms[AlarmKind.FIRMWARE_MISMATCH].text


def test_a_stop_raises_an_alarm_that_the_reset_ends() -> None:
    harness = ready_harness()
    harness.watchdog.stop("a caregiver pressed stop")
    harness.turn()
    assert harness.active_alarms() == {AlarmKind.STOP}
    harness.play(1.1)
    assert harness.reset() is None

    assert harness.active_alarms() == set()


def test_a_reset_acknowledges_what_is_over() -> None:
    harness = ready_harness()
    harness.inputs["estop"] = True
    harness.play(0.5)
    harness.inputs["estop"] = False
    harness.play(1.1)
    assert harness.active_alarms() == {AlarmKind.STOP, AlarmKind.CHAIR_STOP}
    assert harness.reset() is None

    assert harness.active_alarms() == set()


def test_a_restarted_watchdog_takes_up_the_alarms_of_its_former_life() -> None:
    harness = Harness()
    left = Alarm(kind=AlarmKind.DISTRESS, active=True, severity=Severity.CRITICAL, text="crying")
    harness.watchdog.alarms.restore(left)
    harness.play(2.0)

    assert harness.watchdog.alarms.is_active(AlarmKind.DISTRESS)
    assert harness.reset() is None
    assert not harness.watchdog.alarms.is_active(AlarmKind.DISTRESS)


def test_an_echo_of_its_own_alarm_changes_nothing() -> None:
    harness = active_harness()
    distress(harness)
    echo = harness.alarms[AlarmKind.DISTRESS]
    harness.watchdog.alarms.acknowledge(AlarmKind.DISTRESS)
    harness.report_session(distress=False)
    harness.turn()
    harness.watchdog.alarms.restore(echo)

    assert not harness.watchdog.alarms.is_active(AlarmKind.DISTRESS)


def test_an_alarm_that_becomes_critical_has_to_be_seen_again() -> None:
    harness = ready_harness()
    harness.silent |= {Account.SCENARIO_SELECTOR}
    harness.play(2.2)
    harness.watchdog.alarms.acknowledge(AlarmKind.SERVICE_LOST)
    harness.report_session(phase=Phase.RUNNING, session_id="s1")
    harness.turn()

    assert harness.alarms[AlarmKind.SERVICE_LOST].severity is Severity.CRITICAL
    assert not harness.alarms[AlarmKind.SERVICE_LOST].acknowledged


def test_a_question_calls_a_caregiver_until_it_is_answered_and_seen() -> None:
    harness = active_harness()
    harness.report_session(question="Is it asleep?")
    harness.turn()
    alarm = harness.alarms[AlarmKind.QUESTION]
    assert (alarm.active, alarm.severity) == (True, Severity.WARNING)
    assert "Is it asleep?" in alarm.text
    assert not harness.latched
    harness.report_session(question="")
    harness.watchdog.alarms.acknowledge(AlarmKind.QUESTION)
    harness.turn()
    assert not harness.alarms[AlarmKind.QUESTION].active


def test_records_that_are_not_kept_call_a_caregiver() -> None:
    harness = active_harness()
    harness.report_session(trouble="not kept over a restart: overrides.json: no space left")
    harness.turn()
    alarm = harness.alarms[AlarmKind.RECORDS]
    assert alarm.active
    assert alarm.severity is Severity.WARNING
    assert "no space left" in alarm.text
    assert not harness.latched
    harness.report_session(trouble="")
    harness.turn()
    assert harness.alarms[AlarmKind.RECORDS].active
    harness.watchdog.alarms.acknowledge(AlarmKind.RECORDS)
    harness.turn()
    assert not harness.alarms[AlarmKind.RECORDS].active


def test_a_session_eased_down_for_want_of_a_caregiver_calls_one_and_costs_no_lease() -> None:
    harness = active_harness()
    harness.report_session(unattended=True)
    harness.play(1.0)
    alarm = harness.alarms[AlarmKind.UNATTENDED]
    assert (alarm.active, alarm.severity) == (True, Severity.WARNING)
    assert not harness.latched

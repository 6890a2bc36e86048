"""A stage that must be alone and is not gets no lease, and a caregiver is called."""

from collections.abc import Callable
from functools import partial

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.topic import ALONE
from calmloop.contract.topics import SERVICES, Account
from calmloop.safety_watchdog.instances import MAX_INSTANCES
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness

TWO = AlarmKind.TWO_INSTANCES
STEP_S = 0.1


def play_beside(harness: Harness, seconds: float, beat: Callable[[], object]) -> None:
    """Lets time pass while another process beats as well, twice a second."""
    for step in range(round(seconds / STEP_S)):
        if step % 5 == 2:
            beat()
        harness.play(STEP_S)


@pytest.mark.parametrize("service", sorted(ALONE - {Account.SAFETY_WATCHDOG}))
def test_a_second_instance_ends_the_lease_at_its_second_beat_at_the_latest(
    service: Account,
) -> None:
    harness = ready_harness()

    play_beside(harness, 1.0, lambda: harness.beat_as(service, "b"))

    assert harness.report_chair() is None
    named = f"{service} runs 2 times, as 'a' and 'b': stop all but one"
    assert named in harness.watchdog.withheld()
    assert named in harness.watchdog.stop_state().withheld


def test_the_alarm_names_both_and_ends_when_one_has_gone_and_a_person_has_seen_it() -> None:
    harness = ready_harness()
    play_beside(harness, 4.0, lambda: harness.beat_as(Account.CAMERA, "b"))
    assert TWO in harness.active_alarms()
    assert "camera runs 2 times, as 'a' and 'b': stop all but one" in harness.alarms[TWO].text
    assert harness.alarms[TWO].severity is Severity.WARNING

    harness.play(2.0)
    assert harness.report_chair() is not None
    assert TWO in harness.active_alarms()
    assert harness.watchdog.alarms.acknowledge(TWO) is None
    harness.play(1.0)
    assert TWO not in harness.active_alarms()


def test_in_a_session_it_latches_and_is_critical() -> None:
    harness = active_harness()

    play_beside(harness, 4.0, lambda: harness.beat_as(Account.ACTUATOR_BRIDGE, "b"))

    assert harness.latched
    assert "actuator-bridge runs 2 times" in harness.watchdog.stop_state().cause
    assert harness.alarms[TWO].severity is Severity.CRITICAL


def test_a_reset_waits_until_one_of_them_is_gone() -> None:
    harness = Harness()
    play_beside(harness, 2.0, lambda: harness.beat_as(Account.FACE_DETECTOR, "b"))

    refused = harness.reset()

    assert refused is not None
    assert "face-detector runs 2 times" in refused
    harness.play(2.0)
    assert harness.reset() is None


def test_a_second_watchdog_keeps_both_from_giving_a_lease() -> None:
    harness = ready_harness()

    def both() -> None:
        harness.beat_as(Account.SAFETY_WATCHDOG, "mine")
        harness.beat_as(Account.SAFETY_WATCHDOG, "other")

    play_beside(harness, 1.5, both)

    assert harness.report_chair() is None
    assert "safety-watchdog runs 2 times" in harness.watchdog.withheld()[0]


def test_two_processes_of_one_name_are_two() -> None:
    harness = ready_harness()
    harness.silent.add(Account.CAMERA)

    def both() -> None:
        harness.beat_as(Account.CAMERA, "raspberrypi", run="1")
        harness.beat_as(Account.CAMERA, "raspberrypi", run="2")

    play_beside(harness, 1.5, both)

    assert "as 'raspberrypi' and 'raspberrypi'" in harness.watchdog.withheld()[0]


def test_two_of_one_name_that_throw_each_other_off_for_seconds_are_two() -> None:
    harness = ready_harness()
    harness.silent.add(Account.CAMERA)
    for run, seconds in (("1", 2.0), ("2", 4.0), ("1", 8.0), ("2", 3.0)):
        beat = partial(harness.beat_as, Account.CAMERA, "pi", run=run)
        play_beside(harness, seconds, beat)

    assert TWO in harness.active_alarms()
    assert harness.report_chair() is None
    play_beside(harness, 11.0, lambda: harness.beat_as(Account.CAMERA, "pi", run="2"))
    assert harness.report_chair() is not None


@pytest.mark.parametrize("gap_s", [0.1, 0.5, 1.0, 1.4, 3.0])
def test_a_container_that_is_replaced_is_no_second_instance(gap_s: float) -> None:
    """The successor has another name, and comes before the last beat of the other is stale."""
    harness = active_harness()
    harness.silent.add(Account.CAMERA)
    harness.play(gap_s)

    before = len(harness.leases)
    play_beside(harness, 5.0, lambda: harness.beat_as(Account.CAMERA, "b"))

    assert len(harness.leases) - before == 50
    assert TWO not in harness.alarms


@pytest.mark.parametrize("gap_s", [0.2, 1.0])
def test_a_process_that_starts_again_under_its_name_is_no_second_instance(gap_s: float) -> None:
    harness = active_harness()
    harness.silent.add(Account.CAMERA)
    harness.beat_as(Account.CAMERA, "x", run="1")
    harness.play(gap_s)

    play_beside(harness, 5.0, lambda: harness.beat_as(Account.CAMERA, "x", run="2"))

    assert not harness.latched
    assert TWO not in harness.alarms


def test_a_short_overlap_withholds_the_lease_and_leaves_no_alarm() -> None:
    harness = ready_harness()
    play_beside(harness, 0.6, lambda: harness.beat_as(Account.CAMERA, "b"))
    assert harness.report_chair() is None
    harness.silent.add(Account.CAMERA)

    play_beside(harness, 10.0, lambda: harness.beat_as(Account.CAMERA, "b"))

    assert harness.report_chair() is not None
    assert TWO not in harness.alarms


def test_classifiers_may_be_several() -> None:
    harness = ready_harness()

    play_beside(harness, 5.0, lambda: harness.beat_as(Account.EMOTION_CLASSIFIER, "b"))

    assert harness.report_chair() is not None
    assert TWO not in harness.alarms


def test_a_flood_of_instances_is_bounded_and_seen() -> None:
    harness = ready_harness()
    for number in range(10_000):
        harness.beat_as(Account.CAMERA, f"i{number}")
    harness.play(0.6)
    harness.beat_as(Account.CAMERA, "i9999")
    harness.play(0.6)

    assert len(harness.watchdog._heartbeats._beats[Account.CAMERA]) <= MAX_INSTANCES
    assert harness.report_chair() is None
    assert all(len(text) < 200 for text in harness.watchdog.withheld())


def test_services_that_do_not_exist_are_refused_and_not_remembered() -> None:
    harness = ready_harness()
    for number in range(1000):
        refused = harness.beat_as(f"service-{number}", "a")  # type: ignore[arg-type]
        assert refused is not None
        assert "known are actuator-bridge" in refused

    assert set(harness.watchdog._heartbeats._beats) <= SERVICES
    assert harness.watchdog._heartbeats._known <= SERVICES


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, "a\n", "'; stop", "\x00"])
def test_odd_names_are_refused(name: str) -> None:
    harness = ready_harness()

    assert "does not match" in (harness.beat_as(Account.CAMERA, name) or "")
    play_beside(harness, 3.0, lambda: harness.beat_as(Account.ACTUATOR_BRIDGE, name))
    assert harness.report_chair() is not None


def test_what_a_beat_says_of_its_time_and_number_makes_no_second_instance() -> None:
    """Clocks that jump and counters that start again are no other process."""
    harness = ready_harness()
    for at_ns in (2**62, 0, 5, 2**61):
        harness.play(0.5)
        beat = {"service": "camera", "instance": "a", "healthy": True, "at_ns": at_ns}
        harness.watchdog.receive_heartbeat(harness.odd_beat(beat))

    assert harness.report_chair() is not None
    harness.chair["mode"] = ChairMode.SAFE
    assert TWO not in harness.alarms

"""A stage that must be alone and is not gets no lease, and a caregiver is called."""

from collections.abc import Callable

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.topics import ALONE, SERVICES, Account
from calmloop.safety_watchdog.instances import MAX_INSTANCES
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene

TWO = AlarmKind.TWO_INSTANCES
STEP_S = 0.1


def play_beside(scene: Scene, seconds: float, beat: Callable[[], object]) -> None:
    """Lets time pass while another process beats as well, twice a second."""
    for step in range(round(seconds / STEP_S)):
        if step % 5 == 2:
            beat()
        scene.play(STEP_S)


@pytest.mark.parametrize("service", sorted(ALONE - {Account.SAFETY_WATCHDOG}))
def test_a_second_instance_ends_the_lease_at_its_second_beat_at_the_latest(
    service: Account,
) -> None:
    scene = ready_scene()

    play_beside(scene, 1.0, lambda: scene.beat_as(service, "b"))

    assert scene.report_chair() is None
    named = f"{service} runs 2 times, as 'a' and 'b': stop all but one"
    assert named in scene.watchdog.withheld()
    assert named in scene.watchdog.stop_state().withheld


def test_the_alarm_names_both_and_ends_when_one_has_gone_and_a_person_has_seen_it() -> None:
    scene = ready_scene()
    play_beside(scene, 4.0, lambda: scene.beat_as(Account.CAMERA, "b"))
    assert TWO in scene.active_alarms()
    assert "camera runs 2 times, as 'a' and 'b': stop all but one" in scene.alarms[TWO].text
    assert scene.alarms[TWO].severity is Severity.WARNING

    scene.play(2.0)
    assert scene.report_chair() is not None
    assert TWO in scene.active_alarms()
    assert scene.watchdog.alarms.acknowledge(TWO) is None
    scene.play(1.0)
    assert TWO not in scene.active_alarms()


def test_in_a_session_it_latches_and_is_critical() -> None:
    scene = active_scene()

    play_beside(scene, 4.0, lambda: scene.beat_as(Account.ACTUATOR_BRIDGE, "b"))

    assert scene.latched
    assert "actuator-bridge runs 2 times" in scene.watchdog.stop_state().cause
    assert scene.alarms[TWO].severity is Severity.CRITICAL


def test_a_reset_waits_until_one_of_them_is_gone() -> None:
    scene = Scene()
    play_beside(scene, 2.0, lambda: scene.beat_as(Account.FACE_DETECTOR, "b"))

    refused = scene.reset()

    assert refused is not None
    assert "face-detector runs 2 times" in refused
    scene.play(2.0)
    assert scene.reset() is None


def test_a_second_watchdog_keeps_both_from_giving_a_lease() -> None:
    scene = ready_scene()

    def both() -> None:
        scene.beat_as(Account.SAFETY_WATCHDOG, "mine")
        scene.beat_as(Account.SAFETY_WATCHDOG, "other")

    play_beside(scene, 1.5, both)

    assert scene.report_chair() is None
    assert "safety-watchdog runs 2 times" in scene.watchdog.withheld()[0]


def test_two_processes_of_one_name_are_two() -> None:
    scene = ready_scene()
    scene.silent.add(Account.CAMERA)

    def both() -> None:
        scene.beat_as(Account.CAMERA, "raspberrypi", run="1")
        scene.beat_as(Account.CAMERA, "raspberrypi", run="2")

    play_beside(scene, 1.5, both)

    assert "as 'raspberrypi' and 'raspberrypi'" in scene.watchdog.withheld()[0]


def test_two_of_one_name_that_throw_each_other_off_for_seconds_are_two() -> None:
    scene = ready_scene()
    scene.silent.add(Account.CAMERA)
    for run, seconds in (("1", 2.0), ("2", 4.0), ("1", 8.0), ("2", 3.0)):
        play_beside(scene, seconds, lambda run=run: scene.beat_as(Account.CAMERA, "pi", run=run))  # type: ignore[misc]

    assert TWO in scene.active_alarms()
    assert scene.report_chair() is None
    play_beside(scene, 11.0, lambda: scene.beat_as(Account.CAMERA, "pi", run="2"))
    assert scene.report_chair() is not None


@pytest.mark.parametrize("gap_s", [0.1, 0.5, 1.0, 1.4, 3.0])
def test_a_container_that_is_replaced_is_no_second_instance(gap_s: float) -> None:
    """The successor has another name, and comes before the last beat of the other is stale."""
    scene = active_scene()
    scene.silent.add(Account.CAMERA)
    scene.play(gap_s)

    before = len(scene.leases)
    play_beside(scene, 5.0, lambda: scene.beat_as(Account.CAMERA, "b"))

    assert len(scene.leases) - before == 50
    assert TWO not in scene.alarms


@pytest.mark.parametrize("gap_s", [0.2, 1.0])
def test_a_process_that_starts_again_under_its_name_is_no_second_instance(gap_s: float) -> None:
    scene = active_scene()
    scene.silent.add(Account.CAMERA)
    scene.beat_as(Account.CAMERA, "x", run="1")
    scene.play(gap_s)

    play_beside(scene, 5.0, lambda: scene.beat_as(Account.CAMERA, "x", run="2"))

    assert not scene.latched
    assert TWO not in scene.alarms


def test_a_short_overlap_withholds_the_lease_and_leaves_no_alarm() -> None:
    scene = ready_scene()
    play_beside(scene, 0.6, lambda: scene.beat_as(Account.CAMERA, "b"))
    assert scene.report_chair() is None
    scene.silent.add(Account.CAMERA)

    play_beside(scene, 10.0, lambda: scene.beat_as(Account.CAMERA, "b"))

    assert scene.report_chair() is not None
    assert TWO not in scene.alarms


def test_classifiers_may_be_several() -> None:
    scene = ready_scene()

    play_beside(scene, 5.0, lambda: scene.beat_as(Account.EMOTION_CLASSIFIER, "b"))

    assert scene.report_chair() is not None
    assert TWO not in scene.alarms


def test_a_flood_of_instances_is_bounded_and_seen() -> None:
    scene = ready_scene()
    for number in range(10_000):
        scene.beat_as(Account.CAMERA, f"i{number}")
    scene.play(0.6)
    scene.beat_as(Account.CAMERA, "i9999")
    scene.play(0.6)

    assert len(scene.watchdog._heartbeats._beats[Account.CAMERA]) <= MAX_INSTANCES
    assert scene.report_chair() is None
    assert all(len(text) < 200 for text in scene.watchdog.withheld())


def test_services_that_do_not_exist_are_refused_and_not_remembered() -> None:
    scene = ready_scene()
    for number in range(1000):
        refused = scene.beat_as(f"service-{number}", "a")  # type: ignore[arg-type]
        assert refused is not None
        assert "known are actuator-bridge" in refused

    assert set(scene.watchdog._heartbeats._beats) <= SERVICES
    assert scene.watchdog._heartbeats._known <= SERVICES


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, "a\n", "'; stop", "\x00"])
def test_odd_names_are_refused(name: str) -> None:
    scene = ready_scene()

    assert "does not match" in (scene.beat_as(Account.CAMERA, name) or "")
    play_beside(scene, 3.0, lambda: scene.beat_as(Account.ACTUATOR_BRIDGE, name))
    assert scene.report_chair() is not None


def test_what_a_beat_says_of_its_time_and_number_makes_no_second_instance() -> None:
    """Clocks that jump and counters that start again are no other process."""
    scene = ready_scene()
    for at_ns in (2**62, 0, 5, 2**61):
        scene.play(0.5)
        beat = {"service": "camera", "instance": "a", "healthy": True, "at_ns": at_ns}
        scene.watchdog.receive_heartbeat(scene.odd_beat(beat))

    assert scene.report_chair() is not None
    scene.chair["mode"] = ChairMode.SAFE
    assert TWO not in scene.alarms

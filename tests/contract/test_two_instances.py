"""Real processes of which a chair must have one, twice; and a camera that shows no child."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.watchdog_harness import ROOT, Harness, watchdog_harness
from tests.processes import start_service

TWO = f"{ROOT}/alarm/two-instances"
NOT_LIVE = f"{ROOT}/alarm/camera-not-live"
CHAIR_LEASE_S = 0.5


@pytest.fixture
def harness(broker: Broker, tmp_path: Path) -> Iterator[Harness]:
    with watchdog_harness(broker, tmp_path) as made:
        yield made


def test_a_second_bridge_ends_the_lease_and_the_alarm_names_both(harness: Harness) -> None:
    harness.run_session()
    mark, began_s = harness.here, time.monotonic()
    harness.others.beside = [("actuator-bridge", "other")]
    state = harness.await_stop_state(True, since=mark)
    text = harness.client.wait_for(TWO, lambda a: a["active"])["text"]

    last_s = harness.last_lease_after(began_s, 3.0)
    print(f"last lease {last_s:.2f} s after the second bridge was started")
    assert last_s <= 1.2
    assert "actuator-bridge runs 2 times, as 'other' and 'played': stop all but one" in text
    assert "actuator-bridge runs 2 times" in state["cause"]


def test_a_camera_replaced_under_another_name_leaves_lease_and_alarms_alone(
    harness: Harness, tmp_path: Path
) -> None:
    harness.others.chair["calibration"] = "simulated"
    old = start_service("camera", harness.broker, tmp_path / "1", instance="c0ffee")
    old.kill()
    mark = harness.here
    with start_service("camera", harness.broker, tmp_path / "2", instance="decade"):
        harness.last_lease_after(time.monotonic(), 2.5)

    leases = [m.at_s for m in harness.client.received[mark:] if m.name == f"{ROOT}/lease"]
    assert max(b - a for a, b in itertools.pairwise(leases)) < CHAIR_LEASE_S
    assert not harness.client.bodies(TWO)


def test_two_cameras_of_one_name_throw_each_other_off_and_are_named(
    harness: Harness, tmp_path: Path
) -> None:
    with (
        start_service("camera", harness.broker, tmp_path / "1", instance="pi"),
        start_service("camera", harness.broker, tmp_path / "2", instance="pi", ready=False),
    ):
        alarm = harness.client.wait_for(TWO, timeout_s=20.0)
    assert "camera runs 2 times, as 'pi' and 'pi': stop all but one" in alarm["text"]


def test_a_simulated_child_gets_no_lease_for_a_real_chair(harness: Harness, tmp_path: Path) -> None:
    harness.others.chair["calibration"] = "measured"
    with start_service("camera", harness.broker, tmp_path, CAMERA__SOURCE="sim"):
        alarm = harness.client.wait_for(NOT_LIVE)
        mark = harness.here
        state = harness.client.wait_for(f"{ROOT}/stop/state", since=mark)
        harness.last_lease_after(time.monotonic(), 1.0)

        assert harness.leases_since(mark) == 0
        assert "the camera shows a simulated child" in alarm["text"]
        assert "set camera.source" in state["withheld"][0]


def test_beats_that_are_retained_or_of_nobody_are_refused_and_count_for_nothing(
    harness: Harness,
) -> None:
    beat = {"healthy": True, "instance": "x"}
    bridge, nobody = "service/actuator-bridge/x/heartbeat", "service/nobody/x/heartbeat"
    for _ in range(4):
        harness.client.publish(f"{ROOT}/{bridge}", {"service": "a", **beat}, retain=True)
        harness.client.publish(f"{ROOT}/{nobody}", {"service": "nobody", **beat})
        harness.await_lease(harness.here)
    harness.client.wait_for(f"{ROOT}/rejected", lambda r: "retained" in r["reason"])
    harness.client.wait_for(f"{ROOT}/rejected", lambda r: "'nobody' is no service" in r["reason"])
    harness.client.publish(f"{ROOT}/{bridge}", b"", retain=True)

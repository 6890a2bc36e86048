"""Real processes of which a chair must have one, twice; and a camera that shows no child."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.watchdog_scene import ROOT, Scene, watchdog_scene
from tests.processes import start_service

TWO = f"{ROOT}/alarm/two-instances"
NOT_LIVE = f"{ROOT}/alarm/camera-not-live"
CHAIR_LEASE_S = 0.5


@pytest.fixture
def scene(broker: Broker, tmp_path: Path) -> Iterator[Scene]:
    with watchdog_scene(broker, tmp_path) as made:
        yield made


def test_a_second_bridge_ends_the_lease_and_the_alarm_names_both(scene: Scene) -> None:
    scene.run_session()
    mark, began_s = scene.here, time.monotonic()
    scene.others.beside = [("actuator-bridge", "other")]
    state = scene.await_stop_state(True, since=mark)
    text = scene.client.wait_for(TWO, lambda a: a["active"])["text"]

    last_s = scene.last_lease_after(began_s, 3.0)
    print(f"last lease {last_s:.2f} s after the second bridge was started")
    assert last_s <= 1.2
    assert "actuator-bridge runs 2 times, as 'other' and 'played': stop all but one" in text
    assert "actuator-bridge runs 2 times" in state["cause"]


def test_a_camera_replaced_under_another_name_leaves_lease_and_alarms_alone(
    scene: Scene, tmp_path: Path
) -> None:
    scene.others.chair["calibration"] = "simulated"
    old = start_service("camera", scene.broker, tmp_path / "1", instance="c0ffee")
    old.kill()
    mark = scene.here
    with start_service("camera", scene.broker, tmp_path / "2", instance="decade"):
        scene.last_lease_after(time.monotonic(), 2.5)

    leases = [m.at_s for m in scene.client.received[mark:] if m.name == f"{ROOT}/lease"]
    assert max(b - a for a, b in itertools.pairwise(leases)) < CHAIR_LEASE_S
    assert not scene.client.bodies(TWO)


def test_two_cameras_of_one_name_throw_each_other_off_and_are_named(
    scene: Scene, tmp_path: Path
) -> None:
    with (
        start_service("camera", scene.broker, tmp_path / "1", instance="pi"),
        start_service("camera", scene.broker, tmp_path / "2", instance="pi", ready=False),
    ):
        alarm = scene.client.wait_for(TWO, timeout_s=20.0)
    assert "camera runs 2 times, as 'pi' and 'pi': stop all but one" in alarm["text"]


def test_a_simulated_child_gets_no_lease_for_a_real_chair(scene: Scene, tmp_path: Path) -> None:
    scene.others.chair["calibration"] = "measured"
    with start_service("camera", scene.broker, tmp_path, CAMERA__SOURCE="sim"):
        alarm = scene.client.wait_for(NOT_LIVE)
        mark = scene.here
        state = scene.client.wait_for(f"{ROOT}/stop/state", since=mark)
        scene.last_lease_after(time.monotonic(), 1.0)

        assert scene.leases_since(mark) == 0
        assert "the camera shows a simulated child" in alarm["text"]
        assert "set camera.source" in state["withheld"][0]


def test_beats_that_are_retained_or_of_nobody_are_refused_and_count_for_nothing(
    scene: Scene,
) -> None:
    beat = {"healthy": True, "instance": "x"}
    bridge, nobody = "service/actuator-bridge/x/heartbeat", "service/nobody/x/heartbeat"
    for _ in range(4):
        scene.client.publish(f"{ROOT}/{bridge}", {"service": "a", **beat}, retain=True)
        scene.client.publish(f"{ROOT}/{nobody}", {"service": "nobody", **beat})
        scene.await_lease(scene.here)
    scene.client.wait_for(f"{ROOT}/rejected", lambda r: "retained" in r["reason"])
    scene.client.wait_for(f"{ROOT}/rejected", lambda r: "'nobody' is no service" in r["reason"])
    scene.client.publish(f"{ROOT}/{bridge}", b"", retain=True)

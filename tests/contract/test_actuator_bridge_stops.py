"""Whatever fails around the bridge, the chair is at rest within a second, and stays so."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.bridge_scene import ROOT, Scene


@pytest.fixture
def scene(broker: Broker, tmp_path: Path) -> Iterator[Scene]:
    with Scene(broker, tmp_path) as running:
        yield running


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@pytest.mark.parametrize("payload", [b"", b"\xff\x00"])
def test_every_payload_stops_within_a_second(scene: Scene, payload: bytes) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.client.publish(f"{ROOT}/stop", payload)
    assert scene.silent_after_s(since_ns, f"R/stop {payload!r}") <= 1.0
    scene.stays_silent(1.0)


def test_a_retained_stop_stops_too(scene: Scene) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.client.publish(f"{ROOT}/stop", b"x", retain=True)
    assert scene.silent_after_s(since_ns, "retained R/stop") <= 1.0
    scene.client.publish(f"{ROOT}/stop", b"", retain=True)


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP", "SIGTERM"])
def test_zero_within_a_second_of_losing_the_bridge(scene: Scene, how: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        scene.bridge.kill()
    elif how == "SIGSTOP":
        scene.bridge.signal(signal.SIGSTOP)
    else:
        assert scene.bridge.terminate() == 0
    assert scene.silent_after_s(since_ns, f"{how} of the bridge") <= 1.0


def test_a_bridge_that_was_stopped_for_a_while_resumes_nothing(scene: Scene) -> None:
    """What waited behind SIGSTOP, setpoints and leases, is delivered at SIGCONT."""
    scene.ready().active()
    scene.bridge.signal(signal.SIGSTOP)
    scene.chair.wait_for("SAFE", 3)
    scene.bridge.signal(signal.SIGCONT)
    scene.stays_silent(2.0)


def test_a_bridge_that_was_restarted_resumes_nothing(scene: Scene) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    scene.bridge.kill()
    scene.bridge = scene.start_bridge()
    assert scene.silent_after_s(since_ns, "restart of the bridge") <= 1.0
    scene.stays_silent(2.0)
    scene.active("start-2")


@pytest.mark.parametrize("what", ["setpoints", "leases"])
def test_zero_within_a_second_of_losing_setpoints_or_leases(scene: Scene, what: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if what == "setpoints":
        scene.chain.setpoint = None
    else:
        scene.chain.leased = False
    assert scene.silent_after_s(since_ns, f"no {what}") <= 1.0


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP"])
def test_zero_within_a_second_of_losing_the_broker(scene: Scene, how: str) -> None:
    scene.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        scene.broker.signal(signal.SIGKILL)
    else:
        scene.broker.signal(signal.SIGSTOP)
    assert scene.silent_after_s(since_ns, f"{how} of the broker") <= 1.0
    if how == "SIGSTOP":
        scene.broker.signal(signal.SIGCONT)
        scene.stays_silent(2.0)

"""Whatever fails around the bridge, the chair is at rest within a second, and stays so."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.bridge_harness import ROOT, Harness


@pytest.fixture
def harness(broker: Broker, tmp_path: Path) -> Iterator[Harness]:
    with Harness(broker, tmp_path) as running:
        yield running


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@pytest.mark.parametrize("payload", [b"", b"\xff\x00"])
def test_every_payload_stops_within_a_second(harness: Harness, payload: bytes) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    harness.client.publish(f"{ROOT}/stop", payload)
    assert harness.silent_after_s(since_ns, f"R/stop {payload!r}") <= 1.0
    harness.stays_silent(1.0)


def test_a_retained_stop_stops_too(harness: Harness) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    harness.client.publish(f"{ROOT}/stop", b"x", retain=True)
    assert harness.silent_after_s(since_ns, "retained R/stop") <= 1.0
    harness.client.publish(f"{ROOT}/stop", b"", retain=True)


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP", "SIGTERM"])
def test_zero_within_a_second_of_losing_the_bridge(harness: Harness, how: str) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        harness.bridge.kill()
    elif how == "SIGSTOP":
        harness.bridge.signal(signal.SIGSTOP)
    else:
        assert harness.bridge.terminate() == 0
    assert harness.silent_after_s(since_ns, f"{how} of the bridge") <= 1.0


def test_a_bridge_that_was_stopped_for_a_while_resumes_nothing(harness: Harness) -> None:
    """What waited behind SIGSTOP, setpoints and leases, is delivered at SIGCONT."""
    harness.ready().active()
    harness.bridge.signal(signal.SIGSTOP)
    harness.chair.wait_for("SAFE", 3)
    harness.bridge.signal(signal.SIGCONT)
    harness.stays_silent(2.0)


def test_a_bridge_that_was_restarted_resumes_nothing(harness: Harness) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    harness.bridge.kill()
    harness.bridge = harness.start_bridge()
    assert harness.silent_after_s(since_ns, "restart of the bridge") <= 1.0
    harness.stays_silent(2.0)
    harness.active("start-2")


@pytest.mark.parametrize("what", ["setpoints", "leases"])
def test_zero_within_a_second_of_losing_setpoints_or_leases(harness: Harness, what: str) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    if what == "setpoints":
        harness.chain.setpoint = None
    else:
        harness.chain.leased = False
    assert harness.silent_after_s(since_ns, f"no {what}") <= 1.0


@pytest.mark.parametrize("how", ["kill -9", "SIGSTOP"])
def test_zero_within_a_second_of_losing_the_broker(harness: Harness, how: str) -> None:
    harness.ready().active()
    since_ns = time.monotonic_ns()
    if how == "kill -9":
        harness.broker.signal(signal.SIGKILL)
    else:
        harness.broker.signal(signal.SIGSTOP)
    assert harness.silent_after_s(since_ns, f"{how} of the broker") <= 1.0
    if how == "SIGSTOP":
        harness.broker.signal(signal.SIGCONT)
        harness.stays_silent(2.0)

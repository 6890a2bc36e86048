"""Large payloads on a real broker: nobody grows or ends by them, and every stop comes through."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.bus.transport import MAX_LARGE_PACKET_BYTES
from tests.broker import Broker
from tests.contract.watchdog_harness import ROOT, Harness, watchdog_harness
from tests.processes import Client, start_service

COUNT = 60
GROWTH_MAX_MB = 16
SIZES = (3_900_000, MAX_LARGE_PACKET_BYTES - 1000, 70_000, 60_000)


def resident_mb(pid: int) -> float:
    """The most memory that a process has had resident so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


@pytest.fixture
def harness(broker: Broker, tmp_path: Path) -> Iterator[Harness]:
    with watchdog_harness(broker, tmp_path) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_no_service_grows_by_large_payloads_and_leases_go_on(
    harness: Harness, tmp_path: Path, size: int
) -> None:
    harness.others.silent.add("scenario-selector")
    with start_service("scenario_selector", harness.broker, tmp_path / "selector") as selector:
        pids = (selector.pid, harness.watchdog.pid)
        before = [resident_mb(pid) for pid in pids]
        for name in ("override/set", "stop/reset", "chair/state"):
            for _ in range(COUNT // 3):
                with Client(harness.broker) as sender:  # a refused one is thrown off
                    sender.publish(f"{ROOT}/{name}", b"x" * size, qos=0)
                    sender.publish(f"{ROOT}/done", qos=0)
        harness.await_lease(harness.here)
        growth = [resident_mb(pid) - mb for pid, mb in zip(pids, before, strict=True)]
        print(f"{COUNT} payloads of {size}: selector and watchdog grew by {growth} MB")
        assert max(growth) < GROWTH_MAX_MB
        assert selector.running
        assert harness.watchdog.running


@pytest.mark.parametrize("size", [0, 100, 70_000, MAX_LARGE_PACKET_BYTES - 1000])
def test_a_stop_of_any_size_that_the_broker_takes_is_obeyed(harness: Harness, size: int) -> None:
    mark, began_s = harness.here, time.monotonic()
    harness.client.publish(f"{ROOT}/stop", b"s" * size)
    harness.await_stop_state(True, since=mark)
    assert time.monotonic() - began_s < 1.0

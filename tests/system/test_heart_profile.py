"""The heart's profiles: a made-up heart is heard, a strap without Bluetooth missed; both small."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.conftest import RunProfile
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

MAX_RESIDENT_MB = 80
SETTLED_S = 65.0
"""A minute of intervals is held then."""


def peak_mb(deployment: Deployment, service: str) -> float:
    """The most memory that the service's processes have had resident so far, seen from the host."""
    pids = [int(row[1]) for row in deployment.container(service).top()["Processes"]]
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def test_a_simulated_heart_is_heard_and_stays_small(
    run_profile: RunProfile, measured: Callable[[str], None]
) -> None:
    service = "heart-monitor-sim"
    deployment, monitor = run_profile("heart-sim", service)
    monitor.subscribe("heart/state")
    body = monitor.wait_for(
        "heart/state", lambda body: body.get("covered_s", 0) >= 59, timeout_s=SETTLED_S + 20
    )
    assert body["source_kind"] == "simulated"
    assert body["rmssd_ms"] > 0
    memory_mb = peak_mb(deployment, service)
    measured(f"heart-monitor, simulated, in its container: at most {memory_mb:.1f} MB")
    assert memory_mb <= MAX_RESIDENT_MB
    assert deployment.container(service).attrs["Config"]["User"] == "10007:10007"
    assert deployment.restarts(service) == 0


def test_without_bluetooth_the_strap_is_missed_and_the_service_lives_on(
    run_profile: RunProfile, measured: Callable[[str], None]
) -> None:
    deployment, monitor = run_profile("heart", "heart-monitor")
    monitor.subscribe("heart/state")
    body = monitor.wait_for("heart/state", lambda body: body.get("reason") == "lost")
    assert "check that Bluetooth is on" in body["detail"]
    assert "rate_bpm" not in body
    memory_mb = peak_mb(deployment, "heart-monitor")
    measured(f"heart-monitor, without Bluetooth, in its container: at most {memory_mb:.1f} MB")
    assert memory_mb <= MAX_RESIDENT_MB
    assert deployment.restarts("heart-monitor") == 0
    assert deployment.is_healthy("heart-monitor")

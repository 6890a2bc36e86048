"""What the whole takes of memory by the cgroups: all services on, a session running.

Its first minutes are the most: the soundscapes are rendered then, once.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from tests.system.bus_client import BusClient
from tests.system.caregiver import Caregiver
from tests.system.conftest import CHANGES
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(1800)]

PROFILES = "sim,heart-sim,voice-sim,sound-sim,home-assistant,monitoring,fleet"
OTHERS = {"prometheus", "grafana"}
"""Programs of others, which are not here; the links to them run."""
MAX_MB = 1200
CACHES = ("inactive_file", "total_inactive_file")
"""What the kernel can take back at once, by cgroup 2 and 1; `docker stats` leaves it out, too."""


@pytest.fixture
def whole(images: tuple[str, ...]) -> Iterator[Deployment]:
    """Every service, the simulated child and the simulated chair."""
    assert images
    running = Deployment(f"calmloop-whole-{os.getpid()}", PROFILES)
    with running.overridden_by(CHANGES):
        try:
            names = set(running.compose("config", "--services").split()) - OTHERS
            running.compose("up", "--detach", *sorted(names))
            yield running
        finally:
            running.down()


def megabytes(deployment: Deployment, service: str) -> float:
    """What its processes and the kernel hold for it now, without the cache of files."""
    told = cast(dict[str, Any], deployment.container(service).stats(stream=False))
    memory = told["memory_stats"]
    cached = next((memory["stats"][name] for name in CACHES if name in memory["stats"]), 0)
    return float(memory["usage"] - cached) / 1e6


def test_all_services_together_take_no_more_than_a_small_device_has(
    whole: Deployment, measured: Callable[[str], None]
) -> None:
    with BusClient("caregiver", whole.password("caregiver"), whole.plain_port) as bus:
        caregiver = Caregiver(bus)
        caregiver.make_active()
        names = whole.compose("ps", "--services", "--status", "running").split()
        taken = {name: megabytes(whole, name) for name in names}
        caregiver.stop()
    for name, amount in sorted(taken.items(), key=lambda item: -item[1]):
        print(f"{name:24} {amount:6.0f} MB")
    measured(f"the whole, {len(taken)} containers: {sum(taken.values()):.0f} MB of {MAX_MB}")
    assert sum(taken.values()) <= MAX_MB

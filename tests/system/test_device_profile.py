"""The device's profile on a machine with neither camera nor chair: up, and saying what it lacks."""

import os

import pytest

from tests.system.bus_client import BusClient
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_without_camera_and_chair_it_is_up_and_says_what_it_waits_for(
    images: tuple[str, ...],
) -> None:
    device = Deployment(f"calmloop-device-{os.getpid()}", "device")
    try:
        device.compose("up", "--detach", "--wait")
        password = device.password("monitor")
        with BusClient("monitor", password, device.plain_port) as monitor:
            monitor.subscribe("#")
            for service in ("camera", "actuator-bridge"):
                instance = device.container(service).attrs["Config"]["Hostname"]
                beat = monitor.wait_for(f"service/{service}/{instance}/heartbeat")
                print(f"{service} waits for: {beat['waits_for']}")
                assert beat["waits_for"]
                assert device.restarts(service) == 0
            assert monitor.wait_for("chair/state")["mode"] == "disconnected"
    finally:
        device.down()

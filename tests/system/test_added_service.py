"""A service that was added as docs/add/service.md says runs in Compose like any other."""

import os
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from tests.system.bus_client import BusClient
from tests.system.deployment import Deployment
from tests.unit.docs.steps import PAGES, Scratch

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

PREFIX = "calmloop-added"


def test_it_is_built_gets_its_account_and_is_heard(
    engine: docker.DockerClient, images: tuple[str, ...], tmp_path: Path
) -> None:
    copy = Scratch(tmp_path / "calmloop")
    copy.follow(PAGES / "service.md")
    added = Deployment(
        f"{PREFIX}-{os.getpid()}", "lamp", copy.root / "compose", IMAGE_PREFIX=PREFIX
    )
    try:
        added.compose("build", "init", "room-lamp", timeout_s=400)
        added.compose("up", "--detach", "--wait", "room-lamp")
        container = added.container("room-lamp").attrs
        assert container["Config"]["User"] == "10900:10900"
        with BusClient("monitor", added.password("monitor"), added.plain_port) as monitor:
            monitor.subscribe("service/room-lamp/+/heartbeat")
            instance = container["Config"]["Hostname"]
            assert monitor.wait_for(f"service/room-lamp/{instance}/heartbeat")["healthy"]
    finally:
        added.down()
        for service in ("init", "room-lamp"):
            with suppress(ImageNotFound):
                engine.images.remove(f"{PREFIX}/{service}:local")

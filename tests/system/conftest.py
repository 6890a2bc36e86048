"""One deployment with the simulated chair and child for all system tests."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from tests.system.bus_client import BusClient
from tests.system.caregiver import Caregiver
from tests.system.deployment import FOLDER, Deployment, brought_up

RUNTIMES = ("litert", "tflite")
RunProfile = Callable[..., tuple[Deployment, BusClient]]
CHANGES = FOLDER.parent / "tests/system/tests.compose.yaml"


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """The engine; without one these tests are not passed but failed."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.fail(f"no Docker engine answers ({error}): start one, then run `make test-system`")
    return client


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient) -> tuple[str, ...]:
    """Every image, built from this checkout; their full names."""
    builder = Deployment(f"calmloop-build-{os.getpid()}", "*")
    for runtime in RUNTIMES:
        builder.compose("build", timeout_s=1500, CLASSIFIER_RUNTIME=runtime)
    tags = [tag for image in engine.images.list() for tag in image.tags]
    return tuple(sorted(tag for tag in tags if tag.startswith("calmloop-test/")))


@pytest.fixture(scope="session")
def deployment(images: tuple[str, ...]) -> Iterator[Deployment]:
    """The one that the tests share."""
    assert images
    with brought_up("sim", CHANGES) as running:
        yield running


@pytest.fixture(scope="session")
def caregiver(deployment: Deployment) -> Iterator[Caregiver]:
    """A caregiver who sees everything that a caregiver may."""
    password = deployment.password("caregiver")
    with BusClient("caregiver", password, deployment.plain_port) as bus:
        yield Caregiver(bus)


@pytest.fixture
def run_profile(images: tuple[str, ...]) -> Iterator[RunProfile]:
    """Starts one service under a profile and what it depends on, and joins its bus."""
    with ExitStack() as ends:

        def start(
            profile: str, service: str, *, account: str = "monitor", override: Path | None = None
        ) -> tuple[Deployment, BusClient]:
            deployment = Deployment(f"calmloop-{profile}-{os.getpid()}", profile)
            if override is not None:
                ends.enter_context(deployment.overridden_by(override))
            ends.callback(deployment.down)
            deployment.compose("up", "--detach", "--wait", service)
            password = deployment.password(account)
            bus = ends.enter_context(BusClient(account, password, deployment.plain_port))
            return deployment, bus

        yield start

"""Every image for 64-bit ARM starts, passes the health check that Compose asks, and reads a face.

`tools/arm64_images.sh` builds them. How fast is no matter here: QEMU is many times slower than a
Raspberry Pi, so each runs alone, beside a broker and the simulated chair's own image.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import docker
import pytest
from docker.errors import DockerException
from docker.models.containers import Container

from tests.arm64.alone import (
    CLASSIFIERS,
    INSTANCE,
    LOCKS_OF_SERVICES,
    assert_read_as_here,
    await_health,
    health_check,
    settings,
)
from tests.broker import Broker, free_ports
from tests.processes import CHAIR
from tests.system.deployment import eventually

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(900)]

PREFIX = "calmloop-arm64"
Run = Callable[..., Container]


def image_of(service: str, lock: str) -> str:
    """One for each lock of a service."""
    return f"{PREFIX}/{service}:local{lock.removeprefix(service)}"


@pytest.fixture(scope="module")
def engine() -> docker.DockerClient:
    """The engine that has the images."""
    try:
        client = docker.from_env()
        built = {tag for image in client.images.list() for tag in image.tags}
    except DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")
    if missing := [of for of in LOCKS_OF_SERVICES if image_of(*of) not in built]:
        pytest.skip(f"no images of {missing} for arm64: `make test-arm64-images` says why")
    return client


@contextmanager
def in_a_container(
    engine: docker.DockerClient, image: str, *command: str, **variables: str
) -> Iterator[Container]:
    """The image on this machine's network, hardened as by Compose; a failed test has its log.

    It gets an empty /sys: of another processor's caches, which QEMU shows there, LiteRT crashes.
    """
    container = engine.containers.run(
        image,
        list(command) or None,
        name=f"calmloop-arm64-{os.getpid()}-{image.partition('/')[2].replace(':', '-')}",
        detach=True,
        environment=variables,
        network_mode="host",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        tmpfs={"/tmp": "size=64m,noexec,nosuid,nodev", "/sys": "size=1m"},
    )
    try:
        yield container
    finally:
        print(container.logs(tail=60).decode(errors="replace"))
        container.remove(force=True)


@pytest.fixture
def chair_port(engine: docker.DockerClient) -> Iterator[int]:
    """Where the simulated chair's own image listens."""
    (port,) = free_ports(1)
    serving = ("--tcp", f"127.0.0.1:{port}", "--store", "/tmp/chair-store")
    with in_a_container(engine, f"{PREFIX}/chair-sim:local", *serving):
        yield port


@pytest.fixture
def start(engine: docker.DockerClient, broker: Broker, chair_port: int) -> Iterator[Run]:
    """Starts a service's image at the test's broker, and returns when it is healthy."""
    with ExitStack() as ends:

        def run(service: str, lock: str) -> Container:
            told = {
                "MQTT__PORT": str(broker.port),
                "INSTANCE": INSTANCE,
                "CHAIR_ID": CHAIR,
                "HEALTH_FILE": "/tmp/alive",
                **settings(service, chair_port),
            }
            variables = {f"CALMLOOP_{key}": value for key, value in told.items()}
            made = in_a_container(engine, image_of(service, lock), **variables)
            container = ends.enter_context(made)
            await_health(broker, service)
            return container

        yield run


@pytest.mark.parametrize(("service", "lock"), LOCKS_OF_SERVICES)
def test_an_image_starts_and_passes_its_health_check(
    engine: docker.DockerClient, start: Run, service: str, lock: str
) -> None:
    container = start(service, lock)
    asked = ["sh", "-c", health_check()]
    eventually(lambda: container.exec_run(asked).exit_code == 0, "its health check passes")
    assert engine.images.get(image_of(service, lock)).attrs["Architecture"] == "arm64"
    container.reload()
    assert container.status == "running"


@pytest.mark.parametrize("lock", CLASSIFIERS)
def test_the_classifier_s_image_reads_a_face_as_this_machine(
    start: Run, broker: Broker, lock: str
) -> None:
    start("emotion-classifier", lock)
    assert_read_as_here(broker)


def test_init_checks_a_configuration(engine: docker.DockerClient) -> None:
    """The engine's client raises where the program ends with another code than 0."""
    image = f"{PREFIX}/init:local"
    engine.containers.run(image, ["check"], remove=True, network_mode="none")

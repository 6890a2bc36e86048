"""All that is looked at, in the order in which a person would see to it."""

from collections.abc import Iterator

from calmloop.device.board_checks import (
    check_clock,
    check_disk,
    check_memory,
    check_temperature,
)
from calmloop.device.deployment import Deployment
from calmloop.device.deployment_checks import (
    check_docker,
    check_folder,
    check_ports,
    check_release,
    check_services,
)
from calmloop.device.engine import DOCKER_DATA
from calmloop.device.finding import DeviceFinding, Grade
from calmloop.device.machine import Machine
from calmloop.device.plug_checks import check_camera, check_serial, check_sound


def examine_device(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Looks at everything, and changes nothing."""
    yield from check_docker(machine)
    yield from check_release(deployment)
    yield from check_folder(deployment)
    yield from check_ports(machine, deployment)
    yield from check_services(machine, deployment)
    yield from check_camera(machine, deployment)
    yield from check_serial(machine, deployment)
    yield from check_sound(machine, deployment)
    yield from check_clock(machine, deployment)
    data = machine.below(DOCKER_DATA)
    yield from check_disk(data if data.is_dir() else deployment.folder)
    yield from check_memory(machine)
    yield from check_temperature(machine)


def is_fit(findings: list[DeviceFinding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.grade is not Grade.WRONG for finding in findings)

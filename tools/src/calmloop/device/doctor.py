"""All that is looked at, in the order in which a person would see to it."""

from collections.abc import Iterator

from calmloop.base.errors import InputError
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
from calmloop.device.following import FOLDER, STATE, Following
from calmloop.device.machine import Machine
from calmloop.device.plug_checks import check_camera, check_serial, check_sound


def examine_device(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Looks at everything, and changes nothing."""
    yield from check_docker(machine)
    yield from check_release(deployment)
    yield from check_following(deployment)
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


def check_following(deployment: Deployment) -> Iterator[DeviceFinding]:
    """What came of it when this device looked last at what its fleet is to have?"""
    home = deployment.folder.absolute().parent
    if not (home / FOLDER / STATE).exists():
        return
    try:
        state = Following.read(home)
    except InputError as error:
        yield DeviceFinding.wrong("fleet", str(error), "`calmloop device follow` writes it anew")
        return
    told = f"{state.at:%Y-%m-%d %H:%M} UTC: {state.said}" if state.at else "it was not asked yet"
    if state.failed:
        yield DeviceFinding.wrong("fleet", told, "then `sudo calmloop device follow` looks again")
    else:
        yield DeviceFinding.good("fleet", told)


def is_fit(findings: list[DeviceFinding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.grade is not Grade.WRONG for finding in findings)

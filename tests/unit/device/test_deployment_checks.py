"""Docker, ports and the folder: what stands in the way of `docker compose up`."""

import pytest

from calmloop.base.errors import InputError
from calmloop.device.deployment import Deployment
from calmloop.device.deployment_checks import (
    check_docker,
    check_folder,
    check_ports,
    check_services,
)
from calmloop.device.finding import Grade
from tests.unit.device.rig import DeviceRig, graded, listening


def test_without_docker_it_says_so(rig: DeviceRig) -> None:
    assert graded(check_docker(rig.machine()), "docker")[0] is Grade.WRONG


@pytest.mark.parametrize(
    ("version", "compose", "grade", "word"),
    [
        ("echo 27.1", "v2.30.1", Grade.GOOD, "Compose v2.30.1"),
        ("echo 27.1", "2.23.9", Grade.WRONG, "2.24 or newer"),
        ("echo 27.1", "", Grade.WRONG, "no Compose"),
        ("echo Permission denied >&2; exit 1", "2.30", Grade.WRONG, "usermod -aG docker"),
        ("echo Is it running? >&2; exit 1", "2.30", Grade.WRONG, "enable --now docker"),
    ],
)
def test_the_engine_runs_and_its_compose_is_new_enough(
    rig: DeviceRig, version: str, compose: str, grade: Grade, word: str
) -> None:
    rig.docker(version=version, compose=compose)
    found, told = graded(check_docker(rig.machine()), "docker")
    assert (found, word in told) == (grade, True)


def test_a_port_that_another_has_is_named_with_the_variable(rig: DeviceRig) -> None:
    with listening() as taken, listening() as ours:
        rig.docker({"Ports": f"127.0.0.1:{ours}->1884/tcp", "State": "running"})
        deployment = rig.deployment(
            BROKER_PORT=str(ours), CONSOLE_PORT=str(taken), BROKER_TLS_PORT="none"
        )
        found = list(check_ports(rig.machine(), deployment))
    assert [finding.grade for finding in found] == [Grade.GOOD, Grade.WRONG, Grade.WRONG]
    assert f"CONSOLE_PORT={taken + 1}" in found[2].todo


def test_a_free_port_is_free_and_an_address_of_elsewhere_is_not(rig: DeviceRig) -> None:
    with listening() as port:
        pass
    deployment = rig.deployment(
        BROKER_PORT=str(port), BROKER_TLS_PORT=str(port), BROKER_TLS_ADDRESS="192.0.2.7"
    )
    found = list(check_ports(rig.machine(), deployment))[:2]
    assert [finding.grade for finding in found] == [Grade.GOOD, Grade.WRONG]
    assert "address of this machine" in found[1].todo


def test_services_that_do_not_keep_running_are_named(rig: DeviceRig) -> None:
    rig.docker(
        {"Names": "calmloop-camera", "State": "restarting", "Status": "Restarting (1)"},
        {"Names": "calmloop-console", "State": "running", "Status": "Up 2 minutes (unhealthy)"},
        {"Names": "calmloop-init", "State": "exited", "Status": "Exited (0)"},
    )
    found = list(check_services(rig.machine(), rig.deployment()))
    assert [finding.text.split()[0] for finding in found] == ["calmloop-camera", "calmloop-console"]
    rig.docker({"Names": "calmloop-camera", "State": "running", "Status": "Up 1 s (healthy)"})
    found = list(check_services(rig.machine(), rig.deployment()))
    assert [finding.grade for finding in found] == [Grade.GOOD]
    rig.docker()
    found = list(check_services(rig.machine(), rig.deployment()))
    assert [finding.grade for finding in found] == [Grade.WARNING]


def test_a_name_that_compose_does_not_read_is_told(rig: DeviceRig) -> None:
    found = check_folder(rig.deployment(BROKER_TLS_ADRESS="0.0.0.0", COMPOSE_PROFILES="sim"))
    grade, told = graded(found, "folder")
    assert (grade, "BROKER_TLS_ADRESS" in told) == (Grade.WARNING, True)


def test_a_setting_that_a_service_refuses_is_told_with_its_line(rig: DeviceRig) -> None:
    (rig.compose / "calmloop.yaml").write_text("camera:\n  fps: 900\n")
    grade, told = graded(check_folder(rig.deployment()), "settings")
    assert (grade, "camera.fps" in told) == (Grade.WRONG, True)
    (rig.compose / "calmloop.yaml").write_text("camera:\n  fps: 15\n")
    assert graded(check_folder(rig.deployment()), "settings")[0] is Grade.GOOD


def test_the_environment_comes_before_the_file_and_the_defaults_last(rig: DeviceRig) -> None:
    (rig.compose / ".env").write_text("CONSOLE_PORT=1\nBROKER_PORT='2'  # ours\n")
    read = Deployment.read(rig.compose, environment={"CONSOLE_PORT": "3", "HOME": "/root"})
    ports = [read.number(name) for name in ("CONSOLE_PORT", "BROKER_PORT", "BROKER_TLS_PORT")]
    assert ports == [3, 2, 8883]
    assert (read.project, "HOME" in read.values) == ("calmloop", False)
    assert Deployment.read(rig.compose, ["sim"], {}).has_devices is False


def test_a_folder_without_a_deployment_is_wrong_input(rig: DeviceRig) -> None:
    with pytest.raises(InputError, match="--compose"):
        Deployment.read(rig.root)

"""`calmloop device install`, `update`, `rollback`, `start`, as a person and systemd call them."""

import fcntl
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from calmloop.device import release_commands
from calmloop.device.deployment import Deployment
from calmloop.device.deployment_checks import check_release
from calmloop.device.finding import Grade
from tests.unit.device.release_rig import ReleasedDevice
from tests.unit.device.rig import graded

SYSTEMCTL = '#!/bin/sh\necho "$@" >>"$0.called"\n'


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleasedDevice:
    """One whose services do not run: nobody has to be asked."""
    device = ReleasedDevice(tmp_path)
    program = tmp_path / "programs/systemctl"
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    monkeypatch.setattr(release_commands, "Machine", lambda: device.machine(device.run))
    return device


def calmloop(device: ReleasedDevice, *words: str) -> Result:
    given = ["device", *words, "--home", str(device.home.folder)]
    return CliRunner().invoke(app, given, env={"COLUMNS": "300"})


def stand_still(device: ReleasedDevice) -> None:
    (device.state / "runs").unlink()


def test_there_and_back(device: ReleasedDevice) -> None:
    done = calmloop(device, "install", str(device.release("0.1.0")), "--profile", "sim")
    assert done.exit_code == 0, done.output
    assert "enrol NAME" in done.output and device.version == "0.1.0"
    unit = (device.folder / "root/etc/systemd/system/calmloop.service").read_text()
    assert f'device start --home "{device.home.folder}"' in unit
    called = (device.folder / "programs/systemctl.called").read_text()
    assert called == "daemon-reload\nenable --quiet calmloop.service\n"

    stand_still(device)
    done = calmloop(device, "update", str(device.release("0.2.0")))
    assert done.exit_code == 0, done.output
    assert "`calmloop device rollback` goes back to 0.1.0" in done.output
    assert device.version == "0.2.0"

    stand_still(device)
    done = calmloop(device, "rollback")
    assert done.exit_code == 0, done.output
    assert ("0.1.0 (" in done.output, device.version) == (True, "0.1.0")
    stand_still(device)
    assert calmloop(device, "start").exit_code == 0
    assert device.runs


def test_a_running_chair_that_nobody_can_ask_is_left_alone(device: ReleasedDevice) -> None:
    device.install("0.1.0")
    done = calmloop(device, "update", str(device.release("0.2.0")))
    assert (done.exit_code, "password is not to be had" in done.output) == (1, True)
    assert (device.version, device.runs) == ("0.1.0", True)


def test_without_docker_it_says_what_is_needed(device: ReleasedDevice) -> None:
    (device.folder / "programs/docker").unlink()
    device.path = str(device.folder / "programs")
    done = calmloop(device, "install", str(device.release("0.1.0")))
    assert done.exit_code == 2
    for word in ("docker-ce", "docker-compose-plugin", "apt-get install ./*.deb"):
        assert word in done.output


def test_two_at_a_time_are_refused(device: ReleasedDevice) -> None:
    lock = os.open(device.home.folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        done = calmloop(device, "start")
    finally:
        os.close(lock)
    assert (done.exit_code, "at work" in done.output) == (2, True)


def test_the_doctor_says_what_is_installed(device: ReleasedDevice) -> None:
    device.install("0.1.0")
    device.update("0.2.0")

    def told() -> tuple[Grade, str]:
        deployment = Deployment.read(device.home.compose, environment={})
        return graded(check_release(deployment), "release")

    grade, text = told()
    assert (grade, "0.2.0 (c0ffee" in text, "rollback` goes back to 0.1.0" in text) == (
        Grade.GOOD,
        True,
        True,
    )
    device.env.write_text("IMAGE_TAG=elsewhere\n")
    assert told()[0] is Grade.WARNING
    device.home.previous.rename(device.home.journal)
    grade, text = told()
    assert (grade, "device start" in text) == (Grade.WRONG, True)
    device.home.journal.unlink()
    (device.home.compose / "release.json").unlink()
    assert told()[0] is Grade.UNUSED

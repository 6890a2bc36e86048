"""`calmloop device doctor`: everything is looked at, for people and for programs."""

import json

import pytest
from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.device.finding import Grade
from tests.unit.device.rig import DeviceRig

CHECKS = {
    *("docker", "ports", "services", "settings", "camera", "serial port", "output", "microphone"),
    *("clock", "time zone", "disk", "memory", "temperature", "supply"),
}


def test_it_tells_a_program_all_and_ends_with_1_where_something_is_wrong(
    rig: DeviceRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(rig.programs))  # no Docker here
    words = ["device", "doctor", "--compose", str(rig.compose), "--profile", "sim", "--json"]
    result = CliRunner().invoke(app, words)
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert {finding["check"] for finding in told} >= CHECKS
    docker = next(finding for finding in told if finding["check"] == "docker")
    assert (docker["grade"], bool(docker["todo"])) == (Grade.WRONG, True)


def test_it_tells_a_person_what_to_do(rig: DeviceRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(rig.programs))
    monkeypatch.chdir(rig.compose)
    result = CliRunner().invoke(app, ["device", "doctor"], env={"COLUMNS": "300"})
    assert "→ install Docker Engine" in result.output
    assert "/dev/video0" in result.output


def test_a_folder_that_is_none_ends_with_2(rig: DeviceRig) -> None:
    result = CliRunner().invoke(app, ["device", "doctor", "--compose", str(rig.root)])
    assert (result.exit_code, "--compose" in result.output) == (2, True)

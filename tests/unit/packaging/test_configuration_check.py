"""`calmloop.yaml` under Compose: checked before anything starts, and handed on as a copy."""

from pathlib import Path

import pytest

from calmloop.base.settings_file import SettingsFile
from tests.unit.packaging.test_accounts_volume import init, volumes

__all__ = ["volumes"]


def write(volumes: dict[str, str], text: str) -> None:
    (Path(volumes["CALMLOOP_COMPOSE"]) / "calmloop.yaml").write_text(text)


def copy(volumes: dict[str, str]) -> Path:
    return Path(volumes["CALMLOOP_ACCOUNTS"]) / "calmloop.yaml"


def test_without_a_file_the_copy_is_there_and_empty(volumes: dict[str, str]) -> None:
    assert init(volumes, "prepare").returncode == 0
    assert copy(volumes).read_text() == ""


def test_the_copy_changes_with_the_file_and_only_then(volumes: dict[str, str]) -> None:
    write(volumes, "camera: {fps: 12}\n")
    init(volumes, "prepare")
    first = SettingsFile(copy(volumes))
    init(volumes, "prepare")
    assert not first.has_changed(), "the services would start again for nothing"
    write(volumes, "camera: {fps: 9}\n")
    init(volumes, "prepare")
    assert copy(volumes).read_text() == "camera: {fps: 9}\n"
    assert first.has_changed()
    (Path(volumes["CALMLOOP_COMPOSE"]) / "calmloop.yaml").unlink()
    init(volumes, "prepare")
    assert copy(volumes).read_text() == ""


@pytest.mark.parametrize("command", ["prepare", "check"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("camera: {fsp: 9}\n", ["line 1: camera.fsp", "unknown key", "jpeg_quality"]),
        ("camera: {fps: 99}\n", ["camera.fps = 99", "30"]),
        ("kamera: {fps: 9}\n", ["kamera", "unknown key", "face_detector"]),
        ("camera: [\n", ["not valid YAML"]),
    ],
)
def test_a_wrong_key_is_told_with_the_known_ones_and_the_copy_stays(
    volumes: dict[str, str], command: str, text: str, said: list[str]
) -> None:
    write(volumes, "camera: {fps: 12}\n")
    init(volumes, "prepare")
    write(volumes, text)
    refused = init(volumes, command)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    for part in said:
        assert part in refused.stderr
    assert copy(volumes).read_text() == "camera: {fps: 12}\n"


def test_a_wrong_scenario_ends_it_before_anything_starts(volumes: dict[str, str]) -> None:
    folder = Path(volumes["CALMLOOP_COMPOSE"]) / "scenarios"
    folder.mkdir()
    (folder / "lake.yaml").write_text("title: Lake\n")
    volumes["CALMLOOP_SCENARIO_SELECTOR__SCENARIOS_DIR"] = str(folder)
    refused = init(volumes, "prepare")
    assert refused.returncode == 2
    assert f"{folder}/lake.yaml: phases: Field required" in refused.stderr
    (folder / "lake.yaml").unlink()
    assert init(volumes, "prepare").returncode == 0


def test_what_stands_in_the_env_file_is_checked_too(volumes: dict[str, str]) -> None:
    refused = init(volumes, "check", CALMLOOP_ACTUATOR_BRIDGE__PORT="COM3")
    assert refused.returncode == 2
    assert "actuator_bridge.port" in refused.stderr
    good = init(volumes, "check", CALMLOOP_ACTUATOR_BRIDGE__PORT="auto")
    assert good.returncode == 0, good.stderr
    assert "good" in good.stderr

"""`check-config` says what every service would say of the settings, each fault once."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from calmloop.cli.check_config import check_config
from calmloop.contract.topics import SERVICES

REPOSITORY = Path(__file__).resolve().parents[3]
SCENARIO = (
    REPOSITORY
    / "services/scenario-selector/src/calmloop/scenario_selector/scenarios/ocean-waves.yaml"
)

app = typer.Typer()
app.command()(check_config)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALMLOOP_CONFIG", raising=False)


def check(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def written(text: str) -> str:
    Path("mine.yaml").write_text(text)
    return "mine.yaml"


def test_nothing_set_is_good_for_all_six() -> None:
    result = check()

    assert result.exit_code == 0
    assert all(service in result.output for service in SERVICES)


def test_the_file_that_the_deployment_ships_is_good() -> None:
    assert check(str(REPOSITORY / "compose/calmloop.example.yaml")).exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("camera: {fps: 99}", ["mine.yaml", "camera.fps", "99", "30"]),
        ("scenario_selector: {cycle_s: 0}", ["scenario_selector.cycle_s", "0", "2"]),
        ("safety_watchdog: {stale_s: 9}", ["safety_watchdog.stale_s", "unknown key"]),
        ("mqtt: {port: 70000}", ["mqtt.port", "70000", "65535"]),
        ("cammera: {}", ["cammera", "unknown key", "camera"]),
    ],
)
def test_a_fault_is_told_with_file_key_value_and_bound(text: str, words: list[str]) -> None:
    result = check(written(text))

    assert result.exit_code == 2
    for word in words:
        assert word in result.output


def test_a_fault_that_all_six_share_is_told_once() -> None:
    result = check(written("mqtt: {port: 70000}"))

    assert result.output.count("mqtt.port") == 1


def test_faults_of_several_services_are_all_told() -> None:
    result = check(written("camera: {fps: 99}\nscenario_selector: {cycle_s: 0}"))

    assert {"camera.fps", "scenario_selector.cycle_s"} <= {
        word for line in result.output.splitlines() for word in line.split()
    }


def test_a_variable_with_a_typo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__HOTS", "broker")
    result = check()

    assert result.exit_code == 2
    assert "CALMLOOP_MQTT__HOTS" in result.output


def test_every_wrong_scenario_is_told_with_file_key_and_value(tmp_path: Path) -> None:
    """As the scenario-selector would, which reads them at its start."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    lake, fire = folder / "lake.yaml", folder / "fire.yaml"
    good = SCENARIO.read_text()
    lake.write_text(good.replace("duration_s: 300", "duration_s: 5"))
    fire.write_text(good.replace("title:", "titel:", 1))
    result = check(written(f"scenario_selector: {{scenarios_dir: {folder}}}"))

    assert result.exit_code == 2
    output = result.output.replace("\n", "")
    for word in (str(lake), "duration_s", "it is 5", str(fire), "titel"):
        assert word in output
    lake.unlink()
    fire.unlink()
    assert check("mine.yaml").exit_code == 0


def test_a_folder_of_scenarios_that_is_not_there_is_told() -> None:
    result = check(written("scenario_selector: {scenarios_dir: nowhere}"))

    assert result.exit_code == 2
    assert "scenario_selector.scenarios_dir: nowhere is not a folder" in result.output


def test_a_file_that_is_not_there_is_told() -> None:
    result = check("none.yaml")

    assert result.exit_code == 2
    assert "none.yaml" in result.output


def test_a_value_with_brackets_is_told_as_it_is() -> None:
    result = check(written('chair_id: "[red]x[/]"'))

    assert "[red]x[/]" in result.output


@pytest.mark.parametrize(
    "text",
    [
        "camera: {source: 'rtsp://anna:ge/heim99@10.0.0.9/live'}",
        "camera: {source: 'rtsp://anna:geheim99@[10.0.0.9/live'}",
        "camera: {sourse: 'rtsp://anna:geheim99@10.0.0.9/live'}",
        "camera: 'rtsp://anna:geheim99@10.0.0.9/live'",
        "face_detector: {source: 'rtsp://anna:geheim99@10.0.0.9/live'}",
        "{'rtsp://anna:geheim99@10.0.0.9/live': 1}",
        "camera: {source: 'rtsp://anna:geheim99@10.0.0.9/live', fps: 99}",
    ],
)
def test_a_cameras_password_is_not_told(text: str) -> None:
    result = check(written(text))

    assert result.exit_code == 2
    assert "mine.yaml" in result.output
    assert not [part for part in ("heim99", "anna") if part in result.output.replace("\n", "")]


@pytest.mark.parametrize(
    "value",
    [
        '{"sourse": "rtsp://anna:geheim99@10.0.0.9/"}',
        '"rtsp://anna:geheim99@10.0.0.9/"',
        '["rtsp://anna:geheim99@10.0.0.9/"]',
        '{"source": "rtsp://anna:geheim99@10.0.0.9/", "fps": 99}',
        "rtsp://anna:geheim99@10.0.0.9/",
    ],
)
def test_a_password_in_a_variable_is_not_told(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CALMLOOP_CAMERA", value)
    result = check()

    assert result.exit_code == 2
    assert "heim99" not in result.output.replace("\n", "")


def test_settings_are_checked_without_what_the_services_need_to_run() -> None:
    """The init container checks them, and has neither OpenCV nor a serial port's library."""
    code = (
        "import sys; from calmloop.base.settings_check import all_faults; all_faults(None);"
        "print(*sorted({'cv2', 'numpy', 'serial', 'cobs'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

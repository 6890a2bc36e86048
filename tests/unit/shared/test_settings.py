"""Settings: file, environment, secrets, and errors that say what to do."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import MqttSettings, Section, ServiceSettings, load
from calmloop.base.shown_values import MAY_HOLD_SECRET
from calmloop.bus.mqtt import PahoTransport


class CameraSection(Section):
    source: Annotated[str, MAY_HOLD_SECRET] = Field("sim", max_length=30)
    fps: float = Field(15.0, ge=1.0, le=30.0)


class SeatSection(Section):
    names: tuple[str, ...] = ()


class Settings(ServiceSettings):
    camera: CameraSection = CameraSection()
    seat: SeatSection = SeatSection()


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str) -> Path:
    path = Path("calmloop.yaml")
    path.write_text(text)
    return path


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write("chair_id: chair-7\ncamera: {fps: 10}\n")
    monkeypatch.setenv("CALMLOOP_CAMERA__FPS", "12")
    settings = load(Settings)
    assert (settings.chair_id, settings.camera.fps) == ("chair-7", 12.0)


def test_the_other_services_sections_are_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    write("actuator_bridge: {port: auto}\n")
    monkeypatch.setenv("CALMLOOP_FACE_DETECTOR__ANYTHING", "1")
    load(Settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("camera: {fps: 99}\n", ["calmloop.yaml", "camera.fps", "99", "30"]),
        ("camera: {fsp: 9}\n", ["calmloop.yaml", "camera.fsp", "unknown"]),
        ("camra: {fps: 9}\n", ["calmloop.yaml", "camra", "camera"]),
        ("chair_id: Chair One\n", ["chair_id", "Chair One", "pattern"]),
        ("- a\n- b\n", ["keys and values", "list"]),
        ("a: [\n", ["not valid YAML"]),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_value_and_bound(text: str, words: list[str]) -> None:
    write(text)
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["CALMLOOP_CAMERA__FSP", "CALMLOOP_CAMRA__FPS", "CALMLOOP_FPS"])
def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "9")
    with pytest.raises(ConfigurationError, match=name):
        load(Settings)


@pytest.mark.parametrize("name", ["CALMLOOP_LOG", "CALMLOOP_MQTT", "CALMLOOP_SEAT__NAMES"])
def test_what_holds_several_values_takes_json(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "debug")
    with pytest.raises(ConfigurationError, match=f"{name} = 'debug': .*JSON.*{name}__KEY"):
        load(Settings)
    monkeypatch.setenv(name, "[]" if name.endswith("NAMES") else "{}")
    load(Settings)


def test_no_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__HOST", "")
    with pytest.raises(ConfigurationError, match=r"mqtt\.host = ''"):
        load(Settings)


def test_an_error_never_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_CHAIR_ID", "rtsp://child:secret@camera/1")
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    assert "secret" not in str(caught.value)


SECRETS = (
    "rtsp://anna:ge/heim99@10.0.0.9/live",
    "rtsp://anna:ge'heim99@10.0.0.9/live",
    "rtsp://anna:gehe@im99@10.0.0.9/live",
    "rtsp://anna:geh eim99@10.0.0.9/",
    "http://10.0.0.9/video?user=anna&pwd=geheim99",
    "anna:geheim99@10.0.0.9",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "data",
    [
        "camera: {sourse: %s}",
        "camera: {source: [%s]}",
        "camera: {source: {url: %s}}",
        "camera: {fps: %s}",
        "camera: %s",
        "camera: [%s]",
        "camra: {source: %s}",
        "source: %s",
        "chair_id: %s",
        "mqtt: {host: %s}",
        "mqtt: {url: %s}",
        "mqtt: {port: [%s]}",
        "camera: {%s: 1}",
        "%s: 1",
        "camera: {source: &a %s}",
        "camera: {source: %s",
        "camera: {source: %s, source: %s}",
        "camera: !x%s",
        "log: {level: %s}",
    ],
)
def test_no_refusal_of_a_file_shows_a_secret(data: str, secret: str) -> None:
    quoted = '"' + secret + '"' if "!x" not in data else " " + '"' + secret + '"'
    write(data.replace("%s", quoted))
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    assert not {part for part in ("heim99", "im99", "anna") if part in str(caught.value)}
    assert "calmloop.yaml" in str(caught.value)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "name", ["CAMERA", "CAMERA__SOURCE", "CAMERA__SOURSE", "CAMERA__FPS", "MQTT__HOST", "LOG"]
)
def test_no_refusal_of_a_variable_shows_a_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, secret: str
) -> None:
    monkeypatch.setenv(f"CALMLOOP_{name}", secret + 30 * "x")
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    assert "99" not in str(caught.value)
    assert f"CALMLOOP_{name}" in str(caught.value) or "environment" in str(caught.value)


def test_a_settings_error_that_nobody_catches_shows_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        CameraSection.model_validate({"sourse": "rtsp://anna:geheim99@10.0.0.9/live"})
    assert "geheim99" not in str(caught.value)


def test_a_password_in_the_place_of_its_file_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="password_file") as caught:
        MqttSettings(password_file=Path("geheim99")).password()
    assert "geheim99" not in str(caught.value)


def test_a_ca_file_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = MqttSettings(tls_ca_file=tmp_path / "ca.crt")
    with pytest.raises(ConfigurationError, match="tls_ca_file"):
        PahoTransport(settings, "test")


def test_a_password_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass word\n")
    monkeypatch.setenv("CALMLOOP_MQTT__PASSWORD_FILE", str(secret))
    assert load(Settings).mqtt.password() == "pass word"
    secret.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(Settings).mqtt.password()
    secret.unlink()
    with pytest.raises(ConfigurationError, match="check the path"):
        load(Settings).mqtt.password()

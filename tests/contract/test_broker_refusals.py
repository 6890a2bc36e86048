"""A broker that refuses says why: not everything is the password."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import MqttSettings
from calmloop.caregiver import connection
from calmloop.cli.main import app
from calmloop.demo import broker as demo_broker
from tests.broker import Broker

NO_MQTT_5 = b"\x20\x02\x00\x01"
"""CONNACK of MQTT 3.1.1: unacceptable protocol version."""


def connack(code: int) -> bytes:
    return bytes([0x20, 3, 0, code, 0])


@contextmanager
def refusing(answer: bytes) -> Iterator[int]:
    """A broker that answers each CONNECT so; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(4096)
                    client.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(
    ("answer", "said", "unsaid"),
    [
        (connack(0x86), "check the user and the password", "MQTT 5"),
        (connack(0x87), "lets this account connect", "MQTT 5"),
        (NO_MQTT_5, "it speaks no MQTT 5", "check the user"),
        (connack(0x84), "it speaks no MQTT 5", "check the user"),
        (connack(0x9A), "retain_available", "check the user"),
        (connack(0x9B), "max_qos", "check the user"),
        (connack(0x89), "too many connections", "check the user"),
        (connack(0x85), "does not take this client's id", "check the user"),
    ],
)
def test_an_operators_command_says_what_the_broker_says(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str, unsaid: str
) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.5)
    with refusing(answer) as port:
        monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(port))
        result = CliRunner().invoke(app, ["stop"])
    assert result.exit_code == 1
    told = result.output.replace("\n", " ")
    assert said in told and unsaid not in told
    assert f"127.0.0.1:{port}" in told


def test_nobody_there_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.5)
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "1")
    result = CliRunner().invoke(app, ["stop"])
    assert result.exit_code == 1
    assert "cannot be reached (Connection refused)" in result.output.replace("\n", " ")


def test_a_broker_that_takes_no_qos_1_is_named_when_it_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limited = demo_broker.CONFIGURATION.replace("persistence", "max_qos 0\npersistence")
    monkeypatch.setattr(demo_broker, "CONFIGURATION", limited)
    with Broker(tmp_path) as broker:
        monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
        result = CliRunner().invoke(app, ["stop"])
    assert result.exit_code == 1
    assert "press the red button" in result.output
    assert "the broker does not take QoS 1" in result.output.replace("\n", " ")


def test_a_password_file_may_begin_with_a_bom_and_must_hold_something(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"\xef\xbb\xbfs3cret\r\n")
    assert MqttSettings(password_file=path).password() == "s3cret"
    path.write_bytes(b"\xef\xbb\xbf\n")
    with pytest.raises(ConfigurationError, match=f"{path} is empty"):
        MqttSettings(password_file=path).password()

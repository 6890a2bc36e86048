"""A real Mosquitto that runs on the generated files alone, and clients of its accounts."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from calmloop.compose_init import broker_files
from calmloop.compose_init.acl import access_list
from calmloop.compose_init.passwords import Credential
from calmloop.compose_init.vault import Vault
from tests.broker import free_ports

CHAIR = "chair-1"
WAIT_S = 10.0
TOLD_WHEN_IT_RUNS = "user root\nlog_type information\n"


@dataclass(frozen=True)
class Accounts:
    """A running broker.

    Attributes:
        plain_port: The services' listener.
        people_port: The listener of people's clients on the host itself.
        tls_port: The listener of people's clients elsewhere.
        pid: The broker's process.
        log: What it says.
    """

    plain_port: int
    people_port: int
    tls_port: int
    credentials: dict[str, Credential]
    ca_file: Path
    folder: Path
    pid: int
    log: Path

    def resident_mb(self) -> float:
        """Its memory, at the most that it ever was."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024


def mosquitto() -> str:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/sbin")
    if found is None:
        pytest.fail("mosquitto is not installed: run `make setup`")
    return found


@contextmanager
def generated_broker(folder: Path) -> Iterator[Accounts]:
    """A broker that runs on generated files alone."""
    vault = Vault(folder)
    credentials = dict(vault.credentials())
    server = vault.server(["localhost", "127.0.0.1"])
    ports = free_ports(3)
    configuration = broker_files.configuration(PurePosixPath(folder), *ports)
    contents = {
        broker_files.CONFIGURATION: (configuration + TOLD_WHEN_IT_RUNS).encode(),
        broker_files.PASSWORDS: broker_files.password_file(credentials).encode(),
        broker_files.ACCESS_LIST: access_list(CHAIR).encode(),
        broker_files.SERVER_CERTIFICATE: server.certificate,
        broker_files.SERVER_KEY: server.key,
        "ca.crt": vault.authority().certificate,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    command = [mosquitto(), "-c", str(folder / broker_files.CONFIGURATION)]
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stderr=output)
    try:
        await_listeners(process, log)
        ca = folder / "ca.crt"
        plain, people, tls = ports
        yield Accounts(plain, people, tls, credentials, ca, folder, process.pid, log)
    finally:
        process.terminate()
        process.wait(WAIT_S)


def await_listeners(process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the broker says that all its listeners are open.

    No connection is tried: one that ends while the broker takes it up may be subtracted from a
    TLS listener's connections without having been added, so that it lets in one too many.
    """
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if " running" in log.read_text():
            return
        if process.poll() is not None:
            raise AssertionError(f"mosquitto ended: {log.read_text()}")
        time.sleep(0.02)
    raise AssertionError(f"mosquitto did not open its listeners: {log.read_text()}")


class Participant:
    """One account's connection, which reads whatever the broker lets it read.

    Attributes:
        lost: Set once the connection has ended, whoever ended it.
        acknowledged: Set by every answer to a publication.
    """

    def __init__(
        self,
        accounts: Accounts,
        account: str | None,
        password: str | None = None,
        port: int | None = None,
    ) -> None:
        self.lost = threading.Event()
        self.acknowledged = threading.Event()
        self.received: list[tuple[str, str]] = []
        self.arrived = threading.Event()
        self.ended = threading.Event()
        self._connected = threading.Event()
        self._subscribed = threading.Event()
        self.refusal: ReasonCode | None = None
        self._reasons: dict[int, ReasonCode] = {}
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        if account is not None:
            password = password or accounts.credentials[account].password
            self.client.username_pw_set(account, password)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = self._on_message
        self.client.on_publish = self._on_publish
        self.client.on_disconnect = self._on_disconnect
        self.client.connect("127.0.0.1", port or accounts.plain_port)
        self.client.loop_start()
        assert self._connected.wait(WAIT_S)

    def subscribe(self, name: str, qos: int = 1) -> None:
        self._subscribed.clear()
        self.client.subscribe(name, qos)
        assert self._subscribed.wait(WAIT_S)

    def publish(self, name: str, payload: str) -> bool:
        """Whether the broker took it; a denied one is acknowledged with a reason."""
        info = self.client.publish(name, payload, qos=1)
        info.wait_for_publish(WAIT_S)
        return not self._reasons[info.mid].is_failure

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def drop(self) -> None:
        """Ends without a word, and does not come back."""
        self.client.loop_stop()
        if (sock := self.client.socket()) is not None:
            sock.close()

    def _on_disconnect(self, *_arguments: Any) -> None:
        self.lost.set()
        self.acknowledged.set()

    def _on_connect(self, *arguments: Any) -> None:
        code = arguments[3]
        self.refusal = code if code.is_failure else None
        self._connected.set()

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: Any, _more: Any) -> None:
        self._reasons[mid] = reason
        self.acknowledged.set()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.payload == b"end":
            self.ended.set()
        else:
            self.received.append((message.topic, message.payload.decode()))
            self.arrived.set()

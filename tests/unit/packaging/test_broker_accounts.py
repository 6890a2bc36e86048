"""The generated accounts, access list and certificate, on a real Mosquitto with real clients."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from calmloop import topics
from calmloop.compose_init import broker_files
from calmloop.compose_init.acl import PROBE, access_list
from calmloop.compose_init.passwords import Credential
from calmloop.compose_init.vault import Vault
from calmloop.topics import REGISTRY, Account, AnyTopic

CHAIR = "chair-1"
WAIT_S = 10.0


@dataclass(frozen=True)
class Accounts:
    plain_port: int
    tls_port: int
    credentials: dict[str, Credential]
    ca_file: Path
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mosquitto() -> str:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/sbin")
    if found is None:
        pytest.fail("mosquitto is not installed: run `make setup`")
    return found


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    """A broker that runs on generated files alone."""
    folder = tmp_path_factory.mktemp("accounts")
    vault = Vault(folder)
    credentials = dict(vault.credentials())
    server = vault.server(["localhost", "127.0.0.1"])
    plain_port, tls_port = free_port(), free_port()
    configuration = broker_files.configuration(
        PurePosixPath(folder), plain_port=plain_port, tls_port=tls_port
    )
    contents = {
        broker_files.CONFIGURATION: (configuration + "user root\n").encode(),
        broker_files.PASSWORDS: broker_files.password_file(credentials).encode(),
        broker_files.ACCESS_LIST: access_list(CHAIR).encode(),
        broker_files.SERVER_CERTIFICATE: server.certificate,
        broker_files.SERVER_KEY: server.key,
        "ca.crt": vault.authority().certificate,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    command = [mosquitto(), "-c", str(folder / broker_files.CONFIGURATION)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        await_port(plain_port, process)
        yield Accounts(plain_port, tls_port, credentials, folder / "ca.crt", folder)
    finally:
        process.terminate()
        process.wait(WAIT_S)


def await_port(port: int, process: subprocess.Popen[str]) -> None:
    """Returns once the broker accepts; there is no event to wait for before it does."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"mosquitto ended: {process.stderr and process.stderr.read()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("mosquitto did not open its port")


class Participant:
    """One account's connection, which reads whatever the broker lets it read."""

    def __init__(
        self, accounts: Accounts, account: str | None, password: str | None = None
    ) -> None:
        self.received: list[tuple[str, str]] = []
        self.arrived = threading.Event()
        self.ended = threading.Event()
        self._connected = threading.Event()
        self._subscribed = threading.Event()
        self.refusal: ReasonCode | None = None
        self._reasons: dict[int, ReasonCode] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        if account is not None:
            password = password or accounts.credentials[account].password
            self.client.username_pw_set(account, password)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = self._on_message
        self.client.on_publish = self._on_publish
        self.client.connect("127.0.0.1", accounts.plain_port)
        self.client.loop_start()
        assert self._connected.wait(WAIT_S)

    def subscribe(self, name: str) -> None:
        self._subscribed.clear()
        self.client.subscribe(name, qos=1)
        assert self._subscribed.wait(WAIT_S)

    def publish(self, name: str, payload: str) -> bool:
        """Whether the broker took it; a denied one is acknowledged with a reason."""
        info = self.client.publish(name, payload, qos=1)
        info.wait_for_publish(WAIT_S)
        return not self._reasons[info.mid].is_failure

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_connect(self, *arguments: Any) -> None:
        code = arguments[3]
        self.refusal = code if code.is_failure else None
        self._connected.set()

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: Any, _more: Any) -> None:
        self._reasons[mid] = reason

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.payload == b"end":
            self.ended.set()
        else:
            self.received.append((message.topic, message.payload.decode()))
            self.arrived.set()


def own_name(topic: AnyTopic, account: Account) -> str:
    values = {"service": account.value, "instance": "i", "kind": "stop"}
    return topic.name(CHAIR, **{key: values[key] for key in topic.placeholders})


@pytest.fixture(scope="module")
def everyone(accounts: Accounts) -> Iterator[dict[Account, Participant]]:
    joined = {account: Participant(accounts, account) for account in Account}
    for participant in joined.values():
        participant.subscribe("#")
        participant.subscribe("$SYS/#")
    yield joined
    for participant in joined.values():
        participant.close()


def test_every_account_reads_and_writes_what_the_registry_says_and_nothing_else(
    everyone: dict[Account, Participant],
) -> None:
    taken = {
        (account, topic.path)
        for account, participant in everyone.items()
        for topic in REGISTRY
        if participant.publish(own_name(topic, account), account)
    }
    everyone[Account.CAMERA].publish(topics.REJECTED.name(CHAIR), "end")

    assert taken == {(a, t.path) for a in Account for t in REGISTRY if a in t.writers}
    for reader, participant in everyone.items():
        assert participant.ended.wait(WAIT_S)
        expected = sorted(
            (own_name(topic, writer), writer.value)
            for topic in REGISTRY
            if reader in topic.readers
            for writer in topic.writers
        )
        assert sorted(participant.received) == expected, reader


def test_pictures_reach_one_reader_each_and_never_a_person() -> None:
    lines = {
        block.splitlines()[0]: block
        for block in access_list(CHAIR).split("user ")
        if not block.startswith("#")
    }
    for person in (Account.MONITOR, Account.CAREGIVER):
        assert "camera/frame" not in lines[person]
        assert "face/crop" not in lines[person]
    assert "topic write" not in lines[Account.MONITOR]


def test_a_service_cannot_speak_in_the_name_of_another(
    everyone: dict[Account, Participant],
) -> None:
    name = topics.HEARTBEAT.name(CHAIR, service="safety-watchdog", instance="i")
    assert everyone[Account.SAFETY_WATCHDOG].publish(name, "mine")
    assert not everyone[Account.ACTUATOR_BRIDGE].publish(name, "not mine")


def test_another_chair_is_out_of_reach(everyone: dict[Account, Participant]) -> None:
    assert not everyone[Account.CAREGIVER].publish("calmloop/chair-2/stop", "")


@pytest.mark.parametrize("account", [Account.CAREGIVER.value, "nobody"])
def test_a_wrong_password_is_refused(accounts: Accounts, account: str) -> None:
    refused = Participant(accounts, account, password="guessed")
    refused.close()
    assert refused.refusal is not None


def test_anonymous_is_refused(accounts: Accounts) -> None:
    refused = Participant(accounts, None)
    refused.close()
    assert refused.refusal is not None


def test_tls_is_trusted_by_the_devices_authority_alone(accounts: Accounts) -> None:
    strict = ssl.create_default_context(cafile=str(accounts.ca_file))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1"):
        handshake(accounts.tls_port, strict, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(accounts.tls_port, strict, "elsewhere.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(accounts.tls_port, ssl.create_default_context(), "localhost")


def handshake(port: int, context: ssl.SSLContext, name: str) -> None:
    plain = socket.create_connection(("127.0.0.1", port), WAIT_S)
    with plain, context.wrap_socket(plain, server_hostname=name):
        return


def test_the_health_check_s_account_is_allowed_its_own_topic_and_no_more(
    accounts: Accounts,
) -> None:
    lines = broker_files.probe_options(accounts.credentials[PROBE]).splitlines()
    options = dict(line.split(" ", 1) for line in lines)
    probe = Participant(accounts, options["-u"], options["-P"])
    probe.subscribe("#")
    probe.subscribe(options["-t"])
    assert probe.arrived.wait(WAIT_S)
    assert not probe.publish(topics.STOP.name(CHAIR), "")
    assert {name for name, _ in probe.received} == {options["-t"]}
    probe.close()


def test_a_picture_too_large_for_any_camera_is_cut_off(accounts: Accounts) -> None:
    camera = Participant(accounts, Account.CAMERA)
    gone = threading.Event()
    camera.client.on_disconnect = lambda *_: gone.set()
    too_much = b"\xff" * (broker_files.MAX_PACKET_BYTES + 1)
    camera.client.publish(topics.CAMERA_FRAME.name(CHAIR), too_much)
    assert gone.wait(WAIT_S)
    camera.close()

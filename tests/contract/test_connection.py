"""The connection to a broker: carried by its user's own thread, and never in that thread's way."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calmloop.base.settings import MqttSettings
from calmloop.bus.mqtt import PahoTransport
from calmloop.bus.transport import RawMessage, Subscription
from calmloop.compose_init.certificates import new_authority, new_server
from calmloop.demo.children import start_child, stop_child
from tests.broker import Broker, free_port
from tests.processes import CHAIR, Client

NAME = f"calmloop/{CHAIR}/emotion/state"
PICTURE_NAME = f"calmloop/{CHAIR}/camera/frame"
PATIENCE_S = 10.0
MAY_WAIT_S = {b"for long": 10 * PATIENCE_S, b"for a moment": 0.05}


class Ear:
    """A transport that keeps what it hears."""

    def __init__(self, settings: MqttSettings, name: str = NAME, *, image: bool = False) -> None:
        self.heard: list[bytes] = []
        self.transport = PahoTransport(settings, "ear")
        self.transport.subscribe(Subscription(name, image=image))
        self.transport.start(None, self._hear, lambda: None)

    def _hear(self, raw: RawMessage) -> float | None:
        self.heard.append(raw.payload)
        return MAY_WAIT_S.get(raw.payload)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "timed out"
            self.transport.wait(0.05)


@pytest.fixture
def ear(broker: Broker) -> Iterator[Ear]:
    """Hears what is published; nothing is under way any more."""
    ear = Ear(MqttSettings(port=broker.port))
    with Client(broker) as client:
        ear.wait_until(lambda: _is_heard(ear, client))
        client.publish(NAME, b"the last", qos=0)
        ear.wait_until(lambda: ear.heard[-1] == b"the last")
    ear.heard.clear()
    yield ear
    ear.transport.close()


def _is_heard(ear: Ear, client: Client) -> bool:
    client.publish(NAME, b"are you there?", qos=0)
    return bool(ear.heard)


def test_who_says_that_it_hears_all_hears_the_next_message(broker: Broker) -> None:
    with Client(broker) as client:
        for number in range(20):
            ear = Ear(MqttSettings(port=broker.port), image=number % 2 == 1)
            ear.wait_until(lambda ear=ear: ear.transport.hears_all)  # type: ignore[misc]
            client.publish(NAME, b"at once", qos=0)
            ear.wait_until(lambda ear=ear: bool(ear.heard))  # type: ignore[misc]
            ear.transport.close()


def test_one_wait_lets_in_all_that_came_while_its_user_was_busy(broker: Broker, ear: Ear) -> None:
    with Client(broker) as client:
        for number in range(200):
            client.publish(NAME, b"%d" % number, qos=0)
        client.publish(f"calmloop/{CHAIR}/done")  # acknowledged after all the others were sent on
    ear.transport.wait(1.0)
    assert ear.heard == [b"%d" % number for number in range(200)]


def test_a_message_ends_the_wait(broker: Broker, ear: Ear) -> None:
    with Client(broker) as client:
        sender = threading.Thread(target=lambda: client.publish(NAME, b"now"))
        sender.start()
        ear.transport.wait(PATIENCE_S)
        sender.join()
    assert ear.heard == [b"now"]


def test_one_wait_lets_in_what_may_wait_and_what_may_not(broker: Broker, ear: Ear) -> None:
    def send() -> None:
        client.publish(NAME, b"for long")
        client.publish(NAME, b"now")

    with Client(broker) as client:
        sender = threading.Thread(target=send)
        sender.start()
        ear.transport.wait(10 * PATIENCE_S)
        sender.join()
    assert ear.heard == [b"for long", b"now"]


def test_what_may_wait_for_a_moment_waits_no_longer(broker: Broker, ear: Ear) -> None:
    began_s = time.monotonic()
    with Client(broker) as client:
        client.publish(NAME, b"for a moment")
        ear.transport.wait(10 * PATIENCE_S)
    assert ear.heard == [b"for a moment"]
    assert time.monotonic() - began_s < 5 * PATIENCE_S


def test_another_thread_ends_the_wait(ear: Ear) -> None:
    began_s = time.monotonic()
    waker = threading.Thread(target=ear.transport.wake)
    waker.start()
    ear.transport.wait(PATIENCE_S)
    waker.join()
    assert time.monotonic() - began_s < PATIENCE_S / 2


def test_a_wake_before_the_wait_is_not_lost_and_after_the_end_does_no_harm(ear: Ear) -> None:
    for _ in range(10_000):
        ear.transport.wake()
    began_s = time.monotonic()
    ear.transport.wait(PATIENCE_S)
    assert time.monotonic() - began_s < PATIENCE_S / 2
    ear.transport.close()
    ear.transport.wake()


def test_an_idle_connection_is_kept(ear: Ear) -> None:
    until_s = time.monotonic() + 9.0  # the broker drops whom it has not heard for 7.5 s
    while time.monotonic() < until_s:
        ear.transport.wait(0.25)
        assert ear.transport.connected


def test_a_broker_that_accepts_and_says_nothing_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        ear = Ear(MqttSettings(port=mute.getsockname()[1]))
        began_s = time.monotonic()
        for _ in range(20):
            ear.transport.wait(0.02)
        assert time.monotonic() - began_s < 2.0
        assert not ear.transport.connected
        ear.transport.close()


def test_a_broker_that_does_not_even_accept_holds_nobody_up() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        crowd = [socket.socket() for _ in range(3)]  # fills the queue of those not yet accepted
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        ear = Ear(MqttSettings(port=deaf.getsockname()[1]))
        began_s = time.monotonic()
        for _ in range(20):
            ear.transport.wait(0.02)
        ear.transport.close()
        assert time.monotonic() - began_s < 2.0
        for one in crowd:
            one.close()


@pytest.fixture
def tls_broker(tmp_path: Path) -> Iterator[MqttSettings]:
    """How to reach a broker that speaks TLS only."""
    port = free_port()
    authority = new_authority("test")
    server = new_server(authority, ["127.0.0.1"])
    files = {"ca.crt": authority.certificate, "crt": server.certificate, "key": server.key}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    configuration = tmp_path / "mosquitto.conf"
    user = "user root" if os.geteuid() == 0 else ""
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\n{user}\n"
        f"certfile {tmp_path}/crt\nkeyfile {tmp_path}/key\n"
    )
    found = next(p for p in ("/usr/sbin", "/usr/bin", "/usr/local/sbin") if _has_broker(p))
    child = start_child([f"{found}/mosquitto", "-c", configuration], log=tmp_path / "log")
    yield MqttSettings(port=port, tls_ca_file=tmp_path / "ca.crt")
    stop_child(child)


def _has_broker(folder: str) -> bool:
    return Path(folder, "mosquitto").exists()


def test_nothing_stays_behind_in_tls(tls_broker: MqttSettings) -> None:
    """TLS may hold decrypted messages that the socket no longer shows as readable."""
    pictures = [bytes([number]) * 20_000 for number in range(100)]
    ear = Ear(tls_broker, PICTURE_NAME, image=True)
    mouth = PahoTransport(tls_broker, "mouth")
    mouth.start(None, lambda _raw: None, lambda: None)
    ear.wait_until(lambda: _is_pictured(ear, mouth))
    ear.transport.wait(0.2)
    ear.heard.clear()
    for picture in pictures:
        mouth.publish(RawMessage(PICTURE_NAME, picture))
    deadline = time.monotonic() + PATIENCE_S
    while len(ear.heard) < len(pictures) and time.monotonic() < deadline:
        mouth.wait(0.0)
        ear.transport.wait(0.05)
    assert ear.heard == pictures
    ear.transport.close()
    mouth.close()


def _is_pictured(ear: Ear, mouth: PahoTransport) -> bool:
    mouth.wait(0.02)
    mouth.publish(RawMessage(PICTURE_NAME, b"are you there?"))
    return bool(ear.heard)

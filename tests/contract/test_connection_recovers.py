"""A connection that went wrong: given up, made anew soon, and with nothing old still on its way."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from calmloop.base.settings import MqttSettings
from calmloop.bus.connection import ARRIVES_S, RECONNECT_MAX_S, RECONNECT_MIN_S, Connection
from calmloop.bus.mqtt import PahoTransport
from calmloop.bus.transport import Subscription

NAME = "calmloop/chair-1/face/state"
CONNACK = b"\x20\x03\x00\x00\x00"
UNKNOWN_PACKET = b"\x00\x00"
NAME_IN_NO_UTF8 = b"\x30\x05\x00\x01\xff\x00!"
TWO_MILLION = b"\x80\x89\x7a"
"""As MQTT writes the length of a packet."""
PATIENCE_S = 10.0
Talk = Callable[[socket.socket], None]


def publication(payload: bytes) -> bytes:
    name = NAME.encode()
    body = len(name).to_bytes(2, "big") + name + b"\x00" + payload
    return b"\x30" + len(body).to_bytes(1, "big") + body


def say(*packets: bytes) -> Talk:
    """Sends them, and reads until the other side goes."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(b"".join(packets))
        while peer.recv(4096):
            pass

    return talk


def send_what_never_ends(peer: socket.socket) -> None:
    peer.sendall(b"\x30" + TWO_MILLION)
    while True:
        peer.sendall(bytes(1000))
        time.sleep(0.02)


@contextmanager
def broker(*talks: Talk) -> Iterator[int]:
    """Accepts one connection after the other and talks to each; its port."""

    def serve() -> None:
        for talk in talks:
            peer, _address = server.accept()
            with peer, suppress(OSError):
                peer.recv(1024)
                peer.sendall(CONNACK)
                talk(peer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(PATIENCE_S)


@contextmanager
def listening(port: int) -> Iterator[tuple[PahoTransport, list[bytes]]]:
    heard: list[bytes] = []
    transport = PahoTransport(MqttSettings(port=port), "ear")
    transport.subscribe(Subscription(NAME))
    transport.start(None, lambda raw: heard.append(raw.payload), lambda: None)
    yield transport, heard
    transport.close()


def wait_until(transport: PahoTransport, condition: Callable[[], Any]) -> float:
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < PATIENCE_S, transport.trouble
        transport.wait(0.05)
    return time.monotonic() - began_s


def test_a_packet_that_never_ends_costs_one_connection_and_a_few_seconds() -> None:
    with (
        broker(send_what_never_ends, say(publication(b"again"))) as port,
        listening(port) as (transport, heard),
    ):
        dark_s = wait_until(transport, lambda: heard)
    assert heard == [b"again"]
    assert "a packet of 2000000 bytes was not whole after 2 s" in transport.trouble
    assert ARRIVES_S < dark_s < ARRIVES_S + RECONNECT_MIN_S + 1.0


def test_a_packet_that_comes_slowly_but_whole_is_heard() -> None:
    packet = publication(b"slowly")

    def talk(peer: socket.socket) -> None:
        for byte in packet:
            peer.sendall(bytes([byte]))
            time.sleep(ARRIVES_S / 2 / len(packet))
        peer.recv(4096)

    with broker(talk) as port, listening(port) as (transport, heard):
        wait_until(transport, lambda: heard)
        assert transport.connected
    assert heard == [b"slowly"]


def test_a_name_that_cannot_be_read_costs_its_message_only() -> None:
    with (
        broker(say(NAME_IN_NO_UTF8, publication(b"next"))) as port,
        listening(port) as (transport, heard),
    ):
        wait_until(transport, lambda: heard)
    assert heard == [b"next"]


def end_of(peer: socket.socket, ends: list[str]) -> None:
    try:
        while peer.recv(4096):
            pass
        ends.append("closed")
    except ConnectionResetError:
        ends.append("reset")


def test_what_a_lost_connection_has_not_sent_never_comes_later() -> None:
    """Reset at once, so that the kernel sends nothing more of it; a goodbye is closed properly."""
    ends: list[str] = []

    def fault(peer: socket.socket) -> None:
        peer.sendall(UNKNOWN_PACKET)
        end_of(peer, ends)

    with (
        broker(fault, lambda peer: end_of(peer, ends)) as port,
        listening(port) as (transport, _heard),
    ):
        wait_until(transport, lambda: ends)
        wait_until(transport, lambda: transport.connected)
    assert ends == ["reset", "closed"]


class Unreachable(paho.Client):
    """Notes when it is told to connect, and cannot."""

    def __init__(self) -> None:
        super().__init__(CallbackAPIVersion.VERSION2)
        self.now_s = 0.0
        self.tries_s: list[float] = []

    def connect_async(self, *_: Any, **__: Any) -> None:
        self.tries_s.append(self.now_s)

    def reconnect(self) -> Any:
        raise OSError


def test_however_long_the_network_was_away_the_next_try_is_a_few_seconds_off() -> None:
    client, failed = Unreachable(), threading.Semaphore(0)
    connection = Connection(client, ("", 0), wake=failed.release, on_failed=lambda _why: None)
    connection.connect()
    while client.now_s < 1000.0:
        tries = len(client.tries_s)
        assert failed.acquire(timeout=PATIENCE_S)
        while len(client.tries_s) == tries:
            client.now_s += 0.25
            connection.tend(client.now_s)
    gaps_s = [later - earlier for earlier, later in pairwise(client.tries_s)]
    assert max(gaps_s) <= RECONNECT_MAX_S + 0.5 <= 5.0

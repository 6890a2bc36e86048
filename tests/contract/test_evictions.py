"""Two clients with one client id: named, backed away from, and no fight at full speed."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from calmloop.base.settings import MqttSettings
from calmloop.bus.connection import EVICTED_MIN_S
from calmloop.bus.mqtt import PahoTransport
from tests.broker import Broker

NAME = "chair-1.camera.a"
CONNACK = b"\x20\x03\x00\x00\x00"
TAKEN_OVER = b"\xe0\x02\x8e\x00"
FIGHT_S = 8.0


def carry_until(
    condition: Callable[[], Any], *transports: PahoTransport, within_s: float = 10.0
) -> float:
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < within_s, "timed out"
        for transport in transports:
            transport.wait(0.02)
    return time.monotonic() - began_s


def take_over(server: socket.socket, peers: list[socket.socket]) -> None:
    """A broker that accepts, says that another client took over, and accepts the next for good."""
    for last_word in (TAKEN_OVER, b""):
        peer, _ = server.accept()
        peers.append(peer)
        peer.recv(1024)
        peer.sendall(CONNACK + last_word)


def test_who_is_told_of_a_take_over_names_it_and_stays_away_for_a_while() -> None:
    peers: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take_over, args=(server, peers), daemon=True).start()
        transport = PahoTransport(MqttSettings(port=server.getsockname()[1]), NAME)
        transport.start(None, lambda _raw: None, lambda: None)
        carry_until(lambda: transport.evictions == 1, transport)
        assert not transport.connected
        away_s = carry_until(lambda: transport.connected, transport)
        transport.close()
    for peer in peers:
        peer.close()

    assert EVICTED_MIN_S * 0.9 < away_s < EVICTED_MIN_S + 2.5
    assert "Session taken over" in transport.trouble
    assert "another client has the same id" in transport.trouble


def test_two_of_one_id_throw_each_other_off_ever_more_seldom(broker: Broker) -> None:
    connects: list[float] = []
    pair = [PahoTransport(MqttSettings(port=broker.port), NAME) for _ in range(2)]
    for transport in pair:
        transport.start(None, lambda _raw: None, lambda: connects.append(time.monotonic()))
    began_s = time.monotonic()
    carry_until(lambda: time.monotonic() > began_s + FIGHT_S, *pair, within_s=FIGHT_S + 5)
    for transport in pair:
        transport.close()

    print(f"{len(connects)} connections of two in {FIGHT_S:g} s")
    assert 3 <= len(connects) <= 7
    assert any("no other client has the same id" in transport.trouble for transport in pair)


def test_a_broker_that_comes_back_is_found_at_once_and_is_no_eviction(broker: Broker) -> None:
    transport = PahoTransport(MqttSettings(port=broker.port), NAME)
    transport.start(None, lambda _raw: None, lambda: None)
    carry_until(lambda: transport.connected, transport)
    broker.stop()
    carry_until(lambda: not transport.connected, transport)
    broker.start()
    back_s = carry_until(lambda: transport.connected, transport)
    transport.close()

    assert transport.evictions == 0
    assert back_s < EVICTED_MIN_S

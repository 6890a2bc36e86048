"""It answers on its own port alone, waits for one that is taken, and is not held up by anyone."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from calmloop.metrics_exporter import server
from tests.broker import free_port
from tests.unit.metrics_exporter.exporter_rig import ExporterRig


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        yield other


def test_a_port_that_is_taken_is_told_and_tried_again(taken: socket.socket) -> None:
    rig = ExporterRig(taken.getsockname()[1])
    health = rig.turn()
    assert not health.healthy
    assert "set metrics_exporter.http_host and http_port" in health.waits_for
    taken.close()
    assert not rig.turn().healthy, "it is not tried each turn"
    rig.clock.advance(5.0)
    assert rig.turn().healthy
    assert rig.value("calmloop_exporter_connected") == 1
    rig.service.close()


def test_it_answers_beside_those_who_say_nothing_up_to_a_bound(rig: ExporterRig) -> None:
    with ExitStack() as open_ones:
        for _ in range(server.MAX_REQUESTS - 1):
            silent = socket.create_connection(("127.0.0.1", rig.port), 5)
            open_ones.callback(silent.close)
        assert rig.value("calmloop_exporter_connected") == 1


def test_more_than_the_bound_are_cut_off(rig: ExporterRig) -> None:
    with ExitStack() as open_ones:
        for _ in range(server.MAX_REQUESTS):
            silent = socket.create_connection(("127.0.0.1", rig.port), 5)
            open_ones.callback(silent.close)
        # Connections are taken in their order, so that this one comes after all of those.
        with socket.create_connection(("127.0.0.1", rig.port), 5) as late:
            late.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            with suppress(ConnectionResetError):
                assert late.recv(1) == b""


def test_only_reading_is_answered(rig: ExporterRig) -> None:
    with socket.create_connection(("127.0.0.1", rig.port), 5) as client:
        client.sendall(b"POST /metrics HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        assert b"405" in client.recv(100)

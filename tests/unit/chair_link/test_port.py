"""What happens when the chair's port goes and comes back."""

import os
import socket
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from calmloop.chair_link.port import (
    PortClosed,
    PortData,
    PortOpened,
    SerialPort,
)
from tests.unit.chair_link.cable import Cable, Watch


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(str(tmp_path / "tty"))
    yield watch
    watch.port.close()


def test_bytes_go_both_ways_with_the_time_they_came(watch: Watch, tmp_path: Path) -> None:
    cable = Cable(tmp_path / "tty")
    watch.port.start()
    watch.wait_for(bool)
    assert watch.events == [PortOpened(str(tmp_path / "tty"))]
    before_ns = time.monotonic_ns()
    os.write(cable.master, b"\x00\x01\xff\r\n")
    watch.wait_for(lambda events: watch.count(PortData) > 0)
    data = watch.events[-1]
    assert isinstance(data, PortData)
    assert data.data == b"\x00\x01\xff\r\n"
    assert before_ns <= data.at_ns <= time.monotonic_ns()
    assert watch.port.write(b"\x03\x00\x11")
    assert os.read(cable.master, 10) == b"\x03\x00\x11"


def test_a_port_that_is_not_there_is_reported_and_found_when_it_comes(
    watch: Watch, tmp_path: Path
) -> None:
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortClosed) >= 2)
    assert not watch.port.write(b"x")
    Cable(tmp_path / "tty")
    watch.wait_for(lambda events: watch.count(PortOpened) == 1)


def test_a_cable_that_is_pulled_is_reported_and_found_again_ten_times(
    watch: Watch, tmp_path: Path
) -> None:
    cable = Cable(tmp_path / "tty")
    watch.port.start()
    for times in range(1, 11):
        watch.wait_for(lambda events, times=times: watch.count(PortOpened) == times)  # type: ignore[misc]
        cable.pull()
        closed = watch.count(PortClosed)
        watch.wait_for(lambda events, closed=closed: watch.count(PortClosed) > closed, 2.0)  # type: ignore[misc]
        cable.plug()


def test_a_port_that_vanishes_while_it_is_opened_is_looked_for_again(tmp_path: Path) -> None:
    """Of a tty that hangs up in between, pyserial tells by termios.error, which is no OSError."""
    name = str(tmp_path / "tty")
    Cable(tmp_path / "tty")
    vanishing = iter([termios.error(5, "Input/output error"), RuntimeError("no such bus")])

    def find(_address: str) -> str:
        for error in vanishing:
            raise error
        return name

    watch = Watch(name, find)
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortOpened) == 1)
    assert [event.reason for event in watch.events if isinstance(event, PortClosed)] == [
        "(5, 'Input/output error')",
        "no such bus",
    ]
    watch.port.close()


def test_close_ends_the_thread_also_while_no_port_is_there(watch: Watch) -> None:
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortClosed) >= 1)
    watch.port.close()
    assert "serial-port" not in {thread.name for thread in threading.enumerate()}


def test_nobody_listening_on_tcp_is_reported() -> None:
    watch = Watch("socket://127.0.0.1:9")
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortClosed) >= 1)
    watch.port.close()


def test_a_port_that_another_host_holds_is_refused_until_it_is_free(
    watch: Watch, tmp_path: Path
) -> None:
    cable = Cable(tmp_path / "tty")
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortOpened) == 1)
    second = Watch(str(tmp_path / "tty"))
    second.port.start()
    second.wait_for(lambda events: second.count(PortClosed) >= 1)
    assert second.count(PortOpened) == 0
    os.write(cable.master, b"for the first")
    watch.wait_for(lambda events: watch.count(PortData) == 1)
    watch.port.close()
    second.wait_for(lambda events: second.count(PortOpened) == 1)
    second.port.close()


@pytest.mark.parametrize("line", ["tty", "socket"])
def test_a_write_while_the_port_is_being_closed_is_not_written(line: str, tmp_path: Path) -> None:
    """As the thread closes it: before the write looks, and between its look and its work."""
    cable = Cable(tmp_path / "tty")
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        below = serial.serial_for_url(url if line == "socket" else str(cable.link))
        port = SerialPort("not started", lambda: None)
        port._serial = below
        assert port.write(b"x")
        below.close()
        assert not port.write(b"x")
        below.is_open = True
        assert not port.write(b"x")
        below.is_open = False
    cable.pull()


def test_writing_all_the_time_survives_a_cable_that_is_pulled(watch: Watch, tmp_path: Path) -> None:
    cable = Cable(tmp_path / "tty")
    watch.port.start()
    for times in range(1, 6):
        watch.wait_for(lambda events, times=times: watch.count(PortOpened) == times)  # type: ignore[misc]
        closed = watch.count(PortClosed)
        puller = threading.Thread(target=cable.pull)
        puller.start()
        while watch.port.write(b"\x00"):
            pass
        puller.join()
        watch.wait_for(lambda events, closed=closed: watch.count(PortClosed) > closed)  # type: ignore[misc]
        cable.plug()

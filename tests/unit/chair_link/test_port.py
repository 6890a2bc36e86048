"""Which port is the chair's, and what happens when it goes and comes back."""

import errno
import grp
import os
import pty
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from serial.tools.list_ports_common import ListPortInfo

from calmloop.chair_link import port
from calmloop.chair_link.frames import Frame, encode
from calmloop.chair_link.port import (
    NoPort,
    PortClosed,
    PortData,
    PortEvent,
    PortOpened,
    SerialPort,
    resolve,
)
from calmloop.chair_link.port_trouble import explain


def listed(device: str, vid: int, pid: int, serial_number: str) -> ListPortInfo:
    info = ListPortInfo(device)
    info.vid, info.pid, info.serial_number = vid, pid, serial_number
    return info


UNO = listed("/dev/ttyACM0", 0x2341, 0x0043, "A1")
OTHER_UNO = listed("/dev/ttyACM1", 0x2341, 0x0043, "A2")
MODEM = listed("/dev/ttyUSB0", 0x12D1, 0x1001, "M1")


@pytest.mark.parametrize("address", ["/dev/ttyACM7", "socket://chair-sim:7000", "/tmp/chair"])
def test_a_path_or_url_is_taken_as_it_is(address: str) -> None:
    assert resolve(address, comports=lambda: []) == address


def test_auto_takes_the_one_port_with_a_known_usb_id() -> None:
    assert resolve("auto", comports=lambda: [MODEM, UNO]) == "/dev/ttyACM0"


@pytest.mark.parametrize(
    ("vendor", "product", "known"),
    [
        (0x2341, 0x0243, True),  # Uno R3, newer
        (0x1A86, 0x55D4, True),  # CH9102
        (0x1A86, 0x55D3, True),  # CH343
        (0x2341, 0x0069, False),  # Uno R4 Minima: another chip
        (0x2341, 0x0058, False),  # Nano Every: another chip
    ],
)
def test_auto_knows_newer_boards_and_no_board_with_another_chip(
    vendor: int, product: int, known: bool
) -> None:
    board = listed("/dev/ttyACM2", vendor, product, "A3")
    if known:
        assert resolve("auto", comports=lambda: [MODEM, board]) == "/dev/ttyACM2"
    else:
        with pytest.raises(NoPort, match="none of 2 ports fit"):
            resolve("auto", comports=lambda: [MODEM, board])


def test_auto_takes_only_ids_that_are_allowed() -> None:
    assert resolve("auto", [(0x12D1, 0x1001)], lambda: [MODEM, UNO]) == "/dev/ttyUSB0"


def test_a_serial_number_is_found_under_whatever_name() -> None:
    assert resolve("serial:A2", comports=lambda: [UNO, OTHER_UNO]) == "/dev/ttyACM1"


@pytest.mark.parametrize(
    ("address", "ports", "text"),
    [
        ("auto", [MODEM], "none of 1 ports fit"),
        ("auto", [UNO, OTHER_UNO], "/dev/ttyACM0, /dev/ttyACM1 of 2 ports fit"),
        ("serial:Z", [UNO], "none of 1 ports fit"),
    ],
)
def test_none_or_several_are_refused_with_what_is_there(
    address: str, ports: list[ListPortInfo], text: str
) -> None:
    with pytest.raises(NoPort, match=text):
        resolve(address, comports=lambda: ports)


class Cable:
    """A pty whose slave is reached by a link; it can be pulled, and plugged in as another."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master = -1
        self.plug()

    def plug(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.link.symlink_to(os.ttyname(slave))
        os.close(slave)

    def pull(self) -> None:
        self.link.unlink()
        os.close(self.master)
        self.master = -1


class Watch:
    """Collects a port's events and waits for them."""

    def __init__(self, address: str, find: Callable[[str], str] = resolve) -> None:
        self._changed = threading.Event()
        self.port = SerialPort(address, self._changed.set, find)
        self.events: list[PortEvent] = []

    def wait_for(self, what: Callable[[list[PortEvent]], bool], within_s: float = 10.0) -> None:
        deadline = time.monotonic() + within_s
        while not what(self.events):
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"waited in vain; had {self.events[-3:]}"
            self._changed.wait(left_s)
            self._changed.clear()
            self.events += self.port.take()

    def count(self, kind: type[PortEvent]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


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


# --- what a person is told, and what auto leaves alone ----------------------------------------


def reason_of(address: str, find: Callable[[str], str] = resolve) -> str:
    watch = Watch(address, find)
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortClosed) >= 1)
    watch.port.close()
    return next(event.reason for event in watch.events if isinstance(event, PortClosed))


def test_what_is_no_port_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file"):
        assert reason_of(str(path)).startswith(f"{path} is no serial port (")
    assert "is not there (No such file or directory): plug the chair in" in reason_of(
        str(tmp_path / "ttyACM0")
    )


def test_a_port_of_a_group_names_the_group() -> None:
    group = grp.getgrgid(Path("/dev/null").stat().st_gid).gr_name
    told = explain(PermissionError(errno.EACCES, "Permission denied"), "/dev/null")
    assert f"usermod -aG {group} USER" in told
    assert "dialout" in explain(PermissionError(errno.EACCES, "x"), "/dev/not-there")


def test_the_program_that_holds_a_port_is_named(tmp_path: Path) -> None:
    cable = Cable(tmp_path / "tty")
    code = (
        "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cable.link)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        told = reason_of(str(cable.link))
        holder.communicate("")
    assert f"(process {holder.pid}): end it" in told
    assert told.startswith(f"{cable.link} is held by ")


@pytest.fixture
def found_by_auto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cable, Watch]]:
    """The one port with a chair's USB id."""
    monkeypatch.setattr(port, "ANSWER_S", 0.3)
    monkeypatch.setattr(port, "LEFT_ALONE_S", 1.5)
    watch = Watch("auto", lambda _: str(tmp_path / "tty"))
    yield Cable(tmp_path / "tty"), watch
    watch.port.close()


def test_auto_leaves_alone_what_does_not_answer_as_a_chair_and_says_so(
    found_by_auto: tuple[Cable, Watch],
) -> None:
    cable, watch = found_by_auto
    watch.port.start()
    os.write(cable.master, b"\x1a\xc1\x02\x0b\x0aR\x7e")
    watch.wait_for(lambda events: watch.count(PortClosed) >= 3)
    assert watch.count(PortOpened) == 1
    reasons = {event.reason for event in watch.events if isinstance(event, PortClosed)}
    assert len(reasons) == 1
    assert f"{cable.link} has a chair's USB id but does not answer" in reasons.pop()


def test_auto_takes_a_chair_that_is_switched_on_later(found_by_auto: tuple[Cable, Watch]) -> None:
    cable, watch = found_by_auto
    watch.port.start()
    watch.wait_for(lambda events: watch.count(PortOpened) == 2)
    os.write(cable.master, encode(Frame(kind=1, seq=0, boot_id=7)))
    watch.wait_for(lambda events: watch.count(PortData) == 1)
    closed = watch.count(PortClosed)
    with pytest.raises(AssertionError, match="waited in vain"):
        watch.wait_for(lambda events: watch.count(PortClosed) > closed, 1.0)

"""The serial port as a thread that opens, reads and re-opens it, and hands over what it sees.

Opening may reset the chair; that is a normal path. Nothing here knows a message: of a port that
`auto` found it only sees whether any frame comes, since other things have the same USB ids.
"""

import queue
import select
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from calmloop.chair_link.errors import PortError
from calmloop.chair_link.frames import FrameReader
from calmloop.chair_link.port_trouble import explain
from calmloop.chair_link.wire.numbers import BAUD
from calmloop.chair_usb import KNOWN_USB_IDS

AUTO = "auto"
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 2.0
READ_WAIT_S = 0.2
WRITE_TIMEOUT_S = 0.2
CHUNK = 4096
ANSWER_S = 5.0
"""A chair sends its first frame 2 s after the reset that opening may be."""
LEFT_ALONE_S = 30.0
"""Until then what did not answer is not opened again: a chair may be switched on later."""


@dataclass(frozen=True)
class PortOpened:
    """The port is open under this name."""

    name: str


@dataclass(frozen=True)
class PortData:
    """Bytes from the chair, with CLOCK_MONOTONIC ns of their arrival."""

    data: bytes
    at_ns: int


@dataclass(frozen=True)
class PortClosed:
    """The port is gone, or could not be opened."""

    reason: str


PortEvent = PortOpened | PortData | PortClosed
ListPorts = Callable[[], Iterable[ListPortInfo]]


def resolve(
    address: str,
    usb_ids: Iterable[tuple[int, int]] = KNOWN_USB_IDS,
    comports: ListPorts = list_ports.comports,
) -> str:
    """The device path or URL behind an address.

    Args:
        address: A path, `socket://host:port`, `serial:NUMBER` for a USB serial number, or `auto`
            for the one port among the allow-listed USB ids.
        usb_ids: The allow-listed pairs of vendor and product id.
        comports: Lists the machine's ports.

    Raises:
        PortError: none fits, or `auto` fits several.
    """
    if address != AUTO and not address.startswith("serial:"):
        return address
    ports = list(comports())
    if address == AUTO:
        allowed = set(usb_ids)
        found = [port.device for port in ports if (port.vid, port.pid) in allowed]
    else:
        number = address.removeprefix("serial:")
        found = [port.device for port in ports if port.serial_number == number]
    if len(found) != 1:
        raise PortError(
            f"{address}: {_describe(found)} of {len(ports)} ports fit; plug in one chair, or name "
            "its path or serial:NUMBER"
        )
    return str(found[0])


def _describe(found: Sequence[str]) -> str:
    return ", ".join(found) if found else "none"


def _open(name: str) -> serial.Serial:
    """Opens a port for this process alone: two hosts on one chair would each read half of it.

    Raises:
        OSError: it is not there, or another process of this kind holds it.
        ValueError: the URL means nothing.
    """
    if "://" in name:
        port = serial.serial_for_url(name, BAUD, timeout=0, write_timeout=WRITE_TIMEOUT_S)
    else:
        port = serial.Serial(name, BAUD, timeout=0, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
    return port


def _left_alone(name: str) -> str:
    return (
        f"auto: {name} has a chair's USB id but does not answer as one, so it is left closed for"
        f" {LEFT_ALONE_S:.0f} s: switch the chair on, or name its path or serial:NUMBER if another"
        " device, such as a Zigbee stick, has this id"
    )


class SerialPort:
    """A port that comes back: found again after re-plugging, under another name too.

    A thread owns opening and reading; `write` belongs to the caller's thread.
    """

    def __init__(
        self,
        address: str,
        notify: Callable[[], None],
        find: Callable[[str], str] = resolve,
    ) -> None:
        """Prepares the port.

        Args:
            address: As `resolve` takes it.
            notify: Called from the thread whenever there are events.
            find: Turns the address into a device, anew before each opening.
        """
        self._address = address
        self._notify = notify
        self._find = find
        self._events: queue.SimpleQueue[PortEvent] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._backoff_s = BACKOFF_FIRST_S
        self._serial: serial.Serial | None = None
        self._left_until_s: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="serial-port", daemon=True)

    def start(self) -> None:
        """Begins to open the port, again and again until it is there."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and closes the port."""
        self._ending.set()
        self._thread.join(timeout=2 * READ_WAIT_S + WRITE_TIMEOUT_S)

    def pop_events(self) -> list[PortEvent]:
        """What has happened since the last call, oldest first."""
        events = []
        with suppress(queue.Empty):
            while True:
                events.append(self._events.get_nowait())
        return events

    def write(self, data: bytes) -> bool:
        """Sends; False when the port is not there or does not take it in time."""
        port = self._serial
        if port is None or not data:
            return False
        try:
            port.write(data)
        except (OSError, TypeError, AttributeError):
            # SerialException is an OSError. The others are pyserial's when the thread closes the
            # port in the middle of a write: its file descriptor or socket is None then.
            return False
        return True

    # --- in the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending.is_set():
            self._put(PortClosed(self._session()))
            self._ending.wait(self._backoff_s)
            self._backoff_s = min(2 * self._backoff_s, BACKOFF_MAX_S)

    def _session(self) -> str:
        """Opens the port and reads until it is gone; returns why."""
        name = self._address
        try:
            name = self._find(self._address)
            if time.monotonic() < self._left_until_s.get(name, 0.0):
                return _left_alone(name)
            with _open(name) as port:
                self._serial = port
                self._backoff_s = BACKOFF_FIRST_S
                self._put(PortOpened(name))
                return self._read_all(port, name)
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the port is looked for again: pyserial raises more than it documents,
            # such as termios.error for a port that vanishes while it is opened.
            return explain(error, name)
        finally:
            self._serial = None

    def _read_all(self, port: serial.Serial, name: str) -> str:
        """Reads until the port is closed, here or at the other end; returns which.

        Raises:
            OSError: the port is gone.
        """
        frames = FrameReader()
        answered = self._address != AUTO
        silent_at_s = time.monotonic() + ANSWER_S
        while not self._ending.is_set():
            if not answered and time.monotonic() > silent_at_s:
                self._left_until_s[name] = time.monotonic() + LEFT_ALONE_S
                return _left_alone(name)
            ready, _, _ = select.select([port.fileno()], [], [], READ_WAIT_S)
            if not ready:
                continue
            data = port.read(CHUNK)
            if not data:
                return "the line was closed at the other end"
            answered = answered or bool(frames.feed(data))
            self._put(PortData(data, time.monotonic_ns()))
        return "closed"

    def _put(self, event: PortEvent) -> None:
        self._events.put(event)
        self._notify()

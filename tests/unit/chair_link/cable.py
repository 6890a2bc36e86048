"""A cable that can be pulled, and the events of the port at its end."""

import os
import pty
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path

from calmloop.chair_link.port import (
    PortEvent,
    SerialPort,
    resolve,
)


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
            self.events += self.port.pop_events()

    def count(self, kind: type[PortEvent]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

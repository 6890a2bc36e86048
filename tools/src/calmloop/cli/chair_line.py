"""The serial line to one chair, turned by the caller's thread: who it is, and how it is."""

import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from calmloop.base.errors import CalmloopError
from calmloop.chair_link import (
    Event,
    Identified,
    Link,
    Mismatched,
    PortClosed,
    PortData,
    PortOpened,
    SerialPort,
    StatusArrived,
)
from calmloop.chair_link.frames import FrameReader, WireFrame
from calmloop.chair_link.messages import (
    Flags,
    Identity,
    Lease,
    Status,
)
from calmloop.safety_watchdog import lease_proof

TURN_S = 0.02
REACH_S = 8.0
"""A board that is reset by the opening boots for 2 s; finding the port may take as long again."""


class ChairError(CalmloopError):
    """The chair is not there, is another one, or does not do what was asked."""


class ChairLine:
    """The link to one chair, turned by the caller's thread.

    Args:
        address: As `calmloop.chair_link.port.resolve` takes it.
        leasing: Answer the chair's nonces, as the safety watchdog would. Only for a chair with
            nobody in it: nobody watches.
    """

    def __init__(self, address: str, *, leasing: bool = False) -> None:
        self.link = Link()
        self.frames: list[WireFrame] = []
        self._address = address
        self._leasing = leasing
        self._changed = threading.Event()
        self._port = SerialPort(address, self._changed.set)
        self._reader = FrameReader()
        self._trouble = "nothing answered"

    def __enter__(self) -> Self:
        self._port.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._port.close()

    # --- turning ---------------------------------------------------------------------------

    def events(self, within_s: float) -> Iterator[Event]:
        """What happens on the link, for so long."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            self._changed.wait(TURN_S)
            self._changed.clear()
            self._turn()
            yield from self.link.pop_events()

    def _turn(self) -> None:
        for event in self._port.pop_events():
            if isinstance(event, PortOpened):
                self.link.opened()
            elif isinstance(event, PortClosed):
                self._trouble = event.reason
                self.link.closed(event.reason)
            elif isinstance(event, PortData):
                self.frames += self._reader.feed(event.data)
                self.link.receive(event.data, event.at_ns / 1e9)
        if self._leasing:
            self._answer()
        self.link.tick(time.monotonic())
        self._flush()

    def _answer(self) -> None:
        status, boot_id = self.link.status, self.link.boot_id
        if not self._may_answer(status):
            return
        if status is not None and boot_id is not None and Flags.FRESH_NONCE in status.flags:
            lease = Lease(status.nonce, lease_proof(boot_id, status.nonce))
            self.link.lease(boot_id, lease, time.monotonic())

    def _may_answer(self, status: Status | None) -> bool:
        """Whether leases are given now, when they are at all."""
        return True

    def _flush(self) -> None:
        if data := self.link.pop_output():
            self._port.write(data)

    def _wait(self, done: Callable[[Event], bool], within_s: float, what: str) -> None:
        for event in self.events(within_s):
            if isinstance(event, Mismatched):
                raise ChairError(f"{self._address}: this is not the chair expected: {event.reason}")
            if done(event):
                return
        raise ChairError(f"{self._address}: {what} within {within_s:.0f} s ({self._trouble})")

    def reach(self) -> Status:
        """Waits for the first STATUS.

        Raises:
            ChairError: none came; the text says why.
        """
        self._wait(lambda event: isinstance(event, StatusArrived), REACH_S, "no STATUS came")
        return self.status

    @property
    def status(self) -> Status:
        """The newest STATUS.

        Raises:
            ChairError: the line is gone.
        """
        if self.link.status is None:
            raise ChairError(f"{self._address}: the chair is gone ({self._trouble})")
        return self.link.status

    def identify(self) -> None:
        """Waits until the chair has proved to be the one expected.

        Raises:
            ChairError: it is another one, or silent.
        """
        if not self.link.identified:
            self._wait(lambda event: isinstance(event, Identified), REACH_S, "no IDENTITY came")

    def identify_anew(self) -> Identity:
        """Asks the chair again who it is, and waits for its answer.

        Raises:
            ChairError: it is another one, or silent.
        """
        self._wait(lambda _: self.link.identified, REACH_S, "no IDENTITY came")
        identity = self.link.identity
        assert identity is not None
        return identity

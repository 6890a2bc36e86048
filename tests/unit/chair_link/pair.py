"""The host's link and the real firmware core on one line, with time that a test owns."""

from calmloop.chair_link import ArmAnswered, Event, Expectation, Link, StatusArrived
from calmloop.chair_link.frames import FrameReader
from calmloop.chair_link.messages import ArmBlock, Flags, Lease, MessageKind, Setpoint, State
from tests.unit.firmware_core.core import CoreChair

GENTLE = Setpoint(0, 400, 500, 500, 200, 200, 200, 500)


class Pair:
    """Attributes:
    link, chair: The two ends.
    events: What the link has told.
    sent: Every piece that the link has written.
    deaf: The chair hears nothing: the wire to it is cut.
    mute: The host hears nothing.
    leased: The test answers each fresh nonce through the link, as the watchdog does.
    """

    def __init__(self, chair: CoreChair | None = None, expected: Expectation | None = None) -> None:
        self.chair = chair or CoreChair()
        self.link = Link(expected)
        self.link.opened()
        self.events: list[Event] = []
        self.sent: list[bytes] = []
        self.deaf = self.mute = self.leased = False
        self.now_ms = 0

    @property
    def now_s(self) -> float:
        return self.now_ms / 1000

    def run(self, duration_ms: int) -> "Pair":
        """Lets time pass, a millisecond at a time."""
        for _ in range(duration_ms):
            self.now_ms += 1
            self.chair.run(1)
            if not self.mute:
                self.link.receive(bytes(self.chair.wire), self.now_s)
            self.chair.wire.clear()
            if self.now_ms % 10 == 0:
                self.link.tick(self.now_s)
            self._take_events()
            self.flush()
        return self

    def _take_events(self) -> None:
        for event in self.link.pop_events():
            self.events.append(event)
            if self.leased and isinstance(event, StatusArrived):
                self._answer(event)

    def _answer(self, event: StatusArrived) -> None:
        boot_id = self.link.boot_id
        if Flags.FRESH_NONCE in event.status.flags and boot_id is not None:
            proof = self.chair.core.lease_proof(boot_id, event.status.nonce)
            self.link.lease(boot_id, Lease(event.status.nonce, proof), self.now_s)

    def flush(self) -> None:
        """What the link wants written goes over the line now."""
        data = self.link.pop_output()
        if data:
            self.sent.append(data)
            if not self.deaf:
                self.chair.receive(data)

    def told(self, kind: type[Event]) -> list[Event]:
        """The events of one kind, but for STATUS which comes all the time."""
        return [event for event in self.events if isinstance(event, kind)]

    def reset_chair(self, chair: CoreChair) -> None:
        """Another boot of the chair on the same line."""
        self.chair = chair

    def ready(self) -> "Pair":
        """Identified, leased for long enough, nothing against an ARM."""
        self.leased = True
        return self.run(3500)

    def armed(self) -> "Pair":
        """ARMED."""
        self.ready().link.arm(5, self.now_s)
        return self.run(5)

    def active(self) -> "Pair":
        """ACTIVE, with one setpoint on its way to the outputs."""
        self.armed().link.setpoint(GENTLE, self.now_s)
        return self.run(5)


def kinds(pieces: list[bytes]) -> list[MessageKind]:
    """The kinds of the frames that were written."""
    return [MessageKind(frame.kind) for frame in FrameReader().feed(b"".join(pieces))]


def state(pair: Pair) -> State:
    """Where the chair is."""
    return pair.chair.state()


def blocks(pair: Pair) -> list[ArmBlock | None]:
    """What became of each ARM, oldest first."""
    return [event.block for event in pair.events if isinstance(event, ArmAnswered)]

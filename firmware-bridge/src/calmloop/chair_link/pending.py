"""Orders that wait for their answer and are repeated until it comes."""

from dataclasses import dataclass, field

from calmloop.chair_link.events import Event, answer_to
from calmloop.chair_link.messages import Ack, HostStop, MessageKind, Status, Stop
from calmloop.chair_link.wire.numbers import ORDER_REPEAT_MS

REPEAT_S = ORDER_REPEAT_MS / 1000
"""How often ARM, CALIBRATE and STOP are repeated until answered (PROTOCOL.md, section 3)."""
TAG_MAX = (1 << 16) - 1


def next_tag(tag: int) -> int:
    """Tags run from 1 to 65535; 0 means none."""
    return tag % TAG_MAX + 1


@dataclass
class Repeated:
    """An ARM or CALIBRATE, sent again unchanged until it is acknowledged, or its time is over.

    Attributes:
        subject: The id of an ARM.
    """

    kind: MessageKind
    subject: int
    seq: int
    wire: bytes
    sent_s: float
    expires_s: float
    _due_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._due_s = self.sent_s + REPEAT_S

    def is_over(self, now_s: float) -> bool:
        """Whether nobody waits for the answer any more."""
        return now_s >= self.expires_s

    def again(self, now_s: float) -> bytes:
        """The frame, if it is time to repeat it; else nothing."""
        if now_s < self._due_s:
            return b""
        self._due_s = now_s + REPEAT_S
        return self.wire

    def answered(self, result: int | None, reason: str = "") -> Event:
        """The event for its answer, or with `reason` for the want of one when `result` is None."""
        return answer_to(self.kind, self.subject, result, reason)


class Orders:
    """What was asked of the chair and is not answered: at most one of each kind."""

    def __init__(self) -> None:
        self._waiting: dict[MessageKind, Repeated] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, order: Repeated) -> None:
        """An order was sent; one of its kind must have been dropped before."""
        self._waiting[order.kind] = order

    def pop_acked(self, ack: Ack) -> Repeated | None:
        """The order that an ACK answers; None for one that nobody waits for."""
        order = self._waiting.get(ack.acked)
        if order is None or order.seq != ack.seq:
            return None
        return self._waiting.pop(order.kind)

    def pop(self, *kinds: MessageKind) -> list[Repeated]:
        """The orders of these kinds, given up; without a kind, all of them."""
        chosen = [kind for kind in (kinds or list(self._waiting)) if kind in self._waiting]
        return [self._waiting.pop(kind) for kind in chosen]

    def pop_over(self, now_s: float) -> list[Repeated]:
        """The orders that the chair did not answer in time, given up."""
        over = [kind for kind, order in self._waiting.items() if order.is_over(now_s)]
        return self.pop(*over) if over else []

    def due(self, now_s: float) -> list[bytes]:
        """The frames that it is time to repeat."""
        return [wire for order in self._waiting.values() if (wire := order.again(now_s))]


class Stopping:
    """The STOP that no STATUS has confirmed yet; each repetition is a frame of its own."""

    def __init__(self) -> None:
        self._tag = 0
        self._reason: HostStop | None = None
        self._due_s = 0.0

    def __bool__(self) -> bool:
        return self._reason is not None

    def begin(self, reason: HostStop, now_s: float, status: Status | None) -> None:
        """Stops from now on, under a new tag."""
        self._reason, self._due_s = reason, now_s
        self.renew_tag(status)

    def renew_tag(self, status: Status | None) -> None:
        """A tag that the chair does not report already: an earlier host began at 1 too."""
        self._tag = next_tag(self._tag)
        if status is not None and status.stop_tag == self._tag:
            self._tag = next_tag(self._tag)

    def pop_due(self, now_s: float) -> Stop | None:
        """The STOP to send now; None before its time, or when there is none."""
        if self._reason is None or now_s < self._due_s:
            return None
        self._due_s = now_s + REPEAT_S
        return Stop(self._reason, self._tag)

    def pop_confirmed(self, status: Status) -> int | None:
        """The tag of the STOP that this STATUS confirms, which is over then; else None."""
        if self._reason is None or status.stop_tag != self._tag:
            return None
        self._reason = None
        return self._tag

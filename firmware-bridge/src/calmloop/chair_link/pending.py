"""Orders that wait for their answer and are repeated until it comes."""

from dataclasses import dataclass, field

from calmloop.chair_link.messages import HostStop, Kind
from calmloop.chair_link.wire.numbers import ORDER_REPEAT_MS

REPEAT_S = ORDER_REPEAT_MS / 1000
"""How often ARM, CALIBRATE and STOP are repeated until answered (PROTOCOL.md, section 3)."""


@dataclass
class Repeated:
    """A frame that is sent again unchanged until it is acknowledged, or its time is over.

    Attributes:
        subject: The id of an ARM.
    """

    kind: Kind
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


@dataclass
class PendingStop:
    """A STOP that no STATUS has confirmed yet; each repetition is a frame of its own."""

    tag: int
    reason: HostStop
    due_s: float

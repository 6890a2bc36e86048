"""Takes a batch, sends it, waits for the centre to hold it, says so to the log: one at a time.

A batch that is not acknowledged stays in the log and is sent again, as often as it takes. The
centre knows a number that it has already.
"""

from typing import Protocol

from calmloop.contract.messages.fleet import FleetAck, FleetBatch

POLL_S = 0.25
"""How often the log is asked whether anything waits."""
RETRY_S = 2.0
ACK_S = 10.0
"""So long an acknowledgement is waited for before the batch is sent again."""


class OutboxSource(Protocol):
    """What waits."""

    def take(self) -> FleetBatch | None:
        """The oldest. Raises OSError, ValueError."""

    def acknowledge(self, ack: FleetAck) -> None:
        """The centre holds it. Raises OSError."""


class Centre(Protocol):
    """Where it goes."""

    @property
    def trouble(self) -> str:
        """Why nothing can be sent now; empty: it can."""

    def send(self, batch: FleetBatch, timeout_s: float) -> FleetAck | None:
        """Sends it; what of it, at least, the centre holds, or None where it does not say."""


class Courier:
    """One step at a time; knows no clock.

    Attributes:
        trouble: What keeps it from sending; empty while nothing does.
        sent: How many numbers the centre has acknowledged since this began.
    """

    def __init__(self, outbox: OutboxSource, centre: Centre) -> None:
        self._outbox, self._centre = outbox, centre
        self.trouble = ""
        self.sent = 0

    def step(self) -> float:
        """Brings a batch, if there is one; returns how many seconds the next step can wait."""
        if self._centre.trouble:
            self.trouble = self._centre.trouble
            return POLL_S
        try:
            batch = self._outbox.take()
            if batch is None:
                self.trouble = ""
                return POLL_S
            ack = self._centre.send(batch, ACK_S)
            if ack is None:
                self.trouble = f"the centre has not acknowledged {batch.first} to {batch.last}"
                return POLL_S
            self._outbox.acknowledge(ack)
        except (OSError, ValueError) as error:
            self.trouble = f"{error}"[:200]
            return RETRY_S
        self.sent += ack.up_to - batch.first + 1
        self.trouble = ""
        return 0.0

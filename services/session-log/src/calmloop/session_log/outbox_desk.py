"""What the HTTP interface asks of the outbox: who holds its token gets nothing else of the log."""

from collections.abc import Callable

from calmloop.contract.messages.fleet import FleetAck, FleetBatch
from calmloop.session_log.desk import ANSWER_S, answered
from calmloop.session_log.outbox_reading import OutboxReader
from calmloop.session_log.writer import LogWriter


class OutboxDesk:
    """Hands out what waits for the centre, and takes what the centre holds."""

    def __init__(self, writer: LogWriter, reading: Callable[[], OutboxReader], token: str) -> None:
        """Args: what writes; what reads, or raises while the log is checked; who may ask."""
        self._writer, self._reading, self.token = writer, reading, token

    def batch(self) -> FleetBatch | None:
        """The oldest that wait; None where nothing does.

        Raises:
            LogError: the log is still being checked, or cannot be read.
        """
        return self._reading().batch()

    def acknowledge(self, ack: FleetAck) -> None:
        """The centre holds what it says.

        Raises:
            UnwritableLogError: that could not be kept; it is sent again.
        """
        answered(self._writer.ask(lambda store: store.acknowledge(ack.epoch, ack.up_to)), ANSWER_S)

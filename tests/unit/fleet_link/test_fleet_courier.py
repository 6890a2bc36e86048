"""What waits reaches the centre; nothing is removed before the centre holds it."""

from collections import deque

from calmloop.contract.messages.fleet import FleetAck, FleetBatch, FleetItem, FleetItemKind
from calmloop.fleet_link.courier import POLL_S, RETRY_S, Courier

EPOCH = "0123456789abcdef"


class WaitingLog:
    """An outbox of so many numbers."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.acknowledged = 0
        self.fault: OSError | None = None

    def take(self) -> FleetBatch | None:
        if self.fault:
            raise self.fault
        numbers = range(self.acknowledged + 1, min(self.acknowledged + 2, self.last) + 1)
        items = tuple(FleetItem(seq=n, kind=FleetItemKind.EVENT) for n in numbers)
        return FleetBatch(epoch=EPOCH, items=items) if items else None

    def acknowledge(self, ack: FleetAck) -> None:
        self.acknowledged = ack.up_to


class HoldingCentre:
    """Holds what comes, and says so where `deaf` has no True left for it."""

    def __init__(self) -> None:
        self.trouble = ""
        self.held: list[int] = []
        self.deaf: deque[bool] = deque()

    def send(self, batch: FleetBatch, timeout_s: float) -> FleetAck | None:
        self.held += [item.seq for item in batch.items if item.seq not in self.held]
        if self.deaf and self.deaf.popleft():
            return None
        return FleetAck(epoch=batch.epoch, up_to=batch.last)


def test_all_that_waits_is_brought_in_its_order_and_removed() -> None:
    log, centre = WaitingLog(5), HoldingCentre()
    courier = Courier(log, centre)
    while courier.step() == 0.0:
        pass
    assert (centre.held, log.acknowledged, courier.sent) == ([1, 2, 3, 4, 5], 5, 5)


def test_what_is_not_acknowledged_is_sent_again_and_not_removed() -> None:
    log, centre = WaitingLog(2), HoldingCentre()
    centre.deaf.extend((True, True))
    courier = Courier(log, centre)
    courier.step()
    assert (log.acknowledged, "1 to 2" in courier.trouble) == (0, True)
    courier.step()
    courier.step()
    assert (log.acknowledged, courier.trouble) == (2, "")


def test_nothing_is_taken_while_the_centre_is_away() -> None:
    log, centre = WaitingLog(2), HoldingCentre()
    centre.trouble = "the centre is gone"
    courier = Courier(log, centre)
    assert courier.step() == POLL_S
    assert (centre.held, courier.trouble) == ([], "the centre is gone")


def test_a_log_that_does_not_answer_is_asked_again_later() -> None:
    log, centre = WaitingLog(1), HoldingCentre()
    log.fault = OSError("the session log says 503: it is being checked")
    courier = Courier(log, centre)
    assert courier.step() == RETRY_S
    assert "503" in courier.trouble
    log.fault = None
    courier.step()
    assert log.acknowledged == 1

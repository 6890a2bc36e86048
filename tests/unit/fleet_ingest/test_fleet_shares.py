"""Who sends more than a share waits, and loses nothing; the others do not wait for it."""

from collections import deque
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import pika
import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.contract.fleet_topics import ack_topic, routing_key, up_topic
from calmloop.contract.messages.fleet import FleetAck, FleetBatch, FleetItem, FleetItemKind
from calmloop.fleet_ingest.sharing import BURST, ITEMS_PER_S, LEAST, FairShares
from calmloop.fleet_ingest.storing import FleetStore, Trouble
from calmloop.fleet_ingest.worker import MAX_HELD, IngestWorker

EPOCH = "0123456789abcdef"


@cache
def batch(first: int, last: int) -> bytes:
    items = [FleetItem(seq=n, kind=FleetItemKind.EVENT) for n in range(first, last + 1)]
    return FleetBatch(epoch=EPOCH, items=tuple(items)).model_dump_json().encode()


class MemoryStore(FleetStore):
    """What was stored, and what was counted."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, int]] = []
        self.counted: dict[tuple[str, Trouble], int] = {}

    def store(self, chair: str, batch: FleetBatch) -> int:
        self.stored.append((chair, batch.last))
        return batch.last

    def count(self, chair: str, what: Trouble, count: int, reason: str = "") -> None:
        self.counted[chair, what] = self.counted.get((chair, what), 0) + count


class FakeBroker:
    """Connection and channel in one, on the test's clock."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.acked: list[int] = []
        self.told: list[tuple[str, int]] = []
        self._later: deque[tuple[float, Callable[[], None]]] = deque()
        self._take: Callable[..., None] = lambda *_: None
        self._tags = 0

    def channel(self) -> "FakeBroker":
        return self

    def queue_declare(self, *_: Any, **__: Any) -> None:
        pass

    queue_bind = basic_qos = start_consuming = queue_declare

    def basic_consume(self, _queue: str, take: Callable[..., None]) -> None:
        self._take = take

    def basic_ack(self, tag: int) -> None:
        self.acked.append(tag)

    def basic_publish(self, _exchange: str, key: str, body: str) -> None:
        self.told.append((key, FleetAck.model_validate_json(body).up_to))

    def call_later(self, delay_s: float, call: Callable[[], None]) -> None:
        self._later.append((self._clock.monotonic_ns() / 1e9 + delay_s, call))

    def give(self, chair: str, body: bytes) -> int:
        """The queue gives the worker a message; its tag."""
        self._tags += 1
        method = SimpleNamespace(routing_key=routing_key(up_topic(chair)), delivery_tag=self._tags)
        self._take(self, method, None, body)
        return self._tags

    def pass_time(self, seconds: float) -> None:
        """What was to be called until then is."""
        self._clock.advance(seconds)
        now_s = self._clock.monotonic_ns() / 1e9
        due = [call for at_s, call in self._later if at_s <= now_s]
        self._later = deque(one for one in self._later if one[0] > now_s)
        for call in due:
            call()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> FakeBroker:
    made = FakeBroker(ManualClock())
    monkeypatch.setattr(pika, "BlockingConnection", lambda _parameters: made)
    return made


@pytest.fixture
def store(broker: FakeBroker) -> MemoryStore:
    made = MemoryStore()
    shares = FairShares(broker._clock)
    IngestWorker("amqp://127.0.0.1", made, shares, structlog.get_logger()).run()
    return made


def spend_burst(broker: FakeBroker, chair: str) -> int:
    """Whole batches until the chair has to wait; the last number that was stored."""
    last = 0
    for _ in range(round(BURST / 200) + 1):
        broker.give(chair, batch(last + 1, last + 200))
        last += 200
    return last


def test_a_share_fills_again_and_a_batch_of_one_costs_a_commit() -> None:
    clock = ManualClock()
    shares = FairShares(clock)
    assert shares.wait_s("a") == 0.0
    shares.take("a", round(BURST) + 200)
    assert shares.wait_s("a") == pytest.approx(200 / ITEMS_PER_S)
    assert shares.wait_s("b") == 0.0
    clock.advance(200 / ITEMS_PER_S + LEAST / ITEMS_PER_S / 2)
    assert shares.wait_s("a") == 0.0
    shares.take("a", 1)
    assert shares.wait_s("a") == pytest.approx(LEAST / ITEMS_PER_S / 2)


def test_what_waited_while_a_link_was_away_is_stored_at_once(
    broker: FakeBroker, store: MemoryStore
) -> None:
    last = spend_burst(broker, "a")
    assert store.stored[-1] == ("a", last)
    assert broker.told[-1] == (routing_key(ack_topic("a")), last)


def test_a_batch_beyond_the_share_is_stored_once_it_is_due(
    broker: FakeBroker, store: MemoryStore
) -> None:
    last = spend_burst(broker, "a")
    held = broker.give("a", batch(last + 1, last + 200))
    assert (store.stored[-1], held in broker.acked) == (("a", last), False)
    broker.give("b", batch(1, 1))
    assert store.stored[-1] == ("b", 1)
    broker.pass_time(200 / ITEMS_PER_S)
    assert (store.stored[-1], held in broker.acked) == (("a", last + 200), True)


def test_a_flood_is_let_go_unread_and_counted_and_nobody_is_told_that_it_is_held(
    broker: FakeBroker, store: MemoryStore
) -> None:
    last = spend_burst(broker, "a")
    told = len(broker.told)
    tags = [broker.give("a", batch(last + 1, last + 200)) for _ in range(1000)]
    assert broker.acked[-999:] == tags[1:]
    assert len(broker.told) == told
    broker.pass_time(5.0)
    assert store.counted == {("a", Trouble.DEFERRED): 999}
    assert store.stored[-1] == ("a", last + 200)


def test_many_that_flood_leave_room_for_the_others(broker: FakeBroker, store: MemoryStore) -> None:
    chairs = [f"flood-{number}" for number in range(MAX_HELD + 5)]
    for chair in chairs:
        last = spend_burst(broker, chair)
    before = len(broker.acked)
    for chair in chairs:
        broker.give(chair, batch(last + 1, last + 1))
    assert len(broker.acked) - before == 5
    broker.give("b", batch(1, 1))
    assert store.stored[-1] == ("b", 1)


def test_what_is_no_batch_is_counted_and_the_chair_is_not_told(
    broker: FakeBroker, store: MemoryStore
) -> None:
    for nonsense in (b"", b"{}", b"\xff", b'{"epoch": "x"}'):
        assert broker.give("a", nonsense) in broker.acked
    assert (store.stored, broker.told) == ([], [])
    assert store.counted == {("a", Trouble.UNREADABLE): 4}

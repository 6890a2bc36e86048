"""What waits is bounded, in messages and in bytes, and no stop is lost by it."""

from collections import Counter

from calmloop.bus.inbox import CAPACITY, CAPACITY_BYTES, STOP_BYTES, Inbox, Pending
from calmloop.bus.transport import RawMessage
from calmloop.contract import topics
from calmloop.contract.topics import Account
from tests.doubles import CHAIR, memory_bus

LARGEST = 65536


def pending(number: int, size: int) -> Pending:
    payload = number.to_bytes(4, "big") + bytes(size - 4)
    return Pending(topics.OVERRIDE_SET, RawMessage("o", payload), 0)


def test_large_messages_are_bounded_in_bytes_and_the_newest_stay() -> None:
    counters: Counter[str] = Counter()
    inbox = Inbox(counters)
    for number in range(CAPACITY):
        inbox.put(pending(number, LARGEST))
    kept = inbox.pop_all()
    assert sum(len(item.raw.payload) for item in kept) == CAPACITY_BYTES
    assert kept[-1].raw.payload[:4] == (CAPACITY - 1).to_bytes(4, "big")
    assert counters["dropped_overflow"] == CAPACITY - len(kept)


def test_what_was_taken_or_discarded_no_longer_counts() -> None:
    counters: Counter[str] = Counter()
    inbox = Inbox(counters)
    full = CAPACITY_BYTES // LARGEST
    for forget in (inbox.pop_all, inbox.discard, inbox.pop_all):
        for number in range(full):
            inbox.put(pending(number, LARGEST))
        forget()
    assert counters["dropped_overflow"] == 0


def test_what_lasts_outlives_a_discard_however_it_is_read_and_the_rest_does_not() -> None:
    inbox = Inbox(Counter())
    for topic in (topics.ALARM, topics.OVERRIDE_STATE, topics.SESSION_STATE, topics.OVERRIDE_SET):
        for put in (inbox.put, inbox.put_newest):
            put(Pending(topic, RawMessage(topic.path, b"{}"), 0))
    inbox.discard()
    kept = [topics.ALARM, topics.OVERRIDE_STATE]
    assert [item.topic for item in inbox.pop_all()] == [*kept, *kept]


def test_of_a_stop_only_the_beginning_is_kept() -> None:
    inbox = Inbox(Counter())
    for _ in range(CAPACITY):
        inbox.put_stop(Pending(topics.STOP, RawMessage("s", bytes(100_000)), 0))
    assert {len(item.raw.payload) for item in inbox.pop_all()} == {STOP_BYTES}


def test_a_body_that_is_too_long_is_refused_before_it_waits() -> None:
    bus, transport = memory_bus(Account.SCENARIO_SELECTOR)
    bus.subscribe(topics.OVERRIDE_SET, lambda _received: None)
    transport.inject(topics.OVERRIDE_SET.name(CHAIR), b"x" * 1_000_000)
    (refusal,) = transport.messages(topics.REJECTED)
    assert refusal.reason == "it has 1000000 bytes: at most 65536 are read"
    assert bus.dispatch() == 0

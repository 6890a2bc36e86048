"""The engine hears what the other services measure; whatever they do, it raises nothing by it."""

import itertools
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from calmloop.contract import topics
from calmloop.contract.messages.base import ServiceMessage, SignalKind
from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.session import SignalStatus
from calmloop.contract.topics import Account, Topic
from calmloop.demo.run import Demo
from calmloop.demo.stack import CHAIR_ID
from tests.loop.at_rest import LIMIT_S
from tests.loop.conftest import StartDemo
from tests.processes import Client

pytestmark = [pytest.mark.slow, pytest.mark.alone]

START_PCT = 20.0
"""A calm child's intensity goes no higher."""
HEARD_S = 30.0
FAULT_S = 3.0
FLOOD_MESSAGES = 20
"""In each turn, of which there are ten a second at least."""


def moves(log_energy: float) -> MovementState:
    known = {"vibration": 0.0, "vibration_pct": 0.0, "age_s": 0.0}
    return MovementState.model_validate(
        {"camera_kind": SignalKind.LIVE, "log_energy": log_energy, **known}
    )


def beats(rate_bpm: float) -> HeartState:
    return HeartState(source_kind=SignalKind.LIVE, rate_bpm=rate_bpm, contact=True, age_s=0.0)


LIES: list[tuple[Topic[ServiceMessage], ServiceMessage]] = [
    (topics.MOVEMENT_STATE, moves(0.0)),
    (topics.HEART_STATE, beats(40.0)),
    (topics.MOVEMENT_STATE, moves(4.0)),
    (topics.HEART_STATE, beats(240.0)),
]


@dataclass(frozen=True)
class Bench:
    """A session before a calm child, and a stranger on the bus."""

    demo: Demo
    stranger: Client

    def lie(self, turn: int) -> None:
        topic, state = LIES[turn % len(LIES)]
        body = state.model_dump_json(exclude_none=True).encode()
        self.stranger.publish(topic.name(CHAIR_ID), body, qos=0)

    def flood(self, turn: int) -> None:
        for number in range(FLOOD_MESSAGES):
            self.lie(turn + number)

    def statuses(self) -> dict[str, SignalStatus]:
        session = self.demo.tally.session
        return {heard.name: heard.status for heard in session.signals} if session else {}

    def suffer(self, act: Callable[[int], None], seconds: float) -> None:
        """Lets it happen for so long; the session goes on and rises by nothing."""
        numbers = itertools.count()

        def turn() -> bool:
            act(next(numbers))
            session = self.demo.tally.session
            assert session is not None
            assert session.intensity_pct <= START_PCT, session.reason
            return True

        self.demo.watch(self.demo.observer.elapsed_s() + seconds, turn)


@pytest.fixture(scope="module")
def bench(start_demo: StartDemo) -> Iterator[Bench]:
    settings = {"CAMERA__SIM_MOOD": "neutral", "HEART_MONITOR__SIMULATED__FEELING": "calm"}
    with (
        start_demo(restart=False, settings=settings) as demo,
        Client(demo.stack.broker) as stranger,
    ):
        yield Bench(demo, stranger)


def begin(bench: Bench) -> None:
    """A new session, in which movement and heart are heard."""
    bench.demo.start_session(minutes=10)
    wanted = {"face", "movement", "heart"}
    heard = bench.demo.observer.wait_until(
        lambda: (
            {name for name, status in bench.statuses().items() if status == SignalStatus.PRESENT}
            >= wanted
        ),
        HEARD_S,
    )
    assert heard, bench.statuses()


def test_movement_and_heart_of_the_simulated_child_are_heard(bench: Bench) -> None:
    begin(bench)
    session = bench.demo.tally.session
    assert session is not None
    for heard in session.signals:
        assert heard.log_odds_per_s is not None
        assert heard.mean is not None
        assert not heard.trouble


@pytest.mark.parametrize("fault", ["lie", "flood"])
def test_lies_and_floods_raise_nothing(bench: Bench, fault: str) -> None:
    begin(bench)
    bench.suffer(getattr(bench, fault), FAULT_S)


def test_a_service_that_hangs_is_missed_and_raises_nothing(bench: Bench) -> None:
    begin(bench)
    bench.demo.stack.signal(Account.HEART_MONITOR, signal.SIGSTOP)
    try:
        bench.suffer(lambda _turn: None, 8.0)
        assert bench.statuses()["heart"] is SignalStatus.MISSING
    finally:
        bench.demo.stack.signal(Account.HEART_MONITOR, signal.SIGCONT)
    bench.suffer(lambda _turn: None, 2.0)


def test_a_stop_comes_through_a_flood_of_lies(
    bench: Bench, measured: Callable[[str], None]
) -> None:
    begin(bench)
    bench.suffer(bench.flood, 1.0)
    demo, numbers = bench.demo, itertools.count()
    began_ns = time.monotonic_ns()
    demo.caregiver.stop()

    def floods_on() -> bool:
        bench.flood(next(numbers))
        return True

    demo.watch(demo.observer.elapsed_s() + 2.0, floods_on)
    outputs = demo.stack.chair.outputs()
    assert not outputs[-1].felt
    last_felt = max(number for number, output in enumerate(outputs) if output.felt)
    at_rest_s = (outputs[last_felt + 1].at_ns - began_ns) / 1e9
    measured(f"a stop through a flood of signals: at rest after {at_rest_s:.3f} s")
    assert at_rest_s <= LIMIT_S

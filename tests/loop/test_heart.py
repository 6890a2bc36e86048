"""Whatever the heart's sensor or service does, the chair goes on as it was, and a stop stops it."""

import itertools
import os
import pty
import signal
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import Absence, HeartState
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.topics import Account
from calmloop.demo.report import HeartSeen
from calmloop.demo.run import Demo
from calmloop.demo.stack import CHAIR_ID
from tests.loop.at_rest import LIMIT_S
from tests.loop.conftest import CALM_CHILD, StartDemo
from tests.processes import Client

pytestmark = [pytest.mark.slow, pytest.mark.alone]

START_PCT = 20.0
"""A calm child's intensity goes no higher."""
FAULT_S = 2.0
BEGINS_S = 10.0
FLOOD_MESSAGES = 20
"""In each turn, of which there are ten a second at least; the service sends one a second."""
SECRETLY_CALM = HeartState(source_kind=SignalKind.LIVE, rate_bpm=61.0, rmssd_ms=90.0, contact=True)
SECRETLY_UPSET = HeartState(source_kind=SignalKind.LIVE, rate_bpm=239.0, rmssd_ms=0.0, contact=True)


class Board:
    """A pulse sensor on a serial line."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.port = os.ttyname(self._theirs)

    def send(self, lines: bytes) -> None:
        """Sends what the line takes now; the rest is lost, as a flooded line loses it."""
        try:
            os.write(self._ours, lines)
        except BlockingIOError:
            return

    def close(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)


@dataclass(frozen=True)
class Bench:
    """A session before a calm child, with a board for its heart, and a stranger on the bus."""

    demo: Demo
    board: Board
    stranger: Client

    def signal(self, number: signal.Signals) -> None:
        self.demo.stack.signal(Account.HEART_MONITOR, number)

    def publish(self, state: HeartState) -> None:
        name = topics.HEART_STATE.name(CHAIR_ID)
        self.stranger.publish(name, state.model_dump_json(exclude_none=True).encode(), qos=0)


@pytest.fixture(scope="module")
def bench(start_demo: StartDemo) -> Iterator[Bench]:
    board = Board()
    settings = {
        **CALM_CHILD,
        "HEART_MONITOR__SOURCE": "serial",
        "HEART_MONITOR__SERIAL__PORT": board.port,
    }
    with (
        start_demo(restart=False, settings=settings) as demo,
        Client(demo.stack.broker) as stranger,
    ):
        yield Bench(demo, board, stranger)
    board.close()


def nothing(_bench: Bench, _turn: int) -> None:
    pass


def lie(bench: Bench, turn: int) -> None:
    bench.board.send(b"bpm=40,ibi=1500\n" if turn % 2 else b"bpm=200,ibi=300\n\xff\x00\n")


def flood(bench: Bench, _turn: int) -> None:
    bench.board.send(b"bpm=200,ibi=300,contact=1\n" * 150)


def publish_lies(bench: Bench, turn: int) -> None:
    bench.publish(SECRETLY_CALM if turn % 2 else SECRETLY_UPSET)


def publish_a_flood(bench: Bench, turn: int) -> None:
    for number in range(FLOOD_MESSAGES):
        publish_lies(bench, turn + number)


def flood_both(bench: Bench, turn: int) -> None:
    flood(bench, turn)
    publish_a_flood(bench, turn)


@dataclass(frozen=True)
class Fault:
    """What goes wrong: once, in each turn, and at its end."""

    begin: Callable[[Bench], None] = lambda _bench: None
    turn: Callable[[Bench, int], None] = nothing
    end: Callable[[Bench], None] = lambda _bench: None
    heard: Absence | None = None
    """What the service says of it, where that is sure."""


FAULTS = {
    "a sensor that says nothing": Fault(heard=Absence.SILENT),
    "a sensor that lies": Fault(turn=lie),
    "a sensor that floods": Fault(turn=flood, heard=Absence.TOO_MUCH),
    "a service that hangs, and tells all at once": Fault(
        lambda bench: bench.signal(signal.SIGSTOP),
        flood,
        lambda bench: bench.signal(signal.SIGCONT),
    ),
    "a service that lies": Fault(turn=publish_lies),
    "a service that floods": Fault(turn=publish_a_flood),
    "a service that is gone": Fault(
        lambda bench: bench.signal(signal.SIGKILL),
        end=lambda bench: bench.demo.stack.start(Account.HEART_MONITOR),
    ),
}


def begin_session(demo: Demo) -> None:
    demo.start_session(minutes=10)
    demo.tally.report.alarms.clear()
    felt = demo.observer.wait_until(lambda: demo.stack.chair.outputs()[-1].felt, BEGINS_S)
    assert felt


def assert_as_it_was(demo: Demo) -> None:
    chair, session, stop = demo.tally.chair, demo.tally.session, demo.tally.stop
    assert chair is not None
    assert session is not None
    assert stop is not None
    assert (chair.mode, stop.latched) == (ChairMode.ACTIVE, False), chair.reason
    assert session.intensity_pct <= START_PCT
    assert not [alarm for alarm in demo.tally.report.alarms if alarm.active]


def suffer(bench: Bench, fault: Fault, seconds: float) -> None:
    """Lets it happen for so long; the chair is as it was all the time."""
    numbers = itertools.count()

    def turn() -> bool:
        fault.turn(bench, next(numbers))
        assert_as_it_was(bench.demo)
        return True

    demo = bench.demo
    fault.begin(bench)
    demo.watch(demo.observer.elapsed_s() + seconds, turn)
    fault.end(bench)
    demo.watch(demo.observer.elapsed_s() + 1.0, turn)


@pytest.mark.parametrize("name", FAULTS)
def test_the_chair_goes_on_as_it_was(bench: Bench, name: str) -> None:
    demo, fault = bench.demo, FAULTS[name]
    begin_session(demo)
    demo.tally.report.heart = HeartSeen()
    setpoints, seen = demo.tally.report.setpoints, len(demo.stack.chair.outputs())
    suffer(bench, fault, FAULT_S)
    assert demo.tally.report.setpoints - setpoints >= 9 * FAULT_S
    states = {output.state.lower() for output in demo.stack.chair.outputs()[seen:]}
    assert states <= {ChairMode.ACTIVE}
    if fault.heard is not None:
        assert demo.tally.report.heart.unknown.get(fault.heard), demo.tally.report.heart


def test_a_stop_comes_through_both_floods(bench: Bench, measured: Callable[[str], None]) -> None:
    demo = bench.demo
    begin_session(demo)
    suffer(bench, Fault(turn=flood_both), 2.0)
    began_ns = time.monotonic_ns()
    demo.caregiver.stop()
    numbers = itertools.count()

    def floods_on() -> bool:
        flood_both(bench, next(numbers))
        return True

    demo.watch(demo.observer.elapsed_s() + 2.0, floods_on)
    outputs = demo.stack.chair.outputs()
    assert not outputs[-1].felt
    last_felt = max(number for number, output in enumerate(outputs) if output.felt)
    at_rest_s = (outputs[last_felt + 1].at_ns - began_ns) / 1e9
    measured(f"a stop through floods of heartbeats: at rest after {at_rest_s:.3f} s")
    assert at_rest_s <= LIMIT_S

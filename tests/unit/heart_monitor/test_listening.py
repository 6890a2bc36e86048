"""A source is kept open: opened again when it is lost, ever more patiently, and never trusted."""

import threading
from collections.abc import Callable, Sequence

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import Absence
from calmloop.heart_monitor.listening import LAST_RETRY_S, MAX_WAITING, Listening
from calmloop.heart_monitor.reading import Measurement, Reading

HEARTBEAT = Measurement(1, 80.0)


class Scripted:
    """Does one step of its script at each call; a text is a lost device."""

    origin = "scripted"
    source_kind = SignalKind.LIVE

    def __init__(self, *script: str | Sequence[Reading] | None) -> None:
        self.script = list(script)
        self.closed = 0

    def open(self) -> None:
        self._next()

    def read(self) -> Sequence[Reading] | None:
        return self._next()

    def close(self) -> None:
        self.closed += 1

    def _next(self) -> Sequence[Reading] | None:
        step = self.script.pop(0)
        if isinstance(step, str):
            raise DeviceError(step)
        return step


def listening_to(source: Scripted, wake: Callable[[], None] = lambda: None) -> Listening:
    return Listening(source, ManualClock(), threading.Event(), wake)


def test_what_comes_is_handed_over_once() -> None:
    listening = listening_to(Scripted([], [HEARTBEAT], []))
    assert listening.report().absence is Absence.OPENING
    for _ in range(3):
        assert listening.step() == 0.0
    assert listening.report().absence is None
    assert listening.take() == [HEARTBEAT]
    assert listening.take() == []


def test_a_lost_source_is_tried_again_ever_later_and_soon_once_it_was_heard() -> None:
    source = Scripted(*["not there"] * 7, [], [HEARTBEAT], "gone")
    listening = listening_to(source)
    waits = [listening.step() for _ in range(7)]
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0]
    assert max(waits) == LAST_RETRY_S
    assert listening.report().absence is Absence.LOST
    assert listening.report().detail == "not there"
    assert [listening.step() for _ in range(3)] == [0.0, 0.0, 1.0]
    assert source.closed == 8


def test_a_source_that_opens_and_says_nothing_is_not_tried_ever_sooner() -> None:
    listening = listening_to(Scripted([], "gone", [], "gone", [], "gone"))
    assert [listening.step() for _ in range(6)] == [0.0, 1.0, 0.0, 2.0, 0.0, 4.0]


def test_what_a_lost_source_told_before_is_not_handed_over() -> None:
    listening = listening_to(Scripted([], [HEARTBEAT], "gone"))
    for _ in range(3):
        listening.step()
    assert listening.take() == []


def test_of_a_flood_the_newest_are_kept_and_the_others_counted() -> None:
    flood = [Measurement(number, 80.0) for number in range(MAX_WAITING + 10)]
    listening = listening_to(Scripted([], flood))
    listening.step()
    listening.step()
    assert listening.take()[-1] == flood[-1]
    assert listening.dropped == 10


def test_the_end_of_a_recording_is_told_and_is_no_crash() -> None:
    listening = listening_to(Scripted([], None))
    listening.start()
    listening.join(5.0)
    assert listening.report().absence is Absence.ENDED
    assert not listening.crashed


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_that_no_device_should_cause_is_a_crash() -> None:
    source = Scripted([])
    listening = listening_to(source)
    listening.start()
    listening.join(5.0)
    assert listening.crashed
    assert source.closed == 1


def test_it_stops_when_it_is_told_and_closes_the_source() -> None:
    class Silent(Scripted):
        def read(self) -> Sequence[Reading]:
            return []

    source, heard = Silent([]), threading.Event()
    listening = listening_to(source, heard.set)
    listening.start()
    assert heard.wait(5.0)
    listening.stop()
    listening.join(5.0)
    assert source.closed == 1
    assert not listening.crashed

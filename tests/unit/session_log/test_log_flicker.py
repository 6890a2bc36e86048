"""What flickers for hours, an input, a link, a service, costs the log little; no change is lost."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from calmloop.contract.messages.chair import ChairMode, ChairStatus, Inputs
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.session_log.flicker import BURST, EVERY_S
from calmloop.session_log.hearing import LogHearing
from calmloop.session_log.installation import HeardInstallation
from calmloop.session_log.records import LogFact
from tests.unit.session_log.log_rig import NOW

HOURS_S = 2 * 3600


class Flickering:
    """A seat switch that changes ten times a second."""

    def __init__(self) -> None:
        self.now = NOW
        self.hearing = LogHearing(lambda: self.now, lambda: (), HeardInstallation())
        self.facts: list[LogFact] = []
        self.seat = False
        self.change(mode=ChairMode.SAFE)

    def change(self, mode: ChairMode = ChairMode.SAFE) -> list[LogFact]:
        self.seat = not self.seat
        status = ChairStatus(mode=mode, inputs=Inputs(seat=self.seat))
        new = self.hearing.receive_chair(status)
        self.facts += new
        return new

    def flicker(self, seconds: int) -> int:
        for _second in range(seconds):
            for _tenth in range(10):
                self.now += timedelta(seconds=0.1)
                self.change()
            self.facts += self.hearing.late()
        return 10 * seconds


def counted(facts: list[LogFact]) -> int:
    return sum(fact.data.get("changes", {"seat": 1})["seat"] for fact in facts)


def test_an_input_that_flickers_for_hours_is_an_event_a_minute_with_how_often() -> None:
    chair = Flickering()
    changes = chair.flicker(HOURS_S)
    chair.now += timedelta(seconds=EVERY_S)
    chair.facts += chair.hearing.late()
    assert len(chair.facts) <= BURST + HOURS_S / EVERY_S + 1
    assert counted(chair.facts) == changes
    assert chair.facts[-1].data["inputs"]["seat"] is chair.seat


def test_a_press_now_and_then_is_an_event_each() -> None:
    chair = Flickering()
    for _press in range(100):
        chair.now += timedelta(seconds=EVERY_S)
        assert len(chair.change()) == 1


def test_a_stop_is_told_at_once_however_much_flickers() -> None:
    chair = Flickering()
    chair.flicker(60)
    (told,) = chair.change(mode=ChairMode.ESTOP)
    assert told.data["mode"] == "estop"
    assert told.text.startswith("estop; changed: seat ")


def test_what_flickered_is_told_when_it_rests() -> None:
    chair = Flickering()
    chair.flicker(10)
    chair.now += timedelta(seconds=EVERY_S)
    (told,) = chair.hearing.late()
    assert told.data["inputs"]["seat"] is chair.seat
    assert chair.hearing.late() == []


class Flapping:
    """One kind of message that says the same two things in turn, twice a second."""

    def __init__(self) -> None:
        self.now = NOW
        self.hearing = LogHearing(lambda: self.now, lambda: (), HeardInstallation())
        self.facts: list[LogFact] = []

    def hear_for(self, seconds: int, *said: Callable[[], Iterable[LogFact]]) -> int:
        times = 0
        for _second in range(seconds):
            for hear in said:
                self.now += timedelta(seconds=1 / len(said))
                self.facts += hear()
                times += 1
            self.facts += self.hearing.late()
        return times

    def rest(self) -> None:
        self.now += timedelta(seconds=EVERY_S)
        self.facts += self.hearing.late()

    def chair(self, mode: ChairMode, fault: str = "") -> list[LogFact]:
        said = ChairStatus(mode=mode, fault=fault, inputs=Inputs(seat=mode is not LOST))
        return self.hearing.receive_chair(said)

    def status(self, presence: Presence) -> list[LogFact]:
        said = ServiceStatus(service="camera", instance="1", presence=presence, version="1")
        return self.hearing.receive_service(said)

    def beat(self, healthy: bool) -> list[LogFact]:
        waits = "" if healthy else f"the camera since {self.now}"
        said = Heartbeat(service="camera", instance="1", seq=1, healthy=healthy, waits_for=waits)
        return self.hearing.receive_service(said)


LOST = ChairMode.DISCONNECTED


def told(facts: list[LogFact], what: str) -> int:
    return sum(fact.data.get("changes", {what: 1})[what] for fact in facts)


def test_a_link_that_flaps_for_hours_is_an_event_a_minute_with_how_often() -> None:
    flapping = Flapping()
    flapping.chair(ChairMode.SAFE)
    times = flapping.hear_for(
        HOURS_S,
        lambda: flapping.chair(LOST),
        lambda: flapping.chair(ChairMode.BOOT),
        lambda: flapping.chair(ChairMode.SAFE),
    )
    flapping.rest()
    assert len(flapping.facts) <= BURST + HOURS_S / EVERY_S + 1
    assert told(flapping.facts, "mode") == times
    assert flapping.facts[-1].data["mode"] == "safe"


@pytest.mark.parametrize("what", ["presence", "health"])
def test_a_service_that_comes_and_goes_for_hours_is_an_event_a_minute(what: str) -> None:
    flapping = Flapping()
    said = {
        "presence": [
            lambda: flapping.status(Presence.OFFLINE),
            lambda: flapping.status(Presence.ONLINE),
        ],
        "health": [lambda: flapping.beat(False), lambda: flapping.beat(True)],
    }[what]
    times = flapping.hear_for(HOURS_S, *said)
    flapping.rest()
    assert len(flapping.facts) <= BURST + HOURS_S / EVERY_S + 1
    assert told(flapping.facts, what) == times
    assert "camera is" in flapping.facts[-1].text
    # Another service has a measure of its own.
    other = ServiceStatus(service="selector", instance="1", presence=Presence.OFFLINE, version="1")
    assert len(flapping.hearing.receive_service(other)) == 1


def test_what_is_more_than_a_flapping_link_is_told_at_once() -> None:
    flapping = Flapping()
    flapping.chair(ChairMode.SAFE)
    flapping.hear_for(60, lambda: flapping.chair(LOST), lambda: flapping.chair(ChairMode.SAFE))
    flapping.chair(LOST)
    for mode in (ChairMode.ESTOP, ChairMode.SAFE, ChairMode.ARMED, ChairMode.ACTIVE, LOST):
        (fact,) = flapping.chair(mode)
        assert fact.data["mode"] == mode
    # It comes back to something else than it went from.
    assert [fact.data["fault"] for fact in flapping.chair(ChairMode.FAULT, "watchdog")] == [
        "watchdog"
    ]

"""A chair whose input flickers for hours costs the log little, and no change is lost."""

from datetime import timedelta

from calmloop.contract.messages.chair import ChairMode, ChairStatus, Inputs
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

"""What went wrong before a page was opened is there for it: few, counted, with what to do."""

import json
from typing import Any

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Received
from calmloop.caregiver_console.board import Board
from calmloop.caregiver_console.errors import ERRORS, ILL_S, KEPT, RecentErrors
from calmloop.contract import topics
from calmloop.contract.messages.base import Part
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.service import (
    Heartbeat,
    Presence,
    RejectedMessage,
    ServiceStatus,
)


class Rig:
    """The console's memory, and what a page gets of it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.errors = RecentErrors(self.clock)

    def hear(self, topic: Any, message: Part) -> None:
        self.errors.receivers[topic.path](Received(message, self.clock.monotonic_ns()))

    def refuse(self, reason: str) -> None:
        topic = "calmloop/one/session/set"
        self.hear(topics.REJECTED, RejectedMessage(topic=topic, reason=reason, head="{secret"))

    def beat(self, *, healthy: bool) -> None:
        waits = "" if healthy else "waits for the camera"
        beat = Heartbeat(service="camera", instance="1", seq=1, healthy=healthy, waits_for=waits)
        self.hear(topics.HEARTBEAT, beat)

    def be(self, presence: Presence) -> None:
        status = ServiceStatus(service="camera", instance="1", presence=presence, version="1")
        self.hear(topics.SERVICE_STATUS, status)

    def kinds(self) -> list[str]:
        return [error["kind"] for error in self.errors.news() or []]


def test_the_newest_is_first_what_comes_again_counts_and_few_are_kept() -> None:
    rig = Rig()
    assert rig.errors.news() == []
    assert rig.errors.news() is None
    for number in range(KEPT + 5):
        rig.refuse(f"no {number}")
    rig.refuse(f"no {KEPT}")
    told = rig.errors.news() or []
    assert len(told) == KEPT
    assert (told[0]["text"], told[0]["count"], told[0]["source"]) == (
        *(f"no {KEPT}", 2, "session/set"),
    )
    assert "secret" not in json.dumps(told)


def test_a_fault_comes_with_what_the_chair_says_to_do_and_once() -> None:
    rig = Rig()
    faulty = ChairState(mode=ChairMode.FAULT, fault="supply lost", fault_remedy="plug it in")
    for _report in range(10):
        rig.hear(topics.CHAIR_STATE, faulty)
    rig.hear(topics.CHAIR_STATE, ChairState(mode=ChairMode.SAFE))
    rig.hear(topics.CHAIR_STATE, ChairState(mode=ChairMode.DISCONNECTED, reason="no port"))
    told = rig.errors.news() or []
    assert [(e["text"], e["remedy"], e["count"]) for e in told] == [
        ("no port", "", 1),
        ("supply lost", "plug it in", 1),
    ]


def test_a_service_that_starts_is_no_error_one_that_waits_long_or_goes_is() -> None:
    rig = Rig()
    rig.be(Presence.ONLINE)
    rig.beat(healthy=False)
    rig.clock.advance(ILL_S - 1)
    rig.beat(healthy=False)
    assert rig.kinds() == []
    for _beat in range(9):
        rig.clock.advance(1.0)
        rig.beat(healthy=False)
    assert rig.kinds() == ["waits"]
    rig.beat(healthy=True)
    for _refresh in range(3):
        rig.be(Presence.OFFLINE)
    rig.be(Presence.ONLINE)
    assert rig.kinds() == ["lost", "waits"]


def test_what_names_a_child_goes_when_that_is_erased() -> None:
    rig = Rig()
    rig.refuse("profile 'k7' is unknown: write it first")
    rig.refuse("no face")
    rig.errors.forget("k7")
    assert [error["text"] for error in rig.errors.news() or []] == ["no face"]


def test_only_who_has_logged_in_gets_them() -> None:
    board = Board(ManualClock())
    board.put_own(ERRORS, [{"text": "no face"}], public=False)
    board.put_own("server", {"broker": True}, public=True)
    assert json.loads(board.changes(0, known=False)[1]) == {"server": {"broker": True}}
    assert json.loads(board.changes(0, known=True)[1])[ERRORS] == [{"text": "no face"}]

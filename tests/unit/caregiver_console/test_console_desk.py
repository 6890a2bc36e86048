"""Two threads meet: stops first, nothing twice, nothing late, nobody in another's name."""

from typing import Any

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import NotConnectedError
from calmloop.base.freshness import Ages, Received
from calmloop.caregiver_console.actors import ANYBODY, Actor, Role
from calmloop.caregiver_console.confirming import ConfirmedStops
from calmloop.caregiver_console.desk import MAX_WAITING, CommandAnswer, CommandDesk
from calmloop.caregiver_console.requests import CommandRequest, HeldStates, Order
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.session import Phase, SessionState

ANNA = Actor("Anna", Role.CAREGIVER)
HELD = HeldStates(SessionState(phase=Phase.RUNNING, start_token="t"))


class Rig:
    """A desk, and what it sent."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.sent: list[str] = []
        self.away = False
        self.refusal = ""
        self.confirmed = ConfirmedStops(self.clock, Ages(self.clock, "here"))
        self.desk = CommandDesk(
            self.clock,
            publish=self._publish,
            publish_stop=lambda: self._send("stop"),
            wake=lambda: None,
            face_refusal=lambda: self.refusal,
            confirmed_stops=self.confirmed,
        )

    def ask(
        self, command: str, id_: str = "1", actor: Actor = ANYBODY, **arguments: object
    ) -> CommandAnswer:
        request = CommandRequest(id=id_, command=command, arguments=arguments)
        answer = self.desk.submit(request, actor)
        self.desk.turn(HELD)
        return answer.result(0)

    def hear_stop(self, *, latched: bool, age_s: float = 0.0) -> None:
        said = StopState(latched=latched, **self._said(age_s))
        self.confirmed.receive_stop(Received(said, self.clock.monotonic_ns()))

    def hear_chair(self, mode: ChairMode, felt_pct: float = 0.0, age_s: float = 0.0) -> None:
        applied = Applied(vibration_pct=felt_pct)
        said = ChairState(mode=mode, applied=applied, **self._said(age_s))
        self.confirmed.receive_chair(Received(said, self.clock.monotonic_ns()))

    def come_to_rest(self) -> None:
        """As every stop goes: the watchdog latches, and then the chair rests."""
        self.clock.advance(0.05)
        self.hear_stop(latched=True)
        self.clock.advance(0.1)
        self.hear_chair(ChairMode.SAFE)

    def start_again(self) -> None:
        """Somebody has reset the stop, and a session runs."""
        self.clock.advance(2.0)
        self.hear_stop(latched=False)
        self.hear_chair(ChairMode.ACTIVE, felt_pct=20.0)
        self.sent.clear()

    def _said(self, age_s: float) -> dict[str, Any]:
        at_ns = self.clock.monotonic_ns() - round(age_s * 1e9)
        return {"host_boot_id": "here", "at_ns": at_ns}

    def _publish(self, order: Order) -> None:
        self._send(str(getattr(order.message, "action", "")))

    def _send(self, what: str) -> None:
        if self.away:
            raise NotConnectedError("the broker is away; press the red button")
        self.sent.append(what)


def test_a_stop_goes_before_all_that_waited_longer() -> None:
    rig = Rig()
    for number in range(3):
        rig.desk.submit(CommandRequest(id=f"{number}", command="less"), ANYBODY)
    rig.desk.submit(CommandRequest(id="s", command="stop"), ANYBODY)
    rig.desk.turn(HELD)
    assert rig.sent == ["stop", "less", "less", "less"]


def test_an_id_is_sent_once_and_a_flood_of_stops_every_20_ms() -> None:
    rig = Rig()
    assert {rig.ask("stop", "same").outcome for _ in range(3)} == {"published"}
    assert rig.sent == ["stop"]
    assert rig.ask("stop", "at the same moment").outcome == "published"
    assert rig.sent == ["stop"]
    rig.clock.advance(0.021)
    rig.ask("stop", "later")
    assert rig.sent == ["stop", "stop"]


def test_a_stop_that_a_page_repeats_since_nothing_confirmed_it_goes_out_again() -> None:
    rig = Rig()
    rig.ask("stop", "held")
    rig.clock.advance(0.1)
    rig.ask("stop", "held")
    assert rig.sent == ["stop"]
    rig.clock.advance(0.15)
    rig.ask("stop", "held")
    assert rig.sent == ["stop", "stop"]


def test_a_stop_that_was_not_sent_is_tried_again_under_its_id() -> None:
    rig = Rig()
    rig.away = True
    refused = rig.ask("stop")
    assert (refused.outcome, refused.status) == ("refused", 409)
    assert "red button" in refused.reason
    rig.away = False
    assert rig.ask("stop").outcome == "published"
    assert rig.sent == ["stop"]


def test_the_repeat_of_a_stop_that_the_chair_confirmed_ends_no_later_session() -> None:
    rig = Rig()
    rig.ask("stop", "held")
    rig.come_to_rest()
    assert rig.ask("stop", "held", ago_ms=150).confirmed
    rig.start_again()
    assert rig.ask("stop", "held", ago_ms=2150).confirmed
    assert rig.sent == []


def test_the_first_stop_of_a_page_always_goes_out() -> None:
    rig = Rig()
    rig.come_to_rest()
    assert not rig.ask("stop", "a").confirmed
    rig.ask("stop", "held")
    rig.come_to_rest()
    rig.start_again()
    # Under an id that was used before, too: a program may know no other.
    for _press in range(2):
        rig.clock.advance(0.3)
        assert not rig.ask("stop", "held").confirmed
    assert rig.sent == ["stop", "stop"]


@pytest.mark.parametrize("ago", [0, -1.0, True, "1000", None, float("nan"), float("inf"), [1]])
def test_what_does_not_say_how_old_it_is_counts_as_new(ago: object) -> None:
    rig = Rig()
    rig.come_to_rest()
    rig.start_again()
    assert rig.ask("stop", "odd", ago_ms=ago) == CommandAnswer()
    assert rig.sent == ["stop"]


def test_a_stop_that_nothing_confirmed_goes_out_however_old_it_is() -> None:
    rig = Rig()
    rig.come_to_rest()
    rig.start_again()
    # The page could not be heard when it was pressed, a second after the last stop.
    assert not rig.ask("stop", "unheard", ago_ms=1000).confirmed
    rig.hear_stop(latched=True)
    rig.clock.advance(0.3)
    rig.hear_chair(ChairMode.RAMPDOWN)
    rig.hear_chair(ChairMode.SAFE, felt_pct=3.0)
    rig.hear_chair(ChairMode.DISCONNECTED)
    assert not rig.ask("stop", "unheard", ago_ms=1300).confirmed
    assert rig.sent == ["stop", "stop"]
    rig.hear_chair(ChairMode.ESTOP)
    assert rig.ask("stop", "unheard", ago_ms=1350).confirmed


def test_a_report_from_before_the_latch_confirms_nothing() -> None:
    rig = Rig()
    rig.clock.advance(10.0)
    rig.ask("stop", "held")
    rig.clock.advance(0.05)
    rig.hear_stop(latched=True)
    rig.hear_chair(ChairMode.SAFE, age_s=0.06)
    assert not rig.ask("stop", "held", ago_ms=50).confirmed
    # Nor does a latch from before the press.
    rig = Rig()
    rig.clock.advance(10.0)
    rig.ask("stop", "held")
    rig.hear_stop(latched=True, age_s=0.2)
    rig.hear_chair(ChairMode.SAFE)
    assert not rig.ask("stop", "held", ago_ms=1).confirmed


def test_repeats_that_came_late_count_from_the_first_of_their_id() -> None:
    rig = Rig()
    rig.ask("stop", "held")
    rig.come_to_rest()
    rig.start_again()
    # They lay in a buffer for seconds: how old each says to be is far from true.
    assert rig.ask("stop", "held", ago_ms=250).confirmed
    assert rig.sent == []
    # Where the first itself lay there, nothing was confirmed that is known to be later.
    assert not rig.ask("stop", "other", ago_ms=250).confirmed
    assert rig.sent == ["stop"]


def test_another_commands_id_or_another_persons_is_another() -> None:
    rig = Rig()
    rig.ask("less", "x")
    assert rig.ask("stop", "x").outcome == "published"
    assert rig.ask("more", "x").outcome == "refused"
    assert rig.ask("more", "x", ANNA).outcome == "published"
    assert rig.sent == ["less", "stop", "more"]


def test_what_waited_while_the_process_stood_still_is_refused_but_a_stop_is_not() -> None:
    rig = Rig()
    late = rig.desk.submit(CommandRequest(id="1", command="more"), ANNA)
    stop = rig.desk.submit(CommandRequest(id="2", command="stop"), ANYBODY)
    rig.desk.discard()
    rig.desk.turn(HELD)
    assert late.result(0).outcome == "refused"
    assert stop.result(0).outcome == "published"
    assert rig.sent == ["stop"]


def test_what_nobody_waits_for_any_more_is_not_sent_but_a_stop_is() -> None:
    rig = Rig()
    more = rig.desk.submit(CommandRequest(id="1", command="more"), ANNA)
    stop = rig.desk.submit(CommandRequest(id="2", command="stop"), ANYBODY)
    assert more.cancel()
    assert stop.cancel()
    rig.desk.turn(HELD)
    assert rig.sent == ["stop"]
    late = rig.desk.submit(CommandRequest(id="3", command="more"), ANNA)
    late.cancel()
    rig.desk.discard()
    rig.desk.turn(HELD)
    assert rig.sent == ["stop"]


def test_more_than_can_wait_is_refused_and_a_stop_still_taken() -> None:
    rig = Rig()
    asked = [
        rig.desk.submit(CommandRequest(id=f"{number}", command="less"), ANYBODY)
        for number in range(MAX_WAITING + 1)
    ]
    assert asked[-1].result(0).status == 503
    assert rig.ask("stop", "s").outcome == "published"


def test_a_viewer_and_a_place_without_faces_are_refused() -> None:
    rig = Rig()
    assert rig.ask("more", actor=Actor("Vida", Role.VIEWER)).status == 403
    rig.refusal = "used in education"
    asked = CommandRequest(id="1", command="start", arguments={"notice": True})
    answer = rig.desk.submit(asked, ANNA)
    rig.desk.turn(HELD)
    assert answer.result(0).reason == "used in education"
    assert rig.sent == []

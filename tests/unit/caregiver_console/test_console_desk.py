"""Two threads meet: stops first, nothing twice, nothing late, nobody in another's name."""

from calmloop.base.clock import ManualClock
from calmloop.base.errors import NotConnectedError
from calmloop.caregiver_console.actors import ANYBODY, Actor, Role
from calmloop.caregiver_console.desk import MAX_WAITING, CommandAnswer, CommandDesk
from calmloop.caregiver_console.requests import CommandRequest, HeldStates, Order
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
        self.desk = CommandDesk(
            self.clock,
            publish=self._publish,
            publish_stop=lambda: self._send("stop"),
            wake=lambda: None,
            face_refusal=lambda: self.refusal,
        )

    def ask(self, command: str, id_: str = "1", actor: Actor = ANYBODY) -> CommandAnswer:
        answer = self.desk.submit(CommandRequest(id=id_, command=command), actor)
        self.desk.turn(HELD)
        return answer.result(0)

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

"""What ends a session: stops, the child's button, a cable that is out, a chair that was reset."""

import pytest

from calmloop.chair_link.messages import State, StopReason
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import StopState
from tests.unit.actuator_bridge.harness import Harness
from tests.unit.firmware_core.core import CoreChair


@pytest.mark.parametrize("payload", [b"", b"x", b"\xff" * 3000])
@pytest.mark.parametrize("retain", [False, True])
def test_every_stop_stops(payload: bytes, retain: bool) -> None:
    harness = Harness().active(1500)
    harness.stop(payload, retain=retain)
    harness.turn()
    harness.run(300)
    assert harness.chair.state() is State.SAFE
    assert harness.state.stop_reason == "a stop was sent"


def test_a_stop_comes_before_what_waits_on_the_bus() -> None:
    harness = Harness().ready()
    harness.arm()
    harness.stop()
    harness.run(100)
    assert harness.chair.state() is State.SAFE
    assert harness.chair.view.arm_id == 0


def test_a_stop_without_a_chair_is_given_when_it_comes_back() -> None:
    harness = Harness().active()
    harness.port.pull()
    harness.run(50)
    harness.stop()
    harness.run(1000)
    assert harness.chair.view.stop_reason != 1
    harness.port.plug()
    harness.run(120)
    assert harness.chair.view.stop_reason == 1


def test_a_chair_that_was_reset_is_told_and_nothing_is_resumed() -> None:
    harness = Harness().active()
    harness.port.chair = CoreChair(boot_id=77, reset_flags=2)
    harness.run(6000)
    assert (harness.state.boot_id, harness.state.mode) == (77, ChairMode.SAFE)
    assert harness.state.identified
    assert harness.state.setpoint_seq is None
    harness.arm("start-2")
    harness.run(500)
    assert harness.state.mode is ChairMode.ACTIVE


def test_an_unplugged_chair_is_told_at_once_and_counted_when_it_is_back() -> None:
    harness = Harness().active()
    harness.port.pull()
    harness.run(10)
    assert (harness.state.mode, harness.state.reason) == (ChairMode.DISCONNECTED, "unplugged")
    harness.run(2000)
    harness.port.plug()
    harness.run(3000)
    assert (harness.state.mode, harness.state.link.reopened) == (ChairMode.SAFE, 1)


def test_a_cable_that_was_out_for_a_moment_ends_the_session() -> None:
    """The chair is still ACTIVE, leases and setpoints still come: a person must start again."""
    harness = Harness().active(1500)
    harness.port.pull()
    harness.run(100)
    harness.port.plug()
    harness.run(4000)
    assert harness.chair.state() is State.SAFE
    assert not harness.chair.felt
    assert harness.chair.view.stop_reason == StopReason.HOST


def test_a_process_that_was_stopped_forgets_what_the_chair_said_meanwhile() -> None:
    harness = Harness().ready()
    harness.chair.leased = False
    harness.chair.run(900)
    harness.clock.advance(0.9)
    before = len(harness.states)
    harness.bus.discard()
    harness.service.discard()
    assert len(harness.states) == before
    harness.run(300)
    assert harness.state.mode is ChairMode.SAFE


def test_closing_stops_the_chair_and_lets_the_port_go() -> None:
    harness = Harness().active()
    harness.service.close()
    harness.chair.run(300)
    assert harness.chair.state() is State.SAFE
    assert harness.chair.view.stop_reason == 1
    assert harness.port.closed


def tell_stop(harness: Harness, latched: bool) -> None:
    harness.out.send(topics.STOP_STATE, harness.stamped(StopState(latched=latched)))
    harness.turn()


def tap(harness: Harness) -> None:
    harness.chair.inputs |= 0x10
    harness.run(15)
    harness.chair.inputs &= ~0x10


def test_a_tap_of_the_childs_button_is_reported_until_a_stop_is_latched_for_it() -> None:
    harness = Harness().active()
    tap(harness)
    harness.run(400)
    assert (harness.state.mode, harness.state.stop_reason) == (
        ChairMode.SAFE,
        "the child pressed its button",
    )
    tell_stop(harness, latched=True)
    harness.run(200)
    assert harness.state.inputs.child_button, "that stop may have been told before the press was"
    tell_stop(harness, latched=False)
    harness.run(5000)
    assert harness.state.inputs.child_button
    assert "child pressed its button" in harness.state.arm_blocker
    tell_stop(harness, latched=True)
    harness.run(200)
    assert not harness.state.inputs.child_button


def test_a_press_that_the_broker_never_saw_is_not_forgotten() -> None:
    harness = Harness().ready()
    harness.transport.connected = False
    tap(harness)
    harness.run(2000)
    harness.transport.connected = True
    harness.run(200)
    tell_stop(harness, latched=True)
    harness.run(200)
    assert harness.state.inputs.child_button
    harness.run(400)
    tell_stop(harness, latched=True)
    harness.run(200)
    assert not harness.state.inputs.child_button


def test_a_new_boot_of_the_chair_has_a_press_of_its_own() -> None:
    harness = Harness().ready()
    tap(harness)
    harness.run(1000)
    harness.port.plug(CoreChair(boot_id=99))
    harness.run(2100)
    tap(harness)
    harness.run(100)
    tell_stop(harness, latched=True)
    harness.run(100)
    assert harness.state.inputs.child_button


@pytest.mark.parametrize(
    ("supply_mv", "told"), [(0, "the drivers' supply was lost"), (16_000, "not 9 to 14.5 V")]
)
def test_a_lost_supply_is_told_in_words(supply_mv: int, told: str) -> None:
    harness = Harness().active()
    harness.chair.supply_mv = supply_mv
    harness.run(400)
    assert told in harness.state.stop_reason
    assert "supply is not 9 to 14.5 V" in harness.state.arm_blocker

"""What ends a session: stops, the child's button, a cable that is out, a chair that was reset."""

import pytest

from calmloop.chair_link.messages import State, StopReason
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import StopState
from tests.unit.actuator_bridge.bench import Bench
from tests.unit.firmware_core.core import CoreChair


@pytest.mark.parametrize("payload", [b"", b"x", b"\xff" * 3000])
@pytest.mark.parametrize("retain", [False, True])
def test_every_stop_stops(payload: bytes, retain: bool) -> None:
    bench = Bench().active(1500)
    bench.stop(payload, retain=retain)
    bench.turn()
    bench.run(300)
    assert bench.chair.state() is State.SAFE
    assert bench.state.stop_reason == "a stop was sent"


def test_a_stop_comes_before_what_waits_on_the_bus() -> None:
    bench = Bench().ready()
    bench.arm()
    bench.stop()
    bench.run(100)
    assert bench.chair.state() is State.SAFE
    assert bench.chair.view.arm_id == 0


def test_a_stop_without_a_chair_is_given_when_it_comes_back() -> None:
    bench = Bench().active()
    bench.port.pull()
    bench.run(50)
    bench.stop()
    bench.run(1000)
    assert bench.chair.view.stop_reason != 1
    bench.port.plug()
    bench.run(120)
    assert bench.chair.view.stop_reason == 1


def test_a_chair_that_was_reset_is_told_and_nothing_is_resumed() -> None:
    bench = Bench().active()
    bench.port.chair = CoreChair(boot_id=77, reset_flags=2)
    bench.run(6000)
    assert (bench.state.boot_id, bench.state.mode) == (77, ChairMode.SAFE)
    assert bench.state.identified
    assert bench.state.setpoint_seq is None
    bench.arm("start-2")
    bench.run(500)
    assert bench.state.mode is ChairMode.ACTIVE


def test_an_unplugged_chair_is_told_at_once_and_counted_when_it_is_back() -> None:
    bench = Bench().active()
    bench.port.pull()
    bench.run(10)
    assert (bench.state.mode, bench.state.reason) == (ChairMode.DISCONNECTED, "unplugged")
    bench.run(2000)
    bench.port.plug()
    bench.run(3000)
    assert (bench.state.mode, bench.state.link.reopened) == (ChairMode.SAFE, 1)


def test_a_cable_that_was_out_for_a_moment_ends_the_session() -> None:
    """The chair is still ACTIVE, leases and setpoints still come: a person must start again."""
    bench = Bench().active(1500)
    bench.port.pull()
    bench.run(100)
    bench.port.plug()
    bench.run(4000)
    assert bench.chair.state() is State.SAFE
    assert not bench.chair.felt
    assert bench.chair.view.stop_reason == StopReason.HOST


def test_a_process_that_was_stopped_forgets_what_the_chair_said_meanwhile() -> None:
    bench = Bench().ready()
    bench.chair.leased = False
    bench.chair.run(900)
    bench.clock.advance(0.9)
    before = len(bench.states)
    bench.bus.discard()
    bench.service.discard()
    assert len(bench.states) == before
    bench.run(300)
    assert bench.state.mode is ChairMode.SAFE


def test_closing_stops_the_chair_and_lets_the_port_go() -> None:
    bench = Bench().active()
    bench.service.close()
    bench.chair.run(300)
    assert bench.chair.state() is State.SAFE
    assert bench.chair.view.stop_reason == 1
    assert bench.port.closed


def tell_stop(bench: Bench, latched: bool) -> None:
    bench.out.send(topics.STOP_STATE, bench.stamped(StopState(latched=latched)))
    bench.turn()


def tap(bench: Bench) -> None:
    bench.chair.inputs |= 0x10
    bench.run(15)
    bench.chair.inputs &= ~0x10


def test_a_tap_of_the_childs_button_is_reported_until_a_stop_is_latched_for_it() -> None:
    bench = Bench().active()
    tap(bench)
    bench.run(400)
    assert (bench.state.mode, bench.state.stop_reason) == (
        ChairMode.SAFE,
        "the child pressed its button",
    )
    tell_stop(bench, latched=True)
    bench.run(200)
    assert bench.state.inputs.child_button, "that stop may have been told before the press was"
    tell_stop(bench, latched=False)
    bench.run(5000)
    assert bench.state.inputs.child_button
    assert "child pressed its button" in bench.state.arm_blocker
    tell_stop(bench, latched=True)
    bench.run(200)
    assert not bench.state.inputs.child_button


def test_a_press_that_the_broker_never_saw_is_not_forgotten() -> None:
    bench = Bench().ready()
    bench.transport.connected = False
    tap(bench)
    bench.run(2000)
    bench.transport.connected = True
    bench.run(200)
    tell_stop(bench, latched=True)
    bench.run(200)
    assert bench.state.inputs.child_button
    bench.run(400)
    tell_stop(bench, latched=True)
    bench.run(200)
    assert not bench.state.inputs.child_button


def test_a_new_boot_of_the_chair_has_a_press_of_its_own() -> None:
    bench = Bench().ready()
    tap(bench)
    bench.run(1000)
    bench.port.plug(CoreChair(boot_id=99))
    bench.run(2100)
    tap(bench)
    bench.run(100)
    tell_stop(bench, latched=True)
    bench.run(100)
    assert bench.state.inputs.child_button


@pytest.mark.parametrize(
    ("supply_mv", "told"), [(0, "the drivers' supply was lost"), (16_000, "not 9 to 14.5 V")]
)
def test_a_lost_supply_is_told_in_words(supply_mv: int, told: str) -> None:
    bench = Bench().active()
    bench.chair.supply_mv = supply_mv
    bench.run(400)
    assert told in bench.state.stop_reason
    assert "supply is not 9 to 14.5 V" in bench.state.arm_blocker

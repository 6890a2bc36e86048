"""The bridge between a bus in memory and the compiled firmware, on one clock."""

import pytest

from calmloop.actuator_bridge.bridge import Bridge
from calmloop.chair_link import Identified
from calmloop.chair_link.messages import State, StopReason
from calmloop.contract import topics
from calmloop.contract.messages.chair import ArmOutcome, CalibrationOrigin, ChairMode
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.stimulus import Light, Setpoint, Vibration
from tests.unit.actuator_bridge.bench import STRONG, Bench
from tests.unit.chair_link.pair import Pair
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import store


def test_says_disconnected_until_the_chair_has_spoken() -> None:
    bench = Bench()
    bench.port.plugged = False
    bench.run(200)
    before = bench.state
    assert (before.mode, before.nonce) == (ChairMode.DISCONNECTED, None)
    bench.port.plugged = True
    bench.run(150)
    assert bench.state.mode is ChairMode.BOOT


def test_becomes_ready_and_says_what_the_chair_is() -> None:
    state = Bench().ready().state
    assert (state.mode, state.identified, state.arm_ready) == (ChairMode.SAFE, True, True)
    assert (state.firmware, state.calibration) == ("1.2.0", CalibrationOrigin.SIMULATED)
    assert state.arm_blocker == ""
    assert state.boot_id == 0x1A2B3C4D


@pytest.mark.parametrize("bare", [False, True])
def test_the_log_says_of_a_chair_without_a_calibration_what_to_do(bare: bool) -> None:
    pair = Pair(CoreChair(image=store()) if bare else None).run(200)
    assert pair.link.identity is not None
    told = Bridge(pair.link).take(Identified(pair.link.identity))
    assert told.startswith("identified: firmware 1.2.0")
    what = "not calibrated: at most 10 %; run `calmloop chair calibrate`"
    assert told.endswith(what) == bare


def test_arms_and_passes_setpoints_whose_seq_comes_back() -> None:
    bench = Bench().armed()
    assert bench.state.mode is ChairMode.ARMED
    assert bench.state.arm is not None
    assert bench.state.arm.outcome is ArmOutcome.ACCEPTED
    seq = bench.send_setpoint(STRONG)
    bench.turn()
    bench.run(25)
    assert (bench.state.mode, bench.state.setpoint_seq) == (ChairMode.ACTIVE, seq)


def test_an_applied_setpoint_is_in_the_next_report_and_makes_none_of_its_own() -> None:
    bench = Bench().active()
    bench.setpoint = None
    before = len(bench.states)
    for _ in range(30):
        seq = bench.send_setpoint(STRONG)
        bench.turn()
        bench.run(100)
        assert bench.state.setpoint_seq == seq
    assert len(bench.states) - before <= 31


def test_percent_becomes_per_mille_and_comes_back() -> None:
    bench = Bench().active()
    bench.setpoint = Setpoint(
        vibration=Vibration(frequency_hz=52.5, level_pct=12.5),
        light=Light(red_pct=10.1, green_pct=20.2, blue_pct=30.3),
    )
    bench.run(5100)
    applied = bench.state.applied
    assert (applied.vibration_pct, applied.vibration_hz) == (12.5, 52.5)
    assert applied.sound_pct == 0
    light = (applied.light.red_pct, applied.light.green_pct, applied.light.blue_pct)
    assert light == (10.1, 20.2, 30.3)


def test_the_time_that_a_setpoint_has_lived_is_taken_off_its_ttl() -> None:
    bench = Bench().active()
    bench.setpoint = None
    bench.run(100)
    at_ns = bench.clock.monotonic_ns() - 150_000_000
    bench.send_setpoint(STRONG.model_copy(update={"ttl_ms": 300}), at_ns=at_ns)
    bench.turn()
    bench.run(149)
    assert bench.chair.state() is State.ACTIVE
    bench.run(2)
    assert bench.chair.state() is State.RAMPDOWN


@pytest.mark.parametrize(("age_ms", "passes"), [(190, True), (205, False), (10_000, False)])
def test_a_setpoint_older_than_200_ms_is_dropped(age_ms: int, passes: bool) -> None:
    bench = Bench().armed()
    at_ns = bench.clock.monotonic_ns() - age_ms * 1_000_000
    bench.send_setpoint(STRONG, at_ns=at_ns)
    bench.turn()
    bench.run(5)
    assert (bench.chair.state() is State.ACTIVE) == passes


def test_a_setpoint_and_an_arm_of_another_host_boot_are_refused() -> None:
    bench = Bench().ready()
    bench.arm(host_boot_id="another")
    bench.run(20)
    assert bench.chair.state() is State.SAFE
    bench.arm("start-2")
    bench.run(20)
    bench.send_setpoint(STRONG, host_boot_id="another")
    bench.run(20)
    assert bench.chair.state() is State.ARMED
    assert [r.topic.rsplit("/", 1)[1] for r in bench.rejections] == ["arm", "setpoint"]


def test_a_start_arms_once() -> None:
    bench = Bench().active()
    bench.setpoint = None
    bench.run(5000)
    assert bench.state.arm_ready
    bench.arm("start-1")
    bench.run(20)
    assert bench.chair.state() is State.SAFE
    assert "used already" in bench.rejections[-1].reason


def test_a_refused_arm_says_why_in_state_and_rejection() -> None:
    bench = Bench()
    bench.leased = False
    bench.ready()
    assert "lease" in bench.state.arm_blocker
    bench.arm()
    bench.run(20)
    assert bench.state.arm is not None
    assert bench.state.arm.outcome is ArmOutcome.REFUSED
    assert "lease" in bench.state.arm.reason
    assert "lease" in bench.rejections[-1].reason


def test_an_arm_without_a_chair_is_refused() -> None:
    bench = Bench()
    bench.port.plugged = False
    bench.run(100)
    bench.arm()
    bench.run(20)
    assert bench.state.arm is not None
    assert bench.state.arm.outcome is ArmOutcome.REFUSED


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


def test_leases_go_out_at_once_and_are_measured() -> None:
    bench = Bench().ready()
    assert bench.chair.view.lease_alive
    assert bench.state.link.status_to_lease_ms is not None
    assert bench.state.link.status_to_lease_ms <= 10


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


def test_another_calibration_than_the_setting_names_is_not_armed() -> None:
    bench = Bench(calibration_hash="00000001").ready()
    assert not bench.state.identified
    assert "calibration" in bench.state.reason
    bench.arm()
    bench.run(20)
    assert bench.chair.state() is State.SAFE


def test_health_follows_the_chair() -> None:
    bench = Bench()
    assert not bench.service.turn().healthy
    bench.ready()
    assert bench.service.turn().healthy
    bench.port.pull()
    assert bench.service.turn().waits_for == "unplugged"


def test_turns_faster_while_an_answer_is_awaited() -> None:
    bench = Bench().ready()
    slow_s = bench.service.period_s
    bench.port.plugged = False
    bench.stop()
    bench.turn()
    assert bench.service.period_s < slow_s


def test_the_retained_status_changes_only_when_something_does() -> None:
    bench = Bench().ready()
    before = len(bench.out.messages(topics.CHAIR_STATUS))
    bench.run(3000)
    assert len(bench.out.messages(topics.CHAIR_STATUS)) == before
    bench.chair.inputs |= 0x10
    bench.run(200)
    statuses = bench.out.messages(topics.CHAIR_STATUS)
    assert len(statuses) == before + 1
    assert statuses[-1].inputs.child_button


# --- the child's button -----------------------------------------------------------------------


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

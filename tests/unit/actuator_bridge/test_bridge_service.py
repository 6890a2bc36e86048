"""The bridge between a bus in memory and the compiled firmware: arms, setpoints, leases, states."""

import pytest

from calmloop.actuator_bridge.bridge import Bridge
from calmloop.chair_link import Identified
from calmloop.chair_link.messages import State
from calmloop.contract import topics
from calmloop.contract.messages.chair import ArmOutcome, CalibrationOrigin, ChairMode
from calmloop.contract.messages.stimulus import Light, Setpoint, Vibration
from tests.unit.actuator_bridge.harness import STRONG, Harness
from tests.unit.chair_link.pair import Pair
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import store


def test_says_disconnected_until_the_chair_has_spoken() -> None:
    harness = Harness()
    harness.port.plugged = False
    harness.run(200)
    before = harness.state
    assert (before.mode, before.nonce) == (ChairMode.DISCONNECTED, None)
    harness.port.plugged = True
    harness.run(150)
    assert harness.state.mode is ChairMode.BOOT


def test_becomes_ready_and_says_what_the_chair_is() -> None:
    state = Harness().ready().state
    assert (state.mode, state.identified, state.arm_ready) == (ChairMode.SAFE, True, True)
    assert (state.firmware, state.calibration) == ("1.2.0", CalibrationOrigin.SIMULATED)
    assert state.arm_blocker == ""
    assert state.boot_id == 0x1A2B3C4D


@pytest.mark.parametrize("bare", [False, True])
def test_the_log_says_of_a_chair_without_a_calibration_what_to_do(bare: bool) -> None:
    pair = Pair(CoreChair(image=store()) if bare else None).run(200)
    assert pair.link.identity is not None
    told = Bridge(pair.link).handle_event(Identified(pair.link.identity))
    assert told.startswith("identified: firmware 1.2.0")
    what = "not calibrated: at most 10 %; run `calmloop chair calibrate`"
    assert told.endswith(what) == bare


def test_arms_and_passes_setpoints_whose_seq_comes_back() -> None:
    harness = Harness().armed()
    assert harness.state.mode is ChairMode.ARMED
    assert harness.state.arm is not None
    assert harness.state.arm.outcome is ArmOutcome.ACCEPTED
    seq = harness.send_setpoint(STRONG)
    harness.turn()
    harness.run(25)
    assert (harness.state.mode, harness.state.setpoint_seq) == (ChairMode.ACTIVE, seq)


def test_an_applied_setpoint_is_in_the_next_report_and_makes_none_of_its_own() -> None:
    harness = Harness().active()
    harness.setpoint = None
    before = len(harness.states)
    for _ in range(30):
        seq = harness.send_setpoint(STRONG)
        harness.turn()
        harness.run(100)
        assert harness.state.setpoint_seq == seq
    assert len(harness.states) - before <= 31


def test_percent_becomes_per_mille_and_comes_back() -> None:
    harness = Harness().active()
    harness.setpoint = Setpoint(
        vibration=Vibration(frequency_hz=52.5, level_pct=12.5),
        light=Light(red_pct=10.1, green_pct=20.2, blue_pct=30.3),
    )
    harness.run(5100)
    applied = harness.state.applied
    assert (applied.vibration_pct, applied.vibration_hz) == (12.5, 52.5)
    assert applied.sound_pct == 0
    light = (applied.light.red_pct, applied.light.green_pct, applied.light.blue_pct)
    assert light == (10.1, 20.2, 30.3)


def test_the_time_that_a_setpoint_has_lived_is_taken_off_its_ttl() -> None:
    harness = Harness().active()
    harness.setpoint = None
    harness.run(100)
    at_ns = harness.clock.monotonic_ns() - 150_000_000
    harness.send_setpoint(STRONG.model_copy(update={"ttl_ms": 300}), at_ns=at_ns)
    harness.turn()
    harness.run(149)
    assert harness.chair.state() is State.ACTIVE
    harness.run(2)
    assert harness.chair.state() is State.RAMPDOWN


@pytest.mark.parametrize(("age_ms", "passes"), [(190, True), (205, False), (10_000, False)])
def test_a_setpoint_older_than_200_ms_is_dropped(age_ms: int, passes: bool) -> None:
    harness = Harness().armed()
    at_ns = harness.clock.monotonic_ns() - age_ms * 1_000_000
    harness.send_setpoint(STRONG, at_ns=at_ns)
    harness.turn()
    harness.run(5)
    assert (harness.chair.state() is State.ACTIVE) == passes


def test_a_setpoint_and_an_arm_of_another_host_boot_are_refused() -> None:
    harness = Harness().ready()
    harness.arm(host_boot_id="another")
    harness.run(20)
    assert harness.chair.state() is State.SAFE
    harness.arm("start-2")
    harness.run(20)
    harness.send_setpoint(STRONG, host_boot_id="another")
    harness.run(20)
    assert harness.chair.state() is State.ARMED
    assert [r.topic.rsplit("/", 1)[1] for r in harness.rejections] == ["arm", "setpoint"]


def test_a_start_arms_once() -> None:
    harness = Harness().active()
    harness.setpoint = None
    harness.run(5000)
    assert harness.state.arm_ready
    harness.arm("start-1")
    harness.run(20)
    assert harness.chair.state() is State.SAFE
    assert "used already" in harness.rejections[-1].reason


def test_a_refused_arm_says_why_in_state_and_rejection() -> None:
    harness = Harness()
    harness.leased = False
    harness.ready()
    assert "lease" in harness.state.arm_blocker
    harness.arm()
    harness.run(20)
    assert harness.state.arm is not None
    assert harness.state.arm.outcome is ArmOutcome.REFUSED
    assert "lease" in harness.state.arm.reason
    assert "lease" in harness.rejections[-1].reason


def test_an_arm_without_a_chair_is_refused() -> None:
    harness = Harness()
    harness.port.plugged = False
    harness.run(100)
    harness.arm()
    harness.run(20)
    assert harness.state.arm is not None
    assert harness.state.arm.outcome is ArmOutcome.REFUSED


def test_leases_go_out_at_once_and_are_measured() -> None:
    harness = Harness().ready()
    assert harness.chair.view.lease_alive
    assert harness.state.link.status_to_lease_ms is not None
    assert harness.state.link.status_to_lease_ms <= 10


def test_another_calibration_than_the_setting_names_is_not_armed() -> None:
    harness = Harness(calibration_hash="00000001").ready()
    assert not harness.state.identified
    assert "calibration" in harness.state.reason
    harness.arm()
    harness.run(20)
    assert harness.chair.state() is State.SAFE


def test_health_follows_the_chair() -> None:
    harness = Harness()
    assert not harness.service.turn().healthy
    harness.ready()
    assert harness.service.turn().healthy
    harness.port.pull()
    assert harness.service.turn().waits_for == "unplugged"


def test_turns_faster_while_an_answer_is_awaited() -> None:
    harness = Harness().ready()
    slow_s = harness.service.period_s
    harness.port.plugged = False
    harness.stop()
    harness.turn()
    assert harness.service.period_s < slow_s


def test_the_retained_status_changes_only_when_something_does() -> None:
    harness = Harness().ready()
    before = len(harness.out.messages(topics.CHAIR_STATUS))
    harness.run(3000)
    assert len(harness.out.messages(topics.CHAIR_STATUS)) == before
    harness.chair.inputs |= 0x10
    harness.run(200)
    statuses = harness.out.messages(topics.CHAIR_STATUS)
    assert len(statuses) == before + 1
    assert statuses[-1].inputs.child_button


def test_the_childs_second_button_is_reported_while_it_is_held() -> None:
    harness = Harness().ready()
    assert not harness.state.inputs.child_less
    harness.chair.inputs |= 0x40
    harness.run(200)
    assert harness.state.inputs.child_less
    assert not harness.state.inputs.child_button
    harness.chair.inputs &= ~0x40
    harness.run(200)
    assert not harness.state.inputs.child_less

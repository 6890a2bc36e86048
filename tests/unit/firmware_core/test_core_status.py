"""STATUS comes ten times a second and at once when something changes, and says what is."""

import pytest

from calmloop.chair_link.messages import ArmBlock, Flags, Inputs, State, StopReason
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.events import WAYS, Way


def test_status_comes_ten_times_a_second() -> None:
    chair = CoreChair().boot()
    chair.heard.clear()
    chair.run(5000)
    assert len(chair.statuses) == 50


def test_status_comes_at_once_on_a_change_of_state() -> None:
    chair = CoreChair().armed()
    chair.run(30)
    chair.heard.clear()
    chair.setpoint()
    chair.run(1)
    assert chair.statuses[0].state is State.ACTIVE
    chair.stop(77)
    chair.run(1)
    assert (chair.statuses[-1].stop_tag, chair.statuses[-1].stop_reason) == (77, StopReason.HOST)


@pytest.mark.parametrize("phase_ms", [0, 1, 19, 50, 99])
def test_status_comes_at_once_when_the_chair_stops_by_itself(phase_ms: int) -> None:
    chair = CoreChair().active(1000)
    chair.run(phase_ms)
    chair.current_ma = 5000
    chair.run_until(State.FAULT, 60)
    assert chair.statuses[-1].state is State.FAULT


@pytest.mark.parametrize("start", WAYS)
@pytest.mark.parametrize("phase_ms", [0, 1, 19, 50, 99])
def test_status_comes_at_once_after_a_stop_in_every_state(start: State, phase_ms: int) -> None:
    chair = CoreChair()
    WAYS[start](chair)
    chair.run(phase_ms)
    chair.heard.clear()
    chair.stop(777)
    chair.run(1)
    assert chair.statuses[0].stop_tag == 777


def test_a_setpoint_newly_applied_is_told_within_21_ms_and_only_once() -> None:
    chair = CoreChair().active(300)
    for tag in range(100, 140):
        chair.heard.clear()
        chair.setpoint(tag=tag)
        chair.run(21)
        assert chair.statuses[-1].setpoint_tag == tag
        assert len([s for s in chair.statuses if Flags.FRESH_NONCE not in s.flags]) <= 1
        chair.run(29)


def test_status_stays_within_the_links_budget_at_twenty_setpoints_a_second() -> None:
    chair = CoreChair().active(300)
    chair.wire.clear()
    for tag in range(1, 201):
        chair.setpoint(tag=tag)
        chair.run(50)
    assert len(chair.wire) / 10 < 0.1 * 25_000


def test_status_reports_inputs_as_they_are() -> None:
    chair = CoreChair().boot()
    chair.inputs = (
        Inputs.ACK_PRESSED
        | Inputs.ENCLOSURE_OPEN
        | Inputs.CHILD_BUTTON
        | Inputs.ESTOP_OPEN
        | Inputs.SEAT_OCCUPIED
    )
    chair.run(101)
    assert chair.statuses[-1].inputs == chair.inputs
    assert (chair.statuses[-1].supply_mv, chair.statuses[-1].current_ma) == (12000, 150)


def busy(chair: CoreChair) -> None:
    """ACTIVE, with something in every field that a count stands in."""
    chair.ready()
    chair.receive(b"\x01\0" * 3)
    chair.stop(0x1234)
    chair.run(3100)
    chair.arm(0x01020304)
    chair.run(1)
    chair.drive(2500, tag=0x0506, red_permille=100, green_permille=300, blue_permille=50)
    chair.run(33)


@pytest.mark.parametrize("way", [*WAYS.values(), busy], ids=[*(s.name for s in WAYS), "busy"])
def test_status_says_what_the_chair_is(way: Way) -> None:
    chair = CoreChair(now_ms=5000)
    way(chair)
    chair.leased = False
    chair.supply_mv, chair.current_ma = 11_000, 333
    chair.stop(0x0708)  # brings a STATUS with the next turn, in whatever state
    chair.run(1)
    status, view = chair.statuses[-1], chair.view
    up, down = -(-view.vibration_ppm // 1000), view.red_ppm // 1000
    assert (status.vibration_permille, status.red_permille) == (up, down)
    assert status.vibration_dhz == view.vibration_mhz // 100
    assert status.sound_permille == -(-view.sound_ppm // 1000)
    assert status.green_permille == -(-view.green_ppm // 1000)
    assert status.blue_permille == -(-view.blue_ppm // 1000)
    for name in ("state", "fault", "stop_reason", "arm_block", "lockout_ms", "arm_id", "nonce"):
        assert getattr(status, name) == getattr(view, name), name
    for name in ("session_left_s", "bad_frames", "refused", "lease_left_ms"):
        assert getattr(status, name) == getattr(view, name), name
    assert (status.setpoint_tag, status.stop_tag) == (view.applied_tag, 0x0708)
    assert (status.supply_mv, status.current_ma) == (11_000, 333)
    assert status.uptime_ms == chair.now_ms - 5000
    assert (Flags.AMPLIFIER_ENABLED in status.flags) == view.amplifier_enabled
    assert (Flags.LEASE_ALIVE in status.flags) == view.lease_alive
    assert (Flags.IDENTIFIED in status.flags) == view.identified
    assert (Flags.ARM_READY in status.flags) == (view.arm_block == ArmBlock.OK)

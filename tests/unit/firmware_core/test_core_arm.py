"""What stands against an ARM, and what an ARM is good for."""

import pytest

from calmloop.chair_link.messages import (
    Arm,
    ArmBlock,
    Inputs,
    Lease,
    Setpoint,
    State,
    Stop,
    StopReason,
)
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import RELEASED


def block(chair: CoreChair) -> ArmBlock:
    return ArmBlock(chair.view.arm_block)


def result(chair: CoreChair) -> ArmBlock:
    chair.run(1)
    return ArmBlock(chair.acks[-1].result)


def test_arms_when_everything_is_there() -> None:
    chair = CoreChair().ready()
    assert block(chair) is ArmBlock.OK
    chair.arm()
    assert result(chair) is ArmBlock.OK
    assert (chair.state(), chair.view.arm_id) == (State.ARMED, 7)


def test_refuses_to_arm_unidentified() -> None:
    chair = CoreChair()
    chair.leased = True
    chair.boot()
    chair.arm()
    assert result(chair) is ArmBlock.NOT_IDENTIFIED


@pytest.mark.parametrize("field", ["protocol", "firmware_major", "cap_hash", "calibration_hash"])
def test_refuses_to_arm_when_one_thing_in_identify_differs(field: str) -> None:
    chair = CoreChair().ready()
    chair.identify(**{field: 99})
    chair.run(1)
    assert not chair.identities[-1].matched
    chair.arm()
    assert result(chair) is ArmBlock.NOT_IDENTIFIED
    chair.identify()
    chair.arm()
    assert result(chair) is ArmBlock.OK


def test_refuses_to_arm_until_the_red_button_has_been_closed_for_a_moment() -> None:
    chair = CoreChair().ready()
    chair.inputs |= Inputs.ESTOP_OPEN
    chair.run(1)
    chair.inputs = RELEASED
    chair.run(1)
    chair.arm()
    assert result(chair) is ArmBlock.ESTOP_OPEN
    chair.run(60)
    chair.arm()
    assert result(chair) is ArmBlock.OK


def test_refuses_to_arm_without_a_second_of_leases() -> None:
    chair = CoreChair()
    chair.identify()
    chair.run(4000)
    chair.arm()
    assert result(chair) is ArmBlock.NO_LEASE
    chair.leased = True
    chair.run(100)
    while not chair.view.lease_alive:
        chair.run(1)
    chair.run(995)
    assert block(chair) is ArmBlock.NO_LEASE
    chair.run(10)
    assert block(chair) is ArmBlock.OK


def test_a_gap_in_the_leases_starts_the_second_anew() -> None:
    chair = CoreChair().ready()
    chair.leased = False
    chair.run(700)
    chair.leased = True
    chair.run(300)
    assert chair.view.lease_alive
    assert block(chair) is ArmBlock.NO_LEASE


@pytest.mark.parametrize(("age_ms", "expected"), [(498, ArmBlock.OK), (499, ArmBlock.STALE_NONCE)])
def test_a_nonce_arms_for_half_a_second(age_ms: int, expected: ArmBlock) -> None:
    chair = CoreChair().ready()
    before = len(chair.statuses)
    while len(chair.statuses) == before:
        chair.run(1)
    nonce = chair.statuses[-1].nonce
    chair.run(age_ms + 1)
    chair.arm(nonce=nonce)
    assert result(chair) is expected


def test_an_unknown_nonce_does_not_arm() -> None:
    chair = CoreChair().ready()
    chair.arm(nonce=0)
    assert result(chair) is ArmBlock.STALE_NONCE


def test_a_repeated_arm_is_acknowledged_again_and_changes_nothing() -> None:
    chair = CoreChair().ready()
    nonce = chair.view.nonce
    chair.arm(nonce=nonce)
    chair.setpoint()
    chair.run(1000 - 501)
    chair.setpoint()
    chair.arm(nonce=nonce)
    assert result(chair) is ArmBlock.OK
    assert chair.state() is State.ACTIVE


def test_another_arm_is_refused_while_one_runs() -> None:
    chair = CoreChair().active()
    chair.arm(8)
    assert result(chair) is ArmBlock.WRONG_STATE


def test_an_arm_id_serves_once_and_zero_never() -> None:
    chair = CoreChair().ready()
    chair.arm(0)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(7)
    assert result(chair) is ArmBlock.OK
    chair.stop()
    chair.run(3500)
    chair.arm(7)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(0)
    assert result(chair) is ArmBlock.USED_ID
    chair.arm(8)
    assert result(chair) is ArmBlock.OK


def test_an_arm_begins_without_the_stop_and_the_setpoint_of_the_session_before() -> None:
    chair = CoreChair().active(200)
    chair.stop()
    chair.run(3500)
    assert (chair.view.stop_reason, chair.view.applied_tag) == (StopReason.HOST, 1)
    chair.arm(8)
    assert result(chair) is ArmBlock.OK
    assert (chair.view.stop_reason, chair.view.applied_tag) == (StopReason.NONE, 0)


def test_whatever_drives_is_refused_of_another_boot_or_version_but_stop_is_not() -> None:
    chair = CoreChair().active()
    for boot_id, version in ((1, 1), (None, 2)):
        refused = chair.view.refused
        chair.send(Arm(9, chair.view.nonce), boot_id=boot_id, version=version)
        chair.send(Setpoint(5, 400, 0, 0, 0, 0, 0, 500), boot_id=boot_id, version=version)
        proof = chair.core.lease_proof(chair.boot_id, chair.view.nonce)
        chair.send(Lease(chair.view.nonce, proof), boot_id=boot_id, version=version)
        assert chair.view.refused == refused + 3
        chair.send(Stop(1, 4), boot_id=boot_id, version=version)
        chair.run(1)
        assert chair.statuses[-1].stop_tag == 4
    assert chair.state() in (State.RAMPDOWN, State.SAFE)

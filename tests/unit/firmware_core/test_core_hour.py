"""The hour's budget outlives every reset, which costs a minute at most and never gains one."""

import random

import pytest

from calmloop.chair_link.messages import ArmBlock, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import EXTERNAL, POWER_ON
from tests.unit.firmware_core.hours import HOUR_S, LIMIT_S, MINUTE_S, drive, idle, reset, start


@pytest.mark.parametrize("flags", [EXTERNAL, POWER_ON], ids=["reset pin", "power"])
def test_a_spent_hour_is_spent_after_a_reset_too(flags: int) -> None:
    chair = CoreChair().active()
    drive(chair, LIMIT_S)
    assert chair.state() is not State.ACTIVE
    for _ in range(3):
        chair = reset(chair, flags)
        assert chair.view.session_budget_s == 0
        assert chair.view.arm_block == ArmBlock.SESSION_SPENT
        idle(chair, 9 * 60)


def test_the_hour_goes_on_as_if_no_time_had_passed() -> None:
    """Ten minutes used, then 50 of uptime with a reset each 10: they come free after the hour."""
    chair = CoreChair().active()
    drive(chair, 600)
    chair.stop()
    for _ in range(5):
        idle(chair, 600)
        chair = reset(chair)
        assert 1140 <= chair.view.session_budget_s <= 1200
    idle(chair, 12 * 60 + 5 * 60)
    assert chair.view.session_budget_s == LIMIT_S


def test_each_reset_begins_its_minute_anew() -> None:
    """Resets every 50 s let no minute pass: what was used stays used."""
    chair = CoreChair().active()
    drive(chair, 600)
    chair.stop()
    for _ in range(100):
        chair = reset(chair)
        idle(chair, 45)
        assert chair.view.session_budget_s <= 1200


@pytest.mark.parametrize("active_s", [1, 30, 59, 61, 119, 600])
def test_a_reset_in_a_session_costs_a_minute_at_most_and_gains_nothing(active_s: int) -> None:
    chair = CoreChair().active()
    drive(chair, active_s)
    left_s = LIMIT_S - active_s
    chair = reset(chair)
    assert left_s - MINUTE_S <= chair.view.session_budget_s <= left_s


def test_a_minute_costs_what_it_was_once_it_is_over() -> None:
    chair = CoreChair().active()
    drive(chair, 10)
    chair.stop()
    idle(chair, 60)
    assert LIMIT_S - 11 <= reset(chair).view.session_budget_s <= LIMIT_S - 10


def test_resets_again_and_again_in_a_session_gain_no_time() -> None:
    """A host that resets the chair whenever it likes: never more than 30 min in 60 of uptime."""
    chance, chair, active_ms, uptime_ms = random.Random(1), CoreChair().active(), 0, 0
    while uptime_ms < HOUR_S * 1000:
        seconds = chance.randrange(1, 90)
        drive(chair, seconds)
        active_ms += seconds * 1000 if chair.state() is State.ACTIVE else 0
        uptime_ms += chair.now_ms
        chair = reset(chair)
        if chair.view.arm_block == ArmBlock.OK:
            start(chair)
        else:
            idle(chair, 30)
    assert active_ms <= LIMIT_S * 1000


def test_a_minute_that_saw_too_many_resets_is_over_before_another_start() -> None:
    """Its record holds four claims; the fifth start waits for the minute, not for the hour."""
    chair = CoreChair().active()
    for _ in range(4):
        chair = reset(chair)
        if chair.view.arm_block == ArmBlock.OK:
            start(chair)
    chair = reset(chair)
    assert chair.view.arm_block == ArmBlock.SESSION_SPENT
    idle(chair, 60)
    assert chair.view.arm_block == ArmBlock.OK
    assert LIMIT_S - 5 * MINUTE_S <= chair.view.session_budget_s < LIMIT_S - 3 * MINUTE_S

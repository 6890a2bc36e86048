"""A chair in use for a long time, with coarse ticks, and its resets."""

from calmloop.chair_link.messages import State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import EXTERNAL

HOUR_S, MINUTE_S, LIMIT_S = 3600, 60, 1800
FULL = {"vibration_permille": 200, "sound_permille": 0}


def drive(chair: CoreChair, seconds: int) -> None:
    """ACTIVE for so long, with coarse ticks."""
    for _ in range(seconds * 5):
        chair.setpoint(**FULL)
        chair.run(200, step_ms=100)


def idle(chair: CoreChair, seconds: int) -> None:
    chair.run(seconds * 1000, step_ms=100)


def reset(chair: CoreChair, flags: int = EXTERNAL) -> CoreChair:
    """A reset, and everything that a start needs."""
    after = CoreChair(boot_id=chair.boot_id + 2, image=chair.image, reset_flags=flags)
    after.leased = True
    after.identify()
    after.run(3200, step_ms=10)
    return after


def start(chair: CoreChair, arm_id: int = 7) -> None:
    chair.arm(arm_id)
    chair.run(2)
    assert chair.state() is State.ARMED

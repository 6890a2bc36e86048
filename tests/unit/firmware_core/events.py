"""Ways into each state of the chair, and what may happen to it there."""

from collections.abc import Callable

import pytest

from calmloop.chair_link.messages import Inputs, State
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.hardware import RELEASED, WRAP

STARTS_MS = [0, 12_345, (1 << 31) - 4000, WRAP - 4000, WRAP - 1]
at_any_time = pytest.mark.parametrize("start_ms", STARTS_MS)
"""Also just before the chair's clock wraps."""

Way = Callable[[CoreChair], object]

WAYS: dict[State, Way] = {
    State.BOOT: lambda chair: chair.run(10),
    State.SAFE: CoreChair.ready,
    State.ARMED: CoreChair.armed,
    State.ACTIVE: lambda chair: chair.active(3000),
    State.RAMPDOWN: CoreChair.ramping_down,
    State.FAULT: CoreChair.faulty,
    State.ESTOP: CoreChair.stopped_by_hand,
}


def press_red(chair: CoreChair) -> None:
    chair.inputs = (chair.inputs | Inputs.ESTOP_OPEN) & ~Inputs.CONTACTOR_CLOSED
    chair.run(12)


def tap_red(chair: CoreChair) -> None:
    press_red(chair)
    chair.inputs = RELEASED
    chair.run(60)


def draw_too_much(chair: CoreChair) -> None:
    chair.current_ma = 5000
    chair.run(12)
    chair.current_ma = 150


def lose_lease(chair: CoreChair) -> None:
    chair.leased = False
    chair.drive(600, every_ms=20)


def fall_silent(chair: CoreChair) -> None:
    chair.run(420)


def flood(chair: CoreChair) -> None:
    chair.receive(b"\x05\x11\x22\0" * 21)
    chair.run(1)


def five_wrong_setpoints(chair: CoreChair) -> None:
    for _ in range(5):
        chair.setpoint(vibration_permille=1001)
    chair.run(1)


def set_point(chair: CoreChair) -> None:
    chair.setpoint(tag=9)
    chair.run(1)


def ask_to_arm(chair: CoreChair) -> None:
    chair.arm(8)
    chair.run(1)


def stop(chair: CoreChair) -> None:
    chair.stop(3)
    chair.run(1)


def identify_wrongly(chair: CoreChair) -> None:
    chair.identify(cap_hash=1)
    chair.run(1)


EVENTS: dict[str, Way] = {
    "arm": ask_to_arm,
    "setpoint": set_point,
    "stop": stop,
    "ack": CoreChair.acknowledge,
    "red button": press_red,
    "red button tapped": tap_red,
    "over-current": draw_too_much,
    "lease lost": lose_lease,
    "silence": fall_silent,
    "bad frames": flood,
    "wrong setpoints": five_wrong_setpoints,
    "mismatching identify": identify_wrongly,
}

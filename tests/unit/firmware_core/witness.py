"""What PROTOCOL.md promises, and a witness who knows only what went in: inputs, frames, time."""

from dataclasses import dataclass, field

from calmloop.chair_link.messages import (
    Arm,
    Inputs,
    Message,
    Setpoint,
    State,
    Stop,
)

FULL_PPM = 1_000_000
LIGHT_SLEW_PPM_PER_MS = 200
LIGHT_STEP_MAX_MS = 20
RISE_MS, FALL_MS, QUIET_MS = 5000, 200, 300
LEASE_MS = 500
TTL_MAX_MS = 500
AGREE_MS = 3000
HOLD_MS = 50
OVER_CURRENT_MA = 4000
DRIVE_LOST_MS, SUPPLY_BACK_MS = 20, 200
CHILD_PRESS_MS = 10
GAIN_MAX_S = 1
"""What a reset may gain of the hour: the write of a record takes a few turns."""
LOCKOUT_MS = {State.ESTOP: 3000, State.FAULT: 10_000}
FELT_IN = (State.ACTIVE, State.RAMPDOWN)
LATCHED = (State.FAULT, State.ESTOP)

BY_TIME = {
    State.BOOT: {State.SAFE, State.FAULT, State.ESTOP},
    State.SAFE: {State.FAULT, State.ESTOP},
    State.ARMED: {State.SAFE, State.FAULT, State.ESTOP},
    State.ACTIVE: {State.RAMPDOWN, State.FAULT, State.ESTOP},
    State.RAMPDOWN: {State.SAFE, State.FAULT, State.ESTOP},
    State.FAULT: {State.SAFE},
    State.ESTOP: {State.SAFE, State.FAULT},
}
"""What each state may become on a tick."""

BY_MESSAGE: dict[tuple[State, State], type[Message]] = {
    (State.SAFE, State.ARMED): Arm,
    (State.ARMED, State.ACTIVE): Setpoint,
    (State.ARMED, State.SAFE): Stop,
    (State.ACTIVE, State.RAMPDOWN): Stop,
}
"""The only changes of state that a frame may cause, and by which kind."""


def in_range(setpoint: Setpoint) -> bool:
    """Whether a setpoint lies in the coded ranges of PROTOCOL.md."""
    levels = (
        setpoint.vibration_permille,
        setpoint.sound_permille,
        setpoint.red_permille,
        setpoint.green_permille,
        setpoint.blue_permille,
    )
    return (
        setpoint.tag > 0
        and 300 <= setpoint.vibration_dhz <= 800
        and max(levels) <= 1000
        and setpoint.ttl_ms > 0
    )


@dataclass
class Held:
    """How long an input has been the same without a break, in ticked milliseconds."""

    value: bool = False
    for_ms: int = -1

    def see(self, value: bool, elapsed_ms: int) -> None:
        fresh = value != self.value or self.for_ms < 0
        self.for_ms = 0 if fresh else self.for_ms + elapsed_ms
        self.value = value

    def lasted(self, value: bool, at_least_ms: int) -> bool:
        return self.value == value and self.for_ms >= at_least_ms


@dataclass
class Witness:
    """What went into the chair since its boot. Times are milliseconds since then, unwrapped."""

    now_ms: int = 0
    issued_ms: dict[int, int] = field(default_factory=dict)
    lease_end_ms: int = 0
    setpoint_end_ms: int = 0
    armed_ms: int = 0
    quiet_by_ms: int | None = None
    red: Held = field(default_factory=Held)
    ack: Held = field(default_factory=Held)
    child: Held = field(default_factory=Held)
    cut: Held = field(default_factory=Held)
    """The contactor open, though the red button has long been closed."""
    supply_wrong: Held = field(default_factory=Held)
    supply_right: Held = field(default_factory=Held)
    supply_lost: bool = False
    ack_was_released: bool = False
    may_agree: bool = False
    """ACK was released in SAFE, with nobody in the chair, since a table was agreed to."""
    agreeing_ms: int | None = None
    """Since when it is held after that."""
    agreed_to: bytes | None = None
    """The record that a hold of ACK met in this stay in SAFE, and that was not taken."""
    contactor_opened: bool = False

    def see_inputs(self, inputs: Inputs, supply_mv: int, elapsed_ms: int) -> None:
        self.now_ms += elapsed_ms
        self.red.see(Inputs.ESTOP_OPEN in inputs, elapsed_ms)
        self.ack.see(Inputs.ACK_PRESSED in inputs, elapsed_ms)
        if self.ack.lasted(False, HOLD_MS):
            self.ack_was_released = True
        if self.red.value and Inputs.CONTACTOR_CLOSED not in inputs:
            self.contactor_opened = True
        self.child.see(Inputs.CHILD_BUTTON in inputs, elapsed_ms)
        closed = self.red.lasted(False, HOLD_MS)
        self.cut.see(closed and Inputs.CONTACTOR_CLOSED not in inputs, elapsed_ms)
        self._see_supply(supply_mv, elapsed_ms)

    def _see_supply(self, supply_mv: int, elapsed_ms: int) -> None:
        self.supply_wrong.see(not 9000 <= supply_mv <= 14_500, elapsed_ms)
        self.supply_right.see(9500 <= supply_mv <= 14_000, elapsed_ms)
        if self.supply_wrong.lasted(True, DRIVE_LOST_MS):
            self.supply_lost = True
        elif self.supply_right.lasted(True, SUPPLY_BACK_MS):
            self.supply_lost = False

    @property
    def acknowledged(self) -> bool:
        """ACK was released and is pressed, both for long enough."""
        return self.ack_was_released and self.ack.lasted(True, HOLD_MS)

    def see_agreement(self, safe: bool, inputs: Inputs) -> None:
        if not safe or Inputs.SEAT_OCCUPIED in inputs:
            self.may_agree, self.agreed_to = False, None
        elif self.ack.lasted(False, HOLD_MS):
            self.may_agree = True
        if not (self.may_agree and self.ack.value):
            self.agreeing_ms = None
        elif self.agreeing_ms is None:
            self.agreeing_ms = self.now_ms

    @property
    def agreed(self) -> bool:
        """ACK is held, and has been for long enough."""
        return self.agreeing_ms is not None and self.now_ms - self.agreeing_ms >= AGREE_MS

    def left_ms(self, end_ms: int) -> int:
        return max(0, end_ms - self.now_ms)

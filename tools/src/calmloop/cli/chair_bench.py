"""One chair on the bench, over its serial line, without bus, bridge or watchdog."""

import time
from collections.abc import Iterator

from calmloop.chair_link import (
    ArmAnswered,
    CalibrationAnswered,
    Event,
    SessionLost,
    StatusArrived,
    StopConfirmed,
)
from calmloop.chair_link.messages import (
    Calibrate,
    CalibrateResult,
    Flags,
    HostStop,
    Inputs,
    Setpoint,
    State,
    Status,
)
from calmloop.cli.chair_line import REACH_S, ChairError, ChairLine

ARM_READY_S = 20.0
"""The longest lockout is 10 s, and the lease must have lasted for one."""
SETPOINT_PERIOD_S = 0.1
STOP_PATIENCE_S = 2.0
ACK_PATIENCE_S = 60.0
"""How long a person has to walk to the chair and press ACK."""
ASK_AGAIN_S = 0.25
CALIBRATE_S = 3.0
"""The link gives up after 2 s."""
ARM_ID_RANGE = 1 << 32
WAITING = (CalibrateResult.NOT_CONFIRMED, CalibrateResult.SEAT_OCCUPIED)
"""A person at the chair can still mend these."""


class ChairBench(ChairLine):
    """A chair that is armed, driven, stopped and calibrated, with nobody in it.

    Args:
        address: As `calmloop.chair_link.port.resolve` takes it.
        leasing: Answer the chair's nonces, as the safety watchdog would.
    """

    def __init__(self, address: str, *, leasing: bool = False) -> None:
        super().__init__(address, leasing=leasing)
        self._hand_needed = False

    def _may_answer(self, status: Status | None) -> bool:
        return not self._hand_needed or self._hand_is_there(status)

    # --- a hand on ACK ---------------------------------------------------------------------

    @staticmethod
    def _hand_is_there(status: Status | None) -> bool:
        """Somebody holds ACK, and nobody sits in the chair."""
        hand = Inputs.ACK_PRESSED | Inputs.SEAT_OCCUPIED
        return status is not None and status.inputs & hand == Inputs.ACK_PRESSED

    def wait_for_hand(self) -> None:
        """Waits until ACK is held at the empty chair; from now on no lease is given without.

        Raises:
            ChairError: nobody held it.
        """
        self._hand_needed = True
        self._wait(
            lambda event: isinstance(event, StatusArrived) and self._hand_is_there(event.status),
            ACK_PATIENCE_S,
            "ACK was not held at the empty chair",
        )

    def release_hand(self) -> None:
        """Leases are given without a hand on ACK again."""
        self._hand_needed = False

    def _require_hand(self, status: Status) -> None:
        if not self._hand_needed or self._hand_is_there(status):
            return
        what = (
            "somebody sat down in the chair"
            if Inputs.SEAT_OCCUPIED in status.inputs
            else "ACK was let go"
        )
        raise ChairError(f"{self._address}: {what}: stopped. Go on with --from")

    def stop(self) -> None:
        """Sends STOP until it is confirmed.

        Raises:
            ChairError: it was not; press the red button.
        """
        pressed = Flags.CHILD_LATCHED in self.status.flags
        self.link.stop(HostStop.CHILD_SEEN if pressed else HostStop.BENCH, time.monotonic())
        self._flush()
        what = "the STOP was not confirmed: press the red button; not"
        self._wait(lambda event: isinstance(event, StopConfirmed), STOP_PATIENCE_S, what)

    def arm(self) -> None:
        """Waits until nothing stands against it, then arms.

        Raises:
            ChairError: refused; the text says why.
        """
        self.identify()
        self._wait(self._may_arm, ARM_READY_S, "the chair may not be armed")
        arm_id = time.monotonic_ns() % (ARM_ID_RANGE - 1) + 1
        self.link.arm(arm_id, time.monotonic())
        self._flush()
        for event in self.events(REACH_S):
            if isinstance(event, ArmAnswered):
                if event.block is None or event.block:
                    raise ChairError(f"{self._address}: not armed: {event.reason}")
                return
        raise ChairError(f"{self._address}: no answer to ARM ({self._trouble})")

    def calibrate(self, message: Calibrate) -> bool:
        """Sends a new table until somebody has held ACK at the empty chair and it is stored.

        The chair takes it in SAFE alone, so that what it did last has to fade first. True: it was
        agreed to, but jumps, and has to be agreed to once more.

        Raises:
            ChairError: it was refused, or nobody held ACK; the text says what now holds.
        """
        self._wait(self._is_safe, REACH_S, "nothing was written: the chair is not in SAFE")
        end_s = time.monotonic() + ACK_PATIENCE_S
        while time.monotonic() < end_s:
            answer = self._ask_to_calibrate(message)
            if answer.result in (CalibrateResult.OK, CalibrateResult.JUMPS):
                return answer.result is CalibrateResult.JUMPS
            if answer.result is None:
                raise ChairError(
                    f"{self._address}: {answer.reason}. The chair has the old table or the new "
                    "one: look with `calmloop chair identify`"
                )
            if answer.result not in WAITING:
                raise ChairError(f"{self._address}: not written: {answer.reason}")
            for _ in self.events(ASK_AGAIN_S):
                pass
        raise ChairError(
            f"{self._address}: nobody held ACK for 3 s within {ACK_PATIENCE_S:.0f} s: nothing was "
            "written. Start again with --from"
        )

    def _ask_to_calibrate(self, message: Calibrate) -> CalibrationAnswered:
        self.link.calibrate(message, time.monotonic())
        self._flush()
        for event in self.events(CALIBRATE_S):
            if isinstance(event, CalibrationAnswered):
                return event
        raise ChairError(f"{self._address}: no answer to CALIBRATE ({self._trouble})")

    def _is_safe(self, event: Event) -> bool:
        if isinstance(event, StatusArrived):
            self._trouble = event.status.state.name
        return isinstance(event, StatusArrived) and event.status.state is State.SAFE

    def _may_arm(self, event: Event) -> bool:
        if not isinstance(event, StatusArrived):
            return False
        state = event.status.state
        if state in (State.FAULT, State.ESTOP):
            raise ChairError(
                f"{self._address}: the chair may not be armed: {state.name}: `calmloop chair"
                " status` says what to put right at the chair"
            )
        self._trouble = f"{state.name}, block {event.status.arm_block.name}"
        return Flags.ARM_READY in event.status.flags

    def hold(self, for_s: float, setpoint: Setpoint | None = None) -> Iterator[Status]:
        """Stays ARMED, or with a setpoint ACTIVE, for so long; yields every STATUS.

        Raises:
            ChairError: the chair ended it; the text says why.
        """
        due_s = 0.0
        for event in self.events(for_s):
            if setpoint is not None and time.monotonic() >= due_s:
                due_s = time.monotonic() + SETPOINT_PERIOD_S
                self.link.setpoint(setpoint, time.monotonic())
                self._flush()
            if isinstance(event, SessionLost):
                raise ChairError(f"{self._address}: {event.reason}")
            if isinstance(event, StatusArrived):
                self._require_hand(event.status)
                yield event.status
                if event.status.state not in (State.ARMED, State.ACTIVE):
                    reason = event.status.stop_reason.name
                    raise ChairError(f"{self._address}: the chair ended it ({reason})")

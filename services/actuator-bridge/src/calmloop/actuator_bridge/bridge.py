"""What the bridge remembers between the bus and the link: tags, arm requests, the port.

Pure: it is handed messages, bytes and the time, and asked for bytes and the state.
"""

import zlib
from typing import Any

from calmloop.actuator_bridge.conversion import setpoint_of
from calmloop.actuator_bridge.report import chair_state
from calmloop.chair_link import (
    ArmAnswered,
    Event,
    Identified,
    Link,
    Mismatched,
    SessionLost,
    StatusArrived,
    StopConfirmed,
)
from calmloop.chair_link import messages as frames
from calmloop.chair_link.explanations import NOT_CALIBRATED
from calmloop.contract.messages.chair import ArmOutcome, ArmRequest, ArmResult, ChairState
from calmloop.contract.messages.safety import Lease, StopState
from calmloop.contract.messages.stimulus import Setpoint

REMEMBERED_SETPOINTS = 64
REMEMBERED_STARTS = 64
CHILD_REPORTED_S = 0.5
"""For so long the child's press is reported, ten times a second, before a latched stop counts as
the answer to it: one that was latched before may have been published without it."""


class Bridge:
    """One chair behind one port.

    Attributes:
        link: The link to the chair.
        reopened: How often the port was opened again.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.reopened = 0
        self._opened_once = False
        self._absence = "the port has not been opened yet"
        self._seqs: dict[int, int] = {}
        self._starts: dict[int, str] = {}
        self._arm: ArmResult | None = None
        self._child_since_s: float | None = None

    # --- the port --------------------------------------------------------------------------

    def note_port_opened(self) -> None:
        """The port is open: the chair may just be resetting."""
        self.reopened += self._opened_once
        self._opened_once = True
        self._absence = ""
        self.link.opened()

    def note_port_closed(self, reason: str) -> None:
        """The port is gone, or could not be opened."""
        self._absence = reason
        self.link.closed(reason)

    # --- orders ----------------------------------------------------------------------------

    def send_setpoint(self, message: Setpoint, age_s: float, now_s: float) -> bool:
        """Sends a setpoint on; False when its time is over or the chair takes none now."""
        setpoint = setpoint_of(message, age_s)
        tag = None if setpoint is None else self.link.setpoint(setpoint, now_s)
        if tag is None:
            return False
        self._seqs.pop(tag, None)
        self._seqs[tag] = message.seq
        _keep_newest(self._seqs, REMEMBERED_SETPOINTS)
        return True

    def arm(self, request: ArmRequest, now_s: float) -> str | None:
        """Sends a request to arm on; returns why not, if it does not.

        The chair's answer, or its silence, shows in the state's `arm`.
        """
        arm_id = arm_id_of(request.start_id)
        if arm_id in self._starts:
            return f"start '{request.start_id}' was used already: start again"
        self._starts[arm_id] = request.start_id
        _keep_newest(self._starts, REMEMBERED_STARTS)
        self._arm = ArmResult(start_id=request.start_id, outcome=ArmOutcome.PENDING)
        self.link.arm(arm_id, now_s)
        return None

    def send_lease(self, message: Lease, now_s: float) -> None:
        """Sends a lease on; it cannot help a chair that has booted since."""
        self.link.lease(message.boot_id, frames.Lease(message.nonce, message.proof), now_s)

    def stop(self, reason: frames.HostStop, now_s: float) -> None:
        """Sends a stop on, before everything else."""
        self.link.stop(reason, now_s)

    def receive_stop_state(self, state: StopState, now_s: float) -> None:
        """The watchdog reports its stop: once it is latched, a press that led to it is over."""
        since_s = self._child_since_s
        if state.latched and since_s is not None and now_s - since_s >= CHILD_REPORTED_S:
            self.link.stop(frames.HostStop.CHILD_SEEN, now_s)

    def note_disconnected(self) -> None:
        """There is no broker: nobody hears of the child's press."""
        self._child_since_s = None

    # --- what comes back -------------------------------------------------------------------

    def handle_event(self, event: Event) -> str:
        """Something happened on the link; returns a line for the log, or nothing."""
        if isinstance(event, ArmAnswered):
            return self._handle_answer(event)
        if isinstance(event, StatusArrived):
            self._see_child(event.status)
        if isinstance(event, SessionLost):
            self._seqs.clear()
            self._child_since_s = None
        return _describe(event)

    def _see_child(self, status: frames.Status) -> None:
        if frames.Flags.CHILD_LATCHED not in status.flags:
            self._child_since_s = None
        elif self._child_since_s is None:
            self._child_since_s = self.link.status_s

    def _handle_answer(self, answer: ArmAnswered) -> str:
        armed = answer.block is frames.ArmBlock.OK
        self._arm = ArmResult(
            start_id=self._starts[answer.arm_id],
            outcome=ArmOutcome.ACCEPTED if armed else ArmOutcome.REFUSED,
            reason=answer.reason[:200],
        )
        return "armed" if armed else f"not armed: {answer.reason}"

    def state(self, now_s: float) -> ChairState:
        """What there is to say about the chair now."""
        return chair_state(
            self.link,
            now_s,
            seqs=self._seqs,
            arm=self._arm,
            reopened=self.reopened,
            absence=self._absence,
        )


def arm_id_of(start_id: str) -> int:
    """The chair's 32 bits for a start, never 0: the same start gives the same id."""
    return zlib.crc32(start_id.encode()) or 1


def _describe(event: Event) -> str:
    match event:
        case SessionLost(reason=reason):
            return f"the chair's session is lost: {reason}"
        case Mismatched(reason=reason):
            return f"not the chair expected: {reason}"
        case Identified(identity=identity):
            found = f"identified: firmware {identity.firmware}, serial {identity.serial}"
            bare = identity.calibration is frames.CalibrationKind.NONE
            return f"{found}; {NOT_CALIBRATED}" if bare else found
        case StopConfirmed():
            return "the chair has taken the stop"
        case _:
            return ""


def _keep_newest(entries: dict[int, Any], limit: int) -> None:
    while len(entries) > limit:
        del entries[next(iter(entries))]

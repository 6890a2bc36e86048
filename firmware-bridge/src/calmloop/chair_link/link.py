"""The host's end of the link as a pure state machine: bytes and time in, bytes and events out.

It never writes before the first valid STATUS, never arms by itself, forgets everything that
belonged to an earlier boot of the chair, and stops a session that it did not arm itself: a host
that was restarted within the chair's half second must not carry on as if nothing had happened.
"""

from dataclasses import replace

from calmloop.chair_link.events import (
    ArmAnswered,
    CalibrationAnswered,
    Event,
    Identified,
    Mismatched,
    SessionLost,
    StatusArrived,
    StopConfirmed,
)
from calmloop.chair_link.explanations import ARM_BLOCKS, CALIBRATIONS
from calmloop.chair_link.figures import Figures
from calmloop.chair_link.frames import DELIMITER, VERSION, Frame, FrameReader, encode
from calmloop.chair_link.identification import Expectation
from calmloop.chair_link.messages import (
    Ack,
    Arm,
    ArmBlock,
    BadMessage,
    Calibrate,
    CalibrateResult,
    Flags,
    HostStop,
    Identity,
    Kind,
    Lease,
    Message,
    Setpoint,
    State,
    Status,
    Stop,
    read_message,
)
from calmloop.chair_link.pending import REPEAT_S, PendingStop, Repeated
from calmloop.chair_link.times import NewestTimes
from calmloop.chair_link.wire.numbers import (
    CALIBRATE_PATIENCE_MS,
    IDENTIFY_REPEAT_MS,
    LEASE_MS,
    LEASE_NONCES,
)

NONCE_LIFE_S = LEASE_MS / 1000
"""An ARM is given up when its nonce is this old."""
CALIBRATE_PATIENCE_S = CALIBRATE_PATIENCE_MS / 1000
IDENTIFY_RETRY_S = IDENTIFY_REPEAT_MS / 1000
PING_S = 1.0
"""A chair that is identified is asked again this often, which measures the round trip."""
DRIVEN = (State.ARMED, State.ACTIVE)
SEQ_RANGE = 1 << 16
REMEMBERED_NONCES = LEASE_NONCES
REMEMBERED_SETPOINTS = 64
NOT_READY = "the chair is not there, not identified, or being stopped"


class Link:
    """One chair on one line. Times are seconds of a monotonic clock of the caller's.

    Attributes:
        status: The newest valid STATUS of this session, or None.
        status_s: When it arrived.
        boot_id: The chair's boot id, or None before the first valid STATUS.
        identity: What the chair said of itself, or None.
        identified: It is the chair expected, and it has confirmed so.
        mismatch: Why it is not; empty while unknown or right.
        figures: Counts and times since the line was opened.
    """

    def __init__(self, expectation: Expectation | None = None) -> None:
        self._expectation = expectation or Expectation()
        self._seq = 0
        self._tag = 0
        self._stop_tag = 0
        self._stop: PendingStop | None = None
        self._events: list[Event] = []
        self._is_open = False
        self._begin()

    def _begin(self) -> None:
        self.status: Status | None = None
        self.status_s = 0.0
        self.boot_id: int | None = None
        self.figures = Figures()
        self._reader = FrameReader()
        self._unreadable = 0
        self._out = bytearray()
        self._begin_session()

    def _begin_session(self) -> None:
        self.identity: Identity | None = None
        self.identified = False
        self.mismatch = ""
        self._orders: dict[Kind, Repeated] = {}
        self._own_arm_id: int | None = None
        self._chair_seq: int | None = None
        self._identify_due_s = 0.0
        self._identify_sent_s: float | None = None
        self._setpoints_sent_s = NewestTimes(REMEMBERED_SETPOINTS)
        self._nonces_s = NewestTimes(REMEMBERED_NONCES)

    # --- the line --------------------------------------------------------------------------

    def opened(self) -> None:
        """The line was opened: a chair may be there, and may just be resetting."""
        self._begin()
        self._is_open = True

    def closed(self, reason: str) -> None:
        """The line is gone. A STOP that is unconfirmed waits for the next one."""
        if self._is_open:
            self._lose(reason)
            self._is_open = False
            self.status = None
            self.boot_id = None
            self._out.clear()

    def take_events(self) -> list[Event]:
        """What has happened since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    def take_output(self) -> bytes:
        """What is to be written to the line now."""
        data = bytes(self._out)
        self._out.clear()
        return data

    @property
    def writable(self) -> bool:
        """Whether a valid STATUS has come, so that the host may speak."""
        return self.boot_id is not None

    @property
    def busy(self) -> bool:
        """Whether an order waits for its answer: then tick every 20 ms or so."""
        return bool(self._orders) or self._stop is not None

    @property
    def driving(self) -> bool:
        """Whether the chair is in a session that this host has armed since the line was opened."""
        status = self.status
        return status is not None and status.state in DRIVEN and status.arm_id == self._own_arm_id

    # --- orders ----------------------------------------------------------------------------

    def stop(self, reason: HostStop, now_s: float) -> None:
        """Sends STOP at once, and again every 50 ms until STATUS confirms it."""
        self._renew_stop_tag()
        self._stop = PendingStop(self._stop_tag, reason, now_s)
        self._drop_orders("a stop came")
        self._out.clear()
        self._repeat_stop(now_s)

    def arm(self, arm_id: int, now_s: float) -> None:
        """Sends ARM with the newest nonce; `ArmAnswered` follows within 500 ms."""
        if self.status is None or not self.identified or self._stop is not None:
            self._events.append(ArmAnswered(arm_id, None, NOT_READY))
            return
        self._drop(Kind.ARM, "another request came")
        self._own_arm_id = arm_id
        nonce = self.status.nonce
        expires_s = self._nonces_s[nonce] + NONCE_LIFE_S
        self._order(Arm(arm_id, nonce), arm_id, now_s, expires_s)

    def calibrate(self, message: Calibrate, now_s: float) -> None:
        """Sends a new table; `CalibrationAnswered` follows within 2 s.

        The chair takes it only with ACK pressed in the last 10 s.
        """
        if not self.identified or self._stop is not None:
            self._events.append(CalibrationAnswered(None, NOT_READY))
            return
        self._drop(Kind.CALIBRATE, "another request came")
        self._order(message, 0, now_s, now_s + CALIBRATE_PATIENCE_S)

    def setpoint(self, setpoint: Setpoint, now_s: float) -> int | None:
        """Sends a setpoint under a new tag, which is returned; None while nothing may be sent.

        The tag in `setpoint` is replaced.
        """
        if not self.identified or not self.driving or self._stop is not None:
            return None
        self._tag = _next_tag(self._tag)
        self._write(replace(setpoint, tag=self._tag))
        self._setpoints_sent_s.note(self._tag, now_s)
        return self._tag

    def lease(self, boot_id: int, lease: Lease, now_s: float) -> bool:
        """Forwards a lease; False when it is for another boot or nothing may be sent."""
        if boot_id != self.boot_id or self._stop is not None:
            return False
        self._write(lease)
        if lease.nonce in self._nonces_s:
            self.figures.status_to_lease_s = now_s - self._nonces_s[lease.nonce]
        return True

    # --- time and bytes --------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        """Repeats what is unanswered; call ten times a second, or as `busy` says."""
        self._repeat_stop(now_s)
        self._repeat_orders(now_s)
        if self.writable and now_s >= self._identify_due_s:
            self._ask(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        """Takes bytes from the line, in any pieces."""
        for frame in self._reader.feed(data):
            self._take(frame, now_s)
        self.figures.bad = self._reader.bad + self._unreadable

    def _take(self, frame: Frame, now_s: float) -> None:
        if self.boot_id is not None and frame.boot_id != self.boot_id:
            self._lose("the chair was reset")
            self.status = None
            self.boot_id = None
        if frame.version != VERSION:
            self._take_foreign(frame, now_s)
            return
        self._count(frame)
        try:
            message = read_message(frame)
        except BadMessage:
            self._unreadable += 1
            return
        if isinstance(message, Status):
            self._take_status(frame, message, now_s)
        elif isinstance(message, Identity):
            self._take_identity(message, now_s)
        elif isinstance(message, Ack):
            self._take_ack(message, now_s)

    def _take_status(self, frame: Frame, status: Status, now_s: float) -> None:
        self.status, self.status_s = status, now_s
        self._meet(frame.boot_id, now_s)
        self._nonces_s.note(status.nonce, now_s)
        sent_s = self._setpoints_sent_s.take_through(status.setpoint_tag)
        if sent_s is not None:
            self.figures.setpoint_to_applied_s = now_s - sent_s
        self._events.append(StatusArrived(status))
        if status.state in DRIVEN and not self.driving and self._stop is None:
            self.stop(HostStop.NOT_OURS, now_s)
        if self._stop is not None and status.stop_tag == self._stop.tag:
            self._events.append(StopConfirmed(self._stop.tag))
            self._stop = None
        if Flags.IDENTIFIED not in status.flags and self.identified:
            self._forget_identity(now_s)

    def _meet(self, boot_id: int, now_s: float) -> None:
        if self.boot_id is None:
            self.boot_id = boot_id
            if self._stop is not None:
                self._renew_stop_tag()
                self._stop.tag = self._stop_tag
            self._identify_due_s = now_s
            self.tick(now_s)

    def _take_identity(self, identity: Identity, now_s: float) -> None:
        if not self.writable:
            return
        if self._identify_sent_s is not None:
            self.figures.round_trip_s = now_s - self._identify_sent_s
            self._identify_sent_s = None
        self.identity = identity
        self._judge(self._expectation.mismatch(identity))
        if self.mismatch or identity.matched:
            self._identify_due_s = now_s + PING_S
        else:
            self._ask(now_s)
        if identity.matched and not self.mismatch and not self.identified:
            self.identified = True
            self._events.append(Identified(identity))

    def _take_ack(self, ack: Ack, now_s: float) -> None:
        order = self._orders.get(ack.acked)
        if order is None or order.seq != ack.seq:
            return
        del self._orders[order.kind]
        if order.kind is Kind.ARM:
            self.figures.round_trip_s = now_s - order.sent_s
        self._tell_answer(order, ack.result, "")

    def _tell_answer(self, order: Repeated, result: int | None, reason: str) -> None:
        """The event for an answer, or for its want when `result` is None."""
        if order.kind is Kind.CALIBRATE:
            stored = None if result is None else CalibrateResult(result)
            reason = reason if stored is None else CALIBRATIONS[stored]
            self._events.append(CalibrationAnswered(stored, reason))
            return
        block = None if result is None else ArmBlock(result)
        reason = reason if block is None else ARM_BLOCKS[block]
        self._events.append(ArmAnswered(order.subject, block, reason))
        if block is not ArmBlock.OK:
            self._own_arm_id = None

    def _take_foreign(self, frame: Frame, now_s: float) -> None:
        """A chair of another protocol version: only its STATUS and IDENTITY mean something."""
        if frame.kind == Kind.STATUS:
            self._meet(frame.boot_id, now_s)
        elif frame.kind == Kind.IDENTITY and frame.payload:
            protocol = frame.payload[0]
            self._judge(f"protocol {protocol}, expected {VERSION}: flash the firmware")
            self._identify_due_s = now_s + PING_S

    # --- pieces ----------------------------------------------------------------------------

    def _write(self, message: Message) -> bytes:
        wire = encode(Frame(message.kind, self._seq, self.boot_id or 0, message.payload()))
        self._seq = (self._seq + 1) % SEQ_RANGE
        self._out += wire
        self.figures.sent += 1
        return wire

    def _order(self, message: Message, subject: int, now_s: float, expires_s: float) -> None:
        seq = self._seq
        wire = self._write(message)
        self._orders[message.kind] = Repeated(message.kind, subject, seq, wire, now_s, expires_s)

    def _ask(self, now_s: float) -> None:
        self._write(self._expectation.question(self.identity))
        self._identify_sent_s = now_s
        self._identify_due_s = now_s + IDENTIFY_RETRY_S

    def _judge(self, mismatch: str) -> None:
        if mismatch and mismatch != self.mismatch:
            self._events.append(Mismatched(mismatch))
        self.mismatch = mismatch
        if mismatch:
            self.identified = False

    def _forget_identity(self, now_s: float) -> None:
        self.identified = False
        self._identify_due_s = now_s

    def _renew_stop_tag(self) -> None:
        """A tag that the chair does not report already: an earlier host began at 1 too."""
        self._stop_tag = _next_tag(self._stop_tag)
        if self.status is not None and self.status.stop_tag == self._stop_tag:
            self._stop_tag = _next_tag(self._stop_tag)

    def _repeat_stop(self, now_s: float) -> None:
        if self._stop is not None and self.writable and now_s >= self._stop.due_s:
            self._out += DELIMITER  # ends half a frame that the line may have left before it
            self._write(Stop(self._stop.reason, self._stop.tag))
            self._stop.due_s = now_s + REPEAT_S

    def _repeat_orders(self, now_s: float) -> None:
        for order in list(self._orders.values()):
            if order.is_over(now_s):
                self._drop(order.kind, "the chair did not answer in time")
            elif wire := order.again(now_s):
                self._out += wire
                self.figures.sent += 1

    def _drop(self, kind: Kind, reason: str) -> None:
        if order := self._orders.pop(kind, None):
            self._tell_answer(order, None, reason)

    def _drop_orders(self, reason: str) -> None:
        for kind in list(self._orders):
            self._drop(kind, reason)

    def _lose(self, reason: str) -> None:
        self._drop_orders(reason)
        self._begin_session()
        self._events.append(SessionLost(reason))

    def _count(self, frame: Frame) -> None:
        if self._chair_seq is not None:
            self.figures.lost += (frame.seq - self._chair_seq - 1) % SEQ_RANGE
        self._chair_seq = frame.seq
        self.figures.received += 1


def _next_tag(tag: int) -> int:
    """Tags run from 1 to 65535; 0 means none."""
    return tag % (SEQ_RANGE - 1) + 1

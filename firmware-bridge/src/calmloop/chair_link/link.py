"""The host's end of the link as a pure state machine: bytes and time in, bytes and events out.

It never writes before the first valid STATUS, never arms by itself, forgets everything that
belonged to an earlier boot of the chair, and stops a session that it did not arm itself: a host
that was restarted within the chair's half second must not carry on as if nothing had happened.
"""

from dataclasses import replace

from calmloop.chair_link import events
from calmloop.chair_link.frames import DELIMITER, SEQ_RANGE, WireFrame, encode
from calmloop.chair_link.identification import Expectation, Identification
from calmloop.chair_link.incoming import Incoming
from calmloop.chair_link.messages import (
    Ack,
    Arm,
    ArmBlock,
    Calibrate,
    Flags,
    HostStop,
    Identity,
    Lease,
    Message,
    MessageKind,
    Setpoint,
    State,
    Status,
)
from calmloop.chair_link.metrics import LinkMetrics
from calmloop.chair_link.pending import Orders, Repeated, Stopping, next_tag
from calmloop.chair_link.times import NewestTimes
from calmloop.chair_link.wire.numbers import CALIBRATE_PATIENCE_MS, LEASE_MS, LEASE_NONCES

NONCE_LIFE_S = LEASE_MS / 1000
"""An ARM is given up when its nonce is this old."""
CALIBRATE_PATIENCE_S = CALIBRATE_PATIENCE_MS / 1000
DRIVEN = (State.ARMED, State.ACTIVE)
REMEMBERED_SETPOINTS = 64
NOT_READY = "the chair is not there, not identified, or being stopped"


class Link:
    """One chair on one line. Times are seconds of a monotonic clock of the caller's.

    Attributes:
        status: The newest valid STATUS of this session, or None.
        status_s: When it arrived.
        boot_id: The chair's boot id, or None before the first valid STATUS.
        metrics: Counts and times since the line was opened.
    """

    def __init__(self, expectation: Expectation | None = None) -> None:
        self._identification = Identification(expectation or Expectation())
        self._seq = 0
        self._tag = 0
        self._stopping = Stopping()
        self._events: list[events.Event] = []
        self._is_open = False
        self._begin()

    def _begin(self) -> None:
        self.status: Status | None = None
        self.status_s = 0.0
        self.boot_id: int | None = None
        self.metrics = LinkMetrics()
        self._incoming = Incoming(self.metrics)
        self._out = bytearray()
        self._begin_session()

    def _begin_session(self) -> None:
        self._identification.begin()
        self._orders = Orders()
        self._own_arm_id: int | None = None
        self._setpoints_sent_s = NewestTimes(REMEMBERED_SETPOINTS)
        self._nonces_s = NewestTimes(LEASE_NONCES)

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
            self.status, self.boot_id = None, None
            self._out.clear()

    def pop_events(self) -> list[events.Event]:
        """What has happened since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    def pop_output(self) -> bytes:
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
        return bool(self._orders or self._stopping)

    @property
    def identity(self) -> Identity | None:
        """What the chair said of itself, or None."""
        return self._identification.identity

    @property
    def identified(self) -> bool:
        """Whether it is the chair expected, and has confirmed so."""
        return self._identification.identified

    @property
    def mismatch(self) -> str:
        """Why it is not; empty while unknown or right."""
        return self._identification.mismatch

    @property
    def driving(self) -> bool:
        """Whether the chair is in a session that this host has armed since the line was opened."""
        status = self.status
        return status is not None and status.state in DRIVEN and status.arm_id == self._own_arm_id

    # --- orders ----------------------------------------------------------------------------

    def stop(self, reason: HostStop, now_s: float) -> None:
        """Sends STOP at once, and again every 50 ms until STATUS confirms it."""
        self._stopping.begin(reason, now_s, self.status)
        self._drop("a stop came")
        self._out.clear()
        self._repeat_stop(now_s)

    def arm(self, arm_id: int, now_s: float) -> None:
        """Sends ARM with the newest nonce; `ArmAnswered` follows within 500 ms."""
        if self.status is None or not self.identified or self._stopping:
            self._events.append(events.ArmAnswered(arm_id, None, NOT_READY))
            return
        self._drop("another request came", MessageKind.ARM)
        self._own_arm_id = arm_id
        nonce = self.status.nonce
        expires_s = self._nonces_s[nonce] + NONCE_LIFE_S
        self._order(Arm(arm_id, nonce), arm_id, now_s, expires_s)

    def calibrate(self, message: Calibrate, now_s: float) -> None:
        """Sends a new table; `CalibrationAnswered` follows within 2 s.

        The chair takes it only with ACK pressed in the last 10 s.
        """
        if not self.identified or self._stopping:
            self._events.append(events.CalibrationAnswered(None, NOT_READY))
            return
        self._drop("another request came", MessageKind.CALIBRATE)
        self._order(message, 0, now_s, now_s + CALIBRATE_PATIENCE_S)

    def setpoint(self, setpoint: Setpoint, now_s: float) -> int | None:
        """Sends a setpoint under a new tag, which is returned; None while nothing may be sent.

        The tag in `setpoint` is replaced.
        """
        if not self.identified or not self.driving or self._stopping:
            return None
        self._tag = next_tag(self._tag)
        self._write(replace(setpoint, tag=self._tag))
        self._setpoints_sent_s.note(self._tag, now_s)
        return self._tag

    def lease(self, boot_id: int, lease: Lease, now_s: float) -> bool:
        """Forwards a lease; False when it is for another boot or nothing may be sent."""
        if boot_id != self.boot_id or self._stopping:
            return False
        self._write(lease)
        if lease.nonce in self._nonces_s:
            self.metrics.status_to_lease_s = now_s - self._nonces_s[lease.nonce]
        return True

    # --- time and bytes --------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        """Repeats what is unanswered; call ten times a second, or as `busy` says."""
        self._repeat_stop(now_s)
        self._repeat_orders(now_s)
        self._ask(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        """Reads bytes from the line, in any pieces."""
        for frame, message in self._incoming.feed(data):
            self._handle(frame, message, now_s)

    def _handle(self, frame: WireFrame, message: Message | None, now_s: float) -> None:
        if self.boot_id is not None and frame.boot_id != self.boot_id:
            self._lose("the chair was reset")
            self.status, self.boot_id = None, None
        if message is None:
            self._handle_foreign(frame, now_s)
        elif isinstance(message, Status):
            self._handle_status(frame, message, now_s)
        elif isinstance(message, Identity):
            self._handle_identity(message, now_s)
        elif isinstance(message, Ack):
            self._handle_ack(message, now_s)

    def _handle_status(self, frame: WireFrame, status: Status, now_s: float) -> None:
        self.status, self.status_s = status, now_s
        self._meet(frame.boot_id, now_s)
        self._nonces_s.note(status.nonce, now_s)
        sent_s = self._setpoints_sent_s.pop_through(status.setpoint_tag)
        if sent_s is not None:
            self.metrics.setpoint_to_applied_s = now_s - sent_s
        self._events.append(events.StatusArrived(status))
        if status.state in DRIVEN and not self.driving and not self._stopping:
            self.stop(HostStop.NOT_OURS, now_s)
        if (tag := self._stopping.pop_confirmed(status)) is not None:
            self._events.append(events.StopConfirmed(tag))
        if Flags.IDENTIFIED not in status.flags and self.identified:
            self._identification.forget(now_s)

    def _meet(self, boot_id: int, now_s: float) -> None:
        if self.boot_id is None:
            self.boot_id = boot_id
            if self._stopping:
                self._stopping.renew_tag(self.status)
            self._identification.ask_at(now_s)
            self.tick(now_s)

    def _handle_identity(self, identity: Identity, now_s: float) -> None:
        if not self.writable:
            return
        round_trip_s = self._identification.pop_round_trip_s(now_s)
        if round_trip_s is not None:
            self.metrics.round_trip_s = round_trip_s
        self._events += self._identification.handle(identity, now_s)
        self._ask(now_s)

    def _handle_ack(self, ack: Ack, now_s: float) -> None:
        order = self._orders.pop_acked(ack)
        if order is None:
            return
        if order.kind is MessageKind.ARM:
            self.metrics.round_trip_s = now_s - order.sent_s
        self._conclude(order, ack.result)

    def _conclude(self, order: Repeated, result: int | None, reason: str = "") -> None:
        self._events.append(order.answered(result, reason))
        if order.kind is MessageKind.ARM and result != ArmBlock.OK:
            self._own_arm_id = None

    def _handle_foreign(self, frame: WireFrame, now_s: float) -> None:
        """A chair of another protocol version: only its STATUS and IDENTITY mean something."""
        if frame.kind == MessageKind.STATUS:
            self._meet(frame.boot_id, now_s)
        elif frame.kind == MessageKind.IDENTITY and frame.payload:
            self._events += self._identification.handle_foreign(frame.payload[0], now_s)

    def _write(self, message: Message) -> bytes:
        wire = encode(WireFrame(message.kind, self._seq, self.boot_id or 0, message.payload()))
        self._seq = (self._seq + 1) % SEQ_RANGE
        self._out += wire
        self.metrics.sent += 1
        return wire

    def _order(self, message: Message, subject: int, now_s: float, expires_s: float) -> None:
        seq = self._seq
        wire = self._write(message)
        self._orders.add(Repeated(message.kind, subject, seq, wire, now_s, expires_s))

    def _ask(self, now_s: float) -> None:
        if self.writable and (question := self._identification.pop_question(now_s)):
            self._write(question)

    def _repeat_stop(self, now_s: float) -> None:
        if self.writable and (stop := self._stopping.pop_due(now_s)):
            self._out += DELIMITER  # ends half a frame that the line may have left before it
            self._write(stop)

    def _repeat_orders(self, now_s: float) -> None:
        for order in self._orders.pop_over(now_s):
            self._conclude(order, None, "the chair did not answer in time")
        for wire in self._orders.due(now_s):
            self._out += wire
            self.metrics.sent += 1

    def _drop(self, reason: str, *kinds: MessageKind) -> None:
        """Gives up the orders of these kinds; without a kind, all of them."""
        for order in self._orders.pop(*kinds):
            self._conclude(order, None, reason)

    def _lose(self, reason: str) -> None:
        self._drop(reason)
        self._begin_session()
        self._events.append(events.SessionLost(reason))

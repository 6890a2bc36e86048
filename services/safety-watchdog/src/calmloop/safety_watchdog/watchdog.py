"""The watchdog's judgement: who may have a lease, what latches a stop, what calls a caregiver.

Pure: it is handed what came and when, and sends nothing. It must never give a lease while a stop is
latched, a required service is not well, or a critical alarm has gone unseen for 30 s.
"""

from calmloop.base.clock import Clock
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraState
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.safety import Alarm, AlarmKind, Lease, Severity, StopState
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.active import CHAIR_SILENT_S, ActiveSpan
from calmloop.safety_watchdog.alarms import Alarms, Call
from calmloop.safety_watchdog.causes import (
    STOPPING,
    Calls,
    Texts,
    chair_calls,
    conflicts,
    distress_call,
    lost_calls,
    question_call,
    records_call,
    reset_blockers,
    severity_now,
    unattended_call,
)
from calmloop.safety_watchdog.heartbeats import REQUIRED, Heartbeats
from calmloop.safety_watchdog.held import Held
from calmloop.safety_watchdog.latch import Latch, StopCause
from calmloop.safety_watchdog.lease import lease_proof
from calmloop.safety_watchdog.pictures import Pictures

SEAT_EMPTY_S = 2.0
"""A child who shifts lifts off the seat for a moment; our choice."""
FACE_SEEN_S = 2.0
"""A child counts as in view for this long after its face was last seen; our choice."""
DISTRESS_FADE_S = 5.0
"""The engine halts with a fade of 3 to 5 s: to cut it would frighten."""
FOREIGN_FIRMWARE_S = 3.0
"""Identifying a chair takes a moment after each connect."""
CONFLICT_S = 2.0
"""A service that is replaced may overlap with its successor for the 1.5 s that a beat counts: no
lease meanwhile, but nobody is called."""
OPTIONAL = {
    AlarmKind.SOUND_LOST: (Account.SOUND_PLAYER, "the chair's sound is lost"),
    AlarmKind.LOG_LOST: (Account.SESSION_LOG, "what happens is not kept"),
}
"""Missed once they were heard, and no lease waits for them."""
OPTIONAL_LOST_S = 5.0
"""They are started again within a few seconds, and open what they need meanwhile."""
RESTARTED = "the safety-watchdog was restarted {while_}: look after the child, then acknowledge"


class Watchdog:
    """Holds what was last heard and judges it.

    Attributes:
        latch: The latched stop.
        alarms: The alarms.
    """

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock = clock
        self._ages = ages
        self.latch = Latch(clock)
        self.alarms = Alarms(clock)
        self._heartbeats = Heartbeats(clock, ages)
        self._chair: Latest[ChairState] = Latest(ages, CHAIR_SILENT_S)
        self._session: SessionState | None = None
        self._face_seen: Latest[FaceState] = Latest(ages, FACE_SEEN_S)
        self._span = ActiveSpan(clock)
        self._seat_empty = Held(clock, SEAT_EMPTY_S)
        self._foreign = Held(clock, FOREIGN_FIRMWARE_S)
        self._lost = {kind: Held(clock, OPTIONAL_LOST_S) for kind in OPTIONAL}
        self._pictures = Pictures(ages)
        self._conflicting = {
            kind: Held(clock, CONFLICT_S)
            for kind in (AlarmKind.TWO_INSTANCES, AlarmKind.CAMERA_NOT_LIVE)
        }
        self._left: StopState | None = None
        self._restarted = ""
        self._distressed = False
        self._distress_ends_ns: int | None = None
        self._answered: tuple[int, int] | None = None

    # --- what came ---------------------------------------------------------------------------

    def receive_heartbeat(self, received: Received[Heartbeat]) -> str | None:
        """A service beat; None when that counts, else the reason why not."""
        return self._heartbeats.receive_heartbeat(received)

    def receive_camera(self, received: Received[CameraState]) -> None:
        """A camera reported."""
        self._pictures.receive_camera(received)

    def receive_stop_state(self, received: Received[StopState]) -> None:
        """The stop's own state came back: the first is what the process before this one left."""
        if self._left is None:
            self._left = received.message
            if received.retained and self._left.chair_active:
                self._note_restart("while the chair was active")

    def receive_session(self, received: Received[SessionState]) -> None:
        """The engine reported."""
        if self._ages.age_s(received) > (topics.SESSION_STATE.max_age_s or 0.0):
            return  # retained by the broker from an engine that is gone
        self._session = received.message
        self._span.receive_session(self._session)
        if self._session.phase is not Phase.IDLE:
            self._note_restart("in a session")

    def receive_face(self, received: Received[FaceState]) -> None:
        """The detector reported: was there a face, and in what kind of picture?"""
        self._pictures.receive_face(received)
        if received.message.count > 0:
            self._face_seen.put(received)

    def receive_chair(self, received: Received[ChairState]) -> Lease | None:
        """The chair reported; returns the answer to its nonce if it may have one."""
        chair = received.message
        self._chair.put(received)
        ended = self._span.receive_chair(chair, self._session)
        if chair.mode is ChairMode.ACTIVE:
            self._note_restart("while the chair was active")
        if ended:
            self.latch.stop(StopCause.ACTIVE_ENDED, ended)
        self.review()
        question = None if chair.nonce is None else (chair.boot_id, chair.nonce)
        if question is None or question == self._answered or self.withheld():
            return None
        self._answered = question
        return Lease(
            boot_id=chair.boot_id, nonce=question[1], proof=lease_proof(chair.boot_id, question[1])
        )

    def stop(self, text: str) -> None:
        """Someone stopped; never refused."""
        self.latch.stop(StopCause.STOP, text)

    def note_disconnected(self, why: str = "") -> None:
        """There is no broker: a stop that is pressed meanwhile does not come."""
        text = "the broker was away, and a stop may have been missed"
        self._latch_once(StopCause.CUT_OFF, f"{text} ({why})" if why else text)

    def reset(self, token: str | None) -> str | None:
        """Someone wants to unlatch; None when it is done, else the reason for refusing."""
        self.review()
        reason = self.latch.reset(token, self.blockers())
        if reason is None:
            self._distress_ends_ns = None
            self.alarms.acknowledge_past()
            self.review()
            self.alarms.acknowledge(AlarmKind.STOP)
        return reason

    def discard(self) -> None:
        """The process was stopped for a while: what it holds may be old. Stops stay."""
        self._heartbeats.discard()
        self._chair.clear()
        self._session = None
        self._face_seen.clear()
        self._pictures.clear()
        lasting = (self._seat_empty, self._foreign)
        for held in (*lasting, *self._lost.values(), *self._conflicting.values()):
            held.clear()

    # --- what follows ------------------------------------------------------------------------

    def review(self) -> None:
        """Judges everything anew; to be called each turn."""
        calls = self._calls()
        self._latch_for(calls)
        for kind, call in calls.items():
            self.alarms.update(kind, call)
        stopped = self.latch.latched and self.latch.cause is not StopCause.START_UP
        self.alarms.update(
            AlarmKind.STOP, Call(Severity.WARNING, self.latch.text) if stopped else None
        )

    def withheld(self) -> tuple[str, ...]:
        """Why no lease is given now, in plain words; empty when one may be."""
        reasons = [f"a stop is latched: {self.latch.text}"] if self.latch.latched else []
        return (*reasons, *self._missing())

    def blockers(self) -> tuple[str, ...]:
        """What a reset waits for."""
        return reset_blockers(self._chair.get(), self._heartbeats, self._conflicts().values())

    def stop_state(self) -> StopState:
        """The latch as it is published."""
        more = {"withheld": self._missing(), "chair_active": self._span.active}
        return self.latch.state(self.blockers()).model_copy(update=more)

    def pop_changed_alarms(self) -> list[Alarm]:
        """Alarms that changed since the last call."""
        return self.alarms.pop_changed()

    def _missing(self) -> tuple[str, ...]:
        overdue = [f"alarm '{kind}' was not acknowledged in time" for kind in self.alarms.overdue()]
        problems = [*map(self._heartbeats.problem, REQUIRED), *self._conflicts().values()]
        return (*filter(None, problems), *overdue)

    def _conflicts(self) -> Texts:
        return conflicts(self._chair.get(), self._heartbeats, self._pictures)

    def _calls(self) -> Calls:
        chair = self._chair.get()
        calls = chair_calls(chair) | distress_call(self._session) | records_call(self._session)
        calls |= question_call(self._session) | unattended_call(self._session)
        calls |= lost_calls(self._heartbeats, self._session, self._span.active)
        calls |= self._conflict_calls(chair) | self._restart_call()
        calls |= {kind: self._lost_call(kind) for kind in OPTIONAL}
        foreign = calls.get(AlarmKind.FIRMWARE_MISMATCH)
        if not self._foreign.update(foreign is not None) and foreign is not None:
            calls[AlarmKind.FIRMWARE_MISMATCH] = None
        if chair is not None:
            calls[AlarmKind.SEAT_EMPTY] = self._seat_call(chair)
        return calls

    def _conflict_calls(self, chair: ChairState | None) -> Calls:
        severity, texts = severity_now(self._session, self._span.active), self._conflicts()
        if chair is None or not chair.identified:
            del texts[AlarmKind.CAMERA_NOT_LIVE]  # what kind of chair it is was not said yet
        return {
            kind: Call(severity, text) if self._conflicting[kind].update(text != "") else None
            for kind, text in texts.items()
        }

    def _note_restart(self, while_: str) -> None:
        # Nothing can start before the first reset: what runs by then began before this process.
        if self.latch.latched and self.latch.cause is StopCause.START_UP:
            self._restarted = self._restarted or RESTARTED.format(while_=while_)

    def _restart_call(self) -> Calls:
        """Nothing but a person's acknowledgement ends it, not even a further restart."""
        kind = AlarmKind.WATCHDOG_RESTARTED
        if self.alarms.is_acknowledged(kind):
            self._restarted = ""
            return {kind: None}
        return {kind: Call(Severity.WARNING, self._restarted)} if self._restarted else {}

    def _lost_call(self, kind: AlarmKind) -> Call | None:
        """A person's acknowledgement lets a chair be without a service that does not come back."""
        account, words = OPTIONAL[kind]
        problem = self._heartbeats.missed(account)
        if not self._lost[kind].update(problem != ""):
            return None
        if self.alarms.is_acknowledged(kind) and not self._heartbeats.alive(account):
            self._heartbeats.forget(account)
            return None
        return Call(Severity.WARNING, f"{words}: {problem}")

    def _seat_call(self, chair: ChairState) -> Call | None:
        empty = chair.mode is ChairMode.ACTIVE and not chair.inputs.seat
        if not self._seat_empty.update(empty) or self._face_seen.get() is not None:
            return None
        return Call(Severity.CRITICAL, "the seat is empty and the child is out of view")

    def _latch_for(self, calls: Calls) -> None:
        for kind in STOPPING:
            call = calls.get(kind)
            if call:
                self._latch_once(StopCause.CRITICAL_EVENT, call.text)
        lost = calls.get(AlarmKind.SERVICE_LOST)
        if lost and self._span.active:
            self._latch_once(StopCause.SERVICE_LOST, f"while the chair was active, {lost.text}")
        for conflict in filter(None, self._conflicts().values()):
            if self._span.active:
                self._latch_once(StopCause.CONFLICT, f"while the chair was active, {conflict}")
        silence = self._span.silence()
        if silence:
            self.latch.stop(StopCause.ACTIVE_ENDED, silence)
        self._latch_for_distress(calls)

    def _latch_for_distress(self, calls: Calls) -> None:
        if AlarmKind.DISTRESS in calls:
            self._follow_distress(calls[AlarmKind.DISTRESS] is not None)
        if self._distress_ends_ns and self._clock.monotonic_ns() >= self._distress_ends_ns:
            self._distress_ends_ns = None
            self._latch_once(StopCause.CRITICAL_EVENT, "the child seemed to be in distress")

    def _follow_distress(self, distressed: bool) -> None:
        if distressed and not self._distressed:
            fade_ns = round(DISTRESS_FADE_S * 1e9)
            self._distress_ends_ns = self._clock.monotonic_ns() + fade_ns
        self._distressed = distressed

    def _latch_once(self, cause: StopCause, text: str) -> None:
        # A cause that lasts is judged each turn, and must not void the reset token each time.
        if not self.latch.latched:
            self.latch.stop(cause, text)

"""Puts the watchdog on the bus: what came goes in, leases, the latch and alarms go out."""

import contextlib

from calmloop.base.errors import NotConnectedError
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.safety import Alarm, AlarmAck, AlarmKind, ResetCommand, StopState
from calmloop.contract.messages.service import Heartbeat
from calmloop.safety_watchdog.settings import Settings
from calmloop.safety_watchdog.watchdog import Watchdog
from calmloop.service.runtime import Context, Health

PERIOD_S = 0.1
"""All is judged so often at least; what comes of itself and gives no lease waits for that."""
STOP_STATE_PERIOD_S = 1.0


class SafetyWatchdogService:
    """The service. Leases and stops go out from the handlers, the rest once a turn."""

    period_s = PERIOD_S

    def __init__(self, context: Context[Settings]) -> None:
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        self._watchdog = Watchdog(context.clock, context.bus.ages)
        self._last_state: StopState | None = None
        self._last_state_ns = 0
        self._withheld: tuple[str, ...] = ()
        self._bus.subscribe(topics.STOP, self._on_stop, no_local=True)
        self._bus.subscribe(topics.STOP_RESET, self._on_reset)
        self._bus.subscribe(topics.ALARM_ACK, self._on_acknowledgement)
        self._bus.subscribe(topics.ALARM, self._on_alarm)
        self._bus.subscribe(topics.HEARTBEAT, self._on_heartbeat, may_wait_s=PERIOD_S)
        self._bus.subscribe(topics.CAMERA_STATE, self._watchdog.receive_camera)
        self._bus.subscribe(topics.STOP_STATE, self._watchdog.receive_stop_state)
        self._bus.subscribe(topics.SESSION_STATE, self._watchdog.receive_session)
        self._bus.subscribe(
            topics.FACE_STATE, self._watchdog.receive_face, latest_only=True, may_wait_s=PERIOD_S
        )
        self._bus.subscribe(topics.CHAIR_STATE, self._on_chair)

    def turn(self) -> Health:
        """Judges anew and publishes what changed."""
        if not self._bus.connected:
            self._watchdog.note_disconnected(self._bus.trouble)
        self._watchdog.review()
        self._watchdog.latch.renew_token()
        for alarm in self._watchdog.pop_changed_alarms():
            self._bus.publish(topics.ALARM, alarm, kind=alarm.kind.value)
            self._log.info("alarm", **alarm.model_dump(include={"kind", "active", "text"}))
        self._publish_stop_state()
        self._log_withheld()
        return Health(waits_for="; ".join(self._withheld)[:200])

    def discard(self) -> None:
        """Forgets every input but stops."""
        self._watchdog.discard()

    def close(self) -> None:
        """Holds no device."""

    def _on_chair(self, received: Received[ChairState]) -> None:
        lease = self._watchdog.receive_chair(received)
        if lease:
            self._bus.publish(topics.LEASE, lease)

    def _on_stop(self, received: Received[Command]) -> None:
        retained = received.retained and received.data
        self._watchdog.stop(
            "a retained stop was on the broker" if retained else "a caregiver pressed stop"
        )
        if retained:
            # While the broker is away the copy stays, and comes again with the next connect.
            with contextlib.suppress(NotConnectedError):
                self._bus.publish_stop(clear_retained=True)

    def _on_reset(self, received: Received[ResetCommand]) -> None:
        reason = self._watchdog.reset(received.message.token)
        if reason:
            self._bus.reject(received, reason)
        else:
            self._log.info("stop unlatched")

    def _on_acknowledgement(self, received: Received[AlarmAck]) -> None:
        kind = received.fields["kind"]
        if kind in list(AlarmKind):
            reason = self._watchdog.alarms.acknowledge(AlarmKind(kind), received.message.by)
        else:
            reason = f"'{kind}' is no alarm: known are {', '.join(AlarmKind)}"
        if reason:
            self._bus.reject(received, reason)

    def _on_heartbeat(self, received: Received[Heartbeat]) -> None:
        reason = self._watchdog.receive_heartbeat(received)
        if reason:
            self._bus.reject(received, reason)

    def _on_alarm(self, received: Received[Alarm]) -> None:
        self._watchdog.alarms.restore(received.message)

    def _publish_stop_state(self) -> None:
        state, now_ns = self._watchdog.stop_state(), self._clock.monotonic_ns()
        due = now_ns - self._last_state_ns >= STOP_STATE_PERIOD_S * 1e9
        if state == self._last_state and not due:
            return
        if self._last_state is None or state.latched != self._last_state.latched:
            self._log.info("stop", latched=state.latched, cause=state.cause)
        self._last_state, self._last_state_ns = state, now_ns
        self._bus.publish(topics.STOP_STATE, state)

    def _log_withheld(self) -> None:
        withheld = self._watchdog.withheld()
        if withheld != self._withheld:
            self._withheld = withheld
            self._log.info("lease withheld" if withheld else "lease given", reasons=list(withheld))

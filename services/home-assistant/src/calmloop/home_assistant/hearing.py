"""What is heard of the chair, as the few words that the house is told."""

from collections import deque
from typing import Any

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.camera import CameraCondition, CameraState
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.house import HouseCondition, HouseEvent, HouseState
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity, StopState
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import SERVICES, Account

CAMERA_TOLD_S = 1e9
"""The camera tells of changes alone: what it told last stands."""
MAX_EVENTS = 50
"""Of a flood the newest."""


class HouseHearing:
    """Gathers; forgets what is old by itself."""

    def __init__(self, ages: Ages, clock: Clock) -> None:
        self._ages, self._clock = ages, clock
        self._session: Latest[SessionState] = Latest(ages, topics.SESSION_STATE.max_age_s or 0.0)
        self._stop: Latest[StopState] = Latest(ages, topics.STOP_STATE.max_age_s or 0.0)
        self._chair: Latest[ChairState] = Latest(ages, topics.CHAIR_STATE.max_age_s or 0.0)
        self._camera: Latest[CameraState] = Latest(ages, CAMERA_TOLD_S)
        self._alarms: dict[AlarmKind, Alarm] = {}
        self._beats: dict[str, tuple[float, bool]] = {}
        self._events: deque[HouseEvent] = deque(maxlen=MAX_EVENTS)

    def receive_session(self, received: Received[SessionState]) -> None:
        """The session."""
        self._session.put(received)

    def receive_stop(self, received: Received[StopState]) -> None:
        """Latched or not."""
        self._stop.put(received)

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair's report."""
        self._chair.put(received)

    def receive_camera(self, received: Received[CameraState]) -> None:
        """What the camera does."""
        self._camera.put(received)

    def receive_alarm(self, received: Received[Alarm]) -> None:
        """An alarm is on, or over; that it began is an event, unless it was on before.

        Whether it is retained tells nothing: each is, when it begins, too.
        """
        alarm = received.message
        before = self._alarms.get(alarm.kind)
        began = alarm.active and not (before and before.active)
        if began and self._ages.age_s(received) <= (house_topics.HOUSE_EVENT.max_age_s or 0.0):
            self._events.append(
                HouseEvent(event_type=alarm.kind, severity=alarm.severity, text=alarm.text)
            )
        self._alarms[alarm.kind] = alarm

    def receive_heartbeat(self, received: Received[Heartbeat]) -> None:
        """A service's loop turns; of what is none of ours nothing is kept."""
        beat = received.message
        if beat.service in SERVICES:
            self._beats[beat.service] = (monotonic_s(self._clock), beat.healthy)

    def receive_status(self, received: Received[ServiceStatus]) -> None:
        """One that says goodbye is not missed."""
        if received.message.presence is Presence.STOPPED:
            self._beats.pop(received.message.service, None)

    def forget(self) -> None:
        """Drops what was heard of the session and the chair: it may be old."""
        for held in (self._session, self._stop, self._chair):
            held.clear()

    def pop_events(self) -> list[HouseEvent]:
        """The alarms that have begun since."""
        events = list(self._events)
        self._events.clear()
        return events

    def state(self) -> HouseState:
        """All of it, now."""
        chair, camera, on = self._chair.get(), self._camera.get(), self._on()
        link = chair is not None and chair.mode is not ChairMode.DISCONNECTED
        return HouseState(
            condition=self._condition(link=link),
            alarms=tuple(alarm.kind for alarm in on),
            alarm=bool(on),
            critical=any(alarm.severity is Severity.CRITICAL for alarm in on),
            alarm_text=on[0].text if on else "",
            link=link,
            camera=camera.condition if camera else CameraCondition.LOST,
            services=self._services(),
            **self._of_session(),
        )

    def _of_session(self) -> dict[str, Any]:
        """Nothing of one that is not heard."""
        session = self._session.get()
        if session is None:
            return {}
        felt = session.evidence
        known = {"emotion": felt.label, "confidence": round(felt.confidence, 2)} if felt else {}
        return {
            "phase": session.phase,
            "intensity_pct": round(session.intensity_pct),
            "minutes_left": round(session.minutes_left),
            **known,
        }

    def _on(self) -> list[Alarm]:
        """The alarms that are on, the worst first."""
        return sorted(
            (alarm for alarm in self._alarms.values() if alarm.active),
            key=lambda alarm: (alarm.severity is not Severity.CRITICAL, alarm.kind),
        )

    def _condition(self, *, link: bool) -> HouseCondition:
        session, stop = self._session.get(), self._stop.get()
        if not link or session is None or stop is None:
            return HouseCondition.OFFLINE
        if stop.latched:
            return HouseCondition.STOPPED
        if session.phase is Phase.PAUSED:
            return HouseCondition.PAUSED
        if session.phase is not Phase.IDLE:
            return HouseCondition.SESSION
        waits = bool(stop.withheld) or session.mode in session.blocked
        return HouseCondition.WAITING if waits else HouseCondition.READY

    def _services(self) -> dict[str, bool]:
        now_s, lasts_s = monotonic_s(self._clock), topics.HEARTBEAT.max_age_s or 0.0
        return {
            name: well and now_s - at_s <= lasts_s
            for name, (at_s, well) in sorted(self._beats.items())
            if name != Account.HOME_ASSISTANT
        }

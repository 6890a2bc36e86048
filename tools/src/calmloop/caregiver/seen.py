"""What a caregiver's client has seen on the bus so far."""

from collections import Counter
from typing import Any

from calmloop.base.freshness import Latest, Received
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.learning import LearningState
from calmloop.contract.messages.safety import Alarm, AlarmKind, StopState
from calmloop.contract.messages.service import RejectedMessage
from calmloop.contract.messages.session import OverrideState, Phase, SessionState
from calmloop.contract.topics import AnyTopic


class BusView:
    """The newest of each state, what was refused, and how many messages of each topic came.

    Attributes:
        counts: Messages received by the topic's path.
        overrides: What caregivers have set; None before the first message.
        learning: What was learned of the child spoken of last; None before the first message.
    """

    def __init__(self, bus: Bus) -> None:
        self.counts: Counter[str] = Counter()
        self.overrides: OverrideState | None = None
        self.learning: LearningState | None = None
        self._stop: Latest[StopState] = Latest(bus.ages, topics.STOP_STATE.max_age_s or 0.0)
        self._session: Latest[SessionState] = Latest(
            bus.ages, topics.SESSION_STATE.max_age_s or 0.0
        )
        self._chair: Latest[ChairState] = Latest(bus.ages, topics.CHAIR_STATE.max_age_s or 0.0)
        self._alarms: dict[AlarmKind, Alarm] = {}
        self._refusals: list[tuple[str, str]] = []
        # First, so that nothing that is sent can be refused unseen.
        bus.subscribe(topics.REJECTED, self._on_rejected)
        # Before the stop's state, so that whoever has seen that has seen every standing alarm.
        bus.subscribe(topics.ALARM, self._on(topics.ALARM, self._on_alarm))
        bus.subscribe(topics.STOP_STATE, self._on(topics.STOP_STATE, self._stop.put))
        bus.subscribe(topics.SESSION_STATE, self._on(topics.SESSION_STATE, self._session.put))
        bus.subscribe(topics.CHAIR_STATE, self._on(topics.CHAIR_STATE, self._chair.put))
        bus.subscribe(topics.OVERRIDE_STATE, self._on(topics.OVERRIDE_STATE, self._on_overrides))
        bus.subscribe(topics.LEARNING_STATE, self._on(topics.LEARNING_STATE, self._on_learning))

    @property
    def stop(self) -> StopState | None:
        """The latch, if the watchdog was heard lately."""
        return self._stop.get()

    @property
    def session(self) -> SessionState | None:
        """The session, if the selector was heard lately."""
        return self._session.get()

    def session_is(self, phase: Phase) -> bool:
        """Whether the session was lately heard to be in that phase."""
        return self.session is not None and self.session.phase is phase

    @property
    def chair(self) -> ChairState | None:
        """The chair, if it was heard lately."""
        return self._chair.get()

    def is_latched(self) -> bool:
        """Whether a stop is known to be latched."""
        return self.stop is not None and self.stop.latched

    def blockers(self) -> tuple[str, ...]:
        """What speaks against a reset."""
        return self.stop.blockers if self.stop else ("the safety-watchdog is silent",)

    def is_arm_ready(self) -> bool:
        """Whether the chair can be armed."""
        return self.chair is not None and self.chair.arm_ready

    def is_still(self) -> bool:
        """Whether the chair reports neither vibration nor sound."""
        applied = self.chair.applied if self.chair else None
        return applied is not None and applied.vibration_pct == 0.0 and applied.sound_pct == 0.0

    def is_decided(self, old_session_id: str) -> bool:
        """Whether another session than the old one has begun, or was refused."""
        return (
            self.session is not None
            and self.session.session_id != old_session_id
            and self.session.phase is not Phase.STARTING
        )

    def is_acknowledged(self, kind: AlarmKind, before: Alarm | None) -> bool:
        """Whether an alarm was acknowledged since it was `before`."""
        alarm = self.alarm(kind)
        return alarm is not None and alarm is not before and alarm.acknowledged

    @property
    def alarms(self) -> list[Alarm]:
        """The alarms that stand."""
        return [alarm for alarm in self._alarms.values() if alarm.active]

    def alarm(self, kind: AlarmKind) -> Alarm | None:
        """The newest news of one alarm, standing or not."""
        return self._alarms.get(kind)

    @property
    def refusal_count(self) -> int:
        """How many refusals were seen: a mark for `refusal`."""
        return len(self._refusals)

    def refusal(self, name: str, since: int) -> str | None:
        """Why a message on the full topic `name` was refused, if one was since the mark."""
        reasons = (reason for topic, reason in self._refusals[since:] if topic == name)
        return next(reasons, None)

    def described(self) -> str:
        """The session and what caregivers have set, in a few words."""
        parts = []
        if self.session is not None:
            parts.append(f"intensity {self.session.intensity_pct:.0f} %, {self.session.phase}")
        if self.overrides is not None:
            parts += _described(self.overrides)
        return "; ".join(parts)

    def _on(self, topic: AnyTopic, handle: Any) -> Any:
        def count_and_handle(received: Received[Any]) -> None:
            self.counts[topic.path] += 1
            handle(received)

        return count_and_handle

    def _on_overrides(self, received: Received[OverrideState]) -> None:
        self.overrides = received.message

    def _on_learning(self, received: Received[LearningState]) -> None:
        self.learning = received.message

    def _on_alarm(self, received: Received[Alarm]) -> None:
        self._alarms[received.message.kind] = received.message

    def _on_rejected(self, received: Received[RejectedMessage]) -> None:
        self._refusals.append((received.message.topic, received.message.reason))


def _described(overrides: OverrideState) -> list[str]:
    parts = ["held"] if overrides.hold else []
    if overrides.ceiling_pct is not None:
        parts.append(f"ceiling {overrides.ceiling_pct:g} %")
    if overrides.channels_off:
        parts.append(f"off: {', '.join(overrides.channels_off)}")
    if overrides.scenario:
        parts.append(f"scenario {overrides.scenario}")
    return parts

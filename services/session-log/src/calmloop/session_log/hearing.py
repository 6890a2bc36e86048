"""What is heard on the bus, as facts for the log: what changed, and why. It knows no bus."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from calmloop.contract.messages.chair import ChairStatus
from calmloop.contract.messages.learning import LearningState
from calmloop.contract.messages.safety import Alarm, StopState
from calmloop.contract.messages.service import Heartbeat, RejectedMessage, ServiceStatus
from calmloop.contract.messages.session import OverrideState, Phase, SessionState
from calmloop.session_log.course import HeardCourse
from calmloop.session_log.installation import HeardInstallation
from calmloop.session_log.records import MAX_TEXT, LogEventKind, LogFact

OVERRIDE_FIELDS = {"hold", "ceiling_pct", "channels_off", "scenario"}


class LogHearing:
    """Compares each message with the one before of its kind, and tells what is new.

    Each `receive_...` returns the facts that a message brings, in their order.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        codes: Callable[[], Collection[str]],
        installation: HeardInstallation,
    ) -> None:
        """Args: the wall clock, the codes of the children that are kept, and who is there."""
        self._now = now
        self._codes = codes
        self.installation = installation
        self.course = HeardCourse()
        self._overrides: OverrideState | None = None
        self._alarms: dict[str, Alarm] = {}
        self._stop: StopState | None = None
        self._learning: LearningState | None = None
        self._trouble = ""

    @property
    def session(self) -> str:
        """The running session; empty without one."""
        return self.course.session

    def receive_session(self, state: SessionState) -> list[LogFact]:
        """The selector's state."""
        facts = []
        for kind, text, data in self.course.follow(state, self.installation, self._ms()):
            facts.append(self._of(self.course.child, self.course.told, kind, text, data))
        if state.phase is Phase.IDLE:
            self.course.leave()
        if state.trouble != self._trouble:
            self._trouble = state.trouble
            facts.append(self._fact(LogEventKind.TROUBLE, state.trouble or "over", {}))
        return facts

    def receive_overrides(self, state: OverrideState) -> list[LogFact]:
        """What a caregiver has set; the first that is heard was set before."""
        before, self._overrides = self._overrides, state
        if before is None or _set(before) == _set(state):
            return []
        changed = {k: v for k, v in _set(state).items() if v != _set(before)[k]}
        text = ", ".join(f"{name}: {_said(value)}" for name, value in changed.items())
        return [self._fact(LogEventKind.OVERRIDE, text, _set(state), by="caregiver")]

    def receive_learning(self, state: LearningState) -> list[LogFact]:
        """A caregiver's corrections; what was learned itself stays with the selector."""
        before, self._learning = self._learning, state
        if before is None or before.profile != state.profile:
            return []
        was, now = _corrections(before), _corrections(state)
        if was == now or state.last_session != before.last_session:
            return []
        changed = {name: value for name, value in now.items() if value != was[name]}
        text = ", ".join(f"{name}: {_said(value)}" for name, value in changed.items())
        session = state.last_session if {"rating", "halted"} & changed.keys() else ""
        return [self._of(state.profile, session, LogEventKind.LEARNING, text, changed)]

    def receive_alarm(self, alarm: Alarm) -> list[LogFact]:
        """Raised, worse, acknowledged or over; one that is over when first heard is no news."""
        before = self._alarms.get(alarm.kind)
        self._alarms[alarm.kind] = alarm
        if before is None and not alarm.active:
            return []
        essence = {"active", "acknowledged", "severity", "since"}
        if before and before.model_dump(include=essence) == alarm.model_dump(include=essence):
            return []
        data = alarm.model_dump(mode="json", include={"kind", "active", "acknowledged", "severity"})
        data["raised"] = alarm.active and not alarm.acknowledged
        by = alarm.acknowledged_by if alarm.acknowledged else ""
        return [self._fact(LogEventKind.ALARM, alarm.text, data, by=by)]

    def receive_stop(self, state: StopState) -> list[LogFact]:
        """Latched or reset; latched when first heard is news, reset is none."""
        before, self._stop = self._stop, state
        if state.latched == (before.latched if before else False):
            return []
        return [self._fact(LogEventKind.STOP, state.cause, {"latched": state.latched})]

    def receive_rejected(self, message: RejectedMessage) -> list[LogFact]:
        """A refusal; never what was refused, which may be anything."""
        topic = message.topic.split("/", 2)[-1]
        return [self._fact(LogEventKind.REFUSED, message.reason, {"topic": topic})]

    def receive_service(self, status: ServiceStatus | Heartbeat) -> list[LogFact]:
        """A service came, went, or changed its health."""
        return [
            self._fact(LogEventKind.SERVICE, text, data)
            for text, data in self.installation.receive(status, self._s())
        ]

    def receive_chair(self, status: ChairStatus) -> list[LogFact]:
        """The chair's mode, its faults, what is pressed on it."""
        news = self.installation.chair_news(status, self._s())
        return [self._fact(LogEventKind.CHAIR, text, data) for text, data in news]

    def late(self) -> list[LogFact]:
        """What had to wait since it came again and again; call it about once a second."""
        now_s = self._s()
        late = {
            LogEventKind.CHAIR: self.installation.late_chair_news(now_s),
            LogEventKind.SERVICE: self.installation.late_service_news(now_s),
        }
        return [self._fact(kind, text, data) for kind, news in late.items() for text, data in news]

    def _fact(
        self, kind: LogEventKind, text: str, data: dict[str, Any], *, by: str = ""
    ) -> LogFact:
        """Of the session's child while one runs; else of the child that is named, or the chair."""
        if self.session:
            return self._of(self.course.child, self.session, kind, text, data, by=by)
        return self._of(self._named(text), "", kind, text, data, by=by)

    def _named(self, text: str) -> str:
        """What names a child is kept under its key, so that it is erased with it."""
        words = set(re.findall(r"[a-z0-9_-]+", text))
        return next((code for code in self._codes() if code in words), "")

    def _of(
        self,
        child: str,
        session: str,
        kind: LogEventKind,
        text: str,
        data: dict[str, Any],
        *,
        by: str = "",
    ) -> LogFact:
        return LogFact(
            kind=kind,
            text=text[:MAX_TEXT],
            data=data,
            by=by[:64],
            at_ms=self._ms(),
            child=child,
            session=session,
        )

    def _s(self) -> float:
        return self._ms() / 1000

    def _ms(self) -> int:
        return round(self._now().timestamp() * 1000)


def _set(state: OverrideState) -> dict[str, Any]:
    return state.model_dump(mode="json", include=OVERRIDE_FIELDS)


def _corrections(state: LearningState) -> dict[str, Any]:
    return {
        "pinned": state.pinned,
        "excluded": sorted(state.excluded),
        "rating": state.last_rating,
        "halted": state.last_halted,
    }


def _said(value: Any) -> str:
    words = {True: "yes", False: "no"}
    if isinstance(value, bool):
        return words[value]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return (
        "none" if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)
    )

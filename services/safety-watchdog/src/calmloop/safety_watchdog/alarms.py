"""Alarms: raised by a cause, acknowledged by a person, cleared when both are over."""

from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.contract.messages.safety import Alarm, AlarmKind, Severity

MAX_UNACKNOWLEDGED_S = 30.0
"""A critical alarm that nobody acknowledges for this long ends the lease; our choice."""


@dataclass(frozen=True)
class Call:
    """What a caregiver is called for."""

    severity: Severity
    text: str


@dataclass
class _Entry:
    alarm: Alarm
    critical_since_ns: int | None
    cause_gone: bool = False


class Alarms:
    """The alarms raised since the start, and those that the process before left active."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[AlarmKind, _Entry] = {}
        self._changed: dict[AlarmKind, Alarm] = {}

    def update(self, kind: AlarmKind, call: Call | None) -> None:
        """Updates an alarm from its cause as it is now; None means that there is none."""
        entry = self._active(kind)
        if call is None:
            if entry:
                entry.cause_gone = True
                self._clear_if_over(entry)
        elif entry is None:
            self._raise(kind, call)
        else:
            self._continue(entry, call)

    def acknowledge(self, kind: AlarmKind, by: str = "") -> str | None:
        """A person has seen it; None when that was taken, else the reason why not."""
        entry = self._active(kind)
        if entry is None:
            return f"no alarm '{kind}' is active: nothing to acknowledge"
        if not entry.alarm.acknowledged:
            seen = {"acknowledged": True, "acknowledged_by": by}
            self._set(entry, entry.alarm.model_copy(update=seen))
            entry.critical_since_ns = None
            self._clear_if_over(entry)
        return None

    def acknowledge_past(self) -> None:
        """Acknowledges what is over: the person who resets a stop has read of it."""
        for kind, entry in self._entries.items():
            if entry.alarm.active and entry.cause_gone:
                self.acknowledge(kind)

    def restore(self, alarm: Alarm) -> None:
        """Goes on with an alarm that the process before this one left active on the broker."""
        if not alarm.active or alarm.kind in self._entries:
            return
        waiting = alarm.severity is Severity.CRITICAL and not alarm.acknowledged
        since_ns = self._clock.monotonic_ns() if waiting else None
        self._entries[alarm.kind] = _Entry(alarm, since_ns)

    def is_active(self, kind: AlarmKind) -> bool:
        """Whether the alarm stands."""
        return self._active(kind) is not None

    def is_acknowledged(self, kind: AlarmKind) -> bool:
        """Whether the alarm stands and a person has seen it."""
        entry = self._active(kind)
        return entry is not None and entry.alarm.acknowledged

    def overdue(self) -> tuple[AlarmKind, ...]:
        """Critical ones that nobody acknowledged for longer than 30 s."""
        limit_ns = self._clock.monotonic_ns() - round(MAX_UNACKNOWLEDGED_S * 1e9)
        return tuple(
            kind
            for kind, entry in self._entries.items()
            if entry.critical_since_ns is not None and entry.critical_since_ns < limit_ns
        )

    def pop_changed(self) -> list[Alarm]:
        """The alarms that changed since the last call, newest state of each."""
        changed = list(self._changed.values())
        self._changed.clear()
        return changed

    def _active(self, kind: AlarmKind) -> _Entry | None:
        entry = self._entries.get(kind)
        return entry if entry and entry.alarm.active else None

    def _raise(self, kind: AlarmKind, call: Call) -> None:
        alarm = Alarm(
            kind=kind,
            active=True,
            severity=call.severity,
            text=call.text[:300],
            since=self._clock.utc_now().isoformat(timespec="milliseconds"),
        )
        entry = self._entries[kind] = _Entry(alarm, self._critical_from(call))
        self._set(entry, alarm)

    def _continue(self, entry: _Entry, call: Call) -> None:
        # What becomes worse has to be seen again.
        worse = call.severity is Severity.CRITICAL and entry.alarm.severity is Severity.WARNING
        entry.cause_gone = False
        if worse:
            seen = {"acknowledged": False, "acknowledged_by": ""}
            update = {"severity": call.severity, "text": call.text[:300], **seen}
            entry.critical_since_ns = self._critical_from(call)
            self._set(entry, entry.alarm.model_copy(update=update))

    def _critical_from(self, call: Call) -> int | None:
        return self._clock.monotonic_ns() if call.severity is Severity.CRITICAL else None

    def _clear_if_over(self, entry: _Entry) -> None:
        if entry.cause_gone and entry.alarm.acknowledged:
            self._set(entry, entry.alarm.model_copy(update={"active": False}))

    def _set(self, entry: _Entry, alarm: Alarm) -> None:
        entry.alarm = alarm
        self._changed[alarm.kind] = alarm

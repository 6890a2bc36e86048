"""What is installed and how it is: services and their versions, the chair, the network."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from calmloop.contract.messages.chair import ChairMode, ChairStatus
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.session_log.flicker import FlickerBound

INPUTS, MODE = "inputs", "mode"
LINKLESS = frozenset({ChairMode.DISCONNECTED, ChairMode.BOOT})
"""What a link that comes and goes makes of a chair at rest."""
AT_WORK = frozenset({ChairMode.ARMED, ChairMode.ACTIVE, ChairMode.RAMPDOWN})
FAULTY = frozenset({ChairMode.FAULT, ChairMode.ESTOP, ChairMode.DISCONNECTED})


ServiceNews = tuple[str, dict[str, Any]]


class HeardInstallation:
    """The newest of each, for the record of a session; tells what changed."""

    def __init__(self) -> None:
        self._status: dict[tuple[str, str], ServiceStatus] = {}
        self._health: dict[tuple[str, str], bool] = {}
        self._chair: ChairStatus | None = None
        self._flicker, self._flapping = FlickerBound(), FlickerBound()
        self._linked: dict[str, Any] = {}
        self._services: defaultdict[tuple[str, str], FlickerBound] = defaultdict(FlickerBound)
        self._service_news: dict[tuple[str, str], ServiceNews] = {}
        self.network = ""

    def described(self) -> dict[str, Any]:
        """What a session ran with."""
        chair = self._chair
        online = [s for s in self._status.values() if s.presence is Presence.ONLINE]
        return {
            "services": {status.service: status.version for status in online},
            "network": self.network,
            "firmware": chair.firmware if chair else "",
            "calibration": chair.calibration.value if chair else "",
            "calibration_hash": chair.calibration_hash if chair else "",
        }

    def receive(
        self, said: ServiceStatus | Heartbeat, now_s: float
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """News of a service; the first that is heard of one is news only where it is not well.

        Of one that comes and goes again and again some waits; then it is counted.
        """
        news = self._status_news(said) if isinstance(said, ServiceStatus) else self._beat_news(said)
        if news is None:
            return
        name = (said.service, said.instance)
        bound = self._services[name]
        bound.count(["presence" if isinstance(said, ServiceStatus) else "health"])
        self._service_news[name] = news
        if bound.passes(now_s):
            yield _counted(*news, bound.take())

    def chair_news(self, status: ChairStatus, now_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """News of the chair: its mode, a fault, why it left a session, what was pressed.

        What is pressed, and a link that goes and comes while the chair rests, may wait where it
        changes again and again; then it is counted.
        """
        before, self._chair = self._chair, status
        if before is None and status.mode not in FAULTY:
            return
        if before and _said(status) == _said(before):
            return
        link = self._link_changed(before, status)
        if self._link_passes(now_s) if link else self._passes(before, status, now_s):
            yield self._of_chair(status)

    def _link_passes(self, now_s: float) -> bool:
        self._flapping.count([MODE])
        return self._flapping.passes(now_s)

    def _passes(self, before: ChairStatus | None, status: ChairStatus, now_s: float) -> bool:
        was, now = _said(before) if before else {}, _said(status)
        pressed = was.get(INPUTS, {})
        self._flicker.count(
            name for name, value in now[INPUTS].items() if pressed.get(name) != value
        )
        return now != {**was, INPUTS: now[INPUTS]} or self._flicker.passes(now_s)

    def late_chair_news(self, now_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """What of the chair had to wait, once it may be told."""
        waiting = [bound for bound in (self._flicker, self._flapping) if bound.holds]
        if self._chair is not None and any([bound.passes(now_s) for bound in waiting]):
            yield self._of_chair(self._chair)

    def late_service_news(self, now_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same of services."""
        for name, bound in self._services.items():
            if bound.holds and bound.passes(now_s):
                yield _counted(*self._service_news[name], bound.take())

    def _link_changed(self, before: ChairStatus | None, status: ChairStatus) -> bool:
        """Whether only the link went, or came back to what was told of the chair before it went."""
        linked = self._linked
        if status.mode not in LINKLESS:
            self._linked = _without_inputs(status)
        if before is None or before.mode in AT_WORK:
            return False
        if status.mode in LINKLESS:
            return not status.fault
        return before.mode in LINKLESS and _without_inputs(status) == linked

    def _of_chair(self, status: ChairStatus) -> tuple[str, dict[str, Any]]:
        parts = (status.fault, status.fault_remedy, status.stop_reason, status.reason)
        text = ": ".join(part for part in parts if part) or status.mode.value
        return _counted(text, _said(status), self._flicker.take() | self._flapping.take())

    def _status_news(self, status: ServiceStatus) -> ServiceNews | None:
        name = (status.service, status.instance)
        before = self._status.get(name)
        self._status[name] = status
        was = (before.presence, before.version) if before else (Presence.ONLINE, status.version)
        if (status.presence, status.version) == was:
            return None
        data = status.model_dump(
            mode="json", include={"service", "instance", "presence", "version"}
        )
        return f"{status.service} is {status.presence}", data

    def _beat_news(self, beat: Heartbeat) -> ServiceNews | None:
        name = (beat.service, beat.instance)
        was = self._health.get(name, True)
        self._health[name] = beat.healthy
        if beat.healthy == was:
            return None
        words = "is well again" if beat.healthy else f"is not well: {beat.waits_for}"
        data = {"service": beat.service, "instance": beat.instance, "healthy": beat.healthy}
        return f"{beat.service} {words}", data


def _counted(
    text: str, data: dict[str, Any], changes: dict[str, int]
) -> tuple[str, dict[str, Any]]:
    """With how often each changed, where anything did more than once."""
    if max(changes.values(), default=0) < 2:
        return text, data
    told = ", ".join(f"{name} {times} times" for name, times in sorted(changes.items()))
    return f"{text}; changed: {told}", data | {"changes": changes}


def _without_inputs(status: ChairStatus) -> dict[str, Any]:
    said = _said(status)
    del said[INPUTS]
    return said


def _said(status: ChairStatus) -> dict[str, Any]:
    pressed = status.inputs.model_dump(
        include={"estop", "ack", "seat", "child_button", "child_less", "enclosure_closed"}
    )
    return {
        "mode": status.mode.value,
        "fault": status.fault,
        "stop_reason": status.stop_reason,
        INPUTS: pressed,
    }

"""What is installed and how it is: services and their versions, the chair, the network."""

from collections.abc import Iterator
from typing import Any

from calmloop.contract.messages.chair import ChairMode, ChairStatus
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.session_log.flicker import FlickerBound

INPUTS = "inputs"
FAULTY = frozenset({ChairMode.FAULT, ChairMode.ESTOP, ChairMode.DISCONNECTED})


class HeardInstallation:
    """The newest of each, for the record of a session; tells what changed."""

    def __init__(self) -> None:
        self._status: dict[tuple[str, str], ServiceStatus] = {}
        self._health: dict[tuple[str, str], bool] = {}
        self._chair: ChairStatus | None = None
        self._flicker = FlickerBound()
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

    def receive(self, said: ServiceStatus | Heartbeat) -> list[tuple[str, dict[str, Any]]]:
        """News of a service; the first that is heard of one is news only where it is not well."""
        return self._status_news(said) if isinstance(said, ServiceStatus) else self._beat_news(said)

    def chair_news(self, status: ChairStatus, now_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """News of the chair: its mode, a fault, why it left a session, what was pressed.

        Only what is pressed may wait, where it changes again and again; then it is counted.
        """
        before, self._chair = self._chair, status
        if before is None and status.mode not in FAULTY:
            return
        was, now = _said(before) if before else {}, _said(status)
        if now == was:
            return
        pressed = was.get(INPUTS, {})
        self._flicker.count(
            name for name, value in now[INPUTS].items() if pressed.get(name) != value
        )
        if now == {**was, INPUTS: now[INPUTS]} and not self._flicker.passes(now_s):
            return
        yield self._of_chair(status)

    def late_news(self, now_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """What of the chair had to wait, once it may be told."""
        if self._chair is not None and self._flicker.holds and self._flicker.passes(now_s):
            yield self._of_chair(self._chair)

    def _of_chair(self, status: ChairStatus) -> tuple[str, dict[str, Any]]:
        parts = (status.fault, status.fault_remedy, status.stop_reason, status.reason)
        text = ": ".join(part for part in parts if part) or status.mode.value
        changes = self._flicker.take()
        if max(changes.values(), default=0) < 2:
            return text, _said(status)
        told = ", ".join(f"{name} {times} times" for name, times in sorted(changes.items()))
        return f"{text}; changed: {told}", _said(status) | {"changes": changes}

    def _status_news(self, status: ServiceStatus) -> list[tuple[str, dict[str, Any]]]:
        name = (status.service, status.instance)
        before = self._status.get(name)
        self._status[name] = status
        was = (before.presence, before.version) if before else (Presence.ONLINE, status.version)
        if (status.presence, status.version) == was:
            return []
        data = status.model_dump(
            mode="json", include={"service", "instance", "presence", "version"}
        )
        return [(f"{status.service} is {status.presence}", data)]

    def _beat_news(self, beat: Heartbeat) -> list[tuple[str, dict[str, Any]]]:
        name = (beat.service, beat.instance)
        was = self._health.get(name, True)
        self._health[name] = beat.healthy
        if beat.healthy == was:
            return []
        words = "is well again" if beat.healthy else f"is not well: {beat.waits_for}"
        data = {"service": beat.service, "instance": beat.instance, "healthy": beat.healthy}
        return [(f"{beat.service} {words}", data)]


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

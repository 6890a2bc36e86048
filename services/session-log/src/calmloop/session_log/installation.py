"""What is installed and how it is: services and their versions, the chair, the network."""

from collections.abc import Iterator
from typing import Any

from calmloop.contract.messages.chair import ChairMode, ChairStatus
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus

FAULTY = frozenset({ChairMode.FAULT, ChairMode.ESTOP, ChairMode.DISCONNECTED})


class HeardInstallation:
    """The newest of each, for the record of a session; tells what changed."""

    def __init__(self) -> None:
        self._status: dict[tuple[str, str], ServiceStatus] = {}
        self._health: dict[tuple[str, str], bool] = {}
        self._chair: ChairStatus | None = None
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

    def chair_news(self, status: ChairStatus) -> Iterator[tuple[str, dict[str, Any]]]:
        """News of the chair: its mode, a fault, why it left a session, what was pressed."""
        before, self._chair = self._chair, status
        if before is None and status.mode not in FAULTY:
            return
        was = _said(before) if before else {}
        if _said(status) != was:
            parts = (status.fault, status.fault_remedy, status.stop_reason, status.reason)
            text = ": ".join(part for part in parts if part)
            yield text or status.mode.value, _said(status)

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
        "inputs": pressed,
    }

"""The watchdog's process on a real broker, and all around it played by the test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calmloop.base.clock import host_boot_id
from tests.broker import Broker
from tests.contract.played import Played
from tests.processes import Client, ServiceProcess, start_service

ROOT = "calmloop/chair-1"


class Others(Played):
    """Plays selector, bridge and chair in a thread, until told to fall silent."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.silent: set[str] = set()
        self.beside: list[tuple[str, str]] = []
        """Service and instance of who beats too."""
        self.chair: dict[str, Any] = {"mode": "safe", "identified": True}
        self.session: dict[str, Any] = {"phase": "idle"}
        self.asked_s: dict[int, float] = {}
        self.nonce = self._steps = 0

    def _step(self) -> None:
        if self._steps % 5 == 0:
            self._beat()
        self.nonce += 1
        self.asked_s[self.nonce] = time.monotonic()
        self._say("chair/state", {"boot_id": 9, "nonce": self.nonce, **self.chair})
        self._steps += 1

    def _beat(self) -> None:
        for service in {"scenario-selector", "actuator-bridge"} - self.silent:
            beat = {"service": service, "instance": "played", "healthy": True}
            self._say(f"service/{service}/played/heartbeat", beat)
        for service, instance in self.beside:
            beat = {"service": service, "instance": instance, "healthy": True}
            self._say(f"service/{service}/{instance}/heartbeat", beat)
        if "scenario-selector" not in self.silent:
            self._say("session/state", self.session)

    def _say(self, name: str, body: dict[str, Any]) -> None:
        envelope = {"host_boot_id": host_boot_id(), "at_ns": time.monotonic_ns()}
        self.client.publish(f"{ROOT}/{name}", body | envelope, qos=0)


class Harness:
    """A broker, the watchdog, the others, and a client that listens."""

    def __init__(self, broker: Broker, watchdog: ServiceProcess, others: Others) -> None:
        self.broker, self.watchdog, self.others = broker, watchdog, others
        self.client = Client(broker)
        for name in ("lease", "stop/state", "rejected", "alarm/+", "stop"):
            self.client.subscribe(f"{ROOT}/{name}")

    @property
    def here(self) -> int:
        """Marks the present in what was received."""
        return len(self.client.received)

    def await_stop_state(self, latched: bool, since: int = 0) -> dict[str, Any]:
        return self.client.wait_for(
            f"{ROOT}/stop/state", lambda s: s["latched"] is latched, since=since
        )

    def ready_state(self) -> dict[str, Any]:
        """The newest state of the stop once nothing blocks a reset, a second after the last."""
        return self.client.wait_for(
            f"{ROOT}/stop/state", lambda s: s["latched"] and not s.get("blockers"), since=self.here
        )

    def reset(self) -> None:
        mark = self.here
        token = self.ready_state()["reset_token"]
        self.client.publish(f"{ROOT}/stop/reset", {"token": token})
        self.await_stop_state(False, since=mark)

    def run_session(self) -> None:
        """Returns once the watchdog has answered a chair that says it is active."""
        self.others.session = {"phase": "running", "session_id": "s1"}
        self.others.chair["mode"] = "active"
        before = self.others.nonce
        self.client.wait_for(f"{ROOT}/lease", lambda lease: lease["nonce"] > before)

    def await_lease(self, since: int) -> dict[str, Any]:
        return self.client.wait_for(f"{ROOT}/lease", since=since)

    def leases_since(self, mark: int) -> int:
        return sum(m.name == f"{ROOT}/lease" for m in self.client.received[mark:])

    def last_lease_after(self, began_s: float, watch_s: float) -> float:
        """Watches for a while; seconds from `began_s` to the last lease."""
        while time.monotonic() < began_s + watch_s:
            self.client.wait(0.2)
        return max(
            (m.at_s - began_s for m in self.client.received if m.name == f"{ROOT}/lease"),
            default=0.0,
        )


@contextmanager
def watchdog_harness(broker: Broker, folder: Path) -> Iterator[Harness]:
    """Everyone is well, and the start-up stop was reset."""
    watchdog = start_service("safety_watchdog", broker, folder)
    with watchdog, Others(broker) as others:
        made = Harness(broker, watchdog, others)
        with made.client:
            made.reset()
            yield made

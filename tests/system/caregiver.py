"""What a caregiver does in these tests, over MQTT with a caregiver's account."""

import time
from typing import Any

from tests.system.bus_client import BusClient

ARM_PATIENCE_S = 30.0
"""Lockout after a stop (3 s), a second of good leases, the selector's and the bridge's steps."""


class Caregiver:
    """Reads tokens from the states as a person does, and uses them at once."""

    def __init__(self, bus: BusClient) -> None:
        self.bus = bus
        bus.subscribe("#")

    def stop(self) -> None:
        """Presses stop; returns when the watchdog has latched it."""
        self.bus.publish("stop")
        self.await_latch()

    def await_latch(self) -> None:
        """Returns once a stop just pressed is latched, so that no older state counts as newer."""
        self.bus.wait_for("stop/state", lambda s: s["latched"])

    def reset(self) -> None:
        """Unlatches the stop once nothing speaks against it."""
        state = self.bus.wait_for("stop/state", lambda s: not s.get("blockers"), ARM_PATIENCE_S)
        if state["latched"]:
            self._acknowledge_alarms()
            self.bus.publish("stop/reset", {"token": state["reset_token"]})
            self.bus.wait_for("stop/state", lambda s: not s["latched"])

    def start(self, minutes: float = 20) -> None:
        """Starts a session once the chair would take it; returns when the child feels it."""
        self.bus.wait_for("chair/state", lambda s: bool(s.get("arm_ready")), ARM_PATIENCE_S)
        self.bus.wait_for("stop/state", lambda s: not s.get("withheld"), ARM_PATIENCE_S)
        self.await_face()
        token = self.bus.wait_for("session/state")["start_token"]
        command = {"action": "start", "minutes": minutes, "token": token}
        sent_s = time.monotonic()
        self.bus.publish("session/set", command)
        try:
            self.bus.wait_for("chair/state", lambda s: s["mode"] == "active", ARM_PATIENCE_S)
        except AssertionError as error:
            refusals = [m.body["reason"] for m in self.bus.messages("rejected", sent_s)]
            raise AssertionError(f"the start was answered with {refusals}") from error
        self.bus.wait_for("chair/state", feels_something, ARM_PATIENCE_S)

    def await_face(self) -> None:
        """Returns once a face is read with confidence: without one no session starts."""
        self.bus.wait_for("emotion/state", lambda s: s["label"] != "unknown", ARM_PATIENCE_S)

    def make_active(self) -> None:
        """Whatever there was before: a running session that can be felt."""
        self.reset()
        self.start()

    def _acknowledge_alarms(self) -> None:
        for kind in {m.body["kind"] for m in self._alarms() if m.body["active"]}:
            self.bus.publish(f"alarm/{kind}/ack", {})

    def _alarms(self) -> list[Any]:
        paths = [t for t in self.bus.topics() if t.startswith("alarm/") and t.count("/") == 1]
        return [self.bus.messages(path)[-1] for path in paths]


def feels_something(chair: dict[str, Any]) -> bool:
    """Whether vibration or sound is on, by what the chair itself reports."""
    applied = chair["applied"]
    return bool(applied["vibration_pct"] > 0 or applied["sound_pct"] > 0)

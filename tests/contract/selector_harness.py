"""The selector process on a real broker, and what surrounds it."""

import time
from typing import Any

from tests.broker import Broker
from tests.contract.played import Played

ROOT = "calmloop/chair-1"
SET, STATE = f"{ROOT}/session/set", f"{ROOT}/session/state"
SETPOINT, ARM, REJECTED = f"{ROOT}/stimulus/setpoint", f"{ROOT}/chair/arm", f"{ROOT}/rejected"
EMOTION, OVERRIDE = f"{ROOT}/emotion/state", f"{ROOT}/override/set"
CHILD = f"{ROOT}/child/set"

NEUTRAL = ("neutral", 0.0)
HAPPY = ("positive", 0.9)
CRYING = ("negative", -0.95)


class SelectorHarness(Played):
    """Plays watchdog, chair and emotion-classifier ten times a second, until told otherwise."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.client.subscribe(f"{ROOT}/#")
        self.face: tuple[str, float] | None = NEUTRAL
        self.track: str | None = None
        self.latched = False
        self.watchdog_silent = False
        self.less_pressed = False
        self._frame = 0
        self._mode = "safe"
        self._arm: dict[str, str] | None = None
        self._handled = 0
        self._asked_s = 0.0

    def _step(self) -> None:
        if not self.watchdog_silent:
            state = {"latched": self.latched, "cause": "played" if self.latched else ""}
            self._send("stop/state", state)
        self._be_the_chair()
        if self.face is not None:
            self._frame += 1
            self._send("emotion/state", reading(self._frame, *self.face))
        if self.track is not None:
            self._send("face/state", seen(self._frame, self.track))

    def _be_the_chair(self) -> None:
        received = self.client.received
        for message in received[self._handled :]:
            if message.name == ARM:
                start_id = message.body["start_id"]
                self._arm = {"start_id": start_id, "outcome": "accepted"}
                self._mode = "armed"
            elif message.name == SETPOINT:
                self._asked_s = message.at_s
                self._mode = "active" if self._mode == "armed" else self._mode
        self._handled = len(received)
        if self._mode == "active" and time.monotonic() - self._asked_s > 0.5:
            self._mode = "safe"
        state = {"mode": self._mode, "arm_ready": self._mode == "safe", "arm": self._arm}
        self._send("chair/state", {**state, "inputs": {"child_less": self.less_pressed}})

    def _send(self, path: str, body: dict[str, Any]) -> None:
        self.client.publish(f"{ROOT}/{path}", body, qos=0)

    # --- what a caregiver does with it --------------------------------------------------------

    def state(self, since: int | None = None, **wanted: Any) -> dict[str, Any]:
        """The next session state, from now or the `since`-th message on, with all of `wanted`."""
        return self.client.wait_for(
            STATE,
            lambda body: all(body.get(key) == value for key, value in wanted.items()),
            since=len(self.client.received) if since is None else since,
        )

    def start(self, **fields: Any) -> str:
        """Starts a session with the newest token; returns its id once the chair is active."""
        token = self.state(phase="idle")["start_token"]
        self.client.publish(SET, {"action": "start", "token": token, **fields})
        return str(self.state(phase="baseline")["session_id"])

    def expect_refusal(
        self, why: str, topic: str, body: dict[str, Any], *, retain: bool = False
    ) -> None:
        """Publishes `body` and waits until it is refused for a reason that holds `why`."""
        since = len(self.client.received)
        self.client.publish(topic, body, retain=retain)
        self.client.wait_for(
            REJECTED, lambda b: b["topic"] == topic and why in b["reason"], since=since
        )

    def setpoints_since(self, at_s: float) -> list[float]:
        """Arrival times of the setpoints after `at_s`."""
        return [m.at_s for m in self.client.received if m.name == SETPOINT and m.at_s > at_s]


def seen(frame: int, track: str) -> dict[str, Any]:
    now_ns = time.monotonic_ns()
    return {"frame_seq": frame, "captured_ns": now_ns, "count": 1, "track_id": track}


def reading(frame: int, label: str, valence: float) -> dict[str, Any]:
    return {
        "frame_seq": frame,
        "captured_ns": time.monotonic_ns(),
        "label": label,
        "valence": valence,
        "confidence": 0.9,
    }

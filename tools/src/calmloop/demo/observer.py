"""Watches the bus as a caregiver may: everything but pictures."""

import time
from collections.abc import Callable
from typing import Any

from calmloop.base.clock import SystemClock
from calmloop.base.freshness import Latest, Received
from calmloop.base.settings import MqttSettings
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.topics import HEARTBEAT, SERVICES, Account, AnyTopic
from calmloop.demo.tally import Tally

WATCHED: tuple[AnyTopic, ...] = (
    topics.CAMERA_STATE,
    topics.FACE_STATE,
    topics.MOVEMENT_STATE,
    topics.EMOTION_STATE,
    topics.HEART_STATE,
    topics.VOICE_STATE,
    topics.SOUND_STATE,
    topics.STIMULUS_SETPOINT,
    topics.SESSION_STATE,
    topics.STOP_STATE,
    topics.CHAIR_STATE,
    topics.ALARM,
    topics.REJECTED,
)


class DemoObserver:
    """Feeds a tally, and knows which services are ready.

    Its handlers run in the thread that calls `turn`.
    """

    def __init__(
        self, tally: Tally, port: int, chair_id: str, accounts: frozenset[Account] = SERVICES
    ) -> None:
        self._tally = tally
        self._began_s = time.monotonic()
        self.bus = Bus(
            PahoTransport(MqttSettings(port=port), client_id(chair_id, Account.CAREGIVER, "demo")),
            chair_id=chair_id,
            service=Account.CAREGIVER,
            instance="demo",
            clock=SystemClock(),
        )
        self._beats: dict[Account, Latest[Heartbeat]] = {
            account: Latest(self.bus.ages, HEARTBEAT.max_age_s or 0.0) for account in accounts
        }
        self._subscribe()

    def _subscribe(self) -> None:
        self.bus.subscribe(topics.HEARTBEAT, self._on_heartbeat)
        for topic in WATCHED:
            self.bus.subscribe(topic, lambda r: self._tally.receive(r.message, self.elapsed_s()))

    def _on_heartbeat(self, received: Received[Heartbeat]) -> None:
        for account, latest in self._beats.items():
            if account == received.message.service:
                latest.put(received)

    def begin(self) -> None:
        """The run begins now."""
        self._began_s = time.monotonic()

    def elapsed_s(self) -> float:
        """Time since it began."""
        return time.monotonic() - self._began_s

    def waiting_for(self) -> list[str]:
        """What is not ready yet, in plain words."""
        missing = []
        for account, latest in sorted(self._beats.items()):
            beat = latest.get()
            if beat is None:
                missing.append(f"{account} is not there")
            elif not beat.healthy:
                missing.append(f"{account} waits for {beat.waits_for}")
        return missing

    def turn(self, timeout_s: float = 0.1) -> None:
        """Handles what has come, or waits for it up to `timeout_s`."""
        self.bus.wait(timeout_s)
        self.bus.dispatch()

    def wait_until(self, condition: Callable[[], Any], timeout_s: float) -> bool:
        """Turns until the condition holds; False when it does not within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.turn()
        return True

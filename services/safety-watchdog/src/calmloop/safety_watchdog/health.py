"""Which services are alive and well, judged by their heartbeats and by nothing else.

A last will or a status is for people's eyes: a hung process keeps both.
"""

from calmloop.clock import Clock
from calmloop.freshness import Ages, Received
from calmloop.messages.service import Heartbeat
from calmloop.topics import Account

REQUIRED = (Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE)
"""Without these no lease is given."""
PERCEPTION = (Account.CAMERA, Account.FACE_DETECTOR, Account.EMOTION_CLASSIFIER)
"""Without these the stimulus only falls: the engine sees to that, the watchdog warns."""

STALE_S = 1.5
"""Three missed beats at 2 Hz. With 0.5 s of lease and 0.3 s of fall: at rest within 2.3 s."""
STARTUP_GRACE_S = 15.0
"""A service that was never heard is called lost only after this: services start in any order."""
FORGET_S = 60.0
"""An instance silent for this long is gone for good, such as a container that was replaced."""
INSTANCES_MAX = 32
"""Instances remembered for each service."""


class Health:
    """Remembers the newest heartbeat of each instance of each service."""

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock = clock
        self._ages = ages
        self._beats: dict[str, dict[str, Received[Heartbeat]]] = {}
        self._known: set[str] = set()
        self._judging_since_ns = clock.monotonic_ns()

    def heard(self, received: Received[Heartbeat]) -> None:
        """Takes a heartbeat; the topic says whose it is, since the broker guards topics."""
        service = received.fields["service"]
        instances = self._beats.setdefault(service, {})
        instances[received.fields["instance"]] = received
        self._known.add(service)
        if len(instances) > INSTANCES_MAX:
            del instances[max(instances, key=lambda name: self._ages.age_s(instances[name]))]

    def discard(self) -> None:
        """Forgets all heartbeats; what was known gets the time of three beats to show up again."""
        self._beats.clear()
        self._judging_since_ns = self._clock.monotonic_ns()

    def problem(self, service: Account) -> str:
        """Why the service does not count as well, in plain words; empty when it does.

        One fresh and healthy instance is enough.
        """
        beats = self._fresh_first(service)
        if not beats:
            return f"{service} has not been heard"
        fresh = [beat.message for beat in beats if self._ages.age_s(beat) <= STALE_S]
        if not fresh:
            return f"{service} has been silent for more than {STALE_S:g} s"
        if any(beat.healthy for beat in fresh):
            return ""
        return f"{service} waits for {fresh[0].waits_for or 'something it does not name'}"

    def lost(self, service: Account) -> str:
        """The problem, once the service has had the time to show that it is there; else empty."""
        problem = self.problem(service)
        if not problem or self._beats.get(service):
            return problem
        grace_s = STALE_S if service in self._known else STARTUP_GRACE_S
        waited_s = (self._clock.monotonic_ns() - self._judging_since_ns) / 1e9
        return problem if waited_s > grace_s else ""

    def _fresh_first(self, service: Account) -> list[Received[Heartbeat]]:
        beats = sorted(self._beats.get(service, {}).items(), key=lambda b: self._ages.age_s(b[1]))
        for name, beat in beats[1:]:
            if self._ages.age_s(beat) > FORGET_S:
                del self._beats[service][name]
        return [beat for _, beat in beats]

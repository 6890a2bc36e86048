"""Which services are alive and well, judged by their heartbeats and by nothing else.

A last will or a status is for people's eyes: a hung process keeps both.
"""

import re

from calmloop.base.clock import Clock
from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.topic import ALONE, INSTANCE_PATTERN
from calmloop.contract.topics import SERVICES, Account
from calmloop.safety_watchdog.instances import STALE_S, Instances

REQUIRED = (Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE)
"""Without these no lease is given."""
PERCEPTION = (Account.CAMERA, Account.FACE_DETECTOR, Account.EMOTION_CLASSIFIER)
"""Without these the stimulus only falls: the engine sees to that, the watchdog warns."""

STARTUP_GRACE_S = 15.0
"""A service that was never heard is called lost only after this: services start in any order."""
ALONE_IN_ORDER = sorted(ALONE)
MAX_NAMES_SHOWN = 3
"""More instances than these are counted, not named."""


class Heartbeats:
    """Remembers which instances of each service beat."""

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock = clock
        self._ages = ages
        self._beats: dict[str, Instances] = {}
        self._known: set[str] = set()
        self._judging_since_ns = clock.monotonic_ns()

    def receive_heartbeat(self, received: Received[Heartbeat]) -> str | None:
        """A heartbeat has come; the topic says whose it is, since the broker guards topics.

        Returns:
            None when it counts, else the reason why not.
        """
        service, instance = received.fields["service"], received.fields["instance"]
        if service not in SERVICES:
            return f"'{service}' is no service: known are {', '.join(sorted(SERVICES))}"
        if not re.fullmatch(INSTANCE_PATTERN, instance):
            return f"the instance's name does not match {INSTANCE_PATTERN}"
        self._beats.setdefault(service, Instances(self._ages)).receive_heartbeat(received)
        self._known.add(service)
        return None

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

    def alive(self, service: Account) -> list[str]:
        """Names of the instances that beat now."""
        instances = self._beats.get(service)
        return instances.alive() if instances else []

    def too_many(self) -> str:
        """Which services that must be alone are not, in plain words; empty when all are."""
        return "; ".join(filter(None, map(self._too_many, ALONE_IN_ORDER)))

    def _too_many(self, service: Account) -> str:
        instances = self._beats.get(service)
        if instances is None or len(instances) < 2:
            return ""
        names = [f"'{name}'" for name in instances.side_by_side()]
        if not names:
            return ""
        more = len(names) - MAX_NAMES_SHOWN
        shown = names[:MAX_NAMES_SHOWN] + ([f"{more} more"] if more > 0 else [])
        return f"{service} runs {len(names)} times, as {' and '.join(shown)}: stop all but one"

    def lost(self, service: Account) -> str:
        """The problem, once the service has had the time to show that it is there; else empty."""
        problem = self.problem(service)
        if not problem or self._beats.get(service):
            return problem
        grace_s = STALE_S if service in self._known else STARTUP_GRACE_S
        waited_s = (self._clock.monotonic_ns() - self._judging_since_ns) / 1e9
        return problem if waited_s > grace_s else ""

    def missed(self, service: Account) -> str:
        """The problem of a service that a chair may do without, once it was heard; else empty."""
        return self.problem(service) if service in self._known else ""

    def forget(self, service: Account) -> None:
        """It is not missed any more, until it is heard again."""
        self._known.discard(service)
        self._beats.pop(service, None)

    def _fresh_first(self, service: Account) -> list[Received[Heartbeat]]:
        instances = self._beats.get(service)
        return instances.fresh_first() if instances else []

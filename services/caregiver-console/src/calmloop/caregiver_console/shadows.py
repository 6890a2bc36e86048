"""How far a second network says of late what the classifier says, for the page Health.

Nothing obeys a shadow; one that drifts away says that light, camera or children are no longer
what one of the two networks knows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Received
from calmloop.base.shadow_pairs import Pair, ShadowPairs
from calmloop.contract import topics
from calmloop.contract.accounts import Account
from calmloop.contract.messages.emotion import Label

SHADOWS = "shadows"
"""Where the pages find them."""
NEWEST = 4500
"""Crops, five minutes at 15 a second."""
ENOUGH = 450
"""Faces, half a minute: with fewer nobody is told that a shadow drifts."""
GONE_S = 5.0


class ShadowWatch:
    """Follows the classifier and its shadows."""

    def __init__(self, clock: Clock, least: float) -> None:
        """Begins with none.

        Args:
            clock: Of this process.
            least: Share of faces, 0 to 1, of which a shadow that does not drift says the same.
        """
        self._clock, self._least = clock, least
        self._pairs = ShadowPairs(NEWEST)
        self._heard_s: dict[str, float] = {}
        self._sources: dict[str, str] = {}
        self._told: list[dict[str, Any]] = []

    @property
    def receivers(self) -> dict[str, Callable[[Received[Any]], None]]:
        """By the topic's path."""
        return {topics.EMOTION_STATE.path: self._pairs.receive_obeyed}

    def receive_shadow(self, received: Received[Any]) -> None:
        """A shadow's answer has come."""
        self._pairs.receive_shadow(received)
        if (name := received.fields["name"]) in self._pairs.models:
            self._heard_s[name] = monotonic_s(self._clock)
            self._sources[name] = received.message.source

    @property
    def sources(self) -> list[str]:
        """Instances of the classifier that are shadows now: they do not beat, and are well.

        A name that is another service's would hide that this one has fallen silent.
        """
        own = f"{Account.EMOTION_CLASSIFIER}/"
        return [of for of in (self._sources[name] for name in self._now()) if of.startswith(own)]

    def news(self) -> list[dict[str, Any]] | None:
        """Each shadow that is heard, as plain values; None where they are what they were."""
        now = self._now()
        rows = [self._row(name, pairs) for name, pairs in self._pairs.by_shadow() if name in now]
        if rows == self._told:
            return None
        self._told = rows
        return rows

    def _now(self) -> list[str]:
        since_s = monotonic_s(self._clock) - GONE_S
        return sorted(name for name, heard_s in self._heard_s.items() if heard_s >= since_s)

    def _row(self, name: str, pairs: Sequence[Pair]) -> dict[str, Any]:
        """`same` is a share of the faces of which either says something; None without one."""
        faces = [pair for pair in pairs if pair != (Label.UNKNOWN, Label.UNKNOWN)]
        same = sum(one is other for one, other in faces) / len(faces) if faces else None
        return {
            "name": name,
            "model": self._pairs.models[name],
            "faces": len(faces),
            "same": same,
            "drifts": same is not None and len(faces) >= ENOUGH and same < self._least,
        }

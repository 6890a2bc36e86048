"""How a chair is, in words, from what the centre knows of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from calmloop.contract.fleet_rollout import FleetRollout
from calmloop.contract.messages.chair import CalibrationOrigin, ChairMode
from calmloop.contract.messages.service import Presence
from calmloop.fleet_ingest.shown import ALARM, CHAIR, INSTALLED, SERVICE
from calmloop.fleet_ingest.storing import Trouble
from calmloop.fleet_page.health import ChairHealth, ChairIll

CALIBRATED_EVERY = timedelta(days=365)
"""Our choice: transducers and what they are screwed to change."""
QUIET = timedelta(days=7)
"""A chair that says nothing for so long is off, or its link is."""
ENDS_SOON = timedelta(days=60)
"""A certificate is renewed with 120 days left: with fewer than these something is wrong."""
TOLD_FOR = timedelta(days=30)
"""So long is told what was not stored."""
NOT_STORED = {
    Trouble.REFUSED: "items set aside",
    Trouble.UNREADABLE: "messages that are no batch",
    Trouble.DEFERRED: "batches beyond its share, to be sent again",
}
MODES_WELL = frozenset(ChairMode) - {ChairMode.FAULT, ChairMode.ESTOP, ChairMode.DISCONNECTED}


class Known(NamedTuple):
    """The newest that a chair said of something."""

    data: dict[str, Any]
    at: datetime
    since: datetime


class NotStored(NamedTuple):
    """How often something was not stored, why not the last time, and when that was."""

    times: int
    reason: str
    at: datetime


@dataclass
class FleetChair:
    """What the centre knows of a chair.

    Attributes:
        name: In the fleet.
        heard: When the centre last stored something of it.
        expires: When its certificate ends; None: it was not enrolled here.
        revoked: When it was taken out.
        latest: By what it is of, and by name.
        troubles: By kind: what of it was not stored.
    """

    name: str
    heard: datetime | None = None
    expires: datetime | None = None
    revoked: datetime | None = None
    latest: dict[str, dict[str, Known]] = field(default_factory=lambda: defaultdict(dict))
    troubles: dict[str, NotStored] = field(default_factory=dict)

    @property
    def versions(self) -> list[tuple[str, list[str]]]:
        """Each version, and the services that have it; the most usual first."""
        found: dict[str, list[str]] = defaultdict(list)
        services = self._installed("services")
        for service, version in sorted(services.items() if isinstance(services, dict) else ()):
            found[str(version)].append(str(service))
        return sorted(found.items(), key=lambda item: -len(item[1]))

    @property
    def version(self) -> str:
        """Of most of its services; empty: it has not said."""
        return self.versions[0][0] if self.versions else ""

    @property
    def firmware(self) -> str:
        """Of the chair's microcontroller."""
        return str(self._installed("firmware") or "")

    @property
    def calibrated(self) -> str:
        """Where its calibration comes from; empty: it has not said."""
        known = self.latest[INSTALLED].get("calibration")
        return str(known.data.get("calibration", "")) if known else ""

    @property
    def alarms(self) -> list[tuple[str, Known]]:
        """Those that are on."""
        known = sorted(self.latest[ALARM].items())
        return [(name, one) for name, one in known if one.data.get("active")]

    def is_to_take(self, rollout: FleetRollout) -> bool:
        """Whether a release comes to it that most of its services did not have the last time."""
        goes = not (rollout.halted or self.revoked)
        return goes and self.version != rollout.release and rollout.reaches(self.name)

    def wants(self, now: datetime) -> list[str]:
        """What somebody has to look at."""
        return [] if self.revoked else list(self._wants(now))

    def health(self) -> ChairHealth:
        """What a rollout is judged by: neither what a person did nor what merely ended in order."""
        of = [ChairIll(what=f"alarm {name}", since=known.since) for name, known in self.alarms]
        for service, known in sorted(self.latest[SERVICE].items()):
            gone = known.data.get("presence") == Presence.OFFLINE
            if gone or known.data.get("healthy") is False:
                words = Presence.OFFLINE if gone else "not well"
                of.append(ChairIll(what=f"{service} {words}", since=known.since))
        chair = self.latest[CHAIR].get("")
        if chair and chair.data.get("mode") == ChairMode.FAULT:
            of.append(ChairIll(what=f"chair {ChairMode.FAULT}", since=chair.since))
        ran = self.latest[INSTALLED].get("")
        return ChairHealth(
            name=self.name,
            revoked=self.revoked is not None,
            version=self.version,
            session=ran.at if ran else None,
            ills=tuple(of),
        )

    def _wants(self, now: datetime) -> Iterator[str]:
        yield from (f"alarm {name}" for name, _ in self.alarms)
        yield from self._ill()
        yield from self._calibration(now)
        if self.heard is None:
            yield "never heard"
        elif now - self.heard > QUIET:
            yield f"quiet for {(now - self.heard).days} days"
        if self.expires and self.expires - now < ENDS_SOON:
            yield f"certificate ends {self.expires:%Y-%m-%d}"
        for kind, words in NOT_STORED.items():
            one = self.troubles.get(kind)
            if one and now - one.at < TOLD_FOR:
                yield f"{one.times} {words}" + (f": {one.reason}" if one.reason else "")

    def _ill(self) -> Iterator[str]:
        for service, known in sorted(self.latest[SERVICE].items()):
            if known.data.get("presence", Presence.ONLINE) != Presence.ONLINE:
                yield f"{service} {known.data['presence']}"
            elif known.data.get("healthy") is False:
                yield f"{service} not well"
        chair = self.latest[CHAIR].get("")
        mode = str(chair.data.get("mode", ChairMode.SAFE)) if chair else ChairMode.SAFE
        if mode not in MODES_WELL:
            yield f"chair {mode}"

    def _calibration(self, now: datetime) -> Iterator[str]:
        known = self.latest[INSTALLED].get("calibration")
        if known is None or not self.calibrated:
            return
        if self.calibrated != CalibrationOrigin.MEASURED:
            yield f"calibration due: {self.calibrated}"
        elif now - known.since > CALIBRATED_EVERY:
            yield f"calibration due: the same since {known.since:%Y-%m-%d}"

    def _installed(self, name: str) -> Any:
        known = self.latest[INSTALLED].get("")
        return known.data.get(name) if known else None

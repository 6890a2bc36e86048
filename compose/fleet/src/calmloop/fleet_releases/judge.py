"""Whether a rollout goes on, waits or is halted, by what the chairs of its ring say.

It knows nothing of a chair but what the centre stored: silence is no evidence, for or against.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from calmloop.fleet_page.health import ChairHealth
from calmloop.fleet_releases.rollout import RINGS_PCT, Rollout

SOAK = timedelta(days=1)
"""Each ring takes so long at least. Our choice: each chair has had a day of work by then."""
LASTING = timedelta(minutes=10)
"""What is over sooner is a start, or a plug."""
MAX_ILL_PCT = 2
"""So many of a ring may be ill: none below 50 chairs."""
MIN_PROVEN_PCT = 50
"""So many of a ring have to have begun a session with the release."""


def judge(rollout: Rollout, chairs: Sequence[ChairHealth], now: datetime) -> tuple[Rollout, str]:
    """Decides on a rollout.

    Args:
        rollout: As it is.
        chairs: All of the fleet.
        now: The time, UTC.

    Returns:
        The rollout as it has to be now, the same where it waits; and why, in words.
    """
    if rollout.halted:
        return rollout, f"halted: {rollout.halted}"
    fleet = in_fleet(chairs)
    ring = [chair for chair in fleet if rollout.reaches(chair.name)]
    why = _why_halt(rollout, ring, now)
    if why:
        return rollout.halt(why), f"halted: {why}"
    proven = sum(_proven(rollout, chair) for chair in ring)
    said = f"{proven} of {len(ring)} chairs had a session with it"
    if proven * 100 < max(1, MIN_PROVEN_PCT * len(ring)):
        return rollout, f"waits: {said}, {MIN_PROVEN_PCT} % have to"
    if rollout.ring_pct == RINGS_PCT[-1]:
        return rollout, f"in all chairs: {said}"
    if now < rollout.since + SOAK:
        return rollout, f"waits until {rollout.since + SOAK:%Y-%m-%d %H:%M} UTC: {said}"
    further = rollout.advanced((chair.name for chair in fleet), now)
    return further, f"goes on to {further.ring_pct} %: {said}"


def in_fleet(chairs: Sequence[ChairHealth]) -> list[ChairHealth]:
    """Without those that were taken out."""
    return [chair for chair in chairs if not chair.revoked]


def _why_halt(rollout: Rollout, ring: Sequence[ChairHealth], now: datetime) -> str:
    """Which chairs of a ring are ill, where these are too many; nothing: they are not."""
    ill = {chair.name: what for chair in ring if (what := _ill(chair, rollout, now))}
    if len(ill) * 100 <= MAX_ILL_PCT * len(ring):
        return ""
    told = "; ".join(f"{name}: {what}" for name, what in sorted(ill.items())[:5])
    return f"{len(ill)} of {len(ring)} chairs in the ring of {rollout.ring_pct} % are ill, {told}"


def _proven(rollout: Rollout, chair: ChairHealth) -> bool:
    """Whether it began a session with the release, since it is rolled out."""
    began = chair.session is not None and chair.session > rollout.began
    return began and chair.version == rollout.release


def _ill(chair: ChairHealth, rollout: Rollout, now: datetime) -> str:
    """What has been wrong for a while, and was not before it began."""
    return ", ".join(
        ill.what for ill in chair.ills if rollout.began < ill.since and ill.since <= now - LASTING
    )

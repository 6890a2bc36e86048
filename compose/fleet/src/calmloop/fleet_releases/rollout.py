"""How a release goes through a fleet: it begins, goes on, and is halted."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from calmloop.base.errors import InputError
from calmloop.contract.fleet_rollout import MAX_PLACE, FleetRollout, place_of

RINGS_PCT = (1, 5, 25, 100)


class Rollout(FleetRollout):
    """What `rollout.json` says, to be carried on."""

    @classmethod
    def begin(cls, release: str, before: str, chairs: Iterable[str], now: datetime) -> Self:
        """With the first ring."""
        first = RINGS_PCT[0]
        reach = reach_of(chairs, release, first)
        return cls(
            release=release, before=before, began=now, ring_pct=first, since=now, reach=reach
        )

    def advanced(self, chairs: Iterable[str], now: datetime) -> Self:
        """In the ring after this one, or in the last."""
        ring = next((pct for pct in RINGS_PCT if pct > self.ring_pct), RINGS_PCT[-1])
        reach = max(self.reach, reach_of(chairs, self.release, ring))
        return self.model_copy(update={"ring_pct": ring, "since": now, "reach": reach})

    def halt(self, why: str) -> Self:
        """Nobody takes it any more, and who has it goes back."""
        bad = tuple(dict.fromkeys((*self.bad, self.release)))
        return self.model_copy(update={"halted": why, "bad": bad})


def reach_of(chairs: Iterable[str], release: str, pct: int) -> int:
    """The last place of a ring, which has one chair at least.

    Args:
        chairs: All of the fleet.
        release: Their next version.
        pct: How many of them, in percent; 100: those that come later, too.

    Raises:
        InputError: there is no chair.
    """
    if pct == RINGS_PCT[-1]:
        return MAX_PLACE
    places = sorted(place_of(chair, release) for chair in chairs)
    if not places:
        raise InputError("the fleet has no chair: enrol one first")
    return places[math.ceil(len(places) * pct / 100) - 1]

"""How far shadow classifiers agree with the classifier on the same crops, while both run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calmloop.agreement.kappa import Estimate, cohen
from calmloop.base.clock import Clock
from calmloop.base.shadow_pairs import Pair, ShadowPairs
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.messages.emotion import Label

LABELS = tuple(Label)


@dataclass(frozen=True)
class LiveRow:
    """One shadow beside the classifier."""

    name: str
    model: str
    crops: int
    same: float
    """Share of the crops of which both say the same; unknown is an answer, too."""
    kappa: Estimate
    """Cohen's, of the four labels; NaN where both say one thing all the time."""
    unknown: tuple[int, int]
    """How often the classifier and the shadow say unknown."""


class LiveAgreement:
    """How far each shadow agrees, over all that was heard of it."""

    def __init__(self) -> None:
        self._pairs = ShadowPairs()

    def subscribe(self, bus: Bus) -> None:
        """Hears both from now on."""
        bus.subscribe(topics.EMOTION_STATE, self._pairs.receive_obeyed)
        bus.subscribe(topics.EMOTION_SHADOW, self._pairs.receive_shadow)

    def rows(self) -> list[LiveRow]:
        """Each shadow that was heard, by name."""
        return [_row(name, self._pairs.models[name], p) for name, p in self._pairs.by_shadow()]


def _row(name: str, model: str, pairs: Sequence[Pair]) -> LiveRow:
    if not pairs:
        return LiveRow(name, model, 0, math.nan, Estimate(math.nan, math.nan, math.nan), (0, 0))
    one, other = np.array([[LABELS.index(label) for label in pair] for pair in pairs]).T
    unknown = LABELS.index(Label.UNKNOWN)
    return LiveRow(
        name,
        model,
        len(pairs),
        float((one == other).mean()),
        cohen(one, other),
        (int((one == unknown).sum()), int((other == unknown).sum())),
    )


def listen(bus: Bus, clock: Clock, seconds: float) -> None:
    """Has what the bus hears handled, for so long."""
    until_ns = clock.monotonic_ns() + round(seconds * 1e9)
    while (left_ns := until_ns - clock.monotonic_ns()) > 0:
        bus.wait(min(1.0, left_ns / 1e9))
        bus.dispatch()

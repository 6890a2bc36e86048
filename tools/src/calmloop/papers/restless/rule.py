"""What a plain rule makes of the movement signals: thresholds on two means."""

from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np

from calmloop.papers.restless.courses import STATES, Restlessness
from calmloop.papers.restless.features import Examples
from calmloop.training.data.faces import FloatArray, IntArray

TRIED = 24
"""Values of the energy from which each threshold is taken."""
LAST_STEPS = 5
"""A second."""


@dataclass(frozen=True)
class MovementRule:
    """Who is not seen in the last second leaves; else the mean energy tells, by three thresholds.

    Attributes:
        leaves_from: Share of the last second's readings without a head's speed.
        thresholds: Of the window's mean log energy: fidgeting, rocking and thrashing from.
    """

    leaves_from: float
    thresholds: tuple[float, float, float]

    @classmethod
    def fitted(cls, examples: Examples) -> Self:
        """The rule that is right most often of these, of all that are tried."""
        energy, unseen = _told(examples)
        candidates = np.unique(np.quantile(energy, np.linspace(0, 1, TRIED + 2)[1:-1]))
        rules = [
            cls(leaves / LAST_STEPS, (float(low), float(middle), float(high)))
            for leaves in range(1, LAST_STEPS + 1)
            for low, middle, high in combinations(candidates, 3)
        ]
        right = [(rule._of(energy, unseen) == examples.state).mean() for rule in rules]
        return rules[int(np.argmax(right))]

    def say(self, examples: Examples) -> IntArray:
        """A place in STATES for each, (N,)."""
        return self._of(*_told(examples))

    def _of(self, energy: FloatArray, unseen: FloatArray) -> IntArray:
        said = np.searchsorted(self.thresholds, energy, side="right")
        leaving = STATES.index(Restlessness.LEAVING)
        return np.asarray(np.where(unseen >= self.leaves_from - 1e-6, leaving, said), np.int64)


def _told(examples: Examples) -> tuple[FloatArray, FloatArray]:
    """Mean log energy where it is known, and the share of the last second without a head."""
    _, head_known, energy, known = np.moveaxis(examples.movement, 2, 0)
    mean = (energy * known).sum(axis=1) / np.maximum(1, known.sum(axis=1))
    return mean, 1 - head_known[:, -LAST_STEPS:].mean(axis=1)

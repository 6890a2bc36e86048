"""How fast an engine learns which scenario suits a child: regret over sessions.

A child's hidden preferences give each scenario an expected reward; each session yields that with
noise. Regret is the sum over sessions of the best scenario's expected reward less the chosen one's.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, pstdev
from typing import Protocol

import numpy as np
import numpy.typing as npt

from calmloop.simulate import intervals
from calmloop.simulate.figures import Figure

SESSIONS = 30
MEAN_REWARD = 0.6
CHANNEL_SPREAD = 0.075
"""Standard deviation of an expected reward by one channel's preference: assumption, such that the
engine of version 0.1 has the regret that it was found to have."""
OWN_SPREAD = 0.055
"""The same by a scenario itself, where channels decide."""
FREE_SPREAD = 0.13
"""The same where nothing but the scenario decides."""
SESSION_NOISE = 0.12
"""Standard deviation of a session's reward around the expected one."""

Regrets = npt.NDArray[np.float64]
"""Cumulative regret, (children, SESSIONS)."""


class Learner(Protocol):
    """What an engine's learning does over the sessions of one child."""

    def choose(self) -> str:
        """The scenario of the next session, among those it was made with."""

    def learn(self, scenario: str, reward: float) -> None:
        """Takes a session's reward, 0..1."""


class Structure(StrEnum):
    """What decides what a child likes."""

    CHANNELS = "any preference"
    NONE = "no channel structure"


Features = Mapping[str, tuple[float, ...]]
"""Of each scenario by name: mean levels of vibration, sound and light, in percent."""
MakeLearner = Callable[[int], Learner]


@dataclass(frozen=True)
class Bound:
    """Regret that is good enough after 10 and 30 sessions, and what version 0.1 was found at."""

    at_10: float
    at_30: float
    today: tuple[float, float]


BOUNDS = {
    Structure.CHANNELS: Bound(1.0, 1.6, (1.71, 4.20)),
    Structure.NONE: Bound(1.0, 1.9, (1.56, 3.85)),
}


def expected_rewards(
    features: Features, structure: Structure, rng: random.Random
) -> dict[str, float]:
    """What each scenario is worth to one child on average, 0.05 to 0.95."""
    if structure is Structure.NONE:
        return {name: _bounded(rng.gauss(MEAN_REWARD, FREE_SPREAD)) for name in features}
    tastes = [rng.gauss(0.0, CHANNEL_SPREAD) for _ in next(iter(features.values()))]
    scaled = _standardised(features)
    return {
        name: _bounded(
            MEAN_REWARD
            + sum(taste * level for taste, level in zip(tastes, levels, strict=True))
            + rng.gauss(0.0, OWN_SPREAD)
        )
        for name, levels in scaled.items()
    }


def run(
    make: MakeLearner, features: Features, structure: Structure, children: int, seed: int
) -> Regrets:
    """Cumulative regret of children over their sessions."""
    rows = []
    for number in range(children):
        rng = random.Random(f"learning {structure} {seed} {number}")
        worth = expected_rewards(features, structure, rng)
        rows.append(_regrets(make(rng.getrandbits(32)), worth, rng))
    return np.cumsum(np.array(rows), axis=1)


def figures(regrets: Mapping[Structure, Regrets]) -> list[Figure]:
    """Regret after 10 and 30 sessions."""
    return [
        Figure(
            f"regret at {count} sessions, {structure.value}",
            intervals.mean(rows[:, count - 1].tolist()),
            bound=BOUNDS[structure].at_10 if count == 10 else BOUNDS[structure].at_30,
            today=f"{BOUNDS[structure].today[0 if count == 10 else 1]:.2f}",
        )
        for structure, rows in regrets.items()
        for count in (10, SESSIONS)
    ]


def _regrets(learner: Learner, worth: Mapping[str, float], rng: random.Random) -> list[float]:
    best, regrets = max(worth.values()), []
    for _ in range(SESSIONS):
        name = learner.choose()
        regrets.append(best - worth[name])
        learner.learn(name, min(1.0, max(0.0, rng.gauss(worth[name], SESSION_NOISE))))
    return regrets


def _standardised(features: Features) -> dict[str, list[float]]:
    columns: Sequence[Sequence[float]] = list(zip(*features.values(), strict=True))
    means = [fmean(column) for column in columns]
    spreads = [pstdev(column) or 1.0 for column in columns]
    return {
        name: [(x - mean) / spread for x, mean, spread in zip(row, means, spreads, strict=True)]
        for name, row in features.items()
    }


def _bounded(reward: float) -> float:
    return min(0.95, max(0.05, reward))


class Always:
    """Always takes the same scenario: what learning has to be worth more than."""

    def __init__(self, scenario: str) -> None:
        self._scenario = scenario

    def choose(self) -> str:
        """See Learner."""
        return self._scenario

    def learn(self, scenario: str, reward: float) -> None:
        """See Learner; it learns nothing."""

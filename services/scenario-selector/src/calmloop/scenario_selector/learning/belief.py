"""What is believed of a child: Bayesian linear regression with Gaussian noise, in closed form.

The reward of a session is a base, plus weights on the scenario's features and on the state of
arrival, plus an effect of the scenario itself, plus noise. Every weight has a prior; older
sessions count less. (Bishop, Pattern Recognition and Machine Learning, 2006, section 3.3.)
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from calmloop.scenario_selector.learning.features import NAMES
from calmloop.scenario_selector.learning.gaussian import Gaussian, Vector, dot
from calmloop.scenario_selector.learning.trials import Learned

COMMON = ("base", *NAMES, "arrival", "strength_when_upset")
"""The weights that all scenarios share, in the order of a vector."""

NOISE = 0.1
"""Standard deviation of a session's reward about what is to be expected of it."""

FORGETTING = 0.97
"""Weight of a session relative to the next one: children change."""

MAX_EARLIER = 1.0 / (1.0 - FORGETTING)
"""Sessions without an order weigh at most as much together as any number with one."""


@dataclass(frozen=True)
class Prior:
    """What is believed before a child's first session.

    Attributes:
        mean: Of the common weights, shape (9,), in the order of `COMMON`.
        variance: Of the same.
        effect_mean: Of a scenario's own effect, by name; 0 where it is missing.
        effect_variance: Of each of these.
        children: How many children of this installation it rests on; 0 for the shipped one.
    """

    mean: Vector
    variance: Vector
    effect_mean: Mapping[str, float] = field(default_factory=dict)
    effect_variance: float = 0.15**2
    children: int = 0

    def leaning(self, shifts: Mapping[str, float]) -> "Prior":
        """The same with the means of some common weights moved, by their names."""
        moved = [mean + shifts.get(name, 0.0) for name, mean in zip(COMMON, self.mean, strict=True)]
        return replace(self, mean=moved)


SHIPPED = Prior(
    mean=[0.6] + [0.0] * len(NAMES) + [-0.15, -0.05],
    variance=[0.02**2] + [0.12**2] * len(NAMES) + [0.1**2, 0.05**2],
)
"""From simulated children, not from real ones: a guess to begin with, soon outweighed."""


def design(features: Vector, arrival: float) -> list[float]:
    """The common regressors of a scenario, shape (9,): what `COMMON` is multiplied with.

    Args:
        features: Of the scenario, shape (6,).
        arrival: Distress on arrival, 0 to 1.
    """
    strength = sum(features[:3]) / 3.0
    return [1.0, *features, arrival, arrival * strength]


@dataclass(frozen=True)
class Sums:
    """What a child's sessions say, whatever is believed before: the sums of the regression.

    Attributes:
        scenarios: Those that something is known of, in the order of the sums' tail.
        precision: Shape (9 + scenarios, 9 + scenarios).
        shift: Shape (9 + scenarios,).
    """

    scenarios: tuple[str, ...]
    precision: list[list[float]]
    shift: list[float]


def sums_of(learned: Learned, features: Mapping[str, Vector]) -> Sums:
    """Adds up all that is kept of a child.

    Args:
        learned: Its trials, and what is kept from before there were any.
        features: Of the library's scenarios, for what has none of its own.
    """
    rows = list(_rows(learned, features))
    scenarios = tuple(dict.fromkeys(name for name, *_ in rows))
    size = len(COMMON) + len(scenarios)
    precision, shift = [[0.0] * size for _ in range(size)], [0.0] * size
    for name, common, reward, weight in rows:
        places = [*range(len(COMMON)), len(COMMON) + scenarios.index(name)]
        row = [*common, 1.0]
        for at, value in zip(places, row, strict=True):
            shift[at] += weight * reward * value
            line = precision[at]
            for other, factor in zip(places, row, strict=True):
                line[other] += weight * value * factor
    return Sums(scenarios, precision, shift)


def _rows(
    learned: Learned, features: Mapping[str, Vector]
) -> Iterator[tuple[str, list[float], float, float]]:
    """Scenario, common regressors, reward and weight of each thing that is known."""
    weight = 1.0 / NOISE**2
    for trial in reversed(learned.trials):
        if trial.reward is not None:
            yield trial.scenario, design(trial.features, trial.arrival), trial.reward, weight
            weight *= FORGETTING
    tried = {
        name: entry
        for name, entry in learned.earlier.experience.items()
        if name in features and entry.sessions
    }
    counted = sum(entry.sessions for entry in tried.values())
    for name, entry in tried.items():
        share = weight * entry.sessions * min(1.0, MAX_EARLIER / counted)
        yield name, design(features[name], 0.0), entry.reward / entry.sessions, share


class Belief:
    """The posterior of one child's weights.

    Attributes:
        scenarios: Those with an effect of their own, in the order of the vectors' tail.
        weights: Of `COMMON`, then the effects of `scenarios`.
    """

    def __init__(self, prior: Prior, sums: Sums, scenarios: Sequence[str] = ()) -> None:
        """Computes it.

        Args:
            prior: Before the first trial.
            sums: What the child's sessions say.
            scenarios: Further names of which something will be asked.
        """
        self.scenarios = tuple(dict.fromkeys((*sums.scenarios, *scenarios)))
        self._place = {name: len(COMMON) + at for at, name in enumerate(self.scenarios)}
        more = len(self.scenarios) - len(sums.scenarios)
        precision = [[*row, *[0.0] * more] for row in sums.precision]
        precision += [[0.0] * (len(COMMON) + len(self.scenarios)) for _ in range(more)]
        shift = [*sums.shift, *[0.0] * more]
        for at, (mean, variance) in enumerate(self._prior(prior)):
            precision[at][at] += 1.0 / variance
            shift[at] += mean / variance
        self.weights = Gaussian(precision, shift)

    def expected(self, scenario: str, features: Vector, arrival: float) -> tuple[float, float]:
        """Mean and standard deviation of the reward to be expected, without a session's noise."""
        row = [*design(features, arrival), *[0.0] * len(self.scenarios)]
        row[self._place[scenario]] = 1.0
        return self.weights.along(row)

    def drawn(
        self, rng: random.Random, options: Mapping[str, Vector], arrival: float, spread: float
    ) -> dict[str, float]:
        """One draw of the weights (Thompson), and what each option would bring under it.

        Args:
            rng: Source of chance.
            options: Features by scenario.
            arrival: Distress on arrival, 0 to 1.
            spread: Multiplies the posterior's standard deviation.
        """
        weights = self.weights.draw(rng, spread)
        return {
            name: dot(design(features, arrival), weights) + weights[self._place[name]]
            for name, features in options.items()
        }

    def weight(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation of a common weight."""
        at = COMMON.index(name)
        return self.weights.mean[at], self.weights.deviation(at)

    def effect(self, scenario: str) -> tuple[float, float]:
        """Mean and standard deviation of a scenario's own effect."""
        at = self._place[scenario]
        return self.weights.mean[at], self.weights.deviation(at)

    def _prior(self, prior: Prior) -> Iterator[tuple[float, float]]:
        yield from zip(prior.mean, prior.variance, strict=True)
        for name in self.scenarios:
            yield prior.effect_mean.get(name, 0.0), prior.effect_variance

"""What is believed of a child: Bayesian linear regression with Gaussian noise, in closed form.

The reward of a session is a base, plus weights on the scenario's features and on the state of
arrival, plus an effect of the scenario itself, plus noise. Every weight has a prior; older
sessions count less. (Bishop, Pattern Recognition and Machine Learning, 2006, section 3.3.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calmloop.scenario_selector.learning.features import NAMES, Vector
from calmloop.scenario_selector.learning.trials import Trial

COMMON = ("base", *NAMES, "arrival", "strength_when_upset")
"""The weights that all scenarios share, in the order of a vector."""

NOISE = 0.12
"""Standard deviation of a session's reward about what is to be expected of it."""

FORGETTING = 0.97
"""Weight of a session relative to the next one: children change."""


@dataclass(frozen=True)
class Prior:
    """What is believed before a child's first session.

    Attributes:
        mean: Of the common weights, shape (9,), in the order of `COMMON`.
        variance: Of the same.
        effect_mean: Of a scenario's own effect, by name; 0 where it is missing.
        effect_variance: Of each of these.
    """

    mean: Vector
    variance: Vector
    effect_mean: Mapping[str, float] = field(default_factory=dict)
    effect_variance: float = 0.12**2


SHIPPED = Prior(
    mean=np.array([0.6] + [0.0] * len(NAMES) + [-0.15, -0.05]),
    variance=np.array([0.05] + [0.1] * len(NAMES) + [0.1, 0.05]) ** 2,
)
"""From simulated children, not from real ones: a guess to begin with, soon outweighed."""


def design(features: Vector, arrival: float) -> Vector:
    """The common regressors of a scenario, shape (9,): what `COMMON` is multiplied with.

    Args:
        features: Of the scenario, shape (6,).
        arrival: Distress on arrival, 0 to 1.
    """
    strength = float(features[:3].mean())
    return np.concatenate(([1.0], features, [arrival, arrival * strength]))


class Belief:
    """The posterior of one child's weights.

    Attributes:
        scenarios: Those with an effect of their own, in the order of the vectors' tail.
        mean: Posterior mean, shape (9 + scenarios,).
        covariance: Posterior covariance, (9 + scenarios, 9 + scenarios).
    """

    def __init__(self, prior: Prior, trials: Sequence[Trial], scenarios: Sequence[str]) -> None:
        """Computes it.

        Args:
            prior: Before the first trial.
            trials: Oldest first; those without a reward are passed over.
            scenarios: Names of which something will be asked; those of the trials are added.
        """
        known = [trial for trial in trials if trial.reward is not None]
        self.scenarios = tuple(dict.fromkeys((*scenarios, *(trial.scenario for trial in known))))
        self._place = {name: len(COMMON) + at for at, name in enumerate(self.scenarios)}
        rows = np.array(
            [self._row(trial.scenario, np.array(trial.features), trial.arrival) for trial in known]
        ).reshape(len(known), len(COMMON) + len(self.scenarios))
        rewards = np.array([trial.reward for trial in known], dtype=np.float64)
        weights = FORGETTING ** np.arange(len(known) - 1, -1, -1) / NOISE**2
        prior_mean, prior_precision = self._prior(prior)
        precision = np.diag(prior_precision) + rows.T @ (weights[:, None] * rows)
        self.covariance = np.linalg.inv(precision)
        self.mean = self.covariance @ (prior_precision * prior_mean + rows.T @ (weights * rewards))

    def expected(self, scenario: str, features: Vector, arrival: float) -> tuple[float, float]:
        """Mean and standard deviation of the reward to be expected, without a session's noise."""
        row = self._row(scenario, features, arrival)
        return float(row @ self.mean), float(np.sqrt(row @ self.covariance @ row))

    def drawn(
        self, rng: np.random.Generator, options: Mapping[str, Vector], arrival: float, spread: float
    ) -> dict[str, float]:
        """One draw of the weights (Thompson), and what each option would bring under it.

        Args:
            rng: Source of chance.
            options: Features by scenario.
            arrival: Distress on arrival, 0 to 1.
            spread: Multiplies the posterior's standard deviation.
        """
        chance = rng.multivariate_normal(np.zeros(len(self.mean)), self.covariance, method="eigh")
        weights = self.mean + spread * chance
        return {
            name: float(self._row(name, features, arrival) @ weights)
            for name, features in options.items()
        }

    def weight(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation of a common weight."""
        at = COMMON.index(name)
        return float(self.mean[at]), float(np.sqrt(self.covariance[at, at]))

    def _row(self, scenario: str, features: Vector, arrival: float) -> Vector:
        row = np.zeros(len(COMMON) + len(self.scenarios))
        row[: len(COMMON)] = design(features, arrival)
        row[self._place[scenario]] = 1.0
        return row

    def _prior(self, prior: Prior) -> tuple[Vector, Vector]:
        effects = np.array([prior.effect_mean.get(name, 0.0) for name in self.scenarios])
        variance = np.concatenate(
            (prior.variance, np.full(len(self.scenarios), prior.effect_variance))
        )
        return np.concatenate((prior.mean, effects)), 1.0 / variance

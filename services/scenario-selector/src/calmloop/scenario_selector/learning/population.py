"""What the children of one installation have in common: a prior for the next child.

Empirical Bayes by expectation and maximisation: each child's belief under the present prior, then
the prior that makes these beliefs likeliest, drawn towards the shipped one as if that stood for
some children (Gelman et al., Bayesian Data Analysis, 2013, chapter 5).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from calmloop.scenario_selector.learning.belief import COMMON, SHIPPED, Belief, Prior
from calmloop.scenario_selector.learning.trials import Trial

SHIPPED_CHILDREN = 5.0
"""How many children the shipped prior counts for."""

ROUNDS = 5
MIN_VARIANCE = 0.02**2
"""No child is so much like the others that nothing could be learned of it."""


def population_prior(
    children: Sequence[Sequence[Trial]], scenarios: Sequence[str], shipped: Prior = SHIPPED
) -> Prior:
    """The prior that the children of this installation give.

    Args:
        children: Trials of each child, oldest first; one without trials says nothing.
        scenarios: Those of the library.
        shipped: What is believed without any child.
    """
    known = [trials for trials in children if any(t.reward is not None for t in trials)]
    names = tuple(dict.fromkeys([*scenarios, *(t.scenario for trials in known for t in trials)]))
    prior = shipped
    for _ in range(ROUNDS if known else 0):
        prior = _refit([Belief(prior, trials, names) for trials in known], names, shipped)
    return prior


def _refit(beliefs: Sequence[Belief], names: Sequence[str], shipped: Prior) -> Prior:
    means = np.array([_in_order(belief, names) for belief in beliefs])
    variances = np.array([_variances(belief, names) for belief in beliefs])
    first = np.concatenate((shipped.mean, _effects(shipped.effect_mean, names)))
    first_variance = np.concatenate(
        (shipped.variance, np.full(len(names), shipped.effect_variance))
    )
    children = len(beliefs)
    mean = (SHIPPED_CHILDREN * first + means.sum(axis=0)) / (SHIPPED_CHILDREN + children)
    spread = ((means - mean) ** 2 + variances).sum(axis=0)
    variance = (SHIPPED_CHILDREN * first_variance + spread) / (SHIPPED_CHILDREN + children)
    common = len(COMMON)
    return Prior(
        mean=mean[:common],
        variance=np.maximum(variance[:common], MIN_VARIANCE),
        effect_mean=dict(zip(names, mean[common:].tolist(), strict=True)),
        effect_variance=max(MIN_VARIANCE, float(variance[common:].mean())),
    )


def _in_order(belief: Belief, names: Sequence[str]) -> np.ndarray:
    return belief.mean[_places(belief, names)]


def _variances(belief: Belief, names: Sequence[str]) -> np.ndarray:
    return np.diag(belief.covariance)[_places(belief, names)]


def _places(belief: Belief, names: Sequence[str]) -> list[int]:
    common = len(COMMON)
    return [*range(common), *(common + belief.scenarios.index(name) for name in names)]


def _effects(means: Mapping[str, float], names: Sequence[str]) -> np.ndarray:
    return np.array([means.get(name, 0.0) for name in names])
